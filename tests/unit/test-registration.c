// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whole registrations, step by step, as a proxy asks for them.
 */
#include <stdio.h>

#include "proxy.h"

static void test_whole(void **state)
{
	json_t *result;
	uint32_t id;

	(void)state;
	setup("");
	result = ask("register", NULL);
	assert_forward(result);
	assert_string_equal(text_of(result, "integrity_protected"), "no");
	assert_int_equal(number_of(result, "set"), 0);

	result = ask("challenge", "www_authenticate", WWW, NULL);
	assert_string_equal(text_of(result, "www_authenticate"), CLEAN);
	id = challenge_of(result);
	assert_int_equal(number_of(result, "port_ps"), 6101);
	assert_int_equal(number_of(result, "port_pc"), fake_set(id)->port_pc);
	assert_int_equal(number_of(result, "spi_ps"), fake_set(id)->spi_ps);
	assert_int_equal(number_of(result, "spi_pc"), fake_set(id)->spi_pc);
	assert_int_equal(fake_set(id)->alg, GMGUARD_ALG_HMAC_SHA_1_96);
	assert_int_equal(fake_set(id)->ealg, GMGUARD_EALG_AES_CBC);
	assert_int_equal(fake_set(id)->spi_uc, 4000000001);
	assert_int_equal(fake_set(id)->spi_us, 1002);
	assert_int_equal(fake_set(id)->port_uc, 4001);
	assert_int_equal(fake_set(id)->port_us, 4002);
	assert_int_equal(fake_set(id)->protected_by, 0);
	assert_int_equal(fake.key_len[0][0], 20);
	assert_int_equal(fake.key_len[0][1], 16);

	result = ask("register", SM7, NULL);
	assert_forward(result);
	assert_string_equal(text_of(result, "integrity_protected"), "yes");
	assert_int_equal(number_of(result, "set"), id);
	result = ask("answer", SM7, GRANT, NULL);
	assert_forward(result);
	assert_int_equal(number_of(result, "set"), id);
	assert_phase(id, GMGUARD_PHASE_ESTABLISHED);
	assert_int_equal(fake_set(id)->lifetime_ms, 630000);

	result = ask("identify", ON_SET, NULL);
	assert_int_equal(number_of(result, "set"), id);
	assert_string_equal(text_of(result, "impi"), IMPI);
	assert_string_equal(text_of(result, "default_impu"), "sip:first@r");
	assert_string_equal(text_of(result, "phase"), "established");
	assert_impus(result, "sip:first@r tel:+1234 sip:third@r ");
	cleanup();
}

/* SM7 and SM12 after a restart of the agent: it forgot nothing. */
static void test_restart(void **state)
{
	json_t *result;
	uint32_t id;

	(void)state;
	setup("");
	id = challenge();
	restart();
	result = ask("register", SM7, NULL);
	assert_forward(result);
	assert_string_equal(text_of(result, "integrity_protected"), "yes");
	restart();
	assert_forward(ask("answer", SM7, GRANT, NULL));
	assert_phase(id, GMGUARD_PHASE_ESTABLISHED);
	restart();
	result = ask("identify", ON_SET, NULL);
	assert_int_equal(number_of(result, "set"), id);
	assert_string_equal(text_of(result, "default_impu"), "sip:first@r");
	result = ask("locate", "ue_port", "#4002", NULL);
	assert_int_equal(number_of(result, "set"), id);
	cleanup();
}

static void test_reauthentication(void **state)
{
	uint32_t first, second;
	json_t *result;

	(void)state;
	setup("");
	first = registered();
	result = ask("register", ON_SET, "cseq", "#3", "security_client",
		     OFFER2, NULL);
	assert_string_equal(text_of(result, "integrity_protected"), "yes");
	assert_int_equal(number_of(result, "set"), first);
	second = rechallenge();
	assert_int_not_equal(first, second);
	assert_int_equal(fake_set(second)->protected_by, first);
	assert_int_equal(fake_set(second)->group, fake_set(first)->group);
	assert_phase(first, GMGUARD_PHASE_ESTABLISHED);
	fake_set(first)->lifetime_ms = 700000;
	restart();
	assert_forward(ask("answer", SM7_2, GRANT, NULL));
	assert_phase(second, GMGUARD_PHASE_ESTABLISHED);
	assert_int_equal(fake_set(second)->lifetime_ms, 700000);
	/* the kernel hands over with the first message */
	assert_phase(first, GMGUARD_PHASE_ESTABLISHED);
	assert_int_equal(number_of(ask("locate", "ue_port", "#4002", NULL),
				   "set"), first);
	fake_packet(second);
	assert_phase(first, GMGUARD_PHASE_SUPERSEDED);
	assert_int_equal(number_of(ask("locate", "ue_port", "#4002", NULL),
				   "set"), second);
	/* deregistration: both linger */
	assert_forward(ask("answer", ON_SET2, GRANT0, NULL));
	assert_phase(first, GMGUARD_PHASE_LINGERING);
	assert_phase(second, GMGUARD_PHASE_LINGERING);
	assert_string_equal(text_of(ask("identify", ON_SET, NULL), "phase"),
			    "lingering");
	cleanup();
}

/* SM1 in clear: the old set goes at success, not before. */
static void test_anew(void **state)
{
	uint32_t old, new;

	(void)state;
	setup("");
	old = registered();
	assert_forward(ask("register", "cseq", "#3", "security_client", OFFER2,
			   NULL));
	new = challenge_of(ask("challenge", "cseq", "#3", "security_client",
			       OFFER2, "www_authenticate", WWW, NULL));
	assert_int_equal(fake_set(new)->protected_by, 0);
	assert_forward(ask("register", SM7_2, NULL));
	assert_phase(old, GMGUARD_PHASE_ESTABLISHED);
	assert_forward(ask("answer", SM7_2, GRANT, NULL));
	assert_gone(old);
	assert_phase(new, GMGUARD_PHASE_ESTABLISHED);
	cleanup();
}

/* The UE has another address: a registration in clear of the same contact. */
static void test_moved(void **state)
{
	uint32_t old, new;

	(void)state;
	setup("");
	old = registered();
	new = challenge_of(ask("challenge", "ue_addr", "10.33.0.12",
			       "www_authenticate", WWW, NULL));
	assert_phase(old, GMGUARD_PHASE_ESTABLISHED);
	assert_int_equal(fake_set(new)->group, fake_set(old)->group);
	assert_forward(ask("answer", SM7, "ue_addr", "10.33.0.12", "via_addr",
			   "10.33.0.12", GRANT, NULL));
	assert_phase(new, GMGUARD_PHASE_ESTABLISHED);
	assert_phase(old, GMGUARD_PHASE_LINGERING);
	cleanup();
}

/* No Authorization in SM1: the identity is derived, and SM7 must have it. */
static void test_derived(void **state)
{
	json_t *result;
	uint32_t id;

	(void)state;
	setup("");
	result = ask("challenge", "impi", "", "authorization", "", "impu",
		     "<sip:u@r;x=y>", "www_authenticate", WWW, NULL);
	id = challenge_of(result);
	assert_string_equal(fake_set(id)->impi, "u@r");
	result = ask("register", SM7, "impi", "u@r", NULL);
	assert_forward(result);
	assert_string_equal(text_of(result, "integrity_protected"), "yes");
	cleanup();
}

/* Sixty UEs at a time, each with its own set, step by step together. */
static void test_many(void **state)
{
	static char servers[60][SEC_SERVER_MAX];
	uint32_t ids[60];
	char addr[32];

	(void)state;
	setup("");
	for (int i = 0; i < 60; i++) {
		snprintf(addr, sizeof(addr), "10.33.1.%d", i + 1);
		ids[i] = challenge_of(ask("challenge", "ue_addr", addr, "impi",
					  addr, "www_authenticate", WWW,
					  NULL));
		strcpy(servers[i], server);
	}
	for (int i = 59; i >= 0; i--) {
		snprintf(addr, sizeof(addr), "10.33.1.%d", i + 1);
		assert_forward(ask("answer", SM7, "ue_addr", addr, "via_addr",
				   addr, "impi", addr, "security_verify",
				   servers[i], GRANT, NULL));
	}
	for (int i = 0; i < 60; i++)
		assert_phase(ids[i], GMGUARD_PHASE_ESTABLISHED);
	cleanup();
}

int main(void)
{
	add_test("GM-20 GM-21 GM-22 GM-24: a registration from SM1 to SM12",
		 test_whole);
	add_test("GM-10: a restart of the agent loses nothing", test_restart);
	add_test("GM-31 GM-33 GM-35: re-authentication, then deregistration",
		 test_reauthentication);
	add_test("GM-32: SM1 in clear: the old set goes at success",
		 test_anew);
	add_test("GM-39: the UE has another address", test_moved);
	add_test("an identity derived from To", test_derived);
	add_test("sixty registrations at a time", test_many);
	return run_methods("registration");
}
