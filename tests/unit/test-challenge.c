// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Method "challenge": from the S-CSCF's 401 to the SA set and the 401 for the
 * UE, and what the new set makes superfluous.
 */
#include <errno.h>
#include <stdio.h>

#include "proxy.h"

static const struct refuse_case refusals[] = {
	{ "GM-25: no offer in the 401 either: 494", "", "challenge",
	  { "security_client", "" }, 494, "not offered" },
	{ "an address that nobody guards in the 401: 503", "", "challenge",
	  { "local_addr", "10.99.0.1" }, 503, "no endpoint" },
	{ "AT-39: ck and ik missing: 503", "", "challenge",
	  { "www_authenticate", CLEAN }, 503, "neither ck nor ik" },
	{ "AT-39: ik missing: 503", "", "challenge",
	  { "www_authenticate", "Digest nonce=\"a\", ck=\"" CK "\"" }, 503, "only one" },
	{ "AT-39: ck too short: 503", "", "challenge",
	  { "www_authenticate", "Digest nonce=\"a\", ck=\"b4\", ik=\"" IK "\"" }, 503, "32 hexadecimal" },
	{ "AT-39: not well formed: 503", "", "challenge",
	  { "www_authenticate", "Digest nonce=\"a, ck=\"" CK "\", ik=\"" IK "\"" }, 503, "well-formed" },
	{ "a challenge without a nonce: 503", "", "challenge",
	  { "www_authenticate", "Digest ck=\"" CK "\", ik=\"" IK "\"" }, 503, "nonce" },
	{ "no www_authenticate", "", "challenge", { NULL }, -32602, "params.www_authenticate" },
};

static void test_repeat(void **state)
{
	char first[SEC_SERVER_MAX];
	uint32_t id;

	(void)state;
	setup("");
	id = challenge();
	strcpy(first, server);
	assert_int_equal(challenge(), id);
	assert_string_equal(server, first);
	assert_int_equal(fake.n_new, 1);
	restart();
	assert_int_equal(challenge(), id);
	assert_int_equal(fake.n_new, 1);
	/* another challenge is another set, whatever the transaction */
	assert_forward(ask("challenge", "www_authenticate", WWW2, NULL));
	assert_int_equal(fake.n_new, 2);
	assert_int_equal(fake_count(), 1);
	assert_gone(id);
	/* a new transaction gets a new set, the old one gives way */
	id = challenge();
	assert_forward(ask("challenge", "cseq", "#7", "www_authenticate", WWW,
			   NULL));
	assert_int_equal(fake.n_new, 4);
	assert_int_equal(fake_count(), 1);
	assert_gone(id);
	cleanup();
}

static const struct kernel_case {
	const char *name;
	int error;
	int code;
} kernels[] = {
	{ "AT-39 GM-11: ports or SPIs in use (EEXIST): 403", EEXIST, 403 },
	{ "AT-37 GM-12: six SAs of the IMPI (EDQUOT): 403", EDQUOT, 403 },
	{ "AT-39: what the UE chose is impossible (EINVAL): 403", EINVAL, 403 },
	{ "AT-39: the table is full (ENOSPC): 503", ENOSPC, 503 },
	{ "AT-39: no memory (ENOMEM): 503", ENOMEM, 503 },
	{ "AT-39: not allowed (EPERM): 503", EPERM, 503 },
};

static void test_kernel(void **state)
{
	const struct kernel_case *c = *state;

	setup("");
	fake.fail_new = c->error;
	assert_reject(ask("challenge", "www_authenticate", WWW, NULL), c->code,
		      "the kernel refused the SA set: the fake kernel refuses");
	assert_int_equal(fake_count(), 0);
	fake.fail_new = 0;
	assert_int_not_equal(challenge(), 0);
	cleanup();
}

/* The kernel's own rules, told on. */
static void test_rules(void **state)
{
	(void)state;
	setup("");
	registered();
	/* GM-11: the client port of a set that is authenticated */
	assert_reject(ask("challenge", "cseq", "#5", "www_authenticate", WWW,
			  NULL), 403, "(ue-addr, port-uc) is in use");
	/* another IMPI on this UE's server port */
	assert_reject(ask("challenge", "impi", "other@r", "call_id", "c2",
			  "security_client", OFFER2, "www_authenticate", WWW,
			  NULL), 403, "belongs to another IMPI");
	/* GM-38: an emergency registration on the port of the normal one */
	assert_reject(ask("challenge", "contact", "<sip:u@h;sos>", "call_id",
			  "c3", "security_client", OFFER2, "www_authenticate",
			  WWW, NULL), 403, "another kind");
	assert_int_equal(fake_count(), 1);
	gmg_limits_put(&fake.limits, GMGUARD_A_LIMITS_MAX_IMPI_SETS, 1);
	assert_reject(ask("challenge", ON_SET, "cseq", "#5", "security_client",
			  OFFER2, "www_authenticate", WWW, NULL), 403,
		      "max-impi-sets");
	assert_int_equal(fake_count(), 1);
	cleanup();
}

/* The ports and SPIs of SM7 are those of its set: there is no room for two. */
static void test_temporary(void **state)
{
	uint32_t id;

	(void)state;
	setup("[timers]\nfailed_ms=50\n");
	id = challenge();
	assert_reject(ask("challenge", SM7, "www_authenticate", WWW2, NULL),
		      403, "challenged once more");
	assert_int_equal(fake.n_new, 1);
	/* the answer leaves on the set first */
	assert_phase(id, GMGUARD_PHASE_TEMPORARY);
	wait_for_reaper();
	assert_gone(id);
	cleanup();
}

static void assert_keys(uint32_t id, size_t alg, size_t ealg)
{
	for (int i = 0; i < FAKE_SETS; i++) {
		if (fake.set[i].id != id)
			continue;
		assert_int_equal(fake.key_len[i][0], alg);
		assert_int_equal(fake.key_len[i][1], ealg);
	}
}

static void test_aead(void **state)
{
	uint32_t id;

	(void)state;
	setup("[security]\nencryption_algorithms=aes-gcm\n");
	id = challenge_of(ask("challenge", "security_client",
			      "ipsec-3gpp;alg=null;ealg=aes-gcm;spi-c=1001;spi-s=1002;port-c=4001;port-s=4002",
			      "www_authenticate", WWW, NULL));
	assert_int_equal(fake_set(id)->alg, GMGUARD_ALG_NULL);
	assert_int_equal(fake_set(id)->ealg, GMGUARD_EALG_AES_GCM);
	assert_keys(id, 0, 20);
	cleanup();
}

/* The label of the registration group. */
static uint32_t label_with(const char *contact)
{
	uint32_t id = challenge_of(ask("challenge", "contact", contact,
				       "www_authenticate", WWW, NULL));
	uint32_t group = fake_set(id)->group;

	kernel_saset_del(&agent.kernel, id);
	return group;
}

#define INSTANCE "+sip.instance=\"<urn:gsma:imei:90420156-025763-0>\""

static void test_label(void **state)
{
	uint32_t only, one, two, flow;

	(void)state;
	setup("");
	only = label_with("<sip:u@10.33.0.11:4002>");
	assert_int_not_equal(only, 0);
	assert_int_equal(label_with("<sip:u@10.33.0.12:9>;expires=1"), only);
	assert_int_equal(label_with(""), only);
	assert_int_equal(label_with("*"), only);
	assert_int_equal(label_with("<sip:u@h>;reg-id=1"), only);
	one = label_with("<sip:u@10.33.0.11:4002>;" INSTANCE);
	assert_int_not_equal(one, 0);
	assert_int_not_equal(one, only);
	two = label_with("<sip:u@h>;+sip.instance=\"<urn:gsma:imei:90420156-025763-1>\"");
	assert_int_not_equal(two, one);
	flow = label_with("<sip:u@h>;reg-id=2;" INSTANCE);
	assert_int_not_equal(flow, one);
	restart();
	assert_int_equal(label_with("sip:u@x;expires=3 ; +SIP.instance = \"<URN:gsma:imei:90420156-025763-0>\""),
			 one);
	cleanup();
}

static void test_emergency(void **state)
{
	uint32_t normal, emergency;

	(void)state;
	setup("");
	normal = registered();
	assert_false(fake_set(normal)->emergency);
	emergency = challenge_of(ask("challenge", ON_SET, "cseq", "#3",
				     "contact", "<sip:u@10.33.0.11:7002;sos>",
				     "security_client", OFFER_SOS,
				     "www_authenticate", WWW, NULL));
	assert_true(fake_set(emergency)->emergency);
	/* the normal set does not vouch for it, and is not handed over */
	assert_int_equal(fake_set(emergency)->protected_by, 0);
	assert_phase(normal, GMGUARD_PHASE_ESTABLISHED);
	cleanup();
}

static void test_protected_by(void **state)
{
	uint32_t first, second, third;

	(void)state;
	setup("");
	first = registered();
	assert_int_equal(fake_set(first)->protected_by, 0);
	second = reregistered();
	assert_int_equal(fake_set(second)->protected_by, first);
	fake_packet(second);
	assert_phase(first, GMGUARD_PHASE_SUPERSEDED);
	/* SM1 through the set that is superseded */
	third = challenge_of(ask("challenge", ON_SET, "cseq", "#5",
				 "security_client", OFFER3, "www_authenticate",
				 WWW, NULL));
	assert_int_equal(fake_set(third)->protected_by, first);
	cleanup();

	/* a set that lingers protects nothing any more */
	setup("");
	first = registered();
	call("deregister", json_pack("{s:s}", "impi", IMPI));
	second = rechallenge();
	assert_int_equal(fake_set(second)->protected_by, 0);
	cleanup();
}

/* An attempt of this IMPI that nobody finished; NAME, VALUE differ. */
static uint32_t attempt(const char *cseq, const char *port, const char *name,
			const char *value)
{
	char offer[256];

	snprintf(offer, sizeof(offer),
		 "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=%s1;spi-s=%s2;port-c=%s;port-s=4002",
		 port, port, port);
	return challenge_of(ask("challenge", "cseq", cseq, "security_client",
				offer, "www_authenticate", WWW, name, value,
				NULL));
}

static void test_unfinished(void **state)
{
	uint32_t first, there, here, other, urgent, new;

	(void)state;
	setup("");
	first = registered();
	/* of the same UE, of the same IMPI elsewhere, of another IMPI */
	here = attempt("#11", "7003", NULL, NULL);
	there = attempt("#12", "7002", "ue_addr", "10.33.0.12");
	other = challenge_of(ask("challenge", "impi", "other@r", "cseq",
				 "#13", "ue_addr", "10.33.0.13",
				 "www_authenticate", WWW, NULL));
	urgent = challenge_of(ask("challenge", "cseq", "#14", "contact",
				  "<sip:u@10.33.0.11;sos>", "security_client",
				  OFFER_SOS, "www_authenticate", WWW, NULL));
	fake_packet(here);
	new = rechallenge();
	assert_gone(here);
	assert_phase(there, GMGUARD_PHASE_TEMPORARY);
	assert_phase(other, GMGUARD_PHASE_TEMPORARY);
	assert_phase(urgent, GMGUARD_PHASE_TEMPORARY);
	assert_phase(first, GMGUARD_PHASE_ESTABLISHED);
	/* one more attempt through the same set, with other ports */
	here = challenge_of(ask("challenge", ON_SET, "cseq", "#15",
				"security_client", OFFER3, "www_authenticate",
				WWW, NULL));
	assert_gone(new);
	assert_phase(here, GMGUARD_PHASE_TEMPORARY);
	/* in clear nothing goes but what the kernel replaces */
	new = attempt("#16", "7005", NULL, NULL);
	assert_phase(here, GMGUARD_PHASE_TEMPORARY);
	assert_phase(new, GMGUARD_PHASE_TEMPORARY);
	cleanup();
}

/* Whose SM1 this set protected goes, from whatever address. */
static void test_unfinished_elsewhere(void **state)
{
	uint32_t first, second;

	(void)state;
	setup("");
	first = registered();
	second = rechallenge();
	assert_int_equal(fake_set(second)->protected_by, first);
	gmg_addr_parse("10.33.0.99", &fake_set(second)->ue_addr);
	challenge_of(ask("challenge", ON_SET, "cseq", "#5", "security_client",
			 OFFER3, "www_authenticate", WWW, NULL));
	assert_gone(second);
	cleanup();
}

/* The kernel refuses: what was unfinished stays, it may still be finished. */
static void test_unfinished_refused(void **state)
{
	uint32_t here;

	(void)state;
	setup("");
	registered();
	here = attempt("#11", "7001", NULL, NULL);
	fake.fail_new = ENOSPC;
	assert_reject(ask("challenge", ON_SET, "cseq", "#3", "security_client",
			  OFFER2, "www_authenticate", WWW, NULL), 503, "");
	assert_phase(here, GMGUARD_PHASE_TEMPORARY);
	cleanup();
}

/* Two UEs, or somebody and a UE, register one IMPI at the same time. */
static void test_race(void **state)
{
	char first_server[SEC_SERVER_MAX];
	uint32_t first, second;

	(void)state;
	setup("");
	first = challenge();
	strcpy(first_server, server);
	second = challenge_of(ask("challenge", "ue_addr", "10.33.0.66",
				  "via_addr", "10.33.0.66", "call_id", "c2",
				  "www_authenticate", WWW2, NULL));
	assert_int_not_equal(first, second);
	assert_phase(first, GMGUARD_PHASE_TEMPORARY);
	assert_forward(ask("answer", ON_SET, "cseq", "#2", "authorization",
			   SM7_AUTH, "security_verify", first_server, GRANT,
			   NULL));
	assert_phase(first, GMGUARD_PHASE_ESTABLISHED);
	assert_phase(second, GMGUARD_PHASE_TEMPORARY);
	/* SM7 of the one does not fit the set of the other */
	assert_reject(ask("register", SM7, "ue_addr", "10.33.0.66",
			  "via_addr", "10.33.0.66", "security_verify",
			  first_server, NULL), 403, "Security-Verify");
	assert_phase(first, GMGUARD_PHASE_ESTABLISHED);
	cleanup();
}

int main(void)
{
	add_rows(refusals, test_refusal);
	add_test("GM-29: a repeated 401 gets the same answer", test_repeat);
	add_rows(kernels, test_kernel);
	add_test("AT-37 GM-11 GM-12: what the kernel refuses, the UE learns",
		 test_rules);
	add_test("a second challenge on a temporary set: 403, then it goes",
		 test_temporary);
	add_test("GM-26: aes-gcm: one key of 20 bytes, none for integrity",
		 test_aead);
	add_test("GM-33: the label of the contact's registration", test_label);
	add_test("GM-38: an emergency registration is one of its own",
		 test_emergency);
	add_test("GM-33: which set protected SM1", test_protected_by);
	add_test("GM-29: a protected SM1 ends other attempts, one in clear does not",
		 test_unfinished);
	add_test("GM-29: an attempt through the same set goes from any address",
		 test_unfinished_elsewhere);
	add_test("GM-29: a 401 that is refused ends no other attempt",
		 test_unfinished_refused);
	add_test("GM-29 AT-45: two registrations of one IMPI at a time",
		 test_race);
	return run_methods("challenge");
}
