# SPDX-License-Identifier: GPL-2.0-or-later
"""SIP messages, as much of them as the tests need."""
import os
import re

REALM = "ims.mnc001.mcc001.3gppnetwork.org"
COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact",
           "l": "content-length", "c": "content-type", "k": "supported"}
REASONS = {100: "Trying", 180: "Ringing", 200: "OK", 401: "Unauthorized",
           403: "Forbidden", 404: "Not Found", 420: "Bad Extension",
           481: "Call/Transaction Does Not Exist", 487: "Request Terminated",
           500: "Server Internal Error"}


def token(size=6):
    return os.urandom(size).hex()


def host_port(addr, port):
    return ("[%s]:%d" if ":" in addr else "%s:%d") % (addr, port)


def full_name(name):
    """The long form of a header field's name, in small letters."""
    return COMPACT.get(name.lower(), name.lower())


class Message:
    """start: request or status line; headers: list of (name, value)."""

    def __init__(self, start, headers=(), body=b""):
        self.start = start
        self.headers = list(headers)
        self.body = body

    @classmethod
    def parse(cls, data):
        head, _, body = data.partition(b"\r\n\r\n")
        text = re.sub(r"\r\n[ \t]+", " ", head.decode("utf-8", "replace"))
        lines = text.split("\r\n")
        headers = []
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers.append((name.strip(), value.strip()))
        return cls(lines[0], headers, body)

    @classmethod
    def request(cls, method, uri, headers=(), body=b""):
        return cls("%s %s SIP/2.0" % (method, uri), headers, body)

    @classmethod
    def response(cls, req, code, headers=(), body=b"", reason=None,
                 to_tag=None):
        """Answer to req with its Via, From, To, Call-ID, CSeq."""
        copy = [(n, v) for n, v in req.headers if full_name(n) in
                ("via", "from", "to", "call-id", "cseq", "record-route")]
        if to_tag:
            copy = [(n, v + ";tag=" + to_tag)
                    if full_name(n) == "to" and ";tag=" not in v else (n, v)
                    for n, v in copy]
        return cls("SIP/2.0 %d %s" % (code, reason or
                                      REASONS.get(code, "Code")),
                   copy + list(headers), body)

    def build(self):
        headers = [(n, v) for n, v in self.headers
                   if n.lower() != "content-length"]
        text = "".join("%s: %s\r\n" % h for h in headers)
        return ("%s\r\n%sContent-Length: %d\r\n\r\n"
                % (self.start, text, len(self.body))).encode() + self.body

    @property
    def is_response(self):
        return self.start.startswith("SIP/2.0 ")

    @property
    def code(self):
        return int(self.start.split(" ")[1]) if self.is_response else 0

    @property
    def uri(self):
        return self.start.split(" ")[1]

    @property
    def method(self):
        """Of the request, or of the request that this answers."""
        if self.is_response:
            return self.get("CSeq").split()[-1]
        return self.start.split(" ")[0]

    @property
    def cseq(self):
        return int(self.get("CSeq").split()[0])

    @property
    def branch(self):
        found = re.search(r";\s*branch=([^;,\s]+)", self.get("Via"))
        return found.group(1) if found else ""

    def get(self, name, default=""):
        """The first header field of that name."""
        for n, v in self.headers:
            if full_name(n) == name.lower():
                return v
        return default

    def all(self, name):
        return [v for n, v in self.headers
                if full_name(n) == name.lower()]

    def values(self, name):
        """All values, comma-separated ones apart (commas in "" or <> stay)."""
        out = []
        for value in self.all(name):
            out += split_commas(value)
        return out

    def follow(self, method):
        """The CANCEL of this INVITE, or the ACK to a failure of it."""
        keep = ("via", "from", "to", "call-id", "route", "max-forwards")
        msg = Message.request(method, self.uri, [
            (n, v) for n, v in self.headers if full_name(n) in keep])
        return msg.add("CSeq", "%d %s" % (self.cseq, method))

    def add(self, name, value):
        self.headers.append((name, value))
        return self

    def set(self, name, value):
        self.remove(name)
        return self.add(name, value)

    def remove(self, name):
        self.headers = [(n, v) for n, v in self.headers
                        if full_name(n) != name.lower()]

    def tag(self, name):
        """The tag of From or To."""
        found = re.search(r";\s*tag=([^;\s]+)", self.get(name))
        return found.group(1) if found else ""

    def __str__(self):
        return self.start


def split_commas(value):
    parts, depth, quoted, start = [], 0, False, 0
    for i, ch in enumerate(value):
        if ch == '"' and (i == 0 or value[i - 1] != "\\"):
            quoted = not quoted
        elif not quoted and ch == "<":
            depth += 1
        elif not quoted and ch == ">":
            depth -= 1
        elif ch == "," and not quoted and depth == 0:
            parts.append(value[start:i].strip())
            start = i + 1
    parts.append(value[start:].strip())
    return [p for p in parts if p]


def uri_of(value):
    """The URI in a name-addr or addr-spec header field."""
    found = re.search(r"<([^>]*)>", value)
    return found.group(1) if found else value.split(";")[0].strip()


def uri_target(uri):
    """Host, port and transport that a SIP URI asks for."""
    found = re.match(r"sips?:(?:[^@]*@)?(\[[^\]]+\]|[^:;?>]+)(?::(\d+))?(.*)",
                     uri)
    transport = re.search(r";transport=(\w+)", found.group(3), re.I)
    return (found.group(1).strip("[]"), int(found.group(2) or 5060),
            transport.group(1).lower() if transport else "udp")


def digest_params(value):
    """Parameters of a Digest challenge or credentials, unquoted."""
    scheme, _, rest = value.partition(" ")
    out = {"": scheme}
    for part in split_commas(rest):
        name, _, val = part.partition("=")
        out[name.strip().lower()] = val.strip().strip('"')
    return out


def mechanisms(value):
    """The alternatives of a Security-* value, as dictionaries; "" is the
    mechanism's name."""
    out = []
    for part in split_commas(value):
        fields = [f.strip() for f in part.split(";")]
        params = {"": fields[0].lower()}
        for f in fields[1:]:
            name, _, val = f.partition("=")
            params[name.strip().lower()] = val.strip()
        out.append(params)
    return out


class StreamParser:
    """Cuts messages out of a TCP stream."""

    def __init__(self):
        self.data = b""

    def feed(self, data):
        self.data += data
        out = []
        while True:
            self.data = self.data.lstrip(b"\r\n")
            head, mark, rest = self.data.partition(b"\r\n\r\n")
            if not mark:
                return out
            found = re.search(rb"^(?:content-length|l)[ \t]*:[ \t]*(\d+)",
                              head, re.I | re.M)
            size = int(found.group(1)) if found else 0
            if len(rest) < size:
                return out
            out.append(Message.parse(head + mark + rest[:size]))
            self.data = rest[size:]
