# SPDX-License-Identifier: GPL-2.0-or-later
"""Network namespaces and user namespaces: who may see and change what
(AT-34)."""
import ctypes
import errno
import os
import traceback

import genl
import netns
import state
import statebench
import tap
from statexfrm import Xfrm

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
NOBODY = 65534
_libc = ctypes.CDLL(None, use_errno=True)

# Changes and views; none of them may do anything.
OPS = (("endpoint-get", {"endpoint": {"id": 1}}),
       ("endpoint-del", {"endpoint": {"id": 1, "force": True}}),
       ("endpoint-new", state.endpoint_attrs("10.99.0.1")),
       ("sa-set-get", {"sa-set": {"id": 1}}),
       ("sa-set-del", {"sa-set": {"id": 1}}),
       ("sa-set-set", {"sa-set": {"id": 1, "lifetime-ms": 5}}),
       ("sa-set-new", {"sa-set": {"endpoint-id": 1}}),
       ("stats-get", None), ("limits-get", None),
       ("limits-set", {"limits": {"max-sets": 7}}))


def two_endpoints(b, other):
    b.fresh()
    state.clear(other)
    ep = state.endpoint(b.g, 4)
    other.do("endpoint-new", state.endpoint_attrs(netns.core_addr("core")))
    return ep


def test_two_namespaces(b):
    other = state.client("core")
    other.subscribe("events")
    ep = two_endpoints(b, other)
    other.events(1)
    b.g.events(0)
    ours = state.new_set(b.g, ep, **state.established())
    tap.equal((state.sets(other), other.events(0.3)), ([], []),
              "AT-34: a set is invisible in another namespace: no dump, no "
              "event")
    for op in ("sa-set-get", "sa-set-set", "sa-set-del"):
        tap.equal(code_of(other, op, {"sa-set": {"id": ours.id}}),
                  errno.ENOENT, "AT-34: %s from another namespace: ENOENT"
                  % op)
    # The same addresses, ports and SPIs, in both.
    twin_ep = other.do("endpoint-new", state.endpoint_attrs(
        ep["local-addr"]))["endpoint"]
    asked = ours.request(**{"endpoint-id": twin_ep["id"],
                            "spi-ps": ours.spi("A"), "spi-pc": ours.spi("D"),
                            "port-pc": ours.port_pc, "port-ps": ours.port_ps})
    twin = other.do("sa-set-new", asked)["sa-set"]
    tap.equal([twin[k] for k in ("spi-ps", "spi-pc", "port-pc", "ue-addr")],
              [ours.reply[k] for k in ("spi-ps", "spi-pc", "port-pc",
                                       "ue-addr")],
              "AT-34: two namespaces may have the very same set")
    x2 = Xfrm("core")
    tap.equal((len(b.x.states()), len(x2.states())), (4, 4),
              "AT-34: each has four states of its own")
    state.limits(other, max_sets=3, temporary_ms=1234)
    tap.equal(state.limits(b.g)["temporary-ms"], 240000, "AT-34: limits are "
              "each namespace's own")
    state.clear(other)
    tap.equal((len(state.sets(b.g)), len(b.x.states()), len(x2.states()),
               len(x2.policies())), (1, 4, 0, 0),
              "AT-34: what ends in one leaves the other alone")
    tap.equal(state.stats(other)["established"], 0, "AT-34: so do counts")
    other.close()
    x2.close()


def code_of(g, op, attrs):
    """errno of a request, 0 if it succeeds."""
    try:
        g.do(op, attrs)
        return 0
    except genl.NlError as error:
        return error.errno


def child(call):
    """Runs call() in a process of its own; what it returned as text."""
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reader)
        try:
            result = repr(call())
        except BaseException:       # pylint: disable=broad-except
            result = traceback.format_exc()
        os.write(writer, result.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        result = pipe.read().decode()
    os.waitpid(pid, 0)
    return result


def unshare(flags):
    if _libc.unshare(flags):
        raise OSError(ctypes.get_errno(), "unshare")


def become(user):
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def all_ops(g):
    """Every operation; {errno}."""
    codes = {code_of(g, op, attrs) for op, attrs in OPS}
    for op in ("endpoint-get", "sa-set-get"):
        try:
            g.dump(op)
            codes.add(0)
        except genl.NlError as error:
            codes.add(error.errno)
    for group in ("events", "drops"):
        try:
            g.subscribe(group)
            codes.add(0)
        except OSError as error:
            codes.add(error.errno)
    return codes


def test_nobody(b):
    b.fresh()
    state.endpoint(b.g, 4)
    before = b.picture()

    def enter():
        # for good: there is no way back without capabilities
        netns.ns("pcscf").__enter__()
        become(NOBODY)

    def plain():
        enter()
        return all_ops(state.client(None))

    def owner_of_user_namespace():
        enter()
        unshare(CLONE_NEWUSER)
        return all_ops(state.client(None))

    def owner_of_another_network():
        become(NOBODY)
        unshare(CLONE_NEWUSER | CLONE_NEWNET)
        try:
            with netns.ns("pcscf"):
                return "entered pcscf"
        except OSError as error:
            return {error.errno}

    tap.equal(child(plain), "{1}", "AT-34: without capabilities: EPERM for "
              "everything")
    tap.equal(child(owner_of_user_namespace), "{1}", "AT-34: capabilities of "
              "a user namespace that does not own the network: EPERM")
    tap.equal(child(owner_of_another_network), "{1}", "AT-34: nor can its "
              "root enter the network")
    tap.equal(b.picture(), before, "AT-34: nothing changed")


def test_user_namespace(b):
    """Its owner has a network of its own, and manages that."""
    b.fresh()
    state.endpoint(b.g, 4)
    before = b.picture()
    b.g.events(0)

    def own_network():
        become(NOBODY)
        unshare(CLONE_NEWUSER | CLONE_NEWNET)
        with state.client(None) as g:
            g.subscribe("events")
            ep = state.endpoint(g, 4)
            s = state.new_set(g, ep, **state.established())
            told = [a["event"] for _, a in g.events(5)]
            state.change_set(g, s.id, phase="lingering")
            state.limits(g, grace_ms=77)
            return (ep["id"], len(state.sets(g)), told,
                    state.stats(g)["lingering"])

    tap.equal(child(own_network),
              "(1, 1, ['endpoint-new', 'sa-set-new', 'sa-set-used'], 1)",
              "AT-34: an unprivileged user manages endpoints and sets of its "
              "own network namespace")
    tap.ok(statebench.settle(before["references"]), "its sets go with the "
           "namespace", statebench.refcount())
    tap.equal((b.picture(), b.g.events(0)), (before, []), "AT-34: nobody "
              "else saw anything of it")
