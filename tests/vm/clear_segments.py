# SPDX-License-Identifier: GPL-2.0-or-later
"""Segments of every kind on a connection in clear. The proxy reads REGISTER
requests and error responses only, byte for byte, however they are cut, and a
connection with anything else in it is reset."""
import tap
from clearscene import Clear, ClearScene
from esp import SYN
from phone import request, response
from stream_segments import (DATA, HIDDEN, HONEST, I, LONG, MIXED, R,
                             SMUGGLED, bytewise, cut)

E = response(404, "NOTIFY")
# Where bytes are judged, and a checksum that is bad is not, a first copy that
# TCP does not take leaves nothing behind: these rows have other results.
BY_CHECKSUM = ("other content after a bad checksum",
               "other content, then the right one",
               "one other byte after a bad checksum",
               "less after a bad checksum",
               "a longer one with other bytes after a bad checksum",
               "the second of two with other bytes",
               "other bytes in front of what waits in TCP",
               "an overlap with what waits in TCP",
               "too many that TCP has not taken",
               "the second segment waits in TCP for the first")
ERRORS = [
    ("error responses", [(0, E + R), (len(E + R), E)], E + R + E),
    ("an error, byte by byte", bytewise(E), E),
]
MORE_SMUGGLED = [
    ("an emergency call, which is off",
     [(0, b"INVITE urn:service:sos SIP/2.0\r\nContent-Length: 0\r\n\r\n")],
     b""),
    ("200", [(0, response(200, "REGISTER"))], b""),
    ("180 behind REGISTER", [(0, R), (len(R), response(180, "INVITE"))], R),
    ("INVITE behind an error", [(0, E), (len(E), I)], E),
    ("an error with two digits", [(0, E.replace(b"404", b"40"))], b""),
    ("an error with four digits", [(0, E.replace(b"404", b"4040"))], b""),
]


def check(gm, label, steps, want, reset):
    with ClearScene(gm) as scene:
        got = scene.play(steps)
        good = got == want and scene.forbidden + scene.lost > 0 if reset \
            else got == want
        gone = scene.was_reset() if reset else True
        return tap.ok(good and gone, label, "read %r\nwant %r\nforbidden %d, "
                      "lost %d, reset %s" % (got, want, scene.forbidden,
                                             scene.lost, gone))


def test_honest(b):
    for version in (4, 6):
        with Clear(b, version) as gm:
            for what, steps, want in HONEST + ERRORS:
                if what not in BY_CHECKSUM:
                    check(gm, "GM-02 AT-18 tcp%d in clear: %s: read as it was "
                          "sent" % (version, what), steps, want, False)


def test_every_split(b):
    """On one connection, each REGISTER cut at another byte."""
    for version in (4, 6):
        with Clear(b, version) as gm, ClearScene(gm) as scene:
            steps, at = [], 0
            for place in range(1, len(R)):
                steps += [(at, R[:place]), (at + place, R[place:])]
                at += len(R)
            got = scene.play(steps)
            tap.ok(got == R * (len(R) - 1) and not scene.lost,
                   "GM-02 AT-23 tcp%d in clear: REGISTER split at every byte: "
                   "read as it was sent" % version,
                   "%d of %d bytes, %d lost" % (
                       len(got), len(R) * (len(R) - 1), scene.lost))


def test_wrap(b):
    for version in (4, 6):
        with Clear(b, version) as gm:
            for back in (1, 2, 50, len(LONG)):
                with ClearScene(gm, isn=(1 << 32) - back) as scene:
                    got = scene.play(cut(LONG, 30, 60) + [
                        (len(LONG), R), (len(LONG + R), I)])
                    tap.equal((got, scene.forbidden), (LONG + R, 1),
                              "GM-02 AT-23 tcp%d in clear: sequence numbers "
                              "wrap %d bytes behind the SYN: REGISTER only"
                              % (version, back))


def test_mixed(b):
    for version in (4, 6):
        with Clear(b, version) as gm:
            for what, steps, want, _ in MIXED:
                if what not in BY_CHECKSUM:
                    check(gm, "AT-23 GM-02 tcp%d in clear: %s: only what was "
                          "judged is read" % (version, what), steps, want,
                          False)


def test_checksum(b):
    """A byte whose checksum is bad does not count: what comes later is read,
    and judged."""
    bad = {"bad_sum": True}
    for version in (4, 6):
        with Clear(b, version) as gm:
            for what, steps, want, reset in (
                    ("other content after a bad checksum",
                     [(0, I, DATA, bad), (0, R)], R, False),
                    ("INVITE after a REGISTER with a bad checksum",
                     [(0, R, DATA, bad), (0, I)], b"", True),
                    ("INVITE behind a REGISTER with a bad checksum",
                     [(0, R, DATA, bad), (len(R), I), (0, R)], R, False),
                    ("nine bytes with bad checksums",
                     [(i, R[i:i + 1], DATA, bad) for i in range(9)] +
                     bytewise(R), R, False)):
                check(gm, "AT-23 GM-02 tcp%d in clear: %s: only what was "
                      "judged is read" % (version, what), steps, want, reset)


def test_smuggled(b):
    """Forbidden messages end the connection; what is only odd is dropped."""
    harmless = ("a bad checksum on INVITE", "INVITE in a SYN",
                "INVITE behind a REGISTER with a bad checksum",
                "the rest of REGISTER in a SYN", "urgent data",
                "an urgent pointer without data")
    rows = [row for row in SMUGGLED if row[0] != "a response" and
            row[0] not in ("INVITE after a bad checksum",)]
    for version in (4, 6):
        with Clear(b, version) as gm:
            for what, steps, want in rows + MORE_SMUGGLED:
                reset = what not in harmless
                check(gm, "AT-22 AT-23 GM-02 tcp%d in clear: %s: %s" % (
                    version, what, "the connection is reset" if reset else
                    "dropped"), steps, want, reset)


def test_afterwards(b):
    """A connection that is to be reset brings nothing more."""
    for version in (4, 6):
        with Clear(b, version) as gm, ClearScene(gm) as scene:
            got = scene.play([(0, R), (len(R), I), (len(R), R)])
            tap.equal(got, R, "AT-23 GM-02 tcp%d in clear: REGISTER in the "
                      "place of a dropped INVITE: not read either" % version)
            tap.ok(scene.was_reset(), "AT-23 GM-02 tcp%d in clear: the "
                   "connection is reset" % version)
        with Clear(b, version) as gm:
            flow = None
            for attempt in range(3):
                with ClearScene(gm, flow, 1000 + 10 ** 6 * attempt) as scene:
                    flow = scene.s
                    tap.equal(scene.play([(0, HIDDEN), (len(HIDDEN), R)]),
                              HIDDEN + R, "GM-02 tcp%d in clear: the next "
                              "connection from the same port works" % version)
                    scene.play([(len(HIDDEN + R), I)])
                    scene.was_reset()


def test_syn(b):
    """A spoofed SYN for a connection that is there does not end it."""
    for version in (4, 6):
        with Clear(b, version) as gm, ClearScene(gm) as scene:
            scene.play([(0, R[:50])])
            for seq in (-1, 40, 5000, -9999):
                scene.put(seq, flags=SYN)
            gm.settled()
            steps = [(50, R[50:])] * 40
            for step in steps:
                scene.play([step])
                if scene.got == R:
                    break
            tap.equal(scene.got, R, "AT-23 GM-02 tcp%d in clear: a connection "
                      "goes on after SYNs of somebody else" % version)
