# SPDX-License-Identifier: GPL-2.0-or-later
"""Which phase may follow which, how long each may last, and what a set whose
deadline passed still lets through (GM-09, GM-31, AT-27)."""
import contextlib
from errno import EINVAL, ERANGE

import state
import statebench
import tap
from phone import HOUR, Gm, request, response


def sets_in_phases(gm):
    """One set in each phase, of phones of their own."""
    found = {"temporary": gm.challenge(), "established": gm.registered(),
             "lingering": gm.registered(), "superseded": gm.registered()}
    new = gm.renewed(found["superseded"])
    gm.delivered(new, "A", request())
    state.change_set(gm.g, found["lingering"].id, phase="lingering")
    gm.sm7(found["temporary"])
    gm.events()
    wrong = [(k, gm.phase(s)) for k, s in found.items() if gm.phase(s) != k]
    if wrong:
        raise RuntimeError("%r" % wrong)
    return found


ALLOWED = {("temporary", "established"), ("established", "lingering"),
           ("superseded", "lingering")}
PHASES = ("temporary", "established", "superseded", "lingering")


def test_refused(b):
    for version in (4, 6):
        with Gm(b, version) as gm:
            found = sets_in_phases(gm)
            for before in PHASES:
                for to in PHASES:
                    if (before, to) in ALLOWED or before == to:
                        continue
                    b.refused("ipv%d SA_SET_SET %s to %s: refused"
                              % (version, before, to), lambda before=before,
                              to=to: state.change_set(
                                  b.g, found[before].id, phase=to,
                                  lifetime_ms=HOUR * 2), EINVAL, ["phase"],
                              attr="sa-set.phase")
            for number in (0, 5, 6, 255, 1 << 31, 0xffffffff):
                for before in PHASES:
                    b.refused("ipv%d SA_SET_SET %s to phase number %d: refused"
                              % (version, before, number),
                              lambda before=before, number=number:
                              state.change_set(b.g, found[before].id,
                                               phase=number), ERANGE, None,
                              attr="sa-set.phase")
            for phase in ("superseded", "lingering"):
                b.refused("ipv%d SA_SET_NEW of a %s set: refused"
                          % (version, phase), lambda phase=phase: gm.new(
                              phase=phase, **{"lifetime-ms": 1000}), EINVAL,
                          ["phase"], attr="sa-set.phase")


def test_same_phase(b):
    """To ask for the phase that a set has changes nothing of it."""
    with Gm(b, 4) as gm:
        found = sets_in_phases(gm)
        for phase in PHASES:
            before = gm.left(found[phase])
            with contextlib.suppress(OSError):
                state.change_set(b.g, found[phase].id, phase=phase)
            tap.ok(gm.phase(found[phase]) == phase and
                   before - 60000 < gm.left(found[phase]) <= before,
                   "SA_SET_SET %s to %s: changes nothing" % (phase, phase),
                   gm.get(found[phase]))


def test_allowed(b):
    with Gm(b, 4) as gm:
        found = sets_in_phases(gm)
        state.limits(b.g, grace_ms=60000)
        before = gm.left(found["superseded"])
        for phase in ("established", "superseded"):
            state.change_set(b.g, found[phase].id, phase="lingering")
            tap.ok(gm.phase(found[phase]) == "lingering" and
                   gm.left(found[phase]) <= 60000, "GM-35: %s to lingering: "
                   "grace-ms at most" % phase, gm.get(found[phase]))
        state.limits(b.g, grace_ms=128000)
        s = gm.registered()
        new = gm.renewed(s)
        state.limits(b.g, grace_ms=5000)
        gm.delivered(new, "A", request())
        gm.events()
        state.limits(b.g, grace_ms=128000)
        before = gm.left(s)
        state.change_set(b.g, s.id, phase="lingering")
        tap.ok(gm.left(s) <= before <= 5000, "GM-35: superseded to lingering "
               "gives no time", "%d %d" % (before, gm.left(s)))


def test_no_longer(b):
    """Neither a superseded nor a lingering set is ever lengthened."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            found = sets_in_phases(gm)
            for phase in ("superseded", "lingering"):
                before = gm.left(found[phase])
                for over in ({}, {"phase": phase},
                             {"phase": "lingering"}):
                    with contextlib.suppress(OSError):
                        state.change_set(b.g, found[phase].id,
                                         lifetime_ms=HOUR, **over)
                tap.ok(gm.left(found[phase]) <= before <= 128000,
                       "GM-33 GM-35 ipv%d: SA_SET_SET does not lengthen a %s "
                       "set" % (version, phase),
                       "%d %d" % (before, gm.left(found[phase])))
            state.change_set(b.g, found["established"].id, lifetime_ms=1)
            tap.ok(gm.left(found["established"]) > HOUR - 200000, "GM-31 "
                   "ipv%d: nor does it shorten an established one" % version)
            state.change_set(b.g, found["temporary"].id, lifetime_ms=1)
            tap.ok(gm.left(found["temporary"]) > 100000, "GM-31 GM-28 ipv%d: "
                   "nor a temporary one" % version)
            state.change_set(b.g, found["temporary"].id, lifetime_ms=HOUR)
            tap.ok(gm.left(found["temporary"]) > HOUR - 100000, "GM-28 ipv%d: "
                   "a temporary set is lengthened when SM7 is accepted"
                   % version)


def test_ends_on_time(b):
    """A lengthened superseded set still ends."""
    with Gm(b, 4) as gm:
        old = gm.registered()
        new = gm.renewed(old)
        state.limits(b.g, grace_ms=1500)
        gm.delivered(new, "A", request())
        state.set_event(b.g, "sa-set-used", new.id)
        state.change_set(b.g, old.id, lifetime_ms=HOUR, agent_data=b"x")
        gone = state.set_event(b.g, "sa-set-del", old.id, timeout=20)
        tap.equal(gone and gone["cause"], "expired", "GM-33: a superseded set "
                  "that somebody wants to lengthen ends all the same")


def ended(gm, phase):
    """A set that has just expired in some phase."""
    if phase == "temporary":
        s = gm.challenge(**{"lifetime-ms": 1500})
        gm.sm7(s)
    elif phase == "established":
        s = gm.registered(lifetime_ms=1500)
    else:
        s = gm.registered()
        if phase == "superseded":
            new = gm.renewed(s)
            state.limits(gm.g, grace_ms=700)
            gm.delivered(new, "A", request())
            # The registration of the newer one must not carry for it.
            state.set_event(gm.g, "sa-set-used", new.id)
            state.del_set(gm.g, new.id)
        else:
            state.limits(gm.g, grace_ms=300)
            state.change_set(gm.g, s.id, phase="lingering")
    if not state.set_event(gm.g, "sa-set-del", s.id):
        raise TimeoutError("no end")
    state.limits(gm.g, grace_ms=128000)
    return s


def test_expired(b):
    """AT-27 for each phase, with and without a live connection."""
    for version in (4, 6):
        for phase in PHASES:
            label = "AT-27 GM-09 ipv%d a %s set whose deadline passed" % (
                version, phase)
            with Gm(b, version) as gm:
                s = ended(gm, phase)
                refuses(gm, s, label)


def refuses(gm, s, label):
    before = state.drops(gm.g).get("xfrm-in-no-state", 0)
    register = request("REGISTER")
    got = [gm.delivered(s, n, m) for n in "AD" for m in (request(), register)]
    tap.ok(not any(got) and state.drops(gm.g).get(
        "xfrm-in-no-state", 0) == before + 4, label + ": inbound is dropped",
           state.drops(gm.g))
    sent = [gm.carrier(s, response(), port, us)
            for port in (s.port_ps, s.port_pc)
            for us in (s.port_us, s.port_uc)]
    tap.equal(sent, [None] * 4, label + ": nothing leaves over UDP")
    for us in (s.port_us, s.port_uc):
        with statebench.tcp("pcscf", s.local, s.port_pc, 0.3) as sock, \
                contextlib.suppress(OSError):
            sock.connect((s.ue, us))
    tap.ok(not gm.in_clear(), label + ": nor in clear, nor over TCP",
           gm.in_clear())
    tap.equal([x for x in gm.b.x.states() if s.ue in (x.src, x.dst)], [],
              label + ": no state is left, not even a larval one")


def test_many_handovers(b):
    """100 phones go over and their old sets end, all at about one time."""
    with Gm(b, 4, {"grace_ms": 3000}) as gm:
        pairs = []
        for number in range(100):
            ue = "10.33.4.%d" % (number + 1)
            old = gm.new(ue=ue, **state.established())
            new = gm.new(ue=ue, impi=old.impi, **state.established(**{
                "port-us": old.port_us, "protected-by": old.id}))
            pairs.append((old, new))
        b.g.events(0)
        for _, new in pairs:
            gm.inject(new, "A", request())
        causes, taken, changed = {}, [], []
        news = {new.id for _, new in pairs}

        def collect():
            for _, attrs in b.g.events(0.1):
                s = attrs["sa-set"]
                if attrs["event"] == "sa-set-del":
                    causes[s["id"]] = (s["phase"], s["cause"])
                if attrs["event"] == "sa-set-used":
                    taken.append(s["id"])
                if attrs["event"] == "sa-set-change":
                    changed.append((s["id"], s["phase"]))
            return len(causes) >= len(pairs)

        state.wait(collect)
        tap.ok(sorted(taken) == sorted(news) and sorted(changed) == sorted(
            (old.id, "superseded") for old, _ in pairs), "GM-33: 100 "
            "hand-overs: one event each for the new and the old set",
            "%d %d" % (len(taken), len(changed)))
        tap.ok(set(causes) == {old.id for old, _ in pairs} and
               set(causes.values()) == {("superseded", "expired")} and
               set(gm.shown()) == news and not b.g.lost, "GM-33 GM-09: all of "
               "the old ones end, none of the new ones",
               "%r" % set(causes.values()))
        tap.equal(len(b.x.states()), 4 * 101, "GM-09: no state too many")


def test_stranger_unharmed(b):
    """All of that leaves other sets alone."""
    with Gm(b, 4) as gm:
        other = gm.registered(ue="10.33.0.78")
        for phase in PHASES:
            ended(gm, phase)
        tap.ok(gm.phase(other) == "established" and
               gm.left(other) > HOUR - 600000 and gm.in_use(other) == [other],
               "GM-09: the end of one set is no other set's", gm.shown())
