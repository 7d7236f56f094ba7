# SPDX-License-Identifier: GPL-2.0-or-later
"""PG-9: memory of gmguardd for each UE.

With a number of SA sets, each with what gmguardd keeps of a registration with
two identities, it is started anew; what it has taken for itself then, less what
it takes without any set.
"""
import agent
import bench

MEM = "4G"
STEPS = (5000, 20000) if bench.QUICK else (10000, 30000, 100000)


def measure(b):
    bench.namespace("pcscf")
    server = agent.Agent()
    server.start()
    nothing, now = server.memory(), 0
    for number in STEPS:
        agent.setup(now, number - now)
        now = number
        server.kill()
        server.start(agent.pick(number))
        taken = (server.memory() - nothing) / number
        b.figures[str(number)] = taken
        b.point("gmguardd", number, taken)
    b.goal("bytes of gmguardd for each of %d UEs" % now, taken, "<=", 1024,
           "%.1f MB without a UE" % (nothing / 1e6))
    server.kill()
