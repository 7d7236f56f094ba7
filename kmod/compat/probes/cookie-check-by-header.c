// SPDX-License-Identifier: GPL-2.0-only
/* 7577bc8249c3 "tcp: Don't pass cookie to __cookie_v[46]_check().", 6.8 */
#include <net/tcp.h>

#ifdef CONFIG_SYN_COOKIES
int probe(const struct iphdr *iph, const struct tcphdr *th);

int probe(const struct iphdr *iph, const struct tcphdr *th)
{
#ifdef NEWER
	return __cookie_v4_check(iph, th);
#else
	return __cookie_v4_check(iph, th, ntohl(th->ack_seq) - 1);
#endif
}
#endif
