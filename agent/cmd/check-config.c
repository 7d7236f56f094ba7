// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * check-config.c - gmguard check-config: would gmguardd take this file?
 */
#include "../conf.h"
#include "cli.h"

struct check {
	struct cli *c;
	json_t *errors;		/* with --json, else NULL */
};

static void report(const char *text, void *arg)
{
	struct check *check = arg;

	if (check->errors)
		json_array_append_new(check->errors, json_string(text));
	else
		cli_warn(check->c, "%s", text);
}

static void print_endpoint(struct cli *c, const struct conf_endpoint *e)
{
	char addr[GMG_ADDR_TEXT_MAX], ps[GMGUARD_PORT_PS_MAX * 6 + 1];
	char pc[GMGUARD_PORT_PC_MAX * 6 + 1];

	fprintf(c->out, "  endpoint %s: %s, port_ps %s, port_pc %s\n", e->name,
		gmg_addr_format(&e->ep.local_addr, addr, sizeof(addr)),
		format_ports(e->ep.port_ps, e->ep.n_port_ps, ps, sizeof(ps)),
		format_ports(e->ep.port_pc, e->ep.n_port_pc, pc, sizeof(pc)));
}

static void print_peer(struct cli *c, const struct conf_peer *p)
{
	fprintf(c->out, "  peer %s: %s%s, %u domain%s, %zu address%s\n",
		p->name, peer_class_name(p->peer_class),
		p->below_sip ? " (protected below SIP)" : " (over TLS)",
		p->n_domain, p->n_domain == 1 ? "" : "s",
		p->n_address, p->n_address == 1 ? "" : "es");
}

static void print_rules(struct cli *c, const struct conf *conf)
{
	const struct gmg_ruleset *rs = &conf->rules;

	if (!conf->guards)
		return;
	fprintf(c->out, "  ruleset: %s%s%s%zu rule%s and peer%s\n",
		rs->node ? "core node, " : "",
		rs->access_dev.n ? "router, " : "",
		rs->audit ? "drops nothing (audit), " : "",
		rs->n_rule, rs->n_rule == 1 ? "" : "s",
		rs->n_rule == 1 ? "" : "s");
}

static int run_check_config(struct cli *c, int argc, char **argv)
{
	struct check check = { .c = c };
	const char *path = argc ? argv[0] : CONF_PATH;
	struct conf *conf;
	unsigned int i;
	int status, ret;

	if (argc > 1)
		return cli_usage(c, "takes one file; without one %s",
				 CONF_PATH);
	check.errors = c->json ? json_array() : NULL;
	conf = conf_load(path, report, &check);
	status = conf ? CLI_OK : CLI_REFUSED;
	if (c->json) {
		ret = cli_print_json(c, json_pack("{s:s,s:b,s:o}",
						  "file", path,
						  "valid", !!conf,
						  "errors", check.errors));
		status = ret ? ret : status;
	} else if (conf) {
		fprintf(c->out, "%s is valid, %u endpoint%s\n", path,
			conf->n_endpoint, conf->n_endpoint == 1 ? "" : "s");
		for (i = 0; i < conf->n_endpoint; i++)
			print_endpoint(c, &conf->endpoint[i]);
		for (i = 0; i < conf->n_peer; i++)
			print_peer(c, &conf->peer[i]);
		print_rules(c, conf);
	}
	conf_free(conf);
	return status;
}

const struct cli_verb verb_check_config = {
	.name = "check-config",
	.args = "[FILE]",
	.summary = "Check a configuration file of gmguardd.",
	.details = "Without FILE: /etc/gmguard/gmguard.conf. Prints every error with its line, and exits with 1 if there is one. Asks no kernel.",
	.run = run_check_config,
};
