# SPDX-License-Identifier: GPL-2.0-or-later
"""Security-Client as no UE writes it, through the real proxy: a clear refusal
or a tolerant reading, nothing stays behind, and the next UE registers."""
import asyncio

import sipua
import tap
from regbench import TCP, UDP, code, over
from sipmsg import Message

ENDS = ";spi-c=%(spi_c)d;spi-s=%(spi_s)d;port-c=%(port_c)d;port-s=%(port_s)d"
ONE = "ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-cbc" + ENDS
REFUSED = (400, 403, 421, 494)
# What no text can hold.
BYTES = {b"{NUL}": b"\0", b"{FF}": b"\xff\xfe"}

# name, value, what may be answered
# 0: over TCP the kernel resets the connection.
VALUES = [
    ("an SPI of 40 digits", ONE.replace("spi-c=%(spi_c)d", "spi-c=" + "1" * 40),
     REFUSED),
    ("a negative SPI", ONE.replace("spi-c=%(spi_c)d", "spi-c=-1085945530"),
     REFUSED),
    ("a parameter twice", ONE + ";alg=hmac-md5-96", REFUSED),
    ("64 alternatives", ",".join(["tls"] * 63 + [ONE]), (401,)),
    ("65 alternatives", ",".join(["tls"] * 64 + [ONE]), REFUSED),
    ("17 parameters", ONE + "".join(";x%d" % i for i in range(11)), REFUSED),
    ("folded at every separator",
     ONE.replace(";", "\r\n ;\r\n\t").replace("=", "\r\n =\r\n "), (401,)),
    ("folded inside a token", ONE.replace("sha-1", "sha\r\n -1"), REFUSED),
    ("an unfinished string", ONE + ';x="', REFUSED),
    ("a control character", ONE + ';x="\x01"', REFUSED + (0,)),
    ("bytes that are no UTF-8", ONE + ';x="{FF}"', REFUSED),
    ("nothing but separators", ";=,;=,", REFUSED),
    ("an empty value", "", REFUSED),
    # for Kamailio that is a blank at the end of the line
    ("a NUL behind it", ONE + "{NUL}", (401, 0)),
    ("a NUL in a token", ONE.replace("sha-1", "sha{NUL}-1"), REFUSED + (0,)),
]
# Over TCP; 0: the connection is closed.
LARGE = [
    ("10,000 alternatives", ",".join(["tls"] * 10000), REFUSED + (0, 413, 513)),
    ("1 MB", ONE + ";x=" + "a" * (1 << 20), (0, 413, 513)),
]


def with_value(ue, value):
    """SM1 of this UE gets this Security-Client."""
    def change(msg):
        sa = ue.offered
        msg.set("Security-Client", value % {
            "spi_c": sa.spi_uc, "spi_s": sa.spi_us, "port_c": sa.port_uc,
            "port_s": sa.port_us} if "%(" in value else value)

        def build():
            data = Message.build(msg)
            for name, octets in BYTES.items():
                data = data.replace(name, octets)
            return data

        msg.build = build

    ue.change_sm1 = change


async def outcome(ue):
    """Code of the answer to SM1; 0 when the connection is closed instead."""
    flow = await ue.flow()
    sm1 = asyncio.ensure_future(ue.sm1())
    waits = [sm1]
    if ue.transport == "tcp":
        waits.append(asyncio.ensure_future(flow.closed.wait()))
    done, _ = await asyncio.wait(waits, timeout=sipua.TIMEOUT,
                                 return_when=asyncio.FIRST_COMPLETED)
    result = code(sm1.result()) if sm1 in done else 0 if done else -1
    for task in waits:
        task.cancel()
    return result


async def refused(bench, gm, name, value, codes):
    before = bench.sets()
    ue = bench.ue(gm)
    with_value(ue, value)
    got = await outcome(ue)
    if gm.transport != "tcp":
        codes = tuple(c for c in codes if c)    # nothing is closed there
    tap.ok(got in codes, "AT-40 %s: %s: %s" % (
        gm, name, "taken" if 401 in codes else "refused"), got)
    made = [s for s in bench.sets(ue) if s not in before]
    tap.equal(len(made), 1 if got == 401 else 0,
              "AT-40 %s: %s: no SA set but for a 401" % (gm, name))
    ue.close()


async def check_alive(bench, gm, programs):
    """The same programs as before take the next UE."""
    ue = bench.ue(gm)
    tap.equal(code(await ue.register()), 200,
              "AT-40 %s: an honest UE registers afterwards" % gm)
    tap.equal([p.poll() for p in programs], [None, None],
              "AT-40 %s: agent and proxy are the same" % gm)


@over(UDP + TCP)
async def test_values(bench, gm):
    """AT-40 odd values of Security-Client"""
    programs = bench.pcscf.agent, bench.pcscf.proxy
    for name, value, codes in VALUES:
        await refused(bench, gm, name, value, codes)
    await check_alive(bench, gm, programs)


@over(TCP)
async def test_large(bench, gm):
    """AT-40 huge values of Security-Client"""
    programs = bench.pcscf.agent, bench.pcscf.proxy
    for name, value, codes in LARGE:
        await refused(bench, gm, name, value, codes)
    await check_alive(bench, gm, programs)
