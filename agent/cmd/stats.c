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

/* Columns of a count and the space behind it. */
#define COUNT_COLUMNS	12

/**
 * struct report - what is printed, and in which form
 * @c: the run
 * @st: counters
 * @audits: what an audit let pass has a column of its own
 */
struct report {
	const struct cli *c;
	const struct gmg_stats *st;
	bool audits;
};

static void print_number(const struct report *r, uint64_t n)
{
	fprintf(r->c->out, "%*llu  ", COUNT_COLUMNS - 2,
		(unsigned long long)n);
}

static void print_count(const struct report *r, uint64_t packets,
			uint64_t audited, const char *name,
			enum cli_style style)
{
	print_number(r, packets);
	if (r->audits)
		print_number(r, audited);
	fprintf(r->c->out, "%s%s%s\n", cli_style(r->c, style), name,
		cli_style_end(r->c, style));
}

static void print_reason(const struct report *r, const struct gmg_count *n)
{
	const char *doc = gmg_reason_doc(n->reason);
	unsigned int indent = (r->audits ? 2 : 1) * COUNT_COLUMNS + 2;
	bool seen = n->packets || n->audited;

	if (!seen && !r->c->opt[OPT_ALL])
		return;
	print_count(r, n->packets, n->audited, n->name,
		    seen ? STYLE_HEAD : STYLE_NONE);
	if (r->c->opt[OPT_BRIEF] || !doc[0])
		return;
	fprintf(r->c->out, "%*s", (int)indent, "");
	print_wrapped(r->c->out, indent, r->c->width, doc);
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
	if (st->connections)
		fprintf(c->out, "%u TCP connection%s in clear on unprotected SIP ports\n",
			st->connections, plural(st->connections));
	if (st->larval)
		fprintf(c->out, "%llu larval xfrm states of our reqid were removed again\n",
			(unsigned long long)st->larval);
}

/* the reasons whose name begins with prefix */
static void print_total(const struct report *r, const char *prefix,
			const char *name)
{
	uint64_t packets = 0, audited = 0;
	unsigned int i;

	for (i = 0; i < r->st->n_count; i++) {
		const struct gmg_count *n = &r->st->count[i];

		if (strncmp(n->name, prefix, strlen(prefix)))
			continue;
		packets += n->packets;
		audited += n->audited;
	}
	print_count(r, packets, audited, name, STYLE_NONE);
}

static bool has_audited(const struct gmg_stats *st)
{
	unsigned int i;

	for (i = 0; i < st->n_count; i++)
		if (st->count[i].audited)
			return true;
	return false;
}

/**
 * show_stats() - print counters
 * @c: the run
 * @st: they
 * @audits: an endpoint audits now
 */
void show_stats(const struct cli *c, const struct gmg_stats *st, bool audits)
{
	const struct report r = {
		.c = c, .st = st, .audits = audits || has_audited(st),
	};
	unsigned int i;

	print_gauges(c, st);
	if (r.audits) {
		cli_heading(c, "\nPACKETS");
		fprintf(c->out, "%*s  %*s\n", COUNT_COLUMNS - 2, "dropped",
			COUNT_COLUMNS - 2, "audited");
	} else {
		cli_heading(c, "\nDROPPED PACKETS");
	}
	for (i = 0; i < st->n_count; i++)
		print_reason(&r, &st->count[i]);
	print_total(&r, "in-", "total from UEs (in-...)");
	print_total(&r, "out-", "total to UEs (out-...)");
	print_total(&r, "xfrm-",
		    "total by the kernel's IPsec, all of the namespace (xfrm-...)");
}

static int run_stats(struct cli *c, int argc, char **argv)
{
	struct endpoint_list endpoints = { 0 };
	struct gmg_stats st;
	int ret = cli_no_args(c, argc, argv);

	if (!ret)
		ret = collect_endpoints(c, &endpoints);
	if (!ret) {
		ret = kernel_stats(&c->k, &st);
		if (ret)
			ret = cli_kernel_fail(c, ret);
		else if (c->json)
			ret = cli_print_json(c, json_stats(&st));
		else
			show_stats(c, &st, show_audit_warning(c, &endpoints));
		if (!ret && !c->json)
			show_partner_totals(c);
	}
	endpoint_list_free(&endpoints);
	return ret;
}

const struct cli_verb verb_stats = {
	.name = "stats",
	.summary = "Show how many packets were dropped, and why.",
	.details = "Shows each reason that has occurred since the network namespace was made, with its explanation. Counters never go back; with --json all reasons are shown.\nWhere an endpoint audits or has done so, there are two counts: of packets that were dropped, and of those that were let pass for the audit alone.",
	.opts = stats_opts,
	.run = run_stats,
};
