// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ruleset-file.c - a ruleset as a file, see gmguard-rules(5)
 *
 * As strict as gmguard.conf: what is unknown, or given twice, is an error, and
 * all errors are told at once.
 */
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "conf-value.h"
#include "ruleset.h"

/* Longest line that inih takes without cutting it. */
#define LINE_MAX_LEN	198
/* Longest line of an address file. */
#define ADDRESS_LINE	512

enum section { SECTION_NONE, SECTION_NODE, SECTION_ROUTER, SECTION_RULE };

struct reader {
	const char *path;
	FILE *file;
	unsigned int line;
	struct gmg_ruleset *rs;
	enum section section;
	size_t rule;		/* in SECTION_RULE */
	uint32_t seen;		/* keys of the section, a bit each */
	unsigned int errors;
	void (*report)(const char *text, void *arg);
	void *arg;
};

static void complain(struct reader *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void complain(struct reader *r, const char *fmt, ...)
{
	char text[512];
	int len = snprintf(text, sizeof(text), "%.200s:%u: ", r->path, r->line);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text + len, sizeof(text) - len, fmt, ap);
	va_end(ap);
	r->report(text, r->arg);
	r->errors++;
}

static struct gmg_rule *rule_of(struct reader *r)
{
	return &r->rs->rule[r->rule];
}

static int set_audit(struct reader *r, const char *value)
{
	return value_flag(value, &r->rs->audit);
}

static int set_node_port(struct reader *r, const char *value)
{
	return ranges_parse(value, &r->rs->port);
}

static int set_devs(const char *value, struct gmg_devs *devs)
{
	char buf[LINE_MAX_LEN + 1], *piece, *save;

	if (value_text(value, buf, sizeof(buf)))
		return -EINVAL;
	for (piece = strtok_r(buf, ", \t", &save); piece;
	     piece = strtok_r(NULL, ", \t", &save)) {
		if (devs->n == GMGUARD_RULESET_DEVS_MAX)
			return -E2BIG;
		if (value_text(piece, devs->v[devs->n++], IF_NAMESIZE))
			return -EINVAL;
	}
	return 0;
}

static int set_access_dev(struct reader *r, const char *value)
{
	return set_devs(value, &r->rs->access_dev);
}

static int set_core_dev(struct reader *r, const char *value)
{
	return set_devs(value, &r->rs->core_dev);
}

static int set_ue_to_ue(struct reader *r, const char *value)
{
	return value_flag(value, &r->rs->ue_to_ue);
}

static int set_class(struct reader *r, const char *value)
{
	return value_text(value, rule_of(r)->class_name, GMG_RULE_CLASS_MAX);
}

static int set_addresses(struct reader *r, const char *value)
{
	return rule_add_prefixes(rule_of(r), value);
}

static int set_address_file(struct reader *r, const char *value)
{
	FILE *file = fopen(value, "re");
	char line[ADDRESS_LINE];
	unsigned int n = 0;
	int ret = 0;

	if (!file)
		return -errno;
	while (!ret && fgets(line, sizeof(line), file)) {
		n++;
		line[strcspn(line, "#")] = '\0';
		ret = rule_add_prefixes(rule_of(r), line);
		if (ret)
			complain(r, "%s:%u is no address or prefix", value, n);
	}
	if (ferror(file))
		ret = -EIO;
	fclose(file);
	return ret;
}

static int set_port(struct reader *r, const char *value)
{
	return ranges_parse(value, &rule_of(r)->port);
}

static int set_dev(struct reader *r, const char *value)
{
	return value_text(value, rule_of(r)->dev, IF_NAMESIZE);
}

static int set_esp(struct reader *r, const char *value)
{
	return value_flag(value, &rule_of(r)->esp);
}

static int set_tls(struct reader *r, const char *value)
{
	return value_flag(value, &rule_of(r)->tls);
}

static int set_reqid(struct reader *r, const char *value)
{
	return value_number(value, 1, UINT32_MAX, &rule_of(r)->reqid);
}

static int set_if_id(struct reader *r, const char *value)
{
	return value_number(value, 1, UINT32_MAX, &rule_of(r)->if_id);
}

static int set_mark(struct reader *r, const char *value)
{
	struct gmg_rule *rule = rule_of(r);

	if (!rule->mark_mask)
		rule->mark_mask = UINT32_MAX;
	return value_number(value, 0, UINT32_MAX, &rule->mark);
}

static int set_mark_mask(struct reader *r, const char *value)
{
	return value_number(value, 1, UINT32_MAX, &rule_of(r)->mark_mask);
}

#define PORTS_EXPECTED "PROTOCOL/PORT or PROTOCOL/FIRST-LAST, PROTOCOL " \
	"alone for all, separated by commas, at most 16 in all; /tls behind " \
	"a port that speaks TLS"
#define DEVS_EXPECTED "names of interfaces, a * at the end for any " \
	"characters, separated by commas, at most 64 in all"

static const struct key {
	enum section section;
	const char *name;
	int (*set)(struct reader *r, const char *value);
	const char *expected;
	bool list;
} keys[] = {
	{ SECTION_NODE, "port", set_node_port, PORTS_EXPECTED, true },
	{ SECTION_NODE, "audit", set_audit, "yes or no", false },
	{ SECTION_ROUTER, "access_dev", set_access_dev, DEVS_EXPECTED, true },
	{ SECTION_ROUTER, "core_dev", set_core_dev, DEVS_EXPECTED, true },
	{ SECTION_ROUTER, "ue_to_ue", set_ue_to_ue, "yes or no", false },
	{ SECTION_ROUTER, "audit", set_audit, "yes or no", false },
	{ SECTION_RULE, "class", set_class, "at most 15 characters", false },
	{ SECTION_RULE, "addresses", set_addresses,
	  "addresses or prefixes without bits beyond their length, separated by commas",
	  true },
	{ SECTION_RULE, "address_file", set_address_file,
	  "a file with an address or prefix a line", true },
	{ SECTION_RULE, "port", set_port, PORTS_EXPECTED, true },
	{ SECTION_RULE, "dev", set_dev, "the name of an interface", false },
	{ SECTION_RULE, "esp", set_esp, "yes or no", false },
	{ SECTION_RULE, "reqid", set_reqid, "a number from 1", false },
	{ SECTION_RULE, "mark", set_mark, "a number", false },
	{ SECTION_RULE, "mark_mask", set_mark_mask, "a number from 1", false },
	{ SECTION_RULE, "if_id", set_if_id, "a number from 1", false },
	{ SECTION_RULE, "tls", set_tls, "yes or no", false },
};

/* [KIND NAME] */
static void begin_rule(struct reader *r, char *title)
{
	char *name = strchr(title, ' ');
	uint32_t kind;

	if (name)
		*name++ = '\0';
	kind = rule_kind_by_name(title);
	if (!kind || !name || !*name || strlen(name) >= GMG_RULE_NAME_MAX) {
		complain(r, "unknown section [%s]: expected [node], [router], [peer NAME], [pool NAME], [core NAME], [destination NAME], [binding NAME] or [domain NAME]",
			 title);
		return;
	}
	if (ruleset_find(r->rs, kind, name)) {
		complain(r, "a second [%s %s]: give it another name", title,
			 name);
		return;
	}
	if (!ruleset_add(r->rs, kind, name)) {
		complain(r, "out of memory");
		return;
	}
	r->rule = r->rs->n_rule - 1;
	r->section = SECTION_RULE;
}

static void begin_section(struct reader *r, const char *line)
{
	char title[GMG_RULE_NAME_MAX + 16];
	size_t len = strcspn(line + 1, "]");

	r->section = SECTION_NONE;
	r->seen = 0;
	if (line[1 + len] != ']' || len >= sizeof(title)) {
		complain(r, "no section: expected [KIND NAME]");
		return;
	}
	memcpy(title, line + 1, len);
	title[len] = '\0';
	if (!strcmp(title, "node")) {
		r->section = SECTION_NODE;
		r->rs->node = true;
	} else if (!strcmp(title, "router")) {
		r->section = SECTION_ROUTER;
	} else {
		begin_rule(r, title);
	}
}

/* Feeds inih: counts lines and notes sections. */
static char *read_line(char *buf, int size, void *arg)
{
	struct reader *r = arg;
	char *from = buf;

	if (!fgets(buf, size, r->file))
		return NULL;
	r->line++;
	if (strlen(buf) > LINE_MAX_LEN && !strchr(buf, '\n')) {
		complain(r, "line longer than %d bytes: split it, lists may be given by several lines with the same key",
			 LINE_MAX_LEN);
		for (int c = 0; c != '\n' && c != EOF;)
			c = fgetc(r->file);
		strcpy(buf, "\n");
	}
	/* inih would take an indented key for the rest of the line before */
	from += strspn(from, " \t");
	memmove(buf, from, strlen(from) + 1);
	if (*buf == '[')
		begin_section(r, buf);
	return buf;
}

static int handle_key(void *arg, const char *section, const char *name,
		      const char *value)
{
	struct reader *r = arg;
	uint32_t bit = 1;

	(void)section;
	if (r->section == SECTION_NONE) {
		if (!r->errors)
			complain(r, "%s stands before any section", name);
		return 1;
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]);
	     i++, bit <<= 1) {
		if (keys[i].section != r->section ||
		    strcmp(keys[i].name, name))
			continue;
		if ((r->seen & bit) && !keys[i].list)
			complain(r, "%s is given twice", name);
		r->seen |= bit;
		if (keys[i].set(r, value))
			complain(r, "%s = %s: expected %s", name, value,
				 keys[i].expected);
		return 1;
	}
	complain(r, "unknown key %s: see gmguard-rules(5)", name);
	return 1;
}

/**
 * ruleset_load() - read a ruleset
 * @rs: result, for ruleset_clear() whatever is returned
 * @path: its name, for messages
 * @file: where it is read from
 * @report: is told everything that is wrong
 * @arg: for @report
 *
 * Return: 0, or -EINVAL.
 */
int ruleset_load(struct gmg_ruleset *rs, const char *path, FILE *file,
		 void (*report)(const char *text, void *arg), void *arg)
{
	struct reader r = {
		.path = path, .file = file, .rs = rs,
		.report = report, .arg = arg,
	};
	int line;

	memset(rs, 0, sizeof(*rs));
	line = ini_parse_stream(read_line, &r, handle_key, &r);
	if (ferror(file)) {
		complain(&r, "cannot read it");
	} else if (line > 0 && !r.errors) {
		r.line = line;
		complain(&r, "expected [SECTION] or KEY = VALUE");
	}
	return r.errors ? -EINVAL : 0;
}

static void print_ranges(const struct gmg_ranges *list, FILE *out)
{
	char buf[GMG_RANGE_TEXT_MAX];

	for (unsigned int i = 0; i < list->n; i++)
		fprintf(out, "port = %s\n",
			range_format(&list->v[i], buf, sizeof(buf)));
}

static void print_devs(const char *key, const struct gmg_devs *devs, FILE *out)
{
	for (unsigned int i = 0; i < devs->n; i++)
		fprintf(out, "%s = %s\n", key, devs->v[i]);
}

static void print_rule(const struct gmg_rule *rule, FILE *out)
{
	char addr[GMG_ADDR_TEXT_MAX];

	fprintf(out, "\n[%s %s]\n", rule_kind_name(rule->kind), rule->name);
	if (*rule->class_name)
		fprintf(out, "class = %s\n", rule->class_name);
	for (size_t i = 0; i < rule->n_prefix; i++)
		fprintf(out, "addresses = %s/%u\n",
			gmg_addr_format(&rule->prefix[i].addr, addr,
					sizeof(addr)), rule->prefix[i].len);
	print_ranges(&rule->port, out);
	if (*rule->dev)
		fprintf(out, "dev = %s\n", rule->dev);
	if (rule->esp)
		fprintf(out, "esp = yes\n");
	if (rule->reqid)
		fprintf(out, "reqid = %u\n", rule->reqid);
	if (rule->mark_mask)
		fprintf(out, "mark = %u\nmark_mask = %u\n", rule->mark,
			rule->mark_mask);
	if (rule->if_id)
		fprintf(out, "if_id = %u\n", rule->if_id);
	if (rule->tls)
		fprintf(out, "tls = yes\n");
}

/**
 * ruleset_print() - write a ruleset as ruleset_load() reads it
 * @rs: the ruleset
 * @out: where to
 */
void ruleset_print(const struct gmg_ruleset *rs, FILE *out)
{
	bool router = rs->access_dev.n || rs->core_dev.n;

	if (rs->node) {
		fprintf(out, "[node]\n");
		print_ranges(&rs->port, out);
	}
	if (router || (rs->audit && !rs->node)) {
		fprintf(out, "%s[router]\n", rs->node ? "\n" : "");
		print_devs("access_dev", &rs->access_dev, out);
		print_devs("core_dev", &rs->core_dev, out);
		if (rs->ue_to_ue)
			fprintf(out, "ue_to_ue = yes\n");
	}
	if (rs->audit)
		fprintf(out, "audit = yes\n");
	for (size_t i = 0; i < rs->n_rule; i++)
		print_rule(&rs->rule[i], out);
}
