/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli.h - what the verbs of gmguard(8) share.
 */
#ifndef GMG_CLI_H
#define GMG_CLI_H

#include <stdbool.h>
#include <stdio.h>
#include <jansson.h>

#include "../kernel.h"
#include "pair.h"

#ifndef GMGUARD_VERSION
#define GMGUARD_VERSION "unknown"
#endif

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/** enum cli_exit - exit statuses, as gmguard(8) promises them */
enum cli_exit {
	CLI_OK = 0,
	CLI_REFUSED = 1,
	CLI_FINDINGS = 1,	/* gmguard doctor */
	CLI_USAGE = 2,
	CLI_NO_MODULE = 3,
	CLI_NO_PERMISSION = 4,
	CLI_BLIND = 5,		/* gmguard doctor, where others say 1 */
};

/** Most options of one verb, and most keys. */
#define CLI_OPT_MAX	8
#define CLI_KEY_MAX	32

/**
 * struct cli_opt - an option of a verb; a list ends with a NULL name
 * @letter: one letter, or 0
 * @name: long name without dashes
 * @value: name of its value in the help, NULL for a flag; complete.c knows
 *	what some names stand for
 * @help: what it does
 */
struct cli_opt {
	char letter;
	const char *name;
	const char *value;
	const char *help;
};

/**
 * struct cli_key - a KEY=VALUE argument of a verb; a list ends with NULL
 * @name: canonical name; '_' may be written for '-'
 * @alias: another name, or NULL
 * @value: form of its value in the help, NULL for a flag, which has none;
 *	complete.c knows what some forms stand for
 * @required: the verb needs it
 * @help: what it means
 */
struct cli_key {
	const char *name;
	const char *alias;
	const char *value;
	bool required;
	const char *help;
};

struct cli;

/**
 * struct cli_verb - a verb; feeds dispatch, help, usage errors, completion
 * @name: the word
 * @args: its arguments in the usage line, or NULL; complete.c knows them
 * @summary: one line
 * @details: paragraphs separated by a newline each, or NULL
 * @opts: options beside the global ones, or NULL
 * @keys: KEY=VALUE arguments, or NULL
 * @sub: words that may follow (must, without @run), or NULL; the list ends
 *	with a NULL name; they have the options of the verb, or it has none
 * @run: does it, returns enum cli_exit; argv holds what follows the verb
 */
struct cli_verb {
	const char *name;
	const char *args;
	const char *summary;
	const char *details;
	const struct cli_opt *opts;
	const struct cli_key *keys;
	const struct cli_verb *sub;
	int (*run)(struct cli *c, int argc, char **argv);
};

/** enum cli_style - how text looks on a terminal with colours */
enum cli_style {
	STYLE_NONE,
	STYLE_HEAD,
	STYLE_DIM,
	STYLE_GOOD,
	STYLE_WARN,
	STYLE_BAD,
};

/**
 * struct cli - one run of the program
 * @out: standard output
 * @json: print JSON
 * @color: use colours
 * @width: columns to wrap at
 * @path: verb as typed, for messages ("set new")
 * @opt: values of the verb's options by their place in its table; NULL when
 *	not given, "" for a flag
 * @k: connection to the module
 * @opened: @k is open
 */
struct cli {
	FILE *out;
	bool json;
	bool color;
	int width;
	char path[32];
	const char *opt[CLI_OPT_MAX];
	struct gmg_kernel k;
	bool opened;
};

extern const struct cli_verb verb_show;
extern const struct cli_verb verb_stats;
extern const struct cli_verb verb_top;
extern const struct cli_verb verb_monitor;
extern const struct cli_verb verb_set;
extern const struct cli_verb verb_endpoint;
extern const struct cli_verb verb_limits;
extern const struct cli_verb verb_peer;
extern const struct cli_verb verb_partners;
extern const struct cli_verb verb_reasons;
extern const struct cli_verb verb_check_config;
extern const struct cli_verb verb_doctor;
extern const struct cli_verb verb_dump;
extern const struct cli_verb verb_complete;
extern const struct cli_verb verb_help;

/* cli.c: errors, connection, output */
int cli_fail(const struct cli *c, int status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int cli_usage(const struct cli *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void cli_warn(const struct cli *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int cli_kernel(struct cli *c);
int cli_kernel_fail(struct cli *c, int error);
int cli_no_args(struct cli *c, int argc, char **argv);
int cli_print_json(struct cli *c, json_t *root);
const char *cli_style(const struct cli *c, enum cli_style style);
const char *cli_style_end(const struct cli *c, enum cli_style style);
void cli_heading(const struct cli *c, const char *text);

/* options.c: words and options */
const struct cli_verb *cli_find_verb(const char *name);
const struct cli_verb *cli_find_sub(const struct cli_verb *verb,
				    const char *name);
const struct cli_verb *cli_parse(struct cli *c, int *argc, char **argv,
				 int *status);
extern const struct cli_verb * const cli_verbs[];
extern const struct cli_opt cli_global_opts[];

/* help.c */
void cli_help_all(struct cli *c);
void cli_help_verb(struct cli *c, const char *path,
		   const struct cli_verb *verb);

/* parse.c: values; a failure prints a usage error and returns CLI_USAGE */
int cli_find_key(const struct cli_key *keys, const char *arg, size_t len);
int cli_pairs(struct cli *c, const struct cli_key *keys, int argc,
	      char **argv, char **values);
int cli_u32(const struct cli *c, const char *what, const char *text,
	    uint32_t min, uint32_t max, uint32_t *value);
int cli_u16(const struct cli *c, const char *what, const char *text,
	    uint16_t min, uint16_t *value);
int cli_ms(const struct cli *c, const char *what, const char *text,
	   uint32_t *ms);
int cli_addr(const struct cli *c, const char *what, const char *text,
	     struct gmg_addr *addr);
int cli_ports(const struct cli *c, const char *what, const char *text,
	      uint16_t *list, unsigned int *n, unsigned int max);
int cli_prefixes(const struct cli *c, const char *what, const char *text,
		 struct gmg_prefix *list, unsigned int *n, unsigned int max);

/* key.c: keys, from a file, a line of standard input, or the argument */
struct cli_secret {
	uint8_t bytes[GMG_KEY_MAX];
	size_t len;
};

int cli_secret(const struct cli *c, const char *what, char *text,
	       struct cli_secret *secret);

/* format.c */
#define DURATION_TEXT_MAX	24
#define CLEAN_TEXT_MAX(n)	(4 * (n) + 1)

const char *format_duration(uint64_t ms, char *buf, size_t size);
const char *format_clean(const void *text, size_t len, char *buf,
			 size_t size);
bool text_is_utf8(const void *text, size_t len);
size_t text_columns(const char *text);
void print_wrapped(FILE *out, unsigned int indent, unsigned int width,
		   const char *text);
const char *format_ports(const uint16_t *list, unsigned int n, char *buf,
			 size_t size);

/* table.c */
struct table;

struct table *table_new(const char * const *col, unsigned int n);
void table_add(struct table *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void table_style(struct table *t, enum cli_style style);
void table_note(struct table *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int table_print(const struct cli *c, struct table *t, unsigned int indent);
void table_free(struct table *t);

/* json.c: the YAML's names with '_' for '-' */
json_t *json_addr(const struct gmg_addr *addr);
json_t *json_endpoint(const struct gmg_endpoint *ep);
json_t *json_saset(const struct gmg_saset *set);
json_t *json_stats(const struct gmg_stats *st);
json_t *json_drop(const struct gmg_drop *drop);

/* collect.c: whole tables of the kernel, by id */
struct endpoint_list {
	struct gmg_endpoint *v;
	size_t n, room;
};

struct saset_list {
	struct gmg_saset *v;
	size_t n, room;
};

struct adopted_list {
	struct gmg_adopted *v;
	size_t n, room;
};

/** struct tables - all of them, with the adopted SAs put together */
struct tables {
	struct endpoint_list endpoints;
	struct saset_list sets;
	struct adopted_list adopted;
	struct pair_list pairs;
};

int collect_tables(struct cli *c, struct tables *t);
void tables_free(struct tables *t);
int collect_endpoints(struct cli *c, struct endpoint_list *list);
int collect_sasets(struct cli *c, struct saset_list *list);
void endpoint_list_free(struct endpoint_list *list);
void saset_list_free(struct saset_list *list);
json_t *json_endpoint_list(const struct endpoint_list *list);
json_t *json_saset_list(const struct saset_list *list);

int cli_endpoint_id(struct cli *c, const char *what, const char *text,
		    uint32_t *id);

/*
 * show.c, show-set.c: also used by the verbs that make things. Whoever shows
 * endpoints or counters warns of an audit first: nobody shall take a P-CSCF
 * for guarded that is not.
 */
bool show_audit_warning(const struct cli *c,
			const struct endpoint_list *list);
int show_endpoints(struct cli *c, const struct endpoint_list *list);
int show_sasets(struct cli *c, const struct saset_list *list);
int show_saset(struct cli *c, const struct gmg_saset *set);

/* stats.c, monitor.c */
void show_stats(const struct cli *c, const struct gmg_stats *st, bool audits);
void show_drop(const struct cli *c, const struct gmg_drop *d);

/* show-adopted.c */
int show_adopted(struct cli *c, const struct pair_list *list);
json_t *json_adopted(const struct gmg_adopted *sa);
json_t *json_adopted_list(const struct pair_list *list);

/* peer-esp.c */
int peer_esp(struct cli *c, int argc, char **argv);

/* ask.c */
void agent_socket(char *path, size_t size);
json_t *ask_agent(const char *path, const char *method);

/* partners.c */
void show_partner_totals(const struct cli *c);

/* limits.c */
void show_limits(struct cli *c, const struct gmg_limits *lim);
json_t *json_limits(const struct gmg_limits *lim);

#endif /* GMG_CLI_H */
