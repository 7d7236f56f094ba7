/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_STATS_H
#define _GMG_STATS_H

#include <linux/percpu.h>
#include <linux/types.h>
#include <linux/u64_stats_sync.h>
#include <uapi/linux/gmguard.h>

struct net;

/**
 * struct gmg_stats - drops seen on one CPU
 * @syncp: makes 64 bit reads whole on 32 bit machines
 * @drops: packets by enum gmguard_reason
 * @audited: those that were let through because the endpoint audits
 */
struct gmg_stats {
	struct u64_stats_sync syncp;
	u64_stats_t drops[GMGUARD_REASON_MAX + 1];
	u64_stats_t audited[GMGUARD_REASON_MAX + 1];
};

struct gmg_stats __percpu *gmg_stats_alloc(void);
void gmg_stats_count(struct gmg_stats __percpu *stats, int reason, bool audit);
u64 gmg_stats_audited(struct gmg_stats __percpu *stats, int reason);
u64 gmg_stats_read(struct net *net, struct gmg_stats __percpu *stats,
		   int reason);
const char *gmg_reason_name(int reason);

#endif /* _GMG_STATS_H */
