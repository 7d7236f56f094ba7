// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conf-check.c - see conf-check.h
 */
#include <stdarg.h>
#include <stdio.h>

#include "conf-check.h"
#include "conf-value.h"

/**
 * conf_complain() - say that something is wrong
 * @to: whom
 * @line: line of the file, 0: none
 * @fmt: printf() format
 */
void conf_complain(struct conf_complaints *to, unsigned int line,
		   const char *fmt, ...)
{
	char text[1024];
	size_t len;
	va_list ap;

	if (line)
		len = snprintf(text, sizeof(text), "%.256s:%u: ", to->path,
			       line);
	else
		len = snprintf(text, sizeof(text), "%.256s: ", to->path);
	va_start(ap, fmt);
	vsnprintf(text + len, sizeof(text) - len, fmt, ap);
	va_end(ap);
	to->report(text, to->arg);
	to->errors++;
}

static bool has_pair_with(const struct conf *conf, uint32_t ealg)
{
	for (unsigned int i = 0; i < conf->prefs.n; i++) {
		if (conf->prefs.pair[i].ealg == ealg)
			return true;
	}
	return false;
}

static void check_pairs(const struct conf *conf, struct conf_complaints *to)
{
	bool lonely = false;

	for (unsigned int i = 0; i < conf->ciphers.n; i++) {
		uint32_t ealg = conf->ciphers.alg[i];

		if (conf->encryption == CONF_ENCRYPTION_OFF ||
		    ealg == GMGUARD_EALG_NULL || has_pair_with(conf, ealg))
			continue;
		conf_complain(to, 0,
			      "[security] algorithms has nothing that goes with %s of encryption_algorithms: add hmac-sha-1-96, or leave %s out",
			      gmg_ealg_name(ealg), gmg_ealg_name(ealg));
		lonely = true;
	}
	if (!conf->prefs.n && !lonely)
		conf_complain(to, 0,
			      "[security] encryption = required, but encryption_algorithms has no cipher: add aes-cbc");
}

static bool has_port(const uint16_t *port, unsigned int n, uint16_t wanted)
{
	while (n--) {
		if (port[n] == wanted)
			return true;
	}
	return false;
}

static void check_protected_port(struct conf_complaints *to,
				 const struct conf_endpoint *ce,
				 const char *key, uint16_t port)
{
	if (port == 5060 || port == 5061)
		conf_complain(to, ce->line,
			      "[endpoint %s] %s: %u cannot be a protected port (TS 33.203 7.1): choose another one",
			      ce->name, key, port);
	if (has_port(ce->ep.port_unprotected, ce->ep.n_port_unprotected, port))
		conf_complain(to, ce->line,
			      "[endpoint %s] %s: %u is in port_unprotected too",
			      ce->name, key, port);
}

static void check_ports(const struct conf_endpoint *ce,
			struct conf_complaints *to)
{
	const struct gmg_endpoint *ep = &ce->ep;

	for (unsigned int i = 0; i < ep->n_port_ps; i++) {
		check_protected_port(to, ce, "port_ps", ep->port_ps[i]);
		if (has_port(ep->port_ps, i, ep->port_ps[i]) ||
		    has_port(ep->port_pc, ep->n_port_pc, ep->port_ps[i]))
			conf_complain(to, ce->line,
				      "[endpoint %s] port_ps: %u is there twice, or in port_pc too",
				      ce->name, ep->port_ps[i]);
	}
	for (unsigned int i = 0; i < ep->n_port_pc; i++) {
		check_protected_port(to, ce, "port_pc", ep->port_pc[i]);
		if (has_port(ep->port_pc, i, ep->port_pc[i]))
			conf_complain(to, ce->line,
				      "[endpoint %s] port_pc: %u is there twice",
				      ce->name, ep->port_pc[i]);
	}
}

/* Ports in clear: what cannot work there is better said than dropped. */
static void check_unprotected(const struct conf_endpoint *ce,
			      struct conf_complaints *to)
{
	const struct gmg_endpoint *ep = &ce->ep;

	if (has_port(ep->port_unprotected, ep->n_port_unprotected, 5061))
		conf_complain(to, ce->line,
			      "[endpoint %s] port_unprotected: 5061 speaks TLS (RFC 3261 19.1.2), of which nothing would come through: leave it out",
			      ce->name);
	if (ep->emergency && !ep->n_port_unprotected)
		conf_complain(to, ce->line,
			      "[endpoint %s] emergency = yes, but there is no port that such calls could come to: add port_unprotected = 5060",
			      ce->name);
}

static void check_endpoint(const struct conf *conf, unsigned int index,
			   struct conf_complaints *to)
{
	const struct conf_endpoint *ce = &conf->endpoint[index];

	if (ce->ep.local_addr.family == AF_UNSPEC)
		conf_complain(to, ce->line,
			      "[endpoint %s] has no valid local_addr",
			      ce->name);
	if (!ce->ep.n_port_ps)
		conf_complain(to, ce->line, "[endpoint %s] has no port_ps",
			      ce->name);
	if (ce->ep.n_port_pc < GMGUARD_PORT_PC_MIN)
		conf_complain(to, ce->line,
			      "[endpoint %s] has %u ports in port_pc: expected at least %d, because the sets of one UE must not share one",
			      ce->name, ce->ep.n_port_pc, GMGUARD_PORT_PC_MIN);
	check_ports(ce, to);
	check_unprotected(ce, to);
	for (unsigned int i = 0; i < index; i++) {
		if (gmg_addr_equal(&conf->endpoint[i].ep.local_addr,
				   &ce->ep.local_addr))
			conf_complain(to, ce->line,
				      "[endpoint %s] has the local_addr of [endpoint %s]: one endpoint an address",
				      ce->name, conf->endpoint[i].name);
	}
}

/**
 * conf_check() - find what is wrong although each value is right
 * @conf: the configuration
 * @to: is told about it
 */
void conf_check(const struct conf *conf, struct conf_complaints *to)
{
	if (!conf->tcp_len && !*conf->listen_unix && !conf->http_len)
		conf_complain(to, 0,
			      "nothing to listen on: set listen_tcp or listen_unix in [agent]");
	check_pairs(conf, to);
	for (unsigned int i = 0; i < conf->n_endpoint; i++)
		check_endpoint(conf, i, to);
	conf_check_peers(conf, to);
	conf_check_rules(conf, to);
}
