/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nameaddr.h - addresses as header fields such as Contact and To have them
 * (RFC 3261 25.1): [name] <URI> *(;parameter), or URI *(;parameter)
 */
#ifndef GMG_NAMEADDR_H
#define GMG_NAMEADDR_H

#include <stdbool.h>

#include "lex.h"

/**
 * struct nameaddr - an address; points into its text
 * @uri: what stands between < and >, or up to the first ";"
 * @params: the parameters behind it
 * @bare: there is no < and >
 */
struct nameaddr {
	struct str uri;
	struct str params;
	bool bare;
};

bool nameaddr_next(struct str *rest, struct nameaddr *na);
bool nameaddr_param(struct str params, const char *name, struct str *value);
bool uri_param(struct str uri, const char *name);

#endif /* GMG_NAMEADDR_H */
