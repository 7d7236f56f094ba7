// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * unfinished.c - see unfinished.h
 *
 * A temporary set through which a packet came has proven itself: its UE knows
 * the keys. Such a set goes only because of what came through an SA itself.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "unfinished.h"

static bool is_unproven(const struct gmg_saset *set)
{
	return !set->sa[GMGUARD_SA_NAME_A].packets &&
	       !set->sa[GMGUARD_SA_NAME_D].packets;
}

static bool is_or_any(const char *digest, const char *wanted)
{
	return !wanted || (*digest && !strcmp(digest, wanted));
}

static bool fits_memo(const struct gmg_saset *set,
		      const struct unfinished *which)
{
	struct memo memo;
	bool fits;

	/* what somebody else made is not ours to delete */
	if (memo_decode(set, &memo))
		return false;
	fits = is_or_any(memo.transaction, which->transaction) &&
	       is_or_any(memo.client, which->client) &&
	       is_or_any(memo.nonce, which->nonce);
	memo_clear(&memo);
	return fits;
}

static bool fits(const struct gmg_saset *set, const struct unfinished *which)
{
	bool here = !which->ue_addr ||
		    gmg_addr_equal(&set->ue_addr, which->ue_addr);
	bool there = which->or_protected_by &&
		     set->protected_by == which->or_protected_by;

	return set->phase == GMGUARD_PHASE_TEMPORARY &&
	       set->id != which->except && set->emergency == which->emergency &&
	       (here || there) &&
	       (!which->unproven || is_unproven(set)) && fits_memo(set, which);
}

static bool end(struct agent *agent, const struct gmg_saset *set,
		const char *why)
{
	struct log_about about = { .set = set->id, .impi = set->impi };
	int ret = kernel_saset_del(&agent->kernel, set->id);

	if (!ret)
		log_about(LOG_INFO, &about, "temporary SA set deleted: %s",
			  why);
	else if (ret != -ENOENT)
		log_about(LOG_ERR, &about, "cannot delete the SA set: %s",
			  agent->kernel.err);
	return !ret;
}

/**
 * unfinished_end() - delete temporary sets at once
 * @agent: the agent
 * @which: which ones
 * @why: for the log
 *
 * A set that cannot be deleted is left to its deadline.
 *
 * Return: how many were deleted.
 */
int unfinished_end(struct agent *agent, const struct unfinished *which,
		   const char *why)
{
	int n, ended = 0;
	uint32_t *ids;

	n = mirror_ids_of_impi(&agent->mirror, which->impi, &ids);
	for (int i = 0; i < n; i++) {
		struct gmg_saset set;

		if (mirror_get_id(&agent->mirror, ids[i], &set))
			continue;
		if (fits(&set, which))
			ended += end(agent, &set, why);
		gmg_saset_clear(&set);
	}
	free(ids);
	return ended;
}

/**
 * unfinished_end_one() - delete a set if its UE cannot know of it
 * @agent: the agent
 * @id: the set
 * @why: for the log
 *
 * Return: whether it was deleted: it was temporary, and no packet had come.
 */
bool unfinished_end_one(struct agent *agent, uint32_t id, const char *why)
{
	struct gmg_saset set;
	bool ended;

	if (mirror_get_id(&agent->mirror, id, &set))
		return false;
	ended = set.phase == GMGUARD_PHASE_TEMPORARY && is_unproven(&set) &&
		end(agent, &set, why);
	gmg_saset_clear(&set);
	return ended;
}

/**
 * unfinished_reported() - act on what a REGISTER says about a challenge
 * @agent: the agent
 * @reg: the REGISTER; in clear, the core must have answered it before
 * @except: a set that stays, 0: none
 *
 * If it came through an authenticated set, its UE said it (7.3.1.2, 7.3.1.3).
 * In clear anybody may have said it who saw the 401: then a set goes only
 * while nobody has used it.
 */
void unfinished_reported(struct agent *agent, const struct reg *reg,
			 uint32_t except)
{
	char nonce[MEMO_DIGEST_MAX];
	struct unfinished which = {
		.impi = reg->impi,
		.emergency = reg->emergency,
		.ue_addr = &reg->msg.flow.ue_addr,
		.except = except,
		.nonce = nonce,
		.unproven = !reg->set.id,
	};

	switch (reg_setback(reg, nonce)) {
	case SETBACK_NONE:
		return;
	case SETBACK_SYNC:
		if (reg->set.id)
			which.nonce = NULL;
		unfinished_end(agent, &which,
			       "the UE reports a synchronisation failure");
		return;
	case SETBACK_NETWORK:
		unfinished_end(agent, &which,
			       "the UE could not authenticate the network");
		return;
	}
}
