# SPDX-License-Identifier: GPL-2.0-or-later
"""gmguard peer: by the program itself."""
import json
import os
import tempfile

import netns
import rulenet
import tap
from esp import TCP, UDP
from rulenet import addr, load

GMGUARD = os.environ.get("GMGUARD") or os.path.join(
    os.environ["GMGUARD_TOP"], "agent", "gmguard")

FILE = """\
[node]
port = udp/5060
port = tcp/5060
port = tcp/5061/tls

[router]
access_dev = acc*
core_dev = core0
ue_to_ue = yes

[peer pcscf]
class = own
addresses = 10.44.0.1/32
addresses = fd44::1/128
port = udp/5060
dev = core0

[peer hss]
class = own
addresses = 10.44.0.7/32
esp = yes
reqid = 7
mark = 42
mark_mask = 255
if_id = 9

[peer partner]
class = partner
addresses = 10.60.0.0/24

[peer tunnel]
class = partner
protected_by = network
addresses = 10.61.0.0/24

[pool ims]
addresses = 10.50.0.0/16
port = tcp/443

[core nodes]
addresses = 10.44.0.0/24

[destination dns]
addresses = 10.44.0.53/32
port = udp/53
port = icmp
port = esp
port = udp/20000-30000

[binding ue1]
addresses = 10.50.1.11/32
dev = acc1

[domain abroad]
addresses = 10.60.9.0/24
esp = yes
"""


def gmguard(*args, **kwargs):
    return netns.run("scscf", [GMGUARD, *args], check=False, **kwargs)


def shown():
    """{name: rule} of the peers."""
    done = gmguard("peer", "show", "-j")
    return {r["name"]: r for r in json.loads(done.stdout)["rule"]
            if r["kind"] == "peer"}


def test_peer(s):
    """new, show, del."""
    load(s.g, {})
    tap.ok("no ruleset" in gmguard("peer").stdout,
           "NW-03 gmguard peer: says that there is no ruleset")
    done = gmguard("peer", "new", "pcscf", "addr=10.44.0.1,fd44::1",
                   "class=own", "port=udp/5060,tcp/5060", "dev=core0")
    tap.ok(not done.returncode and "pcscf" in done.stdout,
           "NW-03 gmguard peer new: lists a peer", done.stderr)
    ear = rulenet.Ear("scscf", protocols=(UDP, TCP))
    for src, want in ((addr("pcscf"), "in"), ("10.44.0.8", "peer-unknown")):
        s.expect(want, "NW-03 gmguard peer new: then SIP of %s: %s"
                 % (src, want), "pcscf", src, addr("scscf"), UDP, 5060, ear)
    ear.close()
    gmguard("peer", "new", "hss", "addr=10.44.0.7", "class=own",
            "esp", "reqid=7")
    got = shown()
    tap.ok(set(got) == {"pcscf", "hss"} and got["hss"]["esp"] and
           got["hss"]["reqid"] == 7 and not got["hss"]["tls"] and got["pcscf"]["packets"] > 0 and
           got["pcscf"]["prefix"] == ["10.44.0.1/32", "fd44::1/128"] and
           got["pcscf"]["port"] == ["udp/5060", "tcp/5060"],
           "NW-03 gmguard peer show -j: has them with their counters", got)
    for args, words in ((("new", "hss", "addr=10.44.0.9"), "already"),
                        (("new", "x", "addr=10.44.0.9/24"), "addr"),
                        (("new", "x", "addr=10.44.0.7"), "twice"),
                        (("new", "x", "addr=10.44.0.9", "port=udp/0"),
                         "port"),
                        (("new", "x", "addr=10.44.0.9", "reqid=7"), "esp"),
                        (("new", "x", "addr=10.44.0.9", "class=hss"),
                         "partner"),
                        (("new", "x", "addr=10.44.0.9", "protected-by=me"),
                         "network"),
                        (("new", "addr=10.44.0.9"), "name"),
                        (("del", "x"), "no peer"), (("del",), "name")):
        done = gmguard("peer", *args)
        tap.ok(done.returncode in (1, 2) and words in done.stderr and
               set(shown()) == {"pcscf", "hss"},
               "NW-03 gmguard peer %s: is refused" % " ".join(args),
               done.stderr)
    gmguard("peer", "del", "hss")
    tap.equal(list(shown()), ["pcscf"], "NW-03 gmguard peer del: takes one "
              "off, the other stays")


def test_load(s):
    """load and dump; what is wrong changes nothing."""
    load(s.g, {})
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "rules")
        with open(path, "w", encoding="ascii") as f:
            f.write(FILE)
        done = gmguard("peer", "load", path)
        tap.ok(not done.returncode, "NW-03 gmguard peer load: takes a file",
               done.stderr)
        tap.equal(gmguard("peer", "dump").stdout, FILE,
                  "NW-03 gmguard peer dump: is the same file again")
        again = gmguard("peer", "load", input=gmguard("peer", "dump").stdout)
        tap.ok(not again.returncode and
               gmguard("peer", "dump").stdout == FILE,
               "NW-03 gmguard peer load: and can be loaded again", again.stderr)
        lines = "".join("10.%d.%d.1\n" % (i >> 8, i & 255)
                        for i in range(10000))
        with open(path + ".big", "w", encoding="ascii") as f:
            f.write("# many\n" + lines)
        for text, words in (
                ("[node]\nports = udp/5060\n", "unknown key"),
                ("[peers x]\naddresses = 10.0.0.1\n", "unknown section"),
                ("[peer x]\naddresses = 10.0.0.1/8\n", "addresses"),
                ("[peer x]\ndev = a\ndev = b\n", "twice"),
                ("[peer x]\n[peer x]\n", "second"),
                ("port = udp/1\n", "before any section"),
                ("[peer x]\naddress_file = /nowhere\n", "address_file"),
                ("[peer x]\naddresses = 10.0.0.1\n", "guard nothing")):
            done = gmguard("peer", "load", input=text)
            tap.ok(done.returncode == 1 and words in done.stderr and
                   gmguard("peer", "dump").stdout == FILE,
                   "NW-03 gmguard peer load: %r is refused" % text,
                   done.stderr)
        done = gmguard("peer", "load", input="[node]\nport = udp/5060\n"
                       "[peer big]\naddress_file = %s.big\n" % path)
        tap.ok(not done.returncode and
               len(shown()["big"]["prefix"]) == 10000,
               "NW-03 gmguard peer load: 10,000 addresses of a file",
               done.stderr)
    done = gmguard("peer", "load", "/dev/null")
    tap.ok(not done.returncode and "no ruleset" in done.stdout,
           "NW-03 gmguard peer load: an empty file removes it", done.stderr)
