/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_NL_H
#define _GMG_NL_H

#include "flow.h"
#include "netlink-gen.h"

struct gmg_adopted;
struct gmg_endpoint;
struct gmg_port_range;
struct gmg_prefix;
struct gmg_rule;
struct gmg_ruleset;
struct gmg_saset;
struct xfrm_state;

/* Refuse because of an attribute: what is wrong and what to do. */
#define GMG_REFUSE(info, attr, err, msg)				\
({									\
	NL_SET_ERR_MSG_ATTR((info)->extack, attr, msg);			\
	(err);								\
})

/* Refuse because an attribute of a nest is missing. */
#define GMG_REFUSE_MISSING(info, nest, type, msg)			\
({									\
	NL_SET_ERR_ATTR_MISS((info)->extack, nest, type);		\
	NL_SET_ERR_MSG((info)->extack, msg);				\
	-EINVAL;							\
})

struct sk_buff *gmg_nl_reply_begin(struct genl_info *info, void **hdr);
int gmg_nl_reply_end(struct genl_info *info, struct sk_buff *msg, void *hdr,
		     int err);
void gmg_nl_wipe_keys(const struct genl_info *info);
int gmg_nl_only_both(struct genl_info *info, int type, int other);

/* Refuse all but one attribute of enum gmguard_a, or all for 0. */
static inline int gmg_nl_only(struct genl_info *info, int type)
{
	return gmg_nl_only_both(info, type, 0);
}

int gmg_nl_put_addr(struct sk_buff *msg, int type, u8 family,
		    const struct gmg_addr *addr);
int gmg_nl_get_addr(const struct nlattr *attr, u8 *family,
		    struct gmg_addr *addr);
bool gmg_addr_is_host(u8 family, const struct gmg_addr *addr);
bool gmg_port_is_sip(u16 port);

int gmg_nl_get_prefix(struct genl_info *info, const struct nlattr *attr,
		      struct gmg_prefix *prefix, u8 *family);
int gmg_nl_put_prefix(struct sk_buff *msg, int type, u8 family,
		      const struct gmg_prefix *prefix);
int gmg_nl_get_range(struct genl_info *info, const struct nlattr *attr,
		     struct gmg_port_range *range);
int gmg_nl_put_range(struct sk_buff *msg, int type,
		     const struct gmg_port_range *range);
int gmg_nl_get_rule(struct genl_info *info, const struct nlattr *nest,
		    struct gmg_ruleset *rs);
int gmg_nl_put_rule(struct sk_buff *msg, const struct gmg_ruleset *rs,
		    const struct gmg_rule *rule, u32 *at);

int gmg_nl_put_endpoint(struct sk_buff *msg, const struct gmg_endpoint *ep);
int gmg_nl_put_saset(struct sk_buff *msg, const struct gmg_saset *set,
		     u32 cause);
int gmg_nl_put_adopted(struct sk_buff *msg, const struct xfrm_state *x,
		       const struct gmg_adopted *adopted);

#endif /* _GMG_NL_H */
