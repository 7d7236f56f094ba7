// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tally.c - see tally.h
 */
#include "rpc.h"
#include "tally.h"

#define CODE(id, name, code)	code,
#define NS(ns, seconds)		ns,

static const int result_codes[] = { TALLY_RESULTS(CODE) };
static const int sip_codes[] = { TALLY_CODES(CODE) };
static const uint64_t class_ends[] = { TALLY_CLASSES(NS) };

/**
 * tally_answer() - count what became of a request
 * @calls: of its method, or of what is no call of a method
 * @code: enum rpc_code, 0 for a result
 */
void tally_answer(struct tally_calls *calls, int code)
{
	int i = TALLY_RPC_INTERNAL_ERROR;

	for (int k = 0; k < TALLY_N_RESULTS; k++) {
		if (result_codes[k] == code)
			i = k;
	}
	calls->result[i]++;
}

/**
 * tally_call() - count a call of a method
 * @calls: of this method
 * @code: enum rpc_code, 0 for a result
 * @ns: how long it took, in nanoseconds
 */
void tally_call(struct tally_calls *calls, int code, uint64_t ns)
{
	int i = 0;

	tally_answer(calls, code);
	while (i < TALLY_N_CLASSES - 1 && ns > class_ends[i])
		i++;
	calls->duration[i]++;
	calls->ns += ns;
}

/**
 * tally_refused() - count a REGISTER that is rejected
 * @tally: the counts
 * @code: SIP status code
 */
void tally_refused(struct tally *tally, int code)
{
	int i = 0;

	while (i < TALLY_CODE_OTHER && sip_codes[i] != code)
		i++;
	tally->refused[i]++;
}

/**
 * tally_reload() - count that the configuration was read again
 * @tally: the counts
 * @good: it was valid and counts now
 */
void tally_reload(struct tally *tally, bool good)
{
	tally->reload_is_bad = !good;
	if (!good) {
		tally->bad_reloads++;
		return;
	}
	tally->reloads++;
	tally->loaded = time(NULL);
}
