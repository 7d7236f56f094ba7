# SPDX-License-Identifier: GPL-2.0-or-later
"""What Privacy asks for (RFC 3323, 3325, 7044), and what the configuration
makes of it: "shall remove" of TS 33.203 against "none" of RFC 3325."""
import border
import tap
from sipmsg import uri_of, uri_target

ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=77'
IDENTITY = "<sip:alice@home.example>"
FROM = '"Alice" %s;tag=77' % IDENTITY
# what RFC 3323 5.3 removes for "user"
USER = [("Call-Info", "<http://home.example/alice>;purpose=icon"),
        ("In-Reply-To", "1@home.example"), ("Organization", "Home"),
        ("Reply-To", IDENTITY), ("Subject", "lunch"),
        ("User-Agent", "phone/1"), ("Server", "phone/1")]
PRIVATE = [("From", FROM), ("P-Asserted-Identity", IDENTITY)] + USER

# what is asked for; what leaves: Privacy, is From hidden, code when refused
VALUES = [
    ("id", ["id"], False, 0),
    ("user", [], True, 0),
    ("header", [], False, 0),
    ("session", ["session"], False, 0),
    ("none", ["none"], False, 0),
    ("history", [], False, 0),
    ("id;critical", ["id"], False, 0),
    ("user;critical", [], True, 0),
    ("header;critical", [], False, 0),
    ("user ; ID;Header", ["ID"], True, 0),
    ("user, id", ["id"], True, 0),
    ("user;\r\n\tid", ["id"], True, 0),
    ("something", ["something"], False, 0),
    ("session;critical", None, False, 500),
    ("id;something;critical", None, False, 500),
    ("none;user", None, False, 500),
    ("id;;user", None, False, 500),
    ("\"id\"", None, False, 500),
    ("", None, False, 500),
]


def hidden(msg):
    """Does the way inside show?"""
    vias = [v.split()[1].split(";")[0] for v in msg.values("Via")]
    shown = (border.out_addr("bordera"), border.MASK["bordera"])
    return all(v.split(":")[0] in shown for v in vias) and b"10.61.0." not in msg.build()


async def test_values(b):
    """NW-01 each value of Privacy, towards a foreign network"""
    for value, left, user, code in VALUES:
        label = "NW-01 Privacy: %s" % value.replace("\r\n\t", " (folded) ")
        got, answer = await b.out("foreign", headers=PRIVATE +
                                  [("Privacy", value)])
        if code:
            tap.equal((got, answer.code), (None, code),
                      label + ": refused, nothing leaves")
            continue
        tap.equal((answer.code, got.all("P-Asserted-Identity"),
                   got.values("Privacy")), (200, [], left),
                  label + ": served, what is left is %s" % (left or "nothing"))
        tap.equal(got.get("From"), ANONYMOUS if user else FROM,
                  label + ": From " + ("anonymous" if user else "kept"))
        tap.equal([n for n, _ in USER if got.all(n)],
                  [] if user else [n for n, _ in USER],
                  label + ": what the user has written is %s"
                  % ("gone" if user else "kept"))
        tap.ok(hidden(got), label + ": the way inside does not show",
               got.build())
        tap.equal(answer.get("From"), FROM,
                  label + ": the answer has the From that was asked with")


async def test_trusted(b):
    """NW-01 nothing is served towards a partner, nothing from anybody"""
    for value in [v for v, *_ in VALUES if v]:
        plain = value.replace("\r\n\t", " ")
        got, _ = await b.out("partner", headers=PRIVATE + [("Privacy", value)])
        tap.equal((got.get("Privacy"), got.get("From"),
                   got.get("P-Asserted-Identity"), len(got.all("Subject"))),
                  (plain, FROM, IDENTITY, 1),
                  "NW-01 Privacy: %s, towards partner: retained" % plain)
        for peer in ("partner", "foreign"):
            got, _ = await b.into(peer, headers=PRIVATE + [("Privacy", value)])
            tap.equal((got.get("Privacy"), got.get("From")), (plain, FROM),
                      "NW-01 Privacy: %s, from %s: retained" % (plain, peer))


async def test_responses(b):
    """NW-01 Privacy in a response"""
    for value, left, user, code in VALUES:
        if not value or value.startswith('"'):
            continue
        label = "NW-01 Privacy: %s, in a response" % value.replace(
            "\r\n\t", " (folded) ")
        b.alice.headers = [("P-Asserted-Identity", IDENTITY),
                           ("Privacy", value)] + USER
        _, answer = await b.into("foreign", timeout=3 if code else 30)
        if code:
            tap.equal(answer, None, label + ": it does not leave")
            continue
        tap.equal((answer.all("P-Asserted-Identity"),
                   answer.values("Privacy")), ([], left), label + ": served")
        tap.equal([n for n, _ in USER if answer.all(n)],
                  [] if user else [n for n, _ in USER],
                  label + ": what the user has written is %s"
                  % ("gone" if user else "kept"))
    b.alice.headers = []


async def test_none(b):
    """NW-01 "shall remove" against "none", as configured"""
    headers = PRIVATE + [("Privacy", "none"),
                         ("History-Info", "<sip:x@home.example>;index=1"),
                         ("P-Served-User", IDENTITY)]
    got, _ = await b.out("foreign", headers=headers)
    tap.equal((got.all("P-Asserted-Identity"), got.all("History-Info")),
              ([], []), "NW-01 Privacy: none: TS 33.203 5.3 removes the "
              "identity all the same")
    b.a.configure(b.peers_a + "[privacy]\nnone = keep\n")
    got, _ = await b.out("foreign", headers=headers)
    tap.equal((got.all("P-Asserted-Identity"), got.all("History-Info"),
               got.all("P-Served-User")),
              ([IDENTITY], ["<sip:x@home.example>;index=1"], []),
              "NW-01 Privacy: none, none = keep: RFC 3325 lets the identity "
              "through, and nothing else")
    got, _ = await b.out("foreign", headers=PRIVATE)
    tap.equal(got.all("P-Asserted-Identity"), [],
              "NW-01 no Privacy, none = keep: the identity is removed")
    got, _ = await b.out("foreign", headers=PRIVATE + [("Privacy", "id")])
    tap.equal(got.all("P-Asserted-Identity"), [],
              "NW-01 Privacy: id, none = keep: the identity is removed")
    b.a.configure(b.peers_a)


TABLE = """\
[privacy]
field = P-Asserted-Identity keep remove keep keep
field = History-Info anonymize anonymize keep keep
field = P-Charging-Vector ioi keep remove remove
field = X-Secret remove remove remove remove
field_value = Priority emergency remove keep keep keep
response_field = Warning remove remove keep keep
parameter = isub remove remove keep keep
"""
HISTORY = ("<sip:a@home.example?Privacy=history&Reason=x>;index=1;foo, "
           "\"B\" <sip:b@home.example>;index=1.1;mp=1")
A_HIDDEN = "<sip:anonymous@anonymous.invalid>;index=1"
B_SHOWN = "\"B\" <sip:b@home.example>;index=1.1;mp=1"
B_HIDDEN = "<sip:anonymous@anonymous.invalid>;index=1.1;mp=1"
VECTOR = ("icid-value=\"a;b\";icid-generated-at=10.61.0.7; orig-ioi=home ;"
          "term-ioi=away;transit-ioi=x")


async def test_table(b):
    """NW-01 the table is configuration"""
    b.a.configure(b.peers_a + TABLE)
    headers = [("P-Asserted-Identity", IDENTITY), ("History-Info", HISTORY),
               ("P-Charging-Vector", VECTOR), ("X-Secret", "1"),
               ("Priority", "emergency"),
               ("Refer-To", "<sip:a@home.example;ISUB=1;x=y>")]
    got, _ = await b.out("foreign", headers=headers)
    tap.equal([(n, v) for n, v in got.headers if n in dict(headers)],
              [("P-Asserted-Identity", IDENTITY),
               ("History-Info", A_HIDDEN + ", " + B_SHOWN),
               ("P-Charging-Vector",
                "icid-value=\"a;b\";orig-ioi=home;term-ioi=away"),
               ("Refer-To", "<sip:a@home.example;x=y>")],
              "NW-01 configured: keep, anonymize, ioi, further rows")
    for value in ("history", "header"):
        got, _ = await b.out("foreign", headers=headers + [
            ("Privacy", value)])
        tap.equal((got.get("History-Info"), got.all("P-Asserted-Identity")),
                  (A_HIDDEN + ", " + B_HIDDEN, [IDENTITY]),
                  "NW-01 Privacy: %s makes all entries of History-Info "
                  "anonymous (RFC 7044)" % value)
    got, _ = await b.out("foreign", headers=headers + [("Privacy", "id")])
    tap.equal(got.all("P-Asserted-Identity"), [], "NW-01 Privacy: id removes "
              "the identity whatever the table says (RFC 3325)")
    for bad in ("<sip:a@home.example", "sip:bare@home.example;index=1",
                "<>;index=1"):
        got, _ = await b.out("foreign", headers=[("History-Info", bad)])
        tap.equal(got.all("History-Info"), [],
                  "NW-01 History-Info: %s cannot be made anonymous: removed"
                  % bad)
    for bad in ("orig-ioi=home", "icid-value=1;;orig-ioi=x",
                "icid-value=\"1;orig-ioi=x"):
        got, _ = await b.out("foreign", headers=[("P-Charging-Vector", bad)])
        tap.equal(got.all("P-Charging-Vector"), [],
                  "NW-01 P-Charging-Vector: %s cannot be read: removed" % bad)
    b.outside["foreign"].headers = [("Warning", "399 x \"y\"")]
    got, answer = await b.out("foreign", headers=[("Warning", "399 x \"y\"")])
    tap.equal((len(got.all("Warning")), len(answer.all("Warning"))), (1, 0),
              "NW-01 configured: a row for responses only")
    b.outside["foreign"].headers = []
    b.a.configure(b.peers_a)


async def test_contact(b):
    """NW-01 header: Contact and Record-Route of a call"""
    got, answer = await b.out("foreign", "INVITE",
                              [("Privacy", "header;critical")])
    tap.equal((answer.code, uri_target(uri_of(got.get("Contact")))[0],
               hidden(got)), (200, border.MASK["bordera"], True),
              "NW-01 Privacy: header: Contact, Record-Route and Via hidden")
    dialog = await b.alice.acknowledge(answer)
    answer = await b.alice.in_dialog(dialog, "BYE")
    tap.equal(answer.code, 200, "NW-01 Privacy: header: and the call ends")
