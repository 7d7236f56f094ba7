# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of registrations share: the whole set-up of UEs, Kamailio,
gmguardd, the module and a registrar; the kernel's events; what was on the wire.

    @over(EVERY)
    async def test_something(b, gm):
        '''GM-35 the text that a failure gets'''
        ue = b.ue(gm)
        mark = b.access.mark()
        await ue.register()
        tap.equal(b.carriers(ue, mark), ["new C"], "GM-30 %s: ..." % gm)
        await b.gone(ue.sa)
"""
import asyncio
import copy
import importlib
import os
import re
import resource
import sys
import time

import netns
import sipua
import tap
from esp import ESP
from genl import Genl, NlError
from pcscf import PORT_PC, PORT_PS, Pcscf
from registrar import Registrar
from sipmsg import REALM, digest_params, uri_of
from sniff import Sniffer
from ue import UE, AkaError, Sim, warm_up

PROTECTED = set([PORT_PS] + PORT_PC)
BARE = 160          # ESP with a TCP segment that has no message is no longer
KEY_PARAMETER = re.compile(rb"[ ,;\t](?:ck|ik)[ \t]*=", re.I)
FAULTS = (AkaError, OSError, RuntimeError, sipua.Timeout, NlError,
          AttributeError, IndexError, KeyError, TypeError, ValueError)


class Gm:
    """A way to register: transport and IP version; "udp4" as a text."""

    def __init__(self, transport, version):
        self.transport, self.version = transport, version

    def __str__(self):
        return "%s%d" % (self.transport, self.version)


EVERY = [Gm(t, v) for t in ("udp", "tcp") for v in (4, 6)]
BOTH = [EVERY[0], EVERY[3]]     # each transport and each family once
UDP, TCP = [EVERY[0]], [EVERY[2]]
LABELS = [str(gm) for gm in EVERY]


def over(ways):
    """Marks a test to be run for each of these ways."""
    def mark(test):
        test.ways = ways
        return test
    return mark


class Events:
    """What the kernel tells, in .seen; wait() for one."""

    def __init__(self, genl):
        self.genl, self.seen, self._waiters = genl, [], []
        genl.subscribe("events")
        asyncio.get_running_loop().add_reader(
            genl.listener.sock.fileno(), self._readable)

    def _readable(self):
        for name, got in self.genl.events(0):
            if name != "event-ntf":
                continue
            self.seen.append((got["event"], got.get("sa-set", {})))
            for waiter in list(self._waiters):
                if not waiter.done():
                    waiter.set_result(None)

    def mark(self):
        self._readable()
        return len(self.seen)

    def of(self, number, start=0):
        """The events of one set, as texts: "sa-set-change superseded"."""
        self._readable()
        return ["%s %s" % (name, s.get("cause") or s["phase"])
                for name, s in self.seen[start:] if s.get("id") == number]

    async def wait(self, match, start=0, timeout=sipua.TIMEOUT):
        """The set in the first event from start on that match() takes."""
        end = time.monotonic() + timeout
        while True:
            for name, got in self.seen[start:]:
                if match(name, got):
                    return got
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            try:
                await asyncio.wait_for(waiter, end - time.monotonic())
            except asyncio.TimeoutError:
                raise sipua.Timeout("the kernel sent no such event") from None
            finally:
                self._waiters.remove(waiter)


class Bench:
    """The whole set-up, and what several tests ask of it."""

    def __init__(self):
        self.pcscf = Pcscf()
        self.registrar = Registrar()
        self.ues = []
        self.users = 0
        self.genl = self.access = self.core = self.events = None

    async def start(self):
        netns.create()
        warm_up("ue1")
        self.genl = Genl(netns=netns.PREFIX + "pcscf")
        self.events = Events(self.genl)
        await self.registrar.start(netns.core_addr("core"), 5060, "core")
        self.access = Sniffer("pcscf")
        self.core = Sniffer("pcscf-core")
        self.pcscf.start_agent()
        self.pcscf.start_proxy()

    def stop(self):
        for ue in self.ues:
            ue.close()
        self.pcscf.stop()
        self.registrar.close()

    # ----- UEs -------------------------------------------------------------
    def ue(self, gm=EVERY[0], offers=None, host="ue1", sim=None, **kwargs):
        """A UE; without sim it is a subscriber of its own."""
        ue = UE(host, netns.access_addr(host, gm.version),
                netns.access_addr("pcscf", gm.version),
                sim or self.subscriber(), gm.transport, offers, **kwargs)
        self.ues.append(ue)
        return ue

    def subscriber(self):
        self.users += 1
        impi = "user%d@%s" % (self.users, REALM)
        impu = "sip:user%d@%s" % (self.users, REALM)
        k, opc = os.urandom(16), os.urandom(16)
        self.registrar.subscriber(impi, [impu, "tel:+4900%d" % self.users],
                                  k, opc)
        return Sim(impi, impu, k, opc)

    @staticmethod
    def impostor(sim):
        """Knows the identities of a USIM, but not its key."""
        sim = copy.copy(sim)
        sim.k = os.urandom(16)
        return sim

    def user(self, ue):
        """What the registrar knows of it."""
        return self.registrar.subscribers[ue.sim.impi]

    async def message(self, ue, sa=None):
        """A MESSAGE of the UE: the code of its answer, 0 if there is none."""
        answer = await ue.request("MESSAGE", sa=sa)
        return answer.code if answer else 0

    async def message_to(self, ue):
        """A MESSAGE to the UE: the code of its answer, 0 if there is none."""
        answer = await self.registrar.send_to_contact(ue)
        return answer.code if answer else 0

    # ----- the kernel ------------------------------------------------------
    def limits(self, **values):
        """Changes limits; returns those before."""
        before = self.genl.do("limits-get")["limits"]
        new = {k.replace("_", "-"): v for k, v in values.items()}
        self.genl.do("limits-set", {"limits": new})
        return {k.replace("-", "_"): before[k] for k in new}

    def sets(self, ue=None):
        """The kernel's sets; those of a UE's private identity."""
        return [s["sa-set"] for s in self.genl.dump("sa-set-get")
                if ue is None or s["sa-set"]["impi"] == ue.sim.impi]

    def set_of(self, sa):
        """The kernel's set with the SPIs of a UE's set."""
        for s in self.sets():
            if (s["spi-uc"], s["spi-us"], s["spi-ps"], s["spi-pc"]) == \
                    (sa.spi_uc, sa.spi_us, sa.spi_ps, sa.spi_pc):
                return s
        return None

    def phases(self, ue, **names):
        """{name: phase} of the sets of a UE, None for those that are gone,
        "?" for any that has no name."""
        sets = {(s["spi-ps"], s["spi-uc"]): s["phase"] for s in self.sets(ue)}
        found = {name: sets.pop((sa.spi_ps, sa.spi_uc), None)
                 for name, sa in names.items()}
        return {**found, "?": sorted(sets.values())} if sets else found

    async def gone(self, sa, start=0, timeout=sipua.TIMEOUT):
        """Until a set is deleted; returns it as it was then."""
        return await self.events.wait(
            lambda name, s: name == "sa-set-del" and is_set(s, sa), start,
            timeout)

    async def becomes(self, sa, phase, start=0):
        """Until a set gets into a phase."""
        return await self.events.wait(
            lambda name, s: name == "sa-set-change" and is_set(s, sa) and
            s["phase"] == phase, start)

    def drops(self):
        """reason: packets, those that are not zero."""
        stats = self.genl.do("stats-get")["stats"]
        return {r["name"]: r["packets"] for r in stats["reason"]
                if r["packets"]}

    # ----- the wire --------------------------------------------------------
    def clear(self, start=0):
        """Packets of protected ports that were not inside ESP; those that an
        attacker sends say nothing."""
        ours = [netns.access_addr("pcscf", v) for v in (4, 6)]
        foes = [netns.access_addr("attacker", v) for v in (4, 6)]
        return [str(p) for p in self.access.find(
            lambda p: p.src not in foes and (
                (p.src in ours and p.sport in PROTECTED) or
                (p.dst in ours and p.dport in PROTECTED) or
                (p.fragment and p.protocol != ESP)), start)]

    def keys_seen(self, start=0):
        return [str(p) for p in self.access.find(
            lambda p: KEY_PARAMETER.search(p.payload), start)]

    def carriers(self, start, **names):
        """The SAs of the named sets that SIP messages of the P-CSCF took since
        then, such as ["new C"]."""
        spis = {sa.spi_uc: name + " B" for name, sa in names.items()}
        spis.update({sa.spi_us: name + " C" for name, sa in names.items()})
        ours = [netns.access_addr("pcscf", v) for v in (4, 6)]
        return sorted({spis[p.spi] for p in self.access.find(
            lambda p: p.protocol == ESP and p.src in ours and p.spi in spis and
            len(p.payload) > BARE, start)})

    # ----- agent and proxy -------------------------------------------------
    def dropped(self, what, msg):
        """A function that waits until the proxy has logged that it dropped
        one more message of this Call-ID: method or status code."""
        pattern = re.compile(r"%s: dropped: %s " % (
            re.escape(msg.get("Call-ID")), what))

        def count():
            return len(pattern.findall(self.pcscf.log("kamailio.log")))

        before = count()

        async def wait(timeout=sipua.TIMEOUT):
            end = time.monotonic() + timeout
            while count() == before and time.monotonic() < end:
                await asyncio.sleep(0.02)
            return count() > before

        return wait

    def restart_agent(self, **settings):
        """A killed agent comes back, or it gets another configuration."""
        self.pcscf.kill_agent()
        self.pcscf.settings.update(settings)
        self.pcscf.start_agent()
        self.pcscf.wait_connected()


def is_set(s, sa):
    """Is this set of the kernel that set of a UE?"""
    return (s.get("spi-uc"), s.get("spi-us")) == (sa.spi_uc, sa.spi_us) and \
        s.get("spi-ps") == sa.spi_ps


def back(gm, name):
    """The SA on which the P-CSCF answers: C over UDP, over TCP B."""
    return "%s %s" % (name, "C" if gm.transport == "udp" else "B")


def entry_in(agent, start, match):
    """Messages that came to a UE or the registrar."""
    return agent.entries(lambda e: e.direction == "in" and match(e.msg), start)


def registers(bench, ue, start):
    """The REGISTERs of a UE that reached the registrar."""
    return [e.msg for e in entry_in(
        bench.registrar, start, lambda m: m.method == "REGISTER" and
        not m.is_response and uri_of(m.get("To")) == ue.sim.impu)]


def marks(messages):
    """Their values of integrity-protected."""
    return [digest_params(m.get("Authorization")).get("integrity-protected")
            for m in messages]


def code(answer):
    """Status code of an answer, 0 for none."""
    return answer.code if answer is not None else 0


# ----- running --------------------------------------------------------------
async def run_test(bench, part, test, gm):
    """One test; what it must never show, whatever it is about."""
    label = "%s %s" % (part, test.__name__[5:].replace("_", " "))
    if gm:
        label += " %s" % gm
    start = bench.access.mark()
    begin = time.monotonic()
    try:
        await (test(bench, gm) if gm else test(bench))
    except FAULTS:
        tap.failure("%s: %s" % (label, (test.__doc__ or "").split("\n")[0]))
        tap.note("drops: %s" % bench.drops())
    tap.equal(bench.clear(start), [],
              "GM-01 %s: nothing of a protected port in clear" % label)
    if os.environ.get("GMG_TIMES"):
        tap.note("%s: %.1f s" % (label, time.monotonic() - begin))


def check_run(bench):
    """What must hold at the end of a run."""
    from_access = bench.core.find(lambda p: p.src in (
        netns.access_addr("pcscf", 4), netns.access_addr("pcscf", 6)))
    tap.equal([str(p) for p in from_access], [],
              "GM-24 nothing goes to the core from the access address")
    keys = set()
    for entry in bench.registrar.entries():
        for value in entry.msg.all("WWW-Authenticate"):
            params = digest_params(value)
            keys |= {params.get("ck"), params.get("ik")}
    keys.discard(None)
    for name in ("gmguardd.log", "kamailio.log"):
        text = bench.pcscf.log(name).lower()
        tap.ok(keys and not any(k in text for k in keys),
               "GM-21 no key in %s" % name)


async def run(modules, labels):
    bench = Bench()
    await bench.start()
    try:
        for part, module in modules:
            for name, test in list(vars(module).items()):
                if not re.match(os.environ.get("GMG_ONLY", "test_"), name):
                    continue
                for gm in getattr(test, "ways", [None]):
                    if not labels or str(gm) in labels:
                        await run_test(bench, part, test, gm)
        check_run(bench)
        tap.note("drops: %s" % bench.drops())
    finally:
        bench.stop()
        if tap.failed:
            for name in ("gmguardd.log", "kamailio.log"):
                for line in bench.pcscf.tail(name):
                    tap.note("%s: %s" % (name, line[:300]))
    tap.done()


def main(directory, prefix, parts):
    """Runs the parts that the command line names, or all, over the ways that
    it names, or all: each part is a module prefix_PART.py with coroutines
    test_*(bench), or test_*(bench, gm) marked with over()."""
    sys.path.insert(0, directory)
    unknown = [a for a in sys.argv[1:] if a not in parts + LABELS]
    if unknown:
        sys.exit("no part %s; there are: %s; and ways: %s" % (
            unknown[0], " ".join(parts), " ".join(LABELS)))
    wanted = [p for p in parts if p in sys.argv[1:]] or parts
    modules = [(p, importlib.import_module("%s_%s" % (prefix, p)))
               for p in wanted]
    # a UE keeps its sockets to the end, so that what comes late is seen
    resource.setrlimit(resource.RLIMIT_NOFILE, (1 << 16, 1 << 16))
    asyncio.run(run(modules, [a for a in sys.argv[1:] if a in LABELS]))
