// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * status.c - method "status": how the agent and the kernel are
 */
#include "agent.h"

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
	return json_pack("{s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:I, s:I, s:I, s:I, s:i}",
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
			 "connections", (int)agent->connections);
}
