// SPDX-License-Identifier: GPL-2.0-only
/*
 * STATS_GET, LIMITS_GET, LIMITS_SET.
 */
#include "main.h"
#include "nl.h"

static int put_reason(struct sk_buff *msg, struct gmg_net *gn, int reason)
{
	struct nlattr *nest = nla_nest_start(msg, GMGUARD_A_STATS_REASON);
	u64 packets = gmg_stats_read(gn->net, gn->stats, reason);

	if (!nest ||
	    nla_put_u32(msg, GMGUARD_A_REASON_COUNT_REASON, reason) ||
	    nla_put_string(msg, GMGUARD_A_REASON_COUNT_NAME,
			   gmg_reason_name(reason)) ||
	    nla_put_u64_64bit(msg, GMGUARD_A_REASON_COUNT_PACKETS, packets,
			      GMGUARD_A_REASON_COUNT_PAD))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int put_stats(struct sk_buff *msg, struct gmg_net *gn)
{
	struct nlattr *nest = nla_nest_start(msg, GMGUARD_A_STATS);
	int reason;

	if (!nest)
		return -EMSGSIZE;
	for (reason = 1; reason <= GMGUARD_REASON_MAX; reason++)
		if (put_reason(msg, gn, reason))
			return -EMSGSIZE;
	if (nla_put_u32(msg, GMGUARD_A_STATS_ENDPOINTS, gn->n_endpoints) ||
	    nla_put_u32(msg, GMGUARD_A_STATS_TEMPORARY,
			gn->n_sets[GMGUARD_PHASE_TEMPORARY]) ||
	    nla_put_u32(msg, GMGUARD_A_STATS_ESTABLISHED,
			gn->n_sets[GMGUARD_PHASE_ESTABLISHED]) ||
	    nla_put_u32(msg, GMGUARD_A_STATS_SUPERSEDED,
			gn->n_sets[GMGUARD_PHASE_SUPERSEDED]) ||
	    nla_put_u32(msg, GMGUARD_A_STATS_LINGERING,
			gn->n_sets[GMGUARD_PHASE_LINGERING]) ||
	    nla_put_u64_64bit(msg, GMGUARD_A_STATS_LARVAL, gn->larval,
			      GMGUARD_A_STATS_PAD) ||
	    nla_put_string(msg, GMGUARD_A_STATS_VERSION, GMG_VERSION))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/**
 * gmguard_nl_stats_get_doit() - STATS_GET
 * @skb: the request
 * @info: the request
 *
 * Return: 0 or a negative errno.
 */
int gmguard_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct gmg_net *gn = gmg_net(genl_info_net(info));
	struct sk_buff *msg;
	void *hdr;
	int err;

	msg = gmg_nl_reply_begin(info, &hdr);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&gn->lock);
	err = put_stats(msg, gn);
	mutex_unlock(&gn->lock);
	return gmg_nl_reply_end(info, msg, hdr, err);
}

static int put_limits(struct sk_buff *msg, const struct gmg_limits *limits)
{
	struct nlattr *nest = nla_nest_start(msg, GMGUARD_A_LIMITS);

	if (!nest ||
	    nla_put_u32(msg, GMGUARD_A_LIMITS_MAX_SETS, limits->max_sets) ||
	    nla_put_u32(msg, GMGUARD_A_LIMITS_TEMPORARY_MS,
			limits->temporary_ms) ||
	    nla_put_u32(msg, GMGUARD_A_LIMITS_GRACE_MS, limits->grace_ms) ||
	    nla_put_u32(msg, GMGUARD_A_LIMITS_DROP_SAMPLES,
			limits->drop_samples) ||
	    nla_put_u32(msg, GMGUARD_A_LIMITS_MAX_IMPI_SETS,
			limits->max_impi_sets) ||
	    nla_put_u32(msg, GMGUARD_A_LIMITS_MAX_IMPI_TEMPORARY,
			limits->max_impi_temporary) ||
	    nla_put_u32(msg, GMGUARD_A_LIMITS_MAX_TEMPORARY,
			limits->max_temporary))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/**
 * gmguard_nl_limits_get_doit() - LIMITS_GET
 * @skb: the request
 * @info: the request
 *
 * Return: 0 or a negative errno.
 */
int gmguard_nl_limits_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct gmg_net *gn = gmg_net(genl_info_net(info));
	struct sk_buff *msg;
	void *hdr;
	int err;

	msg = gmg_nl_reply_begin(info, &hdr);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&gn->lock);
	err = put_limits(msg, &gn->limits);
	mutex_unlock(&gn->lock);
	return gmg_nl_reply_end(info, msg, hdr, err);
}

static void set_limit(u32 *limit, const struct nlattr *attr)
{
	if (attr)
		WRITE_ONCE(*limit, nla_get_u32(attr));
}

/**
 * gmguard_nl_limits_set_doit() - LIMITS_SET
 * @skb: the request
 * @info: the request
 *
 * What is running keeps its deadline; new ones are made by the new limits.
 *
 * Return: 0 or a negative errno; then nothing has changed.
 */
int gmguard_nl_limits_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct gmg_net *gn = gmg_net(genl_info_net(info));
	struct nlattr *tb[GMGUARD_A_LIMITS_MAX + 1];
	int err;

	if (!info->attrs[GMGUARD_A_LIMITS])
		return GMG_REFUSE_MISSING(info, NULL, GMGUARD_A_LIMITS,
					  "limits is missing: say what to change");
	err = nla_parse_nested(tb, GMGUARD_A_LIMITS_MAX,
			       info->attrs[GMGUARD_A_LIMITS],
			       gmguard_limits_nl_policy, info->extack);
	if (err)
		return err;
	mutex_lock(&gn->lock);
	set_limit(&gn->limits.max_sets, tb[GMGUARD_A_LIMITS_MAX_SETS]);
	set_limit(&gn->limits.temporary_ms, tb[GMGUARD_A_LIMITS_TEMPORARY_MS]);
	set_limit(&gn->limits.grace_ms, tb[GMGUARD_A_LIMITS_GRACE_MS]);
	set_limit(&gn->limits.drop_samples, tb[GMGUARD_A_LIMITS_DROP_SAMPLES]);
	set_limit(&gn->limits.max_impi_sets,
		  tb[GMGUARD_A_LIMITS_MAX_IMPI_SETS]);
	set_limit(&gn->limits.max_impi_temporary,
		  tb[GMGUARD_A_LIMITS_MAX_IMPI_TEMPORARY]);
	set_limit(&gn->limits.max_temporary,
		  tb[GMGUARD_A_LIMITS_MAX_TEMPORARY]);
	mutex_unlock(&gn->lock);
	return 0;
}
