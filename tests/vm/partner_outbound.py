# SPDX-License-Identifier: GPL-2.0-or-later
"""Whom network A reaches over TLS: what it finds in DNS and on the certificate
decides whether a request leaves."""
import tap

# domain: does a MESSAGE arrive? what the agent says, "": Kamailio refuses
NAMES = [
    ("good", True, ""), ("uri", True, ""), ("cn", True, ""),
    ("wrong", False, "wrong.example was to be reached, and the certificate "
     "is for another one"),
    ("x.wild", False, "has a wildcard"),
    ("noagreement", False, "no agreement with [peer noagreement]"),
    ("stranger", False, "belongs to no [peer] section"),
    ("old", False, ""), ("false", False, ""),
]


async def test_names(b):
    """NW-02 the name on the certificate decides"""
    for domain, arrives, says in NAMES:
        end = b.ends[domain.rsplit(".", maxsplit=1)[-1]]
        before = len(end.got)
        answer = await b.out("sip:bob@%s.example" % domain)
        label = "NW-02 out: %s.example" % domain
        methods = [msg.method for msg in end.got[before:]]
        if arrives:
            tap.equal((answer.code, "MESSAGE" in methods), (200, True),
                      label + ": a MESSAGE arrives")
            continue
        tap.ok(answer.code in (403, 503), label + ": it is rejected",
               answer.code)
        tap.ok(set(methods) <= {"OPTIONS"},
               label + ": no more than OPTIONS leaves", methods)
        if says:
            tap.ok(b.logged(says), label + ": the log says why")
        tap.ok(b.a.log("kamailio.log").count("not to " + domain) > 0,
               label + ": the proxy's log, too")


async def test_dns(b):
    """NW-02 what DNS says is asked of it as RFC 3263 says"""
    for domain, says in (
            ("none.good.example", "takes no SIP over TLS"),
            ("gone.good.example", "have no address")):
        answer = await b.out("sip:bob@" + domain)
        tap.equal(answer.code, 503, "NW-02 out: %s: 503" % domain)
        tap.ok(b.logged(says), "NW-02 out: %s: %s" % (domain, says))


async def test_dead(b):
    """NW-02 a host that is not there: the next one of SRV"""
    end = b.ends["good"]
    before = len(end.got)
    answer = await b.out("sip:bob@good.example")
    tap.equal((answer.code, "MESSAGE" in [m.method for m in end.got[before:]]),
              (200, True), "NW-02 out: the first host of SRV is dead: the next")
    before = len(end.got)
    answer = await b.out("sip:bob@10.60.0.20:5061;transport=tls")
    tap.equal((answer.code, end.got[before:]), (403, []),
              "NW-02 out: an address that is in no section")


async def test_revoked(b):
    """NW-02 an agreement ends while the connection stands"""
    answer = await b.out("sip:bob@b.example")
    tap.equal((answer.code, b.a.connections(b.b.outer)), (200, 1),
              "NW-02 out: a connection stands")
    b.a.configure(b.conf_a("no"))
    mark = b.bob.mark()
    answer = await b.out("sip:bob@b.example")
    tap.equal((answer.code, b.came(b.bob, mark)), (403, []),
              "NW-02 out: the agreement ends: not even on that connection")
    b.a.configure(b.conf_a())
    answer = await b.out("sip:bob@b.example")
    tap.equal((answer.code, b.a.connections(b.b.outer)), (200, 1),
              "NW-02 out: and there is one again, on the same connection")
