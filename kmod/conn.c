// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP connections of an SA set. Each of its two tuples names one connection at
 * most, so the kernel's own table of established connections finds them.
 */
#include <net/inet6_hashtables.h>
#include <net/inet_hashtables.h>
#include <net/tcp.h>

#include "conn.h"
#include "saset.h"

static struct sock *find_conn(const struct gmg_saset *set, u16 ue_port,
			      u16 local_port)
{
	const struct gmg_addr *local = &set->ep->conf.addr;
	struct net *net = set->gn->net;
	struct inet_hashinfo *hashinfo = net->ipv4.tcp_death_row.hashinfo;

#if IS_ENABLED(CONFIG_IPV6)
	if (set->ep->conf.family == AF_INET6)
		return __inet6_lookup_established(net, hashinfo,
						  (void *)&set->ue,
						  htons(ue_port),
						  (const void *)local,
						  local_port, 0, 0);
#endif
	return inet_lookup_established(net, hashinfo, set->ue.w[0],
				       htons(ue_port), local->w[0],
				       htons(local_port), 0);
}

static void abort_conn(const struct gmg_saset *set, u16 ue_port, u16 local_port)
{
	struct sock *sk;

	rcu_read_lock();
	sk = find_conn(set, ue_port, local_port);
	rcu_read_unlock();
	if (!sk)
		return;
	tcp_abort(sk, ECONNABORTED);
	sock_gen_put(sk);
}

/**
 * gmg_conns_abort() - reset the TCP connections of a set
 * @set: the set
 *
 * Connections of sockets that are bound to a device are not found.
 *
 * A socket left behind would retransmit into the void for minutes, and the UE
 * could not connect from the same port again (TS 24.229 5.2.2).
 *
 * Context: may sleep.
 */
void gmg_conns_abort(const struct gmg_saset *set)
{
	abort_conn(set, set->port_uc, set->port_ps);
	abort_conn(set, set->port_us, set->port_pc);
}
