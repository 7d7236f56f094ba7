// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent/sec*.c: Security-Client, -Server and -Verify. What is read can be
 * written and read again; two values are the same exactly when an oracle that
 * compares them parameter by parameter says so; an offer that is taken keeps
 * every rule of TS 33.203 Annex H.
 *
 * Input: a value, NUL, how it is written again; then either 255 and another
 * value, or how the other value differs: where, bytes cut out, bytes put in.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>

#include "fuzz.h"
#include "kernel.h"
#include "secagree.h"

/* ----- the oracle: what does a parameter mean? --------------------------- */

/**
 * struct meaning - what a value says
 * @kind: 0 no value, 'n' a number, 'q' thousandths, 't' a text
 * @number: of kind n and q
 * @text: of kind t
 * @len: bytes of it
 */
struct meaning {
	char kind;
	uint64_t number;
	char text[SEC_TEXT_MAX];
	size_t len;
};

static bool is_named(struct str name, const char *const *names, size_t n)
{
	while (n--) {
		if (name.len == strlen(names[n]) &&
		    !strncasecmp(name.p, names[n], name.len))
			return true;
	}
	return false;
}

static bool all_digits(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	}
	return s.len;
}

static bool mean_number(struct str s, struct meaning *m)
{
	if (!all_digits(s) || s.len > 10)
		return false;
	for (size_t i = 0; i < s.len; i++)
		m->number = m->number * 10 + s.p[i] - '0';
	m->kind = 'n';
	return m->number <= 0xffffffff;
}

/* [0-1][.0-9{0,3}] with a digit somewhere, at most 1. */
static bool mean_q(struct str s, struct meaning *m)
{
	unsigned int scale = 1000, digits = 0;
	bool point = false;

	m->number = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		if (point)
			scale /= 10;
		else if (digits)
			return false;
		if (!scale)
			return false;
		m->number += scale * (s.p[i] - '0');
		digits++;
	}
	m->kind = 'q';
	return digits && m->number <= 1000;
}

static void mean_text(const struct lex_param *param, bool escaped,
		      struct meaning *m)
{
	struct str v = param->value;

	m->kind = 't';
	for (size_t i = 0; i < v.len; i++) {
		if (escaped && (v.p[i] == '\r' || v.p[i] == '\n'))
			continue;
		if (escaped && v.p[i] == '\\' && i + 1 < v.len)
			m->text[m->len++] = v.p[++i];
		else if (escaped)
			m->text[m->len++] = v.p[i];
		else
			m->text[m->len++] = tolower((unsigned char)v.p[i]);
	}
}

static void mean(const struct lex_param *param, struct meaning *m)
{
	static const char *const numbers[] = {
		"spi-c", "spi-s", "port-c", "port-s"
	};
	static const char *const q[] = { "q" };
	static const char *const tokens[] = {
		"alg", "ealg", "prot", "mod", "q"
	};

	m->kind = 0;
	m->number = 0;
	m->len = 0;
	if (!param->has_value)
		return;
	if (is_named(param->name, numbers, COUNT(numbers)) &&
	    mean_number(param->value, m))
		return;
	if (is_named(param->name, q, 1) && mean_q(param->value, m))
		return;
	m->number = 0;
	mean_text(param, param->quoted &&
		  !is_named(param->name, tokens, COUNT(tokens)), m);
}

static bool same_value(const struct lex_param *a, const struct lex_param *b)
{
	static struct meaning x, y;

	mean(a, &x);
	mean(b, &y);
	return x.kind == y.kind && x.number == y.number && x.len == y.len &&
	       !memcmp(x.text, y.text, x.len);
}

static const struct lex_param *named(const struct sec_alt *alt, struct str name)
{
	static const struct lex_param defaults[] = {
		{ { "ealg", 4 }, { "null", 4 }, true, false },
		{ { "mod", 3 }, { "trans", 5 }, true, false },
		{ { "prot", 4 }, { "esp", 3 }, true, false },
	};

	for (unsigned int i = 0; i < alt->n_param; i++) {
		if (alt->param[i].name.len == name.len &&
		    !strncasecmp(alt->param[i].name.p, name.p, name.len))
			return &alt->param[i];
	}
	for (size_t i = 0; i < COUNT(defaults); i++) {
		if (str_is(alt->mech, "ipsec-3gpp") &&
		    str_is(name, defaults[i].name.p))
			return &defaults[i];
	}
	return NULL;
}

/* Has @b every parameter of @a? */
static bool covers(const struct sec_alt *a, const struct sec_alt *b)
{
	for (unsigned int i = 0; i < a->n_param; i++) {
		const struct lex_param *other = named(b, a->param[i].name);

		if (!other || !same_value(&a->param[i], other))
			return false;
	}
	return true;
}

static bool same_alt(const struct sec_alt *a, const struct sec_alt *b)
{
	return a->mech.len == b->mech.len &&
	       !strncasecmp(a->mech.p, b->mech.p, a->mech.len) &&
	       covers(a, b) && covers(b, a);
}

/* The same alternatives, each as often. */
static bool same_list(const struct sec_list *a, const struct sec_list *b)
{
	bool taken[SEC_ALT_MAX] = { false };

	if (a->n_alt != b->n_alt)
		return false;
	for (unsigned int i = 0; i < a->n_alt; i++) {
		unsigned int j = 0;

		while (j < b->n_alt &&
		       (taken[j] || !same_alt(&a->alt[i], &b->alt[j])))
			j++;
		if (j == b->n_alt)
			return false;
		taken[j] = true;
	}
	return true;
}

/* ----- writing ------------------------------------------------------------ */

/** enum style - how a list is written again */
enum style {
	PLAIN,
	FOLDED,
	UPSIDE_DOWN,
	STYLES,
};

static char *put(char *to, struct str s, bool upper)
{
	for (size_t i = 0; i < s.len; i++)
		*to++ = upper ? toupper((unsigned char)s.p[i]) : s.p[i];
	return to;
}

static char *put_param(char *to, const struct lex_param *param,
		       enum style style)
{
	static const char *const numbers[] = {
		"spi-c", "spi-s", "port-c", "port-s"
	};
	const char *space = style == FOLDED ? "\r\n\t" : "";

	to += sprintf(to, "%s;%s", space, space);
	to = put(to, param->name, style == UPSIDE_DOWN);
	if (!param->has_value)
		return to;
	to += sprintf(to, "%s=%s%s", space, space, param->quoted ? "\"" : "");
	if (style == UPSIDE_DOWN && all_digits(param->value) &&
	    param->value.len < 10 &&
	    is_named(param->name, numbers, COUNT(numbers)))
		*to++ = '0';
	to = put(to, param->value, style == UPSIDE_DOWN && !param->quoted);
	to += sprintf(to, "%s", param->quoted ? "\"" : "");
	return to;
}

/* The value again, in another style; to be freed. */
static char *write_list(const struct sec_list *list, enum style style)
{
	char *text = malloc(16 * SEC_TEXT_MAX), *to = text;

	CHECK(text);
	*to = '\0';
	for (unsigned int i = 0; i < list->n_alt; i++) {
		unsigned int at = style == UPSIDE_DOWN ? list->n_alt - 1 - i : i;
		const struct sec_alt *alt = &list->alt[at];

		to += sprintf(to, "%s", i ? style == FOLDED ? "\n ,,\n " :
					    "," : "");
		to = put(to, alt->mech, style == UPSIDE_DOWN);
		for (unsigned int j = 0; j < alt->n_param; j++)
			to = put_param(to, &alt->param[style == UPSIDE_DOWN ?
				       alt->n_param - 1 - j : j], style);
	}
	*to = '\0';
	to = copy_bytes(text, to - text + 1);
	free(text);
	return to;
}

/* ----- the properties ----------------------------------------------------- */

static void check_refusal(int ret, const struct sec_why *why)
{
	CHECK(ret == -EBADMSG || ret == -E2BIG);
	CHECK(strlen(why->text) > 5 && is_printable(why->text));
}

static void check_written(const char *text, const struct sec_list *list,
			  enum style style)
{
	static struct sec_list again;
	char *other = write_list(list, style);
	struct sec_why why;

	if (strlen(other) <= SEC_TEXT_MAX) {
		CHECK(!sec_parse(other, &again, &why));
		CHECK(same_list(list, &again));
		CHECK(sec_same(text, other));
	}
	free(other);
}

static uint64_t number_of(const struct sec_alt *alt, const char *name)
{
	static struct meaning m;
	const struct lex_param *param =
		named(alt, (struct str){ name, strlen(name) });

	CHECK(param && param->has_value);
	m.number = 0;
	CHECK(mean_number(param->value, &m));
	return m.number;
}

static void check_ends(const struct sec_alt *alt, const struct sec_ends *ends)
{
	CHECK(number_of(alt, "spi-c") == ends->spi_c);
	CHECK(number_of(alt, "spi-s") == ends->spi_s);
	CHECK(number_of(alt, "port-c") == ends->port_c);
	CHECK(number_of(alt, "port-s") == ends->port_s);
}

static void check_server(const struct sec_offer *offer)
{
	struct sec_prefs own = { .n = 0 };
	char text[SEC_SERVER_MAX];
	struct sec_list list;
	struct sec_pair pair;
	struct sec_why why;

	for (; own.n < offer->n && own.n < SEC_PAIR_MAX; own.n++)
		own.pair[own.n] = offer->pair[own.n];
	CHECK(sec_choose(&own, offer, &pair));
	CHECK(pair.alg == own.pair[0].alg && pair.ealg == own.pair[0].ealg);
	sec_server_write(&own, &offer->ends, text);
	CHECK(!sec_parse(text, &list, &why) && list.n_alt == own.n);
	for (unsigned int i = 0; i < list.n_alt; i++) {
		check_ends(&list.alt[i], &offer->ends);
		for (unsigned int j = 0; j < i; j++)
			CHECK(!same_value(sec_find(&list.alt[i], "q"),
					  sec_find(&list.alt[j], "q")));
	}
}

static void check_offer(const char *text, const struct sec_list *list)
{
	static struct sec_offer offer;
	struct sec_why why = { "" };
	int ret = sec_offer_parse(text, &offer, &why);

	if (ret) {
		CHECK(ret == -ENOENT || ret == -EOPNOTSUPP || list ||
		      ret == -EBADMSG || ret == -E2BIG);
		CHECK(strlen(why.text) > 5 && is_printable(why.text));
		return;
	}
	CHECK(list && offer.n && offer.n <= list->n_alt);
	CHECK(offer.ends.spi_c != offer.ends.spi_s);
	CHECK(offer.ends.port_c != offer.ends.port_s);
	CHECK(offer.ends.spi_c >= 256 && offer.ends.spi_s >= 256);
	CHECK(offer.ends.port_c && offer.ends.port_c != 5060 &&
	      offer.ends.port_c != 5061);
	CHECK(offer.ends.port_s && offer.ends.port_s != 5060 &&
	      offer.ends.port_s != 5061);
	for (unsigned int i = 0; i < list->n_alt; i++) {
		if (str_is(list->alt[i].mech, "ipsec-3gpp"))
			check_ends(&list->alt[i], &offer.ends);
	}
	for (unsigned int i = 0; i < offer.n; i++)
		CHECK(offer.pair[i].alg && offer.pair[i].ealg);
	check_server(&offer);
}

/* The other value; to be freed. */
static char *take_other(struct input *in, const char *text)
{
	size_t at = take_byte(in), len = strlen(text), cut;
	char *insert, *other;

	if (at == 255)
		return take_text(in);
	at = (at << 8 | take_byte(in)) % (len + 1);
	cut = take_byte(in) % 32;
	cut = cut < len - at ? cut : len - at;
	insert = take_text(in);
	other = malloc(len - cut + strlen(insert) + 1);
	CHECK(other);
	sprintf(other, "%.*s%s%s", (int)at, text, insert, text + at + cut);
	free(insert);
	return other;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sec_list a, b;
	struct input in = { data, size };
	char *x = take_text(&in), *y;
	enum style style = take_byte(&in) % STYLES;
	struct sec_why why = { "" };
	int ret, other;
	bool same;

	y = take_other(&in, x);
	ret = sec_parse(x, &a, &why);
	if (ret)
		check_refusal(ret, &why);
	other = sec_parse(y, &b, &why);
	CHECK(sec_same(x, x) == !ret);
	same = sec_same(x, y);
	CHECK(same == sec_same(y, x));
	CHECK(same == (!ret && !other && same_list(&a, &b)));
	check_offer(x, ret ? NULL : &a);
	if (!ret)
		check_written(x, &a, style);
	free(x);
	free(y);
	return 0;
}
