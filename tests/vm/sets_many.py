# SPDX-License-Identifier: GPL-2.0-or-later
"""Thousands of sets, and dumps while they change."""
import socket
import struct

import genl
import state
import tap

MANY = 2000
# Not larger than what the kernel puts in one message anyway.
READ = 4096


def ue(number):
    return "10.33.%d.%d" % (1 + number // 250, 1 + number % 250)


def fill(b, ep, count, first=0, chunk=50):
    made = []
    for begin in range(first, first + count, chunk):
        made += b.g.multi([("sa-set-new", state.set_attrs(
            ep, ue=ue(i), alg="hmac-md5-96", ealg="null"))
            for i in range(begin, min(begin + chunk, first + count))])
    return [m["sa-set"]["id"] for m in made]


class SlowDump:
    """A dump that is read message by message through a small buffer."""

    def __init__(self, b, op="sa-set-get"):
        self.g = b.g
        # A new one: the kernel makes messages as long as any read before.
        self.sock = genl.Socket(b.g.netns).sock
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self.sock.send(self.g.request(op, None, genl.NLM_F_DUMP))
        self.ids, self.done, self.reads = [], False, 0

    def read(self):
        """One message; what it showed."""
        data, at = self.sock.recv(READ), 0
        self.reads += 1
        found = []
        while at + 16 <= len(data):
            size, kind = struct.unpack_from("=IH", data, at)
            if kind == genl.NLMSG_DONE:
                self.done = True
            elif kind == self.g.id:
                attrs = self.g.spec.decode("gmguard", data[at + 20:at + size])
                found.append(attrs["sa-set"])
            at += (size + 3) & ~3
        self.ids += [s["id"] for s in found]
        return found

    def close(self):
        self.sock.close()


def test_dump_under_change(b):
    b.fresh()
    ep = state.endpoint(b.g, 4)
    before = fill(b, ep, MANY)
    dump, gone, added, number = SlowDump(b), [], [], MANY
    while not dump.done:
        dump.read()
        if dump.reads % 2:
            continue
        # one that was shown, one that was not, and two new ones
        shown = dump.ids[len(dump.ids) // 2] if dump.ids else None
        for victim in (shown, before[-1 - len(gone) * 3 % len(before)]):
            if victim and victim not in gone:
                state.del_set(b.g, victim)
                gone.append(victim)
        if len(added) < 600:
            added += fill(b, ep, 2, number)
            number += 2
    stayed = set(before) - set(gone)
    counts = {i: dump.ids.count(i) for i in stayed}
    dump.close()
    tap.ok(dump.reads > 100, "a dump of %d sets took %d reads, %d sets went "
           "and %d came meanwhile" % (MANY, dump.reads, len(gone),
                                      len(added)))
    tap.ok(set(counts.values()) == {1}, "AT-34 every set that existed all "
           "along is shown exactly once", [i for i in counts
                                           if counts[i] != 1][:20])
    tap.ok(len(set(dump.ids)) == len(dump.ids), "no set is shown twice")
    tap.ok(set(dump.ids) <= set(before) | set(added), "no set is shown that "
           "never existed")
    tap.equal(len(b.x.states()), 4 * len(state.sets(b.g)), "afterwards four "
              "states for each set that is left")


def test_dump_abandoned(b):
    """A reader that goes away in the middle."""
    b.fresh()
    ep = state.endpoint(b.g, 4)
    fill(b, ep, 200)
    for _ in range(5):
        dump = SlowDump(b)
        dump.read()
        dump.close()
    tap.equal(len(state.sets(b.g)), 200, "dumps that nobody reads to the end "
              "do no harm")


def test_dump_and_clear(b):
    """All sets and their endpoint go in the middle of a dump."""
    b.fresh()
    ep = state.endpoint(b.g, 4)
    fill(b, ep, 300)
    dump = SlowDump(b)
    dump.read()
    state.clear(b.g)
    while not dump.done:
        dump.read()
    tap.ok(len(dump.ids) < 300, "a dump ends when its sets are gone",
           len(dump.ids))
    dump.close()


def test_ids(b):
    """An id is not used again soon: who holds one means the old set."""
    b.fresh()
    ep = state.endpoint(b.g, 4)
    seen = []
    for _ in range(20):
        s = state.new_set(b.g, ep)
        seen.append(s.id)
        state.del_set(b.g, s.id)
    tap.equal(seen, sorted(set(seen)), "ids of sets only grow")


def test_one_send(b):
    """As many requests as fit in one datagram."""
    b.fresh()
    ep = state.endpoint(b.g, 4)
    answers = b.g.multi([("sa-set-new", state.set_attrs(
        ep, ue=ue(i))) for i in range(400)])
    ids = [a["sa-set"]["id"] for a in answers]
    tap.equal(len(set(ids)), 400, "400 SA_SET_NEW in one send: 400 sets")
    answers = b.g.multi([("sa-set-del", {"sa-set": {"id": i}}) for i in ids])
    tap.equal((answers, state.sets(b.g), len(b.x.states())),
              ([{}] * 400, [], 0), "400 SA_SET_DEL in one send: none is left")
