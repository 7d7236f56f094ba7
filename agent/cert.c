// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cert.c - see cert.h
 *
 * Which names count is RFC 5922 7.1: SIP URIs among the alternative names;
 * without any, DNS names among them; the common name only if there are no
 * alternative names at all. No wildcard (7.2), and the domain is the one that
 * was asked for, not what DNS made of it.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "cert.h"

/* Most certificates that are read, and most bytes of them. */
#define CERTS_MAX	8
#define PEM_MAX		(64 * 1024)

/* Nobody is asked for a password. */
static int no_password(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

/**
 * cert_read() - read a certificate
 * @pem: it, and maybe others behind it
 * @cert: filled in, for cert_clear() whatever is returned
 *
 * Return: whether all of it is sound.
 */
bool cert_read(const char *pem, struct cert *cert)
{
	size_t len = strnlen(pem, PEM_MAX);
	BIO *in = BIO_new_mem_buf(pem, len);
	bool last;
	int n;

	cert->own = in ? PEM_read_bio_X509(in, NULL, no_password, NULL) : NULL;
	cert->others = sk_X509_new_null();
	for (n = 1; cert->own && n < CERTS_MAX; n++) {
		X509 *x = PEM_read_bio_X509(in, NULL, no_password, NULL);

		if (!x)
			break;
		if (!sk_X509_push(cert->others, x)) {
			X509_free(x);
			break;
		}
	}
	/* the end is the one reason to stop */
	last = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
	ERR_clear_error();
	BIO_free(in);
	return cert->own && cert->others && n < CERTS_MAX && last &&
	       len < PEM_MAX;
}

/**
 * cert_clear() - give a certificate back
 * @cert: what cert_read() filled in
 */
void cert_clear(struct cert *cert)
{
	X509_free(cert->own);
	sk_X509_pop_free(cert->others, X509_free);
	cert->own = NULL;
	cert->others = NULL;
}

/*
 * "sip:HOST": the host of a SIP URI that names a domain, no user of it. "sips"
 * does not count (RFC 5922 7.1).
 */
static const char *sip_domain(const GENERAL_NAME *name, size_t *len)
{
	const char *text;
	size_t left, host;

	if (name->type != GEN_URI)
		return NULL;
	text = (const char *)ASN1_STRING_get0_data(name->d.ia5);
	left = ASN1_STRING_length(name->d.ia5);
	if (left <= 4 || strncasecmp(text, "sip:", 4) ||
	    memchr(text, '@', left) || memchr(text, '\0', left))
		return NULL;
	text += 4;
	left -= 4;
	for (host = 0; host < left && !strchr(":;?", text[host]); host++)
		;
	*len = host;
	return host ? text : NULL;
}

static bool same_domain(const char *text, size_t len, const char *domain)
{
	return len == strlen(domain) && !strncasecmp(text, domain, len);
}

/* Return: whether there are SIP URIs; @found: one of them is the domain's. */
static bool in_uris(const GENERAL_NAMES *names, const char *domain,
		    bool *found)
{
	bool any = false;
	size_t len;

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const char *text = sip_domain(sk_GENERAL_NAME_value(names, i),
					      &len);

		any = any || text;
		*found = *found || (text && same_domain(text, len, domain));
	}
	return any;
}

static enum cert_match in_hosts(X509 *x, const char *domain, unsigned int flags)
{
	if (X509_check_host(x, domain, 0, flags | X509_CHECK_FLAG_NO_WILDCARDS,
			    NULL) == 1)
		return CERT_MATCHES;
	return X509_check_host(x, domain, 0, flags, NULL) == 1 ?
	       CERT_WILDCARD : CERT_OTHER;
}

/**
 * cert_matches() - is it the certificate of a domain?
 * @cert: the certificate
 * @domain: the domain, letters, digits, hyphens, and dots between them
 *
 * Return: enum cert_match.
 */
enum cert_match cert_matches(const struct cert *cert, const char *domain)
{
	enum cert_match match = CERT_OTHER;
	GENERAL_NAMES *names;
	bool found = false;
	int critical;

	names = X509_get_ext_d2i(cert->own, NID_subject_alt_name, &critical,
				 NULL);
	/* -1: there are none; otherwise they cannot be read */
	if (!names && critical == -1)
		match = in_hosts(cert->own, domain,
				 X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT);
	if (!names)
		goto out;
	if (!in_uris(names, domain, &found))
		match = in_hosts(cert->own, domain,
				 X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	else if (found)
		match = CERT_MATCHES;
	GENERAL_NAMES_free(names);
out:
	ERR_clear_error();
	return match;
}

/**
 * cert_verify() - was it issued by somebody who may, and does it count now?
 * @cert: the certificate
 * @store: who may
 * @client: its owner has opened the connection
 * @now: the time
 *
 * Return: X509_V_OK or another X509_V_*.
 */
int cert_verify(const struct cert *cert, X509_STORE *store, bool client,
		time_t now)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	int error = X509_V_ERR_OUT_OF_MEM;

	if (ctx && X509_STORE_CTX_init(ctx, store, cert->own, cert->others) &&
	    X509_STORE_CTX_set_default(ctx, client ? "ssl_client" :
				       "ssl_server")) {
		X509_STORE_CTX_set_time(ctx, 0, now);
		error = X509_V_OK;
		if (X509_verify_cert(ctx) != 1)
			error = X509_STORE_CTX_get_error(ctx);
		if (!error && X509_STORE_CTX_get_error(ctx))
			error = X509_STORE_CTX_get_error(ctx);
	}
	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
	return error;
}

/* What somebody else wrote is shown, but cannot break a line. */
static size_t add_text(char *buf, size_t size, const char *kind,
		       const ASN1_STRING *text)
{
	int len = ASN1_STRING_length(text);
	int n = snprintf(buf, size, "%s%.*s", kind, len < 80 ? len : 80,
			 (const char *)ASN1_STRING_get0_data(text));

	for (char *p = buf; size && *p; p++) {
		if (*p < ' ' || *p > '~')
			*p = '?';
	}
	return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size;
}

static size_t add_name(char *buf, size_t size, const GENERAL_NAME *name)
{
	if (name->type == GEN_URI)
		return add_text(buf, size, " URI:", name->d.ia5);
	if (name->type == GEN_DNS)
		return add_text(buf, size, " DNS:", name->d.ia5);
	return 0;
}

/**
 * cert_describe() - write whose certificate it says it is
 * @cert: the certificate
 * @buf: the names that may count, printable
 * @size: bytes of @buf, CERT_TEXT_MAX
 */
void cert_describe(const struct cert *cert, char *buf, size_t size)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert->own, NID_subject_alt_name,
						NULL, NULL);
	const X509_NAME *subject = X509_get_subject_name(cert->own);
	int cn = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	size_t len = 0;

	*buf = '\0';
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
		len += add_name(buf + len, size - len,
				sk_GENERAL_NAME_value(names, i));
	if (!names && cn >= 0)
		add_text(buf, size, " CN:", X509_NAME_ENTRY_get_data(
				X509_NAME_get_entry(subject, cn)));
	if (!*buf)
		snprintf(buf, size, " no name");
	GENERAL_NAMES_free(names);
	ERR_clear_error();
}
