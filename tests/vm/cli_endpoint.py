# SPDX-License-Identifier: GPL-2.0-or-later
"""gmguard endpoint: new, del."""
import re

import tap
from clibench import ENDPOINT, gmguard, new_set, refused, show


def test_nothing(bench):
    bench.clean()
    done = gmguard()
    tap.ok(done.returncode == 0 and "No endpoint is guarded" in done.stdout
           and "No SA sets" in done.stdout,
           "cli: bare gmguard is show, and says so when there is nothing",
           done.stdout + done.stderr)
    tap.equal(show(), {"endpoints": [], "sets": [], "adopted": []},
              "cli: empty tables are empty lists in JSON")
    tap.equal(show("set", "del", "all"), {"deleted": []},
              "cli: deleting all of nothing is no error")


def test_new(bench):
    bench.clean()
    new = show("endpoint", "new", "addr=10.33.0.1", "port-ps=6101,6103",
               "port-pc=6110-6116,6120", "unprotected=5060,5062-5063",
               "exempt=10.44.0.0/24,10.44.1.2", "policy-priority=5000")
    tap.equal({k: new[k] for k in new if k not in ("id", "policies")},
              {"local_addr": "10.33.0.1", "port_ps": [6101, 6103],
               "port_pc": list(range(6110, 6117)) + [6120],
               "port_unprotected": [5060, 5062, 5063],
               "exempt": ["10.44.0.0/24", "10.44.1.2/32"],
               "policy_priority": 5000, "sets": 0, "emergency": False,
               "audit": False, "stun": False},
              "cli: endpoint new prints what the kernel has")
    tap.ok(new["policies"] > 0, "cli: ... with its policies in place")
    six = gmguard("endpoint", "new", "local_addr=fd33::1", "port_ps=6101",
                  "port_pc=6110-6113")
    tap.ok(six.returncode == 0 and re.search(
        r"^ *\d+  fd33::1 +enforced +6101 +6110-6113 +- ", six.stdout, re.M)
        and "WARNING" not in six.stdout,
        "cli: endpoint new takes IPv6, aliases and '_', and prints a table",
        six.stdout + six.stderr)
    tap.equal([e["local_addr"] for e in show("show", "endpoints")
               ["endpoints"]], ["10.33.0.1", "fd33::1"],
              "cli: show endpoints lists both")


def test_stun(bench):
    bench.clean()
    new = show("endpoint", "new", "addr=10.33.0.1", "port-ps=6101",
               "port-pc=6110-6113", "unprotected=5060", "stun")
    tap.equal((new["stun"], new["emergency"]), (True, False),
              "GM-02 cli: endpoint new stun")
    tap.ok(" 5060, stun " in gmguard("show", "endpoints").stdout,
           "GM-02 cli: ... is shown")


def test_emergency(bench):
    bench.clean()
    made = gmguard("endpoint", "new", *ENDPOINT, "emergency")
    tap.ok(made.returncode == 0 and re.search(
        r"^ *\d+  10\.33\.0\.1 +enforced +6101 +6110-6117 +5060, emergency ",
        made.stdout, re.M), "GM-38 cli: endpoint new emergency",
        made.stdout + made.stderr)
    tap.equal([(e["emergency"], e["audit"]) for e in
               show("show", "endpoints")["endpoints"]], [(True, False)],
              "GM-38 cli: ... is shown in JSON")


def test_refused(bench):
    bench.fresh()
    before = show("show", "endpoints")
    refused(1, "local-addr is guarded already", "endpoint", "new",
            "addr=10.33.0.1", "port-ps=7001", "port-pc=7002-7005")
    refused(1, "5060", "endpoint", "new", "addr=10.33.0.9", "port-ps=5060",
            "port-pc=7002-7005")
    refused(1, "exempt", "endpoint", "new", "addr=10.33.0.9", "port-ps=7001",
            "port-pc=7002-7005", "exempt=fd44::/64")
    refused(2, "addr: ", "endpoint", "new", "addr=10.33.0.x", "port-ps=7001",
            "port-pc=7002-7005")
    refused(1, "no endpoint guards fd33::9", "endpoint", "del", "fd33::9")
    refused(1, "no", "endpoint", "del", "4294967295")
    tap.equal(show("show", "endpoints"), before,
              "cli: what is refused changes no endpoint")


def test_del(bench):
    bench.fresh()
    four, six = (e["id"] for e in show("show", "endpoints")["endpoints"])
    tap.equal(show("endpoint", "del", "fd33::1"), {"deleted": [six]},
              "cli: endpoint del by address")
    tap.equal(gmguard("endpoint", "del", str(four)).stdout,
              "endpoint %d deleted\n" % four, "cli: endpoint del by id")
    tap.equal(show("show", "endpoints"), {"endpoints": []},
              "cli: ... and nothing is left")


def test_force(bench):
    bench.fresh()
    stays = new_set(0)["id"]
    new_set(1, endpoint="fd33::1", ue="fd33::11")
    refused(1, "SA sets", "endpoint", "del", "fd33::1")
    six = show("show", "endpoints")["endpoints"][1]
    tap.equal((six["sets"], show("endpoint", "del", "--force", "fd33::1")),
              (1, {"deleted": [six["id"]]}), "cli: endpoint del --force")
    tap.equal([s["id"] for s in show("show", "sets")["sets"]], [stays],
              "cli: ... takes its sets with it, and no other")
