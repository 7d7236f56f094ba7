/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the verdicts have to be, for KUnit and for the unit tests in user space:
 * one change to an honest packet a row, and the reason to drop it, 0 for none.
 */
#ifndef _GMG_TESTS_VERDICT_CASES_H
#define _GMG_TESTS_VERDICT_CASES_H

#include "verdict.h"

static const struct gmg_flow case_flow = {
	.src.w = { 0x0b00210a },
	.dst.w = { 0x0100210a },
	.sport = 0x1111,
	.dport = 0x2222,
	.family = AF_INET,
	.proto = IPPROTO_UDP,
};

/* One SA carries UDP and TCP, so its selector names no protocol. */
static const struct gmg_transform case_transform = {
	.count = 1,
	.esp = true,
	.transport = true,
	.valid = true,
	.exact = true,
	.sel = {
		.src.w = { 0x0b00210a },
		.dst.w = { 0x0100210a },
		.sport = 0x1111,
		.dport = 0x2222,
		.family = AF_INET,
	},
};

/* A packet on its own SA. */
static inline struct gmg_inbound honest_in(void)
{
	return (struct gmg_inbound){
		.flow = case_flow,
		.guarded = true,
		.protected = true,
		.sa_protected = true,
		.tf = case_transform,
	};
}

static inline struct gmg_outbound honest_out(void)
{
	return (struct gmg_outbound){
		.flow = case_flow,
		.tf = case_transform,
	};
}

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
	{ "AT-08: accept UDP on its own SA",
	  in_same, 0 },
	{ "AT-08: accept TCP on its own SA",
	  in_tcp, 0 },
	{ "AT-02 GM-01: drop the registered tuple in clear",
	  in_clear, GMGUARD_REASON_IN_PLAINTEXT },
	{ "AT-01 GM-01: drop a stranger in clear",
	  in_clear_stranger, GMGUARD_REASON_IN_PLAINTEXT },
	{ "AT-20: drop SCTP in clear",
	  in_clear_sctp, GMGUARD_REASON_IN_PLAINTEXT },
	{ "AT-33: drop what came through two transforms",
	  in_nested, GMGUARD_REASON_IN_NOT_ESP },
	{ "AT-33: drop what came through AH",
	  in_ah, GMGUARD_REASON_IN_NOT_ESP },
	{ "AT-33: drop what came through a tunnel",
	  in_tunnel, GMGUARD_REASON_IN_NOT_ESP },
	{ "GM-03: drop what came through a selector that is not exact",
	  in_wide, GMGUARD_REASON_IN_SELECTOR },
	{ "AT-05: drop another source address",
	  in_source, GMGUARD_REASON_IN_TUPLE },
	{ "AT-05: drop another source address, in its last word",
	  in_source6, GMGUARD_REASON_IN_TUPLE },
	{ "AT-06: drop another source port",
	  in_sport, GMGUARD_REASON_IN_TUPLE },
	{ "AT-07: drop another destination port",
	  in_dport, GMGUARD_REASON_IN_TUPLE },
	{ "GM-03: drop another family",
	  in_family, GMGUARD_REASON_IN_TUPLE },
	{ "AT-20 GM-03: drop SCTP inside the SA",
	  in_sctp, GMGUARD_REASON_IN_TRANSPORT },
	{ "GM-03: drop ICMP inside the SA",
	  in_icmp_in_sa, GMGUARD_REASON_IN_TRANSPORT },
	{ "GM-03: drop UDP on an adopted SA for TCP",
	  in_other_proto, GMGUARD_REASON_IN_TUPLE },
	{ "AT-26: drop what came through an SA that was deleted meanwhile",
	  in_dead, GMGUARD_REASON_IN_SA_DEAD },
	{ "GM-15: accept REGISTER on a temporary set",
	  in_temporary, 0 },
	{ "GM-15: drop anything but REGISTER on a temporary set",
	  in_temporary_other, GMGUARD_REASON_IN_PHASE },
	{ "accept anything on an established set",
	  in_established_other, 0 },
	{ "AT-47: drop a Fragment header, even with an SA",
	  in_fragment, GMGUARD_REASON_IN_FRAGMENT },
	{ "AT-16: drop unreadable headers",
	  in_malformed, GMGUARD_REASON_IN_MALFORMED },
	{ "AT-32: drop an ICMP error in clear about a protected flow",
	  in_quotes, GMGUARD_REASON_IN_ICMP },
	{ "leave another host's fragments alone",
	  in_other_host, 0 },
	{ "leave other ports of a guarded address alone",
	  in_other_port, 0 },
	{ "drop multicast to a protected port",
	  in_multicast, GMGUARD_REASON_IN_PLAINTEXT },
	{ "GM-02: accept on an unprotected port what may come in clear",
	  sip_fine, 0 },
	{ "AT-22 GM-02: drop on an unprotected port what may not",
	  sip_forbidden, GMGUARD_REASON_IN_UNPROTECTED },
	{ "AT-23 GM-02: drop a stream in clear that can't be followed",
	  sip_lost, GMGUARD_REASON_IN_STREAM },
	{ "AT-24 GM-02: drop in clear what is too much",
	  sip_limited, GMGUARD_REASON_IN_RATE },
	{ "AT-20 GM-02: drop SCTP to an unprotected port",
	  sip_sctp, GMGUARD_REASON_IN_TRANSPORT },
	{ "AT-14 GM-02: drop a fragment for an unprotected port",
	  sip_fragment, GMGUARD_REASON_IN_FRAGMENT },
	{ "GM-02: accept what the core sends inside NDS/IP",
	  sip_nds, 0 },
	{ "AT-07 GM-02: drop what comes through a Gm SA to an unprotected port",
	  sip_gm, GMGUARD_REASON_IN_TUPLE },
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
CHANGE(out_temporary, out->temporary = true)
CHANGE(out_temporary_other, out->temporary = true; out->not_response = true)
CHANGE(out_established_other, out->not_response = true)

struct out_case {
	const char *name;
	void (*change)(struct gmg_outbound *out);
	int reason;
};

static const struct out_case out_cases[] = {
	{ "AT-08: let out what leaves on its own SA",
	  out_same, 0 },
	{ "AT-31 GM-01: drop what would leave in clear",
	  out_clear, GMGUARD_REASON_OUT_PLAINTEXT },
	{ "let out in clear what is for an exempt core peer",
	  out_exempt, 0 },
	{ "let out inside NDS/IP what is for an exempt core peer",
	  out_exempt_tunnel, 0 },
	{ "AT-42: drop what NAT changed on its way out",
	  out_nat, GMGUARD_REASON_OUT_NAT },
	{ "AT-33: drop what would leave through a tunnel",
	  out_tunnel, GMGUARD_REASON_OUT_NOT_ESP },
	{ "AT-33: drop what would leave through two SAs",
	  out_nested, GMGUARD_REASON_OUT_NOT_ESP },
	{ "GM-03: drop what would leave through an SA that is not exact",
	  out_wide, GMGUARD_REASON_OUT_NOT_ESP },
	{ "AT-20: drop SCTP on its way out",
	  out_sctp, GMGUARD_REASON_OUT_TRANSPORT },
	{ "GM-03: drop what would leave on an SA for another port",
	  out_tuple, GMGUARD_REASON_OUT_TUPLE },
	{ "GM-03: drop what would leave on an SA for another UE",
	  out_address, GMGUARD_REASON_OUT_TUPLE },
	{ "GM-15: let out the response to a REGISTER on a temporary set",
	  out_temporary, 0 },
	{ "GM-15: drop anything else on its way out on a temporary set",
	  out_temporary_other, GMGUARD_REASON_OUT_PHASE },
	{ "let out anything on an established set",
	  out_established_other, 0 },
};

#endif /* _GMG_TESTS_VERDICT_CASES_H */
