# SPDX-License-Identifier: GPL-2.0-only
"""The kernels of tests/debugkernel, for QEMU."""

import os
import subprocess

import image
from common import TOP, HarnessError

CONFIGS = f"{TOP}/tests/debugkernel"


def is_name(name):
    """Whether there is such a kernel to be built."""
    return os.path.exists(f"{CONFIGS}/{name}.config") and name != "common"


def kernel(name):
    """What tests/debugkernel/build makes of a configuration."""
    build = subprocess.run([f"{CONFIGS}/build", name], check=False,
                           stdin=subprocess.DEVNULL, text=True,
                           stdout=subprocess.PIPE)
    if build.returncode:
        raise HarnessError(f"the kernel {name} can't be built")
    return image.Kernel(build.stdout.strip())
