# SPDX-License-Identifier: GPL-2.0-or-later
"""Random streams in random segments, against a framing of its own: the proxy
reads the stream up to what must not come, byte for byte, whatever was cut,
mixed, repeated, lost or tampered with on the way (AT-23)."""
import os
import random

import tap
from clearscene import Clear, ClearScene, sos
from esp import ACK, PSH
from phone import request, response

ROUNDS = 40


def good_message(rng):
    """A message that may come in clear."""
    body = rng.choice((b"", b"x" * rng.randrange(1, 400),
                       request("INVITE"), b"\r\n\r\n" + request("MESSAGE")))
    return rng.choice((
        request("REGISTER", body=body), b"\r\n\r\n",
        request("REGISTER", body=body).replace(b"Content-Length", b"l", 1),
        response(rng.choice((400, 404, 480, 503, 600)), "OPTIONS")))


def bad_message(rng):
    return rng.choice((
        request("INVITE"), request("MESSAGE"), request("register"),
        response(200, "REGISTER"), b"\n" + request("REGISTER"), sos(),
        request("REGISTER").replace(b"\r\nCSeq", b"\nCSeq"),
        request("REGISTER").replace(b"Content-Length: 0\r\n", b"")))


def stream_of(rng):
    """A stream, and how much of it may be read: a message at most is bad, and
    its own reader finds out in it, so what is in front of it counts."""
    whole = b"".join(good_message(rng) for _ in range(rng.randrange(1, 6)))
    if rng.random() < 0.5:
        return whole + bad_message(rng) + request("REGISTER"), len(whole)
    return whole, None


def segments_of(rng, stream):
    """(position, data) in order, each byte in one of them."""
    cuts = sorted(rng.sample(range(1, len(stream)),
                             min(len(stream) - 1, rng.randrange(0, 12))))
    ends = [0, *cuts, len(stream)]
    return [(a, stream[a:b]) for a, b in zip(ends, ends[1:])]


def disturbed(rng, stream, segments):
    """What is on the wire: each segment at last comes as it is, in order, but
    not only that."""
    steps = []
    for at, data in segments:
        for _ in range(rng.randrange(0, 3)):
            trick = rng.randrange(5)
            if trick == 0:              # a bad checksum, other content
                steps.append((at, os.urandom(len(data)), ACK | PSH,
                              {"bad_sum": True}))
            elif trick == 1:            # a gap
                later = at + len(data) + rng.randrange(1, 50)
                steps.append((later, stream[later:later + 60] or b"z"))
            elif trick == 2:            # what has been read, changed
                size = min(at, 20)
                steps.append((at - size, os.urandom(size)))
            elif trick == 3 and at:     # again from an earlier byte on
                back = rng.randrange(1, min(at, 60) + 1)
                steps.append((at - back, stream[at - back:at]))
            else:                       # urgent
                steps.append((at, data, ACK | PSH | 32, {"urgent": 1}))
        steps.append((at, data))
    return steps


def test_random(b):
    seed = int(os.environ.get("GMG_SEED") or random.randrange(1 << 32))
    tap.note("GMG_SEED=%d" % seed)
    for version in (4, 6):
        rng = random.Random(seed + version)
        with Clear(b, version) as gm:
            for number in range(ROUNDS):
                stream, limit = stream_of(rng)
                segments = segments_of(rng, stream)
                with ClearScene(gm, isn=rng.randrange(1 << 32)) as scene:
                    got = scene.play(disturbed(rng, stream, segments))
                if limit is None:
                    good = got == stream
                else:
                    # up to the segment in which the bad message begins
                    end = max((a for a, _ in segments if a <= limit))
                    good = stream.startswith(got) and len(got) >= end and \
                        len(got) < len(stream)
                if not good:
                    tap.ok(False, "GM-02 AT-23 tcp%d in clear: random stream "
                           "%d" % (version, number),
                           "limit %s, segments %r\ngot %r" % (
                               limit, segments, got))
            tap.ok(True, "GM-02 AT-23 tcp%d in clear: %d random streams in "
                   "random segments" % (version, ROUNDS))
