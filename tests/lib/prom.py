# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads metrics as Prometheus does, and runs a real one beside gmguardd.

    text = scrape()                     # from gmguardd in namespace pcscf
    values = samples(text)              # {("up", ("job", "x")...): 1.0}
    p = Prometheus(); p.start()
    p.query("up")                       # [{"metric": {...}, "value": ...}]
"""
import http.client
import json
import os
import re
import socket
import subprocess
import tempfile
import time
import urllib.parse

import netns

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
ADDRESS = "127.0.0.1:9733"
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
SAMPLE = re.compile(r"(\w+)(?:\{(.*)\})? (\S+)$")

CONFIG = """\
global:
  scrape_interval: %(interval)s
  evaluation_interval: %(interval)s
rule_files:
  - %(top)s/contrib/prometheus/alerts.yml
scrape_configs:
  - job_name: gmguard
    static_configs:
      - targets: ["%(address)s"]
"""


class _Local(http.client.HTTPConnection):
    """HTTP over a UNIX socket."""

    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def get(path, address=ADDRESS, method="GET", timeout=60):
    """(status, headers, text) of an answer; address: or a UNIX socket."""
    http_ = _Local(address, timeout) if address.startswith("/") else \
        http.client.HTTPConnection(address, timeout=timeout)
    with netns.ns("pcscf"):
        http_.connect()
    http_.request(method, path)
    answer = http_.getresponse()
    text = answer.read().decode()
    http_.close()
    return answer.status, answer.headers, text


def scrape(address=ADDRESS):
    status, _, text = get("/metrics", address)
    if status != 200:
        raise RuntimeError("GET /metrics: %d %s" % (status, text))
    return text


def samples(text):
    """The samples; a key is a name and pairs of label and value."""
    values = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, labels, value = SAMPLE.match(line).groups()
        values[(name,) + tuple(LABEL.findall(labels or ""))] = float(value)
    return values


class Prometheus:
    """A real one in namespace pcscf, which has the alert rules."""

    def __init__(self, port=9090, interval="1s"):
        self.address = "127.0.0.1:%d" % port
        self.dir = tempfile.mkdtemp(prefix="gmg-prom-")
        with open(self.dir + "/prometheus.yml", "w", encoding="ascii") as f:
            f.write(CONFIG % {"interval": interval, "top": TOP,
                              "address": ADDRESS})
        self.process = None

    def start(self, timeout=300):
        """Until it answers; how long that took."""
        begin = time.monotonic()
        with open(self.dir + "/log", "wb") as log:
            self.process = netns.popen("pcscf", [
                "prometheus", "--config.file=%s/prometheus.yml" % self.dir,
                "--storage.tsdb.path=%s/data" % self.dir,
                "--web.listen-address=" + self.address], stdout=log,
                stderr=log)
        while not self._is_ready():
            if self.process.poll() is not None or \
                    time.monotonic() - begin > timeout:
                raise RuntimeError("prometheus did not come up:\n"
                                   + self.log())
            time.sleep(0.2)
        return time.monotonic() - begin

    def _is_ready(self):
        try:
            return get("/-/ready", self.address)[0] == 200
        except OSError:
            return False

    def log(self):
        with open(self.dir + "/log", encoding="utf-8") as f:
            return f.read()

    def api(self, path, **params):
        status, _, text = get("/api/v1/%s?%s" % (
            path, urllib.parse.urlencode(params)), self.address)
        answer = json.loads(text)
        if status != 200:
            raise ValueError("%s: %s" % (params, answer.get("error")))
        return answer["data"]

    def query(self, expr):
        """The vector that it is now."""
        return self.api("query", query=expr)["result"]

    def alerts(self):
        """{name: state} of those that are pending or firing."""
        return {a["labels"]["alertname"]: a["state"]
                for a in self.api("alerts")["alerts"]}

    def wait(self, condition, timeout=120):
        """Until a function of this object returns something; returns it."""
        end = time.monotonic() + timeout
        while not (got := condition(self)) and time.monotonic() < end:
            time.sleep(0.2)
        return got

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
