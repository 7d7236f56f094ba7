// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * partner.c - see partner.h
 *
 * The name on the certificate is compared with the list in both directions
 * (TS 33.203 6.5). A pure function of the configuration, the time and what the
 * proxy knows. Fails closed: all that has to be true is looked for.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cert.h"
#include "msg.h"
#include "partner.h"
#include "peer.h"

#define NAME(id, name, code)	name,
#define CODE(id, name, code)	code,

static const char *const names[] = { PARTNER_CAUSES(NAME) };
static const int codes[] = { PARTNER_CAUSES(CODE) };

/**
 * partner_cause_name() - name of a verdict
 * @cause: the verdict
 *
 * Return: the name, as the answer and the metrics write it.
 */
const char *partner_cause_name(enum partner_cause cause)
{
	return names[cause];
}

/**
 * partner_refuse() - say why the other side is refused
 * @verdict: where to say it
 * @cause: why
 * @fmt: printf() format
 *
 * Return: -EACCES.
 */
int partner_refuse(struct partner_verdict *verdict, enum partner_cause cause,
		   const char *fmt, ...)
{
	char text[sizeof(verdict->no.detail)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	verdict->cause = cause;
	return refuse(&verdict->no, codes[cause], "%s", text);
}

static int check_agreement(struct partner_verdict *verdict)
{
	const struct conf_peer *peer = verdict->peer;

	if (peer->agreement || peer->peer_class == PEER_OWN)
		return 0;
	return partner_refuse(verdict, PARTNER_NO_AGREEMENT,
			      "there is no agreement with [peer %s]: if there is one, set agreement = yes in its section",
			      peer->name);
}

/* A list of addresses that is there counts. */
static int check_addr(const struct partner_facts *facts,
		      struct partner_verdict *verdict)
{
	const struct conf_peer *peer = verdict->peer;

	if (!facts->addr || !peer->n_address || peer_has_addr(peer, facts->addr))
		return 0;
	return partner_refuse(verdict, PARTNER_ADDRESS,
			      "%s is no address of [peer %s]: if it is one, add it to addresses",
			      facts->addr, peer->name);
}

/* The names of a network one of which its certificate has. */
static enum cert_match match_peer(const struct cert *cert,
				  const struct conf_peer *peer,
				  struct partner_verdict *verdict)
{
	enum cert_match match = CERT_OTHER, one;
	const char *name;

	for (unsigned int i = 0; (name = conf_peer_cert_name(peer, i)); i++) {
		one = cert_matches(cert, name);
		if (one < match)
			match = one;
		if (one == CERT_OTHER)
			continue;
		verdict->peer = peer;
		if (one == CERT_MATCHES) {
			snprintf(verdict->name, sizeof(verdict->name), "%s",
				 name);
			return CERT_MATCHES;
		}
	}
	return match;
}

static int refuse_wildcard(struct partner_verdict *verdict, const char *whose)
{
	return partner_refuse(verdict, PARTNER_WILDCARD,
			      "the certificate (%s ) has a wildcard where the name of [peer %s] should be (RFC 5922 7.2): they need one with the name",
			      whose, verdict->peer->name);
}

/*
 * Whose certificate is it? The network of the address is asked for first: a
 * carrier's certificate may have the names of several.
 */
static int find_by_name(const struct conf *conf,
			const struct partner_facts *facts,
			const struct cert *cert, const char *whose,
			struct partner_verdict *verdict)
{
	const struct conf_peer *first = facts->addr ?
		peer_by_addr(conf, facts->addr) : NULL;
	enum cert_match match = CERT_OTHER, one;

	if (first && match_peer(cert, first, verdict) == CERT_MATCHES)
		return 0;
	for (unsigned int i = 0; i < conf->n_peer; i++) {
		one = match_peer(cert, &conf->peer[i], verdict);
		if (one == CERT_MATCHES)
			return 0;
		if (one < match)
			match = one;
	}
	if (match == CERT_WILDCARD)
		return refuse_wildcard(verdict, whose);
	return partner_refuse(verdict, PARTNER_UNKNOWN_NAME,
			      "no [peer] section has a name of the certificate (%s ): if it is a partner, add it to domains or certificate_names",
			      whose);
}

/**
 * partner_of_domain() - which network may be reached at a domain?
 * @conf: the configuration
 * @domain: the domain, or an address as SIP writes it
 * @verdict: says why none may
 *
 * Return: the network, NULL: the request must not leave.
 */
const struct conf_peer *partner_of_domain(const struct conf *conf,
					  const char *domain,
					  struct partner_verdict *verdict)
{
	struct gmg_addr addr;

	if (!addr_of_host(domain, &addr))
		verdict->peer = peer_by_addr(conf, domain);
	else if (conf_is_domain(domain))
		verdict->peer = peer_by_domain(conf, domain);
	if (!verdict->peer) {
		partner_refuse(verdict, PARTNER_UNKNOWN_DOMAIN,
			       "%s belongs to no [peer] section: if it is a partner's, add it to domains or addresses",
			       domain);
		return NULL;
	}
	return check_agreement(verdict) ? NULL : verdict->peer;
}

/* It has to be the certificate of the domain that was asked for. */
static int check_domain(const struct conf *conf,
			const struct partner_facts *facts,
			const struct cert *cert, const char *whose,
			struct partner_verdict *verdict)
{
	const char *domain = facts->domain ? facts->domain : facts->addr;
	const struct conf_peer *peer;
	enum cert_match match;
	struct gmg_addr addr;

	if (!domain)
		return partner_refuse(verdict, PARTNER_UNKNOWN_DOMAIN,
				      "neither a domain nor an address was to be reached: the proxy has to say which");
	peer = partner_of_domain(conf, domain, verdict);
	if (!peer)
		return -EACCES;
	if (addr_of_host(domain, &addr)) {
		match = cert_matches(cert, domain);
		snprintf(verdict->name, sizeof(verdict->name), "%s", domain);
	} else {
		match = match_peer(cert, peer, verdict);
	}
	if (match == CERT_MATCHES)
		return 0;
	*verdict->name = '\0';
	if (match == CERT_WILDCARD)
		return refuse_wildcard(verdict, whose);
	return partner_refuse(verdict, PARTNER_WRONG_NAME,
			      "%s was to be reached, and the certificate is for another one (%s ): it is not who it must be, or DNS leads elsewhere",
			      domain, whose);
}

static enum partner_cause cause_of(int error)
{
	switch (error) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return PARTNER_EXPIRED;
	case X509_V_ERR_CERT_REVOKED:
		return PARTNER_REVOKED;
	default:
		return PARTNER_NOT_VERIFIED;
	}
}

/* By the list of who may issue it, or else by the proxy and the clock. */
static int check_issuer(const struct partner_facts *facts,
			const struct cert *cert, time_t now,
			struct partner_verdict *verdict)
{
	const struct conf_peer *peer = verdict->peer;
	int error;

	if (peer->ca) {
		error = cert_verify(cert, peer->ca, facts->way == PARTNER_IN,
				    now);
		if (!error)
			return 0;
		return partner_refuse(verdict, cause_of(error),
				      "the certificate for %s does not count: %s (see ca of [peer %s])",
				      verdict->name,
				      X509_verify_cert_error_string(error),
				      peer->name);
	}
	if (!facts->verified)
		return partner_refuse(verdict, PARTNER_NOT_VERIFIED,
				      "the proxy did not find the certificate for %s good, and [peer %s] has no ca to verify it with",
				      verdict->name, peer->name);
	if (X509_cmp_time(X509_get0_notBefore(cert->own), &now) < 0 &&
	    X509_cmp_time(X509_get0_notAfter(cert->own), &now) > 0)
		return 0;
	return partner_refuse(verdict, PARTNER_EXPIRED,
			      "the certificate for %s has expired or is not valid yet: they need another one",
			      verdict->name);
}

static int judge_certificate(const struct conf *conf,
			     const struct partner_facts *facts,
			     const struct cert *cert, time_t now,
			     struct partner_verdict *verdict)
{
	char whose[CERT_TEXT_MAX];
	int ret;

	cert_describe(cert, whose, sizeof(whose));
	if (facts->way == PARTNER_OUT)
		ret = check_domain(conf, facts, cert, whose, verdict);
	else
		ret = find_by_name(conf, facts, cert, whose, verdict);
	if (!ret)
		ret = check_issuer(facts, cert, now, verdict);
	if (!ret)
		ret = check_agreement(verdict);
	return ret ? ret : check_addr(facts, verdict);
}

/* What is protected below SIP is known by where it is (33.210 Annex A). */
static int judge_clear(const struct conf *conf,
		       const struct partner_facts *facts,
		       struct partner_verdict *verdict)
{
	const char *addr = facts->addr ? facts->addr :
			   facts->domain ? facts->domain : "nobody known";

	if (facts->addr)
		verdict->peer = peer_by_addr(conf, facts->addr);
	else if (facts->domain && facts->way == PARTNER_OUT)
		verdict->peer = peer_by_domain(conf, facts->domain);
	if (!verdict->peer || !verdict->peer->below_sip)
		return partner_refuse(verdict, PARTNER_CLEAR,
				      "SIP in clear with %s: only TLS, or a [peer] section with protected_by = network",
				      addr);
	return check_agreement(verdict);
}

/**
 * partner_judge() - decide whether the other side is who it must be
 * @conf: the configuration
 * @facts: what the proxy knows
 * @now: the time, for certificates
 * @verdict: filled in
 */
void partner_judge(const struct conf *conf, const struct partner_facts *facts,
		   time_t now, struct partner_verdict *verdict)
{
	struct cert cert;

	memset(verdict, 0, sizeof(*verdict));
	if (!facts->tls) {
		judge_clear(conf, facts, verdict);
		return;
	}
	if (!facts->certificate) {
		partner_refuse(verdict, PARTNER_NO_CERTIFICATE,
			       "the other side showed no certificate: the proxy has to ask for one in both directions");
		return;
	}
	if (cert_read(facts->certificate, &cert))
		judge_certificate(conf, facts, &cert, now, verdict);
	else
		partner_refuse(verdict, PARTNER_BAD_CERTIFICATE,
			       "what the other side showed is no certificate that can be read");
	cert_clear(&cert);
}
