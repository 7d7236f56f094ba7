// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * http.c - see http.h
 *
 * No method that is given a key, or changes anything, can be called here.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/http.h>

#include "frame.h"
#include "http.h"
#include "secret.h"

/* Longest header section of a request in bytes. */
#define HEADERS_MAX	8192

/**
 * struct http - the service
 * @evhttp: its server
 * @rpc: its methods
 */
struct http {
	struct evhttp *evhttp;
	struct rpc rpc;
};

/**
 * struct exchange - a request whose answer may come later
 * @request: the request
 * @later: what it waits for, NULL: nothing
 */
struct exchange {
	struct evhttp_request *request;
	struct rpc_later *later;
};

static const struct rpc_method methods[] = {
	{ "privacy", method_privacy },
	{ "partner", method_partner },
	{ "nexthop", method_nexthop },
	{ NULL, NULL },
};

/* A page in a browser on this host cannot send this type unasked. */
static bool is_json(struct evhttp_request *request)
{
	const char *type = evhttp_find_header(
		evhttp_request_get_input_headers(request), "Content-Type");

	return type && !strncasecmp(type, "application/json", 16);
}

static void reply(struct evhttp_request *request, char *answer)
{
	struct evbuffer *out = evbuffer_new();

	if (!out) {
		evhttp_send_error(request, HTTP_INTERNAL, NULL);
		secret_free(answer);
		return;
	}
	if (answer)
		evbuffer_add_printf(out, "%s\n", answer);
	evhttp_add_header(evhttp_request_get_output_headers(request),
			  "Content-Type", "application/json");
	evhttp_send_reply(request, answer ? HTTP_OK : HTTP_NOCONTENT, NULL,
			  out);
	secret_free(answer);
	evbuffer_free(out);
}

/* The request goes with its connection. */
static void handle_close(struct evhttp_connection *conn, void *arg)
{
	struct exchange *exchange = arg;

	(void)conn;
	rpc_orphan(exchange->later);
	free(exchange);
}

static void begin_wait(void *arg, struct rpc_later *later)
{
	struct exchange *exchange = arg;

	exchange->later = later;
	evhttp_connection_set_closecb(
		evhttp_request_get_connection(exchange->request),
		handle_close, exchange);
}

static void end_wait(void *arg, struct rpc_later *later, char *answer)
{
	struct exchange *exchange = arg;

	(void)later;
	evhttp_connection_set_closecb(
		evhttp_request_get_connection(exchange->request), NULL, NULL);
	reply(exchange->request, answer);
	free(exchange);
}

static char *ask(struct http *http, struct exchange *exchange)
{
	const struct rpc_waiter waiter = { begin_wait, end_wait, exchange };
	struct evbuffer *in =
		evhttp_request_get_input_buffer(exchange->request);
	size_t len = evbuffer_get_length(in);
	char *answer;

	http->rpc.waiter = &waiter;
	answer = rpc_handle(&http->rpc, len ? (char *)evbuffer_pullup(in, -1) :
			    "", len);
	http->rpc.waiter = NULL;
	return answer;
}

static void handle_request(struct evhttp_request *request, void *arg)
{
	struct exchange *exchange;
	char *answer;

	if (!is_json(request)) {
		evhttp_send_error(request, 415, "application/json expected");
		return;
	}
	exchange = calloc(1, sizeof(*exchange));
	if (!exchange) {
		evhttp_send_error(request, HTTP_INTERNAL, NULL);
		return;
	}
	exchange->request = request;
	answer = ask(arg, exchange);
	/* end_wait() or handle_close() frees it */
	if (exchange->later)
		return;
	reply(request, answer);
	free(exchange);
}

static int bind_to(struct evhttp *evhttp, const struct sockaddr_storage *addr)
{
	const struct sockaddr_in6 *in6 = (const void *)addr;
	const struct sockaddr_in *in = (const void *)addr;
	bool v4 = addr->ss_family == AF_INET;
	char host[INET6_ADDRSTRLEN];
	int error;

	inet_ntop(addr->ss_family, v4 ? (const void *)&in->sin_addr :
		  (const void *)&in6->sin6_addr, host, sizeof(host));
	if (!evhttp_bind_socket(evhttp, host,
				ntohs(v4 ? in->sin_port : in6->sin6_port)))
		return 0;
	error = errno;
	log_err("cannot listen on listen_http: %s%s", strerror(error),
		error == EADDRINUSE ? " (does another gmguardd run?)" : "");
	return -error;
}

/**
 * http_open() - listen for HTTP
 * @agent: whom it leads to; its configuration has an address for it
 *
 * Return: the service, for http_close(); NULL after a message.
 */
struct http *http_open(struct agent *agent)
{
	struct http *http = calloc(1, sizeof(*http));

	if (!http)
		goto err;
	http->rpc.methods = methods;
	http->rpc.ctx = agent;
	http->evhttp = evhttp_new(agent->base);
	if (!http->evhttp)
		goto err;
	evhttp_set_allowed_methods(http->evhttp, EVHTTP_REQ_POST);
	evhttp_set_max_headers_size(http->evhttp, HEADERS_MAX);
	evhttp_set_max_body_size(http->evhttp, FRAME_MAX);
	evhttp_set_timeout(http->evhttp, agent->conf->request_timeout);
	evhttp_set_gencb(http->evhttp, handle_request, http);
	if (!bind_to(http->evhttp, &agent->conf->http))
		return http;
	http_close(http);
	return NULL;
err:
	log_err("out of memory");
	http_close(http);
	return NULL;
}

/**
 * http_close() - stop listening and end all connections
 * @http: the service, or NULL
 */
void http_close(struct http *http)
{
	if (!http)
		return;
	if (http->evhttp)
		evhttp_free(http->evhttp);
	free(http);
}
