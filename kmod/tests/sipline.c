// SPDX-License-Identifier: GPL-2.0-only
/*
 * The start line and the header of a datagram. What is read ends where its
 * memory does, so that KASAN sees a byte too many.
 */
#include "sipline-cases.h"
#include "test.h"

GMG_ROWS(kinds);
GMG_ROWS(clears);
GMG_ROWS(scans);

static const char *copy_of(struct kunit *test, const char *text, size_t len)
{
	char *copy = kunit_kmalloc(test, len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	return memcpy(copy, text, len);
}

static void kind(struct kunit *test)
{
	const struct kind_case *row = test->param_value;
	size_t len = strlen(row->data);

	KUNIT_EXPECT_EQ(test,
			gmg_sip_kind(copy_of(test, row->data, len), len),
			row->kind);
}

static void clear(struct kunit *test)
{
	const struct clear_case *row = test->param_value;

	KUNIT_EXPECT_EQ(test,
			gmg_sip_clear(copy_of(test, row->data, row->len),
				      row->len),
			row->clear);
}

static void scan(struct kunit *test)
{
	const struct scan_case *row = test->param_value;
	size_t len = strlen(row->data);
	struct gmg_sip sip;

	KUNIT_EXPECT_EQ(test,
			gmg_sip_scan(copy_of(test, row->data, len), len, &sip),
			row->found);
	if (!row->found)
		return;
	KUNIT_ASSERT_EQ(test, sip.call_id_len, strlen(row->call_id));
	KUNIT_EXPECT_EQ(test, 0, memcmp(sip.call_id, row->call_id,
					sip.call_id_len));
	KUNIT_EXPECT_EQ(test, sip.cseq, row->cseq);
	KUNIT_EXPECT_EQ(test, sip.cseq_register, row->cseq_register);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(kind, kinds_gen_params),
	KUNIT_CASE_PARAM(clear, clears_gen_params),
	KUNIT_CASE_PARAM(scan, scans_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "gmguard-sipline",
	.test_cases = cases,
};

kunit_test_suite(suite);
