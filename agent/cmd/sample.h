/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sample.h - kernel and agent at one moment, and what happened in between
 */
#ifndef GMG_SAMPLE_H
#define GMG_SAMPLE_H

#include <time.h>

#include "cli.h"

/**
 * struct sample - kernel and agent at one moment
 * @when: the moment (CLOCK_MONOTONIC)
 * @stats: counters of the kernel
 * @limits: its limits
 * @audits: endpoints that audit
 * @agent: status of gmguardd, NULL when it does not answer
 */
struct sample {
	struct timespec when;
	struct gmg_stats stats;
	struct gmg_limits limits;
	unsigned int audits;
	json_t *agent;
};

int sample_take(struct cli *c, const char *path, struct sample *s);
void sample_free(struct sample *s);
double sample_drops(const struct sample *old, const struct sample *new,
		    const char *reason);
uint64_t sample_agent(const struct sample *s, const char *name);
double sample_agent_rate(const struct sample *old, const struct sample *new,
			 const char *name);

#endif /* GMG_SAMPLE_H */
