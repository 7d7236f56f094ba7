// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * show-set.c - one SA set in detail.
 */
#include <string.h>

#include "cli.h"

/* What TS 33.203 7.1 says of an SA: who sends, from which port to which. */
struct sa_role {
	const char *name;
	const char *direction;
	const char *from;
	const char *to;
};

static const struct sa_role roles[GMG_SA_NUM] = {
	[GMGUARD_SA_NAME_A] = { "A", "from UE", "port_uc", "port_ps" },
	[GMGUARD_SA_NAME_B] = { "B", "to UE", "port_ps", "port_uc" },
	[GMGUARD_SA_NAME_C] = { "C", "to UE", "port_pc", "port_us" },
	[GMGUARD_SA_NAME_D] = { "D", "from UE", "port_us", "port_pc" },
};

static void flow_of(const struct gmg_saset *s, int name, uint16_t *from,
		    uint16_t *to)
{
	const uint16_t port[GMG_SA_NUM][2] = {
		[GMGUARD_SA_NAME_A] = { s->port_uc, s->port_ps },
		[GMGUARD_SA_NAME_B] = { s->port_ps, s->port_uc },
		[GMGUARD_SA_NAME_C] = { s->port_pc, s->port_us },
		[GMGUARD_SA_NAME_D] = { s->port_us, s->port_pc },
	};

	*from = port[name][0];
	*to = port[name][1];
}

static void add_errors(struct table *t, uint32_t n)
{
	table_add(t, "%u", n);
	if (n)
		table_style(t, STYLE_BAD);
}

static int print_sas(const struct cli *c, const struct gmg_saset *s)
{
	static const char * const col[] = {
		"SA", "DIRECTION", "FLOW", "SPI",
		">SEQ", ">PACKETS", ">BYTES",
		">REPLAYED", ">FORGED",
	};
	struct table *t = table_new(col, ARRAY_SIZE(col));
	uint16_t from, to;
	int i, ret;

	for (i = 0; i < GMG_SA_NUM; i++) {
		const struct gmg_sa *sa = &s->sa[i];

		flow_of(s, i, &from, &to);
		table_add(t, "%s", roles[i].name);
		table_add(t, "%s", roles[i].direction);
		table_add(t, "%s %u > %s %u", roles[i].from, from,
			  roles[i].to, to);
		table_add(t, "0x%08x", sa->spi);
		table_add(t, "%u", sa->seq);
		table_add(t, "%llu", (unsigned long long)sa->packets);
		table_add(t, "%llu", (unsigned long long)sa->bytes);
		add_errors(t, sa->replay_errors);
		add_errors(t, sa->integrity_errors);
	}
	ret = table_print(c, t, 2);
	table_free(t);
	return ret;
}

static void print_field(const struct cli *c, const char *name,
			const char *value)
{
	fprintf(c->out, "  %-13s %s\n", name, value);
}

static void print_life(const struct cli *c, const struct gmg_saset *s)
{
	char left[DURATION_TEXT_MAX], age[DURATION_TEXT_MAX], buf[128];

	snprintf(buf, sizeof(buf), "%s%s", gmg_phase_name(s->phase),
		 s->in_use ? ", in use" : "");
	print_field(c, "phase", buf);
	snprintf(buf, sizeof(buf), "%s (made %s ago)",
		 format_duration(s->lifetime_ms, left, sizeof(left)),
		 format_duration(s->age_ms, age, sizeof(age)));
	print_field(c, "time left", buf);
	if (s->protected_by)
		snprintf(buf, sizeof(buf), "set %u", s->protected_by);
	else
		snprintf(buf, sizeof(buf), "nothing (initial registration)");
	print_field(c, "protected by", buf);
	if (s->group)
		snprintf(buf, sizeof(buf), "%u of this IMPI", s->group);
	else
		snprintf(buf, sizeof(buf), "by UE address and port_us");
	print_field(c, "group", buf);
	print_field(c, "emergency", s->emergency ? "yes" : "no");
}

/**
 * show_saset() - print one SA set
 * @c: the run
 * @s: set
 *
 * Return: enum cli_exit.
 */
int show_saset(struct cli *c, const struct gmg_saset *s)
{
	char data[CLEAN_TEXT_MAX(GMGUARD_AGENT_DATA_MAX) + 5];
	char addr[GMG_ADDR_TEXT_MAX], buf[GMG_ADDR_TEXT_MAX + 32];

	snprintf(buf, sizeof(buf), "SA SET %u", s->id);
	cli_heading(c, buf);
	print_field(c, "IMPI", format_clean(s->impi, strlen(s->impi), data,
					    sizeof(data)));
	print_field(c, "UE", gmg_addr_format(&s->ue_addr, addr,
					     sizeof(addr)));
	gmg_addr_format(&s->local_addr, addr, sizeof(addr));
	snprintf(buf, sizeof(buf), "%s (endpoint %u)", addr, s->endpoint_id);
	print_field(c, "P-CSCF", buf);
	print_life(c, s);
	snprintf(buf, sizeof(buf), "%s, %s", gmg_alg_name(s->alg),
		 gmg_ealg_name(s->ealg));
	print_field(c, "algorithms", buf);
	if (s->agent_data_len)
		print_field(c, "agent data",
			    format_clean(s->agent_data, s->agent_data_len,
					 data, sizeof(data)));
	fputc('\n', c->out);
	return print_sas(c, s);
}
