# SPDX-License-Identifier: GPL-2.0-or-later
"""ESP and IP packets made by hand, for what no kernel would send.

    sa = Esp("hmac-sha-1-96", "aes-cbc", ik_esp, ck_esp, spi)
    esp = sa.seal(udp("10.33.0.11", "10.33.0.1", 5062, 6101, b"..."), UDP)
    Injector("ue1").send(ip("10.33.0.11", "10.33.0.1", ESP, esp))

"python3 esp.py" checks the suites against esp_golden.json.
"""
import hashlib
import hmac
import os
import socket
import struct

import crypto

TCP, UDP, ESP, AH, ICMP, ICMP6, NONE = 6, 17, 50, 51, 1, 58, 59
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16

# alg: hash, bytes of the ICV
_ALGS = {"hmac-md5-96": (hashlib.md5, 12), "hmac-sha-1-96": (hashlib.sha1, 12),
         "aes-gmac": (None, 16), "null": (None, 16)}
# ealg: bytes of IV, block
_EALGS = {"null": (0, 4), "des-ede3-cbc": (8, 8), "aes-cbc": (16, 16),
          "aes-gcm": (8, 4)}
# bytes of key before the salt (RFC 4106, RFC 4543), and of IV
_GCM_KEY, _GCM_IV = 16, 8


class EspError(ValueError):
    """A packet that this SA does not accept."""


class Esp:
    """One direction of one SA, transport mode. seq is the last one sent."""

    def __init__(self, alg, ealg, ik, ck, spi, seq=0):
        self.alg, self.ealg, self.ik, self.ck = alg, ealg, ik, ck
        self.spi, self.seq = spi, seq
        self.aead = alg in ("aes-gmac", "null")
        self.iv_size, self.block = _EALGS[ealg]
        if self.aead:
            self.iv_size = _GCM_IV

    def _icv(self, data):
        digest, size = _ALGS[self.alg]
        return hmac.new(self.ik, data, digest).digest()[:size]

    def _gcm(self, head, iv, data, tag=None):
        """Data sealed, or opened if there is a tag; its tag. What aes-gmac
        protects is all associated data (RFC 4543 3.2)."""
        key = self.ck if self.ealg == "aes-gcm" else self.ik
        key, nonce = key[:_GCM_KEY], key[_GCM_KEY:] + iv
        text, aad = (data, head) if self.ealg == "aes-gcm" else \
            (b"", head + iv + data)
        if tag is None:
            out, tag = crypto.gcm_seal(key, nonce, text, aad)
        else:
            try:
                out = crypto.gcm_open(key, nonce, text, aad, tag)
            except ValueError as error:
                raise EspError("ICV") from error
        return (out if self.ealg == "aes-gcm" else data), tag

    def iv(self, packet):
        """The IV of a packet."""
        return packet[8:8 + self.iv_size]

    def seal(self, payload, next_header, seq=None, iv=None, spi=None):
        """The ESP packet (without IP header); counts seq up if not given."""
        if seq is None:
            self.seq += 1
            seq = self.seq
        iv = (iv or os.urandom(self.iv_size))[:self.iv_size]
        pad = -(len(payload) + 2) % self.block
        plain = payload + bytes(range(1, pad + 1)) + bytes([pad, next_header])
        head = struct.pack("!II", spi or self.spi, seq)
        if self.aead:
            plain, tag = self._gcm(head, iv, plain)
            return head + iv + plain + tag
        if self.ealg != "null":
            plain = crypto.encrypt(self.ealg, self.ck, iv, plain)
        body = head + iv + plain
        return body + self._icv(body)

    def open(self, packet):
        """Returns payload, next header and sequence number."""
        icv_size = _ALGS[self.alg][1]
        body, icv = packet[:-icv_size], packet[-icv_size:]
        iv, plain = self.iv(body), body[8 + self.iv_size:]
        if len(plain) < self.block or len(plain) % self.block:
            raise EspError("length")
        if self.aead:
            plain = self._gcm(body[:8], iv, plain, icv)[0]
        elif not hmac.compare_digest(icv, self._icv(body)):
            raise EspError("ICV")
        elif self.ealg != "null":
            plain = crypto.decrypt(self.ealg, self.ck, iv, plain)
        pad = plain[-2]
        if pad + 2 > len(plain):
            raise EspError("padding")
        return (plain[:len(plain) - pad - 2], plain[-1],
                struct.unpack("!I", body[4:8])[0])


def family(addr):
    return socket.AF_INET6 if ":" in addr else socket.AF_INET


def packed(addr):
    return socket.inet_pton(family(addr), addr)


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def _pseudo(src, dst, protocol, length):
    if ":" in src:
        tail = struct.pack("!IHBB", length, 0, 0, protocol)
    else:
        tail = struct.pack("!BBH", 0, protocol, length)
    return packed(src) + packed(dst) + tail


def udp(src, dst, sport, dport, payload, bad_sum=False):
    size = 8 + len(payload)
    head = struct.pack("!HHH", sport, dport, size)
    total = checksum(_pseudo(src, dst, UDP, size) + head + b"\0\0" + payload)
    total = total or 0xffff
    if bad_sum:
        total ^= 0x5555
    return head + struct.pack("!H", total) + payload


def tcp(src, dst, sport, dport, flags, seq=0, ack=0, payload=b"",
        window=65535, bad_sum=False):
    head = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, 5 << 4, flags,
                       window, 0, 0)
    total = checksum(_pseudo(src, dst, TCP, len(head) + len(payload)) +
                     head + payload)
    if bad_sum:
        total ^= 0x5555
    return head[:16] + struct.pack("!HH", total, 0) + payload


def icmp(src, dst, kind, code, rest, body):
    """An ICMP or ICMPv6 message; rest is the second word."""
    data = struct.pack("!BBH", kind, code, 0) + rest + body
    pseudo = _pseudo(src, dst, ICMP6, len(data)) if ":" in src else b""
    return data[:2] + struct.pack("!H", checksum(pseudo + data)) + data[4:]


def ip(src, dst, protocol, payload, ident=0, offset=0, more=False, ttl=64):
    """An IPv4 or IPv6 packet; offset in bytes and more make an IPv4 fragment."""
    if ":" in src:
        return struct.pack("!IHBB", 6 << 28, len(payload), protocol, ttl) + \
            packed(src) + packed(dst) + payload
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), ident,
                       (0x2000 if more else 0) | offset // 8, ttl, protocol,
                       0, packed(src), packed(dst))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def fragment_header(next_header, offset, more, ident):
    """An IPv6 Fragment header (protocol 44 in the header before it)."""
    return struct.pack("!BBHI", next_header, 0,
                       offset // 8 << 3 | (1 if more else 0), ident)


class Injector:
    """Puts whole IP packets on the access link from a namespace: past its
    routes, neighbours, xfrm policies and netfilter rules, with any source."""

    def __init__(self, namespace, ifname="gm0", target="pcscf",
                 target_ifname="gm0"):
        import netns
        self.mac = netns.mac(namespace, ifname)
        self.target = netns.mac(target, target_ifname)
        with netns.ns(namespace):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self.sock.bind((ifname, 0))

    def send(self, packet):
        ethertype = b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\0"
        self.sock.send(self.target + self.mac + ethertype + packet)

    def close(self):
        self.sock.close()


def check_golden(path=None):
    """Returns the names of the suites that were checked."""
    import json
    path = path or os.path.join(os.path.dirname(os.path.realpath(__file__)),
                                "esp_golden.json")
    with open(path, encoding="utf-8") as f:
        golden = json.load(f)
    # keys of TS 35.208 set 1, as in vectors.json
    ik = bytes.fromhex("f769bcd751044604127672711c6d3441")
    ck = bytes.fromhex("b40ba9a3c58b2a05bbf0d987b21bf8cb")
    payload = bytes.fromhex(golden["udp_payload"])
    iv = bytes.fromhex(golden["iv"])
    spi, seq = int(golden["spi"], 16), golden["seq"]
    checked = []
    for name, packet in golden["esp"].items():
        packet = bytes.fromhex(packet)
        suite = dict(p.split("=") for p in name.split(" ")[0].split(";"))
        alg, ealg = suite["alg"], suite["ealg"]
        key = {"null": b"", "aes-cbc": ck, "des-ede3-cbc": ck + ck[:8],
               "aes-gcm": ck + bytes.fromhex("89273db6")}[ealg]
        more = {"hmac-sha-1-96": bytes(4),
                "aes-gmac": bytes.fromhex("dbc2b1c2")}.get(alg, b"")
        sa = Esp(alg, ealg, ik + more, key, spi)
        assert sa.seal(payload, UDP, seq, iv) == packet, name
        assert sa.open(packet) == (payload, UDP, seq), name
        checked.append(name)
    return checked


if __name__ == "__main__":
    for suite_name in check_golden():
        print("ok - %s" % suite_name)
