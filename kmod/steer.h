/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_STEER_H
#define _GMG_STEER_H

#include "payload.h"

struct gmg_endpoint;
struct gmg_net;
struct gmg_packet;
struct nf_hook_state;

int gmg_steer(struct gmg_net *gn, const struct gmg_endpoint *ep,
	      struct sk_buff *skb, const struct nf_hook_state *state,
	      struct gmg_packet *packet);

#endif /* _GMG_STEER_H */
