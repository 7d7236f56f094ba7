# SPDX-License-Identifier: GPL-2.0-or-later
"""A program on a terminal, and what stands on its screen.

    t = Terminal("pcscf", ["top"], lines=24, columns=80)
    t.wait(lambda lines: "load" in lines[0])
    t.type("q")
    status = t.end()
"""
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

import netns
import pyte


class Terminal:
    def __init__(self, namespace, argv, lines=24, columns=80, kind="xterm"):
        self.screen = pyte.Screen(columns, lines)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.master, self.slave = pty.openpty()
        self._set_size(lines, columns)
        self.before = termios.tcgetattr(self.slave)
        with netns.ns(namespace):
            self.process = subprocess.Popen(
                argv, stdin=self.slave, stdout=self.slave, stderr=self.slave,
                start_new_session=True, preexec_fn=self._own,
                env=dict(os.environ, TERM=kind, LC_ALL="C.UTF-8"))

    @staticmethod
    def _own():
        """The terminal is that of the new session: Ctrl-C gets there, and is
        not ignored, as it is by what a shell has started behind its back."""
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    def _set_size(self, lines, columns):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ,
                    struct.pack("HHHH", lines, columns, 0, 0))

    def resize(self, lines, columns):
        """As when somebody pulls at the window."""
        self.screen.resize(lines, columns)
        self._set_size(lines, columns)

    def type(self, text):
        os.write(self.master, text.encode())

    def read(self, timeout):
        """Takes in what comes within this time; whether anything came."""
        if not select.select([self.master], [], [], timeout)[0]:
            return False
        data = os.read(self.master, 65536)
        self.raw += data
        self.stream.feed(data)
        return True

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait(self, condition, timeout=30):
        """Until a function of the screen's lines is content; what it says."""
        end = time.monotonic() + timeout
        while not (got := condition(self.screen.display)) and \
                time.monotonic() < end:
            self.read(0.2)
        return got

    def restored(self):
        """Is the terminal as it was, on its first screen?"""
        while self.read(0):
            pass
        last = max(self.raw.rfind(b"\x1b[?1049l"), self.raw.rfind(b"\x1b[?47l"))
        first = max(self.raw.rfind(b"\x1b[?1049h"),
                    self.raw.rfind(b"\x1b[?47h"))
        return termios.tcgetattr(self.slave) == self.before and last > first

    def end(self, timeout=30):
        """Waits until it has ended; its status."""
        end = time.monotonic() + timeout
        while self.process.poll() is None and time.monotonic() < end:
            self.read(0.1)
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.wait()
