/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fields.h - the header fields of a message, taken apart
 */
#ifndef GMG_FIELDS_H
#define GMG_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "lex.h"

/** Most header fields of a message. */
#define FIELDS_MAX	256
/** Longest header section in bytes. */
#define FIELDS_MAX_LEN	65536

/** enum field_fate - what becomes of a header field */
enum field_fate {
	FIELD_KEPT,
	FIELD_CHANGED,
	FIELD_REMOVED,
};

/**
 * struct field - a header field
 * @name: its name as it stands, perhaps the compact form
 * @full: the long form of its name
 * @value: its value, trimmed, folds as they stand; a changed one is @own
 * @own: memory of a changed value, or NULL
 * @fate: what becomes of it
 * @judged: something was decided about it, even if it is kept
 * @why: the reason, or NULL
 */
struct field {
	struct str name;
	struct str full;
	struct str value;
	char *own;
	enum field_fate fate;
	bool judged;
	const char *why;
};

/**
 * struct fields - all of them, in their order
 * @field: the header fields
 * @n: how many there are
 */
struct fields {
	struct field field[FIELDS_MAX];
	unsigned int n;
};

const char *fields_parse(const char *text, struct fields *fields);
void fields_clear(struct fields *fields);
bool field_is(const struct field *field, const char *name);
bool field_sound(struct str value);
char *field_unfold(struct str value);
void field_change(struct field *field, char *value, const char *why);

#endif /* GMG_FIELDS_H */
