// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * via.c - see via.h
 *
 * A lookup that takes too long is left to its thread and its place is not used
 * again until it has ended, so slow name servers cost a bounded time and a
 * bounded number of threads.
 */
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "msg.h"
#include "via.h"

/* Lookups at a time, those included that nobody waits for any more. */
#define LOOKUPS_MAX	8
/* Longest name (RFC 1035 2.3.4), with its NUL. */
#define NAME_MAX_LEN	254

/**
 * struct lookup - a name that is being resolved
 * @request: what the resolver works on
 * @hints: for @request
 * @name: the name
 * @busy: the resolver may still work on it
 */
struct lookup {
	struct gaicb request;
	struct addrinfo hints;
	char name[NAME_MAX_LEN];
	bool busy;
};

static struct lookup lookups[LOOKUPS_MAX];

static void finish(struct lookup *lookup)
{
	if (lookup->request.ar_result)
		freeaddrinfo(lookup->request.ar_result);
	memset(lookup, 0, sizeof(*lookup));
}

static struct lookup *find_free(void)
{
	for (int i = 0; i < LOOKUPS_MAX; i++) {
		struct lookup *lookup = &lookups[i];

		if (lookup->busy && gai_error(&lookup->request) !=
				    EAI_INPROGRESS)
			finish(lookup);
		if (!lookup->busy)
			return lookup;
	}
	return NULL;
}

static bool is_name(const char *name)
{
	size_t len = strnlen(name, NAME_MAX_LEN);

	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)name[i]) && name[i] != '.' &&
		    name[i] != '-')
			return false;
	}
	return len && len < NAME_MAX_LEN;
}

static bool is_address(const struct addrinfo *info,
		       const struct gmg_addr *source)
{
	const struct sockaddr_in6 *in6 = (const void *)info->ai_addr;
	const struct sockaddr_in *in = (const void *)info->ai_addr;

	if (info->ai_family != source->family)
		return false;
	if (source->family == AF_INET)
		return !memcmp(&in->sin_addr, source->bytes, 4);
	return !memcmp(&in6->sin6_addr, source->bytes, 16);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Wait for a lookup: 0, or an error of getaddrinfo(). */
static int wait_for(struct lookup *lookup)
{
	const struct gaicb *list[] = { &lookup->request };
	int64_t end = now_ms() + VIA_LOOKUP_MS;

	while (gai_error(&lookup->request) == EAI_INPROGRESS) {
		int64_t left = end - now_ms();
		struct timespec wait = { .tv_nsec = left * 1000000 };

		if (left <= 0)
			break;
		gai_suspend(list, 1, &wait);
	}
	if (gai_error(&lookup->request) == EAI_INPROGRESS)
		gai_cancel(&lookup->request);
	return gai_error(&lookup->request);
}

/* Is @source one of the addresses that a name stands for? */
static const char *check_name(const char *name, const struct gmg_addr *source)
{
	struct lookup *lookup = find_free();
	struct gaicb *list[1];
	bool found = false;
	int ret;

	if (!lookup)
		return "the host name in Via is not resolved: too many others take too long";
	lookup->hints.ai_family = source->family;
	lookup->hints.ai_socktype = SOCK_DGRAM;
	strcpy(lookup->name, name);
	lookup->request.ar_name = lookup->name;
	lookup->request.ar_request = &lookup->hints;
	list[0] = &lookup->request;
	ret = getaddrinfo_a(GAI_NOWAIT, list, 1, NULL);
	if (ret) {
		finish(lookup);
		return "the host name in Via is not resolved: no resources";
	}
	lookup->busy = true;
	ret = wait_for(lookup);
	for (struct addrinfo *info = lookup->request.ar_result;
	     !ret && info && !found; info = info->ai_next)
		found = is_address(info, source);
	if (ret != EAI_INPROGRESS)
		finish(lookup);
	if (found)
		return NULL;
	return ret ? "the host name in Via is not resolved in time or does not exist" :
		     "the host name in Via has other addresses than the source address";
}

/**
 * via_check() - compare Via with the source address
 * @sent_by: host of the topmost Via: an address, or a name
 * @source: where the message came from
 * @resolve: names may be resolved, which takes at most VIA_LOOKUP_MS
 *
 * Return: NULL when they agree, otherwise why not.
 */
const char *via_check(const char *sent_by, const struct gmg_addr *source,
		      bool resolve)
{
	struct gmg_addr addr;

	if (!addr_of_host(sent_by, &addr))
		return gmg_addr_equal(&addr, source) ? NULL :
			"the address in Via is not the source address";
	if (!is_name(sent_by))
		return "Via has neither an address nor a host name";
	if (!resolve)
		return "Via has a host name, and resolve_via is off";
	return check_name(sent_by, source);
}
