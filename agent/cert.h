/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cert.h - the certificate of another network's proxy (RFC 5922, TS 33.310)
 */
#ifndef GMG_CERT_H
#define GMG_CERT_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <openssl/x509.h>

/** Longest text that cert_describe() writes, with its NUL. */
#define CERT_TEXT_MAX	256

/**
 * struct cert - a certificate, and others that came with it
 * @own: the certificate
 * @others: for the way to a CA; not trusted
 */
struct cert {
	X509 *own;
	STACK_OF(X509) *others;
};

/** enum cert_match - whether a certificate is a domain's */
enum cert_match {
	CERT_MATCHES,
	CERT_WILDCARD,	/* it would be, if wildcards counted */
	CERT_OTHER,
};

bool cert_read(const char *pem, struct cert *cert);
void cert_clear(struct cert *cert);
enum cert_match cert_matches(const struct cert *cert, const char *domain);
int cert_verify(const struct cert *cert, X509_STORE *store, bool client,
		time_t now);
void cert_describe(const struct cert *cert, char *buf, size_t size);

#endif /* GMG_CERT_H */
