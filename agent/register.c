// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * register.c - method "register": a REGISTER came from a UE (SM1, SM7)
 */
#include "reg.h"
#include "unfinished.h"

/* SM1 on an unprotected port: nothing is promised, but failure comes early. */
static enum reg_verdict judge_unprotected(const struct reg *reg,
					  const struct conf *conf,
					  struct refusal *no)
{
	struct sec_offer offer;
	struct sec_pair pair;

	switch (reg_agree(reg, conf, &offer, &pair, no)) {
	case REG_REFUSED:
		return REG_REFUSED;
	case REG_NO:
		return REG_NO;
	case REG_YES:
		break;
	}
	if (!*reg->impi) {
		refuse(no, 403, "neither Authorization nor To has an identity of 1 to %d bytes",
		       GMGUARD_IMPI_MAX);
		return REG_REFUSED;
	}
	if (!reg->ep) {
		refuse(no, 503, "no endpoint guards the address that the REGISTER came to: add an [endpoint] to the configuration");
		return REG_REFUSED;
	}
	return REG_NO;
}

/*
 * The core may take as long as Timer F, 64*T1, and so may the answer: the set
 * has to be there until then, however late SM7 came (TS 24.229 7.8).
 */
static int prolong(struct agent *agent, const struct reg *reg,
		   struct refusal *no)
{
	struct gmg_saset_change c = { .id = reg->set.id };
	struct gmg_limits limits;
	int ret;

	ret = kernel_limits_get(&agent->kernel, &limits);
	if (!ret) {
		uint64_t ms = limits.value[GMGUARD_A_LIMITS_GRACE_MS] +
			      LIFETIME_MORE_S * 1000ULL;

		c.lifetime_ms = ms > INT32_MAX ? INT32_MAX : ms;
		ret = kernel_saset_set(&agent->kernel, &c);
	}
	if (!ret)
		return 0;
	return refuse(no, 503, "the kernel refused to prolong the SA set: %s",
		      agent->kernel.err);
}

static enum reg_verdict judge(struct agent *agent, const struct reg *reg,
			      struct refusal *no)
{
	enum reg_verdict verdict;

	if (!reg->set.id)
		return judge_unprotected(reg, agent->conf, no);
	verdict = reg_judge(reg, agent->conf, no);
	if (verdict == REG_YES && reg->set.phase == GMGUARD_PHASE_TEMPORARY &&
	    prolong(agent, reg, no))
		return REG_REFUSED;
	if (verdict != REG_REFUSED && reg_is_authenticated(reg))
		unfinished_reported(agent, reg, 0);
	return verdict;
}

/**
 * method_register() - decide about a REGISTER
 * @ctx: the agent
 * @params: what the proxy tells
 * @fault: filled in when it fails
 *
 * Return: the action, with more members when it is forwarded; NULL.
 */
json_t *method_register(void *ctx, const json_t *params,
			struct rpc_fault *fault)
{
	struct agent *agent = ctx;
	enum reg_verdict verdict;
	struct refusal no;
	json_t *action;
	struct reg reg;
	bool ok;

	action = reg_open(agent, &reg, "register", params, &ok, fault);
	if (!ok)
		goto out;
	verdict = judge(agent, &reg, &no);
	if (verdict == REG_REFUSED) {
		action = reg_reject(agent, &reg, &no);
		goto out;
	}
	action = action_forward(reg.set.id);
	json_object_set_new(action, "integrity_protected",
			    json_string(verdict == REG_YES ? "yes" : "no"));
	json_object_set_new(action, "emergency", json_boolean(reg.emergency));
	reg_log(&reg, LOG_DEBUG, "forwarded, integrity protected: %s",
		verdict == REG_YES ? "yes" : "no");
out:
	reg_close(&reg);
	return action;
}
