/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_ADOPTED_H
#define _GMG_ADOPTED_H

#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "flow.h"

struct gmg_endpoint;
struct gmg_net;
struct xfrm_state;

#define GMG_ADOPTED_NOTES 128

/**
 * struct gmg_adopted - what an xfrm state of another program has to do with us
 * @ep: the endpoint that it concerns
 * @direction: enum gmguard_direction
 * @selector: enum gmguard_selector
 * @ue: address of the other end
 * @ue_known: something names @ue
 * @local_port: host byte order, 0 when not exact
 * @ue_port: host byte order, 0 when not exact
 */
struct gmg_adopted {
	const struct gmg_endpoint *ep;
	u32 direction;
	u32 selector;
	struct gmg_addr ue;
	bool ue_known;
	u16 local_port;
	u16 ue_port;
};

/**
 * struct gmg_adopted_note - an adopted SA that came or went
 * @x: the state, with a reference
 * @event: enum gmguard_event
 */
struct gmg_adopted_note {
	struct xfrm_state *x;
	u32 event;
};

/**
 * struct gmg_adopted_notes - those of a namespace on their way to user space
 * @lock: protects @slot, @count and @lost
 * @slot: the notes that wait
 * @count: how many wait
 * @lost: something happened that has no note
 * @work: tells what waits
 */
struct gmg_adopted_notes {
	spinlock_t lock; /* protects @slot, @count and @lost */
	struct gmg_adopted_note slot[GMG_ADOPTED_NOTES];
	unsigned int count;
	bool lost;
	struct work_struct work;
};

void gmg_adopted_init(struct gmg_adopted_notes *notes);
void gmg_adopted_clean(struct gmg_adopted_notes *notes);
bool gmg_adopted_read(struct gmg_net *gn, const struct xfrm_state *x,
		      struct gmg_adopted *adopted);
void gmg_adopted_note(struct gmg_net *gn, struct xfrm_state *x, u32 event);
void gmg_adopted_lose(struct gmg_net *gn);

#endif /* _GMG_ADOPTED_H */
