// SPDX-License-Identifier: GPL-2.0-only
/*
 * Following what leaves on SA B of an SA set that has not been taken into use.
 * It is simpler than inwards: the local stack sends under the socket's lock and
 * repeats what it has sent.
 *
 * Concurrency: see watch.c.
 */
#include <net/tcp.h>

#include "packet.h"
#include "segment.h"
#include "watch.h"

static bool follow_out(struct gmg_watch *w, const struct sk_buff *skb,
		       const struct gmg_segment *seg)
{
	struct gmg_reader reader = {
		.stream = w->out.stream,
		.mode = GMG_STREAM_RESPONSE,
	};
	u32 skip = w->out.next - seg->seq;
	u64 hash;

	if (seg->syn) {
		if (!seg->ack || seg->len)
			return false;
		if (!w->out.open || w->out.first != seg->seq + 1) {
			w->out.open = true;
			w->out.first = seg->seq + 1;
			w->out.next = w->out.first;
			gmg_stream_init(&w->out.stream);
		}
		return true;
	}
	if (!seg->len)
		return true;
	if (!w->out.open || before(seg->seq, w->out.first) ||
	    after(seg->seq, w->out.next))
		return false;
	if (seg->len <= skip)
		return true;
	if (!gmg_segment_scan(&w->key, skb, seg->offset + skip,
			      seg->len - skip, &hash, &reader))
		return false;
	w->out.next = seg->seq + seg->len;
	w->out.stream = reader.stream;
	return true;
}

/**
 * gmg_watch_out() - whether a TCP packet may leave on a temporary set
 * @w: the set's
 * @skb: the packet, before ESP
 * @packet: its headers
 * @to_client: it leaves on SA B, not C
 *
 * A connection that the P-CSCF opens has no place on a temporary set.
 *
 * Context: POST_ROUTING.
 * Return: true if it holds nothing but responses, or parts of them.
 */
bool gmg_watch_out(struct gmg_watch *w, const struct sk_buff *skb,
		   const struct gmg_packet *packet, bool to_client)
{
	struct gmg_segment seg;
	bool allowed;

	if (!gmg_segment_read(skb, packet->thoff, &seg))
		return false;
	if (!to_client)
		return !seg.syn && !seg.len;
	spin_lock_bh(&w->lock);
	allowed = follow_out(w, skb, &seg);
	spin_unlock_bh(&w->lock);
	return allowed;
}
