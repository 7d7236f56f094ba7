# SPDX-License-Identifier: GPL-2.0-or-later
"""Kills a process at a moment that can be told exactly: when it is about to do
its so-manieth write to a socket. Between two of them nothing that it does can be
seen from outside, so these are all the moments that there are.

    with Trip(pid, 3) as trip:      # None: only count
        ...
    trip.count, trip.killed

x86-64 only; the process has one thread.
"""
import ctypes
import os
import signal
import struct
import traceback

WRITES = {1: "write", 20: "writev", 44: "sendto", 46: "sendmsg",
          307: "sendmmsg"}
SEIZE, INTERRUPT, SYSCALL, GET_SYSCALL_INFO = 0x4206, 0x4207, 24, 0x420e
O_TRACESYSGOOD, WALL = 1, 0x40000000
ENTRY = 1
SYSCALL_INFO = struct.Struct("=B3xIQQ7Q")   # op, arch, ip, sp, nr, arguments

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.restype = ctypes.c_long
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p,
                         ctypes.c_void_p]


def _ptrace(request, pid, addr=0, data=0):
    result = _libc.ptrace(request, pid, addr, data)
    if result < 0:
        raise OSError(ctypes.get_errno(), "ptrace")
    return result


class Trip:
    """A child process that watches another one."""

    def __init__(self, pid, number=None):
        self.pid, self.number = pid, number
        self.count, self.killed = 0, False
        self._child = self._pipe = None

    def __enter__(self):
        self._pipe, there = os.pipe()
        self._child = os.fork()
        if not self._child:
            try:
                os.close(self._pipe)
                self._watch(there)
            except BaseException:           # pylint: disable=broad-except
                traceback.print_exc()
            os._exit(0)
        os.close(there)
        if os.read(self._pipe, 1) != b"!":
            raise RuntimeError("process %d cannot be watched" % self.pid)
        return self

    def __exit__(self, *_):
        """The process goes on without us, if it still lives."""
        os.kill(self._child, signal.SIGTERM)
        os.waitpid(self._child, 0)
        seen = b""
        while True:
            data = os.read(self._pipe, 4096)
            if not data:
                break
            seen += data
        os.close(self._pipe)
        self.count, self.killed = seen.count(b"w"), b"k" in seen

    # ----- in the child ----------------------------------------------------
    def _watch(self, pipe):
        _ptrace(SEIZE, self.pid, 0, O_TRACESYSGOOD)
        _ptrace(INTERRUPT, self.pid)
        os.waitpid(self.pid, WALL)
        os.write(pipe, b"!")
        count = give = 0
        while True:
            _ptrace(SYSCALL, self.pid, 0, give)
            _, status = os.waitpid(self.pid, WALL)
            if not os.WIFSTOPPED(status):
                return
            give = os.WSTOPSIG(status)
            if status >> 16 or give == signal.SIGTRAP:
                give = 0                    # a stop of ours, not a signal
            elif give == signal.SIGTRAP | 0x80:
                give = 0
                if self._is_write():
                    count += 1
                    os.write(pipe, b"w")
                if count == self.number:
                    # it never enters this call
                    os.kill(self.pid, signal.SIGKILL)
                    os.write(pipe, b"k")
                    os.waitpid(self.pid, WALL)
                    return

    def _is_write(self):
        info = ctypes.create_string_buffer(SYSCALL_INFO.size)
        if _ptrace(GET_SYSCALL_INFO, self.pid, SYSCALL_INFO.size,
                   ctypes.addressof(info)) < SYSCALL_INFO.size - 8:
            return False
        operation, _, _, _, number, fd, *_ = SYSCALL_INFO.unpack(info.raw)
        if operation != ENTRY or number not in WRITES:
            return False
        try:
            return os.readlink("/proc/%d/fd/%d" % (self.pid, fd)).startswith(
                "socket:")
        except OSError:
            return False
