// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dereg.c - method "deregister": the network ends a registration
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "msg.h"
#include "registration.h"

/**
 * struct dereg - what ends
 * @impu: the public identity that ends, NULL: all of them
 * @lingering: ids of the sets that linger now
 * @found: how many sets it was about
 */
struct dereg {
	const char *impu;
	json_t *lingering;
	unsigned int found;
};

static int end_set(struct agent *agent, const struct gmg_saset *set, void *arg)
{
	struct dereg *dereg = arg;
	int ret = registration_end(agent, set, impus_remove, dereg->impu);

	if (ret == -ENOENT)
		return 0;
	if (ret < 0)
		return ret;
	dereg->found += ret != REGISTRATION_KEPT;
	if (ret == REGISTRATION_LINGERS)
		json_array_append_new(dereg->lingering, json_integer(set->id));
	return 0;
}

/* The one set that is named, if it is authenticated. */
static int end_named(struct agent *agent, uint32_t id, struct dereg *dereg)
{
	struct gmg_saset set;
	int ret;

	ret = mirror_get_id(&agent->mirror, id, &set);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	if (set.phase == GMGUARD_PHASE_ESTABLISHED ||
	    set.phase == GMGUARD_PHASE_SUPERSEDED) {
		ret = end_set(agent, &set, dereg);
	} else if (set.phase == GMGUARD_PHASE_LINGERING) {
		/* so it does already */
		dereg->found++;
		json_array_append_new(dereg->lingering, json_integer(id));
	}
	gmg_saset_clear(&set);
	return ret;
}

/* The registration whose contact is this address and server port. */
static int end_contact(struct agent *agent, const struct gmg_addr *ue_addr,
		       uint16_t port_us, struct dereg *dereg)
{
	int n, ret = 0;
	uint32_t *ids;

	n = mirror_ids_of_server(&agent->mirror, ue_addr, port_us, &ids);
	for (int i = 0; i < n && !ret && !dereg->found; i++) {
		struct gmg_saset set;

		ret = mirror_get_id(&agent->mirror, ids[i], &set);
		if (ret == -ENOENT) {
			ret = 0;
			continue;
		}
		if (!ret && set.phase != GMGUARD_PHASE_TEMPORARY)
			ret = registration_each(agent, &set,
						REGISTRATION_OF_CONTACT,
						end_set, dereg);
		gmg_saset_clear(&set);
	}
	free(ids);
	return n < 0 ? n : ret;
}

/* Return: 1 when it was done; 0 after a fault that has been told; -errno. */
static int end_all(struct agent *agent, const json_t *params,
		   struct dereg *dereg, struct rpc_fault *fault)
{
	const char *impi = json_string_value(json_object_get(params, "impi"));
	struct gmg_saset of = { .id = 0 };
	struct gmg_addr ue_addr;
	uint16_t port;
	int64_t id;
	int ret;

	if (impi) {
		snprintf(of.impi, sizeof(of.impi), "%s", impi);
		ret = registration_each(agent, &of, REGISTRATION_OF_IMPI,
					end_set, dereg);
	} else if (json_object_get(params, "set")) {
		if (!param_number(params, "set", 1, UINT32_MAX, &id, fault))
			return 0;
		ret = end_named(agent, id, dereg);
	} else if (json_object_get(params, "ue_addr")) {
		if (!param_addr(params, "ue_addr", &ue_addr, fault) ||
		    !param_port(params, "ue_port", &port, fault))
			return 0;
		ret = end_contact(agent, &ue_addr, port, dereg);
	} else {
		rpc_fail(fault, RPC_INVALID_PARAMS,
			 "params: expected impi (a string), or set (a number), or ue_addr and ue_port");
		return 0;
	}
	return ret ? ret : 1;
}

/**
 * method_deregister() - let the sets of somebody linger
 * @ctx: the agent
 * @params: whose, and perhaps which identity
 * @fault: filled in when it fails
 *
 * Temporary sets stay: they are a new registration of their own.
 *
 * Return: the sets that linger now; NULL.
 */
json_t *method_deregister(void *ctx, const json_t *params,
			  struct rpc_fault *fault)
{
	struct dereg dereg = { .impu = NULL };
	struct agent *agent = ctx;
	json_t *result = NULL;
	int ret;

	if (json_object_get(params, "impu") &&
	    !param_text(params, "impu", &dereg.impu, fault))
		return NULL;
	if (!agent_check(agent))
		return agent_kernel_fault(agent, fault);
	dereg.lingering = json_array();
	ret = end_all(agent, params, &dereg, fault);
	if (ret < 0)
		agent_kernel_fault(agent, fault);
	else if (ret && !dereg.found)
		rpc_fail(fault, RPC_NO_SET, dereg.impu ?
			 "no authenticated SA set has this identity" :
			 "no such authenticated SA set");
	else if (ret)
		result = json_pack("{s:O}", "sets", dereg.lingering);
	json_decref(dereg.lingering);
	return result;
}
