/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_PACKET_H
#define _GMG_PACKET_H

#include <linux/skbuff.h>

#include "verdict.h"

/**
 * struct gmg_packet - what the hooks read from the headers of a packet
 * @flow: its ends
 * @thoff: offset of the transport header from the start of data
 * @fragment: it is a fragment, or has a Fragment header
 * @malformed: headers could not be read as far as the ports
 * @routed: an IPv6 routing header names a further destination
 */
struct gmg_packet {
	struct gmg_flow flow;
	int thoff;
	bool fragment;
	bool malformed;
	bool routed;
};

void gmg_packet_parse(const struct sk_buff *skb, u8 family, int offset,
		      struct gmg_packet *packet);
void gmg_packet_parse_quoted(const struct sk_buff *skb, u8 family, int offset,
			     struct gmg_packet *packet);
void gmg_transform_in(const struct sk_buff *skb, struct gmg_transform *tf);
void gmg_transform_out(const struct sk_buff *skb, struct gmg_transform *tf);
struct xfrm_state *gmg_packet_state(const struct sk_buff *skb);

#endif /* _GMG_PACKET_H */
