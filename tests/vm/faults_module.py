# SPDX-License-Identifier: GPL-2.0-or-later
"""The module goes and comes back under the agent."""
import subprocess

import footprint
import state
import tap
from statebench import refcount

# Where the harness keeps the module that this kernel runs.
MODULE = "/run/gmguard-vm/gmguard.ko"


def rmmod(*options):
    done = subprocess.run(["rmmod", *options, "gmguard"], check=False,
                          capture_output=True, text=True)
    return done.returncode == 0 and refcount() is None, done.stderr


def insmod(b):
    subprocess.run(["insmod", MODULE], check=True)
    b.g = state.client()
    b.g.subscribe("events")


def guarded(b):
    """Whether the agent has made its endpoints."""
    return len(b.g.dump("endpoint-get")) == len(b.pcscf.versions)


def test_gone_and_back(b):
    """By force, with UEs registered."""
    b.fresh()
    phones = b.registered(4)
    good, text = rmmod("-f")
    tap.ok(good, "GM-10 rmmod -f with UEs registered", text)
    tap.equal((footprint.count("state"), footprint.count("policy")), (0, 0),
              "GM-10 no state and no policy is left")
    phone = b.fleet.phone()
    tap.equal(b.one(phone.register()), 503,
              "GM-20 without the module a registration gets 503")
    insmod(b)
    tap.ok(state.wait(lambda: guarded(b), 30), "GM-10 the module is back: the "
           "agent makes its endpoints again, unasked", b.g.dump("endpoint-get"))
    state.limits(b.g, grace_ms=6000)
    b.truth("GM-10 and knows that all sets have gone")
    for old in phones:
        old.forget()
    codes = b.run(*(p.register() for p in phones + [phone]))
    tap.equal(codes, [200] * 5, "GM-10 all UEs register anew")
    b.works(phones, "GM-10 and talk")
    b.truth("GM-10 and the agent knows their sets")


def test_under_way(b):
    """Between SM6 and SM7, and between SM1 and SM6."""
    b.fresh()
    phone = b.fleet.phone()
    phone.challenged(b.one(phone.sm1()))
    good, text = rmmod("-f")
    insmod(b)
    tap.ok(good, "GM-10 the module is loaded anew between SM6 and SM7", text)
    phone.forget()
    tap.ok(state.wait(lambda: guarded(b), 30) and
           b.one(phone.register()) == 200,
           "GM-10 then the UE registers anew", b.sets())

    other = b.fleet.phone()

    def reload(_, answer):
        b.home.alter = None
        phone.forget()
        rmmod("-f")
        insmod(b)
        return answer

    b.home.alter = reload
    code = b.one(other.register())
    tap.ok(code in (200, 503), "GM-20 the module is loaded anew between SM1 "
           "and SM6: 200, or 503 and no 401", code)
    state.wait(lambda: guarded(b), 30)
    b.registers(other, "GM-10 and the UE registers")
    tap.equal((b.fleet.wrong, b.home.wrong), ([], []), "GM-01 GM-21 nothing "
              "in clear, no CK or IK")
