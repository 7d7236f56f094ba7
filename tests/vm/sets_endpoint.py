# SPDX-License-Identifier: GPL-2.0-or-later
"""Endpoints: what they take, what they refuse, and their out policies."""
from errno import (E2BIG, EADDRNOTAVAIL, EBUSY, EEXIST, EINVAL, ENOENT, ERANGE)

import netns
import state
import tap
from esp import TCP, UDP
from genl import NlError

REQID = 0x8000474d
DEFAULT_PRIORITY = 1000000
ESP, TRANSPORT = 50, 0

# label, changes, errno, attribute below endpoint, words in the text
REFUSED = [
    ("port-ps 5060", {"port-ps": [5060]}, EINVAL, "port-ps", ["5060"]),
    ("port-pc 5061", {"port-pc": [6110, 5061]}, EINVAL, "port-pc", ["5061"]),
    ("port-ps twice", {"port-ps": [6101, 6101]}, EINVAL, "port-ps",
     ["twice"]),
    ("port-pc twice", {"port-pc": [6110, 6111, 6110]}, EINVAL, "port-pc",
     ["twice"]),
    ("one port in two roles", {"port-ps": [6101], "port-pc": [6101, 6102]},
     EINVAL, "port-pc", ["twice"]),
    ("one port protected and not", {"port-unprotected": [5060, 6101]}, EINVAL,
     "port-unprotected", ["twice"]),
    ("9 port-ps", {"port-ps": list(range(7000, 7009))}, E2BIG, "port-ps",
     ["8"]),
    ("65 port-pc", {"port-pc": list(range(7000, 7065))}, E2BIG, "port-pc",
     ["64"]),
    ("17 port-unprotected", {"port-unprotected": list(range(7000, 7017))},
     E2BIG, "port-unprotected", ["16"]),
    ("no port-ps", {"port-ps": None}, EINVAL, None, ["port-ps", "missing"]),
    ("no port-pc", {"port-pc": None}, EINVAL, None, ["port-pc", "missing"]),
    ("no local-addr", {"local-addr": None}, EINVAL, None,
     ["local-addr", "missing"]),
    ("an id", {"id": 3}, EINVAL, "id", ["id"]),
    ("force", {"force": True}, EINVAL, "force", ["force"]),
    ("policy-priority 2080", {"policy-priority": 2080}, ERANGE,
     "policy-priority", ()),
    ("port-ps 0", {"port-ps": [0]}, ERANGE, "port-ps", ()),
    ("sets", {"sets": 1}, EINVAL, "sets", ()),
    ("policies", {"policies": 1}, EINVAL, "policies", ())]

ADDRESSES = ["127.0.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
             "169.254.3.3", "::1", "::", "ff02::1", "fe80::1",
             "::ffff:10.33.0.1"]

# of the IPv4 endpoint: label, prefixes, errno, attribute, words
EXEMPT = [
    ("an IPv4 prefix of 33 bits", [{"addr": "10.0.0.0", "len": 33}], EINVAL,
     "exempt", ["len"]),
    ("an IPv6 prefix", [{"addr": "fd00::", "len": 8}], EINVAL, "exempt",
     ["family"]),
    ("a prefix of 0 bits", [{"addr": "10.0.0.0", "len": 0}], ERANGE,
     "exempt.len", ()),
    ("a prefix of 129 bits", [{"addr": "10.0.0.0", "len": 129}], ERANGE,
     "exempt.len", ()),
    ("an address of 5 bytes", [{"addr": b"\x0a" * 5, "len": 8}], EINVAL,
     "exempt", ["addr"]),
    ("an address of 3 bytes", [{"addr": b"\x0a" * 3, "len": 8}], ERANGE,
     "exempt.addr", ()),
    ("bits beyond the length", [{"addr": "10.0.0.1", "len": 24}], EINVAL,
     "exempt", ["len"]),
    ("a good one, then a bad one", [{"addr": "10.0.0.0", "len": 8},
                                    {"addr": "10.0.0.0", "len": 40}], EINVAL,
     "exempt", ["len"]),
    ("65 prefixes", [{"addr": "10.%d.0.0" % i, "len": 16}
                     for i in range(65)], E2BIG, "exempt", ["64"])]


def new(b, addr="10.33.0.1", **over):
    return b.g.do("endpoint-new", state.endpoint_attrs(addr, **over))


def below(attr):
    return attr and "endpoint." + attr


def missing(over):
    return "endpoint." + next(iter(over)) \
        if None in over.values() else None


def test_refusals(b):
    b.fresh()
    state.endpoint(b.g, 6)
    b.g.events(0)
    for label, over, code, attr, words in REFUSED:
        b.refused("endpoint-new with %s: refused" % label,
                  lambda over=over: new(b, **{"local-addr": "10.33.0.1",
                                              **over}),
                  code, words, attr=below(attr), missing=missing(over))
    for addr in ADDRESSES:
        b.refused("endpoint-new for %s: refused" % addr,
                  lambda addr=addr: new(b, addr), EADDRNOTAVAIL,
                  ["local-addr"], attr=below("local-addr"))
    for size in (5, 8, 15):
        b.refused("endpoint-new for an address of %d bytes: refused" % size,
                  lambda size=size: new(b, bytes(size)), EINVAL,
                  ["local-addr"], attr=below("local-addr"))
    for label, prefixes, code, attr, words in EXEMPT:
        b.refused("exempt with %s: refused" % label,
                  lambda prefixes=prefixes: new(b, exempt=prefixes), code,
                  words, attr=below(attr))
    for name in ("addr", "len"):
        prefix = {"addr": "10.0.0.0", "len": 8}
        del prefix[name]
        b.refused("exempt without %s: refused" % name,
                  lambda prefix=prefix: new(b, exempt=[prefix]), EINVAL,
                  [name, "missing"], missing="endpoint.exempt." + name)
    b.refused("a second endpoint of an address: refused",
              lambda: new(b, "fd33::1"), EEXIST, ["local-addr"],
              attr=below("local-addr"))
    b.refused("endpoint-new without the nest: refused",
              lambda: b.g.do("endpoint-new"), EINVAL, ["endpoint"],
              missing="endpoint")


def test_named(b):
    """ENDPOINT_DEL and ENDPOINT_GET of what does not exist."""
    b.fresh()
    state.endpoint(b.g, 4)
    b.g.events(0)
    for op in ("endpoint-del", "endpoint-get"):
        for what, attrs in (("id", {"id": 77}),
                            ("local-addr", {"local-addr": "10.33.0.2"}),
                            ("family", {"local-addr": "fd33::1"})):
            b.refused("%s of an unknown %s: refused" % (op, what),
                      lambda op=op, attrs=attrs: b.g.do(
                          op, {"endpoint": attrs}), ENOENT, ["endpoint"],
                      attr=("endpoint", below("id"), below("local-addr")))
        b.refused("%s without id: refused" % op, lambda op=op: b.g.do(
            op, {"endpoint": {}}), EINVAL, ["id", "missing"],
                  missing=below("id"))
    by_addr = b.g.do("endpoint-get", {"endpoint": {"local-addr":
                                                   "10.33.0.1"}})
    tap.equal(by_addr, b.g.do("endpoint-get", {"endpoint": {"id": 1}}),
              "endpoint-get by local-addr and by id")


def wanted_policies(ep):
    """(port, protocol, destination prefix, priority, has a template)"""
    priority = ep["policy-priority"]
    return sorted(
        [(p, TCP, 0, priority, True) for p in ep["port-ps"]] +
        [(p, proto, 0, priority, True) for p in ep["port-pc"]
         for proto in (TCP, UDP)] +
        [(0, 0, e["len"], priority - 1, False) for e in ep.get("exempt", [])])


def wrong_policies(found, ep):
    """What is wrong with the policies of a namespace with one endpoint."""
    bits = 128 if ":" in ep["local-addr"] else 32
    got = sorted((p.sel.sport, p.sel.proto, p.sel.dlen, p.priority,
                  bool(p.templates)) for p in found)
    wrong = [] if got == wanted_policies(ep) else ["got  %r" % got, "want %r"
                                                   % wanted_policies(ep)]
    for p in found:
        common = (p.way, p.sel.src, p.sel.slen, p.sel.dport, p.sel.dmask,
                  p.sel.smask, p.sel.ifindex, p.action)
        want = ("out", ep["local-addr"], bits, 0, 0,
                0xffff if p.sel.sport else 0, 0, 0)
        if common != want:
            wrong.append("policy %r, want %r" % (common, want))
        wrong += ["template %r" % t for t in p.templates if
                  (t["spi"], t["proto"], t["reqid"], t["mode"],
                   t["optional"]) != (0, ESP, REQID, TRANSPORT, 0)]
        if len(p.templates) > 1:
            wrong.append("%d templates" % len(p.templates))
    return wrong


def test_policies(b):
    exempt = {4: [{"addr": "10.44.0.0", "len": 24},
                  {"addr": "10.55.1.2", "len": 32}],
              6: [{"addr": "fd44::", "len": 64}]}
    for version in (4, 6):
        cases = [("default", {}, DEFAULT_PRIORITY),
                 ("lowest priority", {"policy-priority": 2081}, 2081),
                 ("another priority, 2 port-ps, exempt peers", {
                     "policy-priority": 5000, "port-ps": [6101, 6102],
                     "exempt": exempt[version]}, 5000),
                 ("the most ports", {
                     "port-ps": list(range(7000, 7008)),
                     "port-pc": list(range(8000, 8064))}, DEFAULT_PRIORITY)]
        for what, over, priority in cases:
            b.fresh()
            ep = state.endpoint(b.g, version, **over)
            wrong = wrong_policies(b.x.policies(), ep)
            if ep["policy-priority"] != priority or \
                    ep["policies"] != len(wanted_policies(ep)):
                wrong.append("shown: %r" % ep)
            tap.ok(not wrong, "ipv%d policies: %s: number, selectors, reqid, "
                   "mode, priority" % (version, what), "\n".join(wrong))
            before = sorted(p.index for p in b.x.policies())
            for number in range(1, 21):
                state.new_set(b.g, ep, ue=("10.33.1.%d" if version == 4 else
                                           "fd33::1:%d") % number)
            tap.equal(sorted(p.index for p in b.x.policies()), before,
                      "ipv%d policies: %s: no set adds one" % (version, what))
            state.clear(b.g)
            tap.equal(len(b.x.policies()), 0, "ipv%d policies: %s: they go "
                      "with the endpoint" % (version, what))


def test_foreign_policy(b):
    """Another program has a policy that one of ours would have to replace."""
    for version in (4, 6):
        b.fresh()
        addr = netns.access_addr("pcscf", version)
        bits = 32 if version == 4 else 128
        netns.ip("xfrm policy add src %s/%d dst %s proto tcp sport 6101 "
                 "dir out priority %d action block\n"
                 % (addr, bits, "0.0.0.0/0" if version == 4 else "::/0",
                    DEFAULT_PRIORITY), "pcscf")
        b.refused("ipv%d a policy of another program is in the way: refused"
                  % version, lambda addr=addr: new(b, addr), EEXIST,
                  ["policy"], attr=(None, "endpoint", below("local-addr")))
        b.x.flush_policies()
        b.fresh()
        tap.ok(new(b, addr), "ipv%d it is gone: accepted" % version)


def test_delete(b):
    for version in (4, 6):
        b.fresh()
        ep = state.endpoint(b.g, version)
        made = [state.new_set(b.g, ep, **over) for over in
                ({}, state.established())]
        b.g.events(0)
        b.refused("ipv%d endpoint-del with sets: refused" % version,
                  lambda ep=ep: b.g.do("endpoint-del", {"endpoint": {
                      "id": ep["id"]}}), EBUSY, ["sets", "force"],
                  attr="endpoint")
        b.g.do("endpoint-del", {"endpoint": {"id": ep["id"], "force": True}})
        told = {(a["event"], a.get("sa-set", {}).get("id"),
                 a.get("sa-set", {}).get("cause")) for _, a in b.g.events(10)}
        tap.equal(told, {("endpoint-del", None, None)} |
                  {("sa-set-del", s.id, "endpoint-gone") for s in made},
                  "ipv%d endpoint-del with force: the sets go, cause "
                  "endpoint-gone" % version)
        tap.equal((len(b.x.states()), len(b.x.policies()),
                   b.g.dump("endpoint-get")), (0, 0, []),
                  "ipv%d endpoint-del with force: no state and no policy is "
                  "left" % version)


def test_events(b):
    b.fresh()
    ep = state.endpoint(b.g, 4, exempt=[{"addr": "10.44.0.0", "len": 24}])
    tap.equal(b.g.event(10), ("event-ntf", {"event": "endpoint-new",
                                            "endpoint": ep}),
              "event endpoint-new shows what the reply showed")
    b.g.do("endpoint-del", {"endpoint": {"local-addr": "10.33.0.1"}})
    tap.equal(b.g.event(10), ("event-ntf", {"event": "endpoint-del",
                                            "endpoint": ep}),
              "event endpoint-del shows what was there; named by local-addr")


def test_many(b):
    """More endpoints than fit in one message of a dump."""
    b.fresh()
    made = [new(b, "10.33.%d.%d" % (1 + i // 200, 1 + i % 200),
                **{"port-pc": list(range(8000, 8064))})["endpoint"]
            for i in range(60)]
    got = b.g.dump("endpoint-get")
    tap.equal([e["endpoint"] for e in got], made,
              "60 endpoints with 64 port-pc each: a dump shows each once")
    for ep in made[::2]:
        b.g.do("endpoint-del", {"endpoint": {"id": ep["id"]}})
    tap.equal([e["endpoint"]["id"] for e in b.g.dump("endpoint-get")],
              [ep["id"] for ep in made[1::2]], "half of them deleted: the "
              "other half is shown")
    try:
        b.g.do("endpoint-new", state.endpoint_attrs("10.33.1.1"))
        state.clear(b.g)
    except NlError as error:
        tap.ok(False, "the address is free again", error)
