// SPDX-License-Identifier: GPL-2.0-only
/*
 * The longest prefix match, against one that looks at every prefix.
 */
#include <linux/random.h>

#include "prefix.h"
#include "test.h"

#define PREFIXES 300
#define LOOKUPS 2000

/* How the prefixes of a table lie: few bits make them lie in each other. */
static const struct prefix_mix {
	const char *name;
	u8 longest;	/* bits of the longest prefix */
	u8 open;	/* bits, from there up, that differ at random */
} mixes[] = {
	{ "IPv4 prefixes in each other", 32, 12 },
	{ "IPv4 prefixes all over", 32, 32 },
	{ "IPv4 prefixes at both ends of the addresses", 9, 9 },
	{ "IPv6 /64s and what is around them", 64, 14 },
	{ "IPv6 prefixes across the middle of the address", 72, 16 },
	{ "IPv6 hosts in each other", 128, 12 },
};

GMG_ROWS(mixes);

struct prefix_lab {
	struct gmg_prefix_entry entry[PREFIXES];
	struct gmg_prefix_start start[GMG_PREFIX_STARTS(PREFIXES)];
	u32 longest[GMG_PREFIX_STARTS(PREFIXES)];
	u32 bucket[GMG_PREFIX_BUCKETS(PREFIXES)];
	struct gmg_prefix_entry plain[PREFIXES];
	struct gmg_prefix_table table;
};

static bool bit_of(const struct gmg_addr *addr, unsigned int i)
{
	return ntohl(addr->w[i / 32]) >> (31 - i % 32) & 1;
}

static void set_bit_of(struct gmg_addr *addr, unsigned int i, bool value)
{
	u32 word = ntohl(addr->w[i / 32]);

	word &= ~(1U << (31 - i % 32));
	word |= (u32)value << (31 - i % 32);
	addr->w[i / 32] = htonl(word);
}

/* The bits of a mix at random, or all alike; bits beyond @len are 0. */
static struct gmg_addr address(const struct prefix_mix *mix, unsigned int len)
{
	struct gmg_addr addr = {};
	u32 pick = get_random_u32();
	unsigned int i;

	for (i = mix->longest - mix->open; i < len; i++)
		set_bit_of(&addr, i, pick % 8 == 0 || (pick % 8 > 1 &&
						       get_random_u32() & 1));
	return addr;
}

static bool lies_in(const struct gmg_prefix *prefix,
		    const struct gmg_addr *addr)
{
	unsigned int i;

	for (i = 0; i < prefix->len; i++)
		if (bit_of(&prefix->addr, i) != bit_of(addr, i))
			return false;
	return true;
}

/* Length of the longest that an address lies in, or -1. */
static int naive(const struct prefix_lab *lab, u32 n,
		 const struct gmg_addr *addr)
{
	int longest = -1;
	u32 i;

	for (i = 0; i < n; i++)
		if (lies_in(&lab->plain[i].prefix, addr) &&
		    lab->plain[i].prefix.len > longest)
			longest = lab->plain[i].prefix.len;
	return longest;
}

/* Every prefix that an address lies in is one of the parents. */
static u32 chain(const struct gmg_prefix_table *table, u32 entry)
{
	u32 n = 0;

	for (; entry != GMG_PREFIX_NONE; entry = table->entry[entry].parent)
		n++;
	return n;
}

static u32 naive_chain(const struct prefix_lab *lab, u32 n,
		       const struct gmg_addr *addr)
{
	u32 found = 0;
	u32 i;

	for (i = 0; i < n; i++)
		found += lies_in(&lab->plain[i].prefix, addr);
	return found;
}

static void compare_one(struct kunit *test, struct prefix_lab *lab, u32 n,
			const struct gmg_addr *addr)
{
	u32 entry = gmg_prefix_find(&lab->table, addr);
	int got = entry == GMG_PREFIX_NONE ? -1 :
					     lab->table.entry[entry].prefix.len;

	KUNIT_ASSERT_EQ(test, got, naive(lab, n, addr));
	KUNIT_ASSERT_EQ(test, chain(&lab->table, entry),
			naive_chain(lab, n, addr));
	if (entry != GMG_PREFIX_NONE)
		KUNIT_ASSERT_TRUE(test,
				  lies_in(&lab->table.entry[entry].prefix,
					  addr));
}

static void lookup(struct kunit *test)
{
	const struct prefix_mix *mix = test->param_value;
	struct prefix_lab *lab = kunit_kzalloc(test, sizeof(*lab), GFP_KERNEL);
	u32 n;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, lab);
	lab->table.entry = lab->entry;
	lab->table.start = lab->start;
	lab->table.longest = lab->longest;
	lab->table.bucket = lab->bucket;
	for (n = 0; n <= PREFIXES; n += n < 4 ? 1 : 74) {
		for (i = 0; i < n; i++) {
			struct gmg_prefix *prefix = &lab->entry[i].prefix;

			prefix->len = mix->longest - mix->open + 1 +
				      get_random_u32() % mix->open;
			prefix->addr = address(mix, prefix->len);
			KUNIT_ASSERT_TRUE(test, gmg_prefix_is_clean(prefix));
			lab->entry[i].owner = i;
		}
		memcpy(lab->plain, lab->entry, sizeof(lab->plain));
		lab->table.n_entries = n;
		gmg_prefix_table_build(&lab->table);
		for (i = 0; i < LOOKUPS / 4; i++) {
			struct gmg_addr addr = address(mix, mix->longest);

			compare_one(test, lab, n, &addr);
		}
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(lookup, mixes_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "gmguard-prefix",
	.test_cases = cases,
};

kunit_test_suite(suite);
