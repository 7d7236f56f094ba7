// SPDX-License-Identifier: GPL-2.0-only
/*
 * ICMP errors reach sockets and path MTUs by what they quote, whoever sent
 * them. A protected flow travels inside ESP, so nobody on the path can quote
 * it honestly; who quotes ESP has to name an SA that is live.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/ndisc.h>
#include <net/xfrm.h>

#include "endpoint.h"
#include "icmp.h"

static enum gmg_icmp_kind kind4(u8 type, u8 code)
{
	switch (type) {
	case ICMP_DEST_UNREACH:
		return code == ICMP_FRAG_NEEDED ? GMG_ICMP_TOO_BIG :
						  GMG_ICMP_ERROR;
	case ICMP_REDIRECT:
		return GMG_ICMP_REDIRECT;
	case ICMP_SOURCE_QUENCH:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETERPROB:
		return GMG_ICMP_ERROR;
	default:
		return GMG_ICMP_OTHER;
	}
}

static enum gmg_icmp_kind kind6(u8 type)
{
	if (type == NDISC_REDIRECT)
		return GMG_ICMP_REDIRECT;
	if (type == ICMPV6_PKT_TOOBIG)
		return GMG_ICMP_TOO_BIG;
	return type & ICMPV6_INFOMSG_MASK ? GMG_ICMP_OTHER : GMG_ICMP_ERROR;
}

/* Whether (quoted destination, SPI) is an SA that we send on. */
static bool quotes_live_sa(struct gmg_net *gn, const struct sk_buff *skb,
			   const struct gmg_packet *quoted)
{
	struct xfrm_state *x;
	__be32 buf;
	const __be32 *spi;

	spi = skb_header_pointer(skb, quoted->thoff, sizeof(buf), &buf);
	if (!spi)
		return false;
	x = xfrm_state_lookup(gn->net, skb->mark,
			      (const xfrm_address_t *)&quoted->flow.dst, *spi,
			      IPPROTO_ESP, quoted->flow.family);
	if (!x)
		return false;
	xfrm_state_put(x);
	return true;
}

static enum gmg_icmp_kind kind_of(const struct sk_buff *skb,
				  const struct gmg_packet *packet)
{
	bool v4 = packet->flow.family == AF_INET;
	const u8 *type;
	u8 buf[2];

	if (packet->flow.proto != (v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6))
		return GMG_ICMP_OTHER;
	type = skb_header_pointer(skb, packet->thoff, sizeof(buf), buf);
	if (!type)
		return GMG_ICMP_OTHER;
	return v4 ? kind4(type[0], type[1]) : kind6(type[0]);
}

static bool redirect6(enum gmg_icmp_kind kind, const struct gmg_packet *packet)
{
	return kind == GMG_ICMP_REDIRECT && packet->flow.family == AF_INET6;
}

/**
 * gmg_icmp_quoted() - read what an ICMP error is about
 * @skb: a packet
 * @packet: its headers
 * @quoted: filled in, for whatever an ICMP error has to quote
 *
 * An IPv6 redirect need not quote anything, and is not read.
 *
 * Return: what it is.
 */
enum gmg_icmp_kind gmg_icmp_quoted(const struct sk_buff *skb,
				   const struct gmg_packet *packet,
				   struct gmg_packet *quoted)
{
	enum gmg_icmp_kind kind = kind_of(skb, packet);

	if (kind == GMG_ICMP_OTHER || redirect6(kind, packet))
		return kind;
	gmg_packet_parse_quoted(skb, packet->flow.family,
				packet->thoff + sizeof(struct icmphdr), quoted);
	return kind;
}

/**
 * gmg_icmp_deceives() - whether an ICMP message must not be believed
 * @gn: the namespace
 * @skb: a packet that is about to be delivered
 * @packet: its headers
 *
 * The message itself may be for any address of this host. An IPv6 redirect is
 * never believed: what it quotes is optional.
 *
 * Return: true for an error that quotes a protected flow, a "too big" that
 * quotes ESP which no live SA sends, and a redirect.
 */
bool gmg_icmp_deceives(struct gmg_net *gn, const struct sk_buff *skb,
		       const struct gmg_packet *packet)
{
	struct gmg_packet quoted;
	enum gmg_icmp_kind kind = gmg_icmp_quoted(skb, packet, &quoted);
	const struct gmg_flow *flow = &quoted.flow;

	if (kind == GMG_ICMP_OTHER)
		return false;
	if (redirect6(kind, packet))
		return true;
	if (quoted.malformed)
		return true;
	if (!gmg_endpoint_find(gn, flow->family, &flow->src))
		return false;
	if (kind == GMG_ICMP_REDIRECT)
		return true;
	if (flow->proto == IPPROTO_ESP && kind == GMG_ICMP_TOO_BIG)
		return !quotes_live_sa(gn, skb, &quoted);
	return gmg_proto_has_ports(flow->proto) &&
	       gmg_endpoint_of(gn, flow->family, &flow->src, flow->sport);
}

/**
 * gmg_icmp_tells() - whether an ICMP error of this host tells a secret
 * @gn: the namespace
 * @skb: a packet that is about to leave
 * @packet: its headers
 *
 * Without a socket on a protected port the stack answers with an error that
 * quotes the packet, which has been decrypted.
 *
 * Return: true if it quotes what came to a protected port.
 */
bool gmg_icmp_tells(struct gmg_net *gn, const struct sk_buff *skb,
		    const struct gmg_packet *packet)
{
	struct gmg_packet quoted;
	enum gmg_icmp_kind kind = gmg_icmp_quoted(skb, packet, &quoted);

	if (kind != GMG_ICMP_ERROR && kind != GMG_ICMP_TOO_BIG)
		return false;
	return gmg_endpoint_of(gn, quoted.flow.family, &quoted.flow.dst,
			       quoted.flow.dport);
}
