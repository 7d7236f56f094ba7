// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * doctor.c - gmguard doctor: looks for what is not as it should be.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "findings.h"

enum { OPT_FIX };

static const struct cli_opt doctor_opts[] = {
	[OPT_FIX] = { 0, "fix", NULL, "mend what can be mended safely" },
	{ 0 }
};

/* Of one kind; JSON has all of them. */
#define SHOWN_MAX	10

static enum cli_style style_of(enum severity severity)
{
	switch (severity) {
	case SEVERITY_ERROR:
		return STYLE_BAD;
	case SEVERITY_WARNING:
		return STYLE_WARN;
	case SEVERITY_NOTE:
		break;
	}
	return STYLE_DIM;
}

static void fix_one(struct finding *found)
{
	switch (found->fix) {
	case FIX_NONE:
		return;
	case FIX_DELETE_STATE:
		found->fix_error = xfrm_state_delete(found->sa);
		/* somebody else was faster */
		if (found->fix_error == -ENOENT)
			found->fix_error = 0;
		break;
	case FIX_ENABLE_XFRM:
		found->fix_error = host_enable(found->iface, "disable_xfrm");
		break;
	case FIX_ENABLE_POLICY:
		found->fix_error = host_enable(found->iface,
					       "disable_policy");
		break;
	}
	found->fixed = !found->fix_error;
}

static const char *fix_text(const struct finding *found)
{
	if (found->fix_error)
		return "could not be mended";
	if (!found->fixed)
		return "";
	return found->fix == FIX_DELETE_STATE ? "deleted" : "set to 0";
}

/* All of the kind that v begins with; returns how many. */
static size_t print_kind(struct cli *c, const struct finding *v, size_t n)
{
	enum severity severity = finding_severity(v->kind);
	enum cli_style style = style_of(severity);
	size_t count = 0, i;

	while (count < n && v[count].kind == v->kind)
		count++;
	fprintf(c->out, "%s%s%s %s (%zu)\n", cli_style(c, style),
		severity_name(severity), cli_style_end(c, style),
		finding_id(v->kind), count);
	for (i = 0; i < count; i++) {
		const char *fix = fix_text(&v[i]);

		/* what was done is always said */
		if (i >= SHOWN_MAX && !*fix)
			continue;
		fprintf(c->out, "  %s%s%s\n", v[i].text, *fix ? ": " : "",
			fix);
	}
	if (count > SHOWN_MAX)
		fprintf(c->out, "  (--json lists all %zu)\n", count);
	fprintf(c->out, "    ");
	print_wrapped(c->out, 4, (unsigned int)c->width,
		      finding_advice(v->kind));
	return count;
}

static int print_text(struct cli *c, const struct finding_list *list)
{
	size_t i;

	if (!list->n)
		fprintf(c->out, "Nothing found.\n");
	for (i = 0; i < list->n; )
		i += print_kind(c, &list->v[i], list->n - i);
	return CLI_OK;
}

static json_t *json_findings(const struct finding_list *list)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < list->n; i++) {
		const struct finding *v = &list->v[i];

		json_array_append_new(array,
			json_pack("{s:s,s:s,s:s,s:s,s:b,s:b}",
				  "id", finding_id(v->kind), "severity",
				  severity_name(finding_severity(v->kind)),
				  "what", v->text,
				  "do", finding_advice(v->kind),
				  "fixable", v->fix != FIX_NONE,
				  "fixed", v->fixed));
	}
	return array;
}

/* The tables have been read into t; what is missing for the facts. */
static int look_further(struct cli *c, const struct tables *t,
			struct host *host, struct xfrm_out_list *out,
			struct gmg_stats *stats, struct gmg_limits *limits)
{
	int ret = kernel_stats(&c->k, stats);

	if (!ret)
		ret = kernel_limits_get(&c->k, limits);
	if (ret)
		return cli_kernel_fail(c, ret);
	if (host_look(t->endpoints.v, t->endpoints.n, host))
		return cli_fail(c, CLI_REFUSED, "out of memory");
	if (xfrm_out_dump(out))
		return cli_fail(c, CLI_REFUSED,
				"cannot read xfrm's policies: see whether \"ip xfrm policy\" can");
	return CLI_OK;
}

static int report(struct cli *c, struct finding_list *list)
{
	size_t i;
	int ret;

	for (i = 0; c->opt[OPT_FIX] && i < list->n; i++)
		fix_one(&list->v[i]);
	if (c->json)
		ret = cli_print_json(c, json_pack("{s:o}", "findings",
						  json_findings(list)));
	else
		ret = print_text(c, list);
	if (ret)
		return ret;
	return findings_matter(list) ? CLI_FINDINGS : CLI_OK;
}

static int examine(struct cli *c, const struct tables *t)
{
	struct finding_list list = { 0 };
	struct xfrm_out_list out = { 0 };
	struct host host = { 0 };
	struct gmg_limits limits;
	struct gmg_stats stats;
	int ret = look_further(c, t, &host, &out, &stats, &limits);
	const struct facts facts = {
		.endpoints = t->endpoints.v,
		.n_endpoints = t->endpoints.n,
		.adopted = t->adopted.v,
		.n_adopted = t->adopted.n,
		.pairs = &t->pairs,
		.out = &out,
		.host = &host,
		.stats = &stats,
		.grace_ms = ret ? 0 : limits.value[GMGUARD_A_LIMITS_GRACE_MS],
	};

	if (!ret && findings_find(&facts, &list))
		ret = cli_fail(c, CLI_REFUSED, "out of memory");
	if (!ret)
		ret = report(c, &list);
	else if (ret == CLI_REFUSED)
		ret = CLI_BLIND;
	findings_free(&list);
	free(out.v);
	host_free(&host);
	return ret;
}

static int run_doctor(struct cli *c, int argc, char **argv)
{
	struct tables t = { 0 };
	int ret = cli_no_args(c, argc, argv);

	if (!ret)
		ret = collect_tables(c, &t);
	if (!ret)
		ret = examine(c, &t);
	else if (ret == CLI_REFUSED)
		ret = CLI_BLIND;
	tables_free(&t);
	return ret;
}

const struct cli_verb verb_doctor = {
	.name = "doctor",
	.summary = "Look for what is not as it should be.",
	.details = "Looks at the SAs and policies of other programs, at the interfaces of guarded addresses, at who listens there, and at the counters. Each finding has an id that stays, what it is about, and what to do. Exit status: 0 nothing, or notes only; 1 findings; 5 it could not look at everything.\n--fix deletes SAs that a newer one with the same selector has replaced for certain, and sets disable_xfrm and disable_policy of the interfaces to 0. Nothing else.",
	.opts = doctor_opts,
	.run = run_doctor,
};
