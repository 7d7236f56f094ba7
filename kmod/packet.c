// SPDX-License-Identifier: GPL-2.0-only
/*
 * From an skb to the plain facts that the verdicts are made of.
 *
 * Context: all run in hooks, under RCU; nothing here writes to the packet.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/dst.h>
#include <net/ipv6.h>
#include <net/xfrm.h>

#include "packet.h"
#include "sa.h"

#define EXT_HEADERS_MAX 64

static void read_ports(const struct sk_buff *skb, struct gmg_packet *packet)
{
	__be16 buf[2];
	const __be16 *ports;

	if (!gmg_proto_has_ports(packet->flow.proto))
		return;
	ports = skb_header_pointer(skb, packet->thoff, sizeof(buf), buf);
	if (!ports) {
		packet->malformed = true;
		return;
	}
	packet->flow.sport = ports[0];
	packet->flow.dport = ports[1];
}

/* The fields of an IPv4 header, which may be a quoted one. */
static const struct iphdr *parse4(const struct sk_buff *skb, int offset,
				  struct iphdr *buf, struct gmg_packet *packet)
{
	struct gmg_flow *flow = &packet->flow;
	const struct iphdr *iph;

	iph = skb_header_pointer(skb, offset, sizeof(*buf), buf);
	if (!iph || iph->ihl < 5) {
		packet->malformed = true;
		return NULL;
	}
	flow->src.w[0] = iph->saddr;
	flow->dst.w[0] = iph->daddr;
	flow->proto = iph->protocol;
	packet->thoff = offset + iph->ihl * 4;
	return iph;
}

/* Length of an extension header, 0 if it can't be read. */
static int ext_header(const struct sk_buff *skb, int offset, u8 *nexthdr,
		      struct gmg_packet *packet, bool *later_fragment)
{
	struct ipv6_opt_hdr buf;
	const struct ipv6_opt_hdr *opt;
	u8 type = *nexthdr;

	opt = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!opt)
		return 0;
	*nexthdr = opt->nexthdr;
	if (type == NEXTHDR_ROUTING) {
		struct ipv6_rt_hdr rbuf;
		const struct ipv6_rt_hdr *rh;

		rh = skb_header_pointer(skb, offset, sizeof(rbuf), &rbuf);
		if (!rh)
			return 0;
		packet->routed |= rh->segments_left;
	}
	if (type == NEXTHDR_AUTH)
		return ipv6_authlen(opt);
	if (type == NEXTHDR_FRAGMENT) {
		struct frag_hdr fbuf;
		const struct frag_hdr *fh;

		fh = skb_header_pointer(skb, offset, sizeof(fbuf), &fbuf);
		if (!fh)
			return 0;
		packet->fragment = true;
		*later_fragment = fh->frag_off & htons(IP6_OFFSET);
		return sizeof(*fh);
	}
	return ipv6_optlen(opt);
}

static void parse6(const struct sk_buff *skb, int offset,
		   struct gmg_packet *packet)
{
	struct gmg_flow *flow = &packet->flow;
	bool later_fragment = false;
	struct ipv6hdr buf;
	const struct ipv6hdr *ip6h;
	u8 nexthdr;
	int i;

	ip6h = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!ip6h) {
		packet->malformed = true;
		return;
	}
	memcpy(&flow->src, &ip6h->saddr, sizeof(flow->src));
	memcpy(&flow->dst, &ip6h->daddr, sizeof(flow->dst));
	nexthdr = ip6h->nexthdr;
	offset += sizeof(*ip6h);

	for (i = 0; ipv6_ext_hdr(nexthdr) && nexthdr != NEXTHDR_NONE; i++) {
		int len = ext_header(skb, offset, &nexthdr, packet,
				     &later_fragment);

		if (!len || i == EXT_HEADERS_MAX) {
			packet->malformed = true;
			return;
		}
		offset += len;
		if (later_fragment)
			break;
	}
	flow->proto = nexthdr;
	packet->thoff = offset;
	if (!later_fragment)
		read_ports(skb, packet);
}

/**
 * gmg_packet_parse() - read the headers of a packet
 * @skb: the packet
 * @family: AF_INET or AF_INET6
 * @offset: where its IP header begins
 * @packet: filled in
 *
 * IPv6 extension headers are walked to their end: an option in front of the
 * ports must not hide them.
 */
void gmg_packet_parse(const struct sk_buff *skb, u8 family, int offset,
		      struct gmg_packet *packet)
{
	const struct iphdr *iph;
	struct iphdr buf;

	memset(packet, 0, sizeof(*packet));
	packet->flow.family = family;
	if (family == AF_INET6) {
		parse6(skb, offset, packet);
		return;
	}
	iph = parse4(skb, offset, &buf, packet);
	if (!iph)
		return;
	packet->fragment = ip_is_fragment(iph);
	/* Only the first fragment has ports. */
	if (!(iph->frag_off & htons(IP_OFFSET)))
		read_ports(skb, packet);
}

/**
 * gmg_packet_parse_quoted() - read the headers that an ICMP error quotes
 * @skb: the ICMP packet
 * @family: AF_INET or AF_INET6
 * @offset: where the quoted IP header begins
 * @packet: filled in
 *
 * Reads what the stack would read: it looks neither at the version nor, for
 * IPv4, at the fragment offset.
 */
void gmg_packet_parse_quoted(const struct sk_buff *skb, u8 family, int offset,
			     struct gmg_packet *packet)
{
	struct iphdr buf;

	memset(packet, 0, sizeof(*packet));
	packet->flow.family = family;
	if (family == AF_INET6)
		parse6(skb, offset, packet);
	else if (parse4(skb, offset, &buf, packet))
		read_ports(skb, packet);
}

static void describe(const struct xfrm_state *x, struct gmg_transform *tf)
{
	const struct xfrm_selector *sel = &x->sel;
	u8 prefix = sel->family == AF_INET ? 32 : 128;

	tf->esp = x->id.proto == IPPROTO_ESP;
	tf->transport = x->props.mode == XFRM_MODE_TRANSPORT;
	tf->valid = READ_ONCE(x->km.state) == XFRM_STATE_VALID;
	tf->exact = (sel->family == AF_INET || sel->family == AF_INET6) &&
		    sel->prefixlen_s == prefix && sel->prefixlen_d == prefix &&
		    sel->sport_mask == htons(0xffff) &&
		    sel->dport_mask == htons(0xffff);
	gmg_addr_from_xfrm(&tf->sel.src, &sel->saddr, sel->family);
	gmg_addr_from_xfrm(&tf->sel.dst, &sel->daddr, sel->family);
	tf->sel.sport = sel->sport;
	tf->sel.dport = sel->dport;
	tf->sel.family = sel->family;
	tf->sel.proto = sel->proto;
}

/**
 * gmg_packet_state() - the state that a packet came through
 * @skb: the packet
 *
 * Return: the state of its only transform, else NULL.
 */
struct xfrm_state *gmg_packet_state(const struct sk_buff *skb)
{
	const struct sec_path *sp = skb_sec_path(skb);

	return sp && sp->len == 1 ? sp->xvec[0] : NULL;
}

/**
 * gmg_transform_in() - what IPsec did to a packet that came in
 * @skb: the packet
 * @tf: filled in
 */
void gmg_transform_in(const struct sk_buff *skb, struct gmg_transform *tf)
{
	const struct sec_path *sp = skb_sec_path(skb);
	const struct xfrm_state *x = gmg_packet_state(skb);

	memset(tf, 0, sizeof(*tf));
	if (sp)
		tf->count = sp->len;
	if (x)
		describe(x, tf);
}

/**
 * gmg_transform_out() - what IPsec is about to do to a packet
 * @skb: the packet
 * @tf: filled in
 */
void gmg_transform_out(const struct sk_buff *skb, struct gmg_transform *tf)
{
	const struct dst_entry *dst = skb_dst(skb);

	memset(tf, 0, sizeof(*tf));
	if (!dst || !dst->xfrm)
		return;
	describe(dst->xfrm, tf);
	while (dst && dst->xfrm) {
		tf->count++;
		dst = xfrm_dst_child(dst);
	}
}
