# SPDX-License-Identifier: GPL-2.0-or-later
"""gmguard show: the SAs of other programs beside our own sets."""
import re

import netns
import tap
from clibench import (NO_PERMISSION, WITHOUT_CAP, established, gmguard,
                      new_set, refused, show)
from foreign import KEY, Quad, flush
from state import wait


def adopted(ns="pcscf"):
    return show("show", "adopted", ns=ns)["adopted"]


def names(one):
    """The SAs of one set in letters."""
    return "".join(sa["name"] or "?" for sa in one["sa"])


def test_none(bench):
    bench.fresh()
    text = gmguard().stdout
    tap.ok(adopted() == [] and "ADOPTED" not in text and
           "No adopted SAs" in gmguard("show", "adopted").stdout,
           "adopted: none are shown where there are none", text)


def test_quad(bench):
    """One registration of Kamailio's, IPv4 and IPv6."""
    bench.fresh()
    quads = [Quad(0), Quad(1, ue="fd33::11", local="fd33::1")]
    for q in quads:
        q.add()
    shown = adopted()
    tap.equal([(a["ue_addr"], a["local_addr"], names(a), a["complete"],
                a["made_by"]) for a in shown],
              [("10.33.0.11", "10.33.0.1", "abcd", True, "Kamailio"),
               ("fd33::11", "fd33::1", "abcd", True, "Kamailio")],
              "GM-04 adopted: four states are one set, by UE")
    tap.equal([tuple(shown[0][p] for p in ("port_uc", "port_us", "port_pc",
                                           "port_ps")) for _ in (0,)],
              [(31000, 31001, 6110, 6101)], "GM-04 adopted: ... its ports")
    tap.equal({sa["name"].upper(): sa["spi"] for sa in shown[0]["sa"]},
              quads[0].spis, "GM-04 adopted: ... the SPI of each SA")
    a = shown[0]["sa"][0]
    tap.ok(a["selector"] == "exact" and a["direction"] == "in" and
           a["condition"] == "valid" and a["lifetime_ms"] == 0 and
           a["reqid"] == a["spi"] and a["mode"] == 0 and a["mark"] is None
           and a["alg"] == "hmac(sha1)" and a["ealg"] == "ecb(cipher_null)"
           and a["age_ms"] < 60000 and a["first_use_ms"] is None and
           a["last_use_ms"] is None and a["packets"] == 0 and
           a["src_addr"] == "10.33.0.11" and a["dst_addr"] == "10.33.0.1",
           "GM-03 adopted: ... all that xfrm knows of one", a)
    text = gmguard().stdout
    tap.ok(re.search(r"^10\.33\.0\.11  complete +\S+ +never +0 +0  hmac\(sha1"
                     r"\)/ecb\(cipher_null\)  Kamailio$", text, re.M) and
           "uc 31000/0x80002001 us 31001/0x80002002 pc 6110/0x00002003 "
           "ps 6101/0x00002000" in text and "SA SETS" not in text,
           "GM-04 adopted: ... as text too", text)
    raw = str(bench.g.dump("adopted-get")) + text + str(show("dump"))
    tap.ok(KEY.hex() not in raw and str(KEY) not in raw and
           repr(KEY)[2:-1] not in raw, "GM-21 adopted: never a key", raw)


def test_owners(bench):
    """Who made them, as far as the reqid tells."""
    bench.fresh()
    swapped = Quad(2, ue="10.33.0.13")
    Quad(1, ue="10.33.0.12", reqid=7).add()
    Quad(0).add()
    for n in "ABCD":
        spi = swapped.spis[n].to_bytes(4, "big")
        swapped.reqid = int.from_bytes(spi, "little")
        swapped.add(n)
    tap.equal([a["made_by"] for a in adopted()],
              ["Kamailio", "IKE daemon", "OpenSIPS"],
              "adopted: the reqid tells Kamailio, IKE daemons and OpenSIPS")
    netns.ip(Quad(3, ue="10.33.0.14").state("A").replace("reqid 8204 ", ""),
             "pcscf")
    tap.equal(adopted()[-1]["made_by"], "other program",
              "adopted: ... and what is none of them")


def test_incomplete(bench):
    bench.fresh()
    Quad(0).add("A", "B", "D")
    Quad(1, ue="10.33.0.12").add("C")
    shown = adopted()
    tap.equal([(names(a), a["complete"]) for a in shown],
              [("abd", False), ("c", False)],
              "GM-04 adopted: what is missing is missing")
    text = gmguard("show", "adopted").stdout
    tap.ok("A B D only" in text and "C only" in text and
           "us -/-" not in text and
           "uc -/- us 31003/0x80002006 pc 6110/- ps -/-" in text,
           "GM-04 adopted: ... as text too", text)


def test_two_registrations(bench):
    """One UE before and after a re-registration: other ports and SPIs."""
    bench.fresh()
    old, new = Quad(0), Quad(1, port_pc=6111)
    old.add()
    new.add()
    shown = adopted()
    tap.equal(sorted((a["port_uc"], a["port_us"], a["port_pc"], names(a))
                     for a in shown),
              [(31000, 31001, 6110, "abcd"), (31002, 31003, 6111, "abcd")],
              "GM-04 adopted: two registrations of a UE are two sets")


INEXACT = (
    ("ports", "mode transport", "src 10.33.0.12/32 dst 10.33.0.1/32 "
     "proto udp dport 6101", 6101, None),
    ("addresses", "mode transport", "src 10.33.0.0/24 dst 10.33.0.1/32 "
     "proto udp sport 40000 dport 6101", 6101, 40000),
    ("none", "mode transport", None, None, None),
    ("mode", "mode tunnel", "src 10.33.0.12/32 dst 10.33.0.1/32 "
     "proto tcp sport 40000 dport 6101", 6101, 40000),
)


def test_inexact(bench):
    bench.fresh()
    for i, (why, mode, sel, local, ue) in enumerate(INEXACT):
        netns.ip("xfrm state add src 10.33.0.12 dst 10.33.0.1 proto esp spi "
                 "%d reqid 9 %s auth-trunc hmac(sha1) 0x%s 96 enc "
                 "ecb(cipher_null) \"\"%s\n" % (
                     0x7000 + i, mode, KEY.hex(),
                     " sel " + sel if sel else ""), "pcscf")
        got = [(sa["spi"], sa["selector"], sa["local_port"], sa["ue_port"],
                sa["ue_addr"], sa["name"]) for a in adopted()
               for sa in a["sa"] if sa["spi"] == 0x7000 + i]
        tap.equal(got, [(0x7000 + i, why, local, ue, "10.33.0.12", None)],
                  "GM-03 adopted: a selector that is not exact: %s" % why)
    text = gmguard("show", "adopted").stdout
    tap.ok(all("inexact: " + why in text for why, *_ in INEXACT) and
           text.count("its packets are dropped") == 4,
           "GM-03 adopted: ... as text too", text)


def test_not_ours(bench):
    """States that have nothing to do with a protected port."""
    bench.fresh()
    gmguard("endpoint", "del", "10.33.0.1")
    gmguard("endpoint", "new", "addr=10.33.0.1", "port-ps=6101",
            "port-pc=6110-6117", "exempt=10.33.0.99")
    Quad(0, local="10.44.0.1").add()
    Quad(1, port_ps=7101, port_pc=7110).add()
    Quad(2, ue="10.33.0.99").add()
    Quad(3, ue="10.33.0.99", exact=False).add("A")
    netns.ip("xfrm state add src 10.33.0.12 dst 10.33.0.1 proto ah spi "
             "0x7100 mode transport auth-trunc hmac(sha1) 0x%s 96 sel src "
             "10.33.0.12/32 dst 10.33.0.1/32 proto udp sport 4 dport 6101\n"
             "xfrm state add src 10.33.0.12 dst 10.33.0.1 proto esp spi "
             "0x7101 mode tunnel auth-trunc hmac(sha1) 0x%s 96 enc "
             "ecb(cipher_null) \"\"\n" % (KEY.hex(), KEY.hex()), "pcscf")
    tap.equal(adopted(), [], "adopted: other addresses, other ports, exempt "
              "peers, AH and tunnels of other flows are not shown")


def test_side_by_side(bench):
    """Owned and adopted sets live side by side."""
    bench.fresh()
    s = established(0)
    Quad(0).add()
    new_set(1)
    both = show()
    tap.ok([x["id"] for x in both["sets"]][0] == s["id"] and
           len(both["sets"]) == 2 and
           [names(a) for a in both["adopted"]] == ["abcd"],
           "GM-04 adopted: owned sets are no adopted SAs", both)
    text = gmguard().stdout
    tap.ok(text.index("SA SETS") < text.index("ADOPTED SAS"),
           "adopted: show has both", text)
    tap.equal(len(show("dump")["adopted"]), 1, "adopted: dump has them too")
    gmguard("set", "del", "all")
    tap.equal([names(a) for a in adopted()], ["abcd"],
              "adopted: they stay when our sets go")
    flush()
    tap.equal(adopted(), [], "GM-10 adopted: after a flush none is shown")


def test_expired(bench):
    """A soft limit passes; then the hard one."""
    bench.fresh()
    Quad(0, more="limit time-soft 1 limit time-hard 600").add("A")
    gone = []

    def expiring():
        gone[:] = [sa for a in adopted() for sa in a["sa"]
                   if sa["condition"] == "expiring"]
        return gone
    wait(expiring)
    tap.ok(gone and gone[0]["lifetime_ms"] == 600000,
           "adopted: a passed soft limit and the lifetime show", adopted())


def test_access(bench):
    bench.fresh()
    Quad(0).add()
    refused(4, NO_PERMISSION, "show", "adopted", before=WITHOUT_CAP,
            title="AT-34 adopted: nobody without CAP_NET_ADMIN sees them")
    tap.equal(adopted(ns="core"), [],
              "AT-34 adopted: another namespace sees none of them")
