# SPDX-License-Identifier: GPL-2.0-or-later
"""AT-46: three sets of one UE alive, and each message on the SA that TS 33.203
7.4 prescribes. Seen on the wire, by SPI."""
import tap
from regbench import EVERY, back, code, over
from sipmsg import Message


async def three(b, gm):
    """A UE with an old, a used and a temporary set; the 401's carriers."""
    ue = b.ue(gm)
    await ue.register()
    await ue.register(protected=True)
    await b.message(ue)
    old, used = ue.old[0], ue.sa
    mark = b.access.mark()
    answer = await ue.sm1(protected_by=used)
    auth = ue.challenged(answer)
    names = {"old": old, "used": used, "new": ue.offered}
    return ue, auth, names, b.carriers(mark, **names)


@over(EVERY)
async def test_three_sets(b, gm):
    """AT-46 GM-30 old superseded, one in use, one temporary"""
    label = "AT-46 %s old superseded, one in use, one temporary" % gm
    ue, auth, names, seen = await three(b, gm)
    tap.equal((seen, b.phases(ue, **names)),
              ([back(gm, "used")], {"old": "superseded",
                                    "used": "established",
                                    "new": "temporary"}),
              "%s: 401 on the set that SM1 came on" % label)

    mark, u_mark = b.access.mark(), ue.mark()
    sent = await b.message_to(ue)
    tap.equal((sent, b.carriers(mark, **names)), (200, ["used C"]),
              "%s: MESSAGE to the UE on SA C of the one in use" % label)
    flow = (await ue.wait_request("MESSAGE", u_mark)).flow
    tap.equal((flow.local[1], flow.remote[1]),
              (ue.port_us, names["used"].port_pc),
              "GM-05 %s: from its port_pc to port_us" % label)

    mark = b.access.mark()
    sent = await b.message(ue, names["used"])
    tap.equal((sent, b.carriers(mark, **names)), (200, [back(gm, "used")]),
              "%s: answer to a request on the one in use" % label)
    mark = b.access.mark()
    sent = await b.message(ue, names["old"])
    # over UDP everything leaves on the one in use, a connection stays its own
    way = "used C" if gm.transport == "udp" else "old B"
    tap.equal((sent, b.carriers(mark, **names)), (200, [way]),
              "%s: answer to a request on the superseded one" % label)

    mark = b.access.mark()
    answer = await ue.sm7(dict(auth, response="0" * 32))
    tap.equal((code(answer), b.carriers(mark, **names)),
              (403, [back(gm, "new")]),
              "%s: 403 to SM7 on the new one" % label)
    await b.gone(names["new"])
    tap.equal(await b.message_to(ue), 200,
              "%s: a failed one leaves the others alone" % label)


@over(EVERY)
async def test_success(b, gm):
    """AT-46 GM-33 old superseded, one in use, the third just established"""
    label = "AT-46 %s SM7 of the third succeeds" % gm
    ue, auth, names, _ = await three(b, gm)
    mark, e = b.access.mark(), b.events.mark()
    answer = await ue.sm7(auth)
    tap.equal((code(answer), b.carriers(mark, **names)),
              (200, [back(gm, "new")]), "%s: 200 on the new one" % label)
    await b.gone(names["old"], e)
    mark = b.access.mark()
    sent = await b.message_to(ue)
    tap.equal((sent, b.carriers(mark, **names)), (200, ["used C"]),
              "%s: MESSAGE to the UE still on the one that protected SM1"
              % label)
    mark = b.access.mark()
    sent = await b.message(ue), await b.message_to(ue)
    want = ["new C"] if gm.transport == "udp" else ["new B", "new C"]
    tap.equal((sent, b.carriers(mark, **names)), ((200, 200), want),
              "GM-33 %s: after a message on the new one, on that" % label)


@over(EVERY)
async def test_established_in_use(b, gm):
    """AT-46 two established sets, the older one in use, one temporary"""
    label = "AT-46 %s older one in use, newer one established, a temporary" % gm
    ue = b.ue(gm)
    await ue.register()
    await ue.register(protected=True)
    names = {"used": ue.old[0], "idle": ue.sa}
    mark = b.access.mark()
    answer = await ue.sm1(protected_by=names["used"])
    ue.challenged(answer)
    names["new"] = ue.offered
    tap.equal((b.carriers(mark, **names), b.phases(ue, **names)),
              ([back(gm, "used")], {"used": "established",
                                    "idle": "established",
                                    "new": "temporary"}),
              "%s: 401 on the set that SM1 came on" % label)
    mark = b.access.mark()
    sent = await b.message_to(ue), await b.message(ue, names["used"])
    want = ["used C"] if gm.transport == "udp" else ["used B", "used C"]
    tap.equal((sent, b.carriers(mark, **names)), ((200, 200), want),
              "%s: MESSAGEs and answers on the one in use" % label)


@over(EVERY)
async def test_calls_across(b, gm):
    """AT-46 GM-05 a call that spans a hand-over"""
    label = "%s a call across a re-registration" % gm
    ue = b.ue(gm)
    await ue.register()
    start = ue.mark()
    answer = await ue.request("INVITE")
    invite = ue.entries(lambda e: e.msg.method == "INVITE" and
                        e.direction == "out", start)[0].msg
    await ue.register(protected=True)
    old, new = ue.old[0], ue.sa
    core = b.registrar.mark()
    sent = await acknowledge(ue, invite, answer, new)
    tap.ok(await b.registrar.wait_request("ACK", core) and sent == 200,
           "GM-14 AT-46 %s: ACK and BYE on the new set" % label, sent)

    # the other way round: the core calls, the UE answers on the new set
    mark = b.access.mark()
    answers = await b.registrar.call(ue.sim.impi)
    tap.equal(([code(a) for a in answers],
               bool(await ue.wait_request("ACK", start)),
               b.carriers(mark, old=old, new=new)),
              ([200, 200], True, ["new C"]),
              "GM-05 AT-46 %s: a call to the UE, on the new set" % label)


async def acknowledge(ue, invite, answer, sa):
    """ACK to a 2xx and then BYE, on another set; the code of the latter."""
    flow = await ue.flow(sa)
    routes = list(reversed(answer.values("Record-Route")))
    codes = []
    for number, method in ((invite.cseq, "ACK"), (invite.cseq + 1, "BYE")):
        msg = Message.request(method, answer.get("Contact").strip("<>"), [
            ("Via", ue.via(flow, sa)), ("Max-Forwards", "70")])
        for route in routes:
            msg.add("Route", route)
        for name in ("From", "To", "Call-ID"):
            msg.add(name, answer.get(name))
        msg.add("CSeq", "%d %s" % (number, method))
        if method == "ACK":
            ue.send(msg, flow)
        else:
            codes.append(code(await ue.transact(msg, flow)))
    return codes[0]
