# SPDX-License-Identifier: GPL-2.0-or-later
"""S-CSCF and HSS of the many UEs of load.py: what registrar.py does, but lean,
over UDP only and without a loop of its own.
"""
import base64
import collections
import os
import re
import socket

import milenage
import netns
from loadphone import Aka, code_of, xor
from sipmsg import REALM, token

SO_RCVBUFFORCE = 33
SQN_STEP = 32       # 33.102 C.1.1.1: SEQ || IND with 5 bits of IND
AMF = b"\x80\0"
KEPT = 4000         # answers, for repeated requests
_FIELD = re.compile(r"^([\w-]+)[ \t]*:[ \t]*([^\r\n]*)", re.M)
_PARAM = re.compile(r'([\w-]+)[ \t]*=[ \t]*"?([^",]*)')
_EXPIRES = re.compile(r"expires=(\d+)")
_BRANCH = re.compile(r"branch=([^;,\s]+)")
_HOP = re.compile(r"@(\[[^\]]*\]|[^:;]+):(\d+)")
_COPIED = ("Via", "Record-Route", "From", "Call-ID", "CSeq")


class Subscriber:
    """contact: what is registered, None if nothing; accepted: how many
    authentications were successful."""

    def __init__(self, impi, impu, k, opc):
        self.impi, self.impu, self.k, self.opc = impi, impu, k, opc
        self.sqn = self.accepted = 0
        self.nonce = self.res = self.contact = self.path = None


class Home:
    """Hooks: alter(fields, answer) may change the answer to a REGISTER, a pair
    of status and header fields; None: nothing leaves. after(fields): called
    when it has left.

    wrong     what the core may never see, as text
    requests  how many of each method came, repeated ones not counted
    codes     final answers to send(); again: repeated requests
    """

    def __init__(self):
        self.addr = netns.core_addr("core")
        with netns.ns("core"):
            self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
        self.sock.bind((self.addr, 5060))
        self.sock.setblocking(False)
        self.subscribers, self.wrong = {}, []
        self.alter = self.after = None
        self.requests, self.codes = collections.Counter(), \
            collections.Counter()
        self.again = 0
        self._asked, self._answered = set(), collections.OrderedDict()

    def close(self):
        self.sock.close()

    def subscriber(self, impi, impu, k, opc):
        self.subscribers[impi] = Subscriber(impi, impu, k, opc)

    def receive(self):
        while True:
            try:
                data, peer = self.sock.recvfrom(65535)
            except BlockingIOError:
                return
            text = data.decode()
            if text.startswith("SIP/2.0 "):
                self._response(text)
            else:
                self._request(text, peer)

    def _request(self, text, peer):
        found = _FIELD.findall(text)
        fields = {n.lower(): v for n, v in reversed(found)}
        method = text[:text.index(" ")]
        key = method + fields["via"]
        answer = None
        if key in self._answered:
            self.again += 1
        else:
            self.requests[method] += 1
            answer = self._answer(method, fields)
            if answer and method == "REGISTER" and self.alter:
                answer = self.alter(fields, answer)
            if answer:
                copied = "".join("%s: %s\r\n" % f for f in found
                                 if f[0] in _COPIED)
                answer = "SIP/2.0 %s\r\n%sTo: %s;tag=%s\r\n%s" \
                    "Content-Length: 0\r\n\r\n" % (
                        answer[0], copied, fields["to"], token(4), answer[1])
            self._answered[key] = answer and answer.encode()
            if len(self._answered) > KEPT:
                self._answered.popitem(last=False)
        if self._answered[key]:
            self.sock.sendto(self._answered[key], peer)
        if answer and self.after:
            self.after(fields)

    def _answer(self, method, fields):
        """Status and header fields."""
        if method == "REGISTER":
            return self._register(fields)
        return None if method == "ACK" else ("200 OK", "")

    # ----- REGISTER --------------------------------------------------------
    def _register(self, fields):
        cred = dict(_PARAM.findall(fields.get("authorization", "")))
        user = self.subscribers.get(cred.get("username"))
        if not user:
            return "403 Unknown User", ""
        if "security-client" in fields or "security-verify" in fields or \
                "path" not in fields:
            self.wrong.append("%s: REGISTER with Security-* or without Path"
                              % user.impi)
        expires = int(_EXPIRES.search(fields["contact"])[1])
        if cred.get("response"):
            return self._check(user, cred, fields, expires)
        if cred.get("integrity-protected") == "yes" and user.contact and \
                not expires:
            return self._bind(user, fields, 0)
        return self._challenge(user)

    @staticmethod
    def _challenge(user):
        user.sqn += SQN_STEP
        sqn, rand = user.sqn.to_bytes(6, "big"), os.urandom(16)
        aka = Aka(user.k, user.opc, rand)
        user.res = aka.res
        user.nonce = base64.b64encode(
            rand + xor(sqn, aka.ak) + AMF + aka.mac(sqn, AMF)).decode()
        return "401 Unauthorized", (
            'WWW-Authenticate: Digest realm="%s", nonce="%s", '
            'algorithm=AKAv1-MD5, ck="%s", ik="%s"\r\n'
            % (REALM, user.nonce, aka.ck.hex(), aka.ik.hex()))

    def _check(self, user, cred, fields, expires):
        if cred.get("integrity-protected") != "yes":
            self.wrong.append("%s: a response that is not integrity-protected"
                              % user.impi)
            return "403 Not Protected", ""
        if cred["nonce"] != user.nonce:
            return self._challenge(user)
        want = milenage.digest(cred["username"], cred["realm"], user.res,
                               user.nonce, "REGISTER", cred["uri"])
        user.nonce = None       # one try for each challenge
        if cred["response"] != want:
            self.wrong.append("%s: wrong RES" % user.impi)
            return "403 Wrong RES", ""
        user.accepted += 1
        return self._bind(user, fields, expires)

    @staticmethod
    def _bind(user, fields, expires):
        user.contact = fields["contact"] if expires else None
        user.path = fields["path"]
        return "200 OK", "Path: %s\r\nP-Associated-URI: <%s>\r\n%s" % (
            user.path, user.impu,
            "Contact: %s\r\n" % user.contact if expires else "")

    # ----- requests to the UEs ---------------------------------------------
    def send(self, phone, method="MESSAGE"):
        """Sends a request to a UE, once; phone.heard and codes tell what
        becomes of it."""
        user = self.subscribers[phone.impi]
        hop = _HOP.search(user.path)
        branch = "z9hG4bK" + token()
        self._asked.add(branch)
        text = ("%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s:5060;branch=%s\r\n"
                "Route: %s\r\nMax-Forwards: 70\r\n"
                "From: <sip:alice@home.example>;tag=%s\r\nTo: <%s>\r\n"
                "Call-ID: %s\r\nCSeq: 1 %s\r\nContent-Length: 0\r\n\r\n"
                % (method, phone.contact, self.addr, branch, user.path,
                   token(4), user.impu, token(8), method))
        self.sock.sendto(text.encode(), (hop[1].strip("[]"), int(hop[2])))

    def _response(self, text):
        branch = _BRANCH.search(text)[1]
        if text[8] != "1" and branch in self._asked:
            self._asked.discard(branch)
            self.codes[code_of(text)] += 1

    @property
    def unanswered(self):
        """How many requests to UEs have no final answer yet."""
        return len(self._asked)
