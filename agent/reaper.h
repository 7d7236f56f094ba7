/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reaper.h - deletes sets a little later
 *
 * The answer to a failed SM7 leaves on the temporary set that failed
 * (TS 33.203 7.3.1.1), so the set goes after it, not before.
 */
#ifndef GMG_REAPER_H
#define GMG_REAPER_H

#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>

#include "mirror.h"

struct reaper_item;

/**
 * struct reaper - the sets that have to go
 * @mirror: where they are found
 * @timer: for the first one
 * @first: the first one to go
 * @last: the last one to go
 */
struct reaper {
	struct mirror *mirror;
	struct event *timer;
	struct reaper_item *first;
	struct reaper_item *last;
};

int reaper_setup(struct reaper *reaper, struct event_base *base,
		 struct mirror *mirror);
void reaper_finish(struct reaper *reaper, bool delete);
void reaper_clean(struct reaper *reaper);
void reaper_doom(struct reaper *reaper, uint32_t id, uint32_t delay_ms);

#endif /* GMG_REAPER_H */
