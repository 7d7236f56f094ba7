# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the P-CSCF of the tests: gmguardd and Kamailio in namespace "pcscf".

    p = Pcscf()
    p.start_agent(); p.start_proxy()
    ...
    p.kill_agent(); p.stop()
"""
import os
import signal
import subprocess
import tempfile
import time

import netns

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
KAMAILIO_CFG = os.path.join(ROOT, "agent/examples/kamailio/kamailio.cfg")
PORT, PORT_PS, PORT_PC = 5060, 6101, list(range(6110, 6118))
RPC_PORT = 8733

CONF = """\
[agent]
listen_tcp = 127.0.0.1:%(rpc)d
listen_unix = %(dir)s/gmguardd.sock
listen_metrics = %(listen_metrics)s
log_level = %(log_level)s

[security]
algorithms = %(algorithms)s
encryption_algorithms = %(encryption_algorithms)s
encryption = %(encryption)s

[peer partner]
class = partner
domains = partner.example
"""

ENDPOINT = """\

[endpoint gm%(version)d]
local_addr = %(addr)s
port_ps = %(ps)d
port_pc = %(first)d-%(last)d
port_unprotected = %(port)d
"""


class Pcscf:
    def __init__(self, agent=None, versions=(4, 6), core_transport="udp",
                 directory=None):
        self.agent_argv = agent or [
            os.environ.get("GMGUARDD", os.path.join(ROOT, "agent/gmguardd"))]
        self.versions, self.core_transport = versions, core_transport
        self.dir = directory or tempfile.mkdtemp(prefix="gmg-pcscf-")
        self.settings = {"algorithms": "hmac-sha-1-96, hmac-md5-96",
                         "encryption_algorithms":
                             "aes-cbc, des-ede3-cbc, null",
                         "encryption": "preferred", "log_level": "info",
                         "listen_metrics": "off", "rules": ""}
        self.agent = self.proxy = None

    def path(self, name):
        return os.path.join(self.dir, name)

    def log(self, name):
        """Text of "gmguardd.log" or "kamailio.log"."""
        with open(self.path(name), encoding="utf-8", errors="replace") as f:
            return f.read()

    def tail(self, name, lines=60):
        """The last lines of a log without Kamailio's small talk."""
        dull = ("signal 15", "receive_fd", "SO_RCVBUF", " tcp: ", " udp: ")
        return [line for line in self.log(name).splitlines()
                if not any(d in line for d in dull)][-lines:]

    # ----- gmguardd --------------------------------------------------------
    def write_conf(self, **settings):
        self.settings.update(settings)
        text = CONF % dict(self.settings, rpc=RPC_PORT, dir=self.dir)
        text += self.settings["rules"]
        for version in self.versions:
            text += ENDPOINT % {
                "version": version, "port": PORT, "ps": PORT_PS,
                "addr": netns.access_addr("pcscf", version),
                "first": PORT_PC[0], "last": PORT_PC[-1]}
        with open(self.path("gmguard.conf"), "w", encoding="ascii") as f:
            f.write(text)
        return self.path("gmguard.conf")

    def start_agent(self, arguments=None, timeout=60):
        """arguments: of gmguardd; "-c FILE" when None."""
        if arguments is None:
            arguments = ["-c", self.write_conf()]
        with open(self.path("gmguardd.log"), "ab") as log:
            self.agent = netns.popen("pcscf", self.agent_argv + arguments,
                                     stdout=log, stderr=log)
        self._wait(lambda: self._tcp(RPC_PORT, "0A"), self.agent,
                   "gmguardd", timeout)

    def kill_agent(self, sig=signal.SIGKILL):
        if self.agent:
            self.agent.send_signal(sig)
            self.agent.wait()
            self.agent = None

    # ----- Kamailio --------------------------------------------------------
    def start_proxy(self, timeout=120, **defines):
        names = {"GM_SETTINGS": None, "GM_PORT": PORT, "GM_PORT_PS": PORT_PS,
                 "CORE_ADDR": netns.core_addr("pcscf"), "CORE_PORT": 5060,
                 "CORE_PATH_PORT": PORT_PS, "CORE_PEERS":
                 "10.44.0.0/24,fd44::/64", "AGENT_TIMEOUT_MS": 10000,
                 "CORE_NEXT_HOP": "sip:%s:5060;transport=%s"
                 % (netns.core_addr("core"), self.core_transport),
                 "AGENT_SERVER": '"conn=gmguard;addr=127.0.0.1;port=%d"'
                 % RPC_PORT, "UDP_WORKERS": 1, "TCP_WORKERS": 1,
                 "LOG_LEVEL": 2, "WITH_REG_EVENT": None}
        for i, port in enumerate(PORT_PC):
            names["GM_PORT_PC%d" % (i + 1)] = port
        if 4 in self.versions:
            names["GM_ADDR4"] = netns.access_addr("pcscf", 4)
        if 6 in self.versions:
            names["GM_ADDR6"] = "[%s]" % netns.access_addr("pcscf", 6)
        names.update(defines)
        argv = ["kamailio", "-f", KAMAILIO_CFG, "-DD", "-E", "-m", "64",
                "-M", "8", "-Y", self.dir, "-P", self.path("kamailio.pid")]
        for name, value in names.items():
            argv += ["-A", name if value is None else
                     "%s=%s" % (name, value)]
        with open(self.path("kamailio.log"), "ab") as log:
            self.proxy = netns.popen("pcscf", argv, stdout=log, stderr=log)
        if self.agent:
            self.wait_connected(timeout)

    def wait_connected(self, timeout=60):
        """Until the proxy has its connection to the agent."""
        self._wait(lambda: self._tcp(RPC_PORT, "01"), self.proxy,
                   "kamailio's connection to gmguardd", timeout)

    def stop(self):
        self.stop_proxy()
        self.kill_agent(signal.SIGTERM)

    def stop_proxy(self):
        if self.proxy:
            self.proxy.terminate()
            try:
                self.proxy.wait(30)
            except subprocess.TimeoutExpired:
                self.proxy.kill()
                self.proxy.wait()
            self.proxy = None

    # ----- waiting ---------------------------------------------------------
    @staticmethod
    def _tcp(port, state):
        """A TCP socket of pcscf with that local port and state?"""
        with netns.ns("pcscf"):
            with open("/proc/thread-self/net/tcp", encoding="ascii") as f:
                for line in f.readlines()[1:]:
                    fields = line.split()
                    if int(fields[1].split(":")[1], 16) == port and \
                            fields[3] == state:
                        return True
        return False

    def _wait(self, condition, process, what, timeout):
        end = time.monotonic() + timeout
        while not condition():
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("%s did not come up, see %s"
                                   % (what, self.dir))
            time.sleep(0.05)
