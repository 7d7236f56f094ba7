# SPDX-License-Identifier: GPL-2.0-or-later
"""What the test UE and the registrar share: transports, transactions, dialogs.

Everything runs in one asyncio loop. All messages are kept in .log, and wait()
waits for one of them, so that no test needs to sleep.
"""
import asyncio
import socket
import time

from sipmsg import Message, StreamParser, host_port, token, uri_of

TIMEOUT = 30        # generous: the CPU may be emulated
T1 = 2.0            # 24.229 7.7, towards a UE


class Timeout(Exception):
    """What a test waited for did not come."""


class Flow:
    """One way to the peer: a UDP socket and an address, or a connection."""

    def __init__(self, transport, local, remote, write):
        self.transport, self.local, self.remote = transport, local, remote
        self.write = write

    def __str__(self):
        return "%s %s -> %s" % (self.transport, host_port(*self.local),
                                host_port(*self.remote))


class Entry:
    """One message in a log. direction: "in" or "out"."""

    def __init__(self, direction, flow, msg):
        self.time = time.time()
        self.direction, self.flow, self.msg = direction, flow, msg

    def __str__(self):
        arrow = "<-" if self.direction == "in" else "->"
        return "%s %s %s" % (arrow, self.flow, self.msg)


def bound(addr, port, kind=socket.SOCK_DGRAM):
    """A bound, non-blocking socket of the namespace that the thread is in."""
    family = socket.AF_INET6 if ":" in addr else socket.AF_INET
    s = socket.socket(family, kind)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setblocking(False)
    s.bind((addr, port))
    return s


class Agent:
    def __init__(self, name):
        self.name = name
        self.log = []
        self._waiters = []
        self._pending = {}
        self._answered = {}
        self._closers = []
        self._tasks = set()

    # ----- transports ------------------------------------------------------
    def udp(self, sock):
        """Takes a bound socket into use; returns a function that makes the
        flow to an address."""
        loop = asyncio.get_running_loop()
        local = sock.getsockname()[:2]

        def to(addr, port):
            return Flow("udp", local, (addr, port),
                        lambda data: sock.sendto(data, (addr, port)))

        def readable():
            while True:
                try:
                    data, peer = sock.recvfrom(65535)
                except BlockingIOError:
                    return
                except OSError as e:
                    self.note("udp %s: %s" % (local, e))
                    return
                if data.strip(b"\r\n\0"):
                    self._received(Message.parse(data), to(*peer[:2]))

        def close():
            loop.remove_reader(sock.fileno())
            sock.close()

        loop.add_reader(sock.fileno(), readable)
        self._closers.append(close)
        return to

    async def listen_tcp(self, sock):
        async def serve(reader, writer):
            self.serve_stream(reader, writer)
        server = await asyncio.start_server(serve, sock=sock)
        self._closers.append(server.close)

    async def connect_tcp(self, sock, remote, timeout=TIMEOUT):
        """Connects a bound socket; returns the flow."""
        loop = asyncio.get_running_loop()
        try:
            await asyncio.wait_for(loop.sock_connect(sock, remote), timeout)
        except asyncio.TimeoutError:
            sock.close()
            raise Timeout("TCP connection to %s:%d" % remote) from None
        except OSError:
            sock.close()
            raise
        reader, writer = await asyncio.open_connection(sock=sock)
        return self.serve_stream(reader, writer)

    def serve_stream(self, reader, writer):
        flow = Flow("tcp", writer.get_extra_info("sockname")[:2],
                    writer.get_extra_info("peername")[:2], writer.write)
        flow.writer = writer

        async def read():
            parser = StreamParser()
            try:
                while True:
                    data = await reader.read(65535)
                    if not data:
                        break
                    for msg in parser.feed(data):
                        self._received(msg, flow)
            except OSError as e:
                self.note("%s: %s" % (flow, e))
            writer.close()
            flow.closed.set()

        flow.closed = asyncio.Event()
        self._closers.append(writer.close)
        self.spawn(read())
        return flow

    def spawn(self, coroutine):
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def close(self):
        for close in self._closers:
            close()
        self._closers = []
        for task in list(self._tasks):
            task.cancel()

    def note(self, text):
        self.log.append(text)

    # ----- messages --------------------------------------------------------
    def send(self, msg, flow):
        self._add(Entry("out", flow, msg))
        flow.write(msg.build())

    def _add(self, entry):
        self.log.append(entry)
        for waiter in list(self._waiters):
            match, future = waiter
            if not future.done() and match(entry):
                future.set_result(entry)

    def entries(self, match=None, start=0):
        return [e for e in self.log[start:] if isinstance(e, Entry) and
                (match is None or match(e))]

    def mark(self):
        """Where the log ends now: start of a later entries() or wait()."""
        return len(self.log)

    async def wait(self, match, start=0, timeout=TIMEOUT):
        """The first entry from start on that matches, old or new."""
        for entry in self.entries(match, start):
            return entry
        future = asyncio.get_running_loop().create_future()
        waiter = (match, future)
        self._waiters.append(waiter)
        try:
            return await asyncio.wait_for(future, timeout)
        except asyncio.TimeoutError:
            raise Timeout("%s waited in vain" % self.name) from None
        finally:
            self._waiters.remove(waiter)

    async def wait_request(self, method, start=0, timeout=TIMEOUT):
        return await self.wait(
            lambda e: e.direction == "in" and not e.msg.is_response and
            e.msg.method == method, start, timeout)

    def _received(self, msg, flow):
        self._add(Entry("in", flow, msg))
        if msg.is_response:
            queue = self._pending.get((msg.branch, msg.method))
            if queue:
                queue.put_nowait(msg)
            return
        key = (msg.branch, msg.method, msg.get("Call-ID"))
        if msg.method != "ACK" and key in self._answered:
            again = self._answered[key]
            if again:
                self.send(*again)
            return
        self._answered[key] = None
        self.on_request(msg, flow)

    def reply(self, req, flow, code, headers=(), body=b"", reason=None,
              to_tag=None):
        answer = Message.response(req, code, headers, body, reason,
                                  to_tag or (token(4) if code > 100 else None))
        back = self.reply_flow(req, flow)
        self._answered[(req.branch, req.method, req.get("Call-ID"))] = \
            (answer, back)
        self.send(answer, back)
        return answer

    def reply_flow(self, req, flow):
        """Where the answer to req goes; flow is where req came from."""
        del req
        return flow

    def on_request(self, msg, flow):
        raise NotImplementedError

    async def transact(self, msg, flow, timeout=TIMEOUT, resend=True):
        """Sends a request and returns its final answer; answers before that
        are in the log. None when nothing came in time."""
        key = (msg.branch, msg.method)
        queue = self._pending[key] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        interval = T1
        again = loop.time() + interval
        self.send(msg, flow)
        provisional = False
        try:
            while True:
                repeat = resend and flow.transport == "udp" and \
                    not (provisional and msg.method == "INVITE")
                until = min(end, again) if repeat else end
                try:
                    answer = await asyncio.wait_for(
                        queue.get(), max(0.01, until - loop.time()))
                except asyncio.TimeoutError:
                    if loop.time() >= end:
                        return None
                    flow.write(msg.build())
                    interval = min(2 * interval, 16)
                    again = loop.time() + interval
                    continue
                if answer.code >= 200:
                    return answer
                provisional = True
        finally:
            del self._pending[key]


class Dialog:
    """One side of a dialog, from the request or the answer that made it."""

    def __init__(self, call_id, local, remote, target, routes, cseq=1):
        self.call_id, self.local, self.remote = call_id, local, remote
        self.target, self.routes, self.cseq = target, routes, cseq

    @classmethod
    def uac(cls, answer):
        return cls(answer.get("Call-ID"), answer.get("From"),
                   answer.get("To"), uri_of(answer.get("Contact")),
                   list(reversed(answer.values("Record-Route"))), answer.cseq)

    @classmethod
    def uas(cls, req, answer):
        return cls(req.get("Call-ID"), answer.get("To"), req.get("From"),
                   uri_of(req.get("Contact")), req.values("Record-Route"))

    def request(self, method, via, cseq=None):
        """via: transport, host and port of the top Via."""
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        msg = Message.request(method, self.target, [
            ("Via", "SIP/2.0/%s %s;branch=z9hG4bK%s"
             % (via[0].upper(), host_port(via[1], via[2]), token())),
            ("Max-Forwards", "70")])
        for route in self.routes:
            msg.add("Route", route)
        for name, value in (("From", self.local), ("To", self.remote),
                            ("Call-ID", self.call_id),
                            ("CSeq", "%d %s" % (cseq, method))):
            msg.add(name, value)
        return msg

    @property
    def next_hop(self):
        return uri_of(self.routes[0]) if self.routes else self.target
