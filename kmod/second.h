/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_SECOND_H
#define _GMG_SECOND_H

#include "clock.h"

/**
 * struct gmg_second - how much was taken in this second; its owner has a lock
 * @now: the second, in jiffies / HZ
 * @taken: how often something was taken in it
 */
struct gmg_second {
	unsigned long now;
	u32 taken;
};

/* Take one of so many a second; false if they are used up. */
static inline bool gmg_second_take(struct gmg_second *second, u32 most)
{
	unsigned long now = gmg_clock_now() / HZ;

	if (second->now != now) {
		second->now = now;
		second->taken = 0;
	}
	if (second->taken >= most)
		return false;
	second->taken++;
	return true;
}

#endif /* _GMG_SECOND_H */
