# SPDX-License-Identifier: GPL-2.0-or-later
"""gmguardd gives the kernel the ruleset of gmguard.conf: the list of peers is
one, for the kernel and for the agent."""
import contextlib
import os
import shutil
import signal
import tempfile

import netns
import rulenet
import state
import tap
from core_cli import gmguard, shown
from esp import TCP, UDP
from rulenet import addr, load, of

GMGUARDD = os.environ.get("GMGUARDD") or os.path.join(
    os.environ["GMGUARD_TOP"], "agent", "gmguardd")
AGENT = """\
[agent]
listen_tcp = off
listen_unix = %s/sock
"""
RULES = """\
[node]
port = udp/5060, tcp/5060, tcp/5061/tls

[peer pcscf]
class = own
addresses = 10.44.0.1, fd44::1

[peer partner]
class = partner
domains = partner.example
addresses = 10.60.0.2, fd60::2

[peer far]
class = partner
domains = far.example
"""
POOL = """\
[pool ims]
addresses = 10.50.0.0/16, fd50::/16
"""
# What only the kernel knows to be wrong.
WRONG = "[pool other]\naddresses = 10.51.0.0/16\nesp = yes\n"


class Daemon:
    """gmguardd in the namespace of the core node."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="gmg-core-")
        self.process = None

    def path(self, name):
        return os.path.join(self.dir, name)

    def log(self):
        try:
            with open(self.path("log"), encoding="utf-8") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def write(self, rules):
        with open(self.path("conf"), "w", encoding="ascii") as f:
            f.write(AGENT % self.dir + rules)

    def start(self, rules):
        """Whether it runs, and listens."""
        self.write(rules)
        with open(self.path("log"), "ab") as log:
            self.process = netns.popen(
                "scscf", [GMGUARDD, "-c", self.path("conf")],
                stdout=log, stderr=log)
        return state.wait(lambda: self.process.poll() is not None or
                          os.path.exists(self.path("sock")), 60) and \
            self.process.poll() is None

    def reload(self, rules):
        """What it says until it has read the file again."""
        self.write(rules)
        start = len(self.log())
        self.process.send_signal(signal.SIGHUP)
        state.wait(lambda: "configuration read again" in self.log()[start:],
                   60)
        return self.log()[start:]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path("sock"))
        return code

    def close(self):
        if self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.dir)


@contextlib.contextmanager
def daemon(s, rules):
    """A gmguardd that was started where there is no ruleset."""
    load(s.g, {})
    one = Daemon()
    one.start(rules)
    try:
        yield one
    finally:
        one.close()
        load(s.g, {})


def test_start(s):
    """NW-02 NW-03: at start, and the same list for the kernel."""
    with daemon(s, RULES) as d:
        tap.ok(d.process.poll() is None and "[peer far] has no addresses"
               in d.log(), "NW-03 gmguard.conf: the agent starts, and tells of "
               "a peer that the kernel does not let in", d.log())
        tap.equal({n: (p["class"], p["tls"]) for n, p in shown().items()},
                  {"pcscf": ("own", False), "partner": ("partner", True)},
                  "NW-02 gmguard.conf: the kernel has its peers, and knows who "
                  "must use TLS")
        ear = rulenet.Ear("scscf", protocols=(UDP, TCP))
        for version in (4, 6):
            me = addr("scscf", version)
            stranger = of(("10.44.0.8", "fd44::8"), version)
            far = addr("foreign", version)
            for want, text, args, sport in (
                    ("in", "SIP of an own node", (
                        "pcscf", addr("pcscf", version), me, UDP, 5060), 5060),
                    ("peer-unknown", "SIP of anybody else", (
                        "pcscf", stranger, me, UDP, 5060), 5060),
                    ("peer-unknown", "TLS of anybody else", (
                        "pcscf", stranger, me, TCP, 5061), 40000),
                    ("in", "TLS of a partner", (
                        "foreign", far, me, TCP, 5061), 40000),
                    ("peer-tls", "SIP in clear of a partner", (
                        "foreign", far, me, UDP, 5060), 40000)):
                s.expect(want, "NW-02 NW-03 gmguard.conf v%d: %s: %s"
                         % (version, text, want), *args, ear, sport=sport)
        ear.close()
        d.stop()
        tap.ok(set(shown()) == {"pcscf", "partner"},
               "NW-03 gmguard.conf: the ruleset outlives the agent")
        before = rulenet.ruleset_of(s.g)["generation"]
        tap.ok(d.start(RULES) and rulenet.ruleset_of(s.g)["generation"] ==
               before, "NW-03 gmguard.conf: the same file replaces nothing",
               d.log())


def test_reload(s):
    """NW-03: what differs is replaced in one step, counters go on."""
    with daemon(s, RULES) as d:
        ear = rulenet.Ear("scscf", protocols=(UDP, TCP))
        ue = addr("ue1")
        s.expect("peer-unknown", "NW-03 SIGHUP: before, a UE is nobody",
                 "pcscf", ue, addr("scscf"), UDP, 5060, ear)
        s.expect("in", "NW-03 SIGHUP: before, the P-CSCF comes in", "pcscf",
                 addr("pcscf"), addr("scscf"), UDP, 5060, ear)
        before = shown()["pcscf"]["packets"]
        said = d.reload(RULES + POOL)
        tap.ok("the ruleset was replaced" in said and
               "configuration read again" in said,
               "NW-03 SIGHUP: the ruleset is replaced", said)
        s.expect("pool-port", "NW-03 SIGHUP: then the UE is one",
                 "pcscf", ue, addr("scscf"), UDP, 5060, ear)
        tap.ok(shown()["pcscf"]["packets"] == before > 0,
               "NW-03 SIGHUP: counters go on", [before, shown()])
        ear.close()
        gmguard("peer", "new", "byhand", "addr=10.44.0.9", "class=own")
        tap.ok("byhand" in shown() and
               "was replaced" in d.reload(RULES + POOL) and
               "byhand" not in shown(),
               "NW-03 SIGHUP: what was changed by hand is as in the file again",
               shown())
        said = d.reload("")
        tap.ok("the kernel keeps its ruleset" in said and "pcscf" in shown(),
               "NW-03 SIGHUP: a file without a ruleset opens nothing", said)
        before = rulenet.ruleset_of(s.g)["generation"]
        gmguard("peer", "new", "byhand", "addr=10.44.0.9", "class=own")
        d.reload("")
        tap.ok("byhand" in shown() and before + 1 ==
               rulenet.ruleset_of(s.g)["generation"],
               "NW-03 SIGHUP: and leaves alone what is loaded by hand")


def test_refused(s):
    """NW-03: a ruleset that the kernel refuses changes nothing."""
    with daemon(s, RULES) as d:
        before = gmguard("peer", "dump").stdout
        said = d.reload(RULES + WRONG)
        tap.ok("the one before stays: " in said and "esp is for a peer" in
               said and "not all of it counts" in said,
               "NW-03 a ruleset that the kernel refuses: the log says why",
               said)
        tap.equal(gmguard("peer", "dump").stdout, before,
                  "NW-03 a ruleset that the kernel refuses: the old one stays")
        d.stop()
        start = len(d.log())
        tap.ok(d.start(RULES + WRONG) and gmguard("peer", "dump").stdout ==
               before and "the one before stays: " in d.log()[start:],
               "NW-03 at start it stays, too, and the agent runs",
               d.log()[start:])
        d.stop()
        load(s.g, {})
        start = len(d.log())
        tap.ok(not d.start(RULES + WRONG) and d.process.wait(60) == 1 and
               "AND HAS NONE: " in d.log()[start:],
               "NW-03 where there is none, the agent does not start",
               d.log()[start:])


def test_load(s):
    """gmguard peer load takes the agent's whole file."""
    with daemon(s, "") as d:
        d.write(RULES + POOL)
        done = gmguard("peer", "load", d.path("conf"))
        tap.ok(not done.returncode and set(shown()) == {"pcscf", "partner"},
               "NW-03 gmguard peer load: takes gmguard.conf", done.stderr)
        before = rulenet.ruleset_of(s.g)["generation"]
        said = d.reload(RULES + POOL)
        tap.ok("was replaced" not in said and before ==
               rulenet.ruleset_of(s.g)["generation"],
               "NW-03 gmguard peer load: it is what the agent asks for", said)
