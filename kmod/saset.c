// SPDX-License-Identifier: GPL-2.0-only
/*
 * SA sets: made whole, ended whole.
 *
 * Concurrency: made, changed and deleted under gmg_net.lock. Hooks reach a set
 * under RCU and read what never changes, @phase, @flags and @watch. Whoever needs a set
 * beyond RCU holds a reference: the namespace's table has one until the set is
 * deleted, gmg_net.todo has one while the set waits there. Timers, hooks and
 * the key manager run in atomic context: they only poke, the worker acts.
 */
#include <linux/module.h>
#include <linux/slab.h>

#include "binding.h"
#include "choose.h"
#include "clock.h"
#include "conn.h"
#include "event.h"
#include "fault.h"
#include "group.h"
#include "impi.h"
#include "phase.h"
#include "saset.h"
#include "watch.h"

/* Their size is a third less than what kmalloc() would take for each. */
static struct kmem_cache *cache __ro_after_init;

static void free_saset(struct rcu_head *rcu)
{
	struct gmg_saset *set = container_of(rcu, struct gmg_saset, rcu);

	kfree(rcu_access_pointer(set->watch));
	kfree(set->data);
	kmem_cache_free(cache, set);
}

static void release(struct kref *ref)
{
	struct gmg_saset *set = container_of(ref, struct gmg_saset, ref);

	call_rcu(&set->rcu, free_saset);
}

/**
 * gmg_saset_put() - drop a reference
 * @set: the set
 */
void gmg_saset_put(struct gmg_saset *set)
{
	kref_put(&set->ref, release);
}

/**
 * gmg_saset_poke() - have the worker look after a set
 * @set: the set
 * @why: what happened
 *
 * Context: any, under RCU or with a reference.
 */
void gmg_saset_poke(struct gmg_saset *set, enum gmg_saset_flag why)
{
	set_bit(why, &set->flags);
	if (test_and_set_bit(GMG_SASET_QUEUED, &set->flags))
		return;
	/* A set without references is on its way out: nothing to do. */
	if (!kref_get_unless_zero(&set->ref))
		return;
	llist_add(&set->todo, &set->gn->todo);
	queue_work(gmg_wq, &set->gn->work);
}

static void deadline_passed(struct timer_list *timer)
{
	struct gmg_saset *set = container_of(timer, struct gmg_saset, timer);

	gmg_saset_poke(set, GMG_SASET_DUE);
}

/* The flow that SA number @sa of a set carries. */
static void flow_of(const struct gmg_saset *set, unsigned int sa,
		    struct gmg_flow *flow)
{
	bool client = sa == GMGUARD_SA_NAME_A || sa == GMGUARD_SA_NAME_B;
	__be16 ue_port = htons(client ? set->port_uc : set->port_us);
	__be16 local_port = htons(client ? set->port_ps : set->port_pc);
	bool in = gmg_sa_is_inbound(sa);

	*flow = (struct gmg_flow){
		.src = in ? set->ue : set->ep->conf.addr,
		.dst = in ? set->ep->conf.addr : set->ue,
		.sport = in ? ue_port : local_port,
		.dport = in ? local_port : ue_port,
		.family = set->ep->conf.family,
	};
}

static void discard_states(struct gmg_saset *set)
{
	int i;

	for (i = 0; i < GMG_SAS; i++)
		if (set->sa[i])
			gmg_sa_discard(set->sa[i]);
}

static int build_states(struct gmg_saset *set,
			const struct gmg_saset_conf *conf,
			struct netlink_ext_ack *extack)
{
	const u32 spi[GMG_SAS] = {
		[GMGUARD_SA_NAME_A] = conf->spi_ps,
		[GMGUARD_SA_NAME_B] = conf->spi_uc,
		[GMGUARD_SA_NAME_C] = conf->spi_us,
		[GMGUARD_SA_NAME_D] = conf->spi_pc,
	};
	int i;

	for (i = 0; i < GMG_SAS; i++) {
		struct gmg_sa_spec spec = {
			.spi = spi[i],
			.inbound = gmg_sa_is_inbound(i),
			.reqid = gmg_sa_is_inbound(i) ? set->id : GMGUARD_REQID,
			.name = i,
			.seq = conf->seq[i],
		};
		struct xfrm_state *x;

		flow_of(set, i, &spec.flow);
		x = gmg_sa_build(set->gn->net, &spec, &conf->keys, extack);
		if (IS_ERR(x)) {
			discard_states(set);
			return PTR_ERR(x);
		}
		set->sa[i] = x;
	}
	return 0;
}

/* Fresh keys for each set, where a counter that begins again would give all. */
static int check_keys(const struct gmg_saset *set,
		      const struct gmg_saset_conf *conf,
		      struct netlink_ext_ack *extack)
{
	const struct gmg_saset *other;

	list_for_each_entry(other, &set->impi->sets, impi_node) {
		if (other == set ||
		    !gmg_sa_has_keys(other->sa[GMGUARD_SA_NAME_A], &conf->keys))
			continue;
		NL_SET_ERR_MSG(extack,
			       "keys of aes-gcm and aes-gmac are for one set only, and another one of this impi has these: authenticate the UE anew");
		return -EEXIST;
	}
	return 0;
}

static void del_states(struct gmg_saset *set)
{
	int i;

	for (i = 0; i < GMG_SAS; i++)
		gmg_sa_del(set->sa[i]);
}

static struct gmg_saset *alloc_saset(struct gmg_net *gn,
				     const struct gmg_saset_conf *conf)
{
	struct gmg_saset *set;

	set = gmg_fault() ? NULL : kmem_cache_zalloc(cache, GFP_KERNEL_ACCOUNT);
	if (!set)
		return NULL;
	kref_init(&set->ref);
	timer_setup(&set->timer, deadline_passed, 0);
	INIT_LIST_HEAD(&set->group_node);
	INIT_LIST_HEAD(&set->temporary_node);
	set->gn = gn;
	set->ep = conf->ep;
	set->ue = conf->ue;
	set->port_uc = conf->port_uc;
	set->port_us = conf->port_us;
	set->port_pc = conf->port_pc;
	set->port_ps = conf->port_ps;
	set->alg = conf->keys.alg;
	set->ealg = conf->keys.ealg;
	set->phase = GMGUARD_PHASE_TEMPORARY;
	set->protected_by = conf->protected_by;
	set->label = conf->label;
	set->emergency = conf->emergency;
	set->made = gmg_clock_boot();
	RCU_INIT_POINTER(set->watch, gmg_watch_alloc());
	if (!rcu_access_pointer(set->watch))
		goto err_free;
	if (conf->data_len) {
		set->data = kmemdup(conf->data, conf->data_len,
				    GFP_KERNEL_ACCOUNT);
		if (!set->data)
			goto err_free;
		set->data_len = conf->data_len;
	}
	return set;

err_free:
	free_saset(&set->rcu);
	return NULL;
}

static int check_limit(const struct gmg_net *gn, unsigned int yielding,
		       struct netlink_ext_ack *extack)
{
	if (gmg_net_sets(gn) - yielding < gn->limits.max_sets)
		return 0;
	NL_SET_ERR_MSG(extack,
		       "the limit max-sets is reached: raise it with LIMITS_SET or wait for sets to end");
	return -ENOSPC;
}

static void del_yielding(struct gmg_yield *yield)
{
	while (yield->n)
		gmg_saset_del(yield->set[--yield->n], GMGUARD_CAUSE_REPLACED);
}

/*
 * Inbound first: what the UE answers must find its SA (TS 33.203 7.2). The sets
 * that give way do so when nothing can fail any more, or, if they hold an SPI
 * that the UE chose again, as late as that allows.
 */
static int add_states(struct gmg_saset *set, struct gmg_yield *yield)
{
	static const u8 order[GMG_SAS] = {
		GMGUARD_SA_NAME_A, GMGUARD_SA_NAME_D,
		GMGUARD_SA_NAME_B, GMGUARD_SA_NAME_C,
	};
	int err;
	int i;
	int j;

	for (i = 0; i < GMG_SAS; i++) {
		if (yield->holds_spi && !gmg_sa_is_inbound(order[i]))
			del_yielding(yield);
		err = gmg_sa_add(set->sa[order[i]]);
		if (err)
			goto err_unwind;
	}
	del_yielding(yield);
	return 0;

err_unwind:
	/* That its states go again is no news to the key manager. */
	set_bit(GMG_SASET_GONE, &set->flags);
	for (j = 0; j < GMG_SAS; j++)
		if (j < i)
			gmg_sa_del(set->sa[order[j]]);
		else
			gmg_sa_discard(set->sa[order[j]]);
	return err;
}

/*
 * Put a set that is built and in its group into use. No hook looks at bindings
 * and table before the states are there.
 */
static int put_into_use(struct gmg_saset *set, struct gmg_yield *yield,
			struct netlink_ext_ack *extack)
{
	int err = gmg_bindings_add(set);

	if (err)
		goto err_discard;
	err = gmg_fault() ? -ENOMEM :
	      xa_err(xa_store(&set->gn->sets, set->id, set, GFP_KERNEL));
	if (err)
		goto err_unbind;
	err = add_states(set, yield);
	if (err) {
		if (err == -EEXIST)
			NL_SET_ERR_MSG(extack,
				       "another program took an SPI of this set in between: try again");
		gmg_bindings_del(set);
		return err;
	}
	return 0;

err_unbind:
	gmg_bindings_del(set);
err_discard:
	discard_states(set);
	return err;
}

/**
 * gmg_saset_new() - make an SA set
 * @gn: the namespace, gmg_net.lock held
 * @conf: what to make; ports and SPIs that are 0 are chosen and filled in
 * @extack: says why it failed
 *
 * Context: may sleep.
 * Return: the set, or an ERR_PTR and nothing of it exists. Then nothing else
 * has changed either, unless the new set was to take over an SPI of one that
 * gives way and another program took it first.
 */
struct gmg_saset *gmg_saset_new(struct gmg_net *gn,
				struct gmg_saset_conf *conf,
				struct netlink_ext_ack *extack)
{
	struct gmg_yield yield;
	struct gmg_saset *set;
	int err;

	err = gmg_choose(gn, conf, &yield, extack);
	if (!err)
		err = check_limit(gn, yield.n, extack);
	if (err)
		return ERR_PTR(err);
	set = alloc_saset(gn, conf);
	if (!set)
		return ERR_PTR(-ENOMEM);
	err = gmg_fault() ? -ENOMEM :
	      xa_alloc_cyclic(&gn->sets, &set->id, NULL, xa_limit_31b,
			      &gn->next_set, GFP_KERNEL);
	if (err < 0)
		goto err_free;
	err = gmg_group_join(set);
	if (err)
		goto err_free_id;
	err = gmg_impi_join(set, conf->impi);
	if (err)
		goto err_leave_group;
	err = gmg_phase_check_establish(set, extack);
	if (!err)
		err = check_keys(set, conf, extack);
	if (!err)
		err = build_states(set, conf, extack);
	if (!err)
		err = put_into_use(set, &yield, extack);
	if (err)
		goto err_leave_impi;

	__module_get(THIS_MODULE);
	set->ep->n_sets++;
	gmg_phase_begin(set, conf->phase, conf->lifetime_ms);
	return set;

err_leave_impi:
	gmg_impi_leave(set);
err_leave_group:
	gmg_group_leave(set);
err_free_id:
	xa_erase(&gn->sets, set->id);
err_free:
	gmg_saset_put(set);
	return ERR_PTR(err);
}

/**
 * gmg_saset_set_data() - replace what the agent keeps with a set
 * @set: the set, gmg_net.lock held
 * @data: kmalloc()ed, becomes the set's; NULL: nothing
 * @len: bytes of @data
 */
void gmg_saset_set_data(struct gmg_saset *set, void *data, unsigned int len)
{
	lockdep_assert_held(&set->gn->lock);
	kfree(set->data);
	set->data = data;
	set->data_len = len;
}

/**
 * gmg_saset_del() - end a set whole
 * @set: the set, gmg_net.lock held; may be freed on return
 * @cause: enum gmguard_cause
 *
 * Its TCP connections go first, while the SAs still work, so that the reset
 * leaves inside ESP. A connection that was made in between is closed after the
 * SAs: its reset can't leave, but no socket stays behind.
 *
 * Context: may sleep.
 */
void gmg_saset_del(struct gmg_saset *set, u32 cause)
{
	struct gmg_net *gn = set->gn;

	lockdep_assert_held(&gn->lock);
	set_bit(GMG_SASET_GONE, &set->flags);
	gmg_event_saset(set, GMGUARD_EVENT_SA_SET_DEL, cause);
	gmg_conns_abort(set);
	del_states(set);
	gmg_conns_abort(set);

	gmg_bindings_del(set);
	gmg_phase_end(set);
	gmg_group_leave(set);
	gmg_impi_leave(set);
	xa_erase(&gn->sets, set->id);
	timer_delete_sync(&set->timer);
	list_del(&set->temporary_node);
	gn->n_sets[set->phase]--;
	set->ep->n_sets--;
	module_put(THIS_MODULE);
	gmg_saset_put(set);
}

/**
 * gmg_saset_intact() - whether all four states are still in use
 * @set: the set, gmg_net.lock held
 *
 * Return: true if they are.
 */
bool gmg_saset_intact(const struct gmg_saset *set)
{
	int i;

	for (i = 0; i < GMG_SAS; i++)
		if (READ_ONCE(set->sa[i]->km.state) != XFRM_STATE_VALID)
			return false;
	return true;
}

/**
 * gmg_saset_attend() - do what a set was poked for
 * @set: the set, gmg_net.lock held
 *
 * Context: the worker, may sleep.
 */
void gmg_saset_attend(struct gmg_saset *set)
{
	if (test_bit(GMG_SASET_GONE, &set->flags))
		return;
	if (test_and_clear_bit(GMG_SASET_LOST, &set->flags))
		gmg_saset_del(set, GMGUARD_CAUSE_STATE_LOST);
	else
		gmg_phase_attend(set);
}

/**
 * gmg_saset_by_state() - the owned set that an inbound state is part of
 * @gn: the namespace
 * @x: the state
 *
 * Context: under RCU.
 * Return: the set, or NULL if the state is not ours.
 */
struct gmg_saset *gmg_saset_by_state(struct gmg_net *gn,
				     const struct xfrm_state *x)
{
	struct gmg_saset *set = xa_load(&gn->sets, x->props.reqid);

	if (set && (set->sa[GMGUARD_SA_NAME_A] == x ||
		    set->sa[GMGUARD_SA_NAME_D] == x))
		return set;
	return NULL;
}

/**
 * gmg_saset_owns() - whether a state is one of a set's four
 * @set: the set
 * @x: the state
 *
 * Return: true if it is.
 */
bool gmg_saset_owns(const struct gmg_saset *set, const struct xfrm_state *x)
{
	int i;

	for (i = 0; i < GMG_SAS; i++)
		if (set->sa[i] == x)
			return true;
	return false;
}

/**
 * gmg_sasets_setup() - what all sets have in common
 *
 * Return: 0 or -ENOMEM.
 */
int __init gmg_sasets_setup(void)
{
	cache = KMEM_CACHE(gmg_saset, 0);
	return cache ? 0 : -ENOMEM;
}

/**
 * gmg_sasets_teardown() - the last set has been freed
 *
 * Context: after rcu_barrier().
 */
void gmg_sasets_teardown(void)
{
	kmem_cache_destroy(cache);
}
