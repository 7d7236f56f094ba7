# SPDX-License-Identifier: GPL-2.0-or-later
"""A network namespace is made, with gmguard's part of it, or is not."""
import ctypes
import errno
import os

import netns
import state
import statebench
import tap
from failnth import Nth
from failnth_commands import MOST

_libc = ctypes.CDLL(None, use_errno=True)


def attempt(nth, number):
    """errno of making a namespace; this process is back where it was."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        with nth(number):
            code = _libc.unshare(netns.CLONE_NEWNET) and ctypes.get_errno()
        if not code:
            _libc.setns(home, netns.CLONE_NEWNET)
        return code
    finally:
        os.close(home)


def test_unshare(b):
    """Each allocation of each part of the kernel fails, gmguard's among
    them."""
    b.fresh()
    nth, refused, codes = Nth(), 0, set()
    before = b.picture()
    for number in range(1, MOST):
        code = attempt(nth, number)
        refused += bool(code)
        codes.add(errno.errorcode.get(code, code))
        if not nth.hit:
            break
    # Other parts of the kernel have other words for it than ENOMEM.
    tap.ok(not nth.hit and not code and "ENOMEM" in codes,
           "AT-35 a namespace is made: %d allocations, each has failed once, "
           "%d refusals" % (number - 1, refused), codes)
    tap.equal(b.picture(), before, "AT-35 and nothing changed elsewhere")
    ep = state.endpoint(b.g)
    tap.ok(state.get_set(b.g, state.new_set(b.g, ep).id),
           "AT-35 and an SA set can be made")
    b.fresh()
    tap.ok(statebench.settle(), "AT-35 and the module has no reference",
           statebench.refcount())
