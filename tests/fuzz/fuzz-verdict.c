// SPDX-License-Identifier: GPL-2.0-only
/*
 * kmod/verdict.c against the oracle of verdict-rules.h.
 *
 * Input: facts about a packet, as bytes.
 */
#include "fuzz.h"
#include "verdict-rules.h"

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
	flags = take_byte(&in);
	inbound.unprotected = flags & 1;
	inbound.clear = flags >> 1 & 3;
	CHECK(gmg_verdict_in(&inbound) == expect_in(&inbound));
	CHECK(gmg_verdict_out(&outbound) == expect_out(&outbound));
	return 0;
}
