// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Method "register": what becomes of a REGISTER, by the set that it came
 * through. SM7 has tests of its own (test-sm7.c).
 */
#include <errno.h>
#include <stdio.h>

#include "proxy.h"

static const struct refuse_case refusals[] = {
	{ "GM-25: no Security-Client, sec-agree known: 494", "", "register",
	  { "security_client", "" }, 494, "not offered" },
	{ "GM-25: only tls: 494", "", "register",
	  { "security_client", "tls" }, 494, "not offered" },
	{ "GM-25: no common algorithm: 494",
	  "[security]\nencryption=required\nencryption_algorithms=des-ede3-cbc\n",
	  "register", { NULL }, 494, "no alternative fits" },
	{ "GM-25 AT-40: a broken offer: 494", "", "register",
	  { "security_client", "ipsec-3gpp;alg" }, 494, "Security-Client: " },
	{ "GM-27: only aes-gcm, which is no default: 494", "", "register",
	  { "security_client", "ipsec-3gpp;alg=null;ealg=aes-gcm;spi-c=1001;spi-s=1002;port-c=4001;port-s=4002" },
	  494, "no alternative fits" },
	{ "GM-41: only UDP-enc-tun: 494, and says that it is not supported", "",
	  "register",
	  { "security_client", "ipsec-3gpp;alg=hmac-sha-1-96;mod=UDP-enc-tun;spi-c=1001;spi-s=1002;port-c=4001;port-s=4002" },
	  494, "UDP-enc-tun (Annex M) is not supported" },
	{ "an address that nobody guards: 503", "", "register",
	  { "local_addr", "10.99.0.1" }, 503, "no endpoint" },
	{ "no identity at all: 403", "", "register",
	  { "impi", "", "impu", "tel:+1234" }, 403, "identity" },
	{ "GM-14: a protected port without a set: 403", "", "register",
	  { "ue_port", "#4001", "local_port", "#6101" }, 403, "no live SA set" },
	{ "a missing member is named", "", "register",
	  { "via_addr", NULL }, -32602, "params.via_addr: expected a string" },
	{ "a missing number is named", "", "register",
	  { "cseq", NULL }, -32602, "params.cseq: expected a whole number" },
	{ "a port that is a string", "", "register",
	  { "ue_port", "5060" }, -32602, "params.ue_port: expected a whole number from 1 to 65535" },
	{ "a port out of range", "", "register",
	  { "local_port", "#65536" }, -32602, "params.local_port" },
	{ "an address that is a name", "", "register",
	  { "ue_addr", "example.org" }, -32602, "params.ue_addr: expected an IPv4 or IPv6 address" },
	{ "a transport that is neither", "", "register",
	  { "transport", "sctp" }, -32602, "params.transport: expected" },
};

static const struct set_case {
	const char *name;
	const char *change[6];
	int code;
	const char *integrity;
} sets[] = {
	{ "GM-24: no response: yes", { NULL }, 0, "yes" },
	{ "GM-24: no response parameter: yes",
	  { "authorization", "Digest username=\"" IMPI "\"" }, 0, "yes" },
	{ "GM-24: a response: no",
	  { "authorization", SM7_AUTH }, 0, "no" },
	{ "GM-24: an Authorization that cannot be read: no",
	  { "authorization", "Digest username=\"" IMPI "\", response=\"" }, 0, "no" },
	{ "GM-24: no Authorization: no",
	  { "authorization", "", "impi", "" }, 0, "no" },
	{ "GM-23: another IMPI: 403",
	  { "impi", "other@r" }, 403, NULL },
	{ "GM-23 GM-38: another IMPI in an emergency: 403",
	  { "impi", "other@r", "contact", "<sip:u@10.33.0.11:4002;sos>" },
	  403, NULL },
	{ "GM-22: no Security-Client: 494",
	  { "security_client", "" }, 494, NULL },
	{ "AT-40: a broken Security-Client: 494",
	  { "security_client", "ipsec-3gpp;spi-c=1" }, 494, NULL },
	{ "GM-13: another Via: 403",
	  { "via_addr", "10.33.0.12" }, 403, NULL },
	{ "GM-13: a name in Via: 403",
	  { "via_addr", "ue.example.org" }, 403, NULL },
	{ "GM-38: an emergency registration on a normal set: no",
	  { "contact", "<sip:u@10.33.0.11:4002;sos>" }, 0, "no" },
};

static void check_set(const struct set_case *c, const char *integrity)
{
	const char *const *v = c->change;
	json_t *result = ask("register", ON_SET, "security_client", OFFER2,
			     v[0], v[1], v[2], v[3], v[4], v[5], NULL);

	if (c->code) {
		assert_reject(result, c->code, "");
		return;
	}
	assert_forward(result);
	assert_string_equal(text_of(result, "integrity_protected"), integrity);
}

static void test_established(void **state)
{
	const struct set_case *c = *state;
	uint32_t id;

	setup("");
	id = registered();
	check_set(c, c->integrity);
	assert_phase(id, GMGUARD_PHASE_ESTABLISHED);
	assert_null(agent.reaper.first);
	cleanup();
}

/* The same on a set that a newer one has superseded. */
static void test_superseded(void **state)
{
	const struct set_case *c = *state;
	uint32_t old;

	setup("");
	old = registered();
	fake_packet(reregistered());
	assert_phase(old, GMGUARD_PHASE_SUPERSEDED);
	check_set(c, c->integrity);
	assert_phase(old, GMGUARD_PHASE_SUPERSEDED);
	assert_null(agent.reaper.first);
	cleanup();
}

/* And on one that lingers: nothing is vouched for any more. */
static void test_lingering(void **state)
{
	const struct set_case *c = *state;
	uint32_t id;

	setup("");
	id = registered();
	call("deregister", json_pack("{s:s}", "impi", IMPI));
	assert_phase(id, GMGUARD_PHASE_LINGERING);
	check_set(c, "no");
	assert_phase(id, GMGUARD_PHASE_LINGERING);
	cleanup();
}

/* SM7 came late, and the core takes as long as it may. */
static void test_prolong(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	id = challenge();
	fake_set(id)->lifetime_ms = 5000;
	assert_forward(ask("register", SM7, NULL));
	assert_int_equal(fake_set(id)->lifetime_ms, 158000);
	assert_phase(id, GMGUARD_PHASE_TEMPORARY);
	/* never shortened */
	fake_set(id)->lifetime_ms = 239000;
	assert_forward(ask("register", SM7, NULL));
	assert_int_equal(fake_set(id)->lifetime_ms, 239000);
	cleanup();

	/* by the timer that the kernel has now */
	setup("[timers]\ngrace_ms=1000\n");
	id = challenge();
	fake_set(id)->lifetime_ms = 5000;
	assert_forward(ask("register", SM7, NULL));
	assert_int_equal(fake_set(id)->lifetime_ms, 31000);
	gmg_limits_put(&fake.limits, GMGUARD_A_LIMITS_GRACE_MS, INT32_MAX);
	assert_forward(ask("register", SM7, NULL));
	assert_int_equal(fake_set(id)->lifetime_ms, INT32_MAX);
	cleanup();
}

/* Without an answer to the challenge nothing is prolonged. */
static void test_no_prolong(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	id = challenge();
	fake_set(id)->lifetime_ms = 5000;
	assert_forward(ask("register", SM7, "authorization", SM1_AUTH, NULL));
	assert_reject(ask("register", SM7, "via_addr", "10.33.0.12", NULL),
		      403, "Via");
	assert_int_equal(fake_set(id)->lifetime_ms, 5000);
	cleanup();
}

static void test_prolong_refused(void **state)
{
	(void)state;
	setup("");
	challenge();
	fake.fail_set = ENOMEM;
	assert_reject(ask("register", SM7, NULL), 503,
		      "the kernel refused to prolong the SA set: the fake kernel refuses");
	fake.fail_set = 0;
	fake.fail_limits = EPERM;
	assert_reject(ask("register", SM7, NULL), 503, "refuses");
	fake.fail_limits = 0;
	assert_forward(ask("register", SM7, NULL));
	cleanup();
}

static const struct emergency_case {
	const char *name;
	const char *contact;
	int emergency;
} emergencies[] = {
	{ "GM-38: no sos: no emergency", "<sip:u@10.33.0.11:4002>", 0 },
	{ "GM-38: sos of the URI: emergency",
	  "<sip:u@10.33.0.11:4002;transport=tcp;SOS>;expires=600", 1 },
	{ "GM-38: sos of the header field is none",
	  "<sip:u@10.33.0.11:4002>;sos", 0 },
};

static void test_emergency(void **state)
{
	const struct emergency_case *c = *state;
	json_t *result;

	setup("");
	result = ask("register", "contact", c->contact, NULL);
	assert_forward(result);
	assert_int_equal(json_is_true(json_object_get(result, "emergency")),
			 c->emergency);
	assert_int_equal(json_is_false(json_object_get(result, "emergency")),
			 !c->emergency);
	cleanup();
}

/* The same addresses, written in another way. */
static void test_addresses(void **state)
{
	(void)state;
	setup("");
	challenge();
	assert_forward(ask("register", SM7, "ue_addr", "::ffff:10.33.0.11",
			   "via_addr", "10.33.0.11", "local_addr",
			   "[::ffff:10.33.0.1]", NULL));
	cleanup();
}

/* A UE with a name in Via, where names are resolved. */
static void test_name(void **state)
{
	static const char more[] = "[security]\nresolve_via=yes\n";
	json_t *result;

	(void)state;
	setup(more);
	result = ask("challenge", "ue_addr", "127.0.0.1", "www_authenticate",
		     WWW, NULL);
	challenge_of(result);
	assert_forward(ask("register", SM7, "ue_addr", "127.0.0.1",
			   "via_addr", "localhost", NULL));
	assert_reject(ask("register", SM7, "ue_addr", "127.0.0.1",
			  "via_addr", "no.such.name.invalid", NULL),
		      403, "not resolved in time or does not exist");
	cleanup();
	setup(more);
	challenge();
	assert_reject(ask("register", SM7, "via_addr", "localhost", NULL),
		      403, "has other addresses");
	cleanup();
}

/* "gmguard set new" made it: nothing to compare SM7 with. */
static void test_foreign(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	id = challenge();
	free((void *)fake_set(id)->agent_data);
	fake_set(id)->agent_data = NULL;
	fake_set(id)->agent_data_len = 0;
	assert_reject(ask("register", SM7, NULL), 403, "not made by this");
	cleanup();
}

static void add_sets(int phase, const char *where, CMUnitTestFunction fn)
{
	static char names[3][COUNT(sets)][128];

	for (size_t i = 0; i < COUNT(sets); i++) {
		snprintf(names[phase][i], sizeof(names[phase][i]), "%s%s",
			 sets[i].name, where);
		add_test(names[phase][i], fn);
		tests[n_tests - 1].initial_state = (void *)&sets[i];
	}
}

int main(void)
{
	add_rows(refusals, test_refusal);
	add_sets(0, ", on an established set", test_established);
	add_sets(1, ", on a superseded set", test_superseded);
	add_sets(2, "; but no on a lingering set", test_lingering);
	add_test("GM-28: SM7 prolongs the temporary set past Timer F",
		 test_prolong);
	add_test("GM-28: what answers no challenge prolongs nothing",
		 test_no_prolong);
	add_test("AT-39: the kernel refuses to prolong: 503",
		 test_prolong_refused);
	add_rows(emergencies, test_emergency);
	add_test("IPv4 addresses that are mapped into IPv6", test_addresses);
	add_test("GM-13: a name in Via, where names are resolved", test_name);
	add_test("a set that somebody else made", test_foreign);
	return run_methods("register");
}
