# SPDX-License-Identifier: GPL-2.0-or-later
"""From the access side, from the core side, between UEs."""
import socket
import struct

import attackpkt
import esp
import netns
import rulenet
import tap
from attacknet import proc_write
from attackpkt import SCTP
from esp import ESP, ICMP, ICMP6, TCP, UDP
from rulenet import ADDRS, addr, load, of, rule

ROUTER = {"access-dev": ["acc*"], "core-dev": ["core0"]}
DNS = ("10.44.0.53", "fd44::53")
MEDIA = ("10.44.0.128/25", "fd44::80:0/112")


def rules(*more):
    return [rule("pool", "ims", rulenet.POOLS),
            rule("core", "core", rulenet.CORES),
            rule("destination", "pcscf", ADDRS["pcscf"],
                 ("esp", "udp/5060", "tcp/5060", "icmp", "icmp6"),
                 **{"class": "pcscf"}),
            rule("destination", "dns", DNS, ("udp/53", "tcp/53"),
                 **{"class": "dns"}),
            rule("destination", "xcap", ("10.44.0.80", "fd44::80"),
                 ("tcp/443",), **{"class": "http"}),
            rule("destination", "media", MEDIA, ("udp/20000-30000",),
                 **{"class": "media"}), *more]


def other(name, version):
    """Another address of the UE's link."""
    return of({"ue1": ("10.50.1.99", "fd50:1::99"),
               "ue2": ("10.50.2.99", "fd50:2::99")}[name], version)


class Ears(dict):
    """A wire of each namespace behind the router, made when asked for."""

    DEVS = {"ue1": "acc0", "ue2": "acc0", "foreign": "ext0"}

    def __missing__(self, name):
        self[name] = ear = rulenet.Ear(name, self.DEVS.get(name, "core0"))
        return ear

    def close(self):
        for ear in self.values():
            ear.close()


def static(version, host, name="pcscf", dev="core0"):
    """The router knows the link address of a host that is not there."""
    mac = ":".join("%02x" % b for b in netns.mac(name, dev))
    netns.ip("neigh replace %s lladdr %s dev %s nud permanent\n" % (
        host, mac, dev if dev == "core0" else "acc" + name[-1]), "router")
    return version and host


def test_destinations(s):
    """NW-04: UEs reach what is permitted and nothing else."""
    load(s.g, ROUTER, rules())
    ears = Ears()
    for version in (4, 6):
        ue, pcscf = addr("ue1", version), addr("pcscf", version)
        dns = static(version, of(DNS, version))
        xcap = static(version, of(("10.44.0.80", "fd44::80"), version))
        media = static(version, of(("10.44.0.200", "fd44::80:7"), version))
        scscf = addr("scscf", version)
        ping = of((ICMP, ICMP6), version)
        for who, to, proto, port, want in (
                ("the P-CSCF", pcscf, ESP, 0, "in"),
                ("the P-CSCF", pcscf, UDP, 5060, "in"),
                ("the P-CSCF", pcscf, TCP, 5060, "in"),
                ("the P-CSCF", pcscf, ping, 0, "in"),
                ("the P-CSCF", pcscf, UDP, 500, "access-destination"),
                ("the P-CSCF", pcscf, UDP, 4500, "access-destination"),
                ("the P-CSCF", pcscf, UDP, 6101, "access-destination"),
                ("the P-CSCF", pcscf, TCP, 22, "access-destination"),
                ("the P-CSCF", pcscf, SCTP, 5060, "access-destination"),
                ("DNS", dns, UDP, 53, "in"), ("DNS", dns, TCP, 53, "in"),
                ("DNS", dns, UDP, 5060, "access-destination"),
                ("XCAP", xcap, TCP, 443, "in"),
                ("XCAP", xcap, TCP, 80, "access-destination"),
                ("media", media, UDP, 20000, "in"),
                ("media", media, UDP, 30000, "in"),
                ("media", media, UDP, 30001, "access-destination"),
                ("media", media, TCP, 20000, "access-destination"),
                ("the S-CSCF", scscf, UDP, 5060, "access-destination"),
                ("the S-CSCF", scscf, TCP, 3868, "access-destination"),
                ("the S-CSCF", scscf, UDP, 2152, "access-destination"),
                ("the S-CSCF", scscf, ESP, 0, "access-destination"),
                ("the S-CSCF", scscf, ping, 0, "access-destination")):
            s.expect(want, "NW-04 v%d: a UE to %s, protocol %d port %d: %s"
                     % (version, who, proto, port, want), "ue1", ue, to,
                     proto, port, ears["scscf" if to == scscf else "pcscf"])
    found = rulenet.rules_of(s.g)
    tap.ok(found["destination", "dns"]["packets"] == 4 and
           found["pool", "ims"]["dropped"] > 20,
           "NW-04: counted by destination and by pool", found)
    reasons = rulenet.reasons_of(found["pool", "ims"])
    tap.ok(set(reasons) == {"access-destination"} and
           sum(reasons.values()) == found["pool", "ims"]["dropped"],
           "NW-04: and by reason", found["pool", "ims"])
    ears.close()


def test_sources(s):
    """AT-25: whose address comes from the access side."""
    load(s.g, ROUTER, rules())
    ears = Ears()
    for version in (4, 6):
        pcscf = addr("pcscf", version)
        for name, src, want in (
                ("its own", addr("ue1", version), "in"),
                ("the S-CSCF's", addr("scscf", version), "access-core-source"),
                ("the P-CSCF's", pcscf, "access-core-source"),
                ("a foreign network's", addr("foreign", version),
                 "access-source"),
                ("nobody's", of(("0.0.0.1", "fd99::1"), version),
                 "access-source")):
            s.expect(want, "AT-25 NW-04 v%d: a UE with %s address: %s"
                     % (version, name, want), "ue1", src, pcscf, UDP, 5060,
                     ears["pcscf"])
        s.expect("access-core-source", "AT-25 v%d: ... also for the router "
                 "itself" % version, "ue1", addr("scscf", version),
                 of(("10.50.1.254", "fd50:1::fe"), version), UDP, 5060,
                 ears["pcscf"])
        s.expect("core-pool-source", "NW-04 v%d: the core side with a UE's "
                 "address" % version, "scscf", addr("ue2", version),
                 addr("ue1", version), UDP, 5060, ears["ue1"])
        s.expect("in", "NW-04 v%d: the P-CSCF reaches a UE" % version,
                 "scscf", pcscf, addr("ue1", version), UDP, 5060, ears["ue1"])
    ears.close()


def test_between(s):
    """UE to UE."""
    for allowed, want in ((False, "access-ue-to-ue"), (True, "in")):
        load(s.g, dict(ROUTER, **{"ue-to-ue": allowed}), rules())
        ears = Ears()
        for version in (4, 6):
            s.expect(want, "NW-04 v%d: UE to UE, permitted: %s: %s"
                     % (version, allowed, want), "ue1", addr("ue1", version),
                     addr("ue2", version), UDP, 5060, ears["ue2"])
        ears.close()


def test_bindings(s):
    """A UE keeps the address, or the /64, that it was given."""
    bound = [rule("binding", "ue%d" % n,
                  ("10.50.%d.%d" % (n, 10 + n), "fd50:%d::/64" % n),
                  dev="acc%d" % n) for n in (1, 2)]
    load(s.g, ROUTER, rules(*bound))
    ears = Ears()
    for version in (4, 6):
        pcscf = addr("pcscf", version)
        for name, source, src, want in (
                ("its own", "ue1", addr("ue1", version), "in"),
                ("its own", "ue2", addr("ue2", version), "in"),
                ("another UE's", "ue1", addr("ue2", version),
                 "access-binding"),
                ("one that nobody has", "ue1",
                 of(("10.50.9.9", "fd50:9::9"), version), "access-binding"),
                ("another of its link", "ue1", other("ue1", version),
                 of(("access-binding", "in"), version))):
            s.expect(want, "NW-04 AT-25 v%d: %s with %s address: %s"
                     % (version, source, name, want), source, src, pcscf, UDP,
                     5060, ears["pcscf"])
    load(s.g, ROUTER, [r if r["kind"] != "pool" else dict(r, dev="acc2")
                       for r in rules()])
    for source, want in (("ue1", "access-binding"), ("ue2", "in")):
        s.expect(want, "NW-04: a pool that is bound to acc2, by %s: %s"
                 % (source, want), source, addr(source), addr("pcscf"), UDP,
                 5060, ears["pcscf"])
    ears.close()


def test_devices(s):
    """An interface that is renamed, or made anew, stays closed."""
    load(s.g, dict(ROUTER, **{"access-dev": ["acc1", "acc2"]}), rules())
    ears = Ears()
    ue, pcscf = addr("ue1"), addr("pcscf")
    s.expect("in", "NW-04: by a listed interface", "ue1", ue, pcscf, UDP,
             5060, ears["pcscf"])
    s.expect("dev-unlisted", "NW-04: by one that is not listed", "foreign",
             addr("foreign"), pcscf, UDP, 5060, ears["pcscf"])
    s.expect("dev-unlisted", "NW-04: ... and to one", "scscf", addr("scscf"),
             addr("foreign"), UDP, 5060, ears["foreign"])
    netns.ip("link set acc1 down\nlink set acc1 name was1\n"
             "link set was1 up\naddr replace 10.50.1.254/24 dev was1\n",
             "router")
    s.expect("dev-unlisted", "NW-04: by one that was renamed", "ue1", ue,
             pcscf, UDP, 5060, ears["pcscf"])
    s.expect("dev-unlisted", "AT-25: ... also with a core address", "ue1",
             addr("scscf"), pcscf, UDP, 5060, ears["pcscf"])
    netns.ip("link set was1 down\nlink set was1 name acc1\n"
             "link set acc1 up\naddr replace 10.50.1.254/24 dev acc1\n"
             "addr replace fd50:1::fe/64 dev acc1 nodad\n"
             "addr replace fe80::fe/64 dev acc1 nodad\n", "router")
    s.expect("in", "NW-04: with its old name again it is open", "ue1", ue,
             pcscf, UDP, 5060, ears["pcscf"])
    ears.close()


def _loose_route(packet, via):
    """The packet with a loose source route in its header; the kernel itself
    forwards no strict one."""
    option = bytes([131, 7, 4]) + esp.packed(via) + b"\1"
    head = bytes([0x47]) + packet[1:2] + struct.pack(
        "!H", len(packet) + 8) + packet[4:10] + b"\0\0" + packet[12:20] + \
        option
    return head[:10] + struct.pack("!H", esp.checksum(head)) + head[12:] + \
        packet[20:]


def test_routed(s):
    """Source routes do not lead past the destinations."""
    load(s.g, ROUTER, rules())
    ears = Ears()
    for dev in ("all", "acc1"):
        proc_write("router", "net/ipv4/conf/%s/accept_source_route" % dev, 1)
    s.expect("access-routed", "NW-04: a loose source route to the S-CSCF is "
             "dropped", "ue1", addr("ue1"), addr("pcscf"), UDP, 5060,
             ears["pcscf"], wrap=lambda body: [_loose_route(
                 esp.ip(addr("ue1"), addr("pcscf"), UDP, body),
                 addr("scscf"))])
    ue, pcscf = addr("ue1", 6), addr("pcscf", 6)
    for left, want in ((1, "access-routed"), (0, "in")):
        s.expect(want, "NW-04: a routing header with %d segments left: %s"
                 % (left, want), "ue1", ue, pcscf, UDP, 5060, ears["pcscf"],
                 wrap=lambda body, n=left: [esp.ip(
                     ue, pcscf, attackpkt.ROUTING, attackpkt.routing(
                         UDP, 4, n, [addr("scscf", 6)] if n else ()) + body)])
    ears.close()


def test_fragments(s):
    """Fragments do not hide a port, nor lose a packet."""
    load(s.g, ROUTER, rules())
    ears = Ears()
    for version in (4, 6):
        ue, pcscf = addr("ue1", version), addr("pcscf", version)
        for port, want in ((5060, "in"), (6101, "access-destination")):
            for order in ([0, 1], [1, 0]):
                s.expect(want, "NW-04 v%d: fragments %s for port %d: %s"
                         % (version, order, port, want), "ue1", ue, pcscf,
                         UDP, port, ears["pcscf"],
                         wrap=lambda body, o=order, u=ue, p=pcscf, n=port:
                         attackpkt.fragments(
                             u, p, UDP, esp.udp(u, p, 5060, n, body[8:]
                                                + b"y" * 80),
                             [(0, 8), (8, None)], o))
    ue, pcscf = addr("ue1", 6), addr("pcscf", 6)
    for port, want in ((5060, "in"), (6101, "access-destination")):
        s.expect(want, "NW-04: options in front of port %d: %s" % (port, want),
                 "ue1", ue, pcscf, UDP, port, ears["pcscf"],
                 wrap=lambda body: [esp.ip(ue, pcscf, *attackpkt.chain(
                     (attackpkt.HOP, attackpkt.options),
                     (attackpkt.DEST, attackpkt.options), (UDP, body)))])
    netns.run("router", ["nft", "-f", "-"], input="""
        table inet raw {
            chain pre {
                type filter hook prerouting priority -500;
                notrack
            }
        }""")
    for version in (4, 6):
        ue, pcscf = addr("ue1", version), addr("pcscf", version)
        s.expect("access-unreadable", "NW-04 v%d: under NOTRACK a fragment is "
                 "dropped" % version, "ue1", ue, pcscf, UDP, 5060,
                 ears["pcscf"], wrap=lambda body, u=ue, p=pcscf:
                 attackpkt.fragments(u, p, UDP, body + bytes(80),
                                     [(0, 24), (24, None)])[1:])
    netns.run("router", ["nft", "delete", "table", "inet", "raw"])
    s.expect("access-unreadable", "NW-04: UDP too short for its ports is "
             "dropped", "ue1", addr("ue1"), addr("pcscf"), UDP, 0,
             ears["pcscf"], wrap=lambda body: [esp.ip(
                 addr("ue1"), addr("pcscf"), UDP, body[:3])])
    ears.close()


def test_icmp(s):
    """Needed ICMP: errors about what a destination has sent."""
    load(s.g, ROUTER, rules())
    ears = Ears()
    for version in (4, 6):
        ue, pcscf = addr("ue1", version), addr("pcscf", version)
        scscf = addr("scscf", version)
        xcap = static(version, of(("10.44.0.80", "fd44::80"), version))
        for text, to, src, dst, proto, sport, want in (
                ("SIP of the P-CSCF", pcscf, pcscf, ue, UDP, 5060, "in"),
                ("HTTP of the XCAP server", xcap, xcap, ue, TCP, 443, "in"),
                ("a port that is not permitted", xcap, xcap, ue, TCP, 80,
                 "access-icmp"),
                ("what went to another UE", pcscf, pcscf,
                 addr("ue2", version), UDP, 5060, "access-icmp"),
                ("SIP of the S-CSCF", scscf, scscf, ue, UDP, 5060,
                 "access-icmp"),
                ("another's packet, to the S-CSCF", scscf, pcscf, ue, UDP,
                 5060, "access-icmp")):
            # the P-CSCF takes ICMP of all kinds, it is listed there
            if to == pcscf and want != "in":
                continue
            for meaning in ("too big", "port unreachable"):
                s.expect(want, "NW-04 v%d: \"%s\" about %s: %s"
                         % (version, meaning, text, want), "ue1", ue, to, 0, 0,
                         ears["scscf" if to == scscf else "pcscf"],
                         wrap=lambda body, a=(src, dst, proto, sport), u=ue,
                         t=to, m=meaning: [attackpkt.icmp_error(
                             u, t, m, esp.ip(a[0], a[1], a[2], rulenet.tail(
                                 a[0], a[1], a[2], 5062, a[3], body[8:])),
                             mtu=1280)])
        s.expect("access-icmp", "NW-04 v%d: a redirect" % version, "ue1", ue,
                 pcscf, 0, 0, ears["pcscf"], wrap=lambda body, u=ue, p=pcscf:
                 [attackpkt.icmp_error(u, p, "redirect", esp.ip(
                     p, u, UDP, esp.udp(p, u, 5060, 5060, body)), gateway=u)])
    ears.close()


def test_neighbours(s):
    """Neighbour discovery and DHCP of UEs still reach the router."""
    load(s.g, ROUTER, rules())
    for version in (4, 6):
        gateway = of(("10.50.1.254", "fd50:1::fe"), version)
        netns.ip("neigh flush dev acc0\n", "ue1")
        ear = rulenet.Ear("pcscf", "core0")
        sock_mark = rulenet.token()
        with netns.ns("ue1"):
            sock = socket.socket(esp.family(gateway), socket.SOCK_DGRAM)
        tap.equal(s.outcome(
            lambda v=version: sock.sendto(sock_mark, (addr("pcscf", v), 5060)),
            lambda m=sock_mark: ear.heard(m)), "in",
            "NW-04 v%d: a UE finds its router, and its P-CSCF behind it"
            % version)
        sock.close()
        ear.close()
