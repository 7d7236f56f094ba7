// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kernel-attr.c - optional attributes in and out of messages.
 */
#include <stdio.h>
#include <string.h>

#include "kernel-priv.h"

/**
 * gmg_put_u16() - add a number unless it is zero (absent)
 * @msg: message
 * @type: attribute
 * @value: number
 *
 * Return: 0, or negative when the message is full.
 */
int gmg_put_u16(struct nl_msg *msg, int type, uint16_t value)
{
	return value ? nla_put_u16(msg, type, value) : 0;
}

/**
 * gmg_put_u32() - add a number unless it is zero (absent)
 * @msg: message
 * @type: attribute
 * @value: number
 *
 * Return: 0, or negative when the message is full.
 */
int gmg_put_u32(struct nl_msg *msg, int type, uint32_t value)
{
	return value ? nla_put_u32(msg, type, value) : 0;
}

/**
 * gmg_put_bytes() - add bytes unless they are NULL (absent)
 * @msg: message
 * @type: attribute
 * @data: bytes, an empty string of them is sent as such
 * @len: how many
 *
 * Return: 0, or negative when the message is full.
 */
int gmg_put_bytes(struct nl_msg *msg, int type, const void *data, size_t len)
{
	if (!data)
		return 0;
	if (len > GMG_TX_SIZE)
		return -EMSGSIZE;
	return nla_put(msg, type, (int)len, data);
}

/**
 * gmg_put_addr() - add an address unless it is absent
 * @msg: message
 * @type: attribute
 * @addr: address
 *
 * Return: 0, or negative when the message is full.
 */
int gmg_put_addr(struct nl_msg *msg, int type, const struct gmg_addr *addr)
{
	if (addr->family == AF_UNSPEC)
		return 0;
	return nla_put(msg, type, (int)gmg_addr_len(addr), addr->bytes);
}

/**
 * gmg_get_addr() - read an address
 * @attr: attribute of 4 or 16 bytes; else, or when NULL, @addr is AF_UNSPEC
 * @addr: result
 */
void gmg_get_addr(struct nlattr *attr, struct gmg_addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	addr->family = AF_UNSPEC;
	if (!attr)
		return;
	if (nla_len(attr) == 4)
		addr->family = AF_INET;
	else if (nla_len(attr) == 16)
		addr->family = AF_INET6;
	else
		return;
	memcpy(addr->bytes, nla_data(attr), nla_len(attr));
}

/**
 * gmg_get_u16() - read a number
 * @attr: attribute; when NULL @value stays
 * @value: result
 */
void gmg_get_u16(struct nlattr *attr, uint16_t *value)
{
	if (attr)
		*value = nla_get_u16(attr);
}

/**
 * gmg_get_u32() - read a number
 * @attr: attribute; when NULL @value stays
 * @value: result
 */
void gmg_get_u32(struct nlattr *attr, uint32_t *value)
{
	if (attr)
		*value = nla_get_u32(attr);
}

/**
 * gmg_get_u64() - read a number
 * @attr: attribute; when NULL @value stays
 * @value: result
 */
void gmg_get_u64(struct nlattr *attr, uint64_t *value)
{
	if (attr)
		*value = nla_get_u64(attr);
}

/**
 * gmg_get_string() - copy a text
 * @attr: attribute, NUL-terminated; when NULL @buf stays
 * @buf: result, cut to fit
 * @size: bytes of @buf
 */
void gmg_get_string(struct nlattr *attr, char *buf, size_t size)
{
	if (attr)
		snprintf(buf, size, "%s", nla_get_string(attr));
}
