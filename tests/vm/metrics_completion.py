# SPDX-License-Identifier: GPL-2.0-or-later
"""bash completes gmguard's command line from the live tool."""
import os
import re
import time

import netns
import state
import tap
import term
from clibench import PROGRAM, WITHOUT_CAP

HELPER = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "lib",
                      "complete")


def complete(line, ns="pcscf", before=()):
    """What bash offers, and whether a space follows."""
    done = netns.run(ns, [*before, "bash", HELPER, PROGRAM, line],
                     check=False)
    lines = (done.stdout + done.stderr).splitlines()
    return sorted(x for x in lines[:-1] if x), lines[-1]


def make_sets(count):
    g = state.client()
    state.clear(g)
    ep = state.endpoint(g, 4)
    six = state.endpoint(g, 6)
    return g, ep, six, [state.new_set(
        g, ep, ue="10.33.%d.%d" % (i // 200 + 4, i % 200 + 1),
        impi="u%d@x" % i) for i in range(count)]


async def test_live(_):
    """ids and addresses that there are now"""
    g, ep, six, sets = make_sets(3)
    ids = sorted(str(s.id) for s in sets)
    tap.equal(complete("gmguard set del "), (sorted(ids + ["all"]), "space"),
              "cli: completion of \"set del\": the ids of the sets")
    tap.equal(complete("gmguard show set "), (ids, "space"),
              "cli: completion of \"show set\": the ids of the sets")
    tap.equal(complete("gmguard endpoint del "), (sorted(
        [str(ep["id"]), str(six["id"]), "10.33.0.1", "fd33::1"]), "space"),
        "cli: completion of \"endpoint del\": ids and addresses")
    tap.equal(complete("gmguard endpoint del fd33:"), ([":1"], "space"),
              "cli: completion goes on after a colon")
    tap.equal(complete("gmguard set new endpoint=10"), (["10.33.0.1"],
                                                        "space"),
              "cli: completion of a value, by the other name of its key")
    tap.equal(complete("gmguard endpoint new addr=10.44"), (["10.44.0.1"],
                                                            "space"),
              "cli: completion of addresses of this host")
    g.do("sa-set-del", {"sa-set": {"id": sets[0].id}})
    tap.equal(complete("gmguard show set "),
              (sorted(str(s.id) for s in sets[1:]), "space"),
              "cli: a set that is gone is offered no longer")
    tap.equal(complete("gmguard set del ", ns="attacker"), (["all"], "space"),
              "cli: completion asks its own namespace")


async def test_adopted(_):
    """UEs that another program has made SAs for"""
    make_sets(0)
    netns.run("pcscf", ["ip", "xfrm", "state", "add", "src", "10.33.0.11",
                        "dst", "10.33.0.1", "proto", "esp", "spi", "0x1234",
                        "mode", "transport", "auth", "hmac(sha1)",
                        "0x" + "ab" * 20, "enc", "ecb(cipher_null)", "",
                        "sel", "src", "10.33.0.11", "dst", "10.33.0.1",
                        "sport", "5001", "dport", "6101"])
    tap.equal(complete("gmguard set new ue="), (["10.33.0.11"], "space"),
              "cli: completion of UEs with adopted SAs")
    netns.run("pcscf", ["ip", "xfrm", "state", "flush"])


async def test_quiet(_):
    """without privileges, and without the module's answer"""
    make_sets(2)
    tap.equal(complete("gmguard set del ", before=WITHOUT_CAP), (["all"],
                                                                 "space"),
              "cli: completion without privileges: quiet, and no ids")
    tap.equal(complete("gmguard reasons in-pl", before=WITHOUT_CAP),
              (["in-plaintext"], "space"),
              "cli: and what needs none is offered")


async def test_many(_):
    """a thousand sets are offered, more are not, and none of it is slow"""
    g, ep, _, sets = make_sets(1000)
    begin = time.monotonic()
    done = netns.run("pcscf", [PROGRAM, "complete", "--", "show", "set", ""])
    took = time.monotonic() - begin
    tap.equal(len(done.stdout.split()), 1000,
              "cli: completion offers 1,000 sets")
    state.new_set(g, ep, ue="10.33.200.1", impi="more@x")
    begin = time.monotonic()
    done = netns.run("pcscf", [PROGRAM, "complete", "--", "show", "set", ""])
    tap.equal(done.stdout, "", "cli: but no more than that")
    tap.note("gmguard complete takes %.0f ms with 1,000 sets, %.0f ms with "
             "more" % (took * 1000, (time.monotonic() - begin) * 1000))
    tap.ok(took < 5, "cli: in no time worth mentioning", took)
    del sets
    state.clear(g)


async def test_shell(_):
    """a real bash on a terminal"""
    g, _, _, sets = make_sets(1)
    bash = term.Terminal("pcscf", ["bash", "--norc", "-i"], 20, 100)
    directory = os.path.dirname(PROGRAM)
    bash.type("PS1='ready> '; PATH=%s:$PATH; . /usr/share/bash-completion/"
              "bash_completion; . %s/completion/gmguard; clear\r"
              % (directory, directory))
    bash.wait(lambda lines: lines[0].strip() == "ready>")
    bash.type("gmguard show set \t")
    tap.ok(bash.wait(lambda lines: lines[0].rstrip().endswith(
        "gmguard show set %d" % sets[0].id)),
        "cli: Tab in bash fills in the id of the only set", bash.text())
    bash.type("\x15gmguard set new ealg=aes-c\t")
    tap.ok(bash.wait(lambda lines: "ealg=aes-cbc" in lines[0]),
           "cli: and a value after its key", bash.text())
    bash.type("\x15gmguard endpoint del fd33:\t")
    tap.ok(bash.wait(lambda lines: re.search(r"del fd33::1\s*$", lines[0])),
           "cli: and what has colons", bash.text())
    bash.type("\x15exit\r")
    tap.equal(bash.end(), 0, "cli: bash ends")
    state.clear(g)
