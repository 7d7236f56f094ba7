// SPDX-License-Identifier: GPL-2.0-only
/*
 * A bounded number of drops a second, shown to whoever listens.
 *
 * Concurrency: hooks fill a fixed ring under a spinlock that they only try to
 * take: a CPU that loses gives its sample up rather than wait. The
 * work item empties the ring and allocates messages in process context.
 */
#include "event.h"
#include "main.h"
#include "sample.h"

static void send_samples(struct work_struct *work)
{
	struct gmg_samples *samples =
		container_of(work, struct gmg_samples, work);
	struct gmg_net *gn = container_of(samples, struct gmg_net, samples);
	struct gmg_sample sample;

	for (;;) {
		spin_lock_bh(&samples->lock);
		if (!samples->count) {
			spin_unlock_bh(&samples->lock);
			return;
		}
		sample = samples->slot[0];
		memmove(&samples->slot[0], &samples->slot[1],
			--samples->count * sizeof(samples->slot[0]));
		spin_unlock_bh(&samples->lock);
		gmg_event_drop(gn->net, &sample);
	}
}

/**
 * gmg_samples_init() - prepare a namespace's samples
 * @samples: to initialise
 */
void gmg_samples_init(struct gmg_samples *samples)
{
	spin_lock_init(&samples->lock);
	INIT_WORK(&samples->work, send_samples);
}

/**
 * gmg_samples_clean() - stop sending; no hook may run any more
 * @samples: the namespace's samples
 *
 * Context: may sleep.
 */
void gmg_samples_clean(struct gmg_samples *samples)
{
	cancel_work_sync(&samples->work);
}

/**
 * gmg_samples_add() - offer a dropped packet as a sample
 * @gn: the namespace
 * @flow: the packet's ends
 * @reason: enum gmguard_reason
 * @spi: SPI of the SA that it used, 0 for none
 * @ifindex: its interface, 0 when not known
 * @audited: it was not dropped, because the endpoint audits
 *
 * Context: any but hard interrupts; does not allocate.
 */
void gmg_samples_add(struct gmg_net *gn, const struct gmg_flow *flow,
		     int reason, u32 spi, u32 ifindex, bool audited)
{
	struct gmg_samples *samples = &gn->samples;
	struct gmg_sample *sample;

	if (!READ_ONCE(gn->limits.drop_samples) ||
	    !gmg_event_wanted(gn->net, GMGUARD_NLGRP_DROPS))
		return;
	if (!spin_trylock_bh(&samples->lock)) {
		atomic_inc(&samples->suppressed);
		return;
	}
	if (samples->count == GMG_SAMPLES ||
	    !gmg_second_take(&samples->second,
			     READ_ONCE(gn->limits.drop_samples))) {
		atomic_inc(&samples->suppressed);
		spin_unlock_bh(&samples->lock);
		return;
	}
	sample = &samples->slot[samples->count++];
	sample->flow = *flow;
	sample->reason = reason;
	sample->spi = spi;
	sample->ifindex = ifindex;
	sample->audited = audited;
	sample->suppressed = atomic_xchg(&samples->suppressed, 0);
	spin_unlock_bh(&samples->lock);
	queue_work(gmg_wq, &samples->work);
}
