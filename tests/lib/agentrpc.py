# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks gmguardd as a SIP proxy would (gmguard-rpc(7)), and compares what it
says with what the kernel has.

    rpc = AgentRpc()
    rpc.call("identify", transport="udp", ue_addr=..., ...)
    wrong = rpc.compare(sets)           # sets as state.sets() returns them
"""
import json
import socket

import netns
from pcscf import RPC_PORT

NO_SET = -32001


class RpcError(Exception):
    """The agent's error; code: its number."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.code = error["code"]


class AgentRpc:
    def __init__(self, timeout=30):
        with netns.ns("pcscf"):
            self.sock = socket.create_connection(("127.0.0.1", RPC_PORT),
                                                 timeout)
        self.lines = self.sock.makefile("rb")
        self.number = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.lines.close()
        self.sock.close()

    def call(self, method, **params):
        self.number += 1
        self.sock.sendall(json.dumps({
            "jsonrpc": "2.0", "id": self.number, "method": method,
            "params": params}).encode())
        answer = json.loads(self.lines.readline() or
                            b'{"error": {"code": 0, "message": "closed"}}')
        if "error" in answer:
            raise RpcError(answer["error"])
        return answer["result"]

    def _ask(self, method, **params):
        """The result; an empty one if no live set fits."""
        try:
            return self.call(method, **params)
        except RpcError as error:
            if error.code != NO_SET:
                raise
            return {}

    def identify(self, s, name):
        """About a packet on SA A or D of a set."""
        ue, local = ("port-uc", "port-ps") if name == "A" else \
            ("port-us", "port-pc")
        return self._ask("identify", transport="udp", ue_addr=s["ue-addr"],
                         ue_port=s[ue], local_addr=s["local-addr"],
                         local_port=s[local])

    def locate(self, ue_addr, port_us):
        return self._ask("locate", ue_addr=ue_addr, ue_port=port_us)

    def compare(self, sets):
        """What the agent says otherwise than the kernel, as text: whose flow
        each set's are, and which set leads to each UE."""
        wrong = []
        for s in sets:
            want = (s["id"], s["impi"], s["phase"]) \
                if s["phase"] != "temporary" else (None, None, None)
            for name in "AD":
                got = self.identify(s, name)
                got = tuple(got.get(k) for k in ("set", "impi", "phase"))
                if got != want:
                    wrong.append("identify, SA %s: %r, not %r"
                                 % (name, got, want))
            if s.get("in-use"):
                got = self.locate(s["ue-addr"], s["port-us"])
                if got.get("set") != s["id"] or \
                        got.get("port_pc") != s["port-pc"]:
                    wrong.append("locate %s: %r, not set %d"
                                 % (s["ue-addr"], got, s["id"]))
        return wrong

    def forgotten(self, sets):
        """Of sets that are gone: what the agent still says about them."""
        return [got for s in sets for got in
                (self.identify(s, "A"), self.locate(s["ue-addr"],
                                                    s["port-us"])) if got]
