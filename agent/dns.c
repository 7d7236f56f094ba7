// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dns.c - see dns.h; c-ares reads the records
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <ares.h>

#include "dns.h"

#define TYPE_SOA	6
#define HEADER_LEN	12
#define QUESTION_LEN	4
#define RECORD_LEN	10

static uint32_t read16(const unsigned char *p)
{
	return p[0] << 8 | p[1];
}

static uint32_t read32(const unsigned char *p)
{
	return read16(p) << 16 | read16(p + 2);
}

/* Return: what stands behind a name, NULL when it does not end. */
static const unsigned char *skip_name(const unsigned char *at,
				      const unsigned char *answer, int len)
{
	char *name;
	long used;

	if (at >= answer + len ||
	    ares_expand_name(at, answer, len, &name, &used))
		return NULL;
	ares_free_string(name);
	return at + used;
}

/* Of "there is none" the last number of the SOA counts too (RFC 2308 5). */
static uint32_t record_ttl(const unsigned char *record)
{
	uint32_t ttl = read32(record + 4), length = read16(record + 8), least;

	if (read16(record) != TYPE_SOA || length < 4)
		return ttl;
	least = read32(record + RECORD_LEN + length - 4);
	return least < ttl ? least : ttl;
}

/**
 * dns_ttl() - how long an answer counts
 * @answer: the answer
 * @len: bytes of it
 *
 * Return: seconds, 0: do not keep it.
 */
uint32_t dns_ttl(const unsigned char *answer, int len)
{
	uint32_t least = DNS_TTL_MAX, records, ttl;
	const unsigned char *at, *end;

	if (!answer || len < HEADER_LEN)
		return 0;
	at = answer + HEADER_LEN;
	end = answer + len;
	for (uint32_t n = read16(answer + 4); n; n--) {
		at = skip_name(at, answer, len);
		if (!at || end - at < QUESTION_LEN)
			return 0;
		at += QUESTION_LEN;
	}
	records = read16(answer + 6) + read16(answer + 8);
	for (uint32_t n = records; n; n--) {
		at = skip_name(at, answer, len);
		if (!at || end - at < RECORD_LEN ||
		    end - at - RECORD_LEN < (long)read16(at + 8))
			return 0;
		ttl = record_ttl(at);
		if (ttl < least)
			least = ttl;
		at += RECORD_LEN + read16(at + 8);
	}
	return records ? least : 0;
}

/* A service that leads to SRV records of SIP over TLS over TCP. */
static bool is_sips(const struct ares_naptr_reply *record)
{
	return !strcasecmp((const char *)record->service, "SIPS+D2T") &&
	       !strcasecmp((const char *)record->flags, "s") &&
	       *record->replacement &&
	       strlen(record->replacement) < DNS_NAME_MAX;
}

/**
 * dns_read_naptr() - which SRV records are those of SIP over TLS?
 * @answer: the answer to a question for NAPTR records
 * @len: bytes of it
 * @name: filled in with their name
 *
 * Services in clear do not count (RFC 3263 4.1).
 *
 * Return: whether one was found.
 */
bool dns_read_naptr(const unsigned char *answer, int len,
		    char name[DNS_NAME_MAX])
{
	struct ares_naptr_reply *all = NULL, *best = NULL;

	if (ares_parse_naptr_reply(answer, len, &all))
		return false;
	for (struct ares_naptr_reply *one = all; one; one = one->next) {
		if (is_sips(one) &&
		    (!best || one->order < best->order ||
		     (one->order == best->order &&
		      one->preference < best->preference)))
			best = one;
	}
	if (best)
		strcpy(name, best->replacement);
	ares_free_data(all);
	return best;
}

/* The one that comes last, and is left out when there are too many. */
static unsigned int find_last(const struct dns_hosts *hosts)
{
	unsigned int last = 0;

	for (unsigned int i = 1; i < hosts->n; i++) {
		if (hosts->host[i].priority >= hosts->host[last].priority)
			last = i;
	}
	return last;
}

static void add_host(struct dns_hosts *hosts, const struct ares_srv_reply *srv)
{
	unsigned int i = hosts->n;
	struct dns_host *host;

	if (hosts->n == DNS_HOSTS_MAX) {
		i = find_last(hosts);
		if (hosts->host[i].priority <= srv->priority)
			return;
	} else {
		hosts->n++;
	}
	host = &hosts->host[i];
	memset(host, 0, sizeof(*host));
	snprintf(host->name, sizeof(host->name), "%s", srv->host);
	host->port = srv->port;
	host->priority = srv->priority;
	host->weight = srv->weight;
}

/**
 * dns_read_srv() - which hosts are there?
 * @answer: the answer to a question for SRV records
 * @len: bytes of it
 * @hosts: filled in
 *
 * Return: 0, -ENOENT without any, or -EACCES: the domain says that it does not
 * offer this (RFC 2782: the target ".").
 */
int dns_read_srv(const unsigned char *answer, int len,
		 struct dns_hosts *hosts)
{
	struct ares_srv_reply *all = NULL;
	int ret = -ENOENT;

	hosts->n = 0;
	if (ares_parse_srv_reply(answer, len, &all))
		return -ENOENT;
	for (struct ares_srv_reply *one = all; one; one = one->next) {
		if (!*one->host || !strcmp(one->host, "."))
			ret = -EACCES;
		else if (strlen(one->host) < DNS_NAME_MAX && one->port)
			add_host(hosts, one);
	}
	ares_free_data(all);
	return hosts->n ? 0 : ret;
}

static void swap(struct dns_host *a, struct dns_host *b)
{
	struct dns_host c = *a;

	*a = *b;
	*b = c;
}

/* Which one of the next @n, all of the same priority? */
static unsigned int draw(const struct dns_host *host, unsigned int n,
			 uint32_t (*below)(uint32_t bound))
{
	uint32_t sum = 0, point;
	unsigned int i;

	for (i = 0; i < n; i++)
		sum += host[i].weight;
	point = below(sum + 1);
	for (i = 0; i < n - 1; i++) {
		if (point <= host[i].weight)
			break;
		point -= host[i].weight;
	}
	return i;
}

/**
 * dns_order() - put hosts in the order in which they are tried
 * @hosts: the hosts: by priority, then drawn by weight (RFC 2782)
 * @below: makes a random number below another one
 */
void dns_order(struct dns_hosts *hosts, uint32_t (*below)(uint32_t bound))
{
	struct dns_host *host = hosts->host;
	unsigned int first, n, i;

	for (first = 0; first < hosts->n; first++) {
		for (i = first + 1; i < hosts->n; i++) {
			if (host[i].priority < host[first].priority)
				swap(&host[i], &host[first]);
		}
	}
	for (first = 0; first < hosts->n; first++) {
		for (n = 1; first + n < hosts->n &&
		     host[first + n].priority == host[first].priority; n++)
			;
		swap(&host[first],
		     &host[first + draw(&host[first], n, below)]);
	}
}
