// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What charon tells over vici, and who is served by that: agent/vici.c,
 * child.c and need.c. tests/vm/nds has the real one.
 */
#include <errno.h>
#include <stdio.h>

#include "need.h"
#include "test.h"

/* A message as text: "name{", "}", "key=value", "list[", "item", "]". */
static size_t compose(uint8_t *buf, const char *text)
{
	char word[512], *equal;
	size_t len = 0, n;
	bool list = false;
	int used;

	while (sscanf(text, " %511s%n", word, &used) == 1) {
		text += used;
		n = strlen(word);
		equal = strchr(word, '=');
		if (!strcmp(word, "}") || !strcmp(word, "]")) {
			buf[len++] = *word == '}' ? VICI_SECTION_END :
				VICI_LIST_END;
			list = false;
		} else if (list) {
			buf[len++] = VICI_ITEM;
			buf[len++] = n >> 8;
			buf[len++] = n;
			len += sprintf((char *)buf + len, "%s", word);
		} else if (word[n - 1] == '{' || word[n - 1] == '[') {
			list = word[n - 1] == '[';
			buf[len++] = list ? VICI_LIST : VICI_SECTION;
			buf[len++] = n - 1;
			memcpy(buf + len, word, n - 1);
			len += n - 1;
		} else {
			*equal++ = '\0';
			buf[len++] = VICI_VALUE;
			buf[len++] = strlen(word);
			len += sprintf((char *)buf + len, "%s", word);
			buf[len++] = strlen(equal) >> 8;
			buf[len++] = strlen(equal);
			len += sprintf((char *)buf + len, "%s", equal);
		}
	}
	return len;
}

#define ZB(state, more) \
	"zb{ uniqueid=1 remote-host=10.44.0.1 child-sas{ zb-7{ name=zb " \
	"uniqueid=7 reqid=77 state=" state " mode=TRANSPORT protocol=ESP " \
	"spi-in=c1020304 spi-out=cfeeddcc " more \
	" local-ts[ 10.44.0.2/32 ] remote-ts[ 10.44.0.1/32 ] } } }"

static const struct need_case {
	const char *name;
	const char *list[3];
	const char *prefix[3];
	uint32_t reqid, mark, mask, if_id;
	enum need_state want;
} needs[] = {
	{ "NW-03 a child SA of the peer's address serves it",
	  { ZB("INSTALLED", "") }, { "10.44.0.1" }, .want = NEED_SERVED },
	{ "NW-03 without any it is missing", { NULL }, { "10.44.0.1" },
	  .want = NEED_MISSING },
	{ "NW-03 one of another address serves nobody else",
	  { ZB("INSTALLED", "") }, { "10.44.0.3" }, .want = NEED_MISSING },
	{ "NW-03 each address needs one",
	  { ZB("INSTALLED", "") }, { "10.44.0.1", "fd44::1" },
	  .want = NEED_MISSING },
	{ "NW-03 several may serve a peer together",
	  { ZB("INSTALLED", ""),
	    "six{ child-sas{ six-1{ state=INSTALLED protocol=ESP remote-ts[ fd44::/64 ] } } }" },
	  { "10.44.0.1", "fd44::1" }, .want = NEED_SERVED },
	{ "NW-03 the right reqid", { ZB("INSTALLED", "") }, { "10.44.0.1" },
	  .reqid = 77, .want = NEED_SERVED },
	{ "NW-03 another reqid", { ZB("INSTALLED", "") }, { "10.44.0.1" },
	  .reqid = 78, .want = NEED_MISSING },
	{ "NW-03 the right mark",
	  { ZB("INSTALLED", "mark-in=0000002a mark-mask-in=ffffffff") },
	  { "10.44.0.1" }, .mark = 42, .mask = UINT32_MAX,
	  .want = NEED_SERVED },
	{ "NW-03 another mask of the mark",
	  { ZB("INSTALLED", "mark-in=0000002a mark-mask-in=000000ff") },
	  { "10.44.0.1" }, .mark = 42, .mask = UINT32_MAX,
	  .want = NEED_MISSING },
	{ "NW-03 the right if_id", { ZB("INSTALLED", "if-id-in=00000063") },
	  { "10.44.0.1" }, .if_id = 0x63, .want = NEED_SERVED },
	{ "NW-03 no if_id", { ZB("INSTALLED", "") }, { "10.44.0.1" },
	  .if_id = 0x63, .want = NEED_MISSING },
	{ "NW-03 rekeying: the old one carries on", { ZB("REKEYING", "") },
	  { "10.44.0.1" }, .want = NEED_SERVED },
	{ "NW-03 rekeyed: the new one does",
	  { ZB("REKEYED", ""), ZB("INSTALLED", "") }, { "10.44.0.1" },
	  .want = NEED_SERVED },
	{ "NW-03 one that is being deleted carries nothing",
	  { ZB("DELETING", "") }, { "10.44.0.1" }, .want = NEED_MISSING },
	{ "NW-03 one that is being made carries nothing yet",
	  { ZB("INSTALLING", "") }, { "10.44.0.1" }, .want = NEED_MISSING },
	{ "NW-03 AH is not ESP",
	  { "a{ child-sas{ a-1{ state=INSTALLED protocol=AH remote-ts[ 10.44.0.1/32 ] } } }" },
	  { "10.44.0.1" }, .want = NEED_MISSING },
	{ "NW-03 a selector with a port, and everything else around",
	  { "a{ x=y local-vips[ 1.2.3.4 ] child-sas{ a-1{ state=INSTALLED protocol=ESP local-ts[ 10.44.0.1/32 ] remote-ts[ 10.0.0.0/8[tcp/3868] ] } } tasks-active[ ] }" },
	  { "10.44.0.1" }, .want = NEED_SERVED },
	{ "NW-03 a selector that is a range",
	  { "a{ child-sas{ a-1{ state=INSTALLED protocol=ESP remote-ts[ 10.44.0.1..10.44.0.9 ] } } }" },
	  { "10.44.0.9" }, .want = NEED_SERVED },
	{ "NW-03 beside a selector that is a range",
	  { "a{ child-sas{ a-1{ state=INSTALLED protocol=ESP remote-ts[ 10.44.0.1..10.44.0.9 ] } } }" },
	  { "10.44.0.10" }, .want = NEED_MISSING },
	{ "NW-03 a selector of all addresses is not one of all families",
	  { "a{ child-sas{ a-1{ state=INSTALLED protocol=ESP remote-ts[ 0.0.0.0/0 ] } } }" },
	  { "10.44.0.10", "fd44::1" }, .want = NEED_MISSING },
	{ "NW-03 a selector that can't be read fits nothing",
	  { "a{ child-sas{ a-1{ state=INSTALLED protocol=ESP remote-ts[ dynamic ] } } }" },
	  { "10.44.0.10" }, .want = NEED_MISSING },
	{ "NW-04 a domain larger than its tunnel's selector",
	  { "a{ child-sas{ a-1{ state=INSTALLED protocol=ESP remote-ts[ 10.60.9.0/24 ] } } }" },
	  { "10.60.0.0/16" }, .want = NEED_SERVED },
};

static void count(const struct need *need, enum need_state before, void *arg)
{
	(void)need;
	assert_int_equal(before, NEED_UNKNOWN);
	++*(int *)arg;
}

static void read_list(struct children *list, const char *text)
{
	uint8_t buf[2048], *exact;
	size_t len = compose(buf, text);

	exact = (uint8_t *)exact_copy((char *)buf, len);
	assert_int_equal(children_read(list, (struct vici_reader){
		.p = exact, .left = len }), 0);
	free(exact);
}

static void test_need(void **state)
{
	const struct need_case *c = *state;
	struct children list = { NULL, 0 };
	struct gmg_ruleset rs = { 0 };
	struct needs all = { NULL, 0 };
	struct gmg_rule *rule;
	int told = 0;

	rule = ruleset_add(&rs, GMGUARD_RULE_KIND_PEER, "open");
	rule = ruleset_add(&rs, GMGUARD_RULE_KIND_PEER, "peer");
	rule->esp = true;
	rule->reqid = c->reqid;
	rule->mark = c->mark;
	rule->mark_mask = c->mask;
	rule->if_id = c->if_id;
	for (int i = 0; c->prefix[i]; i++)
		assert_int_equal(rule_add_prefixes(rule, c->prefix[i]), 0);
	assert_int_equal(needs_take(&all, &rs), 0);
	ruleset_clear(&rs);
	assert_int_equal(all.n, 1);
	for (int i = 0; c->list[i]; i++)
		read_list(&list, c->list[i]);
	needs_judge(&all, NULL, count, &told);
	assert_int_equal(told, 0);
	needs_judge(&all, &list, count, &told);
	assert_int_equal(told, 1);
	assert_int_equal(all.v[0].state, c->want);
	assert_int_equal(needs_count(&all, c->want), 1);
	assert_int_equal(!!all.v[0].lacks, c->want == NEED_MISSING);
	children_clear(&list);
	needs_clear(&all);
}

static void test_child(void **state)
{
	struct children list = { NULL, 0 };
	const struct child *child;

	(void)state;
	read_list(&list, ZB("INSTALLED", ""));
	assert_int_equal(list.n, 1);
	child = list.v;
	assert_string_equal(child->ike, "zb");
	assert_string_equal(child->name, "zb");
	assert_string_equal(child->remote_host, "10.44.0.1");
	assert_string_equal(child->mode, "TRANSPORT");
	assert_int_equal(child->spi_in, 0xc1020304);
	assert_int_equal(child->spi_out, 0xcfeeddcc);
	assert_int_equal(child->local.n, 1);
	assert_string_equal(child->local.v[0].text, "10.44.0.2/32");
	children_clear(&list);
}

/* A state that is kept over a new ruleset is no news. */
static void test_again(void **state)
{
	struct children none = { NULL, 0 };
	struct needs all = { NULL, 0 };
	int told = 0;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct gmg_ruleset rs = { 0 };
		struct gmg_rule *rule;

		rule = ruleset_add(&rs, GMGUARD_RULE_KIND_PEER, "a");
		rule->esp = true;
		assert_int_equal(rule_add_prefixes(rule, "10.44.0.1"), 0);
		assert_int_equal(needs_take(&all, &rs), 0);
		ruleset_clear(&rs);
		needs_judge(&all, &none, count, &told);
		assert_int_equal(told, 1);
	}
	needs_clear(&all);
}

static const struct bad_case {
	const char *name;
	uint8_t bytes[24];
	size_t len;
} bads[] = {
	{ "AT-40 a section without its end", { 1, 1, 'a' }, 3 },
	{ "AT-40 an end without its section", { 2 }, 1 },
	{ "AT-40 a name longer than the message", { 1, 9, 'a' }, 3 },
	{ "AT-40 a value longer than the message",
	  { 3, 1, 'a', 0xff, 0xff, 'b' }, 6 },
	{ "AT-40 a value without its length", { 3, 1, 'a', 0 }, 4 },
	{ "AT-40 an item outside a list", { 5, 0, 1, 'a' }, 4 },
	{ "AT-40 a section in a list", { 4, 1, 'a', 1, 1, 'b', 2, 6 }, 8 },
	{ "AT-40 a list without its end", { 4, 1, 'a', 5, 0, 1, 'b' }, 7 },
	{ "AT-40 an element of no known type", { 7 }, 1 },
};

static void test_bad(void **state)
{
	const struct bad_case *c = *state;
	uint8_t *exact = (uint8_t *)exact_copy((const char *)c->bytes, c->len);
	struct children list = { NULL, 0 };

	assert_int_equal(children_read(&list, (struct vici_reader){
		.p = exact, .left = c->len }), -EBADMSG);
	children_clear(&list);
	free(exact);
}

/* Each of them has its end. */
static int read_deep(unsigned int depth)
{
	uint8_t bytes[64] = { 0 };
	struct vici_reader r = { .p = bytes, .left = 3 * depth };
	struct vici_element e;
	int ret = 1;

	for (unsigned int i = 0; i < depth; i++) {
		bytes[2 * i] = VICI_SECTION;
		bytes[2 * depth + i] = VICI_SECTION_END;
	}
	while (ret == 1)
		ret = vici_next(&r, &e);
	return ret;
}

static void test_depth(void **state)
{
	(void)state;
	assert_int_equal(read_deep(16), 0);
	assert_int_equal(read_deep(17), -EBADMSG);
}

static void test_packet(void **state)
{
	static const uint8_t want[] = "\0\0\0\x0a\0\x08list-sas";
	static const uint8_t event[] = "\x07\x07list-sa\x01\x01""a\x02";
	static const uint8_t bads[][3] = { "\x08", "\x07\x02", "\x03" };
	uint8_t buf[VICI_WRITE_MAX];
	struct vici_packet packet;
	struct vici_element e;

	(void)state;
	assert_int_equal(vici_write(buf, VICI_REQUEST, "list-sas"), 14);
	assert_memory_equal(buf, want, 14);
	assert_int_equal(vici_read(event, sizeof(event) - 1, &packet), 0);
	assert_int_equal(packet.kind, VICI_EVENT);
	assert_true(str_is(packet.name, "list-sa"));
	assert_int_equal(vici_next(&packet.message, &e), 1);
	assert_true(e.type == VICI_SECTION && str_is(e.name, "a"));
	assert_int_equal(vici_next(&packet.message, &e), 1);
	assert_int_equal(vici_next(&packet.message, &e), 0);
	assert_int_equal(vici_read(event, 0, &packet), -EBADMSG);
	for (size_t i = 0; i < COUNT(bads); i++)
		assert_int_equal(vici_read(bads[i], i == 1 ? 2 : 1, &packet),
				 -EBADMSG);
}

int main(void)
{
	add_test("packets of vici", test_packet);
	add_test("AT-40 sections in each other, to a bound", test_depth);
	add_test("NW-03 what is kept of a child SA", test_child);
	add_test("NW-03 who was missing before is told of once", test_again);
	add_rows(needs, test_need);
	add_rows(bads, test_bad);
	return run_all("vici");
}
