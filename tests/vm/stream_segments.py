# SPDX-License-Identifier: GPL-2.0-or-later
"""Segments of every kind on SA A of a temporary set: cut, mixed, repeated with
other content. What the proxy reads is REGISTER requests, byte for byte."""
import tap
from esp import ACK, FIN, PSH, RST, SYN
from phone import Gm, request, response
from streamscene import INVITE, REGISTER, URG, Scene, padded

DATA = ACK | PSH
BAD = {"bad_sum": True}
R, I = REGISTER, INVITE
# the same size, other bytes from the Call-ID and the body on
LONG = padded("REGISTER", 400)
OTHER = padded("REGISTER", 400, b"own@phone", b"y")
HIDDEN = request("REGISTER", body=I)
CL = b"Content-Length: "


def bytewise(data, at=0, *more):
    return [(at + i, data[i:i + 1], *more) for i in range(len(data))]


def cut(data, *places):
    """The segments of data, cut at the places."""
    ends = [0, *places, len(data)]
    return [(a, data[a:b]) for a, b in zip(ends, ends[1:])]


def with_length(value, rest=b""):
    """A REGISTER that says another Content-Length."""
    return R.replace(CL + b"0", CL + value) + rest


# what, steps, what the proxy reads, how many segments are dropped
HONEST = [
    ("REGISTER in one segment", [(0, R)], R),
    ("byte by byte", bytewise(R), R),
    ("in two segments", cut(R, 5), R),
    ("in three segments", cut(R, 60, 61), R),
    ("cut inside CRLF CRLF", cut(R, len(R) - 3, len(R) - 2, len(R) - 1), R),
    ("two pipelined in one segment", [(0, R + R)], R + R),
    ("two, cut inside the second", cut(R + R, len(R) + 3), R + R),
    ("with an INVITE for a body", [(0, HIDDEN), (len(HIDDEN), R)],
     HIDDEN + R),
    ("with a body, byte by byte", bytewise(HIDDEN), HIDDEN),
    ("with CRLF in front", [(0, b"\r\n\r\n" + R)], b"\r\n\r\n" + R),
    ("with CRLF in a segment of its own",
     [(0, b"\r"), (1, b"\n"), (2, R)], b"\r\n" + R),
    ("with FIN", [(0, R, DATA | FIN)], R),
    ("with FIN in the second segment",
     [(0, R[:50]), (50, R[50:], DATA | FIN)], R),
    ("each segment twice", cut(LONG, 100) + cut(LONG, 100), LONG),
    ("from an earlier byte on", [(0, LONG[:100]), (40, LONG[40:])], LONG),
    ("bare segments in between",
     [(0, R[:50]), (50, b""), (49, b""), (50, R[50:])], R),
    ("a first copy with a bad checksum", [(0, R, DATA, BAD), (0, R)], R),
    ("longer than the first copy, whose checksum was bad",
     [(0, LONG[:50], DATA, BAD), (0, LONG)], LONG),
    ("two segments, bad checksums first",
     [(0, LONG[:50], DATA, BAD), (50, LONG[50:], DATA, BAD),
      (0, LONG[:50]), (50, LONG[50:])], LONG),
    ("in one segment, in two with bad checksums first",
     [(0, LONG[:50], DATA, BAD), (50, LONG[50:], DATA, BAD), (0, LONG)],
     LONG),
    ("the second segment waits in TCP for the first",
     [(0, LONG[:50], DATA, BAD), (50, LONG[50:]), (0, LONG[:50])], LONG),
]

MIXED = [
    ("out of order, then filled",
     [(100, LONG[100:]), (0, LONG[:100]), (100, LONG[100:])], LONG, 1),
    ("in reverse, then again",
     bytewise(R)[::-1][:-1] + bytewise(R), R, len(R) - 1),
    ("a gap inside", [(0, LONG[:50]), (60, LONG[60:]), (50, LONG[50:])],
     LONG, 1),
    ("other bytes where the proxy has read already",
     [(0, LONG[:100]), (0, OTHER[:100] + LONG[100:])], LONG, 0),
    ("INVITE where the proxy has read already",
     [(0, LONG[:400]), (100, (I * 4)[:300] + R)], LONG + R, 0),
    ("INVITE where the proxy has read already, and behind",
     [(0, LONG[:100]), (50, LONG[50:] + I)], LONG[:100], 1),
    ("other content after a bad checksum",
     [(0, LONG, DATA, BAD), (0, OTHER)], b"", 1),
    ("other content, then the right one",
     [(0, LONG, DATA, BAD), (0, OTHER), (0, LONG)], LONG, 1),
    ("one other byte after a bad checksum",
     [(0, LONG, DATA, BAD), (0, LONG[:-1] + b"z")], b"", 1),
    ("less after a bad checksum",
     [(0, LONG, DATA, BAD), (0, LONG[:100])], b"", 1),
    ("a longer one with other bytes after a bad checksum",
     [(0, LONG[:200], DATA, BAD), (0, OTHER)], b"", 1),
    ("the second of two with other bytes",
     [(0, LONG[:150], DATA, BAD), (150, LONG[150:], DATA, BAD),
      (0, LONG[:150]), (150, OTHER[150:])], LONG[:150], 1),
    ("other bytes in front of what waits in TCP",
     [(0, LONG[:150], DATA, BAD), (150, LONG[150:]), (0, OTHER[:150])],
     b"", 1),
    ("an overlap with what waits in TCP",
     [(0, LONG[:150], DATA, BAD), (150, LONG[150:]), (0, LONG[:200])],
     b"", 1),
    ("too many that TCP has not taken",
     [(i, R[i:i + 1], DATA, BAD) for i in range(9)] + bytewise(R), R, 2),
    ("REGISTER behind FIN", [(0, R, DATA | FIN), (len(R) + 1, R)], R, 1),
    ("far behind the window", [(0, R), (1 << 30, R)], R, 1),
    ("a billion bytes back", [(0, R), (-1 << 30, I)], R, 0),
    ("just as far either way", [(0, R), (1 << 31, I)], R, None),
]

SMUGGLED = [
    ("INVITE", [(0, I)], b""),
    ("INVITE, byte by byte", bytewise(I), b""),
    ("INVITE, split", cut(I, 3), b""),
    ("INVITE behind CRLF", [(0, b"\r\n\r\n" + I)], b""),
    ("a response", [(0, response(200, "REGISTER"))], b""),
    ("garbage", [(0, b"garbage\r\n\r\n")], b""),
    ("register in small letters", [(0, request("register"))], b""),
    ("REGISTERX", [(0, request("REGISTERX"))], b""),
    ("INVITE in REGISTER's segment", [(0, R + I)], b""),
    ("the first byte of INVITE in REGISTER's segment", [(0, R + b"I")], b""),
    ("INVITE behind REGISTER", [(0, R), (len(R), I)], R),
    ("INVITE behind REGISTER, byte by byte",
     [(0, R), *bytewise(I, len(R))], R),
    ("INVITE behind REGISTER's body",
     [(0, HIDDEN[:-5]), (len(HIDDEN) - 5, HIDDEN[-5:] + I)], HIDDEN[:-5]),
    ("INVITE behind a short Content-Length",
     [(0, HIDDEN.replace(CL + b"%d" % len(I), CL + b"0"))], b""),
    ("INVITE behind a short Content-Length, byte by byte",
     bytewise(HIDDEN.replace(CL + b"%d" % len(I), CL + b"0")),
     HIDDEN.replace(CL + b"%d" % len(I), CL + b"0")[:-len(I)]),
    ("INVITE in a folded line's Content-Length",
     [(0, R.replace(CL + b"0", b"X: y\r\n Content-Length: 0\r\n" + CL +
                    b"%d" % len(I)) + I)], b""),
    ("INVITE and two Content-Lengths",
     [(0, with_length(b"0\r\n" + CL + b"%d" % len(I), I))], b""),
    ("INVITE and a Content-Length of 2^32",
     [(0, with_length(b"4294967296", I))], b""),
    ("no Content-Length", [(0, R.replace(CL + b"0\r\n", b""))], b""),
    ("a line that ends with LF", [(0, R.replace(b"\r\nCSeq", b"\nCSeq"))],
     b""),
    ("a header that ends with LF LF", [(0, R[:-4] + b"\n\n" + I)], b""),
    ("NUL in the header", [(0, R.replace(b"CSeq", b"X: \0\r\nCSeq"))], b""),
    ("urgent data", [(0, R, DATA | URG, {"urgent": 9})], b""),
    ("an urgent pointer without data",
     [(0, b"", ACK | URG, {"urgent": 4}), (0, R)], R),
    ("INVITE in a SYN", [(-1, I, SYN)], b""),
    ("the rest of REGISTER in a SYN", [(0, R[:50]), (50, R[50:], SYN)],
     R[:50]),
    ("INVITE in a RST", [(0, I, RST | ACK)], b""),
    ("INVITE with FIN", [(0, I, DATA | FIN)], b""),
    ("a bad checksum on INVITE", [(0, I, DATA, BAD)], b""),
    ("INVITE after a bad checksum", [(0, R, DATA, BAD), (0, I)], b""),
    ("INVITE behind a REGISTER with a bad checksum",
     [(0, R, DATA, BAD), (len(R), I), (0, R)], R),
]


def check(gm, label, steps, want, drops):
    """drops: how many, "some", or None where TCP may do it as well."""
    with Scene(gm) as scene:
        got = scene.play(steps)
        dropped = scene.dropped
        good = got == want and (
            drops is None or (dropped > 0 if drops == "some" else
                              dropped == drops))
        return tap.ok(good, label, "read %r\nwant %r\ndropped %d"
                      % (got, want, dropped))


def test_honest(b):
    for version in (4, 6):
        with Gm(b, version) as gm:
            for what, steps, want in HONEST:
                check(gm, "GM-15 AT-18 ipv%d tcp, temporary set: %s: read as "
                      "it was sent" % (version, what), steps, want, 0)


def test_every_split(b):
    """On one connection, each REGISTER cut at another byte."""
    for version in (4, 6):
        with Gm(b, version) as gm, Scene(gm) as scene:
            steps, at = [], 0
            for place in range(1, len(R)):
                steps += [(at, R[:place]), (at + place, R[place:])]
                at += len(R)
            got = scene.play(steps)
            tap.ok(got == R * (len(R) - 1) and not scene.dropped,
                   "GM-15 AT-18 ipv%d tcp, temporary set: REGISTER split at "
                   "every byte: read as it was sent" % version,
                   "%d of %d bytes, %d dropped" % (
                       len(got), len(R) * (len(R) - 1), scene.dropped))


def test_wrap(b):
    """Sequence numbers begin anew inside the message."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            for back in (1, 2, 50, len(LONG)):
                with Scene(gm, isn=(1 << 32) - back) as scene:
                    got = scene.play(cut(LONG, 30, 60) + [
                        (len(LONG), R + I), (len(LONG), R)])
                    tap.equal((got, scene.dropped), (LONG + R, 1),
                              "GM-15 AT-36 ipv%d tcp, temporary set: sequence "
                              "numbers wrap %d bytes behind the SYN: REGISTER "
                              "only" % (version, back))


def test_mixed(b):
    for version in (4, 6):
        with Gm(b, version) as gm:
            for what, steps, want, drops in MIXED:
                check(gm, "AT-36 AT-23 GM-15 ipv%d tcp, temporary set: %s: "
                      "only what was judged is read" % (version, what), steps,
                      want, drops)


def test_smuggled(b):
    for version in (4, 6):
        with Gm(b, version) as gm:
            for what, steps, want in SMUGGLED:
                check(gm, "AT-36 GM-15 ipv%d tcp, temporary set: %s: dropped, "
                      "in-phase" % (version, what), steps, want, "some")


def test_afterwards(b):
    """What is dropped harms nobody: REGISTER in its place is read, and after
    success INVITE, too."""
    for version in (4, 6):
        with Gm(b, version) as gm, Scene(gm) as scene:
            got = scene.play([(0, I), (0, R + I), (0, R), (len(R), I)])
            tap.equal((got, scene.dropped), (R, 3), "GM-15 AT-36 ipv%d tcp: "
                      "REGISTER in the place of a dropped INVITE: read"
                      % version)
            gm.success(scene.s)
            got = scene.play([(len(R), I)])
            tap.equal((got, scene.dropped), (R + I, 3), "GM-15 ipv%d tcp: "
                      "after success the INVITE that was dropped is read, too"
                      % version)
            at = len(R + I)
            got = scene.play(
                [(at + 8, b"message."), (at, b"another "),
                 (at + 16, b"", ACK | URG, {"urgent": 1})])
            tap.equal((got, scene.dropped), (R + I + b"another message.", 3),
                      "GM-15 ipv%d tcp: after success segments are not looked "
                      "at any more" % version)
