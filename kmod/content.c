// SPDX-License-Identifier: GPL-2.0-only
/*
 * What SIP a packet of an owned set carries, as far as TS 33.203 7.4 asks:
 * only REGISTER requests and their responses may use a temporary set, the
 * first message on an established one takes it into use, and the response to
 * a REGISTER has to find its set.
 *
 * Context: the hooks, under RCU.
 */
#include <linux/udp.h>

#include "content.h"
#include "group.h"
#include "payload.h"
#include "phase.h"
#include "watch.h"

/*
 * Whether it has come to where it stays: any message may come, and none takes
 * the set into use, see gmg_phase_note_message().
 */
static bool is_settled(const struct gmg_saset *set)
{
	u8 phase = READ_ONCE(set->phase);

	if (phase == GMGUARD_PHASE_ESTABLISHED)
		return test_bit(GMG_SASET_TAKEN, &set->flags);
	return phase != GMGUARD_PHASE_TEMPORARY;
}

/* What gmg_sip_kind() takes for a REGISTER begins like this. */
static bool may_register(const struct sk_buff *skb, int thoff)
{
	static const char start[] = "REGISTER ";
	char buf[sizeof(start) - 1];
	const char *data;

	data = skb_header_pointer(skb, thoff + sizeof(struct udphdr),
				  sizeof(buf), buf);
	return data && !memcmp(data, start, sizeof(buf));
}

/*
 * GRO may have made one packet of several datagrams, of which only the first
 * can be seen. Most datagrams are of settled sets and no REGISTER: nobody would
 * ask what they are.
 */
static void read_datagram(const struct gmg_saset *set,
			  const struct sk_buff *skb, int thoff,
			  struct gmg_content *content)
{
	struct gmg_payload payload;
	enum gmg_sip_kind kind;
	struct gmg_sip sip;

	if (is_settled(set) && !may_register(skb, thoff)) {
		content->other = true;
		return;
	}
	gmg_payload_get(skb, thoff, &payload);
	kind = gmg_sip_kind(payload.data, payload.len);
	if (kind == GMG_SIP_REGISTER &&
	    gmg_sip_scan(payload.data, payload.len, &sip))
		content->transaction = gmg_group_transaction(&sip);
	gmg_payload_put(&payload);
	content->message = kind != GMG_SIP_NONE;
	content->other = kind != GMG_SIP_REGISTER || skb_is_gso(skb);
}

static void read_segment(struct gmg_saset *set, const struct sk_buff *skb,
			 const struct gmg_packet *packet,
			 struct gmg_content *content)
{
	struct gmg_watch *watch = rcu_dereference(set->watch);
	bool from_client = packet->flow.sport == htons(set->port_uc);
	enum gmg_watch_verdict verdict;

	/* Once a set has been taken into use nothing depends on it. */
	content->other = true;
	if (!watch)
		return;
	verdict = gmg_watch_look(set->gn->net, watch, skb, packet, from_client,
				 !gmg_phase_is_authenticated(set),
				 &content->transaction);
	content->other = verdict == GMG_WATCH_DENY;
	content->message = verdict == GMG_WATCH_MESSAGE;
}

/**
 * gmg_content_in() - look into a packet that came through an owned set
 * @set: the set
 * @skb: the packet
 * @packet: its headers
 * @content: filled in
 */
void gmg_content_in(struct gmg_saset *set, const struct sk_buff *skb,
		    const struct gmg_packet *packet,
		    struct gmg_content *content)
{
	*content = (struct gmg_content){};
	if (packet->flow.proto == IPPROTO_UDP)
		read_datagram(set, skb, packet->thoff, content);
	else if (packet->flow.proto == IPPROTO_TCP)
		read_segment(set, skb, packet, content);
}

/**
 * gmg_content_took() - draw the conclusions from a packet that was accepted
 * @set: the set
 * @content: what it carries
 *
 * A REGISTER that comes again is no sign that the UE knows of its success.
 */
void gmg_content_took(struct gmg_saset *set, const struct gmg_content *content)
{
	bool again = false;

	if (content->transaction)
		again = !gmg_group_note_register(set, content->transaction);
	if (content->message && !again)
		gmg_phase_note_message(set);
}

/**
 * gmg_content_is_response() - whether a packet may leave on a temporary set
 * @set: the set
 * @skb: the packet, on its way to SA B or C
 * @packet: its headers
 *
 * Return: true if it is, or over TCP may be part of, the response to a
 * REGISTER.
 */
bool gmg_content_is_response(struct gmg_saset *set, const struct sk_buff *skb,
			     const struct gmg_packet *packet)
{
	struct gmg_watch *watch = rcu_dereference(set->watch);
	struct gmg_payload payload;
	struct gmg_sip sip;
	bool yes;

	if (packet->flow.proto == IPPROTO_TCP)
		return watch && gmg_watch_out(watch, skb, packet,
					      packet->flow.dport ==
					      htons(set->port_uc));
	gmg_payload_get(skb, packet->thoff, &payload);
	yes = gmg_sip_is_register_response(payload.data, payload.len, &sip);
	gmg_payload_put(&payload);
	return yes && !skb_is_gso(skb);
}
