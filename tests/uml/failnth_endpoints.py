# SPDX-License-Identifier: GPL-2.0-or-later
"""endpoint-new: its allocations are many, for it tries out what SAs will
need."""
from failnth_commands import ENDPOINTS, run


def test_cases(b):
    run(b, ENDPOINTS)
