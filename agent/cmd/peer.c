// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * peer.c - gmguard peer: what a core node or a router lets through.
 *
 * Every change replaces the whole ruleset in one step, and only the one that
 * was read: who comes between begins again.
 */
#include <errno.h>
#include <string.h>

#include "../conf.h"
#include "cli.h"

/* Somebody else's change comes between as often at most. */
#define TRIES	10
/* What "peer new" guards on a host that was no core node yet. */
#define NODE_PORTS \
	"udp/5060,tcp/5060,sctp/5060,tcp/5061/tls,sctp/5061,tcp/3868,sctp/3868,tcp/5658"

enum {
	KEY_ADDR, KEY_CLASS, KEY_PORT, KEY_DEV, KEY_ESP, KEY_REQID, KEY_MARK,
	KEY_IF_ID, KEY_PROTECTED_BY, KEY_NUM
};

static const struct cli_key peer_keys[] = {
	[KEY_ADDR] = {
		"addr", "addresses", "PREFIXES", true,
		"its addresses, like 10.44.0.7,10.45.0.0/24,fd44::7"
	},
	[KEY_CLASS] = {
		"class", NULL, "CLASS", false,
		"own, partner or foreign; foreign without"
	},
	[KEY_PORT] = {
		"port", NULL, "PORTS", false,
		"guarded ports that it may reach, like udp/5060,tcp/5060-5061; all of them without"
	},
	[KEY_DEV] = {
		"dev", NULL, "INTERFACE", false,
		"interface that its packets come by; any without"
	},
	[KEY_ESP] = {
		"esp", NULL, NULL, false,
		"its packets count only through ESP, and none leaves in clear"
	},
	[KEY_REQID] = {
		"reqid", NULL, "N", false,
		"with esp, the reqid of the IKE daemon's policy"
	},
	[KEY_MARK] = {
		"mark", NULL, "N", false, "with esp, the mark of its SAs"
	},
	[KEY_IF_ID] = {
		"if-id", NULL, "N", false, "with esp, the if_id of its SAs"
	},
	[KEY_PROTECTED_BY] = {
		"protected-by", NULL, "PROTECTION", false,
		"tls: no SIP in clear from or to it (TS 33.203 6.5), or network; without it network if the class is own, else tls"
	},
	{ 0 }
};

static int get_ruleset(struct cli *c, struct gmg_ruleset *rs)
{
	int ret = cli_kernel(c);

	memset(rs, 0, sizeof(*rs));
	if (ret)
		return ret;
	ret = kernel_ruleset_get(&c->k, rs);
	return ret ? cli_kernel_fail(c, ret) : CLI_OK;
}

static json_t *json_ranges(const struct gmg_ranges *list)
{
	json_t *array = json_array();
	char buf[GMG_RANGE_TEXT_MAX];

	for (unsigned int i = 0; i < list->n; i++)
		json_array_append_new(array, json_string(
			range_format(&list->v[i], buf, sizeof(buf))));
	return array;
}

static json_t *json_devs(const struct gmg_devs *devs)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < devs->n; i++)
		json_array_append_new(array, json_string(devs->v[i]));
	return array;
}

static json_t *json_reasons(const struct gmg_rule *rule)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < rule->n_reason; i++) {
		const struct gmg_rule_reason *r = &rule->reason[i];

		json_array_append_new(array, json_pack("{s:s,s:I}",
			"reason", gmg_reason_name(r->reason),
			"packets", (json_int_t)r->packets));
	}
	return array;
}

static json_t *json_rule(const struct gmg_rule *rule)
{
	json_t *root, *prefixes = json_array();
	char text[GMG_PREFIX_TEXT_MAX], addr[GMG_ADDR_TEXT_MAX];

	for (size_t i = 0; i < rule->n_prefix; i++) {
		snprintf(text, sizeof(text), "%s/%u",
			 gmg_addr_format(&rule->prefix[i].addr, addr,
					 sizeof(addr)), rule->prefix[i].len);
		json_array_append_new(prefixes, json_string(text));
	}
	root = json_pack("{s:s,s:s,s:s,s:s,s:b,s:b,s:I,s:I,s:I,s:I,s:I,s:I,s:o,s:o,s:o}",
			 "kind", rule_kind_name(rule->kind),
			 "name", rule->name, "class", rule->class_name,
			 "dev", rule->dev, "esp", rule->esp, "tls", rule->tls,
			 "reqid", (json_int_t)rule->reqid,
			 "mark", (json_int_t)rule->mark,
			 "mark_mask", (json_int_t)rule->mark_mask,
			 "if_id", (json_int_t)rule->if_id,
			 "packets", (json_int_t)rule->packets,
			 "dropped", (json_int_t)rule->dropped,
			 "reason", json_reasons(rule),
			 "port", json_ranges(&rule->port),
			 "prefix", prefixes);
	return root;
}

static json_t *json_ruleset(const struct gmg_ruleset *rs)
{
	json_t *rules = json_array();

	for (size_t i = 0; i < rs->n_rule; i++)
		json_array_append_new(rules, json_rule(&rs->rule[i]));
	return json_pack("{s:I,s:b,s:b,s:b,s:o,s:o,s:o,s:o}",
			 "generation", (json_int_t)rs->generation,
			 "audit", rs->audit, "node", rs->node,
			 "ue_to_ue", rs->ue_to_ue,
			 "port", json_ranges(&rs->port),
			 "access_dev", json_devs(&rs->access_dev),
			 "core_dev", json_devs(&rs->core_dev),
			 "rule", rules);
}

/* "10.44.0.7/32 and 3 more" */
static void format_prefixes(const struct gmg_rule *rule, char *buf,
			    size_t size)
{
	char addr[GMG_ADDR_TEXT_MAX];
	int len = 0;

	buf[0] = '\0';
	if (rule->n_prefix)
		len = snprintf(buf, size, "%s/%u",
			       gmg_addr_format(&rule->prefix[0].addr, addr,
					       sizeof(addr)),
			       rule->prefix[0].len);
	if (rule->n_prefix > 1)
		snprintf(buf + len, size - len, " +%zu", rule->n_prefix - 1);
}

/* "peer-port 3, peer-tls 1" */
static void format_reasons(const struct gmg_rule *rule, char *buf, size_t size)
{
	size_t len = 0;

	snprintf(buf, size, "-");
	for (unsigned int i = 0; i < rule->n_reason && len < size; i++)
		len += snprintf(buf + len, size - len, "%s%s %llu",
				i ? ", " : "",
				gmg_reason_name(rule->reason[i].reason),
				(unsigned long long)rule->reason[i].packets);
}

static int show_rules(struct cli *c, const struct gmg_ruleset *rs)
{
	static const char * const columns[] = {
		"KIND", "NAME", "CLASS", "ADDRESSES", "NEEDS", "PACKETS",
		"DROPPED", "WHY",
	};
	struct table *t = table_new(columns, ARRAY_SIZE(columns));
	char prefixes[GMG_PREFIX_TEXT_MAX + 24];
	char reasons[GMG_RULE_REASONS_MAX * 48];
	int ret;

	for (size_t i = 0; i < rs->n_rule; i++) {
		const struct gmg_rule *rule = &rs->rule[i];

		format_prefixes(rule, prefixes, sizeof(prefixes));
		table_add(t, "%s", rule_kind_name(rule->kind));
		table_add(t, "%s", rule->name);
		table_add(t, "%s", *rule->class_name ? rule->class_name : "-");
		table_add(t, "%s", prefixes);
		table_add(t, "%s", rule->esp ? "esp" : rule->tls ? "tls" : "-");
		table_add(t, "%llu", (unsigned long long)rule->packets);
		table_add(t, "%llu", (unsigned long long)rule->dropped);
		format_reasons(rule, reasons, sizeof(reasons));
		table_add(t, "%s", reasons);
	}
	ret = table_print(c, t, 0);
	table_free(t);
	return ret;
}

static int show_ruleset(struct cli *c, const struct gmg_ruleset *rs)
{
	if (c->json)
		return cli_print_json(c, json_ruleset(rs));
	if (!rs->node && !rs->access_dev.n && !rs->n_rule) {
		fprintf(c->out, "no ruleset: this host is guarded neither as a core node nor as a router\n");
		return CLI_OK;
	}
	if (rs->audit)
		cli_warn(c, "this ruleset only audits: NOTHING IS DROPPED");
	fprintf(c->out, "%s%s%s, %zu rule%s\n", rs->node ? "core node" : "",
		rs->node && rs->access_dev.n ? ", " : "",
		rs->access_dev.n ? "router" : rs->node ? "" :
		"between security domains",
		rs->n_rule, rs->n_rule == 1 ? "" : "s");
	return show_rules(c, rs);
}

static int run_show(struct cli *c, int argc, char **argv)
{
	struct gmg_ruleset rs;
	int ret = cli_no_args(c, argc, argv);

	if (ret)
		return ret;
	ret = get_ruleset(c, &rs);
	if (!ret)
		ret = show_ruleset(c, &rs);
	ruleset_clear(&rs);
	return ret;
}

/* As conf_finish_peers() has it. */
static int fill_class(struct cli *c, char **v, struct gmg_rule *rule)
{
	const char *by = v[KEY_PROTECTED_BY];
	int peer_class = PEER_FOREIGN;

	if (v[KEY_CLASS])
		peer_class = peer_class_by_name(v[KEY_CLASS]);
	if (peer_class < 0)
		return cli_usage(c, "class: \"%s\" is not own, partner or foreign",
				 v[KEY_CLASS]);
	if (by && strcmp(by, "tls") && strcmp(by, "network"))
		return cli_usage(c, "protected-by: \"%s\" is not tls or network",
				 by);
	snprintf(rule->class_name, sizeof(rule->class_name), "%s",
		 peer_class_name(peer_class));
	rule->tls = by ? !strcmp(by, "tls") : peer_class != PEER_OWN;
	return CLI_OK;
}

/* A rule as the words say. */
static int fill(struct cli *c, char **v, struct gmg_rule *rule)
{
	int ret = CLI_OK;

	if (rule_add_prefixes(rule, v[KEY_ADDR]) || !rule->n_prefix)
		return cli_usage(c, "addr: \"%s\" has something that is no address or prefix, or bits beyond its length",
				 v[KEY_ADDR]);
	ret = fill_class(c, v, rule);
	if (ret)
		return ret;
	if (v[KEY_DEV] && strlen(v[KEY_DEV]) >= IF_NAMESIZE)
		return cli_usage(c, "dev: \"%s\" is no name of an interface",
				 v[KEY_DEV]);
	snprintf(rule->dev, sizeof(rule->dev), "%s",
		 v[KEY_DEV] ? v[KEY_DEV] : "");
	if (v[KEY_PORT] && ranges_parse(v[KEY_PORT], &rule->port))
		return cli_usage(c, "port: \"%s\" is not like udp/5060,tcp/5060-5061, at most %d",
				 v[KEY_PORT], GMGUARD_RULE_PORTS_MAX);
	rule->esp = v[KEY_ESP];
	if (v[KEY_REQID])
		ret = cli_u32(c, "reqid", v[KEY_REQID], 1, UINT32_MAX,
			      &rule->reqid);
	if (!ret && v[KEY_IF_ID])
		ret = cli_u32(c, "if-id", v[KEY_IF_ID], 1, UINT32_MAX,
			      &rule->if_id);
	if (!ret && v[KEY_MARK]) {
		ret = cli_u32(c, "mark", v[KEY_MARK], 0, UINT32_MAX,
			      &rule->mark);
		rule->mark_mask = UINT32_MAX;
	}
	return ret;
}

static int add_peer(struct cli *c, struct gmg_ruleset *rs, const char *name,
		    char **v)
{
	struct gmg_rule *rule;

	if (ruleset_find(rs, GMGUARD_RULE_KIND_PEER, name))
		return cli_fail(c, CLI_REFUSED, "there is a peer %s already: \"gmguard peer del\" it first",
				name);
	rule = ruleset_add(rs, GMGUARD_RULE_KIND_PEER, name);
	if (!rule)
		return cli_fail(c, CLI_REFUSED, "out of memory");
	if (!rs->node) {
		rs->node = true;
		ranges_parse(NODE_PORTS, &rs->port);
	}
	return fill(c, v, rule);
}

static int del_peer(struct cli *c, struct gmg_ruleset *rs, const char *name,
		    char **v)
{
	struct gmg_rule *rule = ruleset_find(rs, GMGUARD_RULE_KIND_PEER, name);

	(void)v;
	if (!rule)
		return cli_fail(c, CLI_REFUSED, "there is no peer %s; \"gmguard peer\" lists them",
				name);
	ruleset_del(rs, rule);
	return CLI_OK;
}

typedef int change_fn(struct cli *c, struct gmg_ruleset *rs, const char *name,
		      char **v);

/* Read, change, replace; from the beginning if somebody came between. */
static int change(struct cli *c, const char *name, char **v, change_fn *fn)
{
	struct gmg_ruleset rs;
	int tries = 0, ret, error;

	do {
		ret = get_ruleset(c, &rs);
		if (!ret)
			ret = fn(c, &rs, name, v);
		error = ret ? 0 : kernel_ruleset_set(&c->k, &rs);
		ruleset_clear(&rs);
	} while (error == -EAGAIN && ++tries < TRIES);
	if (error)
		return cli_kernel_fail(c, error);
	return ret;
}

static int run_new(struct cli *c, int argc, char **argv)
{
	char *values[KEY_NUM];
	int ret;

	if (!argc || strchr(argv[0], '='))
		return cli_usage(c, "needs the name of the peer first");
	if (strlen(argv[0]) >= GMG_RULE_NAME_MAX || strpbrk(argv[0], "[]\n"))
		return cli_usage(c, "a name has at most %d characters, and no bracket",
				 GMG_RULE_NAME_MAX - 1);
	ret = cli_pairs(c, peer_keys, argc - 1, argv + 1, values);
	if (!ret)
		ret = change(c, argv[0], values, add_peer);
	return ret ? ret : run_show(c, 0, argv);
}

static int run_del(struct cli *c, int argc, char **argv)
{
	int ret;

	if (argc != 1)
		return cli_usage(c, "needs the name of one peer; \"gmguard peer\" lists them");
	ret = change(c, argv[0], NULL, del_peer);
	return ret ? ret : run_show(c, 0, argv);
}

static void report(const char *text, void *arg)
{
	cli_warn(arg, "%s", text);
}

static int run_load(struct cli *c, int argc, char **argv)
{
	const char *path = argc ? argv[0] : "-";
	FILE *file = stdin;
	struct conf *conf;
	int ret = CLI_OK;

	if (argc > 1)
		return cli_usage(c, "takes one file; without one, standard input");
	if (strcmp(path, "-"))
		file = fopen(path, "re");
	if (!file)
		return cli_fail(c, CLI_REFUSED, "cannot open %s: %s", path,
				strerror(errno));
	conf = conf_read(file, path, report, c);
	if (file != stdin)
		fclose(file);
	if (!conf)
		ret = cli_fail(c, CLI_REFUSED, "%s is not loaded, the ruleset stays as it was",
			       path);
	else
		ret = cli_kernel(c);
	if (!ret) {
		ret = kernel_ruleset_set(&c->k, &conf->rules);
		ret = ret ? cli_kernel_fail(c, ret) : CLI_OK;
	}
	conf_free(conf);
	return ret ? ret : run_show(c, 0, argv);
}

static int run_dump(struct cli *c, int argc, char **argv)
{
	struct gmg_ruleset rs;
	int ret = cli_no_args(c, argc, argv);

	if (ret)
		return ret;
	ret = get_ruleset(c, &rs);
	if (!ret && c->json)
		ret = cli_print_json(c, json_ruleset(&rs));
	else if (!ret)
		ruleset_print(&rs, c->out);
	ruleset_clear(&rs);
	return ret;
}

static const struct cli_verb peer_sub[] = {
	{
		.name = "show",
		.summary = "Show the ruleset, with the counters of each rule.",
		.run = run_show,
	}, {
		.name = "esp",
		.summary = "Show which peers need ESP, and the child SAs that serve them.",
		.details = "gmguardd knows them, if it follows the IKE daemon: see vici in gmguard.conf(5). A peer or domain is missing one when an address of it has no child SA that is up and has the reqid, mark or if_id of the rule.",
		.run = peer_esp,
	}, {
		.name = "new",
		.args = "NAME",
		.summary = "List a peer.",
		.details = "It may reach the guarded ports of this core node from then on. On a host without a ruleset this makes it a core node: SIP and Diameter ports are closed to everybody else at once.",
		.keys = peer_keys,
		.run = run_new,
	}, {
		.name = "del",
		.args = "PEER",
		.summary = "Take a peer off the list.",
		.details = "The guarded ports stay closed, also with no peer left: \"gmguard peer load /dev/null\" removes the whole ruleset.",
		.run = run_del,
	}, {
		.name = "load",
		.args = "[FILE]",
		.summary = "Replace the whole ruleset in one step.",
		.details = "With what a file like gmguard.conf says, see gmguard-rules(5); without one, standard input. If anything in it is wrong, the ruleset stays as it was. Counters go on where the new one has a rule of the same kind and name.",
		.run = run_load,
	}, {
		.name = "dump",
		.summary = "Print the ruleset as such a file.",
		.run = run_dump,
	},
	{ 0 }
};

const struct cli_verb verb_peer = {
	.name = "peer",
	.summary = "Show or change who may reach a core node, and what a router lets through.",
	.details = "A ruleset is for an I-CSCF, S-CSCF, application server, HSS or border (core node), and for a router between UEs and the core (TS 33.203 Annex J). It is that of this network namespace, and ends with it.",
	.sub = peer_sub,
	.run = run_show,
};
