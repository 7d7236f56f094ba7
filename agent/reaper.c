// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reaper.c - see reaper.h
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "log.h"
#include "reaper.h"

/**
 * struct reaper_item - a set that has to go
 * @next: the one that goes after it
 * @id: the set
 * @due: when, in milliseconds of CLOCK_MONOTONIC
 */
struct reaper_item {
	struct reaper_item *next;
	uint32_t id;
	int64_t due;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void arm(struct reaper *reaper)
{
	int64_t wait = reaper->first ? reaper->first->due - now_ms() : 0;
	struct timeval tv;

	if (!reaper->first)
		return;
	if (wait < 0)
		wait = 0;
	tv.tv_sec = wait / 1000;
	tv.tv_usec = wait % 1000 * 1000;
	event_add(reaper->timer, &tv);
}

static void delete_set(struct reaper *reaper, uint32_t id)
{
	struct log_about about = { .set = id };
	int ret = kernel_saset_del(reaper->mirror->k, id);

	if (ret && ret != -ENOENT)
		log_about(LOG_ERR, &about, "cannot delete the SA set: %s",
			  reaper->mirror->k->err);
}

static struct reaper_item *take_first(struct reaper *reaper)
{
	struct reaper_item *item = reaper->first;

	reaper->first = item->next;
	if (!reaper->first)
		reaper->last = NULL;
	return item;
}

/* Mostly at the end; but the delay may have been changed. */
static void insert(struct reaper *reaper, struct reaper_item *item)
{
	struct reaper_item **at = &reaper->first;

	if (reaper->last && reaper->last->due <= item->due)
		at = &reaper->last->next;
	while (*at && (*at)->due <= item->due)
		at = &(*at)->next;
	item->next = *at;
	*at = item;
	if (!item->next)
		reaper->last = item;
}

static void handle_timer(evutil_socket_t fd, short what, void *arg)
{
	struct reaper *reaper = arg;

	(void)fd;
	(void)what;
	while (reaper->first && reaper->first->due <= now_ms()) {
		struct reaper_item *item = take_first(reaper);

		delete_set(reaper, item->id);
		free(item);
	}
	arm(reaper);
}

/**
 * reaper_setup() - begin without any set
 * @reaper: the reaper
 * @base: event loop
 * @mirror: where the sets are found
 *
 * Return: 0 or -ENOMEM.
 */
int reaper_setup(struct reaper *reaper, struct event_base *base,
		 struct mirror *mirror)
{
	reaper->mirror = mirror;
	reaper->first = NULL;
	reaper->last = NULL;
	reaper->timer = evtimer_new(base, handle_timer, reaper);
	return reaper->timer ? 0 : -ENOMEM;
}

/**
 * reaper_finish() - wait no longer
 * @reaper: the reaper
 * @delete: delete the sets that are left, now; otherwise forget them
 */
void reaper_finish(struct reaper *reaper, bool delete)
{
	while (reaper->first) {
		struct reaper_item *item = take_first(reaper);

		if (delete)
			delete_set(reaper, item->id);
		free(item);
	}
}

/**
 * reaper_clean() - end, and forget the sets that are left
 * @reaper: the reaper, perhaps half made
 */
void reaper_clean(struct reaper *reaper)
{
	reaper_finish(reaper, false);
	if (reaper->timer)
		event_free(reaper->timer);
	reaper->timer = NULL;
}

/**
 * reaper_doom() - delete a set when the answer has left
 * @reaper: the reaper
 * @id: the set
 * @delay_ms: time that the answer has, retransmissions included
 *
 * Until then every other REGISTER on it is refused. Should the agent end
 * before, the kernel's deadline for temporary sets ends the set.
 */
void reaper_doom(struct reaper *reaper, uint32_t id, uint32_t delay_ms)
{
	struct mirror_set *ms = mirror_find(reaper->mirror, id);
	struct reaper_item *item;

	if (ms && ms->doomed)
		return;
	if (ms)
		ms->doomed = true;
	item = malloc(sizeof(*item));
	if (!item) {
		delete_set(reaper, id);
		return;
	}
	item->id = id;
	item->due = now_ms() + delay_ms;
	insert(reaper, item);
	if (item == reaper->first)
		arm(reaper);
}
