// SPDX-License-Identifier: GPL-2.0-only
/*
 * One SA as an xfrm state: ESP in transport mode with an exact selector.
 */
#include <linux/slab.h>

#include "fault.h"
#include "sa.h"

struct alg {
	const char *xfrm_name;
	unsigned int key_len;
};

/* Truncated to 96 bits each (RFC 2403, RFC 2404). */
static const struct alg algs[GMGUARD_ALG_MAX + 1] = {
	[GMGUARD_ALG_HMAC_MD5_96] = { "hmac(md5)", 16 },
	[GMGUARD_ALG_HMAC_SHA_1_96] = { "hmac(sha1)", 20 },
};

static const struct alg ealgs[GMGUARD_EALG_MAX + 1] = {
	[GMGUARD_EALG_NULL] = { "ecb(cipher_null)", 0 },
	[GMGUARD_EALG_DES_EDE3_CBC] = { "cbc(des3_ede)", 24 },
	[GMGUARD_EALG_AES_CBC] = { "cbc(aes)", 16 },
};

/**
 * gmg_alg_key_len() - key length of an integrity algorithm
 * @alg: enum gmguard_alg
 *
 * Return: bytes.
 */
unsigned int gmg_alg_key_len(u32 alg)
{
	return algs[alg].key_len;
}

/**
 * gmg_ealg_key_len() - key length of an encryption algorithm
 * @ealg: enum gmguard_ealg
 *
 * Return: bytes.
 */
unsigned int gmg_ealg_key_len(u32 ealg)
{
	return ealgs[ealg].key_len;
}

static int set_integrity(struct xfrm_state *x, const struct gmg_sa_keys *keys,
			 struct netlink_ext_ack *extack)
{
	const struct alg *alg = &algs[keys->alg];
	struct xfrm_algo_desc *desc;

	/* Unprobed algorithms are a BUG() in esp_init_authenc(). */
	desc = xfrm_aalg_get_byname(alg->xfrm_name, 1);
	if (!desc) {
		NL_SET_ERR_MSG(extack,
			       "alg: this kernel has no such integrity algorithm: load its crypto module");
		return -ENOENT;
	}
	x->aalg = kzalloc(sizeof(*x->aalg) + alg->key_len, GFP_KERNEL);
	if (!x->aalg)
		return -ENOMEM;
	strscpy(x->aalg->alg_name, desc->name, sizeof(x->aalg->alg_name));
	x->aalg->alg_key_len = alg->key_len * 8;
	x->aalg->alg_trunc_len = 96;
	memcpy(x->aalg->alg_key, keys->alg_key, alg->key_len);
	x->props.aalgo = desc->desc.sadb_alg_id;
	return 0;
}

static int set_encryption(struct xfrm_state *x, const struct gmg_sa_keys *keys,
			  struct netlink_ext_ack *extack)
{
	const struct alg *ealg = &ealgs[keys->ealg];
	struct xfrm_algo_desc *desc;

	desc = xfrm_ealg_get_byname(ealg->xfrm_name, 1);
	if (!desc) {
		NL_SET_ERR_MSG(extack,
			       "ealg: this kernel has no such encryption algorithm: load its crypto module");
		return -ENOENT;
	}
	x->ealg = kzalloc(sizeof(*x->ealg) + ealg->key_len, GFP_KERNEL);
	if (!x->ealg)
		return -ENOMEM;
	strscpy(x->ealg->alg_name, desc->name, sizeof(x->ealg->alg_name));
	x->ealg->alg_key_len = ealg->key_len * 8;
	if (ealg->key_len)
		memcpy(x->ealg->alg_key, keys->ealg_key, ealg->key_len);
	x->props.ealgo = desc->desc.sadb_alg_id;
	x->geniv = desc->uinfo.encr.geniv;
	return 0;
}

static struct xfrm_replay_state_esn *replay_alloc(const struct gmg_sa_spec *spec)
{
	const unsigned int words = GMGUARD_REPLAY_WINDOW / 32;
	struct xfrm_replay_state_esn *replay;

	replay = kzalloc(struct_size(replay, bmp, words), GFP_KERNEL);
	if (!replay)
		return NULL;
	replay->bmp_len = words;
	replay->replay_window = GMGUARD_REPLAY_WINDOW;
	if (!spec->inbound) {
		replay->oseq = spec->seq;
		return replay;
	}
	/* Nothing is known of the window's inside: all of it counts as seen. */
	replay->seq = spec->seq;
	if (spec->seq)
		memset(replay->bmp, 0xff, words * sizeof(replay->bmp[0]));
	return replay;
}

/* A window of more than 32 packets needs the ESN bitmap, but no ESN. */
static int set_replay(struct xfrm_state *x, const struct gmg_sa_spec *spec)
{
	x->replay_esn = replay_alloc(spec);
	x->preplay_esn = replay_alloc(spec);
	return x->replay_esn && x->preplay_esn ? 0 : -ENOMEM;
}

static void set_selector(struct xfrm_state *x, const struct gmg_flow *flow)
{
	u8 prefix = flow->family == AF_INET ? 32 : 128;

	x->props.family = flow->family;
	memcpy(&x->props.saddr, &flow->src, sizeof(x->props.saddr));
	memcpy(&x->id.daddr, &flow->dst, sizeof(x->id.daddr));

	x->sel.family = flow->family;
	x->sel.saddr = x->props.saddr;
	x->sel.daddr = x->id.daddr;
	x->sel.prefixlen_s = prefix;
	x->sel.prefixlen_d = prefix;
	x->sel.sport = flow->sport;
	x->sel.dport = flow->dport;
	x->sel.sport_mask = htons(0xffff);
	x->sel.dport_mask = htons(0xffff);
}

/* xfrm frees these with kfree(); crypto has copies of its own. */
static void wipe_keys(struct xfrm_state *x)
{
	if (x->aalg)
		memzero_explicit(x->aalg->alg_key, x->aalg->alg_key_len / 8);
	if (x->ealg)
		memzero_explicit(x->ealg->alg_key, x->ealg->alg_key_len / 8);
}

/**
 * gmg_sa_discard() - free a state that was never added
 * @x: the state
 */
void gmg_sa_discard(struct xfrm_state *x)
{
	wipe_keys(x);
	x->km.state = XFRM_STATE_DEAD;
	xfrm_state_put(x);
}

/**
 * gmg_sa_build() - make an xfrm state that is not yet in use
 * @net: its namespace
 * @spec: what it carries
 * @keys: how it is protected
 * @extack: says why it failed
 *
 * Lifetimes are infinite (GM-09): the set's deadline ends it.
 *
 * Context: may sleep.
 * Return: a state for gmg_sa_add() or gmg_sa_discard(), or an ERR_PTR.
 */
struct xfrm_state *gmg_sa_build(struct net *net, const struct gmg_sa_spec *spec,
				const struct gmg_sa_keys *keys,
				struct netlink_ext_ack *extack)
{
	struct xfrm_state *x = xfrm_state_alloc(net);
	int err;

	if (!x)
		return ERR_PTR(-ENOMEM);
	x->id.proto = IPPROTO_ESP;
	x->id.spi = htonl(spec->spi);
	x->props.mode = XFRM_MODE_TRANSPORT;
	x->props.reqid = spec->reqid;
	set_selector(x, &spec->flow);

	err = set_integrity(x, keys, extack);
	if (!err)
		err = set_encryption(x, keys, extack);
	if (!err)
		err = set_replay(x, spec);
	if (!err)
		err = gmg_fault() ? -ENOMEM : xfrm_init_state(x);
	if (!err)
		return x;

	gmg_sa_discard(x);
	return ERR_PTR(err);
}

/**
 * gmg_sas_prepare() - load what SAs will need
 * @net: the namespace
 * @family: AF_INET or AF_INET6
 *
 * The first state with an algorithm loads modules, which can take seconds: more
 * than a REGISTER has. So one of each kind is built and thrown away. Failures
 * don't matter here; whoever asks for such an SA is told.
 *
 * Context: may sleep.
 */
void gmg_sas_prepare(struct net *net, u8 family)
{
	static const u8 zeros[32];
	const struct gmg_sa_spec spec = {
		.flow = { .family = family },
		.spi = GMGUARD_SPI_MIN,
	};
	struct gmg_sa_keys keys = { .alg_key = zeros, .ealg_key = zeros };
	struct xfrm_state *x;

	for (keys.alg = 1; keys.alg <= GMGUARD_ALG_MAX; keys.alg++) {
		for (keys.ealg = 1; keys.ealg <= GMGUARD_EALG_MAX;
		     keys.ealg++) {
			x = gmg_sa_build(net, &spec, &keys, NULL);
			if (!IS_ERR(x))
				gmg_sa_discard(x);
		}
	}
}

static void announce(struct xfrm_state *x, u32 event)
{
	struct km_event c = { .event = event, .net = xs_net(x) };

	km_state_notify(x, &c);
}

/**
 * gmg_sa_add() - put a state into use
 * @x: from gmg_sa_build(); the caller keeps a reference of its own
 *
 * Return: 0, or -EEXIST if (destination, SPI) is taken: then the state is
 * still unused.
 */
int gmg_sa_add(struct xfrm_state *x)
{
	int err;

	if (gmg_fault())
		return -ENOMEM;
	/* One reference is ours, the other one the state table's. */
	xfrm_state_hold(x);
	err = xfrm_state_add(x);
	if (err) {
		xfrm_state_put(x);
		return err;
	}
	announce(x, XFRM_MSG_NEWSA);
	return 0;
}

/**
 * gmg_sa_del() - take a state out of use and drop our reference
 * @x: the state, possibly deleted by somebody else already
 *
 * Context: process context.
 */
void gmg_sa_del(struct xfrm_state *x)
{
	if (!xfrm_state_delete(x))
		announce(x, XFRM_MSG_DELSA);
	wipe_keys(x);
	xfrm_state_put(x);
}

/**
 * gmg_sa_seq() - the replay counter of a state
 * @x: the state
 * @inbound: its direction
 *
 * Return: highest sequence number received, or last one sent.
 */
u32 gmg_sa_seq(const struct xfrm_state *x, bool inbound)
{
	return inbound ? READ_ONCE(x->replay_esn->seq) :
			 READ_ONCE(x->replay_esn->oseq);
}
