# SPDX-License-Identifier: GPL-2.0-or-later
"""The module loads, or takes back all that it has set up."""
import ctypes
import errno
import os
import subprocess

import netns
import state
import statebench
import tap
from failnth import Nth
from failnth_commands import MOST

MODULE = "/run/gmguard-vm/gmguard.ko"
FINIT_MODULE = 313              # x86-64

_libc = ctypes.CDLL(None, use_errno=True)


def load(nth, number):
    """errno of loading the module."""
    fd = os.open(MODULE, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with nth(number):
            return _libc.syscall(FINIT_MODULE, fd, b"", 0) and \
                ctypes.get_errno()
    finally:
        os.close(fd)


def test_load(b):
    """Namespaces exist already, so gmguard sets up its part of each."""
    b.fresh()
    statebench.settle()
    nth, refused, codes, left = Nth(), 0, set(), []
    subprocess.run(["rmmod", "gmguard"], check=True)
    for number in range(1, MOST):
        code = load(nth, number)
        refused += bool(code)
        codes.add(errno.errorcode.get(code, code))
        if bool(code) == os.path.exists("/sys/module/gmguard"):
            left.append("%d: %s, but /sys/module/gmguard %s" % (
                number, errno.errorcode.get(code, code),
                "exists" if code else "does not"))
        if not nth.hit:
            break
        if not code:
            subprocess.run(["rmmod", "gmguard"], check=True)
    tap.ok(not nth.hit and not code and refused and codes <= {0, "ENOMEM"}
           and not left,
           "AT-35 the module is loaded: %d allocations, each has failed once, "
           "%d refusals" % (number - 1, refused), "%s %s" % (codes, left))
    b.g = state.client()
    b.g.subscribe("events")
    ep = state.endpoint(b.g)
    tap.ok(state.get_set(b.g, state.new_set(b.g, ep).id),
           "AT-35 and then an SA set can be made")
    b.fresh()
    netns.delete()
