/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_NFLOG_H
#define _GMG_NFLOG_H

#include <linux/spinlock.h>

#include "second.h"

struct gmg_net;
struct nf_hook_state;
struct sk_buff;

/**
 * struct gmg_nflog - copies of a namespace's dropped packets
 * @lock: protects @second
 * @second: copies made in this second
 * @on: there is a reference to the kernel's logger, lock: gmg_net.lock
 */
struct gmg_nflog {
	spinlock_t lock; /* protects @second */
	struct gmg_second second;
	bool on;
};

void gmg_nflog_init(struct gmg_nflog *nflog);
void gmg_nflog_clean(struct gmg_nflog *nflog);
int gmg_nflog_get(void);
void gmg_nflog_turn(struct gmg_nflog *nflog, bool on);
void gmg_nflog_copy(struct gmg_net *gn, const struct sk_buff *skb,
		    const struct nf_hook_state *state, int reason,
		    bool audited);

#endif /* _GMG_NFLOG_H */
