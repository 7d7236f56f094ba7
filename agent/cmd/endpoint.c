// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * endpoint.c - gmguard endpoint: begins and ends to guard an address, or changes
 * what is guarded there.
 */
#include "cli.h"

enum {
	KEY_ADDR, KEY_PORT_PS, KEY_PORT_PC, KEY_UNPROTECTED, KEY_EXEMPT,
	KEY_PRIORITY, KEY_EMERGENCY, KEY_STUN, KEY_AUDIT, KEY_NUM
};

static const struct cli_key endpoint_keys[] = {
	[KEY_ADDR] = {
		"addr", "local-addr", "ADDRESS", true,
		"the P-CSCF's address on Gm"
	},
	[KEY_PORT_PS] = {
		"port-ps", NULL, "PORTS", true,
		"protected server ports, 1 to 8, like 6101 or 6101,6103"
	},
	[KEY_PORT_PC] = {
		"port-pc", NULL, "PORTS", true,
		"pool of protected client ports, up to 64, at least 4 to make SA sets, like 6110-6117"
	},
	[KEY_UNPROTECTED] = {
		"unprotected", "port-unprotected", "PORTS", false,
		"unprotected SIP ports, up to 16, never one that speaks TLS: in clear only REGISTER, error responses and keep-alives come through"
	},
	[KEY_EXEMPT] = {
		"exempt", NULL, "PREFIXES", false,
		"core peers that packets from protected ports may reach in clear, and that may send any SIP to the unprotected ports, up to 64, like 10.44.0.0/24,fd44::2"
	},
	[KEY_PRIORITY] = {
		"policy-priority", NULL, "N", false,
		"priority of the xfrm out policies, from 2081; a larger number yields to other programs' policies; default 1000000"
	},
	[KEY_EMERGENCY] = {
		"emergency", NULL, NULL, false,
		"an INVITE to urn:service:sos may come to the unprotected ports in clear, and opens its source for the limit emergency-ms"
	},
	[KEY_STUN] = {
		"stun", NULL, NULL, false,
		"STUN Binding requests may come to the unprotected ports over UDP, as keep-alives of RFC 5626"
	},
	[KEY_AUDIT] = {
		"audit", NULL, NULL, false,
		"DROP NOTHING: count and sample what would be dropped, on a P-CSCF that makes its own SAs; no SA set can be made here"
	},
	{ 0 }
};

enum { OPT_FORCE };

static const struct cli_opt del_opts[] = {
	[OPT_FORCE] = { 'f', "force", NULL, "delete its SA sets with it" },
	{ 0 }
};

static int parse_endpoint(struct cli *c, char **v, struct gmg_endpoint *ep)
{
	int ret;

	*ep = (struct gmg_endpoint){ 0 };
	ret = cli_addr(c, "addr", v[KEY_ADDR], &ep->local_addr);
	if (!ret)
		ret = cli_ports(c, "port-ps", v[KEY_PORT_PS], ep->port_ps,
				&ep->n_port_ps, GMGUARD_PORT_PS_MAX);
	if (!ret)
		ret = cli_ports(c, "port-pc", v[KEY_PORT_PC], ep->port_pc,
				&ep->n_port_pc, GMGUARD_PORT_PC_MAX);
	if (!ret && v[KEY_UNPROTECTED])
		ret = cli_ports(c, "unprotected", v[KEY_UNPROTECTED],
				ep->port_unprotected, &ep->n_port_unprotected,
				GMGUARD_PORT_UNPROTECTED_MAX);
	if (!ret && v[KEY_EXEMPT])
		ret = cli_prefixes(c, "exempt", v[KEY_EXEMPT], ep->exempt,
				   &ep->n_exempt, GMGUARD_EXEMPT_MAX);
	if (!ret && v[KEY_PRIORITY])
		ret = cli_u32(c, "policy-priority", v[KEY_PRIORITY], 2081,
			      UINT32_MAX, &ep->policy_priority);
	ep->emergency = v[KEY_EMERGENCY];
	ep->stun = v[KEY_STUN];
	ep->audit = v[KEY_AUDIT];
	return ret;
}

typedef int endpoint_fn(struct gmg_kernel *k, struct gmg_endpoint *ep);

static int run_with(struct cli *c, int argc, char **argv, endpoint_fn *fn)
{
	struct endpoint_list list = { .n = 1 };
	struct gmg_endpoint ep, made;
	char *values[KEY_NUM];
	int ret = cli_pairs(c, endpoint_keys, argc, argv, values);

	if (!ret)
		ret = parse_endpoint(c, values, &ep);
	if (!ret)
		ret = cli_kernel(c);
	if (ret)
		return ret;
	ret = fn(&c->k, &ep);
	if (ret)
		return cli_kernel_fail(c, ret);
	/* show what the kernel has, unless somebody deleted it meanwhile */
	list.v = kernel_endpoint_get(&c->k, ep.id, &made) ? &ep : &made;
	if (c->json)
		return cli_print_json(c, json_endpoint(list.v));
	show_audit_warning(c, &list);
	return show_endpoints(c, &list);
}

static int run_new(struct cli *c, int argc, char **argv)
{
	return run_with(c, argc, argv, kernel_endpoint_new);
}

static int run_set(struct cli *c, int argc, char **argv)
{
	return run_with(c, argc, argv, kernel_endpoint_set);
}

static int run_del(struct cli *c, int argc, char **argv)
{
	uint32_t id;
	int ret;

	if (argc != 1)
		return cli_usage(c, "needs the id or the address of one endpoint; \"gmguard show endpoints\" lists them");
	ret = cli_endpoint_id(c, "endpoint", argv[0], &id);
	if (!ret)
		ret = cli_kernel(c);
	if (ret)
		return ret;
	ret = kernel_endpoint_del(&c->k, id, c->opt[OPT_FORCE]);
	if (ret)
		return cli_kernel_fail(c, ret);
	if (c->json)
		return cli_print_json(c, json_pack("{s:[I]}", "deleted",
						   (json_int_t)id));
	fprintf(c->out, "endpoint %u deleted\n", id);
	return CLI_OK;
}

static const struct cli_verb endpoint_sub[] = {
	{
		.name = "new",
		.summary = "Guard an address and its ports.",
		.details = "From then on only packets of live SA sets reach or leave the protected ports. gmguardd makes the endpoints of its configuration by itself.\nTo enforce where an endpoint audits, delete it and make it again without audit.",
		.keys = endpoint_keys,
		.run = run_new,
	}, {
		.name = "set",
		.summary = "Change what is guarded at an address.",
		.details = "All of it is given, as for \"new\": what is left out is not there afterwards, but for policy-priority, which can't be changed. It happens in one step, and SA sets live on; refused if one of them has a port that would go.\nWhat gmguardd's configuration has is changed there, and with \"systemctl reload gmguardd\".",
		.keys = endpoint_keys,
		.run = run_set,
	}, {
		.name = "del",
		.args = "ID|ADDRESS",
		.summary = "Stop guarding an address.",
		.details = "Refused while SA sets exist, unless --force is given. Its ports are open to clear text afterwards: stop the proxy first.",
		.opts = del_opts,
		.run = run_del,
	},
	{ 0 }
};

const struct cli_verb verb_endpoint = {
	.name = "endpoint",
	.summary = "Make, change or delete a guarded endpoint.",
	.sub = endpoint_sub,
};
