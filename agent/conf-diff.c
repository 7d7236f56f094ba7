// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conf-diff.c - see conf-diff.h
 */
#include <string.h>

#include "conf-diff.h"

static bool same_ports(const uint16_t *a, unsigned int n_a, const uint16_t *b,
		       unsigned int n_b)
{
	for (unsigned int i = 0; i < n_a; i++) {
		unsigned int j = 0;

		while (j < n_b && b[j] != a[i])
			j++;
		if (j == n_b)
			return false;
	}
	return n_a == n_b;
}

static bool same_prefix(const struct gmg_prefix *a, const struct gmg_prefix *b)
{
	return a->len == b->len && gmg_addr_equal(&a->addr, &b->addr);
}

static bool same_exempt(const struct gmg_endpoint *a,
			const struct gmg_endpoint *b)
{
	for (unsigned int i = 0; i < a->n_exempt; i++) {
		unsigned int j = 0;

		while (j < b->n_exempt &&
		       !same_prefix(&a->exempt[i], &b->exempt[j]))
			j++;
		if (j == b->n_exempt)
			return false;
	}
	return a->n_exempt == b->n_exempt;
}

/**
 * conf_same_endpoint() - is an endpoint what is asked for?
 * @want: what is asked for
 * @have: the endpoint
 *
 * Return: whether it is. Order does not matter, and a priority that was not
 * asked for fits any.
 */
bool conf_same_endpoint(const struct gmg_endpoint *want,
			const struct gmg_endpoint *have)
{
	return same_ports(want->port_ps, want->n_port_ps, have->port_ps,
			  have->n_port_ps) &&
	       same_ports(want->port_pc, want->n_port_pc, have->port_pc,
			  have->n_port_pc) &&
	       same_ports(want->port_unprotected, want->n_port_unprotected,
			  have->port_unprotected, have->n_port_unprotected) &&
	       same_exempt(want, have) &&
	       want->emergency == have->emergency &&
	       want->stun == have->stun &&
	       (!want->policy_priority ||
		want->policy_priority == have->policy_priority);
}

/**
 * conf_endpoint_of() - the endpoint of an address
 * @conf: where to look
 * @addr: the address
 *
 * Return: the endpoint or NULL.
 */
const struct conf_endpoint *conf_endpoint_of(const struct conf *conf,
					     const struct gmg_addr *addr)
{
	for (unsigned int i = 0; i < conf->n_endpoint; i++) {
		if (gmg_addr_equal(&conf->endpoint[i].ep.local_addr, addr))
			return &conf->endpoint[i];
	}
	return NULL;
}

/**
 * conf_diff_limits() - the limits and timers that the kernel has to be told
 * @old: what it was told before
 * @new: what is asked for now
 * @changed: those that are new or differ
 */
void conf_diff_limits(const struct conf *old, const struct conf *new,
		      struct gmg_limits *changed)
{
	*changed = (struct gmg_limits){ 0 };
	for (unsigned int i = 1; i <= GMGUARD_A_LIMITS_MAX; i++) {
		if (gmg_limits_has(&new->limits, i) &&
		    (!gmg_limits_has(&old->limits, i) ||
		     old->limits.value[i] != new->limits.value[i]))
			gmg_limits_put(changed, i, new->limits.value[i]);
	}
}

/**
 * conf_diff_listen() - a key of what is listened on that changed
 * @old: what is listened on
 * @new: what is asked for now
 *
 * Return: name of the first such key, NULL for none.
 */
const char *conf_diff_listen(const struct conf *old, const struct conf *new)
{
	if (old->tcp_len != new->tcp_len ||
	    memcmp(&old->tcp, &new->tcp, old->tcp_len))
		return "listen_tcp";
	if (strcmp(old->listen_unix, new->listen_unix))
		return "listen_unix";
	if (old->unix_mode != new->unix_mode)
		return "unix_mode";
	if (strcmp(old->unix_group, new->unix_group))
		return "unix_group";
	return NULL;
}
