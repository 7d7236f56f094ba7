# SPDX-License-Identifier: GPL-2.0-or-later
"""GET /metrics while things happen: each number is that of what happened."""
import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time

import netns
import prom
import state
import tap
from clibench import send_plain
from prom import ADDRESS

# So that there is a rule to be counted.
RULES = """\

[node]
port = tcp/3868

[peer hss]
class = own
addresses = 192.0.2.7
"""

# pylint: disable=wrong-import-position
sys.path.insert(0, os.path.join(prom.TOP, "agent", "man"))
from metrics import rows


def delta(before, after, name, *labels):
    key = (name,) + labels
    return after[key] - before[key]


def in_plaintext(values):
    return values[("gmguard_packets_dropped_total",
                   ("reason", "in-plaintext"), ("direction", "in"))]


async def test_off(b):
    """nothing listens unless the configuration says so"""
    try:
        prom.scrape()
        heard = True
    except ConnectionRefusedError:
        heard = False
    tap.ok(not heard, "metrics: off by default")
    b.restart_agent(listen_metrics=ADDRESS, rules=RULES)
    tap.ok(prom.scrape(), "metrics: on at the address of listen_metrics")


async def test_form(_):
    """the text is what Prometheus and the table say"""
    status, headers, text = prom.get("/metrics")
    tap.equal((status, headers["Content-Type"]),
              (200, "text/plain; version=0.0.4; charset=utf-8"),
              "metrics: the content type of the text format 0.0.4")
    done = subprocess.run(["promtool", "check", "metrics"], input=text,
                          text=True, capture_output=True, check=False)
    tap.ok(not done.returncode and not done.stdout + done.stderr,
           "metrics: promtool finds nothing wrong",
           done.stdout + done.stderr)
    with open(prom.TOP + "/agent/metrics-list.h", encoding="ascii") as f:
        table = list(rows(f.read()))
    tap.equal(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.M),
              [(r["name"], r["type"]) for r in table],
              "metrics: all of the table is there, and nothing else")
    labels = {}
    for key in prom.samples(text):
        name = re.sub("_(bucket|sum|count)$", "", key[0])
        labels.setdefault(name, set()).update(k for k, _ in key[1:])
    tap.equal({k: v - {"le"} for k, v in labels.items()},
              {r["name"]: set(r["labels"]) for r in table},
              "metrics: with the labels of the table")


async def test_drops(_):
    """drops are counted exactly"""
    before = prom.samples(prom.scrape())
    send_plain(23)
    send_plain(4, socket.AF_INET6)
    after = before
    end = time.monotonic() + 30
    while in_plaintext(after) < in_plaintext(before) + 27 and \
            time.monotonic() < end:
        after = prom.samples(prom.scrape())
    tap.equal(in_plaintext(after) - in_plaintext(before), 27,
              "AT-01 GM-01 metrics: 27 packets in clear, 27 drops")
    changed = {k[1][1] for k in after
               if k[0] == "gmguard_packets_dropped_total" and
               after[k] != before[k]}
    tap.equal(changed, {"in-plaintext"}, "metrics: under this reason only")


async def test_registration(b):
    """a registration, a refusal and a deregistration"""
    before = prom.samples(prom.scrape())
    ue = b.ue()
    await ue.register()
    after = prom.samples(prom.scrape())
    tap.equal([delta(before, after, *key) for key in (
        ("gmguardd_registrations_total", ("outcome", "registered")),
        ("gmguardd_sa_sets_requested_total", ("result", "made")),
        ("gmguard_sa_sets", ("phase", "established")),
        ("gmguardd_indexed_sa_sets",),
        ("gmguardd_rpc_requests_total", ("method", "register"),
         ("result", "ok")),
        ("gmguardd_rpc_duration_seconds_count", ("method", "challenge")))],
              [1, 1, 1, 1, 2, 1],
              "metrics: a registration: one set, made and established")
    text = prom.scrape()
    secret = [ue.sim.impi, ue.sim.impu, netns.access_addr("ue1"),
              netns.access_addr("pcscf"), "fd33::"]
    tap.equal([s for s in secret if s in text], [],
              "metrics: no identity and no address is in them")
    ue2 = b.ue(offers=[("null", "null")], host="ue2")
    answer = await ue2.sm1()
    after2 = prom.samples(prom.scrape())
    tap.ok(answer.code in (421, 494) and delta(
        after, after2, "gmguardd_registers_refused_total",
        ("code", str(answer.code))) == 1,
           "metrics: a refusal, by its code", answer)


async def test_endpoints(_):
    """audit and enforce, limits, versions"""
    values = prom.samples(prom.scrape())
    g = state.client()
    limits = g.do("limits-get")["limits"]
    got = {k[1][1]: v for k, v in values.items()
           if k[0] == "gmguard_limit"}
    got.update({k[1][1] + "-ms": v * 1000 for k, v in values.items()
                if k[0] == "gmguard_limit_seconds"})
    tap.equal(got, limits, "metrics: the limits are the kernel's")
    tap.equal([values[("gmguard_endpoints", ("mode", m))]
               for m in ("enforce", "audit")], [2, 0],
              "metrics: two endpoints, both enforced")
    stats = g.do("stats-get")["stats"]
    tap.equal(values[("gmguard_module_info", ("version",
                                              stats["version"]))], 1,
              "metrics: the module's version")


async def test_reload(b):
    """SIGHUP with a configuration that is not valid, then with one that is"""
    path = b.pcscf.path("gmguard.conf")
    with open(path, encoding="ascii") as f:
        good = f.read()
    seen = []
    for text, want in ((good + "nonsense\n", 0), (good, 1)):
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        b.pcscf.agent.send_signal(signal.SIGHUP)
        end = time.monotonic() + 20
        while True:
            values = prom.samples(prom.scrape())
            got = values[("gmguardd_config_last_reload_successful",)]
            if got == want or time.monotonic() > end:
                break
            await asyncio.sleep(0.05)
        seen.append((got, values[("gmguardd_config_reloads_total",
                                  ("result", "failure"))]))
    tap.equal(seen, [(0, 1), (1, 1)],
              "metrics: a configuration that is refused, and one that is not")


async def test_cheap(b):
    """a scrape costs the same with a thousand sets"""
    g = state.client()
    ep = [e["endpoint"] for e in g.dump("endpoint-get")
          if e["endpoint"]["local-addr"] == netns.access_addr("pcscf")][0]

    def best():
        took = []
        for _ in range(15):
            begin = time.monotonic()
            prom.scrape()
            took.append(time.monotonic() - begin)
        return min(took)

    few = best()
    made = [state.new_set(g, ep, ue="10.33.%d.%d" % (i // 200 + 4,
                                                     i % 200 + 1),
                          impi="many%d@x" % i) for i in range(1000)]
    many = best()
    tap.ok(many < 3 * few, "metrics: 1,000 sets more do not slow a scrape",
           "%.1f ms, was %.1f ms" % (many * 1000, few * 1000))
    tap.note("a scrape takes %.1f ms, with 1,000 sets more %.1f ms"
             % (few * 1000, many * 1000))
    for s in made:
        g.do("sa-set-del", {"sa-set": {"id": s.id}})
    del b


async def test_slow(b):
    """who sends slowly keeps neither file descriptors nor others"""
    def fds():
        return len(os.listdir("/proc/%d/fd" % b.pcscf.agent.pid))

    before = fds()
    slow = []
    for _ in range(40):
        with netns.ns("pcscf"):
            s = socket.socket()
        s.settimeout(60)
        s.setblocking(False)
        try:
            s.connect(("127.0.0.1", 9733))
        except BlockingIOError:
            pass
        slow.append(s)
    await asyncio.sleep(0)
    begin = time.monotonic()
    answer = b.genl.do("stats-get")
    ue = b.ue()
    await ue.register()
    tap.ok(answer and ue.sa and fds() <= before + 16,
           "metrics: 40 slow readers take 16 descriptors, UEs register",
           "%d, was %d" % (fds(), before))
    for s in slow[:16]:
        s.setblocking(True)
        s.settimeout(60)
    ended = [s.recv(1) == b"" for s in slow[:16]]
    tap.ok(all(ended) and time.monotonic() - begin < 40,
           "metrics: each of them is ended in time")
    for s in slow:
        s.close()
    tap.ok(prom.scrape(), "metrics: and others are served again")
