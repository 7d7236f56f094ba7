// SPDX-License-Identifier: GPL-2.0-only
/*
 * The netfilter hooks of a ruleset: only those that it needs are there.
 *
 *   LOCAL_IN      late   a core node, and the access side of a router
 *   FORWARD       late   a router
 *   POST_ROUTING  late   what must not leave in clear
 *
 * All run after NAT: they see what the socket, or the wire, will see.
 *
 * Concurrency: all run under RCU, on any number of CPUs; see hook.c.
 */
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/netfilter/ipv4/nf_defrag_ipv4.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>

#include "hook.h"
#include "rulehook.h"
#include "ruleset.h"

enum {
	HOOK_IN = BIT(0),
	HOOK_FORWARD = BIT(1),
	HOOK_OUT = BIT(2),
};

/* A bit of IPCB/IP6CB flags that the stack leaves alone, and hook.c too. */
#define FORWARDED BIT(14)

static unsigned int apply(struct sk_buff *skb,
			  const struct nf_hook_state *state,
			  const struct gmg_ruleset *rs,
			  const struct gmg_passage *p,
			  struct gmg_ruling ruling)
{
	u32 spi = p->n_esp ? ntohl(p->esp[0]->id.spi) : 0;

	gmg_rulecount_add(rs, ruling.rule, ruling.reason);
	return gmg_hook_apply(gmg_net(state->net), rs->audit, skb, state,
			      &p->flow, spi, ruling.reason);
}

static bool is_loopback(const struct nf_hook_state *state)
{
	return state->in && state->in->flags & IFF_LOOPBACK;
}

static unsigned int rule_local_in(void *priv, struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	const struct gmg_ruleset *rs =
		rcu_dereference(gmg_net(state->net)->ruleset);
	struct gmg_ruling ruling;
	struct gmg_passage p;

	/* This host may speak with itself. */
	if (!rs || is_loopback(state))
		return NF_ACCEPT;
	gmg_passage_read(&p, skb, state);
	ruling = gmg_access_in(rs, &p);
	if (!ruling.reason && rs->node)
		ruling = gmg_node_in(rs, &p);
	return apply(skb, state, rs, &p, ruling);
}

static unsigned int rule_forward(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	const struct gmg_ruleset *rs =
		rcu_dereference(gmg_net(state->net)->ruleset);
	struct gmg_passage p;

	if (!rs)
		return NF_ACCEPT;
	*gmg_hook_flags(skb, state->pf) |= FORWARDED;
	gmg_passage_read(&p, skb, state);
	return apply(skb, state, rs, &p, gmg_router_pass(rs, &p));
}

static unsigned int rule_post_routing(void *priv, struct sk_buff *skb,
				      const struct nf_hook_state *state)
{
	const struct gmg_ruleset *rs =
		rcu_dereference(gmg_net(state->net)->ruleset);
	u16 *flags = gmg_hook_flags(skb, state->pf);
	bool forwarded = *flags & FORWARDED;
	struct gmg_ruling ruling = {};
	struct gmg_passage p;

	/* ESP's own second pass is not judged. */
	if (!rs || gmg_hook_is_transformed(skb, state->pf))
		return NF_ACCEPT;
	*flags &= ~FORWARDED;
	if (!forwarded && (!rs->node || state->out->flags & IFF_LOOPBACK))
		return NF_ACCEPT;
	gmg_passage_read(&p, skb, state);
	ruling = forwarded ? gmg_router_out(rs, &p) : gmg_node_out(rs, &p);
	return apply(skb, state, rs, &p, ruling);
}

#define OPS(function, family, point, last) { \
	.hook = (function), \
	.pf = NFPROTO_##family, \
	.hooknum = NF_INET_##point, \
	.priority = (last) - 1, \
}

static const struct nf_hook_ops in_ops[] = {
	OPS(rule_local_in, IPV4, LOCAL_IN, NF_IP_PRI_LAST),
#if IS_ENABLED(CONFIG_IPV6)
	OPS(rule_local_in, IPV6, LOCAL_IN, NF_IP6_PRI_LAST),
#endif
};

static const struct nf_hook_ops forward_ops[] = {
	OPS(rule_forward, IPV4, FORWARD, NF_IP_PRI_LAST),
#if IS_ENABLED(CONFIG_IPV6)
	OPS(rule_forward, IPV6, FORWARD, NF_IP6_PRI_LAST),
#endif
};

static const struct nf_hook_ops out_ops[] = {
	OPS(rule_post_routing, IPV4, POST_ROUTING, NF_IP_PRI_LAST),
#if IS_ENABLED(CONFIG_IPV6)
	OPS(rule_post_routing, IPV6, POST_ROUTING, NF_IP6_PRI_LAST),
#endif
};

/* Fragments show no ports: they are put together before the first hook. */
static int defrag_enable(struct net *net)
{
	int err = nf_defrag_ipv4_enable(net);

#if IS_ENABLED(CONFIG_IPV6)
	if (!err) {
		err = nf_defrag_ipv6_enable(net);
		if (err)
			nf_defrag_ipv4_disable(net);
	}
#endif
	return err;
}

static void defrag_disable(struct net *net)
{
#if IS_ENABLED(CONFIG_IPV6)
	nf_defrag_ipv6_disable(net);
#endif
	nf_defrag_ipv4_disable(net);
}

static int add(struct gmg_net *gn, unsigned int hook,
	       const struct nf_hook_ops *ops, unsigned int n)
{
	int err;

	err = nf_register_net_hooks(gn->net, ops, n);
	if (!err)
		gn->rulehooks |= hook;
	return err;
}

/**
 * gmg_rulehooks_for() - the hooks that a ruleset needs
 * @rs: the ruleset, or NULL
 *
 * Return: for gmg_rulehooks_add() and gmg_rulehooks_keep().
 */
unsigned int gmg_rulehooks_for(const struct gmg_ruleset *rs)
{
	unsigned int hooks = 0;

	if (!rs)
		return 0;
	if (rs->node)
		hooks |= HOOK_IN | HOOK_OUT;
	if (rs->n_access)
		hooks |= HOOK_IN | HOOK_FORWARD;
	if (rs->has_domains)
		hooks |= HOOK_FORWARD | HOOK_OUT;
	return hooks;
}

/**
 * gmg_rulehooks_add() - see to it that hooks are there
 * @gn: the namespace, its lock held
 * @hooks: which; those that are there stay
 *
 * Context: may sleep.
 * Return: 0 or a negative errno; then none was added.
 */
int gmg_rulehooks_add(struct gmg_net *gn, unsigned int hooks)
{
	unsigned int before = gn->rulehooks;
	unsigned int missing = hooks & ~before;
	int err = 0;

	if (!before && hooks) {
		err = defrag_enable(gn->net);
		if (err)
			return err;
	}
	if (missing & HOOK_IN)
		err = add(gn, HOOK_IN, in_ops, ARRAY_SIZE(in_ops));
	if (!err && missing & HOOK_FORWARD)
		err = add(gn, HOOK_FORWARD, forward_ops,
			  ARRAY_SIZE(forward_ops));
	if (!err && missing & HOOK_OUT)
		err = add(gn, HOOK_OUT, out_ops, ARRAY_SIZE(out_ops));
	if (!err)
		return 0;
	if (!gn->rulehooks)
		defrag_disable(gn->net);
	else
		gmg_rulehooks_keep(gn, before);
	return err;
}

/**
 * gmg_rulehooks_keep() - take away the other hooks
 * @gn: the namespace, its lock held
 * @hooks: which stay
 *
 * Context: may sleep.
 */
void gmg_rulehooks_keep(struct gmg_net *gn, unsigned int hooks)
{
	unsigned int extra = gn->rulehooks & ~hooks;

	if (!extra)
		return;
	if (extra & HOOK_IN)
		nf_unregister_net_hooks(gn->net, in_ops, ARRAY_SIZE(in_ops));
	if (extra & HOOK_FORWARD)
		nf_unregister_net_hooks(gn->net, forward_ops,
					ARRAY_SIZE(forward_ops));
	if (extra & HOOK_OUT)
		nf_unregister_net_hooks(gn->net, out_ops, ARRAY_SIZE(out_ops));
	gn->rulehooks &= hooks;
	if (!gn->rulehooks)
		defrag_disable(gn->net);
}
