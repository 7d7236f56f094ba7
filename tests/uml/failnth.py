# SPDX-License-Identifier: GPL-2.0-or-later
"""The n-th allocation of a system call fails.

    nth = failnth.Nth()
    with nth(5):                # the fifth of what is called in here
        sock.send(message)
    nth.hit                     # whether there were so many

Needs a kernel with CONFIG_FAILSLAB and CONFIG_FAULT_INJECTION_DEBUG_FS.
"""
import os

DEBUG = "/sys/kernel/debug/"


def setup():
    """Allocations that may sleep fail too, and nobody prints a backtrace."""
    for name in ("failslab", "fail_page_alloc"):
        write(name, "ignore-gfp-wait", "N")
        write(name, "verbose", 0)
    write("fail_page_alloc", "min-order", 0)


def write(name, knob, value):
    """Sets a knob of an injector, such as failslab."""
    with open(os.path.join(DEBUG, name, knob), "w", encoding="ascii") as file:
        file.write(str(value))


class Nth:
    """See the top."""

    def __init__(self):
        self._fd = os.open("/proc/thread-self/fail-nth", os.O_RDWR)
        self._text = b""
        self.hit = False

    def __call__(self, number):
        # Python must not have to ask for memory in between.
        self._text = b"%d" % number
        self.hit = False
        return self

    def __enter__(self):
        os.write(self._fd, self._text)

    def __exit__(self, *_):
        left = os.pread(self._fd, 16, 0)
        os.write(self._fd, b"0")
        self.hit = int(left) == 0
