// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conn.c - see conn.h
 *
 * Bounded in every direction: a request has a longest length and a time by
 * which all of it must have come; while answers wait to be taken nothing more
 * is read; and answers that are not taken in time end the connection.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#include <linux/sockios.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>

#include "conn.h"
#include "delivery.h"
#include "frame.h"
#include "secret.h"

/* Bytes of answers that may wait until nothing more is read. */
#define OUTPUT_MAX	(64 * 1024)
/* Requests that one connection gets answered before others have a turn. */
#define TURN_MAX	32
/* Answers that come later and that one connection may wait for. */
#define LATER_MAX	32
/* Seconds that the other side has to read a last error. */
#define LINGER_S	2

/** enum conn_state - what a connection is doing */
enum conn_state {
	CONN_OPEN,
	CONN_EOF,	/* the other side sends no more */
	CONN_BROKEN,	/* we read no more, but a last error may wait */
};

/**
 * struct conn - one connection
 * @list: all connections
 * @next: next one of them
 * @prev: what points to this one
 * @bev: buffers
 * @framer: what is known of the stream
 * @delivery: answers that were not taken yet
 * @later: answers that will come
 * @n_later: how many of them
 * @state: what it is doing
 * @reset: the other side closed it without having read everything
 * @since: when the first byte of an unfinished request came, 0: none did;
 *	when broken, since when
 */
struct conn {
	struct conn_list *list;
	struct conn *next;
	struct conn **prev;
	struct bufferevent *bev;
	struct framer framer;
	struct delivery delivery;
	struct rpc_later *later[LATER_MAX];
	unsigned int n_later;
	enum conn_state state;
	bool reset;
	time_t since;
};

static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + 1;
}

static size_t waiting(const struct conn *conn)
{
	return evbuffer_get_length(bufferevent_get_output(conn->bev));
}

/* Bytes of answers that left our buffer, but were not taken yet. */
static size_t on_the_way(const struct conn *conn)
{
	int bytes;

	if (ioctl(bufferevent_getfd(conn->bev), SIOCOUTQ, &bytes) || bytes < 0)
		return 0;
	return bytes;
}

/* Has the other side gone for good, and not just ended its requests? */
static bool is_gone(const struct conn *conn)
{
	struct pollfd pfd = { .fd = bufferevent_getfd(conn->bev) };

	return poll(&pfd, 1, 0) > 0 && (pfd.revents & (POLLERR | POLLHUP));
}

/* Bytes of answers that nobody will read. */
static uint64_t lost(const struct conn *conn)
{
	if (conn->reset)
		return conn->delivery.queued;
	return waiting(conn) + (is_gone(conn) ? on_the_way(conn) : 0);
}

static void conn_close(struct conn *conn)
{
	while (conn->n_later)
		rpc_orphan(conn->later[--conn->n_later]);
	delivery_end(&conn->delivery, lost(conn));
	*conn->prev = conn->next;
	if (conn->next)
		conn->next->prev = conn->prev;
	conn->list->agent->connections--;
	bufferevent_free(conn->bev);
	free(conn);
}

/* Wipe what was read, then give it back. */
static void consume(struct evbuffer *in, char *data, size_t len)
{
	secret_wipe(data, len);
	evbuffer_drain(in, len);
}

static void set_timeouts(struct conn *conn)
{
	const struct conf *conf = conn->list->agent->conf;
	struct timeval request = { .tv_sec = conf->request_timeout };
	struct timeval idle = { .tv_sec = conf->idle_timeout };
	struct timeval linger = { .tv_sec = LINGER_S };
	struct timeval *wait = NULL;

	if (conn->state == CONN_BROKEN)
		wait = &linger;
	else if (conn->since)
		wait = &request;
	else if (conf->idle_timeout)
		wait = &idle;
	bufferevent_set_timeouts(conn->bev, wait, &request);
}

static void send_answer(struct conn *conn, char *answer)
{
	struct evbuffer *out = bufferevent_get_output(conn->bev);
	bool netstring = conn->framer.kind == FRAME_NETSTRING;
	size_t before = waiting(conn);

	/* libevent's clock stood while the method ran, perhaps long */
	event_base_update_cache_time(conn->list->agent->base);
	if (!answer) {
		delivery_queued(&conn->delivery, 0);
		return;
	}
	if (netstring)
		evbuffer_add_printf(out, "%zu:", strlen(answer));
	evbuffer_add(out, answer, strlen(answer));
	evbuffer_add(out, netstring ? "," : "\n", 1);
	delivery_queued(&conn->delivery, waiting(conn) - before);
	secret_free(answer);
}

/* Say why, then read no more; what still comes is wiped and forgotten. */
static void give_up(struct conn *conn, int error)
{
	struct rpc *rpc = &conn->list->agent->rpc;

	log_notice("connection closed: %s", frame_problem(error));
	send_answer(conn, rpc_refuse(rpc, error == -EMSGSIZE ?
				     RPC_INVALID_REQUEST : RPC_PARSE_ERROR,
				     frame_problem(error)));
	conn->state = CONN_BROKEN;
	conn->since = now_s();
}

static void begin_wait(void *arg, struct rpc_later *later)
{
	struct conn *conn = arg;

	conn->later[conn->n_later++] = later;
}

static void serve(struct conn *conn);

/* Other answers may have overtaken it: their ids tell them apart. */
static void end_wait(void *arg, struct rpc_later *later, char *answer)
{
	struct conn *conn = arg;
	unsigned int i = 0;

	while (conn->later[i] != later)
		i++;
	conn->later[i] = conn->later[--conn->n_later];
	if (conn->state == CONN_BROKEN)
		secret_free(answer);
	else if (answer)
		send_answer(conn, answer);
	serve(conn);
}

static char *handle(struct conn *conn, const struct frame *frame)
{
	const struct rpc_waiter waiter = { begin_wait, end_wait, conn };
	struct agent *agent = conn->list->agent;
	char *answer;

	agent->delivery = &conn->delivery;
	if (conn->n_later < LATER_MAX)
		agent->rpc.waiter = &waiter;
	answer = rpc_handle(&agent->rpc, frame->text, frame->len);
	agent->rpc.waiter = NULL;
	agent->delivery = NULL;
	return answer;
}

/*
 * Answer the requests that are complete.
 *
 * Return: whether there may be more of them.
 */
static bool answer_some(struct conn *conn)
{
	struct evbuffer *in = bufferevent_get_input(conn->bev);
	struct frame frame;

	for (int i = 0; i < TURN_MAX; i++) {
		size_t len = evbuffer_get_length(in);
		char *data = (char *)evbuffer_pullup(in, -1);
		int ret;

		if (!len || !data)
			return false;
		ret = frame_next(&conn->framer, data, len, &frame);
		if (ret < 0)
			give_up(conn, ret);
		if (ret > 0)
			send_answer(conn, handle(conn, &frame));
		consume(in, data, frame.used);
		if (ret <= 0)
			return false;
		conn->since = 0;
		if (waiting(conn) > OUTPUT_MAX)
			return false;
	}
	return true;
}

static void note_unfinished(struct conn *conn)
{
	if (!evbuffer_get_length(bufferevent_get_input(conn->bev)))
		conn->since = 0;
	else if (!conn->since)
		conn->since = now_s();
}

static bool is_late(const struct conn *conn, uint32_t seconds)
{
	return conn->since && now_s() - conn->since > (time_t)seconds;
}

/* Throw away what a broken stream still brings. */
static void discard(struct conn *conn)
{
	struct evbuffer *in = bufferevent_get_input(conn->bev);
	size_t len = evbuffer_get_length(in);
	char *data = (char *)evbuffer_pullup(in, -1);

	if (len && data)
		consume(in, data, len);
	if (!waiting(conn))
		shutdown(bufferevent_getfd(conn->bev), SHUT_WR);
	if (is_late(conn, LINGER_S))
		conn_close(conn);
	else
		set_timeouts(conn);
}

/* Do whatever there is to do; the connection may be gone afterwards. */
static void serve(struct conn *conn)
{
	bool more = false;

	if (conn->state != CONN_BROKEN && waiting(conn) <= OUTPUT_MAX)
		more = answer_some(conn);
	if (conn->state == CONN_BROKEN) {
		discard(conn);
		return;
	}
	note_unfinished(conn);
	if (is_late(conn, conn->list->agent->conf->request_timeout)) {
		log_notice("connection closed: a request took too long");
		conn_close(conn);
		return;
	}
	if (conn->state == CONN_EOF && !more && !waiting(conn) &&
	    !conn->n_later) {
		conn_close(conn);
		return;
	}
	if (waiting(conn) > OUTPUT_MAX || conn->state == CONN_EOF)
		bufferevent_disable(conn->bev, EV_READ);
	else
		bufferevent_enable(conn->bev, EV_READ);
	set_timeouts(conn);
	if (more)
		bufferevent_trigger(conn->bev, EV_READ,
				    BEV_TRIG_DEFER_CALLBACKS);
}

/* Who asks once more has read what he was told before, as far as it came. */
static void handle_read(struct bufferevent *bev, void *arg)
{
	struct conn *conn = arg;

	(void)bev;
	if (conn->delivery.first)
		delivery_taken(&conn->delivery,
			       waiting(conn) + on_the_way(conn));
	serve(conn);
}

/* All answers were taken: there may be requests that waited for that. */
static void handle_write(struct bufferevent *bev, void *arg)
{
	(void)bev;
	serve(arg);
}

static void handle_event(struct bufferevent *bev, short what, void *arg)
{
	struct conn *conn = arg;

	(void)bev;
	if ((what & BEV_EVENT_EOF) && conn->state == CONN_OPEN) {
		conn->state = CONN_EOF;
		serve(conn);
		return;
	}
	conn->reset = (what & BEV_EVENT_ERROR) &&
		      EVUTIL_SOCKET_ERROR() == ECONNRESET;
	if ((what & BEV_EVENT_TIMEOUT) && conn->state == CONN_OPEN)
		log_notice("connection closed: timeout while %s",
			   what & BEV_EVENT_WRITING ?
			   "answers were not read" :
			   conn->since ? "a request was unfinished" : "idle");
	conn_close(conn);
}

/**
 * conn_open() - serve a connection
 * @list: all connections
 * @fd: its socket, ours from now on whatever is returned
 *
 * Return: 0 or -ENOMEM.
 */
int conn_open(struct conn_list *list, evutil_socket_t fd)
{
	struct conn *conn = calloc(1, sizeof(*conn));

	if (!conn)
		goto err_close;
	conn->bev = bufferevent_socket_new(list->agent->base, fd,
					   BEV_OPT_CLOSE_ON_FREE);
	if (!conn->bev)
		goto err_free;
	conn->list = list;
	delivery_setup(&conn->delivery, list->agent);
	conn->next = list->first;
	conn->prev = &list->first;
	if (list->first)
		list->first->prev = &conn->next;
	list->first = conn;
	list->agent->connections++;
	bufferevent_setcb(conn->bev, handle_read, handle_write, handle_event,
			  conn);
	bufferevent_setwatermark(conn->bev, EV_READ, 0,
				 FRAME_MAX + FRAME_EXTRA + 1);
	set_timeouts(conn);
	bufferevent_enable(conn->bev, EV_READ | EV_WRITE);
	return 0;

err_free:
	free(conn);
err_close:
	evutil_closesocket(fd);
	return -ENOMEM;
}

/**
 * conn_close_all() - end all connections
 * @list: all connections
 */
void conn_close_all(struct conn_list *list)
{
	while (list->first)
		conn_close(list->first);
}
