/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Addresses and flows as plain structs, for kernel and user space alike.
 */
#ifndef _GMG_FLOW_H
#define _GMG_FLOW_H

#ifdef __KERNEL__
#include <linux/in.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <linux/types.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#endif

/**
 * struct gmg_addr - an IPv4 or IPv6 address
 * @w: network byte order; IPv4 in the first word, the others zero
 */
struct gmg_addr {
	__be32 w[4];
};

/**
 * struct gmg_flow - the two ends of a packet
 * @src: source address
 * @dst: destination address
 * @sport: source port, 0 if the protocol has none
 * @dport: destination port, 0 if the protocol has none
 * @family: AF_INET or AF_INET6
 * @proto: transport protocol (IANA number)
 */
struct gmg_flow {
	struct gmg_addr src;
	struct gmg_addr dst;
	__be16 sport;
	__be16 dport;
	__u8 family;
	__u8 proto;
};

static inline bool gmg_addr_equal(const struct gmg_addr *a,
				  const struct gmg_addr *b)
{
	return !((a->w[0] ^ b->w[0]) | (a->w[1] ^ b->w[1]) |
		 (a->w[2] ^ b->w[2]) | (a->w[3] ^ b->w[3]));
}

/* Whether two flows have the same ends; the protocol is not compared. */
static inline bool gmg_flow_equal(const struct gmg_flow *a,
				  const struct gmg_flow *b)
{
	return a->family == b->family &&
	       a->sport == b->sport && a->dport == b->dport &&
	       gmg_addr_equal(&a->src, &b->src) &&
	       gmg_addr_equal(&a->dst, &b->dst);
}

/* Whether a transport protocol keeps its ports where TCP and UDP do. */
static inline bool gmg_proto_has_ports(__u8 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		return true;
	default:
		return false;
	}
}

#endif /* _GMG_FLOW_H */
