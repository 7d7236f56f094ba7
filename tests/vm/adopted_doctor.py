# SPDX-License-Identifier: GPL-2.0-or-later
"""gmguard doctor: each planted problem is found, the safe ones are mended."""
import contextlib
import json
import socket
import subprocess
import sys

import netns
import state
import tap
from adopted_show import adopted
from clibench import (NO_PERMISSION, WITHOUT_CAP, gmguard, refused,
                      send_plain, show)
from foreign import Quad
from statebench import udp
from statexfrm import Xfrm


def doctor(*args):
    """Exit status, and what is found by id."""
    done = gmguard("-j", "doctor", *args)
    found = {}
    for f in json.loads(done.stdout)["findings"]:
        found.setdefault(f["id"], []).append(f)
    # what earlier tests have dropped stays counted
    for name in ("in-plaintext", "out-plaintext"):
        found.pop(name, None)
    return done.returncode, found


def found(*args):
    return {name: len(all_) for name, all_ in doctor(*args)[1].items()}


def test_healthy(bench):
    """First of all: the counters are still 0."""
    bench.fresh()
    Quad(0).add()
    Quad(1, ue="fd33::11", local="fd33::1").add()
    done = gmguard("doctor")
    tap.ok(done.returncode == 0 and done.stdout == "Nothing found.\n",
           "doctor: nothing is found on a healthy P-CSCF",
           done.stdout + done.stderr)


def test_plaintext(bench):
    bench.fresh()
    send_plain(3)
    text = gmguard("doctor")
    tap.ok(text.returncode == 0 and "note in-plaintext (1)" in text.stdout and
           "packets came in clear for protected ports" in text.stdout,
           "AT-01 doctor: plaintext that was dropped is a note, exit status 0",
           text.stdout)
    with udp("pcscf", "10.33.0.1", 6101) as proxy, \
            contextlib.suppress(PermissionError):
        proxy.sendto(b"OPTIONS sip:x SIP/2.0\r\n\r\n", ("10.33.0.12", 5060))
    text = gmguard("doctor")
    tap.ok(text.returncode == 1 and "warning out-plaintext (1)" in text.stdout
           and "exempt" in text.stdout and "monitor drops" in text.stdout,
           "AT-26 doctor: plaintext that was to leave is a warning, exit "
           "status 1, and exempt is explained", text.stdout)


def test_inexact(bench):
    bench.fresh()
    Quad(0, exact=False).add("A", "D")
    status, got = doctor()
    tap.ok(status == 1 and found() == {"selector-inexact": 2} and
           got["selector-inexact"][0]["severity"] == "error" and
           "port is missing" in got["selector-inexact"][0]["what"],
           "GM-03 doctor: selectors that are not exact are found", got)


def test_incomplete(bench):
    bench.fresh()
    Quad(0).add("A", "B", "C")
    tap.equal(found(), {"set-incomplete": 1},
              "GM-04 doctor: a set without its SA D is found")


def test_policies(bench):
    """None, and one that leads to another SA."""
    bench.fresh()
    q = Quad(0)
    q.add()
    netns.ip(q.policy("C", "delete"), "pcscf")
    status, got = doctor()
    tap.ok(status == 1 and list(got) == ["policy-missing"] and
           "no out policy leads TCP and UDP to it"
           in got["policy-missing"][0]["what"] and
           "SA 0x80002002 10.33.0.1:6110 > 10.33.0.11:31001"
           in got["policy-missing"][0]["what"],
           "GM-04 doctor: an SA that no policy leads to is found", got)
    netns.ip(Quad(0, reqid=1).policy("C"), "pcscf")
    tap.equal(found(), {"policy-missing": 1},
              "GM-04 doctor: ... also when it leads to another")


LISTEN = """import signal, socket
s = socket.socket()
s.bind(("10.33.0.1", 6101))
s.listen()
print("listening", flush=True)
signal.pause()
"""


def test_leftover(bench):
    """SAs that are older than the proxy."""
    bench.fresh()
    Quad(0).add()
    state.wait(lambda: adopted()[0]["sa"][0]["age_ms"] >= 4000, pause=0.5)
    proxy = netns.popen("pcscf", [sys.executable, "-c", LISTEN],
                        stdout=subprocess.PIPE)
    try:
        proxy.stdout.readline()     # it listens
        status, got = doctor()
        tap.ok(status == 1 and list(got) == ["set-leftover"] and
               "process %d" % proxy.pid in got["set-leftover"][0]["what"] and
               not got["set-leftover"][0]["fixable"],
               "GM-10 doctor: SAs that are older than who listens are found",
               got)
        Quad(1, ue="10.33.0.12").add()
        tap.equal(found(), {"set-leftover": 1},
                  "GM-10 doctor: ... but not the younger ones")
    finally:
        proxy.kill()
        proxy.wait()
        proxy.stdout.close()


def test_spi(bench):
    bench.fresh()
    q = Quad(0)
    q.spis["B"] = q.spis["A"]
    q.add()
    tap.equal(found(), {"spi-shared": 1},
              "GM-06 doctor: a UE's SPI that the P-CSCF took too is found")


def use(q):
    """The UE sends on SA A, which proves the set."""
    src, sport, dst, dport = q.flow("A")
    netns.ip("xfrm state flush\nxfrm policy flush\n" + q.state("A") +
             q.policy("A"), "ue1")
    with netns.ns("ue1"):
        ue = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ue.bind((src, sport))
    with udp("pcscf", dst, dport) as proxy:
        ue.sendto(b"REGISTER sip:home SIP/2.0\r\n\r\n", (dst, dport))
        proxy.recv(2000)
    ue.close()


def restart():
    """The proxy was started again and made the same set with other SPIs."""
    old, new = Quad(0), Quad(0)
    new.spis = {n: spi + 0x100 for n, spi in new.spis.items()}
    old.add(policies=False)
    state.wait(lambda: adopted()[0]["sa"][0]["age_ms"] >= 1000, pause=0.2)
    new.add()
    return old, new


def spis():
    return {s.spi for s in Xfrm("pcscf").states()}


def test_duplicates(bench):
    """What a restart leaves is deleted when the UE uses what is new."""
    bench.fresh()
    show("limits", "grace-ms=1s")
    old, new = restart()
    status, got = doctor("--fix")
    tap.ok(status == 1 and len(got["state-duplicate"]) == 4 and
           not any(f["fixable"] for f in got["state-duplicate"]) and
           spis() == set(old.spis.values()) | set(new.spis.values()),
           "GM-10 doctor --fix: nothing is deleted while the newer set is not "
           "in use", got)
    use(new)
    state.wait(lambda: all(f["fixable"] for f in
                           doctor()[1]["state-duplicate"]), 20, 0.2)
    tap.equal(spis(), set(old.spis.values()) | set(new.spis.values()),
              "GM-10 doctor: without --fix nothing is deleted")
    done = gmguard("doctor", "--fix")
    tap.ok(done.stdout.count(": deleted\n") == 4 and
           "SA 0x%08x" % old.spis["A"] in done.stdout and
           spis() == set(new.spis.values()),
           "GM-10 doctor --fix: what is left over is deleted, and said",
           done.stdout)
    tap.equal((found(), len(adopted())), ({}, 1),
              "GM-10 doctor: ... then nothing is found any more")


def test_duplicate_in_use(bench):
    """The older set is the one that the UE uses."""
    bench.fresh()
    show("limits", "grace-ms=1s")
    old, new = restart()
    use(old)
    use(new)
    state.wait(lambda: all(sa["first_use_ms"] is None or
                           sa["first_use_ms"] >= 2000 for a in adopted()
                           for sa in a["sa"]), 20, 0.2)
    doctor("--fix")
    tap.equal(spis(), set(old.spis.values()) | set(new.spis.values()),
              "GM-10 doctor --fix: a set that may be in use is not deleted")


KNOBS = ("ipv4/conf/gm0/disable_xfrm", "ipv4/conf/gm0/disable_policy",
         "ipv6/conf/gm0/disable_policy")


def knobs(value=None):
    """What they are; or set them all."""
    got = []
    with netns.ns("pcscf"):
        for knob in KNOBS:
            with open("/proc/sys/net/" + knob, "r+" if value else "r",
                      encoding="ascii") as f:
                if value:
                    f.write(value)
                else:
                    got.append(f.read().strip())
    return got


def test_interfaces(bench):
    bench.fresh()
    knobs("1")
    status, got = doctor()
    tap.ok(status == 1 and {n: len(v) for n, v in got.items()} ==
           {"iface-xfrm": 1, "iface-policy": 2} and
           all(f["fixable"] and "gm0" in f["what"] for v in got.values()
               for f in v) and knobs() == ["1"] * 3,
           "GM-01 doctor: an interface that evades IPsec is found", got)
    done = gmguard("doctor", "--fix")
    tap.ok(knobs() == ["0"] * 3 and done.stdout.count(": set to 0\n") == 3,
           "GM-01 doctor --fix: ... and set right", done.stdout)
    tap.equal(found(), {}, "GM-01 doctor: ... then nothing is found any more")


def test_together(bench):
    """Many at once: text shows some of each kind, JSON all."""
    bench.fresh()
    netns.ip("".join(Quad(i, ue="10.33.3.%d" % (i + 1)).state("A")
                     for i in range(30)), "pcscf")
    text = gmguard("doctor").stdout
    tap.ok("warning set-incomplete (30)" in text and
           "(--json lists all 30)" in text and
           text.count("3 of 4") + text.count("1 of 4") == 10 and
           len(doctor()[1]["set-incomplete"]) == 30,
           "doctor: text shows ten of a kind, JSON all", text)


def test_refused(bench):
    bench.fresh()
    refused(4, NO_PERMISSION, "doctor", before=WITHOUT_CAP,
            title="AT-34 doctor: nothing without CAP_NET_ADMIN")
    refused(4, NO_PERMISSION, "doctor", "--fix", before=WITHOUT_CAP,
            title="AT-34 doctor: ... and nothing is mended")
