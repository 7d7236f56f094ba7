// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Method "abandon", and answers that never arrive: what the proxy gave up on
 * leaves no set behind, and nothing else goes.
 */
#include <errno.h>
#include <stdio.h>

#include "delivery.h"
#include "proxy.h"

static const struct refuse_case refusals[] = {
	{ "a member is missing", "", "abandon", { "call_id", NULL }, -32602, "params.call_id" },
};

static void test_challenge(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	assert_int_equal(number_of(ask("abandon", NULL), "deleted"), 0);
	id = challenge();
	assert_int_equal(number_of(ask("abandon", NULL), "deleted"), 1);
	assert_gone(id);
	assert_int_equal(number_of(ask("abandon", NULL), "deleted"), 0);
	/* the same transaction may begin again */
	id = challenge();
	assert_phase(id, GMGUARD_PHASE_TEMPORARY);
	restart();
	assert_int_equal(number_of(ask("abandon", "www_authenticate", WWW,
				       NULL), "deleted"), 1);
	assert_gone(id);
	cleanup();
}

static void test_protected(void **state)
{
	uint32_t old, id;

	(void)state;
	setup("");
	old = registered();
	id = rechallenge();
	assert_int_equal(number_of(ask("abandon", ON_SET, "cseq", "#3",
				       "security_client", OFFER2, NULL),
				   "deleted"), 1);
	assert_gone(id);
	assert_phase(old, GMGUARD_PHASE_ESTABLISHED);
	cleanup();
}

/* What differs from the call that is given up: the set stays. */
static const struct other_case {
	const char *name;
	const char *change[4];
} others[] = {
	{ "another Call-ID", { "call_id", "c2" } },
	{ "another CSeq", { "cseq", "#2" } },
	{ "another UE address", { "ue_addr", "10.33.0.66" } },
	{ "another IMPI", { "impi", "other@r" } },
	{ "another client port", { "security_client", OFFER2 } },
	{ "no Security-Client", { "security_client", "" } },
	{ "AT-40: a Security-Client that cannot be read", { "security_client", "ipsec-3gpp;" } },
	{ "another 401", { "www_authenticate", WWW2 } },
	{ "an emergency registration", { "contact", "<sip:u@h;sos>" } },
};

static void test_other(void **state)
{
	const struct other_case *c = *state;
	uint32_t id;

	setup("");
	id = challenge();
	assert_int_equal(number_of(ask("abandon", c->change[0], c->change[1],
				       NULL), "deleted"), 0);
	assert_phase(id, GMGUARD_PHASE_TEMPORARY);
	cleanup();
}

/* A packet came: the 401 did leave, whatever the proxy thinks. */
static void test_proven(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	id = challenge();
	fake_packet(id);
	assert_int_equal(number_of(ask("abandon", NULL), "deleted"), 0);
	assert_phase(id, GMGUARD_PHASE_TEMPORARY);
	assert_forward(ask("answer", SM7, GRANT, NULL));
	assert_int_equal(number_of(ask("abandon", NULL), "deleted"), 0);
	assert_phase(id, GMGUARD_PHASE_ESTABLISHED);
	cleanup();
}

/* SM7: its failure leaves on the set, then the set goes. */
static void test_sm7(void **state)
{
	uint32_t id;

	(void)state;
	setup("[timers]\nfailed_ms=50\n");
	id = challenge();
	assert_int_equal(number_of(ask("abandon", SM7, NULL), "deleted"), 1);
	assert_phase(id, GMGUARD_PHASE_TEMPORARY);
	assert_int_equal(number_of(ask("abandon", SM7, NULL), "deleted"), 0);
	wait_for_reaper();
	assert_gone(id);
	assert_int_equal(number_of(ask("abandon", SM7, NULL), "deleted"), 0);
	cleanup();
}

/* The 2xx came too late for the UE: it was told 503. */
static void test_late(void **state)
{
	uint32_t old, id;

	(void)state;
	setup("[timers]\nfailed_ms=50\n");
	old = registered();
	id = reregistered();
	assert_int_equal(number_of(ask("abandon", SM7_2, NULL), "deleted"), 1);
	assert_phase(id, GMGUARD_PHASE_ESTABLISHED);
	wait_for_reaper();
	assert_gone(id);
	assert_phase(old, GMGUARD_PHASE_ESTABLISHED);
	/* a refresh on an established set is no SM7 */
	assert_int_equal(number_of(ask("abandon", ON_SET, "cseq", "#9", NULL),
				   "deleted"), 0);
	assert_null(agent.reaper.first);
	/* once it was handed over, the UE must have had its 200 */
	id = reregistered();
	fake_packet(id);
	fake_packet(old);
	assert_phase(old, GMGUARD_PHASE_SUPERSEDED);
	assert_int_equal(number_of(ask("abandon", SM7, NULL), "deleted"), 0);
	assert_null(agent.reaper.first);
	cleanup();
}

static void test_refused(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	id = challenge();
	fake.fail_del = EPERM;
	assert_int_equal(number_of(ask("abandon", NULL), "deleted"), 0);
	fake.fail_del = 0;
	assert_int_equal(number_of(ask("abandon", NULL), "deleted"), 1);
	assert_gone(id);
	cleanup();
}

/* A request without an id: nobody waits for the answer. */
static void test_notification(void **state)
{
	char *text;
	uint32_t id;

	(void)state;
	setup("");
	id = challenge();
	text = request_of("abandon", 0, "www_authenticate", WWW, NULL);
	assert_null(rpc_handle(&agent.rpc, text, strlen(text)));
	secret_free(text);
	assert_gone(id);
	cleanup();
}

/* What a connection does with an answer: queue it, send a part of it. */
static uint32_t deliver(struct delivery *delivery, const char *call_id,
			const char *port, size_t bytes)
{
	char offer[256];
	json_t *result;

	snprintf(offer, sizeof(offer),
		 "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=%s1;spi-s=%s2;port-c=%s;port-s=4002",
		 port, port, port);
	agent.delivery = delivery;
	result = ask("challenge", "call_id", call_id, "security_client", offer,
		     "www_authenticate", WWW, NULL);
	agent.delivery = NULL;
	delivery_queued(delivery, bytes);
	return challenge_of(result);
}

static void test_delivery(void **state)
{
	uint32_t first, second, third;
	struct delivery delivery;

	(void)state;
	setup("");
	delivery_setup(&delivery, &agent);
	first = deliver(&delivery, "c1", "7001", 100);
	delivery_queued(&delivery, 30);		/* of another method */
	second = deliver(&delivery, "c2", "7002", 100);
	third = deliver(&delivery, "c3", "7003", 100);
	delivery_taken(&delivery, 201);
	delivery_taken(&delivery, 200);
	/* one byte of the second answer never left */
	delivery_end(&delivery, 101);
	assert_phase(first, GMGUARD_PHASE_TEMPORARY);
	assert_gone(second);
	assert_gone(third);
	cleanup();
}

static void test_delivered(void **state)
{
	struct delivery delivery;
	uint32_t ids[3];

	(void)state;
	setup("");
	delivery_setup(&delivery, &agent);
	ids[0] = deliver(&delivery, "c1", "7001", 100);
	ids[1] = deliver(&delivery, "c2", "7002", 100);
	delivery_end(&delivery, 0);
	/* proven, or established: the answer did arrive */
	delivery_setup(&delivery, &agent);
	ids[2] = deliver(&delivery, "c3", "7003", 100);
	fake_packet(ids[2]);
	delivery_end(&delivery, 100);
	for (int i = 0; i < 3; i++)
		assert_phase(ids[i], GMGUARD_PHASE_TEMPORARY);
	cleanup();
}

/* A proxy that asks once more on another connection has its answer there. */
static void test_moved(void **state)
{
	struct delivery broken, good;
	uint32_t id;

	(void)state;
	setup("");
	delivery_setup(&broken, &agent);
	delivery_setup(&good, &agent);
	id = deliver(&broken, "c1", "7001", 100);
	assert_int_equal(deliver(&good, "c1", "7001", 100), id);
	delivery_end(&broken, 100);
	assert_phase(id, GMGUARD_PHASE_TEMPORARY);
	delivery_end(&good, 100);
	assert_gone(id);
	cleanup();
}

/* "challenge" as a notification: nobody will ever see its answer. */
static void test_silent(void **state)
{
	struct delivery delivery;
	uint32_t kept, id;

	(void)state;
	setup("");
	delivery_setup(&delivery, &agent);
	kept = deliver(&delivery, "c1", "7001", 100);
	id = deliver(&delivery, "c2", "7002", 0);
	assert_gone(id);
	assert_phase(kept, GMGUARD_PHASE_TEMPORARY);
	delivery_end(&delivery, 0);
	assert_phase(kept, GMGUARD_PHASE_TEMPORARY);
	cleanup();
}

/* The module went away meanwhile. */
static void test_delivery_module(void **state)
{
	struct delivery delivery;

	(void)state;
	setup("");
	delivery_setup(&delivery, &agent);
	deliver(&delivery, "c1", "7001", 100);
	fake_unload();
	assert_false(agent_probe(&agent));
	delivery_end(&delivery, 100);
	cleanup();
}

int main(void)
{
	add_rows(refusals, test_refusal);
	add_test("AT-39: the set of a challenge that was given up goes",
		 test_challenge);
	add_test("AT-39: a set whose SM1 was protected, too", test_protected);
	add_rows(others, test_other);
	add_test("AT-29: a set that has carried a packet stays", test_proven);
	add_test("GM-36: the set of an SM7 that was given up goes a little later",
		 test_sm7);
	add_test("GM-36: also if SM7 was accepted meanwhile", test_late);
	add_test("a set that cannot be deleted", test_refused);
	add_test("a notification does it as well", test_notification);
	add_test("AT-39: an answer that never left takes its set along",
		 test_delivery);
	add_test("an answer that arrived keeps its set", test_delivered);
	add_test("an answer on another connection keeps its set", test_moved);
	add_test("AT-39: a challenge without an answer leaves no set",
		 test_silent);
	add_test("a connection ends after the module has gone",
		 test_delivery_module);
	return run_methods("abandon");
}
