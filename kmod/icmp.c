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

enum icmp_kind {
	ICMP_KIND_OTHER,
	ICMP_KIND_ERROR,
	ICMP_KIND_TOO_BIG,
	ICMP_KIND_REDIRECT,
};

static enum icmp_kind kind4(u8 type, u8 code)
{
	switch (type) {
	case ICMP_DEST_UNREACH:
		return code == ICMP_FRAG_NEEDED ? ICMP_KIND_TOO_BIG :
						  ICMP_KIND_ERROR;
	case ICMP_REDIRECT:
		return ICMP_KIND_REDIRECT;
	case ICMP_SOURCE_QUENCH:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETERPROB:
		return ICMP_KIND_ERROR;
	default:
		return ICMP_KIND_OTHER;
	}
}

static enum icmp_kind kind6(u8 type)
{
	if (type == NDISC_REDIRECT)
		return ICMP_KIND_REDIRECT;
	if (type == ICMPV6_PKT_TOOBIG)
		return ICMP_KIND_TOO_BIG;
	return type & ICMPV6_INFOMSG_MASK ? ICMP_KIND_OTHER : ICMP_KIND_ERROR;
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

/**
 * gmg_icmp_quotes() - whether an ICMP packet must not be believed
 * @gn: the namespace
 * @skb: a packet for a guarded address
 * @packet: its headers
 *
 * A redirect for a guarded address is never believed: it would turn the ESP of
 * a UE to another router.
 *
 * Return: true for an error that quotes a protected flow, a "too big" that
 * quotes ESP which no live SA sends, and a redirect.
 */
bool gmg_icmp_quotes(struct gmg_net *gn, const struct sk_buff *skb,
		     const struct gmg_packet *packet)
{
	const struct gmg_endpoint *ep;
	struct gmg_packet quoted;
	enum icmp_kind kind;
	const u8 *type;
	u8 buf[2];

	if (packet->flow.proto !=
	    (packet->flow.family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6))
		return false;
	type = skb_header_pointer(skb, packet->thoff, sizeof(buf), buf);
	if (!type)
		return false;
	kind = packet->flow.family == AF_INET ? kind4(type[0], type[1]) :
						kind6(type[0]);
	if (kind == ICMP_KIND_OTHER)
		return false;
	if (kind == ICMP_KIND_REDIRECT)
		return true;

	gmg_packet_parse(skb, packet->flow.family,
			 packet->thoff + sizeof(struct icmphdr), &quoted);
	ep = gmg_endpoint_find(gn, quoted.flow.family, &quoted.flow.src);
	if (!ep)
		return false;
	if (quoted.malformed)
		return true;
	if (quoted.flow.proto == IPPROTO_ESP && kind == ICMP_KIND_TOO_BIG)
		return !quotes_live_sa(gn, skb, &quoted);
	return gmg_proto_has_ports(quoted.flow.proto) &&
	       gmg_endpoint_protects(ep, quoted.flow.sport);
}
