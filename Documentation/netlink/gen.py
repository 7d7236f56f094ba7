#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Write the netlink code that follows from the YAML spec.

From Documentation/netlink/specs/gmguard.yaml come:
  include/uapi/linux/gmguard.h   the API, for kernel and user space
  kmod/netlink-gen.h, .c         policies and the family, for Linux 6.1
  tests/fuzz/syzkaller/          the family for syzkaller

The names are those of mainline's tools/net/ynl/pyynl/ynl_gen_c.py. That
program is not used because it writes for newer kernels (split ops) and has no
X-macros, from which kernel and user space make their strings.

  gen.py          write the files
  gen.py --check  exit 1 when one of them is not what would be written
"""

import argparse
import pathlib
import sys
import textwrap

import yaml

import syzkaller

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPEC = "Documentation/netlink/specs/gmguard.yaml"
UAPI = "include/uapi/linux/gmguard.h"
KERNEL_H = "kmod/netlink-gen.h"
KERNEL_C = "kmod/netlink-gen.c"
SYZKALLER = f"{syzkaller.DIRECTORY}/socket_netlink_generic_gmguard.txt"

UAPI_LICENCE = "((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)"
KERNEL_LICENCE = "GPL-2.0-only"

INTEGERS = {"u8": "NLA_U8", "u16": "NLA_U16", "u32": "NLA_U32",
            "u64": "NLA_U64"}
# What the s16 limits of struct nla_policy can hold.
POLICY_MIN, POLICY_MAX = -0x8000, 0x7fff

COLUMNS = 80


def die(message):
    """End with a message for the person at the terminal."""
    sys.exit(f"gen.py: {message}")


def c_name(name):
    """sa-set -> sa_set"""
    return name.replace("-", "_")


def c_upper(name):
    """sa-set -> SA_SET"""
    return c_name(name).upper()


def one_line(doc):
    """A doc text without its line breaks."""
    return " ".join(str(doc).split())


def tabbed(text):
    """How far a line reaches when tabs are 8 columns wide."""
    return len(text.expandtabs(8))


class Spec:
    """The YAML spec, with the look-ups that more than one output needs."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.yaml = yaml.safe_load(file)
        self.name = self.yaml["name"]
        self.ident = c_name(self.name)
        self.upper = c_upper(self.name)
        self.sets = {s["name"]: s for s in self.yaml["attribute-sets"]}
        self.top = self.sets[self.name]
        self.ops = self.yaml["operations"]["list"]
        self.groups = self.yaml["mcast-groups"]["list"]
        if self.yaml.get("kernel-policy") != "global":
            die("only 'kernel-policy: global' is supported (Linux 6.1)")

    def definitions(self, kind):
        """The definitions of one type, by name."""
        return {d["name"]: d for d in self.yaml["definitions"]
                if d["type"] == kind}

    def enum_values(self, enum):
        """(value, entry) of each entry of an enum definition."""
        value = enum.get("value-start", 0)
        for entry in enum["entries"]:
            value = entry.get("value", value)
            yield value, entry
            value += 1

    def requested(self):
        """Names of the top-level attributes that some request may carry."""
        names = set()
        for op in self.ops:
            for mode in ("do", "dump"):
                request = op.get(mode, {}).get("request", {})
                names.update(request.get("attributes", []))
        return names

    def accepted(self, set_name, attr):
        """Whether user space may send an attribute."""
        if set_name == self.name:
            return attr["name"] in self.requested()
        doc = one_line(attr.get("doc", ""))
        return "(reply only)" not in doc and "(notifications only)" not in doc

    def nested_sets(self):
        """Sets that a request can reach below the top, innermost first."""
        found = []

        def walk(set_name):
            for attr in self.sets[set_name]["attributes"]:
                if attr["type"] != "nest" or not self.accepted(set_name, attr):
                    continue
                nested = attr["nested-attributes"]
                if nested not in found:
                    walk(nested)
                    found.append(nested)

        walk(self.name)
        return found

    def attr_const(self, set_name, attr):
        """The C constant of an attribute."""
        return c_upper(self.sets[set_name]["name-prefix"] + attr["name"])

    def max_const(self, set_name):
        """The C constant of a set's highest attribute."""
        return c_upper(self.sets[set_name]["name-prefix"] + "max")

    def op_const(self, op):
        """The C constant of an operation."""
        return c_upper(self.yaml["operations"]["name-prefix"] + op["name"])

    def policy_name(self, set_name):
        """The C name of a set's policy table."""
        if set_name == self.name:
            return f"{self.ident}_nl_policy"
        return f"{self.ident}_{c_name(set_name)}_nl_policy"

    def handlers(self, op):
        """(member of struct genl_ops, function) of an operation."""
        name = f"{self.ident}_nl_{c_name(op['name'])}"
        dump = op.get("dump", {})
        if "do" in op:
            yield "doit", f"{name}_doit"
        if "pre" in dump:
            yield "start", c_name(dump["pre"])
        if "dump" in op:
            yield "dumpit", f"{name}_dumpit"
        if "post" in dump:
            yield "done", c_name(dump["post"])


def banner(licence, comment):
    """The first lines of a generated file."""
    spdx = f"SPDX-License-Identifier: {licence}"
    spdx = f"// {spdx}" if comment == "//" else f"/* {spdx} */"
    return [spdx,
            f"/* generated from {SPEC}",
            " * by Documentation/netlink/gen.py; do not edit",
            " */"]


def wrap(first, text, rest):
    """A paragraph of a C comment."""
    return textwrap.wrap(text, COLUMNS - 1, initial_indent=first,
                         subsequent_indent=rest, break_long_words=False,
                         break_on_hyphens=False)


def comment(text):
    """A C comment of one line, or of several."""
    text = one_line(text)
    if len(f"/* {text} */") <= COLUMNS:
        return [f"/* {text} */"]
    return wrap("/* ", text, " * ") + [" */"]


# The UAPI header


def doc_lines(text):
    """A kernel-doc paragraph whose later lines are indented."""
    return wrap(" * ", one_line(text), " *   ")


def uapi_enum(spec, enum):
    """An enum definition as a documented C enum."""
    prefix = f"{spec.upper}_{c_upper(enum['name'])}_"
    lines = ["/**"]
    lines += doc_lines(f"enum {spec.ident}_{c_name(enum['name'])} - "
                       f"{enum['doc']}")
    for entry in enum["entries"]:
        lines += doc_lines(f"@{prefix}{c_upper(entry['name'])}: "
                           f"{entry['doc']}")
    lines += [" */", f"enum {spec.ident}_{c_name(enum['name'])} {{"]
    expected = 0
    for value, entry in spec.enum_values(enum):
        assign = "" if value == expected else f" = {value}"
        lines.append(f"\t{prefix}{c_upper(entry['name'])}{assign},")
        expected = value + 1
    lines += ["", "\t/* private: */", f"\t__{prefix}MAX", "};", "",
              f"#define {prefix}MAX (__{prefix}MAX - 1)", ""]
    return lines


def c_strings(text, width):
    """Adjacent C string literals, none longer than width columns."""
    pieces, piece = [], ""
    for word in text.split(" "):
        word = word.replace("\\", "\\\\").replace('"', '\\"')
        if piece and len(piece) + 1 + len(word) + 3 > width:
            pieces.append(piece + " ")
            piece = word
        else:
            piece = f"{piece} {word}" if piece else word
    return [f'"{p}"' for p in pieces + [piece]]


def uapi_x_macro(spec, enum):
    """An enum definition as an X-macro: X(NAME, "name", "doc")."""
    macro = f"{spec.upper}_{c_upper(enum['name'])}S"
    lines = comment(f"{macro} - X(NAME, \"name\", \"explanation\") for each "
                    f"of enum {spec.ident}_{c_name(enum['name'])}")
    lines.append(f"#define {macro}(X) \\")
    for entry in enum["entries"]:
        lines.append(f"\tX({c_upper(entry['name'])}, \"{entry['name']}\", \\")
        # 10 columns of indentation before, ") \" behind.
        strings = c_strings(one_line(entry["doc"]), COLUMNS - 10 - 3)
        lines += [f"\t  {s} \\" for s in strings[:-1]]
        lines.append(f"\t  {strings[-1]}) \\")
    lines[-1] = lines[-1][:-len(" \\")]
    return lines + [""]


def uapi_plain_enum(constants, maximum):
    """An enum of attributes or commands, from 1, with its maximum."""
    lines = ["enum {"]
    lines += [f"\t{c}{' = 1' if i == 0 else ''},"
              for i, c in enumerate(constants)]
    lines += ["", f"\t__{maximum}", "};", "",
              f"#define {maximum} (__{maximum} - 1)", ""]
    return lines


def uapi_header(spec):
    """include/uapi/linux/gmguard.h"""
    guard = f"_UAPI_LINUX_{spec.upper}_H"
    lines = banner(UAPI_LICENCE, "/*")
    lines += ["", f"#ifndef {guard}", f"#define {guard}", "",
              f"#define {c_upper(spec.yaml['c-family-name'])}\t"
              f"\"{spec.name}\"",
              f"#define {c_upper(spec.yaml['c-version-name'])}\t"
              f"{spec.yaml.get('version', 1)}", ""]
    for const in spec.definitions("const").values():
        lines += comment(const["doc"])
        lines.append(f"#define {spec.upper}_{c_upper(const['name'])}\t"
                     f"{const['value']}")
    lines.append("")
    for enum in spec.definitions("enum").values():
        lines += uapi_enum(spec, enum) + uapi_x_macro(spec, enum)
    for name, attr_set in spec.sets.items():
        lines += uapi_plain_enum(
            [spec.attr_const(name, a) for a in attr_set["attributes"]],
            spec.max_const(name))
    lines += uapi_plain_enum(
        [spec.op_const(op) for op in spec.ops],
        c_upper(spec.yaml["operations"]["name-prefix"] + "max"))
    for group in spec.groups:
        lines.append(f"#define {spec.upper}_MCGRP_{c_upper(group['name'])}\t"
                     f"\"{group['name']}\"")
    return lines + ["", f"#endif /* {guard} */"]


# The kernel's policies and family


def limits(spec, attr):
    """(lowest, highest) value that an integer may have; None for any."""
    low, high = None, None
    if "enum" in attr:
        values = [v for v, _ in
                  spec.enum_values(spec.definitions("enum")[attr["enum"]])]
        low, high = min(values), max(values)
    checks = attr.get("checks", {})
    low, high = checks.get("min", low), checks.get("max", high)
    return low or None, high


def integer_policy(spec, attr, const):
    """(policy, netlink_range_validation that it needs or None)"""
    nla = INTEGERS[attr["type"]]
    low, high = limits(spec, attr)
    bounds = [b for b in (low, high) if b is not None]
    if not bounds:
        return f"{{ .type = {nla}, }}", None
    if any(not POLICY_MIN <= b <= POLICY_MAX for b in bounds):
        name = f"{const.lower()}_range"
        top = high if high is not None else (1 << int(attr["type"][1:])) - 1
        return (f"NLA_POLICY_FULL_RANGE({nla}, &{name})",
                [f"static struct netlink_range_validation {name} = {{",
                 f"\t.min\t= {low or 0}ULL,", f"\t.max\t= {top}ULL,", "};",
                 ""])
    if low is None:
        return f"NLA_POLICY_MAX({nla}, {high})", None
    if high is None:
        return f"NLA_POLICY_MIN({nla}, {low})", None
    return f"NLA_POLICY_RANGE({nla}, {low}, {high})", None


def binary_policy(attr):
    """The policy of a binary, whose checks are those of its length."""
    checks = attr.get("checks", {})
    if "exact-len" in checks:
        return f"NLA_POLICY_EXACT_LEN({checks['exact-len']})"
    if "min-len" in checks and "max-len" in checks:
        return (f"NLA_POLICY_RANGE(NLA_BINARY, {checks['min-len']}, "
                f"{checks['max-len']})")
    if "min-len" in checks:
        return f"NLA_POLICY_MIN_LEN({checks['min-len']})"
    if "max-len" in checks:
        # NLA_POLICY_MAX_LEN() came with Linux 6.7.
        return f"{{ .type = NLA_BINARY, .len = {checks['max-len']}, }}"
    return "{ .type = NLA_BINARY, }"


def attr_policy(spec, set_name, attr):
    """(policy or None for an entry left out, range that it needs or None)"""
    kind = attr["type"]
    if kind == "pad":
        return None, None       # strict validation refuses unlisted ones
    if not spec.accepted(set_name, attr):
        return "{ .type = NLA_REJECT, }", None
    if kind in INTEGERS:
        return integer_policy(spec, attr, spec.attr_const(set_name, attr))
    if kind == "binary":
        return binary_policy(attr), None
    if kind == "string":
        length = attr.get("checks", {}).get("max-len")
        length = f" .len = {length}," if length else ""
        return f"{{ .type = NLA_NUL_STRING,{length} }}", None
    if kind == "flag":
        return "{ .type = NLA_FLAG, }", None
    if kind == "nest":
        nested = spec.policy_name(attr["nested-attributes"])
        return f"NLA_POLICY_NESTED({nested})", None
    die(f"attribute {set_name}.{attr['name']}: type {kind} is not supported")


def policy_table(spec, set_name):
    """One nla_policy table, with the ranges that it needs before it."""
    ranges, rows = [], []
    for attr in spec.sets[set_name]["attributes"]:
        policy, extra = attr_policy(spec, set_name, attr)
        ranges += extra or []
        if policy:
            const = spec.attr_const(set_name, attr)
            row = f"\t[{const}] = {policy},"
            if len(row) > 92:
                row = f"\t[{const}] =\n\t\t{policy},"
            rows.append(row)
    storage = "static " if set_name == spec.name else ""
    head = (f"{storage}const struct nla_policy {spec.policy_name(set_name)}"
            f"[{spec.max_const(set_name)} + 1] = {{")
    if tabbed(head) > COLUMNS:
        head = head.replace(f" {spec.policy_name(set_name)}",
                            f"\n{spec.policy_name(set_name)}", 1)
    doc = comment(f"{set_name} - {spec.sets[set_name]['doc']}")
    return ranges + doc + [head] + rows + ["};", ""]


def op_entry(spec, op):
    """One member of the genl_ops array."""
    flags = [f"GENL_{c_upper(f)}" for f in op.get("flags", [])]
    lines = ["\t{", f"\t\t.cmd\t= {spec.op_const(op)},"]
    lines += [f"\t\t.{member}\t= {function},"
              for member, function in spec.handlers(op)]
    if flags:
        lines.append(f"\t\t.flags\t= {' | '.join(flags)},")
    return lines + ["\t},"]


def group_const(spec, group):
    """The index of a multicast group in the family."""
    return f"{spec.upper}_NLGRP_{c_upper(group['name'])}"


def group_entry(spec, group):
    """One member of the genl_multicast_group array."""
    lines = [f"\t[{group_const(spec, group)}] = {{",
             f"\t\t.name\t= {spec.upper}_MCGRP_{c_upper(group['name'])},"]
    flags = group.get("flags", [])
    if flags == ["uns-admin-perm"]:
        # Linux 6.1 asks for the capability in the namespace's user namespace.
        lines.append("\t\t.flags\t= GENL_MCAST_CAP_NET_ADMIN,")
    elif flags:
        die(f"group {group['name']}: flags {flags} are not supported")
    return lines + ["\t},"]


def kernel_source(spec):
    """kmod/netlink-gen.c"""
    ops, groups = f"{spec.ident}_nl_ops", f"{spec.ident}_nl_mcgrps"
    lines = banner(KERNEL_LICENCE, "//")
    lines += ["", "#include <net/netlink.h>", "#include <net/genetlink.h>",
              "", f"#include <uapi/{spec.yaml['uapi-header']}>",
              '#include "netlink-gen.h"', ""]
    for set_name in spec.nested_sets() + [spec.name]:
        lines += policy_table(spec, set_name)
    lines += ["/* strict validation: .validate stays 0 */",
              f"static const struct genl_ops {ops}[] = {{"]
    for op in spec.ops:
        if list(spec.handlers(op)):
            lines += op_entry(spec, op)
    lines += ["};", "",
              f"static const struct genl_multicast_group {groups}[] = {{"]
    for group in spec.groups:
        lines += group_entry(spec, group)
    members = [
        ("name", c_upper(spec.yaml["c-family-name"])),
        ("version", c_upper(spec.yaml["c-version-name"])),
        ("netnsok", "true"), ("parallel_ops", "true"),
        ("module", "THIS_MODULE"), ("maxattr", spec.max_const(spec.name)),
        ("policy", spec.policy_name(spec.name)),
        ("ops", ops), ("n_ops", f"ARRAY_SIZE({ops})"),
        ("mcgrps", groups), ("n_mcgrps", f"ARRAY_SIZE({groups})")]
    lines += ["};", "",
              f"struct genl_family {spec.ident}_nl_family __ro_after_init = {{"]
    for member, value in members:
        tabs = "\t" if tabbed(f"\t\t.{member}") >= 24 else "\t\t"
        lines.append(f"\t.{member}{tabs}= {value},")
    return lines + ["};"]


def kernel_header(spec):
    """kmod/netlink-gen.h"""
    guard = f"_{spec.upper}_NETLINK_GEN_H"
    lines = banner(KERNEL_LICENCE, "/*")
    lines += ["", f"#ifndef {guard}", f"#define {guard}", "",
              "#include <net/netlink.h>", "#include <net/genetlink.h>", "",
              f"#include <uapi/{spec.yaml['uapi-header']}>", "",
              "/* The policies of the nests, for nla_parse_nested() */"]
    for set_name in spec.nested_sets():
        lines += ["extern const struct nla_policy",
                  f"{spec.policy_name(set_name)}"
                  f"[{spec.max_const(set_name)} + 1];"]
    lines += [""]
    arguments = {"doit": "struct sk_buff *skb, struct genl_info *info",
                 "start": "struct netlink_callback *cb",
                 "dumpit": "struct sk_buff *skb, struct netlink_callback *cb",
                 "done": "struct netlink_callback *cb"}
    for op in spec.ops:
        for member, function in spec.handlers(op):
            line = f"int {function}({arguments[member]});"
            if tabbed(line) > COLUMNS:
                open_at = line.index("(") + 1
                indent = "\t" * (open_at // 8) + " " * (open_at % 8)
                line = line.replace(", ", f",\n{indent}", 1)
            lines.append(line)
    lines += ["", "/* Indices of the multicast groups in the family */",
              "enum {"]
    lines += [f"\t{group_const(spec, group)}," for group in spec.groups]
    lines += ["};", "", f"extern struct genl_family {spec.ident}_nl_family;",
              "", f"#endif /* {guard} */"]
    return lines


def main():
    """Write the outputs, or compare them."""
    parser = argparse.ArgumentParser(
        description="Write the netlink code that follows from the YAML spec.")
    parser.add_argument("--check", action="store_true",
                        help="write nothing; fail when an output is stale")
    check = parser.parse_args().check
    spec = Spec(ROOT / SPEC)
    stale = []
    for path, render in ((UAPI, uapi_header), (KERNEL_H, kernel_header),
                         (KERNEL_C, kernel_source),
                         (SYZKALLER, syzkaller.description),
                         (f"{SYZKALLER}.const", syzkaller.constants)):
        text = "\n".join(render(spec)) + "\n"
        file = ROOT / path
        if file.exists() and file.read_text(encoding="utf-8") == text:
            continue
        stale.append(path)
        if not check:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            print(f"wrote {path}")
    if check and stale:
        die(f"out of date: {', '.join(stale)}\n"
            f"{SPEC} or the generator changed (or an output was edited by "
            "hand): run \"make gen\" and commit the result")


if __name__ == "__main__":
    main()
