/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_POLICY_H
#define _GMG_POLICY_H

struct gmg_endpoint;
struct net;
struct netlink_ext_ack;

int gmg_policies_install(struct net *net, struct gmg_endpoint *ep,
			 struct netlink_ext_ack *extack);
void gmg_policies_repair(struct net *net, struct gmg_endpoint *ep);
void gmg_policies_remove(struct net *net, struct gmg_endpoint *ep);
unsigned int gmg_policies_alive(const struct gmg_endpoint *ep);

#endif /* _GMG_POLICY_H */
