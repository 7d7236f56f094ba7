// SPDX-License-Identifier: GPL-2.0-only
/*
 * ADOPTED_GET: the SAs of other programs, as xfrm has them now. Never a key.
 *
 * Concurrency: xfrm_state_walk() calls back under xfrm's own spinlock, which
 * every new or deleted state of the namespace needs. So a walk is suspended
 * after a bounded number of states, and the lock let go, whether any of them
 * was to be shown or not. gmg_net.lock is held for as long, so that no owned
 * set is seen half made.
 */
#include <linux/ktime.h>
#include <net/xfrm.h>

#include "adopted.h"
#include "endpoint.h"
#include "main.h"
#include "nl.h"
#include "sa.h"

/* States that one hold of xfrm's lock looks at. */
#define STRETCH 256

static u32 condition_of(const struct xfrm_state *x)
{
	switch (x->km.state) {
	case XFRM_STATE_VALID:
		return x->km.dying ? GMGUARD_CONDITION_EXPIRING :
				     GMGUARD_CONDITION_VALID;
	case XFRM_STATE_DEAD:
		return GMGUARD_CONDITION_GONE;
	default:
		return GMGUARD_CONDITION_EXPIRED;
	}
}

static int put_u16_if(struct sk_buff *msg, int type, u16 value)
{
	return value ? nla_put_u16(msg, type, value) : 0;
}

static int put_ends(struct sk_buff *msg, const struct xfrm_state *x,
		    const struct gmg_adopted *adopted)
{
	const struct gmg_endpoint *ep = adopted->ep;
	struct gmg_addr src;
	struct gmg_addr dst;

	gmg_addr_from_xfrm(&src, &x->props.saddr, x->props.family);
	gmg_addr_from_xfrm(&dst, &x->id.daddr, x->props.family);
	if (nla_put_u32(msg, GMGUARD_A_ADOPTED_ENDPOINT_ID, ep->id) ||
	    gmg_nl_put_addr(msg, GMGUARD_A_ADOPTED_LOCAL_ADDR, ep->conf.family,
			    &ep->conf.addr) ||
	    put_u16_if(msg, GMGUARD_A_ADOPTED_LOCAL_PORT,
		       adopted->local_port) ||
	    put_u16_if(msg, GMGUARD_A_ADOPTED_UE_PORT, adopted->ue_port) ||
	    gmg_nl_put_addr(msg, GMGUARD_A_ADOPTED_SRC_ADDR, x->props.family,
			    &src) ||
	    gmg_nl_put_addr(msg, GMGUARD_A_ADOPTED_DST_ADDR, x->props.family,
			    &dst))
		return -EMSGSIZE;
	if (!adopted->ue_known)
		return 0;
	return gmg_nl_put_addr(msg, GMGUARD_A_ADOPTED_UE_ADDR, ep->conf.family,
			       &adopted->ue);
}

static int put_transform(struct sk_buff *msg, const struct xfrm_state *x)
{
	const char *alg = x->aalg ? x->aalg->alg_name : NULL;
	const char *ealg = x->aead ? x->aead->alg_name :
			   x->ealg ? x->ealg->alg_name : NULL;

	if (nla_put_u8(msg, GMGUARD_A_ADOPTED_PROTOCOL, x->sel.proto) ||
	    nla_put_u32(msg, GMGUARD_A_ADOPTED_USER, x->sel.user) ||
	    nla_put_u32(msg, GMGUARD_A_ADOPTED_CONDITION, condition_of(x)) ||
	    nla_put_u32(msg, GMGUARD_A_ADOPTED_REQID, x->props.reqid) ||
	    nla_put_u8(msg, GMGUARD_A_ADOPTED_MODE, x->props.mode) ||
	    (alg && nla_put_string(msg, GMGUARD_A_ADOPTED_ALG, alg)) ||
	    (ealg && nla_put_string(msg, GMGUARD_A_ADOPTED_EALG, ealg)))
		return -EMSGSIZE;
	if (!x->mark.m)
		return 0;
	return nla_put_u32(msg, GMGUARD_A_ADOPTED_MARK, x->mark.v) ||
	       nla_put_u32(msg, GMGUARD_A_ADOPTED_MARK_MASK, x->mark.m) ?
	       -EMSGSIZE : 0;
}

/* xfrm keeps seconds of the wall clock, which somebody may have set back. */
static int put_since(struct sk_buff *msg, int type, time64_t when)
{
	time64_t ago = ktime_get_real_seconds() - when;

	if (!when)
		return 0;
	return nla_put_u64_64bit(msg, type, ago > 0 ? ago * MSEC_PER_SEC : 0,
				 GMGUARD_A_ADOPTED_PAD);
}

static int put_life(struct sk_buff *msg, const struct xfrm_state *x)
{
	/* x->lastused stays 0 where the kernel does not keep it, as in 6.1. */
	if (put_since(msg, GMGUARD_A_ADOPTED_AGE_MS, x->curlft.add_time) ||
	    put_since(msg, GMGUARD_A_ADOPTED_FIRST_USE_MS,
		      READ_ONCE(x->curlft.use_time)) ||
	    put_since(msg, GMGUARD_A_ADOPTED_LAST_USE_MS, x->lastused) ||
	    nla_put_u64_64bit(msg, GMGUARD_A_ADOPTED_LIFETIME_MS,
			      x->lft.hard_add_expires_seconds * MSEC_PER_SEC,
			      GMGUARD_A_ADOPTED_PAD) ||
	    nla_put_u64_64bit(msg, GMGUARD_A_ADOPTED_PACKETS,
			      x->curlft.packets, GMGUARD_A_ADOPTED_PAD) ||
	    nla_put_u64_64bit(msg, GMGUARD_A_ADOPTED_BYTES, x->curlft.bytes,
			      GMGUARD_A_ADOPTED_PAD) ||
	    nla_put_u32(msg, GMGUARD_A_ADOPTED_REPLAY_ERRORS,
			x->stats.replay + x->stats.replay_window) ||
	    nla_put_u32(msg, GMGUARD_A_ADOPTED_INTEGRITY_ERRORS,
			x->stats.integrity_failed))
		return -EMSGSIZE;
	return 0;
}

/**
 * gmg_nl_put_adopted() - put an adopted SA as a nest; never a key
 * @msg: the message
 * @x: its state
 * @adopted: what gmg_adopted_read() says of it
 *
 * Context: gmg_net.lock held; does not sleep.
 * Return: 0 or -EMSGSIZE.
 */
int gmg_nl_put_adopted(struct sk_buff *msg, const struct xfrm_state *x,
		       const struct gmg_adopted *adopted)
{
	struct nlattr *nest = nla_nest_start(msg, GMGUARD_A_ADOPTED);

	if (!nest ||
	    nla_put_u32(msg, GMGUARD_A_ADOPTED_SPI, ntohl(x->id.spi)) ||
	    nla_put_u32(msg, GMGUARD_A_ADOPTED_DIRECTION,
			adopted->direction) ||
	    nla_put_u32(msg, GMGUARD_A_ADOPTED_SELECTOR, adopted->selector) ||
	    put_ends(msg, x, adopted) || put_transform(msg, x) ||
	    put_life(msg, x)) {
		nla_nest_cancel(msg, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	return 0;
}

/* Where a dump stands, in netlink_callback.ctx. */
struct dump {
	struct xfrm_state_walk walk;
	bool done;
};

static struct dump *dump_of(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct dump) > sizeof(cb->ctx));
	return (struct dump *)cb->ctx;
}

/**
 * gmguard_nl_adopted_get_start() - ADOPTED_GET begins
 * @cb: the dump
 *
 * Return: 0.
 */
int gmguard_nl_adopted_get_start(struct netlink_callback *cb)
{
	xfrm_state_walk_init(&dump_of(cb)->walk, IPPROTO_ESP, NULL);
	return 0;
}

/* One stretch of the walk. */
struct stretch {
	struct gmg_net *gn;
	struct sk_buff *skb;
	struct netlink_callback *cb;
	unsigned int left;
};

/* The state at which a walk is suspended is the first of the next stretch. */
static int show_one(struct xfrm_state *x, int number, void *data)
{
	struct stretch *stretch = data;
	struct netlink_callback *cb = stretch->cb;
	struct gmg_adopted adopted;
	void *hdr;

	if (!stretch->left)
		return -EAGAIN;
	stretch->left--;
	if (!gmg_adopted_read(stretch->gn, x, &adopted))
		return 0;
	hdr = genlmsg_put(stretch->skb, NETLINK_CB(cb->skb).portid,
			  cb->nlh->nlmsg_seq, &gmguard_nl_family, NLM_F_MULTI,
			  GMGUARD_CMD_ADOPTED_GET);
	if (!hdr)
		return -EMSGSIZE;
	if (gmg_nl_put_adopted(stretch->skb, x, &adopted)) {
		genlmsg_cancel(stretch->skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(stretch->skb, hdr);
	return 0;
}

/**
 * gmguard_nl_adopted_get_dumpit() - ADOPTED_GET of all adopted SAs
 * @skb: the answer
 * @cb: the dump
 *
 * A state that is made meanwhile may be missing, one that stays is shown once.
 *
 * Return: length of the answer, 0 when done.
 */
int gmguard_nl_adopted_get_dumpit(struct sk_buff *skb,
				  struct netlink_callback *cb)
{
	struct gmg_net *gn = gmg_net(sock_net(skb->sk));
	struct dump *dump = dump_of(cb);
	int err = dump->done ? 0 : -EAGAIN;

	while (err == -EAGAIN) {
		struct stretch stretch = {
			.gn = gn, .skb = skb, .cb = cb, .left = STRETCH };

		mutex_lock(&gn->lock);
		err = xfrm_state_walk(gn->net, &dump->walk, show_one,
				      &stretch);
		mutex_unlock(&gn->lock);
		cond_resched();
	}
	/* 0: the end; -ENOENT: there is no state at all. */
	dump->done = err != -EMSGSIZE;
	return skb->len;
}

/**
 * gmguard_nl_adopted_get_done() - ADOPTED_GET ends, whether all was read or not
 * @cb: the dump
 *
 * Return: 0.
 */
int gmguard_nl_adopted_get_done(struct netlink_callback *cb)
{
	struct net *net = sock_net(cb->skb->sk);

	xfrm_state_walk_done(&dump_of(cb)->walk, net);
	return 0;
}
