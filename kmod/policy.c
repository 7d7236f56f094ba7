// SPDX-License-Identifier: GPL-2.0-only
/*
 * The out policies of an endpoint. There is none per UE: a policy names a
 * protected port and any destination, and xfrm_state_find() takes the state
 * whose exact selector fits the packet.
 *
 * UDP from port_ps has no policy: it has to reach LOCAL_OUT, where it is moved
 * to port_pc. Without that move POST_ROUTING drops it.
 *
 * Concurrency: all under gmg_net.lock. Each entry of gmg_endpoint.policies
 * owns the reference of its allocation, so that an entry which somebody else
 * deleted can still be recognised as dead.
 */
#include <linux/slab.h>
#include <net/xfrm.h>

#include "endpoint.h"
#include "policy.h"

static unsigned int policy_count(const struct gmg_endpoint_conf *conf)
{
	return conf->n_exempt + conf->n_ps + 2 * conf->n_pc;
}

static void select_port(struct xfrm_selector *sel, u16 port, u8 proto)
{
	sel->sport = htons(port);
	sel->sport_mask = htons(0xffff);
	sel->proto = proto;
}

/* What the policy number @i is about: exempt peers, then ports. */
static void describe(struct xfrm_policy *pol,
		     const struct gmg_endpoint_conf *conf, unsigned int i)
{
	struct xfrm_tmpl *tmpl = &pol->xfrm_vec[0];

	if (i < conf->n_exempt) {
		memcpy(&pol->selector.daddr, &conf->exempt[i].addr,
		       sizeof(pol->selector.daddr));
		pol->selector.prefixlen_d = conf->exempt[i].len;
		pol->priority = conf->policy_priority - 1;
		return;
	}

	pol->priority = conf->policy_priority;
	pol->xfrm_nr = 1;
	tmpl->id.proto = IPPROTO_ESP;
	tmpl->encap_family = conf->family;
	tmpl->reqid = GMGUARD_REQID;
	tmpl->mode = XFRM_MODE_TRANSPORT;
	tmpl->aalgos = ~0;
	tmpl->ealgos = ~0;
	tmpl->calgos = ~0;
	tmpl->allalgs = 1;

	i -= conf->n_exempt;
	if (i < conf->n_ps) {
		select_port(&pol->selector, conf->port_ps[i], IPPROTO_TCP);
		return;
	}
	i -= conf->n_ps;
	select_port(&pol->selector, conf->port_pc[i / 2],
		    i % 2 ? IPPROTO_UDP : IPPROTO_TCP);
}

static struct xfrm_policy *policy_alloc(struct net *net,
					const struct gmg_endpoint_conf *conf,
					unsigned int i)
{
	struct xfrm_policy *pol = xfrm_policy_alloc(net, GFP_KERNEL);

	if (!pol)
		return NULL;
	pol->family = conf->family;
	pol->action = XFRM_POLICY_ALLOW;
	pol->lft.soft_byte_limit = XFRM_INF;
	pol->lft.hard_byte_limit = XFRM_INF;
	pol->lft.soft_packet_limit = XFRM_INF;
	pol->lft.hard_packet_limit = XFRM_INF;
	pol->selector.family = conf->family;
	memcpy(&pol->selector.saddr, &conf->addr, sizeof(pol->selector.saddr));
	pol->selector.prefixlen_s = conf->family == AF_INET ? 32 : 128;
	describe(pol, conf, i);
	return pol;
}

static void announce(struct net *net, struct xfrm_policy *pol, u32 event)
{
	struct km_event c = { .event = event, .net = net };

	km_policy_notify(pol, XFRM_POLICY_OUT, &c);
}

/* One that was never inserted. */
static void discard(struct xfrm_policy *pol)
{
	pol->walk.dead = 1;
	xfrm_pol_put(pol);
}

static int insert(struct net *net, struct xfrm_policy *pol, bool exclusive)
{
	int err = xfrm_policy_insert(XFRM_POLICY_OUT, pol, exclusive);

	if (err)
		discard(pol);
	else
		announce(net, pol, XFRM_MSG_NEWPOLICY);
	return err;
}

static int insert_one(struct net *net, struct gmg_endpoint *ep, unsigned int i,
		      bool exclusive)
{
	struct xfrm_policy *pol = policy_alloc(net, &ep->conf, i);
	int err;

	if (!pol)
		return -ENOMEM;
	err = insert(net, pol, exclusive);
	if (!err)
		ep->policies[i] = pol;
	return err;
}

static void remove_one(struct net *net, struct xfrm_policy *pol)
{
	if (!xfrm_policy_delete(pol, XFRM_POLICY_OUT))
		announce(net, pol, XFRM_MSG_DELPOLICY);
	xfrm_pol_put(pol);
}

static void say_why(struct netlink_ext_ack *extack, int err)
{
	if (err == -EEXIST)
		NL_SET_ERR_MSG(extack,
			       "another xfrm out policy has the same selector as a protected port: see \"ip xfrm policy\" and delete it");
}

/**
 * gmg_policies_install() - insert the out policies of an endpoint
 * @net: its namespace
 * @ep: the endpoint
 * @extack: says why it failed
 *
 * Context: may sleep, gmg_net.lock held.
 * Return: 0, -EEXIST if another program has a policy with such a selector, or
 * -ENOMEM; then none of them is left.
 */
int gmg_policies_install(struct net *net, struct gmg_endpoint *ep,
			 struct netlink_ext_ack *extack)
{
	unsigned int n = policy_count(&ep->conf);
	unsigned int i;
	int err;

	ep->policies = kcalloc(n, sizeof(*ep->policies), GFP_KERNEL);
	if (!ep->policies)
		return -ENOMEM;
	ep->n_policies = n;
	for (i = 0; i < n; i++) {
		err = insert_one(net, ep, i, true);
		if (err)
			goto err_remove;
	}
	return 0;

err_remove:
	say_why(extack, err);
	gmg_policies_remove(net, ep);
	return err;
}

/* The place of a policy that does the same, among those that are in place. */
static struct xfrm_policy **find_same(struct xfrm_policy **v, unsigned int n,
				      const struct xfrm_policy *pol)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (v[i] && !v[i]->walk.dead &&
		    v[i]->priority == pol->priority &&
		    v[i]->xfrm_nr == pol->xfrm_nr &&
		    !memcmp(&v[i]->selector, &pol->selector,
			    sizeof(pol->selector)))
			return &v[i];
	return NULL;
}

/* Put back what was taken over, delete what was not there before. */
static void undo_change(struct net *net, struct gmg_policies *new,
			struct xfrm_policy ***from)
{
	unsigned int i;

	for (i = 0; i < new->n; i++) {
		if (from[i])
			*from[i] = new->v[i];
		else if (new->v[i])
			remove_one(net, new->v[i]);
	}
	kfree(new->v);
}

static int make_or_take(struct gmg_endpoint *ep,
			const struct gmg_endpoint_conf *conf, unsigned int i,
			struct gmg_policies *new, struct xfrm_policy ***from)
{
	struct net *net = ep->gn->net;
	struct xfrm_policy *pol = policy_alloc(net, conf, i);
	int err;

	if (!pol)
		return -ENOMEM;
	from[i] = find_same(ep->policies, ep->n_policies, pol);
	if (from[i]) {
		discard(pol);
		new->v[i] = *from[i];
		*from[i] = NULL;
		return 0;
	}
	err = insert(net, pol, true);
	if (!err)
		new->v[i] = pol;
	return err;
}

/**
 * gmg_policies_change() - insert what another configuration needs beside
 * @ep: the endpoint, not an audit
 * @conf: the configuration, with the same policy_priority
 * @gone: what it no longer needs, still in place, for gmg_policies_drop()
 * @extack: says why it failed
 *
 * Policies that both need are not touched.
 *
 * Context: may sleep, gmg_net.lock held.
 * Return: 0, -EEXIST if another program has a policy with such a selector, or
 * -ENOMEM; then nothing has changed.
 */
int gmg_policies_change(struct gmg_endpoint *ep,
			const struct gmg_endpoint_conf *conf,
			struct gmg_policies *gone,
			struct netlink_ext_ack *extack)
{
	struct gmg_policies new = { .n = policy_count(conf) };
	struct xfrm_policy ***from;
	unsigned int i;
	int err = 0;

	/* What somebody deleted would be missing in the new list too. */
	gmg_policies_repair(ep->gn->net, ep);
	new.v = kcalloc(new.n, sizeof(*new.v), GFP_KERNEL);
	from = kcalloc(new.n, sizeof(*from), GFP_KERNEL);
	if (!new.v || !from) {
		kfree(new.v);
		kfree(from);
		return -ENOMEM;
	}
	for (i = 0; i < new.n && !err; i++)
		err = make_or_take(ep, conf, i, &new, from);
	if (err) {
		say_why(extack, err);
		undo_change(ep->gn->net, &new, from);
	} else {
		*gone = (struct gmg_policies){ ep->policies, ep->n_policies };
		ep->policies = new.v;
		ep->n_policies = new.n;
	}
	kfree(from);
	return err;
}

/**
 * gmg_policies_drop() - delete what an endpoint no longer needs
 * @net: its namespace
 * @gone: the policies
 *
 * Context: may sleep, gmg_net.lock held.
 */
void gmg_policies_drop(struct net *net, struct gmg_policies *gone)
{
	unsigned int i;

	for (i = 0; i < gone->n; i++)
		if (gone->v[i])
			remove_one(net, gone->v[i]);
	kfree(gone->v);
}

/**
 * gmg_policies_repair() - put back what another program deleted or replaced
 * @net: the namespace
 * @ep: the endpoint
 *
 * Another program's policy that took the place of ours has to go again. Until
 * one is back that there is no memory for, the hooks drop what it would have
 * refused.
 *
 * Context: may sleep, gmg_net.lock held.
 * Return: whether all are in place now.
 */
bool gmg_policies_repair(struct net *net, struct gmg_endpoint *ep)
{
	bool whole = true;
	unsigned int i;

	for (i = 0; i < ep->n_policies; i++) {
		struct xfrm_policy *old = ep->policies[i];

		if (old && !old->walk.dead)
			continue;
		ep->policies[i] = NULL;
		if (old)
			xfrm_pol_put(old);
		whole &= !insert_one(net, ep, i, false);
	}
	return whole;
}

/**
 * gmg_policies_remove() - delete the out policies of an endpoint
 * @net: its namespace
 * @ep: the endpoint
 *
 * Context: may sleep, gmg_net.lock held.
 */
void gmg_policies_remove(struct net *net, struct gmg_endpoint *ep)
{
	struct gmg_policies gone = { ep->policies, ep->n_policies };

	gmg_policies_drop(net, &gone);
	ep->policies = NULL;
	ep->n_policies = 0;
}

/**
 * gmg_policies_alive() - how many out policies of an endpoint are in place
 * @ep: the endpoint
 *
 * Context: gmg_net.lock held.
 */
unsigned int gmg_policies_alive(const struct gmg_endpoint *ep)
{
	unsigned int alive = 0;
	unsigned int i;

	for (i = 0; i < ep->n_policies; i++)
		alive += ep->policies[i] && !ep->policies[i]->walk.dead;
	return alive;
}
