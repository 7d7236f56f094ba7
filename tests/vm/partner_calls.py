# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls between two networks that are partners: each looks the other one up in
DNS, opens a TLS connection and finds the right name on it."""
import tap

IDENTITY = [("P-Asserted-Identity", "<sip:alice@a.example>")]


async def invite(b, caller, inner, uri, called, headers=()):
    flow = await caller.flow_to("sip:" + inner)
    msg = caller.new_request("INVITE", uri, flow, headers,
                             ["<sip:%s;lr>" % inner])
    return await b.ask(caller, called, msg, flow)


async def finish(caller, called, answer, label):
    """ACK, BYE of the called one, BYE of the caller."""
    mark = called.mark()
    dialog = await caller.acknowledge(answer)
    await called.wait_request("ACK", mark)
    bye = await called.in_dialog(called.calls[-1], "BYE")
    again = await caller.in_dialog(dialog, "BYE")
    tap.equal((bye.code, again.code), (200, 200),
              label + ": ACK, and BYE in both directions")


async def test_partner(b):
    """NW-02 a partner, in both directions"""
    for label, caller, inner, uri, called in (
            ("A to B", b.alice, b.a.inner, "sip:bob@b.example", b.bob),
            ("B to A", b.bob, b.b.inner, "sip:alice@a.example", b.alice)):
        label = "NW-02 partner, %s" % label
        got, answer = await invite(b, caller, inner, uri, called, IDENTITY)
        tap.equal((answer.code, got is not None), (200, True),
                  label + ": a call arrives")
        tap.equal(got and len(got.all("P-Asserted-Identity")), 1,
                  label + ": and is trusted (TS 33.203 5.3)")
        await finish(caller, called, answer, label)


async def test_dialogs(b):
    """NW-02 several dialogs on one connection"""
    answers = []
    for _ in range(4):
        got, answer = await invite(b, b.alice, b.a.inner, "sip:bob@b.example",
                                   b.bob)
        answers.append(answer)
        tap.ok(got is not None and answer.code == 200,
               "NW-02 several dialogs: call %d stands" % len(answers))
    tap.equal(b.a.connections(b.b.outer), 1,
              "NW-02 several dialogs: on one connection")
    for answer in answers:
        await finish(b.alice, b.bob, answer, "NW-02 several dialogs")


async def test_lost(b):
    """NW-02 the other side is restarted: a new connection, looked at anew"""
    b.b.stop_proxy()
    b.b.start_tls()
    got, answer = await invite(b, b.alice, b.a.inner, "sip:bob@b.example",
                               b.bob)
    tap.equal((got is not None, answer.code), (True, 200),
              "NW-02 the connection was lost: the next call opens another")
    await finish(b.alice, b.bob, answer, "NW-02 the connection was lost")
