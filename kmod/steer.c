// SPDX-License-Identifier: GPL-2.0-only
/*
 * Over UDP everything for the UE leaves from port_pc (TS 33.203 7.1), but a
 * SIP proxy answers from the socket that the request came to, port_ps. So a
 * UDP packet from port_ps to a UE's port_us takes port_pc of the right set as
 * its source and is routed again, which finds SA C.
 *
 * Context: LOCAL_OUT, under RCU, before conntrack has seen the packet.
 */
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>

#include "endpoint.h"
#include "group.h"
#include "packet.h"
#include "steer.h"

static struct gmg_saset *pick(const struct gmg_group *group,
			      const struct sk_buff *skb, int thoff)
{
	struct gmg_payload payload;
	struct gmg_sip sip;
	u64 key = 0;

	gmg_payload_get(skb, thoff, &payload);
	if (gmg_sip_is_register_response(payload.data, payload.len, &sip))
		key = gmg_group_transaction(&sip);
	gmg_payload_put(&payload);
	return gmg_group_pick(group, key);
}

static int rewrite_source(struct sk_buff *skb, int thoff, __be16 port)
{
	struct udphdr *uh;

	if (skb_ensure_writable(skb, thoff + sizeof(*uh)))
		return -ENOMEM;
	uh = (struct udphdr *)(skb->data + thoff);
	if (uh->check || skb->ip_summed == CHECKSUM_PARTIAL) {
		inet_proto_csum_replace2(&uh->check, skb, uh->source, port,
					 false);
		if (!uh->check)
			uh->check = CSUM_MANGLED_0;
	}
	uh->source = port;
	return 0;
}

static int route_again(struct sk_buff *skb, const struct nf_hook_state *state)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (state->pf == NFPROTO_IPV6)
		return ip6_route_me_harder(state->net, state->sk, skb);
#endif
	return ip_route_me_harder(state->net, state->sk, skb, RTN_LOCAL);
}

/**
 * gmg_steer() - move a UDP packet from port_ps to port_pc
 * @gn: the namespace
 * @ep: the endpoint that it leaves from
 * @skb: the packet
 * @state: of the hook
 * @packet: its headers; the source port is updated
 *
 * A packet for a port that no set knows stays as it is: POST_ROUTING judges
 * it, and it may be for an exempt core peer.
 *
 * Return: 0, or the reason to drop (enum gmguard_reason).
 */
int gmg_steer(struct gmg_net *gn, const struct gmg_endpoint *ep,
	      struct sk_buff *skb, const struct nf_hook_state *state,
	      struct gmg_packet *packet)
{
	struct gmg_group_key key;
	struct gmg_group *group;
	struct gmg_saset *set;
	__be16 port;

	gmg_group_key(&key, ep, &packet->flow.dst, packet->flow.dport);
	group = gmg_group_find(gn, &key);
	if (!group)
		return 0;
	set = pick(group, skb, packet->thoff);
	if (!set)
		return GMGUARD_REASON_OUT_NO_SET;

	port = htons(set->port_pc);
	if (rewrite_source(skb, packet->thoff, port) ||
	    route_again(skb, state))
		return GMGUARD_REASON_OUT_ROUTE;
	packet->flow.sport = port;
	return 0;
}
