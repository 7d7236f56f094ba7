# SPDX-License-Identifier: GPL-2.0-or-later
"""A UE's end of a TCP connection, made by hand over the SAs of a set, and a
plug for a link: what is sent meanwhile comes out in one burst.

The kernel of the UE's namespace must not have the SAs; it drops ESP silently.
"""
import errno
import os
import socket
import struct
import time

import esp
import netns
import sniff
from esp import ACK, ESP, FIN, RST, SYN, TCP, UDP
from genl import NLMSGHDR, nla

RTM_NEWQDISC, NLM_F_CREATE = 36, 0x400
PLUG_BUFFER, PLUG_OPEN = 0, 2       # TCQ_PLUG_BUFFER, _RELEASE_INDEFINITE
ETHERTYPE = {4: 0x0800, 6: 0x86dd}
TIMEOUT = 30


class Plug:
    """with Plug("ue1"): what leaves by gm0 waits for the end."""

    def __init__(self, namespace, ifname="gm0"):
        with netns.ns(namespace):
            self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
            self.index = socket.if_nametoindex(ifname)
        self.sock.settimeout(TIMEOUT)
        self._ask(PLUG_OPEN, NLM_F_CREATE)      # makes it, closed
        self._ask(PLUG_OPEN)

    def _ask(self, action, flags=0):
        body = struct.pack("=BxxxiIII", 0, self.index, 1 << 16, 0xffffffff,
                           0) + nla(1, b"plug\0") + nla(2, struct.pack(
                               "=iI", action, 1 << 22))
        self.sock.send(NLMSGHDR.pack(16 + len(body), RTM_NEWQDISC, flags | 5,
                                     1, 0) + body)
        code = -struct.unpack_from("=i", self.sock.recv(65536), 16)[0]
        if code:
            raise OSError(code, "qdisc plug: " + os.strerror(code))

    def __enter__(self):
        self._ask(PLUG_BUFFER)
        return self

    def __exit__(self, *_):
        self._ask(PLUG_OPEN)

    def close(self):
        self.sock.close()


class Segment:
    """A TCP segment that came in on an SA."""

    def __init__(self, data):
        self.sport, self.dport, self.seq, self.ack = struct.unpack(
            "!HHII", data[:12])
        self.flags = data[13]
        self.payload = data[4 * (data[12] >> 4):]


class Connection:
    """client: the UE connects to port_ps (SAs A and B); else the P-CSCF
    connects to port_us (SAs C and D)."""

    def __init__(self, s, namespace="ue1", client=True):
        self.s, self.way = s, ("A", "B") if client else ("D", "C")
        self.src, self.sport, self.dst, self.dport = s.flow(self.way[0])
        self.seq, self.ack, self.ident = 1000, 0, 100
        self.inj = esp.Injector(namespace)
        with netns.ns(namespace):
            self.rx = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.rx.bind(("gm0", ETHERTYPE[6 if ":" in self.src else 4]))

    def close(self):
        self.rx.close()
        self.inj.close()

    def segment(self, payload=b"", flags=ACK, seq=None, by=None, name=None):
        """A whole IP packet; by: another set whose SA (name) it takes."""
        sealed = (by or self.s).esp(name or self.way[0]).seal(
            self.plain(payload, flags, seq), TCP)
        return self.ip(sealed, ESP)

    def plain(self, payload=b"", flags=ACK, seq=None):
        return esp.tcp(self.src, self.dst, self.sport, self.dport, flags,
                       self.seq if seq is None else seq, self.ack, payload)

    def ip(self, payload, protocol):
        self.ident += 1
        return esp.ip(self.src, self.dst, protocol, payload,
                      ident=self.ident)

    def send(self, payload=b"", flags=ACK):
        self.inj.send(self.segment(payload, flags))
        self.seq += len(payload) + bool(flags & (SYN | FIN))
        self.seq &= 0xffffffff

    def receive(self, want=lambda segment: True, timeout=TIMEOUT):
        """The next segment for us that want() accepts; None if none comes."""
        end = time.monotonic() + timeout
        while True:
            self.rx.settimeout(max(0.01, end - time.monotonic()))
            try:
                packet = sniff.Packet(self.rx.recv(65535)[14:])
            except OSError as error:
                if error.errno not in (None, errno.EAGAIN):
                    raise
                return None
            data = self.opened(packet) if packet.src == self.dst else None
            if not data:
                continue
            segment = Segment(data)
            if segment.dport == self.sport and want(segment):
                return segment

    def opened(self, packet):
        """The TCP segment in a packet, None if there is none for us."""
        if packet.protocol != ESP or packet.spi != self.s.spi(self.way[1]):
            return None
        data, kind, _ = self.s.esp(self.way[1]).open(packet.payload)
        return data if kind == TCP else None

    def connect(self):
        """SYN, SYN-ACK, ACK."""
        self.send(flags=SYN)
        answer = self.receive(lambda g: g.flags & SYN)
        if not answer or answer.flags & RST:
            raise ConnectionError("no SYN-ACK")
        self.ack = answer.seq + 1 & 0xffffffff
        self.send()
        return self

    def accept(self):
        """Answers the P-CSCF's SYN, which must have left."""
        syn = self.receive(lambda g: g.flags == SYN or g.flags & SYN)
        if not syn:
            raise ConnectionError("no SYN")
        self.ack = syn.seq + 1 & 0xffffffff
        self.send(flags=SYN | ACK)
        return self


def udp_packet(s, payload, name="A", flow=None, ident=0):
    """A datagram on SA A or D of a set, or with another set's flow."""
    src, sport, dst, dport = flow or s.flow(name)
    sealed = s.esp(name).seal(esp.udp(src, dst, sport, dport, payload), UDP)
    return esp.ip(src, dst, ESP, sealed, ident=ident)
