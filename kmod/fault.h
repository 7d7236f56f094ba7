/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fault injection for the tests: "make modules GMG_FAULT=1" builds a module
 * whose parameter fault_at makes the n-th step of making an SA set fail.
 * Other builds contain none of it.
 */
#ifndef _GMG_FAULT_H
#define _GMG_FAULT_H

#include <linux/types.h>

#ifdef GMG_FAULT
bool gmg_fault(void);
#else
static inline bool gmg_fault(void)
{
	return false;
}
#endif

#endif /* _GMG_FAULT_H */
