// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * identity.c - methods "identify" and "locate": who is behind a set, and
 * which set leads to somebody
 */
#include <errno.h>
#include <stdlib.h>

#include "agent.h"
#include "impus.h"
#include "memo.h"
#include "msg.h"

static json_t *describe(const struct gmg_saset *set)
{
	struct memo memo;
	const char *first;
	json_t *impus;

	memo_decode(set, &memo);
	impus = impus_list(memo.impus);
	memo_clear(&memo);
	first = json_string_value(json_array_get(impus, 0));
	return json_pack("{s:I, s:s, s:s, s:o, s:s, s:b}",
			 "set", (json_int_t)set->id, "impi", set->impi,
			 "default_impu", first ? first : "", "impus", impus,
			 "phase", gmg_phase_name(set->phase),
			 "emergency", set->emergency);
}

/**
 * method_identify() - tell on whose SA a request came (TS 24.229 5.2.6)
 * @ctx: the agent
 * @params: what the proxy tells
 * @fault: filled in when it fails
 *
 * Return: the set and its identities; NULL.
 */
json_t *method_identify(void *ctx, const json_t *params,
			struct rpc_fault *fault)
{
	struct agent *agent = ctx;
	struct gmg_saset set;
	json_t *result;
	struct msg msg;
	int ret;

	if (!msg_read(params, MSG_FLOW, &msg, fault))
		return NULL;
	if (!agent_check(agent))
		return agent_kernel_fault(agent, fault);
	ret = mirror_get_flow(&agent->mirror, &msg.flow, &set);
	if (ret == -ENOENT)
		return rpc_fail(fault, RPC_NO_SET,
				"no live SA set has these addresses and ports: discard the request");
	if (ret)
		return agent_kernel_fault(agent, fault);
	if (set.phase == GMGUARD_PHASE_TEMPORARY)
		result = rpc_fail(fault, RPC_NO_SET,
				  "the SA set is not authenticated yet, it may carry REGISTER only: discard the request");
	else
		result = describe(&set);
	gmg_saset_clear(&set);
	return result;
}

/* Which of two sets a request to the UE should take. */
static bool is_better(const struct gmg_saset *a, const struct gmg_saset *b)
{
	if (a->in_use != b->in_use)
		return a->in_use;
	if (a->phase != b->phase)
		return a->phase == GMGUARD_PHASE_ESTABLISHED;
	return a->age_ms < b->age_ms;
}

static json_t *describe_way(const struct gmg_saset *set, json_t *ports_uc)
{
	char addr[GMG_ADDR_TEXT_MAX];

	gmg_addr_format(&set->local_addr, addr, sizeof(addr));
	return json_pack("{s:I, s:s, s:i, s:i, s:s, s:b, s:O}",
			 "set", (json_int_t)set->id, "local_addr", addr,
			 "port_ps", set->port_ps, "port_pc", set->port_pc,
			 "impi", set->impi, "emergency", set->emergency,
			 "ports_uc", ports_uc);
}

/*
 * The best of some sets; its id is 0 when none of them will do. All that will
 * do leave their port_uc.
 */
static void find_best(struct agent *agent, const uint32_t *ids, int n,
		      struct gmg_saset *best, json_t *ports_uc)
{
	struct gmg_saset set;

	for (int i = 0; i < n; i++) {
		if (mirror_get_id(&agent->mirror, ids[i], &set))
			continue;
		if (set.phase != GMGUARD_PHASE_TEMPORARY) {
			json_array_append_new(ports_uc,
					      json_integer(set.port_uc));
			if (!best->id || is_better(&set, best)) {
				struct gmg_saset other = *best;

				*best = set;
				set = other;
			}
		}
		gmg_saset_clear(&set);
	}
}

/**
 * method_locate() - tell which set leads to a UE
 * @ctx: the agent
 * @params: ue_addr and ue_port, the UE's protected server port
 * @fault: filled in when it fails
 *
 * Return: the set and our ports of it; NULL.
 */
json_t *method_locate(void *ctx, const json_t *params,
		      struct rpc_fault *fault)
{
	struct gmg_saset best = { .id = 0 };
	struct agent *agent = ctx;
	struct gmg_addr ue_addr;
	json_t *result, *ports_uc;
	uint16_t port;
	uint32_t *ids;
	int n;

	if (!param_addr(params, "ue_addr", &ue_addr, fault) ||
	    !param_port(params, "ue_port", &port, fault))
		return NULL;
	if (!agent_check(agent))
		return agent_kernel_fault(agent, fault);
	n = mirror_ids_of_server(&agent->mirror, &ue_addr, port, &ids);
	if (n < 0)
		return agent_kernel_fault(agent, fault);
	ports_uc = json_array();
	find_best(agent, ids, n, &best, ports_uc);
	free(ids);
	if (best.id)
		result = describe_way(&best, ports_uc);
	else
		result = rpc_fail(fault, RPC_NO_SET,
				  "no authenticated SA set leads to this address and port");
	json_decref(ports_uc);
	gmg_saset_clear(&best);
	return result;
}
