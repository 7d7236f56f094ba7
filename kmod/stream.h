/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the messages of a SIP stream begin and end (RFC 3261 7, 18.3), byte by
 * byte: no skb, no lock, no allocation. Unit tests compile this very file.
 */
#ifndef _GMG_STREAM_H
#define _GMG_STREAM_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#endif

/**
 * enum gmg_stream_mode - what may begin in a stream
 * @GMG_STREAM_REGISTER: REGISTER requests only
 * @GMG_STREAM_RESPONSE: responses only
 * @GMG_STREAM_ANY: whatever comes; nothing is refused
 * @GMG_STREAM_CLEAR: what may come in clear: REGISTER requests, error responses
 * @GMG_STREAM_CLEAR_SOS: the same and an emergency call: an INVITE to
 *	urn:service:sos, and any message behind it
 */
enum gmg_stream_mode {
	GMG_STREAM_REGISTER,
	GMG_STREAM_RESPONSE,
	GMG_STREAM_ANY,
	GMG_STREAM_CLEAR,
	GMG_STREAM_CLEAR_SOS,
};

/**
 * enum gmg_stream_seen - what was read along the way, as bits
 * @GMG_STREAM_SAW_REGISTER: the whole header of a REGISTER request has come
 * @GMG_STREAM_SAW_OTHER: the beginning of another message has, as far as it
 *	takes to tell that it is one
 * @GMG_STREAM_SAW_SOS: and that message is an emergency call
 */
enum gmg_stream_seen {
	GMG_STREAM_SAW_REGISTER = 1,
	GMG_STREAM_SAW_OTHER = 2,
	GMG_STREAM_SAW_SOS = 4,
};

/**
 * struct gmg_stream - what was read up to one byte of one direction
 * @left: bytes of the body to come; in the header what Content-Length says
 * @state: enum gmg_stream_state, see stream.c
 * @matched: how many bytes of a word have matched; in a URI whether it has any,
 *	in a status code how many digits
 * @digits: how many digits Content-Length has had
 * @flags: what is known of the header, see stream.c
 */
struct gmg_stream {
	__u32 left;
	__u8 state;
	__u8 matched;
	__u8 digits;
	__u8 flags;
};

void gmg_stream_init(struct gmg_stream *s);
bool gmg_stream_in_step(const struct gmg_stream *s);
bool gmg_stream_is_between(const struct gmg_stream *s);
bool gmg_stream_feed(struct gmg_stream *s, enum gmg_stream_mode mode,
		     const char *data, size_t len, unsigned int *seen);

#endif /* _GMG_STREAM_H */
