# SPDX-License-Identifier: GPL-2.0-or-later
"""Dropped packets are copied to an nflog group, where tcpdump shows them."""
import contextlib
import errno
import os
import socket
import subprocess
import time

import esp
import netns
import oneliner
import state
import tap
from clear_audit import Audit
from clearscene import Clear, ClearConnection, Flow
from clibench import PROGRAM
from esp import ESP, ICMP, ICMP6, TCP, UDP
from nflog import Tcpdump
from phone import request
from state import PORT, PORT_PS
from stream_segments import I
from statetcp import udp_packet

GROUP = 33203
NO_MODULE = "/etc/modprobe.d/gmguard-test.conf"
VERSIONS = (4, 6)
NOBODY = {4: "10.33.0.199", 6: "fd33::199"}


def references():
    """How many there are to nfnetlink_log; None if it is not loaded."""
    try:
        with open("/sys/module/nfnetlink_log/refcnt", encoding="ascii") as f:
            return int(f.read())
    except FileNotFoundError:
        return None


def unload():
    """Whether nfnetlink_log can be unloaded."""
    return subprocess.run(["modprobe", "-r", "nfnetlink_log"], check=False,
                          capture_output=True).returncode == 0


class Drops(Clear):
    """Gm with copies, and ways to have something dropped."""

    def __init__(self, b, version, copies=1000, **endpoint):
        super().__init__(b, version, {"drop-copies": copies}, **endpoint)
        self.attacker = netns.access_addr("attacker", version)
        self.known(NOBODY[version])
        with netns.ns("pcscf"):
            self.gm0 = socket.if_nametoindex("gm0")

    def plain(self, port=PORT_PS):
        """A datagram in clear; what it says."""
        data = request("INVITE")
        self.inj.send(esp.ip(self.attacker, self.local, UDP, esp.udp(
            self.attacker, self.local, 5060, port, data)))
        return data

    def sent(self):
        """A datagram from port_ps to nobody's UE; what it says."""
        data = request("INVITE")
        with contextlib.suppress(OSError):
            self.udp[PORT_PS].sendto(data, (NOBODY[self.version], 7777))
        return data

    def count(self, reason):
        return state.drops(self.g).get(reason, 0)

    def copied(self, reader, text, prefix, hook, flow, payload, protocol=UDP):
        """One test: the next copy is of this packet, as the hook saw it."""
        copy = reader.copy()
        if not copy:
            return tap.ok(False, text, "no copy: %r" % state.drops(self.g))
        p, inward = copy.packet, hook in ("PRE_ROUTING", "LOCAL_IN")
        got = [copy.prefix, copy.hook, (p.src, p.sport, p.dst, p.dport),
               p.protocol, p.payload, copy.indev, copy.outdev, copy.mac]
        want = ["gmguard: " + prefix, hook, flow, protocol, payload,
                self.gm0 if inward else None, None if inward else self.gm0,
                self.inj.mac if inward else None]
        return tap.equal(got, want, "GM-01 " + text)


def test_missing(b):
    """Without nfnetlink_log, the setting is refused and says why."""
    with open(NO_MODULE, "w", encoding="ascii") as f:
        f.write("install nfnetlink_log /bin/false\n")
    try:
        tap.ok(references() is None or unload(),
               "drops: nfnetlink_log is not loaded")
        b.fresh()
        b.refused("drops: drop-copies is refused without nfnetlink_log, and "
                  "nothing changes",
                  lambda: state.limits(b.g, drop_copies=5, nflog_group=9),
                  errno.EOPNOTSUPP, ("drop-copies", "nfnetlink_log",
                                     "modprobe"), "limits.drop-copies")
        done = netns.run("pcscf", [PROGRAM, "limits", "drop-copies=5"],
                         check=False)
        tap.ok(done.returncode == 1 and "modprobe nfnetlink_log" in
               done.stderr and done.stderr.count("\n") == 1,
               "drops: gmguard limits says so too", done.stderr)
        tap.equal(state.limits(b.g, drop_copies=0)["drop-copies"], 0,
                  "drops: turning copies off needs no module")
    finally:
        os.remove(NO_MODULE)


def test_module(b):
    """It is loaded when it is needed, and stays as long."""
    b.fresh()
    state.limits(b.g, drop_copies=5)
    tap.ok(references() and not unload(),
           "drops: drop-copies loads nfnetlink_log and keeps it", references())
    state.limits(b.g, drop_copies=7)
    state.limits(b.g, nflog_group=9)
    state.limits(b.g, drop_copies=0)
    tap.ok(references() == 0 and unload(),
           "drops: it can be unloaded when copies are off", references())
    netns.ip("netns add %sother\n" % netns.PREFIX)
    other = state.client("other")
    state.limits(other, drop_copies=5)
    other.close()
    before = references()
    netns.ip("netns del %sother\n" % netns.PREFIX)
    tap.ok(before and state.wait(lambda: references() == 0),
           "drops: and when the namespace has gone", references())


def test_in(b):
    """What comes in, in clear and out of ESP."""
    for version in VERSIONS:
        with Drops(b, version) as gm, Tcpdump(GROUP) as reader:
            clear = (gm.attacker, 5060, gm.local)
            for port, reason in ((PORT_PS, "in-plaintext"),
                                 (PORT, "in-unprotected")):
                data = gm.plain(port)
                gm.copied(reader, "udp%d, clear: %s: tcpdump shows the packet "
                          "and the reason" % (version, reason), reason,
                          "LOCAL_IN", (*clear, port), data)
            s = gm.registered()
            flow = (*s.flow("A")[:3], PORT)
            data = request("INVITE")
            gm.inj.send(esp.ip(s.ue, s.local, ESP, s.esp("A").seal(
                esp.udp(*flow[::2], *flow[1::2], data), UDP)))
            gm.copied(reader, "udp%d, ESP: in-tuple: tcpdump shows what was "
                      "inside" % version, "in-tuple", "LOCAL_IN", flow, data)
            gm.delivered(s, "A", request("MESSAGE"))
            tap.equal(reader.copy(0.5), None, "GM-01 udp%d, ESP: what gets "
                      "through is not copied" % version)


def test_stream(b):
    """A TCP segment, and its connection is still reset."""
    for version in VERSIONS:
        with Drops(b, version) as gm, Tcpdump(GROUP) as reader:
            flow = Flow(gm)
            link = ClearConnection(flow).connect()
            link.send(I)
            gm.copied(reader, "tcp%d, clear: in-unprotected: tcpdump shows the "
                      "segment" % version, "in-unprotected", "LOCAL_IN",
                      flow.flow("A"), I, TCP)
            link.close()


def test_fragment(b):
    """A Fragment header inside ESP, dropped before it is reassembled."""
    with Drops(b, 6) as gm, Tcpdump(GROUP) as reader:
        s = gm.registered()
        whole = esp.udp(s.ue, s.local, s.port_uc, s.port_ps, request())
        gm.inj.send(esp.ip(s.ue, s.local, ESP, s.esp("A").seal(
            esp.fragment_header(UDP, 0, True, 7) + whole[:32], 44)))
        copy = reader.copy()
        tap.ok(copy and (copy.prefix, copy.hook, copy.packet.fragment) ==
               ("gmguard: in-fragment", "PRE_ROUTING", True),
               "GM-01 udp6, ESP: in-fragment: tcpdump shows the fragment",
               copy and str(copy.packet))


def test_out(b):
    """What is about to leave, from LOCAL_OUT and POST_ROUTING."""
    for version in VERSIONS:
        with Drops(b, version) as gm, Tcpdump(GROUP) as reader:
            data = gm.sent()
            gm.copied(reader, "udp%d, out: out-plaintext: tcpdump shows the "
                      "packet" % version, "out-plaintext", "POST_ROUTING",
                      (gm.local, PORT_PS, NOBODY[version], 7777), data)
            s = gm.registered()
            gm.udp.pop(s.port_pc).close()
            gm.inj.send(udp_packet(s, b"secret" * 20, "D"))
            copy = reader.copy()
            tap.ok(copy and (copy.prefix, copy.hook, copy.packet.src,
                             copy.packet.dst, copy.packet.protocol) ==
                   ("gmguard: out-icmp", "LOCAL_OUT", s.local, s.ue,
                    ICMP if version == 4 else ICMP6),
                   "GM-01 icmp%d, out: out-icmp: tcpdump shows the error"
                   % version, copy and str(copy.packet))


def test_audit(b):
    """What an audit lets pass is copied, marked."""
    for version in VERSIONS:
        a = Audit(b, version)
        state.limits(b.g, drop_copies=1000)
        Drops.known(NOBODY[version])
        with Tcpdump(GROUP) as reader:
            data = request("INVITE")
            heard = a.hears(data, PORT_PS)
            copy = reader.copy()
            tap.equal((heard, copy and (copy.prefix, copy.packet.payload)),
                      (True, ("gmguard: audited in-plaintext", data)),
                      "GM-01 udp%d, audit: what comes in is copied, marked"
                      % version)
            a.udp[PORT_PS].sendto(data, (NOBODY[version], 7777))
            copy = reader.copy()
            tap.equal(copy and (copy.prefix, copy.packet.payload),
                      ("gmguard: audited out-plaintext", data),
                      "GM-01 udp%d, audit: and what leaves" % version)
        a.close()


def test_off(b):
    """Nothing is copied unless asked for."""
    with Drops(b, 4, copies=0) as gm, Tcpdump(GROUP) as reader:
        before = gm.count("in-plaintext")
        gm.plain()
        gm.settled()
        tap.equal(gm.count("in-plaintext"), before + 1,
                  "GM-01 udp4: a packet is dropped")
        state.limits(gm.g, drop_copies=1000)
        tap.equal(len(reader.until(gm.plain())), 1,
                  "drops: by default nothing is copied, then what comes is")
        state.limits(gm.g, nflog_group=9)
        gm.plain()
        gm.settled()
        with Tcpdump(9) as other:
            data = gm.plain()
            tap.equal(len(other.until(data)), 1,
                      "drops: nflog-group says where")
        state.limits(gm.g, nflog_group=GROUP)
        tap.equal(len(reader.until(gm.plain())), 1,
                  "drops: and nothing comes to another group")


def test_bound(b):
    """A flood costs no more than so many copies a second."""
    with Drops(b, 4, copies=5) as gm, Tcpdump(GROUP) as reader:
        before, begin = gm.count("in-plaintext"), time.monotonic()
        for _ in range(500):
            gm.plain()
        gm.settled()
        seconds = int(time.monotonic() - begin) + 2
        tap.equal(gm.count("in-plaintext"), before + 500,
                  "GM-01 udp4: each of 500 packets is dropped and counted")
        state.limits(gm.g, drop_copies=1000)
        copies = len(reader.until(gm.plain())) - 1
        # some of the first second's may have gone to the test before
        tap.ok(0 < copies <= 5 * seconds, "drops: no more than drop-copies a "
               "second are copied", "%d in %d s" % (copies, seconds))


def test_nobody(b):
    """Without a reader there is nothing to be seen, and no harm."""
    with Drops(b, 4) as gm:
        before = gm.count("in-plaintext")
        for _ in range(50):
            gm.plain()
        gm.settled()
        tap.equal(gm.count("in-plaintext"), before + 50, "GM-01 udp4: packets "
                  "are dropped and counted when nobody reads their copies")


def test_namespaces(b):
    """Each has its own setting, and its own readers."""
    with Drops(b, 4) as gm, Tcpdump(GROUP) as reader, \
            Tcpdump(GROUP, "core") as stranger:
        g = state.client("core")
        local = netns.core_addr("core")
        ep = g.do("endpoint-new", state.endpoint_attrs(local))["endpoint"]
        tap.equal(state.limits(g)["drop-copies"], 0,
                  "drops: another namespace has copies off")
        with netns.ns("pcscf"):
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

        def plain():
            data = request("INVITE")
            before = state.drops(g).get("in-plaintext", 0)
            sock.sendto(data, (local, PORT_PS))
            tap.ok(state.wait(lambda: state.drops(g).get(
                "in-plaintext", 0) > before), "GM-01 udp4: a packet is dropped "
                "in another namespace")
            return data

        plain()
        tap.equal(len(reader.until(gm.plain())), 1, "drops: a reader gets "
                  "nothing of another namespace")
        state.limits(g, drop_copies=1000)
        tap.equal(len(stranger.until(plain())), 1, "drops: that namespace's "
                  "reader gets its own, and nothing of others")
        tap.equal(len(reader.until(gm.plain())), 1, "drops: and the first one "
                  "nothing of it")
        sock.close()
        state.limits(g, drop_copies=0)
        g.do("endpoint-del", {"endpoint": {"id": ep["id"]}})
        g.close()


def test_shown(b):
    """The commands of the manual turn copies on and print packet, reason."""
    on, off = oneliner.of_manual("gmguard limits drop-copies")
    command, = oneliner.of_manual("tcpdump")
    with Drops(b, 4, copies=0) as gm:
        netns.run("pcscf", [PROGRAM, *on.split()[1:]])
        with oneliner.Running("pcscf", command) as run:
            run.tells("gmguard: in-plaintext", gm.plain)
        netns.run("pcscf", [PROGRAM, *off.split()[1:]])
        tap.ok("gmguard: in-plaintext" in run.text and
               " IP %s.5060 > %s.%d: " % (gm.attacker, gm.local, PORT_PS)
               in run.text, 'drops: "%s" shows packet and reason' % command,
               run.text)
        tap.equal(state.limits(gm.g)["drop-copies"], 0,
                  'drops: "%s" turns copies off again' % off)
