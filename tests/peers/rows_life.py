# SPDX-License-Identifier: GPL-2.0-or-later
"""The rows of the attack matrix about the life of SAs."""
import asyncio
import struct

import netns
from bench import PORT, TIMEOUT, addr, new_call_id, sip
from esp import ACK, ESP, PSH, TCP, UDP, EspError, ip, tcp, udp
from sipmsg import host_port
from trial import Trial, message, row, spis_in_kernel, talks


@row("AT-30")
async def deregistration(bench, report):
    """The proxy deletes the SAs before it sends the 200."""
    bench.core.reauthenticate = False
    for transport in ("udp", "tcp"):
        for version in (4, 6):
            label = "%s%d" % (transport, version)
            ue = bench.ue("leaver" if transport == "udp" else "leaver-tcp",
                          version, transport)
            await ue.register(expires=7200, timeout=TIMEOUT)
            start, mark = bench.wire.mark(), bench.core.mark()
            before = bench.counters()
            task = ue.spawn(ue.deregister(timeout=TIMEOUT))
            await bench.core.wait(
                lambda e: e.direction == "out" and e.msg.code == 200, mark)
            await bench.settle()
            clear = [f for f in bench.clear(start)
                     if f.payload or transport == "udp"]
            task.cancel()
            left = {d[2] for d in ue.sa.directions().values()} & \
                spis_in_kernel()
            report.sent("AT-30", label, "200 OK to a de-registration", clear,
                        before, more="SAs " + (
                            "still there" if left else "deleted"))
            ue.close()
            bench.ues.remove(ue)
    bench.core.reauthenticate = True


def sequence(bench, ue, start):
    """Next sequence numbers (UE's, P-CSCF's) on the connection of SA A, from
    the ESP on the wire and the keys."""
    ends = {}
    for name in "AB":
        esp = ue.sa.esp(name)
        for frame in bench.wire.poll()[start:]:
            if frame.protocol != ESP or frame.spi != esp.spi:
                continue
            try:
                segment, protocol, _ = esp.open(frame.payload)
            except EspError:
                continue
            if protocol != TCP:
                continue
            seq, head, flags = struct.unpack("!4xI4xBB", segment[:14])
            ends[name] = (seq + len(segment) - 4 * (head >> 4) +
                          bool(flags & 3)) & 0xffffffff
    return ends["A"], ends["B"]


@row("AT-26")
async def live_connection(bench, report):
    """The proxy deletes the SAs, because the UE de-registers, while a
    connection lives and a request on it is open."""
    bench.core.reauthenticate = False
    for version in (4, 6):
        ue = bench.named["tcp", version]
        start = bench.wire.mark()
        flow = await ue.flow(ue.sa)
        msg = ue.new_request("MESSAGE", "sip:bob@home.example", flow, ue.sa)
        call_id = msg.get("Call-ID")
        bench.core.waiting[call_id] = None
        ue.send(msg, flow)
        await bench.wait_seen(call_id)
        await bench.wait(lambda: bench.core.waiting[call_id])
        # over UDP on the same SA: the connection stays as it is
        ue.use_udp()
        task = ue.spawn(ue.deregister(timeout=TIMEOUT))
        spis = {d[2] for d in ue.sa.directions().values()}
        await bench.wait(lambda: not spis & spis_in_kernel())
        await bench.settle()
        seq, ack = sequence(bench, ue, start)
        leak, before = bench.wire.mark(), bench.counters()
        bench.core.let_go(call_id)
        await bench.settle()
        clear = [f for f in bench.clear(leak) if f.protocol == TCP]
        report.sent("AT-26", "tcp%d-out" % version, "TCP connection alive "
                    "while its SA is deleted: answer to an open request",
                    clear, before)
        trial = Trial(bench, version, ue.sa.port_ps)
        data = message(trial, ue.addr, ue.port_us, impu=ue.sim.impu,
                       transport="TCP")
        trial.begin()
        bench.inject["attacker"].send(ip(ue.addr, trial.dst, TCP, tcp(
            ue.addr, trial.dst, ue.sa.port_uc, ue.sa.port_ps, PSH | ACK, seq,
            ack, data)))
        await trial.end()
        if not trial.seen and not bench.guard:
            trial.seen = await bench.wait_seen(trial.call_id, 10)
        report.row("AT-26", "tcp%d-in" % version, "TCP connection alive while "
                   "its SA is deleted: plaintext segment on it",
                   trial.verdict, trial.detail)
        task.cancel()
    bench.core.reauthenticate = True


@row("AT-29")
async def unprotected_register(bench, report):
    """REGISTER with a registered IMPI on the unprotected port, its 401, then
    nothing, until the proxy has forgotten it."""
    for version in (4, 6):
        for host, text, want in (
                ("attacker", "another address", "unchanged"),
                # the proxy itself deletes SAs: gmguard does not own them
                ("victim", "the UE's address", None)):
            ue = bench.ue("victim", version) if host == "victim" else \
                bench.named["ue1", version]
            if host == "victim":
                await ue.register(expires=7200, timeout=TIMEOUT)
            src = addr(host, version)
            detail = await abandoned(bench, ue, src)
            mine = {d[2] for d in ue.sa.directions().values()}
            lost = len(mine - spis_in_kernel())
            works = await talks(bench, ue)
            report.row("AT-29", "udp%d" % version, "unprotected REGISTER with "
                       "a registered IMPI from %s, 401, silence" % text,
                       "registration lost" if lost or not works else
                       "unchanged",
                       "%s; %d of the UE's 4 SAs gone; its MESSAGE %s" % (
                           detail, lost, "works" if works else "fails"), want)


async def abandoned(bench, ue, src):
    """Sends that REGISTER; returns what became of the SAs made for it."""
    old = spis_in_kernel()
    dst = addr("pcscf", bench.version_of(src))
    cred = ('Digest username="%s", realm="%s", uri="sip:%s", nonce="", '
            'response=""' % (ue.sim.impi, ue.sim.realm, ue.sim.realm))
    offer = ("ipsec-3gpp;prot=esp;mod=trans;spi-c=4660;spi-s=4661;port-c=%d;"
             "port-s=%d;alg=hmac-sha-1-96;ealg=aes-cbc" % (
                 ue.sa.port_uc, ue.sa.port_us))
    contact = "<sip:x@%s>;expires=600" % host_port(src, PORT)
    data = sip("REGISTER", src, PORT, new_call_id(), ue.sim.impu, [
        ("Contact", contact), ("Authorization", cred),
        ("Security-Client", offer)], to=ue.sim.impu)
    bench.inject["attacker"].send(ip(src, dst, UDP, udp(
        src, dst, PORT, PORT, data)))
    made = await bench.wait(lambda: spis_in_kernel() - old)
    gone = await bench.wait(lambda: not spis_in_kernel() - old)
    return "%s for it%s" % ("SAs were made" if made else "no SA was made",
                            " and deleted" if made and gone else "")


@row("AT-08")
async def still_talking(bench, report):
    """After all that, the UE that registered first."""
    for version in (4, 6):
        ue = bench.named["ue1", version]
        report.row("AT-08", "udp%d" % version, "honest UE: MESSAGE in both "
                   "directions after all of the above", "accepted" if
                   await talks(bench, ue, TIMEOUT) else "failed",
                   want="accepted")


@row("AT-41")
async def flushed(bench, report):
    """Somebody flushes xfrm's states and policies on the P-CSCF."""
    netns.ip("xfrm state flush\nxfrm policy flush\n", "pcscf")
    bench.make_markers()
    for version in (4, 6):
        ue = bench.named["ue1", version]
        trial = Trial(bench, version, ue.sa.port_ps)
        data = message(trial, ue.addr, ue.port_us, impu=ue.sim.impu)
        await trial.send([ip(ue.addr, trial.dst, UDP, udp(
            ue.addr, trial.dst, ue.sa.port_uc, ue.sa.port_ps, data))], "ue1")
        report.row("AT-41", "udp%d-in" % version, "after a flush of xfrm "
                   "states and policies: plaintext from a registered UE",
                   trial.verdict, trial.detail)
        start, before = bench.wire.mark(), bench.counters()
        task = bench.core.spawn(bench.core.send_to(ue.sim.impi,
                                                   timeout=TIMEOUT))
        await asyncio.sleep(0)
        await bench.settle()
        clear = bench.clear(start)
        task.cancel()
        report.sent("AT-41", "udp%d-out" % version, "after a flush of xfrm "
                    "states and policies: MESSAGE to a registered UE", clear,
                    before)
