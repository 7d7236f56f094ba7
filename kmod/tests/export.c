// SPDX-License-Identifier: GPL-2.0-only
/*
 * Part of gmguard.ko in test builds only: what the suites, which are a module
 * of their own, need to reach, and the clock that they stop.
 */
#include <linux/export.h>

#include "binding.h"
#include "clear.h"
#include "clock.h"
#include "endpoint.h"
#include "group.h"
#include "impi.h"
#include "netlink-gen.h"
#include "phase.h"
#include "policy.h"
#include "stream.h"

unsigned long gmg_clock_stopped;
EXPORT_SYMBOL_GPL(gmg_clock_stopped);

EXPORT_SYMBOL_GPL(gmg_net_id);

EXPORT_SYMBOL_GPL(gmg_binding_find);
EXPORT_SYMBOL_GPL(gmg_calls_init);
EXPORT_SYMBOL_GPL(gmg_calls_is_open);
EXPORT_SYMBOL_GPL(gmg_calls_open);
EXPORT_SYMBOL_GPL(gmg_conf_exempts);
EXPORT_SYMBOL_GPL(gmg_endpoint_del);
EXPORT_SYMBOL_GPL(gmg_endpoint_find);
EXPORT_SYMBOL_GPL(gmg_endpoint_is_unprotected);
EXPORT_SYMBOL_GPL(gmg_endpoint_new);
EXPORT_SYMBOL_GPL(gmg_endpoint_of);
EXPORT_SYMBOL_GPL(gmg_endpoint_set);
EXPORT_SYMBOL_GPL(gmg_group_in_use);
EXPORT_SYMBOL_GPL(gmg_group_note_register);
EXPORT_SYMBOL_GPL(gmg_group_pick);
EXPORT_SYMBOL_GPL(gmg_impi_find);
EXPORT_SYMBOL_GPL(gmg_phase_change);
EXPORT_SYMBOL_GPL(gmg_phase_note_message);
EXPORT_SYMBOL_GPL(gmg_policies_alive);
EXPORT_SYMBOL_GPL(gmg_prefix_find);
EXPORT_SYMBOL_GPL(gmg_prefix_is_clean);
EXPORT_SYMBOL_GPL(gmg_prefix_table_build);
EXPORT_SYMBOL_GPL(gmg_rate_init);
EXPORT_SYMBOL_GPL(gmg_rate_take);
EXPORT_SYMBOL_GPL(gmg_reason_name);
EXPORT_SYMBOL_GPL(gmg_saset_by_state);
EXPORT_SYMBOL_GPL(gmg_saset_del);
EXPORT_SYMBOL_GPL(gmg_saset_new);
EXPORT_SYMBOL_GPL(gmg_saset_poke);
EXPORT_SYMBOL_GPL(gmg_sip_clear);
EXPORT_SYMBOL_GPL(gmg_sip_kind);
EXPORT_SYMBOL_GPL(gmg_sip_scan);
EXPORT_SYMBOL_GPL(gmg_stats_audited);
EXPORT_SYMBOL_GPL(gmg_stats_read);
EXPORT_SYMBOL_GPL(gmg_stream_feed);
EXPORT_SYMBOL_GPL(gmg_stream_in_step);
EXPORT_SYMBOL_GPL(gmg_stream_init);
EXPORT_SYMBOL_GPL(gmg_stream_is_between);
EXPORT_SYMBOL_GPL(gmg_verdict_in);
EXPORT_SYMBOL_GPL(gmg_verdict_out);
EXPORT_SYMBOL_GPL(gmguard_nl_family);
