# SPDX-License-Identifier: GPL-2.0-or-later
"""Other programs delete, flush, expire or replace xfrm states and policies of
ours (AT-41), or put their own policies in front: the set goes whole, policies
come back, and never does anything leave a protected port in clear."""
import netns
import state
import tap
from esp import ESP, TCP, UDP
from sniff import Sniffer
from stateload import Load
from statebench import udp as udp_socket

PROTECTED = {state.PORT_PS, *state.PORT_PC}
ALLOW_ALL = {4: "src 10.33.0.1/32 dst 0.0.0.0/0", 6:
             "src fd33::1/128 dst ::/0"}


def state_of(b, s, name):
    return [x for x in b.x.states() if x.spi == s.spi(name) and
            x.dst == s.flow(name)[2]][0]


def limit(b, s, name):
    """"ip xfrm state update ... limit packet-hard 1"; the load does the
    rest."""
    b.x.limit_packets(state_of(b, s, name), 1)


LOSSES = [("ip xfrm state flush", lambda b, s: b.x.flush_states(), True),
          ("ip xfrm state flush proto esp",
           lambda b, s: b.x.flush_states(ESP), True)]
LOSSES += [("SA %s deleted" % n, lambda b, s, n=n: b.x.delete(
    state_of(b, s, n)), False) for n in state.NAMES]
LOSSES += [("SA %s expired hard" % n, lambda b, s, n=n: b.x.expire(
    state_of(b, s, n)), False) for n in ("A", "C")]
LOSSES += [("SA %s out of packets" % n, lambda b, s, n=n: limit(b, s, n),
            False) for n in ("A", "C")]


def in_clear(sniffer, before=0):
    """What left pcscf's protected ports in clear, as texts."""
    return [str(p) for p in sniffer.find(
        lambda p: p.src in ("10.33.0.1", "fd33::1") and
        p.protocol in (TCP, UDP) and p.sport in PROTECTED, before)]


def talk(load, s, namespace):
    """Everybody sends: the proxy from both of its ports, the UE on A and D;
    the slots of the P-CSCF's two."""
    slots = [load.udp("pcscf", s.local, port, [(s.ue, s.port_us)])
             for port in (s.port_ps, s.port_pc)]
    load.udp(namespace, s.ue, s.port_uc, [(s.local, s.port_ps)])
    load.udp(namespace, s.ue, s.port_us, [(s.local, s.port_pc)])
    return slots


def two_phones(b, version):
    b.fresh()
    ep = state.endpoint(b.g, version)
    made = []
    for name in ("ue1", "ue2"):
        made.append(state.new_set(b.g, ep, ue=netns.access_addr(
            name, version), **state.established()))
        state.install_ue(made[-1], name)
    return ep, made


def clean(made):
    for s, name in zip(made, ("ue1", "ue2")):
        state.remove_ue(s, name)


def test_states(b):
    for version in (4, 6):
        for what, lose, all_of_them in LOSSES:
            _, made = two_phones(b, version)
            label = "AT-41 ipv%d %s" % (version, what)
            sniffer = Sniffer("pcscf")
            with Load() as load:
                slots = talk(load, made[0], "ue1")
                state.wait(lambda: all(load.received(i) for i in slots), 20)
                b.g.events(0)
                lose(b, made[0])
                lost(b, made, label, all_of_them)
                load.wait(30)
                nothing_more(load, slots, label)
            found = in_clear(sniffer)
            tap.ok(not found and sniffer.packets, label + ": nothing leaves "
                   "in clear, before, during or after", found[:5])
            sniffer.close()
            clean(made)


def lost(b, made, label, all_of_them):
    gone = made if all_of_them else made[:1]
    for s in gone:
        told = state.set_event(b.g, "sa-set-del", s.id) if s is gone[0] \
            else state.wait(lambda s=s: not state.get_set(b.g, s.id))
        if s is gone[0]:
            tap.equal(told and told["cause"], "state-lost", label + ": the "
                      "set goes, cause state-lost")
    left = [s["id"] for s in state.sets(b.g)]
    tap.equal((left, len(b.x.states())),
              ([], 0) if all_of_them else ([made[1].id], 4),
              label + ": all four states of it go, %s"
              % ("every set" if all_of_them else "no other set"))


def nothing_more(load, slots, label):
    """The UE still sends, but its packets reach nobody."""
    before = [load.received(i) for i in slots]
    load.wait(30)
    tap.equal([load.received(i) for i in slots], before, label + ": the UE's "
              "packets are no longer delivered")


def policies(b):
    return sorted((p.way, p.priority, p.sel.sport, p.sel.proto, p.sel.dlen,
                   p.action, str(p.templates)) for p in b.x.policies())


def replace_one(b, version):
    """Another program's update takes one of ours away."""
    bits = 32 if version == 4 else 128
    netns.ip("xfrm policy update src %s/%d dst %s proto udp sport 6110 dir "
             "out priority 77 action block\n"
             % (netns.access_addr("pcscf", version), bits,
                "0.0.0.0/0" if version == 4 else "::/0"), "pcscf")


POLICY_LOSSES = [
    ("ip xfrm policy flush", lambda b, version: b.x.flush_policies()),
    ("one policy deleted", lambda b, version: b.x.delete_policy(
        [p for p in b.x.policies() if p.sel.sport == 6110][0])),
    ("one policy replaced", replace_one)]


def test_policies(b):
    for version in (4, 6):
        for what, lose in POLICY_LOSSES:
            label = "AT-41 ipv%d %s" % (version, what)
            _, made = two_phones(b, version)
            before = policies(b)
            sniffer = Sniffer("pcscf")
            with Load() as load:
                slots = talk(load, made[0], "ue1")
                # ports without any set: only the policies refuse them
                load.udp("pcscf", made[0].local, 6117, [(made[0].ue, 40000)])
                state.wait(lambda: all(load.received(i) for i in slots), 20)
                for _ in range(3):
                    lose(b, version)
                back = state.wait(lambda: policies(b) == before, 20)
                load.wait(20)
            tap.ok(back, label + ": they come back", "%r\n%r" % (
                before, policies(b)))
            found = in_clear(sniffer)
            tap.ok(not found and sniffer.packets, label + ": nothing leaves "
                   "in clear meanwhile", found[:5])
            tap.equal([s["id"] for s in state.sets(b.g)],
                      [s.id for s in made], label + ": the sets stay")
            tap.ok(works(made[0]), label + ": and work")
            sniffer.close()
            clean(made)


def works(s):
    """One datagram each way."""
    with udp_socket("ue1", s.ue, s.port_us) as server, \
            udp_socket("ue1", s.ue, s.port_uc) as client, \
            udp_socket("pcscf", s.local, s.port_ps) as port_ps, \
            udp_socket("pcscf", s.local, s.port_pc) as port_pc:
        client.sendto(b"up", (s.local, s.port_ps))
        port_pc.sendto(b"down", (s.ue, s.port_us))
        if (port_ps.recv(100), server.recv(100)) != (b"up", b"down"):
            return False
        port_ps.sendto(b"steered", (s.ue, s.port_us))
        return server.recv(100) == b"steered"


def foreign_tunnel(version, local, ue):
    """A tunnel of another program for all that goes to the UE's network."""
    return ("xfrm state add src %s dst %s proto esp spi 0x7777 reqid 99 mode "
            "tunnel auth-trunc hmac(sha1) 0x%s 96 enc ecb(cipher_null) \"\"\n"
            "xfrm policy add %s dir out priority 10 tmpl src %s dst %s proto "
            "esp reqid 99 mode tunnel\n"
            % (local, ue, "11" * 20, ALLOW_ALL[version], local, ue))


def foreign_transport(version, local, ue):
    return ("xfrm state add src %s dst %s proto esp spi 0x7777 reqid 99 mode "
            "transport auth-trunc hmac(sha1) 0x%s 96 enc ecb(cipher_null) "
            "\"\"\nxfrm policy add %s dir out priority 10 tmpl src %s dst %s "
            "proto esp reqid 99 mode transport\n"
            % (local, ue, "11" * 20, ALLOW_ALL[version], local, ue))


def foreign_bypass(version, *_):
    return "xfrm policy add %s dir out priority 10 action allow\n" \
        % ALLOW_ALL[version]


FOREIGN = [("a bypass policy", foreign_bypass, "out-plaintext"),
           ("a tunnel", foreign_tunnel, "out-not-esp"),
           ("an SA for everything", foreign_transport, "out-not-esp")]


def send_all(s):
    """From each protected port, to the UE's port and to any other."""
    for port in (s.port_ps, s.port_pc):
        with udp_socket("pcscf", s.local, port) as sock:
            for target in (s.port_us, 40000):
                try:
                    sock.sendto(b"x", (s.ue, target))
                except OSError:
                    pass


def test_foreign_policies(b):
    """A policy that comes before ours may stop traffic, never leak it."""
    for version in (4, 6):
        for what, lines, reason in FOREIGN:
            _, made = two_phones(b, version)
            s, label = made[0], "ipv%d %s of another program" % (version,
                                                                 what)
            netns.ip(lines(version, s.local, s.ue), "pcscf")
            sniffer = Sniffer("pcscf")
            before = state.drops(b.g).get(reason, 0)
            send_all(s)
            counted = state.wait(lambda: state.drops(b.g).get(
                reason, 0) >= before + 2, 10)
            left = in_clear(sniffer) + [str(p) for p in sniffer.find(
                lambda p: p.protocol == ESP and p.spi == 0x7777)]
            tap.ok(counted and not left, "AT-31 GM-01 %s in front of ours: "
                   "dropped as %s, nothing leaves" % (label, reason),
                   "%s %s" % (left[:5], state.drops(b.g)))
            sniffer.close()
            netns.ip("xfrm policy delete %s dir out\n" % ALLOW_ALL[version],
                     "pcscf")
            if "state" in lines(version, s.local, s.ue):
                netns.ip("xfrm state delete src %s dst %s proto esp spi "
                         "0x7777\n" % (s.local, s.ue), "pcscf")
            tap.ok(works(s), "%s is gone: the set works" % label)
            clean(made)


def test_disable_xfrm(b):
    """A device that bypasses xfrm."""
    _, made = two_phones(b, 4)
    s = made[0]
    for name in ("disable_xfrm", "disable_policy"):
        path = "/proc/sys/net/ipv4/conf/gm0/" + name
        with netns.ns("pcscf"), open(path, "w", encoding="ascii") as file:
            file.write("1")
        sniffer = Sniffer("pcscf")
        with netns.ns("pcscf"):
            netns.ip("route flush cache\n", "pcscf")
        send_all(s)
        if name == "disable_xfrm":
            state.wait(lambda: state.drops(b.g).get("out-plaintext", 0) >= 2,
                       10)
        tap.ok(not in_clear(sniffer), "GM-01 ipv4 %s of the device: nothing "
               "leaves in clear" % name, in_clear(sniffer)[:5])
        plain(s)
        with netns.ns("pcscf"), open(path, "w", encoding="ascii") as file:
            file.write("0")
        sniffer.close()
    tap.ok(state.drops(b.g).get("in-plaintext"), "GM-01 ipv4 disable_policy "
           "of the device: what comes in clear is dropped")
    netns.ip("route flush cache\n", "pcscf")
    clean(made)


def plain(s):
    """In clear from the attacker to port_ps; True if it was delivered."""
    with udp_socket("attacker", "10.33.0.66", 5000) as sock, \
            udp_socket("pcscf", s.local, s.port_ps, 0.3) as server:
        sock.sendto(b"plain", (s.local, s.port_ps))
        try:
            return bool(server.recv(100))
        except TimeoutError:
            return False
