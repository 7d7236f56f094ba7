// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stats.c - gmguard stats: counters, each with what it means.
 */
#include <string.h>

#include "cli.h"

enum { OPT_ALL, OPT_BRIEF };

static const struct cli_opt stats_opts[] = {
	[OPT_ALL] = { 'a', "all", NULL, "also reasons that have not occurred" },
	[OPT_BRIEF] = { 'b', "brief", NULL, "leave the explanations out" },
	{ 0 }
};

/* Columns of the count and the space around it. */
#define COUNT_COLUMNS	12

static void print_count(const struct cli *c, uint64_t packets,
			const char *name, enum cli_style style)
{
	fprintf(c->out, "%*llu  %s%s%s\n", COUNT_COLUMNS - 2,
		(unsigned long long)packets, cli_style(c, style), name,
		cli_style_end(c, style));
}

static void print_reason(const struct cli *c, const struct gmg_count *n)
{
	const char *doc = gmg_reason_doc(n->reason);

	print_count(c, n->packets, n->name,
		    n->packets ? STYLE_HEAD : STYLE_NONE);
	if (c->opt[OPT_BRIEF] || !doc[0])
		return;
	fprintf(c->out, "%*s", COUNT_COLUMNS + 2, "");
	print_wrapped(c->out, COUNT_COLUMNS + 2, c->width, doc);
}

static const char *plural(uint32_t n)
{
	return n == 1 ? "" : "s";
}

static void print_gauges(const struct cli *c, const struct gmg_stats *st)
{
	uint32_t sets = st->temporary + st->established + st->superseded +
			st->lingering;

	fprintf(c->out, "Module %s: %u endpoint%s; %u SA set%s: %u temporary, %u established, %u superseded, %u lingering\n",
		st->version, st->endpoints, plural(st->endpoints), sets,
		plural(sets), st->temporary, st->established, st->superseded,
		st->lingering);
	if (st->larval)
		fprintf(c->out, "%llu larval xfrm states of our reqid were removed again\n",
			(unsigned long long)st->larval);
}

/* total of the reasons whose name begins with prefix */
static uint64_t total(const struct gmg_stats *st, const char *prefix)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < st->n_count; i++)
		if (!strncmp(st->count[i].name, prefix, strlen(prefix)))
			sum += st->count[i].packets;
	return sum;
}

static void print_stats(const struct cli *c, const struct gmg_stats *st)
{
	unsigned int i;

	print_gauges(c, st);
	cli_heading(c, "\nDROPPED PACKETS");
	for (i = 0; i < st->n_count; i++)
		if (st->count[i].packets || c->opt[OPT_ALL])
			print_reason(c, &st->count[i]);
	print_count(c, total(st, "in-"), "total from UEs (in-...)",
		    STYLE_NONE);
	print_count(c, total(st, "out-"), "total to UEs (out-...)",
		    STYLE_NONE);
	print_count(c, total(st, "xfrm-"),
		    "total by the kernel's IPsec, all of the namespace (xfrm-...)",
		    STYLE_NONE);
}

static int run_stats(struct cli *c, int argc, char **argv)
{
	struct gmg_stats st;
	int ret = cli_no_args(c, argc, argv);

	if (!ret)
		ret = cli_kernel(c);
	if (ret)
		return ret;
	ret = kernel_stats(&c->k, &st);
	if (ret)
		return cli_kernel_fail(c, ret);
	if (c->json)
		return cli_print_json(c, json_stats(&st));
	print_stats(c, &st);
	return CLI_OK;
}

const struct cli_verb verb_stats = {
	.name = "stats",
	.summary = "Show how many packets were dropped, and why.",
	.details = "Shows each reason that has occurred since the network namespace was made, with its explanation. Counters never go back; with --json all reasons are shown.",
	.opts = stats_opts,
	.run = run_stats,
};
