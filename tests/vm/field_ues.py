# SPDX-License-Identifier: GPL-2.0-or-later
"""Each UE of tests/corpus: registered, reached, registered again, gone."""
import os

import tap
from fieldue import FieldSim, FieldUE, Sample, names
from regbench import code, marks, registers

# In this order, see lib/pcscf.py.
PREFERRED = [(alg, ealg) for ealg in ("aes-cbc", "des-ede3-cbc", "null")
             for alg in ("hmac-sha-1-96", "hmac-md5-96")]


def new_ue(bench, sample):
    k, opc = os.urandom(16), os.urandom(16)
    bench.registrar.subscriber(sample.impi, [sample.impu, "tel:+4900"], k, opc)
    ue = FieldUE("ue1", sample, FieldSim(sample.impi, sample.impu, k, opc))
    bench.ues.append(ue)
    return ue


def first_bytes(ue):
    """What the UE sent at first."""
    return ue.entries(lambda e: e.direction == "out")[0].msg.build()


def check_set(bench, ue, name):
    """The kernel's set is the one that the UE offered."""
    ends = ue.sample.ends
    kernel = bench.set_of(ue.offered)
    tap.ok(kernel and kernel["phase"] == "established" and
           (kernel["spi-uc"], kernel["spi-us"], kernel["port-uc"],
            kernel["port-us"]) ==
           tuple(ends[n] for n in ("spi-c", "spi-s", "port-c", "port-s")),
           "GM-16 %s: established with its own SPIs and ports" % name, kernel)
    tap.equal((ue.offered.alg, ue.offered.ealg),
              next(p for p in PREFERRED if p in ue.sample.offers),
              "GM-17 %s: the first of our pairs that it offers" % name)


async def check_use(bench, ue, name):
    codes = [await bench.message(ue), await bench.message_to(ue)]
    tap.equal(codes, [200, 200], "GM-04 %s: MESSAGE in both directions" % name)


async def registered(bench, sample):
    """SM1 to SM12."""
    name, mark = sample.name, bench.registrar.mark()
    ue = new_ue(bench, sample)
    answer = await ue.sm1(sa=ue.first_set())
    tap.equal(first_bytes(ue), ue.text(sample.sm1).encode(),
              "GM-16 %s: SM1 is the sample, byte for byte" % name)
    if not tap.equal(code(answer), 401, "GM-16 %s: SM1 is challenged" % name):
        return None
    answer = await ue.sm7(ue.challenged(answer))
    if not tap.equal(code(answer), 200, "GM-16 %s: registered" % name):
        tap.note("drops: %s" % bench.drops())
        return None
    check_set(bench, ue, name)
    got = registers(bench, ue, mark)
    tap.equal(marks(got), ["no", "yes"],
              "GM-24 %s: integrity-protected: no, then yes" % name)
    tap.ok(not any(b"security-" in m.build().lower() or
                   b"sec-agree" in m.build().lower() for m in got),
           "GM-24 %s: nothing of the agreement reaches the core" % name,
           "\n".join(str(m.headers) for m in got))
    return ue


async def life(bench, sample):
    name = sample.name
    ue = await registered(bench, sample)
    if ue is None:
        return
    ue.leave_unprotected()
    await check_use(bench, ue, name)
    answer = await ue.register(protected=True)
    tap.equal([code(answer), bench.phases(ue, old=ue.old[0], new=ue.sa)],
              [200, {"old": "established", "new": "established"}],
              "GM-33 %s: registered again on the first set" % name)
    await check_use(bench, ue, name)
    tap.equal(code(await ue.deregister()), 200,
              "GM-35 %s: de-registered" % name)


def make_test(name):
    async def test(bench):
        await life(bench, Sample(name))

    test.__name__ = "test_" + name.replace("-", "_")
    test.__doc__ = "GM-16 %s registers" % name
    return test


for _name in names():
    globals()["test_" + _name.replace("-", "_")] = make_test(_name)
