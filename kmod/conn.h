/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_CONN_H
#define _GMG_CONN_H

#include "flow.h"

struct gmg_saset;
struct net;
struct sk_buff;
struct sock;

struct sock *gmg_conn_find(struct net *net, const struct gmg_flow *flow,
			   int dif, int sdif);
void gmg_conn_devices(const struct sk_buff *skb, u8 family, int *dif,
		      int *sdif);
void gmg_conn_abort(struct net *net, const struct gmg_flow *flow, int dif,
		    int sdif);
void gmg_conns_abort(const struct gmg_saset *set);

#endif /* _GMG_CONN_H */
