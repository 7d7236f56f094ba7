/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * impus.h - the public identities of a registration
 *
 * A UE registers a public identity (To), and the network registers others with
 * it, the implicit registration set (P-Associated-URI). A UE may register
 * several, each with an implicit set of its own; deregistering one of a set
 * deregisters the set (TS 24.229 5.4.1.4).
 *
 * As JSON: an array of arrays; in each of them first the URI of To, then the
 * identities, the default one first.
 */
#ifndef GMG_IMPUS_H
#define GMG_IMPUS_H

#include <stdbool.h>

#include <jansson.h>

void impus_tidy(json_t *impus);
void impus_add(json_t *impus, const char *to, const char *associated);
bool impus_end(json_t *impus, const char *to);
bool impus_remove(json_t *impus, const char *impu);
bool impus_shorten(json_t *impus);
json_t *impus_list(const json_t *impus);

#endif /* GMG_IMPUS_H */
