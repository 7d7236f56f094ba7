/* SPDX-License-Identifier: GPL-2.0-only */
#include_next <net/tcp.h>

#ifndef _GMG_COMPAT_NET_TCP_H
#define _GMG_COMPAT_NET_TCP_H

#include "probed.h"

/* linux/netfilter_ipv6.h comes behind this and uses the older form. */
#ifndef GMG_HAVE_COOKIE_CHECK_BY_HEADER
#define gmg_compat_cookie(zero, cookie, ...) cookie
#define __cookie_v4_check(iph, th, ...) \
	__cookie_v4_check(iph, th, \
			  gmg_compat_cookie(0, ##__VA_ARGS__, \
					    ntohl((th)->ack_seq) - 1))
#define __cookie_v6_check(iph, th, ...) \
	__cookie_v6_check(iph, th, \
			  gmg_compat_cookie(0, ##__VA_ARGS__, \
					    ntohl((th)->ack_seq) - 1))
#endif

#endif /* _GMG_COMPAT_NET_TCP_H */
