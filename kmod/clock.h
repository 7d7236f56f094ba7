/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The time, for everything that decides by it. The KUnit suites stop the clock
 * and move it by hand instead of waiting; other builds contain nothing but the
 * kernel's clocks.
 *
 * Timers are the kernel's own in any case: they only have the worker look, and
 * it decides by this clock.
 */
#ifndef _GMG_CLOCK_H
#define _GMG_CLOCK_H

#include <linux/jiffies.h>
#include <linux/ktime.h>

#ifdef GMG_KUNIT
/* Where the suites have stopped the clock, in jiffies; 0: it goes. */
extern unsigned long gmg_clock_stopped;
#else
#define gmg_clock_stopped 0UL
#endif

/* Jiffies, for deadlines. */
static inline unsigned long gmg_clock_now(void)
{
	return gmg_clock_stopped ? gmg_clock_stopped : jiffies;
}

/* Nanoseconds of the monotonic clock, for rates. */
static inline u64 gmg_clock_ns(void)
{
	return gmg_clock_stopped ? (u64)gmg_clock_stopped * TICK_NSEC :
				   ktime_get_ns();
}

/* Boot time, which goes on while the host is suspended, for ages. */
static inline ktime_t gmg_clock_boot(void)
{
	return gmg_clock_stopped ? ns_to_ktime(gmg_clock_ns()) :
				   ktime_get_boottime();
}

#endif /* _GMG_CLOCK_H */
