// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * partners.c - gmguard partners: what gmguardd decided of other networks.
 */
#include <string.h>
#include <sys/un.h>

#include "cli.h"

enum { OPT_AGENT };

static const struct cli_opt partners_opts[] = {
	[OPT_AGENT] = {
		'a', "agent", "FILE",
		"UNIX socket of gmguardd; default: that of its configuration"
	},
	{ 0 }
};

/* "clear 2, unknown-name 4" */
static void format_refusals(const json_t *counts, char *buf, size_t size)
{
	json_t *all = (json_t *)counts;
	size_t len = 0;

	snprintf(buf, size, "-");
	for (void *i = json_object_iter(all); i && len < size;
	     i = json_object_iter_next(all, i)) {
		const char *name = json_object_iter_key(i);
		const json_t *value = json_object_iter_value(i);

		if (strcmp(name, "allowed"))
			len += snprintf(buf + len, size - len, "%s%s %lld",
					len ? ", " : "", name,
					(long long)json_integer_value(value));
	}
}

static void add_row(struct table *t, const char *name, const char *class_name,
		    const json_t *from, const char *way)
{
	const json_t *counts = json_object_get(from, way);
	char why[1024];

	format_refusals(counts, why, sizeof(why));
	table_add(t, "%s", name);
	table_add(t, "%s", class_name);
	table_add(t, "%s", way);
	table_add(t, "%lld", (long long)json_integer_value(
			json_object_get(counts, "allowed")));
	table_add(t, "%s", why);
}

/* Both directions of a network that may have no name. */
static void add_rows(struct table *t, const char *name, const char *class_name,
		     const json_t *from)
{
	add_row(t, name, class_name, from, "in");
	add_row(t, name, class_name, from, "out");
}

static int show_partners(const struct cli *c, const json_t *answer)
{
	static const char * const columns[] = {
		"PEER", "CLASS", "DIRECTION", "ALLOWED", "REFUSED",
	};
	struct table *t = table_new(columns, ARRAY_SIZE(columns));
	const json_t *peers = json_object_get(answer, "peers");
	int ret;

	for (size_t i = 0; i < json_array_size(peers); i++) {
		const json_t *peer = json_array_get(peers, i);

		add_rows(t, json_string_value(json_object_get(peer, "name")),
			 json_string_value(json_object_get(peer, "class")),
			 peer);
	}
	add_rows(t, "(all)", "-", answer);
	ret = table_print(c, t, 0);
	table_free(t);
	return ret;
}

static bool has_counts(const json_t *counts)
{
	return json_object_size(counts) > 1 ||
	       json_integer_value(json_object_get(counts, "allowed"));
}

/**
 * show_partner_totals() - print what gmguardd decided of all other networks
 * @c: the run
 *
 * Nothing where it does not run, or was never asked about one.
 */
void show_partner_totals(const struct cli *c)
{
	static const char * const ways[] = { "in", "out" };
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)], why[1024];
	const json_t *counts;
	json_t *answer;

	agent_socket(path, sizeof(path));
	answer = ask_agent(path, "partners");
	if (has_counts(json_object_get(answer, "in")) ||
	    has_counts(json_object_get(answer, "out")))
		cli_heading(c, "\nOTHER NETWORKS, as gmguardd decided (\"gmguard partners\" has each)");
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		counts = json_object_get(answer, ways[i]);
		if (!has_counts(counts))
			continue;
		format_refusals(counts, why, sizeof(why));
		fprintf(c->out, "  %s: %lld allowed; refused: %s\n", ways[i],
			(long long)json_integer_value(
				json_object_get(counts, "allowed")), why);
	}
	json_decref(answer);
}

static int run_partners(struct cli *c, int argc, char **argv)
{
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int ret = cli_no_args(c, argc, argv);
	json_t *answer;

	if (ret)
		return ret;
	if (c->opt[OPT_AGENT])
		snprintf(path, sizeof(path), "%s", c->opt[OPT_AGENT]);
	else
		agent_socket(path, sizeof(path));
	answer = ask_agent(path, "partners");
	if (!answer)
		return cli_fail(c, CLI_REFUSED, "gmguardd does not answer at %s: is it running, and are you in its group?",
				path);
	if (c->json)
		return cli_print_json(c, answer);
	ret = show_partners(c, answer);
	json_decref(answer);
	return ret;
}

const struct cli_verb verb_partners = {
	.name = "partners",
	.summary = "Show what gmguardd decided of other networks, and why it refused some.",
	.details = "Counts of its answers since it was started, for each [peer] section of its configuration and in all (TS 33.203 6.5): in, when they opened the connection, and out. Asks gmguardd, and needs no kernel module. What the kernel let through and dropped is in \"gmguard peer\".",
	.opts = partners_opts,
	.run = run_partners,
};
