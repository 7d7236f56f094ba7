/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reg.h - what a REGISTER is worth (TS 33.203 6.1.5, 7.2; TS 24.229 5.2.2)
 */
#ifndef GMG_REG_H
#define GMG_REG_H

#include "action.h"
#include "agent.h"
#include "contact.h"
#include "memo.h"
#include "msg.h"
#include "scheme.h"

/**
 * struct reg - a REGISTER and the set that it came through
 * @msg: the REGISTER
 * @method: name of the proxy's call
 * @ep: endpoint that it came to, NULL when its address is not guarded
 * @set: the set; its id is 0 when it came to an unprotected port
 * @memo: what is kept with the set
 * @has_memo: it is ours
 * @doomed: the set has failed already
 * @contact: whose registration it is about
 * @emergency: it is about an emergency registration
 * @scheme: how the UE wants to be protected, if it came in clear
 * @impi: private identity: that of Authorization, else derived from To; ""
 *	if there is none
 */
struct reg {
	struct msg msg;
	const char *method;
	const struct gmg_endpoint *ep;
	struct gmg_saset set;
	struct memo memo;
	bool has_memo;
	bool doomed;
	struct contact contact;
	bool emergency;
	enum scheme scheme;
	char impi[GMGUARD_IMPI_MAX + 1];
};

/** enum reg_verdict - what reg_judge() and reg_agree() find */
enum reg_verdict {
	REG_REFUSED,
	REG_NO,
	REG_YES,
};

/** A set outlives its registration by so much (TS 24.229 5.2.2.2). */
#define LIFETIME_MORE_S	30

/** enum setback - what a REGISTER says about an earlier challenge */
enum setback {
	SETBACK_NONE,
	SETBACK_NETWORK,	/* the UE could not authenticate the network */
	SETBACK_SYNC,		/* its sequence number is another one */
};

/* reg.c */
json_t *reg_open(struct agent *agent, struct reg *reg, const char *method,
		 const json_t *params, bool *ok, struct rpc_fault *fault);
void reg_close(struct reg *reg);
json_t *reg_reject(struct agent *agent, struct reg *reg,
		   const struct refusal *no);
void reg_log(const struct reg *reg, int level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* regcheck.c: decisions and nothing else */
bool reg_is_authenticated(const struct reg *reg);
enum setback reg_setback(const struct reg *reg, char nonce[MEMO_DIGEST_MAX]);
int reg_transaction(const struct reg *reg, char digest[MEMO_DIGEST_MAX]);
enum reg_verdict reg_judge(const struct reg *reg, const struct conf *conf,
			   struct refusal *no);
enum reg_verdict reg_agree(const struct reg *reg, const struct conf *conf,
			   struct sec_offer *offer, struct sec_pair *pair,
			   struct refusal *no);
void reg_server(const struct sec_prefs *prefs, const struct gmg_saset *set,
		char buf[SEC_SERVER_MAX]);

#endif /* GMG_REG_H */
