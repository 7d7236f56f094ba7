# SPDX-License-Identifier: GPL-2.0-only
"""The QEMU process: its command line, its channels, and whether KVM works."""

import fcntl
import os
import select
import socket
import subprocess
import tempfile
import time

from common import CACHE, HarnessError

QEMU = "qemu-system-x86_64"

ACCELERATORS = ("kvm", "tcg", "mttcg")

# A guest under KVM reaches its init in two seconds; one that takes longer
# than this is not worth waiting for.
KVM_PROBE_SECONDS = 15

COMMON_PARAMETERS = (
    "console=ttyS0",
    # Everything goes to the console log, where complaints are looked for,
    # whatever a script sets the console's log level to.
    "ignore_loglevel",
    # A guest that oopsed proves nothing any more.  Reboot at once, which
    # -no-reboot turns into the end of QEMU.
    "oops=panic", "panic=-1",
    # The guest is ours alone, and entering the kernel gets much cheaper.
    "mitigations=off",
    # Without this, the kernel drops what scripts write to /dev/kmsg beyond
    # a few lines a second.
    "printk.devkmsg=on",
    # Seed the random numbers at boot: nobody waits for entropy.
    "random.trust_cpu=on",
)

TCG_PARAMETERS = (
    # An emulated CPU may stand still for many seconds while the host does
    # something else.  That is no lockup: report those after a minute, not
    # after 20 seconds (the soft lockup's time is twice watchdog_thresh).
    "watchdog_thresh=30",
    "rcupdate.rcu_cpu_stall_timeout=60",
    # For the same reason, the clocksource watchdog would find the TSC
    # unstable and the timer check at boot might fail.
    "tsc=reliable", "no_timer_check",
)


def accelerator(choice, kernel_image, initrd):
    """
    Options for QEMU, and the kernel parameters that belong to them.

    The choice is one of ACCELERATORS, or None for the best that works.
    """
    if choice == "kvm" or not choice and kvm_works(kernel_image, initrd):
        return (["-accel", "kvm", "-cpu", "host"], COMMON_PARAMETERS)
    # One host thread takes turns at all CPUs of the guest.  With a thread for
    # each, QEMU (7.2, at least) loses against a kernel that patches its own
    # code: one static key switched some hundred times, and the guest hangs
    # or dies of an "int3" oops.  Turns are hardly slower, either, and on a
    # busy host they wake up sooner.
    thread = "multi" if choice == "mttcg" else "single"
    return (["-accel", f"tcg,thread={thread}", "-cpu", "max"],
            COMMON_PARAMETERS + TCG_PARAMETERS)


def kvm_works(kernel_image, initrd):
    """
    Whether a guest really boots under KVM.

    /dev/kvm can exist, open and answer every ioctl, and yet no guest ever
    gets past its firmware (nested in some other hypervisor, for one).  Only
    a boot tells; its outcome holds until the host reboots.
    """
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        boot_id = file.read().strip()
    # Runs that start together wait for one probe.
    with open(f"{CACHE}/kvm-probe", "a+", encoding="ascii") as cache:
        fcntl.flock(cache, fcntl.LOCK_EX)
        cache.seek(0)
        known = cache.read().split()
        if known[:1] == [boot_id]:
            return known[1:] == ["works"]
        works = _probe_kvm(kernel_image, initrd)
        cache.truncate(0)
        cache.write(f"{boot_id} {'works' if works else 'fails'}\n")
    return works


def _probe_kvm(kernel_image, initrd):
    # The run's own image does: whatever it has begun to do when the word
    # comes that it booted leaves no trace.
    options = accelerator("kvm", None, None)
    with Machine(kernel_image, initrd, options, "/dev/null") as machine:
        deadline = time.monotonic() + KVM_PROBE_SECONDS
        while b"boot\n" not in machine.status.data:
            if not machine.poll(deadline):
                return False
    return True


class Channel:
    """The host's end of a serial port: collects what arrives."""

    def __init__(self, sink=None):
        self.host, self.guest = socket.socketpair()
        self.data = bytearray()
        self.received = 0
        self._sink = sink

    def read(self):
        """Take what is there; False at the end."""
        data = self.host.recv(1 << 16)
        self.received += len(data)
        if self._sink:
            self._sink(data)
        else:
            self.data += data
        return bool(data)

    def lines(self):
        """Take the complete lines out of what was collected."""
        *lines, rest = bytes(self.data).split(b"\n")
        self.data[:] = rest
        return [line.decode(errors="replace") for line in lines]


class Guest:
    """A running guest.  Leaving the context kills it."""

    def __init__(self, output, archive):
        self.status = Channel()
        self.output = Channel(output)
        self.archive = Channel(archive)
        self._channels = (self.status, self.output, self.archive)
        self._open = list(self._channels)

    def _start(self, command, package, stdout=None):
        """Run the command, which has the guest's ends of the channels."""
        # A file, because nobody reads a pipe while the guest runs.
        self._errors = tempfile.TemporaryFile()
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL,
                stdout=stdout or self._errors, stderr=self._errors,
                pass_fds=[c.guest.fileno() for c in self._channels])
        except FileNotFoundError as error:
            raise HarnessError(
                f"no {error.filename}: apt install {package}") from None
        for channel in self._channels:
            channel.guest.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._errors.close()
        for channel in self._channels:
            channel.host.close()

    def poll(self, deadline):
        """
        Wait for something from the guest and take it in.

        Return False when it has ended and all it sent has been read, or
        when the time is up (see ended()).
        """
        if not self._open:
            return False
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        ready, _, _ = select.select([c.host for c in self._open], [], [], left)
        for channel in [c for c in self._open if c.host in ready]:
            try:
                more = channel.read()
            except ConnectionResetError:
                more = False
            if not more:
                self._open.remove(channel)
        return True

    def say(self, word):
        """Send a line to guest-init's listen()."""
        try:
            self.status.host.sendall(word.encode() + b"\n")
        except OSError:
            pass

    def ended(self):
        """Whether the guest is gone."""
        return not self._open

    def errors(self):
        """What QEMU itself, or its like, had to say, once it has ended."""
        self._process.wait()
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace").strip()


class Machine(Guest):
    """A guest of QEMU."""

    def __init__(self, kernel_image, initrd, accel, console, *, mem="1024M",
                 cpus=2, append="", output=None, archive=None):
        super().__init__(output, archive)
        accel_options, parameters = accel

        command = [
            # Nobody else would end QEMU if this process were killed.
            "setpriv", "--pdeathsig", "KILL",
            QEMU, "-nodefaults", "-no-user-config", "-no-reboot",
            "-display", "none",
            # No devices that Linux would spend time to look for.
            "-machine", "q35,i8042=off,sata=off,smbus=off,usb=off,"
                        "vmport=off,hpet=off",
            *accel_options, "-smp", str(cpus), "-m", mem,
            "-kernel", kernel_image, "-initrd", initrd,
            "-append", " ".join([*parameters, append]),
            "-serial", f"file:{console}",
            "-object", "rng-builtin,id=rng",
            "-device", "virtio-rng-pci,rng=rng",
            # multidevs=remap: the host's root has other file systems below
            # it, whose inode numbers would collide.
            "-virtfs", "local,id=host,mount_tag=host,path=/,readonly=on,"
                       "security_model=none,multidevs=remap",
            "-device", "virtio-serial-pci",
        ]
        for number, channel in enumerate(self._channels, 1):
            fd = channel.guest.fileno()
            command += ["-chardev", f"socket,id=port{number},fd={fd}",
                        "-device", f"virtserialport,chardev=port{number},"
                                   f"nr={number}"]
        self._start(command, "qemu-system-x86")
