# SPDX-License-Identifier: GPL-2.0-only
"""Kernels for User-Mode Linux, and the process that such a one is."""

import os
import subprocess
import sys

import machine
from common import TOP, HarnessError

sys.path.insert(0, os.path.join(TOP, "tests/lib"))
# pylint: disable=wrong-import-position
import modbuild

PARAMETERS = (
    # Messages go to the console only, everything else nowhere.
    "con=null", "ssl=null", "con0=null,fd:1",
    # Where it keeps its control socket; see Machine.
    "uml_dir=/dev/shm",
    # All of it, whatever a script sets the console's log level to.
    "ignore_loglevel", "printk.devkmsg=on",
    # A guest that oopsed proves nothing any more; a reboot ends it.
    "oops=panic", "noreboot",
    # It may stand still while the host does something else.
    "watchdog_thresh=30",
)


# What makes them, and how their module is built.
BUILDS = {
    "uml": ("tests/uml/build", ["UBSAN_SANITIZE=y"]),
    "bench": ("tests/bench/build", []),
}


class Kernel:
    """What one of BUILDS has made."""

    # The kernel has one CPU and no choice of them.
    settings = {"host": "hostfs", "ports": "/dev/ttyS"}
    installed = False

    def __init__(self, name):
        program, self._arguments = BUILDS[name]
        build = subprocess.run([f"{TOP}/{program}"], check=False,
                               stdin=subprocess.DEVNULL, text=True,
                               stdout=subprocess.PIPE)
        if build.returncode:
            raise HarnessError(f"{program} can't build its kernel")
        self.directory = build.stdout.strip()
        self.version, = os.listdir(f"{self.directory}/lib/modules")
        self.modules = f"{self.directory}/lib/modules/{self.version}"

    @staticmethod
    def boot_modules():
        """What it needs is built in."""
        return []

    def module(self):
        """gmguard.ko, watched by what the kernel has for it."""
        return modbuild.module(f"{self.directory}/build", "ARCH=um",
                               *self._arguments)


class Machine(machine.Guest):
    """
    A guest, in a sandbox.

    Its root can do what it wants with the host's files, so long as the host
    lets it: read-only mounts, which no capability is left to change, and no
    network but its own.  /dev/shm is where it has its memory.
    """

    def __init__(self, kernel, initrd, console, *, mem="1024M", append="",
                 output=None, archive=None):
        super().__init__(output, archive)
        command = [
            "bwrap", "--die-with-parent", "--unshare-pid", "--unshare-ipc",
            "--unshare-net", "--cap-drop", "ALL", "--ro-bind", "/", "/",
            "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/dev/shm",
            "--ro-bind", initrd, "/dev/shm/initrd",
            "--setenv", "TMPDIR", "/dev/shm",
            f"{kernel.directory}/linux", f"mem={mem}",
            "initrd=/dev/shm/initrd", *PARAMETERS, *append.split()]
        command += [f"ssl{number}=fd:{channel.guest.fileno()}"
                    for number, channel in enumerate(self._channels, 1)]
        with open(console, "ab") as stdout:
            self._start(command, "bubblewrap", stdout)
