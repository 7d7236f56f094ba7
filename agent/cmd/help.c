// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * help.c - help texts, from the same tables that the parser reads.
 */
#include <string.h>

#include "cli.h"

/* columns that an option or key takes in front of its explanation */
#define HELP_COLUMN	26

static void print_item(struct cli *c, const char *item, const char *text)
{
	int used = fprintf(c->out, "  %s", item);

	if (used + 2 > HELP_COLUMN) {
		fputc('\n', c->out);
		used = 0;
	}
	fprintf(c->out, "%*s", HELP_COLUMN - used, "");
	print_wrapped(c->out, HELP_COLUMN, c->width, text);
}

static void print_opts(struct cli *c, const struct cli_opt *o)
{
	char item[64];

	for (; o && o->name; o++) {
		char letter[5] = "    ";

		if (o->letter)
			snprintf(letter, sizeof(letter), "-%c, ", o->letter);
		snprintf(item, sizeof(item), "%s--%s%s%s", letter, o->name,
			 o->value ? "=" : "", o->value ? o->value : "");
		print_item(c, item, o->help);
	}
}

static void print_keys(struct cli *c, const struct cli_key *k)
{
	char item[64], text[512];

	for (; k && k->name; k++) {
		snprintf(item, sizeof(item), "%s%s%s", k->name,
			 k->value ? "=" : "", k->value ? k->value : "");
		snprintf(text, sizeof(text), "%s%s%s%s%s",
			 k->required ? "(required) " : "", k->help,
			 k->alias ? " (also: " : "",
			 k->alias ? k->alias : "", k->alias ? ")" : "");
		print_item(c, item, text);
	}
}

static void print_details(struct cli *c, const char *text)
{
	char line[1024];

	while (text && *text) {
		size_t len = strcspn(text, "\n");

		snprintf(line, sizeof(line), "%.*s", (int)len, text);
		fputc('\n', c->out);
		print_wrapped(c->out, 0, c->width, line);
		text += len;
		text += *text == '\n';
	}
}

static void print_usage(struct cli *c, const char *path,
			const struct cli_verb *v)
{
	fprintf(c->out, "gmguard %s%s%s%s%s\n", path,
		v->opts && v->opts->name ? " [OPTION]..." : "",
		v->args ? " " : "", v->args ? v->args : "",
		v->keys && !(v->args && strstr(v->args, "KEY")) ?
		" KEY=VALUE..." : "");
}

/**
 * cli_help_verb() - explain a verb
 * @c: the run
 * @path: the verb as typed ("set new")
 * @verb: the verb
 */
void cli_help_verb(struct cli *c, const char *path,
		   const struct cli_verb *verb)
{
	const char *head = "Usage: ";
	const struct cli_verb *s;
	char sub[64];

	if (verb->run) {
		fputs(head, c->out);
		print_usage(c, path, verb);
		head = "       ";
	}
	for (s = verb->sub; s && s->name; s++) {
		fputs(head, c->out);
		snprintf(sub, sizeof(sub), "%s %s", path, s->name);
		print_usage(c, sub, s);
		head = "       ";
	}
	fputc('\n', c->out);
	print_wrapped(c->out, 0, c->width, verb->summary);
	print_details(c, verb->details);
	if (verb->sub) {
		fputc('\n', c->out);
		for (s = verb->sub; s->name; s++)
			print_item(c, s->name, s->summary);
	}
	if (verb->keys) {
		cli_heading(c, "\nKeys");
		print_keys(c, verb->keys);
	}
	cli_heading(c, "\nOptions");
	print_opts(c, verb->opts);
	print_opts(c, cli_global_opts);
}

/**
 * cli_help_all() - list the verbs
 * @c: the run
 */
void cli_help_all(struct cli *c)
{
	size_t i;

	fprintf(c->out, "Usage: gmguard [VERB] [ARGUMENT]...\n\n");
	print_wrapped(c->out, 0, c->width,
		      "Shows and changes what the kernel module gmguard guards: the IMS Gm reference point (3GPP TS 33.203). Without a verb: show.");
	cli_heading(c, "\nVerbs");
	for (i = 0; cli_verbs[i]; i++)
		print_item(c, cli_verbs[i]->name, cli_verbs[i]->summary);
	cli_heading(c, "\nOptions");
	print_opts(c, cli_global_opts);
	fputc('\n', c->out);
	print_wrapped(c->out, 0, c->width,
		      "\"gmguard help VERB\" explains one verb. Exit status: 0 success, 1 refused or failed, 2 wrong arguments, 3 the kernel module is not loaded or of another version, 4 no permission. Manual: gmguard(8).");
}

static int run_help(struct cli *c, int argc, char **argv)
{
	const struct cli_verb *verb, *sub;
	char path[64];

	if (!argc) {
		cli_help_all(c);
		return CLI_OK;
	}
	verb = cli_find_verb(argv[0]);
	if (!verb)
		return cli_usage(c, "no such verb \"%s\"; \"gmguard help\" lists them",
				 argv[0]);
	if (argc == 1) {
		cli_help_verb(c, argv[0], verb);
		return CLI_OK;
	}
	sub = cli_find_sub(verb, argv[1]);
	if (!sub || argc > 2)
		return cli_usage(c, "no such verb \"%s %s\"; try \"gmguard help %s\"",
				 argv[0], argv[1], argv[0]);
	snprintf(path, sizeof(path), "%s %s", argv[0], argv[1]);
	cli_help_verb(c, path, sub);
	return CLI_OK;
}

const struct cli_verb verb_help = {
	.name = "help",
	.args = "[VERB]",
	.summary = "Explain a verb, or list all of them.",
	.run = run_help,
};
