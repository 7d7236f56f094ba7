// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading a packet whose bytes may lie in several pieces.
 *
 * Concurrency: each CPU has one buffer, used with bottom halves off.
 */
#include <linux/percpu.h>
#include <linux/udp.h>

#include "payload.h"

/* Not static: modules share a few KB for that, and would fail to load. */
static void __percpu *buffer __ro_after_init;

/**
 * gmg_payload_setup() - allocate the buffers
 *
 * Return: 0 or -ENOMEM.
 */
int __init gmg_payload_setup(void)
{
	buffer = __alloc_percpu(GMG_PAYLOAD_MAX, SMP_CACHE_BYTES);
	return buffer ? 0 : -ENOMEM;
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
 * Context: a hook. Bottom halves stay off until gmg_payload_put().
 */
void gmg_payload_at(const struct sk_buff *skb, int offset,
		    struct gmg_payload *payload)
{
	int len = (int)skb->len - offset;

	local_bh_disable();
	payload->len = clamp(len, 0, GMG_PAYLOAD_MAX);
	payload->data = skb_header_pointer(skb, offset, payload->len,
					   this_cpu_ptr(buffer));
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
	local_bh_enable();
}
