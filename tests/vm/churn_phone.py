# SPDX-License-Identifier: GPL-2.0-or-later
"""A UE of the churn storm: a kernel with xfrm states, in its own namespace. It
registers, talks both ways over UDP and TCP, has its set refreshed and
superseded by a first message on the next one, again and again. Each step has
to succeed unless the guard goes down meanwhile."""
import contextlib
import random
import select
import socket
import time

import netns
import state
import statebench
from churn_guard import WANTED
from phone import request

NAMESPACE = "ue2"
IMPI = "steady%d@home.example"
PORT_US = 3900
# How much longer than an honest UE would one whose CPU is emulated waits.
PATIENCE = 120
# So much of a process's work is one registration.
WEIGHT = 25


class Interrupted(Exception):
    """The guard went down."""


class Phone:
    """version: 4 or 6"""

    def __init__(self, guard, version, seed):
        self.guard, self.version = guard, version
        self.random = random.Random("%s phone %d" % (seed, version))
        self.ue = netns.access_addr(NAMESPACE, version)
        self.epoch = 0
        self.g = self.ep = self.old = self.us = None
        self.sockets = []

    def __call__(self, count):
        """The work of a process."""
        while True:
            if not self.guard.epoch():
                time.sleep(0.02)
                count(sent=1)
                continue
            try:
                self.registration()
                count(sent=WEIGHT, received=1)
            except Interrupted:
                pass
            except (OSError, RuntimeError, LookupError) as error:
                if self.guard.epoch() == self.epoch:
                    self.guard.fault("ue ipv%d: %r" % (self.version, error))
                count(sent=1)

    def connect(self):
        """To the module that is there now, without a set."""
        self.epoch = self.guard.epoch()
        self.forget()
        self.g = state.client()
        local = netns.access_addr("pcscf", self.version)
        self.ep = next(e["endpoint"] for e in self.g.dump("endpoint-get")
                       if e["endpoint"]["local-addr"] == local)

    def forget(self):
        if self.old:
            state.remove_ue(self.old, NAMESPACE)
        self.old = None
        if self.g:
            self.g.close()

    def registration(self):
        """From SM1 to the end of the set that was used before."""
        if self.guard.epoch() != self.epoch:
            self.connect()
        try:
            s = self.challenged()
            self.talk(s, "REGISTER", "A")
            state.change_set(self.g, s.id, phase="established",
                             lifetime_ms=3600000)
            self.talk(s, "MESSAGE", "A")
            self.take_over(s)
            self.talk(s, "MESSAGE", "D")
            self.stream(s, True)
            self.stream(s, False)
            state.change_set(self.g, s.id, lifetime_ms=7200000)
        finally:
            self.close()

    def challenged(self):
        """A temporary set, and the UE's half of it."""
        alg, ealg = self.random.choice(state.PAIRS)
        over = {"ue": self.ue, "alg": alg, "ealg": ealg,
                "impi": IMPI % self.version, "port-us": PORT_US,
                "lifetime-ms": 240000}
        if self.old:
            over["protected-by"] = self.old.id
        s = state.new_set(self.g, self.ep, **over)
        state.install_ue(s, NAMESPACE)
        if not self.us:
            self.us = statebench.udp(NAMESPACE, self.ue, PORT_US)
        return s

    def take_over(self, s):
        """The first message has come in: the old set ends."""
        old, self.old = self.old, s
        if not old:
            return
        found = self.wait(lambda: (state.get_set(self.g, old.id) or
                                   {"phase": "superseded"})["phase"]
                          == "superseded")
        if not found:
            raise RuntimeError("a message on set %d did not supersede %d"
                               % (s.id, old.id))
        if self.random.random() < 0.5:
            with contextlib.suppress(OSError):
                state.del_set(self.g, old.id)
        state.remove_ue(old, NAMESPACE)

    def wait(self, condition):
        end = time.monotonic() + PATIENCE
        while not condition():
            self.check()
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def check(self):
        if self.guard.epoch() != self.epoch:
            raise Interrupted

    def close(self):
        for sock in self.sockets:
            sock.close()
        self.sockets = []

    def talk(self, s, method, name):
        """A request that is answered; sent again as SIP over UDP is."""
        asked = request(method, body=b"%s%d;" % (WANTED, s.port_us))
        sport, dport = s.flow(name)[1], s.flow(name)[3]
        sock = self.us
        if name == "A":
            sock = statebench.udp(NAMESPACE, self.ue, sport)
            self.sockets.append(sock)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.check()
            sock.sendto(asked, (s.local, dport))
            while select.select([self.us], [], [], 0.5)[0]:
                heard = self.us.recv(65536)
                if call_id(heard) == call_id(asked):
                    return
        raise RuntimeError("no answer to %s on SA %s of %s %s" % (
            method, name, s.asked["alg"], s.asked["ealg"]))

    def stream(self, s, client):
        """TCP on SAs A and B, or on C and D if the P-CSCF connects."""
        _, sport, target, dport = s.flow("A")
        if client:
            there, sock = None, statebench.tcp(NAMESPACE, self.ue, sport)
        else:
            there = statebench.tcp(NAMESPACE, self.ue, s.port_us)
            self.sockets.append(there)
            there.listen(2)
            sock = statebench.tcp("pcscf", s.local, s.port_pc)
            target, dport = self.ue, s.port_us
        self.sockets.append(sock)
        # a reset at the end: no port is left busy
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1" + bytes(7))
        sock.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            sock.connect((target, dport))
        text = request("MESSAGE")
        self.ready(sock, True)
        sock.send(text)
        if there:
            self.ready(there, False)
            conn = there.accept()[0]
            self.sockets.append(conn)
            conn.setblocking(False)
            conn.send(self.receive(conn, len(text)))
        if self.receive(sock, len(text)) != text:
            raise RuntimeError("TCP gave back something else")

    def ready(self, sock, write):
        """Until one can write, or else read."""
        end = time.monotonic() + PATIENCE
        while not any(select.select([] if write else [sock],
                                    [sock] if write else [], [], 0.5)):
            self.check()
            if time.monotonic() > end:
                raise RuntimeError("TCP stands still")

    def receive(self, sock, size):
        data = b""
        while len(data) < size:
            self.ready(sock, False)
            more = sock.recv(65536)
            if not more:
                raise RuntimeError("TCP ended")
            data += more
        return data


def call_id(text):
    return next((line for line in text.split(b"\r\n")
                 if line.startswith(b"Call-ID")), None)
