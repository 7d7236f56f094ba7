// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tracepoint of drops.
 */
#include <linux/string.h>
#include <net/ipv6.h>
#include <uapi/linux/gmguard.h>

#include "flow.h"
#include "stats.h"

/* A kernel without tracepoints has no use for it. */
static void __maybe_unused gmg_trace_addr(u8 *to, u8 family,
					  const struct gmg_addr *addr)
{
	if (family == AF_INET)
		ipv6_addr_set_v4mapped(addr->w[0], (struct in6_addr *)to);
	else
		memcpy(to, addr, sizeof(*addr));
}

#define CREATE_TRACE_POINTS
#include "trace.h"

#define OR_IS_LONG(id, name, text) || sizeof(name) > GMG_TRACE_REASON
static_assert(!(0 GMGUARD_REASONS(OR_IS_LONG)));
