/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fake-kernel.h - what agent/kernel.h promises, kept in plain memory, so that
 * the agent's methods can be tested without a kernel module
 */
#ifndef FAKE_KERNEL_H
#define FAKE_KERNEL_H

#include "conf.h"

#define FAKE_SETS	64
#define FAKE_ENDPOINTS	8

/**
 * struct fake - the kernel, as far as there is one
 * @loaded: the module is there
 * @fail_new: errno that SA_SET_NEW returns, 0: none
 * @fail_set: errno that SA_SET_SET returns, 0: none
 * @fail_del: errno that SA_SET_DEL returns, 0: none
 * @fail_change: errno that ENDPOINT_SET returns, 0: none
 * @fail_rules: errno that RULESET_SET returns, 0: none
 * @race_rules: so many calls of RULESET_SET find that somebody else was first
 * @fail_limits: errno that LIMITS_GET returns, 0: none
 * @fail_dumps: so many dumps of SA sets fail with ENOMEM
 * @lose_events: notifications are not delivered, but ENOBUFS is
 * @farewell: the module said that it goes
 * @n_new: calls of SA_SET_NEW that were not refused
 * @n_endpoint_new: calls of ENDPOINT_NEW
 * @n_endpoint_set: calls of ENDPOINT_SET
 * @n_limits_set: calls of LIMITS_SET
 * @n_rules_set: calls of RULESET_SET
 * @rules: the ruleset; its generation counts
 * @set: the sets; id 0: free
 * @key: keys of the sets: integrity, then encryption
 * @key_len: their lengths
 * @endpoint: the endpoints; id 0: free
 * @limits: as they were set; the rest are the module's defaults
 */
struct fake {
	bool loaded;
	int fail_new;
	int fail_set;
	int fail_del;
	int fail_change;
	int fail_rules;
	unsigned int race_rules;
	int fail_limits;
	unsigned int fail_dumps;
	bool lose_events;
	bool farewell;
	unsigned int n_new;
	unsigned int n_endpoint_new;
	unsigned int n_endpoint_set;
	unsigned int n_limits_set;
	unsigned int n_rules_set;
	struct gmg_ruleset rules;
	struct gmg_saset set[FAKE_SETS];
	uint8_t key[FAKE_SETS][2][GMG_KEY_MAX];
	size_t key_len[FAKE_SETS][2];
	struct gmg_endpoint endpoint[FAKE_ENDPOINTS];
	struct gmg_limits limits;
};

extern struct fake fake;

void fake_reset(void);
struct gmg_saset *fake_set(uint32_t id);
unsigned int fake_count(void);
void fake_packet(uint32_t id);
void fake_unload(void);

#endif /* FAKE_KERNEL_H */
