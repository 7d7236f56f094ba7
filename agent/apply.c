// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * apply.c - makes the kernel what the configuration asks for
 */
#include <errno.h>

#include "agent.h"

static bool same_ports(const uint16_t *a, unsigned int n_a, const uint16_t *b,
		       unsigned int n_b)
{
	for (unsigned int i = 0; i < n_a; i++) {
		unsigned int j = 0;

		while (j < n_b && b[j] != a[i])
			j++;
		if (j == n_b)
			return false;
	}
	return n_a == n_b;
}

static bool same_prefix(const struct gmg_prefix *a, const struct gmg_prefix *b)
{
	return a->len == b->len && gmg_addr_equal(&a->addr, &b->addr);
}

static bool same_exempt(const struct gmg_endpoint *a,
			const struct gmg_endpoint *b)
{
	for (unsigned int i = 0; i < a->n_exempt; i++) {
		unsigned int j = 0;

		while (j < b->n_exempt &&
		       !same_prefix(&a->exempt[i], &b->exempt[j]))
			j++;
		if (j == b->n_exempt)
			return false;
	}
	return a->n_exempt == b->n_exempt;
}

/* Is an endpoint what the configuration asks for? Order does not matter. */
static bool same_endpoint(const struct gmg_endpoint *want,
			  const struct gmg_endpoint *have)
{
	return same_ports(want->port_ps, want->n_port_ps, have->port_ps,
			  have->n_port_ps) &&
	       same_ports(want->port_pc, want->n_port_pc, have->port_pc,
			  have->n_port_pc) &&
	       same_ports(want->port_unprotected, want->n_port_unprotected,
			  have->port_unprotected, have->n_port_unprotected) &&
	       same_exempt(want, have) &&
	       want->emergency == have->emergency &&
	       want->stun == have->stun &&
	       (!want->policy_priority ||
		want->policy_priority == have->policy_priority);
}

/* What somebody else made stays as it is. */
static int refuse(const struct conf_endpoint *ce,
		  const struct gmg_endpoint *have)
{
	if (have->audit)
		log_err("[endpoint %s] cannot be guarded: endpoint %u only audits its address, so nothing is dropped there and no SA set can be made: delete it with \"gmguard endpoint del %u\" and start gmguardd again, which makes one that enforces",
			ce->name, have->id, have->id);
	else
		log_err("[endpoint %s] differs from endpoint %u, which guards its address already: change the configuration, or delete it with \"gmguard endpoint del %u\"",
			ce->name, have->id, have->id);
	return -EEXIST;
}

static int make_endpoint(struct agent *agent, const struct conf_endpoint *ce)
{
	const struct gmg_endpoint *have;
	struct gmg_endpoint ep = ce->ep;
	int ret;

	have = mirror_endpoint(&agent->mirror, &ep.local_addr);
	if (have && !have->audit && same_endpoint(&ep, have))
		return 0;
	if (have)
		return refuse(ce, have);
	ret = kernel_endpoint_new(&agent->kernel, &ep);
	if (ret)
		log_err("[endpoint %s] is refused: %s", ce->name,
			agent->kernel.err);
	else
		log_info("[endpoint %s] is guarded now, its id is %u",
			 ce->name, ep.id);
	return ret;
}

/**
 * agent_apply() - make the kernel's limits and endpoints what they should be
 * @agent: the agent, connected
 *
 * Endpoints that the configuration does not have stay.
 *
 * Return: 0, or a negative errno after a message.
 */
int agent_apply(struct agent *agent)
{
	const struct gmg_limits *limits = &agent->conf->limits;
	int ret = 0;

	if (limits->has)
		ret = kernel_limits_set(&agent->kernel, limits);
	if (ret) {
		log_err("[timers] or [limits] are refused: %s", agent->kernel.err);
		return ret;
	}
	for (unsigned int i = 0; i < agent->conf->n_endpoint; i++) {
		ret = make_endpoint(agent, &agent->conf->endpoint[i]);
		if (ret)
			return ret;
	}
	ret = mirror_reload(&agent->mirror);
	if (ret)
		log_err("cannot read the kernel's tables: %s",
			agent->kernel.err);
	return ret;
}
