/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * prove.h - what the proofs share
 *
 * Each function prove_*() is one proof: its inputs have every value that
 * ASSUME() leaves, and CLAIM() has to hold for all of them. The model checker
 * adds claims of its own: every access is in bounds, no number overflows and
 * each loop ends within the bound that tests/prove/run names.
 */
#ifndef PROVE_H
#define PROVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

#define ASSUME(fact)	__CPROVER_assume(fact)
#define CLAIM(property)	__CPROVER_assert(property, #property)

/* Any value: the model checker knows them by their names. */
bool nondet_bool(void);
uint8_t nondet_u8(void);
uint32_t nondet_u32(void);
size_t nondet_size(void);

/*
 * Any bytes, at most MOST, that begin where their memory does or end where it
 * ends: whichever side is overrun, there is a case that shows it.
 */
static inline const char *any_bytes(size_t *len)
{
	static char bytes[MOST];

	__CPROVER_havoc_object(bytes);
	*len = nondet_size();
	ASSUME(*len <= MOST);
	return nondet_bool() ? bytes : bytes + MOST - *len;
}

#endif /* PROVE_H */
