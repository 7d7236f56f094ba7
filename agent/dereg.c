// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dereg.c - method "deregister": the network ends a registration
 */
#include <errno.h>
#include <stdlib.h>

#include "agent.h"
#include "msg.h"

/* Let an established set linger: 1 when it lingers now, 0, or an error. */
static int linger(struct agent *agent, uint32_t id)
{
	struct gmg_saset_change c = {
		.id = id, .phase = GMGUARD_PHASE_LINGERING,
	};
	struct gmg_saset set;
	uint32_t phase;
	int ret;

	ret = mirror_get_id(&agent->mirror, id, &set);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	phase = set.phase;
	gmg_saset_clear(&set);
	if (phase == GMGUARD_PHASE_ESTABLISHED)
		ret = kernel_saset_set(&agent->kernel, &c);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	return phase != GMGUARD_PHASE_TEMPORARY;
}

/* The sets that the call is about: how many, negative after a fault. */
static int find_sets(struct agent *agent, const json_t *params,
		     uint32_t **ids, struct rpc_fault *fault)
{
	const char *impi = json_string_value(json_object_get(params, "impi"));
	int64_t id;
	int n;

	if (impi) {
		n = mirror_ids_of_impi(&agent->mirror, impi, ids);
		if (n < 0)
			agent_kernel_fault(agent, fault);
		return n;
	}
	if (!json_object_get(params, "set")) {
		rpc_fail(fault, RPC_INVALID_PARAMS,
			 "params: expected impi, a string, or set, a number");
		return -EINVAL;
	}
	if (!param_number(params, "set", 1, UINT32_MAX, &id, fault))
		return -EINVAL;
	*ids = malloc(sizeof(**ids));
	if (!*ids)
		return -ENOMEM;
	**ids = id;
	return 1;
}

/**
 * method_deregister() - let the sets of somebody linger
 * @ctx: the agent
 * @params: impi or set
 * @fault: filled in when it fails
 *
 * Temporary sets stay: they are a new registration of their own.
 *
 * Return: the sets that linger now; NULL.
 */
json_t *method_deregister(void *ctx, const json_t *params,
			  struct rpc_fault *fault)
{
	struct agent *agent = ctx;
	json_t *sets, *result = NULL;
	uint32_t *ids = NULL;
	int n, ret = 0;

	if (!agent_check(agent))
		return agent_kernel_fault(agent, fault);
	n = find_sets(agent, params, &ids, fault);
	if (n < 0)
		return NULL;
	sets = json_array();
	for (int i = 0; i < n && ret >= 0; i++) {
		ret = linger(agent, ids[i]);
		if (ret > 0)
			json_array_append_new(sets, json_integer(ids[i]));
	}
	if (ret < 0)
		agent_kernel_fault(agent, fault);
	else if (!json_array_size(sets))
		rpc_fail(fault, RPC_NO_SET, "no such authenticated SA set");
	else
		result = json_pack("{s:O}", "sets", sets);
	json_decref(sets);
	free(ids);
	return result;
}
