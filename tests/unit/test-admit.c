// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * UEs that do not offer ipsec-3gpp: admitted only where the operator says so,
 * scheme by scheme (TS 33.203 Annexes N, O, P, T; RFC 3329 2.3.1).
 */
#include <stdio.h>

#include "proxy.h"

#define AKA	"Digest username=\"" IMPI "\", nonce=\"\", algorithm=AKAv1-MD5, response=\"\""
#define AKA2	"Digest username=\"" IMPI "\", nonce=\"\", algorithm=AKAv2-SHA-256, response=\"\""
#define DIGEST	"Digest username=\"" IMPI "\", nonce=\"\", algorithm=MD5, response=\"\""
#define WWW_MD5	"Digest realm=\"r\", nonce=\"abc=\", algorithm=MD5"
/* an AKA challenge whose keys the proxy has no use for */
#define WWW_AKA	CLEAN

/* What a REGISTER looks like, by its headers alone. */
static const struct scheme_case {
	const char *name;
	const char *security_client;
	const char *authorization;
	enum scheme scheme;
} schemes[] = {
	{ "GM-42: ipsec-3gpp among others", "tls;q=0.1, ipsec-3gpp;alg=null", "", SCHEME_IPSEC },
	{ "GM-42: a broken Security-Client opens no other door", "tls;;", DIGEST, SCHEME_IPSEC },
	{ "GM-42: tls, whatever the credentials", "tls", AKA, SCHEME_TLS },
	{ "GM-42: tls without credentials", "TLS;q=0.5", "", SCHEME_TLS },
	{ "GM-42: AKAv1-MD5 without Security-Client", "", AKA, SCHEME_NONE },
	{ "GM-42: AKAv2 without Security-Client", "", AKA2, SCHEME_NONE },
	{ "GM-42: AKA and only the media plane", "sdes-srtp;mediasec", AKA, SCHEME_NONE },
	{ "GM-42: MD5", "", DIGEST, SCHEME_DIGEST },
	{ "GM-42: no algorithm named", "", SM1_AUTH, SCHEME_DIGEST },
	{ "GM-42: SIP Digest as a mechanism", "digest;d-alg=md5", DIGEST, SCHEME_DIGEST },
	{ "GM-42: credentials that cannot be read are some", "", "Digest a=\"", SCHEME_DIGEST },
	{ "GM-42: no credentials", "", "", SCHEME_GIBA },
	{ "GM-42: blanks are no credentials", "", " \t", SCHEME_GIBA },
};

static void test_scheme(void **state)
{
	const struct scheme_case *c = *state;

	assert_string_equal(scheme_name(scheme_of_register(c->security_client,
							   c->authorization)),
			    scheme_name(c->scheme));
}

static const struct challenged_case {
	const char *name;
	enum scheme asked;
	const char *www;
	enum scheme scheme;
} challengeds[] = {
	{ "GM-42: the 401 has AKA", SCHEME_DIGEST, WWW_AKA, SCHEME_NONE },
	{ "GM-42: the 401 has keys", SCHEME_DIGEST, WWW_MD5 ", ck=\"" CK "\"", SCHEME_NONE },
	{ "GM-42: the 401 has MD5", SCHEME_NONE, WWW_MD5, SCHEME_DIGEST },
	{ "GM-42: GIBA is never challenged", SCHEME_GIBA, WWW_MD5, SCHEME_DIGEST },
	{ "GM-42: TLS stays", SCHEME_TLS, WWW_AKA, SCHEME_TLS },
	{ "GM-42: IPsec stays", SCHEME_IPSEC, WWW_MD5, SCHEME_IPSEC },
};

static void test_challenged(void **state)
{
	const struct challenged_case *c = *state;

	assert_string_equal(scheme_name(scheme_of_challenge(c->asked, c->www)),
			    scheme_name(c->scheme));
}

static const struct admit_case {
	const char *name;
	const char *security_client;
	const char *authorization;
	const char *www;
	const char *clean;		/* NULL: never challenged */
} admits[] = {
	{ "none", "", AKA, WWW, CLEAN },
	{ "digest", "", DIGEST, WWW_MD5, WWW_MD5 },
	{ "tls", "tls", DIGEST, WWW_MD5, WWW_MD5 },
	{ "giba", "", "", WWW_MD5, NULL },
};

static json_t *ask_as(const struct admit_case *c, const char *method)
{
	return ask(method, "security_client", c->security_client,
		   "authorization", c->authorization, "www_authenticate",
		   c->www, NULL);
}

static void admit(const char *what)
{
	char more[64];

	snprintf(more, sizeof(more), "admit = %s\n", what);
	setup(more);
}

/* Each is admitted by its own word, and by no other. */
static void test_admit(void **state)
{
	const struct admit_case *c = *state;
	char says[64];

	snprintf(says, sizeof(says), "looks like the scheme %s,", c->name);
	setup("");
	assert_reject(ask_as(c, "register"), 494, says);
	cleanup();
	for (size_t i = 0; i < COUNT(admits); i++) {
		json_t *result;

		admit(admits[i].name);
		result = ask_as(c, "register");
		if (&admits[i] != c) {
			assert_reject(result, 494, says);
			cleanup();
			continue;
		}
		assert_forward(result);
		assert_string_equal(text_of(result, "integrity_protected"),
				    "no");
		assert_int_equal(number_of(result, "set"), 0);
		assert_int_equal(fake_count(), 0);
		/* whoever offers IPsec gets it, whatever else is admitted */
		assert_int_not_equal(challenge(), 0);
		assert_reject(ask("register", "security_client",
				  "ipsec-3gpp;alg", NULL), 494,
			      "Security-Client: ");
		cleanup();
	}
}

static void test_401(void **state)
{
	const struct admit_case *c = *state;
	json_t *result;

	setup("");
	assert_reject(ask_as(c, "challenge"), 494, "not offered");
	cleanup();
	admit(c->name);
	result = ask_as(c, "challenge");
	if (!c->clean) {
		assert_reject(result, 494, "looks like the scheme digest");
		cleanup();
		return;
	}
	assert_forward(result);
	assert_string_equal(text_of(result, "www_authenticate"), c->clean);
	assert_string_equal(text_of(result, "security_server"), "");
	assert_int_equal(number_of(result, "set"), 0);
	assert_int_equal(fake_count(), 0);
	cleanup();
}

/* A UE that names no algorithm is what the core challenges it as. */
static void test_401_decides(void **state)
{
	(void)state;
	admit("digest");
	assert_forward(ask("register", "security_client", "", NULL));
	assert_reject(ask("challenge", "security_client", "",
			  "www_authenticate", WWW, NULL), 494,
		      "looks like the scheme none");
	cleanup();
	admit("giba");
	assert_forward(ask("register", "security_client", "", "authorization",
			   "", NULL));
	assert_reject(ask("challenge", "security_client", "",
			  "authorization", "", "www_authenticate", WWW_MD5,
			  NULL), 494, "looks like the scheme digest");
	cleanup();
}

/* Each address has its own list. */
static void test_endpoint(void **state)
{
	static const char more[] =
		"admit = digest, giba\nadmit = ipsec-3gpp, tls\n"
		"[endpoint b]\nlocal_addr=10.33.0.2\nport_ps=6101\n"
		"port_pc=6110-6117\n";

	(void)state;
	setup(more);
	for (size_t i = 0; i < COUNT(admits); i++) {
		json_t *result = ask_as(&admits[i], "register");

		if (!strcmp(admits[i].name, "none"))
			assert_reject(result, 494, "");
		else
			assert_forward(result);
		assert_reject(ask("register", "local_addr", "10.33.0.2",
				  "security_client", admits[i].security_client,
				  "authorization", admits[i].authorization,
				  NULL), 494, "");
		/* an address without an endpoint admits nothing */
		assert_reject(ask("register", "local_addr", "10.33.0.3",
				  "security_client", admits[i].security_client,
				  "authorization", admits[i].authorization,
				  NULL), 494, "");
	}
	cleanup();
}

/* On a set nobody goes without. */
static void test_on_set(void **state)
{
	(void)state;
	admit("none, digest, tls, giba");
	registered();
	assert_reject(ask("register", ON_SET, "security_client", "", NULL),
		      494, "");
	assert_reject(ask("challenge", ON_SET, "security_client", "",
			  "www_authenticate", WWW, NULL), 494, "");
	cleanup();
}

static void test_421(void **state)
{
	json_t *result, *headers;

	(void)state;
	setup("[security]\nencryption=off\n");
	result = ask("register", "security_client", "", "require", "",
		     "proxy_require", "", "supported", "path,100rel", NULL);
	assert_reject(result, 421, "not offered");
	assert_string_equal(text_of(result, "reason"), "Extension Required");
	headers = json_object_get(result, "headers");
	assert_int_equal(json_array_size(headers), 2);
	assert_string_equal(json_string_value(json_array_get(headers, 0)),
		"Security-Server: ipsec-3gpp;q=0.9;prot=esp;mod=trans;alg=hmac-sha-1-96;ealg=null, ipsec-3gpp;q=0.8;prot=esp;mod=trans;alg=hmac-md5-96;ealg=null");
	assert_string_equal(json_string_value(json_array_get(headers, 1)),
			    "Require: sec-agree");
	result = ask("register", "security_client", "", "require", "",
		     "proxy_require", "", "supported", "path, Sec-Agree", NULL);
	assert_reject(result, 494, "not offered");
	cleanup();
}

/* Neither keys nor IPsec: the 401 passes as it is, without ck and ik. */
static void test_none(void **state)
{
	json_t *result;

	(void)state;
	admit("none");
	result = ask("challenge", "security_client", "", "www_authenticate",
		     WWW, NULL);
	assert_forward(result);
	assert_string_equal(text_of(result, "www_authenticate"), CLEAN);
	result = ask("challenge", "security_client", "", "www_authenticate",
		     CLEAN, NULL);
	assert_forward(result);
	assert_string_equal(text_of(result, "www_authenticate"), CLEAN);
	assert_int_equal(fake_count(), 0);
	/* the core's final answers change nothing */
	assert_forward(ask("answer", "security_client", "", GRANT, NULL));
	assert_forward(ask("answer", "security_client", "", FAILURE, NULL));
	cleanup();
}

static void add_admits(const char *format, CMUnitTestFunction fn)
{
	static char names[16][64];
	static size_t used;

	for (size_t i = 0; i < COUNT(admits); i++, used++) {
		snprintf(names[used], sizeof(names[used]), format,
			 admits[i].name);
		add_test(names[used], fn);
		tests[n_tests - 1].initial_state = (void *)&admits[i];
	}
}

int main(void)
{
	add_rows(schemes, test_scheme);
	add_rows(challengeds, test_challenged);
	add_admits("GM-42: %s only where it is admitted", test_admit);
	add_admits("GM-42: the 401 of %s only where it is admitted", test_401);
	add_test("GM-42: the core's challenge decides what a UE is",
		 test_401_decides);
	add_test("GM-42: each endpoint has its own policy", test_endpoint);
	add_test("GM-42: nobody goes without on a set", test_on_set);
	add_test("GM-25: 421 or 494, with Security-Server and Require",
		 test_421);
	add_test("GM-25: AKA without IPsec: without an offer, without a set",
		 test_none);
	return run_methods("admit");
}
