# SPDX-License-Identifier: GPL-2.0-or-later
"""A network namespace goes away while sets exist and traffic flows: in, out,
with and without SAs, over UDP and TCP. The kernel must not complain (the
runner looks for that), and the module must hold nothing of it afterwards."""
import netns
import state
import statebench
import tap
from esp import ESP, UDP, ip, udp
from stateload import Load
from statexfrm import Xfrm

TIMES = 20
PORTS = {"port-ps": [6101], "port-pc": [6110, 6111, 6112, 6113]}


def make_space(version):
    """A namespace "gone" on the access bridge; its address."""
    addr = "10.33.0.200" if version == 4 else "fd33::200"
    netns.ip("netns add %sgone\n" % netns.PREFIX)
    netns.ip("link add gone type veth peer name gm0 netns %sgone\n"
             "link set gone addrgenmode none master br-gm up\n"
             % netns.PREFIX, "net")
    netns.ip("link set lo up\nlink set gm0 addrgenmode none up\n"
             "addr add %s dev gm0 %s\n" % (
                 addr + ("/24" if version == 4 else "/64"),
                 "" if version == 4 else "nodad"), "gone")
    return addr


def esp_packets(s):
    """Good packets on SA A: what a UE sends."""
    src, sport, dst, dport = s.flow("A")

    def make(number):
        return ip(src, dst, ESP, s.esp("A").seal(
            udp(src, dst, sport, dport, b"%d" % number), UDP))
    return make


def plain_packets(s):
    src, sport, dst, dport = s.flow("A")
    data = udp(src, dst, sport, dport, b"plain")
    return lambda number: ip(src, dst, UDP, data)


def one_life(version, abrupt, others=0):
    """Made, loaded, deleted; what went wrong. others: sets elsewhere."""
    addr = make_space(version)
    g = state.client("gone")
    ep = g.do("endpoint-new", state.endpoint_attrs(addr, **PORTS))["endpoint"]
    made = [state.new_set(g, ep, **over) for over in (
        state.established(alg="hmac-md5-96", ealg="null"),
        state.established(), {}, {"lifetime-ms": 300})]
    state.change_set(g, made[1].id, phase="lingering")
    # The senders must not inherit it: a socket keeps its namespace.
    g.close()
    s = made[0]
    with Load() as load, Load() as inside:
        load.frames("ue1", esp_packets(s), "gone")
        load.frames("attacker", plain_packets(s), "gone")
        inside.udp("gone", addr, s.port_pc, [(s.ue, s.port_us)])
        inside.udp("gone", addr, s.port_ps, [(s.ue, s.port_us),
                                             (s.ue, 40000)])
        load.wait(50)
        inside.wait(20)
        received = sum(inside.received(i) for i in range(2))
        if not abrupt:
            inside.stop()
        # The last socket goes with the processes, at the latest.
        netns.ip("netns del %sgone\n" % netns.PREFIX)
        inside.stop()
        load.wait(50)
        gone = statebench.settle(others, 30)
    return [] if gone and received else [
        "%d references left, %d packets received"
        % (statebench.refcount(), received)]


def test_namespace_exit(b):
    b.fresh()
    for version in (4, 6):
        for abrupt in (False, True):
            wrong = []
            for _ in range(TIMES // 4):
                wrong += one_life(version, abrupt)
            tap.ok(not wrong, "ipv%d a namespace with endpoint, sets in each "
                   "phase and traffic is deleted %d times%s: nothing of it "
                   "stays" % (version, TIMES // 4, ", by the end of its last "
                              "socket" if abrupt else ""), "\n".join(wrong))


def test_others_unharmed(b):
    """Sets of another namespace, before and after."""
    b.fresh()
    ep = state.endpoint(b.g, 4)
    s = state.new_set(b.g, ep, **state.established())
    wrong = one_life(4, True, 1)
    tap.equal((wrong, [t["id"] for t in state.sets(b.g)], len(b.x.states()),
               statebench.refcount()), ([], [s.id], 4, 1), "a namespace goes: "
              "the sets of another one stay")


def test_policies_and_larval(b):
    """With a listener for acquires, and states of other programs."""
    b.fresh()
    for version in (4, 6):
        addr = make_space(version)
        with state.client("gone") as g:
            ep = g.do("endpoint-new", state.endpoint_attrs(addr, **PORTS))
            state.new_set(g, ep["endpoint"])
        x = Xfrm("gone")
        netns.ip("xfrm state add src %s dst %s proto esp spi 0x999 reqid 1 "
                 "mode tunnel auth-trunc hmac(sha1) 0x%s 96 enc "
                 "ecb(cipher_null) \"\"\n" % (addr, addr, "22" * 20), "gone")
        monitor = netns.popen("gone", ["ip", "xfrm", "monitor"],
                              stdout=-3)
        with Load() as load:
            load.udp("gone", addr, 6110, [(netns.access_addr(
                "ue1", version), 40000)])
            load.wait(20)
            netns.ip("netns del %sgone\n" % netns.PREFIX)
        monitor.kill()
        monitor.wait()
        x.close()
        tap.ok(statebench.settle(0, 30), "ipv%d a namespace with an acquire "
               "listener and a foreign SA goes: nothing of it stays"
               % version, statebench.refcount())
