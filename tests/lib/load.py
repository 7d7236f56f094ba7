# SPDX-License-Identifier: GPL-2.0-or-later
"""Thousands of UEs in one process, each with its own USIM, address, ports, SAs
and sequence numbers. They do IMS-AKA and ESP by themselves, over UDP.

    fleet = Fleet()
    phones = [fleet.phone() for _ in range(10000)]      # loadphone.py
    codes = fleet.run((p.register() for p in phones), at_once=200)

What a UE does is a generator, so scripts are written like this:

    def script(phone):
        code = yield from phone.register()
        code = yield from phone.register(protected=True)
        code = yield from phone.message()
        yield 0.5                                       # a pause
        yield from phone.deregister()

The addresses are out of 10.50.0.0/16 and fd50::/112, which pcscf reaches
through namespace "ue1"; a packet socket there speaks for all of them.
"""
import collections
import heapq
import itertools
import re
import select
import socket
import struct
import time

import netns
from esp import ESP, UDP, EspError, ip
from loadhome import Home
from loadphone import PORT, PORT_US, Phone, code_of

T1 = 2.0                # 24.229 7.7, towards a UE
T2 = 16.0
TIMER_F = 64 * T1
SO_RCVBUFFORCE = 33
SOL_PACKET, PACKET_IGNORE_OUTGOING = 263, 23
ETHERTYPES = {4: 0x0800, 6: 0x86dd}
NETS = {4: "10.50.0.0/16", 6: "fd50::/112"}
# Protocol: where in an error the quoted packet's ports are.
ICMP = {1: 8 + 20, 58: 8 + 40}
_KEYS = re.compile(r"[ ,;\t](?:ck|ik)[ \t]*=", re.I)
_BRANCH = re.compile(r";branch=z9hG4bK(\w+)")


def checksum(data):
    """The Internet checksum, by one big division."""
    if len(data) % 2:
        data += b"\0"
    return 0xffff - int.from_bytes(data, "big") % 0xffff


def is_about_clear(kind, payload):
    """An ICMP error because nobody listens on the unprotected port, as long as
    the proxy is down."""
    return payload[ICMP[kind]:][:4] == struct.pack("!HH", PORT, PORT)


def address(version, number):
    """Of a UE; the first 256 addresses stay free."""
    number += 256
    if version == 4:
        return "10.50.%d.%d" % (number >> 8, number & 255)
    return "fd50::%x" % number


class Link:
    """The packet socket for one IP version."""

    def __init__(self, version, through="ue1"):
        self.version = version
        self.pcscf = netns.access_addr("pcscf", version)
        self.raw = netns_packed(self.pcscf)
        kind = ETHERTYPES[version]
        netns.ip("route replace %s via %s dev gm0\n"
                 % (NETS[version], netns.access_addr(through, version)),
                 "pcscf")
        mac = netns.mac(through, "gm0")
        self.head = netns.mac("pcscf", "gm0") + mac + struct.pack("!H", kind)
        with netns.ns(through):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 32 << 20)
        self.sock.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.sock.bind(("gm0", kind))
        self.sock.setblocking(False)

    def send(self, phone, kind, payload):
        self.sock.send(self.head + ip(phone.addr, self.pcscf, kind, payload))

    def packets(self):
        """Destination, protocol (-1: a fragment) and payload of what came."""
        while True:
            try:
                frame = self.sock.recv(65535)
            except BlockingIOError:
                return
            if self.version == 4:
                end = 14 + struct.unpack_from("!H", frame, 16)[0]
                kind = -1 if frame[20] & 0x3f or frame[21] else frame[23]
                yield frame[30:34], kind, frame[34:end]
            else:
                end = 54 + struct.unpack_from("!H", frame, 18)[0]
                yield frame[38:54], frame[20], frame[54:end]


def netns_packed(addr):
    family = socket.AF_INET6 if ":" in addr else socket.AF_INET
    return socket.inet_pton(family, addr)


# What gmguardd has to offer, for Pcscf.write_conf(): little, so that a REGISTER
# of these UEs fits into one packet.
CONF = {"algorithms": "hmac-sha-1-96",
        "encryption_algorithms": "aes-cbc, null", "log_level": "notice"}


class Transaction:
    """A request that waits for its final answer."""

    def __init__(self, phone, sa, data, script, patience):
        self.phone, self.sa, self.data, self.script = phone, sa, data, script
        self.interval, self.end = T1, time.monotonic() + patience


class Fleet:
    """The UEs, their home network and the loop.

    wrong   what no UE may ever see, as text
    codes   how often each final status code came; 0: none before Timer F;
            "again": requests that were sent once more
    patience    seconds of Timer F
    """

    def __init__(self, versions=(4, 6)):
        self.home = Home()
        self.links = {v: Link(v) for v in versions}
        self.phones, self.by_raw = [], {}
        self.wrong, self.codes = [], collections.Counter()
        self.patience = TIMER_F
        self._ports = itertools.cycle(range(20000, 60000))
        self._timers, self._count = [], itertools.count()
        self._pending, self._ready = {}, collections.deque()
        self._results, self._active = {}, 0
        self._poll = select.epoll()
        self._readers = {self.home.sock.fileno(): self.home.receive}
        for link in self.links.values():
            self._readers[link.sock.fileno()] = \
                lambda link=link: self._receive(link)
        for fd in self._readers:
            self._poll.register(fd, select.EPOLLIN)

    def close(self):
        self._poll.close()
        self.home.close()
        for link in self.links.values():
            link.sock.close()

    def phone(self, version=None, **kwargs):
        """A new UE with a subscription; versions take turns."""
        number = len(self.phones)
        version = version or list(self.links)[number % len(self.links)]
        phone = Phone(self, number, address(version, number), **kwargs)
        phone.raw, phone.link = netns_packed(phone.addr), self.links[version]
        self.phones.append(phone)
        self.by_raw[phone.raw] = phone
        self.home.subscriber(phone.impi, phone.impu, phone.k, phone.opc)
        return phone

    def port_uc(self):
        """Never the same one twice in a row."""
        return next(self._ports)

    # ----- packets ---------------------------------------------------------
    def send(self, phone, sa, data):
        """A SIP message on SA A of a set; in clear with None."""
        sport, dport = (sa.port_uc, sa.port_ps) if sa else (PORT, PORT)
        size = 8 + len(data)
        head = struct.pack("!HHH", sport, dport, size)
        total = checksum(phone.raw + phone.link.raw +
                         struct.pack("!HH", UDP, size) + head + data)
        payload = head + struct.pack("!H", total or 0xffff) + data
        if sa:
            phone.link.send(phone, ESP, sa.a.seal(payload, UDP))
        else:
            phone.link.send(phone, UDP, payload)

    def _receive(self, link):
        for dst, kind, payload in link.packets():
            phone = self.by_raw.get(dst)
            if phone:
                wrong = self._packet(phone, kind, payload)
                if wrong:
                    self.wrong.append("%s: %s" % (phone.addr, wrong))

    def _packet(self, phone, kind, payload):
        """Takes it in; says what is wrong with it."""
        sa = None
        if kind == ESP:
            sa = phone.live.get(struct.unpack_from("!I", payload)[0])
            if not sa:
                return "ESP on an SA that it has not"
            try:
                payload, kind, seq = sa.c.open(payload)
            except EspError as error:
                return "ESP: %s" % error
            if seq <= sa.last:
                return "ESP: replayed"
            sa.last = seq
        if kind in ICMP and is_about_clear(kind, payload):
            return None
        if kind != UDP:
            return "protocol %d" % kind
        ports = struct.unpack_from("!HH", payload)
        want = (sa.port_pc, PORT_US) if sa else (PORT, PORT)
        if ports != want:
            return "ports %r, not %r, %s" % (ports, want,
                                             "in ESP" if sa else "in clear")
        return self._message(phone, payload[8:].decode(), sa)

    def _message(self, phone, text, sa):
        wrong = "CK or IK" if _KEYS.search(text) else None
        if not text.startswith("SIP/2.0 "):
            phone.request(text, sa)
        elif text[8] != "1":
            transaction = self._pending.pop(_BRANCH.search(text)[1], None)
            if transaction:         # else it is a repeated answer
                self.codes[code_of(text)] += 1
                self._ready.append((transaction.script, text))
        return wrong

    # ----- the loop --------------------------------------------------------
    def run(self, scripts, at_once=1, between=None):
        """Runs scripts, so many at a time; what they return, in their order.
        between(): called again and again."""
        todo, more = enumerate(scripts), True
        self._results, self._active = {}, 0
        while more or self._active:
            while more and self._active < at_once:
                script = next(todo, None)
                more = script is not None
                if more:
                    self._active += 1
                    self._step(script, None)
            self.turn()
            if between:
                between()
        return [self._results[n] for n in sorted(self._results)]

    def _later(self, due, what):
        heapq.heappush(self._timers, (due, next(self._count), what))

    def _step(self, script, value):
        """Goes on with a script, up to its next request or pause."""
        try:
            wish = script[1].send(value)
        except StopIteration as end:
            self._results[script[0]] = end.value
            self._active -= 1
            return
        now = time.monotonic()
        if not isinstance(wish, tuple):
            self._later(now + wish, script)
            return
        phone, sa, branch, text = wish
        transaction = Transaction(phone, sa, text.encode(), script,
                                  self.patience)
        self._pending[branch] = transaction
        self._later(now + T1, branch)
        self.send(phone, sa, transaction.data)

    def turn(self, wait=0.2):
        """Waits for packets or a timer, then does what there is to do."""
        if self._timers:
            wait = min(wait, max(0, self._timers[0][0] - time.monotonic()))
        for fd, _ in self._poll.poll(0 if self._ready else wait):
            self._readers[fd]()
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            what = heapq.heappop(self._timers)[2]
            if isinstance(what, tuple):     # a pause is over
                self._ready.append((what, None))
            elif what in self._pending:
                self._repeat(what, now)
        while self._ready:
            self._step(*self._ready.popleft())

    def _repeat(self, branch, now):
        """No answer yet: Timer E or F."""
        transaction = self._pending[branch]
        if now >= transaction.end:
            del self._pending[branch]
            self.codes[0] += 1
            self._ready.append((transaction.script, None))
            return
        transaction.interval = min(2 * transaction.interval, T2)
        self._later(min(now + transaction.interval, transaction.end), branch)
        self.codes["again"] += 1
        self.send(transaction.phone, transaction.sa, transaction.data)
