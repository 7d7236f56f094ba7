// SPDX-License-Identifier: GPL-2.0-only
/*
 * STATS_GET, LIMITS_GET, LIMITS_SET.
 */
#include "clear.h"
#include "main.h"
#include "nl.h"

static int put_reason(struct sk_buff *msg, struct gmg_net *gn, int reason)
{
	struct nlattr *nest = nla_nest_start(msg, GMGUARD_A_STATS_REASON);
	u64 packets = gmg_stats_read(gn->net, gn->stats, reason);
	u64 audited = gmg_stats_audited(gn->stats, reason);

	if (!nest ||
	    nla_put_u32(msg, GMGUARD_A_REASON_COUNT_REASON, reason) ||
	    nla_put_string(msg, GMGUARD_A_REASON_COUNT_NAME,
			   gmg_reason_name(reason)) ||
	    nla_put_u64_64bit(msg, GMGUARD_A_REASON_COUNT_PACKETS, packets,
			      GMGUARD_A_REASON_COUNT_PAD) ||
	    nla_put_u64_64bit(msg, GMGUARD_A_REASON_COUNT_AUDITED, audited,
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
	    nla_put_u32(msg, GMGUARD_A_STATS_CONNECTIONS,
			gn->clear ? atomic_read(&gn->clear->n_conns) : 0) ||
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

	err = gmg_nl_only(info, 0);
	if (err)
		return err;
	msg = gmg_nl_reply_begin(info, &hdr);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&gn->lock);
	err = put_stats(msg, gn);
	mutex_unlock(&gn->lock);
	return gmg_nl_reply_end(info, msg, hdr, err);
}

/* Where each limit is kept, by its attribute. */
static const u16 limit_offsets[GMGUARD_A_LIMITS_MAX + 1] = {
#define AT(attr, member) \
	[GMGUARD_A_LIMITS_##attr] = offsetof(struct gmg_limits, member)
	AT(MAX_SETS, max_sets),
	AT(TEMPORARY_MS, temporary_ms),
	AT(GRACE_MS, grace_ms),
	AT(DROP_SAMPLES, drop_samples),
	AT(MAX_IMPI_SETS, max_impi_sets),
	AT(MAX_IMPI_TEMPORARY, max_impi_temporary),
	AT(MAX_TEMPORARY, max_temporary),
	AT(UNPROTECTED_RATE, unprotected_rate),
	AT(UNPROTECTED_BURST, unprotected_burst),
	AT(UNPROTECTED_TOTAL, unprotected_total),
	AT(UNPROTECTED_CONNECTIONS, unprotected_connections),
	AT(UNPROTECTED_IDLE_MS, unprotected_idle_ms),
	AT(UNPROTECTED_MESSAGE_MS, unprotected_message_ms),
	AT(EMERGENCY_MS, emergency_ms),
	AT(DROP_COPIES, drop_copies),
	AT(NFLOG_GROUP, nflog_group),
#undef AT
};

static u32 *limit_at(struct gmg_limits *limits, int attr)
{
	return (void *)limits + limit_offsets[attr];
}

static int put_limits(struct sk_buff *msg, struct gmg_limits *limits)
{
	struct nlattr *nest = nla_nest_start(msg, GMGUARD_A_LIMITS);
	int attr;

	if (!nest)
		return -EMSGSIZE;
	for (attr = 1; attr <= GMGUARD_A_LIMITS_MAX; attr++)
		if (nla_put_u32(msg, attr, *limit_at(limits, attr)))
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

	err = gmg_nl_only(info, 0);
	if (err)
		return err;
	msg = gmg_nl_reply_begin(info, &hdr);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&gn->lock);
	err = put_limits(msg, &gn->limits);
	mutex_unlock(&gn->lock);
	return gmg_nl_reply_end(info, msg, hdr, err);
}

static void take_limits(struct gmg_net *gn, struct nlattr **tb, bool copies)
{
	int attr;

	for (attr = 1; attr <= GMGUARD_A_LIMITS_MAX; attr++)
		if (tb[attr])
			WRITE_ONCE(*limit_at(&gn->limits, attr),
				   nla_get_u32(tb[attr]));
	if (tb[GMGUARD_A_LIMITS_DROP_COPIES])
		gmg_nflog_turn(&gn->nflog, copies);
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
	struct nlattr *attr;
	bool copies;
	int err;

	err = gmg_nl_only(info, GMGUARD_A_LIMITS);
	if (err)
		return err;
	if (!info->attrs[GMGUARD_A_LIMITS])
		return GMG_REFUSE_MISSING(info, NULL, GMGUARD_A_LIMITS,
					  "limits is missing: say what to change");
	err = nla_parse_nested(tb, GMGUARD_A_LIMITS_MAX,
			       info->attrs[GMGUARD_A_LIMITS],
			       gmguard_limits_nl_policy, info->extack);
	if (err)
		return err;
	attr = tb[GMGUARD_A_LIMITS_DROP_COPIES];
	copies = attr && nla_get_u32(attr);
	if (copies && gmg_nflog_get())
		return GMG_REFUSE(info, attr, -EOPNOTSUPP,
				  "drop-copies needs the kernel module nfnetlink_log, which is not there: \"modprobe nfnetlink_log\" says why");
	mutex_lock(&gn->lock);
	take_limits(gn, tb, copies);
	mutex_unlock(&gn->lock);
	return 0;
}
