/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metrics.h - how the agent and the kernel are, for Prometheus
 */
#ifndef GMG_METRICS_H
#define GMG_METRICS_H

#include <event2/buffer.h>

#include "agent.h"

void metrics_write(struct agent *agent, struct evbuffer *out);

#endif /* GMG_METRICS_H */
