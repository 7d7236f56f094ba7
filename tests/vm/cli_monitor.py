# SPDX-License-Identifier: GPL-2.0-or-later
"""gmguard monitor."""
import re
import signal
import socket

import tap
from clibench import (ENDPOINT, ENDPOINT6, IMPI, Monitor, gmguard, new_set,
                      send_plain, show)
from cli_show import supersede


def test_events(bench):
    bench.clean()
    both, text, drops = Monitor(), Monitor(as_json=False), Monitor("drops")
    for arguments in (ENDPOINT, ENDPOINT6):
        gmguard("endpoint", "new", *arguments)
    s = new_set(30, agent_data="hello")
    gmguard("set", "change", str(s["id"]), "phase=established", "lifetime=1h")
    gmguard("set", "del", str(s["id"]))
    got = both.lines()
    tap.equal([e["event"] for e in got if e["event"] != "sa-set-used"],
              ["endpoint-new", "endpoint-new", "sa-set-new", "sa-set-change",
               "sa-set-del"], "cli: monitor -j shows the events in order")
    by_name = {e["event"]: e for e in got}
    tap.ok(by_name["sa-set-new"]["sa_set"]["impi"] == IMPI and
           by_name["sa-set-new"]["sa_set"]["agent_data"] == "hello" and
           by_name["sa-set-new"]["sa_set"]["phase"] == "temporary" and
           by_name["sa-set-change"]["sa_set"]["phase"] == "established" and
           by_name["sa-set-del"]["sa_set"]["cause"] == "request" and
           by_name["endpoint-new"]["endpoint"]["local_addr"] == "fd33::1" and
           re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$",
                    got[0]["time"]), "cli: ... with what they are about", got)
    shown = text.lines()
    tap.ok(len(shown) == len(got) and re.match(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} sa-set-new set %d UE "
        r"10\.33\.0\.11 %s temporary (4m0s|3m59s) left$"
        % (s["id"], re.escape(IMPI)), shown[2]) and
        "sa-set-del set %d" % s["id"] in shown[-1] and
        "cause request" in shown[-1] and "endpoint-new" in shown[0],
        "cli: monitor shows them as text", "\n".join(shown))
    tap.equal(drops.lines(0.2), [], "cli: monitor drops shows no events")
    tap.equal([both.end(signal.SIGTERM), text.end(signal.SIGINT),
               drops.end(signal.SIGTERM)], [0, 0, 0],
              "cli: monitor ends with 0 on SIGINT and SIGTERM")


def test_used(bench):
    """A set is taken into use, an older one superseded."""
    bench.fresh()
    as_json, text = Monitor("events"), Monitor("events", as_json=False)
    old, new = supersede(0)
    got = [(e["event"], e["sa_set"]["id"], e["sa_set"]["phase"],
            e["sa_set"]["in_use"]) for e in as_json.lines()]
    tap.ok(("sa-set-used", new, "established", True) in got and
           ("sa-set-change", old, "superseded", False) in got,
           "GM-33 cli: monitor tells of the set that is taken into use, and "
           "of the one that it supersedes", got)
    shown = text.lines()
    tap.ok(any("sa-set-used set %d " % new in line and
               " established, in use " in line for line in shown) and
           any("sa-set-change set %d " % old in line and " superseded " in line
               for line in shown), "GM-33 cli: ... as text too",
           "\n".join(shown))
    as_json.end()
    text.end()


def test_drops(bench):
    bench.fresh()
    text, drops = Monitor("drops", as_json=False), Monitor("drops")
    send_plain(1)
    got = [drops.line()]
    send_plain(1, socket.AF_INET6)
    got.append(drops.line())
    tap.ok([d and d["event"] for d in got] == ["drop", "drop"] and
           got[0]["drop"]["reason"] == "in-plaintext" and
           got[0]["drop"]["src_addr"] == "10.33.0.66" and
           got[0]["drop"]["dst_port"] == 6101 and
           got[0]["drop"]["protocol"] == 17 and
           got[0]["drop"]["audited"] is False and
           got[1]["drop"]["dst_addr"] == "fd33::1",
           "AT-01 cli: monitor drops shows samples of dropped packets", got)
    shown = text.lines()
    tap.ok(len(shown) == 2 and re.search(
        r" drop in-plaintext udp 10\.33\.0\.66:\d+ > 10\.33\.0\.1:6101 "
        r"dev gm0", shown[0]) and re.search(
            r" udp \[fd33::66\]:\d+ > \[fd33::1\]:6101 ", shown[1]),
        "cli: ... as text too, IPv6 in brackets", "\n".join(shown))
    text.end()
    drops.end()


def test_count(bench):
    bench.fresh()
    m = Monitor("events", "-c", "2")
    send_plain(1)
    for i in range(3):
        new_set(40 + i)
    tap.equal([e["event"] for e in m.lines()], ["sa-set-new"] * 2,
              "cli: monitor events -c 2 shows two events, no drops")
    tap.equal(m.p.wait(5), 0, "cli: ... and ends with 0")
    m.end()


def test_lost(bench):
    """A monitor that does not read, until the kernel gives up on it."""
    bench.fresh()
    number = new_set(0)["id"]
    m = Monitor("events")
    m.p.send_signal(signal.SIGSTOP)
    for i in range(60):
        bench.g.multi([("sa-set-set", {"sa-set": {
            "id": number, "agent-data": b"%04d" % i * 500}})] * 50)
    m.p.send_signal(signal.SIGCONT)
    got = [e["event"] for e in m.lines(3)]
    tap.ok("lost" in got and 0 < got.count("sa-set-change") < 3000,
           "cli: monitor says that events were lost",
           "%d lines, %r" % (len(got), set(got)))
    show("set", "change", str(number), "agent-data=x")
    got = m.lines()
    tap.ok(got and got[-1]["event"] == "sa-set-change",
           "cli: ... and goes on", got)
    m.end()
