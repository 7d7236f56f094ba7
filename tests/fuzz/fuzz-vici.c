// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent/vici.c, child.c and need.c: what is read of a message is, written
 * again, the same bytes; sections and lists are closed; what is kept of child
 * SAs may stand in a log; a child SA serves whom it is for and nobody else.
 *
 * Input: address for the rule (17 bytes: family, bytes), prefix length, packet.
 */
#include <errno.h>

#include "fuzz.h"
#include "need.h"

/**
 * struct copy - a message, written again
 * @p: its bytes
 * @len: how many
 */
struct copy {
	uint8_t *p;
	size_t len;
};

static void put(struct copy *to, size_t size, struct str s)
{
	if (size == 2)
		to->p[to->len++] = s.len >> 8;
	to->p[to->len++] = s.len;
	memcpy(to->p + to->len, s.p, s.len);
	to->len += s.len;
}

static void write_again(struct copy *to, const struct vici_element *e)
{
	to->p[to->len++] = e->type;
	if (e->type == VICI_SECTION || e->type == VICI_LIST ||
	    e->type == VICI_VALUE)
		put(to, 1, e->name);
	if (e->type == VICI_VALUE || e->type == VICI_ITEM)
		put(to, 2, e->value);
}

/* Return: whether all of it is a message. */
static bool check_message(struct vici_reader r)
{
	struct copy to = { malloc(r.left + 1), 0 };
	const uint8_t *start = r.p;
	struct vici_element e;
	int ret, depth = 0;

	while ((ret = vici_next(&r, &e)) == 1) {
		depth += e.type == VICI_SECTION;
		depth -= e.type == VICI_SECTION_END;
		CHECK(depth >= 0 && depth == (int)r.depth);
		write_again(&to, &e);
		CHECK(r.p == start + to.len);
		CHECK(!memcmp(start, to.p, to.len));
	}
	CHECK(ret == 0 || ret == -EBADMSG);
	if (!ret)
		CHECK(!r.left && !depth && !r.list);
	free(to.p);
	return !ret;
}

static void check_list(const struct child_list *list)
{
	CHECK(list->n <= CHILD_TS_MAX);
	for (size_t i = 0; i < list->n; i++) {
		const struct child_ts *ts = &list->v[i];

		CHECK(is_printable(ts->text));
		CHECK(ts->first.family == AF_UNSPEC ||
		      ts->first.family == ts->last.family);
	}
}

static void check_child(const struct child *child)
{
	CHECK(is_printable(child->ike) && is_printable(child->name) &&
	      is_printable(child->remote_host) &&
	      is_printable(child->state) && is_printable(child->mode));
	CHECK(!child_is_up(child) || (child->esp && *child->state));
	check_list(&child->local);
	check_list(&child->remote);
}

/* Does the text of a selector name this very host? */
static bool names(const struct child *child, const struct gmg_addr *addr)
{
	char text[GMG_ADDR_TEXT_MAX];

	gmg_addr_format(addr, text, sizeof(text));
	for (size_t i = 0; i < child->remote.n; i++) {
		if (!strcmp(child->remote.v[i].text, text))
			return true;
	}
	return false;
}

static void ignore(const struct need *need, enum need_state before, void *arg)
{
	CHECK(need->state != before);
	++*(int *)arg;
}

static void check_need(const struct children *list, struct gmg_prefix *prefix)
{
	struct need need = { .rule = { .prefix = prefix, .n_prefix = 1 } };
	struct needs needs = { &need, 1 };
	bool up = false, served = false;
	int told = 0;

	needs_judge(&needs, list, ignore, &told);
	for (size_t i = 0; i < list->n; i++) {
		const struct child *child = &list->v[i];

		check_child(child);
		CHECK(!names(child, &prefix->addr) ||
		      child_covers(child, prefix));
		up |= child_is_up(child);
		served |= need_is_served_by(&need, child);
	}
	CHECK(told == 1 && served == (need.state == NEED_SERVED));
	CHECK(up || need.state == NEED_MISSING);
	CHECK((need.lacks == prefix) == (need.state == NEED_MISSING));
}

static void take_prefix(struct input *in, struct gmg_prefix *prefix)
{
	memset(prefix, 0, sizeof(*prefix));
	prefix->addr.family = take_byte(in) & 1 ? AF_INET6 : AF_INET;
	for (size_t i = 0; i < 16; i++) {
		uint8_t byte = take_byte(in);

		if (i < gmg_addr_len(&prefix->addr))
			prefix->addr.bytes[i] = byte;
	}
	prefix->len = 8 * gmg_addr_len(&prefix->addr);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct children list = { NULL, 0 };
	struct vici_packet packet;
	struct gmg_prefix prefix;
	char *exact;
	bool good;
	int ret;

	take_prefix(&in, &prefix);
	exact = copy_bytes(in.p, in.left);
	if (!vici_read((uint8_t *)exact, in.left, &packet)) {
		good = check_message(packet.message);
		ret = children_read(&list, packet.message);
		CHECK(ret == 0 || ret == -EBADMSG || ret == -EMSGSIZE);
		CHECK(good == (ret != -EBADMSG) || ret == -EMSGSIZE);
		check_need(&list, &prefix);
		children_clear(&list);
	}
	free(exact);
	return 0;
}
