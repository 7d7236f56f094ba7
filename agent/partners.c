// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * partners.c - method "partner", and what is remembered of other networks:
 * counts, how fast they send
 */
#include <errno.h>
#include <string.h>

#include "agent.h"
#include "msg.h"
#include "partner.h"
#include "peer.h"

/* Refusals that are logged a second; each one is counted. */
#define LOG_RATE	10

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

/* A bucket that holds what comes in a second. */
static bool take_token(uint64_t *tokens, uint64_t *since, uint64_t rate)
{
	uint64_t now = now_ms(), past = now - *since;

	if (!*since || past > 1000)
		past = 1000;
	*since = now;
	*tokens += past * rate;
	if (*tokens > 1000 * rate)
		*tokens = 1000 * rate;
	if (*tokens < 1000)
		return false;
	*tokens -= 1000;
	return true;
}

static const struct partner_peer *find(const struct partners *partners,
				       const char *name)
{
	for (unsigned int i = 0; i < partners->n; i++) {
		if (!strcmp(partners->peer[i].name, name))
			return &partners->peer[i];
	}
	return NULL;
}

/**
 * partners_take() - begin with a configuration, or go on with another one
 * @partners: what is remembered; of sections that stay it stays
 * @conf: the configuration
 */
void partners_take(struct partners *partners, const struct conf *conf)
{
	static struct partners old;

	old = *partners;
	memset(partners->peer, 0, sizeof(partners->peer));
	partners->n = conf->n_peer;
	for (unsigned int i = 0; i < conf->n_peer; i++) {
		const struct partner_peer *was = find(&old,
						      conf->peer[i].name);

		if (was)
			partners->peer[i] = *was;
		else
			strcpy(partners->peer[i].name, conf->peer[i].name);
	}
}

static void log_refusal(struct partners *partners, enum partner_way way,
			const struct partner_verdict *verdict)
{
	if (!take_token(&partners->log_tokens, &partners->log_since,
			LOG_RATE)) {
		partners->unlogged++;
		return;
	}
	if (partners->unlogged)
		log_warn("partner: %llu more refusals were not logged",
			 (unsigned long long)partners->unlogged);
	partners->unlogged = 0;
	log_warn("partner: refused (%s, %s): %s",
		 way == PARTNER_IN ? "in" : "out",
		 partner_cause_name(verdict->cause), verdict->no.detail);
}

/**
 * partners_note() - count and log a verdict; one more request may be too many
 * @partners: what is remembered
 * @conf: the configuration
 * @way: who opened the connection
 * @verdict: the verdict, which becomes PARTNER_RATE if it is
 */
void partners_note(struct partners *partners, const struct conf *conf,
		   enum partner_way way, struct partner_verdict *verdict)
{
	const struct conf_peer *peer = verdict->peer;
	struct partner_peer *known = NULL;

	if (peer)
		known = &partners->peer[peer - conf->peer];
	if (verdict->cause == PARTNER_ALLOWED && way == PARTNER_IN &&
	    peer->max_rate &&
	    !take_token(&known->tokens, &known->since, peer->max_rate))
		partner_refuse(verdict, PARTNER_RATE,
			       "[peer %s] sends more than %u requests a second: see max_rate in its section",
			       peer->name, peer->max_rate);
	partners->count[way][verdict->cause]++;
	if (known)
		known->count[way][verdict->cause]++;
	if (verdict->cause != PARTNER_ALLOWED)
		log_refusal(partners, way, verdict);
}

static bool read_optional(const json_t *params, const char *name,
			  const char **text, struct rpc_fault *fault)
{
	const json_t *value = json_object_get(params, name);

	*text = json_string_value(value);
	if (*text && !**text)
		*text = NULL;
	if (!value || json_is_null(value) || json_is_string(value))
		return true;
	rpc_fail(fault, RPC_INVALID_PARAMS, "params.%s: expected a string",
		 name);
	return false;
}

static bool read_facts(const json_t *params, struct partner_facts *facts,
		       struct rpc_fault *fault)
{
	const char *way, *transport;

	if (!param_text(params, "direction", &way, fault) ||
	    !param_text(params, "transport", &transport, fault) ||
	    !read_optional(params, "certificate", &facts->certificate,
			   fault) ||
	    !read_optional(params, "addr", &facts->addr, fault) ||
	    !read_optional(params, "domain", &facts->domain, fault))
		return false;
	if (!strcmp(way, "in") || !strcmp(way, "out")) {
		facts->way = *way == 'i' ? PARTNER_IN : PARTNER_OUT;
		facts->tls = !strcasecmp(transport, "tls");
		facts->verified = json_is_true(json_object_get(params,
							       "verified"));
		return true;
	}
	rpc_fail(fault, RPC_INVALID_PARAMS,
		 "params.direction: expected \"in\" or \"out\"");
	return false;
}

/**
 * partner_answer() - what the proxy is told
 * @verdict: the verdict
 *
 * Return: the result; NULL without memory.
 */
json_t *partner_answer(const struct partner_verdict *verdict)
{
	const struct conf_peer *peer = verdict->peer;
	json_t *result;

	if (verdict->cause != PARTNER_ALLOWED) {
		result = action_reject(&verdict->no, NULL);
		json_object_set_new(result, "cause", json_string(
				partner_cause_name(verdict->cause)));
	} else {
		result = json_pack("{s:s, s:s, s:s}", "action", "forward",
				   "class", peer_class_name(peer->peer_class),
				   "name", verdict->name);
		if (peer->max_rate)
			json_object_set_new(result, "max_rate",
					    json_integer(peer->max_rate));
	}
	if (peer)
		json_object_set_new(result, "peer", json_string(peer->name));
	return result;
}

/**
 * method_partner() - decide whether the other side is who it must be
 * @ctx: the agent
 * @params: who opened the connection, what the other side showed
 * @fault: filled in when it fails
 *
 * Needs no kernel module.
 *
 * Return: who it is, or why it is refused; NULL.
 */
json_t *method_partner(void *ctx, const json_t *params,
		       struct rpc_fault *fault)
{
	struct partner_facts facts = { 0 };
	struct partner_verdict verdict;
	struct agent *agent = ctx;

	if (!read_facts(params, &facts, fault))
		return NULL;
	partner_judge(agent->conf, &facts, time(NULL), &verdict);
	partners_note(&agent->partners, agent->conf, facts.way, &verdict);
	return partner_answer(&verdict);
}

/* {"allowed": 5, "clear": 2}: verdicts that were given, and "allowed". */
static json_t *json_causes(const uint64_t count[PARTNER_N_CAUSES])
{
	json_t *object = json_object();

	for (int i = 0; i < PARTNER_N_CAUSES; i++) {
		if (count[i] || i == PARTNER_ALLOWED)
			json_object_set_new(object, partner_cause_name(i),
					    json_integer(count[i]));
	}
	return object;
}

/**
 * method_partners() - tell what was decided of other networks
 * @ctx: the agent
 * @params: none
 * @fault: not used
 *
 * Needs no kernel module.
 *
 * Return: counts, of all and by network; NULL.
 */
json_t *method_partners(void *ctx, const json_t *params,
			struct rpc_fault *fault)
{
	struct agent *agent = ctx;
	const struct partners *all = &agent->partners;
	json_t *peers = json_array();

	(void)params;
	(void)fault;
	for (unsigned int i = 0; i < all->n; i++) {
		const struct partner_peer *peer = &all->peer[i];
		enum peer_class class = agent->conf->peer[i].peer_class;

		json_array_append_new(peers, json_pack("{s:s, s:s, s:o, s:o}",
			"name", peer->name, "class", peer_class_name(class),
			"in", json_causes(peer->count[PARTNER_IN]),
			"out", json_causes(peer->count[PARTNER_OUT])));
	}
	return json_pack("{s:o, s:o, s:o}",
			 "in", json_causes(all->count[PARTNER_IN]),
			 "out", json_causes(all->count[PARTNER_OUT]),
			 "peers", peers);
}
