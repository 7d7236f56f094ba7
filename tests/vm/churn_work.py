# SPDX-License-Identifier: GPL-2.0-or-later
"""The processes of the churn storm that disturb: attackers, makers and
deleters of everything, readers that come and go. None of them judges; what may
not happen is seen by those of churn_guard.py and churn_phone.py.

Each is called with count() and works for ever; it counts what it has done, a
larger number for what takes longer."""
import contextlib
import errno
import random
import socket
import time

import esp
import genl
import netns
import state
import statebench
from churn_guard import MARK
from churn_phone import PORT_US
from esp import SYN, TCP, UDP
from phases_race import EXPECTED, UES, Worker
from phone import ports, request
from statetcp import udp_packet
from statexfrm import Xfrm

FOREIGN_REQID = 9
QUICK = {"alg": "hmac-md5-96", "ealg": "null"}
OTHER = {4: "10.33.0.200", 6: "fd33::200"}      # the second endpoint of pcscf
GONE = {4: "10.33.0.201", 6: "fd33::201"}       # of the namespace that goes


class Process:
    """Waits while there is no guard; turn() is one piece of work."""

    weight = 1
    # What a request may also be answered with while the guard goes down.
    passing = EXPECTED | {errno.EBUSY, errno.EADDRINUSE, errno.EADDRNOTAVAIL,
                          errno.ESRCH}

    def __init__(self, guard, seed):
        self.guard, self.epoch, self.g = guard, 0, None
        self.random = random.Random("%s %s" % (seed, type(self).__name__))

    def __call__(self, count):
        self.prepare()
        while True:
            epoch = self.guard.epoch()
            if not epoch:
                time.sleep(0.02)
                count(sent=1)
                continue
            try:
                if epoch != self.epoch:
                    self.connect()
                    self.epoch = epoch
                self.turn()
            except (OSError, LookupError, RuntimeError) as error:
                if getattr(error, "errno", None) not in self.passing and \
                        self.guard.epoch() == epoch:
                    self.guard.fault("%s: %r" % (type(self).__name__, error))
            count(sent=self.weight)

    def prepare(self):
        """Once, before the work."""

    def connect(self):
        """To the module, each time that it is there anew."""
        if self.g:
            self.g.close()
        self.g = state.client()

    def endpoints(self):
        """{version: endpoint} of the P-CSCF's own address."""
        return {6 if ":" in e["local-addr"] else 4: e for e in (
            found["endpoint"] for found in self.g.dump("endpoint-get"))
            if e["local-addr"] in (netns.access_addr("pcscf", 4),
                                   netns.access_addr("pcscf", 6))}

    def turn(self):
        raise NotImplementedError


class Churner(Process):
    """Sets are made, refreshed, superseded, deleted and listed, by hand-made
    ESP of many UEs; the worker is that of the races of phases."""

    worker = None

    def connect(self):
        super().connect()
        if self.worker:
            self.worker.g.close()
            self.worker.inj.close()
        self.worker = Worker(self.endpoints(), self.random.random())

    def turn(self):
        self.worker.turn()


class Attacker(Process):
    """Sends what must not get through, with the addresses and ports of UEs
    that are there."""

    def prepare(self):
        self.inj = esp.Injector("attacker")
        self.targets, self.turns = [], 0

    def connect(self):
        super().connect()
        self.turns = 0
        # It is a subscriber, too: sets of its own, to misuse.
        self.own = {v: state.new_set(
            self.g, ep, ue=netns.access_addr("attacker", v), **ports(),
            **state.established()) for v, ep in self.endpoints().items()}
        self.early = {v: state.new_set(
            self.g, ep, ue=netns.access_addr("attacker", v), **ports(),
            **{"lifetime-ms": 600000}) for v, ep in self.endpoints().items()}

    def turn(self):
        if self.turns % 50 == 0:
            self.targets = state.sets(self.g)
        self.turns += 1
        target = self.random.choice(self.targets)
        self.inj.send(self.random.choice((
            self.udp, self.udp, self.syn, self.segment, self.unprotected,
            self.other_ports, self.early_message, self.wrong_key,
            self.fragment))(target))

    def text(self):
        return request("MESSAGE", body=MARK % self.guard.epoch())

    def tuple(self, target):
        """Of SA A or D of a live set."""
        names = self.random.choice((("port-uc", "port-ps"),
                                    ("port-us", "port-pc")))
        return (target["ue-addr"], target["local-addr"],
                *(target[name] for name in names))

    def udp(self, target):
        flow = self.tuple(target)
        return esp.ip(*flow[:2], UDP, esp.udp(*flow, self.text()))

    def syn(self, target):
        flow = self.tuple(target)
        return esp.ip(*flow[:2], TCP, esp.tcp(
            *flow, SYN, self.random.randrange(1 << 32)))

    def segment(self, target):
        flow = self.tuple(target)
        return esp.ip(*flow[:2], TCP, esp.tcp(
            *flow, esp.PSH | esp.ACK, self.random.randrange(1 << 32),
            self.random.randrange(1 << 32), self.text()))

    def unprotected(self, target):
        flow = (target["ue-addr"], target["local-addr"],
                self.random.randrange(1024, 65536), state.PORT)
        return esp.ip(*flow[:2], UDP, esp.udp(*flow, self.text()))

    def mine(self, target, sets):
        return sets[6 if ":" in target["ue-addr"] else 4]

    def other_ports(self, target):
        """Through its own SA, with another UE's port or to another port."""
        s = self.mine(target, self.own)
        src, sport, dst, dport = s.flow("A")
        wrong = self.random.choice(((target["port-uc"], dport),
                                    (sport, s.port_pc), (sport, state.PORT)))
        return esp.ip(src, dst, esp.ESP, s.esp("A").seal(
            esp.udp(src, dst, *wrong, self.text()), UDP))

    def early_message(self, target):
        """On a set that has not completed authentication."""
        return udp_packet(self.mine(target, self.early), self.text(),
                          self.random.choice("AD"))

    def wrong_key(self, target):
        """The SPI of another's SA, the keys of one's own."""
        src, dst, sport, dport = self.tuple(target)
        s = self.mine(target, self.own)
        sa = s.esp("A")
        spi = self.random.choice(target["sa"])["spi"]
        if src == s.ue:
            spi = self.random.randrange(256, 1 << 32)
        return esp.ip(src, dst, esp.ESP, sa.seal(
            esp.udp(src, dst, sport, dport, self.text()), UDP, spi=spi))

    def fragment(self, target):
        """The first of two; the second never comes or comes alone."""
        flow = self.tuple(target)
        whole = esp.udp(*flow, self.text())
        half = len(whole) // 16 * 8
        first = self.random.random() < 0.5
        piece, at = (whole[:half], 0) if first else (whole[half:], half)
        ident = self.random.randrange(1, 1 << 16)
        if ":" not in flow[0]:
            return esp.ip(*flow[:2], UDP, piece, ident, at, first)
        return esp.ip(*flow[:2], 44, esp.fragment_header(UDP, at, first,
                                                         ident) + piece)


class Monitor(Process):
    """Subscribes, reads some, goes away; dumps are broken off."""

    weight = 2

    def turn(self):
        g = state.client()
        g.subscribe(*self.random.sample(("events", "drops"), 2))
        for _ in range(self.random.randrange(20)):
            g.event(0.01)
        if self.random.random() < 0.5:
            g.unsubscribe("events")
        op = self.random.choice(("sa-set-get", "endpoint-get", "adopted-get"))
        g.socket.sock.send(g.request(op, None, genl.NLM_F_DUMP))
        if self.random.random() < 0.5:
            list(g.socket.receive(1))
        g.close()


class Lister(Process):
    """Dumps everything to the end."""

    weight = 3

    def turn(self):
        for op in ("sa-set-get", "endpoint-get", "adopted-get"):
            self.g.dump(op)
        state.stats(self.g)
        state.limits(self.g)


class Limits(Process):
    """Change; never so that an honest UE would be refused."""

    weight = 2

    def turn(self):
        pick = self.random.choice
        state.limits(self.g, grace_ms=pick((20, 200, 2000)),
                     drop_samples=pick((0, 10, 1000)),
                     max_temporary=pick((1000, 65536)),
                     unprotected_rate=pick((0, 1, 20)),
                     unprotected_total=pick((0, 100, 20000)),
                     unprotected_connections=pick((1, 4096)),
                     unprotected_idle_ms=pick((1, 1800000)))


class Endpoints(Process):
    """A second endpoint comes and goes, with sets."""

    weight = 5

    def prepare(self):
        netns.ip("addr add %s/24 dev gm0\naddr add %s/64 dev gm0 nodad\n"
                 % (OTHER[4], OTHER[6]), "pcscf", force=True)

    def turn(self):
        version = self.random.choice((4, 6))
        ep = self.g.do("endpoint-new", state.endpoint_attrs(OTHER[version]))
        ep = ep["endpoint"]
        made = [state.new_set(self.g, ep, **QUICK, **ports(),
                              **{"lifetime-ms": self.random.randrange(
                                  1, 2000)})
                for _ in range(self.random.randrange(6))]
        with contextlib.suppress(OSError):
            for s in made[:2]:
                state.change_set(self.g, s.id, phase="established",
                                 lifetime_ms=5000)
        self.g.do("endpoint-del", {"endpoint": {"id": ep["id"],
                                                "force": True}})


class Foreign(Process):
    """Another program deletes states of the UEs that Churner has, and makes
    and deletes states of its own."""

    weight = 2

    def prepare(self):
        self.x = Xfrm("pcscf")
        self.theirs = {a for addrs in UES.values() for a in addrs}

    def turn(self):
        found = [s for s in self.x.states()
                 if {s.src, s.dst} & self.theirs]
        if found:
            self.x.delete(self.random.choice(found))
        ue, local = ("10.33.0.77", netns.access_addr("pcscf"))
        ident = "src %s dst %s proto esp spi 0x%x" % (
            ue, local, self.random.randrange(0x1000, 0x1010))
        verb = self.random.choice(("add", "delete"))
        more = " reqid %d mode transport auth-trunc hmac(md5) 0x%s 96 enc " \
            "ecb(cipher_null) \"\" sel src %s/32 dst %s/32 sport 4000 dport " \
            "%d" % (FOREIGN_REQID, "5a" * 16, ue, local, state.PORT_PS)
        netns.ip("xfrm state %s %s%s\n" % (verb, ident, more *
                                           (verb == "add")),
                 "pcscf", force=True)


class Spaces(Process):
    """A network namespace is made, has sets in all phases and traffic, and is
    deleted with them."""

    weight = 35

    def prepare(self):
        self.name = "gone"
        self.remove()

    def remove(self):
        netns.ip("netns del %s%s\n" % (netns.PREFIX, self.name), force=True)

    def turn(self):
        version = self.random.choice((4, 6))
        addr = GONE[version]
        netns.ip("netns add %s%s\n" % (netns.PREFIX, self.name))
        try:
            netns.ip("link add gone type veth peer name gm0 netns %s%s\n"
                     "link set gone addrgenmode none master br-gm up\n"
                     % (netns.PREFIX, self.name), "net")
            netns.ip("link set lo up\nlink set gm0 addrgenmode none up\n"
                     "addr add %s dev gm0 %s\n" % (
                         addr + ("/24" if version == 4 else "/64"),
                         "" if version == 4 else "nodad"), self.name)
            self.live(addr)
        finally:
            self.remove()

    def live(self, addr):
        inj = esp.Injector("ue1", target=self.name)
        with state.client(self.name) as g:
            g.subscribe("events", "drops")
            ep = g.do("endpoint-new", state.endpoint_attrs(addr))["endpoint"]
            state.limits(g, grace_ms=200)
            over = {**QUICK, **state.established()}
            for _ in range(8):
                old = state.new_set(g, ep, **over, **ports())
                new = state.new_set(g, ep, impi=old.impi, **{
                    **over, **ports(), "port-us": old.port_us,
                    "protected-by": old.id})
                state.new_set(g, ep, **QUICK, **ports(),
                              **{"lifetime-ms": 150})
                inj.send(udp_packet(new, request()))
                state.change_set(g, state.new_set(g, ep, **over,
                                                  **ports()).id,
                                 phase="lingering")
                inj.send(udp_packet(new, request(), "D"))
        inj.close()


class Talker(Process):
    """The proxy sends to everybody, known or not, from all its ports, over UDP
    and TCP."""

    def __init__(self, guard, seed, socks):
        super().__init__(guard, seed)
        self.socks = socks      # {version: those that the proxy listens on}

    def connect(self):
        """It speaks to UEs only."""

    def turn(self):
        version = self.random.choice((4, 6))
        pick = self.random.choice
        ue = pick(UES[version] + [netns.access_addr("ue2", version)])
        for sock in self.random.sample(self.socks[version], 4):
            with contextlib.suppress(OSError):
                sock.sendto(pick((request("MESSAGE"), b"x")), (
                    ue, pick((PORT_US, 4000 + self.random.randrange(4)))))
        sock = statebench.tcp("pcscf", netns.access_addr("pcscf", version),
                              pick(state.PORT_PC))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1" + bytes(7))
        sock.setblocking(False)
        with sock, contextlib.suppress(OSError):
            sock.connect((ue, 4000 + self.random.randrange(4)))


DISTURBERS = (Churner, Attacker, Monitor, Lister, Limits, Endpoints, Foreign,
              Spaces)
