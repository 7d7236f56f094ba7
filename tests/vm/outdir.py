# SPDX-License-Identifier: GPL-2.0-only
"""Files that come out of the guest, for tests/vm/run --out."""

import os
import shutil
import tarfile


def unpack(archive, directory):
    """
    Write the files of the guest's archive below a directory.

    The archive is the guest's word: nothing but plain files and directories
    is taken, and no path leads out of the directory, be it by "..", by "/"
    or through a symbolic link that lies there already.  Return the names of
    what was left out.
    """
    os.makedirs(directory, exist_ok=True)
    root = os.path.realpath(directory)
    skipped = []
    with tarfile.open(archive) as tar:
        for member in tar:
            path = os.path.normpath(os.path.join(root, member.name))
            inside = os.path.realpath(path) == path and (
                path == root or path.startswith(root + "/"))
            if not inside or not (member.isdir() or member.isreg()):
                skipped.append(member.name)
            elif member.isdir():
                os.makedirs(path, exist_ok=True)
            else:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as file:
                    shutil.copyfileobj(tar.extractfile(member), file)
                os.chmod(path, 0o755 if member.mode & 0o100 else 0o644)
    return skipped
