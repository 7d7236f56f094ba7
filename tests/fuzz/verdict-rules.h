/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * verdict-rules.h - an oracle for kmod/verdict.c that states every rule on its
 * own: a packet is accepted exactly when no rule is broken, and the reason is
 * that of the first broken one.
 */
#ifndef VERDICT_RULES_H
#define VERDICT_RULES_H

#include <linux/gmguard.h>

#include "verdict.h"

/**
 * struct rule - when a packet must go
 * @broken: it is broken
 * @reason: enum gmguard_reason
 */
struct rule {
	bool broken;
	int reason;
};

/* 0 when no rule is broken. */
static inline int judge(const struct rule *rules, size_t n)
{
	for (; n; n--, rules++) {
		if (rules->broken)
			return rules->reason;
	}
	return 0;
}

static inline bool same_ends(const struct gmg_flow *a, const struct gmg_flow *b)
{
	return a->family == b->family &&
	       !memcmp(&a->src, &b->src, sizeof(a->src)) &&
	       !memcmp(&a->dst, &b->dst, sizeof(a->dst)) &&
	       a->sport == b->sport && a->dport == b->dport;
}

static inline bool is_own_flow(const struct gmg_transform *tf,
			const struct gmg_flow *flow)
{
	return same_ends(&tf->sel, flow) &&
	       (tf->sel.proto == flow->proto || tf->sel.proto == 0);
}

static inline bool is_one_esp(const struct gmg_transform *tf)
{
	return tf->count == 1 && tf->esp && tf->transport;
}

static inline bool is_sip_transport(const struct gmg_flow *flow)
{
	return flow->proto == 6 || flow->proto == 17;
}

static inline int expect_in(const struct gmg_inbound *in)
{
	const struct gmg_transform *tf = &in->tf;
	bool gm = in->protected || in->sa_protected;
	bool clear = in->unprotected && !gm && tf->count == 0;
	const struct rule rules[] = {
		{ in->icmp_deceives, GMGUARD_REASON_IN_ICMP },
		{ in->guarded && in->fragment, GMGUARD_REASON_IN_FRAGMENT },
		{ in->guarded && in->malformed, GMGUARD_REASON_IN_MALFORMED },
		{ gm && tf->count == 0, GMGUARD_REASON_IN_PLAINTEXT },
		{ gm && !is_one_esp(tf), GMGUARD_REASON_IN_NOT_ESP },
		{ gm && !tf->exact, GMGUARD_REASON_IN_SELECTOR },
		{ gm && !is_sip_transport(&in->flow),
		  GMGUARD_REASON_IN_TRANSPORT },
		{ gm && !is_own_flow(tf, &in->flow), GMGUARD_REASON_IN_TUPLE },
		{ gm && !tf->valid, GMGUARD_REASON_IN_SA_DEAD },
		{ gm && in->temporary && in->not_register,
		  GMGUARD_REASON_IN_PHASE },
		{ clear && !is_sip_transport(&in->flow),
		  GMGUARD_REASON_IN_TRANSPORT },
		{ clear && in->clear == GMG_CLEAR_LOST,
		  GMGUARD_REASON_IN_STREAM },
		{ clear && in->clear == GMG_CLEAR_LIMITED,
		  GMGUARD_REASON_IN_RATE },
		{ clear && in->clear != GMG_CLEAR_FINE,
		  GMGUARD_REASON_IN_UNPROTECTED },
	};

	return judge(rules, sizeof(rules) / sizeof(rules[0]));
}

static inline int expect_out(const struct gmg_outbound *out)
{
	const struct gmg_transform *tf = &out->tf;
	/* a core peer: in clear, or inside NDS/IP that NAT did not touch */
	bool core = out->exempt && (tf->count == 0 ||
				    (!out->nat && !tf->exact));
	const struct rule rules[] = {
		{ !core && out->nat, GMGUARD_REASON_OUT_NAT },
		{ !core && tf->count == 0, GMGUARD_REASON_OUT_PLAINTEXT },
		{ !core && !(is_one_esp(tf) && tf->exact),
		  GMGUARD_REASON_OUT_NOT_ESP },
		{ !core && !is_sip_transport(&out->flow),
		  GMGUARD_REASON_OUT_TRANSPORT },
		{ !core && !is_own_flow(tf, &out->flow),
		  GMGUARD_REASON_OUT_TUPLE },
		{ !core && out->temporary && out->not_response,
		  GMGUARD_REASON_OUT_PHASE },
	};

	return judge(rules, sizeof(rules) / sizeof(rules[0]));
}

#endif /* VERDICT_RULES_H */
