# SPDX-License-Identifier: GPL-2.0-or-later
"""GRO behind the decryption (AT-44): with esp4_offload and esp6_offload
loaded, TCP segments that came through ESP go through GRO a second time, which
does not look at the SA that they came through. A segment of another SA that
follows in sequence must not ride on the first one's account.
"""
import subprocess
import time

import netns
import state
import tap
from esp import TCP
from statebench import tcp as tcp_socket
from statebench import udp as udp_socket
from statetcp import Connection, Plug, udp_packet

TRACE = "/sys/kernel/tracing/"
MERGED = ("ret=0\n", "ret=1\n")         # GRO_MERGED, GRO_MERGED_FREE
BULK = 4 << 20
SIZE = 100


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


class Merges:
    """with Merges() as m: ...; m.count is how often GRO merged something."""

    def __enter__(self):
        write(TRACE + "trace", "")
        write(TRACE + "buffer_size_kb", "8192")
        write(TRACE + "events/net/napi_gro_receive_exit/enable", "1")
        return self

    def __exit__(self, *_):
        write(TRACE + "events/net/napi_gro_receive_exit/enable", "0")
        with open(TRACE + "trace", encoding="ascii") as file:
            self.count = sum(line.endswith(MERGED) for line in file)


def prepare(b):
    """GRO on gm0 of pcscf, as on any network card."""
    if hasattr(b, "plug"):
        return
    subprocess.run(["modprobe", "-a", "esp4_offload", "esp6_offload",
                    "sch_plug"], check=True)
    # Without TSO in front of it, a veth has a NAPI that does GRO.
    netns.run("net", ["ethtool", "-K", "pcscf", "tso", "off"])
    netns.run("pcscf", ["ethtool", "-K", "gm0", "gro", "on"])
    b.plug = Plug("ue1")


def two_sets(b, version):
    b.fresh()
    prepare(b)
    ep = state.endpoint(b.g, version)
    null = dict(state.established(), alg="hmac-md5-96", ealg="null")
    return [state.new_set(b.g, ep, ue=netns.access_addr(ue, version), **null)
            for ue in ("ue1", "ue2")]


def read_all(conn, size, timeout):
    """What comes within the time, at most size bytes."""
    data = b""
    conn.settimeout(timeout)
    try:
        while len(data) < size:
            more = conn.recv(65536)
            if not more:
                break
            data += more
    except TimeoutError:
        pass
    return data


class Session:
    """A TCP connection of UE A with the P-CSCF, and UE B beside."""

    def __init__(self, b, version):
        self.b = b
        self.one, self.two = two_sets(b, version)
        with tcp_socket("pcscf", self.one.local, self.one.port_ps) as server:
            server.listen(1)
            self.ue = Connection(self.one).connect()
            self.conn = server.accept()[0]
        self.before = state.drops(b.g).get("in-tuple", 0)

    def burst(self, packets):
        with self.b.plug:
            for packet in packets:
                self.ue.inj.send(packet)

    def refused(self):
        return state.drops(self.b.g).get("in-tuple", 0) - self.before

    def close(self):
        self.conn.close()
        self.ue.close()


def piece(letter):
    return letter * SIZE


def pattern(session, text):
    """The packets of "aEF": a lower case letter is A's own, an upper case
    one is B's on its own SA but under A's name, a digit is in clear."""
    ue, packets = session.ue, []
    for i, letter in enumerate(text):
        data, seq = piece(letter.encode()), ue.seq + i * SIZE
        if letter.isdigit():
            packets.append(ue.ip(ue.plain(data, seq=seq), TCP))
        else:
            packets.append(ue.segment(data, seq=seq, by=session.two if
                                      letter.isupper() else None))
    return packets


def attack(b, version, text):
    """One test: after the burst A repeats what was not its own, and the
    server must have read exactly A's bytes."""
    session = Session(b, version)
    burst = pattern(session, text)
    # What GRO may merge follows the IP identification as well.
    with Merges() as merges:
        session.burst(burst)
        first = text[:len(text) - len(text.lstrip("abcdefgh"))]
        got = read_all(session.conn, SIZE * len(first), 20)
        more = read_all(session.conn, SIZE, 0.3)
    tap.equal((got + more)[:len(got) + SIZE], b"".join(
        piece(c.encode()) for c in first),
              "AT-44 AT-05 ipv%d tcp %s: what came on another SA, or in "
              "clear, is not delivered behind A's segment" % (version, text))
    strangers = sum(c.isupper() for c in text)
    if strangers:
        tap.ok(state.wait(lambda: 1 <= session.refused() <= strangers, 5),
               "AT-44 AT-05 ipv%d tcp %s: it is dropped as in-tuple"
               % (version, text), session.refused())
    session.burst(pattern(session, text.lower().translate(
        str.maketrans("123", "xyz"))))
    own = text.lower().translate(str.maketrans("123", "xyz"))[len(first):]
    rest = read_all(session.conn, SIZE * len(own), 20)
    tap.ok(len(rest) == SIZE * len(own) and not rest.strip(own.encode()),
           "AT-44 ipv%d tcp %s: A repeats it on its own SA: delivered"
           % (version, text), rest[:40])
    session.close()
    return merges.count


def test_honest_merges(b):
    """Without this, none of the tests below would prove anything."""
    for version in (4, 6):
        session = Session(b, version)
        with Merges() as merges:
            session.burst(pattern(session, "abcd"))
            got = read_all(session.conn, 4 * SIZE, 20)
        session.close()
        tap.equal(got, b"".join(piece(c) for c in (b"a", b"b", b"c", b"d")),
                  "AT-44 ipv%d tcp: four segments of one SA in a burst: "
                  "delivered" % version)
        tap.ok(merges.count >= 3, "AT-44 ipv%d tcp: GRO did merge them"
               % version, merges.count)


def test_attacks(b):
    for version in (4, 6):
        for text in ("aE", "aEF", "aEb", "abE", "Ea", "a1", "a1E", "1a"):
            attack(b, version, text)


def test_tunnel_order(b):
    """B's segment in front: A's must not be lost with it."""
    for version in (4, 6):
        session = Session(b, version)
        # B's claims the bytes before A's, already acknowledged ones
        old = session.ue.segment(piece(b"E"), seq=session.ue.seq - SIZE,
                                 by=session.two)
        session.burst([old] + pattern(session, "a"))
        tap.equal(read_all(session.conn, SIZE, 20), piece(b"a"),
                  "AT-44 ipv%d tcp: A's segment behind one of B's: delivered"
                  % version)
        session.close()


def test_udp(b):
    """GRO merges UDP only where somebody asked for it."""
    for version in (4, 6):
        for feature in ("rx-udp-gro-forwarding", "rx-gro-list"):
            one, two = two_sets(b, version)
            netns.run("pcscf", ["ethtool", "-K", "gm0", feature, "on"])
            udp_attack(b, version, feature, one, two)
            netns.run("pcscf", ["ethtool", "-K", "gm0", feature, "off"])


def udp_attack(b, version, feature, one, two):
    before = state.drops(b.g).get("in-tuple", 0)
    ue, flow = Connection(one), one.flow("A")
    with udp_socket("pcscf", one.local, one.port_ps) as sock:
        with b.plug:
            for i, (s, letter) in enumerate(((one, b"a"), (two, b"E"),
                                             (one, b"b"), (two, b"F"))):
                ue.inj.send(udp_packet(s, piece(letter), flow=flow,
                                       ident=500 + i))
        got = [sock.recv(1000), sock.recv(1000)]
        sock.settimeout(0.3)
        try:
            got.append(sock.recv(1000))
        except TimeoutError:
            pass
    ue.close()
    tap.equal(got, [piece(b"a"), piece(b"b")], "AT-44 AT-05 ipv%d udp %s: "
              "only A's own datagrams are delivered" % (version, feature))
    tap.ok(state.wait(lambda: state.drops(b.g).get("in-tuple", 0) > before,
                      5), "AT-44 ipv%d udp %s: the others are dropped as "
           "in-tuple" % (version, feature))


def test_udp_temporary(b):
    """A MESSAGE behind a REGISTER, in one packet of GRO's making."""
    for version in (4, 6):
        for feature in ("rx-udp-gro-forwarding", "rx-gro-list"):
            b.fresh()
            prepare(b)
            ep = state.endpoint(b.g, version)
            s = state.new_set(b.g, ep, alg="hmac-md5-96", ealg="null")
            netns.run("pcscf", ["ethtool", "-K", "gm0", feature, "on"])
            behind_register(b, version, feature, s)
            netns.run("pcscf", ["ethtool", "-K", "gm0", feature, "off"])


def behind_register(b, version, feature, s):
    good, bad = [b"%s sip:home.example SIP/2.0\r\nCSeq: 1 %s\r\n\r\n" % (
        m, m) for m in (b"REGISTER", b"SUBSCRIB")]
    label = "AT-36 GM-15 ipv%d udp %s" % (version, feature)
    ue, before = Connection(s), state.drops(b.g).get("in-phase", 0)
    with udp_socket("pcscf", s.local, s.port_ps) as sock:
        with Merges() as merges, b.plug:
            for i, text in enumerate((good, bad, good)):
                ue.inj.send(udp_packet(s, text, ident=700 + i))
        sock.settimeout(0.5)
        got = []
        try:
            while True:
                got.append(sock.recv(2000))
        except TimeoutError:
            pass
        tap.ok(bad not in got and state.drops(b.g).get(
            "in-phase", 0) > before, label + ": another request in the same "
               "packet as a REGISTER: not delivered, in-phase", got)
        ue.inj.send(udp_packet(s, good, ident=710))
        sock.settimeout(20)
        tap.equal(sock.recv(2000), good, label + ": a REGISTER alone is "
                  "delivered")
    ue.close()
    # by frag list it does not merge what came out of ESP over IPv6
    if feature == "rx-udp-gro-forwarding":
        tap.ok(merges.count, label + ": GRO did merge them", merges.count)


def retransmitted(namespace):
    """TcpRetransSegs of a namespace."""
    with netns.ns(namespace), open("/proc/thread-self/net/snmp",
                                   encoding="ascii") as file:
        names, values = [line.split() for line in file
                         if line.startswith("Tcp:")]
    return int(dict(zip(names, values))["RetransSegs"])


def bulk(b, version, alg, ealg):
    """4 MB from a real UE; seconds, merges, retransmissions."""
    b.fresh()
    prepare(b)
    ep = state.endpoint(b.g, version)
    s = state.new_set(b.g, ep, alg=alg, ealg=ealg, **state.established())
    state.install_ue(s, "ue1")
    before = retransmitted("ue1")
    got = bytearray()
    with tcp_socket("pcscf", s.local, s.port_ps) as server, \
            tcp_socket("ue1", s.ue, s.port_uc) as client, Merges() as merges:
        server.listen(1)
        client.connect((s.local, s.port_ps))
        conn = server.accept()[0]
        begin = time.monotonic()
        data, sent = bytes(range(256)) * (BULK // 256), 0
        client.setblocking(False)
        conn.settimeout(60)
        while len(got) < BULK:
            try:
                if sent < BULK:
                    sent += client.send(data[sent:sent + (1 << 16)])
            except BlockingIOError:
                pass
            got += conn.recv(1 << 18)
        seconds = time.monotonic() - begin
        conn.close()
    state.remove_ue(s, "ue1")
    tap.ok(bytes(got) == data, "AT-44 ipv%d %s %s: 4 MB of honest TCP arrive "
           "as they were sent" % (version, alg, ealg))
    repeated = retransmitted("ue1") - before
    # a loaded host repeats some; a remedy that drops merged segments, most
    tap.ok(repeated < BULK // 1400 // 10,
           "AT-44 ipv%d %s %s: not stalled: nearly nothing is "
           "sent twice" % (version, alg, ealg), "%d segments" % repeated)
    tap.note("ipv%d %s %s: %.1f s, %d merges, %d segments sent twice"
             % (version, alg, ealg, seconds, merges.count, repeated))
    return merges.count


def test_bulk(b):
    for version in (4, 6):
        merges = [bulk(b, version, alg, ealg) for alg, ealg in (
            ("hmac-sha-1-96", "aes-cbc"), ("hmac-md5-96", "null"))]
        tap.ok(min(merges) > 100, "AT-44 ipv%d: GRO merges honest segments "
               "as ever" % version, merges)
