# SPDX-License-Identifier: GPL-2.0-or-later
"""The network of the tests of rulesets, and packets through it.

       ue1      ue2                    foreign
      acc0|    acc0|                      |ext0
          |        |                      |
      acc1|    acc2|                      |ext0
          +--------+------- router -------+
                              |core0
          pcscf --core0-- br-core (in "net") --core0-- scscf

    acc   10.50.1.0/24 fd50:1::/64   ue1 11, router 254
          10.50.2.0/24 fd50:2::/64   ue2 12, router 254
    core  10.44.0.0/24 fd44::/64     pcscf 1, scscf 2, router 254
    ext   10.60.0.0/24 fd60::/64     foreign 2, router 254
"""
import contextlib
import itertools
import socket
import struct
import subprocess

import esp
import genl
import netns
import state
import tap
from attacknet import proc_write
from attackpkt import SCTP
from esp import ICMP, ICMP6, TCP, UDP
from sniff import Packet, Sniffer

NAMES = ("net", "router", "ue1", "ue2", "pcscf", "scscf", "foreign")
ADDRS = {"ue1": ("10.50.1.11", "fd50:1::11"),
         "ue2": ("10.50.2.12", "fd50:2::12"),
         "pcscf": ("10.44.0.1", "fd44::1"), "scscf": ("10.44.0.2", "fd44::2"),
         "foreign": ("10.60.0.2", "fd60::2"),
         "router": ("10.44.0.254", "fd44::fe")}
POOLS = ("10.50.0.0/16", "fd50::/16")
CORES = ("10.44.0.0/24", "fd44::/64")
numbers = itertools.count(20000)


def addr(name, version=4):
    return ADDRS[name][version == 6]


def of(pair, version):
    """One of a pair for IPv4 and IPv6."""
    return pair[version == 6]


def _link(a, adev, b, bdev):
    return "link add %s netns %s%s type veth peer name %s netns %s%s\n" % (
        adev, netns.PREFIX, a, bdev, netns.PREFIX, b)


def _up(dev, v4, v6):
    """An interface, also with an address of its link: who sends for another
    asks for neighbours with that one."""
    return ("link set %s addrgenmode none up\naddr add %s dev %s\n"
            "addr add %s dev %s nodad\naddr add fe80::%s dev %s nodad\n"
            % (dev, v4, dev, v6, dev, v6.partition("::")[2], dev))


def create():
    """Makes the whole network; an old one of the same prefix goes first."""
    for name in NAMES:
        subprocess.run(["ip", "netns", "del", netns.PREFIX + name],
                       check=False, stderr=subprocess.DEVNULL)
    netns.ip("".join("netns add %s%s\n" % (netns.PREFIX, n) for n in NAMES))
    netns.ip("link add br-core type bridge mcast_snooping 0\n"
             "link set br-core addrgenmode none up\n", "net")
    netns.ip(_link("ue1", "acc0", "router", "acc1") +
             _link("ue2", "acc0", "router", "acc2") +
             _link("foreign", "ext0", "router", "ext0") +
             "".join(_link(n, "core0", "net", n)
                     for n in ("pcscf", "scscf", "router")))
    netns.ip("".join("link set %s addrgenmode none master br-core up\n" % n
                     for n in ("pcscf", "scscf", "router")), "net")
    lo = "link set lo up\n"
    netns.ip(lo + _up("acc1", "10.50.1.254/24", "fd50:1::fe/64") +
             _up("acc2", "10.50.2.254/24", "fd50:2::fe/64") +
             _up("core0", "10.44.0.254/24", "fd44::fe/64") +
             _up("ext0", "10.60.0.254/24", "fd60::fe/64"), "router")
    for name, dev, gateway in (
            ("ue1", "acc0", ("10.50.1.254", "fd50:1::fe")),
            ("ue2", "acc0", ("10.50.2.254", "fd50:2::fe")),
            ("pcscf", "core0", ("10.44.0.254", "fd44::fe")),
            ("scscf", "core0", ("10.44.0.254", "fd44::fe")),
            ("foreign", "ext0", ("10.60.0.254", "fd60::fe"))):
        v4, v6 = ADDRS[name]
        netns.ip(lo + _up(dev, v4 + "/24", v6 + "/64") +
                 "route add default via %s\n" % gateway[0] +
                 "route add default via %s\n" % gateway[1], name)
    proc_write("router", "net/ipv4/ip_forward", 1)
    proc_write("router", "net/ipv6/conf/all/forwarding", 1)
    for name in ("router", "scscf", "pcscf", "foreign"):
        for dev in ("all", "default"):
            proc_write(name, "net/ipv4/conf/%s/rp_filter" % dev, 0)


# rules


def ports(*texts):
    """"udp/5060", "tcp/5061 tls", "udp/10000-20000", "icmp": port ranges."""
    numbers_of = {"udp": UDP, "tcp": TCP, "sctp": SCTP, "icmp": ICMP,
                  "icmp6": ICMP6, "esp": esp.ESP}
    made = []
    for text in texts:
        text, _, tls = text.partition(" ")
        proto, _, span = text.partition("/")
        entry = {"protocol": numbers_of[proto]}
        if span:
            low, _, high = span.partition("-")
            entry["first"] = int(low)
            if high:
                entry["last"] = int(high)
        if tls:
            entry["tls"] = True
        made.append(entry)
    return made


def prefixes(*texts):
    made = []
    for text in texts:
        host, _, length = text.partition("/")
        made.append({"addr": host,
                     "len": int(length or (128 if ":" in host else 32))})
    return made


def rule(kind, name, prefix, port=(), **over):
    """A rule; prefix: one text, or several."""
    prefix = (prefix,) if isinstance(prefix, str) else prefix
    attrs = {"kind": kind, "name": name, "prefix": prefixes(*prefix)}
    if port:
        attrs["port"] = ports(*port)
    attrs.update({k.replace("_", "-"): v for k, v in over.items()})
    return attrs


def load(g, ruleset, rules=()):
    return g.do("ruleset-set", {"ruleset": ruleset, "rule": list(rules)})


def rules_of(g):
    """{(kind, name): rule} as the kernel shows it, put together."""
    found = {}
    for message in g.dump("ruleset-get"):
        for one in message.get("rule", []):
            key = one["kind"], one["name"]
            if key in found:
                found[key].setdefault("prefix", []).extend(
                    one.get("prefix", []))
            else:
                found[key] = one
    return found


def reasons_of(one):
    """{reason: packets} of a rule."""
    return {r["reason"]: r["packets"] for r in one.get("reason", [])}


def ruleset_of(g):
    """The ruleset without its rules."""
    return g.dump("ruleset-get")[0]["ruleset"]


# packets


class Whole(Packet):
    """A packet with all its bytes."""

    def __init__(self, data, when=0):
        super().__init__(data, when)
        self.raw = data


class Wire(Sniffer):
    """Whole packets of an interface."""

    @staticmethod
    def packet(frame, when):
        return Whole(frame[14:], when)


class Ear:
    """Whole IP packets that a namespace's stack got past LOCAL_IN, or that
    came by one of its interfaces."""

    def __init__(self, namespace, dev=None, protocols=(UDP, TCP, SCTP, ICMP,
                                                       ICMP6, esp.ESP)):
        self.socks, self.sniffer, self.seen = [], None, []
        if dev:
            self.sniffer = Wire(dev, namespace)
            return
        with netns.ns(namespace):
            for family in (socket.AF_INET, socket.AF_INET6):
                for proto in protocols:
                    sock = socket.socket(family, socket.SOCK_RAW, proto)
                    sock.setblocking(False)
                    self.socks.append(sock)

    def heard(self, token):
        """Whether something with this token has come."""
        if self.sniffer:
            return any(token in p.raw for p in self.sniffer.poll())
        for sock in self.socks:
            while True:
                try:
                    self.seen.append(sock.recv(65535))
                except BlockingIOError:
                    break
        return any(token in data for data in self.seen)

    def close(self):
        for sock in self.socks:
            sock.close()
        if self.sniffer:
            self.sniffer.close()


def token():
    return b"<%d>" % next(numbers)


def tail(src, dst, proto, dport, sport, mark):
    """The transport part of a packet that carries a token."""
    if proto == UDP:
        return esp.udp(src, dst, sport, dport, mark)
    if proto == TCP:
        return esp.tcp(src, dst, sport, dport, esp.SYN, 1, 0, mark)
    if proto == SCTP:
        return struct.pack("!HHII", sport, dport, 0, 0) + mark
    if proto == ICMP:
        return esp.icmp(src, dst, 8, 0, b"\0\1\0\1", mark)
    if proto == ICMP6:
        return esp.icmp(src, dst, 128, 0, b"\0\1\0\1", mark)
    return struct.pack("!II", 0x1000, 1) + mark


class Scene:
    """A namespace with a ruleset, someone who sends to it, and ears."""

    def __init__(self, guard):
        self.g = state.client(guard)
        self.guard = guard
        self.injectors = {}

    def inject(self, source):
        """What sends frames from a namespace to the guard."""
        if source not in self.injectors:
            dev, to = {"ue1": ("acc0", ("router", "acc1")),
                       "ue2": ("acc0", ("router", "acc2")),
                       "foreign": ("ext0", ("router", "ext0")),
                       "pcscf": ("core0", (self.guard, "core0")),
                       "router": ("core0", ("scscf", "core0")),
                       "scscf": ("core0", ("router", "core0"))}[source]
            self.injectors[source] = esp.Injector(source, dev, *to)
        return self.injectors[source]

    def drops(self):
        """{reason: packets}, of the reasons that are not xfrm's."""
        return {k: v for k, v in state.drops(self.g).items()
                if not k.startswith("xfrm-")}

    def outcome(self, send, heard, timeout=60):
        """What becomes of a packet: "in", or why it was dropped."""
        before = self.drops()

        def known():
            got = heard()
            after = self.drops()
            changed = [k for k in after if after[k] != before.get(k)]
            return (["in"] if got else []) + changed
        send()
        return " ".join(state.wait(known, timeout) or ["nothing"])

    def send(self, source, src, dst, proto, dport, ear, sport=5060,
             wrap=None):
        """Injects one packet and returns what became of it; wrap(packet
        tail): other packets in its place."""
        mark = token()
        body = tail(src, dst, proto, dport, sport, mark)
        packets = wrap(body) if wrap else [esp.ip(src, dst, proto, body)]

        def go():
            for packet in packets:
                self.inject(source).send(packet)
        return self.outcome(go, lambda: ear.heard(mark))

    def expect(self, want, text, *args, **kwargs):
        """One test: what becomes of a packet."""
        return tap.equal(self.send(*args, **kwargs), want, text)

    def refused(self, text, code, words, ruleset, rules=()):
        """One test: a ruleset that is refused, and changes nothing."""
        before = ruleset_of(self.g)
        try:
            load(self.g, ruleset, rules)
        except genl.NlError as error:
            got = (error.errno, [w for w in words if w not in str(error)])
            detail = str(error)
        else:
            got, detail = "accepted", ""
        tap.ok(got == (code, []) and ruleset_of(self.g) == before, text,
               "%s\n%s" % (got, detail))

    def close(self):
        load(self.g, {})
        for injector in self.injectors.values():
            injector.close()


class Line:
    """UDP sockets of two hosts on their SIP ports; ends: {name: address}."""

    def __init__(self, s, ends):
        self.s, self.ends, self.socks = s, ends, {}
        for name, host in ends.items():
            with netns.ns(name):
                sock = socket.socket(esp.family(host), socket.SOCK_DGRAM)
                sock.bind((host, 5060))
            sock.setblocking(False)
            self.socks[name] = sock

    def _heard(self, name, mark):
        try:
            while True:
                if self.socks[name].recv(65535) == mark:
                    return True
        except BlockingIOError:
            return False

    def go(self, here, there):
        """What becomes of a packet."""
        mark = token()

        def send():
            # What a hook drops on its way out is EPERM.
            with contextlib.suppress(PermissionError):
                self.socks[here].sendto(mark, (self.ends[there], 5060))
        return self.s.outcome(send, lambda: self._heard(there, mark))

    def close(self):
        for sock in self.socks.values():
            sock.close()
