# SPDX-License-Identifier: GPL-2.0-or-later
"""A UE that does IMS-AKA for real (TS 33.203 7.2): Milenage, sec-agree, key
expansion, its own xfrm states and policies in its own namespace.

    sim = Sim(impi, impu, k, opc)
    ue = UE("ue1", "10.33.0.11", "10.33.0.1", sim, transport="tcp",
            offers=[("hmac-sha-1-96", "aes-cbc")])
    await ue.register()                       # SM1, SM6, SM7, SM12
    answer = await ue.request("MESSAGE", "sip:bob@home.example")
    await ue.wait_request("MESSAGE")          # one from the network came
    await ue.deregister(); ue.close()

Each step of register() can be taken alone: sm1(), challenged(), sm7().
Over UDP everything leaves from port_uc and comes in on port_us; over TCP the
UE connects from port_uc, the P-CSCF connects to port_us.
"""
import base64
import contextlib
import random
import re
import socket

import milenage
import netns
from esp import Esp
from sipmsg import (REALM, Message, digest_params, host_port, mechanisms, token,
                    uri_of)
from sipua import TIMEOUT, Agent, Dialog, Timeout, bound

__all__ = ["ALGS", "EALGS", "ALL_OFFERS", "AEAD_OFFERS", "AkaError", "Sim",
           "SaSet", "UE", "Timeout", "free_port", "warm_up"]

ALGS = ("hmac-md5-96", "hmac-sha-1-96")
EALGS = ("null", "des-ede3-cbc", "aes-cbc")
ALL_OFFERS = [(a, e) for a in ALGS for e in EALGS]
# Not part of ALL_OFFERS: the agent takes them only if it is told to.
AEAD_OFFERS = [("null", "aes-gcm"), ("aes-gmac", "null")]
XFRM_ALG = {"hmac-md5-96": "hmac(md5)", "hmac-sha-1-96": "hmac(sha1)"}
XFRM_EALG = {"null": "ecb(cipher_null)", "des-ede3-cbc": "cbc(des3_ede)",
             "aes-cbc": "cbc(aes)"}
XFRM_AEAD = dict(zip(AEAD_OFFERS, ("rfc4106(gcm(aes))", "rfc4543(gcm(aes))")))
_ports = random.sample(range(20000, 60000), 30000)


def free_port():
    """Never the same one twice in a run."""
    return _ports.pop()


def warm_up(namespace):
    """Makes the kernel load all ciphers once. On an emulated CPU that takes 10
    to 20 s (drbg, jitterentropy), longer than a SIP proxy waits."""
    netns.ip("".join(
        "xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x%x "
        "mode transport auth-trunc hmac(%s) 0x%s 96 enc %s %s\n"
        % (0x100 + i, "md5" if size == 16 else "sha1", "5a" * size,
           XFRM_EALG[ealg], '""' if ealg == "null" else "0x" + key)
        for i, (ealg, size, key) in enumerate((
            ("null", 16, ""), ("aes-cbc", 20, "5b" * 16),
            ("des-ede3-cbc", 20,
             "0123456789abcdef23456789abcdef010123456789abcdef")))) +
             "".join(
        "xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x%x "
        "mode transport aead %s 0x%s 128\n" % (0x200 + i, name, "5c" * 20)
        for i, name in enumerate(XFRM_AEAD.values())) +
             "xfrm state flush\n", namespace)


class AkaError(Exception):
    """The network's challenge is not acceptable. .auts when out of sync."""

    def __init__(self, text, auts=None):
        super().__init__(text)
        self.auts = auts


class Sim:
    def __init__(self, impi, impu, k, opc, sqn=0, realm=REALM):
        self.impi, self.impu, self.realm = impi, impu, realm
        self.k, self.opc, self.sqn = k, opc, sqn

    def authenticate(self, nonce):
        """RES, CK, IK of a challenge; checks MAC and SQN as a USIM does."""
        raw = base64.b64decode(nonce)
        rand, autn = raw[:16], raw[16:32]
        res, ck, ik, ak, _ = milenage.f2345(self.k, self.opc, rand)
        sqn = milenage.xor(autn[:6], ak)
        mac, _ = milenage.f1(self.k, self.opc, rand, sqn, autn[6:8])
        if mac != autn[8:16]:
            raise AkaError("MAC of AUTN is wrong")
        if int.from_bytes(sqn, "big") <= self.sqn:
            raise AkaError("SQN out of range", milenage.make_auts(
                self.k, self.opc, rand, self.sqn.to_bytes(6, "big")))
        self.sqn = int.from_bytes(sqn, "big")
        return res, ck, ik


class SaSet:
    """The four SAs of one authentication, seen from the UE."""
    _reqid = 0x10000

    def __init__(self, ue, port_uc=None, spi_uc=None, spi_us=None):
        self.ue = ue
        self.ue_addr, self.pcscf_addr = ue.addr, ue.pcscf
        self.port_uc, self.port_us = port_uc or free_port(), ue.port_us
        self.spi_uc = spi_uc or random.randrange(256, 1 << 32)
        self.spi_us = spi_us or random.randrange(256, 1 << 32)
        self.port_pc = self.port_ps = self.spi_pc = self.spi_ps = None
        self.alg = self.ealg = self.ik = self.ck = None
        self.server_value = ""      # Security-Server that it came with
        self.installed = False
        SaSet._reqid += 4
        self.reqid = SaSet._reqid

    def directions(self):
        """name: source port, destination port, SPI, "out" or "in"."""
        return {"A": (self.port_uc, self.port_ps, self.spi_ps, "out"),
                "B": (self.port_ps, self.port_uc, self.spi_uc, "in"),
                "C": (self.port_pc, self.port_us, self.spi_us, "in"),
                "D": (self.port_us, self.port_pc, self.spi_pc, "out")}

    def esp(self, name, seq=0, spi=None):
        """An Esp for SA A to D, with the negotiated keys: for attacks."""
        return Esp(self.alg, self.ealg, self.ik, self.ck,
                   spi or self.directions()[name][2], seq)

    def _algorithms(self):
        """The negotiated pair as ip(8) wants it."""
        pair = self.alg, self.ealg
        if pair in XFRM_AEAD:
            return "aead %s 0x%s 128" % (XFRM_AEAD[pair],
                                         (self.ik + self.ck).hex())
        enc = self.ck.hex()
        return "auth-trunc %s 0x%s 96 enc %s %s" % (
            XFRM_ALG[self.alg], self.ik.hex(), XFRM_EALG[self.ealg],
            "0x" + enc if enc else '""')

    def _lines(self, verb):
        bits = 128 if ":" in self.ue_addr else 32
        for i, (sport, dport, spi, way) in \
                enumerate(self.directions().values()):
            src, dst = self.ue_addr, self.pcscf_addr
            if way == "in":
                src, dst = dst, src
            sel = "src %s/%d dst %s/%d sport %d dport %d" % \
                (src, bits, dst, bits, sport, dport)
            if verb == "delete":
                yield "xfrm policy delete %s dir %s" % (sel, way)
                yield "xfrm state delete src %s dst %s proto esp spi 0x%x" % \
                    (src, dst, spi)
                continue
            yield ("xfrm state add src %s dst %s proto esp spi 0x%x reqid %d "
                   "mode transport replay-window 32 %s sel %s"
                   % (src, dst, spi, self.reqid + i, self._algorithms(), sel))
            yield ("xfrm policy add %s dir %s tmpl src %s dst %s proto esp "
                   "reqid %d mode transport"
                   % (sel, way, src, dst, self.reqid + i))

    def install(self):
        netns.ip("\n".join(self._lines("add")) + "\n", self.ue.namespace)
        self.installed = True

    def remove(self):
        if self.installed:
            netns.ip("\n".join(self._lines("delete")) + "\n",
                     self.ue.namespace, force=True)
            self.installed = False


class UE(Agent):
    """namespace None: this one. ipsec False: everything in clear, to try the
    SIP part without SAs. Hooks: .change_sm1/.change_sm7 get the REGISTER
    before it leaves and may change it. .contact_params: more parameters of the
    URI in Contact, such as ";sos"."""

    def __init__(self, namespace, addr, pcscf, sim, transport="udp",
                 offers=None, port_us=None, ipsec=True, pcscf_port=5060):
        super().__init__(sim.impu)
        self.namespace, self.addr, self.pcscf = namespace, addr, pcscf
        self.sim, self.transport, self.ipsec = sim, transport, ipsec
        self.offers = list(offers or ALL_OFFERS)
        self.port_us = port_us or free_port()
        self.pcscf_port = pcscf_port
        self.sa = None              # the set in use
        self.old = []               # earlier sets
        self.service_route = []
        self.expires = 0
        self.calls = []             # dialogs that the network opened
        self.change_sm1 = self.change_sm7 = lambda msg: None
        self.contact_params = ""
        self._call_id, self._cseq = token(), 0
        self._flows = {}            # SaSet or None: flow for requests
        self._listening = False
        self.offered = self.server = None

    # ----- sockets ---------------------------------------------------------
    def _enter(self):
        return netns.ns(self.namespace) if self.namespace else \
            contextlib.nullcontext()

    async def _listen(self):
        """port_us: UDP, and connections of the P-CSCF."""
        if self._listening:
            return
        with self._enter():
            udp_sock = bound(self.addr, self.port_us)
            tcp_sock = bound(self.addr, self.port_us, socket.SOCK_STREAM)
        tcp_sock.listen(8)
        self.udp(udp_sock)
        await self.listen_tcp(tcp_sock)
        self._listening = True

    async def flow(self, sa=None):
        """Where requests leave: on SA A of a set, or unprotected (None)."""
        flow = self._flows.get(sa)
        if flow and not (flow.transport == "tcp" and flow.closed.is_set()):
            return flow
        port = sa.port_ps if sa else self.pcscf_port
        local = sa.port_uc if sa else 0
        kind = socket.SOCK_STREAM if self.transport == "tcp" else \
            socket.SOCK_DGRAM
        with self._enter():
            sock = bound(self.addr, local, kind)
        if self.transport == "tcp":
            flow = await self.connect_tcp(sock, (self.pcscf, port))
        else:
            flow = self.udp(sock)(self.pcscf, port)
        self._flows[sa] = flow
        return flow

    async def use_connection_of_pcscf(self):
        """TCP: send requests on the connection that came from port_pc."""
        entry = await self.wait(
            lambda e: e.direction == "in" and
            e.flow.local[1] == self.port_us and
            e.flow.remote[1] == self.sa.port_pc)
        self._flows[self.sa] = entry.flow

    def reply_flow(self, req, flow):
        """Over UDP answers leave from port_uc to the P-CSCF's port_ps, like
        everything; the set is the one whose port_pc the request came from."""
        if flow.transport == "tcp" or self.sa is None:
            return flow
        for sa in [self.sa] + self.old:
            if flow.remote[1] == sa.port_pc and sa in self._flows:
                return self._flows[sa]
        return self._flows.get(self.sa, flow)

    def via(self, flow, sa):
        port = self.port_us if sa else flow.local[1]
        return "SIP/2.0/%s %s;branch=z9hG4bK%s" % (
            flow.transport.upper(), host_port(self.addr, port), token())

    @property
    def contact(self):
        return "sip:%s@%s;transport=%s%s" % (
            re.sub(r"^sip:|@.*", "", self.sim.impu),
            host_port(self.addr, self.port_us), self.transport,
            self.contact_params)

    # ----- registration ----------------------------------------------------
    def security_client(self, sa):
        return ", ".join(
            "ipsec-3gpp;alg=%s;ealg=%s;spi-c=%d;spi-s=%d;port-c=%d;port-s=%d"
            % (alg, ealg, sa.spi_uc, sa.spi_us, sa.port_uc, sa.port_us)
            for alg, ealg in self.offers)

    def _register_request(self, flow, via_sa, sa, expires, auth):
        self._cseq += 1
        cred = {"username": self.sim.impi, "realm": self.sim.realm,
                "uri": "sip:" + self.sim.realm, "nonce": "", "response": ""}
        cred.update(auth)
        value = ", ".join('%s=%s' % (n, v if n == "algorithm" else '"%s"' % v)
                          for n, v in cred.items())
        msg = Message.request("REGISTER", "sip:" + self.sim.realm, [
            ("Via", self.via(flow, via_sa)), ("Max-Forwards", "70"),
            ("From", "<%s>;tag=%s" % (self.sim.impu, token(4))),
            ("To", "<%s>" % self.sim.impu), ("Call-ID", self._call_id),
            ("CSeq", "%d REGISTER" % self._cseq),
            ("Contact", "<%s>;expires=%d" % (self.contact, expires)),
            ("Authorization", "Digest " + value),
            ("Require", "sec-agree"), ("Proxy-Require", "sec-agree"),
            ("Supported", "path, sec-agree")])
        if sa:
            msg.add("Security-Client", self.security_client(sa))
        return msg

    async def sm1(self, expires=600, sa=None, protected_by=None, auth=None,
                  timeout=TIMEOUT):
        """The first REGISTER, unprotected or on an earlier set; returns its
        answer. The new set's ports and SPIs are in .offered."""
        await self._listen()
        self.offered = sa or SaSet(self)
        flow = await self.flow(protected_by)
        msg = self._register_request(flow, protected_by, self.offered,
                                     expires, auth or {})
        if protected_by:
            msg.add("Security-Verify", protected_by.server_value)
        self.change_sm1(msg)
        return await self.transact(msg, flow, timeout)

    def challenged(self, answer, install=True, sa=None):
        """Takes a 401 in: checks the network, chooses by Security-Server,
        installs the SAs. Returns the credentials for SM7."""
        params = digest_params(answer.get("WWW-Authenticate"))
        res, ck, ik = self.sim.authenticate(params["nonce"])
        sa = sa or self.offered
        sa.server_value = ", ".join(answer.all("Security-Server"))
        self.server = self.choose(mechanisms(sa.server_value))
        if self.server is None:
            raise AkaError("nothing in Security-Server fits: %r" %
                           sa.server_value)
        sa.alg = self.server["alg"]
        sa.ealg = self.server.get("ealg", "null")
        sa.spi_pc, sa.spi_ps, sa.port_pc, sa.port_ps = (
            int(self.server[p]) for p in ("spi-c", "spi-s", "port-c",
                                          "port-s"))
        sa.ik, sa.ck = milenage.esp_keys(sa.alg, sa.ealg, ck, ik)
        if self.ipsec and install:
            sa.install()
        return {"nonce": params["nonce"], "algorithm": "AKAv1-MD5",
                "response": milenage.digest(
                    self.sim.impi, params.get("realm", self.sim.realm), res,
                    params["nonce"], "REGISTER", "sip:" + self.sim.realm)}

    def choose(self, offers):
        """The alternative with the highest q that this UE offered as well."""
        offers = sorted(offers, key=lambda m: -float(m.get("q", "0.001")))
        for m in offers:
            if m[""] == "ipsec-3gpp" and m.get("prot", "esp") == "esp" and \
                    m.get("mod", "trans") == "trans" and \
                    (m.get("alg"), m.get("ealg", "null")) in self.offers:
                return m
        return None

    async def sm7(self, auth, expires=600, timeout=TIMEOUT, sa=None):
        """The REGISTER on the new set; returns its answer."""
        sa = sa or self.offered
        flow = await self.flow(sa)
        msg = self._register_request(flow, sa, sa, expires, auth)
        msg.add("Security-Verify", sa.server_value)
        self.change_sm7(msg)
        answer = await self.transact(msg, flow, timeout)
        if answer is not None and answer.code == 200:
            self._registered(answer, sa)
        return answer

    def _registered(self, answer, sa):
        if self.sa:
            self.old.insert(0, self.sa)
        self.sa = sa
        self.service_route = answer.values("Service-Route")
        for contact in answer.values("Contact"):
            if uri_of(contact) == self.contact:
                found = re.search(r"expires=(\d+)", contact)
                self.expires = int(found.group(1)) if found else 0

    async def register(self, expires=600, protected=False, timeout=TIMEOUT):
        """All of it; raises when it fails. protected: on the set in use."""
        by = self.sa if protected else None
        answer = await self.sm1(expires, protected_by=by, timeout=timeout)
        if answer is None or answer.code != 401:
            raise AkaError("SM1 was answered with %s" % answer)
        auth = self.challenged(answer)
        answer = await self.sm7(auth, expires, timeout)
        if answer is None or answer.code != 200:
            raise AkaError("SM7 was answered with %s" % answer)
        return answer

    async def deregister(self, timeout=TIMEOUT):
        """A protected REGISTER with expires=0, authenticated again if asked."""
        answer = await self.sm1(0, protected_by=self.sa, timeout=timeout)
        if answer is not None and answer.code == 401:
            answer = await self.sm7(self.challenged(answer), 0, timeout)
        return answer

    def close(self):
        super().close()
        for sa in [self.sa, self.offered] + self.old:
            if sa:
                sa.remove()

    # ----- everything else -------------------------------------------------
    def new_request(self, method, uri, flow, sa, body=b"text"):
        routes = ["<sip:%s;lr>" % host_port(self.pcscf, sa.port_ps)] if sa \
            else []
        msg = Message.request(method, uri, [
            ("Via", self.via(flow, sa)), ("Max-Forwards", "70")])
        for route in routes + self.service_route:
            msg.add("Route", route)
        msg.headers += [
            ("From", "<%s>;tag=%s" % (self.sim.impu, token(4))),
            ("To", "<%s>" % uri), ("Call-ID", token()),
            ("CSeq", "1 " + method)]
        if sa:
            msg.headers += [
                ("Require", "sec-agree"), ("Proxy-Require", "sec-agree"),
                ("Security-Verify", sa.server_value)]
        if method == "INVITE":
            msg.add("Contact", "<%s>" % self.contact)
        if method == "MESSAGE":
            msg.add("Content-Type", "text/plain")
            msg.body = body
        return msg

    async def request(self, method, uri="sip:bob@home.example", sa=None,
                      timeout=TIMEOUT, headers=(), resend=True):
        """Sends a request on the set in use and returns the final answer."""
        sa = sa or self.sa
        flow = await self.flow(sa)
        msg = self.new_request(method, uri, flow, sa)
        msg.headers += list(headers)
        return await self.transact(msg, flow, timeout, resend)

    async def call(self, uri="sip:bob@home.example", timeout=TIMEOUT):
        """INVITE, ACK, BYE; returns the two final answers."""
        answer = await self.request("INVITE", uri, timeout=timeout)
        if answer is None or answer.code != 200:
            return answer, None
        dialog = Dialog.uac(answer)
        flow = await self.flow(self.sa)
        via = (self.transport, self.addr, self.port_us)
        self.send(dialog.request("ACK", via, dialog.cseq), flow)
        return answer, await self.transact(dialog.request("BYE", via), flow,
                                           timeout)

    def on_request(self, msg, flow):
        if msg.method == "INVITE":
            to_tag = token(4)
            contact = [("Contact", "<%s>" % self.contact)]
            self.reply(msg, flow, 180, contact, to_tag=to_tag)
            answer = self.reply(msg, flow, 200, contact, to_tag=to_tag)
            self.calls.append(Dialog.uas(msg, answer))
        elif msg.method != "ACK":
            self.reply(msg, flow, 200)
