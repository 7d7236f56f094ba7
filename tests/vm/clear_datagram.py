# SPDX-License-Identifier: GPL-2.0-or-later
"""Datagrams in clear for the unprotected port."""
import esp
import tap
from clearscene import Clear, sos
from phone import STUN, request, response

SIP = "INVITE MESSAGE OPTIONS SUBSCRIBE ACK BYE CANCEL NOTIFY PRACK UPDATE " \
    "INFO REFER PUBLISH register Register REGISTERX XREGISTER".split()
LINE = b"REGISTER sip:home.example SIP/2.0\r\n"
REST = b"Call-ID: a@b\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n"

GOOD = [
    ("REGISTER", request("REGISTER")),
    ("REGISTER behind CRLF CRLF", b"\r\n\r\n" + request("REGISTER")),
    ("REGISTER with a small version", LINE.replace(b"SIP/2", b"sip/2") + REST),
    ("REGISTER of 8,000 bytes", request("REGISTER", body=b"x" * 8000)),
    ("CRLF CRLF", b"\r\n\r\n"), ("CRLF", b"\r\n"), ("nothing", b""),
    ("400", response(400, "OPTIONS")), ("404", response(404, "NOTIFY")),
    ("503", response(503, "MESSAGE")), ("699", response(699, "INVITE")),
]

BAD = [(method, request(method)) for method in SIP] + [
    ("INVITE behind CRLF", b"\r\n" + request("INVITE")),
    ("INVITE behind LF", b"\n" + request("INVITE")),
    ("INVITE behind a blank", b" " + request("INVITE")),
    ("INVITE behind STUN", STUN + request("INVITE")),
    ("INVITE that is as long as STUN says",
     STUN[:2] + b"\0\x54" + STUN[4:] + request("INVITE")[:84]),
    ("REGISTER behind LF", b"\n" + request("REGISTER")),
    ("REGISTER whose line ends with LF",
     LINE.replace(b"\r", b"") + REST),
    ("REGISTER with CR in the line",
     LINE.replace(b"home", b"ho\rme") + REST),
    ("REGISTER with NUL in the line",
     LINE.replace(b"home", b"ho\0me") + REST),
    ("REGISTER with DEL in the line",
     LINE.replace(b"home", b"ho\x7fme") + REST),
    ("REGISTER without a version", b"REGISTER sip:home.example\r\n" + REST),
    ("REGISTER of SIP/3.0", LINE.replace(b"2.0", b"3.0") + REST),
    ("REGISTER without an end of the line", LINE[:-2]),
    ("a tab behind REGISTER", LINE.replace(b"R ", b"R\t") + REST),
    ("a line of 5,000 bytes",
     LINE.replace(b"home", b"h" * 5000) + REST),
    ("100", response(100, "INVITE")), ("180", response(180, "INVITE")),
    ("200", response(200, "REGISTER")), ("302", response(302, "INVITE")),
    ("700", response(700, "INVITE")), ("40", b"SIP/2.0 40 x\r\n\r\n"),
    ("4xx", b"SIP/2.0 4xx No\r\n\r\n"),
    ("an emergency call, which is off", sos()),
    ("a STUN Binding request, which is off", STUN),
    ("a NUL", b"\0"), ("junk", b"junk\r\n\r\n"), ("a CR", b"\r"),
    ("64 KB of junk", b"x" * 60000),
    ("64 KB of CRLF and INVITE", b"\r\n" * 20000 + request("INVITE")),
]


def test_good(b):
    for version in (4, 6):
        with Clear(b, version) as gm:
            for what, data in GOOD:
                before = gm.counted("in-unprotected", "in-rate")
                tap.ok(gm.hears_clear(data) and before == gm.counted(
                    "in-unprotected", "in-rate"),
                       "GM-02 udp%d in clear: %s: accepted" % (version, what),
                       before)


def test_bad(b):
    for version in (4, 6):
        with Clear(b, version) as gm:
            for what, data in BAD:
                before, = gm.counted("in-unprotected")
                heard = gm.hears_clear(data)
                after, = gm.counted("in-unprotected")
                tap.ok(not heard and after == before + 1,
                       "AT-22 GM-02 udp%d in clear: %s: dropped, "
                       "in-unprotected" % (version, what),
                       "heard: %s, counted %d" % (heard, after - before))


def test_stun(b):
    """A keep-alive of RFC 5626, where it is wanted."""
    for version in (4, 6):
        with Clear(b, version, stun=True) as gm:
            for what, data, good in (
                    ("a Binding request", STUN, True),
                    ("INVITE behind one", STUN + request("INVITE"), False),
                    ("another STUN message", b"\1\1" + STUN[2:], False),
                    ("INVITE", request("INVITE"), False)):
                tap.equal(gm.hears_clear(data), good, "GM-02 AT-22 udp%d in "
                          "clear with stun: %s: %s" % (
                              version, what, "accepted" if good else
                              "dropped"))


def test_silence(b):
    """What is dropped gets no answer."""
    for version in (4, 6):
        with Clear(b, version) as gm:
            src, mark = gm.stranger(), gm.wire.mark()
            for method in SIP:
                gm.datagram(request(method), src)
            gm.settled()
            tap.equal([str(p) for p in gm.wire.find(
                lambda p: p.dst == src, mark)], [],
                "AT-22 GM-02 udp%d in clear: no answer to what is dropped"
                % version)


def test_disguises(b):
    """Broadcast, multicast, fragments, other transports: a socket without an
    address gets some of them, too."""
    with Clear(b) as gm:
        src = gm.stranger()
        for what, dst in (("broadcast", "10.33.0.255"),
                          ("all ones", "255.255.255.255"),
                          ("multicast", "224.0.0.1")):
            before, = gm.counted("in-unprotected")
            gm.datagram(request("INVITE"), src, dst=dst)
            gm.settled()
            tap.equal(gm.counted("in-unprotected")[0] - before, 1,
                      "AT-22 GM-02 udp4 in clear: INVITE by %s: dropped, "
                      "in-unprotected" % what)
    for version in (4, 6):
        with Clear(b, version) as gm:
            src = gm.stranger()
            for proto, name in ((132, "SCTP"), (136, "UDP-Lite"),
                                (33, "DCCP")):
                before, = gm.counted("in-transport")
                gm.inj.send(esp.ip(src, gm.local, proto, esp.udp(
                    src, gm.local, 5060, 5060, request("REGISTER"))))
                gm.settled()
                tap.equal(gm.counted("in-transport")[0] - before, 1,
                          "AT-20 GM-02 ipv%d in clear: %s to the unprotected "
                          "port: dropped, in-transport" % (version, name))


def test_core(b):
    """What the core says goes to the same port on many a P-CSCF."""
    for version in (4, 6):
        src = "10.33.0.250" if version == 4 else "fd33::250"
        exempt = [{"addr": src, "len": 32 if version == 4 else 128}]
        with Clear(b, version, exempt=exempt) as gm:
            gm.known(src)
            tap.ok(gm.hears_clear(request("INVITE"), src),
                   "GM-02 udp%d in clear: INVITE of an exempt core peer: "
                   "accepted" % version)
            tap.ok(not gm.hears_clear(request("INVITE")),
                   "AT-22 GM-02 udp%d in clear: INVITE of anybody else: "
                   "dropped" % version)


def test_fragments(b):
    for version in (4, 6):
        with Clear(b, version) as gm:
            before, = gm.counted("in-unprotected")
            for backwards in (False, True):
                src = gm.stranger()
                for method in ("REGISTER", "INVITE"):
                    data = request(method, body=b"y" * 3000)
                    gm.datagram(data, src, backwards=backwards)
                    gm.settled()
                    good = (data in [h[1] for h in gm.heard]) == \
                        (method == "REGISTER")
                    tap.ok(good, "AT-22 AT-14 GM-02 udp%d in clear: %s in "
                           "fragments%s: judged as a whole" % (
                               version, method,
                               ", the last one first" * backwards))
            tap.equal(gm.counted("in-unprotected")[0] - before, 2,
                      "AT-22 GM-02 udp%d in clear: INVITE in fragments: "
                      "counted" % version)
