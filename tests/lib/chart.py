# SPDX-License-Identifier: GPL-2.0-or-later
"""A sequence chart of what really happened, from packets and events.

    watch = Watch(RPC_PORT); ...; print(chart(watch.steps(sets)))

Watch captures the access link, the core link, the RPC connection between
Kamailio and gmguardd, and "gmguard monitor". steps() makes one list of them, in
the order of the kernel's clock, without anything that differs from run to run:
ports, SPIs and set ids become the names that TS 33.203 7.1 gives them. Nothing
but names of methods, header fields and parameters gets into it, no value that
could be a key.
"""
import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import datetime

import netns
from esp import ESP, TCP, UDP, ip
from sipmsg import Message, digest_params
from sniff import Packet, Sniffer

NAMES = ("UE", "gmguard.ko", "Kamailio", "gmguardd", "S-CSCF")
UE, KERNEL, PROXY, AGENT, CORE = range(5)
COLUMNS = (2, 23, 46, 60, 76)
WIDTH = 80
GMGUARD = os.path.join(os.path.dirname(os.path.realpath(__file__)),
                       "..", "..", "agent", "gmguard")


class Step:
    """What one column did: an arrow to another one with words on it and below
    it (two of each on the access link, before and behind the kernel); without
    target a note; without source a title."""

    def __init__(self, time, source, target, words, below=""):
        self.time, self.source, self.target = time, source, target
        self.words, self.below = words, below


# ----- drawing -------------------------------------------------------------
def lifelines():
    line = [" "] * WIDTH
    for column in COLUMNS:
        line[column] = "|"
    return line


def put(line, at, text):
    line[at:at + len(text)] = text


def arrow(line, source, target, words=""):
    """Between two columns: "|--words---->|"."""
    left, right = sorted((COLUMNS[source], COLUMNS[target]))
    put(line, left + 1, "-" * (right - left - 1))
    put(line, left + 3, words)
    if source < target:
        line[right - 1] = ">"
    else:
        line[left + 1] = "<"


def draw_access(step):
    """Through the kernel: what the wire shows on the left of it, what it
    shows to the proxy on the right."""
    line, below = lifelines(), lifelines()
    ends = [(UE, KERNEL), (KERNEL, PROXY)]
    for (left, right), word, text in zip(ends, step.words, step.below):
        source, target = (left, right) if step.source == UE else (right, left)
        arrow(line, source, target, word)
        put(below, COLUMNS[left] + 2, text)
    return [line, below]


def draw(step):
    """Lines of one step."""
    if step.source is None:
        return [("= " + step.words + " ").ljust(WIDTH, "=")]
    if step.target is None:
        line = lifelines()
        put(line, COLUMNS[step.source], "* " + step.words + " ")
        return [line]
    if UE in (step.source, step.target):
        return draw_access(step)
    line = lifelines()
    arrow(line, step.source, step.target, step.words)
    lines = [line]
    if step.below:
        below = lifelines()
        put(below, COLUMNS[min(step.source, step.target)] + 2, step.below)
        lines.append(below)
    return lines


def heading():
    line = [" "] * WIDTH
    for column, name in zip(COLUMNS, NAMES):
        at = max(0, min(column - len(name) // 2, WIDTH - len(name)))
        put(line, at, name)
    return line


def chart(steps):
    """The whole chart as text."""
    lines = [heading(), lifelines()]
    for step in steps:
        lines += draw(step)
    lines.append(lifelines())
    return "".join("".join(line).rstrip() + "\n" for line in lines)


# ----- messages ------------------------------------------------------------
def has_parameter(message, header, name):
    return any(name in digest_params(v) for v in message.all(header))


def sip_name(message, link):
    """"REGISTER (SM1)": a message by its place in TS 33.203 7.2. link: "gm" or
    "core"."""
    name = str(message.code) if message.is_response else message.method
    if message.method != "REGISTER":
        return name
    # a REGISTER or its answer: before or after the challenge was answered?
    if message.is_response:
        number = {401: (6, 5), 200: (12, 11)}.get(message.code)
    elif digest_params(message.get("Authorization")).get("response"):
        number = (7, 8)
    else:
        number = (1, 2)
    return "%s (SM%d)" % (name, number[link == "core"]) if number else name


def drawn(message):
    """The messages of the story. What the P-CSCF does for itself beside it,
    its subscription to the registration's state, is none."""
    return message.method in ("REGISTER", "MESSAGE")


def sip_header(message):
    """The header field of security agreement that matters in it, or ""."""
    if message.method != "REGISTER":
        return ""
    for name in ("Security-Verify", "Security-Client", "Security-Server"):
        if message.all(name):
            return name
    return ""


def core_detail(message):
    """What a message says to the core side about keys and protection."""
    if message.method != "REGISTER":
        return ""
    value = digest_params(message.get("Authorization"))
    if "integrity-protected" in value:
        return "integrity-protected=" + value["integrity-protected"]
    keys = [k for k in ("ck", "ik")
            if has_parameter(message, "WWW-Authenticate", k)]
    return "with " + " and ".join(keys) if keys else ""


class Netstrings:
    """Cuts netstrings out of one direction of a TCP connection."""

    def __init__(self):
        self.data = b""
        self.next = None

    def feed(self, packet):
        """The JSON texts that a segment completes."""
        if self.next is not None and packet.seq != self.next:
            return []           # sent again
        self.next = (packet.seq + len(packet.payload)) & 0xffffffff
        self.data += packet.payload
        texts = []
        while True:
            found = re.match(rb"(\d+):", self.data)
            if not found or len(self.data) <= found.end() + int(found[1]):
                return texts
            end = found.end() + int(found[1])
            texts.append(json.loads(self.data[found.end():end]))
            self.data = self.data[end + 1:]


# ----- capturing -----------------------------------------------------------
class Events:
    """gmguard monitor, first in the queue for the only CPU: it reads each event
    when that is sent, before any other program can go on."""

    def __init__(self):
        self.process = netns.popen("pcscf", [GMGUARD, "-j", "monitor",
                                             "events"],
                                   stdout=subprocess.PIPE)
        os.sched_setscheduler(self.process.pid, os.SCHED_FIFO,
                              os.sched_param(50))

    def ready(self):
        """It takes signals as soon as it is subscribed."""
        with open("/proc/%d/status" % self.process.pid,
                  encoding="ascii") as f:
            caught = re.search(r"^SigCgt:\s*(\w+)", f.read(), re.M)[1]
        return bool(int(caught, 16) >> signal.SIGTERM - 1 & 1)

    def end(self):
        """All events: (nanoseconds since 1970, JSON object)."""
        self.process.send_signal(signal.SIGTERM)
        lines = self.process.communicate(timeout=60)[0].splitlines()
        return [(nanoseconds(e["time"]), e) for e in map(json.loads, lines)]


def nanoseconds(text):
    """Of "2026-11-24T02:10:00.123456Z"."""
    when = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    when -= datetime(1970, 1, 1)
    return (when.days * 86400 + when.seconds) * 10 ** 9 + \
        when.microseconds * 1000


class Watch:
    """Captures until steps() is called. one_cpu() comes first, before any
    other program is started."""

    @staticmethod
    def one_cpu():
        """This program and what it starts stay on one CPU, see Events."""
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

    def __init__(self, rpc_port):
        self.rpc_port = rpc_port
        self.access = Sniffer("pcscf")
        self.core = Sniffer("pcscf-core")
        self.rpc = Sniffer("lo", "pcscf")
        self.events = Events()
        self.titles = []

    def title(self, text):
        """From now on this is shown."""
        self.titles.append(Step(time.time_ns(), None, None, text))

    def steps(self, sets):
        """What happened, in order. sets: the UE's SaSet objects, oldest
        first."""
        events = self.events.end()
        numbers = {e["sa_set"]["id"]: n for _, e in events if "sa_set" in e
                   for n, sa in enumerate(sets, 1)
                   if sa.spi_ps == e["sa_set"]["spi_ps"]}
        found = self.titles + list(access_steps(self.access.poll(), sets)) + \
            list(core_steps(self.core.poll())) + \
            list(rpc_steps(self.rpc.poll(), self.rpc_port, numbers)) + \
            list(event_steps(events, numbers))
        for sniffer in (self.access, self.core, self.rpc):
            sniffer.close()
        return sorted(found, key=lambda step: step.time)


class Once:
    """Knows what was there before: a datagram that is sent again is not drawn
    again."""

    def __init__(self):
        self.seen = set()

    def __call__(self, packet, message):
        key = (packet.src, packet.dst, message.start, message.branch,
               message.get("CSeq"))
        new = key not in self.seen
        self.seen.add(key)
        return new


def access_steps(packets, sets):
    """What went over the access link, ESP opened with the UE's keys."""
    sas = {}        # SPI: number of the set, name of the SA, an Esp
    for number, sa in enumerate(sets, 1):
        for name in sa.directions():
            esp = sa.esp(name)
            sas[esp.spi] = (number, name, esp)
    pcscf = netns.access_addr("pcscf")
    once = Once()
    for packet in packets:
        where, ports = "in clear", {5060: "5060"}
        inner = packet
        if packet.protocol == ESP:
            number, name, esp = sas[packet.spi]
            payload, protocol, _ = esp.open(packet.payload)
            inner = Packet(ip(packet.src, packet.dst, protocol, payload))
            where = "ESP, SA %s of set %d" % (name, number)
            sa = sets[number - 1]
            ports = {getattr(sa, p): p for p in ("port_uc", "port_us",
                                                 "port_pc", "port_ps")}
        if inner.protocol not in (UDP, TCP) or not inner.payload.strip():
            continue
        message = Message.parse(inner.payload)
        if not drawn(message) or not once(packet, message):
            continue
        source, target = (PROXY, UE) if packet.src == pcscf else (UE, PROXY)
        flow = "%s %s > %s" % (
            "udp" if inner.protocol == UDP else "tcp",
            ports.get(inner.sport, "any"), ports.get(inner.dport, "any"))
        yield Step(packet.time, source, target,
                   (sip_name(message, "gm"), sip_header(message)),
                   (where, flow))


def core_steps(packets):
    """SIP between the P-CSCF and the S-CSCF."""
    pcscf = netns.core_addr("pcscf")
    once = Once()
    for packet in packets:
        if packet.protocol != UDP or not packet.payload.strip():
            continue
        message = Message.parse(packet.payload)
        if not drawn(message) or not once(packet, message):
            continue
        source, target = (PROXY, CORE) if packet.src == pcscf else \
            (CORE, PROXY)
        yield Step(packet.time, source, target, sip_name(message, "core"),
                   core_detail(message))


def rpc_steps(packets, port, numbers):
    """Calls of the proxy and the agent's answers: names only. numbers: of the
    sets by their ids."""
    streams = {}
    for packet in packets:
        if packet.protocol != TCP or port not in (packet.sport, packet.dport) \
                or not packet.payload:
            continue
        stream = streams.setdefault((packet.sport, packet.dport),
                                    Netstrings())
        for text in stream.feed(packet):
            if packet.dport == port:
                yield Step(packet.time, PROXY, AGENT, text["method"])
            else:
                yield Step(packet.time, AGENT, PROXY, answer(text, numbers))


def answer(text, numbers):
    """The agent's answer in a word: what to do, else about which set."""
    if "error" in text:
        return "error"
    result = text["result"]
    return result.get("action") or "set %d" % numbers[result["set"]]


def event_steps(events, numbers):
    """Notes on phases and use of the sets."""
    known = {}
    for when, event in events:
        shown = event.get("sa_set")
        if not shown or shown["id"] not in numbers:
            continue
        state = (shown["phase"], shown["in_use"], shown["cause"])
        if event["event"] == "sa-set-change" and \
                known.get(shown["id"]) == state:
            continue        # only its lifetime or the agent's data
        known[shown["id"]] = state
        seconds = -(-shown["lifetime_ms"] // 1000)
        text = "%s: set %d %s" % (event["event"], numbers[shown["id"]],
                                  shown["phase"])
        if event["event"] == "sa-set-del":
            text += ", " + shown["cause"]
        else:
            text += ", %d s%s" % (seconds, ", in use" if shown["in_use"]
                                  else "")
        yield Step(when, KERNEL, None, text)


# ----- the README ----------------------------------------------------------
BEGIN = "<!-- chart: written by \"make chart\" -->\n"
END = "<!-- chart: end -->\n"


def block(text):
    """What stands between the markers."""
    return BEGIN + "```\n" + text + "```\n" + END


def in_file(text):
    """The block of a file, or None."""
    found = re.search(re.escape(BEGIN) + ".*?" + re.escape(END), text, re.S)
    return found and found.group()


def replace(text, new):
    """The text with another chart in it."""
    old = in_file(text)
    if old is None:
        raise ValueError("no line " + BEGIN.strip())
    return text.replace(old, block(new))


def main():
    """chart.py FILE CHART: puts the text of CHART between FILE's markers."""
    name, drawing = sys.argv[1:]
    with open(drawing, encoding="utf-8") as file:
        new = file.read()
    with open(name, encoding="utf-8") as file:
        text = file.read()
    with open(name, "w", encoding="utf-8") as file:
        file.write(replace(text, new))


if __name__ == "__main__":
    main()
