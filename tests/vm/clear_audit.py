# SPDX-License-Identifier: GPL-2.0-or-later
"""An endpoint that audits: all is counted and sampled, nothing is dropped."""
import errno

import esp
import netns
import state
import statebench
import tap
from clearscene import Clear, ClearConnection, Flow
from esp import UDP
from phone import request
from state import PORT, PORT_PS
from stream_segments import I, R


class Audit:
    """An auditing endpoint and the proxy's sockets."""

    def __init__(self, b, version):
        b.fresh()
        self.b, self.g, self.version = b, b.g, version
        self.local = netns.access_addr("pcscf", version)
        self.reply = state.endpoint(b.g, version, audit=True)
        self.src = "10.33.0.98" if version == 4 else "fd33::98"
        Clear.known(self.src)
        self.inj = esp.Injector("ue1")
        self.udp = {p: statebench.udp("pcscf", self.local, p)
                    for p in (PORT, PORT_PS)}
        self.server = statebench.tcp("pcscf", self.local, PORT)
        self.server.listen(4)

    def close(self):
        for thing in [*self.udp.values(), self.server, self.inj]:
            thing.close()

    def hears(self, data, port):
        self.inj.send(esp.ip(self.src, self.local, UDP, esp.udp(
            self.src, self.local, 5060, port, data)))
        return self.udp[port].recvfrom(65535)[0] == data

    def audited(self, name):
        return next(r["audited"] for r in state.stats(self.g)["reason"]
                    if r["name"] == name)


def test_in(b):
    for version in (4, 6):
        a = Audit(b, version)
        drops = state.drops(a.g)
        listener = state.client()
        listener.subscribe("drops")
        for port, reason in ((PORT, "in-unprotected"),
                             (PORT_PS, "in-plaintext")):
            before = a.audited(reason)
            tap.ok(a.hears(request("INVITE"), port) and
                   a.audited(reason) == before + 1,
                   "GM-02 GM-01 udp%d, audit: INVITE in clear to port %d comes "
                   "in and is counted as %s" % (version, port, reason))
            sample = listener.event(30)[1]["drop"]
            tap.equal((sample["reason"], "audited" in sample), (reason, True),
                      "GM-02 udp%d, audit: and is sampled as such" % version)
        link = ClearConnection(Flow(a, a.src)).connect()
        conn = a.server.accept()[0]
        conn.settimeout(30)
        for data in (R, I, R):
            link.send(data)
            tap.equal(conn.recv(4096), data, "GM-02 tcp%d, audit: %s is read"
                      % (version, data.split()[0].decode()))
        tap.equal(state.drops(a.g), drops, "GM-02 ipv%d, audit: nothing is "
                  "counted as dropped" % version)
        link.close()
        conn.close()
        a.close()


def test_out(b):
    """No policy refuses, no hook moves or drops."""
    for version in (4, 6):
        a = Audit(b, version)
        before = a.audited("out-plaintext")
        with netns.ns("ue1"):
            ue = statebench.udp("ue1", netns.access_addr("ue1", version), 7777)
        a.udp[PORT_PS].sendto(b"hello", ue.getsockname()[:2])
        data, source = ue.recvfrom(100)
        tap.equal((data, source[1], a.audited("out-plaintext") - before),
                  (b"hello", PORT_PS, 1), "GM-01 udp%d, audit: a packet from "
                  "port_ps leaves in clear and is counted" % version)
        tap.equal((a.reply["policies"], len(a.b.x.policies())), (0, 0),
                  "GM-01 ipv%d, audit: there are no policies" % version)
        ue.close()
        a.close()


def test_sets(b):
    """Its SAs would not be used: there are none."""
    for version in (4, 6):
        a = Audit(b, version)
        b.g.events(0)
        b.refused("GM-01 ipv%d, audit: SA_SET_NEW is refused, and says what to "
                  "do" % version, lambda a=a: state.new_set(a.g, a.reply),
                  errno.EOPNOTSUPP, ("audit", "delete"), "sa-set.endpoint-id")
        tap.ok("audit" in a.g.dump("endpoint-get")[0]["endpoint"],
               "GM-02 ipv%d, audit: the endpoint says that it audits" % version)
        a.close()


def test_mixed(b):
    """An endpoint that audits takes nothing from one that does not."""
    a = Audit(b, 4)
    with_guard = state.endpoint(a.g, 6)
    local = with_guard["local-addr"]
    sock = statebench.udp("pcscf", local, PORT_PS, 1)
    Clear.known("fd33::98")
    before = state.drops(a.g).get("in-plaintext", 0)
    a.inj.send(esp.ip("fd33::98", local, UDP, esp.udp(
        "fd33::98", local, 5060, PORT_PS, request("INVITE"))))
    tap.ok(a.hears(request("INVITE"), PORT_PS), "GM-01 udp4, audit: plaintext "
           "comes in on the endpoint that audits")
    tap.ok(state.wait(lambda: state.drops(a.g).get("in-plaintext", 0) ==
                      before + 1), "GM-01 udp6: and is dropped on the other")
    sock.close()
    a.close()
