/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * need.h - whose packets have to come through ESP, and whether a child SA of
 * the IKE daemon serves them
 */
#ifndef GMG_NEED_H
#define GMG_NEED_H

#include "child.h"

/** enum need_state - whether a child SA is up */
enum need_state {
	NEED_UNKNOWN,
	NEED_SERVED,
	NEED_MISSING,
	NEED_STATES,
};

/**
 * struct need - a rule of the kernel's ruleset that demands ESP
 * @rule: the rule
 * @state: whether it is served
 * @lacks: a prefix of the rule that no child SA is for, if it is missing
 */
struct need {
	struct gmg_rule rule;
	enum need_state state;
	const struct gmg_prefix *lacks;
};

/**
 * struct needs - all of them
 * @v: they, allocated
 * @n: how many
 */
struct needs {
	struct need *v;
	size_t n;
};

/** typedef need_fn - is told of a need whose state is another one now */
typedef void need_fn(const struct need *need, enum need_state before,
		     void *arg);

int needs_take(struct needs *needs, struct gmg_ruleset *rs);
void needs_judge(struct needs *needs, const struct children *list,
		 need_fn *tell, void *arg);
void needs_clear(struct needs *needs);
size_t needs_count(const struct needs *needs, enum need_state state);
const char *need_state_name(enum need_state state);
bool need_is_served_by(const struct need *need, const struct child *child);

#endif /* GMG_NEED_H */
