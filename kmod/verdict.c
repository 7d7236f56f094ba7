// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verdicts.
 */
#include "verdict.h"

#ifdef __KERNEL__
#include <uapi/linux/gmguard.h>
#else
#include <linux/gmguard.h>
#endif

static bool is_tcp_or_udp(__u8 proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP;
}

/* Whether a packet is of the one flow that an SA was negotiated for. */
static bool fits(const struct gmg_transform *tf, const struct gmg_flow *flow)
{
	return gmg_flow_equal(&tf->sel, flow) &&
	       (!tf->sel.proto || tf->sel.proto == flow->proto);
}

/* TS 33.203 7.1: REGISTER, emergency and error messages. */
static int verdict_in_clear(const struct gmg_inbound *in)
{
	if (!is_tcp_or_udp(in->flow.proto))
		return GMGUARD_REASON_IN_TRANSPORT;
	switch (in->clear) {
	case GMG_CLEAR_FINE:
		return 0;
	case GMG_CLEAR_LOST:
		return GMGUARD_REASON_IN_STREAM;
	case GMG_CLEAR_LIMITED:
		return GMGUARD_REASON_IN_RATE;
	default:
		return GMGUARD_REASON_IN_UNPROTECTED;
	}
}

/**
 * gmg_verdict_in() - judge a packet that is about to be delivered locally
 * @in: the facts
 *
 * Context: any, pure.
 * Return: 0 to accept, else the reason to drop (enum gmguard_reason).
 */
int gmg_verdict_in(const struct gmg_inbound *in)
{
	const struct gmg_transform *tf = &in->tf;

	/* Errors find their socket by what they quote, wherever they are sent. */
	if (in->icmp_deceives)
		return GMGUARD_REASON_IN_ICMP;
	if (in->guarded && in->fragment)
		return GMGUARD_REASON_IN_FRAGMENT;
	if (in->guarded && in->malformed)
		return GMGUARD_REASON_IN_MALFORMED;
	/* A Gm SA carries nothing but its own flow (TS 33.203 7.1). */
	if (!in->protected && !in->sa_protected)
		return in->unprotected && !tf->count ? verdict_in_clear(in) : 0;

	if (!tf->count)
		return GMGUARD_REASON_IN_PLAINTEXT;
	if (tf->count != 1 || !tf->esp || !tf->transport)
		return GMGUARD_REASON_IN_NOT_ESP;
	if (!tf->exact)
		return GMGUARD_REASON_IN_SELECTOR;
	if (!is_tcp_or_udp(in->flow.proto))
		return GMGUARD_REASON_IN_TRANSPORT;
	if (!fits(tf, &in->flow))
		return GMGUARD_REASON_IN_TUPLE;
	if (!tf->valid)
		return GMGUARD_REASON_IN_SA_DEAD;
	if (in->temporary && in->not_register)
		return GMGUARD_REASON_IN_PHASE;
	return 0;
}

/**
 * gmg_verdict_out() - judge a packet that left the stack from a protected port
 * @out: the facts
 *
 * Context: any, pure.
 * Return: 0 to let it go, else the reason to drop (enum gmguard_reason).
 */
int gmg_verdict_out(const struct gmg_outbound *out)
{
	const struct gmg_transform *tf = &out->tf;

	if (out->exempt && !tf->count)
		return 0;
	if (out->nat)
		return GMGUARD_REASON_OUT_NAT;
	if (!tf->count)
		return GMGUARD_REASON_OUT_PLAINTEXT;
	/* NDS/IP may carry what goes to a core peer (TS 33.210, Zb). */
	if (out->exempt && !tf->exact)
		return 0;
	if (tf->count != 1 || !tf->esp || !tf->transport || !tf->exact)
		return GMGUARD_REASON_OUT_NOT_ESP;
	if (!is_tcp_or_udp(out->flow.proto))
		return GMGUARD_REASON_OUT_TRANSPORT;
	if (!fits(tf, &out->flow))
		return GMGUARD_REASON_OUT_TUPLE;
	if (out->temporary && out->not_response)
		return GMGUARD_REASON_OUT_PHASE;
	return 0;
}
