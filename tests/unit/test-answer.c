// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Method "answer": the core's final response to a REGISTER. Deregistration has
 * tests of its own (test-dereg.c).
 */
#include <errno.h>
#include <stdio.h>

#include "proxy.h"

static const struct refuse_case refusals[] = {
	{ "no status", "", "answer", { "expires", "#1", "p_associated_uri", "" }, -32602, "params.status" },
	{ "a provisional status", "", "answer", { "status", "#180" }, -32602, "from 200 to 699" },
	{ "no expires", "", "answer", { "status", "#200", "p_associated_uri", "" }, -32602, "params.expires" },
	{ "GM-14: a 2xx for a set that is gone: 403", "", "answer",
	  { ON_SET, NULL }, 403, "no live SA set" },
};

static const struct kernel_case {
	const char *name;
	int error;
	int code;
} kernels[] = {
	{ "GM-11: the kernel refuses SM12 (EEXIST): 403", EEXIST, 403 },
	{ "AT-37 GM-12: the kernel refuses SM12 (EDQUOT): 403", EDQUOT, 403 },
	{ "the kernel refuses SM12 (ENOMEM): 503", ENOMEM, 503 },
	{ "the set ends just then (ENOENT): 503", ENOENT, 503 },
};

/* The UE learns it on the set, and then the set goes. */
static void test_kernel(void **state)
{
	const struct kernel_case *c = *state;
	uint32_t id;

	setup("[timers]\nfailed_ms=50\n");
	id = challenge();
	fake.fail_set = c->error;
	assert_reject(ask("answer", SM7, GRANT, NULL), c->code,
		      "the kernel refused the change of the SA set: the fake kernel refuses");
	fake.fail_set = 0;
	assert_phase(id, GMGUARD_PHASE_TEMPORARY);
	wait_for_reaper();
	assert_gone(id);
	cleanup();
}

static void test_quota(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	registered();
	id = rechallenge();
	gmg_limits_put(&fake.limits, GMGUARD_A_LIMITS_MAX_IMPI_SETS, 1);
	assert_reject(ask("answer", SM7_2, GRANT, NULL), 403, "max-impi-sets");
	assert_phase(id, GMGUARD_PHASE_TEMPORARY);
	cleanup();
}

static void test_refresh(void **state)
{
	json_t *result;
	uint32_t id;

	(void)state;
	setup("");
	id = registered();
	result = ask("register", ON_SET, "security_client", OFFER2, NULL);
	assert_forward(result);
	assert_string_equal(text_of(result, "integrity_protected"), "yes");
	assert_int_equal(number_of(result, "set"), id);
	/* lengthened, never shortened */
	assert_forward(ask("answer", ON_SET, "status", "#200", "expires",
			   "#1200", "p_associated_uri", "<sip:new@r>", NULL));
	assert_int_equal(fake_set(id)->lifetime_ms, 1230000);
	assert_forward(ask("answer", ON_SET, "status", "#200", "expires",
			   "#60", "p_associated_uri", "<sip:new@r>", NULL));
	assert_int_equal(fake_set(id)->lifetime_ms, 1230000);
	assert_string_equal(text_of(ask("identify", ON_SET, NULL),
				    "default_impu"), "sip:new@r");
	/* a failure leaves an established set alone */
	assert_forward(ask("answer", ON_SET, "status", "#500", "expires",
			   "#0", "p_associated_uri", "", NULL));
	assert_null(agent.reaper.first);
	assert_phase(id, GMGUARD_PHASE_ESTABLISHED);
	/* nor does a 2xx to somebody else's REGISTER on it do anything */
	assert_reject(ask("answer", ON_SET, "impi", "other@r", GRANT0, NULL),
		      403, "identity");
	assert_phase(id, GMGUARD_PHASE_ESTABLISHED);
	cleanup();
}

/* A refresh through the old set lengthens what will be used next, too. */
static void test_refresh_superseded(void **state)
{
	uint32_t old, new;

	(void)state;
	setup("");
	old = registered();
	new = reregistered();
	/* both established: the new one is not used yet */
	assert_forward(ask("answer", ON_SET, "status", "#200", "expires",
			   "#1200", "p_associated_uri", "<sip:x@r>", NULL));
	assert_int_equal(fake_set(old)->lifetime_ms, 1230000);
	assert_int_equal(fake_set(new)->lifetime_ms, 1230000);
	fake_packet(new);
	assert_phase(old, GMGUARD_PHASE_SUPERSEDED);
	assert_forward(ask("answer", ON_SET, "status", "#200", "expires",
			   "#2400", "p_associated_uri", "<sip:y@r>", NULL));
	assert_int_equal(fake_set(old)->lifetime_ms, 128000);
	assert_int_equal(fake_set(new)->lifetime_ms, 2430000);
	assert_impus(ask("identify", ON_SET, NULL), "sip:y@r ");
	assert_impus(ask("identify", ON_SET2, NULL), "sip:y@r ");
	assert_string_equal(text_of(ask("identify", ON_SET, NULL), "phase"),
			    "superseded");
	cleanup();
}

static void test_lingering(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	id = registered();
	call("deregister", json_pack("{s:s}", "impi", IMPI));
	fake_set(id)->lifetime_ms = 1000;
	assert_forward(ask("answer", ON_SET, GRANT, NULL));
	assert_phase(id, GMGUARD_PHASE_LINGERING);
	assert_int_equal(fake_set(id)->lifetime_ms, 1000);
	assert_impus(ask("identify", ON_SET, NULL), "");
	cleanup();
}

/* The lifetime of a new set: the longest of all that the registration has. */
static void test_lifetime(void **state)
{
	uint32_t first, second, third;

	(void)state;
	setup("");
	first = registered();
	second = reregistered();
	third = challenge_of(ask("challenge", ON_SET, "cseq", "#5",
				 "security_client", OFFER3, "www_authenticate",
				 WWW, NULL));
	/* protected by the first, but the second one has more left */
	assert_int_equal(fake_set(third)->protected_by, first);
	fake_set(first)->lifetime_ms = 650000;
	fake_set(second)->lifetime_ms = 700000;
	assert_forward(ask("answer", "ue_port", "#6001", "local_port", "#6101",
			   "cseq", "#6", "authorization", SM7_AUTH,
			   "security_client", OFFER3, "security_verify", server,
			   GRANT, NULL));
	assert_phase(third, GMGUARD_PHASE_ESTABLISHED);
	assert_int_equal(fake_set(third)->lifetime_ms, 700000);
	assert_gone(second);
	assert_phase(first, GMGUARD_PHASE_ESTABLISHED);
	cleanup();
}

/* SM1 in clear: what is replaced still counts, of this registration alone. */
static void test_lifetime_clear(void **state)
{
	uint32_t first, urgent, new;

	(void)state;
	setup("");
	first = registered();
	fake_set(first)->lifetime_ms = 900000;
	urgent = challenge_of(ask("challenge", "contact", "<sip:u@h;sos>",
				  "security_client",
				  "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=7001;spi-s=7002;port-c=7001;port-s=7002",
				  "www_authenticate", WWW, NULL));
	fake_set(urgent)->phase = GMGUARD_PHASE_ESTABLISHED;
	fake_set(urgent)->lifetime_ms = 999000;
	new = challenge_of(ask("challenge", "cseq", "#7", "security_client",
			       OFFER2, "www_authenticate", WWW, NULL));
	assert_phase(first, GMGUARD_PHASE_ESTABLISHED);
	assert_forward(ask("answer", SM7_2, GRANT, NULL));
	assert_gone(first);
	assert_phase(urgent, GMGUARD_PHASE_ESTABLISHED);
	assert_int_equal(fake_set(new)->lifetime_ms, 900000);
	cleanup();
}

/* Shorter than what a temporary set has, but not than an older one. */
static void test_short(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	id = challenge();
	assert_forward(ask("answer", SM7, GRANT, "expires", "#60", NULL));
	assert_int_equal(fake_set(id)->lifetime_ms, 90000);
	id = rechallenge();
	assert_forward(ask("answer", SM7_2, GRANT, "expires", "#30", NULL));
	assert_int_equal(fake_set(id)->lifetime_ms, 90000);
	cleanup();
}

static void test_longest(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	id = challenge();
	assert_forward(ask("answer", SM7, "status", "#200", "expires",
			   "#4294967295", "p_associated_uri", "", NULL));
	assert_int_equal(fake_set(id)->lifetime_ms, INT32_MAX);
	cleanup();
}

/* The S-CSCF refuses SM7: the answer leaves on the set, then the set goes. */
static void test_failure(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	assert_int_equal(agent.conf->failed_ms, 2000);
	id = challenge();
	assert_forward(ask("answer", SM7, FAILURE, NULL));
	assert_non_null(fake_set(id));
	assert_reject(ask("register", SM7, NULL), 403, "has failed");
	wait_for_reaper();
	assert_gone(id);
	/* an agent that ends does not leave it behind either */
	id = challenge();
	assert_forward(ask("answer", SM7, FAILURE, NULL));
	agent_clean(&agent);
	assert_gone(id);
	start("");
	cleanup();
}

/* The delay may change while sets wait: the soonest goes first. */
static void test_failed_ms(void **state)
{
	uint32_t slow, fast;

	(void)state;
	setup("[timers]\nfailed_ms=60000\n");
	slow = challenge();
	assert_forward(ask("answer", SM7, FAILURE, NULL));
	agent.conf->failed_ms = 20;
	fast = challenge_of(ask("challenge", "ue_addr", "10.33.0.12",
				"www_authenticate", WWW, NULL));
	assert_forward(ask("answer", "ue_addr", "10.33.0.12", "via_addr",
			   "10.33.0.12", SM7, FAILURE, NULL));
	for (int i = 0; i < 200 && fake_set(fast); i++)
		event_base_loop(base, EVLOOP_ONCE);
	assert_gone(fast);
	assert_phase(slow, GMGUARD_PHASE_TEMPORARY);
	cleanup();
}

/* A 200 OK alone does not make a set authenticated. */
static void test_no_proof(void **state)
{
	uint32_t id;

	(void)state;
	setup("[timers]\nfailed_ms=50\n");
	id = challenge();
	assert_reject(ask("answer", SM7, "authorization", SM1_AUTH, GRANT,
			  NULL), 403, "without an answer");
	assert_phase(id, GMGUARD_PHASE_TEMPORARY);
	wait_for_reaper();
	assert_gone(id);
	cleanup();
}

/* An unprotected REGISTER for a registered IMPI, and its answers. */
static void test_unprotected(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	id = registered();
	assert_forward(ask("register", "ue_addr", "10.33.0.66", "via_addr",
			   "10.33.0.66", NULL));
	assert_forward(ask("challenge", "ue_addr", "10.33.0.66", "call_id",
			   "c2", "www_authenticate", WWW, NULL));
	assert_forward(ask("answer", "ue_addr", "10.33.0.66", GRANT0, NULL));
	assert_forward(ask("answer", FAILURE, NULL));
	/* from the UE's own address, for all its contacts */
	assert_forward(ask("answer", "contact", "*", GRANT0, NULL));
	assert_phase(id, GMGUARD_PHASE_ESTABLISHED);
	assert_null(agent.reaper.first);
	assert_int_equal(number_of(ask("identify", ON_SET, NULL), "set"), id);
	cleanup();
}

/* The 2xx to SM7 comes once more, late or from another branch. */
static void test_again(void **state)
{
	uint32_t id, old;

	(void)state;
	setup("");
	id = registered();
	for (int i = 0; i < 2; i++) {
		assert_forward(ask("answer", SM7, GRANT, NULL));
		assert_phase(id, GMGUARD_PHASE_ESTABLISHED);
		assert_int_equal(fake_set(id)->lifetime_ms, 630000);
	}
	assert_impus(ask("identify", ON_SET, NULL),
		     "sip:first@r tel:+1234 sip:third@r ");
	/* when a newer set has taken over */
	old = id;
	id = reregistered();
	fake_packet(id);
	assert_forward(ask("answer", SM7, GRANT, NULL));
	assert_phase(old, GMGUARD_PHASE_SUPERSEDED);
	assert_phase(id, GMGUARD_PHASE_ESTABLISHED);
	assert_int_equal(fake_set(old)->lifetime_ms, 128000);
	/* when the set is gone */
	kernel_saset_del(&agent.kernel, old);
	assert_reject(ask("answer", SM7, GRANT, NULL), 403, "no live SA set");
	assert_phase(id, GMGUARD_PHASE_ESTABLISHED);
	assert_int_equal(fake_count(), 1);
	cleanup();
}

/* A failure that comes after the success of another branch. */
static void test_late_failure(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	id = registered();
	assert_forward(ask("answer", SM7, FAILURE, NULL));
	assert_phase(id, GMGUARD_PHASE_ESTABLISHED);
	assert_null(agent.reaper.first);
	cleanup();
}

/* P-Associated-URI longer than what the kernel keeps. */
static void test_many_impus(void **state)
{
	char uris[64 * 120] = "";
	json_t *result;

	(void)state;
	for (int i = 0; i < 64; i++)
		sprintf(uris + strlen(uris), "<sip:user%03d@%080d>,", i, 0);
	setup("");
	challenge();
	assert_forward(ask("answer", SM7, GRANT, "p_associated_uri", uris,
			   NULL));
	result = ask("identify", ON_SET, NULL);
	assert_int_equal(strncmp(text_of(result, "default_impu"),
				 "sip:user000@", 12), 0);
	assert_in_range(json_array_size(json_object_get(result, "impus")), 10,
			63);
	cleanup();
}

/* What an emergency REGISTER on a normal set gets is no refresh of it. */
static void test_emergency(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	id = registered();
	assert_forward(ask("answer", ON_SET, "contact", "<sip:u@h;sos>",
			   "status", "#200", "expires", "#9000",
			   "p_associated_uri", "<sip:sos@r>", NULL));
	assert_int_equal(fake_set(id)->lifetime_ms, 630000);
	assert_string_equal(text_of(ask("identify", ON_SET, NULL),
				    "default_impu"), "sip:first@r");
	assert_forward(ask("answer", ON_SET, "contact", "<sip:u@h;sos>",
			   GRANT0, NULL));
	assert_phase(id, GMGUARD_PHASE_ESTABLISHED);
	cleanup();
}

int main(void)
{
	add_rows(refusals, test_refusal);
	add_rows(kernels, test_kernel);
	add_test("AT-37 GM-12: six SAs of the IMPI at SM12: 403", test_quota);
	add_test("GM-31: a refresh lengthens, and never shortens",
		 test_refresh);
	add_test("GM-31 GM-33: a refresh through the set that goes",
		 test_refresh_superseded);
	add_test("GM-35: a set that lingers comes to life no more",
		 test_lingering);
	add_test("GM-31: the longest life of all older sets", test_lifetime);
	add_test("GM-31 GM-32: of those that SM7 in clear replaces, too",
		 test_lifetime_clear);
	add_test("GM-31: an expiry of a minute", test_short);
	add_test("GM-31: an expiry of 136 years", test_longest);
	add_test("GM-36: a failed SM7: the answer leaves, then the set goes",
		 test_failure);
	add_test("GM-36: failed_ms may change at any time", test_failed_ms);
	add_test("a 2xx without a challenge response establishes nothing",
		 test_no_proof);
	add_test("AT-29 GM-32: an unprotected REGISTER touches no set",
		 test_unprotected);
	add_test("a 2xx that comes again, or late, changes nothing",
		 test_again);
	add_test("a failure after a success changes nothing",
		 test_late_failure);
	add_test("more identities than the kernel keeps", test_many_impus);
	add_test("GM-38: an emergency REGISTER refreshes no normal set",
		 test_emergency);
	return run_methods("answer");
}
