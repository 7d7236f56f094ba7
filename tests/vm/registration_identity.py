# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may say what: requests, ACK, CANCEL and answers of UEs count only for the
identities of the SA set that they come on (TS 33.203 7.1 rule 4)."""
import tap
from regbench import BOTH, EVERY, code, entry_in, over
from sipmsg import Message, token, uri_of

SOMEBODY = "<sip:boss@home.example>"
# what a UE may not say, and what must not leave Gm
FORBIDDEN = [("P-Asserted-Identity", SOMEBODY),
             ("P-Charging-Vector", "icid-value=forged"),
             ("P-Charging-Function-Addresses", "ccf=192.0.2.1"),
             ("P-Access-Network-Info",
              "3GPP-E-UTRAN-FDD; utran-cell-id-3gpp=1; network-provided"),
             ("P-Visited-Network-ID", "forged"),
             ("P-Served-User", SOMEBODY),
             ("P-Asserted-Service", "urn:urn-7:3gpp-service.forged")]


def leftovers(msg):
    """Header fields that a UE must not get through with."""
    names = [n for n, _ in FORBIDDEN[1:]] + [
        "P-Preferred-Identity", "Security-Client", "Security-Verify"]
    found = [n for n in names if msg.all(n)]
    return found + [n for n in ("Require", "Proxy-Require", "Supported")
                    if "sec-agree" in ",".join(msg.all(n))]


@over(BOTH)
async def test_requests(b, gm):
    """GM-40 GM-14 P-Asserted-Identity comes from the SA set"""
    ue = b.ue(gm)
    await ue.register()
    impus = b.user(ue).impus
    for headers, want, text in (
            ([], impus[0], "none given: default identity"),
            ([("P-Preferred-Identity", "<%s>" % impus[1])], impus[1],
             "preferred identity of the set"),
            ([("P-Preferred-Identity", SOMEBODY)], impus[0],
             "preferred identity of somebody else"),
            ([("From", "%s;tag=1" % SOMEBODY)], impus[0],
             "From of somebody else"),
            (FORBIDDEN, impus[0], "asserted by the UE itself")):
        mark = b.registrar.mark()
        flow = await ue.flow(ue.sa)
        msg = ue.new_request("MESSAGE", "sip:bob@home.example", flow, ue.sa)
        for name, value in headers:
            msg.set(name, value)
        answer = await ue.transact(msg, flow)
        got = (await b.registrar.wait_request("MESSAGE", mark)).msg
        tap.equal((code(answer), got.all("P-Asserted-Identity")),
                  (200, ["<%s>" % want]), "GM-40 %s identity: %s" % (gm, text))
        tap.equal(leftovers(got), [], "GM-24 GM-40 %s identity: %s; nothing of"
                  " Gm goes on" % (gm, text))


@over(BOTH)
async def test_answers_say_nothing(b, gm):
    """GM-40 what a UE adds to its answers"""
    label = "%s answers of a UE" % gm
    ue = b.ue(gm)
    await ue.register()
    reply = ue.reply

    def claim(req, flow, status, headers=(), **kwargs):
        return reply(req, flow, status, list(headers) + FORBIDDEN, **kwargs)

    ue.reply = claim
    answer = await b.registrar.send_to(ue.sim.impi)
    tap.equal((code(answer), answer.all("P-Asserted-Identity"),
               leftovers(answer)), (200, [], []),
              "GM-40 %s: forged header fields are gone" % label)
    called = "<%s>" % ue.sim.impu
    user, binding = b.registrar.binding(ue.sim.impi)
    flow = await b.registrar.flow_to(uri_of(binding.path[0]))
    msg = b.registrar.new_request("MESSAGE", binding, flow, user.impus[0])
    msg.add("P-Called-Party-ID", called)
    answer = await b.registrar.transact(msg, flow)
    tap.equal((code(answer), answer.all("P-Asserted-Identity")),
              (200, [called]),
              "GM-40 %s: the identity that was called is asserted" % label)


async def ringing(b, ue):
    """An INVITE of a UE that the core does not answer: message, flow."""
    b.registrar.rings = True
    core, flow = b.registrar.mark(), await ue.flow(ue.sa)
    msg = ue.new_request("INVITE", "sip:bob@home.example", flow, ue.sa)
    mark = ue.mark()
    task = ue.spawn(ue.transact(msg, flow))
    await b.registrar.wait_request("INVITE", core)
    await ue.wait(lambda e: e.direction == "in" and e.msg.code == 180, mark)
    return msg, flow, task


@over(EVERY)
async def test_cancel(b, gm):
    """GM-14 only the UE that has sent the INVITE can cancel it"""
    label = "%s CANCEL" % gm
    ue, other = b.ue(gm), b.ue(gm)
    await ue.register()
    await other.register()
    msg, flow, task = await ringing(b, ue)
    core = b.registrar.mark()
    cancel = msg.follow("CANCEL")
    said = b.dropped("CANCEL", cancel)
    other.send(cancel, await other.flow(other.sa))
    tap.ok(await said() and not task.done() and
           not entry_in(b.registrar, core, lambda m: m.method == "CANCEL"),
           "GM-14 %s of another UE at the same address: dropped" % label)
    answer = await ue.transact(msg.follow("CANCEL"), flow)
    final = await task
    tap.equal((code(answer), code(final)), (200, 487),
              "GM-14 %s of the UE itself" % label)
    ue.send(msg.follow("ACK").set("To", final.get("To")), flow)

    msg, flow, task = await ringing(b, ue)
    await ue.register(protected=True)
    cancel = msg.follow("CANCEL")
    answer = await ue.transact(cancel, await ue.flow(ue.sa))
    final = await task
    tap.equal((code(answer), code(final)), (200, 487),
              "GM-14 %s on a newer set of the UE" % label)
    ue.send(msg.follow("ACK").set("To", final.get("To")), flow)
    b.registrar.rings = False


def ack(ue, flow, sa, answer, tag=None):
    """ACK to a 2xx; tag: another From tag."""
    msg = Message.request("ACK", answer.get("Contact").strip("<>"), [
        ("Via", ue.via(flow, sa)), ("Max-Forwards", "70")])
    for route in reversed(answer.values("Record-Route")):
        msg.add("Route", route)
    for name in ("From", "To", "Call-ID"):
        msg.add(name, answer.get(name))
    if tag:
        msg.set("From", "<%s>;tag=%s" % (ue.sim.impu, tag))
    return msg.add("CSeq", "%d ACK" % answer.cseq)


@over(EVERY)
async def test_ack(b, gm):
    """GM-14 only the UE that has sent the INVITE can acknowledge it"""
    label = "%s ACK" % gm
    ue, other = b.ue(gm), b.ue(gm)
    await ue.register()
    await other.register()
    answer = await ue.request("INVITE")
    core = b.registrar.mark()
    flow = await other.flow(other.sa)
    forged = ack(other, flow, other.sa, answer)
    said = b.dropped("ACK", forged)
    other.send(forged, flow)
    tap.ok(await said() and not entry_in(
        b.registrar, core, lambda m: m.method == "ACK"),
        "GM-14 %s of another UE at the same address: dropped" % label)
    flow = await ue.flow(ue.sa)
    said = b.dropped("ACK", answer)
    ue.send(ack(ue, flow, ue.sa, answer, token(4)), flow)
    tap.ok(await said(), "GM-14 %s to no INVITE of this UE: dropped" % label)
    ue.send(ack(ue, flow, ue.sa, answer).add("P-Preferred-Identity", SOMEBODY),
            flow)
    got = (await b.registrar.wait_request("ACK", core)).msg
    tap.equal((code(answer), leftovers(got)), (200, []),
              "GM-14 GM-40 %s of the UE itself; nothing of Gm goes on" % label)


@over(EVERY)
async def test_forged_answers(b, gm):
    """GM-14 only the UE that was asked can answer"""
    label = "%s answer" % gm
    ue, other = b.ue(gm), b.ue(gm)
    await ue.register()
    await other.register()
    ue.on_request = lambda msg, flow: None
    mark = ue.mark()
    task = b.registrar.spawn(b.registrar.send_to(ue.sim.impi))
    asked = await ue.wait_request("MESSAGE", mark)
    flow = await other.flow(other.sa)
    forged = Message.response(asked.msg, 200, to_tag="forged")
    said = b.dropped("200", forged)
    other.send(forged, flow)
    tap.ok(await said() and not task.done(),
           "GM-14 %s of another UE at the same address: dropped" % label)
    ue.reply(asked.msg, asked.flow, 200, to_tag="mine")
    answer = await task
    tap.equal((code(answer), answer.tag("To")), (200, "mine"),
              "GM-14 %s of the UE that was asked" % label)

    # and no UE answers for the core
    b.registrar.held = []
    core = b.registrar.mark()
    task = ue.spawn(ue.sm1(protected_by=ue.sa))
    asked = (await b.registrar.wait_request("REGISTER", core)).msg
    forged = Message.response(asked, 200, to_tag="forged").set(
        "Contact", "<%s>;expires=600" % ue.contact)
    said = b.dropped("200", forged)
    ue.send(forged, await ue.flow(ue.sa))
    tap.ok(await said() and not task.done(),
           "GM-14 %s of a UE in the S-CSCF's name: dropped" % label)
    b.registrar.release()
    b.registrar.held = None
    tap.equal(code(await task), 401, "GM-14 %s of the S-CSCF itself" % label)


@over(BOTH)
async def test_restarted_proxy(b, gm):
    """GM-14 GM-10 what the proxy has forgotten it asks for"""
    label = "%s the proxy is restarted" % gm
    ue = b.ue(gm)
    await ue.register()
    b.pcscf.stop_proxy()
    b.pcscf.start_proxy()
    if gm.transport == "tcp":
        await (await ue.flow(ue.sa)).closed.wait()
    sent = [await b.message_to(ue)]
    if gm.transport == "udp":
        answers = await ue.call()
        sent += [await b.message(ue)] + [code(a) for a in answers]
    answers = await b.registrar.call(ue.sim.impi)
    tap.equal(sent + [code(a) for a in answers], [200] * len(sent) + [200] * 2,
              "GM-10 GM-14 %s: requests, calls and answers are let through"
              % label)


@over(BOTH)
async def test_connection_of_the_proxy(b, gm):
    """GM-05 the UE sends where the P-CSCF has connected; rport"""
    label = "%s" % gm
    ue = b.ue(gm)
    if gm.transport == "udp":
        ue.change_sm7 = lambda msg: msg.set("Via", msg.get("Via") + ";rport")
        await ue.register()
        flow = await ue.flow(ue.sa)
        msg = ue.new_request("MESSAGE", "sip:bob@home.example", flow, ue.sa)
        msg.set("Via", msg.get("Via") + ";rport")
        answer = await ue.transact(msg, flow)
        tap.equal(code(answer), 200, "GM-05 %s: rport does not draw the answer"
                  " away from port_us" % label)
        return
    await ue.register()
    await b.message_to(ue)
    await ue.use_connection_of_pcscf()
    answers = (await ue.request("MESSAGE"),) + await ue.call()
    tap.equal([code(a) for a in answers], [200] * 3,
              "GM-05 %s: the UE sends on the connection from port_pc" % label)
    answer = await ue.sm1(protected_by=ue.sa)
    answer = await ue.sm7(ue.challenged(answer))
    tap.equal((code(answer), await b.message(ue)), (200, 200),
              "GM-05 GM-34 %s: it registers again there" % label)
