/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * secret.h - memory that is wiped when it is given back, because CK and IK
 * may have passed through it.
 */
#ifndef GMG_SECRET_H
#define GMG_SECRET_H

#include <stddef.h>

void *secret_alloc(size_t size);
void *secret_realloc(void *p, size_t size);
void secret_free(void *p);
void secret_wipe(void *p, size_t size);
void secret_setup(void);

#endif /* GMG_SECRET_H */
