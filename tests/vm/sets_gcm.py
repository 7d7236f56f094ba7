# SPDX-License-Identifier: GPL-2.0-or-later
"""AES-GCM and AES-GMAC (TS 33.203 Annexes H and I): what they go with, that
they carry traffic, and that no IV of ours comes twice although the four SAs of
a set share key and salt (GM-27; the argument is in kmod/sa.c)."""
import contextlib
import hashlib
import os
import socket
import struct
import subprocess
from errno import EEXIST, EINVAL, EOPNOTSUPP

import genl
import netns
import state
import tap
from esp import ACK, ESP, PSH, TCP, UDP, EspError, Injector, ip, udp
from sniff import Sniffer
from statebench import tcp as tcp_socket
from statebench import udp as udp_socket
from statetcp import Connection

ALG_AEAD = 18               # XFRMA_ALG_AEAD
ICV_BITS = 128
KEY = 20
ROUNDS = 120
OURS, SA_C = 1 << 63, 1 << 62

# alg, ealg, attribute that is refused, words of the refusal
MISFITS = [("null", e, "alg", ["null", "aes-gcm", "integrity"])
           for e in state.EALGS] + \
          [(a, "aes-gcm", "alg", ["aes-gcm", "null"])
           for a in list(state.ALGS) + ["aes-gmac"]] + \
          [("aes-gmac", e, "ealg", ["aes-gmac", "null"])
           for e in state.EALGS if e != "null"]

# alg, ealg, which key, its wrong lengths
WRONG_KEYS = [("null", "aes-gcm", "ealg-key", (0, 16, 19, 21, 24, 28, 32, 36)),
              ("null", "aes-gcm", "alg-key", (4, 16, 20)),
              ("aes-gmac", "null", "alg-key", (0, 16, 19, 21, 24, 28, 32, 36)),
              ("aes-gmac", "null", "ealg-key", (4, 16, 20))]


def named(pair):
    return "alg=%s ealg=%s" % pair


def key_of(s):
    """Key and salt, whichever of the two keys it is."""
    return b"".join(s.keys)


def new(b, ep, pair, **over):
    return state.new_set(b.g, ep, alg=pair[0], ealg=pair[1],
                         **dict(state.established(), **over))


# ----- what is made, what is refused ---------------------------------------
def wrong_with(st, s, pair):
    """What is wrong with an xfrm state of a set, as texts."""
    name, bits, icv = struct.unpack_from("=64sII", st.attrs[ALG_AEAD])
    want = {
        "algorithm": (name.rstrip(b"\0").decode(), state.AEADS[pair]),
        "ICV": (icv, ICV_BITS),
        "key": (st.attrs[ALG_AEAD][72:72 + bits // 8], key_of(s)),
        "others": ((st.auth, st.enc), (None, None)),
        "window": (st.esn["window"], 128), "flags": (st.flags, 0),
        "lifetime": (st.infinite, True)}
    return ["spi 0x%x: %s: got %r, want %r" % (st.spi, k, got, wish)
            for k, (got, wish) in want.items() if got != wish]


def test_states(b):
    for version in (4, 6):
        b.fresh()
        ep = state.endpoint(b.g, version)
        for pair in state.AEADS:
            s = new(b, ep, pair)
            states = b.x.states()
            wrong = [w for st in states for w in wrong_with(st, s, pair)]
            if sorted((st.dst, st.spi) for st in states) != sorted(
                    (s.flow(n)[2], s.spi(n)) for n in state.NAMES):
                wrong.append("not the four SAs: %r" % states)
            shown = state.get_set(b.g, s.id)
            if (shown["alg"], shown["ealg"]) != pair:
                wrong.append("shown: %r" % shown)
            tap.ok(not wrong, "GM-18 GM-26 ipv%d %s: four ESP states, ICV 128, "
                   "window 128, no ESN, no limits" % (version, named(pair)),
                   "\n".join(wrong))
            state.del_set(b.g, s.id)
            tap.equal(len(b.x.states()), 0, "ipv%d %s: all four go with the "
                      "set" % (version, named(pair)))


def test_misfits(b):
    b.fresh()
    ep = state.endpoint(b.g, 4)
    b.g.events(0)
    fits = set(state.PAIRS)
    for alg, ealg, attr, words in MISFITS:
        b.refused("GM-18 %s: refused" % named((alg, ealg)),
                  lambda alg=alg, ealg=ealg: new(b, ep, (alg, ealg)),
                  EINVAL, words, attr="sa-set." + attr)
        assert (alg, ealg) not in fits
        fits.add((alg, ealg))
    tap.equal(len(fits), 16, "GM-18: every pair is either made or refused")


def test_wrong_keys(b):
    b.fresh()
    ep = state.endpoint(b.g, 4)
    b.g.events(0)
    for alg, ealg, key, sizes in WRONG_KEYS:
        for size in sizes:
            b.refused("GM-26 %s with %s of %d bytes: refused"
                      % (named((alg, ealg)), key, size),
                      lambda pair=(alg, ealg), over={key: bytes(size)}: new(
                          b, ep, pair, **over),
                      EINVAL, [key, "length"], attr="sa-set." + key)
    b.refused("GM-26 aes-gcm without its key: refused",
              lambda: new(b, ep, ("null", "aes-gcm"), **{"ealg-key": None}),
              EINVAL, ["ealg-key"], attr="sa-set.ealg")
    b.refused("GM-26 aes-gmac without its key: refused",
              lambda: new(b, ep, ("aes-gmac", "null"), **{"alg-key": None}),
              EINVAL, ["alg-key", "missing"], missing="sa-set.alg-key")


# ----- traffic, with ESP made by hand --------------------------------------
def send_udp(inj, s, name, data, spoil=None):
    """A datagram from the UE; spoil: changes the ESP packet."""
    src, sport, dst, dport = s.flow(name)
    packet = s.esp(name).seal(udp(src, dst, sport, dport, data), UDP)
    inj.send(ip(src, dst, ESP, spoil(packet) if spoil else packet))


def flip(at):
    def spoil(packet):
        packet = bytearray(packet)
        packet[at] ^= 1
        return bytes(packet)
    return spoil


def opened(sniffer, s, name, begin):
    """What the packets of an SA hold: payload and protocol of each; None
    instead if one does not open."""
    found = sniffer.find(lambda p: p.protocol == ESP and
                         p.spi == s.spi(name), begin)
    try:
        return [s.esp(name).open(p.payload)[:2] for p in found]
    except EspError as error:
        return str(error)


def udp_flows(b, s, label):
    inj, sniffer = Injector("ue1"), Sniffer("pcscf")
    for name, port in (("A", s.port_ps), ("D", s.port_pc)):
        with udp_socket("pcscf", s.local, port) as sock:
            send_udp(inj, s, name, b"udp on " + name.encode())
            tap.equal(sock.recv(100), b"udp on " + name.encode(),
                      "%s: UDP on SA %s comes through" % (label, name))
            spoiled(b, s, name, inj, sock, label)
    begin = sniffer.mark()
    with udp_socket("pcscf", s.local, s.port_pc) as sock:
        sock.sendto(b"udp on C", (s.ue, s.port_us))
        got = state.wait(lambda: opened(sniffer, s, "C", begin))
        tap.ok(isinstance(got, list) and got[0][1] == UDP and
               got[0][0][8:] == b"udp on C",
               "%s: UDP on SA C goes out" % label, got)
    inj.close()
    sniffer.close()


def spoiled(b, s, name, inj, sock, label):
    """A packet with one bit changed anywhere that the ICV covers."""
    def errors():
        return [sa["integrity-errors"] for sa in state.get_set(b.g, s.id)["sa"]
                if sa["name"] == name.lower()][0]
    before = state.drops(b.g).get("xfrm-in-integrity", 0)
    places = {"IV": 8, "payload": 20, "ICV": -1, "sequence number": 7}
    for at in places.values():
        send_udp(inj, s, name, b"spoiled", flip(at))
    # one with the right key and a wrong salt, one with a short ICV
    wrong = s.esp(name, s.esp(name).seq + 10)
    wrong.ik, wrong.ck = [k and k[:16] + os.urandom(4) for k in s.keys]
    src, sport, dst, dport = s.flow(name)
    inj.send(ip(src, dst, ESP, wrong.seal(
        udp(src, dst, sport, dport, b"salt"), UDP)))
    send_udp(inj, s, name, b"short", lambda p: p[:-4])
    want = len(places) + 2
    state.wait(lambda: errors() >= want, 20)
    send_udp(inj, s, name, b"after")
    tap.equal((errors(), sock.recv(100),
               state.drops(b.g).get("xfrm-in-integrity", 0) - before),
              (want, b"after", want),
              "AT-09 GM-10 %s: SA %s: %s changed, wrong salt, ICV of 12 bytes:"
              " dropped" % (label, name, ", ".join(places)))


def tcp_flows(s, label):
    with tcp_socket("pcscf", s.local, s.port_ps) as sock:
        sock.listen(1)
        conn = Connection(s).connect()
        server = sock.accept()[0]
        talk(server, conn, "%s: TCP on SAs A and B" % label)
    with tcp_socket("pcscf", s.local, s.port_pc) as sock:
        sock.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            conn = Connection(s, client=False)
            sock.connect((s.ue, s.port_us))
        conn.accept()
        sock.settimeout(30)
        talk(sock, conn, "%s: TCP on SAs C and D" % label)


def talk(sock, conn, label):
    conn.send(b"ping", ACK | PSH)
    data = sock.recv(100)
    sock.send(b"pong" * 50)
    answer = conn.receive(lambda g: g.payload)
    tap.equal((data, answer and answer.payload), (b"ping", b"pong" * 50),
              "%s: both ways" % label)
    # no FIN: nobody would answer it
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack("ii", 1, 0))
    sock.close()
    conn.close()


def test_traffic(b):
    for version in (4, 6):
        b.fresh()
        ep = state.endpoint(b.g, version)
        for pair in state.AEADS:
            s = new(b, ep, pair)
            label = "GM-03 GM-26 ipv%d %s" % (version, named(pair))
            udp_flows(b, s, label)
            tcp_flows(s, label)


# ----- IVs -----------------------------------------------------------------
class Ivs:
    """{(SA, sequence number): IV} of the packets of sets, from the wire."""

    def __init__(self):
        self.sniffer = Sniffer("pcscf")
        self.begin = self.sniffer.mark()

    def of(self, s):
        names = {s.spi(n): n for n in state.NAMES}
        found = self.sniffer.find(lambda p: p.protocol == ESP and
                                  p.spi in names, self.begin)
        return {(names[p.spi],) + struct.unpack("!IQ", p.payload[4:16])[:1]:
                struct.unpack("!IQ", p.payload[4:16])[1] for p in found}

    def close(self):
        self.sniffer.close()


def ours(ivs, name):
    return {seq: iv for (sa, seq), iv in ivs.items() if sa == name}


def constant(s, name):
    """S of kmod/sa.c: the IV is this, XOR the sequence number."""
    label = b"gmguard iv".ljust(12, b"\0")
    digest = hashlib.sha256(label + struct.pack("!I", s.spi(name)) +
                            key_of(s)).digest()
    rest = struct.unpack("!Q", digest[:8])[0] & (SA_C - 1)
    return OURS | rest | (SA_C if name == "C" else 0)


class KernelUe:
    """The UE's half in its own kernel; traffic on all four SAs."""

    def __init__(self, s):
        self.s = s
        state.install_ue(s, "ue1")

    def talk(self, rounds):
        s = self.s
        with udp_socket("pcscf", s.local, s.port_pc) as here, \
                udp_socket("ue1", s.ue, s.port_us) as there:
            for _ in range(rounds):
                here.sendto(b"to the UE", (s.ue, s.port_us))
                assert there.recv(100) == b"to the UE"
                there.sendto(b"back", (s.local, s.port_pc))
                assert here.recv(100) == b"back"
        with tcp_socket("pcscf", s.local, s.port_ps) as here, \
                tcp_socket("ue1", s.ue, s.port_uc) as there:
            here.listen(1)
            there.connect((s.local, s.port_ps))
            server = here.accept()[0]
            for _ in range(rounds):
                there.send(b"ping")
                assert server.recv(100) == b"ping"
                server.send(b"pong")
                assert there.recv(100) == b"pong"
            for sock in (there, server):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                struct.pack("ii", 1, 0))
            server.close()

    def remove(self):
        state.remove_ue(self.s, "ue1")


def wrong_ivs(s, ivs, rounds):
    """What is wrong with the IVs of SAs B and C of a set, as texts."""
    wrong = []
    for name in "BC":
        got = ours(ivs, name)
        if len(got) < rounds:
            wrong.append("SA %s: only %d packets" % (name, len(got)))
        fixed = {iv ^ seq for seq, iv in got.items()}
        if fixed != {constant(s, name)}:
            wrong.append("SA %s: constants %s, want %x"
                         % (name, ["%x" % f for f in fixed][:4],
                            constant(s, name)))
        bits = {iv >> 62 for iv in got.values()}
        if bits != {2 if name == "B" else 3}:
            wrong.append("SA %s: top bits %r" % (name, bits))
    sent = list(ours(ivs, "B").values()) + list(ours(ivs, "C").values())
    if len(set(sent)) != len(sent):
        wrong.append("an IV came twice")
    return wrong


def test_ivs(b):
    """Real traffic on several sets of each kind."""
    constants = []
    for version in (4, 6):
        b.fresh()
        ep = state.endpoint(b.g, version)
        for pair in state.AEADS:
            for number in range(3):
                s = new(b, ep, pair)
                seen, ue = Ivs(), KernelUe(s)
                ue.talk(ROUNDS)
                ivs = seen.of(s)
                wrong = wrong_ivs(s, ivs, ROUNDS)
                tap.ok(not wrong, "GM-27 ipv%d %s set %d: %d packets on SA B, "
                       "%d on SA C: bit 63 is set, bit 62 is their SA's, no IV"
                       " comes twice" % (version, named(pair), number + 1,
                                         len(ours(ivs, "B")),
                                         len(ours(ivs, "C"))),
                       "\n".join(wrong))
                constants += [constant(s, name) for name in "BC"]
                ue.remove()
                seen.close()
    # 24 numbers of 62 bits; the low ones must not be the same either
    tap.ok(len({c & 0xffffffff for c in constants}) == len(constants) and
           len({c >> 32 & 0x3fffffff for c in constants}) == len(constants),
           "GM-27: the other bits are those of the set")


def again(s, shown):
    """The same set, going on where it was."""
    return s.request(**{
        "port-pc": s.port_pc, "port-ps": s.port_ps, "spi-pc": s.spi("D"),
        "spi-ps": s.spi("A"), "phase": "established", "lifetime-ms": 60000,
        "sa": [{"name": sa["name"], "seq": sa["seq"]}
               for sa in shown["sa"]]})


def test_again(b):
    """A set that is made again with its sequence numbers, as another node
    would."""
    for version in (4, 6):
        for pair in state.AEADS:
            b.fresh()
            ep = state.endpoint(b.g, version)
            s = new(b, ep, pair)
            seen, ue = Ivs(), KernelUe(s)
            ue.talk(30)
            first = seen.of(s)
            for _ in range(3):
                asked = again(s, state.get_set(b.g, s.id))
                state.del_set(b.g, s.id)
                s = state.Set(asked["sa-set"],
                              b.g.do("sa-set-new", asked)["sa-set"])
                ue.talk(30)
            ivs = seen.of(s)
            ue.remove()
            seen.close()
            wrong = wrong_ivs(s, ivs, 120)
            packets = [sum(ours(ivs, name).values()) and max(ours(ivs, name))
                       for name in "BC"]
            counted = [len(ours(ivs, name)) for name in "BC"]
            if packets != counted:
                wrong.append("numbers up to %r, but %r packets"
                             % (packets, counted))
            if any(ivs[k] != first[k] for k in first):
                wrong.append("a sequence number was used twice")
            tap.ok(not wrong, "GM-27 ipv%d %s: made again three times with its"
                   " sequence numbers: the IVs go on, none comes twice"
                   % (version, named(pair)), "\n".join(wrong))


def test_same_key(b):
    """A second set with the key of a live one would use its IVs again."""
    b.fresh()
    ep = state.endpoint(b.g, 4)
    for pair in state.AEADS:
        for phase in ("temporary", "established"):
            over = {"phase": "temporary", "lifetime-ms": None} \
                if phase == "temporary" else {}
            s = new(b, ep, pair, **over)
            asked = state.set_attrs(ep, alg=pair[0], ealg=pair[1],
                                    impi=s.impi, **{
                k: s.asked.get(k) for k in ("alg-key", "ealg-key")})
            b.g.events(0)
            b.refused("GM-27 GM-29 %s: the key of a %s set of the same IMPI: "
                      "refused" % (named(pair), phase),
                      lambda asked=asked: b.g.do("sa-set-new", asked), EEXIST,
                      ["key", "one set"], attr=(None, "sa-set"))
            same = dict(asked["sa-set"], **{
                "port-uc": s.port_uc, "port-us": s.port_us,
                "spi-uc": s.spi("B"), "spi-us": s.spi("C")})
            b.refused("GM-27 GM-29 %s: nor for the set that takes the place of"
                      " a %s one" % (named(pair), phase),
                      lambda same=same: b.g.do("sa-set-new", {"sa-set": same}),
                      EEXIST, None, attr=(None, "sa-set", "sa-set.port-uc"))


# ----- another IV generator ------------------------------------------------
def drivers(prefix):
    """Algorithms of the kernel whose driver has such a name."""
    with open("/proc/crypto", encoding="ascii") as f:
        return [line for line in f
                if line.startswith("driver") and ": " + prefix in line]


def make_pcrypt(inner):
    """Has the crypto layer make pcrypt(seqiv(inner)) and prefer it from now
    on; whether it did. The name asked for is never found: it is seqiv's."""
    with contextlib.suppress(OSError), \
            socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET) as sock:
        sock.bind(("aead", "pcrypt(seqiv(%s))" % inner))
    return bool(drivers("pcrypt(seqiv(" + inner.split("(")[0]))


def remove_pcrypt():
    """Until the refused states are freed it is in use."""
    def gone():
        subprocess.run(["modprobe", "-rq", "pcrypt"], check=False)
        return not drivers("pcrypt")
    return state.wait(gone, 30, 0.2)


def test_other_generator(b):
    """pcrypt around seqiv stands for any generator whose IVs nobody vouches
    for: it has seqiv's name and a higher priority."""
    b.fresh()
    ep = state.endpoint(b.g, 4)
    for pair, inner in state.AEADS.items():
        if not make_pcrypt(inner):
            tap.note("GM-27: this kernel has no pcrypt: not tried")
            continue
        b.g.events(0)
        b.refused("GM-27 %s: IVs that are not seqiv's: refused" % named(pair),
                  lambda pair=pair: new(b, ep, pair), EOPNOTSUPP,
                  ["seqiv"], attr=(None, "sa-set"))
        try:
            text = remove_pcrypt() and new(b, ep, pair).reply["ealg"]
        except genl.NlError as error:
            text = error
        tap.equal(text, pair[1], "GM-27 %s: seqiv again: made" % named(pair))
