// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kernel-ruleset.c - the ruleset through netlink.
 *
 * It is sent in one message, however long, so that the kernel replaces it in
 * one step; an attribute holds 64 KB at most, so that a rule with many
 * prefixes goes on in the next one.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "kernel-priv.h"
#include "ruleset.h"

/* Prefixes in one attribute. */
#define PREFIXES_AT_ONCE	1000
/* More than what any attribute of that kind takes. */
#define RULE_BYTES		1024
#define PREFIX_BYTES		40
#define HEAD_BYTES		8192

static int put_range(struct nl_msg *msg, int type,
		     const struct gmg_range *range)
{
	struct nlattr *nest = nla_nest_start(msg, type | NLA_F_NESTED);

	if (!nest ||
	    nla_put_u8(msg, GMGUARD_A_PORT_RANGE_PROTOCOL, range->proto) ||
	    gmg_put_u16(msg, GMGUARD_A_PORT_RANGE_FIRST, range->first) ||
	    gmg_put_u16(msg, GMGUARD_A_PORT_RANGE_LAST, range->last) ||
	    (range->tls && nla_put_flag(msg, GMGUARD_A_PORT_RANGE_TLS)))
		return -EMSGSIZE;
	return nla_nest_end(msg, nest);
}

static int put_ranges(struct nl_msg *msg, int type,
		      const struct gmg_ranges *list)
{
	for (unsigned int i = 0; i < list->n; i++) {
		if (put_range(msg, type, &list->v[i]))
			return -EMSGSIZE;
	}
	return 0;
}

static int put_devs(struct nl_msg *msg, int type, const struct gmg_devs *devs)
{
	for (unsigned int i = 0; i < devs->n; i++) {
		if (nla_put_string(msg, type, devs->v[i]))
			return -EMSGSIZE;
	}
	return 0;
}

static int put_head(struct nl_msg *msg, const struct gmg_ruleset *rs)
{
	struct nlattr *nest;

	nest = nla_nest_start(msg, GMGUARD_A_RULESET | NLA_F_NESTED);
	if (!nest ||
	    gmg_put_u32(msg, GMGUARD_A_RULESET_GENERATION, rs->generation) ||
	    (rs->audit && nla_put_flag(msg, GMGUARD_A_RULESET_AUDIT)) ||
	    (rs->node && nla_put_flag(msg, GMGUARD_A_RULESET_NODE)) ||
	    (rs->ue_to_ue && nla_put_flag(msg, GMGUARD_A_RULESET_UE_TO_UE)) ||
	    put_ranges(msg, GMGUARD_A_RULESET_PORT, &rs->port) ||
	    put_devs(msg, GMGUARD_A_RULESET_ACCESS_DEV, &rs->access_dev) ||
	    put_devs(msg, GMGUARD_A_RULESET_CORE_DEV, &rs->core_dev))
		return -EMSGSIZE;
	/* without anything in it, it removes the ruleset */
	return nla_nest_end_keep_empty(msg, nest);
}

static int put_attrs(struct nl_msg *msg, const struct gmg_rule *rule)
{
	if ((*rule->class_name &&
	     nla_put_string(msg, GMGUARD_A_RULE_CLASS, rule->class_name)) ||
	    (*rule->dev && nla_put_string(msg, GMGUARD_A_RULE_DEV,
					  rule->dev)) ||
	    (rule->esp && nla_put_flag(msg, GMGUARD_A_RULE_ESP)) ||
	    (rule->tls && nla_put_flag(msg, GMGUARD_A_RULE_TLS)) ||
	    gmg_put_u32(msg, GMGUARD_A_RULE_REQID, rule->reqid) ||
	    gmg_put_u32(msg, GMGUARD_A_RULE_IF_ID, rule->if_id) ||
	    (rule->mark_mask &&
	     (nla_put_u32(msg, GMGUARD_A_RULE_MARK, rule->mark) ||
	      nla_put_u32(msg, GMGUARD_A_RULE_MARK_MASK, rule->mark_mask))))
		return -EMSGSIZE;
	return put_ranges(msg, GMGUARD_A_RULE_PORT, &rule->port);
}

static int put_prefix(struct nl_msg *msg, const struct gmg_prefix *prefix)
{
	struct nlattr *nest;

	nest = nla_nest_start(msg, GMGUARD_A_RULE_PREFIX | NLA_F_NESTED);
	if (!nest || gmg_put_addr(msg, GMGUARD_A_PREFIX_ADDR, &prefix->addr) ||
	    nla_put_u8(msg, GMGUARD_A_PREFIX_LEN, prefix->len))
		return -EMSGSIZE;
	return nla_nest_end(msg, nest);
}

static int put_rule(struct nl_msg *msg, const struct gmg_rule *rule)
{
	size_t i = 0;

	do {
		size_t end = i + PREFIXES_AT_ONCE;
		struct nlattr *nest;

		nest = nla_nest_start(msg, GMGUARD_A_RULE | NLA_F_NESTED);
		if (!nest ||
		    nla_put_u32(msg, GMGUARD_A_RULE_KIND, rule->kind) ||
		    nla_put_string(msg, GMGUARD_A_RULE_NAME, rule->name) ||
		    (!i && put_attrs(msg, rule)))
			return -EMSGSIZE;
		for (; i < end && i < rule->n_prefix; i++) {
			if (put_prefix(msg, &rule->prefix[i]))
				return -EMSGSIZE;
		}
		nla_nest_end(msg, nest);
	} while (i < rule->n_prefix);
	return 0;
}

static int put_ruleset(struct nl_msg *msg, const struct gmg_ruleset *rs)
{
	if (put_head(msg, rs))
		return -EMSGSIZE;
	for (size_t i = 0; i < rs->n_rule; i++) {
		if (rule_is_kernels(&rs->rule[i]) &&
		    put_rule(msg, &rs->rule[i]))
			return -EMSGSIZE;
	}
	return 0;
}

static size_t size_of(const struct gmg_ruleset *rs)
{
	size_t size = HEAD_BYTES + rs->n_rule * RULE_BYTES;

	for (size_t i = 0; i < rs->n_rule; i++)
		size += rs->rule[i].n_prefix * PREFIX_BYTES;
	return size;
}

static int reply_set(struct nlattr **tb, void *arg)
{
	struct nlattr *in[GMGUARD_A_RULESET_MAX + 1];
	struct gmg_ruleset *rs = arg;

	if (!tb[GMGUARD_A_RULESET] ||
	    nla_parse_nested(in, GMGUARD_A_RULESET_MAX, tb[GMGUARD_A_RULESET],
			     NULL) < 0)
		return -EBADMSG;
	gmg_get_u32(in[GMGUARD_A_RULESET_GENERATION], &rs->generation);
	return 0;
}

/**
 * kernel_ruleset_set() - replace the ruleset
 * @k: connection
 * @rs: all of it; its generation becomes the new one
 *
 * Return: 0; -EAGAIN: its generation is not the kernel's any more; or another
 * negative errno with k->err set.
 */
int kernel_ruleset_set(struct gmg_kernel *k, struct gmg_ruleset *rs)
{
	size_t size = size_of(rs);
	int room = size > INT32_MAX / 4 ? INT32_MAX / 4 : (int)size;
	struct nl_msg *msg = gmg_msg_new_of(k, GMGUARD_CMD_RULESET_SET, size);

	if (msg && put_ruleset(msg, rs)) {
		gmg_msg_free(msg);
		return gmg_fail(k, -EMSGSIZE, "too much for one ruleset");
	}
	/* the kernel takes what the socket's send buffer holds */
	setsockopt(nl_socket_get_fd(k->sk), SOL_SOCKET, SO_SNDBUFFORCE, &room,
		   sizeof(room));
	return gmg_transact(k, msg, reply_set, rs);
}

static int get_range(struct nlattr *attr, struct gmg_ranges *list)
{
	struct nlattr *tb[GMGUARD_A_PORT_RANGE_MAX + 1];
	struct gmg_range *range;

	if (list->n == GMGUARD_RULE_PORTS_MAX ||
	    nla_parse_nested(tb, GMGUARD_A_PORT_RANGE_MAX, attr, NULL) < 0 ||
	    !tb[GMGUARD_A_PORT_RANGE_PROTOCOL])
		return -EBADMSG;
	range = &list->v[list->n++];
	memset(range, 0, sizeof(*range));
	range->proto = nla_get_u8(tb[GMGUARD_A_PORT_RANGE_PROTOCOL]);
	gmg_get_u16(tb[GMGUARD_A_PORT_RANGE_FIRST], &range->first);
	gmg_get_u16(tb[GMGUARD_A_PORT_RANGE_LAST], &range->last);
	range->tls = tb[GMGUARD_A_PORT_RANGE_TLS];
	return 0;
}

static int get_dev(struct nlattr *attr, struct gmg_devs *devs)
{
	if (devs->n == GMGUARD_RULESET_DEVS_MAX)
		return -EBADMSG;
	gmg_get_string(attr, devs->v[devs->n++], IF_NAMESIZE);
	return 0;
}

static int get_head(struct nlattr *nest, struct gmg_ruleset *rs)
{
	struct nlattr *attr;
	int rem, ret = 0;

	nla_for_each_nested(attr, nest, rem) {
		switch (nla_type(attr)) {
		case GMGUARD_A_RULESET_GENERATION:
			gmg_get_u32(attr, &rs->generation);
			break;
		case GMGUARD_A_RULESET_AUDIT:
			rs->audit = true;
			break;
		case GMGUARD_A_RULESET_NODE:
			rs->node = true;
			break;
		case GMGUARD_A_RULESET_UE_TO_UE:
			rs->ue_to_ue = true;
			break;
		case GMGUARD_A_RULESET_PORT:
			ret = get_range(attr, &rs->port);
			break;
		case GMGUARD_A_RULESET_ACCESS_DEV:
			ret = get_dev(attr, &rs->access_dev);
			break;
		case GMGUARD_A_RULESET_CORE_DEV:
			ret = get_dev(attr, &rs->core_dev);
			break;
		}
		if (ret)
			return ret;
	}
	return 0;
}

static int get_prefix(struct nlattr *attr, struct gmg_rule *rule)
{
	struct nlattr *tb[GMGUARD_A_PREFIX_MAX + 1];
	struct gmg_prefix prefix = { 0 };

	if (nla_parse_nested(tb, GMGUARD_A_PREFIX_MAX, attr, NULL) < 0 ||
	    !tb[GMGUARD_A_PREFIX_LEN])
		return -EBADMSG;
	gmg_get_addr(tb[GMGUARD_A_PREFIX_ADDR], &prefix.addr);
	prefix.len = nla_get_u8(tb[GMGUARD_A_PREFIX_LEN]);
	return rule_add_prefix(rule, &prefix);
}

static int get_reason(struct nlattr *attr, struct gmg_rule *rule)
{
	struct nlattr *tb[GMGUARD_A_REASON_COUNT_MAX + 1];
	struct gmg_rule_reason *reason;

	if (rule->n_reason == GMG_RULE_REASONS_MAX ||
	    nla_parse_nested(tb, GMGUARD_A_REASON_COUNT_MAX, attr, NULL) < 0)
		return -EBADMSG;
	reason = &rule->reason[rule->n_reason++];
	gmg_get_u32(tb[GMGUARD_A_REASON_COUNT_REASON], &reason->reason);
	gmg_get_u64(tb[GMGUARD_A_REASON_COUNT_PACKETS], &reason->packets);
	return 0;
}

static int get_lists(struct nlattr *nest, struct gmg_rule *rule)
{
	struct nlattr *attr;
	int rem, ret = 0;

	nla_for_each_nested(attr, nest, rem) {
		if (nla_type(attr) == GMGUARD_A_RULE_PREFIX)
			ret = get_prefix(attr, rule);
		else if (nla_type(attr) == GMGUARD_A_RULE_PORT)
			ret = get_range(attr, &rule->port);
		else if (nla_type(attr) == GMGUARD_A_RULE_REASON)
			ret = get_reason(attr, rule);
		if (ret)
			return ret;
	}
	return 0;
}

static int get_rule(struct nlattr *nest, struct gmg_ruleset *rs)
{
	struct nlattr *tb[GMGUARD_A_RULE_MAX + 1];
	char name[GMG_RULE_NAME_MAX] = "";
	struct gmg_rule *rule = rs->n_rule ? &rs->rule[rs->n_rule - 1] : NULL;
	uint32_t kind = 0;

	if (nla_parse_nested(tb, GMGUARD_A_RULE_MAX, nest, NULL) < 0)
		return -EBADMSG;
	gmg_get_u32(tb[GMGUARD_A_RULE_KIND], &kind);
	gmg_get_string(tb[GMGUARD_A_RULE_NAME], name, sizeof(name));
	if (rule && rule->kind == kind && !strcmp(rule->name, name))
		return get_lists(nest, rule);
	rule = ruleset_add(rs, kind, name);
	if (!rule)
		return -ENOMEM;
	gmg_get_string(tb[GMGUARD_A_RULE_CLASS], rule->class_name,
		       sizeof(rule->class_name));
	gmg_get_string(tb[GMGUARD_A_RULE_DEV], rule->dev, sizeof(rule->dev));
	rule->esp = tb[GMGUARD_A_RULE_ESP];
	rule->tls = tb[GMGUARD_A_RULE_TLS];
	gmg_get_u32(tb[GMGUARD_A_RULE_REQID], &rule->reqid);
	gmg_get_u32(tb[GMGUARD_A_RULE_MARK], &rule->mark);
	gmg_get_u32(tb[GMGUARD_A_RULE_MARK_MASK], &rule->mark_mask);
	gmg_get_u32(tb[GMGUARD_A_RULE_IF_ID], &rule->if_id);
	gmg_get_u64(tb[GMGUARD_A_RULE_PACKETS], &rule->packets);
	gmg_get_u64(tb[GMGUARD_A_RULE_DROPPED], &rule->dropped);
	return get_lists(nest, rule);
}

static int reply_get(struct nlattr **tb, void *arg)
{
	struct gmg_ruleset *rs = arg;
	int ret = 0;

	if (!tb)
		ruleset_clear(rs);
	else if (tb[GMGUARD_A_RULESET])
		ret = get_head(tb[GMGUARD_A_RULESET], rs);
	else if (tb[GMGUARD_A_RULE])
		ret = get_rule(tb[GMGUARD_A_RULE], rs);
	return ret;
}

/**
 * kernel_ruleset_get() - read the ruleset
 * @k: connection
 * @rs: result, for ruleset_clear() whatever is returned
 *
 * Return: 0, or a negative errno with k->err set.
 */
int kernel_ruleset_get(struct gmg_kernel *k, struct gmg_ruleset *rs)
{
	memset(rs, 0, sizeof(*rs));
	return gmg_dump(k, GMGUARD_CMD_RULESET_GET, reply_get, rs);
}
