// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * apply-rules.c - gives the kernel the ruleset that the configuration asks for
 */
#include <errno.h>

#include "agent.h"

/* Somebody else's change comes between as often at most. */
#define TRIES	10

/* Whether it leaves anything to guard, see the kernel's RULESET_SET. */
static bool guards(const struct gmg_ruleset *rs)
{
	return rs->node || rs->access_dev.n || rs->n_rule;
}

/* One try; @have is what the kernel had before it. */
static int replace(struct agent *agent, struct conf *conf,
		   struct gmg_ruleset *have)
{
	struct gmg_ruleset *want = &conf->rules;
	int ret = kernel_ruleset_get(&agent->kernel, have);

	if (ret || ruleset_same(want, have))
		return ret;
	want->generation = have->generation;
	ret = kernel_ruleset_set(&agent->kernel, want);
	if (!ret)
		log_notice("the ruleset was replaced: %s%s%zu rules and peers",
			   want->node ? "core node, " : "",
			   want->access_dev.n ? "router, " : "",
			   want->n_rule);
	return ret;
}

/* Nobody shall wonder why such a peer does not get in. */
static void tell_unreachable(const struct conf *conf)
{
	for (unsigned int i = 0; i < conf->n_peer; i++) {
		if (!conf->peer[i].n_address && conf->rules.node)
			log_warn("[peer %s] has no addresses, so it reaches no port of [node]",
				 conf->peer[i].name);
	}
}

/**
 * agent_apply_rules() - make the kernel's ruleset what it should be
 * @agent: the agent, connected
 * @conf: what it should be; without [node], [router] and rules the kernel's is
 *	somebody else's, and is left alone
 * @start: what is guarded already by an older ruleset is enough
 *
 * In one step, and only if it differs. What the kernel refuses changes nothing.
 *
 * Return: 0, or a negative errno after a message.
 */
int agent_apply_rules(struct agent *agent, struct conf *conf, bool start)
{
	struct gmg_ruleset have;
	int tries = 0, ret;
	bool guarded;

	if (!conf->guards)
		return 0;
	tell_unreachable(conf);
	do {
		ret = replace(agent, conf, &have);
		guarded = guards(&have);
		ruleset_clear(&have);
	} while (ret == -EAGAIN && ++tries < TRIES);
	if (!ret)
		return 0;
	log_err("the kernel does not take the ruleset of the file, %s: %s",
		guarded ? "the one before stays" : "AND HAS NONE",
		agent->kernel.err);
	return start && guarded ? 0 : ret;
}
