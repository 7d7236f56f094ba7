# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads an nflog group with tcpdump, as an operator does.

    with Tcpdump(33203, "pcscf") as reader:
        ...
        copy = reader.copy()        # the next one, or None
        copy.prefix, copy.packet    # "gmguard: in-plaintext", sniff.Packet
"""
import os
import select
import struct
import subprocess
import time

import netns
from sniff import Packet

NFLOG = 239         # LINKTYPE_NFLOG
PCAP = 24
RECORD = struct.Struct("=IIII")
# types of a copy's attributes (linux/netfilter/nfnetlink_log.h)
HOOK, INDEV, OUTDEV, PAYLOAD, PREFIX, HEADER = 1, 4, 5, 9, 10, 16
HOOKS = ("PRE_ROUTING", "LOCAL_IN", "FORWARD", "LOCAL_OUT", "POST_ROUTING")


class Copy:
    """A packet that was copied: prefix; hook by name; indev and outdev, the
    numbers of its interfaces, None if it has none; mac, the source address of
    its frame, None without one; packet."""

    def __init__(self, data):
        attrs, at = {}, 4           # family, version, group
        while at < len(data):
            length, kind = struct.unpack_from("=HH", data, at)
            attrs[kind] = data[at + 4:at + length]
            at += (length + 3) & ~3
        self.prefix = attrs[PREFIX].rstrip(b"\0").decode()
        self.hook = HOOKS[attrs[HOOK][2]]
        self.indev, self.outdev = (
            struct.unpack("!I", attrs[kind])[0] if kind in attrs else None
            for kind in (INDEV, OUTDEV))
        self.mac = attrs[HEADER][6:12] if HEADER in attrs else None
        self.packet = Packet(attrs[PAYLOAD])


class Tcpdump:
    """tcpdump in a namespace; it listens once this is made."""

    def __init__(self, group, namespace="pcscf"):
        self.p = netns.popen(
            namespace, ["tcpdump", "-i", "nflog:%d" % group, "-U", "-w", "-"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        said = b""
        while b"listening on" not in said:
            line = self.p.stderr.readline()
            if not line:
                raise RuntimeError("tcpdump: %s" % said.decode())
            said += line
        self.buf = b""
        if struct.unpack_from("=I", self._take(PCAP, 30), 20)[0] != NFLOG:
            raise RuntimeError("tcpdump: this is no nflog")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.p.terminate()
        self.p.communicate()

    def _take(self, size, timeout):
        end = time.monotonic() + timeout
        while len(self.buf) < size:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.p.stdout], [], [],
                                              left)[0]:
                return None
            self.buf += os.read(self.p.stdout.fileno(), 1 << 16)
        taken, self.buf = self.buf[:size], self.buf[size:]
        return taken

    def copy(self, timeout=30):
        """The next Copy, or None."""
        header = self._take(RECORD.size, timeout)
        return header and Copy(self._take(RECORD.unpack(header)[2], 30))

    def until(self, data):
        """All copies up to the one of this datagram, and that one."""
        found = []
        while not found or found[-1].packet.payload != data:
            found.append(self.copy())
            if not found[-1]:
                raise TimeoutError("no copy of %r, only %r" % (
                    data, [(c.prefix, str(c.packet)) for c in found[:-1]]))
        return found
