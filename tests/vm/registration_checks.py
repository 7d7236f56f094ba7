# SPDX-License-Identifier: GPL-2.0-or-later
"""What is checked before a registration goes on (TS 33.203 7.1, 7.2, 7.3.2):
what the UE repeats in SM7, who it says it is, where it says it is, and what it
offers."""
import re

import tap
from regbench import (BOTH, EVERY, UDP, code, entry_in, marks, over,
                      registers)
from sipmsg import digest_params, mechanisms
from ue import ALL_OFFERS, SaSet


def sub(pattern, new, count=1):
    """A change of a header field's value that really changes it."""
    def change(value):
        changed = re.sub(pattern, new, value, count)
        if changed == value:
            raise RuntimeError("%r is not in %r" % (pattern, value))
        return changed
    return change


def first(value):
    return value.split(",")[0]


def without_first(value):
    return value.partition(",")[2].strip()


# What is changed, how, and what the answer is. The best alternative goes: that
# is bidding down.
VERIFY = [
    ("the order of preference", sub(r"q=0\.\d+", "q=0.01"), 403),
    ("alg", sub("alg=hmac-sha-1-96", "alg=hmac-md5-96"), 403),
    ("ealg", sub("ealg=aes-cbc", "ealg=null"), 403),
    ("spi-c", sub(r"spi-c=\d+", "spi-c=4711"), 403),
    ("spi-s", sub(r"spi-s=\d+", "spi-s=4711"), 403),
    ("port-c", sub(r"port-c=\d+", "port-c=4711"), 403),
    ("port-s", sub(r"port-s=\d+", "port-s=4711"), 403),
    ("prot", sub("prot=esp", "prot=ah"), 403),
    ("mod", sub("mod=trans", "mod=UDP-enc-tun"), 403),
    ("the mechanism", sub("ipsec-3gpp", "ipsec-ike"), 403),
    ("a parameter more", lambda v: v + ";x=y", 403),
    ("an alternative more", lambda v: v + ", tls;q=0.001", 403),
    ("one alternative twice", lambda v: v + ", " + first(v), 403),
    ("the best alternative left out", without_first, 403),
    ("all but one left out", first, 403),
    ("nothing that can be read", lambda v: "ipsec-3gpp;;=", 403),
    ("left out", None, 494),
]
CLIENT = [
    ("alg", sub("alg=hmac-md5-96", "alg=hmac-sha-1-96"), 403),
    ("ealg", sub("ealg=des-ede3-cbc", "ealg=null"), 403),
    ("spi-c", sub(r"spi-c=\d+", "spi-c=4711"), 403),
    ("spi-s", sub(r"spi-s=\d+", "spi-s=4711"), 403),
    ("port-c", sub(r"port-c=\d+", "port-c=4711"), 403),
    ("port-s", sub(r"port-s=\d+", "port-s=4711"), 403),
    ("a parameter more", lambda v: v + ";prot=ah", 403),
    ("an alternative more", lambda v: v + ", tls", 403),
    ("one alternative twice", lambda v: v + ", " + first(v), 403),
    ("an alternative left out", without_first, 403),
    ("left out", None, 494),
]


def changed(name, change):
    """A hook that changes a header field, or with None removes it."""
    def hook(msg):
        value = ", ".join(msg.all(name))
        msg.remove(name)
        if change:
            msg.add(name, change(value))
    return hook


@over(BOTH)
async def test_differs(b, gm):
    """GM-22 AT-38 SM7 does not repeat what was agreed upon"""
    for name, changes in (("Security-Verify", VERIFY),
                          ("Security-Client", CLIENT)):
        for what, change, want in changes:
            label = "%s %s of SM7: %s" % (gm, name, what)
            ue = b.ue(gm)
            auth = ue.challenged(await ue.sm1())
            ue.change_sm7 = changed(name, change)
            core = b.registrar.mark()
            answer = await ue.sm7(auth)
            tap.equal((code(answer), registers(b, ue, core)), (want, []),
                      "GM-22 AT-38 %s: %d, the core sees nothing"
                      % (label, want))
            if want == 403:
                gone = await b.gone(ue.offered)
                tap.equal((gone["phase"], b.sets(ue)), ("temporary", []),
                          "GM-22 AT-38 %s: the temporary set goes" % label)
            else:
                tap.equal(b.phases(ue, new=ue.offered), {"new": "temporary"},
                          "GM-22 AT-38 %s: it stays temporary" % label)


@over(BOTH)
async def test_same_meaning(b, gm):
    """GM-22 GM-16 SM7 repeats it in other words"""
    def backwards(value):
        """The parameters of each alternative in reverse."""
        found = []
        for alternative in value.split(","):
            name, *params = alternative.strip().split(";")
            found.append(";".join([name] + params[::-1]))
        return ", ".join(found)

    def several(name):
        def hook(msg):
            values = ", ".join(msg.all(name)).split(",")
            msg.remove(name)
            for value in values:
                msg.add(name, value.strip())
        return hook

    def both(change):
        def hook(msg):
            for name in ("Security-Verify", "Security-Client"):
                changed(name, change)(msg)
        return hook

    for what, hook in (
            ("parameters in another order", both(backwards)),
            ("upper case", both(str.upper)),
            ("blanks and folded lines", both(
                lambda v: v.replace(";", " ;\r\n ").replace("=", " = "))),
            ("a header field for each alternative", lambda msg: (
                several("Security-Verify")(msg),
                several("Security-Client")(msg))),
            ("another way to write q", changed(
                "Security-Verify", sub(r"(q=0\.\d)(?=[;,\s]|$)", r"\g<1>00"))),
            ("the defaults left out", changed(
                "Security-Verify",
                sub(";(prot=esp|mod=trans)", "", 0)))):
        ue = b.ue(gm)
        ue.change_sm7 = hook
        auth = ue.challenged(await ue.sm1())
        tap.equal(code(await ue.sm7(auth)), 200, "GM-22 GM-16 %s SM7 with %s: "
                  "the same, 200" % (gm, what))


@over(BOTH)
async def test_on_established(b, gm):
    """GM-22 GM-23 SM1 on a set that is in use"""
    ue, other = b.ue(gm), b.ue(gm)
    await ue.register()
    await other.register()

    def stranger(msg):
        msg.set("Authorization", msg.get("Authorization").replace(
            ue.sim.impi, other.sim.impi))

    for what, hook, want in (
            ("no Security-Client", changed("Security-Client", None), 494),
            ("a Security-Client that cannot be read",
             changed("Security-Client", lambda v: ";=,;"), 494),
            ("another private identity", stranger, 403)):
        label = "%s SM1 on the set in use, %s" % (gm, what)
        ue.change_sm1, core = hook, b.registrar.mark()
        answer = await ue.sm1(protected_by=ue.sa)
        tap.equal((code(answer), entry_in(
            b.registrar, core, lambda m: m.method == "REGISTER")), (want, []),
                  "GM-22 GM-23 %s: %d, the core sees nothing" % (label, want))
        tap.equal((b.phases(ue, used=ue.sa), b.phases(other, used=other.sa)),
                  ({"used": "established"},) * 2,
                  "GM-23 %s: all sets stay" % label)
    ue.change_sm1 = lambda msg: None
    tap.equal([await b.message(u) for u in (ue, other)], [200, 200],
              "GM-23 %s both UEs talk on" % gm)


@over(BOTH)
async def test_other_impi_at_sm7(b, gm):
    """GM-23 the challenge was for another private identity"""
    ue, other = b.ue(gm), b.ue(gm)
    await other.register()
    auth = ue.challenged(await ue.sm1())
    ue.change_sm7 = lambda msg: msg.set(
        "Authorization", msg.get("Authorization").replace(
            ue.sim.impi, other.sim.impi))
    core = b.registrar.mark()
    answer = await ue.sm7(auth)
    tap.equal((code(answer), entry_in(
        b.registrar, core, lambda m: m.method == "REGISTER")), (403, []),
              "GM-23 %s SM7 with another private identity: 403, the core sees "
              "nothing" % gm)
    await b.gone(ue.offered)
    tap.equal((b.sets(ue), b.phases(other, used=other.sa),
               await b.message(other)), ([], {"used": "established"}, 200),
              "GM-23 %s and the temporary set goes, nobody else's" % gm)


@over(EVERY)
async def test_via(b, gm):
    """GM-13 the address in Via is not where the REGISTER came from"""
    wrong = "192.0.2.77" if gm.version == 4 else "[2001:db8::77]"

    def elsewhere(msg):
        msg.set("Via", re.sub(r"(/\w+ )(\[[^]]*\]|[^:;]+)", r"\g<1>" + wrong,
                              msg.get("Via"), 1))

    ue = b.ue(gm)
    auth = ue.challenged(await ue.sm1())
    ue.change_sm7, core = elsewhere, b.registrar.mark()
    # over UDP the answer goes where Via says: it has no SA, so it is dropped
    answer = await ue.sm7(auth, timeout=3)
    tap.ok(400 <= code(answer) < 500 or gm.transport == "udp" and not answer,
           "GM-13 %s SM7: refused" % gm, answer)
    tap.equal(registers(b, ue, core), [],
              "GM-13 %s SM7: the core sees nothing" % gm)
    ue = b.ue(gm)
    await ue.register()
    ue.change_sm1, core = elsewhere, b.registrar.mark()
    answer = await ue.sm1(protected_by=ue.sa, timeout=3)
    tap.equal((code(answer) // 100 in (0, 4), registers(b, ue, core),
               b.phases(ue, used=ue.sa)), (True, [], {"used": "established"}),
              "GM-13 %s SM1 on the set in use: refused, the set stays" % gm)


@over(BOTH)
async def test_claims(b, gm):
    """GM-24 what a UE says about itself"""
    def claim(msg):
        msg.set("Authorization", msg.get("Authorization").replace(
            "Digest ", 'Digest Integrity-Protected = "yes", ') +
            ', integrity-protected="yes" ,\r\n integrity-protected=yes')
        msg.add("P-Asserted-Identity", "<sip:boss@home.example>")
        msg.add("Path", "<sip:evil@192.0.2.1;lr>")

    # few offers, so that all of it fits into one packet
    ue = b.ue(gm, ALL_OFFERS[:1])
    ue.change_sm1, core = claim, b.registrar.mark()
    answer = await ue.sm1()
    msg = registers(b, ue, core)[0]
    value = msg.get("Authorization")
    tap.equal((value.lower().count("integrity-protected"), marks([msg]),
               msg.all("P-Asserted-Identity"), len(msg.all("Path"))),
              (1, ["no"], [], 1), "GM-24 %s SM1 claims integrity-protected, "
              "an identity and a Path: no, none, ours" % gm)
    await ue.sm7(ue.challenged(answer))

    # the two cases, and those that look like them
    core = b.registrar.mark()
    await ue.sm1(protected_by=ue.sa)
    tap.equal(marks(registers(b, ue, core)), ["yes"], "GM-24 %s a REGISTER "
              "with no response on the set in use: yes" % gm)
    core = b.registrar.mark()
    await ue.sm1(protected_by=ue.sa, auth={"nonce": "bm9uY2U=",
                                           "response": "0" * 32})
    tap.equal(marks(registers(b, ue, core)), ["no"], "GM-24 %s a response on "
              "the set in use, where nothing was challenged: no" % gm)
    core = b.registrar.mark()
    await ue.sm1(auth={"nonce": "bm9uY2U=", "response": "0" * 32})
    tap.equal(marks(registers(b, ue, core)), ["no"],
              "GM-24 %s a response in clear: no" % gm)


def only_offers(text):
    """Security-Client with these alternatives only; %s: ports and SPIs."""
    def hook(msg):
        value = msg.get("Security-Client")
        ends = ";".join(p for p in first(value).split(";")
                        if re.match(r"\s*(spi|port)-", p))
        msg.set("Security-Client", text % ends if "%s" in text else text)
    return hook


def without_agreement(msg):
    """A UE that does not know RFC 3329."""
    for name in ("Security-Client", "Require", "Proxy-Require", "Supported"):
        msg.remove(name)


@over(BOTH)
async def test_no_offer(b, gm):
    """GM-25 GM-41 nothing in SM1 that could be agreed upon"""
    for what, hook, want in (
            ("no Security-Client", changed("Security-Client", None), 494),
            ("no Security-Client and no sec-agree", without_agreement, 421),
            ("TLS only", only_offers("tls"), 494),
            ("an algorithm that nobody knows",
             only_offers("ipsec-3gpp;alg=rot13;%s"), 494),
            ("no alg", only_offers("ipsec-3gpp;ealg=null;%s"), 494),
            ("AH", only_offers("ipsec-3gpp;alg=hmac-sha-1-96;prot=ah;%s"),
             494),
            ("GM-41 UDP-enc-tun only", only_offers(
                "ipsec-3gpp;alg=hmac-sha-1-96;mod=UDP-enc-tun;%s"), 494)):
        label = "GM-25 %s %s" % (gm, what)
        ue = b.ue(gm)
        ue.change_sm1, core = hook, b.registrar.mark()
        answer = await ue.sm1()
        tap.equal((code(answer), registers(b, ue, core), b.sets(ue)),
                  (want, [], []), "%s: %d, the core sees nothing, no set"
                  % (label, want))
        offers = mechanisms(", ".join(answer.all("Security-Server")))
        tap.ok(offers and {m[""] for m in offers} == {"ipsec-3gpp"} and
               "sec-agree" in answer.get("Require"), "%s: Security-Server "
               "says what there is, sec-agree is required" % label,
               answer.headers)


@over(UDP)
async def test_offer(b, gm):
    """GM-17 GM-19 what is chosen, and how it is offered"""
    ue = b.ue(gm)
    ue.offers.reverse()
    answer = await ue.sm1()
    offers = mechanisms(", ".join(answer.all("Security-Server")))
    orders = [float(m["q"]) for m in offers]
    tap.ok(len(set(orders)) == len(orders) > 1 and
           all(0 < q < 1 for q in orders) and
           orders == sorted(orders, reverse=True),
           "GM-19 each alternative of Security-Server has a q of its own",
           orders)
    ue.challenged(answer)
    made = b.set_of(ue.offered)
    tap.equal(made and (made["alg"], made["ealg"]),
              (offers[0]["alg"], offers[0]["ealg"]), "GM-17 the kernel has "
              "the first of our list, whatever the UE likes best")
    spis = {(m["spi-c"], m["spi-s"], m["port-c"], m["port-s"])
            for m in offers}
    tap.equal(len(spis), 1, "GM-06 all alternatives have the same SPIs and "
              "ports")


@over(BOTH)
async def test_taken(b, gm):
    """GM-11 AT-12 AT-13 AT-37 ports and SPIs that cannot be"""
    ue = b.ue(gm)
    await ue.register()
    other = b.ue(gm)
    for what, sa, want in (
            ("GM-11 AT-37 the client port of a UE that is registered",
             SaSet(other, port_uc=ue.sa.port_uc), 403),
            ("AT-12 the SPIs of a UE at the same address",
             SaSet(other, spi_uc=ue.sa.spi_uc, spi_us=ue.sa.spi_us), 403),
            ("AT-12 spi-c equal to spi-s",
             SaSet(other, spi_uc=4711, spi_us=4711), 494),
            ("AT-13 an SPI below 256", SaSet(other, spi_uc=255), 494)):
        label = "%s %s" % (gm, what)
        core = b.registrar.mark()
        answer = await other.sm1(sa=sa)
        tap.equal((code(answer), b.sets(other)), (want, []),
                  "GM-06 %s: %d, no set" % (label, want))
        tap.ok(want == 403 or not registers(b, other, core),
               "GM-06 %s: what is wrong in itself never gets to the core"
               % label)
    tap.equal((b.phases(ue, used=ue.sa), await b.message(ue)),
              ({"used": "established"}, 200),
              "GM-11 %s the registered UE talks on" % gm)
    await other.register()
    tap.equal(await b.message(other), 200, "GM-11 %s with ports and SPIs of "
              "its own the other one registers" % gm)


@over(UDP)
async def test_digest_of_401(b, gm):
    """GM-21 the challenge that the UE gets"""
    ue = b.ue(gm)
    answer = await ue.sm1()
    sent = digest_params(answer.get("WWW-Authenticate"))
    tap.equal(sorted(sent), sorted(set(sent) - {"ck", "ik"}),
              "GM-21 the 401 has neither ck nor ik")
    tap.ok({"realm", "nonce", "algorithm"} <= set(sent),
           "GM-21 and all else that the S-CSCF has sent", sent)
