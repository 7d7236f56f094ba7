# SPDX-License-Identifier: GPL-2.0-or-later
"""A temporary set over TCP where GRO makes one packet of several segments, and
what comes in one burst."""
import tap
from esp import ACK, SYN
from phone import Gm
from streamscene import INVITE, REGISTER, Scene, padded
from traps_gro import Merges, prepare

R, I = REGISTER, INVITE
BIG = padded("REGISTER", 1000)


def burst(b, scene, data, size, at=0, more=()):
    """Segments of equal size, then more steps, at once; how many merged."""
    with Merges() as merges:
        with b.plug:
            for place in range(0, len(data), size):
                scene.put(at + place, data[place:place + size], flags=ACK)
            for step in more:
                scene.put(*step)
        scene.read()
    return merges.count


def test_merged(b):
    prepare(b)
    for version in (4, 6):
        label = "%sGM-15 ipv%d tcp, temporary set, GRO: "
        with Gm(b, version) as gm, Scene(gm) as scene:
            count = burst(b, scene, BIG, 100)
            tap.equal((scene.got, scene.dropped), (BIG, 0),
                      label % ("AT-44 AT-18 ", version) + "REGISTER in ten "
                      "segments: read as it was sent")
            tap.ok(count >= 5, label % ("AT-44 ", version) +
                   "they were merged", count)
        with Gm(b, version) as gm, Scene(gm) as scene:
            count = burst(b, scene, BIG + I + b"more", 100)
            got = scene.got
            tap.ok(BIG.startswith(got) and scene.dropped,
                   label % ("AT-36 AT-44 ", version) + "INVITE behind it in "
                   "the same burst: is not read",
                   "%r, %d" % (got, scene.dropped))
            tap.ok(count >= 5, label % ("AT-36 ", version) + "they were "
                   "merged", count)
            burst(b, scene, BIG, 100)
            tap.equal(scene.got, BIG, label % ("", version) +
                      "REGISTER alone, again: read")
        with Gm(b, version) as gm, Scene(gm) as scene:
            burst(b, scene, R, 50)
            burst(b, scene, R[50:] + I, 50, at=50)
            tap.equal((scene.got, scene.dropped > 0), (R, True),
                      label % ("AT-36 ", version) + "old bytes and an INVITE, "
                      "merged: not read")


def test_syn_behind_data(b):
    """It must not pass while the data may be on its way."""
    prepare(b)
    for version in (4, 6):
        with Gm(b, version) as gm, Scene(gm) as scene:
            burst(b, scene, R[:50], 50, more=[(9999, b"", SYN)])
            scene.play([(50, R[50:])])
            tap.equal((scene.got, scene.dropped), (R, 1), "AT-36 GM-15 ipv%d "
                      "tcp, temporary set: a SYN in one burst with data: "
                      "dropped, and the connection goes on" % version)
