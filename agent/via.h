/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * via.h - does the topmost Via tell where a REGISTER came from?
 * (TS 33.203 7.1, rule 2 of the P-CSCF)
 */
#ifndef GMG_VIA_H
#define GMG_VIA_H

#include <stdbool.h>

#include "kernel.h"

/** Milliseconds that a name may take to be resolved. */
#define VIA_LOOKUP_MS	500

const char *via_check(const char *sent_by, const struct gmg_addr *source,
		      bool resolve);

#endif /* GMG_VIA_H */
