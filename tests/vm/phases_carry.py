# SPDX-License-Identifier: GPL-2.0-or-later
"""What each set carries: a temporary one REGISTER and its responses only
(AT-36, GM-15), and with three sets alive each message its own one (AT-46,
GM-30, TS 33.203 7.4)."""
import os

import esp
import state
import tap
from phone import STUN, Gm, answer, request, response

# what, datagram
NOT_REGISTER = [
    ("INVITE", request("INVITE")), ("MESSAGE", request("MESSAGE")),
    ("OPTIONS", request("OPTIONS")), ("SUBSCRIBE", request("SUBSCRIBE")),
    ("a response", response()), ("a response to REGISTER",
                                 response(200, "REGISTER")),
    ("garbage", b"garbage\r\n\r\n"), ("random bytes", os.urandom(99)),
    ("an empty datagram", b""), ("CRLF", b"\r\n\r\n"), ("STUN", STUN),
    ("register in small letters", request("register")),
    ("REGISTERS", request("REGISTERS")), ("REGISTE", request("REGISTE")),
    ("REGISTER and nothing else", b"REGISTER"),
    ("REGISTER without a line's end", b"REGISTER sip:home.example SIP/2.0"),
    ("REGISTER of another protocol", b"REGISTER sip:x HTTP/1.1\r\n\r\n"),
    ("a space before REGISTER", b" " + request("REGISTER")),
    ("MESSAGE with REGISTER in its body", request(
        "MESSAGE", body=request("REGISTER"))),
    ("MESSAGE before REGISTER", request("MESSAGE") + request("REGISTER"))]


def test_inbound(b):
    """Nothing but REGISTER comes in on a temporary set."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            s = gm.challenge()
            for name in "AD":
                for what, data in NOT_REGISTER:
                    before = state.drops(b.g).get("in-phase", 0)
                    got = gm.delivered(s, name, data)
                    counted = state.drops(b.g).get("in-phase", 0) - before
                    tap.equal((got, counted), (False, 1), "AT-36 GM-15 ipv%d "
                              "udp %s of a temporary set: %s: dropped, "
                              "in-phase" % (version, name, what))
            tap.ok(gm.delivered(s, "A", request("REGISTER")), "GM-15 ipv%d "
                   "udp: REGISTER is delivered" % version)
            gm.success(s)
            tap.ok(gm.delivered(s, "A", request("INVITE")), "GM-15 ipv%d udp: "
                   "after success INVITE is, too" % version)


def stream_case(gm, what, pieces, label, allowed=b""):
    """On a temporary set of its own; allowed: what may arrive."""
    s = gm.challenge()
    stream = gm.opened(s)
    before = state.drops(gm.g).get("in-phase", 0)
    for piece in pieces:
        stream.ue.send(piece)
    got = stream.read() or b""
    counted = state.drops(gm.g).get("in-phase", 0) - before
    tap.ok(allowed.startswith(got) and counted, label + ": %s: dropped, "
           "in-phase" % what, "%r %d" % (got, counted))


def test_inbound_tcp(b):
    register = request("REGISTER")
    body = request("REGISTER", body=b"12345")
    for version in (4, 6):
        label = "AT-36 GM-15 ipv%d tcp on a temporary set" % version
        with Gm(b, version) as gm:
            for what, pieces, allowed in (
                    ("INVITE", [request("INVITE")], b""),
                    ("INVITE, split", [b"INV", request("INVITE")[3:]], b""),
                    ("a response", [response()], b""),
                    ("garbage", [b"garbage\r\n\r\n"], b""),
                    ("MESSAGE behind REGISTER", [register,
                                                 request("MESSAGE")],
                     register),
                    ("MESSAGE in REGISTER's segment",
                     [register + request("MESSAGE")], b""),
                    ("MESSAGE behind REGISTER's body",
                     [body[:-3], body[-3:] + request("MESSAGE")],
                     body[:-3])):
                stream_case(gm, what, pieces, label, allowed)
            s = gm.challenge()
            stream = gm.opened(s)
            tap.ok(stream.say(register), label + ": REGISTER is delivered")
            tap.ok(stream.say(body[:50], body[50:]), label + ": another one "
                   "on the same connection, split, with a body, too")
            gm.success(s)
            tap.ok(stream.say(request("MESSAGE")), "GM-15 ipv%d tcp: after "
                   "success the connection carries MESSAGE" % version)


def test_outbound(b):
    """Nothing but responses to REGISTER leaves on a temporary set."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            s = gm.challenge()
            sm7 = gm.sm7(s)
            for what, port in (("port_ps", s.port_ps), ("port_pc", s.port_pc)):
                outbound(gm, s, sm7, port, "AT-36 GM-15 ipv%d udp from %s to "
                         "a temporary set" % (version, what))
            tap.ok(not gm.in_clear(), "AT-36 GM-01 ipv%d: nothing of it left "
                   "in clear" % version, gm.in_clear())


def outbound(gm, s, sm7, port, label):
    good = [gm.carrier(s, answer(code, sm7), port) for code in (100, 403, 200)]
    tap.equal(good, [(s.id, "C")] * 3, label + ": responses to its REGISTER "
              "leave on SA C")
    for what, data in (("MESSAGE", request("MESSAGE")),
                       ("REGISTER", request("REGISTER")),
                       ("a response to INVITE", response(200, "INVITE")),
                       ("garbage", b"garbage"), ("CRLF", b"\r\n\r\n"),
                       ("an empty datagram", b"")):
        before = drops_out(gm)
        gone = gm.carrier(s, data, port) if data else silent(gm, s, port)
        counted = drops_out(gm) - before
        tap.equal((gone, counted), (None, 1), label + ": %s: dropped and "
                  "counted" % what)


def silent(gm, s, port):
    """An empty datagram has no text to find it by."""
    before = gm.packets(s, "C")
    gm.carrier(s, b"", port)
    return gm.packets(s, "C") - before or None


def drops_out(gm):
    """From port_ps no set is picked, from port_pc the phase says no."""
    found = state.drops(gm.g)
    return found.get("out-phase", 0) + found.get("out-no-set", 0)


def test_out_phase(b):
    """The reason names the phase where the port says which set it is."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            s = gm.challenge()
            gm.carrier(s, request("MESSAGE"), s.port_pc)
            tap.equal(state.drops(b.g).get("out-phase", 0) > 0, True,
                      "AT-36 ipv%d: a MESSAGE from port_pc of a temporary set "
                      "is counted as out-phase" % version)
            stream = gm.opened(s)
            stream.say(request("REGISTER"))
            before = state.drops(b.g).get("out-phase", 0)
            gone = stream.tell(request("MESSAGE"))
            tap.ok(gone is None and state.drops(b.g)["out-phase"] > before,
                   "AT-36 ipv%d tcp: a MESSAGE on SA B of a temporary set is "
                   "dropped, out-phase" % version, gone)


def test_out_tcp(b):
    for version in (4, 6):
        with Gm(b, version) as gm:
            s = gm.challenge()
            stream = gm.opened(s)
            sm7 = request("REGISTER")
            stream.say(sm7)
            tap.equal(stream.tell(answer(403, sm7)), (s.id, "B"), "GM-30 "
                      "AT-46 ipv%d tcp: the 403 to SM7 leaves on the "
                      "temporary set's SA B" % version)


class Three:
    """Superseded, in use and temporary, of one phone; TCP on each."""

    def __init__(self, gm):
        self.gm = gm
        self.old = gm.registered(group=3)
        self.stream = {"superseded": gm.opened(self.old)}
        self.used = gm.renewed(self.old)
        gm.delivered(self.used, "A", request())
        gm.events()
        self.stream["in use"] = gm.opened(self.used)
        self.new = gm.challenge(self.used)
        self.stream["temporary"] = gm.opened(self.new)

    def sets(self):
        return {"superseded": self.old, "in use": self.used,
                "temporary": self.new}


def test_three_sets_udp(b):
    for version in (4, 6):
        label = "AT-46 GM-30 ipv%d udp, three sets alive: " % version
        with Gm(b, version) as gm:
            three = Three(gm)
            tap.equal({k: gm.phase(s) for k, s in three.sets().items()},
                      {"superseded": "superseded", "in use": "established",
                       "temporary": "temporary"}, label + "their phases")
            tap.equal(len({s.port_pc for s in three.sets().values()} |
                          {s.port_ps for s in three.sets().values()}), 4,
                      label + "three port_pc, one port_ps (GM-34)")
            registers(gm, three, label)
            others(gm, three, label)
            tap.ok(not gm.in_clear(), label + "nothing leaves in clear",
                   gm.in_clear())


def registers(gm, three, label):
    """The response to a REGISTER goes where that came from."""
    asked = {k: request("REGISTER") for k in three.sets()}
    for what, s in three.sets().items():
        gm.delivered(s, "A", asked[what])
    # the first message on none of them: one is in use, one was before
    for what, s in three.sets().items():
        for code in (100, 401, 403, 200):
            tap.equal(gm.carrier(s, answer(code, asked[what])), (s.id, "C"),
                      label + "the %d to a REGISTER that came on the %s one "
                      "takes that one" % (code, what))
    tap.equal(gm.carrier(three.used, response(200, "REGISTER")), None,
              label + "a response to a REGISTER that nobody sent: dropped")


def others(gm, three, label):
    """Everything else takes the set in use."""
    for what, s in three.sets().items():
        if what == "temporary":
            continue
        invite = request("INVITE")
        gm.delivered(s, "A", invite)
        tap.equal(gm.carrier(s, answer(200, invite)), (three.used.id, "C"),
                  label + "a response to INVITE that came on the %s one takes "
                  "the one in use" % what)
    for what in ("MESSAGE", "INVITE", "NOTIFY", "OPTIONS"):
        tap.equal(gm.carrier(three.used, request(what)), (three.used.id, "C"),
                  label + what + " takes the one in use")
    for what, s in three.sets().items():
        got = gm.carrier(s, request("MESSAGE"), s.port_pc)
        want = None if what == "temporary" else (s.id, "C")
        tap.equal(got, want, label + "MESSAGE from port_pc of the %s one: %s"
                  % (what, "dropped" if want is None else "its own SA C"))


def test_three_sets_tcp(b):
    for version in (4, 6):
        label = "AT-46 GM-30 ipv%d tcp, three sets alive: " % version
        with Gm(b, version) as gm:
            three = Three(gm)
            for what, s in three.sets().items():
                asked = request("REGISTER")
                stream = three.stream[what]
                heard = stream.say(asked)
                told = [stream.tell(answer(code, asked))
                        for code in (401, 403, 200)]
                tap.equal((heard, told), (True, [(s.id, "B")] * 3), label +
                          "responses on a connection of the %s one take its "
                          "SA B" % what)
            for what in ("superseded", "in use"):
                s, stream = three.sets()[what], three.stream[what]
                heard = stream.say(request("MESSAGE"))
                tap.equal((heard, stream.tell(response())),
                          (True, (s.id, "B")), label + "MESSAGE on a "
                          "connection of the %s one, and its response"
                          % what)
            call = gm.called(three.used)
            tap.equal((call.tell(request("MESSAGE")), call.say(response())),
                      ((three.used.id, "C"), True), label + "MESSAGE on a "
                      "connection from port_pc of the one in use, and its "
                      "response on SA D")


def test_after_success(b):
    """SM7 retransmitted after SM12 was lost: the 200 again, on the new set,
    and the old one stays in use (TS 33.203 7.4.2)."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            old = gm.registered()
            new = gm.renewed(old)
            sm7 = new.registers[0]
            for _ in range(2):
                gm.delivered(new, "A", sm7)
                tap.equal((gm.carrier(new, answer(200, sm7)),
                           gm.carrier(old, request("MESSAGE"))),
                          ((new.id, "C"), (old.id, "C")), "AT-46 ipv%d udp: "
                          "SM7 again: its 200 takes the new set, all else the "
                          "old one" % version)


def test_failure_then_gone(b):
    """GM-36: the 403 to SM7 leaves on the new set, which then goes."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            old = gm.registered()
            new = gm.challenge(old)
            sm7 = gm.sm7(new)
            sent = gm.carrier(new, answer(403, sm7))
            state.del_set(b.g, new.id)
            tap.equal((sent, gm.shown(), gm.in_use(old),
                       gm.carrier(old, answer(403, sm7)),
                       gm.carrier(old, request())),
                      ((new.id, "C"), {old.id: "established"}, [old], None,
                       (old.id, "C")), "GM-36 AT-46 ipv%d: wrong RES: the 403 "
                      "takes the new set; then that is gone and the old one "
                      "unharmed" % version)


def test_large(b):
    """Datagrams of several IP fragments, both ways: real REGISTERs and their
    401s are as long."""
    for version in (4, 6):
        with Gm(b, version) as gm:
            s = gm.challenge()
            register = request("REGISTER", body=b"x" * 3000)
            bad = request("MESSAGE", body=b"x" * 3000)
            got = [large(gm, s, data) for data in (register, bad)]
            tap.equal(got, [True, False], "AT-15 AT-36 GM-15 ipv%d udp: a "
                      "REGISTER of 3000 bytes in ESP fragments is delivered on "
                      "a temporary set, such a MESSAGE is not" % version)
            before = gm.packets(s, "C")
            gm.carrier(s, answer(401, register) + b"x" * 3000)
            gm.carrier(s, request("NOTIFY", body=b"x" * 3000), s.port_pc)
            tap.equal(gm.packets(s, "C") - before, 1, "GM-30 AT-36 ipv%d udp: "
                      "its response of 3000 bytes leaves, a request of that "
                      "size does not" % version)


def large(gm, s, data):
    """Whether a datagram that comes in several fragments of ESP is heard."""
    src, sport, dst, dport = s.flow("A")
    sealed = s.esp("A").seal(esp.udp(src, dst, sport, dport, data), esp.UDP)
    ident, size, gm.heard = 1 + s.esp("A").seq, 1000, []
    for at in range(0, len(sealed), size):
        piece, more = sealed[at:at + size], at + size < len(sealed)
        if gm.version == 4:
            packet = esp.ip(src, dst, esp.ESP, piece, ident=ident, offset=at,
                            more=more)
        else:
            packet = esp.ip(src, dst, 44, esp.fragment_header(
                esp.ESP, at, more, ident) + piece)
        gm.inj.send(packet)
    gm.settled()
    return data in [h[1] for h in gm.heard]
