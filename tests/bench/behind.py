# SPDX-License-Identifier: GPL-2.0-or-later
"""UEs behind one address: what the next one costs to set up, and a packet to
one of them, as there are more. The kernel's hash of outbound states knows no
ports.
"""
import bench

MEM = "2G"
SIZES = (1, 16, 64, 256, 1024) if bench.QUICK else (1, 16, 64, 256, 1024, 4096)
ROUNDS, LOOPS = (5, 2000) if bench.QUICK else (11, 3200)


def routes(size, behind):
    """Nanoseconds to route a message to a random one into its SA."""
    def measure():
        found = bench.kernel("gmguard", "route %s %d %d %d" % (
            bench.PCSCF, size, behind, LOOPS))
        if found["dropped"]:
            raise RuntimeError(found)
        return found["ns"] / found["n"]
    return measure


def measure(b):
    bench.net("gmguard")
    g = bench.guard("gmguard")
    now = 0
    for size in SIZES:
        took = float(bench.uesetup("gmguard", "fixed", now, size - now, "null",
                                   1 << 14))
        took /= size - now
        now = size
        b.point("to set one up", size, took * 1e9)
        found = b.rounds("%d behind one address, ns" % size,
                         {"out": routes(size, 1 << 14)}, ROUNDS)
        b.point("to route a message", size, bench.median(found["out"]))
        b.note("%d UEs behind one address: %.1f us to set one up, %.1f us to "
               "route a message to one" % (
                   size, took * 1e6, bench.median(found["out"]) / 1e3))
    g.close()
