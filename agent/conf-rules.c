// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conf-rules.c - what the kernel lets through on a core node or a router: the
 * sections [node], [router] and [KIND NAME], see gmguard-rules(5)
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf-reader.h"
#include "conf-value.h"

/* Longest value: no line is longer. */
#define VALUE_MAX	200
/* Longest line of an address file. */
#define ADDRESS_LINE	512

static int set_audit(struct reader *r, const char *value)
{
	return value_flag(value, &r->conf->rules.audit);
}

static int set_node_port(struct reader *r, const char *value)
{
	return ranges_parse(value, &r->conf->rules.port);
}

static int set_devs(const char *value, struct gmg_devs *devs)
{
	char buf[VALUE_MAX], *piece, *save;

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
	return set_devs(value, &r->conf->rules.access_dev);
}

static int set_core_dev(struct reader *r, const char *value)
{
	return set_devs(value, &r->conf->rules.core_dev);
}

static int set_ue_to_ue(struct reader *r, const char *value)
{
	return value_flag(value, &r->conf->rules.ue_to_ue);
}

static int set_addresses(struct reader *r, const char *value)
{
	return rule_add_prefixes(r->rule, value);
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
		ret = rule_add_prefixes(r->rule, line);
		if (ret)
			conf_complain(&r->to, r->line,
				      "%s:%u is no address or prefix", value, n);
	}
	if (ferror(file))
		ret = -EIO;
	fclose(file);
	return ret;
}

static int set_port(struct reader *r, const char *value)
{
	return ranges_parse(value, &r->rule->port);
}

static int set_dev(struct reader *r, const char *value)
{
	return value_text(value, r->rule->dev, IF_NAMESIZE);
}

static int set_esp(struct reader *r, const char *value)
{
	return value_flag(value, &r->rule->esp);
}

static int set_reqid(struct reader *r, const char *value)
{
	return value_number(value, 1, UINT32_MAX, &r->rule->reqid);
}

static int set_if_id(struct reader *r, const char *value)
{
	return value_number(value, 1, UINT32_MAX, &r->rule->if_id);
}

static int set_mark(struct reader *r, const char *value)
{
	struct gmg_rule *rule = r->rule;

	if (!rule->mark_mask)
		rule->mark_mask = UINT32_MAX;
	return value_number(value, 0, UINT32_MAX, &rule->mark);
}

static int set_mark_mask(struct reader *r, const char *value)
{
	return value_number(value, 1, UINT32_MAX, &r->rule->mark_mask);
}

#define PORTS_EXPECTED "PROTOCOL/PORT or PROTOCOL/FIRST-LAST, PROTOCOL " \
	"alone for all, separated by commas, at most 16 in all; /tls behind " \
	"a port that speaks TLS"
#define DEVS_EXPECTED "names of interfaces, a * at the end for any " \
	"characters, separated by commas, at most 64 in all"
/* What is said of a rule, a peer or not. */
#define RULE_KEYS(section) \
	{ section, "addresses", set_addresses, \
	  "addresses or prefixes without bits beyond their length, separated by commas", \
	  true }, \
	{ section, "address_file", set_address_file, \
	  "a file with an address or prefix a line", true }, \
	{ section, "port", set_port, PORTS_EXPECTED, true }, \
	{ section, "dev", set_dev, "the name of an interface", false }, \
	{ section, "esp", set_esp, "yes or no", false }, \
	{ section, "reqid", set_reqid, "a number from 1", false }, \
	{ section, "mark", set_mark, "a number", false }, \
	{ section, "mark_mask", set_mark_mask, "a number from 1", false }, \
	{ section, "if_id", set_if_id, "a number from 1", false }

static const struct key keys[] = {
	{ SECTION_NODE, "port", set_node_port, PORTS_EXPECTED, true },
	{ SECTION_NODE, "audit", set_audit, "yes or no", false },
	{ SECTION_ROUTER, "access_dev", set_access_dev, DEVS_EXPECTED, true },
	{ SECTION_ROUTER, "core_dev", set_core_dev, DEVS_EXPECTED, true },
	{ SECTION_ROUTER, "ue_to_ue", set_ue_to_ue, "yes or no", false },
	{ SECTION_ROUTER, "audit", set_audit, "yes or no", false },
	RULE_KEYS(SECTION_RULE),
	RULE_KEYS(SECTION_PEER),
};

KEY_TABLE(conf_rule_keys, keys);

/**
 * conf_begin_rule() - a line [KIND NAME]
 * @r: the file
 * @kind: enum gmguard_rule_kind
 * @name: NAME
 *
 * Return: 0, or a negative errno after a complaint.
 */
int conf_begin_rule(struct reader *r, uint32_t kind, const char *name)
{
	struct gmg_ruleset *rs = &r->conf->rules;
	const struct gmg_rule *other = ruleset_find(rs, kind, name);

	if (other) {
		conf_complain(&r->to, r->line,
			      "a second %s %s (the first one is at line %u): give it another name",
			      rule_kind_name(kind), name, other->line);
		return -EEXIST;
	}
	r->rule = ruleset_add(rs, kind, name);
	if (!r->rule) {
		conf_complain(&r->to, r->line, "out of memory");
		return -ENOMEM;
	}
	r->rule->line = r->line;
	return 0;
}

/* A prefix and whose it is, to be put in order. */
struct owned {
	const struct gmg_prefix *prefix;
	const struct gmg_rule *rule;
};

static int compare_owned(const void *a, const void *b)
{
	const struct owned *x = a, *y = b;
	int order = (int)x->rule->kind - (int)y->rule->kind;

	if (!order)
		order = gmg_prefix_compare(x->prefix, y->prefix);
	if (!order)
		order = (int)x->rule->line - (int)y->rule->line;
	return order;
}

static void complain_twice(const struct owned *one, const struct owned *other,
			   struct conf_complaints *to)
{
	const struct gmg_rule *a = one->rule, *b = other->rule;
	const char *kind = rule_kind_name(b->kind);
	char addr[GMG_ADDR_TEXT_MAX];

	gmg_addr_format(&other->prefix->addr, addr, sizeof(addr));
	if (a == b)
		conf_complain(to, b->line, "[%s %s] has %s/%u twice", kind,
			      b->name, addr, other->prefix->len);
	else
		conf_complain(to, b->line,
			      "[%s %s] has an address of [%s %s] (line %u), %s/%u: whose is it?",
			      kind, b->name, kind, a->name, a->line, addr,
			      other->prefix->len);
}

/**
 * conf_check_rules() - find addresses that two rules of a kind have
 * @conf: the configuration
 * @to: is told about it
 *
 * Of destinations one that permits is enough, so they may share some. The rest
 * is for the kernel to say: it knows.
 */
void conf_check_rules(const struct conf *conf, struct conf_complaints *to)
{
	const struct gmg_ruleset *rs = &conf->rules;
	struct owned *all;
	size_t n = 0;

	for (size_t i = 0; i < rs->n_rule; i++)
		n += rs->rule[i].n_prefix;
	all = calloc(n + 1, sizeof(*all));
	if (!all) {
		conf_complain(to, 0, "out of memory");
		return;
	}
	n = 0;
	for (size_t i = 0; i < rs->n_rule; i++) {
		const struct gmg_rule *rule = &rs->rule[i];

		for (size_t j = 0; j < rule->n_prefix &&
		     rule->kind != GMGUARD_RULE_KIND_DESTINATION; j++)
			all[n++] = (struct owned){ &rule->prefix[j], rule };
	}
	qsort(all, n, sizeof(*all), compare_owned);
	for (size_t i = 1; i < n; i++) {
		if (all[i - 1].rule->kind == all[i].rule->kind &&
		    !gmg_prefix_compare(all[i - 1].prefix, all[i].prefix))
			complain_twice(&all[i - 1], &all[i], to);
	}
	free(all);
}
