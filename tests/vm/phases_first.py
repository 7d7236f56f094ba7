# SPDX-License-Identifier: GPL-2.0-or-later
"""What is the first SIP message on a new set, and what is not one (TS 33.203
7.4.3, GM-33). A wrong yes strands a phone that has not got its SM12, a wrong
no keeps an old set in use."""
import os

import esp
import state
import tap
from esp import ACK, FIN, PSH, RST
from phone import STUN, Gm, request, response

CRLF = b"\r\n"


def again(register, name=b"Call-ID"):
    """The same transaction's REGISTER, with another Via."""
    fields = register.split(CRLF)
    call = fields[2].partition(b": ")[2]
    return request("REGISTER", call, int(fields[3].split()[1]), name=name)


# what, the datagram (of the set whose SM7 was it)
NO_DATAGRAM = [
    ("SM7 again", lambda s: s.registers[0]),
    ("SM7 again with another Via", lambda s: again(s.registers[0])),
    ("SM7 again with compact header names", lambda s: again(
        s.registers[0], b"i")),
    ("the second REGISTER of the temporary set again",
     lambda s: s.registers[1]),
    ("CRLF", lambda s: CRLF),
    ("CRLF CRLF", lambda s: CRLF + CRLF),
    ("an empty datagram", lambda s: b""),
    ("a STUN binding request", lambda s: STUN),
    ("text that is no SIP", lambda s: b"hello, is there anybody?\r\n\r\n"),
    ("a method alone", lambda s: b"OPTIONS"),
    ("zeros", lambda s: bytes(64)),
    ("random bytes", lambda s: b"\x80" + os.urandom(99))]

FIRST = [
    ("OPTIONS", lambda s: request("OPTIONS")),
    ("MESSAGE", lambda s: request("MESSAGE")),
    ("INVITE", lambda s: request("INVITE")),
    ("ACK", lambda s: request("ACK")),
    ("a method nobody knows", lambda s: request("FROBNICATE")),
    ("a response", lambda s: response(200, "NOTIFY")),
    ("a provisional response", lambda s: response(180, "INVITE")),
    ("a REGISTER of another transaction", lambda s: request("REGISTER")),
    ("a REGISTER with the next CSeq", lambda s: request(
        "REGISTER", s.registers[0].split(b": ")[2].split(CRLF)[0], 7)),
    ("a REGISTER with another Call-ID", lambda s: request("REGISTER",
                                                          b"x@phone"))]


def phone(gm, registers=2, **over):
    """The old and the new set of a phone of its own."""
    old = gm.registered(**over)
    new = gm.challenge(old)
    for cseq in range(1, 1 + registers):
        gm.sm7(new, call=b"sm7-%d@phone" % new.id, cseq=cseq)
    gm.success(new)
    return old, new


def unmoved(gm, old, new):
    """What is wrong if the old set must still be in use."""
    wrong = []
    if gm.in_use(old, new) != [old]:
        wrong.append("the old set is not in use, or not it alone")
    if gm.carrier(old, request("MESSAGE")) != (old.id, "C"):
        wrong.append("the proxy's MESSAGE does not take the old set")
    if gm.phase(old) != "established":
        wrong.append("the old set is %s" % gm.phase(old))
    return wrong


def moved(gm, old, new):
    wrong = []
    if gm.carrier(old, request("MESSAGE")) != (new.id, "C"):
        wrong.append("the proxy's MESSAGE does not take the new set")
    if gm.in_use(old, new) != [new]:
        wrong.append("the new set is not in use, or not it alone")
    return wrong


def test_no_datagram(b):
    for version in (4, 6):
        for name in "AD":
            with Gm(b, version) as gm:
                pair = phone(gm)
                gm.events()
                for what, make in NO_DATAGRAM:
                    heard = gm.delivered(pair[1], name, make(pair[1]))
                    wrong = [] if heard else ["it is not delivered"]
                    wrong += unmoved(gm, *pair)
                    tap.ok(not wrong, "GM-33 ipv%d udp %s: %s: delivered, but "
                           "no first message" % (version, name, what),
                           "\n".join(wrong))
                    if wrong:
                        pair = phone(gm)
                        gm.events()
                tap.equal(gm.events(), [], "GM-33 ipv%d udp %s: none of these "
                          "is told" % (version, name))
                gm.delivered(pair[1], name, request())
                tap.equal(moved(gm, *pair), [], "GM-33 ipv%d udp %s: after "
                          "them OPTIONS still is one" % (version, name))


def test_first_datagram(b):
    for version in (4, 6):
        with Gm(b, version) as gm:
            for name in "AD":
                for what, make in FIRST:
                    pair = phone(gm, 1)
                    heard = gm.delivered(pair[1], name, make(pair[1]))
                    wrong = [] if heard else ["it is not delivered"]
                    wrong += moved(gm, *pair)
                    tap.ok(not wrong, "AT-28 GM-33 ipv%d udp %s: %s is a first "
                           "message" % (version, name, what),
                           "\n".join(wrong))


def test_dropped_is_none(b):
    """What was dropped on the temporary set, or comes on another SA."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            old = gm.registered()
            new = gm.challenge(old)
            gm.delivered(new, "A", request("MESSAGE"))
            gm.sm7(new)
            gm.success(new)
            tap.equal(unmoved(gm, old, new), [], "GM-33 GM-15 ipv%d: a MESSAGE "
                      "that was dropped before success is no first message"
                      % version)
            # under the new set's name, but on the old set's SA
            flow = new.flow("A")
            gm.inj.send(gm_packet(old, request(), flow))
            # on the new set's SA, but for another port
            gm.inj.send(gm_packet(new, request(), flow[:3] + (flow[3] + 900,)))
            gm.settled()
            tap.equal(unmoved(gm, old, new), [], "GM-33 GM-14 ipv%d: nor is "
                      "what the SA's selector refuses" % version)
            replayed = gm_packet(new, request(), seq=1)
            gm.inj.send(replayed)
            gm.settled()
            tap.equal(unmoved(gm, old, new), [], "GM-33 AT-09 ipv%d: nor is "
                      "what is replayed" % version)


def gm_packet(s, data, flow=None, seq=None):
    """A datagram in ESP on SA A, whatever it claims to be."""
    src, sport, dst, dport = flow or s.flow("A")
    return esp.ip(s.ue, s.local, esp.ESP, s.esp("A").seal(
        esp.udp(src, dst, sport, dport, data), esp.UDP, seq))


# ----- TCP -----------------------------------------------------------------
def bare(stream):
    """Everything that a connection has without saying a word."""
    seq = stream.ue.seq
    stream.raw(flags=ACK)                           # a window update
    stream.raw(flags=ACK | PSH)
    stream.raw(b"x", seq=seq - 1)                   # keep-alive with a byte
    stream.raw(seq=seq - 1)                         # and without
    stream.tell(response())                         # is acknowledged


NO_STREAM = [
    ("the handshake", lambda t: None),
    ("bare segments", bare),
    ("CRLF CRLF", lambda t: t.say(CRLF + CRLF)),
    ("CRLF in two segments", lambda t: t.say(b"\r", b"\n")),
    ("SM7 again", lambda t: t.say(t.s.registers[0])),
    ("SM7 again in two segments", lambda t: t.say(
        t.s.registers[0][:9], t.s.registers[0][9:])),
    ("a CRLF and SM7 again", lambda t: t.say(CRLF + t.s.registers[0])),
    ("the beginning of a start line", lambda t: t.say(b"OPTIONS sip:home")),
    ("text that is no SIP", lambda t: t.say(b"hello\r\n\r\n")),
    ("a STUN binding request", lambda t: t.say(STUN))]

FIN_OR_RST = [("FIN", FIN | ACK), ("RST", RST | ACK)]


def open_on(gm, s, name):
    return gm.opened(s) if name == "A" else gm.called(s)


def test_no_stream(b):
    for version in (4, 6):
        for name in "AD":
            with Gm(b, version) as gm:
                for what, act in NO_STREAM:
                    pair = phone(gm)
                    act(open_on(gm, pair[1], name))
                    tap.equal(unmoved(gm, *pair), [], "GM-33 ipv%d tcp %s: %s: "
                              "no first message" % (version, name, what))
                for what, flags in FIN_OR_RST:
                    pair = phone(gm)
                    open_on(gm, pair[1], name).raw(flags=flags)
                    tap.equal(unmoved(gm, *pair), [], "GM-33 ipv%d tcp %s: %s: "
                              "no first message" % (version, name, what))


def bytewise(data):
    return [data[i:i + 1] for i in range(len(data))]


MESSAGE = request("MESSAGE", b"tcp@phone", body=b"hello")

STREAMS = [
    ("a message in one segment", [MESSAGE]),
    ("its start line split", [MESSAGE[:4], MESSAGE[4:]]),
    ("its start line split inside the version", [MESSAGE[:29], MESSAGE[29:]]),
    ("byte by byte", bytewise(MESSAGE)),
    ("a CRLF before it", [CRLF + CRLF + MESSAGE]),
    ("a CRLF in a segment before it", [CRLF, MESSAGE]),
    ("a response, split", [b"SIP/2", response(200, "NOTIFY")[5:]])]


def test_first_stream(b):
    for version in (4, 6):
        with Gm(b, version) as gm:
            for name in "AD":
                for what, pieces in STREAMS:
                    pair = phone(gm, 1)
                    stream = open_on(gm, pair[1], name)
                    heard = stream.say(*pieces)
                    wrong = [] if heard else ["it is not delivered"]
                    wrong += moved(gm, *pair)
                    tap.ok(not wrong, "AT-28 AT-18 GM-33 ipv%d tcp %s: %s is a "
                           "first message" % (version, name, what),
                           "\n".join(wrong))


def test_same_connection(b):
    """SM7 and the first message come on one connection."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            old = gm.registered()
            new = gm.challenge(old)
            stream = gm.opened(new)
            sm7 = request("REGISTER")
            heard = stream.say(sm7)
            gm.success(new)
            tap.ok(heard and unmoved(gm, old, new) == [], "GM-33 ipv%d tcp: "
                   "SM7 and success: the old set stays in use" % version,
                   "%s %s" % (heard, unmoved(gm, old, new)))
            stream.raw(sm7, seq=stream.ue.seq - len(sm7))
            tap.equal(unmoved(gm, old, new), [], "GM-33 ipv%d tcp: SM7's "
                      "segment sent again is no first message" % version)
            gm.delivered(new, "A", sm7)
            tap.equal(unmoved(gm, old, new), [], "GM-33 ipv%d tcp: nor is the "
                      "same SM7 over UDP" % version)
            stream.say(CRLF + CRLF)
            tap.equal(unmoved(gm, old, new), [], "GM-33 ipv%d tcp: nor is a "
                      "CRLF behind it" % version)
            heard = stream.say(MESSAGE)
            tap.ok(heard and moved(gm, old, new) == [], "AT-28 GM-33 ipv%d "
                   "tcp: the next message on that connection is one"
                   % version, "%s %s" % (heard, moved(gm, old, new)))


def test_old_connection(b):
    """Messages on a connection of the old set change nothing."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            old = gm.registered()
            stream = gm.opened(old)
            new = gm.renewed(old)
            heard = stream.say(request("MESSAGE"))
            tap.ok(heard and unmoved(gm, old, new) == [], "GM-33 ipv%d tcp: a "
                   "message on a connection of the old set is delivered, the "
                   "old set stays in use" % version)
            gm.delivered(new, "A", request())
            answered = stream.tell(response())
            heard = stream.say(request("MESSAGE"))
            tap.ok(heard and answered == (old.id, "B"), "AT-28 GM-33 ipv%d "
                   "tcp: after the hand-over that connection still works, "
                   "both ways" % version, "%s %s" % (heard, answered))
            tap.equal(moved(gm, old, new), [], "GM-33 ipv%d tcp: and does not "
                      "bring the old set back" % version)


def test_initial_is_in_use(b):
    """No message is needed when SM1 was not protected."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            gm.events()
            first = gm.registered()
            told = [e for e in gm.events() if e[0] == "sa-set-used"]
            tap.ok(gm.in_use(first) == [first] and
                   gm.carrier(first, request()) == (first.id, "C") and
                   [e[1] for e in told] == [first.id], "GM-32 ipv%d: an "
                   "initial registration is in use at success, and that is "
                   "told once" % version, told)
            gm.delivered(first, "A", request())
            tap.equal(gm.events(), [], "GM-32 ipv%d: its first message is no "
                      "news" % version)
            direct = gm.new(**state.established())
            told = [e[:2] for e in gm.events() if e[0] == "sa-set-used"]
            tap.ok(gm.in_use(direct) == [direct] and told ==
                   [("sa-set-used", direct.id)], "ipv%d: so is a set that is "
                   "made established" % version, told)
