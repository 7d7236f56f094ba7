// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Methods "identify" and "locate": who is behind a set, and which set leads to
 * somebody.
 */
#include <stdio.h>

#include "proxy.h"

static const struct refuse_case refusals[] = {
	{ "GM-14: nobody to identify", "", "identify", { NULL }, -32001, "no live SA set" },
	{ "nobody to locate", "", "locate", { NULL }, -32001, "no authenticated SA set" },
	{ "locate without a port", "", "locate", { "ue_port", NULL }, -32602, "params.ue_port" },
};

/* REGISTER only on a temporary set. */
static void test_temporary(void **state)
{
	(void)state;
	setup("");
	challenge();
	assert_fault(ask("identify", ON_SET, NULL), -32001,
		     "not authenticated");
	assert_fault(ask("locate", "ue_port", "#4002", NULL), -32001, "");
	cleanup();
}

/* Both flows of a set, and no other. */
static void test_flows(void **state)
{
	static const struct {
		const char *ue_port;
		bool own;
	} flows[] = {
		{ "#4001", true }, { "#4002", true }, { "#4003", false },
	};
	char port_pc[16];
	uint32_t id;

	(void)state;
	setup("");
	id = registered();
	snprintf(port_pc, sizeof(port_pc), "#%u", fake_set(id)->port_pc);
	assert_int_equal(number_of(ask("identify", ON_SET, NULL), "set"), id);
	assert_int_equal(number_of(ask("identify", "ue_port", "#4002",
				       "local_port", port_pc, NULL), "set"),
			 id);
	for (size_t i = 0; i < COUNT(flows); i++) {
		bool a = !strcmp(flows[i].ue_port, "#4001");

		assert_fault(ask("identify", "ue_port", flows[i].ue_port,
				 "local_port", a ? port_pc : "#6101", NULL),
			     -32001, "discard the request");
	}
	assert_fault(ask("identify", ON_SET, "ue_addr", "10.33.0.12", NULL),
		     -32001, "");
	assert_fault(ask("identify", ON_SET, "local_addr", "10.33.0.2", NULL),
		     -32001, "");
	cleanup();
}

static void test_phases(void **state)
{
	json_t *result;

	(void)state;
	setup("");
	registered();
	fake_packet(reregistered());
	result = ask("identify", ON_SET, NULL);
	assert_string_equal(text_of(result, "phase"), "superseded");
	assert_string_equal(text_of(result, "impi"), IMPI);
	assert_string_equal(text_of(result, "default_impu"), "sip:first@r");
	result = ask("identify", ON_SET2, NULL);
	assert_string_equal(text_of(result, "phase"), "established");
	assert_impus(result, "sip:first@r tel:+1234 sip:third@r ");
	call("deregister", json_pack("{s:s}", "impi", IMPI));
	assert_string_equal(text_of(ask("identify", ON_SET, NULL), "phase"),
			    "lingering");
	result = ask("identify", ON_SET2, NULL);
	assert_string_equal(text_of(result, "phase"), "lingering");
	assert_string_equal(text_of(result, "default_impu"), "");
	cleanup();
}

static void test_emergency(void **state)
{
	static const struct {
		const char *contact;
		bool emergency;
	} cases[] = {
		{ "<sip:u@10.33.0.11:4002>", false },
		{ "<sip:u@10.33.0.11:4002;sos>", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		json_t *result;

		setup("");
		challenge_of(ask("challenge", "contact", cases[i].contact,
				 "www_authenticate", WWW, NULL));
		assert_forward(ask("answer", SM7, "contact", cases[i].contact,
				   GRANT, NULL));
		result = json_object_get(ask("identify", ON_SET, NULL),
					 "emergency");
		assert_true(json_is_boolean(result));
		assert_int_equal(json_is_true(result), cases[i].emergency);
		result = json_object_get(ask("locate", "ue_port", "#4002",
					     NULL), "emergency");
		assert_true(json_is_boolean(result));
		assert_int_equal(json_is_true(result), cases[i].emergency);
		cleanup();
	}
}

/* Requests to the UE take the set in use, whatever its age. */
static void test_locate(void **state)
{
	uint32_t first, second;
	json_t *result;

	(void)state;
	setup("");
	first = registered();
	result = ask("locate", "ue_port", "#4002", NULL);
	assert_int_equal(number_of(result, "set"), first);
	assert_string_equal(text_of(result, "local_addr"), "10.33.0.1");
	assert_int_equal(number_of(result, "port_ps"), 6101);
	assert_int_equal(number_of(result, "port_pc"),
			 fake_set(first)->port_pc);
	assert_string_equal(text_of(result, "impi"), IMPI);
	second = rechallenge();
	result = ask("locate", "ue_port", "#4002", NULL);
	assert_int_equal(number_of(result, "set"), first);
	assert_int_equal(json_array_size(list_of(result, "ports_uc")), 1);
	assert_forward(ask("answer", SM7_2, GRANT, NULL));
	result = ask("locate", "ue_port", "#4002", NULL);
	assert_int_equal(number_of(result, "set"), first);
	assert_int_equal(json_array_size(list_of(result, "ports_uc")), 2);
	fake_packet(second);
	result = ask("locate", "ue_port", "#4002", NULL);
	assert_int_equal(number_of(result, "set"), second);
	assert_int_equal(json_array_size(list_of(result, "ports_uc")), 2);
	/* the superseded one is gone */
	kernel_saset_del(&agent.kernel, first);
	result = list_of(ask("locate", "ue_port", "#4002", NULL), "ports_uc");
	assert_int_equal(json_array_size(result), 1);
	assert_int_equal(json_integer_value(json_array_get(result, 0)), 5001);
	cleanup();
}

/* "gmguard set new" made it: nobody knows whose it is. */
static void test_foreign(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	id = challenge();
	free((void *)fake_set(id)->agent_data);
	fake_set(id)->agent_data = NULL;
	fake_set(id)->agent_data_len = 0;
	fake_set(id)->phase = GMGUARD_PHASE_ESTABLISHED;
	assert_string_equal(text_of(ask("identify", ON_SET, NULL),
				    "default_impu"), "");
	cleanup();
}

/* agent-data that somebody else wrote. */
static void test_garbage(void **state)
{
	static const char *const texts[] = {
		"", "x", "[]", "{}", "{\"impus\":1}", "{\"impus\":[1,[],[2]]}",
		"{\"impus\":[\"sip:a@b\"]}", "{\"impus\":[[\"sip:a@b\"]]}",
		"{\"impus\":{\"a\":[\"b\",\"sip:c@d\"]}}", "\xff\xfe",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		uint32_t id;

		setup("");
		id = registered();
		free((void *)fake_set(id)->agent_data);
		fake_set(id)->agent_data = strdup(texts[i]);
		fake_set(id)->agent_data_len = strlen(texts[i]);
		assert_impus(ask("identify", ON_SET, NULL), "");
		assert_forward(ask("answer", ON_SET, GRANT, NULL));
		assert_forward(ask("answer", ON_SET, GRANT0, NULL));
		assert_phase(id, GMGUARD_PHASE_LINGERING);
		cleanup();
	}
}

int main(void)
{
	add_rows(refusals, test_refusal);
	add_test("GM-15 AT-36: nothing but REGISTER on a temporary set",
		 test_temporary);
	add_test("GM-14: by the flows of a set, and no others", test_flows);
	add_test("GM-14: established, superseded, lingering", test_phases);
	add_test("GM-38: sets of emergency registrations", test_emergency);
	add_test("GM-33: requests to the UE take the set in use",
		 test_locate);
	add_test("GM-14: a set that somebody else made", test_foreign);
	add_test("GM-14: agent-data that is not ours names nobody",
		 test_garbage);
	return run_methods("identify");
}
