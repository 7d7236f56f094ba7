# SPDX-License-Identifier: GPL-2.0-or-later
"""The end of a registration: by the UE, by the network, by time. The last
answers and requests are still protected, then nothing is left."""
import json
import socket

import netns
import tap
from regbench import BOTH, EVERY, back, code, entry_in, over
from sipmsg import uri_of

GRACE = 4000            # ms: a lingering set is gone soon


async def linger(b, gm, ue, sets, label):
    """Sets linger: what is still possible, and their end."""
    mark = b.access.mark()
    tap.equal((await b.message_to(ue), b.carriers(mark, **sets) != []),
              (200, True), "GM-35 %s: a NOTIFY that follows is protected as"
              " well" % label)
    flows = [await ue.flow(sa) for sa in sets.values()] \
        if gm.transport == "tcp" else []
    for sa in sets.values():
        await b.gone(sa)
    for flow in flows:
        await flow.closed.wait()
    tap.equal((b.sets(ue), await b.message_to(ue)), ([], 480),
              "GM-35 AT-30 %s: then they are gone%s" % (
                  label, ", their connections reset" if flows else ""))


@over(EVERY)
async def test_by_the_ue(b, gm):
    """AT-30 GM-35 the UE deregisters"""
    label = "%s deregistered by the UE, challenged" % gm
    before = b.limits(grace_ms=GRACE)
    ue = b.ue(gm)
    await ue.register()
    used = ue.sa
    auth = ue.challenged(await ue.sm1(0, protected_by=used))
    mark, names = b.access.mark(), {"used": used, "new": ue.offered}
    answer = await ue.sm7(auth, 0)
    tap.equal((code(answer), b.carriers(mark, **names)),
              (200, [back(gm, "new")]),
              "AT-30 GM-30 %s: the 200 leaves on the new set" % label)
    tap.equal((b.phases(ue, **names), b.user(ue).bindings),
              ({"used": "lingering", "new": "lingering"}, {}),
              "AT-30 GM-35 %s: all sets linger" % label)
    answer = await ue.request("MESSAGE", sa=used)
    tap.equal(code(answer), 403,
              "GM-14 %s: no identity is bound to them any more" % label)
    await linger(b, gm, ue, names, label)
    b.limits(**before)


@over(EVERY)
async def test_not_challenged(b, gm):
    """AT-30 GM-35 the UE deregisters and is not challenged"""
    label = "%s deregistered by the UE, not challenged" % gm
    before = b.limits(grace_ms=GRACE)
    ue = b.ue(gm)
    await ue.register()
    b.registrar.reauthenticate = False
    mark = b.access.mark()
    answer = await ue.sm1(0, protected_by=ue.sa)
    b.registrar.reauthenticate = True
    tap.equal((code(answer), b.carriers(mark, used=ue.sa),
               b.phases(ue, used=ue.sa)),
              (200, [back(gm, "used")], {"used": "lingering"}),
              "AT-30 GM-35 %s: 200 on the set in use, which lingers" % label)
    await linger(b, gm, ue, {"used": ue.sa}, label)
    await ue.register()
    tap.equal((await b.message(ue), await b.message_to(ue)), (200, 200),
              "GM-35 %s: the UE can register again" % label)
    b.limits(**before)


@over(BOTH)
async def test_one_identity_of_two(b, gm):
    """GM-35 the SAs stay as long as an identity is registered"""
    label = "%s two identities" % gm
    ue = b.ue(gm)
    user = b.user(ue)
    second = "sip:second-%s" % ue.sim.impu[4:]
    user.impus.append(second)

    def alone(answer):
        """No implicit set: each identity for itself."""
        impu = uri_of(answer.get("To"))
        if answer.code == 200:
            answer.set("P-Associated-URI", "<%s>" % impu)
        return answer

    b.registrar.alter, b.registrar.reauthenticate = alone, False
    try:
        await ue.register()
        first, ue.sim.impu = ue.sim.impu, second
        await ue.sm1(600, protected_by=ue.sa)
        # SM1 has made no set
        ue.sim.impu = first
        answer = await ue.sm1(0, protected_by=ue.sa)
        tap.equal((code(answer), b.phases(ue, used=ue.sa)),
                  (200, {"used": "established"}),
                  "GM-35 %s: one is deregistered, the SAs stay" % label)
        mark = b.registrar.mark()
        await b.message(ue)
        got = (await b.registrar.wait_request("MESSAGE", mark)).msg
        tap.equal(got.all("P-Asserted-Identity"), ["<%s>" % second],
                  "GM-40 GM-14 %s: only the other one is asserted" % label)
        ue.sim.impu = second
        answer = await ue.sm1(0, protected_by=ue.sa)
        tap.equal((code(answer), b.phases(ue, used=ue.sa)),
                  (200, {"used": "lingering"}),
                  "GM-35 %s: the last one is deregistered, they linger"
                  % label)
    finally:
        b.registrar.alter, b.registrar.reauthenticate = None, True


@over(EVERY)
async def test_by_the_network(b, gm):
    """GM-35 the S-CSCF tells in NOTIFY"""
    label = "%s deregistered by the network" % gm
    before = b.limits(grace_ms=GRACE)
    ue = b.ue(gm)
    mark = b.registrar.mark()
    await ue.register()
    user = b.user(ue)
    subscribe = (await b.registrar.wait_request("SUBSCRIBE", mark)).msg
    tap.equal((subscribe.uri, subscribe.get("Event"), len(user.watchers)),
              (user.impus[0], "reg", 1),
              "GM-35 %s: the proxy has subscribed" % label)
    watcher = user.watchers[0]
    e = b.events.mark()
    answer = await b.registrar.notify(user, watcher, [user.impus[1]],
                                      state="partial")
    number = b.set_of(ue.sa)["id"]
    await b.events.wait(lambda name, s: name == "sa-set-change" and
                        s["id"] == number, e)
    tap.equal((code(answer), b.phases(ue, used=ue.sa)),
              (200, {"used": "established"}),
              "GM-35 %s: one of two identities, the SAs stay" % label)
    mark = b.registrar.mark()
    await ue.request("MESSAGE", headers=[
        ("P-Preferred-Identity", "<%s>" % user.impus[1])])
    got = (await b.registrar.wait_request("MESSAGE", mark)).msg
    tap.equal(got.all("P-Asserted-Identity"), ["<%s>" % user.impus[0]],
              "GM-14 GM-40 %s: that identity is asserted no more" % label)
    answer = await b.registrar.notify(user, watcher, user.impus)
    await b.becomes(ue.sa, "lingering", e)
    tap.equal(code(answer), 200, "GM-35 %s: all identities, the SAs linger"
              % label)
    await linger(b, gm, ue, {"used": ue.sa}, label)
    b.limits(**before)


def call(b, method, **params):
    """An RPC of the operator's own tools, on the agent's UNIX socket."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(30)
        sock.connect(b.pcscf.path("gmguardd.sock"))
        sock.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method,
                                 "params": params}).encode() + b"\n")
        return json.loads(sock.makefile().readline())


@over(BOTH)
async def test_by_rpc(b, gm):
    """GM-35 the operator's tools call the agent"""
    label = "%s deregistered by RPC" % gm
    before = b.limits(grace_ms=GRACE)
    ue, other = b.ue(gm), b.ue(gm)
    await ue.register()
    await other.register()
    await ue.register(protected=True)
    sets = {"used": ue.old[0], "idle": ue.sa}
    answer = call(b, "deregister", impi=ue.sim.impi)
    tap.equal((sorted(answer.get("result", {}).get("sets", [])),
               b.phases(ue, **sets)),
              (sorted(b.set_of(sa)["id"] for sa in sets.values()),
               {"used": "lingering", "idle": "lingering"}),
              "GM-35 %s: all sets of the IMPI linger" % label)
    await linger(b, gm, ue, sets, label)
    tap.equal((b.phases(other, used=other.sa), await b.message(other)),
              ({"used": "established"}, 200),
              "GM-35 %s: nobody else's" % label)
    b.limits(**before)


async def test_by_time(b):
    """GM-09 GM-35 AT-27 nobody refreshes"""
    ues = [b.ue(gm) for gm in EVERY]
    e = b.events.mark()
    b.registrar.expires, before = 1, b.registrar.expires
    for ue in ues:
        await ue.register()
    b.registrar.expires = before
    left = [b.set_of(ue.sa)["lifetime-ms"] for ue in ues]
    connections = [await ue.flow(ue.sa) for ue, gm in zip(ues, EVERY)
                   if gm.transport == "tcp"]
    tap.ok(all(20000 < ms <= 31000 for ms in left),
           "GM-31 expiry: 1 s granted, the sets live 30 s longer", left)
    causes = [(await b.gone(ue.sa, e, 90))["cause"] for ue in ues]
    tap.equal(causes, ["expired"] * 4,
              "GM-09 AT-27 expiry: the sets end by themselves")
    for connection in connections:
        await connection.closed.wait()
    tap.equal([await b.message_to(ue) for ue in ues], [480] * 4,
              "GM-35 AT-27 expiry: nothing leads to the UEs any more")
    drops = b.drops().get("xfrm-in-no-state", 0)
    for ue in ues[:2]:
        flow = await ue.flow(ue.sa)
        ue.send(ue.new_request("MESSAGE", "sip:bob@home.example", flow,
                               ue.sa), flow)
    from state import wait
    tap.ok(wait(lambda: b.drops().get("xfrm-in-no-state", 0) >= drops + 2),
           "AT-27 expiry: what UEs still send is dropped", b.drops())
