/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dns.h - what name servers answer: where a domain takes SIP over TLS
 * (RFC 3263, RFC 2782)
 */
#ifndef GMG_DNS_H
#define GMG_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Most hosts of a domain that are looked at, and addresses of each. */
#define DNS_HOSTS_MAX	8
#define DNS_ADDRS_MAX	4
/** Longest name that may be asked for, with its NUL. */
#define DNS_NAME_MAX	256
/** Where SIP over TLS is when nothing says otherwise (RFC 3261 19.1.2). */
#define DNS_SIPS_PORT	5061
/** Longest time that an answer counts, in seconds. */
#define DNS_TTL_MAX	3600

/**
 * struct dns_host - a host that takes SIP over TLS
 * @name: its name
 * @port: the port
 * @priority: which one to try first, the smallest number
 * @weight: how often, among those of the same priority
 * @addr: its addresses as text
 * @n_addr: how many of them
 */
struct dns_host {
	char name[DNS_NAME_MAX];
	uint16_t port;
	uint16_t priority;
	uint16_t weight;
	char addr[DNS_ADDRS_MAX][46];
	unsigned int n_addr;
};

/**
 * struct dns_hosts - all of them
 * @host: the hosts
 * @n: how many of them
 */
struct dns_hosts {
	struct dns_host host[DNS_HOSTS_MAX];
	unsigned int n;
};

uint32_t dns_ttl(const unsigned char *answer, int len);
bool dns_read_naptr(const unsigned char *answer, int len,
		    char name[DNS_NAME_MAX]);
int dns_read_srv(const unsigned char *answer, int len,
		 struct dns_hosts *hosts);
void dns_order(struct dns_hosts *hosts, uint32_t (*below)(uint32_t bound));

#endif /* GMG_DNS_H */
