// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time on a machine that has other things to do as well. It is taken for small
 * batches of equal work, and their median stands for each: those in which the
 * host took the CPU away don't count.
 */
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/sort.h>

#include "bench.h"

#define KEPT 65536

static u32 taken[KEPT];
static unsigned int n_batches;
static u64 last;

/**
 * bench_begin() - the first batch begins
 *
 * Context: one measurement at a time, as for the others here.
 */
void bench_begin(void)
{
	n_batches = 0;
	last = ktime_get_ns();
}

/**
 * bench_batch() - a batch ends, the next one begins
 */
void bench_batch(void)
{
	u64 now = ktime_get_ns();

	taken[n_batches++ % KEPT] = min_t(u64, now - last, U32_MAX);
	last = ktime_get_ns();
}

static int compare(const void *a, const void *b)
{
	u32 x = *(const u32 *)a;
	u32 y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

/**
 * bench_end() - what all batches would have taken
 *
 * Return: nanoseconds.
 */
u64 bench_end(void)
{
	unsigned int n = min_t(unsigned int, n_batches, KEPT);

	if (!n)
		return 0;
	sort(taken, n, sizeof(taken[0]), compare, NULL);
	return (u64)taken[n / 2] * n_batches;
}
