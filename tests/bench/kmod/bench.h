/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Measures inside the kernel what a system call would drown. It knows nothing
 * of gmguard's inside: all that it calls, everybody may.
 */
#ifndef _BENCH_H
#define _BENCH_H

#include <linux/types.h>

/* Softirqs have their turn after so many packets, as in NAPI. */
#define BUDGET 64

struct net;
struct xfrm_state;

/**
 * struct bench_pool - states that packets come through, in random order
 * @n: how many
 * @x: each with a reference
 */
struct bench_pool {
	unsigned int n;
	struct xfrm_state **x;
};

extern struct bench_pool bench_pool;

/**
 * struct bench_result - of one measurement
 * @ns: nanoseconds that all of it would have taken without disturbance
 * @n: how much it was
 * @accepted: of that
 * @dropped: of that
 */
struct bench_result {
	u64 ns;
	u64 n;
	u64 accepted;
	u64 dropped;
};

void bench_begin(void);
void bench_batch(void);
u64 bench_end(void);

int bench_pool_gather(struct net *net, __be32 addr);
void bench_pool_forget(void);

int bench_verdicts(struct net *net, u32 loops, struct bench_result *result);
int bench_flood(struct net *net, __be32 addr, u16 port, u32 loops,
		struct bench_result *result);
int bench_empty_hook(struct net *net, bool on);

int bench_make(struct net *net, __be32 addr, u32 first, u32 n, bool aes,
	       struct bench_result *result);
void bench_unmake(void);

int bench_find(struct net *net, u32 loops, struct bench_result *result);
int bench_route(struct net *net, __be32 addr, u32 n, u32 behind, u32 loops,
		struct bench_result *result);

int bench_replay(int fd, unsigned long from, u32 size, bool ack,
		 struct bench_result *result);
int bench_trips(struct net *pcscf, int ns_fd, __be32 addr, u32 first, u32 n,
		u32 len, u32 loops, struct bench_result *result);

#endif /* _BENCH_H */
