// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The public identities of a registration, as they come and go.
 */
#include <stdio.h>

#include "impus.h"
#include "memo.h"
#include "secret.h"
#include "test.h"

/* The identities in their one form; to be freed. */
static char *write_impus(const json_t *impus)
{
	return json_dumps(impus, JSON_COMPACT);
}

static void assert_impus(const json_t *impus, const char *text)
{
	char *found = write_impus(impus);

	assert_string_equal(found, text);
	secret_free(found);
}

static void assert_list(const json_t *impus, const char *text)
{
	json_t *list = impus_list(impus);

	assert_impus(list, text);
	json_decref(list);
}

static json_t *read_impus(const char *text)
{
	json_t *impus = json_loads(text, 0, NULL);

	assert_true(json_is_array(impus));
	return impus;
}

#define TWO "[[\"sip:a@r\",\"sip:a@r\",\"tel:+1\"],[\"sip:b@r\",\"sip:b@r\"]]"

static void test_add(void **state)
{
	json_t *impus = json_array();

	(void)state;
	impus_add(impus, "\"A\" <sip:a@r>", "<sip:a@r>, <tel:+1>;x");
	impus_add(impus, "sip:b@r", "");
	assert_impus(impus, TWO);
	assert_list(impus, "[\"sip:a@r\",\"tel:+1\",\"sip:b@r\"]");
	/* again: what counts is the implicit set of now, in its place */
	impus_add(impus, "<sip:a@R>", "<sip:x@r>");
	assert_impus(impus, "[[\"sip:a@R\",\"sip:x@r\"],[\"sip:b@r\",\"sip:b@r\"]]");
	/* one that was implicit before */
	impus_add(impus, "<sip:x@r>", "<sip:x@r>,<sip:a@r>");
	assert_impus(impus, "[[\"sip:x@r\",\"sip:x@r\",\"sip:a@r\"],[\"sip:b@r\",\"sip:b@r\"]]");
	/* To that is no URI: the network's identities count */
	impus_add(impus, "nobody", "<sip:n@r>");
	assert_list(impus, "[\"sip:x@r\",\"sip:a@r\",\"sip:b@r\",\"sip:n@r\"]");
	impus_add(impus, "nobody", "");
	assert_int_equal(json_array_size(impus), 3);
	json_decref(impus);
}

/* A barred identity: To is not among what may be used. */
static void test_barred(void **state)
{
	json_t *impus = json_array();

	(void)state;
	impus_add(impus, "sip:barred@r", "<sip:a@r>");
	assert_list(impus, "[\"sip:a@r\"]");
	assert_true(impus_end(impus, "sip:barred@r"));
	assert_list(impus, "[]");
	json_decref(impus);
}

static void test_end(void **state)
{
	json_t *impus = read_impus(TWO);

	(void)state;
	assert_false(impus_end(impus, "sip:c@r"));
	assert_false(impus_end(impus, ""));
	assert_impus(impus, TWO);
	assert_true(impus_end(impus, "<tel:+1>"));
	assert_impus(impus, "[[\"sip:b@r\",\"sip:b@r\"]]");
	assert_true(impus_end(impus, "sip:b@r"));
	assert_impus(impus, "[]");
	assert_false(impus_end(impus, "sip:b@r"));
	json_decref(impus);
}

static void test_remove(void **state)
{
	json_t *impus = read_impus(TWO);

	(void)state;
	assert_false(impus_remove(impus, "sip:c@r"));
	assert_impus(impus, TWO);
	assert_true(impus_remove(impus, "sip:a@r"));
	assert_list(impus, "[\"tel:+1\",\"sip:b@r\"]");
	/* not twice */
	assert_false(impus_remove(impus, "sip:a@r"));
	assert_true(impus_remove(impus, "tel:+1"));
	assert_impus(impus, "[[\"sip:b@r\",\"sip:b@r\"]]");
	assert_true(impus_remove(impus, "sip:b@r"));
	assert_impus(impus, "[]");
	json_decref(impus);
}

static void test_shorten(void **state)
{
	json_t *impus = read_impus(TWO);

	(void)state;
	assert_true(impus_shorten(impus));
	assert_list(impus, "[\"sip:a@r\",\"sip:b@r\"]");
	assert_true(impus_shorten(impus));
	assert_list(impus, "[\"sip:a@r\"]");
	assert_true(impus_shorten(impus));
	assert_list(impus, "[]");
	assert_false(impus_shorten(impus));
	json_decref(impus);
}

static void test_tidy(void **state)
{
	json_t *impus = read_impus("[1,[],\"x\",[2],[\"sip:a@r\"],[\"sip:a@r\",null],"
				   "{\"0\":\"sip:a@r\"},[\"sip:b@r\",\"sip:b@r\"],[[\"x\"],\"sip:c@r\"]]");

	(void)state;
	impus_tidy(impus);
	assert_impus(impus, "[[\"sip:b@r\",\"sip:b@r\"]]");
	json_decref(impus);
}

/* agent-data: what goes in comes out, cut only where it has to be. */
static void test_memo(void **state)
{
	struct memo memo = {
		.transaction = "t", .nonce = "n", .accepted = "a",
		.client = "c",
		.server = { .pair = { { 1, 2 }, { 2, 3 } }, .n = 2 },
	}, again;
	struct gmg_saset set = { .id = 1 };
	char *text;

	(void)state;
	memo.impus = read_impus(TWO);
	memset(memo.contact, '"', sizeof(memo.contact) - 1);
	text = memo_encode(&memo);
	set.agent_data = text;
	set.agent_data_len = strlen(text);
	assert_int_equal(memo_decode(&set, &again), 0);
	assert_string_equal(again.transaction, "t");
	assert_string_equal(again.nonce, "n");
	assert_string_equal(again.accepted, "a");
	assert_string_equal(again.client, "c");
	assert_string_equal(again.contact, memo.contact);
	assert_int_equal(again.server.n, 2);
	assert_memory_equal(again.server.pair, memo.server.pair,
			    2 * sizeof(memo.server.pair[0]));
	assert_impus(again.impus, TWO);
	memo_clear(&again);
	secret_free(text);

	/* too much: Contact goes first, then the last identities */
	for (int i = 0; i < 40; i++)
		impus_add(memo.impus, "sip:long@0123456789012345678901234567890123456789",
			  "<sip:x@0123456789012345678901234567890123456789>");
	for (int i = 0; i < 40; i++) {
		char uri[80];

		snprintf(uri, sizeof(uri), "sip:u%d@0123456789012345678901234567890123456789", i);
		impus_add(memo.impus, uri, "");
	}
	text = memo_encode(&memo);
	assert_in_range(strlen(text), 1900, GMGUARD_AGENT_DATA_MAX);
	set.agent_data = text;
	set.agent_data_len = strlen(text);
	assert_int_equal(memo_decode(&set, &again), 0);
	assert_string_equal(again.contact, "");
	assert_string_equal(json_string_value(json_array_get(
		json_array_get(again.impus, 0), 0)), "sip:a@r");
	assert_in_range(json_array_size(again.impus), 5, 41);
	memo_clear(&again);
	secret_free(text);
	memo_clear(&memo);
}

int main(void)
{
	secret_setup();
	add_test("GM-14: identities of several registrations", test_add);
	add_test("GM-14: an identity that is barred", test_barred);
	add_test("GM-35: deregistration by the UE ends an implicit set",
		 test_end);
	add_test("GM-35: deregistration by the network ends one identity",
		 test_remove);
	add_test("GM-14: no room: the last ones go", test_shorten);
	add_test("GM-14: what is no identity is taken out", test_tidy);
	add_test("GM-10: what is kept with a set comes back", test_memo);
	return run_all("impus");
}
