# SPDX-License-Identifier: GPL-2.0-or-later
"""Networks that meet over TLS: each with a border proxy, a CA and a name
server of its own, in the network of border.py. What is no such network, but
wants to look like one, is a TlsEnd.

    bordera 10.60.0.1 a.example   borderb 10.60.0.2 b.example
    others  10.60.0.N, zones of their own at 10.60.0.53

or fd60::1 and so on, with border.FAMILY = 6.
"""
import asyncio
import os
import shutil
import socket
import ssl
import subprocess
import threading

import border
import netns
from sipmsg import Message, StreamParser, token

CERTS = os.path.join(border.ROOT, "tests/lib/certs")
EXAMPLES = os.path.dirname(border.KAMAILIO_CFG)
TLS_PORT = 5061
NSD = "/usr/sbin/nsd"

ZONE = """\
$ORIGIN %(domain)s.
$TTL %(ttl)d
@ SOA ns hostmaster 1 3600 600 86400 %(ttl)d
@ NS ns
ns %(type)s %(dns)s
%(records)s"""
# What a network publishes that takes SIP over TLS: "sips:" in DNS.
SIPS = """\
@ NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp
@ NAPTR 20 10 "s" "SIPS+D2T" "" _sips._tcp
_sip._udp SRV 0 0 5060 clear
_sips._tcp SRV 10 0 5061 border
clear %(type)s %(addr)s
border %(type)s %(addr)s
"""

NSD_CONF = """\
server:
    ip-address: %(addr)s
    username: root
    zonesdir: %(dir)s
    database: ""
    pidfile: ""
    zonelistfile: %(dir)s/zone.list
    xfrdfile: %(dir)s/xfrd.state
    logfile: %(dir)s/nsd.log
    server-count: 1
remote-control:
    control-enable: no
"""


def certs(path, *args):
    """Runs tests/lib/certs; the name of the file of the last one."""
    subprocess.run([CERTS, path, *args], check=True)


def add_addr(addr, space="others", ifname="out0"):
    border.add_addr(space, ifname, addr)


def record(addr):
    """The type of its record in DNS."""
    return "AAAA" if ":" in addr else "A"


def sips(addr):
    """What a network publishes whose border is there."""
    return SIPS % {"addr": addr, "type": record(addr)}


class NameServer:
    """nsd with zones: domain -> lines; %(addr)s as in SIPS must be filled."""

    def __init__(self, space, addr, path):
        self.space, self.addr, self.dir = space, addr, path
        self.zones, self.process = {}, None
        os.makedirs(path, exist_ok=True)

    def start(self, ttl=60):
        conf = NSD_CONF % {"addr": self.addr, "dir": self.dir}
        for domain, records in self.zones.items():
            with open(os.path.join(self.dir, domain), "w",
                      encoding="ascii") as f:
                f.write(ZONE % {"domain": domain, "dns": self.addr,
                                "records": records, "ttl": ttl,
                                "type": record(self.addr)})
            conf += "zone:\n    name: %s\n    zonefile: %s\n" % (domain,
                                                                 domain)
        path = os.path.join(self.dir, "nsd.conf")
        with open(path, "w", encoding="ascii") as f:
            f.write(conf)
        with open(os.path.join(self.dir, "nsd.err"), "ab") as log:
            self.process = netns.popen(self.space, [NSD, "-d", "-c", path],
                                       stdout=log, stderr=log)

    def listens(self):
        want = border.proc_addr(self.addr) + ":0035"
        return any(line.split()[1] == want and line.split()[3] == "0A"
                   for line in border.proc_tcp(self.space))

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(30)
            self.process = None


class Network(border.Border):
    """A border proxy that speaks TLS only, its CA "ca" and its name server."""

    def __init__(self, space, number, domain, conf=""):
        super().__init__(space, number, conf)
        self.domain = domain
        self.defines, self.replace = {}, []
        certs(self.dir, "ca", "ca-" + space)
        certs(self.dir, "cert", "ca-" + space, "border", "x",
              "DNS:" + domain)
        self.dns = NameServer(space, self.outer, self.path("dns"))
        self.dns.zones[domain] = sips(self.outer)

    @property
    def ca(self):
        return self.path("ca-%s.pem" % self.space)

    def trust(self, *paths):
        """CAs that the proxy takes; which one for whom, gmguard.conf says."""
        with open(self.path("ca.pem"), "wb") as out:
            for path in paths:
                with open(path, "rb") as f:
                    out.write(f.read())

    def settings(self):
        return {**super().settings(), "WITH_TLS": None, "TLS_PORT": TLS_PORT,
                "OPEN_TIMEOUT_MS": '"12000"', **self.defines}

    def start(self):
        self.dns.start()
        self.wait(self.dns.listens, "nsd")
        self.start_agent()
        self.start_tls()

    def start_tls(self):
        """The shipped files beside this network's certificates."""
        for name in os.listdir(EXAMPLES):
            if name.endswith(".cfg"):
                shutil.copy(os.path.join(EXAMPLES, name), self.dir)
        for name, old, new in self.replace:
            with open(self.path(name), encoding="utf-8") as f:
                text = f.read()
            assert old in text, old
            with open(self.path(name), "w", encoding="utf-8") as f:
                f.write(text.replace(old, new))
        self.start_proxy(self.path("kamailio.cfg"), ["--atexit=no"])
        self.wait(lambda: self.listens("tcp", TLS_PORT), "kamailio, TLS")

    def stop_proxy(self):
        self.proxy.terminate()
        self.proxy.wait(90)
        self.proxy = None

    def stop(self):
        super().stop()
        self.dns.stop()

    def connections(self, remote):
        """Established TLS connections that we opened to an address."""
        want = "%s:%04X 01 " % (border.proc_addr(remote), TLS_PORT)
        return sum(want in line for line in border.proc_tcp(self.space))


class TlsEnd:
    """Somebody outside who speaks SIP over TLS, with whatever certificate.
    .got: requests that came in, whoever sent them."""

    def __init__(self, addr, path, name):
        self.addr, self.got, self.handshakes = addr, [], []
        self.path, self.name = path, name
        self._socks, self._closed = [], False

    @property
    def family(self):
        return socket.AF_INET6 if ":" in self.addr else socket.AF_INET

    def context(self, purpose, **kwargs):
        ctx = ssl.SSLContext(purpose)
        ctx.check_hostname = False
        ctx.verify_mode = ssl.CERT_NONE
        if self.name:
            ctx.load_cert_chain(os.path.join(self.path, self.name + ".pem"),
                                os.path.join(self.path, self.name + ".key"))
        for key, value in kwargs.items():
            setattr(ctx, key, value)
        return ctx

    def listen(self, port=TLS_PORT, clear=False):
        with netns.ns("others"):
            sock = socket.create_server((self.addr, port), family=self.family)
        self._socks.append(sock)
        ctx = None if clear else self.context(ssl.PROTOCOL_TLS_SERVER)
        threading.Thread(target=self._accept, args=(sock, ctx),
                         daemon=True).start()
        return self

    def _accept(self, sock, ctx):
        while True:
            try:
                conn, _ = sock.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(conn, ctx),
                             daemon=True).start()

    def _serve(self, conn, ctx):
        try:
            if ctx:
                conn = ctx.wrap_socket(conn, server_side=True)
            self.handshakes.append(True)
            parser = StreamParser()
            while True:
                data = conn.recv(65536)
                if not data:
                    return
                for msg in parser.feed(data):
                    self.got.append(msg)
                    conn.sendall(Message.response(msg, 200).build())
        except (OSError, ValueError) as error:
            self.handshakes.append(str(error))
        finally:
            conn.close()

    def methods(self):
        return [msg.method for msg in self.got]

    def close(self):
        for sock in self._socks:
            sock.close()

    def connect(self, remote, port=TLS_PORT, **kwargs):
        """A TLS connection to a border; raises ssl.SSLError, OSError."""
        with netns.ns("others"):
            sock = socket.socket(self.family)
            sock.bind((self.addr, 0))
        sock.settimeout(30)
        sock.connect((remote, port))
        return self.context(ssl.PROTOCOL_TLS_CLIENT, **kwargs).wrap_socket(
            sock)

    def request(self, method, uri, transport="TLS"):
        return Message.request(method, uri, [
            ("Via", "SIP/2.0/%s %s:5061;branch=z9hG4bK%s"
             % (transport, border.bracketed(self.addr), token())), ("Max-Forwards", "70"),
            ("From", "<sip:x@outside.example>;tag=%s" % token(4)),
            ("To", "<%s>" % uri), ("Call-ID", token()),
            ("CSeq", "1 " + method)])

    async def ask(self, conn, method, uri):
        """The final answer to a request on a connection; None: it was
        closed without one. In a thread: who is asked may be here, too."""
        return await asyncio.to_thread(self._ask, conn, method, uri)

    def _ask(self, conn, method, uri):
        conn.sendall(self.request(method, uri).build())
        parser = StreamParser()
        try:
            while True:
                data = conn.recv(65536)
                if not data:
                    return None
                for msg in parser.feed(data):
                    if msg.code >= 200:
                        return msg.code
        except (ConnectionError, ssl.SSLError):
            return None
