// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters of rules: what each let through, and what was dropped for each of
 * the reasons that one of its kind can give.
 *
 * Concurrency: each CPU writes its own with bottom halves off. Those of earlier
 * rulesets, in gmg_ruleset.before, are under gmg_net.lock.
 */
#include "ruleset.h"

/**
 * struct reasons - what a packet can be dropped for by rules of a kind
 * @first: the first one
 * @last: the last one, 0: it drops nothing
 */
struct reasons {
	u8 first;
	u8 last;
};

/* node.c and router.c say which rule rules on what. */
static const struct reasons reasons_of[GMGUARD_RULE_KIND_MAX + 1] = {
	[GMGUARD_RULE_KIND_PEER] = {
		GMGUARD_REASON_PEER_PORT, GMGUARD_REASON_PEER_OUT_ESP,
	},
	[GMGUARD_RULE_KIND_POOL] = {
		GMGUARD_REASON_POOL_PORT, GMGUARD_REASON_CORE_POOL_SOURCE,
	},
	[GMGUARD_RULE_KIND_CORE] = {
		GMGUARD_REASON_ACCESS_CORE_SOURCE,
		GMGUARD_REASON_ACCESS_CORE_SOURCE,
	},
	[GMGUARD_RULE_KIND_DOMAIN] = {
		GMGUARD_REASON_DOMAIN_ESP, GMGUARD_REASON_DOMAIN_OUT_ESP,
	},
};

/* The widest of them; what is let through comes first. */
static_assert(GMGUARD_REASON_CORE_POOL_SOURCE - GMGUARD_REASON_POOL_PORT + 2 <=
	      GMG_RULE_COUNTS);

static unsigned int counts_of(const struct gmg_rule *rule)
{
	const struct reasons *reasons = &reasons_of[rule->kind];

	return reasons->last ? reasons->last - reasons->first + 2 : 1;
}

/**
 * gmg_rulecount_alloc() - make the counters of all rules
 * @rs: the ruleset, with its rules
 *
 * One array for each CPU: thousands of per-CPU allocations take minutes.
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM; gmg_rulecount_free() is right after both.
 */
int gmg_rulecount_alloc(struct gmg_ruleset *rs)
{
	int cpu;
	u32 i;

	rs->n_counts = 0;
	for (i = 0; i < rs->n_rules; i++) {
		rs->rule[i].first_count = rs->n_counts;
		rs->n_counts += counts_of(&rs->rule[i]);
	}
	rs->before = kvcalloc(rs->n_counts + 1, sizeof(*rs->before),
			      GFP_KERNEL);
	rs->tally = kcalloc(nr_cpu_ids, sizeof(*rs->tally), GFP_KERNEL);
	if (!rs->before || !rs->tally)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		rs->tally[cpu] = kvzalloc(struct_size(rs->tally[cpu], packets,
						      rs->n_counts),
					  GFP_KERNEL);
		if (!rs->tally[cpu])
			return -ENOMEM;
		u64_stats_init(&rs->tally[cpu]->syncp);
	}
	return 0;
}

/**
 * gmg_rulecount_free() - free them
 * @rs: a ruleset that no hook can see
 *
 * Context: may sleep.
 */
void gmg_rulecount_free(struct gmg_ruleset *rs)
{
	int cpu;

	kvfree(rs->before);
	if (!rs->tally)
		return;
	for_each_possible_cpu(cpu)
		kvfree(rs->tally[cpu]);
	kfree(rs->tally);
}

/**
 * gmg_rulecount_add() - count a packet
 * @rs: the ruleset
 * @rule: its rule that ruled, or NULL
 * @reason: what the packet is dropped for, 0: it is let through
 *
 * Context: any but hard interrupts.
 */
void gmg_rulecount_add(const struct gmg_ruleset *rs,
		       const struct gmg_rule *rule, int reason)
{
	struct gmg_rule_tally *mine;
	unsigned int i = 0;

	if (!rule)
		return;
	if (reason)
		i = reason - reasons_of[rule->kind].first + 1;
	/* no rule of its kind gives that reason: see reasons_of */
	if (i >= counts_of(rule))
		return;
	local_bh_disable();
	mine = rs->tally[smp_processor_id()];
	u64_stats_update_begin(&mine->syncp);
	u64_stats_inc(&mine->packets[rule->first_count + i]);
	u64_stats_update_end(&mine->syncp);
	local_bh_enable();
}

static u64 read_one(const struct gmg_rule_tally *tally, u32 i)
{
	unsigned int start;
	u64 value;

	do {
		start = u64_stats_fetch_begin(&tally->syncp);
		value = u64_stats_read(&tally->packets[i]);
	} while (u64_stats_fetch_retry(&tally->syncp, start));
	return value;
}

static u64 sum(const struct gmg_ruleset *rs, u32 i)
{
	u64 value = rs->before[i];
	int cpu;

	for_each_possible_cpu(cpu)
		value += read_one(rs->tally[cpu], i);
	return value;
}

/**
 * gmg_rulecount_read() - what was counted
 * @rs: the ruleset, gmg_net.lock held
 * @rule: its rule
 * @counts: filled in, of this ruleset and of those before
 */
void gmg_rulecount_read(const struct gmg_ruleset *rs,
			const struct gmg_rule *rule,
			struct gmg_rule_counts *counts)
{
	unsigned int i;

	counts->first = reasons_of[rule->kind].first;
	counts->n = counts_of(rule);
	for (i = 0; i < counts->n; i++)
		counts->packets[i] = sum(rs, rule->first_count + i);
}

/**
 * gmg_rulecount_inherit() - go on with the counters of another rule
 * @rs: the ruleset, gmg_net.lock held
 * @rule: its rule
 * @old: a ruleset that no hook uses any more
 * @before: its rule, of the same kind
 */
void gmg_rulecount_inherit(struct gmg_ruleset *rs, const struct gmg_rule *rule,
			   const struct gmg_ruleset *old,
			   const struct gmg_rule *before)
{
	unsigned int i;

	for (i = 0; i < counts_of(rule); i++)
		rs->before[rule->first_count + i] =
			sum(old, before->first_count + i);
}
