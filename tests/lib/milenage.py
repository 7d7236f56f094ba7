# SPDX-License-Identifier: GPL-2.0-or-later
"""Milenage (TS 35.206), AKA vectors (TS 33.102 6.3) and AKAv1-MD5 (RFC 3310)."""
import hashlib
import hmac

from crypto import aes_block


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def _rotate(data, bits):
    n = bits // 8
    return data[n:] + data[:n]


def opc_from_op(k, op):
    return xor(aes_block(k, op), op)


def _out(k, opc, temp, rotation, constant):
    block = xor(_rotate(xor(temp, opc), rotation),
                bytes(15) + bytes([constant]))
    return xor(aes_block(k, block), opc)


def f1(k, opc, rand, sqn, amf):
    """Returns MAC-A and MAC-S (f1 and f1*)."""
    temp = aes_block(k, xor(rand, opc))
    in1 = sqn + amf + sqn + amf
    block = xor(temp, _rotate(xor(in1, opc), 64))
    out = xor(aes_block(k, block), opc)
    return out[:8], out[8:]


def f2345(k, opc, rand):
    """Returns RES, CK, IK, AK and AK* (f5*)."""
    temp = aes_block(k, xor(rand, opc))
    out2 = _out(k, opc, temp, 0, 1)
    return (out2[8:], _out(k, opc, temp, 32, 2), _out(k, opc, temp, 64, 4),
            out2[:6], _out(k, opc, temp, 96, 8)[:6])


class Vector:
    """An authentication vector as the HSS makes it."""

    def __init__(self, k, opc, rand, sqn, amf):
        mac_a, _ = f1(k, opc, rand, sqn, amf)
        self.rand = rand
        self.xres, self.ck, self.ik, ak, _ = f2345(k, opc, rand)
        self.autn = xor(sqn, ak) + amf + mac_a


def make_auts(k, opc, rand, sqn_ms):
    """AUTS of the USIM (33.102 6.3.3): conceals SQN_MS, AMF is zero."""
    _, mac_s = f1(k, opc, rand, sqn_ms, bytes(2))
    return xor(sqn_ms, f2345(k, opc, rand)[4]) + mac_s


def open_auts(k, opc, rand, auts):
    """SQN_MS of an AUTS, None if its MAC-S is wrong."""
    sqn_ms = xor(auts[:6], f2345(k, opc, rand)[4])
    _, mac_s = f1(k, opc, rand, sqn_ms, bytes(2))
    return sqn_ms if hmac.compare_digest(mac_s, auts[6:]) else None


def _md5(data):
    return hashlib.md5(data).hexdigest()


def digest(username, realm, res, nonce, method, uri, qop=None, nc=None,
           cnonce=None):
    """The AKAv1-MD5 response: RES as raw octets is the password."""
    ha1 = _md5(("%s:%s:" % (username, realm)).encode() + res)
    ha2 = _md5(("%s:%s" % (method, uri)).encode())
    if qop:
        text = "%s:%s:%s:%s:%s:%s" % (ha1, nonce, nc, cnonce, qop, ha2)
    else:
        text = "%s:%s:%s" % (ha1, nonce, ha2)
    return _md5(text.encode())


def kdf(ck, ik, fc, p0):
    """TS 33.220 Annex B with CK | IK as the key."""
    s = bytes([fc]) + p0 + len(p0).to_bytes(2, "big")
    return hmac.new(ck + ik, s, hashlib.sha256).digest()


def esp_keys(alg, ealg, ck, ik):
    """IK_ESP and CK_ESP of TS 33.203 Annex I; b"" for none."""
    ik_esp = {"hmac-md5-96": ik, "hmac-sha-1-96": ik + bytes(4),
              "aes-gmac": ik + kdf(ck, ik, 0x58, b"AES_GMAC_SALT")[-4:],
              "null": b""}[alg]
    ck_esp = {"null": b"", "aes-cbc": ck,
              "des-ede3-cbc": ck[:8] + ck[8:] + ck[:8],
              "aes-gcm": ck + kdf(ck, ik, 0x59, b"AES_GCM_SALT")[-4:]}[ealg]
    return ik_esp, ck_esp


