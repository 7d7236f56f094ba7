# SPDX-License-Identifier: GPL-2.0-or-later
"""Two networks with a border proxy each, and others outside:

     ina          bordera            net           borderb          inb
    +----+      +---------+                      +---------+      +----+
    | .2 |------| .1   .1 |-------- br-out ------| .2   .1 |------| .2 |
    +----+      +---------+           |          +---------+      +----+
     10.61.0.0/24               10.60.0.0/24             10.62.0.0/24
                                      |
                          others: .10 a partner of A, .11 another whose
                          messages have to be protected, .66 a foreign
                          network, .99 one that nobody knows;
                          and all of them at fd60::, with FAMILY = 6

A border runs gmguardd, without any endpoint, and the shipped configuration of
Kamailio for it. Ends are SIP user agents of their own.
"""
import os
import re
import signal
import socket
import subprocess
import tempfile
import time

import netns
from sipmsg import Message, host_port, token, uri_target
from sipua import Agent, Dialog, bound

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
KAMAILIO_CFG = os.path.join(ROOT, "agent/examples/kamailio-border/kamailio.cfg")
HTTP_PORT = 8734
SPACES = ("net", "ina", "bordera", "others", "borderb", "inb")
OUT = {"bordera": 1, "borderb": 2, "partner": 10, "tls": 11, "foreign": 66,
       "unknown": 99}
# what each shows in place of the nodes inside
MASK = {"bordera": "192.0.2.254", "borderb": "192.0.2.253"}

CONF = """\
[agent]
listen_tcp = off
listen_unix = %(dir)s/sock
listen_http = 127.0.0.1:%(port)d
log_level = debug

[peer inside]
class = own
addresses = %(inside)s.0/24

%(more)s"""


# How those outside are reached: 4 or 6.
FAMILY = 4


def outside(number):
    """An address outside."""
    return ("fd60::%d" if FAMILY == 6 else "10.60.0.%d") % number


def out_addr(name):
    return outside(OUT[name])


def bracketed(addr):
    """An address as SIP and configuration files write it before a port."""
    return "[%s]" % addr if ":" in addr else addr


def proc_addr(addr):
    """An address as /proc/net/tcp and tcp6 write it."""
    if ":" not in addr:
        return "%08X" % int.from_bytes(socket.inet_aton(addr), "little")
    data = socket.inet_pton(socket.AF_INET6, addr)
    return "".join("%08X" % int.from_bytes(data[i:i + 4], "little")
                   for i in range(0, 16, 4))


def proc_tcp(space, protocol="tcp"):
    """All lines of TCP sockets, IPv4 and IPv6."""
    with netns.ns(space):
        lines = []
        for name in (protocol, protocol + "6"):
            with open("/proc/thread-self/net/" + name,
                      encoding="ascii") as f:
                lines += f.read().splitlines()
    return lines


def create():
    """Makes all namespaces; old ones go first."""
    delete()
    netns.ip("".join("netns add %s%s\n" % (netns.PREFIX, n) for n in SPACES))
    netns.ip("link add br-out type bridge mcast_snooping 0\n"
             "link set br-out up\n", "net")
    for host in ("bordera", "borderb", "others"):
        netns.ip("link add to-%s type veth peer name out0 netns %s%s\n"
                 "link set to-%s master br-out up\n"
                 % (host, netns.PREFIX, host, host), "net")
    for border, inside, number in (("bordera", "ina", 61),
                                   ("borderb", "inb", 62)):
        netns.ip("link add in0 type veth peer name in0 netns %s%s\n"
                 % (netns.PREFIX, inside), border)
        _up(border, "in0", "10.%d.0.1" % number)
        _up(inside, "in0", "10.%d.0.2" % number)
    for name in OUT:
        space = name if name.startswith("border") else "others"
        _up(space, "out0", "10.60.0.%d" % OUT[name])
        add_addr(space, "out0", "fd60::%d" % OUT[name])


def _up(space, ifname, addr):
    netns.ip("link set lo up\nlink set %s up\naddr add %s/24 dev %s\n"
             % (ifname, addr, ifname), space)


def add_addr(space, ifname, addr):
    netns.ip("addr add %s dev %s%s\n" % (
        addr + ("/64" if ":" in addr else "/24"), ifname,
        " nodad" if ":" in addr else ""), space)


def delete():
    for name in SPACES:
        subprocess.run(["ip", "netns", "del", netns.PREFIX + name],
                       check=False, stderr=subprocess.DEVNULL)


class Border:
    """gmguardd and Kamailio of one border."""

    def __init__(self, space, number, conf):
        self.space, self.inside = space, "10.%d.0" % number
        self.conf = conf
        self.dir = tempfile.mkdtemp(prefix="gmg-border-")
        self.agent = self.proxy = None

    @property
    def inner(self):
        """Its address on the inside."""
        return self.inside + ".1"

    @property
    def outer(self):
        return out_addr(self.space)

    def path(self, name):
        return os.path.join(self.dir, name)

    def log(self, name):
        """Text of "gmguardd.log" or "kamailio.log"."""
        with open(self.path(name), encoding="utf-8", errors="replace") as f:
            return f.read()

    def write_conf(self):
        with open(self.path("gmguard.conf"), "w", encoding="ascii") as f:
            f.write(CONF % {"dir": self.dir, "port": HTTP_PORT,
                            "inside": self.inside, "more": self.conf})

    def start_agent(self):
        self.write_conf()
        argv = [os.environ.get("GMGUARDD", os.path.join(ROOT,
                                                        "agent/gmguardd")),
                "-c", self.path("gmguard.conf")]
        with open(self.path("gmguardd.log"), "ab") as log:
            self.agent = netns.popen(self.space, argv, stdout=log, stderr=log)
        self.wait(lambda: self.listens("tcp", HTTP_PORT), "gmguardd")

    def kill_agent(self):
        self.agent.kill()
        self.agent.wait()
        self.agent = None

    def configure(self, conf):
        """Another configuration, taken up by SIGHUP."""
        self.conf = conf
        self.write_conf()
        seen = self.log("gmguardd.log").count("configuration read again")
        self.agent.send_signal(signal.SIGHUP)
        self.wait(lambda: self.log("gmguardd.log").count(
            "configuration read again") > seen, "the new configuration")

    def settings(self):
        """What settings.cfg would define."""
        return {"BORDER_SETTINGS": None, "OWN_ADDR": self.inner,
                "OUTER_ADDR": bracketed(self.outer), "SIP_PORT": 5060,
                "OWN_NETWORKS": self.inside + ".0/24",
                "OWN_NEXT_HOP": "sip:%s.2:5060" % self.inside,
                "MASK_ADDR": '"%s"' % MASK[self.space],
                "MASK_KEY": '"%s"' % token(),
                "AGENT_URL": '"http://127.0.0.1:%d/"' % HTTP_PORT,
                "AGENT_TIMEOUT_S": 20, "UDP_WORKERS": 1, "TCP_WORKERS": 1,
                "LOG_LEVEL": 2}

    def start_proxy(self, cfg=KAMAILIO_CFG, more=()):
        argv = ["kamailio", "-f", cfg, "-DD", "-E", "-m", "64",
                "-M", "8", "-Y", self.dir, "-P", self.path("kamailio.pid"),
                *more]
        for name, value in self.settings().items():
            argv += ["-A", name if value is None else
                     "%s=%s" % (name, value)]
        with open(self.path("kamailio.log"), "ab") as log:
            self.proxy = netns.popen(self.space, argv, stdout=log, stderr=log)
        self.wait(lambda: self.listens("tcp", 5060), "kamailio")

    def stop(self):
        for process in (self.proxy, self.agent):
            if process:
                process.terminate()
                process.wait(90)

    def listens(self, protocol, port):
        """Is there a listening TCP socket on that port?"""
        return re.search(r":%04X \S+ 0A " % port,
                         "\n".join(proc_tcp(self.space, protocol)))

    def wait(self, condition, what, timeout=120):
        end = time.monotonic() + timeout
        while not condition():
            for process in (self.proxy, self.agent):
                if process and process.poll() is not None:
                    raise RuntimeError("%s: a process ended, see %s"
                                       % (what, self.dir))
            if time.monotonic() > end:
                raise RuntimeError("%s did not come, see %s"
                                   % (what, self.dir))
            time.sleep(0.02)


class End(Agent):
    """A user agent. .headers: added to whatever it answers. .rings: INVITE
    gets 180 only, and 487 when it is cancelled."""

    def __init__(self, name, space, addr, port=5060):
        super().__init__(name)
        self.space, self.addr, self.port = space, addr, port
        self.headers, self.calls, self.rings = [], [], False
        self._ringing = {}
        self._udp = None

    async def start(self):
        with netns.ns(self.space):
            udp, tcp = bound(self.addr, self.port), bound(self.addr,
                                                          self.port, 1)
        tcp.listen(16)
        self._udp = self.udp(udp)
        await self.listen_tcp(tcp)
        return self

    async def flow_to(self, uri, transport="udp"):
        host, port, _ = uri_target(uri)
        if transport == "udp":
            return self._udp(host, port)
        with netns.ns(self.space):
            sock = bound(self.addr, 0, 1)
        return await self.connect_tcp(sock, (host, port))

    def via(self, flow):
        return (flow.transport, self.addr, self.port)

    @property
    def contact(self):
        return "sip:%s@%s" % (self.name, host_port(self.addr, self.port))

    def new_request(self, method, uri, flow, headers=(), routes=(), body=b""):
        """headers: (name, value); From, To and Contact replace the usual
        ones."""
        names = [n.lower() for n, _ in headers]
        msg = Message.request(method, uri, [
            ("Via", "SIP/2.0/%s %s;branch=z9hG4bK%s"
             % (flow.transport.upper(), host_port(self.addr, self.port),
                token())), ("Max-Forwards", "70")])
        msg.headers += [("Route", r) for r in routes]
        for names_of, value in (
                ("from f", "<sip:%s@home.example>;tag=%s"
                 % (self.name, token(4))), ("to t", "<%s>" % uri)):
            if not set(names_of.split()) & set(names):
                msg.add(names_of.split()[0].capitalize(), value)
        msg.headers += [("Call-ID", token()), ("CSeq", "1 " + method)]
        if method in ("INVITE", "SUBSCRIBE"):
            msg.add("Contact", "<%s>" % self.contact)
        msg.headers += headers
        msg.body = body
        return msg

    def on_request(self, msg, flow):
        if msg.method == "INVITE":
            to_tag = token(4)
            headers = [("Contact", "<%s>" % self.contact)] + self.headers
            self.reply(msg, flow, 180, headers, to_tag=to_tag)
            if self.rings:
                self._ringing[msg.branch] = msg, flow, to_tag
                return
            answer = self.reply(msg, flow, 200, headers, to_tag=to_tag)
            self.calls.append(Dialog.uas(msg, answer))
        elif msg.method != "ACK":
            self.reply(msg, flow, 200, self.headers)
            if msg.method == "CANCEL" and msg.branch in self._ringing:
                invite, back, to_tag = self._ringing.pop(msg.branch)
                self.reply(invite, back, 487, self.headers, to_tag=to_tag)

    async def in_dialog(self, dialog, method, timeout=30):
        flow = await self.flow_to(dialog.next_hop)
        return await self.transact(dialog.request(method, self.via(flow)),
                                   flow, timeout)

    async def acknowledge(self, answer, headers=()):
        """ACK to a 2xx; returns the dialog."""
        dialog = Dialog.uac(answer)
        flow = await self.flow_to(dialog.next_hop)
        msg = dialog.request("ACK", self.via(flow), dialog.cseq)
        msg.headers += headers
        self.send(msg, flow)
        return dialog
