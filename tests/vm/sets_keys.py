# SPDX-License-Identifier: GPL-2.0-or-later
"""No key ever comes back: not in a reply, a dump, an event, a refusal, the
kernel's log or a trace (GM-21). "ip xfrm state" shows them to root, as it
does for every SA: SECURITY.md says so."""
import errno
import subprocess

import genl
import state
import tap

TRACE = "/sys/kernel/tracing/"


class Recorder:
    """A socket that remembers what came in."""

    def __init__(self, sock):
        self.sock, self.seen = sock, bytearray()

    def __getattr__(self, name):
        return getattr(self.sock, name)

    def fileno(self):
        return self.sock.fileno()

    def recv(self, size):
        data = self.sock.recv(size)
        self.seen += data
        return data


def recording_client():
    g = state.client()
    g.subscribe("events", "drops")
    for sock in (g.socket, g.listener):
        # without this, a refusal repeats the request
        sock.sock.setsockopt(genl.SOL_NETLINK, genl.NETLINK_CAP_ACK, 0)
        sock.sock = Recorder(sock.sock)
    return g


def in_text(text, key):
    """Whether a text shows a key, as hex in whatever grouping, or raw."""
    joined = bytes(c for c in text.lower() if c in b"0123456789abcdef")
    return key in text or key.hex().encode() in joined


def pieces(keys):
    """A key in full, and the halves of it: a dump may break lines."""
    for key in keys:
        if key:
            yield key
            yield key[:8]
            yield key[-8:]


def trace(on):
    with open(TRACE + "events/gmguard/enable", "w", encoding="ascii") as f:
        f.write("1" if on else "0")


def life(g, ep, version, alg, ealg):
    """All that can be asked about a set; its keys."""
    s = state.new_set(g, ep, alg=alg, ealg=ealg)
    state.get_set(g, s.id)
    state.sets(g)
    state.change_set(g, s.id, phase="established", lifetime_ms=60000,
                     agent_data=b"x")
    keys = list(s.keys)
    bad = [{"port-uc": 5060}, {"impi": ""}, {"endpoint-id": 99},
           {"spi-uc": s.spi("B")}, {"ue-addr": ep["local-addr"]},
           {"port-ps": 9}, {"lifetime-ms": None, "phase": "established"},
           {"alg": "null", "ealg": "aes-cbc"}]
    for over in bad:
        asked = state.set_attrs(ep, **dict({"alg": alg, "ealg": ealg}, **over))
        keys += refused(g, "sa-set-new", asked)
    asked = state.set_attrs(ep, alg=alg, ealg=ealg)["sa-set"]
    for name in ("alg-key", "ealg-key"):
        if name in asked:
            keys += refused(g, "sa-set-set", {"sa-set": {
                "id": s.id, name: asked[name]}})
    state.del_set(g, s.id)
    return keys


def refused(g, op, asked):
    """The keys of a request that must fail."""
    try:
        g.do(op, asked)
        tap.ok(False, "%r was accepted" % asked)
    except genl.NlError as error:
        assert error.errno != errno.EPERM
    return [asked["sa-set"][k] for k in ("alg-key", "ealg-key")
            if k in asked["sa-set"]]


def test_keys(b):
    b.fresh()
    g = recording_client()
    trace(True)
    keys = []
    for version in (4, 6):
        ep = state.endpoint(b.g, version)
        for alg, ealg in state.PAIRS:
            keys += life(g, ep, version, alg, ealg)
    g.events(1)
    state.stats(g)
    trace(False)
    keys = list(pieces(keys))
    replies, events = bytes(g.socket.sock.seen), bytes(g.listener.sock.seen)
    dmesg = subprocess.run(["dmesg"], capture_output=True,
                           check=True).stdout
    with open(TRACE + "trace", "rb") as f:
        traced = f.read()
    g.close()
    tap.ok(len(events) > 10000 and len(replies) > 20000, "%d key fragments to "
           "look for, in %d bytes of replies and %d of events"
           % (len(keys), len(replies), len(events)))
    for where, data in (("a reply, a dump or a refusal", replies),
                        ("an event", events)):
        found = [k.hex() for k in keys if k in data]
        tap.ok(not found, "GM-21: no key in %s" % where, found)
    for where, data in (("dmesg", dmesg), ("the trace", traced)):
        found = [k.hex() for k in keys if in_text(data, k)]
        tap.ok(not found, "GM-21: no key in %s" % where, found)


def test_names(b):
    """No message has an attribute for them either."""
    b.fresh()
    ep = state.endpoint(b.g, 4)
    b.g.events(0)
    s = state.new_set(b.g, ep)
    shown = [s.reply, state.get_set(b.g, s.id), state.sets(b.g)[0],
             state.set_event(b.g, "sa-set-new", s.id)]
    tap.ok(not [k for one in shown for k in one if "key" in str(k)],
           "GM-21: replies and events have no attribute for keys", shown)


def test_freed_states(b):
    """xfrm shows them while the set lives, and no longer."""
    b.fresh()
    ep = state.endpoint(b.g, 4)
    s = state.new_set(b.g, ep)
    shown = [st.auth[2] for st in b.x.states()]
    state.del_set(b.g, s.id)
    tap.equal((shown, b.x.states()), ([s.keys[0]] * 4, []),
              "SECURITY.md: CAP_NET_ADMIN reads keys of live SAs through xfrm")
