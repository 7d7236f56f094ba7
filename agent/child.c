// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * child.c - see child.h
 *
 * What a list-sa event says, by the manual of vici:
 *
 *	IKE { remote-host = ..., child-sas { NAME-ID { name = ...,
 *		reqid = ..., local-ts = [ ... ], remote-ts = [ ... ] } } }
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"

/* Sections that are open inside a child SA. */
#define CHILD_DEPTH	3

/**
 * struct walk - a list-sa event while it is read
 * @r: where we are
 * @list: what is added to
 * @ike: name of the connection
 * @host: its other end
 * @child: the child SA that we are in, or NULL
 * @ts: the list of its selectors that we are in, or NULL
 */
struct walk {
	struct vici_reader r;
	struct children *list;
	char ike[CHILD_NAME_MAX];
	char host[GMG_ADDR_TEXT_MAX];
	struct child *child;
	struct child_list *ts;
};

/* What is too long is cut, what no log or JSON text may have is "?". */
static void copy(char *buf, size_t size, struct str s)
{
	size_t len = s.len < size ? s.len : size - 1;

	for (size_t i = 0; i < len; i++)
		buf[i] = s.p[i] >= ' ' && s.p[i] <= '~' ? s.p[i] : '?';
	buf[len] = '\0';
}

static uint32_t number(struct str s, int base)
{
	char text[24];

	copy(text, sizeof(text), s);
	return strtoul(text, NULL, base);
}

/* Room for one more; it doubles. */
static void *grow(void *v, size_t n, size_t size)
{
	if (n & (n - 1))
		return v;
	return reallocarray(v, n ? 2 * n : 1, size);
}

static void free_child(struct child *child)
{
	free(child->local.v);
	free(child->remote.v);
}

/**
 * children_clear() - forget all
 * @list: the child SAs; empty afterwards
 */
void children_clear(struct children *list)
{
	for (size_t i = 0; i < list->n; i++)
		free_child(&list->v[i]);
	free(list->v);
	memset(list, 0, sizeof(*list));
}

/* The address with all bits behind the prefix set, or none. */
static void fill(struct gmg_addr *addr, unsigned int len, bool set)
{
	for (unsigned int i = len; i < 8 * gmg_addr_len(addr); i++) {
		if (set)
			addr->bytes[i / 8] |= 0x80 >> i % 8;
		else
			addr->bytes[i / 8] &= ~(0x80 >> i % 8);
	}
}

/* "10.44.0.0/24", "fd44::1..fd44::9", either with "[tcp/5060]" behind. */
static void read_ts(struct child_ts *ts)
{
	char text[CHILD_TS_TEXT_MAX], *to;
	unsigned int bits;

	strcpy(text, ts->text);
	text[strcspn(text, "[")] = '\0';
	to = strstr(text, "..");
	if (to) {
		*to = '\0';
		if (gmg_addr_parse(text, &ts->first) ||
		    gmg_addr_parse(to + 2, &ts->last) ||
		    ts->first.family != ts->last.family)
			ts->first.family = AF_UNSPEC;
		return;
	}
	to = strchr(text, '/');
	if (to)
		*to++ = '\0';
	if (gmg_addr_parse(text, &ts->first))
		return;
	ts->last = ts->first;
	bits = to ? strtoul(to, NULL, 10) : 8 * gmg_addr_len(&ts->first);
	fill(&ts->first, bits, false);
	fill(&ts->last, bits, true);
}

static int add_ts(struct child_list *list, struct str value)
{
	struct child_ts *ts;

	if (list->n == CHILD_TS_MAX)
		return -EMSGSIZE;
	ts = grow(list->v, list->n, sizeof(*ts));
	if (!ts)
		return -ENOMEM;
	list->v = ts;
	ts += list->n++;
	memset(ts, 0, sizeof(*ts));
	copy(ts->text, sizeof(ts->text), value);
	read_ts(ts);
	return 0;
}

static int add_child(struct walk *w)
{
	struct children *list = w->list;
	struct child *child;

	if (list->n == CHILD_MAX)
		return -EMSGSIZE;
	child = grow(list->v, list->n, sizeof(*child));
	if (!child)
		return -ENOMEM;
	list->v = child;
	child += list->n++;
	memset(child, 0, sizeof(*child));
	strcpy(child->ike, w->ike);
	strcpy(child->remote_host, w->host);
	w->child = child;
	return 0;
}

static void take_value(struct child *child, const struct vici_element *e)
{
	if (str_is(e->name, "name"))
		copy(child->name, sizeof(child->name), e->value);
	else if (str_is(e->name, "state"))
		copy(child->state, sizeof(child->state), e->value);
	else if (str_is(e->name, "mode"))
		copy(child->mode, sizeof(child->mode), e->value);
	else if (str_is(e->name, "protocol"))
		child->esp = str_is(e->value, "ESP");
	else if (str_is(e->name, "reqid"))
		child->reqid = number(e->value, 10);
	else if (str_is(e->name, "mark-in"))
		child->mark = number(e->value, 16);
	else if (str_is(e->name, "mark-mask-in"))
		child->mark_mask = number(e->value, 16);
	else if (str_is(e->name, "if-id-in"))
		child->if_id = number(e->value, 16);
	else if (str_is(e->name, "spi-in"))
		child->spi_in = number(e->value, 16);
	else if (str_is(e->name, "spi-out"))
		child->spi_out = number(e->value, 16);
}

/* A section begins: at first the connection, third its child SAs. */
static int enter(struct walk *w, struct str name)
{
	switch (w->r.depth) {
	case 1:
		copy(w->ike, sizeof(w->ike), name);
		w->host[0] = '\0';
		return 0;
	case CHILD_DEPTH:
		return add_child(w);
	default:
		return 0;
	}
}

static void begin_list(struct walk *w, struct str name)
{
	w->ts = NULL;
	if (!w->child || w->r.depth != CHILD_DEPTH)
		return;
	if (str_is(name, "local-ts"))
		w->ts = &w->child->local;
	else if (str_is(name, "remote-ts"))
		w->ts = &w->child->remote;
}

static int take(struct walk *w, const struct vici_element *e)
{
	switch (e->type) {
	case VICI_SECTION:
		return enter(w, e->name);
	case VICI_SECTION_END:
		if (w->r.depth < CHILD_DEPTH)
			w->child = NULL;
		return 0;
	case VICI_VALUE:
		if (w->r.depth == 1 && str_is(e->name, "remote-host"))
			copy(w->host, sizeof(w->host), e->value);
		else if (w->child && w->r.depth == CHILD_DEPTH)
			take_value(w->child, e);
		return 0;
	case VICI_LIST:
		begin_list(w, e->name);
		return 0;
	case VICI_ITEM:
		return w->ts ? add_ts(w->ts, e->value) : 0;
	default:
		return 0;
	}
}

/**
 * children_read() - add the child SAs that a list-sa event tells of
 * @list: where they are added; some may be after a failure, too
 * @message: what the event says
 *
 * Return: 0, -EBADMSG, -EMSGSIZE: there are too many, or -ENOMEM.
 */
int children_read(struct children *list, struct vici_reader message)
{
	struct walk w = { .r = message, .list = list };
	struct vici_element e;
	int ret;

	for (;;) {
		ret = vici_next(&w.r, &e);
		if (ret <= 0)
			return ret;
		ret = take(&w, &e);
		if (ret)
			return ret;
	}
}

/**
 * child_is_up() - does it carry packets?
 * @child: the child SA
 *
 * While it is replaced by a new one (rekeying) the old one still does, and
 * behind that (REKEYED) the new one.
 *
 * Return: whether it does.
 */
bool child_is_up(const struct child *child)
{
	return child->esp && (!strcmp(child->state, "INSTALLED") ||
			      !strcmp(child->state, "UPDATING") ||
			      !strcmp(child->state, "REKEYING"));
}

/**
 * child_fits() - are its SAs such as a rule asks for?
 * @child: the child SA
 * @rule: the rule; what it does not name may be anything
 *
 * Return: whether they are; the kernel asks the same of the SA of a packet.
 */
bool child_fits(const struct child *child, const struct gmg_rule *rule)
{
	return (!rule->reqid || child->reqid == rule->reqid) &&
	       (!rule->if_id || child->if_id == rule->if_id) &&
	       (!rule->mark_mask || (child->mark == rule->mark &&
				     child->mark_mask == rule->mark_mask));
}

/**
 * child_covers() - is the child SA for addresses of a prefix?
 * @child: the child SA
 * @prefix: the prefix, of the other side
 *
 * Return: whether one of its traffic selectors has at least one address of it.
 */
bool child_covers(const struct child *child, const struct gmg_prefix *prefix)
{
	struct gmg_addr last = prefix->addr;
	size_t len = gmg_addr_len(&last);

	fill(&last, prefix->len, true);
	for (size_t i = 0; i < child->remote.n; i++) {
		const struct child_ts *ts = &child->remote.v[i];

		if (ts->first.family == prefix->addr.family &&
		    memcmp(ts->first.bytes, last.bytes, len) <= 0 &&
		    memcmp(prefix->addr.bytes, ts->last.bytes, len) <= 0)
			return true;
	}
	return false;
}
