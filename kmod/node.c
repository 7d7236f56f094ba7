// SPDX-License-Identifier: GPL-2.0-only
/*
 * A core node (I-CSCF, S-CSCF, AS, HSS, border): who may reach its ports
 * (TS 33.203 Annex J), and what may not go in clear (NDS/IP, 6.5).
 *
 * Context: any, pure.
 */
#include "ruleset.h"

static bool is_guarded(const struct gmg_ruleset *rs, u8 proto, __be16 port)
{
	return gmg_proto_has_ports(proto) &&
	       test_bit(ntohs(port), rs->guarded[gmg_port_class(proto)]);
}

/* Whether either end is a SIP port without TLS. */
static bool is_clear_sip(const struct gmg_ruleset *rs,
			 const struct gmg_flow *flow)
{
	const unsigned long *clear = rs->clear[gmg_port_class(flow->proto)];

	return gmg_proto_has_ports(flow->proto) &&
	       (test_bit(ntohs(flow->sport), clear) ||
		test_bit(ntohs(flow->dport), clear));
}

/* A peer has what is listed for it, else all that is guarded. */
static bool may_reach(const struct gmg_ruleset *rs, const struct gmg_rule *peer,
		      u8 proto, __be16 port)
{
	if (peer->n_ports)
		return gmg_ports_have(peer->port, peer->n_ports, proto, port);
	return gmg_ports_have(rs->port, rs->n_ports, proto, port);
}

/* A packet for a guarded port. */
static int judge_guarded(const struct gmg_ruleset *rs,
			 const struct gmg_passage *p,
			 const struct gmg_rule *peer, __be16 port)
{
	if (!peer)
		return GMGUARD_REASON_PEER_UNKNOWN;
	if (*peer->dev && !gmg_dev_matches(peer->dev, p->in))
		return GMGUARD_REASON_PEER_INTERFACE;
	if (!may_reach(rs, peer, p->flow.proto, port))
		return GMGUARD_REASON_PEER_PORT;
	if (!gmg_passage_fits(p, &peer->esp))
		return GMGUARD_REASON_PEER_ESP;
	return 0;
}

/*
 * An ICMP error about what this node has sent to a peer: with ESP in between,
 * nobody who sends it in clear can know of it.
 */
static struct gmg_ruling judge_error(const struct gmg_ruleset *rs,
				     const struct gmg_passage *p)
{
	const struct gmg_flow *quoted = &p->quoted;
	struct gmg_ruling ruling = {};
	const struct gmg_rule *peer;

	if (!is_guarded(rs, quoted->proto, quoted->sport) &&
	    !is_guarded(rs, quoted->proto, quoted->dport))
		return ruling;
	peer = gmg_ruleset_find(rs, GMGUARD_RULE_KIND_PEER, quoted->family,
				&quoted->dst);
	if (peer && !gmg_passage_fits(p, &peer->esp)) {
		ruling.rule = peer;
		ruling.reason = GMGUARD_REASON_PEER_ESP;
	}
	return ruling;
}

/**
 * gmg_node_in() - judge a packet that is about to be delivered to a core node
 * @rs: the ruleset
 * @p: the packet
 *
 * Return: the ruling.
 */
struct gmg_ruling gmg_node_in(const struct gmg_ruleset *rs,
			      const struct gmg_passage *p)
{
	const struct gmg_flow *flow = &p->flow;
	__be16 port = flow->dport;
	struct gmg_ruling ruling = {};

	ruling.rule = gmg_ruleset_find(rs, GMGUARD_RULE_KIND_POOL, flow->family,
				       &flow->src);
	if (p->unreadable) {
		ruling.reason = GMGUARD_REASON_NODE_UNREADABLE;
		return ruling;
	}
	/* TPROXY and BPF choose a socket whatever the packet's port is. */
	if (p->socket_port && gmg_proto_has_ports(flow->proto))
		port = p->socket_port;
	if (ruling.rule) {
		if (!gmg_ports_have(ruling.rule->port, ruling.rule->n_ports,
				    flow->proto, port))
			ruling.reason = GMGUARD_REASON_POOL_PORT;
		return ruling;
	}
	if (p->is_error)
		return judge_error(rs, p);

	ruling.rule = gmg_ruleset_find(rs, GMGUARD_RULE_KIND_PEER, flow->family,
				       &flow->src);
	if (ruling.rule && ruling.rule->tls && is_clear_sip(rs, flow))
		ruling.reason = GMGUARD_REASON_PEER_TLS;
	else if (is_guarded(rs, flow->proto, port))
		ruling.reason = judge_guarded(rs, p, ruling.rule, port);
	return ruling;
}

/**
 * gmg_node_out() - judge a packet that is about to leave a core node
 * @rs: the ruleset
 * @p: the packet, after NAT
 *
 * Return: the ruling.
 */
struct gmg_ruling gmg_node_out(const struct gmg_ruleset *rs,
			       const struct gmg_passage *p)
{
	const struct gmg_flow *flow = &p->flow;
	struct gmg_ruling ruling = {};

	ruling.rule = gmg_ruleset_find(rs, GMGUARD_RULE_KIND_PEER, flow->family,
				       &flow->dst);
	if (!ruling.rule)
		return ruling;
	if (ruling.rule->tls && is_clear_sip(rs, flow))
		ruling.reason = GMGUARD_REASON_PEER_TLS;
	else if ((is_guarded(rs, flow->proto, flow->sport) ||
		  is_guarded(rs, flow->proto, flow->dport)) &&
		 !gmg_passage_fits(p, &ruling.rule->esp))
		ruling.reason = GMGUARD_REASON_PEER_OUT_ESP;
	return ruling;
}
