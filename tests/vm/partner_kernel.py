# SPDX-License-Identifier: GPL-2.0-or-later
"""A border whose gmguard.conf has [node]: the same [peer] sections are what the
kernel lets in, and nothing in clear passes to or from a partner."""
import json
import os
import socket

import netns
import rulenet
import state
import tap
from interconnect import EXAMPLES, TLS_PORT
from partner_calls import IDENTITY, finish, invite

ALICE = "sip:alice@a.example"
NODE = "[node]\nport = udp/5060, tcp/5060, tcp/5061/tls\n"
GMGUARD = os.environ.get("GMGUARD") or os.path.join(
    os.environ["GMGUARD_TOP"], "agent", "gmguard")


class Guarded:
    """Network A with [node] in its file; more: peers that have addresses."""

    def __init__(self, b):
        self.b, self.g = b, state.client(b.a.space)

    def __enter__(self):
        self.b.a.configure(self.b.conf_a(more=NODE))
        return self

    def __exit__(self, *_):
        self.b.a.configure(self.b.conf_a())
        rulenet.load(self.g, {})

    def drops(self, reason):
        return state.drops(self.g).get(reason, 0)

    def dropped(self, reason, send):
        """Whether something is dropped for this reason, once sent."""
        before = self.drops(reason)
        send()
        return state.wait(lambda: self.drops(reason) > before, 60)


def knock(end, remote):
    """A TCP connection that nobody waits for."""
    with netns.ns("others"):
        sock = socket.socket(end.family)
        sock.bind((end.addr, 0))
    sock.setblocking(False)
    sock.connect_ex((remote, TLS_PORT))
    return sock


def clear(space, source, remote):
    """SIP in clear over UDP."""
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    with netns.ns(space):
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.bind((source, 0))
    try:
        sock.sendto(b"MESSAGE %s SIP/2.0\r\n" % ALICE.encode(),
                    (remote, 5060))
    except PermissionError:
        pass            # what a hook drops on its way out
    sock.close()


async def test_partner(b):
    """NW-02 with the kernel's guard, a partner's calls in both directions"""
    with Guarded(b):
        for label, caller, inner, uri, called in (
                ("A to B", b.alice, b.a.inner, "sip:bob@b.example", b.bob),
                ("B to A", b.bob, b.b.inner, ALICE, b.alice)):
            label = "NW-02 kernel, %s" % label
            got, answer = await invite(b, caller, inner, uri, called, IDENTITY)
            tap.equal((answer.code, got is not None), (200, True),
                      label + ": a call arrives")
            await finish(caller, called, answer, label)


async def test_listed(b):
    """NW-02 the kernel lets in who is listed, SIGHUP changes it"""
    end = b.ends["good"]
    with Guarded(b) as guard:
        socks = []
        tap.ok(guard.dropped("peer-unknown", lambda: socks.append(
            knock(end, b.a.outer))), "NW-02 kernel: port 5061 is closed to "
            "who is in no list of addresses")
        socks[0].close()
        b.a.configure(b.conf_a(more=NODE).replace(
            "domains = good.example", "domains = good.example\naddresses = %s"
            % end.addr))
        conn = end.connect(b.a.outer)
        tap.equal(await end.ask(conn, "MESSAGE", ALICE), 200,
                  "NW-02 kernel: and open after SIGHUP with its address")
        conn.close()


async def test_clear(b):
    """NW-02 in clear nothing passes the kernel, in either direction"""
    with Guarded(b) as guard:
        for label, space, source, to in (
                ("from", b.b.space, b.b.outer, b.a.outer),
                ("to", b.a.space, b.a.outer, b.b.outer)):
            tap.ok(guard.dropped("peer-tls", lambda s=space, f=source, t=to:
                                 clear(s, f, t)),
                   "NW-02 kernel: SIP in clear %s a partner is dropped" % label)
        reasons = rulenet.reasons_of(rulenet.rules_of(guard.g)["peer", "b"])
        tap.ok(reasons.get("peer-tls", 0) >= 2,
               "NW-02 kernel: and is counted by peer and reason", reasons)


def connects(end, remote):
    """A TLS connection, or None if it is refused."""
    try:
        return end.connect(remote)
    except ConnectionRefusedError:
        return None


async def test_connections(b):
    """NW-02 connections.nft, the shipped rule with the partner's address"""
    end = b.ends["good"]
    with open(os.path.join(EXAMPLES, "connections.nft"),
              encoding="ascii") as f:
        rules = f.read().replace("over 50", "over 2").replace(
            "ip saddr 198.51.100.0/24", "%s saddr %s"
            % ("ip6" if ":" in end.addr else "ip", end.addr))
    netns.run(b.a.space, ["nft", "-f", "-"], input=rules)
    try:
        conns = [connects(end, b.a.outer) for _ in range(3)]
        tap.ok(conns[0] and conns[1] and not conns[2],
               "NW-02 connections: of 3 at once the third is refused", conns)
        tap.equal(await end.ask(conns[0], "MESSAGE", ALICE), 200,
                  "NW-02 connections: the first two work")
        conns[0].close()
        tap.ok(state.wait(lambda: conns.append(connects(end, b.a.outer)) or
                          conns[-1], 60),
               "NW-02 connections: when one is closed, there is room again")
        for conn in conns[1:]:
            if conn:
                conn.close()
    finally:
        netns.run(b.a.space, ["nft", "delete", "table", "inet",
                              "gmguard_border"])


async def test_counts(b):
    """NW-02 gmguard partners"""
    done = netns.run(b.a.space, [GMGUARD, "partners", "-j", "--agent",
                                 b.a.path("sock")], check=False)
    got = json.loads(done.stdout or "{}")
    peers = {p["name"]: p for p in got.get("peers", ())}
    tap.ok(peers["b"]["in"]["allowed"] > 0 < peers["b"]["out"]["allowed"] and
           got["in"]["allowed"] >= peers["b"]["in"]["allowed"],
           "NW-02 gmguard partners: counts by peer and direction", done)
    await b.out("sip:bob@noagreement.example")
    done = netns.run(b.a.space, [GMGUARD, "partners", "--agent",
                                 b.a.path("sock")], check=False)
    tap.ok("no-agreement " in done.stdout,
           "NW-02 gmguard partners: says why it refused", done)
