// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * challenge.c - method "challenge": the S-CSCF challenges a UE (SM4 to SM6)
 *
 * CK and IK come here, become ESP keys and go to the kernel. Only when the
 * kernel has acknowledged the set does the proxy get a 401 to forward.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authparam.h"
#include "delivery.h"
#include "reg.h"
#include "secret.h"
#include "unfinished.h"

/* Longest nonce, with its NUL. */
#define NONCE_MAX	1024

/**
 * struct challenge - a 401 on its way to the UE
 * @reg: the REGISTER that it answers
 * @offer: what the UE offered there
 * @pair: what was chosen
 * @stripped: WWW-Authenticate without ck and ik
 * @aka: CK and IK
 * @esp: what became of them
 * @memo: what to keep with the set
 */
struct challenge {
	struct reg reg;
	struct sec_offer offer;
	struct sec_pair pair;
	char *stripped;
	struct aka_keys aka;
	struct esp_keys esp;
	struct memo memo;
};

/* Fill in what SM7 will be compared with. */
static int make_memo(struct challenge *c, const struct conf *conf,
		     struct refusal *no)
{
	const struct msg *msg = &c->reg.msg;
	char nonce[NONCE_MAX];
	const char *texts[] = { nonce, NULL };
	struct sec_why why;

	if (authparam_get(c->stripped, "nonce", nonce, sizeof(nonce)) <= 0)
		return refuse(no, 503,
			      "401 not forwarded: WWW-Authenticate has no nonce of at most %d bytes",
			      NONCE_MAX - 1);
	c->memo.server = conf->prefs;
	if (strlen(msg->contact) < sizeof(c->memo.contact))
		strcpy(c->memo.contact, msg->contact);
	if (sec_digest(msg->security_client, c->memo.client, &why) ||
	    memo_digest(c->memo.nonce, texts) ||
	    reg_transaction(&c->reg, c->memo.transaction))
		return refuse(no, 503,
			      "401 not forwarded: no digest to be had");
	return 0;
}

/* Is this the set that an earlier copy of the same 401 made? */
static bool is_earlier(const struct challenge *c, const struct gmg_saset *set)
{
	struct memo memo;
	bool same;

	if (set->phase != GMGUARD_PHASE_TEMPORARY ||
	    strcmp(set->impi, c->reg.impi) || memo_decode(set, &memo))
		return false;
	same = !strcmp(memo.transaction, c->memo.transaction) &&
	       !strcmp(memo.nonce, c->memo.nonce) &&
	       !strcmp(memo.client, c->memo.client);
	memo_clear(&memo);
	return same;
}

static bool find_earlier(struct agent *agent, const struct challenge *c,
			 struct gmg_saset *set)
{
	bool found = false;
	uint32_t *ids;
	int n;

	n = mirror_ids_of_server(&agent->mirror, &c->reg.msg.flow.ue_addr,
				 c->offer.ends.port_s, &ids);
	for (int i = 0; i < n && !found; i++) {
		struct mirror_set *ms = mirror_find(&agent->mirror, ids[i]);

		if (!ms || ms->doomed ||
		    mirror_get_id(&agent->mirror, ids[i], set))
			continue;
		found = is_earlier(c, set);
		if (!found)
			gmg_saset_clear(set);
	}
	free(ids);
	return found;
}

/* The set that protected SM1: 0 for an initial registration. */
static uint32_t protected_by(const struct reg *reg)
{
	return reg_is_authenticated(reg) ? reg->set.id : 0;
}

static int refuse_by_kernel(struct agent *agent, int error, struct refusal *no)
{
	bool ue_is_wrong = error == -EEXIST || error == -EINVAL ||
			   error == -EDQUOT;

	return refuse(no, ue_is_wrong ? 403 : 503,
		      "the kernel refused the SA set: %s", agent->kernel.err);
}

static bool find_endpoint(struct agent *agent, struct challenge *c)
{
	c->reg.ep = mirror_endpoint(&agent->mirror,
				    &c->reg.msg.flow.local_addr);
	return c->reg.ep;
}

/* Make the set, with everything that it will ever need, in one message. */
static int make_set(struct agent *agent, struct challenge *c,
		    struct gmg_saset *set, struct refusal *no)
{
	const struct reg *reg = &c->reg;
	struct gmg_saset_req req = {
		.endpoint_id = reg->ep->id,
		.ue_addr = reg->msg.flow.ue_addr,
		.port_uc = c->offer.ends.port_c,
		.port_us = c->offer.ends.port_s,
		.spi_uc = c->offer.ends.spi_c,
		.spi_us = c->offer.ends.spi_s,
		.alg = c->pair.alg,
		.ealg = c->pair.ealg,
		.impi = reg->impi,
		.protected_by = protected_by(reg),
		.group = reg->contact.label,
		.emergency = reg->emergency,
	};
	char *data = memo_encode(&c->memo);
	int ret;

	if (!data || keys_expand(c->pair.alg, c->pair.ealg, &c->aka, &c->esp)) {
		secret_free(data);
		return refuse(no, 503, "401 not forwarded: out of memory");
	}
	req.alg_key = c->esp.ik_len ? c->esp.ik : NULL;
	req.alg_key_len = c->esp.ik_len;
	req.ealg_key = c->esp.ck_len ? c->esp.ck : NULL;
	req.ealg_key_len = c->esp.ck_len;
	req.agent_data = data;
	req.agent_data_len = strlen(data);
	ret = kernel_saset_new(&agent->kernel, &req, set);
	if (ret == -ENOENT && agent_probe(agent) && find_endpoint(agent, c)) {
		/* the module was loaded anew: so is the endpoint */
		req.endpoint_id = c->reg.ep->id;
		ret = kernel_saset_new(&agent->kernel, &req, set);
	}
	secret_wipe(&c->esp, sizeof(c->esp));
	secret_free(data);
	if (ret) {
		agent->tally.sets_refused++;
		return refuse_by_kernel(agent, ret, no);
	}
	agent->tally.sets_made++;
	/* without memory the set's event or the next dump will add it */
	mirror_add(&agent->mirror, set);
	return 0;
}

static json_t *forward(const struct challenge *c, const struct gmg_saset *set)
{
	char server[SEC_SERVER_MAX] = "";
	json_t *action = action_forward(set->id);

	if (set->id)
		reg_server(&c->memo.server, set, server);
	json_object_set_new(action, "www_authenticate",
			    json_string(c->stripped));
	json_object_set_new(action, "security_server", json_string(server));
	if (!set->id)
		return action;
	json_object_set_new(action, "port_ps", json_integer(set->port_ps));
	json_object_set_new(action, "port_pc", json_integer(set->port_pc));
	json_object_set_new(action, "spi_ps", json_integer(set->spi_ps));
	json_object_set_new(action, "spi_pc", json_integer(set->spi_pc));
	return action;
}

/*
 * All that must be right before a set is made.
 *
 * Return: 1 to make one, 0 to go without, -EACCES.
 */
static int check(struct agent *agent, struct challenge *c, const char *value,
		 struct refusal *no)
{
	struct reg *reg = &c->reg;
	const char *why;
	int ret;

	ret = authparam_strip(value, &c->stripped, &c->aka, &why);
	if (ret && ret != -ENOENT)
		return refuse(no, 503,
			      "401 not forwarded, WWW-Authenticate: %s", why);
	if (reg->set.id && reg_judge(reg, agent->conf, no) == REG_REFUSED)
		return -EACCES;
	if (reg->set.phase == GMGUARD_PHASE_TEMPORARY) {
		refuse(no, 403, "challenged once more, but the ports and SPIs are those of the SA set that was made for the challenge before: the UE has to begin anew");
		no->doom = true;
		return -EACCES;
	}
	reg->scheme = scheme_of_challenge(reg->scheme, value);
	switch (reg_agree(reg, agent->conf, &c->offer, &c->pair, no)) {
	case REG_REFUSED:
		return -EACCES;
	case REG_NO:
		return 0;
	case REG_YES:
		break;
	}
	if (ret)
		return refuse(no, 503,
			      "401 not forwarded, WWW-Authenticate: %s", why);
	if (!*reg->impi)
		return refuse(no, 403, "no private identity");
	if (!reg->ep)
		return refuse(no, 503, "no endpoint guards the address that the REGISTER came to: add an [endpoint] to the configuration");
	ret = make_memo(c, agent->conf, no);
	return ret ? ret : 1;
}

/*
 * What the new set makes superfluous (TS 33.203 7.3.1.4). In clear, only what
 * the kernel has replaced, and what the UE gave up itself.
 */
static void end_others(struct agent *agent, const struct challenge *c,
		       const struct gmg_saset *set)
{
	const struct reg *reg = &c->reg;
	const struct unfinished which = {
		.impi = reg->impi,
		.emergency = reg->emergency,
		.ue_addr = &reg->msg.flow.ue_addr,
		.or_protected_by = reg->set.id,
		.except = set->id,
	};

	if (reg_is_authenticated(reg))
		unfinished_end(agent, &which, "the UE has begun anew");
	else if (!reg->set.id)
		unfinished_reported(agent, reg, set->id);
}

/* Decide, and make the set. Return: 0 or -EACCES. */
static int challenge(struct agent *agent, struct challenge *c,
		     const char *value, struct gmg_saset *set,
		     struct refusal *no)
{
	int ret = check(agent, c, value, no);

	if (ret <= 0)
		return ret;
	if (find_earlier(agent, c, set)) {
		reg_log(&c->reg, LOG_INFO, "repeated 401, set %u stays",
			set->id);
		return 0;
	}
	ret = make_set(agent, c, set, no);
	if (ret)
		return ret;
	reg_log(&c->reg, LOG_INFO, "set %u made: %s, %s", set->id,
		gmg_alg_name(c->pair.alg), gmg_ealg_name(c->pair.ealg));
	end_others(agent, c, set);
	return 0;
}

/**
 * method_challenge() - turn the S-CSCF's 401 into the one for the UE
 * @ctx: the agent
 * @params: what the proxy tells, www_authenticate included
 * @fault: filled in when it fails
 *
 * Return: the action, with the header field values for the 401; NULL.
 */
json_t *method_challenge(void *ctx, const json_t *params,
			 struct rpc_fault *fault)
{
	struct challenge c = { .stripped = NULL };
	struct gmg_saset set = { .id = 0 };
	struct agent *agent = ctx;
	struct refusal no;
	const char *value;
	json_t *action;
	bool ok;

	action = reg_open(agent, &c.reg, "challenge", params, &ok, fault);
	if (!ok || !param_text(params, "www_authenticate", &value, fault))
		goto out;
	if (challenge(agent, &c, value, &set, &no))
		action = reg_reject(agent, &c.reg, &no);
	else
		action = forward(&c, &set);
	if (action && set.id && agent->delivery)
		delivery_expect(agent->delivery, set.id);
	else if (!action && set.id)
		unfinished_end_one(agent, set.id, "out of memory");
out:
	secret_wipe(&c.aka, sizeof(c.aka));
	secret_wipe(&c.esp, sizeof(c.esp));
	secret_free(c.stripped);
	gmg_saset_clear(&set);
	reg_close(&c.reg);
	return action;
}
