# SPDX-License-Identifier: GPL-2.0-or-later
"""charon that is not there, is killed, hangs and comes back: gmguardd says what
it does not know, and the kernel stays closed all the time (NW-03, Zb)."""
import json
import os
import signal
import subprocess

import state
import tap
from core_esp import talk
from core_peers import NODE
from nds_zb import OPEN, SHUT, clear, counts, followed, peers, v4
from rulenet import load

UNKNOWN = {"pcscf": ("unknown", [])}


def test_absent(s):
    """No strongSwan on this host."""
    with followed(start=False) as (both, agent):
        load(s.g, NODE, [v4()])
        agent.wait("no charon at " + both.here.vici)
        tap.equal(peers(agent), UNKNOWN, "NW-03 Zb IKE: without charon it is "
                  "not known whether a peer has a child SA")
        shown = agent.gmguard("peer", "esp")
        tap.ok("charon is not there" in shown, "NW-03 Zb IKE: and gmguard "
               "peer esp says why", shown)
        tap.equal(counts(agent), ({"up": 0, "missing": 0, "unknown": 1}, 0),
                  "NW-03 Zb IKE: so do the metrics")
        told = json.loads(agent.gmguard("-j", "peer", "show"))
        tap.equal([r["name"] for r in told["rule"]], ["pcscf"],
                  "NW-03 Zb IKE: the rest of gmguard works")
        with talk(s, 4) as t:
            tap.equal((t.comes(), t.leaves()), SHUT,
                      "NW-03 Zb IKE: and the kernel drops what is in clear")
        both.start()
        agent.wait("its child SAs are followed")
        both.here.initiate("zb4")
        agent.wait("has its child SA")
        log = agent.log()
        tap.ok(log.count("no charon at") == 1 and
               not [line for line in log.splitlines() if line[:3] < "<4>"],
               "NW-03 Zb IKE: charon that comes later is taken up; it was "
               "missed once, and that was no error", log)


def test_killed(s):
    """Without charon nothing changes in the kernel."""
    with followed() as (both, agent):
        load(s.g, NODE, [v4()])
        both.here.initiate("zb4")
        agent.wait("has its child SA")
        mark = agent.mark()
        both.here.kill()
        line = agent.wait("went away", mark)
        tap.ok(line.startswith("<4>"), "NW-03 Zb IKE: charon is killed: "
               "gmguardd warns", line)
        tap.equal((peers(agent), counts(agent)[1]), (UNKNOWN, 0), "NW-03 Zb "
                  "IKE: ... and does not know any more who is served")
        tap.equal(clear(s), "peer-esp", "NW-03 Zb IKE: ... and the kernel "
                  "drops what is in clear")
        with talk(s, 4) as t:
            tap.equal((t.comes(), t.leaves()), OPEN, "NW-03 Zb IKE: ... while "
                      "the SAs that it left behind carry packets")
            both.here.start()
            agent.wait("its child SAs are followed", mark)
            agent.wait("charon has no child SA", mark)
            both.here.initiate("zb4")
            agent.wait("has its child SA again", mark)
            tap.equal((peers(agent), t.comes(), t.leaves()),
                      ({"pcscf": ("up", ["zb4"])}, *OPEN), "NW-03 Zb IKE: "
                      "charon starts again and makes its child SA anew")


def test_hangs(s):
    """An IKE daemon that does not answer is as good as none."""
    with followed() as (both, agent):
        load(s.g, NODE, [v4()])
        both.here.initiate("zb4")
        agent.wait("has its child SA")
        mark = agent.mark()
        both.here.process.send_signal(signal.SIGSTOP)
        agent.wait("does not answer", mark)
        tap.equal(peers(agent), UNKNOWN, "NW-03 Zb IKE: charon hangs: it is "
                  "not known who is served")
        both.here.process.send_signal(signal.SIGCONT)
        agent.wait("its child SAs are followed", mark)
        tap.equal(state.wait(lambda: peers(agent) != UNKNOWN and peers(agent)),
                  {"pcscf": ("up", ["zb4"])}, "NW-03 Zb IKE: it goes on, and "
                  "it is known again")


def test_agent(s):
    """gmguardd has nothing that it cannot read again."""
    with followed() as (both, agent):
        load(s.g, NODE, [v4()])
        both.here.initiate("zb4")
        agent.wait("has its child SA")
        agent.process.kill()
        agent.process.wait()
        with talk(s, 4) as t:
            tap.equal((t.comes(), t.leaves(), clear(s)), (*OPEN, "peer-esp"),
                      "NW-03 Zb IKE: gmguardd is killed: ESP passes, and "
                      "nothing in clear")
        mark = agent.mark()
        agent.start()
        agent.wait("has its child SA", mark)
        tap.equal(peers(agent), {"pcscf": ("up", ["zb4"])}, "NW-03 Zb IKE: "
                  "it starts again, and knows the child SA")
        mark = agent.mark()
        agent.vici = "off"
        agent.configure()
        agent.process.send_signal(signal.SIGHUP)
        agent.wait("configuration read again", mark)
        shown = agent.gmguard("peer", "esp")
        tap.ok("does not follow" in shown, "NW-03 Zb IKE: vici = off, and it "
               "follows nobody", shown)


def test_user(s):
    """gmguardd as the service runs it: a user with one capability."""
    with followed() as (both, agent):
        load(s.g, NODE, [v4()])
        both.here.initiate("zb4")
        agent.stop()
        mark = agent.mark()
        for path in (agent.dir, both.here.dir):
            os.chmod(path, 0o755)
        os.chown(agent.dir, 65534, 65534)
        prefix = ["setpriv", "--reuid=65534", "--regid=65534",
                  "--clear-groups", "--inh-caps=+net_admin",
                  "--ambient-caps=+net_admin"]
        agent.start(prefix)
        agent.wait("Permission denied: its group has to be", mark)
        tap.equal(peers(agent), UNKNOWN, "NW-03 Zb IKE: gmguardd without the "
                  "right to use charon's socket says so, and goes on")
        subprocess.run(["chgrp", "65534", both.here.vici], check=True)
        agent.wait("has its child SA", mark)
        tap.equal(peers(agent), {"pcscf": ("up", ["zb4"])}, "NW-03 Zb IKE: "
                  "the group of the socket is all that it needs")
