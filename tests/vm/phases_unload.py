# SPDX-License-Identifier: GPL-2.0-or-later
"""The module is taken away by force in the middle of hand-overs: timers that
are due, work that waits, sets in every phase. It must go whole."""
import os
import subprocess

import state
import tap
from phone import ports, request
from phases_race import churn, talk, unpin
from stateload import Load
from statetcp import udp_packet

# Where the harness keeps the module that this kernel runs.
MODULE = "/run/gmguard-vm/gmguard.ko"
TIMES = 6


def loaded():
    return os.path.exists("/sys/module/gmguard")


def rmmod():
    done = subprocess.run(["rmmod", "-f", "gmguard"], check=False,
                          capture_output=True, text=True)
    return done.returncode, done.stderr


def begin(g, load):
    """Twenty registrations, of which the first messages are on their way."""
    ep = state.endpoint(g, 4)
    state.limits(g, grace_ms=300)
    quick = state.established(alg="hmac-md5-96", ealg="null")
    news = []
    for _ in range(20):
        old = state.new_set(g, ep, **quick, **ports())
        news.append(state.new_set(g, ep, impi=old.impi, **{
            **quick, **ports(), "port-us": old.port_us,
            "protected-by": old.id}))
        state.new_set(g, ep, **ports(), **{"lifetime-ms": 200})
        state.change_set(g, state.new_set(g, ep, **quick, **ports()).id,
                         phase="lingering")

    def make(number):
        s = news[number % len(news)]
        return udp_packet(s, request(), "AD"[number // 20 % 2])

    load.frames("ue1", make)
    load.start(churn({4: ep, 6: ep}, os.getpid()))
    load.start(talk(ep, 4))


def test_forced(b):
    unpin()
    b.fresh()
    wrong = []
    b.g.close()
    for _ in range(TIMES):
        with Load() as load:
            g = state.client()
            begin(g, load)
            g.close()
            load.wait(5)
            status, text = rmmod()
            left = len(b.x.states()) + len(b.x.policies())
            if status or loaded() or left:
                wrong.append("%d %s, %d states and policies are left"
                             % (status, text, left))
        if not loaded():
            subprocess.run(["insmod", MODULE], check=True)
    tap.ok(not wrong, "%d times the module is taken away by force in the "
           "middle of hand-overs: it goes whole" % TIMES, "\n".join(wrong))
    b.g = state.client()
    b.g.subscribe("events")
    tap.equal(state.sets(b.g), [], "and it can be loaded again")
