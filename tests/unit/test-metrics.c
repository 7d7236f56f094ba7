// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Prometheus' text format, and the metrics of an agent in it.
 */
#include <errno.h>
#include <stdio.h>

#include "exposition.h"
#include "metrics.h"
#include "metrics-list.h"
#include "proxy.h"

static char *text_in(struct evbuffer *out)
{
	size_t len = evbuffer_get_length(out);
	char *text = malloc(len + 1);

	assert_non_null(text);
	evbuffer_remove(out, text, len);
	text[len] = '\0';
	evbuffer_free(out);
	return text;
}

static const struct escape_case {
	const char *name;
	const char *value;
	const char *label;
	const char *help;
} escapes[] = {
	{ "plain text stays", "a b", "a b", "a b" },
	{ "a backslash is doubled", "a\\b", "a\\\\b", "a\\\\b" },
	{ "a line feed is \\n", "a\nb", "a\\nb", "a\\nb" },
	{ "a quote is escaped in a label only", "a\"b", "a\\\"b", "a\"b" },
	{ "several in a row", "\\\"\n", "\\\\\\\"\\n", "\\\\\"\\n" },
	{ "an empty value", "", "", "" },
	{ "UTF-8 stays", "\xc3\xa4", "\xc3\xa4", "\xc3\xa4" },
};

static void test_escape(void **state)
{
	const struct escape_case *c = *state;
	struct exposition x = { .out = evbuffer_new() };
	char want[256], *text;

	expo_metric(&x, "m_total", "counter", c->value);
	expo_sample(&x, "");
	expo_label(&x, "l", c->value);
	expo_number(&x, 1);
	text = text_in(x.out);
	snprintf(want, sizeof(want), "# HELP m_total %s\n"
		 "# TYPE m_total counter\nm_total{l=\"%s\"} 1\n", c->help,
		 c->label);
	assert_string_equal(text, want);
	free(text);
}

static void test_samples(void **state)
{
	struct exposition x = { .out = evbuffer_new() };
	char *text;

	(void)state;
	expo_metric(&x, "m", "histogram", "h");
	expo_sample(&x, "_bucket");
	expo_label(&x, "a", "1");
	expo_label(&x, "le", "+Inf");
	expo_number(&x, UINT64_MAX);
	expo_sample(&x, "_sum");
	expo_seconds(&x, 1500000001);
	text = text_in(x.out);
	assert_string_equal(text, "# HELP m h\n# TYPE m histogram\n"
			    "m_bucket{a=\"1\",le=\"+Inf\"} 18446744073709551615\n"
			    "m_sum 1.500000001\n");
	free(text);
}

static char *metrics(void)
{
	struct evbuffer *out = evbuffer_new();

	metrics_write(&agent, out);
	return text_in(out);
}

static void assert_line(const char *text, const char *line)
{
	char whole[256];

	snprintf(whole, sizeof(whole), "\n%s\n", line);
	if (!strstr(text, whole))
		fail_msg("no %s in:\n%s", line, text);
}

static const struct row_case {
	const char *name;
	bool kernel;
} table[] = {
#define IS_KERNEL	true
#define IS_AGENT	false
#define IS_PROCESS	false
#define CASE(id, source, type, name, ...)	{ name, IS_##source },
	GMG_METRICS(CASE)
};

/* Each metric is there once; the kernel's are not without the module. */
static void test_rows(void **state)
{
	const struct row_case *c = *state;
	char line[128], *text, *found;

	setup("");
	snprintf(line, sizeof(line), "# TYPE %s ", c->name);
	text = metrics();
	found = strstr(text, line);
	assert_non_null(found);
	assert_null(strstr(found + 1, line));
	free(text);
	fake_unload();
	text = metrics();
	assert_int_equal(!strstr(text, line), c->kernel);
	assert_line(text, "gmguardd_module_up 0");
	free(text);
	cleanup();
}

/* By rule and reason, and no UE by name. */
static void test_rules(void **state)
{
	struct gmg_rule *rule;
	char *text;

	(void)state;
	setup("[node]\nport=tcp/3868\n[peer hss]\nclass=own\naddresses=10.1.0.1\n"
	      "[router]\naccess_dev=a\ncore_dev=b\n"
	      "[binding ue-of-bob]\naddresses=10.2.0.1\ndev=a1\n");
	rule = ruleset_find(&fake.rules, GMGUARD_RULE_KIND_PEER, "hss");
	assert_non_null(rule);
	rule->packets = 7;
	rule->reason[0] = (struct gmg_rule_reason){
		GMGUARD_REASON_PEER_PORT, 2
	};
	rule->n_reason = 1;
	text = metrics();
	assert_line(text, "gmguard_rule_packets_total{kind=\"peer\",name=\"hss\",result=\"passed\"} 7");
	assert_line(text, "gmguard_rule_packets_total{kind=\"peer\",name=\"hss\",result=\"peer-port\"} 2");
	assert_null(strstr(text, "bob"));
	free(text);
	cleanup();
}

static void test_registration(void **state)
{
	char *text;

	(void)state;
	setup("");
	registered();
	text = metrics();
	assert_line(text, "gmguardd_registrations_total{outcome=\"registered\"} 1");
	assert_line(text, "gmguardd_registrations_total{outcome=\"failed\"} 0");
	assert_line(text, "gmguardd_sa_sets_requested_total{result=\"made\"} 1");
	assert_line(text, "gmguard_sa_sets{phase=\"established\"} 1");
	assert_line(text, "gmguard_endpoints{mode=\"enforce\"} 1");
	assert_line(text, "gmguardd_module_up 1");
	assert_null(strstr(text, "001010000000001"));
	assert_null(strstr(text, "10.33.0."));
	free(text);
	cleanup();
}

static void test_refused(void **state)
{
	char *text;

	(void)state;
	setup("");
	assert_reject(ask("register", "security_client", "", NULL), 494, "");
	fake.fail_new = ENOMEM;
	assert_reject(ask("challenge", "www_authenticate", WWW, NULL), 503,
		      "");
	text = metrics();
	assert_line(text, "gmguardd_registers_refused_total{code=\"494\"} 1");
	assert_line(text, "gmguardd_registers_refused_total{code=\"503\"} 1");
	assert_line(text, "gmguardd_sa_sets_requested_total{result=\"refused\"} 1");
	free(text);
	cleanup();
}

static void test_calls(void **state)
{
	char *text;

	(void)state;
	setup("");
	secret_free(rpc_refuse(&agent.rpc, RPC_INVALID_REQUEST, "x"));
	secret_free(rpc_handle(&agent.rpc, "{", 1));
	ask("status", NULL);
	ask("nonsense", NULL);
	ask("locate", "ue_port", "#0", NULL);
	text = metrics();
	assert_line(text, "gmguardd_rpc_requests_total{method=\"none\",result=\"invalid-request\"} 1");
	assert_line(text, "gmguardd_rpc_requests_total{method=\"none\",result=\"parse-error\"} 1");
	assert_line(text, "gmguardd_rpc_requests_total{method=\"none\",result=\"unknown-method\"} 1");
	assert_line(text, "gmguardd_rpc_requests_total{method=\"status\",result=\"ok\"} 1");
	assert_line(text, "gmguardd_rpc_requests_total{method=\"locate\",result=\"invalid-params\"} 1");
	assert_line(text, "gmguardd_rpc_duration_seconds_bucket{method=\"status\",le=\"+Inf\"} 1");
	assert_line(text, "gmguardd_rpc_duration_seconds_count{method=\"status\"} 1");
	free(text);
	cleanup();
}

static const struct class_case {
	const char *name;
	uint64_t ns;
	int class;
} classes[] = {
	{ "no time is in the first class", 0, 0 },
	{ "the end of a class belongs to it", 100000, 0 },
	{ "a nanosecond more does not", 100001, 1 },
	{ "a second is in the last but one", 1000000000, TALLY_N_CLASSES - 2 },
	{ "an hour is in the last", 3600000000000, TALLY_N_CLASSES - 1 },
};

static void test_class(void **state)
{
	const struct class_case *c = *state;
	struct tally_calls calls = { .ns = 7 };

	tally_call(&calls, RPC_NO_SET, c->ns);
	for (int i = 0; i < TALLY_N_CLASSES; i++)
		assert_int_equal(calls.duration[i], i == c->class);
	assert_int_equal(calls.ns, 7 + c->ns);
	assert_int_equal(calls.result[TALLY_RPC_NO_SET], 1);
	assert_int_equal(calls.result[TALLY_RPC_OK], 0);
}

int main(void)
{
	add_rows(escapes, test_escape);
	add_test("labels, suffixes and the largest number", test_samples);
	add_rows(table, test_rows);
	add_rows(classes, test_class);
	add_test("metrics: packets by rule and reason, no UE among them",
		 test_rules);
	add_test("a registration is counted, no identity shown",
		 test_registration);
	add_test("refusals are counted by code", test_refused);
	add_test("calls are counted by method and result", test_calls);
	return run_methods("metrics");
}
