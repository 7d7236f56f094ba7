# SPDX-License-Identifier: GPL-2.0-or-later
"""The agent loses events of the kernel, because it does not read them in time:
it reads the tables again and knows everything."""
import netns
import state
import tap
from agentrpc import AgentRpc

# More than fit into the 8 MB that the agent lets the kernel keep for it.
MANY, AT_ONCE = 4000, 50


def resyncs():
    with AgentRpc() as rpc:
        return rpc.call("status")["resyncs"]


def endpoint(b):
    return [e["endpoint"] for e in b.g.dump("endpoint-get")
            if ":" not in e["endpoint"]["local-addr"]][0]


def fill(b, ep, number, first=0):
    """Sets that no UE of this test has."""
    made = []
    for begin in range(first, first + number, AT_ONCE):
        made += b.g.multi([("sa-set-new", state.set_attrs(
            ep, ue="10.33.%d.%d" % (1 + i // 250, 1 + i % 250),
            alg="hmac-md5-96", ealg="null", **state.established()))
            for i in range(begin, min(begin + AT_ONCE, first + number))])
    return [m["sa-set"]["id"] for m in made]


def delete(b, ids):
    for begin in range(0, len(ids), AT_ONCE):
        b.g.multi([("sa-set-del", {"sa-set": {"id": i}})
                   for i in ids[begin:begin + AT_ONCE]])


def test_overrun(b):
    """All events of thousands of sets, and some that it had known before."""
    b.fresh()
    b.g.unsubscribe("events")
    stay, leave = b.registered(4), b.registered(4)
    gone = [s for p in leave for s in b.sets_of(p)]
    before, ep = resyncs(), endpoint(b)
    b.stop_agent()
    delete(b, [s["id"] for s in gone])
    done = 0
    while done < MANY:
        delete(b, fill(b, ep, 500, done % 2000))
        done += 500
    new = fill(b, ep, 40)
    b.continue_agent()
    tap.ok(state.wait(lambda: resyncs() > before, 30), "GM-10 the events of %d "
           "sets while the agent hangs: it reads the tables again" % MANY,
           resyncs())
    b.truth("GM-10 after lost events the agent knows all sets that the kernel "
            "has, and none of those that are gone", gone)
    b.works(stay, "GM-10 after lost events: the UEs that stayed talk on")
    codes = b.run(*(p.register() for p in leave))
    tap.equal(codes, [200] * len(leave),
              "GM-10 after lost events: the UEs that lost their sets register")
    delete(b, new)
    after = resyncs()
    phone = b.registered()[0]
    b.works([phone], "GM-10 after lost events: new UEs register")
    tap.equal(resyncs(), after, "GM-10 and no event is lost any more")
    b.g.subscribe("events")


def test_under_way(b):
    """Events are lost in the middle of a registration."""
    b.fresh()
    b.g.unsubscribe("events")
    # emulated, so many sets take longer than a temporary one has to live
    state.limits(b.g, temporary_ms=240000)
    phone, ep = b.fleet.phone(), endpoint(b)
    auth = phone.challenged(b.one(phone.sm1()))
    before = resyncs()
    b.stop_agent()
    for _ in range(MANY // 500):
        delete(b, fill(b, ep, 500))
    b.continue_agent()
    answer = b.one(phone.sm7(auth))
    tap.ok(answer and answer[8:11] == "200" and resyncs() > before,
           "GM-10 events lost between SM6 and SM7: the registration completes",
           answer)
    b.works([phone], "GM-10 events lost between SM6 and SM7: the UE talks")
    b.truth("GM-10 events lost between SM6 and SM7: the agent knows all sets")
    b.g.subscribe("events")


def test_not_a_word(b):
    """A flood that the agent does read: no need to read the tables again."""
    b.fresh()
    before, ep = resyncs(), endpoint(b)
    made = fill(b, ep, 200)
    b.truth("GM-10 200 sets that somebody else made: the agent knows them")
    delete(b, made)
    b.truth("GM-10 and when they have gone, that too")
    tap.equal(resyncs(), before, "GM-10 by events alone")
    tap.equal(netns.run("pcscf", ["ip", "xfrm", "state", "count"]).stdout
              .split()[-1], "0", "no state of them is left")
