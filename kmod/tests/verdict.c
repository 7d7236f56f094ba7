// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verdicts: every requirement that they keep, and its reason.
 */
#include "test.h"
#include "verdict-cases.h"

GMG_ROWS(in_cases);
GMG_ROWS(out_cases);

static void in(struct kunit *test)
{
	const struct in_case *row = test->param_value;
	struct gmg_inbound facts = honest_in();

	row->change(&facts);
	KUNIT_EXPECT_STREQ(test, gmg_lab_reason(gmg_verdict_in(&facts)),
			   gmg_lab_reason(row->reason));
}

static void out(struct kunit *test)
{
	const struct out_case *row = test->param_value;
	struct gmg_outbound facts = honest_out();

	row->change(&facts);
	KUNIT_EXPECT_STREQ(test, gmg_lab_reason(gmg_verdict_out(&facts)),
			   gmg_lab_reason(row->reason));
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(in, in_cases_gen_params),
	KUNIT_CASE_PARAM(out, out_cases_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "gmguard-verdict",
	.test_cases = cases,
};

kunit_test_suite(suite);
