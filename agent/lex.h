/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lex.h - the few lexical rules that Security-*, WWW-Authenticate and
 * Authorization share (RFC 3261 25.1): tokens, quoted strings, folding.
 */
#ifndef GMG_LEX_H
#define GMG_LEX_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct str - a piece of somebody else's text, not terminated
 * @p: first byte
 * @len: bytes
 */
struct str {
	const char *p;
	size_t len;
};

/**
 * struct lex - a place in a text
 * @start: first byte of the text
 * @p: next byte to read
 * @end: byte after the last one
 */
struct lex {
	const char *start;
	const char *p;
	const char *end;
};

/**
 * struct lex_param - name, or name=value, or name="value"
 * @name: the name
 * @value: the value without its quotes, escapes as they stand
 * @has_value: there is a value
 * @quoted: it stood in quotes
 */
struct lex_param {
	struct str name;
	struct str value;
	bool has_value;
	bool quoted;
};

void lex_init(struct lex *lx, const char *text, size_t len);
void lex_space(struct lex *lx);
bool lex_end(struct lex *lx);
bool lex_eat(struct lex *lx, char c);
int lex_token(struct lex *lx, struct str *token);
int lex_param(struct lex *lx, struct lex_param *param);

bool str_is(struct str s, const char *text);
int str_lower(struct str s, char *buf, size_t size);
struct str str_trim(struct str s);
bool str_cut(struct str *rest, char sep, struct str *piece);
bool list_has(const char *list, const char *token);

#endif /* GMG_LEX_H */
