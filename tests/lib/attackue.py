# SPDX-License-Identifier: GPL-2.0-or-later
"""SA sets and the UEs that use them, for tests/lib/attack.py: hand-made ESP,
or a namespace whose kernel has the xfrm states."""
import os
import socket
import struct

import netns
from attacknet import Sockets, numbers
from esp import ACK, ESP, PSH, RST, SYN, TCP, UDP, Esp, ip, tcp, udp

TIMEOUT = 10
XFRM_ALG = {"hmac-md5-96": ("hmac(md5)", 16),
            "hmac-sha-1-96": ("hmac(sha1)", 20)}
XFRM_EALG = {"null": ("ecb(cipher_null)", 0),
             "des-ede3-cbc": ("cbc(des3_ede)", 24), "aes-cbc": ("cbc(aes)", 16)}


class SaSet:
    """An SA set in pcscf with the keys that the UE has too."""

    def __init__(self, genl, endpoint, local, ue, **changes):
        number = next(numbers)
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
