// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * uris.c - see uris.h
 */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "nameaddr.h"
#include "uris.h"

/* Most URIs and longest URI that are taken. */
#define URIS_MAX	64
#define URI_MAX_LEN	512

/* A proxy writes it as <URI>: nothing in it may end that, or the line. */
static bool is_uri(struct str s)
{
	if (!s.len || s.len > URI_MAX_LEN || !memchr(s.p, ':', s.len))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f || strchr("\"<>", s.p[i]))
			return false;
	}
	return true;
}

/**
 * uris_parse() - find the URIs of a header field
 * @text: value of the header field, perhaps ""
 *
 * What is no URI is left out: the identities of a UE are used to allow
 * something, so less is safe.
 *
 * Return: an array of strings, perhaps empty; NULL without memory.
 */
json_t *uris_parse(const char *text)
{
	struct str rest = { text, strlen(text) };
	json_t *uris = json_array();
	struct nameaddr na;

	while (json_array_size(uris) < URIS_MAX && nameaddr_next(&rest, &na)) {
		if (is_uri(na.uri))
			json_array_append_new(uris, json_stringn(na.uri.p,
								 na.uri.len));
	}
	return uris;
}

/**
 * uri_to_identity() - derive a private identity from a public one
 * @uri: URI of To
 * @buf: user@host of a SIP URI
 * @size: bytes of @buf
 *
 * TS 24.229 5.4.1.2.1A: so does the S-CSCF, when there is no Authorization.
 *
 * Return: 0, or -EINVAL when @uri is no SIP URI with a user.
 */
int uri_to_identity(const char *uri, char *buf, size_t size)
{
	json_t *uris = uris_parse(uri);
	const char *text = json_string_value(json_array_get(uris, 0));
	size_t len = 0;

	if (text && !strncasecmp(text, "sip:", 4))
		text += 4;
	else if (text && !strncasecmp(text, "sips:", 5))
		text += 5;
	else
		text = NULL;
	if (text)
		len = strcspn(text, ";?");
	if (!len || len >= size || !memchr(text, '@', len))
		len = 0;
	else
		snprintf(buf, size, "%.*s", (int)len, text);
	json_decref(uris);
	return len ? 0 : -EINVAL;
}

/* The part of a SIP URI that names somebody: without parameters, headers. */
static struct str without_params(struct str uri)
{
	const char *at = memchr(uri.p, '@', uri.len);
	size_t i = at ? at - uri.p : 0;

	while (i < uri.len && uri.p[i] != ';' && uri.p[i] != '?')
		i++;
	uri.len = i;
	return uri;
}

static bool same_sip(struct str a, struct str b, size_t scheme)
{
	const char *at_a, *at_b;
	size_t user;

	a = without_params(a);
	b = without_params(b);
	at_a = memchr(a.p, '@', a.len);
	at_b = memchr(b.p, '@', b.len);
	if (a.len != b.len || !at_a != !at_b)
		return false;
	user = at_a ? (size_t)(at_a - a.p) : scheme;
	/* the user as it stands, scheme and host without regard to case */
	return (!at_a || at_b - b.p == at_a - a.p) &&
	       !memcmp(a.p + scheme, b.p + scheme, user - scheme) &&
	       !strncasecmp(a.p + user, b.p + user, a.len - user);
}

/* tel URIs: what only separates digits means nothing (RFC 3966 4). */
static bool same_tel(const char *a, const char *b)
{
	static const char separators[] = "-.()";

	for (;; a++, b++) {
		a += strspn(a, separators);
		b += strspn(b, separators);
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
		if (!*a)
			return true;
	}
}

/**
 * uri_same() - do two URIs name the same identity?
 * @a: a URI
 * @b: another one
 *
 * Parameters of SIP URIs do not count, those of tel URIs do.
 *
 * Return: whether they do.
 */
bool uri_same(const char *a, const char *b)
{
	struct str x = { a, strlen(a) }, y = { b, strlen(b) };
	const char *colon = strchr(a, ':');
	size_t scheme = colon ? colon - a + 1 : 0;

	if (!scheme || y.len < scheme || strncasecmp(a, b, scheme))
		return false;
	if (!strncasecmp(a, "sip:", scheme) || !strncasecmp(a, "sips:", scheme))
		return same_sip(x, y, scheme);
	return same_tel(a + scheme, b + scheme);
}
