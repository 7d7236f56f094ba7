// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * need.c - see need.h
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "need.h"

/**
 * need_state_name() - name of a state
 * @state: the state
 *
 * Return: its name.
 */
const char *need_state_name(enum need_state state)
{
	static const char * const names[NEED_STATES] = {
		[NEED_UNKNOWN] = "unknown",
		[NEED_SERVED] = "up",
		[NEED_MISSING] = "missing",
	};

	return names[state];
}

/**
 * needs_clear() - forget all
 * @needs: the needs; none afterwards
 */
void needs_clear(struct needs *needs)
{
	for (size_t i = 0; i < needs->n; i++)
		free(needs->v[i].rule.prefix);
	free(needs->v);
	memset(needs, 0, sizeof(*needs));
}

static enum need_state state_before(const struct needs *needs,
				    const struct gmg_rule *rule)
{
	for (size_t i = 0; i < needs->n; i++) {
		if (needs->v[i].rule.kind == rule->kind &&
		    !strcmp(needs->v[i].rule.name, rule->name))
			return needs->v[i].state;
	}
	return NEED_UNKNOWN;
}

/**
 * needs_take() - take what a ruleset demands
 * @needs: the needs of before, replaced; those of the same kind and name keep
 *	their state
 * @rs: the ruleset; the rules that demand ESP lose their prefixes to @needs
 *
 * Return: 0; -ENOMEM, and nothing has changed.
 */
int needs_take(struct needs *needs, struct gmg_ruleset *rs)
{
	struct needs now = { NULL, 0 };

	for (size_t i = 0; i < rs->n_rule; i++)
		now.n += rs->rule[i].esp;
	now.v = calloc(now.n ? now.n : 1, sizeof(*now.v));
	if (!now.v)
		return -ENOMEM;
	now.n = 0;
	for (size_t i = 0; i < rs->n_rule; i++) {
		struct gmg_rule *rule = &rs->rule[i];

		if (!rule->esp)
			continue;
		now.v[now.n].state = state_before(needs, rule);
		now.v[now.n++].rule = *rule;
		rule->prefix = NULL;
		rule->n_prefix = 0;
	}
	needs_clear(needs);
	*needs = now;
	return 0;
}

static bool serves(const struct child *child, const struct gmg_rule *rule,
		   const struct gmg_prefix *prefix)
{
	return child_is_up(child) && child_fits(child, rule) &&
	       child_covers(child, prefix);
}

/**
 * need_is_served_by() - does a child SA carry packets for a need?
 * @need: the need
 * @child: the child SA
 *
 * Return: whether it does, for some of its addresses at least.
 */
bool need_is_served_by(const struct need *need, const struct child *child)
{
	for (size_t i = 0; i < need->rule.n_prefix; i++) {
		if (serves(child, &need->rule, &need->rule.prefix[i]))
			return true;
	}
	return false;
}

static bool has_child(const struct gmg_rule *rule,
		      const struct gmg_prefix *prefix,
		      const struct children *list)
{
	for (size_t i = 0; i < list->n; i++) {
		if (serves(&list->v[i], rule, prefix))
			return true;
	}
	return false;
}

/* Each of its prefixes needs one. */
static enum need_state judge(struct need *need, const struct children *list)
{
	const struct gmg_rule *rule = &need->rule;

	need->lacks = NULL;
	if (!list)
		return NEED_UNKNOWN;
	for (size_t i = 0; i < rule->n_prefix; i++) {
		if (!has_child(rule, &rule->prefix[i], list)) {
			need->lacks = &rule->prefix[i];
			return NEED_MISSING;
		}
	}
	return NEED_SERVED;
}

/**
 * needs_judge() - find out who is served
 * @needs: the needs
 * @list: the child SAs, NULL: they are not known
 * @tell: is told of each need whose state changes
 * @arg: for @tell
 */
void needs_judge(struct needs *needs, const struct children *list,
		 need_fn *tell, void *arg)
{
	for (size_t i = 0; i < needs->n; i++) {
		enum need_state before = needs->v[i].state;

		needs->v[i].state = judge(&needs->v[i], list);
		if (needs->v[i].state != before)
			tell(&needs->v[i], before, arg);
	}
}

/**
 * needs_count() - how many needs are in a state
 * @needs: the needs
 * @state: the state
 *
 * Return: how many.
 */
size_t needs_count(const struct needs *needs, enum need_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < needs->n; i++)
		n += needs->v[i].state == state;
	return n;
}
