# SPDX-License-Identifier: GPL-2.0-or-later
"""SIGHUP while UEs are registered: what differs is applied, their SA sets live
on, and a file that is wrong changes nothing."""
import signal

import netns
import state
import tap
from pcscf import PORT_PS

EXTRA = 6103


def configure(b, change):
    """Another configuration file, made from the usual one; its lines."""
    path = b.pcscf.write_conf()
    with open(path, encoding="ascii") as f:
        text = change(f.read())
    with open(path, "w", encoding="ascii") as f:
        f.write(text)
    return text.splitlines()


def reload(b, said):
    """SIGHUP, and the agent's answer in its log; whether it came."""
    start = len(b.pcscf.log("gmguardd.log"))
    b.pcscf.agent.send_signal(signal.SIGHUP)
    return state.wait(
        lambda: said in b.pcscf.log("gmguardd.log")[start:], 60)


def more_ports(text):
    return text.replace("port_ps = %d" % PORT_PS,
                        "port_ps = %d, %d" % (PORT_PS, EXTRA))


def endpoints(b):
    return {e["endpoint"]["local-addr"]: e["endpoint"]
            for e in b.g.dump("endpoint-get")}


def facts(b):
    """What a reload must not change."""
    with netns.ns("pcscf"), open("/proc/thread-self/net/tcp",
                                 encoding="ascii") as f:
        sockets = sorted(line.split()[9] for line in f.readlines()[1:]
                         if line.split()[3] in ("0A", "01"))
    return (sorted(s["id"] for s in b.sets()), b.pcscf.agent.poll(), sockets)


def test_differences(b):
    b.fresh()
    phones = b.registered(3)
    before, old = facts(b), endpoints(b)
    configure(b, lambda text: text)
    tap.ok(reload(b, "configuration read again") and endpoints(b) == old and
           facts(b) == before, "SIGHUP: a file without a difference changes "
           "nothing")
    configure(b, more_ports)
    tap.ok(reload(b, "was changed, its SA sets live on"),
           "SIGHUP: endpoints are changed")
    tap.ok(all(EXTRA in e["port-ps"] for e in endpoints(b).values()),
           "SIGHUP: the new port is guarded", endpoints(b))
    tap.equal(facts(b), before, "SIGHUP: no set is lost, no socket is new")
    b.works(phones, "SIGHUP: UEs that are registered talk on")
    tap.ok(b.only(phones[0]) and b.one(phones[0].register(
        protected=True)) == 200, "SIGHUP: and register again on their SAs")
    configure(b, lambda text: text)
    reload(b, "configuration read again")
    tap.equal(endpoints(b)[netns.access_addr("pcscf")]["port-ps"], [PORT_PS],
              "SIGHUP: and back")
    b.works(phones, "SIGHUP: UEs talk on after that, too")


def test_refused(b):
    b.fresh()
    phones = b.registered()
    before, old = facts(b), endpoints(b)
    guarding = {s["local-addr"] for s in b.sets()}
    configure(b, lambda text: text.replace("port_ps = %d" % PORT_PS,
                                           "port_ps = %d" % EXTRA))
    tap.ok(reload(b, "stays as it was: ") and facts(b) == before and
           all(endpoints(b)[addr] == old[addr] for addr in guarding),
           "SIGHUP: the port of a live set does not go",
           b.pcscf.tail("gmguardd.log", 10))
    b.works(phones, "SIGHUP: its UE talks on")
    configure(b, lambda text: text)
    reload(b, "configuration read again")


def start(b):
    """The agent is killed and starts with the file as it is; what it says."""
    b.kill_agent()
    mark = len(b.pcscf.log("gmguardd.log"))
    b.pcscf.start_agent(["-c", b.pcscf.path("gmguard.conf")])
    b.pcscf.wait_connected()
    return b.pcscf.log("gmguardd.log")[mark:]


def test_start(b):
    """The file was changed, and then the agent crashed."""
    b.fresh()
    phones = b.registered(2)
    before = sorted(s["id"] for s in b.sets())
    configure(b, more_ports)
    said = start(b)
    tap.ok("was changed, its SA sets live on" in said and all(
        EXTRA in e["port-ps"] for e in endpoints(b).values()),
           "start with another file: endpoints are changed", said)
    tap.equal(sorted(s["id"] for s in b.sets()), before,
              "start with another file: no set is lost")
    b.works(phones, "start with another file: UEs talk on")
    old, guarding = endpoints(b), {s["local-addr"] for s in b.sets()}
    configure(b, lambda text: text.replace("port_ps = %d" % PORT_PS,
                                           "port_ps = %d" % EXTRA))
    said = start(b)
    tap.ok("stays as it was: " in said and all(
        endpoints(b)[addr] == old[addr] for addr in guarding),
           "start with a file that the kernel refuses: the endpoint stays, "
           "and the agent runs", said)
    b.works(phones, "start with a file that the kernel refuses: UEs talk on")
    configure(b, lambda text: text)
    tap.ok(reload(b, "configuration read again") and all(
        e["port-ps"] == [PORT_PS] for e in endpoints(b).values()),
           "SIGHUP after that: the file counts again", endpoints(b))
    b.works(phones, "SIGHUP after that: UEs talk on")


def test_wrong(b):
    b.fresh()
    phones = b.registered()
    before, old = facts(b), endpoints(b)
    lines = configure(b, lambda text: more_ports(text) + "port_sp = 1\n")
    tap.ok(reload(b, "gmguard.conf:%d: unknown key port_sp" % len(lines)) and
           reload(b, "the old configuration stays"),
           "SIGHUP: a wrong file is refused, with its line",
           b.pcscf.tail("gmguardd.log", 10))
    tap.equal((endpoints(b), facts(b)), (old, before),
              "SIGHUP: a wrong file changes nothing")
    b.works(phones, "SIGHUP: UEs talk on")
    configure(b, lambda text: text)


def test_policy(b):
    """The security policy counts for the next registration."""
    b.fresh()
    phone = b.registered()[0]
    configure(b, lambda text: text.replace(
        "encryption = preferred", "encryption = required").replace(
            "aes-cbc, null", "aes-gcm"))
    reload(b, "configuration read again")
    b.works([phone], "SIGHUP: another security policy leaves sets alone")
    code = b.one(b.fleet.phone().register())
    tap.ok(code != 200, "SIGHUP: and counts for new registrations", code)
    configure(b, lambda text: text)
    reload(b, "configuration read again")
    b.registers(b.fleet.phone(), "SIGHUP: until the old one is back")
