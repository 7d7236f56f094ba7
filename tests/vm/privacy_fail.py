# SPDX-License-Identifier: GPL-2.0-or-later
"""The agent is not there, hangs, or is restarted: nothing crosses the border
without an answer."""
import signal

import tap

IDENTITY = [("P-Asserted-Identity", "<sip:alice@home.example>")]


async def test_dead(b):
    """NW-01 no agent: requests are rejected, responses dropped"""
    peer = b.outside["partner"]
    mark, seen = peer.mark(), b.alice.mark()
    b.a.kill_agent()
    for label, ask in (("out", b.out), ("in", b.into)):
        got, answer = await ask("partner", headers=IDENTITY)
        tap.equal((got, answer.code), (None, 503),
                  "NW-01 the agent is dead: a request %s is rejected" % label)
    flow = await b.alice.flow_to("sip:" + b.a.inner)
    ack = b.alice.new_request("ACK", "sip:partner@%s:5060" % peer.addr, flow,
                              IDENTITY, ["<sip:%s;lr>" % b.a.inner])
    b.alice.send(ack, flow)
    b.a.wait(lambda: "ACK from 10.61.0.2:5060, %s: 503" % ack.get("Call-ID")
             in b.a.log("kamailio.log"), "the refusal of the ACK")
    came = [end.entries(lambda e: e.direction == "in" and
                        not e.msg.is_response, start)
            for end, start in ((peer, mark), (b.alice, seen))]
    tap.equal(came, [[], []], "NW-01 the agent is dead: an ACK is dropped")


async def test_back(b):
    """NW-01 the agent is back"""
    b.a.start_agent()
    got, answer = await b.out("partner", headers=IDENTITY)
    tap.equal((answer.code, len(got.all("P-Asserted-Identity"))), (200, 1),
              "NW-01 the agent is back: all goes on, nothing was remembered")


async def test_between(b):
    """NW-01 the agent dies between a request and its answer"""
    peer = b.outside["partner"]
    held = []
    peer.on_request = lambda msg, flow: held.append((msg, flow))
    flow = await b.alice.flow_to("sip:" + b.a.inner)
    msg = b.alice.new_request("MESSAGE", "sip:partner@%s:5060" % peer.addr,
                              flow, (), ["<sip:%s;lr>" % b.a.inner])
    mark = peer.mark()
    task = b.alice.spawn(b.alice.transact(msg, flow))
    await peer.wait_request("MESSAGE", mark)
    del peer.on_request
    b.a.kill_agent()
    peer.reply(*held[0], 200, IDENTITY)
    b.a.wait(lambda: "%s: dropped: 200" % msg.get("Call-ID") in
             b.a.log("kamailio.log"), "the refusal of the response")
    tap.ok(not task.done(), "NW-01 the agent died: the response is dropped")
    b.a.start_agent()
    # the peer repeats its answer when the request is repeated
    answer = await task
    tap.equal((answer.code, len(answer.all("P-Asserted-Identity"))), (200, 1),
              "NW-01 the agent is back: the repeated response arrives")


async def test_hangs(b):
    """NW-01 the agent is stopped: no answer in time is no answer"""
    b.a.agent.send_signal(signal.SIGSTOP)
    got, answer = await b.out("partner", headers=IDENTITY, timeout=90)
    tap.equal((got, answer.code), (None, 503),
              "NW-01 the agent hangs: the request is rejected")
    b.a.agent.send_signal(signal.SIGCONT)
    _, answer = await b.out("partner", headers=IDENTITY)
    tap.equal(answer.code, 200, "NW-01 the agent goes on: so does the proxy")
