/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test.h - cmocka, and tables of cases whose names are the requirements
 */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/** Room for the tests of one program. */
#define TESTS_MAX	256

static struct CMUnitTest tests[TESTS_MAX];
static size_t n_tests;

/* A test of its own. */
static inline void add_test(const char *name, CMUnitTestFunction fn)
{
	assert_true(n_tests < TESTS_MAX);
	tests[n_tests++] = (struct CMUnitTest){
		.name = name, .test_func = fn,
	};
}

/* A test for each row of a table; the first member of a row is its name. */
#define add_rows(table, fn) do {					\
	for (size_t i_ = 0; i_ < COUNT(table); i_++) {			\
		add_test((table)[i_].name, fn);				\
		tests[n_tests - 1].initial_state = (void *)&(table)[i_]; \
	}								\
} while (0)

static inline int run_all(const char *group)
{
	return _cmocka_run_group_tests(group, tests, n_tests, NULL, NULL);
}

/*
 * A copy that ends where its memory ends, so that AddressSanitizer sees one
 * byte too many.
 */
static inline char *exact_copy(const char *text, size_t len)
{
	char *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	return memcpy(copy, text, len);
}

/* The same numbers in every run. */
static inline uint32_t random_below(uint32_t bound)
{
	static uint32_t state = 2463534242U;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % bound;
}

#endif /* TEST_H */
