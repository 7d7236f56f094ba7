# SPDX-License-Identifier: GPL-2.0-or-later
"""Re-registration: what happens to the sets that are there (TS 33.203 7.4)."""
import tap
from regbench import (BOTH, EVERY, UDP, back, code, marks, over, registers)
from state import wait

GRACE = 4000            # ms: a superseded or lingering set is gone soon


@over(EVERY)
async def test_on_the_set_in_use(b, gm):
    """AT-28 GM-33 registered again on the first set"""
    label = "%s registered again on the first set" % gm
    before = b.limits(grace_ms=GRACE)
    ue = b.ue(gm)
    await ue.register()
    old, core = ue.sa, b.registrar.mark()
    mark = b.access.mark()
    auth = ue.challenged(await ue.sm1(protected_by=old))
    new = ue.offered
    tap.equal(b.carriers(mark, old=old, new=new), [back(gm, "old")],
              "GM-30 %s: the 401 leaves on the old set" % label)
    mark = b.access.mark()
    answer = await ue.sm7(auth)
    tap.equal((code(answer), b.carriers(mark, old=old, new=new)),
              (200, [back(gm, "new")]),
              "GM-30 %s: the 200 leaves on the new set" % label)
    tap.equal(marks(registers(b, ue, core)), ["yes", "yes"],
              "GM-24 %s: both REGISTERs are integrity protected" % label)
    first, second = b.set_of(old), b.set_of(new)
    tap.ok(first and second and
           second.get("protected-by") in (None, first["id"]) and
           second["port-ps"] == first["port-ps"] and
           second["port-pc"] != first["port-pc"],
           "GM-34 %s: port_ps stays, port_pc is another one" % label,
           [first, second])
    await hand_over(b, gm, ue, old, new, label)
    await after_grace(b, gm, ue, old, new, label)
    b.limits(**before)


async def hand_over(b, gm, ue, old, new, label):
    """From the 200 to the first message on the new set, and after it."""
    mark, e = b.access.mark(), b.events.mark()
    codes = [await b.message_to(ue), await b.message(ue, old)]
    tap.equal((codes, b.phases(ue, old=old, new=new)),
              ([200, 200], {"old": "established", "new": "established"}),
              "AT-28 GM-33 %s: both sets are established, the old one serves"
              % label)
    way = ["old C"] if gm.transport == "udp" else ["old B", "old C"]
    tap.equal((b.carriers(mark, old=old, new=new),
               b.events.of(b.set_of(new)["id"], e)), (way, []),
              "GM-33 %s: until the first message on the new set, the UE gets"
              " all on the old one" % label)
    mark = b.access.mark()
    codes = [await b.message(ue, new), await b.message_to(ue)]
    await b.becomes(old, "superseded", e)
    way = ["new C"] if gm.transport == "udp" else ["new B", "new C"]
    tap.equal((codes, b.carriers(mark, old=old, new=new)), ([200, 200], way),
              "AT-28 GM-33 %s: from the first message on the new set on, it"
              " carries all" % label)
    tap.equal(b.events.of(b.set_of(new)["id"], e), ["sa-set-used established"],
              "GM-33 %s: the kernel tells once that it is in use" % label)
    tap.equal((await b.message(ue, old), b.phases(ue, old=old, new=new)),
              (200, {"old": "superseded", "new": "established"}),
              "AT-28 GM-33 %s: what still comes on the superseded set is heard"
              % label)


async def after_grace(b, gm, ue, old, new, label):
    """The superseded set ends by itself."""
    flow = await ue.flow(old)
    await b.gone(old)
    if gm.transport == "tcp":
        await flow.closed.wait()
        tap.ok(True, "GM-33 AT-26 %s: connections of the old set are reset"
               % label)
    else:
        mark, drops = b.registrar.mark(), b.drops()
        msg = ue.new_request("MESSAGE", "sip:bob@home.example", flow, old)
        ue.send(msg, flow)
        wait(lambda: b.drops().get("xfrm-in-no-state", 0) >
             drops.get("xfrm-in-no-state", 0))
        tap.equal(b.registrar.entries(start=mark), [],
                  "AT-28 %s: after the grace time the old set is dead" % label)
    tap.equal((await b.message(ue), await b.message_to(ue),
               b.phases(ue, new=new)), (200, 200, {"new": "established"}),
              "AT-28 GM-33 %s: the old set is gone, the new one serves" % label)


@over(EVERY)
async def test_third_time(b, gm):
    """GM-33 registered a third time: sets older than the protecting one go"""
    label = "%s a third time" % gm
    ue = b.ue(gm)
    await ue.register()
    await ue.register(protected=True)
    first, second = ue.old[0], ue.sa
    tap.equal(await b.message(ue), 200, "GM-33 %s: the second is used" % label)
    e = b.events.mark()
    await ue.register(protected=True)
    await b.gone(first, e)
    tap.equal((b.phases(ue, second=second, third=ue.sa), await b.message_to(ue)),
              ({"second": "established", "third": "established"}, 200),
              "GM-33 %s: the set that protected SM1 stays and serves, the older"
              " one is gone" % label)


@over(EVERY)
async def test_in_clear(b, gm):
    """GM-32 AT-29 registered again in clear"""
    label = "%s registered again in clear" % gm
    ue = b.ue(gm)
    await ue.register()
    old, core, e = ue.sa, b.registrar.mark(), b.events.mark()
    auth = ue.challenged(await ue.sm1())
    new, mark = ue.offered, b.access.mark()
    codes = [await b.message(ue, old), await b.message_to(ue)]
    way = ["old C"] if gm.transport == "udp" else ["old B", "old C"]
    tap.equal((codes, b.carriers(mark, old=old, new=new),
               b.phases(ue, old=old, new=new)),
              ([200, 200], way, {"old": "established", "new": "temporary"}),
              "GM-32 AT-29 %s: at the 401 the old set is what it was" % label)
    answer = await ue.sm7(auth)
    ended = await b.gone(old, e)
    tap.equal((code(answer), ended["cause"], b.phases(ue, new=new)),
              (200, "replaced", {"new": "established"}),
              "GM-32 %s: at success the old set is deleted" % label)
    tap.equal(marks(registers(b, ue, core)), ["no", "yes"],
              "GM-24 %s: SM1 is not integrity protected" % label)
    mark = b.access.mark()
    tap.equal((await b.message_to(ue), await b.message(ue), b.carriers(
        mark, new=new)), (200, 200, [w.replace("old", "new") for w in way]),
        "GM-32 %s: the new set is in use at once" % label)


@over(BOTH)
async def test_strangers(b, gm):
    """AT-29 strangers register in clear with the IMPI, get a 401, keep still"""
    label = "%s a stranger knows the IMPI" % gm
    before = b.limits(temporary_ms=1500)
    ue = b.ue(gm)
    await ue.register()
    mine, e = ue.sa, b.events.mark()
    fakes = [b.ue(gm, host=host, sim=b.impostor(ue.sim))
             for host in ("ue1", "attacker")]
    # the one at the UE's address claims its very ports
    fakes[0].change_sm1 = lambda m: m.set(
        "Security-Client", m.get("Security-Client").replace(
            "port-s=%d" % fakes[0].port_us, "port-s=%d" % ue.port_us))
    answers = [code(await fake.sm1()) for fake in fakes]
    tap.equal((answers, b.phases(ue, mine=mine)["mine"]),
              ([401, 401], "established"),
              "AT-29 GM-32 %s: challenged, the UE's set is untouched" % label)
    for _ in fakes:
        last = await b.events.wait(
            lambda name, s: name == "sa-set-del" and
            s["phase"] == "temporary" and s["impi"] == ue.sim.impi, e)
        e = [i for i, (_, s) in enumerate(b.events.seen) if s is last][0] + 1
    tap.equal((await b.message(ue), await b.message_to(ue),
               b.phases(ue, mine=mine)),
              (200, 200, {"mine": "established"}),
              "AT-29 GM-32 %s: then silence, their sets end, the UE's does not"
              % label)
    b.limits(**before)


@over(BOTH)
async def test_refresh(b, gm):
    """GM-31 a refresh without a challenge only lengthens"""
    label = "%s a refresh that is not challenged" % gm
    ue = b.ue(gm)
    await ue.register(expires=600)
    b.registrar.reauthenticate = False
    try:
        mark, core = b.access.mark(), b.registrar.mark()
        answer = await ue.sm1(60, protected_by=ue.sa)
        tap.equal((code(answer), b.carriers(mark, used=ue.sa),
                   marks(registers(b, ue, core))),
                  (200, [back(gm, "used")], ["yes"]),
                  "GM-30 GM-24 %s: 200 on the set in use" % label)
        left = b.set_of(ue.sa)["lifetime-ms"]
        tap.ok(500000 < left <= 630000,
               "GM-31 %s for 60 s does not shorten 600 s" % label, left)
        answer = await ue.sm1(900, protected_by=ue.sa)
        left = b.set_of(ue.sa)["lifetime-ms"]
        tap.ok(code(answer) == 200 and 830000 < left <= 930000,
               "GM-31 %s for 900 s lengthens" % label, left)
    finally:
        b.registrar.reauthenticate = True
    tap.equal((await b.message(ue), await b.message_to(ue), len(b.sets(ue))),
              (200, 200, 1), "GM-31 %s: one set, still in use" % label)
    await ue.register(expires=60, protected=True)
    left = b.set_of(ue.sa)["lifetime-ms"]
    tap.ok(830000 < left <= 930000, "GM-31 %s: a new set for 60 s lives as long"
           " as the old one" % gm, left)


@over(BOTH)
async def test_other_address(b, gm):
    """GM-39 the UE has got another address"""
    label = "%s the UE's address has changed" % gm
    before = b.limits(grace_ms=GRACE)
    ue = b.ue(gm)
    await ue.register()
    e, mark = b.events.mark(), b.access.mark()
    moved = b.ue(gm, host="ue2", sim=ue.sim)
    await moved.register()
    await b.becomes(ue.sa, "lingering", e)
    tap.equal((await b.message(moved), await b.message_to(moved),
               b.carriers(mark, old=ue.sa)), (200, 200, []),
              "GM-39 %s: registered anew in clear, the old set carries nothing"
              % label)
    await b.gone(ue.sa, e)
    tap.equal((b.phases(ue, new=moved.sa), await b.message_to(moved)),
              ({"new": "established"}, 200),
              "GM-39 %s: the old set ends by itself" % label)
    b.limits(**before)


def instance(msg, number):
    """Makes a REGISTER one of a certain device (RFC 5626)."""
    return msg.set("Contact", '%s;+sip.instance="<urn:gsma:imei:90420156-'
                   '025763-%d>"' % (msg.get("Contact"), number))


@over(BOTH)
async def test_several_devices(b, gm):
    """GM-12 AT-37 several devices of one private identity"""
    label = "%s several devices of one IMPI" % gm
    sim, devices = b.subscriber(), []
    for number in range(4):
        ue = b.ue(gm, sim=sim)
        ue.change_sm1 = ue.change_sm7 = lambda m, n=number: instance(m, n)
        devices.append(ue)
    for ue in devices[:3]:
        await ue.register()
    tap.equal(([await b.message(ue) for ue in devices[:3]],
               b.phases(devices[0], **{"abc"[i]: ue.sa for i, ue in
                                       enumerate(devices[:3])})),
              ([200] * 3, dict.fromkeys("abc", "established")),
              "GM-12 %s: three, each with a set of its own" % label)
    answer = await devices[3].sm1()
    tap.equal((code(answer), len(b.sets(devices[0]))), (403, 3),
              "GM-12 AT-37 %s: a seventh SA in a direction is refused" % label)
    # not challenged: a set for that would be the fourth
    b.registrar.reauthenticate = False
    answer = await devices[0].deregister()
    b.registrar.reauthenticate = True
    tap.equal((code(answer), b.phases(devices[0], **{
        "abc"[i]: ue.sa for i, ue in enumerate(devices[:3])})),
        (200, {"a": "lingering", "b": "established", "c": "established"}),
        "GM-35 %s: one deregisters, the others stay" % label)
    answer = await devices[3].register()
    tap.equal((code(answer), await b.message(devices[3]),
               await b.message(devices[1])), (200, 200, 200),
              "GM-12 %s: then there is room for another one" % label)


@over(UDP)
async def test_on_a_superseded_set(b, gm):
    """GM-30 GM-33 a REGISTER that still comes on the superseded set"""
    label = "%s REGISTER on a superseded set" % gm
    ue = b.ue(gm)
    await ue.register()
    await ue.register(protected=True)
    await b.message(ue)
    old = ue.old[0]
    mark = b.access.mark()
    answer = await ue.sm1(protected_by=old)
    tap.equal((code(answer), b.carriers(mark, old=old, new=ue.sa)),
              (401, ["old C"]), "GM-30 %s: 401 on that set" % label)
    answer = await ue.sm7(ue.challenged(answer))
    tap.equal((code(answer), await b.message(ue), await b.message_to(ue)),
              (200, 200, 200), "GM-33 %s: it can register anew" % label)
