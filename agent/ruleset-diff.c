// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ruleset-diff.c - is one ruleset another one? The order of what is in them
 * does not matter, and neither do counters and generation.
 */
#include <stdlib.h>
#include <string.h>

#include "ruleset.h"

static bool same_range(const struct gmg_range *a, const struct gmg_range *b)
{
	return a->proto == b->proto && a->first == b->first &&
	       a->last == b->last && a->tls == b->tls;
}

static bool ranges_have(const struct gmg_ranges *list,
			const struct gmg_range *range)
{
	for (unsigned int i = 0; i < list->n; i++) {
		if (same_range(&list->v[i], range))
			return true;
	}
	return false;
}

static bool same_ranges(const struct gmg_ranges *a, const struct gmg_ranges *b)
{
	for (unsigned int i = 0; i < a->n; i++) {
		if (!ranges_have(b, &a->v[i]) || !ranges_have(a, &b->v[i]))
			return false;
	}
	return true;
}

static bool devs_have(const struct gmg_devs *list, const char *dev)
{
	for (unsigned int i = 0; i < list->n; i++) {
		if (!strcmp(list->v[i], dev))
			return true;
	}
	return false;
}

static bool same_devs(const struct gmg_devs *a, const struct gmg_devs *b)
{
	for (unsigned int i = 0; i < a->n; i++) {
		if (!devs_have(b, a->v[i]) || !devs_have(a, b->v[i]))
			return false;
	}
	return true;
}

static int compare_prefixes(const void *a, const void *b)
{
	return gmg_prefix_compare(a, b);
}

/* Prefixes in order; NULL without memory. */
static struct gmg_prefix *in_order(const struct gmg_rule *rule)
{
	struct gmg_prefix *list = calloc(rule->n_prefix + 1, sizeof(*list));

	if (!list)
		return NULL;
	if (rule->n_prefix)
		memcpy(list, rule->prefix, rule->n_prefix * sizeof(*list));
	qsort(list, rule->n_prefix, sizeof(*list), compare_prefixes);
	return list;
}

static bool same_prefixes(const struct gmg_rule *a, const struct gmg_rule *b)
{
	struct gmg_prefix *x = in_order(a), *y = in_order(b);
	bool same = x && y;

	for (size_t i = 0; same && i < a->n_prefix; i++)
		same = !gmg_prefix_compare(&x[i], &y[i]);
	free(x);
	free(y);
	return same;
}

static int compare_rules(const struct gmg_rule *a, const struct gmg_rule *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return strcmp(a->name, b->name);
}

static int compare(const void *a, const void *b)
{
	return compare_rules(*(const struct gmg_rule **)a,
			     *(const struct gmg_rule **)b);
}

static bool same_rule(const struct gmg_rule *a, const struct gmg_rule *b)
{
	return !compare_rules(a, b) && a->n_prefix == b->n_prefix &&
	       a->port.n == b->port.n && a->esp == b->esp &&
	       a->tls == b->tls && a->reqid == b->reqid &&
	       a->mark == b->mark && a->mark_mask == b->mark_mask &&
	       a->if_id == b->if_id && !strcmp(a->dev, b->dev) &&
	       !strcmp(a->class_name, b->class_name) &&
	       same_ranges(&a->port, &b->port) && same_prefixes(a, b);
}

/* Rules that the kernel has or shall have, in order; NULL without memory. */
static const struct gmg_rule **rules_of(const struct gmg_ruleset *rs,
					size_t *n)
{
	const struct gmg_rule **list = calloc(rs->n_rule + 1, sizeof(*list));

	*n = 0;
	for (size_t i = 0; list && i < rs->n_rule; i++) {
		if (rule_is_kernels(&rs->rule[i]))
			list[(*n)++] = &rs->rule[i];
	}
	if (list)
		qsort(list, *n, sizeof(*list), compare);
	return list;
}

static bool same_rules(const struct gmg_ruleset *a, const struct gmg_ruleset *b)
{
	size_t n, m;
	const struct gmg_rule **x = rules_of(a, &n), **y = rules_of(b, &m);
	bool same = x && y && n == m;

	for (size_t i = 0; same && i < n; i++)
		same = same_rule(x[i], y[i]);
	free(x);
	free(y);
	return same;
}

/**
 * ruleset_same() - is one ruleset another one?
 * @a: one
 * @b: the other
 *
 * Return: whether the kernel would do the same with both; false without memory.
 */
bool ruleset_same(const struct gmg_ruleset *a, const struct gmg_ruleset *b)
{
	return a->audit == b->audit && a->node == b->node &&
	       a->ue_to_ue == b->ue_to_ue && a->port.n == b->port.n &&
	       a->access_dev.n == b->access_dev.n &&
	       a->core_dev.n == b->core_dev.n &&
	       same_ranges(&a->port, &b->port) &&
	       same_devs(&a->access_dev, &b->access_dev) &&
	       same_devs(&a->core_dev, &b->core_dev) && same_rules(a, b);
}
