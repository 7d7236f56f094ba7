# SPDX-License-Identifier: GPL-2.0-or-later
"""What the module does on its own, in a worker, while half of the allocations
there fail."""
import contextlib
import glob
import os

import failnth
import netns
import state
import tap

SETS = 20


def kworkers(value):
    """Whether allocations of the kernel's workers fail."""
    for path in glob.glob("/proc/[0-9]*/comm"):
        directory = os.path.dirname(path)
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            with open(path, encoding="ascii", errors="replace") as file:
                if not file.read().startswith("kworker/"):
                    continue
            with open(directory + "/make-it-fail", "w",
                      encoding="ascii") as file:
                file.write(value)


@contextlib.contextmanager
def starving(probability):
    """The workers' allocations fail, per cent."""
    failnth.write("failslab", "task-filter", "Y")
    failnth.write("failslab", "times", -1)
    failnth.write("failslab", "probability", probability)
    kworkers("1")
    try:
        yield
    finally:
        failnth.write("failslab", "probability", 0)
        kworkers("0")


def test_deadlines(b):
    """Sets end at their deadline, with or without memory to tell."""
    for version in (4, 6):
        b.fresh()
        state.limits(b.g, temporary_ms=500)
        ep = state.endpoint(b.g, version)
        with starving(50):
            for _ in range(SETS):
                state.new_set(b.g, ep)
            gone = state.wait(lambda: not state.sets(b.g))
        tap.ok(gone and not b.x.states(), "GM-09 ipv%d: %d temporary sets end "
               "at their deadline, with all their SAs" % (version, SETS),
               state.sets(b.g))


def test_lost_states(b):
    """Another program flushes the SAs: the sets go, whole."""
    b.fresh()
    ep = state.endpoint(b.g)
    for _ in range(SETS):
        state.new_set(b.g, ep, **state.established())
    with starving(50):
        netns.ip("xfrm state flush\n", "pcscf")
        gone = state.wait(lambda: not state.sets(b.g))
    tap.ok(gone, "AT-41 after a flush of states, %d sets are gone" % SETS,
           state.sets(b.g))


def test_lost_policies(b):
    """Another program flushes the policies: what there was no memory for comes
    back with the next change of policies; the hooks drop meanwhile."""
    b.fresh()
    state.endpoint(b.g)
    before = len(b.x.policies())
    with starving(100):
        netns.ip("xfrm policy flush\n", "pcscf")
        state.wait(lambda: False, 1)
    policy = "src 192.0.2.1 dst 192.0.2.2 dir out"
    netns.ip("xfrm policy add %s action allow\nxfrm policy delete %s\n" % (
        policy, policy), "pcscf")
    back = state.wait(lambda: len(b.x.policies()) == before, 30)
    tap.ok(before and back, "AT-41 after a flush of policies without memory, "
           "the next change brings them back", len(b.x.policies()))
    b.fresh()
