/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * child.h - the IKE daemon's child SAs, as it tells of them (list-sa of vici)
 */
#ifndef GMG_CHILD_H
#define GMG_CHILD_H

#include "ruleset.h"
#include "vici.h"

/** Longest names and values that are kept, with their NUL. */
#define CHILD_NAME_MAX	64
#define CHILD_STATE_MAX	16
#define CHILD_TS_TEXT_MAX	128
/** Most child SAs, and most traffic selectors of one; more are an error. */
#define CHILD_MAX	16384
#define CHILD_TS_MAX	256

/**
 * struct child_ts - a traffic selector
 * @text: as the IKE daemon writes it
 * @first: first address; absent when it can't be read, and then fits nothing
 * @last: last address
 */
struct child_ts {
	char text[CHILD_TS_TEXT_MAX];
	struct gmg_addr first;
	struct gmg_addr last;
};

/**
 * struct child_list - traffic selectors of one side
 * @v: they, allocated
 * @n: how many
 */
struct child_list {
	struct child_ts *v;
	size_t n;
};

/**
 * struct child - a child SA: a pair of SAs of the kernel
 * @ike: name of its connection
 * @name: its name
 * @remote_host: the other end
 * @state: as the IKE daemon says it
 * @mode: TUNNEL, TRANSPORT, ...
 * @reqid: reqid of both SAs
 * @mark: mark of the inbound SA
 * @mark_mask: mask of @mark, 0 for none
 * @if_id: interface id of the inbound SA, 0 for none
 * @spi_in: SPI of the inbound SA
 * @spi_out: SPI of the outbound SA
 * @esp: it is ESP, and not AH
 * @local: traffic selectors of this side
 * @remote: of the other side
 */
struct child {
	char ike[CHILD_NAME_MAX];
	char name[CHILD_NAME_MAX];
	char remote_host[GMG_ADDR_TEXT_MAX];
	char state[CHILD_STATE_MAX];
	char mode[CHILD_STATE_MAX];
	uint32_t reqid;
	uint32_t mark;
	uint32_t mark_mask;
	uint32_t if_id;
	uint32_t spi_in;
	uint32_t spi_out;
	bool esp;
	struct child_list local;
	struct child_list remote;
};

/**
 * struct children - child SAs
 * @v: they, allocated
 * @n: how many
 */
struct children {
	struct child *v;
	size_t n;
};

int children_read(struct children *list, struct vici_reader message);
void children_clear(struct children *list);
bool child_is_up(const struct child *child);
bool child_fits(const struct child *child, const struct gmg_rule *rule);
bool child_covers(const struct child *child, const struct gmg_prefix *prefix);

#endif /* GMG_CHILD_H */
