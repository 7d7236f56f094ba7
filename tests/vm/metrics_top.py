# SPDX-License-Identifier: GPL-2.0-or-later
"""gmguard top: as JSON and text, and on a terminal."""
import json
import re
import subprocess
import time

import netns
import state
import tap
import term
from clibench import NO_PERMISSION, PROGRAM, WITHOUT_CAP, gmguard, send_plain

START = 60      # an emulated CPU that is shared takes its time


def in_wait(pid):
    """Has it taken its first look, and sleeps?"""
    with open("/proc/%d/wchan" % pid, encoding="ascii") as f:
        return "nanosleep" in f.read()


def top(b, *args):
    return [PROGRAM, "top", "--agent=" + b.pcscf.path("gmguardd.sock"), *args]


async def test_rate(b):
    """as many a second as were sent"""
    begin = time.monotonic()
    p = netns.popen("pcscf", top(b, "-j", "-n1", "-i4s"), text=True,
                    stdout=subprocess.PIPE)
    state.wait(lambda: in_wait(p.pid), START)
    send_plain(40)
    got = json.loads(p.communicate()[0])
    took = time.monotonic() - begin
    rate = got["packets_per_s"]["in-plaintext"]
    tap.ok(40 / took <= rate <= 40 / 4.0,
           "AT-01 cli: top -j: 40 drops in the 4 s between two looks",
           "%r in %.1f s" % (rate, took))
    tap.ok(sum(got["packets_per_s"].values()) == rate and
           got["audits"] == 0 and got["stats"]["endpoints"] == 2,
           "cli: top -j: and nothing else", got["packets_per_s"])
    before = got
    ue = b.ue()
    await ue.register()
    got = json.loads(netns.run("pcscf", top(b, "-j", "-n1", "-i", "100")
                               ).stdout)
    tap.equal((got["agent"]["registered"] - before["agent"]["registered"],
               got["stats"]["established"] - before["stats"]["established"]),
              (1, 1),
              "cli: top -j: who registered")


async def test_text(b):
    """as text, so many times"""
    text = netns.run("pcscf", top(b, "-n", "2", "-i", "200ms")).stdout
    tap.ok(text.count("GMGUARD ") == 2 and "\x1b" not in text and
           re.search(r"^SA sets +[1-9]\d* established, 0 temporary \(at most 65536\)",
                     text, re.M) and
           re.search(r"^Registrations  0\.0/s registered", text, re.M) and
           re.search(r"^ +0\.0 +\d+ +\d+  in-plaintext$", text, re.M),
           "cli: top -n 2: two looks, as text", text)
    text = netns.run("pcscf", [PROGRAM, "top", "-a/nowhere", "-n1",
                               "-i100"]).stdout
    tap.ok("gmguardd does not answer on /nowhere\n" in text,
           "cli: top says when the agent does not answer", text)
    done = gmguard("top", "-n1", before=WITHOUT_CAP)
    tap.ok(done.returncode == 4 and NO_PERMISSION in done.stderr,
           "cli: top needs CAP_NET_ADMIN", done.stderr)


def rate_of(lines, reason="in-plaintext"):
    """From the table on the screen; None if it is not there."""
    for line in lines:
        found = re.match(r" +(\d+\.\d) +\d+ +\d+  %s *$" % reason, line)
        if found:
            return float(found[1])
    return None


async def test_screen(b):
    """on a terminal: live, resized, and left as it was"""
    t = term.Terminal("pcscf", top(b, "-i", "500ms"), 24, 100)
    tap.ok(t.wait(lambda lines: lines[0].startswith("GMGUARD ") and
                  rate_of(lines) is not None, START),
           "cli: top on a terminal", t.text())

    def busy(lines):
        send_plain(3)
        return rate_of(lines)

    tap.ok(t.wait(busy, START), "AT-01 cli: top shows the rate of drops live",
           t.text())
    tap.ok(t.wait(lambda lines: rate_of(lines) == 0.0, START),
           "cli: top shows that they have ended", t.text())
    t.resize(8, 50)
    tap.ok(t.wait(lambda lines: lines[0].startswith("GMGUARD ") and
                  lines[2].startswith("SA sets") and
                  lines[3].startswith("In clear"), START),
           "cli: top fits a smaller terminal, no line is wrapped", t.text())
    t.type("q")
    tap.equal((t.end(), t.restored()), (0, True),
              "cli: top ends with q, the terminal is as before")
    t = term.Terminal("pcscf", top(b), 24, 80)
    t.wait(lambda lines: lines[0].startswith("GMGUARD "), START)
    t.type("\x03")
    t.end()
    tap.ok(t.process.returncode is not None and t.restored(),
           "cli: top ends with Ctrl-C, the terminal is as before",
           t.process.returncode)
    t = term.Terminal("pcscf", top(b), 24, 80, kind="nonsense")
    tap.equal(t.end(), 1, "cli: top needs a terminal that it knows")


async def test_audit(_):
    """an audit is said loudly"""
    g = state.client()
    g.do("endpoint-new", state.endpoint_attrs("10.33.0.9", audit=True))
    text = gmguard("top", "-n1", "-i100").stdout
    tap.ok("WARNING: 1 ENDPOINT ONLY AUDITS: NOTHING IS DROPPED THERE\n"
           in text, "cli: top warns of an endpoint that audits", text)
    last = [e["endpoint"]["id"] for e in g.dump("endpoint-get")
            if e["endpoint"]["local-addr"] == "10.33.0.9"][0]
    g.do("endpoint-del", {"endpoint": {"id": last}})
