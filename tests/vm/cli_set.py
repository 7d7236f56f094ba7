# SPDX-License-Identifier: GPL-2.0-or-later
"""gmguard set: new, change, del."""
import tempfile

import tap
from clibench import (CK, IK, IMPI, SALTED, SALTED2, established, gmguard,
                      new_set, refused, set_args, show, xfrm_state)


def test_new(bench):
    bench.fresh()
    made = new_set(0, agent_data='{"a": 1}', port_pc=6112)
    got = {k: made[k] for k in ("ue_addr", "port_uc", "port_us", "port_pc",
                                "port_ps", "spi_uc", "spi_us", "impi", "alg",
                                "ealg", "phase", "agent_data", "in_use",
                                "protected_by", "group", "emergency", "cause",
                                "local_addr")}
    tap.equal(got, {"ue_addr": "10.33.0.11", "port_uc": 20000,
                    "port_us": 20001, "port_pc": 6112, "port_ps": 6101,
                    "spi_uc": 0x1000, "spi_us": 0x1001, "impi": IMPI,
                    "alg": "hmac-sha-1-96", "ealg": "null",
                    "phase": "temporary", "agent_data": '{"a": 1}',
                    "in_use": False, "protected_by": None, "group": None,
                    "emergency": False, "cause": None,
                    "local_addr": "10.33.0.1"},
              "cli: set new prints what the kernel has made")
    tap.ok(0 < made["lifetime_ms"] <= 240000,
           "cli: a temporary set lives as long as the limit says", made)
    tap.equal([(sa["name"], sa["spi"]) for sa in made["sa"]],
              [("a", made["spi_ps"]), ("b", 0x1000), ("c", 0x1001),
               ("d", made["spi_pc"])],
              "GM-04 cli: the four SAs A to D have the SPIs of 33.203 7.1")
    tap.equal(xfrm_state().count("0x" + IK), 4,
              "cli: the key of the command line is in the four states")


def test_new_all(bench):
    bench.fresh()
    old = new_set(0, endpoint="fd33::1", ue="fd33::11", phase="established",
                  lifetime="1h", group=3, emergency=True)
    six = new_set(3, endpoint="fd33::1", ue="fd33::11", alg="hmac-md5-96",
                  alg_key=IK[:32], phase="established", lifetime="1h30m",
                  spi_ps="0xabcdef01", spi_pc="4096", seq_b=7, seq_a=5,
                  protected_by=old["id"], group=4294967295)
    tap.ok(six["phase"] == "established" and
           5390000 < six["lifetime_ms"] <= 5400000 and
           six["spi_ps"] == 0xabcdef01 and six["spi_pc"] == 4096 and
           [sa["seq"] for sa in six["sa"]] == [5, 7, 0, 0],
           "cli: SPIs, phase, lifetime and sequence numbers can be given",
           six)
    tap.equal([(s["protected_by"], s["group"], s["emergency"])
               for s in (old, six)],
              [(None, 3, True), (old["id"], 4294967295, False)],
              "GM-38 cli: the registration group, and whether it is an "
              "emergency one, can be given")


def test_keys(bench):
    bench.fresh()
    with tempfile.NamedTemporaryFile("w", dir="/tmp") as f:
        f.write("0x" + IK.upper() + "\n")
        f.flush()
        done = gmguard("set", "new", *set_args(
            1, alg_key="@" + f.name, ealg="aes-cbc", ealg_key="-"), stdin=CK)
    tap.ok(done.returncode == 0 and xfrm_state().count("0x" + CK) == 4,
           "cli: keys come from a file and from standard input", done.stderr)
    swapped = set_args(2, ealg="aes-cbc", alg_key=None)
    done = gmguard("set", "new", "ealg-key=-", *swapped, "alg-key=-",
                   stdin=CK + "\n" + IK + "\n")
    tap.ok(done.returncode == 0 and xfrm_state().count("0x" + CK) == 8,
           "cli: two lines of standard input are keys in argument order",
           done.stderr)


def test_salted(bench):
    """aes-gcm and aes-gmac: one key, which ends in a salt."""
    bench.fresh()
    made = [new_set(0, alg="null", alg_key=None, ealg="aes-gcm",
                    ealg_key=SALTED),
            show("set", "new", *set_args(1, alg="aes-gmac", alg_key="-"),
                 stdin=SALTED2 + "\n")]
    tap.equal([(s["alg"], s["ealg"]) for s in made],
              [("null", "aes-gcm"), ("aes-gmac", "null")],
              "GM-27 cli: set new takes aes-gcm and aes-gmac")
    tap.equal([xfrm_state().count("0x" + k) for k in (SALTED, SALTED2)],
              [4, 4],
              "GM-27 cli: ... with key and salt")
    text = gmguard("show", "set", str(made[0]["id"])).stdout + \
        gmguard("show", "sets").stdout
    tap.ok("null, aes-gcm" in text and "null/aes-gcm" in text and
           "aes-gmac/null" in text, "cli: show says so", text)
    state = xfrm_state()
    refused(1, "keys", "set", "new", *set_args(
        9, alg="null", alg_key=None, ealg="aes-gcm", ealg_key=SALTED),
            title="GM-27 cli: the key of another set of the IMPI is refused")
    refused(1, "alg", "set", "new", *set_args(9, ealg="aes-gcm",
                                              ealg_key=SALTED))
    refused(1, "alg", "set", "new", *set_args(9, alg="null", alg_key=None))
    refused(1, "ealg", "set", "new", *set_args(
        9, alg="aes-gmac", alg_key=SALTED, ealg="aes-cbc", ealg_key=CK))
    refused(1, "alg-key", "set", "new", *set_args(
        9, alg="null", ealg="aes-gcm", ealg_key=SALTED),
            title="cli: an alg-key for alg=null is refused")
    refused(1, "alg-key", "set", "new", *set_args(
        9, alg="aes-gmac", alg_key=SALTED[:32]),
            title="cli: aes-gmac without a salt is refused")
    refused(1, "ealg-key", "set", "new", *set_args(
        9, alg="null", alg_key=None, ealg="aes-gcm", ealg_key=SALTED[:32]),
            title="cli: aes-gcm without a salt is refused")
    tap.equal(xfrm_state(), state, "cli: ... and no state is made")


def test_refused(bench):
    bench.fresh()
    new_set(4)
    before = show("show", "sets")["sets"]
    state = xfrm_state()
    refused(1, "alg-key has the wrong length", "set", "new",
            *set_args(9, alg_key=IK + "00"))
    refused(2, "alg-key is missing", "set", "new", *set_args(9, alg_key=None))
    refused(1, "ealg-key", "set", "new", *set_args(9, ealg="aes-cbc"))
    refused(1, "ealg-key", "set", "new", *set_args(9, ealg_key=CK))
    refused(1, "ue-addr must be of the same family", "set", "new",
            *set_args(9, ue="fd33::11"))
    refused(1, "endpoint-id", "set", "new", *set_args(9, endpoint="77"))
    refused(1, "no endpoint guards 10.9.9.9", "set", "new",
            *set_args(9, endpoint="10.9.9.9"))
    refused(1, "5060", "set", "new", *set_args(9, port_uc=5060))
    refused(1, "port-pc", "set", "new", *set_args(9, port_pc=7777))
    refused(1, "port-ps", "set", "new", *set_args(9, port_ps=7777))
    refused(1, "phase", "set", "new", *set_args(9, phase="lingering"))
    refused(1, "phase", "set", "new", *set_args(9, phase="superseded"))
    refused(1, "lifetime-ms", "set", "new",
            *set_args(9, phase="established"))
    refused(1, "spi", "set", "new", *set_args(9, spi_us=0x1012))
    refused(2, "spi-uc: 255 is out of range", "set", "new",
            *set_args(9, spi_uc=255))
    refused(2, "impi is missing", "set", "new", *set_args(9, impi=None))
    refused(2, "port-uc is given twice", "set", "new",
            *set_args(9), "port_uc=1")
    tap.equal([s["id"] for s in show("show", "sets")["sets"]],
              [s["id"] for s in before],
              "cli: what is refused changes no set")
    tap.equal(xfrm_state().count("proto esp"), state.count("proto esp"),
              "cli: ... and no xfrm state")


def test_six_sas(bench):
    """The kernel's refusal by the limit max-impi-sets, as a sentence."""
    bench.fresh()
    show("limits", "max-impi-sets=2")
    for i in range(2):
        established(i)
    refused(1, "max-impi-sets", "set", "new",
            *set_args(2, phase="established", lifetime="1h"),
            title="GM-12 cli: one set more of an IMPI than max-impi-sets: "
            "refused with its name")


def test_change(bench):
    bench.fresh()
    number = str(new_set(0)["id"])
    changed = show("set", "change", number, "phase=established",
                   "lifetime=2h", "agent-data=new")
    tap.ok(changed["phase"] == "established" and changed["in_use"] and
           changed["lifetime_ms"] > 7190000 and
           changed["agent_data"] == "new", "cli: set change", changed)
    changed = show("set", "change", number, "lifetime-ms=1000")
    tap.ok(changed["lifetime_ms"] > 7100000,
           "cli: a lifetime only ever grows", changed)
    refused(1, "no such SA set", "set", "change", "99999", "lifetime=1h")
    refused(1, "phase", "set", "change", number, "phase=temporary")
    refused(1, "phase", "set", "change", number, "phase=superseded")
    changed = show("set", "change", number, "phase=lingering")
    tap.ok(changed["phase"] == "lingering" and
           changed["lifetime_ms"] <= 128000,
           "cli: a lingering set has at most grace-ms left", changed)


def test_del(bench):
    bench.fresh()
    first = new_set(0)["id"]
    rest = [new_set(i)["id"] for i in (1, 2)]
    refused(2, "set id", "set", "del", str(first), "x")
    tap.ok(first in [s["id"] for s in show("show", "sets")["sets"]],
           "cli: set del with one wrong id deletes nothing")
    done = gmguard("set", "del", str(first))
    tap.equal((done.returncode, done.stdout), (0, "set %d deleted\n" % first),
              "cli: set del")
    refused(1, "no such SA set", "set", "del", str(first))
    tap.equal(show("set", "del", "all"), {"deleted": rest},
              "cli: set del all")
    tap.equal(xfrm_state().count("proto esp"), 0, "cli: no state is left")
