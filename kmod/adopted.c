// SPDX-License-Identifier: GPL-2.0-only
/*
 * Adopted SAs: xfrm states that another program made and that concern a
 * guarded endpoint. gmguard keeps no table of them. The hooks judge a packet by
 * the state that it came through, and whoever wants to see them walks xfrm's
 * own table; here is what such a state means, and a way to tell of changes.
 *
 * Concurrency: the key manager leaves notes in atomic context, in a fixed ring
 * under a spinlock; each holds a reference to its state. The work item tells of
 * them. What does not fit into the ring is told as one event: look again.
 */
#include <net/xfrm.h>

#include "adopted.h"
#include "binding.h"
#include "endpoint.h"
#include "event.h"
#include "sa.h"
#include "saset.h"

/* One end of a state: what its selector says, else the state itself. */
struct end {
	struct gmg_addr addr;
	bool known;
	__be16 port;
	__be16 mask;
};

static bool prefix_is_full(u8 len, u16 family)
{
	return len == (family == AF_INET ? 32 : 128);
}

/*
 * The addresses of a state in transport mode are those of its packets, those of
 * a tunnel are not.
 */
static void read_end(const struct xfrm_state *x, bool src, struct end *end)
{
	const struct xfrm_selector *sel = &x->sel;
	u8 len = src ? sel->prefixlen_s : sel->prefixlen_d;

	memset(end, 0, sizeof(*end));
	end->port = src ? sel->sport : sel->dport;
	end->mask = src ? sel->sport_mask : sel->dport_mask;
	if (sel->family && prefix_is_full(len, sel->family)) {
		end->known = true;
		gmg_addr_from_xfrm(&end->addr, src ? &sel->saddr : &sel->daddr,
				   sel->family);
	} else if (x->props.mode == XFRM_MODE_TRANSPORT) {
		end->known = true;
		gmg_addr_from_xfrm(&end->addr,
				   src ? &x->props.saddr : &x->id.daddr,
				   x->props.family);
	}
}

static u16 exact_port(const struct end *end)
{
	return end->mask == htons(0xffff) ? ntohs(end->port) : 0;
}

/* Whether some protected port is among those that an end names. */
static bool names_protected(const struct gmg_endpoint *ep,
			    const struct end *end)
{
	const struct gmg_endpoint_conf *conf = &gmg_endpoint_rules(ep)->conf;
	unsigned int i;

	if (end->mask == htons(0xffff))
		return gmg_endpoint_protects(ep, end->port);
	for (i = 0; i < conf->n_ps; i++)
		if (!((htons(conf->port_ps[i]) ^ end->port) & end->mask))
			return true;
	for (i = 0; i < conf->n_pc; i++)
		if (!((htons(conf->port_pc[i]) ^ end->port) & end->mask))
			return true;
	return false;
}

/* The endpoint that an end belongs to, unless the other one is exempt. */
static const struct gmg_endpoint *endpoint_of(const struct gmg_net *gn,
					      u16 family,
					      const struct end *local,
					      const struct end *other)
{
	const struct gmg_endpoint *ep;

	if (!local->known)
		return NULL;
	ep = gmg_endpoint_find(gn, family, &local->addr);
	if (!ep || !names_protected(ep, local))
		return NULL;
	if (other->known && gmg_endpoint_exempts(ep, &other->addr))
		return NULL;
	return ep;
}

static u32 judge_selector(const struct xfrm_state *x)
{
	const struct xfrm_selector *sel = &x->sel;

	if (x->props.mode != XFRM_MODE_TRANSPORT)
		return GMGUARD_SELECTOR_MODE;
	if (!sel->prefixlen_s && !sel->prefixlen_d && !sel->sport_mask &&
	    !sel->dport_mask)
		return GMGUARD_SELECTOR_NONE;
	if (!prefix_is_full(sel->prefixlen_s, sel->family) ||
	    !prefix_is_full(sel->prefixlen_d, sel->family))
		return GMGUARD_SELECTOR_ADDRESSES;
	if (sel->sport_mask != htons(0xffff) ||
	    sel->dport_mask != htons(0xffff))
		return GMGUARD_SELECTOR_PORTS;
	return GMGUARD_SELECTOR_EXACT;
}

/* Bindings and states of a set agree only while nobody changes them. */
static bool is_owned(struct gmg_net *gn, const struct xfrm_state *x)
{
	struct gmg_binding *binding;
	struct gmg_tuple tuple;

	gmg_state_tuple(x, &tuple);
	binding = gmg_binding_find(gn, &tuple);
	return binding && gmg_saset_owns(binding->set, x);
}

/**
 * gmg_adopted_read() - what a state has to do with a guarded endpoint
 * @gn: the namespace
 * @x: the state, whoever made it
 * @adopted: filled in
 *
 * A larval state is no SA yet. States towards an exempt peer are the core's.
 *
 * Context: gmg_net.lock held; any, does not sleep.
 * Return: whether it is an adopted SA.
 */
bool gmg_adopted_read(struct gmg_net *gn, const struct xfrm_state *x,
		      struct gmg_adopted *adopted)
{
	u16 family = x->sel.family ?: x->props.family;
	const struct gmg_endpoint *ep;
	struct end src;
	struct end dst;
	bool in;

	lockdep_assert_held(&gn->lock);
	if (x->id.proto != IPPROTO_ESP || x->km.state == XFRM_STATE_ACQ ||
	    x->km.state == XFRM_STATE_VOID || is_owned(gn, x))
		return false;
	read_end(x, true, &src);
	read_end(x, false, &dst);
	ep = endpoint_of(gn, family, &dst, &src);
	in = ep;
	if (!in)
		ep = endpoint_of(gn, family, &src, &dst);
	if (!ep)
		return false;
	*adopted = (struct gmg_adopted){
		.ep = ep,
		.direction = in ? GMGUARD_DIRECTION_IN : GMGUARD_DIRECTION_OUT,
		.selector = judge_selector(x),
		.ue = in ? src.addr : dst.addr,
		.ue_known = in ? src.known : dst.known,
		.local_port = exact_port(in ? &dst : &src),
		.ue_port = exact_port(in ? &src : &dst),
	};
	return true;
}

/* The oldest note, or false if none is left. */
static bool take_note(struct gmg_adopted_notes *notes,
		      struct gmg_adopted_note *note)
{
	bool found;

	spin_lock_bh(&notes->lock);
	found = notes->count;
	if (found) {
		*note = notes->slot[0];
		memmove(&notes->slot[0], &notes->slot[1],
			--notes->count * sizeof(notes->slot[0]));
	}
	spin_unlock_bh(&notes->lock);
	return found;
}

static bool take_loss(struct gmg_adopted_notes *notes)
{
	bool lost;

	spin_lock_bh(&notes->lock);
	lost = notes->lost;
	notes->lost = false;
	spin_unlock_bh(&notes->lock);
	return lost;
}

static void tell(struct work_struct *work)
{
	struct gmg_adopted_notes *notes =
		container_of(work, struct gmg_adopted_notes, work);
	struct gmg_net *gn = container_of(notes, struct gmg_net, adopted);
	struct gmg_adopted_note note;
	struct gmg_adopted adopted;

	while (take_note(notes, &note)) {
		mutex_lock(&gn->lock);
		if (gmg_adopted_read(gn, note.x, &adopted))
			gmg_event_adopted(gn->net, note.x, &adopted,
					  note.event);
		mutex_unlock(&gn->lock);
		xfrm_state_put(note.x);
	}
	/* Behind the notes: whoever looks again then misses nothing. */
	if (take_loss(notes))
		gmg_event_adopted_lost(gn->net);
}

/**
 * gmg_adopted_init() - prepare a namespace's notes
 * @notes: to initialise
 */
void gmg_adopted_init(struct gmg_adopted_notes *notes)
{
	spin_lock_init(&notes->lock);
	INIT_WORK(&notes->work, tell);
}

/**
 * gmg_adopted_clean() - stop telling; nobody may leave notes any more
 * @notes: the namespace's notes
 *
 * Context: may sleep.
 */
void gmg_adopted_clean(struct gmg_adopted_notes *notes)
{
	struct gmg_adopted_note note;

	cancel_work_sync(&notes->work);
	while (take_note(notes, &note))
		xfrm_state_put(note.x);
}

/**
 * gmg_adopted_note() - a state of another program came or went
 * @gn: the namespace, which has endpoints
 * @x: the state, whether it concerns one of them or not
 * @event: enum gmguard_event
 *
 * Context: any but hard interrupts; does not allocate.
 */
void gmg_adopted_note(struct gmg_net *gn, struct xfrm_state *x, u32 event)
{
	struct gmg_adopted_notes *notes = &gn->adopted;

	if (x->id.proto != IPPROTO_ESP ||
	    !gmg_event_wanted(gn->net, GMGUARD_NLGRP_EVENTS))
		return;
	spin_lock_bh(&notes->lock);
	if (notes->count < GMG_ADOPTED_NOTES) {
		xfrm_state_hold(x);
		notes->slot[notes->count++] = (struct gmg_adopted_note){
			.x = x, .event = event };
	} else {
		notes->lost = true;
	}
	spin_unlock_bh(&notes->lock);
	queue_work(gmg_wq, &notes->work);
}

/**
 * gmg_adopted_lose() - states may have come, changed or gone unseen
 * @gn: the namespace, which has endpoints
 *
 * Context: any but hard interrupts; does not allocate.
 */
void gmg_adopted_lose(struct gmg_net *gn)
{
	struct gmg_adopted_notes *notes = &gn->adopted;

	if (!gmg_event_wanted(gn->net, GMGUARD_NLGRP_EVENTS))
		return;
	spin_lock_bh(&notes->lock);
	notes->lost = true;
	spin_unlock_bh(&notes->lock);
	queue_work(gmg_wq, &notes->work);
}
