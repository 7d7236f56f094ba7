// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP connections by their ends, in the kernel's own table.
 */
#include <net/inet6_hashtables.h>
#include <net/inet_hashtables.h>
#include <net/tcp.h>

#include "conn.h"
#include "saset.h"

/**
 * gmg_conn_find() - the socket that gets the packets of a flow
 * @net: the namespace
 * @flow: the flow, towards this host
 * @dif: interface that they come in by, 0 for any
 * @sdif: its lower interface, 0 if it has none
 *
 * Context: under RCU.
 * Return: the socket, held for sock_gen_put(), also one that is being opened
 * or in time-wait; NULL if there is none. Never a listener.
 */
struct sock *gmg_conn_find(struct net *net, const struct gmg_flow *flow,
			   int dif, int sdif)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (flow->family == AF_INET6)
		return __inet6_lookup_established(net,
						  (const void *)&flow->src,
						  flow->sport,
						  (const void *)&flow->dst,
						  ntohs(flow->dport), dif,
						  sdif);
#endif
	return __inet_lookup_established(net, flow->src.w[0], flow->sport,
					 flow->dst.w[0], ntohs(flow->dport),
					 dif, sdif);
}

/**
 * gmg_conn_devices() - where a packet came in, as sockets see it
 * @skb: the packet, at LOCAL_IN
 * @family: AF_INET or AF_INET6
 * @dif: its interface
 * @sdif: its lower interface, 0 if it has none
 */
void gmg_conn_devices(const struct sk_buff *skb, u8 family, int *dif, int *sdif)
{
	if (family == AF_INET6) {
		*dif = inet6_iif(skb);
		*sdif = inet6_sdif(skb);
	} else {
		*dif = inet_iif(skb);
		*sdif = inet_sdif(skb);
	}
}

/**
 * gmg_conn_abort() - reset a connection
 * @net: the namespace
 * @flow: its flow, towards this host
 * @dif: interface that its packets come in by, 0 for any
 * @sdif: its lower interface, 0 if it has none
 *
 * Context: may sleep.
 */
void gmg_conn_abort(struct net *net, const struct gmg_flow *flow, int dif,
		    int sdif)
{
	struct sock *sk;

	rcu_read_lock();
	sk = gmg_conn_find(net, flow, dif, sdif);
	rcu_read_unlock();
	if (!sk)
		return;
	tcp_abort(sk, ECONNABORTED);
	sock_gen_put(sk);
}

static void abort_half(const struct gmg_saset *set, u16 ue_port, u16 local_port)
{
	const struct gmg_flow flow = {
		.src = set->ue,
		.dst = set->ep->conf.addr,
		.sport = htons(ue_port),
		.dport = htons(local_port),
		.family = set->ep->conf.family,
		.proto = IPPROTO_TCP,
	};

	gmg_conn_abort(set->gn->net, &flow, 0, 0);
}

/**
 * gmg_conns_abort() - reset the TCP connections of a set
 * @set: the set
 *
 * Each of its two tuples names one connection at most. Connections of sockets
 * that are bound to a device are not found.
 *
 * A socket left behind would retransmit into the void for minutes, and the UE
 * could not connect from the same port again (TS 24.229 5.2.2).
 *
 * Context: may sleep.
 */
void gmg_conns_abort(const struct gmg_saset *set)
{
	abort_half(set, set->port_uc, set->port_ps);
	abort_half(set, set->port_us, set->port_pc);
}
