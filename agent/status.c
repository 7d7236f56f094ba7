// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * status.c - method "status": how the agent and the kernel are
 */
#include "agent.h"

static json_int_t ended(const struct agent *agent, enum tally_outcome outcome)
{
	return agent->tally.outcome[outcome];
}

static json_int_t refused(const struct agent *agent)
{
	json_int_t sum = 0;

	for (int i = 0; i < TALLY_N_CODES; i++)
		sum += agent->tally.refused[i];
	return sum;
}

/**
 * method_status() - tell how things are
 * @ctx: the agent
 * @params: none
 * @fault: filled in when it fails
 *
 * Return: versions and counters; NULL.
 */
json_t *method_status(void *ctx, const json_t *params,
		      struct rpc_fault *fault)
{
	struct agent *agent = ctx;
	struct timespec now;
	struct gmg_stats st;

	(void)params;
	if (!agent_check(agent) || kernel_stats(&agent->kernel, &st))
		return agent_kernel_fault(agent, fault);
	clock_gettime(CLOCK_MONOTONIC, &now);
	return json_pack("{s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:I, s:I, s:I, s:I, s:i, s:I, s:I, s:I, s:I, s:I, s:I}",
			 "version", GMGUARD_VERSION,
			 "kernel_version", st.version,
			 "endpoints", (int)st.endpoints,
			 "sets", (int)(st.temporary + st.established +
				       st.superseded + st.lingering),
			 "temporary", (int)st.temporary,
			 "established", (int)st.established,
			 "superseded", (int)st.superseded,
			 "lingering", (int)st.lingering,
			 "uptime_s", (json_int_t)(now.tv_sec -
						  agent->started.tv_sec),
			 "requests", (json_int_t)agent->rpc.requests,
			 "errors", (json_int_t)agent->rpc.faults,
			 "resyncs", (json_int_t)agent->mirror.resyncs,
			 "connections", (int)agent->connections,
			 "registered", ended(agent, TALLY_REGISTERED),
			 "refreshed", ended(agent, TALLY_REFRESHED),
			 "deregistered", ended(agent, TALLY_DEREGISTERED),
			 "failed", ended(agent, TALLY_FAILED),
			 "abandoned", ended(agent, TALLY_ABANDONED),
			 "refused", refused(agent));
}
