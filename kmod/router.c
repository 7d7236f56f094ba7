// SPDX-License-Identifier: GPL-2.0-only
/*
 * A router or gateway between UEs and the core: what UEs may reach, and whose
 * addresses may come from where (TS 33.203 Annex J); and one between security
 * domains (Za of TS 33.210).
 *
 * Context: any, pure.
 */
#include "ruleset.h"

static bool is_access(const struct gmg_ruleset *rs, const char *dev)
{
	return gmg_devs_have(rs->access, rs->n_access, dev);
}

static bool is_core(const struct gmg_ruleset *rs, const char *dev)
{
	return gmg_devs_have(rs->core, rs->n_core, dev);
}

/* Whether bindings name an interface; they are in order. */
static bool is_bound(const struct gmg_ruleset *rs, const char *dev)
{
	u32 from = 0;
	u32 to = rs->n_bound;

	while (from < to) {
		u32 middle = from + (to - from) / 2;
		int order = strcmp(dev, rs->bound[middle]);

		if (!order)
			return true;
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return false;
}

/* Whether a UE has its own address, by its own interface. */
static bool is_in_place(const struct gmg_ruleset *rs,
			const struct gmg_passage *p,
			const struct gmg_rule *pool)
{
	const struct gmg_rule *binding;

	binding = gmg_ruleset_find(rs, GMGUARD_RULE_KIND_BINDING,
				   p->flow.family, &p->flow.src);
	if (binding ? strcmp(binding->dev, p->in) : is_bound(rs, p->in))
		return false;
	return !*pool->dev || gmg_dev_matches(pool->dev, p->in);
}

/* Whose address a packet from the access side has; sets the pool. */
static int judge_source(const struct gmg_ruleset *rs,
			const struct gmg_passage *p,
			const struct gmg_rule **rule)
{
	const struct gmg_prefix_entry *core;
	const struct gmg_prefix_entry *pool;

	core = gmg_ruleset_entry(rs, GMGUARD_RULE_KIND_CORE, p->flow.family,
				 &p->flow.src);
	pool = gmg_ruleset_entry(rs, GMGUARD_RULE_KIND_POOL, p->flow.family,
				 &p->flow.src);
	*rule = pool ? &rs->rule[pool->owner] : NULL;
	/* A pool may be cut out of a core prefix, and the other way round. */
	if (core && (!pool || pool->prefix.len <= core->prefix.len)) {
		*rule = &rs->rule[core->owner];
		return GMGUARD_REASON_ACCESS_CORE_SOURCE;
	}
	if (!pool)
		return GMGUARD_REASON_ACCESS_SOURCE;
	if (!is_in_place(rs, p, *rule))
		return GMGUARD_REASON_ACCESS_BINDING;
	return 0;
}

/* The destination that permits UEs to reach an address, or NULL. */
static const struct gmg_rule *permits(const struct gmg_ruleset *rs, u8 family,
				      const struct gmg_addr *addr, u8 proto,
				      __be16 port)
{
	const struct gmg_prefix_table *table =
		&rs->table[GMGUARD_RULE_KIND_DESTINATION - 1][family != AF_INET];
	u32 i = gmg_prefix_find(table, addr);

	for (; i != GMG_PREFIX_NONE; i = table->entry[i].parent) {
		const struct gmg_rule *rule =
			&rs->rule[table->entry[i].owner];

		if (gmg_ports_have(rule->port, rule->n_ports, proto, port))
			return rule;
	}
	return NULL;
}

/* An ICMP error from a UE about what a destination has sent to it. */
static int judge_error(const struct gmg_ruleset *rs,
		       const struct gmg_passage *p,
		       const struct gmg_rule **rule)
{
	const struct gmg_flow *quoted = &p->quoted;

	if (gmg_addr_equal(&quoted->dst, &p->flow.src) &&
	    gmg_addr_equal(&quoted->src, &p->flow.dst)) {
		const struct gmg_rule *to =
			permits(rs, quoted->family, &quoted->src,
				quoted->proto, quoted->sport);

		if (to) {
			*rule = to;
			return 0;
		}
	}
	return GMGUARD_REASON_ACCESS_ICMP;
}

static int judge_destination(const struct gmg_ruleset *rs,
			     const struct gmg_passage *p,
			     const struct gmg_rule **rule)
{
	const struct gmg_flow *flow = &p->flow;
	const struct gmg_rule *to;

	if (p->is_redirect)
		return GMGUARD_REASON_ACCESS_ICMP;
	to = permits(rs, flow->family, &flow->dst, flow->proto, flow->dport);
	if (to) {
		*rule = to;
		return 0;
	}
	if (gmg_ruleset_find(rs, GMGUARD_RULE_KIND_POOL, flow->family,
			     &flow->dst))
		return rs->ue_to_ue ? 0 : GMGUARD_REASON_ACCESS_UE_TO_UE;
	if (p->is_error)
		return judge_error(rs, p, rule);
	return GMGUARD_REASON_ACCESS_DESTINATION;
}

/**
 * gmg_access_in() - judge a packet from the access side for this host itself
 * @rs: the ruleset
 * @p: the packet
 *
 * Neighbours speak with addresses of the link.
 *
 * Return: the ruling.
 */
struct gmg_ruling gmg_access_in(const struct gmg_ruleset *rs,
				const struct gmg_passage *p)
{
	struct gmg_ruling ruling = {};

	if (is_access(rs, p->in) && !p->link_only)
		ruling.reason = judge_source(rs, p, &ruling.rule);
	return ruling;
}

static struct gmg_ruling from_access(const struct gmg_ruleset *rs,
				     const struct gmg_passage *p)
{
	struct gmg_ruling ruling = {};

	ruling.reason = judge_source(rs, p, &ruling.rule);
	if (ruling.reason)
		return ruling;
	if (p->unreadable)
		ruling.reason = GMGUARD_REASON_ACCESS_UNREADABLE;
	else if (p->routed)
		ruling.reason = GMGUARD_REASON_ACCESS_ROUTED;
	else
		ruling.reason = judge_destination(rs, p, &ruling.rule);
	return ruling;
}

static struct gmg_ruling from_core(const struct gmg_ruleset *rs,
				   const struct gmg_passage *p)
{
	struct gmg_ruling ruling = {};
	const struct gmg_prefix_entry *core;
	const struct gmg_prefix_entry *pool;

	pool = gmg_ruleset_entry(rs, GMGUARD_RULE_KIND_POOL, p->flow.family,
				 &p->flow.src);
	if (!pool)
		return ruling;
	core = gmg_ruleset_entry(rs, GMGUARD_RULE_KIND_CORE, p->flow.family,
				 &p->flow.src);
	if (core && core->prefix.len > pool->prefix.len)
		return ruling;
	ruling.rule = &rs->rule[pool->owner];
	ruling.reason = GMGUARD_REASON_CORE_POOL_SOURCE;
	return ruling;
}

/* The security domain that an address is in; NULL for our own. */
static const struct gmg_rule *domain_of(const struct gmg_ruleset *rs, u8 family,
					const struct gmg_addr *addr)
{
	return gmg_ruleset_find(rs, GMGUARD_RULE_KIND_DOMAIN, family, addr);
}

/**
 * gmg_router_pass() - judge a packet that is to be forwarded
 * @rs: the ruleset
 * @p: the packet
 *
 * Return: the ruling.
 */
struct gmg_ruling gmg_router_pass(const struct gmg_ruleset *rs,
				  const struct gmg_passage *p)
{
	const struct gmg_flow *flow = &p->flow;
	struct gmg_ruling ruling = {};
	const struct gmg_rule *from;

	if (rs->n_access) {
		bool access = is_access(rs, p->in);

		if ((!access && !is_core(rs, p->in)) ||
		    (!is_access(rs, p->out) && !is_core(rs, p->out)))
			ruling.reason = GMGUARD_REASON_DEV_UNLISTED;
		else
			ruling = access ? from_access(rs, p) :
					  from_core(rs, p);
		if (ruling.reason)
			return ruling;
	}
	from = domain_of(rs, flow->family, &flow->src);
	if (from && from != domain_of(rs, flow->family, &flow->dst)) {
		ruling.rule = from;
		if (!gmg_passage_fits(p, &from->esp))
			ruling.reason = GMGUARD_REASON_DOMAIN_ESP;
	}
	return ruling;
}

/**
 * gmg_router_out() - judge a forwarded packet that is about to leave
 * @rs: the ruleset
 * @p: the packet, after NAT
 *
 * Return: the ruling.
 */
struct gmg_ruling gmg_router_out(const struct gmg_ruleset *rs,
				 const struct gmg_passage *p)
{
	const struct gmg_flow *flow = &p->flow;
	struct gmg_ruling ruling = {};
	const struct gmg_rule *to;

	to = domain_of(rs, flow->family, &flow->dst);
	if (to && to != domain_of(rs, flow->family, &flow->src)) {
		ruling.rule = to;
		if (!gmg_passage_fits(p, &to->esp))
			ruling.reason = GMGUARD_REASON_DOMAIN_OUT_ESP;
	}
	return ruling;
}
