// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * answer.c - method "answer": the final response to a REGISTER (SM10 to SM12)
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reg.h"
#include "secret.h"
#include "uris.h"

/* A set outlives its registration by so much (TS 24.229 5.2.2.2). */
#define LIFETIME_MORE_S	30

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

	return ms > UINT32_MAX ? UINT32_MAX : ms;
}

/* A new set lives no shorter than the one that protected SM1 (7.4.1). */
static uint32_t lifetime_of_old_ms(struct agent *agent, const struct reg *reg)
{
	struct gmg_saset old;
	uint32_t ms = 0;

	if (!reg->set.protected_by ||
	    mirror_get_id(&agent->mirror, reg->set.protected_by, &old))
		return 0;
	if (old.phase == GMGUARD_PHASE_ESTABLISHED &&
	    !strcmp(old.impi, reg->set.impi))
		ms = old.lifetime_ms;
	gmg_saset_clear(&old);
	return ms;
}

/* The identities that were registered, the default one first. */
static json_t *find_impus(const struct answer *a)
{
	json_t *impus = uris_parse(a->associated);

	if (json_array_size(impus))
		return impus;
	json_decref(impus);
	return uris_parse(a->reg.msg.impu);
}

static int refuse_by_kernel(struct agent *agent, struct refusal *no)
{
	return refuse(no, 503, "the kernel refused the change of the SA set: %s",
		      agent->kernel.err);
}

static int change(struct agent *agent, struct answer *a, uint32_t phase,
		  uint32_t lifetime, struct refusal *no)
{
	struct gmg_saset_change c = {
		.id = a->reg.set.id,
		.phase = phase,
		.lifetime_ms = lifetime,
	};
	char *data;
	int ret;

	json_decref(a->reg.memo.impus);
	a->reg.memo.impus = find_impus(a);
	data = memo_encode(&a->reg.memo);
	if (!data)
		return refuse(no, 503, "out of memory");
	c.agent_data = data;
	c.agent_data_len = strlen(data);
	ret = kernel_saset_set(&agent->kernel, &c);
	secret_free(data);
	return ret ? refuse_by_kernel(agent, no) : 0;
}

/* SM7 was accepted: the set is authenticated, if SM7 really was on it. */
static int establish(struct agent *agent, struct answer *a, struct refusal *no)
{
	enum reg_verdict verdict = reg_judge(&a->reg, no);
	uint32_t old = lifetime_of_old_ms(agent, &a->reg);
	uint32_t new = lifetime_ms(a);

	if (verdict == REG_REFUSED)
		return -EACCES;
	if (verdict == REG_NO) {
		refuse(no, 403, "accepted without an answer to the challenge of this SA set");
		no->doom = true;
		return -EACCES;
	}
	return change(agent, a, GMGUARD_PHASE_ESTABLISHED,
		      old > new ? old : new, no);
}

/* Is this a set of the same registration as the one that @reg came through? */
static bool is_of_group(const struct reg *reg, const struct gmg_saset *set)
{
	return !strcmp(set->impi, reg->set.impi) &&
	       gmg_addr_equal(&set->local_addr, &reg->set.local_addr) &&
	       set->phase == GMGUARD_PHASE_ESTABLISHED;
}

/* Deregistered: every established set of the registration lingers. */
static int linger(struct agent *agent, const struct answer *a,
		  struct refusal *no)
{
	struct gmg_saset_change c = { .phase = GMGUARD_PHASE_LINGERING };
	const struct gmg_saset *own = &a->reg.set;
	uint32_t *ids;
	int n, ret = 0;

	n = mirror_ids_of_server(&agent->mirror, &own->ue_addr, own->port_us,
				 &ids);
	for (int i = 0; i < n && !ret; i++) {
		struct gmg_saset set;

		if (mirror_get_id(&agent->mirror, ids[i], &set))
			continue;
		c.id = set.id;
		if (is_of_group(&a->reg, &set))
			ret = kernel_saset_set(&agent->kernel, &c);
		if (ret == -ENOENT)
			ret = 0;
		gmg_saset_clear(&set);
	}
	free(ids);
	return n < 0 || ret ? refuse_by_kernel(agent, no) : 0;
}

static int succeed(struct agent *agent, struct answer *a, struct refusal *no)
{
	uint32_t phase = a->reg.set.phase;
	int ret = 0;

	if (phase == GMGUARD_PHASE_TEMPORARY)
		ret = establish(agent, a, no);
	else if (phase == GMGUARD_PHASE_ESTABLISHED && a->expires)
		ret = change(agent, a, 0, lifetime_ms(a), no);
	if (!ret && !a->expires)
		ret = linger(agent, a, no);
	if (!ret)
		reg_log(&a->reg, LOG_INFO, a->expires ?
			"registered for %" PRId64 " s" :
			"deregistered, granted %" PRId64 " s", a->expires);
	return ret;
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
	if (a.reg.set.phase == GMGUARD_PHASE_TEMPORARY && a.status >= 300) {
		reg_log(&a.reg, LOG_INFO, "failed with %" PRId64, a.status);
		reaper_doom(&agent->reaper, a.reg.set.id);
	}
	action = action_forward(a.reg.set.id);
out:
	reg_close(&a.reg);
	return action;
}
