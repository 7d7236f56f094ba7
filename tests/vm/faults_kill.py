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
    """One moment; what was wrong. other: a UE that is only registered."""
    phone, script = begin(b)
    old, wrong = phone.sa, []
    with Trip(b.pcscf.agent.pid, number) as trip:
        codes = [b.one(script), b.one(other.message())]
    if not trip.killed:
        # a write fewer this time: two events came as one
        return [] if codes == [200, 200] else ["not killed, %r" % codes]
    b.pcscf.agent.wait()
    if not set(codes) <= {200, 503}:
        wrong.append("answers %r" % codes)
    if old and codes[0] != 200 and not b.set_of(old):
        wrong.append("it lost the set that it had")
    wrong += ["orphan %r" % s for s in b.orphans()]
    b.restart()
    wrong += b.differs()
    if b.one(other.message()) != 200:
        wrong.append("the other UE is cut off")
    if b.one(phone.register()) != 200 or not b.only(phone):
        wrong.append("the UE cannot register: %r" % b.phases_of(phone))
    return ["write %d: %s" % (number, w) for w in wrong]


def every_moment(b, begin, what):
    b.fresh()
    other = b.registered()[0]
    number = moments(b, begin)
    wrong = [w for n in range(1, number + 1)
             for w in one_kill(b, begin, n, other)]
    tap.ok(number > 3 and not wrong, "GM-10 AT-35 %s: the agent killed before "
           "each of its %d writes: 200 or 503, no set is orphaned, restarted "
           "it knows all sets, the UE registers" % (what, number),
           "\n".join(wrong))
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
