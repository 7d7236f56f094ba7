// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * limits.c - gmguard limits: shows and changes limits and timers, all from
 * the table in ../limits.h. Both arrays begin with GMGUARD_A_LIMITS_* 1.
 */
#include <string.h>

#include "cli.h"
#include "../limits.h"

#define LIMIT_NUM	GMGUARD_A_LIMITS_MAX

#define KEY(id, name, alias, time, least, most, what, more) \
	[GMGUARD_A_LIMITS_##id - 1] = { \
		name, alias, (time) ? "TIME" : "N", false, what more \
	},
static const struct cli_key limits_keys[LIMIT_NUM + 1] = { GMG_LIMITS(KEY) };

#define LIMIT(id, name, alias, time, least, most, what, more) \
	[GMGUARD_A_LIMITS_##id - 1] = { time, least, most, what },
static const struct {
	bool time;
	uint32_t least;
	uint32_t most;
	const char *what;
} limits[LIMIT_NUM] = { GMG_LIMITS(LIMIT) };

#define ONE(...)	+ 1
_Static_assert(GMG_LIMITS(ONE) == LIMIT_NUM, "limits.h lacks a limit");

/**
 * show_limits() - print limits and timers
 * @c: the run
 * @lim: they
 */
void show_limits(struct cli *c, const struct gmg_limits *lim)
{
	char buf[DURATION_TEXT_MAX];
	int i;

	for (i = 0; i < LIMIT_NUM; i++) {
		uint32_t value = lim->value[i + 1];

		if (!gmg_limits_has(lim, i + 1))
			continue;
		fprintf(c->out, "%-23s %-10u %s", limits_keys[i].name, value,
			limits[i].what);
		if (limits[i].time)
			fprintf(c->out, " (%s)",
				format_duration(value, buf, sizeof(buf)));
		fputc('\n', c->out);
	}
}

/* "max-sets" is "max_sets" in JSON */
static const char *json_name(const char *name, char *buf, size_t size)
{
	char *dash;

	snprintf(buf, size, "%s", name);
	while ((dash = strchr(buf, '-')))
		*dash = '_';
	return buf;
}

/**
 * json_limits() - limits as JSON
 * @lim: limits
 *
 * Return: an object, or NULL without memory.
 */
json_t *json_limits(const struct gmg_limits *lim)
{
	json_t *root = json_object();
	char name[32];
	int i;

	for (i = 0; root && i < LIMIT_NUM; i++) {
		json_t *value = gmg_limits_has(lim, i + 1) ?
			json_integer(lim->value[i + 1]) : json_null();

		if (json_object_set_new(root, json_name(limits_keys[i].name,
							name, sizeof(name)),
					value)) {
			json_decref(root);
			root = NULL;
		}
	}
	return root;
}

static int parse_limits(struct cli *c, char **v, struct gmg_limits *lim)
{
	int i, ret = CLI_OK;

	*lim = (struct gmg_limits){ 0 };
	for (i = 0; i < LIMIT_NUM && !ret; i++) {
		uint32_t value = 0;

		if (!v[i])
			continue;
		if (limits[i].time)
			ret = cli_ms(c, limits_keys[i].name, v[i], &value);
		else
			ret = cli_u32(c, limits_keys[i].name, v[i],
				      limits[i].least, limits[i].most, &value);
		gmg_limits_put(lim, i + 1, value);
	}
	return ret;
}

static int run_limits(struct cli *c, int argc, char **argv)
{
	char *values[LIMIT_NUM];
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
