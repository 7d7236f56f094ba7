// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets through LOCAL_IN, as the IP layer would send them through it.
 *
 * There is one packet, whose ports and addresses change: a real one has just
 * been decrypted, so it is in the cache. Each is preceded by what ESP does to
 * its state, so that is in the cache, too, as far as ESP brings it there. All
 * of this is in the figures of a namespace without hooks, which are to be
 * subtracted.
 */
#include <linux/ip.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/udp.h>
#include <net/xfrm.h>

#include "bench.h"
#include "ue.h"

/* A flood comes from so many addresses. */
#define UES 0x400000

static const char message[] =
	"MESSAGE sip:+4933203@ims.example SIP/2.0\r\n"
	"Via: SIP/2.0/UDP 10.64.0.1:5062;branch=z9hG4bK776asdhds\r\n"
	"Max-Forwards: 70\r\n"
	"Route: <sip:pcscf.ims.example:6101;lr>\r\n"
	"From: <sip:user1@ims.example>;tag=1928301774\r\n"
	"To: <sip:+4933203@ims.example>\r\n"
	"Call-ID: a84b4c76e66710@10.64.0.1\r\n"
	"CSeq: 314159 MESSAGE\r\n"
	"Content-Type: text/plain\r\n"
	"Content-Length: 5\r\n\r\nHello";

static unsigned int empty_hook(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	return NF_ACCEPT;
}

static const struct nf_hook_ops empty_ops = {
	.hook = empty_hook,
	.pf = NFPROTO_IPV4,
	.hooknum = NF_INET_LOCAL_IN,
	.priority = NF_IP_PRI_LAST - 1,
};

/**
 * bench_empty_hook() - a hook that does nothing
 * @net: the namespace
 * @on: whether it shall be there
 *
 * Return: 0 or a negative errno.
 */
int bench_empty_hook(struct net *net, bool on)
{
	if (on)
		return nf_register_net_hook(net, &empty_ops);
	nf_unregister_net_hook(net, &empty_ops);
	return 0;
}

static struct sk_buff *make_packet(struct net *net)
{
	const unsigned int len = sizeof(message) - 1;
	struct sk_buff *skb = alloc_skb(2048, GFP_KERNEL);
	struct iphdr *iph;
	struct udphdr *uh;

	if (!skb)
		return NULL;
	skb_reserve(skb, 128);
	skb_reset_network_header(skb);
	iph = skb_put_zero(skb, sizeof(*iph));
	skb_set_transport_header(skb, sizeof(*iph));
	uh = skb_put_zero(skb, sizeof(*uh));
	skb_put_data(skb, message, len);
	iph->version = 4;
	iph->ihl = 5;
	iph->ttl = 64;
	iph->protocol = IPPROTO_UDP;
	iph->tot_len = htons(skb->len);
	uh->len = htons(sizeof(*uh) + len);
	skb->protocol = htons(ETH_P_IP);
	skb->dev = net->loopback_dev;
	return skb;
}

/* What ESP does to a state for each packet, as in xfrm_input(). */
static void touch(struct xfrm_state *x)
{
	spin_lock(&x->lock);
	x->curlft.bytes += sizeof(message);
	x->curlft.packets++;
	x->lastused = ktime_get_real_seconds();
	spin_unlock(&x->lock);
}

static void address(struct sk_buff *skb, const struct xfrm_selector *sel)
{
	struct iphdr *iph = ip_hdr(skb);
	struct udphdr *uh = udp_hdr(skb);

	iph->saddr = sel->saddr.a4;
	iph->daddr = sel->daddr.a4;
	uh->source = sel->sport;
	uh->dest = sel->dport;
}

/* Through all hooks of LOCAL_IN; the packet survives in any case. */
static bool passes(struct net *net, struct sk_buff *skb)
{
	const struct nf_hook_entries *hooks;
	struct nf_hook_state state;

	hooks = rcu_dereference(net->nf.hooks_ipv4[NF_INET_LOCAL_IN]);
	if (!hooks)
		return true;
	nf_hook_state_init(&state, NF_INET_LOCAL_IN, NFPROTO_IPV4, skb->dev,
			   NULL, NULL, net, NULL);
	skb_get(skb);
	if (nf_hook_slow(skb, &state, hooks, 0) != 1)
		return false;
	/* A drop has let go of it. */
	refcount_dec(&skb->users);
	return true;
}

static void judge(struct net *net, struct sk_buff *skb,
		  struct bench_result *result)
{
	if (passes(net, skb))
		result->accepted++;
	else
		result->dropped++;
}

/* The references of a real sec_path were taken by xfrm_input(). */
static void protect(struct sk_buff *skb, u32 i)
{
	struct xfrm_state *x = bench_pool.x[i % bench_pool.n];

	touch(x);
	skb_sec_path(skb)->xvec[0] = x;
	address(skb, &x->sel);
}

/**
 * bench_verdicts() - packets that came through an SA
 * @net: the namespace whose hooks judge
 * @loops: how many, at least
 * @result: what came out
 *
 * Return: 0 or a negative errno.
 */
int bench_verdicts(struct net *net, u32 loops, struct bench_result *result)
{
	static u32 next;
	struct sec_path *sp;
	struct sk_buff *skb;
	u32 i, j;

	if (!bench_pool.n)
		return -ENOENT;
	skb = make_packet(net);
	sp = skb ? secpath_set(skb) : NULL;
	if (!sp) {
		kfree_skb(skb);
		return -ENOMEM;
	}
	sp->len = 1;
	bench_begin();
	for (i = 0; i < loops; i += BUDGET) {
		local_bh_disable();
		rcu_read_lock();
		for (j = 0; j < BUDGET; j++) {
			protect(skb, next++);
			judge(net, skb, result);
		}
		rcu_read_unlock();
		local_bh_enable();
		bench_batch();
		cond_resched();
	}
	result->ns = bench_end();
	result->n = i;
	sp->len = 0;
	kfree_skb(skb);
	return 0;
}

/**
 * bench_flood() - packets in clear, each from another source
 * @net: the namespace whose hooks judge
 * @addr: where to
 * @port: UDP port there
 * @loops: how many, at least
 * @result: what came out
 *
 * Return: 0 or a negative errno.
 */
int bench_flood(struct net *net, __be32 addr, u16 port, u32 loops,
		struct bench_result *result)
{
	struct xfrm_selector sel = { .daddr.a4 = addr, .dport = htons(port) };
	struct sk_buff *skb = make_packet(net);
	u32 i, j;

	if (!skb)
		return -ENOMEM;
	bench_begin();
	for (i = 0; i < loops; i += BUDGET) {
		local_bh_disable();
		rcu_read_lock();
		for (j = i; j < i + BUDGET; j++) {
			sel.saddr.a4 = htonl(UE_NET + j * 2654435761U % UES);
			sel.sport = htons(1024 + j % 60000);
			address(skb, &sel);
			judge(net, skb, result);
		}
		rcu_read_unlock();
		local_bh_enable();
		bench_batch();
		cond_resched();
	}
	result->ns = bench_end();
	result->n = i;
	kfree_skb(skb);
	return 0;
}
