# SPDX-License-Identifier: GPL-2.0-or-later
"""Everything at once, from several processes on all CPUs: sets are made,
changed and deleted, first messages come in, deadlines pass, other programs
delete states. What is left must be consistent, and nothing may stay."""
import contextlib
import errno
import os
import random
import time

import esp
import netns
import state
import statebench
import tap
from esp import SYN, TCP
from phone import HOUR, STUN, ports, request
from stateload import Load
from statetcp import udp_packet
from statexfrm import Xfrm

CPUS = set(range(os.cpu_count() or 1))
UES = {4: ["10.33.0.11", "10.33.5.1", "10.33.5.2", "10.33.5.3"],
       6: ["fd33::11", "fd33::5:1", "fd33::5:2", "fd33::5:3"]}
IMPIS = ["race%d@home.example" % i for i in range(3)]
# What a request may be answered with when others were quicker.
EXPECTED = {errno.ENOENT, errno.EEXIST, errno.EDQUOT, errno.ENOSPC,
            errno.EINVAL}
TURNS = 150


class Worker:
    """One process that does everything to everybody's sets."""

    def __init__(self, endpoints, seed):
        self.endpoints, self.random = endpoints, random.Random(seed)
        self.g = state.client()
        self.inj = esp.Injector("ue1")
        self.mine = []

    def turn(self):
        kind = self.random.choice((self.make, self.make, self.succeed,
                                   self.succeed, self.message, self.message,
                                   self.message, self.linger, self.delete,
                                   self.lengthen, self.ask))
        try:
            kind()
        except OSError as error:
            if error.errno not in EXPECTED:
                raise

    def pick(self):
        return self.random.choice(self.mine) if self.mine else None

    def make(self):
        pick = self.random.choice
        version = pick((4, 6))
        over = {"ue": pick(UES[version]), "impi": pick(IMPIS),
                "port-us": 4000 + self.random.randrange(4),
                "port-uc": 5000 + self.random.randrange(12),
                "group": pick((None, 1, 2)), "emergency": pick((None, True)),
                "alg": "hmac-md5-96", "ealg": "null",
                "lifetime-ms": self.random.randrange(1, 3000)}
        if self.mine and pick((True, False)):
            by = self.pick()
            over.update({"protected-by": by.id, "impi": by.impi,
                         "port-us": by.port_us})
        if self.random.random() < 0.2:
            over["phase"] = "established"
        self.mine.append(state.new_set(self.g, self.endpoints[version],
                                       **over))
        del self.mine[:-20]

    def succeed(self):
        s = self.pick()
        if s:
            self.send(s, "A", request("REGISTER"))
            state.change_set(self.g, s.id, phase="established",
                             lifetime_ms=self.random.randrange(1, 5000))

    def message(self):
        s = self.pick()
        if s:
            self.send(s, self.random.choice("AD"), self.random.choice((
                request("MESSAGE"), request("REGISTER"), STUN, b"",
                b"\r\n\r\n")))

    def send(self, s, name, data):
        src, sport, dst, dport = s.flow(name)
        inner, kind = esp.udp(src, dst, sport, dport, data), esp.UDP
        if self.random.random() < 0.2:
            inner, kind = esp.tcp(src, dst, sport, dport, SYN, 1), TCP
        self.inj.send(esp.ip(src, dst, esp.ESP,
                             s.esp(name).seal(inner, kind)))

    def linger(self):
        s = self.pick()
        if s and self.random.random() < 0.4:
            state.change_set(self.g, s.id, phase="lingering")

    def delete(self):
        s = self.pick()
        if s and self.random.random() < 0.4:
            state.del_set(self.g, s.id)

    def lengthen(self):
        s = self.pick()
        if s:
            state.change_set(self.g, s.id, agent_data=b"x" * 99,
                             lifetime_ms=self.random.randrange(1, 4000))

    def ask(self):
        state.sets(self.g)
        state.stats(self.g)


def churn(endpoints, seed):
    def work(count):
        worker = Worker(endpoints, seed)
        while True:
            worker.turn()
            count(sent=1)
    return work


def change_limits(count):
    """Limits move under everybody's feet."""
    g, pick = state.client(), random.Random(1)
    while True:
        state.limits(g, grace_ms=pick.choice((1, 20, 200, 2000)),
                     temporary_ms=pick.choice((1, 300, 2000)),
                     max_impi_sets=pick.choice((1, 3, 50)),
                     max_impi_temporary=pick.choice((1, 4, 50)),
                     max_temporary=pick.choice((1, 10, 65536)),
                     max_sets=pick.choice((10, 1 << 20)))
        count(sent=1)


def delete_states(count):
    """Another program deletes some of the states, at random."""
    x, pick = Xfrm("pcscf"), random.Random(2)
    while True:
        found = x.states()
        if found:
            with contextlib.suppress(OSError):
                x.delete(pick.choice(found))
        count(sent=1)


def talk(endpoint, version):
    """The proxy sends to everybody, from port_ps and some port_pc."""
    def work(count):
        local = endpoint["local-addr"]
        ports = endpoint["port-ps"] + endpoint["port-pc"][:3]
        socks = [statebench.udp("pcscf", local, port) for port in ports]
        pick = random.Random(3)
        while True:
            for sock in socks:
                sock.setblocking(False)
                with contextlib.suppress(OSError):
                    sock.sendto(pick.choice((
                        request("MESSAGE"), b"x")), (
                            pick.choice(UES[version]),
                            4000 + pick.randrange(4)))
                with contextlib.suppress(OSError):
                    while True:
                        sock.recv(2000)
                        count(received=1)
            count(sent=1)
    return work


def unpin():
    os.sched_setaffinity(0, CPUS)


def consistent(b):
    """What is wrong with the tables, as texts; the lock is free between."""
    wrong = []
    shown, counts = state.sets(b.g), state.stats(b.g)
    for phase in ("temporary", "established", "superseded", "lingering"):
        found = sum(s["phase"] == phase for s in shown)
        if found != counts[phase]:
            wrong.append("STATS_GET: %d %s, a dump: %d"
                         % (counts[phase], phase, found))
    states = len(b.x.states())
    if states != 4 * len(shown):
        wrong.append("%d states of %d sets" % (states, len(shown)))
    used = [(s["endpoint-id"], s["ue-addr"], s["port-us"]) for s in shown
            if "in-use" in s]
    if len(used) != len(set(used)):
        wrong.append("two sets of one (address, port-us) are in use")
    owners = {}
    for s in shown:
        if s["phase"] == "temporary":
            continue
        key = s["endpoint-id"], s["ue-addr"], s["port-us"]
        if owners.setdefault(key, s["impi"]) != s["impi"]:
            wrong.append("two IMPIs on one (address, port-us)")
        if key not in used:
            wrong.append("an authenticated set, and none in use: %r" % (key,))
    return wrong


def storm(b, workers, turns):
    """Runs until each process has had its turns."""
    endpoints = {v: state.endpoint(b.g, v) for v in (4, 6)}
    state.limits(b.g, drop_samples=0)
    with Load(0) as load:
        for seed in range(3):
            load.start(churn(endpoints, seed + os.getpid()))
        for work in workers:
            load.start(work)
        for version, endpoint in endpoints.items():
            load.start(talk(endpoint, version))
        load.wait(turns, 400)


def finish(b, text):
    """No more requests: then the tables must agree, and all must end."""
    state.limits(b.g, grace_ms=1000, temporary_ms=1000)
    # whatever the worker still has to do
    settled = state.wait(lambda: not consistent(b), 30)
    tap.ok(settled, text + ": counts, dump, states and sets in use agree",
           "\n".join(consistent(b)))
    ended = state.wait(lambda: not state.sets(b.g), 60)
    tap.ok(ended and not b.x.states(), text + ": each set ends by its "
           "deadline, no state is left", "%d sets, %d states"
           % (len(state.sets(b.g)), len(b.x.states())))
    state.clear(b.g)
    tap.ok(statebench.settle(0), text + ": no reference to the module is left",
           statebench.refcount())
    tap.ok(not b.x.states() and not b.x.policies(), text + ": nor a policy")
    b.g.events(0)


def test_storm(b):
    b.fresh()
    unpin()
    storm(b, [], TURNS)
    finish(b, "AT-28 GM-09 GM-10 races of phases")


def test_storm_with_limits(b):
    b.fresh()
    unpin()
    storm(b, [change_limits], TURNS)
    finish(b, "AT-45 GM-12 races of phases while limits change")


def test_storm_with_losses(b):
    b.fresh()
    unpin()
    storm(b, [delete_states, change_limits], TURNS)
    finish(b, "AT-41 GM-10 races of phases while states are deleted")


def test_clear_in_the_middle(b):
    """The endpoints go while everything is on its way."""
    b.fresh()
    unpin()
    wrong = []
    for turn in range(5):
        endpoints = {v: state.endpoint(b.g, v) for v in (4, 6)}
        with Load(0) as load:
            for seed in range(2):
                load.start(churn(endpoints, seed + turn))
            load.start(delete_states)
            load.wait(20, 200)
            state.clear(b.g)
            wrong += ["%d states" % len(b.x.states())] * bool(b.x.states())
    b.g.events(0)
    tap.ok(not wrong and statebench.settle(0), "AT-35 endpoints are deleted by "
           "force in the middle of all that: nothing stays", wrong)


def many_pairs(b, count, lifetime_ms):
    """Old sets in use and new ones beside them; their ids, and for each new
    one some packets with a message."""
    ep = state.endpoint(b.g, 4)
    olds, news, packets = [], [], []
    quick = {"alg": "hmac-md5-96", "ealg": "null"}
    for i in range(count):
        ue = "10.33.6.%d" % (i + 1)
        old = state.new_set(b.g, ep, ue=ue, **quick, **state.established(**{
            "lifetime-ms": lifetime_ms}))
        new = state.new_set(b.g, ep, ue=ue, impi=old.impi, **quick,
                            **state.established(**{
                                "port-us": old.port_us,
                                "protected-by": old.id}))
        olds.append(old.id)
        news.append(new.id)
        packets.append([udp_packet(new, request(), name)
                        for name in "AD" * 4])
    b.g.events(0)
    return olds, news, packets


def burst(packets, part):
    """Half of the packets of each set, from a process of its own."""
    inj = esp.Injector("ue1")

    def work(count):
        for own in packets:
            for packet in own[part::2]:
                inj.send(packet)
        while True:
            count(sent=1)
            time.sleep(0.01)
    return work


def once_each(b, olds, news, text):
    """When all have gone over, each has been told of exactly once."""
    state.wait(lambda: all(s["phase"] == "superseded" for s in state.sets(b.g)
                           if s["id"] in olds), 30)
    told = [(a["event"], a["sa-set"]["id"]) for _, a in b.g.events(1)]
    tap.equal(sorted(told), sorted([("sa-set-used", i) for i in news] +
                                   [("sa-set-change", i) for i in olds]), text)


def test_one_hand_over_each(b):
    """First messages on both CPUs at once."""
    b.fresh()
    unpin()
    olds, news, packets = many_pairs(b, 40, HOUR)
    with Load() as load:
        for part in range(2):
            load.start(burst(packets, part))
        load.wait(1)
        once_each(b, olds, news, "GM-33: messages on A and D of 40 new sets "
                  "from two processes at once: one event for each set")


def test_message_and_deadline(b):
    """The first message comes just when the old set is nearly over."""
    b.fresh()
    unpin()
    begin = time.monotonic()
    many_pairs(b, 30, HOUR)
    # none may go over while the last are made, on a slow host either
    spare = int(3000 * (time.monotonic() - begin))
    for turn in range(5):
        b.fresh()
        state.limits(b.g, grace_ms=100000)
        olds, news, packets = many_pairs(b, 30, 100000 + spare)
        ends = min(s["lifetime-ms"] for s in state.sets(b.g)
                   if s["id"] in olds) - 100000
        with Load() as load:
            # from a little before the first hand-over is due
            time.sleep(max(0, ends - 20) / 1000)
            for part in range(2):
                load.start(burst(packets, part))
            once_each(b, olds, news, "GM-33: a message and a deadline take 30 "
                      "new sets into use at once (%d): one event for each set"
                      % turn)


def test_namespaces_under_load(b):
    """A namespace with sets in every phase goes away under traffic."""
    b.fresh()
    unpin()
    for version in (4, 6):
        good = 0
        for _ in range(4):
            good += space(version)
        tap.equal(good, 4, "ipv%d a namespace with sets in all phases is "
                  "deleted under traffic, 4 times: nothing stays" % version)


def space(version):
    addr = "10.33.0.201" if version == 4 else "fd33::201"
    netns.ip("netns add %sgone\n" % netns.PREFIX)
    netns.ip("link add gone type veth peer name gm0 netns %sgone\n"
             "link set gone addrgenmode none master br-gm up\n"
             % netns.PREFIX, "net")
    netns.ip("link set lo up\nlink set gm0 addrgenmode none up\n"
             "addr add %s dev gm0 %s\n" % (
                 addr + ("/24" if version == 4 else "/64"),
                 "" if version == 4 else "nodad"), "gone")
    g = state.client("gone")
    ep = g.do("endpoint-new", state.endpoint_attrs(addr))["endpoint"]
    state.limits(g, grace_ms=200)
    news = []
    for _ in range(20):
        over = state.established(alg="hmac-md5-96", ealg="null")
        old = state.new_set(g, ep, **over, **ports())
        new = state.new_set(g, ep, impi=old.impi, **{
            **over, **ports(), "port-us": old.port_us,
            "protected-by": old.id})
        news.append(new)
        state.new_set(g, ep, **ports(), **{"lifetime-ms": 150})
        state.change_set(g, state.new_set(g, ep, **over, **ports()).id,
                         phase="lingering")
    g.close()

    def make(number):
        s = news[number % len(news)]
        src, sport, dst, dport = s.flow("A")
        return esp.ip(src, dst, esp.ESP, s.esp("A").seal(esp.udp(
            src, dst, sport, dport, request()), esp.UDP))

    with Load() as load:
        load.frames("ue1", make, "gone")
        load.wait(10)
        netns.ip("netns del %sgone\n" % netns.PREFIX)
        load.wait(10)
        return bool(statebench.settle(0, 30))
