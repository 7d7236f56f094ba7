# SPDX-License-Identifier: GPL-2.0-or-later
"""Emergency calls in clear, where the endpoint lets them (TS 33.203 7.1)."""
import state
import tap
from clearscene import Clear, ClearScene, sos
from phone import request, response
from stream_segments import I, R, bytewise

ON = {"emergency": True}
CALL = b"sos@phone"
GOOD = [b"urn:service:sos", b"URN:Service:SOS", b"urn:service:sos.police",
        b"urn:service:sos.ecall.automatic", b"urn:service:sos;x=y"]
BAD = [b"urn:service:so", b"urn:service:sosx", b"urn:service:counseling",
       b"sip:112@home.example", b"urn:service:sos\t", b"sip:urn:service:sos",
       b"urn:service:sos@home.example"]


def end(gm):
    """Each call has ended."""
    state.limits(gm.g, **{"emergency-ms": 1})


def test_urns(b):
    for version in (4, 6):
        with Clear(b, version, **ON) as gm:
            for uris, good in ((GOOD, True), (BAD, False)):
                for uri in uris:
                    tap.equal(gm.hears_clear(sos(uri=uri)), good,
                              "GM-38 GM-02 udp%d in clear: INVITE to %s: %s"
                              % (version, uri.decode(), "accepted" if good
                                 else "dropped"))
                    with ClearScene(gm) as scene:
                        got = scene.play(bytewise(sos(uri=uri)))
                        tap.equal(got == sos(uri=uri), good,
                                  "GM-38 GM-02 tcp%d in clear: INVITE to %s: %s"
                                  % (version, uri.decode(), "accepted" if good
                                     else "ends the connection"))
            for method in ("MESSAGE", "OPTIONS", "SUBSCRIBE", "invite"):
                tap.ok(not gm.hears_clear(sos(method)), "AT-22 GM-38 udp%d in "
                       "clear: %s to urn:service:sos: dropped"
                       % (version, method))


def test_call(b):
    """The messages of the call, from where the INVITE came from."""
    for version in (4, 6):
        with Clear(b, version, **ON) as gm:
            src = gm.stranger()
            rest = [request(m, CALL) for m in ("ACK", "PRACK", "UPDATE", "BYE",
                                               "INVITE")] + \
                [response(200, "BYE", CALL), response(180, "INVITE", CALL)]
            tap.ok(not any(gm.hears_clear(m, src) for m in rest),
                   "AT-22 GM-38 udp%d in clear: the messages of a call that "
                   "has not begun: dropped" % version)
            tap.ok(gm.hears_clear(sos(), src), "GM-38 GM-02 udp%d in clear: an "
                   "emergency call begins" % version)
            tap.ok(all(gm.hears_clear(m, src) for m in rest),
                   "GM-38 udp%d in clear: ACK, PRACK, UPDATE, BYE, INVITE and "
                   "answers of the call: accepted" % version)
            tap.ok(not gm.hears_clear(request("MESSAGE"), src),
                   "AT-22 GM-38 udp%d in clear: beside the call: dropped"
                   % version)
            tap.ok(not gm.hears_clear(rest[0], src, 5070),
                   "AT-22 GM-38 udp%d in clear: the call from another port: "
                   "dropped" % version)
            tap.ok(not gm.hears_clear(rest[0]), "AT-22 GM-38 udp%d in clear: "
                   "the call from another address: dropped" % version)
            tap.ok(gm.hears_clear(request("REGISTER"), src),
                   "GM-38 udp%d in clear: REGISTER beside the call: accepted"
                   % version)


def test_bounded(b):
    """After its time a call is over."""
    for version in (4, 6):
        with Clear(b, version, {"emergency-ms": 1}, **ON) as gm:
            src = gm.stranger()
            gm.hears_clear(sos(), src)
            tap.ok(state.wait(lambda: not gm.hears_clear(
                request("BYE", CALL), src)), "GM-38 AT-22 udp%d in clear: a "
                "call whose time is over: dropped" % version)
            with ClearScene(gm) as scene:
                at = len(sos())
                scene.play([(0, sos())])
                for _ in range(100):
                    message = request("OPTIONS")
                    got = scene.play([(at, message)])
                    at += len(message)
                    if len(got) < at:
                        break
                tap.ok(scene.was_reset(), "GM-38 AT-23 tcp%d in clear: a call "
                       "whose time is over: the connection is reset" % version)
                del got


def test_many(b):
    """One call too many ends the oldest; no other source is opened."""
    with Clear(b, **ON) as gm:
        src = gm.stranger()
        calls = [b"%d@many" % n for n in range(520)]
        for call in calls:
            gm.datagram(sos(call=call), src)
        gm.settled()
        heard = [gm.hears_clear(request("ACK", c), src)
                 for c in (calls[0], calls[-1], b"none@many")]
        tap.equal(heard, [False, True, False], "GM-38 AT-24 udp4 in clear: of "
                  "520 calls the first has given way to the last")


def test_stream(b):
    for version in (4, 6):
        with Clear(b, version, **ON) as gm:
            bye = request("BYE", CALL)
            whole = R + sos() + bye + response(200, "INVITE", CALL) + I
            for what, steps in (
                    ("in one segment", [(0, whole)]),
                    ("byte by byte", bytewise(whole))):
                with ClearScene(gm) as scene:
                    tap.equal(scene.play(steps), whole, "GM-38 GM-02 tcp%d in "
                              "clear: an emergency call and what follows, %s: "
                              "read as it was sent" % (version, what))
            with ClearScene(gm) as scene:
                got = scene.play([(0, R), (len(R), bye)])
                tap.ok(got == R and scene.was_reset(), "AT-23 GM-38 tcp%d in "
                       "clear: BYE without a call: the connection is reset"
                       % version)


def test_off(b):
    for version in (4, 6):
        with Clear(b, version) as gm, ClearScene(gm) as scene:
            end(gm)
            tap.ok(not gm.hears_clear(sos()), "GM-38 GM-02 udp%d in clear: an "
                   "emergency call where it is off: dropped" % version)
            got = scene.play([(0, sos())])
            tap.ok(got == b"" and scene.was_reset(), "GM-38 GM-02 tcp%d in "
                   "clear: an emergency call where it is off: reset" % version)
