// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent/authparam.c: whatever a challenge looks like, no ck, no ik and neither
 * key is in what is passed on (GM-21, AT-39); the rest is the same as before.
 *
 * Input: a challenge, NUL, name of a parameter.
 */
#include <ctype.h>
#include <errno.h>

#include "authparam.h"
#include "fuzz.h"
#include "secret.h"

/* In whatever case, wherever. */
static bool holds(const char *text, const char *part, size_t len)
{
	for (; strlen(text) >= len; text++) {
		if (!strncasecmp(text, part, len))
			return true;
	}
	return false;
}

static void hex(const uint8_t key[AKA_KEY_LEN], char text[2 * AKA_KEY_LEN + 1])
{
	for (int i = 0; i < AKA_KEY_LEN; i++)
		sprintf(text + 2 * i, "%02x", key[i]);
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("-.!%*_+`'~", c));
}

/*
 * Does a word outside of quotes say ck or ik, with or without a value? Values
 * stand behind "=", the scheme in front of all.
 */
static bool names_key(const char *text)
{
	bool quoted = false, fresh = false;

	for (; *text; text++) {
		if (quoted && *text == '\\' && text[1]) {
			text++;
		} else if (*text == '"') {
			quoted = !quoted;
			fresh = false;
		} else if (!quoted) {
			if (fresh && strchr("cCiI", *text) &&
			    tolower((unsigned char)text[1]) == 'k' &&
			    !is_word(text[2]))
				return true;
			fresh = *text == ' ' || *text == ',';
		}
	}
	return false;
}

static void check_unchanged(const char *before, const char *after,
			    const char *name)
{
	char x[512], y[512];
	int ret;

	if (!strcasecmp(name, "ck") || !strcasecmp(name, "ik"))
		return;
	ret = authparam_get(before, name, x, sizeof(x));
	CHECK(authparam_get(after, name, y, sizeof(y)) == ret);
	CHECK(!strcmp(x, y));
	CHECK(ret < 0 ? !*x : strlen(x) == (size_t)ret);
}

static void check_stripped(const char *value, const char *out,
			   const char *name)
{
	struct aka_keys keys;
	const char *why;
	char *again;

	CHECK(!names_key(out));
	CHECK(!strpbrk(out, "\r\n"));
	CHECK(authparam_strip(out, &again, &keys, &why) == -ENOENT);
	CHECK(!strcmp(again, out));
	secret_free(again);
	check_unchanged(value, out, name);
	check_unchanged(value, out, "nonce");
	check_unchanged(value, out, "realm");
}

static void check_keys(const char *out, const struct aka_keys *keys)
{
	char text[2 * AKA_KEY_LEN + 1];

	hex(keys->ck, text);
	CHECK(!holds(out, text, sizeof(text) - 1));
	hex(keys->ik, text);
	CHECK(!holds(out, text, sizeof(text) - 1));
}

/* The buffer's size is kept to. */
static void check_room(const char *value, const char *name)
{
	char large[512];
	int ret = authparam_get(value, name, large, sizeof(large));

	for (size_t size = 1; size < 40; size += 13) {
		char *small = malloc(size);
		int now = authparam_get(value, name, small, size);

		CHECK(now == (ret >= (int)size ? -E2BIG : ret));
		CHECK(now < 0 ? !*small : !strcmp(small, large));
		free(small);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct aka_keys none;
	struct input in = { data, size };
	char *value = take_text(&in), *name = take_text(&in), *out;
	struct aka_keys keys = { 0 };
	const char *why = NULL;
	int ret;

	ret = authparam_strip(value, &out, &keys, &why);
	if (ret)
		CHECK(!memcmp(&keys, &none, sizeof(keys)) && why &&
		      is_printable(why));
	if (!ret)
		check_keys(out, &keys);
	if (!ret || ret == -ENOENT)
		check_stripped(value, out, name);
	else
		CHECK(ret == -EBADMSG && !out);
	check_room(value, name);
	check_room(value, "response");
	secret_free(out);
	free(value);
	free(name);
	return 0;
}
