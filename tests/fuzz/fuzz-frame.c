// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent/frame.c: the requests in a stream are the same however it is cut into
 * pieces, and a JSON text ends where jansson says it ends.
 *
 * Input: sizes of the pieces, NUL, the stream.
 */
#include <ctype.h>
#include <errno.h>

#include <jansson.h>

#include "frame.h"
#include "fuzz.h"

#define MOST	64

/**
 * struct result - what a stream was taken for
 * @start: offsets of the requests
 * @len: their lengths
 * @n: how many
 * @used: bytes that are done with
 * @error: what ended it, 0: nothing did
 */
struct result {
	size_t start[MOST];
	size_t len[MOST];
	size_t n;
	size_t used;
	int error;
};

/* All that can be had of the first @have bytes; goes on where it was. */
static void consume(struct framer *framer, const char *stream, size_t have,
		    struct result *r)
{
	while (!r->error && r->n < MOST) {
		char *exact = copy_bytes(stream + r->used, have - r->used);
		struct frame frame = { NULL, 0, 0 };
		int ret = frame_next(framer, exact, have - r->used, &frame);

		CHECK(ret == 1 || ret == 0 || ret == -EBADMSG ||
		      ret == -EMSGSIZE);
		CHECK(frame.used <= have - r->used);
		if (ret == 1) {
			CHECK(frame.text >= exact && frame.len <= FRAME_MAX);
			CHECK(frame.text + frame.len <= exact + frame.used);
			r->start[r->n] = r->used + (frame.text - exact);
			r->len[r->n++] = frame.len;
		}
		if (ret < 0) {
			r->error = ret;
			CHECK(strlen(frame_problem(ret)) > 10);
		}
		r->used += frame.used;
		free(exact);
		if (ret <= 0)
			return;
	}
}

/*
 * What is cut out as one JSON text must be what jansson reads as one. It does
 * not count a NUL behind a number, so what has one is left to rpc_handle().
 */
static void check_json(const char *stream, const struct result *r, size_t size)
{
	for (size_t i = 0; i < r->n; i++) {
		const char *text = stream + r->start[i];
		json_error_t error;
		json_t *json;

		if (memchr(text, '\0', r->len[i]))
			continue;
		json = json_loadb(text, size - r->start[i],
				  JSON_DISABLE_EOF_CHECK, &error);
		if (json)
			CHECK((size_t)error.position == r->len[i]);
		json_decref(json);
	}
}

/* "LEN:TEXT," read by hand. */
static void check_netstrings(const char *stream, const struct result *r,
			     size_t size)
{
	size_t at = 0;

	for (size_t i = 0; i < r->n; i++) {
		char *end;
		size_t len;

		while (isspace((unsigned char)stream[at]))
			at++;
		len = strtoul(stream + at, &end, 10);
		CHECK(*end == ':' && len == r->len[i]);
		at = end + 1 - stream;
		CHECK(at == r->start[i] && at + len < size);
		CHECK(stream[at + len] == ',');
		at += len + 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	char *sizes = take_text(&in), *next = sizes, *stream;
	struct framer whole = { 0 }, pieces = { 0 };
	struct result a = { .n = 0 }, b = { .n = 0 };
	size_t have = 0;

	stream = copy_bytes(in.p, in.left);
	consume(&whole, stream, in.left, &a);
	while (have < in.left && !b.error && b.n < MOST) {
		have += *next ? (uint8_t)*next : in.left;
		next += *next != '\0';
		if (have > in.left)
			have = in.left;
		consume(&pieces, stream, have, &b);
	}
	CHECK(a.n == b.n && a.error == b.error && a.used == b.used);
	CHECK(!memcmp(a.start, b.start, a.n * sizeof(a.start[0])));
	CHECK(!memcmp(a.len, b.len, a.n * sizeof(a.len[0])));
	if (whole.kind == FRAME_PLAIN)
		check_json(stream, &a, in.left);
	else if (whole.kind == FRAME_NETSTRING)
		check_netstrings(stream, &a, in.left);
	free(stream);
	free(sizes);
	return 0;
}
