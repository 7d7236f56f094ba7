# SPDX-License-Identifier: GPL-2.0-or-later
"""An endpoint with an unprotected SIP port, the proxy's sockets on it, and
strangers who send to it in clear."""
import itertools

import esp
import state
import statebench
from esp import ACK, TCP, UDP
from phone import Gm
from state import PORT
from statetcp import Connection
from streamscene import Scene

_numbers = itertools.count(1)
FRAGMENT = 44
NO_LIMIT = {"unprotected-rate": 0, "unprotected-total": 0}


def sos(method="INVITE", uri=b"urn:service:sos", call=b"sos@phone", body=b""):
    """A request of an emergency call."""
    return b"%s %s SIP/2.0\r\nVia: SIP/2.0/UDP ue.example\r\n" \
        b"Call-ID: %s\r\nCSeq: 1 %s\r\nContent-Length: %d\r\n\r\n%s" % (
            method.encode(), uri, call, method.encode(), len(body), body)


class Clear(Gm):
    """Gm with sockets on the unprotected port, and no limit on how much comes
    there unless limits has one."""

    def __init__(self, b, version=4, limits=None, **endpoint):
        super().__init__(b, version, **endpoint)
        state.limits(b.g, **{**NO_LIMIT, **(limits or {})})
        self.udp[PORT] = statebench.udp("pcscf", self.local, PORT)
        self.clear_server = statebench.tcp("pcscf", self.local, PORT)
        self.clear_server.listen(64)

    def __exit__(self, *args):
        self.clear_server.close()
        super().__exit__(*args)

    def stranger(self):
        """An address of its own that no host has; what is sent to it is lost
        in silence."""
        number = next(_numbers)
        if self.version == 4:
            addr = "10.33.0.%d" % (100 + number % 100)
        else:
            addr = "fd33::%x:1" % (0x1000 + number)
        self.known(addr)
        return addr

    def counted(self, *reasons):
        """How often each of these reasons has been counted."""
        drops = state.drops(self.g)
        return tuple(drops.get(r, 0) for r in reasons)

    def datagram(self, data, src, sport=5060, dst=None, backwards=False):
        """Sends a datagram; a large one in fragments."""
        dst = dst or self.local
        packets = self.packets(src, dst, esp.udp(src, dst, sport, PORT, data))
        for packet in packets[::-1] if backwards else packets:
            self.inj.send(packet)

    def packets(self, src, dst, whole):
        """The IP packets that carry it."""
        if len(whole) <= 1400:
            return [esp.ip(src, dst, UDP, whole)]
        ident, found = next(_numbers), []
        for at in range(0, len(whole), 1400):
            piece, more = whole[at:at + 1400], at + 1400 < len(whole)
            if self.version == 4:
                found.append(esp.ip(src, dst, UDP, piece, ident, at, more))
            else:
                found.append(esp.ip(src, dst, FRAGMENT, esp.fragment_header(
                    UDP, at, more, ident) + piece))
        return found

    def hears_clear(self, data, src=None, sport=5060):
        """Whether a datagram in clear comes to the proxy."""
        src = src or self.stranger()
        self.poll()
        self.heard = []
        self.datagram(data, src, sport)
        self.settled()
        return (PORT, data, (src, sport)) in self.heard


class Flow:
    """Stands for a set: one flow in clear."""

    def __init__(self, gm, src=None, sport=None):
        self.ue, self.local = src or gm.stranger(), gm.local
        self.sport = sport or 20000 + next(_numbers)

    def flow(self, _):
        return self.ue, self.sport, self.local, PORT


class ClearConnection(Connection):
    """A connection without any SA."""

    def segment(self, payload=b"", flags=ACK, seq=None, by=None, name=None):
        return self.ip(self.plain(payload, flags, seq), TCP)

    def opened(self, packet):
        return packet.segment if packet.protocol == TCP else None


class ClearScene(Scene):
    """A Scene in clear, on the unprotected port."""

    def __init__(self, gm, flow=None, isn=1000):
        super().__init__(gm, flow or Flow(gm), isn)

    def link(self):
        return ClearConnection(self.s)

    def wrap(self, segment):
        return self.ue.ip(segment, TCP)

    def listener(self):
        return self.gm.clear_server

    @property
    def lost(self):
        """in-stream since the start of the scene."""
        return self.gm.counted("in-stream")[0] - self.lost_before

    @property
    def forbidden(self):
        """in-unprotected since the start of the scene."""
        return self.gm.counted("in-unprotected")[0] - self.forbidden_before

    def connect(self, isn):
        self.lost_before, self.forbidden_before = self.gm.counted(
            "in-stream", "in-unprotected")
        super().connect(isn)

    def was_reset(self, timeout=30):
        """Waits for the reset from the P-CSCF."""
        return self.ue.receive(lambda g: g.flags & esp.RST, timeout) is not None
