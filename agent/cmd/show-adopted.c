// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * show-adopted.c - SAs of other programs, as a table and as JSON.
 */
#include "cli.h"
#include "pair.h"

static const char letters[GMG_SA_NUM] = {
	[GMGUARD_SA_NAME_A] = 'A', [GMGUARD_SA_NAME_B] = 'B',
	[GMGUARD_SA_NAME_C] = 'C', [GMGUARD_SA_NAME_D] = 'D',
};

/* "complete", "A B only", or why it is a stray */
static void add_what(struct table *t, const struct pair_set *set)
{
	char have[2 * GMG_SA_NUM + 1];
	size_t used = 0;
	int i;

	if (set->stray) {
		table_add(t, "inexact: %s",
			  gmg_selector_name(set->stray->selector));
		table_style(t, STYLE_BAD);
		return;
	}
	if (pair_is_complete(set)) {
		table_add(t, "complete");
		table_style(t, STYLE_GOOD);
		return;
	}
	for (i = 0; i < GMG_SA_NUM; i++)
		if (set->sa[i])
			used += snprintf(have + used, sizeof(have) - used,
					 "%s%c", used ? " " : "", letters[i]);
	table_add(t, pair_count(set) == GMG_SA_NUM ? "expired" : "%s only",
		  have);
	table_style(t, STYLE_WARN);
}

/* "31000/0x00001000", a '-' for what is not there */
static void format_end(uint16_t port, const struct gmg_adopted *sa, char *buf,
		       size_t size)
{
	char spi[16] = "-";

	if (sa)
		snprintf(spi, sizeof(spi), "0x%08x", sa->spi);
	if (port)
		snprintf(buf, size, "%u/%s", port, spi);
	else
		snprintf(buf, size, "-/%s", spi);
}

static void add_ends(struct table *t, const struct pair_set *set)
{
	const struct gmg_adopted * const *sa = set->sa;
	char uc[32], us[32], pc[32], ps[32];

	if (set->stray) {
		format_end(set->stray->local_port, set->stray, ps, sizeof(ps));
		table_note(t, "%s, port %s: its packets are dropped",
			   gmg_direction_name(set->stray->direction), ps);
		return;
	}
	format_end(pair_port(set, true, true), sa[GMGUARD_SA_NAME_B], uc,
		   sizeof(uc));
	format_end(pair_port(set, true, false), sa[GMGUARD_SA_NAME_C], us,
		   sizeof(us));
	format_end(pair_port(set, false, true), sa[GMGUARD_SA_NAME_D], pc,
		   sizeof(pc));
	format_end(pair_port(set, false, false), sa[GMGUARD_SA_NAME_A], ps,
		   sizeof(ps));
	table_note(t, "uc %s us %s pc %s ps %s", uc, us, pc, ps);
}

static void add_set(struct table *t, const struct pair_set *set)
{
	const struct gmg_adopted *any = pair_any(set);
	char buf[GMG_ADDR_TEXT_MAX];
	uint64_t ms;

	table_add(t, "%s", any->ue_addr.family == AF_UNSPEC ? "any" :
		  gmg_addr_format(&any->ue_addr, buf, sizeof(buf)));
	add_what(t, set);
	table_add(t, "%s", format_duration(pair_age_ms(set), buf,
					   sizeof(buf)));
	table_add(t, "%s", pair_last_use(set, &ms) ?
		  format_duration(ms, buf, sizeof(buf)) :
		  pair_is_used(set) ? "yes" : "never");
	table_add(t, "%llu", (unsigned long long)
		  pair_packets(set, GMGUARD_DIRECTION_IN));
	table_add(t, "%llu", (unsigned long long)
		  pair_packets(set, GMGUARD_DIRECTION_OUT));
	table_add(t, "%s/%s", any->alg[0] ? any->alg : "-",
		  any->ealg[0] ? any->ealg : "-");
	table_add(t, "%s", pair_owner_name(set->owner));
	add_ends(t, set);
}

/**
 * show_adopted() - print a table of adopted SAs
 * @c: the run
 * @list: they, put together
 *
 * Return: enum cli_exit.
 */
int show_adopted(struct cli *c, const struct pair_list *list)
{
	static const char * const col[] = {
		"UE", "SAS", ">AGE", ">USED", ">IN", ">OUT", "ALGORITHMS",
		"MADE BY",
	};
	struct table *t = table_new(col, ARRAY_SIZE(col));
	size_t i;
	int ret;

	for (i = 0; i < list->n; i++)
		add_set(t, &list->v[i]);
	ret = table_print(c, t, 0);
	table_free(t);
	return ret;
}

static json_t *ms_or_null(bool known, uint64_t ms)
{
	return known ? json_integer((json_int_t)ms) : json_null();
}

static json_t *port_or_null(uint16_t port)
{
	return port ? json_integer(port) : json_null();
}

static json_t *json_what(const struct gmg_adopted *sa)
{
	return json_pack("{s:I,s:s,s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:s,s:i,s:I,s:s,s:I,s:i}",
			 "spi", (json_int_t)sa->spi,
			 "direction", gmg_direction_name(sa->direction),
			 "endpoint_id", (json_int_t)sa->endpoint_id,
			 "local_addr", json_addr(&sa->local_addr),
			 "ue_addr", json_addr(&sa->ue_addr),
			 "local_port", port_or_null(sa->local_port),
			 "ue_port", port_or_null(sa->ue_port),
			 "src_addr", json_addr(&sa->src_addr),
			 "dst_addr", json_addr(&sa->dst_addr),
			 "selector", gmg_selector_name(sa->selector),
			 "protocol", sa->protocol,
			 "user", (json_int_t)sa->user,
			 "condition", gmg_condition_name(sa->condition),
			 "reqid", (json_int_t)sa->reqid,
			 "mode", sa->mode);
}

/**
 * json_adopted() - an adopted SA as JSON
 * @sa: SA
 *
 * Return: an object, or NULL without memory.
 */
json_t *json_adopted(const struct gmg_adopted *sa)
{
	json_t *root = json_what(sa), *rest;

	rest = json_pack("{s:o,s:o,s:s,s:s,s:I,s:o,s:o,s:I,s:I,s:I,s:I,s:I}",
			 "mark", ms_or_null(sa->mark_mask, sa->mark),
			 "mark_mask", ms_or_null(sa->mark_mask, sa->mark_mask),
			 "alg", sa->alg, "ealg", sa->ealg,
			 "age_ms", (json_int_t)sa->age_ms,
			 "first_use_ms", ms_or_null(sa->used,
						    sa->first_use_ms),
			 "last_use_ms", ms_or_null(sa->last_use_known,
						   sa->last_use_ms),
			 "lifetime_ms", (json_int_t)sa->lifetime_ms,
			 "packets", (json_int_t)sa->packets,
			 "bytes", (json_int_t)sa->bytes,
			 "replay_errors", (json_int_t)sa->replay_errors,
			 "integrity_errors",
			 (json_int_t)sa->integrity_errors);
	if (!root || !rest || json_object_update(root, rest)) {
		json_decref(root);
		root = NULL;
	}
	json_decref(rest);
	return root;
}

static void append_sa(json_t *array, const char *name,
		      const struct gmg_adopted *sa)
{
	json_t *json = json_adopted(sa);

	json_object_set_new(json, "name", name ? json_string(name) :
			    json_null());
	json_array_append_new(array, json);
}

static json_t *json_sas(const struct pair_set *set)
{
	static const char * const names[GMG_SA_NUM] = {
		[GMGUARD_SA_NAME_A] = "a", [GMGUARD_SA_NAME_B] = "b",
		[GMGUARD_SA_NAME_C] = "c", [GMGUARD_SA_NAME_D] = "d",
	};
	json_t *array = json_array();
	int i;

	for (i = 0; i < GMG_SA_NUM; i++)
		if (set->sa[i])
			append_sa(array, names[i], set->sa[i]);
	if (set->stray)
		append_sa(array, NULL, set->stray);
	return array;
}

static json_t *json_set(const struct pair_set *set)
{
	const struct gmg_adopted *any = pair_any(set);

	return json_pack("{s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:b,s:s,s:o}",
			 "endpoint_id", (json_int_t)any->endpoint_id,
			 "local_addr", json_addr(&any->local_addr),
			 "ue_addr", json_addr(&any->ue_addr),
			 "port_uc", port_or_null(pair_port(set, true, true)),
			 "port_us", port_or_null(pair_port(set, true, false)),
			 "port_pc", port_or_null(pair_port(set, false, true)),
			 "port_ps", port_or_null(pair_port(set, false, false)),
			 "complete", pair_is_complete(set),
			 "made_by", pair_owner_name(set->owner),
			 "sa", json_sas(set));
}

/**
 * json_adopted_list() - a list as JSON
 * @list: list
 *
 * Return: an array, or NULL without memory.
 */
json_t *json_adopted_list(const struct pair_list *list)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < list->n; i++)
		json_array_append_new(array, json_set(&list->v[i]));
	return array;
}
