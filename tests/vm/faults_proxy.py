# SPDX-License-Identifier: GPL-2.0-or-later
"""The proxy goes away in the middle of a registration: what stays ends at its
deadline or makes way for the retry, and the retry registers."""
import tap
from faults_bench import TEMPORARY_MS


def proxy_dies_at(b, status):
    """The agent has the proxy's question about this answer, the proxy is
    killed, and then the agent goes on: with nobody there to hear it."""
    def alter(_, answer):
        if answer[0].startswith(status):
            b.home.alter = None
            b.stop_agent()
        return answer

    b.home.alter = alter
    done = []

    def between():
        if not done and b.home.alter is None and b.agent_has_request():
            done.append(True)
            b.kill_proxy()
            b.continue_agent()
    return between


def interrupted(b, script, status):
    """The UE's procedure, which ends without an answer."""
    b.fleet.patience = 6
    code = b.fleet.run([script], 1, proxy_dies_at(b, status))[0]
    b.fleet.patience = 128
    return code


def begin(b):
    b.fresh()
    other = b.registered()[0]
    b.g.events(0)
    return other


def end(b, other, text):
    """The proxy comes back."""
    kept = b.only(other)
    b.start_proxy()
    tap.ok(kept and b.one(other.message()) == 200, text + ": another UE that "
           "was registered keeps its set and talks on", b.sets_of(other))


def test_before_sm6(b):
    """The set is made for a 401 that nobody sends."""
    other = begin(b)
    text = "GM-28 the proxy is killed between SM1 and SM6"
    phone = b.fleet.phone()
    b.fleet.codes.clear()
    code = interrupted(b, phone.register(), "401")
    tap.ok(code == 0 and b.fleet.codes[401] == 0, text + ": no answer",
           b.fleet.codes)
    tap.ok(b.pump(lambda: not b.sets_of(phone), 2 * TEMPORARY_MS / 1000),
           text + ": no set stays longer than a temporary one may",
           b.sets_of(phone))
    end(b, other, text)
    b.registers(phone, text + ": the retry registers")


def test_same_ports(b):
    """The retry comes at once, with the ports and SPIs of the first try."""
    other = begin(b)
    text = "GM-29 AT-45 the proxy is killed after SM6"
    phone = b.fleet.phone()
    auth = phone.challenged(b.one(phone.sm1()))
    first = phone.offered
    b.kill_proxy()
    tap.ok(auth and b.phases_of(phone) == ["temporary"], text +
           ": the temporary set is there", b.sets_of(phone))
    end(b, other, text)
    code = b.one(phone.register(like=first))
    tap.ok(code == 200 and b.only(phone), text + ": a retry with the same "
           "ports and SPIs takes its place", "%d %r" % (code,
                                                        b.sets_of(phone)))


def test_before_sm12(b):
    """The set is established, and the UE does not know."""
    other = begin(b)
    text = "GM-32 the proxy is killed between SM7 and SM12"
    phone = b.fleet.phone()
    code = interrupted(b, phone.register(), "200")
    tap.ok(code == 0 and b.home.subscribers[phone.impi].contact, text +
           ": the core has registered it, the UE has no answer", code)
    end(b, other, text)
    b.registers(phone, text + ": the retry registers, and whatever was "
                "established before goes")


def test_on_sas(b):
    other = begin(b)
    text = "GM-33 the proxy is killed at the 200 to a UE that has SAs"
    phone = b.registered()[0]
    interrupted(b, phone.register(protected=True), "200")
    end(b, other, text)
    tap.equal(b.one(phone.message()), 200, text + ": its old set works")
    code = b.one(phone.register(protected=True))
    tap.equal((code, b.one(phone.message())), (200, 200),
              text + ": a retry on it registers")
    tap.ok(b.only(phone, 90), text + ": and then only the new set is left",
           b.sets_of(phone))


def test_leaving(b):
    other = begin(b)
    text = "GM-35 the proxy is killed at the 200 to a de-registration"
    phone = b.registered()[0]
    interrupted(b, phone.deregister(), "200")
    end(b, other, text)
    b.registers(phone, text + ": the UE registers")
    tap.equal((b.fleet.wrong, b.home.wrong), ([], []), "GM-01 GM-21 the proxy "
              "killed: nothing in clear, no CK or IK")
    b.truth("GM-10 the proxy killed: the agent knows what the kernel has")
