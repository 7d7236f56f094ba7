/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scheme.h - how a UE wants to be authenticated and protected
 * (TS 33.203 Annexes H, N, O, P, T)
 */
#ifndef GMG_SCHEME_H
#define GMG_SCHEME_H

#include <stddef.h>
#include <string.h>

/**
 * enum scheme - what a REGISTER looks like
 * @SCHEME_IPSEC: offers ipsec-3gpp
 * @SCHEME_NONE: IMS AKA without any protection
 * @SCHEME_DIGEST: SIP Digest (Annex N)
 * @SCHEME_TLS: offers tls, and not ipsec-3gpp (Annex O)
 * @SCHEME_GIBA: no credentials at all, GIBA or early IMS (Annex T)
 * @SCHEME_NUM: how many there are
 */
enum scheme {
	SCHEME_IPSEC,
	SCHEME_NONE,
	SCHEME_DIGEST,
	SCHEME_TLS,
	SCHEME_GIBA,
	SCHEME_NUM,
};

/**
 * scheme_name() - name of a scheme, as the configuration writes it
 * @scheme: the scheme
 *
 * Return: the name, NULL when there is no such scheme.
 */
static inline const char *scheme_name(unsigned int scheme)
{
	static const char *const names[SCHEME_NUM] = {
		[SCHEME_IPSEC] = "ipsec-3gpp",
		[SCHEME_NONE] = "none",
		[SCHEME_DIGEST] = "digest",
		[SCHEME_TLS] = "tls",
		[SCHEME_GIBA] = "giba",
	};

	return scheme < SCHEME_NUM ? names[scheme] : NULL;
}

/**
 * scheme_by_name() - find a scheme
 * @name: its name
 *
 * Return: enum scheme, or -1.
 */
static inline int scheme_by_name(const char *name)
{
	for (int i = 0; i < SCHEME_NUM; i++) {
		if (!strcmp(name, scheme_name(i)))
			return i;
	}
	return -1;
}

enum scheme scheme_of_register(const char *security_client,
			       const char *authorization);
enum scheme scheme_of_challenge(enum scheme asked, const char *challenge);

#endif /* GMG_SCHEME_H */
