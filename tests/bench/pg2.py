# SPDX-License-Identifier: GPL-2.0-or-later
"""PG-2: a flood in clear at protected ports, beside an nft drop at the same
hook; and what registered UEs lose meanwhile.

In LOCAL_IN alone, as PG-1, and through the whole path: pktgen sends into a veth
pair whose other end is in the namespace that drops.
"""
import threading

import bench
import netns

MEM = "1G"
ROUNDS, LOOPS, PACKETS = (9, 100000, 50000) if bench.QUICK else \
    (21, 200000, 200000)
UES, TRIPS = 100, 2000
PKTGEN = "/proc/thread-self/net/pktgen/"
NAMES = ("bare", "gmguard", "nft", "nft-count")

RULES = """
table ip guard {
	chain input {
		type filter hook input priority 2147483646
		ip daddr PCSCF meta l4proto { tcp, udp } th dport { PORTS } jump protected
	}
	chain protected {
		meta secpath missing ACTION
	}
}
""".replace("PCSCF", bench.PCSCF).replace("PORTS", bench.PORTS)


def pktgen(text, *commands):
    """Writes to a file of pktgen."""
    for command in commands:
        with open(PKTGEN + text, "w", encoding="ascii") as file:
            file.write(command + "\n")


def flood(name, packets, rate=0):
    """Sends into the namespace; the nanoseconds of it all."""
    mac = ":".join("%02x" % byte for byte in netns.mac(name, "gm0"))
    with netns.ns("ue-" + name):
        pktgen("kpktgend_0", "rem_device_all", "add_device gm0")
        pktgen("gm0", "count %d" % packets, "clone_skb 0", "pkt_size 400",
               "delay 0", "dst_mac " + mac, "dst " + bench.PCSCF,
               "src_min 10.64.0.0", "src_max 10.79.255.255", "flag IPSRC_RND",
               "udp_src_min 1024", "udp_src_max 65000", "flag UDPSRC_RND",
               "udp_dst_min %d" % bench.PORT_PS,
               "udp_dst_max %d" % bench.PORT_PS)
        if rate:
            pktgen("gm0", "ratep %d" % rate)
        pktgen("pgctrl", "start")
        with open(PKTGEN + "gm0", encoding="ascii") as file:
            text = file.read()
    words = text[text.index("Result: OK:"):].split()
    return int(words[2].split("(")[0]) * 1000


def alone(name):
    """In LOCAL_IN alone: nanoseconds a packet."""
    def measure():
        found = bench.kernel(name, "flood %s %d %d" % (
            bench.PCSCF, bench.PORT_PS, LOOPS))
        if found["accepted" if name != "bare" else "dropped"]:
            raise RuntimeError("%s: %r" % (name, found))
        return found["ns"] / found["n"]
    return measure


def whole(name):
    """Through the whole path: nanoseconds a packet."""
    return lambda: flood(name, PACKETS) / PACKETS


def measure(b):
    for name in NAMES:
        bench.net(name)
    g = bench.guard("gmguard")
    for name, action in (("nft", "drop"), ("nft-count", "counter drop")):
        netns.run(name, ["nft", "-f", "-"],
                  input=RULES.replace("ACTION", action))
    found = b.rounds("LOCAL_IN, ns a packet",
                     {n: alone(n) for n in NAMES}, ROUNDS)
    cost = {n: bench.median([a - base for a, base in
                             zip(found[n], found["bare"])])
            for n in NAMES[1:]}
    path = b.rounds("whole path, ns a packet",
                    {n: whole(n) for n in NAMES[1:]}, ROUNDS // 3)
    path = {n: bench.median(v) for n, v in path.items()}
    b.goal("a UDP packet in clear for port_ps, dropped in LOCAL_IN",
           cost["gmguard"] / cost["nft-count"], "<=", 1.0,
           "gmguard, which counts by reason, %.0f ns; nft secpath missing "
           "counter drop %.0f ns, without counter %.0f ns" % (
               cost["gmguard"], cost["nft-count"], cost["nft"]))
    b.goal("the same from pktgen through veth and IP",
           path["gmguard"] / path["nft-count"], "<=", 1.0,
           "gmguard %.0f ns, nft %.0f ns, without counter %.0f ns" % (
               path["gmguard"], path["nft-count"], path["nft"]))
    honest(b)
    g.close()


def honest(b):
    """Registered UEs while the flood goes on."""
    bench.uesetup("gmguard", "fixed", 0, UES)
    bench.esp_of("ue-gmguard", UES)
    quiet = bench.trips("gmguard", "ue-gmguard", UES, 400, TRIPS)
    flooding = threading.Thread(target=flood,
                                args=("gmguard", 4 * PACKETS, 50000))
    flooding.start()
    found = bench.trips("gmguard", "ue-gmguard", UES, 400, TRIPS)
    flooding.join()
    b.figures["round trips"] = {"quiet": quiet, "flooded": found}
    b.goal("round trips of registered UEs that are lost in a flood of 50000 "
           "packets a second", found["dropped"], "<=", 0,
           "%d of %d lost, %d without the flood" % (
               found["dropped"], found["n"], quiet["dropped"]))
