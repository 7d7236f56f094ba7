/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_CALL_H
#define _GMG_CALL_H

#include <linux/siphash.h>
#include <linux/spinlock.h>

#include "flow.h"
#include "sipline.h"

#define GMG_CALLS 512

/**
 * struct gmg_call - an emergency call in clear
 * @key: names its source, its destination and its Call-ID
 * @until: when it is over, in jiffies
 */
struct gmg_call {
	u64 key;
	unsigned long until;
};

/**
 * struct gmg_calls - the emergency calls in clear over UDP
 * @secret: of the keys
 * @lock: protects all below
 * @n: as many of @call have ever been in use
 * @call: the calls
 */
struct gmg_calls {
	siphash_key_t secret;
	spinlock_t lock; /* protects n and call */
	unsigned int n;
	struct gmg_call call[GMG_CALLS];
};

void gmg_calls_init(struct gmg_calls *calls);
void gmg_calls_open(struct gmg_calls *calls, const struct gmg_flow *flow,
		    const struct gmg_sip *sip, u32 for_ms);
bool gmg_calls_is_open(struct gmg_calls *calls, const struct gmg_flow *flow,
		       const struct gmg_sip *sip);

#endif /* _GMG_CALL_H */
