// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ruleset-print.c - a ruleset as sections of gmguard.conf, see gmguard-rules(5)
 */
#include <stdio.h>
#include <string.h>

#include "conf.h"

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

/* What does not follow from the rest, see conf_finish_peers(). */
static void print_class(const struct gmg_rule *rule, FILE *out)
{
	int peer_class = peer_class_by_name(rule->class_name);

	if (peer_class >= 0)
		fprintf(out, "class = %s\n", rule->class_name);
	if (rule->tls == (peer_class == PEER_OWN))
		fprintf(out, "protected_by = %s\n",
			rule->tls ? "tls" : "network");
}

static void print_rule(const struct gmg_rule *rule, FILE *out)
{
	char addr[GMG_ADDR_TEXT_MAX];

	fprintf(out, "\n[%s %s]\n", rule_kind_name(rule->kind), rule->name);
	if (rule->kind == GMGUARD_RULE_KIND_PEER)
		print_class(rule, out);
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
}

/**
 * ruleset_print() - write a ruleset as conf_read() reads it
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
