#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""S-CSCF and HSS in one: authenticates with real Milenage vectors, keeps the
Path, sends requests to registered UEs and answers theirs.

In a test it is an object of the test's own loop. As a program it takes JSON
lines on standard input and prints JSON lines:

    {"op": "subscriber", "impi": "..", "impus": [..], "k": hex, "opc": hex}
    {"op": "send", "method": "MESSAGE", "impi": "..", "transport": "udp"}
    {"op": "call", "impi": "..", "transport": "tcp"}       INVITE, ACK, BYE
    {"op": "bindings"} {"op": "quit"}
"""
import asyncio
import base64
import contextlib
import json
import os
import re
import sys

import milenage
import netns
from sipmsg import (REALM, Message, digest_params, full_name, host_port, token,
                    uri_of, uri_target)
from sipua import TIMEOUT, Agent, Dialog, Entry, bound

SQN_STEP = 32       # 33.102 C.1.1.1: SEQ || IND with 5 bits of IND


class Subscriber:
    """What the HSS knows of a USIM, and the registration."""

    def __init__(self, impi, impus, k, opc, sqn=0, amf=b"\x80\0"):
        self.impi, self.impus = impi, list(impus)
        self.k, self.opc, self.sqn, self.amf = k, opc, sqn, amf
        self.vectors = {}       # nonce: vector, of open challenges
        self.bindings = {}      # contact URI: Binding
        self.watchers = []      # who subscribed to the registration

    def challenge(self):
        """Returns the nonce and the vector of a new challenge."""
        self.sqn += SQN_STEP
        vector = milenage.Vector(self.k, self.opc, os.urandom(16),
                                 self.sqn.to_bytes(6, "big"), self.amf)
        nonce = base64.b64encode(vector.rand + vector.autn).decode()
        self.vectors[nonce] = vector
        return nonce, vector


class Binding:
    def __init__(self, contact, path, expires):
        self.contact, self.path, self.expires = contact, path, expires


def reginfo(impus, contacts, ended, state):
    """A body of the registration event package."""
    text = '<?xml version="1.0"?>\n<reginfo xmlns="urn:ietf:params:xml:ns:' \
        'reginfo" version="0" state="%s">\n' % state
    for i, impu in enumerate(impus):
        now = "terminated" if impu in ended else "active"
        text += '  <registration aor="%s" id="r%d" state="%s">\n' % (
            impu, i, now)
        for j, contact in enumerate(contacts):
            text += '    <contact id="c%d" state="%s" event="%s">\n' \
                '      <uri>%s</uri>\n    </contact>\n' % (
                    j, now, "deactivated" if impu in ended else "registered",
                    contact.replace("&", "&amp;"))
        text += "  </registration>\n"
    return text + "</reginfo>\n"


class Registrar(Agent):
    """realm: the home domain. Hooks for tests: .alter(answer) may change or
    replace any answer to a REGISTER before it leaves (None: no answer).
    .held: a list to have them collected there; release() sends one."""

    def __init__(self, realm=REALM, expires=600000, strict=True):
        super().__init__("registrar")
        self.realm, self.expires, self.strict = realm, expires, strict
        self.subscribers = {}
        self.alter = self.held = None
        self.reauthenticate = True  # challenge a protected REGISTER again
        self.calls = []             # dialogs that UEs opened
        self.rings = False          # no answer to INVITE but 180 and 487
        self._ringing = {}          # branch: INVITE, flow, tag
        self._udp = {}
        self._tcp = {}
        self.addr = self.port = None
        self._connect_from = None

    async def start(self, addr, port=5060, namespace=None):
        """Serves UDP and TCP; call it once for each address."""
        self.addr, self.port = addr, port
        enter = (lambda: netns.ns(namespace)) if namespace else \
            contextlib.nullcontext
        with enter():
            udp_sock = bound(addr, port)
            tcp_sock = bound(addr, port, 1)
        tcp_sock.listen(64)
        self._udp[":" in addr] = self.udp(udp_sock)
        await self.listen_tcp(tcp_sock)
        self._connect_from = enter

    # ----- the HSS ---------------------------------------------------------
    def subscriber(self, impi, impus, k, opc, **kwargs):
        self.subscribers[impi] = Subscriber(impi, impus, k, opc, **kwargs)
        return self.subscribers[impi]

    def _register(self, req):
        """The answer to a REGISTER, unsent."""
        cred = digest_params(req.get("Authorization"))
        user = self.subscribers.get(cred.get("username"))
        if not user or uri_of(req.get("To")) not in user.impus:
            return Message.response(req, 403, reason="Unknown User")
        protected = cred.get("integrity-protected")
        if cred.get("auts"):
            auts = base64.b64decode(cred["auts"])
            rand = base64.b64decode(cred.get("nonce", ""))[:16]
            sqn_ms = milenage.open_auts(user.k, user.opc, rand, auts)
            if sqn_ms is None:
                return Message.response(req, 403, reason="Wrong AUTS")
            user.sqn = int.from_bytes(sqn_ms, "big")
        elif cred.get("response") and cred.get("nonce") in user.vectors:
            return self._check(req, user, cred)
        elif protected == "yes" and user.bindings and \
                not self.reauthenticate:
            return self._bind(req, user)
        return self._challenge(req, user)

    def _challenge(self, req, user):
        nonce, vector = user.challenge()
        value = ('Digest realm="%s", nonce="%s", algorithm=AKAv1-MD5, '
                 'ck="%s", ik="%s"' % (self.realm, nonce, vector.ck.hex(),
                                       vector.ik.hex()))
        return Message.response(req, 401, [("WWW-Authenticate", value)])

    def _check(self, req, user, cred):
        if self.strict and cred.get("integrity-protected") != "yes":
            return Message.response(req, 403, reason="Not Protected")
        vector = user.vectors.pop(cred["nonce"])    # one try for each
        want = milenage.digest(cred["username"], cred.get("realm", ""),
                               vector.xres, cred["nonce"], "REGISTER",
                               cred.get("uri", ""), cred.get("qop"),
                               cred.get("nc"), cred.get("cnonce"))
        if cred["response"] != want:
            return Message.response(req, 403, reason="Wrong RES")
        return self._bind(req, user)

    def _bind(self, req, user):
        contact = req.get("Contact")
        uri = uri_of(contact)
        wanted = re.search(r";\s*expires=(\d+)", contact.partition(">")[2])
        expires = int(wanted.group(1)) if wanted else \
            int(req.get("Expires") or self.expires)
        expires = min(expires, self.expires)
        if expires:
            user.bindings[uri] = Binding(uri, req.values("Path"), expires)
        else:
            user.bindings.pop(uri, None)
        headers = [("Path", p) for p in req.values("Path")]
        headers += [("Contact", "<%s>;expires=%d" % (b.contact, b.expires))
                    for b in user.bindings.values()]
        headers.append(("P-Associated-URI",
                        ", ".join("<%s>" % i for i in user.impus)))
        headers.append(("Service-Route", "<sip:orig@%s;lr>"
                        % host_port(self.addr, self.port)))
        return Message.response(req, 200, headers)

    # ----- requests of the UEs ---------------------------------------------
    def on_request(self, msg, flow):
        if msg.method == "REGISTER":
            answer = self._register(msg)
            if self.alter:
                answer = self.alter(answer)
            if self.held is not None:
                self.held.append((msg, answer, flow))
            elif answer:
                self._send_answer(msg, answer, flow)
        elif msg.method == "SUBSCRIBE" and msg.get("Event") == "reg":
            self._watch(msg, flow)
        elif msg.method == "INVITE":
            to_tag = token(4)
            contact = [("Contact", "<sip:%s>"
                        % host_port(self.addr, self.port))]
            self.reply(msg, flow, 180, contact, to_tag=to_tag)
            if self.rings:
                self._ringing[msg.branch] = msg, flow, to_tag
                return
            answer = self.reply(msg, flow, 200, contact, to_tag=to_tag)
            self.calls.append(Dialog.uas(msg, answer))
        elif msg.method != "ACK":
            self.reply(msg, flow, 200)
            if msg.method == "CANCEL" and msg.branch in self._ringing:
                invite, back, to_tag = self._ringing.pop(msg.branch)
                self.reply(invite, back, 487, to_tag=to_tag)

    def release(self, index=0):
        """Sends an answer that was held; it may be sent again later."""
        self._send_answer(*self.held[index])

    def _send_answer(self, req, answer, flow):
        answer.headers = [(n, v + ";tag=" + token(4))
                          if full_name(n) == "to" and ";tag=" not in v
                          else (n, v)
                          for n, v in answer.headers]
        self._answered[(req.branch, req.method, req.get("Call-ID"))] = \
            (answer, flow)
        self.send(answer, flow)

    # ----- registration events (RFC 3680) ----------------------------------
    def _watch(self, msg, flow):
        """SUBSCRIBE: of the P-CSCF or of the UE."""
        contact = [("Contact", "<sip:%s>" % host_port(self.addr, self.port)),
                   ("Expires", msg.get("Expires"))]
        dialog = Dialog.uas(msg, self.reply(msg, flow, 200, contact))
        for user in self.subscribers.values():
            if msg.uri in user.impus:
                user.watchers.append(dialog)
                self.spawn(self.notify(user, dialog, []))

    async def notify(self, user, dialog, ended, contacts=None, state="full",
                     timeout=TIMEOUT):
        """Tells a watcher that public identities were ended, for all contacts
        or for these; returns the answer."""
        contacts = contacts or list(user.bindings)
        body = reginfo(user.impus if state == "full" else ended, contacts,
                       ended, state)
        flow = await self.flow_to(dialog.next_hop)
        msg = dialog.request("NOTIFY", self._via(flow))
        over = len(ended) == len(user.impus)
        msg.headers += [("Event", "reg"), ("Subscription-State",
                                           "terminated;reason=timeout"
                                           if over else "active"),
                        ("Content-Type", "application/reginfo+xml")]
        msg.body = body.encode()
        return await self.transact(msg, flow, timeout)

    # ----- requests to the UEs ---------------------------------------------
    async def flow_to(self, uri, transport=None):
        host, port, wanted = uri_target(uri)
        transport = transport or wanted
        if transport == "udp":
            return self._udp[":" in host](host, port)
        flow = self._tcp.get((host, port))
        if flow is None or flow.closed.is_set():
            with self._connect_from():
                sock = bound(self.addr, 0, 1)
            flow = await self.connect_tcp(sock, (host, port))
            self._tcp[(host, port)] = flow
        return flow

    def _via(self, flow):
        return (flow.transport, self.addr, self.port)

    def new_request(self, method, binding, flow, impu, body=b"text",
                    sender="sip:alice@home.example"):
        """A request to a registered UE, along its Path."""
        msg = Message.request(method, binding.contact, [
            ("Via", "SIP/2.0/%s %s;branch=z9hG4bK%s"
             % (flow.transport.upper(), host_port(self.addr, self.port),
                token())), ("Max-Forwards", "70")])
        for path in binding.path:
            msg.add("Route", path)
        msg.headers += [
            ("From", "<%s>;tag=%s" % (sender, token(4))),
            ("To", "<%s>" % impu), ("Call-ID", token()),
            ("CSeq", "1 " + method),
            ("P-Asserted-Identity", "<%s>" % sender)]
        if method == "INVITE":
            msg.add("Contact", "<sip:%s>" % host_port(self.addr, self.port))
        if method == "MESSAGE":
            msg.add("Content-Type", "text/plain")
            msg.body = body
        return msg

    def binding(self, impi, contact=None):
        user = self.subscribers[impi]
        if contact:
            return user, user.bindings[contact]
        return user, list(user.bindings.values())[-1]

    async def send_to(self, impi, method="MESSAGE", transport=None,
                      contact=None, timeout=TIMEOUT, **kwargs):
        """Sends one request to a UE and returns the final answer."""
        user, binding = self.binding(impi, contact)
        hop = uri_of(binding.path[0]) if binding.path else binding.contact
        flow = await self.flow_to(hop, transport)
        msg = self.new_request(method, binding, flow, user.impus[0], **kwargs)
        return await self.transact(msg, flow, timeout)

    async def send_to_contact(self, ue, method="MESSAGE", timeout=TIMEOUT):
        """To a UE object that has no binding, by the Path of its last one."""
        path = [p for e in self.entries(lambda e: e.msg.method == "REGISTER")
                for p in e.msg.values("Path")][-1:]
        binding = Binding(ue.contact, path, 0)
        flow = await self.flow_to(uri_of(path[0]))
        return await self.transact(
            self.new_request(method, binding, flow, ue.sim.impu), flow,
            timeout)

    async def call(self, impi, transport=None, contact=None, timeout=TIMEOUT):
        """INVITE, ACK, BYE; returns the two final answers."""
        answer = await self.send_to(impi, "INVITE", transport, contact,
                                    timeout)
        if answer is None or answer.code != 200:
            return answer, None
        dialog = Dialog.uac(answer)
        flow = await self.flow_to(dialog.next_hop, transport)
        self.send(dialog.request("ACK", self._via(flow), dialog.cseq), flow)
        return answer, await self.in_dialog(dialog, "BYE", transport, timeout)

    async def in_dialog(self, dialog, method, transport=None, timeout=TIMEOUT):
        flow = await self.flow_to(dialog.next_hop, transport)
        return await self.transact(dialog.request(method, self._via(flow)),
                                   flow, timeout)


# ----- as a program --------------------------------------------------------
def _print(**fields):
    print(json.dumps(fields), flush=True)


async def _command(registrar, line):
    op = line.pop("op")
    if op == "subscriber":
        registrar.subscriber(line["impi"], line["impus"],
                             bytes.fromhex(line["k"]),
                             bytes.fromhex(line["opc"]))
        _print(event="subscriber", impi=line["impi"])
    elif op == "send":
        answer = await registrar.send_to(
            line["impi"], line.get("method", "MESSAGE"), line.get("transport"))
        _print(event="sent", impi=line["impi"],
               code=answer.code if answer else 0)
    elif op == "call":
        invite, bye = await registrar.call(line["impi"], line.get("transport"))
        _print(event="called", impi=line["impi"],
               code=invite.code if invite else 0, bye=bye.code if bye else 0)
    elif op == "bindings":
        _print(event="bindings", bindings={
            impi: {b.contact: {"path": b.path, "expires": b.expires}
                   for b in s.bindings.values()}
            for impi, s in registrar.subscribers.items()})
    else:
        _print(event="error", text="unknown op %r" % op)


class _Printing(Registrar):
    def _add(self, entry):
        super()._add(entry)
        if isinstance(entry, Entry):
            _print(event=entry.direction, flow=str(entry.flow),
                   start=entry.msg.start, call_id=entry.msg.get("Call-ID"))


async def main():
    import argparse     # slow to load on an emulated CPU
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--addr", action="append", required=True,
                        help="address to serve; may be repeated")
    parser.add_argument("--port", type=int, default=5060)
    parser.add_argument("--realm", default=REALM)
    parser.add_argument("--lenient", action="store_true",
                        help="do not ask for integrity-protected=yes")
    args = parser.parse_args()
    registrar = _Printing(args.realm, strict=not args.lenient)
    for addr in args.addr:
        await registrar.start(addr, args.port)
    _print(event="ready")
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while True:
        text = await reader.readline()
        if not text:
            break
        try:
            line = json.loads(text)
            if line.get("op") == "quit":
                break
            await _command(registrar, line)
        except (ValueError, KeyError, IndexError, OSError) as e:
            _print(event="error", text="%s: %s" % (type(e).__name__, e))
    registrar.close()


if __name__ == "__main__":
    asyncio.run(main())
