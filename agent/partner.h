/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * partner.h - is the other side of a connection a network that we have an
 * agreement with, and which one (TS 33.203 6.5)?
 */
#ifndef GMG_PARTNER_H
#define GMG_PARTNER_H

#include "action.h"
#include "conf.h"

/* enum partner_cause - X(NAME, "name", SIP code) */
#define PARTNER_CAUSES(X) \
	X(ALLOWED, "allowed", 0) \
	X(CLEAR, "clear", 403) \
	X(NO_CERTIFICATE, "no-certificate", 403) \
	X(BAD_CERTIFICATE, "bad-certificate", 403) \
	X(UNKNOWN_NAME, "unknown-name", 403) \
	X(UNKNOWN_DOMAIN, "unknown-domain", 403) \
	X(WRONG_NAME, "wrong-name", 403) \
	X(WILDCARD, "wildcard", 403) \
	X(NO_AGREEMENT, "no-agreement", 403) \
	X(NOT_VERIFIED, "not-verified", 403) \
	X(EXPIRED, "expired", 403) \
	X(REVOKED, "revoked", 403) \
	X(ADDRESS, "address", 403) \
	X(RATE, "rate", 503) \
	X(OWN, "own", 403) \
	X(UNRESOLVED, "unresolved", 503)

#define PARTNER_CAUSE_ID(id, name, code)	PARTNER_##id,
enum partner_cause { PARTNER_CAUSES(PARTNER_CAUSE_ID) PARTNER_N_CAUSES };

/** enum partner_way - who opened the connection */
enum partner_way {
	PARTNER_IN,	/* the other side */
	PARTNER_OUT,	/* we did */
	PARTNER_N_WAYS,
};

/**
 * struct partner_facts - what the proxy knows of the other side
 * @way: who opened the connection
 * @tls: it is a TLS connection
 * @certificate: certificate of the other side (PEM), or NULL
 * @verified: the proxy itself found the certificate good
 * @addr: address of the other side as text, or NULL
 * @domain: the domain that is to be reached, or NULL
 */
struct partner_facts {
	enum partner_way way;
	bool tls;
	const char *certificate;
	bool verified;
	const char *addr;
	const char *domain;
};

/**
 * struct partner_verdict - what is to be done
 * @cause: PARTNER_ALLOWED, or why not
 * @peer: who it is, or who it was taken for; NULL: nobody knows
 * @name: the name that was verified, "" for none
 * @no: why it is refused
 */
struct partner_verdict {
	enum partner_cause cause;
	const struct conf_peer *peer;
	char name[CONF_DOMAIN_MAX];
	struct refusal no;
};

/**
 * struct partner_peer - what is remembered of a network
 * @name: its section
 * @count: how often each verdict was given, by way
 * @tokens: requests that it may send at once, in thousandths
 * @since: when that was, in milliseconds (CLOCK_MONOTONIC)
 */
struct partner_peer {
	char name[CONF_NAME_MAX];
	uint64_t count[PARTNER_N_WAYS][PARTNER_N_CAUSES];
	uint64_t tokens;
	uint64_t since;
};

/**
 * struct partners - what is remembered of all networks
 * @peer: by place in the configuration
 * @n: how many of them
 * @count: how often each verdict was given, by way
 * @log_tokens: refusals that may be logged at once, in thousandths
 * @log_since: when that was, in milliseconds (CLOCK_MONOTONIC)
 * @unlogged: refusals since the last one that was logged
 */
struct partners {
	struct partner_peer peer[CONF_PEER_MAX];
	unsigned int n;
	uint64_t count[PARTNER_N_WAYS][PARTNER_N_CAUSES];
	uint64_t log_tokens;
	uint64_t log_since;
	uint64_t unlogged;
};

const char *partner_cause_name(enum partner_cause cause);
const struct conf_peer *partner_of_domain(const struct conf *conf,
					  const char *domain,
					  struct partner_verdict *verdict);
void partner_judge(const struct conf *conf, const struct partner_facts *facts,
		   time_t now, struct partner_verdict *verdict);
int partner_refuse(struct partner_verdict *verdict, enum partner_cause cause,
		   const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* partners.c */
void partners_take(struct partners *partners, const struct conf *conf);
json_t *partner_answer(const struct partner_verdict *verdict);
void partners_note(struct partners *partners, const struct conf *conf,
		   enum partner_way way, struct partner_verdict *verdict);

#endif /* GMG_PARTNER_H */
