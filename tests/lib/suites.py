# SPDX-License-Identifier: GPL-2.0-only
"""Runs test suites, each a command that prints "N passed, N failed" at its end.

    result = suites.run("sets", ["tests/vm/run", "tests/vm/sets"], "check")
    passed, failed = result
"""
import concurrent.futures
import os
import re
import subprocess
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME",
                                    os.path.expanduser("~/.cache")),
                     "gmguard")
SUM = re.compile(r"^(\d+) passed, (\d+) failed")


def logs(kind):
    """Where the output of a kind of suites is kept."""
    path = os.path.join(CACHE, kind)
    os.makedirs(path, exist_ok=True)
    return path


def run(name, command, kind):
    """Runs one suite; returns what it passed and failed."""
    begin = time.monotonic()
    passed = failed = 0
    said = []
    print("== " + name, flush=True)
    path = os.path.join(logs(kind), name + ".log")
    with open(path, "w", encoding="utf-8") as log, subprocess.Popen(
            command, cwd=TOP, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            errors="replace") as suite:
        for line in suite.stdout:
            log.write(line)
            match = SUM.match(line)
            if match:
                passed, failed = int(match[1]), int(match[2])
            elif not line.startswith("ok "):
                said.append(line)
    if suite.returncode and not failed:
        said.append("not ok - %s: exit status %d\n" % (name, suite.returncode))
        failed = 1
    elif not passed and not failed:
        said.append("not ok - %s: no test ran\n" % name)
        failed = 1
    # at once, for others may be running
    print("".join(said) + "== %s: %d passed, %d failed in %.0f s" % (
        name, passed, failed, time.monotonic() - begin), flush=True)
    return passed, failed


def run_all(suites, kind):
    """Runs {name: command} side by side, one for each CPU of the host."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda item: run(*item, kind), suites.items()))


def total(results):
    """Prints the sum of what run() returned; the exit status."""
    passed, failed = map(sum, zip(*results))
    print("%d passed, %d failed" % (passed, failed))
    return int(failed > 0)
