# SPDX-License-Identifier: GPL-2.0-or-later
"""gmguard limits."""
import signal

import state
import tap
from clibench import gmguard, new_set, refused, set_args, show
from pcscf import Pcscf

DEFAULTS = {"max_sets": 1048576, "temporary_ms": 240000, "grace_ms": 128000,
            "drop_samples": 10, "max_impi_sets": 3, "max_impi_temporary": 4,
            "max_temporary": 65536, "unprotected_rate": 20,
            "unprotected_burst": 60, "unprotected_total": 20000,
            "unprotected_connections": 4096,
            "unprotected_idle_ms": 1800000, "unprotected_message_ms": 32000,
            "emergency_ms": 7200000, "drop_copies": 0, "nflog_group": 33203}


def test_shown(bench):
    bench.clean()
    got = show("limits")
    tap.equal((got, list(got)), (DEFAULTS, list(DEFAULTS)),
              "cli: limits are shown, in the order of the interface")
    tap.equal(show("show", "limits"), got, "cli: show limits is the same")
    text = gmguard("limits").stdout
    tap.equal([line.split()[:2] for line in text.splitlines()],
              [[k.replace("_", "-"), str(v)] for k, v in DEFAULTS.items()],
              "cli: ... as text too")
    tap.ok(all(len(line) <= 80 for line in text.splitlines()) and
           "(4m0s)" in text and "(2m8s)" in text and "(2h0m)" in text,
           "cli: ... in 80 columns, times with units", text)


def test_changed(bench):
    """Each limit alone, the others stay."""
    bench.clean()
    for name, value, want in (
            ("max-sets", "2", 2), ("temporary-ms", "3m", 180000),
            ("grace", "1h", 3600000), ("drop-samples", "0", 0),
            ("max-impi-sets", "7", 7), ("max_impi_temporary", "1", 1),
            ("max-temporary", "4294967295", 4294967295),
            ("unprotected-rate", "0", 0), ("unprotected-burst", "1", 1),
            ("unprotected_total", "1000000", 1000000),
            ("unprotected-connections", "8192", 8192),
            ("unprotected-idle-ms", "1m", 60000),
            ("unprotected-message-ms", "500ms", 500),
            ("emergency-ms", "1h30m", 5400000), ("drop-copies", "20", 20),
            ("nflog-group", "65535", 65535)):
        key = {"grace": "grace_ms"}.get(name, name.replace("-", "_"))
        tap.equal(show("limits", "%s=%s" % (name, value)),
                  dict(DEFAULTS, **{key: want}),
                  "cli: limits %s=%s changes that, others stay"
                  % (name, value))
        bench.clean()
    tap.equal(show("limits", "temporary=3m", "drop-samples=0", "max-sets=2"),
              dict(DEFAULTS, temporary_ms=180000, drop_samples=0, max_sets=2),
              "cli: several limits are changed at once")


def test_in_force(bench):
    bench.fresh()
    show("limits", "temporary=3m", "max-sets=2")
    made = [new_set(i)["lifetime_ms"] for i in range(2)]
    tap.ok(max(made) <= 180000, "cli: changed limits are in force", made)
    refused(1, "max-sets", "set", "new", *set_args(2))


def test_refused(bench):
    bench.clean()
    refused(2, "grace-ms", "limits", "grace=0", "temporary=1m")
    refused(1, "temporary-ms", "limits", "max-sets=5",
            "temporary-ms=4294967295",
            title="cli: a time that the kernel does not take is refused by "
            "its name")
    refused(1, "emergency-ms", "limits", "emergency-ms=49d", "max-sets=5")
    for name, value in (("unprotected-rate", "1000001"),
                        ("unprotected-burst", "1000001"),
                        ("unprotected-total", "1000001"),
                        ("unprotected-connections", "8193"),
                        ("drop-copies", "10001"), ("nflog-group", "65536")):
        refused(2, name, "limits", "%s=%s" % (name, value), "max-sets=5")
    refused(2, "unprotected-burst", "limits", "unprotected-burst=0",
            "temporary=1m")
    refused(2, "max-impi-sets", "limits", "max-impi-sets=0", "temporary=1m")
    tap.equal(show("limits"), DEFAULTS,
              "cli: one wrong limit changes none")


def test_configured(bench):
    """gmguard.conf has them all, and gmguardd gives them to the kernel."""
    bench.clean()
    want = {name: value + 1 for name, value in DEFAULTS.items()}
    timers = ("temporary_ms", "grace_ms")
    pcscf = Pcscf(versions=())
    path = pcscf.write_conf()
    with open(path, encoding="ascii") as f:
        rest = f.read()

    def configure():
        with open(path, "w", encoding="ascii") as f:
            f.write(rest)
            f.write("[timers]\n" + "".join("%s = %d\n" % (n, want[n])
                                           for n in timers))
            f.write("[limits]\n" + "".join("%s = %d\n" % (n, v)
                                           for n, v in want.items()
                                           if n not in timers))

    configure()
    pcscf.start_agent(["-c", path])
    tap.equal(show("limits"), want,
              "gmguard.conf: every limit is in force when gmguardd has started")
    want["drop_samples"] += 1
    configure()
    show("limits", "unprotected-rate=9")
    want["unprotected_rate"] = 9
    pcscf.agent.send_signal(signal.SIGHUP)
    tap.ok(state.wait(lambda: show("limits") == want),
           "gmguard.conf: one that differs is after SIGHUP, others are left "
           "alone", show("limits"))
    pcscf.stop()
