// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent.c - see agent.h; the connection to the kernel, and what if it breaks
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent.h"

/* Seconds between two attempts to reach a module that is not there. */
#define RETRY_S	1

const struct rpc_method agent_methods[] = {
	{ "register", method_register },
	{ "challenge", method_challenge },
	{ "answer", method_answer },
	{ "abandon", method_abandon },
	{ "identify", method_identify },
	{ "locate", method_locate },
	{ "deregister", method_deregister },
	{ "status", method_status },
	{ "privacy", method_privacy },
	{ "partner", method_partner },
	{ "partners", method_partners },
	{ "nexthop", method_nexthop },
	{ "esp", method_esp },
	{ NULL, NULL },
};

/**
 * agent_setup() - make an agent that is not connected to the kernel yet
 * @agent: the agent
 * @base: event loop
 * @conf: configuration; the agent's from now on
 *
 * Return: 0 or -ENOMEM; agent_clean() is right after both.
 */
int agent_setup(struct agent *agent, struct event_base *base,
		struct conf *conf)
{
	memset(agent, 0, sizeof(*agent));
	agent->base = base;
	agent->conf = conf;
	partners_take(&agent->partners, conf);
	agent->rpc.methods = agent_methods;
	agent->rpc.ctx = agent;
	clock_gettime(CLOCK_MONOTONIC, &agent->started);
	agent->tally.started = time(NULL);
	agent->tally.loaded = agent->tally.started;
	if (mirror_open(&agent->mirror, &agent->kernel) ||
	    reaper_setup(&agent->reaper, base, &agent->mirror))
		return -ENOMEM;
	return 0;
}

static void disconnect(struct agent *agent)
{
	if (agent->kernel_event)
		event_free(agent->kernel_event);
	agent->kernel_event = NULL;
	if (agent->up)
		kernel_close(&agent->kernel);
	agent->up = false;
}

/**
 * agent_clean() - give everything back
 * @agent: the agent
 *
 * Established sets stay in the kernel: UEs keep talking without an agent.
 */
void agent_clean(struct agent *agent)
{
	reaper_finish(&agent->reaper, agent->up);
	reaper_clean(&agent->reaper);
	disconnect(agent);
	mirror_close(&agent->mirror);
	nexthop_clean(&agent->hop);
	conf_free(agent->conf);
	agent->conf = NULL;
}

static void handle_kernel_event(evutil_socket_t fd, short what, void *arg)
{
	struct agent *agent = arg;
	int ret;

	(void)fd;
	(void)what;
	ret = mirror_drain(&agent->mirror);
	if (ret && ret != -ENODEV)
		log_err("cannot follow the kernel's events: %s",
			agent->kernel.err);
	if (ret)
		agent_probe(agent);
}

/* Subscribe first and dump afterwards, so that nothing falls in between. */
static int attach(struct agent *agent)
{
	int fd = kernel_subscribe(&agent->kernel, true, false);

	if (fd < 0)
		return fd;
	agent->kernel_event = event_new(agent->base, fd, EV_READ | EV_PERSIST,
					handle_kernel_event, agent);
	if (!agent->kernel_event || event_add(agent->kernel_event, NULL))
		return agent_no_memory(agent);
	return mirror_reload(&agent->mirror);
}

/**
 * agent_connect() - connect to the kernel module and take up what is there
 * @agent: the agent, not connected
 * @level: how important it is that the module is not there
 *
 * Return: 0, or a negative errno after a message.
 */
int agent_connect(struct agent *agent, int level)
{
	int ret;

	clock_gettime(CLOCK_MONOTONIC, &agent->tried);
	ret = kernel_open(&agent->kernel);
	if (ret) {
		log_about(level, NULL, "%s", agent->kernel.err);
		return ret;
	}
	agent->up = true;
	ret = attach(agent);
	if (ret)
		log_err("cannot read the kernel's tables: %s",
			agent->kernel.err);
	else
		ret = agent_apply(agent);
	if (ret)
		disconnect(agent);
	return ret;
}

/* Everything that was known of the kernel's tables is wrong now. */
static void lose_module(struct agent *agent)
{
	log_err("the kernel module went away, and with it all SA sets");
	agent->tally.losses++;
	reaper_finish(&agent->reaper, false);
	mirror_forget(&agent->mirror);
	disconnect(agent);
	/* it may be back already */
	agent->tried.tv_sec = 0;
}

/**
 * agent_check() - is the kernel module there?
 * @agent: the agent
 *
 * Return: whether it is; a module that came back is taken up at once.
 */
bool agent_check(struct agent *agent)
{
	struct timespec now;

	if (agent->up && agent->mirror.gone)
		lose_module(agent);
	if (agent->up)
		return true;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec - agent->tried.tv_sec < RETRY_S)
		return false;
	if (agent_connect(agent, LOG_DEBUG))
		return false;
	log_notice("the kernel module is back");
	return true;
}

/**
 * agent_probe() - find out whether the kernel module went away
 * @agent: the agent
 *
 * Return: true when it is there, or back again.
 */
bool agent_probe(struct agent *agent)
{
	struct gmg_stats st;

	if (agent->up && !agent->mirror.gone &&
	    kernel_stats(&agent->kernel, &st) == -ENOENT)
		lose_module(agent);
	return agent_check(agent);
}

/**
 * agent_no_memory() - say that the agent itself has no memory
 * @agent: the agent; said where the kernel's refusals are
 *
 * Return: -ENOMEM.
 */
int agent_no_memory(struct agent *agent)
{
	snprintf(agent->kernel.err, sizeof(agent->kernel.err),
		 "gmguardd is out of memory");
	return -ENOMEM;
}

/**
 * agent_kernel_fault() - a method failed because of the kernel
 * @agent: the agent
 * @fault: filled in from what the kernel said
 *
 * Return: NULL, for methods to return.
 */
void *agent_kernel_fault(struct agent *agent, struct rpc_fault *fault)
{
	char why[sizeof(agent->kernel.err)];

	/* if it has gone meanwhile, that is why */
	memcpy(why, agent->kernel.err, sizeof(why));
	if (agent->up && agent_probe(agent))
		return rpc_fail(fault, RPC_KERNEL_REFUSED, "%s", why);
	return rpc_fail(fault, RPC_NO_MODULE,
			"kernel module gmguard is not loaded (modprobe gmguard)");
}
