# SPDX-License-Identifier: GPL-2.0-or-later
"""The laboratory of tests/vm/attacks: hostile packets against the real module.

The network is that of netns.py. In pcscf "the proxy" is a row of plain
sockets, so that whatever the module lets through is seen; its answers are seen
on the bridge. SA sets are made by netlink. A UE is either made of hand-made
ESP (Lab.hand) or of the kernel's xfrm and real sockets (Lab.kernel).

"Nothing arrives" is decided by an event: an honest packet is sent behind the
hostile one, over the same socket, and once it has arrived (all of it runs on
one CPU, so nothing overtakes) the counters tell what became of the other.
"""
import itertools
import os
import select
import socket
import struct
import time

import netns
import tap
from esp import (ACK, ESP, ICMP6, PSH, RST, SYN, TCP, UDP, Esp, Injector,
                 family, ip, tcp, udp)
from genl import Genl
from sniff import Packet, Sniffer

PORT_PS, PORT_PC, PORT_SIP, PORT_OTHER = 6101, range(6110, 6118), 5060, 7000
VERSIONS = (4, 6)
IFNAME = "gm0"
XFRM_ALG = {"hmac-md5-96": ("hmac(md5)", 16), "hmac-sha-1-96":
            ("hmac(sha1)", 20)}
XFRM_EALG = {"null": ("ecb(cipher_null)", 0),
             "des-ede3-cbc": ("cbc(des3_ede)", 24), "aes-cbc": ("cbc(aes)", 16)}
TIMEOUT = 10
MSG_ERRQUEUE = 0x2000
_numbers = itertools.count(1)


CASES = []                          # (ids, stages, function) of @case
STAGES = ("open", "guarded", "sets")


def case(ids, *stages):
    """Registers a function(lab) as a case of some stages ("sets" if none)."""
    def register(function):
        CASES.append((ids.split(), stages or ("sets",), function))
        return function
    return register


def token():
    """A payload that no other packet has."""
    return b"gmguard-%d-%s" % (next(_numbers), os.urandom(4).hex().encode())


def proc_write(namespace, path, value):
    """Writes a file below /proc/sys in a namespace."""
    with netns.ns(namespace):
        with open("/proc/sys/" + path, "w", encoding="ascii") as f:
            f.write(str(value))


class SaSet:
    """An SA set in pcscf with the keys that the UE has too."""

    def __init__(self, genl, endpoint, local, ue, **changes):
        number = next(_numbers)
        self.ue, self.local = ue, local
        self.alg = changes.get("alg", "hmac-sha-1-96")
        self.ealg = changes.get("ealg", "aes-cbc")
        self.ik = os.urandom(XFRM_ALG[self.alg][1])
        self.ck = os.urandom(XFRM_EALG[self.ealg][1])
        request = {"endpoint-id": endpoint, "ue-addr": ue,
                   "port-uc": 20000 + 2 * number, "port-us": 20001 + 2 * number,
                   "spi-uc": 0x10000 + 2 * number,
                   "spi-us": 0x10001 + 2 * number,
                   "impi": "impi%d@home.example" % number,
                   "phase": "established", "lifetime-ms": 3600000}
        request.update({k.replace("_", "-"): v for k, v in changes.items()})
        request.update({"alg": self.alg, "ealg": self.ealg,
                        "alg-key": self.ik})
        if self.ck:
            request["ealg-key"] = self.ck
        self.request = {k: v for k, v in request.items() if v is not None}
        reply = genl.do("sa-set-new", {"sa-set": self.request})["sa-set"]
        self.genl, self.reply, self.id = genl, reply, reply["id"]
        for name in ("port_uc", "port_us", "port_pc", "port_ps",
                     "spi_uc", "spi_us", "spi_pc", "spi_ps"):
            setattr(self, name, reply[name.replace("_", "-")])
        self.spis = {"A": self.spi_ps, "B": self.spi_uc, "C": self.spi_us,
                     "D": self.spi_pc}
        self.esp = {n: Esp(self.alg, self.ealg, self.ik, self.ck, spi)
                    for n, spi in self.spis.items()}

    def flow(self, name):
        """Source, destination, source port, destination port of SA A to D."""
        return {"A": (self.ue, self.local, self.port_uc, self.port_ps),
                "B": (self.local, self.ue, self.port_ps, self.port_uc),
                "C": (self.local, self.ue, self.port_pc, self.port_us),
                "D": (self.ue, self.local, self.port_us, self.port_pc)}[name]

    def altered(self, name, src=None, dst=None, sport=None, dport=None):
        """The flow of an SA with something else in it."""
        flow = self.flow(name)
        return (src or flow[0], dst or flow[1], sport or flow[2],
                dport or flow[3])

    def seal(self, name, tail, protocol, src=None, **esp):
        """An IP packet with a tail in ESP on an SA."""
        flow = self.flow(name)
        return ip(src or flow[0], flow[1], ESP,
                  self.esp[name].seal(tail, protocol, **esp))

    def udp(self, name, payload, **changes):
        """UDP in ESP on an SA; changes as in altered()."""
        flow = self.altered(name, **changes)
        return self.seal(name, udp(*flow, payload), UDP, src=flow[0])

    def tcp(self, name, flags, seq=0, ack=0, payload=b"", **changes):
        """A TCP segment in ESP on an SA; changes as in altered()."""
        flow = self.altered(name, **changes)
        return self.seal(name, tcp(*flow, flags, seq, ack, payload), TCP,
                         src=flow[0])

    def get(self):
        """What the module shows of it now."""
        return self.genl.do("sa-set-get", {"sa-set": {"id": self.id}})["sa-set"]

    def change(self, **attrs):
        self.genl.do("sa-set-set", {"sa-set": {"id": self.id, **{
            k.replace("_", "-"): v for k, v in attrs.items()}}})

    def delete(self):
        self.genl.do("sa-set-del", {"sa-set": {"id": self.id}})

    def install(self, namespace, remove=False):
        """Makes (or removes) the UE's half: xfrm states and policies."""
        bits = 128 if ":" in self.ue else 32
        lines = []
        for name, spi in self.spis.items():
            src, dst, sport, dport = self.flow(name)
            reqid = self.id * 4 + "ABCD".index(name)
            sel = "src %s/%d dst %s/%d sport %d dport %d" % (
                src, bits, dst, bits, sport, dport)
            way = "out" if name in "AD" else "in"
            if remove:
                lines.append("xfrm policy delete %s dir %s\n"
                             "xfrm state delete src %s dst %s proto esp "
                             "spi 0x%x\n" % (sel, way, src, dst, spi))
                continue
            lines.append(
                "xfrm state add src %s dst %s proto esp spi 0x%x reqid %d "
                "mode transport replay-window 32 auth-trunc %s 0x%s 96 "
                "enc %s %s sel %s\n" % (
                    src, dst, spi, reqid, XFRM_ALG[self.alg][0], self.ik.hex(),
                    XFRM_EALG[self.ealg][0],
                    "0x" + self.ck.hex() if self.ck else '""', sel))
            lines.append(
                "xfrm policy add %s dir %s tmpl src %s dst %s proto esp "
                "reqid %d mode transport\n" % (
                    sel, way, src, dst, reqid))
        netns.ip("".join(lines), namespace)


class Frame(Packet):
    """A packet on the wire and who sent it."""

    def __init__(self, frame):
        self.mac, self.data = frame[6:12], frame[14:]
        super().__init__(self.data)

    def later_fragment(self):
        """Whether it is a fragment and not the first one."""
        if self.data[0] >> 4 == 4:
            return bool(struct.unpack("!H", self.data[6:8])[0] & 0x1fff)
        return self.fragment and bool(
            struct.unpack("!H", self.data[42:44])[0] & 0xfff8)

    def housekeeping(self):
        """Neighbour discovery and group membership: an answer to nobody."""
        if self.protocol == ICMP6:
            at = 40 + (8 * (1 + self.data[41]) if self.data[6] == 0 else 0)
            return self.data[at] in (130, 131, 132, 133, 134, 135, 136, 143)
        return self.protocol == 2


class Wire(Sniffer):
    """Every IP packet on pcscf's link since clear()."""

    def poll(self):
        while True:
            try:
                frame = self.sock.recv(65535)
            except BlockingIOError:
                return self.packets
            if frame[12:14] in (b"\x08\0", b"\x86\xdd"):
                self.packets.append(Frame(frame))

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


class Lab:
    """See the top. stage is "open" (nothing is guarded), "guarded" (endpoints
    but no SA set) or "sets"."""

    def __init__(self):
        # nothing may overtake: one CPU handles all packets
        os.sched_setaffinity(0, {0})
        netns.create()
        for path in ("ipv4/icmp_ratelimit", "ipv6/icmp/ratelimit"):
            proc_write("pcscf", "net/" + path, 0)
        for path in ("msgs_per_sec", "msgs_burst"):
            with open("/proc/sys/net/ipv4/icmp_" + path, "w",
                      encoding="ascii") as f:
                f.write("100000")
        self.stage = "open"
        self.genl = Genl(netns=netns.PREFIX + "pcscf")
        self.mac = netns.mac("pcscf", IFNAME)
        self.wire = Wire("pcscf")
        self.proxy = Sockets("pcscf")
        self.ports = [PORT_PS, *PORT_PC, PORT_SIP, PORT_OTHER]
        self.sock = {}
        for version in VERSIONS:
            for port in self.ports:
                local = self.local(version)
                self.sock[version, port] = self.proxy.udp(local, port)
                self.proxy.listen(local, port)
        self.inject = {n: Sender(n) for n in ("ue1", "ue2", "attacker")}
        self.endpoint = {}
        self.markers = {}
        self.chatty = set()
        self._hand, self._kernel = {}, {}

    @staticmethod
    def local(version):
        return netns.access_addr("pcscf", version)

    @staticmethod
    def addr(name, version):
        return netns.access_addr(name, version)

    # ----- stages ----------------------------------------------------------
    def enter(self, stage):
        if stage == "guarded":
            self.guard()
        elif stage == "sets":
            self.arm()

    def guard(self):
        """Endpoints, no sets."""
        for version in VERSIONS:
            reply = self.genl.do("endpoint-new", {"endpoint": {
                "local-addr": self.local(version), "port-ps": [PORT_PS],
                "port-pc": list(PORT_PC), "port-unprotected": [PORT_SIP]}})
            self.endpoint[version] = reply["endpoint"]["id"]
        self.stage = "guarded"

    def arm(self):
        """A set for the honest markers."""
        for version in VERSIONS:
            self.markers[version] = self.new_set("ue1", version)
        self.stage = "sets"

    def new_set(self, ue, version, **changes):
        return SaSet(self.genl, self.endpoint[version], self.local(version),
                     self.addr(ue, version), **changes)

    def hand(self, ue, version):
        """The set of a UE that speaks through hand-made ESP."""
        if (ue, version) not in self._hand:
            self._hand[ue, version] = self.new_set(ue, version)
        return self._hand[ue, version]

    def kernel(self, ue, version):
        """The set of a UE that is a kernel with xfrm states, see KernelUe."""
        if (ue, version) not in self._kernel:
            self._kernel[ue, version] = KernelUe(self, ue, version)
        return self._kernel[ue, version]

    # ----- observing -------------------------------------------------------
    def stats(self):
        reasons = self.genl.do("stats-get")["stats"]["reason"]
        return {r["name"]: r["packets"] for r in reasons}

    @staticmethod
    def xfrm_count():
        """How many xfrm states and policies pcscf has, as text."""
        return netns.ip("xfrm state count\nxfrm policy count\n", "pcscf")

    def since(self, before):
        """Reasons that were counted since, with how often."""
        return {n: v - before.get(n, 0) for n, v in self.stats().items()
                if v != before.get(n, 0)}

    def answers(self):
        """What pcscf has sent, but for ESP that nobody should mind."""
        return [f for f in self.wire.poll() if f.mac == self.mac and
                not f.housekeeping() and
                not (f.protocol == ESP and f.spi in self.chatty)]

    def wait(self, done, timeout=TIMEOUT):
        """Takes packets in until done() is true; returns that."""
        end = time.monotonic() + timeout
        while True:
            self.proxy.poll()
            self.wire.poll()
            result = done()
            if result or time.monotonic() > end:
                return result
            select.select([self.proxy.epoll, self.wire.sock], [], [], 0.05)

    def got(self, data, kind="udp"):
        """The arrival of some payload, or None."""
        return next((a for a in self.proxy.arrived
                     if a.kind == kind and a.data == data), None)

    def mark(self, version, via="ue1"):
        """Sends the honest packet and waits for it."""
        data = token()
        if self.stage == "sets":
            packet = self.markers[version].udp("A", data)
        else:
            flow = (self.addr(via, version), self.local(version), 9999,
                    PORT_SIP)
            packet = ip(flow[0], flow[1], UDP, udp(*flow, data))
        self.inject[via].send(packet)
        arrival = self.wait(lambda: self.got(data))
        if arrival:
            self.proxy.arrived.remove(arrival)
        return arrival

    def observe(self, send, version, via="ue1"):
        """Runs send() and the marker; returns an Outcome."""
        self.proxy.poll()
        self.proxy.arrived = []
        self.wire.clear()
        outcome = Outcome(self, self.stats())
        send()
        outcome.marked = self.mark(version, via)
        return outcome

    def attack(self, ids, path, text, packets, reasons, via="ue1",
               delivered=()):
        """One case: packets (or a function that sends) are dropped for the
        reasons (a name, or {name: count}), unanswered, and nothing but
        delivered arrives. path is "udp4" or alike."""
        if isinstance(reasons, str):
            reasons = {reasons: 1}
        outcome = self.observe(self.sender(packets, via), int(path[-1]), via)
        where = ", no SA set" if self.stage == "guarded" else ""
        seen = " and ".join(reasons) if reasons else "nothing of gmguard's"
        return outcome.check("%s %s%s: %s: dropped, counted as %s" % (
            ids, path, where, text, seen), reasons, delivered)

    def honest(self, ids, path, text, packets, delivered, via="ue1",
               answered=False):
        """One case: exactly delivered arrives and nothing is counted."""
        outcome = self.observe(self.sender(packets, via), int(path[-1]), via)
        return outcome.check("%s %s: %s: accepted" % (ids, path, text), {},
                             delivered, answered)

    def sender(self, packets, via):
        """A function that sends them: IP packets, or (destination MAC,
        packet) to put one into another frame than its own."""
        def send():
            for packet in packets:
                mac, packet = packet if isinstance(packet, tuple) else \
                    (None, packet)
                self.inject[via].send(packet, mac)
        return packets if callable(packets) else send


class Outcome:
    """What a case has led to."""

    def __init__(self, lab, before):
        self.lab, self.before, self.marked = lab, before, None

    def check(self, text, reasons, delivered=(), answered=False):
        """reasons: {name: count}; a count of None is 1 or more. delivered:
        payloads that have to arrive, each once."""
        lab = self.lab
        end = time.monotonic() + 2
        while True:
            found = lab.since(self.before)
            if self._fits(found, reasons) or time.monotonic() > end:
                break
            time.sleep(0.02)
        wanted = sorted(delivered)
        lab.wait(lambda: len(lab.proxy.arrived) >= len(wanted))
        arrived = sorted(a.data for a in lab.proxy.arrived)
        answers = lab.answers()
        wrong = []
        if not self.marked:
            wrong.append("the honest packet behind it did not arrive")
        if not self._fits(found, reasons):
            wrong.append("counted %r, want %r" % (found, reasons))
        if arrived != wanted:
            wrong.append("arrived %r, want %r" % (lab.proxy.arrived, wanted))
        if bool(answers) != answered:
            wrong.append("answers: %s" % ("; ".join(map(str, answers)) or
                                          "none"))
        return tap.ok(not wrong, text, "\n".join(wrong))

    @staticmethod
    def _fits(found, reasons):
        return found.keys() == reasons.keys() and all(
            want is None or found[name] == want
            for name, want in reasons.items())


class HandTcp:
    """A connection on SA A whose every segment is made by hand. wrap turns a
    packet into the packets to send instead, for example into fragments."""

    def __init__(self, lab, sa_set, wrap=lambda packet: [packet], via="ue1"):
        self.lab, self.set, self.wrap, self.via = lab, sa_set, wrap, via
        self.seq, self.ack = 1000, 0

    def send(self, flags, payload=b""):
        for packet in self.wrap(self.set.tcp("A", flags, self.seq, self.ack,
                                             payload)):
            self.lab.inject[self.via].send(packet)
        self.seq += len(payload) + bool(flags & SYN)

    def answer(self, flags):
        """Sequence number of the proxy's latest segment with such flags."""
        for frame in reversed(self.lab.wire.poll()):
            if frame.protocol == ESP and frame.spi == self.set.spi_uc:
                segment, _, _ = self.set.esp["B"].open(frame.payload)
                if segment[13] == flags:
                    return struct.unpack("!I", segment[4:8])[0]
        return None

    def connect(self):
        """The handshake; returns whether it took place."""
        self.send(SYN)
        seq = self.lab.wait(lambda: self.answer(SYN | ACK))
        if seq is None:
            return False
        self.ack = seq + 1 & 0xffffffff
        self.send(ACK)
        return bool(self.lab.wait(lambda: self.lab.got(b"", "accept")))

    def write(self, payload):
        self.send(ACK | PSH, payload)

    def reset(self):
        self.send(RST | ACK)


class KernelUe:
    """A UE whose ESP its own kernel makes: plain sockets in its namespace."""

    def __init__(self, lab, name, version, **changes):
        self.lab, self.name, self.version = lab, name, version
        self.set = lab.new_set(name, version, **changes)
        self.set.install(name)
        lab.chatty.update(self.set.spis.values())
        self.sockets = Sockets(name)
        self.local = lab.local(version)
        self.addr = lab.addr(name, version)
        self.uc = self.sockets.udp(self.addr, self.set.port_uc)
        self.us = self.sockets.udp(self.addr, self.set.port_us)
        self.sockets.listen(self.addr, self.set.port_us)

    def wait(self, done, timeout=TIMEOUT):
        """Lab.wait() that looks at this UE's sockets, too."""
        def both():
            self.sockets.poll()
            return done()
        return self.lab.wait(both, timeout)

    def got(self, data, kind="udp"):
        return next((a for a in self.sockets.arrived
                     if a.kind == kind and a.data == data), None)

    def connect(self):
        """A connection on SA A; returns the UE's and the proxy's socket."""
        sock = self.sockets.make(self.addr, self.set.port_uc,
                                 socket.SOCK_STREAM)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(TIMEOUT)
        start = len(self.lab.proxy.arrived)
        sock.connect((self.local, self.set.port_ps))
        self.sockets.add(sock, "tcp", self.set.port_uc)
        accept = self.lab.wait(lambda: next(
            (a for a in self.lab.proxy.arrived[start:]
             if a.kind == "accept" and a.source[1] == self.set.port_uc), None))
        if not accept:
            raise RuntimeError("the connection was not accepted")
        self.lab.proxy.arrived.remove(accept)
        return sock, accept.sock

    def hang_up(self, sock):
        """Resets a connection and waits until the proxy has seen it."""
        self.lab.proxy.poll()
        self.lab.proxy.arrived = []
        self.sockets.drop(sock, abort=True)
        if not self.lab.wait(lambda: any(a.kind == "end"
                                         for a in self.lab.proxy.arrived)):
            raise RuntimeError("the reset did not arrive")

    def remove(self):
        """Deletes its set in pcscf and its states and policies here."""
        self.set.delete()
        self.set.install(self.name, remove=True)
        self.lab.chatty.difference_update(self.set.spis.values())
        self.sockets.close()

    def sequence(self):
        """Next sequence number of the UE and of the proxy on the connection
        of SA A, as the wire (with the keys) tells."""
        ends = {}
        for name in "AB":
            for frame in self.lab.wire.poll():
                if frame.protocol != ESP or frame.spi != self.set.spis[name]:
                    continue
                segment, _, _ = self.set.esp[name].open(frame.payload)
                seq, head, flags = struct.unpack("!4xI4xBB", segment[:14])
                size = len(segment) - 4 * (head >> 4)
                ends[name] = (seq + size + bool(flags & 3)) & 0xffffffff
        return ends["A"], ends["B"]
