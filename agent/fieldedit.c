// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fieldedit.c - see fieldedit.h
 *
 * For hostile input: what is written is never longer than what was read and
 * the constants here, every step goes forward.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fieldedit.h"
#include "nameaddr.h"

#define ANONYMOUS	"<sip:anonymous@anonymous.invalid>"
/* What RFC 7044 lets an entry be known by: index, and what it came from. */
static const char *const history_params[] = { "index", "rc", "mp", "np" };
/* What networks settle accounts by (RFC 7315 5.6). */
static const char *const ioi_params[] = {
	"icid-value", "orig-ioi", "term-ioi",
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static bool is_one_of(struct str name, const char *const *names, size_t n)
{
	while (n--) {
		if (str_is(name, names[n]))
			return true;
	}
	return false;
}

static void append(char **to, struct str s)
{
	memcpy(*to, s.p, s.len);
	*to += s.len;
}

static int hex(char c)
{
	return isdigit((unsigned char)c) ? c - '0' :
	       (tolower((unsigned char)c) - 'a') + 10;
}

/* Resolve %XX, without which c%70c would be another name than cpc. */
static void unescape(struct str s, char *buf, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len && n + 1 < size; i++) {
		if (s.p[i] == '%' && i + 2 < s.len &&
		    isxdigit((unsigned char)s.p[i + 1]) &&
		    isxdigit((unsigned char)s.p[i + 2])) {
			buf[n++] = hex(s.p[i + 1]) << 4 | hex(s.p[i + 2]);
			i += 2;
		} else {
			buf[n++] = s.p[i];
		}
	}
	buf[n] = '\0';
}

/* Bytes of a quoted string at the beginning of a sound value. */
static size_t quoted_len(struct str s)
{
	size_t i;

	for (i = 1; i < s.len && s.p[i] != '"'; i++)
		i += s.p[i] == '\\';
	return i < s.len ? i + 1 : s.len;
}

/* Bytes up to one of some characters that does not stand in quotes. */
static size_t until(struct str s, const char *stop)
{
	size_t i = 0;

	while (i < s.len && !(s.p[i] && strchr(stop, s.p[i]))) {
		struct str rest = { s.p + i, s.len - i };

		i += s.p[i] == '"' ? quoted_len(rest) : 1;
	}
	return i;
}

/* Where a parameter ends: it may belong to the user in front of "@". */
static size_t param_len(struct str s, bool angle)
{
	return until(s, angle ? ";@?>" : ";@?>,");
}

/**
 * edit_strip() - take URI parameters out
 * @value: addresses of a header field, sound as of field_sound(), or a URI
 * @drop: says which
 * @arg: for @drop
 *
 * Parameters are looked for everywhere in and behind the URIs, because "cpc"
 * stands in front of "@" when the user is a telephone number (TS 24.229
 * 7.2A.12), and without < and > nobody knows whose they are.
 *
 * Return: the value without them, for free(); NULL without memory.
 */
char *edit_strip(struct str value, edit_drop_fn *drop, void *arg)
{
	char *text = malloc(value.len + 1), *to = text;
	char name[EDIT_NAME_MAX];
	bool angle = false;

	while (text && value.len) {
		struct str rest = { value.p + 1, value.len - 1 };
		struct str piece = { value.p, 1 }, key = rest;
		bool gone = false;

		if (*value.p == ';') {
			piece.len += param_len(rest, angle);
			key.len = until((struct str){ rest.p, piece.len - 1 },
					"=");
			unescape(str_trim(key), name, sizeof(name));
			gone = drop(name, arg);
		} else if (*value.p == '"') {
			piece.len = quoted_len(value);
		} else if (*value.p == '<' || *value.p == '>') {
			angle = *value.p == '<';
		}
		if (!gone)
			append(&to, piece);
		value.p += piece.len;
		value.len -= piece.len;
	}
	if (text)
		*to = '\0';
	return text;
}

/**
 * edit_ioi() - leave in P-Charging-Vector what a partner settles accounts by
 * @value: its value
 *
 * Return: icid-value, orig-ioi and term-ioi, for free(); NULL when it is
 * malformed, has no icid-value, or without memory.
 */
char *edit_ioi(struct str value)
{
	char *text = malloc(value.len + 1), *to = text;
	struct lex_param param;
	bool icid = false;
	struct lex lx;

	if (!text)
		return NULL;
	lex_init(&lx, value.p, value.len);
	do {
		struct str whole;

		if (lex_param(&lx, &param))
			break;
		whole.p = param.name.p;
		whole.len = lx.p - whole.p;
		if (!param.has_value ||
		    !is_one_of(param.name, ioi_params, COUNT(ioi_params)))
			continue;
		icid = icid || str_is(param.name, "icid-value");
		if (to > text)
			*to++ = ';';
		append(&to, whole);
	} while (lex_eat(&lx, ';'));
	*to = '\0';
	if (icid && lex_end(&lx))
		return text;
	free(text);
	return NULL;
}

/* Does the URI of an entry ask for privacy (RFC 7044 10.1.2)? */
static bool wants_privacy(struct str uri)
{
	const char *question = uri.len ? memchr(uri.p, '?', uri.len) : NULL;
	struct str rest, header;

	if (!question)
		return false;
	rest.p = question + 1;
	rest.len = uri.p + uri.len - rest.p;
	while (str_cut(&rest, '&', &header)) {
		struct str name, value = header;
		char text[EDIT_NAME_MAX];

		if (!str_cut(&value, '=', &name))
			continue;
		unescape(name, text, sizeof(text));
		if (strcasecmp(text, "Privacy"))
			continue;
		unescape(value, text, sizeof(text));
		if (strcasecmp(text, "none"))
			return true;
	}
	return false;
}

/* An entry without whom it names. */
static char *write_anonymous(char *to, struct str params)
{
	struct str piece, name;

	to = stpcpy(to, ANONYMOUS);
	while (params.len) {
		params.p++;
		params.len--;
		piece.p = params.p;
		piece.len = until(params, ";");
		params.p += piece.len;
		params.len -= piece.len;
		name.p = piece.p;
		name.len = until(piece, "=");
		if (!is_one_of(str_trim(name), history_params,
			       COUNT(history_params)))
			continue;
		*to++ = ';';
		append(&to, str_trim(piece));
	}
	return to;
}

/**
 * edit_history() - make entries of History-Info anonymous (RFC 7044 10.1.2)
 * @value: its value, sound as of field_sound()
 * @all: the message asks for it; else only entries that ask for it themselves
 *
 * Return: the value, for free(); NULL when it is malformed or without memory.
 */
char *edit_history(struct str value, bool all)
{
	/* the shortest entry, "<>,", becomes no longer than this */
	char *text = malloc(value.len + (value.len / 3 + 1) *
			    sizeof(ANONYMOUS ", ")), *to = text;
	struct nameaddr na;

	while (text && value.len) {
		struct str whole = value;
		bool good = nameaddr_next(&value, &na) && !na.bare;

		whole.len = na.params.p + na.params.len - whole.p;
		na.params = str_trim(na.params);
		if (!good || !na.uri.len ||
		    (na.params.len && *na.params.p != ';')) {
			free(text);
			return NULL;
		}
		if (to > text)
			to = stpcpy(to, ", ");
		if (all || wants_privacy(na.uri))
			to = write_anonymous(to, na.params);
		else
			append(&to, str_trim(whole));
	}
	if (text)
		*to = '\0';
	return text;
}

/**
 * edit_anonymous() - From of somebody who wants to stay unknown
 * @from: the value of From
 *
 * The tag stays: without it nobody would find the dialog (RFC 3261 12).
 *
 * Return: the value, for free(); NULL when it is malformed or without memory.
 */
char *edit_anonymous(struct str from)
{
	struct str rest = from, tag;
	struct nameaddr na;
	struct lex lx;
	char *text;

	if (!nameaddr_next(&rest, &na) || rest.len || !na.uri.len)
		return NULL;
	if (!nameaddr_param(na.params, "tag", &tag))
		tag.len = 0;
	lex_init(&lx, tag.p, tag.len);
	if (tag.len && (lex_token(&lx, &tag) || !lex_end(&lx)))
		return NULL;
	if (asprintf(&text, "\"Anonymous\" " ANONYMOUS "%s%.*s",
		     tag.len ? ";tag=" : "", (int)tag.len, tag.p) < 0)
		return NULL;
	return text;
}
