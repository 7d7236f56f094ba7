# SPDX-License-Identifier: GPL-2.0-or-later
"""Honest ESP in unusual packets, and hostile ESP in the same: fragments, and
IPv6 extension headers in front of it and inside."""
import tap
from attack import PORT_OTHER, PORT_PC, PORT_PS, PORT_SIP, VERSIONS, case
from attacknet import token
from attackpkt import DEST, FRAGMENT, HOP, atomic, chain, fragments, options
from attacks_esp import Foreign, split
from attackue import HandTcp
from esp import SYN, TCP, UDP, fragment_header, ip, tcp, udp


@case("AT-15")
def fragmented(lab):
    """Valid ESP in fragments."""
    shapes = (("two fragments", [(0, 1200), (1200, None)], None),
              ("three, in reverse", [(0, 800), (800, 1600), (1600, None)],
               [2, 1, 0]),
              ("a tiny first one", [(0, 8), (8, 1400), (1400, None)], None))
    for version in VERSIONS:
        mine = lab.hand("ue1", version)
        for text, pieces, order in shapes:
            for name in "AD":
                data = token() + bytes(2000)
                packet = split(mine.udp(name, data))
                lab.honest("AT-15", "udp%d" % version,
                           "valid ESP on SA %s, %s" % (name, text),
                           fragments(*packet, pieces, order), [data])
        connection(lab, "AT-15", version, "every segment in two fragments",
                   lambda p: fragments(*split(p), [(0, 24), (24, None)]))


def connection(lab, ids, version, text, wrap):
    """A connection whose segments are wrapped; data arrives."""
    lab.proxy.arrived = []
    mine = lab.new_set("ue1", version)
    conn = HandTcp(lab, mine, wrap)
    before = lab.stats()
    connected = conn.connect()
    data = token()
    if connected:
        conn.write(data)
    tap.ok(connected and lab.wait(lambda: lab.got(data, "tcp")) and
           not lab.since(before),
           "%s tcp%d: %s: accepted" % (ids, version, text),
           "connected %r, counted %r, arrived %r" % (
               connected, lab.since(before), lab.proxy.arrived))
    conn.reset()
    lab.wait(lambda: any(a.kind == "end" for a in lab.proxy.arrived))
    mine.delete()


def behind(packet, *headers):
    """The packet with IPv6 extension headers in front of ESP."""
    src, dst, protocol, tail = split(packet)
    return ip(src, dst, *chain(*headers, (protocol, tail)))


@case("AT-17")
def esp_behind_atomic_fragment(lab):
    """As if unfragmented."""
    mine = lab.hand("ue1", 6)
    for name in "AD":
        data = token()
        lab.honest("AT-17", "udp6", "valid ESP behind an atomic fragment, "
                   "SA %s" % name,
                   [behind(mine.udp(name, data), (FRAGMENT, atomic))], [data])
    connection(lab, "AT-17", 6, "valid ESP behind an atomic fragment",
               lambda p: [behind(p, (FRAGMENT, atomic))])


BEHIND = (("hop-by-hop", [(HOP, options)]),
          ("destination options", [(DEST, options)]),
          ("atomic fragment and destination options",
           [(FRAGMENT, atomic), (DEST, options)]))


def linux_finds_ports(lab, headers):
    """Whether Linux itself matches a selector with the ports behind such
    headers: until 6.6 it takes the first of them for the ports. It is asked by
    an SA and a port that are none of gmguard's."""
    ends = (lab.addr("ue1", 6), lab.local(6))
    foreign = Foreign(lab, 6, sel="sel src %s dst %s sport 44444 dport %d" %
                      (*ends, PORT_OTHER))
    data = token()
    packet = foreign.seal(udp(*ends, 44444, PORT_OTHER, data), UDP)
    outcome = lab.observe(lab.sender([behind(packet, *headers)], "ue1"), 6)
    foreign.remove()
    if not outcome.marked:
        raise RuntimeError("the honest packet behind it did not arrive")
    return bool(lab.got(data))


@case("AT-16")
def esp_behind_options(lab):
    """Accepted where Linux can match it with a selector, refused by Linux
    where it can't."""
    mine = lab.hand("ue1", 6)
    for text, headers in BEHIND:
        text = "valid ESP behind %s, SA " % text
        found = linux_finds_ports(lab, headers)
        for name in "AD":
            data = token()
            packets = [behind(mine.udp(name, data), *headers)]
            if found:
                lab.honest("AT-16", "udp6", text + name, packets, [data])
                continue
            lab.attack("AT-16", "udp6", text + name, packets, "xfrm-in-mode")
            lab.attack("AT-16", "tcp6", text + name,
                       [behind(mine.tcp(name, SYN, 1), *headers)],
                       "xfrm-in-mode")
        if found:
            connection(lab, "AT-16", 6, text + "A",
                       lambda p, h=headers: [behind(p, *h)])


@case("AT-16 AT-05 AT-06 GM-01 GM-03")
def hostile_behind_options(lab):
    """Options in front make nothing better, whatever Linux makes of them."""
    mine, theirs = lab.hand("ue1", 6), lab.hand("ue2", 6)
    for text, headers in BEHIND:
        for name in "AD":
            flow = mine.flow(name)
            for proto, number, tail in (("udp", UDP, udp(*flow, token())),
                                        ("tcp", TCP, tcp(*flow, SYN, 1))):
                for what, sa_set, sa in (
                        ("UE B's SA " + name, theirs, name),
                        ("the other SA than " + name, mine,
                         "D" if name == "A" else "A")):
                    lab.attack("AT-16 AT-05 GM-03", proto + "6",
                               "ESP behind %s on %s" % (text, what),
                               [behind(sa_set.seal(sa, tail, number,
                                                   src=mine.ue), *headers)],
                               "in-tuple")
                lab.attack("AT-16 AT-02 GM-01", proto + "6",
                           "plaintext behind %s with the exact tuple of SA %s"
                           % (text, name),
                           [behind(ip(*flow[:2], number, tail), *headers)],
                           "in-plaintext")
            for proto, packet in (
                    ("udp", mine.udp(name, token(), sport=PORT_SIP)),
                    ("tcp", mine.tcp(name, SYN, 1, sport=PORT_SIP))):
                lab.attack("AT-16 AT-06 GM-03", proto + "6",
                           "right SA %s, source port 5060, behind %s" %
                           (name, text), [behind(packet, *headers)],
                           "in-tuple")


@case("AT-16 AT-07 GM-03")
def options_like_ports(lab):
    """Until 6.6 Linux reads the two ports of SA A out of these options, and
    lets the packet pass to any other port (7a0207094f1b, 6.7)."""
    kind, size = divmod(PORT_PS, 256)
    body = bytes([kind, size]) + bytes(size)
    length = (2 + len(body) + 7) // 8 * 8

    def looks_right(next_header):
        return options(next_header, length, body)

    for number, proto in ((UDP, "udp"), (TCP, "tcp")):
        mine = lab.new_set("ue1", 6,
                           port_uc=number << 8 | length // 8 - 1)
        for dport in (PORT_PC[0], PORT_SIP):
            flow = mine.altered("A", sport=33333, dport=dport)
            tail = udp(*flow, token()) if number == UDP else \
                tcp(*flow, SYN, 1)
            lab.attack("AT-16 AT-07 GM-03", proto + "6", "options that look "
                       "like the ports of SA A in front of ports 33333 and %d"
                       % dport, [behind(mine.seal("A", tail, number),
                                        (DEST, looks_right))], "in-tuple")
        mine.delete()


@case("AT-47 GM-03")
def fragment_header_inside(lab):
    """TS 33.203 7.1 knows no fragments inside an SA."""
    mine = lab.hand("ue1", 6)
    for name in "AD":
        flow = mine.flow(name)
        for proto, number, tail in (("udp", UDP, udp(*flow, token())),
                                    ("tcp", TCP, tcp(*flow, SYN, 1))):
            lab.attack("AT-47 GM-03", proto + "6",
                       "an atomic Fragment header inside ESP, SA %s" % name,
                       [mine.seal(name, atomic(number) + tail, FRAGMENT)],
                       "in-fragment")
            first = fragment_header(number, 0, True, 77) + tail[:16]
            last = fragment_header(number, 16, False, 77) + tail[16:]
            lab.attack("AT-47 GM-03", proto + "6",
                       "two fragments, each inside ESP, SA %s" % name,
                       [mine.seal(name, d, FRAGMENT) for d in (first, last)],
                       {"in-fragment": 2})
            lab.attack("AT-47 GM-03", proto + "6",
                       "a Fragment header behind options inside ESP, SA %s"
                       % name, [mine.seal(name, options(FRAGMENT) +
                                          atomic(number) + tail, DEST)],
                       "in-fragment")
