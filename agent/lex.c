// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lex.c - see lex.h
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "lex.h"

/* RFC 3261 25.1: token */
static bool is_token(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("-.!%*_+`'~", c));
}

/* Unquoted values are read generously: whatever is no separator. */
static bool is_value(char c)
{
	return c > ' ' && c < 0x7f && !strchr(",;\"", c);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

/**
 * lex_init() - begin to read a text
 * @lx: where we are
 * @text: the text, need not be terminated; NULL for none
 * @len: bytes of it
 */
void lex_init(struct lex *lx, const char *text, size_t len)
{
	lx->start = text;
	lx->p = text;
	lx->end = len ? text + len : text;
}

/* Length of a line fold (RFC 3261 LWS) at p, 0 if there is none. */
static size_t fold_len(const char *p, const char *end)
{
	size_t n = 0;

	if (p + n < end && p[n] == '\r')
		n++;
	if (p + n < end && p[n] == '\n')
		n++;
	if (!n || p + n >= end || !is_space(p[n]))
		return 0;
	return n + 1;
}

/**
 * lex_space() - skip blanks and line folds
 * @lx: where we are
 */
void lex_space(struct lex *lx)
{
	while (lx->p < lx->end) {
		size_t n = is_space(*lx->p) ? 1 : fold_len(lx->p, lx->end);

		if (!n)
			return;
		lx->p += n;
	}
}

/**
 * lex_end() - is only space left?
 * @lx: where we are
 *
 * Return: true at the end of the text.
 */
bool lex_end(struct lex *lx)
{
	lex_space(lx);
	return lx->p == lx->end;
}

/**
 * lex_eat() - take one separator, if it comes next
 * @lx: where we are
 * @c: the separator
 *
 * Return: whether it was there.
 */
bool lex_eat(struct lex *lx, char c)
{
	lex_space(lx);
	if (lx->p == lx->end || *lx->p != c)
		return false;
	lx->p++;
	lex_space(lx);
	return true;
}

/**
 * lex_token() - take a token
 * @lx: where we are
 * @token: what was taken
 *
 * Return: 0, or -EBADMSG when no token comes next.
 */
int lex_token(struct lex *lx, struct str *token)
{
	lex_space(lx);
	token->p = lx->p;
	while (lx->p < lx->end && is_token(*lx->p))
		lx->p++;
	token->len = lx->p - token->p;
	return token->len ? 0 : -EBADMSG;
}

/* Bytes of the next piece of a quoted string, 0 when it is not allowed. */
static size_t quoted_piece(const char *p, const char *end)
{
	if (*p == '\r' || *p == '\n')
		return fold_len(p, end);
	if (*p == '\\')
		return p + 1 < end && (unsigned char)p[1] >= ' ' ? 2 : 0;
	return (unsigned char)*p >= ' ' || *p == '\t';
}

static int lex_quoted(struct lex *lx, struct str *value)
{
	const char *p = lx->p + 1;

	value->p = p;
	while (p < lx->end && *p != '"') {
		size_t n = quoted_piece(p, lx->end);

		if (!n)
			return -EBADMSG;
		p += n;
	}
	if (p == lx->end)
		return -EBADMSG;
	value->len = p - value->p;
	lx->p = p + 1;
	return 0;
}

/**
 * lex_param() - take a parameter
 * @lx: where we are
 * @param: what was taken
 *
 * Return: 0, or -EBADMSG.
 */
int lex_param(struct lex *lx, struct lex_param *param)
{
	memset(param, 0, sizeof(*param));
	if (lex_token(lx, &param->name))
		return -EBADMSG;
	if (!lex_eat(lx, '='))
		return 0;
	param->has_value = true;
	if (lx->p < lx->end && *lx->p == '"') {
		param->quoted = true;
		return lex_quoted(lx, &param->value);
	}
	param->value.p = lx->p;
	while (lx->p < lx->end && is_value(*lx->p))
		lx->p++;
	param->value.len = lx->p - param->value.p;
	return param->value.len ? 0 : -EBADMSG;
}

/**
 * str_is() - compare without regard to case
 * @s: a piece of text
 * @text: what it may be
 *
 * Return: whether it is.
 */
bool str_is(struct str s, const char *text)
{
	return strlen(text) == s.len && !strncasecmp(s.p, text, s.len);
}

/**
 * str_lower() - copy in lower case
 * @s: a piece of text
 * @buf: the copy, terminated
 * @size: bytes of @buf
 *
 * Return: the length, or -E2BIG, and then @buf is "".
 */
int str_lower(struct str s, char *buf, size_t size)
{
	buf[0] = '\0';
	if (s.len >= size)
		return -E2BIG;
	for (size_t i = 0; i < s.len; i++)
		buf[i] = tolower((unsigned char)s.p[i]);
	buf[s.len] = '\0';
	return s.len;
}

/**
 * str_trim() - leave out white space at both ends
 * @s: a piece of text
 *
 * Return: what is left.
 */
struct str str_trim(struct str s)
{
	while (s.len && isspace((unsigned char)*s.p)) {
		s.p++;
		s.len--;
	}
	while (s.len && isspace((unsigned char)s.p[s.len - 1]))
		s.len--;
	return s;
}

/**
 * str_cut() - take the first piece of a list
 * @rest: the list; what follows the piece afterwards
 * @sep: separator; quotes mean nothing here
 * @piece: the piece, trimmed, perhaps empty
 *
 * Return: false when the list is empty.
 */
bool str_cut(struct str *rest, char sep, struct str *piece)
{
	const char *at;

	if (!rest->len)
		return false;
	at = memchr(rest->p, sep, rest->len);
	piece->p = rest->p;
	piece->len = at ? (size_t)(at - rest->p) : rest->len;
	rest->p += piece->len + (at ? 1 : 0);
	rest->len -= piece->len + (at ? 1 : 0);
	*piece = str_trim(*piece);
	return true;
}

/**
 * list_has() - does a comma separated list name a token?
 * @list: the list, for example the value of a Require header field
 * @token: the token, case does not matter
 *
 * Return: whether it does.
 */
bool list_has(const char *list, const char *token)
{
	struct str rest = { list, strlen(list) }, piece;

	while (str_cut(&rest, ',', &piece)) {
		if (str_is(piece, token))
			return true;
	}
	return false;
}
