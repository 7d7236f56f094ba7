// SPDX-License-Identifier: GPL-2.0-only
/*
 * Notifications to user space. They are hints: who misses one dumps again.
 *
 * Context: all may sleep; nothing is built when nobody listens.
 */
#include "event.h"
#include "nl.h"
#include "sample.h"
#include "saset.h"

/**
 * gmg_event_wanted() - whether anybody listens to a multicast group
 * @net: the namespace
 * @group: GMGUARD_NLGRP_*
 *
 * Return: true if somebody does.
 */
bool gmg_event_wanted(struct net *net, unsigned int group)
{
	return genl_has_listeners(&gmguard_nl_family, net, group);
}

/* Tells who listens that there was something, as a full socket does. */
static void lose(struct net *net, unsigned int group)
{
	genl_set_err(&gmguard_nl_family, net, 0, group, -ENOBUFS);
}

static struct sk_buff *begin(struct net *net, u8 cmd, unsigned int group,
			     void **hdr)
{
	struct sk_buff *msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);

	if (!msg) {
		lose(net, group);
		return NULL;
	}
	*hdr = genlmsg_put(msg, 0, 0, &gmguard_nl_family, 0, cmd);
	return msg;
}

static void finish(struct net *net, struct sk_buff *msg, void *hdr, int err,
		   unsigned int group)
{
	if (err) {
		nlmsg_free(msg);
		lose(net, group);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_multicast_netns(&gmguard_nl_family, net, msg, 0, group,
				GFP_KERNEL);
}

/* Puts what an event is about. */
typedef int put_fn(struct sk_buff *msg, const void *what);

/* put may be NULL. */
static void tell(struct net *net, u32 event, put_fn *put, const void *what)
{
	struct sk_buff *msg;
	void *hdr;
	int err;

	if (!gmg_event_wanted(net, GMGUARD_NLGRP_EVENTS))
		return;
	msg = begin(net, GMGUARD_CMD_EVENT_NTF, GMGUARD_NLGRP_EVENTS, &hdr);
	if (!msg)
		return;
	err = nla_put_u32(msg, GMGUARD_A_EVENT, event);
	if (!err && put)
		err = put(msg, what);
	finish(net, msg, hdr, err, GMGUARD_NLGRP_EVENTS);
}

static int put_endpoint(struct sk_buff *msg, const void *what)
{
	return gmg_nl_put_endpoint(msg, what);
}

/**
 * gmg_event_endpoint() - tell that an endpoint was made or is about to go
 * @net: its namespace
 * @ep: the endpoint
 * @event: enum gmguard_event
 */
void gmg_event_endpoint(struct net *net, const struct gmg_endpoint *ep,
			u32 event)
{
	tell(net, event, put_endpoint, ep);
}

struct saset_news {
	const struct gmg_saset *set;
	u32 cause;
};

static int put_saset(struct sk_buff *msg, const void *what)
{
	const struct saset_news *news = what;

	return gmg_nl_put_saset(msg, news->set, news->cause);
}

/**
 * gmg_event_saset() - tell what happened to an SA set
 * @set: the set
 * @event: enum gmguard_event
 * @cause: enum gmguard_cause, 0 unless @event is a deletion
 */
void gmg_event_saset(const struct gmg_saset *set, u32 event, u32 cause)
{
	const struct saset_news news = { set, cause };

	tell(set->gn->net, event, put_saset, &news);
}

struct adopted_news {
	const struct xfrm_state *x;
	const struct gmg_adopted *adopted;
};

static int put_adopted(struct sk_buff *msg, const void *what)
{
	const struct adopted_news *news = what;

	return gmg_nl_put_adopted(msg, news->x, news->adopted);
}

/**
 * gmg_event_adopted() - tell that an adopted SA came or went
 * @net: the namespace
 * @x: its state
 * @adopted: what gmg_adopted_read() says of it
 * @event: enum gmguard_event
 */
void gmg_event_adopted(struct net *net, const struct xfrm_state *x,
		       const struct gmg_adopted *adopted, u32 event)
{
	const struct adopted_news news = { x, adopted };

	tell(net, event, put_adopted, &news);
}

/**
 * gmg_event_adopted_lost() - tell that adopted SAs may have changed unseen
 * @net: the namespace
 */
void gmg_event_adopted_lost(struct net *net)
{
	tell(net, GMGUARD_EVENT_ADOPTED_LOST, NULL, NULL);
}

static int put_drop(struct sk_buff *msg, const struct gmg_sample *sample)
{
	const struct gmg_flow *flow = &sample->flow;
	struct nlattr *nest = nla_nest_start(msg, GMGUARD_A_DROP);

	if (!nest ||
	    nla_put_u32(msg, GMGUARD_A_DROP_REASON, sample->reason) ||
	    gmg_nl_put_addr(msg, GMGUARD_A_DROP_SRC_ADDR, flow->family,
			    &flow->src) ||
	    gmg_nl_put_addr(msg, GMGUARD_A_DROP_DST_ADDR, flow->family,
			    &flow->dst) ||
	    nla_put_u16(msg, GMGUARD_A_DROP_SRC_PORT, ntohs(flow->sport)) ||
	    nla_put_u16(msg, GMGUARD_A_DROP_DST_PORT, ntohs(flow->dport)) ||
	    nla_put_u8(msg, GMGUARD_A_DROP_PROTOCOL, flow->proto) ||
	    nla_put_u32(msg, GMGUARD_A_DROP_SPI, sample->spi) ||
	    nla_put_u32(msg, GMGUARD_A_DROP_IFINDEX, sample->ifindex) ||
	    nla_put_u32(msg, GMGUARD_A_DROP_SUPPRESSED, sample->suppressed) ||
	    (sample->audited && nla_put_flag(msg, GMGUARD_A_DROP_AUDITED)))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/**
 * gmg_event_drop() - show a dropped packet
 * @net: the namespace
 * @sample: the packet
 */
void gmg_event_drop(struct net *net, const struct gmg_sample *sample)
{
	struct sk_buff *msg;
	void *hdr;

	msg = begin(net, GMGUARD_CMD_DROP_NTF, GMGUARD_NLGRP_DROPS, &hdr);
	if (msg)
		finish(net, msg, hdr, put_drop(msg, sample),
		       GMGUARD_NLGRP_DROPS);
}
