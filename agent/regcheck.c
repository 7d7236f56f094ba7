// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * regcheck.c - see reg.h; the decisions about a REGISTER
 */
#include <errno.h>
#include <string.h>

#include "authparam.h"
#include "reg.h"

/* Longest parameter of Authorization that is looked at, with its NUL. */
#define AUTH_PARAM_MAX	1024

/**
 * reg_server() - write the Security-Server that belongs to a set
 * @prefs: the algorithms that it lists
 * @set: the set
 * @buf: the value
 */
void reg_server(const struct sec_prefs *prefs, const struct gmg_saset *set,
		char buf[SEC_SERVER_MAX])
{
	struct sec_ends ends = {
		.spi_c = set->spi_pc,
		.spi_s = set->spi_ps,
		.port_c = set->port_pc,
		.port_s = set->port_ps,
	};

	sec_server_write(prefs, &ends, buf);
}

static int agreement_code(const struct reg *reg)
{
	return msg_wants_agreement(&reg->msg) ? 494 : 421;
}

/**
 * reg_agree() - negotiate for the set that is to be made
 * @reg: the REGISTER, SM1 of TS 33.203 7.2
 * @conf: configuration
 * @offer: what the UE offers
 * @pair: what was chosen
 * @no: why it is refused
 *
 * Return: REG_YES; REG_NO when the UE does not offer IPsec and may go
 * without; REG_REFUSED. A UE that offers IPsec in an unusable way is refused
 * even where IPsec is optional: it would not expect to go without.
 */
enum reg_verdict reg_agree(const struct reg *reg, const struct conf *conf,
			   struct sec_offer *offer, struct sec_pair *pair,
			   struct refusal *no)
{
	struct sec_why why;
	int ret;

	ret = sec_offer_parse(reg->msg.security_client, offer, &why);
	if (ret == -ENOENT && !conf->ipsec_required && !reg->set.id)
		return REG_NO;
	if (ret) {
		refuse(no, agreement_code(reg), "Security-Client: %s",
		       why.text);
		return REG_REFUSED;
	}
	if (sec_choose(&conf->prefs, offer, pair))
		return REG_YES;
	refuse(no, agreement_code(reg),
	       "Security-Client: no alternative fits [security] of the configuration");
	return REG_REFUSED;
}

/* Source address and Via must agree (TS 33.203 7.1); names are not resolved. */
static bool is_from_via(const struct msg *msg)
{
	struct gmg_addr via;

	if (addr_of_host(msg->via_addr, &via))
		return *msg->via_addr != '\0';
	return gmg_addr_equal(&via, &msg->flow.ue_addr);
}

static enum reg_verdict doom(struct refusal *no, const char *why)
{
	refuse(no, 403, "%s", why);
	no->doom = true;
	return REG_REFUSED;
}

/* Does Authorization answer the challenge that this set was made for? */
static bool answers_challenge(const struct reg *reg)
{
	const char *authorization = reg->msg.authorization;
	char value[AUTH_PARAM_MAX], digest[MEMO_DIGEST_MAX];
	const char *texts[] = { value, NULL };

	if (authparam_get(authorization, "response", value,
			  sizeof(value)) <= 0 ||
	    authparam_get(authorization, "nonce", value, sizeof(value)) < 0)
		return false;
	return !memo_digest(digest, texts) &&
	       !strcmp(digest, reg->memo.nonce);
}

/* SM7 repeats SM1 and SM6 (TS 33.203 7.2), or somebody bids down. */
static enum reg_verdict judge_temporary(const struct reg *reg,
					struct refusal *no)
{
	const struct msg *msg = &reg->msg;
	char server[SEC_SERVER_MAX], client[SEC_DIGEST_MAX];
	struct sec_why why;

	if (!reg->has_memo)
		return doom(no, "this SA set was not made by this agent");
	if (!*msg->security_verify || !*msg->security_client) {
		refuse(no, 494, "a challenged REGISTER must repeat Security-Client and carry Security-Verify");
		return REG_REFUSED;
	}
	reg_server(&reg->memo.server, &reg->set, server);
	if (!sec_same(msg->security_verify, server))
		return doom(no, "Security-Verify differs from the Security-Server that was sent: somebody may be bidding down");
	if (sec_digest(msg->security_client, client, &why) ||
	    strcmp(client, reg->memo.client))
		return doom(no, "Security-Client differs from the one in the first REGISTER: somebody may be bidding down");
	if (strcmp(reg->impi, reg->set.impi))
		return doom(no, "the private identity is not the one that was challenged");
	return answers_challenge(reg) ? REG_YES : REG_NO;
}

/* An empty response is none; what cannot be read might be one. */
static bool has_response(const char *authorization)
{
	char value[AUTH_PARAM_MAX];
	int len = authparam_get(authorization, "response", value,
				sizeof(value));

	return len && len != -ENOENT;
}

static enum reg_verdict judge_established(const struct reg *reg,
					  struct refusal *no)
{
	const struct msg *msg = &reg->msg;
	struct sec_offer offer;
	struct sec_why why;

	if (*msg->impi && strcmp(msg->impi, reg->set.impi)) {
		refuse(no, 403, "the private identity is not the one of the SA set");
		return REG_REFUSED;
	}
	if (sec_offer_parse(msg->security_client, &offer, &why)) {
		refuse(no, 494, "Security-Client: %s", why.text);
		return REG_REFUSED;
	}
	if (reg->set.phase != GMGUARD_PHASE_ESTABLISHED || !*msg->impi)
		return REG_NO;
	return has_response(msg->authorization) ? REG_NO : REG_YES;
}

/**
 * reg_judge() - decide about a REGISTER that came through a set
 * @reg: the REGISTER
 * @no: why it is refused
 *
 * Return: REG_YES when it is integrity protected in the sense of TS 33.203
 * 6.1.5: it answers the challenge of this very set, or it answers none and
 * the set was authenticated before; REG_NO when not; REG_REFUSED.
 */
enum reg_verdict reg_judge(const struct reg *reg, struct refusal *no)
{
	if (reg->doomed) {
		refuse(no, 403, "an earlier REGISTER on this SA set has failed");
		return REG_REFUSED;
	}
	if (!is_from_via(&reg->msg)) {
		refuse(no, 403, "the address in Via is not the source address");
		return REG_REFUSED;
	}
	if (reg->set.phase == GMGUARD_PHASE_TEMPORARY)
		return judge_temporary(reg, no);
	return judge_established(reg, no);
}
