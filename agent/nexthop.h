/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nexthop.h - where a request to another network goes: hosts that take SIP
 * over TLS (RFC 3263), and never one in clear
 */
#ifndef GMG_NEXTHOP_H
#define GMG_NEXTHOP_H

#include "resolver.h"

struct agent;
struct lookup;
struct nexthop_entry;

/** Most domains that are remembered. */
#define NEXTHOP_CACHE	256

/**
 * struct nexthop - what is known of domains
 * @resolver: asks name servers; opened when it is needed
 * @first: domains that are being looked up
 * @n: how many of them
 * @cache: domains that were, each as long as its records count
 * @turn: which one makes room next
 */
struct nexthop {
	struct resolver resolver;
	struct lookup *first;
	unsigned int n;
	struct nexthop_entry *cache[NEXTHOP_CACHE];
	unsigned int turn;
};

void nexthop_forget(struct nexthop *hop);
void nexthop_clean(struct nexthop *hop);

#endif /* GMG_NEXTHOP_H */
