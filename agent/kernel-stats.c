// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kernel-stats.c - counters, limits and timers through netlink.
 */
#include <string.h>

#include "kernel-priv.h"

static struct nla_policy stats_policy[GMGUARD_A_STATS_MAX + 1] = {
	[GMGUARD_A_STATS_REASON] = { .type = NLA_NESTED },
	[GMGUARD_A_STATS_ENDPOINTS] = { .type = NLA_U32 },
	[GMGUARD_A_STATS_TEMPORARY] = { .type = NLA_U32 },
	[GMGUARD_A_STATS_ESTABLISHED] = { .type = NLA_U32 },
	[GMGUARD_A_STATS_SUPERSEDED] = { .type = NLA_U32 },
	[GMGUARD_A_STATS_LINGERING] = { .type = NLA_U32 },
	[GMGUARD_A_STATS_LARVAL] = { .type = NLA_U64 },
	[GMGUARD_A_STATS_VERSION] = { .type = NLA_STRING },
};

static struct nla_policy count_policy[GMGUARD_A_REASON_COUNT_MAX + 1] = {
	[GMGUARD_A_REASON_COUNT_REASON] = { .type = NLA_U32 },
	[GMGUARD_A_REASON_COUNT_NAME] = { .type = NLA_STRING },
	[GMGUARD_A_REASON_COUNT_PACKETS] = { .type = NLA_U64 },
	[GMGUARD_A_REASON_COUNT_AUDITED] = { .type = NLA_U64 },
};

static struct nla_policy limits_policy[GMGUARD_A_LIMITS_MAX + 1] = {
	[1 ... GMGUARD_A_LIMITS_MAX] = { .type = NLA_U32 },
};

static int parse_count(struct nlattr *nest, struct gmg_stats *st)
{
	struct nlattr *tb[GMGUARD_A_REASON_COUNT_MAX + 1];
	struct gmg_count *c;

	if (st->n_count == GMG_STATS_MAX)
		return 0;
	if (nla_parse_nested(tb, GMGUARD_A_REASON_COUNT_MAX, nest,
			     count_policy) < 0)
		return -EBADMSG;
	c = &st->count[st->n_count++];
	gmg_get_u32(tb[GMGUARD_A_REASON_COUNT_REASON], &c->reason);
	gmg_get_string(tb[GMGUARD_A_REASON_COUNT_NAME], c->name,
		       sizeof(c->name));
	gmg_get_u64(tb[GMGUARD_A_REASON_COUNT_PACKETS], &c->packets);
	gmg_get_u64(tb[GMGUARD_A_REASON_COUNT_AUDITED], &c->audited);
	return 0;
}

static int reply_stats(struct nlattr **top, void *arg)
{
	struct nlattr *tb[GMGUARD_A_STATS_MAX + 1];
	struct nlattr *nest = top[GMGUARD_A_STATS], *attr;
	struct gmg_stats *st = arg;
	int rem;

	if (!nest || nla_parse_nested(tb, GMGUARD_A_STATS_MAX, nest,
				      stats_policy) < 0)
		return -EBADMSG;
	nla_for_each_nested(attr, nest, rem)
		if (nla_type(attr) == GMGUARD_A_STATS_REASON &&
		    parse_count(attr, st))
			return -EBADMSG;
	gmg_get_u32(tb[GMGUARD_A_STATS_ENDPOINTS], &st->endpoints);
	gmg_get_u32(tb[GMGUARD_A_STATS_TEMPORARY], &st->temporary);
	gmg_get_u32(tb[GMGUARD_A_STATS_ESTABLISHED], &st->established);
	gmg_get_u32(tb[GMGUARD_A_STATS_SUPERSEDED], &st->superseded);
	gmg_get_u32(tb[GMGUARD_A_STATS_LINGERING], &st->lingering);
	gmg_get_u64(tb[GMGUARD_A_STATS_LARVAL], &st->larval);
	gmg_get_u32(tb[GMGUARD_A_STATS_CONNECTIONS], &st->connections);
	gmg_get_string(tb[GMGUARD_A_STATS_VERSION], st->version,
		       sizeof(st->version));
	return 0;
}

/**
 * kernel_stats() - read counters and gauges
 * @k: connection
 * @st: result
 *
 * Return: 0, or a negative errno with k->err set.
 */
int kernel_stats(struct gmg_kernel *k, struct gmg_stats *st)
{
	memset(st, 0, sizeof(*st));
	return gmg_transact(k, gmg_msg_new(k, GMGUARD_CMD_STATS_GET),
			    reply_stats, st);
}

static int reply_limits(struct nlattr **top, void *arg)
{
	struct nlattr *tb[GMGUARD_A_LIMITS_MAX + 1];
	struct nlattr *nest = top[GMGUARD_A_LIMITS];
	struct gmg_limits *lim = arg;
	int i;

	if (!nest || nla_parse_nested(tb, GMGUARD_A_LIMITS_MAX, nest,
				      limits_policy) < 0)
		return -EBADMSG;
	for (i = 1; i <= GMGUARD_A_LIMITS_MAX; i++)
		if (tb[i])
			gmg_limits_put(lim, i, nla_get_u32(tb[i]));
	return 0;
}

/**
 * kernel_limits_get() - read limits and timers
 * @k: connection
 * @lim: result
 *
 * Return: 0, or a negative errno with k->err set.
 */
int kernel_limits_get(struct gmg_kernel *k, struct gmg_limits *lim)
{
	memset(lim, 0, sizeof(*lim));
	return gmg_transact(k, gmg_msg_new(k, GMGUARD_CMD_LIMITS_GET),
			    reply_limits, lim);
}

/**
 * kernel_limits_set() - change limits and timers
 * @k: connection
 * @lim: those that it has, the others stay
 *
 * Return: 0, or a negative errno with k->err set.
 */
int kernel_limits_set(struct gmg_kernel *k, const struct gmg_limits *lim)
{
	struct nl_msg *msg = gmg_msg_new(k, GMGUARD_CMD_LIMITS_SET);
	struct nlattr *nest;
	int i;

	if (!msg)
		return -ENOMEM;
	nest = nla_nest_start(msg, GMGUARD_A_LIMITS | NLA_F_NESTED);
	for (i = 1; i <= GMGUARD_A_LIMITS_MAX; i++)
		if (gmg_limits_has(lim, i))
			nla_put_u32(msg, i, lim->value[i]);
	nla_nest_end(msg, nest);
	return gmg_transact(k, msg, NULL, NULL);
}
