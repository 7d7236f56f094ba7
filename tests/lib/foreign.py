# SPDX-License-Identifier: GPL-2.0-or-later
"""xfrm states and policies of another program on the P-CSCF, as Kamailio's
ims_ipsec_pcscf makes them: four states with exact selectors, infinite
lifetimes, reqid = SPI, and an out policy for each outbound one.

    q = Quad(ue="10.33.0.11", port_uc=31000, ...)
    q.add(); q.add("A", "B"); q.delete("C")
"""
import netns
from esp import Esp

ALGS = "auth-trunc hmac(sha1) 0x%s 96 enc ecb(cipher_null) \"\""
KEY = bytes(range(1, 21))
NAMES = ("A", "B", "C", "D")
PCSCF = "10.33.0.1"


class Quad:
    """reqid: of all four states, None: the SPI; exact: False leaves the ports
    out of the selectors; more: goes to every state."""

    def __init__(self, number=0, ue="10.33.0.11", local=PCSCF, reqid=None,
                 exact=True, more="", port_ps=6101, port_pc=6110):
        self.ue, self.local, self.reqid = ue, local, reqid
        self.exact, self.more = exact, more
        self.port_uc, self.port_us = 31000 + 2 * number, 31001 + 2 * number
        self.port_ps, self.port_pc = port_ps, port_pc
        first = 0x2000 + 4 * number
        self.spis = {"A": first, "B": first + 0x80000001,
                     "C": first + 0x80000002, "D": first + 3}

    def flow(self, name):
        """source address, port, destination address, port"""
        ue = (self.ue, self.port_uc if name in "AB" else self.port_us)
        local = (self.local, self.port_ps if name in "AB" else self.port_pc)
        return ue + local if name in "AD" else local + ue

    def esp(self, name):
        return Esp("hmac-sha-1-96", "null", KEY, b"", self.spis[name])

    def _id(self, name):
        src, _, dst, _ = self.flow(name)
        return "src %s dst %s proto esp spi 0x%x" % (src, dst,
                                                     self.spis[name])

    def selector(self, name):
        src, sport, dst, dport = self.flow(name)
        bits = 128 if ":" in src else 32
        ports = " sport %d dport %d" % (sport, dport) if self.exact else ""
        return "src %s/%d dst %s/%d%s" % (src, bits, dst, bits, ports)

    def state(self, name, more=""):
        """The line that makes one state."""
        return "xfrm state add %s reqid %d mode transport replay-window 32 " \
            "%s %s %s sel %s\n" % (
                self._id(name), self.reqid or self.spis[name], self.more, more,
                ALGS % KEY.hex(), self.selector(name))

    def policy(self, name, verb="add"):
        """The line that makes one out policy, of Kamailio's priority."""
        src, _, dst, _ = self.flow(name)
        line = "xfrm policy %s %s dir out" % (verb, self.selector(name))
        if verb == "add":
            line += " priority 2080 tmpl src %s dst %s proto esp reqid %d " \
                "mode transport" % (src, dst, self.reqid or self.spis[name])
        return line + "\n"

    def lines(self, *names, policies=True):
        names = names or NAMES
        return "".join(self.state(n) for n in names) + "".join(
            self.policy(n) for n in names if n in "BC" and policies)

    def add(self, *names, policies=True):
        netns.ip(self.lines(*names, policies=policies), "pcscf")

    def delete(self, *names):
        """Their states; policies stay."""
        netns.ip("".join("xfrm state delete %s\n" % self._id(n)
                         for n in names or NAMES), "pcscf")


def flush():
    netns.ip("xfrm state flush\nxfrm policy flush\n", "pcscf")
