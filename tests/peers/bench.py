# SPDX-License-Identifier: GPL-2.0-or-later
"""The set-up of tests/peers/kamailio: the test UE, the registrar, and between
them Debian's Kamailio with its own ims_ipsec_pcscf instead of gmguardd.

What reaches Kamailio's routing script is told to us by the script itself, as
datagrams to a socket in "core" (kamailio.cfg). What leaves is seen on the
bridge. "Nothing arrives" is decided by a marker: a message in ESP behind the
hostile one to the same port, on an SA that only the markers use. All packets
are sent by one process on one CPU, and one process of Kamailio serves a port,
so nothing overtakes: once the script has seen the marker, it would have seen
the other one.
"""
import asyncio
import itertools
import os
import socket
import subprocess
import sys
import tempfile

import netns
import state
from attack import Wire
from esp import ESP, ICMP, ICMP6, RST, SYN, TCP, UDP, Esp, Injector, ip, udp
from registrar import Registrar
from sipmsg import REALM, Message, host_port, token
from sipua import bound
from ue import UE, Sim

HERE = os.path.dirname(os.path.realpath(__file__))
PORT, PORT_PS, PORT_PC, PORTS = 5060, 6101, 6110, 8
ALL_PS = list(range(PORT_PS, PORT_PS + PORTS))
ALL_PC = list(range(PORT_PC, PORT_PC + PORTS))
PROTECTED = frozenset(ALL_PS + ALL_PC)
SINK_PORT = 9999
MARKER_HOST, MARKER_PORT = 20, 4000
TIMEOUT = 120       # of markers: the CPU is emulated and shared
VERSIONS = (4, 6)
IP_COUNTERS = ("IpInAddrErrors", "IpReasmFails", "IpExtReasmOverlaps",
               "Ip6InAddrErrors", "Ip6ReasmFails")

# hosts beside those of netns.py: namespace and last byte of the address
EXTRA = {"tcp": ("ue1", 13), "leaver": ("ue1", 14), "leaver-tcp": ("ue1", 15),
         "victim": ("ue1", 16)}

_numbers = itertools.count(1)


def addr(name, version):
    """Address of a host on the access link."""
    if name in EXTRA:
        return ("10.33.0.%d" if version == 4 else "fd33::%d") % EXTRA[name][1]
    return netns.access_addr(name, version)


def marker_addr(version):
    return ("10.33.0.%d" if version == 4 else "fd33::%d") % MARKER_HOST


def new_call_id():
    return "at-%d-%s" % (next(_numbers), token(4))


class PeerUe(UE):
    """A UE as ims_ipsec_pcscf wants it: the first REGISTER comes from port
    5060 and says so in Via and Contact, and one mechanism is offered."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.contact_transport = self.transport

    @property
    def contact(self):
        return super().contact.replace(
            "transport=" + self.transport,
            "transport=" + self.contact_transport)

    def use_udp(self):
        """From now on, also on the SAs that there are."""
        self.transport = "udp"
        self._flows.pop(self.sa, None)

    async def flow(self, sa=None):
        if sa is not None or self._flows.get(None):
            return await super().flow(sa)
        with self._enter():
            kind = socket.SOCK_STREAM if self.transport == "tcp" else \
                socket.SOCK_DGRAM
            sock = bound(self.addr, PORT, kind)
        if self.transport == "tcp":
            flow = await self.connect_tcp(sock, (self.pcscf, PORT))
        else:
            flow = self.udp(sock)(self.pcscf, PORT)
        self._flows[None] = flow
        return flow

    def security_client(self, sa):
        alg, ealg = self.offers[0]
        return ("ipsec-3gpp;prot=esp;mod=trans;spi-c=%d;spi-s=%d;port-c=%d;"
                "port-s=%d;alg=%s;ealg=%s" % (
                    sa.spi_uc, sa.spi_us, sa.port_uc, sa.port_us, alg, ealg))

    async def sm1(self, *args, protected_by=None, **kwargs):
        """Unprotected: the Contact has the unprotected port (24.229
        5.1.1.2.2)."""
        def change(msg):
            if protected_by is None:
                msg.set("Contact", msg.get("Contact").replace(
                    host_port(self.addr, self.port_us),
                    host_port(self.addr, PORT)))
            before(msg)
        before, self.change_sm1 = self.change_sm1, change
        try:
            return await super().sm1(*args, protected_by=protected_by,
                                     **kwargs)
        finally:
            self.change_sm1 = before


class Core(Registrar):
    """The registrar; answers to the Call-IDs in .waiting wait for let_go()."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.waiting = {}
        self.alter = self._with_contact

    @staticmethod
    def _with_contact(answer):
        """Kamailio's S-CSCF answers a de-registration with the Contact and
        expires=0, and Kamailio's P-CSCF wants it."""
        if answer.code == 200 and not answer.all("Contact") and \
                answer.method == "REGISTER":
            answer.add("Contact", answer.gone)
        return answer

    def _bind(self, req, user):
        answer = super()._bind(req, user)
        answer.gone = req.get("Contact")
        return answer

    def on_request(self, msg, flow):
        if msg.get("Call-ID") in self.waiting:
            self.waiting[msg.get("Call-ID")] = (msg, flow)
        else:
            super().on_request(msg, flow)

    def let_go(self, call_id):
        self.reply(*self.waiting.pop(call_id), 200)


class Seen:
    """A request that the routing script got."""

    def __init__(self, line):
        (self.method, self.transport, self.src, sport, self.dst, dport,
         self.call_id) = line.decode().split(" ", 6)
        self.sport, self.dport = int(sport), int(dport)


class Bench:
    def __init__(self, guard):
        self.guard = guard
        self.dir = tempfile.mkdtemp(prefix="gmg-peer-")
        self.core = Core(strict=True)
        self.proxy = self.genl = self.wire = self.mac = self.sink = None
        self.inject, self.seen, self.ues = {}, [], []
        self.named = {}             # (host, version): registered UE
        self.hand = {}              # version: UE 2's SAs A and D, by hand
        self.marker_esp, self._heard = {}, asyncio.Event()

    # ----- up and down -----------------------------------------------------
    async def start(self):
        os.sched_setaffinity(0, {0})
        netns.create()
        self._network()
        self.mac = netns.mac("pcscf", "gm0")
        self.wire = Wire("pcscf")
        self.inject = {n: Injector(n) for n in ("ue1", "ue2", "attacker")}
        self._listen()
        await self.core.start(netns.core_addr("core"), PORT, "core")
        self.start_proxy()
        await self.mark(4, PORT, poll=True)
        self.make_markers()

    def _network(self):
        """More addresses, and neighbours that are known beforehand."""
        for namespace, number in EXTRA.values():
            netns.ip("addr add 10.33.0.%d/24 dev gm0\n"
                     "addr add fd33::%d/64 dev gm0 nodad\n"
                     % (number, number), namespace)
        hosts = [(n, n) for n in ("pcscf", "ue1", "ue2", "attacker")]
        hosts += [(name, host[0]) for name, host in EXTRA.items()]
        macs = {n: ":".join("%02x" % b for b in netns.mac(n, "gm0"))
                for _, n in hosts}
        for here in ("pcscf", "ue1", "ue2", "attacker"):
            netns.ip("".join(
                "neigh replace %s lladdr %s dev gm0 nud permanent\n"
                % (addr(name, v), macs[there]) for name, there in hosts
                for v in VERSIONS if there != here), here)
        for path in ("ipv4/icmp_ratelimit", "ipv6/icmp/ratelimit"):
            with netns.ns("pcscf"), open("/proc/sys/net/" + path, "w",
                                         encoding="ascii") as f:
                f.write("0")

    def _listen(self):
        with netns.ns("core"):
            self.sink = bound(netns.core_addr("core"), SINK_PORT)
        asyncio.get_running_loop().add_reader(self.sink, self._tell)

    def _tell(self):
        while True:
            try:
                line = self.sink.recv(4096)
            except BlockingIOError:
                break
            if line.startswith(b"seen "):
                self.seen.append(Seen(line[5:]))
        self._heard.set()

    def start_proxy(self):
        names = {"CORE_ADDR": netns.core_addr("pcscf"), "LOG_LEVEL": 1,
                 "GM_ADDR4": addr("pcscf", 4), "GM_ADDR6": addr("pcscf", 6),
                 "IPSEC_ADDR4": '"%s"' % addr("pcscf", 4),
                 "IPSEC_ADDR6": '"[%s]"' % addr("pcscf", 6),
                 "PORT_PS": PORT_PS, "PORT_PC": PORT_PC, "PORTS": PORTS,
                 "SINK": "sip:%s:%d" % (netns.core_addr("core"), SINK_PORT),
                 "CORE_NEXT_HOP": "sip:%s:5060" % netns.core_addr("core")}
        argv = ["kamailio", "-f", os.path.join(HERE, "kamailio.cfg"), "-DD",
                "-E", "-m", "64", "-M", "8", "-Y", self.dir,
                "-P", os.path.join(self.dir, "kamailio.pid")]
        for name, value in names.items():
            argv += ["-A", "%s=%s" % (name, value)]
        with open(self.log_path, "ab") as log:
            self.proxy = netns.popen("pcscf", argv, stdout=log, stderr=log)

    @property
    def log_path(self):
        return os.path.join(self.dir, "kamailio.log")

    def log(self, lines=40):
        dull = ("signal 15", "receive_fd", "SO_RCVBUF", "sctp")
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return "\n".join([line for line in f.read().splitlines()
                              if not any(d in line for d in dull)][-lines:])

    def stop(self):
        for ue in self.ues:
            ue.close()
        self.core.close()
        if self.proxy:
            self.proxy.terminate()
            try:
                self.proxy.wait(60)
            except subprocess.TimeoutExpired:
                self.proxy.kill()
                self.proxy.wait()

    def protect(self):
        """What gmguard's user does: names the endpoint. Nothing else."""
        self.genl = state.client("pcscf")
        for version in VERSIONS:
            self.genl.do("endpoint-new", {"endpoint": {
                "local-addr": addr("pcscf", version), "port-ps": ALL_PS,
                "port-pc": ALL_PC, "port-unprotected": [PORT]}})

    # ----- UEs -------------------------------------------------------------
    def ue(self, host, version, transport="udp",
           offer=("hmac-sha-1-96", "aes-cbc")):
        number = next(_numbers)
        impi = "user%d@%s" % (number, REALM)
        impu = "sip:user%d@%s" % (number, REALM)
        k, opc = os.urandom(16), os.urandom(16)
        self.core.subscriber(impi, [impu], k, opc)
        ue = PeerUe(EXTRA.get(host, (host,))[0], addr(host, version),
                    addr("pcscf", version), Sim(impi, impu, k, opc),
                    transport, [offer])
        self.ues.append(ue)
        return ue

    @staticmethod
    def version_of(address):
        return 6 if ":" in address else 4

    # ----- markers ---------------------------------------------------------
    def make_markers(self):
        """SAs of the markers, with exact selectors, one for each port."""
        lines = []
        for version in VERSIONS:
            src, dst = marker_addr(version), addr("pcscf", version)
            bits = 32 if version == 4 else 128
            for port in PROTECTED:
                key, spi = os.urandom(20), 0x70000000 + port
                self.marker_esp[version, port] = Esp(
                    "hmac-sha-1-96", "null", key, b"", spi)
                lines.append(
                    "xfrm state add src %s dst %s proto esp spi 0x%x mode "
                    "transport replay-window 32 auth-trunc hmac(sha1) 0x%s 96 "
                    'enc ecb(cipher_null) "" sel src %s/%d dst %s/%d sport %d '
                    "dport %d\n" % (src, dst, spi, key.hex(), src, bits, dst,
                                    bits, MARKER_PORT, port))
        netns.ip("".join(lines), "pcscf")

    async def mark(self, version, port, poll=False):
        """Sends a marker to a port and waits until the script has seen it.
        poll: again and again, because the proxy is just starting."""
        call_id = "marker-%d-%s" % (next(_numbers), token(4))
        src, dst = marker_addr(version), addr("pcscf", version)
        data = udp(src, dst, MARKER_PORT, port,
                   sip("REGISTER", src, MARKER_PORT, call_id))
        end = asyncio.get_running_loop().time() + TIMEOUT
        while True:
            if port == PORT:
                packet = ip(src, dst, UDP, data)
            else:
                packet = ip(src, dst, ESP, self.marker_esp[
                    version, port].seal(data, UDP))
            self.inject["ue1"].send(packet)
            if await self.wait_seen(call_id, 0.5 if poll else TIMEOUT):
                break
            if self.proxy.poll() is not None or \
                    asyncio.get_running_loop().time() > end:
                raise RuntimeError("the marker to port %d did not arrive\n%s"
                                   % (port, self.log()))
        # what the same events have brought to the registrar and the UEs
        for _ in range(5):
            await asyncio.sleep(0)

    async def wait_seen(self, call_id, timeout=TIMEOUT):
        """The Seen of a Call-ID, or None."""
        return await self.wait(lambda: self.find_seen(call_id), timeout)

    def find_seen(self, call_id):
        return next((s for s in self.seen if s.call_id == call_id), None)

    async def wait(self, done, timeout=TIMEOUT):
        """Until done(), looked at whenever the script tells something."""
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        while True:
            self._heard.clear()
            result = done()
            if result or loop.time() >= end:
                return result
            try:
                await asyncio.wait_for(self._heard.wait(),
                                       min(0.2, end - loop.time()))
            except asyncio.TimeoutError:
                pass

    async def settle(self):
        """Until the process that gets the core's answers has handled all
        that came before."""
        call_id = "marker-%d-%s" % (next(_numbers), token(4))
        msg = sip("OPTIONS", netns.core_addr("core"), PORT, call_id)
        with netns.ns("core"), socket.socket(socket.AF_INET,
                                             socket.SOCK_DGRAM) as s:
            s.sendto(msg, (netns.core_addr("pcscf"), PORT))
        if not await self.wait_seen(call_id):
            raise RuntimeError("the core's marker did not arrive")

    # ----- what happened ---------------------------------------------------
    def clear(self, start=0):
        """Packets from protected ports that left without ESP."""
        return [f for f in self.wire.poll()[start:] if f.mac == self.mac and
                f.protocol in (TCP, UDP) and f.sport in PROTECTED]

    def answers(self, start):
        """Everything that the P-CSCF has sent, but for ESP."""
        return [f for f in self.wire.poll()[start:] if f.mac == self.mac and
                not f.housekeeping() and f.protocol != ESP]

    def counters(self):
        """Counters of drops: IPsec's, IP's, and gmguard's if it is there."""
        with netns.ns("pcscf"):
            found = read_counters("xfrm_stat")
            for name in ("snmp6", "snmp", "netstat"):
                found.update({n: v for n, v in read_counters(name).items()
                              if n in IP_COUNTERS})
        if self.genl:
            found.update({n: v for n, v in state.drops(self.genl).items()
                          if not n.startswith("xfrm")})
        return found

    def since(self, before):
        now = self.counters()
        return sorted(n for n, v in now.items() if v != before.get(n, 0))

    def in_core(self, call_id):
        """The request with a Call-ID as the core got it, or None."""
        found = self.core.entries(
            lambda e: e.direction == "in" and not e.msg.is_response and
            e.msg.get("Call-ID") == call_id)
        return found[0].msg if found else None


def read_counters(name):
    """A file of /proc/net: "Name value" lines, or pairs of lines that begin
    with "Group:"."""
    found = {}
    with open("/proc/thread-self/net/" + name, encoding="ascii") as f:
        lines = [line.split() for line in f]
    if len(lines[0]) == 2:
        return {line[0]: int(line[1]) for line in lines}
    for names, values in zip(lines[::2], lines[1::2]):
        found.update({names[0][:-1] + n: int(v)
                      for n, v in zip(names[1:], values[1:])})
    return found


def sip(method, src, sport, call_id, impu="sip:mallory@home.example",
        headers=(), to="sip:bob@home.example", transport="UDP"):
    """A request as bytes."""
    return Message.request(method, to, [
        ("Via", "SIP/2.0/%s %s;branch=z9hG4bK%s" % (
            transport, host_port(src, sport), token())),
        ("Max-Forwards", "70"), ("From", "<%s>;tag=%s" % (impu, token(4))),
        ("To", "<%s>" % to), ("Call-ID", call_id), ("CSeq", "1 " + method),
        *headers]).build()


def describe(frame):
    """A packet of the P-CSCF in a few words."""
    if frame.protocol == TCP:
        if frame.payload:
            return "TCP data"
        return "RST" if frame.flags & RST else \
            "SYN-ACK" if frame.flags & SYN else "TCP"
    if frame.protocol in (ICMP, ICMP6):
        return "ICMP error"
    start = frame.payload.split(b"\r\n")[0].decode("ascii", "replace")
    return start.replace("SIP/2.0 ", "") or "UDP"


def say(text):
    print(text)
    sys.stdout.flush()
