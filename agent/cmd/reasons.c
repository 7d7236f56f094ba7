// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reasons.c - gmguard reasons: what each drop reason means. Asks no kernel.
 */
#include "cli.h"

static void print_reason(struct cli *c, uint32_t reason)
{
	cli_heading(c, gmg_reason_name(reason));
	fputs("    ", c->out);
	print_wrapped(c->out, 4, c->width, gmg_reason_doc(reason));
}

static json_t *json_reason(uint32_t reason)
{
	return json_pack("{s:s,s:s}", "reason", gmg_reason_name(reason),
			 "doc", gmg_reason_doc(reason));
}

static int all_reasons(struct cli *c)
{
	json_t *array = c->json ? json_array() : NULL;
	uint32_t i;

	for (i = 1; i <= GMGUARD_REASON_MAX; i++) {
		if (c->json)
			json_array_append_new(array, json_reason(i));
		else
			print_reason(c, i);
	}
	return c->json ? cli_print_json(c, array) : CLI_OK;
}

static int run_reasons(struct cli *c, int argc, char **argv)
{
	uint32_t reason;

	if (!argc)
		return all_reasons(c);
	if (argc > 1)
		return cli_usage(c, "takes one reason, or none for all");
	reason = gmg_reason_by_name(argv[0]);
	if (!reason)
		return cli_usage(c, "no such reason \"%s\"; \"gmguard reasons\" lists them",
				 argv[0]);
	if (c->json)
		return cli_print_json(c, json_reason(reason));
	print_reason(c, reason);
	return CLI_OK;
}

const struct cli_verb verb_reasons = {
	.name = "reasons",
	.args = "[NAME]",
	.summary = "Explain a reason for dropping packets, or all of them.",
	.run = run_reasons,
};
