// SPDX-License-Identifier: GPL-2.0-only
/*
 * ENDPOINT_NEW, ENDPOINT_SET, ENDPOINT_DEL, ENDPOINT_GET.
 */
#include "endpoint.h"
#include "event.h"
#include "nl.h"
#include "policy.h"
#include "saset.h"

static int put_ports(struct sk_buff *msg, int type, const u16 *ports,
		     unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (nla_put_u16(msg, type, ports[i]))
			return -EMSGSIZE;
	return 0;
}

static int put_exempt(struct sk_buff *msg, const struct gmg_endpoint_conf *conf)
{
	unsigned int i;

	for (i = 0; i < conf->n_exempt; i++)
		if (gmg_nl_put_prefix(msg, GMGUARD_A_ENDPOINT_EXEMPT,
				      conf->family, &conf->exempt[i]))
			return -EMSGSIZE;
	return 0;
}

/**
 * gmg_nl_put_endpoint() - put an endpoint as a nest
 * @msg: the message
 * @ep: the endpoint, gmg_net.lock held
 *
 * Return: 0 or -EMSGSIZE.
 */
int gmg_nl_put_endpoint(struct sk_buff *msg, const struct gmg_endpoint *ep)
{
	struct nlattr *nest = nla_nest_start(msg, GMGUARD_A_ENDPOINT);
	const struct gmg_endpoint_conf *conf = &ep->conf;

	if (!nest ||
	    nla_put_u32(msg, GMGUARD_A_ENDPOINT_ID, ep->id) ||
	    gmg_nl_put_addr(msg, GMGUARD_A_ENDPOINT_LOCAL_ADDR, conf->family,
			    &conf->addr) ||
	    put_ports(msg, GMGUARD_A_ENDPOINT_PORT_PS, conf->port_ps,
		      conf->n_ps) ||
	    put_ports(msg, GMGUARD_A_ENDPOINT_PORT_PC, conf->port_pc,
		      conf->n_pc) ||
	    put_ports(msg, GMGUARD_A_ENDPOINT_PORT_UNPROTECTED,
		      conf->port_unprotected, conf->n_unprotected) ||
	    put_exempt(msg, conf) ||
	    nla_put_u32(msg, GMGUARD_A_ENDPOINT_POLICY_PRIORITY,
			conf->policy_priority) ||
	    (conf->emergency &&
	     nla_put_flag(msg, GMGUARD_A_ENDPOINT_EMERGENCY)) ||
	    (conf->audit && nla_put_flag(msg, GMGUARD_A_ENDPOINT_AUDIT)) ||
	    (conf->stun && nla_put_flag(msg, GMGUARD_A_ENDPOINT_STUN)) ||
	    nla_put_u32(msg, GMGUARD_A_ENDPOINT_SETS, ep->n_sets) ||
	    nla_put_u32(msg, GMGUARD_A_ENDPOINT_POLICIES,
			gmg_policies_alive(ep))) {
		nla_nest_cancel(msg, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	return 0;
}

static int parse_prefix(struct genl_info *info, const struct nlattr *attr,
			struct gmg_endpoint_conf *conf)
{
	u8 family;
	int err;

	if (conf->n_exempt == GMGUARD_EXEMPT_MAX)
		return GMG_REFUSE(info, attr, -E2BIG,
				  "exempt: at most 64 prefixes: merge some into shorter prefixes");
	err = gmg_nl_get_prefix(info, attr, &conf->exempt[conf->n_exempt],
				&family);
	if (err)
		return err;
	if (family != conf->family)
		return GMG_REFUSE(info, attr, -EINVAL,
				  "exempt: addr must be of the same family as local-addr");
	conf->n_exempt++;
	return 0;
}

static bool has_port(const u16 *ports, unsigned int n, u16 port)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (ports[i] == port)
			return true;
	return false;
}

static int parse_port(struct genl_info *info, const struct nlattr *attr,
		      struct gmg_endpoint_conf *conf)
{
	u16 port = nla_get_u16(attr);
	bool unprotected = nla_type(attr) == GMGUARD_A_ENDPOINT_PORT_UNPROTECTED;

	if (has_port(conf->port_ps, conf->n_ps, port) ||
	    has_port(conf->port_pc, conf->n_pc, port) ||
	    has_port(conf->port_unprotected, conf->n_unprotected, port))
		return GMG_REFUSE(info, attr, -EINVAL,
				  "a port is named twice: each port of an endpoint has one role");
	if (!unprotected && gmg_port_is_sip(port))
		return GMG_REFUSE(info, attr, -EINVAL,
				  "port-ps and port-pc can't be 5060 or 5061 (TS 33.203 7.1): choose another port");

	if (unprotected) {
		if (conf->n_unprotected == GMGUARD_PORT_UNPROTECTED_MAX)
			return GMG_REFUSE(info, attr, -E2BIG,
					  "port-unprotected: at most 16 ports");
		conf->port_unprotected[conf->n_unprotected++] = port;
	} else if (nla_type(attr) == GMGUARD_A_ENDPOINT_PORT_PS) {
		if (conf->n_ps == GMGUARD_PORT_PS_MAX)
			return GMG_REFUSE(info, attr, -E2BIG,
					  "port-ps: at most 8 ports");
		conf->port_ps[conf->n_ps++] = port;
	} else {
		if (conf->n_pc == GMGUARD_PORT_PC_MAX)
			return GMG_REFUSE(info, attr, -E2BIG,
					  "port-pc: at most 64 ports");
		conf->port_pc[conf->n_pc++] = port;
	}
	return 0;
}

static int parse_lists(struct genl_info *info, const struct nlattr *nest,
		       struct gmg_endpoint_conf *conf)
{
	const struct nlattr *attr;
	int err = 0;
	int rem;

	nla_for_each_nested(attr, nest, rem) {
		switch (nla_type(attr)) {
		case GMGUARD_A_ENDPOINT_PORT_PS:
		case GMGUARD_A_ENDPOINT_PORT_PC:
		case GMGUARD_A_ENDPOINT_PORT_UNPROTECTED:
			err = parse_port(info, attr, conf);
			break;
		case GMGUARD_A_ENDPOINT_EXEMPT:
			err = parse_prefix(info, attr, conf);
			break;
		case GMGUARD_A_ENDPOINT_ID:
		case GMGUARD_A_ENDPOINT_FORCE:
			err = GMG_REFUSE(info, attr, -EINVAL,
					 "id and force are not for what to guard: leave them out");
			break;
		}
		if (err)
			return err;
	}
	return 0;
}

static int parse_conf(struct genl_info *info, struct gmg_endpoint_conf *conf,
		      const struct nlattr **addr)
{
	struct nlattr *nest = info->attrs[GMGUARD_A_ENDPOINT];
	struct nlattr *tb[GMGUARD_A_ENDPOINT_MAX + 1];
	struct nlattr *attr;
	int err = gmg_nl_only(info, GMGUARD_A_ENDPOINT);

	if (err)
		return err;
	if (!nest)
		return GMG_REFUSE_MISSING(info, NULL, GMGUARD_A_ENDPOINT,
					  "endpoint is missing: say what to guard");
	err = nla_parse_nested(tb, GMGUARD_A_ENDPOINT_MAX, nest,
			       gmguard_endpoint_nl_policy, info->extack);
	if (err)
		return err;

	attr = tb[GMGUARD_A_ENDPOINT_LOCAL_ADDR];
	if (!attr)
		return GMG_REFUSE_MISSING(info, nest,
					  GMGUARD_A_ENDPOINT_LOCAL_ADDR,
					  "local-addr is missing: give the P-CSCF's address on Gm");
	*addr = attr;
	if (gmg_nl_get_addr(attr, &conf->family, &conf->addr))
		return GMG_REFUSE(info, attr, -EINVAL,
				  "local-addr must be 4 or 16 bytes");
	if (!gmg_addr_is_host(conf->family, &conf->addr))
		return GMG_REFUSE(info, attr, -EADDRNOTAVAIL,
				  "local-addr must be a unicast address, neither loopback nor link-local");
	err = parse_lists(info, nest, conf);
	if (err)
		return err;
	if (!conf->n_ps)
		return GMG_REFUSE_MISSING(info, nest,
					  GMGUARD_A_ENDPOINT_PORT_PS,
					  "port-ps is missing: give at least one protected server port");
	if (!conf->n_pc)
		return GMG_REFUSE_MISSING(info, nest,
					  GMGUARD_A_ENDPOINT_PORT_PC,
					  "port-pc is missing: give the pool of protected client ports");
	attr = tb[GMGUARD_A_ENDPOINT_POLICY_PRIORITY];
	conf->policy_priority = attr ? nla_get_u32(attr) : 0;
	conf->emergency = nla_get_flag(tb[GMGUARD_A_ENDPOINT_EMERGENCY]);
	conf->audit = nla_get_flag(tb[GMGUARD_A_ENDPOINT_AUDIT]);
	conf->stun = nla_get_flag(tb[GMGUARD_A_ENDPOINT_STUN]);
	return 0;
}

static int reply_endpoint(struct genl_info *info, const struct gmg_endpoint *ep)
{
	struct sk_buff *msg;
	void *hdr;

	msg = gmg_nl_reply_begin(info, &hdr);
	if (!msg)
		return -ENOMEM;
	return gmg_nl_reply_end(info, msg, hdr, gmg_nl_put_endpoint(msg, ep));
}

static int make_endpoint(struct gmg_net *gn, struct genl_info *info,
			 struct gmg_endpoint_conf *conf,
			 const struct nlattr *addr, struct sk_buff *msg)
{
	struct gmg_endpoint *ep;

	if (gmg_endpoint_find(gn, conf->family, &conf->addr))
		return GMG_REFUSE(info, addr, -EEXIST,
				  "local-addr is guarded already: delete that endpoint first");
	if (gn->n_endpoints == GMG_ENDPOINTS_MAX)
		return GMG_REFUSE(info, addr, -ENOSPC,
				  "too many endpoints in this network namespace: delete one first");
	if (!conf->policy_priority)
		conf->policy_priority = GMG_POLICY_PRIORITY_DEFAULT;
	ep = gmg_endpoint_new(gn, conf, info->extack);
	if (IS_ERR(ep))
		return PTR_ERR(ep);
	gmg_event_endpoint(gn->net, ep, GMGUARD_EVENT_ENDPOINT_NEW);
	return gmg_nl_put_endpoint(msg, ep);
}

/* What never changes, because sets, policies or those who look rely on it. */
static int check_fixed(struct genl_info *info, const struct gmg_endpoint *ep,
		       const struct gmg_endpoint_conf *conf)
{
	const struct nlattr *nest = info->attrs[GMGUARD_A_ENDPOINT];

	if (conf->audit != ep->conf.audit)
		return GMG_REFUSE(info, nest, -EINVAL,
				  "audit can't be changed: delete the endpoint and make it again");
	if (conf->policy_priority != ep->conf.policy_priority)
		return GMG_REFUSE(info, nest, -EINVAL,
				  "policy-priority can't be changed: delete the endpoint and make it again");
	return 0;
}

/* No set may lose its ports, nor have a UE that is let through in clear. */
static int check_sets(struct gmg_net *gn, struct genl_info *info,
		      const struct gmg_endpoint *ep,
		      const struct gmg_endpoint_conf *conf)
{
	const struct nlattr *nest = info->attrs[GMGUARD_A_ENDPOINT];
	struct gmg_saset *set;
	unsigned long id;

	xa_for_each(&gn->sets, id, set) {
		if (set->ep != ep)
			continue;
		if (!has_port(conf->port_ps, conf->n_ps, set->port_ps) ||
		    !has_port(conf->port_pc, conf->n_pc, set->port_pc))
			return GMG_REFUSE(info, nest, -EBUSY,
					  "an SA set has a port that would go: keep the port until its sets have ended");
		if (gmg_conf_exempts(conf, &set->ue))
			return GMG_REFUSE(info, nest, -EBUSY,
					  "an SA set has a UE that would be exempt: delete the set first");
		cond_resched();
	}
	return 0;
}

static int change_endpoint(struct gmg_net *gn, struct genl_info *info,
			   struct gmg_endpoint_conf *conf,
			   const struct nlattr *addr, struct sk_buff *msg)
{
	struct gmg_endpoint *ep = gmg_endpoint_find(gn, conf->family,
						    &conf->addr);
	int err;

	if (!ep)
		return GMG_REFUSE(info, addr, -ENOENT,
				  "local-addr is not guarded: make the endpoint with ENDPOINT_NEW");
	if (!conf->policy_priority)
		conf->policy_priority = ep->conf.policy_priority;
	err = check_fixed(info, ep, conf);
	if (!err)
		err = check_sets(gn, info, ep, conf);
	if (!err)
		err = gmg_endpoint_set(ep, conf, info->extack);
	if (err)
		return err;
	gmg_event_endpoint(gn->net, ep, GMGUARD_EVENT_ENDPOINT_CHANGE);
	return gmg_nl_put_endpoint(msg, ep);
}

/*
 * Read what an endpoint should be, and have it so. Nothing is done unless there
 * is room to tell of it.
 */
static int put_endpoint(struct genl_info *info,
			int (*act)(struct gmg_net *gn, struct genl_info *info,
				   struct gmg_endpoint_conf *conf,
				   const struct nlattr *addr,
				   struct sk_buff *msg))
{
	struct gmg_net *gn = gmg_net(genl_info_net(info));
	struct gmg_endpoint_conf *conf;
	const struct nlattr *addr;
	struct sk_buff *msg;
	void *hdr;
	int err;

	msg = gmg_nl_reply_begin(info, &hdr);
	if (!msg)
		return -ENOMEM;
	conf = kzalloc(sizeof(*conf), GFP_KERNEL);
	err = conf ? parse_conf(info, conf, &addr) : -ENOMEM;
	if (!err) {
		gmg_sas_prepare(genl_info_net(info), conf->family);
		mutex_lock(&gn->lock);
		err = act(gn, info, conf, addr, msg);
		mutex_unlock(&gn->lock);
	}
	kfree(conf);
	return gmg_nl_reply_end(info, msg, hdr, err);
}

/**
 * gmguard_nl_endpoint_new_doit() - ENDPOINT_NEW
 * @skb: the request
 * @info: the request
 *
 * Return: 0 or a negative errno; then nothing has changed.
 */
int gmguard_nl_endpoint_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return put_endpoint(info, make_endpoint);
}

/**
 * gmguard_nl_endpoint_set_doit() - ENDPOINT_SET
 * @skb: the request
 * @info: the request
 *
 * Return: 0, -ENOENT, -EBUSY because of a set, or another negative errno; then
 * nothing has changed.
 */
int gmguard_nl_endpoint_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return put_endpoint(info, change_endpoint);
}

/* Find the endpoint that a request names by id or by local-addr. */
static int named_endpoint(struct gmg_net *gn, struct genl_info *info,
			  struct gmg_endpoint **ep, bool *force)
{
	struct nlattr *nest = info->attrs[GMGUARD_A_ENDPOINT];
	struct nlattr *tb[GMGUARD_A_ENDPOINT_MAX + 1];
	struct gmg_addr addr;
	u8 family;
	int err = gmg_nl_only(info, GMGUARD_A_ENDPOINT);

	if (err)
		return err;
	*ep = NULL;
	if (!nest)
		return GMG_REFUSE_MISSING(info, NULL, GMGUARD_A_ENDPOINT,
					  "endpoint is missing: name it by id or local-addr");
	err = nla_parse_nested(tb, GMGUARD_A_ENDPOINT_MAX, nest,
			       gmguard_endpoint_nl_policy, info->extack);
	if (err)
		return err;
	*force = nla_get_flag(tb[GMGUARD_A_ENDPOINT_FORCE]);
	if (tb[GMGUARD_A_ENDPOINT_ID] && tb[GMGUARD_A_ENDPOINT_LOCAL_ADDR])
		return GMG_REFUSE(info, tb[GMGUARD_A_ENDPOINT_ID], -EINVAL,
				  "name the endpoint by id or by local-addr, not by both");
	if (tb[GMGUARD_A_ENDPOINT_ID])
		*ep = xa_load(&gn->endpoint_ids,
			      nla_get_u32(tb[GMGUARD_A_ENDPOINT_ID]));
	else if (!tb[GMGUARD_A_ENDPOINT_LOCAL_ADDR])
		return GMG_REFUSE_MISSING(info, nest, GMGUARD_A_ENDPOINT_ID,
					  "id is missing: name the endpoint by id or local-addr");
	else if (!gmg_nl_get_addr(tb[GMGUARD_A_ENDPOINT_LOCAL_ADDR], &family,
				  &addr))
		*ep = gmg_endpoint_find(gn, family, &addr);
	if (!*ep)
		return GMG_REFUSE(info, nest, -ENOENT,
				  "no such endpoint: list them with ENDPOINT_GET");
	return 0;
}

static void del_sets(struct gmg_net *gn, const struct gmg_endpoint *ep)
{
	struct gmg_saset *set;
	unsigned long id;

	xa_for_each(&gn->sets, id, set)
		if (set->ep == ep)
			gmg_saset_del(set, GMGUARD_CAUSE_ENDPOINT_GONE);
}

/**
 * gmguard_nl_endpoint_del_doit() - ENDPOINT_DEL
 * @skb: the request
 * @info: the request
 *
 * Return: 0, -ENOENT, -EBUSY while sets exist, or another negative errno.
 */
int gmguard_nl_endpoint_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct gmg_net *gn = gmg_net(genl_info_net(info));
	struct gmg_endpoint *ep;
	bool force;
	int err;

	mutex_lock(&gn->lock);
	err = named_endpoint(gn, info, &ep, &force);
	if (!err && ep->n_sets && !force)
		err = GMG_REFUSE(info, info->attrs[GMGUARD_A_ENDPOINT], -EBUSY,
				 "the endpoint has SA sets: delete them first, or give force to cut off their UEs");
	if (!err) {
		gmg_event_endpoint(gn->net, ep, GMGUARD_EVENT_ENDPOINT_DEL);
		del_sets(gn, ep);
		gmg_endpoint_del(gn, ep);
	}
	mutex_unlock(&gn->lock);
	return err;
}

/**
 * gmguard_nl_endpoint_get_doit() - ENDPOINT_GET of one endpoint
 * @skb: the request
 * @info: the request
 *
 * Return: 0 or a negative errno.
 */
int gmguard_nl_endpoint_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct gmg_net *gn = gmg_net(genl_info_net(info));
	struct gmg_endpoint *ep;
	bool force;
	int err;

	mutex_lock(&gn->lock);
	err = named_endpoint(gn, info, &ep, &force);
	if (!err)
		err = reply_endpoint(info, ep);
	mutex_unlock(&gn->lock);
	return err;
}

/**
 * gmguard_nl_endpoint_get_dumpit() - ENDPOINT_GET of all endpoints
 * @skb: the answer
 * @cb: @cb->args[0] is the id to go on with
 *
 * Return: length of the answer, 0 when done, or a negative errno.
 */
int gmguard_nl_endpoint_get_dumpit(struct sk_buff *skb,
				   struct netlink_callback *cb)
{
	struct gmg_net *gn = gmg_net(sock_net(skb->sk));
	unsigned long id = cb->args[0];
	struct gmg_endpoint *ep;

	mutex_lock(&gn->lock);
	xa_for_each_start(&gn->endpoint_ids, id, ep, cb->args[0]) {
		void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
					cb->nlh->nlmsg_seq, &gmguard_nl_family,
					NLM_F_MULTI, GMGUARD_CMD_ENDPOINT_GET);

		if (!hdr)
			break;
		if (gmg_nl_put_endpoint(skb, ep)) {
			genlmsg_cancel(skb, hdr);
			break;
		}
		genlmsg_end(skb, hdr);
		cb->args[0] = id + 1;
	}
	mutex_unlock(&gn->lock);
	return skb->len;
}
