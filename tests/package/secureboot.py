# SPDX-License-Identifier: GPL-2.0-only
"""Secure Boot with a test key: UEFI has it in its db and checks the kernel with
it; the kernel is locked down and checks modules, with the same key.

The key is the one that Debian's ovmf has for tests: PK, KEK and db of
OVMF_VARS_4M.snakeoil.fd. A machine owner key (MOK) that shim enrolled is in the
same keyring of Debian's kernels as those of db.
"""
import os
import shutil
import subprocess

import machine
import tap
from guest import Guest

OVMF = "/usr/share/OVMF"
KEY = "/usr/share/ovmf/PkKek-1-snakeoil"
CODE = f"{OVMF}/OVMF_CODE_4M.fd"
VARS = f"{OVMF}/OVMF_VARS_4M.snakeoil.fd"
SIGN = "/usr/lib/linux-kbuild-6.1/scripts/sign-file"
MODULE = "/lib/modules/$(uname -r)/updates/dkms/gmguard.ko"


def keys(directory):
    """The test key without its passphrase, and another one that nobody has."""
    subprocess.run(["openssl", "rsa", "-in", f"{KEY}.key", "-passin",
                    "pass:snakeoil", "-out", f"{directory}/trusted.key"],
                   check=True, stderr=subprocess.DEVNULL)
    shutil.copy(f"{KEY}.pem", f"{directory}/trusted.pem")
    subprocess.run(["openssl", "req", "-new", "-x509", "-newkey", "rsa:2048",
                    "-nodes", "-days", "30", "-subj", "/CN=nobody has this/",
                    "-keyout", f"{directory}/other.key",
                    "-out", f"{directory}/other.pem"], check=True,
                   stderr=subprocess.DEVNULL)
    for name in ("trusted", "other"):
        subprocess.run(["openssl", "x509", "-in", f"{directory}/{name}.pem",
                        "-outform", "DER", "-out", f"{directory}/{name}.der"],
                       check=True)


def install(disk, debs):
    """As on a host whose owner has enrolled the key and named it to DKMS."""
    keys(disk.dir)
    with disk.mounted():
        disk.put([f"{disk.dir}/{name}.{ext}" for name in ("trusted", "other")
                  for ext in ("key", "der")], "/root/keys")
        os.makedirs(f"{disk.root}/etc/dkms/framework.conf.d", exist_ok=True)
        with open(f"{disk.root}/etc/dkms/framework.conf.d/key.conf", "w",
                  encoding="ascii") as file:
            file.write("mok_signing_key=/root/keys/trusted.key\n"
                       "mok_certificate=/root/keys/trusted.der\n")
        disk.put(debs, "/srv/debs")
        status, said = disk.chroot("apt-get -y install /srv/debs/*.deb")
        tap.ok(not status, "secureboot: apt installs the packages", said)
    subprocess.run(["sbsign", "--key", f"{disk.dir}/trusted.key", "--cert",
                    f"{disk.dir}/trusted.pem", "--output",
                    f"{disk.dir}/vmlinuz.signed", f"{disk.dir}/vmlinuz"],
                   check=True, stderr=subprocess.DEVNULL)
    shutil.copy(VARS, f"{disk.dir}/vars")


def firmware(disk):
    """Options of QEMU to boot the signed kernel through UEFI."""
    _, parameters = machine.accelerator("tcg", None, None)
    return ["-machine", "q35,smbus=off,usb=off",
            "-drive", f"if=pflash,format=raw,readonly=on,file={CODE}",
            "-drive", f"if=pflash,format=raw,file={disk.dir}/vars",
            "-kernel", f"{disk.dir}/vmlinuz.signed",
            "-initrd", f"{disk.dir}/initrd", "-append",
            " ".join(["root=/dev/vda", *parameters])]


def look(guest):
    """The kernel takes the module with the trusted key, and no other."""
    log = guest.say("journalctl -b -k --no-pager")
    tap.ok("Secure boot enabled" in log or "secureboot: Secure boot enabled" in
           log, "secureboot: the kernel knows that Secure Boot is on",
           guest.run("mokutil --sb-state")[1])
    tap.ok("Kernel is locked down" in log, "secureboot: it is locked down", log)
    signer = guest.say("modinfo -F signer gmguard")
    tap.ok(signer, "secureboot: DKMS has signed the module", signer)
    tap.ok(guest.wait("systemctl is-active gmguardd") and
           not guest.run("grep -w gmguard /proc/modules")[0],
           f"secureboot: the module signed by {signer!r} is loaded at boot",
           guest.run("journalctl -b -u systemd-modules-load")[1])
    guest.say(f"systemctl stop gmguardd; modprobe -r gmguard; cp {MODULE} "
              "/root/signed.ko; cp /root/signed.ko /root/bare.ko; "
              "strip --strip-debug /root/bare.ko; "
              "cp /root/bare.ko /root/other.ko; "
              f"{SIGN} sha256 /root/keys/other.key /root/keys/other.der "
              "/root/other.ko")
    for name, what in (("bare", "without a signature"),
                       ("other", "with a key that nobody has enrolled")):
        status, said = guest.run(f"insmod /root/{name}.ko")
        tap.ok(status and guest.run("grep -w gmguard /proc/modules")[0],
               f"secureboot: a module {what} is refused", said)
        tap.note(said.strip())
    status, said = guest.run("systemctl start gmguardd && gmguard show")
    tap.ok(not status, "secureboot: the service starts, and has the signed "
           "module loaded", said)


def main(disk, debs):
    """The part "secureboot"."""
    install(disk, debs)
    with Guest(disk.dir, boot=firmware(disk)) as guest:
        guest.booted()
        look(guest)
