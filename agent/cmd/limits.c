// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * limits.c - gmguard limits: shows and changes limits and timers.
 */
#include "cli.h"

enum { KEY_MAX_SETS, KEY_TEMPORARY, KEY_GRACE, KEY_DROP_SAMPLES, KEY_NUM };

static const struct cli_key limits_keys[] = {
	[KEY_MAX_SETS] = {
		"max-sets", NULL, "N", false,
		"most live SA sets in this network namespace; default 1048576"
	},
	[KEY_TEMPORARY] = {
		"temporary-ms", "temporary", "TIME", false,
		"life of a temporary set (reg-await-auth of TS 24.229 7.8), in milliseconds or like 4m; default 240000"
	},
	[KEY_GRACE] = {
		"grace-ms", "grace", "TIME", false,
		"most time that a lingering set has left (64*T1); default 128000"
	},
	[KEY_DROP_SAMPLES] = {
		"drop-samples", NULL, "N", false,
		"most drop samples a second for \"gmguard monitor\"; default 10, 0 turns them off"
	},
	{ 0 }
};

/**
 * show_limits() - print limits and timers
 * @c: the run
 * @lim: they
 */
void show_limits(struct cli *c, const struct gmg_limits *lim)
{
	char buf[DURATION_TEXT_MAX];

	fprintf(c->out, "%-13s %-10u most live SA sets\n", "max-sets",
		lim->max_sets);
	fprintf(c->out, "%-13s %-10u life of a temporary set (%s)\n",
		"temporary-ms", lim->temporary_ms,
		format_duration(lim->temporary_ms, buf, sizeof(buf)));
	fprintf(c->out, "%-13s %-10u most time left of a lingering set (%s)\n",
		"grace-ms", lim->grace_ms,
		format_duration(lim->grace_ms, buf, sizeof(buf)));
	fprintf(c->out, "%-13s %-10u most drop samples a second\n",
		"drop-samples", lim->drop_samples);
}

static int parse_limits(struct cli *c, char **v, struct gmg_limits *lim)
{
	int ret = CLI_OK;

	*lim = (struct gmg_limits){
		.has_max_sets = v[KEY_MAX_SETS],
		.has_temporary_ms = v[KEY_TEMPORARY],
		.has_grace_ms = v[KEY_GRACE],
		.has_drop_samples = v[KEY_DROP_SAMPLES],
	};
	if (v[KEY_MAX_SETS])
		ret = cli_u32(c, "max-sets", v[KEY_MAX_SETS], 1, UINT32_MAX,
			      &lim->max_sets);
	if (!ret && v[KEY_TEMPORARY])
		ret = cli_ms(c, "temporary-ms", v[KEY_TEMPORARY],
			     &lim->temporary_ms);
	if (!ret && v[KEY_GRACE])
		ret = cli_ms(c, "grace-ms", v[KEY_GRACE], &lim->grace_ms);
	if (!ret && v[KEY_DROP_SAMPLES])
		ret = cli_u32(c, "drop-samples", v[KEY_DROP_SAMPLES], 0,
			      UINT32_MAX, &lim->drop_samples);
	return ret;
}

static int run_limits(struct cli *c, int argc, char **argv)
{
	char *values[KEY_NUM];
	struct gmg_limits lim;
	int ret = cli_pairs(c, limits_keys, argc, argv, values);

	if (!ret)
		ret = parse_limits(c, values, &lim);
	if (!ret)
		ret = cli_kernel(c);
	if (ret)
		return ret;
	if (argc)
		ret = kernel_limits_set(&c->k, &lim);
	if (!ret)
		ret = kernel_limits_get(&c->k, &lim);
	if (ret)
		return cli_kernel_fail(c, ret);
	if (c->json)
		return cli_print_json(c, json_limits(&lim));
	show_limits(c, &lim);
	return CLI_OK;
}

const struct cli_verb verb_limits = {
	.name = "limits",
	.args = "[KEY=VALUE]...",
	.summary = "Show limits and timers, or change some of them.",
	.details = "They are those of this network namespace; what is not named stays. Sets that live already keep their deadlines.",
	.keys = limits_keys,
	.run = run_limits,
};
