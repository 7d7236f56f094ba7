// SPDX-License-Identifier: GPL-2.0-only
/*
 * gmguard: keeps the IMS Gm reference point closed (3GPP TS 33.203).
 *
 * Concurrency: gmg_net.lock serialises every change in a namespace. Whatever
 * runs in atomic context (hooks, timers, the key manager) only leaves a note
 * for the namespace's worker.
 */
#include <linux/module.h>
#include <net/net_namespace.h>

#include "binding.h"
#include "endpoint.h"
#include "event.h"
#include "group.h"
#include "impi.h"
#include "keymgr.h"
#include "payload.h"
#include "policy.h"
#include "ruleset.h"
#include "saset.h"

/* Until the worker tries again what it had no memory for. */
#define RETRY HZ

unsigned int gmg_net_id __read_mostly;
struct workqueue_struct *gmg_wq __ro_after_init;

/**
 * gmg_net_ask() - have the worker look after something
 * @gn: the namespace
 * @what: what
 *
 * Context: any.
 */
void gmg_net_ask(struct gmg_net *gn, enum gmg_pending what)
{
	if (!READ_ONCE(gn->n_endpoints))
		return;
	set_bit(what, &gn->pending);
	queue_work(gmg_wq, &gn->work);
}

static void check_states(struct gmg_net *gn)
{
	struct gmg_saset *set;
	unsigned long id;

	xa_for_each(&gn->sets, id, set) {
		if (!gmg_saset_intact(set))
			gmg_saset_del(set, GMGUARD_CAUSE_STATE_LOST);
		cond_resched();
	}
}

/* Without memory for one of them, later again: the UEs depend on it. */
static void check_policies(struct gmg_net *gn)
{
	struct gmg_endpoint *ep;
	bool whole = true;
	unsigned long id;

	xa_for_each(&gn->endpoint_ids, id, ep)
		whole &= gmg_policies_repair(gn->net, ep);
	if (!whole)
		queue_delayed_work(gmg_wq, &gn->retry, RETRY);
}

static void retry(struct work_struct *work)
{
	gmg_net_ask(container_of(to_delayed_work(work), struct gmg_net, retry),
		    GMG_PENDING_POLICIES);
}

static void attend_sets(struct gmg_net *gn)
{
	struct llist_node *todo = llist_del_all(&gn->todo);
	struct gmg_saset *set;
	struct gmg_saset *next;

	llist_for_each_entry_safe(set, next, todo, todo) {
		clear_bit(GMG_SASET_QUEUED, &set->flags);
		/* Whatever is asked for from now on queues it again. */
		smp_mb__after_atomic();
		gmg_saset_attend(set);
		gmg_saset_put(set);
		cond_resched();
	}
}

static void work(struct work_struct *work)
{
	struct gmg_net *gn = container_of(work, struct gmg_net, work);

	bool larval = test_and_clear_bit(GMG_PENDING_LARVAL, &gn->pending);

	/* xfrm_state_find() inserts it after asking us, in one RCU section. */
	if (larval)
		synchronize_rcu();

	mutex_lock(&gn->lock);
	if (test_and_clear_bit(GMG_PENDING_POLICIES, &gn->pending))
		check_policies(gn);
	if (test_and_clear_bit(GMG_PENDING_STATES, &gn->pending))
		check_states(gn);
	if (larval)
		gmg_larval_sweep(gn);
	attend_sets(gn);
	mutex_unlock(&gn->lock);
}

static int __net_init gmg_net_init(struct net *net)
{
	struct gmg_net *gn = gmg_net(net);
	int err;

	gn->net = net;
	gn->generation = 1;
	mutex_init(&gn->lock);
	hash_init(gn->endpoints);
	xa_init_flags(&gn->endpoint_ids, XA_FLAGS_ALLOC1);
	xa_init_flags(&gn->sets, XA_FLAGS_ALLOC1);
	INIT_LIST_HEAD(&gn->temporary);
	init_llist_head(&gn->todo);
	INIT_WORK(&gn->work, work);
	INIT_DELAYED_WORK(&gn->retry, retry);
	gmg_samples_init(&gn->samples);
	gmg_nflog_init(&gn->nflog);
	gmg_adopted_init(&gn->adopted);
	gn->limits = (struct gmg_limits){
		.max_sets = 1 << 20,
		.temporary_ms = 240 * MSEC_PER_SEC,
		.grace_ms = 128 * MSEC_PER_SEC,
		.drop_samples = 10,
		.max_impi_sets = 3,
		.max_impi_temporary = 4,
		.max_temporary = 1 << 16,
		.unprotected_rate = 20,
		.unprotected_burst = 60,
		.unprotected_total = 20000,
		.unprotected_connections = 4096,
		.unprotected_idle_ms = 1800 * MSEC_PER_SEC,
		.unprotected_message_ms = 32 * MSEC_PER_SEC,
		.emergency_ms = 7200 * MSEC_PER_SEC,
		.nflog_group = 33203,
	};

	gn->stats = gmg_stats_alloc();
	if (!gn->stats)
		return -ENOMEM;
	err = rhashtable_init(&gn->bindings, &gmg_binding_params);
	if (err)
		goto err_free_stats;
	err = rhashtable_init(&gn->groups, &gmg_group_params);
	if (err)
		goto err_destroy_bindings;
	err = rhashtable_init(&gn->impis, &gmg_impi_params);
	if (err)
		goto err_destroy_groups;
	return 0;

err_destroy_groups:
	rhashtable_destroy(&gn->groups);
err_destroy_bindings:
	rhashtable_destroy(&gn->bindings);
err_free_stats:
	free_percpu(gn->stats);
	return err;
}

static void del_everything(struct gmg_net *gn)
{
	struct gmg_endpoint *ep;
	struct gmg_saset *set;
	unsigned long id;

	mutex_lock(&gn->lock);
	xa_for_each(&gn->sets, id, set)
		gmg_saset_del(set, GMGUARD_CAUSE_UNLOAD);
	xa_for_each(&gn->endpoint_ids, id, ep)
		gmg_endpoint_del(gn, ep);
	/* Nothing is to be allocated for none: this can't fail. */
	gmg_ruleset_replace(gn, NULL);
	mutex_unlock(&gn->lock);
}

/*
 * Runs before xfrm's own exit. Sets and policies go while the hooks still
 * watch; what the hooks, timers and key manager asked for meanwhile finds
 * nothing left to do.
 */
static void __net_exit gmg_net_exit(struct net *net)
{
	struct gmg_net *gn = gmg_net(net);

	del_everything(gn);
	/* No hook, timer or endpoint is left that could queue any of it. */
	cancel_delayed_work_sync(&gn->retry);
	cancel_work_sync(&gn->work);
	attend_sets(gn);
	gmg_samples_clean(&gn->samples);
	gmg_nflog_clean(&gn->nflog);
	gmg_adopted_clean(&gn->adopted);

	rhashtable_destroy(&gn->impis);
	rhashtable_destroy(&gn->groups);
	rhashtable_destroy(&gn->bindings);
	xa_destroy(&gn->sets);
	xa_destroy(&gn->endpoint_ids);
	free_percpu(gn->stats);
}

static struct pernet_operations gmg_net_ops = {
	.init = gmg_net_init,
	.exit = gmg_net_exit,
	.id = &gmg_net_id,
	.size = sizeof(struct gmg_net),
};

static int __init gmg_init(void)
{
	int err;

	err = gmg_payload_setup();
	if (err)
		return err;
	err = gmg_sasets_setup();
	if (err)
		goto err_teardown_payload;
	err = -ENOMEM;
	gmg_wq = alloc_workqueue("gmguard", WQ_UNBOUND, 0);
	if (!gmg_wq)
		goto err_teardown_sasets;
	err = register_pernet_subsys(&gmg_net_ops);
	if (err)
		goto err_destroy_wq;
	gmg_keymgr_setup();
	err = genl_register_family(&gmguard_nl_family);
	if (err)
		goto err_teardown_keymgr;
	return 0;

err_teardown_keymgr:
	gmg_keymgr_teardown();
	unregister_pernet_subsys(&gmg_net_ops);
err_destroy_wq:
	destroy_workqueue(gmg_wq);
err_teardown_sasets:
	gmg_sasets_teardown();
err_teardown_payload:
	gmg_payload_teardown();
	return err;
}

/*
 * Sets hold a reference to the module, so this runs with none of them, or by
 * force. First nobody can ask for anything new, then xfrm stops telling us,
 * then every namespace is taken down; callbacks that free are waited for.
 */
static void __exit gmg_exit(void)
{
	genl_unregister_family(&gmguard_nl_family);
	gmg_keymgr_teardown();
	unregister_pernet_subsys(&gmg_net_ops);
	rcu_barrier();
	destroy_workqueue(gmg_wq);
	gmg_sasets_teardown();
	gmg_payload_teardown();
}

module_init(gmg_init);
module_exit(gmg_exit);

MODULE_DESCRIPTION("Guard of the IMS Gm reference point (3GPP TS 33.203)");
MODULE_LICENSE("GPL");
MODULE_VERSION(GMG_VERSION);
MODULE_ALIAS_GENL_FAMILY(GMGUARD_FAMILY_NAME);
