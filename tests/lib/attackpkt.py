# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets for attacks, beyond what esp.py makes: fragments, IPv6 extension
headers, tunnels, transports that are neither TCP nor UDP, and quotes in ICMP.

Everything returns bytes. A "tail" is what follows an IP header, next_header is
its protocol number.
"""
import os
import struct

from esp import ICMP, ICMP6, checksum, fragment_header, icmp, ip, packed

HOP, IPIP, ROUTING, FRAGMENT, GRE, DEST = 0, 4, 43, 44, 47, 60
DCCP, IP6IP, COMP, SCTP, UDPLITE = 33, 41, 108, 132, 136


def ident(bits=16):
    """An identification for fragments that no other packet has."""
    return int.from_bytes(os.urandom(4), "big") >> (32 - bits) or 1


def fragments(src, dst, protocol, tail, pieces, order=None):
    """The fragments (start, end) of a tail, as IP packets of either version.

    end None is the end of the tail; only that piece is the last fragment.
    """
    number = ident(32 if ":" in src else 16)
    made = []
    for piece in pieces:
        start, end = piece[:2]
        data = tail[start:end] if len(piece) == 2 else piece[2]
        more = end is not None and end < len(tail)
        if ":" in src:
            made.append(ip(src, dst, FRAGMENT, fragment_header(
                protocol, start, more, number) + data))
        else:
            made.append(ip(src, dst, protocol, data, number, start, more))
    return [made[i] for i in order] if order else made


def options(next_header, size=8, body=None):
    """A hop-by-hop or destination options header that means nothing."""
    body = body or (b"\1\4" + bytes(4) if size == 8 else b"")
    # More than 7 bytes of padding are refused, unknown options are skipped.
    while len(body) < size - 2:
        use = min(size - 2 - len(body), 200)
        body += bytes([0x1e, use - 2]) + bytes(use - 2)
    return struct.pack("!BB", next_header, size // 8 - 1) + body


def routing(next_header, kind=0, left=0, addresses=()):
    """A routing header; all kinds begin alike."""
    return struct.pack("!BBBBI", next_header, 2 * len(addresses), kind, left,
                       0) + b"".join(packed(a) for a in addresses)


def chain(*headers):
    """Puts IPv6 extension headers in front of a tail.

    chain((HOP, options), (DEST, options), (UDP, tail)): returns the first
    protocol number and the bytes.
    """
    kind, data = headers[-1]
    for before, make in reversed(headers[:-1]):
        data = make(kind) + data
        kind = before
    return kind, data


def atomic(next_header):
    """A Fragment header of a packet that is not fragmented (RFC 6946)."""
    return fragment_header(next_header, 0, False, ident(32))


def gre(inner):
    """GRE around an IP packet."""
    return struct.pack("!HH", 0, 0x86dd if inner[0] >> 4 == 6 else 0x0800) + \
        inner


def ah(next_header, spi, seq, icv=bytes(12)):
    """An authentication header, whose ICV is wrong unless given."""
    return struct.pack("!BBHII", next_header, (12 + len(icv)) // 4 - 2, 0, spi,
                       seq) + icv


def ipcomp(next_header, cpi, compressed):
    return struct.pack("!BBH", next_header, 0, cpi) + compressed


def _crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def sctp_init(sport, dport):
    """An INIT chunk with a right checksum."""
    chunk = struct.pack("!BBHIIHHI", 1, 0, 20, 0x11223344, 65535, 1, 1, 1)
    head = struct.pack("!HHI", sport, dport, 0)
    crc = _crc32c(head + bytes(4) + chunk)
    return head + struct.pack("<I", crc) + chunk


def _sum(src, dst, protocol, data, covered):
    """Checksum of a transport that covers the first bytes of its packet."""
    if ":" in src:
        pseudo = struct.pack("!IHBB", len(data), 0, 0, protocol)
    else:
        pseudo = struct.pack("!BBH", 0, protocol, len(data))
    return checksum(packed(src) + packed(dst) + pseudo + data[:covered])


def udplite(src, dst, sport, dport, payload):
    """UDP-Lite whose checksum covers the whole packet."""
    data = struct.pack("!HHHH", sport, dport, 0, 0) + payload
    total = _sum(src, dst, UDPLITE, data, len(data)) or 0xffff
    return data[:6] + struct.pack("!H", total) + payload


def dccp_request(src, dst, sport, dport):
    """A DCCP Request (RFC 4340 5.2) with 48 bit sequence numbers."""
    data = struct.pack("!HHBBHBBHI", sport, dport, 5, 0, 0, 1, 0, 0, 0x1234) + \
        struct.pack("!I", 0)
    total = _sum(src, dst, DCCP, data, len(data))
    return data[:6] + struct.pack("!H", total) + data[8:]


# ICMP by its meaning: (type, code) of version 4 and 6
ERRORS = {"port unreachable": ((3, 3), (1, 4)),
          "host unreachable": ((3, 1), (1, 3)),
          "protocol unreachable": ((3, 2), (4, 1)),
          "prohibited": ((3, 13), (1, 1)),
          "too big": ((3, 4), (2, 0)),
          "time exceeded": ((11, 0), (3, 0)),
          "parameter problem": ((12, 0), (4, 0)),
          "source quench": ((4, 0), None),
          "redirect": ((5, 1), (137, 0))}


def icmp_error(src, dst, meaning, quoted, mtu=0, gateway=None):
    """An ICMP or ICMPv6 packet from src to dst about the packet quoted."""
    version6 = ":" in src
    kind, code = ERRORS[meaning][version6]
    if meaning == "redirect" and version6:
        # reserved, target, destination, redirected header option
        quoted += bytes(-len(quoted) % 8)
        body = packed(gateway) + quoted[24:40] + \
            struct.pack("!BBHI", 4, len(quoted) // 8 + 1, 0, 0) + quoted
        return ip(src, dst, ICMP6, icmp(src, dst, kind, code, bytes(4), body),
                  ttl=255)
    rest = struct.pack("!I", mtu) if version6 else struct.pack("!HH", 0, mtu)
    if meaning == "redirect":
        rest = packed(gateway)
    return ip(src, dst, ICMP6 if version6 else ICMP,
              icmp(src, dst, kind, code, rest, quoted))
