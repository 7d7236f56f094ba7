/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM gmguard

#if !defined(_GMG_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _GMG_TRACE_H

#include <linux/tracepoint.h>

#include "flow.h"

/* Room for the name of any reason. */
#define GMG_TRACE_REASON 24

/**
 * gmguard_drop - a packet was dropped, or would have been but for an audit
 *
 * The reason is its name, so that perf, bpftrace and filters can be asked for
 * it. Addresses are 16 bytes, IPv4 ones mapped (::ffff:192.0.2.1). The SPI is
 * that of the SA which it came or was to leave through, 0 for none. There is no
 * skbaddr if a connection is ended for its silence.
 */
TRACE_EVENT(gmguard_drop,

	TP_PROTO(const void *skbaddr, const struct gmg_flow *flow, int reason,
		 u32 spi, bool audited),

	TP_ARGS(skbaddr, flow, reason, spi, audited),
	TP_STRUCT__entry(
		__field(const void *, skbaddr)
		__array(char, reason, GMG_TRACE_REASON)
		__array(__u8, saddr, 16)
		__array(__u8, daddr, 16)
		__field(u16, sport)
		__field(u16, dport)
		__field(u8, protocol)
		__field(bool, audited)
		__field(u32, spi)
	),
	TP_fast_assign(
		__entry->skbaddr = skbaddr;
		strscpy_pad(__entry->reason, gmg_reason_name(reason),
			    GMG_TRACE_REASON);
		gmg_trace_addr(__entry->saddr, flow->family, &flow->src);
		gmg_trace_addr(__entry->daddr, flow->family, &flow->dst);
		__entry->sport = ntohs(flow->sport);
		__entry->dport = ntohs(flow->dport);
		__entry->protocol = flow->proto;
		__entry->audited = audited;
		__entry->spi = spi;
	),
	TP_printk("reason=%s audited=%u protocol=%u saddr=%pI6c sport=%u daddr=%pI6c dport=%u spi=0x%08x",
		  __entry->reason, __entry->audited, __entry->protocol,
		  __entry->saddr, __entry->sport,
		  __entry->daddr, __entry->dport, __entry->spi)
);

#endif /* _GMG_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
