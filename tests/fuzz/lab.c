// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lab.c - see lab.h
 */
#include <unistd.h>

#include "fake-kernel.h"
#include "fuzz.h"
#include "lab.h"
#include "secret.h"

struct agent lab;

static void report(const char *text, void *arg)
{
	(void)arg;
	fprintf(stderr, "%s\n", text);
	abort();
}

/* Once, before the first input. */
void lab_setup(void)
{
	char path[] = "/tmp/gmguard-fuzz-XXXXXX";
	int fd = mkstemp(path);
	struct conf *conf;

	/* no random numbers: the same input does the same every time */
	json_object_seed(1);
	secret_setup();
	log_set_level(-1);
	CHECK(fd >= 0);
	dprintf(fd, "[agent]\nlog_level=err\n"
		"[endpoint a]\nlocal_addr=192.0.2.1\nport_ps=6201\n"
		"port_pc=6110-6117\nport_unprotected=5060\n");
	close(fd);
	conf = conf_load(path, report, NULL);
	unlink(path);
	CHECK(conf && !agent_setup(&lab, event_base_new(), conf));
	CHECK(!agent_connect(&lab, LOG_ERR));
}

/* No set is left, and nobody remembers one. */
void lab_reset(void)
{
	reaper_finish(&lab.reaper, true);
	for (int i = 0; i < FAKE_SETS; i++) {
		if (fake.set[i].id)
			kernel_saset_del(&lab.kernel, fake.set[i].id);
	}
	CHECK(!mirror_drain(&lab.mirror));
	CHECK(!fake_count() && !lab.reaper.first);
}

/*
 * Call a method; @params is given up. Whatever is answered, it is JSON and
 * @secret, in lower case, is not in it.
 *
 * Return: the result, a new reference; NULL when it failed.
 */
json_t *lab_call(const char *method, json_t *params, const char *secret)
{
	json_t *request = json_pack("{s:s, s:s, s:i, s:o}", "jsonrpc", "2.0",
				    "method", method, "id", 1, "params",
				    params);
	char *text = json_dumps(request, 0), *reply;
	json_t *answer, *result;

	CHECK(text);
	json_decref(request);
	reply = rpc_handle(&lab.rpc, text, strlen(text));
	secret_free(text);
	CHECK(reply);
	answer = json_loads(reply, 0, NULL);
	CHECK(answer);
	CHECK(!strcasestr(reply, secret));
	secret_free(reply);
	result = json_incref(json_object_get(answer, "result"));
	CHECK(!result != !json_object_get(answer, "error"));
	json_decref(answer);
	return result;
}
