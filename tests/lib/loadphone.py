# SPDX-License-Identifier: GPL-2.0-or-later
"""One of the many UEs of load.py."""
import base64
import os
import random
import re

import crypto
import milenage
from esp import Esp
from sipmsg import REALM, host_port, token

PORT, PORT_US = 5060, 5065
# Seconds: longer than very many of them take on an emulated CPU.
EXPIRES = 7200
# UEs take turns. Few, because a REGISTER has to fit into one packet.
OFFERS = ((("hmac-sha-1-96", "null"),),
          (("hmac-sha-1-96", "null"), ("hmac-sha-1-96", "aes-cbc")))
_BRANCH = re.compile(r"branch=([^;,\s]+)")
_NONCE = re.compile(r'nonce="([^"]*)"')
_SERVER = re.compile(r"^Security-Server[ \t]*:[ \t]*([^\r\n]*)", re.I | re.M)
_COPIED = re.compile(r"^(?:Via|v|Record-Route|From|f|To|t|Call-ID|i|CSeq)"
                     r"[ \t]*:[^\r\n]*\r\n", re.I | re.M)


def code_of(answer):
    """The status code of an answer, 0 if there is none."""
    return int(answer[8:11]) if answer else 0


def xor(a, b):
    return (int.from_bytes(a, "big") ^
            int.from_bytes(b, "big")).to_bytes(len(a), "big")


class Aka:
    """Milenage for one RAND: as in milenage.py, in fewer calls of AES."""

    def __init__(self, k, opc, rand):
        self.k, self.opc = k, opc
        self.temp = crypto.encrypt("aes-ecb", k, None, xor(rand, opc))
        base, blocks = xor(self.temp, opc), b""
        for turn, constant in ((0, 1), (4, 2), (8, 4)):
            block = base[turn:] + base[:turn]
            blocks += block[:15] + bytes([block[15] ^ constant])
        out = xor(crypto.encrypt("aes-ecb", k, None, blocks), opc * 3)
        self.ak, self.res = out[:6], out[8:16]
        self.ck, self.ik = out[16:32], out[32:48]

    def mac(self, sqn, amf):
        in1 = xor((sqn + amf) * 2, self.opc)
        block = xor(self.temp, in1[8:] + in1[:8])
        return xor(crypto.encrypt("aes-ecb", self.k, None, block),
                   self.opc)[:8]


class SaSet:
    """The four SAs of one authentication; UDP uses A and C only."""

    def __init__(self, port_uc, like=None):
        self.port_uc = port_uc
        self.spi_uc = random.randrange(256, 1 << 31)
        self.spi_us = random.randrange(1 << 31, 1 << 32)
        if like:
            self.port_uc = like.port_uc
            self.spi_uc, self.spi_us = like.spi_uc, like.spi_us
        self.port_pc = self.port_ps = self.spi_pc = self.spi_ps = None
        self.a = self.c = None      # Esp
        self.last = 0               # sequence number on C

    @property
    def spis(self):
        return self.spi_uc, self.spi_us, self.spi_ps, self.spi_pc

    def agree(self, text, offers, aka):
        """By Security-Server; False if nothing in it fits."""
        for part in text.split(","):
            m = dict(p.strip().partition("=")[::2] for p in part.split(";"))
            pair = m.get("alg"), m.get("ealg", "null")
            if "ipsec-3gpp" in m and pair in offers:
                break
        else:
            return False
        self.spi_pc, self.spi_ps, self.port_pc, self.port_ps = (
            int(m[p]) for p in ("spi-c", "spi-s", "port-c", "port-s"))
        keys = milenage.esp_keys(*pair, aka.ck, aka.ik)
        self.a = Esp(*pair, *keys, self.spi_ps)
        self.c = Esp(*pair, *keys, self.spi_us)
        return True


class Phone:
    """sa: the set in use; offered: of the last SM1; live: all whose keys it
    has, by the SPI of SA C; heard: branches of requests from the network."""

    def __init__(self, fleet, number, addr, offers=None):
        self.fleet, self.number, self.addr = fleet, number, addr
        self.offers = offers or OFFERS[number // 2 % len(OFFERS)]
        self.raw = self.link = None     # for the fleet
        name = "load%d" % number
        self.impi = "%s@%s" % (name, REALM)
        self.impu = "sip:" + self.impi
        self.host = host_port(addr, PORT_US)
        self.contact = "sip:%s@%s" % (name, self.host)
        self.k, self.opc, self.sqn = os.urandom(16), os.urandom(16), 0
        self.call_id, self.cseq = token(8), 0
        self.sa = self.offered = None
        self.live = {}
        self.server = ""
        self.heard = set()

    # ----- registration ----------------------------------------------------
    def _register(self, by, sa, expires, auth):
        """A REGISTER on a set, about another or the same one."""
        self.cseq += 1
        branch = token()
        client = "spi-c=%d;spi-s=%d;port-c=%d;port-s=%d" % (
            sa.spi_uc, sa.spi_us, sa.port_uc, PORT_US)
        return self, by, branch, (
            f"REGISTER sip:{REALM} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP "
            f"{self.host if by else host_port(self.addr, PORT)}"
            f";branch=z9hG4bK{branch}\r\nMax-Forwards: 70\r\n"
            f"From: <{self.impu}>;tag={branch[:8]}\r\nTo: <{self.impu}>\r\n"
            f"Call-ID: {self.call_id}\r\nCSeq: {self.cseq} REGISTER\r\n"
            f"Contact: <{self.contact}>;expires={expires}\r\n"
            f'Authorization: Digest username="{self.impi}", realm="{REALM}", '
            f'uri="sip:{REALM}", {auth}\r\n'
            "Require: sec-agree\r\nProxy-Require: sec-agree\r\n"
            "Supported: path, sec-agree\r\nSecurity-Client: " + ", ".join(
                f"ipsec-3gpp;alg={alg};ealg={ealg};{client}"
                for alg, ealg in self.offers) +
            (f"\r\nSecurity-Verify: {self.server}" if by else "") +
            "\r\nContent-Length: 0\r\n\r\n")

    def sm1(self, expires=EXPIRES, protected=False, like=None):
        """The first REGISTER; returns the answer, None if there was none.
        like: a set whose ports and SPIs are offered once more."""
        self.offered = SaSet(self.fleet.port_uc(), like)
        return (yield self._register(self.sa if protected else None,
                                     self.offered, expires,
                                     'nonce="", response=""'))

    def challenged(self, answer):
        """Checks the network and takes the new SAs into use; returns the
        credentials for SM7, None if the challenge is not acceptable."""
        nonce = _NONCE.search(answer)[1]
        raw = base64.b64decode(nonce)
        aka = Aka(self.k, self.opc, raw[:16])
        sqn, amf = xor(raw[16:22], aka.ak), raw[22:24]
        number = int.from_bytes(sqn, "big")
        if aka.mac(sqn, amf) != raw[24:32] or number <= self.sqn:
            return None
        self.sqn = number
        self.server = _SERVER.search(answer)[1]
        sa = self.offered
        if not sa.agree(self.server, self.offers, aka):
            return None
        self.live[sa.spi_us] = sa
        return 'nonce="%s", algorithm=AKAv1-MD5, response="%s"' % (
            nonce, milenage.digest(self.impi, REALM, aka.res, nonce,
                                   "REGISTER", "sip:" + REALM))

    def sm7(self, auth, expires=EXPIRES):
        """The REGISTER on the new set; returns the answer."""
        sa = self.offered
        answer = yield self._register(sa, sa, expires, auth)
        if code_of(answer) == 200:
            self.sa = sa if expires else None
        return answer

    def register(self, expires=EXPIRES, protected=False, like=None):
        """SM1 to SM12; returns the last status code, 0 without an answer, -1
        if it is the UE that gives up."""
        answer = yield from self.sm1(expires, protected, like)
        if code_of(answer) != 401:
            if code_of(answer) == 200 and not expires:
                self.sa = None
            return code_of(answer)
        auth = self.challenged(answer)
        if not auth:
            return -1
        return code_of((yield from self.sm7(auth, expires)))

    def deregister(self):
        """On the set in use; the home network does not challenge that."""
        return self.register(0, protected=True)

    # ----- everything else -------------------------------------------------
    def message(self, sa=None):
        """MESSAGE to the core on a set; returns the status code."""
        branch = token()
        return code_of((yield self, sa or self.sa, branch, (
            "MESSAGE sip:bob@home.example SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self.host};branch=z9hG4bK{branch}\r\n"
            f"Max-Forwards: 70\r\nFrom: <{self.impu}>;tag={branch[:8]}\r\n"
            f"To: <sip:bob@home.example>\r\nCall-ID: {branch}\r\n"
            "CSeq: 1 MESSAGE\r\nContent-Type: text/plain\r\n"
            "Content-Length: 2\r\n\r\nhi")))

    def request(self, text, sa):
        """A request of the network: 200, on the set that it came on."""
        self.heard.add(_BRANCH.search(text)[1])
        self.fleet.send(self, sa, (
            "SIP/2.0 200 OK\r\n" + "".join(_COPIED.findall(text)) +
            "Content-Length: 0\r\n\r\n").encode())

    def forget(self):
        """Like a phone that was switched off."""
        self.sa = self.offered = None
        self.live.clear()
