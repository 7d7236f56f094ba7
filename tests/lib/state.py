# SPDX-License-Identifier: GPL-2.0-or-later
"""Endpoints and SA sets for the tests of the module's state.

    g = state.client("pcscf")
    ep = state.endpoint(g, 4)
    s = state.new_set(g, ep, phase="established", **{"lifetime-ms": 60000})
    s.id, s.port_pc, s.spi("A"), s.esp("A"), s.flow("C")
    state.install_ue(s, "ue1")          # the UE's half, in its own kernel
"""
import os
import random
import time

import genl
import netns
from esp import Esp

PORT_PS, PORT_PC, PORT = 6101, list(range(6110, 6118)), 5060
ALGS = {"hmac-md5-96": ("hmac(md5)", 16), "hmac-sha-1-96": ("hmac(sha1)", 20)}
EALGS = {"null": ("ecb(cipher_null)", 0), "des-ede3-cbc": ("cbc(des3_ede)", 24),
         "aes-cbc": ("cbc(aes)", 16)}
# Two algorithms in one, their 20 byte key ends in a salt.
AEADS = {("null", "aes-gcm"): "rfc4106(gcm(aes))",
         ("aes-gmac", "null"): "rfc4543(gcm(aes))"}
PAIRS = [(alg, ealg) for alg in ALGS for ealg in EALGS] + list(AEADS)
NAMES = ("A", "B", "C", "D")
INBOUND = ("A", "D")

_spec = None
_numbers = random.Random()


def client(namespace="pcscf", **kwargs):
    """A connection to the module; the spec is parsed once (that is slow)."""
    global _spec
    _spec = _spec or genl.Spec()
    return genl.Genl(_spec, netns=namespace and netns.PREFIX + namespace,
                     **kwargs)


def endpoint_attrs(addr, **over):
    attrs = {"local-addr": addr, "port-ps": [PORT_PS], "port-pc": PORT_PC,
             "port-unprotected": [PORT]}
    attrs.update(over)
    return {"endpoint": {k: v for k, v in attrs.items() if v is not None}}


def endpoint(g, version=4, **over):
    """Guards pcscf's access address; returns what the kernel answered."""
    addr = netns.access_addr("pcscf", version)
    return g.do("endpoint-new", endpoint_attrs(addr, **over))["endpoint"]


def key_of(length):
    """Random, and never by chance a text that is looked for elsewhere."""
    return os.urandom(length)


def set_attrs(ep, ue=None, alg="hmac-sha-1-96", ealg="aes-cbc", **over):
    """A complete request; over: attributes by name, None leaves one out."""
    version = 6 if ":" in ep["local-addr"] else 4
    spi_uc, spi_us = _numbers.sample(range(1 << 20, 1 << 32), 2)
    port_uc, port_us = _numbers.sample(range(20000, 60000), 2)
    size, ealg_size = ALGS.get(alg, ("", 20))[1], EALGS.get(ealg, ("", 20))[1]
    attrs = {"endpoint-id": ep["id"],
             "ue-addr": ue or netns.access_addr("ue1", version),
             "port-uc": port_uc, "port-us": port_us,
             "spi-uc": spi_uc, "spi-us": spi_us,
             "alg": alg, "ealg": ealg,
             "alg-key": None if alg == "null" else key_of(size),
             "ealg-key": key_of(ealg_size) or None,
             "impi": "user%d@home.example" % _numbers.randrange(1 << 40)}
    attrs.update(over)
    return {"sa-set": {k: v for k, v in attrs.items() if v is not None}}


def established(**over):
    """Attributes of an established set, for new_set()."""
    return {"phase": "established", "lifetime-ms": 600000, **over}


class Set:
    """An SA set as it was asked for (keys) and as it was answered."""

    def __init__(self, asked, reply):
        self.asked, self.reply = asked, reply
        self.id = reply["id"]
        self.impi = reply["impi"]
        self.ue, self.local = reply["ue-addr"], reply["local-addr"]
        self.port_uc, self.port_us = reply["port-uc"], reply["port-us"]
        self.port_pc, self.port_ps = reply["port-pc"], reply["port-ps"]
        self._esp = {}

    def spi(self, name):
        return self.reply[{"A": "spi-ps", "B": "spi-uc", "C": "spi-us",
                           "D": "spi-pc"}[name]]

    def flow(self, name):
        """source address, port, destination address, port of an SA."""
        ue = (self.ue, self.port_uc if name in "AB" else self.port_us)
        local = (self.local, self.port_ps if name in "AB" else self.port_pc)
        return ue + local if name in INBOUND else local + ue

    @property
    def keys(self):
        """[integrity key, encryption key], b"" for none"""
        return [self.asked.get("alg-key", b""), self.asked.get("ealg-key", b"")]

    def esp(self, name, seq=None):
        """The SA as an Esp; the same one each time unless seq is given."""
        if seq is None and name in self._esp:
            return self._esp[name]
        sa = Esp(self.asked["alg"], self.asked["ealg"], *self.keys,
                 self.spi(name), seq or 0)
        if seq is None:
            self._esp[name] = sa
        return sa

    def request(self, **over):
        """What would make the same set again."""
        attrs = dict(self.asked)
        attrs.update(over)
        return {"sa-set": {k: v for k, v in attrs.items() if v is not None}}


def new_set(g, ep, **kwargs):
    asked = set_attrs(ep, **kwargs)
    return Set(asked["sa-set"], g.do("sa-set-new", asked)["sa-set"])


def get_set(g, number):
    """The set as SA_SET_GET shows it; None if there is none."""
    try:
        return g.do("sa-set-get", {"sa-set": {"id": number}})["sa-set"]
    except genl.NlError as error:
        if error.errno != 2:
            raise
        return None


def change_set(g, number, **over):
    over = {k.replace("_", "-"): v for k, v in over.items()}
    return g.do("sa-set-set", {"sa-set": dict(over, id=number)})


def del_set(g, number):
    g.do("sa-set-del", {"sa-set": {"id": number}})


def sets(g):
    return [s["sa-set"] for s in g.dump("sa-set-get")]


def stats(g):
    return g.do("stats-get")["stats"]


def drops(g):
    """{reason: packets} of all that are not 0."""
    return {r["name"]: r["packets"] for r in stats(g)["reason"]
            if r["packets"]}


def limits(g, **values):
    if values:
        g.do("limits-set", {"limits": {k.replace("_", "-"): v
                                       for k, v in values.items()}})
    return g.do("limits-get")["limits"]


def clear(g):
    """Deletes every endpoint, with its sets."""
    for found in g.dump("endpoint-get"):
        g.do("endpoint-del", {"endpoint": {"id": found["endpoint"]["id"],
                                           "force": True}})


def set_event(g, event, number=None, timeout=60, **attrs):
    """Waits for a notification about a set; its sa-set nest, or None."""
    def fits(name, got):
        found = got.get("sa-set", {})
        return name == "event-ntf" and got["event"] == event and \
            number in (None, found.get("id")) and \
            all(found.get(k.replace("_", "-")) == v for k, v in attrs.items())
    found = g.event(timeout, fits)
    return found and found[1]["sa-set"]


def wait(condition, timeout=60, pause=0.01):
    """Polls for what sends no event; the last value of the condition."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value or time.monotonic() > end:
            return value
        time.sleep(pause)


def algorithms(alg, ealg, ik, ck):
    """A pair as ip(8) wants it."""
    if (alg, ealg) in AEADS:
        return "aead %s 0x%s 128" % (AEADS[alg, ealg], (ik + ck).hex())
    return "auth-trunc %s 0x%s 96 enc %s %s" % (
        ALGS[alg][0], ik.hex(), EALGS[ealg][0],
        "0x" + ck.hex() if ck else '""')


def ue_lines(s, verb):
    """ip(8) lines for the UE's half of a set."""
    bits = 128 if ":" in s.ue else 32
    for i, name in enumerate(NAMES):
        src, sport, dst, dport = s.flow(name)
        way = "out" if name in INBOUND else "in"
        sel = "src %s/%d dst %s/%d sport %d dport %d" % (src, bits, dst, bits,
                                                         sport, dport)
        reqid = (s.id << 3) + i + 1
        ident = "src %s dst %s proto esp spi 0x%x" % (src, dst, s.spi(name))
        if verb == "delete":
            yield "xfrm policy delete %s dir %s" % (sel, way)
            yield "xfrm state delete " + ident
            continue
        yield ("xfrm state add %s reqid %d mode transport replay-window 32 "
               "%s sel %s" % (ident, reqid, algorithms(
                   s.asked["alg"], s.asked["ealg"], *s.keys), sel))
        yield ("xfrm policy add %s dir %s tmpl src %s dst %s proto esp "
               "reqid %d mode transport" % (sel, way, src, dst, reqid))


def install_ue(s, namespace):
    netns.ip("\n".join(ue_lines(s, "add")) + "\n", namespace)


def remove_ue(s, namespace):
    netns.ip("\n".join(ue_lines(s, "delete")) + "\n", namespace, force=True)
