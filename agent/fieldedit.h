/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fieldedit.h - take private information out of the value of a header field
 */
#ifndef GMG_FIELDEDIT_H
#define GMG_FIELDEDIT_H

#include <stdbool.h>

#include "lex.h"

/** Longest name of a URI parameter that is compared. */
#define EDIT_NAME_MAX	64

/**
 * typedef edit_drop_fn - has a URI parameter to go?
 * @name: its name, escapes resolved
 * @arg: what edit_strip() was given
 *
 * Return: whether it has.
 */
typedef bool edit_drop_fn(const char *name, void *arg);

char *edit_strip(struct str value, edit_drop_fn *drop, void *arg);
char *edit_ioi(struct str value);
char *edit_history(struct str value, bool all);
char *edit_anonymous(struct str from);

#endif /* GMG_FIELDEDIT_H */
