// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sample.c - see sample.h
 */
#include <string.h>

#include "sample.h"

static int count_audits(const struct gmg_endpoint *ep, void *arg)
{
	unsigned int *audits = arg;

	*audits = ep ? *audits + ep->audit : 0;
	return 0;
}

/**
 * sample_take() - look at kernel and agent
 * @c: the run
 * @path: UNIX socket of gmguardd
 * @s: what there is, for sample_free()
 *
 * Return: CLI_OK, or what to give cli_kernel_fail().
 */
int sample_take(struct cli *c, const char *path, struct sample *s)
{
	int ret;

	memset(s, 0, sizeof(*s));
	clock_gettime(CLOCK_MONOTONIC, &s->when);
	ret = kernel_stats(&c->k, &s->stats);
	if (!ret)
		ret = kernel_limits_get(&c->k, &s->limits);
	if (!ret)
		ret = kernel_endpoint_dump(&c->k, count_audits, &s->audits);
	if (!ret)
		s->agent = ask_agent(path, "status");
	return ret;
}

/**
 * sample_free() - give back what sample_take() took
 * @s: the sample
 */
void sample_free(struct sample *s)
{
	json_decref(s->agent);
	s->agent = NULL;
}

/* What began anew in between has counted from zero. */
static double rate(const struct sample *old, const struct sample *new,
		   uint64_t before, uint64_t now)
{
	double s = (new->when.tv_sec - old->when.tv_sec) +
		   (new->when.tv_nsec - old->when.tv_nsec) / 1e9;

	if (s <= 0)
		return 0;
	return (now < before ? now : now - before) / s;
}

/* The counter of one reason; the order may change with the module. */
static const struct gmg_count *find(const struct sample *s, const char *name)
{
	static const struct gmg_count none;

	for (unsigned int i = 0; i < s->stats.n_count; i++) {
		if (!strcmp(s->stats.count[i].name, name))
			return &s->stats.count[i];
	}
	return &none;
}

/**
 * sample_drops() - how many packets a second were dropped or audited
 * @old: the sample before
 * @new: the sample
 * @reason: name of the reason
 *
 * Return: packets a second.
 */
double sample_drops(const struct sample *old, const struct sample *new,
		    const char *reason)
{
	const struct gmg_count *a = find(old, reason), *b = find(new, reason);

	return rate(old, new, a->packets + a->audited,
		    b->packets + b->audited);
}

/**
 * sample_agent() - a number of gmguardd's
 * @s: the sample, with an agent
 * @name: of its status
 *
 * Return: the number, 0 when an older agent does not say it.
 */
uint64_t sample_agent(const struct sample *s, const char *name)
{
	return json_integer_value(json_object_get(s->agent, name));
}

/**
 * sample_agent_rate() - how fast a number of gmguardd's grows
 * @old: the sample before
 * @new: the sample, with an agent
 * @name: of its status
 *
 * Return: how much a second.
 */
double sample_agent_rate(const struct sample *old, const struct sample *new,
			 const char *name)
{
	return rate(old, new, sample_agent(old, name), sample_agent(new, name));
}
