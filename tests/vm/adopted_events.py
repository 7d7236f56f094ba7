# SPDX-License-Identifier: GPL-2.0-or-later
"""The module tells when SAs of other programs come and go."""
import re
import subprocess

import genl
import netns
import tap
from adopted_show import adopted
from clibench import (ENDPOINT, MODULE, Monitor, established, gmguard,
                      in_pcscf, new_set)
from foreign import Quad, flush
from statexfrm import Xfrm


def told(monitor, timeout=1):
    """(event, spi) of what it prints about adopted SAs."""
    return [(e["event"], e["adopted"] and e["adopted"]["spi"])
            for e in monitor.lines(timeout)
            if e["event"].startswith("adopted")]


def test_come_and_go(bench):
    bench.fresh()
    m, text = Monitor("events"), Monitor("events", as_json=False)
    q = Quad(0)
    q.add()
    tap.equal(told(m), [("adopted-new", q.spis[n]) for n in "ABCD"],
              "adopted: an event for each SA that comes")
    q.delete("A", "C")
    tap.equal(told(m), [("adopted-del", q.spis[n]) for n in "AC"],
              "adopted: an event for each SA that is deleted")
    Xfrm("pcscf").expire([s for s in Xfrm("pcscf").states()
                          if s.spi == q.spis["D"]][0])
    tap.equal(told(m), [("adopted-del", q.spis["D"])],
              "adopted: ... or that expires")
    flush()
    tap.equal(told(m), [("adopted-lost", None)],
              "GM-10 adopted: a flush is told as one event: look again")
    shown = "\n".join(text.lines())
    tap.ok(re.search(r" adopted-new SA 10\.33\.0\.11:31000 > 10\.33\.0\.1:6101"
                     r" spi 0x00002000$", shown, re.M) and
           re.search(r" adopted-del SA 10\.33\.0\.1:6110 > 10\.33\.0\.11:31001"
                     r" spi 0x80002002$", shown, re.M) and
           re.search(r' adopted-lost look again with "gmguard show adopted"$',
                     shown, re.M), "adopted: ... as text too", shown)
    m.end()
    text.end()


def test_silence(bench):
    """Our own sets, and states that concern no protected port."""
    bench.fresh()
    m = Monitor("events")
    s = established(0)
    new_set(1)
    for _ in range(3):          # each takes the place of the one before
        new_set(2)
    gmguard("set", "del", str(s["id"]))
    gmguard("set", "del", "all")
    q = Quad(0, port_ps=7101, port_pc=7110)
    q.add()
    q.delete()
    tap.equal(told(m), [], "adopted: no event of our own SAs, nor of others")
    gmguard("endpoint", "del", "10.33.0.1")
    gmguard("endpoint", "del", "fd33::1")
    flush()
    Quad(1).add()
    tap.equal(told(m), [], "adopted: no event where nothing is guarded")
    m.end()


def test_inexact(bench):
    bench.fresh()
    text = Monitor("events", as_json=False)
    Quad(0, exact=False).add("A")
    shown = "\n".join(text.lines())
    tap.ok(re.search(r" adopted-new SA 10\.33\.0\.11 > 10\.33\.0\.1 "
                     r"spi 0x00002000 inexact: ports$", shown, re.M),
           "GM-03 adopted: the event says that a selector is not exact",
           shown)
    text.end()


def test_burst(bench):
    """More at once than the module keeps: told, or told to look again."""
    bench.fresh()
    m = Monitor("events")
    quads = [Quad(i, ue="10.33.1.%d" % (i % 200 + 1)) for i in range(300)]
    netns.ip("".join(q.lines(policies=False) for q in quads), "pcscf")
    got = told(m, 3)
    new = [spi for event, spi in got if event == "adopted-new"]
    lost = sum(event == "adopted-lost" for event, _ in got)
    tap.ok(len(new) == len(set(new)) and (len(new) == 1200 or lost),
           "adopted: 1200 SAs at once are told one by one, or as lost",
           "%d told, %d times lost" % (len(new), lost))
    tap.equal(sum(len(a["sa"]) for a in adopted()), 1200,
              "adopted: ... and looking again shows all of them")
    m.end()


def test_unload(bench):
    """The module goes while news of SAs wait, and leaves the SAs alone."""
    bench.fresh()
    m = Monitor("events")
    quads = [Quad(i, ue="10.33.1.%d" % (i % 200 + 1)) for i in range(100)]
    netns.ip("".join(q.lines(policies=False) for q in quads), "pcscf")
    subprocess.run(["rmmod", "gmguard"], check=True)
    subprocess.run(["insmod", MODULE], check=True)
    bench.g = in_pcscf(genl.Genl)
    m.lines()
    m.end()
    gmguard("endpoint", "new", *ENDPOINT)
    tap.equal(sum(a["complete"] for a in adopted()), 100,
              "GM-10 adopted: unloading leaves the SAs alone, loading finds "
              "them again")
    m = Monitor("events")
    quads[0].delete("A")
    tap.equal(told(m), [("adopted-del", quads[0].spis["A"])],
              "adopted: ... and tells of them")
    m.end()
