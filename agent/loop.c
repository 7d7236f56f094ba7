// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * loop.c - see loop.h
 */
#include <errno.h>
#include <signal.h>

#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#else
#define sd_notify(unset, state) ((void)(unset), (void)(state))
#define sd_watchdog_enabled(unset, usec) ((void)(unset), (void)(usec), 0)
#endif

#include "charon.h"
#include "http.h"
#include "loop.h"
#include "scrape.h"
#include "server.h"

/* Seconds between two looks at the kernel, without a watchdog. */
#define TICK_S	5

/**
 * struct loop - what the loop watches beside connections
 * @agent: the agent
 * @conf_path: its configuration file
 * @debug: log everything, whatever the file says
 * @end: SIGTERM and SIGINT
 * @reload: SIGHUP
 * @tick: regular work
 * @scrapes: metrics, or NULL
 * @http: JSON-RPC over HTTP, or NULL
 */
struct loop {
	struct agent *agent;
	const char *conf_path;
	bool debug;
	struct event *end[2];
	struct event *reload;
	struct event *tick;
	struct scrapes *scrapes;
	struct http *http;
};

static void handle_end(evutil_socket_t sig, short what, void *arg)
{
	struct loop *loop = arg;

	(void)what;
	log_notice("ending (signal %d), established sets stay in the kernel",
		   (int)sig);
	event_base_loopbreak(loop->agent->base);
}

static void report(const char *text, void *arg)
{
	(void)arg;
	log_err("%s", text);
}

/* Of a file that is not valid nothing counts, of another one what differs. */
static void handle_reload(evutil_socket_t sig, short what, void *arg)
{
	struct loop *loop = arg;
	struct conf *new;
	int ret;

	(void)sig;
	(void)what;
	sd_notify(0, "RELOADING=1");
	new = conf_load(loop->conf_path, report, NULL);
	if (!new) {
		tally_reload(&loop->agent->tally, false);
		log_err("the old configuration stays");
		sd_notify(0, "READY=1\nSTATUS=The file is not valid, the old configuration stays: see the log");
		return;
	}
	log_set_level(loop->debug ? LOG_DEBUG : new->log_level);
	ret = agent_reload(loop->agent, new);
	if (charon_follow(loop->agent))
		ret = agent_no_memory(loop->agent);
	tally_reload(&loop->agent->tally, !ret);
	if (ret) {
		log_err("configuration read again, but not all of it counts: see above");
		sd_notify(0, "READY=1\nSTATUS=Not all of the configuration counts: see the log");
		return;
	}
	log_notice("configuration read again");
	sd_notify(0, "READY=1\nSTATUS=Configuration read again");
}

static void handle_tick(evutil_socket_t fd, short what, void *arg)
{
	struct loop *loop = arg;

	(void)fd;
	(void)what;
	agent_probe(loop->agent);
	scrapes_resume(loop->scrapes);
	sd_notify(0, "WATCHDOG=1");
}

static struct timeval tick_time(void)
{
	struct timeval tv = { .tv_sec = TICK_S };
	uint64_t usec;

	if (sd_watchdog_enabled(0, &usec) > 0 && usec / 2 < TICK_S * 1000000) {
		tv.tv_sec = usec / 2 / 1000000;
		tv.tv_usec = usec / 2 % 1000000;
	}
	return tv;
}

static int watch(struct loop *loop)
{
	struct event_base *base = loop->agent->base;
	struct timeval tick = tick_time();

	loop->end[0] = evsignal_new(base, SIGTERM, handle_end, loop);
	loop->end[1] = evsignal_new(base, SIGINT, handle_end, loop);
	loop->reload = evsignal_new(base, SIGHUP, handle_reload, loop);
	loop->tick = event_new(base, -1, EV_PERSIST, handle_tick, loop);
	if (!loop->end[0] || !loop->end[1] || !loop->reload || !loop->tick)
		return -ENOMEM;
	if (event_add(loop->end[0], NULL) || event_add(loop->end[1], NULL) ||
	    event_add(loop->reload, NULL) || event_add(loop->tick, &tick))
		return -ENOMEM;
	return 0;
}

/* What comes now must not cut the end short: it does not take long. */
static void unwatch(struct loop *loop)
{
	struct event *all[] = {
		loop->end[0], loop->end[1], loop->reload, loop->tick,
	};

	sigset_t ends;

	/* an event that goes leaves the default behind: to be killed */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (all[i])
			event_free(all[i]);
	}
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	sigprocmask(SIG_UNBLOCK, &ends, NULL);
}

static int listen_http(struct loop *loop)
{
	if (!loop->agent->conf->http_len)
		return 0;
	loop->http = http_open(loop->agent);
	return loop->http ? 0 : -EADDRNOTAVAIL;
}

static int serve(struct loop *loop, struct server *server)
{
	int ret;

	ret = server_listen_tcp(server);
	if (!ret)
		ret = server_listen_unix(server);
	if (!ret)
		ret = scrapes_open(loop->agent, &loop->scrapes);
	if (!ret)
		ret = listen_http(loop);
	if (!ret)
		ret = charon_follow(loop->agent);
	if (!ret)
		ret = watch(loop);
	if (ret)
		return ret;
	log_notice("gmguardd " GMGUARD_VERSION " is ready");
	sd_notify(0, "READY=1");
	event_base_dispatch(loop->agent->base);
	sd_notify(0, "STOPPING=1");
	return 0;
}

/**
 * loop_run() - serve proxies until a signal comes
 * @agent: the agent, connected to the kernel
 * @conf_path: its configuration file, read again on SIGHUP
 * @debug: log everything, whatever the file says
 *
 * Return: 0, or a negative errno after a message.
 */
int loop_run(struct agent *agent, const char *conf_path, bool debug)
{
	struct loop loop = {
		.agent = agent, .conf_path = conf_path, .debug = debug,
	};
	struct server *server = server_new(agent);
	int ret = server ? serve(&loop, server) : -ENOMEM;

	if (ret == -ENOMEM)
		log_err("out of memory");
	unwatch(&loop);
	scrapes_close(loop.scrapes);
	http_close(loop.http);
	charon_leave(agent);
	server_free(server);
	return ret;
}
