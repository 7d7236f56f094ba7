// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits on what comes in clear: token buckets, one for each source and one for
 * all of them. A source is an IPv4 address or an IPv6 /64, which is what a UE
 * gets.
 *
 * The memory is fixed. A source that finds its row full takes the place of the
 * one that has sent least lately, so that spoofed addresses push out neither
 * each other's spoofer nor a real flood; the bucket for all holds those.
 *
 * Concurrency: each row, and the total, has a lock that is held for a few
 * instructions, with bottom halves off.
 */
#include <linux/random.h>

#include "clock.h"
#include "main.h"
#include "rate.h"

/* What may come at once, as a part of what may come in a second. */
#define TOTAL_BURST 4

/**
 * gmg_rate_init() - nobody has sent anything
 * @rate: to initialise, zeroed
 */
void gmg_rate_init(struct gmg_rate *rate)
{
	unsigned int i;

	get_random_bytes(&rate->secret, sizeof(rate->secret));
	spin_lock_init(&rate->lock);
	for (i = 0; i < GMG_RATE_ROWS; i++)
		spin_lock_init(&rate->row[i].lock);
}

static u64 source_key(const struct gmg_rate *rate, const struct gmg_flow *flow)
{
	struct {
		struct gmg_addr addr;
		u64 family;
	} name = {
		.addr = flow->src,
		.family = flow->family,
	};

	if (flow->family == AF_INET6)
		memset(&name.addr.w[2], 0, 2 * sizeof(name.addr.w[0]));
	return siphash(&name, sizeof(name), &rate->secret);
}

/* Take one of @burst tokens, of which @per_second come back in a second. */
static bool take(struct gmg_rate_source *source, u64 now, u32 per_second,
		 u32 burst)
{
	u64 each = NSEC_PER_SEC / per_second;
	u64 begin = max(source->empty_at, now);

	if (begin - now > each * (burst - 1))
		return false;
	source->empty_at = begin + each;
	return true;
}

static struct gmg_rate_source *place_of(struct gmg_rate_row *row, u64 key)
{
	struct gmg_rate_source *place = &row->source[0];
	unsigned int i;

	for (i = 0; i < GMG_RATE_WAYS; i++) {
		struct gmg_rate_source *source = &row->source[i];

		if (source->key == key)
			return source;
		if (source->empty_at < place->empty_at)
			place = source;
	}
	place->key = key;
	place->empty_at = 0;
	return place;
}

static bool take_source(struct gmg_rate *rate, const struct gmg_flow *flow,
			u64 now, u32 per_second, u32 burst)
{
	u64 key = source_key(rate, flow);
	struct gmg_rate_row *row = &rate->row[key % GMG_RATE_ROWS];
	bool taken;

	spin_lock_bh(&row->lock);
	taken = take(place_of(row, key), now, per_second, burst);
	spin_unlock_bh(&row->lock);
	return taken;
}

/**
 * gmg_rate_take() - account for a message or a connection in clear
 * @rate: the namespace's
 * @limits: how much there may be
 * @flow: its ends
 *
 * Context: any but hard interrupts.
 * Return: false if it is one too many.
 */
bool gmg_rate_take(struct gmg_rate *rate, const struct gmg_limits *limits,
		   const struct gmg_flow *flow)
{
	u32 each = READ_ONCE(limits->unprotected_rate);
	u32 total = READ_ONCE(limits->unprotected_total);
	u64 now = gmg_clock_ns();
	bool taken;

	if (each && !take_source(rate, flow, now, each,
				 READ_ONCE(limits->unprotected_burst)))
		return false;
	if (!total)
		return true;
	spin_lock_bh(&rate->lock);
	taken = take(&rate->total, now, total, total / TOTAL_BURST + 1);
	spin_unlock_bh(&rate->lock);
	return taken;
}
