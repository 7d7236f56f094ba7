// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent/lex.c: whatever is asked of it, it stays inside the text, and a folded
 * line means what the same line means unfolded (RFC 3261 7.3.1).
 *
 * Input: operations, NUL, text.
 */
#include "fuzz.h"
#include "lex.h"

static const char separators[] = ",;=";
static const char token_marks[] = "-.!%*_+`'~";

static bool is_line_break(char c)
{
	return c == '\r' || c == '\n';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * Unfold: a line break in front of a blank goes, any other becomes a character
 * that nobody allows.
 *
 * Return: the length; -1 when a backslash makes that ambiguous.
 */
static long unfold(const char *text, size_t len, char *out)
{
	long n = 0;

	for (size_t i = 0; i < len; i++) {
		size_t breaks = 0;

		if (!is_line_break(text[i])) {
			out[n++] = text[i];
			continue;
		}
		if (i && text[i - 1] == '\\')
			return -1;
		breaks = text[i] == '\r' && i + 1 < len && text[i + 1] == '\n';
		if (i + breaks + 1 < len && is_blank(text[i + breaks + 1]))
			i += breaks;
		else
			out[n++] = '\x01';
	}
	return n;
}

static void check_inside(const struct lex *lx, const char *text, size_t len)
{
	CHECK(lx->start == text && lx->end == text + len);
	CHECK(lx->p >= lx->start && lx->p <= lx->end);
}

static void check_token(struct str s)
{
	CHECK(s.len);
	for (size_t i = 0; i < s.len; i++)
		CHECK((s.p[i] >= '0' && s.p[i] <= '9') ||
		      (s.p[i] >= 'A' && s.p[i] <= 'Z') ||
		      (s.p[i] >= 'a' && s.p[i] <= 'z') ||
		      memchr(token_marks, s.p[i], sizeof(token_marks) - 1));
}

static void check_param(const struct lex_param *param)
{
	struct str v = param->value;

	check_token(param->name);
	CHECK(param->has_value || (!v.len && !param->quoted));
	if (!param->quoted) {
		for (size_t i = 0; i < v.len; i++)
			CHECK(v.p[i] > ' ' && v.p[i] < 0x7f && v.p[i] != ',' &&
			      v.p[i] != ';' && v.p[i] != '"');
		return;
	}
	CHECK(v.p[-1] == '"' && v.p[v.len] == '"');
	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] == '\\')
			i++;
		else
			CHECK(v.p[i] != '"');
	}
}

/* Equal, where @folded may have line breaks that @flat has not. */
static void check_same(struct str folded, struct str flat)
{
	size_t j = 0;

	for (size_t i = 0; i < folded.len; i++) {
		if (is_line_break(folded.p[i]))
			continue;
		CHECK(j < flat.len && flat.p[j] == folded.p[i]);
		j++;
	}
	CHECK(j == flat.len);
}

/* The same operation on the text and on its unfolded form. */
static void operate(uint8_t op, struct lex *a, struct lex *b)
{
	struct lex_param x, y;
	struct str s, t;
	int ret;

	switch (op % 4) {
	case 0:
		ret = lex_token(a, &s);
		CHECK(ret == lex_token(b, &t));
		if (!ret)
			check_token(s);
		if (!ret)
			check_same(s, t);
		break;
	case 1:
		op = separators[op / 4 % 3];
		CHECK(lex_eat(a, op) == lex_eat(b, op));
		break;
	case 2:
		ret = lex_param(a, &x);
		CHECK(ret == lex_param(b, &y));
		if (ret)
			break;
		check_param(&x);
		check_same(x.name, y.name);
		check_same(x.value, y.value);
		CHECK(x.quoted == y.quoted && x.has_value == y.has_value);
		break;
	default:
		CHECK(lex_end(a) == lex_end(b));
	}
}

static void check_operations(const char *ops, const char *text, size_t len)
{
	char *flat = malloc(len + 1);
	long flat_len = unfold(text, len, flat);
	struct lex a, b;

	if (flat_len >= 0) {
		char *exact = copy_bytes(flat, flat_len);

		lex_init(&a, text, len);
		lex_init(&b, exact, flat_len);
		for (; *ops; ops++) {
			operate(*ops, &a, &b);
			check_inside(&a, text, len);
			check_inside(&b, exact, flat_len);
		}
		free(exact);
	}
	free(flat);
}

static bool is_white(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* list_has(), done by hand. */
static bool find(const char *list, const char *token)
{
	while (*list) {
		size_t end = strcspn(list, ","), from = 0, to = end;

		while (from < to && is_white(list[from]))
			from++;
		while (to > from && is_white(list[to - 1]))
			to--;
		if (to - from == strlen(token) &&
		    !strncasecmp(list + from, token, to - from))
			return true;
		list += end + (list[end] == ',');
	}
	return false;
}

static void check_lists(const char *list, size_t len)
{
	struct str whole = { list, len }, rest = whole, piece;
	size_t pieces = 0, commas = 0;
	char small[8];

	CHECK(list_has(list, "sec-agree") == find(list, "sec-agree"));
	CHECK(list_has(list, "x") == find(list, "x"));
	for (size_t i = 0; i < len; i++)
		commas += list[i] == ',';
	while (str_cut(&rest, ',', &piece)) {
		pieces++;
		CHECK(piece.p >= list && piece.p + piece.len <= list + len);
		CHECK(!memchr(piece.p, ',', piece.len));
	}
	CHECK(pieces == commas + (len && list[len - 1] != ','));
	CHECK(str_lower(whole, small, sizeof(small)) ==
	      (len < sizeof(small) ? (int)len : -7 /* -E2BIG */));
	CHECK(strlen(small) == (len < sizeof(small) ? len : 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	char *ops = take_text(&in);
	char *text = copy_bytes(in.p, in.left);

	check_operations(ops, text, in.left);
	free(text);
	text = take_text(&in);
	check_lists(text, strlen(text));
	free(text);
	free(ops);
	return 0;
}
