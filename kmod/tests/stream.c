// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a SIP stream may hold, whole and in any two pieces.
 */
#include "stream-cases.h"
#include "test.h"

GMG_ROWS(registers);
GMG_ROWS(responses);
GMG_ROWS(anything);
GMG_ROWS(clears);
GMG_ROWS(no_calls);
GMG_ROWS(calls);

/* Byte by byte: DENIED, or how many messages are seen. */
static int count(const struct stream_case *row, enum gmg_stream_mode mode,
		 size_t len, struct gmg_stream *s)
{
	unsigned int seen;
	size_t at;
	int n = 0;

	gmg_stream_init(s);
	for (at = 0; at < len; at++) {
		gmg_stream_feed(s, mode, row->data + at, 1, &seen);
		n += !!seen;
		if (!gmg_stream_in_step(s))
			return DENIED;
	}
	return n;
}

static void check(struct kunit *test, enum gmg_stream_mode mode)
{
	const struct stream_case *row = test->param_value;
	size_t len = row->len ?: strlen(row->data);
	bool allowed = row->messages != DENIED || mode == GMG_STREAM_ANY;
	struct gmg_stream bytes;
	struct gmg_stream pieces;
	unsigned int seen;
	size_t cut;

	KUNIT_EXPECT_EQ(test, count(row, mode, len, &bytes), row->messages);
	for (cut = 0; cut <= len; cut++) {
		gmg_stream_init(&pieces);
		gmg_stream_feed(&pieces, mode, row->data, cut, &seen);
		KUNIT_ASSERT_EQ(test, allowed,
				gmg_stream_feed(&pieces, mode, row->data + cut,
						len - cut, &seen));
		KUNIT_ASSERT_EQ(test, gmg_stream_in_step(&pieces),
				gmg_stream_in_step(&bytes));
		if (gmg_stream_in_step(&bytes))
			KUNIT_ASSERT_EQ(test, 0, memcmp(&pieces, &bytes,
							sizeof(bytes)));
	}
}

static void on_temporary_set(struct kunit *test)
{
	check(test, GMG_STREAM_REGISTER);
}

static void out_of_temporary_set(struct kunit *test)
{
	check(test, GMG_STREAM_RESPONSE);
}

static void on_established_set(struct kunit *test)
{
	check(test, GMG_STREAM_ANY);
}

static void in_clear(struct kunit *test)
{
	check(test, GMG_STREAM_CLEAR);
	check(test, GMG_STREAM_CLEAR_SOS);
}

static void in_clear_without_calls(struct kunit *test)
{
	check(test, GMG_STREAM_CLEAR);
}

static void in_clear_with_calls(struct kunit *test)
{
	check(test, GMG_STREAM_CLEAR_SOS);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(on_temporary_set, registers_gen_params),
	KUNIT_CASE_PARAM(out_of_temporary_set, responses_gen_params),
	KUNIT_CASE_PARAM(on_established_set, anything_gen_params),
	KUNIT_CASE_PARAM(in_clear, clears_gen_params),
	KUNIT_CASE_PARAM(in_clear_without_calls, no_calls_gen_params),
	KUNIT_CASE_PARAM(in_clear_with_calls, calls_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "gmguard-stream",
	.test_cases = cases,
};

kunit_test_suite(suite);
