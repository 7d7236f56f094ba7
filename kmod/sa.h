/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_SA_H
#define _GMG_SA_H

#include <net/xfrm.h>
#include <uapi/linux/gmguard.h>

#include "flow.h"

/**
 * struct gmg_sa_keys - algorithms of a set and their keys
 * @alg: enum gmguard_alg
 * @ealg: enum gmguard_ealg
 * @alg_key: gmg_alg_key_len() bytes, NULL for none
 * @ealg_key: gmg_ealg_key_len() bytes, NULL for none
 */
struct gmg_sa_keys {
	u32 alg;
	u32 ealg;
	const u8 *alg_key;
	const u8 *ealg_key;
};

/**
 * struct gmg_sa_spec - one SA to be made
 * @flow: the only flow that it carries; the protocol is not part of it
 * @spi: host byte order
 * @reqid: xfrm reqid
 * @name: enum gmguard_sa_name
 * @inbound: towards this host
 * @seq: highest sequence number received, or last one sent
 */
struct gmg_sa_spec {
	struct gmg_flow flow;
	u32 spi;
	u32 reqid;
	u8 name;
	bool inbound;
	u32 seq;
};

static inline void gmg_addr_from_xfrm(struct gmg_addr *to,
				      const xfrm_address_t *from, u16 family)
{
	if (family == AF_INET)
		*to = (struct gmg_addr){ .w = { from->a4 } };
	else
		memcpy(to, from, sizeof(*to));
}

unsigned int gmg_alg_key_len(u32 alg);
unsigned int gmg_ealg_key_len(u32 ealg);
bool gmg_sa_algs_fit(u32 alg, u32 ealg);
struct xfrm_state *gmg_sa_build(struct net *net, const struct gmg_sa_spec *spec,
				const struct gmg_sa_keys *keys,
				struct netlink_ext_ack *extack);
void gmg_sas_prepare(struct net *net, u8 family);
int gmg_sa_add(struct xfrm_state *x);
void gmg_sa_discard(struct xfrm_state *x);
void gmg_sa_del(struct xfrm_state *x);
bool gmg_sa_has_keys(const struct xfrm_state *x,
		     const struct gmg_sa_keys *keys);
u32 gmg_sa_seq(const struct xfrm_state *x, bool inbound);

#endif /* _GMG_SA_H */
