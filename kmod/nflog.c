// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies of dropped packets, a bounded number a second, for whoever reads the
 * nflog group: "tcpdump -i nflog:33203". A packet is copied as the hook saw it:
 * decrypted if it came through an SA, with its source port moved if it was to
 * leave port_pc. Nobody reads without CAP_NET_ADMIN in the namespace.
 *
 * Concurrency: hooks count under a spinlock that they only try to take: a CPU
 * that loses makes no copy rather than wait. nfnetlink_log looks the reader up
 * first, and allocates for nobody.
 */
#include <linux/kmod.h>
#include <net/netfilter/nf_log.h>

#include "main.h"

/**
 * gmg_nflog_init() - prepare a namespace; nothing is copied
 * @nflog: to initialise
 */
void gmg_nflog_init(struct gmg_nflog *nflog)
{
	spin_lock_init(&nflog->lock);
}

/**
 * gmg_nflog_get() - get a reference to the kernel's logger, loading it
 *
 * Context: may sleep.
 * Return: 0, then it is for gmg_nflog_turn(); or a negative errno.
 */
int gmg_nflog_get(void)
{
	int err = nf_logger_find_get(NFPROTO_INET, NF_LOG_TYPE_ULOG);

	if (!err)
		return 0;
	request_module("nfnetlink_log");
	return nf_logger_find_get(NFPROTO_INET, NF_LOG_TYPE_ULOG);
}

/**
 * gmg_nflog_turn() - keep the logger, or do without it
 * @nflog: the namespace's copies; gmg_net.lock held, or nobody else is left
 * @on: take over the reference that gmg_nflog_get() got
 */
void gmg_nflog_turn(struct gmg_nflog *nflog, bool on)
{
	if (nflog->on)
		nf_logger_put(NFPROTO_INET, NF_LOG_TYPE_ULOG);
	nflog->on = on;
}

/**
 * gmg_nflog_clean() - end copies; no hook may run any more
 * @nflog: the namespace's copies
 */
void gmg_nflog_clean(struct gmg_nflog *nflog)
{
	gmg_nflog_turn(nflog, false);
}

static bool take(struct gmg_nflog *nflog, u32 most)
{
	bool taken;

	if (!spin_trylock_bh(&nflog->lock))
		return false;
	taken = gmg_second_take(&nflog->second, most);
	spin_unlock_bh(&nflog->lock);
	return taken;
}

/**
 * gmg_nflog_copy() - copy a dropped packet to the nflog group
 * @gn: the namespace
 * @skb: the packet, its data begin with the IP header
 * @state: of the hook
 * @reason: enum gmguard_reason
 * @audited: it is not dropped, because the endpoint audits
 *
 * Context: a hook, under RCU.
 */
void gmg_nflog_copy(struct gmg_net *gn, const struct sk_buff *skb,
		    const struct nf_hook_state *state, int reason,
		    bool audited)
{
	u32 most = READ_ONCE(gn->limits.drop_copies);
	const struct nf_loginfo info = {
		.type = NF_LOG_TYPE_ULOG,
		.u.ulog.group = READ_ONCE(gn->limits.nflog_group),
		/* Each is shown at once: there are not many. */
		.u.ulog.qthreshold = 1,
	};

	if (likely(!most) || !take(&gn->nflog, most))
		return;
	nf_log_packet(gn->net, state->pf, state->hook, skb, state->in,
		      state->out, &info, "gmguard: %s%s",
		      audited ? "audited " : "", gmg_reason_name(reason));
}
