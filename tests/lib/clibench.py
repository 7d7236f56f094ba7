# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs gmguard(8) for tests/vm/cli and keeps all that it ever printed.
GMGUARD names the program."""
import json
import os
import select
import signal
import socket
import subprocess
import time

import genl
import netns
import sipmsg
import state
import tap

PROGRAM = os.environ.get("GMGUARD") or os.path.join(
    os.path.dirname(os.path.realpath(__file__)), "..", "..", "agent",
    "gmguard")
MODULE = "/run/gmguard-vm/gmguard.ko"
IK = "00112233445566778899aabbccddeeff01020304"
CK = "f0e1d2c3b4a5968778695a4b3c2d1e0f"
# keys and salts
SALTED = "0f1e2d3c4b5a69788796a5b4c3d2e1f0deadbeef"
SALTED2 = "9a8b7c6d5e4f30211203f4e5d6c7b8a9cafef00d"
IMPI = "001010000000001@ims.mnc001.mcc001.3gppnetwork.org"
NO_PERMISSION = "needs CAP_NET_ADMIN (run as root or with sudo)"
NOT_LOADED = ("kernel module gmguard is not loaded in this kernel "
              "(modprobe gmguard)")
WITHOUT_CAP = ["setpriv", "--bounding-set", "-net_admin",
               "--inh-caps", "-net_admin"]
ENDPOINT = ("addr=10.33.0.1", "port-ps=6101", "port-pc=6110-6117",
            "unprotected=5060")
ENDPOINT6 = ("addr=fd33::1",) + ENDPOINT[1:]
everything = []     # all that the program has ever printed


def gmguard(*args, ns="pcscf", before=(), stdin=""):
    """Runs it and returns the finished process."""
    done = netns.run(ns, [*before, PROGRAM, *args], check=False, input=stdin)
    everything.append(done.stdout + done.stderr)
    return done


def show(*args, ns="pcscf", stdin=""):
    """What a verb prints as JSON."""
    done = gmguard("-j", *args, ns=ns, stdin=stdin)
    if done.returncode:
        raise RuntimeError("gmguard %s: %s" % (" ".join(args), done.stderr))
    return json.loads(done.stdout)


def refused(status, text, *args, title=None, **kwargs):
    """The exit status and the one line on standard error are as expected."""
    done = gmguard(*args, **kwargs)
    good = (done.returncode == status and not done.stdout and
            done.stderr.count("\n") == 1 and
            done.stderr.startswith("gmguard: ") and text in done.stderr)
    tap.ok(good, title or 'cli: "gmguard %s" ends with %d: %s'
           % (" ".join(args)[:70], status, text),
           "status %d\n%s%s" % (done.returncode, done.stdout, done.stderr))


def set_args(number, **more):
    """Arguments for "set new" of UE 11; number makes ports and SPIs unique.
    True is a flag, None leaves one out."""
    args = {"endpoint": "10.33.0.1", "ue": "10.33.0.11",
            "port-uc": 20000 + 2 * number, "port-us": 20001 + 2 * number,
            "spi-uc": 0x1000 + 2 * number, "spi-us": 0x1001 + 2 * number,
            "alg": "hmac-sha-1-96", "alg-key": IK, "ealg": "null",
            "impi": IMPI}
    args.update({k.replace("_", "-"): v for k, v in more.items()})
    return [k if v is True else "%s=%s" % (k, v) for k, v in args.items()
            if v is not None]


def new_set(number, **more):
    """Makes a set; what "set new" prints as JSON."""
    return show("set", "new", *set_args(number, **more))


def established(number, **more):
    """Makes one that has completed authentication."""
    return new_set(number, phase="established", lifetime="1h", **more)


def xfrm_state():
    return netns.run("pcscf", ["ip", "xfrm", "state"]).stdout


def xfrm_policy():
    return netns.run("pcscf", ["ip", "xfrm", "policy"]).stdout


def in_pcscf(fn):
    with netns.ns("pcscf"):
        return fn()


def count_of(reason, what="packets"):
    return [r[what] for r in show("stats")["reason"]
            if r["reason"] == reason][0]


def sip(method, uri="sip:home", call_id=None):
    """A request, as bytes."""
    return sipmsg.Message.request(method, uri, [
        ("Via", "SIP/2.0/UDP 10.33.0.66;branch=z9hG4bK" + sipmsg.token()),
        ("From", "<sip:ue@home>;tag=1"), ("To", "<%s>" % uri),
        ("Call-ID", call_id or sipmsg.token()), ("CSeq", "1 " + method),
        ("Max-Forwards", "70")]).build()


def send(messages, port, name="attacker", family=socket.AF_INET):
    """Datagrams in clear, from one socket of a namespace."""
    with netns.ns(name):
        s = socket.socket(family, socket.SOCK_DGRAM)
    to = "10.33.0.1" if family == socket.AF_INET else "fd33::1"
    for message in messages:
        s.sendto(message, (to, port))
    s.close()


def send_plain(count, family=socket.AF_INET):
    """Datagrams in clear to the protected port."""
    send([sip("REGISTER")] * count, 6101, family=family)


class Bench:
    """The network, with the limits that the module begins with."""

    def __init__(self):
        netns.create()
        self.g = in_pcscf(genl.Genl)
        self.limits = self.g.do("limits-get")["limits"]

    def clean(self):
        """No endpoint, no set, the limits as at first."""
        state.clear(self.g)
        self.g.do("limits-set", {"limits": self.limits})

    def fresh(self):
        """As clean(), then two endpoints without sets."""
        self.clean()
        gmguard("endpoint", "new", *ENDPOINT)
        gmguard("endpoint", "new", *ENDPOINT6)


class Monitor:
    """gmguard monitor in the background."""

    def __init__(self, *args, ns="pcscf", as_json=True):
        self.as_json = as_json
        self.p = netns.popen(ns, [PROGRAM, "monitor", *args] +
                             (["-j"] if as_json else []),
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.buf = b""
        self.wait_subscribed()

    def wait_subscribed(self):
        """It takes signals once it has subscribed."""
        state.wait(lambda: self.p.poll() is not None or self.catches(), 10)

    def catches(self):
        with open("/proc/%d/status" % self.p.pid, encoding="ascii") as f:
            caught = [line.split()[1] for line in f
                      if line.startswith("SigCgt:")][0]
        return int(caught, 16) >> (signal.SIGTERM - 1) & 1

    def line(self, timeout=10):
        """The next line, None when there is none."""
        end = time.monotonic() + timeout
        while b"\n" not in self.buf:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.p.stdout], [], [],
                                              left)[0]:
                return None
            got = os.read(self.p.stdout.fileno(), 65536)
            if not got:
                return None
            self.buf += got
        line, self.buf = self.buf.split(b"\n", 1)
        everything.append(line.decode())
        return json.loads(line) if self.as_json else line.decode()

    def lines(self, timeout=1):
        """All that comes until nothing has come for so long."""
        got = []
        while True:
            line = self.line(timeout)
            if line is None:
                return got
            got.append(line)

    def end(self, sig=signal.SIGTERM):
        """Exit status after a signal."""
        self.p.send_signal(sig)
        status = self.p.wait(10)
        self.p.stdout.close()
        everything.append(self.p.stderr.read().decode())
        self.p.stderr.close()
        return status
