# SPDX-License-Identifier: GPL-2.0-or-later
"""UEs that write their REGISTERs as real ones do: the files of tests/corpus/ue.

    sample = Sample("zte-a2022p")
    ue = FieldUE("ue1", sample, sim)        # transport and IP version: its own
    await ue.register(sa=ue.first_set())    # SM1 is the file, byte for byte

Only what has to differ does: addresses, and in later REGISTERs CSeq, branch,
nonce and response, the ports of Via and Contact, SPIs and ports of a new set.
"""
import os
import re

import milenage
import netns
from sipmsg import Message, digest_params, mechanisms
from sipua import bound
from ue import UE, SaSet, Sim

FOLDER = os.path.join(os.path.dirname(os.path.realpath(__file__)),
                      "..", "corpus", "ue")
ADDRESS = {4: "192.0.2.11", 6: "2001:db8::11"}
ENDS = ("spi-c", "spi-s", "port-c", "port-s")


def names():
    """All samples."""
    return sorted(f[:-4] for f in os.listdir(FOLDER)
                  if f.endswith(".sip") and not f.endswith(".sm7.sip"))


class Verbatim(Message):
    """A message whose header fields stay as they were written, folds and
    blanks behind the colon included."""

    @classmethod
    def of(cls, text):
        head, _, body = text.partition("\r\n\r\n")
        lines = re.split(r"\r\n(?![ \t])", head)
        return cls(lines[0], [line.split(":", 1) for line in lines[1:]],
                   body.encode())

    def build(self):
        return (self.start + "\r\n" + "".join(
            "%s:%s\r\n" % (n, v) for n, v in self.headers) +
            "\r\n").encode() + self.body

    def get(self, name, default=""):
        return super().get(name, default).strip()

    def add(self, name, value):
        return super().add(name, " " + value)

    def edit(self, name, change):
        """Each value of a header field becomes change(value)."""
        self.headers = [
            (n, change(v)) if Message("", [(n, v)]).all(name) else (n, v)
            for n, v in self.headers]


class Sample:
    """One file, and what it says."""

    def __init__(self, name):
        self.name = name
        self.sm1 = self._read(name + ".sip")
        self.sm7 = self._read(name + ".sm7.sip") or self.sm1
        self.version = 6 if ADDRESS[6] in self.sm1 else 4
        msg = Message.parse(self.sm1.encode())
        self.transport = msg.get("Via").split()[0].split("/")[2].lower()
        self.impi = digest_params(msg.get("Authorization"))["username"]
        self.impu = msg.get("To").strip("<>")
        offers = [m for m in mechanisms(", ".join(msg.all("Security-Client")))
                  if m[""] == "ipsec-3gpp"]
        self.offers = [(m["alg"], m.get("ealg", "null")) for m in offers]
        self.ends = {n: int(offers[0][n]) for n in ENDS}

    @staticmethod
    def _read(name):
        path = os.path.join(FOLDER, name)
        if not os.path.exists(path):
            return ""
        with open(path, encoding="utf-8") as file:
            return file.read().replace("\n", "\r\n")


class FieldSim(Sim):
    """Remembers the last RES: some UEs answer with qop."""
    res = None

    def authenticate(self, nonce):
        result = super().authenticate(nonce)
        self.res = result[0]
        return result


class FieldUE(UE):
    def __init__(self, namespace, sample, sim):
        self.sample = sample
        super().__init__(namespace,
                         netns.access_addr(namespace, sample.version),
                         netns.access_addr("pcscf", sample.version), sim,
                         sample.transport, sample.offers,
                         port_us=sample.ends["port-s"])
        self._sent = 0
        self._unprotected = None

    def first_set(self):
        """With the SPIs and ports of the sample."""
        ends = self.sample.ends
        return SaSet(self, ends["port-c"], ends["spi-c"], ends["spi-s"])

    def text(self, template):
        """With this UE's address."""
        return template.replace(ADDRESS[self.sample.version], self.addr)

    async def flow(self, sa=None):
        """Over UDP, unprotected requests leave from the port in Via."""
        if sa is None and self.transport == "udp" and None not in self._flows:
            with self._enter():
                sock = bound(self.addr, 5060)
            self._flows[None] = self.udp(sock)(self.pcscf, self.pcscf_port)
            self._unprotected = self._closers[-1]
        return await super().flow(sa)

    def leave_unprotected(self):
        """Gives port 5060 back; everything else goes on."""
        if self._unprotected:
            self._closers.remove(self._unprotected)
            self._unprotected()
            self._unprotected = None
            del self._flows[None]

    # ----- writing ---------------------------------------------------------
    def _with_port(self, value):
        """The first URI or sent-by of this host gets port_us."""
        host = "[%s]" % self.addr if ":" in self.addr else self.addr
        return re.sub(re.escape(host) + r"(?::\d+)?",
                      "%s:%d" % (host, self.port_us), value, count=1)

    @staticmethod
    def _with_ends(value, sa):
        """Security-Client with SPIs and ports of a set."""
        for name, number in zip(ENDS, (sa.spi_uc, sa.spi_us, sa.port_uc,
                                       sa.port_us)):
            value = re.sub(name + r"=\d+", "%s=%d" % (name, number), value)
        return value

    @staticmethod
    def _with_auth(value, auth):
        """Parameters are filled in where they stand, others come behind."""
        for name, text in auth.items():
            new = "%s=%s" % (name, text if name == "algorithm" else
                             '"%s"' % text)
            value, found = re.subn(
                r'(?<![\w-])%s=("[^"]*"|[^",\s]*)' % name, lambda _, n=new: n,
                value)
            if not found:
                value += "," + new
        return value

    @property
    def contact(self):
        msg = Verbatim.of(self.text(self.sample.sm1))
        return re.search(r"<([^>]*)>", self._with_port(
            msg.get("Contact"))).group(1)

    def _register_request(self, flow, via_sa, sa, expires, auth):
        sample = self.sample.sm7 if auth.get("response") else self.sample.sm1
        msg = Verbatim.of(self.text(sample))
        first = Verbatim.of(self.sample.sm1)
        sent, self._sent = self._sent, self._sent + 1
        if not sent:
            return msg
        msg.edit("CSeq", lambda _: " %d REGISTER" % (first.cseq + sent))
        msg.edit("Via", lambda v: re.sub(r"branch=[^;]*",
                                         r"\g<0>x%d" % sent, v))
        if via_sa:
            msg.edit("Via", self._with_port)
            msg.edit("Contact", self._with_port)
        msg.edit("Security-Client", lambda v: self._with_ends(v, sa))
        msg.edit("Authorization", lambda v: self._with_auth(v, auth))
        if not expires:
            msg.edit("Expires", lambda _: " 0")
            msg.edit("Contact", lambda v: re.sub(r"expires=\d+", "expires=0",
                                                 v))
        return msg

    def challenged(self, answer, install=True, sa=None):
        auth = super().challenged(answer, install, sa)
        own = digest_params(Message.parse(self.sample.sm7.encode()).get(
            "Authorization"))
        if "qop" in own:
            auth["response"] = milenage.digest(
                self.sim.impi, self.sim.realm, self.sim.res, auth["nonce"],
                "REGISTER", "sip:" + self.sim.realm, own["qop"], own["nc"],
                own["cnonce"])
        return auth
