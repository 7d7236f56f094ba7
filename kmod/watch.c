// SPDX-License-Identifier: GPL-2.0-only
/*
 * Following the TCP stream of an SA set that has not been taken into use, so
 * that a temporary set carries nothing but REGISTER in and responses out,
 * however the UE cuts and mixes its segments.
 *
 * The hook judges a segment; the socket reads the stream. Between the two, TCP
 * may drop the segment, cut off its beginning or keep it for later, so the
 * question is always: can the socket come to read bytes that were not judged,
 * or in another state than they were judged in?
 *
 * Where the socket is. Its own rcv_nxt tells, looked up as TCP does it. TCP
 * takes a segment whole, but for bytes below rcv_nxt. So rcv_nxt is always the
 * beginning of the connection or the end of a segment that was let through:
 * one of the marks, each with the state of the stream there. Where rcv_nxt is
 * no mark (behind a FIN; a connection that nobody has followed) nothing more
 * is let through.
 *
 * What is on its way. Segments behind rcv_nxt that were let through may still
 * be between hook and socket on another CPU, in the backlog, in the queue of
 * those out of order, or lost (checksum, full buffer, PAWS). All copies of one
 * byte must be the same, then it does not matter which of them TCP takes: what
 * comes again has to end at a mark, too, and to have the same hash between the
 * marks as the first time. The hash has a secret key, so that nobody makes two
 * texts with one hash. Bytes that leave a gap are refused; the UE sends them
 * again. Bytes below rcv_nxt are not looked at, for rcv_nxt never goes back.
 *
 * Urgent data would be taken out of the stream, and data in a SYN (TCP Fast
 * Open) comes before there is a socket: both are refused. What MPTCP reads is
 * in another order than that of the segments: refused. A SYN without data
 * may open a connection by Fast Open; that has a full socket, as any other.
 * 32 bits of sequence wrap around in all of this as they do in TCP.
 *
 * One connection after another. A UE may close a connection inside a message
 * and open one whose first byte has the next sequence number. So the first
 * mark belongs to the beginning of a connection, which the last SYN let
 * through has set, and is valid only for a socket that has received nothing;
 * the others only for one that has. A stray SYN makes the socket of today
 * unknown, which ends what it may get; an honest UE sends none.
 *
 * That leaves segments that were judged for one connection and reach the
 * socket of the next one, on a CPU that was held up. From the hook to the
 * socket a packet stays inside one RCU read-side section (the receive path is
 * one, or has bottom halves off, which is the same), so a grace period ends
 * all of that. A SYN is let through only when a grace period has passed since
 * the last SYN or data. If there was a socket at that time, data waits for
 * another one, for it may be the old socket that is found. Else there is no
 * wait: that socket can only be of the SYN. Without a socket an ACK
 * could still make one, from a SYN cookie that the UE got earlier: it is let
 * through only at the beginning that the last SYN has set. Whoever is refused
 * by this repeats it, and honest UEs come into it hardly ever.
 *
 * Connections in clear, on unprotected ports, are followed in the same way, but
 * for their beginning: anybody can send a SYN, so none is remembered, and the
 * connection is met when its socket is there and has received nothing.
 *
 * What goes outwards is in watch-out.c.
 *
 * Concurrency: @lock of a watch protects all of it; rcv_nxt is read under it,
 * so that nobody comes with an older one. The hooks run under RCU, in softirq
 * or, after NFQUEUE, in process context. Whoever takes the watch from its set
 * frees it after a grace period.
 */
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <net/inet6_hashtables.h>
#include <net/inet_hashtables.h>
#include <net/ip.h>
#include <net/mptcp.h>
#include <net/tcp.h>

#include "conn.h"
#include "group.h"
#include "packet.h"
#include "payload.h"
#include "segment.h"
#include "watch.h"

/* Whether there is a socket for a packet. */
enum owner {
	NOBODY,
	SOMEBODY,
	OTHER, /* one that is in time-wait, or not to be followed */
};

/* Where that socket stands. */
struct position {
	enum owner owner;
	u32 rcv_nxt;
	bool fresh; /* it has received nothing */
};

/* One look at one packet. */
struct look {
	struct net *net;
	const siphash_key_t *key;
	struct gmg_watch_in *in;
	const struct sk_buff *skb;
	struct gmg_segment seg;
	struct position pos;
	enum gmg_stream_mode mode;
	bool strict; /* what cannot be followed is denied */
	struct gmg_watch_sight *sight;
};

static enum owner read_request(const struct request_sock *req,
			       struct position *pos)
{
	if (rsk_is_mptcp(req))
		return OTHER;
	pos->rcv_nxt = tcp_rsk(req)->rcv_nxt;
	pos->fresh = true;
	return SOMEBODY;
}

/* If TCP moves on between the two readings, they fit no mark together. */
static enum owner read_socket(struct sock *sk, struct position *pos)
{
	int state;

	if (!sk)
		return NOBODY;
	state = inet_sk_state_load(sk);
	if (state == TCP_LISTEN)
		return NOBODY;
	if (state == TCP_NEW_SYN_RECV)
		return read_request(inet_reqsk(sk), pos);
	if (!sk_fullsock(sk) || sk->sk_protocol != IPPROTO_TCP ||
	    sk_is_mptcp(sk))
		return OTHER;
	pos->rcv_nxt = READ_ONCE(tcp_sk(sk)->rcv_nxt);
	pos->fresh = !READ_ONCE(tcp_sk(sk)->bytes_received);
	return SOMEBODY;
}

/* Early demux, TPROXY and BPF may have chosen the socket already. */
static void find_position(struct net *net, const struct sk_buff *skb,
			  const struct gmg_flow *flow, struct position *pos)
{
	struct sock *sk;
	int sdif;
	int dif;

	if (skb->sk) {
		pos->owner = read_socket(skb->sk, pos);
		return;
	}
	gmg_conn_devices(skb, flow->family, &dif, &sdif);
	sk = gmg_conn_find(net, flow, dif, sdif);
	pos->owner = read_socket(sk, pos);
	if (sk)
		sock_gen_put(sk);
}

/* Whether nothing that was let through can still be on its way to a socket. */
static bool is_quiet(const struct gmg_watch_in *in)
{
	if (!in->stirred || poll_state_synchronize_rcu(in->passed))
		return true;
	/* By the time of the next attempt it will be. */
	start_poll_synchronize_rcu();
	return false;
}

static void stir(struct gmg_watch_in *in)
{
	in->passed = get_state_synchronize_rcu();
	in->stirred = true;
}

static bool is_beginning(const struct gmg_watch_in *in, u32 seq)
{
	return in->n_marks && in->marks[0].fresh && in->marks[0].seq == seq;
}

static int find_mark(const struct gmg_watch_in *in, u32 seq)
{
	int i;

	for (i = 0; i < in->n_marks; i++)
		if (in->marks[i].seq == seq)
			return i;
	return -1;
}

/* The socket has come to a mark: it will never need those before. */
static void forget_before(struct gmg_watch_in *in, int mark)
{
	in->n_marks -= mark;
	memmove(in->marks, in->marks + mark, in->n_marks * sizeof(*in->marks));
}

static void begin_at(struct gmg_watch_in *in, u32 seq)
{
	in->n_marks = 1;
	in->marks[0].seq = seq;
	in->marks[0].fresh = true;
	gmg_stream_init(&in->marks[0].stream);
}

static enum gmg_watch_verdict syn_in(const struct look *look)
{
	struct gmg_watch_in *in = look->in;

	if (look->seg.len || (look->strict && !is_quiet(in)))
		return GMG_WATCH_DENY;
	begin_at(in, look->seg.seq + 1);
	in->alone = look->pos.owner == NOBODY;
	in->passed = start_poll_synchronize_rcu();
	in->stirred = true;
	return GMG_WATCH_OK;
}

/*
 * Whether a message begins here, if nothing is known of what was before; and
 * its transaction if it is a REGISTER. A header that began before is as good.
 */
static bool read_message(const struct sk_buff *skb, int offset, bool header,
			 u64 *transaction)
{
	enum gmg_sip_kind kind = GMG_SIP_REGISTER;
	struct gmg_payload payload;
	struct gmg_sip sip;

	gmg_payload_at(skb, offset, &payload);
	if (!header)
		kind = gmg_sip_kind(payload.data, payload.len);
	if (kind == GMG_SIP_REGISTER &&
	    gmg_sip_scan(payload.data, payload.len, &sip))
		*transaction = gmg_group_transaction(&sip);
	gmg_payload_put(&payload);
	return kind != GMG_SIP_NONE;
}

/* Bytes behind the last mark. */
static enum gmg_watch_verdict new_bytes(struct look *look)
{
	struct gmg_watch_in *in = look->in;
	const struct gmg_watch_mark *last = &in->marks[in->n_marks - 1];
	u32 skip = last->seq - look->seg.seq;
	int offset = look->seg.offset + skip;
	u32 len = look->seg.len - skip;
	struct gmg_watch_mark *mark;
	struct gmg_reader reader = {
		.stream = last->stream,
		.mode = look->mode,
	};
	u64 hash;

	if (!gmg_segment_scan(look->key, look->skb, offset, len, &hash,
			      &reader)) {
		look->sight->forbidden = !gmg_stream_in_step(&reader.stream);
		return GMG_WATCH_DENY;
	}
	look->sight->seen = reader.seen;
	if (gmg_stream_in_step(&reader.stream) &&
	    in->n_marks < GMG_WATCH_MARKS) {
		mark = &in->marks[in->n_marks++];
		mark->seq = look->seg.seq + look->seg.len;
		mark->fresh = false;
		mark->stream = reader.stream;
		mark->hash = hash;
	} else if (look->strict || !reader.seen) {
		return GMG_WATCH_DENY;
	}
	if (reader.seen == GMG_STREAM_SAW_REGISTER)
		read_message(look->skb, offset, true,
			     &look->sight->transaction);
	return reader.seen ? GMG_WATCH_MESSAGE : GMG_WATCH_OK;
}

static enum gmg_watch_verdict judge(struct look *look)
{
	const struct gmg_segment *seg = &look->seg;
	struct gmg_watch_in *in = look->in;
	u32 end = seg->seq + seg->len;
	u32 at = seg->seq;
	int mark;

	if (!after(end, look->pos.rcv_nxt))
		return GMG_WATCH_OK;
	mark = find_mark(in, look->pos.rcv_nxt);
	if (mark < 0 || in->marks[mark].fresh != look->pos.fresh)
		return GMG_WATCH_DENY;
	forget_before(in, mark);

	if (before(at, look->pos.rcv_nxt))
		at = look->pos.rcv_nxt;
	mark = find_mark(in, at);
	if (mark < 0)
		return GMG_WATCH_DENY;
	while (at != end && ++mark < in->n_marks) {
		u32 len = in->marks[mark].seq - at;
		u64 hash;

		if (end - at < len ||
		    !gmg_segment_scan(look->key, look->skb,
				      seg->offset + (at - seg->seq), len,
				      &hash, NULL) ||
		    hash != in->marks[mark].hash)
			return GMG_WATCH_DENY;
		at += len;
	}
	return at == end ? GMG_WATCH_OK : new_bytes(look);
}

static enum gmg_watch_verdict data_in(struct look *look)
{
	struct gmg_watch_in *in = look->in;
	enum gmg_watch_verdict verdict;

	if (look->strict && !in->alone) {
		if (!is_quiet(in))
			return GMG_WATCH_DENY;
		in->alone = true;
	}
	/* It may make a socket from a SYN cookie. */
	if (look->pos.owner == NOBODY && is_beginning(in, look->seg.seq)) {
		look->pos.rcv_nxt = look->seg.seq;
		look->pos.fresh = true;
	} else if (look->pos.owner != SOMEBODY) {
		look->sight->nobody = look->pos.owner == NOBODY;
		return GMG_WATCH_DENY;
	}
	verdict = judge(look);
	if (verdict != GMG_WATCH_DENY)
		stir(in);
	return verdict;
}

static enum gmg_watch_verdict follow(struct look *look)
{
	const struct gmg_segment *seg = &look->seg;

	if (seg->urg)
		return GMG_WATCH_DENY;
	if (seg->syn)
		return syn_in(look);
	if (seg->len)
		return data_in(look);
	if (look->pos.owner != NOBODY || seg->rst)
		return GMG_WATCH_OK;
	if (!is_beginning(look->in, seg->seq))
		return GMG_WATCH_DENY;
	stir(look->in);
	return GMG_WATCH_OK;
}

/**
 * gmg_watch_alloc() - a watch for a new set
 *
 * Context: may sleep.
 * Return: the watch, or NULL.
 */
struct gmg_watch *gmg_watch_alloc(void)
{
	struct gmg_watch *w = kzalloc(sizeof(*w), GFP_KERNEL_ACCOUNT);

	if (!w)
		return NULL;
	get_random_bytes(&w->key, sizeof(w->key));
	spin_lock_init(&w->lock);
	return w;
}

/**
 * gmg_watch_look() - look at a TCP packet that came through a set
 * @net: the namespace
 * @w: the set's
 * @skb: the packet, which nothing else will drop
 * @packet: its headers
 * @from_client: it came on SA A, not D
 * @temporary: the set is temporary; if not, nothing is denied
 * @transaction: set to that of the REGISTER that is the only message seen, if
 *	its Call-ID and CSeq are in the packet, else to 0
 *
 * A message counts as seen when its start line is complete, a REGISTER when
 * its header is.
 *
 * Context: LOCAL_IN, under RCU up to where TCP has the packet.
 * Return: whether it may be delivered, and whether a SIP message is seen.
 */
enum gmg_watch_verdict gmg_watch_look(struct net *net, struct gmg_watch *w,
				      const struct sk_buff *skb,
				      const struct gmg_packet *packet,
				      bool from_client, bool temporary,
				      u64 *transaction)
{
	enum gmg_watch_verdict verdict = GMG_WATCH_DENY;
	struct gmg_watch_sight sight = {};
	struct look look = {
		.net = net,
		.key = &w->key,
		.in = &w->in[!from_client],
		.skb = skb,
		.mode = temporary ? GMG_STREAM_REGISTER : GMG_STREAM_ANY,
		.strict = temporary,
		.sight = &sight,
	};

	*transaction = 0;
	if (!gmg_segment_read(skb, packet->thoff, &look.seg))
		return temporary ? GMG_WATCH_DENY : GMG_WATCH_OK;
	/* What the P-CSCF has opened has no place on a temporary set. */
	if (from_client || !temporary || !look.seg.len) {
		spin_lock_bh(&w->lock);
		find_position(net, skb, &packet->flow, &look.pos);
		verdict = follow(&look);
		spin_unlock_bh(&w->lock);
	}
	*transaction = sight.transaction;
	if (verdict != GMG_WATCH_DENY || temporary)
		return verdict;
	return read_message(skb, look.seg.offset, false, transaction) ?
	       GMG_WATCH_MESSAGE : GMG_WATCH_OK;
}

/*
 * A SYN opens nothing while there is a socket, but that may end any moment: what
 * is judged for it from now on waits. Its marks stay, because anybody can send
 * such a SYN.
 */
static enum gmg_watch_verdict syn_at_socket(const struct look *look)
{
	struct gmg_watch_in *in = look->in;

	if (look->seg.len || !is_quiet(in))
		return GMG_WATCH_DENY;
	in->alone = false;
	in->passed = start_poll_synchronize_rcu();
	in->stirred = true;
	return GMG_WATCH_OK;
}

/* Whether an ACK without a socket would open a connection. */
static bool has_cookie(const struct look *look, const struct gmg_flow *flow)
{
#ifdef CONFIG_SYN_COOKIES
	const struct sk_buff *skb = look->skb;
	const struct tcphdr *th;
	struct tcphdr buf;

	th = skb_header_pointer(skb, look->seg.th, sizeof(buf), &buf);
	if (!th || !th->ack || th->rst)
		return false;
	if (flow->family == AF_INET)
		return __cookie_v4_check(ip_hdr(skb), th) > 0;
#if IS_ENABLED(CONFIG_IPV6)
	return __cookie_v6_check(ipv6_hdr(skb), th) > 0;
#endif
#endif
	return false;
}

/*
 * The first look at a connection in clear: begin where its socket is. There is
 * none before the handshake is over, so that a flood of SYNs leaves nothing.
 */
static enum gmg_watch_verdict meet(struct look *look,
				   const struct gmg_flow *flow)
{
	const struct gmg_segment *seg = &look->seg;
	struct position *pos = &look->pos;

	if (seg->syn && pos->owner != SOMEBODY)
		return seg->len ? GMG_WATCH_DENY : GMG_WATCH_OK;
	if (pos->owner == SOMEBODY && pos->fresh) {
		begin_at(look->in, pos->rcv_nxt);
	} else if (!seg->len) {
		return GMG_WATCH_OK;
	} else if (pos->owner == NOBODY && has_cookie(look, flow)) {
		begin_at(look->in, seg->seq);
	} else {
		look->sight->nobody = pos->owner == NOBODY;
		look->sight->unknown = pos->owner != NOBODY;
		return GMG_WATCH_DENY;
	}
	look->in->alone = true;
	look->sight->met = true;
	return seg->syn ? syn_at_socket(look) : follow(look);
}

/**
 * gmg_watch_clear() - look at a TCP packet in clear
 * @net: the namespace
 * @in: what is known of its connection: all zero at first, and as long as
 *	@sight says that it was not met
 * @key: of the hashes
 * @skb: the packet, whose checksum is good and which nothing else will drop
 * @packet: its headers
 * @mode: what may begin in it
 * @sight: filled in
 *
 * Context: LOCAL_IN, under RCU up to where TCP has the packet, and under the
 * lock of @in.
 * Return: whether it may be delivered, and whether a SIP message is seen.
 */
enum gmg_watch_verdict gmg_watch_clear(struct net *net, struct gmg_watch_in *in,
				       const siphash_key_t *key,
				       const struct sk_buff *skb,
				       const struct gmg_packet *packet,
				       enum gmg_stream_mode mode,
				       struct gmg_watch_sight *sight)
{
	struct look look = {
		.net = net,
		.key = key,
		.in = in,
		.skb = skb,
		.mode = mode,
		.strict = true,
		.sight = sight,
	};
	enum gmg_watch_verdict verdict;

	*sight = (struct gmg_watch_sight){};
	if (!gmg_segment_read(skb, packet->thoff, &look.seg) || look.seg.urg)
		return GMG_WATCH_DENY;
	find_position(net, skb, &packet->flow, &look.pos);
	sight->met = in->n_marks;
	if (!sight->met)
		verdict = meet(&look, &packet->flow);
	else if (look.seg.syn && look.pos.owner == SOMEBODY)
		verdict = syn_at_socket(&look);
	else
		verdict = follow(&look);
	sight->opens = look.seg.syn && verdict != GMG_WATCH_DENY;
	return verdict;
}

/**
 * gmg_watch_is_over() - whether a connection in clear can be forgotten
 * @net: the namespace
 * @in: what is known of it
 * @flow: its flow, towards this host
 * @dif: interface that its packets come in by
 * @sdif: its lower interface, 0 if it has none
 *
 * Context: the worker, under RCU and the lock of @in.
 * Return: true if it has no socket, and nothing is on its way to one.
 */
bool gmg_watch_is_over(struct net *net, struct gmg_watch_in *in,
		       const struct gmg_flow *flow, int dif, int sdif)
{
	struct sock *sk = gmg_conn_find(net, flow, dif, sdif);

	if (sk) {
		sock_gen_put(sk);
		return false;
	}
	return is_quiet(in);
}
