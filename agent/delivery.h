/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * delivery.h - answers on their way, and the SA sets that nobody will know of
 * if they do not arrive
 *
 * A proxy that never gets the answer to "challenge" sends no 401, so the UE
 * never uses the set that was made for it: the set goes with the connection.
 */
#ifndef GMG_DELIVERY_H
#define GMG_DELIVERY_H

#include <stddef.h>
#include <stdint.h>

struct agent;
struct delivery_item;

/**
 * struct delivery - the answers of one connection
 * @agent: whose
 * @first: the oldest answer that was not taken yet
 * @last: where the next one is put
 * @queued: bytes of answers so far
 */
struct delivery {
	struct agent *agent;
	struct delivery_item *first;
	struct delivery_item **last;
	uint64_t queued;
};

void delivery_setup(struct delivery *delivery, struct agent *agent);
void delivery_expect(struct delivery *delivery, uint32_t set);
void delivery_queued(struct delivery *delivery, size_t bytes);
void delivery_taken(struct delivery *delivery, uint64_t waiting);
void delivery_end(struct delivery *delivery, uint64_t lost);

#endif /* GMG_DELIVERY_H */
