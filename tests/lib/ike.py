# SPDX-License-Identifier: GPL-2.0-or-later
"""strongSwan's charon in namespaces of the tests, each with its own socket.

    pair = Pair(("scscf", "10.44.0.2"), ("pcscf", "10.44.0.1"))
    pair.child("zb", reqid=77, mode="transport")
    pair.start()
    pair.here.swanctl("--initiate", "--child", "zb")
"""
import os
import signal
import tempfile

import netns
import state

CHARON = "/usr/sbin/charon-systemd"
SWANCTL = "/usr/sbin/swanctl"

# What Debian's plugins are, but for those that change more than asked for.
STRONGSWAN = """\
charon {
    load_modular = yes
    install_routes = no
    install_virtual_ip = no
    retransmit_timeout = 2.0
    plugins {
        include /etc/strongswan.d/charon/*.conf
        bypass-lan { load = no }
        resolve { load = no }
        stroke { load = no }
        vici { socket = unix://%(dir)s/charon.vici }
    }
    filelog {
        main {
            path = %(dir)s/charon.log
            default = 1
            flush_line = yes
        }
    }
}
"""
CONNECTION = """\
    %(name)s {
        version = 2
        proposals = aes128-sha256-modp2048
        local_addrs = %(here)s
        remote_addrs = %(there)s
        local { auth = psk
            id = %(here)s
        }
        remote { auth = psk
            id = %(there)s
        }
        children {
            %(name)s {
                esp_proposals = aes128-sha256
                mode = %(mode)s
                rekey_time = 0
%(more)s            }
        }
    }
"""
SECRET = """\
    ike-%(name)s {
        id-1 = %(here)s
        id-2 = %(there)s
        secret = of-a-test
    }
"""


class Charon:
    """One of them."""

    def __init__(self, space):
        self.space = space
        self.dir = tempfile.mkdtemp(prefix="gmg-ike-")
        self.connections, self.process = [], None

    def path(self, name):
        return os.path.join(self.dir, name)

    @property
    def vici(self):
        return self.path("charon.vici")

    @property
    def environ(self):
        return {**os.environ, "STRONGSWAN_CONF": self.path("strongswan.conf")}

    def start(self):
        """Until it takes its connections."""
        with open(self.path("strongswan.conf"), "w", encoding="ascii") as f:
            f.write(STRONGSWAN % {"dir": self.dir})
        with open(self.path("swanctl.conf"), "w", encoding="ascii") as f:
            f.write("connections {\n%s}\nsecrets {\n%s}\n" % (
                "".join(CONNECTION % c for c in self.connections),
                "".join(SECRET % c for c in self.connections)))
        os.chmod(self.path("swanctl.conf"), 0o600)
        with open(self.path("charon.err"), "ab") as log:
            self.process = netns.popen(self.space, [CHARON], stdout=log,
                                       stderr=log, env=self.environ)
        if not state.wait(self.answers, 90):
            raise RuntimeError("charon in %s: %s" % (self.space, self.log()))
        self.swanctl("--load-all", "--noprompt", "--file",
                     self.path("swanctl.conf"))

    def answers(self):
        return os.path.exists(self.vici) and \
            not self.swanctl("--stats", check=False).returncode

    def swanctl(self, verb, *args, check=True):
        """swanctl(8) at its socket."""
        done = netns.run(self.space, [SWANCTL, verb, "--uri",
                                      "unix://" + self.vici, *args],
                         check=False, env=self.environ)
        if check and done.returncode:
            raise RuntimeError("swanctl %s: %s%s\n%s" % (
                verb, done.stdout, done.stderr, self.log()))
        return done

    def initiate(self, name):
        self.swanctl("--initiate", "--child", name)

    def terminate(self, name):
        self.swanctl("--terminate", "--child", name)

    def log(self):
        """Its last lines."""
        text = ""
        for name in ("charon.err", "charon.log"):
            if os.path.exists(self.path(name)):
                with open(self.path(name), encoding="utf-8",
                          errors="replace") as f:
                    text += "".join(f.readlines()[-25:])
        return text

    def kill(self, sig=signal.SIGKILL):
        """It ends; by SIGKILL its SAs stay."""
        self.process.send_signal(sig)
        self.process.wait(60)
        self.process = None

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGCONT)
            self.kill(signal.SIGTERM)


class Pair:
    """Two of them that know each other."""

    def __init__(self, here, there):
        self.here, self.there = Charon(here), Charon(there)

    def child(self, name, addrs, mode="transport", nets=None, **more):
        """A connection with one child of the same name. addrs: here, there;
        nets: the same of what is behind them; more: keys of the child here,
        such as reqid."""
        for one, step, own in ((self.here, 1, more), (self.there, -1, {})):
            here, there = addrs[::step]
            keys = dict(own)
            if nets:
                keys["local_ts"], keys["remote_ts"] = nets[::step]
            one.connections.append({
                "name": name, "here": here, "there": there, "mode": mode,
                "more": "".join(" " * 16 + "%s = %s\n" % item
                                for item in keys.items())})

    def start(self):
        for one in (self.here, self.there):
            one.start()

    def stop(self):
        for one in (self.here, self.there):
            one.stop()
            netns.ip("xfrm policy flush\nxfrm state flush\n", one.space)


class Agent:
    """gmguardd that follows charon, and gmguard that asks it."""

    CONF = "/etc/gmguard/gmguard.conf"
    TEXT = """\
[agent]
listen_tcp = off
listen_unix = %(dir)s/gmguardd.sock
listen_metrics = %(dir)s/metrics.sock
vici = %(vici)s
"""

    def __init__(self, space, vici):
        self.space, self.vici = space, vici
        self.dir = tempfile.mkdtemp(prefix="gmg-agent-")
        self.process = None
        self.top = os.path.join(os.environ["GMGUARD_TOP"], "agent")

    def program(self, name):
        return os.environ.get(name.upper()) or os.path.join(self.top, name)

    def configure(self):
        os.makedirs(os.path.dirname(self.CONF), exist_ok=True)
        with open(self.CONF, "w", encoding="ascii") as f:
            f.write(self.TEXT % {"dir": self.dir, "vici": self.vici})

    def start(self, prefix=()):
        """Until it is ready; prefix: what runs it, such as setpriv(1)."""
        self.configure()
        with open(os.path.join(self.dir, "log"), "ab") as log:
            mark = log.tell()
            self.process = netns.popen(
                self.space, [*prefix, self.program("gmguardd")], stdout=log,
                stderr=log)
        self.wait("is ready", mark)

    def log(self):
        with open(os.path.join(self.dir, "log"), encoding="utf-8") as f:
            return f.read()

    def mark(self):
        """Where the log ends now."""
        return len(self.log())

    def wait(self, text, mark=0, timeout=120):
        """Until the log has a text behind a mark; its line."""
        def line():
            return [one for one in self.log()[mark:].splitlines()
                    if text in one]
        found = state.wait(line, timeout)
        if not found:
            raise RuntimeError("gmguardd did not say %r:\n%s"
                               % (text, self.log()))
        return found[0]

    def gmguard(self, *args):
        """What gmguard prints."""
        done = netns.run(self.space, [self.program("gmguard"), *args],
                         check=False)
        return done.stdout + done.stderr

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(60)
            self.process = None
