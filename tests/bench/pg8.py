# SPDX-License-Identifier: GPL-2.0-or-later
"""PG-8: gmguardd is killed and started again beside 100,000 SA sets.

How long it takes until it answers whose an SA is, whether a set is lost, and
whether a packet is: UEs send and get answers on their SAs all the time.
"""
import threading

import agent
import bench

MEM = "4G"
SETS, ROUNDS = (20000, 3) if bench.QUICK else (100000, 7)
UES, SIZE, TRIPS = 50, 400, 2000


def measure(b):
    ues = bench.net("pcscf")
    server = agent.Agent()
    server.start()
    agent.setup(0, SETS)
    # the UEs' side of the first few
    bench.esp_of(ues, UES, "null")
    g = bench.genl.Genl(netns="pcscf")
    took, lost, trips = [], 0, 0
    for _ in range(ROUNDS):
        found = {}

        def traffic(found=found):
            found.update(bench.trips("pcscf", ues, UES, SIZE, TRIPS))

        sending = threading.Thread(target=traffic)
        sending.start()
        server.kill()
        took.append(server.start(agent.pick(SETS)))
        sending.join()
        lost += found["dropped"]
        trips += found["n"]
    kept = g.do("stats-get")["stats"]["established"]
    b.figures["seconds"] = took
    b.goal("seconds until gmguardd, killed and started again beside %d sets, "
           "answers for any of them" % SETS, bench.median(took), "<=", 1,
           "most %.2f s; traffic on the SAs takes its share of the CPU "
           "meanwhile" % max(took))
    b.goal("sets lost by it", SETS - kept, "<=", 0, "%d kept of %d; Kamailio "
           "deletes all of its SAs when it starts" % (kept, SETS))
    b.goal("packets lost meanwhile", lost, "<=", 0,
           "of %d round trips on the SAs" % trips)
    server.kill()
    g.close()
