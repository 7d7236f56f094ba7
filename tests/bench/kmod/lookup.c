// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's own lookups of states, as a packet meets them: on the way in by
 * SPI, on the way out by policy and selector.
 */
#include <linux/module.h>
#include <linux/prandom.h>
#include <net/route.h>
#include <net/xfrm.h>

#include "bench.h"
#include "ue.h"

/* In a batch. */
#define ROUTES 16

/* What xfrm_input() calls. */
static struct xfrm_state *find(struct net *net, const struct xfrm_state *x)
{
#ifdef HAVE_INPUT_STATE_LOOKUP
	return xfrm_input_state_lookup(net, 0, &x->id.daddr, x->id.spi,
				       IPPROTO_ESP, AF_INET);
#else
	return xfrm_state_lookup(net, 0, &x->id.daddr, x->id.spi, IPPROTO_ESP,
				 AF_INET);
#endif
}

/**
 * bench_find() - look up inbound states, in random order
 * @net: the namespace
 * @loops: how many, at least
 * @result: those that were found are @accepted
 *
 * Return: 0 or a negative errno.
 */
int bench_find(struct net *net, u32 loops, struct bench_result *result)
{
	static u32 next;
	u32 i, j;

	if (!bench_pool.n)
		return -ENOENT;
	bench_begin();
	for (i = 0; i < loops; i += BUDGET) {
		local_bh_disable();
		rcu_read_lock();
		for (j = 0; j < BUDGET; j++) {
			struct xfrm_state *x;

			x = find(net, bench_pool.x[next++ % bench_pool.n]);
			if (x) {
				xfrm_state_put(x);
				result->accepted++;
			} else {
				result->dropped++;
			}
		}
		rcu_read_unlock();
		local_bh_enable();
		bench_batch();
		cond_resched();
	}
	result->ns = bench_end();
	result->n = i;
	return 0;
}

/**
 * bench_route() - routes of UDP messages on SA C to UEs, in random order
 * @net: the namespace
 * @addr: the P-CSCF's address
 * @n: how many UEs there are
 * @behind: how many of them share an address
 * @loops: how many, a multiple of 16
 * @result: those that lead into ESP are @accepted
 *
 * Return: 0 or a negative errno.
 */
int bench_route(struct net *net, __be32 addr, u32 n, u32 behind, u32 loops,
		struct bench_result *result)
{
	struct rnd_state rnd;
	u32 i;

	if (!n || !behind)
		return -EINVAL;
	prandom_seed_state(&rnd, 33203);
	bench_begin();
	for (i = 0; i < loops; i++) {
		u32 ue = prandom_u32_state(&rnd) % n;
		struct flowi4 fl = {
			.saddr = addr,
			.daddr = htonl(UE_NET + ue / behind),
			.flowi4_proto = IPPROTO_UDP,
			.fl4_sport = htons(PORT_PC),
			.fl4_dport = htons(PORT_US + 2 * (ue % behind)),
		};
		struct rtable *rt = ip_route_output_flow(net, &fl, NULL);

		if (!IS_ERR(rt) && rt->dst.xfrm)
			result->accepted++;
		else
			result->dropped++;
		if (!IS_ERR(rt))
			ip_rt_put(rt);
		if (i % ROUTES != ROUTES - 1)
			continue;
		bench_batch();
		cond_resched();
	}
	result->ns = bench_end();
	result->n = i;
	return 0;
}
