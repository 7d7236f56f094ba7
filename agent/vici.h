/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vici.h - packets of strongSwan's control interface, as the README.md of its
 * vici plugin describes them; the length in front of each is not part of it
 */
#ifndef GMG_VICI_H
#define GMG_VICI_H

#include <stdint.h>

#include "lex.h"

/** Most bytes of a packet, as strongSwan has it; its length stands in front. */
#define VICI_PACKET_MAX	(512 * 1024)
#define VICI_LENGTH	4
/** Most bytes of a packet that vici_write() makes, its length included. */
#define VICI_NAME_MAX	255
#define VICI_WRITE_MAX	(VICI_LENGTH + 2 + VICI_NAME_MAX)

/** enum vici_kind - what a packet is, by its number there */
enum vici_kind {
	VICI_REQUEST,
	VICI_RESPONSE,
	VICI_UNKNOWN_COMMAND,
	VICI_REGISTER,
	VICI_UNREGISTER,
	VICI_CONFIRM,
	VICI_UNKNOWN_EVENT,
	VICI_EVENT,
	VICI_KINDS,
};

/** enum vici_type - what a message is made of, by its number there */
enum vici_type {
	VICI_SECTION = 1,
	VICI_SECTION_END,
	VICI_VALUE,
	VICI_LIST,
	VICI_ITEM,
	VICI_LIST_END,
};

/**
 * struct vici_reader - a place in a message
 * @p: next byte
 * @left: bytes from there on
 * @depth: sections that are open
 * @list: a list is open
 */
struct vici_reader {
	const uint8_t *p;
	size_t left;
	unsigned int depth;
	bool list;
};

/**
 * struct vici_packet - a packet
 * @kind: enum vici_kind
 * @name: of the command or event, where there is one
 * @message: what it says
 */
struct vici_packet {
	enum vici_kind kind;
	struct str name;
	struct vici_reader message;
};

/**
 * struct vici_element - a piece of a message
 * @type: enum vici_type
 * @name: of a section, value or list
 * @value: of a value or item
 */
struct vici_element {
	enum vici_type type;
	struct str name;
	struct str value;
};

size_t vici_write(uint8_t *buf, enum vici_kind kind, const char *name);
int vici_read(const uint8_t *data, size_t len, struct vici_packet *packet);
int vici_next(struct vici_reader *r, struct vici_element *e);

#endif /* GMG_VICI_H */
