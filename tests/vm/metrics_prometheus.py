# SPDX-License-Identifier: GPL-2.0-or-later
"""A real Prometheus reads gmguardd, while a UE registers and packets drop: the
queries of the dashboard find something, and so do the alert rules."""
import json
import re
import signal
import socket
import threading

import netns
import prom
import sipmsg
import state
import tap
import yaml
from agentrpc import AgentRpc, RpcError
from clibench import PROGRAM, send, send_plain, sip
from prom import ADDRESS, TOP

AUDITED = "10.33.0.7"
# panels and alerts that find nothing here, and why
EMPTY = {
    "GmguardVersionsDiffer": "module and agent are of one version",
}


def panels():
    with open(TOP + "/contrib/grafana/gmguard.json", encoding="utf-8") as f:
        board = json.load(f)
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"].replace(
                "$instance", ".*").replace("$__rate_interval", "5m")


def rules():
    with open(TOP + "/contrib/prometheus/alerts.yml", encoding="utf-8") as f:
        for rule in yaml.safe_load(f)["groups"][0]["rules"]:
            yield rule["alert"], rule["expr"]


def as_bool(expr):
    """What it compares, instead of what fits: 1 or 0 for each."""
    return re.sub(r" (==|>)\s+", r" \1 bool ", expr)


def claim(ue):
    """What the proxy tells of somebody who wants a registered UE's ports."""
    return {
        "transport": "udp", "ue_addr": netns.access_addr("ue1"),
        "ue_port": 5060, "local_addr": netns.access_addr("pcscf"),
        "local_port": 5060, "call_id": sipmsg.token(), "cseq": 1,
        "impi": "thief@x", "impu": "sip:thief@x",
        "contact": "<sip:thief@%s>" % netns.access_addr("ue1"),
        "via_addr": netns.access_addr("ue1"), "security_client":
            "ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-cbc;spi-c=4711;spi-s=4712;"
            "port-c=%d;port-s=%d" % (ue.sa.port_uc, ue.sa.port_us),
        "security_verify": "", "require": "sec-agree", "proxy_require": "",
        "supported": "", "authorization": 'Digest username="thief@x"',
        "www_authenticate": 'Digest realm="r", nonce="abc=", ck="%s", ik="%s"'
                            % ("01" * 16, "23" * 16)}


def happen(ue):
    """Something of each kind that the dashboard shows."""
    send_plain(20)
    send([sip("MESSAGE")], 5060)
    with netns.ns("attacker"):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.sendto(sip("REGISTER"), (AUDITED, 6101))
    sock.close()
    with AgentRpc() as rpc:
        for method in ("nonsense", "locate"):
            try:
                rpc.call(method)
            except RpcError:
                pass
        if ue.sa:
            rpc.call("challenge", **claim(ue))


class Stir:
    """Has it happen again and again, in a thread of its own."""

    def __init__(self, ue):
        self.ue = ue
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.stop.wait(0.5):
            happen(self.ue)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


def reload_bad(b):
    """A configuration that gmguardd refuses."""
    with open(b.pcscf.path("gmguard.conf"), "a", encoding="ascii") as f:
        f.write("nonsense\n")
    b.pcscf.agent.send_signal(signal.SIGHUP)


async def test_prometheus(b):
    """the dashboard's queries and the alert rules find something"""
    b.restart_agent(listen_metrics=ADDRESS)
    netns.ip("addr add %s/24 dev gm0\n" % AUDITED, "pcscf")
    done = netns.run("pcscf", [PROGRAM, "endpoint", "new", "addr=" + AUDITED,
                               "port-ps=6101", "port-pc=6110-6117", "audit"])
    tap.ok(not done.returncode, "metrics: an endpoint that audits",
           done.stderr)
    p = prom.Prometheus()
    took = p.start()
    tap.note("prometheus was ready after %.1f s" % took)
    try:
        await look(b, p)
    finally:
        p.stop()
        if tap.failed:
            for line in p.log().splitlines()[-20:]:
                tap.note("prometheus: " + line[:300])
        netns.run("pcscf", [PROGRAM, "endpoint", "del", AUDITED])
        netns.ip("addr del %s/24 dev gm0\n" % AUDITED, "pcscf")


async def look(b, p):
    ues = [b.ue(), b.ue()]
    tap.ok(p.wait(lambda p: [r for r in p.query('up{job="gmguard"}')
                             if r["value"][1] == "1"]),
           "metrics: Prometheus reads gmguardd")
    with Stir(ues[0]):
        for ue in ues:
            await ue.register()
        refused = b.ue(offers=[("null", "null")], host="ue2")
        await refused.sm1()
        tap.ok(p.wait(lambda p: p.query(
            "rate(gmguard_packets_dropped_total[5m]) > 0")),
            "AT-01 metrics: Prometheus sees what is dropped")
        tap.ok(p.wait(lambda p: p.query(
            'rate(gmguardd_registrations_total{outcome="registered"}[5m])'
            ' > 0')), "metrics: and who registers")
        tap.ok(p.wait(lambda p: p.query(
            "rate(gmguard_packets_audited_total[5m]) > 0")),
            "metrics: and what an audit lets pass")
        tap.ok(p.wait(lambda p: p.query(
            'rate(gmguardd_sa_sets_requested_total{result="refused"}[5m])'
            ' > 0')), "metrics: and whom the kernel refuses")
        check_panels(p)
        check_rules(p)
    check_truth(p)
    reload_bad(b)
    tap.ok(p.wait(lambda p: p.alerts().get(
        "GmguardConfigReloadFailed") == "firing"),
        "metrics: a refused configuration is an alert that fires", p.alerts())
    tap.equal(p.alerts().get("GmguardAuditMode"), "pending",
              "metrics: an audit is one that will, after 15 minutes")
    b.pcscf.kill_agent()
    tap.ok(p.wait(lambda p: p.alerts().get("GmguardAgentDown")),
           "metrics: an agent that was killed is one, too", p.alerts())
    b.pcscf.start_agent()
    b.pcscf.wait_connected()


def check_panels(p):
    for title, expr in panels():
        got = p.query(expr)
        finite = [r for r in got if r["value"][1] not in ("NaN", "+Inf")]
        if title in EMPTY:
            tap.ok(not got, "metrics: panel \"%s\": %s"
                   % (title, EMPTY[title]), got)
        else:
            tap.ok(finite, "metrics: panel \"%s\" finds something" % title,
                   "%s\n%s" % (expr, got))


def check_rules(p):
    for alert, expr in rules():
        got = p.query(as_bool(expr))
        if alert in EMPTY:
            tap.ok(not got, "metrics: rule %s: %s" % (alert, EMPTY[alert]),
                   got)
        else:
            tap.ok(got, "metrics: rule %s looks at something" % alert,
                   as_bool(expr))
    known = {r["name"]: r for g in p.api("rules")["groups"]
             for r in g["rules"]}
    tap.equal({n: (r["health"], r.get("lastError", "")) for n, r in
               known.items()}, {n: ("ok", "") for n, _ in rules()},
              "metrics: Prometheus evaluates each rule without an error")


def check_truth(p):
    """Prometheus has what the kernel has, once nothing changes any more."""
    g = state.client()

    def same(p):
        want = {r["name"]: r["packets"] for r in state.stats(g)["reason"]}
        got = {r["metric"]["reason"]: int(r["value"][1]) for r in
               p.query("gmguard_packets_dropped_total")}
        return got == want

    tap.ok(p.wait(same), "GM-01 metrics: Prometheus has the kernel's counts")
