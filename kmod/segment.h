/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_SEGMENT_H
#define _GMG_SEGMENT_H

#include <linux/siphash.h>
#include <linux/skbuff.h>

#include "stream.h"

/**
 * struct gmg_segment - what counts of a TCP segment
 * @seq: sequence number
 * @len: bytes of the payload
 * @th: offset of the header from the start of data
 * @offset: offset of the payload
 * @syn: flag
 * @ack: flag
 * @rst: flag
 * @urg: flag
 */
struct gmg_segment {
	u32 seq;
	u32 len;
	int th;
	int offset;
	bool syn;
	bool ack;
	bool rst;
	bool urg;
};

/**
 * struct gmg_reader - reads a stream along with the payload
 * @stream: where it is
 * @mode: what may begin
 * @seen: bits of enum gmg_stream_seen
 */
struct gmg_reader {
	struct gmg_stream stream;
	enum gmg_stream_mode mode;
	unsigned int seen;
};

bool gmg_segment_read(const struct sk_buff *skb, int thoff,
		      struct gmg_segment *seg);
bool gmg_segment_is_bare(const struct sk_buff *skb, int thoff);
bool gmg_segment_scan(const siphash_key_t *key, const struct sk_buff *skb,
		      int offset, u32 len, u64 *hash,
		      struct gmg_reader *reader);

#endif /* _GMG_SEGMENT_H */
