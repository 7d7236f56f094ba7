# SPDX-License-Identifier: GPL-2.0-or-later
"""What the kernel chooses for a set, and who gives way to whom."""
import errno

import netns
import state
import tap
from esp import ESP, UDP, Injector, ip, udp
from statebench import udp as udp_socket

MANY = 1500


def make_many(b, ep, count, chunk=50):
    """Sets of as many UEs, quickly; the answers."""
    answers = []
    for begin in range(0, count, chunk):
        answers += b.g.multi([("sa-set-new", state.set_attrs(
            ep, ue="10.33.%d.%d" % (1 + i // 250, 1 + i % 250)))
            for i in range(begin, min(begin + chunk, count))])
    return [a["sa-set"] for a in answers]


def test_spis(b):
    b.fresh()
    ep = state.endpoint(b.g, 4)
    made = make_many(b, ep, MANY)
    ours = [s[k] for s in made for k in ("spi-pc", "spi-ps")]
    theirs = {s[k] for s in made for k in ("spi-uc", "spi-us")}
    tap.ok(len(set(ours)) == 2 * MANY, "GM-06: %d SPIs of ours are distinct"
           % len(ours))
    tap.ok(min(ours) >= 256, "GM-06: none is below 256", min(ours))
    tap.ok(all(s["spi-pc"] not in (s["spi-uc"], s["spi-us"]) and
               s["spi-ps"] not in (s["spi-uc"], s["spi-us"]) for s in made),
           "GM-06: none is one of its UE's two")
    # 3000 fair coins: 1500 heads, standard deviation 27
    ones = [sum(spi >> bit & 1 for spi in ours) for bit in range(32)]
    tap.ok(all(abs(n - MANY) < 6 * 27.4 for n in ones),
           "GM-06: each of their 32 bits is set half the time", ones)
    steps = {y - x for x, y in zip(ours, ours[1:])}
    tap.ok(len(steps) > len(ours) - 5, "GM-06: they do not follow each other",
           len(steps))
    # 3000 out of 2^32 twice: one chance in 500 that two are the same
    tap.ok(len(set(ours) & theirs) < 3, "GM-06: nor anybody else's")
    tap.equal(len(b.x.states()), 4 * MANY, "%d sets: four states each"
              % MANY)
    tap.equal({s["port-pc"] for s in made}, set(ep["port-pc"]),
              "GM-34: the sets of many UEs use the whole pool of port-pc")
    state.clear(b.g)
    tap.equal(len(b.x.states()), 0, "endpoint-del with force: no state is left")


def refresh(b, ep, first, **over):
    """Another set of the same contact: new client port, same port-us."""
    return state.new_set(b.g, ep, ue=first.ue, **dict(state.established(**{
        "port-us": first.port_us, "impi": first.impi,
        "protected-by": first.id}), **over))


def test_port_pc(b):
    for version in (4, 6):
        b.fresh()
        ep = state.endpoint(b.g, version, **{
            "port-pc": [6110, 6111, 6112, 6113], "port-ps": [6101, 6102]})
        first = state.new_set(b.g, ep, **state.established(
            **{"port-ps": 6102}))
        made = [first]
        for _ in range(3):
            # temporary ones: establishing ends the other sets of the group
            made.append(refresh(b, ep, first, phase="temporary"))
            mark_used(made[-1])
        tap.equal(sorted(s.port_pc for s in made), [6110, 6111, 6112, 6113],
                  "GM-34 ipv%d: each set of a UE has a port-pc of its own"
                  % version)
        tap.equal({s.port_ps for s in made}, {6102},
                  "GM-34 ipv%d: port-ps stays the same for a UE" % version)
        state.wait(lambda: all(s["sa"][0]["packets"] or
                               s["phase"] == "established"
                               for s in state.sets(b.g)))
        b.g.events(0)
        b.refused("GM-34 ipv%d: all of the pool in use for a UE: refused"
                  % version, lambda: refresh(b, ep, first, phase="temporary"),
                  errno.ENOSPC, ["port-pc", "pool"],
                  attr=(None, "sa-set", "sa-set.port-us"))
        other = state.new_set(b.g, ep, ue=netns.access_addr("ue2", version))
        tap.ok(other.port_pc in ep["port-pc"], "ipv%d: another UE still gets "
               "one" % version)


def mark_used(s):
    """One authenticated packet on SA A: a REGISTER."""
    inj = Injector("ue1")
    src, sport, dst, dport = s.flow("A")
    inj.send(ip(src, dst, ESP, s.esp("A").seal(
        udp(src, dst, sport, dport, b"REGISTER sip:x SIP/2.0\r\n\r\n"), UDP)))
    inj.close()


def used(b, s):
    """The same, and wait until it has been counted."""
    before = state.get_set(b.g, s.id)["sa"][0]["packets"]
    mark_used(s)
    return state.wait(lambda: state.get_set(b.g, s.id)["sa"][0]["packets"] >
                      before)


def take_over(b, ep, victim, text, **over):
    """One test: a new set for which a temporary one goes, in one step."""
    b.g.events(0)
    new = state.new_set(b.g, ep, ue=victim.ue, **over)
    told = [(a["event"], a["sa-set"]["id"], a["sa-set"].get("cause"))
            for _, a in b.g.events(10)]
    tap.equal(
        (told, [s["id"] for s in state.sets(b.g)], len(b.x.states())),
        ([("sa-set-del", victim.id, "replaced"),
          ("sa-set-new", new.id, None)], [new.id], 4), text)
    return new


def test_unused_yields(b):
    for version in (4, 6):
        clashes = {
            "port-uc": lambda s: {"port-uc": s.port_uc},
            "port-uc and port-us": lambda s: {"port-uc": s.port_uc,
                                              "port-us": s.port_us},
            "port-us and port-pc": lambda s: {"port-us": s.port_us,
                                              "port-pc": s.port_pc},
            "spi-uc": lambda s: {"spi-uc": s.spi("B")},
            "spi-us as spi-uc": lambda s: {"spi-uc": s.spi("C")},
            "everything": lambda s: {"port-uc": s.port_uc,
                                     "port-us": s.port_us,
                                     "spi-uc": s.spi("B"),
                                     "spi-us": s.spi("C")}}
        for what, over in clashes.items():
            b.fresh()
            ep = state.endpoint(b.g, version)
            squatter = state.new_set(b.g, ep)
            take_over(b, ep, squatter, "AT-45 GM-11 ipv%d: an unused temporary "
                      "set with the same %s gives way in one step"
                      % (version, what), **over(squatter))


def test_two_yield(b):
    """One is in the way by its port, another one by its SPI."""
    b.fresh()
    ep = state.endpoint(b.g, 4)
    one, two, other = [state.new_set(b.g, ep) for _ in range(3)]
    new = state.new_set(b.g, ep, **{"port-uc": one.port_uc,
                                    "spi-us": two.spi("B")})
    tap.equal([s["id"] for s in state.sets(b.g)], [other.id, new.id],
              "AT-45: two unused temporary sets give way, a third one stays")


def test_same_registration(b):
    """GM-29: same IMPI, address and port-uc replace even a used one."""
    for version in (4, 6):
        b.fresh()
        ep = state.endpoint(b.g, version)
        old = state.new_set(b.g, ep)
        used(b, old)
        ports = {"port-uc": old.port_uc, "port-us": old.port_us}
        again = take_over(
            b, ep, old, "GM-29 ipv%d: a new challenge replaces a used "
            "temporary set of the same IMPI, address and port-uc" % version,
            impi=old.impi, **ports)
        used(b, again)
        take_over(b, ep, again, "AT-45 ipv%d: retry with the same ports and "
                  "SPIs" % version, impi=old.impi, **dict(ports, **{
                      "spi-uc": again.spi("B"), "spi-us": again.spi("C")}))
        state.new_set(b.g, ep, ue=netns.access_addr("ue2", version),
                      impi=old.impi, **ports)
        tap.equal(len(state.sets(b.g)), 2, "GM-29 ipv%d: one of another "
                  "address leaves it alone" % version)


def test_used_stays(b):
    """What has carried an authenticated packet gives way to nobody else."""
    for version in (4, 6):
        for phase in ("temporary", "established", "lingering"):
            b.fresh()
            ep = state.endpoint(b.g, version)
            s = state.new_set(b.g, ep, **(state.established() if
                                          phase != "temporary" else {}))
            if phase == "temporary":
                used(b, s)
            if phase == "lingering":
                state.change_set(b.g, s.id, phase="lingering")
            refused_all(b, ep, s, "ipv%d %s" % (version, phase))


def refused_all(b, ep, s, label):
    cases = [
        ("port-uc in use", "GM-11", {"port-uc": s.port_uc}, "port-uc"),
        ("port-us and port-pc in use", "GM-11",
         {"port-us": s.port_us, "impi": s.impi, "port-pc": s.port_pc},
         "port-pc"),
        ("port-us of another IMPI", "GM-11", {"port-us": s.port_us},
         "port-us"),
        ("spi-uc in use at that address", "AT-12", {"spi-uc": s.spi("B")},
         "spi-uc"),
        ("spi-us in use at that address", "AT-12", {"spi-us": s.spi("B")},
         "spi-us"),
        ("spi-uc is spi-us of that set", "AT-12", {"spi-uc": s.spi("C")},
         "spi-uc"),
        ("our SPI in use", "AT-13", {"spi-pc": s.spi("A")}, "spi-pc"),
        ("our SPI in use", "AT-13", {"spi-ps": s.spi("D")}, "spi-ps")]
    b.g.events(0)
    for what, number, over, attr in cases:
        b.refused("%s %s: %s: refused" % (number, label, what),
                  lambda over=over: state.new_set(b.g, ep, **over),
                  errno.EEXIST, [attr], attr="sa-set." + attr)


def test_refused_keeps(b):
    """A set that would give way stays when the new one is refused after all."""
    b.fresh()
    ep = state.endpoint(b.g, 4)
    live = state.new_set(b.g, ep, **state.established())
    squatter = state.new_set(b.g, ep)
    b.g.events(0)
    for attr, value in (("spi-ps", live.spi("A")), ("spi-us", live.spi("C")),
                        ("port-us", live.port_us)):
        b.refused("AT-13: refused for %s: the unused set in the way stays"
                  % attr, lambda attr=attr, value=value: state.new_set(
                      b.g, ep, **{attr: value, "port-uc": squatter.port_uc}),
                  errno.EEXIST, [attr], attr="sa-set." + attr)


def echo(b, s, inj):
    """Whether an authenticated packet on SA A comes through."""
    with udp_socket("pcscf", s.local, s.port_ps) as sock:
        src, sport, dst, dport = s.flow("A")
        text = b"REGISTER sip:%d SIP/2.0\r\n\r\n" % s.id
        inj.send(ip(src, dst, ESP, s.esp("A").seal(
            udp(src, dst, sport, dport, text), UDP)))
        return sock.recv(1000) == text


def test_same_numbers(b):
    """Two UEs that choose the same SPIs and ports both work (AT-12)."""
    for version in (4, 6):
        b.fresh()
        ep = state.endpoint(b.g, version)
        one = state.new_set(b.g, ep)
        two = state.new_set(b.g, ep, ue=netns.access_addr("ue2", version), **{
            "port-uc": one.port_uc, "port-us": one.port_us,
            "spi-uc": one.spi("B"), "spi-us": one.spi("C")})
        inj = Injector("ue1")
        tap.ok(echo(b, one, inj) and echo(b, two, inj), "AT-12 ipv%d: two UEs "
               "with the same SPIs and ports both work" % version)
        inj.close()


def test_free_port_first(b):
    """Nobody gives way for a port-pc while another one is free."""
    b.fresh()
    ep = state.endpoint(b.g, 4, **{"port-pc": [6110, 6111, 6112, 6113]})
    waiting = state.new_set(b.g, ep)
    for _ in range(3):
        state.new_set(b.g, ep, ue=netns.access_addr("ue2"))
    new = state.new_set(b.g, ep, impi=waiting.impi,
                        **{"port-us": waiting.port_us})
    tap.ok(state.get_set(b.g, waiting.id) and new.port_pc != waiting.port_pc,
           "AT-45: an unused temporary set stays when the new one can have "
           "another port-pc", "both got %d" % new.port_pc)
