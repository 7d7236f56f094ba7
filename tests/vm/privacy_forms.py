# SPDX-License-Identifier: GPL-2.0-or-later
"""The same header fields as a hostile or sloppy network writes them."""
import border
import netns
import tap
from sipmsg import Message

IDENTITY = "<sip:boss@home.example>"
# each way to write a P-Asserted-Identity that another network must not assert
IDENTITIES = [
    ("in capitals", "P-ASSERTED-IDENTITY: %s\r\n"),
    ("in small letters", "p-asserted-identity: %s\r\n"),
    ("without a blank", "P-Asserted-Identity:%s\r\n"),
    ("with blanks in front of the colon", "P-Asserted-Identity \t: %s\r\n"),
    ("folded", "P-Asserted-Identity:\r\n %s\r\n"),
    ("folded twice", "P-Asserted-Identity:\r\n\t\r\n %s,\r\n <tel:+1>\r\n"),
    ("twice", "P-Asserted-Identity: %s\r\nP-Asserted-Identity: <tel:+1>\r\n"),
    ("malformed", "P-Asserted-Identity: \"%s\r\n"),
    ("with a name in quotes", "P-Asserted-Identity: \"a\\\", b\" %s\r\n"),
]
# what cannot be understood in one way only is refused, or not answered at all
BROKEN = [
    ("a line without a colon", "P-Asserted-Identity %s\r\n"),
    ("a line without a name", ": %s\r\n"),
    ("a CR in between", "X: 1\rP-Asserted-Identity: %s\r\n"),
    ("300 header fields", "X: 1\r\n" * 300 + "P-Asserted-Identity: %s\r\n"),
    ("no UTF-8", "X: \xff\r\nP-Asserted-Identity: %s\r\n"),
    ("From with an open quote", "P-Asserted-Identity: %s\r\n"
     "Record-Route: \"<sip:x@y;lr>\r\n"),
]


def raw(msg, text):
    """The message with more header lines, as they are."""
    head, _, body = msg.build().partition(b"\r\n\r\n")
    return head + b"\r\n" + text.encode("latin-1") + b"\r\n" + body


async def send_raw(b, text, timeout, change=lambda data: data):
    """From the foreign network to alice: what she got, the answer."""
    end = b.outside["foreign"]
    flow = await end.flow_to("sip:" + b.a.outer)
    msg = end.new_request("MESSAGE", "sip:alice@home.example", flow)
    data = change(raw(msg, text))
    msg.build = lambda: data
    return await b.ask(end, b.alice, msg, flow, timeout)


def seen(got):
    return got is not None and b"boss@home" in got.build()


async def test_names(b):
    """NW-01 a name may be written in many ways"""
    for what, text in IDENTITIES:
        got, answer = await send_raw(b, text % IDENTITY, 30)
        tap.equal((answer.code, seen(got)), (200, False),
                  "NW-01 from foreign: P-Asserted-Identity %s: removed" % what)


async def test_broken(b):
    """NW-01 nothing that two readers could take for two things gets in"""
    for what, text in BROKEN:
        got, answer = await send_raw(b, text % IDENTITY, 2)
        tap.ok(not seen(got) and (answer is None or answer.code >= 400),
               "NW-01 from foreign: %s: does not get in" % what,
               "%s %s" % (got, answer))
    got, answer = await send_raw(b, "X: 1\nP-Asserted-Identity: %s\n"
                                 % IDENTITY, 2)
    tap.ok(not seen(got), "NW-01 from foreign: line ends without CR: removed",
           got)


async def test_compact(b):
    """NW-01 compact forms"""
    got, answer = await b.out("foreign", headers=[
        ("f", "\"A\" <sip:alice@home.example>;tag=9"), ("s", "lunch"),
        ("r", "<sip:x@home.example;iotl=a-b>"), ("Privacy", "user")])
    tap.equal((got.get("From"), [v for n, v in got.headers
                                 if n.lower() in ("s", "subject")],
               [v for n, v in got.headers if n.lower() in ("r", "refer-to")]),
              ('"Anonymous" <sip:anonymous@anonymous.invalid>;tag=9', [],
               ["<sip:x@home.example>"]),
              "NW-01 towards foreign: f, s and r are From, Subject, Refer-To")
    tap.equal(answer.get("From"), "\"A\" <sip:alice@home.example>;tag=9",
              "NW-01 towards foreign: f comes back as it was")


async def test_large(b):
    """NW-01 header sections far larger than a packet"""
    for count in (20, 60):
        headers = [("X-Pad", "\"%s\"" % ("a\\\"" * 60))] * count
        got, answer = await b.out("foreign", headers=headers + [
            ("P-Asserted-Identity", IDENTITY)], transport="tcp")
        tap.equal((answer.code, len(got.all("X-Pad")), seen(got)),
                  (200, count, False), "NW-01 towards foreign: %d kB of "
                  "header fields" % (count * 190 // 1000))


async def test_escapes(b):
    """NW-01 names of URI parameters that are escaped, capital, spaced"""
    for what, uri in (("escaped", "<sip:+1;c%70c=payphone@home.example>"),
                      ("in capitals", "<sip:+1;CPC=payphone@home.example>"),
                      ("without <>", "sip:+1;cpc=payphone@home.example"),
                      ("of a tel URI", "<tel:+1;phone-context=x;cpc=payphone>"),
                      ("without a value", "<sip:+1@home.example;cpc>"),
                      ("with a comma in it", "<sip:+1;cpc=pay,phone@home.ex>")):
        got, _ = await b.out("foreign", headers=[("Refer-To", uri)])
        tap.ok("pay" not in got.get("Refer-To") and
               "cpc" not in got.get("Refer-To").lower() and
               got.get("Refer-To").count("+1") == 1,
               "NW-01 towards foreign: cpc %s: removed" % what,
               got.get("Refer-To"))


async def test_sides(b):
    """NW-01 nobody outside can pretend to be inside"""
    got = await spoofed(b)
    tap.equal(got, [], "NW-01 an address of the own network, from outside: "
              "dropped")


async def spoofed(b):
    """What alice gets when others send with her network's addresses."""
    netns.ip("addr add 10.61.0.77/32 dev out0\n", "others")
    netns.ip("route add 10.61.0.77/32 dev out0\n", "bordera")
    inner = border.End("spoofer", "others", "10.61.0.77")
    await inner.start()
    flow = await inner.flow_to("sip:" + b.a.outer)
    mark = b.alice.mark()
    msg = inner.new_request("MESSAGE", "sip:alice@home.example", flow,
                            [("P-Asserted-Identity", IDENTITY)])
    await inner.transact(msg, flow, timeout=3)
    b.a.wait(lambda: "10.61.0.77 does not belong" in b.a.log("kamailio.log"),
             "the refusal of the proxy")
    inner.close()
    return b.alice.entries(lambda e: e.direction == "in" and isinstance(
        e.msg, Message) and e.msg.get("Call-ID") == msg.get("Call-ID"), mark)
