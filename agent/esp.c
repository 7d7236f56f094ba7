// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * esp.c - method "esp": who needs ESP, and which child SAs serve them
 */
#include "charon.h"

static json_t *json_selectors(const struct child_list *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->n; i++)
		json_array_append_new(array, json_string(list->v[i].text));
	return array;
}

static json_t *json_child(const struct child *child)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:b,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:o,s:o}",
			 "ike", child->ike, "name", child->name,
			 "remote_host", child->remote_host,
			 "state", child->state, "up", child_is_up(child),
			 "mode", child->mode,
			 "reqid", (json_int_t)child->reqid,
			 "mark", (json_int_t)child->mark,
			 "mark_mask", (json_int_t)child->mark_mask,
			 "if_id", (json_int_t)child->if_id,
			 "spi_in", (json_int_t)child->spi_in,
			 "spi_out", (json_int_t)child->spi_out,
			 "local_ts", json_selectors(&child->local),
			 "remote_ts", json_selectors(&child->remote));
}

static json_t *json_children(const struct children *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->n; i++)
		json_array_append_new(array, json_child(&list->v[i]));
	return array;
}

/* Numbers of its child SAs in the list of all. */
static json_t *json_servers(const struct need *need,
			    const struct children *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->n; i++) {
		if (need_is_served_by(need, &list->v[i]))
			json_array_append_new(array, json_integer(i));
	}
	return array;
}

static json_t *json_need(const struct need *need, const struct children *list)
{
	const struct gmg_rule *rule = &need->rule;
	char lacks[GMG_PREFIX_TEXT_MAX] = "";

	if (need->lacks)
		gmg_prefix_format(need->lacks, lacks, sizeof(lacks));
	return json_pack("{s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:s,s:s,s:o}",
			 "kind", rule_kind_name(rule->kind),
			 "name", rule->name, "class", rule->class_name,
			 "reqid", (json_int_t)rule->reqid,
			 "mark", (json_int_t)rule->mark,
			 "mark_mask", (json_int_t)rule->mark_mask,
			 "if_id", (json_int_t)rule->if_id,
			 "state", need_state_name(need->state),
			 "lacks", lacks,
			 "children", json_servers(need, list));
}

static json_t *json_needs(const struct needs *needs,
			  const struct children *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < needs->n; i++)
		json_array_append_new(array, json_need(&needs->v[i], list));
	return array;
}

/**
 * method_esp() - tell who needs ESP, and which child SAs are up
 * @ctx: the agent
 * @params: none
 * @fault: filled in when it fails
 *
 * Return: both, and whether charon is there; NULL.
 */
json_t *method_esp(void *ctx, const json_t *params, struct rpc_fault *fault)
{
	struct agent *agent = ctx;
	struct charon *charon = agent->charon;

	(void)params;
	(void)fault;
	if (!charon)
		return json_pack("{s:s,s:s,s:[],s:[]}", "charon", "off",
				 "vici", "", "peers", "children");
	/* somebody may have changed the ruleset right now */
	charon_look(charon);
	return json_pack("{s:s,s:s,s:o,s:o}",
			 "charon", charon->known ? "up" : "absent",
			 "vici", charon->path,
			 "peers", json_needs(&charon->needs, &charon->list),
			 "children", json_children(&charon->list));
}
