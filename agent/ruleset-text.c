// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ruleset-text.c - prefixes and ports of a ruleset as text, see ruleset.h
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf-value.h"
#include "ruleset.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *name;
	uint8_t proto;
} protos[] = {
	{ "udp", IPPROTO_UDP }, { "tcp", IPPROTO_TCP },
	{ "sctp", IPPROTO_SCTP }, { "esp", IPPROTO_ESP },
	{ "icmp", IPPROTO_ICMP }, { "icmpv6", IPPROTO_ICMPV6 },
};

/**
 * rule_add_prefixes() - add addresses and prefixes
 * @rule: the rule
 * @text: they, separated by commas or blanks
 *
 * Return: 0, -EINVAL if one is none, or -ENOMEM.
 */
int rule_add_prefixes(struct gmg_rule *rule, const char *text)
{
	char *copy = strdup(text), *piece, *save;
	int ret = copy ? 0 : -ENOMEM;

	piece = copy ? strtok_r(copy, ", \t\r\n", &save) : NULL;
	for (; piece && !ret; piece = strtok_r(NULL, ", \t\r\n", &save)) {
		struct gmg_prefix prefix;
		unsigned int n = 0;

		ret = value_prefixes(piece, &prefix, 1, &n);
		if (!ret)
			ret = rule_add_prefix(rule, &prefix);
	}
	free(copy);
	return ret;
}

static int parse_number(const char *text, uint16_t *out)
{
	uint32_t number;

	if (value_number(text, 1, 65535, &number))
		return -EINVAL;
	*out = number;
	return 0;
}

/* "PROTOCOL", "PROTOCOL/PORT" or "PROTOCOL/FIRST-LAST", maybe with "/tls" */
static int parse_range(char *text, struct gmg_range *range)
{
	char *save, *proto = strtok_r(text, "/", &save);
	char *ports = strtok_r(NULL, "/", &save);
	char *tls = strtok_r(NULL, "/", &save);
	char *last;

	memset(range, 0, sizeof(*range));
	for (size_t i = 0; proto && i < COUNT(protos); i++) {
		if (!strcmp(proto, protos[i].name))
			range->proto = protos[i].proto;
	}
	if (!range->proto || (tls && strcmp(tls, "tls")))
		return -EINVAL;
	range->tls = tls;
	if (!ports)
		return 0;
	last = strchr(ports, '-');
	if (last)
		*last++ = '\0';
	if (parse_number(ports, &range->first) ||
	    parse_number(last ? last : ports, &range->last))
		return -EINVAL;
	return range->first <= range->last ? 0 : -EINVAL;
}

/**
 * ranges_parse() - read transport protocols and their ports
 * @text: "udp/5060, tcp/5061/tls, udp/20000-30000, esp"
 * @list: they are added here
 *
 * Return: 0, -EINVAL, or -E2BIG if there are too many.
 */
int ranges_parse(const char *text, struct gmg_ranges *list)
{
	char *copy = strdup(text), *piece, *save;
	int ret = copy ? 0 : -ENOMEM;

	piece = copy ? strtok_r(copy, ", \t", &save) : NULL;
	if (copy && !piece)
		ret = -EINVAL;
	for (; piece && !ret; piece = strtok_r(NULL, ", \t", &save)) {
		if (list->n == COUNT(list->v))
			ret = -E2BIG;
		else
			ret = parse_range(piece, &list->v[list->n++]);
	}
	free(copy);
	return ret;
}

/**
 * range_format() - a transport protocol and its ports as text
 * @range: they
 * @buf: for the text
 * @size: of @buf, GMG_RANGE_TEXT_MAX
 *
 * Return: @buf.
 */
const char *range_format(const struct gmg_range *range, char *buf, size_t size)
{
	const char *tls = range->tls ? "/tls" : "";
	const char *proto = "?";

	for (size_t i = 0; i < COUNT(protos); i++) {
		if (protos[i].proto == range->proto)
			proto = protos[i].name;
	}
	if (!range->last)
		snprintf(buf, size, "%s", proto);
	else if (range->first == range->last)
		snprintf(buf, size, "%s/%u%s", proto, range->first, tls);
	else
		snprintf(buf, size, "%s/%u-%u%s", proto, range->first,
			 range->last, tls);
	return buf;
}
