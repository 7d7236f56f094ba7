// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module's reading of a SIP datagram, from the very file that the kernel
 * runs. Inputs are copied to the end of an allocation of their own, so that
 * AddressSanitizer sees a byte too many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sipline-cases.h"

static void test_kind(void **state)
{
	const struct kind_case *c = *state;
	size_t len = strlen(c->data);
	char *data = malloc(len + !len);

	memcpy(data, c->data, len);
	assert_int_equal(gmg_sip_kind(data, len), c->kind);
	free(data);
}

static void test_clear(void **state)
{
	const struct clear_case *c = *state;
	char *data = malloc(c->len + !c->len);

	memcpy(data, c->data, c->len);
	assert_int_equal(gmg_sip_clear(data, c->len), c->clear);
	free(data);
}

/* What is cut off is never taken for less than it may be. */
static void test_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(clears) / sizeof(clears[0]); i++) {
		for (size_t len = 1; len < clears[i].len; len++) {
			char *data = malloc(len);
			enum gmg_sip_clear clear;

			memcpy(data, clears[i].data, len);
			clear = gmg_sip_clear(data, len);
			assert_true(clear == clears[i].clear ||
				    clear == GMG_SIP_CLEAR_JUNK ||
				    clear == GMG_SIP_CLEAR_STUN ||
				    clear == GMG_SIP_CLEAR_ALIVE);
			assert_true(clear != GMG_SIP_CLEAR_ALIVE || len <= 64);
			free(data);
		}
	}
}

static void test_scan(void **state)
{
	const struct scan_case *c = *state;
	size_t len = strlen(c->data);
	char *data = malloc(len + !len);
	struct gmg_sip sip;

	memcpy(data, c->data, len);
	assert_int_equal(gmg_sip_scan(data, len, &sip), c->found);
	if (c->found) {
		assert_int_equal(sip.call_id_len, strlen(c->call_id));
		assert_memory_equal(sip.call_id, c->call_id, sip.call_id_len);
		assert_int_equal(sip.cseq, c->cseq);
		assert_int_equal(sip.cseq_register, c->cseq_register);
	}
	free(data);
}

/* Every prefix of every input, and every byte of it replaced. */
static void test_bounds(void **state)
{
	static const char odd[] = { 0, '\n', '\r', ' ', ':', -1 };
	struct gmg_sip sip;
	size_t i, cut, o;

	(void)state;
	for (i = 0; i < sizeof(scans) / sizeof(scans[0]); i++) {
		size_t len = strlen(scans[i].data);

		for (cut = 0; cut <= len; cut++) {
			char *data = malloc(cut + !cut);

			memcpy(data, scans[i].data, cut);
			gmg_sip_kind(data, cut);
			gmg_sip_scan(data, cut, &sip);
			for (o = 0; cut && o < sizeof(odd); o++) {
				data[cut - 1] = odd[o];
				gmg_sip_kind(data, cut);
				gmg_sip_scan(data, cut, &sip);
			}
			free(data);
		}
	}
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int main(void)
{
	struct CMUnitTest tests[COUNT(kinds) + COUNT(scans) + COUNT(clears) +
				2] = { 0 };
	size_t n = 0;
	size_t i;

	for (i = 0; i < COUNT(kinds); i++)
		tests[n++] = (struct CMUnitTest){
			.name = kinds[i].name,
			.test_func = test_kind,
			.initial_state = (void *)&kinds[i],
		};
	for (i = 0; i < COUNT(scans); i++)
		tests[n++] = (struct CMUnitTest){
			.name = scans[i].name,
			.test_func = test_scan,
			.initial_state = (void *)&scans[i],
		};
	for (i = 0; i < COUNT(clears); i++)
		tests[n++] = (struct CMUnitTest){
			.name = clears[i].name,
			.test_func = test_clear,
			.initial_state = (void *)&clears[i],
		};
	tests[n++] = (struct CMUnitTest){
		.name = "AT-22: what is cut off",
		.test_func = test_cut,
	};
	tests[n++] = (struct CMUnitTest){
		.name = "no byte beyond the end is read",
		.test_func = test_bounds,
	};
	return _cmocka_run_group_tests("sipline", tests, n, NULL, NULL);
}
