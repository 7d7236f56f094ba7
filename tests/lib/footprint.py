# SPDX-License-Identifier: GPL-2.0-or-later
"""What gmguard occupies: xfrm states and policies, sets, kernel objects, memory
of the agent. For tests that look for leaks.

    before = take(g, pid)
    ...
    after = take(g, pid)
    after.objects_more(before, 100)     # {slab cache: objects more}
"""
import ctypes
import glob
import os
import re

import netns
import state

# Caches of what any program does: files, processes, sockets, page tables. The
# tests' own processes and the proxy have them come and go.
FOREIGN = re.compile(
    r"^(dentry|.*inode.*|filp|vm_area.*|anon_vma.*|pid|task_.*|cred_jar|"
    r"signal_cache|sighand_cache|files_cache|mm_struct|names_cache|fs_cache|"
    r"radix_tree_node|maple_node|kernfs_node_cache|buffer_head|proc_dir_entry|"
    r"lsm_.*|bio.*|9p.*|p9.*|ovl.*|seq_file|eventpoll_.*|ep_head|Acpi-.*|"
    r"trace_event_file|ftrace_event_field|debug_objects_cache|"
    r"sock_inode_cache|UNIX|PING|RAW.*|AF_PACKET|perf_event)$")


class Footprint:
    """states, policies: of pcscf; sets: by phase; objects: slab cache: objects
    in use; unreclaimable, percpu, agent: KiB; fds: files of the agent."""

    def __init__(self, g, pid):
        self.states, self.policies = count("state"), count("policy")
        stats = state.stats(g)
        self.sets = {k: stats[k] for k in (
            "temporary", "established", "superseded", "lingering", "larval")
            if k in stats}
        self.objects = slab_objects()
        memory = fields("/proc/meminfo")
        self.unreclaimable = memory["SUnreclaim"]
        self.percpu = memory.get("Percpu", 0)
        self.agent = fields("/proc/%d/smaps_rollup" % pid)["Anonymous"] \
            if os.path.exists("/proc/%d/smaps_rollup" % pid) else 0
        self.fds = len(os.listdir("/proc/%d/fd" % pid))

    def live(self):
        """What has to be as before when all UEs have gone."""
        return {"states": self.states, "policies": self.policies, **self.sets}

    def objects_more(self, before, limit):
        """Caches with so many more objects than before."""
        more = {name: n - before.objects.get(name, 0)
                for name, n in self.objects.items()
                if not FOREIGN.match(name)}
        return {name: n for name, n in more.items() if n >= limit}

    def __str__(self):
        return "%d states, %d policies, %s; slabs %d KiB, percpu %d KiB, " \
            "agent %d KiB, %d files" % (
                self.states, self.policies, self.sets, self.unreclaimable,
                self.percpu, self.agent, self.fds)


def fields(path):
    """The numbers of a file with lines "Name:  number kB"."""
    with open(path, encoding="ascii") as f:
        return {name: int(number) for name, number in
                re.findall(r"^(\S+):\s+(\d+)", f.read(), re.M)}


def count(kind):
    """xfrm states or policies of pcscf, by the kernel's own counters."""
    text = netns.run("pcscf", ["ip", "xfrm", kind, "count"]).stdout
    return sum(int(n) for n in
               re.findall(r"(?:count|IN|FWD|OUT)\s+(\d+)", text))


def slab_objects():
    """Objects of each cache. What is free but still with a CPU would count as
    in use, so it is given back first."""
    for path in glob.glob("/sys/kernel/slab/*/shrink"):
        try:
            with open(path, "w", encoding="ascii") as f:
                f.write("1")
        except OSError:
            pass
    with open("/proc/slabinfo", encoding="ascii") as f:
        rows = [line.split() for line in f.readlines()[2:]]
    return {row[0]: int(row[1]) for row in rows}


def settle():
    """Has the kernel really free what it is done with: caches of files go, and
    all grace periods of RCU that were begun come to their end."""
    with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as f:
        f.write("3")
    libc = ctypes.CDLL(None, use_errno=True)
    membarrier, membarrier_cmd_global = 324, 1
    for _ in range(3):
        libc.syscall(membarrier, membarrier_cmd_global, 0, 0)


def take(g, pid):
    settle()
    return Footprint(g, pid)


def xfrm_errors():
    """/proc/net/xfrm_stat of pcscf."""
    with netns.ns("pcscf"), open("/proc/thread-self/net/xfrm_stat",
                                 encoding="ascii") as f:
        return {name: int(n) for name, n in map(str.split, f) if int(n)}
