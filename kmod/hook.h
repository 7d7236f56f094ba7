/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_HOOK_H
#define _GMG_HOOK_H

#include <linux/types.h>

struct gmg_flow;
struct gmg_net;
struct net;
struct nf_hook_state;
struct sk_buff;

u16 *gmg_hook_flags(struct sk_buff *skb, u8 family);
bool gmg_hook_is_transformed(struct sk_buff *skb, u8 family);
unsigned int gmg_hook_apply(struct gmg_net *gn, bool audit,
			    struct sk_buff *skb,
			    const struct nf_hook_state *state,
			    const struct gmg_flow *flow, u32 spi, int reason);
int gmg_hooks_register(struct net *net);
void gmg_hooks_unregister(struct net *net);

#endif /* _GMG_HOOK_H */
