# SPDX-License-Identifier: GPL-2.0-or-later
"""The rows of the attack matrix about single packets."""
import select
import socket

import netns
from attackpkt import (DCCP, DEST, FRAGMENT, HOP, ROUTING, SCTP, UDPLITE,
                       atomic, chain, dccp_request, fragments, icmp_error,
                       options, routing, sctp_init, udplite)
from bench import PORT, PORT_PC, PORT_PS, TIMEOUT, addr, new_call_id, sip
from esp import ESP, SYN, TCP, UDP, ip, tcp, udp
from sipmsg import host_port
from trial import DELIVERED, DROPPED, Trial, message, row


# ----- honest traffic -------------------------------------------------------
async def register(ue, report, label):
    """Registers a UE; False if it does not work."""
    answer = await ue.register(expires=7200, timeout=TIMEOUT)
    report.row("AT-08", label, "honest UE: IMS-AKA registration inside ESP",
               "accepted" if answer.code == 200 else "refused",
               "port_ps %d port_pc %d" % (ue.sa.port_ps, ue.sa.port_pc),
               want="accepted")


async def talk(bench, report, ue, label):
    """MESSAGE in both directions and a call."""
    start = bench.wire.mark()
    answers = [await ue.request("MESSAGE", timeout=TIMEOUT),
               await bench.core.send_to(ue.sim.impi, timeout=TIMEOUT)]
    codes = [a.code if a else 0 for a in answers]
    esp = {f.spi for f in bench.wire.poll()[start:] if f.protocol == ESP}
    spis = {name: d[2] for name, d in ue.sa.directions().items()}
    used = "".join(sorted(n for n, spi in spis.items() if spi in esp))
    report.row("AT-08", label, "honest UE: MESSAGE in both directions",
               "accepted" if codes == [200, 200] else "failed",
               "%s on SAs %s" % (codes, used), want="accepted")
    return codes == [200, 200]


async def own_answers(bench, report, ue, label):
    """What the proxy answers by itself comes from the port that the request
    came to: over UDP no SA leads from there to the port in Via."""
    start, mark = bench.wire.mark(), ue.mark()
    before = bench.counters()
    answer = await ue.request("INVITE", timeout=TIMEOUT)
    await bench.settle()
    got = ue.entries(lambda e: e.direction == "in" and
                     e.msg.start == "SIP/2.0 100 Trying", mark)
    end = "inside ESP" if got else DROPPED
    report.sent("AT-31", label,
                "100 Trying to an honest call, sent by the proxy itself",
                bench.clear(start), before, more="INVITE was answered "
                "with %s" % (answer.code if answer else None), otherwise=end,
                want="inside ESP" if ue.transport == "tcp" else DROPPED)


@row("AT-08", "AT-31", always=True)
async def honest(bench, report):
    """Registers everybody that the other rows need."""
    for version in (4, 6):
        for host, transport in (("ue1", "udp"), ("ue2", "udp"),
                                ("tcp", "tcp")):
            label = "%s%d" % (transport, version)
            ue = bench.ue(host, version, transport)
            try:
                await register(ue, report, label)
                bench.named[host, version] = ue
                if host != "ue2":
                    await talk(bench, report, ue, label)
                    await own_answers(bench, report, ue, label)
            except Exception as error:       # pylint: disable=broad-except
                report.failed("AT-08", label, "%s\n%s" % (error, bench.log()))
    for (host, version), ue in bench.named.items():
        if host == "ue2":
            bench.hand[version] = {n: ue.sa.esp(n, seq=1000) for n in "AD"}


# ----- plaintext ------------------------------------------------------------
@row("AT-01", "AT-03")
async def never_registered(bench, report):
    for version in (4, 6):
        src = addr("attacker", version)
        for name, text, port in (("AT-01", "port_ps", PORT_PS),
                                 ("AT-03", "port_pc", PORT_PC)):
            trial = Trial(bench, version, port)
            data = udp(src, trial.dst, PORT, port, message(trial, src, PORT))
            await trial.send([ip(src, trial.dst, UDP, data)])
            report.row(name, "udp%d" % version, "plaintext to %s from an "
                       "address that never registered" % text, trial.verdict,
                       trial.detail)


@row("AT-01")
async def impersonation(bench, report):
    """The UE's address, Via and Contact, but not its port."""
    for version in (4, 6):
        ue = bench.named["ue1", version]
        trial = Trial(bench, version, ue.sa.port_ps)
        sport = 33333
        data = message(trial, ue.addr, ue.port_us, impu=ue.sim.impu, headers=[
            ("Contact", "<%s>" % ue.contact)])
        await trial.send([ip(ue.addr, trial.dst, UDP, udp(
            ue.addr, trial.dst, sport, ue.sa.port_ps, data))])
        report.row("AT-01", "udp%d" % version, "plaintext to port_ps with a "
                   "UE's address, from another port", trial.verdict,
                   trial.detail)


@row("AT-01")
async def hijack(bench, report):
    """REGISTER with somebody else's IMPI, in clear on the protected port: a
    proxy that knows only the port says integrity-protected=yes."""
    bench.core.reauthenticate = False
    for version in (4, 6):
        ue = bench.named["ue1", version]
        src = addr("attacker", version)
        trial = Trial(bench, version, ue.sa.port_ps)
        contact = "sip:mallory@%s" % host_port(src, 5070)
        cred = ('Digest username="%s", realm="%s", uri="sip:%s", nonce="", '
                'response=""' % (ue.sim.impi, ue.sim.realm, ue.sim.realm))
        data = sip("REGISTER", src, 5070, trial.call_id, ue.sim.impu, [
            ("Contact", "<%s>;expires=600" % contact),
            ("Authorization", cred)], to=ue.sim.impu)
        await trial.send([ip(src, trial.dst, UDP, udp(
            src, trial.dst, 5070, ue.sa.port_ps, data))])
        await bench.settle()
        bound = bench.core.subscribers[ue.sim.impi].bindings.pop(contact, None)
        report.row("AT-01", "udp%d" % version, "plaintext REGISTER to port_ps "
                   "with a registered UE's IMPI", trial.verdict,
                   trial.detail + ("; the core took it for integrity-"
                                   "protected and bound the attacker's "
                                   "contact" if bound else ""))
    bench.core.reauthenticate = True


@row("AT-22")
async def unprotected_port(bench, report):
    """What only a registered UE may say, where nobody has to be one."""
    for version in (4, 6):
        for text, src in (
                ("an address that never registered",
                 addr("attacker", version)),
                ("a registered UE's address",
                 bench.named["ue1", version].addr)):
            for method in ("INVITE", "MESSAGE"):
                trial = Trial(bench, version, PORT)
                data = sip(method, src, PORT, trial.call_id)
                await trial.send([ip(src, trial.dst, UDP, udp(
                    src, trial.dst, 5071, PORT, data))])
                report.row("AT-22", "udp%d" % version, "plaintext %s to port "
                           "5060 from %s" % (method, text), trial.verdict,
                           trial.detail)


@row("AT-02")
async def registered_tuple(bench, report):
    for version in (4, 6):
        ue = bench.named["ue1", version]
        for name, sport, port in (("port_uc to port_ps", ue.sa.port_uc,
                                   ue.sa.port_ps),
                                  ("port_us to port_pc", ue.sa.port_us,
                                   ue.sa.port_pc)):
            trial = Trial(bench, version, port)
            data = message(trial, ue.addr, ue.port_us, impu=ue.sim.impu)
            await trial.send([ip(ue.addr, trial.dst, UDP, udp(
                ue.addr, trial.dst, sport, port, data))], "ue1")
            report.row("AT-02", "udp%d" % version, "plaintext with the exact "
                       "registered 5-tuple, %s" % name, trial.verdict,
                       trial.detail)
            trial = Trial(bench, version, port)
            await trial.send([ip(ue.addr, trial.dst, TCP, tcp(
                ue.addr, trial.dst, sport, port, SYN, 1))], "ue1")
            report.row("AT-02", "tcp%d" % version, "plaintext with the exact "
                       "registered 5-tuple, %s" % name, trial.verdict,
                       trial.detail)


@row("AT-04")
async def syn(bench, report):
    for version in (4, 6):
        src = addr("attacker", version)
        for name, port in (("port_ps", PORT_PS), ("port_pc", PORT_PC)):
            trial = Trial(bench, version, port)
            await trial.send([ip(src, trial.dst, TCP, tcp(
                src, trial.dst, 44444, port, SYN, 7))])
            report.row("AT-04", "tcp%d" % version, "TCP SYN in plaintext to "
                       "%s" % name, trial.verdict, trial.detail)


@row("AT-01", "AT-04")
async def connection(bench, report):
    """A whole connection in plaintext."""
    for version in (4, 6):
        src = addr("attacker", version)
        for name, row_id, port in (("port_ps", "AT-01", PORT_PS),
                                   ("port_pc", "AT-03", PORT_PC)):
            trial = Trial(bench, version, port)
            trial.begin()
            with netns.ns("attacker"):
                sock = socket.socket(socket.AF_INET6 if version == 6 else
                                     socket.AF_INET, socket.SOCK_STREAM)
            with sock:
                sock.setblocking(False)
                sock.bind((src, 0))
                sport = sock.getsockname()[1]
                try:
                    sock.connect((trial.dst, port))
                except BlockingIOError:
                    pass
                await trial.end()
                _, writable, _ = select.select([], [sock], [], 0)
                if writable and not sock.getsockopt(socket.SOL_SOCKET,
                                                    socket.SO_ERROR):
                    sock.send(message(trial, src, sport, transport="TCP"))
                    trial.seen = await bench.wait_seen(trial.call_id)
                    trial.answers = bench.answers(trial.start)
            report.row(row_id, "tcp%d" % version, "plaintext to %s from an "
                       "address that never registered" % name, trial.verdict,
                       trial.detail)


# ----- ESP ------------------------------------------------------------------
def sealed(bench, version, name, src=None, sport=None, dport=None, call_id="",
           **seal):
    """UE 2's ESP on SA A or D, with something else in it if wanted."""
    ue = bench.named["ue2", version]
    own = ue.sa.directions()[name]
    src, dst = src or ue.addr, addr("pcscf", version)
    sport, dport = sport or own[0], dport or own[1]
    data = udp(src, dst, sport, dport, sip("MESSAGE", ue.addr, ue.port_us,
                                           call_id, impu=ue.sim.impu))
    return ip(src, dst, ESP, bench.hand[version][name].seal(data, UDP, **seal))


@row("AT-08")
async def hand_made(bench, report):
    """Control: what the ESP rows below send is fine in itself."""
    for version in (4, 6):
        for name in "AD":
            port = bench.named["ue2", version].sa.directions()[name][1]
            trial = Trial(bench, version, port)
            await trial.send([sealed(bench, version, name,
                                     call_id=trial.call_id)], "ue2")
            report.row("AT-08", "udp%d" % version, "correct ESP on SA %s" %
                       name, "accepted" if trial.verdict == DELIVERED else
                       trial.verdict, trial.detail, want="accepted")


@row("AT-05", "AT-06", "AT-07")
async def wrong_tuple(bench, report):
    for version in (4, 6):
        ue = bench.named["ue2", version]
        port_ps = ue.sa.port_ps
        for name, text, port, changes in (
                ("AT-05", "ESP on one UE's SA with another UE's source "
                 "address", port_ps, {"src": addr("ue1", version)}),
                ("AT-06", "right SA, wrong inner source port", port_ps,
                 {"sport": ue.sa.port_uc ^ 1}),
                ("AT-07", "right SA, inner destination port 5060", PORT,
                 {"dport": PORT}),
                ("AT-07", "right SA, inner destination port port_pc",
                 ue.sa.port_pc, {"dport": ue.sa.port_pc})):
            trial = Trial(bench, version, port)
            await trial.send([sealed(bench, version, "A",
                                     call_id=trial.call_id, **changes)], "ue2")
            report.row(name, "udp%d" % version, text, trial.verdict,
                       trial.detail)


@row("AT-09")
async def broken_esp(bench, report):
    for version in (4, 6):
        ue = bench.named["ue2", version]
        first = sealed(bench, version, "A", call_id=new_call_id())
        trial = Trial(bench, version, ue.sa.port_ps)
        await trial.send([first], "ue2")
        again = Trial(bench, version, ue.sa.port_ps)
        count = len(bench.seen)
        await again.send([first], "ue2")
        again.seen = next((s for s in bench.seen[count:]
                           if not s.call_id.startswith("marker")), None)
        report.row("AT-09", "udp%d" % version, "replayed ESP", again.verdict,
                   again.detail)
        for text, change in (
                ("ESP below the replay window", {"seq": 2}),
                ("ESP with a bad ICV", None), ("truncated ESP", None)):
            trial = Trial(bench, version, ue.sa.port_ps)
            packet = sealed(bench, version, "A", call_id=trial.call_id,
                            **(change or {}))
            if "ICV" in text:
                packet = packet[:-1] + bytes([packet[-1] ^ 1])
            elif "truncated" in text:
                head = 20 if version == 4 else 40
                packet = ip(ue.addr, trial.dst, ESP, packet[head:-24])
            await trial.send([packet], "ue2")
            report.row("AT-09", "udp%d" % version, text, trial.verdict,
                       trial.detail)


@row("AT-10")
async def reflected(bench, report):
    """What the P-CSCF has just sent to the UE, sent back to it."""
    for version in (4, 6):
        ue = bench.named["ue1", version]
        start, mark = bench.wire.mark(), ue.mark()
        await bench.core.send_to(ue.sim.impi, timeout=TIMEOUT)
        call_id = (await ue.wait_request("MESSAGE", mark)).msg.get("Call-ID")
        frames = [f for f in bench.wire.poll()[start:] if f.mac == bench.mac
                  and f.protocol == ESP and f.spi == ue.sa.spi_us]
        for text, packets in (
                ("reflected as it was", [f.data for f in frames]),
                ("reflected with source and destination swapped",
                 [ip(ue.addr, addr("pcscf", version), ESP, f.payload)
                  for f in frames])):
            trial = Trial(bench, version, ue.sa.port_pc, call_id)
            count = len(bench.seen)
            await trial.send(packets)
            trial.seen = next((s for s in bench.seen[count:]
                               if s.call_id == call_id), None)
            # as it was, its destination is the UE: no counter on IPv6
            report.row("AT-10", "udp%d" % version, "ESP of the P-CSCF " + text,
                       trial.verdict, trial.detail, counted="swapped" in text)


@row("AT-11")
async def unknown_spi(bench, report):
    for version in (4, 6):
        ue = bench.named["ue2", version]
        for text, spi in (("unknown SPI", 0x12345678), ("SPI below 256", 77)):
            trial = Trial(bench, version, ue.sa.port_ps)
            await trial.send([sealed(bench, version, "A",
                                     call_id=trial.call_id, spi=spi)], "ue2")
            larval = [line for line in netns.ip("xfrm state\n", "pcscf")
                      .splitlines() if "spi 0x00000000" in line]
            report.row("AT-11", "udp%d" % version, "ESP with an " + text,
                       trial.verdict, trial.detail + (
                           "; acquire state left" if larval else ""))


# ----- disguises of plaintext -----------------------------------------------
@row("AT-14")
async def in_fragments(bench, report):
    for version in (4, 6):
        src = addr("attacker", version)
        for name, pieces, order in (
                ("normal", [(0, 200), (200, None)], None),
                ("last-first", [(0, 200), (200, None)], [1, 0]),
                ("tiny", [(0, 8), (8, 16), (16, None)], None),
                ("duplicate", [(0, 200), (0, 200), (200, None)], None),
                ("overlapping", [(0, 200), (192, None)], None)):
            trial = Trial(bench, version, PORT_PS)
            tail = udp(src, trial.dst, PORT, PORT_PS,
                       message(trial, src, PORT))
            await trial.send(fragments(src, trial.dst, UDP, tail, pieces,
                                       order))
            # IPv6 reassembly before conntrack counts no overlaps
            report.row("AT-14", "udp%d-%s" % (version, name),
                       "plaintext to port_ps in fragments", trial.verdict,
                       trial.detail, counted=name != "overlapping")


@row("AT-16", "AT-17")
async def extension_headers(bench, report):
    src = addr("attacker", 6)
    for row_id, name, headers in (
            ("AT-16", "hop-by-hop", [(HOP, options)]),
            ("AT-16", "destination-options", [(DEST, options)]),
            ("AT-16", "routing", [(ROUTING, routing)]),
            ("AT-16", "all-three", [(HOP, options), (ROUTING, routing),
                                    (DEST, options)]),
            ("AT-17", "atomic-fragment", [(FRAGMENT, atomic)])):
        trial = Trial(bench, 6, PORT_PS)
        tail = udp(src, trial.dst, PORT, PORT_PS, message(trial, src, PORT))
        await trial.send([ip(src, trial.dst, *chain(*headers, (UDP, tail)))])
        report.row(row_id, "udp6-" + name, "plaintext to port_ps behind "
                   "IPv6 extension headers", trial.verdict, trial.detail)


@row("AT-20")
async def other_transports(bench, report):
    for version in (4, 6):
        src = addr("attacker", version)
        for name, number in (("sctp", SCTP), ("udplite", UDPLITE),
                             ("dccp", DCCP)):
            trial = Trial(bench, version, PORT_PS)
            flow = (src, trial.dst, 33333, PORT_PS)
            tail = {"sctp": lambda f: sctp_init(*f[2:]),
                    "udplite": lambda f: udplite(*f, bytes(32)),
                    "dccp": lambda f: dccp_request(*f)}[name](flow)
            await trial.send([ip(src, trial.dst, number, tail)])
            report.row("AT-20", "%s%d" % (name, version), "SCTP, UDP-Lite, "
                       "DCCP to port_ps", trial.verdict, trial.detail)


def path_mtu(dst):
    """The path MTU that the P-CSCF believes in, 0 if it has no opinion."""
    words = netns.ip("route get %s\n" % dst, "pcscf").split()
    return int(words[words.index("mtu") + 1]) if "mtu" in words else 0


@row("AT-32")
async def spoofed_icmp(bench, report):
    for version in (4, 6):
        ue = bench.named["ue1", version]
        src = addr("attacker", version)
        trial = Trial(bench, version, ue.sa.port_pc)
        quoted = ip(trial.dst, ue.addr, UDP, udp(
            trial.dst, ue.addr, ue.sa.port_pc, ue.sa.port_us, bytes(64)))
        old = path_mtu(ue.addr)
        await trial.send([icmp_error(src, trial.dst, "too big", quoted,
                                     mtu=600 if version == 4 else 1280)])
        new = path_mtu(ue.addr)
        report.row("AT-32", "icmp%d" % version, "spoofed \"too big\" that "
                   "quotes a protected flow in clear", "believed" if
                   new != old else DROPPED,
                   "path MTU to the UE: %s" % (new or "unchanged") +
                   (("; " + trial.detail) if trial.detail else ""))
        netns.ip("route flush cache\n", "pcscf")
