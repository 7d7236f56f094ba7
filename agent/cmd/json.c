// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json.c - what the kernel shows as JSON. Names are those of
 * Documentation/netlink/specs/gmguard.yaml with '_' for '-'; every member is
 * there at all times, null when it is absent; times are in milliseconds.
 */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/**
 * json_addr() - an address as JSON
 * @addr: address
 *
 * Return: a string, null for an absent one; or NULL without memory.
 */
json_t *json_addr(const struct gmg_addr *addr)
{
	char buf[GMG_ADDR_TEXT_MAX];

	if (addr->family == AF_UNSPEC)
		return json_null();
	return json_string(gmg_addr_format(addr, buf, sizeof(buf)));
}

static json_t *number_or_null(uint64_t n)
{
	return n ? json_integer((json_int_t)n) : json_null();
}

/* bytes from outside: as they are when they are UTF-8, else with \xNN */
static json_t *text_or_null(const void *text, size_t len)
{
	json_t *json;
	char *buf;

	if (!len)
		return json_null();
	if (text_is_utf8(text, len))
		return json_stringn(text, len);
	buf = malloc(CLEAN_TEXT_MAX(len) + 5);
	if (!buf)
		return NULL;
	json = json_string(format_clean(text, len, buf,
					CLEAN_TEXT_MAX(len) + 5));
	free(buf);
	return json;
}

static json_t *ports(const uint16_t *list, unsigned int n)
{
	json_t *array = json_array();
	unsigned int i;

	for (i = 0; i < n; i++)
		json_array_append_new(array, json_integer(list[i]));
	return array;
}

static json_t *prefixes(const struct gmg_prefix *list, unsigned int n)
{
	char buf[GMG_PREFIX_TEXT_MAX];
	json_t *array = json_array();
	unsigned int i;

	for (i = 0; i < n; i++) {
		gmg_prefix_format(&list[i], buf, sizeof(buf));
		json_array_append_new(array, json_string(buf));
	}
	return array;
}

/**
 * json_endpoint() - an endpoint as JSON
 * @ep: endpoint
 *
 * Return: an object, or NULL without memory.
 */
json_t *json_endpoint(const struct gmg_endpoint *ep)
{
	return json_pack("{s:I,s:o,s:o,s:o,s:o,s:o,s:I,s:I,s:I,s:b,s:b,s:b}",
			 "id", (json_int_t)ep->id,
			 "local_addr", json_addr(&ep->local_addr),
			 "port_ps", ports(ep->port_ps, ep->n_port_ps),
			 "port_pc", ports(ep->port_pc, ep->n_port_pc),
			 "port_unprotected", ports(ep->port_unprotected,
						   ep->n_port_unprotected),
			 "exempt", prefixes(ep->exempt, ep->n_exempt),
			 "policy_priority", (json_int_t)ep->policy_priority,
			 "sets", (json_int_t)ep->sets,
			 "policies", (json_int_t)ep->policies,
			 "emergency", ep->emergency,
			 "audit", ep->audit,
			 "stun", ep->stun);
}

static json_t *json_sas(const struct gmg_saset *set)
{
	static const char * const names[GMG_SA_NUM] = {
		[GMGUARD_SA_NAME_A] = "a", [GMGUARD_SA_NAME_B] = "b",
		[GMGUARD_SA_NAME_C] = "c", [GMGUARD_SA_NAME_D] = "d",
	};
	json_t *array = json_array();
	int i;

	for (i = 0; i < GMG_SA_NUM; i++) {
		const struct gmg_sa *sa = &set->sa[i];

		json_array_append_new(array,
			json_pack("{s:s,s:I,s:I,s:I,s:I,s:I,s:I}",
				  "name", names[i],
				  "spi", (json_int_t)sa->spi,
				  "seq", (json_int_t)sa->seq,
				  "packets", (json_int_t)sa->packets,
				  "bytes", (json_int_t)sa->bytes,
				  "replay_errors",
				  (json_int_t)sa->replay_errors,
				  "integrity_errors",
				  (json_int_t)sa->integrity_errors));
	}
	return array;
}

static json_t *json_who(const struct gmg_saset *set)
{
	return json_pack("{s:I,s:I,s:o,s:o,s:i,s:i,s:i,s:i,s:I,s:I,s:I,s:I,s:o}",
			 "id", (json_int_t)set->id,
			 "endpoint_id", (json_int_t)set->endpoint_id,
			 "local_addr", json_addr(&set->local_addr),
			 "ue_addr", json_addr(&set->ue_addr),
			 "port_uc", set->port_uc, "port_us", set->port_us,
			 "port_pc", set->port_pc, "port_ps", set->port_ps,
			 "spi_uc", (json_int_t)set->spi_uc,
			 "spi_us", (json_int_t)set->spi_us,
			 "spi_pc", (json_int_t)set->spi_pc,
			 "spi_ps", (json_int_t)set->spi_ps,
			 "impi", text_or_null(set->impi, strlen(set->impi)));
}

/**
 * json_saset() - an SA set as JSON
 * @set: set
 *
 * Return: an object, or NULL without memory.
 */
json_t *json_saset(const struct gmg_saset *set)
{
	json_t *root = json_who(set), *rest;

	rest = json_pack("{s:s,s:s,s:s,s:I,s:I,s:o,s:o,s:b,s:b,s:o,s:o,s:o}",
			 "alg", gmg_alg_name(set->alg),
			 "ealg", gmg_ealg_name(set->ealg),
			 "phase", gmg_phase_name(set->phase),
			 "lifetime_ms", (json_int_t)set->lifetime_ms,
			 "age_ms", (json_int_t)set->age_ms,
			 "protected_by", number_or_null(set->protected_by),
			 "group", number_or_null(set->group),
			 "emergency", set->emergency,
			 "in_use", set->in_use,
			 "cause", set->cause ?
				json_string(gmg_cause_name(set->cause)) :
				json_null(),
			 "agent_data", text_or_null(set->agent_data,
						    set->agent_data_len),
			 "sa", json_sas(set));
	if (!root || !rest || json_object_update(root, rest)) {
		json_decref(root);
		root = NULL;
	}
	json_decref(rest);
	return root;
}

static json_t *json_counts(const struct gmg_stats *st)
{
	json_t *array = json_array();
	unsigned int i;

	for (i = 0; i < st->n_count; i++) {
		const struct gmg_count *n = &st->count[i];

		json_array_append_new(array,
			json_pack("{s:s,s:I,s:I,s:s}", "reason", n->name,
				  "packets", (json_int_t)n->packets,
				  "audited", (json_int_t)n->audited,
				  "doc", gmg_reason_doc(n->reason)));
	}
	return array;
}

/**
 * json_stats() - counters as JSON
 * @st: counters
 *
 * Return: an object, or NULL without memory.
 */
json_t *json_stats(const struct gmg_stats *st)
{
	return json_pack("{s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:o}",
			 "version", st->version,
			 "endpoints", (json_int_t)st->endpoints,
			 "temporary", (json_int_t)st->temporary,
			 "established", (json_int_t)st->established,
			 "superseded", (json_int_t)st->superseded,
			 "lingering", (json_int_t)st->lingering,
			 "larval", (json_int_t)st->larval,
			 "connections", (json_int_t)st->connections,
			 "reason", json_counts(st));
}

/**
 * json_drop() - a drop sample as JSON
 * @drop: sample
 *
 * Return: an object, or NULL without memory.
 */
json_t *json_drop(const struct gmg_drop *drop)
{
	return json_pack("{s:s,s:o,s:o,s:i,s:i,s:i,s:I,s:I,s:I,s:b}",
			 "reason", gmg_reason_name(drop->reason),
			 "src_addr", json_addr(&drop->src_addr),
			 "dst_addr", json_addr(&drop->dst_addr),
			 "src_port", drop->src_port,
			 "dst_port", drop->dst_port,
			 "protocol", drop->protocol,
			 "spi", (json_int_t)drop->spi,
			 "ifindex", (json_int_t)drop->ifindex,
			 "suppressed", (json_int_t)drop->suppressed,
			 "audited", drop->audited);
}
