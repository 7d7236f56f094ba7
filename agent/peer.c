// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * peer.c - see peer.h
 *
 * Fails closed: whoever is not known, or is two at once, is foreign.
 */
#include <string.h>
#include <strings.h>

#include "msg.h"
#include "peer.h"

static const struct conf_peer *by_name(const struct conf *conf,
				       const char *name)
{
	for (unsigned int i = 0; i < conf->n_peer; i++) {
		if (!strcmp(conf->peer[i].name, name))
			return &conf->peer[i];
	}
	return NULL;
}

static bool prefix_covers(const struct gmg_prefix *prefix,
			  const struct gmg_addr *addr)
{
	unsigned int bytes = prefix->len / 8, bits = prefix->len % 8;

	if (prefix->addr.family != addr->family ||
	    memcmp(prefix->addr.bytes, addr->bytes, bytes))
		return false;
	return !bits || !((prefix->addr.bytes[bytes] ^ addr->bytes[bytes]) >>
			  (8 - bits));
}

/**
 * peer_has_addr() - is an address listed for a network?
 * @peer: the network
 * @text: the address, as SIP writes it
 *
 * Return: whether one of its prefixes covers it.
 */
bool peer_has_addr(const struct conf_peer *peer, const char *text)
{
	struct gmg_addr addr;

	if (addr_of_host(text, &addr))
		return false;
	for (size_t i = 0; i < peer->n_address; i++) {
		if (prefix_covers(&peer->address[i], &addr))
			return true;
	}
	return false;
}

/**
 * peer_by_addr() - the network that an address belongs to
 * @conf: the configuration
 * @text: the address, as SIP writes it
 *
 * Return: the network with the longest prefix, or NULL.
 */
const struct conf_peer *peer_by_addr(const struct conf *conf, const char *text)
{
	const struct conf_peer *best = NULL;
	struct gmg_addr addr;
	int longest = -1;

	if (addr_of_host(text, &addr))
		return NULL;
	for (unsigned int i = 0; i < conf->n_peer; i++) {
		const struct conf_peer *peer = &conf->peer[i];

		for (size_t j = 0; j < peer->n_address; j++) {
			const struct gmg_prefix *prefix = &peer->address[j];

			if ((int)prefix->len > longest &&
			    prefix_covers(prefix, &addr)) {
				longest = prefix->len;
				best = peer;
			}
		}
	}
	return best;
}

/* Is it the domain, or one below it? Returns how long the match is. */
static size_t below(const char *domain, size_t len, const char *above)
{
	size_t n = strlen(above);

	if (len < n || strncasecmp(domain + len - n, above, n) ||
	    (len > n && domain[len - n - 1] != '.'))
		return 0;
	return n;
}

/**
 * peer_by_domain() - the network that a domain belongs to
 * @conf: the configuration
 * @domain: the domain
 *
 * Return: the network with this domain, or the next one above; NULL.
 */
const struct conf_peer *peer_by_domain(const struct conf *conf,
				       const char *domain)
{
	const struct conf_peer *best = NULL;
	size_t len = strlen(domain), longest = 0;

	/* the root's dot says nothing */
	if (len && domain[len - 1] == '.')
		len--;
	for (unsigned int i = 0; i < conf->n_peer; i++) {
		const struct conf_peer *peer = &conf->peer[i];

		for (unsigned int j = 0; j < peer->n_domain; j++) {
			size_t n = below(domain, len, peer->domain[j]);

			if (n > longest) {
				longest = n;
				best = peer;
			}
		}
	}
	return best;
}

/* TS 33.203 5.3: the protection of 6.5, or one below SIP. */
static bool is_trusted(enum peer_class peer, bool below_sip, bool protected,
		       const char **why)
{
	if (peer != PEER_PARTNER || protected || below_sip)
		return true;
	*why = "a partner, but what comes from or goes to it is not protected";
	return false;
}

static enum peer_class by_class(const struct peer_facts *facts,
				const char **why)
{
	int peer = peer_class_by_name(facts->class_name);

	*why = "the class that the proxy gave";
	if (peer < 0) {
		*why = "the proxy gave no known class";
		return PEER_FOREIGN;
	}
	if (!is_trusted(peer, false, facts->protected, why))
		return PEER_FOREIGN;
	return peer;
}

/**
 * peer_resolve() - find the class of the other side
 * @conf: the configuration
 * @facts: what is known of it
 * @why: the reason, for people
 *
 * Return: the class; if in doubt, PEER_FOREIGN.
 */
enum peer_class peer_resolve(const struct conf *conf,
			     const struct peer_facts *facts, const char **why)
{
	const struct conf_peer *found[3], *peer = NULL;
	unsigned int n = 0;

	if (facts->class_name) {
		if (facts->name || facts->addr || facts->domain) {
			*why = "both a class and something to look it up by";
			return PEER_FOREIGN;
		}
		return by_class(facts, why);
	}
	if (facts->name)
		found[n++] = by_name(conf, facts->name);
	if (facts->addr)
		found[n++] = peer_by_addr(conf, facts->addr);
	if (facts->domain)
		found[n++] = peer_by_domain(conf, facts->domain);
	*why = "no [peer] section has it";
	for (unsigned int i = 0; i < n; i++) {
		if (!found[i])
			return PEER_FOREIGN;
		if (peer && peer != found[i]) {
			*why = "name, address and domain belong to different [peer] sections";
			return PEER_FOREIGN;
		}
		peer = found[i];
	}
	if (!peer)
		return PEER_FOREIGN;
	*why = peer->name;
	if (peer->peer_class == PEER_PARTNER && !peer->agreement) {
		*why = "a partner without an agreement";
		return PEER_FOREIGN;
	}
	if (!is_trusted(peer->peer_class, peer->below_sip, facts->protected,
			why))
		return PEER_FOREIGN;
	return peer->peer_class;
}
