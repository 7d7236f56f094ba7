// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nameaddr.c - see nameaddr.h
 *
 * For hostile input: nothing is copied, every step goes forward.
 */
#include <string.h>

#include "nameaddr.h"

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

/**
 * nameaddr_next() - take the next address of a list
 * @rest: the list, separated by commas; what is left of it afterwards
 * @na: the address; its URI is empty where there is none
 *
 * Return: whether there was anything left.
 */
bool nameaddr_next(struct str *rest, struct nameaddr *na)
{
	size_t open = span(*rest, "<,");
	struct str uri = { rest->p, open };

	if (!rest->len)
		return false;
	na->bare = open == rest->len || rest->p[open] != '<';
	if (na->bare) {
		uri.len = span(uri, ";");
		skip(rest, uri.len);
	} else {
		const char *close;

		skip(rest, open + 1);
		close = memchr(rest->p, '>', rest->len);
		uri.p = rest->p;
		uri.len = close ? (size_t)(close - rest->p) : 0;
		skip(rest, close ? uri.len + 1 : 0);
	}
	na->uri = str_trim(uri);
	na->params.p = rest->p;
	na->params.len = span(*rest, ",");
	skip(rest, na->params.len + 1);
	return true;
}

/**
 * nameaddr_param() - find a parameter
 * @params: parameters, each begun by ";"
 * @name: the one
 * @value: its value without quotes, escapes as they stand; empty if none
 *
 * Return: whether it is there.
 */
bool nameaddr_param(struct str params, const char *name, struct str *value)
{
	while (params.len) {
		struct str piece = { params.p, span(params, ";") }, key;
		size_t equal = span(piece, "=");

		skip(&params, piece.len + 1);
		key.p = piece.p;
		key.len = equal;
		if (!str_is(str_trim(key), name))
			continue;
		skip(&piece, equal + 1);
		*value = str_trim(piece);
		if (value->len >= 2 && value->p[0] == '"' &&
		    value->p[value->len - 1] == '"') {
			value->p++;
			value->len -= 2;
		}
		return true;
	}
	return false;
}

/**
 * uri_param() - has a SIP URI this parameter?
 * @uri: the URI
 * @name: the parameter
 *
 * What stands in front of "@" is the user's, whatever it looks like.
 *
 * Return: whether it has.
 */
bool uri_param(struct str uri, const char *name)
{
	const char *at = uri.len ? memchr(uri.p, '@', uri.len) : NULL;
	const char *headers;
	struct str value;

	if (at)
		skip(&uri, at - uri.p + 1);
	headers = uri.len ? memchr(uri.p, '?', uri.len) : NULL;
	if (headers)
		uri.len = headers - uri.p;
	skip(&uri, span(uri, ";"));
	return nameaddr_param(uri, name, &value);
}
