// SPDX-License-Identifier: GPL-2.0-only
/*
 * One SA as an xfrm state: ESP in transport mode with an exact selector.
 */
#include <crypto/algapi.h>
#include <crypto/internal/geniv.h>
#include <crypto/sha2.h>
#include <linux/slab.h>

#include "fault.h"
#include "main.h"
#include "sa.h"

/* A key of AES-GCM or AES-GMAC ends in 4 bytes of salt (RFC 4106 8.1). */
#define GCM_KEY_LEN	20
#define GCM_ICV_BITS	128
#define GCM_IV_LEN	8

/* In the first byte of an IV, see set_iv_salt(). */
#define IV_OURS		0x80
#define IV_SA_C		0x40

struct alg {
	const char *xfrm_name;
	unsigned int key_len;
};

/* The HMACs are truncated to 96 bits each (RFC 2403, RFC 2404). */
static const struct alg algs[GMGUARD_ALG_MAX + 1] = {
	[GMGUARD_ALG_HMAC_MD5_96] = { "hmac(md5)", 16 },
	[GMGUARD_ALG_HMAC_SHA_1_96] = { "hmac(sha1)", 20 },
	[GMGUARD_ALG_AES_GMAC] = { "rfc4543(gcm(aes))", GCM_KEY_LEN },
	[GMGUARD_ALG_NULL] = { NULL, 0 },
};

static const struct alg ealgs[GMGUARD_EALG_MAX + 1] = {
	[GMGUARD_EALG_NULL] = { "ecb(cipher_null)", 0 },
	[GMGUARD_EALG_DES_EDE3_CBC] = { "cbc(des3_ede)", 24 },
	[GMGUARD_EALG_AES_CBC] = { "cbc(aes)", 16 },
	[GMGUARD_EALG_AES_GCM] = { "rfc4106(gcm(aes))", GCM_KEY_LEN },
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

/**
 * gmg_sa_algs_fit() - whether two algorithms may protect a set together
 * @alg: enum gmguard_alg
 * @ealg: enum gmguard_ealg
 *
 * TS 33.203 Annex H: aes-gcm does the work of both, aes-gmac does not encrypt,
 * and nothing else may go without integrity protection (GM-18).
 *
 * Return: whether they fit.
 */
bool gmg_sa_algs_fit(u32 alg, u32 ealg)
{
	if (alg == GMGUARD_ALG_NULL || ealg == GMGUARD_EALG_AES_GCM)
		return alg == GMGUARD_ALG_NULL && ealg == GMGUARD_EALG_AES_GCM;
	return alg != GMGUARD_ALG_AES_GMAC || ealg == GMGUARD_EALG_NULL;
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

/* One transform that encrypts, or not, and protects integrity. */
static int set_aead(struct xfrm_state *x, const struct alg *alg, const u8 *key,
		    struct netlink_ext_ack *extack)
{
	struct xfrm_algo_desc *desc;

	desc = xfrm_aead_get_byname(alg->xfrm_name, GCM_ICV_BITS, 1);
	if (!desc) {
		NL_SET_ERR_MSG(extack,
			       "this kernel has no aes-gcm and aes-gmac for ESP: load its crypto module gcm");
		return -ENOENT;
	}
	x->aead = kzalloc(sizeof(*x->aead) + GCM_KEY_LEN, GFP_KERNEL);
	if (!x->aead)
		return -ENOMEM;
	strscpy(x->aead->alg_name, desc->name, sizeof(x->aead->alg_name));
	x->aead->alg_key_len = GCM_KEY_LEN * 8;
	x->aead->alg_icv_len = GCM_ICV_BITS;
	memcpy(x->aead->alg_key, key, GCM_KEY_LEN);
	x->props.ealgo = desc->desc.sadb_alg_id;
	x->geniv = desc->uinfo.aead.geniv;
	return 0;
}

/* The key of a pair that is one AEAD algorithm, else NULL. */
static const u8 *aead_key(const struct gmg_sa_keys *keys)
{
	if (keys->ealg == GMGUARD_EALG_AES_GCM)
		return keys->ealg_key;
	return keys->alg == GMGUARD_ALG_AES_GMAC ? keys->alg_key : NULL;
}

static int set_algs(struct xfrm_state *x, const struct gmg_sa_keys *keys,
		    struct netlink_ext_ack *extack)
{
	int err;

	if (keys->ealg == GMGUARD_EALG_AES_GCM)
		return set_aead(x, &ealgs[keys->ealg], keys->ealg_key, extack);
	if (keys->alg == GMGUARD_ALG_AES_GMAC)
		return set_aead(x, &algs[keys->alg], keys->alg_key, extack);
	err = set_integrity(x, keys, extack);
	return err ? err : set_encryption(x, keys, extack);
}

static bool is_seqiv(struct crypto_aead *aead)
{
	struct crypto_tfm *tfm = crypto_aead_tfm(aead);
	const struct crypto_alg *alg = tfm->__crt_alg;

	return alg->cra_flags & CRYPTO_ALG_INSTANCE &&
	       !strcmp(crypto_tfm_alg_instance(tfm)->tmpl->name, "seqiv") &&
	       crypto_aead_ivsize(aead) == GCM_IV_LEN &&
	       alg->cra_ctxsize == sizeof(struct aead_geniv_ctx) + GCM_IV_LEN;
}

/* A digest that only who has the key can tell, the same whenever it is made. */
static void derive_salt(const struct xfrm_state *x, u8 salt[GCM_IV_LEN])
{
	struct {
		char label[12];
		__be32 spi;
		u8 key[GCM_KEY_LEN];
	} in = { .label = "gmguard iv", .spi = x->id.spi };
	u8 digest[SHA256_DIGEST_SIZE];

	memcpy(in.key, x->aead->alg_key, sizeof(in.key));
	sha256((const u8 *)&in, sizeof(in), digest);
	memcpy(salt, digest, GCM_IV_LEN);
	memzero_explicit(&in, sizeof(in));
	memzero_explicit(digest, sizeof(digest));
}

/*
 * No IV of ours ever repeats (GM-27).
 *
 * The four SAs of a set share one key and one salt (TS 33.203 Annex I), so the
 * nonce of AES-GCM is left to the 8 byte IV: one repetition shows the XOR of
 * two messages and lets anybody forge. Linux makes it in seqiv:
 *
 *	IV = S ^ N
 *
 * where N is the sequence number of the packet, 64 bits, and S is 64 bits that
 * seqiv draws at random for each transform and never changes. Random is not
 * enough for us, so S is replaced before anybody can use the transform:
 *
 *	bit 63		1: sent by the P-CSCF
 *	bit 62		0: SA B, 1: SA C
 *	bits 61 to 0	of SHA-256(label, SPI, key, salt)
 *
 * 1. In one SA. N is the 32 bit number of the ESP header, because ESN is off
 *    (GM-08: XFRM_STATE_ESN is never set, seq.output.hi is 0). xfrm counts it
 *    up under the state's lock for every packet, also for one that fails later,
 *    and refuses to send when it would wrap (xfrm_replay_overflow_bmp();
 *    XFRM_SA_XFLAG_OSEQ_MAY_WRAP is never set). So no N comes twice, and XOR
 *    with a constant keeps different N different.
 * 2. Between SA B and SA C. N is below 2^32, so bits 63 to 32 of every IV are
 *    those of S, and bit 62 differs.
 * 3. Over the life of a key. S depends on nothing but the SA and its key: a set
 *    that is made again, here or on another node, goes on with the IVs where
 *    its initial sequence numbers (GMGUARD_A_SA_SEQ) say, and whoever makes it
 *    has to give numbers not below those in use so far. Two sets never share a
 *    key: each authentication brings a new one, and gmg_sa_has_keys() is there
 *    to refuse a set that has the key of another one.
 * 4. Between us and the UE, which shares the key and chooses the IVs of SAs A
 *    and D: cannot be proven here. A UE whose IVs are counters from 0, or whose
 *    bit 63 is 0 for another reason, never meets ours. One with a random
 *    constant for each SA, like seqiv's, can only if the upper halves of two of
 *    the four constants are the same by chance: less than 1 in 2^29 for a set.
 *    Whether its A never meets its D is out of our reach. This is why both
 *    algorithms are off in gmguardd unless somebody names them.
 *
 * All of it stands on seqiv: with another generator (hardware drivers bring
 * their own) the SA is refused.
 */
static int set_iv_salt(struct xfrm_state *x, const struct gmg_sa_spec *spec,
		       struct netlink_ext_ack *extack)
{
	struct crypto_aead *aead = x->data;
	struct aead_geniv_ctx *ctx = crypto_aead_ctx(aead);
	bool is_b = spec->name == GMGUARD_SA_NAME_B;

	if (!is_seqiv(aead) || (!is_b && spec->name != GMGUARD_SA_NAME_C)) {
		NL_SET_ERR_MSG(extack,
			       "this kernel does not make the IVs of aes-gcm and aes-gmac with seqiv: they might repeat, take other algorithms");
		return -EOPNOTSUPP;
	}
	derive_salt(x, ctx->salt);
	ctx->salt[0] &= ~(IV_OURS | IV_SA_C);
	ctx->salt[0] |= IV_OURS | (is_b ? 0 : IV_SA_C);
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
	if (x->aead)
		memzero_explicit(x->aead->alg_key, x->aead->alg_key_len / 8);
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

	err = set_algs(x, keys, extack);
	if (!err)
		err = set_replay(x, spec);
	if (!err)
		err = gmg_fault() ? -ENOMEM : xfrm_init_state(x, extack);
	if (!err && x->aead && !spec->inbound)
		err = set_iv_salt(x, spec, extack);
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
		.name = GMGUARD_SA_NAME_B,
	};
	struct gmg_sa_keys keys = { .alg_key = zeros, .ealg_key = zeros };
	struct xfrm_state *x;

	for (keys.alg = 1; keys.alg <= GMGUARD_ALG_MAX; keys.alg++) {
		for (keys.ealg = 1; keys.ealg <= GMGUARD_EALG_MAX;
		     keys.ealg++) {
			if (!gmg_sa_algs_fit(keys.alg, keys.ealg))
				continue;
			x = gmg_sa_build(net, &spec, &keys, NULL);
			if (!IS_ERR(x))
				gmg_sa_discard(x);
		}
	}
}

static void announce(struct xfrm_state *x, u32 event)
{
	struct km_event c = { .event = event, .net = xs_net(x) };
	struct gmg_net *gn = gmg_net(xs_net(x));

	/* To our own key manager it is no state of another program. */
	WRITE_ONCE(gn->announced, x);
	km_state_notify(x, &c);
	WRITE_ONCE(gn->announced, NULL);
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

/**
 * gmg_sa_has_keys() - whether a state has a key that must be its set's alone
 * @x: the state
 * @keys: keys of another set
 *
 * A key of aes-gcm or aes-gmac in two sets would bring IVs twice, see
 * set_iv_salt(). Other algorithms can live with it.
 *
 * Return: whether both have the same such key.
 */
bool gmg_sa_has_keys(const struct xfrm_state *x, const struct gmg_sa_keys *keys)
{
	const u8 *key = aead_key(keys);

	return key && x->aead && !crypto_memneq(x->aead->alg_key, key,
						GCM_KEY_LEN);
}
