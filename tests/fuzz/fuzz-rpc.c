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

static void check_error(const json_t *error)
{
	const char *message =
		json_string_value(json_object_get(error, "message"));

	CHECK(json_is_integer(json_object_get(error, "code")));
	CHECK(message && *message);
}

/* JSON-RPC 2.0 section 5 */
static void check_response(const json_t *response)
{
	const json_t *error = json_object_get(response, "error");
	const json_t *version = json_object_get(response, "jsonrpc");

	CHECK(json_is_object(response) && json_object_size(response) == 3);
	CHECK(json_is_string(version) &&
	      !strcmp(json_string_value(version), "2.0"));
	CHECK(!error != !json_object_get(response, "result"));
	CHECK(json_object_get(response, "id"));
	if (error)
		check_error(error);
}

/* How many of them, for an input that is JSON at all. */
static size_t count_answers(const json_t *request)
{
	size_t n = 0, i;
	json_t *one;

	if (!json_is_array(request))
		return 1;
	json_array_foreach(request, i, one)
		n++;
	return n;
}

static void check_answer(const char *text, const json_t *request)
{
	json_t *answer = json_loads(text, 0, NULL), *one;
	size_t i;

	CHECK(answer);
	if (json_is_array(answer)) {
		CHECK(json_is_array(request) && json_array_size(answer));
		CHECK(json_array_size(answer) <= count_answers(request));
		json_array_foreach(answer, i, one)
			check_response(one);
	} else {
		check_response(answer);
	}
	json_decref(answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned long long requests = lab.rpc.requests;
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
	CHECK(request || answer);
	if (answer)
		check_answer(answer, request);
	CHECK(lab.rpc.requests - requests <= braces + size);
	secret_free(answer);
	json_decref(request);
	free(text);
	lab_reset();
	return 0;
}
