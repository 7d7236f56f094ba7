# SPDX-License-Identifier: GPL-2.0-or-later
"""What a temporary set may take from others: nothing that has proven itself
(AT-29, AT-45, GM-29). Anybody can send an unprotected REGISTER with any
identity, ports and SPIs."""
from errno import EDQUOT

import netns
import state
import tap
from phone import Gm, answer, request
from stateload import Load


def strange(number, version):
    """Addresses of strangers."""
    return ("10.33.%d.%d" % (100 + number // 250, 1 + number % 250)
            if version == 4 else "fd33::bad:%x" % (number + 1))


def test_silence(b):
    """AT-29: a challenge for a registered IMPI, then nothing."""
    for version in (4, 6):
        for what, over in (
                ("from the UE's address", {}),
                ("from another address", {"ue": netns.access_addr(
                    "attacker", version)}),
                ("from the UE's address with its label", {"group": 1}),
                ("from the UE's address with its label and port-us",
                 {"group": 1, "same": True}),
                ("as if protected", {"group": 1, "by": True})):
            silence(b, version, what, dict(over))


def silence(b, version, what, over):
    b.fresh()
    ep = state.endpoint(b.g, version)
    old = state.new_set(b.g, ep, **state.established(group=1))
    state.install_ue(old, "ue1")
    if over.pop("same", None):
        over["port-us"] = old.port_us
    if over.pop("by", None):
        over.update({"protected-by": old.id, "port-us": old.port_us})
    label = "AT-29 ipv%d an unprotected REGISTER %s, its 401, then silence" \
        % (version, what)
    with Load() as load:
        slots = [load.udp("pcscf", old.local, old.port_ps,
                          [(old.ue, old.port_us)]),
                 load.udp("ue1", old.ue, old.port_us, [(old.local, 40000)]),
                 load.udp("ue1", old.ue, old.port_uc,
                          [(old.local, old.port_ps)])]
        load.wait(20)
        before = picture(b, old)
        new = state.new_set(b.g, ep, impi=old.impi, **{
            "lifetime-ms": 700, **over})
        while not state.set_event(b.g, "sa-set-del", new.id, 0.05):
            flows = [load.received(slots[0]), load.received(slots[1])]
            load.wait(3)
            flows += [load.received(slots[0]), load.received(slots[1])]
            if flows[:2] == flows[2:]:
                break
        ended = not state.get_set(b.g, new.id)
        seen = [load.received(s) for s in slots[:2]]
        load.wait(20)
        going = [load.received(s) > n for s, n in zip(slots, seen)]
    tap.ok(ended and all(going) and picture(b, old) == before,
           label + ": the old set is as it was, and traffic never stopped",
           "%s %s %s %s" % (ended, going, before, picture(b, old)))
    state.remove_ue(old, "ue1")


def picture(b, s):
    """What must not change: the set, and what was dropped."""
    shown = state.get_set(b.g, s.id)
    return ([shown and shown.get(k) for k in ("phase", "in-use", "port-pc")],
            {k: v for k, v in state.drops(b.g).items() if k.startswith(
                ("in-", "out-"))})


def test_ports_taken(b):
    """AT-45: temporary sets of strangers at the victim's own address hold
    all that it will ask for. (They forged the source of a REGISTER.)"""
    for version in (4, 6):
        for count in (1, 3, 7):
            label = "AT-45 ipv%d %d strangers' sets hold" % (version, count)
            for what, over in takers(count):
                with Gm(b, version) as gm:
                    squatters = [gm.challenge(**o) for o in over]
                    victim = gm.challenge(**{
                        "port-uc": 5062, "port-us": 5063, "spi-uc": 70001,
                        "spi-us": 70002})
                    gm.sm7(victim)
                    gm.success(victim)
                    tap.ok(gm.phase(victim) == "established" and
                           gm.carrier(victim, request()) == (victim.id, "C"),
                           "%s %s: the victim registers" % (label, what),
                           gm.shown())
                    left = [s.id for s in squatters if gm.get(s)]
                    tap.equal(len(b.x.states()), 4 * (2 + len(left)),
                              "%s %s: no state is left of those that gave way"
                              % (label, what))


def takers(count):
    """What strangers may hold, each with an IMPI of its own."""
    yield "port-uc", [{"port-uc": 5062}] * count
    yield "port-us", [{"port-us": 5063}] * count
    yield "ports the other way round", [{"port-uc": 5063,
                                         "port-us": 5062}] * count
    yield "SPIs", [{"spi-uc": 70001 + i % 2, "spi-us": 80000 + i}
                   for i in range(count)]
    yield "SPIs the other way round", [{"spi-uc": 70002, "spi-us": 70001}] * \
        count
    yield "everything", [{"port-uc": 5062, "port-us": 5063, "spi-uc": 70001,
                          "spi-us": 70002}] * count
    yield "one thing each", [
        ({"port-uc": 5062}, {"port-us": 5063}, {"spi-uc": 70001},
         {"spi-us": 70002}, {"spi-uc": 70002}, {"spi-us": 70001},
         {"port-us": 5062})[i % 7] for i in range(count)]


def test_pool_taken(b):
    """Temporary sets of strangers hold the whole pool of port-pc."""
    for version in (4, 6):
        with Gm(b, version, **{"port-pc": [6110, 6111, 6112, 6113]}) as gm:
            old = gm.registered()
            for _ in range(8):
                # refused or not: that one has authenticated
                try:
                    gm.challenge(**{"port-us": old.port_us})
                except OSError:
                    pass
            new = gm.renewed(old)
            gm.delivered(new, "A", request())
            gm.events()
            tap.ok(gm.in_use(old, new) == [new], "AT-45 ipv%d: strangers name "
                   "a victim's port-us again and again: it re-registers"
                   % version, gm.shown())


def test_flood(b):
    """AT-45: hundreds of temporary sets with the victim's IMPI, from as many
    addresses."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            old = gm.registered(group=1)
            proven = gm.challenge(old)
            sm7 = gm.sm7(proven)
            for number in range(300):
                gm.new(ue=strange(number, version), impi=old.impi)
            shown = gm.shown()
            label = "AT-45 GM-29 ipv%d 300 temporary sets of strangers with " \
                "the victim's IMPI" % version
            tap.ok(shown.get(old.id) == "established" and
                   shown.get(proven.id) == "temporary" and
                   len(shown) == 1 + 4, label + ": four temporary ones stay, "
                   "the one that proved itself among them", shown)
            tap.equal(gm.carrier(proven, answer(200, sm7)), (proven.id, "C"),
                      label + ": and it still works")
            again = gm.challenge(old)
            gm.sm7(again)
            gm.success(again)
            tap.ok(gm.phase(again) == "established", label + ": a new one of "
                   "the victim's is made and succeeds", gm.shown())
            tap.equal(len(b.x.states()), 4 * len(state.sets(b.g)), label +
                      ": no state is left of the others")


def test_flood_before_sm7(b):
    """The victim's challenge is out, and has proven nothing yet."""
    with Gm(b, 4) as gm:
        old = gm.registered(group=1)
        waiting = gm.challenge(old)
        for number in range(3):
            gm.new(ue=strange(number, 4), impi=old.impi)
        tap.ok(gm.phase(waiting) == "temporary", "AT-45: as long as there is "
               "room, a challenge that is out stays")
        for number in range(3, 60):
            gm.new(ue=strange(0, 4), impi=old.impi)
        tap.ok(gm.phase(waiting) == "temporary", "AT-45: a stranger at one "
               "address replaces its own sets first", gm.shown())


def test_oldest_of_address(b):
    """max-impi-temporary: the oldest unproven one of the same address goes,
    else the oldest unproven one."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            first = gm.challenge(ue=strange(0, version))
            own = [gm.challenge(impi=first.impi) for _ in range(3)]
            gm.events()
            new = gm.challenge(impi=first.impi)
            told = [(e[0], e[1], e[3]) for e in gm.events()]
            tap.equal(told, [("sa-set-del", own[0].id, "replaced"),
                             ("sa-set-new", new.id, None)],
                      "AT-45 GM-29 ipv%d max-impi-temporary: the oldest of the "
                      "same address gives way, in one step" % version)
            gm.sm7(own[1])
            third = gm.challenge(impi=first.impi)
            tap.equal(set(gm.shown()), {s.id for s in (
                first, own[1], new, third)} - {own[2].id}, "AT-45 GM-29 ipv%d "
                "max-impi-temporary: not one that has carried a packet"
                % version)
            other = gm.challenge(impi=first.impi, ue=strange(1, version))
            tap.ok(other.id in gm.shown() and first.id not in gm.shown(),
                   "AT-45 GM-29 ipv%d max-impi-temporary: from another "
                   "address the oldest of all" % version, gm.shown())


def test_all_proven(b):
    """Nothing that has carried a packet goes for a limit."""
    with Gm(b, 4, {"max_impi_temporary": 2}) as gm:
        first = gm.challenge()
        made = [first, gm.challenge(impi=first.impi)]
        for s in made:
            gm.sm7(s)
        gm.events()
        b.refused("AT-45 GM-29: max-impi-temporary sets have proven "
                  "themselves: one more is refused", lambda: gm.challenge(
                      impi=first.impi), EDQUOT, ["max-impi-temporary"],
                  attr="sa-set")
        again = gm.challenge(impi=first.impi, **{"port-uc": first.port_uc})
        tap.equal(set(gm.shown()), {made[1].id, again.id}, "GM-29: but one "
                  "with the same port-uc replaces its own")
        gm.challenge()
        tap.equal(len(gm.shown()), 3, "another IMPI is another matter")


def test_max_temporary(b):
    """The same over all IMPIs."""
    for version in (4, 6):
        with Gm(b, version, {"max_temporary": 5}) as gm:
            label = "AT-45 ipv%d max-temporary: " % version
            made = [gm.challenge(ue=strange(i, version)) for i in range(5)]
            gm.inject(made[0], "A", request("REGISTER"))
            gm.settled()
            gm.events()
            gm.challenge(ue=made[3].ue)
            tap.ok(not gm.get(made[3]) and len(gm.shown()) == 5, label + "the "
                   "oldest of the same address gives way", gm.shown())
            new = gm.challenge(ue=strange(9, version))
            tap.ok(not gm.get(made[1]) and gm.get(made[0]) and gm.get(new) and
                   len(gm.shown()) == 5, label + "else the oldest that has "
                   "carried nothing", gm.shown())
            for s in gm.sets:
                if gm.phase(s) == "temporary":
                    gm.inject(s, "A", request("REGISTER"))
            gm.settled()
            gm.events()
            b.refused(label + "all have proven themselves: one more is "
                      "refused", lambda gm=gm: gm.challenge(ue=strange(
                          11, version)), EDQUOT, ["max-temporary"],
                      attr="sa-set")
            gm.success(new)
            gm.events()
            tap.ok(gm.challenge(ue=strange(12, version)), label + "success "
                   "makes room")


def test_established_not_counted(b):
    """Limits of temporary sets do not look at others."""
    with Gm(b, 4, {"max_temporary": 1, "max_impi_temporary": 1}) as gm:
        made = [gm.registered() for _ in range(5)]
        for s in made:
            gm.renewed(s)
        tap.equal(state.stats(b.g)["established"], 11, "max-temporary 1: any "
                  "number of registrations, one after the other")


def test_lost_sm6(b):
    """The 401 is lost, the UE begins again with the same ports and SPIs."""
    for version in (4, 6):
        for proven in (False, True):
            with Gm(b, version) as gm:
                one = gm.challenge()
                if proven:
                    gm.sm7(one)
                gm.events()
                two = gm.challenge(impi=one.impi, **{
                    "port-uc": one.port_uc, "port-us": one.port_us,
                    "spi-uc": one.spi("B"), "spi-us": one.spi("C")})
                told = [(e[0], e[1], e[3]) for e in gm.events()]
                label = "AT-45 GM-29 ipv%d retry with the same ports and " \
                    "SPIs%s" % (version, ", SM7 of the first has come" * proven)
                tap.equal((told, gm.shown(), len(b.x.states())), (
                    [("sa-set-del", one.id, "replaced"),
                     ("sa-set-new", two.id, None)], {two.id: "temporary"}, 8),
                    label + ": replaces it in one step")
                tap.ok(two.spi("A") != one.spi("A") and
                       two.spi("D") != one.spi("D"), label + ": our SPIs are "
                       "new ones")
                got = gm.delivered(one, "A", request("REGISTER"))
                gm.sm7(two)
                gm.success(two)
                tap.ok(not got and gm.delivered(two, "A", request()) and
                       gm.carrier(two, request()) == (two.id, "C"), label +
                       ": registers, the first one's keys are dead")


def test_replaces_only_its_own(b):
    """GM-29: same (IMPI, address, port-uc), nothing else."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            one = gm.challenge()
            gm.sm7(one)
            same = {"port-uc": one.port_uc, "port-us": one.port_us}
            away = gm.challenge(impi=one.impi, ue=strange(1, version), **same)
            other = gm.challenge(impi=one.impi)
            gm.events()
            tap.equal(set(gm.shown()), {one.id, away.id, other.id},
                      "GM-29 ipv%d: neither another address nor another "
                      "port-uc replaces a temporary set" % version)
            new = gm.challenge(impi=one.impi, **same)
            tap.equal(set(gm.shown()), {new.id, away.id, other.id},
                      "GM-29 ipv%d: the same address and port-uc do"
                      % version)


def test_refused_replaces_nothing(b):
    """A new one that is refused in the end takes nothing with it."""
    with Gm(b, 4) as gm:
        live = gm.registered()
        one = gm.challenge()
        others = [gm.challenge(impi=one.impi) for _ in range(3)]
        gm.events()
        b.refused("GM-29 AT-35: at max-impi-temporary, and refused for an SPI: "
                  "nobody gives way", lambda: gm.challenge(
                      impi=one.impi, **{"spi-uc": live.spi("B")}), 17,
                  ["spi-uc"], attr="sa-set.spi-uc")
        tap.equal(len([s for s in [one, *others] if gm.get(s)]), 4,
                  "GM-29 AT-35: all four are still there")
