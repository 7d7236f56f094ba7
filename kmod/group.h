/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_GROUP_H
#define _GMG_GROUP_H

#include "saset.h"

/**
 * struct gmg_group_key - what names a registration group
 * @ue: UE address
 * @local: P-CSCF address
 * @port_us: the UE's protected server port
 * @pad: zero
 * @family: AF_INET or AF_INET6
 */
struct gmg_group_key {
	struct gmg_addr ue;
	struct gmg_addr local;
	__be16 port_us;
	__be16 pad;
	u32 family;
};

/**
 * struct gmg_group - the sets of one registration of one contact
 * @node: in gmg_net.groups
 * @key: its name
 * @sets: the sets, newest first; RCU, lock: gmg_net.lock
 * @rcu: frees it
 */
struct gmg_group {
	struct rhash_head node;
	struct gmg_group_key key;
	struct list_head sets;
	struct rcu_head rcu;
};

extern const struct rhashtable_params gmg_group_params;

struct gmg_group *gmg_group_find(struct gmg_net *gn,
				 const struct gmg_group_key *key);
void gmg_group_key(struct gmg_group_key *key, const struct gmg_endpoint *ep,
		   const struct gmg_addr *ue, __be16 port_us);
int gmg_group_join(struct gmg_saset *set);
void gmg_group_leave(struct gmg_saset *set);
struct gmg_saset *gmg_group_in_use(const struct gmg_group *group);

u64 gmg_group_transaction(const struct gmg_sip *sip);
bool gmg_group_note_register(struct gmg_saset *set, u64 key);
struct gmg_saset *gmg_group_pick(const struct gmg_group *group, u64 key);

#endif /* _GMG_GROUP_H */
