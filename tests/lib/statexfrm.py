# SPDX-License-Identifier: GPL-2.0-or-later
"""xfrm states and policies as the kernel holds them, by netlink; ip(8) leaves
out some of what matters here, and starts slowly.

    x = Xfrm("pcscf")
    for s in x.states(): s.spi, s.sel.sport, s.window, ...
    x.delete(s); x.expire(s); x.limit_packets(s, 1); x.flush_policies()
"""
import os
import socket
import struct

import netns
from genl import NLA_TYPE_MASK, NLMSG_DONE, NLMSG_ERROR, NLMSGHDR, nla

NETLINK_XFRM = 6
(NEWSA, DELSA, GETSA, NEWPOLICY, DELPOLICY, GETPOLICY, ALLOCSPI, ACQUIRE,
 EXPIRE, UPDPOLICY, UPDSA, POLEXPIRE, FLUSHSA, FLUSHPOLICY) = range(16, 30)
ALG_AUTH, ALG_CRYPT, TMPL, ALG_AUTH_TRUNC, REPLAY_ESN = 1, 2, 5, 20, 23
STATE_ESN = 128
INF = (1 << 64) - 1
OUT = 1
DIRS = ("in", "out", "fwd")

SA_INFO = 224
POLICY_INFO = 168
TMPL_INFO = 64


def _addr(data, family):
    size = 4 if family == socket.AF_INET else 16
    return socket.inet_ntop(family, data[:size])


class Selector:
    def __init__(self, data):
        self.dst, self.src = data[:16], data[16:32]
        self.dport, self.dmask, self.sport, self.smask = struct.unpack(
            "!HHHH", data[32:40])
        (self.family, self.dlen, self.slen, self.proto,
         self.ifindex, self.user) = struct.unpack("=HBBB3xiI", data[40:56])
        if self.family:
            self.dst = _addr(self.dst, self.family)
            self.src = _addr(self.src, self.family)


class State:
    """raw: its xfrm_usersa_info, to name it in a request."""

    def __init__(self, data):
        self.raw = data[:SA_INFO]
        self.sel = Selector(data)
        daddr, spi, self.proto = struct.unpack_from("!16sIB", data, 56)
        self.spi = spi
        self.limits = struct.unpack_from("=8Q", data, 96)
        (self.bytes, self.packets, self.added,
         self.used) = struct.unpack_from("=4Q", data, 160)
        (self.window_errors, self.replay_errors,
         self.integrity_errors) = struct.unpack_from("=3I", data, 192)
        (self.seq, self.reqid, self.family, self.mode, self.window,
         self.flags) = struct.unpack_from("=IIHBBB", data, 204)
        self.dst = _addr(daddr, self.family)
        self.src = _addr(data[80:96], self.family)
        self.attrs = _attrs(data, SA_INFO)
        self.auth = self.enc = self.esn = None
        if ALG_AUTH_TRUNC in self.attrs:
            name, bits, trunc = struct.unpack_from(
                "=64sII", self.attrs[ALG_AUTH_TRUNC])
            self.auth = (name.rstrip(b"\0").decode(), trunc,
                         self.attrs[ALG_AUTH_TRUNC][72:72 + bits // 8])
        if ALG_CRYPT in self.attrs:
            name, bits = struct.unpack_from("=64sI", self.attrs[ALG_CRYPT])
            self.enc = (name.rstrip(b"\0").decode(),
                        self.attrs[ALG_CRYPT][68:68 + bits // 8])
        if REPLAY_ESN in self.attrs:
            names = ("bmp_len", "oseq", "seq", "oseq_hi", "seq_hi", "window")
            self.esn = dict(zip(names, struct.unpack_from(
                "=6I", self.attrs[REPLAY_ESN])))

    @property
    def infinite(self):
        """No limit of bytes, packets, time since made or first used."""
        return self.limits == (INF, INF, INF, INF, 0, 0, 0, 0)


class Policy:
    def __init__(self, data):
        self.raw = data[:POLICY_INFO]
        self.sel = Selector(data)
        (self.priority, self.index, way, self.action) = struct.unpack_from(
            "=IIBB", data, 152)
        self.way = DIRS[way] if way < len(DIRS) else way
        self.attrs = _attrs(data, POLICY_INFO)
        self.templates = []
        raw = self.attrs.get(TMPL, b"")
        for at in range(0, len(raw) - TMPL_INFO + 1, TMPL_INFO):
            self.templates.append(dict(zip(
                ("spi", "proto", "family", "reqid", "mode", "optional"),
                struct.unpack_from("=16xIB3xH18xIBxB", raw, at))))


def _attrs(data, at):
    found = {}
    while at + 4 <= len(data):
        size, kind = struct.unpack_from("=HH", data, at)
        if size < 4:
            break
        found[kind & NLA_TYPE_MASK] = data[at + 4:at + size]
        at += (size + 3) & ~3
    return found


class Xfrm:
    def __init__(self, namespace):
        with netns.ns(namespace):
            self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                      NETLINK_XFRM)
        self.sock.setsockopt(socket.SOL_SOCKET, 33, 4 << 20)
        self.number = 0

    def close(self):
        self.sock.close()

    def _ask(self, kind, payload, flags):
        self.number += 1
        self.sock.send(NLMSGHDR.pack(16 + len(payload), kind, flags | 1,
                                     self.number, 0) + payload)
        while True:
            data, at = self.sock.recv(1 << 18), 0
            while at + 16 <= len(data):
                size, kind, _, number, _ = NLMSGHDR.unpack_from(data, at)
                body = data[at + 16:at + size]
                at += (size + 3) & ~3
                if number != self.number:
                    continue
                if kind == NLMSG_DONE:
                    return
                if kind == NLMSG_ERROR:
                    code = struct.unpack_from("=i", body)[0]
                    if code:
                        raise OSError(-code, os.strerror(-code))
                    return
                yield body

    def _do(self, kind, payload):
        for _ in self._ask(kind, payload, 4):
            pass

    def states(self):
        return [State(d) for d in self._ask(GETSA, b"", 0x300)]

    def policies(self):
        """Not those of sockets."""
        found = [Policy(d) for d in self._ask(GETPOLICY, b"", 0x300)]
        return [p for p in found if p.way in DIRS]

    def delete(self, state):
        self._do(DELSA, struct.pack(
            "!16sI", state.raw[56:72], state.spi) + struct.pack(
                "=HBx", state.family, state.proto))

    def expire(self, state, hard=True):
        """As a key manager may order it."""
        self._do(EXPIRE, state.raw + bytes([hard]) + bytes(7))

    def limit_packets(self, state, packets):
        """"ip xfrm state update ... limit packet-hard N"."""
        raw = bytearray(state.raw)
        struct.pack_into("=QQ", raw, 96 + 16, INF, packets)
        # The window is in the attribute.
        raw[204 + 11] = 0
        attrs = b"".join(nla(kind, state.attrs[kind]) for kind in
                         (ALG_AUTH_TRUNC, ALG_CRYPT, REPLAY_ESN)
                         if kind in state.attrs)
        self._do(UPDSA, bytes(raw) + attrs)

    def flush_states(self, proto=0):
        self._do(FLUSHSA, bytes([proto]))

    def flush_policies(self):
        self._do(FLUSHPOLICY, b"")

    def delete_policy(self, policy):
        self._do(DELPOLICY, policy.raw[:56] + struct.pack(
            "=IB3x", policy.index, DIRS.index(policy.way)))
