/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * htab.h - an intrusive hash table that grows, keyed against flooding
 */
#ifndef GMG_HTAB_H
#define GMG_HTAB_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct hnode - a member of what is kept in a table
 * @next: next one in the bucket
 * @hash: hash of the key
 */
struct hnode {
	struct hnode *next;
	uint64_t hash;
};

/**
 * struct htab - a table
 * @bucket: chains of nodes
 * @size: number of buckets, a power of two
 * @count: number of nodes
 */
struct htab {
	struct hnode **bucket;
	size_t size;
	size_t count;
};

int htab_init(struct htab *tab);
void htab_clean(struct htab *tab);
void htab_add(struct htab *tab, struct hnode *node, uint64_t hash);
void htab_del(struct htab *tab, struct hnode *node);
struct hnode *htab_first(const struct htab *tab, uint64_t hash);
struct hnode *htab_next(const struct hnode *node);

int hash_setup(void);
uint64_t hash_bytes(const void *p, size_t len);

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

#endif /* GMG_HTAB_H */
