# SPDX-License-Identifier: GPL-2.0-or-later
"""First inputs of the fuzz targets, made from tests/corpus and the spec.

    seeds.write("secagree", directory)
"""
import base64
import hashlib
import json
import os
import re
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)),
                                "..", "lib"))
# pylint: disable=wrong-import-position
import genl

CORPUS = os.path.join(os.path.dirname(os.path.realpath(__file__)),
                      "..", "corpus")
CK = "b40ba9a3c58b2a05bbf0d987b21bf8cb"
IK = "f769bcd751044604127672711c6d3441"
WWW = 'Digest realm="r", nonce="abc=", algorithm=AKAv1-MD5, qop="auth"'
URIS = '<sip:+491234@home.example;user=phone>, "a, <b>" <tel:+491234>'
START = "REGISTER sip:a SIP/2.0\r\n"
# Where readers of SIP streams differ: see kmod/stream.c.
TRAPS = ["Content-Length: 4", "Content_Length: 0\r\nContent-Length: 4",
         "Content-Length: 0\r\nContent-Length: 4",
         "X: y\r\n Content-Length: 0\r\nl: 4", "Content-Length: 4\r\n 0",
         "l: 4\r\nContent-Length: 4", "Content-Length:\r\nl: 4",
         "Content-Length: 4\r\n \r\nX: y", "Content-Length: 4\nX: y",
         " X: y\r\nContent-Length: 4", "Content-Length : 4\r\nX:\r\n y",
         "Content-Length: 4 ", "Content-Length: 4;x", "Content-Length: +4"]
COMPACT = {"v": "Via", "f": "From", "t": "To", "i": "Call-ID", "m": "Contact",
           "k": "Supported", "l": "Content-Length"}


def _read(kind):
    """The files of a folder as they go over the wire."""
    folder = os.path.join(CORPUS, kind)
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            yield file.read().replace("\n", "\r\n")


def _headers(message):
    """name: all values joined with commas, folds as they are."""
    out = {}
    head = message.split("\r\n\r\n")[0]
    for line in re.split(r"\r\n(?![ \t])", head):
        name, colon, value = line.partition(":")
        if not colon or " " in name:
            continue
        name = COMPACT.get(name, name)
        value = value.strip()
        out[name] = out[name] + "," + value if name in out else value
    return out


def _answer(message):
    """A 401 to a REGISTER."""
    fields = _headers(message)
    return ("SIP/2.0 401 Unauthorized\r\nVia: %s\r\nFrom: %s\r\nTo: %s\r\n"
            "Call-ID: %s\r\nCSeq: 1 REGISTER\r\nWWW-Authenticate: %s\r\n"
            "Content-Length: 0\r\n\r\n"
            % (fields["Via"], fields["From"], fields["To"],
               fields["Call-ID"], WWW))


def _requests(message):
    """What a proxy tells the agent during one registration."""
    fields = _headers(message)
    ports = dict(re.findall(r"port-([cs])=(\d+)", fields["Security-Client"]))
    sm1 = {"transport": "udp", "ue_addr": "192.0.2.11", "ue_port": 5060,
           "local_addr": "192.0.2.1", "local_port": 5060, "cseq": 1,
           "call_id": fields["Call-ID"], "impi": "u@r",
           "impu": fields["To"].strip("<>"), "contact": fields["Contact"],
           "via_addr": "192.0.2.11",
           "security_client": fields["Security-Client"],
           "security_verify": "", "require": fields.get("Require", ""),
           "proxy_require": "", "supported": fields.get("Supported", ""),
           "authorization": fields["Authorization"]}
    sm7 = dict(sm1, ue_port=int(ports["c"]), local_port=6201, cseq=2,
               security_verify="ipsec-3gpp",
               authorization='Digest username="u@r", nonce="abc=", '
                             'response="1"')
    answer = dict(sm7, status=200, expires=600, p_associated_uri=URIS)
    challenge = dict(sm1, www_authenticate=WWW +
                     ', ck="%s", ik="%s"' % (CK, IK))
    flow = {key: sm7[key] for key in ("transport", "ue_addr", "ue_port",
                                      "local_addr", "local_port")}
    calls = [("register", sm1), ("challenge", challenge), ("register", sm7),
             ("answer", answer), ("identify", flow),
             ("locate", {"ue_addr": "192.0.2.11", "ue_port": int(ports["s"])}),
             ("deregister", {"impi": "u@r"}), ("abandon", challenge),
             ("status", {})]
    return [{"jsonrpc": "2.0", "id": i, "method": method, "params": params}
            for i, (method, params) in enumerate(calls)]


def _message(kind, payload, flags=0):
    """A netlink message that fuzz-kernel takes for one of an answer."""
    return genl.NLMSGHDR.pack(genl.NLMSGHDR.size + len(payload), kind, flags,
                              1, 0) + payload


def _attr(number, payload):
    """One attribute."""
    return genl.NLATTR.pack(genl.NLATTR.size + len(payload), number) + \
        payload + b"\0" * (-len(payload) % 4)


def _family():
    """What the controller says of the family."""
    groups = b"".join(
        _attr(i, _attr(1, name + b"\0") + _attr(2, struct.pack("=I", 8 + i)))
        for i, name in enumerate((b"events", b"drops"), 1))
    return _message(16, genl.GENLMSGHDR.pack(1, 2, 0) +
                    _attr(2, b"gmguard\0") + _attr(1, struct.pack("=H", 31)) +
                    _attr(3, struct.pack("=I", 1)) + _attr(7, groups))


def _refusals():
    """Acknowledgements and ends of a dump, with and without their reasons."""
    bound = _attr(4, struct.pack("=Q", 1)) + _attr(5, struct.pack("=Q", 9))
    reasons = [b"", _attr(1, b"no such SA set\0"),
               _attr(2, struct.pack("=I", 24)) + _attr(4, bound),
               _attr(5, struct.pack("=I", 2)) +
               _attr(6, struct.pack("=I", 20)),
               _attr(2, struct.pack("=I", 20)) +
               _attr(4, _attr(10, struct.pack("=I", 64)))]
    out = [_message(2, struct.pack("=i", error) + b"\0" * 16, 0x100)
           for error in (0, -1, -2, -22)]
    out += [_message(2, struct.pack("=i", -22) + b"\0" * 16 + r, 0x300)
            for r in reasons]
    return out + [_message(3, struct.pack("=i", -22) + r, 0x200)
                  for r in reasons]


def _names(spec, attribute_set):
    """Its attributes, but for padding."""
    return [name for name in spec.sets[attribute_set]
            if isinstance(name, str) and name != "pad"]


def _kernel():
    """All that the kernel sends: each attribute of each message."""
    spec = genl.Spec()
    saset = {"id": 1, "endpoint-id": 1, "local-addr": "192.0.2.1",
             "ue-addr": "2001:db8::1", "port-uc": 1, "port-us": 2,
             "port-pc": 3, "port-ps": 4, "spi-uc": 256, "spi-us": 257,
             "spi-pc": 258, "spi-ps": 259, "alg": 1, "ealg": 1,
             "impi": "u@r", "phase": 1, "lifetime-ms": 9, "age-ms": 9,
             "protected-by": 1, "group": 1, "emergency": True,
             "in-use": True, "agent-data": b"{}", "cause": 1,
             "sa": [{"name": i, "spi": 256, "seq": 1, "packets": 1,
                     "bytes": 1, "replay-errors": 1, "integrity-errors": 1}
                    for i in range(4)]}
    endpoint = {"id": 1, "local-addr": "192.0.2.1", "port-ps": [6201],
                "port-pc": [6110, 6111], "port-unprotected": [5060],
                "exempt": [{"addr": "192.0.2.0", "len": 24}],
                "policy-priority": 2081, "sets": 1, "policies": 2,
                "emergency": True, "audit": True}
    stats = {"reason": [{"reason": 1, "name": "in-plaintext", "packets": 1,
                         "audited": 1}],
             "endpoints": 1, "temporary": 1, "established": 1,
             "superseded": 1, "lingering": 1, "larval": 1, "connections": 1,
             "version": "1"}
    drop = {"reason": 1, "src-addr": "192.0.2.1", "dst-addr": "192.0.2.2",
            "src-port": 1, "dst-port": 2, "protocol": 17, "spi": 256,
            "ifindex": 1, "suppressed": 1, "audited": True}
    limits = {name: 1 for name in _names(spec, "limits")}
    adopted = {**{name: 1 for name in _names(spec, "adopted")},
               "local-addr": "192.0.2.1", "ue-addr": "192.0.2.2",
               "src-addr": "192.0.2.1", "dst-addr": "192.0.2.2",
               "alg": "hmac(md5)", "ealg": "cbc(aes)"}

    def family(**attrs):
        attrs = {name.replace("_", "-"): value
                 for name, value in attrs.items()}
        return _message(31, genl.GENLMSGHDR.pack(1, 1, 0) +
                        spec.encode("gmguard", attrs))

    done = _message(2, b"\0" * 20, 0x100)
    end = _message(3, b"\0" * 4)
    # by the number of the call, see fuzz-kernel.c
    answers = {0: [[_family()]], 1: [[family(endpoint=endpoint), done]],
               2: [[family(endpoint=endpoint), done]],
               3: [[family(endpoint=endpoint) * 2, end]],
               4: [[family(sa_set=saset), done]],
               5: [[family(sa_set=saset), done]],
               6: [[family(sa_set=saset) * 2, end]],
               7: [[family(stats=stats), done]],
               8: [[family(limits=limits), done]],
               9: [[family(event=1, sa_set=saset)],
                   [family(event=1, endpoint=endpoint)],
                   [family(event=1, adopted=adopted)],
                   [family(drop=drop), family(event=1, sa_set=saset)]],
               10: [[family(adopted=adopted) * 2, end]]}
    for call in [*range(9), 10]:
        answers[call] += [[refusal] for refusal in _refusals()]
    return ["".join([chr(call)] + [
        (struct.pack("<H", len(d)) + d).decode("latin-1") for d in datagrams])
            for call, several in answers.items() for datagrams in several]


def _list_sa(state, selector):
    """What charon says of one child SA."""
    def sized(text):
        return chr(len(text) >> 8) + chr(len(text) & 255) + text

    def short(text):
        return chr(len(text)) + text

    def value(name, text):
        return "\3" + short(name) + sized(text)

    def section(name, *inside):
        return "\1" + short(name) + "".join(inside) + "\2"

    def several(name, *items):
        return "\4" + short(name) + "".join("\5" + sized(i)
                                            for i in items) + "\6"
    return section(
        "zb", value("uniqueid", "1"), value("remote-host", "10.44.0.1"),
        section("child-sas", section(
            "zb-1", value("name", "zb"), value("reqid", "77"),
            value("state", state), value("mode", "TRANSPORT"),
            value("protocol", "ESP"), value("spi-in", "c1020304"),
            value("mark-in", "0000002a"), value("if-id-in", "00000063"),
            several("local-ts", "10.44.0.2/32"),
            several("remote-ts", selector, "10.0.0.0/8[udp/5060]"))))


def _texts(name):
    """Seeds of a target, as texts."""
    ues, negative = list(_read("ue")), list(_read("negative"))
    fields = [_headers(m) for m in ues + negative]
    values = [v.strip() for f in fields for v in f.values()]
    clients = [f["Security-Client"] for f in fields if "Security-Client" in f]
    clients += [f["Security-Server"] for f in fields if "Security-Server" in f]
    keys = ['ck="%s"' % CK, 'ik="%s"' % IK]
    if name == "lex":
        ops = "\0".join(["\x02\x01\x02\x05\x02\x01\x02\x05\x02\x03"])
        return [ops + "\0" + v for v in values]
    if name == "secagree":
        return [c + "\0" + chr(i % 3) for i, c in enumerate(clients)] + \
            [c + "\0\0\xff" + c.replace(";", "; ").upper()
             for c in clients] + \
            [c + "\0\0\0" + chr(i * 5 % 256) + "\x01" + "0"
             for i, c in enumerate(clients)] + \
            [c.replace(";alg", ";q=0.5;alg") + "\0\0\0\x0d\x03.500"
             for c in clients] + \
            ["tls" + "".join(";x%d" % i for i in range(15)) + "\0\1;y;z",
             ",".join(["tls;q=0.1"] * 63) + "\0\1\0\0\0tls,",
             'tls;a="b;c=d"\0\0\xfftls;a=b;c=d',
             "tls;q=0.5\0\0\xfftls;q=500"]
    if name == "authparam":
        challenges = [f[n] for f in fields for n in
                      ("WWW-Authenticate", "Authorization") if n in f]
        return [c + ", " + ", ".join(keys) + "\0nonce" for c in challenges] + \
            [c + "\0username" for c in challenges] + \
            ["Digest " + ",\r\n ".join(keys + ['realm="a\r\n b"'])]
    if name == "uris":
        texts = [f[n] for f in fields for n in ("To", "From", "Contact")
                 if n in f]
        return [URIS, "*", "<sip:u@h;sos>"] + texts + \
            [a.strip("<>") + "\0" + b.strip("<>")
             for a, b in zip(texts, texts[1:])]
    if name == "privacy":
        heads = [m.partition("\r\n")[2].split("\r\n\r\n")[0] + "\r\n"
                 for m in ues] + BORDER
        return [chr(how) + "sip:+1;cpc=x@h;iotl=a-b\0" + head
                for head in heads for how in (0x0c, 0x0d, 0x0e, 0x3c, 0x08)]
    if name == "partner":
        with open(os.path.join(os.path.dirname(os.path.realpath(__file__)),
                               "partner.pem"), encoding="ascii") as file:
            pem = file.read()
        ders = [base64.b64decode(one.split("-----")[0]) for one in
                pem.split("-----BEGIN CERTIFICATE-----")[1:]]
        return ["\0" + der.decode("latin-1") for der in ders] + \
            ["\1" + pem] + [_dns(*one) for one in ANSWERS]
    if name == "vici":
        return [host + "\x07\x07list-sa" + _list_sa(state, ts)
                for host in ("\0\x0a\x2c\0\x01" + "\0" * 12,
                             "\x01\xfd\x44" + "\0" * 13 + "\x01")
                for state in ("INSTALLED", "REKEYED")
                for ts in ("10.44.0.1/32", "fd44::1/128", "0.0.0.0/0[tcp]",
                           "10.44.0.1..10.44.0.9", "fd44::1", "::/0")] + \
            ["\0" * 17 + kind for kind in ("\1", "\2", "\5", "\6")]
    if name == "frame":
        texts = [json.dumps(r) for m in ues[:3] for r in _requests(m)]
        return ["\x07\x20\0" + t + " " + t for t in texts] + \
            ["\x07\x20\0%d:%s,%d:%s," % (len(t), t, len(t), t) for t in texts]
    if name == "rpc":
        return [json.dumps(_requests(m)) for m in ues] + \
            [json.dumps(r) for m in ues[:2] for r in _requests(m)] + \
            ['{"jsonrpc":"2.0","method":"status"}', "[]", "[%s1]" % ("1," * 256),
             '[{"jsonrpc":"2.0","method":"status"},1]']
    if name == "register":
        return ["\0".join((
            f["Security-Client"], WWW, 'Digest username="u@r", nonce="abc=", '
            'response="1"', f.get("Contact", ""), URIS, client, "",
            f.get("Require", ""), f.get("To", ""), "192.0.2.11"))
            for f in fields for client in ("", "tls," + f.get(
                "Security-Client", "")) if "Security-Client" in f]
    if name == "kernel":
        return _kernel()
    if name == "sipline":
        return ues + [_answer(m) for m in ues] + CLEAR
    if name == "stream":
        short = [chr(0) + chr(how) + "\0" + START + trap + "\r\n\r\nINVI" +
                 START + "l: 0\r\n\r\n"
                 for trap in TRAPS for how in (0x20, 0x3f, 0x7f, 0xb7)]
        return short + [chr(0) + "\x7f\x10\x01\x40\0" + m + "\r\n\r\n" + m
                        for m in ues] + \
            ["\x01\x20\x10\x01\0" + _answer(m) + _answer(m) for m in ues] + \
            ["\x02\0\x10\x01\0" + m for m in ues[:2]] + \
            [mode + "\0\x10\x01\0" + m + ues[0]
             for mode in "\x03\x04" for m in CLEAR]
    # verdict: one fact at a time, about UDP in clear, in its own SA, in another
    return [chr(1 << fact) + "\x02\x01\x02\x53" + chr(how) + "\0" * 5
            for fact in range(8) for how in (0, 0x3d, 0x7d, 0xfd)]


# What may come in clear, or nearly (tests/vm/clear_*.py has more).
CLEAR = ["\r\n\r\n", "\0\1\0\0\x21\x12\xa4\x42" + 12 * "x"] + [
    line + "\r\nCall-ID: a\r\nCSeq: 1 X\r\nl: 0\r\n\r\n" for line in (
        "SIP/2.0 404 x", "SIP/2.0 200 x", "INVITE urn:service:sos SIP/2.0",
        "INVITE urn:service:sos.fire SIP/2.0", "BYE sip:a SIP/2.0")]


# What crosses the border to other networks.
BORDER = [
    "f: \"A, <b\" <sip:+1;c%70c=x;oli=2@h;iotl=a-b;lr?x=y>;tag=1\r\n"
    "P-Asserted-Identity: <sip:a@b>,\r\n <tel:+1;cpc=x>\r\n"
    "Privacy: user;id, header\r\nSubject: x\r\n",
    "History-Info: <sip:a@b?Privacy=history&x=y>;index=1;rc=1,\r\n "
    "\"C\" <sip:c@d>;index=1.1\r\nPrivacy: history;critical\r\n",
    "P-Charging-Vector: icid-value=\"a;b\" ;orig-ioi=x; term-ioi=y;z\r\n"
    "Reason: Q.850;cause=16\r\nPriority: psap-callback\r\n"
    "Privacy: none\r\nContact: <sip:a@b;iotl=x>, sip:c;oli=1@d;cpc\r\n"]


# type, data: of one record each
ANSWERS = [
    (35, b"\0\x0a\0\x0a\x01s\x08SIPS+D2T\0\x05_sips\x04_tcp\xc0\x0c"),
    (33, b"\0\x0a\0\x05\x13\xc5\x06border\xc0\x0c"),
    (33, b"\0\0\0\0\0\0\0"),
    (6, b"\x02ns\xc0\x0c\x04host\xc0\x0c" + bytes(20)),
]


def _dns(kind, data):
    """The answer of a name server, behind a byte that says so."""
    name = b"\x07partner\x07example\0"
    record = b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data
    return (b"\x02" + struct.pack(">HHHHHH", 1, 0x8580, 1, 2, 0, 0) + name +
            struct.pack(">HH", kind, 1) + record + record).decode("latin-1")


def write(name, folder):
    """One file a seed, named by its content."""
    for text in _texts(name):
        data = text.encode("latin-1", "replace")
        path = os.path.join(folder, hashlib.sha1(data).hexdigest())
        with open(path, "wb") as file:
            file.write(data)
