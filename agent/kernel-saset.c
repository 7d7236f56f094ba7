// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kernel-saset.c - SA sets through netlink.
 */
#include <stdlib.h>
#include <string.h>

#include "kernel-priv.h"

static struct nla_policy saset_policy[GMGUARD_A_SA_SET_MAX + 1] = {
	[GMGUARD_A_SA_SET_ID] = { .type = NLA_U32 },
	[GMGUARD_A_SA_SET_ENDPOINT_ID] = { .type = NLA_U32 },
	[GMGUARD_A_SA_SET_PORT_UC] = { .type = NLA_U16 },
	[GMGUARD_A_SA_SET_PORT_US] = { .type = NLA_U16 },
	[GMGUARD_A_SA_SET_PORT_PC] = { .type = NLA_U16 },
	[GMGUARD_A_SA_SET_PORT_PS] = { .type = NLA_U16 },
	[GMGUARD_A_SA_SET_SPI_UC] = { .type = NLA_U32 },
	[GMGUARD_A_SA_SET_SPI_US] = { .type = NLA_U32 },
	[GMGUARD_A_SA_SET_SPI_PC] = { .type = NLA_U32 },
	[GMGUARD_A_SA_SET_SPI_PS] = { .type = NLA_U32 },
	[GMGUARD_A_SA_SET_ALG] = { .type = NLA_U32 },
	[GMGUARD_A_SA_SET_EALG] = { .type = NLA_U32 },
	[GMGUARD_A_SA_SET_IMPI] = { .type = NLA_STRING },
	[GMGUARD_A_SA_SET_PHASE] = { .type = NLA_U32 },
	[GMGUARD_A_SA_SET_LIFETIME_MS] = { .type = NLA_U32 },
	[GMGUARD_A_SA_SET_AGE_MS] = { .type = NLA_U64 },
	[GMGUARD_A_SA_SET_PROTECTED_BY] = { .type = NLA_U32 },
	[GMGUARD_A_SA_SET_GROUP] = { .type = NLA_U32 },
	[GMGUARD_A_SA_SET_SA] = { .type = NLA_NESTED },
	[GMGUARD_A_SA_SET_CAUSE] = { .type = NLA_U32 },
};

static struct nla_policy sa_policy[GMGUARD_A_SA_MAX + 1] = {
	[GMGUARD_A_SA_NAME] = { .type = NLA_U32 },
	[GMGUARD_A_SA_SPI] = { .type = NLA_U32 },
	[GMGUARD_A_SA_SEQ] = { .type = NLA_U32 },
	[GMGUARD_A_SA_PACKETS] = { .type = NLA_U64 },
	[GMGUARD_A_SA_BYTES] = { .type = NLA_U64 },
	[GMGUARD_A_SA_REPLAY_ERRORS] = { .type = NLA_U32 },
	[GMGUARD_A_SA_INTEGRITY_ERRORS] = { .type = NLA_U32 },
};

static int parse_sa(struct nlattr *nest, struct gmg_saset *set)
{
	struct nlattr *tb[GMGUARD_A_SA_MAX + 1];
	struct gmg_sa *sa;
	uint32_t name;

	if (nla_parse_nested(tb, GMGUARD_A_SA_MAX, nest, sa_policy) < 0 ||
	    !tb[GMGUARD_A_SA_NAME])
		return -EBADMSG;
	name = nla_get_u32(tb[GMGUARD_A_SA_NAME]);
	if (name >= GMG_SA_NUM)
		return -EBADMSG;
	sa = &set->sa[name];
	gmg_get_u32(tb[GMGUARD_A_SA_SPI], &sa->spi);
	gmg_get_u32(tb[GMGUARD_A_SA_SEQ], &sa->seq);
	gmg_get_u64(tb[GMGUARD_A_SA_PACKETS], &sa->packets);
	gmg_get_u64(tb[GMGUARD_A_SA_BYTES], &sa->bytes);
	gmg_get_u32(tb[GMGUARD_A_SA_REPLAY_ERRORS], &sa->replay_errors);
	gmg_get_u32(tb[GMGUARD_A_SA_INTEGRITY_ERRORS], &sa->integrity_errors);
	return 0;
}

static void parse_who(struct nlattr **tb, struct gmg_saset *set)
{
	gmg_get_u32(tb[GMGUARD_A_SA_SET_ID], &set->id);
	gmg_get_u32(tb[GMGUARD_A_SA_SET_ENDPOINT_ID], &set->endpoint_id);
	gmg_get_addr(tb[GMGUARD_A_SA_SET_LOCAL_ADDR], &set->local_addr);
	gmg_get_addr(tb[GMGUARD_A_SA_SET_UE_ADDR], &set->ue_addr);
	gmg_get_u16(tb[GMGUARD_A_SA_SET_PORT_UC], &set->port_uc);
	gmg_get_u16(tb[GMGUARD_A_SA_SET_PORT_US], &set->port_us);
	gmg_get_u16(tb[GMGUARD_A_SA_SET_PORT_PC], &set->port_pc);
	gmg_get_u16(tb[GMGUARD_A_SA_SET_PORT_PS], &set->port_ps);
	gmg_get_u32(tb[GMGUARD_A_SA_SET_SPI_UC], &set->spi_uc);
	gmg_get_u32(tb[GMGUARD_A_SA_SET_SPI_US], &set->spi_us);
	gmg_get_u32(tb[GMGUARD_A_SA_SET_SPI_PC], &set->spi_pc);
	gmg_get_u32(tb[GMGUARD_A_SA_SET_SPI_PS], &set->spi_ps);
	gmg_get_string(tb[GMGUARD_A_SA_SET_IMPI], set->impi,
		       sizeof(set->impi));
}

static void parse_what(struct nlattr **tb, struct gmg_saset *set)
{
	struct nlattr *data = tb[GMGUARD_A_SA_SET_AGENT_DATA];

	gmg_get_u32(tb[GMGUARD_A_SA_SET_ALG], &set->alg);
	gmg_get_u32(tb[GMGUARD_A_SA_SET_EALG], &set->ealg);
	gmg_get_u32(tb[GMGUARD_A_SA_SET_PHASE], &set->phase);
	gmg_get_u32(tb[GMGUARD_A_SA_SET_LIFETIME_MS], &set->lifetime_ms);
	gmg_get_u64(tb[GMGUARD_A_SA_SET_AGE_MS], &set->age_ms);
	gmg_get_u32(tb[GMGUARD_A_SA_SET_PROTECTED_BY], &set->protected_by);
	gmg_get_u32(tb[GMGUARD_A_SA_SET_CAUSE], &set->cause);
	gmg_get_u32(tb[GMGUARD_A_SA_SET_GROUP], &set->group);
	set->emergency = tb[GMGUARD_A_SA_SET_EMERGENCY];
	set->in_use = tb[GMGUARD_A_SA_SET_IN_USE];
	if (data && nla_len(data) > 0) {
		set->agent_data = nla_data(data);
		set->agent_data_len = nla_len(data);
	}
}

/**
 * gmg_saset_parse() - read a nest "sa-set"
 * @nest: the nest, may be NULL
 * @set: result; agent_data points into the message
 *
 * Return: 0, or -EBADMSG.
 */
int gmg_saset_parse(struct nlattr *nest, struct gmg_saset *set)
{
	struct nlattr *tb[GMGUARD_A_SA_SET_MAX + 1];
	struct nlattr *attr;
	int rem, ret;

	memset(set, 0, sizeof(*set));
	if (!nest || nla_parse_nested(tb, GMGUARD_A_SA_SET_MAX, nest,
				      saset_policy) < 0)
		return -EBADMSG;
	parse_who(tb, set);
	parse_what(tb, set);
	nla_for_each_nested(attr, nest, rem) {
		if (nla_type(attr) != GMGUARD_A_SA_SET_SA)
			continue;
		ret = parse_sa(attr, set);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * gmg_saset_copy() - keep a set beyond a callback
 * @to: result, to be freed with gmg_saset_clear()
 * @from: the set
 *
 * Return: 0, or -ENOMEM.
 */
int gmg_saset_copy(struct gmg_saset *to, const struct gmg_saset *from)
{
	void *data = NULL;

	if (from->agent_data_len) {
		data = malloc(from->agent_data_len);
		if (!data)
			return -ENOMEM;
		memcpy(data, from->agent_data, from->agent_data_len);
	}
	*to = *from;
	to->agent_data = data;
	return 0;
}

/**
 * gmg_saset_clear() - free what gmg_saset_copy() or kernel_saset_get() took
 * @set: the set, empty afterwards
 */
void gmg_saset_clear(struct gmg_saset *set)
{
	free((void *)set->agent_data);
	memset(set, 0, sizeof(*set));
}

static int put_sa(struct nl_msg *msg, uint32_t name, uint32_t seq)
{
	struct nlattr *nest;

	if (!seq)
		return 0;
	nest = nla_nest_start(msg, GMGUARD_A_SA_SET_SA | NLA_F_NESTED);
	if (!nest || nla_put_u32(msg, GMGUARD_A_SA_NAME, name) ||
	    nla_put_u32(msg, GMGUARD_A_SA_SEQ, seq))
		return -EMSGSIZE;
	return nla_nest_end(msg, nest);
}

static int put_who(struct nl_msg *msg, const struct gmg_saset_req *r)
{
	if (gmg_put_u32(msg, GMGUARD_A_SA_SET_ENDPOINT_ID, r->endpoint_id) ||
	    gmg_put_addr(msg, GMGUARD_A_SA_SET_UE_ADDR, &r->ue_addr) ||
	    gmg_put_u16(msg, GMGUARD_A_SA_SET_PORT_UC, r->port_uc) ||
	    gmg_put_u16(msg, GMGUARD_A_SA_SET_PORT_US, r->port_us) ||
	    gmg_put_u16(msg, GMGUARD_A_SA_SET_PORT_PC, r->port_pc) ||
	    gmg_put_u16(msg, GMGUARD_A_SA_SET_PORT_PS, r->port_ps) ||
	    gmg_put_u32(msg, GMGUARD_A_SA_SET_SPI_UC, r->spi_uc) ||
	    gmg_put_u32(msg, GMGUARD_A_SA_SET_SPI_US, r->spi_us) ||
	    gmg_put_u32(msg, GMGUARD_A_SA_SET_SPI_PC, r->spi_pc) ||
	    gmg_put_u32(msg, GMGUARD_A_SA_SET_SPI_PS, r->spi_ps))
		return -EMSGSIZE;
	if (r->impi && nla_put_string(msg, GMGUARD_A_SA_SET_IMPI, r->impi))
		return -EMSGSIZE;
	return 0;
}

static int put_req(struct nl_msg *msg, const struct gmg_saset_req *r)
{
	struct nlattr *nest;
	uint32_t i;

	nest = nla_nest_start(msg, GMGUARD_A_SA_SET | NLA_F_NESTED);
	if (!nest || put_who(msg, r) ||
	    gmg_put_u32(msg, GMGUARD_A_SA_SET_ALG, r->alg) ||
	    gmg_put_u32(msg, GMGUARD_A_SA_SET_EALG, r->ealg) ||
	    gmg_put_bytes(msg, GMGUARD_A_SA_SET_ALG_KEY, r->alg_key,
			  r->alg_key_len) ||
	    gmg_put_bytes(msg, GMGUARD_A_SA_SET_EALG_KEY, r->ealg_key,
			  r->ealg_key_len) ||
	    gmg_put_u32(msg, GMGUARD_A_SA_SET_PHASE, r->phase) ||
	    gmg_put_u32(msg, GMGUARD_A_SA_SET_LIFETIME_MS, r->lifetime_ms) ||
	    gmg_put_u32(msg, GMGUARD_A_SA_SET_PROTECTED_BY,
			r->protected_by) ||
	    gmg_put_u32(msg, GMGUARD_A_SA_SET_GROUP, r->group) ||
	    (r->emergency && nla_put_flag(msg, GMGUARD_A_SA_SET_EMERGENCY)) ||
	    gmg_put_bytes(msg, GMGUARD_A_SA_SET_AGENT_DATA, r->agent_data,
			  r->agent_data_len))
		return -EMSGSIZE;
	for (i = 0; i < GMG_SA_NUM; i++)
		if (put_sa(msg, i, r->seq[i]) < 0)
			return -EMSGSIZE;
	return nla_nest_end(msg, nest);
}

static struct nl_msg *id_msg(struct gmg_kernel *k, uint8_t cmd, uint32_t id)
{
	struct nl_msg *msg = gmg_msg_new(k, cmd);
	struct nlattr *nest;

	if (!msg)
		return NULL;
	nest = nla_nest_start(msg, GMGUARD_A_SA_SET | NLA_F_NESTED);
	nla_put_u32(msg, GMGUARD_A_SA_SET_ID, id);
	nla_nest_end(msg, nest);
	return msg;
}

static int reply_get(struct nlattr **tb, void *arg)
{
	struct gmg_saset *to = arg, set;
	int ret = gmg_saset_parse(tb[GMGUARD_A_SA_SET], &set);

	if (ret)
		return ret;
	gmg_saset_clear(to);
	return gmg_saset_copy(to, &set);
}

/**
 * kernel_saset_new() - make a set, or nothing
 * @k: connection
 * @req: what to make
 * @set: id, SPIs and ports that the kernel chose; for gmg_saset_clear()
 *
 * Return: 0, or a negative errno with k->err set.
 */
int kernel_saset_new(struct gmg_kernel *k, const struct gmg_saset_req *req,
		     struct gmg_saset *set)
{
	struct nl_msg *msg = gmg_msg_new(k, GMGUARD_CMD_SA_SET_NEW);
	int ret;

	memset(set, 0, sizeof(*set));
	if (msg && put_req(msg, req) < 0) {
		gmg_msg_free(msg);
		return gmg_fail(k, -EMSGSIZE,
				"impi, keys or agent-data are too long");
	}
	ret = gmg_transact(k, msg, reply_get, set);
	if (ret)
		gmg_saset_clear(set);
	return ret;
}

/**
 * kernel_saset_set() - change phase, lifetime or agent-data of a set
 * @k: connection
 * @c: the change
 *
 * Return: 0, or a negative errno with k->err set.
 */
int kernel_saset_set(struct gmg_kernel *k, const struct gmg_saset_change *c)
{
	struct nl_msg *msg = gmg_msg_new(k, GMGUARD_CMD_SA_SET_SET);
	struct nlattr *nest;

	if (!msg)
		return -ENOMEM;
	nest = nla_nest_start(msg, GMGUARD_A_SA_SET | NLA_F_NESTED);
	if (!nest || nla_put_u32(msg, GMGUARD_A_SA_SET_ID, c->id) ||
	    gmg_put_u32(msg, GMGUARD_A_SA_SET_PHASE, c->phase) ||
	    gmg_put_u32(msg, GMGUARD_A_SA_SET_LIFETIME_MS, c->lifetime_ms) ||
	    gmg_put_bytes(msg, GMGUARD_A_SA_SET_AGENT_DATA, c->agent_data,
			  c->agent_data_len)) {
		gmg_msg_free(msg);
		return gmg_fail(k, -EMSGSIZE, "agent-data is too long");
	}
	nla_nest_end(msg, nest);
	return gmg_transact(k, msg, NULL, NULL);
}

/**
 * kernel_saset_del() - delete a set
 * @k: connection
 * @id: the set
 *
 * Return: 0, or a negative errno with k->err set.
 */
int kernel_saset_del(struct gmg_kernel *k, uint32_t id)
{
	return gmg_transact(k, id_msg(k, GMGUARD_CMD_SA_SET_DEL, id), NULL,
			    NULL);
}

/**
 * kernel_saset_get() - read one set
 * @k: connection
 * @id: the set
 * @set: result, to be freed with gmg_saset_clear()
 *
 * Return: 0, or a negative errno with k->err set.
 */
int kernel_saset_get(struct gmg_kernel *k, uint32_t id, struct gmg_saset *set)
{
	int ret;

	memset(set, 0, sizeof(*set));
	ret = gmg_transact(k, id_msg(k, GMGUARD_CMD_SA_SET_GET, id), reply_get,
			   set);
	if (ret)
		gmg_saset_clear(set);
	return ret;
}

struct dump {
	gmg_saset_fn *fn;
	void *arg;
};

static int reply_dump(struct nlattr **tb, void *arg)
{
	struct dump *d = arg;
	struct gmg_saset set;
	int ret;

	if (!tb)
		return d->fn(NULL, d->arg);
	ret = gmg_saset_parse(tb[GMGUARD_A_SA_SET], &set);
	return ret ? ret : d->fn(&set, d->arg);
}

/**
 * kernel_saset_dump() - read all sets
 * @k: connection
 * @fn: called for each, see gmg_saset_fn; gmg_saset_copy() keeps one
 * @arg: for @fn
 *
 * Return: 0, or a negative errno with k->err set; -EAGAIN see gmg_dump().
 */
int kernel_saset_dump(struct gmg_kernel *k, gmg_saset_fn *fn, void *arg)
{
	struct dump d = { .fn = fn, .arg = arg };

	return gmg_dump(k, GMGUARD_CMD_SA_SET_GET, reply_dump, &d);
}
