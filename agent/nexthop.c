// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nexthop.c - method "nexthop", see nexthop.h
 *
 * NAPTR, then SRV, then addresses, as for a sips URI: services in clear are
 * never looked for. The name on the certificate has to be the domain that was
 * asked for (RFC 5922), so whoever forges DNS gains nothing.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <arpa/nameser.h>

#include "agent.h"
#include "dns.h"
#include "msg.h"
#include "peer.h"

#define TYPE_SRV	33
#define TYPE_NAPTR	35

/* Most domains that are looked up at a time, and seconds that one has. */
#define LOOKUPS_MAX	64
#define LOOKUP_S	5

/**
 * struct nexthop_entry - a domain that was looked up
 * @domain: the domain
 * @port: the port that was asked for, 0: none was
 * @until: as long as its records count (CLOCK_MONOTONIC)
 * @hosts: its hosts
 */
struct nexthop_entry {
	char domain[DNS_NAME_MAX];
	uint16_t port;
	time_t until;
	struct dns_hosts hosts;
};

/**
 * struct host_query - a question for the addresses of a host
 * @lookup: whose
 * @host: the host
 */
struct host_query {
	struct lookup *lookup;
	struct dns_host *host;
};

/**
 * struct lookup - a domain that is being looked up
 * @next: the next one
 * @prev: what points to this one
 * @agent: the agent
 * @later: the call that wants to know, NULL: it was answered
 * @end: it has ended, or its time is up
 * @pending: questions that c-ares has not answered
 * @ttl: how long what came so far counts
 * @wrong: why there will be no answer, "" as long as there may be
 * @domain: the domain
 * @port: the port that was asked for, 0: none was
 * @hosts: its hosts
 * @query: questions for their addresses
 */
struct lookup {
	struct lookup *next;
	struct lookup **prev;
	struct agent *agent;
	struct rpc_later *later;
	struct event *end;
	unsigned int pending;
	uint32_t ttl;
	char wrong[160];
	char domain[DNS_NAME_MAX];
	uint16_t port;
	struct dns_hosts hosts;
	struct host_query query[DNS_HOSTS_MAX];
};

static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static uint32_t below(uint32_t bound)
{
	return arc4random_uniform(bound);
}

static struct nexthop_entry *find_entry(const struct nexthop *hop,
					const char *domain, uint16_t port)
{
	for (int i = 0; i < NEXTHOP_CACHE; i++) {
		struct nexthop_entry *entry = hop->cache[i];

		if (entry && entry->port == port && entry->until > now_s() &&
		    !strcasecmp(entry->domain, domain))
			return entry;
	}
	return NULL;
}

static void remember(struct nexthop *hop, const struct lookup *lookup)
{
	struct nexthop_entry *entry;

	if (!lookup->ttl || find_entry(hop, lookup->domain, lookup->port))
		return;
	if (!hop->cache[hop->turn])
		hop->cache[hop->turn] = malloc(sizeof(*entry));
	entry = hop->cache[hop->turn];
	if (!entry)
		return;
	hop->turn = (hop->turn + 1) % NEXTHOP_CACHE;
	strcpy(entry->domain, lookup->domain);
	entry->port = lookup->port;
	entry->until = now_s() + lookup->ttl;
	entry->hosts = lookup->hosts;
}

static bool may_use(const struct conf_peer *peer, const char *text)
{
	return !peer->n_address || peer_has_addr(peer, text);
}

static json_t *list_targets(const struct conf_peer *peer,
			    const struct dns_hosts *hosts)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < hosts->n; i++) {
		const struct dns_host *host = &hosts->host[i];

		for (unsigned int j = 0; j < host->n_addr; j++) {
			const char *addr = host->addr[j];
			bool v6 = strchr(addr, ':');

			if (!may_use(peer, addr))
				continue;
			json_array_append_new(list, json_pack(
				"{s:s, s:s, s:i, s:s, s:o}", "host",
				host->name, "addr", addr, "port",
				(int)host->port, "transport", "tls", "uri",
				json_sprintf("sip:%s%s%s:%u;transport=tls",
					     v6 ? "[" : "", addr,
					     v6 ? "]" : "", host->port)));
		}
	}
	return list;
}

static json_t *refuse_hop(struct agent *agent, struct partner_verdict *verdict)
{
	partners_note(&agent->partners, agent->conf, PARTNER_OUT, verdict);
	return partner_answer(verdict);
}

/* The network is looked for again: the configuration may be another one. */
static json_t *answer(struct agent *agent, const char *domain,
		      const struct dns_hosts *found, const char *wrong)
{
	struct partner_verdict verdict = { 0 };
	const struct conf_peer *peer;
	struct dns_hosts hosts = *found;
	json_t *targets;

	peer = partner_of_domain(agent->conf, domain, &verdict);
	if (peer && *wrong)
		partner_refuse(&verdict, PARTNER_UNRESOLVED, "%s: %s", domain,
			       wrong);
	if (verdict.cause != PARTNER_ALLOWED)
		return refuse_hop(agent, &verdict);
	dns_order(&hosts, below);
	targets = list_targets(peer, &hosts);
	if (json_array_size(targets))
		return json_pack("{s:s, s:s, s:s, s:s, s:o}", "action",
				 "forward", "peer", peer->name, "class",
				 peer_class_name(peer->peer_class), "name",
				 domain, "targets", targets);
	json_decref(targets);
	partner_refuse(&verdict, PARTNER_ADDRESS,
		       "%s is at addresses that [peer %s] does not have: if they are theirs, add them to addresses",
		       domain, peer->name);
	return refuse_hop(agent, &verdict);
}

static void lookup_free(struct lookup *lookup)
{
	*lookup->prev = lookup->next;
	if (lookup->next)
		lookup->next->prev = lookup->prev;
	lookup->agent->hop.n--;
	event_free(lookup->end);
	free(lookup);
}

static void handle_end(evutil_socket_t fd, short what, void *arg)
{
	struct lookup *lookup = arg;
	struct rpc_later *later = lookup->later;
	struct rpc_fault fault = {
		.code = RPC_INTERNAL_ERROR, .message = "out of memory",
	};

	(void)fd;
	(void)what;
	lookup->later = NULL;
	if (lookup->pending && !*lookup->wrong)
		snprintf(lookup->wrong, sizeof(lookup->wrong),
			 "its name servers take too long");
	if (!*lookup->wrong)
		remember(&lookup->agent->hop, lookup);
	if (later)
		rpc_finish(later, answer(lookup->agent, lookup->domain,
					 &lookup->hosts, lookup->wrong),
			   &fault);
	if (!lookup->pending)
		lookup_free(lookup);
}

/* Never from here: c-ares may call back before it was asked. */
static void finish(struct lookup *lookup)
{
	event_active(lookup->end, EV_TIMEOUT, 0);
}

static void fail(struct lookup *lookup, const char *why)
{
	snprintf(lookup->wrong, sizeof(lookup->wrong), "%s", why);
	finish(lookup);
}

/*
 * An answer of c-ares has come: how long does it count?
 *
 * Return: whether to go on; @status: also "there are no such records".
 */
static bool take(struct lookup *lookup, int status, uint32_t ttl)
{
	lookup->pending--;
	if (!lookup->later || *lookup->wrong) {
		if (!lookup->pending)
			finish(lookup);
		return false;
	}
	if (status && status != ARES_ENODATA && status != ARES_ENOTFOUND) {
		fail(lookup, ares_strerror(status));
		return false;
	}
	if (ttl < lookup->ttl)
		lookup->ttl = ttl;
	return true;
}

static void take_addrs(struct dns_host *host, struct ares_addrinfo *all)
{
	for (struct ares_addrinfo_node *node = all->nodes; node;
	     node = node->ai_next) {
		const struct sockaddr_in6 *in6 = (void *)node->ai_addr;
		const struct sockaddr_in *in = (void *)node->ai_addr;
		bool v4 = node->ai_family == AF_INET;

		if (host->n_addr == DNS_ADDRS_MAX)
			break;
		inet_ntop(node->ai_family, v4 ? (const void *)&in->sin_addr :
			  (const void *)&in6->sin6_addr,
			  host->addr[host->n_addr++], sizeof(host->addr[0]));
	}
}

static void on_addrs(void *arg, int status, int timeouts,
		     struct ares_addrinfo *all)
{
	struct host_query *query = arg;
	struct lookup *lookup = query->lookup;
	uint32_t ttl = DNS_TTL_MAX;
	unsigned int n = 0;

	(void)timeouts;
	for (struct ares_addrinfo_node *node = all ? all->nodes : NULL; node;
	     node = node->ai_next) {
		if (node->ai_ttl >= 0 && (uint32_t)node->ai_ttl < ttl)
			ttl = node->ai_ttl;
	}
	/* another host may have an address */
	if (take(lookup, all ? status : ARES_ENODATA, ttl)) {
		if (all)
			take_addrs(query->host, all);
		for (unsigned int i = 0; i < lookup->hosts.n; i++)
			n += lookup->hosts.host[i].n_addr;
		if (!lookup->pending && !n)
			fail(lookup, "its hosts have no address, or its name servers do not answer");
		else if (!lookup->pending)
			finish(lookup);
	}
	ares_freeaddrinfo(all);
}

static void ask_addrs(struct lookup *lookup)
{
	static const struct ares_addrinfo_hints hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
		.ai_flags = ARES_AI_NOSORT,
	};
	struct dns_hosts *hosts = &lookup->hosts;

	/* all at once, and the last one that answers ends it */
	lookup->pending += hosts->n;
	for (unsigned int i = 0; i < hosts->n; i++) {
		lookup->query[i].lookup = lookup;
		lookup->query[i].host = &hosts->host[i];
		ares_getaddrinfo(lookup->agent->hop.resolver.channel,
				 hosts->host[i].name, NULL, &hints, on_addrs,
				 &lookup->query[i]);
	}
}

/* Without records of its own a domain is a host (RFC 3263 4.2). */
static void ask_domain(struct lookup *lookup)
{
	struct dns_host *host = &lookup->hosts.host[0];

	lookup->hosts.n = 1;
	strcpy(host->name, lookup->domain);
	host->port = lookup->port ? lookup->port : DNS_SIPS_PORT;
	ask_addrs(lookup);
}

static void on_srv(void *arg, int status, int timeouts, unsigned char *text,
		   int len)
{
	struct lookup *lookup = arg;
	int ret = -ENOENT;

	(void)timeouts;
	if (!take(lookup, status, dns_ttl(text, len)))
		return;
	if (!status)
		ret = dns_read_srv(text, len, &lookup->hosts);
	if (ret == -EACCES)
		fail(lookup, "it says in DNS that it takes no SIP over TLS");
	else if (ret)
		ask_domain(lookup);
	else
		ask_addrs(lookup);
}

static void on_naptr(void *arg, int status, int timeouts, unsigned char *text,
		     int len)
{
	struct lookup *lookup = arg;
	char name[DNS_NAME_MAX + sizeof("_sips._tcp.")];

	(void)timeouts;
	if (!take(lookup, status, dns_ttl(text, len)))
		return;
	if (status || !dns_read_naptr(text, len, name))
		snprintf(name, sizeof(name), "_sips._tcp.%s", lookup->domain);
	lookup->pending++;
	ares_query(lookup->agent->hop.resolver.channel, name, C_IN, TYPE_SRV,
		   on_srv, lookup);
}

static struct lookup *lookup_new(struct agent *agent, const char *domain,
				 uint16_t port)
{
	struct lookup *lookup = calloc(1, sizeof(*lookup));

	if (!lookup)
		return NULL;
	lookup->end = evtimer_new(agent->base, handle_end, lookup);
	if (!lookup->end) {
		free(lookup);
		return NULL;
	}
	lookup->agent = agent;
	strcpy(lookup->domain, domain);
	lookup->port = port;
	lookup->ttl = DNS_TTL_MAX;
	lookup->next = agent->hop.first;
	lookup->prev = &agent->hop.first;
	if (lookup->next)
		lookup->next->prev = &lookup->next;
	agent->hop.first = lookup;
	agent->hop.n++;
	return lookup;
}

/* A port that is given is where it is; otherwise DNS says (RFC 3263 4.2). */
static void start(struct lookup *lookup)
{
	const struct timeval limit = { .tv_sec = LOOKUP_S };
	struct resolver *resolver = &lookup->agent->hop.resolver;

	evtimer_add(lookup->end, &limit);
	if (lookup->port) {
		ask_domain(lookup);
	} else {
		lookup->pending++;
		ares_query(resolver->channel, lookup->domain, C_IN, TYPE_NAPTR,
			   on_naptr, lookup);
	}
	resolver_wait(resolver);
}

static json_t *look_up(struct agent *agent, const char *domain, uint16_t port,
		       struct rpc_fault *fault)
{
	struct nexthop *hop = &agent->hop;
	struct lookup *lookup;
	struct rpc_later *later;

	if (hop->n >= LOOKUPS_MAX)
		return rpc_fail(fault, RPC_INTERNAL_ERROR,
				"too many domains are being looked up: do the name servers answer?");
	if (!hop->resolver.channel &&
	    resolver_open(&hop->resolver, agent->base,
			  agent->conf->resolver)) {
		resolver_close(&hop->resolver);
		return rpc_fail(fault, RPC_INTERNAL_ERROR,
				"cannot ask name servers, see the log");
	}
	later = rpc_postpone(fault);
	lookup = later ? lookup_new(agent, domain, port) : NULL;
	if (lookup) {
		lookup->later = later;
		start(lookup);
	}
	return NULL;
}

static json_t *at_address(struct agent *agent, const char *domain,
			  uint16_t port)
{
	struct dns_hosts hosts = { .n = 1 };
	struct dns_host *host = &hosts.host[0];
	struct gmg_addr addr;

	addr_of_host(domain, &addr);
	snprintf(host->name, sizeof(host->name), "%s", domain);
	host->port = port ? port : DNS_SIPS_PORT;
	host->n_addr = 1;
	gmg_addr_format(&addr, host->addr[0], sizeof(host->addr[0]));
	return answer(agent, domain, &hosts, "");
}

/**
 * method_nexthop() - find out where a request to another network goes
 * @ctx: the agent
 * @params: the domain, and the port if one was given
 * @fault: filled in when it fails
 *
 * Needs no kernel module. The answer comes later unless it is known.
 *
 * Return: where to, or why not; NULL.
 */
json_t *method_nexthop(void *ctx, const json_t *params,
		       struct rpc_fault *fault)
{
	struct partner_verdict verdict = { 0 };
	const struct nexthop_entry *entry;
	const struct conf_peer *peer;
	struct agent *agent = ctx;
	char domain[DNS_NAME_MAX];
	struct gmg_addr addr;
	const char *text;
	uint16_t port = 0;

	if (!param_text(params, "domain", &text, fault) ||
	    (json_object_get(params, "port") &&
	     !param_port(params, "port", &port, fault)))
		return NULL;
	snprintf(domain, sizeof(domain), "%s", text);
	/* the root's dot says nothing */
	if (*domain && domain[strlen(domain) - 1] == '.')
		domain[strlen(domain) - 1] = '\0';
	peer = partner_of_domain(agent->conf, domain, &verdict);
	if (peer && peer->peer_class == PEER_OWN)
		partner_refuse(&verdict, PARTNER_OWN,
			       "%s is in the own network: TLS of 33.203 6.5 is for others",
			       domain);
	if (verdict.cause != PARTNER_ALLOWED)
		return refuse_hop(agent, &verdict);
	if (!addr_of_host(domain, &addr))
		return at_address(agent, domain, port);
	entry = find_entry(&agent->hop, domain, port);
	if (entry)
		return answer(agent, domain, &entry->hosts, "");
	return look_up(agent, domain, port, fault);
}

/**
 * nexthop_forget() - forget all domains, and ask other name servers from now on
 * @hop: what is known; who waits for an answer gets one
 */
void nexthop_forget(struct nexthop *hop)
{
	resolver_close(&hop->resolver);
	for (int i = 0; i < NEXTHOP_CACHE; i++) {
		free(hop->cache[i]);
		hop->cache[i] = NULL;
	}
}

/**
 * nexthop_clean() - give everything back
 * @hop: what is known
 */
void nexthop_clean(struct nexthop *hop)
{
	nexthop_forget(hop);
	while (hop->first)
		handle_end(-1, 0, hop->first);
}
