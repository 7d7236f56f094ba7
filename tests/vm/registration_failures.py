# SPDX-License-Identifier: GPL-2.0-or-later
"""Registrations that go wrong or are repeated (TS 33.203 7.3): what the UE
gets, on which SA, and that nothing stays."""
import base64

import tap
from regbench import BOTH, EVERY, UDP, back, code, marks, over, registers
from sipmsg import digest_params
from ue import AkaError, SaSet

WRONG = "0" * 32


@over(EVERY)
async def test_wrong_res(b, gm):
    """GM-36 the S-CSCF refuses RES"""
    label = "%s wrong RES" % gm
    ue = b.ue(gm)
    auth = dict(ue.challenged(await ue.sm1()), response=WRONG)
    names = {"new": ue.offered}
    mark = b.access.mark()
    answer = await ue.sm7(auth)
    tap.equal((code(answer), b.carriers(mark, **names)),
              (403, [back(gm, "new")]), "GM-36 %s: 403 on the new set" % label)
    gone = await b.gone(names["new"])
    tap.equal((gone["phase"], b.sets(ue)), ("temporary", []),
              "GM-36 %s: then that set is deleted" % label)

    await ue.register()
    used = ue.sa
    auth = dict(ue.challenged(await ue.sm1(protected_by=used)), response=WRONG)
    names = {"used": used, "new": ue.offered}
    mark = b.access.mark()
    answer = await ue.sm7(auth)
    tap.equal((code(answer), b.carriers(mark, **names)),
              (403, [back(gm, "new")]),
              "GM-36 GM-30 %s when registered: 403 on the new set" % label)
    await b.gone(names["new"])
    tap.equal((b.phases(ue, used=used), await b.message(ue),
               await b.message_to(ue)), ({"used": "established"}, 200, 200),
              "GM-36 %s when registered: only the new set is deleted" % label)


def failed(answer, **more):
    """What Authorization says when the challenge is not acceptable."""
    nonce = digest_params(answer.get("WWW-Authenticate"))["nonce"]
    return {"nonce": nonce, "algorithm": "AKAv1-MD5", **more}


async def out_of_sync(b, ue, by, label):
    """SM1, a challenge that is out of sync, REGISTER with AUTS."""
    del label
    ue.sim.sqn = b.user(ue).sqn + (1 << 30)
    answer = await ue.sm1(protected_by=by)
    try:
        ue.challenged(answer)
    except AkaError as e:
        return failed(answer, auts=base64.b64encode(e.auts).decode())
    raise RuntimeError("an SQN out of range was not noticed")


async def no_network(b, ue, by, label):
    """SM1, a challenge with a wrong MAC, REGISTER with an empty response."""
    def spoil(answer):
        b.registrar.alter = None
        value = answer.get("WWW-Authenticate")
        nonce = digest_params(value)["nonce"]
        raw = bytearray(base64.b64decode(nonce))
        raw[-1] ^= 1
        return answer.set("WWW-Authenticate", value.replace(
            nonce, base64.b64encode(raw).decode()))

    del label
    b.registrar.alter = spoil
    answer = await ue.sm1(protected_by=by)
    try:
        ue.challenged(answer)
    except AkaError:
        return failed(answer)
    raise RuntimeError("a wrong MAC was not noticed")


async def unacceptable(b, gm, provoke, text):
    """Both faults, in clear and on the set in use."""
    ue = b.ue(gm)
    for by, way in ((None, "in clear"), ("used", "on the old set")):
        label = "%s %s, told %s" % (gm, text, way)
        by = by and ue.sa
        auth = await provoke(b, ue, by, label)
        first, mark, core = ue.offered, b.access.mark(), b.registrar.mark()
        e = b.events.mark()
        answer = await ue.sm1(protected_by=by, auth=auth)
        gone = await b.events.wait(
            lambda name, s: name == "sa-set-del" and
            s["spi-us"] == first.spi_us, e)
        names = {"new": ue.offered}
        if by:
            names["used"] = by
        tap.equal((code(answer), gone["phase"], len(b.sets(ue))),
                  (401, "temporary", 2 if by else 1),
                  "GM-37 %s: challenged anew, the first set is deleted"
                  % label)
        tap.equal((b.carriers(mark, **names), marks(registers(b, ue, core))),
                  ([back(gm, "used")], ["yes"]) if by else ([], ["no"]),
                  "GM-37 GM-30 %s: and answered there" % label)
        answer = await ue.sm7(ue.challenged(answer))
        tap.equal((code(answer), await b.message(ue), await b.message_to(ue)),
                  (200, 200, 200), "GM-37 %s: then registered" % label)


@over(EVERY)
async def test_synchronisation(b, gm):
    """GM-37 SQN out of range, AUTS"""
    await unacceptable(b, gm, out_of_sync, "SQN out of range")


@over(EVERY)
async def test_network_failure(b, gm):
    """GM-37 the network's MAC is wrong"""
    await unacceptable(b, gm, no_network, "wrong MAC of the network")


@over(BOTH)
async def test_incomplete(b, gm):
    """GM-29 GM-37 attempts that the UE does not finish"""
    label = "%s attempts that end at the 401" % gm
    ue = b.ue(gm)
    for _ in range(2):
        tap.equal(code(await ue.sm1()), 401, "GM-29 %s: challenged" % label)
    await ue.register()
    tap.equal((await b.message(ue), await b.message_to(ue)), (200, 200),
              "GM-29 %s: the next one succeeds" % label)
    await ue.sm1(protected_by=ue.sa)
    first = ue.offered
    e = b.events.mark()
    answer = await ue.sm1(protected_by=ue.sa)
    gone = await b.events.wait(lambda name, s: name == "sa-set-del" and
                               s["spi-us"] == first.spi_us, e)
    tap.equal((code(answer), gone["phase"]), (401, "temporary"),
              "GM-29 %s: a new 401 ends the attempt before it (7.3.1.4)"
              % label)
    answer = await ue.sm7(ue.challenged(answer))
    tap.equal((code(answer), await b.message(ue), await b.message_to(ue)),
              (200, 200, 200), "GM-29 %s: and it succeeds" % label)


@over(EVERY)
async def test_lost_401(b, gm):
    """AT-45 GM-29 SM6 is lost, the UE tries again with ports and SPIs"""
    label = "%s the 401 is lost, again with the same ports and SPIs" % gm
    ue = b.ue(gm)
    await ue.sm1()
    first = b.sets(ue)
    mark = b.events.mark()
    answer = await ue.sm1(sa=ue.offered)
    sets = b.sets(ue)
    tap.ok(code(answer) == 401 and len(first) == len(sets) == 1 and
           first[0]["id"] != sets[0]["id"] and
           (first[0]["spi-uc"], first[0]["port-uc"]) ==
           (sets[0]["spi-uc"], sets[0]["port-uc"]),
           "AT-45 GM-29 %s: challenged, a new set instead of the first"
           % label, [answer, first, sets, b.events.of(first[0]["id"], mark)])
    answer = await ue.sm7(ue.challenged(answer))
    tap.equal((code(answer), await b.message(ue), await b.message_to(ue)),
              (200, 200, 200), "AT-45 %s: registered" % label)


@over(BOTH)
async def test_occupied(b, gm):
    """AT-45 GM-11 a stranger has taken the UE's ports with temporary sets"""
    label = "%s a stranger's temporary sets hold the ports" % gm
    ue = b.ue(gm)
    mine = SaSet(ue)
    for _ in range(3):
        stranger = b.ue(gm)
        stranger.change_sm1 = lambda m, s=stranger: m.set(
            "Security-Client", m.get("Security-Client").replace(
                "port-s=%d" % s.port_us, "port-s=%d" % ue.port_us))
        answer = await stranger.sm1(sa=SaSet(stranger, mine.port_uc))
        tap.equal(code(answer), 401, "AT-45 %s: challenged" % label)
    answer = await ue.sm1(sa=mine)
    tap.equal(code(answer), 401, "AT-45 %s: the UE is challenged" % label)
    answer = await ue.sm7(ue.challenged(answer))
    tap.equal((code(answer), await b.message(ue), await b.message_to(ue)),
              (200, 200, 200), "AT-45 %s: the UE registers" % label)
    thief = b.ue(gm)
    answer = await thief.sm1(sa=SaSet(thief, mine.port_uc))
    tap.equal((code(answer), b.sets(thief)), (403, []),
              "GM-11 AT-37 %s: the port of a registered UE is refused" % label)


@over(UDP)
async def test_repeated(b, gm):
    """GM-20 SM1, 401 and SM7 come twice"""
    label = "%s repeated" % gm
    ue, sent = b.ue(gm), []
    ue.change_sm1 = ue.change_sm7 = sent.append
    b.registrar.held = []
    request = ue.spawn(ue.sm1())
    core, mark = b.registrar.mark(), ue.mark()
    await b.registrar.wait_request("REGISTER", core)
    flow = await ue.flow()
    flow.write(sent[0].build())         # while the core thinks
    b.registrar.release()
    answer = await request
    b.registrar.release()               # the core's 401 again
    b.registrar.held = None
    flow.write(sent[0].build())
    again = (await ue.wait(lambda e: e.msg.code == 401 and
                           e.msg is not answer, mark)).msg
    tap.equal((again.build(), len(registers(b, ue, core)), len(b.sets(ue))),
              (answer.build(), 1, 1),
              "GM-20 GM-29 %s SM1 and 401: the same 401, one REGISTER to the"
              " core, one set" % label)
    auth = ue.challenged(answer)
    answer, mark = await ue.sm7(auth), ue.mark()
    access = b.access.mark()
    (await ue.flow(ue.sa)).write(sent[1].build())
    again = (await ue.wait(lambda e: e.msg.code == 200, mark)).msg
    tap.equal((again.build(), b.carriers(access, new=ue.sa),
               len(registers(b, ue, core))), (answer.build(), ["new C"], 2),
              "GM-30 %s SM7: the same 200 on the new set" % label)
    tap.equal((b.phases(ue, new=ue.sa), await b.message_to(ue)),
              ({"new": "established"}, 200), "GM-20 %s: one set" % label)


@over(EVERY[:2])
async def test_repeated_on_used_set(b, gm):
    """GM-30 GM-33 a repeated SM7 takes no set into use (UDP)"""
    label = "%s SM7 repeated after success" % gm
    ue, sent = b.ue(gm), []
    await ue.register()
    used = ue.sa
    ue.change_sm7 = sent.append
    await ue.register(protected=True)
    mark, access = ue.mark(), b.access.mark()
    (await ue.flow(ue.sa)).write(sent[0].build())
    await ue.wait(lambda e: e.msg.code == 200, mark)
    names = {"used": used, "new": ue.sa}
    tap.equal((b.carriers(access, **names), b.phases(ue, **names)),
              (["new C"], {"used": "established", "new": "established"}),
              "GM-30 GM-33 %s: its 200 on the new set, the old one stays in"
              " use" % label)
    access = b.access.mark()
    tap.equal((await b.message_to(ue), b.carriers(access, **names)),
              (200, ["used C"]), "GM-33 %s: the UE gets MESSAGE on the old one"
              % label)


@over(BOTH)
async def test_forked_200(b, gm):
    """GM-30 GM-36 a second final answer to SM7"""
    label = "%s 403, then a forked 200 to SM7" % gm
    ue = b.ue(gm)
    auth = ue.challenged(await ue.sm1())
    core, b.registrar.held = b.registrar.mark(), []
    request = ue.spawn(ue.sm7(auth))
    await b.registrar.wait_request("REGISTER", core)
    msg, good, flow = b.registrar.held[0]
    bad = good.response(msg, 403)
    b.registrar.held.append((msg, bad, flow))
    b.registrar.release(1)
    answer = await request
    b.registrar.release(0)
    b.registrar.held = None
    gone = await b.gone(ue.offered)
    tap.equal((code(answer), gone["phase"]), (403, "temporary"),
              "GM-36 %s: the 403 counts, the set goes" % label)

    label = "%s two 200 to SM7" % gm
    ue = b.ue(gm)
    auth = ue.challenged(await ue.sm1())
    core, b.registrar.held = b.registrar.mark(), []
    request = ue.spawn(ue.sm7(auth))
    await b.registrar.wait_request("REGISTER", core)
    b.registrar.release()
    b.registrar.release()
    answer = await request
    b.registrar.release()
    b.registrar.held = None
    tap.equal((code(answer), b.phases(ue, new=ue.sa), await b.message(ue),
               await b.message_to(ue)),
              (200, {"new": "established"}, 200, 200),
              "GM-31 %s: registered once" % label)


@over(BOTH)
async def test_race(b, gm):
    """GM-32 GM-39 two registrations of one IMPI at once"""
    label = "%s two registrations of one IMPI race" % gm
    sim = b.subscriber()
    one, two = b.ue(gm, sim=sim), b.ue(gm, sim=sim, host="ue2")
    first, second = await one.sm1(), await two.sm1()
    tap.equal((code(first), code(second), len(b.sets(one))), (401, 401, 2),
              "GM-29 %s: both are challenged, each has a set" % label)
    auths = one.challenged(first), two.challenged(second)
    answers = [code(await one.sm7(auths[0])), code(await two.sm7(auths[1]))]
    tap.equal((answers, b.phases(one, one=one.sa, two=two.sa)),
              ([200, 200], {"one": "lingering", "two": "established"}),
              "GM-32 GM-39 %s: the later one counts" % label)
    tap.equal((await b.message(two), await b.message_to(two)), (200, 200),
              "GM-32 %s: it serves" % label)
