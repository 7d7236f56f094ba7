// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conf-endpoint.c - the [endpoint NAME] sections
 */
#include <string.h>

#include "conf-reader.h"
#include "conf-value.h"

static int set_local_addr(struct reader *r, const char *value)
{
	return gmg_addr_parse(value, &r->ep->local_addr);
}

static int set_port_ps(struct reader *r, const char *value)
{
	return value_ports(value, r->ep->port_ps, GMGUARD_PORT_PS_MAX,
			   &r->ep->n_port_ps);
}

static int set_port_pc(struct reader *r, const char *value)
{
	return value_ports(value, r->ep->port_pc, GMGUARD_PORT_PC_MAX,
			   &r->ep->n_port_pc);
}

static int set_port_unprotected(struct reader *r, const char *value)
{
	return value_ports(value, r->ep->port_unprotected,
			   GMGUARD_PORT_UNPROTECTED_MAX,
			   &r->ep->n_port_unprotected);
}

static int set_exempt(struct reader *r, const char *value)
{
	return value_prefixes(value, r->ep->exempt, GMGUARD_EXEMPT_MAX,
			      &r->ep->n_exempt);
}

static int set_admit(struct reader *r, const char *value)
{
	struct conf *conf = r->conf;

	return value_schemes(value,
			     &conf->endpoint[conf->n_endpoint - 1].admit);
}

static int set_emergency(struct reader *r, const char *value)
{
	return value_flag(value, &r->ep->emergency);
}

static int set_stun(struct reader *r, const char *value)
{
	return value_flag(value, &r->ep->stun);
}

static int set_policy_priority(struct reader *r, const char *value)
{
	return value_number(value, 2081, UINT32_MAX, &r->ep->policy_priority);
}

#define PORTS_EXPECTED(most) \
	"ports from 1 to 65535 or ranges like 5100-5107, separated by " \
	"commas, at most " most " in all"

static const struct key keys[] = {
	{ SECTION_ENDPOINT, "local_addr", set_local_addr,
	  "an IPv4 or IPv6 address of this host", false },
	{ SECTION_ENDPOINT, "port_ps", set_port_ps, PORTS_EXPECTED("8"),
	  true },
	{ SECTION_ENDPOINT, "port_pc", set_port_pc, PORTS_EXPECTED("64"),
	  true },
	{ SECTION_ENDPOINT, "port_unprotected", set_port_unprotected,
	  PORTS_EXPECTED("16"), true },
	{ SECTION_ENDPOINT, "emergency", set_emergency, "yes or no", false },
	{ SECTION_ENDPOINT, "stun", set_stun, "yes or no", false },
	{ SECTION_ENDPOINT, "exempt", set_exempt,
	  "addresses or prefixes without bits beyond their length, separated by commas, at most 64 in all",
	  true },
	{ SECTION_ENDPOINT, "admit", set_admit,
	  "some of ipsec-3gpp (which is always admitted), none, digest, tls and giba, separated by commas",
	  true },
	{ SECTION_ENDPOINT, "policy_priority", set_policy_priority,
	  "a number from 2081 to 4294967295", false },
};

KEY_TABLE(conf_endpoint_keys, keys);

/**
 * conf_begin_endpoint() - a line [endpoint NAME]
 * @r: the file
 * @name: NAME
 */
void conf_begin_endpoint(struct reader *r, const char *name)
{
	struct conf_endpoint *ce = &r->conf->endpoint[r->conf->n_endpoint];

	for (unsigned int i = 0; i < r->conf->n_endpoint; i++) {
		if (!strcmp(r->conf->endpoint[i].name, name))
			conf_complain(&r->to, r->line,
				      "a second endpoint %s (the first one is at line %u): give it another name",
				      name, r->conf->endpoint[i].line);
	}
	if (r->conf->n_endpoint == CONF_ENDPOINT_MAX) {
		conf_complain(&r->to, r->line, "more than %d endpoints",
			      CONF_ENDPOINT_MAX);
		return;
	}
	memset(ce, 0, sizeof(*ce));
	snprintf(ce->name, sizeof(ce->name), "%s", name);
	ce->line = r->line;
	ce->admit = 1 << SCHEME_IPSEC;
	r->ep = &ce->ep;
	r->conf->n_endpoint++;
	r->section = SECTION_ENDPOINT;
	r->seen[SECTION_ENDPOINT] = 0;
}
