// SPDX-License-Identifier: GPL-2.0-only
/*
 * What comes in clear to an unprotected SIP port: REGISTER, error responses,
 * keep-alives and, where allowed, emergency calls (TS 33.203 7.1).
 *
 * The memory is fixed. A TCP connection gets its place when its handshake is
 * over, see watch.c, and keeps it until it has no socket any more. One that has
 * no way on, is silent for too long, or takes too long for a message is reset.
 *
 * Concurrency: hooks and the worker hold the lock of a row, with bottom halves
 * off, while they look at one of its connections. The worker resets them
 * without it, because that may sleep.
 */
#include <linux/netfilter.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/netfilter/ipv4/nf_reject.h>
#include <net/netfilter/ipv6/nf_reject.h>

#include "clear.h"
#include "clock.h"
#include "conn.h"
#include "endpoint.h"
#include "main.h"
#include "packet.h"
#include "payload.h"
#include "segment.h"
#include "trace.h"

/* How often the worker looks, while there are connections. */
#define PERIOD HZ

/* A connection that has to be reset, outside of the lock. */
struct victim {
	struct gmg_flow flow;
	int dif;
	int sdif;
};

static bool is_same(const struct gmg_clear_conn *conn,
		    const struct gmg_flow *flow, int dif)
{
	return conn->used && conn->dif == dif &&
	       gmg_flow_equal(&conn->flow, flow);
}

static struct gmg_clear_row *row_of(struct gmg_clear *clear,
				    const struct gmg_flow *flow)
{
	u64 hash = siphash(flow, offsetofend(struct gmg_flow, proto),
			   &clear->secret);

	return &clear->row[hash % GMG_CLEAR_ROWS];
}

static struct gmg_clear_conn *find(struct gmg_clear_row *row,
				   const struct gmg_flow *flow, int dif)
{
	unsigned int i;

	for (i = 0; i < GMG_CLEAR_WAYS; i++)
		if (is_same(&row->conn[i], flow, dif))
			return &row->conn[i];
	return NULL;
}

static void forget(struct gmg_clear *clear, struct gmg_clear_conn *conn)
{
	conn->used = false;
	atomic_dec(&clear->n_conns);
}

static bool is_over(struct gmg_clear *clear, struct gmg_clear_conn *conn)
{
	return gmg_watch_is_over(clear->gn->net, &conn->in, &conn->flow,
				 conn->dif, conn->sdif);
}

/* A place for a connection, or NULL if there are too many with sockets. */
static struct gmg_clear_conn *keep(struct gmg_clear *clear,
				   struct gmg_clear_row *row,
				   const struct gmg_clear_conn *conn)
{
	u32 most = READ_ONCE(clear->gn->limits.unprotected_connections);
	unsigned int i;

	if ((u32)atomic_read(&clear->n_conns) >= most)
		return NULL;
	for (i = 0; i < GMG_CLEAR_WAYS; i++) {
		struct gmg_clear_conn *place = &row->conn[i];

		if (place->used && is_over(clear, place))
			forget(clear, place);
		if (place->used)
			continue;
		*place = *conn;
		place->used = true;
		if (atomic_inc_return(&clear->n_conns) == 1)
			queue_delayed_work(gmg_wq, &clear->work, PERIOD);
		return place;
	}
	return NULL;
}

/* The worker resets it; until then no byte of it is delivered. */
static void doom(struct gmg_clear *clear, struct gmg_clear_conn *conn)
{
	if (conn->audit || conn->doomed)
		return;
	conn->doomed = true;
	mod_delayed_work(gmg_wq, &clear->work, 0);
}

static enum gmg_stream_mode mode_of(const struct gmg_clear_conn *conn,
				    const struct gmg_endpoint *ep)
{
	if (!ep || !gmg_endpoint_rules(ep)->conf.emergency)
		return GMG_STREAM_CLEAR;
	if (conn->in_call && time_after_eq(gmg_clock_now(), conn->call_until))
		return GMG_STREAM_CLEAR;
	return GMG_STREAM_CLEAR_SOS;
}

/* A packet of a connection was let through. */
static void note(struct gmg_clear *clear, struct gmg_clear_conn *conn,
		 const struct gmg_watch_sight *sight)
{
	const struct gmg_watch_in *in = &conn->in;
	bool in_message = in->n_marks &&
		!gmg_stream_is_between(&in->marks[in->n_marks - 1].stream);

	conn->active = gmg_clock_now();
	if (sight->seen || !conn->in_message)
		conn->since = gmg_clock_now();
	conn->in_message = in_message;
	if (sight->seen & GMG_STREAM_SAW_SOS && !conn->in_call) {
		conn->in_call = true;
		conn->call_until = gmg_clock_now() + msecs_to_jiffies(
			READ_ONCE(clear->gn->limits.emergency_ms));
	}
}

static bool take(struct gmg_clear *clear, const struct gmg_flow *flow)
{
	return gmg_rate_take(&clear->rate, &clear->gn->limits, flow);
}

/* The row is locked; conn is one of it, or not kept yet. */
static enum gmg_clear_fact judge(struct gmg_clear *clear,
				 struct gmg_clear_row *row,
				 struct gmg_clear_conn *conn,
				 const struct gmg_endpoint *ep,
				 const struct sk_buff *skb,
				 const struct gmg_packet *packet,
				 struct gmg_watch_sight *sight)
{
	enum gmg_watch_verdict verdict;

	verdict = gmg_watch_clear(clear->gn->net, &conn->in, &clear->secret,
				  skb, packet, mode_of(conn, ep), sight);
	if (!conn->used && (sight->met || sight->unknown)) {
		conn = keep(clear, row, conn);
		if (!conn)
			return GMG_CLEAR_LIMITED;
	}
	if (sight->forbidden || sight->unknown) {
		doom(clear, conn);
		return sight->forbidden ? GMG_CLEAR_FORBIDDEN : GMG_CLEAR_LOST;
	}
	if (verdict == GMG_WATCH_DENY)
		return GMG_CLEAR_LOST;
	if (conn->used)
		note(clear, conn, sight);
	/* What is refused for now comes again: it need not be read again. */
	if ((sight->seen || sight->opens) && !take(clear, &packet->flow))
		return GMG_CLEAR_LIMITED;
	return GMG_CLEAR_FINE;
}

/* Data for nobody is answered here: nobody else gets to see it. */
static void send_reset(struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (state->pf == NFPROTO_IPV4)
		nf_send_reset(state->net, NULL, skb, state->hook);
#if IS_ENABLED(CONFIG_IPV6)
	else
		nf_send_reset6(state->net, NULL, skb, state->hook);
#endif
}

static enum gmg_clear_fact look_at_segment(struct gmg_clear *clear,
					   const struct gmg_endpoint *ep,
					   struct sk_buff *skb,
					   const struct gmg_packet *packet,
					   const struct nf_hook_state *state)
{
	const struct gmg_flow *flow = &packet->flow;
	struct gmg_clear_row *row = row_of(clear, flow);
	bool audit = gmg_endpoint_audits(clear->gn, ep);
	struct gmg_clear_conn new = {
		.flow = *flow,
		.audit = audit,
		.active = gmg_clock_now(),
	};
	struct gmg_watch_sight sight = {};
	struct gmg_clear_conn *conn;
	enum gmg_clear_fact fact;

	/* A byte counts only if TCP will take it. */
	if (nf_checksum(skb, state->hook, packet->thoff, IPPROTO_TCP,
			flow->family))
		return GMG_CLEAR_LOST;
	gmg_conn_devices(skb, flow->family, &new.dif, &new.sdif);
	spin_lock_bh(&row->lock);
	conn = find(row, flow, new.dif);
	/* The UE may come again from the same port. */
	if (conn && conn->doomed && is_over(clear, conn)) {
		forget(clear, conn);
		conn = NULL;
	}
	if (conn)
		conn->audit = audit;
	if (conn && conn->doomed)
		fact = gmg_segment_is_bare(skb, packet->thoff) ?
		       GMG_CLEAR_FINE : GMG_CLEAR_FORBIDDEN;
	else
		fact = judge(clear, row, conn ?: &new, ep, skb, packet, &sight);
	spin_unlock_bh(&row->lock);
	if (sight.nobody && !audit)
		send_reset(skb, state);
	return fact;
}

/* The INVITE of an emergency call, or what belongs to one. */
static bool is_in_call(struct gmg_clear *clear, const struct gmg_flow *flow,
		       const struct gmg_payload *payload, bool begins)
{
	struct gmg_sip sip;

	if (!gmg_sip_scan(payload->data, payload->len, &sip))
		return false;
	if (begins)
		gmg_calls_open(&clear->calls, flow, &sip,
			       READ_ONCE(clear->gn->limits.emergency_ms));
	return begins || gmg_calls_is_open(&clear->calls, flow, &sip);
}

static bool needs_call(enum gmg_sip_clear kind)
{
	return kind == GMG_SIP_CLEAR_SIP || kind == GMG_SIP_CLEAR_SOS;
}

/* Whether it may come at all, as the endpoint is configured. */
static bool is_configured(const struct gmg_endpoint *ep,
			  enum gmg_sip_clear kind)
{
	switch (kind) {
	case GMG_SIP_CLEAR_REGISTER:
	case GMG_SIP_CLEAR_ERROR:
	case GMG_SIP_CLEAR_ALIVE:
		return true;
	case GMG_SIP_CLEAR_STUN:
		return ep && gmg_endpoint_rules(ep)->conf.stun;
	case GMG_SIP_CLEAR_SIP:
	case GMG_SIP_CLEAR_SOS:
		return ep && gmg_endpoint_rules(ep)->conf.emergency;
	default:
		return false;
	}
}

/*
 * GRO may have made one packet of several datagrams, of which only the first
 * can be seen.
 */
static enum gmg_clear_fact look_at_datagram(struct gmg_clear *clear,
					    const struct gmg_endpoint *ep,
					    const struct sk_buff *skb,
					    const struct gmg_packet *packet)
{
	enum gmg_clear_fact fact = GMG_CLEAR_FINE;
	struct gmg_payload payload;
	enum gmg_sip_clear kind;

	if (skb_is_gso(skb))
		return GMG_CLEAR_LOST;
	gmg_payload_get(skb, packet->thoff, &payload);
	kind = gmg_sip_clear(payload.data, payload.len);
	if (!is_configured(ep, kind))
		fact = GMG_CLEAR_FORBIDDEN;
	else if (!take(clear, &packet->flow))
		fact = GMG_CLEAR_LIMITED;
	else if (needs_call(kind) &&
		 !is_in_call(clear, &packet->flow, &payload,
			     kind == GMG_SIP_CLEAR_SOS))
		fact = GMG_CLEAR_FORBIDDEN;
	gmg_payload_put(&payload);
	return fact;
}

/**
 * gmg_clear_look() - look at a packet in clear for an unprotected SIP port
 * @clear: the namespace's
 * @ep: its endpoint, NULL if it is for many
 * @skb: the packet, which nothing else will drop
 * @packet: its headers; TCP or UDP
 * @state: of the hook
 *
 * Context: LOCAL_IN, under RCU.
 * Return: what is to be held of it.
 */
enum gmg_clear_fact gmg_clear_look(struct gmg_clear *clear,
				   const struct gmg_endpoint *ep,
				   struct sk_buff *skb,
				   const struct gmg_packet *packet,
				   const struct nf_hook_state *state)
{
	if (packet->flow.proto == IPPROTO_TCP)
		return look_at_segment(clear, ep, skb, packet, state);
	return look_at_datagram(clear, ep, skb, packet);
}

static bool is_too_slow(const struct gmg_limits *limits,
			const struct gmg_clear_conn *conn)
{
	unsigned long idle = msecs_to_jiffies(
		READ_ONCE(limits->unprotected_idle_ms));
	unsigned long message = msecs_to_jiffies(
		READ_ONCE(limits->unprotected_message_ms));
	unsigned long now = gmg_clock_now();

	return time_after(now, conn->active + idle) ||
	       (conn->in_message && time_after(now, conn->since + message));
}

/* Whether a connection has to be reset. */
static bool is_victim(struct gmg_clear *clear, struct gmg_clear_conn *conn)
{
	struct gmg_net *gn = clear->gn;

	if (conn->doomed)
		return true;
	if (!is_too_slow(&gn->limits, conn))
		return false;
	gmg_stats_count(gn->stats, GMGUARD_REASON_IN_SLOW, conn->audit);
	trace_gmguard_drop(NULL, &conn->flow, GMGUARD_REASON_IN_SLOW, 0,
			   conn->audit);
	gmg_samples_add(gn, &conn->flow, GMGUARD_REASON_IN_SLOW, 0, conn->dif,
			conn->audit);
	conn->doomed = !conn->audit;
	/* An audit counts it once more only if it is silent once more. */
	conn->active = gmg_clock_now();
	conn->since = gmg_clock_now();
	return conn->doomed;
}

/* Its endpoint may have been deleted; then it is nobody's business. */
static bool is_guarded(const struct gmg_net *gn,
		       const struct gmg_clear_conn *conn)
{
	const struct gmg_endpoint *ep;

	ep = gmg_endpoint_find(gn, conn->flow.family, &conn->flow.dst);
	return ep && gmg_endpoint_is_unprotected(ep, conn->flow.dport);
}

static unsigned int tidy_row(struct gmg_clear *clear,
			     struct gmg_clear_row *row, struct victim *victims)
{
	unsigned int n = 0;
	unsigned int i;

	for (i = 0; i < GMG_CLEAR_WAYS; i++) {
		struct gmg_clear_conn *conn = &row->conn[i];

		if (!conn->used)
			continue;
		if (!is_guarded(clear->gn, conn) || is_over(clear, conn)) {
			forget(clear, conn);
		} else if (is_victim(clear, conn)) {
			victims[n].flow = conn->flow;
			victims[n].dif = conn->dif;
			victims[n++].sdif = conn->sdif;
		}
	}
	return n;
}

static void tidy(struct work_struct *work)
{
	struct gmg_clear *clear = container_of(to_delayed_work(work),
					       struct gmg_clear, work);
	struct victim victims[GMG_CLEAR_WAYS];
	unsigned int i;

	for (i = 0; i < GMG_CLEAR_ROWS; i++) {
		struct gmg_clear_row *row = &clear->row[i];
		unsigned int n;

		rcu_read_lock();
		spin_lock_bh(&row->lock);
		n = tidy_row(clear, row, victims);
		spin_unlock_bh(&row->lock);
		rcu_read_unlock();
		while (n--)
			gmg_conn_abort(clear->gn->net, &victims[n].flow,
				       victims[n].dif, victims[n].sdif);
		cond_resched();
	}
	if (atomic_read(&clear->n_conns))
		queue_delayed_work(gmg_wq, &clear->work, PERIOD);
}

/**
 * gmg_clear_alloc() - begin to look at what comes in clear
 * @gn: the namespace
 *
 * Context: may sleep.
 * Return: what is known: nothing; or NULL without memory.
 */
struct gmg_clear *gmg_clear_alloc(struct gmg_net *gn)
{
	struct gmg_clear *clear = kvzalloc(sizeof(*clear), GFP_KERNEL_ACCOUNT);
	unsigned int i;

	if (!clear)
		return NULL;
	clear->gn = gn;
	get_random_bytes(&clear->secret, sizeof(clear->secret));
	gmg_rate_init(&clear->rate);
	gmg_calls_init(&clear->calls);
	INIT_DELAYED_WORK(&clear->work, tidy);
	for (i = 0; i < GMG_CLEAR_ROWS; i++)
		spin_lock_init(&clear->row[i].lock);
	return clear;
}

/**
 * gmg_clear_free() - forget it all
 * @clear: may be NULL; no hook may run any more
 *
 * Context: may sleep.
 */
void gmg_clear_free(struct gmg_clear *clear)
{
	if (clear)
		cancel_delayed_work_sync(&clear->work);
	kvfree(clear);
}
