# SPDX-License-Identifier: GPL-2.0-or-later
"""One connection after another from the same port of a phone, on a temporary
set: no byte of one is taken for a part of the other."""
import contextlib
import os
import socket

import state
import statebench
import tap
from attacknet import proc_write
from esp import ACK, PSH, SYN
from phone import Gm, request
from statetcp import Connection
from streamscene import INVITE, REGISTER, Scene, padded

R, I = REGISTER, INVITE
BIG = padded("REGISTER", 1000)
LABEL = "AT-36 AT-23 GM-15 ipv%d tcp, temporary set: "
# net.ipv4.tcp_fastopen: a server that wants no cookie, on every listener
FAST_OPEN = 0x602


def let_through(scene, position, flags=SYN):
    """Sends it until it is not dropped; how often that was."""
    for i in range(200):
        before = scene.dropped
        scene.put(position, flags=flags)
        scene.gm.settled()
        if scene.dropped == before:
            return i
    raise TimeoutError("it is dropped for ever")


@contextlib.contextmanager
def setting(name, value, usual):
    """A setting of TCP in pcscf, for a while."""
    proc_write("pcscf", "net/ipv4/" + name, value)
    try:
        yield
    finally:
        proc_write("pcscf", "net/ipv4/" + name, usual)


def test_stray_syn(b):
    """A SYN that TCP does not take for a new connection."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            for what, position in (("the next byte", 50), ("old bytes", 20),
                                   ("far away", 1 << 30)):
                with Scene(gm) as scene:
                    scene.play([(0, BIG[:50])])
                    let_through(scene, position)
                    before = scene.dropped
                    got = scene.play([(50, BIG[50:]), (50, I), (50, R),
                                      (position + 1, I), (position + 1, R)])
                    tap.equal((got, scene.dropped - before), (BIG[:50], 5),
                              LABEL % version + "a SYN in the middle, at %s: "
                              "nothing more is read" % what)


def test_stray_syn_inside_a_body(b):
    """It makes the next byte look like the first one of a connection."""
    for version in (4, 6):
        with Gm(b, version) as gm, Scene(gm) as scene:
            scene.play([(0, BIG[:500])])
            let_through(scene, 499)
            before = scene.dropped
            got = scene.play([(500, R), (500, I), (500, BIG[500:])])
            tap.equal((got, scene.dropped - before), (BIG[:500], 3),
                      LABEL % version + "a SYN right before the next byte of "
                      "a body: the body does not go on as a REGISTER")


def test_next_connection(b):
    """It begins where the one before ended, inside a body."""
    for version in (4, 6):
        with Gm(b, version) as gm, Scene(gm) as scene:
            scene.play([(0, BIG[:500])])
            scene.reset(500)
            scene.connect(1000 + 500)
            got = scene.play([(0, I), (0, BIG[500:])])
            tap.equal((got, scene.dropped), (b"", 2), LABEL % version +
                      "the next connection begins with the next byte of a "
                      "body: it is no body")
            got = scene.play([(0, R[:70]), (70, R[70:]), (len(R), I)])
            tap.equal((got, scene.dropped), (R, 3), LABEL % version +
                      "the next connection: REGISTER is read")


def test_same_beginning(b):
    """Two connections with the same sequence numbers."""
    for version in (4, 6):
        with Gm(b, version) as gm, Scene(gm) as scene:
            scene.play([(0, BIG[:500])])
            scene.reset(500)
            scene.connect(1000)
            got = scene.play([(0, I), (0, I + BIG[len(I):]),
                              (500, BIG[500:]), (0, R)])
            tap.equal((got, scene.dropped), (R, 3), LABEL % version +
                      "the next connection has the numbers of the one before: "
                      "judged from its beginning")


def test_no_connection(b):
    for version in (4, 6):
        with Gm(b, version) as gm, Scene(gm) as scene:
            scene.play([(0, R)])
            scene.reset(len(R))
            before = scene.dropped
            scene.play([(len(R), R), (len(R), b"", ACK), (0, I), (700, R)])
            tap.equal(scene.dropped - before, 4, LABEL % version +
                      "data and ACK where no connection is: dropped")


def test_syn_again(b):
    """The SYN-ACK was late: the phone repeats its SYN."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            s = gm.challenge()
            ue = Connection(s)
            for _ in range(2):
                gm.inj.send(ue.segment(flags=SYN))
            ue.seq += 1
            answer = ue.receive(lambda g: g.flags & SYN)
            ue.ack = answer.seq + 1 & 0xffffffff
            gm.inj.send(ue.segment(flags=ACK))
            gm.server.settimeout(30)
            conn = gm.server.accept()[0]
            conn.setblocking(False)
            got, tries = b"", 0
            while not got and tries < 200:
                tries += 1
                gm.inj.send(ue.segment(R, flags=ACK | PSH))
                gm.settled()
                with contextlib.suppress(BlockingIOError):
                    got = conn.recv(1 << 16)
            tap.equal(got, R, "GM-15 ipv%d tcp, temporary set: a SYN that was "
                      "sent twice harms nobody" % version)
            tap.note("sent %d times" % tries)
            conn.close()
            ue.close()


def test_lost_ack(b):
    """The phone's data opens the connection, while there is a half of it."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            data_in_ack(gm, "that comes before the ACK")


def test_cookies(b):
    """The P-CSCF has no socket until the ACK comes."""
    if not os.path.exists("/proc/sys/net/ipv4/tcp_syncookies"):
        tap.note("this kernel has no SYN cookies")
        return
    with setting("tcp_syncookies", 2, 1):
        for version in (4, 6):
            with Gm(b, version) as gm, Scene(gm) as scene:
                got = scene.play([(0, R[:50]), (50, R[50:]), (len(R), I)])
                tap.equal((got, scene.dropped), (R, 1), LABEL % version +
                          "SYN cookies: REGISTER is read, INVITE dropped")
            with Gm(b, version) as gm:
                data_in_ack(gm, "that brings a SYN cookie back")
                old_cookie(gm)


def half_open(gm, s, isn):
    """A SYN that is let through, and the SYN-ACK that comes back."""
    ue = Connection(s)
    ue.seq = isn
    answer = None
    while not answer:
        gm.inj.send(ue.segment(flags=SYN))
        answer = ue.receive(lambda g: g.flags & SYN and
                            g.ack == isn + 1, 1)
    ue.seq += 1
    ue.ack = answer.seq + 1 & 0xffffffff
    return ue


def data_in_ack(gm, what):
    """The phone's ACK was lost, its data opens the connection."""
    ue = half_open(gm, gm.challenge(), 1000)
    before = state.drops(gm.g).get("in-phase", 0)
    gm.inj.send(ue.segment(I, flags=ACK | PSH))
    gm.inj.send(ue.segment(R, flags=ACK | PSH))
    gm.server.settimeout(30)
    with contextlib.closing(gm.server.accept()[0]) as conn:
        conn.settimeout(30)
        got = conn.recv(1 << 16)
    tap.equal((got, state.drops(gm.g)["in-phase"] - before), (R, 1),
              LABEL % gm.version + "data %s: REGISTER is read, INVITE dropped"
              % what)
    ue.close()


def old_cookie(gm):
    """Two SYNs, two cookies: which of them makes the connection?"""
    s = gm.challenge()
    old, new = half_open(gm, s, 1000), half_open(gm, s, 5000)
    before = state.drops(gm.g)["in-phase"]
    gm.inj.send(old.segment(flags=ACK))
    gm.inj.send(old.segment(R, flags=ACK | PSH))
    gm.settled()
    dropped = state.drops(gm.g)["in-phase"] - before
    gm.inj.send(new.segment(R, flags=ACK | PSH))
    gm.server.settimeout(30)
    conn, peer = gm.server.accept()
    with contextlib.closing(conn):
        conn.settimeout(30)
        got = conn.recv(1 << 16)
    tap.equal((dropped, got, peer[1]), (2, R, s.port_uc), LABEL % gm.version +
              "a SYN cookie that was got for an earlier SYN: dropped")
    old.close()
    new.close()


def test_fast_open(b):
    """Data in the SYN would be read before the hook knows of a socket."""
    with setting("tcp_fastopen", FAST_OPEN, 1):
        for version in (4, 6):
            with Gm(b, version) as gm:
                tap.equal(fast_open(gm, gm.registered()), (I, 0), "GM-15 ipv%d "
                          "tcp: control, data in the SYN, established set: "
                          "read" % version)
                for what, data in (("INVITE", I), ("REGISTER", R)):
                    tap.equal(fast_open(gm, gm.challenge(), data), (None, 1),
                              LABEL % version + "%s in the SYN: dropped"
                              % what)


def fast_open(gm, s, data=I):
    """What the proxy reads, and how often in-phase was counted."""
    ue = Connection(s)
    before = state.drops(gm.g).get("in-phase", 0)
    gm.inj.send(ue.segment(data, flags=SYN))
    gm.settled()
    got = None
    gm.server.settimeout(0)
    with contextlib.suppress(BlockingIOError, socket.timeout):
        with contextlib.closing(gm.server.accept()[0]) as conn:
            conn.settimeout(30)
            got = conn.recv(1 << 16)
    ue.close()
    return got, state.drops(gm.g).get("in-phase", 0) - before


def test_other_way(b):
    """SA D: what the P-CSCF would have opened."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            s = gm.challenge()
            server = statebench.tcp("pcscf", s.local, s.port_pc)
            server.listen(1)
            server.setblocking(False)
            ue = Connection(s, client=False)
            before = state.drops(gm.g)
            gm.inj.send(ue.segment(flags=SYN))
            ue.seq += 1
            gm.settled()
            after = state.drops(gm.g)
            tap.equal([after.get(k, 0) - before.get(k, 0) for k in
                       ("in-phase", "out-phase")], [0, 1], LABEL % version +
                      "the phone connects to port_pc: no SYN-ACK leaves")
            before = after
            for data in (R, I, request("OPTIONS")):
                gm.inj.send(ue.segment(data))
            gm.inj.send(ue.segment(R, flags=SYN))
            gm.settled()
            tap.equal(state.drops(gm.g).get("in-phase", 0) -
                      before.get("in-phase", 0), 4, LABEL % version +
                      "data on SA D: dropped")
            server.close()
            ue.close()
