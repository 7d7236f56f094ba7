# SPDX-License-Identifier: GPL-2.0-or-later
"""What the processes of the churn storm share: when the guard is up, where to
say what is wrong, and one process each that gets what comes to the P-CSCF and
sees what leaves it.

The guard is up in epochs: from when the endpoints are made until they go or
the module does. Only what was sent and seen in one epoch is judged: without a
guard, plaintext may pass.
"""
import contextlib
import mmap
import os
import select
import struct
import time

import netns
import statebench
from esp import TCP, UDP
from phone import answer
from sniff import Packet, Sniffer, drain
from state import PORT, PORT_PC, PORT_PS

# In what an attacker sends, with the epoch that it was sent in.
MARK = b"ATTACK in epoch %d;"
# In what a phone sends that wants an answer, with its port_us.
WANTED = b"answer to port "
PROTECTED = {PORT_PS, *PORT_PC}


class Guard:
    """In memory that all processes share."""

    def __init__(self):
        self.shared = mmap.mmap(-1, 16)
        self.faults_in, self.faults_out = os.pipe()
        os.set_blocking(self.faults_in, False)
        self.epochs = 0

    def epoch(self):
        """0 while nothing is guarded."""
        return struct.unpack_from("=Q", self.shared)[0]

    def since(self):
        """When it began, in nanoseconds since 1970."""
        return struct.unpack_from("=Q", self.shared, 8)[0]

    def up(self):
        self.epochs += 1
        struct.pack_into("=Q", self.shared, 8, time.time_ns())
        struct.pack_into("=Q", self.shared, 0, self.epochs)

    def down(self):
        struct.pack_into("=Q", self.shared, 0, 0)

    def fault(self, text):
        """Something is wrong; a line each, for main to read."""
        os.write(self.faults_out, text.replace("\n", " ")[:1000].encode()
                 + b"\n")

    def faults(self):
        """What has been said since the last time."""
        said = b""
        with contextlib.suppress(BlockingIOError):
            while True:
                said += os.read(self.faults_in, 1 << 16)
        return said.decode("utf-8", "replace").splitlines()


class Proxy:
    """The P-CSCF's sockets of one address family. Requests are answered from
    the port that they came to, at the UE's port_us over UDP."""

    def __init__(self, guard, version):
        self.guard = guard
        local = netns.access_addr("pcscf", version)
        self.poll = select.poll()
        self.udp, self.tcp = {}, {}
        for port in (PORT_PS, *PORT_PC, PORT):
            sock = statebench.udp("pcscf", local, port)
            sock.setblocking(False)
            self.udp[sock.fileno()] = port, sock
            self.poll.register(sock, select.POLLIN)
        self.server = statebench.tcp("pcscf", local, PORT_PS)
        self.server.setblocking(False)
        self.server.listen(16)
        self.poll.register(self.server, select.POLLIN)

    def __call__(self, count):
        """The work of a process."""
        while True:
            for fd, _ in self.poll.poll(50):
                if fd in self.udp:
                    self.datagrams(*self.udp[fd], count)
                elif fd == self.server.fileno():
                    self.accept()
                else:
                    self.echo(fd)
            count(sent=1)

    def datagrams(self, port, sock, count):
        with contextlib.suppress(OSError):
            while True:
                data, source = sock.recvfrom(65536)
                epoch = self.guard.epoch()
                if epoch and MARK % epoch in data:
                    self.guard.fault("an attack passed, %s to port %d: %r"
                                     % (source[:2], port, data[:200]))
                elif WANTED in data:
                    count(received=1)
                    sock.sendto(answer(200, data), (source[0], port_us(data)))

    def accept(self):
        with contextlib.suppress(OSError):
            conn = self.server.accept()[0]
            conn.setblocking(False)
            self.tcp[conn.fileno()] = conn
            self.poll.register(conn, select.POLLIN)

    def echo(self, fd):
        conn = self.tcp[fd]
        data = b""
        with contextlib.suppress(OSError):
            data = conn.recv(65536)
            if b"ATTACK" in data:
                self.guard.fault("an attack passed over TCP: %r" % data[:200])
            conn.sendall(data)
        if not data:
            self.poll.unregister(fd)
            self.tcp.pop(fd).close()


def port_us(data):
    """Where a phone of this storm wants its answer."""
    return int(data.partition(WANTED)[2].split(b";")[0])


class Wire:
    """Sees what leaves the P-CSCF in clear from protected ports."""

    def __init__(self, guard):
        self.guard = guard
        self.local = {netns.access_addr("pcscf", version)
                      for version in (4, 6)}
        self.sock = Sniffer("pcscf").sock

    def __call__(self, count):
        while True:
            select.select([self.sock], [], [], 0.05)
            for when, frame in drain(self.sock):
                packet = Packet(frame[14:])
                if packet.protocol in (TCP, UDP) and \
                        packet.src in self.local and \
                        packet.sport in PROTECTED:
                    self.judge(when, packet)
            count(sent=1)

    def judge(self, when, packet):
        epoch = self.guard.epoch()
        if epoch and when > self.guard.since() and \
                self.guard.epoch() == epoch:
            self.guard.fault("in clear: %s" % packet)
