# SPDX-License-Identifier: GPL-2.0-or-later
"""A peer that must use ESP, and charon on both ends: what passes while a child
SA is up, and what gmguardd says of it (NW-03, Zb)."""
import contextlib
import json
import os

import ike
import prom
import rulenet
import state
import tap
from core_esp import peer_rule, talk
from core_peers import NODE
from esp import UDP
from rulenet import addr, load

# name: mode, IP version, reqid
CHILDREN = {"zb4": ("transport", 4, 77), "zb6": ("transport", 6, 77),
            "tunnel4": ("tunnel", 4, 78)}
SHUT, OPEN = ("peer-esp", "peer-out-esp"), ("in", "in")


def pair():
    """charon of S-CSCF and P-CSCF, not started."""
    both = ike.Pair("scscf", "pcscf")
    for name, (mode, version, reqid) in CHILDREN.items():
        both.child(name, (addr("scscf", version), addr("pcscf", version)),
                   mode, reqid=reqid)
    return both


@contextlib.contextmanager
def followed(start=True):
    """charon on both ends, and gmguardd beside the S-CSCF's."""
    both = pair()
    agent = ike.Agent("scscf", both.here.vici)
    try:
        if start:
            both.start()
        agent.start()
        yield both, agent
    finally:
        agent.stop()
        both.stop()


def told(agent):
    """What "gmguard peer esp" says."""
    return json.loads(agent.gmguard("-j", "peer", "esp"))


def peers(agent):
    """{name: (state, names of its child SAs)} of that."""
    all_ = told(agent)
    return {p["name"]: (p["state"], sorted(all_["children"][i]["name"]
                                           for i in p["children"]))
            for p in all_["peers"]}


def counts(agent):
    """{state: peers} and whether charon is there, of the metrics."""
    values = prom.samples(prom.scrape(os.path.join(agent.dir,
                                                   "metrics.sock")))
    return {key[1][1]: int(n) for key, n in values.items()
            if key[0] == "gmguardd_esp_peers"}, \
        int(values[("gmguardd_charon_up",)])


def v4(reqid=77):
    return rulenet.rule("peer", "pcscf", addr("pcscf"), esp=True, reqid=reqid)


def clear(s):
    """What becomes of SIP in clear with the peer's address."""
    ear = rulenet.Ear("scscf", protocols=(UDP,))
    try:
        return s.send("pcscf", addr("pcscf"), addr("scscf"), UDP, 5060, ear)
    finally:
        ear.close()


def test_modes(s):
    """Both modes, IPv4 and IPv6, made and ended by charon."""
    with followed() as (both, agent):
        for name, (mode, version, reqid) in CHILDREN.items():
            label = "NW-03 Zb IKE %s IPv%d: " % (mode, version)
            mark = agent.mark()
            peer = "for-" + name
            load(s.g, NODE, [rulenet.rule(
                "peer", peer, addr("pcscf", version), esp=True,
                reqid=reqid)])
            agent.gmguard("peer", "esp")
            agent.wait("peer %s needs ESP, and charon has no child SA" % peer,
                       mark)
            with talk(s, version) as t:
                tap.equal((t.comes(), t.leaves()), SHUT,
                          label + "without a child SA nothing passes")
                both.here.initiate(name)
                line = agent.wait("has its child SA again", mark)
                tap.equal((t.comes(), t.leaves()), OPEN,
                          label + "initiated, it passes inside, both ways")
                tap.ok(line.startswith("<5>peer " + peer), label +
                       "and gmguardd says so", line)
                tap.equal(peers(agent), {peer: ("up", [name])},
                          label + "gmguard peer esp shows it")
                tap.equal(counts(agent),
                          ({"up": 1, "missing": 0, "unknown": 0}, 1),
                          label + "so do the metrics")
                mark = agent.mark()
                both.here.terminate(name)
                line = agent.wait("charon has no child SA of reqid %d up for "
                                  % reqid, mark)
                tap.ok(line.startswith("<4>"), label +
                       "ended, gmguardd warns", line)
                tap.equal((t.comes(), t.leaves()), SHUT,
                          label + "and nothing passes")
                tap.equal((peers(agent), counts(agent)[0]["missing"]),
                          ({peer: ("missing", [])}, 1), label +
                          "gmguard peer esp and the metrics show it missing")


def test_in_clear(s):
    """A child SA is no licence for what comes beside it."""
    with followed() as (both, agent):
        load(s.g, NODE, [v4()])
        both.here.initiate("zb4")
        agent.wait("has its child SA")
        tap.equal(clear(s), "peer-esp", "NW-03 Zb IKE: with the child SA up, "
                  "SIP in clear with the peer's address is dropped")
        load(s.g, NODE, [v4(79)])
        with talk(s, 4) as t:
            tap.equal((t.comes(), t.leaves()), SHUT, "NW-03 Zb IKE: through "
                      "ESP of another policy's reqid nothing passes")
        tap.equal(peers(agent), {"pcscf": ("missing", [])},
                  "NW-03 Zb IKE: and that child SA does not serve the peer")


def test_families(s):
    """Each address of a peer needs a child SA."""
    with followed() as (both, agent):
        load(s.g, NODE, [peer_rule(esp=True, reqid=77)])
        both.here.initiate("zb4")
        lacks = state.wait(lambda: [p["lacks"] for p in told(agent)["peers"]
                                    if ":" in p["lacks"]])
        tap.ok(lacks and lacks[0].startswith(addr("pcscf", 6)) and
               peers(agent) == {"pcscf": ("missing", ["zb4"])}, "NW-03 Zb "
               "IKE: a peer with two addresses and one child SA is missing "
               "one", told(agent))
        both.here.initiate("zb6")
        agent.wait("has its child SA again")
        tap.equal(peers(agent), {"pcscf": ("up", ["zb4", "zb6"])},
                  "NW-03 Zb IKE: with both it is up")


def test_rekey(s):
    """The new child SA is there before the old one goes."""
    with followed() as (both, agent):
        load(s.g, NODE, [v4()])
        both.here.initiate("zb4")
        agent.wait("has its child SA")

        def spis():
            return {c["spi_in"] for c in told(agent)["children"]
                    if c["up"] and c["name"] == "zb4"}
        with talk(s, 4) as t:
            for side in (both.here, both.there):
                old, mark, lost = spis(), agent.mark(), []
                side.swanctl("--rekey", "--child", "zb4")
                changed = False
                for _ in range(200):
                    got = (t.comes(), t.leaves())
                    if got != OPEN:
                        lost.append(got)
                    if changed:
                        break
                    now = spis()
                    changed = len(now) == 1 and not now & old
                tap.ok(changed, "NW-03 Zb IKE: rekeyed from %s, gmguard peer "
                       "esp shows the new SPI" % side.space,
                       "%r %r" % (old, spis()))
                tap.equal(lost, [], "NW-03 Zb IKE: ... and all that was sent "
                          "meanwhile has passed")
                tap.equal(agent.log()[mark:].count("needs ESP"), 0,
                          "NW-03 Zb IKE: ... and gmguardd saw no gap")
