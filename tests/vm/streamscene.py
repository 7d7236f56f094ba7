# SPDX-License-Identifier: GPL-2.0-or-later
"""One TCP connection on a temporary SA set, whose segments are made by hand,
and what the proxy reads from it."""
import contextlib
import socket
import struct

import esp
import state
from esp import ACK, PSH, RST, SYN, TCP
from phone import request
from statetcp import Connection

URG = 32

REGISTER = request("REGISTER", b"one@phone")
INVITE = request("INVITE", b"two@phone")


def padded(method, size, call=b"one@phone", fill=b"x"):
    """A request of that size: its body fills it up."""
    rest = size - len(request(method, call, body=bytes(100)))
    return request(method, call, body=fill * (100 + rest))


class Scene:
    """gm: a phone.Gm. isn: the sequence number of the phone's SYN. Positions
    in the stream count from the first byte behind it."""

    def __init__(self, gm, s=None, isn=1000):
        self.gm = gm
        self.s = s or gm.challenge()
        gm.known(self.s.ue)
        self.conn, self.got, self.ended = None, b"", False
        self.ue = None
        self.before = self.counted("in-phase")
        self.out_before = self.counted("out-phase")
        self.connect(isn)

    def counted(self, reason):
        return state.drops(self.gm.g).get(reason, 0)

    @property
    def dropped(self):
        """in-phase since the connection was opened."""
        return self.counted("in-phase") - self.before

    @property
    def kept(self):
        """out-phase since the connection was opened."""
        return self.counted("out-phase") - self.out_before

    def connect(self, isn):
        """A connection from the same port as ever. A SYN close behind what
        came before is dropped, so it is sent again, as every phone does."""
        if self.ue:
            self.ue.close()
        self.ue = self.link()
        self.ue.seq = isn
        for _ in range(20):
            self.put(-1, flags=SYN)
            answer = self.ue.receive(lambda g: g.flags & SYN, 2)
            if answer:
                break
        else:
            raise ConnectionError("no SYN-ACK")
        self.ue.ack = answer.seq + 1 & 0xffffffff
        self.put(0)
        self.before = self.counted("in-phase")
        self.accept()

    def link(self):
        """The phone's end of the connection."""
        return Connection(self.s)

    def wrap(self, segment):
        """The IP packet that carries a segment."""
        return self.ue.ip(self.s.esp("A").seal(segment, TCP), esp.ESP)

    def listener(self):
        """The proxy's socket that the phone connects to."""
        return self.gm.server

    def accept(self):
        self.close_conn()
        self.listener().settimeout(30)
        self.conn = self.listener().accept()[0]
        self.conn.setblocking(False)
        self.got, self.ended = b"", False

    def put(self, position, data=b"", flags=ACK | PSH, bad_sum=False,
            urgent=0):
        """A segment at a position of the stream, whatever came before."""
        flow = (self.ue.src, self.ue.dst, self.ue.sport, self.ue.dport)
        if not flags & SYN:
            flags |= ACK
        segment = esp.tcp(*flow, flags,
                          self.ue.seq + 1 + position & 0xffffffff,
                          self.ue.ack if flags & ACK else 0, data,
                          bad_sum=bad_sum)
        if urgent:
            total = ~struct.unpack("!H", segment[16:18])[0] & 0xffff
            total += urgent
            total = (total & 0xffff) + (total >> 16)
            segment = segment[:16] + struct.pack(
                "!HH", ~total & 0xffff, urgent) + segment[20:]
        self.gm.inj.send(self.wrap(segment))

    def play(self, steps):
        """Steps: (position, data[, flags[, options of put()]])."""
        for position, data, *more in steps:
            self.put(position, data, *(more[:1] or [ACK | PSH]),
                     **(more[1] if len(more) > 1 else {}))
        return self.read()

    def read(self):
        """All that the proxy has read; what is on its way has arrived."""
        self.gm.settled()
        with contextlib.suppress(BlockingIOError, ConnectionError):
            while True:
                data = self.conn.recv(1 << 16)
                if not data:
                    self.ended = True
                    break
                self.got += data
        return self.got

    def reset(self, position):
        """The phone gives the connection up; the proxy has noticed."""
        self.put(position, flags=RST)
        self.read()

    def close_conn(self):
        if self.conn:
            # a reset: nothing of it is left to be sent again
            with contextlib.suppress(OSError):
                self.conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                     b"\1\0\0\0\0\0\0\0")
            self.conn.close()
            self.conn = None

    def close(self):
        self.close_conn()
        self.ue.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
