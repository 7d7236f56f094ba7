# SPDX-License-Identifier: GPL-2.0-or-later
"""Peers, UE pools, and packets that hide their ports."""
import socket
import struct

import attackpkt
import esp
import netns
import rulenet
import state
import tap
from attackpkt import SCTP
from esp import ICMP, ICMP6, TCP, UDP
from rulenet import addr, load, of, ports, rule

GUARDED = ports("udp/5060", "tcp/5060", "tcp/5061 tls", "sctp/5060",
                "tcp/3868", "sctp/3868")
NODE = {"node": True, "port": GUARDED}


def rules():
    return [rule("peer", "pcscf", rulenet.ADDRS["pcscf"],
                 ("udp/5060", "tcp/5060", "sctp/5060"),
                 **{"class": "pcscf"}, dev="core0"),
            rule("peer", "hss", ("10.44.0.7", "fd44::7"),
                 ("tcp/3868", "sctp/3868"), **{"class": "hss"}),
            rule("peer", "range", ("10.44.0.64/26", "fd44::40:0/108")),
            rule("peer", "one", ("10.44.0.65", "fd44::40:1"), ("tcp/5060",)),
            rule("peer", "away", ("10.44.0.9", "fd44::9"), dev="other0"),
            rule("pool", "ims", rulenet.POOLS, ("tcp/443",))]


def test_peers(s):
    """NW-03: SIP and Diameter only from those who are listed."""
    load(s.g, NODE, rules())
    ear = rulenet.Ear("scscf")
    for version in (4, 6):
        me, peer = addr("scscf", version), addr("pcscf", version)
        hss = of(("10.44.0.7", "fd44::7"), version)
        stranger = of(("10.44.0.8", "fd44::8"), version)
        for proto, name in ((UDP, "udp"), (TCP, "tcp"), (SCTP, "sctp")):
            s.expect("in", "NW-03 %s%d: SIP from a listed peer comes in"
                     % (name, version), "pcscf", peer, me, proto, 5060, ear)
            s.expect("peer-unknown", "NW-03 %s%d: SIP from anybody else is "
                     "dropped" % (name, version),
                     "pcscf", stranger, me, proto, 5060, ear)
        for proto, name in ((TCP, "tcp"), (SCTP, "sctp")):
            s.expect("in", "NW-03 %s%d: Diameter from the HSS comes in"
                     % (name, version), "pcscf", hss, me, proto, 3868, ear)
            s.expect("peer-port", "NW-03 %s%d: Diameter from the P-CSCF is "
                     "dropped" % (name, version),
                     "pcscf", peer, me, proto, 3868, ear)
        s.expect("peer-port", "NW-03 udp%d: SIP from the HSS is dropped"
                 % version, "pcscf", hss, me, UDP, 5060, ear)
        s.expect("peer-unknown", "NW-03 tcp%d: TLS from anybody else is "
                 "dropped" % version, "pcscf", stranger, me, TCP, 5061, ear)
        s.expect("in", "NW-03 udp%d: a port that is not guarded is left alone"
                 % version, "pcscf", stranger, me, UDP, 8080, ear)
        s.expect("peer-interface", "NW-03 udp%d: SIP from a peer by another "
                 "interface is dropped" % version, "pcscf",
                 of(("10.44.0.9", "fd44::9"), version), me, UDP, 5060, ear)
        inside = of(("10.44.0.66", "fd44::40:2"), version)
        longest = of(("10.44.0.65", "fd44::40:1"), version)
        s.expect("in", "NW-03 udp%d: SIP from inside a prefix comes in"
                 % version, "pcscf", inside, me, UDP, 5060, ear)
        s.expect("peer-port", "NW-03 udp%d: the longest prefix decides"
                 % version, "pcscf", longest, me, UDP, 5060, ear)
        s.expect("peer-port", "NW-03 udplite%d: another protocol on a guarded "
                 "port is dropped" % version, "pcscf", inside, me,
                 attackpkt.UDPLITE, 5060, ear,
                 wrap=lambda body, m=me, i=inside: [esp.ip(
                     i, m, attackpkt.UDPLITE,
                     attackpkt.udplite(i, m, 5060, 5060, body))])
    ear.close()


def test_pools(s):
    """Annex J: no UE sends to a core node around its P-CSCF."""
    load(s.g, NODE, rules())
    ear = rulenet.Ear("scscf")
    for version in (4, 6):
        me, ue = addr("scscf", version), addr("ue1", version)
        for source in ("ue1", "pcscf"):
            way = {"ue1": "through the router", "pcscf": "spoofed"}[source]
            for proto, port in ((UDP, 5060), (TCP, 5060), (SCTP, 5060),
                                (TCP, 3868), (UDP, 8080), (TCP, 22)):
                s.expect("pool-port", "NW-03 %d/%d v%d: a UE's packet %s is "
                         "dropped" % (proto, port, version, way),
                         source, ue, me, proto, port, ear)
            s.expect("in", "NW-03 tcp/443 v%d: the port that is listed for "
                     "UEs is open, %s" % (version, way),
                     source, ue, me, TCP, 443, ear)
        s.expect("pool-port", "NW-03 ping%d: a UE can't even ping" % version,
                 "ue1", ue, me, of((ICMP, ICMP6), version), 0, ear)
    ear.close()


def test_counted(s):
    """By reason and by peer."""
    load(s.g, {})
    load(s.g, NODE, rules())
    ear = rulenet.Ear("scscf")
    me, peer = addr("scscf"), addr("pcscf")
    before = s.drops()
    sink = _udp("scscf", me, 5060)          # lest an error goes back
    for proto, port in ((UDP, 5060), (UDP, 5060), (TCP, 3868)):
        s.send("pcscf", peer, me, proto, port, ear)
    sink.close()
    got = rulenet.rules_of(s.g)["peer", "pcscf"]
    tap.equal((got["packets"], got["dropped"], got["class"]), (2, 1, "pcscf"),
              "NW-03: each peer has its packets and its drops counted")
    tap.equal(rulenet.reasons_of(got), {"peer-port": 1},
              "NW-03: ... by reason")
    tap.equal(s.drops()["peer-port"] - before.get("peer-port", 0), 1,
              "NW-03: ... and each reason")
    ear.close()


def _hidden(me, peer, mark):
    """Ways to hide that a packet is SIP; {name: packets, verdict}."""
    version6 = ":" in me
    body = esp.udp(peer, me, 5060, 5060, mark + b"x" * 200)
    ways = {"two fragments": attackpkt.fragments(
        peer, me, UDP, body, [(0, 8), (8, None)]),
        "fragments in reverse": attackpkt.fragments(
            peer, me, UDP, body, [(0, 64), (64, None)], [1, 0])}
    if version6:
        ways["hop-by-hop and destination options"] = [esp.ip(
            peer, me, *attackpkt.chain((attackpkt.HOP, attackpkt.options),
                                       (attackpkt.DEST, attackpkt.options),
                                       (UDP, body)))]
        ways["an atomic fragment"] = [esp.ip(
            peer, me, attackpkt.FRAGMENT, attackpkt.atomic(UDP) + body)]
        ways["a routing header"] = [esp.ip(
            peer, me, *attackpkt.chain((attackpkt.ROUTING, attackpkt.routing),
                                       (UDP, body)))]
    else:
        packet = esp.ip(peer, me, UDP, body)
        head = bytes([0x46]) + packet[1:2] + struct.pack(
            "!H", len(packet) + 4) + packet[4:10] + b"\0\0" + packet[12:20] \
            + b"\1\1\1\0"
        head = head[:10] + struct.pack("!H", esp.checksum(head)) + head[12:]
        ways["IP options"] = [head + packet[20:]]
    return ways


def test_hidden(s):
    """Fragments and options do not hide a guarded port, nor lose one."""
    load(s.g, NODE, rules())
    ear = rulenet.Ear("scscf")
    for version in (4, 6):
        me = addr("scscf", version)
        for who, source, want in (
                ("a peer", addr("pcscf", version), "in"),
                ("a stranger", of(("10.44.0.8", "fd44::8"), version),
                 "peer-unknown"),
                ("a UE", addr("ue1", version), "pool-port")):
            for name in _hidden(me, source, b""):
                s.expect(want, "NW-03 v%d: SIP of %s in %s: %s"
                         % (version, who, name, want), "pcscf", source, me,
                         UDP, 5060, ear,
                         wrap=lambda body, n=name, m=me, p=source:
                         _hidden(m, p, body[8:])[n])
    s.expect("node-unreadable", "NW-03 udp4: a packet too short for its ports "
             "is dropped", "pcscf", "10.44.0.8", addr("scscf"), UDP, 0, ear,
             wrap=lambda body: [esp.ip("10.44.0.8", addr("scscf"), UDP,
                                       body[:3])])
    ear.close()


def test_itself(s):
    """The node still speaks with itself and with others."""
    load(s.g, NODE, rules())
    me = addr("scscf")
    server = _udp("scscf", me, 5060)
    client = _udp("scscf", me, 0)
    client.sendto(b"self", (me, 5060))
    tap.equal(server.recv(100), b"self",
              "NW-03: the node reaches its own guarded port")
    far = _udp("foreign", addr("foreign"), 5060)
    client.sendto(b"out", (addr("foreign"), 5060))
    data, source = far.recvfrom(100)
    far.sendto(b"back", source)
    tap.equal((data, client.recv(100)), (b"out", b"back"),
              "NW-03: what it asks from another port is answered")
    for sock in (server, client, far):
        sock.close()


def _udp(namespace, host, port):
    with netns.ns(namespace):
        sock = socket.socket(esp.family(host), socket.SOCK_DGRAM)
        sock.bind((host, port))
    sock.settimeout(60)
    return sock


def test_audit(s):
    """With audit all is counted, nothing dropped."""
    load(s.g, dict(NODE, audit=True), rules())
    ear = rulenet.Ear("scscf")

    def audited():
        return next(r["audited"] for r in state.stats(s.g)["reason"]
                    if r["name"] == "peer-unknown")
    before = audited()
    s.expect("in", "NW-03 audit: a stranger's SIP comes in", "pcscf",
             "10.44.0.8", addr("scscf"), UDP, 5060, ear)
    tap.equal(audited() - before, 1, "NW-03 audit: ... and is counted")
    ear.close()


def test_tls(s):
    """6.5: no SIP in clear from or to a partner that must use TLS."""
    load(s.g, NODE, [rule("peer", "partner", rulenet.ADDRS["foreign"],
                          tls=True), *rules()])
    ear = rulenet.Ear("scscf")
    for version in (4, 6):
        me, partner = addr("scscf", version), addr("foreign", version)
        s.expect("in", "6.5 tcp%d: TLS of a partner comes in" % version,
                 "foreign", partner, me, TCP, 5061, ear, sport=40000)
        for proto, port, name in ((TCP, 5060, "tcp"), (UDP, 5060, "udp"),
                                  (SCTP, 5060, "sctp")):
            s.expect("peer-tls", "6.5 %s%d: SIP in clear of a partner is "
                     "dropped" % (name, version), "foreign", partner, me,
                     proto, port, ear, sport=40000)
        s.expect("peer-tls", "6.5 udp%d: ... from its SIP port, too" % version,
                 "foreign", partner, me, UDP, 40000, ear, sport=5060)
        s.expect("peer-unknown", "6.5 tcp%d: TLS of anybody else is dropped"
                 % version, "foreign",
                 of(("10.60.0.3", "fd60::3"), version), me, TCP, 5061, ear)
        far = rulenet.Ear("foreign")
        sock = _udp("scscf", me, 40000)
        for port, want in ((5060, "peer-tls"), (9, "in")):
            mark = rulenet.token()
            tap.equal(s.outcome(lambda m=mark, p=port: _send(
                sock, m, partner, p), lambda m=mark: far.heard(m)), want,
                "6.5 udp%d: clear to port %d of a partner: %s"
                % (version, port, want))
        sock.close()
        far.close()
    ear.close()


def _send(sock, data, host, port):
    try:
        sock.sendto(data, (host, port))
    except PermissionError:
        pass        # what a dropped packet of one's own looks like
