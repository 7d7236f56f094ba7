// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kernel-adopted.c - SAs of other programs through netlink.
 */
#include <string.h>

#include "kernel-priv.h"

static struct nla_policy adopted_policy[GMGUARD_A_ADOPTED_MAX + 1] = {
	[GMGUARD_A_ADOPTED_SPI] = { .type = NLA_U32 },
	[GMGUARD_A_ADOPTED_DIRECTION] = { .type = NLA_U32 },
	[GMGUARD_A_ADOPTED_ENDPOINT_ID] = { .type = NLA_U32 },
	[GMGUARD_A_ADOPTED_LOCAL_PORT] = { .type = NLA_U16 },
	[GMGUARD_A_ADOPTED_UE_PORT] = { .type = NLA_U16 },
	[GMGUARD_A_ADOPTED_SELECTOR] = { .type = NLA_U32 },
	[GMGUARD_A_ADOPTED_PROTOCOL] = { .type = NLA_U8 },
	[GMGUARD_A_ADOPTED_USER] = { .type = NLA_U32 },
	[GMGUARD_A_ADOPTED_CONDITION] = { .type = NLA_U32 },
	[GMGUARD_A_ADOPTED_REQID] = { .type = NLA_U32 },
	[GMGUARD_A_ADOPTED_MODE] = { .type = NLA_U8 },
	[GMGUARD_A_ADOPTED_MARK] = { .type = NLA_U32 },
	[GMGUARD_A_ADOPTED_MARK_MASK] = { .type = NLA_U32 },
	[GMGUARD_A_ADOPTED_ALG] = { .type = NLA_STRING },
	[GMGUARD_A_ADOPTED_EALG] = { .type = NLA_STRING },
	[GMGUARD_A_ADOPTED_AGE_MS] = { .type = NLA_U64 },
	[GMGUARD_A_ADOPTED_FIRST_USE_MS] = { .type = NLA_U64 },
	[GMGUARD_A_ADOPTED_LAST_USE_MS] = { .type = NLA_U64 },
	[GMGUARD_A_ADOPTED_LIFETIME_MS] = { .type = NLA_U64 },
	[GMGUARD_A_ADOPTED_PACKETS] = { .type = NLA_U64 },
	[GMGUARD_A_ADOPTED_BYTES] = { .type = NLA_U64 },
	[GMGUARD_A_ADOPTED_REPLAY_ERRORS] = { .type = NLA_U32 },
	[GMGUARD_A_ADOPTED_INTEGRITY_ERRORS] = { .type = NLA_U32 },
};

static void parse_ends(struct nlattr **tb, struct gmg_adopted *sa)
{
	gmg_get_u32(tb[GMGUARD_A_ADOPTED_ENDPOINT_ID], &sa->endpoint_id);
	gmg_get_addr(tb[GMGUARD_A_ADOPTED_LOCAL_ADDR], &sa->local_addr);
	gmg_get_addr(tb[GMGUARD_A_ADOPTED_UE_ADDR], &sa->ue_addr);
	gmg_get_u16(tb[GMGUARD_A_ADOPTED_LOCAL_PORT], &sa->local_port);
	gmg_get_u16(tb[GMGUARD_A_ADOPTED_UE_PORT], &sa->ue_port);
	gmg_get_addr(tb[GMGUARD_A_ADOPTED_SRC_ADDR], &sa->src_addr);
	gmg_get_addr(tb[GMGUARD_A_ADOPTED_DST_ADDR], &sa->dst_addr);
}

static void parse_transform(struct nlattr **tb, struct gmg_adopted *sa)
{
	if (tb[GMGUARD_A_ADOPTED_PROTOCOL])
		sa->protocol = nla_get_u8(tb[GMGUARD_A_ADOPTED_PROTOCOL]);
	if (tb[GMGUARD_A_ADOPTED_MODE])
		sa->mode = nla_get_u8(tb[GMGUARD_A_ADOPTED_MODE]);
	gmg_get_u32(tb[GMGUARD_A_ADOPTED_USER], &sa->user);
	gmg_get_u32(tb[GMGUARD_A_ADOPTED_CONDITION], &sa->condition);
	gmg_get_u32(tb[GMGUARD_A_ADOPTED_REQID], &sa->reqid);
	gmg_get_u32(tb[GMGUARD_A_ADOPTED_MARK], &sa->mark);
	gmg_get_u32(tb[GMGUARD_A_ADOPTED_MARK_MASK], &sa->mark_mask);
	gmg_get_string(tb[GMGUARD_A_ADOPTED_ALG], sa->alg, sizeof(sa->alg));
	gmg_get_string(tb[GMGUARD_A_ADOPTED_EALG], sa->ealg,
		       sizeof(sa->ealg));
}

static void parse_life(struct nlattr **tb, struct gmg_adopted *sa)
{
	gmg_get_u64(tb[GMGUARD_A_ADOPTED_AGE_MS], &sa->age_ms);
	sa->used = tb[GMGUARD_A_ADOPTED_FIRST_USE_MS];
	gmg_get_u64(tb[GMGUARD_A_ADOPTED_FIRST_USE_MS], &sa->first_use_ms);
	sa->last_use_known = tb[GMGUARD_A_ADOPTED_LAST_USE_MS];
	gmg_get_u64(tb[GMGUARD_A_ADOPTED_LAST_USE_MS], &sa->last_use_ms);
	gmg_get_u64(tb[GMGUARD_A_ADOPTED_LIFETIME_MS], &sa->lifetime_ms);
	gmg_get_u64(tb[GMGUARD_A_ADOPTED_PACKETS], &sa->packets);
	gmg_get_u64(tb[GMGUARD_A_ADOPTED_BYTES], &sa->bytes);
	gmg_get_u32(tb[GMGUARD_A_ADOPTED_REPLAY_ERRORS], &sa->replay_errors);
	gmg_get_u32(tb[GMGUARD_A_ADOPTED_INTEGRITY_ERRORS],
		    &sa->integrity_errors);
}

/**
 * gmg_adopted_parse() - read a nest "adopted"
 * @nest: the nest, may be NULL
 * @sa: result
 *
 * Return: 0, or -EBADMSG.
 */
int gmg_adopted_parse(struct nlattr *nest, struct gmg_adopted *sa)
{
	struct nlattr *tb[GMGUARD_A_ADOPTED_MAX + 1];

	memset(sa, 0, sizeof(*sa));
	if (!nest || nla_parse_nested(tb, GMGUARD_A_ADOPTED_MAX, nest,
				      adopted_policy) < 0)
		return -EBADMSG;
	gmg_get_u32(tb[GMGUARD_A_ADOPTED_SPI], &sa->spi);
	gmg_get_u32(tb[GMGUARD_A_ADOPTED_DIRECTION], &sa->direction);
	gmg_get_u32(tb[GMGUARD_A_ADOPTED_SELECTOR], &sa->selector);
	parse_ends(tb, sa);
	parse_transform(tb, sa);
	parse_life(tb, sa);
	return 0;
}

struct dump {
	gmg_adopted_fn *fn;
	void *arg;
};

static int reply_dump(struct nlattr **tb, void *arg)
{
	struct dump *dump = arg;
	struct gmg_adopted sa;

	if (!tb)
		return dump->fn(NULL, dump->arg);
	if (gmg_adopted_parse(tb[GMGUARD_A_ADOPTED], &sa))
		return -EBADMSG;
	return dump->fn(&sa, dump->arg);
}

/**
 * kernel_adopted_dump() - read all adopted SAs
 * @k: connection
 * @fn: called for each
 * @arg: for @fn
 *
 * Return: 0, or a negative errno with k->err set.
 */
int kernel_adopted_dump(struct gmg_kernel *k, gmg_adopted_fn *fn, void *arg)
{
	struct dump dump = { .fn = fn, .arg = arg };

	return gmg_dump(k, GMGUARD_CMD_ADOPTED_GET, reply_dump, &dump);
}
