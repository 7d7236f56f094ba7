// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * secagree.c - see secagree.h; takes a header field apart
 *
 * Bounded in every direction and written for hostile input: nothing is
 * allocated, nothing is copied, every refusal says why.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "secagree.h"

/**
 * sec_fail() - say why a header field cannot be used
 * @why: where to say it
 * @ret: what to return
 * @fmt: printf() format; what comes from the header field is made printable
 *
 * Return: @ret.
 */
int sec_fail(struct sec_why *why, int ret, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	for (char *p = why->text; *p; p++) {
		if (!isprint((unsigned char)*p))
			*p = '?';
	}
	return ret;
}

/**
 * sec_find() - find a parameter
 * @alt: an alternative
 * @name: the parameter's name
 *
 * Return: the parameter, or NULL.
 */
const struct lex_param *sec_find(const struct sec_alt *alt, const char *name)
{
	for (unsigned int i = 0; i < alt->n_param; i++) {
		if (str_is(alt->param[i].name, name))
			return &alt->param[i];
	}
	return NULL;
}

/**
 * sec_number() - read an unsigned decimal number of 32 bits
 * @digits: the text, digits only
 * @most_digits: how many digits there may be
 * @number: the result
 *
 * Return: 0, or -ERANGE.
 */
int sec_number(struct str digits, unsigned int most_digits, uint32_t *number)
{
	uint64_t n = 0;

	if (!digits.len || digits.len > most_digits)
		return -ERANGE;
	for (size_t i = 0; i < digits.len; i++) {
		if (!isdigit((unsigned char)digits.p[i]))
			return -ERANGE;
		n = n * 10 + (digits.p[i] - '0');
	}
	if (n > UINT32_MAX)
		return -ERANGE;
	*number = n;
	return 0;
}

/* The name of a parameter for a message, cut when nobody would read it all. */
static int shown_len(struct str name)
{
	return name.len > 32 ? 32 : name.len;
}

static int add_param(struct sec_alt *alt, const struct lex_param *param,
		     struct sec_why *why)
{
	for (unsigned int i = 0; i < alt->n_param; i++) {
		struct str other = alt->param[i].name;

		if (other.len == param->name.len &&
		    !strncasecmp(other.p, param->name.p, other.len))
			return sec_fail(why, -EBADMSG,
					"%.*s twice in one alternative",
					shown_len(other), other.p);
	}
	if (alt->n_param == SEC_PARAM_MAX)
		return sec_fail(why, -E2BIG,
				"more than %d parameters in one alternative",
				SEC_PARAM_MAX);
	alt->param[alt->n_param++] = *param;
	return 0;
}

static int parse_alt(struct lex *lx, struct sec_alt *alt, struct sec_why *why)
{
	struct lex_param param;
	int ret;

	alt->n_param = 0;
	if (lex_token(lx, &alt->mech))
		return sec_fail(why, -EBADMSG,
				"no mechanism name at byte %zu",
				(size_t)(lx->p - lx->start) + 1);
	while (lex_eat(lx, ';')) {
		if (lex_param(lx, &param))
			return sec_fail(why, -EBADMSG,
					"no well-formed parameter at byte %zu",
					(size_t)(lx->p - lx->start) + 1);
		ret = add_param(alt, &param, why);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * sec_parse() - take a header field apart
 * @text: value of one or more Security-* header fields, joined with commas;
 *	must outlive @list
 * @list: the alternatives; none for ""
 * @why: why it failed
 *
 * Return: 0, -EBADMSG, or -E2BIG.
 */
int sec_parse(const char *text, struct sec_list *list, struct sec_why *why)
{
	size_t len = strnlen(text, SEC_TEXT_MAX + 1);
	unsigned int seen = 0;
	struct lex lx;
	int ret;

	list->n_alt = 0;
	if (len > SEC_TEXT_MAX)
		return sec_fail(why, -E2BIG, "longer than %d bytes",
				SEC_TEXT_MAX);
	lex_init(&lx, text, len);
	while (!lex_end(&lx)) {
		struct sec_alt *alt = &list->alt[list->n_alt];

		if (lex_eat(&lx, ','))
			continue;
		if (seen++ == SEC_ALT_MAX)
			return sec_fail(why, -E2BIG,
					"more than %d alternatives",
					SEC_ALT_MAX);
		ret = parse_alt(&lx, alt, why);
		if (ret)
			return ret;
		/* TS 24.229 7.2A.7: mediasec is about the media plane */
		if (!sec_find(alt, "mediasec"))
			list->n_alt++;
		if (!lex_end(&lx) && !lex_eat(&lx, ','))
			return sec_fail(why, -EBADMSG,
					"neither ; nor , at byte %zu",
					(size_t)(lx.p - lx.start) + 1);
	}
	return 0;
}
