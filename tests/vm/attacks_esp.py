# SPDX-License-Identifier: GPL-2.0-or-later
"""Hostile ESP: a UE that has SAs of its own, a thief of packets, a guesser."""
import hmac
import os
import socket
import struct
import zlib

import netns
import tap
from attack import PORT_OTHER, PORT_PC, PORT_PS, PORT_SIP, VERSIONS, case
from attacknet import token
from attackpkt import (COMP, DCCP, IP6IP, IPIP, SCTP, UDPLITE, ah,
                       dccp_request, ipcomp, sctp_init, udplite)
from attackue import XFRM_ALG
from esp import (ACK, AH, ESP, ICMP, ICMP6, NONE, PSH, RST, SYN, TCP, UDP, Esp,
                 icmp, ip, tcp, udp)

UDP_ENCAP, ESP_IN_UDP = 100, 2


def both(lab, ids, version, text, sa_set, name, reason, **changes):
    """A UDP packet and a SYN on an SA of a set, with a changed flow."""
    lab.attack(ids, "udp%d" % version, text,
               [sa_set.udp(name, token(), **changes)], reason)
    lab.attack(ids, "tcp%d" % version, text,
               [sa_set.tcp(name, SYN, 1, **changes)], reason)


def split(packet):
    """Source, destination, protocol and tail of a packet without options."""
    if packet[0] >> 4 == 6:
        ends = [socket.inet_ntop(socket.AF_INET6, packet[a:a + 16])
                for a in (8, 24)]
        return (*ends, packet[6], packet[40:])
    ends = [socket.inet_ntoa(packet[a:a + 4]) for a in (12, 16)]
    return (*ends, packet[9], packet[20:])


# ----- the own SA for what it was not negotiated for -------------------------

@case("AT-05 GM-03")
def another_source_address(lab):
    """UE A speaks for UE B on A's own SAs."""
    for version in VERSIONS:
        mine, theirs = lab.hand("ue1", version), lab.hand("ue2", version)
        for name in "AD":
            src, _, sport, dport = theirs.flow(name)
            text = "ESP on UE A's SA %s with UE B's source address" % name
            both(lab, "AT-05 GM-03", version, text, mine, name, "in-tuple",
                 src=src)
            both(lab, "AT-05 GM-03", version, text + " and ports", mine, name,
                 "in-tuple", src=src, sport=sport, dport=dport)


@case("AT-02 AT-05 GM-01 GM-03")
def into_a_connection(lab):
    """The next segment of UE B's connection, from somebody else."""
    for version in VERSIONS:
        victim, mine = lab.kernel("ue2", version), lab.hand("ue1", version)
        lab.wire.clear()
        ours, proxys = victim.connect()
        proxys.send(b"hello")
        victim.wait(lambda: victim.got(b"hello", "tcp"))
        seq, ack = victim.sequence()
        flow = victim.set.flow("A")
        for name, flags, data in (("data", PSH | ACK, b"evil"),
                                  ("reset", RST | ACK, b"")):
            lab.attack("AT-05 GM-03", "tcp%d" % version,
                       "%s in sequence of UE B's connection, on UE A's SA"
                       % name, [mine.tcp("A", flags, seq, ack, data,
                                         src=flow[0], sport=flow[2])],
                       "in-tuple")
            lab.attack("AT-02 GM-01", "tcp%d" % version,
                       "%s in sequence of a connection, in plaintext" % name,
                       [ip(flow[0], flow[1], TCP,
                           tcp(*flow, flags, seq, ack, data))], "in-plaintext")
        data, back = token(), token()
        ours.send(data)
        proxys.send(back)
        tap.ok(victim.wait(lambda: lab.got(data, "tcp") and
                           victim.got(back, "tcp")),
               "AT-05 AT-02 tcp%d: the connection goes on" % version)
        victim.hang_up(ours)


@case("AT-02 GM-01")
def registered_tuple(lab):
    """Everything is right but for the missing ESP."""
    for version in VERSIONS:
        for name in "AD":
            flow = lab.hand("ue1", version).flow(name)
            text = "plaintext with the exact tuple of SA %s" % name
            lab.attack("AT-02 GM-01", "udp%d" % version, text, [
                ip(*flow[:2], UDP, udp(*flow, token()))], "in-plaintext")
            lab.attack("AT-02 AT-04 GM-01", "tcp%d" % version, text, [
                ip(*flow[:2], TCP, tcp(*flow, SYN, 1))], "in-plaintext")


@case("AT-06 GM-03")
def another_source_port(lab):
    """Right SA, wrong inner source port."""
    for version in VERSIONS:
        mine = lab.hand("ue1", version)
        for name, other in (("A", mine.port_us), ("D", mine.port_uc)):
            for sport in (other, PORT_SIP, mine.flow(name)[2] ^ 0x100):
                both(lab, "AT-06 GM-03", version,
                     "right SA %s, source port %d" % (name, sport), mine, name,
                     "in-tuple", sport=sport)


@case("AT-07 GM-03")
def another_destination_port(lab):
    """Right SA, wrong inner destination port."""
    for version in VERSIONS:
        mine = lab.hand("ue1", version)
        spare = next(p for p in PORT_PC if p != mine.port_pc)
        for name, ports in (("A", (PORT_SIP, mine.port_pc, spare)),
                            ("D", (PORT_SIP, PORT_PS, spare))):
            for dport in (*ports, PORT_OTHER, 9):
                both(lab, "AT-07 GM-03", version,
                     "right SA %s, destination port %d" % (name, dport), mine,
                     name, "in-tuple", dport=dport)


# ----- replay, tampering, guessing -------------------------------------------

@case("AT-09 GM-07")
def replayed(lab):
    """The anti-replay window of 128."""
    for version in VERSIONS:
        for name in "AD":
            mine = lab.new_set("ue1", version)
            path, ids = "udp%d" % version, "AT-09 GM-07"
            data = token()
            packet = mine.udp(name, data)
            lab.attack(ids, path, "SA %s, replayed" % name, [packet] * 3,
                       {"xfrm-in-replay": 2}, delivered=[data])
            _window(lab, ids, path, mine, name)
            shown = {s["name"]: s["replay-errors"] for s in mine.get()["sa"]}
            tap.equal(shown, {n: 4 if n == name.lower() else 0
                              for n in "abcd"},
                      "%s %s: SA_SET_GET counts the replays on SA %s" %
                      (ids, path, name))
            lab.attack(ids, path, "SA %s, sequence number 0" % name,
                       [_numbered(mine, name, token(), 0)], "xfrm-in-replay")
            mine.delete()


def _numbered(sa_set, name, data, seq):
    flow = sa_set.flow(name)
    return sa_set.seal(name, udp(*flow, data), UDP, seq=seq)


def _window(lab, ids, path, mine, name):
    first, late = token(), token()
    lab.honest(ids, path, "SA %s, a thousand packets lost" % name,
               [_numbered(mine, name, first, 1000)], [first])
    packet = _numbered(mine, name, late, 1000 - 127)
    lab.honest(ids, path, "SA %s, the last number in the window" % name,
               [packet], [late])
    lab.attack(ids, path, "SA %s, replayed inside the window" % name,
               [packet], "xfrm-in-replay")
    lab.attack(ids, path, "SA %s, just below the window" % name,
               [_numbered(mine, name, token(), 1000 - 128)], "xfrm-in-replay")
    rest = [token() for _ in range(5)]
    lab.honest(ids, path, "SA %s, out of order" % name,
               [_numbered(mine, name, d, s) for d, s in
                zip(rest, (1005, 1003, 1004, 990, 1001))], rest)


@case("AT-09")
def tampered(lab):
    """Bits flipped, bytes missing, keys of somebody else."""
    for version in VERSIONS:
        path = "udp%d" % version
        mine = lab.new_set("ue1", version)
        flow = mine.flow("A")

        def esp():
            return mine.esp["A"].seal(udp(*flow, token()), UDP)

        def send(text, data, reason):
            lab.attack("AT-09", path, text, [ip(*flow[:2], ESP, data)], reason)

        for text, at in (("ICV", -1), ("ciphertext", 30), ("IV", 9),
                         ("sequence number", 7)):
            data = bytearray(esp())
            data[at] ^= 1
            send("one bit of the %s flipped" % text, bytes(data),
                 "xfrm-in-integrity")
        alien = Esp(mine.alg, mine.ealg, os.urandom(len(mine.ik)), mine.ck,
                    mine.spi_ps, 500)
        send("another integrity key", alien.seal(udp(*flow, token()), UDP),
             "xfrm-in-integrity")
        data = esp()
        send("the SPI of another SA of the set",
             struct.pack("!I", mine.spi_pc) + data[4:], "xfrm-in-integrity")
        for size in (0, 4, 7):
            send("truncated to %d bytes" % size, esp()[:size],
                 "xfrm-in-header")
        for size in (8, 12, 24, 35, 36, 40, len(data) - 12, len(data) - 1):
            send("truncated to %d bytes" % size, esp()[:size],
                 "xfrm-in-integrity")
        send("16 bytes too long", esp() + bytes(16), "xfrm-in-integrity")
        data = token()
        lab.honest("AT-09", path, "the SA still works",
                   [mine.udp("A", data)], [data])
        mine.delete()


@case("AT-10 GM-06")
def reflected(lab):
    """What the P-CSCF has sent comes back."""
    for version in VERSIONS:
        mine = lab.new_set("ue1", version)
        lab.wire.clear()
        lab.sock[version, mine.port_pc].sendto(
            token(), (mine.ue, mine.port_us))
        frame = lab.wait(lambda: lab.wire.find(
            lambda f: f.spi == mine.spi_us and f.mac == lab.mac))[0]
        src, dst, _, data = split(frame.data)
        path = "udp%d" % version
        lab.attack("AT-10", path, "an ESP packet of the P-CSCF as it was",
                   [frame.data], {})
        lab.attack("AT-10 GM-06", path,
                   "an ESP packet of the P-CSCF, addresses swapped",
                   [ip(dst, src, ESP, data)], "xfrm-in-no-state")
        for name in "AD":
            lab.attack("AT-10 GM-06", path,
                       "an ESP packet of the P-CSCF with the SPI of SA %s"
                       % name, [ip(dst, src, ESP, struct.pack(
                           "!I", mine.spis[name]) + data[4:])],
                       "xfrm-in-integrity")
        flow = mine.flow("C")
        lab.attack("AT-10 GM-03", path,
                   "the P-CSCF's own flow on an SA of the UE",
                   [mine.udp("D", token(), src=flow[0], sport=flow[2],
                             dport=flow[2])],
                   # IPv4 refuses its own address as a source by itself
                   {} if version == 4 else "in-tuple")
        mine.delete()


@case("AT-11")
def guessed_spi(lab):
    """No state, and none appears."""
    sets = {version: lab.hand("ue1", version) for version in VERSIONS}
    before = lab.xfrm_count()
    for version, mine in sets.items():
        for spi in (0, 1, 255, 256, 0x12345678, 0xffffffff, mine.spi_uc,
                    mine.spi_us):
            for proto in ("udp", "tcp"):
                flow = mine.flow("A")
                tail = (UDP, udp(*flow, token())) if proto == "udp" else \
                    (TCP, tcp(*flow, SYN, 1))
                esp = Esp(mine.alg, mine.ealg, mine.ik, mine.ck, spi, 900)
                lab.attack("AT-11", "%s%d" % (proto, version),
                           "ESP with the SPI 0x%x" % spi,
                           [ip(*flow[:2], ESP, esp.seal(tail[1], tail[0]))],
                           "xfrm-in-no-state")
    tap.equal(lab.xfrm_count(), before, "AT-11: no acquire state is left")


# ----- what is no ESP over IP, or no TCP or UDP inside -----------------------

@case("AT-19 GM-41")
def udp_encapsulated(lab):
    """ESP in UDP (RFC 3948) for a set that was negotiated without."""
    for version in VERSIONS:
        mine = lab.hand("ue1", version)
        local = lab.local(version)
        sock = lab.proxy.udp(local, 4500)
        sock.setsockopt(socket.SOL_UDP, UDP_ENCAP, ESP_IN_UDP)
        for name in "AD":
            flow = mine.flow(name)
            for proto, number, tail in (("udp", UDP, udp(*flow, token())),
                                        ("tcp", TCP, tcp(*flow, SYN, 1))):
                data = mine.esp[name].seal(tail, number)
                lab.attack("AT-19 GM-41", "%s%d" % (proto, version),
                           "UDP-encapsulated ESP on SA %s" % name,
                           [ip(mine.ue, local, UDP, udp(
                               mine.ue, local, 4500, 4500, data))],
                           "xfrm-in-mode")
                lab.attack("AT-19 GM-01", "%s%d" % (proto, version),
                           "UDP-encapsulated ESP to port_ps, SA %s" % name,
                           [ip(mine.ue, local, UDP, udp(
                               mine.ue, local, flow[2], PORT_PS, data))],
                           "in-plaintext")
        lab.proxy.drop(sock)


@case("AT-20 GM-03")
def other_transports(lab):
    """An SA carries TCP and UDP, whatever the ports say."""
    for version in VERSIONS:
        mine = lab.hand("ue1", version)
        for name in "AD":
            flow = mine.flow(name)
            echo = icmp(*flow[:2], 8 if version == 4 else 128, 0, bytes(4),
                        token())
            for proto, number, tail in (
                    ("sctp", SCTP, sctp_init(*flow[2:])),
                    ("udplite", UDPLITE, udplite(*flow, token())),
                    ("dccp", DCCP, dccp_request(*flow)),
                    ("icmp", ICMP if version == 4 else ICMP6, echo),
                    ("protocol253-", 253, token())):
                lab.attack("AT-20 GM-03", "%s%d" % (proto, version),
                           "inside ESP on SA %s" % name,
                           [mine.seal(name, tail, number)], "in-transport")


@case("GM-08")
def dummy(lab):
    """Next header 59: dropped quietly (RFC 4303 2.6)."""
    for version in VERSIONS:
        mine = lab.hand("ue1", version)
        for name in "AD":
            flow = mine.flow(name)
            lab.attack("GM-08", "udp%d" % version, "a dummy packet on SA %s"
                       % name, [mine.seal(name, udp(*flow, token()), NONE)],
                       "xfrm-in-integrity")


# ----- other transforms -------------------------------------------------------

class Foreign:
    """An inbound state that another program made in pcscf."""

    def __init__(self, lab, version, protocol="esp", mode="transport", sel="",
                 name="ue1"):
        self.src, self.dst = lab.addr(name, version), lab.local(version)
        self.spi = int.from_bytes(os.urandom(2), "big") | 0x100
        self.key = os.urandom(20)
        self.esp = Esp("hmac-sha-1-96", "null", self.key, b"", self.spi)
        auth = "auth-trunc %s 0x%s 96" % (XFRM_ALG["hmac-sha-1-96"][0],
                                          self.key.hex())
        algorithms = {"esp": auth + ' enc ecb(cipher_null) ""', "ah": auth,
                      "comp": "comp deflate"}[protocol]
        self.ends = "src %s dst %s proto %s spi 0x%x" % (
            self.src, self.dst, protocol, self.spi)
        netns.ip("xfrm state add %s mode %s %s %s\n" % (
            self.ends, mode, algorithms, sel), "pcscf")

    def seal(self, tail, protocol):
        return ip(self.src, self.dst, ESP, self.esp.seal(tail, protocol))

    def authenticate(self, tail, protocol, seq):
        """The packet with an authentication header (RFC 4302)."""
        def packet(icv):
            return ip(self.src, self.dst, AH, ah(protocol, self.spi, seq, icv)
                      + tail)
        covered = bytearray(packet(bytes(12)))
        # what routers may change counts as zero
        for at in (8, 10, 11) if covered[0] >> 4 == 4 else (7,):
            covered[at] = 0
        return packet(hmac.new(self.key, covered, "sha1").digest()[:12])

    def compressed(self, tail, protocol):
        deflate = zlib.compressobj(9, zlib.DEFLATED, -11)
        return ipcomp(protocol, self.spi,
                      deflate.compress(tail) + deflate.flush())

    def compress(self, tail, protocol):
        return ip(self.src, self.dst, COMP, self.compressed(tail, protocol))

    def remove(self):
        netns.ip("xfrm state delete %s\n" % self.ends, "pcscf")


def tails(flow):
    """UDP and a SYN of a flow: path name, protocol, bytes."""
    return (("udp", UDP, udp(*flow, token() + bytes(200))),
            ("tcp", TCP, tcp(*flow, SYN, 1, 0, bytes(200))))


@case("AT-33 GM-04")
def ah_and_ipcomp(lab):
    """ESP only (TS 33.203 6.3)."""
    for version in VERSIONS:
        # no encryption: what is to be compressed must be compressible
        mine = lab.new_set("ue1", version, ealg="null")
        flow = mine.flow("A")
        auth, comp = Foreign(lab, version, "ah"), Foreign(lab, version, "comp")
        # IPv6 finds the ports behind AH before AH is undone.
        hidden = version == 4
        for seq, (proto, number, tail) in enumerate(tails(flow), 1):
            def attack(text, packet, reason, path="%s%d" % (proto, version)):
                lab.attack("AT-33 GM-04", path, text, [packet], reason)

            attack("valid AH of another program's SA",
                   auth.authenticate(tail, number, seq),
                   "in-not-esp" if hidden else "in-plaintext")
            attack("AH with an unknown SPI",
                   ip(*flow[:2], AH, ah(number, 0x7777, 1) + tail),
                   "xfrm-in-no-state" if hidden else "in-plaintext")
            attack("valid IPComp of another program's SA",
                   comp.compress(tail, number), "in-not-esp")
            attack("IPComp with an unknown CPI",
                   ip(*flow[:2], COMP, ipcomp(number, 0x99, bytes(9))),
                   "xfrm-in-no-state")
            attack("IPComp with an unknown CPI inside the right SA",
                   mine.seal("A", ipcomp(number, 0x99, tail), COMP),
                   "xfrm-in-no-state")
            attack("valid IPComp inside the right SA",
                   mine.seal("A", comp.compressed(tail, number), COMP),
                   "in-not-esp")
            attack("valid IPComp around the right ESP",
                   comp.compress(mine.esp["A"].seal(tail, number), ESP),
                   "in-not-esp")
        auth.remove()
        comp.remove()
        mine.delete()


@case("AT-33 GM-04")
def nested_and_tunnelled(lab):
    """Exactly one ESP, in transport mode."""
    for version in VERSIONS:
        mine = lab.hand("ue1", version)
        flow = mine.flow("A")
        outer, tunnel = Foreign(lab, version), Foreign(lab, version,
                                                       mode="tunnel")
        around = IPIP if version == 4 else IP6IP
        for proto, number, tail in tails(flow):
            path = "%s%d" % (proto, version)
            inner = ip(*flow[:2], number, tail)

            def attack(text, packet, reason, path=path):
                lab.attack("AT-33 GM-04", path, text, [packet], reason)

            attack("the right ESP inside another program's",
                   outer.seal(mine.esp["A"].seal(tail, number), ESP),
                   "in-not-esp")
            attack("the right ESP inside itself",
                   mine.seal("A", mine.esp["A"].seal(tail, number), ESP),
                   "in-not-esp")
            attack("the right ESP inside the set's other SA",
                   mine.seal("D", mine.esp["A"].seal(tail, number), ESP),
                   "in-not-esp")
            attack("a tunnel-mode packet on the right SA",
                   mine.seal("A", inner, around), "in-transport")
            attack("plaintext in another program's ESP tunnel",
                   tunnel.seal(inner, around), "in-not-esp")
            attack("the right ESP in another program's ESP tunnel",
                   tunnel.seal(mine.seal("A", tail, number), around),
                   "in-not-esp")
        outer.remove()
        tunnel.remove()


@case("GM-03")
def adopted(lab):
    """Transport mode ESP of another program: its selector decides."""
    for version in VERSIONS:
        ends = (lab.addr("ue2", version), lab.local(version))
        sel = "sel src %s dst %s sport 44444 dport %d" % (*ends, PORT_PS)
        loose, exact = Foreign(lab, version, name="ue2"), \
            Foreign(lab, version, sel=sel, name="ue2")
        for proto, number, tail in tails((*ends, 44444, PORT_PS)):
            lab.attack("GM-03", "%s%d" % (proto, version),
                       "another program's SA without a selector",
                       [loose.seal(tail, number)], "in-selector")
        for proto, number, tail in tails((*ends, 44445, PORT_PS)):
            lab.attack("GM-03", "%s%d" % (proto, version),
                       "another program's SA with an exact selector, "
                       "another port", [exact.seal(tail, number)], "in-tuple")
        data = token()
        lab.honest("GM-03", "udp%d" % version,
                   "another program's SA with an exact selector",
                   [exact.seal(udp(*ends, 44444, PORT_PS, data), UDP)], [data])
        loose.remove()
        exact.remove()
