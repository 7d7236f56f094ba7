// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * delivery.c - see delivery.h
 */
#include <stdlib.h>

#include "agent.h"
#include "delivery.h"
#include "unfinished.h"

/**
 * struct delivery_item - an answer that tells of a new set
 * @next: the next one
 * @set: the set
 * @carrier: as in struct mirror_set: a repeated 401 has a later answer
 * @end: where it ends in the stream of answers, 0: not queued yet
 */
struct delivery_item {
	struct delivery_item *next;
	uint32_t set;
	uint64_t carrier;
	uint64_t end;
};

/**
 * delivery_setup() - begin without any answer
 * @delivery: the answers of a connection
 * @agent: whose
 */
void delivery_setup(struct delivery *delivery, struct agent *agent)
{
	delivery->agent = agent;
	delivery->first = NULL;
	delivery->last = &delivery->first;
	delivery->queued = 0;
}

/**
 * delivery_expect() - the answer to the request of now tells of a set
 * @delivery: the answers of the connection that the request came on
 * @set: the set
 *
 * Without memory the set is left to its deadline.
 */
void delivery_expect(struct delivery *delivery, uint32_t set)
{
	static uint64_t carrier;
	struct mirror_set *ms = mirror_find(&delivery->agent->mirror, set);
	struct delivery_item *item = ms ? calloc(1, sizeof(*item)) : NULL;

	if (!item)
		return;
	item->set = set;
	item->carrier = ++carrier;
	ms->carrier = carrier;
	*delivery->last = item;
	delivery->last = &item->next;
}

static struct delivery_item *take_first(struct delivery *delivery)
{
	struct delivery_item *item = delivery->first;

	delivery->first = item->next;
	if (!delivery->first)
		delivery->last = &delivery->first;
	return item;
}

static void lose(struct agent *agent, const struct delivery_item *item)
{
	struct mirror_set *ms = mirror_find(&agent->mirror, item->set);

	if (agent->up && ms && ms->carrier == item->carrier)
		unfinished_end_one(agent, item->set,
				   "the proxy went away before it had the answer");
}

/**
 * delivery_queued() - the answer to the request of now is on its way
 * @delivery: the answers of the connection
 * @bytes: of the answer, 0: there is none to give
 */
void delivery_queued(struct delivery *delivery, size_t bytes)
{
	struct delivery_item **at = &delivery->first;

	delivery->queued += bytes;
	while (*at) {
		struct delivery_item *item = *at;

		if (!item->end && !bytes) {
			*at = item->next;
			lose(delivery->agent, item);
			free(item);
			continue;
		}
		if (!item->end)
			item->end = delivery->queued;
		at = &item->next;
	}
	delivery->last = at;
}

/**
 * delivery_taken() - see which answers have arrived
 * @delivery: the answers of the connection
 * @waiting: bytes at the end of the stream that have not
 */
void delivery_taken(struct delivery *delivery, uint64_t waiting)
{
	while (delivery->first &&
	       delivery->first->end + waiting <= delivery->queued)
		free(take_first(delivery));
}

/**
 * delivery_end() - the connection ends
 * @delivery: the answers of the connection
 * @lost: bytes at the end of the stream that nobody will read
 */
void delivery_end(struct delivery *delivery, uint64_t lost)
{
	delivery_taken(delivery, lost);
	while (delivery->first) {
		struct delivery_item *item = take_first(delivery);

		lose(delivery->agent, item);
		free(item);
	}
}
