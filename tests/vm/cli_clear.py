# SPDX-License-Identifier: GPL-2.0-or-later
"""What gmguard shows of the unprotected port: counters, samples, limits."""
import re
import socket

import netns
import state
import statebench
import tap
from clibench import (ENDPOINT, Monitor, count_of, gmguard, send, show, sip)

SOS = "urn:service:sos"


def proxy():
    """Hears what gets through."""
    return statebench.udp("pcscf", "10.33.0.1", 5060, 10)


def heard(sock, least=0):
    """The start lines of all that has come; waits for so many."""
    lines = []
    while True:
        sock.settimeout(10 if len(lines) < least else 0)
        try:
            lines.append(sock.recv(65536).split(b"\r\n")[0].decode())
        except (BlockingIOError, socket.timeout):
            return lines


def grown(reason, before, by):
    """Waits until a counter has grown by so much; by how much it has."""
    state.wait(lambda: count_of(reason) - before >= by, 10)
    return count_of(reason) - before


def test_refused(bench):
    """Requests that have no business there, then one that has."""
    bench.fresh()
    methods = ["INVITE", "MESSAGE", "OPTIONS", "SUBSCRIBE"]
    before, sock = count_of("in-unprotected"), proxy()
    text, samples = Monitor("drops", as_json=False), Monitor("drops")
    send([sip(m) for m in methods] + [sip("REGISTER")], 5060)
    tap.equal(grown("in-unprotected", before, len(methods)), len(methods),
              "AT-22 GM-02 cli: stats counts what may not come in clear")
    tap.equal(heard(sock, 1), ["REGISTER sip:home SIP/2.0"],
              "AT-22 GM-02 cli: ... and REGISTER alone has come through")
    got = [e["drop"] for e in samples.lines()]
    tap.equal({(d["reason"], d["dst_port"], d["audited"]) for d in got},
              {("in-unprotected", 5060, False)},
              "AT-22 GM-02 cli: monitor shows samples of it")
    shown = text.lines()
    tap.ok(shown and all(re.search(
        r" drop in-unprotected udp 10\.33\.0\.66:\d+ > 10\.33\.0\.1:5060 "
        r"dev gm0", line) for line in shown), "cli: ... as text too",
        "\n".join(shown))
    samples.end()
    text.end()
    sock.close()


def test_stream(bench):
    """REGISTER, and then something else on the same connection."""
    bench.fresh()
    before = count_of("in-unprotected")
    listener = statebench.tcp("pcscf", "10.33.0.1", 5060, 10)
    listener.listen()
    with netns.ns("attacker"):
        client = socket.create_connection(("10.33.0.1", 5060), 10)
    server = listener.accept()[0]
    register = sip("REGISTER")
    client.sendall(register)
    tap.equal(server.recv(65536), register,
              "GM-02 cli: REGISTER comes through over TCP")
    client.sendall(sip("MESSAGE"))
    try:
        end = client.recv(1)
    except ConnectionResetError:
        end = "reset"
    tap.equal((end, grown("in-unprotected", before, 1) > 0), ("reset", True),
              "AT-23 GM-02 cli: a request behind it is counted, and its "
              "connection reset")
    for sock in (client, server, listener):
        sock.close()


def test_emergency(bench):
    """The limit emergency-ms bounds what an emergency call opens."""
    bench.clean()
    gmguard("endpoint", "new", *ENDPOINT)
    before, sock = count_of("in-unprotected"), proxy()
    send([sip("INVITE", SOS)], 5060)
    tap.equal((grown("in-unprotected", before, 1), heard(sock)), (1, []),
              "GM-02 GM-38 cli: an emergency call in clear is dropped by "
              "default")
    bench.clean()
    gmguard("endpoint", "new", *ENDPOINT, "emergency")
    show("limits", "emergency-ms=500ms")
    before = count_of("in-unprotected")
    with netns.ns("ue1"):
        ue = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for message in (sip("INVITE", SOS, "c1"), sip("BYE", call_id="c1"),
                    sip("BYE", call_id="c2")):
        ue.sendto(message, ("10.33.0.1", 5060))
    tap.equal(grown("in-unprotected", before, 1), 1,
              "GM-02 GM-38 cli: with emergency, only what is of another "
              "Call-ID is dropped")
    tap.equal([line.split()[0] for line in heard(sock, 2)], ["INVITE", "BYE"],
              "GM-02 GM-38 cli: ... and the call comes through")

    def closed():
        ue.sendto(sip("BYE", call_id="c1"), ("10.33.0.1", 5060))
        return count_of("in-unprotected") > before + 1
    tap.ok(state.wait(closed, 10, pause=0.2),
           "GM-38 cli: ... for as long as emergency-ms says")
    ue.close()
    sock.close()


def test_flood(bench):
    """More than a source may send; another one is heard beside it."""
    bench.fresh()
    show("limits", "unprotected-rate=1", "unprotected-burst=5")
    before, sock = count_of("in-rate"), proxy()
    send([sip("REGISTER")] * 100, 5060)
    tap.ok(80 <= grown("in-rate", before, 80) <= 95,
           "AT-24 GM-02 cli: a flood beyond the limits is counted",
           count_of("in-rate") - before)
    tap.ok(5 <= len(heard(sock, 5)) <= 20,
           "AT-24 GM-02 cli: ... and no more than they say comes through")
    send([sip("REGISTER", "sip:other")], 5060, "ue2")
    tap.ok(state.wait(lambda: "REGISTER sip:other SIP/2.0" in heard(sock), 10),
           "AT-24 GM-02 cli: another source is not affected")
    text = gmguard("stats").stdout.replace("\n", " ")
    tap.ok(re.search(r" \d+  in-rate +A source in clear that sends more",
                     text), "cli: stats explains the limit", text)
    sock.close()


def test_slow(bench):
    """A connection that is silent, and one whose message does not end."""
    bench.fresh()
    listener = statebench.tcp("pcscf", "10.33.0.1", 5060, 10)
    listener.listen()
    for limit, data in (("unprotected-idle-ms", b""),
                        ("unprotected-message-ms", b"REGISTER sip:")):
        show("limits", "%s=500ms" % limit)
        before = count_of("in-slow")
        with netns.ns("attacker"):
            client = socket.create_connection(("10.33.0.1", 5060), 20)
        server = listener.accept()[0]
        client.sendall(data)
        try:
            end = client.recv(1)
        except ConnectionResetError:
            end = "reset"
        tap.equal((end, grown("in-slow", before, 1)), ("reset", 1),
                  "GM-02 cli: %s ends a connection, counted once" % limit)
        client.close()
        server.close()
        bench.fresh()
    listener.close()
