# SPDX-License-Identifier: GPL-2.0-or-later
"""gmguard show and dump."""
import re
import socket

import netns
import tap
from clibench import IK, IMPI, established, gmguard, new_set, refused, show
from state import sets


def test_tables(bench):
    bench.fresh()
    new_set(0)
    established(3, endpoint="fd33::1", ue="fd33::11", alg="hmac-md5-96",
                alg_key=IK[:32], spi_ps="0xabcdef01", spi_pc="4096")
    text = gmguard("show").stdout
    lines = text.split("SA SETS\n")[1].splitlines()
    starts = {line.index("10.33.0.11") for line in lines
              if "10.33.0.11" in line}
    starts |= {line.index("fd33::11") for line in lines if "fd33::11" in line}
    starts.add(lines[0].index("UE"))
    tap.ok(len(starts) == 1 and lines[0].split() ==
           ["ID", "UE", "PHASE", "LEFT", "IN", "OUT", "ALGORITHMS", "IMPI"],
           "cli: IPv4 and IPv6 stand below the same heading", text)
    tap.ok("uc 20006/0x00001006 us 20007/0x00001007 pc 6110/0x00001000 "
           "ps 6101/0xabcdef01" in text and "established, in use" in text and
           IMPI in text and "hmac-md5-96/null" in text and "59m5" in text,
           "cli: show has ports, SPIs, phase, IMPI, algorithms, time left",
           text)


def test_detail(bench):
    bench.fresh()
    first = established(0, agent_data='{"a": 1}', seq_a=5, seq_b=7,
                        spi_ps="0xabcdef01")
    detail = gmguard("show", "set", str(first["id"])).stdout
    tap.ok(re.search(r"^  A +from UE +port_uc 20000 > port_ps 6101 +"
                     r"0xabcdef01 +5 ", detail, re.M) and
           re.search(r"^  B +to UE +port_ps 6101 > port_uc 20000 +"
                     r"0x00001000 +7 ", detail, re.M) and
           "nothing (initial registration)" in detail and
           re.search(r"^  group +by UE address and port_us\n"
                     r"  emergency +no$", detail, re.M),
           "cli: show set has the four SAs with ports, SPIs and counters",
           detail)
    tap.equal(show("show", "set", str(first["id"]))["agent_data"],
              '{"a": 1}', "cli: show set has the agent's data")
    second = new_set(1, protected_by=first["id"], group=12, emergency=True)
    detail = gmguard("show", "set", str(second["id"])).stdout
    tap.ok(re.search(r"^  protected by +set %d\n  group +12 of this IMPI\n"
                     r"  emergency +yes$" % first["id"], detail, re.M),
           "GM-38 cli: show set has group and emergency", detail)
    refused(1, "no such SA set", "show", "set", "4294967295")


def supersede(number):
    """A set that is superseded, and the one that did it: an older set with no
    more than grace-ms left gives way at once (TS 33.203 7.4)."""
    show("limits", "grace=2h")
    old = established(number)
    new = new_set(number + 1, port_us=old["port_us"], protected_by=old["id"])
    show("set", "change", str(new["id"]), "phase=established", "lifetime=3h")
    return old["id"], new["id"]


def test_superseded(bench):
    bench.fresh()
    old, new = supersede(0)
    tap.equal([(s["id"], s["phase"], s["in_use"])
               for s in show("show", "sets")["sets"]],
              [(old, "superseded", False), (new, "established", True)],
              "GM-33 cli: show sets says which set is superseded")
    text = gmguard("show", "sets").stdout
    tap.ok(re.search(r"^ *%d  10\.33\.0\.11  superseded " % old, text, re.M)
           and re.search(r"^ *%d  10\.33\.0\.11  established, in use " % new,
                         text, re.M), "GM-33 cli: ... as text too", text)
    text = gmguard("stats").stdout
    tap.ok("2 SA sets: 0 temporary, 1 established, 1 superseded, 0 lingering"
           in text and show("stats")["superseded"] == 1,
           "GM-33 cli: stats counts sets by phase", text)
    changed = show("set", "change", str(old), "phase=lingering")
    tap.equal(changed["phase"], "lingering",
              "GM-35 cli: a superseded set can be made lingering")


def test_dump(bench):
    bench.fresh()
    for i in range(3):
        new_set(i)
    established(3, endpoint="fd33::1", ue="fd33::11")
    dump = show("dump")
    tap.ok(set(dump) == {"version", "endpoints", "sets", "adopted",
                          "limits", "stats"}
           and len(dump["sets"]) == 4 and dump["stats"]["endpoints"] == 2 and
           dump["stats"]["temporary"] == 3 and
           dump["stats"]["established"] == 1 and
           dump["limits"]["emergency_ms"] == 7200000 and
           [(e["emergency"], e["audit"]) for e in dump["endpoints"]] ==
           [(False, False)] * 2 and
           all(r["audited"] == 0 for r in dump["stats"]["reason"]),
           "cli: dump has everything", dump)
    tap.equal(sorted(s["id"] for s in sets(bench.g)),
              [s["id"] for s in dump["sets"]],
              "cli: the sets are those that another program sees")


def ue_xfrm(s):
    """SA A of a set on the UE's side, by another program."""
    netns.ip("xfrm state flush\nxfrm policy flush\n"
             "xfrm state add src 10.33.0.11 dst 10.33.0.1 proto esp spi %d "
             "reqid 1 mode transport auth-trunc hmac(sha1) 0x%s 96 enc "
             "ecb(cipher_null) \"\"\n"
             "xfrm policy add src 10.33.0.11/32 dst 10.33.0.1/32 proto udp "
             "sport %d dport 6101 dir out tmpl proto esp reqid 1 mode "
             "transport\n" % (s["spi_ps"], IK, s["port_uc"]), "ue1")


def test_counters(bench):
    bench.fresh()
    s = established(20)
    ue_xfrm(s)
    with netns.ns("ue1"):
        ue = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        ue.bind(("10.33.0.11", s["port_uc"]))
    with netns.ns("pcscf"):
        proxy = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        proxy.bind(("10.33.0.1", 6101))
    proxy.settimeout(5)
    for _ in range(5):
        ue.sendto(b"OPTIONS sip:home SIP/2.0\r\n\r\n", ("10.33.0.1", 6101))
        proxy.recv(2000)
    got = show("show", "set", str(s["id"]))["sa"][0]
    tap.ok(got["packets"] == 5 and got["seq"] == 5 and got["bytes"] > 5 * 28,
           "GM-07 cli: show set counts packets, bytes and the last sequence "
           "number of SA A", got)
    text = gmguard("show", "sets").stdout
    tap.ok(re.search(r"^ *%d  10.33.0.11  established, in use +\S+ +5 +0 "
                     % s["id"], text, re.M),
           "cli: show sets counts packets from the UE", text)
    ue.close()
    proxy.close()


def test_many(bench):
    bench.fresh()
    ep = show("show", "endpoints")["endpoints"][0]["id"]
    made = bench.g.multi([("sa-set-new", {"sa-set": {
        "endpoint-id": ep, "ue-addr": "10.33.1.%d" % (1 + i % 200),
        "port-uc": 20000 + i, "port-us": 30000 + i,
        "spi-uc": 0x10000 + i, "spi-us": 0x20000 + i,
        "alg": "hmac-sha-1-96", "alg-key": IK, "ealg": "null",
        "impi": "ue%d@home" % i}}) for i in range(500)])
    bad = [m for m in made if isinstance(m, Exception)]
    tap.ok(not bad, "cli: make 500 sets", bad[:3])
    shown = show("show", "sets")["sets"]
    tap.ok(len(shown) == 500 and len({s["impi"] for s in shown}) == 500 and
           shown == sorted(shown, key=lambda s: s["id"]),
           "cli: 500 sets are shown, each once and by id", len(shown))
    text = gmguard("show", "sets").stdout
    tap.equal(len(text.splitlines()), 1001, "cli: ... as text too")
    done = gmguard("set", "del", "all")
    tap.equal(len(done.stdout.splitlines()), 500,
              "cli: set del all deletes 500 sets")


def test_hostile_text(bench):
    bench.fresh()
    s = new_set(50, impi="\x1b[31mevil\x07@\x9b")
    text = gmguard("show").stdout + gmguard("show", "set", str(s["id"])).stdout
    tap.ok("\x1b" not in text and "\x9b" not in text and
           r"\x1b[31mevil\x07@\xc2\x9b" in text,
           "cli: an IMPI cannot drive the terminal", text)
    tap.equal(s["impi"], "\x1b[31mevil\x07@\x9b",
              "cli: ... and is unchanged in JSON")
