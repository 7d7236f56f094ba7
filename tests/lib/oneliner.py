# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands as the documentation has them, and how to run one that goes on
until it is interrupted.

    command, = oneliner.of_manual("perf trace")
    with oneliner.Running("pcscf", command) as run:
        while not run.printed("in-plaintext", 1):
            ...                 # have something dropped
    print(run.text)             # what it has printed until ^C, and after
"""
import os
import pty
import re
import select
import signal
import time

import netns

MANUAL = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..",
                      "agent", "man", "gmguard.8")
LITERAL = re.compile(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", re.M | re.S)
# bpftrace prints its maps at the end, or when it is asked for them
ASK = {"bpftrace": signal.SIGUSR1}
ENDLESS = ("bpftrace", "gmguard monitor", "perf", "tcpdump")
TIMEOUT = 600       # bpftrace compiles, on an emulated CPU


def of_manual(begin):
    """The lines of the examples of gmguard(8) that begin with this."""
    with open(MANUAL, encoding="utf-8") as f:
        blocks = LITERAL.findall(f.read())
    return [line.replace("\\e", "\\") for block in blocks
            for line in block.splitlines() if line.startswith(begin)]


def is_endless(command):
    """Whether it goes on until it is interrupted."""
    return command.startswith(ENDLESS)


class Running:
    """A command line that was started in a namespace, as if on a terminal;
    ^C at the end."""

    def __init__(self, namespace, command):
        self.output, terminal = pty.openpty()
        self.p = netns.popen(namespace, ["sh", "-c", "exec " + command],
                             stdout=terminal, stderr=terminal,
                             start_new_session=True)
        os.close(terminal)
        self.ask = ASK.get(command.split()[0])
        self.text = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.p.poll() is None:
            os.killpg(self.p.pid, signal.SIGINT)
        self.printed(None, TIMEOUT)
        self.p.wait(TIMEOUT)
        os.close(self.output)

    def printed(self, what, timeout):
        """Whether it has printed this; waits for it."""
        end = time.monotonic() + timeout
        if self.ask and self.text and what:
            self.p.send_signal(self.ask)
        while what is None or what not in self.text:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.output], [], [], left)[0]:
                return False
            try:
                got = os.read(self.output, 1 << 16)
            except OSError:         # nobody has the terminal any more
                return False
            self.text += got.decode(errors="replace").replace("\r", "")
        return True

    def tells(self, what, cause):
        """Whether it prints this when it has a cause, which is repeated until
        it does, for it does not say when it is ready."""
        end = time.monotonic() + TIMEOUT
        while not self.printed(what, 1):
            if self.p.poll() is not None or time.monotonic() > end:
                return False
            cause()
        return True
