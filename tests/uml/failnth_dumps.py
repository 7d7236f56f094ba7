# SPDX-License-Identifier: GPL-2.0-or-later
"""Every dump of the spec, once for each allocation that it makes."""
import errno
import os

import genl
import netns
import rulenet
import state
import tap
from failnth import Nth
from failnth_commands import CLEAN, MOST

# More than one message can carry.
SETS = 60
ADOPTED = 30
RULES = 200


def dump(g, op, nth, number):
    """(rows, errno) of a dump whose n-th allocation fails: in the request, or
    in any of the reads that follow."""
    sock = genl.Socket(g.netns)
    message = sock.message(g.id, g.spec.ops[op], b"",
                           genl.NLM_F_REQUEST | genl.NLM_F_DUMP,
                           g.spec.version)
    parts = []
    try:
        with nth(number):
            sock.sock.send(message)
            # The end comes in a message of its own, or with the last part.
            while not parts or not ended(parts[-1]):
                parts.append(sock.sock.recv(1 << 16))
    except OSError as error:
        return [], error.errno
    finally:
        sock.close()
    rows = []
    for part in parts:
        at = 0
        while at + genl.NLMSGHDR.size <= len(part):
            length, kind, _, _, _ = genl.NLMSGHDR.unpack_from(part, at)
            payload = part[at + genl.NLMSGHDR.size:at + length]
            if kind in (genl.NLMSG_ERROR, genl.NLMSG_DONE):
                return rows, -int.from_bytes(payload[:4], "little",
                                             signed=True)
            rows.append(g._decode(payload)[1])
            at += (length + 3) & ~3
    raise AssertionError("a dump without an end")


def ended(part):
    """Whether the end of a dump is among these messages."""
    at = 0
    while at + genl.NLMSGHDR.size <= len(part):
        length, kind, _, _, _ = genl.NLMSGHDR.unpack_from(part, at)
        if kind in (genl.NLMSG_ERROR, genl.NLMSG_DONE):
            return True
        at += (length + 3) & ~3
    return False


def every_allocation(b, op):
    """A dump is whole, or an error: never short."""
    nth, wrong = Nth(), []
    whole, _ = dump(b.g, op, nth, MOST)
    before = b.picture()
    for number in range(1, MOST):
        rows, error = dump(b.g, op, nth, number)
        if error and error not in CLEAN:
            wrong.append("%d: %s" % (number, errno.errorcode.get(error,
                                                                 error)))
        if not error and len(rows) != len(whole):
            wrong.append("%d: %d rows of %d" % (number, len(rows),
                                                len(whole)))
        if not nth.hit:
            break
    after = b.picture()
    wrong += ["%s: %r, was %r" % (k, after[k], before[k]) for k in before
              if after[k] != before[k]]
    tap.ok(not wrong and not nth.hit and number > 1 and whole,
           "AT-35 %s: a dump of %d, %d allocations, each has failed once: "
           "never short, and nothing changes" % (op, len(whole), number - 1),
           "\n".join(wrong))


def many_sets(b):
    ep = state.endpoint(b.g)
    for _ in range(SETS):
        state.new_set(b.g, ep)


def many_endpoints(b):
    many_sets(b)
    for number in range(2, 40):
        b.g.do("endpoint-new", state.endpoint_attrs("10.33.1.%d" % number))


def many_adopted(b):
    """States of another program, at the ports of an endpoint."""
    many_sets(b)
    lines = []
    for number in range(ADOPTED):
        lines.append(
            "xfrm state add src %s dst %s proto esp spi 0x%x mode transport "
            "auth-trunc hmac(sha1) 0x%s 96 enc ecb(cipher_null) \"\" "
            "sel src %s/32 dst %s/32 sport %d dport %d\n" % (
                netns.access_addr("ue2"), netns.access_addr("pcscf"),
                0x9000 + number, os.urandom(20).hex(),
                netns.access_addr("ue2"), netns.access_addr("pcscf"),
                9000 + number, state.PORT_PS))
    netns.ip("".join(lines), "pcscf")


def many_rules(b):
    rulenet.load(b.g, {"node": True, "port": rulenet.ports("udp/5060")},
                 [rulenet.rule("peer", "p%d" % number, "192.0.2.%d" % number)
                  for number in range(RULES)])


DUMPS = {"sa-set-get": many_sets, "endpoint-get": many_endpoints,
         "adopted-get": many_adopted, "ruleset-get": many_rules}


def test_all(b):
    known = {op["name"] for op in b.g.spec.yaml["operations"]["list"]
             if "dump" in op}
    tap.equal(set(DUMPS) ^ known, set(),
              "each dump of the spec has its allocations fail")


def test_dumps(b):
    for op, prepare in DUMPS.items():
        b.fresh()
        prepare(b)
        every_allocation(b, op)
    netns.ip("xfrm state flush\n", "pcscf")
    rulenet.load(b.g, {})
    b.fresh()
