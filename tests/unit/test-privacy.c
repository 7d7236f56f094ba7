// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Method "privacy": what becomes of header fields at the border. The table is
 * written down here once more, to compare that of the agent with.
 */
#include <stdio.h>

#include "proxy.h"
#include "privacy.h"

#define SOMEBODY	"<sip:somebody@home.example>"
#define ANONYMOUS	"<sip:anonymous@anonymous.invalid>"

/*
 * Towards a foreign network, from one, towards a partner, from one: "-"
 * removed, "=" kept, "~" changed.
 */
static const struct row_case {
	const char *name;
	const char *field;
	const char *value;
	const char *request;
	const char *response;
} rows[] = {
#define SAME(field, value, what) \
	{ "NW-01 row " field, field, value, what, what }
	SAME("P-Asserted-Identity", SOMEBODY, "--=="),
	SAME("P-Preferred-Identity", SOMEBODY, "----"),
	SAME("P-Access-Network-Info", "3GPP-E-UTRAN-FDD", "--=="),
	SAME("Cellular-Network-Info", "3GPP-E-UTRAN-FDD", "--=="),
	SAME("History-Info", SOMEBODY ";index=1", "--=="),
	SAME("P-Asserted-Service", "urn:x", "--=="),
	SAME("P-Served-User", SOMEBODY, "--=="),
	SAME("P-Profile-Key", SOMEBODY, "--=="),
	SAME("P-Early-Media", "sendrecv", "--=="),
	SAME("P-Private-Network-Indication", "home.example", "--=="),
	SAME("Resource-Priority", "wps.0", "--=="),
	SAME("Feature-Caps", "*;+g.3gpp.srvcc", "--=="),
	SAME("Restoration-Info", "noresponse", "--=="),
	SAME("Relayed-Charge", "x", "--=="),
	SAME("Service-Interact-Info", "x", "--=="),
	SAME("Response-Source", "x", "--=="),
	SAME("Attestation-Info", "A", "--=="),
	SAME("Origination-Id", "x", "--=="),
	SAME("Additional-Identity", SOMEBODY, "--=="),
	SAME("Priority-Verstat", "x", "--=="),
	SAME("DC-Info", "x", "--=="),
	{ "NW-01 row Reason", "Reason", "Q.850;cause=16", "====", "--==" },
	SAME("Priority", "psap-callback", "--=="),
	{ "NW-01 no row: Priority of another value", "Priority", "urgent",
	  "====", "====" },
	SAME("P-Charging-Function-Addresses", "ccf=192.0.2.1", "----"),
	SAME("P-Charging-Vector", "icid-value=1;icid-generated-at=x", "--~="),
	SAME("P-Visited-Network-ID", "x", "--=="),
	SAME("Path", "<sip:x@y;lr>", "--=="),
	SAME("Service-Route", "<sip:x@y;lr>", "--=="),
	SAME("P-Associated-URI", SOMEBODY, "--=="),
	SAME("Security-Client", "tls", "----"),
	SAME("Security-Server", "tls", "----"),
	SAME("Security-Verify", "tls", "----"),
	{ "NW-01 cpc in From", "From", "<sip:+1;cpc=x@y>;tag=1", "~~==",
	  "~~==" },
	{ "NW-01 oli in Refer-To", "Refer-To", "<tel:+1;oli=27>", "~~==",
	  "~~==" },
	{ "NW-01 iotl in Contact", "Contact", "<sip:x@y;iotl=a-b>", "~~==",
	  "~~==" },
	SAME("Subject", "lunch", "===="),
	SAME("X-Else", "cpc;iotl=1", "===="),
#undef SAME
};

static const char *const classes[] = { "foreign", "partner", "own" };
static const char *const values[] = {
	NULL, "id", "header", "user", "session", "history", "none",
	"id;critical", "user;critical", "header;critical",
	"session;critical", "something", "something;critical", "id;;",
};

/* A side of the border. */
static json_t *side(const char *class)
{
	return json_pack("{s:s, s:b}", "class", class, "protected", 1);
}

static json_t *ask_about(const char *kind, const char *headers,
			 const char *way, json_t *where)
{
	return call("privacy", json_pack("{s:s, s:s, s:s, s:o, s:[s]}",
					 "message", kind, "headers", headers,
					 "request_uri", "sip:bob@away.example",
					 way, where, "services", "header"));
}

static bool lists(const json_t *result, const char *name, const char *text)
{
	json_t *item;
	size_t i;

	json_array_foreach(list_of(result, name), i, item) {
		if (!strncasecmp(json_string_value(item), text, strlen(text)))
			return true;
	}
	return false;
}

/* "-", "=" or "~" of a header field; "!" when the message is rejected. */
static char fate_of(const json_t *result, const char *field)
{
	char begin[80];

	if (!strcmp(text_of(result, "action"), "reject"))
		return '!';
	assert_forward(result);
	snprintf(begin, sizeof(begin), "%s: ", field);
	if (!lists(result, "remove", field))
		return '=';
	return lists(result, "append", begin) ? '~' : '-';
}

static bool has(const char *value, const char *token)
{
	return value && strstr(value, token);
}

/* What the standards say, RFC 3323 and 3325 on top of the table. */
static char expected(const struct row_case *c, bool response, int column,
		     const char *value)
{
	char what = (response ? c->response : c->request)[column];

	if (column != 0)
		return what;
	if (value && (!strcmp(value, "id;;") || (has(value, "critical") &&
	    (has(value, "session") || has(value, "something")))))
		return '!';
	if (has(value, "user") && !strcmp(c->field, "Subject"))
		return '-';
	return what;
}

static void check_row(const struct row_case *c, const char *class, bool from,
		      bool response)
{
	int column = !strcmp(class, "own") ? -1 :
		     from + 2 * !strcmp(class, "partner");

	for (size_t i = 0; i < COUNT(values); i++) {
		char headers[512], got, want;
		json_t *result;

		snprintf(headers, sizeof(headers), "%s: %s\r\n%s%s%s\r\n",
			 c->field, c->value, values[i] ? "Privacy: " : "",
			 values[i] ? values[i] : "", values[i] ? "\r\n" : "");
		result = ask_about(response ? "response" : "request", headers,
				   from ? "from" : "to", side(class));
		got = fate_of(result, c->field);
		want = column < 0 ? '=' :
			expected(c, response, column, values[i]);
		if (got != want)
			fail_msg("%s %s, %s, Privacy: %s: got %c, not %c",
				 from ? "from" : "towards", class,
				 response ? "response" : "request",
				 values[i] ? values[i] : "(none)", got, want);
	}
}

static void test_row(void **state)
{
	for (size_t i = 0; i < COUNT(classes); i++) {
		for (int which = 0; which < 4; which++)
			check_row(*state, classes[i], which & 1, which & 2);
	}
}

/* All rows of the agent's table are in this one. */
static void test_complete(void **state)
{
	struct privacy_policy policy;

	(void)state;
	privacy_defaults(&policy);
	for (unsigned int i = 0; i < policy.n; i++) {
		const char *name = policy.row[i].name;
		bool found = policy.row[i].kind == PRIVACY_PARAMETER &&
			(!strcmp(name, "cpc") || !strcmp(name, "oli") ||
			 !strcmp(name, "iotl"));

		for (size_t j = 0; j < COUNT(rows); j++)
			found = found || !strcmp(rows[j].field, name);
		if (!found)
			fail_msg("nobody tests %s", name);
	}
}

/* Towards a foreign network: what is appended, each followed by "|". */
static const struct change_case {
	const char *name;
	const char *more;	/* of the configuration */
	const char *headers;
	const char *appended;
	const char *serve;
} changes[] = {
	{ "NW-01 user: From anonymous, with its tag", "",
	  "f: \"A, B\" <sip:a@b>;x=y;tag=7\r\nPrivacy: user\r\n",
	  "From: \"Anonymous\" " ANONYMOUS ";tag=7|", NULL },
	{ "NW-01 user: From without <>", "",
	  "From: sip:a@b;tag=7\r\nPrivacy: user\r\n",
	  "From: \"Anonymous\" " ANONYMOUS ";tag=7|", NULL },
	{ "NW-01 user: From without a tag", "",
	  "From: <sip:a@b>\r\nPrivacy: user\r\n",
	  "From: \"Anonymous\" " ANONYMOUS "|", NULL },
	{ "NW-01 id stays in Privacy, user does not", "",
	  "Privacy: user;id\r\n", "Privacy: id|", NULL },
	{ "NW-01 critical goes with what was served", "",
	  "Privacy: critical; ID\r\n", "Privacy: ID|", NULL },
	{ "NW-01 several Privacy header fields", "",
	  "Privacy: id\r\nPrivacy: user, session\r\n",
	  "Privacy: id|Privacy: session|", NULL },
	{ "NW-01 header is served by the proxy", "",
	  "Privacy: header;id\r\n", "Privacy: id|", "header" },
	{ "NW-01 parameters: all of the table, nothing else", "",
	  "Refer-To: \"x;cpc=1\" <sip:+1;cpc=a;oli=1;isub=2@h;iotl=a-b;lr?X=y>\r\n",
	  "Refer-To: \"x;cpc=1\" <sip:+1;isub=2@h;lr?X=y>|", NULL },
	{ "NW-01 parameters: folded, spaced, escaped, capital", "",
	  "Referred-By: <sip:a@b>\r\n ;CPC = 1; %6f%6cI=2 ;x=\"a;cpc=1\"\r\n",
	  "Referred-By: <sip:a@b> ;x=\"a;cpc=1\"|", NULL },
	{ "NW-01 parameters: each address of several", "",
	  "Diversion: <tel:1;cpc=x>, sip:2;cpc=x@h;oli=3 , <sip:4>\r\n",
	  "Diversion: <tel:1>, sip:2@h, <sip:4>|", NULL },
	{ "NW-01 History-Info anonymize: entries that ask for it",
	  "field=History-Info anonymize remove keep keep\n",
	  "History-Info: <sip:a@b?Privacy=history>;index=1;rc=1;x=y,\r\n"
	  "\t\"C\" <sip:c@d?X=y&pr%69vacy=none>;index=1.1\r\n",
	  "History-Info: " ANONYMOUS ";index=1;rc=1, "
	  "\"C\" <sip:c@d?X=y&pr%69vacy=none>;index=1.1|", NULL },
	{ "NW-01 History-Info anonymize: an escaped name",
	  "field=History-Info anonymize remove keep keep\n",
	  "History-Info: <sip:a@b?X=y&pr%69vacy=h%69story>;index=1\r\n",
	  "History-Info: " ANONYMOUS ";index=1|", NULL },
	{ "NW-01 history: all entries, though the table keeps them",
	  "field=History-Info keep remove keep keep\n",
	  "History-Info: <sip:a@b>;index=1, <sip:c@d>;index=1.1;mp=1\r\n"
	  "Privacy: history\r\n",
	  "History-Info: " ANONYMOUS ";index=1, " ANONYMOUS
	  ";index=1.1;mp=1|", NULL },
	{ "NW-01 History-Info that cannot be read is removed",
	  "field=History-Info anonymize remove keep keep\n",
	  "History-Info: <sip:a@b>;index=1, sip:c@d\r\n", "", NULL },
	{ "NW-01 P-Charging-Vector ioi",
	  "field=P-Charging-Vector ioi remove keep keep\n",
	  "P-Charging-Vector: ICID-value=\"a;b\" ; icid-generated-at=x;"
	  "term-ioi=t;orig-ioi=\r\n o;transit-ioi=z;loopback\r\n",
	  "P-Charging-Vector: ICID-value=\"a;b\";term-ioi=t;orig-ioi= o|",
	  NULL },
	{ "NW-01 P-Charging-Vector without icid-value is removed",
	  "field=P-Charging-Vector ioi remove keep keep\n",
	  "P-Charging-Vector: orig-ioi=o\r\n", "", NULL },
	{ "NW-01 none, as RFC 3325 has it", "none=keep\n",
	  "P-Asserted-Identity: <tel:1>\r\nHistory-Info: <sip:a@b>;index=1\r\n"
	  "Privacy: none\r\nP-Asserted-Identity: <tel:2;cpc=x>\r\n",
	  "P-Asserted-Identity: <tel:1>|P-Asserted-Identity: <tel:2>|", NULL },
	{ "NW-01 id, though the table keeps the identity",
	  "field=P-Asserted-Identity keep keep keep keep\n",
	  "P-Asserted-Identity: <tel:1>\r\nPrivacy: id\r\n", "", NULL },
	{ "NW-01 a row of one's own, a row that is changed",
	  "field=X-Mine remove keep keep keep\nparameter=cpc keep keep keep keep\n",
	  "X-Mine: 1\r\nRefer-To: <tel:1;cpc=x;oli=1>\r\n",
	  "Refer-To: <tel:1;cpc=x>|", NULL },
	{ "NW-01 of one name, one goes and one stays",
	  "field_value=X-Two bad remove keep keep keep\n",
	  "X-Two: good\r\nx-two: bad\r\n", "X-Two: good|", NULL },
};

static void test_change(void **state)
{
	const struct change_case *c = *state;
	char more[512], found[1024] = "";
	json_t *result, *line;
	size_t i;

	snprintf(more, sizeof(more), "[privacy]\n%s", c->more);
	start(more);
	result = ask_about("request", c->headers, "to", side("foreign"));
	assert_forward(result);
	json_array_foreach(list_of(result, "append"), i, line) {
		strcat(found, json_string_value(line));
		strcat(found, "|");
	}
	assert_string_equal(found, c->appended);
	assert_int_equal(json_array_size(list_of(result, "serve")), !!c->serve);
	start("");
}

static const struct broken_case {
	const char *name;
	const char *headers;
	const char *way;
	const char *class;
	int code;		/* 0: P-Asserted-Identity is removed */
	const char *says;
} broken[] = {
	{ "NW-01 malformed, from a partner: as from a foreign network",
	  "P-Asserted-Identity: <sip:a@b\r\n", "from", "partner", 0, NULL },
	{ "NW-01 malformed, towards a partner",
	  "P-Asserted-Identity: \"a <sip:a@b>\r\n", "to", "partner", 0, NULL },
	{ "NW-01 a quote in a URI", "P-Asserted-Identity: <sip:\"a@b>\r\n",
	  "to", "partner", 0, NULL },
	{ "NW-01 brackets in brackets", "P-Asserted-Identity: <<a>>\r\n",
	  "from", "partner", 0, NULL },
	{ "NW-01 a control character", "P-Asserted-Identity: <a\x01>\r\n",
	  "from", "partner", 0, NULL },
	{ "NW-01 a backslash at a line end",
	  "P-Asserted-Identity: \"a\\\r\n \" <a>\r\n", "from", "partner", 0,
	  NULL },
	{ "NW-01 an unknown class", "P-Asserted-Identity: <a>\r\n", "from",
	  "friend", 0, NULL },
	{ "NW-01 From that cannot be read", "From: <sip:a@b\r\n", "from",
	  "partner", 400, "From is malformed" },
	{ "NW-01 From of two, to be anonymous",
	  "From: <sip:a@b>, <sip:c@d>\r\nPrivacy: user\r\n", "to", "foreign",
	  400, "it cannot be made anonymous" },
	{ "NW-01 a tag that is no token, to be anonymous",
	  "From: <sip:a@b>;tag=\"a>b\"\r\nPrivacy: user\r\n", "to", "foreign",
	  400, "it cannot be made anonymous" },
	{ "NW-01 a line without a colon", "P-Asserted-Identity <a>\r\n",
	  "from", "own", 400, "a line is no header field" },
	{ "NW-01 a fold without a header field", " x: y\r\n", "from", "own",
	  400, "a line is no header field" },
	{ "NW-01 a CR alone", "X: a\rP-Asserted-Identity: <a>\r\n", "from",
	  "own", 400, "a CR stands alone" },
	{ "NW-01 something behind the header section", "X: a\r\n\r\nY: b\r\n",
	  "from", "own", 400, "a line is no header field" },
	{ "NW-01 critical, and nobody serves session",
	  "Privacy: session;critical\r\n", "to", "foreign", 500,
	  "nobody hides media" },
	{ "NW-01 critical, and something unknown",
	  "Privacy: x;critical\r\n", "to", "foreign", 500, "something unknown" },
	{ "NW-01 Privacy that cannot be read", "Privacy: id user\r\n", "to",
	  "foreign", 500, "cannot be read" },
	{ "NW-01 none and something else", "Privacy: none;id\r\n", "to",
	  "foreign", 500, "cannot be read" },
	{ "NW-01 Privacy that cannot be read, towards a partner",
	  "Privacy: id user\r\nP-Preferred-Identity: <a>\r\n"
	  "P-Asserted-Identity: <a\r\n", "to", "partner", 0, NULL },
};

static void test_broken(void **state)
{
	const struct broken_case *c = *state;
	json_t *result;

	result = ask_about("request", c->headers, c->way, side(c->class));
	if (c->code)
		assert_reject(result, c->code, c->says);
	else
		assert_int_equal(fate_of(result, "P-Asserted-Identity"), '-');
}

static char *repeat(const char *text, size_t n)
{
	char *all = malloc(strlen(text) * n + 1), *to = all;

	*to = '\0';
	while (n--)
		to = stpcpy(to, text);
	return all;
}

static void test_limits(void **state)
{
	char *headers = repeat("a: b\r\n", 256);

	(void)state;
	assert_forward(ask_about("request", headers, "to", side("foreign")));
	free(headers);
	headers = repeat("a: b\r\n", 257);
	assert_reject(ask_about("request", headers, "to", side("own")), 400,
		      "more than 256 header fields");
	free(headers);
	headers = repeat("a: 0123456789012345678901234567\r\n ", 2000);
	assert_reject(ask_about("request", headers, "to", side("own")), 400,
		      "more than 65536 bytes");
	free(headers);
}

/* Between two networks that are not ours. */
static void test_transit(void **state)
{
	json_t *result;

	(void)state;
	result = call("privacy", json_pack("{s:s, s:s, s:s, s:o, s:o}",
		"message", "request", "request_uri", "sip:+1;cpc=x@h",
		"headers", "P-Asserted-Identity: <a>\r\n"
		"P-Charging-Vector: icid-value=1;x=y\r\nPrivacy: user\r\n"
		"From: <sip:a@b>;tag=1\r\n", "from", side("partner"),
		"to", side("foreign")));
	assert_int_equal(fate_of(result, "P-Asserted-Identity"), '-');
	assert_int_equal(fate_of(result, "P-Charging-Vector"), '-');
	assert_int_equal(fate_of(result, "From"), '~');
	assert_string_equal(text_of(result, "from"), "partner");
	assert_string_equal(text_of(result, "to"), "foreign");
	assert_string_equal(text_of(result, "request_uri"), "sip:+1@h");
}

static void test_uri(void **state)
{
	static const char *const bad[] = { "sip:a@b c", "sip:<a@b>", "a\"b" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_reject(call("privacy", json_pack(
			"{s:s, s:s, s:s, s:o}", "message", "request",
			"request_uri", bad[i], "headers", "", "from",
			side("foreign"))), 400, "Request-URI");
}

#define PEERS \
	"[peer in]\nclass=own\naddresses=10.44.0.0/24,fd44::/64\n" \
	"[peer p]\nclass=partner\nagreement=yes\nprotected_by=network\n" \
	"addresses=192.0.2.0/24\ndomains=p.example\n" \
	"[peer hole]\nclass=foreign\naddresses=192.0.2.64/26\n" \
	"domains=bad.P.example\n" \
	"[peer t]\nclass=partner\nagreement=yes\naddresses=198.51.100.1\n" \
	"domains=t.example\n" \
	"[peer n]\nclass=partner\nprotected_by=network\ndomains=n.example\n" \
	"[peer silent]\n"

static const struct peer_case {
	const char *name;
	const char *fact[6];	/* NAME, VALUE, ...; "protected" has none */
	const char *class;
} peers[] = {
	{ "NW-01 peer by address", { "addr", "192.0.2.1" }, "partner" },
	{ "NW-01 peer by address: own", { "addr", "10.44.0.9" }, "own" },
	{ "NW-01 peer by address: IPv6 in brackets", { "addr", "[fd44::1]" },
	  "own" },
	{ "NW-01 peer by address: IPv4 mapped into IPv6",
	  { "addr", "::ffff:10.44.0.9" }, "own" },
	{ "NW-01 peer by address: the longest prefix counts",
	  { "addr", "192.0.2.65" }, "foreign" },
	{ "NW-01 peer by address: the end of a prefix",
	  { "addr", "192.0.2.63" }, "partner" },
	{ "NW-01 peer by address: nobody's", { "addr", "192.0.3.1" },
	  "foreign" },
	{ "NW-01 peer by address: not one", { "addr", "p.example" },
	  "foreign" },
	{ "NW-01 peer by domain", { "domain", "P.Example" }, "partner" },
	{ "NW-01 peer by domain: below it", { "domain", "a.b.p.example." },
	  "partner" },
	{ "NW-01 peer by domain: the longest one counts",
	  { "domain", "x.bad.p.example" }, "foreign" },
	{ "NW-01 peer by domain: no label of it", { "domain", "xp.example" },
	  "foreign" },
	{ "NW-01 peer by name", { "peer", "p" }, "partner" },
	{ "NW-01 peer by name: unknown", { "peer", "q" }, "foreign" },
	{ "NW-01 peer without a class", { "peer", "silent" }, "foreign" },
	{ "NW-01 peer: address and domain of one",
	  { "addr", "192.0.2.1", "domain", "p.example" }, "partner" },
	{ "NW-01 peer: address and domain of two",
	  { "addr", "192.0.2.1", "domain", "t.example" }, "foreign" },
	{ "NW-01 peer: an unknown address with a known domain",
	  { "addr", "203.0.113.1", "domain", "p.example" }, "foreign" },
	{ "NW-01 peer: an address that is not the name's",
	  { "addr", "203.0.113.1", "peer", "p" }, "foreign" },
	{ "NW-01 partner, protected by TLS",
	  { "addr", "198.51.100.1", "protected", "" }, "partner" },
	{ "NW-01 partner, not protected", { "addr", "198.51.100.1" },
	  "foreign" },
	{ "NW-01 partner, but there is no agreement",
	  { "domain", "n.example", "protected", "" }, "foreign" },
	{ "NW-01 protection makes no partner",
	  { "addr", "203.0.113.1", "protected", "" }, "foreign" },
	{ "NW-01 class of the proxy", { "class", "partner", "protected", "" },
	  "partner" },
	{ "NW-01 class of the proxy, not protected", { "class", "partner" },
	  "foreign" },
	{ "NW-01 class of the proxy and an address",
	  { "class", "own", "addr", "10.44.0.9" }, "foreign" },
	{ "NW-01 nothing is known", { NULL }, "foreign" },
};

static void test_peer(void **state)
{
	const struct peer_case *c = *state;
	json_t *facts = json_object(), *result;

	start(PEERS);
	for (int i = 0; i < 6 && c->fact[i]; i += 2)
		json_object_set_new(facts, c->fact[i], *c->fact[i + 1] ?
				    json_string(c->fact[i + 1]) : json_true());
	result = ask_about("response", "", "from", facts);
	assert_string_equal(text_of(result, "from"), c->class);
	start("");
}

static void refused(json_t *params, const char *says)
{
	assert_fault(call("privacy", params), RPC_INVALID_PARAMS, says);
}

static void test_params(void **state)
{
	(void)state;
	refused(json_pack("{s:s, s:s, s:s}", "message", "request", "headers",
			  "", "request_uri", "sip:a"), "params.from, params.to");
	refused(json_pack("{s:s, s:s, s:o}", "message", "request", "headers",
			  "", "to", side("own")), "params.request_uri");
	refused(json_pack("{s:s, s:s, s:o}", "message", "both", "headers", "",
			  "to", side("own")), "\"request\" or \"response\"");
	refused(json_pack("{s:s, s:o}", "message", "response", "to",
			  side("own")), "params.headers");
	refused(json_pack("{s:s, s:s, s:s}", "message", "response", "headers",
			  "", "to", "own"), "params.to: expected an object");
	refused(json_pack("{s:s, s:s, s:{s:i}}", "message", "response",
			  "headers", "", "to", "addr", 1), "params.to.addr");
	refused(json_pack("{s:s, s:s, s:o, s:[s]}", "message", "response",
			  "headers", "", "to", side("own"), "services", "x"),
		"params.services");
}

int main(void)
{
	add_rows(rows, test_row);
	add_test("NW-01 the whole table is tested", test_complete);
	add_rows(changes, test_change);
	add_rows(broken, test_broken);
	add_test("NW-01 limits", test_limits);
	add_test("NW-01 transit: both borders add up", test_transit);
	add_test("NW-01 a Request-URI that cannot be read", test_uri);
	add_rows(peers, test_peer);
	add_test("NW-01 parameters that are wrong", test_params);
	open_proxy();
	setup("");
	int ret = run_all("privacy");

	cleanup();
	close_proxy();
	return ret;
}
