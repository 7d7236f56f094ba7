/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tally.h - what the agent counts of its own work, see metrics-list.h
 *
 * Only numbers, by things of which there are few and whose names are known
 * beforehand: never by UE or identity.
 */
#ifndef GMG_TALLY_H
#define GMG_TALLY_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/** Most methods that are counted one by one; the place after them: no method */
#define TALLY_METHODS	16

/* enum tally_outcome - how REGISTERs ended, X(NAME, "name") */
#define TALLY_OUTCOMES(X) \
	X(REGISTERED, "registered") \
	X(REFRESHED, "refreshed") \
	X(DEREGISTERED, "deregistered") \
	X(FAILED, "failed") \
	X(ABANDONED, "abandoned")

/* enum tally_result - what became of calls, X(NAME, "name", enum rpc_code) */
#define TALLY_RESULTS(X) \
	X(OK, "ok", 0) \
	X(INVALID_PARAMS, "invalid-params", RPC_INVALID_PARAMS) \
	X(INTERNAL_ERROR, "internal-error", RPC_INTERNAL_ERROR) \
	X(KERNEL_REFUSED, "kernel-refused", RPC_KERNEL_REFUSED) \
	X(NO_SET, "no-set", RPC_NO_SET) \
	X(NO_MODULE, "no-module", RPC_NO_MODULE) \
	X(PARSE_ERROR, "parse-error", RPC_PARSE_ERROR) \
	X(INVALID_REQUEST, "invalid-request", RPC_INVALID_REQUEST) \
	X(UNKNOWN_METHOD, "unknown-method", RPC_UNKNOWN_METHOD)

/* enum tally_code - SIP codes of refusals, X(NAME, "name", code) */
#define TALLY_CODES(X) \
	X(403, "403", 403) \
	X(421, "421", 421) \
	X(494, "494", 494) \
	X(503, "503", 503) \
	X(OTHER, "other", 0)

/* Upper ends of the classes of durations, X(nanoseconds, "seconds") */
#define TALLY_CLASSES(X) \
	X(100000, "0.0001") \
	X(250000, "0.00025") \
	X(500000, "0.0005") \
	X(1000000, "0.001") \
	X(2500000, "0.0025") \
	X(5000000, "0.005") \
	X(10000000, "0.01") \
	X(25000000, "0.025") \
	X(50000000, "0.05") \
	X(100000000, "0.1") \
	X(250000000, "0.25") \
	X(1000000000, "1")

#define TALLY_OUTCOME_ID(id, name)	TALLY_##id,
#define TALLY_RESULT_ID(id, name, code)	TALLY_RPC_##id,
#define TALLY_CODE_ID(id, name, code)	TALLY_CODE_##id,
#define TALLY_ONE(...)	+ 1

enum tally_outcome { TALLY_OUTCOMES(TALLY_OUTCOME_ID) TALLY_N_OUTCOMES };
enum tally_result { TALLY_RESULTS(TALLY_RESULT_ID) TALLY_N_RESULTS };
enum tally_code { TALLY_CODES(TALLY_CODE_ID) TALLY_N_CODES };

/** The last class has no upper end. */
#define TALLY_N_CLASSES	(TALLY_CLASSES(TALLY_ONE) + 1)

/**
 * struct tally_calls - the calls of one method
 * @result: how many had each result, by enum tally_result
 * @duration: how many took how long, by class
 * @ns: nanoseconds that they took in all
 */
struct tally_calls {
	uint64_t result[TALLY_N_RESULTS];
	uint64_t duration[TALLY_N_CLASSES];
	uint64_t ns;
};

/**
 * struct tally - all counts
 * @outcome: how REGISTERs ended, by enum tally_outcome
 * @refused: REGISTERs that the agent refused, by enum tally_code
 * @sets_made: SA sets that the kernel made
 * @sets_refused: SA sets that the kernel did not make
 * @accepted: connections of proxies
 * @turned_away: connections closed because there were too many
 * @losses: how often the kernel module went away
 * @reloads: configurations read again
 * @bad_reloads: configurations that were not valid
 * @scrapes: times that metrics were read
 * @reload_is_bad: the last configuration was not valid
 * @loaded: when the configuration in use was read (CLOCK_REALTIME)
 * @started: when the agent started (CLOCK_REALTIME)
 */
struct tally {
	uint64_t outcome[TALLY_N_OUTCOMES];
	uint64_t refused[TALLY_N_CODES];
	uint64_t sets_made;
	uint64_t sets_refused;
	uint64_t accepted;
	uint64_t turned_away;
	uint64_t losses;
	uint64_t reloads;
	uint64_t bad_reloads;
	uint64_t scrapes;
	bool reload_is_bad;
	time_t loaded;
	time_t started;
};

void tally_call(struct tally_calls *calls, int code, uint64_t ns);
void tally_answer(struct tally_calls *calls, int code);
void tally_refused(struct tally *tally, int code);
void tally_reload(struct tally *tally, bool good);

#endif /* GMG_TALLY_H */
