// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * parse.c - values on the command line. Nothing is guessed: a value is taken
 * whole or refused with the form that is expected.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* '_' and '-' are the same in names of keys */
static bool same_name(const char *key, const char *typed, size_t len)
{
	size_t i;

	if (!key || strlen(key) != len)
		return false;
	for (i = 0; i < len; i++)
		if (key[i] != (typed[i] == '_' ? '-' : typed[i]))
			return false;
	return true;
}

/**
 * cli_find_key() - find a key by its name or its other name
 * @keys: the keys of a verb
 * @arg: begins with a name
 * @len: bytes of that
 *
 * Return: its place in @keys, or -1.
 */
int cli_find_key(const struct cli_key *keys, const char *arg, size_t len)
{
	int i;

	for (i = 0; keys[i].name; i++)
		if (same_name(keys[i].name, arg, len) ||
		    same_name(keys[i].alias, arg, len))
			return i;
	return -1;
}

static int no_such_key(const struct cli *c, const struct cli_key *keys,
		       const char *arg, size_t len)
{
	char list[512] = "";
	size_t used = 0;

	for (; keys->name && used < sizeof(list); keys++)
		used += snprintf(list + used, sizeof(list) - used, "%s%s",
				 used ? ", " : "", keys->name);
	return cli_usage(c, "unknown key \"%.*s\"; the keys are %s", (int)len,
			 arg, list);
}

static int take_pair(struct cli *c, const struct cli_key *keys, char *arg,
		     char **values)
{
	size_t len = strcspn(arg, "=");
	int k = cli_find_key(keys, arg, len);
	bool flag = k >= 0 && !keys[k].value;

	if (!arg[len] && !flag)
		return cli_usage(c, "\"%s\" is not KEY=VALUE; see \"gmguard help %s\"",
				 arg, c->path);
	if (k < 0)
		return no_such_key(c, keys, arg, len);
	if (values[k])
		return cli_usage(c, "%s is given twice; say it once",
				 keys[k].name);
	if (flag && arg[len])
		return cli_usage(c, "%s takes no value; give it alone",
				 keys[k].name);
	values[k] = arg + len + !flag;
	if (!flag && !values[k][0])
		return cli_usage(c, "%s has no value; give %s", keys[k].name,
				 keys[k].value);
	return CLI_OK;
}

/**
 * cli_pairs() - sort KEY=VALUE arguments
 * @c: the run
 * @keys: the keys of the verb
 * @argc: number of arguments
 * @argv: arguments
 * @values: result by place in @keys, NULL for what is absent, "" for a flag
 *
 * Return: CLI_OK, or CLI_USAGE after a message.
 */
int cli_pairs(struct cli *c, const struct cli_key *keys, int argc,
	      char **argv, char **values)
{
	int i, k, ret;

	for (k = 0; keys[k].name; k++)
		values[k] = NULL;
	for (i = 0; i < argc; i++) {
		ret = take_pair(c, keys, argv[i], values);
		if (ret)
			return ret;
	}
	for (k = 0; keys[k].name; k++)
		if (keys[k].required && !values[k])
			return cli_usage(c, "%s is missing; give %s=%s",
					 keys[k].name, keys[k].name,
					 keys[k].value);
	return CLI_OK;
}

/* Digits only: strtoull() would take signs and white space. */
static bool read_number(const char *text, size_t len, uint64_t *value)
{
	bool hex = len > 2 && text[0] == '0' &&
		   (text[1] == 'x' || text[1] == 'X');
	uint64_t v = 0;
	size_t i;

	if (!len || len > 20)
		return false;
	for (i = hex ? 2 : 0; i < len; i++) {
		unsigned char ch = (unsigned char)text[i];
		unsigned int digit;

		if (isdigit(ch))
			digit = ch - '0';
		else if (hex && isxdigit(ch))
			digit = tolower(ch) - 'a' + 10;
		else
			return false;
		if (v > (UINT64_MAX - digit) / (hex ? 16 : 10))
			v = UINT64_MAX;
		else
			v = v * (hex ? 16 : 10) + digit;
	}
	*value = v;
	return true;
}

static int number(const struct cli *c, const char *what, const char *text,
		  size_t len, uint32_t min, uint32_t max, uint32_t *value)
{
	uint64_t v;

	if (!read_number(text, len, &v))
		return cli_usage(c, "%s: \"%.*s\" is not a number; give %u to %u",
				 what, (int)len, text, min, max);
	if (v < min || v > max)
		return cli_usage(c, "%s: %.*s is out of range; give %u to %u",
				 what, (int)len, text, min, max);
	*value = (uint32_t)v;
	return CLI_OK;
}

/**
 * cli_u32() - read a number, decimal or 0x and hexadecimal
 * @c: the run
 * @what: name of the value, for messages
 * @text: the value
 * @min: smallest allowed
 * @max: largest allowed
 * @value: result
 *
 * Return: CLI_OK, or CLI_USAGE after a message.
 */
int cli_u32(const struct cli *c, const char *what, const char *text,
	    uint32_t min, uint32_t max, uint32_t *value)
{
	return number(c, what, text, strlen(text), min, max, value);
}

/**
 * cli_u16() - read a number of up to 65535
 * @c: the run
 * @what: name of the value, for messages
 * @text: the value
 * @min: smallest allowed
 * @value: result
 *
 * Return: CLI_OK, or CLI_USAGE after a message.
 */
int cli_u16(const struct cli *c, const char *what, const char *text,
	    uint16_t min, uint16_t *value)
{
	uint32_t v = 0;
	int ret = cli_u32(c, what, text, min, UINT16_MAX, &v);

	*value = (uint16_t)v;
	return ret;
}

/* "1h30m", "90s", "1500ms": numbers with units that get smaller */
static bool read_units(const char *text, uint64_t *ms)
{
	static const struct {
		const char *unit;
		uint64_t ms;
	} units[] = {
		{ "d", 86400000 }, { "h", 3600000 }, { "m", 60000 },
		{ "s", 1000 }, { "ms", 1 },
	};
	size_t next = 0, i;
	uint64_t n;

	*ms = 0;
	while (*text) {
		size_t digits = strspn(text, "0123456789");
		size_t len = strcspn(text + digits, "0123456789");

		if (!digits || digits > 10 ||
		    !read_number(text, digits, &n))
			return false;
		text += digits;
		for (i = next; i < ARRAY_SIZE(units); i++)
			if (strlen(units[i].unit) == len &&
			    !strncmp(units[i].unit, text, len))
				break;
		if (i == ARRAY_SIZE(units))
			return false;
		*ms += n * units[i].ms;
		next = i + 1;
		text += len;
	}
	return true;
}

/**
 * cli_ms() - read a time: milliseconds, or with units ("1h30m", "90s")
 * @c: the run
 * @what: name of the value, for messages
 * @text: the value
 * @ms: result
 *
 * Return: CLI_OK, or CLI_USAGE after a message.
 */
int cli_ms(const struct cli *c, const char *what, const char *text,
	   uint32_t *ms)
{
	size_t len = strlen(text);
	uint64_t v;

	if (!text[strspn(text, "0123456789")] && len) {
		if (!read_number(text, len, &v))
			v = UINT64_MAX;
	} else if (!len || !read_units(text, &v)) {
		return cli_usage(c, "%s: \"%s\" is not a time; give milliseconds (90000) or units (1h30m, 90s, 500ms)",
				 what, text);
	}
	if (!v || v > UINT32_MAX)
		return cli_usage(c, "%s: %s is out of range; give 1 to %u ms (49 days)",
				 what, text, UINT32_MAX);
	*ms = (uint32_t)v;
	return CLI_OK;
}

/**
 * cli_addr() - read an IP address
 * @c: the run
 * @what: name of the value, for messages
 * @text: the value
 * @addr: result
 *
 * Return: CLI_OK, or CLI_USAGE after a message.
 */
int cli_addr(const struct cli *c, const char *what, const char *text,
	     struct gmg_addr *addr)
{
	if (!gmg_addr_parse(text, addr))
		return CLI_OK;
	return cli_usage(c, "%s: \"%s\" is not an IP address; give one like 10.33.0.1 or fd33::1",
			 what, text);
}

static int add_port(const struct cli *c, const char *what, uint16_t *list,
		    unsigned int *n, unsigned int max, uint32_t port)
{
	unsigned int i;

	for (i = 0; i < *n; i++)
		if (list[i] == port)
			return cli_usage(c, "%s: port %u is listed twice",
					 what, port);
	if (*n == max)
		return cli_usage(c, "%s: too many ports; at most %u are allowed",
				 what, max);
	list[(*n)++] = (uint16_t)port;
	return CLI_OK;
}

/* "5100" or "5100-5107", len bytes of it */
static int add_ports(const struct cli *c, const char *what, uint16_t *list,
		     unsigned int *n, unsigned int max, const char *text,
		     size_t len)
{
	const char *dash = memchr(text, '-', len);
	size_t first_len = dash ? (size_t)(dash - text) : len;
	uint32_t first, last, port;
	int ret = number(c, what, text, first_len, 1, UINT16_MAX, &first);

	if (ret)
		return ret;
	last = first;
	if (dash)
		ret = number(c, what, dash + 1, len - first_len - 1, 1,
			     UINT16_MAX, &last);
	if (ret)
		return ret;
	if (last < first)
		return cli_usage(c, "%s: range %u-%u is backwards; the smaller port comes first",
				 what, first, last);
	for (port = first; port <= last && !ret; port++)
		ret = add_port(c, what, list, n, max, port);
	return ret;
}

/**
 * cli_ports() - read ports and ranges of ports
 * @c: the run
 * @what: name of the value, for messages
 * @text: the value, like "5100-5107,5110"
 * @list: result
 * @n: how many
 * @max: room in @list
 *
 * Return: CLI_OK, or CLI_USAGE after a message.
 */
int cli_ports(const struct cli *c, const char *what, const char *text,
	      uint16_t *list, unsigned int *n, unsigned int max)
{
	int ret = CLI_OK;

	*n = 0;
	for (;;) {
		size_t len = strcspn(text, ",");

		ret = add_ports(c, what, list, n, max, text, len);
		if (ret || !text[len])
			return ret;
		text += len + 1;
	}
}

static int bad_prefix(const struct cli *c, const char *what, int error,
		      const char *text)
{
	if (error == -ERANGE)
		return cli_usage(c, "%s: the length of %s is out of range; give /1 to /32 (IPv4) or /128 (IPv6)",
				 what, text);
	if (error == -EDOM)
		return cli_usage(c, "%s: %s has bits beyond its length; set them to zero or give a longer length",
				 what, text);
	return cli_usage(c, "%s: \"%s\" is not a prefix; give one like 10.0.0.0/8, fd44::/64 or a single address",
			 what, text);
}

/**
 * cli_prefixes() - read address prefixes, separated by commas
 * @c: the run
 * @what: name of the value, for messages
 * @text: the value
 * @list: result
 * @n: how many
 * @max: room in @list
 *
 * Return: CLI_OK, or CLI_USAGE after a message.
 */
int cli_prefixes(const struct cli *c, const char *what, const char *text,
		 struct gmg_prefix *list, unsigned int *n, unsigned int max)
{
	char one[80];

	*n = 0;
	for (;;) {
		size_t len = strcspn(text, ",");
		int ret;

		if (*n == max)
			return cli_usage(c, "%s: too many prefixes; at most %u are allowed",
					 what, max);
		snprintf(one, sizeof(one), "%.*s", (int)len, text);
		ret = len < sizeof(one) ?
			gmg_prefix_parse(one, &list[*n]) : -EINVAL;
		if (ret)
			return bad_prefix(c, what, ret, one);
		(*n)++;
		if (!text[len])
			return CLI_OK;
		text += len + 1;
	}
}
