# SPDX-License-Identifier: GPL-2.0-or-later
"""ENDPOINT_SET: what is guarded changes in one step, and SA sets live on."""
from errno import EBUSY, EEXIST, EINVAL, ENOENT

import netns
import state
import tap
from esp import ESP, UDP, Injector, ip, udp
from sets_endpoint import below, wrong_policies
from statebench import udp as udp_socket

MESSAGE = (b"MESSAGE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\n"
           b"Call-ID: c\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n")
CORE = {4: [{"addr": "10.44.0.0", "len": 24}],
        6: [{"addr": "fd44::", "len": 64}]}


def change(b, ep, **over):
    """All of it is sent: what it was, and what is to be another way."""
    kept = {name: ep[name] for name in (
        "local-addr", "port-ps", "port-pc", "port-unprotected", "exempt",
        "emergency", "stun") if name in ep}
    kept.update(over)
    kept = {k: v for k, v in kept.items() if v is not None}
    return b.g.do("endpoint-set", {"endpoint": kept})["endpoint"]


def arrives(b, addr, ue, port, sport=4000):
    """Does a MESSAGE in clear reach the port? Counted by its drop otherwise."""
    drops = sum(state.drops(b.g).values())
    with udp_socket("pcscf", addr, port, 0.1) as sock, \
            udp_socket("ue1", ue, sport) as client:
        client.sendto(MESSAGE, (addr, port))

        def seen():
            try:
                return sock.recv(2000) == MESSAGE
            except TimeoutError:
                return False
        got = []
        state.wait(lambda: got.append(seen()) or got[-1] or
                   sum(state.drops(b.g).values()) > drops, 30)
        return got[-1]


def carried(s):
    """Does SA A still bring something to port_ps?"""
    src, sport, dst, dport = s.flow("A")
    with udp_socket("pcscf", dst, dport) as sock:
        Injector("ue1").send(ip(src, dst, ESP, s.esp("A").seal(
            udp(src, dst, sport, dport, MESSAGE), UDP)))
        return sock.recv(2000) == MESSAGE


def test_ports(b):
    for version in (4, 6):
        b.fresh()
        ue = netns.access_addr("ue1", version)
        ep = state.endpoint(b.g, version)
        s = state.new_set(b.g, ep, ue=ue, **state.established())
        addr = ep["local-addr"]
        tap.ok(carried(s) and arrives(b, addr, ue, 7101), "ipv%d before: the "
               "set carries, another port is an ordinary one" % version)
        kept = {p.index for p in b.x.policies()}
        new = change(b, ep, **{"port-ps": ep["port-ps"] + [7101],
                               "port-unprotected": [5060, 5070]})
        tap.equal((new["id"], new["sets"], new["port-ps"]),
                  (ep["id"], 1, ep["port-ps"] + [7101]),
                  "ipv%d endpoint-set: the same endpoint has another port and "
                  "its set" % version)
        tap.ok(not arrives(b, addr, ue, 7101) and
               not arrives(b, addr, ue, 5070),
               "GM-01 GM-02 ipv%d endpoint-set: new ports are guarded"
               % version)
        wrong = wrong_policies(b.x.policies(), new)
        tap.ok(not wrong and kept < {p.index for p in b.x.policies()},
               "ipv%d endpoint-set: policies come, and those that stay are "
               "not touched" % version, wrong)
        tap.ok(carried(s), "ipv%d endpoint-set: the set carries on" % version)
        change(b, ep)
        tap.ok(arrives(b, addr, ue, 7101) and arrives(b, addr, ue, 5070),
               "ipv%d endpoint-set: ports that go are ordinary ones" % version)
        tap.equal({p.index for p in b.x.policies()}, kept,
                  "ipv%d endpoint-set: their policies go" % version)
        tap.ok(carried(s) and not arrives(b, addr, ue, ep["port-ps"][0]),
               "GM-01 ipv%d endpoint-set: the rest is guarded, and the set "
               "carries on" % version)


def test_flags(b):
    b.fresh()
    ep = state.endpoint(b.g, 4)
    b.g.events(0)
    new = change(b, ep, emergency=True, stun=True, exempt=CORE[4])
    tap.equal((new.get("emergency"), new.get("stun"), new["exempt"]),
              (True, True, CORE[4]), "endpoint-set: flags and exempt peers")
    tap.equal(b.g.event(10), ("event-ntf", {"event": "endpoint-change",
                                            "endpoint": new}),
              "event endpoint-change shows what the reply showed")
    wrong = wrong_policies(b.x.policies(), new)
    tap.ok(not wrong, "endpoint-set: exempt peers have their policy", wrong)
    tap.equal(change(b, ep), ep, "endpoint-set: what is left out goes")


def test_exempt(b):
    """A core peer may send anything to an unprotected port, others not."""
    b.fresh()
    ep = state.endpoint(b.g, 4)
    addr, ue = ep["local-addr"], netns.access_addr("ue1", 4)
    peer = [{"addr": ue, "len": 32}]
    before = arrives(b, addr, ue, 5060)
    change(b, ep, exempt=peer)
    during = arrives(b, addr, ue, 5060)
    change(b, ep)
    tap.equal((before, during, arrives(b, addr, ue, 5060)),
              (False, True, False),
              "GM-02 endpoint-set: an exempt peer comes, and goes")


def test_priority(b):
    b.fresh()
    ep = state.endpoint(b.g, 4, **{"policy-priority": 5000})
    new = change(b, ep, stun=True)
    tap.equal(new["policy-priority"], 5000,
              "endpoint-set: the priority stays unless it is given")


def test_refused(b):
    for version in (4, 6):
        b.fresh()
        ue = netns.access_addr("ue1", version)
        ep = state.endpoint(b.g, version, **{"port-ps": [6101, 6102]})
        s = state.new_set(b.g, ep, ue=ue, **state.established())
        b.g.events(0)
        free = [p for p in ep["port-pc"] if p != s.port_pc]
        host = {"addr": ue, "len": 32 if version == 4 else 128}
        for what, over, code, words in (
                ("port-ps of a set goes", {"port-ps": [
                    p for p in (6101, 6102) if p != s.port_ps]}, EBUSY,
                 ["port that would go"]),
                ("port-pc of a set goes", {"port-pc": free}, EBUSY,
                 ["port that would go"]),
                ("UE of a set becomes exempt", {"exempt": [host]}, EBUSY,
                 ["exempt"]),
                ("audit", {"audit": True}, EINVAL, ["audit"]),
                ("another priority", {"policy-priority": 4000}, EINVAL,
                 ["policy-priority"])):
            b.refused("ipv%d endpoint-set: %s: refused" % (version, what),
                      lambda over=over: change(b, ep, **over), code, words,
                      attr="endpoint")
        b.refused("ipv%d endpoint-set: no port-ps: refused" % version,
                  lambda: change(b, ep, **{"port-ps": None}), EINVAL,
                  ["port-ps", "missing"], missing="endpoint.port-ps")
        other = "10.33.0.99" if version == 4 else "fd33::99"
        b.refused("ipv%d endpoint-set of an address that is not guarded: "
                  "refused" % version, lambda other=other: change(
                      b, ep, **{"local-addr": other}), ENOENT,
                  ["not guarded"], attr=below("local-addr"))
        tap.ok(carried(s), "ipv%d after all that the set carries" % version)


def test_foreign_policy(b):
    """In the way of the second of two ports: the first one's goes again."""
    b.fresh()
    ep = state.endpoint(b.g, 4)
    netns.ip("xfrm policy add src %s/32 dst 0.0.0.0/0 proto tcp sport 7102 "
             "dir out priority 9999 action block\n" % ep["local-addr"],
             "pcscf")
    b.g.events(0)
    b.refused("endpoint-set: a policy of another program is in the way: "
              "refused, and nothing is left over",
              lambda: change(b, ep, **{"port-ps": [7101, 7102]}), EEXIST,
              ["policy"], attr=(None, "endpoint"))
    b.x.flush_policies()
