// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tracepoint of drops.
 */
#include <linux/string.h>
#include <net/ipv6.h>

#include "flow.h"
#include "stats.h"

static void gmg_trace_addr(u8 *to, u8 family, const struct gmg_addr *addr)
{
	if (family == AF_INET)
		ipv6_addr_set_v4mapped(addr->w[0], (struct in6_addr *)to);
	else
		memcpy(to, addr, sizeof(*addr));
}

#define CREATE_TRACE_POINTS
#include "trace.h"

#define FITS(id, name, text) \
	static_assert(sizeof(name) <= GMG_TRACE_REASON);
GMGUARD_REASONS(FITS)
