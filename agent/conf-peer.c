// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conf-peer.c - the [peer NAME] sections: other networks and core nodes. What
 * the kernel is told of them is in conf-rules.c.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf-reader.h"
#include "conf-value.h"

/* Longest value: no line is longer. */
#define VALUE_MAX	200

static const char *const class_names[] = {
	[PEER_OWN] = "own",
	[PEER_PARTNER] = "partner",
	[PEER_FOREIGN] = "foreign",
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/**
 * peer_class_name() - name of a class
 * @peer: the class
 *
 * Return: the name, as the configuration writes it.
 */
const char *peer_class_name(enum peer_class peer)
{
	return class_names[peer];
}

/**
 * peer_class_by_name() - find a class
 * @name: its name
 *
 * Return: enum peer_class, or -1.
 */
int peer_class_by_name(const char *name)
{
	for (size_t i = 0; i < COUNT(class_names); i++) {
		if (!strcmp(name, class_names[i]))
			return i;
	}
	return -1;
}

/**
 * conf_is_domain() - may it be a domain?
 * @text: letters, digits, hyphens and dots, no dot at either end or twice
 *
 * Return: whether it is one and not too long.
 */
bool conf_is_domain(const char *text)
{
	size_t len = strlen(text);

	if (!len || len >= CONF_DOMAIN_MAX || *text == '.' ||
	    text[len - 1] == '.')
		return false;
	for (; *text; text++) {
		if ((!isalnum((unsigned char)*text) && !strchr("-.", *text)) ||
		    (text[0] == '.' && text[1] == '.'))
			return false;
	}
	return true;
}

/* Appends to a list of domains, separated by commas. */
static int read_domains(const char *text, char domain[][CONF_DOMAIN_MAX],
			unsigned int *n)
{
	char buf[VALUE_MAX], *piece, *save;

	if (!*text || value_text(text, buf, sizeof(buf)))
		return -EINVAL;
	for (piece = strtok_r(buf, ", \t", &save); piece;
	     piece = strtok_r(NULL, ", \t", &save)) {
		if (!conf_is_domain(piece))
			return -EINVAL;
		if (*n == CONF_PEER_DOMAIN_MAX)
			return -E2BIG;
		strcpy(domain[(*n)++], piece);
	}
	return 0;
}

static int set_class(struct reader *r, const char *value)
{
	int found = peer_class_by_name(value);

	if (found < 0)
		return -EINVAL;
	r->peer->peer_class = found;
	return 0;
}

static int set_protected_by(struct reader *r, const char *value)
{
	r->peer->has_protected_by = true;
	r->peer->below_sip = !strcmp(value, "network");
	return r->peer->below_sip || !strcmp(value, "tls") ? 0 : -EINVAL;
}

static int set_domains(struct reader *r, const char *value)
{
	return read_domains(value, r->peer->domain, &r->peer->n_domain);
}

static int set_certificate_names(struct reader *r, const char *value)
{
	return read_domains(value, r->peer->cert_name, &r->peer->n_cert_name);
}

static int set_agreement(struct reader *r, const char *value)
{
	return value_flag(value, &r->peer->agreement);
}

static int set_ca(struct reader *r, const char *value)
{
	r->peer->ca = conf_ca_load(value);
	return r->peer->ca ? 0 : -EINVAL;
}

static int set_max_rate(struct reader *r, const char *value)
{
	return value_number(value, 1, 1000000, &r->peer->max_rate);
}

#define DOMAINS_EXPECTED \
	"domains without a dot at their end, separated by commas, at most 16 in all"

static const struct key keys[] = {
	{ SECTION_PEER, "class", set_class, "own, partner or foreign", false },
	{ SECTION_PEER, "protected_by", set_protected_by,
	  "tls, or network if it is protected below SIP", false },
	{ SECTION_PEER, "agreement", set_agreement, "yes or no", false },
	{ SECTION_PEER, "domains", set_domains, DOMAINS_EXPECTED, true },
	{ SECTION_PEER, "certificate_names", set_certificate_names,
	  DOMAINS_EXPECTED, true },
	{ SECTION_PEER, "ca", set_ca,
	  "the absolute path of a readable PEM file that has certificates of CAs, and revocation lists or not, and nothing that is broken",
	  false },
	{ SECTION_PEER, "max_rate", set_max_rate,
	  "a number from 1 to 1000000", false },
};

KEY_TABLE(conf_peer_keys, keys);

/* Room for one more; it doubles. */
static struct conf_peer *grow(struct conf *conf)
{
	unsigned int n = conf->n_peer;
	struct conf_peer *list = conf->peer;

	if (n & (n - 1))
		return list;
	list = reallocarray(list, n ? 2 * n : 1, sizeof(*list));
	if (list)
		conf->peer = list;
	return list;
}

/**
 * conf_begin_peer() - a line [peer NAME]
 * @r: the file
 * @name: NAME
 */
void conf_begin_peer(struct reader *r, const char *name)
{
	struct conf *conf = r->conf;

	if (conf->n_peer == CONF_PEER_MAX) {
		conf_complain(&r->to, r->line,
			      "more than %d peers: one may have any number of addresses",
			      CONF_PEER_MAX);
		return;
	}
	if (conf_begin_rule(r, GMGUARD_RULE_KIND_PEER, name))
		return;
	if (!grow(conf)) {
		conf_complain(&r->to, r->line, "out of memory");
		return;
	}
	r->peer = &conf->peer[conf->n_peer++];
	memset(r->peer, 0, sizeof(*r->peer));
	snprintf(r->peer->name, sizeof(r->peer->name), "%s", name);
	r->peer->line = r->line;
	r->peer->peer_class = PEER_FOREIGN;
	r->section = SECTION_PEER;
	r->seen[SECTION_PEER] = 0;
}

/**
 * conf_finish_peers() - one decision for the kernel and the agent
 * @conf: the configuration, with all its peers
 *
 * With a network whose SIP has to be inside TLS, the kernel lets none pass in
 * clear. Between nodes of our own it is protected below SIP unless said
 * otherwise.
 */
void conf_finish_peers(struct conf *conf)
{
	struct conf_peer *peer = conf->peer;

	for (size_t i = 0; i < conf->rules.n_rule; i++) {
		struct gmg_rule *rule = &conf->rules.rule[i];

		if (rule->kind != GMGUARD_RULE_KIND_PEER)
			continue;
		if (!peer->has_protected_by)
			peer->below_sip = peer->peer_class == PEER_OWN;
		snprintf(rule->class_name, sizeof(rule->class_name), "%s",
			 peer_class_name(peer->peer_class));
		rule->tls = !peer->below_sip;
		peer->address = rule->prefix;
		peer->n_address = rule->n_prefix;
		peer++;
	}
}

/* A domain below another one is the narrower network's. */
static bool overlap(const struct conf_peer *a, const struct conf_peer *b)
{
	for (unsigned int i = 0; i < a->n_domain; i++) {
		for (unsigned int j = 0; j < b->n_domain; j++) {
			if (!strcasecmp(a->domain[i], b->domain[j]))
				return true;
		}
	}
	return false;
}

/**
 * conf_peer_cert_name() - a name that the certificate of a network may have
 * @peer: the network
 * @i: which one, from 0
 *
 * Return: the name, NULL behind the last one.
 */
const char *conf_peer_cert_name(const struct conf_peer *peer, unsigned int i)
{
	if (i >= (peer->n_cert_name ? peer->n_cert_name : peer->n_domain))
		return NULL;
	return peer->n_cert_name ? peer->cert_name[i] : peer->domain[i];
}

/* A certificate has to say whose it is. */
static bool names_overlap(const struct conf_peer *a, const struct conf_peer *b)
{
	const char *x, *y;

	for (unsigned int i = 0; (x = conf_peer_cert_name(a, i)); i++) {
		for (unsigned int j = 0; (y = conf_peer_cert_name(b, j)); j++) {
			if (!strcasecmp(x, y))
				return true;
		}
	}
	return false;
}

static void check_peer(const struct conf *conf, unsigned int index,
		       struct conf_complaints *to)
{
	const struct conf_peer *peer = &conf->peer[index];

	for (unsigned int i = 0; i < index; i++) {
		const struct conf_peer *other = &conf->peer[i];

		if (names_overlap(peer, other) && !overlap(peer, other))
			conf_complain(to, peer->line,
				      "[peer %s] has a certificate name of [peer %s] (line %u): whose is it?",
				      peer->name, other->name, other->line);
		if (overlap(peer, other))
			conf_complain(to, peer->line,
				      "[peer %s] has a domain of [peer %s] (line %u): whose is it?",
				      peer->name, other->name, other->line);
	}
}

/**
 * conf_check_peers() - find what is wrong with the other networks
 * @conf: the configuration
 * @to: is told about it
 */
void conf_check_peers(const struct conf *conf, struct conf_complaints *to)
{
	for (unsigned int i = 0; i < conf->n_peer; i++)
		check_peer(conf, i, to);
}
