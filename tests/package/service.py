# SPDX-License-Identifier: GPL-2.0-only
"""What the packages do on a machine that runs: service, upgrade, purge."""

import tap

ADDR = "192.0.2.1"
CONF = f"""
[agent]
log_level = info

[endpoint gm]
local_addr = {ADDR}
port_ps = 6101
port_pc = 6110-6117
port_unprotected = 5060
"""
SET = (f"gmguard set new endpoint-id={ADDR} ue-addr=192.0.2.9 port-uc=7001 "
       "port-us=7002 spi-uc=3001 spi-us=3002 alg=hmac-md5-96 ealg=null "
       "alg-key=000102030405060708090a0b0c0d0e0f impi=user@example.org "
       "phase=established lifetime-ms=4h")
# Where the package's scripts look for modules that DKMS has built elsewhere.
PREBUILT = "/usr/share/gmguard-dkms"
SHOWN = "systemctl show gmguardd -P"


def named(run):
    """Everything that has the name on it: files, user, profile, module."""
    status, said = run(
        "find / -xdev -iname '*gmguard*' -not -path '/proc/*' "
        "-not -path '/srv/debs/*'; getent passwd gmguard; "
        "getent group gmguard; grep -s gmguard /proc/modules; "
        "grep -s gmguard /sys/kernel/security/apparmor/profiles; "
        "ls /lib/modules/*/updates/dkms 2> /dev/null; true")
    return said.split("\n")[:-1] if not status else [said]


def mount(guest, tag, path):
    """Mounts a directory of the host."""
    guest.say(f"modprobe 9pnet_virtio; mkdir -p {path}; mount -t 9p -o "
              f"trans=virtio,version=9p2000.L,ro,msize=262144 {tag} {path}")


def at_boot(guest):
    """What is there without anybody's doing."""
    up = guest.wait("systemctl is-active gmguardd")
    # Both in microseconds since the boot. The agent's own request would load
    # the module as well, later.
    loaded = guest.say("dmesg | sed -n 's/^\\[ *\\([0-9]*\\)\\.\\([0-9]*\\)\\] "
                       "gmguard: loading .*/\\1\\2/p'")
    started = guest.say(f"{SHOWN} ExecMainStartTimestampMonotonic")
    tap.ok(loaded and int(loaded) < int(started),
           "boot: the module is loaded through modules-load.d",
           f"{loaded} {started}")
    tap.ok(up, "boot: the service is up", guest.run(
               "systemctl status gmguardd; journalctl -b -u gmguardd")[1])
    status, said = guest.run(
        "systemctl show -P Before gmguardd | grep -w network-pre.target")
    tap.ok(not status, "boot: it guards before there is a network", said)


def confined(guest):
    """What the agent may do, as the kernel has it."""
    pid = guest.say(f"{SHOWN} MainPID")
    facts = dict(line.split(":\t", 1) for line in guest.say(
        f"cat /proc/{pid}/status").splitlines() if ":\t" in line)
    uid = guest.say("id -u gmguard")
    tap.equal(facts["Uid"].split(), [uid] * 4,
              "unit: the agent runs as a user of its own")
    caps = {facts[name] for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb")}
    tap.equal(caps, {f"{1 << 12:016x}"},
              "unit: it has CAP_NET_ADMIN and no other capability")
    tap.equal((facts["NoNewPrivs"], facts["Seccomp"]), ("1", "2"),
              "unit: it gains nothing, and has a filter of system calls")
    tap.equal(guest.say("stat -c '%a %U %G' /run/gmguard "
                        "/run/gmguard/gmguardd.sock").split("\n"),
              ["750 gmguard gmguard", "660 gmguard gmguard"],
              "unit: the socket is for its group only")
    status, said = guest.run(
        "systemd-analyze security --no-pager --threshold=20 gmguardd")
    tap.ok(not status, "unit: systemd sees an exposure of 2.0 or less",
           said[-300:])
    tap.equal(guest.say(f"cat /proc/{pid}/attr/current"),
              "gmguardd (enforce)", "AppArmor: the agent is confined")
    status, said = guest.run(
        f"nsenter -t {pid} -m sh -c 'touch /etc/x || touch /usr/x || "
        "touch /var/x'")
    tap.ok(status, "unit: its file system is read-only", said)


def denials(guest):
    """What the profile has stopped since boot, but for what has to be."""
    log = guest.say("journalctl -b -k --no-pager | grep DENIED || true")
    return [line for line in log.splitlines() if "/root/other.conf" not in line]


def denied(guest):
    """The profile stops an agent that reads what is not its own."""
    guest.say("umask 077; cp /etc/gmguard/gmguard.conf /root/other.conf")
    status, said = guest.run("gmguardd -c /root/other.conf")
    log = guest.say("journalctl -b -k --no-pager | grep DENIED || true")
    tap.ok(status == 1 and "Permission denied" in said and
           'profile="gmguardd" name="/root/other.conf"' in log,
           "AppArmor: root's agent reads no file outside /etc/gmguard, and "
           "the kernel says so", said + log)
    tap.equal(denials(guest), [],
              "AppArmor: nothing that the agent needs is denied")


def write_conf(guest, text):
    """A new configuration file."""
    guest.say(f"cat > /etc/gmguard/gmguard.conf <<'END'\n{text}END")


def reload(guest):
    """systemctl reload: what differs is applied, a wrong file is refused."""
    write_conf(guest, CONF)
    status, said = guest.run("systemctl reload gmguardd")
    tap.ok(not status and guest.wait(f"gmguard show | grep {ADDR}"),
           "reload: the new endpoint is guarded", said)
    guest.say(SET)
    inode = "ls -i /run/gmguard/gmguardd.sock; ss -Hltn sport = :8733"
    before = guest.say(inode)
    write_conf(guest, CONF + "exempt = 198.51.100.0/24\nstun = yes\n")
    status, said = guest.run("systemctl reload gmguardd")
    tap.ok(not status and guest.wait("gmguard show | grep 198.51.100.0/24"),
           "reload: an endpoint is changed while it has an SA set",
           said + guest.say("journalctl -b -u gmguardd -n 40"))
    status, said = guest.run("gmguard show sets")
    tap.ok(not status and "user@example.org" in said,
           "reload: the SA set lives on", said)
    tap.equal((guest.say(f"{SHOWN} NRestarts"), guest.say(inode)),
              ("0", before), "reload: neither agent nor sockets are new")
    write_conf(guest, CONF.replace("6101", "6102"))
    guest.run("systemctl reload gmguardd")
    tap.ok(guest.wait("journalctl -b -u gmguardd | grep 'stays as it was.*"
                      "keep the port until its sets have ended'") and
           not guest.run("gmguard show | grep 6101")[0],
           "reload: a port of a live SA set does not go, and the log says why",
           guest.say("journalctl -b -u gmguardd -n 20"))
    write_conf(guest, CONF + "port_sp = 6101\n")
    line = CONF.count("\n") + 1
    status, said = guest.run("systemctl reload gmguardd")
    log = guest.say("journalctl -b -u gmguardd -n 30")
    tap.ok(status and f"gmguard.conf:{line}: unknown key port_sp" in log,
           "reload: a wrong file makes systemctl fail, and the log has its "
           "line and what is expected", said + log)
    status, said = guest.run("systemctl is-active gmguardd && "
                             "gmguard show sets")
    tap.ok(not status and "user@example.org" in said,
           "reload: the agent works on, and the SA set lives", said)
    write_conf(guest, CONF)
    guest.say("systemctl reload gmguardd")


def killed(guest):
    """Killed or hung, it is started again and finds its sets."""
    for what, act in (("killed", "kill -KILL"), ("hung", "kill -STOP")):
        pid = guest.say(f"{SHOWN} MainPID")
        restarts = int(guest.say(f"{SHOWN} NRestarts"))
        guest.say(f"{act} {pid}")
        back = guest.wait(f"[ $({SHOWN} NRestarts) -gt {restarts} ] && "
                          "systemctl is-active gmguardd", 120)
        log = guest.say("journalctl -b -u gmguardd -n 20")
        tap.ok(back and (what == "killed" or "Watchdog timeout" in log),
               f"GM-10 systemd starts an agent again that is {what}", log)
        status, said = guest.run("gmguard show sets")
        tap.ok(not status and "user@example.org" in said,
               f"GM-10 {what}: the SA set stays in the kernel", said)
        status, said = guest.run(
            "python3 - <<'END'\nimport json, socket\n"
            "s = socket.socket(socket.AF_UNIX)\n"
            "s.connect('/run/gmguard/gmguardd.sock')\n"
            "s.sendall(b'{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\","
            "\"params\":{}}')\n"
            "print(json.loads(s.makefile().readline())['result']['sets'])\nEND")
        tap.equal((status, said.strip()), (0, "1"),
                  f"GM-10 {what}: the new agent has taken the set up")


def registration(guest):
    """UEs register through a real Kamailio that asks the service."""
    mount(guest, "top", "/mnt/top")
    status, said = guest.run(
        "sh /mnt/top/tests/package/registration", 3600)
    for line in said.splitlines():
        if line.startswith(("ok ", "not ok ")):
            tap.ok(line.startswith("ok "),
                   "unit, AppArmor: " + line.split(" - ", 1)[1])
        elif line.startswith("#"):
            print(line)
    tap.ok(not status, "unit, AppArmor: registrations through Kamailio", said)
    tap.equal(denials(guest), [],
              "AppArmor: no registration needed what is denied")


def service(guest, *_):
    """The service, after its first boot."""
    at_boot(guest)
    confined(guest)
    denied(guest)
    guest.say("apt-get -y --no-install-recommends install python3 "
              "python3-yaml iproute2 procps", 3600)
    reload(guest)
    killed(guest)
    registration(guest)


def upgrade(guest, version, higher):
    """To a higher version while an SA set lives, then to its module."""
    mount(guest, "debs", "/mnt/debs")
    write_conf(guest, CONF)
    guest.say("systemctl restart gmguardd")
    if guest.run("gmguard show sets | grep user@example.org")[0]:
        guest.say(SET)
    status, said = guest.run(
        f"apt-get -y install /mnt/debs/gmguard_{higher}_*.deb "
        f"/mnt/debs/gmguard-dkms_{higher}_*.deb", 3600)
    tap.ok(not status, f"upgrade: apt goes from {version} to {higher}",
           said[-4000:])
    guest.say(f"rm -r {PREBUILT}")
    tap.ok(f"gmguard {version} is loaded and guards on" in said and
           f"gmguard {higher} is loaded at the next boot" in said,
           "upgrade: it says that the new module needs a boot or a reload",
           said[-2000:])
    tap.ok(guest.wait("systemctl is-active gmguardd") and not guest.run(
        f"journalctl -b -u gmguardd | grep 'gmguardd {higher} is ready'")[0],
           "upgrade: the new agent is up")
    status, said = guest.run("gmguard show sets; cat "
                             "/sys/module/gmguard/version")
    tap.ok(not status and "user@example.org" in said and
           said.split()[-1] == version,
           "upgrade: the SA set lives on, in the old module", said)
    status, said = guest.run("gmguard-reload")
    tap.ok(status == 1 and "SA sets" in said and
           guest.say("cat /sys/module/gmguard/version") == version,
           "upgrade: gmguard-reload refuses while an SA set lives", said)
    guest.say("gmguard set del all")
    guest.wait("[ $(cat /sys/module/gmguard/refcnt) = 0 ]")
    status, said = guest.run("gmguard-reload")
    tap.ok(not status and guest.say("cat /sys/module/gmguard/version") ==
           higher, "upgrade: gmguard-reload loads the new module", said)
    status, said = guest.run(f"gmguard show | grep '{ADDR}.*6101'; nft list "
                             "tables")
    tap.ok(f"{ADDR} " in said and "gmguard" not in said,
           "upgrade: the endpoint is guarded again, the ports are open to it",
           said)
    status, said = guest.run("gmguard-reload")
    tap.ok(not status and "loaded already" in said,
           "upgrade: there is nothing to reload now", said)


def purge(guest, *_):
    """Nothing is left."""
    status, said = guest.run(
        "apt-get -y purge gmguard gmguard-dkms gmguard-dev", 3600)
    tap.ok(not status, "purge: apt removes all three", said[-2000:])
    guest.run("umount /mnt/top /mnt/debs")
    tap.equal(named(guest.run), [], "purge: no file, user, profile, module or "
              "unit is left")
    status, said = guest.run("systemctl list-units --all --plain --no-legend "
                             "'gmguard*' | grep -v not-found; dkms status "
                             "gmguard 2> /dev/null")
    tap.equal(said.strip(), "", "purge: neither systemd nor DKMS knows it")
