// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rpc.c - see rpc.h
 *
 * Error messages never quote the request: a key may stand in it.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "rpc.h"
#include "secret.h"

/**
 * struct rpc_call - a call of a method
 * @rpc: the service
 * @method: the method
 * @id: what its answer has as id, NULL: it has no answer
 * @begin: when it began, in nanoseconds
 * @later: its answer comes later
 */
struct rpc_call {
	struct rpc *rpc;
	const struct rpc_method *method;
	json_t *id;
	uint64_t begin;
	bool later;
};

/**
 * struct rpc_later - a call whose answer comes later
 * @call: the call
 * @waiter: who takes it; without an @end nobody does
 */
struct rpc_later {
	struct rpc_call call;
	struct rpc_waiter waiter;
};

/**
 * rpc_fail() - say why a method failed
 * @fault: where to say it
 * @code: enum rpc_code
 * @fmt: printf() format
 *
 * Return: NULL, for methods to return.
 */
void *rpc_fail(struct rpc_fault *fault, int code, const char *fmt, ...)
{
	va_list ap;

	fault->code = code;
	va_start(ap, fmt);
	vsnprintf(fault->message, sizeof(fault->message), fmt, ap);
	va_end(ap);
	return NULL;
}

/* Both make an answer; they steal nothing but @result. */
static json_t *answer_result(json_t *id, json_t *result)
{
	return json_pack("{s:s, s:o, s:O}", "jsonrpc", "2.0", "result", result,
			 "id", id);
}

static json_t *answer_fault(struct rpc *rpc, json_t *id,
			    const struct rpc_fault *fault)
{
	json_t *message = json_string(fault->message);

	rpc->faults++;
	/* vsnprintf() may have cut an UTF-8 sequence in half */
	if (!message)
		message = json_string("no message");
	return json_pack("{s:s, s:{s:i, s:o}, s:O}", "jsonrpc", "2.0",
			 "error", "code", fault->code, "message", message,
			 "id", id);
}

static const struct rpc_method *find_method(const struct rpc *rpc,
					    const char *name)
{
	const struct rpc_method *method;

	for (method = rpc->methods; method->name; method++) {
		if (!strcmp(method->name, name))
			return method;
	}
	return NULL;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static struct tally_calls *calls_of(struct rpc *rpc,
				    const struct rpc_method *method)
{
	size_t i = method ? (size_t)(method - rpc->methods) : TALLY_METHODS;

	return &rpc->calls[i < TALLY_METHODS ? i : TALLY_METHODS];
}

/* What became of a call that has ended. */
static void note_end(const struct rpc_call *call, const json_t *result,
		     const struct rpc_fault *fault)
{
	tally_call(calls_of(call->rpc, call->method),
		   result ? 0 : fault->code, now_ns() - call->begin);
	if (!result)
		log_debug("%s: error %d: %s", call->method->name, fault->code,
			  fault->message);
}

static json_t *call(struct rpc *rpc, const char *name, const json_t *params,
		    struct rpc_fault *fault)
{
	const struct rpc_method *method = find_method(rpc, name);
	json_t *result, *empty = NULL;

	if (!method) {
		tally_answer(calls_of(rpc, NULL), RPC_UNKNOWN_METHOD);
		return rpc_fail(fault, RPC_UNKNOWN_METHOD,
				"unknown method, see gmguard-rpc(7)");
	}
	if (!params) {
		empty = json_object();
		params = empty;
	}
	fault->call->method = method;
	fault->call->begin = now_ns();
	if (json_is_object(params))
		result = method->fn(rpc->ctx, params, fault);
	else
		result = rpc_fail(fault, RPC_INVALID_PARAMS,
				  "params must be an object, members by name");
	json_decref(empty);
	if (!fault->call->later)
		note_end(fault->call, result, fault);
	return result;
}

/* The answer to what is no call of a method. */
static json_t *answer_no_call(struct rpc *rpc, const struct rpc_fault *fault)
{
	tally_answer(calls_of(rpc, NULL), fault->code);
	return answer_fault(rpc, json_null(), fault);
}

/* Is it a request at all? JSON-RPC 2.0 section 4. */
static bool is_request(const json_t *request, const json_t *id)
{
	const char *version =
		json_string_value(json_object_get(request, "jsonrpc"));

	return json_is_object(request) && version && !strcmp(version, "2.0") &&
	       json_is_string(json_object_get(request, "method")) &&
	       (!id || json_is_string(id) || json_is_number(id) ||
		json_is_null(id));
}

/* The answer to one request, NULL for a notification, and if it comes later. */
static json_t *handle_one(struct rpc *rpc, json_t *request)
{
	json_t *id = json_object_get(request, "id"), *result;
	struct rpc_call this = { .rpc = rpc, .id = id };
	struct rpc_fault fault = {
		.code = RPC_INTERNAL_ERROR, .message = "out of memory",
		.call = &this,
	};

	rpc->requests++;
	if (!is_request(request, id)) {
		rpc_fail(&fault, RPC_INVALID_REQUEST,
			 "not a JSON-RPC 2.0 request");
		return answer_no_call(rpc, &fault);
	}
	result = call(rpc, json_string_value(json_object_get(request,
							     "method")),
		      json_object_get(request, "params"), &fault);
	if (!id || this.later) {
		json_decref(result);
		return NULL;
	}
	return result ? answer_result(id, result) :
			answer_fault(rpc, id, &fault);
}

static json_t *handle_batch(struct rpc *rpc, json_t *batch)
{
	struct rpc_fault fault = { .code = RPC_INVALID_REQUEST };
	json_t *answers, *answer, *request;
	size_t i;

	if (!json_array_size(batch) || json_array_size(batch) > RPC_BATCH_MAX) {
		rpc_fail(&fault, RPC_INVALID_REQUEST,
			 "a batch holds 1 to %d requests", RPC_BATCH_MAX);
		return answer_no_call(rpc, &fault);
	}
	answers = json_array();
	rpc->waiter = NULL;
	json_array_foreach(batch, i, request) {
		answer = handle_one(rpc, request);
		if (answer)
			json_array_append_new(answers, answer);
	}
	if (!json_array_size(answers)) {
		json_decref(answers);
		return NULL;
	}
	return answers;
}

/**
 * rpc_postpone() - answer a call later
 * @fault: of the call, whose method returns NULL then
 *
 * Return: for rpc_finish(), which must not come before the method has returned;
 * NULL when this call cannot wait, and @fault says so.
 */
struct rpc_later *rpc_postpone(struct rpc_fault *fault)
{
	const struct rpc_waiter *waiter = fault->call->rpc->waiter;
	struct rpc_later *later = waiter ? calloc(1, sizeof(*later)) : NULL;

	if (!later)
		return rpc_fail(fault, RPC_INVALID_REQUEST,
				"this method takes its time: call it alone, not in a batch, and not too often at once");
	fault->call->later = true;
	later->call = *fault->call;
	json_incref(later->call.id);
	later->waiter = *waiter;
	waiter->begin(waiter->arg, later);
	return later;
}

/**
 * rpc_finish() - here is the answer
 * @later: what rpc_postpone() returned; is gone afterwards
 * @result: the result, which is given away; NULL when it failed
 * @fault: why it failed
 */
void rpc_finish(struct rpc_later *later, json_t *result,
		struct rpc_fault *fault)
{
	struct rpc_call *call = &later->call;
	json_t *answer = NULL;

	note_end(call, result, fault);
	if (call->id && result)
		answer = answer_result(call->id, result);
	else if (call->id)
		answer = answer_fault(call->rpc, call->id, fault);
	else
		json_decref(result);
	if (later->waiter.end)
		later->waiter.end(later->waiter.arg, later, answer ?
				  json_dumps(answer, JSON_COMPACT) : NULL);
	json_decref(answer);
	json_decref(call->id);
	free(later);
}

/**
 * rpc_orphan() - nobody waits for it any more
 * @later: what waiter->begin() was given
 */
void rpc_orphan(struct rpc_later *later)
{
	later->waiter.end = NULL;
}

static const char *parse_problem(const json_error_t *error)
{
	switch (json_error_code(error)) {
	case json_error_stack_overflow:
		return "nested too deeply";
	case json_error_invalid_utf8:
		return "not UTF-8";
	case json_error_premature_end_of_input:
		return "it ends too early";
	case json_error_end_of_input_expected:
		return "something follows the request";
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return "a NUL character is in a string";
	case json_error_duplicate_key:
		return "a member is there twice";
	case json_error_numeric_overflow:
		return "a number is too large";
	case json_error_out_of_memory:
		return "out of memory";
	default:
		return "syntax error";
	}
}

/**
 * rpc_handle() - answer a request or a batch of requests
 * @rpc: the service
 * @text: the request, JSON, not terminated; may hold keys
 * @len: bytes of it
 *
 * Return: the answer, for secret_free(); NULL when there is none to give.
 */
char *rpc_handle(struct rpc *rpc, const char *text, size_t len)
{
	json_t *request, *answer;
	json_error_t error;
	char why[96], *out;

	request = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!request) {
		snprintf(why, sizeof(why), "parse error at byte %d: %s",
			 error.position, parse_problem(&error));
		secret_wipe(&error, sizeof(error));
		return rpc_refuse(rpc, RPC_PARSE_ERROR, why);
	}
	if (json_is_array(request))
		answer = handle_batch(rpc, request);
	else
		answer = handle_one(rpc, request);
	json_decref(request);
	if (!answer)
		return NULL;
	out = json_dumps(answer, JSON_COMPACT);
	json_decref(answer);
	return out;
}

/**
 * rpc_refuse() - the answer to what is no request
 * @rpc: the service
 * @code: enum rpc_code
 * @why: what is wrong with it
 *
 * Return: the answer, for secret_free(); NULL without memory.
 */
char *rpc_refuse(struct rpc *rpc, int code, const char *why)
{
	struct rpc_fault fault;
	json_t *answer;
	char *out;

	rpc_fail(&fault, code, "%s", why);
	answer = answer_no_call(rpc, &fault);
	out = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
	json_decref(answer);
	return out;
}
