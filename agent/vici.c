// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vici.c - see vici.h
 *
 * Debian has strongSwan's libvici without its header, and it wants a thread of
 * its own; what is needed of the protocol is this.
 */
#include <errno.h>
#include <string.h>

#include "vici.h"

/* Sections in each other; strongSwan makes no more than four. */
#define DEPTH_MAX	16

/**
 * vici_write() - make a packet whose message is empty
 * @buf: room for VICI_WRITE_MAX bytes
 * @kind: VICI_REQUEST, VICI_REGISTER or VICI_UNREGISTER
 * @name: of the command or event, at most VICI_NAME_MAX bytes
 *
 * Return: its bytes, those of the length in front included.
 */
size_t vici_write(uint8_t *buf, enum vici_kind kind, const char *name)
{
	size_t len = strlen(name);

	memset(buf, 0, VICI_LENGTH);
	buf[2] = (len + 2) >> 8;
	buf[3] = len + 2;
	buf[4] = kind;
	buf[5] = len;
	memcpy(buf + 6, name, len);
	return VICI_LENGTH + 2 + len;
}

/* Bytes with their length in front, in one byte or two. */
static int take(struct vici_reader *r, size_t size, struct str *s)
{
	size_t len;

	if (r->left < size)
		return -EBADMSG;
	len = size == 1 ? r->p[0] : r->p[0] << 8 | r->p[1];
	if (r->left - size < len)
		return -EBADMSG;
	*s = (struct str){ (const char *)r->p + size, len };
	r->p += size + len;
	r->left -= size + len;
	return 0;
}

/**
 * vici_read() - read a packet
 * @data: its bytes, without the length in front
 * @len: how many
 * @packet: result; it points into @data
 *
 * Return: 0, or -EBADMSG.
 */
int vici_read(const uint8_t *data, size_t len, struct vici_packet *packet)
{
	struct vici_reader *r = &packet->message;

	memset(packet, 0, sizeof(*packet));
	if (!len || data[0] >= VICI_KINDS)
		return -EBADMSG;
	packet->kind = data[0];
	r->p = data + 1;
	r->left = len - 1;
	switch (packet->kind) {
	case VICI_REQUEST:
	case VICI_REGISTER:
	case VICI_UNREGISTER:
	case VICI_EVENT:
		return take(r, 1, &packet->name);
	default:
		return 0;
	}
}

/* May it stand here? Sections end as often as they begin, lists hold items. */
static int place(struct vici_reader *r, enum vici_type type)
{
	if (r->list != (type == VICI_ITEM || type == VICI_LIST_END))
		return -EBADMSG;
	if (type == VICI_LIST || type == VICI_LIST_END)
		r->list = type == VICI_LIST;
	if (type == VICI_SECTION && r->depth++ == DEPTH_MAX)
		return -EBADMSG;
	if (type == VICI_SECTION_END && !r->depth--)
		return -EBADMSG;
	return 0;
}

/**
 * vici_next() - read the next piece of a message
 * @r: where we are; behind it afterwards
 * @e: the piece; it points into the packet
 *
 * Return: 1; 0 when the message has ended; -EBADMSG, and then @r is of no use
 * any more.
 */
int vici_next(struct vici_reader *r, struct vici_element *e)
{
	int ret;

	memset(e, 0, sizeof(*e));
	if (!r->left)
		return r->depth || r->list ? -EBADMSG : 0;
	e->type = *r->p++;
	r->left--;
	ret = place(r, e->type);
	if (ret)
		return ret;
	switch (e->type) {
	case VICI_SECTION_END:
	case VICI_LIST_END:
		return 1;
	case VICI_SECTION:
	case VICI_LIST:
		return take(r, 1, &e->name) ?: 1;
	case VICI_VALUE:
		return take(r, 1, &e->name) ?: take(r, 2, &e->value) ?: 1;
	case VICI_ITEM:
		return take(r, 2, &e->value) ?: 1;
	default:
		return -EBADMSG;
	}
}
