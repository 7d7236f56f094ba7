# SPDX-License-Identifier: GPL-2.0-or-later
"""Random packets, in clear and on SAs, against an oracle that knows the rules
of TS 33.203 7.1 and nothing of the module: each is delivered, or dropped for
the reason that the oracle names."""
import os
import random

import esp
import state
import tap
from clearscene import Clear
from esp import UDP
from phone import request, response
from state import PORT, PORT_PC, PORT_PS

SCTP, UDPLITE = 132, 136
OTHER_PORT = 7000
# at least, and until every verdict was among them
PACKETS, MOST = 100, 5000
VERDICTS = {None, "", "in-transport", "in-tuple", "in-plaintext",
            "in-unprotected"}
# what, whether it may come in clear
PAYLOADS = [(b"REGISTER", True), (b"INVITE", False), (b"404", True),
            (b"200", False), (b"junk", False)]


def payload(kind):
    """A text of its own each time."""
    if kind in (b"404", b"200"):
        return response(int(kind), "OPTIONS")
    if kind == b"junk":
        return b"junk " + os.urandom(8).hex().encode()
    return request(kind.decode())


class RandomPacket:
    """One packet, and what has to become of it."""

    def __init__(self, rng, gm, sets):
        self.s = rng.choice(sets)
        self.name = rng.choice(("A", "D", None, None))
        other = rng.choice(sets)
        own = self.s.flow(self.name or "A")
        self.flow = [
            rng.choice((own[0], own[0], own[0], other.ue, gm.stranger())),
            rng.choice((own[1], own[1], own[1], own[1] ^ 1, 5060)),
            gm.local,
            rng.choice((own[3], own[3], own[3], PORT_PS, PORT_PC[0], PORT,
                        OTHER_PORT))]
        self.protocol = rng.choice((UDP, UDP, UDP, UDP, SCTP, UDPLITE))
        kind, self.in_clear = rng.choice(PAYLOADS)
        self.data = payload(kind)
        self.own = list(own)

    def build(self):
        src, sport, dst, dport = self.flow
        inner = esp.udp(src, dst, sport, dport, self.data)
        if not self.name:
            return esp.ip(src, dst, self.protocol, inner)
        return esp.ip(src, dst, esp.ESP,
                      self.s.esp(self.name).seal(inner, self.protocol))

    def expect(self):
        """The reason of its drop; None if it is delivered, "" if it is
        nobody's business."""
        if self.name:
            if self.protocol != UDP:
                return "in-transport"
            return None if self.flow == self.own else "in-tuple"
        dport = self.flow[3]
        if dport == PORT_PS or dport in PORT_PC:
            return "in-plaintext"
        if dport != PORT:
            return ""
        if self.protocol != UDP:
            return "in-transport"
        return None if self.in_clear else "in-unprotected"

    def __str__(self):
        return "%s, protocol %d, %s" % (
            "SA %s of %d" % (self.name, self.s.id) if self.name else "clear",
            self.protocol, self.flow)


def test_oracle(b):
    seed = int(os.environ.get("GMG_SEED") or random.randrange(1 << 32))
    tap.note("GMG_SEED=%d" % seed)
    for version in (4, 6):
        rng = random.Random(seed + version)
        wrong, seen = [], set()
        with Clear(b, version) as gm:
            sets = [gm.registered() for _ in range(3)]
            number = 0
            while number < PACKETS or (seen != VERDICTS and number < MOST):
                number += 1
                packet = RandomPacket(rng, gm, sets)
                gm.poll()
                gm.heard = []
                before = state.drops(gm.g)
                gm.inj.send(packet.build())
                gm.settled()
                counted = [r for r, n in state.drops(gm.g).items()
                           if n != before.get(r, 0)]
                heard = packet.data in [h[1] for h in gm.heard]
                want = packet.expect()
                seen.add(want)
                if heard != (want is None) or \
                        counted != ([want] if want else []):
                    wrong.append("%s: want %r, counted %r, heard %s"
                                 % (packet, want, counted, heard))
        tap.ok(not wrong, "GM-01 GM-02 GM-03 GM-14 AT-05 AT-06 AT-07 AT-20 "
               "ipv%d: %d random packets: each has the verdict that the "
               "oracle has" % (version, number), "\n".join(wrong[:20]))
        tap.equal(seen, VERDICTS, "ipv%d: and every verdict was among them"
                  % version)
