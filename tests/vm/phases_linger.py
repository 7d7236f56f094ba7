# SPDX-License-Identifier: GPL-2.0-or-later
"""De-registration: what is left to say leaves inside ESP, then the set goes
(AT-30, GM-35)."""
import state
import tap
from esp import RST
from phone import HOUR, Gm, answer, request


def deregister(gm, s):
    """REGISTER with expires 0 comes in, the agent has the set linger."""
    register = request("REGISTER")
    gm.delivered(s, "A", register)
    state.change_set(gm.g, s.id, phase="lingering")
    return register


def test_udp(b):
    for version in (4, 6):
        with Gm(b, version) as gm:
            s = gm.registered()
            register = deregister(gm, s)
            tap.equal([gm.carrier(s, m) for m in (
                answer(200, register), request("NOTIFY"))],
                [(s.id, "C")] * 2, "AT-30 GM-35 ipv%d udp: the 200 and a "
                "NOTIFY leave on SA C of the lingering set" % version)
            tap.ok(gm.delivered(s, "A", request("SUBSCRIBE")) and
                   gm.delivered(s, "D", request("OPTIONS")), "AT-30 GM-35 "
                   "ipv%d udp: it still takes what comes" % version)
            tap.ok(gm.in_use(s) == [s] and gm.left(s) <= 128000, "GM-35 ipv%d: "
                   "at most 128 s" % version, gm.get(s))
            ends(gm, s, version)


def ends(gm, s, version):
    state.limits(gm.g, grace_ms=500)
    other = gm.registered()
    state.change_set(gm.g, other.id, phase="lingering")
    end = state.set_event(gm.g, "sa-set-del", other.id)
    tap.ok(end and end["cause"] == "expired" and gm.phase(s) == "lingering",
           "GM-35 ipv%d: it ends after grace-ms" % version, end)
    got = gm.delivered(other, "A", request("REGISTER"))
    tap.equal((got, gm.carrier(other, request()), gm.in_clear()),
              (False, None, []), "AT-30 GM-35 ipv%d udp: then nothing passes, "
              "in or out" % version)


def test_tcp(b):
    for version in (4, 6):
        for name in "AD":
            label = "AT-30 GM-35 ipv%d tcp %s" % (version, name)
            with Gm(b, version) as gm:
                s = gm.registered()
                stream = gm.opened(s) if name == "A" else gm.called(s)
                stream.say(request())
                register = deregister(gm, s)
                told = stream.tell(answer(200, register))
                heard = stream.say(request("SUBSCRIBE"))
                tap.equal((told, heard), ((s.id, "B" if name == "A" else "C"),
                                          True), label + ": the connection "
                          "works while the set lingers")
                begin = gm.wire.mark()
                state.limits(b.g, grace_ms=1)
                # a shorter limit only counts for what lingers from now on
                t = gm.registered()
                state.change_set(b.g, t.id, phase="lingering")
                state.set_event(b.g, "sa-set-del", t.id)
                tap.ok(gm.phase(s) == "lingering", label + ": another limit "
                       "leaves it alone")
                state.del_set(b.g, s.id)
                reset = stream.ue.receive(lambda g: g.flags & RST, 10)
                tap.ok(reset and not gm.in_clear(begin), label + ": at its end "
                       "the connection is reset inside ESP, nothing leaves in "
                       "clear", gm.in_clear(begin))


def test_tcp_expires(b):
    """The same when the deadline ends it, superseded or lingering."""
    for version in (4, 6):
        for phase in ("lingering", "superseded"):
            label = "AT-30 AT-28 GM-35 ipv%d tcp, %s" % (version, phase)
            with Gm(b, version) as gm:
                s = gm.registered()
                stream = gm.opened(s)
                stream.say(request())
                state.limits(b.g, grace_ms=800)
                if phase == "lingering":
                    state.change_set(b.g, s.id, phase="lingering")
                else:
                    new = gm.renewed(s)
                    gm.delivered(new, "A", request())
                end = state.set_event(b.g, "sa-set-del", s.id)
                reset = stream.ue.receive(lambda g: g.flags & RST, 10)
                tap.ok(end and end["phase"] == phase and reset and
                       not gm.in_clear(), label + ": its connection is reset "
                       "inside ESP at the deadline", "%s %s %s"
                       % (end, reset, gm.in_clear()))


def test_old_and_new(b):
    """All sets of a registration are deregistered at once."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            old = gm.registered()
            new = gm.renewed(old)
            gm.delivered(new, "A", request())
            gm.events()
            before = gm.left(old)
            register = deregister(gm, new)
            state.change_set(b.g, old.id, phase="lingering")
            tap.ok(gm.shown() == {old.id: "lingering", new.id: "lingering"} and
                   gm.left(old) <= before and
                   gm.carrier(new, answer(200, register)) == (new.id, "C") and
                   gm.carrier(new, request("NOTIFY")) == (new.id, "C"),
                   "GM-35 ipv%d: superseded and used set linger, what is left "
                   "to say takes the newer one" % version, gm.shown())


def test_comes_back(b):
    """A new registration while the old one lingers."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            old = gm.registered(group=1)
            deregister(gm, old)
            new = gm.challenge(impi=old.impi, group=1, **{
                "port-us": old.port_us})
            gm.sm7(new)
            tap.ok(gm.phase(old) == "lingering" and
                   gm.carrier(old, request()) == (old.id, "C"), "GM-35 ipv%d: "
                   "a lingering set stays when its UE comes back, until "
                   "success" % version, gm.shown())
            gm.success(new)
            tap.equal((gm.in_use(old, new), gm.carrier(new, request())),
                      ([new], (new.id, "C")), "GM-35 ipv%d: then the new one "
                      "is in use" % version)


def test_never_established_again(b):
    with Gm(b, 4) as gm:
        s = gm.registered()
        deregister(gm, s)
        before = gm.left(s)
        gm.delivered(s, "A", request("REGISTER"))
        state.change_set(b.g, s.id, lifetime_ms=HOUR)
        tap.ok(gm.phase(s) == "lingering" and gm.left(s) <= before,
               "GM-35: neither a REGISTER nor a lifetime brings it back",
               gm.get(s))
