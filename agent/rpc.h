/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc.h - JSON-RPC 2.0: from the text of a request to the text of an answer
 */
#ifndef GMG_RPC_H
#define GMG_RPC_H

#include <stddef.h>

#include <jansson.h>

#include "tally.h"

/** enum rpc_code - error codes, the first five are JSON-RPC's own */
enum rpc_code {
	RPC_PARSE_ERROR = -32700,
	RPC_INVALID_REQUEST = -32600,
	RPC_UNKNOWN_METHOD = -32601,
	RPC_INVALID_PARAMS = -32602,
	RPC_INTERNAL_ERROR = -32603,
	RPC_KERNEL_REFUSED = -32000,
	RPC_NO_SET = -32001,
	RPC_NO_MODULE = -32002,
};

/** Most requests in one batch. */
#define RPC_BATCH_MAX	256

struct rpc_call;
struct rpc_later;

/**
 * struct rpc_fault - why a call failed
 * @code: enum rpc_code
 * @message: why, and what to do; never a key
 * @call: the call, for rpc_postpone()
 */
struct rpc_fault {
	int code;
	char message[512];
	struct rpc_call *call;
};

/**
 * typedef rpc_fn - a method
 * @ctx: what the methods work on
 * @params: an object
 * @fault: filled in when it fails
 *
 * Return: the result, a new reference; NULL when it failed.
 */
typedef json_t *rpc_fn(void *ctx, const json_t *params,
		       struct rpc_fault *fault);

/**
 * struct rpc_method - a method and its name
 * @name: name, NULL in the last one of a table
 * @fn: what it does
 */
struct rpc_method {
	const char *name;
	rpc_fn *fn;
};

/**
 * struct rpc_waiter - who takes an answer that comes later
 * @begin: there will be one
 * @end: here it is, for secret_free()
 * @arg: for both
 */
struct rpc_waiter {
	void (*begin)(void *arg, struct rpc_later *later);
	void (*end)(void *arg, struct rpc_later *later, char *answer);
	void *arg;
};

/**
 * struct rpc - a service
 * @methods: its methods
 * @ctx: what they work on
 * @requests: how many requests have come
 * @faults: how many of them were answered with an error
 * @waiter: of the request that is being handled, NULL: it has to be answered
 *	at once
 * @calls: the same by method, and last what was no call of a method
 */
struct rpc {
	const struct rpc_method *methods;
	void *ctx;
	unsigned long long requests;
	unsigned long long faults;
	const struct rpc_waiter *waiter;
	struct tally_calls calls[TALLY_METHODS + 1];
};

void *rpc_fail(struct rpc_fault *fault, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
char *rpc_handle(struct rpc *rpc, const char *text, size_t len);
struct rpc_later *rpc_postpone(struct rpc_fault *fault);
void rpc_finish(struct rpc_later *later, json_t *result,
		struct rpc_fault *fault);
void rpc_orphan(struct rpc_later *later);
char *rpc_refuse(struct rpc *rpc, int code, const char *why);

#endif /* GMG_RPC_H */
