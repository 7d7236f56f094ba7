// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Framing: netstrings and plain JSON, whole and byte by byte.
 */
#include <errno.h>
#include <stdio.h>

#include "frame.h"
#include "test.h"

static const struct frame_case {
	const char *name;
	const char *stream;
	const char *texts[4];
	int end;	/* 0: more is expected, else the error */
} cases[] = {
	{ "netstring: one request", "2:{},", { "{}" }, 0 },
	{ "netstring: two requests", "2:{},7:{\"a\":1},",
	  { "{}", "{\"a\":1}" }, 0 },
	{ "netstring: line ends between", "2:{},\r\n2:[],\n",
	  { "{}", "[]" }, 0 },
	{ "netstring: empty", "0:,", { "" }, 0 },
	{ "netstring: unfinished length", "12", { NULL }, 0 },
	{ "netstring: unfinished text", "10:{", { NULL }, 0 },
	{ "netstring: no comma", "2:{}x", { NULL }, -EBADMSG },
	{ "netstring: no colon", "2x{},", { NULL }, -EBADMSG },
	{ "netstring: leading zero", "02:{},", { NULL }, -EBADMSG },
	{ "netstring: length above the bound", "262145:", { NULL },
	  -EMSGSIZE },
	{ "netstring: length of 40 digits",
	  "1111111111111111111111111111111111111111:", { NULL }, -EMSGSIZE },
	{ "netstring: plain JSON later is an error", "2:{},{}", { "{}" },
	  -EBADMSG },
	{ "plain: one request", "{}", { "{}" }, 0 },
	{ "plain: two requests, nothing between", "{\"a\":[1]}[2]",
	  { "{\"a\":[1]}", "[2]" }, 0 },
	{ "plain: blanks around", " \r\n{} \t{}\n", { "{}", "{}" }, 0 },
	{ "plain: brackets and quotes in strings",
	  "{\"a\":\"}]\\\"}\"}{\"\\\\\":{}}",
	  { "{\"a\":\"}]\\\"}\"}", "{\"\\\\\":{}}" }, 0 },
	{ "plain: unfinished", "{\"a\":{}", { NULL }, 0 },
	{ "plain: unfinished string", "{\"a}", { NULL }, 0 },
	{ "plain: a browser", "GET / HTTP/1.1\r\n", { NULL }, -EBADMSG },
	{ "plain: a POST with JSON in its body",
	  "POST / HTTP/1.1\r\n\r\n{}", { NULL }, -EBADMSG },
	{ "plain: a lone string", "\"a\"", { NULL }, -EBADMSG },
	{ "plain: garbage behind a request", "{}x", { "{}" }, -EBADMSG },
	{ "plain: a netstring later is an error", "{}2:{},", { "{}" },
	  -EBADMSG },
	{ "binary", "\xff\xfe", { NULL }, -EBADMSG },
};

/* Feed a stream in pieces of some size; compare what comes out. */
static void feed(const struct frame_case *c, size_t piece)
{
	size_t len = strlen(c->stream), have = 0, used = 0, n = 0;
	struct framer framer = { 0 };
	struct frame frame;
	int ret = 0;

	while (have < len && ret >= 0) {
		have = have + piece < len ? have + piece : len;
		do {
			char *data = exact_copy(c->stream + used, have - used);

			ret = frame_next(&framer, data, have - used, &frame);
			if (ret > 0) {
				assert_non_null(c->texts[n]);
				assert_int_equal(frame.len,
						 strlen(c->texts[n]));
				assert_memory_equal(frame.text, c->texts[n],
						    frame.len);
				n++;
			}
			used += frame.used;
			free(data);
		} while (ret > 0);
	}
	assert_int_equal(ret, c->end);
	assert_null(c->texts[n]);
}

static void test_frame(void **state)
{
	const struct frame_case *c = *state;

	for (size_t piece = 1; piece <= strlen(c->stream); piece++)
		feed(c, piece);
}

static int next_of(const char *data, size_t len, struct frame *frame)
{
	struct framer framer = { 0 };

	return frame_next(&framer, data, len, frame);
}

static void test_bound(void **state)
{
	size_t size = FRAME_MAX + 64;
	char *data = malloc(size);
	struct frame frame;
	int head;

	(void)state;
	assert_non_null(data);
	memset(data, ' ', size);
	data[0] = '{';
	assert_int_equal(next_of(data, FRAME_MAX, &frame), 0);
	assert_int_equal(next_of(data, FRAME_MAX + 1, &frame), -EMSGSIZE);
	data[FRAME_MAX - 1] = '}';
	assert_int_equal(next_of(data, FRAME_MAX, &frame), 1);
	assert_int_equal(frame.len, FRAME_MAX);

	head = sprintf(data, "%d:", FRAME_MAX);
	data[head] = '{';
	assert_int_equal(next_of(data, head + FRAME_MAX, &frame), 0);
	data[head + FRAME_MAX] = ',';
	assert_int_equal(next_of(data, head + FRAME_MAX + 1, &frame), 1);
	assert_int_equal(frame.len, FRAME_MAX);
	assert_true(frame.used <= FRAME_MAX + FRAME_EXTRA);
	free(data);
}

int main(void)
{
	add_rows(cases, test_frame);
	add_test("a request of 262144 bytes passes, one more does not",
		 test_bound);
	return run_all("frame");
}
