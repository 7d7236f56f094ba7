// SPDX-License-Identifier: GPL-2.0-only
/*
 * The netfilter hooks: gather the facts, ask for the verdict, count.
 *
 *   PRE_ROUTING   first    IPv6: a Fragment header inside ESP
 *   LOCAL_IN      late     everything that is about to be delivered
 *   LOCAL_OUT     first    note what leaves a protected port; move UDP
 *   POST_ROUTING  late     judge what was noted, or became such, after NAT
 *
 * LOCAL_IN and POST_ROUTING run after NAT, so that they see what the socket,
 * or the wire, will see. LOCAL_OUT runs before any rule and before
 * conntrack, which must know a moved packet by its new port.
 *
 * Concurrency: all run under RCU, on any number of CPUs. Nothing is allocated
 * and no lock is waited for, but that a moved packet is routed again, and that
 * the kernel copies a dropped one if somebody reads drop-copies.
 */
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>

#include "binding.h"
#include "clear.h"
#include "content.h"
#include "endpoint.h"
#include "hook.h"
#include "icmp.h"
#include "packet.h"
#include "phase.h"
#include "saset.h"
#include "steer.h"
#include "trace.h"

/* A bit of IPCB/IP6CB flags that the stack leaves alone. */
#define NOTED BIT(15)

/**
 * gmg_hook_flags() - the flags that IP keeps with a packet
 * @skb: the packet
 * @family: AF_INET or AF_INET6
 *
 * Return: IPSKB or IP6SKB bits.
 */
u16 *gmg_hook_flags(struct sk_buff *skb, u8 family)
{
	return family == AF_INET ? &IPCB(skb)->flags : &IP6CB(skb)->flags;
}

/**
 * gmg_hook_is_transformed() - whether this is ESP's own second pass
 * @skb: a packet that leaves
 * @family: AF_INET or AF_INET6
 *
 * IP and IPv6 have different bits for it.
 *
 * Return: true if it is.
 */
bool gmg_hook_is_transformed(struct sk_buff *skb, u8 family)
{
	return *gmg_hook_flags(skb, family) &
	       (family == AF_INET ? IPSKB_XFRM_TRANSFORMED :
				    IP6SKB_XFRM_TRANSFORMED);
}

/**
 * gmg_hook_apply() - the one place where a verdict becomes a netfilter verdict
 * @gn: the namespace
 * @audit: it is not to be dropped
 * @skb: the packet
 * @state: the hook that it is in
 * @flow: its ends
 * @spi: SPI of the SA that it uses, host byte order, 0 for none
 * @reason: 0 to accept, else enum gmguard_reason
 *
 * Return: NF_ACCEPT or NF_DROP.
 */
unsigned int gmg_hook_apply(struct gmg_net *gn, bool audit,
			    struct sk_buff *skb,
			    const struct nf_hook_state *state,
			    const struct gmg_flow *flow, u32 spi, int reason)
{
	const struct net_device *dev = state->in ?: state->out;

	if (likely(!reason))
		return NF_ACCEPT;
	gmg_stats_count(gn->stats, reason, audit);
	trace_gmguard_drop(skb, flow, reason, spi, audit);
	gmg_samples_add(gn, flow, reason, spi, dev ? dev->ifindex : 0, audit);
	gmg_nflog_copy(gn, skb, state, reason, audit);
	return audit ? NF_ACCEPT : NF_DROP;
}

static unsigned int apply(struct gmg_net *gn, const struct gmg_endpoint *ep,
			  struct sk_buff *skb,
			  const struct nf_hook_state *state,
			  const struct gmg_flow *flow, u32 spi, int reason)
{
	bool audit = reason && gmg_endpoint_audits(gn, ep);

	return gmg_hook_apply(gn, audit, skb, state, flow, spi, reason);
}

static u32 spi_of(const struct xfrm_state *x)
{
	return x ? ntohl(x->id.spi) : 0;
}

/* Whether early demux, TPROXY or BPF chose a socket with a protected port. */
static bool has_protected_port(const struct gmg_net *gn, const struct sock *sk)
{
	return sk && sk_fullsock(sk) && test_bit(sk->sk_num, gn->ports);
}

/* Whether a packet in clear can matter; for most the port says that it can't. */
static bool may_matter(const struct gmg_net *gn, const struct sk_buff *skb,
		       const struct gmg_packet *packet)
{
	if (packet->fragment || packet->malformed)
		return true;
	if (gmg_proto_has_ports(packet->flow.proto))
		return test_bit(ntohs(packet->flow.dport), gn->guarded) ||
		       has_protected_port(gn, skb->sk);
	return packet->flow.proto == IPPROTO_ICMP ||
	       packet->flow.proto == IPPROTO_ICMPV6;
}

/*
 * A socket without an address gets broadcast and multicast too. The sender
 * chooses the frame's destination, so the packet's own counts.
 */
static bool is_for_many(const struct sk_buff *skb, const struct gmg_flow *flow)
{
	if (flow->family == AF_INET)
		return skb_rtable(skb)->rt_flags &
		       (RTCF_BROADCAST | RTCF_MULTICAST);
	return ipv6_addr_is_multicast((const struct in6_addr *)&flow->dst);
}

/*
 * Whether the chosen socket is a protected one: TPROXY and BPF choose whatever
 * the packet's destination says.
 */
static bool is_assigned(const struct gmg_net *gn, const struct sk_buff *skb,
			u8 family)
{
	const struct sock *sk = skb->sk;
	struct gmg_addr addr = {};

	if (!has_protected_port(gn, sk))
		return false;
	if (family == AF_INET)
		addr.w[0] = sk->sk_rcv_saddr;
#if IS_ENABLED(CONFIG_IPV6)
	else
		memcpy(&addr, &sk->sk_v6_rcv_saddr, sizeof(addr));
#endif
	return gmg_endpoint_of(gn, family, &addr, htons(sk->sk_num));
}

/* Whether a socket on a protected port may get the packet. */
static bool is_protected(const struct gmg_net *gn, const struct sk_buff *skb,
			 const struct gmg_packet *packet,
			 const struct gmg_endpoint *ep)
{
	const struct gmg_flow *flow = &packet->flow;

	if (!gmg_proto_has_ports(flow->proto))
		return false;
	if (ep && gmg_endpoint_protects(ep, flow->dport))
		return true;
	/* The stack may yet turn a routed packet to a guarded address. */
	if (!ep && (packet->routed || is_for_many(skb, flow)) &&
	    test_bit(ntohs(flow->dport), gn->ports))
		return true;
	return is_assigned(gn, skb, flow->family);
}

/* Whether a packet is for an unprotected SIP port, of no core peer's. */
static bool is_unprotected(const struct gmg_net *gn, const struct sk_buff *skb,
			   const struct gmg_packet *packet,
			   const struct gmg_endpoint *ep)
{
	const struct gmg_flow *flow = &packet->flow;

	if (!gmg_proto_has_ports(flow->proto))
		return false;
	if (ep)
		return gmg_endpoint_is_unprotected(ep, flow->dport) &&
		       !gmg_endpoint_exempts(ep, &flow->src);
	return (packet->routed || is_for_many(skb, flow)) &&
	       test_bit(ntohs(flow->dport), gn->guarded);
}

static unsigned int local_in(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	struct gmg_net *gn = gmg_net(state->net);
	struct xfrm_state *x = gmg_packet_state(skb);
	struct gmg_saset *set = NULL;
	struct gmg_content content;
	struct gmg_endpoint *ep;
	struct gmg_packet packet;
	struct gmg_inbound in;
	int reason;

	gmg_packet_parse(skb, state->pf, skb_network_offset(skb), &packet);
	if (!skb_sec_path(skb) && !may_matter(gn, skb, &packet))
		return NF_ACCEPT;

	ep = gmg_endpoint_find(gn, state->pf, &packet.flow.dst);
	memset(&in, 0, sizeof(in));
	in.flow = packet.flow;
	in.guarded = ep;
	in.malformed = packet.malformed;
	in.fragment = packet.fragment;
	in.protected = is_protected(gn, skb, &packet, ep);
	in.unprotected = !in.protected && is_unprotected(gn, skb, &packet, ep);
	in.icmp_deceives = gmg_icmp_deceives(gn, skb, &packet);

	gmg_transform_in(skb, &in.tf);
	if (ep && x && in.tf.exact)
		in.sa_protected = gmg_endpoint_protects(ep, in.tf.sel.dport);
	if (x)
		set = gmg_saset_by_state(gn, x);

	/* A stream is followed only through what is all right otherwise. */
	reason = gmg_verdict_in(&in);
	if (!reason && set) {
		in.temporary = !gmg_phase_is_authenticated(set);
		gmg_content_in(set, skb, &packet, &content);
		in.not_register = content.other;
		if (in.temporary)
			reason = gmg_verdict_in(&in);
	} else if (!reason && in.unprotected && !in.tf.count) {
		in.clear = gmg_clear_look(gn->clear, ep, skb, &packet, state);
		reason = gmg_verdict_in(&in);
	}
	if (!reason && set)
		gmg_content_took(set, &content);
	return apply(gn, ep, skb, state, &packet.flow, spi_of(x), reason);
}

static unsigned int local_out(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	struct gmg_net *gn = gmg_net(state->net);
	u16 *flags = gmg_hook_flags(skb, state->pf);
	struct gmg_endpoint *ep;
	struct gmg_packet packet;
	int reason = 0;

	if (gmg_hook_is_transformed(skb, state->pf))
		return NF_ACCEPT;
	gmg_packet_parse(skb, state->pf, skb_network_offset(skb), &packet);
	if (gmg_icmp_tells(gn, skb, &packet))
		return apply(gn, NULL, skb, state, &packet.flow, 0,
			     GMGUARD_REASON_OUT_ICMP);
	if (!packet.fragment &&
	    !test_bit(ntohs(packet.flow.sport), gn->ports))
		return NF_ACCEPT;
	ep = gmg_endpoint_find(gn, state->pf, &packet.flow.src);
	if (!ep)
		return NF_ACCEPT;
	if (packet.fragment)
		return apply(gn, ep, skb, state, &packet.flow, 0,
			     GMGUARD_REASON_OUT_FRAGMENT);
	if (!gmg_endpoint_protects(ep, packet.flow.sport))
		return NF_ACCEPT;

	*flags |= NOTED;
	if (packet.flow.proto == IPPROTO_UDP && !ep->conf.audit &&
	    gmg_endpoint_is_ps(ep, packet.flow.sport))
		reason = gmg_steer(gn, ep, skb, state, &packet);
	return apply(gn, ep, skb, state, &packet.flow, 0, reason);
}

static bool is_natted(const struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	return ct && (ct->status & IPS_NAT_MASK);
}

/* The owned set in phase temporary that a packet would leave on, or NULL. */
static struct gmg_saset *temporary_set_of(struct gmg_net *gn,
					  const struct gmg_flow *flow)
{
	const struct gmg_tuple tuple = {
		.ue = flow->dst,
		.local = flow->src,
		.ue_port = flow->dport,
		.local_port = flow->sport,
		.family = flow->family,
	};
	struct gmg_binding *binding;

	if (!READ_ONCE(gn->n_sets[GMGUARD_PHASE_TEMPORARY]))
		return NULL;
	binding = gmg_binding_find(gn, &tuple);
	if (!binding || gmg_phase_is_authenticated(binding->set))
		return NULL;
	return binding->set;
}

static unsigned int post_routing(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	struct gmg_net *gn = gmg_net(state->net);
	u16 *flags = gmg_hook_flags(skb, state->pf);
	bool noted = *flags & NOTED;
	struct gmg_outbound out;
	struct gmg_endpoint *ep;
	struct gmg_packet packet;
	struct gmg_saset *set;
	int reason;

	if (gmg_hook_is_transformed(skb, state->pf))
		return NF_ACCEPT;
	*flags &= ~NOTED;
	gmg_packet_parse(skb, state->pf, skb_network_offset(skb), &packet);
	/* What a rule turned into a packet of a protected port counts, too. */
	if (!noted && !test_bit(ntohs(packet.flow.sport), gn->ports))
		return NF_ACCEPT;
	ep = gmg_endpoint_find(gn, state->pf, &packet.flow.src);
	if (!noted && !(ep && gmg_endpoint_protects(ep, packet.flow.sport)))
		return NF_ACCEPT;

	memset(&out, 0, sizeof(out));
	out.flow = packet.flow;
	out.nat = is_natted(skb);
	out.exempt = ep && gmg_endpoint_exempts(ep, &packet.flow.dst);
	gmg_transform_out(skb, &out.tf);
	reason = gmg_verdict_out(&out);
	set = reason ? NULL : temporary_set_of(gn, &packet.flow);
	if (set) {
		out.temporary = true;
		out.not_response = !gmg_content_is_response(set, skb, &packet);
		reason = gmg_verdict_out(&out);
	}
	return apply(gn, ep, skb, state, &packet.flow,
		     spi_of(skb_dst(skb)->xfrm), reason);
}

/*
 * Reassembly in PRE_ROUTING would accept a Fragment header inside ESP as if it
 * had come in front of it (TS 33.203 7.1 knows no fragments inside an SA).
 */
static unsigned int pre_routing6(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	struct gmg_net *gn = gmg_net(state->net);
	struct gmg_endpoint *ep;
	struct gmg_packet packet;

	if (likely(!skb_sec_path(skb)))
		return NF_ACCEPT;
	gmg_packet_parse(skb, AF_INET6, skb_network_offset(skb), &packet);
	ep = packet.fragment ?
	     gmg_endpoint_find(gn, AF_INET6, &packet.flow.dst) : NULL;
	if (!ep)
		return NF_ACCEPT;
	return apply(gn, ep, skb, state, &packet.flow,
		     spi_of(gmg_packet_state(skb)), GMGUARD_REASON_IN_FRAGMENT);
}

static const struct nf_hook_ops hook_ops[] = {
	{
		.hook = local_in,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = NF_IP_PRI_LAST - 1,
	},
	{
		.hook = local_out,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP_PRI_FIRST,
	},
	{
		.hook = post_routing,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_POST_ROUTING,
		.priority = NF_IP_PRI_LAST - 1,
	},
#if IS_ENABLED(CONFIG_IPV6)
	{
		.hook = pre_routing6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP6_PRI_FIRST,
	},
	{
		.hook = local_in,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = NF_IP6_PRI_LAST - 1,
	},
	{
		.hook = local_out,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP6_PRI_FIRST,
	},
	{
		.hook = post_routing,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_POST_ROUTING,
		.priority = NF_IP6_PRI_LAST - 1,
	},
#endif
};

/**
 * gmg_hooks_register() - start to see the packets of a namespace
 * @net: the namespace
 *
 * IPv6 is reassembled before LOCAL_IN only if somebody asks for it.
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int gmg_hooks_register(struct net *net)
{
	int err;

#if IS_ENABLED(CONFIG_IPV6)
	err = nf_defrag_ipv6_enable(net);
	if (err)
		return err;
#endif
	err = nf_register_net_hooks(net, hook_ops, ARRAY_SIZE(hook_ops));
#if IS_ENABLED(CONFIG_IPV6)
	if (err)
		nf_defrag_ipv6_disable(net);
#endif
	return err;
}

/**
 * gmg_hooks_unregister() - no hook runs any more on return
 * @net: the namespace
 *
 * Context: may sleep.
 */
void gmg_hooks_unregister(struct net *net)
{
	nf_unregister_net_hooks(net, hook_ops, ARRAY_SIZE(hook_ops));
	synchronize_net();
#if IS_ENABLED(CONFIG_IPV6)
	nf_defrag_ipv6_disable(net);
#endif
}
