// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent/rpc.c and all methods behind it: any bytes at all get an answer that
 * JSON-RPC 2.0 allows, or none where it asks for none, and leave nothing
 * behind. The requests of the seeds are whole registrations.
 *
 * Input: the text of a request or of a batch.
 */
#include "fuzz.h"
#include "fake-kernel.h"
#include "lab.h"
#include "secret.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	lab_setup();
	return 0;
}

static bool is_text(const json_t *object, const char *name, const char *text)
{
	const char *value = json_string_value(json_object_get(object, name));

	return value && (!text || !strcmp(value, text));
}

/* JSON-RPC 2.0 section 4 */
static bool is_request(const json_t *request)
{
	const json_t *id = json_object_get(request, "id");

	return is_text(request, "jsonrpc", "2.0") &&
	       is_text(request, "method", NULL) &&
	       (!id || json_is_string(id) || json_is_number(id) ||
		json_is_null(id));
}

static bool wants_answer(const json_t *request)
{
	return !is_request(request) || json_object_get(request, "id");
}

/* JSON-RPC 2.0 section 5: the answer to @request, NULL for what is none. */
static void check_response(const json_t *response, const json_t *request)
{
	const json_t *error = json_object_get(response, "error");
	const json_t *id = json_object_get(response, "id");

	CHECK(json_is_object(response) && json_object_size(response) == 3);
	CHECK(is_text(response, "jsonrpc", "2.0") && id);
	CHECK(!error != !json_object_get(response, "result"));
	if (request && is_request(request)) {
		CHECK(json_equal(id, json_object_get(request, "id")));
	} else {
		CHECK(json_is_null(id) && error);
	}
	if (error)
		CHECK(json_is_integer(json_object_get(error, "code")) &&
		      is_text(error, "message", NULL));
}

/* Section 6: an answer to each that wants one. */
static void check_batch(const json_t *answer, const json_t *batch)
{
	size_t i, at = 0;
	json_t *request;

	if (!json_array_size(batch) || json_array_size(batch) > RPC_BATCH_MAX) {
		check_response(answer, NULL);
		return;
	}
	json_array_foreach(batch, i, request) {
		if (wants_answer(request))
			check_response(json_array_get(answer, at++), request);
	}
	CHECK(at == json_array_size(answer) && !answer == !at);
}

static void check_answer(const char *text, const json_t *request)
{
	json_t *answer = text ? json_loads(text, 0, NULL) : NULL;

	CHECK(!text == !answer);
	if (!request)
		check_response(answer, NULL);
	else if (json_is_array(request))
		check_batch(answer, request);
	else if (wants_answer(request))
		check_response(answer, request);
	else
		CHECK(!answer);
	json_decref(answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t braces = 0;
	json_t *request;
	char *text, *answer;

	for (size_t i = 0; i < size; i++)
		braces += data[i] == '{';
	if (braces > LAB_BRACES)
		return -1;
	text = copy_bytes(data, size);
	request = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	answer = rpc_handle(&lab.rpc, text, size);
	check_answer(answer, request);
	secret_free(answer);
	json_decref(request);
	free(text);
	lab_reset();
	return 0;
}
