/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_ICMP_H
#define _GMG_ICMP_H

#include "packet.h"

struct gmg_net;

/**
 * enum gmg_icmp_kind - what an ICMP message does to who believes it
 * @GMG_ICMP_OTHER: nothing to a flow, or it is no ICMP message
 * @GMG_ICMP_ERROR: reports that a packet was not delivered
 * @GMG_ICMP_TOO_BIG: likewise, and shrinks the path MTU
 * @GMG_ICMP_REDIRECT: moves a route
 */
enum gmg_icmp_kind {
	GMG_ICMP_OTHER,
	GMG_ICMP_ERROR,
	GMG_ICMP_TOO_BIG,
	GMG_ICMP_REDIRECT,
};

enum gmg_icmp_kind gmg_icmp_quoted(const struct sk_buff *skb,
				   const struct gmg_packet *packet,
				   struct gmg_packet *quoted);
bool gmg_icmp_deceives(struct gmg_net *gn, const struct sk_buff *skb,
		       const struct gmg_packet *packet);
bool gmg_icmp_tells(struct gmg_net *gn, const struct sk_buff *skb,
		    const struct gmg_packet *packet);

#endif /* _GMG_ICMP_H */
