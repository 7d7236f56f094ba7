// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kernel-rules.c - a ruleset in memory, see ruleset.h
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ruleset.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

#define KIND(id, name, text) [GMGUARD_RULE_KIND_##id] = name,
static const char *const kinds[] = { GMGUARD_RULE_KINDS(KIND) };

/**
 * rule_kind_name() - name of a kind of rule
 * @kind: enum gmguard_rule_kind
 *
 * Return: its name, "unknown" for any other number.
 */
const char *rule_kind_name(uint32_t kind)
{
	return kind && kind < COUNT(kinds) ? kinds[kind] : "unknown";
}

/**
 * rule_kind_by_name() - find a kind of rule
 * @name: its name
 *
 * Return: enum gmguard_rule_kind, or 0.
 */
uint32_t rule_kind_by_name(const char *name)
{
	for (uint32_t i = 1; i < COUNT(kinds); i++) {
		if (!strcmp(name, kinds[i]))
			return i;
	}
	return 0;
}

/**
 * rule_is_kernels() - is the kernel told of a rule?
 * @rule: the rule
 *
 * Return: false for a peer without addresses: it is known by its names only.
 */
bool rule_is_kernels(const struct gmg_rule *rule)
{
	return rule->n_prefix || rule->kind != GMGUARD_RULE_KIND_PEER;
}

/**
 * ruleset_clear() - free what a ruleset holds
 * @rs: the ruleset; zeroed
 */
void ruleset_clear(struct gmg_ruleset *rs)
{
	for (size_t i = 0; i < rs->n_rule; i++)
		free(rs->rule[i].prefix);
	free(rs->rule);
	memset(rs, 0, sizeof(*rs));
}

/**
 * ruleset_find() - find a rule
 * @rs: the ruleset
 * @kind: enum gmguard_rule_kind
 * @name: its name
 *
 * Return: the rule, or NULL.
 */
struct gmg_rule *ruleset_find(struct gmg_ruleset *rs, uint32_t kind,
			      const char *name)
{
	for (size_t i = 0; i < rs->n_rule; i++) {
		if (rs->rule[i].kind == kind &&
		    !strcmp(rs->rule[i].name, name))
			return &rs->rule[i];
	}
	return NULL;
}

/* Room for one more; it doubles. */
static void *grow(void *v, size_t n, size_t size)
{
	if (n & (n - 1))
		return v;
	return reallocarray(v, n ? 2 * n : 1, size);
}

/**
 * ruleset_add() - begin a rule
 * @rs: the ruleset
 * @kind: enum gmguard_rule_kind
 * @name: its name, shorter than GMG_RULE_NAME_MAX
 *
 * Return: the rule, valid until the next one; NULL without memory.
 */
struct gmg_rule *ruleset_add(struct gmg_ruleset *rs, uint32_t kind,
			     const char *name)
{
	struct gmg_rule *rule = grow(rs->rule, rs->n_rule, sizeof(*rule));

	if (!rule)
		return NULL;
	rs->rule = rule;
	rule += rs->n_rule++;
	memset(rule, 0, sizeof(*rule));
	rule->kind = kind;
	snprintf(rule->name, sizeof(rule->name), "%s", name);
	return rule;
}

/**
 * ruleset_del() - take a rule out
 * @rs: the ruleset
 * @rule: its rule
 */
void ruleset_del(struct gmg_ruleset *rs, struct gmg_rule *rule)
{
	size_t i = rule - rs->rule;

	free(rule->prefix);
	rs->n_rule--;
	memmove(rule, rule + 1, (rs->n_rule - i) * sizeof(*rule));
}

/**
 * rule_add_prefix() - add a prefix
 * @rule: the rule
 * @prefix: the prefix
 *
 * Return: 0, or -ENOMEM.
 */
int rule_add_prefix(struct gmg_rule *rule, const struct gmg_prefix *prefix)
{
	struct gmg_prefix *list = grow(rule->prefix, rule->n_prefix,
				       sizeof(*list));

	if (!list)
		return -ENOMEM;
	rule->prefix = list;
	list[rule->n_prefix++] = *prefix;
	return 0;
}
