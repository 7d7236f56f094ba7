# SPDX-License-Identifier: GPL-2.0-only
"""What every part of the VM harness uses."""

import os

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or
                     os.path.expanduser("~/.cache"), "gmguard", "vm")


class HarnessError(Exception):
    """The run cannot take place; the message says what to do about it."""
