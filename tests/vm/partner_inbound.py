# SPDX-License-Identifier: GPL-2.0-or-later
"""Who comes to network A over TLS and is, or is not, who it must be."""
import ssl

import tap
from interconnect import TLS_PORT, TlsEnd

ALICE = "sip:alice@a.example"
# who: the answer of the border, what the agent says
NAMES = [
    ("good", 200, ""), ("uri", 200, ""), ("cn", 200, ""),
    ("stranger", 403, "no [peer] section has a name"),
    ("wild", 403, "has a name of the certificate ( DNS:*.wild.example )"),
    ("noagreement", 403, "no agreement with [peer noagreement]"),
    # another partner's name: right chain, but not the chain of that name
    ("wrong", 403, "does not count"),
]


async def test_names(b):
    """NW-02 a certificate of the right chain, with a right or wrong name"""
    for who, code, says in NAMES:
        end = b.ends[who]
        conn = end.connect(b.a.outer)
        mark = b.alice.mark()
        got = await end.ask(conn, "MESSAGE", ALICE)
        tap.equal(got, code, "NW-02 in: certificate %s: %d" % (who, code))
        if code == 200:
            conn.close()
            continue
        tap.ok(b.logged(says), "NW-02 in: %s: the log says why" % who)
        tap.equal(b.came(b.alice, mark), [],
                  "NW-02 in: %s: nothing came through" % who)
        tap.equal(await end.ask(conn, "MESSAGE", ALICE), None,
                  "NW-02 in: %s: the connection is closed" % who)
        conn.close()


async def refused(end, remote, **kwargs):
    """Is there no answer, because the handshake fails?"""
    try:
        conn = end.connect(remote, **kwargs)
        return await end.ask(conn, "MESSAGE", ALICE) is None
    except (ssl.SSLError, ConnectionError):
        return True


async def test_handshake(b):
    """NW-02 what does not get past the handshake"""
    none = TlsEnd(b.ends["good"].addr, b.dir, None)
    for label, end, kwargs in (
            ("no certificate", none, {}),
            ("expired", b.ends["old"], {}),
            ("a CA that nobody trusts", b.ends["false"], {}),
            ("TLS 1.1", b.ends["good"],
             {"minimum_version": ssl.TLSVersion.TLSv1,
              "maximum_version": ssl.TLSVersion.TLSv1_1})):
        mark = b.alice.mark()
        tap.ok(await refused(end, b.a.outer, **kwargs),
               "NW-02 in: %s: no connection" % label)
        tap.equal(b.came(b.alice, mark), [],
                  "NW-02 in: %s: nothing came through" % label)
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        conn = b.ends["good"].connect(b.a.outer, minimum_version=version,
                                      maximum_version=version)
        tap.equal(await b.ends["good"].ask(conn, "MESSAGE", ALICE), 200,
                  "NW-02 in: %s" % version.name)
        tap.ok("GCM" in conn.cipher()[0] and (
            version == ssl.TLSVersion.TLSv1_3 or "DHE" in conn.cipher()[0]),
               "NW-02 in: %s: forward secrecy, %s" % (version.name,
                                                      conn.cipher()[0]))
        conn.close()
    for suite in ("ECDHE-ECDSA-AES128-SHA", "AES128-GCM-SHA256", "NULL"):
        ctx_refused = False
        try:
            conn = suite_connect(b.ends["good"], b.a.outer, suite)
            conn.close()
        except (ssl.SSLError, ConnectionError):
            ctx_refused = True
        tap.ok(ctx_refused, "NW-02 in: no suite %s" % suite)


def suite_connect(end, remote, suite):
    context = end.context

    def limited(purpose, **kwargs):
        ctx = context(purpose, **kwargs)
        ctx.maximum_version = ssl.TLSVersion.TLSv1_2
        ctx.set_ciphers(suite + ":@SECLEVEL=0")
        return ctx
    end.context = limited
    try:
        return end.connect(remote, TLS_PORT)
    finally:
        end.context = context


async def test_address(b):
    """NW-02 a partner's certificate from an address that is not the partner's"""
    b.a.configure(b.conf_a().replace(
        "domains = good.example", "domains = good.example\n"
        "addresses = 10.60.0.200"))
    conn = b.ends["good"].connect(b.a.outer)
    tap.equal(await b.ends["good"].ask(conn, "MESSAGE", ALICE), 403,
              "NW-02 in: the right certificate from a wrong address")
    b.a.configure(b.conf_a())


async def test_lax(b):
    """NW-02 a proxy that verifies nothing does not open it"""
    b.a.stop_proxy()
    b.a.replace = [("tls.cfg", "verify_certificate = yes",
                    "verify_certificate = no"),
                   ("tls.cfg", "require_certificate = yes",
                    "verify_client = optional_no_ca")]
    b.a.start_tls()
    for who, says in (("old", "certificate has expired"),
                      ("false", "unable to get local issuer")):
        conn = b.ends[who].connect(b.a.outer)
        tap.equal(await b.ends[who].ask(conn, "MESSAGE", ALICE), 403,
                  "NW-02 in: a lax proxy, certificate %s: 403" % who)
        tap.ok(b.logged(says), "NW-02 in: a lax proxy, %s: %s" % (who, says))
        conn.close()
    b.a.stop_proxy()
    b.a.replace = []
    b.a.start_tls()
    conn = b.ends["good"].connect(b.a.outer)
    tap.equal(await b.ends["good"].ask(conn, "MESSAGE", ALICE), 200,
              "NW-02 in: all as before")
    conn.close()
