// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conf-value.c - see conf-value.h
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "conf-value.h"

/* Longest piece of a list, with its NUL. */
#define PIECE_MAX	64
/* Where name servers listen. */
#define DNS_PORT	53

/* The next piece of a comma separated list; false at the end. */
static bool next_piece(const char **text, char piece[PIECE_MAX])
{
	const char *from = *text + strspn(*text, " \t");
	size_t len = strcspn(from, ",");

	if (!*from)
		return false;
	*text = from + len + (from[len] == ',');
	while (len && isspace((unsigned char)from[len - 1]))
		len--;
	if (len >= PIECE_MAX)
		len = PIECE_MAX - 1;
	memcpy(piece, from, len);
	piece[len] = '\0';
	return true;
}

/**
 * value_number() - read a decimal number
 * @text: the value
 * @min: smallest number allowed
 * @max: largest number allowed
 * @out: the number
 *
 * Return: 0 or -EINVAL.
 */
int value_number(const char *text, uint32_t min, uint32_t max, uint32_t *out)
{
	unsigned long long number;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno || *end || number < min || number > max)
		return -EINVAL;
	*out = number;
	return 0;
}

/**
 * value_flag() - read yes or no
 * @text: the value
 * @flag: whether it is yes
 *
 * Return: 0 or -EINVAL.
 */
int value_flag(const char *text, bool *flag)
{
	*flag = !strcmp(text, "yes");
	return *flag || !strcmp(text, "no") ? 0 : -EINVAL;
}

/**
 * value_level() - read how much to log
 * @text: err, warning, notice, info or debug
 * @level: LOG_ERR to LOG_DEBUG
 *
 * Return: 0 or -EINVAL.
 */
int value_level(const char *text, int *level)
{
	static const char *const names[] = {
		[LOG_ERR] = "err",
		[LOG_WARNING] = "warning",
		[LOG_NOTICE] = "notice",
		[LOG_INFO] = "info",
		[LOG_DEBUG] = "debug",
	};

	for (int i = LOG_ERR; i <= LOG_DEBUG; i++) {
		if (!strcmp(text, names[i])) {
			*level = i;
			return 0;
		}
	}
	return -EINVAL;
}

/**
 * value_mode() - read file permissions
 * @text: three or four octal digits
 * @mode: the permissions
 *
 * Return: 0 or -EINVAL.
 */
int value_mode(const char *text, uint32_t *mode)
{
	char *end;
	unsigned long number = strtoul(text, &end, 8);

	if (!isdigit((unsigned char)*text) || *end || number > 0777)
		return -EINVAL;
	*mode = number;
	return 0;
}

/**
 * value_text() - take a text that must not be longer than its buffer
 * @text: the value
 * @buf: the copy
 * @size: bytes of @buf
 *
 * Return: 0 or -EINVAL.
 */
int value_text(const char *text, char *buf, size_t size)
{
	if (strlen(text) >= size)
		return -EINVAL;
	strcpy(buf, text);
	return 0;
}

/* Keys cross this socket, so it must not leave the host. */
static bool is_loopback(const struct gmg_addr *addr)
{
	static const uint8_t one[16] = { [15] = 1 };

	if (addr->family == AF_INET)
		return addr->bytes[0] == 127;
	return !memcmp(addr->bytes, one, sizeof(one));
}

/* "192.0.2.1:9733", "[::1]:9733", "localhost:9733" */
static int read_socket(const char *text, struct gmg_addr *ip, uint32_t *port)
{
	const char *colon = strrchr(text, ':');
	char host[PIECE_MAX] = "";

	if (!colon || value_number(colon + 1, 1, UINT16_MAX, port))
		return -EINVAL;
	if (*text == '[' && colon > text && colon[-1] == ']' &&
	    colon - text - 2 < PIECE_MAX)
		memcpy(host, text + 1, colon - text - 2);
	else if (colon - text < PIECE_MAX)
		memcpy(host, text, colon - text);
	if (!strcmp(host, "localhost"))
		strcpy(host, "127.0.0.1");
	return gmg_addr_parse(host, ip);
}

static void fill_socket(const struct gmg_addr *ip, uint32_t port,
			struct sockaddr_storage *addr, socklen_t *len)
{
	struct sockaddr_in6 *in6 = (void *)addr;
	struct sockaddr_in *in = (void *)addr;

	memset(addr, 0, sizeof(*addr));
	addr->ss_family = ip->family;
	if (ip->family == AF_INET) {
		memcpy(&in->sin_addr, ip->bytes, 4);
		in->sin_port = htons(port);
		*len = sizeof(*in);
	} else {
		memcpy(&in6->sin6_addr, ip->bytes, 16);
		in6->sin6_port = htons(port);
		*len = sizeof(*in6);
	}
}

/**
 * value_loopback() - read ADDRESS:PORT, where the address is a loopback one
 * @text: the value, "off" for no address
 * @addr: the address
 * @len: bytes of it, 0 for "off"
 *
 * Return: 0, -EINVAL, or -EPERM for an address that is not a loopback one.
 */
int value_loopback(const char *text, struct sockaddr_storage *addr,
		   socklen_t *len)
{
	struct gmg_addr ip;
	uint32_t port;

	*len = 0;
	if (!strcmp(text, "off"))
		return 0;
	if (read_socket(text, &ip, &port))
		return -EINVAL;
	if (!is_loopback(&ip))
		return -EPERM;
	fill_socket(&ip, port, addr, len);
	return 0;
}

/**
 * value_listen() - read ADDRESS:PORT or the path of a UNIX socket
 * @text: the value, "off" for neither
 * @addr: the address
 * @len: bytes of it, 0 for "off"
 *
 * Return: 0 or -EINVAL.
 */
int value_listen(const char *text, struct sockaddr_storage *addr,
		 socklen_t *len)
{
	struct sockaddr_un *local = (void *)addr;
	struct gmg_addr ip;
	uint32_t port;

	*len = 0;
	if (!strcmp(text, "off"))
		return 0;
	if (*text == '/') {
		memset(addr, 0, sizeof(*addr));
		local->sun_family = AF_UNIX;
		*len = sizeof(*local);
		return value_text(text, local->sun_path,
				  sizeof(local->sun_path));
	}
	if (read_socket(text, &ip, &port))
		return -EINVAL;
	fill_socket(&ip, port, addr, len);
	return 0;
}

/**
 * value_servers() - read the addresses of name servers
 * @text: ADDRESS or ADDRESS:PORT, separated by commas, IPv6 in brackets
 * @buf: the same without blanks, each with its port: of an IPv6 address c-ares
 *	wants one
 * @size: bytes of @buf
 *
 * Return: 0 or -EINVAL.
 */
int value_servers(const char *text, char *buf, size_t size)
{
	const char *rest = text;
	char piece[PIECE_MAX], addr[GMG_ADDR_TEXT_MAX];
	struct gmg_addr ip;
	size_t len = 0;

	if (!*text)
		return -EINVAL;
	while (next_piece(&rest, piece)) {
		uint32_t port = DNS_PORT;
		int n;

		if (gmg_addr_parse(piece, &ip) &&
		    read_socket(piece, &ip, &port))
			return -EINVAL;
		gmg_addr_format(&ip, addr, sizeof(addr));
		n = snprintf(buf + len, size - len,
			     ip.family == AF_INET6 ? "%s[%s]:%u" : "%s%s:%u",
			     len ? "," : "", addr, port);
		if (n < 0 || (size_t)n >= size - len)
			return -EINVAL;
		len += n;
	}
	return 0;
}

/* "5100" or "5100-5107" */
static int read_range(char *piece, uint32_t *first, uint32_t *last)
{
	char *dash = strchr(piece, '-');

	if (dash)
		*dash = '\0';
	if (value_number(piece, 1, UINT16_MAX, first) ||
	    value_number(dash ? dash + 1 : piece, *first, UINT16_MAX, last))
		return -EINVAL;
	return 0;
}

/**
 * value_ports() - append to a list of ports
 * @text: ports and ranges, separated by commas
 * @port: the list
 * @most: room in it
 * @n: how many ports are in it
 *
 * Return: 0, -EINVAL, or -E2BIG.
 */
int value_ports(const char *text, uint16_t *port, unsigned int most,
		unsigned int *n)
{
	char piece[PIECE_MAX];
	uint32_t first, last;

	if (!*text)
		return -EINVAL;
	while (next_piece(&text, piece)) {
		if (read_range(piece, &first, &last))
			return -EINVAL;
		for (; first <= last; first++) {
			if (*n == most)
				return -E2BIG;
			port[(*n)++] = first;
		}
	}
	return 0;
}

/**
 * value_prefixes() - append to a list of address prefixes
 * @text: addresses and prefixes, separated by commas
 * @prefix: the list
 * @most: room in it
 * @n: how many prefixes are in it
 *
 * Return: 0, -EINVAL, or -E2BIG.
 */
int value_prefixes(const char *text, struct gmg_prefix *prefix,
		   unsigned int most, unsigned int *n)
{
	char piece[PIECE_MAX];

	if (!*text)
		return -EINVAL;
	while (next_piece(&text, piece)) {
		if (*n == most)
			return -E2BIG;
		if (gmg_prefix_parse(piece, &prefix[*n]))
			return -EINVAL;
		(*n)++;
	}
	return 0;
}

/**
 * value_schemes() - read a list of schemes
 * @text: their names, separated by commas
 * @schemes: bit SCHEME_*, added to what is there
 *
 * Return: 0 or -EINVAL.
 */
int value_schemes(const char *text, uint32_t *schemes)
{
	char piece[PIECE_MAX];

	if (!*text)
		return -EINVAL;
	while (next_piece(&text, piece)) {
		int scheme = scheme_by_name(piece);

		if (scheme < 0)
			return -EINVAL;
		*schemes |= 1u << scheme;
	}
	return 0;
}

static bool has_alg(const struct conf_algs *algs, uint32_t alg)
{
	for (unsigned int i = 0; i < algs->n; i++) {
		if (algs->alg[i] == alg)
			return true;
	}
	return false;
}

/**
 * value_algs() - read a list of algorithms
 * @text: their Annex H names, separated by commas
 * @by_name: number of a name, 0 for none
 * @algs: the list, as long as there are different names at most
 *
 * Return: 0 or -EINVAL.
 */
int value_algs(const char *text, uint32_t (*by_name)(const char *name),
	       struct conf_algs *algs)
{
	char piece[PIECE_MAX];

	algs->n = 0;
	while (next_piece(&text, piece)) {
		uint32_t alg = by_name(piece);

		if (!alg || has_alg(algs, alg) || algs->n == SEC_PAIR_MAX)
			return -EINVAL;
		algs->alg[algs->n++] = alg;
	}
	return algs->n ? 0 : -EINVAL;
}

/* All integrity algorithms that go with a cipher. */
static void add_pairs(struct conf *conf, uint32_t ealg)
{
	static const struct conf_algs none = { { GMGUARD_ALG_NULL }, 1 };
	const struct conf_algs *algs = ealg == GMGUARD_EALG_AES_GCM ?
		&none : &conf->algorithms;
	struct sec_prefs *prefs = &conf->prefs;

	for (unsigned int i = 0; i < algs->n; i++) {
		const struct sec_pair pair = { algs->alg[i], ealg };

		if (sec_pair_fits(&pair) && prefs->n < SEC_PAIR_MAX)
			prefs->pair[prefs->n++] = pair;
	}
}

/**
 * value_pairs() - make the pairs that we offer out of the two lists
 * @conf: the configuration; @prefs is filled in
 *
 * Ciphers count first, because they matter more. What does not go together is
 * left out, so a name may end up in no pair.
 */
void value_pairs(struct conf *conf)
{
	struct conf_algs ciphers = { .n = 0 };

	for (unsigned int i = 0; i < conf->ciphers.n; i++) {
		if (conf->encryption != CONF_ENCRYPTION_OFF &&
		    conf->ciphers.alg[i] != GMGUARD_EALG_NULL)
			ciphers.alg[ciphers.n++] = conf->ciphers.alg[i];
	}
	if (conf->encryption != CONF_ENCRYPTION_REQUIRED)
		ciphers.alg[ciphers.n++] = GMGUARD_EALG_NULL;
	conf->prefs.n = 0;
	for (unsigned int i = 0; i < ciphers.n; i++)
		add_pairs(conf, ciphers.alg[i]);
}
