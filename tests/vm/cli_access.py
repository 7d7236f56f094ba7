# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may use gmguard, what it never shows, and life without the module."""
import subprocess

import tap
from clibench import (CK, IK, MODULE, NO_PERMISSION, NOT_LOADED, SALTED,
                      SALTED2, WITHOUT_CAP, Monitor, everything, gmguard,
                      new_set, refused, send_plain, set_args, show)

VERBS = (
    (), ("show", "endpoints"), ("show", "sets"), ("show", "set", "1"),
    ("show", "limits"), ("stats",), ("monitor",), ("monitor", "events"),
    ("monitor", "drops"), ("limits",), ("limits", "max-sets=5"),
    ("limits", "max-impi-sets=5"), ("dump",),
    ("endpoint", "new", "addr=10.33.0.1", "port-ps=7001",
     "port-pc=7002-7005"),
    ("endpoint", "del", "1"), ("endpoint", "del", "10.33.0.1"),
    ("set", "new", *set_args(60, endpoint=1)),
    ("set", "change", "1", "lifetime=1h"), ("set", "del", "1"),
    ("set", "del", "all"))


def test_permission(bench):
    bench.fresh()
    new_set(0)
    before = show("dump")
    for verb in VERBS:
        refused(4, NO_PERMISSION, *verb, before=WITHOUT_CAP,
                title='AT-34 cli: "gmguard %s" without CAP_NET_ADMIN'
                % " ".join(verb)[:50])
    refused(4, NO_PERMISSION, "show", before=["unshare", "--user",
                                              "--map-root-user"],
            title="AT-34 cli: root of a user namespace may not see another's")
    nobody = gmguard("show", before=["setpriv", "--reuid=65534",
                                     "--clear-groups"])
    tap.ok(nobody.returncode == 4 and NO_PERMISSION in nobody.stderr,
           "AT-34 cli: nor may another user", nobody.stderr)
    for verb in (("reasons",), ("help",), ("--version",),
                 ("check-config", "/dev/null")):
        tap.equal(gmguard(*verb, before=WITHOUT_CAP).returncode, 0,
                  'cli: "gmguard %s" needs no permission' % " ".join(verb))
    after = show("dump")
    tap.ok(after["endpoints"] == before["endpoints"] and
           after["limits"] == before["limits"] and
           [s["id"] for s in after["sets"]] ==
           [s["id"] for s in before["sets"]],
           "AT-34 cli: nothing has changed")


def test_other_namespace(bench):
    bench.fresh()
    s = new_set(0)["id"]
    m = Monitor(ns="core")
    tap.equal(show(ns="core"), {"endpoints": [], "sets": [], "adopted": []},
              "AT-34 cli: another namespace sees nothing")
    refused(1, "no such SA set", "set", "del", str(s), ns="core",
            title="AT-34 cli: ... cannot delete a set")
    refused(1, "no such SA set", "show", "set", str(s), ns="core",
            title="AT-34 cli: ... nor see one")
    gmguard("set", "change", str(s), "agent-data=y")
    send_plain(1)
    tap.equal(m.lines(), [], "AT-34 cli: ... nor hear of one")
    m.end()
    tap.equal(sum(r["packets"] for r in show("stats", ns="core")["reason"]),
              0, "AT-34 cli: ... and has counters of its own")
    own = gmguard("show", before=["unshare", "--user", "--map-root-user",
                                  "--net"])
    tap.ok(own.returncode == 0 and "No SA sets" in own.stdout,
           "AT-34 cli: a container sees its own, empty namespace",
           own.stdout + own.stderr)


def test_secrets(bench):
    """Verbs that show a set with each kind of key, then all that was ever
    printed."""
    bench.fresh()
    for i, keys in enumerate((
            {"ealg": "aes-cbc", "ealg_key": CK},
            {"alg": "null", "alg_key": None, "ealg": "aes-gcm",
             "ealg_key": SALTED},
            {"alg": "aes-gmac", "alg_key": SALTED2})):
        s = str(new_set(i, **keys)["id"])
        for verb in (("show",), ("show", "set", s), ("dump",),
                     ("set", "change", s, "agent-data=x")):
            gmguard(*verb)
            gmguard("-j", *verb)
        refused(2, "ealg-key: not hexadecimal", "set", "new", *set_args(
            9, alg="null", alg_key=None, ealg="aes-gcm",
            ealg_key=SALTED[:-1] + "x"))
    text = "\n".join(everything).lower()
    # key, salt and any half of a key
    parts = [IK[:32], CK]
    for key in (SALTED, SALTED2):
        parts += [key[:16], key[16:32], key[32:]]
    tap.equal([p for p in parts if p in text], [],
              "GM-21 GM-27 cli: no key and no salt was ever printed")
    tap.ok(len(text) > 10000, "cli: (there was enough to look at)",
           len(text))


def test_not_loaded(bench):
    bench.clean()
    m = Monitor()
    subprocess.run(["rmmod", "gmguard"], check=True)
    try:
        status = m.p.wait(10)
        text = m.p.stderr.read().decode()
        tap.ok(status == 3 and "the kernel module gmguard was unloaded"
               in text, "cli: monitor ends with 3 when the module goes", text)
        for verb in ((), ("stats",), ("monitor",), ("limits",), ("dump",),
                     ("set", "del", "all"), ("endpoint", "del", "1"),
                     ("set", "new", *set_args(1, endpoint=1))):
            refused(3, NOT_LOADED, *verb,
                    title='cli: "gmguard %s" without the module ends with 3'
                    % " ".join(verb)[:40])
        refused(2, "set id", "set", "del", "x")
        tap.equal(gmguard("reasons").returncode, 0,
                  "cli: gmguard reasons needs no module")
    finally:
        subprocess.run(["insmod", MODULE], check=True)
    tap.equal(gmguard().returncode, 0, "cli: and again with the module")
