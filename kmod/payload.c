// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading a packet whose bytes may lie in several pieces.
 *
 * Concurrency: each CPU has one buffer, used with bottom halves off and under
 * its lock. With PREEMPT_RT, bottom halves that are off keep no other thread
 * off the CPU (6.18, without PREEMPT_RT_NEEDS_BH_LOCK); without it, the lock is
 * nothing but a ban on preemption.
 */
#include <linux/sched.h> /* local_lock.h of 6.1 lacks it under lockdep */
#include <linux/local_lock.h>
#include <linux/percpu.h>
#include <linux/udp.h>

#include "payload.h"

/**
 * struct buffer - where one CPU puts a payload together
 * @lock: protects @data
 * @data: what payloads point to
 */
struct buffer {
	local_lock_t lock;
	char data[GMG_PAYLOAD_MAX];
};

/* Not static: modules share a few KB for that, and would fail to load. */
static struct buffer __percpu *buffer __ro_after_init;

/**
 * gmg_payload_setup() - allocate the buffers
 *
 * Return: 0 or -ENOMEM.
 */
int __init gmg_payload_setup(void)
{
	int cpu;

	buffer = __alloc_percpu(sizeof(*buffer), SMP_CACHE_BYTES);
	if (!buffer)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		local_lock_init(&per_cpu_ptr(buffer, cpu)->lock);
	return 0;
}

/**
 * gmg_payload_teardown() - free the buffers; no hook may run any more
 */
void gmg_payload_teardown(void)
{
	free_percpu(buffer);
}

/**
 * gmg_payload_at() - look at the beginning of a payload
 * @skb: the packet
 * @offset: where its payload begins
 * @payload: filled in; valid until gmg_payload_put()
 *
 * Context: a hook. Bottom halves stay off, and nobody may look at another
 * payload, until gmg_payload_put().
 */
void gmg_payload_at(const struct sk_buff *skb, int offset,
		    struct gmg_payload *payload)
{
	int len = (int)skb->len - offset;

	local_bh_disable();
	local_lock(&buffer->lock);
	payload->len = clamp(len, 0, GMG_PAYLOAD_MAX);
	payload->data = skb_header_pointer(skb, offset, payload->len,
					   this_cpu_ptr(buffer)->data);
	if (!payload->data)
		payload->len = 0;
}

/**
 * gmg_payload_get() - look at the beginning of a UDP payload
 * @skb: the packet
 * @thoff: offset of the UDP header
 * @payload: filled in; valid until gmg_payload_put()
 *
 * Context: as gmg_payload_at().
 */
void gmg_payload_get(const struct sk_buff *skb, int thoff,
		     struct gmg_payload *payload)
{
	gmg_payload_at(skb, thoff + sizeof(struct udphdr), payload);
}

/**
 * gmg_payload_put() - stop looking
 * @payload: from gmg_payload_get()
 */
void gmg_payload_put(struct gmg_payload *payload)
{
	payload->data = NULL;
	local_unlock(&buffer->lock);
	local_bh_enable();
}
