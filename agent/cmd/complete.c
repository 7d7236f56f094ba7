// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * complete.c - gmguard complete: what may follow on the command line, from the
 * tables that parser and help read, and from the kernel. Never an error: a
 * shell that completes must stay quiet.
 */
#include <ifaddrs.h>
#include <string.h>
#include <unistd.h>

#include "../privacy-policy.h"
#include "../ruleset.h"
#include "cli.h"

/* Nobody picks from more; to read a million sets would take seconds. */
#define SETS_MAX	1000
/* To be asked for its family would load the module. */
#define MODULE_DIR	"/sys/module/gmguard"
/* What the shell is told where names of files may follow. */
#define FILES		"/"

/**
 * struct finder - the word to complete, and what stands before it
 * @c: the run
 * @word: as far as it is typed
 * @before: part of @word before the value ("phase="), which is printed too
 * @before_len: bytes of it
 * @verb: the verb, NULL: none was named yet
 * @sub: @verb has words that may follow, and none has
 * @lost: there was a word that is none of these: nothing fits
 * @argc: arguments of the verb before the word
 * @argv: they
 * @found: what fits, with --json
 */
struct finder {
	struct cli *c;
	const char *word;
	const char *before;
	size_t before_len;
	const struct cli_verb *verb;
	bool sub;
	bool lost;
	int argc;
	char **argv;
	json_t *found;
};

/* One that may follow, if it begins with what is typed. */
static void offer(struct finder *f, const char *value, const char *end)
{
	char text[512];

	snprintf(text, sizeof(text), "%.*s%s%s", (int)f->before_len,
		 f->before ? f->before : "", value, end);
	if (strncmp(text, f->word, strlen(f->word)) &&
	    strcmp(value, FILES))
		return;
	if (f->found)
		json_array_append_new(f->found, json_string(text));
	else
		fprintf(f->c->out, "%s\n", strcmp(value, FILES) ? text :
			FILES);
}

static void offer_id(struct finder *f, uint32_t id)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", id);
	offer(f, text, "");
}

static void offer_addr(struct finder *f, const struct gmg_addr *addr)
{
	char text[GMG_ADDR_TEXT_MAX];

	if (addr->family != AF_UNSPEC)
		offer(f, gmg_addr_format(addr, text, sizeof(text)), "");
}

/* Whether the module can be asked. */
static bool can_ask(struct finder *f)
{
	struct cli *c = f->c;

	if (!c->opened && !access(MODULE_DIR, F_OK) && !kernel_open(&c->k))
		c->opened = true;
	return c->opened;
}

static int offer_set(const struct gmg_saset *set, void *arg)
{
	if (set)
		offer_id(arg, set->id);
	return 0;
}

static void offer_sets(struct finder *f)
{
	struct gmg_stats st;

	if (can_ask(f) && !kernel_stats(&f->c->k, &st) &&
	    st.temporary + st.established + st.superseded + st.lingering <=
	    SETS_MAX)
		kernel_saset_dump(&f->c->k, offer_set, f);
}

static void offer_sets_or_all(struct finder *f)
{
	offer_sets(f);
	if (!f->argc)
		offer(f, "all", "");
}

static void offer_peers(struct finder *f)
{
	struct gmg_ruleset rs = { 0 };

	if (!can_ask(f))
		return;
	if (!kernel_ruleset_get(&f->c->k, &rs)) {
		for (size_t i = 0; i < rs.n_rule; i++) {
			if (rs.rule[i].kind == GMGUARD_RULE_KIND_PEER)
				offer(f, rs.rule[i].name, "");
		}
	}
	ruleset_clear(&rs);
}

static int offer_endpoint(const struct gmg_endpoint *ep, void *arg)
{
	if (ep) {
		offer_id(arg, ep->id);
		offer_addr(arg, &ep->local_addr);
	}
	return 0;
}

static void offer_endpoints(struct finder *f)
{
	if (can_ask(f))
		kernel_endpoint_dump(&f->c->k, offer_endpoint, f);
}

static int offer_adopted(const struct gmg_adopted *sa, void *arg)
{
	if (sa)
		offer_addr(arg, &sa->ue_addr);
	return 0;
}

/* UEs that another program has made SAs for. */
static void offer_ues(struct finder *f)
{
	if (can_ask(f))
		kernel_adopted_dump(&f->c->k, offer_adopted, f);
}

/* This host's, but for loopback and link-local ones. */
static void offer_local(struct finder *f)
{
	struct ifaddrs *list, *i;
	struct gmg_addr addr;

	if (getifaddrs(&list))
		return;
	for (i = list; i; i = i->ifa_next) {
		const struct sockaddr_in6 *in6 = (void *)i->ifa_addr;
		const struct sockaddr_in *in = (void *)i->ifa_addr;
		int family = in ? in->sin_family : AF_UNSPEC;

		memset(&addr, 0, sizeof(addr));
		addr.family = family;
		if (family == AF_INET &&
		    ntohl(in->sin_addr.s_addr) >> 24 != IN_LOOPBACKNET)
			memcpy(addr.bytes, &in->sin_addr, 4);
		else if (family == AF_INET6 &&
			 !IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr) &&
			 !IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr))
			memcpy(addr.bytes, &in6->sin6_addr, 16);
		else
			continue;
		offer_addr(f, &addr);
	}
	freeifaddrs(list);
}

#define OFFER(id, name, doc)	offer(f, name, "");

static void offer_phases(struct finder *f)
{
	GMGUARD_PHASES(OFFER)
}

static void offer_algs(struct finder *f)
{
	GMGUARD_ALGS(OFFER)
}

static void offer_ealgs(struct finder *f)
{
	GMGUARD_EALGS(OFFER)
}

static void offer_reasons(struct finder *f)
{
	GMGUARD_REASONS(OFFER)
}

static void offer_classes(struct finder *f)
{
	for (int i = PEER_OWN; i <= PEER_FOREIGN; i++)
		offer(f, peer_class_name(i), "");
}

static void offer_protections(struct finder *f)
{
	offer(f, "tls", "");
	offer(f, "network", "");
}

static void offer_verbs(struct finder *f)
{
	for (size_t i = 0; cli_verbs[i]; i++)
		offer(f, cli_verbs[i]->name, "");
}

static void offer_subs(struct finder *f, const struct cli_verb *verb)
{
	for (const struct cli_verb *s = verb->sub; s && s->name; s++)
		offer(f, s->name, "");
}

/* "help set new" */
static void offer_help(struct finder *f)
{
	const struct cli_verb *verb;

	if (!f->argc) {
		offer_verbs(f);
		return;
	}
	verb = f->argc == 1 ? cli_find_verb(f->argv[0]) : NULL;
	if (verb)
		offer_subs(f, verb);
}

static void offer_files(struct finder *f)
{
	offer(f, FILES, "");
}

/* How the help writes a value, and what may stand there. */
static const struct {
	const char *form;
	void (*fn)(struct finder *f);
	bool more;		/* than one of them may follow */
} forms[] = {
	{ "ID", offer_sets, false },
	{ "ID...|all", offer_sets_or_all, true },
	{ "ID|ADDRESS", offer_endpoints, false },
	{ "UE-ADDRESS", offer_ues, false },
	{ "ADDRESS", offer_local, false },
	{ "PHASE", offer_phases, false },
	{ "ALG", offer_algs, false },
	{ "EALG", offer_ealgs, false },
	{ "CLASS", offer_classes, false },
	{ "PROTECTION", offer_protections, false },
	{ "[NAME]", offer_reasons, false },
	{ "[VERB]", offer_help, true },
	{ "PEER", offer_peers, false },
	{ "FILE", offer_files, false },
	{ "[FILE]", offer_files, false },
};

/* @before: how many of them stand there already */
static void offer_form(struct finder *f, const char *form, int before)
{
	for (size_t i = 0; form && i < ARRAY_SIZE(forms); i++) {
		if (!strcmp(forms[i].form, form) &&
		    (!before || forms[i].more))
			forms[i].fn(f);
	}
}

/* The value of "key=" or "--option=" */
static void offer_value(struct finder *f, const char *form)
{
	f->before = f->word;
	f->before_len = strcspn(f->word, "=") + 1;
	offer_form(f, form, 0);
}

static bool is_given(const struct finder *f, const struct cli_key *keys, int k)
{
	for (int i = 0; i < f->argc; i++) {
		if (cli_find_key(keys, f->argv[i],
				 strcspn(f->argv[i], "=")) == k)
			return true;
	}
	return false;
}

static void offer_keys(struct finder *f, const struct cli_key *keys)
{
	size_t len = strcspn(f->word, "=");
	int k;

	if (f->word[len]) {
		k = cli_find_key(keys, f->word, len);
		if (k >= 0)
			offer_value(f, keys[k].value);
		return;
	}
	for (k = 0; keys[k].name; k++) {
		if (!is_given(f, keys, k))
			offer(f, keys[k].name, keys[k].value ? "=" : "");
	}
}

static void offer_opts(struct finder *f, const struct cli_opt *o)
{
	size_t len = strcspn(f->word, "=");
	char name[32];

	for (; o && o->name; o++) {
		snprintf(name, sizeof(name), "--%s", o->name);
		if (!f->word[len])
			offer(f, name, o->value ? "=" : "");
		else if (strlen(name) == len && !strncmp(name, f->word, len))
			offer_value(f, o->value);
	}
}

static void offer_any(struct finder *f)
{
	const struct cli_verb *v = f->verb;

	if (f->word[0] == '-') {
		offer_opts(f, v ? v->opts : NULL);
		offer_opts(f, cli_global_opts);
	} else if (!v) {
		offer_verbs(f);
	} else if (f->sub) {
		offer_subs(f, v);
	} else {
		offer_form(f, v->args, f->argc);
		/* an id comes before what is to be changed */
		if (v->keys && (!v->args || f->argc || v->args[0] == '['))
			offer_keys(f, v->keys);
	}
}

/* The option that takes the next word as its value. */
static const struct cli_opt *waiting(const struct cli_verb *verb,
				     const char *word)
{
	const struct cli_opt *o = verb ? verb->opts : NULL;

	for (; o && o->name; o++) {
		if (o->value && (!strncmp(word, "--", 2) ?
				 !strcmp(word + 2, o->name) :
				 word[0] == '-' && word[1] &&
				 word[strlen(word) - 1] == o->letter))
			return o;
	}
	return NULL;
}

/* A word before the one to complete. */
static void pass(struct finder *f, char *word)
{
	const struct cli_verb *next = f->verb && f->sub ?
		cli_find_sub(f->verb, word) : cli_find_verb(word);

	if (f->verb && !f->sub) {
		f->argv[f->argc++] = word;
	} else if (next) {
		f->verb = next;
		f->sub = next->sub;
	} else {
		f->lost = true;
	}
}

static int run_complete(struct cli *c, int argc, char **argv)
{
	struct finder f = { .c = c, .argv = argv };
	const struct cli_opt *wanted = NULL;

	f.word = argc ? argv[argc - 1] : "";
	f.found = c->json ? json_array() : NULL;
	for (int i = 0; i < argc - 1; i++) {
		if (wanted)
			wanted = NULL;
		else if (argv[i][0] == '-')
			wanted = waiting(f.verb, argv[i]);
		else
			pass(&f, argv[i]);
	}
	if (wanted)
		offer_form(&f, wanted->value, 0);
	else if (!f.lost)
		offer_any(&f);
	return c->json ? cli_print_json(c, f.found) : CLI_OK;
}

const struct cli_verb verb_complete = {
	.name = "complete",
	.args = "-- WORD...",
	.summary = "Print what may follow on a command line, for shells.",
	.details = "WORD... are the words after \"gmguard\", the last one as far as it is typed, perhaps empty. Each line is a whole word that begins so; a line with only a slash stands for names of files. Ids, addresses and so on are those that there are now; without the module or the permission to ask it there are none, and up to 1000 SA sets.",
	.run = run_complete,
};
