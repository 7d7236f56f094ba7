/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_SAMPLE_H
#define _GMG_SAMPLE_H

#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "flow.h"
#include "second.h"

struct gmg_net;

#define GMG_SAMPLES 32

/**
 * struct gmg_sample - one dropped packet
 * @flow: its ends
 * @reason: enum gmguard_reason
 * @spi: SPI of the SA that it used, host byte order, 0 for none
 * @ifindex: interface, 0 when not known
 * @suppressed: drops since the last sample that were not sampled
 * @audited: it was not dropped, because the endpoint audits
 */
struct gmg_sample {
	struct gmg_flow flow;
	u32 reason;
	u32 spi;
	u32 ifindex;
	u32 suppressed;
	bool audited;
};

/**
 * struct gmg_samples - drop samples of a namespace on their way to user space
 * @lock: protects the other members but @suppressed and @work
 * @slot: the samples that wait
 * @count: how many wait
 * @suppressed: drops since the last sample that were not sampled
 * @second: samples taken in this second
 * @work: sends what waits
 */
struct gmg_samples {
	spinlock_t lock; /* protects all but @suppressed and @work */
	struct gmg_sample slot[GMG_SAMPLES];
	unsigned int count;
	atomic_t suppressed;
	struct gmg_second second;
	struct work_struct work;
};

void gmg_samples_init(struct gmg_samples *samples);
void gmg_samples_clean(struct gmg_samples *samples);
void gmg_samples_add(struct gmg_net *gn, const struct gmg_flow *flow,
		     int reason, u32 spi, u32 ifindex, bool audited);

#endif /* _GMG_SAMPLE_H */
