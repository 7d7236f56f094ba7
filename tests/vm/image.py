# SPDX-License-Identifier: GPL-2.0-only
"""What the test guest boots: a kernel, and an initramfs made for one run."""

import glob
import hashlib
import lzma
import os
import re
import stat
import struct
import subprocess
import sys
import tempfile
import zlib

from common import CACHE, HERE, TOP, HarnessError

sys.path.insert(0, os.path.join(TOP, "tests/lib"))
# pylint: disable=wrong-import-position
import modbuild

# What must be loaded before the host's root can be mounted and the status
# channel opened; everything else comes from that root by modprobe.
BOOT_MODULES = ("virtio_pci", "virtio_console", "virtio_rng", "9pnet_virtio",
                "9p", "overlay")

# What tests/kernels/fetch got.
FETCHED = os.path.join(os.path.dirname(CACHE), "kernel")

BUSYBOX = ("/bin/busybox", "/usr/bin/busybox")


def version_key(version):
    """Sort key that puts 6.1.0-56 after 6.1.0-9."""
    return [(int(part), "") if part.isdigit() else (-1, part)
            for part in re.split(r"(\d+)", version)]


class Kernel:
    """
    A kernel that a guest can boot.

    Named by its version, it is an installed one, in /boot and /lib/modules, or
    one that tests/kernels/fetch got. Named by a directory, it is what lies
    there: vmlinuz, config, lib/modules/V, and, if it has to be built for in
    another system than this one, root: a link to that system's root.
    """

    # How guest-init gets at the host's files and at the runner.
    settings = {"host": "9p", "ports": ""}

    def __init__(self, name):
        kept = f"{FETCHED}/{name}"
        if "/" in name:
            self._place(os.path.abspath(name))
        elif not os.path.exists(f"/boot/vmlinuz-{name}") \
                and os.path.exists(kept):
            self._place(kept)
        else:
            self.version = name
            self.vmlinuz = f"/boot/vmlinuz-{name}"
            self.config = f"/boot/config-{name}"
            self.modules = f"/lib/modules/{name}"
            self.root = None
            self.installed = True
        for path in (self.vmlinuz, self.modules):
            if not os.path.exists(path):
                raise HarnessError(
                    f"kernel {name} is not installed: no {path}\n"
                    f"install it with: apt install linux-image-{name}, or get "
                    f"another release's with tests/kernels/fetch")

    def _place(self, directory):
        versions = glob.glob(f"{directory}/lib/modules/*")
        if len(versions) != 1:
            raise HarnessError(f"{directory} has not one kernel's modules in "
                               f"lib/modules, but {len(versions)}")
        self.modules = versions[0]
        self.version = os.path.basename(versions[0])
        self.vmlinuz = f"{directory}/vmlinuz"
        self.config = f"{directory}/config"
        self.root = f"{directory}/root"
        if not os.path.exists(self.root):
            self.root = None
        self.installed = False

    def module(self, *arguments):
        """The path of gmguard.ko for it, built beside the tree."""
        kdir = f"/lib/modules/{self.version}/build"
        if self.root:
            return modbuild.module(kdir, *arguments, root=self.root)
        if self.installed:
            return modbuild.module(kdir, *arguments)
        return modbuild.module(os.path.realpath(f"{self.modules}/build"),
                               *arguments, identity=self._digest())

    def _digest(self):
        """Tells kernels that were built in one place from each other."""
        with open(self.vmlinuz, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()[:32]

    @classmethod
    def newest(cls):
        """The newest of Debian's stock kernels on this host."""
        versions = [path.removeprefix("/boot/vmlinuz-")
                    for path in glob.glob("/boot/vmlinuz-*-amd64")]
        versions = [version for version in versions
                    if os.path.isdir(f"/lib/modules/{version}")]
        if not versions:
            raise HarnessError(
                "no kernel with its modules in /boot and /lib/modules\n"
                "install one with: apt install linux-image-amd64")
        return cls(max(versions, key=version_key))

    def boot_image(self):
        """
        The fastest image to boot: the bare vmlinux if there is one.

        Unpacking a bzImage takes an emulated CPU several seconds and this
        host a fraction of one.  The result is cached under a name made of
        its source's digest.  Kernels that cannot be entered that way (no
        PVH entry point, a compression this host has no tool for) boot from
        the bzImage.
        """
        cached = f"{CACHE}/vmlinux-{self._digest()}"
        if not os.path.exists(cached):
            if not self._has_pvh():
                return self.vmlinuz
            with open(self.vmlinuz, "rb") as file:
                vmlinux = unpack_bzimage(file.read())
            if not vmlinux:
                return self.vmlinuz
            # Renamed into place: a second run may be doing the same.
            with tempfile.NamedTemporaryFile(dir=CACHE, delete=False) as file:
                file.write(vmlinux)
            os.rename(file.name, cached)
        return cached

    def _has_pvh(self):
        try:
            with open(self.config, encoding="ascii") as file:
                return "CONFIG_PVH=y\n" in file
        except FileNotFoundError:
            return False

    def boot_modules(self):
        """Files of BOOT_MODULES and what they need, in loading order."""
        depends = {}
        with open(f"{self.modules}/modules.dep", encoding="ascii") as file:
            for line in file:
                path, _, needs = line.partition(":")
                depends[path] = needs.split()
        paths = {module_name(path): path for path in depends}
        with open(f"{self.modules}/modules.builtin", encoding="ascii") as file:
            builtin = {module_name(line.strip()) for line in file}

        order = []
        for name in BOOT_MODULES:
            if name in builtin:
                continue
            if name not in paths:
                raise HarnessError(
                    f"kernel {self.version} has no module {name}, which "
                    f"booting from the host's root needs")
            # modules.dep lists what a module needs, innermost last.
            for path in [*reversed(depends[paths[name]]), paths[name]]:
                if path not in order:
                    order.append(path)
        return [f"{self.modules}/{path}" for path in order]


def module_name(path):
    """The kernel's name of the module in a file: 9pnet_virtio, virtio_rng."""
    return os.path.basename(path).partition(".ko")[0].replace("-", "_")


def decompress(data):
    """Unpack by magic number; None if this host has no tool for it."""
    if data.startswith(b"\xfd7zXZ\0"):
        return lzma.LZMADecompressor().decompress(data)
    if data.startswith(b"\x1f\x8b"):
        return zlib.decompressobj(wbits=31).decompress(data)
    if data.startswith(b"\x28\xb5\x2f\xfd"):
        try:
            # The exit status tells nothing: in a bzImage, the length that
            # follows the stream is not zstd's.
            return subprocess.run(["zstd", "-dcq"], input=data,
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL,
                                  check=False).stdout
        except FileNotFoundError:
            return None
    return data


def read_module(path):
    """A module's contents as busybox can load it: unpacked."""
    with open(path, "rb") as file:
        data = decompress(file.read())
    if data is None:
        raise HarnessError(f"cannot unpack {path}: apt install zstd")
    return data


def unpack_bzimage(image):
    """The ELF vmlinux inside a bzImage, or None (see the boot protocol)."""
    if image[0x202:0x206] != b"HdrS":
        return None
    setup_sectors = image[0x1f1] or 4
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    vmlinux = decompress(image[start:start + length])
    return vmlinux if vmlinux and vmlinux.startswith(b"\x7fELF") else None


class Archive:
    """A cpio archive in the format an initramfs has ("newc")."""

    def __init__(self):
        self._data = bytearray()
        self._seen = set()

    def _entry(self, name, mode, data=b""):
        fields = (0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0,
                  len(name) + 1, 0)
        self._data += b"070701" + b"".join(b"%08X" % n for n in fields)
        for part in (name.encode() + b"\0", data):
            self._data += part
            self._data += bytes(-len(self._data) % 4)

    def directory(self, name):
        """Add a directory and those above it."""
        if not name or name in self._seen:
            return
        self.directory(os.path.dirname(name))
        self._seen.add(name)
        self._entry(name, stat.S_IFDIR | 0o755)

    def file(self, name, data, mode=0o644):
        """Add a file with these contents."""
        self.directory(os.path.dirname(name))
        self._entry(name, stat.S_IFREG | mode,
                    data.encode() if isinstance(data, str) else data)

    def copy(self, name, path, mode=0o644):
        """Add a file of the host."""
        with open(path, "rb") as file:
            self.file(name, file.read(), mode)

    def contents(self):
        """The whole archive."""
        self._entry("TRAILER!!!", 0)
        return bytes(self._data)


def initramfs(kernel):
    """An archive with all that is the same for every run on a kernel."""
    busybox = next((path for path in BUSYBOX if os.path.exists(path)), None)
    if not busybox:
        raise HarnessError("no busybox: apt install busybox-static")
    archive = Archive()
    archive.copy("init", f"{HERE}/initramfs-init", 0o755)
    archive.copy("bin/busybox", busybox, 0o755)
    for number, path in enumerate(kernel.boot_modules()):
        archive.file(f"modules/{number:02}-{module_name(path)}.ko",
                     read_module(path))
    archive.copy("job/init", f"{HERE}/guest-init", 0o755)
    archive.copy("job/name-symbols", f"{HERE}/name-symbols")
    return archive
