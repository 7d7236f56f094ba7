// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * register.c - method "register": a REGISTER came from a UE (SM1, SM7)
 */
#include "reg.h"

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

/**
 * method_register() - decide about a REGISTER
 * @ctx: the agent
 * @params: what the proxy tells
 * @fault: filled in when it fails
 *
 * Return: the action, with integrity_protected when it is forwarded; NULL.
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
	if (reg.set.id)
		verdict = reg_judge(&reg, &no);
	else
		verdict = judge_unprotected(&reg, agent->conf, &no);
	if (verdict == REG_REFUSED) {
		action = reg_reject(agent, &reg, &no);
		goto out;
	}
	action = action_forward(reg.set.id);
	json_object_set_new(action, "integrity_protected",
			    json_string(verdict == REG_YES ? "yes" : "no"));
	reg_log(&reg, LOG_DEBUG, "forwarded, integrity protected: %s",
		verdict == REG_YES ? "yes" : "no");
out:
	reg_close(&reg);
	return action;
}
