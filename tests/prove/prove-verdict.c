// SPDX-License-Identifier: GPL-2.0-only
/*
 * kmod/verdict.c: for every packet that can be described there is one verdict,
 * and it is the one that the rules of tests/fuzz/verdict-rules.h have.
 */
#include "../../kmod/verdict.c"

#include "../fuzz/verdict-rules.h"
#include "prove.h"

/* Any value that its type has. */
struct gmg_inbound nondet_inbound(void);
struct gmg_outbound nondet_outbound(void);

static bool is_gm(const struct gmg_inbound *in)
{
	return in->protected || in->sa_protected;
}

void prove_verdict_in(void)
{
	const struct gmg_inbound in = nondet_inbound(), copy = in;
	int verdict = gmg_verdict_in(&in);

	CLAIM(verdict == expect_in(&copy));
	CLAIM(verdict == 0 || (verdict >= GMGUARD_REASON_IN_PLAINTEXT &&
			       verdict <= GMGUARD_REASON_MAX));
	/* GM-01: a protected port gets what came through one exact ESP SA */
	CLAIM(verdict || !is_gm(&in) ||
	      (in.tf.count == 1 && in.tf.esp && in.tf.transport &&
	       in.tf.exact && in.tf.valid));
	/* GM-03: and only what is of the flow that it was negotiated for */
	CLAIM(verdict || !is_gm(&in) ||
	      (in.flow.family == in.tf.sel.family &&
	       in.flow.sport == in.tf.sel.sport &&
	       in.flow.dport == in.tf.sel.dport &&
	       gmg_addr_equal(&in.flow.src, &in.tf.sel.src) &&
	       gmg_addr_equal(&in.flow.dst, &in.tf.sel.dst)));
	/* GM-15 */
	CLAIM(verdict || !is_gm(&in) || !in.temporary || !in.not_register);
	/* GM-02 */
	CLAIM(verdict || is_gm(&in) || !in.unprotected || in.tf.count ||
	      in.clear == GMG_CLEAR_FINE);
	CLAIM(verdict || !in.icmp_deceives);
	CLAIM(verdict || !in.guarded || (!in.fragment && !in.malformed));
}

void prove_verdict_out(void)
{
	const struct gmg_outbound out = nondet_outbound(), copy = out;
	int verdict = gmg_verdict_out(&out);

	CLAIM(verdict == expect_out(&copy));
	CLAIM(verdict == 0 || (verdict >= GMGUARD_REASON_IN_PLAINTEXT &&
			       verdict <= GMGUARD_REASON_MAX));
	/* in clear to nobody but a core peer */
	CLAIM(verdict || out.tf.count || out.exempt);
	/* GM-01, GM-03: to a UE through the one exact ESP SA of its flow */
	CLAIM(verdict || out.exempt ||
	      (!out.nat && out.tf.count == 1 && out.tf.esp &&
	       out.tf.transport && out.tf.exact &&
	       gmg_flow_equal(&out.flow, &out.tf.sel)));
	/* GM-15 */
	CLAIM(verdict || out.exempt || !out.temporary || !out.not_response);
}
