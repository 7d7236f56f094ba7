// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP segments as those see them who follow a stream.
 *
 * Context: the hooks; nothing here writes to the packet.
 */
#include <linux/tcp.h>

#include "segment.h"

/**
 * gmg_segment_read() - read the header of a TCP segment
 * @skb: the packet
 * @thoff: offset of the TCP header
 * @seg: filled in
 *
 * Return: false if it is cut short.
 */
bool gmg_segment_read(const struct sk_buff *skb, int thoff,
		      struct gmg_segment *seg)
{
	const struct tcphdr *th;
	struct tcphdr buf;

	th = skb_header_pointer(skb, thoff, sizeof(buf), &buf);
	if (!th || th->doff * 4 < sizeof(*th) ||
	    thoff + th->doff * 4 > (int)skb->len)
		return false;
	seg->th = thoff;
	seg->offset = thoff + th->doff * 4;
	seg->seq = ntohl(th->seq);
	seg->len = skb->len - seg->offset;
	seg->syn = th->syn;
	seg->ack = th->ack;
	seg->rst = th->rst;
	seg->urg = th->urg;
	return true;
}

/**
 * gmg_segment_is_bare() - whether a segment opens nothing and brings no byte
 * @skb: the packet
 * @thoff: offset of the TCP header
 *
 * Return: true if it does neither.
 */
bool gmg_segment_is_bare(const struct sk_buff *skb, int thoff)
{
	struct gmg_segment seg;

	return gmg_segment_read(skb, thoff, &seg) && !seg.len && !seg.syn;
}

/**
 * gmg_segment_scan() - hash a part of a payload, and read it
 * @key: of the hash
 * @skb: the packet
 * @offset: where the part begins
 * @len: its bytes
 * @hash: set if all of it was allowed
 * @reader: reads it too, NULL: only hash it
 *
 * In blocks, because it may lie in several pieces.
 *
 * Return: false if the reader does not allow it, or it is not all there.
 */
bool gmg_segment_scan(const siphash_key_t *key, const struct sk_buff *skb,
		      int offset, u32 len, u64 *hash,
		      struct gmg_reader *reader)
{
	struct {
		u64 chain;
		char data[56];
	} block;

	block.chain = 0;
	while (len) {
		u32 n = min_t(u32, len, sizeof(block.data));
		unsigned int seen;

		if (skb_copy_bits(skb, offset, block.data, n))
			return false;
		block.chain = siphash(&block, sizeof(block.chain) + n, key);
		if (reader) {
			if (!gmg_stream_feed(&reader->stream, reader->mode,
					     block.data, n, &seen))
				return false;
			reader->seen |= seen;
		}
		offset += n;
		len -= n;
	}
	*hash = block.chain;
	return true;
}
