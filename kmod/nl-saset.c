// SPDX-License-Identifier: GPL-2.0-only
/*
 * SA_SET_NEW, SA_SET_SET, SA_SET_DEL, SA_SET_GET. Keys come in and never go
 * out: the message that brought them is wiped.
 */
#include "clock.h"
#include "event.h"
#include "group.h"
#include "impi.h"
#include "nl.h"
#include "phase.h"
#include "saset.h"

static int put_sa(struct sk_buff *msg, const struct xfrm_state *x, u32 name)
{
	struct nlattr *nest = nla_nest_start(msg, GMGUARD_A_SA_SET_SA);

	if (!nest ||
	    nla_put_u32(msg, GMGUARD_A_SA_NAME, name) ||
	    nla_put_u32(msg, GMGUARD_A_SA_SPI, ntohl(x->id.spi)) ||
	    nla_put_u32(msg, GMGUARD_A_SA_SEQ,
			gmg_sa_seq(x, gmg_sa_is_inbound(name))) ||
	    nla_put_u64_64bit(msg, GMGUARD_A_SA_PACKETS, x->curlft.packets,
			      GMGUARD_A_SA_PAD) ||
	    nla_put_u64_64bit(msg, GMGUARD_A_SA_BYTES, x->curlft.bytes,
			      GMGUARD_A_SA_PAD) ||
	    nla_put_u32(msg, GMGUARD_A_SA_REPLAY_ERRORS,
			x->stats.replay + x->stats.replay_window) ||
	    nla_put_u32(msg, GMGUARD_A_SA_INTEGRITY_ERRORS,
			x->stats.integrity_failed))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int put_sas(struct sk_buff *msg, const struct gmg_saset *set)
{
	int i;

	for (i = 0; i < GMG_SAS; i++)
		if (put_sa(msg, set->sa[i], i))
			return -EMSGSIZE;
	return 0;
}

static int put_ends(struct sk_buff *msg, const struct gmg_saset *set)
{
	const struct gmg_endpoint_conf *ep = &set->ep->conf;

	if (nla_put_u32(msg, GMGUARD_A_SA_SET_ENDPOINT_ID, set->ep->id) ||
	    gmg_nl_put_addr(msg, GMGUARD_A_SA_SET_LOCAL_ADDR, ep->family,
			    &ep->addr) ||
	    gmg_nl_put_addr(msg, GMGUARD_A_SA_SET_UE_ADDR, ep->family,
			    &set->ue) ||
	    nla_put_u16(msg, GMGUARD_A_SA_SET_PORT_UC, set->port_uc) ||
	    nla_put_u16(msg, GMGUARD_A_SA_SET_PORT_US, set->port_us) ||
	    nla_put_u16(msg, GMGUARD_A_SA_SET_PORT_PC, set->port_pc) ||
	    nla_put_u16(msg, GMGUARD_A_SA_SET_PORT_PS, set->port_ps) ||
	    nla_put_u32(msg, GMGUARD_A_SA_SET_SPI_UC,
			ntohl(set->sa[GMGUARD_SA_NAME_B]->id.spi)) ||
	    nla_put_u32(msg, GMGUARD_A_SA_SET_SPI_US,
			ntohl(set->sa[GMGUARD_SA_NAME_C]->id.spi)) ||
	    nla_put_u32(msg, GMGUARD_A_SA_SET_SPI_PC,
			ntohl(set->sa[GMGUARD_SA_NAME_D]->id.spi)) ||
	    nla_put_u32(msg, GMGUARD_A_SA_SET_SPI_PS,
			ntohl(set->sa[GMGUARD_SA_NAME_A]->id.spi)))
		return -EMSGSIZE;
	return 0;
}

static int put_life(struct sk_buff *msg, const struct gmg_saset *set)
{
	long left = set->deadline - gmg_clock_now();
	u64 age = ktime_to_ms(ktime_sub(gmg_clock_boot(), set->made));

	if (nla_put_u32(msg, GMGUARD_A_SA_SET_PHASE, set->phase) ||
	    nla_put_u32(msg, GMGUARD_A_SA_SET_LIFETIME_MS,
			left > 0 ? jiffies_to_msecs(left) : 0) ||
	    nla_put_u64_64bit(msg, GMGUARD_A_SA_SET_AGE_MS, age,
			      GMGUARD_A_SA_SET_PAD))
		return -EMSGSIZE;
	if (set->protected_by &&
	    nla_put_u32(msg, GMGUARD_A_SA_SET_PROTECTED_BY, set->protected_by))
		return -EMSGSIZE;
	if (set->label && nla_put_u32(msg, GMGUARD_A_SA_SET_GROUP, set->label))
		return -EMSGSIZE;
	if (set->emergency && nla_put_flag(msg, GMGUARD_A_SA_SET_EMERGENCY))
		return -EMSGSIZE;
	if (gmg_group_in_use(set->group) == set &&
	    nla_put_flag(msg, GMGUARD_A_SA_SET_IN_USE))
		return -EMSGSIZE;
	return 0;
}

/**
 * gmg_nl_put_saset() - put an SA set as a nest; never a key
 * @msg: the message
 * @set: the set, gmg_net.lock held
 * @cause: enum gmguard_cause of a deletion, else 0
 *
 * Return: 0 or -EMSGSIZE.
 */
int gmg_nl_put_saset(struct sk_buff *msg, const struct gmg_saset *set,
		     u32 cause)
{
	struct nlattr *nest = nla_nest_start(msg, GMGUARD_A_SA_SET);

	if (!nest ||
	    nla_put_u32(msg, GMGUARD_A_SA_SET_ID, set->id) ||
	    put_ends(msg, set) || put_life(msg, set) || put_sas(msg, set) ||
	    nla_put_u32(msg, GMGUARD_A_SA_SET_ALG, set->alg) ||
	    nla_put_u32(msg, GMGUARD_A_SA_SET_EALG, set->ealg) ||
	    nla_put_string(msg, GMGUARD_A_SA_SET_IMPI, set->impi->name) ||
	    (set->data_len && nla_put(msg, GMGUARD_A_SA_SET_AGENT_DATA,
				      set->data_len, set->data)) ||
	    (cause && nla_put_u32(msg, GMGUARD_A_SA_SET_CAUSE, cause))) {
		nla_nest_cancel(msg, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	return 0;
}

static int parse_algs(struct genl_info *info, struct nlattr **tb,
		      struct gmg_sa_keys *keys)
{
	struct nlattr *nest = info->attrs[GMGUARD_A_SA_SET];
	struct nlattr *ealg = tb[GMGUARD_A_SA_SET_EALG];

	if (!tb[GMGUARD_A_SA_SET_ALG])
		return GMG_REFUSE_MISSING(info, nest, GMGUARD_A_SA_SET_ALG,
					  "alg is missing: an SA set needs integrity protection");
	if (!ealg)
		return GMG_REFUSE_MISSING(info, nest, GMGUARD_A_SA_SET_EALG,
					  "ealg is missing: say null for no encryption");
	keys->alg = nla_get_u32(tb[GMGUARD_A_SA_SET_ALG]);
	keys->ealg = nla_get_u32(ealg);
	if (gmg_sa_algs_fit(keys->alg, keys->ealg))
		return 0;
	if (keys->alg == GMGUARD_ALG_NULL)
		return GMG_REFUSE(info, tb[GMGUARD_A_SA_SET_ALG], -EINVAL,
				  "alg null goes with ealg aes-gcm only: an SA set needs integrity protection");
	if (keys->ealg == GMGUARD_EALG_AES_GCM)
		return GMG_REFUSE(info, tb[GMGUARD_A_SA_SET_ALG], -EINVAL,
				  "ealg aes-gcm goes with alg null only: it protects integrity itself");
	return GMG_REFUSE(info, ealg, -EINVAL,
			  "alg aes-gmac goes with ealg null only: aes-gcm is what encrypts too");
}

static int parse_keys(struct genl_info *info, struct nlattr **tb,
		      struct gmg_sa_keys *keys)
{
	struct nlattr *nest = info->attrs[GMGUARD_A_SA_SET];
	struct nlattr *key = tb[GMGUARD_A_SA_SET_ALG_KEY];
	int err = parse_algs(info, tb, keys);

	if (err)
		return err;
	if (!key && gmg_alg_key_len(keys->alg))
		return GMG_REFUSE_MISSING(info, nest, GMGUARD_A_SA_SET_ALG_KEY,
					  "alg-key is missing: give IK_ESP");
	if (key && nla_len(key) != gmg_alg_key_len(keys->alg))
		return GMG_REFUSE(info, key, -EINVAL,
				  "alg-key has the wrong length: 16 bytes for hmac-md5-96, 20 for hmac-sha-1-96, 20 with the salt for aes-gmac, none for null");
	keys->alg_key = key ? nla_data(key) : NULL;

	key = tb[GMGUARD_A_SA_SET_EALG_KEY];
	if ((key ? nla_len(key) : 0) != gmg_ealg_key_len(keys->ealg))
		return GMG_REFUSE(info, key ?: tb[GMGUARD_A_SA_SET_EALG],
				  -EINVAL,
				  "ealg-key has the wrong length: none for null, 24 bytes for des-ede3-cbc, 16 for aes-cbc, 20 with the salt for aes-gcm");
	keys->ealg_key = key ? nla_data(key) : NULL;
	return 0;
}

/* Attributes that a set can't be without, and the field that each fills. */
static int parse_ue(struct genl_info *info, struct nlattr **tb,
		    struct gmg_saset_conf *conf)
{
	struct nlattr *nest = info->attrs[GMGUARD_A_SA_SET];
	struct nlattr *attr;
	u8 family;

	if (!tb[GMGUARD_A_SA_SET_UE_ADDR])
		return GMG_REFUSE_MISSING(info, nest, GMGUARD_A_SA_SET_UE_ADDR,
					  "ue-addr is missing: give the source address of the REGISTER");
	if (!tb[GMGUARD_A_SA_SET_PORT_UC])
		return GMG_REFUSE_MISSING(info, nest, GMGUARD_A_SA_SET_PORT_UC,
					  "port-uc is missing: give port-c of Security-Client");
	if (!tb[GMGUARD_A_SA_SET_PORT_US])
		return GMG_REFUSE_MISSING(info, nest, GMGUARD_A_SA_SET_PORT_US,
					  "port-us is missing: give port-s of Security-Client");
	if (!tb[GMGUARD_A_SA_SET_SPI_UC])
		return GMG_REFUSE_MISSING(info, nest, GMGUARD_A_SA_SET_SPI_UC,
					  "spi-uc is missing: give spi-c of Security-Client");
	if (!tb[GMGUARD_A_SA_SET_SPI_US])
		return GMG_REFUSE_MISSING(info, nest, GMGUARD_A_SA_SET_SPI_US,
					  "spi-us is missing: give spi-s of Security-Client");

	attr = tb[GMGUARD_A_SA_SET_UE_ADDR];
	if (gmg_nl_get_addr(attr, &family, &conf->ue) ||
	    family != conf->ep->conf.family)
		return GMG_REFUSE(info, attr, -EINVAL,
				  "ue-addr must be of the same family as the endpoint: 4 or 16 bytes");
	if (!gmg_addr_is_host(family, &conf->ue) ||
	    gmg_addr_equal(&conf->ue, &conf->ep->conf.addr))
		return GMG_REFUSE(info, attr, -EADDRNOTAVAIL,
				  "ue-addr must be a unicast address other than the endpoint's, neither loopback nor link-local");
	if (gmg_endpoint_exempts(conf->ep, &conf->ue))
		return GMG_REFUSE(info, attr, -EADDRNOTAVAIL,
				  "ue-addr is inside an exempt prefix of the endpoint, where packets may go in clear: exempt core peers only");

	conf->port_uc = nla_get_u16(tb[GMGUARD_A_SA_SET_PORT_UC]);
	conf->port_us = nla_get_u16(tb[GMGUARD_A_SA_SET_PORT_US]);
	if (gmg_port_is_sip(conf->port_uc))
		return GMG_REFUSE(info, tb[GMGUARD_A_SA_SET_PORT_UC], -EINVAL,
				  "port-uc can't be 5060 or 5061 (TS 33.203 7.1): refuse this UE");
	if (gmg_port_is_sip(conf->port_us))
		return GMG_REFUSE(info, tb[GMGUARD_A_SA_SET_PORT_US], -EINVAL,
				  "port-us can't be 5060 or 5061 (TS 33.203 7.1): refuse this UE");
	if (conf->port_uc == conf->port_us)
		return GMG_REFUSE(info, tb[GMGUARD_A_SA_SET_PORT_US], -EINVAL,
				  "port-uc and port-us must differ: refuse this UE");
	conf->spi_uc = nla_get_u32(tb[GMGUARD_A_SA_SET_SPI_UC]);
	conf->spi_us = nla_get_u32(tb[GMGUARD_A_SA_SET_SPI_US]);
	if (conf->spi_uc == conf->spi_us)
		return GMG_REFUSE(info, tb[GMGUARD_A_SA_SET_SPI_US], -EINVAL,
				  "spi-uc and spi-us must differ (TS 33.203 7.1): refuse this UE");
	return 0;
}

static int parse_impi(struct genl_info *info, struct nlattr **tb,
		      struct gmg_saset_conf *conf)
{
	struct nlattr *attr = tb[GMGUARD_A_SA_SET_IMPI];

	if (!attr)
		return GMG_REFUSE_MISSING(info, info->attrs[GMGUARD_A_SA_SET],
					  GMGUARD_A_SA_SET_IMPI,
					  "impi is missing: give the private identity");
	conf->impi = nla_data(attr);
	if (!*conf->impi)
		return GMG_REFUSE(info, attr, -EINVAL,
				  "impi is empty: give the private identity");
	if (strlen(conf->impi) + 1 != nla_len(attr))
		return GMG_REFUSE(info, attr, -EINVAL,
				  "impi has a NUL inside: refuse this UE");
	return 0;
}

static u32 get_u32(const struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : 0;
}

static u16 get_u16(const struct nlattr *attr)
{
	return attr ? nla_get_u16(attr) : 0;
}

static int parse_optional(struct genl_info *info, struct nlattr **tb,
			  const struct gmg_net *gn,
			  struct gmg_saset_conf *conf)
{
	struct nlattr *nest = info->attrs[GMGUARD_A_SA_SET];
	struct nlattr *data = tb[GMGUARD_A_SA_SET_AGENT_DATA];

	if (tb[GMGUARD_A_SA_SET_ID])
		return GMG_REFUSE(info, tb[GMGUARD_A_SA_SET_ID], -EINVAL,
				  "id is chosen by the kernel: leave it out");
	conf->port_pc = get_u16(tb[GMGUARD_A_SA_SET_PORT_PC]);
	conf->port_ps = get_u16(tb[GMGUARD_A_SA_SET_PORT_PS]);
	conf->spi_pc = get_u32(tb[GMGUARD_A_SA_SET_SPI_PC]);
	conf->spi_ps = get_u32(tb[GMGUARD_A_SA_SET_SPI_PS]);
	conf->protected_by = get_u32(tb[GMGUARD_A_SA_SET_PROTECTED_BY]);
	conf->label = get_u32(tb[GMGUARD_A_SA_SET_GROUP]);
	conf->emergency = tb[GMGUARD_A_SA_SET_EMERGENCY];
	if (data) {
		conf->data = nla_data(data);
		conf->data_len = nla_len(data);
	}

	conf->phase = get_u32(tb[GMGUARD_A_SA_SET_PHASE]) ?:
		      GMGUARD_PHASE_TEMPORARY;
	if (conf->phase != GMGUARD_PHASE_TEMPORARY &&
	    conf->phase != GMGUARD_PHASE_ESTABLISHED)
		return GMG_REFUSE(info, tb[GMGUARD_A_SA_SET_PHASE], -EINVAL,
				  "phase of a new set is temporary or established");
	conf->lifetime_ms = get_u32(tb[GMGUARD_A_SA_SET_LIFETIME_MS]);
	if (conf->lifetime_ms)
		return 0;
	if (conf->phase == GMGUARD_PHASE_ESTABLISHED)
		return GMG_REFUSE_MISSING(info, nest,
					  GMGUARD_A_SA_SET_LIFETIME_MS,
					  "lifetime-ms is missing: an established set needs a deadline");
	conf->lifetime_ms = gn->limits.temporary_ms;
	return 0;
}

static int parse_seq(struct genl_info *info, const struct nlattr *nest,
		     struct gmg_saset_conf *conf)
{
	struct nlattr *tb[GMGUARD_A_SA_MAX + 1];
	const struct nlattr *attr;
	int err;
	int rem;

	nla_for_each_nested(attr, nest, rem) {
		if (nla_type(attr) != GMGUARD_A_SA_SET_SA)
			continue;
		err = nla_parse_nested(tb, GMGUARD_A_SA_MAX, attr,
				       gmguard_sa_nl_policy, info->extack);
		if (err)
			return err;
		if (!tb[GMGUARD_A_SA_NAME] || !tb[GMGUARD_A_SA_SEQ])
			return GMG_REFUSE(info, attr, -EINVAL,
					  "sa needs name and seq: the SA and its initial sequence number");
		conf->seq[nla_get_u32(tb[GMGUARD_A_SA_NAME])] =
			nla_get_u32(tb[GMGUARD_A_SA_SEQ]);
	}
	return 0;
}

static int parse_conf(struct genl_info *info, struct nlattr **tb,
		      struct gmg_net *gn, struct gmg_saset_conf *conf)
{
	struct nlattr *nest = info->attrs[GMGUARD_A_SA_SET];
	struct nlattr *attr = tb[GMGUARD_A_SA_SET_ENDPOINT_ID];
	int err;

	conf->attrs = tb;
	if (!attr)
		return GMG_REFUSE_MISSING(info, nest,
					  GMGUARD_A_SA_SET_ENDPOINT_ID,
					  "endpoint-id is missing: list endpoints with ENDPOINT_GET");
	conf->ep = xa_load(&gn->endpoint_ids, nla_get_u32(attr));
	if (!conf->ep)
		return GMG_REFUSE(info, attr, -ENOENT,
				  "endpoint-id names no endpoint: list them with ENDPOINT_GET");
	if (conf->ep->conf.audit)
		return GMG_REFUSE(info, attr, -EOPNOTSUPP,
				  "the endpoint audits, so it makes no SA sets: delete it and make it again without audit");
	if (conf->ep->conf.n_pc < GMGUARD_PORT_PC_MIN)
		return GMG_REFUSE(info, attr, -ENOSPC,
				  "the endpoint's pool of port-pc is too small for SA sets: give it at least 4 ports");

	err = parse_ue(info, tb, conf);
	if (!err)
		err = parse_impi(info, tb, conf);
	if (!err)
		err = parse_keys(info, tb, &conf->keys);
	if (!err)
		err = parse_optional(info, tb, gn, conf);
	if (!err)
		err = parse_seq(info, nest, conf);
	return err;
}

static int parse_nest(struct genl_info *info, struct nlattr **tb)
{
	struct nlattr *nest = info->attrs[GMGUARD_A_SA_SET];
	int err = gmg_nl_only(info, GMGUARD_A_SA_SET);

	if (err)
		return err;
	if (!nest)
		return GMG_REFUSE_MISSING(info, NULL, GMGUARD_A_SA_SET,
					  "sa-set is missing: say which set");
	return nla_parse_nested(tb, GMGUARD_A_SA_SET_MAX, nest,
				gmguard_sa_set_nl_policy, info->extack);
}

static int reply_saset(struct genl_info *info, const struct gmg_saset *set)
{
	struct sk_buff *msg;
	void *hdr;

	msg = gmg_nl_reply_begin(info, &hdr);
	if (!msg)
		return -ENOMEM;
	return gmg_nl_reply_end(info, msg, hdr, gmg_nl_put_saset(msg, set, 0));
}

/**
 * gmguard_nl_sa_set_new_doit() - SA_SET_NEW
 * @skb: the request
 * @info: the request
 *
 * Return: 0 or a negative errno; then nothing has changed.
 */
int gmguard_nl_sa_set_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[GMGUARD_A_SA_SET_MAX + 1] = {};
	struct gmg_net *gn = gmg_net(genl_info_net(info));
	struct gmg_saset_conf conf = {};
	struct gmg_saset *set;
	struct sk_buff *msg;
	void *hdr;
	int err;

	/* A set is not made unless there is room to tell of it. */
	msg = gmg_nl_reply_begin(info, &hdr);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&gn->lock);
	err = parse_nest(info, tb);
	if (!err)
		err = parse_conf(info, tb, gn, &conf);
	if (!err) {
		set = gmg_saset_new(gn, &conf, info->extack);
		err = PTR_ERR_OR_ZERO(set);
		/* What no attribute is to blame for, the whole set is. */
		if (err && info->extack && !info->extack->bad_attr)
			NL_SET_BAD_ATTR(info->extack,
					info->attrs[GMGUARD_A_SA_SET]);
	}
	if (!err)
		err = gmg_nl_put_saset(msg, set, 0);
	mutex_unlock(&gn->lock);
	gmg_nl_wipe_keys(info);
	return gmg_nl_reply_end(info, msg, hdr, err);
}

/* Find the set that a request names by id. */
static int named_saset(struct gmg_net *gn, struct genl_info *info,
		       struct nlattr **tb, struct gmg_saset **set)
{
	struct nlattr *nest = info->attrs[GMGUARD_A_SA_SET];
	struct nlattr *id = tb[GMGUARD_A_SA_SET_ID];

	if (!id)
		return GMG_REFUSE_MISSING(info, nest, GMGUARD_A_SA_SET_ID,
					  "id is missing: list sets with SA_SET_GET");
	*set = xa_load(&gn->sets, nla_get_u32(id));
	if (!*set)
		return GMG_REFUSE(info, id, -ENOENT,
				  "no such SA set: it has ended, list sets with SA_SET_GET");
	return 0;
}

#define NAME_ONLY BIT_ULL(GMGUARD_A_SA_SET_ID)
#define CHANGES (NAME_ONLY | BIT_ULL(GMGUARD_A_SA_SET_PHASE) | \
		 BIT_ULL(GMGUARD_A_SA_SET_LIFETIME_MS) | \
		 BIT_ULL(GMGUARD_A_SA_SET_AGENT_DATA))

/* Refuse what a request can't mean; @allowed has a bit for each attribute. */
static int check_only(struct genl_info *info, struct nlattr **tb, u64 allowed)
{
	int type;

	for (type = 1; type <= GMGUARD_A_SA_SET_MAX; type++) {
		if (!tb[type] || allowed & BIT_ULL(type))
			continue;
		if (allowed == NAME_ONLY)
			return GMG_REFUSE(info, tb[type], -EINVAL,
					  "name the set by id and nothing else");
		return GMG_REFUSE(info, tb[type], -EINVAL,
				  "only phase, lifetime-ms and agent-data of a set can change: make a new set");
	}
	return 0;
}

/* Parse a request about one set and find it; gmg_net.lock held. */
static int find_saset(struct gmg_net *gn, struct genl_info *info,
		      struct nlattr **tb, u64 allowed, struct gmg_saset **set)
{
	int err = parse_nest(info, tb);

	if (!err)
		err = named_saset(gn, info, tb, set);
	if (!err)
		err = check_only(info, tb, allowed);
	return err;
}

static int change(struct genl_info *info, struct nlattr **tb,
		  struct gmg_saset *set)
{
	struct nlattr *attr = tb[GMGUARD_A_SA_SET_AGENT_DATA];
	void *data = NULL;
	int err;

	if (attr && nla_len(attr)) {
		data = nla_memdup(attr, GFP_KERNEL_ACCOUNT);
		if (!data)
			return -ENOMEM;
	}
	err = gmg_phase_change(set, get_u32(tb[GMGUARD_A_SA_SET_PHASE]),
			       get_u32(tb[GMGUARD_A_SA_SET_LIFETIME_MS]),
			       info->extack);
	if (err) {
		NL_SET_BAD_ATTR(info->extack, tb[GMGUARD_A_SA_SET_PHASE]);
		kfree(data);
		return err;
	}
	if (attr)
		gmg_saset_set_data(set, data, nla_len(attr));
	gmg_event_saset(set, GMGUARD_EVENT_SA_SET_CHANGE, 0);
	return 0;
}

/**
 * gmguard_nl_sa_set_set_doit() - SA_SET_SET
 * @skb: the request
 * @info: the request
 *
 * Return: 0 or a negative errno; then nothing has changed.
 */
int gmguard_nl_sa_set_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[GMGUARD_A_SA_SET_MAX + 1] = {};
	struct gmg_net *gn = gmg_net(genl_info_net(info));
	struct gmg_saset *set;
	int err;

	mutex_lock(&gn->lock);
	err = find_saset(gn, info, tb, CHANGES, &set);
	if (!err)
		err = change(info, tb, set);
	mutex_unlock(&gn->lock);
	gmg_nl_wipe_keys(info);
	return err;
}

/**
 * gmguard_nl_sa_set_del_doit() - SA_SET_DEL
 * @skb: the request
 * @info: the request
 *
 * Return: 0, -ENOENT, or another negative errno.
 */
int gmguard_nl_sa_set_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[GMGUARD_A_SA_SET_MAX + 1] = {};
	struct gmg_net *gn = gmg_net(genl_info_net(info));
	struct gmg_saset *set;
	int err;

	mutex_lock(&gn->lock);
	err = find_saset(gn, info, tb, NAME_ONLY, &set);
	if (!err)
		gmg_saset_del(set, GMGUARD_CAUSE_REQUEST);
	mutex_unlock(&gn->lock);
	gmg_nl_wipe_keys(info);
	return err;
}

/**
 * gmguard_nl_sa_set_get_doit() - SA_SET_GET of one set
 * @skb: the request
 * @info: the request
 *
 * Return: 0 or a negative errno.
 */
int gmguard_nl_sa_set_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[GMGUARD_A_SA_SET_MAX + 1] = {};
	struct gmg_net *gn = gmg_net(genl_info_net(info));
	struct gmg_saset *set;
	int err;

	mutex_lock(&gn->lock);
	err = find_saset(gn, info, tb, NAME_ONLY, &set);
	if (!err)
		err = reply_saset(info, set);
	mutex_unlock(&gn->lock);
	gmg_nl_wipe_keys(info);
	return err;
}

/**
 * gmguard_nl_sa_set_get_dumpit() - SA_SET_GET of all sets
 * @skb: the answer
 * @cb: @cb->args[0] is the id to go on with
 *
 * Ids grow until they wrap, so a set that is made meanwhile comes later and one
 * that ends does not make another one be skipped or shown twice.
 *
 * Return: length of the answer, 0 when done, or a negative errno.
 */
int gmguard_nl_sa_set_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb)
{
	struct gmg_net *gn = gmg_net(sock_net(skb->sk));
	unsigned long id = cb->args[0];
	struct gmg_saset *set;

	mutex_lock(&gn->lock);
	xa_for_each_start(&gn->sets, id, set, cb->args[0]) {
		void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
					cb->nlh->nlmsg_seq, &gmguard_nl_family,
					NLM_F_MULTI, GMGUARD_CMD_SA_SET_GET);

		if (!hdr)
			break;
		if (gmg_nl_put_saset(skb, set, 0)) {
			genlmsg_cancel(skb, hdr);
			break;
		}
		genlmsg_end(skb, hdr);
		cb->args[0] = id + 1;
	}
	mutex_unlock(&gn->lock);
	return skb->len;
}
