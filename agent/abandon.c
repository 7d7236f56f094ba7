// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * abandon.c - method "abandon": the proxy gave up on a REGISTER
 */
#include <string.h>

#include "authparam.h"
#include "reg.h"
#include "unfinished.h"

/* Longest nonce that is looked at, with its NUL. */
#define NONCE_MAX	1024

/* SM1: the set that "challenge" made, and of which the UE knows nothing. */
static int abandon_challenge(struct agent *agent, const struct reg *reg,
			     const char *value)
{
	char transaction[MEMO_DIGEST_MAX], digest[MEMO_DIGEST_MAX];
	char client[SEC_DIGEST_MAX], nonce[NONCE_MAX];
	const char *texts[] = { nonce, NULL };
	struct unfinished which = {
		.impi = reg->impi,
		.emergency = reg->emergency,
		.ue_addr = &reg->msg.flow.ue_addr,
		.transaction = transaction,
		.client = client,
		.unproven = true,
	};
	struct sec_why why;

	if (reg_transaction(reg, transaction) ||
	    sec_digest(reg->msg.security_client, client, &why))
		return 0;
	if (authparam_get(value, "nonce", nonce, sizeof(nonce)) > 0 &&
	    !memo_digest(digest, texts))
		which.nonce = digest;
	return unfinished_end(agent, &which, "the proxy gave up on its 401");
}

/* SM7: the set that it came through, unless an earlier SM7 established it. */
static int abandon_answer(struct agent *agent, const struct reg *reg)
{
	char transaction[MEMO_DIGEST_MAX];

	if (!reg->has_memo || reg->doomed ||
	    reg_transaction(reg, transaction))
		return 0;
	if (reg->set.phase != GMGUARD_PHASE_TEMPORARY &&
	    (reg->set.phase != GMGUARD_PHASE_ESTABLISHED ||
	     strcmp(reg->memo.accepted, transaction)))
		return 0;
	reg_log(reg, LOG_INFO, "the proxy gave up on SM7");
	reaper_doom(&agent->reaper, reg->set.id, agent->conf->failed_ms);
	return 1;
}

/**
 * method_abandon() - forget what was begun for a REGISTER
 * @ctx: the agent
 * @params: what the proxy told with the call that failed
 * @fault: filled in when it fails
 *
 * Return: how many sets go; NULL.
 */
json_t *method_abandon(void *ctx, const json_t *params,
		       struct rpc_fault *fault)
{
	const char *value = json_string_value(
		json_object_get(params, "www_authenticate"));
	struct agent *agent = ctx;
	json_t *rejected, *result = NULL;
	struct reg reg;
	int n = 0;
	bool ok;

	rejected = reg_open(agent, &reg, "abandon", params, &ok, fault);
	if (ok) {
		n = abandon_answer(agent, &reg);
		if (!n)
			n = abandon_challenge(agent, &reg, value ? value : "");
		if (n > 0)
			agent->tally.outcome[TALLY_ABANDONED]++;
	}
	/* a set that is gone already is what was asked for */
	if (ok || rejected)
		result = json_pack("{s:i}", "deleted", n);
	json_decref(rejected);
	reg_close(&reg);
	return result;
}
