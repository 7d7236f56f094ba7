# SPDX-License-Identifier: GPL-2.0-or-later
"""Peers that must use ESP (NDS/IP, Zb): the SAs are made with ip(8) as an IKE
daemon makes them, and carry the kernel's own packets."""
import contextlib

import attackpkt
import esp
import netns
import rulenet
import tap
from core_peers import NODE
from esp import TCP, UDP
from rulenet import addr, load, of, rule

KEYS = "auth-trunc hmac(sha256) 0x%s 128 enc cbc(aes) 0x%s" % (
    "5a" * 32, "c3" * 16)
# Marked, or of an interface: xfrm(8) has them on the state.
EXTRA = {"reqid": "", "mark": " mark 0x2a mask 0xff", "if-id": " if_id 0x63"}


def _lines(verb, ends, mode, reqid, extra="", inner=None):
    """ip(8) lines of one end: two states, two policies. ends: (here, there)
    of the SA; inner: of the policy, else the same."""
    here, there = ends
    inner = inner or ends
    bits = 128 if ":" in here else 32
    for src, dst, way, spi in ((here, there, "out", 0x1001),
                               (there, here, "in", 0x1002)):
        if here > there:
            spi ^= 3
        ident = "src %s dst %s proto esp spi 0x%x" % (src, dst, spi)
        sel = "src %s/%d dst %s/%d" % (
            inner[src == there], bits, inner[dst == there], bits)
        if verb == "del":
            yield "xfrm policy del %s dir %s%s" % (sel, way, extra)
            yield "xfrm state del %s%s" % (ident, extra.partition(" if_id")[0])
            continue
        yield "xfrm state add %s mode %s reqid %d replay-window 64 %s%s" % (
            ident, mode, reqid, KEYS, extra)
        yield "xfrm policy add %s dir %s%s tmpl src %s dst %s proto esp " \
            "reqid %d mode %s" % (sel, way, extra, src, dst, reqid, mode)


@contextlib.contextmanager
def sas(version, mode="transport", reqid=77, extra=""):
    """An SA pair between P-CSCF and S-CSCF; extra: for the S-CSCF's half."""
    me, peer = addr("scscf", version), addr("pcscf", version)
    halves = (("scscf", (me, peer), extra), ("pcscf", (peer, me), ""))
    for name, ends, more in halves:
        netns.ip("\n".join(_lines("add", ends, mode, reqid, more)) + "\n",
                 name)
    try:
        yield
    finally:
        for name, _, _ in halves:
            netns.ip("xfrm policy flush\nxfrm state flush\n", name)


class Talk(rulenet.Line):
    """SIP between P-CSCF and S-CSCF."""

    def __init__(self, s, version):
        super().__init__(s, {name: addr(name, version)
                             for name in ("scscf", "pcscf")})

    def comes(self):
        """What becomes of SIP from the P-CSCF."""
        return self.go("pcscf", "scscf")

    def leaves(self):
        """What becomes of SIP to the P-CSCF."""
        return self.go("scscf", "pcscf")


@contextlib.contextmanager
def talk(s, version):
    """Talk, and its sockets closed behind it."""
    one = Talk(s, version)
    try:
        yield one
    finally:
        one.close()


def peer_rule(**over):
    return rule("peer", "pcscf", rulenet.ADDRS["pcscf"], **over)


def test_required(s):
    """NW-03, Zb: both modes, each way, and in clear."""
    load(s.g, NODE, [peer_rule(esp=True)])
    for version in (4, 6):
        with talk(s, version) as t:
            tap.equal((t.comes(), t.leaves()), ("peer-esp", "peer-out-esp"),
                      "NW-03 Zb udp%d: SIP in clear of a peer that must use "
                      "ESP is dropped, both ways" % version)
            for mode in ("transport", "tunnel"):
                with sas(version, mode):
                    tap.equal((t.comes(), t.leaves()), ("in", "in"),
                              "NW-03 Zb udp%d: through ESP in %s mode it gets "
                              "through, both ways" % (version, mode))
            tap.equal((t.comes(), t.leaves()), ("peer-esp", "peer-out-esp"),
                      "NW-03 Zb udp%d: and is dropped again when the SAs are "
                      "gone" % version)


def test_which(s):
    """The policy's reqid, mark or if_id, and no other."""
    for name, value, other in (("reqid", 77, 78), ("mark", 0x2a, 0x2b),
                               ("if-id", 0x63, 0x64)):
        mask = {"mark-mask": 0xff} if name == "mark" else {}
        for want, verdict in ((value, "in"), (other, "peer-esp")):
            load(s.g, NODE, [peer_rule(esp=True, **{name: want}, **mask)])
            with talk(s, 4) as t, sas(4, extra=EXTRA[name]), \
                    steered("scscf", name):
                tap.equal(t.comes(), verdict, "NW-03 Zb: ESP whose %s is "
                          "0x%x, 0x%x is asked for: %s"
                          % (name, value, want, verdict))
    load(s.g, NODE, [peer_rule(esp=True, reqid=78)])
    with talk(s, 4) as t, sas(4):
        tap.equal(t.leaves(), "peer-out-esp",
                  "NW-03 Zb: nothing leaves through an SA of another policy")


@contextlib.contextmanager
def steered(namespace, name):
    """ESP that comes in gets the mark, or the interface, of its state."""
    if name == "reqid":
        yield
        return
    if name == "mark":
        netns.run(namespace, ["nft", "-f", "-"], input="""
            table inet steer {
                chain in {
                    type filter hook prerouting priority -300;
                    meta l4proto esp meta mark set 0x2a
                }
            }""")
    else:
        netns.ip("link add xfrm63 type xfrm dev core0 if_id 0x63\n"
                 "link set xfrm63 up\n", namespace)
    try:
        yield
    finally:
        if name == "mark":
            netns.run(namespace, ["nft", "delete", "table", "inet", "steer"])
        else:
            netns.ip("link del xfrm63\n", namespace)


def test_others(s):
    """An SA of one peer is no licence for another's address."""
    load(s.g, NODE, [peer_rule(esp=True, reqid=77),
                     rule("peer", "icscf", ("10.44.0.3", "fd44::3"), esp=True,
                          reqid=79)])
    netns.ip("addr add 10.44.0.3/24 dev core0\n", "pcscf")
    ear = rulenet.Ear("scscf", protocols=(UDP, TCP))
    try:
        with sas(4):
            s.expect("peer-esp", "NW-03 Zb: another peer's address in clear is "
                     "dropped", "pcscf", "10.44.0.3", addr("scscf"), UDP, 5060,
                     ear)
            s.expect("peer-esp", "NW-03 Zb: so is the peer's own, although "
                     "its SA is there", "pcscf", addr("pcscf"), addr("scscf"),
                     UDP, 5060, ear)
    finally:
        netns.ip("addr del 10.44.0.3/24 dev core0\n", "pcscf")
        ear.close()


def test_icmp(s):
    """AT-32 for Zb: errors about what travels inside ESP."""
    load(s.g, NODE, [peer_rule(esp=True)])
    for version in (4, 6):
        me, peer = addr("scscf", version), addr("pcscf", version)
        ear = rulenet.Ear("scscf")
        router = of(("10.44.0.254", "fd44::fe"), version)
        for quoted_to, want in ((peer, "peer-esp"),
                                (of(("10.44.0.50", "fd44::50"), version),
                                 "in")):
            mark = rulenet.token()
            quoted = esp.ip(me, quoted_to, UDP, esp.udp(
                me, quoted_to, 5060, 5060, mark))
            packet = attackpkt.icmp_error(router, me, "port unreachable",
                                          quoted)
            tap.equal(s.outcome(
                lambda p=packet: s.inject("pcscf").send(p),
                lambda m=mark: ear.heard(m)), want,
                "NW-03 Zb v%d: an ICMP error in clear about SIP to %s: %s"
                % (version, quoted_to, want))
        ear.close()
