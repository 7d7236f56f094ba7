# SPDX-License-Identifier: GPL-2.0-or-later
"""How many sets there may be and with which ports (TS 33.203 7.1): AT-37,
GM-11, GM-12, GM-34."""
from errno import EDQUOT, EEXIST

import state
import tap
from phone import Gm, request

PS = [6101, 6102, 6103]
WORDS = ["max-impi-sets"]
IMPI = ("sa-set", "sa-set.impi", "sa-set.id", "sa-set.phase")


def phases_of(gm):
    """One set of a phone of its own in each authenticated phase."""
    found = {"established": gm.registered(), "superseded": gm.registered(),
             "lingering": gm.registered()}
    new = gm.renewed(found["superseded"])
    gm.delivered(new, "A", request())
    state.change_set(gm.g, found["lingering"].id, phase="lingering")
    gm.events()
    return found


def test_port_uc(b):
    """(address, port-uc) over all UEs, whatever the port-ps."""
    for version in (4, 6):
        with Gm(b, version, **{"port-ps": PS}) as gm:
            for phase, s in phases_of(gm).items():
                for port_ps in (None, *PS):
                    b.refused("AT-37 GM-11 ipv%d port-uc of a set that is %s, "
                              "port-ps %s: refused" % (version, phase, port_ps),
                              lambda s=s, port_ps=port_ps: gm.challenge(**{
                                  "port-uc": s.port_uc, "port-ps": port_ps}),
                              EEXIST, ["port-uc"], attr="sa-set.port-uc")
            s = gm.registered()
            gm.events()
            b.refused("AT-37 GM-11 ipv%d port-uc of its own set in use: "
                      "refused" % version, lambda s=s: gm.challenge(
                          s, **{"port-uc": s.port_uc}), EEXIST, ["port-uc"],
                      attr="sa-set.port-uc")
            b.refused("AT-37 GM-11 ipv%d an established set made with it: "
                      "refused" % version, lambda s=s: gm.new(
                          **state.established(**{"port-uc": s.port_uc})),
                      EEXIST, ["port-uc"], attr="sa-set.port-uc")
            other = gm.challenge(**{"port-uc": s.port_uc,
                                    "ue": gm.witness.ue})
            tap.ok(other, "GM-11 ipv%d: another address may have that port-uc"
                   % version)


def test_port_uc_two_temporary(b):
    """Neither locks the other out; the first to succeed has it."""
    with Gm(b, 4, **{"port-ps": PS}) as gm:
        one = gm.challenge(**{"port-ps": PS[0]})
        gm.sm7(one)
        try:
            two = gm.challenge(**{"port-uc": one.port_uc, "port-ps": PS[1]})
        except OSError as error:
            tap.equal(error.errno, EEXIST, "GM-11: the port-uc of a proven "
                      "temporary set on another port-ps: refused")
            return
        gm.sm7(two)
        gm.success(one)
        gm.events()
        b.refused("GM-11 AT-37: two temporary sets with one (address, "
                  "port-uc): the second to succeed is refused",
                  lambda: gm.success(two), EEXIST, ["port-uc"],
                  attr=("sa-set.phase", "sa-set.id", "sa-set"))


def test_port_us(b):
    """(address, port-us) belongs to one IMPI."""
    for version in (4, 6):
        with Gm(b, version, **{"port-ps": PS}) as gm:
            for phase, s in phases_of(gm).items():
                b.refused("GM-11 ipv%d port-us of another IMPI's %s set: "
                          "refused" % (version, phase), lambda s=s:
                          gm.challenge(**{"port-us": s.port_us}), EEXIST,
                          ["port-us"], attr="sa-set.port-us")


def test_port_us_race(b):
    """Two IMPIs name one port-us in temporary sets; both succeed."""
    with Gm(b, 4) as gm:
        one = gm.challenge()
        two = gm.challenge(**{"port-us": one.port_us})
        if not gm.get(one):
            tap.equal(gm.shown(), {two.id: "temporary"}, "GM-11: an unproven "
                      "set of another IMPI with the same port-us gave way")
            return
        for s in (one, two):
            gm.sm7(s)
        gm.success(two)
        gm.events()
        b.refused("GM-11: of two IMPIs with one (address, port-us) only the "
                  "first to succeed gets it", lambda: gm.success(one), EEXIST,
                  ["port-us"], attr=("sa-set.phase", "sa-set.id", "sa-set"))


def contacts(gm, count, impi="contacts@home.example", **over):
    return [gm.registered(impi=impi, group=i + 1, **over)
            for i in range(count)]


def test_six_sas(b):
    """Three sets: a fourth one is refused at the challenge."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            made = contacts(gm, 3)
            impi = made[0].impi
            gm.events()
            for what, over in (("another contact", {"group": 9}),
                               ("no label", {}),
                               ("another address", {"ue": gm.witness.ue})):
                b.refused("AT-37 GM-12 ipv%d three sets of an IMPI, a fourth "
                          "of %s: refused" % (version, what),
                          lambda over=over: gm.challenge(impi=impi, **over),
                          EDQUOT, WORDS, attr=IMPI)
                b.refused("AT-37 GM-12 ipv%d three sets of an IMPI, a fourth "
                          "of %s, made established: refused" % (version, what),
                          lambda over=over: gm.new(impi=impi,
                                                   **state.established(
                                                       **over)),
                          EDQUOT, WORDS, attr=IMPI)
            new = gm.challenge(impi=impi, group=2)
            gm.sm7(new)
            gm.success(new)
            tap.ok(not gm.get(made[1]) and gm.phase(new) == "established",
                   "GM-12 GM-32 ipv%d: an unprotected registration of one of "
                   "the three contacts takes that one's place" % version)
            emergency = gm.registered(impi=impi, emergency=True, group=2)
            tap.equal(len(gm.shown()), 4, "GM-12 GM-38 ipv%d: an emergency "
                      "registration counts by itself" % version)
            state.change_set(b.g, made[2].id, phase="lingering")
            again = gm.registered(impi=impi, group=9)
            tap.ok(gm.phase(again) == "established" and gm.get(emergency),
                   "GM-12 ipv%d: a lingering set is not counted" % version)
            state.del_set(b.g, again.id)
            tap.ok(gm.registered(impi=impi, group=10), "GM-12 ipv%d: a "
                   "deleted one makes room" % version)


def test_emergency_counted(b):
    """Emergency sets have the same limit, apart."""
    with Gm(b, 4) as gm:
        made = contacts(gm, 3, emergency=True)
        gm.events()
        b.refused("AT-37 GM-12 GM-38: a fourth emergency set of an IMPI: "
                  "refused", lambda: gm.challenge(
                      impi=made[0].impi, emergency=True, group=9), EDQUOT,
                  WORDS, attr=IMPI)
        tap.ok(contacts(gm, 3), "GM-12 GM-38: three others of the same IMPI "
               "are not hindered")


def test_reregistration_never_refused(b):
    """Old, in use and being registered: again and again, with and without
    first messages, retries and unprotected ones."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            s = gm.registered(group=1)
            for turn in range(8):
                for _ in range(2):
                    gm.challenge(s)         # an attempt that is given up
                new = gm.renewed(s)
                if turn % 3:
                    gm.delivered(new, "A", request())
                if turn % 4 == 3:
                    new = gm.registered(impi=s.impi, group=1, **{
                        "port-us": s.port_us})
                s = new
            live = [p for p in gm.shown().values() if p != "temporary"]
            tap.ok(gm.phase(s) == "established" and len(live) <= 3,
                   "AT-37 GM-12 ipv%d: eight re-registrations in a row: none "
                   "is refused" % version, gm.shown())


def test_two_contacts_reregister(b):
    """Within the limit: two contacts, one of them with a new set."""
    with Gm(b, 4) as gm:
        one, two = contacts(gm, 2)
        new = gm.renewed(one)
        tap.equal(gm.shown(), {s.id: "established" for s in (one, two, new)},
                  "GM-12: with two contacts one can re-register")
        gm.events()
        b.refused("AT-37 GM-12: while its old set lives the other one can't: "
                  "that would be four", lambda: gm.challenge(two), EDQUOT,
                  WORDS, attr=IMPI)
        gm.delivered(new, "A", request())
        state.del_set(b.g, one.id)
        tap.ok(gm.renewed(two), "GM-12: then it can")


def test_at_success(b):
    """Two temporary sets within the limit, both succeed."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            impi = contacts(gm, 2)[0].impi
            one, two = [gm.challenge(impi=impi, group=i) for i in (8, 9)]
            for s in (one, two):
                gm.sm7(s)
            gm.success(one)
            gm.events()
            b.refused("AT-37 GM-12 ipv%d: two challenges within the limit, the "
                      "second success would be the fourth set: refused"
                      % version, lambda two=two: gm.success(two), EDQUOT,
                      WORDS, attr=IMPI)
            tap.equal(gm.phase(two), "temporary", "GM-12 ipv%d: that set is "
                      "still temporary" % version)
            state.del_set(b.g, one.id)
            gm.success(two)
            tap.equal(gm.phase(two), "established", "GM-12 ipv%d: and succeeds "
                      "when there is room" % version)


def test_limit_changed(b):
    with Gm(b, 4) as gm:
        impi = contacts(gm, 3)[0].impi
        state.limits(b.g, max_impi_sets=2)
        tap.equal(len(gm.shown()), 3, "GM-12: a smaller max-impi-sets ends "
                  "nothing")
        gm.events()
        b.refused("GM-12: a smaller max-impi-sets counts at once",
                  lambda: gm.challenge(impi=impi, group=9), EDQUOT, WORDS,
                  attr=IMPI)
        state.limits(b.g, max_impi_sets=4)
        tap.ok(gm.registered(impi=impi, group=9), "GM-12: a larger one, too")
        gm.events()
        b.refused("GM-12: up to its value", lambda: gm.challenge(
            impi=impi, group=10), EDQUOT, WORDS, attr=IMPI)
        for name in ("max_impi_sets", "max_impi_temporary", "max_temporary"):
            b.refused("GM-12: %s 0: refused" % name, lambda name=name:
                      state.limits(b.g, **{name: 0}), 34, None,
                      attr="limits." + name.replace("_", "-"))
        tap.equal({k: v for k, v in state.limits(b.g).items()
                   if "impi" in k or k == "max-temporary"},
                  {"max-impi-sets": 4, "max-impi-temporary": 4,
                   "max-temporary": 65536}, "LIMITS_GET shows them")


def test_impis_apart(b):
    """Similar names are different subscribers."""
    with Gm(b, 4) as gm:
        names = ["a@x", "A@x", "a@x.", "a@x" + "y" * 252, "a@", "a"]
        for name in names:
            contacts(gm, 3, name)
        tap.equal(len(gm.shown()), 3 * len(names), "GM-12: each IMPI is "
                  "counted by itself")
        state.clear(b.g)
        tap.equal(len(b.x.states()), 0, "and all end together")
        gm.sets = []


def test_counts_go_back(b):
    """Nothing is counted for ever: any end of a set makes room."""
    with Gm(b, 4) as gm:
        ends = [lambda s: state.del_set(b.g, s.id),
                lambda s: b.x.delete(next(
                    x for x in b.x.states() if x.spi == s.spi("A"))),
                lambda s: None,
                lambda s: state.change_set(b.g, s.id, phase="lingering")]
        for turn in range(12):
            made = [gm.registered(2000 if turn % 4 == 2 else 600000,
                                  impi="again@home.example", group=i + 1)
                    for i in range(3)]
            for s in made:
                ends[turn % 4](s)
            if turn % 4 != 3:
                state.wait(lambda made=made: not any(map(gm.get, made)))
            gm.events()
        tap.ok(contacts(gm, 3, "again@home.example"), "GM-12: whatever ended "
               "the sets of an IMPI, others can follow")


# ----- GM-34 ---------------------------------------------------------------
def test_port_pc_rotates(b):
    for version in (4, 6):
        with Gm(b, version, **{"port-ps": PS}) as gm:
            made = [gm.registered(group=1, **{"port-ps": PS[1]})]
            for turn in range(12):
                if turn % 3 == 2:           # all ports are new
                    new = gm.registered(impi=made[-1].impi, group=1)
                else:
                    new = gm.renewed(made[-1])
                    gm.delivered(new, "A", request())
                made.append(new)
            pcs = [s.port_pc for s in made]
            tap.ok(all(x != y for x, y in zip(pcs, pcs[1:])), "GM-34 ipv%d: "
                   "consecutive authentications have different port-pc"
                   % version, pcs)
            tap.equal({s.port_ps for s in made}, {PS[1]}, "GM-34 ipv%d: "
                      "port-ps stays, also for an unprotected registration "
                      "with new ports" % version)


def test_port_ps_after_end(b):
    """Nothing is remembered of a UE that is gone."""
    with Gm(b, 4, **{"port-ps": PS}) as gm:
        s = gm.registered(**{"port-ps": PS[2]})
        state.del_set(b.g, s.id)
        tap.equal(gm.challenge(impi=s.impi).port_ps, PS[0], "GM-34: after the "
                  "last set of a UE has gone, the first port-ps")
        other = gm.registered(impi=s.impi, **{"port-ps": PS[2],
                                              "ue": gm.witness.ue})
        tap.ok(other.port_ps == PS[2], "GM-34: port-ps can be given")


def test_port_pc_smallest_pool(b):
    """Four ports are enough for three sets and retries."""
    for version in (4, 6):
        with Gm(b, version, **{"port-pc": [6110, 6111, 6112, 6113]}) as gm:
            s = gm.registered()
            last = s.port_pc
            wrong = []
            for _ in range(10):
                retry = gm.challenge(s)
                new = gm.challenge(s, **{"port-uc": retry.port_uc})
                gm.sm7(new)
                gm.success(new)
                gm.delivered(new, "A", request())
                wrong += [(last, new.port_pc)] * (new.port_pc == last)
                s, last = new, new.port_pc
            tap.equal(wrong, [], "GM-34 ipv%d: with the smallest pool ten "
                      "re-registrations with retries rotate" % version)
