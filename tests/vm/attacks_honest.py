# SPDX-License-Identifier: GPL-2.0-or-later
"""What must pass: the four flows of a set between two real kernels, and that
UDP to the UE leaves on the SA that TS 33.203 7.4 prescribes."""
import contextlib
import socket
import struct

import netns
import tap
from attack import PORT_PS, VERSIONS, case
from attacknet import token
from attackue import XFRM_ALG, XFRM_EALG, KernelUe
from esp import ACK, ESP, RST, UDP, checksum, packed

SO_NO_CHECK = 11


class Leaving:
    """What the P-CSCF sends while a block runs: SPIs, and plaintext."""

    def __init__(self, lab):
        self.lab = lab

    def __enter__(self):
        self.lab.wire.clear()
        self.before = self.lab.stats()
        return self

    def __exit__(self, *exc):
        sent = [f for f in self.lab.wire.poll() if f.mac == self.lab.mac and
                not f.housekeeping()]
        # a later fragment has no SPI
        self.spis = sorted({f.spi for f in sent if f.protocol == ESP and
                            not f.later_fragment()})
        self.plain = [str(f) for f in sent if f.protocol != ESP]
        self.counted = self.lab.since(self.before)

    def check(self, good, text, *spis):
        """One result: good, and only these SPIs have left."""
        return tap.ok(good and self.spis == sorted(spis) and not self.plain and
                      not self.counted, text, "good %r, SPIs %r, want %r, in "
                      "plaintext %r, counted %r" % (
                          bool(good), [hex(s) for s in self.spis],
                          [hex(s) for s in spis], self.plain, self.counted))


def udp_flows(lab, ue, ids="AT-08 GM-05", suite=""):
    """SA A, SA C by the P-CSCF's server socket and by its client socket, D."""
    path = "%s udp%d%s" % (ids, ue.version, suite)
    s = ue.set
    server, client = (lab.sock[ue.version, p] for p in (s.port_ps, s.port_pc))
    data = token()
    with Leaving(lab) as leaving:
        ue.uc.sendto(data, (ue.local, s.port_ps))
        got = lab.wait(lambda: lab.got(data))
    leaving.check(got and got.source[:2] == (ue.addr, s.port_uc),
                  path + ": SA A, UE to port_ps: accepted")
    for text, sock in (("port_ps, moved to port_pc", server),
                       ("port_pc", client)):
        data = token()
        with Leaving(lab) as leaving:
            sock.sendto(data, (ue.addr, s.port_us))
            got = ue.wait(lambda d=data: ue.got(d))
        leaving.check(got and got.port == s.port_us and
                      got.source[:2] == (ue.local, s.port_pc),
                      "%s: SA C, from %s: accepted" % (path, text), s.spi_us)
    data = token()
    with Leaving(lab) as leaving:
        ue.us.sendto(data, (ue.local, s.port_pc))
        got = lab.wait(lambda: lab.got(data))
    leaving.check(got and got.port == s.port_pc,
                  path + ": SA D, UE to port_pc: accepted")


@case("AT-08 GM-04 GM-05")
def four_flows_udp(lab):
    """The four flows, with every pair of algorithms."""
    for version in VERSIONS:
        for alg in XFRM_ALG:
            for ealg in XFRM_EALG:
                ue = KernelUe(lab, "ue1", version, alg=alg, ealg=ealg)
                udp_flows(lab, ue, suite=" %s %s" % (alg, ealg))
                ue.remove()


@case("AT-08 GM-05")
def four_flows_tcp(lab):
    """A and B carry the UE's connection, C and D the P-CSCF's."""
    for version in VERSIONS:
        ue = lab.kernel("ue1", version)
        s = ue.set
        path = "AT-08 GM-05 tcp%d" % version
        with Leaving(lab) as leaving:
            ours, proxys = ue.connect()
            good = talk(lab, ue, ours, proxys, 200000)
        leaving.check(good, path + ": SA A and B, the UE's connection: "
                      "accepted", s.spi_uc)
        ue.hang_up(ours)
        with Leaving(lab) as leaving:
            proxys = lab.proxy.make(ue.local, s.port_pc, socket.SOCK_STREAM)
            proxys.settimeout(10)
            proxys.connect((ue.addr, s.port_us))
            lab.proxy.add(proxys, "tcp", s.port_pc)
            accept = ue.wait(lambda: ue.got(b"", "accept"))
            good = accept and talk(lab, ue, accept.sock, proxys, 200000)
        leaving.check(good, path + ": SA C and D, the P-CSCF's connection: "
                      "accepted", s.spi_us)
        ue.hang_up(accept.sock)


def talk(lab, ue, ours, proxys, size):
    """Sends size bytes each way on a connection; whether they arrived."""
    def arrived(where, sock):
        return sum(len(a.data) for a in where if a.sock is sock)
    lab.proxy.arrived, ue.sockets.arrived = [], []
    for sender, receiver, where in ((ours, proxys, lab.proxy),
                                    (proxys, ours, ue.sockets)):
        left = size
        while left:
            try:
                left -= sender.send(bytes(min(left, 30000)))
            except BlockingIOError:
                if not ue.wait(lambda n=arrived(where.arrived, receiver):
                               arrived(where.arrived, receiver) > n):
                    return False
        if not ue.wait(lambda: arrived(where.arrived, receiver) == size):
            return False
    return True


@case("AT-08 GM-05")
def checksums(lab):
    """A move to port_pc keeps the UDP checksum right, or absent."""
    for version in VERSIONS:
        ue = lab.kernel("ue1", version)
        s = ue.set
        flow = s.flow("C")
        sock = lab.sock[version, PORT_PS]
        path = "AT-08 GM-05 udp%d" % version
        for text, size in (("small", 60), ("larger than the MTU", 4000)):
            # a payload whose checksum comes out as 0 with port_pc
            data = token()
            data += bytes(size - len(data))
            total = total_of(flow, data)
            data = data[:-2] + struct.pack("!H", 0xffff - total)
            assert total_of(flow, data) == 0xffff
            with Leaving(lab) as leaving:
                sock.sendto(data, (ue.addr, s.port_us))
                got = ue.wait(lambda d=data: ue.got(d))
            leaving.check(got, "%s: moved to port_pc, %s, the checksum "
                          "becomes 0: accepted" % (path, text), s.spi_us)
            if size == 60:
                tap.equal(inner(lab, s)[6:8], b"\xff\xff",
                          path + ": such a checksum is sent as 0xffff")
        data = token() + bytes(4000)
        with Leaving(lab) as leaving:
            sock.sendto(data, (ue.addr, s.port_us))
            got = ue.wait(lambda d=data: ue.got(d))
        leaving.check(got, path + ": moved to port_pc, larger than the MTU: "
                      "accepted", s.spi_us)
        if version == 4:
            sock.setsockopt(socket.SOL_SOCKET, SO_NO_CHECK, 1)
            data = token()
            with Leaving(lab) as leaving:
                sock.sendto(data, (ue.addr, s.port_us))
                got = ue.wait(lambda d=data: ue.got(d))
            sock.setsockopt(socket.SOL_SOCKET, SO_NO_CHECK, 0)
            leaving.check(got, path + ": moved to port_pc, no checksum: "
                          "accepted", s.spi_us)
            tap.equal(inner(lab, s)[6:8], b"\0\0",
                      path + ": no checksum stays no checksum")


@case("AT-08 GM-05")
def sizes(lab):
    """ESP makes a packet longer than the MTU that the socket knows of."""
    for version in VERSIONS:
        ue = lab.kernel("ue1", version)
        s = ue.set
        for port in (PORT_PS, s.port_pc):
            lost, last = [], 0
            with Leaving(lab) as leaving:
                for size in (1300, 1372, 1400, 1420, 1440, 1452, 1460, 1472,
                             1473, 1500, 3000, 60000):
                    data = token()
                    data += bytes(size - len(data))
                    with contextlib.suppress(OSError):
                        lab.sock[version, port].sendto(data,
                                                       (ue.addr, s.port_us))
                    last = ue.wait(lambda d=data: ue.got(d), 2)
                    lost += [] if last else [size]
            leaving.check(not lost, "AT-08 GM-05 udp%d: from port %d, around "
                          "the MTU: accepted%s" % (
                              version, port, lost and ", but for %r" % lost or
                              ""), s.spi_us)


@case("AT-08 GM-05")
def sockets(lab):
    """Whatever socket the proxy uses, its UDP to the UE leaves on SA C."""
    for version in VERSIONS:
        ue = lab.kernel("ue1", version)
        target = (ue.addr, ue.set.port_us)
        local = lab.local(version)
        connected = lab.proxy.make(local, PORT_PS)
        connected.connect(target)
        anyone = lab.proxy.make("0.0.0.0" if version == 4 else "::", PORT_PS)
        with netns.ns("pcscf"):
            dual = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
            dual.setsockopt(socket.SOL_SOCKET, option, 1)
        dual.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        dual.bind(("::", PORT_PS))
        mapped = ("::ffff:" + ue.addr if version == 4 else ue.addr,
                  ue.set.port_us)
        for text, send in (
                ("a connected socket", connected.send),
                ("a socket bound to no address",
                 lambda d: anyone.sendto(d, target)),
                ("a socket for both versions of IP",
                 lambda d: dual.sendto(d, mapped))):
            data = token()
            with Leaving(lab) as leaving:
                send(data)
                got = ue.wait(lambda d=data: ue.got(d))
            leaving.check(got and got.source[1] == ue.set.port_pc,
                          "AT-08 GM-05 udp%d: from %s: accepted" % (
                              version, text), ue.set.spi_us)
        for sock in (connected, anyone, dual):
            sock.close()


def inner(lab, sa_set):
    """What was inside the last packet on SA C."""
    frame = lab.wire.find(lambda f: f.spi == sa_set.spi_us)[-1]
    return sa_set.esp["C"].open(frame.payload)[0]


def total_of(flow, data):
    """The ones' complement sum that a UDP checksum complements."""
    size = 8 + len(data)
    head = packed(flow[0]) + packed(flow[1]) + struct.pack(
        "!HHHHHH", UDP, size, *flow[2:], size, 0)
    return checksum(head + data) ^ 0xffff


@case("AT-12")
def same_spis(lab):
    """Two UEs chose the same SPIs: their addresses tell them apart."""
    for version in VERSIONS:
        ues = [KernelUe(lab, name, version, spi_uc=0x7000, spi_us=0x7001)
               for name in ("ue1", "ue2")]
        for ue in ues:
            udp_flows(lab, ue, "AT-12", " " + ue.name)
        for ue in ues:
            with Leaving(lab) as leaving:
                ours, proxys = ue.connect()
                good = talk(lab, ue, ours, proxys, 5000)
            leaving.check(good, "AT-12 tcp%d %s: a connection: accepted" % (
                version, ue.name), ue.set.spi_uc)
            ue.hang_up(ours)
            ue.remove()


@case("AT-18")
def split_start_line(lab):
    """A proxy reads a stream: a start line may come in pieces."""
    message = (b"REGISTER sip:home.example SIP/2.0\r\nVia: x\r\n"
               b"Content-Length: 0\r\n\r\n")
    for version in VERSIONS:
        for phase in ("established", "temporary"):
            ue = KernelUe(lab, "ue1", version, phase=phase)
            for text, size in (("in two segments", 5),
                               ("byte by byte", 1)):
                # a SYN close behind the connection before may have to come
                # again, see kmod/watch.c
                ours, proxys = ue.connect()
                before = lab.stats()
                lab.proxy.arrived = []

                def stream(sock=proxys):
                    return b"".join(a.data for a in lab.proxy.arrived
                                    if a.sock is sock)
                sent = 0
                while sent < len(message):
                    piece = message[sent:sent + size] \
                        if size == 1 or not sent else message[sent:]
                    ours.send(piece)
                    sent += len(piece)
                    # one segment at a time
                    lab.wait(lambda n=sent: len(stream()) >= n)
                tap.ok(stream() == message and not lab.since(before),
                       "AT-18 tcp%d: start line %s, set %s: accepted" % (
                           version, text, phase),
                       "%r %r" % (stream(), lab.since(before)))
                ue.hang_up(ours)
            ue.remove()


@case("GM-01 AT-04")
def reset_in_esp(lab):
    """A segment without a connection is reset, but inside ESP."""
    for version in VERSIONS:
        mine = lab.hand("ue1", version)
        with Leaving(lab) as leaving:
            lab.inject["ue1"].send(mine.tcp("A", ACK, 7, 7, b"x"))
            frame = lab.wait(lambda: lab.wire.find(
                lambda f: f.spi == mine.spi_uc))
        segment = mine.esp["B"].open(frame[0].payload)[0] if frame else b""
        leaving.check(segment[13:14] == bytes([RST]),
                      "GM-01 tcp%d: the reset for a segment without a "
                      "connection leaves on SA B" % version, mine.spi_uc)


# ----- which set UDP to the UE takes -----------------------------------------

def sip(kind, call_id, cseq, method="REGISTER"):
    """The smallest message that has what the kernel looks at."""
    start = {"request": "%s sip:home.example SIP/2.0" % method,
             "response": "SIP/2.0 401 Unauthorized"}[kind]
    return ("%s\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK%s\r\nCall-ID: %s\r\n"
            "CSeq: %d %s\r\nContent-Length: 0\r\n\r\n" % (
                start, token().decode(), call_id, cseq, method)).encode()


class Chooser:
    """Sends from port_ps to a UE and says on which set it left."""

    def __init__(self, lab, ue, sets):
        self.lab, self.ue, self.sets = lab, ue, sets

    def leaves(self, data):
        """The name of the set, or the reason of the drop."""
        lab = self.lab
        port_us = next(iter(self.sets.values())).port_us
        before = lab.stats()
        lab.wire.clear()
        version = 6 if ":" in self.ue else 4
        try:
            lab.sock[version, PORT_PS].sendto(data, (self.ue, port_us))
        except OSError:
            pass
        lab.mark(version)
        sent = [f for f in lab.wire.poll() if f.mac == lab.mac and
                not f.housekeeping()]
        if not sent:
            return " ".join(lab.since(before))
        names = [n for n, s in self.sets.items() for f in sent
                 if f.protocol == ESP and f.spi == s.spi_us and
                 s.esp["C"].open(f.payload)[0].endswith(data)]
        return names[0] if len(names) == len(sent) == 1 else \
            "%r of %s" % (names, [str(f) for f in sent])


def bring(lab, sa_set, data):
    """A request on SA A of a set; whether it arrived."""
    lab.inject["ue1"].send(sa_set.udp("A", data))
    return lab.wait(lambda: lab.got(data))


@case("GM-30 GM-33 GM-05 AT-46")
def response_follows_register(lab):
    """401 to a protected SM1: old set. 200 to SM7: new set. Else: in use."""
    for version in VERSIONS:
        path = "GM-30 GM-33 udp%d" % version
        old = lab.new_set("ue1", version)
        new = lab.new_set("ue1", version, phase="temporary",
                          lifetime_ms=None, port_us=old.port_us,
                          impi=old.request["impi"], protected_by=old.id)
        choose = Chooser(lab, old.ue, {"old": old, "new": new})
        tap.ok(new.port_pc != old.port_pc and new.port_ps == old.port_ps,
               "GM-34 udp%d: the new set has another port_pc and the same "
               "port_ps" % version)
        call = token().decode()
        good = bring(lab, old, sip("request", call, 1))
        tap.ok(good, path + ": SM1 on the old set: accepted")
        tap.equal(choose.leaves(sip("response", call, 1)), "old",
                  path + ": its 401 leaves on the old set")
        tap.equal(choose.leaves(sip("response", call, 2)), "out-no-set",
                  path + ": a response to a REGISTER that has not come is "
                  "dropped")
        good = bring(lab, new, sip("request", call, 2))
        tap.ok(good, path + ": SM7 on the new set: accepted")
        tap.equal(choose.leaves(sip("response", call, 2)), "new",
                  path + ": its 200 leaves on the new set")
        tap.equal(choose.leaves(sip("response", call, 1)), "old",
                  path + ": the 401 again still leaves on the old set")
        tap.equal(choose.leaves(sip("response", token().decode(), 1)),
                  "out-no-set", path + ": a response of another call is "
                  "dropped")
        for what, data in (
                ("a request", sip("request", call, 9, "MESSAGE")),
                ("a response to another method",
                 sip("response", call, 2, "MESSAGE")),
                ("what is no SIP", token())):
            tap.equal(choose.leaves(data), "old",
                      "%s: %s leaves on the set in use" % (path, what))
        new.change(phase="established", lifetime_ms=3600000)
        tap.equal(choose.leaves(sip("response", call, 2)), "new",
                  path + ": the 200 again leaves on the new set")
        old.delete()
        tap.equal(choose.leaves(sip("request", call, 9, "MESSAGE")), "new",
                  path + ": without the old set, a request leaves on the new "
                  "one")
        tap.equal(choose.leaves(sip("response", call, 1)), "out-no-set",
                  path + ": the 401 of the set that ended is dropped")
        new.delete()
        tap.equal(choose.leaves(sip("request", call, 9, "MESSAGE")),
                  "out-plaintext", path + ": without any set, a request is "
                  "dropped")


@case("GM-15 AT-36")
def temporary_set(lab):
    """It carries REGISTER and nothing else."""
    for version in VERSIONS:
        path = "udp%d" % version
        mine = lab.new_set("ue1", version, phase="temporary", lifetime_ms=None)
        choose = Chooser(lab, mine.ue, {"temporary": mine})
        for method in ("INVITE", "MESSAGE", "OPTIONS", "register"):
            lab.attack("AT-36 GM-15", path, "%s on a temporary set" % method, [
                mine.udp("A", sip("request", token().decode(), 1, method))],
                "in-phase")
        lab.attack("AT-36 GM-15", path, "no SIP on a temporary set",
                   [mine.udp("A", token())], "in-phase")
        tap.equal(choose.leaves(sip("request", "x", 1, "MESSAGE")),
                  "out-no-set",
                  "GM-15 %s: nothing but responses to REGISTER leaves on a "
                  "temporary set" % path)
        call = token().decode()
        data = sip("request", call, 1)
        lab.honest("GM-15", path, "REGISTER on a temporary set",
                   [mine.udp("A", data)], [data])
        tap.equal(choose.leaves(sip("response", call, 1)), "temporary",
                  "GM-15 %s: its response leaves on the temporary set" % path)
        mine.delete()
