# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls from network A to network B, through both borders, each of which takes
the other one for a partner or for a foreign network."""
import tap
from sipmsg import uri_of

IDENTITY = "<sip:alice@home.example>"
HEADERS = [("P-Asserted-Identity", IDENTITY), ("P-Early-Media", "sendrecv"),
           ("From", "\"Alice\" %s;tag=5" % IDENTITY)]
ANSWER = [("P-Asserted-Identity", "<sip:bob@away.example>"),
          ("P-Access-Network-Info", "3GPP-E-UTRAN-FDD")]
ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=5'


def trust(b, a_class, b_class):
    """What each border takes the other one for."""
    b.a.configure(b.peers_a if a_class == "partner" else
                  b.peers_a.replace(", 10.60.0.2", ""))
    b.b.configure("[peer a]\nclass = %s\nagreement = yes\n"
                  "protected_by = network\naddresses = 10.60.0.1\n" % b_class)


async def invite(b, headers, transport):
    flow = await b.alice.flow_to("sip:" + b.a.inner, transport)
    msg = b.alice.new_request(
        "INVITE", "sip:bob@10.60.0.2:5060", flow, headers,
        ["<sip:%s;lr;transport=%s>" % (b.a.inner, transport)])
    return msg, flow


async def test_both(b):
    """NW-01 a call is private where one of the two does not trust"""
    b.bob.headers = ANSWER
    for a_class in ("partner", "foreign"):
        for b_class in ("partner", "foreign"):
            trust(b, a_class, b_class)
            kept = a_class == b_class == "partner"
            label = "NW-01 call, B is %s to A and A is %s to B" % (
                a_class, b_class)
            mark = b.alice.mark()
            msg, flow = await invite(b, HEADERS, "udp")
            got, answer = await b.ask(b.alice, b.bob, msg, flow)
            tap.equal((len(got.all("P-Asserted-Identity")),
                       len(got.all("P-Early-Media"))), (kept, kept),
                      label + ": INVITE %s" % ("as sent" if kept else
                                               "without the identity"))
            ringing = [e.msg for e in b.alice.entries(
                lambda e: e.direction == "in" and e.msg.code == 180, mark)]
            for what, one in (("180", ringing[0]), ("200", answer)):
                tap.equal((len(one.all("P-Asserted-Identity")),
                           len(one.all("P-Access-Network-Info"))),
                          (kept, kept), label + ": %s %s" % (
                              what, "as sent" if kept else
                              "without the identity"))
            await finish(b, answer, label)


async def finish(b, answer, label, headers=()):
    """ACK, then BYE from both ends, the second of them refused."""
    mark = b.bob.mark()
    dialog = await b.alice.acknowledge(answer, headers)
    ack = (await b.bob.wait_request("ACK", mark)).msg
    tap.equal(ack.all("P-Asserted-Identity"), [], label + ": ACK arrives")
    bye = await b.bob.in_dialog(b.bob.calls[-1], "BYE")
    again = await b.alice.in_dialog(dialog, "BYE")
    tap.equal((bye.code, again.code), (200, 200),
              label + ": BYE in both directions")
    return ack


async def test_anonymous(b):
    """NW-01 a call of somebody who wants to stay unknown"""
    trust(b, "foreign", "foreign")
    for transport in ("udp", "tcp"):
        label = "NW-01 anonymous call, %s inside" % transport
        private = HEADERS + [("Privacy", "user;id;critical")]
        msg, flow = await invite(b, private, transport)
        got, answer = await b.ask(b.alice, b.bob, msg, flow)
        tap.equal((got.get("From"), got.get("Privacy")),
                  (ANONYMOUS, "id"), label + ": From is anonymous")
        tap.ok(b"alice" not in got.build() and b"10.61.0." not in got.build(),
               label + ": nothing says who or where", got.build())
        tap.equal(answer.get("From"), HEADERS[-1][1],
                  label + ": the caller gets back his own From")
        # a UA repeats what it asks for in each request (RFC 3323 4.3)
        ack = await finish(b, answer, label, private[-1:])
        tap.ok(b"alice" not in ack.build(), label + ": the ACK neither",
               ack.build())


async def test_cancel(b):
    """NW-01 CANCEL and 487 of an anonymous call"""
    trust(b, "foreign", "foreign")
    b.bob.rings = True
    msg, flow = await invite(b, HEADERS + [("Privacy", "user;id")], "udp")
    mark, start = b.bob.mark(), b.alice.mark()
    call = b.alice.spawn(b.alice.transact(msg, flow))
    await b.alice.wait(lambda e: e.direction == "in" and e.msg.code == 180,
                       start)
    answer = await b.alice.transact(msg.follow("CANCEL"), flow)
    final = await call
    b.alice.send(msg.follow("ACK").set("To", final.get("To")), flow)
    cancel = (await b.bob.wait_request("CANCEL", mark)).msg
    tap.equal((answer.code, final.code, uri_of(cancel.get("From"))),
              (200, 487, "sip:anonymous@anonymous.invalid"),
              "NW-01 anonymous call: CANCEL is anonymous, too")
    ack = (await b.bob.wait_request("ACK", mark)).msg
    tap.ok(b"alice" not in ack.build() + cancel.build(),
           "NW-01 anonymous call: nor do CANCEL and ACK say who",
           cancel.build() + ack.build())
    tap.equal((final.get("From"), final.all("P-Asserted-Identity")),
              (HEADERS[-1][1], []),
              "NW-01 anonymous call: 487 without the identity of the other")
    b.bob.rings, b.bob.headers = False, []
