// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * htab.c - see htab.h
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "htab.h"

#define FIRST_SIZE	64

static uint64_t key[2];

static uint64_t rotl(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static void sipround(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[0] = rotl(v[0], 32);
	v[2] += v[3];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

static void absorb(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sipround(v);
	v[0] ^= word;
}

/**
 * hash_setup() - choose the secret key of hash_bytes()
 *
 * Identities and addresses come from the network: without a secret somebody
 * could choose them so that they all fall into one bucket.
 *
 * Return: 0, or -EIO without randomness.
 */
int hash_setup(void)
{
	return getrandom(key, sizeof(key), 0) == sizeof(key) ? 0 : -EIO;
}

/**
 * hash_bytes() - SipHash-1-3
 * @p: first byte
 * @len: bytes
 *
 * Return: the hash.
 */
uint64_t hash_bytes(const void *p, size_t len)
{
	uint64_t v[4] = {
		key[0] ^ 0x736f6d6570736575ULL, key[1] ^ 0x646f72616e646f6dULL,
		key[0] ^ 0x6c7967656e657261ULL, key[1] ^ 0x7465646279746573ULL,
	};
	uint64_t word, last = (uint64_t)len << 56;
	const char *from = p;

	for (; len >= 8; len -= 8, from += 8) {
		memcpy(&word, from, 8);
		absorb(v, word);
	}
	word = 0;
	memcpy(&word, from, len);
	absorb(v, last | word);
	v[2] ^= 0xff;
	sipround(v);
	sipround(v);
	sipround(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/**
 * htab_init() - make an empty table
 * @tab: the table
 *
 * Return: 0 or -ENOMEM.
 */
int htab_init(struct htab *tab)
{
	tab->count = 0;
	tab->size = FIRST_SIZE;
	tab->bucket = calloc(tab->size, sizeof(*tab->bucket));
	return tab->bucket ? 0 : -ENOMEM;
}

/**
 * htab_clean() - forget a table; its nodes belong to the caller
 * @tab: the table
 */
void htab_clean(struct htab *tab)
{
	free(tab->bucket);
	tab->bucket = NULL;
	tab->count = 0;
}

/* Twice the buckets; without memory the chains merely get longer. */
static void grow(struct htab *tab)
{
	size_t size = 2 * tab->size;
	struct hnode **bucket = calloc(size, sizeof(*bucket));

	if (!bucket)
		return;
	for (size_t i = 0; i < tab->size; i++) {
		while (tab->bucket[i]) {
			struct hnode *node = tab->bucket[i];
			struct hnode **to = &bucket[node->hash & (size - 1)];

			tab->bucket[i] = node->next;
			node->next = *to;
			*to = node;
		}
	}
	free(tab->bucket);
	tab->bucket = bucket;
	tab->size = size;
}

/**
 * htab_add() - put a node into a table
 * @tab: the table
 * @node: the node, in no table
 * @hash: hash of its key
 */
void htab_add(struct htab *tab, struct hnode *node, uint64_t hash)
{
	struct hnode **to;

	if (tab->count >= tab->size)
		grow(tab);
	to = &tab->bucket[hash & (tab->size - 1)];
	node->hash = hash;
	node->next = *to;
	*to = node;
	tab->count++;
}

/**
 * htab_del() - take a node out of its table
 * @tab: the table
 * @node: the node, in this table
 */
void htab_del(struct htab *tab, struct hnode *node)
{
	struct hnode **from = &tab->bucket[node->hash & (tab->size - 1)];

	while (*from != node)
		from = &(*from)->next;
	*from = node->next;
	tab->count--;
}

/**
 * htab_first() - find the first node with a hash
 * @tab: the table
 * @hash: the hash; keys are the caller's to compare
 *
 * Return: the node, or NULL.
 */
struct hnode *htab_first(const struct htab *tab, uint64_t hash)
{
	struct hnode *node = tab->bucket[hash & (tab->size - 1)];

	while (node && node->hash != hash)
		node = node->next;
	return node;
}

/**
 * htab_next() - find the next node with the same hash
 * @node: the one before
 *
 * Return: the node, or NULL.
 */
struct hnode *htab_next(const struct hnode *node)
{
	struct hnode *next = node->next;

	while (next && next->hash != node->hash)
		next = next->next;
	return next;
}
