# SPDX-License-Identifier: GPL-2.0-or-later
"""Two security gateways with charon: between their security domains nothing
passes but inside the tunnel (NW-04, Za)."""
import ike
import netns
import rulenet
import state
import tap
from nds_zb import counts, peers
from router_domain import DOMAIN, NETS, Way, inside
from rulenet import load, rule

SEGS = (("10.60.0.254", "10.60.0.2"), ("fd60::fe", "fd60::2"))
SHUT, OPEN = ("domain-esp", "domain-out-esp"), ("in", "in")


def test_za(scscf):
    """Made, ended and rekeyed by charon of both."""
    load(scscf.g, {})
    s = rulenet.Scene("router")
    both = ike.Pair("router", "foreign")
    both.child("za4", SEGS[0], "tunnel", NETS[0], reqid=88)
    both.child("za6", SEGS[1], "tunnel", NETS[1], reqid=88)
    agent = ike.Agent("router", both.here.vici)
    try:
        both.start()
        agent.start()
        with inside():
            for version in (4, 6):
                run(s, both, agent, version)
    finally:
        agent.stop()
        both.stop()
        s.close()


def policies():
    """What the kernels of both gateways still want ESP for: charon keeps the
    policies a while for what is under way on the SA that was replaced."""
    return [line for space in ("router", "foreign")
            for line in netns.ip("xfrm policy\n", space).splitlines()
            if "tmpl" in line]


def run(s, both, agent, version):
    name, label = "za%d" % version, "NW-04 Za IKE IPv%d: " % version
    mark, domain = agent.mark(), "abroad%d" % version
    load(s.g, {}, [rule("domain", domain, DOMAIN[version == 6], esp=True,
                        reqid=88)])
    agent.gmguard("peer", "esp")
    agent.wait(domain + " needs ESP, and charon has no child SA", mark)
    way = Way(s, version)
    tap.equal(way.both(), SHUT, label + "without the tunnel nothing passes "
              "between the domains")
    both.here.initiate(name)
    agent.wait(domain + " needs ESP, and has its child SA again", mark)
    tap.equal(way.both(), OPEN, label + "through charon's tunnel it does, "
              "both ways")
    tap.equal((peers(agent), counts(agent)[0]["up"]),
              ({domain: ("up", [name])}, 1), label + "gmguardd shows the "
              "tunnel that serves the domain")
    load(s.g, {}, [rule("domain", domain, DOMAIN[version == 6], esp=True,
                        reqid=89)])
    tap.equal(way.both(), SHUT, label + "through another policy's tunnel "
              "nothing does")
    load(s.g, {}, [rule("domain", domain, DOMAIN[version == 6], esp=True,
                        reqid=88)])
    both.there.swanctl("--rekey", "--child", name)
    tap.equal(way.both(), OPEN, label + "it does while the tunnel is rekeyed")
    agent.gmguard("peer", "esp")
    mark = agent.mark()
    both.there.terminate(name)
    agent.wait(domain + " needs ESP, and charon has no child SA", mark)
    tap.ok(state.wait(lambda: not policies()), label + "the tunnel that was "
           "rekeyed leaves no policy behind", policies())
    tap.equal(way.both(), SHUT, label + "the other gateway ends it: gmguardd "
              "warns, and nothing passes")
    way.close()
