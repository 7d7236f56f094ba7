// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kernel-endpoint.c - guarded endpoints through netlink.
 */
#include <string.h>

#include "kernel-priv.h"

static struct nla_policy endpoint_policy[GMGUARD_A_ENDPOINT_MAX + 1] = {
	[GMGUARD_A_ENDPOINT_ID] = { .type = NLA_U32 },
	[GMGUARD_A_ENDPOINT_PORT_PS] = { .type = NLA_U16 },
	[GMGUARD_A_ENDPOINT_PORT_PC] = { .type = NLA_U16 },
	[GMGUARD_A_ENDPOINT_PORT_UNPROTECTED] = { .type = NLA_U16 },
	[GMGUARD_A_ENDPOINT_EXEMPT] = { .type = NLA_NESTED },
	[GMGUARD_A_ENDPOINT_POLICY_PRIORITY] = { .type = NLA_U32 },
	[GMGUARD_A_ENDPOINT_SETS] = { .type = NLA_U32 },
	[GMGUARD_A_ENDPOINT_POLICIES] = { .type = NLA_U32 },
	[GMGUARD_A_ENDPOINT_EMERGENCY] = { .type = NLA_FLAG },
	[GMGUARD_A_ENDPOINT_STUN] = { .type = NLA_FLAG },
	[GMGUARD_A_ENDPOINT_AUDIT] = { .type = NLA_FLAG },
};

static struct nla_policy prefix_policy[GMGUARD_A_PREFIX_MAX + 1] = {
	[GMGUARD_A_PREFIX_LEN] = { .type = NLA_U8 },
};

static int parse_prefix(struct nlattr *nest, struct gmg_prefix *p)
{
	struct nlattr *tb[GMGUARD_A_PREFIX_MAX + 1];

	if (nla_parse_nested(tb, GMGUARD_A_PREFIX_MAX, nest,
			     prefix_policy) < 0)
		return -EBADMSG;
	gmg_get_addr(tb[GMGUARD_A_PREFIX_ADDR], &p->addr);
	if (tb[GMGUARD_A_PREFIX_LEN])
		p->len = nla_get_u8(tb[GMGUARD_A_PREFIX_LEN]);
	return 0;
}

static void add_port(struct nlattr *attr, uint16_t *list, unsigned int *n,
		     unsigned int max)
{
	if (*n < max)
		list[(*n)++] = nla_get_u16(attr);
}

/* the attributes that may come more than once */
static int parse_multi(struct nlattr *attr, struct gmg_endpoint *ep)
{
	switch (nla_type(attr)) {
	case GMGUARD_A_ENDPOINT_PORT_PS:
		add_port(attr, ep->port_ps, &ep->n_port_ps,
			 GMGUARD_PORT_PS_MAX);
		break;
	case GMGUARD_A_ENDPOINT_PORT_PC:
		add_port(attr, ep->port_pc, &ep->n_port_pc,
			 GMGUARD_PORT_PC_MAX);
		break;
	case GMGUARD_A_ENDPOINT_PORT_UNPROTECTED:
		add_port(attr, ep->port_unprotected, &ep->n_port_unprotected,
			 GMGUARD_PORT_UNPROTECTED_MAX);
		break;
	case GMGUARD_A_ENDPOINT_EXEMPT:
		if (ep->n_exempt < GMGUARD_EXEMPT_MAX)
			return parse_prefix(attr, &ep->exempt[ep->n_exempt++]);
		break;
	}
	return 0;
}

/**
 * gmg_endpoint_parse() - read a nest "endpoint"
 * @nest: the nest, may be NULL
 * @ep: result
 *
 * Return: 0, or -EBADMSG.
 */
int gmg_endpoint_parse(struct nlattr *nest, struct gmg_endpoint *ep)
{
	struct nlattr *tb[GMGUARD_A_ENDPOINT_MAX + 1];
	struct nlattr *attr;
	int rem, ret;

	memset(ep, 0, sizeof(*ep));
	/* this also checks the length of each one that comes again */
	if (!nest || nla_parse_nested(tb, GMGUARD_A_ENDPOINT_MAX, nest,
				      endpoint_policy) < 0)
		return -EBADMSG;
	gmg_get_u32(tb[GMGUARD_A_ENDPOINT_ID], &ep->id);
	gmg_get_addr(tb[GMGUARD_A_ENDPOINT_LOCAL_ADDR], &ep->local_addr);
	gmg_get_u32(tb[GMGUARD_A_ENDPOINT_POLICY_PRIORITY],
		    &ep->policy_priority);
	gmg_get_u32(tb[GMGUARD_A_ENDPOINT_SETS], &ep->sets);
	gmg_get_u32(tb[GMGUARD_A_ENDPOINT_POLICIES], &ep->policies);
	ep->emergency = tb[GMGUARD_A_ENDPOINT_EMERGENCY];
	ep->stun = tb[GMGUARD_A_ENDPOINT_STUN];
	ep->audit = tb[GMGUARD_A_ENDPOINT_AUDIT];
	nla_for_each_nested(attr, nest, rem) {
		ret = parse_multi(attr, ep);
		if (ret)
			return ret;
	}
	return 0;
}

static int put_prefix(struct nl_msg *msg, const struct gmg_prefix *p)
{
	struct nlattr *nest;

	nest = nla_nest_start(msg, GMGUARD_A_ENDPOINT_EXEMPT | NLA_F_NESTED);
	if (!nest || gmg_put_addr(msg, GMGUARD_A_PREFIX_ADDR, &p->addr) ||
	    nla_put_u8(msg, GMGUARD_A_PREFIX_LEN, p->len))
		return -EMSGSIZE;
	return nla_nest_end(msg, nest);
}

/* unlike elsewhere a zero is sent: the kernel says what is wrong with it */
static int put_ports(struct nl_msg *msg, int type, const uint16_t *list,
		     unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (nla_put_u16(msg, type, list[i]))
			return -EMSGSIZE;
	return 0;
}

static int put_endpoint(struct nl_msg *msg, const struct gmg_endpoint *ep)
{
	struct nlattr *nest;
	unsigned int i;

	nest = nla_nest_start(msg, GMGUARD_A_ENDPOINT | NLA_F_NESTED);
	if (!nest ||
	    gmg_put_addr(msg, GMGUARD_A_ENDPOINT_LOCAL_ADDR,
			 &ep->local_addr) ||
	    put_ports(msg, GMGUARD_A_ENDPOINT_PORT_PS, ep->port_ps,
		      ep->n_port_ps) ||
	    put_ports(msg, GMGUARD_A_ENDPOINT_PORT_PC, ep->port_pc,
		      ep->n_port_pc) ||
	    put_ports(msg, GMGUARD_A_ENDPOINT_PORT_UNPROTECTED,
		      ep->port_unprotected, ep->n_port_unprotected) ||
	    gmg_put_u32(msg, GMGUARD_A_ENDPOINT_POLICY_PRIORITY,
			ep->policy_priority) ||
	    (ep->emergency &&
	     nla_put_flag(msg, GMGUARD_A_ENDPOINT_EMERGENCY)) ||
	    (ep->stun && nla_put_flag(msg, GMGUARD_A_ENDPOINT_STUN)) ||
	    (ep->audit && nla_put_flag(msg, GMGUARD_A_ENDPOINT_AUDIT)))
		return -EMSGSIZE;
	for (i = 0; i < ep->n_exempt; i++)
		if (put_prefix(msg, &ep->exempt[i]))
			return -EMSGSIZE;
	return nla_nest_end(msg, nest);
}

/* a request that only names an endpoint */
static struct nl_msg *id_msg(struct gmg_kernel *k, uint8_t cmd, uint32_t id,
			     bool force)
{
	struct nl_msg *msg = gmg_msg_new(k, cmd);
	struct nlattr *nest;

	if (!msg)
		return NULL;
	nest = nla_nest_start(msg, GMGUARD_A_ENDPOINT | NLA_F_NESTED);
	nla_put_u32(msg, GMGUARD_A_ENDPOINT_ID, id);
	if (force)
		nla_put_flag(msg, GMGUARD_A_ENDPOINT_FORCE);
	nla_nest_end(msg, nest);
	return msg;
}

static int reply_new(struct nlattr **tb, void *arg)
{
	struct gmg_endpoint *ep = arg, reply;
	int ret = gmg_endpoint_parse(tb[GMGUARD_A_ENDPOINT], &reply);

	if (ret)
		return ret;
	ep->id = reply.id;
	if (reply.policy_priority)
		ep->policy_priority = reply.policy_priority;
	ep->sets = reply.sets;
	ep->policies = reply.policies;
	return 0;
}

static int send_endpoint(struct gmg_kernel *k, uint8_t cmd,
			 struct gmg_endpoint *ep)
{
	struct nl_msg *msg = gmg_msg_new(k, cmd);

	if (msg && put_endpoint(msg, ep) < 0) {
		gmg_msg_free(msg);
		return gmg_fail(k, -EMSGSIZE, "too much for one endpoint");
	}
	return gmg_transact(k, msg, reply_new, ep);
}

/**
 * kernel_endpoint_new() - guard an address and its ports
 * @k: connection
 * @ep: what to guard; the kernel's choices (the id) are filled in
 *
 * Return: 0, or a negative errno with k->err set.
 */
int kernel_endpoint_new(struct gmg_kernel *k, struct gmg_endpoint *ep)
{
	return send_endpoint(k, GMGUARD_CMD_ENDPOINT_NEW, ep);
}

/**
 * kernel_endpoint_set() - change what an endpoint guards; its sets live on
 * @k: connection
 * @ep: all of it, as it shall be; local_addr says which; its id is filled in
 *
 * Return: 0, or a negative errno with k->err set.
 */
int kernel_endpoint_set(struct gmg_kernel *k, struct gmg_endpoint *ep)
{
	return send_endpoint(k, GMGUARD_CMD_ENDPOINT_SET, ep);
}

/**
 * kernel_endpoint_del() - stop guarding
 * @k: connection
 * @id: endpoint
 * @force: delete its SA sets with it
 *
 * Return: 0, or a negative errno with k->err set.
 */
int kernel_endpoint_del(struct gmg_kernel *k, uint32_t id, bool force)
{
	struct nl_msg *msg = id_msg(k, GMGUARD_CMD_ENDPOINT_DEL, id, force);

	return gmg_transact(k, msg, NULL, NULL);
}

static int reply_get(struct nlattr **tb, void *arg)
{
	return gmg_endpoint_parse(tb[GMGUARD_A_ENDPOINT], arg);
}

/**
 * kernel_endpoint_get() - read one endpoint
 * @k: connection
 * @id: endpoint
 * @ep: result
 *
 * Return: 0, or a negative errno with k->err set.
 */
int kernel_endpoint_get(struct gmg_kernel *k, uint32_t id,
			struct gmg_endpoint *ep)
{
	struct nl_msg *msg = id_msg(k, GMGUARD_CMD_ENDPOINT_GET, id, false);

	memset(ep, 0, sizeof(*ep));
	return gmg_transact(k, msg, reply_get, ep);
}

struct dump {
	gmg_endpoint_fn *fn;
	void *arg;
};

static int reply_dump(struct nlattr **tb, void *arg)
{
	struct dump *d = arg;
	struct gmg_endpoint ep;
	int ret;

	if (!tb)
		return d->fn(NULL, d->arg);
	ret = gmg_endpoint_parse(tb[GMGUARD_A_ENDPOINT], &ep);
	return ret ? ret : d->fn(&ep, d->arg);
}

/**
 * kernel_endpoint_dump() - read all endpoints
 * @k: connection
 * @fn: called for each, see gmg_endpoint_fn
 * @arg: for @fn
 *
 * Return: 0, or a negative errno with k->err set; -EAGAIN see gmg_dump().
 */
int kernel_endpoint_dump(struct gmg_kernel *k, gmg_endpoint_fn *fn, void *arg)
{
	struct dump d = { .fn = fn, .arg = arg };

	return gmg_dump(k, GMGUARD_CMD_ENDPOINT_GET, reply_dump, &d);
}
