// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kernel-addr.c - addresses and prefixes as text.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"

/**
 * gmg_addr_parse() - read an IPv4 or IPv6 address
 * @text: the address; IPv6 also in square brackets, never with a zone
 * @addr: result, AF_UNSPEC after a failure
 *
 * Return: 0, or -EINVAL.
 */
int gmg_addr_parse(const char *text, struct gmg_addr *addr)
{
	char buf[GMG_ADDR_TEXT_MAX + 2];
	size_t len = strlen(text);
	bool bracketed = text[0] == '[';

	memset(addr, 0, sizeof(*addr));
	addr->family = AF_UNSPEC;
	if (len >= sizeof(buf))
		return -EINVAL;
	memcpy(buf, text, len + 1);
	if (bracketed) {
		if (len < 2 || buf[len - 1] != ']')
			return -EINVAL;
		buf[len - 1] = '\0';
		memmove(buf, buf + 1, len - 1);
	}
	if (!bracketed && inet_pton(AF_INET, buf, addr->bytes) == 1)
		addr->family = AF_INET;
	else if (inet_pton(AF_INET6, buf, addr->bytes) == 1)
		addr->family = AF_INET6;
	else
		memset(addr->bytes, 0, sizeof(addr->bytes));
	return addr->family == AF_UNSPEC ? -EINVAL : 0;
}

/**
 * gmg_addr_format() - write an address
 * @addr: address
 * @buf: result, "" for an absent address
 * @size: bytes of @buf, GMG_ADDR_TEXT_MAX suffices
 *
 * Return: @buf.
 */
const char *gmg_addr_format(const struct gmg_addr *addr, char *buf,
			    size_t size)
{
	if (addr->family == AF_UNSPEC ||
	    !inet_ntop(addr->family, addr->bytes, buf, size))
		buf[0] = '\0';
	return buf;
}

/**
 * gmg_addr_equal() - compare two addresses
 * @a: one
 * @b: other
 *
 * Return: true if family and bytes are equal.
 */
bool gmg_addr_equal(const struct gmg_addr *a, const struct gmg_addr *b)
{
	return a->family == b->family &&
	       !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

/**
 * gmg_addr_len() - bytes of an address
 * @addr: address
 *
 * Return: 4, 16, or 0 for an absent one.
 */
size_t gmg_addr_len(const struct gmg_addr *addr)
{
	if (addr->family == AF_INET)
		return 4;
	return addr->family == AF_INET6 ? 16 : 0;
}

static bool host_bits_zero(const struct gmg_prefix *p)
{
	unsigned int bit, bits = 8 * gmg_addr_len(&p->addr);

	for (bit = p->len; bit < bits; bit++)
		if (p->addr.bytes[bit / 8] & (0x80 >> bit % 8))
			return false;
	return true;
}

/**
 * gmg_prefix_compare() - put two prefixes in order
 * @a: one
 * @b: the other
 *
 * Return: below 0, 0 if they are the same, or above 0.
 */
int gmg_prefix_compare(const struct gmg_prefix *a, const struct gmg_prefix *b)
{
	int order = a->addr.family - b->addr.family;

	if (!order)
		order = memcmp(a->addr.bytes, b->addr.bytes,
			       sizeof(a->addr.bytes));
	return order ? order : (int)a->len - (int)b->len;
}

/**
 * gmg_prefix_parse() - read a prefix
 * @text: ADDRESS/LENGTH, or ADDRESS for a single host
 * @prefix: result
 *
 * Return: 0; -ERANGE: the length is wrong for the family; -EDOM: bits beyond
 * the length are set; -EINVAL: anything else.
 */
int gmg_prefix_parse(const char *text, struct gmg_prefix *prefix)
{
	char buf[GMG_PREFIX_TEXT_MAX + 2];
	unsigned long len;
	char *slash, *end;

	memset(prefix, 0, sizeof(*prefix));
	if (strlen(text) >= sizeof(buf))
		return -EINVAL;
	strcpy(buf, text);
	slash = strchr(buf, '/');
	if (slash)
		*slash++ = '\0';
	if (gmg_addr_parse(buf, &prefix->addr))
		return -EINVAL;
	len = 8 * gmg_addr_len(&prefix->addr);
	if (slash) {
		if (slash[0] < '0' || slash[0] > '9')
			return -EINVAL;
		errno = 0;
		len = strtoul(slash, &end, 10);
		if (*end)
			return -EINVAL;
	}
	if (len < 1 || len > 8 * gmg_addr_len(&prefix->addr))
		return -ERANGE;
	prefix->len = (uint8_t)len;
	return host_bits_zero(prefix) ? 0 : -EDOM;
}

/**
 * gmg_prefix_format() - write a prefix
 * @prefix: prefix
 * @buf: result
 * @size: bytes of @buf, GMG_PREFIX_TEXT_MAX suffices
 *
 * Return: @buf.
 */
const char *gmg_prefix_format(const struct gmg_prefix *prefix, char *buf,
			      size_t size)
{
	char addr[GMG_ADDR_TEXT_MAX];

	gmg_addr_format(&prefix->addr, addr, sizeof(addr));
	snprintf(buf, size, "%s/%u", addr, prefix->len);
	return buf;
}
