// SPDX-License-Identifier: GPL-2.0-only
/*
 * prove.c - see prove.h
 */
#include "prove.h"

/* As weak as its callers need: not the first one, and perhaps none. */
void *memchr(const void *data, int c, size_t len)
{
	const char *bytes = data;
	size_t at = nondet_size();

	CLAIM(__CPROVER_r_ok(data, len));
	if (at >= len)
		return NULL;
	ASSUME(bytes[at] == (char)c);
	return (char *)bytes + at;
}
