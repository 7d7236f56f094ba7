// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * registration.c - see registration.h
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memo.h"
#include "registration.h"
#include "secret.h"

static bool is_live(const struct gmg_saset *set)
{
	return set->phase == GMGUARD_PHASE_ESTABLISHED ||
	       set->phase == GMGUARD_PHASE_SUPERSEDED;
}

/* The kernel's rule, see gmguard-rpc(7): one contact of one IMPI. */
static bool is_same(const struct gmg_saset *a, const struct gmg_saset *b)
{
	if (a->port_us == b->port_us && gmg_addr_equal(&a->ue_addr,
						       &b->ue_addr))
		return true;
	return a->group && a->group == b->group;
}

/**
 * registration_each() - visit the authenticated sets of a registration
 * @agent: the agent
 * @of: one of its sets, of any phase
 * @scope: which sets
 * @fn: is called for each; sets of an emergency registration and others are
 *	never mixed
 * @arg: for @fn
 *
 * Return: 0; what @fn returned; or a negative errno with the kernel
 * connection's err set.
 */
int registration_each(struct agent *agent, const struct gmg_saset *of,
		      enum registration_scope scope, registration_fn *fn,
		      void *arg)
{
	int n, ret = 0;
	uint32_t *ids;

	n = mirror_ids_of_impi(&agent->mirror, of->impi, &ids);
	for (int i = 0; i < n && !ret; i++) {
		struct gmg_saset set;

		ret = mirror_get_id(&agent->mirror, ids[i], &set);
		if (ret == -ENOENT) {
			ret = 0;
			continue;
		}
		if (ret)
			break;
		if (is_live(&set) && set.emergency == of->emergency &&
		    (scope == REGISTRATION_OF_IMPI || is_same(&set, of)))
			ret = fn(agent, &set, arg);
		gmg_saset_clear(&set);
	}
	free(ids);
	return n < 0 ? n : ret;
}

/* Nothing is left to the set: it lingers, and keeps its identities no more. */
static int change(struct agent *agent, const struct gmg_saset *set,
		  struct memo *memo, bool linger)
{
	struct gmg_saset_change c = {
		.id = set->id,
		.phase = linger ? GMGUARD_PHASE_LINGERING : 0,
	};
	char *data = NULL;
	int ret;

	if (memo) {
		data = memo_encode(memo);
		if (!data)
			return agent_no_memory(agent);
		c.agent_data = data;
		c.agent_data_len = strlen(data);
	}
	ret = kernel_saset_set(&agent->kernel, &c);
	secret_free(data);
	return ret;
}

/**
 * registration_end() - a set loses an identity, or all of them
 * @agent: the agent
 * @set: the set, established or superseded
 * @end: takes the identity away
 * @impu: the identity; NULL: all of them
 *
 * A set that has no identity left lingers.
 *
 * Return: enum registration_end; -ENOENT when the set is gone; another
 * negative errno with the kernel connection's err set.
 */
int registration_end(struct agent *agent, const struct gmg_saset *set,
		     impus_end_fn *end, const char *impu)
{
	bool last, found = true;
	struct memo memo;
	int ret;

	/* without a memo nobody knows of any identity: there is no other */
	if (memo_decode(set, &memo)) {
		ret = change(agent, set, NULL, true);
		return ret ? ret : REGISTRATION_LINGERS;
	}
	if (!impu)
		json_array_clear(memo.impus);
	else if (json_array_size(memo.impus))
		found = end(memo.impus, impu);
	last = !json_array_size(memo.impus);
	ret = found ? change(agent, set, &memo, last) : 0;
	memo_clear(&memo);
	if (ret)
		return ret;
	if (!found)
		return REGISTRATION_KEPT;
	return last ? REGISTRATION_LINGERS : REGISTRATION_LESS;
}
