// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guarded endpoints: which addresses and ports a namespace protects.
 *
 * Concurrency: made, changed and deleted under gmg_net.lock. Hooks find them
 * under RCU and read only what never changes, or their rules, which are replaced
 * as a whole. The port bitmaps of the namespace, and what is known of those who
 * send in clear, are allocated before the first hook is registered and freed
 * after the last one is gone, so that hooks read them without a check.
 */
#include <linux/slab.h>

#include "clear.h"
#include "endpoint.h"
#include "gro.h"
#include "hook.h"
#include "policy.h"

/* The table multiplies; nobody but the administrator puts anything there. */
static u32 addr_hash(const struct gmg_addr *addr)
{
	return (__force u32)(addr->w[0] ^ addr->w[1] ^ addr->w[2] ^ addr->w[3]);
}

/**
 * gmg_endpoint_find() - the endpoint that guards an address
 * @gn: the namespace
 * @family: AF_INET or AF_INET6
 * @addr: the address
 *
 * Context: under RCU or gmg_net.lock.
 * Return: the endpoint or NULL.
 */
struct gmg_endpoint *gmg_endpoint_find(const struct gmg_net *gn, u8 family,
				       const struct gmg_addr *addr)
{
	struct gmg_endpoint *ep;

	hash_for_each_possible_rcu(gn->endpoints, ep, node, addr_hash(addr),
				   lockdep_is_held(&gn->lock))
		if (ep->conf.family == family &&
		    gmg_addr_equal(&ep->conf.addr, addr))
			return ep;
	return NULL;
}

/**
 * gmg_endpoint_of() - the endpoint that a protected port belongs to
 * @gn: the namespace
 * @family: AF_INET or AF_INET6
 * @addr: an address
 * @port: a port of that address
 *
 * Context: under RCU or gmg_net.lock.
 * Return: the endpoint, or NULL if the port is not protected there.
 */
struct gmg_endpoint *gmg_endpoint_of(const struct gmg_net *gn, u8 family,
				     const struct gmg_addr *addr, __be16 port)
{
	struct gmg_endpoint *ep = gmg_endpoint_find(gn, family, addr);

	return ep && gmg_endpoint_protects(ep, port) ? ep : NULL;
}

/**
 * gmg_endpoint_is_unprotected() - whether a port is an unprotected SIP port
 * @ep: the endpoint
 * @port: the port
 *
 * Context: under RCU or gmg_net.lock.
 * Return: true if it is.
 */
bool gmg_endpoint_is_unprotected(const struct gmg_endpoint *ep, __be16 port)
{
	const struct gmg_endpoint_conf *conf = &gmg_endpoint_rules(ep)->conf;
	unsigned int i;

	for (i = 0; i < conf->n_unprotected; i++)
		if (conf->port_unprotected[i] == ntohs(port))
			return true;
	return false;
}

/**
 * gmg_conf_exempts() - whether an address is a core peer of a configuration
 * @conf: the configuration
 * @addr: the address
 *
 * Return: true if it is.
 */
bool gmg_conf_exempts(const struct gmg_endpoint_conf *conf,
		      const struct gmg_addr *addr)
{
	unsigned int i;

	for (i = 0; i < conf->n_exempt; i++)
		if (gmg_prefix_matches(&conf->exempt[i], addr))
			return true;
	return false;
}

/**
 * gmg_endpoint_exempts() - whether a destination is an exempt core peer
 * @ep: the endpoint that the packet leaves from
 * @addr: the destination
 *
 * Context: under RCU or gmg_net.lock.
 * Return: true if it is.
 */
bool gmg_endpoint_exempts(const struct gmg_endpoint *ep,
			  const struct gmg_addr *addr)
{
	return gmg_conf_exempts(&gmg_endpoint_rules(ep)->conf, addr);
}

/* Clear the bits of ports that no endpoint has any more. */
static void rebuild_ports(struct gmg_net *gn)
{
	struct gmg_endpoint *ep;
	unsigned int port;
	unsigned int i;

	for_each_set_bit(port, gn->guarded, 65536) {
		bool unprotected = false;
		bool protected = false;

		hash_for_each(gn->endpoints, i, ep, node) {
			protected |= gmg_endpoint_protects(ep, htons(port));
			unprotected |=
				gmg_endpoint_is_unprotected(ep, htons(port));
		}
		if (!protected)
			clear_bit(port, gn->ports);
		if (!protected && !unprotected)
			clear_bit(port, gn->guarded);
	}
}

static void guard_free(struct gmg_net *gn)
{
	gmg_clear_free(gn->clear);
	bitmap_free(gn->guarded);
	bitmap_free(gn->ports);
	gn->clear = NULL;
	gn->guarded = NULL;
	gn->ports = NULL;
}

static int guard_begin(struct gmg_net *gn, struct netlink_ext_ack *extack)
{
	int err = -ENOMEM;

	if (gn->n_endpoints)
		return 0;
	gn->ports = bitmap_zalloc(65536, GFP_KERNEL);
	gn->guarded = bitmap_zalloc(65536, GFP_KERNEL);
	gn->clear = gmg_clear_alloc(gn);
	if (!gn->ports || !gn->guarded || !gn->clear)
		goto err_free;
	gmg_gro_get();
	err = gmg_hooks_register(gn->net);
	if (err)
		goto err_put_gro;
	return 0;

err_put_gro:
	NL_SET_ERR_MSG(extack, "netfilter hooks could not be registered");
	gmg_gro_put();
err_free:
	guard_free(gn);
	return err;
}

static void guard_end(struct gmg_net *gn)
{
	if (gn->n_endpoints)
		return;
	gmg_hooks_unregister(gn->net);
	gmg_gro_put();
	guard_free(gn);
}

static void unpublish(struct gmg_net *gn, struct gmg_endpoint *ep)
{
	hash_del_rcu(&ep->node);
	gn->n_endpoints--;
	gn->n_audits -= ep->conf.audit;
	rebuild_ports(gn);
}

static void publish_ports(struct gmg_net *gn,
			  const struct gmg_endpoint_rules *rules)
{
	unsigned int port;
	unsigned int i;

	for_each_set_bit(port, rules->protected, 65536) {
		set_bit(port, gn->ports);
		set_bit(port, gn->guarded);
	}
	for (i = 0; i < rules->conf.n_unprotected; i++)
		set_bit(rules->conf.port_unprotected[i], gn->guarded);
}

static void publish(struct gmg_net *gn, struct gmg_endpoint *ep)
{
	hash_add_rcu(gn->endpoints, &ep->node, addr_hash(&ep->conf.addr));
	gn->n_endpoints++;
	gn->n_audits += ep->conf.audit;
	publish_ports(gn, gmg_endpoint_rules(ep));
}

static struct gmg_endpoint_rules *
rules_alloc(const struct gmg_endpoint_conf *conf)
{
	struct gmg_endpoint_rules *rules =
		kvzalloc(sizeof(*rules), GFP_KERNEL_ACCOUNT);
	unsigned int i;

	if (!rules)
		return NULL;
	rules->conf = *conf;
	for (i = 0; i < conf->n_ps; i++) {
		__set_bit(conf->port_ps[i], rules->protected);
		__set_bit(conf->port_ps[i], rules->server);
	}
	for (i = 0; i < conf->n_pc; i++)
		__set_bit(conf->port_pc[i], rules->protected);
	return rules;
}

/**
 * gmg_endpoint_new() - guard an address
 * @gn: the namespace, gmg_net.lock held
 * @conf: what to guard, already checked; nothing guards it yet
 * @extack: says why it failed
 *
 * Context: may sleep.
 * Return: the endpoint or an ERR_PTR: -EEXIST if another program's policy is
 * in the way, -ENOMEM.
 */
struct gmg_endpoint *gmg_endpoint_new(struct gmg_net *gn,
				      const struct gmg_endpoint_conf *conf,
				      struct netlink_ext_ack *extack)
{
	struct gmg_endpoint_rules *rules;
	struct gmg_endpoint *ep;
	int err;

	lockdep_assert_held(&gn->lock);
	ep = kzalloc(sizeof(*ep), GFP_KERNEL_ACCOUNT);
	rules = rules_alloc(conf);
	err = -ENOMEM;
	if (!ep || !rules)
		goto err_free;
	ep->gn = gn;
	ep->conf = *conf;
	RCU_INIT_POINTER(ep->rules, rules);

	err = xa_alloc(&gn->endpoint_ids, &ep->id, ep, xa_limit_31b,
		       GFP_KERNEL);
	if (err)
		goto err_free;
	err = guard_begin(gn, extack);
	if (err)
		goto err_free_id;
	publish(gn, ep);
	/* They refuse what has no SA, and an audit refuses nothing. */
	err = conf->audit ? 0 : gmg_policies_install(gn->net, ep, extack);
	if (err)
		goto err_unpublish;
	return ep;

err_unpublish:
	unpublish(gn, ep);
	guard_end(gn);
err_free_id:
	xa_erase(&gn->endpoint_ids, ep->id);
	synchronize_rcu();
err_free:
	kvfree(rules);
	kfree(ep);
	return ERR_PTR(err);
}

/**
 * gmg_endpoint_set() - change what an endpoint guards
 * @ep: the endpoint, gmg_net.lock held
 * @conf: as it shall be, already checked: the same family, addr, audit and
 *	policy_priority, and all ports that SA sets of the endpoint have
 * @extack: says why it failed
 *
 * At each moment a packet meets the old rules or the new ones. Policies come
 * before the rules that need them and go after those that did, so that what
 * both refuse never finds a gap.
 *
 * Context: may sleep.
 * Return: 0; else -EEXIST if another program's policy is in the way, or
 * -ENOMEM, and nothing has changed.
 */
int gmg_endpoint_set(struct gmg_endpoint *ep,
		     const struct gmg_endpoint_conf *conf,
		     struct netlink_ext_ack *extack)
{
	struct gmg_endpoint_rules *old;
	struct gmg_endpoint_rules *new;
	struct gmg_policies gone = { NULL, 0 };
	int err;

	lockdep_assert_held(&ep->gn->lock);
	new = rules_alloc(conf);
	if (!new)
		return -ENOMEM;
	/* An audit has none. */
	err = conf->audit ? 0 :
			    gmg_policies_change(ep, conf, &gone, extack);
	if (err) {
		kvfree(new);
		return err;
	}
	publish_ports(ep->gn, new);
	ep->conf = *conf;
	ep->next_pc = 0;
	old = rcu_replace_pointer(ep->rules, new,
				  lockdep_is_held(&ep->gn->lock));
	rebuild_ports(ep->gn);
	gmg_policies_drop(ep->gn->net, &gone);
	kvfree_rcu(old, rcu);
	return 0;
}

/**
 * gmg_endpoint_del() - stop guarding an address
 * @gn: the namespace, gmg_net.lock held
 * @ep: the endpoint, without SA sets
 *
 * Its policies go first, while the hooks still drop what they no longer hold.
 *
 * Context: may sleep.
 */
void gmg_endpoint_del(struct gmg_net *gn, struct gmg_endpoint *ep)
{
	lockdep_assert_held(&gn->lock);
	WARN_ON_ONCE(ep->n_sets);
	gmg_policies_remove(gn->net, ep);
	unpublish(gn, ep);
	guard_end(gn);
	xa_erase(&gn->endpoint_ids, ep->id);
	kvfree_rcu(rcu_dereference_protected(ep->rules, 1), rcu);
	kfree_rcu(ep, rcu);
}
