/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_POLICY_H
#define _GMG_POLICY_H

struct gmg_endpoint;
struct gmg_endpoint_conf;
struct net;
struct netlink_ext_ack;
struct xfrm_policy;

/**
 * struct gmg_policies - out policies that an endpoint has or had
 * @v: each with a reference, or NULL
 * @n: entries of @v
 */
struct gmg_policies {
	struct xfrm_policy **v;
	unsigned int n;
};

int gmg_policies_install(struct net *net, struct gmg_endpoint *ep,
			 struct netlink_ext_ack *extack);
int gmg_policies_change(struct gmg_endpoint *ep,
			const struct gmg_endpoint_conf *conf,
			struct gmg_policies *gone,
			struct netlink_ext_ack *extack);
void gmg_policies_drop(struct net *net, struct gmg_policies *gone);
bool gmg_policies_repair(struct net *net, struct gmg_endpoint *ep);
void gmg_policies_remove(struct net *net, struct gmg_endpoint *ep);
unsigned int gmg_policies_alive(const struct gmg_endpoint *ep);

#endif /* _GMG_POLICY_H */
