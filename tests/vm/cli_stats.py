# SPDX-License-Identifier: GPL-2.0-or-later
"""gmguard stats and reasons."""
import re

import state
import tap
from clibench import count_of, gmguard, send_plain, show


def test_counts(bench):
    bench.fresh()
    before = count_of("in-plaintext")
    send_plain(7)
    state.wait(lambda: count_of("in-plaintext") >= before + 7, 10)
    tap.equal(count_of("in-plaintext") - before, 7,
              "AT-01 GM-01 cli: stats counts packets in clear")
    text = gmguard("stats").stdout
    tap.ok(re.search(r"^ +%d  in-plaintext\n +Came in clear" % (before + 7),
                     text, re.M) and "in-icmp" not in text and
           re.search(r"^ +%d  total from UEs" % (before + 7), text, re.M),
           "cli: stats explains what has occurred, and sums up", text)
    tap.ok("Came in clear" not in gmguard("stats", "-b").stdout,
           "cli: stats -b leaves the explanations out")


def test_all(bench):
    bench.fresh()
    names = [r["reason"] for r in show("stats")["reason"]]
    full = gmguard("stats", "--all").stdout
    tap.ok(len(names) > 20 and all(" %s\n" % n in full for n in names),
           "cli: stats -a has all reasons", full)
    tap.equal([r["reason"] for r in show("reasons")], names,
              "cli: program and module know the same reasons")
    tap.ok("out-phase" in names and
           "port-pc that it should not know" in gmguard(
               "reasons", "out-phase").stdout.replace("\n", " "),
           "cli: reasons explains one of them")
