// SPDX-License-Identifier: GPL-2.0-only
/*
 * The states that packets seem to come through.
 */
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/vmalloc.h>
#include <net/xfrm.h>

#include "bench.h"

struct bench_pool bench_pool;

struct gathering {
	struct bench_pool *pool;
	unsigned int room;
	__be32 addr;
};

static int take(struct xfrm_state *x, int count, void *data)
{
	struct gathering *g = data;

	if (x->props.family != AF_INET || x->id.daddr.a4 != g->addr ||
	    x->id.proto != IPPROTO_ESP)
		return 0;
	if (g->pool->n == g->room)
		return -ENOSPC;
	xfrm_state_hold(x);
	g->pool->x[g->pool->n++] = x;
	return 0;
}

/* So that neighbours in memory are none in time. */
static void shuffle(struct bench_pool *pool)
{
	struct rnd_state rnd;
	unsigned int i;

	prandom_seed_state(&rnd, 33203);
	for (i = pool->n; i > 1; i--) {
		unsigned int j = prandom_u32_state(&rnd) % i;

		swap(pool->x[i - 1], pool->x[j]);
	}
}

/**
 * bench_pool_gather() - keep the inbound states of an address
 * @net: the namespace
 * @addr: the address
 *
 * Return: how many, or a negative errno.
 */
int bench_pool_gather(struct net *net, __be32 addr)
{
	struct gathering g = {
		.pool = &bench_pool,
		.room = net->xfrm.state_num,
		.addr = addr,
	};
	struct xfrm_state_walk walk;
	int err;

	bench_pool_forget();
	bench_pool.x = vmalloc(array_size(max(g.room, 1U),
					  sizeof(*bench_pool.x)));
	if (!bench_pool.x)
		return -ENOMEM;
	xfrm_state_walk_init(&walk, IPPROTO_ESP, NULL);
	err = xfrm_state_walk(net, &walk, take, &g);
	xfrm_state_walk_done(&walk, net);
	if (err) {
		bench_pool_forget();
		return err;
	}
	shuffle(&bench_pool);
	return bench_pool.n;
}

/**
 * bench_pool_forget() - let go of all states
 */
void bench_pool_forget(void)
{
	while (bench_pool.n)
		xfrm_state_put(bench_pool.x[--bench_pool.n]);
	vfree(bench_pool.x);
	bench_pool.x = NULL;
}
