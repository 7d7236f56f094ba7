// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proxy.c - see proxy.h
 */
#include <stdio.h>
#include <unistd.h>

#include "proxy.h"

struct event_base *base;
struct agent agent;
char server[SEC_SERVER_MAX];

static json_t *answer;
static bool started;

static void report(const char *text, void *arg)
{
	(void)arg;
	fail_msg("%s", text);
}

/* A configuration with one endpoint; more goes behind it. */
struct conf *configure(const char *more)
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

void start(const char *more)
{
	struct conf *conf = configure(more);

	/* a test that failed has left its agent behind */
	if (started)
		agent_clean(&agent);
	started = true;
	log_set_level(-1);
	assert_int_equal(agent_setup(&agent, base, conf), 0);
	assert_int_equal(agent_connect(&agent, LOG_ERR), 0);
}

void restart(void)
{
	start("");
}

void setup(const char *more)
{
	fake_reset();
	start(more);
}

void cleanup(void)
{
	agent_clean(&agent);
	started = false;
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

static char *write_request(const char *method, int id, json_t *params)
{
	json_t *request = json_pack("{s:s, s:s, s:o}", "jsonrpc", "2.0",
				    "method", method, "params", params);
	char *text;

	if (id)
		json_object_set_new(request, "id", json_integer(id));
	text = json_dumps(request, 0);
	json_decref(request);
	return text;
}

/* Call a method with any params: its result, or its error. */
json_t *call(const char *method, json_t *params)
{
	char *text = write_request(method, 1, params), *reply;
	json_t *result;

	json_decref(answer);
	reply = rpc_handle(&agent.rpc, text, strlen(text));
	assert_non_null(reply);
	assert_null(strstr(reply, CK));
	assert_null(strstr(reply, IK));
	answer = json_loads(reply, 0, NULL);
	secret_free(text);
	secret_free(reply);
	result = json_object_get(answer, "result");
	return result ? result : json_object_get(answer, "error");
}

/* Call a method; NAME, VALUE, ..., NULL differ from SM1. "#5" is a number. */
json_t *ask(const char *method, ...)
{
	va_list ap;
	json_t *m;

	va_start(ap, method);
	m = describe(ap);
	va_end(ap);
	return call(method, m);
}

/* The text of a request, for secret_free(); id 0: a notification. */
char *request_of(const char *method, int id, ...)
{
	va_list ap;
	json_t *m;

	va_start(ap, id);
	m = describe(ap);
	va_end(ap);
	return write_request(method, id, m);
}

const char *text_of(const json_t *result, const char *name)
{
	const char *text = json_string_value(json_object_get(result, name));

	return text ? text : "(none)";
}

long long number_of(const json_t *result, const char *name)
{
	const json_t *value = json_object_get(result, name);

	if (!json_is_integer(value))
		fail_msg("no number %s", name);
	return json_integer_value(value);
}

json_t *list_of(const json_t *result, const char *name)
{
	json_t *list = json_object_get(result, name);

	if (!json_is_array(list))
		fail_msg("no array %s: %s", name, text_of(result, "message"));
	return list;
}

void assert_forward(const json_t *result)
{
	if (strcmp(text_of(result, "action"), "forward"))
		fail_msg("not forwarded: %s%s", text_of(result, "detail"),
			 text_of(result, "message"));
}

void assert_reject(const json_t *result, int code, const char *detail)
{
	assert_string_equal(text_of(result, "action"), "reject");
	assert_int_equal(number_of(result, "code"), code);
	if (!strstr(text_of(result, "detail"), detail))
		fail_msg("no \"%s\" in: %s", detail, text_of(result, "detail"));
}

void assert_fault(const json_t *result, int code, const char *message)
{
	assert_int_equal(number_of(result, "code"), code);
	if (!strstr(text_of(result, "message"), message))
		fail_msg("no \"%s\" in: %s", message,
			 text_of(result, "message"));
}

void assert_gone(uint32_t id)
{
	assert_int_not_equal(id, 0);
	assert_null(fake_set(id));
}

void assert_phase(uint32_t id, uint32_t phase)
{
	assert_non_null(fake_set(id));
	assert_string_equal(gmg_phase_name(fake_set(id)->phase),
			    gmg_phase_name(phase));
}

/* The impus of "identify", each followed by a blank. */
void assert_impus(const json_t *result, const char *impus)
{
	char found[1024] = "";
	json_t *impu;
	size_t i;

	json_array_foreach(list_of(result, "impus"), i, impu) {
		strcat(found, json_string_value(impu));
		strcat(found, " ");
	}
	assert_string_equal(found, impus);
}

/* What a 401 said: the id of its set, and Security-Server. */
uint32_t challenge_of(json_t *result)
{
	assert_forward(result);
	snprintf(server, sizeof(server), "%s",
		 text_of(result, "security_server"));
	return number_of(result, "set");
}

/* SM1 to SM6: returns the id of the temporary set. */
uint32_t challenge(void)
{
	return challenge_of(ask("challenge", "www_authenticate", WWW, NULL));
}

uint32_t registered(void)
{
	uint32_t id = challenge();

	assert_forward(ask("answer", SM7, GRANT, NULL));
	assert_phase(id, GMGUARD_PHASE_ESTABLISHED);
	return id;
}

/* The same UE begins again, through the set that it has: SM1 to SM6. */
uint32_t rechallenge(void)
{
	return challenge_of(ask("challenge", ON_SET, "cseq", "#3",
				"security_client", OFFER2, "www_authenticate",
				WWW, NULL));
}

uint32_t reregistered(void)
{
	uint32_t id = rechallenge();

	assert_forward(ask("answer", SM7_2, GRANT, NULL));
	assert_phase(id, GMGUARD_PHASE_ESTABLISHED);
	return id;
}

/* Let the loop run until the reaper is done. */
void wait_for_reaper(void)
{
	for (int i = 0; i < 400 && agent.reaper.first; i++) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		usleep(10000);
	}
	assert_null(agent.reaper.first);
}

void test_refusal(void **state)
{
	const struct refuse_case *c = *state;
	const char *const *v = c->change;
	json_t *result;

	setup(c->more);
	if (!strcmp(c->method, "challenge") && v[0] &&
	    strcmp(v[0], "www_authenticate"))
		result = ask(c->method, "www_authenticate", WWW, v[0], v[1],
			     v[2], v[3], v[4], v[5], NULL);
	else
		result = ask(c->method, v[0], v[1], v[2], v[3], v[4], v[5],
			     NULL);
	if (c->code > 0)
		assert_reject(result, c->code, c->says);
	else
		assert_fault(result, c->code, c->says);
	assert_int_equal(fake_count(), 0);
	cleanup();
}

void open_proxy(void)
{
	secret_setup();
	base = event_base_new();
	hash_setup();
}

void close_proxy(void)
{
	json_decref(answer);
	event_base_free(base);
	libevent_global_shutdown();
}
