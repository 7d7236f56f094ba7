// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * JSON-RPC 2.0: requests, notifications, batches, and what is none of them.
 */
#include <stdio.h>

#include "rpc.h"
#include "secret.h"
#include "test.h"

static int calls;

static json_t *method_echo(void *ctx, const json_t *params,
			   struct rpc_fault *fault)
{
	const json_t *text = json_object_get(params, "text");

	(void)ctx;
	calls++;
	if (!text)
		return rpc_fail(fault, RPC_INVALID_PARAMS, "params.text: expected a string");
	return json_incref((json_t *)text);
}

static const struct rpc_method methods[] = {
	{ "echo", method_echo },
	{ NULL, NULL },
};

#define FAULT(code, text, id) \
	"{\"jsonrpc\":\"2.0\",\"error\":{\"code\":" code ",\"message\":\"" text "\"},\"id\":" id "}"

static const struct rpc_case {
	const char *name;
	const char *request;
	const char *answer;
	int calls;
} cases[] = {
	{ "a request", "{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"params\":{\"text\":\"x\"},\"id\":1}",
	  "{\"jsonrpc\":\"2.0\",\"result\":\"x\",\"id\":1}", 1 },
	{ "an id may be a string", "{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"params\":{\"text\":1},\"id\":\"a\"}",
	  "{\"jsonrpc\":\"2.0\",\"result\":1,\"id\":\"a\"}", 1 },
	{ "an id may be null", "{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"params\":{\"text\":1},\"id\":null}",
	  "{\"jsonrpc\":\"2.0\",\"result\":1,\"id\":null}", 1 },
	{ "a notification gets no answer", "{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"params\":{\"text\":1}}", NULL, 1 },
	{ "a notification that fails gets no answer", "{\"jsonrpc\":\"2.0\",\"method\":\"none\"}", NULL, 0 },
	{ "an unknown method", "{\"jsonrpc\":\"2.0\",\"method\":\"none\",\"id\":1}",
	  FAULT("-32601", "unknown method, see gmguard-rpc(7)", "1"), 0 },
	{ "a method that fails", "{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"id\":1}",
	  FAULT("-32602", "params.text: expected a string", "1"), 1 },
	{ "params by position", "{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"params\":[1],\"id\":1}",
	  FAULT("-32602", "params must be an object, members by name", "1"), 0 },
	{ "no version", "{\"method\":\"echo\",\"id\":1}",
	  FAULT("-32600", "not a JSON-RPC 2.0 request", "null"), 0 },
	{ "version 1.0", "{\"jsonrpc\":\"1.0\",\"method\":\"echo\",\"id\":1}",
	  FAULT("-32600", "not a JSON-RPC 2.0 request", "null"), 0 },
	{ "an id that is an object", "{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"id\":{}}",
	  FAULT("-32600", "not a JSON-RPC 2.0 request", "null"), 0 },
	{ "a method that is a number", "{\"jsonrpc\":\"2.0\",\"method\":1,\"id\":1}",
	  FAULT("-32600", "not a JSON-RPC 2.0 request", "null"), 0 },
	{ "a batch", "[{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"params\":{\"text\":1},\"id\":1},{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"params\":{\"text\":2}},3]",
	  "[{\"jsonrpc\":\"2.0\",\"result\":1,\"id\":1}," FAULT("-32600", "not a JSON-RPC 2.0 request", "null") "]", 2 },
	{ "a batch of notifications gets no answer", "[{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"params\":{\"text\":2}}]", NULL, 1 },
	{ "an empty batch", "[]", FAULT("-32600", "a batch holds 1 to 256 requests", "null"), 0 },
	{ "no JSON", "{", FAULT("-32700", "parse error at byte 1: it ends too early", "null"), 0 },
	{ "AT-40: a member twice", "{\"jsonrpc\":\"2.0\",\"jsonrpc\":\"2.0\"}",
	  FAULT("-32700", "parse error at byte 26: a member is there twice", "null"), 0 },
	{ "AT-40: a NUL in a string", "{\"a\":\"\\u0000\"}",
	  FAULT("-32700", "parse error at byte 13: a NUL character is in a string", "null"), 0 },
	{ "AT-40: a NUL in a name", "{\"\\u0000\":1}",
	  FAULT("-32700", "parse error at byte 9: a NUL character is in a string", "null"), 0 },
	{ "AT-40: half an UTF-8 sequence", "{\"a\":\"\xc3\"}",
	  FAULT("-32700", "parse error at byte 6: not UTF-8", "null"), 0 },
	{ "AT-40: a number of 40 digits", "{\"a\":1111111111111111111111111111111111111111}",
	  FAULT("-32700", "parse error at byte 45: a number is too large", "null"), 0 },
	{ "AT-40: something behind the request", "{}{}",
	  FAULT("-32700", "parse error at byte 3: something follows the request", "null"), 0 },
	{ "AT-40: nothing", "", FAULT("-32700", "parse error at byte 0: it ends too early", "null"), 0 },
};

static char *handle(const char *text, size_t len)
{
	struct rpc rpc = { .methods = methods };
	char *data = exact_copy(text, len), *answer;

	calls = 0;
	answer = rpc_handle(&rpc, data, len);
	free(data);
	return answer;
}

static void test_rpc(void **state)
{
	const struct rpc_case *c = *state;
	char *answer = handle(c->request, strlen(c->request));

	if (c->answer) {
		assert_non_null(answer);
		assert_string_equal(answer, c->answer);
	} else {
		assert_null(answer);
	}
	assert_int_equal(calls, c->calls);
	secret_free(answer);
}

static void test_deep(void **state)
{
	size_t len = 256 * 1024;
	char *text = malloc(len), *answer;

	(void)state;
	memset(text, '[', len);
	answer = handle(text, len);
	assert_non_null(strstr(answer, "nested too deeply"));
	secret_free(answer);
	for (size_t i = 0; i + 5 <= len; i += 5)
		memcpy(text + i, "{\"a\":", 5);
	answer = handle(text, len);
	assert_non_null(strstr(answer, "nested too deeply"));
	secret_free(answer);
	free(text);
}

static void test_large_batch(void **state)
{
	char text[2 * 257 + 2] = "[";
	char *answer;

	(void)state;
	for (int i = 0; i < 257; i++)
		strcat(text, i ? ",1" : "1");
	strcat(text, "]");
	answer = handle(text, strlen(text));
	assert_non_null(strstr(answer, "a batch holds 1 to 256 requests"));
	secret_free(answer);
}

/* A parser's message likes to quote what it stumbled over. */
static void test_no_quote(void **state)
{
	static const char key[] = "b40ba9a3c58b2a05bbf0d987b21bf8cb";
	char text[256], *answer;

	(void)state;
	for (int at = 0; at < 4; at++) {
		static const char *const broken[] = {
			"{\"ck\":\"%s\" x}", "{\"ck\":%s}", "{%s:1}",
			"{\"ck\":\"%s",
		};

		snprintf(text, sizeof(text), broken[at], key);
		answer = handle(text, strlen(text));
		assert_null(strstr(answer, "b40b"));
		secret_free(answer);
	}
}

int main(void)
{
	secret_setup();
	add_rows(cases, test_rpc);
	add_test("AT-40: JSON nested 262144 deep", test_deep);
	add_test("a batch of 257", test_large_batch);
	add_test("GM-21: errors never quote the request", test_no_quote);
	return run_all("rpc");
}
