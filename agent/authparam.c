// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * authparam.c - see authparam.h
 *
 * The S-CSCF hands CK and IK to the P-CSCF as parameters ck and ik of the
 * challenge (TS 24.229 5.4.1.2.1, 7.2A.1). Nobody beyond the P-CSCF may see
 * them: whatever cannot be taken apart completely is refused.
 */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "authparam.h"
#include "lex.h"
#include "secret.h"

/**
 * struct challenge - a challenge while it is copied
 * @ck: where ck stands in the original
 * @ik: where ik stands in the original
 * @out: the copy without them
 * @len: bytes of it
 */
struct challenge {
	struct str ck;
	struct str ik;
	char *out;
	size_t len;
};

/*
 * The next of "scheme param *(COMMA param)" behind the scheme. A second
 * challenge in the same value would begin with "scheme param", which is
 * refused here because there is no comma between the two.
 *
 * Return: 1, 0 at the end, or -EBADMSG.
 */
static int next_param(struct lex *lx, struct lex_param *param)
{
	while (lex_eat(lx, ','))
		;
	if (lex_end(lx))
		return 0;
	if (lex_param(lx, param))
		return -EBADMSG;
	if (lex_end(lx))
		return 1;
	return *lx->p == ',' ? 1 : -EBADMSG;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int read_key(struct str hex, uint8_t key[AKA_KEY_LEN])
{
	if (hex.len != 2 * AKA_KEY_LEN)
		return -EBADMSG;
	for (size_t i = 0; i < AKA_KEY_LEN; i++) {
		int high = hex_digit(hex.p[2 * i]);
		int low = hex_digit(hex.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EBADMSG;
		key[i] = high << 4 | low;
	}
	return 0;
}

/* Does a text contain a key, in whatever case? */
static bool contains(const char *text, struct str key)
{
	size_t len = strlen(text);

	for (size_t i = 0; i + key.len <= len; i++) {
		if (!strncasecmp(text + i, key.p, key.len))
			return true;
	}
	return false;
}

static void put(struct challenge *c, const char *p, size_t len)
{
	memcpy(c->out + c->len, p, len);
	c->len += len;
}

/* Copy a value, folded lines unfolded; @to may be NULL. Return: its length. */
static size_t copy_value(struct str value, char *to)
{
	size_t len = 0;

	for (size_t i = 0; i < value.len; i++) {
		if (value.p[i] == '\r' || value.p[i] == '\n')
			continue;
		if (to)
			to[len] = value.p[i];
		len++;
	}
	return len;
}

static void put_param(struct challenge *c, const struct lex_param *param)
{
	put(c, param->name.p, param->name.len);
	if (!param->has_value)
		return;
	put(c, "=\"", param->quoted ? 2 : 1);
	c->len += copy_value(param->value, c->out + c->len);
	put(c, "\"", param->quoted ? 1 : 0);
}

/*
 * Return: 1 when the parameter is one of the two, 0 when it is another one,
 * -EBADMSG when it is one that was there before.
 */
static int take_key(struct challenge *c, const struct lex_param *param)
{
	struct str *slot = NULL;

	if (str_is(param->name, "ck"))
		slot = &c->ck;
	else if (str_is(param->name, "ik"))
		slot = &c->ik;
	if (!slot)
		return 0;
	if (slot->p || !param->has_value)
		return -EBADMSG;
	*slot = param->value;
	return 1;
}

static int copy_without_keys(const char *value, struct challenge *c)
{
	const char *sep = " ";
	struct lex_param param;
	struct str scheme;
	struct lex lx;
	int ret;

	lex_init(&lx, value, strlen(value));
	if (lex_token(&lx, &scheme))
		return -EBADMSG;
	put(c, scheme.p, scheme.len);
	while ((ret = next_param(&lx, &param)) > 0) {
		ret = take_key(c, &param);
		if (ret < 0)
			return ret;
		if (ret)
			continue;
		put(c, sep, strlen(sep));
		put_param(c, &param);
		sep = ", ";
	}
	c->out[c->len] = '\0';
	return ret;
}

static int read_keys(const struct challenge *c, struct aka_keys *keys,
		     const char **why)
{
	if (!c->ck.p && !c->ik.p) {
		*why = "it has neither ck nor ik";
		return -ENOENT;
	}
	if (!c->ck.p || !c->ik.p) {
		*why = "it has only one of ck and ik";
		return -EBADMSG;
	}
	if (read_key(c->ck, keys->ck) || read_key(c->ik, keys->ik)) {
		*why = "ck and ik must be 32 hexadecimal digits each";
		goto wipe;
	}
	if (contains(c->out, c->ck) || contains(c->out, c->ik)) {
		*why = "a key stands elsewhere in it too";
		goto wipe;
	}
	return 0;
wipe:
	secret_wipe(keys, sizeof(*keys));
	return -EBADMSG;
}

/**
 * authparam_strip() - take ck and ik out of a challenge
 * @value: value of the WWW-Authenticate header field
 * @stripped: the value without them, on one line, for secret_free(); NULL
 *	unless 0 or -ENOENT is returned
 * @keys: CK and IK; the caller wipes them
 * @why: why it failed, without quoting anything of @value
 *
 * Return: 0; -ENOENT when there is neither of them, then @stripped is set
 * all the same; -EBADMSG when the challenge cannot be taken apart; -ENOMEM.
 */
int authparam_strip(const char *value, char **stripped, struct aka_keys *keys,
		    const char **why)
{
	struct challenge c = { 0 };
	int ret;

	*stripped = NULL;
	*why = "out of memory";
	/* "," may become ", " */
	c.out = secret_alloc(2 * strlen(value) + 2);
	if (!c.out)
		return -ENOMEM;
	*why = "it is not one well-formed challenge";
	ret = copy_without_keys(value, &c);
	if (!ret)
		ret = read_keys(&c, keys, why);
	if (ret && ret != -ENOENT)
		secret_free(c.out);
	else
		*stripped = c.out;
	return ret;
}

/**
 * authparam_get() - find a parameter of a challenge or of credentials
 * @value: value of the header field, perhaps ""
 * @name: the parameter
 * @buf: its value, without quotes, escapes as they stand, on one line
 * @size: bytes of @buf
 *
 * Return: the length of the value; -ENOENT when it is not there; -EBADMSG
 * when it is there twice or the header field cannot be read; -E2BIG. In all
 * errors @buf is "".
 */
int authparam_get(const char *value, const char *name, char *buf, size_t size)
{
	struct str found = { NULL, 0 }, scheme;
	struct lex_param param;
	struct lex lx;
	int ret;

	buf[0] = '\0';
	lex_init(&lx, value, strlen(value));
	if (lex_end(&lx))
		return -ENOENT;
	if (lex_token(&lx, &scheme))
		return -EBADMSG;
	while ((ret = next_param(&lx, &param)) > 0) {
		if (!str_is(param.name, name))
			continue;
		if (found.p || !param.has_value)
			return -EBADMSG;
		found = param.value;
	}
	if (ret)
		return ret;
	if (!found.p)
		return -ENOENT;
	if (copy_value(found, NULL) >= size)
		return -E2BIG;
	found.len = copy_value(found, buf);
	buf[found.len] = '\0';
	return found.len;
}
