// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * options.c - finds the verb and its options on the command line.
 *
 * Options may stand anywhere; those before the verb are the global ones. What
 * is neither a verb nor an option is left for the verb.
 */
#include <string.h>
#include <strings.h>

#include "cli.h"

/** The options of every verb. */
const struct cli_opt cli_global_opts[] = {
	{ 'j', "json", NULL, "print JSON" },
	{ 'h', "help", NULL, "explain the verb" },
	{ 'V', "version", NULL, "print the version" },
	{ 0 }
};

enum global { GLOBAL_JSON, GLOBAL_HELP, GLOBAL_VERSION };

/* State of one pass over the arguments. */
struct scan {
	struct cli *c;
	const struct cli_verb *verb;
	bool more_words;	/* verb has sub verbs, none was named yet */
	bool global[3];
	int argc;
	char **argv;
	int next;		/* next argument to read */
	int kept;		/* arguments left for the verb */
};

/* Edits (insert, delete, replace) from a to b, for short words. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int row[32], i, j, n = strlen(b);

	if (n >= ARRAY_SIZE(row))
		return ~0u;
	for (j = 0; j <= n; j++)
		row[j] = j;
	for (i = 1; a[i - 1]; i++) {
		unsigned int diagonal = row[0];

		row[0] = i;
		for (j = 1; j <= n; j++) {
			unsigned int cost = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < cost)
				cost = row[j] + 1;
			if (row[j - 1] + 1 < cost)
				cost = row[j - 1] + 1;
			row[j] = cost;
		}
	}
	return row[n];
}

static bool is_like(const char *typed, const char *word)
{
	return distance(typed, word) <= 2 ||
	       (strlen(typed) >= 2 && !strncmp(typed, word, strlen(typed)));
}

/**
 * cli_find_verb() - find a verb
 * @name: its name
 *
 * Return: the verb, or NULL.
 */
const struct cli_verb *cli_find_verb(const char *name)
{
	size_t i;

	for (i = 0; cli_verbs[i]; i++)
		if (!strcmp(cli_verbs[i]->name, name))
			return cli_verbs[i];
	return NULL;
}

/**
 * cli_find_sub() - find the second word of a verb
 * @verb: the verb
 * @name: the word
 *
 * Return: the verb of both words, or NULL.
 */
const struct cli_verb *cli_find_sub(const struct cli_verb *verb,
				    const char *name)
{
	const struct cli_verb *s;

	for (s = verb->sub; s && s->name; s++)
		if (!strcmp(s->name, name))
			return s;
	return NULL;
}

static int no_such_verb(const struct cli *c, const char *word)
{
	size_t i;

	for (i = 0; cli_verbs[i]; i++)
		if (is_like(word, cli_verbs[i]->name))
			return cli_usage(c, "unknown verb \"%s\"; did you mean \"%s\"?",
					 word, cli_verbs[i]->name);
	return cli_usage(c, "unknown verb \"%s\"; \"gmguard help\" lists them",
			 word);
}

static int no_such_sub(const struct cli *c, const struct cli_verb *verb,
		       const char *word)
{
	const struct cli_verb *s;
	char list[128] = "";
	size_t used = 0;

	for (s = verb->sub; s->name && used < sizeof(list); s++)
		used += snprintf(list + used, sizeof(list) - used, "%s%s",
				 used ? ", " : "", s->name);
	if (!word)
		return cli_usage(c, "what about the %s? say one of: %s",
				 verb->name, list);
	return cli_usage(c, "cannot \"%s\"; say one of: %s", word, list);
}

static int take_word(struct scan *s, char *word)
{
	struct cli *c = s->c;
	const struct cli_verb *verb;

	if (s->verb && !s->more_words) {
		s->argv[s->kept++] = word;
		return CLI_OK;
	}
	if (s->verb) {
		verb = cli_find_sub(s->verb, word);
		if (!verb)
			return no_such_sub(c, s->verb, word);
		snprintf(c->path + strlen(c->path),
			 sizeof(c->path) - strlen(c->path), " %s", word);
	} else {
		verb = cli_find_verb(word);
		if (!verb)
			return no_such_verb(c, word);
		snprintf(c->path, sizeof(c->path), "%s", word);
	}
	s->verb = verb;
	s->more_words = verb->sub;
	return CLI_OK;
}

static int no_such_option(struct scan *s, const char *text)
{
	const struct cli_opt *o = s->verb ? s->verb->opts : NULL;
	char list[256] = "";
	size_t used = 0;
	int pass;

	for (pass = 0; pass < 2; pass++, o = cli_global_opts)
		for (; o && o->name && used < sizeof(list); o++)
			used += snprintf(list + used, sizeof(list) - used,
					 "%s--%s", used ? ", " : "", o->name);
	return cli_usage(s->c, "unknown option %s; %s %s", text,
			 s->verb ? "this verb takes" :
			 "before the verb stand only", list);
}

/* Stores an option; value is NULL when none was attached to it. */
static int take_option(struct scan *s, const struct cli_opt *list,
		       const struct cli_opt *o, char *value, const char *text)
{
	size_t i = o - list;

	if (!o->value && value)
		return cli_usage(s->c, "option --%s takes no value", o->name);
	if (o->value && !value) {
		if (s->next >= s->argc)
			return cli_usage(s->c, "option %s needs %s after it",
					 text, o->value);
		value = s->argv[s->next++];
	}
	if (list == cli_global_opts) {
		s->global[i] = true;
		return CLI_OK;
	}
	if (s->c->opt[i])
		return cli_usage(s->c, "option --%s is given twice", o->name);
	s->c->opt[i] = value ? value : "";
	return CLI_OK;
}

static const struct cli_opt *find_long(const struct cli_opt *o,
				       const char *name, size_t len)
{
	for (; o && o->name; o++)
		if (strlen(o->name) == len && !strncmp(o->name, name, len))
			return o;
	return NULL;
}

static int take_long(struct scan *s, char *text)
{
	const struct cli_opt *list = s->verb ? s->verb->opts : NULL, *o;
	char *value = strchr(text, '=');
	size_t len = strcspn(text + 2, "=");

	o = find_long(list, text + 2, len);
	if (!o) {
		list = cli_global_opts;
		o = find_long(list, text + 2, len);
	}
	if (!o)
		return no_such_option(s, text);
	return take_option(s, list, o, value ? value + 1 : NULL, text);
}

static const struct cli_opt *find_letter(const struct cli_opt *o, char letter)
{
	for (; o && o->name; o++)
		if (o->letter == letter)
			return o;
	return NULL;
}

static int take_letters(struct scan *s, char *text)
{
	const struct cli_opt *list, *o;
	char *p, *value, shown[3] = "-?";
	int ret;

	for (p = text + 1; *p; p++) {
		shown[1] = *p;
		list = s->verb ? s->verb->opts : NULL;
		o = find_letter(list, *p);
		if (!o) {
			list = cli_global_opts;
			o = find_letter(list, *p);
		}
		if (!o)
			return no_such_option(s, shown);
		value = o->value && p[1] ? p + 1 : NULL;
		ret = take_option(s, list, o, value, shown);
		if (ret || value)
			return ret;
	}
	return CLI_OK;
}

static int scan_all(struct scan *s)
{
	bool words_only = false;
	int ret = CLI_OK;

	while (!ret && s->next < s->argc) {
		char *arg = s->argv[s->next++];

		if (words_only || arg[0] != '-' || !arg[1])
			ret = take_word(s, arg);
		else if (!strcmp(arg, "--"))
			words_only = true;
		else if (arg[1] == '-')
			ret = take_long(s, arg);
		else
			ret = take_letters(s, arg);
	}
	return ret;
}

/**
 * cli_parse() - find verb and options
 * @c: the run; json, path and opt are filled in
 * @argc: number of arguments; afterwards of those left for the verb
 * @argv: arguments without the program's name; afterwards those left
 * @status: exit status when NULL is returned
 *
 * Return: the verb to run; NULL when all is said and done.
 */
const struct cli_verb *cli_parse(struct cli *c, int *argc, char **argv,
				 int *status)
{
	struct scan s = { .c = c, .argc = *argc, .argv = argv };

	*status = scan_all(&s);
	*argc = s.kept;
	if (*status)
		return NULL;
	c->json = s.global[GLOBAL_JSON];
	if (s.global[GLOBAL_HELP] && s.verb) {
		cli_help_verb(c, c->path, s.verb);
		return NULL;
	}
	if (s.global[GLOBAL_HELP]) {
		cli_help_all(c);
		return NULL;
	}
	if (s.global[GLOBAL_VERSION]) {
		if (c->json)
			*status = cli_print_json(c, json_pack("{s:s}",
						 "version", GMGUARD_VERSION));
		else
			fprintf(c->out, "gmguard %s\n", GMGUARD_VERSION);
		return NULL;
	}
	if (s.more_words && !s.verb->run) {
		*status = no_such_sub(c, s.verb, NULL);
		return NULL;
	}
	if (!s.verb)
		snprintf(c->path, sizeof(c->path), "%s", verb_show.name);
	return s.verb ? s.verb : &verb_show;
}
