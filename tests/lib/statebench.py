# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of the module's state share: the network, a connection to
the module, the kernel's xfrm tables, and a picture of all that a refused
request must leave as it was.
"""
import importlib
import socket
import sys
import time

import genl
import netns
import rulenet
import state
import tap
from statexfrm import Xfrm


def refcount():
    """References to the module; None if it is not loaded."""
    try:
        with open("/sys/module/gmguard/refcnt", encoding="ascii") as f:
            return int(f.read())
    except FileNotFoundError:
        return None


def settle(target=0, timeout=60):
    """Until the module has no more references than this."""
    return state.wait(lambda: (refcount() or 0) <= target, timeout)


class Bench:
    def __init__(self):
        netns.create()
        self.g = state.client()
        self.x = Xfrm("pcscf")
        self.g.subscribe("events")

    def fresh(self):
        """Nothing guarded, the limits as at first, no event unread."""
        state.clear(self.g)
        self.g.do("limits-set", {"limits": {
            "max-sets": 1 << 20, "temporary-ms": 240000,
            "grace-ms": 128000, "max-impi-sets": 3,
            "max-impi-temporary": 4, "max-temporary": 65536,
            "unprotected-rate": 20, "unprotected-burst": 60,
            "unprotected-total": 20000,
            "unprotected-connections": 4096,
            "unprotected-idle-ms": 1800000,
            "unprotected-message-ms": 32000, "emergency-ms": 7200000,
            "drop-copies": 0, "nflog-group": 33203}})
        self.g.events(0)

    def picture(self):
        """All that a refused request must not change."""
        stats = state.stats(self.g)
        return {
            "sets": sorted((s["id"], s["phase"], s["port-pc"])
                           for s in state.sets(self.g)),
            "endpoints": [e["endpoint"] for e in self.g.dump("endpoint-get")],
            "states": sorted((s.dst, s.spi, s.reqid, s.packets)
                             for s in self.x.states()),
            "policies": sorted(p.index for p in self.x.policies()),
            "counts": [stats[k] for k in (
                "endpoints", "temporary", "established", "superseded",
                "lingering")],
            "limits": state.limits(self.g),
            "rules": sorted(rulenet.rules_of(self.g)),
            "references": refcount()}

    def refused(self, text, call, code, names=(), attr=None, missing=None,
                before=None):
        """One test: a refusal with errno, text and attribute, and nothing
        changed. names: words that must stand in the text, None: any or no
        text. attr: a path, or a tuple of possible ones."""
        before = before or self.picture()
        try:
            call()
        except genl.NlError as error:
            wrong = self._compare(error, code, names, attr, missing)
        else:
            wrong = ["it was accepted"]
        after = self.picture()
        wrong += ["%s changed: %r, was %r" % (k, after[k], before[k])
                  for k in before if after[k] != before[k]]
        wrong += ["an event came: %r" % (e,) for e in self.g.events(0)]
        return tap.ok(not wrong, text, "\n".join(wrong))

    @staticmethod
    def _compare(error, code, names, attr, missing):
        wrong = []
        if error.errno != code:
            wrong.append("errno: %s" % error)
        if not error.msg and names is not None:
            wrong.append("no text: %s" % error)
        wrong += ["the text does not say %r: %s" % (word, error.msg)
                  for word in names or () if word not in error.msg]
        if error.attr not in (attr if isinstance(attr, tuple) else (attr,)) \
                or error.missing != missing:
            wrong.append("%s: want attribute %s, missing %s"
                         % (error, attr, missing))
        return wrong


def udp(namespace, addr, port, timeout=30):
    """A bound UDP socket in a namespace."""
    kind = socket.AF_INET6 if ":" in addr else socket.AF_INET
    with netns.ns(namespace):
        sock = socket.socket(kind, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((addr, port))
    sock.settimeout(timeout)
    return sock


def tcp(namespace, addr, port, timeout=30):
    """A bound TCP socket in a namespace."""
    kind = socket.AF_INET6 if ":" in addr else socket.AF_INET
    with netns.ns(namespace):
        sock = socket.socket(kind, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((addr, port))
    sock.settimeout(timeout)
    return sock


def main(directory, prefix, parts, make=Bench):
    """Runs the parts that the command line names, or all: each is a module
    prefix_PART.py with functions test_*(bench), in the order of the file."""
    sys.path.insert(0, directory)
    unknown = [p for p in sys.argv[1:] if p not in parts]
    if unknown:
        sys.exit("no part %s; there are: %s" % (unknown[0], " ".join(parts)))
    bench = make()
    for part in sys.argv[1:] or parts:
        module = importlib.import_module("%s_%s" % (prefix, part))
        begin = time.monotonic()
        for name, test in list(vars(module).items()):
            if not name.startswith("test_"):
                continue
            try:
                test(bench)
            except Exception:       # the other tests can still tell something
                tap.failure("%s %s" % (part, name[5:].replace("_", " ")))
        tap.note("%s: %.1f s" % (part, time.monotonic() - begin))
    tap.done()
