# SPDX-License-Identifier: GPL-2.0-or-later
"""What all rows of tests/peers/kamailio are made of: a trial, and a report."""
import netns
import tap
from bench import addr, describe, new_call_id, say, sip
from sipmsg import uri_of

DROPPED, DELIVERED, ANSWERED, LEAKED = ("dropped", "delivered", "answered",
                                        "leaked")
ROWS = []


def row(*names, always=False):
    """Registers a function that measures rows of the matrix. always: other
    rows need what it does."""
    def add(function):
        ROWS.append((names, function, always))
        return function
    return add


class Report:
    """Prints the rows; with gmguard each is also a test."""

    def __init__(self, bench):
        self.bench, self.rows, self.unmeasured = bench, 0, 0

    def row(self, name, path, text, verdict, detail="", want=DROPPED,
            counted=True):
        """One row as measured. want: what gmguard has to achieve, None if
        that is not in its hands; what it drops has to be counted."""
        self.rows += 1
        detail = " ".join(str(detail).split())
        say("row %s %s %s | %s | %s" % (name, path, verdict, text, detail))
        if self.bench.guard and want:
            good = verdict == want and (want != DROPPED or not counted or
                                        "counted: " in detail)
            tap.ok(good, "%s %s: %s: %s" % (name, path, text, want),
                   "%s: %s" % (verdict, detail))

    def sent(self, name, path, text, clear, before, *, more="",
             otherwise=DROPPED, want=DROPPED):
        """A row about what the P-CSCF sends; clear: packets without ESP,
        otherwise: the verdict if there are none."""
        parts = [", ".join(sorted({str(f) for f in clear})) or
                 "nothing in clear"]
        counted = self.bench.since(before)
        if counted:
            parts.append("counted: " + " ".join(counted))
        if more:
            parts.append(more)
        self.row(name, path, text, LEAKED if clear else otherwise,
                 "; ".join(parts), want)

    def failed(self, name, path, text):
        """A row could not be measured."""
        self.unmeasured += 1
        say("unmeasured %s %s | %s" % (name, path, text))
        if self.bench.guard:
            tap.failure("%s %s: %s" % (name, path, text))


class Trial:
    """Sends something hostile, a marker behind it, and says what became of
    it."""

    def __init__(self, bench, version, port, call_id=None):
        self.bench, self.version, self.port = bench, version, port
        self.call_id = call_id or new_call_id()
        self.dst = addr("pcscf", version)
        self.start = self.before = self.seen = None
        self.answers, self.counters = [], []

    def begin(self):
        self.start = self.bench.wire.mark()
        self.before = self.bench.counters()

    async def end(self):
        await self.bench.mark(self.version, self.port)
        self.seen = self.bench.find_seen(self.call_id)
        self.answers = self.bench.answers(self.start)
        self.counters = self.bench.since(self.before)

    async def send(self, packets, via="attacker"):
        self.begin()
        for packet in packets:
            self.bench.inject[via].send(packet)
        await self.end()
        return self

    @property
    def verdict(self):
        if self.seen:
            return DELIVERED
        return ANSWERED if self.answers else DROPPED

    @property
    def detail(self):
        parts = []
        if self.seen:
            parts.append("%s seen by the script on port %d/%s" % (
                self.seen.method, self.seen.dport, self.seen.transport))
            msg = self.bench.in_core(self.call_id)
            if msg:
                who = uri_of(msg.get("P-Asserted-Identity"))
                parts.append("forwarded to the core" + (
                    " as %s" % who if who else ""))
        if self.answers:
            parts.append("answered in clear: " + ", ".join(
                sorted({describe(f) for f in self.answers})))
        if self.counters:
            parts.append("counted: " + " ".join(self.counters))
        return "; ".join(parts)


def message(trial, src, sport, **kwargs):
    return sip("MESSAGE", src, sport, trial.call_id, **kwargs)


def spis_in_kernel():
    words = netns.ip("xfrm state\n", "pcscf").split()
    return {int(words[i + 1], 16) for i, w in enumerate(words) if w == "spi"}


async def talks(bench, ue, timeout=20):
    answer = await ue.request("MESSAGE", timeout=timeout)
    back = await bench.core.send_to(ue.sim.impi, timeout=timeout)
    return all(a is not None and a.code == 200 for a in (answer, back))


async def run(bench, report, wanted):
    """Measures all rows, or those wanted and what they need."""
    for names, function, always in ROWS:
        if wanted and not always and not set(wanted).intersection(names):
            continue
        try:
            await function(bench, report)
        except Exception as error:           # pylint: disable=broad-except
            report.failed(names[0], function.__name__, "%s: %s\n%s" % (
                type(error).__name__, error, bench.log()))
