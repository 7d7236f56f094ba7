// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * secmeaning.c - see secagree.h; when do two header fields say the same?
 *
 * SM7 repeats what SM1 and SM6 said, and that is the protection against
 * bidding down (RFC 3329 2.4). Phones change case, spacing and order, so a
 * header field is first brought into one form: one line an alternative, every
 * parameter, defaults filled in, all sorted. A digest of that is kept.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/evp.h>

#include "secagree.h"

/* The one form is never much longer than the header field. */
#define FORM_MAX	(SEC_TEXT_MAX + SEC_ALT_MAX * 64)
/* Begins a parameter; no value can hold it, so nothing can look like one. */
#define SEPARATOR	'\x1f'
/* Begins a q that was read: 0.5 must not look like a q of "500". */
#define THOUSANDTHS	'\x1e'

/**
 * struct form - a header field in its one form
 * @text: the lines, each terminated
 * @len: bytes of it
 * @full: something did not fit
 * @line: where the lines begin, sorted at last
 * @n_line: how many of them
 */
struct form {
	char text[FORM_MAX];
	size_t len;
	bool full;
	const char *line[SEC_ALT_MAX];
	unsigned int n_line;
};

static const struct lex_param defaults[] = {
	{ { "ealg", 4 }, { "null", 4 }, true, false },
	{ { "mod", 3 }, { "trans", 5 }, true, false },
	{ { "prot", 4 }, { "esp", 3 }, true, false },
};

#define N_DEFAULTS	(sizeof(defaults) / sizeof(defaults[0]))

static void put(struct form *form, char c)
{
	if (form->len == FORM_MAX)
		form->full = true;
	else
		form->text[form->len++] = c;
}

static void put_lower(struct form *form, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		put(form, tolower((unsigned char)s.p[i]));
}

static void put_number(struct form *form, uint32_t number)
{
	char digits[16];
	int len = snprintf(digits, sizeof(digits), "%" PRIu32, number);

	put_lower(form, (struct str){ digits, len });
}

/* A quoted string: escapes resolved, line folds unfolded. */
static void put_quoted(struct form *form, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '\r' || s.p[i] == '\n')
			continue;
		if (s.p[i] == '\\' && i + 1 < s.len)
			i++;
		put(form, s.p[i]);
	}
}

static bool is_one_of(struct str name, const char *const *names)
{
	for (; *names; names++) {
		if (str_is(name, *names))
			return true;
	}
	return false;
}

/* RFC 3261 qvalue in thousandths: 0.5, 0.50 and .5 are the same. */
static int read_q(struct str s, uint32_t *q)
{
	struct str whole = { s.p, 0 }, part;
	uint32_t number = 0, scale = 100;

	while (whole.len < s.len && s.p[whole.len] != '.')
		whole.len++;
	part.p = s.p + whole.len + 1;
	part.len = s.len > whole.len ? s.len - whole.len - 1 : 0;
	if (part.len > 3 || (!whole.len && !part.len) ||
	    (whole.len && sec_number(whole, 1, &number)))
		return -ERANGE;
	*q = number * 1000;
	for (size_t i = 0; i < part.len; i++, scale /= 10) {
		if (!isdigit((unsigned char)part.p[i]))
			return -ERANGE;
		*q += (part.p[i] - '0') * scale;
	}
	return *q > 1000 ? -ERANGE : 0;
}

static void put_param(struct form *form, const struct lex_param *param)
{
	static const char *const numbers[] = {
		"spi-c", "spi-s", "port-c", "port-s", NULL
	};
	static const char *const tokens[] = {
		"alg", "ealg", "prot", "mod", "q", NULL
	};
	uint32_t number;

	put(form, SEPARATOR);
	put_lower(form, param->name);
	if (!param->has_value)
		return;
	put(form, '=');
	if (is_one_of(param->name, numbers) &&
	    !sec_number(param->value, 10, &number)) {
		put_number(form, number);
	} else if (str_is(param->name, "q") && !read_q(param->value, &number)) {
		put(form, THOUSANDTHS);
		put_number(form, number);
	} else if (param->quoted && !is_one_of(param->name, tokens)) {
		put_quoted(form, param->value);
	} else {
		put_lower(form, param->value);
	}
}

static int by_name(const void *a, const void *b)
{
	struct str x = ((const struct lex_param *)a)->name;
	struct str y = ((const struct lex_param *)b)->name;
	int ret = strncasecmp(x.p, y.p, x.len < y.len ? x.len : y.len);

	return ret ? ret : (x.len > y.len) - (x.len < y.len);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void put_alt(struct form *form, const struct sec_alt *alt)
{
	struct lex_param param[SEC_PARAM_MAX + N_DEFAULTS];
	unsigned int n = alt->n_param;

	memcpy(param, alt->param, n * sizeof(param[0]));
	if (str_is(alt->mech, "ipsec-3gpp")) {
		for (size_t i = 0; i < N_DEFAULTS; i++) {
			struct str name = defaults[i].name;

			if (!sec_find(alt, name.p))
				param[n++] = defaults[i];
		}
	}
	qsort(param, n, sizeof(param[0]), by_name);
	form->line[form->n_line++] = form->text + form->len;
	put_lower(form, alt->mech);
	for (unsigned int i = 0; i < n; i++)
		put_param(form, &param[i]);
	put(form, '\0');
}

static int digest_form(const struct form *form, char hex[SEC_DIGEST_MAX])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t md[32];
	int ok;

	ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
	for (unsigned int i = 0; ok && i < form->n_line; i++)
		ok = EVP_DigestUpdate(ctx, form->line[i],
				      strlen(form->line[i]) + 1);
	ok = ok && EVP_DigestFinal_ex(ctx, md, NULL);
	EVP_MD_CTX_free(ctx);
	for (size_t i = 0; ok && i < sizeof(md); i++)
		snprintf(hex + 2 * i, 3, "%02x", md[i]);
	return ok ? 0 : -EIO;
}

/**
 * sec_digest() - make a digest of what a header field means
 * @text: value of one or more Security-* header fields, joined with commas
 * @hex: the digest: equal for equal meanings
 * @why: why it failed
 *
 * Return: 0; -EBADMSG or -E2BIG when the header field cannot be read; -EIO
 * when there is no digest to be had.
 */
int sec_digest(const char *text, char hex[SEC_DIGEST_MAX],
	       struct sec_why *why)
{
	struct sec_list list;
	struct form form;
	int ret;

	hex[0] = '\0';
	ret = sec_parse(text, &list, why);
	if (ret)
		return ret;
	form.len = 0;
	form.full = false;
	form.n_line = 0;
	for (unsigned int i = 0; i < list.n_alt; i++)
		put_alt(&form, &list.alt[i]);
	if (form.full)
		return sec_fail(why, -E2BIG, "longer than %d bytes", FORM_MAX);
	qsort(form.line, form.n_line, sizeof(form.line[0]), by_text);
	return digest_form(&form, hex);
}

/**
 * sec_same() - do two header fields mean the same?
 * @a: value of Security-Client, -Server or -Verify
 * @b: the other one
 *
 * Return: whether they have the same alternatives with the same parameters;
 * false if either cannot be read.
 */
bool sec_same(const char *a, const char *b)
{
	char x[SEC_DIGEST_MAX], y[SEC_DIGEST_MAX];
	struct sec_why why;

	return !sec_digest(a, x, &why) && !sec_digest(b, y, &why) &&
	       !strcmp(x, y);
}
