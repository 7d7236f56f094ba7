// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * show.c - gmguard show: tables of endpoints and SA sets.
 */
#include <string.h>

#include "cli.h"

static void add_prefixes(struct table *t, const struct gmg_endpoint *ep)
{
	char buf[GMG_PREFIX_TEXT_MAX];
	char list[GMGUARD_EXEMPT_MAX * (GMG_PREFIX_TEXT_MAX + 1)] = "-";
	size_t used = 0;
	unsigned int i;

	for (i = 0; i < ep->n_exempt; i++)
		used += snprintf(list + used, sizeof(list) - used, "%s%s",
				 i ? "," : "",
				 gmg_prefix_format(&ep->exempt[i], buf,
						   sizeof(buf)));
	table_add(t, "%s", list);
}

/**
 * show_audit_warning() - say loudly which endpoints let everything pass
 * @c: the run
 * @list: endpoints
 *
 * Return: whether there is such a one.
 */
bool show_audit_warning(const struct cli *c, const struct endpoint_list *list)
{
	char addr[GMG_ADDR_TEXT_MAX];
	bool audits = false;
	size_t i;

	for (i = 0; i < list->n; i++) {
		const struct gmg_endpoint *ep = &list->v[i];

		if (!ep->audit)
			continue;
		audits = true;
		fprintf(c->out, "%sWARNING: ENDPOINT %u (%s) ONLY AUDITS: NOTHING IS DROPPED THERE%s\n",
			cli_style(c, STYLE_BAD), ep->id,
			gmg_addr_format(&ep->local_addr, addr, sizeof(addr)),
			cli_style_end(c, STYLE_BAD));
	}
	if (audits)
		fputc('\n', c->out);
	return audits;
}

static void add_mode(struct table *t, const struct gmg_endpoint *ep)
{
	table_add(t, "%s", ep->audit ? "AUDIT" : "enforced");
	table_style(t, ep->audit ? STYLE_BAD : STYLE_GOOD);
}

/**
 * show_endpoints() - print a table of endpoints
 * @c: the run
 * @list: endpoints
 *
 * Return: enum cli_exit.
 */
int show_endpoints(struct cli *c, const struct endpoint_list *list)
{
	static const char * const col[] = {
		">ID", "ADDRESS", "MODE", "PORT_PS", "PORT_PC",
		"UNPROTECTED", ">SETS", ">POLICIES",
		"EXEMPT",
	};
	struct table *t = table_new(col, ARRAY_SIZE(col));
	/* room for the longest list: 64 ports of 5 digits */
	char buf[GMGUARD_PORT_PC_MAX * 6 + 1];
	size_t i;
	int ret;

	for (i = 0; i < list->n; i++) {
		const struct gmg_endpoint *ep = &list->v[i];

		table_add(t, "%u", ep->id);
		table_add(t, "%s", gmg_addr_format(&ep->local_addr, buf,
						   sizeof(buf)));
		add_mode(t, ep);
		table_add(t, "%s", format_ports(ep->port_ps, ep->n_port_ps,
						buf, sizeof(buf)));
		table_add(t, "%s", format_ports(ep->port_pc, ep->n_port_pc,
						buf, sizeof(buf)));
		table_add(t, "%s%s%s", format_ports(ep->port_unprotected,
						  ep->n_port_unprotected,
						  buf, sizeof(buf)),
			  ep->emergency ? ", emergency" : "",
			  ep->stun ? ", stun" : "");
		table_add(t, "%u", ep->sets);
		table_add(t, "%u", ep->policies);
		add_prefixes(t, ep);
	}
	ret = table_print(c, t, 0);
	table_free(t);
	return ret;
}

static enum cli_style phase_style(uint32_t phase)
{
	switch (phase) {
	case GMGUARD_PHASE_ESTABLISHED:
		return STYLE_GOOD;
	case GMGUARD_PHASE_TEMPORARY:
		return STYLE_WARN;
	default:
		return STYLE_DIM;
	}
}

static void add_saset(struct table *t, const struct gmg_saset *s)
{
	const struct gmg_sa *sa = s->sa;
	char buf[DURATION_TEXT_MAX], addr[GMG_ADDR_TEXT_MAX];
	char impi[CLEAN_TEXT_MAX(GMGUARD_IMPI_MAX) + 5];

	table_add(t, "%u", s->id);
	table_add(t, "%s", gmg_addr_format(&s->ue_addr, addr, sizeof(addr)));
	table_add(t, "%s%s", gmg_phase_name(s->phase),
		  s->in_use ? ", in use" : "");
	table_style(t, phase_style(s->phase));
	table_add(t, "%s", format_duration(s->lifetime_ms, buf, sizeof(buf)));
	table_add(t, "%llu", (unsigned long long)
		  (sa[GMGUARD_SA_NAME_A].packets +
		   sa[GMGUARD_SA_NAME_D].packets));
	table_add(t, "%llu", (unsigned long long)
		  (sa[GMGUARD_SA_NAME_B].packets +
		   sa[GMGUARD_SA_NAME_C].packets));
	table_add(t, "%s/%s", gmg_alg_name(s->alg), gmg_ealg_name(s->ealg));
	table_add(t, "%s", format_clean(s->impi, strlen(s->impi), impi,
					sizeof(impi)));
	table_note(t, "uc %u/0x%08x us %u/0x%08x pc %u/0x%08x ps %u/0x%08x",
		   s->port_uc, s->spi_uc, s->port_us, s->spi_us,
		   s->port_pc, s->spi_pc, s->port_ps, s->spi_ps);
}

/**
 * show_sasets() - print a table of SA sets
 * @c: the run
 * @list: sets
 *
 * Return: enum cli_exit.
 */
int show_sasets(struct cli *c, const struct saset_list *list)
{
	static const char * const col[] = {
		">ID", "UE", "PHASE", ">LEFT", ">IN", ">OUT", "ALGORITHMS",
		"IMPI",
	};
	struct table *t = table_new(col, ARRAY_SIZE(col));
	size_t i;
	int ret;

	for (i = 0; i < list->n; i++)
		add_saset(t, &list->v[i]);
	ret = table_print(c, t, 0);
	table_free(t);
	return ret;
}

static int print_endpoints(struct cli *c, const struct endpoint_list *list)
{
	if (list->n)
		return show_endpoints(c, list);
	fprintf(c->out, "No endpoint is guarded: gmguardd makes those of its configuration, or see \"gmguard help endpoint new\".\n");
	return CLI_OK;
}

static int print_sasets(struct cli *c, const struct saset_list *list)
{
	if (list->n)
		return show_sasets(c, list);
	fprintf(c->out, "No SA sets: no UE is registered.\n");
	return CLI_OK;
}

/* Adopted SAs come last, and only if there are any. */
static int print_all(struct cli *c, const struct tables *t)
{
	int ret;

	show_audit_warning(c, &t->endpoints);
	cli_heading(c, "ENDPOINTS");
	ret = print_endpoints(c, &t->endpoints);
	if (ret)
		return ret;
	if (t->sets.n || !t->pairs.n) {
		cli_heading(c, "\nSA SETS");
		ret = print_sasets(c, &t->sets);
	}
	if (!ret && t->pairs.n) {
		cli_heading(c, "\nADOPTED SAS");
		ret = show_adopted(c, &t->pairs);
	}
	return ret;
}

static int run_all(struct cli *c, int argc, char **argv)
{
	struct tables t = { 0 };
	int ret = cli_no_args(c, argc, argv);

	if (!ret)
		ret = collect_tables(c, &t);
	if (!ret && c->json)
		ret = cli_print_json(c, json_pack("{s:o,s:o,s:o}",
				"endpoints", json_endpoint_list(&t.endpoints),
				"sets", json_saset_list(&t.sets),
				"adopted", json_adopted_list(&t.pairs)));
	else if (!ret)
		ret = print_all(c, &t);
	tables_free(&t);
	return ret;
}

static int run_adopted(struct cli *c, int argc, char **argv)
{
	struct tables t = { 0 };
	int ret = cli_no_args(c, argc, argv);

	if (!ret)
		ret = collect_tables(c, &t);
	if (!ret && c->json)
		ret = cli_print_json(c, json_pack("{s:o}", "adopted",
						  json_adopted_list(&t.pairs)));
	else if (!ret && t.pairs.n)
		ret = show_adopted(c, &t.pairs);
	else if (!ret)
		fprintf(c->out, "No adopted SAs: no other program has made any for a guarded endpoint.\n");
	tables_free(&t);
	return ret;
}

static int run_endpoints(struct cli *c, int argc, char **argv)
{
	struct endpoint_list list = { 0 };
	int ret = cli_no_args(c, argc, argv);

	if (!ret)
		ret = collect_endpoints(c, &list);
	if (!ret && c->json)
		ret = cli_print_json(c, json_pack("{s:o}", "endpoints",
						  json_endpoint_list(&list)));
	if (!ret && !c->json) {
		show_audit_warning(c, &list);
		ret = print_endpoints(c, &list);
	}
	endpoint_list_free(&list);
	return ret;
}

static int run_sets(struct cli *c, int argc, char **argv)
{
	struct saset_list list = { 0 };
	int ret = cli_no_args(c, argc, argv);

	if (!ret)
		ret = collect_sasets(c, &list);
	if (!ret && c->json)
		ret = cli_print_json(c, json_pack("{s:o}", "sets",
						  json_saset_list(&list)));
	else if (!ret)
		ret = print_sasets(c, &list);
	saset_list_free(&list);
	return ret;
}

static int run_set(struct cli *c, int argc, char **argv)
{
	struct gmg_saset set;
	uint32_t id;
	int ret;

	if (argc != 1)
		return cli_usage(c, "needs the id of one set; \"gmguard show sets\" lists them");
	ret = cli_u32(c, "set id", argv[0], 1, UINT32_MAX, &id);
	if (!ret)
		ret = cli_kernel(c);
	if (ret)
		return ret;
	ret = kernel_saset_get(&c->k, id, &set);
	if (ret)
		return cli_kernel_fail(c, ret);
	if (c->json)
		ret = cli_print_json(c, json_saset(&set));
	else
		ret = show_saset(c, &set);
	gmg_saset_clear(&set);
	return ret;
}

static int run_limits(struct cli *c, int argc, char **argv)
{
	int ret = cli_no_args(c, argc, argv);

	return ret ? ret : verb_limits.run(c, 0, argv);
}

static const struct cli_verb show_sub[] = {
	{
		.name = "endpoints",
		.summary = "The guarded endpoints.",
		.details = "MODE is \"enforced\", or \"AUDIT\" where nothing is dropped, only counted. UNPROTECTED are the SIP ports where only REGISTER may come in clear, with \"emergency\" emergency calls and with \"stun\" STUN.",
		.run = run_endpoints,
	}, {
		.name = "sets",
		.summary = "The SA sets.",
		.details = "LEFT is the time until the kernel deletes the set, IN and OUT count packets from and to the UE. The second line of a set shows its ports and SPIs: uc is the UE's client port with the SPI of SA B, us the UE's server port with that of SA C, pc and ps the P-CSCF's ports with those of SA D and A.",
		.run = run_sets,
	}, {
		.name = "set",
		.args = "ID",
		.summary = "One SA set in detail, with its four SAs.",
		.run = run_set,
	}, {
		.name = "adopted",
		.summary = "The SAs that other programs made.",
		.details = "SAS says which of the four SAs of a registration are there, or why the selector of an SA is not exact: its packets are dropped. USED is the time since the last packet, or only whether there was one: Linux 6.1 does not keep the time. MADE BY is a guess from the reqid. The second line is that of \"show sets\".",
		.run = run_adopted,
	}, {
		.name = "limits",
		.summary = "Limits and timers.",
		.run = run_limits,
	},
	{ 0 }
};

const struct cli_verb verb_show = {
	.name = "show",
	.summary = "Show endpoints, SA sets and adopted SAs.",
	.sub = show_sub,
	.run = run_all,
};
