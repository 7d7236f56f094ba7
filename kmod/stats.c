// SPDX-License-Identifier: GPL-2.0-only
/*
 * Drop counters by reason. Packets that IPsec itself refuses never reach a
 * hook: their counts are read from the xfrm statistics of the namespace, so
 * that one table shows every drop.
 *
 * Concurrency: each CPU writes its own counters with bottom halves off;
 * readers add them up under the u64_stats seqcount.
 */
#include <linux/snmp.h>
#include <net/ip.h>
#include <net/net_namespace.h>

#include "stats.h"

#define NAME(id, name, text) name,

/* By enum gmguard_reason, which begins at 1. */
static const char * const reason_names[] = {
	NULL, GMGUARD_REASONS(NAME)
};

/**
 * gmg_reason_name() - the name of a drop reason
 * @reason: enum gmguard_reason
 *
 * Return: a constant string.
 */
const char *gmg_reason_name(int reason)
{
	if (reason <= 0 || reason > GMGUARD_REASON_MAX)
		return "unknown";
	return reason_names[reason];
}

/**
 * gmg_stats_alloc() - counters for a namespace, all zero
 *
 * Context: may sleep.
 * Return: per-CPU counters for free_percpu(), or NULL without memory.
 */
struct gmg_stats __percpu *gmg_stats_alloc(void)
{
	return netdev_alloc_pcpu_stats(struct gmg_stats);
}

/**
 * gmg_stats_count() - count one dropped packet
 * @stats: the namespace's counters
 * @reason: enum gmguard_reason
 * @audit: it is not dropped, because the endpoint audits
 *
 * Context: any but hard interrupts.
 */
void gmg_stats_count(struct gmg_stats __percpu *stats, int reason, bool audit)
{
	struct gmg_stats *mine;

	local_bh_disable();
	mine = this_cpu_ptr(stats);
	u64_stats_update_begin(&mine->syncp);
	u64_stats_inc(audit ? &mine->audited[reason] : &mine->drops[reason]);
	u64_stats_update_end(&mine->syncp);
	local_bh_enable();
}

static u64 read_own(struct gmg_stats __percpu *stats, int reason, bool audit)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		struct gmg_stats *each = per_cpu_ptr(stats, cpu);
		unsigned int start;
		u64 count;

		do {
			start = u64_stats_fetch_begin(&each->syncp);
			count = u64_stats_read(audit ? &each->audited[reason] :
						       &each->drops[reason]);
		} while (u64_stats_fetch_retry(&each->syncp, start));
		sum += count;
	}
	return sum;
}

#ifdef CONFIG_XFRM_STATISTICS
/* xfrm statistics that make up a reason; the rest of a row is zero. */
static const u8 xfrm_mibs[GMGUARD_REASON_MAX + 1][5] = {
	[GMGUARD_REASON_XFRM_IN_NO_STATE] = { LINUX_MIB_XFRMINNOSTATES },
	[GMGUARD_REASON_XFRM_IN_REPLAY] = { LINUX_MIB_XFRMINSTATESEQERROR },
	[GMGUARD_REASON_XFRM_IN_INTEGRITY] = {
		LINUX_MIB_XFRMINSTATEPROTOERROR },
	[GMGUARD_REASON_XFRM_IN_HEADER] = { LINUX_MIB_XFRMINHDRERROR },
	[GMGUARD_REASON_XFRM_IN_MODE] = {
		LINUX_MIB_XFRMINSTATEMISMATCH, LINUX_MIB_XFRMINSTATEMODEERROR },
	[GMGUARD_REASON_XFRM_IN_INVALID] = {
		LINUX_MIB_XFRMINSTATEINVALID, LINUX_MIB_XFRMINSTATEEXPIRED },
	[GMGUARD_REASON_XFRM_IN_POLICY] = {
		LINUX_MIB_XFRMINNOPOLS, LINUX_MIB_XFRMINPOLBLOCK,
		LINUX_MIB_XFRMINTMPLMISMATCH },
	[GMGUARD_REASON_XFRM_OUT_NO_STATE] = { LINUX_MIB_XFRMOUTNOSTATES },
	[GMGUARD_REASON_XFRM_OUT_ERROR] = {
		LINUX_MIB_XFRMOUTERROR, LINUX_MIB_XFRMOUTSTATEPROTOERROR,
		LINUX_MIB_XFRMOUTSTATESEQERROR,
		LINUX_MIB_XFRMOUTBUNDLEGENERROR, LINUX_MIB_XFRMOUTPOLBLOCK },
};

static u64 read_xfrm(struct net *net, int reason)
{
	u64 sum = 0;
	int cpu;
	int i;

	for (i = 0; i < ARRAY_SIZE(xfrm_mibs[reason]); i++) {
		if (!xfrm_mibs[reason][i])
			continue;
		for_each_possible_cpu(cpu)
			sum += snmp_get_cpu_field(net->mib.xfrm_statistics,
						  cpu, xfrm_mibs[reason][i]);
	}
	return sum;
}
#else
static u64 read_xfrm(struct net *net, int reason)
{
	return 0;
}
#endif

/**
 * gmg_stats_read() - packets dropped for one reason
 * @net: the namespace
 * @stats: its counters
 * @reason: enum gmguard_reason
 *
 * Return: packets since the namespace was made.
 */
u64 gmg_stats_read(struct net *net, struct gmg_stats __percpu *stats,
		   int reason)
{
	return read_own(stats, reason, false) + read_xfrm(net, reason);
}

/**
 * gmg_stats_audited() - packets let through that would have been dropped
 * @stats: the namespace's counters
 * @reason: enum gmguard_reason
 *
 * Return: packets since the namespace was made.
 */
u64 gmg_stats_audited(struct gmg_stats __percpu *stats, int reason)
{
	return read_own(stats, reason, true);
}
