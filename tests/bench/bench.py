# SPDX-License-Identifier: GPL-2.0-or-later
"""What the measurements share: the bench module, peers, rounds, results.

    b = Bench("PG-1")
    times = b.rounds({"gmguard": lambda: ..., "nft": lambda: ...}, 15)
    b.goal("verdict, 100000 UEs", "gmguard / nft", 0.08, "<=", 0.1)

Lines go to stdout as they come, all figures to DIR/PG-1.json (see main()).
"""
import json
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "../lib"))
# pylint: disable=wrong-import-position
import genl
import netns

QUICK = bool(os.environ.get("QUICK"))
BUILD = os.path.join(HERE, "../../build/bench")
MODULE = os.path.join(BUILD, "gmguard-bench.ko")
UESETUP = os.path.join(BUILD, "uesetup")
# As in uesetup.c.
PCSCF, UE_NET, PORT_PS, PORT_PC = "10.33.0.1", "10.64.0.0/10", 6101, 6110
PORTS = "6101, 6110, 6111, 6112, 6113"
ENDPOINT = {"endpoint": {"local-addr": PCSCF, "port-ps": [PORT_PS],
                         "port-pc": [PORT_PC, 6111, 6112, 6113],
                         "port-unprotected": [5060]}}


def namespace(name):
    """A network namespace, with the P-CSCF's address."""
    netns.ip("netns add %s" % name)
    netns.ip("link set lo up\naddr add %s/32 dev lo\n" % PCSCF, name)


def guard(name):
    """Guards the address there; the client."""
    g = genl.Genl(netns=name)
    g.do("endpoint-new", ENDPOINT)
    return g


def uesetup(name, kind, first, number, *more):
    """Runs it there; what it printed."""
    return netns.run(name, [UESETUP, kind, str(first), str(number),
                            *map(str, more)]).stdout


def kernel(name, command):
    """A command for gmguard-bench.ko, in a namespace; its answer."""
    with netns.ns(name), open("/proc/gmguard-bench", "r+b",
                              buffering=0) as file:
        file.write(command.encode())
        return json.loads(file.read(256))


def seeded():
    """Waits for the kernel's random numbers: until then echainiv, and so each
    SA, takes far longer to build."""
    os.getrandom(1)


def median(values):
    return statistics.median(values)


def spread(values):
    """Half of the distance between the quartiles, in parts of the median."""
    low, _, high = statistics.quantiles(values, n=4)
    return (high - low) / 2 / abs(median(values))


class Bench:
    """One goal: its rounds, its lines, its figures."""

    def __init__(self, goal, directory):
        self.name, self.path = goal, os.path.join(directory, goal + ".json")
        self.lines, self.figures, self.series = [], {}, {}
        self._begin = time.monotonic()

    def note(self, text):
        """Something beside the goals."""
        print("# %s %s" % (self.name, text), flush=True)

    def rounds(self, label, variants, number):
        """Takes turns at the variants, so often; each returns one figure.
        Their lists, by name."""
        found = {name: [] for name in variants}
        for turn in range(number):
            names = list(variants)
            # nobody is always behind the same one
            names = names[turn % len(names):] + names[:turn % len(names)]
            for name in names:
                found[name].append(variants[name]())
        self.figures[label] = found
        return found

    def goal(self, what, ratio, sign, limit, detail):
        """One line: whether a goal holds."""
        good = ratio <= limit if sign == "<=" else ratio >= limit
        text = "%s ratio=%.3g goal=%s%g %s: %s: %s" % (
            self.name, ratio, sign, limit, "ok" if good else "short", what,
            detail)
        self.lines.append({"goal": self.name, "what": what, "ratio": ratio,
                           "sign": sign, "limit": limit, "ok": good,
                           "detail": detail})
        print(text, flush=True)

    def point(self, curve, x, y):
        """One point of a curve that is to be drawn."""
        self.series.setdefault(curve, []).append((x, y))

    def save(self):
        with open(self.path, "w", encoding="ascii") as file:
            json.dump({"goal": self.name, "lines": self.lines,
                       "figures": self.figures, "series": self.series,
                       "seconds": time.monotonic() - self._begin,
                       "kernel": os.uname().release, "quick": QUICK},
                      file, indent=1)


def load_module():
    """gmguard-bench.ko"""
    subprocess.run(["insmod", MODULE], check=True)


def net(pcscf):
    """A P-CSCF's namespace and one for its UEs, named ue-..., joined by a
    veth pair; every address of UE_NET is local to the UEs."""
    ues = "ue-" + pcscf
    netns.ip("netns add %s\nnetns add %s\n"
             "link add gm0 netns %s type veth peer name gm0 netns %s\n"
             % (pcscf, ues, pcscf, ues))
    netns.ip("link set lo up\nlink set gm0 up\naddr add %s/24 dev gm0\n"
             "route add %s via 10.33.0.2\n" % (PCSCF, UE_NET), pcscf)
    netns.ip("link set lo up\nlink set gm0 up\naddr add 10.33.0.2/24 dev gm0\n"
             "route add local %s dev lo\n" % UE_NET, ues)
    return ues


def trips(name, ues, number, size, loops, first=0):
    """Round trips of UEs, one after the other; what the kernel answers."""
    with netns.ns(ues):
        file = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        return kernel(name, "trips %s %d %d %d %d %d" % (
            PCSCF, file, first, number, size, loops))
    finally:
        os.close(file)


def esp_of(ues, number, encryption="aes-cbc"):
    """What the UEs' side needs: the SAs of uesetup.c, and that they are used.
    The answer tells how long it took the kernel."""
    netns.ip("xfrm policy add src %s dst %s dir out tmpl proto esp reqid 1 "
             "mode transport\n" % (UE_NET, PCSCF), ues)
    return kernel(ues, "make %s 0 %d %d" % (
        PCSCF, number, encryption == "aes-cbc"))


def free():
    """Bytes that the kernel has left, when it has come to free what it can."""
    left = []
    while len(left) < 4 or max(left[-4:]) - min(left[-4:]) > 1 << 18:
        with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as file:
            file.write("3")
        time.sleep(0.5)
        with open("/proc/meminfo", encoding="ascii") as file:
            left.append(next(int(line.split()[1]) << 10 for line in file
                             if line.startswith("MemFree")))
    return left[-1]
