# SPDX-License-Identifier: GPL-2.0-or-later
"""Every refusal of SA_SET_NEW, SA_SET_SET and SA_SET_GET: errno, a text that
says what is wrong, the attribute, and nothing changed (AT-12, AT-13)."""
import os
import random
import struct
from errno import (EADDRNOTAVAIL, EEXIST, EINVAL, ENOENT, ENOSPC, EOPNOTSUPP,
                   ERANGE)

import genl
import state
import tap

# What a set can't be without. ealg-key: with aes-cbc.
MANDATORY = ("endpoint-id", "ue-addr", "port-uc", "port-us", "spi-uc",
             "spi-us", "alg", "ealg", "alg-key", "impi")

# of a family: name, address
BAD_ADDRESSES = {
    4: [("the endpoint's own", "10.33.0.1"), ("loopback", "127.0.0.1"),
        ("zero", "0.0.0.0"),
        ("multicast", "224.0.0.5"), ("multicast", "239.255.255.250"),
        ("broadcast", "255.255.255.255"), ("link-local", "169.254.1.1")],
    6: [("the endpoint's own", "fd33::1"), ("loopback", "::1"),
        ("zero", "::"), ("multicast", "ff02::1"), ("multicast", "ff0e::33"),
        ("link-local", "fe80::1"), ("IPv4-mapped", "::ffff:10.33.0.11")]}

WRONG_KEYS = [  # alg, ealg, changes, attribute
    ("hmac-md5-96", "null", {"alg-key": bytes(15)}, "alg-key"),
    ("hmac-md5-96", "null", {"alg-key": bytes(17)}, "alg-key"),
    ("hmac-md5-96", "null", {"alg-key": bytes(20)}, "alg-key"),
    ("hmac-md5-96", "null", {"alg-key": b""}, "alg-key"),
    ("hmac-sha-1-96", "null", {"alg-key": bytes(16)}, "alg-key"),
    ("hmac-sha-1-96", "null", {"alg-key": bytes(19)}, "alg-key"),
    ("hmac-sha-1-96", "null", {"alg-key": bytes(64)}, "alg-key"),
    ("hmac-md5-96", "null", {"ealg-key": bytes(16)}, "ealg-key"),
    ("hmac-md5-96", "aes-cbc", {"ealg-key": bytes(15)}, "ealg-key"),
    ("hmac-md5-96", "aes-cbc", {"ealg-key": bytes(24)}, "ealg-key"),
    ("hmac-md5-96", "aes-cbc", {"ealg-key": bytes(32)}, "ealg-key"),
    ("hmac-md5-96", "aes-cbc", {"ealg-key": b""}, "ealg-key"),
    ("hmac-md5-96", "des-ede3-cbc", {"ealg-key": bytes(16)}, "ealg-key"),
    ("hmac-md5-96", "des-ede3-cbc", {"ealg-key": bytes(23)}, "ealg-key")]

# label, changes, errno, attribute below sa-set, words in the text
VALUES = [
    ("unknown endpoint", {"endpoint-id": 4711}, ENOENT, "endpoint-id",
     ["endpoint"]),
    ("port-uc 5060", {"port-uc": 5060}, EINVAL, "port-uc", ["5060"]),
    ("port-uc 5061", {"port-uc": 5061}, EINVAL, "port-uc", ["5061"]),
    ("port-us 5060", {"port-us": 5060}, EINVAL, "port-us", ["5060"]),
    ("port-us 5061", {"port-us": 5061}, EINVAL, "port-us", ["5061"]),
    ("equal UE ports", {"port-uc": 4000, "port-us": 4000}, EINVAL, "port-us",
     ["port-uc", "port-us", "differ"]),
    ("equal UE SPIs", {"spi-uc": 4000, "spi-us": 4000}, EINVAL, "spi-us",
     ["spi-uc", "spi-us", "differ"]),
    ("empty impi", {"impi": ""}, EINVAL, "impi", ["impi", "empty"]),
    ("a phase that sets end in", {"phase": "lingering"}, EINVAL, "phase",
     ["phase"]),
    ("a phase that only the kernel gives", {"phase": "superseded"}, EINVAL,
     "phase", ["phase"]),
    ("an id", {"id": 5}, EINVAL, "id", ["id"]),
    ("port-ps of the pool of port-pc", {"port-ps": 6110}, EINVAL, "port-ps",
     ["port-ps"]),
    ("port-ps of nobody", {"port-ps": 7000}, EINVAL, "port-ps", ["port-ps"]),
    ("port-pc that is port-ps", {"port-pc": 6101}, EINVAL, "port-pc",
     ["port-pc"]),
    ("port-pc of nobody", {"port-pc": 7000}, EINVAL, "port-pc", ["port-pc"]),
    ("an sa without name", {"sa": [{"seq": 1}]}, EINVAL, "sa",
     ["name", "seq"]),
    ("an sa without seq", {"sa": [{"name": "a"}]}, EINVAL, "sa",
     ["name", "seq"])]

# The policy itself refuses these; the kernel has a text of its own.
RANGES = [
    ("spi-uc 255", {"spi-uc": 255}, ERANGE, "spi-uc"),
    ("spi-uc 0", {"spi-uc": 0}, ERANGE, "spi-uc"),
    ("spi-us 1", {"spi-us": 1}, ERANGE, "spi-us"),
    ("spi-pc 255", {"spi-pc": 255}, ERANGE, "spi-pc"),
    ("spi-ps 255", {"spi-ps": 255}, ERANGE, "spi-ps"),
    ("port-uc 0", {"port-uc": 0}, ERANGE, "port-uc"),
    ("port-us 0", {"port-us": 0}, ERANGE, "port-us"),
    ("port-pc 0", {"port-pc": 0}, ERANGE, "port-pc"),
    ("alg 0", {"alg": 0}, ERANGE, "alg"), ("alg 5", {"alg": 5}, ERANGE, "alg"),
    ("ealg 0", {"ealg": 0}, ERANGE, "ealg"),
    ("ealg 5", {"ealg": 5}, ERANGE, "ealg"),
    ("phase 0", {"phase": 0}, ERANGE, "phase"),
    ("phase 5", {"phase": 5}, ERANGE, "phase"),
    ("lifetime-ms 0", {"lifetime-ms": 0}, ERANGE, "lifetime-ms"),
    ("lifetime-ms 2^31", {"lifetime-ms": 1 << 31}, ERANGE, "lifetime-ms"),
    ("endpoint-id 0", {"endpoint-id": 0}, ERANGE, "endpoint-id"),
    ("impi of 256 bytes", {"impi": "i" * 256}, EINVAL, "impi"),
    ("impi without its NUL", {"impi": b"abc"}, EINVAL, "impi"),
    ("agent-data of 2049 bytes", {"agent-data": bytes(2049)}, ERANGE,
     "agent-data"),
    ("alg-key of 65 bytes", {"alg-key": bytes(65)}, ERANGE, "alg-key"),
    ("an sa with a fifth name", {"sa": [{"name": 4, "seq": 1}]}, ERANGE,
     "sa.name"),
    ("an sa with packets", {"sa": [{"name": 0, "seq": 1, "packets": 9}]},
     EINVAL, "sa.packets"),
    ("what only replies have", {"age-ms": 5}, EINVAL, "age-ms"),
    ("what only replies have", {"in-use": True}, EINVAL, "in-use"),
    ("what only events have", {"cause": 1}, EINVAL, "cause"),
    ("local-addr", {"local-addr": "10.33.0.1"}, EINVAL, "local-addr"),
    ("an unknown attribute", {99: b""}, EINVAL, "99"),
    ("spi-uc of 2 bytes", {"spi-uc": b"\1\2"}, EINVAL, "spi-uc"),
    ("spi-uc of 8 bytes", {"spi-uc": bytes(7) + b"\1"}, EINVAL, "spi-uc"),
    ("port-uc of 1 byte", {"port-uc": b"\1"}, EINVAL, "port-uc")]


def new(b, ep, **over):
    return b.g.do("sa-set-new", state.set_attrs(ep, **over))


def bench(b, version):
    """A live set beside, which must not suffer."""
    b.fresh()
    ep = state.endpoint(b.g, version)
    state.new_set(b.g, ep, **state.established())
    b.g.events(0)
    return ep


def below(attr):
    return attr and "sa-set." + attr


def test_missing(b):
    for version in (4, 6):
        ep = bench(b, version)
        for name in MANDATORY:
            b.refused("ipv%d without %s: refused" % (version, name),
                      lambda name=name: new(b, ep, **{name: None}), EINVAL,
                      [name, "missing"], missing=below(name))
        b.refused("ipv%d without the encryption key: refused" % version,
                  lambda: new(b, ep, **{"ealg-key": None}), EINVAL,
                  ["ealg-key"], attr=below("ealg"))
        b.refused("ipv%d established without lifetime-ms: refused" % version,
                  lambda: new(b, ep, phase="established"), EINVAL,
                  ["lifetime-ms", "missing"], missing=below("lifetime-ms"))
    for op in ("sa-set-new", "sa-set-set", "sa-set-del", "sa-set-get"):
        b.refused("%s without the nest: refused" % op, lambda op=op:
                  b.g.do(op), EINVAL, ["sa-set", "missing"], missing="sa-set")
        if op != "sa-set-new":
            b.refused("%s without id: refused" % op, lambda op=op:
                      b.g.do(op, {"sa-set": {}}), EINVAL, ["id", "missing"],
                      missing=below("id"))


def test_values(b):
    ep = bench(b, 4)
    for label, over, code, attr, words in VALUES:
        b.refused("%s: refused" % label, lambda over=over: new(b, ep, **over),
                  code, words, attr=below(attr))
    for label, over, code, attr in RANGES:
        asked = state.set_attrs(ep)
        asked["sa-set"].update(over)
        b.refused("%s: refused" % label, lambda asked=asked: b.g.do(
            "sa-set-new", asked), code, attr=below(attr))


def test_own_spis(b):
    """Equal SPIs would let packets be reflected (AT-10, AT-13)."""
    for version in (4, 6):
        ep = bench(b, version)
        for mine in ("spi-pc", "spi-ps"):
            for theirs in ("spi-uc", "spi-us"):
                b.refused("AT-13 GM-06 ipv%d %s = %s: refused"
                          % (version, mine, theirs),
                          lambda mine=mine, theirs=theirs: new(
                              b, ep, **{mine: 77777, theirs: 77777}),
                          EEXIST, ["spi-pc", "spi-ps"], attr=below(mine))
        b.refused("AT-13 GM-06 ipv%d spi-pc = spi-ps: refused" % version,
                  lambda: new(b, ep, **{"spi-pc": 777, "spi-ps": 777}), EEXIST,
                  ["spi-pc", "spi-ps"], attr=below("spi-ps"))


def test_addresses(b):
    for version in (4, 6):
        ep = bench(b, version)
        for what, addr in BAD_ADDRESSES[version]:
            b.refused("ipv%d ue-addr %s (%s): refused" % (version, addr, what),
                      lambda addr=addr: new(b, ep, **{"ue-addr": addr}),
                      EADDRNOTAVAIL, ["ue-addr"], attr=below("ue-addr"))
        other = {4: "fd33::11", 6: "10.33.0.11"}[version]
        b.refused("ipv%d ue-addr of the other family: refused" % version,
                  lambda: new(b, ep, **{"ue-addr": other}), EINVAL,
                  ["ue-addr", "family"], attr=below("ue-addr"))
        for size in (1, 2, 3, 5, 6, 7, 8, 12, 15, 17, 32):
            code = EINVAL if 4 <= size <= 16 else ERANGE
            b.refused("ipv%d ue-addr of %d bytes: refused" % (version, size),
                      lambda size=size: new(
                          b, ep, **{"ue-addr": b"\x0a" * size}),
                      code, attr=below("ue-addr"))


def test_keys(b):
    ep = bench(b, 4)
    for alg, ealg, over, attr in WRONG_KEYS:
        b.refused("%s %s with %s of %d bytes: refused"
                  % (alg, ealg, attr, len(over[attr])),
                  lambda alg=alg, ealg=ealg, over=over: new(
                      b, ep, alg=alg, ealg=ealg, **over),
                  EINVAL, [attr, "length"], attr=below(attr))


def test_limits(b):
    ep = bench(b, 4)
    state.limits(b.g, max_sets=1)
    b.refused("max-sets reached: refused", lambda: new(b, ep), ENOSPC,
              ["max-sets"], attr="sa-set")
    state.limits(b.g, max_sets=2)
    made = state.new_set(b.g, ep)
    b.g.events(0)
    b.refused("max-sets reached again: refused", lambda: new(b, ep), ENOSPC,
              ["max-sets"], attr="sa-set")
    again = state.new_set(b.g, ep, **{"port-uc": made.port_uc})
    tap.ok(again.id != made.id and len(state.sets(b.g)) == 2, "GM-29: at the "
           "limit a set that replaces another one is made")
    state.del_set(b.g, again.id)
    tap.ok(state.new_set(b.g, ep), "max-sets: what ended leaves room")
    b.g.events(0)
    for name in ("max-sets", "temporary-ms", "grace-ms", "max-impi-sets",
                 "max-impi-temporary", "max-temporary"):
        b.refused("limit %s 0: refused" % name, lambda name=name:
                  b.g.do("limits-set", {"limits": {name: 0}}), ERANGE,
                  attr="limits." + name)
    b.refused("two limits, one of them bad: none is changed", lambda: b.g.do(
        "limits-set", {"limits": {"max-sets": 3, "grace-ms": 0}}), ERANGE,
              attr="limits.grace-ms")
    b.refused("LIMITS_SET without limits: refused", lambda: b.g.do(
        "limits-set"), EINVAL, ["limits", "missing"], missing="limits")


def test_small_pool(b):
    b.fresh()
    ep = state.endpoint(b.g, 4, **{"port-pc": [6110, 6111, 6112]})
    b.g.events(0)
    b.refused("an endpoint with 3 port-pc makes no sets", lambda: new(b, ep),
              ENOSPC, ["port-pc", "4"], attr=below("endpoint-id"))


def test_changes(b):
    """SA_SET_SET."""
    ep = bench(b, 4)
    live = state.sets(b.g)[0]
    waiting = state.new_set(b.g, ep)
    b.g.events(0)
    cases = [
        (live["id"], "established to temporary", {"phase": "temporary"},
         EINVAL, None),
        (waiting.id, "temporary to lingering", {"phase": "lingering"}, EINVAL,
         None),
        (live["id"], "port-uc", {"port-uc": 4000}, EINVAL, "port-uc"),
        (live["id"], "a key", {"alg-key": bytes(20)}, EINVAL, "alg-key"),
        (live["id"], "impi", {"impi": "x"}, EINVAL, "impi"),
        (live["id"], "an SPI", {"spi-ps": 4000}, EINVAL, "spi-ps"),
        (live["id"], "the endpoint", {"endpoint-id": 1}, EINVAL,
         "endpoint-id")]
    for number, what, over, code, attr in cases:
        b.refused("SA_SET_SET: %s: refused" % what,
                  lambda number=number, over=over: b.g.do(
                      "sa-set-set", {"sa-set": dict(over, id=number)}),
                  code, attr=below(attr or "phase"))
    for op in ("sa-set-set", "sa-set-del", "sa-set-get"):
        b.refused("%s of a set that does not exist: refused" % op,
                  lambda op=op: b.g.do(op, {"sa-set": {"id": 99999}}), ENOENT,
                  ["set"], attr=below("id"))
    state.change_set(b.g, live["id"], phase="lingering")
    b.g.events(0)
    b.refused("SA_SET_SET: lingering to established: refused",
              lambda: state.change_set(b.g, live["id"], phase="established"),
              EINVAL, ["phase"], attr=below("phase"))


def test_garbage(b):
    """Messages that are not even attributes."""
    ep = bench(b, 4)
    good = b.g.request("sa-set-new", state.set_attrs(ep), genl.NLM_F_ACK)
    before = b.picture()
    generator = random.Random(33203)
    tried = accepted = 0
    for _ in range(400):
        data = bytearray(good)
        kind = generator.randrange(3)
        if kind == 0:       # cut short
            data = data[:generator.randrange(20, len(data))]
        elif kind == 1:     # a wrong length in some header
            at = generator.randrange(20, len(data) - 2) & ~3
            struct.pack_into("=H", data, at, generator.randrange(1 << 16))
        else:               # bytes of something else
            at = generator.randrange(20, len(data) - 8)
            data[at:at + 8] = os.urandom(8)
        struct.pack_into("=I", data, 0, len(data))
        struct.pack_into("=I", data, 8, 1 << 20 | tried)
        answer = b.g.multi([bytes(data)])[0]
        if not isinstance(answer, genl.NlError):
            state.del_set(b.g, answer["sa-set"]["id"])
            accepted += 1
        tried += 1
    b.g.events(0)
    tap.equal(b.picture(), before, "%d garbled messages (%d of them still "
              "made sense): nothing is left of them" % (tried, accepted))
    b.refused("a nest that is not one: refused", lambda: b.g.do(
        "sa-set-new", {"sa-set": b"\xff" * 32}), EINVAL)
    b.refused("an unknown command: refused", lambda: b.g.do(250), EOPNOTSUPP,
              None)


def test_repeated(b):
    ep = bench(b, 4)
    s = state.new_set(b.g, ep, **{"sa": [{"name": "a", "seq": i}
                                         for i in range(500)]})
    tap.equal(s.reply["sa"][0]["seq"], 499, "500 times sa a: the last counts")
