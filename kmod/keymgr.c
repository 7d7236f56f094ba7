// SPDX-License-Identifier: GPL-2.0-only
/*
 * The key manager that gmguard registers with xfrm: it hears when another
 * program deletes our states or policies, when it makes or deletes states of its
 * own, and when a packet from a protected port found no SA.
 *
 * Events are hints. A flush comes without the states that went, so the worker
 * looks at all of them; the namespace's exit sends nothing.
 *
 * Concurrency: callbacks run in atomic context under RCU. They only ask the
 * worker.
 */
#include <net/xfrm.h>

#include "adopted.h"
#include "binding.h"
#include "keymgr.h"
#include "main.h"

/* The set that @x is part of, ours or NULL. */
static struct gmg_saset *set_of(struct gmg_net *gn, const struct xfrm_state *x)
{
	struct gmg_binding *binding;
	struct gmg_tuple tuple;

	gmg_state_tuple(x, &tuple);
	binding = gmg_binding_find(gn, &tuple);
	if (binding && gmg_saset_owns(binding->set, x))
		return binding->set;
	return NULL;
}

/* A state of another program: who listens may want to know. */
static void notify_foreign(struct gmg_net *gn, struct xfrm_state *x, u32 event)
{
	if (x == READ_ONCE(gn->announced))
		return;
	if (event == XFRM_MSG_NEWSA)
		gmg_adopted_note(gn, x, GMGUARD_EVENT_ADOPTED_NEW);
	else if (event != XFRM_MSG_UPDSA)
		gmg_adopted_note(gn, x, GMGUARD_EVENT_ADOPTED_DEL);
	else if (READ_ONCE(x->km.state) == XFRM_STATE_VALID)
		/* It took the place of a larval state, as IKE daemons do it. */
		gmg_adopted_note(gn, x, GMGUARD_EVENT_ADOPTED_NEW);
	else
		/* @x was only the carrier of what another state has become. */
		gmg_adopted_lose(gn);
}

static int notify(struct xfrm_state *x, const struct km_event *c)
{
	struct gmg_net *gn = gmg_net(x ? xs_net(x) : c->net);
	struct gmg_saset *set;

	/*
	 * Foreign states still expire when a namespace has left us behind: its
	 * tables go only after every reader of the old number has gone.
	 */
	if (!READ_ONCE(gn->n_endpoints))
		return 0;
	switch (c->event) {
	case XFRM_MSG_FLUSHSA:
		gmg_net_ask(gn, GMG_PENDING_STATES);
		gmg_adopted_lose(gn);
		break;
	case XFRM_MSG_EXPIRE:
		if (!c->data.hard)
			break;
		fallthrough;
	case XFRM_MSG_DELSA:
	case XFRM_MSG_UPDSA:
		set = x ? set_of(gn, x) : NULL;
		if (set && !test_bit(GMG_SASET_GONE, &set->flags))
			gmg_saset_poke(set, GMG_SASET_LOST);
		if (x && !set)
			notify_foreign(gn, x, c->event);
		break;
	case XFRM_MSG_NEWSA:
		if (x && !set_of(gn, x))
			notify_foreign(gn, x, c->event);
		break;
	}
	return 0;
}

static int notify_policy(struct xfrm_policy *pol, int dir,
			 const struct km_event *c)
{
	struct net *net = pol ? xp_net(pol) : c->net;

	switch (c->event) {
	case XFRM_MSG_DELPOLICY:
	case XFRM_MSG_UPDPOLICY:
	case XFRM_MSG_POLEXPIRE:
	case XFRM_MSG_FLUSHPOLICY:
		gmg_net_ask(gmg_net(net), GMG_PENDING_POLICIES);
		break;
	}
	return 0;
}

/*
 * A packet from a protected port has no SA, and never gets one by asking. The
 * error is not a veto: if charon or "ip xfrm monitor acquire" listens, a larval
 * state stays, and the worker takes it away again.
 */
static int acquire(struct xfrm_state *x, struct xfrm_tmpl *tmpl,
		   struct xfrm_policy *pol)
{
	if (tmpl->reqid == GMGUARD_REQID)
		gmg_net_ask(gmg_net(xs_net(x)), GMG_PENDING_LARVAL);
	return -EPERM;
}

static struct xfrm_policy *compile_policy(struct sock *sk, int opt, u8 *data,
					  int len, int *dir)
{
	*dir = -EOPNOTSUPP;
	return NULL;
}

static int migrate(const struct xfrm_selector *sel, u8 dir, u8 type,
		   const struct xfrm_migrate *m, int num_bundles,
		   const struct xfrm_kmaddress *k, struct net *net,
		   const struct xfrm_encap_tmpl *encap)
{
	gmg_net_ask(gmg_net(net), GMG_PENDING_STATES);
	gmg_net_ask(gmg_net(net), GMG_PENDING_POLICIES);
	if (READ_ONCE(gmg_net(net)->n_endpoints))
		gmg_adopted_lose(gmg_net(net));
	return 0;
}

static struct xfrm_mgr keymgr = {
	.notify = notify,
	.acquire = acquire,
	.compile_policy = compile_policy,
	.notify_policy = notify_policy,
	.migrate = migrate,
};

/**
 * gmg_keymgr_setup() - start to listen to xfrm, in every namespace
 */
void gmg_keymgr_setup(void)
{
	xfrm_register_km(&keymgr);
}

/**
 * gmg_keymgr_teardown() - no callback runs any more on return
 *
 * Context: may sleep.
 */
void gmg_keymgr_teardown(void)
{
	xfrm_unregister_km(&keymgr);
}

struct larval {
	struct xfrm_state *found[16];
	unsigned int n;
};

static int collect(struct xfrm_state *x, int n, void *data)
{
	struct larval *larval = data;

	if (x->km.state != XFRM_STATE_ACQ || x->props.reqid != GMGUARD_REQID)
		return 0;
	if (larval->n == ARRAY_SIZE(larval->found))
		return -ENOBUFS;
	xfrm_state_hold(x);
	larval->found[larval->n++] = x;
	return 0;
}

/**
 * gmg_larval_sweep() - delete the larval states of our reqid
 * @gn: the namespace, gmg_net.lock held
 *
 * A larval state would turn other misses on its addresses into -EAGAIN.
 *
 * Context: the worker, may sleep.
 */
void gmg_larval_sweep(struct gmg_net *gn)
{
	struct larval larval;
	unsigned int i;

	do {
		struct xfrm_state_walk walk;

		larval.n = 0;
		xfrm_state_walk_init(&walk, IPPROTO_ESP, NULL);
		xfrm_state_walk(gn->net, &walk, collect, &larval);
		xfrm_state_walk_done(&walk, gn->net);
		for (i = 0; i < larval.n; i++) {
			if (!xfrm_state_delete(larval.found[i]))
				gn->larval++;
			xfrm_state_put(larval.found[i]);
		}
	} while (larval.n == ARRAY_SIZE(larval.found));
}
