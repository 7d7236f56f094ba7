// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * apply.c - makes the kernel what the configuration asks for
 */
#include <errno.h>
#include <string.h>

#include "agent.h"
#include "conf-diff.h"

/* What somebody else made stays as it is. */
static int refuse_endpoint(const struct conf_endpoint *ce,
			   const struct gmg_endpoint *have)
{
	if (have->audit)
		log_err("[endpoint %s] cannot be guarded: endpoint %u only audits its address, so nothing is dropped there and no SA set can be made: delete it with \"gmguard endpoint del %u\" and reload gmguardd, which makes one that enforces",
			ce->name, have->id, have->id);
	else
		log_err("[endpoint %s] differs from endpoint %u, which guards its address already: change the configuration, or the endpoint with \"gmguard endpoint set\"",
			ce->name, have->id);
	return -EEXIST;
}

static int make_endpoint(struct agent *agent, const struct conf_endpoint *ce)
{
	const struct gmg_endpoint *have;
	struct gmg_endpoint ep = ce->ep;
	int ret;

	have = mirror_endpoint(&agent->mirror, &ep.local_addr);
	if (have && !have->audit && conf_same_endpoint(&ep, have))
		return 0;
	if (have)
		return refuse_endpoint(ce, have);
	ret = kernel_endpoint_new(&agent->kernel, &ep);
	if (ret)
		log_err("[endpoint %s] is refused: %s", ce->name,
			agent->kernel.err);
	else
		log_info("[endpoint %s] is guarded now, its id is %u",
			 ce->name, ep.id);
	return ret;
}

static int set_endpoint(struct agent *agent, const struct conf_endpoint *ce)
{
	struct gmg_endpoint ep = ce->ep;
	int ret = kernel_endpoint_set(&agent->kernel, &ep);

	if (ret)
		log_err("[endpoint %s] stays as it was: %s", ce->name,
			agent->kernel.err);
	else
		log_notice("[endpoint %s] was changed, its SA sets live on",
			   ce->name);
	return ret;
}

/*
 * The file may have changed while no agent ran, so it counts. An agent that
 * did not start where the kernel refuses that would close nothing, and leave
 * every UE without one.
 */
static int start_endpoint(struct agent *agent, struct conf_endpoint *ce)
{
	const struct gmg_endpoint *have;
	int ret;

	have = mirror_endpoint(&agent->mirror, &ce->ep.local_addr);
	if (!have || (!have->audit && conf_same_endpoint(&ce->ep, have)))
		return make_endpoint(agent, ce);
	ret = have->audit ? refuse_endpoint(ce, have) :
			    set_endpoint(agent, ce);
	/* -ENOENT: it is not there any more, so nothing is guarded */
	if (!ret || ret == -ENOENT)
		return ret;
	/* so that a reload tries again */
	ce->ep = *have;
	return 0;
}

static int set_limits(struct agent *agent, const struct gmg_limits *limits)
{
	int ret = 0;

	if (limits->has)
		ret = kernel_limits_set(&agent->kernel, limits);
	if (ret)
		log_err("[timers] or [limits] are refused: %s", agent->kernel.err);
	return ret;
}

static int read_tables(struct agent *agent)
{
	int ret = mirror_reload(&agent->mirror);

	if (ret)
		log_err("cannot read the kernel's tables: %s",
			agent->kernel.err);
	return ret;
}

/**
 * agent_apply() - make the kernel's limits, endpoints and ruleset what they
 * should be
 * @agent: the agent, connected
 *
 * Endpoints that the configuration does not have stay, and so does one that
 * the kernel refuses to change: its address is guarded on, as before.
 *
 * Return: 0, or a negative errno after a message.
 */
int agent_apply(struct agent *agent)
{
	int ret = set_limits(agent, &agent->conf->limits);

	if (ret)
		return ret;
	for (unsigned int i = 0; i < agent->conf->n_endpoint; i++) {
		ret = start_endpoint(agent, &agent->conf->endpoint[i]);
		if (ret)
			return ret;
	}
	ret = agent_apply_rules(agent, agent->conf, true);
	return ret ? ret : read_tables(agent);
}

/* The file had another text for it: what the kernel has must be the old one. */
static int change_endpoint(struct agent *agent, const struct conf_endpoint *ce,
			   const struct conf_endpoint *old)
{
	const struct gmg_endpoint *have;

	have = mirror_endpoint(&agent->mirror, &ce->ep.local_addr);
	if (!have || have->audit || conf_same_endpoint(&ce->ep, have) ||
	    !conf_same_endpoint(&old->ep, have))
		return make_endpoint(agent, ce);
	return set_endpoint(agent, ce);
}

static int reload_endpoint(struct agent *agent, struct conf_endpoint *ce)
{
	const struct conf_endpoint *old;
	int ret;

	old = conf_endpoint_of(agent->conf, &ce->ep.local_addr);
	if (!old)
		return make_endpoint(agent, ce);
	if (conf_same_endpoint(&ce->ep, &old->ep) &&
	    mirror_endpoint(&agent->mirror, &ce->ep.local_addr))
		return 0;
	ret = change_endpoint(agent, ce, old);
	/* so that the next reload tries again */
	if (ret)
		ce->ep = old->ep;
	return ret;
}

/* To stop guarding opens ports: that is for somebody who says so. */
static void tell_removed(const struct agent *agent, const struct conf *new)
{
	const struct conf *conf = agent->conf;

	for (unsigned int i = 0; i < conf->n_endpoint; i++) {
		const struct conf_endpoint *ce = &conf->endpoint[i];
		char addr[GMG_ADDR_TEXT_MAX];

		if (conf_endpoint_of(new, &ce->ep.local_addr))
			continue;
		gmg_addr_format(&ce->ep.local_addr, addr, sizeof(addr));
		log_warn("[endpoint %s] is not in the file any more, and is guarded on: \"gmguard endpoint del %s\" opens its ports",
			 ce->name, addr);
	}
	if (conf->guards && !new->guards)
		log_warn("[node], [router] and rules are not in the file any more, and the kernel keeps its ruleset: \"gmguard peer load /dev/null\" removes it");
}

/**
 * agent_reload() - take another configuration, and apply what differs
 * @agent: the agent; connected or not
 * @new: the configuration; the agent's from now on
 *
 * What the kernel refuses stays as it was; the rest counts.
 *
 * Return: 0, or the last negative errno, after a message for each refusal.
 */
int agent_reload(struct agent *agent, struct conf *new)
{
	const char *listen = conf_diff_listen(agent->conf, new);
	struct gmg_limits limits;
	int ret = 0, last = 0;

	if (listen)
		log_warn("[agent] %s counts from the next start on: sockets stay as they are",
			 listen);
	tell_removed(agent, new);
	if (agent->up) {
		/* what was deleted before SIGHUP is not there any more; if this
		 * fails, so does read_tables()
		 */
		mirror_drain(&agent->mirror);
		conf_diff_limits(agent->conf, new, &limits);
		last = set_limits(agent, &limits);
		for (unsigned int i = 0; i < new->n_endpoint; i++) {
			ret = reload_endpoint(agent, &new->endpoint[i]);
			last = ret ? ret : last;
		}
		ret = agent_apply_rules(agent, new, false);
		last = ret ? ret : last;
		ret = read_tables(agent);
		last = ret ? ret : last;
	}
	if (strcmp(agent->conf->resolver, new->resolver))
		nexthop_forget(&agent->hop);
	conf_free(agent->conf);
	agent->conf = new;
	partners_take(&agent->partners, new);
	return last;
}
