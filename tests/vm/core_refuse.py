# SPDX-License-Identifier: GPL-2.0-or-later
"""What RULESET_SET refuses, and what it says."""
import errno

import rulenet
from core_peers import NODE
from rulenet import load, rule

ROUTER = {"access-dev": ["acc*"], "core-dev": ["core0"]}
DNS = rule("destination", "dns", "10.44.0.53", ("udp/53",))


def test_refused(s):
    """Each with the whole ruleset left as it was."""
    load(s.g, NODE, [rule("peer", "p", "10.44.0.1")])
    bad = errno.EINVAL
    peer = rule("peer", "p", "10.44.0.1")
    for text, code, words, ruleset, rules in (
            ("a node without ports", bad, ["port"], {"node": True}, []),
            ("ports without a node", bad, ["node"], {"port": NODE["port"]},
             []),
            ("rules that guard nothing", bad, ["guard nothing"], {}, [peer]),
            ("access-dev without core-dev", bad, ["core-dev"],
             {"access-dev": ["acc0"]}, []),
            ("core-dev without access-dev", bad, ["access-dev"],
             {"core-dev": ["acc0"]}, []),
            ("a * in the middle", bad, ["*"],
             dict(ROUTER, **{"access-dev": ["a*0"]}), []),
            ("an empty interface", bad, ["interface"],
             dict(ROUTER, **{"access-dev": [""]}), []),
            ("ICMP as a guarded port", bad, ["UDP, TCP or SCTP"],
             {"node": True, "port": rulenet.ports("icmp")}, []),
            ("TLS over UDP", bad, ["tls"],
             {"node": True, "port": rulenet.ports("udp/5061 tls")}, []),
            ("a range that ends before it begins", bad, ["first"],
             {"node": True, "port": rulenet.ports("udp/20-10")}, []),
            ("ports of a protocol without ports", bad, ["no ports"],
             {"node": True, "port": rulenet.ports("esp/20")}, []),
            ("a rule without a kind", bad, ["kind"], NODE,
             [{"name": "x", "prefix": rulenet.prefixes("10.0.0.1")}]),
            ("a rule without a name", bad, ["name"], NODE,
             [{"kind": "peer", "prefix": rulenet.prefixes("10.0.0.1")}]),
            ("a rule with an empty name", bad, ["name"], NODE,
             [rule("peer", "", "10.0.0.1")]),
            ("a rule without a prefix", bad, ["prefix"], NODE,
             [{"kind": "peer", "name": "x"}]),
            ("a prefix with bits beyond its length", bad, ["bits"], NODE,
             [rule("peer", "x", "10.0.0.1/24")]),
            ("an IPv4 prefix of 33 bits", bad, ["1 to 32"], NODE,
             [rule("peer", "x", "10.0.0.1/33")]),
            ("two peers of one name", errno.EEXIST, ["name"], NODE,
             [peer, rule("peer", "q", "10.44.0.2"),
              rule("peer", "p", "10.44.0.3")]),
            ("one prefix in two peers", errno.EADDRINUSE, ["prefix"], NODE,
             [peer, rule("peer", "q", "10.44.0.1")]),
            ("one prefix twice in a peer", errno.EADDRINUSE, ["prefix"], NODE,
             [rule("peer", "q", ("10.44.0.1", "10.44.0.1"))]),
            ("a reqid without esp", bad, ["esp"], NODE,
             [rule("peer", "q", "10.44.0.1", reqid=5)]),
            ("a mask without a mark", bad, ["mark"], NODE,
             [rule("peer", "q", "10.44.0.1", esp=True, mark_mask=5)]),
            ("esp of a pool", bad, ["esp"], NODE,
             [rule("pool", "q", "10.44.0.1", esp=True)]),
            ("tls of a pool", bad, ["tls"], NODE,
             [rule("pool", "q", "10.44.0.1", tls=True)]),
            ("ports of core nodes", bad, ["port"], NODE,
             [rule("core", "q", "10.44.0.1", ("udp/5060",))]),
            ("a destination without ports", bad, ["port"], ROUTER,
             [rule("destination", "q", "10.44.0.1")]),
            ("a destination with a dev", bad, ["dev"], ROUTER,
             [dict(DNS, dev="acc0")]),
            ("a binding without a dev", bad, ["dev"], ROUTER,
             [rule("binding", "q", "10.50.1.1")]),
            ("a binding with a * in its dev", bad, ["dev"], ROUTER,
             [rule("binding", "q", "10.50.1.1", dev="acc*")]),
            ("a domain without esp", bad, ["esp", "Za"], ROUTER,
             [rule("domain", "q", "10.60.0.0/24")]),
            ("17 ports of a rule", errno.E2BIG, ["16"], NODE,
             [rule("peer", "q", "10.44.0.1", ["udp/%d" % (i + 1)
                                             for i in range(17)])]),
            ("65 interfaces", errno.E2BIG, ["64"],
             dict(ROUTER, **{"access-dev": ["a%d" % i for i in range(65)]}),
             [])):
        s.refused("NW-03: %s is refused" % text, code, words, ruleset, rules)


def test_same_prefix(s):
    """Destinations may share one; so may rules of different kinds."""
    load(s.g, ROUTER, [DNS, rule("destination", "web", "10.44.0.53",
                                 ("tcp/443",)),
                       rule("core", "core", "10.44.0.53")])
    if len(rulenet.rules_of(s.g)) != 3:
        raise AssertionError("a prefix of two destinations was refused")
