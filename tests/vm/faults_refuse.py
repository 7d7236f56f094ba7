# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel refuses, at each step that asks it for something."""
import re
import subprocess

import netns
import state
import tap
from faults_stop import coded


def logged(b, mark, pattern):
    """Whether both logs say it since then; for a test's detail the text."""
    texts = [b.pcscf.log(n)[m:] for n, m in zip(
        ("gmguardd.log", "kamailio.log"), mark)]
    return all(re.search(pattern, t) for t in texts), "\n".join(texts)[-1500:]


def mark(b):
    return [len(b.pcscf.log(n)) for n in ("gmguardd.log", "kamailio.log")]


def on_answer(b, status, action):
    """Does something before the home network sends this to a REGISTER."""
    def alter(_, answer):
        if answer[0].startswith(status):
            b.home.alter = None
            action()
        return answer
    b.home.alter = alter


def refused(b, phone, script, codes, pattern, text):
    """A registration that fails; the UE then has what it had before."""
    start, before = mark(b), [s["id"] for s in b.sets_of(phone)]
    code = b.one(script)
    said, log = logged(b, start, pattern)
    tap.ok(code in codes and said, text + ": the UE gets %s, both logs say why"
           % " or ".join(map(str, codes)), "%d\n%s" % (code, log))
    tap.ok(b.pump(lambda: [s["id"] for s in b.sets_of(phone)] == before, 30),
           text + ": nothing of it stays, nothing else goes",
           [before, b.sets_of(phone)])


def foreign_set(b, phone, **over):
    """An established set of somebody else at the UE's address."""
    ep = [e["endpoint"] for e in b.g.dump("endpoint-get")
          if (":" in e["endpoint"]["local-addr"]) == (":" in phone.addr)][0]
    return state.new_set(b.g, ep, ue=phone.addr, **state.established(**over))


def test_port_uc_in_use(b):
    """GM-11: somebody authenticated has (UE address, port_uc)."""
    b.fresh()
    text = "GM-11 SM4, (UE address, port_uc) is in use"
    phone = b.fleet.phone()
    port = b.fleet.port_uc() + 1        # that of the next SM1
    other = foreign_set(b, phone, **{"port-uc": port})
    refused(b, phone, phone.register(), (403,), "kernel refused", text)
    tap.ok(state.get_set(b.g, other.id), text + ": the other one keeps its set")
    state.del_set(b.g, other.id)
    b.registers(phone, text + ": with it gone, the UE registers")


def test_port_us_in_use(b):
    b.fresh()
    text = "GM-11 SM4, another identity has (UE address, port_us)"
    phone = b.fleet.phone()
    other = foreign_set(b, phone, **{"port-us": 5065})
    refused(b, phone, phone.register(), (403,), "kernel refused", text)
    state.del_set(b.g, other.id)
    b.registers(phone, text + ": with it gone, the UE registers")


def test_full_at_sm4(b):
    b.fresh()
    text = "AT-39 SM4, the table is full"
    phone = b.registered()[0]
    state.limits(b.g, max_sets=1)
    other = b.fleet.phone()
    refused(b, other, other.register(), (503,), "max-sets", text)
    refused(b, phone, phone.register(protected=True), (503,), "max-sets",
            text + ", on SAs")
    b.works([phone], text + ": the UE that is registered talks on")
    state.limits(b.g, max_sets=2)
    tap.equal(b.one(phone.register(protected=True)), 200,
              text + ": with room for one more, it registers on its SAs")


def test_impi_limit_at_sm4(b):
    b.fresh()
    text = "GM-12 AT-37 SM4, the identity would have too many sets"
    phone = b.registered()[0]
    state.limits(b.g, max_impi_sets=1)
    refused(b, phone, phone.register(protected=True), (403, 503),
            "max-impi-sets", text)
    b.works([phone], text + ": the UE talks on")
    state.limits(b.g, max_impi_sets=3)
    tap.equal(b.one(phone.register(protected=True)), 200,
              text + ": with the limit raised it registers on its SAs")


def test_impi_limit_at_sm10(b):
    """The limit falls while the core thinks."""
    b.fresh()
    text = "GM-12 AT-37 SM10, the identity would have too many sets"
    phone = b.registered()[0]
    on_answer(b, "200", lambda: state.limits(b.g, max_impi_sets=1))
    refused(b, phone, phone.register(protected=True), (503,),
            "max-impi-sets", text)
    b.works([phone], text + ": the UE talks on, on the set that it had")
    state.limits(b.g, max_impi_sets=3)
    tap.equal(b.one(phone.register(protected=True)), 200,
              text + ": with the limit raised it registers")


def delete_state(spi, addr):
    """Another program deletes one of the four states."""
    local = netns.access_addr("pcscf", 6 if ":" in addr else 4)
    netns.ip("xfrm state delete src %s dst %s proto esp spi 0x%x\n"
             % (addr, local, spi), "pcscf")


def test_set_lost(b):
    """The set goes while a registration is under way on it."""
    b.fresh()
    b.fleet.patience = 5
    for status in ("200", "403"):
        text = "AT-41 SM10, the set was lost, the core says %s" % status
        phone = b.fleet.phone()

        def lose(_, answer, phone=phone, status=status):
            if answer[0].startswith("200"):
                b.home.alter = None
                delete_state(phone.offered.spi_ps, phone.addr)
                if status == "403":
                    return "403 Forbidden", ""
            return answer

        b.home.alter = lose
        code = b.one(phone.register())
        tap.ok(code == 0 and not b.sets_of(phone), text + ": nothing reaches "
               "the UE, because nothing could be protected", code)
        b.registers(phone, text + ": it tries again and registers")
    b.fleet.patience = 128
    tap.equal(b.fleet.wrong, [], "GM-01 AT-41 and nothing left in clear")


def test_endpoint_lost(b):
    """Somebody takes the endpoint away, and the agent is started again."""
    b.fresh()
    text = "GM-20 SM4, nobody guards the address any more"
    phone = b.fleet.phone()
    on_answer(b, "401", lambda: state.clear(b.g))
    start = mark(b)
    code = b.one(phone.register())
    said, log = logged(b, start, "endpoint")
    tap.ok(code == 503 and said, text + ": 503, both logs say why",
           "%d\n%s" % (code, log))
    b.kill_agent()
    b.restart()
    b.registers(phone, text + ": an agent that starts puts it back")


def test_sm7_of_nobody(b):
    """The temporary set has ended before SM7 comes."""
    b.fresh()
    b.fleet.patience = 5
    text = "GM-28 SM7 after the temporary set has ended"
    phone = b.fleet.phone()
    auth = phone.challenged(b.one(phone.sm1()))
    state.del_set(b.g, b.sets_of(phone)[0]["id"])
    tap.equal(b.one(coded(phone.sm7(auth))), 0, text + ": no answer")
    b.fleet.patience = 128
    b.registers(phone, text + ": the UE registers anew")
    no_xfrm = subprocess.run(["ip", "-n", netns.PREFIX + "pcscf", "xfrm",
                              "state", "count"], capture_output=True,
                             text=True, check=True).stdout
    tap.ok("SAD count 4" in no_xfrm, text + ": four states, no larval one",
           no_xfrm)
