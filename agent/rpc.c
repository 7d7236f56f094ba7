// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rpc.c - see rpc.h
 *
 * Error messages never quote the request: a key may stand in it.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "rpc.h"
#include "secret.h"

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

static json_t *call(struct rpc *rpc, const char *name, const json_t *params,
		    struct rpc_fault *fault)
{
	const struct rpc_method *method = find_method(rpc, name);
	json_t *result, *empty = NULL;
	uint64_t begin;

	if (!method) {
		tally_answer(calls_of(rpc, NULL), RPC_UNKNOWN_METHOD);
		return rpc_fail(fault, RPC_UNKNOWN_METHOD,
				"unknown method, see gmguard-rpc(7)");
	}
	if (!params) {
		empty = json_object();
		params = empty;
	}
	begin = now_ns();
	if (json_is_object(params))
		result = method->fn(rpc->ctx, params, fault);
	else
		result = rpc_fail(fault, RPC_INVALID_PARAMS,
				  "params must be an object, members by name");
	json_decref(empty);
	tally_call(calls_of(rpc, method), result ? 0 : fault->code,
		   now_ns() - begin);
	if (!result)
		log_debug("%s: error %d: %s", method->name, fault->code,
			  fault->message);
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

/* The answer to one request, NULL for a notification. */
static json_t *handle_one(struct rpc *rpc, json_t *request)
{
	struct rpc_fault fault = {
		.code = RPC_INTERNAL_ERROR, .message = "out of memory",
	};
	json_t *id = json_object_get(request, "id"), *result;

	rpc->requests++;
	if (!is_request(request, id)) {
		rpc_fail(&fault, RPC_INVALID_REQUEST,
			 "not a JSON-RPC 2.0 request");
		return answer_no_call(rpc, &fault);
	}
	result = call(rpc, json_string_value(json_object_get(request,
							     "method")),
		      json_object_get(request, "params"), &fault);
	if (!id) {
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
