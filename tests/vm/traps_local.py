# SPDX-License-Identifier: GPL-2.0-or-later
"""Loopback, where IPsec does not happen, and exempt core peers."""
import contextlib
import errno

import netns
import state
import tap
from esp import TCP, UDP
from sniff import Sniffer
from statebench import tcp as tcp_socket
from statebench import udp as udp_socket

LO = {4: "127.0.0.1", 6: "::1"}


def sums(b):
    found = state.drops(b.g)
    return (found.get("in-plaintext", 0), sum(
        found.get(k, 0) for k in ("out-plaintext", "xfrm-out-no-state")))


def deliver(src, dst):
    """One datagram from a bound socket to another one; what came."""
    with contextlib.suppress(OSError):
        src.sendto(b"local", dst.getsockname()[:2])
    dst.settimeout(0.3)
    with contextlib.suppress(TimeoutError):
        return dst.recv(100)
    return None


def test_loopback(b):
    """A process of the P-CSCF's own host is no UE either."""
    for version in (4, 6):
        b.fresh()
        ep = state.endpoint(b.g, version)
        addr = ep["local-addr"]
        for what, source in (("its own address", addr),
                             ("loopback", LO[version])):
            for port in (state.PORT_PS, state.PORT_PC[0]):
                before = sums(b)
                with udp_socket("pcscf", addr, port) as sock, \
                        udp_socket("pcscf", source, 7000) as local:
                    got = deliver(local, sock)
                tap.ok(got is None and state.wait(
                    lambda before=before: sums(b)[0] > before[0], 5),
                       "GM-01 ipv%d from %s to port %d over lo: dropped"
                       % (version, what, port), got)
        before = sums(b)
        with udp_socket("pcscf", addr, state.PORT_PS) as sock, \
                udp_socket("pcscf", addr, 7000) as local:
            got = deliver(sock, local)
        tap.ok(got is None and state.wait(lambda before=before: sums(b)[1] >
                                          before[1], 5), "AT-31 ipv%d from "
               "port_ps over lo: dropped" % version, got)
        with tcp_socket("pcscf", addr, state.PORT_PS, 0.3) as server, \
                tcp_socket("pcscf", addr, 7001, 0.3) as client:
            server.listen(1)
            connected = None
            with contextlib.suppress(OSError):
                client.connect((addr, state.PORT_PS))
                connected = True
        tap.ok(not connected, "AT-04 ipv%d TCP to port_ps over lo: no "
               "connection" % version)
        with udp_socket("pcscf", addr, 7000) as one, \
                udp_socket("pcscf", addr, 7001) as two:
            tap.equal(deliver(one, two), b"local", "ipv%d other ports over "
                      "lo: untouched" % version)


def exempt_of(version):
    return [{"addr": "10.44.0.2", "len": 32}, {"addr": "10.33.0.64",
                                               "len": 30}] \
        if version == 4 else [{"addr": "fd44::2", "len": 128},
                              {"addr": "fd33::64", "len": 126}]


def sends(port, addr, ns_to, to, protocol):
    """Whether a packet from a protected port comes to a host in clear."""
    make = udp_socket if protocol == UDP else tcp_socket
    with make(ns_to, to, 7777, 0.5) as there, \
            make("pcscf", addr, port, 0.5) as here:
        with contextlib.suppress(OSError):
            if protocol == UDP:
                here.sendto(b"core", (to, 7777))
                return there.recv(100) == b"core"
            there.listen(1)
            here.connect((to, 7777))
            conn = there.accept()[0]
            here.sendall(b"core")
            got = conn.recv(100)
            conn.close()
            return got == b"core"
    return False


def test_exempt(b):
    """Core peers that are listed may be reached, nobody else. Packets from
    the peer to the protected port stay what they were: plaintext."""
    for version in (4, 6):
        b.fresh()
        ep = state.endpoint(b.g, version, exempt=exempt_of(version))
        addr = ep["local-addr"]
        netns.ip("route replace %s via %s\n" % (
            "10.33.0.0/24" if version == 4 else "fd33::/64",
            netns.core_addr("pcscf", version)), "core")
        sniffer = Sniffer("pcscf")
        core = netns.core_addr("core", version)
        # core0 has no link-local address that IPv6 could ask for it with, when
        # the packet's own source is on the other interface
        netns.ip("neigh replace %s lladdr %s dev core0 nud permanent\n" % (
            core, netns.mac("core", "core0").hex(":")), "pcscf")
        cases = [("listed core peer", "core", core, True),
                 ("in a listed prefix", "attacker", netns.access_addr(
                     "attacker", version), True),
                 ("not listed", "ue1", netns.access_addr("ue1", version),
                  False)]
        for what, name, to, wanted in cases:
            for port in (state.PORT_PS, state.PORT_PC[0]):
                got = sends(port, addr, name, to, UDP)
                tap.ok(got == wanted, "AT-31 ipv%d udp from port %d to a peer "
                       "%s: %s" % (version, port, what, "passes" if wanted
                                   else "dropped"), state.drops(b.g))
        leaked = sniffer.find(lambda p: p.protocol in (TCP, UDP) and
                              p.src == addr and p.dst ==
                              netns.access_addr("ue1", version))
        tap.ok(not leaked, "AT-31 ipv%d nothing leaves in clear for a peer "
               "that is not listed" % version, [str(p) for p in leaked])
        sniffer.close()
        answers_dropped(b, version, addr, core)


def answers_dropped(b, version, addr, core):
    before = sums(b)[0]
    with udp_socket("pcscf", addr, state.PORT_PS, 0.3) as sock, \
            udp_socket("core", core, 7777) as peer:
        with contextlib.suppress(OSError):
            peer.sendto(b"x", (addr, state.PORT_PS))
        got = None
        with contextlib.suppress(TimeoutError):
            got = sock.recv(100)
    tap.ok(got is None and state.wait(lambda: sums(b)[0] > before, 5),
           "GM-01 ipv%d in clear from a listed peer to port_ps: dropped"
           % version, got)


def test_exempt_set(b):
    """A UE inside an exempt prefix would be talked to in clear: such a
    prefix shows at the first registration."""
    for version in (4, 6):
        b.fresh()
        ep = state.endpoint(b.g, version, exempt=exempt_of(version))
        state.new_set(b.g, ep)
        b.g.events(0)
        inside = netns.access_addr("attacker", version)
        b.refused("GM-01 AT-31 ipv%d an SA set for a UE inside an exempt "
                  "prefix: refused" % version, lambda inside=inside:
                  state.new_set(b.g, ep, ue=inside), errno.EADDRNOTAVAIL,
                  ["ue-addr", "exempt"], attr="sa-set.ue-addr")
