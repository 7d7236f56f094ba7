# SPDX-License-Identifier: GPL-2.0-or-later
"""gmguard on a P-CSCF that is looked at only: endpoint new ... audit."""
import re

import state
import statebench
import tap
from clibench import (ENDPOINT, ENDPOINT6, Monitor, count_of, gmguard,
                      refused, send, send_plain, set_args, show, sip,
                      xfrm_policy)

WARNING = re.compile(r"WARNING: ENDPOINT \d+ \(10\.33\.0\.1\) ONLY AUDITS: "
                     r"NOTHING IS DROPPED THERE\n")


def audit(bench):
    """One endpoint that audits, one that enforces."""
    bench.clean()
    gmguard("endpoint", "new", *ENDPOINT6)
    return gmguard("endpoint", "new", *ENDPOINT, "audit")


def test_warned(bench):
    made = audit(bench)
    tap.ok(made.returncode == 0 and WARNING.match(made.stdout) and re.search(
        r"^ *\d+  10\.33\.0\.1  AUDIT  ", made.stdout, re.M),
        "cli: endpoint new audit warns, and shows that it audits",
        made.stdout + made.stderr)
    for verb in ((), ("show",), ("show", "endpoints"), ("stats",)):
        text = gmguard(*verb).stdout
        tap.ok(WARNING.match(text) and text.count("WARNING") == 1,
               'cli: "gmguard %s" warns on top of an endpoint that audits'
               % " ".join(verb), text)
    for verb in (("show",), ("dump",)):
        four, six = sorted(show(*verb)["endpoints"],
                           key=lambda e: ":" in e["local_addr"])
        tap.equal((four["audit"], four["policies"], six["audit"]),
                  (True, 0, False), 'cli: "gmguard -j %s" tells which audits'
                  % verb)
    tap.ok("10.33.0.1" not in xfrm_policy(),
           "cli: an endpoint that audits has no xfrm policy", xfrm_policy())


def test_no_sets(bench):
    audit(bench)
    refused(1, "the endpoint audits", "set", "new", *set_args(0),
            title="cli: no SA set is made where an endpoint audits")
    made = gmguard("set", "new", *set_args(1, endpoint="fd33::1",
                                           ue="fd33::11"))
    tap.equal(made.returncode, 0, "cli: ... but beside it")


def test_counted(bench):
    audit(bench)
    names = ("in-plaintext", "in-unprotected")
    before = [(count_of(n), count_of(n, "audited")) for n in names]
    socks = [statebench.udp("pcscf", "10.33.0.1", port, 10)
             for port in (6101, 5060)]
    text, samples = Monitor("drops", as_json=False), Monitor("drops")
    plain, message = sip("REGISTER"), sip("MESSAGE")
    send([plain], 6101)
    send([message], 5060)
    tap.equal([s.recv(65536) for s in socks], [plain, message],
              "cli: an endpoint that audits lets everything pass")
    tap.equal([(count_of(n) - p, count_of(n, "audited") - a)
               for n, (p, a) in zip(names, before)], [(0, 1), (0, 1)],
              "GM-01 GM-02 cli: ... and counts it apart from what is dropped")
    got = [e["drop"] for e in samples.lines()]
    tap.equal([(d["reason"], d["audited"]) for d in got],
              [(n, True) for n in names], "cli: ... and samples it, marked")
    shown = text.lines()
    tap.ok(len(shown) == 2 and " audited in-plaintext udp " in shown[0] and
           " audited in-unprotected udp " in shown[1],
           "cli: ... as text too", "\n".join(shown))
    for m in (samples, text):
        m.end()
    for s in socks:
        s.close()


def test_columns(bench):
    audit(bench)
    dropped, audited = (count_of("in-plaintext", w)
                        for w in ("packets", "audited"))
    send_plain(3)
    state.wait(lambda: count_of("in-plaintext", "audited") >= audited + 3, 10)
    text = gmguard("stats", "-b").stdout
    tap.ok(re.search(r"^ +dropped +audited\n", text, re.M) and
           re.search(r"^ +%d +%d  in-plaintext\n" % (dropped, audited + 3),
                     text, re.M),
           "cli: stats has a column for what an audit let pass", text)
    bench.fresh()
    text = gmguard("stats").stdout
    tap.ok("WARNING" not in text and re.search(r"^ +dropped +audited\n", text,
                                               re.M),
           "cli: ... which stays when no endpoint audits any more", text)


def test_enforced(bench):
    """An audit ends when the endpoint is made again."""
    audit(bench)
    m = Monitor("events", as_json=False)
    gmguard("endpoint", "del", "10.33.0.1")
    again = gmguard("endpoint", "new", *ENDPOINT)
    gmguard("endpoint", "del", "10.33.0.1")
    gmguard("endpoint", "new", *ENDPOINT, "audit")
    shown = m.lines()
    tap.ok("WARNING" not in again.stdout and "enforced" in again.stdout,
           "cli: made again without audit, an endpoint enforces",
           again.stdout)
    tap.ok([line.endswith("AUDIT: NOTHING IS DROPPED") for line in shown
            if "endpoint-new" in line] == [False, True],
           "cli: monitor tells of an endpoint that audits",
           "\n".join(shown))
    m.end()
    bench.fresh()
    before = count_of("in-plaintext")
    send_plain(2)
    state.wait(lambda: count_of("in-plaintext") >= before + 2, 10)
    tap.equal(count_of("in-plaintext") - before, 2,
              "GM-01 cli: ... and drops")
