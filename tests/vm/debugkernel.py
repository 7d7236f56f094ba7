# SPDX-License-Identifier: GPL-2.0-only
"""A kernel of tests/debugkernel, for QEMU."""

import os
import subprocess
import sys

import image
from common import TOP, HarnessError

sys.path.insert(0, os.path.join(TOP, "tests/lib"))
# pylint: disable=wrong-import-position
import modbuild

CONFIGS = f"{TOP}/tests/debugkernel"


def is_name(name):
    """Whether there is such a kernel to be built."""
    return os.path.exists(f"{CONFIGS}/{name}.config") and name != "common"


class Kernel(image.Kernel):
    """What tests/debugkernel/build has made of a configuration."""

    # pylint: disable=super-init-not-called
    def __init__(self, name):
        build = subprocess.run([f"{CONFIGS}/build", name], check=False,
                               stdin=subprocess.DEVNULL, text=True,
                               stdout=subprocess.PIPE)
        if build.returncode:
            raise HarnessError(f"the kernel {name} can't be built")
        self.directory = build.stdout.strip()
        self.version, = os.listdir(f"{self.directory}/lib/modules")
        self.vmlinuz = f"{self.directory}/vmlinuz"
        self.modules = f"{self.directory}/lib/modules/{self.version}"

    def _has_pvh(self):
        return True

    def files(self):
        """What modprobe reads, by its path in the guest."""
        return {f"usr/lib/modules/{self.version}/{name}":
                f"{self.modules}/{name}"
                for name in os.listdir(self.modules)
                if name.startswith("modules.")}

    def module(self):
        """gmguard.ko for it."""
        try:
            return modbuild.module(f"{self.directory}/build")
        except modbuild.BuildError as error:
            raise HarnessError(f"gmguard.ko does not build:\n{error}") \
                from None
