# SPDX-License-Identifier: GPL-2.0-only
"""The description of the family for syzkaller, from the YAML spec.

syzkaller wants two files in its sys/linux: the description, and the values of
the constants that it names. Types such as nlattr and sock_nl_generic are those
of syzkaller's own socket_netlink.txt and socket_netlink_generic.txt.
"""

import re

DIRECTORY = "tests/fuzz/syzkaller"
ARCHES = ("386, amd64, arm, arm64, loong64, mips64le, ppc64le, riscv64, "
          "s390x")
SENDMSG = "211, 386:s390x:370, amd64:46, arm:296, mips64le:5045, ppc64le:341"

INTEGERS = {"u8": 8, "u16": 16, "u32": 32, "u64": 64}
# Ids are small, counted by the kernel: a random one would never be there.
IDS = "int32[0:16]"
ID_NAMES = ("id", "endpoint-id", "protected-by")

FIXED = {
    # Two hosts of each family, so that calls meet; any other now and then.
    "addr": """[
	v4_local	const[0xa210001, int32be]
	v4_ue	const[0xa21000b, int32be]
	v4	ipv4_addr
	v6	ipv6_addr
] [varlen]""",
    # The sizes of keys with and without a salt, and what no key has.
    "key": """[
	k16	array[int8, 16]
	k20	array[int8, 20]
	k24	array[int8, 24]
	wrong	array[int8, 0:80]
] [varlen]""",
}


def type_of(spec, attr):
    """The syzkaller type of the payload of an attribute that is no nest."""
    kind, name, checks = attr["type"], attr["name"], attr.get("checks", {})
    if kind == "flag":
        return "void"
    if kind == "string":
        return f"string[{spec.ident}_strings]"
    if kind == "binary":
        for word in FIXED:
            if name.endswith(word):
                return f"{spec.ident}_{word}"
        # One more than allowed is worth a try.
        return f"array[int8, 0:{checks.get('max-len', 64) + 1}]"
    bits = INTEGERS[kind]
    if "enum" in attr:
        return f"flags[{spec.ident}_{attr['enum'].replace('-', '_')}, " \
            f"int{bits}]"
    if name in ID_NAMES:
        return IDS
    if "port" in name and bits == 16:
        # Few, so that tuples meet; 5060 is refused for some and not others.
        return f"int{bits}[5058:5074]"
    low, high = checks.get("min", 0), checks.get("max", (1 << bits) - 1)
    # Limits too small are tried by syzkaller's own mutations.
    if (low, high) == (0, (1 << bits) - 1):
        return f"int{bits}"
    return f"int{bits}[{low}:{high}]"


def attributes(spec, union, set_name, names=None):
    """The lines of a union of what may be sent in a nest, or at the top."""
    rows = []
    for attr in spec.sets[set_name]["attributes"]:
        if attr["type"] == "pad" or not spec.accepted(set_name, attr) or \
                names is not None and attr["name"] not in names:
            continue
        const = spec.attr_const(set_name, attr)
        field = attr["name"].replace("-", "_")
        if attr["type"] == "nest":
            nested = attr["nested-attributes"].replace("-", "_")
            payload = f"nlnest[{const}, array[{spec.ident}_{nested}_attrs]]"
        else:
            payload = f"nlattr[{const}, {type_of(spec, attr)}]"
        rows.append(f"\t{field}\t{payload}")
    return ["", f"{union} [", *rows, "] [varlen]"]


def calls(spec):
    """(operation, name of the union of its attributes, their names) of each
    operation that may be called."""
    everything = sorted(spec.requested())
    for op in spec.ops:
        if "do" not in op and "dump" not in op:
            continue
        names = sorted({n for mode in ("do", "dump") for n in op.get(
            mode, {}).get("request", {}).get("attributes", [])})
        union = "_or_".join(names).replace("-", "_")
        # A call without attributes must stand those of others.
        yield op, f"{spec.ident}_{union or 'any'}", names or everything


def description(spec):
    """The lines of the description."""
    ident = spec.ident
    family = f"genl_{ident}_family_id"
    lines = [
        "# SPDX-License-Identifier: GPL-2.0-only",
        "# generated from Documentation/netlink/specs/gmguard.yaml",
        "# by Documentation/netlink/gen.py; do not edit",
        "",
        "include <linux/net.h>",
        "include <uapi/linux/netlink.h>",
        "include <uapi/linux/genetlink.h>",
        f"include <uapi/{spec.yaml['uapi-header']}>",
        "",
        f"resource {family}[int16]",
        "",
        f"type msghdr_{ident}[CMD, ATTRS] msghdr_netlink[netlink_msg_t["
        f"{family}, genlmsghdr_t[CMD], ATTRS]]",
        "",
        f"syz_genetlink_get_family_id${ident}(name ptr[in, string["
        f"\"{spec.name}\"]], fd sock_nl_generic) {family}",
        ""]
    unions = {}
    for op, union, names in calls(spec):
        const = spec.op_const(op)
        unions[union] = names
        lines.append(f"sendmsg${const}(fd sock_nl_generic, msg ptr[in, "
                     f"msghdr_{ident}[{const}, {union}]], f "
                     "flags[send_flags])")
    for union, names in unions.items():
        lines += attributes(spec, union, spec.name, names)
    for set_name in reversed(spec.nested_sets()):
        name = set_name.replace("-", "_")
        lines += attributes(spec, f"{ident}_{name}_attrs", set_name)
    text = "\n".join(lines)
    for word, body in FIXED.items():
        if f"{ident}_{word}" in text:
            lines += ["", f"{ident}_{word} {body}"]
    lines += ["", f'{ident}_strings = "a@home.example", "b@home.example", '
              '""']
    for name, enum in spec.definitions("enum").items():
        if f"flags[{ident}_{name.replace('-', '_')}," not in text:
            continue
        lines.append(f"{ident}_{name.replace('-', '_')} = "
                     + ", ".join(enum_constants(spec, enum)))
    return lines


def enum_constants(spec, enum):
    """{constant: value} of an enum."""
    prefix = f"{spec.name}-{enum['name']}-"
    return {(prefix + entry["name"]).replace("-", "_").upper(): value
            for value, entry in spec.enum_values(enum)}


def constants(spec):
    """The lines of the constants' file."""
    values = {}
    for set_name, attr_set in spec.sets.items():
        for value, attr in enumerate(attr_set["attributes"], 1):
            values[spec.attr_const(set_name, attr)] = value
    for value, op in enumerate(spec.ops, 1):
        values[spec.op_const(op)] = value
    for enum in spec.definitions("enum").values():
        values |= enum_constants(spec, enum)
    words = set(re.findall(r"\w+", "\n".join(description(spec))))
    return ["# Code generated by syz-sysgen. DO NOT EDIT.",
            f"arches = {ARCHES}",
            *(f"{name} = {values[name]}" for name in sorted(values)
              if name in words),
            f"__NR_sendmsg = {SENDMSG}"]
