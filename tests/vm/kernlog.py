# SPDX-License-Identifier: GPL-2.0-only
"""Complaints of the kernel: what must not appear in the log of a good run."""

import re

# "[   12.345678] ", with CONFIG_PRINTK_CALLER "[   12.345678][    T1] ".  Not
# only at the start of a line: somebody may have written half a line to
# /dev/console before.
PREFIX = re.compile(r"\[ *\d+\.\d{6}\](?:\[ *[CT]\d+\])? ")

# Matched at the start of a message: notes such as "Spectre V2 : WARNING:
# Unprivileged eBPF is enabled" are no complaints.  The two lines that every
# out-of-tree, unsigned module causes ("loading out-of-tree module taints
# kernel", "module verification failed") match none of these.
COMPLAINTS = re.compile(
    # WARN_ON() and lockdep; BUG covers KASAN, KCSAN, KFENCE, soft lockups,
    # list corruption and the slab checks.  See concerns_module() for KCSAN.
    r"WARNING: "
    r"|(?:watchdog: |=+ ?)?BUG\b"
    r"|kernel BUG at "
    r"|-+\[ cut here \]"
    r"|UBSAN: "
    # Reports that come as INFO: lockdep, stalls, hung tasks.
    r"|(?:rcu: )?INFO: (?:rcu_|task |trying to register non-static key"
    r"|possible|suspicious|inconsistent|lockdep is turned off)"
    r"|\[ INFO: "
    r"|.*\bpossible (?:deadlock|(?:recursive|circular) locking)"
    r"|.*\bRCU stall\b"
    r"|.*\bdetected stalls? on "
    r"|.*\b(?:soft|hard) (?:lockup|LOCKUP)\b"
    # Anything that died: "general protection fault: 0000 [#1] PREEMPT SMP".
    r"|.*: [0-9a-f]{4} \[#\d+\]"
    r"|Oops\b|Kernel panic"
    r"|Unable to handle kernel "
    # Whatever else prints a backtrace (page allocation failures, sysrq).
    r"| ?Call Trace:"
    # A reference to a network device that nobody gives back: the namespace
    # can never go away.
    r"|unregister_netdevice: waiting for "
    r"|.*\bOut of memory: "
    r"|kmemleak: (?!Kernel memory leak detector initialized"
    r"|Automatic memory scanning thread)")


# A report of KCSAN, its end, and the mark of a function in a module.  The
# kernel itself has many data races by the strict rules, most of them known and
# harmless; a guest whose kernel has KCSAN has no modules but the one under
# test.
KCSAN = "BUG: KCSAN: "
KCSAN_END = re.compile(r"={60}")
IN_MODULE = re.compile(r"\w \[\w+\](?: |$)")
KCSAN_LINES = 120

# A table of sysctls that there was no memory for is missed by nobody but its
# reader, and prints a backtrace all the same.
NO_SYSCTL = re.compile(r"sysctl could not get directory: \S+ -12$")
BACKTRACE = re.compile(r" ?Call Trace:")
HEADER_LINES = 10

# What guest-init prints before it lets the kernel show where everyone is.
TIME_IS_UP = "gmguard-vm: time is up"

# How much of the log tells enough about what went wrong.
EXCERPT_LINES = 60


def concerns_module(log, number):
    """Whether a module has part in the data race that is reported here."""
    for line in log[number:number + KCSAN_LINES]:
        message = PREFIX.split(line)[-1]
        if KCSAN_END.match(message):
            break
        if IN_MODULE.search(message):
            return True
    return False


def lacks_sysctl(log, number):
    """Whether a backtrace begins here that is of a sysctl without memory."""
    return any(NO_SYSCTL.match(PREFIX.split(line)[-1])
               for line in log[max(number - HEADER_LINES, 0):number])


def complaints(log):
    """Numbers of the lines (a list) that fail a run."""
    found = []
    for number, line in enumerate(log):
        message = PREFIX.split(line)[-1]
        if message == TIME_IS_UP:
            break
        if message.startswith(KCSAN) and not concerns_module(log, number):
            continue
        if BACKTRACE.match(message) and lacks_sysctl(log, number):
            continue
        if COMPLAINTS.match(message):
            found.append(number)
    return found


def excerpt(log):
    """The most telling lines: a report's beginning, or else the end."""
    begins = complaints(log)[:1] or [
        number for number, line in enumerate(log) if TIME_IS_UP in line]
    begin = max(begins[0] - 2, 0) if begins else -EXCERPT_LINES
    return log[begin:][:EXCERPT_LINES]
