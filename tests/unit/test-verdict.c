// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module's verdicts, compiled from the very file that the kernel runs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <cmocka.h>
#include <linux/gmguard.h>

#include "tests/verdict-cases.h"

#define REASON(id, name, text) [GMGUARD_REASON_##id] = name,
static const char *const names[] = {
	[0] = "accepted", GMGUARD_REASONS(REASON)
};

static void test_in(void **state)
{
	const struct in_case *c = *state;
	struct gmg_inbound in = honest_in();

	c->change(&in);
	assert_string_equal(names[gmg_verdict_in(&in)], names[c->reason]);
}

static void test_out(void **state)
{
	const struct out_case *c = *state;
	struct gmg_outbound out = honest_out();

	c->change(&out);
	assert_string_equal(names[gmg_verdict_out(&out)], names[c->reason]);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int main(void)
{
	struct CMUnitTest tests[COUNT(in_cases) + COUNT(out_cases)] = { 0 };
	size_t n = 0;
	size_t i;

	for (i = 0; i < COUNT(in_cases); i++)
		tests[n++] = (struct CMUnitTest){
			.name = in_cases[i].name,
			.test_func = test_in,
			.initial_state = (void *)&in_cases[i],
		};
	for (i = 0; i < COUNT(out_cases); i++)
		tests[n++] = (struct CMUnitTest){
			.name = out_cases[i].name,
			.test_func = test_out,
			.initial_state = (void *)&out_cases[i],
		};
	return _cmocka_run_group_tests("verdict", tests, n, NULL, NULL);
}
