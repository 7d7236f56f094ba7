// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The connection to charon: whatever sits at the other end, the agent goes on.
 * tests/vm/nds has the real one.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "charon.h"
#include "proxy.h"

#define CONFIRM	"\0\0\0\1\5"
#define CONFIRM4	CONFIRM CONFIRM CONFIRM CONFIRM
#define RESPONSE	"\0\0\0\1\1"
/* zb { child-sas { a { state = INSTALLED, protocol = ESP } } } */
#define LIST	"\0\0\0\x3f\7\7list-sa\1\2zb\1\x9" "child-sas\1\1a" \
		"\3\5state\0\x9INSTALLED\3\x8protocol\0\3ESP\2\2\2"
#define CHANGED	"\0\0\0\x0e\7\x0c" "child-updown"

static char path[64];
static int listener = -1, end = -1;

/* Somebody listens where charon would, and the agent has connected. */
static void begin(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char more[128];

	snprintf(path, sizeof(path), "/tmp/gmguard-charon-%d", getpid());
	unlink(path);
	strcpy(addr.sun_path, path);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&addr,
			      sizeof(addr)), 0);
	assert_int_equal(listen(listener, 1), 0);
	snprintf(more, sizeof(more), "[agent]\nvici = %s\n", path);
	setup(more);
	assert_int_equal(charon_follow(&agent), 0);
	while (!agent.charon->bev)
		event_base_loop(base, EVLOOP_ONCE);
	end = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	assert_true(end >= 0);
}

static void finish(void)
{
	charon_leave(&agent);
	assert_null(agent.charon);
	cleanup();
	close(end);
	close(listener);
	unlink(path);
}

/* Until the agent has sent this packet, and nothing more. */
static void expect(enum vici_kind kind, const char *name)
{
	uint8_t want[VICI_WRITE_MAX], got[VICI_WRITE_MAX];
	size_t len = vici_write(want, kind, name);
	ssize_t n;

	while ((n = recv(end, got, sizeof(got), 0)) < 0)
		event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(n, len);
	assert_memory_equal(got, want, len);
}

static void say(const char *bytes, size_t len)
{
	assert_int_equal(send(end, bytes, len, MSG_NOSIGNAL), len);
}

#define SAY(text)	say(text, sizeof(text) - 1)

static void test_follow(void **state)
{
	static const char *const names[] = {
		"list-sa", "child-updown", "child-rekey", "ike-updown",
	};

	(void)state;
	begin();
	for (size_t i = 0; i < COUNT(names); i++) {
		expect(VICI_REGISTER, names[i]);
		SAY(CONFIRM);
	}
	expect(VICI_REQUEST, "list-sas");
	SAY(LIST);
	/* what changes while it tells is asked for when it has told all */
	SAY(CHANGED);
	SAY(CHANGED);
	assert_false(agent.charon->known);
	SAY(RESPONSE);
	expect(VICI_REQUEST, "list-sas");
	assert_true(agent.charon->known);
	assert_int_equal(agent.charon->list.n, 1);
	assert_true(child_is_up(agent.charon->list.v));
	SAY(RESPONSE);
	while (agent.charon->busy)
		event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(agent.charon->list.n, 0);
	SAY(CHANGED);
	expect(VICI_REQUEST, "list-sas");
	finish();
}

static const struct bad_case {
	const char *name;
	const char *bytes;
	size_t len;
} bads[] = {
#define BAD(name, bytes) { name, bytes, sizeof(bytes) - 1 }
	BAD("AT-40 vici: a packet of no length", "\0\0\0\0"),
	BAD("AT-40 vici: a packet longer than any", "\0\x8\0\1"),
	BAD("AT-40 vici: no packet of vici", "\0\0\0\1\x9"),
	BAD("AT-40 vici: a web server", "HTTP/1.1 400 Bad Request\r\n\r\n"),
	BAD("AT-40 vici: it does not know list-sa", "\0\0\0\1\6"),
	BAD("AT-40 vici: an answer to no question", RESPONSE),
	BAD("AT-40 vici: a confirmation of nothing", CONFIRM4 CONFIRM),
	BAD("AT-40 vici: it does not know list-sas", CONFIRM4 "\0\0\0\1\2"),
	BAD("AT-40 vici: child SAs that are no message",
	    CONFIRM4 "\0\0\0\xa\7\7list-sa\1"),
	BAD("AT-40 vici: it ends in a packet", CONFIRM "\0\0\0\x20\7"),
};

/* The connection ends, the agent does not, and tries again. */
static void test_bad(void **state)
{
	const struct bad_case *c = *state;

	begin();
	say(c->bytes, c->len);
	shutdown(end, SHUT_WR);
	while (agent.charon->bev)
		event_base_loop(base, EVLOOP_ONCE);
	assert_false(agent.charon->known);
	assert_true(evtimer_pending(agent.charon->timer, NULL));
	finish();
}

static void test_absent(void **state)
{
	(void)state;
	setup("[agent]\nvici = /tmp/gmguard-no-charon\n");
	assert_int_equal(charon_follow(&agent), 0);
	while (!agent.charon->told)
		event_base_loop(base, EVLOOP_ONCE);
	assert_null(agent.charon->bev);
	assert_true(evtimer_pending(agent.charon->timer, NULL));
	charon_leave(&agent);
	cleanup();
}

int main(void)
{
	add_test("charon: its child SAs are followed", test_follow);
	add_test("charon: it need not be there", test_absent);
	add_rows(bads, test_bad);
	return run_methods("charon");
}
