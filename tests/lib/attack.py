# SPDX-License-Identifier: GPL-2.0-or-later
"""The laboratory of tests/vm/attacks: hostile packets against the real module.

The network is that of netns.py. In pcscf "the proxy" is a row of plain
sockets, so that whatever the module lets through is seen; its answers are seen
on the bridge. SA sets are made by netlink. A UE is either made of hand-made
ESP (Lab.hand) or of the kernel's xfrm and real sockets (Lab.kernel).

"Nothing arrives" is decided by an event: an honest packet is sent behind the
hostile one, over the same socket, and once it has arrived (all of it runs on
one CPU, so nothing overtakes) the counters tell what became of the other.
"""
import os
import select
import time

import netns
import tap
from attacknet import Sender, Sockets, Wire, proc_write, token
from attackue import TIMEOUT, KernelUe, SaSet
from esp import ESP, UDP, ip, udp
from genl import Genl

PORT_PS, PORT_PC, PORT_SIP, PORT_OTHER = 6101, range(6110, 6118), 5060, 7000
VERSIONS = (4, 6)
IFNAME, CORE_IFNAME = "gm0", "core0"
# what may come to PORT_SIP in clear
REGISTER = b"REGISTER sip:home.example SIP/2.0\r\nX: %s\r\n\r\n"
CASES = []                          # (ids, stages, function) of @case
STAGES = ("open", "guarded", "sets")


def case(ids, *stages):
    """Registers a function(lab) as a case of some stages ("sets" if none)."""
    def register(function):
        CASES.append((ids.split(), stages or ("sets",), function))
        return function
    return register


class Lab:
    """See the top. stage is "open" (nothing is guarded), "guarded" (endpoints
    but no SA set) or "sets"."""

    def __init__(self):
        # nothing may overtake: one CPU handles all packets
        os.sched_setaffinity(0, {0})
        netns.create()
        for path in ("ipv4/icmp_ratelimit", "ipv6/icmp/ratelimit"):
            proc_write("pcscf", "net/" + path, 0)
        for path in ("msgs_per_sec", "msgs_burst"):
            with open("/proc/sys/net/ipv4/icmp_" + path, "w",
                      encoding="ascii") as f:
                f.write("100000")
        self._neighbours()
        self.stage = "open"
        self.genl = Genl(netns=netns.PREFIX + "pcscf")
        self.mac = netns.mac("pcscf", IFNAME)
        self.core_mac = netns.mac("pcscf", CORE_IFNAME)
        self.wire, self.core_wire = Wire("pcscf"), Wire("pcscf-core")
        self.proxy = Sockets("pcscf")
        self.ports = [PORT_PS, *PORT_PC, PORT_SIP, PORT_OTHER]
        self.sock = {}
        for version in VERSIONS:
            for port in self.ports:
                local = self.local(version)
                self.sock[version, port] = self.proxy.udp(local, port)
                self.proxy.listen(local, port)
        self.inject = {n: Sender(n) for n in ("ue1", "ue2", "attacker")}
        self.inject["core"] = Sender("core", CORE_IFNAME, "pcscf", CORE_IFNAME)
        self.endpoint = {}
        self.markers = {}
        self.chatty = set()
        self._hand, self._kernel = {}, {}

    def _neighbours(self):
        """An answer must not have to wait until its neighbour is found."""
        lines = []
        for name, ifname in (("ue1", IFNAME), ("ue2", IFNAME),
                             ("attacker", IFNAME), ("core", CORE_IFNAME)):
            mac = netns.mac(name, ifname).hex(":")
            lines += ["neigh replace %s lladdr %s dev %s nud permanent\n" % (
                self.addr(name, version), mac, ifname) for version in VERSIONS]
        netns.ip("".join(lines), "pcscf")
        # The core resets connections that it knows nothing of.
        netns.ip("".join("route add %s via %s\n" % (
            self.local(v), netns.core_addr("pcscf", v)) for v in VERSIONS),
            "core")

    @staticmethod
    def local(version):
        return netns.access_addr("pcscf", version)

    @staticmethod
    def addr(name, version):
        return (netns.core_addr if name == "core" else
                netns.access_addr)(name, version)

    # ----- stages ----------------------------------------------------------
    def enter(self, stage):
        if stage == "guarded":
            self.guard()
        elif stage == "sets":
            self.arm()

    def guard(self):
        """Endpoints, no sets."""
        for version in VERSIONS:
            reply = self.genl.do("endpoint-new", {"endpoint": {
                "local-addr": self.local(version), "port-ps": [PORT_PS],
                "port-pc": list(PORT_PC), "port-unprotected": [PORT_SIP]}})
            self.endpoint[version] = reply["endpoint"]["id"]
        # the markers come from one source
        self.genl.do("limits-set", {"limits": {"unprotected-rate": 0}})
        self.stage = "guarded"

    def arm(self):
        """A set for the honest markers."""
        for version in VERSIONS:
            self.markers[version] = self.new_set("ue1", version)
        self.stage = "sets"

    def new_set(self, ue, version, **changes):
        return SaSet(self.genl, self.endpoint[version], self.local(version),
                     self.addr(ue, version), **changes)

    def hand(self, ue, version):
        """The set of a UE that speaks through hand-made ESP."""
        if (ue, version) not in self._hand:
            self._hand[ue, version] = self.new_set(ue, version)
        return self._hand[ue, version]

    def kernel(self, ue, version):
        """The set of a UE that is a kernel with xfrm states, see KernelUe."""
        if (ue, version) not in self._kernel:
            self._kernel[ue, version] = KernelUe(self, ue, version)
        return self._kernel[ue, version]

    # ----- observing -------------------------------------------------------
    def stats(self):
        reasons = self.genl.do("stats-get")["stats"]["reason"]
        return {r["name"]: r["packets"] for r in reasons}

    @staticmethod
    def xfrm_count():
        """How many xfrm states and policies pcscf has, as text."""
        return netns.ip("xfrm state count\nxfrm policy count\n", "pcscf")

    def since(self, before):
        """Reasons that were counted since, with how often."""
        return {n: v - before.get(n, 0) for n, v in self.stats().items()
                if v != before.get(n, 0)}

    def answers(self):
        """What pcscf has sent, but for ESP that nobody should mind."""
        return [f for f in self.wire.poll() + self.core_wire.poll() if
                f.mac in (self.mac, self.core_mac) and
                not f.housekeeping() and
                not (f.protocol == ESP and f.spi in self.chatty)]

    def wait(self, done, timeout=TIMEOUT):
        """Takes packets in until done() is true; returns that."""
        end = time.monotonic() + timeout
        while True:
            self.proxy.poll()
            self.wire.poll()
            self.core_wire.poll()
            result = done()
            if result or time.monotonic() > end:
                return result
            select.select([self.proxy.epoll, self.wire.sock,
                           self.core_wire.sock], [], [], 0.05)

    def got(self, data, kind="udp"):
        """The arrival of some payload, or None."""
        return next((a for a in self.proxy.arrived
                     if a.kind == kind and a.data == data), None)

    def mark(self, version, via="ue1"):
        """Sends the honest packet and waits for it."""
        data = token()
        if self.stage == "sets":
            packet = self.markers[version].udp("A", data)
        else:
            data = REGISTER % data
            flow = (self.addr(via, version), self.local(version), 9999,
                    PORT_SIP)
            packet = ip(flow[0], flow[1], UDP, udp(*flow, data))
        self.inject[via].send(packet)
        arrival = self.wait(lambda: self.got(data))
        if arrival:
            self.proxy.arrived.remove(arrival)
        return arrival

    def observe(self, send, version, via="ue1"):
        """Runs send() and the marker; returns an Outcome."""
        self.proxy.poll()
        self.proxy.arrived = []
        self.wire.clear()
        self.core_wire.clear()
        outcome = Outcome(self, self.stats())
        send()
        outcome.marked = self.mark(version, via)
        return outcome

    def attack(self, ids, path, text, packets, reasons, via="ue1",
               delivered=()):
        """One case: packets (or a function that sends) are dropped for the
        reasons (a name, or {name: count}), unanswered, and nothing but
        delivered arrives. path is "udp4" or alike."""
        if isinstance(reasons, str):
            reasons = {reasons: 1}
        outcome = self.observe(self.sender(packets, via), int(path[-1]), via)
        where = ", no SA set" if self.stage == "guarded" else ""
        seen = " and ".join(reasons) if reasons else "nothing of gmguard's"
        return outcome.check("%s %s%s: %s: dropped, counted as %s" % (
            ids, path, where, text, seen), reasons, delivered)

    def honest(self, ids, path, text, packets, delivered, via="ue1",
               answered=False):
        """One case: exactly delivered arrives and nothing is counted."""
        outcome = self.observe(self.sender(packets, via), int(path[-1]), via)
        return outcome.check("%s %s: %s: accepted" % (ids, path, text), {},
                             delivered, answered)

    def sender(self, packets, via):
        """A function that sends them: IP packets, or (destination MAC,
        packet) to put one into another frame than its own."""
        def send():
            for packet in packets:
                mac, packet = packet if isinstance(packet, tuple) else \
                    (None, packet)
                self.inject[via].send(packet, mac)
        return packets if callable(packets) else send


class Outcome:
    """What a case has led to."""

    def __init__(self, lab, before):
        self.lab, self.before, self.marked = lab, before, None

    def check(self, text, reasons, delivered=(), answered=False):
        """reasons: {name: count}; a count of None is 1 or more. delivered:
        payloads that have to arrive, each once."""
        lab = self.lab
        end = time.monotonic() + 2
        while True:
            found = lab.since(self.before)
            if self._fits(found, reasons) or time.monotonic() > end:
                break
            time.sleep(0.02)
        wanted = sorted(delivered)
        lab.wait(lambda: len(lab.proxy.arrived) >= len(wanted) and
                 (lab.answers() or not answered))
        arrived = sorted(a.data for a in lab.proxy.arrived)
        answers = lab.answers()
        wrong = []
        if not self.marked:
            wrong.append("the honest packet behind it did not arrive")
        if not self._fits(found, reasons):
            wrong.append("counted %r, want %r" % (found, reasons))
        if arrived != wanted:
            wrong.append("arrived %r, want %r" % (lab.proxy.arrived, wanted))
        if bool(answers) != answered:
            wrong.append("answers: %s" % ("; ".join(map(str, answers)) or
                                          "none"))
        return tap.ok(not wrong, text, "\n".join(wrong))

    @staticmethod
    def _fits(found, reasons):
        return found.keys() == reasons.keys() and all(
            want is None or found[name] == want
            for name, want in reasons.items())
