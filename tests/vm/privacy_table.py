# SPDX-License-Identifier: GPL-2.0-or-later
"""Every row of the table, towards and from every class of network, in requests
and in responses. What is expected is written down here once more, so that the
table of the agent has something to be compared with."""
import re

import border
import tap
from sipmsg import uri_of, uri_target

SOMEBODY = "<sip:somebody@home.example>"
# name, value; what becomes of it: towards a foreign network, from one, towards
# a partner, from one. "-" removed, "=" kept, else the value that arrives.
ROWS = [
    ("P-Asserted-Identity", SOMEBODY, "--=="),
    ("P-Preferred-Identity", SOMEBODY, "----"),
    ("P-Access-Network-Info", "3GPP-E-UTRAN-FDD; utran-cell-id-3gpp=1",
     "--=="),
    ("Cellular-Network-Info", "3GPP-E-UTRAN-FDD; cell-info-age=1", "--=="),
    ("History-Info", "<sip:a@home.example?Privacy=history>;index=1, "
     "<sip:b@home.example>;index=1.1", "--=="),
    ("P-Asserted-Service", "urn:urn-7:3gpp-service.ims.icsi.mmtel", "--=="),
    ("P-Served-User", SOMEBODY, "--=="),
    ("P-Profile-Key", "<sip:!.*!@home.example>", "--=="),
    ("P-Early-Media", "sendrecv", "--=="),
    ("P-Private-Network-Indication", "home.example", "--=="),
    ("Resource-Priority", "wps.0", "--=="),
    ("Feature-Caps", "*;+g.3gpp.srvcc", "--=="),
    ("Restoration-Info", "noresponse", "--=="),
    ("Relayed-Charge", "charge", "--=="),
    ("Service-Interact-Info", "service=1", "--=="),
    ("Response-Source", "fe=\"<urn:3gpp:fe:s-cscf>\"", "--=="),
    ("Attestation-Info", "A", "--=="),
    ("Origination-Id", "5bd7f6ea-0000-4000-8000-000000000001", "--=="),
    ("Additional-Identity", SOMEBODY, "--=="),
    ("Priority-Verstat", "TN-Validation-Passed", "--=="),
    ("DC-Info", "dc=1", "--=="),
    ("Priority", "psap-callback", "--=="),
    ("P-Charging-Function-Addresses", "ccf=10.61.0.7", "----"),
    ("P-Charging-Vector", "icid-value=1;icid-generated-at=10.61.0.7;"
     "orig-ioi=home.example",
     ["-", "-", "icid-value=1;orig-ioi=home.example", "="]),
    ("P-Visited-Network-ID", "\"a network\"", "--=="),
    ("Path", "<sip:term@10.61.0.9;lr>", "--=="),
    ("Service-Route", "<sip:orig@10.61.0.9;lr>", "--=="),
    ("P-Associated-URI", SOMEBODY, "--=="),
    ("Security-Client", "tls", "----"),
    ("Security-Server", "tls", "----"),
    ("Security-Verify", "tls", "----"),
]
# in requests and in responses
REASON = ("Reason", "Q.850;cause=16", ["====", "--=="])
# not in the table: stays everywhere
OTHERS = [("Subject", "lunch"), ("X-Else", "a, \"b\""), ("Privacy", "none"),
          ("Call-Info", "<http://home.example/>;purpose=icon")]
COLUMNS = [("towards", "foreign"), ("from", "foreign"),
           ("towards", "partner"), ("from", "partner")]
# cpc, oli: in front of "@" of a telephone number, or in a tel URI; iotl: of
# a SIP URI
NUMBER = "sip:+15551;%s@home.example;user=phone%s"
PARAMS = [("cpc", ";cpc=payphone", ""), ("oli", ";oli=27", ""),
          ("iotl", "", ";iotl=homeA-homeB")]
# all header fields of both sides together
HEADERS = [(n, v) for n, v, _ in ROWS] + [REASON[:2]] + OTHERS


def wanted(what, value):
    return [] if what == "-" else [value] if what == "=" else [what]


def look(msg, label, column, response):
    """One test for each row."""
    for name, value, what in ROWS:
        tap.equal(msg.all(name), wanted(what[column], value),
                  "NW-01 %s: %s %s" % (
                      label, name, {"-": "removed", "=": "kept"}.get(
                          what[column], "changed")))
    what = REASON[2][response][column]
    tap.equal(msg.all("Reason"), wanted(what, REASON[1]),
              "NW-01 %s: Reason %s" % (label,
                                       "removed" if what == "-" else "kept"))
    tap.equal([(n, v) for n, v in msg.headers if n in dict(OTHERS)], OTHERS,
              "NW-01 %s: all else kept" % label)


async def test_rows(b):
    """NW-01 every header field of the table"""
    b.alice.headers = HEADERS
    for peer in ("foreign", "partner"):
        column = 2 * (peer == "partner")
        b.outside[peer].headers = HEADERS
        got, answer = await b.out(peer, headers=HEADERS)
        look(got, "request towards " + peer, column, False)
        look(answer, "response from " + peer, column + 1, True)
        got, answer = await b.into(peer, headers=HEADERS)
        look(got, "request from " + peer, column + 1, False)
        look(answer, "response towards " + peer, column, True)


async def test_other_peers(b):
    """NW-01 who is not known, or not protected, is foreign"""
    for peer, text in (("unknown", "an address that no [peer] has"),
                       ("tls", "a partner without the protection of 6.5")):
        got, answer = await b.out(peer, headers=HEADERS)
        tap.equal((got.all("P-Asserted-Identity"),
                   answer.all("P-Asserted-Identity")), ([], []),
                  "NW-01 to %s: as foreign" % text)
        b.outside[peer].headers = HEADERS
        got, answer = await b.into(peer, headers=HEADERS)
        tap.equal((got.all("P-Asserted-Identity"),
                   answer.all("P-Asserted-Identity")), ([], []),
                  "NW-01 from %s: as foreign" % text)


def addresses(user, uri):
    """Header fields whose URIs have a parameter."""
    number = "<%s>" % (NUMBER % (user, uri))
    return [("From", number + ";tag=1"), ("To", number),
            ("Contact", number), ("Refer-To", number),
            ("Referred-By", number), ("Reply-To", number),
            ("P-Called-Party-ID", number),
            ("Diversion", '"%s" %s;reason=unknown' % (user or uri, number)),
            ("P-Asserted-Identity", number + ", <tel:+15551%s>" % user)]


async def test_parameters(b):
    """NW-01 cpc, oli and iotl in the Request-URI and in addresses"""
    for name, user, uri in PARAMS:
        headers = addresses(user, uri)
        ruri = "sip:+15552%s@%%s%s" % (user, uri)
        for peer in ("foreign", "partner"):
            gone = peer == "foreign"
            b.outside[peer].headers = [h for h in headers
                                       if h[0] not in ("From", "To")]
            got, answer = await b.out(peer, headers=headers, uri=ruri)
            sides = [(got, "request towards " + peer),
                     (answer, "response from " + peer)]
            if gone:
                # both are those of the request again (RFC 3261 8.2.6.2)
                tap.equal(find_in(answer, name, "From"), True,
                          "NW-01 response from %s: From is what it was when "
                          "%s was removed" % (peer, name))
                answer.set("From", got.get("From"))
            b.alice.headers = b.outside[peer].headers
            back, answer = await b.into(peer, headers=headers,
                                        uri=ruri % "home.example")
            sides += [(back, "request from " + peer),
                      (answer, "response towards " + peer)]
            for msg, label in sides:
                where = set(find(msg, name))
                expect = set() if gone else {
                    n for n, _ in headers} | (
                        set() if msg.is_response else {"Request-URI"})
                if label.split()[1] == "towards":
                    # the way inside is hidden from everybody
                    tap.equal(uri_target(uri_of(msg.get("Contact")))[0],
                              border.MASK["bordera"],
                              "NW-01 %s: Contact hidden" % label)
                    expect -= {"Contact"}
                if msg.is_response and msg is not sides[1][0]:
                    # both are the caller's
                    where -= {"From", "To"}
                    expect -= {"From", "To"}
                tap.equal(where, expect, "NW-01 %s: %s %s" % (
                    label, name, "removed" if gone else "kept"))


def find_in(msg, name, field):
    return field in find(msg, name)


def find(msg, name):
    """Header fields that have the parameter, outside of quotes."""
    pattern = re.compile(r";%s=" % name)
    for field, value in msg.headers:
        if pattern.search(re.sub(r'"[^"]*"', "", value)):
            yield field
    if not msg.is_response and pattern.search(msg.uri):
        yield "Request-URI"


async def test_quotes(b):
    """NW-01 what only looks like a parameter stays"""
    name = '"x;cpc=1, <sip:a@b;iotl=c>" <sip:a@home.example>;tag=7'
    got, _ = await b.out("foreign", headers=[("From", name)])
    tap.equal(got.get("From"), name,
              "NW-01 request towards foreign: a display name stays as it is")
