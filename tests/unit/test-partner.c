// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Method "partner": certificates of other networks, made by openssl(1) here,
 * and whether the right ones count (TS 33.203 6.5, RFC 5922 7).
 */
#include <stdio.h>
#include <unistd.h>

#include "cert.h"
#include "partner.h"
#include "proxy.h"

#define PEM_MAX	(64 * 1024)

static char dir[] = "/tmp/gmguard-certs-XXXXXX";

/* What tests/lib/certs makes: issuer, name, CN, SAN, then START and END. */
#define OLD	"20200101000000Z", "20210101000000Z"
#define LATER	"20900101000000Z", "20910101000000Z"

static const char *const made[][8] = {
	{ "issuing", "good", "x", "DNS:partner.example" },
	{ "issuing", "uri", "x", "URI:sip:partner.example" },
	{ "issuing", "uri-and-dns", "x",
	  "DNS:partner.example, URI:sip:other.example" },
	{ "issuing", "uri-port", "x", "URI:sip:Partner.Example:5061" },
	{ "issuing", "sips", "x", "URI:sips:partner.example" },
	{ "issuing", "user", "x", "URI:sip:bob@partner.example" },
	{ "issuing", "web-and-dns", "x",
	  "URI:https://other.example, DNS:partner.example" },
	{ "issuing", "cn", "partner.example", "" },
	{ "issuing", "cn-and-san", "partner.example", "DNS:other.example" },
	{ "issuing", "cn-and-address", "partner.example", "IP:192.0.2.1" },
	{ "issuing", "wildcard", "x", "DNS:*.partner.example" },
	{ "issuing", "wildcard-cn", "*.partner.example", "" },
	{ "issuing", "below", "x", "DNS:a.partner.example" },
	{ "issuing", "longer", "x", "DNS:notpartner.example" },
	{ "issuing", "two", "x", "DNS:foreign.example, DNS:partner.example" },
	{ "issuing", "border", "x", "DNS:border.named.example" },
	{ "issuing", "named", "x", "DNS:named.example" },
	{ "issuing", "stranger", "x", "DNS:stranger.example" },
	{ "issuing", "refused", "x", "DNS:refused.example" },
	{ "issuing", "foreign", "x", "DNS:foreign.example" },
	{ "issuing", "trusting", "x", "DNS:trusting.example" },
	{ "issuing", "trusting-old", "x", "DNS:trusting.example", OLD },
	{ "issuing", "old", "x", "DNS:partner.example", OLD },
	{ "issuing", "later", "x", "DNS:partner.example", LATER },
	{ "issuing", "nul", "x", "DNS:partner.example" },
	{ "issuing", "server", "x", "DNS:partner.example", "20200101000000Z",
	  "20900101000000Z", "extendedKeyUsage = serverAuth" },
	{ "issuing", "client", "x", "DNS:partner.example", "20200101000000Z",
	  "20900101000000Z", "extendedKeyUsage = clientAuth" },
	{ "issuing", "mail", "x", "DNS:partner.example", "20200101000000Z",
	  "20900101000000Z", "extendedKeyUsage = emailProtection" },
	{ "stranger-ca", "false", "x", "DNS:partner.example" },
	{ "issuing", "revoked", "x", "DNS:watched.example" },
	{ "issuing", "watched", "x", "DNS:watched.example" },
	{ "middle", "under", "x", "DNS:partner.example" },
};

static void run(const char *text)
{
	char line[1024];

	snprintf(line, sizeof(line), "../lib/certs %s %s", dir, text);
	assert_int_equal(system(line), 0);
}

static char *read_pem(const char *name)
{
	char *text = calloc(1, PEM_MAX), path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.pem", dir, name);
	file = fopen(path, "r");
	assert_non_null(file);
	fread(text, 1, PEM_MAX - 1, file);
	fclose(file);
	return text;
}

static int make_all(void **state)
{
	char line[1024];

	(void)state;
	assert_non_null(mkdtemp(dir));
	run("ca root");
	run("ca issuing root");
	run("ca middle issuing");
	run("ca stranger-ca");
	for (size_t i = 0; i < COUNT(made); i++) {
		size_t len = 0;

		for (int k = 0; k < 8 && (k < 4 || made[i][k]); k++)
			len += snprintf(line + len, sizeof(line) - len,
					"%s '%s'", k ? "" : "cert",
					made[i][k]);
		run(line);
	}
	run("revoke issuing revoked");
	snprintf(line, sizeof(line),
		 "cd %s && cat issuing.pem issuing.crl > watched-ca.pem && cat under.pem middle.pem > chain.pem",
		 dir);
	assert_int_equal(system(line), 0);
	return 0;
}

static int remove_all(void **state)
{
	char line[64];

	(void)state;
	snprintf(line, sizeof(line), "rm -r %s", dir);
	return system(line);
}

static void begin(void)
{
	char conf[4096];

	snprintf(conf, sizeof(conf),
		 "[peer partner]\nclass=partner\nagreement=yes\n"
		 "domains=partner.example, second.example\nca=%s/issuing.pem\n"
		 "addresses=192.0.2.0/24\n"
		 "[peer foreign]\nclass=foreign\nagreement=yes\n"
		 "domains=foreign.example\nca=%s/issuing.pem\n"
		 "[peer named]\nclass=partner\nagreement=yes\n"
		 "domains=named.example\ncertificate_names=border.named.example\n"
		 "ca=%s/issuing.pem\n"
		 "[peer refused]\nclass=partner\ndomains=refused.example\n"
		 "ca=%s/issuing.pem\n"
		 "[peer trusting]\nclass=partner\nagreement=yes\n"
		 "domains=trusting.example\n"
		 "[peer watched]\nclass=partner\nagreement=yes\n"
		 "domains=watched.example\nca=%s/watched-ca.pem\n"
		 "[peer below]\nclass=partner\nagreement=yes\n"
		 "protected_by=network\naddresses=198.51.100.0/24\n"
		 "[peer slow]\nclass=partner\nagreement=yes\nmax_rate=3\n"
		 "protected_by=network\naddresses=203.0.113.7\n"
		 "[peer in]\nclass=own\naddresses=10.44.0.0/24\n",
		 dir, dir, dir, dir, dir);
	start(conf);
}

/* "+peer" or "-cause" in each direction; "": do not ask */
static const struct name_case {
	const char *name;
	const char *pem;
	const char *domain;
	const char *in;
	const char *out;
} names[] = {
#define BOTH(name, pem, what) { "NW-02 " name, pem, "partner.example", what, what }
	BOTH("the partner's DNS name", "good", "+partner"),
	BOTH("the partner's SIP URI", "uri", "+partner"),
	BOTH("a SIP URI with a port, in capitals", "uri-port", "+partner"),
	{ "NW-02 a SIP URI hides a DNS name", "uri-and-dns",
	  "partner.example", "-unknown-name", "-wrong-name" },
	{ "NW-02 a sips URI does not count", "sips", "partner.example",
	  "-unknown-name", "-wrong-name" },
	{ "NW-02 a URI of a user does not count", "user", "partner.example",
	  "-unknown-name", "-wrong-name" },
	BOTH("another URI hides nothing", "web-and-dns", "+partner"),
	BOTH("a common name alone", "cn", "+partner"),
	{ "NW-02 a common name beside another name", "cn-and-san",
	  "partner.example", "-unknown-name", "-wrong-name" },
	{ "NW-02 a common name beside an address", "cn-and-address",
	  "partner.example", "-unknown-name", "-wrong-name" },
	{ "NW-02 a wildcard", "wildcard", "a.partner.example",
	  "-unknown-name", "-wildcard" },
	{ "NW-02 a wildcard as common name", "wildcard-cn",
	  "a.partner.example", "-unknown-name", "-wildcard" },
	{ "NW-02 a domain below: what was asked for", "below",
	  "a.partner.example", "-unknown-name", "+partner" },
	{ "NW-02 a domain below is not the one above", "below",
	  "partner.example", "", "-wrong-name" },
	{ "NW-02 the one above is not the domain below", "good",
	  "a.partner.example", "", "-wrong-name" },
	{ "NW-02 a longer name", "longer", "partner.example",
	  "-unknown-name", "-wrong-name" },
	{ "NW-02 right chain, another partner's name", "foreign",
	  "partner.example", "+foreign", "-wrong-name" },
	{ "NW-02 a foreign network with an agreement", "foreign",
	  "foreign.example", "+foreign", "+foreign" },
	{ "NW-02 a domain of the same partner that is not in it", "good",
	  "second.example", "", "-wrong-name" },
	{ "NW-02 who is in no section", "stranger", "stranger.example",
	  "-unknown-name", "-unknown-domain" },
	{ "NW-02 certificate_names: from them", "border", "named.example",
	  "+named", "-wrong-name" },
	{ "NW-02 certificate_names: to them", "named", "named.example",
	  "-unknown-name", "+named" },
	{ "NW-02 a section without an agreement", "refused",
	  "refused.example", "-no-agreement", "-no-agreement" },
	BOTH("an issuer that nobody named", "false", "-not-verified"),
	BOTH("a CA between that is not sent", "under", "-not-verified"),
	BOTH("a CA between that is", "chain", "+partner"),
	BOTH("expired", "old", "-expired"),
	BOTH("not valid yet", "later", "-expired"),
	{ "NW-02 for servers only", "server", "partner.example",
	  "-not-verified", "+partner" },
	{ "NW-02 for clients only", "client", "partner.example",
	  "+partner", "-not-verified" },
	BOTH("for another purpose", "mail", "-not-verified"),
	{ "NW-02 revoked", "revoked", "watched.example", "-revoked",
	  "-revoked" },
	{ "NW-02 with a revocation list, not in it", "watched",
	  "watched.example", "+watched", "+watched" },
};

static void check(json_t *params, const char *want)
{
	json_t *result = call("partner", params);

	if (*want == '+') {
		assert_forward(result);
		assert_string_equal(text_of(result, "peer"), want + 1);
	} else {
		assert_string_equal(text_of(result, "action"), "reject");
		assert_string_equal(text_of(result, "cause"), want + 1);
		assert_true(strlen(text_of(result, "detail")) > 30);
	}
}

static void test_name(void **state)
{
	const struct name_case *c = *state;
	char *pem = read_pem(c->pem);

	if (*c->in)
		check(json_pack("{s:s, s:s, s:s}", "direction", "in",
				"transport", "tls", "certificate", pem),
		      c->in);
	if (*c->out)
		check(json_pack("{s:s, s:s, s:s, s:s}", "direction", "out",
				"transport", "TLS", "certificate", pem,
				"domain", c->domain), c->out);
	free(pem);
}

static const struct other_case {
	const char *name;
	const char *way;
	const char *transport;
	const char *pem;
	const char *member[6];
	const char *want;
} others[] = {
	{ "NW-02 no certificate", "in", "tls", NULL, { NULL },
	  "-no-certificate" },
	{ "NW-02 no certificate, the partner's address", "in", "tls", NULL,
	  { "addr", "192.0.2.1", "verified", "" }, "-no-certificate" },
	{ "NW-02 from an address of the partner", "in", "tls", "good",
	  { "addr", "192.0.2.1" }, "+partner" },
	{ "NW-02 from another address", "in", "tls", "good",
	  { "addr", "198.51.100.1" }, "-address" },
	{ "NW-02 to another address", "out", "tls", "good",
	  { "addr", "198.51.100.1", "domain", "partner.example" },
	  "-address" },
	{ "NW-02 to an address alone: any name of the partner", "out", "tls",
	  "good", { "addr", "192.0.2.1" }, "+partner" },
	{ "NW-02 to an address alone: another's name", "out", "tls",
	  "foreign", { "addr", "192.0.2.1" }, "-wrong-name" },
	{ "NW-02 to an address in place of a domain", "out", "tls", "good",
	  { "domain", "192.0.2.1" }, "+partner" },
	{ "NW-02 to nowhere", "out", "tls", "good", { NULL },
	  "-unknown-domain" },
	{ "NW-02 to what is no domain", "out", "tls", "good",
	  { "domain", ".partner.example" }, "-unknown-domain" },
	{ "NW-02 a certificate with two names: by address", "in", "tls",
	  "two", { "addr", "192.0.2.1" }, "+partner" },
	{ "NW-02 no ca, not verified", "in", "tls", "trusting", { NULL },
	  "-not-verified" },
	{ "NW-02 no ca, verified by the proxy", "in", "tls", "trusting",
	  { "verified", "" }, "+trusting" },
	{ "NW-02 no ca, verified by the proxy, expired", "in", "tls",
	  "trusting-old", { "verified", "" }, "-expired" },
	{ "NW-02 what the proxy says does not help where there is a ca", "in",
	  "tls", "false", { "verified", "" }, "-not-verified" },
	{ "NW-02 clear: a partner over TLS", "in", "tcp", NULL,
	  { "addr", "192.0.2.1" }, "-clear" },
	{ "NW-02 clear: with a certificate", "in", "udp", "good",
	  { "addr", "192.0.2.1" }, "-clear" },
	{ "NW-02 clear: nobody", "in", "udp", NULL,
	  { "addr", "203.0.113.1" }, "-clear" },
	{ "NW-02 clear: no address", "in", "udp", NULL, { NULL }, "-clear" },
	{ "NW-02 clear: protected below SIP", "in", "udp", NULL,
	  { "addr", "198.51.100.1" }, "+below" },
	{ "NW-02 clear: to one that is", "out", "udp", NULL,
	  { "addr", "198.51.100.1" }, "+below" },
	{ "NW-02 clear: the own network", "in", "udp", NULL,
	  { "addr", "10.44.0.1" }, "+in" },
};

static void test_other(void **state)
{
	const struct other_case *c = *state;
	json_t *params = json_pack("{s:s, s:s}", "direction", c->way,
				   "transport", c->transport);
	char *pem = c->pem ? read_pem(c->pem) : NULL;

	if (pem)
		json_object_set_new(params, "certificate", json_string(pem));
	free(pem);
	for (int i = 0; i < 6 && c->member[i]; i += 2)
		json_object_set_new(params, c->member[i], *c->member[i + 1] ?
				    json_string(c->member[i + 1]) :
				    json_true());
	check(params, c->want);
}

/* Every piece of a certificate, every byte of it changed: no crash, no way in */
static void test_broken(void **state)
{
	char *pem = read_pem("good");
	size_t len = strlen(pem);
	struct cert cert, good;

	(void)state;
	assert_true(cert_read(pem, &good));
	for (size_t i = 0; i < len; i++) {
		char *piece = exact_copy(pem, i + 1);

		piece[i] = '\0';
		/* the last line does without its line feed */
		assert_int_equal(cert_read(piece, &cert), i + 1 >= len);
		cert_clear(&cert);
		free(piece);
	}
	for (size_t i = 0; i < len; i++) {
		char *other = exact_copy(pem, len + 1), byte = other[i];

		other[i] = byte == 'A' ? 'B' : 'A';
		/* of the last digit some bits mean nothing */
		if (cert_read(other, &cert) && X509_cmp(cert.own, good.own))
			check(json_pack("{s:s, s:s, s:s, s:s}", "direction",
					"in", "transport", "tls",
					"certificate", other, "addr",
					"10.0.0.1"),
			      cert_matches(&cert, "partner.example") ==
			      CERT_MATCHES ? "-not-verified" :
			      "-unknown-name");
		cert_clear(&cert);
		free(other);
	}
	cert_clear(&good);
	free(pem);
}

static void test_many(void **state)
{
	char *pem = read_pem("good"), *all = calloc(40, strlen(pem) + 1);
	struct cert cert;

	(void)state;
	for (int i = 1; i < 40; i++) {
		strcat(all, pem);
		assert_int_equal(cert_read(all, &cert), i < 8);
		cert_clear(&cert);
	}
	free(all);
	free(pem);
}

static void test_rate(void **state)
{
	int allowed = 0;

	(void)state;
	begin();
	for (int i = 0; i < 20; i++) {
		json_t *result = call("partner", json_pack(
			"{s:s, s:s, s:s}", "direction", "in", "transport",
			"udp", "addr", "203.0.113.7"));

		if (strcmp(text_of(result, "action"), "forward")) {
			assert_reject(result, 503, "max_rate");
			assert_string_equal(text_of(result, "cause"), "rate");
		} else {
			assert_int_equal(number_of(result, "max_rate"), 3);
			allowed++;
		}
	}
	/* three at once, and what a slow machine gives in between */
	assert_in_range(allowed, 3, 10);
	assert_int_equal(agent.partners.count[PARTNER_IN][PARTNER_RATE],
			 20 - allowed);
	assert_int_equal(agent.partners.count[PARTNER_IN][PARTNER_ALLOWED],
			 allowed);
}

/* What is counted of a section stays as long as the section does. */
static void test_reload(void **state)
{
	const struct partner_peer *peer;

	(void)state;
	begin();
	check(json_pack("{s:s, s:s, s:s}", "direction", "in", "transport",
			"udp", "addr", "198.51.100.1"), "+below");
	assert_int_equal(agent_reload(&agent, configure(
		"[peer new]\nagreement=yes\n"
		"[peer below]\nclass=partner\nprotected_by=network\n"
		"addresses=198.51.100.0/24\n")), 0);
	check(json_pack("{s:s, s:s, s:s}", "direction", "in", "transport",
			"udp", "addr", "198.51.100.1"), "-no-agreement");
	peer = &agent.partners.peer[1];
	assert_string_equal(peer->name, "below");
	assert_int_equal(peer->count[PARTNER_IN][PARTNER_ALLOWED], 1);
	assert_int_equal(peer->count[PARTNER_IN][PARTNER_NO_AGREEMENT], 1);
	assert_int_equal(agent.partners.n, 2);
	begin();
}

/* By network and by cause; also of those that are in no section. */
static void test_counts(void **state)
{
	json_t *result, *want;

	(void)state;
	/* another agent: counts of before are not its */
	begin();
	check(json_pack("{s:s, s:s, s:s}", "direction", "in", "transport",
			"udp", "addr", "198.51.100.1"), "+below");
	for (int i = 0; i < 2; i++)
		check(json_pack("{s:s, s:s, s:s}", "direction", "in",
				"transport", "udp", "addr", "192.0.2.1"),
		      "-clear");
	check(json_pack("{s:s, s:s, s:s}", "direction", "out", "transport",
			"udp", "addr", "192.0.0.1"), "-clear");
	result = call("partners", json_object());
	want = json_pack("{s:i, s:i}", "allowed", 1, "clear", 2);
	assert_true(json_equal(json_object_get(result, "in"), want));
	json_decref(want);
	want = json_pack("{s:i, s:i}", "allowed", 0, "clear", 1);
	assert_true(json_equal(json_object_get(result, "out"), want));
	json_decref(want);
	want = json_pack("{s:s, s:s, s:{s:i, s:i}, s:{s:i}}",
			 "name", "partner", "class", "partner", "in",
			 "allowed", 0, "clear", 2, "out", "allowed", 0);
	assert_true(json_equal(json_array_get(json_object_get(result, "peers"),
					      0), want));
	json_decref(want);
	assert_int_equal(json_array_size(json_object_get(result, "peers")), 9);
}

static void test_params(void **state)
{
	(void)state;
	assert_fault(call("partner", json_object()), RPC_INVALID_PARAMS,
		     "params.direction");
	assert_fault(call("partner", json_pack("{s:s}", "direction", "in")),
		     RPC_INVALID_PARAMS, "params.transport");
	assert_fault(call("partner", json_pack("{s:s, s:s}", "direction",
					       "up", "transport", "tls")),
		     RPC_INVALID_PARAMS, "\"in\" or \"out\"");
	assert_fault(call("partner", json_pack("{s:s, s:s, s:i}", "direction",
					       "in", "transport", "tls",
					       "certificate", 1)),
		     RPC_INVALID_PARAMS, "params.certificate");
}

int main(void)
{
	int ret;

	add_rows(names, test_name);
	add_rows(others, test_other);
	add_test("NW-02 a certificate that is cut or changed", test_broken);
	add_test("NW-02 too many certificates", test_many);
	add_test("NW-02 the configuration is read again", test_reload);
	add_test("NW-02 more requests a second than max_rate", test_rate);
	add_test("NW-02 counted by peer and cause", test_counts);
	add_test("what is no call", test_params);
	make_all(NULL);
	open_proxy();
	begin();
	ret = run_all("partner");
	cleanup();
	close_proxy();
	remove_all(NULL);
	return ret;
}
