// SPDX-License-Identifier: GPL-2.0-only
/* generated from Documentation/netlink/specs/gmguard.yaml
 * by Documentation/netlink/gen.py; do not edit
 */

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/gmguard.h>
#include "netlink-gen.h"

/* prefix - An address prefix. */
const struct nla_policy gmguard_prefix_nl_policy[GMGUARD_A_PREFIX_MAX + 1] = {
	[GMGUARD_A_PREFIX_ADDR] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[GMGUARD_A_PREFIX_LEN] = NLA_POLICY_RANGE(NLA_U8, 1, 128),
};

/* endpoint - A guarded endpoint. */
const struct nla_policy
gmguard_endpoint_nl_policy[GMGUARD_A_ENDPOINT_MAX + 1] = {
	[GMGUARD_A_ENDPOINT_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGUARD_A_ENDPOINT_LOCAL_ADDR] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[GMGUARD_A_ENDPOINT_PORT_PS] = NLA_POLICY_MIN(NLA_U16, 1),
	[GMGUARD_A_ENDPOINT_PORT_PC] = NLA_POLICY_MIN(NLA_U16, 1),
	[GMGUARD_A_ENDPOINT_PORT_UNPROTECTED] = NLA_POLICY_MIN(NLA_U16, 1),
	[GMGUARD_A_ENDPOINT_EXEMPT] = NLA_POLICY_NESTED(gmguard_prefix_nl_policy),
	[GMGUARD_A_ENDPOINT_POLICY_PRIORITY] = NLA_POLICY_MIN(NLA_U32, 2081),
	[GMGUARD_A_ENDPOINT_FORCE] = { .type = NLA_FLAG, },
	[GMGUARD_A_ENDPOINT_SETS] = { .type = NLA_REJECT, },
	[GMGUARD_A_ENDPOINT_POLICIES] = { .type = NLA_REJECT, },
	[GMGUARD_A_ENDPOINT_EMERGENCY] = { .type = NLA_FLAG, },
	[GMGUARD_A_ENDPOINT_AUDIT] = { .type = NLA_FLAG, },
	[GMGUARD_A_ENDPOINT_STUN] = { .type = NLA_FLAG, },
};

/* sa - One SA of a set. In SA_SET_NEW only name and seq are allowed, to make a
 * set again elsewhere without reusing a sequence number.
 */
const struct nla_policy gmguard_sa_nl_policy[GMGUARD_A_SA_MAX + 1] = {
	[GMGUARD_A_SA_NAME] = NLA_POLICY_MAX(NLA_U32, 3),
	[GMGUARD_A_SA_SPI] = { .type = NLA_REJECT, },
	[GMGUARD_A_SA_SEQ] = { .type = NLA_U32, },
	[GMGUARD_A_SA_PACKETS] = { .type = NLA_REJECT, },
	[GMGUARD_A_SA_BYTES] = { .type = NLA_REJECT, },
	[GMGUARD_A_SA_REPLAY_ERRORS] = { .type = NLA_REJECT, },
	[GMGUARD_A_SA_INTEGRITY_ERRORS] = { .type = NLA_REJECT, },
};

static struct netlink_range_validation gmguard_a_sa_set_lifetime_ms_range = {
	.min	= 1ULL,
	.max	= 2147483647ULL,
};

/* sa-set - The four SAs of one authenticated registration (TS 33.203 7.1). */
const struct nla_policy gmguard_sa_set_nl_policy[GMGUARD_A_SA_SET_MAX + 1] = {
	[GMGUARD_A_SA_SET_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGUARD_A_SA_SET_ENDPOINT_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGUARD_A_SA_SET_LOCAL_ADDR] = { .type = NLA_REJECT, },
	[GMGUARD_A_SA_SET_UE_ADDR] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[GMGUARD_A_SA_SET_PORT_UC] = NLA_POLICY_MIN(NLA_U16, 1),
	[GMGUARD_A_SA_SET_PORT_US] = NLA_POLICY_MIN(NLA_U16, 1),
	[GMGUARD_A_SA_SET_PORT_PC] = NLA_POLICY_MIN(NLA_U16, 1),
	[GMGUARD_A_SA_SET_PORT_PS] = NLA_POLICY_MIN(NLA_U16, 1),
	[GMGUARD_A_SA_SET_SPI_UC] = NLA_POLICY_MIN(NLA_U32, 256),
	[GMGUARD_A_SA_SET_SPI_US] = NLA_POLICY_MIN(NLA_U32, 256),
	[GMGUARD_A_SA_SET_SPI_PC] = NLA_POLICY_MIN(NLA_U32, 256),
	[GMGUARD_A_SA_SET_SPI_PS] = NLA_POLICY_MIN(NLA_U32, 256),
	[GMGUARD_A_SA_SET_ALG] = NLA_POLICY_RANGE(NLA_U32, 1, 4),
	[GMGUARD_A_SA_SET_EALG] = NLA_POLICY_RANGE(NLA_U32, 1, 4),
	[GMGUARD_A_SA_SET_ALG_KEY] = { .type = NLA_BINARY, .len = 64, },
	[GMGUARD_A_SA_SET_EALG_KEY] = { .type = NLA_BINARY, .len = 64, },
	[GMGUARD_A_SA_SET_IMPI] = { .type = NLA_NUL_STRING, .len = 255, },
	[GMGUARD_A_SA_SET_PHASE] = NLA_POLICY_RANGE(NLA_U32, 1, 4),
	[GMGUARD_A_SA_SET_LIFETIME_MS] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &gmguard_a_sa_set_lifetime_ms_range),
	[GMGUARD_A_SA_SET_AGE_MS] = { .type = NLA_REJECT, },
	[GMGUARD_A_SA_SET_PROTECTED_BY] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGUARD_A_SA_SET_GROUP] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGUARD_A_SA_SET_EMERGENCY] = { .type = NLA_FLAG, },
	[GMGUARD_A_SA_SET_IN_USE] = { .type = NLA_REJECT, },
	[GMGUARD_A_SA_SET_AGENT_DATA] = { .type = NLA_BINARY, .len = 2048, },
	[GMGUARD_A_SA_SET_SA] = NLA_POLICY_NESTED(gmguard_sa_nl_policy),
	[GMGUARD_A_SA_SET_CAUSE] = { .type = NLA_REJECT, },
};

static struct netlink_range_validation gmguard_a_limits_temporary_ms_range = {
	.min	= 1ULL,
	.max	= 2147483647ULL,
};

static struct netlink_range_validation gmguard_a_limits_grace_ms_range = {
	.min	= 1ULL,
	.max	= 2147483647ULL,
};

static struct netlink_range_validation gmguard_a_limits_unprotected_rate_range = {
	.min	= 0ULL,
	.max	= 1000000ULL,
};

static struct netlink_range_validation gmguard_a_limits_unprotected_burst_range = {
	.min	= 1ULL,
	.max	= 1000000ULL,
};

static struct netlink_range_validation gmguard_a_limits_unprotected_total_range = {
	.min	= 0ULL,
	.max	= 1000000ULL,
};

static struct netlink_range_validation gmguard_a_limits_unprotected_idle_ms_range = {
	.min	= 1ULL,
	.max	= 2147483647ULL,
};

static struct netlink_range_validation gmguard_a_limits_unprotected_message_ms_range = {
	.min	= 1ULL,
	.max	= 2147483647ULL,
};

static struct netlink_range_validation gmguard_a_limits_emergency_ms_range = {
	.min	= 1ULL,
	.max	= 2147483647ULL,
};

static struct netlink_range_validation gmguard_a_limits_nflog_group_range = {
	.min	= 0ULL,
	.max	= 65535ULL,
};

/* limits - Limits and timers of the network namespace. */
const struct nla_policy gmguard_limits_nl_policy[GMGUARD_A_LIMITS_MAX + 1] = {
	[GMGUARD_A_LIMITS_MAX_SETS] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGUARD_A_LIMITS_TEMPORARY_MS] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &gmguard_a_limits_temporary_ms_range),
	[GMGUARD_A_LIMITS_GRACE_MS] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &gmguard_a_limits_grace_ms_range),
	[GMGUARD_A_LIMITS_DROP_SAMPLES] = { .type = NLA_U32, },
	[GMGUARD_A_LIMITS_MAX_IMPI_SETS] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGUARD_A_LIMITS_MAX_IMPI_TEMPORARY] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGUARD_A_LIMITS_MAX_TEMPORARY] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGUARD_A_LIMITS_UNPROTECTED_RATE] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &gmguard_a_limits_unprotected_rate_range),
	[GMGUARD_A_LIMITS_UNPROTECTED_BURST] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &gmguard_a_limits_unprotected_burst_range),
	[GMGUARD_A_LIMITS_UNPROTECTED_TOTAL] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &gmguard_a_limits_unprotected_total_range),
	[GMGUARD_A_LIMITS_UNPROTECTED_CONNECTIONS] = NLA_POLICY_RANGE(NLA_U32, 1, 8192),
	[GMGUARD_A_LIMITS_UNPROTECTED_IDLE_MS] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &gmguard_a_limits_unprotected_idle_ms_range),
	[GMGUARD_A_LIMITS_UNPROTECTED_MESSAGE_MS] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &gmguard_a_limits_unprotected_message_ms_range),
	[GMGUARD_A_LIMITS_EMERGENCY_MS] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &gmguard_a_limits_emergency_ms_range),
	[GMGUARD_A_LIMITS_DROP_COPIES] = NLA_POLICY_MAX(NLA_U32, 10000),
	[GMGUARD_A_LIMITS_NFLOG_GROUP] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &gmguard_a_limits_nflog_group_range),
};

/* port-range - A transport protocol and some of its ports. */
const struct nla_policy
gmguard_port_range_nl_policy[GMGUARD_A_PORT_RANGE_MAX + 1] = {
	[GMGUARD_A_PORT_RANGE_PROTOCOL] = NLA_POLICY_MIN(NLA_U8, 1),
	[GMGUARD_A_PORT_RANGE_FIRST] = NLA_POLICY_MIN(NLA_U16, 1),
	[GMGUARD_A_PORT_RANGE_LAST] = NLA_POLICY_MIN(NLA_U16, 1),
	[GMGUARD_A_PORT_RANGE_TLS] = { .type = NLA_FLAG, },
};

/* ruleset - What a core node or a router lets through (TS 33.203 Annex J). A
 * ruleset never changes, it is replaced.
 */
const struct nla_policy gmguard_ruleset_nl_policy[GMGUARD_A_RULESET_MAX + 1] = {
	[GMGUARD_A_RULESET_GENERATION] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGUARD_A_RULESET_AUDIT] = { .type = NLA_FLAG, },
	[GMGUARD_A_RULESET_NODE] = { .type = NLA_FLAG, },
	[GMGUARD_A_RULESET_PORT] = NLA_POLICY_NESTED(gmguard_port_range_nl_policy),
	[GMGUARD_A_RULESET_ACCESS_DEV] = { .type = NLA_NUL_STRING, .len = 15, },
	[GMGUARD_A_RULESET_CORE_DEV] = { .type = NLA_NUL_STRING, .len = 15, },
	[GMGUARD_A_RULESET_UE_TO_UE] = { .type = NLA_FLAG, },
	[GMGUARD_A_RULESET_RULES] = { .type = NLA_REJECT, },
	[GMGUARD_A_RULESET_PREFIXES] = { .type = NLA_REJECT, },
};

/* rule - What a ruleset says of some prefixes. */
const struct nla_policy gmguard_rule_nl_policy[GMGUARD_A_RULE_MAX + 1] = {
	[GMGUARD_A_RULE_KIND] = NLA_POLICY_RANGE(NLA_U32, 1, 6),
	[GMGUARD_A_RULE_NAME] = { .type = NLA_NUL_STRING, .len = 63, },
	[GMGUARD_A_RULE_CLASS] = { .type = NLA_NUL_STRING, .len = 15, },
	[GMGUARD_A_RULE_PREFIX] = NLA_POLICY_NESTED(gmguard_prefix_nl_policy),
	[GMGUARD_A_RULE_PORT] = NLA_POLICY_NESTED(gmguard_port_range_nl_policy),
	[GMGUARD_A_RULE_DEV] = { .type = NLA_NUL_STRING, .len = 15, },
	[GMGUARD_A_RULE_ESP] = { .type = NLA_FLAG, },
	[GMGUARD_A_RULE_REQID] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGUARD_A_RULE_MARK] = { .type = NLA_U32, },
	[GMGUARD_A_RULE_MARK_MASK] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGUARD_A_RULE_IF_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGUARD_A_RULE_TLS] = { .type = NLA_FLAG, },
	[GMGUARD_A_RULE_PACKETS] = { .type = NLA_REJECT, },
	[GMGUARD_A_RULE_DROPPED] = { .type = NLA_REJECT, },
	[GMGUARD_A_RULE_REASON] = { .type = NLA_REJECT, },
};

/* gmguard - The top level of every message. */
static const struct nla_policy gmguard_nl_policy[GMGUARD_A_MAX + 1] = {
	[GMGUARD_A_ENDPOINT] = NLA_POLICY_NESTED(gmguard_endpoint_nl_policy),
	[GMGUARD_A_SA_SET] = NLA_POLICY_NESTED(gmguard_sa_set_nl_policy),
	[GMGUARD_A_STATS] = { .type = NLA_REJECT, },
	[GMGUARD_A_LIMITS] = NLA_POLICY_NESTED(gmguard_limits_nl_policy),
	[GMGUARD_A_EVENT] = { .type = NLA_REJECT, },
	[GMGUARD_A_DROP] = { .type = NLA_REJECT, },
	[GMGUARD_A_ADOPTED] = { .type = NLA_REJECT, },
	[GMGUARD_A_RULESET] = NLA_POLICY_NESTED(gmguard_ruleset_nl_policy),
	[GMGUARD_A_RULE] = NLA_POLICY_NESTED(gmguard_rule_nl_policy),
};

/* strict validation: .validate stays 0 */
static const struct genl_ops gmguard_nl_ops[] = {
	{
		.cmd	= GMGUARD_CMD_ENDPOINT_NEW,
		.doit	= gmguard_nl_endpoint_new_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= GMGUARD_CMD_ENDPOINT_DEL,
		.doit	= gmguard_nl_endpoint_del_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= GMGUARD_CMD_ENDPOINT_GET,
		.doit	= gmguard_nl_endpoint_get_doit,
		.dumpit	= gmguard_nl_endpoint_get_dumpit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= GMGUARD_CMD_SA_SET_NEW,
		.doit	= gmguard_nl_sa_set_new_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= GMGUARD_CMD_SA_SET_SET,
		.doit	= gmguard_nl_sa_set_set_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= GMGUARD_CMD_SA_SET_DEL,
		.doit	= gmguard_nl_sa_set_del_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= GMGUARD_CMD_SA_SET_GET,
		.doit	= gmguard_nl_sa_set_get_doit,
		.dumpit	= gmguard_nl_sa_set_get_dumpit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= GMGUARD_CMD_STATS_GET,
		.doit	= gmguard_nl_stats_get_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= GMGUARD_CMD_LIMITS_GET,
		.doit	= gmguard_nl_limits_get_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= GMGUARD_CMD_LIMITS_SET,
		.doit	= gmguard_nl_limits_set_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= GMGUARD_CMD_ADOPTED_GET,
		.start	= gmguard_nl_adopted_get_start,
		.dumpit	= gmguard_nl_adopted_get_dumpit,
		.done	= gmguard_nl_adopted_get_done,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= GMGUARD_CMD_ENDPOINT_SET,
		.doit	= gmguard_nl_endpoint_set_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= GMGUARD_CMD_RULESET_SET,
		.doit	= gmguard_nl_ruleset_set_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= GMGUARD_CMD_RULESET_GET,
		.dumpit	= gmguard_nl_ruleset_get_dumpit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
};

static const struct genl_multicast_group gmguard_nl_mcgrps[] = {
	[GMGUARD_NLGRP_EVENTS] = {
		.name	= GMGUARD_MCGRP_EVENTS,
		.flags	= GENL_MCAST_CAP_NET_ADMIN,
	},
	[GMGUARD_NLGRP_DROPS] = {
		.name	= GMGUARD_MCGRP_DROPS,
		.flags	= GENL_MCAST_CAP_NET_ADMIN,
	},
};

struct genl_family gmguard_nl_family __ro_after_init = {
	.name		= GMGUARD_FAMILY_NAME,
	.version	= GMGUARD_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.maxattr	= GMGUARD_A_MAX,
	.policy		= gmguard_nl_policy,
	.ops		= gmguard_nl_ops,
	.n_ops		= ARRAY_SIZE(gmguard_nl_ops),
	.mcgrps		= gmguard_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(gmguard_nl_mcgrps),
};
