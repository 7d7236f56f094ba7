/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab.h - an agent with a kernel of plain memory (tests/unit/fake-kernel.h),
 * made once and empty again before each input
 */
#ifndef LAB_H
#define LAB_H

#include "agent.h"

/** Most opening braces of an input: what the fake kernel has room for. */
#define LAB_BRACES	100

extern struct agent lab;

void lab_setup(void);
void lab_reset(void);
json_t *lab_call(const char *method, json_t *params, const char *secret);

#endif /* LAB_H */
