// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address prefixes, and the table that finds the longest one.
 *
 * An IPv4 address is the first four bytes of an IPv6 one here: one code for
 * both, as a table has one family.
 */
#ifdef __KERNEL__
#include <asm/byteorder.h>
#include <linux/sort.h>
#else
#include <endian.h>
#include <stdlib.h>
#define be32_to_cpu be32toh
#define sort(base, n, size, cmp, swap) qsort(base, n, size, cmp)
#endif

#include "prefix.h"

static struct gmg_prefix_start key_of(const struct gmg_addr *addr)
{
	return (struct gmg_prefix_start){
		.hi = (__u64)be32_to_cpu(addr->w[0]) << 32 |
		      be32_to_cpu(addr->w[1]),
		.lo = (__u64)be32_to_cpu(addr->w[2]) << 32 |
		      be32_to_cpu(addr->w[3]),
	};
}

/* The bits that a prefix leaves open. */
static struct gmg_prefix_start open_bits(__u8 len)
{
	return (struct gmg_prefix_start){
		.hi = len < 64 ? ~0ULL >> len : 0,
		.lo = len <= 64 ? ~0ULL : len < 128 ? ~0ULL >> (len - 64) : 0,
	};
}

static bool is_equal(struct gmg_prefix_start a, struct gmg_prefix_start b)
{
	return a.hi == b.hi && a.lo == b.lo;
}

/**
 * gmg_prefix_is_clean() - whether no bit beyond the length is set
 * @prefix: the prefix
 *
 * Return: true if none is.
 */
bool gmg_prefix_is_clean(const struct gmg_prefix *prefix)
{
	struct gmg_prefix_start key = key_of(&prefix->addr);
	struct gmg_prefix_start open = open_bits(prefix->len);

	return !((key.hi & open.hi) | (key.lo & open.lo));
}

/**
 * gmg_prefix_matches() - whether an address lies in a prefix
 * @prefix: the prefix
 * @addr: the address, of the same family
 *
 * Return: true if it does.
 */
bool gmg_prefix_matches(const struct gmg_prefix *prefix,
			const struct gmg_addr *addr)
{
	struct gmg_prefix_start a = key_of(&prefix->addr);
	struct gmg_prefix_start b = key_of(addr);
	struct gmg_prefix_start open = open_bits(prefix->len);

	return !(((a.hi ^ b.hi) & ~open.hi) | ((a.lo ^ b.lo) & ~open.lo));
}

/* The address behind the last one of a prefix; false if there is none. */
static bool key_behind(const struct gmg_prefix *prefix,
		       struct gmg_prefix_start *key)
{
	struct gmg_prefix_start open = open_bits(prefix->len);

	*key = key_of(&prefix->addr);
	key->lo = (key->lo | open.lo) + 1;
	key->hi = (key->hi | open.hi) + !key->lo;
	return key->hi | key->lo;
}

static int compare(const void *a, const void *b)
{
	const struct gmg_prefix_entry *x = a;
	const struct gmg_prefix_entry *y = b;
	struct gmg_prefix_start kx = key_of(&x->prefix.addr);
	struct gmg_prefix_start ky = key_of(&y->prefix.addr);

	if (kx.hi != ky.hi)
		return kx.hi < ky.hi ? -1 : 1;
	if (kx.lo != ky.lo)
		return kx.lo < ky.lo ? -1 : 1;
	if (x->prefix.len != y->prefix.len)
		return x->prefix.len < y->prefix.len ? -1 : 1;
	return x->owner < y->owner ? -1 : x->owner > y->owner;
}

/* From @key on, @entry is the longest; a range without addresses goes. */
static void begin_range(struct gmg_prefix_table *table,
			struct gmg_prefix_start key, __u32 entry)
{
	if (!table->n_starts ||
	    !is_equal(table->start[table->n_starts - 1], key))
		table->n_starts++;
	table->start[table->n_starts - 1] = key;
	table->longest[table->n_starts - 1] = entry;
}

/* So few ranges are found at once without. */
#define FEW_STARTS 8

static __u32 bucket_of(const struct gmg_prefix_table *table, __u64 hi)
{
	__u64 i = hi > table->base ? (hi - table->base) >> table->shift : 0;

	return i < table->n_buckets ? i : table->n_buckets - 1;
}

/* The first range begins at 0, whatever the prefixes are. */
static void build_buckets(struct gmg_prefix_table *table)
{
	__u32 n = table->n_starts;
	__u64 width;
	__u32 b;
	__u32 i = 0;

	table->n_buckets = 0;
	if (n < FEW_STARTS)
		return;
	table->base = table->start[1].hi;
	width = table->start[n - 1].hi - table->base;
	table->shift = 0;
	while (width >> table->shift >= n)
		table->shift++;
	table->n_buckets = (width >> table->shift) + 1;
	for (b = 0; b < table->n_buckets; b++) {
		while (i < n && bucket_of(table, table->start[i].hi) < b)
			i++;
		table->bucket[b] = i;
	}
	table->bucket[b] = n;
}

/**
 * gmg_prefix_table_build() - make a table fit for lookups
 * @table: @entry and @n_entries are set, but for the parents; @start and
 *	@longest have room for GMG_PREFIX_STARTS() of them, @bucket for
 *	GMG_PREFIX_BUCKETS()
 *
 * The same prefix may come more than once: then one entry is the parent of the
 * other.
 */
void gmg_prefix_table_build(struct gmg_prefix_table *table)
{
	__u32 open = GMG_PREFIX_NONE;	/* the innermost prefix that is open */
	struct gmg_prefix_start key;
	__u32 i;

	sort(table->entry, table->n_entries, sizeof(*table->entry), compare,
	     NULL);
	table->n_starts = 0;
	begin_range(table, (struct gmg_prefix_start){ 0, 0 }, open);
	for (i = 0; i < table->n_entries; i++) {
		struct gmg_prefix_entry *entry = &table->entry[i];

		while (open != GMG_PREFIX_NONE &&
		       !gmg_prefix_matches(&table->entry[open].prefix,
					   &entry->prefix.addr)) {
			bool more = key_behind(&table->entry[open].prefix,
					       &key);

			open = table->entry[open].parent;
			if (more)
				begin_range(table, key, open);
		}
		entry->parent = open;
		open = i;
		begin_range(table, key_of(&entry->prefix.addr), open);
	}
	while (open != GMG_PREFIX_NONE) {
		bool more = key_behind(&table->entry[open].prefix, &key);

		open = table->entry[open].parent;
		if (more)
			begin_range(table, key, open);
	}
	build_buckets(table);
}

/**
 * gmg_prefix_find() - the longest prefix that an address lies in
 * @table: the table
 * @addr: the address
 *
 * Context: any.
 * Return: its entry, or GMG_PREFIX_NONE.
 */
__u32 gmg_prefix_find(const struct gmg_prefix_table *table,
		      const struct gmg_addr *addr)
{
	struct gmg_prefix_start key = key_of(addr);
	const struct gmg_prefix_start *at = table->start;
	__u32 n = table->n_starts;

	if (!table->n_entries)
		return GMG_PREFIX_NONE;
	if (table->n_buckets) {
		__u32 b = bucket_of(table, key.hi);
		__u32 first = table->bucket[b];

		/* One more: what begins in a bucket before may reach here. */
		first -= !!first;
		at += first;
		n = table->bucket[b + 1] - first;
	}
	/* The last start that is not behind the address is in at[0, n). */
	while (n > 1) {
		__u32 half = n / 2;
		/* No branch that the processor would have to guess. */
		__u32 behind = (at[half].hi > key.hi) |
			       ((at[half].hi == key.hi) &
				(at[half].lo > key.lo));

		at += half & (behind - 1);
		n -= half;
	}
	return table->longest[at - table->start];
}
