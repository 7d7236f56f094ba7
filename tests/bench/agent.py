# SPDX-License-Identifier: GPL-2.0-or-later
"""gmguardd beside very many SA sets: for PG-8 and PG-9."""
import os
import random
import time

import bench
import netns
from agentrpc import AgentRpc, RpcError

RPC_PORT = 8733
GMGUARDD = os.path.join(bench.HERE, "../../agent/gmguardd")
CONF, LOG = "/tmp/gmguard.conf", "/tmp/gmguardd.log"
TEXT = """\
[agent]
listen_tcp = 127.0.0.1:%d
log_level = notice

[endpoint gm4]
local_addr = %s
port_ps = %d
port_pc = %d-%d
port_unprotected = 5060
""" % (RPC_PORT, bench.PCSCF, bench.PORT_PS, bench.PORT_PC, bench.PORT_PC + 3)
# What it keeps of a registration with two identities.
DATA = ('{"security_server":["hmac-sha-1-96/aes-cbc"],"security_client":'
        '"0123456789abcdef","transaction":"fedcba9876543210","nonce":'
        '"bm9uY2Ugb2YgYSByZWdpc3RyYXRpb24gIw==","accepted":"hmac-sha-1-96",'
        '"contact":"<sip:user#@10.64.0.0:10001>","impus":["sip:user#@ims.'
        'example","tel:+49332030#"]}')


def setup(first, number):
    """So many registered UEs."""
    bench.uesetup("pcscf", "fixed", first, number, "null", 1, DATA)


class Agent:
    """gmguardd in namespace pcscf."""

    def __init__(self):
        with open(CONF, "w", encoding="ascii") as file:
            file.write(TEXT)
        self.process = None

    def start(self, ask=()):
        """Seconds until it has answered whose these UEs' SAs are."""
        begin = time.monotonic()
        with open(LOG, "ab") as log:
            self.process = netns.popen("pcscf", [GMGUARDD, "-c", CONF],
                                       stdout=log, stderr=log)
        while not self._answers(ask):
            if self.process.poll() is not None or \
                    time.monotonic() > begin + 120:
                raise RuntimeError("gmguardd: see " + LOG + "\n" + open(
                    LOG, encoding="ascii").read()[-2000:])
            time.sleep(0.005)
        return time.monotonic() - begin

    @staticmethod
    def _answers(ask):
        try:
            with AgentRpc() as rpc:
                for number in ask:
                    found = rpc.call(
                        "identify", transport="udp", local_port=bench.PORT_PS,
                        ue_addr=address(number), ue_port=10000,
                        local_addr=bench.PCSCF)
                    if found["impi"] != "user%d@ims.example" % number:
                        raise RuntimeError(found)
            return True
        except (ConnectionError, RpcError):
            return False

    def kill(self):
        self.process.kill()
        self.process.wait()

    def memory(self):
        """Bytes that it has taken for itself."""
        with open("/proc/%d/status" % self.process.pid,
                  encoding="ascii") as file:
            return next(int(line.split()[1]) << 10 for line in file
                        if line.startswith("RssAnon"))


def address(number):
    """Of a UE of uesetup.c."""
    return "10.%d.%d.%d" % (64 + (number >> 16), number >> 8 & 255,
                            number & 255)


def pick(number):
    """Some UEs, the last one among them."""
    return random.sample(range(number), 20) + [number - 1]
