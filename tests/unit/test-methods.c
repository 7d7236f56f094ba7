// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The agent's methods, step by step, against a kernel of plain memory.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "agent.h"
#include "fake-kernel.h"
#include "secret.h"
#include "test.h"

#define IMPI	"001010000000001@ims.mnc001.mcc001.3gppnetwork.org"
#define CK	"b40ba9a3c58b2a05bbf0d987b21bf8cb"
#define IK	"f769bcd751044604127672711c6d3441"
#define OFFER	"ipsec-3gpp;alg=hmac-md5-96;ealg=aes-cbc;spi-c=4000000001;spi-s=1002;port-c=4001;port-s=4002, ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-cbc;spi-c=4000000001;spi-s=1002;port-c=4001;port-s=4002"
#define OFFER2	"ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-cbc;spi-c=2001;spi-s=2002;port-c=5001;port-s=4002"
#define WWW	"Digest realm=\"r\", nonce=\"abc=\", algorithm=AKAv1-MD5, ck=\"" CK "\", ik=\"" IK "\""
#define CLEAN	"Digest realm=\"r\", nonce=\"abc=\", algorithm=AKAv1-MD5"
#define SM1_AUTH "Digest username=\"" IMPI "\", realm=\"r\", nonce=\"\", uri=\"sip:r\", response=\"\""
#define SM7_AUTH "Digest username=\"" IMPI "\", realm=\"r\", nonce=\"abc=\", uri=\"sip:r\", response=\"1125a3c2\""

static struct event_base *base;
static struct agent agent;
static char server[SEC_SERVER_MAX];	/* Security-Server of the last 401 */

static void report(const char *text, void *arg)
{
	(void)arg;
	fail_msg("%s", text);
}

static struct conf *configure(const char *more)
{
	char path[] = "/tmp/gmguard-conf-XXXXXX";
	int fd = mkstemp(path);
	struct conf *conf;

	assert_true(fd >= 0);
	dprintf(fd, "[agent]\nlog_level=err\n"
		"[endpoint a]\nlocal_addr=10.33.0.1\nport_ps=6101\n"
		"port_pc=6110-6117\nport_unprotected=5060\n%s", more);
	close(fd);
	conf = conf_load(path, report, NULL);
	unlink(path);
	return conf;
}

static void start(const char *more)
{
	struct conf *conf = configure(more);

	log_set_level(-1);
	assert_int_equal(agent_setup(&agent, base, conf), 0);
	assert_int_equal(agent_connect(&agent, LOG_ERR), 0);
}

static void restart(void)
{
	agent_clean(&agent);
	start("");
}

static void setup(const char *more)
{
	fake_reset();
	start(more);
}

static void cleanup(void)
{
	agent_clean(&agent);
	fake_reset();
}

/* A REGISTER as the proxy describes it; NAME, VALUE, ..., NULL differ. */
static json_t *describe(va_list ap)
{
	json_t *m = json_pack("{s:s, s:s, s:i, s:s, s:i, s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}",
		"transport", "udp", "ue_addr", "10.33.0.11", "ue_port", 5060,
		"local_addr", "10.33.0.1", "local_port", 5060,
		"call_id", "c1", "cseq", 1, "impi", IMPI,
		"impu", "sip:u@r", "contact", "<sip:u@10.33.0.11:4002>",
		"via_addr", "10.33.0.11", "security_client", OFFER,
		"security_verify", "", "require", "sec-agree",
		"proxy_require", "sec-agree", "supported", "path",
		"authorization", SM1_AUTH);
	const char *name, *value;

	assert_non_null(m);
	while ((name = va_arg(ap, const char *))) {
		value = va_arg(ap, const char *);
		if (value && *value == '#')
			json_object_set_new(m, name,
					    json_integer(atoll(value + 1)));
		else if (value)
			json_object_set_new(m, name, json_string(value));
		else
			json_object_del(m, name);
	}
	return m;
}

static json_t *answer;

static json_t *call(const char *method, json_t *params)
{
	json_t *request = json_pack("{s:s, s:s, s:i, s:o}", "jsonrpc", "2.0",
				    "method", method, "id", 1, "params",
				    params);
	char *text = json_dumps(request, 0), *reply;

	json_decref(request);
	json_decref(answer);
	reply = rpc_handle(&agent.rpc, text, strlen(text));
	assert_non_null(reply);
	assert_null(strstr(reply, CK));
	assert_null(strstr(reply, IK));
	answer = json_loads(reply, 0, NULL);
	secret_free(text);
	secret_free(reply);
	request = json_object_get(answer, "result");
	return request ? request : json_object_get(answer, "error");
}

/* Call a method; NAME, VALUE, ..., NULL differ from SM1. "#5" is a number. */
static json_t *ask(const char *method, ...)
{
	va_list ap;
	json_t *m;

	va_start(ap, method);
	m = describe(ap);
	va_end(ap);
	return call(method, m);
}

static const char *text_of(const json_t *result, const char *name)
{
	const char *text = json_string_value(json_object_get(result, name));

	return text ? text : "(none)";
}

static long long number_of(const json_t *result, const char *name)
{
	return json_integer_value(json_object_get(result, name));
}

static void assert_forward(const json_t *result)
{
	if (strcmp(text_of(result, "action"), "forward"))
		fail_msg("not forwarded: %s%s", text_of(result, "detail"),
			 text_of(result, "message"));
}

static void assert_reject(const json_t *result, int code, const char *detail)
{
	assert_string_equal(text_of(result, "action"), "reject");
	assert_int_equal(number_of(result, "code"), code);
	if (!strstr(text_of(result, "detail"), detail))
		fail_msg("no \"%s\" in: %s", detail, text_of(result, "detail"));
}

static void assert_fault(const json_t *result, int code, const char *message)
{
	assert_int_equal(number_of(result, "code"), code);
	if (!strstr(text_of(result, "message"), message))
		fail_msg("no \"%s\" in: %s", message,
			 text_of(result, "message"));
}

#define ON_SET	"ue_port", "#4001", "local_port", "#6101"
#define SM7	ON_SET, "cseq", "#2", "authorization", SM7_AUTH, \
		"security_verify", server
#define GRANT	"status", "#200", "expires", "#600", "p_associated_uri", \
		"<sip:first@r>, \"D, E\" <tel:+1234>;x=y, sip:third@r"

/* SM1 to SM6: returns the id of the temporary set. */
static uint32_t challenge(void)
{
	json_t *result = ask("challenge", "www_authenticate", WWW, NULL);

	assert_forward(result);
	snprintf(server, sizeof(server), "%s",
		 text_of(result, "security_server"));
	return number_of(result, "set");
}

static uint32_t registered(void)
{
	uint32_t id = challenge();

	assert_forward(ask("answer", SM7, GRANT, NULL));
	assert_int_equal(fake_set(id)->phase, GMGUARD_PHASE_ESTABLISHED);
	return id;
}

/* Let the loop run until the reaper is done. */
static void wait_for_reaper(void)
{
	for (int i = 0; i < 400 && agent.reaper.first; i++) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		usleep(10000);
	}
	assert_null(agent.reaper.first);
}

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
	assert_forward(result);
	assert_string_equal(text_of(result, "www_authenticate"), CLEAN);
	snprintf(server, sizeof(server), "%s",
		 text_of(result, "security_server"));
	id = number_of(result, "set");
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
	assert_int_equal(fake_set(id)->phase, GMGUARD_PHASE_ESTABLISHED);
	assert_int_equal(fake_set(id)->lifetime_ms, 630000);

	result = ask("identify", ON_SET, NULL);
	assert_int_equal(number_of(result, "set"), id);
	assert_string_equal(text_of(result, "impi"), IMPI);
	assert_string_equal(text_of(result, "default_impu"), "sip:first@r");
	assert_string_equal(text_of(result, "phase"), "established");
	result = json_object_get(result, "impus");
	assert_int_equal(json_array_size(result), 3);
	assert_string_equal(json_string_value(json_array_get(result, 1)),
			    "tel:+1234");
	cleanup();
}

static const struct refuse_case {
	const char *name;
	const char *more;
	const char *method;
	const char *change[4];
	int code;	/* SIP code, or JSON-RPC code when negative */
	const char *says;
} refusals[] = {
	{ "GM-25: no Security-Client, sec-agree known: 494", "", "register",
	  { "security_client", "" }, 494, "not offered" },
	{ "GM-25: only tls: 494", "", "register",
	  { "security_client", "tls" }, 494, "not offered" },
	{ "GM-25: no common algorithm: 494",
	  "[security]\nencryption=required\nencryption_algorithms=des-ede3-cbc\n",
	  "register", { NULL }, 494, "no alternative fits" },
	{ "GM-25 AT-40: a broken offer: 494", "", "register",
	  { "security_client", "ipsec-3gpp;alg" }, 494, "Security-Client: " },
	{ "GM-25: a broken offer where IPsec is optional: 494",
	  "[security]\nipsec=optional\n", "register",
	  { "security_client", "ipsec-3gpp;alg" }, 494, "Security-Client: " },
	{ "GM-25: no offer in the 401 either: 494", "", "challenge",
	  { "security_client", "" }, 494, "not offered" },
	{ "an address that nobody guards: 503", "", "register",
	  { "local_addr", "10.99.0.1" }, 503, "no endpoint" },
	{ "an address that nobody guards in the 401: 503", "", "challenge",
	  { "local_addr", "10.99.0.1" }, 503, "no endpoint" },
	{ "no identity at all: 403", "", "register",
	  { "impi", "", "impu", "tel:+1234" }, 403, "identity" },
	{ "a protected port without a set: 403", "", "register",
	  { "ue_port", "#4001", "local_port", "#6101" }, 403, "no live SA set" },
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
	{ "no www_authenticate", "", "challenge", { NULL }, -32602, "params.www_authenticate" },
	{ "no status", "", "answer", { "expires", "#1", "p_associated_uri", "" }, -32602, "params.status" },
	{ "a provisional status", "", "answer", { "status", "#180" }, -32602, "from 200 to 699" },
	{ "nobody to identify", "", "identify", { NULL }, -32001, "no live SA set" },
	{ "nobody to locate", "", "locate", { NULL }, -32001, "no authenticated SA set" },
	{ "nobody to deregister", "", "deregister", { "impi", "nobody" }, -32001, "no such" },
	{ "deregister whom", "", "deregister", { "impi", NULL }, -32602, "impi" },
	{ "deregister set 0", "", "deregister", { "impi", NULL, "set", "#0" }, -32602, "params.set" },
};

static void test_refusal(void **state)
{
	const struct refuse_case *c = *state;
	const char *const *v = c->change;
	json_t *result;

	setup(c->more);
	if (!strcmp(c->method, "challenge") && v[0] &&
	    strcmp(v[0], "www_authenticate"))
		result = ask(c->method, "www_authenticate", WWW, v[0], v[1],
			     v[2], v[3], NULL);
	else
		result = ask(c->method, v[0], v[1], v[2], v[3], NULL);
	if (c->code > 0)
		assert_reject(result, c->code, c->says);
	else
		assert_fault(result, c->code, c->says);
	assert_int_equal(fake_count(), 0);
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

static void test_optional(void **state)
{
	json_t *result;

	(void)state;
	setup("[security]\nipsec=optional\n");
	result = ask("register", "security_client", "tls", NULL);
	assert_forward(result);
	assert_string_equal(text_of(result, "integrity_protected"), "no");
	result = ask("challenge", "security_client", "", "www_authenticate",
		     WWW, NULL);
	assert_forward(result);
	assert_string_equal(text_of(result, "www_authenticate"), CLEAN);
	assert_string_equal(text_of(result, "security_server"), "");
	assert_int_equal(number_of(result, "set"), 0);
	result = ask("challenge", "security_client", "", "www_authenticate",
		     CLEAN, NULL);
	assert_forward(result);
	assert_string_equal(text_of(result, "www_authenticate"), CLEAN);
	assert_int_equal(fake_count(), 0);
	/* whoever offers IPsec gets it */
	assert_int_not_equal(challenge(), 0);
	cleanup();
}

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
	  { "security_client", "ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-cbc;spi-c=4000000001;spi-s=1002;port-c=4001;port-s=4002" },
	  403, true, NULL },
	{ "AT-38: Security-Client cannot be read", { "security_client", "ipsec-3gpp;" }, 403, true, NULL },
	{ "GM-23: SM7 for another IMPI: 403", { "impi", "other@r" }, 403, true, NULL },
	{ "GM-13: Via has another address: 403", { "via_addr", "10.33.0.12" }, 403, false, NULL },
	{ "GM-13: Via has an IPv6 address: 403", { "via_addr", "[fd33::1]" }, 403, false, NULL },
	{ "GM-13: no Via at all: 403", { "via_addr", "" }, 403, false, NULL },
	{ "GM-13: Via has a name", { "via_addr", "ue.example.org" }, 0, false, "yes" },
	{ "GM-24: SM7 with an empty response is not integrity protected",
	  { "authorization", "Digest username=\"" IMPI "\", nonce=\"abc=\", response=\"\"" }, 0, false, "no" },
	{ "GM-24: SM7 that answers another challenge is not either",
	  { "authorization", "Digest username=\"" IMPI "\", nonce=\"other\", response=\"1125a3c2\"" }, 0, false, "no" },
	{ "GM-24: SM7 without Authorization parameters is not either",
	  { "authorization", "Digest username=\"" IMPI "\"" }, 0, false, "no" },
	{ "GM-24: SM7 whose Authorization cannot be read is not either",
	  { "authorization", "Digest nonce=\"abc=\", response=\"1125a3c2" }, 0, false, "no" },
};

/* Replace a piece of the Security-Verify that SM7 will carry. */
static void falsify(const char *from, const char *to)
{
	char *at = strstr(server, from), rest[SEC_SERVER_MAX];

	assert_non_null(at);
	strcpy(rest, at + strlen(from));
	sprintf(at, "%s%s", to, rest);
}

static void test_sm7(void **state)
{
	const struct sm7_case *c = *state;
	const char *name = c->change[0], *value = c->change[1];
	char sent[SEC_SERVER_MAX];
	json_t *result;
	uint32_t id;

	setup("");
	id = challenge();
	strcpy(sent, server);
	if (name && !strcmp(name, "verify")) {
		falsify(value, c->change[2]);
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
	if (c->doomed) {
		/* a good one comes too late */
		strcpy(server, sent);
		assert_reject(ask("register", SM7, NULL), 403, "has failed");
		assert_reject(ask("answer", SM7, GRANT, NULL), 403,
			      "has failed");
		assert_int_equal(fake_set(id)->phase,
				 GMGUARD_PHASE_TEMPORARY);
		/* the answer leaves first, the set goes then */
		wait_for_reaper();
		assert_null(fake_set(id));
	}
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
	restart();
	result = ask("identify", ON_SET, NULL);
	assert_int_equal(number_of(result, "set"), id);
	assert_string_equal(text_of(result, "default_impu"), "sip:first@r");
	result = ask("locate", "ue_port", "#4002", NULL);
	assert_int_equal(number_of(result, "set"), id);
	cleanup();
}

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
	/* a new transaction gets a new set, the old one gives way */
	assert_forward(ask("challenge", "cseq", "#7", "www_authenticate", WWW,
			   NULL));
	assert_int_equal(fake.n_new, 2);
	assert_int_equal(fake_count(), 1);
	assert_null(fake_set(id));
	cleanup();
}

static void test_kernel_refuses(void **state)
{
	(void)state;
	setup("");
	fake.fail_new = EEXIST;
	assert_reject(ask("challenge", "www_authenticate", WWW, NULL), 403,
		      "the fake kernel refuses");
	fake.fail_new = ENOMEM;
	assert_reject(ask("challenge", "www_authenticate", WWW, NULL), 503,
		      "the fake kernel refuses");
	fake.fail_new = 0;
	challenge();
	fake.fail_set = ENOMEM;
	assert_reject(ask("answer", SM7, GRANT, NULL), 503,
		      "the fake kernel refuses");
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
	assert_int_equal(fake_set(id)->phase, GMGUARD_PHASE_ESTABLISHED);
	cleanup();
}

static const struct established_case {
	const char *name;
	const char *change[4];
	int code;
	const char *integrity;
} establisheds[] = {
	{ "GM-24: no response on an established set: yes", { NULL }, 0, "yes" },
	{ "GM-24: no response parameter on an established set: yes",
	  { "authorization", "Digest username=\"" IMPI "\"" }, 0, "yes" },
	{ "GM-24: a response on an established set: no",
	  { "authorization", SM7_AUTH }, 0, "no" },
	{ "GM-24: an Authorization that cannot be read on an established set: no",
	  { "authorization", "Digest username=\"" IMPI "\", response=\"" }, 0, "no" },
	{ "GM-24: no Authorization on an established set: no",
	  { "authorization", "", "impi", "" }, 0, "no" },
	{ "GM-23: another IMPI on an established set: 403",
	  { "impi", "other@r" }, 403, NULL },
	{ "no Security-Client on an established set: 494",
	  { "security_client", "" }, 494, NULL },
	{ "AT-40: a broken Security-Client on an established set: 494",
	  { "security_client", "ipsec-3gpp;spi-c=1" }, 494, NULL },
	{ "GM-13: another Via on an established set: 403",
	  { "via_addr", "10.33.0.12" }, 403, NULL },
};

static void test_established(void **state)
{
	const struct established_case *c = *state;
	json_t *result;
	uint32_t id;

	setup("");
	id = registered();
	result = ask("register", ON_SET, "security_client", OFFER2,
		     c->change[0], c->change[1], c->change[2], c->change[3],
		     NULL);
	if (c->code) {
		assert_reject(result, c->code, "");
	} else {
		assert_forward(result);
		assert_string_equal(text_of(result, "integrity_protected"),
				    c->integrity);
	}
	assert_int_equal(fake_set(id)->phase, GMGUARD_PHASE_ESTABLISHED);
	assert_null(agent.reaper.first);
	cleanup();
}

static void test_reauthentication(void **state)
{
	uint32_t first, second;
	json_t *result;

	(void)state;
	setup("");
	first = registered();
	result = ask("challenge", ON_SET, "cseq", "#3", "security_client",
		     OFFER2, "www_authenticate", WWW, NULL);
	assert_forward(result);
	second = number_of(result, "set");
	assert_int_not_equal(first, second);
	assert_int_equal(fake_set(second)->protected_by, first);
	assert_int_equal(fake_set(first)->phase, GMGUARD_PHASE_ESTABLISHED);
	snprintf(server, sizeof(server), "%s",
		 text_of(result, "security_server"));
	fake_set(first)->lifetime_ms = 700000;
	assert_forward(ask("answer", "ue_port", "#5001", "local_port", "#6101",
			   "security_client", OFFER2, "security_verify",
			   server, "authorization", SM7_AUTH, GRANT, NULL));
	assert_int_equal(fake_set(second)->phase, GMGUARD_PHASE_ESTABLISHED);
	assert_int_equal(fake_set(second)->lifetime_ms, 700000);
	/* requests to the UE take the set in use, whatever its age */
	fake_set(first)->in_use = true;
	fake_set(second)->in_use = false;
	assert_int_equal(number_of(ask("locate", "ue_port", "#4002", NULL),
				   "set"), first);
	/* deregistration: both linger */
	assert_forward(ask("answer", "ue_port", "#5001", "local_port", "#6101",
			   "status", "#200", "expires", "#0",
			   "p_associated_uri", "", NULL));
	assert_int_equal(fake_set(first)->phase, GMGUARD_PHASE_LINGERING);
	assert_int_equal(fake_set(second)->phase, GMGUARD_PHASE_LINGERING);
	assert_string_equal(text_of(ask("identify", ON_SET, NULL), "phase"),
			    "lingering");
	cleanup();
}

/* The S-CSCF refuses SM7: the answer leaves on the set, then the set goes. */
static void test_failure(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	id = challenge();
	assert_forward(ask("answer", SM7, "status", "#403", "expires", "#0",
			   "p_associated_uri", "", NULL));
	assert_non_null(fake_set(id));
	assert_reject(ask("register", SM7, NULL), 403, "has failed");
	wait_for_reaper();
	assert_null(fake_set(id));
	/* an agent that ends does not leave it behind either */
	id = challenge();
	assert_forward(ask("answer", SM7, "status", "#403", "expires", "#0",
			   "p_associated_uri", "", NULL));
	agent_clean(&agent);
	assert_null(fake_set(id));
	start("");
	cleanup();
}

/* A 200 OK alone does not make a set authenticated. */
static void test_no_proof(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	id = challenge();
	assert_reject(ask("answer", SM7, "authorization", SM1_AUTH, GRANT,
			  NULL), 403, "without an answer");
	assert_int_equal(fake_set(id)->phase, GMGUARD_PHASE_TEMPORARY);
	wait_for_reaper();
	assert_null(fake_set(id));
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
	assert_forward(ask("answer", "ue_addr", "10.33.0.66", "status", "#200",
			   "expires", "#0", "p_associated_uri", "", NULL));
	assert_forward(ask("answer", "status", "#403", "expires", "#0",
			   "p_associated_uri", "", NULL));
	assert_int_equal(fake_set(id)->phase, GMGUARD_PHASE_ESTABLISHED);
	assert_null(agent.reaper.first);
	assert_int_equal(number_of(ask("identify", ON_SET, NULL), "set"), id);
	cleanup();
}

static void test_deregister(void **state)
{
	json_t *result;
	uint32_t id;

	(void)state;
	setup("");
	id = registered();
	result = ask("deregister", NULL);
	assert_int_equal(json_array_size(json_object_get(result, "sets")), 1);
	assert_int_equal(fake_set(id)->phase, GMGUARD_PHASE_LINGERING);
	cleanup();
	setup("");
	id = registered();
	result = call("deregister", json_pack("{s:i}", "set", (int)id));
	assert_int_equal(json_array_size(json_object_get(result, "sets")), 1);
	assert_int_equal(fake_set(id)->phase, GMGUARD_PHASE_LINGERING);
	cleanup();
}

/* REGISTER only on a temporary set. */
static void test_temporary(void **state)
{
	(void)state;
	setup("");
	challenge();
	assert_fault(ask("identify", ON_SET, NULL), -32001,
		     "not authenticated");
	assert_fault(ask("locate", "ue_port", "#4002", NULL), -32001, "");
	assert_fault(ask("deregister", NULL), -32001, "");
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
	assert_forward(result);
	id = number_of(result, "set");
	assert_string_equal(fake_set(id)->impi, "u@r");
	snprintf(server, sizeof(server), "%s",
		 text_of(result, "security_server"));
	result = ask("register", SM7, "impi", "u@r", NULL);
	assert_forward(result);
	assert_string_equal(text_of(result, "integrity_protected"), "yes");
	cleanup();
}

static void test_own_set(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	id = challenge();
	/* made by "gmguard set new": nothing to compare SM7 with */
	free((void *)fake_set(id)->agent_data);
	fake_set(id)->agent_data = NULL;
	fake_set(id)->agent_data_len = 0;
	assert_reject(ask("register", SM7, NULL), 403, "not made by this");
	fake_set(id)->phase = GMGUARD_PHASE_ESTABLISHED;
	assert_string_equal(text_of(ask("identify", ON_SET, NULL),
				    "default_impu"), "");
	cleanup();
}

/* Sets that others make are found, also when events are lost. */
static void test_mirror(void **state)
{
	struct gmg_saset_req req = {
		.endpoint_id = 1, .port_uc = 7001, .port_us = 7002,
		.spi_uc = 3001, .spi_us = 3002, .alg = 1, .ealg = 1,
		.alg_key = (const uint8_t *)"", .impi = "x@y",
		.agent_data = "", .agent_data_len = 0,
	};
	struct gmg_saset set;

	(void)state;
	setup("");
	gmg_addr_parse("10.33.0.12", &req.ue_addr);
	for (int lose = 0; lose < 2; lose++) {
		kernel_saset_new(&agent.kernel, &req, &set);
		fake_set(set.id)->phase = GMGUARD_PHASE_ESTABLISHED;
		fake.lose_events = lose;
		assert_int_equal(number_of(ask("identify", "ue_addr",
					       "10.33.0.12", "ue_port",
					       "#7001", "local_port", "#6101",
					       NULL), "set"), set.id);
		assert_int_equal(agent.mirror.resyncs, lose);
		kernel_saset_del(&agent.kernel, set.id);
		assert_fault(ask("identify", "ue_addr", "10.33.0.12",
				 "ue_port", "#7001", "local_port", "#6101",
				 NULL), -32001, "");
	}
	cleanup();
}

static void test_module_gone(void **state)
{
	(void)state;
	setup("");
	challenge();
	fake.loaded = false;
	assert_false(agent_probe(&agent));
	assert_fault(ask("register", NULL), -32002, "modprobe gmguard");
	assert_fault(ask("challenge", "www_authenticate", WWW, NULL), -32002,
		     "modprobe gmguard");
	assert_fault(call("status", json_object()), -32002, "modprobe");
	/* back again, empty: the endpoint is made anew */
	fake_reset();
	sleep(1);
	assert_forward(ask("register", NULL));
	assert_int_equal(fake.endpoint[0].id, 1);
	assert_int_not_equal(challenge(), 0);
	cleanup();
}

static void test_endpoints(void **state)
{
	(void)state;
	setup("[timers]\ntemporary_ms=1000\n");
	assert_true(fake.limits.has_temporary_ms);
	assert_false(fake.limits.has_grace_ms);
	assert_int_equal(fake.endpoint[0].n_port_pc, 8);
	restart();
	assert_int_equal(fake.endpoint[1].id, 0);
	/* what stands there differs: say so, change nothing */
	agent_clean(&agent);
	fake.endpoint[0].port_ps[0] = 7000;
	assert_int_equal(agent_setup(&agent, base, configure("")), 0);
	assert_int_equal(agent_connect(&agent, LOG_ERR), -EEXIST);
	assert_false(agent.up);
	cleanup();
}

static void test_addresses(void **state)
{
	(void)state;
	setup("");
	challenge();
	/* the same addresses, written in another way */
	assert_forward(ask("register", SM7, "ue_addr", "::ffff:10.33.0.11",
			   "via_addr", "10.33.0.11", "local_addr",
			   "[::ffff:10.33.0.1]", NULL));
	cleanup();
}

static void test_status(void **state)
{
	json_t *result;

	(void)state;
	setup("");
	registered();
	result = call("status", json_object());
	assert_int_equal(number_of(result, "sets"), 1);
	assert_int_equal(number_of(result, "established"), 1);
	assert_int_equal(number_of(result, "endpoints"), 1);
	assert_string_equal(text_of(result, "kernel_version"), "fake");
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

int main(void)
{
	int ret;

	secret_setup();
	base = event_base_new();
	hash_setup();
	add_test("GM-20 GM-21 GM-22 GM-24: a registration from SM1 to SM12",
		 test_whole);
	add_rows(refusals, test_refusal);
	add_test("GM-25: 421 or 494, with Security-Server and Require",
		 test_421);
	add_test("GM-25: IPsec optional: without an offer, without a set",
		 test_optional);
	add_rows(sm7s, test_sm7);
	add_test("GM-10: a restart of the agent loses nothing", test_restart);
	add_test("GM-29: a repeated 401 gets the same answer", test_repeat);
	add_test("AT-39 GM-20: the kernel refuses: no 401 leaves",
		 test_kernel_refuses);
	add_test("GM-31: a refresh lengthens, and never shortens",
		 test_refresh);
	add_rows(establisheds, test_established);
	add_test("GM-31 GM-35: re-authentication, then deregistration",
		 test_reauthentication);
	add_test("GM-36: a failed SM7: the answer leaves, then the set goes",
		 test_failure);
	add_test("a 2xx without a challenge response establishes nothing",
		 test_no_proof);
	add_test("AT-29 GM-32: an unprotected REGISTER touches no set",
		 test_unprotected);
	add_test("GM-35: deregistration by the network", test_deregister);
	add_test("GM-15 AT-36: nothing but REGISTER on a temporary set",
		 test_temporary);
	add_test("an identity derived from To", test_derived);
	add_test("a set that somebody else made", test_own_set);
	add_test("sets of others are found, also when events are lost",
		 test_mirror);
	add_test("the module goes away and comes back", test_module_gone);
	add_test("endpoints are made once, and never changed",
		 test_endpoints);
	add_test("IPv4 addresses that are mapped into IPv6", test_addresses);
	add_test("status counts", test_status);
	add_test("more identities than the kernel keeps", test_many_impus);
	ret = run_all("methods");
	json_decref(answer);
	event_base_free(base);
	libevent_global_shutdown();
	return ret;
}
