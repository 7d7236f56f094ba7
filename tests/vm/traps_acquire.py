# SPDX-License-Identifier: GPL-2.0-or-later
"""A packet from a protected port that has no SA, while other programs wait to
be asked for one (AT-43): the kernel's larval state must not stay, it would
turn other misses on the same addresses into errors; and nothing may leave in
clear."""
import contextlib
import os
import subprocess
import tempfile

import netns
import state
import tap
from esp import ESP, TCP, UDP
from sniff import Sniffer
from statebench import tcp as tcp_socket
from statebench import udp as udp_socket

PROTECTED = {state.PORT_PS, *state.PORT_PC}
NETLINK_XFRM, ACQUIRE_GROUP = 6, 1

CHARON_CONF = """
charon {
  load = random nonce aes sha1 sha2 hmac kdf kernel-netlink socket-default
  filelog {
    log {
      path = %s/charon.log
      default = 1
    }
  }
}
"""


def listens(pid):
    """Whether a process is subscribed to acquires in pcscf."""
    inodes = set()
    for name in os.listdir("/proc/%d/fd" % pid):
        with contextlib.suppress(OSError):
            inodes.add(os.readlink("/proc/%d/fd/%s" % (pid, name)))
    with netns.ns("pcscf"), open("/proc/thread-self/net/netlink",
                                 encoding="ascii") as file:
        for line in file.readlines()[1:]:
            fields = line.split()
            if int(fields[1]) == NETLINK_XFRM and \
                    int(fields[3], 16) & ACQUIRE_GROUP and \
                    "socket:[%s]" % fields[9] in inodes:
                return True
    return False


@contextlib.contextmanager
def nobody():
    yield None


@contextlib.contextmanager
def program(argv, env=None):
    """One that listens to acquires, started in pcscf."""
    process = netns.popen("pcscf", argv, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, env=env)
    try:
        if not state.wait(lambda: listens(process.pid) or
                          process.poll() is not None, 60) or \
                process.poll() is not None:
            raise RuntimeError("%s does not listen" % argv)
        yield process
    finally:
        process.terminate()
        process.wait()


def monitor():
    return program(["ip", "xfrm", "monitor", "acquire"])


@contextlib.contextmanager
def charon():
    with tempfile.TemporaryDirectory() as directory:
        conf = os.path.join(directory, "strongswan.conf")
        with open(conf, "w", encoding="ascii") as file:
            file.write(CHARON_CONF % directory)
        with program(["/usr/lib/ipsec/charon"], dict(
                os.environ, STRONGSWAN_CONF=conf)) as process:
            yield process


LISTENERS = [("nobody listening", nobody), ("ip xfrm monitor", monitor),
             ("charon", charon)]


def try_udp(addr, port, target):
    """A datagram from a protected port; refused or lost, never mind."""
    with udp_socket("pcscf", addr, port) as sock:
        try:
            sock.sendto(b"in clear", target)
        except OSError:
            pass


def try_tcp(addr, port, target):
    """A connection from a protected port; the SYN at least is tried."""
    with tcp_socket("pcscf", addr, port, 0.1) as sock:
        try:
            sock.connect(target)
        except OSError:
            pass


def leaks(sniffer, before, also_esp=True):
    """What left pcscf from a protected port, or as ESP."""
    return [str(p) for p in sniffer.find(lambda p: (
        p.src in (netns.access_addr("pcscf"), netns.access_addr("pcscf", 6))
        and (also_esp and p.protocol == ESP or p.protocol in (TCP, UDP) and
             p.sport in PROTECTED)), before)]


def refusals(b):
    found = state.drops(b.g)
    return sum(found.get(k, 0) for k in (
        "xfrm-out-no-state", "out-plaintext", "xfrm-out-error"))


CASES = [("udp from port_pc", try_udp, 6110), ("udp from port_ps", try_udp,
                                               6101),
         ("tcp from port_pc", try_tcp, 6111), ("tcp from port_ps", try_tcp,
                                               6101)]


def test_misses(b):
    sniffer = Sniffer("pcscf")
    for label, listener in LISTENERS:
        for version in (4, 6):
            b.fresh()
            ep = state.endpoint(b.g, version)
            target = (netns.access_addr("ue1", version), 30000)
            with listener():
                for what, attempt, port in CASES:
                    miss(b, sniffer, ep, attempt, port, target, "ipv%d %s, %s"
                         % (version, what, label))
    sniffer.close()


def miss(b, sniffer, ep, attempt, port, target, label):
    before, refused = sniffer.mark(), refusals(b)
    attempt(ep["local-addr"], port, target)
    gone = state.wait(lambda: not b.x.states(), 20)
    counted = state.wait(lambda: refusals(b) > refused, 10)
    tap.ok(gone, "AT-43 %s: no larval state stays" % label,
           [(s.src, s.dst, s.reqid, s.spi) for s in b.x.states()])
    found = leaks(sniffer, before)
    tap.ok(counted and not found, "AT-43 AT-31 GM-01 %s: refused and counted, "
           "nothing leaves" % label, "%s %s" % (counted, found))


def test_larval_were_there(b):
    """Without a listener there are none; with one the module removes them."""
    for label, listener in LISTENERS:
        b.fresh()
        ep = state.endpoint(b.g, 4)
        before = state.stats(b.g)["larval"]
        with listener():
            for i in range(100):
                try_udp(ep["local-addr"], 6110, ("10.33.0.%d" % (100 + i),
                                                 30000))
            gone = state.wait(lambda: not b.x.states(), 30)
        removed = state.stats(b.g)["larval"] - before
        tap.ok(gone and (removed > 0) == (listener is not nobody),
               "AT-43 100 misses, %s: larval states removed: %s"
               % (label, "some" if removed else "none"), removed)


def test_beside_honest(b):
    """A set's own traffic while others miss, and a set made right after a
    miss on its addresses."""
    for label, listener in LISTENERS[1:]:
        for version in (4, 6):
            b.fresh()
            ep = state.endpoint(b.g, version)
            with listener():
                honest(b, ep, version, label)


def honest(b, ep, version, label):
    s = state.new_set(b.g, ep, **state.established())
    state.install_ue(s, "ue1")
    with udp_socket("ue1", s.ue, s.port_us) as phone, \
            udp_socket("pcscf", s.local, s.port_pc) as sock:
        got = []
        for i in range(20):
            # The same pair of addresses, another port.
            with contextlib.suppress(OSError):
                sock.sendto(b"miss", (s.ue, 30000))
            sock.sendto(b"%d" % i, (s.ue, s.port_us))
            got.append(phone.recv(100))
    tap.equal(got, [b"%d" % i for i in range(20)], "AT-43 ipv%d %s: a set's "
              "own packets pass between 20 misses to its UE"
              % (version, label))
    state.remove_ue(s, "ue1")
    state.del_set(b.g, s.id)
    try_udp(ep["local-addr"], s.port_pc, (s.ue, s.port_us))
    again = state.new_set(b.g, ep, **state.established(**{
        "port-us": s.port_us, "port-pc": s.port_pc}))
    state.install_ue(again, "ue1")
    with udp_socket("ue1", s.ue, s.port_us) as phone, \
            udp_socket("pcscf", s.local, s.port_pc) as sock:
        def through():
            with contextlib.suppress(OSError):
                sock.sendto(b"again", (s.ue, s.port_us))
            phone.settimeout(0.2)
            with contextlib.suppress(TimeoutError):
                return phone.recv(100)
            return None
        tap.equal(state.wait(through, 10), b"again", "AT-43 ipv%d %s: a set "
                  "for the very flow that just missed works" % (
                      version, label))
    state.remove_ue(again, "ue1")
    tap.equal(state.wait(lambda: len(b.x.states()) == 4, 20), True,
              "AT-43 ipv%d %s: only its four states are left"
              % (version, label))
