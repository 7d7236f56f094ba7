# SPDX-License-Identifier: GPL-2.0-or-later
"""What the core answers to a REGISTER beyond 401 and 200: CK and IK never get
to the UE, whatever they came in (TS 33.203 6.1.1, 7.2)."""
import re

import tap
from pcscf import PORT
from regbench import BOTH, UDP, code, entry_in, over


def with_status(line):
    def change(answer):
        answer.start = "SIP/2.0 " + line
        return answer
    return change


def proxy_authenticate(answer):
    answer.start = "SIP/2.0 407 Proxy Authentication Required"
    answer.set("Proxy-Authenticate", answer.get("WWW-Authenticate"))
    answer.remove("WWW-Authenticate")
    return answer


def twice(answer):
    return answer.add("WWW-Authenticate", answer.get("WWW-Authenticate"))


def edited(pattern, new):
    def change(answer):
        value = re.sub(pattern, new, answer.get("WWW-Authenticate"))
        return answer.set("WWW-Authenticate", value)
    return change


def elsewhere(answer):
    """As a parameter of a header field that nobody looks at."""
    return answer.add("X-Challenge", answer.get("WWW-Authenticate"))


# What the S-CSCF makes of its 401, and what the UE may get; 0: nothing.
NO_CHALLENGE = [
    ("407", proxy_authenticate, (503,)),
    ("two challenges", twice, (503, 401)),
    ("403 with ck and ik", with_status("403 Forbidden"), (403,)),
    ("200 with ck and ik", with_status("200 OK"), (0, 200, 503)),
    ("183 with ck and ik", with_status("183 Progress"), (0,)),
    ("302 with ck and ik", with_status("302 Moved"), (503,)),
    ("no ck", edited(r', ck="[^"]*"', ""), (403, 500, 502, 503)),
    ("no ik", edited(r', ik="[^"]*"', ""), (403, 500, 502, 503)),
    ("a short ck", edited(r'ck="..', 'ck="'), (403, 500, 502, 503)),
    ("a ck that is no number", edited(r'ck="..', 'ck="xy'),
     (403, 500, 502, 503)),
    ("ck twice", edited(r'(ck="[^"]*")', r'\1, \1'), (403, 500, 502, 503)),
]


@over(BOTH)
async def test_answers_to_sm1(b, gm):
    """GM-21 AT-39 answers that are no challenge, or no good one"""
    for what, change, codes in NO_CHALLENGE:
        label = "GM-21 AT-39 %s SM1 is answered with %s" % (gm, what)
        ue, start = b.ue(gm), b.access.mark()
        b.registrar.alter = change
        answer = await ue.sm1(timeout=3 if 0 in codes else 30)
        b.registrar.alter = None
        tap.ok(code(answer) in codes, "%s: the UE gets %s" % (
            label, " or ".join(map(str, codes)) if codes != (0,) else
            "nothing"), answer)
        tap.equal(b.keys_seen(start), [], label + ": no ck, no ik")
        tap.equal(len(b.sets(ue)), 1 if code(answer) == 401 else 0,
                  label + ": a set for a 401 only")


@over(BOTH)
async def test_keys_elsewhere(b, gm):
    """GM-21 the 401 has the keys in other places, too"""
    ue, start = b.ue(gm), b.access.mark()
    b.registrar.alter = elsewhere
    answer = await ue.sm1()
    b.registrar.alter = None
    tap.equal((code(answer), b.keys_seen(start), answer.all("X-Challenge")),
              (401, [], []), "GM-21 %s the 401 has ck and ik in a header field "
              "that nobody knows: it goes" % gm)
    tap.equal(code(await ue.sm7(ue.challenged(answer))), 200,
              "GM-21 %s and the UE registers" % gm)


@over(UDP)
async def test_nobody_answers(b, gm):
    """GM-30 the core is silent at SM1"""
    ue = b.ue(gm)
    b.registrar.held, core = [], b.registrar.mark()
    task = ue.spawn(ue.sm1())
    # one that the proxy repeats for a test before is not held
    while not b.registrar.held:
        await b.registrar.wait_request("REGISTER", core)
        core = b.registrar.mark()
    tap.ok(not task.done() and not b.sets(ue),
           "GM-20 the UE waits as long as the core does, and no set is made")
    b.registrar.release()
    b.registrar.held = None
    tap.equal(code(await task), 401, "GM-20 a 401 that comes late is as good")


@over(BOTH)
async def test_unprotected(b, gm):
    """GM-02 other requests than REGISTER on the unprotected port"""
    ue = b.ue(gm)
    await ue.register()
    flow = await ue.flow()
    for method in ("MESSAGE", "INVITE", "OPTIONS", "SUBSCRIBE", "PUBLISH"):
        core = b.registrar.mark()
        answer = await ue.transact(
            ue.new_request(method, "sip:bob@home.example", flow, None), flow,
            timeout=1, resend=False)
        tap.equal((code(answer), entry_in(
            b.registrar, core, lambda m: not m.is_response and
            m.method != "REGISTER")), (0, []), "GM-02 %s %s on port %d, of a "
                  "registered UE: no answer, not forwarded"
                  % (gm, method, PORT))
