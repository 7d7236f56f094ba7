# SPDX-License-Identifier: GPL-2.0-only
"""A guest with a disk of its own: a Debian with systemd that
tests/package/image made.

    with Guest(image) as guest:
        guest.booted()
        status, text = guest.run("apt-get install ...", timeout=3600)
        guest.reboot()

What it writes to its disk stays until the context is left, over reboots too.
"""
import base64
import os
import socket
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))
sys.path.insert(0, f"{TOP}/tests/vm")

# pylint: disable=wrong-import-position
import image as vmimage
import machine

# Emulated, on a busy host.
BOOT_SECONDS = 900
ENDS = b"\n=== "


class GuestError(Exception):
    """The guest does not do what it is told."""


def vmlinux(directory):
    """The kernel of an image as QEMU enters it fastest."""
    path = f"{directory}/vmlinux"
    if not os.path.exists(path):
        with open(f"{directory}/vmlinuz", "rb") as file:
            unpacked = vmimage.unpack_bzimage(file.read())
        if not unpacked:
            return f"{directory}/vmlinuz"
        with tempfile.NamedTemporaryFile(dir=directory, delete=False) as file:
            file.write(unpacked)
        os.rename(file.name, path)
    return path


class Guest:
    """A running guest. Leaving the context kills it."""

    def __init__(self, directory, *, append="", share=None, console=None,
                 boot=None, mem="2048M"):
        """share: directories that it can mount by 9p, by their tags; boot:
        options for QEMU instead of the image's kernel and initrd."""
        self.console = console or tempfile.mktemp(prefix="gmg-console-")
        accel, parameters = machine.accelerator(
            os.environ.get("GMG_ACCEL", "tcg"), None, None)
        if boot is None:
            boot = ["-kernel", vmlinux(directory),
                    "-initrd", f"{directory}/initrd", "-append",
                    " ".join(["root=/dev/vda", *parameters, append])]
        self.host, theirs = socket.socketpair()
        self.input, ours = socket.socketpair()
        command = [
            "setpriv", "--pdeathsig", "KILL", machine.QEMU, "-nodefaults",
            "-no-user-config", "-display", "none", *accel, "-smp", "2",
            "-m", mem, *boot, "-serial", f"file:{self.console}",
            "-drive", f"file={directory}/root.ext4,format=raw,if=none,"
                      "id=root,snapshot=on,cache=unsafe",
            "-device", "virtio-blk-pci,drive=root",
            "-object", "rng-builtin,id=rng",
            "-device", "virtio-rng-pci,rng=rng", "-device",
            "virtio-serial-pci",
            "-chardev", f"socket,id=out,fd={theirs.fileno()}",
            "-device", "virtserialport,chardev=out,name=out",
            "-chardev", f"socket,id=in,fd={ours.fileno()}",
            "-device", "virtserialport,chardev=in,name=in",
        ]
        if "-machine" not in boot:
            command += ["-machine", "q35,smbus=off,usb=off,hpet=off"]
        for tag, path in (share or {}).items():
            command += ["-virtfs", f"local,path={path},mount_tag={tag},"
                                   "security_model=none,readonly=on,"
                                   "multidevs=remap"]
        self.qemu = subprocess.Popen(
            command, stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno(), ours.fileno()])
        theirs.close()
        ours.close()
        self.data = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.qemu.kill()
        self.qemu.wait()
        self.host.close()
        self.input.close()

    def _until(self, end, timeout):
        """What it says up to this; that is taken away."""
        deadline = time.monotonic() + timeout
        while end not in self.data:
            self.host.settimeout(max(0.1, deadline - time.monotonic()))
            try:
                more = self.host.recv(1 << 16)
            except TimeoutError:
                more = b""
            if not more:
                raise GuestError(f"no {end!r} after {timeout} s; console: "
                                 f"{self.console}; it said:\n"
                                 + self.data.decode(errors="replace"))
            self.data += more
        said, _, self.data = self.data.partition(end)
        return said.decode(errors="replace")

    def booted(self):
        """Waits until it takes scripts."""
        self._until(b"booted\n", BOOT_SECONDS)

    def run(self, script, timeout=600):
        """Runs a shell script as root; its exit status and what it said."""
        self.input.sendall(base64.b64encode(script.encode()) + b"\n")
        said = self._until(ENDS, timeout)
        return int(self._until(b"\n", 60)), said.lstrip("\n")

    def say(self, script, timeout=600):
        """What a script said that has to succeed."""
        status, said = self.run(script, timeout)
        if status:
            raise GuestError(f"{script}\nexit status {status}: {said}")
        return said.strip()

    def wait(self, script, timeout=600):
        """Until a script succeeds; False if it never does."""
        status, _ = self.run(f"""end=$(($(cut -d. -f1 /proc/uptime) + {timeout}))
            until {script}; do
                [ $(cut -d. -f1 /proc/uptime) -lt $end ] || exit 1
                sleep 0.2
            done > /dev/null 2>&1""", timeout + 120)
        return status == 0

    def reboot(self):
        """And waits until it takes scripts again."""
        self.input.sendall(base64.b64encode(b"systemctl reboot") + b"\n")
        self.booted()
