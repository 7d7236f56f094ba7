# SPDX-License-Identifier: GPL-2.0-or-later
"""Floods on the unprotected port: limited for each source and for all, while
registered UEs lose nothing (AT-24)."""
import time

import esp
import state
import tap
from clearscene import Clear, ClearConnection, Flow
from esp import SYN, UDP
from phone import request
from state import PORT


class Flood:
    """Sends, and says how many came in and how many were limited."""

    def __init__(self, gm):
        self.gm, self.heard = gm, 0
        self.before, = gm.counted("in-rate")
        self.begin = time.monotonic()
        gm.poll()
        gm.heard = []

    def result(self):
        self.gm.settled()
        took = time.monotonic() - self.begin
        came = sum(h[1].startswith(b"REGISTER") for h in self.gm.heard)
        return came, self.gm.counted("in-rate")[0] - self.before, took


def test_one_source(b):
    for version in (4, 6):
        limits = {"unprotected-rate": 5, "unprotected-burst": 10}
        with Clear(b, version, limits) as gm:
            src, flood = gm.stranger(), Flood(gm)
            for _ in range(200):
                gm.datagram(request("REGISTER"), src)
            came, limited, took = flood.result()
            tap.ok(10 <= came <= 11 + 5 * took and came + limited == 200,
                   "AT-24 GM-02 udp%d: 200 REGISTERs of one source: its burst "
                   "and its rate come in, the rest is in-rate" % version,
                   "%d came, %d limited in %.1f s" % (came, limited, took))
            # not even of the same /64
            other = gm.stranger() if version == 4 else "fd33:0:2::1"
            tap.ok(gm.hears_clear(request("REGISTER"), other), "AT-24 GM-02 udp%d: "
                   "another source is served meanwhile" % version)
            tap.ok(state.wait(lambda: gm.hears_clear(
                request("REGISTER"), src)), "AT-24 GM-02 udp%d: and that one "
                "again, a little later" % version)


def test_prefix(b):
    """A UE has a /64 of its own."""
    with Clear(b, 6, {"unprotected-rate": 1, "unprotected-burst": 5}) as gm:
        flood = Flood(gm)
        for number in range(50):
            gm.datagram(request("REGISTER"), "fd33:0:0:7::%x" % number)
        came, limited, took = flood.result()
        tap.ok(5 <= came <= 6 + took and came + limited == 50,
               "AT-24 GM-02 udp6: 50 addresses of one /64 are one source",
               "%d came, %d limited" % (came, limited))
        flood = Flood(gm)
        for number in range(50):
            gm.datagram(request("REGISTER"), "fd33:0:1:%x::1" % number)
        tap.equal(flood.result()[:2], (50, 0),
                  "AT-24 GM-02 udp6: 50 prefixes are 50 sources")


def test_all_sources(b):
    """Spoofed sources: all together have a limit, and SAs are not in it."""
    for version in (4, 6):
        limits = {"unprotected-rate": 20, "unprotected-total": 40}
        with Clear(b, version, limits) as gm:
            s, flood = gm.registered(), Flood(gm)
            lost = 0
            for number in range(1000):
                src = "10.%d.%d.7" % (50 + number // 250, number % 250) \
                    if version == 4 else "fd44:%x::1" % number
                gm.inj.send(esp.ip(src, gm.local, UDP, esp.udp(
                    src, gm.local, 5060, PORT, request("REGISTER"))))
                if number % 50 == 0:
                    mark = request("MESSAGE")
                    gm.inject(s, "A", mark)
                    lost += not gm.hears(mark)
            came, limited, took = flood.result()
            tap.ok(11 <= came <= 12 + 40 * took and came + limited == 1000,
                   "AT-24 GM-02 udp%d: 1,000 sources: what all may send comes "
                   "in, the rest is in-rate" % version,
                   "%d came, %d limited in %.1f s" % (came, limited, took))
            tap.equal(lost, 0, "AT-24 GM-02 udp%d: a registered UE loses "
                      "nothing meanwhile" % version)


def test_connections(b):
    for version in (4, 6):
        limits = {"unprotected-rate": 1, "unprotected-burst": 3}
        with Clear(b, version, limits) as gm:
            src, opened = gm.stranger(), 0
            before, = gm.counted("in-rate")
            begin = time.monotonic()
            for _ in range(30):
                link = ClearConnection(Flow(gm, src))
                link.send(flags=SYN)
                gm.settled()
                opened += link.receive(lambda g: g.flags & SYN, 0.01) \
                    is not None
                link.close()
            took = time.monotonic() - begin
            limited = gm.counted("in-rate")[0] - before
            tap.ok(3 <= opened <= 4 + took and opened + limited == 30,
                   "AT-24 GM-02 tcp%d: 30 SYNs of one source: its burst is "
                   "answered, the rest is in-rate" % version,
                   "%d opened, %d limited in %.1f s" % (opened, limited, took))
