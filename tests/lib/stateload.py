# SPDX-License-Identifier: GPL-2.0-or-later
"""Traffic that goes on while something else happens: processes that send
until they are stopped, and count in shared memory.

    with Load() as load:
        load.udp("pcscf", s.local, s.port_pc, [(s.ue, s.port_us)])
        load.wait(100)              # until each has sent that many
"""
import contextlib
import mmap
import os
import signal
import socket
import struct
import sys
import time

import netns

SLOTS = 64


class Load:
    def __init__(self, pause=0.001):
        self.counts = mmap.mmap(-1, 16 * SLOTS)
        self.pids, self.pause = [], pause

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        for pid in self.pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in self.pids:
            os.waitpid(pid, 0)
        self.pids = []

    def start(self, work):
        """work(count) in a process of its own, for ever."""
        slot = len(self.pids)
        pid = os.fork()
        if pid:
            self.pids.append(pid)
            return slot

        def count(sent=0, received=0):
            both = struct.unpack_from("=QQ", self.counts, 16 * slot)
            struct.pack_into("=QQ", self.counts, 16 * slot, both[0] + sent,
                             both[1] + received)

        try:
            work(count)
        except KeyboardInterrupt:
            pass
        except BaseException as error:      # pylint: disable=broad-except
            sys.stderr.write("stateload: %r\n" % error)
        os._exit(1)

    def sent(self, slot):
        return struct.unpack_from("=Q", self.counts, 16 * slot)[0]

    def received(self, slot):
        return struct.unpack_from("=Q", self.counts, 16 * slot + 8)[0]

    def wait(self, more, timeout=60):
        """Until each has tried to send so many times more."""
        goals = [self.sent(i) + more for i in range(len(self.pids))]
        end = time.monotonic() + timeout
        while any(self.sent(i) < goal for i, goal in enumerate(goals)):
            if time.monotonic() > end:
                raise TimeoutError("the senders do not send: %r" % [
                    self.sent(i) for i in range(len(self.pids))])
            time.sleep(0.01)

    def udp(self, namespace, addr, port, targets, text=b"load"):
        """Datagrams from one port; what comes in is counted."""
        kind = socket.AF_INET6 if ":" in addr else socket.AF_INET
        with netns.ns(namespace):
            sock = socket.socket(kind, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((addr, port))
        sock.setblocking(False)

        def work(count):
            while True:
                for target in targets:
                    with contextlib.suppress(OSError):
                        sock.sendto(text, target)
                    count(sent=1)
                with contextlib.suppress(OSError):
                    while sock.recv(2000):
                        count(received=1)
                time.sleep(self.pause)

        slot = self.start(work)
        sock.close()
        return slot

    def frames(self, namespace, make, target="pcscf"):
        """Whole IP packets, made by make(number), put on gm0."""
        from esp import Injector
        inj = Injector(namespace, target=target)

        def work(count):
            number = 0
            while True:
                with contextlib.suppress(OSError):
                    inj.send(make(number))
                number += 1
                count(sent=1)
                time.sleep(self.pause)

        slot = self.start(work)
        inj.close()
        return slot

    def tcp_server(self, namespace, addr, port):
        """Takes connections one after the other and echoes."""
        with netns.ns(namespace):
            sock = socket.socket(socket.AF_INET6 if ":" in addr else
                                 socket.AF_INET, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((addr, port))
        sock.listen(8)

        def work(count):
            while True:
                conn = sock.accept()[0]
                conn.settimeout(2)
                with contextlib.suppress(OSError), conn:
                    while True:
                        data = conn.recv(65536)
                        if not data:
                            break
                        count(received=1)
                        conn.sendall(data)
                        count(sent=1)

        slot = self.start(work)
        sock.close()
        return slot

    def tcp_client(self, namespace, addr, port, target):
        """Connects and talks, again and again."""
        def work(count):
            netns.ns(namespace).__enter__()
            while True:
                with contextlib.suppress(OSError), socket.socket(
                        socket.AF_INET6 if ":" in addr else socket.AF_INET,
                        socket.SOCK_STREAM) as sock:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR,
                                    1)
                    # a reset at the end: the port is free at once
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                    struct.pack("ii", 1, 0))
                    sock.settimeout(0.5)
                    sock.bind((addr, port))
                    sock.connect(target)
                    for _ in range(50):
                        sock.sendall(b"x" * 500)
                        count(sent=1)
                        count(received=bool(sock.recv(65536)))
                count(sent=1)
                time.sleep(self.pause)

        return self.start(work)
