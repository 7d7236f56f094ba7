/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What gmguard keeps for one network namespace.
 */
#ifndef _GMG_MAIN_H
#define _GMG_MAIN_H

#include <linux/hashtable.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/rhashtable.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <uapi/linux/gmguard.h>

#include "adopted.h"
#include "nflog.h"
#include "sample.h"
#include "stats.h"

#define GMG_ENDPOINT_BITS 4

/* What the worker has to look after: bits of gmg_net.pending. */
enum gmg_pending {
	GMG_PENDING_STATES,	/* xfrm states may be gone: check every set */
	GMG_PENDING_POLICIES,	/* out policies may be gone: put them back */
	GMG_PENDING_LARVAL,	/* a larval state of our reqid may stand */
};

/**
 * struct gmg_limits - limits and timers, see the netlink spec
 * @max_sets: most live SA sets
 * @temporary_ms: life of a temporary set
 * @grace_ms: most life of a superseded or lingering set
 * @drop_samples: most drop samples a second
 * @max_impi_sets: most authenticated sets of one IMPI
 * @max_impi_temporary: most temporary sets of one IMPI
 * @max_temporary: most temporary sets
 * @unprotected_rate: most messages a second of one source in clear, 0: any
 * @unprotected_burst: how many of them may come at once
 * @unprotected_total: most messages a second of all sources in clear, 0: any
 * @unprotected_connections: most connections in clear
 * @unprotected_idle_ms: longest silence of a connection in clear
 * @unprotected_message_ms: longest that a message on it takes to come
 * @emergency_ms: how long an emergency call keeps its source open
 * @drop_copies: most dropped packets a second that are copied, 0: none
 * @nflog_group: where they are copied to
 */
struct gmg_limits {
	u32 max_sets;
	u32 temporary_ms;
	u32 grace_ms;
	u32 drop_samples;
	u32 max_impi_sets;
	u32 max_impi_temporary;
	u32 max_temporary;
	u32 unprotected_rate;
	u32 unprotected_burst;
	u32 unprotected_total;
	u32 unprotected_connections;
	u32 unprotected_idle_ms;
	u32 unprotected_message_ms;
	u32 emergency_ms;
	u32 drop_copies;
	u32 nflog_group;
};

/**
 * struct gmg_net - one network namespace
 * @net: the namespace
 * @lock: serialises every change; taken in process context only
 * @ports: a bit for each protected port of any endpoint, NULL without
 *	endpoints; written under @lock, read by the hooks, lives until the
 *	hooks are gone
 * @guarded: the same for each protected or unprotected port
 * @clear: what is known of those who send in clear, lives as long
 * @n_endpoints: number of endpoints, lock: @lock
 * @n_audits: how many of them audit, lock: @lock
 * @endpoints: the endpoints by address; RCU, lock: @lock
 * @endpoint_ids: the endpoints by id, lock: @lock
 * @ruleset: what this host lets through as a core node or router, or NULL; RCU,
 *	lock: @lock
 * @generation: number of the ruleset, counted on without one, lock: @lock
 * @rulehooks: hooks of the ruleset that are there, lock: @lock
 * @sets: the SA sets by id; RCU, lock: @lock
 * @n_sets: SA sets by phase, indexed by enum gmguard_phase, lock: @lock
 * @temporary: the temporary ones, oldest first, lock: @lock
 * @next_set: hint for the next id of a set, lock: @lock
 * @bindings: both bindings of every set by tuple; RCU, lock: @lock
 * @groups: registration groups by (UE address, port_us); RCU, lock: @lock
 * @impis: private identities that have sets, lock: @lock
 * @limits: written under @lock, read anywhere
 * @stats: drop counters of each CPU
 * @larval: larval states removed, lock: @lock
 * @samples: drop samples on their way to user space
 * @nflog: copies of dropped packets
 * @adopted: news of adopted SAs on their way to user space
 * @announced: the state of ours that xfrm is being told of; written under
 *	@lock, read by the key manager
 * @todo: sets with something to do for @work, see gmg_saset_poke()
 * @pending: bits of enum gmg_pending
 * @work: does what atomic context asked for
 * @retry: asks for policies again that @work had no memory for; queued under
 *	@lock
 */
struct gmg_net {
	struct net *net;
	struct mutex lock; /* serialises every change */

	unsigned long *ports;
	unsigned long *guarded;
	struct gmg_clear *clear;
	unsigned int n_endpoints;
	unsigned int n_audits;
	DECLARE_HASHTABLE(endpoints, GMG_ENDPOINT_BITS);
	struct xarray endpoint_ids;

	struct gmg_ruleset __rcu *ruleset;
	u32 generation;
	unsigned int rulehooks;

	struct xarray sets;
	u32 n_sets[GMGUARD_PHASE_MAX + 1];
	struct list_head temporary;
	u32 next_set;
	struct rhashtable bindings;
	struct rhashtable groups;
	struct rhashtable impis;

	struct gmg_limits limits;
	struct gmg_stats __percpu *stats;
	u64 larval;
	struct gmg_samples samples;
	struct gmg_nflog nflog;
	struct gmg_adopted_notes adopted;
	const struct xfrm_state *announced;

	struct llist_head todo;
	unsigned long pending;
	struct work_struct work;
	struct delayed_work retry;
};

extern unsigned int gmg_net_id;
extern struct workqueue_struct *gmg_wq;

static inline struct gmg_net *gmg_net(const struct net *net)
{
	return net_generic(net, gmg_net_id);
}

/* Live SA sets of any phase; gmg_net.lock held. */
static inline u32 gmg_net_sets(const struct gmg_net *gn)
{
	u32 phase;
	u32 n = 0;

	for (phase = 1; phase <= GMGUARD_PHASE_MAX; phase++)
		n += gn->n_sets[phase];
	return n;
}

void gmg_net_ask(struct gmg_net *gn, enum gmg_pending what);

#endif /* _GMG_MAIN_H */
