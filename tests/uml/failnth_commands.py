# SPDX-License-Identifier: GPL-2.0-or-later
"""Every command of the spec, once for each allocation that it makes."""
import errno
import time

import genl
import rulenet
import state
import tap
from failnth import Nth

# No memory, or none for a message: the only refusals.
CLEAN = (errno.ENOMEM, errno.ENOBUFS)
MOST = 5000
# What state.set_attrs() never chooses.
OTHER_PORT = 60001


class Answer:
    """What has become of a request: error is an errno (0: none) and text says
    so, lost tells that the kernel had no memory to say so."""

    def __init__(self):
        self.error, self.lost, self.reply, self.text = 0, False, {}, ""


def ask(g, message, nth, number):
    """Sends a request whose n-th allocation fails."""
    answer = Answer()
    try:
        with nth(number):
            g.socket.sock.send(message)
    except OSError as error:
        answer.error, answer.text = error.errno, str(error)
        return answer
    while True:
        try:
            for kind, flags, _, payload in g.socket.receive(
                    0 if answer.lost else 60):
                if kind == genl.NLMSG_ERROR:
                    error = g._error(flags, payload, message)
                    answer.error = error.errno if error else 0
                    answer.text = str(error)
                    return answer
                answer.reply = g._decode(payload)[1]
            if answer.lost:
                return answer
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise
            answer.lost = True


class Case:
    """A command: prepare(b) brings about what it needs and returns its
    attributes, done(b, attrs) tells whether it has had its effect."""

    def __init__(self, label, op, prepare, done=None, events=0):
        self.label, self.op, self.prepare = label, op, prepare
        self.done, self.events = done, events

    def run(self, b):
        """Fails one allocation after the other, until there is none left."""
        nth, wrong = Nth(), []
        refused, begin = 0, time.monotonic()
        for number in range(1, MOST):
            found, answer = self._step(b, nth, number)
            wrong += ["%d: %s" % (number, text) for text in found]
            refused += bool(answer.error)
            if not nth.hit or len(wrong) > 20:
                break
        tap.ok(not wrong and not nth.hit and not answer.error and number > 1,
               "AT-35 %s: %d allocations, each has failed once, %d refusals: "
               "nothing half done, and it works at once afterwards" % (
                   self.label, number - 1, refused), "\n".join(wrong))
        tap.note("%.1f s" % (time.monotonic() - begin))

    def _step(self, b, nth, number):
        attrs = self.prepare(b)
        b.g.events(0)
        lost = b.g.lost
        before = b.picture()
        answer = ask(b.g, b.g.request(self.op, attrs, genl.NLM_F_ACK), nth,
                     number)
        wrong = self._judge(b, attrs, answer, before)
        if not answer.error:
            wrong += self._events(b, answer, lost)
        if nth.hit and not (self.done and self.done(b, attrs)):
            try:
                b.g.do(self.op, attrs)
            except genl.NlError as error:
                wrong.append("afterwards: %s" % error)
        return wrong, answer

    def _judge(self, b, attrs, answer, before):
        after = b.picture()
        changed = ["%s: %r, was %r" % (k, after[k], before[k])
                   for k in before if after[k] != before[k]]
        done = self.done(b, attrs) if self.done else False
        if answer.error and answer.error not in CLEAN:
            return ["refused with " + answer.text]
        if answer.error or (answer.lost and not done):
            return changed
        if self.done and not done:
            return ["it was not refused, nor has it happened"] + changed
        return [] if self.done else changed

    def _events(self, b, answer, lost):
        """A subscriber has heard of it, or that there was something."""
        if not self.events or answer.lost:
            return []
        for got in range(self.events):
            heard = b.g.event(1)
            if b.g.lost != lost:
                break
            if not heard:
                return ["%d events of %d, and no ENOBUFS" % (got, self.events)]
        return []


def exists(b, attrs):
    """Whether there is such a set."""
    asked = attrs["sa-set"]
    return any(s["ue-addr"] == asked["ue-addr"] and
               s["spi-uc"] == asked["spi-uc"] for s in state.sets(b.g))


def guarded(b, attrs):
    """Whether there is such an endpoint, with its policies."""
    return any(e["endpoint"]["local-addr"] == attrs["endpoint"]["local-addr"]
               for e in b.g.dump("endpoint-get"))


def new_endpoint(version):
    def prepare(b):
        state.clear(b.g)
        return state.endpoint_attrs(
            state.netns.access_addr("pcscf", version))
    return prepare


def del_endpoint(b):
    state.clear(b.g)
    ep = state.endpoint(b.g)
    state.new_set(b.g, ep, **state.established())
    return {"endpoint": {"id": ep["id"], "force": True}}


def get_endpoint(b):
    state.clear(b.g)
    return {"endpoint": {"id": state.endpoint(b.g)["id"]}}


def one_endpoint(b, version=4):
    """The endpoint; what was there before goes, but for itself."""
    for number in [s["id"] for s in state.sets(b.g)]:
        state.del_set(b.g, number)
    found = [e["endpoint"] for e in b.g.dump("endpoint-get")]
    addr = state.netns.access_addr("pcscf", version)
    if len(found) == 1 and found[0]["local-addr"] == addr:
        return found[0]
    state.clear(b.g)
    return state.endpoint(b.g, version)


def change_endpoint(b):
    found = one_endpoint(b)
    number = 5070 if found["port-unprotected"] != [5070] else 5071
    return {"endpoint": {"local-addr": found["local-addr"],
                         "port-ps": found["port-ps"],
                         "port-pc": found["port-pc"],
                         "port-unprotected": [number]}}


def endpoint_changed(b, attrs):
    found, = [e["endpoint"] for e in b.g.dump("endpoint-get")]
    return found["port-unprotected"] == attrs["endpoint"]["port-unprotected"]


def new_set(version, **over):
    def prepare(b):
        ep = one_endpoint(b, version)
        asked = state.set_attrs(ep, **over)
        asked["sa-set"]["agent-data"] = b"data"
        return asked
    return prepare


def again(b):
    """A set of a registration that has one."""
    ep = one_endpoint(b)
    old = state.new_set(b.g, ep, **state.established())
    return state.set_attrs(ep, **{"port-uc": OTHER_PORT,
                                  "port-us": old.port_us, "impi": old.impi,
                                  "protected-by": old.id})


def instead(b):
    """A set that an unused one has to give way to."""
    ep = one_endpoint(b)
    old = state.new_set(b.g, ep)
    return state.set_attrs(ep, **{"port-uc": old.port_uc,
                                  "port-us": OTHER_PORT, "impi": old.impi})


def change_set(**over):
    def prepare(b):
        made = state.new_set(b.g, one_endpoint(b))
        return {"sa-set": dict(over, id=made.id)}
    return prepare


def changed(b, attrs):
    asked = dict(attrs["sa-set"])
    found = state.get_set(b.g, asked.pop("id"))
    asked.pop("lifetime-ms", None)
    return bool(found) and all(found.get(k) == v for k, v in asked.items())


def one_set(b):
    made = state.new_set(b.g, one_endpoint(b), **state.established())
    return {"sa-set": {"id": made.id}}


def gone(b, attrs):
    return not state.get_set(b.g, attrs["sa-set"]["id"])


def limits(b):
    old = state.limits(b.g)["max-impi-sets"]
    return {"limits": {"max-impi-sets": 5 if old != 5 else 6}}


def limited(b, attrs):
    return state.limits(b.g)["max-impi-sets"] == \
        attrs["limits"]["max-impi-sets"]


def new_ruleset(b):
    """A peer of another name than there is."""
    name = "b" if ("peer", "a") in rulenet.rules_of(b.g) else "a"
    return {"ruleset": {"node": True,
                        "port": rulenet.ports("udp/5060", "tcp/3868")},
            "rule": [rulenet.rule("peer", name, ("192.0.2.0/24",
                                                 "2001:db8::/32")),
                     rulenet.rule("pool", "ues", ("10.50.0.0/16",
                                                  "fd50::/16"))]}


def replaced(b, attrs):
    return set(rulenet.rules_of(b.g)) == {
        (rule["kind"], rule["name"]) for rule in attrs["rule"]}


CASES = [
    Case("endpoint-del", "endpoint-del", del_endpoint,
         lambda b, _: not b.g.dump("endpoint-get"), 2),
    Case("endpoint-get", "endpoint-get", get_endpoint),
    Case("endpoint-set", "endpoint-set", change_endpoint, endpoint_changed,
         1),
    Case("sa-set-new temporary", "sa-set-new", new_set(4), exists, 1),
    Case("sa-set-new established, ipv6", "sa-set-new",
         new_set(6, **state.established()), exists, 1),
    Case("sa-set-new aes-gcm", "sa-set-new",
         new_set(4, alg="null", ealg="aes-gcm"), exists, 1),
    Case("sa-set-new again", "sa-set-new", again, exists, 1),
    Case("sa-set-new instead of an unused set", "sa-set-new", instead, exists,
         2),
    Case("sa-set-set", "sa-set-set",
         change_set(**{"phase": "established", "lifetime-ms": 60000,
                       "agent-data": b"other"}), changed, 1),
    Case("sa-set-del", "sa-set-del", one_set, gone, 1),
    Case("sa-set-get", "sa-set-get", one_set),
    Case("stats-get", "stats-get", lambda b: {}),
    Case("limits-get", "limits-get", lambda b: {}),
    Case("limits-set", "limits-set", limits, limited),
    Case("ruleset-set", "ruleset-set", new_ruleset, replaced),
]
# See failnth_endpoints.py.
ENDPOINTS = [
    Case("endpoint-new ipv4", "endpoint-new", new_endpoint(4), guarded, 1),
    Case("endpoint-new ipv6", "endpoint-new", new_endpoint(6), guarded, 1),
]


def test_all(b):
    """The spec has no command without a case."""
    known = {op["name"] for op in b.g.spec.yaml["operations"]["list"]
             if "do" in op}
    tap.equal({c.op for c in CASES + ENDPOINTS} ^ known, set(),
              "each command of the spec has its allocations fail")


def run(b, cases):
    for case in cases:
        b.fresh()
        try:
            case.run(b)
        except Exception:       # the other cases still tell something
            tap.failure(case.label)
    rulenet.load(b.g, {})
    b.fresh()


def test_cases(b):
    run(b, CASES)
