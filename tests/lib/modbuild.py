# SPDX-License-Identifier: GPL-2.0-only
"""gmguard.ko built for one kernel from a copy of the tree, and kept.

The tree's own objects stay as they are, so modules for several kernels can be
built side by side. ~/.cache/gmguard/module has them, named by a hash of what
they are built from.
"""
import glob
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))
KEPT = os.path.join(os.environ.get("XDG_CACHE_HOME",
                                   os.path.expanduser("~/.cache")),
                    "gmguard", "module")
KEPT_SECONDS = 7 * 24 * 3600
SOURCES = ("Kbuild", "VERSION", "kmod/**/*.[ch]", "kmod/**/*.sh",
           "include/**/*.h")
# Written by a build in the tree.
BUILT = re.compile(r"\.mod\.|/probed\.h$")


class BuildError(Exception):
    """The module doesn't build: what make said."""


def sources():
    """What the module is built from."""
    return sorted(name for pattern in SOURCES for name in glob.glob(
        pattern, root_dir=TOP, recursive=True) if not BUILT.search(name))


def copy_sources(directory):
    """A copy of them, in a directory that need not exist."""
    for name in sources():
        target = os.path.join(directory, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy(os.path.join(TOP, name), target)


def digest(*words):
    """Names one build: that of the sources with these words."""
    sum_ = hashlib.sha256(repr(words).encode())
    for name in sources():
        with open(os.path.join(TOP, name), "rb") as file:
            sum_.update(b"%s\0%s\0" % (name.encode(), file.read()))
    return sum_.hexdigest()[:32]


def make(kdir, copy, *arguments, root=None):
    """What make said when it built a copy of the sources.

    If there is a root, all is done and lies below that; objtool wants to see
    /proc there. Raises BuildError.
    """
    done = subprocess.run(
        [*(["bwrap", "--bind", root, "/", "--proc", "/proc", "--dev", "/dev"]
           if root else []), "make", "-s", "-C", kdir,
         "M=" + (copy.removeprefix(root) if root else copy),
         *arguments, "modules"],
        check=False, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise BuildError(done.stdout)
    return done.stdout


def module(kdir, *arguments, identity=None, root=None):
    """The path of gmguard.ko for the kernel that is built in kdir.

    The arguments are make's, such as GMG_FAULT=1 or ARCH=um. A kernel whose
    directory doesn't tell it from others has an identity beside. If there is a
    root, that system's make and compiler do it, and kdir is in there. Raises
    BuildError with the compiler's output.
    """
    if root:
        root = os.path.realpath(root)
        identity = [root, identity]
    target = os.path.join(KEPT, digest(kdir, identity, *arguments) + ".ko")
    if os.path.exists(target):
        os.utime(target)
        return target
    with tempfile.TemporaryDirectory(prefix="gmguard-module-",
                                     dir=root and root + "/tmp") as copy:
        copy_sources(copy)
        make(kdir, copy, *arguments, root=root)
        os.makedirs(KEPT, exist_ok=True)
        forget()
        # In one step: another run may look for it.
        new = "%s.%d" % (target, os.getpid())
        shutil.copy(os.path.join(copy, "gmguard.ko"), new)
        os.rename(new, target)
    return target


def forget():
    """Removes what nobody has asked for in a while."""
    for name in os.listdir(KEPT):
        path = os.path.join(KEPT, name)
        try:
            if time.time() - os.stat(path).st_mtime > KEPT_SECONDS:
                os.unlink(path)
        except FileNotFoundError:
            pass
