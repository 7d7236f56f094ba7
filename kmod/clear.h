/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_CLEAR_H
#define _GMG_CLEAR_H

#include <linux/workqueue.h>

#include "call.h"
#include "rate.h"
#include "verdict.h"
#include "watch.h"

struct gmg_endpoint;
struct gmg_net;
struct gmg_packet;
struct nf_hook_state;

#define GMG_CLEAR_ROWS 512
#define GMG_CLEAR_WAYS 16

/**
 * struct gmg_clear_conn - a TCP connection in clear
 * @flow: its ends, as its packets come in
 * @dif: the interface that they come in by
 * @sdif: its lower interface, 0 if it has none
 * @used: there is such a connection
 * @audit: its endpoint audits
 * @doomed: it is to be reset
 * @in_call: it has brought an emergency call
 * @in_message: a message has begun and not ended
 * @call_until: when that call is over, in jiffies
 * @since: when that message began, or its header was read, in jiffies
 * @active: when the last byte came, in jiffies
 * @in: what has come
 */
struct gmg_clear_conn {
	struct gmg_flow flow;
	int dif;
	int sdif;
	bool used;
	bool audit;
	bool doomed;
	bool in_call;
	bool in_message;
	unsigned long call_until;
	unsigned long since;
	unsigned long active;
	struct gmg_watch_in in;
};

/**
 * struct gmg_clear_row - the connections with one hash
 * @lock: protects @conn
 * @conn: the connections
 */
struct gmg_clear_row {
	spinlock_t lock; /* protects the row */
	struct gmg_clear_conn conn[GMG_CLEAR_WAYS];
};

/**
 * struct gmg_clear - what a namespace knows of those who send in clear
 * @gn: the namespace
 * @secret: of the hashes
 * @rate: how much they have sent
 * @calls: emergency calls over UDP
 * @n_conns: connections in use
 * @work: resets and forgets connections
 * @row: each connection has its place in one of them
 */
struct gmg_clear {
	struct gmg_net *gn;
	siphash_key_t secret;
	struct gmg_rate rate;
	struct gmg_calls calls;
	atomic_t n_conns;
	struct delayed_work work;
	struct gmg_clear_row row[GMG_CLEAR_ROWS];
};

struct gmg_clear *gmg_clear_alloc(struct gmg_net *gn);
void gmg_clear_free(struct gmg_clear *clear);
enum gmg_clear_fact gmg_clear_look(struct gmg_clear *clear,
				   const struct gmg_endpoint *ep,
				   struct sk_buff *skb,
				   const struct gmg_packet *packet,
				   const struct nf_hook_state *state);

#endif /* _GMG_CLEAR_H */
