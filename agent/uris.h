/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uris.h - the URIs of a header field such as P-Associated-URI or To
 */
#ifndef GMG_URIS_H
#define GMG_URIS_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

json_t *uris_parse(const char *text);
bool uri_same(const char *a, const char *b);
int uri_to_identity(const char *uri, char *buf, size_t size);

#endif /* GMG_URIS_H */
