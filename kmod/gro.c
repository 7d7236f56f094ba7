// SPDX-License-Identifier: GPL-2.0-only
/*
 * GRO must not merge packets of different SAs.
 *
 * With esp4_offload or esp6_offload loaded, ESP is decrypted inside GRO and the
 * TCP segments go through GRO again. gro_list_prepare() compares addresses and
 * devices but no security paths, so a segment that came through one UE's SA is
 * appended to a segment of another UE, and LOCAL_IN sees one packet with the
 * security path of the first. Nothing can be told apart any more there.
 *
 * The stack has no hook in between, and an offload of our own can't stand in
 * front of the IP ones, whose priority is 0 already. So while an endpoint
 * exists, gro_receive of the IP offloads is ours: it says that packets with
 * different security paths are different flows, then calls the original.
 * Segments of one SA merge as before.
 *
 * Concurrency: @gro_lock protects the users' count. The pointer is written
 * whole, and every value that a CPU may still read stays callable until
 * synchronize_net() has returned.
 */
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <net/gro.h>
#include <net/xfrm.h>

#include "gro.h"

typedef struct sk_buff *(*gro_receive_t)(struct list_head *head,
					 struct sk_buff *skb);

/**
 * struct wrapped - an offload whose gro_receive is ours
 * @offload: the offload, NULL if the kernel has none
 * @original: its own gro_receive
 */
struct wrapped {
	struct packet_offload *offload;
	gro_receive_t original;
};

static DEFINE_MUTEX(gro_lock);
static unsigned int gro_users;
static struct wrapped ipv4 __read_mostly;
static struct wrapped ipv6 __read_mostly;

static bool same_sec_path(const struct sk_buff *a, const struct sk_buff *b)
{
	const struct sec_path *x = skb_sec_path(a);
	const struct sec_path *y = skb_sec_path(b);

	if (likely(!x && !y))
		return true;
	return x && y && x->len == y->len &&
	       !memcmp(x->xvec, y->xvec, x->len * sizeof(x->xvec[0]));
}

static void part_flows(const struct list_head *head, const struct sk_buff *skb)
{
	struct sk_buff *held;

	list_for_each_entry(held, head, list)
		if (NAPI_GRO_CB(held)->same_flow && !same_sec_path(held, skb))
			NAPI_GRO_CB(held)->same_flow = 0;
}

static struct sk_buff *receive4(struct list_head *head, struct sk_buff *skb)
{
	part_flows(head, skb);
	return ipv4.original(head, skb);
}

static struct sk_buff *receive6(struct list_head *head, struct sk_buff *skb)
{
	part_flows(head, skb);
	return ipv6.original(head, skb);
}

static void wrap(struct wrapped *wrapped, __be16 type, gro_receive_t ours)
{
	rcu_read_lock();
	wrapped->offload = gro_find_receive_by_type(type);
	rcu_read_unlock();
	if (!wrapped->offload)
		return;
	wrapped->original = wrapped->offload->callbacks.gro_receive;
	/* Who calls ours must find the original. */
	smp_store_release(&wrapped->offload->callbacks.gro_receive, ours);
}

static void unwrap(struct wrapped *wrapped)
{
	if (wrapped->offload)
		WRITE_ONCE(wrapped->offload->callbacks.gro_receive,
			   wrapped->original);
}

/**
 * gmg_gro_get() - keep SAs apart in GRO until gmg_gro_put()
 *
 * The IP offloads are part of the kernel image and never go away.
 *
 * Context: may sleep.
 */
void gmg_gro_get(void)
{
	mutex_lock(&gro_lock);
	if (!gro_users++) {
		wrap(&ipv4, htons(ETH_P_IP), receive4);
		wrap(&ipv6, htons(ETH_P_IPV6), receive6);
	}
	mutex_unlock(&gro_lock);
}

/**
 * gmg_gro_put() - undo gmg_gro_get()
 *
 * Context: may sleep.
 */
void gmg_gro_put(void)
{
	mutex_lock(&gro_lock);
	if (!--gro_users) {
		unwrap(&ipv4);
		unwrap(&ipv6);
		synchronize_net();
	}
	mutex_unlock(&gro_lock);
}
