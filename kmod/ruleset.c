// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rulesets: made in private, published whole, replaced whole.
 *
 * Concurrency: hooks read gmg_net.ruleset under RCU and see one ruleset for one
 * packet. gmg_net.lock serialises replacements; who replaces waits for the last
 * reader and frees. Only the counters change, see rulecount.c.
 */
#include <linux/sort.h>

#include "rulehook.h"
#include "ruleset.h"

#define TABLES (2 * GMGUARD_RULE_KIND_MAX)

static struct gmg_prefix_table *table_at(struct gmg_ruleset *rs, unsigned int i)
{
	return &rs->table[i / 2][i % 2];
}

/**
 * gmg_ruleset_alloc() - a ruleset to fill in
 * @n_rules: room for rules; @n_rules of the ruleset counts them
 * @n_prefixes: room for prefixes, likewise
 *
 * Context: may sleep.
 * Return: the ruleset, or NULL without memory.
 */
struct gmg_ruleset *gmg_ruleset_alloc(u32 n_rules, u32 n_prefixes)
{
	struct gmg_ruleset *rs = kvzalloc(sizeof(*rs), GFP_KERNEL);

	if (!rs)
		return NULL;
	rs->rule = kvcalloc(n_rules + 1, sizeof(*rs->rule), GFP_KERNEL);
	rs->by_name = kvcalloc(n_rules + 1, sizeof(*rs->by_name), GFP_KERNEL);
	rs->bound = kvcalloc(n_rules + 1, sizeof(*rs->bound), GFP_KERNEL);
	rs->prefix = kvcalloc(n_prefixes + 1, sizeof(*rs->prefix), GFP_KERNEL);
	if (rs->rule && rs->by_name && rs->bound && rs->prefix)
		return rs;
	gmg_ruleset_free(rs);
	return NULL;
}

/**
 * gmg_ruleset_free() - free a ruleset that no hook can see
 * @rs: the ruleset, or NULL
 *
 * Context: may sleep.
 */
void gmg_ruleset_free(struct gmg_ruleset *rs)
{
	unsigned int i;

	if (!rs)
		return;
	for (i = 0; i < TABLES; i++) {
		struct gmg_prefix_table *table = table_at(rs, i);

		kvfree(table->entry);
		kvfree(table->start);
		kvfree(table->longest);
		kvfree(table->bucket);
	}
	gmg_rulecount_free(rs);
	kvfree(rs->prefix);
	kvfree(rs->bound);
	kvfree(rs->by_name);
	kvfree(rs->rule);
	kvfree(rs);
}

static int compare_rules(const void *a, const void *b)
{
	const struct gmg_rule *x = *(const struct gmg_rule **)a;
	const struct gmg_rule *y = *(const struct gmg_rule **)b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int build_names(struct gmg_ruleset *rs, const struct gmg_rule **which)
{
	u32 i;

	for (i = 0; i < rs->n_rules; i++)
		rs->by_name[i] = &rs->rule[i];
	sort(rs->by_name, rs->n_rules, sizeof(*rs->by_name), compare_rules,
	     NULL);
	for (i = 1; i < rs->n_rules; i++) {
		if (!compare_rules(&rs->by_name[i - 1], &rs->by_name[i])) {
			*which = max(rs->by_name[i - 1], rs->by_name[i]);
			return -EEXIST;
		}
	}
	return 0;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char **)a, *(const char **)b);
}

static void build_bound(struct gmg_ruleset *rs)
{
	u32 i;

	for (i = 0; i < rs->n_rules; i++)
		if (rs->rule[i].kind == GMGUARD_RULE_KIND_BINDING)
			rs->bound[rs->n_bound++] = rs->rule[i].dev;
	sort(rs->bound, rs->n_bound, sizeof(*rs->bound), compare_texts, NULL);
}

static int table_alloc(struct gmg_prefix_table *table)
{
	u32 n = table->n_entries;

	if (!n)
		return 0;
	table->entry = kvcalloc(n, sizeof(*table->entry), GFP_KERNEL);
	table->start = kvcalloc(GMG_PREFIX_STARTS(n), sizeof(*table->start),
				GFP_KERNEL);
	table->longest = kvcalloc(GMG_PREFIX_STARTS(n), sizeof(*table->longest),
				  GFP_KERNEL);
	table->bucket = kvcalloc(GMG_PREFIX_BUCKETS(n), sizeof(*table->bucket),
				 GFP_KERNEL);
	table->n_entries = 0;
	return table->entry && table->start && table->longest && table->bucket ?
	       0 : -ENOMEM;
}

static struct gmg_prefix_table *table_of(struct gmg_ruleset *rs,
					 const struct gmg_rule *rule, u32 i)
{
	bool v6 = rs->prefix[rule->first_prefix + i].family != AF_INET;

	return &rs->table[rule->kind - 1][v6];
}

/* Two rules that say different things of the same addresses. */
static int check_table(struct gmg_ruleset *rs,
		       const struct gmg_prefix_table *table,
		       const struct gmg_rule **which)
{
	u32 i;

	for (i = 1; i < table->n_entries; i++) {
		const struct gmg_prefix_entry *a = &table->entry[i - 1];
		const struct gmg_prefix_entry *b = &table->entry[i];

		if (a->prefix.len == b->prefix.len &&
		    gmg_addr_equal(&a->prefix.addr, &b->prefix.addr)) {
			*which = &rs->rule[max(a->owner, b->owner)];
			return -EADDRINUSE;
		}
	}
	return 0;
}

static int build_tables(struct gmg_ruleset *rs, const struct gmg_rule **which)
{
	struct gmg_prefix_table *table;
	u32 rule;
	u32 i;
	int err;

	for (rule = 0; rule < rs->n_rules; rule++)
		for (i = 0; i < rs->rule[rule].n_prefixes; i++)
			table_of(rs, &rs->rule[rule], i)->n_entries++;
	for (i = 0; i < TABLES; i++) {
		err = table_alloc(table_at(rs, i));
		if (err)
			return err;
	}
	for (rule = 0; rule < rs->n_rules; rule++) {
		for (i = 0; i < rs->rule[rule].n_prefixes; i++) {
			const struct gmg_rule *of = &rs->rule[rule];

			table = table_of(rs, of, i);
			table->entry[table->n_entries++] =
				(struct gmg_prefix_entry){
					.prefix = rs->prefix[of->first_prefix +
							     i].prefix,
					.owner = rule,
				};
		}
	}
	for (i = 0; i < TABLES; i++) {
		table = table_at(rs, i);
		if (!table->n_entries)
			continue;
		gmg_prefix_table_build(table);
		/* Of destinations one that permits is enough. */
		if (i / 2 == GMGUARD_RULE_KIND_DESTINATION - 1)
			continue;
		err = check_table(rs, table, which);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

/**
 * gmg_ruleset_build() - make a ruleset fit for hooks
 * @rs: the ruleset, filled in but for what follows from the rest
 * @which: filled in for -EEXIST and -EADDRINUSE
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, -EEXIST if another rule has the kind and name of @which,
 * -EADDRINUSE if another prefix of the kind is one of those of @which.
 */
int gmg_ruleset_build(struct gmg_ruleset *rs, const struct gmg_rule **which)
{
	int err = build_names(rs, which);

	if (!err)
		err = gmg_rulecount_alloc(rs);
	if (!err)
		err = build_tables(rs, which);
	if (!err)
		build_bound(rs);
	return err;
}

/* The rule of the same kind and name, or NULL. */
static const struct gmg_rule *namesake(const struct gmg_ruleset *rs,
				       const struct gmg_rule *rule)
{
	u32 from = 0;
	u32 to = rs->n_rules;

	while (from < to) {
		u32 middle = from + (to - from) / 2;
		struct gmg_rule *other = rs->by_name[middle];
		int order = compare_rules(&rule, &other);

		if (!order)
			return other;
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return NULL;
}

/* Go on with the counters of a ruleset that no hook uses any more. */
static void inherit_counts(struct gmg_ruleset *rs,
			   const struct gmg_ruleset *old)
{
	u32 i;

	for (i = 0; i < rs->n_rules; i++) {
		const struct gmg_rule *before = namesake(old, &rs->rule[i]);

		if (before)
			gmg_rulecount_inherit(rs, &rs->rule[i], old, before);
		cond_resched();
	}
}

/**
 * gmg_ruleset_replace() - put a ruleset in the place of the one before
 * @gn: the namespace, its lock held
 * @rs: a built ruleset, or NULL for none; belongs to @gn on success
 *
 * Context: may sleep.
 * Return: 0 or a negative errno; then nothing has changed.
 */
int gmg_ruleset_replace(struct gmg_net *gn, struct gmg_ruleset *rs)
{
	struct gmg_ruleset *old;
	unsigned int hooks = gmg_rulehooks_for(rs);
	int err;

	lockdep_assert_held(&gn->lock);
	old = rcu_dereference_protected(gn->ruleset,
					lockdep_is_held(&gn->lock));
	if (!rs && !old)
		return 0;
	/* In between, new hooks find nothing to do in the old ruleset. */
	err = gmg_rulehooks_add(gn, hooks);
	if (err)
		return err;
	gn->generation++;
	if (rs)
		rs->generation = gn->generation;
	rcu_assign_pointer(gn->ruleset, rs);
	gmg_rulehooks_keep(gn, hooks);
	synchronize_net();
	if (rs && old)
		inherit_counts(rs, old);
	gmg_ruleset_free(old);
	return 0;
}

/**
 * gmg_ruleset_entry() - the longest prefix of a kind that an address is in
 * @rs: the ruleset
 * @kind: enum gmguard_rule_kind
 * @family: AF_INET or AF_INET6
 * @addr: the address
 *
 * Context: any.
 * Return: the prefix, whose owner is its rule, or NULL.
 */
const struct gmg_prefix_entry *
gmg_ruleset_entry(const struct gmg_ruleset *rs, int kind, u8 family,
		  const struct gmg_addr *addr)
{
	const struct gmg_prefix_table *table =
		&rs->table[kind - 1][family != AF_INET];
	u32 i = gmg_prefix_find(table, addr);

	return i == GMG_PREFIX_NONE ? NULL : &table->entry[i];
}

/**
 * gmg_ruleset_find() - the rule of that prefix
 * @rs: the ruleset
 * @kind: enum gmguard_rule_kind
 * @family: AF_INET or AF_INET6
 * @addr: the address
 *
 * Context: any.
 * Return: the rule, or NULL.
 */
const struct gmg_rule *gmg_ruleset_find(const struct gmg_ruleset *rs, int kind,
					u8 family, const struct gmg_addr *addr)
{
	const struct gmg_prefix_entry *entry =
		gmg_ruleset_entry(rs, kind, family, addr);

	return entry ? &rs->rule[entry->owner] : NULL;
}

/**
 * gmg_port_class() - the transport whose guarded ports count
 * @proto: transport protocol
 *
 * Context: any.
 * Return: its own; that of UDP for UDP-Lite, DCCP and the like.
 */
enum gmg_port_class gmg_port_class(u8 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return GMG_PORTS_TCP;
	case IPPROTO_SCTP:
		return GMG_PORTS_SCTP;
	default:
		return GMG_PORTS_UDP;
	}
}

/**
 * gmg_ports_have() - whether a port is listed
 * @port: the list
 * @n: its entries
 * @proto: transport protocol
 * @number: the port, network byte order
 *
 * Context: any.
 * Return: true if it is, or if all of the protocol are.
 */
bool gmg_ports_have(const struct gmg_port_range *port, unsigned int n,
		    u8 proto, __be16 number)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (port[i].proto == proto &&
		    (!port[i].last || (ntohs(number) >= port[i].first &&
				      ntohs(number) <= port[i].last)))
			return true;
	return false;
}

/**
 * gmg_dev_matches() - whether an interface is meant
 * @pattern: its name, or the beginning of it and a *
 * @name: the name that an interface has now
 *
 * Names, not indices: whatever is renamed or made anew under another name is no
 * longer meant.
 *
 * Context: any.
 * Return: true if it is.
 */
bool gmg_dev_matches(const char *pattern, const char *name)
{
	size_t len = strnlen(pattern, IFNAMSIZ);

	if (len && pattern[len - 1] == '*')
		return !strncmp(pattern, name, len - 1);
	return !strncmp(pattern, name, IFNAMSIZ);
}

/**
 * gmg_devs_have() - whether an interface is listed
 * @list: names and beginnings of names
 * @n: their number
 * @name: the interface
 *
 * Context: any.
 * Return: true if it is.
 */
bool gmg_devs_have(const char list[][IFNAMSIZ], unsigned int n,
		   const char *name)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (gmg_dev_matches(list[i], name))
			return true;
	return false;
}
