# SPDX-License-Identifier: GPL-2.0-or-later
"""NAT and stateless rewriting on the P-CSCF beside gmguard (AT-42): no leak,
no bypass, and honest traffic goes on where the rule leaves it its ports."""
import contextlib

import netns
import state
import tap
from esp import ESP, TCP, UDP, Injector, ip, udp
from sniff import Sniffer
from statebench import tcp as tcp_socket
from statebench import udp as udp_socket
from statetcp import udp_packet

PROTECTED = {state.PORT_PS, *state.PORT_PC}
PORTS = "{ 6101, 6110-6117 }"
FAMILY = {4: "ip", 6: "ip6"}
OTHER = {4: "10.33.0.77", 6: "fd33::77"}        # second address of pcscf
GONE = {4: "10.33.0.99", 6: "fd33::99"}         # nobody's
UE2 = {4: "10.33.0.12", 6: "fd33::12"}
LOCAL = {4: "10.33.0.1", 6: "fd33::1"}

# Rules: (label, what kind of chain, rule). @fam @local @other @gone @ue2 stand
# for the family and addresses, @l4 for "udp" or "tcp" in turn.
# After these, honest traffic has to work.
HARMLESS = [
    ("masquerade", "nat hook postrouting priority 100",
     "oifname gm0 masquerade"),
    ("snat to the address that it has", "nat hook postrouting priority 100",
     "@fam saddr @local @l4 sport @ports snat @fam to @local"),
    ("conntrack", "filter hook input priority 0",
     "ct state invalid drop"),
    ("notrack in", "filter hook prerouting priority -300",
     "@l4 dport @ports notrack"),
    ("notrack out", "filter hook output priority -300",
     "@l4 sport @ports notrack"),
    ("notrack for ESP and all else", "filter hook prerouting priority -300",
     "notrack")]

# These change what leaves a protected port: nothing may leave at all.
HARMFUL_OUT = [
    ("snat to another address", "nat hook postrouting priority 100",
     "@l4 sport @ports snat @fam to @other"),
    ("snat to nobody's address", "nat hook postrouting priority 100",
     "@l4 sport @ports snat @fam to @gone"),
    ("snat to another port", "nat hook postrouting priority 100",
     "@l4 sport @ports snat @fam to @local_port:7000-7999"),
    ("masquerade to other ports", "nat hook postrouting priority 100",
     "@l4 sport @ports masquerade to :7000-7999"),
    ("dnat to another UE", "nat hook output priority -100",
     "@l4 sport @ports dnat @fam to @ue2"),
    ("dnat to another port", "nat hook output priority -100",
     "@l4 sport @ports dnat to :9"),
    ("source port set, output", "filter hook output priority -300",
     "@l4 sport @ports @l4 sport set 7000"),
    ("source port set, output, route", "route hook output priority -150",
     "@l4 sport @ports @l4 sport set 7000 meta mark set 5"),
    ("source port set, postrouting", "filter hook postrouting priority 200",
     "@l4 sport @ports @l4 sport set 7000"),
    ("destination port set, postrouting",
     "filter hook postrouting priority 200",
     "@l4 sport @ports @l4 dport set 9"),
    ("source address set, postrouting",
     "filter hook postrouting priority 200",
     "@l4 sport @ports @fam saddr set @other")]

# These lead what comes to port 9999 to port_ps.
HARMFUL_IN = [
    ("redirect", "nat hook prerouting priority -100",
     "@l4 dport 9999 redirect to :6101"),
    ("dnat", "nat hook prerouting priority -100",
     "@l4 dport 9999 dnat @fam to @local_port:6101"),
    ("dnat from another address", "nat hook prerouting priority -100",
     "@fam daddr @other @l4 dport 9999 dnat @fam to @local_port:6101"),
    ("destination port set", "filter hook prerouting priority -150",
     "@l4 dport 9999 @l4 dport set 6101"),
    ("destination port set, input", "filter hook input priority -10",
     "@l4 dport 9999 @l4 dport set 6101"),
    ("destination port set, notrack", "filter hook prerouting priority -310",
     "@l4 dport 9999 notrack @l4 dport set 6101"),
    ("redirect to port_pc", "nat hook prerouting priority -100",
     "@l4 dport 9999 redirect to :6110")]


def expand(rule, version, l4):
    local = LOCAL[version]
    words = {"@fam": FAMILY[version], "@local_port": local if version == 4
             else "[%s]" % local, "@local": local, "@other": OTHER[version],
             "@gone": GONE[version], "@ue2": UE2[version], "@ports": PORTS,
             "@l4": l4}
    for word, text in words.items():
        rule = rule.replace(word, text)
    return rule


@contextlib.contextmanager
def rules(version, chain, rule, protocols=("udp", "tcp")):
    lines = ["add table %s t" % FAMILY[version], "add chain %s t c { type %s; "
             "}" % (FAMILY[version], chain)]
    lines += ["add rule %s t c %s" % (FAMILY[version], expand(rule, version,
                                                              l4))
              for l4 in protocols]
    # masquerade and redirect would choose it as well
    if "@other" in rule:
        second_address(version, "add")
    done = netns.run("pcscf", ["nft", "-f", "-"], check=False,
                     input="\n".join(lines) + "\n")
    if done.returncode:
        raise RuntimeError(done.stderr)
    try:
        yield
    finally:
        netns.run("pcscf", ["nft", "flush", "ruleset"])
        if "@other" in rule:
            second_address(version, "del")


def second_address(version, verb):
    netns.ip("addr %s %s dev gm0 %s\n" % (
        verb, OTHER[version] + ("/24" if version == 4 else "/64"),
        "nodad" if version == 6 and verb == "add" else ""), "pcscf")


def prepare(b, version):
    b.fresh()
    ep = state.endpoint(b.g, version)
    s = state.new_set(b.g, ep, **state.established())
    state.install_ue(s, "ue1")
    return ep, s


def in_clear(sniffer, s):
    """TCP or UDP that left pcscf, whatever it looks like now."""
    ours = (s.local, OTHER[4], OTHER[6], GONE[4], GONE[6])
    return [str(p) for p in sniffer.find(
        lambda p: p.protocol in (TCP, UDP) and p.src in ours)]


def try_send(sock, data, target):
    with contextlib.suppress(OSError):
        sock.sendto(data, target)


def udp_both_ways(s):
    """Up on A, down on C from port_pc, and the steered answer."""
    got = []
    with udp_socket("ue1", s.ue, s.port_us, 10) as server, \
            udp_socket("ue1", s.ue, s.port_uc) as client, \
            udp_socket("pcscf", s.local, s.port_ps, 10) as port_ps, \
            udp_socket("pcscf", s.local, s.port_pc) as port_pc:
        try:
            for i in range(3):
                client.sendto(b"up%d" % i, (s.local, s.port_ps))
                got.append(port_ps.recv(99))
                port_pc.sendto(b"down%d" % i, (s.ue, s.port_us))
                got.append(server.recv(99))
                port_ps.sendto(b"answer%d" % i, (s.ue, s.port_us))
                data, source = server.recvfrom(99)
                got.append(data if source[1] == s.port_pc else source)
        except OSError as error:
            got.append(error)
    return got


def tcp_both_ways(s):
    got = []
    for server_ns, client_ns, (src, sport, dst, dport) in (
            ("pcscf", "ue1", s.flow("A")), ("ue1", "pcscf", s.flow("C"))):
        with tcp_socket(server_ns, dst, dport, 10) as server, \
                tcp_socket(client_ns, src, sport, 10) as client:
            server.listen(1)
            try:
                client.connect((dst, dport))
                conn = server.accept()[0]
                client.sendall(b"there")
                got.append(conn.recv(99))
                conn.sendall(b"back")
                got.append(client.recv(99))
                conn.close()
            except OSError as error:
                got.append(error)
    return got


UDP_WANT = [b"%s%d" % (w, i) for i in range(3)
            for w in (b"up", b"down", b"answer")]


def test_harmless(b):
    for version in (4, 6):
        for label, chain, rule in HARMLESS:
            _, s = prepare(b, version)
            label = "AT-42 ipv%d beside %s" % (version, label)
            sniffer = Sniffer("pcscf")
            with rules(version, chain, rule):
                tap.equal(udp_both_ways(s), UDP_WANT, label +
                          ": UDP works in both directions")
                tap.equal(tcp_both_ways(s), [b"there", b"back"] * 2, label +
                          ": TCP works in both directions")
                state.remove_ue(s, "ue1")
                state.del_set(b.g, s.id)
                send_everything(s)
            found = in_clear(sniffer, s)
            tap.ok(not found and sniffer.find(lambda p: p.protocol == ESP),
                   label + ": nothing leaves in clear", found[:5])
            sniffer.close()


def send_everything(s):
    """From both ports, to the set's ports and to others, UDP and TCP."""
    for port in (s.port_ps, s.port_pc):
        with udp_socket("pcscf", s.local, port) as sock:
            for target in (s.port_us, s.port_uc, 40000):
                try_send(sock, b"x", (s.ue, target))
                try_send(sock, b"x", (UE2[6 if ":" in s.ue else 4], target))
        for target in (s.port_us, s.port_uc):
            with tcp_socket("pcscf", s.local, port, 0.05) as sock, \
                    contextlib.suppress(OSError):
                sock.connect((s.ue, target))


def test_harmful_out(b):
    for version in (4, 6):
        for label, chain, rule in HARMFUL_OUT:
            _, s = prepare(b, version)
            label = "AT-42 GM-01 ipv%d %s" % (version, label)
            sniffer = Sniffer("pcscf")
            before = sum(v for k, v in state.drops(b.g).items()
                         if k.startswith("out-"))
            with rules(version, chain, rule):
                send_everything(s)
                counted = state.wait(lambda: sum(
                    v for k, v in state.drops(b.g).items()
                    if k.startswith("out-")) > before, 10)
                state.remove_ue(s, "ue1")
                state.del_set(b.g, s.id)
                send_everything(s)
            found = in_clear(sniffer, s)
            tap.ok(counted and not found, label + ": dropped and counted, "
                   "nothing leaves in clear", "%s %s"
                   % (found[:5], state.drops(b.g)))
            sniffer.close()


def test_harmful_in(b):
    inj = Injector("attacker")
    for version in (4, 6):
        for label, chain, rule in HARMFUL_IN:
            _, s = prepare(b, version)
            label = "AT-42 GM-01 ipv%d %s" % (version, label)
            with rules(version, chain, rule):
                plaintext(b, inj, s, version, label, rule)
            state.remove_ue(s, "ue1")
    inj.close()


def plaintext(b, inj, s, version, label, rule):
    """From a stranger, and with the UE's own name and port."""
    port = s.port_pc if "6110" in rule else s.port_ps
    source = netns.access_addr("attacker", version)
    target = OTHER[version] if "@other" in rule else s.local
    before = state.drops(b.g).get("in-plaintext", 0)
    sniffer = Sniffer("attacker")
    with udp_socket("pcscf", s.local, port, 0.3) as sock, \
            tcp_socket("pcscf", s.local, port, 0.3) as server, \
            udp_socket("attacker", source, 5000) as stranger, \
            tcp_socket("attacker", source, 5000, 0.3) as caller:
        server.listen(1)
        stranger.sendto(b"plain", (target, 9999))
        inj.send(udp_in_clear(s, target))
        with contextlib.suppress(OSError):
            caller.connect((target, 9999))
        got = [None, None]
        with contextlib.suppress(TimeoutError):
            got[0] = sock.recv(99)
        with contextlib.suppress(TimeoutError):
            got[1] = server.accept()
    dropped = state.wait(lambda: state.drops(b.g).get(
        "in-plaintext", 0) >= before + 3, 5)
    answers = sniffer.find(lambda p: p.src in (s.local, target) and
                           p.dst == source and p.protocol != 58)
    tap.ok(got == [None, None] and dropped, label + ": plaintext for port "
           "9999 does not reach a protected port, and is counted",
           "%r %s" % (got, state.drops(b.g)))
    tap.ok(not answers, label + ": no answer at all",
           [str(p) for p in answers])
    sniffer.close()


def udp_in_clear(s, target):
    """The very tuple of SA A but for the port that the rule changes."""
    src, sport = s.flow("A")[:2]
    return ip(src, target, UDP, udp(src, target, sport, 9999, b"plain"))


def test_source_nat_inside(b):
    """NAT on what came through an SA: the socket must not see another UE."""
    for version in (4, 6):
        ep, s = prepare(b, version)
        two = state.new_set(b.g, ep, ue=UE2[version], **state.established())
        family = FAMILY[version]
        name = s.ue if version == 4 else "[%s]" % s.ue
        for label, chain, rule in (
                ("snat in input", "nat hook input priority 100",
                 "%s saddr %s udp dport 6101 snat %s to %s:%d"
                 % (family, two.ue, family, name, s.port_uc)),
                ("source set in prerouting",
                 "filter hook prerouting priority -150",
                 "%s saddr %s udp dport 6101 %s saddr set %s udp sport set "
                 "%d" % (family, two.ue, family, s.ue, s.port_uc)),
                ("source set in input", "filter hook input priority 50",
                 "%s saddr %s udp dport 6101 %s saddr set %s udp sport set "
                 "%d" % (family, two.ue, family, s.ue, s.port_uc))):
            before = state.drops(b.g).get("in-tuple", 0)
            inj = Injector("ue2")
            with rules(version, chain, rule, ("udp",)), \
                    udp_socket("pcscf", s.local, s.port_ps, 0.3) as sock:
                inj.send(udp_packet(two, b"from B"))
                got = None
                with contextlib.suppress(TimeoutError):
                    got = sock.recvfrom(99)
            inj.close()
            tap.ok(got is None and state.wait(lambda: state.drops(b.g).get(
                "in-tuple", 0) > before, 5), "AT-42 AT-05 ipv%d %s: UE B's "
                   "packet is not delivered as UE A's" % (version, label),
                   got)
        state.remove_ue(s, "ue1")
