// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * scrape.c - see scrape.h
 *
 * libevent speaks HTTP. What it does not do is done here: to bound the number
 * of connections and the life of each one, however slowly somebody sends or
 * reads. For that, a second reference to the buffers of each connection is
 * kept, and looked at while there are any.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/listener.h>

#include "exposition.h"
#include "metrics.h"
#include "scrape.h"
#include "server.h"

/* Who may reach the directory of a UNIX socket may read metrics there. */
#define UNIX_MASK	0111

/**
 * struct visit - one connection
 * @bev: its buffers, NULL: none
 * @end: when it has to be over (CLOCK_MONOTONIC)
 */
struct visit {
	struct bufferevent *bev;
	time_t end;
};

/**
 * struct scrapes - the listening socket
 * @agent: whose metrics are read
 * @http: speaks HTTP
 * @listener: accepts connections; @http frees it
 * @visit: the connections
 * @open: how many of them
 * @look: looks at them
 * @path: of a UNIX socket, or ""
 */
struct scrapes {
	struct agent *agent;
	struct evhttp *http;
	struct evconnlistener *listener;
	struct visit visit[SCRAPE_MAX];
	unsigned int open;
	struct event *look;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

/* Until open connections are looked at again. */
static const struct timeval next_look = { .tv_usec = 100000 };

/* When a connection that began now has to be over. */
static time_t latest(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + SCRAPE_S;
}

/* evhttp takes its callbacks away when it gives a connection back. */
static bool is_over(struct bufferevent *bev)
{
	bufferevent_event_cb fn;

	bufferevent_getcb(bev, NULL, NULL, &fn, NULL);
	return !fn;
}

/* Forget the connections that are over; end those that took too long. */
static void sweep(struct scrapes *scrapes)
{
	time_t now = latest() - SCRAPE_S;

	for (int i = 0; i < SCRAPE_MAX; i++) {
		struct visit *visit = &scrapes->visit[i];

		if (visit->bev && is_over(visit->bev)) {
			bufferevent_decref(visit->bev);
			visit->bev = NULL;
			scrapes->open--;
		} else if (visit->bev && visit->end <= now) {
			/* as if the other side had gone */
			shutdown(bufferevent_getfd(visit->bev), SHUT_RDWR);
		}
	}
}

static void handle_look(evutil_socket_t fd, short what, void *arg)
{
	struct scrapes *scrapes = arg;

	(void)fd;
	(void)what;
	sweep(scrapes);
	if (scrapes->open)
		evtimer_add(scrapes->look, &next_look);
	scrapes_resume(scrapes);
}

/* A connection was accepted; NULL has evhttp make the buffers itself. */
static struct bufferevent *begin_visit(struct event_base *base, void *arg)
{
	struct bufferevent *bev = bufferevent_socket_new(base, -1, 0);
	struct scrapes *scrapes = arg;
	int i = 0;

	sweep(scrapes);
	while (i < SCRAPE_MAX - 1 && scrapes->visit[i].bev)
		i++;
	if (!bev || scrapes->visit[i].bev)
		return bev;
	bufferevent_incref(bev);
	scrapes->visit[i] = (struct visit){ .bev = bev, .end = latest() };
	if (++scrapes->open == SCRAPE_MAX)
		evconnlistener_disable(scrapes->listener);
	evtimer_add(scrapes->look, &next_look);
	return bev;
}

/* Each scrape is a connection of its own, so that none stays. */
static void begin_answer(struct evhttp_request *req, const char *type)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);

	evhttp_add_header(headers, "Content-Type", type);
	evhttp_add_header(headers, "Connection", "close");
}

static void send_metrics(struct evhttp_request *req, void *arg)
{
	struct scrapes *scrapes = arg;

	metrics_write(scrapes->agent, evhttp_request_get_output_buffer(req));
	begin_answer(req, EXPO_CONTENT_TYPE);
	evhttp_send_reply(req, HTTP_OK, "OK", NULL);
}

static void send_not_found(struct evhttp_request *req, void *arg)
{
	(void)arg;
	evbuffer_add_printf(evhttp_request_get_output_buffer(req),
			    "gmguardd: only GET /metrics\n");
	begin_answer(req, "text/plain");
	evhttp_send_reply(req, HTTP_NOTFOUND, "Not Found", NULL);
}

/* No file descriptors left, perhaps: scrapes_resume() tries again. */
static void handle_error(struct evconnlistener *listener, void *arg)
{
	(void)arg;
	log_err("cannot accept connections for metrics: %s", strerror(errno));
	evconnlistener_disable(listener);
}

static int listen_on(struct scrapes *scrapes, const struct sockaddr *addr,
		     socklen_t len)
{
	scrapes->listener =
		evconnlistener_new_bind(scrapes->agent->base, NULL, NULL,
					LEV_OPT_CLOSE_ON_FREE |
					LEV_OPT_CLOSE_ON_EXEC |
					LEV_OPT_REUSEABLE, SCRAPE_MAX, addr,
					len);
	if (!scrapes->listener)
		return -errno;
	evconnlistener_set_error_cb(scrapes->listener, handle_error);
	if (evhttp_bind_listener(scrapes->http, scrapes->listener))
		return 0;
	evconnlistener_free(scrapes->listener);
	scrapes->listener = NULL;
	return -ENOMEM;
}

static int listen_unix(struct scrapes *scrapes)
{
	const struct sockaddr_un *addr =
		(const void *)&scrapes->agent->conf->metrics;
	int ret = server_make_room(addr);
	mode_t mask;

	if (ret)
		return ret;
	mask = umask(UNIX_MASK);
	ret = listen_on(scrapes, (const void *)addr, sizeof(*addr));
	umask(mask);
	if (!ret)
		strcpy(scrapes->path, addr->sun_path);
	return ret;
}

static int set_up(struct scrapes *scrapes)
{
	struct evhttp *http = evhttp_new(scrapes->agent->base);

	scrapes->http = http;
	scrapes->look = evtimer_new(scrapes->agent->base, handle_look, scrapes);
	if (!scrapes->look || !http || evhttp_set_cb(http, "/metrics", send_metrics, scrapes))
		return -ENOMEM;
	evhttp_set_gencb(http, send_not_found, NULL);
	evhttp_set_bevcb(http, begin_visit, scrapes);
	evhttp_set_allowed_methods(http, EVHTTP_REQ_GET);
	evhttp_set_max_headers_size(http, SCRAPE_HEAD_MAX);
	evhttp_set_max_body_size(http, 0);
	evhttp_set_timeout(http, SCRAPE_S);
	return 0;
}

/**
 * scrapes_open() - listen for who wants to read metrics
 * @agent: whose
 * @scrapes: the listening socket, for scrapes_close(); NULL: the configuration
 *	wants none
 *
 * Return: 0, or a negative errno after a message.
 */
int scrapes_open(struct agent *agent, struct scrapes **scrapes)
{
	const struct conf *conf = agent->conf;
	int ret;

	*scrapes = NULL;
	if (!conf->metrics_len)
		return 0;
	*scrapes = calloc(1, sizeof(**scrapes));
	if (!*scrapes)
		return -ENOMEM;
	(*scrapes)->agent = agent;
	ret = set_up(*scrapes);
	if (!ret && conf->metrics.ss_family == AF_UNIX)
		ret = listen_unix(*scrapes);
	else if (!ret)
		ret = listen_on(*scrapes, (const void *)&conf->metrics,
				conf->metrics_len);
	if (ret)
		log_err("cannot listen on listen_metrics: %s",
			strerror(-ret));
	return ret;
}

/**
 * scrapes_resume() - accept connections again, from time to time
 * @scrapes: the listening socket, or NULL
 */
void scrapes_resume(struct scrapes *scrapes)
{
	if (scrapes && scrapes->open < SCRAPE_MAX)
		evconnlistener_enable(scrapes->listener);
}

/**
 * scrapes_close() - stop listening and end all connections
 * @scrapes: the listening socket, or NULL
 */
void scrapes_close(struct scrapes *scrapes)
{
	if (!scrapes)
		return;
	if (scrapes->http)
		evhttp_free(scrapes->http);
	sweep(scrapes);
	if (scrapes->look)
		event_free(scrapes->look);
	if (scrapes->path[0])
		unlink(scrapes->path);
	free(scrapes);
}
