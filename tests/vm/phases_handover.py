# SPDX-License-Identifier: GPL-2.0-or-later
"""Re-registration: the old and the new set side by side, and when the P-CSCF
goes over to the new one (TS 33.203 7.4.3, AT-28, GM-33)."""
import state
import tap
from phone import HOUR, Gm, answer, request, response

WAYS = [("udp", "A"), ("udp", "D"), ("tcp", "A"), ("tcp", "D")]


def hear(gm, s, way, message):
    """A message comes in on SA A or D of a set, over UDP or TCP."""
    protocol, name = way
    if protocol == "udp":
        return gm.delivered(s, name, message)
    stream = gm.opened(s) if name == "A" else gm.called(s)
    return stream.say(message)


def used(events, *sets):
    """Ids of those sets that the events say were taken into use."""
    ids = [s.id for s in sets]
    return [e[1] for e in events if e[0] == "sa-set-used" and e[1] in ids]


def test_side_by_side(b):
    """Before, at and after the first message on the new set."""
    for version in (4, 6):
        for way in WAYS:
            label = "AT-28 GM-33 ipv%d %s on %s" % (version, *way)
            with Gm(b, version) as gm:
                old = gm.registered()
                gm.events()
                new = gm.renewed(old)
                before(gm, old, new, label)
                at_message(gm, old, new, way, label)
                after(gm, old, new, label)


def before(gm, old, new, label):
    tap.equal((gm.shown(), gm.in_use(old, new), used(gm.events(), old, new)),
              ({old.id: "established", new.id: "established"}, [old], []),
              label + ": at success both are established, the old one stays "
              "in use")
    tap.ok(gm.delivered(old, "A", request("MESSAGE")) and
           gm.delivered(old, "D", request("MESSAGE")),
           label + ": the old one's inbound is delivered")
    tap.equal([gm.carrier(old, m) for m in (
        request("MESSAGE"), response(), answer(401, request("REGISTER")))],
        [(old.id, "C"), (old.id, "C"), None],
        label + ": until the first message on the new one, what the proxy "
        "sends takes the old one's SA C")
    tap.ok(gm.carrier(old, answer(200, new.registers[0])) == (new.id, "C"),
           label + ": the 200 to SM7 takes the new one's")


def at_message(gm, old, new, way, label):
    message = response() if way == ("tcp", "D") else request("OPTIONS")
    heard = hear(gm, new, way, message)
    carried = gm.carrier(old, answer(200, message))
    tap.ok(heard and carried == (new.id, "C"), label + ": the first message "
           "is delivered, and the very response to it takes the new one",
           "%s %s" % (heard, carried))
    told = gm.events()
    tap.equal(sorted(e[:3] for e in told),
              [("sa-set-change", old.id, "superseded"),
               ("sa-set-used", new.id, "established")],
              label + ": one event for each of the two sets")
    tap.ok(gm.shown() == {old.id: "superseded", new.id: "established"} and
           gm.left(old) <= 128000 and gm.left(new) > HOUR - 100000 and
           gm.in_use(old, new) == [new], label + ": the old one is superseded "
           "and has 128 s at most", gm.shown())
    tap.equal((state.stats(gm.g)["superseded"],
               state.stats(gm.g)["established"]), (1, 2),
              label + ": STATS_GET counts it")


def after(gm, old, new, label):
    good = [gm.delivered(s, n, request("MESSAGE")) for s in (old, new)
            for n in "AD"]
    tap.ok(all(good), label + ": then both still deliver", good)
    tap.ok(gm.carrier(old, request("MESSAGE")) == (new.id, "C") and
           gm.in_use(old, new) == [new] and gm.events() == [],
           label + ": nothing on the old one brings it back, and nothing is "
           "told twice", gm.shown())


def test_grace_end(b):
    """The superseded set ends by itself."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            old = gm.registered()
            new = gm.renewed(old)
            state.limits(b.g, grace_ms=400)
            gm.delivered(new, "A", request())
            end = state.set_event(b.g, "sa-set-del", old.id)
            tap.equal((end and (end["phase"], end["cause"]), gm.shown()),
                      (("superseded", "expired"), {new.id: "established"}),
                      "AT-28 GM-33 ipv%d: a superseded set ends after grace-ms"
                      % version)
            lost = state.drops(b.g).get("xfrm-in-no-state", 0)
            got = [gm.delivered(old, n, request()) for n in "AD"]
            tap.equal((got, state.drops(b.g).get("xfrm-in-no-state", 0)),
                      ([False, False], lost + 2), "AT-28 ipv%d: then what "
                      "comes on it is dropped, for lack of a state" % version)
            tap.ok(gm.delivered(new, "A", request()) and gm.carrier(
                new, request()) == (new.id, "C"), "AT-28 ipv%d: the new one "
                   "goes on" % version)
            tap.ok(not gm.in_clear(), "AT-28 ipv%d: nothing leaves in clear"
                   % version, gm.in_clear())


def test_short_life_stays_short(b):
    """grace-ms is the most that is left, not what every one gets."""
    with Gm(b, 4, {"grace_ms": 1000}) as gm:
        old = gm.registered(lifetime_ms=60000)
        new = gm.renewed(old)
        state.limits(b.g, grace_ms=100000)
        gm.delivered(new, "A", request())
        gm.events()
        tap.ok(gm.phase(old) == "superseded" and gm.left(old) <= 60000,
               "GM-33: a set that would end before grace-ms still ends then",
               gm.get(old))


def test_nearly_expired_at_success(b):
    for version in (4, 6):
        with Gm(b, version) as gm:
            old = gm.registered(lifetime_ms=127000)
            gm.events()
            new = gm.renewed(old)
            tap.equal((gm.in_use(old, new), gm.carrier(old, request())),
                      ([new], (new.id, "C")), "AT-28 GM-33 ipv%d: an old set "
                      "with less than grace-ms left: the new one is in use at "
                      "success, without a message" % version)
            told = gm.events()
            tap.ok(used(told, old, new) == [new.id] and
                   gm.phase(old) == "superseded" and gm.left(old) <= 127000,
                   "AT-28 GM-33 ipv%d: and that is told once" % version, told)
            gm.delivered(new, "A", request())
            tap.equal(gm.events(), [], "AT-28 GM-33 ipv%d: the first message "
                      "is no news any more" % version)


def test_nearly_expired_later(b):
    for version in (4, 6):
        with Gm(b, version, {"grace_ms": 60000}) as gm:
            old = gm.registered(lifetime_ms=62500)
            new = gm.renewed(old)
            early = gm.in_use(old, new)
            told = state.set_event(b.g, "sa-set-used", new.id)
            tap.ok(told and early == [old] and gm.phase(old) == "superseded"
                   and 50000 < gm.left(old) <= 60000,
                   "AT-28 GM-33 ipv%d: the new set is taken into use when the "
                   "old one has grace-ms left, without a message" % version,
                   "%s %s" % (told, gm.get(old)))
            tap.equal((gm.in_use(old, new), gm.carrier(old, request())),
                      ([new], (new.id, "C")), "AT-28 GM-33 ipv%d: what the "
                      "proxy sends takes it from then on" % version)


def test_old_lengthened(b):
    """A refresh moves the time of the hand-over with the deadline."""
    with Gm(b, 4, {"grace_ms": 60000}) as gm:
        old = gm.registered(lifetime_ms=61500)
        new = gm.renewed(old)
        state.change_set(b.g, old.id, lifetime_ms=HOUR)
        none = state.set_event(b.g, "sa-set-used", new.id, timeout=2.5)
        tap.ok(none is None and gm.in_use(old, new) == [old] and
               gm.left(old) > HOUR - 100000, "GM-31 GM-33: the old set is "
               "lengthened: no hand-over at its earlier time", none)
        gm.delivered(new, "A", request())
        tap.equal(gm.in_use(old, new), [new], "GM-33: the first message still "
                  "does it")


def lose(gm, s):
    """Another program deletes one of its states."""
    x = gm.b.x
    x.delete(next(st for st in x.states() if st.spi == s.spi("C") and
                  st.dst == s.ue))


ENDS = [("is deleted", lambda gm, s: state.del_set(gm.g, s.id), "request"),
        ("loses a state", lose, "state-lost")]


def test_old_goes_first(b):
    for version in (4, 6):
        for what, end, cause in ENDS:
            with Gm(b, version) as gm:
                old = gm.registered()
                new = gm.renewed(old)
                gm.events()
                end(gm, old)
                state.wait(lambda gm=gm, old=old: not gm.get(old))
                told = gm.events()
                tap.ok(used(told, new) == [new.id] and
                       ("sa-set-del", old.id, "established", cause) in told,
                       "AT-28 GM-33 ipv%d: the old set %s: the new one is in "
                       "use, and that is told" % (version, what), told)
                tap.equal((gm.in_use(new), gm.carrier(new, request())),
                          ([new], (new.id, "C")), "AT-28 GM-33 ipv%d: the old "
                          "set %s: what the proxy sends takes the new one"
                          % (version, what))
                gm.delivered(new, "A", request())
                tap.equal(gm.events(), [], "GM-33 ipv%d: the old set %s: the "
                          "first message is no news any more"
                          % (version, what))


def test_old_lingers(b):
    """What is deregistered has no more than grace-ms left."""
    with Gm(b, 4) as gm:
        old = gm.registered()
        new = gm.renewed(old)
        gm.events()
        state.change_set(b.g, old.id, phase="lingering")
        told = gm.events()
        tap.ok(used(told, new) == [new.id] and gm.in_use(old, new) == [new]
               and gm.phase(old) == "lingering", "GM-33 GM-35: the old set is "
               "deregistered alone: the new one is in use", told)


def test_new_goes_first(b):
    """The old set is still what it was."""
    for version in (4, 6):
        for what, end, _ in ENDS + [("expires", None, "expired")]:
            with Gm(b, version) as gm:
                old = gm.registered()
                new = gm.renewed(old, lifetime_ms=HOUR if end else 3000)
                if end:
                    end(gm, new)
                state.set_event(b.g, "sa-set-del", new.id)
                tap.equal((gm.shown(), gm.in_use(old),
                           gm.carrier(old, request())),
                          ({old.id: "established"}, [old], (old.id, "C")),
                          "GM-33 ipv%d: the new set %s before it was used: "
                          "the old one goes on" % (version, what))
                tap.ok(gm.left(old) > HOUR - 100000, "GM-33 ipv%d: the new "
                       "set %s: nothing is taken from the old one's life"
                       % (version, what), gm.left(old))


def test_used_one_goes(b):
    """The set in use ends while the superseded one is still there."""
    with Gm(b, 4) as gm:
        old = gm.registered()
        new = gm.renewed(old)
        gm.delivered(new, "A", request())
        gm.events()
        state.del_set(b.g, new.id)
        tap.equal((gm.in_use(old), gm.carrier(old, request()),
                   gm.phase(old)), ([old], (old.id, "C"), "superseded"),
                  "GM-33: the set in use is deleted: the superseded one "
                  "carries what is left, and stays superseded")
        tap.ok(gm.left(old) <= 128000 and not used(gm.events(), old),
               "GM-33: it gets no new life", gm.left(old))


def test_generations(b):
    """One re-registration after the other."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            made = [gm.registered()]
            for _ in range(5):
                new = gm.renewed(made[-1])
                tap.equal(gm.shown(), {made[-1].id: "established",
                                       new.id: "established"},
                          "GM-33 ipv%d: success leaves the set that protected "
                          "SM1 and the new one" % version)
                gm.delivered(new, "A", request())
                gm.events()
                made.append(new)
            tap.equal((gm.shown(), gm.carrier(new, request())), (
                {made[-2].id: "superseded", new.id: "established"},
                (new.id, "C")), "GM-33 ipv%d: after five of them, too"
                      % version)
            tap.equal(len(b.x.states()), 12, "GM-33 ipv%d: no state of the "
                      "others is left" % version)


def test_protected_by_old_again(b):
    """The UE has not seen SM12 and begins anew on the old set."""
    with Gm(b, 4) as gm:
        old = gm.registered()
        lost = gm.renewed(old)
        gm.events()
        new = gm.renewed(old)
        told = gm.events()
        tap.ok(("sa-set-del", lost.id, "established", "replaced") in told and
               gm.shown() == {old.id: "established", new.id: "established"}
               and gm.in_use(old, new) == [old], "GM-33: a second SM1 on the "
               "old set: the new set that was never used goes at success, the "
               "old one stays in use", told)
        gm.delivered(new, "A", request())
        gm.events()
        tap.equal((gm.in_use(old, new), gm.phase(old)), ([new], "superseded"),
                  "GM-33: then the newest one takes over")


def test_begun_on_new(b):
    """SM1 of the next authentication is the first message on the new set."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            old = gm.registered()
            new = gm.renewed(old)
            sm1 = request("REGISTER")
            gm.delivered(new, "A", sm1)
            tap.equal((gm.in_use(old, new), gm.carrier(new, answer(401, sm1))),
                      ([new], (new.id, "C")), "GM-33 AT-46 ipv%d: another "
                      "REGISTER is a first message, and its 401 takes the new "
                      "set" % version)
            newest = gm.renewed(new)
            tap.equal(gm.shown(), {new.id: "established", newest.id:
                                   "established"}, "GM-33 ipv%d: its success "
                      "ends the superseded one" % version)
