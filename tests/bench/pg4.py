# SPDX-License-Identifier: GPL-2.0-or-later
"""PG-4: UEs set up a second: gmguard's one message, acknowledged, beside
Kamailio's eight and "ip -batch", both unacknowledged, and a loop in the kernel
that does nothing but build and add four states.

All with HMAC-SHA-1-96 and AES-CBC. Kamailio's messages are sent as it sends
them, with a socket for each UE. System calls cost more in User-Mode Linux than
elsewhere, so both are sent again from inside the kernel, without any: that is
the fairer comparison. Of all but "ip -batch" the median UE counts; of that, the
best round.
"""
import os
import time

import bench
import netns

MEM = "4G"
UES, ROUNDS = (1000, 5) if bench.QUICK else (3000, 11)
CURVE = (20000, 5000) if bench.QUICK else (100000, 10000)
NAMES = ("gmguard", "gmguard-inside", "kamailio", "kamailio-inside", "ip",
         "kernel")
BATCH = "/tmp/batch"


class Peers:
    """The ways, each in a namespace that is empty before every round."""

    def __init__(self):
        for name in NAMES:
            bench.namespace(name)
        self.guards = {name: bench.guard(name) for name in NAMES
                       if name.startswith("gmguard")}

    def clear(self, name):
        """Everything of a way goes again."""
        if name in self.guards:
            g = self.guards[name]
            g.do("endpoint-del", {"endpoint": {"id": 1, "force": True}})
            g.do("endpoint-new", bench.ENDPOINT)
        elif name == "kernel":
            bench.kernel(name, "forget")
        else:
            netns.ip("xfrm state flush\nxfrm policy flush\n", name)

    def close(self):
        for g in self.guards.values():
            g.close()

    def seconds(self, name, first, number):
        """What it takes to set up these UEs."""
        if name == "kernel":
            return bench.kernel(name, "make %s %d %d 1" % (
                bench.PCSCF, first, number))["ns"] / 1e9
        if name != "ip":
            return float(bench.uesetup(name, name, first, number))
        with open(BATCH, "w", encoding="ascii") as file:
            file.write(bench.uesetup(name, "ip", first, number))
        begin = time.monotonic()
        netns.run(name, ["ip", "-batch", BATCH])
        return time.monotonic() - begin

    def rate(self, name):
        """UEs a second, from nothing."""
        def measure():
            seconds = self.seconds(name, 0, UES)
            self.clear(name)
            return UES / seconds
        return measure


def curve(b, peers):
    """The rate as the table grows."""
    most, step = CURVE
    for name in ("gmguard-inside", "kamailio-inside", "kernel"):
        for first in range(0, most, step):
            seconds = peers.seconds(name, first, step)
            b.point(name, first + step, step / seconds)
        peers.clear(name)


def measure(b):
    peers = Peers()
    for name in NAMES:
        peers.rate(name)()
    found = b.rounds("UEs a second", {n: peers.rate(n) for n in NAMES}, ROUNDS)
    rate = {n: bench.median(v) for n, v in found.items()}
    # the only one whose UEs can't be timed one by one
    rate["ip"] = max(found["ip"])
    for name in NAMES:
        b.note("%s: %.0f UEs a second (+-%.0f %%)" % (
            name, rate[name], 100 * bench.spread(found[name])))
    b.goal("UEs set up a second, gmguard's message with its answer against "
           "Kamailio's eight messages as it sends them",
           rate["gmguard"] / rate["kamailio"], ">=", 3,
           "%.0f and %.0f" % (rate["gmguard"], rate["kamailio"]))
    b.goal("the same, both without system calls",
           rate["gmguard-inside"] / rate["kamailio-inside"], ">=", 3,
           "%.0f and %.0f" % (rate["gmguard-inside"], rate["kamailio-inside"]))
    b.goal("the same against ip -batch", rate["gmguard"] / rate["ip"], ">=", 3,
           "%.0f and %.0f" % (rate["gmguard"], rate["ip"]))
    b.goal("the same against a loop in the kernel that makes four states, "
           "without system calls", rate["gmguard-inside"] / rate["kernel"],
           ">=", 0.8,
           "%.0f and %.0f" % (rate["gmguard-inside"], rate["kernel"]))
    curve(b, peers)
    os.unlink(BATCH)
    peers.close()
