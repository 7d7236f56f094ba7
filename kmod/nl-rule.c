// SPDX-License-Identifier: GPL-2.0-only
/*
 * One rule of a ruleset in netlink attributes, and what it is made of.
 */
#include "nl.h"
#include "ruleset.h"

/* Prefixes that one message of a dump has at most: a rule goes on in the next. */
#define PREFIXES_A_MESSAGE 64

/**
 * gmg_nl_get_prefix() - read an address prefix
 * @info: the request
 * @attr: the nest
 * @prefix: filled in
 * @family: filled in
 *
 * Return: 0 or -EINVAL.
 */
int gmg_nl_get_prefix(struct genl_info *info, const struct nlattr *attr,
		      struct gmg_prefix *prefix, u8 *family)
{
	struct nlattr *tb[GMGUARD_A_PREFIX_MAX + 1];
	int err;

	err = nla_parse_nested(tb, GMGUARD_A_PREFIX_MAX, attr,
			       gmguard_prefix_nl_policy, info->extack);
	if (err)
		return err;
	if (!tb[GMGUARD_A_PREFIX_ADDR])
		return GMG_REFUSE_MISSING(info, attr, GMGUARD_A_PREFIX_ADDR,
					  "prefix: addr is missing: give 4 or 16 bytes");
	if (!tb[GMGUARD_A_PREFIX_LEN])
		return GMG_REFUSE_MISSING(info, attr, GMGUARD_A_PREFIX_LEN,
					  "prefix: len is missing: give the prefix length in bits");
	prefix->len = nla_get_u8(tb[GMGUARD_A_PREFIX_LEN]);
	if (gmg_nl_get_addr(tb[GMGUARD_A_PREFIX_ADDR], family, &prefix->addr))
		return GMG_REFUSE(info, attr, -EINVAL,
				  "prefix: addr must be 4 or 16 bytes");
	if (*family == AF_INET && prefix->len > 32)
		return GMG_REFUSE(info, attr, -EINVAL,
				  "prefix: len of an IPv4 prefix is 1 to 32");
	if (!gmg_prefix_is_clean(prefix))
		return GMG_REFUSE(info, attr, -EINVAL,
				  "prefix: addr has bits beyond len: clear them");
	return 0;
}

/**
 * gmg_nl_put_prefix() - put an address prefix
 * @msg: the message
 * @type: attribute type of the nest
 * @family: AF_INET or AF_INET6
 * @prefix: the prefix
 *
 * Return: 0 or -EMSGSIZE.
 */
int gmg_nl_put_prefix(struct sk_buff *msg, int type, u8 family,
		      const struct gmg_prefix *prefix)
{
	struct nlattr *nest = nla_nest_start(msg, type);

	if (!nest ||
	    gmg_nl_put_addr(msg, GMGUARD_A_PREFIX_ADDR, family,
			    &prefix->addr) ||
	    nla_put_u8(msg, GMGUARD_A_PREFIX_LEN, prefix->len)) {
		if (nest)
			nla_nest_cancel(msg, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	return 0;
}

/**
 * gmg_nl_get_range() - read a transport protocol and some of its ports
 * @info: the request
 * @attr: the nest
 * @range: filled in
 *
 * Return: 0 or -EINVAL.
 */
int gmg_nl_get_range(struct genl_info *info, const struct nlattr *attr,
		     struct gmg_port_range *range)
{
	struct nlattr *tb[GMGUARD_A_PORT_RANGE_MAX + 1];
	int err;

	err = nla_parse_nested(tb, GMGUARD_A_PORT_RANGE_MAX, attr,
			       gmguard_port_range_nl_policy, info->extack);
	if (err)
		return err;
	if (!tb[GMGUARD_A_PORT_RANGE_PROTOCOL])
		return GMG_REFUSE_MISSING(info, attr,
					  GMGUARD_A_PORT_RANGE_PROTOCOL,
					  "port: protocol is missing: give its IANA number");
	memset(range, 0, sizeof(*range));
	range->proto = nla_get_u8(tb[GMGUARD_A_PORT_RANGE_PROTOCOL]);
	range->tls = nla_get_flag(tb[GMGUARD_A_PORT_RANGE_TLS]);
	if (tb[GMGUARD_A_PORT_RANGE_FIRST])
		range->first = nla_get_u16(tb[GMGUARD_A_PORT_RANGE_FIRST]);
	range->last = range->first;
	if (tb[GMGUARD_A_PORT_RANGE_LAST])
		range->last = nla_get_u16(tb[GMGUARD_A_PORT_RANGE_LAST]);
	if (!range->first != !range->last || range->last < range->first)
		return GMG_REFUSE(info, attr, -EINVAL,
				  "port: first is behind last, or missing: give the first port, then the last");
	if (range->first && !gmg_proto_has_ports(range->proto))
		return GMG_REFUSE(info, attr, -EINVAL,
				  "port: this protocol has no ports: leave first and last out");
	return 0;
}

/**
 * gmg_nl_put_range() - put a transport protocol and its ports
 * @msg: the message
 * @type: attribute type of the nest
 * @range: they
 *
 * Return: 0 or -EMSGSIZE.
 */
int gmg_nl_put_range(struct sk_buff *msg, int type,
		     const struct gmg_port_range *range)
{
	struct nlattr *nest = nla_nest_start(msg, type);

	if (!nest ||
	    nla_put_u8(msg, GMGUARD_A_PORT_RANGE_PROTOCOL, range->proto) ||
	    (range->first && nla_put_u16(msg, GMGUARD_A_PORT_RANGE_FIRST,
				       range->first)) ||
	    (range->last && nla_put_u16(msg, GMGUARD_A_PORT_RANGE_LAST,
				       range->last)) ||
	    (range->tls && nla_put_flag(msg, GMGUARD_A_PORT_RANGE_TLS))) {
		if (nest)
			nla_nest_cancel(msg, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	return 0;
}

static int get_esp(struct genl_info *info, const struct nlattr *nest,
		   struct nlattr **tb, struct gmg_rule *rule)
{
	struct gmg_esp_want *esp = &rule->esp;

	esp->required = nla_get_flag(tb[GMGUARD_A_RULE_ESP]);
	if (tb[GMGUARD_A_RULE_REQID])
		esp->reqid = nla_get_u32(tb[GMGUARD_A_RULE_REQID]);
	if (tb[GMGUARD_A_RULE_IF_ID])
		esp->if_id = nla_get_u32(tb[GMGUARD_A_RULE_IF_ID]);
	if (tb[GMGUARD_A_RULE_MARK]) {
		esp->mark = nla_get_u32(tb[GMGUARD_A_RULE_MARK]);
		esp->mask = ~0U;
	}
	if (tb[GMGUARD_A_RULE_MARK_MASK]) {
		if (!tb[GMGUARD_A_RULE_MARK])
			return GMG_REFUSE_MISSING(info, nest,
						  GMGUARD_A_RULE_MARK,
						  "mark-mask needs mark: give both, as the SA has them");
		esp->mask = nla_get_u32(tb[GMGUARD_A_RULE_MARK_MASK]);
	}
	if (!esp->required && (esp->reqid || esp->if_id || esp->mask))
		return GMG_REFUSE_MISSING(info, nest, GMGUARD_A_RULE_ESP,
					  "reqid, mark and if-id say which ESP is needed: give esp, too");
	return 0;
}

/* What a rule of its kind has and does not have. */
static int check_kind(struct genl_info *info, const struct nlattr *nest,
		      struct nlattr **tb, const struct gmg_rule *rule)
{
	bool peer = rule->kind == GMGUARD_RULE_KIND_PEER;
	bool pool = rule->kind == GMGUARD_RULE_KIND_POOL;
	bool binding = rule->kind == GMGUARD_RULE_KIND_BINDING;
	bool destination = rule->kind == GMGUARD_RULE_KIND_DESTINATION;
	bool domain = rule->kind == GMGUARD_RULE_KIND_DOMAIN;

	if (rule->esp.required && !peer && !domain)
		return GMG_REFUSE(info, tb[GMGUARD_A_RULE_ESP], -EINVAL,
				  "esp is for a peer or a domain: leave it out");
	if (domain && !rule->esp.required)
		return GMG_REFUSE_MISSING(info, nest, GMGUARD_A_RULE_ESP,
					  "esp is missing: another security domain is reached through ESP only (TS 33.210 Za)");
	if (rule->tls && !peer)
		return GMG_REFUSE(info, tb[GMGUARD_A_RULE_TLS], -EINVAL,
				  "tls is for a peer: leave it out");
	if (tb[GMGUARD_A_RULE_PORT] && !peer && !pool && !destination)
		return GMG_REFUSE(info, tb[GMGUARD_A_RULE_PORT], -EINVAL,
				  "port is for a peer, a pool or a destination: leave it out");
	if (destination && !tb[GMGUARD_A_RULE_PORT])
		return GMG_REFUSE_MISSING(info, nest, GMGUARD_A_RULE_PORT,
					  "port is missing: say what UEs may reach there");
	if (*rule->dev && !peer && !pool && !binding)
		return GMG_REFUSE(info, tb[GMGUARD_A_RULE_DEV], -EINVAL,
				  "dev is for a peer, a pool or a binding: leave it out");
	if (binding && (!*rule->dev || strchr(rule->dev, '*')))
		return GMG_REFUSE_MISSING(info, nest, GMGUARD_A_RULE_DEV,
					  "dev is missing or has a *: name the one interface of the UE");
	return 0;
}

/* Lists: its ports and prefixes. */
static int get_lists(struct genl_info *info, const struct nlattr *nest,
		     struct gmg_ruleset *rs, struct gmg_rule *rule)
{
	struct gmg_ruleset_prefix *prefix;
	const struct nlattr *attr;
	int err = 0;
	int rem;

	nla_for_each_nested(attr, nest, rem) {
		switch (nla_type(attr)) {
		case GMGUARD_A_RULE_PORT:
			if (rule->n_ports == ARRAY_SIZE(rule->port))
				return GMG_REFUSE(info, attr, -E2BIG,
						  "port: at most 16: merge some into ranges, or make a second rule");
			err = gmg_nl_get_range(info, attr,
					       &rule->port[rule->n_ports++]);
			break;
		case GMGUARD_A_RULE_PREFIX:
			prefix = &rs->prefix[rs->n_prefixes];
			err = gmg_nl_get_prefix(info, attr, &prefix->prefix,
						&prefix->family);
			rs->n_prefixes++;
			rule->n_prefixes++;
			break;
		}
		if (err)
			return err;
	}
	return 0;
}

static int get_new(struct genl_info *info, const struct nlattr *nest,
		   struct nlattr **tb, struct gmg_rule *rule)
{
	int err;

	if (tb[GMGUARD_A_RULE_CLASS])
		nla_strscpy(rule->class, tb[GMGUARD_A_RULE_CLASS],
			    sizeof(rule->class));
	if (tb[GMGUARD_A_RULE_DEV])
		nla_strscpy(rule->dev, tb[GMGUARD_A_RULE_DEV],
			    sizeof(rule->dev));
	rule->tls = nla_get_flag(tb[GMGUARD_A_RULE_TLS]);
	err = get_esp(info, nest, tb, rule);
	return err ?: check_kind(info, nest, tb, rule);
}

/* Whether only prefixes are added to the rule before. */
static bool has_prefixes_only(const struct nlattr *nest)
{
	const struct nlattr *attr;
	int rem;

	nla_for_each_nested(attr, nest, rem)
		if (nla_type(attr) != GMGUARD_A_RULE_KIND &&
		    nla_type(attr) != GMGUARD_A_RULE_NAME &&
		    nla_type(attr) != GMGUARD_A_RULE_PREFIX)
			return false;
	return true;
}

/**
 * gmg_nl_get_rule() - read a rule, or more prefixes of the one before
 * @info: the request
 * @nest: the nest
 * @rs: the ruleset, with room for it
 *
 * Return: 0 or a negative errno.
 */
int gmg_nl_get_rule(struct genl_info *info, const struct nlattr *nest,
		    struct gmg_ruleset *rs)
{
	struct nlattr *tb[GMGUARD_A_RULE_MAX + 1];
	struct gmg_rule *last = rs->n_rules ? &rs->rule[rs->n_rules - 1] : NULL;
	struct gmg_rule *rule = &rs->rule[rs->n_rules];
	int err;

	err = nla_parse_nested(tb, GMGUARD_A_RULE_MAX, nest,
			       gmguard_rule_nl_policy, info->extack);
	if (err)
		return err;
	if (!tb[GMGUARD_A_RULE_KIND])
		return GMG_REFUSE_MISSING(info, nest, GMGUARD_A_RULE_KIND,
					  "kind is missing: say what the rule is");
	if (!tb[GMGUARD_A_RULE_NAME] ||
	    nla_strscpy(rule->name, tb[GMGUARD_A_RULE_NAME],
			sizeof(rule->name)) <= 0)
		return GMG_REFUSE_MISSING(info, nest, GMGUARD_A_RULE_NAME,
					  "name is missing: give each rule a name");
	rule->kind = nla_get_u32(tb[GMGUARD_A_RULE_KIND]);
	if (last && last->kind == rule->kind &&
	    !strcmp(last->name, rule->name) && has_prefixes_only(nest))
		return get_lists(info, nest, rs, last);
	rs->n_rules++;
	rule->first_prefix = rs->n_prefixes;
	err = get_new(info, nest, tb, rule);
	if (!err)
		err = get_lists(info, nest, rs, rule);
	if (err)
		return err;
	if (!rule->n_prefixes)
		return GMG_REFUSE_MISSING(info, nest, GMGUARD_A_RULE_PREFIX,
					  "prefix is missing: say whom the rule is about");
	rs->has_domains |= rule->kind == GMGUARD_RULE_KIND_DOMAIN;
	return 0;
}

static int put_esp(struct sk_buff *msg, const struct gmg_esp_want *esp)
{
	if (!esp->required)
		return 0;
	if (nla_put_flag(msg, GMGUARD_A_RULE_ESP) ||
	    (esp->reqid && nla_put_u32(msg, GMGUARD_A_RULE_REQID,
				       esp->reqid)) ||
	    (esp->if_id && nla_put_u32(msg, GMGUARD_A_RULE_IF_ID,
				       esp->if_id)) ||
	    (esp->mask && (nla_put_u32(msg, GMGUARD_A_RULE_MARK, esp->mark) ||
			   nla_put_u32(msg, GMGUARD_A_RULE_MARK_MASK,
				       esp->mask))))
		return -EMSGSIZE;
	return 0;
}

static int put_reason(struct sk_buff *msg, u32 reason, u64 packets)
{
	struct nlattr *nest = nla_nest_start(msg, GMGUARD_A_RULE_REASON);

	if (!nest ||
	    nla_put_u32(msg, GMGUARD_A_REASON_COUNT_REASON, reason) ||
	    nla_put_u64_64bit(msg, GMGUARD_A_REASON_COUNT_PACKETS, packets,
			      GMGUARD_A_REASON_COUNT_PAD))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/* How many, and for which reasons; all of it may be cancelled. */
static int put_counts(struct sk_buff *msg, const struct gmg_ruleset *rs,
		      const struct gmg_rule *rule)
{
	struct gmg_rule_counts counts;
	u64 dropped = 0;
	unsigned int i;

	gmg_rulecount_read(rs, rule, &counts);
	for (i = 1; i < counts.n; i++) {
		dropped += counts.packets[i];
		if (counts.packets[i] &&
		    put_reason(msg, counts.first + i - 1, counts.packets[i]))
			return -EMSGSIZE;
	}
	if (nla_put_u64_64bit(msg, GMGUARD_A_RULE_PACKETS, counts.packets[0],
			      GMGUARD_A_RULE_PAD) ||
	    nla_put_u64_64bit(msg, GMGUARD_A_RULE_DROPPED, dropped,
			      GMGUARD_A_RULE_PAD))
		return -EMSGSIZE;
	return 0;
}

/* All but the prefixes, once. */
static int put_head(struct sk_buff *msg, const struct gmg_ruleset *rs,
		    const struct gmg_rule *rule)
{
	unsigned int i;

	for (i = 0; i < rule->n_ports; i++)
		if (gmg_nl_put_range(msg, GMGUARD_A_RULE_PORT, &rule->port[i]))
			return -EMSGSIZE;
	if ((*rule->class && nla_put_string(msg, GMGUARD_A_RULE_CLASS,
					    rule->class)) ||
	    (*rule->dev && nla_put_string(msg, GMGUARD_A_RULE_DEV,
					  rule->dev)) ||
	    put_esp(msg, &rule->esp) ||
	    (rule->tls && nla_put_flag(msg, GMGUARD_A_RULE_TLS)))
		return -EMSGSIZE;
	return put_counts(msg, rs, rule);
}

/**
 * gmg_nl_put_rule() - put a rule, or more of it
 * @msg: the message
 * @rs: the ruleset
 * @rule: the rule
 * @at: the prefix to go on with; updated
 *
 * Return: 0, or -EMSGSIZE with @at as it was.
 */
int gmg_nl_put_rule(struct sk_buff *msg, const struct gmg_ruleset *rs,
		    const struct gmg_rule *rule, u32 *at)
{
	struct nlattr *nest = nla_nest_start(msg, GMGUARD_A_RULE);
	u32 end = min(rule->n_prefixes, *at + PREFIXES_A_MESSAGE);
	u32 i;

	if (!nest || nla_put_u32(msg, GMGUARD_A_RULE_KIND, rule->kind) ||
	    nla_put_string(msg, GMGUARD_A_RULE_NAME, rule->name) ||
	    (!*at && put_head(msg, rs, rule)))
		goto err_cancel;
	for (i = *at; i < end; i++) {
		const struct gmg_ruleset_prefix *prefix =
			&rs->prefix[rule->first_prefix + i];

		if (gmg_nl_put_prefix(msg, GMGUARD_A_RULE_PREFIX,
				      prefix->family, &prefix->prefix))
			goto err_cancel;
	}
	nla_nest_end(msg, nest);
	*at = end;
	return 0;

err_cancel:
	if (nest)
		nla_nest_cancel(msg, nest);
	return -EMSGSIZE;
}
