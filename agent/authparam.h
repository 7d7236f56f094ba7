/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * authparam.h - the parameters of WWW-Authenticate and Authorization
 */
#ifndef GMG_AUTHPARAM_H
#define GMG_AUTHPARAM_H

#include <stddef.h>

#include "keys.h"

int authparam_strip(const char *value, char **stripped, struct aka_keys *keys,
		    const char **why);
int authparam_get(const char *value, const char *name, char *buf, size_t size);

#endif /* GMG_AUTHPARAM_H */
