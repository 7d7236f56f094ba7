# SPDX-License-Identifier: GPL-2.0-or-later
"""Dumps that take many messages, while the table changes."""
import netns
import state
import tap
from adopted_show import adopted, names
from clibench import gmguard, new_set
from foreign import Quad

MANY = 400


def make_many(first, count):
    quads = [Quad(i, ue="10.33.%d.%d" % (2 + i // 200, 1 + i % 200))
             for i in range(first, first + count)]
    netns.ip("".join(q.lines(policies=False) for q in quads), "pcscf")
    return quads


def spis(rows):
    return [r["adopted"]["spi"] for r in rows]


def test_whole(bench):
    bench.fresh()
    for i in range(20):
        new_set(i)
    quads = make_many(0, MANY)
    want = sorted(spi for q in quads for spi in q.spis.values())
    tap.equal(sorted(spis(bench.g.dump("adopted-get"))), want,
              "adopted: %d states are dumped, each once" % (4 * MANY))
    shown = adopted()
    tap.ok(len(shown) == MANY and {names(a) for a in shown} == {"abcd"} and
           len({a["ue_addr"] for a in shown}) == MANY,
           "GM-04 adopted: ... and shown as %d complete sets" % MANY,
           len(shown))
    tap.equal(len(gmguard("show", "adopted").stdout.splitlines()),
              2 * MANY + 1, "adopted: ... as text too")


def test_changing(bench):
    """A dump is read half; states before and behind it go and come."""
    quads = make_many(MANY, 100)
    with state.client() as g:
        rows = g.rows("adopted-get")
        first = next(rows)
        for q in quads[::2]:
            q.delete()
        more = make_many(MANY + 100, 50)
        rest = list(rows)
    got = spis([first] + rest)
    stay = [spi for q in quads[1::2] for spi in q.spis.values()]
    tap.ok(len(got) == len(set(got)) and set(stay) <= set(got),
           "adopted: what stays is in a dump, once, whatever comes and goes",
           "%d of which %d different" % (len(got), len(set(got))))
    tap.ok(more and len(adopted()) == MANY + 100,
           "adopted: ... and the next dump has it all", len(adopted()))


def test_abandoned(bench):
    """Programs that end in the middle of a dump leave nothing behind."""
    for _ in range(20):
        g = state.client()
        next(g.rows("adopted-get"))
        g.close()
    tap.ok(len(adopted()) == MANY + 100,
           "adopted: 20 dumps that nobody reads to their end do no harm")
