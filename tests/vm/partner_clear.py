# SPDX-License-Identifier: GPL-2.0-or-later
"""Nothing in clear, in neither direction; and REGISTER from outside."""
import socket

import border
import netns
import tap
from interconnect import TLS_PORT, TlsEnd

ALICE = "sip:alice@a.example"


async def test_to_tls_port(b):
    """NW-02 SIP in clear to the port of TLS"""
    end = b.ends["good"]
    mark = b.alice.mark()
    with netns.ns("others"):
        sock = socket.socket()
        sock.bind((end.addr, 0))
    sock.settimeout(30)
    sock.connect((b.a.outer, TLS_PORT))
    sock.sendall(end.request("MESSAGE", ALICE, "TCP").build())
    try:
        data = sock.recv(65536)
    except ConnectionError:
        data = b""
    tap.ok(not data.startswith(b"SIP/2.0"),
           "NW-02 clear to port 5061: no answer of SIP", data)
    tap.equal(b.came(b.alice, mark), [],
              "NW-02 clear to port 5061: nothing came through")


async def test_to_clear_port(b):
    """NW-02 nobody listens for SIP in clear outside"""
    for kind in ("tcp", "udp"):
        with netns.ns(b.a.space):
            with open("/proc/thread-self/net/" + kind,
                      encoding="ascii") as f:
                found = "%08X:13C4" % int.from_bytes(
                    socket.inet_aton(b.a.outer), "little") in f.read()
        tap.ok(not found, "NW-02 clear: no %s socket at port 5060 outside"
               % kind)


async def test_no_way_back(b):
    """NW-02 a domain that publishes clear services only"""
    plain = TlsEnd(border.outside(30), b.dir, None).listen(5060, clear=True)
    answer = await b.out("sip:bob@bare.good.example")
    tap.equal((answer.code, plain.got, plain.handshakes), (503, [], []),
              "NW-02 clear: only clear services: nothing leaves")
    answer = await b.out("sip:bob@bare.good.example:5060;transport=tcp")
    tap.equal((answer.code, plain.got), (503, []),
              "NW-02 clear: not even when the URI says so")
    tap.ok(True in plain.handshakes or plain.handshakes == [],
           "NW-02 clear: TLS was spoken to that port, or nothing")
    plain.close()


async def test_register(b):
    """NW-05 REGISTER from outside the trust domain"""
    b.a.configure(b.conf_a().replace("[peer good]\nclass = partner",
                                     "[peer good]\nclass = foreign"))
    mark = b.alice.mark()
    conn = b.ends["good"].connect(b.a.outer)
    tap.equal(await b.ends["good"].ask(conn, "REGISTER", "sip:a.example"), 403,
              "NW-05 REGISTER from a foreign network: 403")
    tap.equal(b.came(b.alice, mark), [],
              "NW-05 REGISTER from a foreign network: not passed on")
    tap.equal(await b.ends["good"].ask(conn, "MESSAGE", ALICE), 200,
              "NW-05 what else it sends arrives")
    conn.close()
    b.a.configure(b.conf_a())
    conn = b.ends["good"].connect(b.a.outer)
    mark = b.alice.mark()
    tap.equal(await b.ends["good"].ask(conn, "REGISTER", "sip:a.example"), 200,
              "NW-05 REGISTER from a partner, in the trust domain: arrives")
    tap.ok(b.alice.entries(lambda e: e.direction == "in" and
                           e.msg.method == "REGISTER", mark),
           "NW-05 REGISTER from a partner: passed on to the I-CSCF")
    conn.close()
