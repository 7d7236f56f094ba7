/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resolver.h - c-ares in the agent's event loop: nothing waits
 */
#ifndef GMG_RESOLVER_H
#define GMG_RESOLVER_H

#include <ares.h>

#include <event2/event.h>

struct resolver_socket;

/**
 * struct resolver - asks name servers
 * @base: event loop
 * @channel: c-ares, NULL: there is none
 * @timer: when c-ares has to do something
 * @first: its sockets
 */
struct resolver {
	struct event_base *base;
	ares_channel channel;
	struct event *timer;
	struct resolver_socket *first;
};

int resolver_open(struct resolver *resolver, struct event_base *base,
		  const char *servers);
void resolver_close(struct resolver *resolver);
void resolver_wait(struct resolver *resolver);

#endif /* GMG_RESOLVER_H */
