# SPDX-License-Identifier: GPL-2.0-or-later
"""The agent is killed at random moments while UEs register, register again on
their SAs, talk and leave."""
import os
import random
import threading
import time

import state
import tap

KILLS = int(os.environ.get("GMG_KILLS", "12"))
SEED = int(os.environ.get("GMG_SEED", time.time_ns() % 1000000))
MOVERS, TALKERS = 8, 4


class Killer(threading.Thread):
    """Kills the agent and starts it again, so many times."""

    def __init__(self, b, dice):
        super().__init__()
        self.b, self.dice, self.failure = b, dice, None
        self.times = 0
        self.over = False

    def run(self):
        try:
            while self.times < KILLS:
                time.sleep(self.dice.uniform(0, 1.5))
                self.b.kill_agent()
                self.times += 1
                time.sleep(self.dice.choice((0, 0, 0.5)))
                self.b.restart()
        except Exception as error:          # pylint: disable=broad-except
            self.failure = error
        self.over = True


class Load:
    """What the UEs do until the killer is done."""

    def __init__(self, b, killer, dice):
        self.b, self.killer, self.dice = b, killer, dice
        self.tried = self.failed = 0
        self.messages = {200: 0, 503: 0}

    def mover(self, phone):
        """In and out, and in again on the SAs that it has."""
        while not self.killer.over:
            kind = self.dice.random()
            self.tried += 1
            if not phone.sa or kind < 0.4:
                code = yield from phone.register()
            elif kind < 0.9:
                code = yield from phone.register(protected=True)
                if code == 200:
                    yield from phone.message()
            else:
                code = yield from phone.deregister()
            if code != 200:
                self.failed += 1
                yield self.dice.uniform(0, 0.5)

    def talker(self, phone):
        """Established, and stays so."""
        while not self.killer.over:
            code = yield from phone.message()
            self.messages[code] = self.messages.get(code, 0) + 1
            yield 0.05
        while (yield from phone.message()) == 503:
            yield 0.2


def test_random_kills(b):
    """Seeded, so that a failure can be repeated."""
    b.fresh()
    tap.note("GMG_SEED=%d GMG_KILLS=%d" % (SEED, KILLS))
    talkers = b.registered(TALKERS)
    movers = [b.fleet.phone() for _ in range(MOVERS)]
    killer = Killer(b, random.Random(SEED))
    load = Load(b, killer, random.Random(SEED + 1))
    drops = state.drops(b.g)
    b.fleet.patience = 10
    killer.start()
    b.fleet.run([load.mover(p) for p in movers] +
                [load.talker(p) for p in talkers], MOVERS + TALKERS)
    killer.join()
    tap.note("%d procedures, %d failed, %r" % (load.tried, load.failed,
                                               load.messages))
    tap.ok(not killer.failure and killer.times == KILLS and load.failed and
           load.failed < load.tried, "GM-10 the agent was killed %d times in "
           "%d procedures, some of which failed" % (KILLS, load.tried),
           killer.failure)
    tap.ok(load.messages[200] and set(load.messages) == {200, 503},
           "GM-10 every MESSAGE of the UEs that stayed got its answer: 200, or "
           "503 while there was no agent", load.messages)
    check(b, movers, talkers, drops)


def check(b, movers, talkers, drops):
    """What is left after all this."""
    tap.equal(b.orphans(), [], "GM-10 every established set belongs to a UE "
              "that has its keys")
    b.truth("GM-10 the agent knows all sets that the kernel has")
    b.works(talkers, "GM-10 the UEs that stayed still talk")
    lost = [p.addr for p in talkers if not b.only(p)]
    tap.equal(lost, [], "GM-10 on the sets that they had at first")
    codes = b.run(*(p.register() for p in movers))
    tap.equal(codes, [200] * len(movers), "GM-10 all others register")
    tap.ok(b.no_temporary(), "GM-28 what was temporary ends at its deadline",
           b.sets())
    many = [b.phases_of(p) for p in movers if not b.only(p)]
    tap.equal(many, [], "GM-10 GM-32 and then each has the one set that it "
              "uses: nothing is left of what failed")
    b.truth("GM-10 the agent knows these as well")
    tap.equal((b.fleet.wrong, b.home.wrong), ([], []), "GM-01 GM-21 nothing "
              "in clear, on a wrong SA, or with CK or IK in it")
    now = state.drops(b.g)
    tap.note("drops: %r" % {k: n - drops.get(k, 0) for k, n in now.items()
                            if n != drops.get(k, 0)})
    tap.equal([k for k in ("out-plaintext", "out-tuple", "in-plaintext",
                           "xfrm-in-integrity", "xfrm-in-replay")
               if now.get(k, 0) != drops.get(k, 0)], [],
              "GM-01 nothing was about to leave in clear, nothing was replayed")
