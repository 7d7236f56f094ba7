# SPDX-License-Identifier: GPL-2.0-or-later
"""The agent takes what comes and does not answer: no 401 leaves, the UE gets 503
when the proxy has waited long enough, and what the agent does when it goes on
leaves nothing behind."""
import time

import tap
from faults_bench import AGENT_TIMEOUT_MS

# A UE repeats a request after 2 s, and the CPU may be emulated.
SLACK = 10


def stuck(b, script, text):
    """Runs it until there is an answer; then the agent goes on."""
    begin = time.monotonic()
    code = b.one(script)
    took = time.monotonic() - begin
    b.continue_agent()
    return tap.ok(code == 503 and AGENT_TIMEOUT_MS / 1000 - 1 < took <
                  AGENT_TIMEOUT_MS / 1000 + SLACK, "%s: 503 when the proxy has "
                  "waited %d ms" % (text, AGENT_TIMEOUT_MS), "%d, %.1f s"
                  % (code, took))


def stop_at(b, status):
    """Stops the agent when the home network sends this to a REGISTER."""
    def alter(_, answer):
        if answer[0].startswith(status):
            b.home.alter = None
            b.stop_agent()
        return answer
    b.home.alter = alter


def test_sm1(b):
    b.fresh()
    text = "GM-20 the agent hangs at SM1"
    phone, before = b.fleet.phone(), b.home.requests["REGISTER"]
    b.stop_agent()
    stuck(b, phone.register(), text)
    tap.equal((b.home.requests["REGISTER"], b.sets_of(phone)), (before, []),
              text + ": the core sees nothing, no set is made")
    b.registers(phone, text + ": afterwards the UE registers")


def test_sm4(b):
    """The 401 waits for an agent that makes the set when nobody wants it."""
    b.fresh()
    text = "GM-20 GM-21 the agent hangs at the 401"
    phone = b.fleet.phone()
    stop_at(b, "401")
    stuck(b, phone.register(), text)
    tap.equal(b.fleet.codes[401], 0, text + ": no 401 leaves")
    tap.ok(b.event("sa-set-new", phone) and b.event("sa-set-del", phone) and
           not b.sets_of(phone), text + ": the set that it makes when it goes "
           "on is taken back at once", b.sets_of(phone))
    b.registers(phone, text + ": afterwards the UE registers")


def test_sm4_on_sas(b):
    b.fresh()
    text = "GM-20 GM-33 the agent hangs at the 401 to a UE that has SAs"
    phone = b.registered()[0]
    b.g.events(0)
    stop_at(b, "401")
    stuck(b, phone.register(protected=True), text)
    tap.ok(b.event("sa-set-new", phone) and b.event("sa-set-del", phone),
           text + ": the new set is taken back")
    tap.ok(b.only(phone), text + ": the old one stays", b.sets_of(phone))
    b.works([phone], text + ": and works")


def test_sm7(b):
    b.fresh()
    text = "GM-20 the agent hangs at SM7"
    phone = b.fleet.phone()
    auth = phone.challenged(b.one(phone.sm1()))
    before = b.home.requests["REGISTER"]
    b.stop_agent()
    stuck(b, coded(phone.sm7(auth)), text)
    tap.equal((b.home.requests["REGISTER"], b.phases_of(phone)),
              (before, ["temporary"]), text + ": the core sees nothing, the "
              "set stays temporary")
    b.registers(phone, text + ": afterwards the UE registers")


def test_sm10(b):
    """The core has accepted; the UE is told that it has not."""
    b.fresh()
    text = "GM-30 the agent hangs at the 200"
    phone = b.fleet.phone()
    stop_at(b, "200")
    stuck(b, phone.register(), text)
    tap.ok(b.pump(lambda: not b.sets_of(phone), 30), text + ": what it "
           "establishes when it goes on is taken back", b.sets_of(phone))
    b.registers(phone, text + ": afterwards the UE registers")


def test_sm10_on_sas(b):
    b.fresh()
    text = "GM-30 GM-33 the agent hangs at the 200 to a UE that has SAs"
    phone = b.registered()[0]
    stop_at(b, "200")
    stuck(b, phone.register(protected=True), text)
    tap.ok(b.only(phone), text + ": the UE keeps the set that it has, and no "
           "other", b.sets_of(phone))
    b.works([phone], text + ": and it works")
    code = b.one(phone.register(protected=True))
    tap.equal(code, 200, text + ": afterwards it registers on it")


def test_message(b):
    b.fresh()
    text = "GM-40 the agent hangs at a MESSAGE"
    phone = b.registered()[0]
    before = b.home.requests["MESSAGE"]
    b.stop_agent()
    stuck(b, phone.message(), text)
    tap.equal(b.home.requests["MESSAGE"], before,
              text + ": nothing goes on without an identity")
    b.works([phone], text + ": the next ones arrive")


def test_deregistration(b):
    b.fresh()
    text = "GM-35 the agent hangs at the 200 to a de-registration"
    phone = b.registered()[0]
    stop_at(b, "200")
    stuck(b, phone.deregister(), text)
    b.registers(phone, text + ": whatever became of it, the UE registers")
    tap.equal((b.fleet.wrong, b.home.wrong), ([], []), "GM-01 GM-21 a hanging "
              "agent: nothing in clear, no CK or IK")


def coded(script):
    """The status code of a script that returns the answer."""
    answer = yield from script
    return int(answer[8:11]) if answer else 0
