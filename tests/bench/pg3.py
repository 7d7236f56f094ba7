# SPDX-License-Identifier: GPL-2.0-or-later
"""PG-3: ESP round trips through the whole stack, with gmguard and with xfrm
alone.

A message of a UE on SA A and an answer on SA C, HMAC-SHA-1-96 and AES-CBC or no
encryption, between real sockets in two namespaces, through veth; from inside
the kernel, because system calls cost more in User-Mode Linux than elsewhere and
would hide the difference.
"""
import bench
import netns

MEM = "2G"
UES, SIZE = 100, 600
ROUNDS, LOOPS = (9, 3000) if bench.QUICK else (31, 5000)

# The policies that gmguard has too, for states of uesetup's reqid.
POLICIES = """
xfrm policy add src PCSCF dst 10.64.0.0/10 proto udp sport 6110 dir out tmpl proto esp reqid 1 mode transport
xfrm policy add src PCSCF dst 10.64.0.0/10 proto tcp sport 6110 dir out tmpl proto esp reqid 1 mode transport
xfrm policy add src PCSCF dst 10.64.0.0/10 proto tcp sport 6101 dir out tmpl proto esp reqid 1 mode transport
""".replace("PCSCF", bench.PCSCF)


def trips(name):
    """Round trips a second; none may be lost."""
    def measure():
        found = bench.trips(name, "ue-" + name, UES, SIZE, LOOPS)
        if found["dropped"]:
            raise RuntimeError("%s: %r" % (name, found))
        return found["n"] / found["ns"] * 1e9
    return measure


def measure(b):
    names = ("gmguard", "xfrm", "kamailio")
    for name in names:
        bench.net(name)
        bench.esp_of("ue-" + name, UES)
    g = bench.guard("gmguard")
    bench.uesetup("gmguard", "fixed", 0, UES)
    netns.ip(POLICIES, "xfrm")
    bench.kernel("xfrm", "make %s 0 %d 1" % (bench.PCSCF, UES))
    bench.uesetup("kamailio", "kamailio", 0, UES)
    for name in names:
        trips(name)()
    found = b.rounds("round trips a second", {n: trips(n) for n in names},
                     ROUNDS)
    ratios = [a / base for a, base in zip(found["gmguard"], found["xfrm"])]
    b.goal("ESP round trips a second, %d UEs, %d bytes, AES-CBC and "
           "HMAC-SHA-1-96" % (UES, SIZE), bench.median(ratios), ">=", 0.97,
           "gmguard %.0f, the same states and wildcard policies without it "
           "%.0f, with Kamailio's policies %.0f" % tuple(
               bench.median(found[n]) for n in names))
    g.close()
