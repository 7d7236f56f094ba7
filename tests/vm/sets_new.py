# SPDX-License-Identifier: GPL-2.0-or-later
"""SA_SET_NEW makes exactly what TS 33.203 7.1 describes."""
import socket

import netns
import state
import tap
from esp import ESP, SYN, TCP, UDP, Injector, ip, tcp, udp
from sniff import Sniffer
from statebench import tcp as tcp_socket
from statebench import udp as udp_socket

REQID = 0x8000474d
TRANSPORT = 0
WINDOW = 128


def wrong_with(x, s, name):
    """What is wrong with the xfrm state of one SA, as texts."""
    src, sport, dst, dport = s.flow(name)
    found = [st for st in x if (st.dst, st.spi) == (dst, s.spi(name))]
    if len(found) != 1:
        return ["%d states for SA %s" % (len(found), name)]
    st = found[0]
    ik, ck = s.keys
    auth, enc = state.ALGS[s.asked["alg"]], state.EALGS[s.asked["ealg"]]
    family = socket.AF_INET6 if ":" in s.ue else socket.AF_INET
    bits = 128 if ":" in s.ue else 32
    want = {
        "protocol": (st.proto, ESP), "mode": (st.mode, TRANSPORT),
        "family": (st.family, family), "source": (st.src, src),
        "reqid": (st.reqid, s.id if name in state.INBOUND else REQID),
        "selector": ((st.sel.family, st.sel.src, st.sel.slen, st.sel.dst,
                      st.sel.dlen, st.sel.sport, st.sel.smask, st.sel.dport,
                      st.sel.dmask, st.sel.proto, st.sel.ifindex),
                     (family, src, bits, dst, bits, sport, 0xffff, dport,
                      0xffff, 0, 0)),
        "integrity": (st.auth, (auth[0], 96, ik)),
        "encryption": (st.enc, (enc[0], ck)),
        "window": (st.esn and st.esn["window"], WINDOW),
        "flags": (st.flags, 0),
        "lifetime": (st.infinite, True)}
    return ["SA %s: %s: got %r, want %r" % (name, k, got, wish)
            for k, (got, wish) in want.items() if got != wish]


def check_states(b, s, text):
    states = b.x.states()
    mine = [st for st in states if s.ue in (st.src, st.dst)]
    wrong = [w for name in state.NAMES for w in wrong_with(states, s, name)]
    if len(mine) != 4:
        wrong.append("%d states have the UE's address" % len(mine))
    return tap.ok(not wrong, text, "\n".join(wrong))


def test_states(b):
    for version in (4, 6):
        b.fresh()
        ep = state.endpoint(b.g, version)
        for alg in state.ALGS:
            for ealg in state.EALGS:
                s = state.new_set(b.g, ep, alg=alg, ealg=ealg)
                check_states(b, s, "GM-03 GM-04 GM-07 GM-09 ipv%d %s %s: four "
                             "ESP transport states, exact selectors, window "
                             "128, no ESN, no limits" % (version, alg, ealg))
                state.del_set(b.g, s.id)
                tap.equal(len(b.x.states()), 0, "ipv%d %s %s: all four go with "
                          "the set" % (version, alg, ealg))


def wrong_reply(got, asked, ep, want):
    wrong = ["%s: got %r, want %r" % (k, got.get(k), v)
             for k, v in want.items() if got.get(k) != v]
    kept = ("endpoint-id", "ue-addr", "port-uc", "port-us", "spi-uc",
            "spi-us", "alg", "ealg", "impi", "agent-data")
    wrong += ["%s: got %r, asked for %r" % (k, got.get(k), asked[k])
              for k in kept if k in asked and got.get(k) != asked[k]]
    if got["port-pc"] not in ep["port-pc"] or \
            got["port-ps"] not in ep["port-ps"]:
        wrong.append("ports are not the endpoint's: %r" % got)
    sas = {"a": "spi-ps", "b": "spi-uc", "c": "spi-us", "d": "spi-pc"}
    if [sa["name"] for sa in got["sa"]] != list(sas):
        wrong.append("SAs: %r" % got["sa"])
    for sa in got["sa"]:
        expected = {"name": sa["name"], "spi": got[sas[sa["name"]]], "seq": 0,
                    "packets": 0, "bytes": 0, "replay-errors": 0,
                    "integrity-errors": 0}
        if sa != expected:
            wrong.append("SA: got %r, want %r" % (sa, expected))
    allowed = set(kept) | set(want) | {"id", "lifetime-ms", "age-ms", "sa",
                                       "port-pc", "port-ps", "spi-pc",
                                       "spi-ps"}
    wrong += ["unexpected %s" % k for k in got if k not in allowed]
    return wrong


def test_reply(b):
    for version in (4, 6):
        b.fresh()
        ep = state.endpoint(b.g, version)
        common = {"local-addr": ep["local-addr"]}
        s = state.new_set(b.g, ep)
        shown = state.get_set(b.g, s.id)
        for what, got in (("reply", s.reply), ("SA_SET_GET", shown),
                          ("dump", state.sets(b.g)[0])):
            wrong = wrong_reply(got, s.asked, ep,
                                dict(common, phase="temporary"))
            if not 230000 < got["lifetime-ms"] <= 240000:
                wrong.append("lifetime-ms: %d" % got["lifetime-ms"])
            if got["age-ms"] > 10000:
                wrong.append("age-ms: %d" % got["age-ms"])
            tap.ok(not wrong, "ipv%d temporary set: %s shows all but keys"
                   % (version, what), "\n".join(wrong))
        old = s
        s = state.new_set(b.g, ep, **state.established(**{
            "agent-data": b"\0\xff{}", "protected-by": old.id}))
        wrong = wrong_reply(s.reply, s.asked, ep, dict(
            common, phase="established", **{"in-use": True,
                                            "protected-by": old.id}))
        if not 590000 < s.reply["lifetime-ms"] <= 600000:
            wrong.append("lifetime-ms: %d" % s.reply["lifetime-ms"])
        tap.ok(not wrong, "ipv%d established set: reply shows in-use, "
               "protected-by, agent-data" % version, "\n".join(wrong))


def test_largest(b):
    """A set of which everything is as long as may be fits in a dump."""
    b.fresh()
    ep = state.endpoint(b.g, 6)
    s = state.new_set(b.g, ep, impi="i" * 255, **state.established(**{
        "agent-data": bytes(range(256)) * 8}))
    shown = [t for t in state.sets(b.g) if t["id"] == s.id]
    tap.ok(len(shown) == 1 and shown[0]["impi"] == "i" * 255 and
           shown[0]["agent-data"] == bytes(range(256)) * 8,
           "impi of 255 and agent-data of 2048 bytes: shown by a dump", shown)


SEQS = {"a": 70001, "b": 0xfffffff0, "c": 0x80000000, "d": 5}


def explicit(b, ep, ue):
    over = {"spi-pc": 0x10000 + len(ue), "spi-ps": 256,
            "port-pc": ep["port-pc"][3], "port-ps": ep["port-ps"][1],
            "sa": [{"name": k, "seq": v} for k, v in SEQS.items()]}
    return state.new_set(b.g, ep, alg="hmac-md5-96", ealg="null", ue=ue,
                         **dict(state.established(), **over)), over


def send_seq(inj, s, name, seq, data, protocol=UDP):
    """A packet from the UE with this ESP sequence number."""
    src, sport, dst, dport = s.flow(name)
    inner = udp(src, dst, sport, dport, data) if protocol == UDP else \
        tcp(src, dst, sport, dport, SYN, 1)
    inj.send(ip(src, dst, ESP, s.esp(name).seal(inner, protocol, seq)))


def replay_errors(b, s, name):
    return [sa["replay-errors"] for sa in state.get_set(b.g, s.id)["sa"]
            if sa["name"] == name][0]


def first_seq(sniffer, s, name, before):
    """ESP sequence number of the first packet on an SA of ours."""
    found = state.wait(lambda: sniffer.find(
        lambda p: p.protocol == ESP and p.spi == s.spi(name), before), 20)
    return found and s.esp(name).open(found[0].payload)[2]


def test_explicit(b):
    for version in (4, 6):
        b.fresh()
        ue = netns.access_addr("ue1", version)
        ep = state.endpoint(b.g, version, **{"port-ps": [6101, 6102]})
        s, over = explicit(b, ep, ue)
        got = {k: s.reply[k] for k in over if k != "sa"}
        tap.equal(got, {k: over[k] for k in got},
                  "ipv%d explicit SPIs and ports are taken" % version)
        tap.equal({sa["name"]: sa["seq"] for sa in s.reply["sa"]}, SEQS,
                  "ipv%d initial sequence numbers are shown" % version)
        inbound(b, s, version)
        outbound(b, s, version)


def inbound(b, s, version):
    """Nothing up to the initial number is taken, whatever was in it."""
    inj = Injector("ue1")
    for name, port in (("A", s.port_ps), ("D", s.port_pc)):
        begin = SEQS[name.lower()]
        with udp_socket("pcscf", s.local, port) as sock:
            old = [begin - back for back in (0, 1, 4, 127, 128, 129)
                   if begin - back > 0]
            for seq in old:
                send_seq(inj, s, name, seq, b"old")
            refused = state.wait(lambda: replay_errors(
                b, s, name.lower()) == len(old))
            send_seq(inj, s, name, begin + 1, b"new")
            first = sock.recv(100)
            # The window is 128 wide: begin + 3 still takes begin + 2.
            for seq in (begin + 3, begin + 2, begin, begin + 1):
                send_seq(inj, s, name, seq, b"%d" % seq)
            late = [sock.recv(100), sock.recv(100)]
            repeated = state.wait(lambda: replay_errors(
                b, s, name.lower()) == len(old) + 2)
        tap.ok(refused and first == b"new" and repeated and
               late == [b"%d" % (begin + 3), b"%d" % (begin + 2)],
               "GM-07 GM-10 AT-09 ipv%d SA %s: sequence numbers up to the "
               "initial one are refused, later ones taken once"
               % (version, name),
               "%r %r %r %r %d" % (refused, first, late, repeated,
                                   replay_errors(b, s, name.lower())))
    inj.close()


def outbound(b, s, version):
    sniffer = Sniffer("pcscf")
    before = sniffer.mark()
    with udp_socket("pcscf", s.local, s.port_pc) as sock:
        sock.sendto(b"x", (s.ue, s.port_us))
        tap.equal(first_seq(sniffer, s, "C", before), SEQS["c"] + 1,
                  "GM-10 ipv%d SA C: the first packet has the initial number "
                  "plus 1" % version)
    inj = Injector("ue1")
    with tcp_socket("pcscf", s.local, s.port_ps) as sock:
        sock.listen(1)
        send_seq(inj, s, "A", SEQS["a"] + 200, b"", TCP)
        tap.equal(first_seq(sniffer, s, "B", before), SEQS["b"] + 1,
                  "GM-10 ipv%d SA B: the first packet has the initial number "
                  "plus 1" % version)
    inj.close()
    sniffer.close()


def test_wrap(b):
    """An SA whose numbers are used up sends nothing (GM-07: no wrap)."""
    b.fresh()
    ep = state.endpoint(b.g, 4)
    s = state.new_set(b.g, ep, alg="hmac-md5-96", ealg="null",
                      **state.established(**{"sa": [
                          {"name": "c", "seq": 0xfffffffe}]}))
    sniffer = Sniffer("pcscf")
    before = sniffer.mark()
    with udp_socket("pcscf", s.local, s.port_pc) as sock:
        for _ in range(3):
            try:
                sock.sendto(b"x", (s.ue, s.port_us))
            except OSError:
                pass
        state.wait(lambda: state.drops(b.g).get("xfrm-out-error", 0) >= 2, 20)
    sent = sniffer.find(lambda p: p.dst == s.ue and
                        p.protocol in (ESP, UDP, TCP), before)
    tap.equal([(p.protocol, s.esp("C").open(p.payload)[2]) for p in sent],
              [(ESP, 0xffffffff)], "GM-07: the last sequence number is used, "
              "then none: no wrap")
    sniffer.close()


def test_batch(b):
    """Several messages in one send: one answer each, in order."""
    b.fresh()
    ep = state.endpoint(b.g, 4)
    good = [state.set_attrs(ep) for _ in range(3)]
    bad = state.set_attrs(ep, **{"spi-us": None})
    answers = b.g.multi([("sa-set-new", good[0]), ("sa-set-new", bad),
                         ("sa-set-new", good[1]), ("sa-set-new", good[0]),
                         ("sa-set-new", good[2]),
                         ("endpoint-get", {"endpoint": {"id": ep["id"]}})])
    kinds = [a["sa-set"]["port-uc"] if "sa-set" in a else a["endpoint"]["sets"]
             if "endpoint" in a else "?" for a in
             [a if isinstance(a, dict) else {} for a in answers]]
    want = [good[0]["sa-set"]["port-uc"], "?", good[1]["sa-set"]["port-uc"],
            good[0]["sa-set"]["port-uc"], good[2]["sa-set"]["port-uc"], 3]
    tap.equal(kinds, want, "several SA_SET_NEW in one send: an answer each, "
              "a refused one between them changes nothing")
    ids = [s["id"] for s in state.sets(b.g)]
    b.g.multi([("sa-set-del", {"sa-set": {"id": i}}) for i in ids])
    tap.equal((state.sets(b.g), len(b.x.states())), ([], 0),
              "several SA_SET_DEL in one send")
