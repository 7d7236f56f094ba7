# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of faults share: Kamailio, gmguardd and UEs of load.py, and
what has to hold whatever has failed.
"""
import atexit
import os
import signal
import time

import netns
import state
import tap
from agentrpc import AgentRpc
from load import CONF, Fleet
from pcscf import RPC_PORT, Pcscf
from ue import warm_up

# Short, but longer than an emulated registration takes.
TEMPORARY_MS, GRACE_MS = 8000, 4000
LIMITS = {"max-sets": 1 << 20, "max-impi-sets": 3, "max-impi-temporary": 4,
          "max-temporary": 65536, "temporary-ms": TEMPORARY_MS,
          "grace-ms": GRACE_MS, "unprotected-rate": 0}
AGENT_TIMEOUT_MS = 2000
# Kamailio looks after a lost connection to the agent every 3 s.
AUTHENTICATED = ("established", "superseded", "lingering")


class Bench:
    def __init__(self):
        netns.create()
        warm_up("ue1")
        self.pcscf = Pcscf()
        self.pcscf.write_conf(**CONF)
        self.pcscf.start_agent()
        self.start_proxy()
        self.fleet, self.g = Fleet(), state.client()
        self.home = self.fleet.home
        self.g.subscribe("events")
        self.fresh()
        atexit.register(self.stop)

    def stop(self):
        self.fleet.close()
        self.pcscf.stop()
        for name in ("gmguardd.log", "kamailio.log") if tap.failed else ():
            for line in self.pcscf.tail(name, 40):
                tap.note("%s: %s" % (name, line[:300]))

    def start_proxy(self):
        self.pcscf.start_proxy(AGENT_TIMEOUT_MS=AGENT_TIMEOUT_MS, LOG_LEVEL=0)

    def fresh(self):
        """No set, the limits that are wanted, no UE that was ever seen."""
        self.home.alter = self.home.after = None
        for s in self.sets():
            try:
                state.del_set(self.g, s["id"])
            except OSError:
                pass        # it was faster
        self.g.do("limits-set", {"limits": LIMITS})
        for phone in self.fleet.phones:
            phone.forget()
        self.fleet.codes.clear()
        self.g.events(0)

    # ----- the agent and the proxy -----------------------------------------
    def restart(self):
        """The agent comes back, and the proxy has found it."""
        self.pcscf.start_agent()
        self.pcscf.wait_connected()

    def kill_agent(self):
        self.pcscf.kill_agent()

    def stop_agent(self):
        """It takes what comes, and answers nothing."""
        self.pcscf.agent.send_signal(signal.SIGSTOP)

    def continue_agent(self):
        self.pcscf.agent.send_signal(signal.SIGCONT)

    def agent_has_request(self):
        """Whether something waits for the agent to read it."""
        with netns.ns("pcscf"), open("/proc/thread-self/net/tcp",
                                     encoding="ascii") as f:
            rows = [line.split() for line in f.readlines()[1:]]
        return any(int(row[1].split(":")[1], 16) == RPC_PORT and
                   row[3] == "01" and int(row[4].split(":")[1], 16)
                   for row in rows)

    def kill_proxy(self):
        """All of its processes, at once."""
        pid = self.pcscf.proxy.pid
        family = [pid] + children(pid)
        for pid in family:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.pcscf.proxy.wait()
        self.pcscf.proxy = None
        state.wait(lambda: not any(os.path.exists("/proc/%d/exe" % pid) and
                                   alive(pid) for pid in family))

    # ----- UEs -------------------------------------------------------------
    def run(self, *scripts):
        """All at once; what they return."""
        return self.fleet.run(scripts, len(scripts))

    def one(self, script):
        return self.fleet.run([script])[0]

    def registered(self, number=1):
        """UEs that are."""
        phones = [self.fleet.phone() for _ in range(number)]
        codes = self.fleet.run((p.register() for p in phones), number)
        if codes != [200] * number:
            raise RuntimeError("cannot register: %r" % codes)
        return phones

    def pump(self, condition, timeout=60):
        """Runs the loop until something holds; whether it does."""
        end = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > end:
                return False
            self.fleet.turn(0.02)
        return True

    def requests(self, phones):
        """One request of the network to each; how many arrived."""
        before = sum(len(p.heard) for p in phones)
        for phone in phones:
            self.home.send(phone)
        self.pump(lambda: not self.home.unanswered, 30)
        return sum(len(p.heard) for p in phones) - before

    # ----- the kernel ------------------------------------------------------
    def sets(self):
        return state.sets(self.g)

    def sets_of(self, phone, *phases):
        return [s for s in self.sets() if s["ue-addr"] == phone.addr and
                s["phase"] in (phases or s["phase"])]

    def phases_of(self, phone):
        return sorted(s["phase"] for s in self.sets_of(phone))

    def set_of(self, sa):
        for s in self.sets():
            if spis(s) == sa.spis:
                return s
        return None

    def only(self, phone, timeout=60):
        """Waits until the set that the UE uses is its only one."""
        return state.wait(lambda: [spis(s) for s in self.sets_of(phone)] ==
                          ([phone.sa.spis] if phone.sa else []), timeout, 0.1)

    def event(self, name, phone, timeout=30):
        """Waits for an event about a set of this UE."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            found = state.set_event(self.g, name, timeout=0.05)
            if found and found["ue-addr"] == phone.addr:
                return found
            self.fleet.turn(0)
        return None

    def no_temporary(self, timeout=120):
        return state.wait(lambda: not state.stats(self.g)["temporary"],
                          timeout, 0.1)

    def orphans(self):
        """Sets that are neither known to their UE nor about to end."""
        known = {sa.spis for p in self.fleet.phones for sa in
                 p.live.values()}
        return [s for s in self.sets() if spis(s) not in known and
                s["phase"] == "established"]

    # ----- what always has to hold -----------------------------------------
    def differs(self, gone=()):
        """What the agent says otherwise than the kernel."""
        with AgentRpc() as rpc:
            return rpc.compare(self.sets()) + rpc.forgotten(gone)

    def truth(self, text, gone=()):
        """The agent knows what the kernel has."""
        wrong = self.differs(gone)
        return tap.ok(not wrong, text, "\n".join(map(str, wrong)))

    def works(self, phones, text):
        """Requests in both directions, on the sets that are there."""
        codes = self.run(*(p.message() for p in phones))
        return tap.ok(codes == [200] * len(phones) and
                      self.requests(phones) == len(phones), text,
                      "%r\n%r" % (codes, state.drops(self.g)))

    def registers(self, phone, text):
        """The retry, which cleans up what the failure has left."""
        code = self.one(phone.register())
        return tap.ok(code == 200 and self.only(phone), text, "%r %r" % (
            code, self.phases_of(phone)))


def spis(s):
    return s["spi-uc"], s["spi-us"], s["spi-ps"], s["spi-pc"]


def alive(pid):
    """Not even as a zombie."""
    try:
        with open("/proc/%d/stat" % pid, encoding="utf-8") as f:
            return f.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def children(pid):
    """All processes that come from this one."""
    found = []
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/children" % (pid, task),
                  encoding="ascii") as f:
            for child in map(int, f.read().split()):
                found += [child] + children(child)
    return found
