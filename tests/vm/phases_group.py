# SPDX-License-Identifier: GPL-2.0-or-later
"""Registration groups: what success ends, and what it must leave alone
(TS 24.229 5.2.2, GM-32, GM-33, GM-38, GM-39)."""
import netns
import state
import tap
from phone import Gm, request

OTHER = {4: "10.33.0.77", 6: "fd33::77"}        # the phone's next address
LABEL = {"group": 7}


def neighbours(gm, impi, version):
    """Registrations that have something in common with the one in question,
    but are others: {what: set}."""
    make = lambda **over: gm.registered(impi=impi, **over)
    state.limits(gm.g, max_impi_sets=100)
    return {
        "another label": make(group=8),
        "no label": make(),
        "an emergency registration with the same label": make(
            group=7, emergency=True),
        "an emergency registration": make(emergency=True),
        "another label at another address": make(group=9, ue=OTHER[version]),
        "another IMPI with the same label": gm.registered(group=7),
        "another IMPI without a label": gm.registered(),
        "another phone": gm.registered(ue=netns.access_addr("ue2", version))}


def untouched(gm, others, before):
    """Which of the neighbours are not what they were."""
    return ["%s: %s, was %s" % (what, gm.shown().get(s.id), before[what])
            for what, s in others.items()
            if gm.shown().get(s.id) != before[what] or
            gm.in_use(s) != [s] or gm.left(s) < 3000000]


def test_unprotected(b):
    """SM1 came in clear: the UE has lost its sets."""
    for version in (4, 6):
        for what, how in (
                ("same (address, port-us)", lambda old: {
                    "port-us": old.port_us}),
                ("same label, new ports", lambda old: LABEL),
                ("same label, same port-us", lambda old: dict(LABEL, **{
                    "port-us": old.port_us}))):
            label = "GM-32 ipv%d %s" % (version, what)
            with Gm(b, version) as gm:
                old = gm.registered(**LABEL)
                others = neighbours(gm, old.impi, version)
                was = {w: "established" for w in others}
                unprotected(gm, old, others, was, label, how(old))


def unprotected(gm, old, others, was, label, over):
    gm.events()
    new = gm.challenge(impi=old.impi, **over)
    gm.sm7(new)
    tap.ok(gm.phase(old) == "established" and gm.in_use(old, new) == [old] and
           gm.carrier(old, request()) == (old.id, "C"),
           label + ": the challenge and SM7 leave the old set alone")
    gm.success(new)
    told = gm.events()
    tap.ok(not gm.get(old) and gm.in_use(new) == [new] and (
        "sa-set-del", old.id, "established", "replaced") in told and
        [e[1] for e in told if e[0] == "sa-set-used"] == [new.id],
           label + ": success ends it at once, the new one is in use", told)
    tap.equal(gm.carrier(new, request()), (new.id, "C"), label + ": what the "
              "proxy sends takes the new one")
    tap.equal(untouched(gm, others, was), [], label + ": other registrations "
              "are untouched (GM-38)")


def test_unprotected_ends_all(b):
    """In use, superseded, and one that was never used: all of them go."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            first = gm.registered(**LABEL)
            second = gm.renewed(first)
            gm.delivered(second, "A", request())
            third = gm.challenge(second)
            waiting = gm.challenge(second)
            gm.sm7(waiting)
            gm.events()             # the worker has superseded the first one
            was = gm.shown()
            new = gm.challenge(impi=first.impi, **LABEL)
            gm.sm7(new)
            at_challenge = gm.shown()
            gm.success(new)
            tap.equal(at_challenge, {**was, new.id: "temporary"},
                      "GM-32 ipv%d: nothing goes at the challenge" % version)
            tap.equal(gm.shown(), {
                new.id: "established", third.id: "temporary",
                waiting.id: "temporary"}, "GM-32 ipv%d: success ends the set "
                "in use and the superseded one" % version)
            tap.equal(len(b.x.states()), 16, "GM-32 ipv%d: with their states"
                      % version)


def test_address_change(b):
    """The UE moved: the old sets may still be used on the old path."""
    for version in (4, 6):
        label = "GM-39 GM-32 ipv%d" % version
        with Gm(b, version, {"grace_ms": 60000}) as gm:
            old = gm.registered(**LABEL)
            others = neighbours(gm, old.impi, version)
            gm.events()
            new = gm.challenge(impi=old.impi, ue=OTHER[version], **LABEL)
            gm.sm7(new)
            tap.equal((gm.phase(old), gm.in_use(old)), ("established", [old]),
                      label + " registration from another address: nothing "
                      "happens at the challenge")
            gm.success(new)
            told = gm.events()
            tap.ok(gm.phase(old) == "lingering" and gm.left(old) <= 60000 and
                   ("sa-set-change", old.id, "lingering", None) in told and
                   gm.in_use(new) == [new], label + " its success: the old "
                   "set lingers, and that is told", told)
            tap.ok(gm.delivered(old, "A", request()) and
                   gm.carrier(old, request()) == (old.id, "C") and
                   gm.carrier(new, request()) == (new.id, "C"),
                   label + ": each address has its own set")
            tap.equal(untouched(gm, others, {w: "established" for w in others}),
                      [], label + ": other registrations are untouched")


def test_address_change_superseded(b):
    """All sets of the old address linger, none longer than before."""
    with Gm(b, 4, {"grace_ms": 60000}) as gm:
        first = gm.registered(**LABEL)
        second = gm.renewed(first)
        gm.delivered(second, "A", request())
        gm.events()
        before = gm.left(first)
        new = gm.registered(impi=first.impi, ue=OTHER[4], **LABEL)
        tap.ok(gm.shown() == {first.id: "lingering", second.id: "lingering",
                              new.id: "established"} and
               gm.left(first) <= before, "GM-39: the superseded set lingers as "
               "well, and gets no time for it", gm.shown())


def test_without_label(b):
    """Then only (address, port-us) makes a group."""
    with Gm(b, 4) as gm:
        old = gm.registered()
        new = gm.registered(impi=old.impi, ue=OTHER[4], **{
            "port-us": old.port_us})
        other = gm.registered(impi=old.impi)
        tap.equal(gm.shown(), {s.id: "established" for s in
                               (old, new, other)}, "GM-38: without a label, "
                  "another address or another port-us is another registration")


def test_other_family(b):
    """From IPv4 to IPv6: another endpoint, the same registration."""
    with Gm(b, 4) as gm:
        old = gm.registered(**LABEL)
        ep6 = state.endpoint(b.g, 6)
        new = state.new_set(b.g, ep6, impi=old.impi, **LABEL)
        state.change_set(b.g, new.id, phase="established")
        tap.equal(gm.shown(), {old.id: "lingering", new.id: "established"},
                  "GM-39: a UE that goes from IPv4 to IPv6 leaves a lingering "
                  "set")


def test_protected_ends_others(b):
    """SM1 was protected: that set stays, any other one goes."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            first = gm.registered(**LABEL)
            others = neighbours(gm, first.impi, version)
            second = gm.renewed(first)
            gm.delivered(second, "A", request())
            gm.events()
            third = gm.renewed(second)
            told = gm.events()
            tap.ok(not gm.get(first) and gm.in_use(second, third) == [second]
                   and ("sa-set-del", first.id, "superseded", "replaced")
                   in told, "GM-33 ipv%d: success of a protected one ends the "
                   "superseded set, the protecting one stays in use"
                   % version, told)
            tap.equal(untouched(gm, others, {w: "established" for w in others}),
                      [], "GM-33 GM-38 ipv%d: other registrations are "
                      "untouched by success" % version)
            gm.delivered(third, "A", request())
            gm.events()
            tap.equal(untouched(gm, others, {w: "established" for w in others}),
                      [], "GM-33 GM-38 ipv%d: and by the hand-over" % version)


def test_new_port_us(b):
    """A label holds the group together when the UE takes another port-us."""
    with Gm(b, 4) as gm:
        old = gm.registered(**LABEL)
        gm.events()
        new = gm.renewed(old, **{"port-us": 19999})
        told = [e[0] for e in gm.events()]
        tap.ok(gm.phase(old) == "established" and old in gm.in_use(old) and
               gm.carrier(old, request()) == (old.id, "C") and
               "sa-set-used" not in told, "GM-33: a re-registration with "
               "another port-us: the old set is in use until the first "
               "message", told)
        gm.delivered(new, "A", request())
        told = [e[:2] for e in gm.events() if e[0] == "sa-set-used"]
        tap.ok(gm.phase(old) == "superseded" and gm.left(old) <= 128000 and
               gm.in_use(new) and told == [("sa-set-used", new.id)],
               "GM-33: then it is superseded", "%s %s" % (gm.shown(), told))
        tap.equal((gm.carrier(new, request()), gm.carrier(old, request())),
                  ((new.id, "C"), (old.id, "C")), "GM-33: each port-us is "
                  "reached by its own set")


def test_protector_gone(b):
    """The set that SM1 came on ends before success."""
    for what, end in (
            ("is deleted", lambda gm, s: state.del_set(gm.g, s.id)),
            ("is deregistered", lambda gm, s: state.change_set(
                gm.g, s.id, phase="lingering"))):
        with Gm(b, 4) as gm:
            old = gm.registered(**LABEL)
            new = gm.challenge(old)
            gm.sm7(new)
            end(gm, old)
            gm.events()
            gm.success(new)
            tap.ok(gm.in_use(new) == [new] and
                   gm.carrier(new, request()) == (new.id, "C") and
                   [e[1] for e in gm.events() if e[0] == "sa-set-used"] ==
                   [new.id], "GM-33: the protecting set %s before success: "
                   "the new one is in use at success" % what, gm.shown())


def test_protector_is_strange(b):
    """protected-by is the agent's word; a wrong one must do no harm."""
    with Gm(b, 4) as gm:
        old = gm.registered(**LABEL)
        others = neighbours(gm, old.impi, 4)
        stranger = others["another IMPI with the same label"]
        was = {w: "established" for w in others}
        for what, number in (("another IMPI's", stranger.id),
                             ("another group's", others["another label"].id),
                             ("no", 99999)):
            new = gm.challenge(impi=old.impi, **dict(LABEL, **{
                "protected-by": number}))
            gm.sm7(new)
            gm.success(new)
            gm.delivered(new, "A", request())
            gm.events()
            tap.ok(untouched(gm, others, was) == [] and
                   gm.in_use(new) == [new], "GM-33: protected-by names %s set: "
                   "that one is untouched, the new one is in use" % what,
                   "\n".join(untouched(gm, others, was)))


def test_two_authentications(b):
    """Two temporary sets of one registration both succeed."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            old = gm.registered(**LABEL)
            one, two = [gm.challenge(old) for _ in range(2)]
            for s in (one, two):
                gm.sm7(s)
            gm.success(one)
            gm.delivered(one, "A", request())
            gm.success(two)
            gm.events()
            # SM1 of both came on the old set, which the UE no longer uses
            tap.ok(gm.phase(two) == "established" and gm.get(old) and
                   not gm.get(one), "GM-33 ipv%d: two authentications race: "
                   "what protected the later success stays, the other new set "
                   "goes" % version, gm.shown())
            gm.delivered(two, "A", request())
            tap.equal((gm.in_use(old, two), gm.carrier(two, request())),
                      ([two], (two.id, "C")), "GM-33 ipv%d: the later one "
                      "takes over at its first message" % version)


def test_shown(b):
    """group and emergency come back as they were given."""
    with Gm(b, 4) as gm:
        s = gm.new(group=0xffffffff, emergency=True)
        t = gm.new()
        tap.equal([(x.get("group"), x.get("emergency")) for x in (
            s.reply, gm.get(s), t.reply, gm.get(t))],
            [(0xffffffff, True)] * 2 + [(None, None)] * 2,
            "GM-38: SA_SET_GET shows group and emergency")
        for what, over in (("group 0", {"group": 0}),
                           ("group of 2 bytes", {"group": b"\1\2"})):
            try:
                gm.new(**over)
                tap.ok(False, "GM-38: %s: refused" % what)
            except OSError as error:
                tap.ok(error.errno in (22, 34), "GM-38: %s: refused" % what,
                       error)
