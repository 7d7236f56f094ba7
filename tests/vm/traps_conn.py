# SPDX-License-Identifier: GPL-2.0-or-later
"""TCP connections that are alive when their SAs end (AT-26): the reset leaves
inside ESP, nothing leaves in clear, and no socket stays behind."""
import contextlib

import netns
import state
import tap
from esp import ACK, ESP, FIN, RST, SYN, TCP, UDP
from sniff import Sniffer
from statebench import tcp as tcp_socket
from statetcp import Connection

PROTECTED = {state.PORT_PS, *state.PORT_PC}
LISTEN = 10


def sockets(s):
    """States of pcscf's TCP sockets with one of the set's two flows."""
    found = []
    with netns.ns("pcscf"):
        for name in ("tcp", "tcp6"):
            with open("/proc/thread-self/net/" + name,
                      encoding="ascii") as file:
                for line in file.readlines()[1:]:
                    fields = line.split()
                    local, remote = [int(f.rsplit(":", 1)[1], 16)
                                     for f in fields[1:3]]
                    kind = int(fields[3], 16)
                    if kind != LISTEN and (local, remote) in (
                            (s.port_ps, s.port_uc), (s.port_pc, s.port_us)):
                        found.append(kind)
    return found


class Scene:
    """A set with a UE made by hand, a listener on port_ps, and one
    connection in some state of its life."""

    def __init__(self, b, version):
        b.fresh()
        self.b, self.ep = b, state.endpoint(b.g, version)
        self.s = state.new_set(b.g, self.ep, alg="hmac-md5-96", ealg="null",
                               **state.established())
        self.server = tcp_socket("pcscf", self.s.local, self.s.port_ps)
        self.server.listen(4)
        self.client = True
        self.ue = self.conn = None
        self.sniffer = Sniffer("pcscf")
        b.g.events(0)

    def close(self):
        for thing in (self.ue, self.conn, self.server, self.sniffer):
            if thing:
                thing.close()

    def in_clear(self):
        return [str(p) for p in self.sniffer.find(
            lambda p: p.src == self.s.local and p.protocol in (TCP, UDP) and
            p.sport in PROTECTED)]

    # ----- states of the connection ---------------------------------------
    def idle(self):
        self.ue = Connection(self.s).connect()
        self.conn = self.server.accept()[0]

    def data_in_flight(self):
        """The UE takes nothing: the P-CSCF has unsent and unacknowledged
        bytes."""
        self.idle()
        self.conn.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                self.conn.send(bytes(1 << 16))
        self.ue.receive(lambda g: g.payload)

    def not_accepted(self):
        self.ue = Connection(self.s).connect()
        state.wait(lambda: 1 in sockets(self.s))

    def half_open(self):
        """The UE's ACK never comes."""
        self.ue = Connection(self.s)
        self.ue.send(flags=SYN)
        self.ue.receive(lambda g: g.flags & SYN)

    def closed_by_us(self):
        """FIN_WAIT2, no process has it any more."""
        self.idle()
        self.conn.close()
        fin = self.ue.receive(lambda g: g.flags & FIN)
        self.ue.ack = fin.seq + 1
        self.ue.send()
        state.wait(lambda: 5 in sockets(self.s))

    def closed_by_both(self):
        """LAST_ACK: the UE's last ACK never comes."""
        self.idle()
        self.ue.send(flags=FIN | ACK)
        state.wait(lambda: 8 in sockets(self.s))
        self.conn.close()
        self.ue.receive(lambda g: g.flags & FIN)

    def time_wait(self):
        self.closed_by_us()
        self.ue.send(flags=FIN | ACK)
        state.wait(lambda: 6 in sockets(self.s))

    def from_port_pc(self):
        self.client = False
        self.ue = Connection(self.s, client=False)
        self.conn = tcp_socket("pcscf", self.s.local, self.s.port_pc)
        self.conn.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            self.conn.connect((self.s.ue, self.s.port_us))
        self.ue.accept()
        self.conn.settimeout(20)
        self.conn.sendall(b"x")
        self.ue.receive(lambda g: g.payload)

    def syn_sent(self):
        """The UE does not answer."""
        self.client = False
        self.ue = Connection(self.s, client=False)
        self.conn = tcp_socket("pcscf", self.s.local, self.s.port_pc)
        self.conn.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            self.conn.connect((self.s.ue, self.s.port_us))
        self.ue.receive(lambda g: g.flags & SYN)


# state, whether a reset is due to the UE
LIVES = [(Scene.idle, True), (Scene.data_in_flight, True),
         (Scene.not_accepted, True), (Scene.half_open, False),
         (Scene.closed_by_us, False), (Scene.closed_by_both, False),
         (Scene.time_wait, False), (Scene.from_port_pc, True),
         (Scene.syn_sent, False)]


def delete(scene):
    state.del_set(scene.b.g, scene.s.id)


def expire(scene):
    """Cut to what a lingering set may have left."""
    state.limits(scene.b.g, grace_ms=1)
    state.change_set(scene.b.g, scene.s.id, phase="lingering")


def replace(scene):
    """Another set of the registration succeeds."""
    state.new_set(scene.b.g, scene.ep, **state.established(**{
        "port-us": scene.s.port_us, "impi": scene.s.impi}))


def force(scene):
    scene.b.g.do("endpoint-del", {"endpoint": {"id": scene.ep["id"],
                                               "force": True}})


def outside(*names):
    """Another program deletes some of the states."""
    def lose(scene):
        wanted = [(scene.s.spi(n), scene.s.flow(n)[2]) for n in names]
        for found in scene.b.x.states():
            if (found.spi, found.dst) in wanted:
                # the module may have been quicker with the second one
                with contextlib.suppress(ProcessLookupError):
                    scene.b.x.delete(found)
    return lose


def flush(scene):
    scene.b.x.flush_states()


# how, the SAs that are gone before the module knows
ENDS = [("SA_SET_DEL", delete, ""), ("its deadline", expire, ""),
        ("a newer set", replace, ""), ("endpoint-del with force", force, ""),
        ("A and D deleted from outside", outside("A", "D"), "AD"),
        ("B deleted from outside", outside("B"), "B"),
        ("C deleted from outside", outside("C"), "C"),
        ("ip xfrm state flush", flush, "ABCD")]


def run(b, version, life, reset_due, what, lose, gone):
    scene = Scene(b, version)
    life(scene)
    label = "AT-26 ipv%d %s, %s" % (
        version, life.__name__.replace("_", " "), what)
    had = sockets(scene.s)
    lose(scene)
    state.set_event(b.g, "sa-set-del", scene.s.id)
    left = state.wait(lambda: not sockets(scene.s), 5)
    tap.ok(had and left, label + ": no socket stays behind",
           "before %r, after %r" % (had, sockets(scene.s)))
    can_send = ("B" if scene.client else "C") not in gone
    if reset_due and can_send:
        tap.ok(scene.ue.receive(lambda g: g.flags & RST, 5), label +
               ": the reset leaves inside ESP")
    elif not can_send:
        # what the socket still had to say must not go out in clear
        scene.ue.receive(timeout=0.3)
    found = scene.in_clear()
    tap.ok(not found and scene.sniffer.find(lambda p: p.protocol == ESP),
           label + ": nothing leaves in clear", found[:5])
    scene.close()


def test_ends(b):
    """Every end with an idle connection, every state with two ends."""
    for version in (4, 6):
        for life, reset_due in LIVES:
            for what, lose, gone in ENDS:
                if life in (Scene.idle, Scene.from_port_pc) or \
                        lose in (delete, flush):
                    run(b, version, life, reset_due, what, lose, gone)


def test_same_port_again(b):
    """The UE comes back from the same port, on a new set."""
    for version in (4, 6):
        for life in (Scene.idle, Scene.data_in_flight, Scene.closed_by_us):
            scene = Scene(b, version)
            life(scene)
            old = scene.s
            delete(scene)
            new = state.new_set(b.g, scene.ep, alg="hmac-md5-96",
                                ealg="null", **state.established(**{
                                    "port-uc": old.port_uc,
                                    "port-us": old.port_us}))
            if scene.conn:
                scene.conn.close()
                scene.conn = None
            ue = Connection(new)
            ue.seq = 5000
            ue.connect()
            conn = scene.server.accept()[0]
            ue.send(b"hello")
            tap.equal(conn.recv(100), b"hello", "AT-26 ipv%d %s: the UE can "
                      "connect from the same port again, on a new set"
                      % (version, life.__name__.replace("_", " ")))
            conn.close()
            ue.close()
            scene.close()


def test_others_stay(b):
    """Connections of other sets, and of unprotected ports, live on."""
    b.fresh()
    ep = state.endpoint(b.g, 4)
    one, two = [state.new_set(b.g, ep, ue=netns.access_addr(ue),
                              alg="hmac-md5-96", ealg="null",
                              **state.established())
                for ue in ("ue1", "ue2")]
    with tcp_socket("pcscf", one.local, one.port_ps) as server, \
            tcp_socket("pcscf", one.local, 5060) as plain, \
            tcp_socket("attacker", "10.33.0.66", 0) as other:
        server.listen(4)
        plain.listen(4)
        phones = [Connection(s, ue).connect() for s, ue in (
            (one, "ue1"), (two, "ue2"))]
        conns = [server.accept()[0] for _ in phones]
        other.connect((one.local, 5060))
        unprotected = plain.accept()[0]
        state.del_set(b.g, one.id)
        try:
            end = conns[0].recv(1)
        except ConnectionError:
            end = None
        alive = b"\r\n\r\n"     # what may come in clear, too
        phones[1].send(alive)
        other.sendall(alive)
        tap.equal((end, conns[1].recv(9), unprotected.recv(9)),
                  (None, alive, alive), "AT-26: only the connections "
                  "of the set that ended are reset")
        for thing in conns + phones + [unprotected]:
            thing.close()
