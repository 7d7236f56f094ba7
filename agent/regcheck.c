// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * regcheck.c - see reg.h; the decisions about a REGISTER
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "authparam.h"
#include "reg.h"
#include "via.h"

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
 * reg_is_authenticated() - did it come through an SA that vouches for it?
 * @reg: the REGISTER
 *
 * Return: whether its set is established or superseded, and has to do with
 * the same kind of registration: an emergency registration has sets of its own.
 */
bool reg_is_authenticated(const struct reg *reg)
{
	return (reg->set.phase == GMGUARD_PHASE_ESTABLISHED ||
		reg->set.phase == GMGUARD_PHASE_SUPERSEDED) &&
	       reg->set.emergency == reg->emergency;
}

/**
 * reg_agree() - negotiate for the set that is to be made
 * @reg: the REGISTER, SM1 of TS 33.203 7.2
 * @conf: configuration
 * @offer: what the UE offers
 * @pair: what was chosen
 * @no: why it is refused
 *
 * Return: REG_YES; REG_NO when the UE does not offer IPsec and its scheme is
 * admitted; REG_REFUSED. A UE that offers IPsec in an unusable way is refused
 * whatever is admitted: it would not expect to go without.
 */
enum reg_verdict reg_agree(const struct reg *reg, const struct conf *conf,
			   struct sec_offer *offer, struct sec_pair *pair,
			   struct refusal *no)
{
	const struct gmg_addr *local = &reg->msg.flow.local_addr;
	struct sec_why why;
	int ret;

	ret = sec_offer_parse(reg->msg.security_client, offer, &why);
	if (ret == -ENOENT && !reg->set.id) {
		if (conf_admits(conf, local, reg->scheme))
			return REG_NO;
		refuse(no, agreement_code(reg),
		       "Security-Client: %s; the REGISTER looks like the scheme %s, which admit in the [endpoint] of this address does not have",
		       why.text, scheme_name(reg->scheme));
		return REG_REFUSED;
	}
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

static enum reg_verdict doom(struct refusal *no, const char *why)
{
	refuse(no, 403, "%s", why);
	no->doom = true;
	return REG_REFUSED;
}

/**
 * reg_transaction() - make a digest of what names a REGISTER
 * @reg: the REGISTER
 * @digest: of its Call-ID and CSeq
 *
 * Return: 0, or -EIO when there is no digest to be had.
 */
int reg_transaction(const struct reg *reg, char digest[MEMO_DIGEST_MAX])
{
	const char *texts[] = { reg->msg.call_id, NULL, NULL };
	char cseq[24];

	snprintf(cseq, sizeof(cseq), "%" PRId64, reg->msg.cseq);
	texts[1] = cseq;
	return memo_digest(digest, texts);
}

/* The digest of the nonce that a REGISTER repeats: whether it has one. */
static bool digest_nonce(const struct reg *reg, char digest[MEMO_DIGEST_MAX])
{
	char value[AUTH_PARAM_MAX];
	const char *texts[] = { value, NULL };

	return authparam_get(reg->msg.authorization, "nonce", value,
			     sizeof(value)) > 0 && !memo_digest(digest, texts);
}

/**
 * reg_setback() - does a REGISTER report that a challenge failed at the UE?
 * @reg: the REGISTER
 * @nonce: digest of the challenge's nonce, if it does
 *
 * With auts its sequence number was wrong (RFC 3310 3.4); with an empty
 * response to a nonce that it names, the network's MAC was (TS 24.229
 * 5.1.1.5.3). An empty response without a nonce only begins a registration.
 *
 * Return: enum setback.
 */
enum setback reg_setback(const struct reg *reg, char nonce[MEMO_DIGEST_MAX])
{
	const char *authorization = reg->msg.authorization;
	char value[AUTH_PARAM_MAX];

	nonce[0] = '\0';
	if (authparam_get(authorization, "auts", value, sizeof(value)) > 0) {
		digest_nonce(reg, nonce);
		return SETBACK_SYNC;
	}
	if (authparam_get(authorization, "response", value, sizeof(value)) ||
	    !digest_nonce(reg, nonce))
		return SETBACK_NONE;
	return SETBACK_NETWORK;
}

/* Does Authorization answer the challenge that this set was made for? */
static bool answers_challenge(const struct reg *reg)
{
	char value[AUTH_PARAM_MAX], digest[MEMO_DIGEST_MAX];

	return authparam_get(reg->msg.authorization, "response", value,
			     sizeof(value)) > 0 &&
	       digest_nonce(reg, digest) && !strcmp(digest, reg->memo.nonce);
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
	if (reg->emergency != reg->set.emergency)
		return doom(no, "the first REGISTER and this one are not both of an emergency registration");
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
	if (!reg_is_authenticated(reg) || !*msg->impi)
		return REG_NO;
	return has_response(msg->authorization) ? REG_NO : REG_YES;
}

/**
 * reg_judge() - decide about a REGISTER that came through a set
 * @reg: the REGISTER
 * @conf: configuration
 * @no: why it is refused
 *
 * Return: REG_YES when it is integrity protected in the sense of TS 33.203
 * 6.1.5: it answers the challenge of this very set, or it answers none and
 * the set was authenticated before; REG_NO when not; REG_REFUSED.
 */
enum reg_verdict reg_judge(const struct reg *reg, const struct conf *conf,
			   struct refusal *no)
{
	const char *why;

	if (reg->doomed) {
		refuse(no, 403, "an earlier REGISTER on this SA set has failed");
		return REG_REFUSED;
	}
	why = via_check(reg->msg.via_addr, &reg->msg.flow.ue_addr,
			conf->resolve_via);
	if (why) {
		refuse(no, 403, "%s", why);
		return REG_REFUSED;
	}
	if (reg->set.phase == GMGUARD_PHASE_TEMPORARY)
		return judge_temporary(reg, no);
	return judge_established(reg, no);
}
