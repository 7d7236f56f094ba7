/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loop.h - runs the agent until it is told to end
 */
#ifndef GMG_LOOP_H
#define GMG_LOOP_H

#include "agent.h"

int loop_run(struct agent *agent, const char *conf_path, bool debug);

#endif /* GMG_LOOP_H */
