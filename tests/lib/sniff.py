# SPDX-License-Identifier: GPL-2.0-or-later
"""Sees every packet on a link, without tshark: AF_PACKET on a bridge port."""
import asyncio
import socket
import struct

import netns
from esp import AH, ESP, TCP, UDP

SO_RCVBUFFORCE, SO_TIMESTAMPNS = 33, 35
SOL_PACKET, PACKET_IGNORE_OUTGOING = 263, 23
_V6_EXT = (0, 43, 60)


class Packet:
    """src, dst: address text; protocol; sport, dport (0 if there are none);
    payload: behind the TCP or UDP header; segment: the whole of TCP, and seq;
    spi of ESP; time: when the kernel saw it, in nanoseconds since 1970."""

    def __init__(self, data, when=0):
        self.time = when
        self.sport = self.dport = self.spi = self.flags = self.seq = 0
        self.fragment = False       # any fragment; has no ports if not first
        first = True
        self.payload = self.segment = b""
        if data[0] >> 4 == 6:
            self.src = socket.inet_ntop(socket.AF_INET6, data[8:24])
            self.dst = socket.inet_ntop(socket.AF_INET6, data[24:40])
            self.protocol, rest = data[6], data[40:]
            while self.protocol in _V6_EXT and len(rest) >= 8:
                self.protocol, rest = rest[0], rest[8 + 8 * rest[1]:]
            if self.protocol == 44 and len(rest) >= 8:
                self.fragment = True
                first = struct.unpack("!H", rest[2:4])[0] < 8
                self.protocol, rest = rest[0], rest[8:]
        else:
            self.src = socket.inet_ntop(socket.AF_INET, data[12:16])
            self.dst = socket.inet_ntop(socket.AF_INET, data[16:20])
            self.protocol = data[9]
            offset = struct.unpack("!H", data[6:8])[0]
            self.fragment = bool(offset & 0x3fff)
            first = not offset & 0x1fff
            rest = data[4 * (data[0] & 15):
                        struct.unpack("!H", data[2:4])[0]]
        if first:
            self.transport(rest)

    def transport(self, rest):
        if self.protocol in (TCP, UDP) and len(rest) >= 8:
            self.sport, self.dport = struct.unpack("!HH", rest[:4])
            if self.protocol == UDP:
                self.payload = rest[8:]
            elif len(rest) >= 20:
                self.segment = rest
                self.seq = struct.unpack("!I", rest[4:8])[0]
                self.flags = rest[13]
                self.payload = rest[4 * (rest[12] >> 4):]
        elif self.protocol in (ESP, AH):
            if self.protocol == ESP and len(rest) >= 8:
                self.spi = struct.unpack("!I", rest[:4])[0]
            self.payload = rest

    def __str__(self):
        name = {TCP: "tcp", UDP: "udp", ESP: "esp"}.get(self.protocol,
                                                        self.protocol)
        if self.protocol == ESP:
            return "%s > %s esp 0x%08x" % (self.src, self.dst, self.spi)
        return "%s.%d > %s.%d %s %r" % (self.src, self.sport, self.dst,
                                        self.dport, name, self.payload[:40])


def drain(sock):
    """The IP packets that have come to a packet socket: time, Ethernet frame
    of each. It returns when none is left."""
    while True:
        try:
            frame, control, _, _ = sock.recvmsg(65535, 64)
        except BlockingIOError:
            return
        if frame[12:14] not in (b"\x08\0", b"\x86\xdd"):
            continue
        when = 0
        for level, kind, data in control:
            if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
                seconds, nanoseconds = struct.unpack("qq", data)
                when = seconds * 10 ** 9 + nanoseconds
        yield when, frame


class Sniffer:
    """packets: everything that went over a port of "net", both ways."""

    def __init__(self, port, namespace="net", loop=None):
        with netns.ns(namespace):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            if port == "lo":        # where each packet is seen twice
                self.sock.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
            try:
                self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE,
                                     32 << 20)
            except OSError:
                pass
            self.sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            self.sock.bind((port, 3))       # ETH_P_ALL
        self.sock.setblocking(False)
        self.packets = []
        self.loop = loop
        if loop is None:
            try:
                self.loop = asyncio.get_running_loop()
            except RuntimeError:
                pass
        if self.loop:
            self.loop.add_reader(self.sock.fileno(), self.poll)

    def poll(self):
        """Takes in what has come; returns self.packets."""
        self.packets += [self.packet(frame, when)
                         for when, frame in drain(self.sock)]
        return self.packets

    @staticmethod
    def packet(frame, when):
        """What packets has for a frame."""
        return Packet(frame[14:], when)

    def mark(self):
        return len(self.poll())

    def find(self, match, start=0):
        return [p for p in self.poll()[start:] if match(p)]

    def close(self):
        if self.loop:
            self.loop.remove_reader(self.sock.fileno())
        self.sock.close()
