// SPDX-License-Identifier: GPL-2.0-only
/* cb16f4b6c73d "tcp: Don't pass hashinfo to socket lookup helpers.", 6.18 */
#include <net/inet_hashtables.h>

struct sock *probe(struct net *net, __be32 addr, __be16 port);

struct sock *probe(struct net *net, __be32 addr, __be16 port)
{
#ifdef NEWER
	return __inet_lookup_established(net, addr, port, addr, 1, 0, 0);
#else
	return __inet_lookup_established(net,
					 net->ipv4.tcp_death_row.hashinfo,
					 addr, port, addr, 1, 0, 0);
#endif
}
