// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * answer.c - method "answer": the final response to a REGISTER (SM10 to SM12)
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "reg.h"
#include "registration.h"
#include "secret.h"
#include "unfinished.h"

/* Longest lifetime that the kernel takes, 24 days. */
#define LIFETIME_MAX_MS	INT32_MAX

/**
 * struct answer - a final response
 * @reg: the REGISTER that it answers
 * @status: its status code
 * @expires: seconds that were granted, 0: deregistered
 * @associated: P-Associated-URI
 */
struct answer {
	struct reg reg;
	int64_t status;
	int64_t expires;
	const char *associated;
};

static uint32_t lifetime_ms(const struct answer *a)
{
	int64_t ms = (a->expires + LIFETIME_MORE_S) * 1000;

	return ms > LIFETIME_MAX_MS ? LIFETIME_MAX_MS : ms;
}

static int refuse_by_kernel(struct agent *agent, int error, struct refusal *no)
{
	bool ue_is_wrong = error == -EEXIST || error == -EDQUOT;

	return refuse(no, ue_is_wrong ? 403 : 503,
		      "the kernel refused the change of the SA set: %s",
		      agent->kernel.err);
}

/**
 * struct older - what a new set takes over from the older ones
 * @by: the set that protected SM1, 0: none
 * @lifetime_ms: the longest that any of them has left
 * @impus: identities that are registered besides; NULL: none
 */
struct older {
	uint32_t by;
	uint32_t lifetime_ms;
	json_t *impus;
};

/* Whoever began anew in clear has lost everything (TS 33.203 7.4.1). */
static int take_over(struct agent *agent, const struct gmg_saset *set,
		     void *arg)
{
	struct older *older = arg;
	struct memo memo;

	(void)agent;
	if (set->lifetime_ms > older->lifetime_ms)
		older->lifetime_ms = set->lifetime_ms;
	if (set->id != older->by || memo_decode(set, &memo))
		return 0;
	older->impus = json_incref(memo.impus);
	memo_clear(&memo);
	return 0;
}

/* The set is authenticated now: it gets its lifetime and its identities. */
static int become_established(struct agent *agent, struct answer *a,
			      struct older *older, struct refusal *no)
{
	uint32_t lifetime = lifetime_ms(a);
	struct memo *memo = &a->reg.memo;
	struct gmg_saset_change c = {
		.id = a->reg.set.id,
		.phase = GMGUARD_PHASE_ESTABLISHED,
		.lifetime_ms = older->lifetime_ms > lifetime ?
			       older->lifetime_ms : lifetime,
	};
	char *data;
	int ret;

	json_decref(memo->impus);
	memo->impus = older->impus ? json_incref(older->impus) : json_array();
	if (a->expires)
		impus_add(memo->impus, a->reg.msg.impu, a->associated);
	else
		impus_end(memo->impus, a->reg.msg.impu);
	ret = reg_transaction(&a->reg, memo->accepted);
	data = ret ? NULL : memo_encode(memo);
	if (!data)
		return refuse_by_kernel(agent, agent_no_memory(agent), no);
	c.agent_data = data;
	c.agent_data_len = strlen(data);
	ret = kernel_saset_set(&agent->kernel, &c);
	secret_free(data);
	return ret ? refuse_by_kernel(agent, ret, no) : 0;
}

/* SM7 was accepted: the set is authenticated, if SM7 really was on it. */
static int establish(struct agent *agent, struct answer *a, struct refusal *no)
{
	struct older older = { .by = a->reg.set.protected_by };
	int ret;

	switch (reg_judge(&a->reg, agent->conf, no)) {
	case REG_REFUSED:
		return -EACCES;
	case REG_NO:
		refuse(no, 403, "accepted without an answer to the challenge of this SA set");
		no->doom = true;
		return -EACCES;
	case REG_YES:
		break;
	}
	ret = registration_each(agent, &a->reg.set, REGISTRATION_OF_CONTACT,
				take_over, &older);
	if (ret)
		ret = refuse_by_kernel(agent, ret, no);
	else
		ret = become_established(agent, a, &older, no);
	json_decref(older.impus);
	no->doom = ret;
	return ret;
}

/* A refresh without authentication: it lengthens, and never shortens. */
static int refresh(struct agent *agent, const struct gmg_saset *set, void *arg)
{
	const struct answer *a = arg;
	struct gmg_saset_change c = { .id = set->id };
	struct memo memo;
	char *data = NULL;
	int ret;

	/* a superseded set has its last deadline already */
	if (set->phase == GMGUARD_PHASE_ESTABLISHED)
		c.lifetime_ms = lifetime_ms(a);
	if (!memo_decode(set, &memo)) {
		impus_add(memo.impus, a->reg.msg.impu, a->associated);
		data = memo_encode(&memo);
		memo_clear(&memo);
		if (!data)
			return agent_no_memory(agent);
		c.agent_data = data;
		c.agent_data_len = strlen(data);
	}
	ret = kernel_saset_set(&agent->kernel, &c);
	secret_free(data);
	return ret == -ENOENT ? 0 : ret;
}

static int deregister(struct agent *agent, const struct gmg_saset *set,
		      void *arg)
{
	const struct answer *a = arg;
	int ret = registration_end(agent, set, impus_end, a->reg.msg.impu);

	return ret < 0 && ret != -ENOENT ? ret : 0;
}

/* Carry a 2xx out on every set that it concerns. */
static int carry_out(struct agent *agent, struct answer *a, struct refusal *no)
{
	registration_fn *fn = a->expires ? refresh : deregister;
	enum registration_scope scope = REGISTRATION_OF_CONTACT;
	int ret;

	if (!a->expires && a->reg.contact.all)
		scope = REGISTRATION_OF_IMPI;
	ret = registration_each(agent, &a->reg.set, scope, fn, a);
	return ret ? refuse_by_kernel(agent, ret, no) : 0;
}

static int succeed(struct agent *agent, struct answer *a, struct refusal *no)
{
	enum tally_outcome outcome = TALLY_REFRESHED;
	int ret;

	if (a->reg.set.phase == GMGUARD_PHASE_TEMPORARY) {
		outcome = TALLY_REGISTERED;
		ret = establish(agent, a, no);
		if (!ret && !a->expires)
			ret = carry_out(agent, a, no);
	} else if (reg_is_authenticated(&a->reg)) {
		if (reg_judge(&a->reg, agent->conf, no) == REG_REFUSED)
			return -EACCES;
		ret = carry_out(agent, a, no);
	} else {
		return 0;
	}
	if (ret)
		return ret;
	if (!a->expires)
		outcome = TALLY_DEREGISTERED;
	agent->tally.outcome[outcome]++;
	reg_log(&a->reg, LOG_INFO, a->expires ?
		"registered for %" PRId64 " s" :
		"deregistered, granted %" PRId64 " s", a->expires);
	return 0;
}

/* A failure: what it ends, if anything. */
static void fail(struct agent *agent, const struct answer *a)
{
	if (!a->reg.set.id)
		unfinished_reported(agent, &a->reg, 0);
	if (a->reg.set.phase != GMGUARD_PHASE_TEMPORARY)
		return;
	reg_log(&a->reg, LOG_INFO, "failed with %" PRId64, a->status);
	reaper_doom(&agent->reaper, a->reg.set.id, agent->conf->failed_ms);
}

static bool read_answer(const json_t *params, struct answer *a,
			struct rpc_fault *fault)
{
	return param_number(params, "status", 200, 699, &a->status, fault) &&
	       param_number(params, "expires", 0, UINT32_MAX, &a->expires,
			    fault) &&
	       param_text(params, "p_associated_uri", &a->associated, fault);
}

/**
 * method_answer() - take note of the final response to a REGISTER
 * @ctx: the agent
 * @params: what the proxy tells; status, expires and p_associated_uri too
 * @fault: filled in when it fails
 *
 * Return: the action; NULL.
 */
json_t *method_answer(void *ctx, const json_t *params,
		      struct rpc_fault *fault)
{
	struct agent *agent = ctx;
	struct answer a = { 0 };
	struct refusal no;
	json_t *action;
	bool ok;

	action = reg_open(agent, &a.reg, "answer", params, &ok, fault);
	if (!ok || !read_answer(params, &a, fault))
		goto out;
	if (a.reg.set.id && a.status < 300 && succeed(agent, &a, &no)) {
		action = reg_reject(agent, &a.reg, &no);
		goto out;
	}
	if (a.status >= 300) {
		agent->tally.outcome[TALLY_FAILED]++;
		fail(agent, &a);
	}
	action = action_forward(a.reg.set.id);
out:
	reg_close(&a.reg);
	return action;
}
