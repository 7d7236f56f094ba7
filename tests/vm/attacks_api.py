# SPDX-License-Identifier: GPL-2.0-or-later
"""Attacks on SA_SET_NEW, and what the module tells about drops."""
import errno
import socket
import time

import netns
import tap
from attack import PORT_OTHER, PORT_PC, PORT_PS, VERSIONS, case
from attacknet import token
from esp import UDP, ip, udp
from genl import Genl, NlError

TRACING = "/sys/kernel/tracing/"


def snapshot(lab):
    """All that a refused request must not change."""
    sets = [s["sa-set"] for s in lab.genl.dump("sa-set-get")]
    for one in sets:
        for name in ("lifetime-ms", "age-ms"):
            del one[name]
    return sets, lab.genl.dump("endpoint-get"), lab.xfrm_count()


def refused(lab, ids, text, request, code, words):
    """One case: the request is refused, says why, and changes nothing."""
    before = snapshot(lab)
    try:
        reply = lab.genl.do("sa-set-new", {"sa-set": request})
    except NlError as error:
        after = snapshot(lab)
        tap.ok(error.errno == code and words in error.msg and after == before,
               "%s: %s: refused, nothing changed" % (ids, text),
               "%s, want %s with %r\n%r\n%r" % (
                   error, errno.errorcode[code], words, before, after))
        return
    tap.ok(False, "%s: %s: refused, nothing changed" % (ids, text), reply)
    lab.genl.do("sa-set-del", {"sa-set": {"id": reply["sa-set"]["id"]}})


def fresh(lab, version, ue="ue1", **changes):
    """A request that would be accepted but for the changes."""
    good = lab.new_set(ue, version)
    good.delete()
    return {**good.request, **{k.replace("_", "-"): v
                               for k, v in changes.items()}}


@case("AT-12 GM-06")
def spi_of_the_ue(lab):
    """The UE picks SPIs that it cannot have."""
    for version in VERSIONS:
        mine = lab.hand("ue1", version)
        for ours in ("spi_uc", "spi_us"):
            for theirs in ("spi_uc", "spi_us"):
                refused(lab, "AT-12", "IPv%d, %s equal to %s of another UE at "
                        "the same address" % (version, theirs, ours),
                        fresh(lab, version, **{theirs: getattr(mine, ours)}),
                        errno.EEXIST, "in use at ue-addr")
        refused(lab, "AT-12", "IPv%d, spi_uc equal to spi_us" % version,
                fresh(lab, version, spi_uc=0x9999, spi_us=0x9999),
                errno.EINVAL, "must differ")
        for name in ("spi_uc", "spi_us", "spi_pc", "spi_ps"):
            for spi in (0, 255):
                refused(lab, "GM-06", "IPv%d, %s = %d" % (version, name, spi),
                        fresh(lab, version, **{name: spi}), errno.ERANGE, "")


@case("AT-13 GM-06")
def spi_of_the_pcscf(lab):
    """SPIs of inbound SAs are unique and differ from those of the UE."""
    for version in VERSIONS:
        mine, local = lab.hand("ue2", version), lab.local(version)
        foreign = "src %s dst %s proto esp spi 0x7abc" % (mine.ue, local)
        netns.ip("xfrm state add %s mode transport auth-trunc hmac(sha1) "
                 '0x%s 96 enc ecb(cipher_null) ""\n' % (foreign, "11" * 20),
                 "pcscf")
        for name in ("spi_ps", "spi_pc"):
            for text, spi in (("spi_ps of another set", mine.spi_ps),
                              ("spi_pc of another set", mine.spi_pc),
                              ("the SPI of another program's state", 0x7abc),
                              ("spi_uc", 0xa001), ("spi_us", 0xa002)):
                refused(lab, "AT-13 GM-06", "IPv%d, %s equal to %s" % (
                    version, name, text),
                    fresh(lab, version, spi_uc=0xa001, spi_us=0xa002,
                          **{name: spi}), errno.EEXIST, "must differ")
        refused(lab, "AT-13 GM-06", "IPv%d, spi_ps equal to spi_pc" % version,
                fresh(lab, version, spi_ps=0xb001, spi_pc=0xb001),
                errno.EEXIST, "must differ")
        netns.ip("xfrm state delete %s\n" % foreign, "pcscf")
        _random_spis(lab, version)


def _random_spis(lab, version):
    sets = [lab.new_set("ue1", version) for _ in range(40)]
    ours = [s for one in sets for s in (one.spi_ps, one.spi_pc)]
    theirs = [s for one in sets for s in (one.spi_uc, one.spi_us)]
    steps = {b - a for a, b in zip(ours, ours[1:])}
    tap.ok(len(set(ours + theirs)) == 160 and min(ours) >= 256 and
           len(steps) == 79 and max(ours) > 1 << 28,
           "GM-06 AT-13: IPv%d: the kernel's SPIs are distinct, >= 256 and "
           "random" % version, ours)
    for one in sets:
        one.delete()


@case("AT-13 AT-37")
def ports_in_use(lab):
    """Tuples belong to one set."""
    for version in VERSIONS:
        mine = lab.hand("ue1", version)
        for text, code, words, changes in (
                ("another IMPI, port_uc in use", errno.EEXIST,
                 "in use by another SA set", {"port_uc": mine.port_uc}),
                ("another IMPI, port_us in use", errno.EEXIST,
                 "another registration",
                 {"port_us": mine.port_us}),
                ("port_pc in use for this port_us", errno.EEXIST,
                 "in use by another SA set",
                 {"port_us": mine.port_us, "port_pc": mine.port_pc,
                  "impi": mine.request["impi"]}),
                ("port_pc outside the pool", errno.EINVAL, "not in",
                 {"port_pc": PORT_OTHER}),
                ("port_ps as port_pc", errno.EINVAL, "not in",
                 {"port_pc": PORT_PS}),
                ("port_pc as port_ps", errno.EINVAL, "not a protected server",
                 {"port_ps": PORT_PC[0]}),
                ("port_uc 5060", errno.EINVAL, "5060", {"port_uc": 5060}),
                ("port_us 5061", errno.EINVAL, "5060", {"port_us": 5061})):
            refused(lab, "AT-13 AT-37", "IPv%d, %s" % (version, text),
                    fresh(lab, version, **changes), code, words)


# ----- what is told about drops ----------------------------------------------

@case("GM-01 AT-01")
def samples(lab):
    """Multicast group "drops": who, whither, why, and how many more."""
    listener = Genl(spec=lab.genl.spec, netns=netns.PREFIX + "pcscf")
    listener.subscribe("drops")
    try:
        for version in VERSIONS:
            _sample(lab, listener, version)
        _rate(lab, listener)
    finally:
        lab.genl.do("limits-set", {"limits": {"drop-samples": 10}})
        listener.close()


def _next_sample(listener):
    event = listener.event(5)
    return event[1]["drop"] if event else {}


def _sample(lab, listener, version):
    lab.genl.do("limits-set", {"limits": {"drop-samples": 1000}})
    mine = lab.hand("ue1", version)
    with netns.ns("pcscf"):
        index = socket.if_nametoindex("gm0")
    flow = (mine.ue, mine.local, 33333, PORT_PS)
    want = {"src-addr": flow[0], "dst-addr": flow[1], "src-port": flow[2],
            "dst-port": flow[3], "protocol": UDP, "ifindex": index,
            "suppressed": 0}
    lab.attack("GM-01", "udp%d" % version, "plaintext, with a sample",
               [ip(*flow[:2], UDP, udp(*flow, token()))], "in-plaintext")
    tap.equal(_next_sample(listener),
              {**want, "reason": "in-plaintext", "spi": 0},
              "GM-01 udp%d: the sample of plaintext" % version)
    lab.attack("GM-03 AT-06", "udp%d" % version, "another source port, with a "
               "sample", [mine.udp("A", token(), sport=33333)], "in-tuple")
    tap.equal(_next_sample(listener),
              {**want, "reason": "in-tuple", "spi": mine.spi_ps},
              "GM-03 udp%d: the sample of a wrong tuple on SA A" % version)


def _rate(lab, listener):
    lab.genl.do("limits-set", {"limits": {"drop-samples": 3}})
    flow = (lab.addr("ue1", 4), lab.local(4), 33333, PORT_PS)
    packet = ip(*flow[:2], UDP, udp(*flow, token()))
    sent, got = 0, []
    end = time.monotonic() + 10
    # Until a sample tells of drops that had none.
    while not any(s["suppressed"] for s in got) and time.monotonic() < end:
        for _ in range(20):
            lab.inject["ue1"].send(packet)
        sent += 20
        lab.wait(lambda: False, 0.2)
        got += [e[1]["drop"] for e in listener.events(0)]
    told = sum(1 + s["suppressed"] for s in got)
    tap.ok(any(s["suppressed"] for s in got) and told <= sent and
           len(got) < sent / 2,
           "GM-01 udp4: samples are limited, and the next one tells how many "
           "drops had none", "sent %d, got %r" % (sent, got))
    lab.genl.do("limits-set", {"limits": {"drop-samples": 0}})
    listener.events(0.1)
    lab.attack("GM-01", "udp4", "plaintext, samples turned off", [packet],
               "in-plaintext")
    tap.equal(listener.events(0.3), [], "GM-01 udp4: no samples when they are "
              "turned off")


@case("GM-01 AT-01")
def tracepoint(lab):
    """gmguard:gmguard_drop, for those who cannot wait for netlink."""
    def write(path, value):
        with open(TRACING + path, "w", encoding="ascii") as f:
            f.write(value)

    flow = (lab.addr("ue1", 4), lab.local(4), 33333, PORT_PS)
    write("trace", "")
    write("events/gmguard/gmguard_drop/enable", "1")
    try:
        lab.attack("GM-01", "udp4", "plaintext, traced",
                   [ip(*flow[:2], UDP, udp(*flow, token()))], "in-plaintext")
        with open(TRACING + "trace", encoding="ascii") as f:
            lines = [line for line in f if "gmguard_drop" in line]
    finally:
        write("events/gmguard/gmguard_drop/enable", "0")
    want = ("reason=in-plaintext", "audited=0", "protocol=17",
            "saddr=::ffff:10.33.0.11", "sport=33333",
            "daddr=::ffff:10.33.0.1", "dport=%d" % PORT_PS, "spi=0x00000000")
    tap.ok(len(lines) == 1 and all(w in lines[0] for w in want),
           "GM-01 udp4: tracepoint gmguard:gmguard_drop tells of it", lines)


@case("GM-01")
def names(lab):
    """Every reason of the spec is counted under its name."""
    tap.equal(sorted(lab.stats()), sorted(lab.genl.spec.enums["reason"]),
              "GM-01: STATS_GET has every reason of the spec by its name")
