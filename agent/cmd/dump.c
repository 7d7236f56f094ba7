// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dump.c - gmguard dump: everything that the module shows, as JSON.
 */
#include "cli.h"

static json_t *dump_all(const struct tables *t, const struct gmg_stats *st,
			const struct gmg_limits *lim)
{
	return json_pack("{s:s,s:o,s:o,s:o,s:o,s:o}",
			 "version", GMGUARD_VERSION,
			 "endpoints", json_endpoint_list(&t->endpoints),
			 "sets", json_saset_list(&t->sets),
			 "adopted", json_adopted_list(&t->pairs),
			 "limits", json_limits(lim),
			 "stats", json_stats(st));
}

static int run_dump(struct cli *c, int argc, char **argv)
{
	struct tables t = { 0 };
	struct gmg_limits lim;
	struct gmg_stats st;
	int ret = cli_no_args(c, argc, argv);

	if (!ret)
		ret = collect_tables(c, &t);
	if (!ret) {
		ret = kernel_limits_get(&c->k, &lim);
		if (!ret)
			ret = kernel_stats(&c->k, &st);
		if (ret)
			ret = cli_kernel_fail(c, ret);
		else
			ret = cli_print_json(c, dump_all(&t, &st, &lim));
	}
	tables_free(&t);
	return ret;
}

const struct cli_verb verb_dump = {
	.name = "dump",
	.summary = "Print endpoints, SA sets, adopted SAs, limits and counters as JSON.",
	.details = "Never a key: the kernel does not return them.",
	.run = run_dump,
};
