# SPDX-License-Identifier: GPL-2.0-or-later
"""Phones and the proxy of a P-CSCF, for the tests of phases. A phone is ESP
made by hand, the proxy is a row of plain sockets.

    gm = Gm(bench, 4)               # an endpoint, the proxy's sockets, the wire
    old = gm.registered()           # an initial registration, in use
    new = gm.renewed(old)           # established beside it, not yet in use
    gm.delivered(new, "A", request("MESSAGE"))      # True or False
    gm.carrier(old, response())     # what carried it: (new.id, "C"), "clear"
    gm.events()                     # all that has happened until now

That something does not happen is decided by an event: an honest packet of
another phone, the witness, goes behind it, and one CPU handles all packets, so
nothing overtakes.
"""
import contextlib
import errno
import itertools
import os
import select
import socket
import time

import esp
import netns
import state
import statebench
from esp import ACK, ESP, TCP, UDP
from sniff import Sniffer
from statetcp import Connection, udp_packet

HOUR = 3600 * 1000
TIMEOUT = 30
STRANGER = {4: "10.33.9.9", 6: "fd33::9:9"}     # nobody lives there
STUN = b"\0\1\0\0\x21\x12\xa4\x42" + bytes(range(12))

_numbers = itertools.count(1)
_neighbours = set()


def request(method="OPTIONS", call=None, cseq=1, body=b"", name=b"Call-ID"):
    """A SIP request; a transaction of its own unless call says which."""
    call = call or b"%d@phone" % next(_numbers)
    method = method.encode()
    return b"%s sip:home.example SIP/2.0\r\n" \
        b"Via: SIP/2.0/UDP ue.example;branch=z9hG4bK%d\r\n" \
        b"%s: %s\r\nCSeq: %d %s\r\nContent-Length: %d\r\n\r\n%s" % (
            method, next(_numbers), name, call, cseq, method, len(body), body)


def response(code=200, method="OPTIONS", call=None, cseq=1):
    """A SIP response."""
    call = call or b"%d@phone" % next(_numbers)
    return b"SIP/2.0 %d Whatever\r\nCall-ID: %s\r\nCSeq: %d %s\r\n" \
        b"Content-Length: 0\r\n\r\n" % (code, call, cseq, method.encode())


def answer(code, asked):
    """The response to one of the requests above."""
    lines = asked.split(b"\r\n")
    call = next(v for n, _, v in (line.partition(b": ") for line in lines)
                if n.lower() in (b"call-id", b"i"))
    cseq = next(line for line in lines if line.startswith(b"CSeq")).split()
    return response(code, cseq[2].decode(), call, int(cseq[1]))


def ports():
    """port-uc and port-us that no other set has."""
    first = 20000 + next(_numbers) % 20000 * 2
    return {"port-uc": first, "port-us": first + 1}


class Gm:
    """See the top. limits: as LIMITS_SET has them, with underscores;
    endpoint: attributes of the endpoint."""

    def __init__(self, b, version=4, limits=None, **endpoint):
        # one CPU: what is sent later is handled later
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        b.fresh()
        if limits:
            state.limits(b.g, **limits)
        self.b, self.g, self.version = b, b.g, version
        self.ep = state.endpoint(b.g, version, **endpoint)
        self.local = self.ep["local-addr"]
        self.ue = netns.access_addr("ue1", version)
        self.inj = esp.Injector("ue1")
        self.wire = Sniffer("pcscf")
        self.udp = {port: statebench.udp("pcscf", self.local, port)
                    for port in self.ep["port-ps"] + self.ep["port-pc"]}
        self.server = statebench.tcp("pcscf", self.local,
                                     self.ep["port-ps"][0])
        self.server.listen(8)
        self.streams, self.sets, self.heard = [], [], []
        self.witness = self.new(ue=netns.access_addr("ue2", version),
                                **state.established())
        b.g.events(0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for thing in [*self.streams, *self.udp.values(), self.server,
                      self.wire, self.inj]:
            thing.close()

    # ----- sets ------------------------------------------------------------
    def new(self, **over):
        """SA_SET_NEW; ports that no other set has, and quick algorithms,
        unless over has others."""
        over = {"alg": "hmac-md5-96", "ealg": "null", **ports(), **over}
        s = state.new_set(self.g, self.ep, **over)
        s.registers = []
        self.sets.append(s)
        return s

    def challenge(self, by=None, **over):
        """SM6: a temporary set; by: the set that SM1 came on."""
        if by:
            over = {"impi": by.impi, "port-us": by.port_us, "ue": by.ue,
                    "protected-by": by.id, "group": by.asked.get("group"),
                    "emergency": by.asked.get("emergency"), **over}
        return self.new(**over)

    def sm7(self, s, **kwargs):
        """The REGISTER that answers the challenge comes in on SA A."""
        register = request("REGISTER", **kwargs)
        if not self.delivered(s, "A", register):
            raise RuntimeError("REGISTER does not come in: %r"
                               % state.drops(self.g))
        s.registers.append(register)
        return register

    def success(self, s, lifetime_ms=HOUR):
        """SM12."""
        state.change_set(self.g, s.id, phase="established",
                         lifetime_ms=lifetime_ms)
        return s

    def registered(self, lifetime_ms=HOUR, **over):
        """An initial registration, from SM1 to SM12."""
        s = self.challenge(**{"lifetime-ms": min(lifetime_ms, 60000), **over})
        self.sm7(s)
        return self.success(s, lifetime_ms)

    def renewed(self, old, lifetime_ms=HOUR, **over):
        """A re-registration that SM1 on the old set began."""
        s = self.challenge(old, **{"lifetime-ms": min(lifetime_ms, 60000),
                                   **over})
        self.sm7(s)
        return self.success(s, lifetime_ms)

    def get(self, s):
        """What SA_SET_GET shows of a set, None if it is gone."""
        return state.get_set(self.g, s.id)

    def phase(self, s):
        shown = self.get(s)
        return shown and shown["phase"]

    def left(self, s):
        return self.get(s)["lifetime-ms"]

    def in_use(self, *sets):
        """Those of the sets that SA_SET_GET shows as in use."""
        return [s for s in sets if "in-use" in (self.get(s) or ())]

    def shown(self):
        """{id: phase} of all sets but the witness."""
        return {s["id"]: s["phase"] for s in state.sets(self.g)
                if s["id"] != self.witness.id}

    def packets(self, s, name):
        """How many packets an SA has carried."""
        return self.get(s)["sa"]["ABCD".index(name)]["packets"]

    # ----- events ----------------------------------------------------------
    def events(self):
        """[(event, id, phase, cause)] of all that has happened until now, and
        was not taken before."""
        probe = state.new_set(self.g, self.ep, ue=STRANGER[self.version],
                              **state.established(**{"lifetime-ms": 1}))
        found = []
        while True:
            event = self.g.event(TIMEOUT)
            if not event:
                raise TimeoutError("the probe's end was not told")
            found.append(event)
            if self._told(event)[:2] == ("sa-set-del", probe.id):
                break
        # The worker, which told of it, holds the lock until it is done.
        state.get_set(self.g, self.witness.id)
        found += self.g.events(0)
        return [t for t in map(self._told, found) if t[1] != probe.id]

    @staticmethod
    def _told(event):
        attrs = event[1]
        s = attrs.get("sa-set", {})
        return (attrs.get("event"), s.get("id"), s.get("phase"),
                s.get("cause"))

    # ----- towards the P-CSCF ----------------------------------------------
    def poll(self):
        """Takes in what the proxy's UDP sockets have."""
        for port, sock in self.udp.items():
            sock.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    data, source = sock.recvfrom(65536)
                    self.heard.append((port, data, source[:2]))
        return self.heard

    def hears(self, data, timeout=TIMEOUT):
        """Waits until the proxy has got a datagram."""
        end = time.monotonic() + timeout
        while data not in [h[1] for h in self.poll()]:
            if time.monotonic() > end:
                return False
            select.select(list(self.udp.values()), [], [], 0.1)
        return True

    def inject(self, s, name, data):
        self.inj.send(udp_packet(s, data, name))

    def settled(self):
        """What was sent before has been handled."""
        mark = request("MESSAGE")
        self.inject(self.witness, "A", mark)
        if not self.hears(mark):
            raise TimeoutError("the witness does not come in: %r"
                               % state.drops(self.g))

    def delivered(self, s, name, data):
        """Whether a datagram on an SA comes to the proxy."""
        self.poll()
        self.heard = []
        self.inject(s, name, data)
        self.settled()
        port = s.port_ps if name == "A" else s.port_pc
        source = s.flow(name)[:2]
        return (port, data, source) in self.heard

    # ----- from the P-CSCF -------------------------------------------------
    def send(self, port, data, target):
        with contextlib.suppress(OSError):
            self.udp[port].sendto(data, target)

    @staticmethod
    def known(*addrs):
        """Nothing has to wait until a neighbour is found."""
        new = set(addrs) - _neighbours
        if new:
            mac = netns.mac("ue1", "gm0").hex(":")
            netns.ip("".join(
                "neigh replace %s lladdr %s dev gm0 nud permanent\n"
                % (addr, mac) for addr in new), "pcscf")
            _neighbours.update(new)

    def carrier(self, s, data, port=None, us=None):
        """What takes a datagram from port (port_ps if none is given) to the
        phone of a set: (id, SA), "clear", or None if it does not leave."""
        self.known(s.ue, self.witness.ue)
        mark, begin = response(), self.wire.mark()
        self.send(port or s.port_ps, data, (s.ue, us or s.port_us))
        self.send(self.witness.port_pc, mark,
                  (self.witness.ue, self.witness.port_us))
        end = time.monotonic() + TIMEOUT
        while True:
            seen = [(self.label(p), self.text(p))
                    for p in self.wire.poll()[begin:]]
            if any(text == mark for _, text in seen):
                break
            if time.monotonic() > end:
                raise TimeoutError("the witness does not leave: %r"
                                   % state.drops(self.g))
            select.select([self.wire.sock], [], [], 0.1)
        return next((label for label, text in seen if text == data), None)

    def owner(self, packet):
        """The set and the name of the SA of a packet to a phone."""
        for s in reversed(self.sets):
            for name in "BC":
                if packet.spi == s.spi(name) and packet.dst == s.ue:
                    return s, name
        return None, None

    def label(self, packet):
        s, name = self.owner(packet)
        return (s.id, name) if s else "clear"

    def text(self, packet):
        """What a packet from the P-CSCF says behind TCP or UDP."""
        if packet.protocol != ESP:
            return packet.payload if packet.src == self.local else None
        s, name = self.owner(packet)
        if not s:
            return None
        with contextlib.suppress(esp.EspError):
            data, kind, _ = s.esp(name).open(packet.payload)
            if kind == UDP:
                return data[8:]
            if kind == TCP:
                return data[4 * (data[12] >> 4):]
        return None

    def in_clear(self, begin=0):
        """What left a protected port in clear, as texts."""
        ports = self.ep["port-ps"] + self.ep["port-pc"]
        return [str(p) for p in self.wire.find(
            lambda p: p.src == self.local and p.protocol in (TCP, UDP) and
            p.sport in ports, begin)]

    # ----- TCP -------------------------------------------------------------
    def opened(self, s):
        """A connection that the phone opens on SA A."""
        return self._stream(Stream(self, s, True))

    def called(self, s):
        """A connection that the P-CSCF opens on SA C."""
        return self._stream(Stream(self, s, False))

    def _stream(self, stream):
        self.streams.append(stream)
        return stream


class Stream:
    """Both ends of a TCP connection: ue (made by hand) and conn (a socket of
    the proxy's)."""

    def __init__(self, gm, s, client):
        self.gm, self.s = gm, s
        gm.known(s.ue)
        self.ue = Connection(s, client=client)
        self.conn = None
        if client:
            self.ue.connect()
            self.conn = gm.server.accept()[0]
        else:
            self.conn = statebench.tcp("pcscf", s.local, s.port_pc)
            self.conn.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                self.conn.connect((s.ue, s.port_us))
            self.ue.accept()
        self.conn.setblocking(False)
        # what is said leaves at once, acknowledged or not
        self.conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read(self):
        """What the proxy can read now; None at the end of the stream."""
        self.gm.settled()
        with contextlib.suppress(BlockingIOError, ConnectionError):
            return self.conn.recv(1 << 16) or None
        return b""

    def say(self, *pieces):
        """The phone sends segments, and the proxy reads; whether it got all
        of them."""
        for piece in pieces:
            self.ue.send(piece)
        return self.read() == b"".join(pieces)

    def raw(self, payload=b"", flags=ACK, seq=None):
        """A segment that the stream does not count."""
        self.gm.inj.send(self.ue.segment(payload, flags, seq))
        self.gm.settled()

    def tell(self, data):
        """The proxy sends; whether it leaves on the connection's SA."""
        begin = self.gm.wire.mark()
        try:
            self.conn.sendall(data)
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.EPIPE,
                                   errno.ECONNRESET, errno.ECONNABORTED):
                raise
        self.gm.carrier(self.gm.witness, response())
        for packet in self.gm.wire.poll()[begin:]:
            if self.gm.text(packet) == data:
                self.acknowledge(len(data))
                return self.gm.label(packet)
        return None

    def acknowledge(self, size):
        self.ue.ack = self.ue.ack + size & 0xffffffff
        self.ue.send()
        self.gm.settled()

    def close(self):
        # a reset: nothing of it is left to be sent again
        with contextlib.suppress(OSError):
            self.conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                 b"\1\0\0\0\0\0\0\0")
        self.conn.close()
        self.ue.close()
