# SPDX-License-Identifier: GPL-2.0-or-later
"""Block ciphers for the tests, through libcrypto (ctypes).

Python's hashlib loads libcrypto anyway, so this costs no import time; the
python3-cryptography package takes 40 times as long, which hurts on an emulated
CPU.
"""
import ctypes
import ctypes.util

_lib = ctypes.CDLL(ctypes.util.find_library("crypto") or "libcrypto.so.3")
_vp, _ip = ctypes.c_void_p, ctypes.POINTER(ctypes.c_int)
for _name, _res, _args in (
        ("EVP_CIPHER_CTX_new", _vp, []),
        ("EVP_CIPHER_CTX_free", None, [_vp]),
        ("EVP_CIPHER_CTX_set_padding", ctypes.c_int, [_vp, ctypes.c_int]),
        ("EVP_CIPHER_CTX_ctrl", ctypes.c_int,
         [_vp, ctypes.c_int, ctypes.c_int, _vp]),
        ("EVP_CipherInit_ex", ctypes.c_int,
         [_vp, _vp, _vp, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int]),
        ("EVP_CipherUpdate", ctypes.c_int,
         [_vp, ctypes.c_char_p, _ip, ctypes.c_char_p, ctypes.c_int]),
        ("EVP_CipherFinal_ex", ctypes.c_int, [_vp, ctypes.c_char_p, _ip]),
        ("EVP_aes_128_ecb", _vp, []), ("EVP_aes_128_cbc", _vp, []),
        ("EVP_aes_128_gcm", _vp, []), ("EVP_des_ede3_cbc", _vp, [])):
    _f = getattr(_lib, _name)
    _f.restype, _f.argtypes = _res, _args

_CIPHERS = {"aes-ecb": _lib.EVP_aes_128_ecb, "aes-cbc": _lib.EVP_aes_128_cbc,
            "des-ede3-cbc": _lib.EVP_des_ede3_cbc,
            "aes-gcm": _lib.EVP_aes_128_gcm}
_GCM_GET_TAG, _GCM_SET_TAG = 0x10, 0x11


def _check(result, what):
    if result != 1:
        raise ValueError("libcrypto: %s failed" % what)


def _run(name, key, iv, data, encrypt, aad=None, tag=None):
    """Returns (output, tag); data is a whole number of blocks for CBC, ECB."""
    ctx = _lib.EVP_CIPHER_CTX_new()
    try:
        _check(_lib.EVP_CipherInit_ex(ctx, _CIPHERS[name](), None, key, iv,
                                      1 if encrypt else 0), "init " + name)
        _lib.EVP_CIPHER_CTX_set_padding(ctx, 0)
        n = ctypes.c_int(0)
        if aad:
            _check(_lib.EVP_CipherUpdate(ctx, None, ctypes.byref(n), aad,
                                         len(aad)), "aad")
        out = ctypes.create_string_buffer(len(data) + 32)
        total = 0
        if data:
            _check(_lib.EVP_CipherUpdate(ctx, out, ctypes.byref(n), data,
                                         len(data)), "update")
            total = n.value
        if tag is not None and not encrypt:
            _check(_lib.EVP_CIPHER_CTX_ctrl(ctx, _GCM_SET_TAG, len(tag),
                                            ctypes.c_char_p(tag)), "set tag")
        rest = ctypes.create_string_buffer(32)
        _check(_lib.EVP_CipherFinal_ex(ctx, rest, ctypes.byref(n)), "final")
        result = out.raw[:total] + rest.raw[:n.value]
        if name == "aes-gcm" and encrypt:
            got = ctypes.create_string_buffer(16)
            _check(_lib.EVP_CIPHER_CTX_ctrl(ctx, _GCM_GET_TAG, 16, got),
                   "get tag")
            return result, got.raw
        return result, b""
    finally:
        _lib.EVP_CIPHER_CTX_free(ctx)


def aes_block(key, block):
    """One AES-128 block, ECB."""
    return _run("aes-ecb", key, None, block, True)[0]


def encrypt(name, key, iv, data):
    return _run(name, key, iv, data, True)[0]


def decrypt(name, key, iv, data):
    return _run(name, key, iv, data, False)[0]


def gcm_seal(key, nonce, data, aad):
    """Returns ciphertext and 16 byte tag."""
    return _run("aes-gcm", key, nonce, data, True, aad)


def gcm_open(key, nonce, data, aad, tag):
    return _run("aes-gcm", key, nonce, data, False, aad, tag)[0]
