/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM gmguard

#if !defined(_GMG_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _GMG_TRACE_H

#include <linux/tracepoint.h>
#include <uapi/linux/gmguard.h>

#include "flow.h"

/* For perf and trace-cmd, which read the numbers' names from the format. */
#define GMG_TRACE_DEFINE(id, name, text) \
	TRACE_DEFINE_ENUM(GMGUARD_REASON_##id);
GMGUARD_REASONS(GMG_TRACE_DEFINE)

#define GMG_TRACE_SYMBOL(id, name, text) { GMGUARD_REASON_##id, name },

/**
 * gmguard_drop - a packet was dropped
 *
 * The reason is an enum gmguard_reason; addresses are 16 bytes, IPv4 in the
 * first four. The SPI is that of the SA which it came or was to leave through,
 * 0 for none.
 */
TRACE_EVENT(gmguard_drop,

	TP_PROTO(const void *skbaddr, const struct gmg_flow *flow, int reason,
		 u32 spi),

	TP_ARGS(skbaddr, flow, reason, spi),
	TP_STRUCT__entry(
		__field(const void *, skbaddr)
		__array(__u8, saddr, 16)
		__array(__u8, daddr, 16)
		__field(u16, sport)
		__field(u16, dport)
		__field(u8, family)
		__field(u8, protocol)
		__field(u32, spi)
		__field(int, reason)
	),
	TP_fast_assign(
		__entry->skbaddr = skbaddr;
		memcpy(__entry->saddr, &flow->src, 16);
		memcpy(__entry->daddr, &flow->dst, 16);
		__entry->sport = ntohs(flow->sport);
		__entry->dport = ntohs(flow->dport);
		__entry->family = flow->family;
		__entry->protocol = flow->proto;
		__entry->spi = spi;
		__entry->reason = reason;
	),
	TP_printk("reason=%s family=%u protocol=%u saddr=%s sport=%u daddr=%s dport=%u spi=0x%08x",
		  __print_symbolic(__entry->reason,
				   GMGUARD_REASONS(GMG_TRACE_SYMBOL)
				   { -1, NULL }),
		  __entry->family, __entry->protocol,
		  __print_hex_str(__entry->saddr, 16), __entry->sport,
		  __print_hex_str(__entry->daddr, 16), __entry->dport,
		  __entry->spi)
);

#endif /* _GMG_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
