/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host.h - what the host has on a guarded address: processes and interfaces.
 */
#ifndef GMG_HOST_H
#define GMG_HOST_H

#include <net/if.h>

#include "../kernel.h"

/**
 * struct host_listener - who receives what comes to a protected port
 * @endpoint_id: the endpoint of the port
 * @port: one of the ports
 * @pid: the oldest process that holds a socket of the endpoint
 * @name: its name
 * @age_ms: time since it was started
 */
struct host_listener {
	uint32_t endpoint_id;
	uint16_t port;
	int pid;
	char name[32];
	uint64_t age_ms;
};

/**
 * struct host_iface - an interface that has a guarded address
 * @name: its name
 * @ipv6: the address is an IPv6 one
 * @disable_xfrm: its sysctl; there is none for IPv6
 * @disable_policy: its sysctl
 */
struct host_iface {
	char name[IF_NAMESIZE];
	bool ipv6;
	bool disable_xfrm;
	bool disable_policy;
};

/** struct host - both of each endpoint, where they are found */
struct host {
	struct host_listener *listener;
	size_t n_listeners;
	struct host_iface *iface;
	size_t n_ifaces;
};

int host_look(const struct gmg_endpoint *endpoints, size_t n,
	      struct host *host);
void host_free(struct host *host);
int host_enable(const struct host_iface *iface, const char *knob);

#endif /* GMG_HOST_H */
