/* SPDX-License-Identifier: GPL-2.0-only */
/* generated from Documentation/netlink/specs/gmguard.yaml
 * by Documentation/netlink/gen.py; do not edit
 */

#ifndef _GMGUARD_NETLINK_GEN_H
#define _GMGUARD_NETLINK_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/gmguard.h>

/* The policies of the nests, for nla_parse_nested() */
extern const struct nla_policy
gmguard_prefix_nl_policy[GMGUARD_A_PREFIX_MAX + 1];
extern const struct nla_policy
gmguard_endpoint_nl_policy[GMGUARD_A_ENDPOINT_MAX + 1];
extern const struct nla_policy
gmguard_sa_nl_policy[GMGUARD_A_SA_MAX + 1];
extern const struct nla_policy
gmguard_sa_set_nl_policy[GMGUARD_A_SA_SET_MAX + 1];
extern const struct nla_policy
gmguard_limits_nl_policy[GMGUARD_A_LIMITS_MAX + 1];
extern const struct nla_policy
gmguard_port_range_nl_policy[GMGUARD_A_PORT_RANGE_MAX + 1];
extern const struct nla_policy
gmguard_ruleset_nl_policy[GMGUARD_A_RULESET_MAX + 1];
extern const struct nla_policy
gmguard_rule_nl_policy[GMGUARD_A_RULE_MAX + 1];

int gmguard_nl_endpoint_new_doit(struct sk_buff *skb, struct genl_info *info);
int gmguard_nl_endpoint_del_doit(struct sk_buff *skb, struct genl_info *info);
int gmguard_nl_endpoint_get_doit(struct sk_buff *skb, struct genl_info *info);
int gmguard_nl_endpoint_get_dumpit(struct sk_buff *skb,
				   struct netlink_callback *cb);
int gmguard_nl_sa_set_new_doit(struct sk_buff *skb, struct genl_info *info);
int gmguard_nl_sa_set_set_doit(struct sk_buff *skb, struct genl_info *info);
int gmguard_nl_sa_set_del_doit(struct sk_buff *skb, struct genl_info *info);
int gmguard_nl_sa_set_get_doit(struct sk_buff *skb, struct genl_info *info);
int gmguard_nl_sa_set_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);
int gmguard_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info);
int gmguard_nl_limits_get_doit(struct sk_buff *skb, struct genl_info *info);
int gmguard_nl_limits_set_doit(struct sk_buff *skb, struct genl_info *info);
int gmguard_nl_adopted_get_start(struct netlink_callback *cb);
int gmguard_nl_adopted_get_dumpit(struct sk_buff *skb,
				  struct netlink_callback *cb);
int gmguard_nl_adopted_get_done(struct netlink_callback *cb);
int gmguard_nl_endpoint_set_doit(struct sk_buff *skb, struct genl_info *info);
int gmguard_nl_ruleset_set_doit(struct sk_buff *skb, struct genl_info *info);
int gmguard_nl_ruleset_get_dumpit(struct sk_buff *skb,
				  struct netlink_callback *cb);

/* Indices of the multicast groups in the family */
enum {
	GMGUARD_NLGRP_EVENTS,
	GMGUARD_NLGRP_DROPS,
};

extern struct genl_family gmguard_nl_family;

#endif /* _GMGUARD_NETLINK_GEN_H */
