# SPDX-License-Identifier: GPL-2.0-or-later
"""SM1 to SM12 over every transport, family and pair of algorithms, then a
MESSAGE in each direction and some calls."""
import tap
from esp import ESP
from pcscf import PORT_PS
from regbench import EVERY, entry_in, marks, over, registers
from sipmsg import digest_params, uri_of, uri_target
from ue import ALL_OFFERS


@over(EVERY)
async def test_every_pair(b, gm):
    """GM-04 GM-17 GM-20 a UE registers with every pair of algorithms"""
    for offer in ALL_OFFERS:
        await combination(b, gm, offer,
                          offer in (ALL_OFFERS[0], ALL_OFFERS[-1]))


async def combination(b, gm, offer, calls):
    label = "%s %s/%s" % ((gm,) + offer)
    start = b.access.mark()
    ue = b.ue(gm, [offer])
    if not await registration(b, ue, label):
        return
    tap.equal((ue.offered.alg, ue.offered.ealg), offer,
              "GM-17 %s: negotiated" % label)
    await traffic(b, ue, label, calls)
    tap.equal(b.clear(start), [],
              "GM-01 %s: nothing of a protected port in clear" % label)
    # earlier UEs may still acknowledge something
    seen = {p.spi for p in b.access.find(lambda p: p.protocol == ESP, start)
            if p.spi} - {spi for u in b.ues if u is not ue and u.offered
                         for spi in spis(u.offered)}
    a, b_, c, d = spis(ue.offered)
    tap.equal(seen, {a, c} if gm.transport == "udp" else {a, b_, c, d},
              "GM-04 %s: ESP on SAs %s" % (
                  label, "A and C" if gm.transport == "udp" else "A to D"))


def spis(sa):
    """Of SAs A to D."""
    return sa.spi_ps, sa.spi_uc, sa.spi_us, sa.spi_pc


async def registration(b, ue, label):
    """SM1 to SM12, looked at from all sides. Returns True if registered."""
    start, r_start = b.access.mark(), b.registrar.mark()
    u_start = ue.mark()
    answer = await ue.sm1()
    if not tap.ok(answer is not None and answer.code == 401,
                  "GM-20 %s: SM1 is challenged" % label, answer):
        return False
    offered = b.sets()
    auth = ue.challenged(answer)
    sa = ue.offered
    made = [s for s in offered if s["spi-ps"] == sa.spi_ps]
    tap.ok(len(made) == 1 and made[0]["phase"] == "temporary" and
           made[0]["spi-pc"] == sa.spi_pc and
           made[0]["port-pc"] == sa.port_pc and
           made[0]["port-ps"] == sa.port_ps,
           "GM-20 %s: the SPIs in the 401 are those of a set in the kernel"
           % label, made)
    tap.ok({"ck", "ik"}.isdisjoint(
        digest_params(answer.get("WWW-Authenticate"))) and
           not b.keys_seen(start),
           "GM-21 %s: no ck and ik in the 401" % label, answer.build())
    answer = await ue.sm7(auth)
    if not tap.ok(answer is not None and answer.code == 200,
                  "GM-04 %s: SM7 inside ESP is answered with 200" % label,
                  "%s\n%s" % (answer, b.drops())):
        return False
    kernel = b.set_of(sa)
    tap.ok(kernel and kernel["phase"] == "established" and
           (kernel["port-uc"], kernel["port-us"], kernel["port-pc"],
            kernel["port-ps"], kernel["impi"]) ==
           (sa.port_uc, sa.port_us, sa.port_pc, sa.port_ps, ue.sim.impi),
           "GM-04 %s: the set is established with these SPIs and ports"
           % label, kernel)
    check_core_side(b, ue, label, r_start)
    check_ports(ue, label, u_start)
    return True


def check_core_side(b, ue, label, start):
    """What the registrar got."""
    seen = registers(b, ue, start)
    tap.equal(marks(seen), ["no", "yes"],
              "GM-24 %s: integrity-protected is no for SM1, yes for SM7"
              % label)
    tap.ok(all(not m.all("Security-Client") and not m.all("Security-Verify")
               and b"sec-agree" not in m.build().lower() for m in seen),
           "GM-24 %s: no Security-* and sec-agree towards the core" % label,
           "\n".join(str(m.headers) for m in seen))
    paths = [m.values("Path") for m in seen]
    tap.ok(all(len(p) == 1 and uri_target(uri_of(p[0]))[1] == PORT_PS
               for p in paths), "GM-24 %s: Path with port_ps" % label, paths)


def check_ports(ue, label, start, what="200 to SM7"):
    """Where the UE got protected messages from (GM-05)."""
    sa = ue.sa
    got = [e.flow for e in entry_in(ue, start, lambda m: True)
           if e.flow.local[1] in (sa.port_uc, sa.port_us)]
    if ue.transport == "udp":
        good = all((f.local[1], f.remote[1]) == (sa.port_us, sa.port_pc)
                   for f in got)
        want = "from port_pc to port_us"
    else:
        good = all((f.local[1], f.remote[1]) in
                   ((sa.port_uc, sa.port_ps), (sa.port_us, sa.port_pc))
                   for f in got)
        want = "on connections between client and server ports"
    tap.ok(got and good, "GM-05 %s: %s %s" % (label, what, want),
           "\n".join(map(str, got)))


async def traffic(b, ue, label, calls):
    start = ue.mark()
    answer = await ue.request("MESSAGE")
    tap.ok(answer is not None and answer.code == 200,
           "GM-04 %s: MESSAGE to the core" % label, b.drops())
    answer = await b.registrar.send_to(ue.sim.impi)
    tap.ok(answer is not None and answer.code == 200,
           "GM-04 %s: MESSAGE to the UE" % label, b.drops())
    if calls:
        answers = await ue.call()
        tap.ok(all(a is not None and a.code == 200 for a in answers),
               "GM-05 %s: call of the UE: INVITE, ACK, BYE" % label, answers)
        answers = await b.registrar.call(ue.sim.impi)
        tap.ok(all(a is not None and a.code == 200 for a in answers) and
               await ue.wait_request("ACK", start),
               "GM-05 %s: call to the UE: INVITE, ACK, BYE" % label, answers)
    check_ports(ue, label, start, "requests and answers arrive")
