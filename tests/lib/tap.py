# SPDX-License-Identifier: GPL-2.0-or-later
"""TAP-like lines: "ok 3 - AT-01 GM-01 udp4: dropped"."""
import sys
import traceback

passed = failed = 0
# What is true of all tests that follow.
suffix = ""


def ok(good, text, detail=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
    print("%s %d - %s%s" % ("ok" if good else "not ok", passed + failed, text,
                            suffix), flush=True)
    if not good:
        for line in str(detail).splitlines():
            print("#   " + line, flush=True)
    return bool(good)


def equal(got, want, text):
    return ok(got == want, text, "got:  %r\nwant: %r" % (got, want))


def failure(text):
    """The exception that is being handled is the failure of a test."""
    return ok(False, text, traceback.format_exc())


def note(text):
    print("# " + text, flush=True)


def done():
    """Prints the sum and exits."""
    print("%d passed, %d failed" % (passed, failed), flush=True)
    sys.exit(0 if passed and not failed else 1)
