// SPDX-License-Identifier: GPL-2.0-only
/*
 * kmod/verdict.c against an oracle that states every rule on its own: a
 * packet is accepted exactly when no rule is broken, and the reason is that of
 * the first broken one.
 *
 * Input: facts about a packet, as bytes.
 */
#include <linux/gmguard.h>

#include "fuzz.h"
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
static int judge(const struct rule *rules, size_t n)
{
	while (n--) {
		if (rules->broken)
			return rules->reason;
		rules++;
	}
	return 0;
}

static bool same_ends(const struct gmg_flow *a, const struct gmg_flow *b)
{
	return a->family == b->family &&
	       !memcmp(&a->src, &b->src, sizeof(a->src)) &&
	       !memcmp(&a->dst, &b->dst, sizeof(a->dst)) &&
	       a->sport == b->sport && a->dport == b->dport;
}

static bool is_own_flow(const struct gmg_transform *tf,
			const struct gmg_flow *flow)
{
	return same_ends(&tf->sel, flow) &&
	       (tf->sel.proto == flow->proto || tf->sel.proto == 0);
}

static bool is_one_esp(const struct gmg_transform *tf)
{
	return tf->count == 1 && tf->esp && tf->transport;
}

static bool is_sip_transport(const struct gmg_flow *flow)
{
	return flow->proto == 6 || flow->proto == 17;
}

static int expect_in(const struct gmg_inbound *in)
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
		{ clear && in->clear == GMG_CLEAR_FORBIDDEN,
		  GMGUARD_REASON_IN_UNPROTECTED },
	};

	return judge(rules, COUNT(rules));
}

static int expect_out(const struct gmg_outbound *out)
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

	return judge(rules, COUNT(rules));
}

/* Few values, so that flows are often equal. */
static void take_flow(struct input *in, struct gmg_flow *flow)
{
	static const uint8_t protos[] = { 6, 17, 0, 1, 50, 58, 132, 136 };
	uint8_t which = take_byte(in);

	memset(flow, 0, sizeof(*flow));
	flow->family = which & 1 ? AF_INET6 : AF_INET;
	flow->proto = protos[which >> 1 & 7];
	flow->src.w[which >> 4 & 3] = take_byte(in);
	flow->dst.w[which >> 6 & 3] = take_byte(in);
	which = take_byte(in);
	flow->sport = which & 15;
	flow->dport = which >> 4;
}

static void take_transform(struct input *in, const struct gmg_flow *flow,
			   struct gmg_transform *tf)
{
	uint8_t flags = take_byte(in);

	tf->count = flags & 3;
	tf->esp = flags & 4;
	tf->transport = flags & 8;
	tf->valid = flags & 16;
	tf->exact = flags & 32;
	take_flow(in, &tf->sel);
	/* the honest case, or nearly */
	if (flags & 64) {
		tf->sel = *flow;
		if (flags & 128)
			((uint8_t *)&tf->sel)[take_byte(in) %
					      sizeof(tf->sel)] ^= 1;
		else
			tf->sel.proto = 0;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct gmg_inbound inbound = { 0 };
	struct gmg_outbound outbound = { 0 };
	uint8_t flags = take_byte(&in);

	inbound.guarded = flags & 1;
	inbound.protected = flags & 2;
	inbound.sa_protected = flags & 4;
	inbound.malformed = flags & 8;
	inbound.fragment = flags & 16;
	inbound.icmp_deceives = flags & 32;
	inbound.temporary = flags & 64;
	inbound.not_register = flags & 128;
	outbound.nat = flags & 1;
	outbound.exempt = flags & 2;
	outbound.temporary = flags & 4;
	outbound.not_response = flags & 8;
	take_flow(&in, &inbound.flow);
	outbound.flow = inbound.flow;
	take_transform(&in, &inbound.flow, &inbound.tf);
	outbound.tf = inbound.tf;
	CHECK(gmg_verdict_in(&inbound) == expect_in(&inbound));
	CHECK(gmg_verdict_out(&outbound) == expect_out(&outbound));
	return 0;
}
