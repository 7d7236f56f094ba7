// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bindings: (UE address, UE port, P-CSCF address, P-CSCF port) tied to one
 * inbound SA, unique over all live sets of a namespace (TS 33.203 7.1).
 *
 * Concurrency: added and deleted under gmg_net.lock, found under RCU. A
 * binding is part of its set and freed with it after a grace period.
 */
#include <linux/jhash.h>

#include "binding.h"
#include "fault.h"

static void tuple_of(const struct gmg_binding *binding, struct gmg_tuple *tuple)
{
	const struct gmg_saset *set = binding->set;
	bool is_a = binding->sa == GMGUARD_SA_NAME_A;

	tuple->ue = set->ue;
	tuple->local = set->ep->conf.addr;
	tuple->ue_port = htons(is_a ? set->port_uc : set->port_us);
	tuple->local_port = htons(is_a ? set->port_ps : set->port_pc);
	tuple->family = set->ep->conf.family;
}

static u32 hash_key(const void *data, u32 len, u32 seed)
{
	return jhash2(data, sizeof(struct gmg_tuple) / sizeof(u32), seed);
}

static u32 hash_binding(const void *data, u32 len, u32 seed)
{
	struct gmg_tuple tuple;

	tuple_of(data, &tuple);
	return hash_key(&tuple, sizeof(tuple), seed);
}

static int compare(struct rhashtable_compare_arg *arg, const void *obj)
{
	struct gmg_tuple tuple;

	tuple_of(obj, &tuple);
	return memcmp(arg->key, &tuple, sizeof(tuple));
}

const struct rhashtable_params gmg_binding_params = {
	.head_offset = offsetof(struct gmg_binding, node),
	.key_len = sizeof(struct gmg_tuple),
	.hashfn = hash_key,
	.obj_hashfn = hash_binding,
	.obj_cmpfn = compare,
	.automatic_shrinking = true,
};

/**
 * gmg_binding_find() - the binding of a tuple
 * @gn: the namespace
 * @tuple: both ends
 *
 * Context: under RCU or gmg_net.lock.
 * Return: the binding or NULL.
 */
struct gmg_binding *gmg_binding_find(struct gmg_net *gn,
				     const struct gmg_tuple *tuple)
{
	return rhashtable_lookup_fast(&gn->bindings, tuple, gmg_binding_params);
}

/**
 * gmg_state_tuple() - the tuple that a state of an owned set would have
 * @x: a state; outbound if it has the reqid of our policies
 * @tuple: filled in
 */
void gmg_state_tuple(const struct xfrm_state *x, struct gmg_tuple *tuple)
{
	const struct xfrm_selector *sel = &x->sel;
	bool out = x->props.reqid == GMGUARD_REQID;

	memset(tuple, 0, sizeof(*tuple));
	gmg_addr_from_xfrm(&tuple->ue, out ? &sel->daddr : &sel->saddr,
			   sel->family);
	gmg_addr_from_xfrm(&tuple->local, out ? &sel->saddr : &sel->daddr,
			   sel->family);
	tuple->ue_port = out ? sel->dport : sel->sport;
	tuple->local_port = out ? sel->sport : sel->dport;
	tuple->family = sel->family;
}

static int add_one(struct gmg_binding *binding)
{
	/* A set that gives way may still be there with the same tuple. */
	return gmg_fault() ? -ENOMEM :
	       rhashtable_insert_fast(&binding->set->gn->bindings,
				      &binding->node, gmg_binding_params);
}

static void del_one(struct gmg_binding *binding)
{
	rhashtable_remove_fast(&binding->set->gn->bindings, &binding->node,
			       gmg_binding_params);
}

/**
 * gmg_bindings_add() - publish both bindings of a set
 * @set: the set
 *
 * Context: gmg_net.lock held.
 * Return: 0 or a negative errno; then neither is published.
 */
int gmg_bindings_add(struct gmg_saset *set)
{
	int err;

	set->bindings[0] = (struct gmg_binding){
		.set = set, .sa = GMGUARD_SA_NAME_A };
	set->bindings[1] = (struct gmg_binding){
		.set = set, .sa = GMGUARD_SA_NAME_D };

	err = add_one(&set->bindings[0]);
	if (err)
		return err;
	err = add_one(&set->bindings[1]);
	if (err)
		del_one(&set->bindings[0]);
	return err;
}

/**
 * gmg_bindings_del() - unpublish both bindings of a set
 * @set: the set
 *
 * Context: gmg_net.lock held.
 */
void gmg_bindings_del(struct gmg_saset *set)
{
	del_one(&set->bindings[0]);
	del_one(&set->bindings[1]);
}
