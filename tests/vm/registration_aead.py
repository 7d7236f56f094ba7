# SPDX-License-Identifier: GPL-2.0-or-later
"""AES-GCM and AES-GMAC from the offer to the last packet: only where the
configuration names them, with the keys and salts of TS 33.203 Annex I, and
with IVs of ours that never repeat."""
import contextlib
import struct

import tap
from esp import ESP
from regbench import BOTH, EVERY, code, over
from registration_setup import combination
from ue import AEAD_OFFERS, ALL_OFFERS

ON = {"algorithms": "aes-gmac, hmac-sha-1-96",
      "encryption_algorithms": "aes-gcm, aes-cbc"}
# What breaks GM-18, beside one that is good.
MISFITS = [("null", "null"), ("null", "aes-cbc"), ("aes-gmac", "aes-cbc"),
           ("hmac-sha-1-96", "aes-gcm"), ("aes-gmac", "aes-gcm")]
GOOD = ("hmac-sha-1-96", "aes-cbc")


@contextlib.contextmanager
def switched_on(b):
    before = {name: b.pcscf.settings[name] for name in ON}
    b.restart_agent(**ON)
    try:
        yield
    finally:
        b.restart_agent(**before)


def ivs(b, sa):
    """{SA: IVs} of the packets of a set's SAs B and C."""
    found = {sa.spi_uc: [], sa.spi_us: []}
    for p in b.access.find(lambda p: p.protocol == ESP and p.spi in found):
        found[p.spi] += struct.unpack("!Q", p.payload[8:16])
    return {"B": found[sa.spi_uc], "C": found[sa.spi_us]}


def check_ivs(b, sets, label):
    seen = [ivs(b, sa) for sa in sets]
    wrong = ["SA %s: %x" % (name, iv) for one in seen for name in "BC"
             for iv in one[name] if iv >> 62 != {"B": 2, "C": 3}[name]]
    every = [iv for one in seen for name in "BC" for iv in one[name]]
    tap.ok(every and not wrong and len(set(every)) == len(every),
           "GM-27 %s: %d packets of SAs B and C, bits 63 and 62 are as they "
           "should, no IV comes twice" % (label, len(every)),
           "\n".join(wrong))


@over(EVERY)
async def test_every_pair(b, gm):
    """GM-18 GM-26 a UE registers with aes-gcm, another one with aes-gmac"""
    with switched_on(b):
        for offer in AEAD_OFFERS:
            await combination(b, gm, offer, True)
            check_ivs(b, [b.ues[-1].sa], "%s %s/%s" % ((gm,) + offer))


@over(BOTH)
async def test_again(b, gm):
    """GM-27 each authentication has a key of its own"""
    with switched_on(b):
        for offer in AEAD_OFFERS:
            label = "%s %s/%s" % ((gm,) + offer)
            ue = b.ue(gm, [offer])
            await ue.register()
            codes = [await b.message(ue), await b.message_to(ue)]
            await ue.register(protected=True)
            codes += [await b.message(ue), await b.message_to(ue)]
            old, new = ue.old[0], ue.sa
            tap.ok(codes == [200] * 4 and
                   (old.ik, old.ck) != (new.ik, new.ck),
                   "GM-29 %s: registered again on the first set, with another "
                   "key" % label, codes)
            check_ivs(b, [old, new], label)


@over(BOTH)
async def test_off(b, gm):
    """GM-27 nobody gets them unless the configuration names them"""
    for offer in AEAD_OFFERS:
        answer = await b.ue(gm, [offer]).sm1()
        tap.ok(code(answer) in (421, 494), "GM-18 GM-27 %s %s/%s alone, not "
               "configured: refused" % ((gm,) + offer), answer)
    ue = b.ue(gm, AEAD_OFFERS + ALL_OFFERS)
    await ue.register()
    tap.equal(((ue.sa.alg, ue.sa.ealg), "aes-g" in ue.sa.server_value),
              (GOOD, False), "GM-18 GM-27 %s: offered beside others, not "
              "configured: not taken, not offered in turn" % gm)


@over(BOTH)
async def test_misfits(b, gm):
    """GM-18 pairs that do not go together are passed over"""
    with switched_on(b):
        ue = b.ue(gm, MISFITS + [GOOD])
        await ue.register()
        tap.equal((ue.sa.alg, ue.sa.ealg), GOOD, "GM-18 %s: null without "
                  "aes-gcm, aes-gmac with a cipher, aes-gcm with an integrity "
                  "algorithm: passed over" % gm)
        answer = await b.ue(gm, MISFITS).sm1()
        tap.ok(code(answer) in (421, 494), "GM-18 %s: nothing but these: "
               "refused" % gm, answer)
