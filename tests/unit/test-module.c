// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The agent and the kernel module: what others do there, events that are lost,
 * a module that goes and comes back.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "proxy.h"

/* A set that somebody else makes. */
static uint32_t make_set(void)
{
	struct gmg_saset_req req = {
		.endpoint_id = 1, .port_uc = 7001, .port_us = 7002,
		.spi_uc = 3001, .spi_us = 3002, .alg = 1, .ealg = 1,
		.alg_key = (const uint8_t *)"", .impi = "x@y",
		.agent_data = "", .agent_data_len = 0,
	};
	struct gmg_saset set;

	gmg_addr_parse("10.33.0.12", &req.ue_addr);
	kernel_saset_new(&agent.kernel, &req, &set);
	fake_set(set.id)->phase = GMGUARD_PHASE_ESTABLISHED;
	return set.id;
}

static json_t *identify(void)
{
	return ask("identify", "ue_addr", "10.33.0.12", "ue_port", "#7001",
		   "local_port", "#6101", NULL);
}

/* Sets that others make are found, also when events are lost. */
static void test_mirror(void **state)
{
	(void)state;
	setup("");
	for (int lose = 0; lose < 2; lose++) {
		uint32_t id = make_set();

		fake.lose_events = lose;
		assert_int_equal(number_of(identify(), "set"), id);
		assert_int_equal(agent.mirror.resyncs, lose);
		kernel_saset_del(&agent.kernel, id);
		assert_fault(identify(), -32001, "");
	}
	cleanup();
}

/* ENOBUFS, and then the tables cannot be read at once. */
static void test_stale(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	id = make_set();
	fake.lose_events = true;
	fake.fail_dumps = 2;
	assert_fault(identify(), -32000, "the fake kernel has no memory");
	assert_fault(identify(), -32000, "the fake kernel has no memory");
	/* no event tells of it, and still it is found */
	assert_int_equal(number_of(identify(), "set"), id);
	assert_int_equal(agent.mirror.resyncs, 1);
	/* a REGISTER meanwhile is an error as well, and a 503 to the UE */
	kernel_saset_del(&agent.kernel, id);
	fake.lose_events = true;
	fake.fail_dumps = 1;
	assert_fault(ask("register", ON_SET, NULL), -32000, "no memory");
	assert_reject(ask("register", ON_SET, NULL), 403, "no live SA set");
	cleanup();
}

/* The event loop sees the loss, without any call. */
static void test_loop(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	id = make_set();
	fake.lose_events = true;
	event_base_loop(base, EVLOOP_NONBLOCK);
	assert_int_equal(agent.mirror.resyncs, 1);
	assert_non_null(mirror_find(&agent.mirror, id));
	cleanup();
}

static void test_gone(void **state)
{
	(void)state;
	setup("");
	challenge();
	fake.loaded = false;
	assert_false(agent_probe(&agent));
	assert_fault(ask("register", NULL), -32002, "modprobe gmguard");
	assert_fault(ask("challenge", "www_authenticate", WWW, NULL), -32002,
		     "modprobe gmguard");
	assert_fault(ask("answer", GRANT, NULL), -32002, "modprobe gmguard");
	assert_fault(ask("abandon", NULL), -32002, "modprobe gmguard");
	assert_fault(ask("identify", NULL), -32002, "modprobe gmguard");
	assert_fault(ask("locate", NULL), -32002, "modprobe gmguard");
	assert_fault(ask("deregister", NULL), -32002, "modprobe gmguard");
	assert_fault(call("status", json_object()), -32002, "modprobe");
	/* back again, empty: the endpoint is made anew */
	fake_reset();
	sleep(1);
	assert_forward(ask("register", NULL));
	assert_int_equal(fake.endpoint[0].id, 1);
	assert_int_not_equal(challenge(), 0);
	cleanup();
}

/* Nobody noticed yet: each method does, and says so. */
static void test_noticed(void **state)
{
	static const char *const methods[] = {
		"register", "answer", "identify", "abandon",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(methods); i++) {
		setup("");
		registered();
		fake_unload();
		assert_fault(ask(methods[i], ON_SET, GRANT, NULL), -32002,
			     "modprobe gmguard");
		assert_false(agent.up);
		assert_null(agent.mirror.by_id.bucket[0]);
		cleanup();
	}
	setup("");
	registered();
	fake_unload();
	assert_fault(call("status", json_object()), -32002, "modprobe");
	cleanup();
	setup("");
	registered();
	fake_unload();
	assert_fault(call("deregister", json_pack("{s:s}", "impi", IMPI)),
		     -32002, "modprobe");
	cleanup();
}

/* It goes while a REGISTER is under way: a clear refusal, and no 401. */
static void test_under_way(void **state)
{
	(void)state;
	setup("");
	fake.fail_new = ENODEV;
	assert_reject(ask("challenge", "www_authenticate", WWW, NULL), 503,
		      "the fake kernel refuses");
	cleanup();
	setup("");
	fake_unload();
	assert_reject(ask("challenge", "www_authenticate", WWW, NULL), 503,
		      "modprobe gmguard");
	assert_false(agent.up);
	cleanup();
}

/* rmmod and modprobe between two calls: the loop takes up what is there. */
static void test_reloaded(void **state)
{
	uint32_t id;

	(void)state;
	setup("");
	registered();
	fake_unload();
	fake.loaded = true;
	event_base_loop(base, EVLOOP_NONBLOCK);
	assert_true(agent.up);
	assert_int_equal(fake.endpoint[0].id, 1);
	assert_reject(ask("register", ON_SET, NULL), 403, "no live SA set");
	assert_fault(ask("identify", ON_SET, NULL), -32001, "");
	id = registered();
	assert_int_equal(number_of(ask("identify", ON_SET, NULL), "set"), id);
	/* events come again */
	id = make_set();
	assert_int_equal(number_of(identify(), "set"), id);
	cleanup();
}

/* A set that was to go: it went with the module, and nothing else goes. */
static void test_doomed(void **state)
{
	uint32_t id;

	(void)state;
	setup("[timers]\nfailed_ms=50\n");
	challenge();
	assert_forward(ask("answer", SM7, FAILURE, NULL));
	assert_non_null(agent.reaper.first);
	fake_unload();
	fake.loaded = true;
	event_base_loop(base, EVLOOP_NONBLOCK);
	assert_null(agent.reaper.first);
	id = challenge();
	usleep(100000);
	event_base_loop(base, EVLOOP_NONBLOCK);
	assert_phase(id, GMGUARD_PHASE_TEMPORARY);
	cleanup();
}

static void test_endpoints(void **state)
{
	(void)state;
	setup("[timers]\ntemporary_ms=1000\n[limits]\nunprotected_rate=0\n");
	assert_int_equal(fake.limits.has, 1u << GMGUARD_A_LIMITS_TEMPORARY_MS |
			 1u << GMGUARD_A_LIMITS_UNPROTECTED_RATE);
	assert_int_equal(fake.endpoint[0].n_port_pc, 8);
	restart();
	assert_int_equal(fake.endpoint[1].id, 0);
	/* the file was changed while no agent ran: it counts, in one step */
	agent_clean(&agent);
	fake.endpoint[0].port_ps[0] = 7000;
	assert_int_equal(agent_setup(&agent, base, configure("")), 0);
	assert_int_equal(agent_connect(&agent, LOG_ERR), 0);
	assert_int_equal(fake.n_endpoint_set, 1);
	assert_int_not_equal(fake.endpoint[0].port_ps[0], 7000);
	assert_int_equal(fake.endpoint[1].id, 0);
	cleanup();
}

/* A start with another file; what the agent says then, for free(). */
static char *started(const char *more)
{
	FILE *before = stderr;
	char *said = NULL;
	size_t size;

	agent_clean(&agent);
	log_set_level(LOG_NOTICE);
	assert_int_equal(agent_setup(&agent, base, configure(more)), 0);
	stderr = open_memstream(&said, &size);
	assert_int_equal(agent_connect(&agent, LOG_ERR), 0);
	fclose(stderr);
	stderr = before;
	log_set_level(-1);
	assert_true(agent.up);
	return said;
}

/* Where emergency calls may come in clear is the configuration's to say. */
static void test_emergency(void **state)
{
	char *said;

	(void)state;
	setup("emergency = yes\n");
	assert_true(fake.endpoint[0].emergency);
	said = started("");
	assert_non_null(strstr(said, "[endpoint a] was changed"));
	free(said);
	assert_false(fake.endpoint[0].emergency);
	free(started("emergency = yes\n"));
	assert_true(fake.endpoint[0].emergency);
	cleanup();
}

/* It is guarded on, as it was, and a reload with the same file tries again. */
static void test_kept(void **state)
{
	char *said;

	(void)state;
	setup("");
	fake.fail_change = EBUSY;
	said = started("stun = yes\n");
	assert_non_null(strstr(said, "[endpoint a] stays as it was: the fake kernel refuses"));
	free(said);
	assert_false(fake.endpoint[0].stun);
	assert_int_equal(agent_reload(&agent, configure("stun = yes\n")),
			 -EBUSY);
	fake.fail_change = 0;
	assert_int_equal(agent_reload(&agent, configure("stun = yes\n")), 0);
	assert_true(fake.endpoint[0].stun);
	/* what is gone is not guarded on: nobody may think so */
	agent_clean(&agent);
	fake.fail_change = ENOENT;
	assert_int_equal(agent_setup(&agent, base, configure("")), 0);
	assert_int_equal(agent_connect(&agent, LOG_ERR), -ENOENT);
	assert_false(agent.up);
	cleanup();
}

/* Nobody shall take for guarded what is not. */
static void test_audit(void **state)
{
	char *said;

	(void)state;
	setup("");
	assert_false(fake.endpoint[0].audit);
	fake.endpoint[0].audit = true;
	said = started("");
	assert_non_null(strstr(said, "[endpoint a] cannot be guarded: endpoint 1 only audits"));
	assert_non_null(strstr(said, "\"gmguard endpoint del 1\" and reload gmguardd"));
	free(said);
	assert_true(fake.endpoint[0].audit);
	assert_int_equal(fake.endpoint[1].id, 0);
	assert_int_equal(fake.n_endpoint_set, 0);
	/* as it was told to */
	memset(&fake.endpoint[0], 0, sizeof(fake.endpoint[0]));
	mirror_reload(&agent.mirror);
	assert_int_equal(agent_reload(&agent, configure("")), 0);
	assert_int_not_equal(fake.endpoint[0].id, 0);
	assert_false(fake.endpoint[0].audit);
	cleanup();
}

static void test_status(void **state)
{
	json_t *result;

	(void)state;
	setup("");
	registered();
	fake_packet(reregistered());
	challenge_of(ask("challenge", "call_id", "c9", "ue_addr",
			 "10.33.0.12", "www_authenticate", WWW, NULL));
	result = call("status", json_object());
	assert_int_equal(number_of(result, "sets"), 3);
	assert_int_equal(number_of(result, "temporary"), 1);
	assert_int_equal(number_of(result, "established"), 1);
	assert_int_equal(number_of(result, "superseded"), 1);
	assert_int_equal(number_of(result, "lingering"), 0);
	assert_int_equal(number_of(result, "endpoints"), 1);
	assert_string_equal(text_of(result, "kernel_version"), "fake");
	call("deregister", json_pack("{s:s}", "impi", IMPI));
	result = call("status", json_object());
	assert_int_equal(number_of(result, "sets"), 3);
	assert_int_equal(number_of(result, "lingering"), 2);
	cleanup();
}

int main(void)
{
	add_test("GM-10: sets of others are found, also when events are lost",
		 test_mirror);
	add_test("GM-10: events are lost, and the tables cannot be read",
		 test_stale);
	add_test("GM-10: lost events are noticed without a call", test_loop);
	add_test("the module goes away and comes back", test_gone);
	add_test("every method notices that the module went away",
		 test_noticed);
	add_test("AT-39: the module goes away under a REGISTER: no 401",
		 test_under_way);
	add_test("GM-10: the module is loaded anew between two calls",
		 test_reloaded);
	add_test("a set that has to go went with the module", test_doomed);
	add_test("endpoints are made once, and changed if the file was",
		 test_endpoints);
	add_test("GM-02 GM-38: emergency calls in clear: the file counts at start",
		 test_emergency);
	add_test("an endpoint that the kernel does not change is guarded on",
		 test_kept);
	add_test("an endpoint that only audits stays, with what to do",
		 test_audit);
	add_test("status counts", test_status);
	return run_methods("module");
}
