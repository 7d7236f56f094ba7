// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module's reading of a SIP stream, from the very file that the kernel
 * runs: what is allowed and what not, cut in every way.
 */
#include "test.h"

#include <stdbool.h>

#include "tests/stream-cases.h"

static size_t row_len(const struct stream_case *row)
{
	return row->len ? row->len : strlen(row->data);
}

/* Feeds pieces that end at the cuts, and at the end. */
static bool feed_cut(struct gmg_stream *s, enum gmg_stream_mode mode,
		     const char *data, size_t len, const bool *cut,
		     unsigned int *seen)
{
	bool allowed = true;
	size_t from = 0;

	*seen = 0;
	for (size_t at = 0; at <= len; at++) {
		unsigned int now;
		bool result;
		char *copy;

		if (at < len && !cut[at])
			continue;
		copy = exact_copy(data + from, at - from);
		result = gmg_stream_feed(s, mode, copy, at - from, &now);
		/* once it is denied, it stays so */
		assert_true(allowed || !result);
		allowed = result;
		*seen |= now;
		from = at;
		free(copy);
	}
	return allowed;
}

/* Byte by byte; DENIED or how many messages are seen, and which. */
static int count(struct gmg_stream *s, enum gmg_stream_mode mode,
		 const char *data, size_t len, unsigned int *kinds)
{
	int n = 0;

	*kinds = 0;
	for (size_t at = 0; at < len; at++) {
		unsigned int seen;
		bool allowed;

		allowed = gmg_stream_feed(s, mode, data + at, 1, &seen);
		assert_true(allowed || mode != GMG_STREAM_ANY);
		n += !!seen;
		*kinds |= seen;
		if (!gmg_stream_in_step(s))
			return DENIED;
		assert_true(allowed);
	}
	return n;
}

static void assert_same(const struct gmg_stream *a, const struct gmg_stream *b)
{
	assert_int_equal(gmg_stream_in_step(a), gmg_stream_in_step(b));
	if (gmg_stream_in_step(a))
		assert_memory_equal(a, b, sizeof(*a));
}

/* The row as it says, and the same in one piece and in any two. */
static void check_row(const struct stream_case *row, enum gmg_stream_mode mode)
{
	size_t len = row_len(row);
	struct gmg_stream bytes, pieces;
	bool *cut = calloc(len + 1, sizeof(*cut));
	unsigned int kinds, seen;
	bool allowed;

	assert_non_null(cut);
	gmg_stream_init(&bytes);
	assert_int_equal(count(&bytes, mode, row->data, len, &kinds),
			 row->messages);
	if (mode == GMG_STREAM_REGISTER)
		assert_false(kinds & GMG_STREAM_SAW_OTHER);
	if (mode == GMG_STREAM_RESPONSE)
		assert_false(kinds & GMG_STREAM_SAW_REGISTER);

	for (size_t at = 0; at <= len; at++) {
		gmg_stream_init(&pieces);
		cut[at] = true;
		allowed = feed_cut(&pieces, mode, row->data, len, cut, &seen);
		cut[at] = false;
		assert_same(&pieces, &bytes);
		assert_int_equal(allowed, row->messages != DENIED ||
				 mode == GMG_STREAM_ANY);
		assert_int_equal(seen, kinds);
	}
	free(cut);
}

static void test_register(void **state)
{
	check_row(*state, GMG_STREAM_REGISTER);
}

static void test_response(void **state)
{
	check_row(*state, GMG_STREAM_RESPONSE);
}

static void test_any(void **state)
{
	check_row(*state, GMG_STREAM_ANY);
}

static void test_clear(void **state)
{
	check_row(*state, GMG_STREAM_CLEAR);
	check_row(*state, GMG_STREAM_CLEAR_SOS);
}

static void test_no_call(void **state)
{
	check_row(*state, GMG_STREAM_CLEAR);
}

static void test_call(void **state)
{
	check_row(*state, GMG_STREAM_CLEAR_SOS);
}

/* The time of a call is over: what has begun may end, nothing more begins. */
static void test_call_over(void **state)
{
	static const char sos[] = SOS("urn:service:sos");
	static const char bye[] = "BYE sip:a SIP/2.0\r\nl: 0\r\n\r\n";
	unsigned int seen;

	(void)state;
	for (size_t at = 0; at < sizeof(bye); at++) {
		struct gmg_stream s;
		bool allowed;

		gmg_stream_init(&s);
		assert_true(gmg_stream_feed(&s, GMG_STREAM_CLEAR_SOS, sos,
					    sizeof(sos) - 1, &seen));
		assert_true(seen & GMG_STREAM_SAW_SOS);
		assert_true(gmg_stream_is_between(&s));
		assert_true(gmg_stream_feed(&s, GMG_STREAM_CLEAR_SOS, bye, at,
					    &seen));
		allowed = gmg_stream_feed(&s, GMG_STREAM_CLEAR, bye + at,
					  sizeof(bye) - 1 - at, &seen);
		assert_int_equal(allowed, at > 0);
		assert_int_equal(gmg_stream_is_between(&s), at > 0);
		assert_false(gmg_stream_feed(&s, GMG_STREAM_CLEAR, bye,
					     sizeof(bye) - 1, &seen));
	}
}

/* A set becomes established at any byte of its stream. */
static void test_change(void **state)
{
	static const char data[] = "\r\n" REG VIA "a: b\r\n c\r\n"
		"Content-Length : 10 \r\n\r\n" BODY10;
	static const char next[] = "\r\n" INVITE;
	const size_t len = sizeof(data) - 1;
	unsigned int before, after;

	(void)state;
	for (size_t at = 0; at <= len; at++) {
		struct gmg_stream s;
		int n;

		gmg_stream_init(&s);
		n = count(&s, GMG_STREAM_REGISTER, data, at, &before);
		n += count(&s, GMG_STREAM_ANY, data + at, len - at, &after);
		assert_int_equal(n, 1);
		assert_int_equal(before | after, GMG_STREAM_SAW_REGISTER);
		n = count(&s, GMG_STREAM_ANY, next, sizeof(next) - 1, &after);
		assert_int_equal(n, 1);
		assert_int_equal(after, GMG_STREAM_SAW_OTHER);
	}
}

/* After something that is not allowed nothing is, in whatever pieces. */
static void test_final(void **state)
{
	struct gmg_stream s;
	unsigned int seen;

	(void)state;
	gmg_stream_init(&s);
	assert_false(gmg_stream_feed(&s, GMG_STREAM_REGISTER, "X", 1, &seen));
	assert_false(gmg_stream_feed(&s, GMG_STREAM_REGISTER, MESSAGE,
				     sizeof(MESSAGE) - 1, &seen));
	assert_int_equal(seen, 0);
	assert_false(gmg_stream_feed(&s, GMG_STREAM_REGISTER, "", 0, &seen));
	assert_true(gmg_stream_feed(&s, GMG_STREAM_ANY, INVITE,
				    sizeof(INVITE) - 1, &seen));
	assert_int_equal(seen, 0);
}

/* At which byte a message is seen: as soon as there is no doubt. */
static void test_when(void **state)
{
	static const struct {
		const char *data;
		size_t at;
		unsigned int seen;
	} cases[] = {
		{ MESSAGE, sizeof(MESSAGE) - 1, GMG_STREAM_SAW_REGISTER },
		{ WITH("l:10\r\n") BODY10, sizeof(WITH("l:10\r\n")) - 1,
		  GMG_STREAM_SAW_REGISTER },
		{ "\r\n" INVITE, 37, GMG_STREAM_SAW_OTHER },
		{ OK200, 8, GMG_STREAM_SAW_OTHER },
		{ "REGISTERS sip:a SIP/2.0\r\n\r\n", 25,
		  GMG_STREAM_SAW_OTHER },
		{ "SIP sip:a SIP/2.0\r\n\r\n", 19, GMG_STREAM_SAW_OTHER },
		{ "s sip:a SIP/2.0\r\n\r\n", 17, GMG_STREAM_SAW_OTHER },
		{ "R sip:a SIP/2.0\r\n\r\n", 17, GMG_STREAM_SAW_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct gmg_stream s;
		unsigned int seen;

		gmg_stream_init(&s);
		for (size_t at = 0; at < cases[i].at; at++) {
			gmg_stream_feed(&s, GMG_STREAM_ANY, cases[i].data + at,
					1, &seen);
			assert_true(gmg_stream_in_step(&s));
			assert_int_equal(seen, at + 1 < cases[i].at ? 0 :
					 cases[i].seen);
		}
	}
}

static void test_random_cuts(void **state)
{
	static const char data[] = "\r\n" MESSAGE WITH(VIA "a: b\r\n c\r\n"
		"Content-Length \t:  10 \r\n") BODY10 MESSAGE "\r\n\r\n";
	const size_t len = sizeof(data) - 1;
	struct gmg_stream whole, cut_up;
	bool cut[sizeof(data)];
	unsigned int seen;

	(void)state;
	gmg_stream_init(&whole);
	assert_true(gmg_stream_feed(&whole, GMG_STREAM_REGISTER, data, len,
				    &seen));
	for (int round = 0; round < 2000; round++) {
		for (size_t at = 0; at < len; at++)
			cut[at] = !random_below(1 + round % 40);
		gmg_stream_init(&cut_up);
		assert_true(feed_cut(&cut_up, GMG_STREAM_REGISTER, data, len,
				     cut, &seen));
		assert_int_equal(seen, GMG_STREAM_SAW_REGISTER);
		assert_same(&cut_up, &whole);
	}
}

int main(void)
{
	add_rows(registers, test_register);
	add_rows(responses, test_response);
	add_rows(anything, test_any);
	add_rows(clears, test_clear);
	add_rows(no_calls, test_no_call);
	add_rows(calls, test_call);
	add_test("GM-38 AT-23: a call whose time is over", test_call_over);
	add_test("GM-33: established at any byte of SM7", test_change);
	add_test("GM-15: nothing is allowed behind what is not", test_final);
	add_test("GM-33: when a message is seen", test_when);
	add_test("GM-15 AT-18: random cuts", test_random_cuts);
	return run_all("stream");
}
