# SPDX-License-Identifier: GPL-2.0-or-later
"""Spoofed ICMP (AT-32): errors and redirects reach sockets and path MTUs by
what they quote, whoever sent them."""
import errno
import os
import socket
import struct

import netns
import tap
from attack import PORT_PS, PORT_SIP, VERSIONS, case
from attacknet import token
from attackpkt import DEST, ERRORS, FRAGMENT, atomic, icmp_error, options
from esp import ACK, ESP, TCP, UDP, ip, tcp, udp

IDS = "AT-32"
RECVERR = {4: (socket.IPPROTO_IP, 11), 6: (socket.IPPROTO_IPV6, 25)}
MTU = {4: (socket.IPPROTO_IP, 14), 6: (socket.IPPROTO_IPV6, 24)}
MEANINGS = [m for m in ERRORS if m != "redirect"]


def meanings(version):
    return [m for m in MEANINGS if ERRORS[m][version == 6]]


class Believer:
    """Sockets of the proxy that report every ICMP error that reaches them:
    UDP on the protected and on the unprotected port, and a connection."""

    def __init__(self, lab, version):
        self.lab, self.version = lab, version
        self.ue = lab.kernel("ue1", version)
        lab.wire.clear()
        self.ours, self.proxys = self.ue.connect()
        self.proxys.send(b"hello")
        self.ue.wait(lambda: self.ue.got(b"hello", "tcp"))
        self.seq = self.ue.sequence()[1]
        self.socks = [self.proxys] + [
            lab.sock[version, p] for p in (PORT_PS, self.ue.set.port_pc,
                                           PORT_SIP)]
        self._tell(1)

    def _tell(self, value):
        for sock in self.socks:
            sock.setsockopt(*RECVERR[self.version], value)

    def quotes(self):
        """Packets of protected flows as they would be without ESP."""
        local, ue = self.ue.local, self.ue.addr
        s = self.ue.set
        yield "tcp", ip(local, ue, TCP, tcp(local, ue, s.port_ps, s.port_uc,
                                            ACK, self.seq, 0, b"x" * 20))
        yield "udp", self.quote(PORT_PS)
        yield "udp", self.quote(s.port_pc)

    def quote(self, port, next_header=UDP, wrap=lambda data: data):
        local, ue = self.ue.local, self.ue.addr
        data = udp(local, ue, port, self.ue.set.port_us, b"quoted" * 4)
        return ip(local, ue, next_header, wrap(data))

    def alive(self, what):
        """The connection works and no socket has an error."""
        data, back = token(), token()
        before = self.lab.stats()
        self.lab.wire.clear()
        self.ours.send(data)
        self.proxys.send(back)

        def came(arrived, what):
            # perhaps behind bytes that nobody has read yet
            return any(a.kind == "tcp" and a.data.endswith(what)
                       for a in arrived)
        good = self.ue.wait(lambda: came(self.lab.proxy.arrived, data) and
                            came(self.ue.sockets.arrived, back))
        tap.ok(good, "%s tcp%d: the connection goes on after %s" % (
            IDS, self.version, what), "%s\n%s\n%s\n%s" % (
                self.lab.proxy.arrived, self.ue.sockets.arrived,
                self.lab.since(before),
                "\n".join(map(str, self.lab.wire.packets))))

    def done(self):
        self._tell(0)
        self.ue.hang_up(self.ours)


@case(IDS)
def quoting_a_flow(lab):
    """Every error, about a connection and about both UDP flows."""
    for version in VERSIONS:
        believer = Believer(lab, version)
        for source in ("ue1", "attacker"):
            for meaning in meanings(version):
                for proto, quoted in believer.quotes():
                    port = struct.unpack("!H", quoted[-44 if proto == "tcp"
                                                      else -32:][:2])[0]
                    lab.attack(IDS, "%s%d" % (proto, version),
                               "%s from %s quoting port %d" % (
                                   meaning, source, port),
                               [icmp_error(lab.addr(source, version),
                                           lab.local(version), meaning, quoted,
                                           1280)], "in-icmp")
        believer.alive("all errors")
        believer.done()


@case(IDS)
def quoting_an_unprotected_flow(lab):
    """The control: here an honest error, and an odd one, is believed."""
    for version in VERSIONS:
        believer = Believer(lab, version)
        for text, quoted, dst in odd_quotes(lab, believer, PORT_SIP):
            if "70" in text:
                continue            # more than gmguard has patience for
            packet = icmp_error(lab.addr("attacker", version), dst,
                                "port unreachable", quoted)
            outcome = lab.observe(lambda p=packet: lab.inject["ue1"].send(p),
                                  version)
            lab.wait(lambda: lab.proxy.arrived, 2)
            tap.ok(outcome.marked and not lab.since(outcome.before) and
                   [(a.kind, a.port, a.data) for a in lab.proxy.arrived] ==
                   [("error", PORT_SIP,
                     os.strerror(errno.ECONNREFUSED).encode())],
                   "%s udp%d: control, port unreachable quoting port 5060%s: "
                   "believed" % (IDS, version, text), lab.proxy.arrived)
        believer.done()


def odd_quotes(lab, believer, port):
    """(text, quoted packet, destination): Linux believes them all."""
    version = believer.version
    local = lab.local(version)
    core = netns.core_addr("pcscf", version)
    plain = believer.quote(port)
    yield "", plain, local
    yield ", to another address of the host", plain, core
    wrong = bytearray(plain)
    wrong[0] = (0x60 if version == 4 else 0x40) | wrong[0] & 15
    yield ", quoted IP version wrong", bytes(wrong), local
    yield ", cut behind 8 bytes of transport", plain[:-24], local
    if version == 4:
        odd = bytearray(plain)
        odd[6:8] = b"\0\1"
        yield ", quoted as a later fragment", bytes(odd), local
        odd[6:8] = b"\x20\0"
        yield ", quoted as a first fragment", bytes(odd), local
        odd = bytearray(plain[:20] + b"\1" * 40 + plain[20:])
        odd[0] = 0x4f
        yield ", quoted with IP options", bytes(odd), local
    else:
        yield ", to all nodes", plain, "ff02::1"
        yield ", quoted with extension headers", believer.quote(
            port, DEST, lambda d: options(FRAGMENT) + atomic(UDP) + d), \
            local
        yield ", quoted with 70 extension headers", believer.quote(
            port, DEST, lambda d: options(DEST) * 69 + options(UDP) + d), \
            local


@case(IDS)
def quoting_oddly(lab):
    """Quotes that a parser might not understand but the stack acts on."""
    for version in VERSIONS:
        believer = Believer(lab, version)
        for port in (PORT_PS, believer.ue.set.port_pc):
            for text, quoted, dst in odd_quotes(lab, believer, port):
                for meaning in ("port unreachable", "too big"):
                    lab.attack(IDS, "udp%d" % version,
                               "%s quoting port %d%s" % (meaning, port, text),
                               [icmp_error(lab.addr("attacker", version), dst,
                                           meaning, quoted, 1280)], "in-icmp")
        _, segment = next(believer.quotes())
        core = netns.core_addr("pcscf", version)
        for meaning in ("port unreachable", "too big", "time exceeded"):
            lab.attack(IDS, "tcp%d" % version,
                       "%s quoting a connection, to another address of the "
                       "host" % meaning,
                       [icmp_error(lab.addr("attacker", version), core,
                                   meaning, segment, 1280)], "in-icmp")
        believer.alive("odd errors")
        believer.done()


@case(IDS)
def redirects(lab):
    """Whatever they quote."""
    for version in VERSIONS:
        mine = lab.hand("ue1", version)
        local, gateway = lab.local(version), lab.addr("attacker", version)
        if version == 6:
            gateway = "fe80::66"
        esp = struct.pack("!II", mine.spi_us, 1) + bytes(40)
        flow = mine.flow("C")
        for text, quoted in (
                ("a protected flow", ip(*flow[:2], UDP,
                                        udp(*flow, b"quoted"))),
                ("live ESP", ip(*flow[:2], ESP, esp)),
                ("an unprotected flow", ip(*flow[:2], UDP, udp(
                    *flow[:2], PORT_SIP, 9, b"quoted")))):
            for src in ("10.33.0.66", "10.33.0.11") if version == 4 else \
                    ("fe80::66", "fe80::11"):
                lab.attack(IDS, "udp%d" % version,
                           "redirect from %s quoting %s" % (src, text),
                           [icmp_error(src, local, "redirect", quoted,
                                       gateway=gateway)], "in-icmp")


def path_mtu(lab, version, name):
    """The path MTU from the proxy to a UE."""
    sock = lab.proxy.make(lab.local(version), 0)
    try:
        sock.connect((lab.addr(name, version), 9))
        return sock.getsockopt(*MTU[version])
    finally:
        sock.close()


@case(IDS)
def quoting_esp(lab):
    """Who quotes ESP has to name an SA that is live."""
    for version in VERSIONS:
        mine = lab.hand("ue2", version)
        local, path = lab.local(version), "udp%d" % version

        def quote(spi):
            return ip(local, mine.ue, ESP, struct.pack("!II", spi, 1) +
                      bytes(24))

        def error(meaning, spi, mtu=0):
            return [icmp_error(lab.addr("attacker", version), local, meaning,
                               quote(spi), mtu)]

        for text, spi in (("an SPI that nobody has", 0xdeadbeef),
                          ("the SPI of an inbound SA", mine.spi_ps)):
            lab.attack(IDS, path, "too big quoting ESP, %s" % text,
                       error("too big", spi, 1300), "in-icmp")
        tap.equal(path_mtu(lab, version, "ue2"), 1500,
                  "%s %s: the path MTU is as before" % (IDS, path))
        gone = lab.new_set("ue2", version)
        gone.delete()
        lab.attack(IDS, path, "too big quoting the ESP of a set that ended",
                   error("too big", gone.spi_us, 1300), "in-icmp")
        for meaning in meanings(version):
            if meaning != "too big":
                lab.honest(IDS, path, "%s quoting live ESP, without effect"
                           % meaning, error(meaning, mine.spi_us), [])
        tap.equal(path_mtu(lab, version, "ue2"), 1500,
                  "%s %s: the path MTU is as before" % (IDS, path))
        lab.honest(IDS, path, "too big quoting live ESP",
                   error("too big", mine.spi_us, 1300), [])
        tap.equal(path_mtu(lab, version, "ue2"), 1300,
                  "%s %s: the path MTU is what it said" % (IDS, path))
        data = token()
        lab.honest(IDS, path, "the SA still works", [mine.udp("A", data)],
                   [data])
        netns.run("pcscf", ["ip", "-%d" % version, "route", "flush",
                            "cache"])
