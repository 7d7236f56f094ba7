// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * resolver.c - see resolver.h
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "resolver.h"

/* Milliseconds that a name server has, and how often it is asked. */
#define TIMEOUT_MS	1500
#define TRIES		2

/**
 * struct resolver_socket - a socket of c-ares
 * @next: the next one
 * @resolver: whose it is
 * @fd: the socket
 * @event: something can be done
 */
struct resolver_socket {
	struct resolver_socket *next;
	struct resolver *resolver;
	ares_socket_t fd;
	struct event *event;
};

static void handle_socket(evutil_socket_t fd, short what, void *arg)
{
	struct resolver *resolver = arg;

	ares_process_fd(resolver->channel,
			what & EV_READ ? fd : ARES_SOCKET_BAD,
			what & EV_WRITE ? fd : ARES_SOCKET_BAD);
	resolver_wait(resolver);
}

static void handle_timer(evutil_socket_t fd, short what, void *arg)
{
	struct resolver *resolver = arg;

	(void)fd;
	(void)what;
	ares_process_fd(resolver->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	resolver_wait(resolver);
}

static void forget(struct resolver *resolver, ares_socket_t fd)
{
	struct resolver_socket **at = &resolver->first, *one;

	while (*at && (*at)->fd != fd)
		at = &(*at)->next;
	one = *at;
	if (!one)
		return;
	*at = one->next;
	if (one->event)
		event_free(one->event);
	free(one);
}

/* c-ares opens and closes its sockets itself, and says so here. */
static void handle_state(void *arg, ares_socket_t fd, int readable,
			 int writable)
{
	struct resolver *resolver = arg;
	struct resolver_socket *one;

	forget(resolver, fd);
	if (!readable && !writable)
		return;
	one = calloc(1, sizeof(*one));
	if (!one)
		return;
	one->fd = fd;
	one->event = event_new(resolver->base, fd, EV_PERSIST |
			       (readable ? EV_READ : 0) |
			       (writable ? EV_WRITE : 0), handle_socket,
			       resolver);
	one->next = resolver->first;
	resolver->first = one;
	if (one->event)
		event_add(one->event, NULL);
}

/**
 * resolver_wait() - go on when c-ares has to
 * @resolver: the resolver, after something was asked
 */
void resolver_wait(struct resolver *resolver)
{
	struct timeval tv;

	if (ares_timeout(resolver->channel, NULL, &tv))
		event_add(resolver->timer, &tv);
	else
		event_del(resolver->timer);
}

/**
 * resolver_open() - be ready to ask name servers
 * @resolver: filled in; resolver_close() is right whatever is returned
 * @base: event loop
 * @servers: whom to ask, "": whom the host asks
 *
 * Return: 0, or a negative errno after a message.
 */
int resolver_open(struct resolver *resolver, struct event_base *base,
		  const char *servers)
{
	struct ares_options options = {
		.timeout = TIMEOUT_MS,
		.tries = TRIES,
		.sock_state_cb = handle_state,
		.sock_state_cb_data = resolver,
		.lookups = (char *)"b",
	};
	int ret;

	memset(resolver, 0, sizeof(*resolver));
	resolver->base = base;
	resolver->timer = evtimer_new(base, handle_timer, resolver);
	if (!resolver->timer)
		return -ENOMEM;
	/* no search list: a name is meant as it stands */
	ret = ares_init_options(&resolver->channel, &options,
				ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
				ARES_OPT_SOCK_STATE_CB | ARES_OPT_LOOKUPS |
				ARES_OPT_DOMAINS);
	if (!ret && *servers)
		ret = ares_set_servers_ports_csv(resolver->channel, servers);
	if (!ret)
		return 0;
	log_err("cannot ask name servers: %s", ares_strerror(ret));
	return -EINVAL;
}

/**
 * resolver_close() - ask no more; what was asked is answered with an error
 * @resolver: the resolver
 */
void resolver_close(struct resolver *resolver)
{
	if (resolver->channel)
		ares_destroy(resolver->channel);
	while (resolver->first)
		forget(resolver, resolver->first->fd);
	if (resolver->timer)
		event_free(resolver->timer);
	memset(resolver, 0, sizeof(*resolver));
}
