# SPDX-License-Identifier: GPL-2.0-or-later
"""Between security domains: inside the tunnel of the IKE daemon only (Za)."""
import contextlib

import netns
import rulenet
import tap
from core_esp import KEYS
from esp import UDP
from rulenet import addr, load, rule

NETS = (("10.44.0.0/24", "10.60.9.0/24"), ("fd44::/64", "fd60:9::/64"))
INSIDE = ("10.60.9.1", "fd60:9::1")
DOMAIN = ("10.60.9.0/24", "fd60:9::/64")


def _half(here, there, mine, theirs, swap, reqid, fwd):
    """One SEG's states and policies, as an IKE daemon makes them."""
    spis = (0x2001, 0x2002) if not swap else (0x2002, 0x2001)
    yield "xfrm state add src %s dst %s proto esp spi 0x%x mode tunnel " \
        "reqid %d replay-window 64 %s" % (here, there, spis[0], reqid, KEYS)
    yield "xfrm state add src %s dst %s proto esp spi 0x%x mode tunnel " \
        "reqid %d replay-window 64 %s" % (there, here, spis[1], reqid, KEYS)
    tmpl = "tmpl src %s dst %s proto esp reqid %d mode tunnel"
    yield "xfrm policy add src %s dst %s dir out " % (mine, theirs) + \
        tmpl % (here, there, reqid)
    yield "xfrm policy add src %s dst %s dir %s " % (theirs, mine, fwd) + \
        tmpl % (there, here, reqid)


@contextlib.contextmanager
def tunnel(version, reqid=88):
    """Between router and foreign, for the core and foreign's inside."""
    seg = (("10.60.0.254", "10.60.0.2"), ("fd60::fe", "fd60::2"))[version == 6]
    core, inside = NETS[version == 6]
    netns.ip("\n".join(_half(*seg, core, inside, False, reqid,
                             "fwd")) + "\n", "router")
    netns.ip("\n".join(_half(*seg[::-1], inside, core, True, reqid,
                             "in")) + "\n", "foreign")
    try:
        yield
    finally:
        for name in ("router", "foreign"):
            netns.ip("xfrm policy flush\nxfrm state flush\n", name)


@contextlib.contextmanager
def inside():
    """Addresses behind the other SEG."""
    netns.ip("link add in0 type dummy\nlink set in0 up\n"
             "addr add %s/24 dev in0\naddr add %s/64 dev in0 nodad\n" % INSIDE,
             "foreign")
    netns.ip("route add 10.60.9.0/24 via 10.60.0.2\n"
             "route add fd60:9::/64 via fd60::2\n", "router")
    try:
        yield
    finally:
        netns.ip("link del in0\n", "foreign")


class Way(rulenet.Line):
    """UDP between the S-CSCF and the inside of the other domain."""

    def __init__(self, s, version):
        super().__init__(s, {"scscf": addr("scscf", version),
                             "foreign": INSIDE[version == 6]})

    def both(self):
        return self.go("foreign", "scscf"), self.go("scscf", "foreign")


def test_za(s):
    """In clear, through the tunnel, through another."""
    shut = ("domain-esp", "domain-out-esp")
    with inside():
        for version in (4, 6):
            way = Way(s, version)
            load(s.g, {})
            tap.equal(way.both(), ("in", "in"),
                      "Za v%d: without a ruleset all is forwarded" % version)
            load(s.g, {}, [rule("domain", "abroad", DOMAIN, esp=True)])
            tap.equal(way.both(), shut, "Za v%d: in clear nothing passes "
                      "between security domains" % version)
            with tunnel(version):
                tap.equal(way.both(), ("in", "in"),
                          "Za v%d: through the tunnel it does" % version)
                load(s.g, {}, [rule("domain", "abroad", DOMAIN, esp=True,
                                    reqid=88)])
                tap.equal(way.both(), ("in", "in"), "Za v%d: ... through the "
                          "one that is asked for by reqid" % version)
                load(s.g, {}, [rule("domain", "abroad", DOMAIN, esp=True,
                                    reqid=89)])
                tap.equal(way.both(), shut, "Za v%d: through another nothing "
                          "does" % version)
            load(s.g, {}, [rule("domain", "abroad", DOMAIN, esp=True)])
            tap.equal(way.both(), shut, "Za v%d: nor when the tunnel is gone"
                      % version)
            way.close()


def test_rest(s):
    """What is not between domains is left alone."""
    load(s.g, {}, [rule("domain", "abroad", DOMAIN, esp=True)])
    ear = rulenet.Ear("scscf", "core0")
    for version in (4, 6):
        s.expect("in", "Za v%d: from elsewhere" % version, "ue1",
                 addr("ue1", version), addr("scscf", version), UDP, 5060, ear)
    ear.close()
