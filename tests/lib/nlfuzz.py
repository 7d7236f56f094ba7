# SPDX-License-Identifier: GPL-2.0-or-later
"""Netlink requests that follow from a YAML spec, and what can be wrong with
them. New operations and attributes of the spec come in by themselves.

    gen = Generator(spec, seed, Pools())
    op, tree = gen.request()            # an operation, its attributes
    tree = gen.repair(op, tree, error)  # what the kernel blamed, changed
    data, what = gen.mutate(op, tree)   # bytes that are wrong, and how

A tree is a list of [attribute set, attribute, value]; the value is a tree for a
nest, else bytes. What an attribute is for is known from its name where its
type does not tell: see Pools.
"""
import os
import random
import struct

from genl import (GENLMSGHDR, HEADERS, INTEGERS, NLA_F_NESTED, NLM_F_ACK,
                  NLM_F_DUMP, NLM_F_REQUEST, NLMSGHDR, nla)

NLM_F_ECHO = 8
NLA_F_NET_BYTEORDER = 0x4000
HUGE = 60000
# Payload of an attribute: more does not fit its length.
LONGEST = 0xffff - 4
# Tries to make a request that is accepted, each better by one attribute.
REPAIRS = 40


class Pools:
    """What exists: values that an honest program would use.

    ids: {attribute: list}, kept by the caller; keys: those that were sent
    """

    addresses = [bytes([10, 33, 0, n]) for n in (1, 11, 12, 13)] + \
        [bytes.fromhex("fd33") + bytes(13) + bytes([n])
         for n in (1, 17, 18, 19)]
    key_sizes = (0, 16, 16, 20, 20, 24, 4, 64)

    def __init__(self):
        self.ids = {}
        self.keys = []

    def value(self, rand, set_name, attr):
        """Bytes for an attribute whose name tells what it is, or None."""
        name = attr["name"]
        if name.endswith("addr"):
            return rand.choice(self.addresses)
        if name.endswith("key"):
            # Not from the seed: no key may look like another one.
            key = os.urandom(rand.choice(self.key_sizes))
            if len(key) >= 16:
                self.keys.append(key)
            return key
        known = self.ids.get((set_name, name)) or self.ids.get(name)
        if known and rand.random() < 0.9:
            return struct.pack(INTEGERS[attr["type"]], rand.choice(known))
        return None


class Generator:
    """See the top."""

    def __init__(self, spec, seed, pools):
        self.spec, self.pools = spec, pools
        self.rand = random.Random(seed)
        self.ops = {}
        for op in spec.yaml["operations"]["list"]:
            for mode in ("do", "dump"):
                if mode in op:
                    asked = op[mode].get("request", {}).get("attributes", [])
                    self.ops[op["name"], mode] = asked

    # Requests as they should be

    def request(self, op=None):
        """((name, "do" or "dump"), tree) of a request, of a random
        operation if none is given."""
        op = op or self.rand.choice(list(self.ops))
        top = self.spec.op_sets[op[0]]
        return op, [self.attribute(top, name) for name in self.ops[op]]

    @staticmethod
    def sendable(attr):
        """Whether user space may send it, by its doc text as in gen.py."""
        doc = " ".join(attr.get("doc", "").split())
        return attr["type"] != "pad" and "(reply only)" not in doc and \
            "(notifications only)" not in doc

    def attribute(self, set_name, name):
        attr = self.spec.sets[set_name][name]
        return [set_name, attr, self.value(set_name, attr)]

    def nest(self, set_name, chance=0.5):
        """Some of the attributes of a set."""
        tree = []
        for name, attr in self.spec.sets[set_name].items():
            # A flag changes what all the others mean: rather not.
            if isinstance(name, int) or not self.sendable(attr) or \
                    self.rand.random() > chance / (
                        4 if attr["type"] == "flag" else 1):
                continue
            times = self.rand.randrange(1, 9) if attr.get("multi-attr") else 1
            tree += [self.attribute(set_name, name) for _ in range(times)]
        return tree

    def value(self, set_name, attr):
        kind, checks = attr["type"], attr.get("checks", {})
        if kind == "nest":
            return self.nest(attr["nested-attributes"])
        value = self.pools.value(self.rand, set_name, attr)
        if value is not None:
            return value
        if kind in INTEGERS:
            return struct.pack(INTEGERS[kind], self.number(attr, checks))
        if kind == "flag":
            return b""
        if kind == "string":
            # Few, so that several requests are about the same.
            return b"user%d\0" % self.rand.randrange(4)
        return self.rand.randbytes(self.rand.randrange(
            checks.get("min-len", 0), checks.get("max-len", 64) + 1))

    def number(self, attr, checks):
        """One that the checks allow; often a small one or a limit."""
        enum = self.spec.enums.get(attr.get("enum"))
        low = checks.get("min", 0)
        high = checks.get("max", (1 << 8 * struct.calcsize(
            INTEGERS[attr["type"]])) - 1)
        if enum:
            return self.rand.choice(list(enum.values()))
        return self.rand.choice((low, high, self.rand.randint(low, high),
                                 self.rand.randint(low, high),
                                 min(high, low + self.rand.randrange(100))))

    # Learning from refusals

    def repair(self, tree, error):
        """Add what the kernel misses; change or drop what it blames. None if
        it named nothing that is there."""
        if error.missing:
            *path, name = error.missing.split(".")
            return self.add(tree, path, name)
        if error.attr:
            return self.change(tree, error.attr.split("."))
        return None

    def add(self, tree, path, name):
        if path:
            for node in tree:
                if node[1]["name"] == path[0]:
                    if self.add(node[2], path[1:], name) is None:
                        return None
                    return tree
            return None
        set_name = tree[0][0] if tree else None
        if set_name is None or name not in self.spec.sets[set_name]:
            return None
        tree.append(self.attribute(set_name, name))
        return tree

    def change(self, tree, path):
        for node in tree:
            if node[1]["name"] != path[0]:
                continue
            if len(path) > 1 and isinstance(node[2], list):
                return tree if self.change(node[2], path[1:]) is not None \
                    else None
            if self.rand.random() < 0.4 and len(path) == 1 and \
                    node[1]["type"] != "nest":
                # All of that name: one of them was to blame.
                tree[:] = [n for n in tree if n[1]["name"] != path[0]]
            else:
                node[2] = self.value(node[0], node[1])
            return tree
        return None

    # Bytes

    @staticmethod
    def encode(tree):
        """The bytes of a tree."""
        return b"".join(
            nla(attr["value"], Generator.encode(value)[:LONGEST], True)
            if isinstance(value, list) else
            nla(attr["value"], value, attr["type"] == "nest")
            for _, attr, value in tree)

    # Requests as they should not be

    def mutate(self, op, tree):
        """(header fields, payload, what was done) of a wrong request."""
        header = {"cmd": self.spec.ops[op[0]], "version": self.spec.version,
                  "flags": NLM_F_REQUEST | NLM_F_ACK |
                  (NLM_F_DUMP if op[1] == "dump" else 0),
                  "reserved": 0, "length": 0}
        done, payload = [], None
        for _ in range(self.rand.choice((1, 1, 1, 2, 3))):
            how = self.rand.choice(TREE + BYTES + HEADER)
            if how in TREE and payload is None:
                how(self, self.some_list(tree))
            elif how in BYTES:
                payload = how(self, self.encode(tree) if payload is None
                              else payload)
            elif how in HEADER:
                how(self, header)
            else:
                continue
            done.append(how.__name__)
        return header, self.encode(tree) if payload is None else payload, done

    def some_list(self, tree):
        """A nest at any depth."""
        lists = [tree]
        for part in lists:
            lists += [value for _, _, value in part if isinstance(value, list)]
        return self.rand.choice(lists)

    def drop(self, part):
        if part:
            part.pop(self.rand.randrange(len(part)))

    def double(self, part):
        if part:
            part.append(list(self.rand.choice(part)))

    def many(self, part):
        if part:
            part += [self.rand.choice(part)] * self.rand.choice((65, 300))

    def shuffle(self, part):
        self.rand.shuffle(part)

    def empty(self, part):
        part.clear()

    def foreign(self, part):
        """An attribute that may not be sent, or of another set."""
        set_name = self.rand.choice(list(self.spec.sets))
        name = self.rand.choice([n for n in self.spec.sets[set_name]
                                 if isinstance(n, str)])
        if self.spec.sets[set_name][name]["type"] != "nest":
            part.append(self.attribute(set_name, name))

    def unknown(self, part):
        attr = {"name": "unknown", "type": "binary", "value":
                self.rand.choice((0, 60, 255, 0x3fff))}
        part.append([None, attr, b"\1\2\3\4"])

    def boundary(self, part):
        """A limit of the spec, or one beyond it."""
        numbers = [n for n in part if n[1]["type"] in INTEGERS]
        if numbers:
            node = self.rand.choice(numbers)
            checks, kind = node[1].get("checks", {}), node[1]["type"]
            top = (1 << 8 * struct.calcsize(INTEGERS[kind])) - 1
            low, high = checks.get("min", 0), checks.get("max", top)
            node[2] = struct.pack(INTEGERS[kind], self.rand.choice((
                0, low, max(low - 1, 0), high, min(high + 1, top), top)))

    def resize(self, part):
        """Another length of a value."""
        values = [n for n in part if isinstance(n[2], bytes)]
        if values:
            node = self.rand.choice(values)
            size = self.rand.choice((0, 1, 2, 3, 5, 8, 17, 65, 256, 257, 2049,
                                     HUGE))
            node[2] = (node[2] + self.rand.randbytes(size))[:size]

    def nested(self, part):
        """A value where a nest belongs and the other way round."""
        if part:
            node = self.rand.choice(part)
            node[2] = b"\1\2\3\4\5\6\7\x08" if isinstance(node[2], list) \
                else [list(node)]

    def deep(self, part):
        """Nests in nests, more than anybody follows."""
        if part:
            node = list(self.rand.choice(part))
            for _ in range(self.rand.choice((3, 12, 100))):
                node = [node[0], node[1], [node]]
            part.append(node)

    def length_field(self, data):
        """A wrong length in the header of an attribute."""
        data = bytearray(data)
        if len(data) >= 4:
            at = self.rand.randrange(0, len(data) - 3, 4)
            struct.pack_into("=H", data, at, self.rand.choice((
                0, 1, 3, 4, 5, len(data), len(data) + 1, 0xffff)))
        return bytes(data)

    def type_field(self, data):
        """A wrong type, or wrong flags in it."""
        data = bytearray(data)
        if len(data) >= 4:
            at = self.rand.choice((0, 4, self.rand.randrange(
                0, len(data) - 3, 4)))
            at = min(at, len(data) - 4)
            old = struct.unpack_from("=H", data, at + 2)[0]
            struct.pack_into("=H", data, at + 2, self.rand.choice((
                old ^ NLA_F_NESTED, old | NLA_F_NET_BYTEORDER, 0,
                self.rand.randrange(1 << 16))))
        return bytes(data)

    def flip(self, data):
        data = bytearray(data)
        for _ in range(self.rand.choice((1, 2, 8)) if data else 0):
            data[self.rand.randrange(len(data))] ^= 1 << \
                self.rand.randrange(8)
        return bytes(data)

    def cut(self, data):
        return data[:self.rand.randrange(len(data) + 1)]

    def trailing(self, data):
        return data + self.rand.randbytes(self.rand.choice((1, 3, 4, 7, 200)))

    def garbage(self, _):
        return self.rand.randbytes(self.rand.choice((0, 1, 4, 20, 500, 4000)))

    def huge(self, data):
        return data + nla(1, bytes(HUGE), True)

    def flags(self, header):
        header["flags"] = self.rand.choice((
            NLM_F_REQUEST, NLM_F_ACK, header["flags"] ^ NLM_F_DUMP,
            header["flags"] | 0x100, header["flags"] | NLM_F_ECHO,
            self.rand.randrange(1 << 16)))

    def version(self, header):
        header["version"] = self.rand.randrange(256)

    def command(self, header):
        """Another one, or one that is not there."""
        header["cmd"] = self.rand.choice((
            self.rand.randrange(256), self.spec.ops[self.rand.choice(
                list(self.ops))[0]]))

    def reserved(self, header):
        header["reserved"] = self.rand.randrange(1, 1 << 16)

    def message_length(self, header):
        header["length"] = self.rand.choice((-1, -4, -20, 1, 4, 4096))


TREE = [Generator.drop, Generator.double, Generator.many, Generator.shuffle,
        Generator.empty, Generator.foreign, Generator.unknown,
        Generator.boundary, Generator.boundary, Generator.resize,
        Generator.resize, Generator.nested, Generator.deep]
BYTES = [Generator.length_field, Generator.type_field, Generator.flip,
         Generator.cut, Generator.trailing, Generator.garbage, Generator.huge]
HEADER = [Generator.flags, Generator.version, Generator.command,
          Generator.reserved, Generator.message_length]


def message(family, seq, header, payload):
    """The datagram of a request; its length field may lie."""
    length = max(0, HEADERS + len(payload) + header["length"])
    return NLMSGHDR.pack(length, family, header["flags"], seq, 0) + \
        GENLMSGHDR.pack(header["cmd"], header["version"],
                        header["reserved"]) + payload
