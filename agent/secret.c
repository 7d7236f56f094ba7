// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * secret.c - see secret.h
 *
 * jansson and libevent both copy what they are given as they please. Every
 * copy lives in memory from here, so every copy is wiped, however it ends.
 */
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <jansson.h>
#include <openssl/crypto.h>

#include "secret.h"

/* What precedes every block: its size, padded to keep the alignment. */
#define HEAD	alignof(max_align_t)

_Static_assert(HEAD >= sizeof(size_t), "the size fits in front of a block");

static size_t size_of(const void *p)
{
	size_t size;

	memcpy(&size, (const char *)p - HEAD, sizeof(size));
	return size;
}

/**
 * secret_alloc() - malloc() for what may hold a key
 * @size: bytes
 *
 * Return: the block, to be given to secret_free(); NULL without memory.
 */
void *secret_alloc(size_t size)
{
	char *block;

	if (size > SIZE_MAX - HEAD)
		return NULL;
	block = malloc(HEAD + size);
	if (!block)
		return NULL;
	memcpy(block, &size, sizeof(size));
	return block + HEAD;
}

/**
 * secret_free() - wipe a block and give it back
 * @p: what secret_alloc() returned, or NULL
 */
void secret_free(void *p)
{
	if (!p)
		return;
	OPENSSL_cleanse(p, size_of(p));
	free((char *)p - HEAD);
}

/**
 * secret_realloc() - realloc() that wipes what it leaves behind
 * @p: what secret_alloc() returned, or NULL
 * @size: bytes
 *
 * Return: the new block; NULL without memory, then @p is untouched.
 */
void *secret_realloc(void *p, size_t size)
{
	void *new;

	if (p && !size) {
		secret_free(p);
		return NULL;
	}
	new = secret_alloc(size);
	if (!new || !p)
		return new;
	memcpy(new, p, size < size_of(p) ? size : size_of(p));
	secret_free(p);
	return new;
}

/**
 * secret_wipe() - wipe memory in a way that no compiler leaves out
 * @p: first byte
 * @size: bytes
 */
void secret_wipe(void *p, size_t size)
{
	OPENSSL_cleanse(p, size);
}

/**
 * secret_setup() - make jansson and libevent take their memory from here
 *
 * To be called before any other function of either.
 */
void secret_setup(void)
{
	json_set_alloc_funcs(secret_alloc, secret_free);
	event_set_mem_functions(secret_alloc, secret_realloc, secret_free);
}
