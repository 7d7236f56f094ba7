# SPDX-License-Identifier: GPL-2.0-or-later
"""The tracepoint, with the very commands of gmguard(8): perf and bpftrace."""
import re

import oneliner
import tap
from drops_nflog import VERSIONS, Drops
from state import PORT_PS


def test_perf(b):
    """perf trace prints each drop, with its reason."""
    command, = oneliner.of_manual("perf trace")
    for version in VERSIONS:
        with Drops(b, version) as gm:
            with oneliner.Running("pcscf", command) as run:
                run.tells("in-plaintext", gm.plain)
            want = " reason=in-plaintext audited=0 protocol=17 saddr=%s%s " \
                "sport=5060 daddr=%s%s dport=%d " % (
                    "::ffff:" * (version == 4), gm.attacker,
                    "::ffff:" * (version == 4), gm.local, PORT_PS)
            tap.ok(want in " " + run.text.replace("(", " "),
                   'drops: ipv%d: "%s" tells of a drop: reason and ends'
                   % (version, command), run.text + want)


def test_bpftrace(b):
    """bpftrace counts them by their reason."""
    command, = oneliner.of_manual("bpftrace")
    with Drops(b, 4) as gm:
        with oneliner.Running("pcscf", command) as run:
            run.tells("@[in-plaintext]", gm.plain)
        tap.ok(re.search(r"^@\[in-plaintext\]: [1-9]", run.text, re.M),
               'drops: "%s" counts drops by reason' % command, run.text)
