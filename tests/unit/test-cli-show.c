// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What gmguard(8) shows: all that the kernel tells, in an order that stays.
 */
#include <stdio.h>

#include "cmd/cli.h"
#include "limits.h"
#include "test.h"

static struct cli c = { .path = "test", .width = 80 };

/* Text that a function printed to c.out; the caller frees it. */
static char *text;
static size_t text_size;

static void begin_text(void)
{
	c.out = open_memstream(&text, &text_size);
}

static const char *end_text(void)
{
	fclose(c.out);
	return text;
}

/* The names of an object's members, each with a space behind it. */
static const char *members(json_t *json)
{
	static char list[1024];
	const char *key;
	json_t *value;

	list[0] = '\0';
	json_object_foreach(json, key, value) {
		strcat(list, key);
		strcat(list, " ");
	}
	return list;
}

static struct gmg_saset a_set(void)
{
	struct gmg_saset set = {
		.id = 7, .endpoint_id = 1, .port_uc = 31000, .port_us = 31001,
		.port_pc = 6110, .port_ps = 6101, .spi_uc = 0x1000,
		.spi_us = 0x1001, .spi_pc = 0x2000, .spi_ps = 0x2001,
		.alg = GMGUARD_ALG_NULL, .ealg = GMGUARD_EALG_AES_GCM,
		.impi = "a@b", .phase = GMGUARD_PHASE_SUPERSEDED,
		.lifetime_ms = 128000, .age_ms = 1000, .protected_by = 6,
	};

	gmg_addr_parse("10.33.0.11", &set.ue_addr);
	gmg_addr_parse("10.33.0.1", &set.local_addr);
	return set;
}

static void test_set_json(void **state)
{
	struct gmg_saset set = a_set();
	json_t *json = json_saset(&set);

	(void)state;
	assert_string_equal(members(json), "id endpoint_id local_addr ue_addr "
			    "port_uc port_us port_pc port_ps spi_uc spi_us "
			    "spi_pc spi_ps impi alg ealg phase lifetime_ms "
			    "age_ms protected_by group emergency in_use cause "
			    "agent_data sa ");
	assert_true(json_is_null(json_object_get(json, "group")));
	assert_true(json_is_false(json_object_get(json, "emergency")));
	assert_string_equal(json_string_value(json_object_get(json, "phase")),
			    "superseded");
	assert_string_equal(json_string_value(json_object_get(json, "alg")),
			    "null");
	assert_string_equal(json_string_value(json_object_get(json, "ealg")),
			    "aes-gcm");
	json_decref(json);

	set.group = 3;
	set.emergency = true;
	json = json_saset(&set);
	assert_int_equal(json_integer_value(json_object_get(json, "group")),
			 3);
	assert_true(json_is_true(json_object_get(json, "emergency")));
	json_decref(json);
}

static void test_set_text(void **state)
{
	struct gmg_saset set = a_set();
	const char *shown;

	(void)state;
	begin_text();
	assert_int_equal(show_saset(&c, &set), CLI_OK);
	shown = end_text();
	assert_non_null(strstr(shown, "\n  phase         superseded\n"));
	assert_non_null(strstr(shown, "\n  time left     2m8s (made 1.0s ago)\n"
			       "  protected by  set 6\n"
			       "  group         by UE address and port_us\n"
			       "  emergency     no\n"
			       "  algorithms    null, aes-gcm\n"));
	free(text);

	set.group = 3;
	set.emergency = true;
	begin_text();
	assert_int_equal(show_saset(&c, &set), CLI_OK);
	shown = end_text();
	assert_non_null(strstr(shown, "\n  group         3 of this IMPI\n"
			       "  emergency     yes\n"));
	free(text);
}

#define NAME(id, name, ...)	name,
static const char * const limit_names[] = { GMG_LIMITS(NAME) };

/* All but the last, which an older module does not have. */
static struct gmg_limits some_limits(void)
{
	struct gmg_limits lim = { 0 };
	int i;

	for (i = 1; i < GMGUARD_A_LIMITS_MAX; i++)
		gmg_limits_put(&lim, i, 1000 * i);
	return lim;
}

static void test_limits_text(void **state)
{
	struct gmg_limits lim = some_limits();
	char *line;
	int i;

	(void)state;
	begin_text();
	show_limits(&c, &lim);
	end_text();
	line = strtok(text, "\n");
	for (i = 1; i < GMGUARD_A_LIMITS_MAX; i++) {
		char start[64];

		snprintf(start, sizeof(start), "%-23s %-10d ",
			 limit_names[i - 1], 1000 * i);
		assert_non_null(line);
		assert_memory_equal(line, start, strlen(start));
		assert_true(strlen(line) <= 80);
		line = strtok(NULL, "\n");
	}
	assert_null(line);
	free(text);
}

static void test_limits_json(void **state)
{
	struct gmg_limits lim = some_limits();
	json_t *json = json_limits(&lim), *value;
	const char *key;
	int i = 0;

	(void)state;
	assert_string_equal(members(json), "max_sets temporary_ms grace_ms "
			    "drop_samples max_impi_sets max_impi_temporary "
			    "max_temporary unprotected_rate unprotected_burst "
			    "unprotected_total unprotected_connections "
			    "unprotected_idle_ms unprotected_message_ms "
			    "emergency_ms drop_copies nflog_group ");
	json_object_foreach(json, key, value) {
		if (++i == GMGUARD_A_LIMITS_MAX)
			assert_true(json_is_null(value));
		else
			assert_int_equal(json_integer_value(value), 1000 * i);
	}
	json_decref(json);
}

static void test_stats_json(void **state)
{
	struct gmg_stats st = {
		.temporary = 1, .established = 2, .superseded = 3,
		.lingering = 4,
	};
	json_t *json = json_stats(&st);

	(void)state;
	assert_string_equal(members(json), "version endpoints temporary "
			    "established superseded lingering larval "
			    "connections reason ");
	assert_int_equal(json_integer_value(json_object_get(json,
							    "superseded")), 3);
	json_decref(json);
}

static struct gmg_endpoint an_endpoint(uint32_t id, const char *addr)
{
	struct gmg_endpoint ep = {
		.id = id, .port_ps = { 6101 }, .n_port_ps = 1,
		.port_pc = { 6110, 6111, 6112, 6113 }, .n_port_pc = 4,
		.port_unprotected = { 5060 }, .n_port_unprotected = 1,
	};

	gmg_addr_parse(addr, &ep.local_addr);
	return ep;
}

static void test_endpoint_json(void **state)
{
	struct gmg_endpoint ep = an_endpoint(1, "10.33.0.1");
	json_t *json = json_endpoint(&ep);

	(void)state;
	assert_string_equal(members(json), "id local_addr port_ps port_pc "
			    "port_unprotected exempt policy_priority sets "
			    "policies emergency audit stun ");
	assert_true(json_is_false(json_object_get(json, "emergency")));
	assert_true(json_is_false(json_object_get(json, "audit")));
	json_decref(json);
	ep.emergency = true;
	ep.audit = true;
	json = json_endpoint(&ep);
	assert_true(json_is_true(json_object_get(json, "emergency")));
	assert_true(json_is_true(json_object_get(json, "audit")));
	json_decref(json);
}

static void test_endpoint_text(void **state)
{
	struct gmg_endpoint ep[] = {
		an_endpoint(1, "10.33.0.1"), an_endpoint(2, "fd33::1"),
	};
	struct endpoint_list list = { .v = ep, .n = COUNT(ep) };
	const char warning[] = "WARNING: ENDPOINT 2 (fd33::1) ONLY AUDITS: NOTHING IS DROPPED THERE\n\nID ";

	(void)state;
	ep[0].stun = true;
	ep[1].emergency = true;
	begin_text();
	assert_false(show_audit_warning(&c, &list));
	assert_int_equal(show_endpoints(&c, &list), CLI_OK);
	assert_string_equal(end_text(),
		"ID  ADDRESS    MODE      PORT_PS  PORT_PC    UNPROTECTED      SETS  POLICIES  EXEMPT\n"
		" 1  10.33.0.1  enforced  6101     6110-6113  5060, stun          0         0  -\n"
		" 2  fd33::1    enforced  6101     6110-6113  5060, emergency     0         0  -\n");
	free(text);

	ep[1].audit = true;
	begin_text();
	assert_true(show_audit_warning(&c, &list));
	assert_int_equal(show_endpoints(&c, &list), CLI_OK);
	end_text();
	assert_memory_equal(text, warning, strlen(warning));
	assert_non_null(strstr(text, " 10.33.0.1  enforced  "));
	assert_non_null(strstr(text, " fd33::1    AUDIT     "));
	free(text);
}

/* Counters of two reasons, with what an audit let pass. */
static const struct gmg_stats *some_stats(uint64_t audited)
{
	static struct gmg_stats st;

	st = (struct gmg_stats){
		.count = {
			{ GMGUARD_REASON_IN_PLAINTEXT, "in-plaintext", 7, 0 },
			{ GMGUARD_REASON_IN_RATE, "in-rate", 0, audited },
		},
		.n_count = 2, .endpoints = 1, .version = "test",
	};
	return &st;
}

#define GAUGES	"Module test: 1 endpoint; 0 SA sets: 0 temporary, 0 established, 0 superseded, 0 lingering\n"

static const struct stats_row {
	const char *name;
	uint64_t audited;
	bool audits;
	const char *want;
} stats_rows[] = {
	{ "cli: counters without an audit: one column", 0, false,
	  GAUGES "\nDROPPED PACKETS\n"
	  "         7  in-plaintext\n"
	  "         7  total from UEs (in-...)\n"
	  "         0  total to UEs (out-...)\n"
	  "         0  total by the kernel's IPsec, all of the namespace (xfrm-...)\n" },
	{ "cli: counters after an audit: what was let pass is a column", 3,
	  false,
	  GAUGES "\nPACKETS\n"
	  "   dropped     audited\n"
	  "         7           0  in-plaintext\n"
	  "         0           3  in-rate\n"
	  "         7           3  total from UEs (in-...)\n"
	  "         0           0  total to UEs (out-...)\n"
	  "         0           0  total by the kernel's IPsec, all of the namespace (xfrm-...)\n" },
	{ "cli: counters in an audit: the column is there from the start", 0,
	  true,
	  GAUGES "\nPACKETS\n"
	  "   dropped     audited\n"
	  "         7           0  in-plaintext\n"
	  "         7           0  total from UEs (in-...)\n"
	  "         0           0  total to UEs (out-...)\n"
	  "         0           0  total by the kernel's IPsec, all of the namespace (xfrm-...)\n" },
};

static void test_stats_text(void **state)
{
	const struct stats_row *row = *state;
	/* --brief is the second option */
	struct cli brief = { .path = "test", .width = 80, .opt = { [1] = "" } };

	begin_text();
	brief.out = c.out;
	show_stats(&brief, some_stats(row->audited), row->audits);
	assert_string_equal(end_text(), row->want);
	free(text);
}

static void test_stats_explained(void **state)
{
	(void)state;
	begin_text();
	show_stats(&c, some_stats(3), true);
	end_text();
	assert_non_null(strstr(text, "  in-rate\n"
			       "                          A source in clear "));
	for (char *line = strtok(text + strlen(GAUGES), "\n"); line;
	     line = strtok(NULL, "\n"))
		if (!strstr(line, "total by"))
			assert_true(strlen(line) <= 80);
	free(text);
}

static void test_count_json(void **state)
{
	json_t *json = json_stats(some_stats(3)), *count;

	(void)state;
	count = json_array_get(json_object_get(json, "reason"), 1);
	assert_string_equal(members(count), "reason packets audited doc ");
	assert_int_equal(json_integer_value(json_object_get(count,
							    "audited")), 3);
	json_decref(json);
}

static void test_drop(void **state)
{
	struct gmg_drop d = {
		.reason = GMGUARD_REASON_IN_UNPROTECTED, .src_port = 5062,
		.dst_port = 5060, .protocol = IPPROTO_UDP, .suppressed = 2,
	};
	json_t *json;

	(void)state;
	gmg_addr_parse("10.33.0.66", &d.src_addr);
	gmg_addr_parse("10.33.0.1", &d.dst_addr);
	begin_text();
	show_drop(&c, &d);
	assert_string_equal(end_text(), "drop in-unprotected udp 10.33.0.66:5062 > 10.33.0.1:5060 (2 more were not sampled before it)");
	free(text);
	d.audited = true;
	begin_text();
	show_drop(&c, &d);
	assert_string_equal(end_text(), "audited in-unprotected udp 10.33.0.66:5062 > 10.33.0.1:5060 (2 more were not sampled before it)");
	free(text);
	json = json_drop(&d);
	assert_string_equal(members(json), "reason src_addr dst_addr src_port "
			    "dst_port protocol spi ifindex suppressed "
			    "audited ");
	assert_true(json_is_true(json_object_get(json, "audited")));
	json_decref(json);
}

int main(void)
{
	add_test("cli: a set in JSON: all members, in the kernel's order",
		 test_set_json);
	add_test("cli: a set as text: group, emergency, phase", test_set_text);
	add_test("cli: all limits as text, those that the module has",
		 test_limits_text);
	add_test("cli: all limits in JSON, null for what a module has not",
		 test_limits_json);
	add_test("cli: sets are counted by phase in JSON", test_stats_json);
	add_test("cli: an endpoint in JSON: all members", test_endpoint_json);
	add_test("cli: endpoints as text; one that audits is warned of",
		 test_endpoint_text);
	add_rows(stats_rows, test_stats_text);
	add_test("cli: explanations beside two columns wrap too",
		 test_stats_explained);
	add_test("cli: JSON always has what an audit let pass",
		 test_count_json);
	add_test("cli: a sample says whether the packet was dropped",
		 test_drop);
	return run_all("cli-show");
}
