# SPDX-License-Identifier: GPL-2.0-or-later
"""PG-1: the verdict on a protected packet, in LOCAL_IN, beside nft rules that
do the same and a hook that does nothing.

Each is in a namespace of its own and gets the same packets on the same states,
in random order. The figures of a namespace without any hook are subtracted.
"""
import bench
import netns

MEM = "10G"
SIZES = (1000, 100000) if bench.QUICK else (1000, 10000, 100000, 1000000)
# More of them nft takes gigabytes and minutes to load.
NFT_MOST = 100000
ROUNDS, LOOPS = (9, 100000) if bench.QUICK else (21, 200000)
NAMES = ("bare", "empty", "gmguard", "nft")

# All at once: of a set that is there already nft has forgotten how long an SPI
# is, and refuses more elements.
RULES = """
flush ruleset
table ip guard {
	set sas {
		typeof ip saddr . udp sport . ip daddr . udp dport . ipsec in spi
		elements = { %s }
	}
	chain input {
		type filter hook input priority 2147483646
		ip daddr PCSCF meta l4proto { tcp, udp } th dport { PORTS } jump protected
	}
	chain protected {
		meta secpath missing drop
		ipsec in reqid 0 drop
		ip saddr . udp sport . ip daddr . udp dport . ipsec in spi @sas accept
		drop
	}
}
""".replace("PCSCF", bench.PCSCF).replace("PORTS", bench.PORTS)


def grow(now, size):
    """Both have so many UEs."""
    bench.uesetup("gmguard", "fixed", now, size - now, "null")
    if size > NFT_MOST:
        return
    done = netns.run("nft", ["nft", "-f", "-"], check=False,
                     input=RULES % bench.uesetup("nft", "nft", 0, size))
    if done.returncode:
        raise RuntimeError("nft: " + done.stderr[:1000])


def verdicts(name, loops=LOOPS):
    """Nanoseconds a packet; none may be dropped."""
    def measure():
        found = bench.kernel(name, "verdicts %d" % loops)
        if found["dropped"]:
            raise RuntimeError("%s drops %r" % (name, found))
        return found["ns"] / found["n"]
    return measure


def measure(b):
    for name in NAMES:
        bench.namespace(name)
    g = bench.guard("gmguard")
    bench.kernel("empty", "empty 1")
    costs, now = {}, 0
    for size in SIZES:
        grow(now, size)
        now = size
        states = bench.kernel("gmguard", "gather " + bench.PCSCF)["n"]
        if states != 2 * size:
            raise RuntimeError("%d inbound states" % states)
        names = [n for n in NAMES if n != "nft" or size <= NFT_MOST]
        for name in names:
            verdicts(name, 2 * states)()
        found = b.rounds("%d UEs, ns a packet" % size,
                         {n: verdicts(n) for n in names}, ROUNDS)
        # beside the bare figure of the same round
        costs[size] = {n: [a - base for a, base in zip(found[n],
                                                       found["bare"])]
                       for n in names if n != "bare"}
        for name, values in costs[size].items():
            b.point(name, size, bench.median(values))
        b.note("%d UEs: %s; without hooks %.0f ns" % (size, ", ".join(
            "%s %.1f ns (+-%.0f %%)" % (n, bench.median(v),
                                        100 * bench.spread(v))
            for n, v in costs[size].items()), bench.median(found["bare"])))
    bench.kernel("empty", "empty 0")
    report(b, {size: {n: bench.median(v) for n, v in cost.items()}
               for size, cost in costs.items()})
    g.close()


def report(b, cost):
    at = cost[100000]
    b.goal("verdict on a protected UDP packet in LOCAL_IN, 100000 UEs",
           at["gmguard"] / at["nft"], "<=", 0.1,
           "gmguard %.0f ns, nft with a concatenated set, secpath and ipsec "
           "checks %.0f ns" % (at["gmguard"], at["nft"]))
    b.goal("the same, nanoseconds more than an empty hook",
           at["gmguard"] - at["empty"], "<=", 30,
           "gmguard %.0f ns, empty hook %.0f ns" % (at["gmguard"],
                                                    at["empty"]))
    most = max(cost)
    b.goal("the same, %d UEs against 1000" % most,
           cost[most]["gmguard"] / cost[1000]["gmguard"], "<=", 1.2,
           "%.0f ns and %.0f ns" % (cost[most]["gmguard"],
                                    cost[1000]["gmguard"]))
