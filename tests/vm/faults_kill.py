# SPDX-License-Identifier: GPL-2.0-or-later
"""The agent is killed at every moment that there is: before each of its writes
to the proxy and to the kernel, in the course of a registration, of another one
on the SAs of the first, and of a de-registration.
"""
import tap
from trip import Trip


def initial(b):
    """A UE, and how it registers."""
    phone = b.fleet.phone()
    return phone, phone.register()


def again(b):
    """On the SAs that it has."""
    phone = b.registered()[0]
    return phone, phone.register(protected=True)


def leaving(b):
    phone = b.registered()[0]
    return phone, phone.deregister()


def moments(b, begin):
    """How many writes of the agent one such procedure takes."""
    _, script = begin(b)
    with Trip(b.pcscf.agent.pid) as trip:
        code = b.one(script)
    if code != 200:
        raise RuntimeError("without a fault: %d" % code)
    return trip.count


def one_kill(b, begin, number, other):
    """One moment; the UE, and what was wrong. other: one that is registered."""
    phone, script = begin(b)
    old, wrong = phone.sa, []
    with Trip(b.pcscf.agent.pid, number) as trip:
        code = b.one(script)
    if not trip.killed:
        # a write fewer this time: two events came as one
        return phone, [] if code == 200 else ["not killed, %d" % code]
    b.pcscf.agent.wait()
    if code not in (200, 503):
        wrong.append("answer %d" % code)
    if old and code != 200 and not b.set_of(old):
        wrong.append("it lost the set that it had")
    wrong += ["orphan %r" % s for s in b.orphans()]
    b.restart()
    wrong += b.differs()
    if b.one(other.message()) != 200:
        wrong.append("the other UE is cut off")
    return phone, ["write %d: %s" % (number, w) for w in wrong]


def every_moment(b, begin, what):
    b.fresh()
    other = b.registered()[0]
    number = moments(b, begin)
    phones, faults = zip(*(one_kill(b, begin, n, other)
                           for n in range(1, number + 1)))
    wrong = sum(faults, [])
    tap.ok(number > 3 and not wrong, "GM-10 AT-35 %s: the agent killed before "
           "each of its %d writes: 200 or 503, no set is orphaned, restarted "
           "it knows all sets" % (what, number), "\n".join(wrong))
    tap.equal(b.run(*(p.register() for p in phones)), [200] * number,
              "GM-10 %s: afterwards the UEs register" % what)
    left = [b.phases_of(p) for p in phones if not b.only(p)]
    tap.equal(left, [], "GM-10 GM-32 %s: and then each has the one set that "
              "it uses" % what)
    tap.ok(b.no_temporary(), "GM-28 %s: what was temporary ends at its deadline"
           % what, b.sets())
    b.works([other], "GM-10 %s: a UE that was registered before all this "
            "talks on" % what)
    tap.equal((b.fleet.wrong, b.home.wrong), ([], []),
              "GM-01 GM-21 %s: nothing in clear, no key" % what)


def test_registration(b):
    every_moment(b, initial, "registration")


def test_on_sas(b):
    every_moment(b, again, "registration on SAs")


def test_deregistration(b):
    every_moment(b, leaving, "de-registration")
