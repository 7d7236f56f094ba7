// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Adopted SAs put together: which four states are one registration.
 */
#include <byteswap.h>

#include "cmd/pair.h"
#include "sas.h"
#include "test.h"

static struct pair_list list;

static void pair(const struct gmg_adopted *sas, size_t n)
{
	assert_int_equal(pair_sas(sas, n, &an_endpoint, 1, &list), 0);
}

static void test_nothing(void **state)
{
	(void)state;
	pair(NULL, 0);
	assert_int_equal(list.n, 0);
	pair_list_free(&list);
}

static void test_quad(void **state)
{
	struct gmg_adopted sas[4];
	uint64_t ms;
	int i;

	(void)state;
	quad(sas, 0, 1000);
	sas[0].packets = 3;
	sas[3].packets = 2;
	sas[2].packets = 7;
	sas[0].used = true;
	sas[0].first_use_ms = 900;
	sas[2].last_use_known = sas[2].used = true;
	sas[2].last_use_ms = 400;
	pair(sas, 4);
	assert_int_equal(list.n, 1);
	for (i = 0; i < 4; i++)
		assert_ptr_equal(list.v[0].sa[i], &sas[i]);
	assert_true(pair_is_complete(&list.v[0]));
	assert_int_equal(pair_port(&list.v[0], true, true), 31000);
	assert_int_equal(pair_port(&list.v[0], true, false), 31001);
	assert_int_equal(pair_port(&list.v[0], false, true), 6110);
	assert_int_equal(pair_port(&list.v[0], false, false), 6101);
	assert_int_equal(pair_packets(&list.v[0], GMGUARD_DIRECTION_IN), 5);
	assert_int_equal(pair_packets(&list.v[0], GMGUARD_DIRECTION_OUT), 7);
	assert_true(pair_is_used(&list.v[0]));
	assert_false(pair_last_use(&list.v[0], &ms));
	sas[0].last_use_known = true;
	sas[0].last_use_ms = 700;
	assert_true(pair_last_use(&list.v[0], &ms));
	assert_int_equal(ms, 400);
	assert_int_equal(list.v[0].owner, PAIR_KAMAILIO);
	sas[1].condition = GMGUARD_CONDITION_EXPIRED;
	assert_false(pair_is_complete(&list.v[0]));
	pair_list_free(&list);
}

/* Any order in, the same out. */
static void test_order(void **state)
{
	struct gmg_adopted sas[12], mixed[12];
	int i, j;

	(void)state;
	quad(&sas[0], 0, 1000);
	quad(&sas[4], 1, 1000);
	quad(&sas[8], 2, 1000);
	gmg_addr_parse("10.33.0.12", &sas[8].ue_addr);
	for (i = 9; i < 12; i++)
		sas[i].ue_addr = sas[8].ue_addr;
	for (i = 0; i < 12; i++)
		mixed[(i * 5 + 3) % 12] = sas[i];
	pair(mixed, 12);
	assert_int_equal(list.n, 3);
	for (i = 0; i < 3; i++) {
		assert_true(pair_is_complete(&list.v[i]));
		for (j = 0; j < 4; j++)
			assert_int_equal(list.v[i].sa[j]->spi >> 4,
					 list.v[i].sa[0]->spi >> 4);
	}
	assert_int_equal(list.v[2].sa[0]->ue_addr.bytes[3], 12);
	pair_list_free(&list);
}

static void test_missing(void **state)
{
	struct gmg_adopted sas[4], some[2];

	(void)state;
	quad(sas, 0, 1000);
	some[0] = sas[GMGUARD_SA_NAME_B];
	some[1] = sas[GMGUARD_SA_NAME_D];
	pair(some, 2);
	assert_int_equal(list.n, 1);
	assert_int_equal(pair_count(&list.v[0]), 2);
	assert_false(pair_is_complete(&list.v[0]));
	assert_null(list.v[0].sa[GMGUARD_SA_NAME_A]);
	assert_ptr_equal(list.v[0].sa[GMGUARD_SA_NAME_B], &some[0]);
	assert_int_equal(pair_port(&list.v[0], true, true), 31000);
	assert_int_equal(pair_port(&list.v[0], false, true), 6110);
	pair_list_free(&list);

	pair(&some[1], 1);
	assert_int_equal(pair_port(&list.v[0], true, true), 0);
	assert_int_equal(pair_port(&list.v[0], false, false), 0);
	pair_list_free(&list);
}

/* The same ports again, as after a restart: new with new, old with old. */
static void test_generations(void **state)
{
	struct gmg_adopted sas[8];
	int i;

	(void)state;
	quad(&sas[0], 0, 90000);
	quad(&sas[4], 0, 5000);
	for (i = 4; i < 8; i++)
		sas[i].spi += 0x100;
	pair(sas, 8);
	assert_int_equal(list.n, 2);
	for (i = 0; i < 4; i++) {
		assert_ptr_equal(list.v[0].sa[i], &sas[4 + i]);
		assert_ptr_equal(list.v[1].sa[i], &sas[i]);
	}
	pair_list_free(&list);
}

static void test_stray(void **state)
{
	struct gmg_adopted sas[5];

	(void)state;
	quad(sas, 0, 1000);
	sas[4] = sas[0];
	sas[4].selector = GMGUARD_SELECTOR_PORTS;
	sas[4].ue_port = 0;
	pair(sas, 5);
	assert_int_equal(list.n, 2);
	assert_true(pair_is_complete(&list.v[0]));
	assert_ptr_equal(list.v[1].stray, &sas[4]);
	assert_int_equal(pair_count(&list.v[1]), 0);
	assert_ptr_equal(pair_any(&list.v[1]), &sas[4]);
	pair_list_free(&list);
}

static void test_owner(void **state)
{
	struct gmg_adopted sas[4];
	int i;

	(void)state;
	quad(sas, 0, 1000);
	for (i = 0; i < 4; i++)
		sas[i].reqid = bswap_32(sas[i].spi);
	pair(sas, 4);
	assert_int_equal(list.v[0].owner, PAIR_OPENSIPS);
	pair_list_free(&list);
	for (i = 0; i < 4; i++)
		sas[i].reqid = 4;
	pair(sas, 4);
	assert_int_equal(list.v[0].owner, PAIR_IKE);
	pair_list_free(&list);
	for (i = 0; i < 4; i++)
		sas[i].reqid = 4 + i;
	pair(sas, 4);
	assert_int_equal(list.v[0].owner, PAIR_OTHER);
	pair_list_free(&list);
	for (i = 0; i < 4; i++)
		sas[i].reqid = 0;
	pair(sas, 4);
	assert_int_equal(list.v[0].owner, PAIR_OTHER);
	assert_string_equal(pair_owner_name(PAIR_OTHER), "other program");
	pair_list_free(&list);
}

int main(void)
{
	make_endpoint();
	add_test("adopted: no SAs are no sets", test_nothing);
	add_test("GM-04 adopted: A, B, C and D are one set", test_quad);
	add_test("GM-04 adopted: whatever the order they come in", test_order);
	add_test("GM-04 adopted: what is missing is missing", test_missing);
	add_test("GM-10 adopted: two generations with the same ports",
		 test_generations);
	add_test("GM-03 adopted: an inexact SA is in no set", test_stray);
	add_test("adopted: the reqid tells who made it", test_owner);
	return run_all("pair");
}
