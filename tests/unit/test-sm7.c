// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SM7, the REGISTER on a temporary set: it repeats SM1 and SM6 in every
 * parameter (TS 33.203 7.2, 7.3.2.3), or somebody bids down.
 */
#include <stdio.h>

#include "proxy.h"

/* One alternative, as SM1 has it and as SM6 has it. */
#define CLIENT(alg) "ipsec-3gpp;alg=" alg ";ealg=aes-cbc;spi-c=4000000001;spi-s=1002;port-c=4001;port-s=4002"

static const struct sm7_case {
	const char *name;
	const char *change[4];	/* NAME, VALUE; "verify", FROM, TO */
	int code;
	bool doomed;
	const char *integrity;
} sm7s[] = {
	{ "GM-22: SM7 as it should be", { NULL }, 0, false, "yes" },
	{ "GM-22: SM7 without Security-Verify: 494",
	  { "security_verify", "" }, 494, false, NULL },
	{ "GM-22: SM7 without Security-Client: 494",
	  { "security_client", "" }, 494, false, NULL },
	{ "AT-38: alg of Security-Verify changed", { "verify", "hmac-md5-96", "hmac-xxx-96" }, 403, true, NULL },
	{ "AT-38: q of Security-Verify changed", { "verify", "q=0.9", "q=0.1" }, 403, true, NULL },
	{ "AT-38: port of Security-Verify changed", { "verify", "port-s=6101", "port-s=6102" }, 403, true, NULL },
	{ "AT-38: first alternative of Security-Verify missing", { "verify", "ipsec-3gpp;q=0.9", "tls;q=0.9" }, 403, true, NULL },
	{ "AT-38: Security-Client has other algorithms",
	  { "security_client", CLIENT("hmac-sha-1-96") }, 403, true, NULL },
	{ "AT-38: Security-Client cannot be read", { "security_client", "ipsec-3gpp;" }, 403, true, NULL },
	{ "AT-38: Security-Verify cannot be read", { "security_verify", "ipsec-3gpp;" }, 403, true, NULL },
	{ "AT-38: Security-Verify is only what was chosen: bidding down",
	  { "security_verify", "ipsec-3gpp;q=0.9;alg=hmac-sha-1-96;ealg=aes-cbc" }, 403, true, NULL },
	{ "GM-23: SM7 for another IMPI: 403", { "impi", "other@r" }, 403, true, NULL },
	{ "GM-38: SM7 of an emergency registration that SM1 was not of: 403",
	  { "contact", "<sip:u@10.33.0.11:4002;sos>" }, 403, true, NULL },
	{ "GM-13: Via has another address: 403", { "via_addr", "10.33.0.12" }, 403, false, NULL },
	{ "GM-13: Via has an IPv6 address: 403", { "via_addr", "[fd33::1]" }, 403, false, NULL },
	{ "GM-13: no Via at all: 403", { "via_addr", "" }, 403, false, NULL },
	{ "GM-13: Via has a name, and names are not resolved: 403",
	  { "via_addr", "ue.example.org" }, 403, false, NULL },
	{ "GM-13: Via has what is no name either: 403",
	  { "via_addr", "a b" }, 403, false, NULL },
	{ "GM-24: SM7 with an empty response is not integrity protected",
	  { "authorization", "Digest username=\"" IMPI "\", nonce=\"abc=\", response=\"\"" }, 0, false, "no" },
	{ "GM-24: SM7 that answers another challenge is not either",
	  { "authorization", "Digest username=\"" IMPI "\", nonce=\"other\", response=\"1125a3c2\"" }, 0, false, "no" },
	{ "GM-24: SM7 that answers no challenge is not either",
	  { "authorization", "Digest username=\"" IMPI "\", nonce=\"\", response=\"1125a3c2\"" }, 0, false, "no" },
	{ "GM-24: SM7 without Authorization parameters is not either",
	  { "authorization", "Digest username=\"" IMPI "\"" }, 0, false, "no" },
	{ "GM-24: SM7 whose Authorization cannot be read is not either",
	  { "authorization", "Digest nonce=\"abc=\", response=\"1125a3c2" }, 0, false, "no" },
};

/* Replace the first such piece of a value. */
static void falsify(char value[SEC_SERVER_MAX], const char *from,
		    const char *to)
{
	char *at = strstr(value, from), rest[SEC_SERVER_MAX];

	assert_non_null(at);
	strcpy(rest, at + strlen(from));
	sprintf(at, "%s%s", to, rest);
}

/* 403, the answer leaves, a good SM7 comes too late, and the set is gone. */
static void assert_doomed(uint32_t id, const char *sent)
{
	assert_phase(id, GMGUARD_PHASE_TEMPORARY);
	strcpy(server, sent);
	assert_reject(ask("register", SM7, NULL), 403, "has failed");
	assert_reject(ask("answer", SM7, GRANT, NULL), 403, "has failed");
	assert_phase(id, GMGUARD_PHASE_TEMPORARY);
	wait_for_reaper();
	assert_gone(id);
}

static void test_sm7(void **state)
{
	const struct sm7_case *c = *state;
	const char *name = c->change[0], *value = c->change[1];
	char sent[SEC_SERVER_MAX];
	json_t *result;
	uint32_t id;

	setup("[timers]\nfailed_ms=50\n");
	id = challenge();
	strcpy(sent, server);
	if (name && !strcmp(name, "verify")) {
		falsify(server, value, c->change[2]);
		name = NULL;
	}
	result = ask("register", SM7, name, value, NULL);
	if (c->code) {
		assert_reject(result, c->code, "");
	} else {
		assert_forward(result);
		assert_string_equal(text_of(result, "integrity_protected"),
				    c->integrity);
	}
	assert_non_null(fake_set(id));
	if (c->doomed)
		assert_doomed(id, sent);
	else
		assert_null(agent.reaper.first);
	cleanup();
}

/*
 * Every parameter of either header field, and its alternatives: changed, left
 * out, added, twice. FROM is replaced where it stands first.
 */
static const struct param_case {
	const char *name;
	const char *from;
	const char *to;
} clients[] = {
	{ "mechanism", "ipsec-3gpp", "ipsec-ike" },
	{ "alg", "alg=hmac-md5-96", "alg=hmac-sha-1-96" },
	{ "ealg", "ealg=aes-cbc", "ealg=null" },
	{ "ealg left out", ";ealg=aes-cbc", "" },
	{ "spi-c", "spi-c=4000000001", "spi-c=4000000002" },
	{ "spi-s", "spi-s=1002", "spi-s=1003" },
	{ "port-c", "port-c=4001", "port-c=4003" },
	{ "port-s", "port-s=4002", "port-s=4004" },
	{ "prot", "alg=hmac-md5-96", "alg=hmac-md5-96;prot=ah" },
	{ "mod", "alg=hmac-md5-96", "alg=hmac-md5-96;mod=tun" },
	{ "mod UDP-enc-tun", "alg=hmac-md5-96", "alg=hmac-md5-96;mod=UDP-enc-tun" },
	{ "q", "alg=hmac-md5-96", "alg=hmac-md5-96;q=0.5" },
	{ "a parameter more", "alg=hmac-md5-96", "alg=hmac-md5-96;x" },
	{ "an alternative more", "ipsec-3gpp", "tls, ipsec-3gpp" },
	{ "an alternative twice", "ipsec-3gpp", CLIENT("hmac-md5-96") ", ipsec-3gpp" },
	{ "an alternative less", CLIENT("hmac-md5-96") ", ", "" },
	{ "the other alternative less", ", " CLIENT("hmac-sha-1-96"), "" },
	{ "alg of the second alternative", "alg=hmac-sha-1-96", "alg=hmac-md5-97" },
}, verifies[] = {
	{ "mechanism", "ipsec-3gpp", "ipsec-ike" },
	{ "q", "q=0.9", "q=0.91" },
	{ "q left out", "q=0.9;", "" },
	{ "q of two alternatives swapped", "q=0.9", "q=0.8" },
	{ "prot", "prot=esp", "prot=ah" },
	{ "mod", "mod=trans", "mod=tun" },
	{ "mod UDP-enc-tun", "mod=trans", "mod=UDP-enc-tun" },
	{ "alg", "alg=hmac-sha-1-96", "alg=hmac-md5-96" },
	{ "ealg", "ealg=aes-cbc", "ealg=null" },
	{ "ealg left out", ";ealg=aes-cbc", "" },
	{ "spi-c", "spi-c=", "spi-c=1" },
	{ "spi-c left out", "spi-c=", "x=" },
	{ "spi-s", "spi-s=", "spi-s=1" },
	{ "spi-s left out", "spi-s=", "x=" },
	{ "port-c", "port-c=61", "port-c=51" },
	{ "port-c left out", "port-c=", "x=" },
	{ "port-s", "port-s=61", "port-s=51" },
	{ "port-s left out", "port-s=", "x=" },
	{ "a parameter more", "q=0.9", "q=0.9;x=y" },
	{ "an alternative more", "ipsec-3gpp;q=0.9", "tls;q=0.1, ipsec-3gpp;q=0.9" },
	{ "the strongest alternative made another mechanism", "ipsec-3gpp;q=0.9", "digest;q=0.9" },
	{ "the weakest alternative made stronger", "alg=hmac-md5-96;ealg=null", "alg=hmac-md5-96;ealg=aes-cbc" },
	{ "a parameter that cannot be read", "q=0.9", "q=\"0.9" },
};

static void check_param(const struct param_case *c, bool verify)
{
	char client[SEC_SERVER_MAX] = OFFER, sent[SEC_SERVER_MAX];
	uint32_t id;

	setup("[timers]\nfailed_ms=50\n");
	id = challenge();
	strcpy(sent, server);
	falsify(verify ? server : client, c->from, c->to);
	assert_reject(ask("register", SM7, "security_client", client, NULL),
		      403, verify ? "Security-Verify differs" :
		      "Security-Client differs");
	assert_doomed(id, sent);
	cleanup();
}

static void test_client(void **state)
{
	check_param(*state, false);
}

static void test_verify(void **state)
{
	check_param(*state, true);
}

/* What means the same is the same, however it is written. */
static const struct param_case written[] = {
	{ "case of names", "alg=", "ALG=" },
	{ "case of values", "hmac-md5-96", "HMAC-Md5-96" },
	{ "case of the mechanism", "ipsec-3gpp", "IPSEC-3gpp" },
	{ "blanks", ";", " ;\t" },
	{ "a folded line", ";", "\r\n ;" },
	{ "leading zeros", "port-s=", "port-s=0" },
	{ "quotes", "aes-cbc", "\"aes-cbc\"" },
	{ "a media plane alternative", "ipsec-3gpp", "sdes-srtp;mediasec, ipsec-3gpp" },
};

/* Bring the first alternative behind all others. */
static void rotate(char value[SEC_SERVER_MAX])
{
	char first[SEC_SERVER_MAX];
	size_t len = strcspn(value, ","), rest = strlen(value) - len - 1;

	assert_int_equal(value[len], ',');
	memcpy(first, value, len);
	memmove(value, value + len + 1, rest);
	value[rest] = ',';
	memcpy(value + rest + 1, first, len);
}

static void test_written(void **state)
{
	const struct param_case *c = *state;
	char client[SEC_SERVER_MAX] = OFFER;

	setup("");
	challenge();
	falsify(client, c->from, c->to);
	falsify(server, c->from, c->to);
	assert_string_equal(text_of(ask("register", SM7, "security_client",
					client, NULL), "integrity_protected"),
			    "yes");
	cleanup();
}

static void test_order(void **state)
{
	char client[SEC_SERVER_MAX] = OFFER;

	(void)state;
	setup("");
	challenge();
	rotate(client);
	rotate(server);
	assert_string_not_equal(client, OFFER);
	falsify(client, "alg=hmac-sha-1-96;ealg=aes-cbc",
		"ealg=aes-cbc;alg=hmac-sha-1-96");
	assert_string_equal(text_of(ask("register", SM7, "security_client",
					client, NULL), "integrity_protected"),
			    "yes");
	cleanup();
}

/* The defaults prot=esp, mod=trans, ealg=null may be written or not. */
static void test_defaults(void **state)
{
	(void)state;
	setup("");
	challenge();
	for (char *at; (at = strstr(server, "prot=esp;mod=trans;"));)
		memmove(at, at + 19, strlen(at + 19) + 1);
	for (char *at; (at = strstr(server, ";ealg=null"));)
		memmove(at, at + 10, strlen(at + 10) + 1);
	assert_string_equal(text_of(ask("register", SM7, NULL),
				    "integrity_protected"), "yes");
	cleanup();
}

/* A phone repeats SM7; the proxy may report both. */
static void test_repeated(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	id = challenge();
	for (int i = 0; i < 3; i++) {
		json_t *result = ask("register", SM7, NULL);

		assert_forward(result);
		assert_string_equal(text_of(result, "integrity_protected"),
				    "yes");
		assert_int_equal(number_of(result, "set"), id);
	}
	assert_int_equal(fake.n_new, 1);
	cleanup();
}

static void add_params(const char *format, const struct param_case *table,
		       size_t n, CMUnitTestFunction fn)
{
	static char names[64][128];
	static size_t used;

	for (size_t i = 0; i < n; i++, used++) {
		assert_true(used < COUNT(names));
		snprintf(names[used], sizeof(names[used]), format,
			 table[i].name);
		add_test(names[used], fn);
		tests[n_tests - 1].initial_state = (void *)&table[i];
	}
}

int main(void)
{
	add_rows(sm7s, test_sm7);
	add_params("AT-38 GM-22: Security-Client differs: %s", clients,
		   COUNT(clients), test_client);
	add_params("AT-38 GM-22: Security-Verify differs: %s", verifies,
		   COUNT(verifies), test_verify);
	add_params("GM-22: both differ in how they are written: %s", written,
		   COUNT(written), test_written);
	add_test("GM-22: order of alternatives and parameters", test_order);
	add_test("GM-22: defaults that are not written", test_defaults);
	add_test("a repeated SM7 gets the same answer", test_repeated);
	return run_methods("sm7");
}
