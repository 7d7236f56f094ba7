/* SPDX-License-Identifier: GPL-2.0-only */
#include_next <net/inet6_hashtables.h>

#ifndef _GMG_COMPAT_NET_INET6_HASHTABLES_H
#define _GMG_COMPAT_NET_INET6_HASHTABLES_H

#include "probed.h"

#ifndef GMG_HAVE_SOCKET_LOOKUP_BY_NET
#define __inet6_lookup_established(net, ...) \
	__inet6_lookup_established(net, (net)->ipv4.tcp_death_row.hashinfo, \
				    __VA_ARGS__)
#endif

#endif /* _GMG_COMPAT_NET_INET6_HASHTABLES_H */
