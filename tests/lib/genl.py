# SPDX-License-Identifier: GPL-2.0-only
"""A generic netlink client that learns its family from the YAML spec.

    g = Genl()
    reply = g.do("sa-set-new", {"sa-set": {"ue-addr": "10.33.0.11", ...}})
    sets = g.dump("sa-set-get")             # a list; .interrupted tells
    g.subscribe("events")
    for name, attrs in g.events(timeout=2): # ("event-ntf", {"event": ...})
        ...

A refusal raises NlError: errno, the kernel's text, and the attribute as a
path such as "sa-set.port-uc".

Attributes are dictionaries by the names of the spec, nests inside nests:
  integers     int; with an enum the entry's name (int if it has none)
  flag         True
  string       str
  binary       "10.33.0.1" or "fd33::1" where the name ends in "addr";
               bytes elsewhere, or str: hex where the name ends in "key",
               UTF-8 elsewhere
  multi-attr   a list

To send what the spec forbids: bytes as the value of any attribute are its
payload as they are, a list repeats any attribute, and an int in place of a
name is an attribute type. Unknown attributes of a reply have such names too.
"""

import errno
import os
import select
import socket
import struct
import time

import yaml

SPEC = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..",
                    "Documentation", "netlink", "specs", "gmguard.yaml")

NETLINK_GENERIC = 16
SOL_NETLINK = 270
NETLINK_ADD_MEMBERSHIP, NETLINK_DROP_MEMBERSHIP = 1, 2
NETLINK_CAP_ACK, NETLINK_EXT_ACK = 10, 11
SO_SNDBUFFORCE, SO_RCVBUFFORCE = 32, 33

NLMSG_NOOP, NLMSG_ERROR, NLMSG_DONE, NLMSG_OVERRUN = 1, 2, 3, 4
NLM_F_REQUEST, NLM_F_MULTI, NLM_F_ACK, NLM_F_DUMP_INTR = 1, 2, 4, 0x10
NLM_F_DUMP = 0x300
NLM_F_CAPPED, NLM_F_ACK_TLVS = 0x100, 0x200

NLA_F_NESTED, NLA_TYPE_MASK = 0x8000, 0x3fff

NLMSGHDR = struct.Struct("=IHHII")      # len, type, flags, seq, portid
GENLMSGHDR = struct.Struct("=BBH")      # cmd, version, reserved
NLATTR = struct.Struct("=HH")           # len, type
HEADERS = NLMSGHDR.size + GENLMSGHDR.size

# Attributes of an extended acknowledgement.
EXT_MSG, EXT_OFFS, EXT_POLICY, EXT_MISS_TYPE, EXT_MISS_NEST = 1, 2, 4, 5, 6

# The controller, through which families and their policies are found.
CTRL_ID = 16
CTRL_GETFAMILY, CTRL_GETPOLICY = 3, 10
(CTRL_FAMILY_ID, CTRL_FAMILY_NAME, CTRL_VERSION, CTRL_HDRSIZE, CTRL_MAXATTR,
 CTRL_OPS, CTRL_MCAST_GROUPS, CTRL_POLICY, CTRL_OP_POLICY) = range(1, 10)

# Attributes of a policy (enum netlink_policy_type_attr).
POLICY_TYPE, POLICY_PAD = 1, 11
POLICY_NAMES = {2: "min", 3: "max", 4: "min", 5: "max", 6: "min-len",
                7: "max-len", 8: "policy", 9: "maxtype", 10: "bits",
                12: "mask"}
POLICY_TYPES = ("invalid", "flag", "u8", "u16", "u32", "u64", "s8", "s16",
                "s32", "s64", "binary", "string", "nul-string", "nest",
                "nest-array", "bitfield32", "sint", "uint")

INTEGERS = {"u8": "=B", "u16": "=H", "u32": "=I", "u64": "=Q",
            "s8": "=b", "s16": "=h", "s32": "=i", "s64": "=q"}


class NlError(OSError):
    """The kernel refused a request.

    errno    its reason as a positive number
    msg      its text; "" if it gave none
    attr     path of the attribute that it refused, or None
    missing  path of the attribute that it misses, or None
    policy   the policy that the attribute broke, or None
    """

    def __init__(self, code, msg="", attr=None, missing=None, policy=None):
        super().__init__(code, os.strerror(code))
        self.msg = msg
        self.attr = attr
        self.missing = missing
        self.policy = policy

    def __str__(self):
        text = errno.errorcode.get(self.errno, str(self.errno))
        if self.msg:
            text += f": {self.msg}"
        if self.attr:
            text += f" (attribute {self.attr})"
        if self.missing:
            text += f" (missing attribute {self.missing})"
        return text

    __repr__ = __str__


class Dump(list):
    """What a dump returned; interrupted: it changed while it was read."""

    interrupted = False


# Attributes as bytes


def nla(kind, payload, nested=False):
    """One attribute, padded to its alignment."""
    kind |= NLA_F_NESTED if nested else 0
    return (NLATTR.pack(NLATTR.size + len(payload), kind) + payload
            + b"\0" * (-len(payload) % 4))


def nlas(data, start=0, end=None):
    """(type, offset, start of payload, end) of the attributes in data."""
    end = len(data) if end is None else end
    while start + NLATTR.size <= end:
        length, kind = NLATTR.unpack_from(data, start)
        if length < NLATTR.size or start + length > end:
            raise ValueError(f"attribute at {start}: bad length {length}")
        yield kind & NLA_TYPE_MASK, start, start + NLATTR.size, start + length
        start += (length + 3) & ~3


def unnest(data):
    """{type: payload} of the attributes in data."""
    return {kind: data[begin:end] for kind, _, begin, end in nlas(data)}


def integer(payload):
    """An unsigned integer of any size in host byte order."""
    return struct.unpack({1: "=B", 2: "=H", 4: "=I", 8: "=Q"}[len(payload)],
                         payload)[0]


def text(payload):
    """A string without its terminating NUL."""
    return payload.split(b"\0", 1)[0].decode("utf-8", "backslashreplace")


def policy_of(payload):
    """A policy as the kernel describes it: {"type": "u32", "min": 1, ...}."""
    policy = {}
    for kind, value in unnest(payload).items():
        if kind == POLICY_TYPE:
            policy["type"] = POLICY_TYPES[integer(value)]
        elif kind in (2, 3):
            policy[POLICY_NAMES[kind]] = struct.unpack("=q", value)[0]
        elif kind != POLICY_PAD:
            policy[POLICY_NAMES.get(kind, kind)] = integer(value)
    return policy


class Spec:
    """The YAML spec, ready for look-ups by name and by number."""

    def __init__(self, path=SPEC):
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        with open(path, "rb") as file:
            self.yaml = yaml.load(file, Loader=loader)
        self.name = self.yaml["name"]
        self.version = self.yaml.get("version", 1)
        self.enums = {}
        for enum in self.yaml.get("definitions", []):
            if enum["type"] == "enum":
                self.enums[enum["name"]] = self._enum(enum)
        self.sets = {}
        for attr_set in self.yaml["attribute-sets"]:
            self.sets[attr_set["name"]] = self._set(attr_set)
        self.ops, self.op_names, self.op_sets = {}, {}, {}
        value = 1
        for op in self.yaml["operations"]["list"]:
            value = op.get("value", value)
            self.ops[op["name"]] = value
            self.op_names[value] = op["name"]
            self.op_sets[op["name"]] = op["attribute-set"]
            value += 1
        # Of operations that the spec does not have.
        self.top = next(iter(self.op_sets.values()))

    @staticmethod
    def _enum(enum):
        """{name: value} of an enum."""
        values, value = {}, enum.get("value-start", 0)
        for entry in enum["entries"]:
            if isinstance(entry, str):
                entry = {"name": entry}
            value = entry.get("value", value)
            values[entry["name"]] = value
            value += 1
        return values

    @staticmethod
    def _set(attr_set):
        """{name or type: attribute} of an attribute set."""
        attrs, value = {}, 1
        for attr in attr_set["attributes"]:
            value = attr.get("value", value)
            attrs[attr["name"]] = attrs[value] = attr | {"value": value}
            value += 1
        return attrs

    # Encoding

    def encode(self, set_name, attrs):
        """The bytes of a dictionary of attributes."""
        data = bytearray()
        for name, value in attrs.items():
            attr = self.sets[set_name].get(name)
            if attr is None:
                if not isinstance(name, int):
                    raise KeyError(f"{set_name} has no attribute {name}")
                attr = {"name": str(name), "value": name, "type": "binary"}
            for one in value if isinstance(value, list) else [value]:
                data += self._encode_one(attr, one)
        return bytes(data)

    def _encode_one(self, attr, value):
        kind = attr["type"]
        if isinstance(value, (bytes, bytearray)):
            return nla(attr["value"], bytes(value), kind == "nest")
        if kind == "nest":
            return nla(attr["value"],
                       self.encode(attr["nested-attributes"], value), True)
        if kind == "flag":
            return nla(attr["value"], b"") if value else b""
        if kind == "string":
            return nla(attr["value"], value.encode() + b"\0")
        if kind in INTEGERS:
            if isinstance(value, str):
                value = self.enums[attr["enum"]][value]
            return nla(attr["value"], struct.pack(INTEGERS[kind], value))
        if kind == "binary":
            return nla(attr["value"], self._encode_binary(attr, value))
        raise TypeError(f"attribute {attr['name']}: cannot encode {kind}")

    @staticmethod
    def _encode_binary(attr, value):
        if attr["name"].endswith("addr"):
            family = socket.AF_INET6 if ":" in value else socket.AF_INET
            return socket.inet_pton(family, value)
        if attr["name"].endswith("key"):
            return bytes.fromhex(value)
        return value.encode()

    # Decoding

    def decode(self, set_name, data):
        """The dictionary of the attributes in data."""
        attrs = {}
        for kind, _, begin, end in nlas(data):
            payload = data[begin:end]
            attr = self.sets[set_name].get(kind)
            if attr is None:
                attrs[kind] = payload
            elif attr.get("multi-attr"):
                attrs.setdefault(attr["name"], []).append(
                    self._decode_one(attr, payload))
            elif attr["type"] != "pad":
                attrs[attr["name"]] = self._decode_one(attr, payload)
        return attrs

    def _decode_one(self, attr, payload):
        kind = attr["type"]
        if kind == "nest":
            return self.decode(attr["nested-attributes"], payload)
        if kind == "flag":
            return True
        if kind == "string":
            return text(payload)
        if kind in INTEGERS:
            value = struct.unpack(INTEGERS[kind], payload)[0]
            for name, number in self.enums.get(attr.get("enum"), {}).items():
                if number == value:
                    return name
            return value
        if attr["name"].endswith("addr") and len(payload) in (4, 16):
            family = socket.AF_INET if len(payload) == 4 else socket.AF_INET6
            return socket.inet_ntop(family, payload)
        return payload

    def locate(self, message, set_name, offset, start=HEADERS, end=None):
        """(path, set of its nest) of the attribute at an offset, or None."""
        for kind, at, begin, stop in nlas(message, start, end):
            if not at <= offset < stop:
                continue
            attr = self.sets.get(set_name, {}).get(kind, {})
            path = str(attr.get("name", kind))
            nested = attr.get("nested-attributes")
            if at == offset or nested is None:
                return path, nested
            inner = self.locate(message, nested, offset, begin, stop)
            return inner and (f"{path}.{inner[0]}", inner[1])
        return None


class Socket:
    """A generic netlink socket, in this or in a named network namespace."""

    def __init__(self, netns=None):
        self.sock = in_netns(netns, lambda: socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC,
            NETLINK_GENERIC))
        self.sock.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        # Without the request's text, an acknowledgement is short.
        self.sock.setsockopt(SOL_NETLINK, NETLINK_CAP_ACK, 1)
        try:
            self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 22)
            # One request may be a ruleset with thousands of rules.
            self.sock.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 25)
        except PermissionError:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.sock.bind((0, 0))
        self.seq = int(time.time()) & 0x7fffffff

    def close(self):
        """Close it."""
        self.sock.close()

    def message(self, family, cmd, payload, flags, version=1, reserved=0):
        """A message with a sequence number of its own."""
        self.seq += 1
        return NLMSGHDR.pack(HEADERS + len(payload), family, flags, self.seq,
                             0) + GENLMSGHDR.pack(cmd, version,
                                                  reserved) + payload

    def receive(self, timeout=None):
        """(type, flags, seq, payload) of each message of one datagram."""
        if timeout is not None and \
           not select.select([self.sock], [], [], max(0, timeout))[0]:
            return
        data = self.sock.recv(1 << 18)
        at = 0
        while at + NLMSGHDR.size <= len(data):
            length, kind, flags, seq, _ = NLMSGHDR.unpack_from(data, at)
            yield kind, flags, seq, data[at + NLMSGHDR.size:at + length]
            at += (length + 3) & ~3


def in_netns(name, call):
    """Call in a network namespace of "ip netns", then come back."""
    if name is None:
        return call()
    import ctypes  # pylint: disable=import-outside-toplevel
    setns = ctypes.CDLL(None, use_errno=True).setns
    clone_newnet = 0x40000000

    def enter(file):
        if setns(file.fileno(), clone_newnet):
            raise OSError(ctypes.get_errno(), f"setns to {file.name}")

    with open("/proc/thread-self/ns/net", "rb") as home, \
         open(f"/run/netns/{name}", "rb") as there:
        enter(there)
        try:
            return call()
        finally:
            enter(home)


class Genl:
    """A connection to the family of a spec.

    netns    name of a network namespace ("ip netns"); this one if None
    timeout  seconds after which a request that is not answered raises
             TimeoutError
    lost     how often notifications were lost because nobody read them
    """

    def __init__(self, spec=SPEC, netns=None, timeout=60):
        self.spec = spec if isinstance(spec, Spec) else Spec(spec)
        self.netns = netns
        self.timeout = timeout
        self.lost = 0
        self.socket = Socket(netns)
        self.listener = None
        self.queue = []
        try:
            self.info = self.family(self.spec.name)
        except NlError:
            self.socket.close()
            raise
        self.id = self.info["id"]

    def close(self):
        """Close the sockets."""
        self.socket.close()
        if self.listener:
            self.listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    # Requests

    def request(self, op, attrs=None, flags=0, **header):
        """The bytes of a request; attrs may be bytes, op a number."""
        set_name = self.spec.op_sets.get(op, self.spec.top)
        if not isinstance(attrs, (bytes, bytearray)):
            attrs = self.spec.encode(set_name, attrs or {})
        header.setdefault("version", self.spec.version)
        return self.socket.message(self.id, self.spec.ops.get(op, op),
                                   bytes(attrs), NLM_F_REQUEST | flags,
                                   **header)

    def do(self, op, attrs=None, flags=0, **header):
        """Send a request; its reply, {} if there is none but the ack."""
        result = self.multi([self.request(op, attrs, flags | NLM_F_ACK,
                                          **header)])[0]
        if isinstance(result, NlError):
            raise result
        return result

    def multi(self, requests):
        """Send several requests in one datagram.

        Each is (op, attrs), or what request() returned with NLM_F_ACK.
        Returns for each its reply, or the NlError (not raised).
        """
        messages = [r if isinstance(r, bytes) else
                    self.request(*r, flags=NLM_F_ACK) for r in requests]
        waiting = {NLMSGHDR.unpack_from(m)[3]: i
                   for i, m in enumerate(messages)}
        results = [{} for _ in messages]
        self.socket.sock.send(b"".join(
            m + b"\0" * (-len(m) % 4) for m in messages))
        deadline = time.monotonic() + self.timeout
        while waiting:
            for kind, flags, seq, payload in self._receive(deadline):
                index = waiting.get(seq)
                if index is None:
                    continue
                if kind == NLMSG_ERROR:
                    del waiting[seq]
                    error = self._error(flags, payload, messages[index])
                    if error:
                        results[index] = error
                elif kind > NLMSG_OVERRUN:
                    results[index] = self._decode(payload)[1]
        return results

    def dump(self, op, attrs=None, flags=0, **header):
        """All objects, as a Dump."""
        message = self.request(op, attrs, flags | NLM_F_DUMP, **header)
        dump = Dump()
        for flags, payload in self._dump(message):
            if flags & NLM_F_DUMP_INTR:
                dump.interrupted = True
            if payload is not None:
                dump.append(self._decode(payload)[1])
        return dump

    def rows(self, op):
        """The objects of a dump one by one, read as they are asked for."""
        for _, payload in self._dump(self.request(op, None, NLM_F_DUMP)):
            if payload is not None:
                yield self._decode(payload)[1]

    def _dump(self, message):
        """(flags, payload) of each part of a dump; None: its end."""
        self.socket.sock.send(message)
        expected = NLMSGHDR.unpack_from(message)[3]
        deadline = time.monotonic() + self.timeout
        while True:
            for kind, flags, seq, payload in self._receive(deadline):
                if seq != expected:
                    continue
                if kind in (NLMSG_ERROR, NLMSG_DONE):
                    error = self._error(flags, payload, message,
                                        kind == NLMSG_DONE)
                    if error:
                        raise error
                    yield flags, None
                    return
                if kind > NLMSG_OVERRUN:
                    yield flags, payload

    def _receive(self, deadline):
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"the kernel did not answer within "
                               f"{self.timeout} s")
        return list(self.socket.receive(left))

    def _decode(self, payload):
        """(name of the operation, attributes) of a message."""
        cmd = GENLMSGHDR.unpack_from(payload)[0]
        name = self.spec.op_names.get(cmd, cmd)
        return name, self.spec.decode(
            self.spec.op_sets.get(name, self.spec.top),
            payload[GENLMSGHDR.size:])

    def _error(self, flags, payload, message, done=False):
        """The NlError in an ack or at the end of a dump; None: success."""
        code = struct.unpack_from("=i", payload)[0] if len(payload) > 3 else 0
        if code >= 0:
            return None
        at = 4
        if not done:
            # The request's header follows, and its payload unless capped.
            length = NLMSGHDR.unpack_from(payload, 4)[0]
            at += (NLMSGHDR.size if flags & NLM_F_CAPPED
                   else (length + 3) & ~3)
        ext = unnest(payload[at:]) if flags & NLM_F_ACK_TLVS else {}
        return self._extack(-code, ext, message)

    def _extack(self, code, ext, message):
        cmd = GENLMSGHDR.unpack_from(message, NLMSGHDR.size)[0]
        ours = NLMSGHDR.unpack_from(message)[1] != CTRL_ID
        top = self.spec.op_sets.get(self.spec.op_names.get(cmd),
                                    self.spec.top) if ours else None
        attr = missing = None
        if EXT_OFFS in ext:
            offset = integer(ext[EXT_OFFS])
            found = self.spec.locate(message, top, offset)
            attr = found[0] if found else f"at offset {offset}"
        if EXT_MISS_TYPE in ext:
            kind, path = integer(ext[EXT_MISS_TYPE]), ""
            if EXT_MISS_NEST in ext:
                found = self.spec.locate(message, top,
                                         integer(ext[EXT_MISS_NEST]))
                path, top = (f"{found[0]}.", found[1]) if found else ("?.", "")
            name = self.spec.sets.get(top, {}).get(kind, {}).get("name", kind)
            missing = f"{path}{name}"
        return NlError(code, text(ext.get(EXT_MSG, b"")), attr, missing,
                       policy_of(ext[EXT_POLICY]) if EXT_POLICY in ext
                       else None)

    # Notifications

    def subscribe(self, *groups):
        """Receive the notifications of multicast groups from now on."""
        if not self.listener:
            self.listener = Socket(self.netns)
        for group in groups:
            self.listener.sock.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
                                          self.info["groups"][group])

    def unsubscribe(self, *groups):
        """Receive them no longer."""
        for group in groups:
            self.listener.sock.setsockopt(
                SOL_NETLINK, NETLINK_DROP_MEMBERSHIP,
                self.info["groups"][group])

    def event(self, timeout=5, match=None):
        """The next notification, (name, attributes), that match() accepts.

        Those before it are gone. None when the time is over.
        """
        deadline = time.monotonic() + timeout
        while True:
            while self.queue:
                event = self.queue.pop(0)
                if match is None or match(*event):
                    return event
            left = deadline - time.monotonic()
            try:
                for kind, _, _, payload in self.listener.receive(left):
                    if kind == self.id:
                        self.queue.append(self._decode(payload))
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                self.lost += 1
            if left <= 0 and not self.queue:
                return None

    def events(self, timeout=5):
        """Notifications: waits for the first, then takes what is there."""
        events = []
        event = self.event(timeout)
        while event:
            events.append(event)
            event = self.event(0)
        return events

    # The controller

    def family(self, name):
        """What the kernel tells of a family.

        {"id", "version", "hdrsize", "maxattr", "ops": {number: flags},
        "groups": {name: id}}; NlError ENOENT when it does not exist.
        """
        message = self.socket.message(
            CTRL_ID, CTRL_GETFAMILY,
            nla(CTRL_FAMILY_NAME, name.encode() + b"\0"),
            NLM_F_REQUEST | NLM_F_ACK)
        self.socket.sock.send(message)
        info, deadline = {}, time.monotonic() + self.timeout
        while True:
            for kind, flags, _, payload in self._receive(deadline):
                if kind == NLMSG_ERROR:
                    error = self._error(flags, payload, message)
                    if error:
                        error.msg = error.msg or f"no family {name}"
                        raise error
                    return info
                if kind == CTRL_ID:
                    info = self._family_info(payload[GENLMSGHDR.size:])

    @staticmethod
    def _family_info(payload):
        attrs = unnest(payload)
        info = {"id": integer(attrs[CTRL_FAMILY_ID]),
                "version": integer(attrs[CTRL_VERSION]),
                "hdrsize": integer(attrs[CTRL_HDRSIZE]),
                "maxattr": integer(attrs[CTRL_MAXATTR]),
                "ops": {}, "groups": {}}
        for nest in unnest(attrs.get(CTRL_OPS, b"")).values():
            op = unnest(nest)
            info["ops"][integer(op[1])] = integer(op[2])
        for nest in unnest(attrs.get(CTRL_MCAST_GROUPS, b"")).values():
            group = unnest(nest)
            info["groups"][text(group[1])] = integer(group[2])
        return info

    def policy_dump(self):
        """The kernel's own policies of the family.

        {"ops": {command: {"do": index, "dump": index}},
         "policies": {index: {attribute type: {"type": "u32", ...}}}}
        A policy may also have min, max, min-len, max-len, maxtype, mask, and
        for a nest "policy", the index of the policy of what is inside.
        Attributes that are always refused have no entry.
        """
        message = self.socket.message(
            CTRL_ID, CTRL_GETPOLICY,
            nla(CTRL_FAMILY_ID, struct.pack("=H", self.id)),
            NLM_F_REQUEST | NLM_F_DUMP)
        result = {"ops": {}, "policies": {}}
        for _, payload in self._dump(message):
            attrs = unnest((payload or b"")[GENLMSGHDR.size:])
            for cmd, nest in unnest(attrs.get(CTRL_OP_POLICY, b"")).items():
                result["ops"][cmd] = {
                    {1: "do", 2: "dump"}[mode]: integer(index)
                    for mode, index in unnest(nest).items()}
            for index, nest in unnest(attrs.get(CTRL_POLICY, b"")).items():
                for kind, policy in unnest(nest).items():
                    result["policies"].setdefault(index, {})[kind] = \
                        policy_of(policy)
        return result
