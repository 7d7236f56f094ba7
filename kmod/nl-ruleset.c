// SPDX-License-Identifier: GPL-2.0-only
/*
 * RULESET_SET, RULESET_GET.
 */
#include "nl.h"
#include "ruleset.h"

static int get_port(struct genl_info *info, const struct nlattr *attr,
		    struct gmg_ruleset *rs)
{
	struct gmg_port_range *range;
	enum gmg_port_class class;
	int err;

	if (rs->n_ports == ARRAY_SIZE(rs->port))
		return GMG_REFUSE(info, attr, -E2BIG,
				  "port: at most 16 guarded ports and ranges: merge some into ranges");
	range = &rs->port[rs->n_ports];
	err = gmg_nl_get_range(info, attr, range);
	if (err)
		return err;
	if ((range->proto != IPPROTO_UDP && range->proto != IPPROTO_TCP &&
	     range->proto != IPPROTO_SCTP) || !range->first)
		return GMG_REFUSE(info, attr, -EINVAL,
				  "port: guarded ports are ports of UDP, TCP or SCTP: give protocol and first");
	if (range->tls && range->proto != IPPROTO_TCP)
		return GMG_REFUSE(info, attr, -EINVAL,
				  "port: tls is for TCP: leave it out");
	class = gmg_port_class(range->proto);
	bitmap_set(rs->guarded[class], range->first,
		   range->last - range->first + 1);
	if (!range->tls)
		bitmap_set(rs->clear[class], range->first,
			   range->last - range->first + 1);
	rs->n_ports++;
	return 0;
}

static int get_dev(struct genl_info *info, const struct nlattr *attr,
		   char list[][IFNAMSIZ], unsigned int *n)
{
	char *dev = list[*n];
	const char *star;

	if (*n == GMGUARD_RULESET_DEVS_MAX)
		return GMG_REFUSE(info, attr, -E2BIG,
				  "access-dev, core-dev: at most 64 each: name several at once with a * at the end");
	nla_strscpy(dev, attr, IFNAMSIZ);
	star = strchr(dev, '*');
	if (!*dev || (star && star[1]))
		return GMG_REFUSE(info, attr, -EINVAL,
				  "access-dev, core-dev: give the name of an interface, a * only at its end");
	++*n;
	return 0;
}

static int get_lists(struct genl_info *info, const struct nlattr *nest,
		     struct gmg_ruleset *rs)
{
	const struct nlattr *attr;
	int err = 0;
	int rem;

	nla_for_each_nested(attr, nest, rem) {
		switch (nla_type(attr)) {
		case GMGUARD_A_RULESET_PORT:
			err = get_port(info, attr, rs);
			break;
		case GMGUARD_A_RULESET_ACCESS_DEV:
			err = get_dev(info, attr, rs->access, &rs->n_access);
			break;
		case GMGUARD_A_RULESET_CORE_DEV:
			err = get_dev(info, attr, rs->core, &rs->n_core);
			break;
		}
		if (err)
			return err;
	}
	return 0;
}

static int get_rules(struct genl_info *info, struct gmg_ruleset *rs)
{
	const struct nlattr *attr;
	int err;
	int rem;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != GMGUARD_A_RULE)
			continue;
		err = gmg_nl_get_rule(info, attr, rs);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

/* Whether it leaves anything to guard; without, there are no hooks. */
static bool guards(const struct gmg_ruleset *rs)
{
	return rs->node || rs->n_access || rs->has_domains;
}

/* What its parts ask of each other. */
static int check(struct genl_info *info, const struct gmg_ruleset *rs)
{
	struct nlattr *nest = info->attrs[GMGUARD_A_RULESET];

	if (rs->node && !rs->n_ports)
		return GMG_REFUSE_MISSING(info, nest, GMGUARD_A_RULESET_PORT,
					  "port is missing: say which ports of this core node are guarded");
	if (!rs->node && rs->n_ports)
		return GMG_REFUSE_MISSING(info, nest, GMGUARD_A_RULESET_NODE,
					  "port is for a core node: give node, too");
	if (rs->n_access && !rs->n_core)
		return GMG_REFUSE_MISSING(info, nest,
					  GMGUARD_A_RULESET_CORE_DEV,
					  "core-dev is missing: what is neither access-dev nor core-dev forwards nothing");
	if (rs->n_core && !rs->n_access)
		return GMG_REFUSE_MISSING(info, nest,
					  GMGUARD_A_RULESET_ACCESS_DEV,
					  "access-dev is missing: say which interfaces UEs are behind");
	if (rs->n_rules && !guards(rs))
		return GMG_REFUSE_MISSING(info, nest, GMGUARD_A_RULESET_NODE,
					  "these rules guard nothing: give node for a core node, or access-dev and core-dev for a router");
	return 0;
}

/* The attribute that a rule came from, to name it in a refusal. */
static const struct nlattr *attr_of(struct genl_info *info,
				    const struct gmg_rule *rule)
{
	struct nlattr *tb[GMGUARD_A_RULE_MAX + 1];
	const struct nlattr *attr;
	const struct nlattr *found = NULL;
	int rem;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != GMGUARD_A_RULE)
			continue;
		if (nla_parse_nested(tb, GMGUARD_A_RULE_MAX, attr,
				     gmguard_rule_nl_policy, NULL))
			continue;
		if (nla_get_u32(tb[GMGUARD_A_RULE_KIND]) == rule->kind &&
		    !nla_strcmp(tb[GMGUARD_A_RULE_NAME], rule->name))
			found = attr;
	}
	return found;
}

static int build(struct genl_info *info, struct gmg_ruleset *rs)
{
	const struct gmg_rule *which;
	int err = gmg_ruleset_build(rs, &which);

	if (err == -EEXIST)
		return GMG_REFUSE(info, attr_of(info, which), err,
				  "two rules of a kind have one name: give each its own");
	if (err == -EADDRINUSE)
		return GMG_REFUSE(info, attr_of(info, which), err,
				  "a prefix comes twice among the rules of a kind: keep one of them");
	return err;
}

static int count(struct genl_info *info, u32 *n_rules, u32 *n_prefixes)
{
	const struct nlattr *attr;
	const struct nlattr *inner;
	int rem_inner;
	int rem;

	*n_rules = 0;
	*n_prefixes = 0;
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != GMGUARD_A_RULE)
			continue;
		++*n_rules;
		nla_for_each_nested(inner, attr, rem_inner)
			if (nla_type(inner) == GMGUARD_A_RULE_PREFIX)
				++*n_prefixes;
		if (*n_rules > GMGUARD_RULESET_RULES_MAX ||
		    *n_prefixes > GMGUARD_RULESET_PREFIXES_MAX)
			return GMG_REFUSE(info, attr, -E2BIG,
					  "too much for one ruleset: at most 65536 rules and 262144 prefixes");
	}
	return 0;
}

static int get_ruleset(struct genl_info *info, struct gmg_ruleset **result,
		       u32 *expected)
{
	struct nlattr *nest = info->attrs[GMGUARD_A_RULESET];
	struct nlattr *tb[GMGUARD_A_RULESET_MAX + 1];
	struct gmg_ruleset *rs;
	u32 n_prefixes;
	u32 n_rules;
	int err = gmg_nl_only_both(info, GMGUARD_A_RULESET, GMGUARD_A_RULE);

	if (err)
		return err;
	if (!nest)
		return GMG_REFUSE_MISSING(info, NULL, GMGUARD_A_RULESET,
					  "ruleset is missing: say what to guard, or give an empty one for nothing");
	err = nla_parse_nested(tb, GMGUARD_A_RULESET_MAX, nest,
			       gmguard_ruleset_nl_policy, info->extack);
	if (!err)
		err = count(info, &n_rules, &n_prefixes);
	if (err)
		return err;
	rs = gmg_ruleset_alloc(n_rules, n_prefixes);
	if (!rs)
		return -ENOMEM;
	*result = rs;
	*expected = 0;
	if (tb[GMGUARD_A_RULESET_GENERATION])
		*expected = nla_get_u32(tb[GMGUARD_A_RULESET_GENERATION]);
	rs->audit = nla_get_flag(tb[GMGUARD_A_RULESET_AUDIT]);
	rs->node = nla_get_flag(tb[GMGUARD_A_RULESET_NODE]);
	rs->ue_to_ue = nla_get_flag(tb[GMGUARD_A_RULESET_UE_TO_UE]);
	err = get_lists(info, nest, rs);
	if (!err)
		err = get_rules(info, rs);
	if (!err)
		err = check(info, rs);
	return err ?: build(info, rs);
}

static int put_devs(struct sk_buff *msg, int type, const char list[][IFNAMSIZ],
		    unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (nla_put_string(msg, type, list[i]))
			return -EMSGSIZE;
	return 0;
}

/* All but the rules; without a ruleset its number alone. */
static int put_ruleset(struct sk_buff *msg, const struct gmg_net *gn,
		       const struct gmg_ruleset *rs)
{
	struct nlattr *nest = nla_nest_start(msg, GMGUARD_A_RULESET);
	unsigned int i;

	if (!nest ||
	    nla_put_u32(msg, GMGUARD_A_RULESET_GENERATION, gn->generation))
		return -EMSGSIZE;
	for (i = 0; rs && i < rs->n_ports; i++)
		if (gmg_nl_put_range(msg, GMGUARD_A_RULESET_PORT,
				     &rs->port[i]))
			return -EMSGSIZE;
	if (rs &&
	    ((rs->audit && nla_put_flag(msg, GMGUARD_A_RULESET_AUDIT)) ||
	     (rs->node && nla_put_flag(msg, GMGUARD_A_RULESET_NODE)) ||
	     (rs->ue_to_ue && nla_put_flag(msg, GMGUARD_A_RULESET_UE_TO_UE)) ||
	     put_devs(msg, GMGUARD_A_RULESET_ACCESS_DEV, rs->access,
		      rs->n_access) ||
	     put_devs(msg, GMGUARD_A_RULESET_CORE_DEV, rs->core, rs->n_core)))
		return -EMSGSIZE;
	if (nla_put_u32(msg, GMGUARD_A_RULESET_RULES, rs ? rs->n_rules : 0) ||
	    nla_put_u32(msg, GMGUARD_A_RULESET_PREFIXES,
			rs ? rs->n_prefixes : 0))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static struct gmg_ruleset *ruleset_of(struct gmg_net *gn)
{
	return rcu_dereference_protected(gn->ruleset,
					 lockdep_is_held(&gn->lock));
}

static int replace(struct gmg_net *gn, struct genl_info *info,
		   struct gmg_ruleset **rs, u32 expected, struct sk_buff *msg)
{
	struct gmg_ruleset *new = guards(*rs) ? *rs : NULL;
	int err;

	if (expected && expected != gn->generation)
		return GMG_REFUSE(info, info->attrs[GMGUARD_A_RULESET], -EAGAIN,
				  "the ruleset was replaced meanwhile: read it again with RULESET_GET");
	err = gmg_ruleset_replace(gn, new);
	if (err)
		return err;
	if (new)
		*rs = NULL;
	return put_ruleset(msg, gn, new);
}

/**
 * gmguard_nl_ruleset_set_doit() - RULESET_SET
 * @skb: the request
 * @info: the request
 *
 * Return: 0, -EAGAIN if it is about another generation, or another negative
 * errno; then nothing has changed.
 */
int gmguard_nl_ruleset_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct gmg_net *gn = gmg_net(genl_info_net(info));
	struct gmg_ruleset *rs = NULL;
	struct sk_buff *msg;
	u32 expected;
	void *hdr;
	int err;

	/* Nothing is replaced unless there is room to tell of it. */
	msg = gmg_nl_reply_begin(info, &hdr);
	if (!msg)
		return -ENOMEM;
	err = get_ruleset(info, &rs, &expected);
	if (!err) {
		mutex_lock(&gn->lock);
		err = replace(gn, info, &rs, expected, msg);
		mutex_unlock(&gn->lock);
	}
	gmg_ruleset_free(rs);
	return gmg_nl_reply_end(info, msg, hdr, err);
}

/* One message of a dump: first the ruleset, then rules, in args[1] and [2]. */
static int dump_one(struct sk_buff *skb, struct netlink_callback *cb,
		    const struct gmg_net *gn, const struct gmg_ruleset *rs)
{
	u32 at = cb->args[2];
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				cb->nlh->nlmsg_seq, &gmguard_nl_family,
				NLM_F_MULTI, GMGUARD_CMD_RULESET_GET);
	int err;

	if (!hdr)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, hdr);
	if (cb->args[0])
		err = gmg_nl_put_rule(skb, rs, &rs->rule[cb->args[1]], &at);
	else
		err = put_ruleset(skb, gn, rs);
	if (err) {
		genlmsg_cancel(skb, hdr);
		return err;
	}
	genlmsg_end(skb, hdr);
	if (!cb->args[0]) {
		cb->args[0] = 1;
		return 0;
	}
	cb->args[2] = at;
	if (at == rs->rule[cb->args[1]].n_prefixes) {
		cb->args[1]++;
		cb->args[2] = 0;
	}
	return 0;
}

/**
 * gmguard_nl_ruleset_get_dumpit() - RULESET_GET
 * @skb: the answer
 * @cb: @cb->args[0] is set when the ruleset itself is out, [1] is the rule and
 *	[2] the prefix to go on with
 *
 * Whoever asked is told if the ruleset was replaced between two messages.
 *
 * Return: length of the answer, 0 when done, or a negative errno.
 */
int gmguard_nl_ruleset_get_dumpit(struct sk_buff *skb,
				  struct netlink_callback *cb)
{
	struct gmg_net *gn = gmg_net(sock_net(skb->sk));
	const struct gmg_ruleset *rs;

	mutex_lock(&gn->lock);
	rs = ruleset_of(gn);
	cb->seq = gn->generation;
	while (!cb->args[0] || (rs && cb->args[1] < rs->n_rules))
		if (dump_one(skb, cb, gn, rs))
			break;
	mutex_unlock(&gn->lock);
	return skb->len;
}
