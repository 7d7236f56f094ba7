/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz.h - what the fuzz targets share
 *
 * A target takes any bytes and ends with abort() when a property does not
 * hold; libFuzzer keeps the input. Nothing may depend on earlier inputs.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

#define CHECK(property) do {						\
	if (!(property)) {						\
		fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__,	\
			__LINE__, #property);				\
		abort();						\
	}								\
} while (0)

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/**
 * struct input - the bytes that are left
 * @p: next byte
 * @left: how many
 */
struct input {
	const uint8_t *p;
	size_t left;
};

/* One byte, 0 when none is left. */
static inline uint8_t take_byte(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->p++;
}

/*
 * The bytes up to the next NUL or to the end, as a text that ends where its
 * memory ends: AddressSanitizer sees one byte too many. To be freed.
 */
static inline char *take_text(struct input *in)
{
	size_t len = strnlen((const char *)in->p, in->left);
	char *text = malloc(len + 1);

	if (!text)
		abort();
	if (len)
		memcpy(text, in->p, len);
	text[len] = '\0';
	in->p += len;
	in->left -= len;
	take_byte(in);
	return text;
}

/* A copy of exactly these bytes, to be freed. */
static inline char *copy_bytes(const void *data, size_t len)
{
	char *copy = malloc(len ? len : 1);

	if (!copy)
		abort();
	if (len)
		memcpy(copy, data, len);
	return copy;
}

/* Is it one line that a log may hold? */
static inline bool is_printable(const char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			return false;
	}
	return true;
}

#endif /* FUZZ_H */
