// SPDX-License-Identifier: GPL-2.0-only
/*
 * From an skb to what the rules of a node or router are asked about.
 *
 * Context: all run in hooks, under RCU; nothing here writes to the packet.
 */
#include <linux/ip.h>
#include <linux/netfilter.h>
#include <net/dst.h>
#include <net/ipv6.h>

#include "icmp.h"
#include "packet.h"
#include "passage.h"

/* Whether IPv4 options name a route; what can't be read may be one. */
static bool has_source_route(const struct sk_buff *skb)
{
	u8 buf[MAX_IPOPTLEN];
	unsigned int len = ip_hdrlen(skb) - sizeof(struct iphdr);
	const u8 *opt;
	unsigned int i;

	if (!len)
		return false;
	opt = skb_header_pointer(skb, skb_network_offset(skb) +
				 sizeof(struct iphdr), len, buf);
	if (!opt)
		return true;
	for (i = 0; i < len && opt[i] != IPOPT_END; ) {
		if (opt[i] == IPOPT_LSRR || opt[i] == IPOPT_SSRR)
			return true;
		if (opt[i] == IPOPT_NOOP) {
			i++;
			continue;
		}
		if (i + 1 >= len || opt[i + 1] < 2)
			return true;
		i += opt[i + 1];
	}
	return false;
}

static void read_sas_in(struct gmg_passage *p, struct sk_buff *skb,
			const struct nf_hook_state *state)
{
	const struct sec_path *sp = skb_sec_path(skb);
	int i;

	if (!sp)
		return;
	for (i = 0; i < sp->len; i++)
		p->esp[p->n_esp++] = sp->xvec[i];
	p->policy_ok = state->hook == NF_INET_FORWARD ||
		       xfrm_policy_check(NULL, XFRM_POLICY_IN, skb, state->pf);
}

static void read_sas_out(struct gmg_passage *p, const struct sk_buff *skb)
{
	const struct dst_entry *dst = skb_dst(skb);

	for (; dst && dst->xfrm && p->n_esp < ARRAY_SIZE(p->esp);
	     dst = xfrm_dst_child(dst))
		p->esp[p->n_esp++] = dst->xfrm;
	p->policy_ok = true;
}

static bool is_link_only(const struct gmg_flow *flow)
{
	__be32 a = flow->src.w[0];

	if (flow->family == AF_INET)
		return ipv4_is_zeronet(a) || ipv4_is_linklocal_169(a);
	return ipv6_addr_any((const struct in6_addr *)&flow->src) ||
	       ipv6_addr_type((const struct in6_addr *)&flow->src) &
	       IPV6_ADDR_LINKLOCAL;
}

/**
 * gmg_passage_read() - gather the facts
 * @p: filled in
 * @skb: the packet
 * @state: the hook that it is in: LOCAL_IN, FORWARD or POST_ROUTING
 *
 * At FORWARD the kernel has checked its policies already.
 */
void gmg_passage_read(struct gmg_passage *p, struct sk_buff *skb,
		      const struct nf_hook_state *state)
{
	struct gmg_packet packet;
	struct gmg_packet quoted;
	enum gmg_icmp_kind kind;

	memset(p, 0, sizeof(*p));
	gmg_packet_parse(skb, state->pf, skb_network_offset(skb), &packet);
	p->flow = packet.flow;
	p->in = state->in ? state->in->name : "";
	p->out = state->out ? state->out->name : "";
	p->unreadable = packet.fragment || packet.malformed;
	p->routed = packet.routed ||
		    (state->pf == AF_INET && has_source_route(skb));
	p->link_only = is_link_only(&p->flow);
	if (skb->sk && sk_fullsock(skb->sk))
		p->socket_port = htons(skb->sk->sk_num);

	kind = gmg_icmp_quoted(skb, &packet, &quoted);
	p->is_redirect = kind == GMG_ICMP_REDIRECT;
	p->is_error = kind == GMG_ICMP_ERROR || kind == GMG_ICMP_TOO_BIG;
	if (p->is_error) {
		p->quoted = quoted.flow;
		p->unreadable |= quoted.malformed;
	}

	if (state->hook == NF_INET_POST_ROUTING)
		read_sas_out(p, skb);
	else
		read_sas_in(p, skb, state);
}

static bool fits(const struct xfrm_state *x, const struct gmg_esp_want *want)
{
	return x->id.proto == IPPROTO_ESP &&
	       READ_ONCE(x->km.state) == XFRM_STATE_VALID &&
	       (!want->reqid || x->props.reqid == want->reqid) &&
	       (!want->mask || (x->mark.v == want->mark &&
				x->mark.m == want->mask)) &&
	       (!want->if_id || x->if_id == want->if_id);
}

/**
 * gmg_passage_fits() - whether a packet uses the ESP that it has to
 * @p: the packet
 * @want: what it has to use
 *
 * Return: true if it does, or need not.
 */
bool gmg_passage_fits(const struct gmg_passage *p,
		      const struct gmg_esp_want *want)
{
	unsigned int i;

	if (!want->required)
		return true;
	if (!p->policy_ok)
		return false;
	for (i = 0; i < p->n_esp; i++)
		if (fits(p->esp[i], want))
			return true;
	return false;
}
