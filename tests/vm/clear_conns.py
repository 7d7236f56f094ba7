# SPDX-License-Identifier: GPL-2.0-or-later
"""How long a connection in clear is followed, and how many are."""
import socket

import esp
import netns
import state
import statebench
import tap
from attacknet import proc_write
from clearscene import Clear, ClearConnection, ClearScene, Flow
from esp import ACK, SYN, TCP
from state import PORT
from stream_segments import I, R


def followed(gm):
    return state.stats(gm.g)["connections"]


def forgets(gm):
    """Waits until no connection is followed."""
    return state.wait(lambda: not followed(gm), 30)


def test_idle(b):
    for version in (4, 6):
        limits = {"unprotected-idle-ms": 1500}
        with Clear(b, version, limits) as gm, ClearScene(gm) as scene:
            before, = gm.counted("in-slow")
            tap.equal(scene.play([(0, R)]), R, "GM-02 tcp%d in clear: REGISTER "
                      "is read" % version)
            tap.ok(scene.was_reset() and gm.counted("in-slow")[0] == before + 1,
                   "AT-24 GM-02 tcp%d in clear: a silent connection is reset, "
                   "in-slow" % version, gm.counted("in-slow"))
            tap.ok(forgets(gm), "AT-24 tcp%d in clear: and forgotten" % version)


def test_never_a_byte(b):
    """Nor does a connection last that never says anything."""
    for version in (4, 6):
        with Clear(b, version, {"unprotected-idle-ms": 1500}) as gm, \
                ClearScene(gm) as scene:
            tap.ok(scene.was_reset() and forgets(gm), "AT-24 GM-02 tcp%d in "
                   "clear: a connection without a byte is reset" % version)


def test_slow(b):
    """A message that does not end, however often a byte of it comes."""
    for version in (4, 6):
        with Clear(b, version, {"unprotected-message-ms": 2000}) as gm, \
                ClearScene(gm) as scene:
            before, at = gm.counted("in-slow")[0], 0
            reset = False
            while not reset and at < len(R) - 1:
                scene.put(at, R[at:at + 1])
                at += 1
                reset = scene.was_reset(0.2)
            tap.ok(reset and gm.counted("in-slow")[0] == before + 1,
                   "AT-24 GM-02 tcp%d in clear: a message that comes byte by "
                   "byte for too long: reset, in-slow" % version,
                   "byte %d, %r" % (at, gm.counted("in-slow")))


def test_syn_flood(b):
    """A SYN is remembered by nobody, nor is an ACK out of nowhere."""
    for version in (4, 6):
        with Clear(b, version) as gm:
            for flags, name in ((SYN, "SYNs"), (ACK, "ACKs")):
                src = gm.stranger()
                for port in range(1000, 3000):
                    gm.inj.send(esp.ip(src, gm.local, TCP, esp.tcp(
                        src, gm.local, port, PORT, flags, 77,
                        9 if flags & ACK else 0)))
                gm.settled()
                tap.equal(followed(gm), 0, "AT-24 GM-02 tcp%d in clear: 2,000 "
                          "%s leave nothing behind" % (version, name))


def test_too_many(b):
    for version in (4, 6):
        with Clear(b, version, {"unprotected-connections": 3}) as gm:
            scenes = [ClearScene(gm) for _ in range(3)]
            read = [scene.play([(0, R)]) for scene in scenes]
            tap.equal((read, followed(gm)), ([R] * 3, 3), "GM-02 tcp%d in "
                      "clear: as many connections as may be" % version)
            before, = gm.counted("in-rate")
            link = ClearConnection(Flow(gm))
            link.send(flags=SYN)
            answer = link.receive(lambda g: g.flags & SYN)
            link.ack = answer.seq + 1
            link.send()
            link.send(R)
            gm.settled()
            tap.ok(followed(gm) == 3 and gm.counted("in-rate")[0] >= before + 2,
                   "AT-24 GM-02 tcp%d in clear: one more: its data is dropped, "
                   "in-rate" % version, gm.counted("in-rate"))
            link.close()
            for scene in scenes:
                scene.reset(len(R))
                scene.close()
            tap.ok(forgets(gm), "AT-24 tcp%d in clear: when they end, they are "
                   "forgotten" % version)
            with ClearScene(gm) as scene:
                tap.equal(scene.play([(0, R)]), R, "GM-02 tcp%d in clear: then "
                          "the next one is followed" % version)


def test_cookies(b):
    """Under a flood the stack makes connections from cookies."""
    for version in (4, 6):
        with Clear(b, version) as gm:
            proc_write("pcscf", "net/ipv4/tcp_syncookies", 2)
            with ClearScene(gm) as scene:
                tap.equal(scene.play([(0, R)]), R, "GM-02 tcp%d in clear: a "
                          "connection from a SYN cookie: REGISTER is read"
                          % version)
                scene.play([(len(R), I)])
                tap.ok(scene.was_reset(), "AT-23 GM-02 tcp%d in clear: a "
                       "connection from a SYN cookie: INVITE ends it" % version)
            for what, data in (("REGISTER", R), ("INVITE", I)):
                link = ClearConnection(Flow(gm))
                link.send(flags=SYN)
                answer = link.receive(lambda g: g.flags & SYN)
                link.ack = answer.seq + 1
                link.send(data)         # brings the cookie, too
                gm.settled()
                gm.clear_server.settimeout(30 if data == R else 0)
                got = b""
                try:
                    got = gm.clear_server.accept()[0].recv(4096)
                except OSError:
                    pass
                tap.equal(got, R if data == R else b"", "AT-23 GM-02 tcp%d in "
                          "clear: %s in the segment that brings the cookie: "
                          "judged" % (version, what))
                link.close()
            proc_write("pcscf", "net/ipv4/tcp_syncookies", 1)


class Older:
    """A connection that is there before the guard."""

    def __init__(self, b, version, said):
        b.fresh()
        self.local = netns.access_addr("pcscf", version)
        self.server = statebench.tcp("pcscf", self.local, PORT)
        self.server.listen(4)
        src = "10.33.0.99" if version == 4 else "fd33::99"
        Clear.known(src)
        self.link = ClearConnection(Flow(self, src)).connect()
        self.conn = self.server.accept()[0]
        self.conn.settimeout(30)
        if said:
            self.link.send(said)
            self.conn.recv(len(said))
        state.endpoint(b.g, version)

    def read(self):
        try:
            return self.conn.recv(4096)
        except OSError:
            return None

    def close(self):
        for thing in (self.link, self.conn, self.server):
            thing.close()


def test_older(b):
    """Nobody knows what a connection older than the guard has brought."""
    for version in (4, 6):
        older = Older(b, version, R[:40])
        before = state.drops(b.g).get("in-stream", 0)
        older.link.send(R[40:])
        reset = older.link.receive(lambda s: s.flags & esp.RST)
        tap.ok(reset and older.read() is None and
               state.drops(b.g)["in-stream"] == before + 1,
               "GM-02 tcp%d in clear: a connection that was in use before the "
               "guard: dropped, in-stream, and reset" % version)
        older.close()
        older = Older(b, version, b"")
        older.link.send(R)
        tap.equal(older.read(), R, "GM-02 tcp%d in clear: one that had said "
                  "nothing goes on" % version)
        older.close()


def test_unguarded(b):
    """A connection is left alone when its endpoint goes, while others stay."""
    with Clear(b, 4, {"unprotected-idle-ms": 1500}) as gm:
        other = state.endpoint(b.g, 6)
        server = statebench.tcp("pcscf", other["local-addr"], PORT)
        server.listen(4)
        Clear.known("fd33::99")

        class Six:
            local = other["local-addr"]
        link = ClearConnection(Flow(Six, "fd33::99")).connect()
        conn = server.accept()[0]
        conn.settimeout(30)
        link.send(R)
        conn.recv(4096)
        tap.equal(followed(gm), 1, "GM-02 tcp6 in clear: a connection is "
                  "followed")
        b.g.do("endpoint-del", {"endpoint": {"id": other["id"]}})
        before, = gm.counted("in-slow")
        with ClearScene(gm) as scene:
            scene.play([(0, R)])
            tap.ok(scene.was_reset() and forgets(gm) and
                   gm.counted("in-slow")[0] == before + 1,
                   "GM-02 tcp4 in clear: a silent connection is reset")
        link.send(I)
        tap.equal(conn.recv(4096), I, "GM-02 tcp6: one whose endpoint has gone "
                  "is not, nor is it guarded")
        for thing in (link, conn, server):
            thing.close()


def test_nobody(b):
    """Data of a connection that has gone is answered with a reset."""
    for version in (4, 6):
        with Clear(b, version) as gm:
            link = ClearConnection(Flow(gm))
            link.send(R)
            tap.ok(link.receive(lambda s: s.flags & esp.RST),
                   "GM-02 tcp%d in clear: data without a connection: a reset"
                   % version)
            link.close()


def test_real_socket(b):
    """A UE's own TCP, as it is."""
    for version in (4, 6):
        with Clear(b, version) as gm:
            with netns.ns("ue1"):
                ue = socket.create_connection((gm.local, PORT), 30)
            conn = gm.clear_server.accept()[0]
            conn.settimeout(30)
            big = R.replace(b"Content-Length: 0\r\n\r\n",
                            b"Content-Length: 200000\r\n\r\n" + b"z" * 200000)
            ue.sendall(R + big + R)
            got = b""
            while len(got) < len(R + big + R):
                got += conn.recv(1 << 16)
            tap.equal(got == R + big + R, True, "GM-02 tcp%d in clear: 200 kB "
                      "through a real socket are read as sent" % version)
            ue.sendall(I)
            ue.settimeout(30)
            try:
                end = ue.recv(10)
            except ConnectionResetError:
                end = None
            tap.equal(end, None, "AT-22 GM-02 tcp%d in clear: INVITE on a real "
                      "socket: it is reset" % version)
            ue.close()
            conn.close()
