/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Longest prefix match in a table that is built once and never changes. Tests
 * and benchmarks compile this very file in user space.
 */
#ifndef _GMG_PREFIX_H
#define _GMG_PREFIX_H

#include "flow.h"

/* Not an entry. */
#define GMG_PREFIX_NONE ((__u32)-1)

/**
 * struct gmg_prefix - an address prefix
 * @addr: bits beyond @len are zero
 * @len: in bits
 */
struct gmg_prefix {
	struct gmg_addr addr;
	__u8 len;
};

/**
 * struct gmg_prefix_entry - a prefix of a table
 * @prefix: the prefix
 * @owner: what it stands for, to the user of the table
 * @parent: the next longest prefix that it lies in, or GMG_PREFIX_NONE
 */
struct gmg_prefix_entry {
	struct gmg_prefix prefix;
	__u32 owner;
	__u32 parent;
};

/**
 * struct gmg_prefix_start - where a range of addresses begins that all have the
 * same longest prefix
 * @hi: the first 8 bytes of its first address
 * @lo: the last 8 bytes
 */
struct gmg_prefix_start {
	__u64 hi;
	__u64 lo;
};

/**
 * struct gmg_prefix_table - prefixes of one family
 * @entry: the prefixes, in the order of their addresses, the longer later
 * @start: the ranges that they cut the addresses into; the first begins at 0
 * @longest: the entry that each of them lies in, or GMG_PREFIX_NONE
 * @bucket: how many ranges begin before each bucket, and behind the last one
 * @n_entries: entries of @entry
 * @n_starts: entries of @start and @longest
 * @n_buckets: entries of @bucket but the last, 0: there are none
 * @shift: bits of an address that a bucket leaves open
 * @base: where the first one begins
 *
 * Prefixes either lie in each other or apart, so that n of them make at most
 * 2n + 1 ranges: a lookup is a binary search. Buckets of equal size, about as
 * many as there are ranges, say which few of them to search.
 */
struct gmg_prefix_table {
	struct gmg_prefix_entry *entry;
	struct gmg_prefix_start *start;
	__u32 *longest;
	__u32 *bucket;
	__u32 n_entries;
	__u32 n_starts;
	__u32 n_buckets;
	__u32 shift;
	__u64 base;
};

/* Room that a table of n prefixes needs in start and longest. */
#define GMG_PREFIX_STARTS(n) (2 * (size_t)(n) + 1)
/* And in bucket. */
#define GMG_PREFIX_BUCKETS(n) (GMG_PREFIX_STARTS(n) + 1)

bool gmg_prefix_is_clean(const struct gmg_prefix *prefix);
bool gmg_prefix_matches(const struct gmg_prefix *prefix,
			const struct gmg_addr *addr);
void gmg_prefix_table_build(struct gmg_prefix_table *table);
__u32 gmg_prefix_find(const struct gmg_prefix_table *table,
		      const struct gmg_addr *addr);

#endif /* _GMG_PREFIX_H */
