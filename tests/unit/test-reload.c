// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SIGHUP: what differs between two files is applied, and nothing else.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "conf-diff.h"
#include "proxy.h"

#define FIRST	"[endpoint a]\nlocal_addr=10.33.0.1\nport_ps=6101\n" \
		"port_pc=6110-6117\nport_unprotected=5060\n"
#define SECOND	"[endpoint b]\nlocal_addr=10.33.0.2\nport_ps=6101\n" \
		"port_pc=6110-6117\n"

static void report(const char *text, void *arg)
{
	(void)arg;
	fail_msg("%s", text);
}

static struct conf *load(const char *text)
{
	char path[] = "/tmp/gmguard-conf-XXXXXX";
	int fd = mkstemp(path);
	struct conf *conf;

	assert_true(fd >= 0);
	dprintf(fd, "[agent]\nlog_level=err\n%s", text);
	close(fd);
	conf = conf_load(path, report, NULL);
	unlink(path);
	return conf;
}

/* What the kernel was asked for since. */
static void assert_asked(unsigned int new, unsigned int set,
			 unsigned int limits)
{
	assert_int_equal(fake.n_endpoint_new, new);
	assert_int_equal(fake.n_endpoint_set, set);
	assert_int_equal(fake.n_limits_set, limits);
	fake.n_endpoint_new = 0;
	fake.n_endpoint_set = 0;
	fake.n_limits_set = 0;
}

static void reload(const char *text, int ret)
{
	assert_int_equal(agent_reload(&agent, load(text)), ret);
}

static void begin(const char *more)
{
	setup(more);
	fake.n_endpoint_new = 0;
	fake.n_limits_set = 0;
}

static void test_same(void **state)
{
	uint32_t id;

	(void)state;
	begin("");
	id = registered();
	reload(FIRST, 0);
	assert_asked(0, 0, 0);
	/* another order and another name are no difference */
	reload("[endpoint z]\nlocal_addr=10.33.0.1\nport_pc=6114-6117,6110-6113\n"
	       "port_unprotected=5060\nport_ps=6101\n", 0);
	assert_asked(0, 0, 0);
	assert_int_equal(fake_set(id)->phase, GMGUARD_PHASE_ESTABLISHED);
	cleanup();
}

static void test_changed(void **state)
{
	uint32_t id;

	(void)state;
	begin("");
	id = registered();
	reload(FIRST "exempt=10.44.0.0/24\nemergency=yes\n", 0);
	assert_asked(0, 1, 0);
	assert_int_equal(fake.endpoint[0].n_exempt, 1);
	assert_true(fake.endpoint[0].emergency);
	assert_int_equal(fake_set(id)->phase, GMGUARD_PHASE_ESTABLISHED);
	/* and back */
	reload(FIRST, 0);
	assert_asked(0, 1, 0);
	assert_false(fake.endpoint[0].emergency);
	cleanup();
}

static void test_new(void **state)
{
	(void)state;
	begin("");
	reload(FIRST SECOND, 0);
	assert_asked(1, 0, 0);
	reload(FIRST SECOND "stun=yes\n", 0);
	assert_asked(0, 1, 0);
	assert_true(fake.endpoint[1].stun);
	/* what is not in the file any more stays guarded */
	reload(FIRST, 0);
	assert_asked(0, 0, 0);
	assert_int_not_equal(fake.endpoint[1].id, 0);
	cleanup();
}

static void test_refused(void **state)
{
	(void)state;
	begin("");
	fake.fail_change = EBUSY;
	reload(FIRST "stun=yes\n[timers]\ntemporary_ms=1000\n", -EBUSY);
	assert_asked(0, 1, 1);
	assert_false(fake.endpoint[0].stun);
	assert_false(agent.conf->endpoint[0].ep.stun);
	/* the same file again is no file without a difference */
	fake.fail_change = 0;
	reload(FIRST "stun=yes\n[timers]\ntemporary_ms=1000\n", 0);
	assert_asked(0, 1, 0);
	assert_true(fake.endpoint[0].stun);
	cleanup();
}

/* What somebody changed by hand is his. */
static void test_hands_off(void **state)
{
	(void)state;
	begin("");
	fake.endpoint[0].emergency = true;
	mirror_reload(&agent.mirror);
	reload(FIRST, 0);
	assert_asked(0, 0, 0);
	reload(FIRST "stun=yes\n", -EEXIST);
	assert_asked(0, 0, 0);
	assert_true(fake.endpoint[0].emergency);
	/* unless the file says the same */
	reload(FIRST "emergency=yes\n", 0);
	assert_asked(0, 0, 0);
	cleanup();
}

static void test_gone(void **state)
{
	(void)state;
	begin("");
	memset(&fake.endpoint[0], 0, sizeof(fake.endpoint[0]));
	mirror_reload(&agent.mirror);
	reload(FIRST, 0);
	assert_asked(1, 0, 0);
	cleanup();
}

static void test_timers(void **state)
{
	(void)state;
	begin("[timers]\ntemporary_ms=1000\ngrace_ms=2000\n");
	reload(FIRST "[timers]\ntemporary_ms=1000\ngrace_ms=2000\n", 0);
	assert_asked(0, 0, 0);
	reload(FIRST "[timers]\ntemporary_ms=1000\ngrace_ms=3000\n", 0);
	assert_asked(0, 0, 1);
	assert_int_equal(fake.limits.has, 1u << GMGUARD_A_LIMITS_GRACE_MS);
	assert_int_equal(fake.limits.value[GMGUARD_A_LIMITS_GRACE_MS], 3000);
	/* what is not there any more stays as it is */
	reload(FIRST, 0);
	assert_asked(0, 0, 0);
	cleanup();
}

static void test_policy(void **state)
{
	(void)state;
	begin("");
	assert_forward(ask("register", NULL));
	reload(FIRST "[security]\nencryption=required\n"
	       "encryption_algorithms=des-ede3-cbc\n", 0);
	assert_asked(0, 0, 0);
	assert_reject(ask("register", NULL), 494, "");
	cleanup();
}

static void test_without_module(void **state)
{
	(void)state;
	begin("");
	fake_unload();
	assert_false(agent_probe(&agent));
	reload(FIRST SECOND, 0);
	assert_asked(0, 0, 0);
	fake.loaded = true;
	agent.tried.tv_sec = 0;
	assert_true(agent_check(&agent));
	assert_asked(2, 0, 0);
	cleanup();
}

static void test_listen(void **state)
{
	struct conf *a = load(FIRST), *b;

	(void)state;
	b = load(FIRST);
	assert_null(conf_diff_listen(a, b));
	b->unix_mode = 0600;
	assert_string_equal(conf_diff_listen(a, b), "unix_mode");
	strcpy(b->listen_unix, "/run/x");
	assert_string_equal(conf_diff_listen(a, b), "listen_unix");
	b->tcp_len = 0;
	assert_string_equal(conf_diff_listen(a, b), "listen_tcp");
	conf_free(a);
	conf_free(b);
}

int main(void)
{
	add_test("SIGHUP: a file without a difference changes nothing",
		 test_same);
	add_test("SIGHUP: an endpoint that differs is changed, its sets live on",
		 test_changed);
	add_test("SIGHUP: a new endpoint is made, one that is missing stays",
		 test_new);
	add_test("SIGHUP: what the kernel refuses stays, and is tried again",
		 test_refused);
	add_test("SIGHUP: what was changed by hand is left alone",
		 test_hands_off);
	add_test("SIGHUP: an endpoint that somebody deleted is made again",
		 test_gone);
	add_test("SIGHUP: only timers that differ are set", test_timers);
	add_test("SIGHUP: the security policy counts at once", test_policy);
	add_test("SIGHUP: without the module, it counts when that is back",
		 test_without_module);
	add_test("SIGHUP: what is listened on is told apart", test_listen);
	return run_methods("reload");
}
