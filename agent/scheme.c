// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * scheme.c - see scheme.h
 *
 * In clear anybody can look like anything: what is found here says only which
 * setting of the operator decides, and never that a UE can be trusted.
 */
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "authparam.h"
#include "scheme.h"
#include "secagree.h"

/* Longest name of an algorithm that is looked at, with its NUL. */
#define ALGORITHM_MAX	64

/* AKAv1-MD5 (RFC 3310), AKAv2-MD5, AKAv2-SHA-256 (RFC 4169, RFC 8760) */
static bool is_aka(const char *value)
{
	char algorithm[ALGORITHM_MAX];

	return authparam_get(value, "algorithm", algorithm,
			     sizeof(algorithm)) > 0 &&
	       !strncasecmp(algorithm, "AKAv", 4);
}

static bool has_param(const char *value, const char *name)
{
	char text[ALGORITHM_MAX];

	return authparam_get(value, name, text, sizeof(text)) >= 0;
}

static bool offers(const struct sec_list *list, const char *mech)
{
	for (unsigned int i = 0; i < list->n_alt; i++) {
		if (str_is(list->alt[i].mech, mech))
			return true;
	}
	return false;
}

/**
 * scheme_of_register() - what a REGISTER in clear looks like
 * @security_client: Security-Client, perhaps ""
 * @authorization: Authorization, perhaps ""
 *
 * A Security-Client that cannot be read counts as one that offers ipsec-3gpp:
 * it must not open another door.
 *
 * Return: the scheme.
 */
enum scheme scheme_of_register(const char *security_client,
			       const char *authorization)
{
	struct sec_list list;
	struct sec_why why;

	if (sec_parse(security_client, &list, &why) ||
	    offers(&list, "ipsec-3gpp"))
		return SCHEME_IPSEC;
	if (offers(&list, "tls"))
		return SCHEME_TLS;
	if (!authorization[strspn(authorization, " \t\r\n")])
		return SCHEME_GIBA;
	return is_aka(authorization) ? SCHEME_NONE : SCHEME_DIGEST;
}

/**
 * scheme_of_challenge() - what a REGISTER really was
 * @asked: what it looked like
 * @challenge: WWW-Authenticate of its 401
 *
 * UEs need not name an algorithm before they are challenged, so the network's
 * answer counts.
 *
 * Return: the scheme.
 */
enum scheme scheme_of_challenge(enum scheme asked, const char *challenge)
{
	if (asked == SCHEME_IPSEC || asked == SCHEME_TLS)
		return asked;
	if (is_aka(challenge) || has_param(challenge, "ck") ||
	    has_param(challenge, "ik"))
		return SCHEME_NONE;
	return SCHEME_DIGEST;
}
