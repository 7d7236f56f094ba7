// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module's verdicts, compiled from the very file that the kernel runs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <cmocka.h>
#include <linux/gmguard.h>

#include "verdict.h"

static const struct gmg_flow flow = {
	.src.w = { 0x0b00210a },
	.dst.w = { 0x0100210a },
	.sport = 0x1111,
	.dport = 0x2222,
	.family = AF_INET,
	.proto = IPPROTO_UDP,
};

/* One SA carries UDP and TCP, so its selector names no protocol. */
static const struct gmg_flow selector = {
	.src.w = { 0x0b00210a },
	.dst.w = { 0x0100210a },
	.sport = 0x1111,
	.dport = 0x2222,
	.family = AF_INET,
};

/* A packet on its own SA. */
static struct gmg_inbound honest_in(void)
{
	return (struct gmg_inbound){
		.flow = flow,
		.guarded = true,
		.protected = true,
		.sa_protected = true,
		.tf = { .count = 1, .esp = true, .transport = true,
			.valid = true, .exact = true, .sel = selector },
	};
}

static struct gmg_outbound honest_out(void)
{
	return (struct gmg_outbound){
		.flow = flow,
		.tf = { .count = 1, .esp = true, .transport = true,
			.valid = true, .exact = true, .sel = selector },
	};
}

#define REASON(id, name, text) [GMGUARD_REASON_##id] = name,
static const char *const names[] = {
	[0] = "accepted", GMGUARD_REASONS(REASON)
};

struct in_case {
	const char *name;
	void (*change)(struct gmg_inbound *in);
	int reason;
};

#define CHANGE(id, statement)						\
static void id(struct gmg_inbound *in) { statement; }

CHANGE(in_same, (void)in)
CHANGE(in_tcp, in->flow.proto = IPPROTO_TCP)
CHANGE(in_clear, in->tf = (struct gmg_transform){ 0 }; in->sa_protected = false)
CHANGE(in_clear_stranger, in_clear(in); in->flow.src.w[0]++)
CHANGE(in_clear_sctp, in_clear(in); in->flow.proto = IPPROTO_SCTP)
CHANGE(in_nested, in->tf.count = 2)
CHANGE(in_ah, in->tf.esp = false)
CHANGE(in_tunnel, in->tf.transport = false)
CHANGE(in_wide, in->tf.exact = false)
CHANGE(in_source, in->flow.src.w[0]++)
CHANGE(in_source6, in->flow.src.w[3]++)
CHANGE(in_sport, in->flow.sport++)
CHANGE(in_dport, in->flow.dport++; in->protected = false)
CHANGE(in_family, in->flow.family = AF_INET6)
CHANGE(in_sctp, in->flow.proto = IPPROTO_SCTP)
CHANGE(in_icmp_in_sa, in->flow.proto = IPPROTO_ICMP; in->protected = false)
CHANGE(in_other_proto, in->tf.sel.proto = IPPROTO_TCP)
CHANGE(in_dead, in->tf.valid = false)
CHANGE(in_temporary, in->temporary = true)
CHANGE(in_temporary_other, in->temporary = true; in->not_register = true)
CHANGE(in_established_other, in->not_register = true)
CHANGE(in_fragment, in->fragment = true)
CHANGE(in_malformed, in->malformed = true)
CHANGE(in_quotes, in->icmp_deceives = true; in->protected = false)
CHANGE(in_other_host, in_clear(in); in->guarded = false; in->protected = false;
       in->fragment = true; in->malformed = true)
CHANGE(in_other_port, in_clear(in); in->protected = false)
CHANGE(in_multicast, in_clear(in); in->guarded = false)
CHANGE(sip_fine, in_other_port(in); in->unprotected = true)
CHANGE(sip_forbidden, sip_fine(in); in->clear = GMG_CLEAR_FORBIDDEN)
CHANGE(sip_lost, sip_fine(in); in->clear = GMG_CLEAR_LOST)
CHANGE(sip_limited, sip_fine(in); in->clear = GMG_CLEAR_LIMITED)
CHANGE(sip_sctp, sip_fine(in); in->flow.proto = IPPROTO_SCTP)
CHANGE(sip_fragment, sip_fine(in); in->fragment = true)
CHANGE(sip_nds, in->protected = false; in->sa_protected = false;
       in->unprotected = true; in->clear = GMG_CLEAR_FORBIDDEN)
CHANGE(sip_gm, in_dport(in); in->unprotected = true)

static const struct in_case in_cases[] = {
	{ "AT-08: UDP on its own SA", in_same, 0 },
	{ "AT-08: TCP on its own SA", in_tcp, 0 },
	{ "AT-02 GM-01: the registered tuple in clear", in_clear,
	  GMGUARD_REASON_IN_PLAINTEXT },
	{ "AT-01 GM-01: a stranger in clear", in_clear_stranger,
	  GMGUARD_REASON_IN_PLAINTEXT },
	{ "AT-20: SCTP in clear", in_clear_sctp, GMGUARD_REASON_IN_PLAINTEXT },
	{ "AT-33: two transforms", in_nested, GMGUARD_REASON_IN_NOT_ESP },
	{ "AT-33: AH", in_ah, GMGUARD_REASON_IN_NOT_ESP },
	{ "AT-33: tunnel mode", in_tunnel, GMGUARD_REASON_IN_NOT_ESP },
	{ "GM-03: a selector that is not exact", in_wide,
	  GMGUARD_REASON_IN_SELECTOR },
	{ "AT-05: another source address", in_source, GMGUARD_REASON_IN_TUPLE },
	{ "AT-05: another source in the last word", in_source6,
	  GMGUARD_REASON_IN_TUPLE },
	{ "AT-06: another source port", in_sport, GMGUARD_REASON_IN_TUPLE },
	{ "AT-07: another destination port", in_dport,
	  GMGUARD_REASON_IN_TUPLE },
	{ "GM-03: another family", in_family, GMGUARD_REASON_IN_TUPLE },
	{ "AT-20 GM-03: SCTP inside the SA", in_sctp,
	  GMGUARD_REASON_IN_TRANSPORT },
	{ "GM-03: ICMP inside the SA", in_icmp_in_sa,
	  GMGUARD_REASON_IN_TRANSPORT },
	{ "GM-03: UDP on an adopted SA for TCP", in_other_proto,
	  GMGUARD_REASON_IN_TUPLE },
	{ "AT-26: an SA that was deleted meanwhile", in_dead,
	  GMGUARD_REASON_IN_SA_DEAD },
	{ "GM-15: REGISTER on a temporary set", in_temporary, 0 },
	{ "GM-15: something else on a temporary set", in_temporary_other,
	  GMGUARD_REASON_IN_PHASE },
	{ "something else on an established set", in_established_other, 0 },
	{ "AT-47: a Fragment header, even with an SA", in_fragment,
	  GMGUARD_REASON_IN_FRAGMENT },
	{ "AT-16: unreadable headers", in_malformed,
	  GMGUARD_REASON_IN_MALFORMED },
	{ "AT-32: an ICMP error about a protected flow", in_quotes,
	  GMGUARD_REASON_IN_ICMP },
	{ "another host's fragments are not ours", in_other_host, 0 },
	{ "another port of a guarded address", in_other_port, 0 },
	{ "multicast to a protected port", in_multicast,
	  GMGUARD_REASON_IN_PLAINTEXT },
	{ "GM-02: what may come in clear", sip_fine, 0 },
	{ "AT-22 GM-02: what may not", sip_forbidden,
	  GMGUARD_REASON_IN_UNPROTECTED },
	{ "AT-23 GM-02: a stream that can't be followed", sip_lost,
	  GMGUARD_REASON_IN_STREAM },
	{ "AT-24 GM-02: too much of it", sip_limited, GMGUARD_REASON_IN_RATE },
	{ "AT-20 GM-02: SCTP to an unprotected port", sip_sctp,
	  GMGUARD_REASON_IN_TRANSPORT },
	{ "AT-14 GM-02: a fragment for an unprotected port", sip_fragment,
	  GMGUARD_REASON_IN_FRAGMENT },
	{ "GM-02: the core inside NDS/IP says what it likes", sip_nds, 0 },
	{ "AT-07 GM-02: a Gm SA does not lead to an unprotected port", sip_gm,
	  GMGUARD_REASON_IN_TUPLE },
};

#undef CHANGE
#define CHANGE(id, statement)						\
static void id(struct gmg_outbound *out) { statement; }

CHANGE(out_same, (void)out)
CHANGE(out_clear, out->tf = (struct gmg_transform){ 0 })
CHANGE(out_exempt, out_clear(out); out->exempt = true)
CHANGE(out_exempt_tunnel, out->exempt = true; out->tf.transport = false;
       out->tf.exact = false)
CHANGE(out_nat, out->nat = true)
CHANGE(out_tunnel, out->tf.transport = false)
CHANGE(out_nested, out->tf.count = 2)
CHANGE(out_wide, out->tf.exact = false)
CHANGE(out_sctp, out->flow.proto = IPPROTO_SCTP)
CHANGE(out_tuple, out->flow.dport++)
CHANGE(out_address, out->flow.dst.w[0]++)

struct out_case {
	const char *name;
	void (*change)(struct gmg_outbound *out);
	int reason;
};

static const struct out_case out_cases[] = {
	{ "AT-08: out on its own SA", out_same, 0 },
	{ "AT-31 GM-01: out in clear", out_clear,
	  GMGUARD_REASON_OUT_PLAINTEXT },
	{ "out in clear to an exempt core peer", out_exempt, 0 },
	{ "out to an exempt core peer inside NDS/IP", out_exempt_tunnel, 0 },
	{ "AT-42: out after NAT", out_nat, GMGUARD_REASON_OUT_NAT },
	{ "AT-33: out through a tunnel", out_tunnel,
	  GMGUARD_REASON_OUT_NOT_ESP },
	{ "AT-33: out through two SAs", out_nested,
	  GMGUARD_REASON_OUT_NOT_ESP },
	{ "GM-03: out through an SA that is not exact", out_wide,
	  GMGUARD_REASON_OUT_NOT_ESP },
	{ "AT-20: SCTP out", out_sctp, GMGUARD_REASON_OUT_TRANSPORT },
	{ "GM-03: out on an SA for another port", out_tuple,
	  GMGUARD_REASON_OUT_TUPLE },
	{ "GM-03: out on an SA for another UE", out_address,
	  GMGUARD_REASON_OUT_TUPLE },
};

static void test_in(void **state)
{
	const struct in_case *c = *state;
	struct gmg_inbound in = honest_in();

	c->change(&in);
	assert_string_equal(names[gmg_verdict_in(&in)], names[c->reason]);
}

static void test_out(void **state)
{
	const struct out_case *c = *state;
	struct gmg_outbound out = honest_out();

	c->change(&out);
	assert_string_equal(names[gmg_verdict_out(&out)], names[c->reason]);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int main(void)
{
	struct CMUnitTest tests[COUNT(in_cases) + COUNT(out_cases)] = { 0 };
	size_t n = 0;
	size_t i;

	for (i = 0; i < COUNT(in_cases); i++)
		tests[n++] = (struct CMUnitTest){
			.name = in_cases[i].name,
			.test_func = test_in,
			.initial_state = (void *)&in_cases[i],
		};
	for (i = 0; i < COUNT(out_cases); i++)
		tests[n++] = (struct CMUnitTest){
			.name = out_cases[i].name,
			.test_func = test_out,
			.initial_state = (void *)&out_cases[i],
		};
	return _cmocka_run_group_tests("verdict", tests, n, NULL, NULL);
}
