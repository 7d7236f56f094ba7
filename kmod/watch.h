/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_WATCH_H
#define _GMG_WATCH_H

#include <linux/siphash.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>

#include "stream.h"

struct gmg_packet;

/* Segments on their way to the socket at one time, and one. */
#define GMG_WATCH_MARKS 8
/* On the SAs A and B, and on C and D. */
#define GMG_WATCH_FLOWS 2

/**
 * enum gmg_watch_verdict - what gmg_watch_look() says
 * @GMG_WATCH_OK: the packet may be delivered
 * @GMG_WATCH_MESSAGE: the same, and a SIP message is seen in it
 * @GMG_WATCH_DENY: it must not be delivered
 */
enum gmg_watch_verdict {
	GMG_WATCH_OK,
	GMG_WATCH_MESSAGE,
	GMG_WATCH_DENY,
};

/**
 * struct gmg_watch_sight - what a look at a packet has shown
 * @transaction: of the REGISTER that is the only message seen, if its Call-ID
 *	and CSeq are in the packet, else 0
 * @seen: bits of enum gmg_stream_seen
 * @forbidden: it holds what must not come
 * @unknown: nobody has seen the beginning of its connection
 * @nobody: there is no socket for the data in it
 * @opens: it is a SYN that was let through
 * @met: its connection is known now
 */
struct gmg_watch_sight {
	u64 transaction;
	unsigned int seen;
	bool forbidden;
	bool unknown;
	bool nobody;
	bool opens;
	bool met;
};

/**
 * struct gmg_watch_mark - a place in the stream where the socket may stand
 * @seq: sequence number of its next byte
 * @fresh: it is the beginning of a connection
 * @stream: what the bytes before it were
 * @hash: of the bytes between the mark before this one, if any, and this one
 */
struct gmg_watch_mark {
	u32 seq;
	bool fresh;
	struct gmg_stream stream;
	u64 hash;
};

/**
 * struct gmg_watch_out - what has left on SA B
 * @open: a SYN-ACK has
 * @first: sequence number behind it
 * @next: sequence number behind the last byte
 * @stream: what the bytes before @next were
 */
struct gmg_watch_out {
	bool open;
	u32 first;
	u32 next;
	struct gmg_stream stream;
};

/**
 * struct gmg_watch_in - what has come in on SA A, or on D
 * @n_marks: how many of @marks are in use
 * @alone: when the last SYN came there was no socket, or that is long ago
 * @stirred: @passed is set
 * @passed: RCU state when the last SYN or data was let through
 * @marks: where the socket may stand, in ascending order; the first is where
 *	it stood at the last look
 */
struct gmg_watch_in {
	u8 n_marks;
	bool alone;
	bool stirred;
	unsigned long passed;
	struct gmg_watch_mark marks[GMG_WATCH_MARKS];
};

/**
 * struct gmg_watch - the TCP connections of a set
 * @lock: protects all below but @key, which stays, and @rcu
 * @key: of the hashes
 * @in: inwards, on SA A and on SA D
 * @out: outwards, on SA B
 * @rcu: frees it
 */
struct gmg_watch {
	spinlock_t lock; /* protects in and out */
	siphash_key_t key;
	struct gmg_watch_in in[GMG_WATCH_FLOWS];
	struct gmg_watch_out out;
	struct rcu_head rcu;
};

struct gmg_watch *gmg_watch_alloc(void);
enum gmg_watch_verdict gmg_watch_look(struct net *net, struct gmg_watch *w,
				      const struct sk_buff *skb,
				      const struct gmg_packet *packet,
				      bool from_client, bool temporary,
				      u64 *transaction);
enum gmg_watch_verdict gmg_watch_clear(struct net *net, struct gmg_watch_in *in,
				       const siphash_key_t *key,
				       const struct sk_buff *skb,
				       const struct gmg_packet *packet,
				       enum gmg_stream_mode mode,
				       struct gmg_watch_sight *sight);
bool gmg_watch_is_over(struct net *net, struct gmg_watch_in *in,
		       const struct gmg_flow *flow, int dif, int sdif);
bool gmg_watch_out(struct gmg_watch *w, const struct sk_buff *skb,
		   const struct gmg_packet *packet, bool to_client);

#endif /* _GMG_WATCH_H */
