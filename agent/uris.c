// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * uris.c - see uris.h
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lex.h"
#include "uris.h"

/* Most URIs and longest URI that are taken. */
#define URIS_MAX	64
#define URI_MAX_LEN	512

static bool is_uri(struct str s)
{
	if (!s.len || s.len > URI_MAX_LEN || !memchr(s.p, ':', s.len))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] <= ' ' || s.p[i] == 0x7f || s.p[i] == '"')
			return false;
	}
	return true;
}

/* Bytes up to the next of some characters that does not stand in quotes. */
static size_t span(struct str s, const char *stop)
{
	bool quoted = false;
	size_t i;

	for (i = 0; i < s.len; i++) {
		if (quoted && s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			quoted = !quoted;
		else if (!quoted && strchr(stop, s.p[i]))
			break;
	}
	return i < s.len ? i : s.len;
}

static void skip(struct str *s, size_t len)
{
	len = len < s->len ? len : s->len;
	s->p += len;
	s->len -= len;
}

/* The URI of [display name] <URI> *(;param), or of URI *(;param). */
static struct str take_uri(struct str *rest)
{
	size_t open = span(*rest, "<,");
	struct str uri = { rest->p, open };

	if (open < rest->len && rest->p[open] == '<') {
		const char *close;

		skip(rest, open + 1);
		close = memchr(rest->p, '>', rest->len);
		uri.p = rest->p;
		uri.len = close ? (size_t)(close - rest->p) : 0;
		skip(rest, uri.len);
	} else {
		uri.len = span(uri, ";");
	}
	skip(rest, span(*rest, ",") + 1);
	return str_trim(uri);
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

	while (rest.len && json_array_size(uris) < URIS_MAX) {
		struct str uri = take_uri(&rest);

		if (is_uri(uri))
			json_array_append_new(uris,
					      json_stringn(uri.p, uri.len));
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
