# SPDX-License-Identifier: GPL-2.0-or-later
"""Phases, deadlines and events. The timers are short, and what is awaited is
an event: order and causes count, not wall time."""
import errno
import time

import state
import tap
from esp import ESP, UDP, Injector, ip, udp

HOUR = 3600 * 1000


def left(b, number):
    return state.get_set(b.g, number)["lifetime-ms"]


def send(inj, s, name, data):
    src, sport, dst, dport = s.flow(name)
    inj.send(ip(src, dst, ESP, s.esp(name).seal(
        udp(src, dst, sport, dport, data), UDP)))


REGISTER = b"REGISTER sip:home.example SIP/2.0\r\nCall-ID: a\r\n" \
           b"CSeq: 1 REGISTER\r\n\r\n"
MESSAGE = b"MESSAGE sip:bob@home.example SIP/2.0\r\n\r\n"


def packets(b, s, name):
    return state.get_set(b.g, s.id)["sa"]["ABCD".index(name)]["packets"]


def test_event_order(b):
    """The events of a whole life, with the set as it was then."""
    for version in (4, 6):
        b.fresh()
        ep = state.endpoint(b.g, version)
        inj = Injector("ue1")
        s = state.new_set(b.g, ep)
        b.g.events(0)
        for _ in range(2):
            send(inj, s, "A", REGISTER)
        state.wait(lambda: packets(b, s, "A") == 2)
        state.change_set(b.g, s.id, phase="established", lifetime_ms=HOUR)
        for _ in range(3):
            send(inj, s, "A", MESSAGE)
            send(inj, s, "D", MESSAGE)
        state.wait(lambda: packets(b, s, "D") == 3)
        state.change_set(b.g, s.id, agent_data=b"new")
        state.change_set(b.g, s.id, phase="lingering")
        state.del_set(b.g, s.id)
        told = [(a["event"], a["sa-set"]["phase"],
                 a["sa-set"].get("agent-data"), a["sa-set"].get("cause"))
                for _, a in b.g.events(10)]
        inj.close()
        # Success takes it into use, too: which is told first does not matter.
        tap.equal(sorted(told[:2], key=str), [
            ("sa-set-change", "established", None, None),
            ("sa-set-used", "established", None, None)],
                  "ipv%d events: nothing of packets on the temporary set; "
                  "success, and that it is in use" % version)
        tap.equal(told[2:], [
            ("sa-set-change", "established", b"new", None),
            ("sa-set-change", "lingering", b"new", None),
            ("sa-set-del", "lingering", b"new", "request")],
                  "ipv%d events: nothing of further packets; every change, "
                  "then the end with its cause" % version)


def test_deadlines(b):
    for version in (4, 6):
        b.fresh()
        ep = state.endpoint(b.g, version)
        state.limits(b.g, temporary_ms=300)
        forever = state.new_set(b.g, ep, **state.established())
        cases = [("temporary set: limit temporary-ms", {}),
                 ("temporary set: its own lifetime", {"lifetime-ms": 200}),
                 ("established set", state.established(
                     **{"lifetime-ms": 250}))]
        for what, over in cases:
            s = state.new_set(b.g, ep, **over)
            end = state.set_event(b.g, "sa-set-del", s.id)
            tap.equal((end and end["cause"], state.get_set(b.g, s.id),
                       len(b.x.states())), ("expired", None, 4),
                      "GM-09 GM-28 ipv%d %s: goes by itself, whole, cause "
                      "expired" % (version, what))
        tap.ok(state.get_set(b.g, forever.id), "GM-09 ipv%d one with a later "
               "deadline stays" % version)


def test_not_before(b):
    """A deadline is never early."""
    b.fresh()
    ep = state.endpoint(b.g, 4)
    begin = time.monotonic()
    s = state.new_set(b.g, ep, **{"lifetime-ms": 1500})
    state.set_event(b.g, "sa-set-del", s.id)
    lasted = time.monotonic() - begin
    tap.ok(lasted >= 1.49, "GM-09: a set of 1500 ms lives that long", lasted)


def test_limits_apply_later(b):
    """LIMITS_SET changes what is made from then on."""
    b.fresh()
    ep = state.endpoint(b.g, 4)
    s = state.new_set(b.g, ep)
    state.limits(b.g, temporary_ms=1000)
    tap.ok(left(b, s.id) > 200000, "a shorter temporary-ms leaves existing "
           "sets alone")
    before = state.limits(b.g)
    tap.equal((before["temporary-ms"], state.limits(b.g, grace_ms=5000)),
              (1000, {**before, "grace-ms": 5000}),
              "LIMITS_SET changes only what it names")


def test_never_shorter(b):
    """GM-31: no refresh shortens a life."""
    b.fresh()
    ep = state.endpoint(b.g, 4)
    s = state.new_set(b.g, ep, **state.established())
    state.change_set(b.g, s.id, lifetime_ms=1000)
    tap.ok(590000 < left(b, s.id) <= 600000, "GM-31: SA_SET_SET does not "
           "shorten a life", left(b, s.id))
    state.change_set(b.g, s.id, lifetime_ms=HOUR)
    tap.ok(HOUR - 10000 < left(b, s.id) <= HOUR, "GM-31: it lengthens one")
    state.change_set(b.g, s.id, lifetime_ms=600000, phase="established")
    tap.ok(HOUR - 10000 < left(b, s.id) <= HOUR, "GM-31: nor does it with "
           "the phase that the set has", left(b, s.id))
    t = state.new_set(b.g, ep, **{"lifetime-ms": 50000})
    state.change_set(b.g, t.id, lifetime_ms=1000)
    tap.ok(left(b, t.id) > 40000, "GM-31: nor of a temporary set",
           left(b, t.id))
    state.change_set(b.g, t.id, phase="established", lifetime_ms=30000)
    tap.ok(20000 < left(b, t.id) <= 30000, "GM-31: success gives the lifetime "
           "of the registration, whatever the temporary set had left",
           left(b, t.id))
    state.change_set(b.g, t.id, lifetime_ms=1000)
    tap.ok(left(b, t.id) > 20000, "GM-31: which nothing shortens any more",
           left(b, t.id))
    u = state.new_set(b.g, ep, **{"lifetime-ms": 300})
    state.change_set(b.g, u.id, phase="established", lifetime_ms=HOUR)
    tap.ok(state.set_event(b.g, "sa-set-del", u.id, timeout=1.5) is None and
           left(b, u.id) > HOUR - 10000, "GM-31: the earlier deadline of a "
           "lengthened set is void")
    # 2147483647 ms are 24 days: jiffies must not wrap
    state.change_set(b.g, t.id, lifetime_ms=2147483647)
    tap.ok(state.set_event(b.g, "sa-set-del", t.id, timeout=0.5) is None and
           left(b, t.id) > 2147483647 - 10000, "GM-31: the longest life")


def test_lingering(b):
    for version in (4, 6):
        b.fresh()
        ep = state.endpoint(b.g, version)
        state.limits(b.g, grace_ms=400)
        s = state.new_set(b.g, ep, **state.established())
        state.change_set(b.g, s.id, phase="lingering")
        after = left(b, s.id)
        state.change_set(b.g, s.id, lifetime_ms=HOUR)
        tap.ok(after <= 400 and left(b, s.id) <= 400, "GM-35 ipv%d lingering: "
               "at most grace-ms are left, and nothing lengthens that"
               % version, "%d %d" % (after, left(b, s.id)))
        tap.equal((state.set_event(b.g, "sa-set-del", s.id) or {}).get(
            "cause"), "expired", "GM-35 ipv%d lingering: it ends by itself"
                  % version)
    state.limits(b.g, grace_ms=100000)
    s = state.new_set(b.g, ep, **state.established(**{"lifetime-ms": 5000}))
    state.change_set(b.g, s.id, phase="lingering")
    tap.ok(left(b, s.id) <= 5000, "GM-35 lingering: a life that ends sooner "
           "stays short")


def test_two_impis(b):
    """Two unused temporary sets never stand on one (address, port-us), and
    the one that authenticates first keeps it."""
    b.fresh()
    ep = state.endpoint(b.g, 4)
    inj = Injector("ue1")
    one = state.new_set(b.g, ep)
    send(inj, one, "A", REGISTER)
    state.wait(lambda: packets(b, one, "A"))
    b.g.events(0)
    b.refused("GM-11: (address, port-us) of a used temporary set of another "
              "IMPI: refused", lambda: state.new_set(
                  b.g, ep, **{"port-us": one.port_us}), errno.EEXIST,
              ["port-us"], attr="sa-set.port-us")
    # The same UE, another contact: a group of its own.
    other = state.new_set(b.g, ep, impi=one.impi, **state.established())
    state.change_set(b.g, one.id, phase="established")
    tap.equal([s["id"] for s in state.sets(b.g)], [one.id, other.id],
              "GM-38: another contact of the same IMPI is a registration of "
              "its own")
    inj.close()


def test_agent_data(b):
    b.fresh()
    ep = state.endpoint(b.g, 4)
    s = state.new_set(b.g, ep, **{"agent-data": b"first"})
    tap.equal(state.get_set(b.g, s.id)["agent-data"], b"first",
              "agent-data is kept")
    state.change_set(b.g, s.id, agent_data=b"x" * 2048)
    tap.equal(state.get_set(b.g, s.id)["agent-data"], b"x" * 2048,
              "agent-data is replaced")
    state.change_set(b.g, s.id, phase="established", lifetime_ms=HOUR)
    tap.equal(state.get_set(b.g, s.id)["agent-data"], b"x" * 2048,
              "agent-data stays when something else changes")
    state.change_set(b.g, s.id, agent_data=b"")
    tap.ok("agent-data" not in state.get_set(b.g, s.id), "agent-data can be "
           "emptied", state.get_set(b.g, s.id).get("agent-data"))


def test_many_deadlines(b):
    """200 sets that end together, while some of them are deleted."""
    b.fresh()
    ep = state.endpoint(b.g, 4)
    made = [b.g.do("sa-set-new", state.set_attrs(
        ep, ue="10.33.2.%d" % (1 + i), **{"lifetime-ms": 3000}))["sa-set"]
        for i in range(200)]
    for s in made[::10]:
        try:
            state.del_set(b.g, s["id"])
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise
    causes = {}
    state.wait(lambda: collect(b, causes) >= len(made), 60)
    tap.ok(len(causes) == len(made) and set(causes.values()) <=
           {"expired", "request"}, "GM-09: 200 sets that end at once: one "
           "event each", "%d %s" % (len(causes), set(causes.values())))
    tap.equal((state.sets(b.g), b.x.states(), b.g.lost), ([], [], 0),
              "GM-09: nothing of them is left")


def collect(b, causes):
    for _, attrs in b.g.events(0.2):
        if attrs["event"] == "sa-set-del":
            causes[attrs["sa-set"]["id"]] = attrs["sa-set"]["cause"]
    return len(causes)
