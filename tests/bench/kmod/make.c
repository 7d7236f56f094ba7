// SPDX-License-Identifier: GPL-2.0-only
/*
 * A loop that does nothing but make the four states of a UE: what no program
 * can be faster than that makes them one after the other.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <net/xfrm.h>

#include "bench.h"
#include "ue.h"

#define REQID		1
#define WINDOW		128

enum { SA_A, SA_D, SA_B, SA_C, SAS };

#ifdef INIT_STATE_TELLS
#define xfrm_init_state(x) xfrm_init_state(x, NULL)
#endif

static struct xfrm_state **made;
static u32 n_made;

static struct xfrm_algo_auth *auth(void)
{
	struct xfrm_algo_auth *alg = kzalloc(sizeof(*alg) + 20, GFP_KERNEL);

	if (!alg)
		return NULL;
	strscpy(alg->alg_name, "hmac(sha1)", sizeof(alg->alg_name));
	alg->alg_key_len = 160;
	alg->alg_trunc_len = 96;
	memset(alg->alg_key, 0x11, 20);
	return alg;
}

static struct xfrm_algo *encryption(bool aes)
{
	struct xfrm_algo *alg = kzalloc(sizeof(*alg) + 16, GFP_KERNEL);

	if (!alg)
		return NULL;
	strscpy(alg->alg_name, aes ? "cbc(aes)" : "ecb(cipher_null)",
		sizeof(alg->alg_name));
	alg->alg_key_len = aes ? 128 : 0;
	memset(alg->alg_key, 0x11, 16);
	return alg;
}

static struct xfrm_replay_state_esn *window(void)
{
	struct xfrm_replay_state_esn *replay;

	replay = kzalloc(struct_size(replay, bmp, WINDOW / 32), GFP_KERNEL);
	if (!replay)
		return NULL;
	replay->bmp_len = WINDOW / 32;
	replay->replay_window = WINDOW;
	return replay;
}

static u32 spi_of(u32 ue, int sa)
{
	u32 spi = ue * SAS + sa + 1;

	spi = (spi ^ spi >> 16) * 0x85ebca6b;
	spi = (spi ^ spi >> 13) * 0xc2b2ae35;
	return spi ^ spi >> 16;
}

static void choose(struct xfrm_state *x, __be32 addr, u32 ue, int sa)
{
	bool in = sa == SA_A || sa == SA_D;
	bool client = sa == SA_A || sa == SA_B;
	__be16 ue_port = htons(client ? PORT_UC : PORT_US);
	__be16 port = htons(client ? PORT_PS : PORT_PC);

	x->id.spi = htonl(spi_of(ue, sa));
	x->id.daddr.a4 = in ? addr : htonl(UE_NET + ue);
	x->props.saddr.a4 = in ? htonl(UE_NET + ue) : addr;
	x->sel.family = AF_INET;
	x->sel.saddr = x->props.saddr;
	x->sel.daddr = x->id.daddr;
	x->sel.prefixlen_s = 32;
	x->sel.prefixlen_d = 32;
	x->sel.sport = in ? ue_port : port;
	x->sel.dport = in ? port : ue_port;
	x->sel.sport_mask = htons(0xffff);
	x->sel.dport_mask = htons(0xffff);
}

static struct xfrm_state *build(struct net *net, __be32 addr, u32 ue, int sa,
				bool aes)
{
	struct xfrm_state *x = xfrm_state_alloc(net);
	struct xfrm_algo_desc *desc;

	if (!x)
		return NULL;
	x->id.proto = IPPROTO_ESP;
	x->props.family = AF_INET;
	x->props.mode = XFRM_MODE_TRANSPORT;
	x->props.reqid = REQID;
	choose(x, addr, ue, sa);
	x->aalg = auth();
	x->ealg = encryption(aes);
	x->replay_esn = window();
	x->preplay_esn = window();
	if (!x->aalg || !x->ealg || !x->replay_esn || !x->preplay_esn)
		goto err_put;
	desc = xfrm_aalg_get_byname(x->aalg->alg_name, 1);
	if (!desc)
		goto err_put;
	x->props.aalgo = desc->desc.sadb_alg_id;
	desc = xfrm_ealg_get_byname(x->ealg->alg_name, 1);
	if (!desc)
		goto err_put;
	x->props.ealgo = desc->desc.sadb_alg_id;
	x->geniv = desc->uinfo.encr.geniv;
	if (xfrm_init_state(x))
		goto err_put;
	return x;

err_put:
	x->km.state = XFRM_STATE_DEAD;
	xfrm_state_put(x);
	return NULL;
}

static int make_one(struct net *net, __be32 addr, u32 ue, bool aes)
{
	struct xfrm_state *x;
	int err;
	int sa;

	for (sa = 0; sa < SAS; sa++) {
		x = build(net, addr, ue, sa, aes);
		if (!x)
			return -ENOMEM;
		xfrm_state_hold(x);
		err = xfrm_state_add(x);
		if (err) {
			xfrm_state_put(x);
			x->km.state = XFRM_STATE_DEAD;
			xfrm_state_put(x);
			return err;
		}
		made[n_made++] = x;
	}
	return 0;
}

/**
 * bench_make() - four states for each of some UEs
 * @net: the namespace
 * @addr: this host's address
 * @first: number of the first UE
 * @n: how many
 * @aes: AES-CBC, or no encryption; HMAC-SHA-1 in any case
 * @result: how long it took
 *
 * Return: 0 or a negative errno.
 */
int bench_make(struct net *net, __be32 addr, u32 first, u32 n, bool aes,
	       struct bench_result *result)
{
	struct xfrm_state **more;
	int err = 0;
	u32 i;

	more = vzalloc(array_size(n_made + SAS * n, sizeof(*more)));
	if (!more)
		return -ENOMEM;
	if (n_made)
		memcpy(more, made, n_made * sizeof(*more));
	vfree(made);
	made = more;

	bench_begin();
	for (i = 0; i < n && !err; i++) {
		err = make_one(net, addr, first + i, aes);
		bench_batch();
		cond_resched();
	}
	result->ns = bench_end();
	result->n = n;
	return err;
}

/**
 * bench_unmake() - delete what bench_make() has made
 */
void bench_unmake(void)
{
	while (n_made) {
		struct xfrm_state *x = made[--n_made];

		xfrm_state_delete(x);
		xfrm_state_put(x);
		cond_resched();
	}
	vfree(made);
	made = NULL;
}
