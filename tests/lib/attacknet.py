# SPDX-License-Identifier: GPL-2.0-or-later
"""Ends of the wire for tests/lib/attack.py: what sends frames, what sees them,
and sockets that tell what has come to them."""
import itertools
import os
import select
import socket
import struct

import netns
from esp import ICMP6, Injector, family
from sniff import Packet, Sniffer

MSG_ERRQUEUE = 0x2000
numbers = itertools.count(1)


def token():
    """A payload that no other packet has."""
    return b"gmguard-%d-%s" % (next(numbers), os.urandom(4).hex().encode())


def proc_write(namespace, path, value):
    """Writes a file below /proc/sys in a namespace."""
    with netns.ns(namespace):
        with open("/proc/sys/" + path, "w", encoding="ascii") as f:
            f.write(str(value))


# where the inner packet begins in IP over IP and in plain GRE
TUNNELS = {4: 0, 41: 0, 47: 4}
# ICMPv6 types of group membership and neighbour discovery
HOUSEKEEPING = [bytes([t]) for t in (130, 131, 132, 133, 134, 135, 136, 143)]


class Frame(Packet):
    """A packet on the wire and who sent it. rest: what is behind its IP
    headers, unless it is a later fragment."""

    def __init__(self, frame, when=0):
        self.mac, self.data, self.rest = frame[6:12], frame[14:], b""
        super().__init__(self.data, when)

    def transport(self, rest):
        self.rest = rest
        super().transport(rest)

    def later_fragment(self):
        """Whether it is a fragment and not the first one."""
        if self.data[0] >> 4 == 4:
            return bool(struct.unpack("!H", self.data[6:8])[0] & 0x1fff)
        return self.fragment and bool(
            struct.unpack("!H", self.data[42:44])[0] & 0xfff8)

    def housekeeping(self):
        """Neighbour discovery and group membership, on a tunnel device too: an
        answer to nobody."""
        if self.protocol in TUNNELS:
            inner = self.rest[TUNNELS[self.protocol]:]
            return bool(inner) and Frame(bytes(14) + inner).housekeeping()
        if self.protocol == ICMP6:
            return self.rest[:1] in HOUSEKEEPING
        return self.protocol == 2


class Wire(Sniffer):
    """Every IP packet on pcscf's link since clear()."""

    packet = staticmethod(Frame)

    def clear(self):
        self.poll()
        self.packets = []


class Sender(Injector):
    """An Injector that can send to other Ethernet addresses, too."""

    def send(self, packet, mac=None):
        ethertype = b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\0"
        self.sock.send((mac or self.target) + self.mac + ethertype + packet)


class Arrival:
    """What a socket got: kind is "udp", "accept", "tcp", "end" of a
    connection, or "error" (an ICMP error)."""

    def __init__(self, kind, port, data, source, sock):
        self.kind, self.port, self.data = kind, port, data
        self.source, self.sock = source, sock

    def __repr__(self):
        return "%s %d %r from %s" % (self.kind, self.port, self.data[:60],
                                     self.source[:2])


class Sockets:
    """Sockets of one namespace; poll() says what has come to them."""

    def __init__(self, namespace):
        self.namespace = namespace
        self.epoll = select.epoll()
        self.socks = {}
        self.arrived = []

    def add(self, sock, kind, port):
        sock.setblocking(False)
        self.socks[sock.fileno()] = (sock, kind, port)
        self.epoll.register(sock.fileno(), select.EPOLLIN)
        return sock

    def make(self, address, port, kind=socket.SOCK_DGRAM, protocol=0,
             reuse=True):
        """A socket; a stream one is not yet connected, nor listening."""
        with netns.ns(self.namespace):
            sock = socket.socket(family(address), kind, protocol)
        if reuse:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if ":" in address:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((address, port))
        return sock

    def udp(self, address, port):
        return self.add(self.make(address, port), "udp", port)

    def listen(self, address, port):
        sock = self.make(address, port, socket.SOCK_STREAM)
        sock.listen(16)
        return self.add(sock, "listen", port)

    def drop(self, sock, abort=False):
        """Closes a socket; abort: a TCP connection with a reset."""
        if abort:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            struct.pack("ii", 1, 0))
        if self.socks.pop(sock.fileno(), None):
            self.epoll.unregister(sock.fileno())
        sock.close()

    def close(self):
        for sock, _, _ in list(self.socks.values()):
            self.drop(sock)
        self.epoll.close()

    def poll(self, timeout=0):
        """Takes in what has come; returns self.arrived."""
        while True:
            ready = self.epoll.poll(timeout)
            if not ready:
                return self.arrived
            timeout = 0
            for fd, events in ready:
                if fd in self.socks:
                    self._take(*self.socks[fd], events)

    def _take(self, sock, kind, port, events):
        if events & select.EPOLLERR and self._take_error(sock, port):
            return
        if kind == "listen":
            conn, source = sock.accept()
            self.add(conn, "tcp", port)
            self.arrived.append(Arrival("accept", port, b"", source, conn))
            return
        try:
            data, source = sock.recvfrom(65535)
        except BlockingIOError:
            return
        except OSError as error:
            data, source = str(error).encode(), ("", 0)
            if kind == "tcp":
                self.drop(sock)
                kind = "end"
            self.arrived.append(Arrival(kind, port, data, source, sock))
            return
        if kind == "tcp":
            if not data:
                self.drop(sock)
                kind = "end"
            source = ("", 0)
        self.arrived.append(Arrival(kind, port, data, source or ("", 0), sock))

    def _take_error(self, sock, port):
        """An ICMP error, if IP_RECVERR has it reported."""
        try:
            _, control, _, _ = sock.recvmsg(65535, 1024, MSG_ERRQUEUE)
        except OSError:
            return False
        sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        number = struct.unpack_from("=I", control[0][2])[0]
        self.arrived.append(Arrival("error", port,
                                    os.strerror(number).encode(), ("", 0),
                                    sock))
        return True
