# SPDX-License-Identifier: GPL-2.0-or-later
"""AT-31: the proxy sends from a protected port where no SA fits. Nothing
leaves, nothing at all."""
import contextlib
import errno
import socket

import netns
import tap
from attack import PORT_PC, PORT_PS, PORT_SIP, VERSIONS, case
from attacknet import proc_write, token
from attackpkt import SCTP, UDPLITE, fragments, sctp_init, udplite
from esp import UDP, family, ip, udp

IDS = "AT-31 GM-01"
NO_STATE = {"xfrm-out-no-state": None}
IPV6_HDRINCL = 36


def emit(sock, data, target):
    """Sends; the stack may tell the proxy that it was refused."""
    with contextlib.suppress(OSError):
        sock.sendto(data, target)


def leak(lab, path, text, send, reasons, via="ue1"):
    """One case: send() makes no packet leave."""
    lab.attack(IDS, path, text, send, reasons, via)


@case("AT-31 GM-01", "guarded", "sets")
def to_a_stranger(lab):
    """Nobody has registered there."""
    for version in VERSIONS:
        stranger = lab.addr("attacker", version)
        for port, reason in ((PORT_PS, "out-plaintext"),
                             (PORT_PC[0], NO_STATE), (PORT_PC[-1], NO_STATE)):
            for size in (10, 4000):
                leak(lab, "udp%d" % version, "%d bytes from port %d to a "
                     "stranger" % (size, port), lambda p=port, n=size: emit(
                         lab.sock[version, p], bytes(n), (stranger, 5060)),
                     reason)
            connect(lab, version, "to a stranger", port, (stranger, 5060))


def connect(lab, version, text, port, target):
    """A connection from a protected port that gets nowhere."""
    def send():
        sock = lab.proxy.make(lab.local(version), port, socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.connect_ex(target)
        sock.close()
    leak(lab, "tcp%d" % version, "connection from port %d %s" % (port, text),
         send, NO_STATE)


@case("AT-31 GM-01")
def to_a_registered_ue(lab):
    """The UE has SAs, but not for this."""
    for version in VERSIONS:
        mine = lab.hand("ue1", version)
        other = lab.hand("ue2", version)
        spare = next(p for p in PORT_PC if p not in (mine.port_pc,
                                                     other.port_pc))
        for text, port, target in (
                ("a port that nobody negotiated", PORT_PS, 5099),
                ("its port_uc, which is TCP's", PORT_PS, mine.port_uc),
                ("the port_us of another UE", PORT_PS, other.port_us),
                ("a port that nobody negotiated", mine.port_pc, 5099),
                ("its port_uc", mine.port_pc, mine.port_uc),
                ("its port_us, from another port_pc", spare, mine.port_us)):
            reason = "out-plaintext" if port == PORT_PS else NO_STATE
            leak(lab, "udp%d" % version, "from port %d to a UE: %s" % (
                port, text), lambda p=port, t=target: emit(
                    lab.sock[version, p], token(), (mine.ue, t)), reason)
            if target != mine.port_uc or port != PORT_PS:
                connect(lab, version, "to a UE: " + text, port,
                        (mine.ue, target))
        connect(lab, version, "to a UE's port_us", PORT_PS,
                (mine.ue, mine.port_us))
        with netns.ns("pcscf"):
            anyone = socket.socket(socket.AF_INET6 if version == 6 else
                                   socket.AF_INET, socket.SOCK_DGRAM)
        for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
            anyone.setsockopt(socket.SOL_SOCKET, option, 1)
        if version == 6:
            anyone.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        anyone.bind(("", PORT_PS))
        leak(lab, "udp%d" % version, "from a socket bound to no address",
             lambda s=anyone: emit(s, token(), (mine.ue, 5099)),
             "out-plaintext")
        anyone.close()


@case("AT-31 GM-01")
def to_groups(lab):
    """Broadcast and multicast from a protected port."""
    for version, groups in ((4, ("10.33.0.255", "255.255.255.255",
                                 "224.0.0.1")), (6, ("ff02::1", ))):
        # IPv4 judges a broadcast's copy for this host, too
        for port, reason in ((PORT_PS, {"out-plaintext": None}),
                             (PORT_PC[0], NO_STATE)):
            for group in groups:
                sock = group_sender(lab, version, port)
                leak(lab, "udp%d" % version, "from port %d to %s" % (
                    port, group), lambda s=sock, g=group: emit(
                        s, token(), (g, 5060)), reason)


def group_sender(lab, version, port):
    """The proxy's socket, ready for broadcast and multicast on gm0."""
    sock = lab.sock[version, port]
    if version == 6:
        with netns.ns("pcscf"):
            index = socket.if_nametoindex("gm0")
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 0)
    else:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                        socket.inet_aton(lab.local(4)))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
    return sock


def lite_socket(lab, src, dst, sport, dport):
    """A socket for UDP-Lite, and what its sendto() takes. Newer kernels have
    none: there a raw one sends what a program has made."""
    try:
        return (lab.proxy.make(src, sport, protocol=UDPLITE), token(),
                (dst, dport))
    except OSError as error:
        if error.errno != errno.EPROTONOSUPPORT:
            raise
    with netns.ns("pcscf"):
        raw = socket.socket(family(src), socket.SOCK_RAW, UDPLITE)
    return raw, udplite(src, dst, sport, dport, token()), (dst, 0)


@case("AT-31 AT-20 GM-01")
def other_transports(lab):
    """UDP-Lite, SCTP, and packets that a raw socket made."""
    for version in VERSIONS:
        mine = lab.hand("ue1", version)
        local = lab.local(version)
        for port in (PORT_PS, mine.port_pc):
            lite, *what = lite_socket(lab, local, mine.ue, port,
                                      mine.port_us)
            leak(lab, "udplite%d" % version, "UDP-Lite from port %d" % port,
                 lambda s=lite, w=what: emit(s, *w), "out-plaintext")
            lite.close()
            with netns.ns("pcscf"):
                sctp = socket.socket(family(local), socket.SOCK_RAW, SCTP)
                raw = socket.socket(family(local), socket.SOCK_RAW,
                                    socket.IPPROTO_RAW)
            leak(lab, "sctp%d" % version, "SCTP from port %d" % port,
                 lambda s=sctp, p=port: emit(
                     s, sctp_init(p, mine.port_us), (mine.ue, 0)),
                 "out-plaintext")
            if version == 6:
                raw.setsockopt(socket.IPPROTO_IPV6, IPV6_HDRINCL, 1)
            flow = (local, mine.ue, port, 5099)
            packet = ip(*flow[:2], UDP, udp(*flow, token()))
            leak(lab, "udp%d" % version, "a raw packet from port %d" % port,
                 lambda s=raw, p=packet: emit(s, p, (mine.ue, 0)),
                 "out-plaintext")
            pieces = fragments(*flow[:2], UDP, udp(*flow, bytes(64)),
                               [(0, 40), (40, None)])
            leak(lab, "udp%d" % version, "raw fragments from port %d" % port,
                 lambda s=raw, f=pieces: [emit(s, p, (mine.ue, 0))
                                          for p in f],
                 {"out-fragment": 2})
            sctp.close()
            raw.close()


@case("AT-31 GM-01")
def errors_that_quote(lab):
    """No socket on the port: the error would quote what was inside ESP."""
    for version in VERSIONS:
        mine = lab.hand("ue1", version)
        sock = lab.sock[version, mine.port_pc]
        lab.proxy.drop(sock)
        leak(lab, "udp%d" % version, "the ICMP error that quotes a decrypted "
             "packet", [mine.udp("D", b"secret" * 20)], "out-icmp")
        lab.sock[version, mine.port_pc] = lab.proxy.udp(lab.local(version),
                                                        mine.port_pc)


@case("AT-14 GM-01", "open", "guarded")
def reassembly_gives_up(lab):
    """A first fragment alone: "time exceeded" would answer plaintext."""
    proc_write("pcscf", "net/ipv4/ipfrag_time", 1)
    flow = (lab.addr("ue1", 4), lab.local(4), 33333, PORT_PS)
    piece = fragments(*flow[:2], UDP, udp(*flow, bytes(64)),
                      [(0, 40), (40, None)])[0]
    before = reassembly_timeouts()

    def send():
        lab.inject["ue1"].send(piece)
        lab.wait(lambda: reassembly_timeouts() > before)

    text = "a first fragment whose rest never comes"
    if lab.stage == "open":
        lab.honest("AT-14 GM-01", "udp4", "control, %s: is answered where "
                   "nothing is guarded" % text, send, [], answered=True)
    else:
        leak(lab, "udp4", text, send, "out-icmp")
    proc_write("pcscf", "net/ipv4/ipfrag_time", 30)


def reassembly_timeouts():
    """IpReasmTimeout of pcscf."""
    with netns.ns("pcscf"), open("/proc/thread-self/net/snmp",
                                 encoding="ascii") as f:
        names, values = [line.split() for line in f if line.startswith("Ip:")]
    return int(values[names.index("ReasmTimeout")])


@case("AT-31")
def exempt_peers(lab):
    """Core peers that an endpoint exempts, and their neighbours."""
    for version in VERSIONS:
        local = netns.core_addr("pcscf", version)
        core = netns.core_addr("core", version)
        prefix = {"addr": core, "len": 32 if version == 4 else 128}
        endpoint = lab.genl.do("endpoint-new", {"endpoint": {
            "local-addr": local, "port-ps": [6201],
            "port-pc": [6210, 6211, 6212, 6213], "exempt": [prefix]}})
        with netns.ns("core"):
            peer = socket.socket(socket.AF_INET6 if version == 6 else
                                 socket.AF_INET, socket.SOCK_DGRAM)
        peer.bind((core, PORT_SIP))
        peer.settimeout(10)
        for port in (6201, 6210):
            before = lab.stats()
            data = token()
            sock = lab.proxy.make(local, port)
            sock.sendto(data, (core, PORT_SIP))
            tap.ok(peer.recv(2000) == data and not lab.since(before),
                   "AT-31 udp%d: from port %d to an exempt peer: accepted" %
                   (version, port), lab.since(before))
            before = lab.stats()
            emit(sock, data, (core[:-1] + "9", PORT_SIP))
            tap.equal(list(lab.since(before)),
                      ["out-plaintext" if port == 6201 else
                       "xfrm-out-no-state"],
                      "AT-31 udp%d: from port %d to a neighbour of an exempt "
                      "peer: dropped" % (version, port))
            sock.close()
        peer.close()
        lab.genl.do("endpoint-del", {"endpoint": {
            "id": endpoint["endpoint"]["id"]}})
