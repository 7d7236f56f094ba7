# SPDX-License-Identifier: GPL-2.0-or-later
"""A ruleset takes another's place in one step; thousands of rules."""
import errno
import threading
import time

import genl
import netns
import rulenet
import state
import tap
from core_peers import NODE
from esp import TCP, UDP
from rulenet import addr, load, rule

MANY = 10000


def _many(n):
    """n peers and n pools, of both families; none is this network's."""
    made = []
    for i in range(n // 2):
        low, high = i & 0xff, i >> 8
        made += [rule("peer", "peer4-%d" % i, "172.%d.%d.1" % (16 + high, low),
                      ("udp/5060", "tcp/5060")),
                 rule("peer", "peer6-%d" % i, "fd72:%x::1" % i),
                 rule("pool", "pool4-%d" % i, "100.%d.%d.0/24"
                      % (64 + high, low)),
                 rule("pool", "pool6-%d" % i, "fd73:%x::/64" % i)]
    return made


def test_generation(s):
    """Who changes what he read is told if somebody else did."""
    load(s.g, {})
    first = rulenet.ruleset_of(s.g)["generation"]
    reply = load(s.g, NODE, [rule("peer", "a", "10.44.0.1")])["ruleset"]
    tap.ok(reply["generation"] > first and reply["rules"] == 1,
           "NW-03: each ruleset has a number of its own", reply)
    try:
        load(s.g, dict(NODE, generation=first), [rule("peer", "b",
                                                      "10.44.0.1")])
        got = None
    except genl.NlError as error:
        got = error.errno
    tap.equal((got, list(rulenet.rules_of(s.g))),
              (errno.EAGAIN, [("peer", "a")]),
              "NW-03: one that was made from an older one is refused")
    load(s.g, dict(NODE, generation=reply["generation"]),
         [rule("peer", "b", "10.44.0.1")])
    tap.equal(list(rulenet.rules_of(s.g)), [("peer", "b")],
              "NW-03: one that was made from the present one is taken")


def test_counters(s):
    """They live on where the rule does."""
    ear = rulenet.Ear("scscf", protocols=(UDP,))
    me, peer = addr("scscf"), addr("pcscf")
    load(s.g, {})
    load(s.g, NODE, [rule("peer", "p", peer)])
    s.expect("in", "NW-03: a packet of a peer", "pcscf", peer, me, UDP, 5060,
             ear)
    before = rulenet.rules_of(s.g)["peer", "p"]["packets"]
    load(s.g, NODE, [rule("peer", "q", "10.44.0.9"), rule("peer", "p", peer)])
    found = rulenet.rules_of(s.g)
    tap.ok(found["peer", "p"]["packets"] == before > 0 ==
           found["peer", "q"]["packets"],
           "NW-03: counters go on over a replacement, by name", found)
    load(s.g, NODE, [rule("peer", "r", peer)])
    tap.equal(rulenet.rules_of(s.g)["peer", "r"]["packets"], 0,
              "NW-03: another name begins at 0")
    ear.close()


class Traffic(threading.Thread):
    """SIP of a peer and of a stranger, as fast as it goes."""

    def __init__(self, s):
        super().__init__()
        self.over, self.sent = threading.Event(), 0
        self.inj = s.inject("pcscf")

    def run(self):
        import esp              # pylint: disable=import-outside-toplevel
        me = addr("scscf")
        packets = [esp.ip(src, me, UDP, esp.udp(src, me, 5060, 5060, mark))
                   for src, mark in ((addr("pcscf"), b"<peer>"),
                                     ("10.44.0.8", b"<stranger>"))]
        while not self.over.is_set():
            for packet in packets:
                self.inj.send(packet)
            self.sent += 1


def test_atomic(s):
    """Under traffic there is no moment without a ruleset."""
    rules = [rule("peer", "p", addr("pcscf"))]
    other = [rule("peer", "p", addr("pcscf"), ("udp/5060",)),
             rule("peer", "q", "10.44.1.0/24")]
    load(s.g, NODE, rules)
    ear = rulenet.Ear("scscf", protocols=(UDP,))
    before = s.drops()
    traffic = Traffic(s)
    traffic.start()
    for i in range(60):
        load(s.g, NODE, rules if i % 2 else other)
        ear.heard(b"<stranger>")
    traffic.over.set()
    traffic.join()
    after = s.drops()
    changed = {k: after[k] - before.get(k, 0) for k in after
               if after[k] != before.get(k)}
    tap.ok(not ear.heard(b"<stranger>"),
           "NW-03: 60 replacements under traffic: nothing of a stranger came "
           "in")
    tap.equal(list(changed), ["peer-unknown"],
              "NW-03: ... and nothing of a peer was dropped")
    tap.ok(ear.heard(b"<peer>") and traffic.sent > 60,
           "NW-03: ... while both sent", traffic.sent)
    ear.close()


def test_interrupted(s):
    """A dump says that the ruleset was replaced while it was read."""
    load(s.g, NODE, _many(400))
    quiet = s.g.dump("ruleset-get")
    tap.ok(not quiet.interrupted and sum(len(m.get("rule", []))
                                         for m in quiet) == 800,
           "NW-03: a dump has all the rules", len(quiet))
    rows = state.client("scscf").rows("ruleset-get")
    next(rows)
    load(s.g, NODE, _many(4))
    rest = list(rows)
    tap.ok(len(rest) < 800,
           "NW-03: one that was begun before a replacement ends", len(rest))


def test_many(s):
    """10,000 peers and 10,000 pools."""
    rules = _many(MANY) + [rule("peer", "p", addr("pcscf")),
                           rule("pool", "ims", rulenet.POOLS)]
    message = s.g.request("ruleset-set", {"ruleset": NODE, "rule": rules},
                          flags=genl.NLM_F_ACK)
    begin = time.monotonic()
    reply = s.g.multi([message])[0]["ruleset"]
    tap.note("%d rules, %d bytes: loaded in %.2f s"
             % (len(rules), len(message), time.monotonic() - begin))
    tap.equal((reply["rules"], reply["prefixes"]),
              (len(rules), len(rules) + 1),
              "NW-03: 10,000 peers and 10,000 pools are loaded in one step")
    ear = rulenet.Ear("scscf", protocols=(UDP, TCP))
    me = addr("scscf")
    for src, want in ((addr("pcscf"), "in"), ("10.44.0.8", "peer-unknown"),
                      (addr("ue1"), "pool-port"), ("172.17.3.1", "in"),
                      ("172.17.3.2", "peer-unknown"),
                      ("100.70.9.200", "pool-port")):
        s.expect(want, "NW-03: with them, SIP of %s: %s" % (src, want),
                 "pcscf", src, me, UDP, 5060, ear)
    for src, want in (("fd72:77::1", "in"), ("fd72:77::2", "peer-unknown"),
                      ("fd73:99::abcd", "pool-port")):
        s.expect(want, "NW-03: with them, SIP of %s: %s" % (src, want),
                 "pcscf", src, addr("scscf", 6), UDP, 5060, ear)
    tap.equal(len(rulenet.rules_of(s.g)), len(rules),
              "NW-03: they are all shown again")
    ear.close()
    one = rule("peer", "long", ["10.%d.%d.%d" % (i >> 16, i >> 8 & 255,
                                                i & 255)
                                for i in range(1, 1500)])
    parts = [one] + [rule("peer", "long", ["11.%d.%d.%d" % (
        j, i >> 8, i & 255) for i in range(1, 1500)]) for j in range(6)]
    load(s.g, NODE, parts)
    found = rulenet.rules_of(s.g)
    tap.equal((list(found), len(found["peer", "long"]["prefix"])),
              ([("peer", "long")], 7 * 1499),
              "NW-03: 10,493 prefixes of one peer, in several attributes")


def test_end(s):
    """Without a ruleset nothing is judged; and a namespace may go with it."""
    load(s.g, NODE, [rule("peer", "p", addr("pcscf"))])
    ear = rulenet.Ear("scscf", protocols=(UDP,))
    s.expect("peer-unknown", "NW-03: with a ruleset a stranger is dropped",
             "pcscf", "10.44.0.8", addr("scscf"), UDP, 5060, ear)
    load(s.g, {})
    s.expect("in", "NW-03: without it he is not", "pcscf", "10.44.0.8",
             addr("scscf"), UDP, 5060, ear)
    ear.close()
    netns.ip("netns add %sgone\n" % netns.PREFIX)
    g = state.client("gone")
    load(g, NODE, _many(100))
    load(g, {"access-dev": ["a*"], "core-dev": ["c0"]},
         [rule("pool", "x", "10.0.0.0/8")])
    g.socket.close()
    netns.ip("netns del %sgone\n" % netns.PREFIX)
    tap.ok(state.wait(lambda: rulenet.ruleset_of(s.g)["rules"] == 0),
           "NW-03: a namespace that goes takes its ruleset along")
