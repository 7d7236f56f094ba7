// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets on their way through netfilter's own LOCAL_IN, with the module's hook
 * in it: what it drops, and why. What came through an SA has the real state of
 * a set in its security path; only ESP itself is left out.
 */
#include <linux/ip.h>
#include <linux/netfilter.h>
#include <linux/udp.h>
#include <net/ip.h>

#include "clock.h"
#include "group.h"
#include "phase.h"
#include "stats.h"
#include "stream-text.h"
#include "test.h"

#define PORT_UC 5062
#define PORT_US 5063

#define HOUR_MS (3600 * MSEC_PER_SEC)

#define CALL_ID(id) "Call-ID: " id "\r\nCSeq: 1 REGISTER\r\n\r\n"
#define REGISTER(id) REG CALL_ID(id)
#define SOS "INVITE urn:service:sos SIP/2.0\r\n" CALL_ID("sos")
#define STUN "\0\1\0\0\x21\x12\xa4\1020123456789ab"

/* How a packet came, and the phase of the set if through an SA. */
enum way {
	IN_CLEAR,
	TEMPORARY_A,
	TEMPORARY_D,
	ESTABLISHED_A,
	ESTABLISHED_D,
};

#define TEXT(text) .data = (text), .len = sizeof(text) - 1

static const struct packet {
	const char *name;
	enum way way;
	u16 sport;	/* 0: that of the SA, or 5062 */
	u16 dport;	/* 0: that of the SA */
	u8 host;	/* added to the source address */
	u8 proto;	/* 0: UDP */
	bool fragment;
	bool dead;	/* the SA has been deleted meanwhile */
	bool emergency;	/* as the endpoint is configured */
	bool stun;
	bool exempt;	/* the source is an exempt core peer */
	const char *data;
	u16 len;
	int reason;
} packets[] = {
	{ "GM-01 AT-01: drop a REGISTER in clear on port_ps",
	  .dport = 6101, TEXT(REGISTER("1")),
	  .reason = GMGUARD_REASON_IN_PLAINTEXT },
	{ "GM-01 AT-03: drop an INVITE in clear on port_pc",
	  .dport = 6110, TEXT(INVITE),
	  .reason = GMGUARD_REASON_IN_PLAINTEXT },
	{ "GM-01 AT-01: drop what an exempt core peer sends in clear there",
	  .dport = 6101, .exempt = true, TEXT(INVITE),
	  .reason = GMGUARD_REASON_IN_PLAINTEXT },
	{ "GM-01 AT-20: drop SCTP in clear on port_ps",
	  .dport = 6101, .proto = IPPROTO_SCTP, TEXT(INVITE),
	  .reason = GMGUARD_REASON_IN_PLAINTEXT },
	{ "GM-01 AT-14: drop a fragment for the guarded address",
	  .dport = 6101, .fragment = true, TEXT(INVITE),
	  .reason = GMGUARD_REASON_IN_FRAGMENT },
	{ "leave other ports of the guarded address alone",
	  .dport = 8080, TEXT(INVITE) },

	{ "GM-02: accept REGISTER in clear on an unprotected port",
	  .dport = 5060, TEXT(REGISTER("1")) },
	{ "GM-02: accept an error response there",
	  .dport = 5060, TEXT("SIP/2.0 404 x\r\n\r\n") },
	{ "GM-02: accept a keep-alive there",
	  .dport = 5060, TEXT("\r\n\r\n") },
	{ "GM-02 AT-22: drop INVITE in clear on an unprotected port",
	  .dport = 5060, TEXT(INVITE),
	  .reason = GMGUARD_REASON_IN_UNPROTECTED },
	{ "GM-02 AT-22: drop a 200 there",
	  .dport = 5060, TEXT("SIP/2.0 200 OK\r\n\r\n"),
	  .reason = GMGUARD_REASON_IN_UNPROTECTED },
	{ "GM-02 AT-22: drop what is no SIP there",
	  .dport = 5060, TEXT("GET / HTTP/1.1\r\n\r\n"),
	  .reason = GMGUARD_REASON_IN_UNPROTECTED },
	{ "GM-02 AT-14: drop a fragment for it",
	  .dport = 5060, .fragment = true, TEXT(REGISTER("1")),
	  .reason = GMGUARD_REASON_IN_FRAGMENT },
	{ "GM-02 AT-20: drop SCTP to it",
	  .dport = 5060, .proto = IPPROTO_SCTP, TEXT(REGISTER("1")),
	  .reason = GMGUARD_REASON_IN_TRANSPORT },
	{ "GM-02: accept INVITE there from an exempt core peer",
	  .dport = 5060, .exempt = true, TEXT(INVITE) },
	{ "GM-02: drop STUN unless the endpoint says otherwise",
	  .dport = 5060, TEXT(STUN),
	  .reason = GMGUARD_REASON_IN_UNPROTECTED },
	{ "GM-02: accept STUN if it does",
	  .dport = 5060, .stun = true, TEXT(STUN) },
	{ "GM-38: drop an emergency call unless the endpoint says otherwise",
	  .dport = 5060, TEXT(SOS),
	  .reason = GMGUARD_REASON_IN_UNPROTECTED },
	{ "GM-38: accept an emergency call if it does",
	  .dport = 5060, .emergency = true, TEXT(SOS) },
	{ "GM-38 AT-22: drop an INVITE to somebody else even then",
	  .dport = 5060, .emergency = true,
	  TEXT("INVITE sip:b SIP/2.0\r\n" CALL_ID("other")),
	  .reason = GMGUARD_REASON_IN_UNPROTECTED },

	{ "GM-15: accept REGISTER on SA A of a temporary set",
	  TEMPORARY_A, TEXT(REGISTER("1")) },
	{ "GM-15: accept REGISTER on SA D of a temporary set",
	  TEMPORARY_D, TEXT(REGISTER("1")) },
	{ "GM-15 AT-36: drop INVITE on a temporary set",
	  TEMPORARY_A, TEXT(INVITE), .reason = GMGUARD_REASON_IN_PHASE },
	{ "GM-15: drop a keep-alive on a temporary set",
	  TEMPORARY_A, TEXT("\r\n\r\n"),
	  .reason = GMGUARD_REASON_IN_PHASE },
	{ "GM-15 AT-36: drop a response on SA D of a temporary set",
	  TEMPORARY_D, TEXT("SIP/2.0 200 OK\r\n\r\n"),
	  .reason = GMGUARD_REASON_IN_PHASE },
	{ "AT-08: accept INVITE on SA A of an established set",
	  ESTABLISHED_A, TEXT(INVITE) },
	{ "AT-08: accept a response on SA D of an established set",
	  ESTABLISHED_D, TEXT("SIP/2.0 200 OK\r\n\r\n") },
	{ "GM-14 AT-05: drop another source address on an SA",
	  ESTABLISHED_A, .host = 1, TEXT(INVITE),
	  .reason = GMGUARD_REASON_IN_TUPLE },
	{ "GM-14 AT-06: drop another source port on an SA",
	  ESTABLISHED_A, .sport = PORT_US, TEXT(INVITE),
	  .reason = GMGUARD_REASON_IN_TUPLE },
	{ "GM-14 AT-07: drop another destination port on an SA",
	  ESTABLISHED_A, .dport = 6102, TEXT(INVITE),
	  .reason = GMGUARD_REASON_IN_TUPLE },
	{ "GM-14 AT-07: drop an unprotected destination port on an SA",
	  ESTABLISHED_A, .dport = 5060, TEXT(REGISTER("1")),
	  .reason = GMGUARD_REASON_IN_TUPLE },
	{ "GM-14 AT-07: drop a port on an SA that is not guarded at all",
	  ESTABLISHED_A, .dport = 8080, TEXT(INVITE),
	  .reason = GMGUARD_REASON_IN_TUPLE },
	{ "GM-03 AT-20: drop SCTP on an SA",
	  ESTABLISHED_A, .proto = IPPROTO_SCTP, TEXT(INVITE),
	  .reason = GMGUARD_REASON_IN_TRANSPORT },
	{ "AT-26: drop what came through an SA that was deleted meanwhile",
	  ESTABLISHED_A, .dead = true, TEXT(INVITE),
	  .reason = GMGUARD_REASON_IN_SA_DEAD },
};

GMG_ROWS(packets);

static struct sk_buff *build(struct kunit *test, const struct packet *packet,
			     u16 sport, u16 dport)
{
	unsigned int len = sizeof(struct iphdr) + sizeof(struct udphdr) +
			   packet->len;
	struct sk_buff *skb = alloc_skb(len + NET_SKB_PAD, GFP_KERNEL);
	struct udphdr *uh;
	struct iphdr *iph;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, NET_SKB_PAD);
	skb_reset_network_header(skb);
	iph = skb_put_zero(skb, sizeof(*iph));
	iph->version = 4;
	iph->ihl = 5;
	iph->ttl = 64;
	iph->protocol = packet->proto ?: IPPROTO_UDP;
	iph->tot_len = htons(len);
	iph->frag_off = packet->fragment ? htons(IP_MF) : 0;
	iph->saddr = htonl(GMG_LAB_UE + packet->host);
	iph->daddr = htonl(GMG_LAB_PCSCF);
	skb_set_transport_header(skb, sizeof(*iph));
	uh = skb_put_zero(skb, sizeof(*uh));
	uh->source = htons(sport);
	uh->dest = htons(dport);
	uh->len = htons(sizeof(*uh) + packet->len);
	skb_put_data(skb, packet->data, packet->len);
	skb->protocol = htons(ETH_P_IP);
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	return skb;
}

/* ESP leaves this behind. */
static void came_through(struct kunit *test, struct sk_buff *skb,
			 struct xfrm_state *x)
{
	struct sec_path *sp = secpath_set(skb);

	KUNIT_ASSERT_NOT_NULL(test, sp);
	xfrm_state_hold(x);
	sp->xvec[sp->len++] = x;
}

static int delivered(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	return 0;
}

/* The packet comes in: why it is dropped, or 0. */
static int receive(struct kunit *test, struct sk_buff *skb)
{
	struct gmg_lab *lab = test->priv;
	u64 before[GMGUARD_REASON_MAX + 1];
	int reason;
	int err;

	for (reason = 1; reason <= GMGUARD_REASON_MAX; reason++)
		before[reason] = gmg_stats_read(&init_net, lab->gn->stats,
						reason);
	local_bh_disable();
	rcu_read_lock();
	err = nf_hook(NFPROTO_IPV4, NF_INET_LOCAL_IN, &init_net, NULL, skb,
		      NULL, NULL, delivered);
	rcu_read_unlock();
	local_bh_enable();
	if (err == 1) {
		kfree_skb(skb);
		return 0;
	}
	KUNIT_EXPECT_EQ(test, err, -EPERM);
	for (reason = 1; reason <= GMGUARD_REASON_MAX; reason++)
		if (gmg_stats_read(&init_net, lab->gn->stats, reason) !=
		    before[reason])
			return reason;
	KUNIT_FAIL(test, "dropped without a reason");
	return -1;
}

/* The set that a packet comes through. */
static struct gmg_saset *set_for(struct kunit *test, enum way way)
{
	const struct gmg_lab_set want = {
		.port_uc = PORT_UC,
		.port_us = PORT_US,
		.lifetime_ms = HOUR_MS,
	};

	if (way == TEMPORARY_A || way == TEMPORARY_D)
		return gmg_lab_temporary(test, &want);
	return gmg_lab_established(test, &want);
}

/* Through @set, or in clear without one. */
static int send_packet(struct kunit *test, const struct packet *packet,
		       struct gmg_saset *set)
{
	bool on_d = packet->way == TEMPORARY_D || packet->way == ESTABLISHED_D;
	u16 sport = packet->sport ?: (on_d ? PORT_US : PORT_UC);
	u16 dport = packet->dport;
	struct sk_buff *skb;

	if (!dport)
		dport = on_d ? set->port_pc : set->port_ps;
	skb = build(test, packet, sport, dport);
	if (set)
		came_through(test, skb, set->sa[on_d ? GMGUARD_SA_NAME_D :
						       GMGUARD_SA_NAME_A]);
	return receive(test, skb);
}

static void local_in(struct kunit *test)
{
	const struct packet *row = test->param_value;
	struct gmg_lab *lab = test->priv;
	struct gmg_endpoint_conf *conf;
	struct gmg_saset *set = NULL;

	conf = kunit_kzalloc(test, sizeof(*conf), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, conf);
	*conf = lab->ep->conf;
	conf->emergency = row->emergency;
	conf->stun = row->stun;
	if (row->exempt) {
		gmg_lab_addr(&conf->exempt[0].addr, GMG_LAB_UE);
		conf->exempt[0].len = 24;
		conf->n_exempt = 1;
	}
	KUNIT_ASSERT_EQ(test, 0, gmg_lab_guard(lab, conf));
	if (row->way != IN_CLEAR)
		set = set_for(test, row->way);
	if (row->dead)
		xfrm_state_delete(set->sa[GMGUARD_SA_NAME_A]);
	KUNIT_EXPECT_STREQ(test, gmg_lab_reason(send_packet(test, row, set)),
			   gmg_lab_reason(row->reason));
}

/* A set that is established beside one that protected its SM1. */
static struct gmg_saset *second_set(struct kunit *test, struct gmg_saset **old)
{
	struct gmg_lab_set want = { .lifetime_ms = HOUR_MS };

	*old = gmg_lab_established(test, &want);
	want.protected_by = (*old)->id;
	want.port_uc = PORT_UC;
	want.port_us = (*old)->port_us;
	return gmg_lab_temporary(test, &want);
}

static const struct take {
	const char *name;
	enum way way;
	const char *data;
	u16 len;
	bool taken;
} takes[] = {
	{ "GM-33: take a set into use at a request on SA A",
	  ESTABLISHED_A, TEXT(INVITE), true },
	{ "GM-33: take a set into use at a response on SA D",
	  ESTABLISHED_D, TEXT("SIP/2.0 200 OK\r\n\r\n"), true },
	{ "GM-33: take a set into use at another REGISTER",
	  ESTABLISHED_A, TEXT(REGISTER("2")), true },
	{ "GM-33: do not at a repeat of the REGISTER that was SM7",
	  ESTABLISHED_A, TEXT(REGISTER("1")), false },
	{ "GM-33: do not at a keep-alive", ESTABLISHED_A, TEXT("\r\n\r\n"),
	  false },
	{ "GM-33: do not at STUN", ESTABLISHED_A, TEXT(STUN), false },
};

GMG_ROWS(takes);

static void take(struct kunit *test)
{
	static const struct packet sm7 = {
		.way = TEMPORARY_A,
		TEXT(REGISTER("1")),
	};
	const struct take *row = test->param_value;
	const struct packet packet = {
		.way = row->way,
		.data = row->data,
		.len = row->len,
	};
	struct gmg_saset *old;
	struct gmg_saset *set = second_set(test, &old);

	KUNIT_ASSERT_EQ(test, 0, send_packet(test, &sm7, set));
	KUNIT_ASSERT_EQ(test, 0, gmg_lab_change(test->priv, set,
						GMGUARD_PHASE_ESTABLISHED,
						HOUR_MS));
	KUNIT_ASSERT_EQ(test, 0, send_packet(test, &packet, set));
	gmg_lab_pass(test->priv, 0);
	KUNIT_EXPECT_PTR_EQ(test, gmg_group_in_use(set->group),
			    row->taken ? set : old);
	KUNIT_EXPECT_EQ(test, old->phase,
			row->taken ? GMGUARD_PHASE_SUPERSEDED :
				     GMGUARD_PHASE_ESTABLISHED);
}

static const struct packet flood = {
	.dport = 5060,
	TEXT(REGISTER("1")),
};

/* Each message of a burst, then one too many, then time. */
static void rate(struct kunit *test)
{
	struct gmg_lab *lab = test->priv;
	u32 i;

	for (i = 0; i < lab->gn->limits.unprotected_burst; i++)
		KUNIT_ASSERT_EQ(test, 0, send_packet(test, &flood, NULL));
	KUNIT_EXPECT_STREQ(test,
			   gmg_lab_reason(send_packet(test, &flood, NULL)),
			   gmg_lab_reason(GMGUARD_REASON_IN_RATE));
	gmg_lab_pass(lab, MSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, 0, send_packet(test, &flood, NULL));
}

static void rate_of_registered(struct kunit *test)
{
	static const struct packet invite = {
		.way = ESTABLISHED_A,
		TEXT(INVITE),
	};
	struct gmg_saset *set = set_for(test, invite.way);
	struct gmg_lab *lab = test->priv;
	u32 i;

	for (i = 0; i < 2 * lab->gn->limits.unprotected_burst; i++) {
		send_packet(test, &flood, NULL);
		KUNIT_ASSERT_EQ(test, 0, send_packet(test, &invite, set));
	}
}

static void call(struct kunit *test)
{
	static const struct packet sos = { .dport = 5060, TEXT(SOS) };
	static const struct packet bye = {
		.dport = 5060, TEXT("BYE sip:a SIP/2.0\r\n" CALL_ID("sos")) };
	struct gmg_lab *lab = test->priv;
	struct gmg_endpoint_conf *conf;

	conf = kunit_kzalloc(test, sizeof(*conf), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, conf);
	*conf = lab->ep->conf;
	conf->emergency = true;
	KUNIT_ASSERT_EQ(test, 0, gmg_lab_guard(lab, conf));
	KUNIT_EXPECT_STREQ(test,
			   gmg_lab_reason(send_packet(test, &bye, NULL)),
			   gmg_lab_reason(GMGUARD_REASON_IN_UNPROTECTED));
	KUNIT_EXPECT_EQ(test, 0, send_packet(test, &sos, NULL));
	KUNIT_EXPECT_EQ(test, 0, send_packet(test, &bye, NULL));
	gmg_lab_pass(lab, lab->gn->limits.emergency_ms);
	KUNIT_EXPECT_STREQ(test,
			   gmg_lab_reason(send_packet(test, &bye, NULL)),
			   gmg_lab_reason(GMGUARD_REASON_IN_UNPROTECTED));
}

static void audit(struct kunit *test)
{
	static const struct packet invite = { .dport = 6101, TEXT(INVITE) };
	struct gmg_lab *lab = test->priv;
	u64 before = gmg_stats_audited(lab->gn->stats,
				       GMGUARD_REASON_IN_PLAINTEXT);

	lab->ep->conf.audit = true;
	KUNIT_EXPECT_EQ(test, 0, send_packet(test, &invite, NULL));
	lab->ep->conf.audit = false;
	KUNIT_EXPECT_EQ(test, before + 1,
			gmg_stats_audited(lab->gn->stats,
					  GMGUARD_REASON_IN_PLAINTEXT));
}

static const struct story {
	const char *name;
	void (*tell)(struct kunit *test);
} stories[] = {
	{ "GM-02 AT-24: drop what a source sends too much, until later",
	  rate },
	{ "AT-24: count nothing that a registered UE sends",
	  rate_of_registered },
	{ "GM-38: accept the messages of an emergency call, for its time",
	  call },
	{ "drop nothing in audit, but count it", audit },
};

GMG_ROWS(stories);

static void story(struct kunit *test)
{
	const struct story *row = test->param_value;

	row->tell(test);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(local_in, packets_gen_params),
	KUNIT_CASE_PARAM(take, takes_gen_params),
	KUNIT_CASE_PARAM(story, stories_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "gmguard-hook",
	.init = gmg_lab_open,
	.exit = gmg_lab_close,
	.test_cases = cases,
};

kunit_test_suite(suite);
