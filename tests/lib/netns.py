# SPDX-License-Identifier: GPL-2.0-or-later
"""The network of the tests, and how to act inside its namespaces.

          pcscf            ue1    ue2    attacker       core
     gm0 |     | core0      | gm0  | gm0  | gm0          | core0
         |     |            |      |      |              |
    net: |     +--------------------------------- br-core+
         +-- br-gm ---------+------+------+

    gm0:   10.33.0.0/24 fd33::/64   pcscf 1, ue1 11, ue2 12, attacker 66
    core0: 10.44.0.0/24 fd44::/64   pcscf 1, core 2

In "net" a bridge port has the name of its namespace ("pcscf", "ue1", ...), the
one of pcscf towards the core "pcscf-core". GMG_NS_PREFIX goes in front of every
namespace's name, for two test runs on one machine.
"""
import contextlib
import ctypes
import os
import socket
import subprocess

PREFIX = os.environ.get("GMG_NS_PREFIX", "")
HOSTS = {"pcscf": 1, "ue1": 11, "ue2": 12, "attacker": 66}
CORE_HOSTS = {"pcscf": 1, "core": 2}
NAMES = ("net", "pcscf", "ue1", "ue2", "attacker", "core")

_libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000


def access_addr(name, version=4):
    return ("10.33.0.%d" if version == 4 else "fd33::%d") % HOSTS[name]


def core_addr(name, version=4):
    return ("10.44.0.%d" if version == 4 else "fd44::%d") % CORE_HOSTS[name]


def _setns(fd):
    if _libc.setns(fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


@contextlib.contextmanager
def ns(name):
    """Moves this thread: sockets and processes made inside belong there."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        there = os.open("/run/netns/" + PREFIX + name, os.O_RDONLY)
        try:
            _setns(there)
        finally:
            os.close(there)
        try:
            yield
        finally:
            _setns(home)
    finally:
        os.close(home)


def ip(text, name=None, force=False):
    """Runs lines of ip(8) commands, in a namespace; raises with its text."""
    argv = ["ip"] + (["-n", PREFIX + name] if name else []) + \
        (["-force"] if force else []) + ["-batch", "-"]
    done = subprocess.run(argv, input=text, text=True, capture_output=True,
                          check=False)
    if done.returncode and not force:
        raise RuntimeError("ip %s: %s\n%s" % (name, done.stderr.strip(), text))
    return done.stdout


def run(name, argv, check=True, **kwargs):
    """Runs a program in a namespace and returns the finished process."""
    with ns(name):
        return subprocess.run(argv, check=check, text=True,
                              capture_output=True, **kwargs)


def popen(name, argv, **kwargs):
    with ns(name):
        return subprocess.Popen(argv, **kwargs)


def sysctl(name, **values):
    """sysctl("pcscf", net_ipv4_ip_forward=1); "_" between the parts."""
    with ns(name):
        for key, value in values.items():
            path = "/proc/sys/" + key.replace("__", "-").replace("_", "/")
            with open(path, "w", encoding="ascii") as f:
                f.write(str(value))


def mac(name, ifname):
    """The Ethernet address of an interface, 6 bytes."""
    with ns(name):
        # /sys shows the namespace that mounted it, so ask the interface
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        s.bind((ifname, 0))
        try:
            return s.getsockname()[4]
        finally:
            s.close()


def delete():
    for name in NAMES:
        subprocess.run(["ip", "netns", "del", PREFIX + name], check=False,
                       stderr=subprocess.DEVNULL)


def create():
    """Makes the whole network; an old one of the same prefix goes first."""
    delete()
    ip("".join("netns add %s%s\n" % (PREFIX, n) for n in NAMES))
    ports = [(n, "gm0", n, "br-gm") for n in HOSTS]
    ports += [("pcscf", "core0", "pcscf-core", "br-core"),
              ("core", "core0", "core", "br-core")]
    lines = ["link add %s type bridge mcast_snooping 0\n"
             "link set %s addrgenmode none up\n" % (b, b)
             for b in ("br-gm", "br-core")]
    for host, ifname, port, bridge in ports:
        lines.append("link add %s type veth peer name %s netns %s%s\n"
                     "link set %s addrgenmode none master %s up\n"
                     % (port, ifname, PREFIX, host, port, bridge))
    ip("".join(lines), "net")
    for host in NAMES[1:]:
        lines = ["link set lo up\n"]
        if host in HOSTS:
            lines.append(_address("gm0", HOSTS[host], "33"))
        if host in CORE_HOSTS:
            lines.append(_address("core0", CORE_HOSTS[host], "44"))
        ip("".join(lines), host)


def _address(ifname, number, net):
    return ("link set %s addrgenmode none up\n"
            "addr add 10.%s.0.%d/24 dev %s\n"
            "addr add fd%s::%d/64 dev %s nodad\n"
            % (ifname, net, number, ifname, net, number, ifname))
