# SPDX-License-Identifier: GPL-2.0-or-later
"""PG-5: memory of a UE beyond its four states, beside the policies that
Kamailio makes for each.

What is compared is by how much the kernel's free memory sinks when many UEs are
set up by gmguard, by Kamailio's messages, and by a loop in the kernel that makes
the four states and nothing else.
"""
import bench
import pg4

MEM = "4G"
UES, ROUNDS = (10000, 3) if bench.QUICK else (50000, 5)
NAMES = ("gmguard-inside", "kamailio-inside", "kernel")


def taken(peers, name):
    """Bytes a UE."""
    def measure():
        before = bench.free()
        peers.seconds(name, 0, UES)
        after = bench.free()
        peers.clear(name)
        return (before - after) / UES
    return measure


def measure(b):
    peers = pg4.Peers()
    for name in NAMES:
        taken(peers, name)()
    found = b.rounds("bytes a UE", {n: taken(peers, n) for n in NAMES}, ROUNDS)
    size = {n: bench.median(v) for n, v in found.items()}
    for name in NAMES:
        b.point(name, UES, size[name])
    own, other = (size[n] - size["kernel"] for n in NAMES[:2])
    b.goal("kernel memory of a UE beyond its four states, with an identity "
           "of 20 bytes", own, "<=", 256,
           "gmguard %.0f bytes, Kamailio's four policies %.0f; the states "
           "themselves %.0f" % (own, other, size["kernel"]))
    peers.close()
