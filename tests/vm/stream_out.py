# SPDX-License-Identifier: GPL-2.0-or-later
"""What leaves over TCP on a temporary set: responses on SA B, and nothing else
(GM-15); and that all of it does once the set is established."""
import contextlib
import select
import time

import state
import statebench
import tap
from phone import TIMEOUT, Gm, answer, request, response

LABEL = "GM-15 ipv%d tcp, temporary set: "
BODY = response(200, "REGISTER").replace(
    b"Content-Length: 0\r\n\r\n",
    b"Content-Length: %d\r\n\r\n" % len(request("MESSAGE", b"body@phone"))) + \
    request("MESSAGE", b"body@phone")


def out_phase(gm):
    return state.drops(gm.g).get("out-phase", 0)


def registering(gm):
    """A temporary set whose SM7 has come in over TCP."""
    s = gm.challenge()
    stream = gm.opened(s)
    sm7 = request("REGISTER")
    if not stream.say(sm7):
        raise RuntimeError("SM7 does not come in")
    return s, stream, sm7


def copies(gm, data, begin=0):
    """How often something has been seen on the wire."""
    return sum(gm.text(p) == data for p in gm.wire.poll()[begin:])


def wait_copies(gm, data, count, begin=0):
    """Waits until something was seen so often; whether it was."""
    end = time.monotonic() + TIMEOUT
    while copies(gm, data, begin) < count:
        if time.monotonic() > end:
            return False
        select.select([gm.wire.sock], [], [], 0.1)
    return True


def test_responses(b):
    for version in (4, 6):
        with Gm(b, version) as gm:
            s, stream, sm7 = registering(gm)
            before = out_phase(gm)
            two = answer(401, sm7) + answer(200, sm7)
            for what, data in (
                    ("a provisional response", answer(100, sm7)),
                    ("a pong", b"\r\n"), ("a final one", answer(403, sm7)),
                    ("two in one segment", two),
                    ("one with a request for a body", BODY)):
                tap.equal(stream.tell(data), (s.id, "B"), LABEL % version +
                          "%s leaves on SA B" % what)
            parts = [stream.tell(part) for part in (BODY[:20], BODY[20:99],
                                                    BODY[99:])]
            tap.equal(parts, [(s.id, "B")] * 3, LABEL % version +
                      "a response in three segments leaves")
            tap.equal(out_phase(gm) - before, 0, LABEL % version +
                      "none of them is counted as out-phase")


def test_repeated(b):
    """What the phone does not acknowledge is sent again."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            _, stream, sm7 = registering(gm)
            data, before = answer(200, sm7), out_phase(gm)
            stream.conn.sendall(data)
            tap.ok(wait_copies(gm, data, 3) and out_phase(gm) == before,
                   LABEL % version + "a response that is lost leaves again "
                   "and again", out_phase(gm) - before)


REQUESTS = [("MESSAGE", lambda sm7: request("MESSAGE")),
            ("a request behind a response in one segment",
             lambda sm7: answer(200, sm7) + request("MESSAGE")),
            ("REGISTER", lambda sm7: request("REGISTER")),
            ("garbage", lambda sm7: b"garbage\r\n\r\n")]


def test_requests(b):
    for version in (4, 6):
        for what, make in REQUESTS:
            with Gm(b, version) as gm:
                s, stream, sm7 = registering(gm)
                stream.tell(answer(100, sm7))
                data, before = make(sm7), out_phase(gm)
                begin = gm.wire.mark()
                gone = stream.tell(data)
                tap.ok(gone is None and out_phase(gm) > before,
                       "AT-36 " + LABEL % version + "%s does not leave on "
                       "SA B: out-phase" % what, gone)
                gm.success(s)
                tap.ok(wait_copies(gm, data, 1, begin), "GM-15 ipv%d tcp: %s "
                       "leaves after success" % (version, what))


def test_request_behind(b):
    """In a segment of its own, behind a response that leaves."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            s, stream, sm7 = registering(gm)
            before = out_phase(gm)
            ways = [stream.tell(answer(200, sm7)),
                    stream.tell(request("MESSAGE"))]
            tap.ok(ways == [(s.id, "B"), None] and out_phase(gm) > before,
                   "AT-36 " + LABEL % version + "a response leaves, a request "
                   "behind it does not", ways)


def connect(gm, s, port, ue_port):
    """The proxy opens a connection; packets on SA B and C, drops."""
    before = [gm.packets(s, name) for name in "BC"] + [out_phase(gm)]
    sock = statebench.tcp("pcscf", s.local, port)
    sock.setblocking(False)
    with contextlib.suppress(OSError):
        sock.connect((s.ue, ue_port))
    gm.carrier(gm.witness, response())
    after = [gm.packets(s, name) for name in "BC"] + [out_phase(gm)]
    sock.close()
    return [y - x for x, y in zip(before, after)]


def test_connections(b):
    """The P-CSCF opens none on a temporary set."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            s = gm.challenge()
            packets = connect(gm, s, s.port_pc, s.port_us)
            tap.ok(packets[:2] == [0, 0] and packets[2] >= 1,
                   "AT-36 " + LABEL % version + "the P-CSCF connects from "
                   "port_pc to port_us: no SYN leaves, out-phase", packets)
            gm.server.close()
            packets = connect(gm, s, s.port_ps, s.port_uc)
            tap.ok(packets[:2] == [0, 0] and packets[2] >= 1,
                   "AT-36 " + LABEL % version + "the P-CSCF connects from "
                   "port_ps to port_uc: no SYN leaves, out-phase", packets)
            tap.ok(not gm.in_clear(), LABEL % version + "nothing of it leaves "
                   "in clear", gm.in_clear())


def test_established(b):
    """The same connections carry everything, in both directions."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            s, stream, sm7 = registering(gm)
            gm.success(s)
            before = state.drops(gm.g)
            label = "GM-15 ipv%d tcp: after success " % version
            tap.equal(stream.tell(answer(200, sm7)), (s.id, "B"), label +
                      "the 200 leaves on SM7's connection")
            tap.ok(stream.say(request("INVITE")), label + "INVITE comes in "
                   "on it")
            tap.equal(stream.tell(request("MESSAGE")), (s.id, "B"), label +
                      "MESSAGE leaves on it")
            called = gm.called(s)
            tap.equal(called.tell(request("MESSAGE")), (s.id, "C"), label +
                      "the P-CSCF connects, and MESSAGE leaves")
            tap.ok(called.say(response()), label + "its response comes in")
            tap.equal(state.drops(gm.g), before, label + "nothing is dropped")
