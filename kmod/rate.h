/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_RATE_H
#define _GMG_RATE_H

#include <linux/siphash.h>
#include <linux/spinlock.h>

#include "flow.h"

struct gmg_limits;

#define GMG_RATE_ROWS 4096
#define GMG_RATE_WAYS 8

/**
 * struct gmg_rate_source - one source
 * @key: names it
 * @empty_at: when its bucket is empty if nothing more comes, in nanoseconds of
 *	the monotonic clock: the more it has sent, the later
 */
struct gmg_rate_source {
	u64 key;
	u64 empty_at;
};

/**
 * struct gmg_rate_row - the sources with one hash
 * @lock: protects @source
 * @source: the sources
 */
struct gmg_rate_row {
	spinlock_t lock; /* protects the row */
	struct gmg_rate_source source[GMG_RATE_WAYS];
};

/**
 * struct gmg_rate - how much sources in clear have sent
 * @secret: of the hash, so that nobody can fill a row on purpose
 * @lock: protects @total
 * @total: all sources together
 * @row: each source has its place in one of them
 */
struct gmg_rate {
	siphash_key_t secret;
	spinlock_t lock; /* protects total */
	struct gmg_rate_source total;
	struct gmg_rate_row row[GMG_RATE_ROWS];
};

void gmg_rate_init(struct gmg_rate *rate);
bool gmg_rate_take(struct gmg_rate *rate, const struct gmg_limits *limits,
		   const struct gmg_flow *flow);

#endif /* _GMG_RATE_H */
