# SPDX-License-Identifier: GPL-2.0-or-later
"""Plaintext for protected ports, in every disguise.

Each packet is sent in all three stages. While nothing is guarded it must
arrive, or be answered: that proves that it is well formed, that the path works
and that an answer would be seen.
"""
import contextlib
import socket
import struct

import netns
from attack import (PORT_OTHER, PORT_PC, PORT_PS, PORT_SIP, REGISTER, STAGES,
                    VERSIONS, case)
from attacknet import proc_write, token
from attackpkt import (DCCP, DEST, FRAGMENT, GRE, HOP, IP6IP, IPIP, ROUTING,
                       SCTP, UDPLITE, atomic, chain, dccp_request, fragments,
                       gre, options, routing, sctp_init, udplite)
from esp import (ACK, FIN, PSH, RST, SYN, TCP, UDP, checksum, ip,
                 packed, tcp, udp)

ARRIVES, ANSWERED, DIES = "arrives", "is answered", "dies in the kernel"


class Plain:
    """How to make plaintext from one host to a port, and what to expect.

    control: what happens to it when nothing is guarded.
    """

    def __init__(self, lab, version, via="ue1", sport=33333, port=PORT_PS):
        self.lab, self.version, self.via = lab, version, via
        self.src, self.dst = lab.addr(via, version), lab.local(version)
        self.flow = (self.src, self.dst, sport, port)
        self.payload = token() + bytes(64)

    def tail(self, transport):
        """The transport header and what is behind it."""
        if transport == "udp":
            return UDP, udp(*self.flow, self.payload)
        return TCP, tcp(*self.flow, SYN, 1)

    def ip(self, protocol, tail):
        return ip(self.src, self.dst, protocol, tail)

    def play(self, ids, transport, text, packets, reasons="in-plaintext",
             control=None):
        """Runs one packet of the matrix in whatever stage the lab is in."""
        path = "%s%d" % (transport, self.version)
        control = control or (ARRIVES if transport == "udp" else ANSWERED)
        if self.lab.stage == "open":
            self._control(ids, path, text, packets, control)
        else:
            self.lab.attack(ids, path, text, packets, reasons, self.via)

    def _control(self, ids, path, text, packets, control):
        outcome = self.lab.observe(self.lab.sender(packets, self.via),
                                   self.version, self.via)
        outcome.check("%s %s: control, %s: %s where nothing is guarded" % (
            ids, path, text, control), {},
            [self.payload] if control == ARRIVES else [], control == ANSWERED)


@case("AT-01 AT-03 AT-04 GM-01", *STAGES)
def to_protected_ports(lab):
    """One packet, nothing special about it."""
    for version in VERSIONS:
        for port, ids in ((PORT_PS, "AT-01"), (PORT_PC[0], "AT-03"),
                          (PORT_PC[-1], "AT-03")):
            name = "port_ps" if port == PORT_PS else "port_pc %d" % port
            plain = Plain(lab, version, "attacker", port=port)
            plain.play(ids + " GM-01", "udp", "plaintext to %s" % name,
                       [plain.ip(*plain.tail("udp"))])
            plain.play(ids + " AT-04 GM-01", "tcp", "SYN to %s" % name,
                       [plain.ip(*plain.tail("tcp"))])


@case("AT-04 GM-01", *STAGES)
def segments_out_of_nowhere(lab):
    """TCP segments that a stack answers with a reset."""
    for version in VERSIONS:
        for name, flags in (("ACK", ACK), ("FIN and ACK", FIN | ACK),
                            ("data", PSH | ACK), ("SYN and ACK", SYN | ACK),
                            ("RST", RST), ("no flag at all", 0)):
            plain = Plain(lab, version)
            plain.play("AT-04 GM-01", "tcp", name + " without a connection",
                       [plain.ip(TCP, tcp(*plain.flow, flags, 7, 7, b"x"))],
                       control=ANSWERED if flags & ~RST else DIES)


@case("AT-01 GM-01", "guarded", "sets")
def to_other_ports(lab):
    """What nobody protects is nobody's business."""
    for version in VERSIONS:
        for port in (PORT_SIP, PORT_OTHER):
            plain = Plain(lab, version, port=port)
            if port == PORT_SIP:
                plain.payload = REGISTER % plain.payload
            lab.honest("GM-01", "udp%d" % version,
                       "plaintext to the unprotected port %d" % port,
                       [plain.ip(*plain.tail("udp"))], [plain.payload])
            lab.honest("GM-01", "tcp%d" % version,
                       "SYN to the unprotected port %d" % port,
                       [plain.ip(*plain.tail("tcp"))], [], answered=True)


@case("AT-14 GM-03", *STAGES)
def in_fragments(lab):
    """Reassembled first, judged then."""
    shapes = (("two fragments", [(0, 40), (40, None)], None),
              ("two fragments, last one first", [(0, 40), (40, None)], [1, 0]),
              ("tiny fragments", [(0, 24), (24, 32), (32, 40), (40, None)],
               None))
    for version in VERSIONS:
        for name, pieces, order in shapes:
            for transport in ("udp", "tcp"):
                plain = Plain(lab, version)
                protocol, tail = plain.tail(transport)
                if transport == "tcp":
                    # IPv6 wants the TCP header in the first fragment
                    tail = tcp(*plain.flow, SYN, 1, 0, plain.payload)
                plain.play("AT-14 GM-03", transport, name,
                           fragments(plain.src, plain.dst, protocol, tail,
                                     pieces, order))
        plain = Plain(lab, version)
        _overlapping(plain)
    plain = Plain(lab, 4)
    for transport in ("udp", "tcp"):
        protocol, tail = plain.tail(transport)
        plain.play("AT-14 GM-03", transport, "a first fragment of 8 bytes",
                   fragments(plain.src, plain.dst, protocol, tail,
                             [(0, 8), (8, None)]))


def _overlapping(plain):
    protocol, tail = plain.tail("udp")
    plain.play("AT-14 GM-03", "udp", "the first fragment twice, differing",
               fragments(plain.src, plain.dst, protocol, tail,
                         [(0, 40), (0, 40, bytes(40)), (40, None)]))
    # Linux throws such a packet away as a whole (RFC 5722)
    plain.play("AT-14 GM-03", "udp", "fragments that overlap in part",
               fragments(plain.src, plain.dst, protocol, tail,
                         [(0, 40), (32, None)]), {}, control=DIES)


@case("AT-16 GM-03", *STAGES)
def behind_ip_options(lab):
    """IPv4: the transport header is not at byte 20."""
    for text, data in (("no-operations", b"\1" * 4),
                       ("no-operations, all the room there is", b"\1" * 40),
                       ("router alert", b"\x94\4\0\0"),
                       ("record route", b"\7\7\4\0\0\0\0\0")):
        for transport in ("udp", "tcp"):
            plain = Plain(lab, 4)
            packet = bytearray(plain.ip(*plain.tail(transport)))
            packet[20:20] = data
            packet[0] += len(data) // 4
            packet[2:4] = struct.pack("!H", len(packet))
            packet[10:12] = bytes(2)
            size = 20 + len(data)
            packet[10:12] = struct.pack("!H", checksum(packet[:size]))
            plain.play("AT-16 GM-03", transport, "IP options: " + text,
                       [bytes(packet)])


@case("AT-16 GM-03", *STAGES)
def behind_extension_headers(lab):
    """IPv6: the port is not where a lazy parser looks for it."""
    shapes = {
        "hop-by-hop": [(HOP, options)],
        "destination options": [(DEST, options)],
        "long destination options":
            [(DEST, lambda n: options(n, 1024))],
        "routing header, no segments left": [(ROUTING, routing)],
        "hop-by-hop, routing, destination options":
            [(HOP, options), (ROUTING, routing), (DEST, options)],
        "hop-by-hop, atomic fragment, destination options":
            [(HOP, options), (FRAGMENT, atomic), (DEST, options)],
        # as many as newer kernels take
        "twelve destination options": [(DEST, options)] * 12}
    for name, headers in shapes.items():
        for transport in ("udp", "tcp"):
            plain = Plain(lab, 6)
            plain.play("AT-16 GM-03", transport, name,
                       [plain.ip(*chain(*headers, plain.tail(transport)))])
    if lab.stage != "open":     # some kernels drop it by themselves, later
        plain = Plain(lab, 6)
        plain.play("AT-16 GM-03", "udp", "sixty destination options",
                   [plain.ip(*chain(*[(DEST, options)] * 60,
                                    plain.tail("udp")))])
    plain = Plain(lab, 6)
    plain.play("AT-16 GM-03", "udp", "routing header with a segment left",
               [plain.ip(*chain((ROUTING, lambda n: routing(
                   n, 0, 1, [plain.src])), plain.tail("udp")))],
               control=ANSWERED)
    plain.play("AT-16 GM-03", "udp", "an option length beyond the packet",
               [plain.ip(*chain((DEST, lambda n: bytes([n, 200]) + bytes(6)),
                                plain.tail("udp")))],
               "in-malformed", control=DIES)
    for transport in ("udp", "tcp"):
        protocol, tail = chain((DEST, options), plain.tail(transport))
        plain.play("AT-16 AT-14 GM-03", transport,
                   "destination options, in two fragments",
                   fragments(plain.src, plain.dst, protocol, tail,
                             [(0, 32), (32, None)]))


@case("AT-16 GM-03", *STAGES)
def segment_routed(lab):
    """A segment routing header turns a packet for another address of the host
    to the guarded one after LOCAL_IN has seen it (RFC 8754)."""
    for where in ("all", "gm0"):
        proc_write("pcscf", "net/ipv6/conf/%s/seg6_enabled" % where, 1)
    first = netns.core_addr("pcscf", 6)
    for transport in ("udp", "tcp"):
        plain = Plain(lab, 6)
        protocol, tail = plain.tail(transport)
        header = struct.pack("!BBBBBBH", protocol, 4, 4, 1, 1, 0, 0) + \
            packed(plain.dst) + packed(first)
        plain.play("AT-16 GM-03", transport,
                   "segment routing by way of another address",
                   [ip(plain.src, first, ROUTING, header + tail)])
    for where in ("all", "gm0"):
        proc_write("pcscf", "net/ipv6/conf/%s/seg6_enabled" % where, 0)


@case("AT-01 GM-01", "guarded", "sets")
def cut_short(lab):
    """Not even the ports are whole."""
    for version in VERSIONS:
        for transport, size in (("udp", 0), ("udp", 3), ("tcp", 3)):
            plain = Plain(lab, version)
            protocol, tail = plain.tail(transport)
            plain.play("AT-01 GM-01", transport, "%d bytes of the transport "
                       "header" % size, [plain.ip(protocol, tail[:size])],
                       "in-malformed")


@case("AT-17 GM-03", *STAGES)
def atomic_fragment(lab):
    """A Fragment header on a packet that is whole (RFC 6946)."""
    for transport in ("udp", "tcp"):
        plain = Plain(lab, 6)
        plain.play("AT-17 GM-03", transport, "atomic fragment",
                   [plain.ip(*chain((FRAGMENT, atomic),
                                    plain.tail(transport)))])


@case("AT-47 GM-03", *STAGES)
def fragments_past_reassembly(lab):
    """IPv6 fragments that no one has put together before LOCAL_IN."""
    plain = Plain(lab, 6)
    for transport in ("udp", "tcp"):
        protocol, tail = plain.tail(transport)
        protocol, tail = chain((DEST, lambda n: options(n, 64)),
                               (protocol, tail))
        plain.play("AT-47 GM-03", transport,
                   "a first fragment that ends before the ports",
                   fragments(plain.src, plain.dst, protocol, tail,
                             [(0, 32), (32, None)], [0]),
                   "in-fragment", control=ANSWERED)
    protocol, tail = plain.tail("udp")
    headers = chain((HOP, options), (FRAGMENT, atomic), (protocol, tail))
    packet = bytearray(plain.ip(*headers))
    packet[4:6] = bytes(2)
    plain.play("AT-47 GM-03", "udp", "atomic fragment, payload length 0",
               [bytes(packet)], "in-fragment", control=ANSWERED)


NOTRACK = """table %s raw {
	chain c {
		type filter hook prerouting priority -450; policy accept;
		notrack
	}
}
"""


@case("AT-47 AT-14 GM-03", *STAGES)
def fragments_untracked(lab):
    """NOTRACK keeps conntrack's reassembly away."""
    for version, table in ((4, "ip"), (6, "ip6")):
        netns.run("pcscf", ["nft", "-f", "-"], input=NOTRACK % table)
        for transport in ("udp", "tcp"):
            plain = Plain(lab, version)
            protocol, tail = plain.tail(transport)
            tail = tail if transport == "udp" else \
                tcp(*plain.flow, SYN, 1, 0, plain.payload)
            plain.play("AT-47 GM-03", transport, "two fragments under NOTRACK",
                       fragments(plain.src, plain.dst, protocol, tail,
                                 [(0, 40), (40, None)]),
                       {"in-fragment": 2} if version == 6 else "in-plaintext")
        netns.run("pcscf", ["nft", "delete", "table", table, "raw"])


@case("AT-20 GM-03", *STAGES)
def other_transports(lab):
    """Protocols whose ports are where those of UDP are."""
    if lab.stage == "open":
        # newer kernels have no DCCP: then it is answered by ICMP
        for module in ("sctp", "dccp_ipv4", "dccp_ipv6"):
            netns.run("pcscf", ["modprobe", "-q", module], check=False)
    for version in VERSIONS:
        for port in (PORT_PS, PORT_PC[0]):
            plain = Plain(lab, version, port=port)
            sport = plain.flow[2]
            for name, number, tail in (
                    ("sctp", SCTP, sctp_init(sport, port)),
                    ("udplite", UDPLITE, udplite(*plain.flow, plain.payload)),
                    ("dccp", DCCP, dccp_request(*plain.flow))):
                plain.play("AT-20 GM-03", name,
                           "%s to %d" % (name.upper(), port),
                           [plain.ip(number, tail)], control=ANSWERED)


TUNNELS = {"ipip": ("ipip", 4), "sit": ("sit", 4), "gre": ("gre", 4),
           "ip6": ("ip6tnl mode any", 6), "gre6": ("ip6gre", 6)}


@case("AT-21", *STAGES)
def in_tunnels(lab):
    """The endpoint's host has tunnel devices to the UE."""
    netns.ip("".join(
        "link add t-%s type %s local %s remote %s\n"
        "link set t-%s addrgenmode none up\n" % (
            name, kind, lab.local(version), lab.addr("ue1", version), name)
        for name, (kind, version) in TUNNELS.items()), "pcscf")
    try:
        for version in VERSIONS:
            for transport in ("udp", "tcp"):
                _in_each_tunnel(lab, version, transport)
    finally:
        netns.ip("".join("link del t-%s\n" % n for n in TUNNELS), "pcscf")


def _in_each_tunnel(lab, version, transport):
    for outer in VERSIONS:
        plain = Plain(lab, version)
        inner = plain.ip(*plain.tail(transport))
        ends = (lab.addr("ue1", outer), lab.local(outer))
        for name, number, tail in (
                ("IP", IPIP if version == 4 else IP6IP, inner),
                ("GRE", GRE, gre(inner))):
            plain.play("AT-21 GM-01", transport, "in %s over IPv%d" % (
                name, outer), [ip(*ends, number, tail)])


@case("AT-01 GM-01", *STAGES)
def to_groups(lab):
    """Broadcast and multicast reach sockets that are bound to no address."""
    for version, group, mac in (
            (4, "10.33.0.255", b"\xff" * 6), (4, "255.255.255.255",
                                              b"\xff" * 6),
            (4, "224.0.0.1", b"\1\0\x5e\0\0\1"),
            (4, "10.33.0.255", None), (4, "255.255.255.255", None),
            (4, "224.0.0.1", None),
            (6, "ff02::1", b"\x33\x33\0\0\0\1"), (6, "ff02::1", None)):
        for port in (PORT_PS, PORT_PC[0]):
            sock = lab.proxy.udp("0.0.0.0" if version == 4 else "::", port)
            try:
                plain = Plain(lab, version, port=port)
                packet = ip(plain.src, group, UDP, udp(
                    plain.src, group, plain.flow[2], port, plain.payload))
                plain.play("AT-01 GM-01", "udp", "to %s%s, port %d" % (
                    group, "" if mac else " in a unicast frame", port),
                    [(mac, packet)])
            finally:
                lab.proxy.drop(sock)


@case("AT-01 GM-01", *STAGES)
def from_the_core(lab):
    """Plaintext is no better for coming in on the core's interface."""
    for version in VERSIONS:
        for transport in ("udp", "tcp"):
            plain = Plain(lab, version, "core")
            plain.play("AT-01 GM-01", transport, "from the core's side",
                       [plain.ip(*plain.tail(transport))])


@case("AT-01 GM-01", "guarded", "sets")
def from_the_host(lab):
    """A program of the host itself has no SA, either."""
    for version in VERSIONS:
        local = lab.local(version)
        lab.attack("AT-01 GM-01", "udp%d" % version, "from the host itself",
                   lambda v=version, a=local: lab.sock[v, PORT_SIP].sendto(
                       token(), (a, PORT_PS)), "in-plaintext")

        def connect(address=local):
            sock = lab.proxy.make(address, 0, socket.SOCK_STREAM)
            sock.setblocking(False)
            with contextlib.suppress(OSError):
                sock.connect((address, PORT_PS))
            sock.close()
        lab.attack("AT-01 GM-01", "tcp%d" % version, "from the host itself",
                   connect, "in-plaintext")
