/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_ICMP_H
#define _GMG_ICMP_H

#include "packet.h"

struct gmg_net;

bool gmg_icmp_deceives(struct gmg_net *gn, const struct sk_buff *skb,
		       const struct gmg_packet *packet);
bool gmg_icmp_tells(struct gmg_net *gn, const struct sk_buff *skb,
		    const struct gmg_packet *packet);

#endif /* _GMG_ICMP_H */
