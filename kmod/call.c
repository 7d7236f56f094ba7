// SPDX-License-Identifier: GPL-2.0-only
/*
 * Emergency calls in clear over UDP (TS 33.203 7.1, TS 24.229 5.2.10): the
 * INVITE opens its source for the messages of its own call, for a bounded time.
 * One call too many takes the place of the one that ends first.
 *
 * Concurrency: one lock, with bottom halves off. Only messages that would
 * otherwise be dropped look for a call.
 */
#include <linux/random.h>

#include "call.h"
#include "clock.h"

/**
 * gmg_calls_init() - there is no call
 * @calls: to initialise, zeroed
 */
void gmg_calls_init(struct gmg_calls *calls)
{
	get_random_bytes(&calls->secret, sizeof(calls->secret));
	spin_lock_init(&calls->lock);
}

static u64 key_of(const struct gmg_calls *calls, const struct gmg_flow *flow,
		  const struct gmg_sip *sip)
{
	struct {
		struct gmg_addr src;
		struct gmg_addr dst;
		u64 call_id;
		__be16 sport;
		__be16 dport;
		u32 family;
	} name = {
		.src = flow->src,
		.dst = flow->dst,
		.call_id = siphash(sip->call_id, sip->call_id_len,
				   &calls->secret),
		.sport = flow->sport,
		.dport = flow->dport,
		.family = flow->family,
	};

	return siphash(&name, sizeof(name), &calls->secret);
}

static bool is_live(const struct gmg_call *call)
{
	return time_before(gmg_clock_now(), call->until);
}

/* The call of that name, or the place for it. */
static struct gmg_call *place_of(struct gmg_calls *calls, u64 key)
{
	struct gmg_call *place = NULL;
	unsigned int i;

	for (i = 0; i < calls->n; i++) {
		struct gmg_call *call = &calls->call[i];

		if (call->key == key)
			return call;
		if (!place || (is_live(place) &&
			       time_before(call->until, place->until)))
			place = call;
	}
	if (calls->n < GMG_CALLS && (!place || is_live(place)))
		place = &calls->call[calls->n++];
	place->key = key;
	return place;
}

/**
 * gmg_calls_open() - an emergency call begins
 * @calls: the namespace's
 * @flow: the ends of its INVITE
 * @sip: Call-ID of that
 * @for_ms: how long it may last in milliseconds; one that is open goes on for
 *	as long as it was to
 *
 * Context: any but hard interrupts.
 */
void gmg_calls_open(struct gmg_calls *calls, const struct gmg_flow *flow,
		    const struct gmg_sip *sip, u32 for_ms)
{
	u64 key = key_of(calls, flow, sip);
	struct gmg_call *call;

	spin_lock_bh(&calls->lock);
	call = place_of(calls, key);
	if (!is_live(call))
		call->until = gmg_clock_now() + msecs_to_jiffies(for_ms);
	spin_unlock_bh(&calls->lock);
}

/**
 * gmg_calls_is_open() - whether a message belongs to an emergency call
 * @calls: the namespace's
 * @flow: its ends
 * @sip: its Call-ID
 *
 * Context: any but hard interrupts.
 * Return: true if it does.
 */
bool gmg_calls_is_open(struct gmg_calls *calls, const struct gmg_flow *flow,
		       const struct gmg_sip *sip)
{
	bool open = false;
	unsigned int i;
	u64 key;

	if (!READ_ONCE(calls->n))
		return false;
	key = key_of(calls, flow, sip);
	spin_lock_bh(&calls->lock);
	for (i = 0; i < calls->n && !open; i++)
		open = calls->call[i].key == key && is_live(&calls->call[i]);
	spin_unlock_bh(&calls->lock);
	return open;
}
