/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metrics-list.h - the metrics of gmguardd, in one table: what it shows,
 * gmguard-metrics(7), and the tests come from it. A new metric needs a row
 * here and its function in metrics.c.
 */
#ifndef GMG_METRICS_LIST_H
#define GMG_METRICS_LIST_H

/*
 * Each row: id; source; type; name; unit; labels; what it is; what its manual
 * adds to that.
 *
 * Sources: KERNEL, the module's counters and gauges of this network namespace,
 * absent while it is not there; AGENT, what gmguardd counts since its start;
 * PROCESS, what the operating system says of gmguardd.
 */
#define GMG_METRICS(X) \
	X(DROPPED, KERNEL, COUNTER, "gmguard_packets_dropped_total", \
	  "packets", "reason,direction", \
	  "Packets dropped, by reason.", \
	  "Reasons are those of gmguard-reasons(7). Direction is in for packets from UEs, out for packets to UEs. Those that begin with xfrm- are counted by the kernel's IPsec code for the whole namespace.") \
	X(AUDITED, KERNEL, COUNTER, "gmguard_packets_audited_total", \
	  "packets", "reason,direction", \
	  "Packets let pass that would have been dropped, but for an audit.", \
	  "They are not in gmguard_packets_dropped_total.") \
	X(SA_SETS, KERNEL, GAUGE, "gmguard_sa_sets", \
	  "sets", "phase", \
	  "SA sets by phase.", \
	  "SAs that other programs made are not in it: to count them is to walk all of xfrm, see \"gmguard show adopted\".") \
	X(ENDPOINTS, KERNEL, GAUGE, "gmguard_endpoints", \
	  "endpoints", "mode", \
	  "Guarded endpoints by mode: enforce, or audit where nothing is dropped.", \
	  "") \
	X(CONNECTIONS, KERNEL, GAUGE, "gmguard_unprotected_connections", \
	  "connections", "", \
	  "TCP connections on unprotected SIP ports that are followed.", \
	  "Their limit is unprotected-connections.") \
	X(RULES, KERNEL, COUNTER, "gmguard_rule_packets_total", \
	  "packets", "kind,name,result", \
	  "Packets by rule of the ruleset: passed, or the reason why they were dropped.", \
	  "Kind and name are those of the section in gmguard.conf. It is left out where the file has no ruleset, or one of more than 256 rules or 4096 addresses; so are bindings, of which there is one a UE, and reasons that have not come up.") \
	X(LARVAL, KERNEL, COUNTER, "gmguard_larval_states_removed_total", \
	  "states", "", \
	  "Larval xfrm states of gmguard's reqid that were removed again.", \
	  "") \
	X(LIMIT, KERNEL, GAUGE, "gmguard_limit", \
	  "", "limit", \
	  "Limits that are no times, as \"gmguard limits\" shows them.", \
	  "") \
	X(LIMIT_SECONDS, KERNEL, GAUGE, "gmguard_limit_seconds", \
	  "seconds", "limit", \
	  "Limits that are times; names are without -ms.", \
	  "") \
	X(MODULE_INFO, KERNEL, GAUGE, "gmguard_module_info", \
	  "", "version", \
	  "Version of the kernel module; always 1.", \
	  "") \
	X(MODULE_UP, AGENT, GAUGE, "gmguardd_module_up", \
	  "", "", \
	  "Whether the kernel module answers (1) or not (0).", \
	  "") \
	X(REGISTRATIONS, AGENT, COUNTER, "gmguardd_registrations_total", \
	  "requests", "outcome", \
	  "REGISTER requests that ended, by outcome.", \
	  "registered: accepted, on a new SA set; refreshed: accepted, on the SA set of before; deregistered; failed: the core refused it; abandoned: the proxy gave up on it. A repeated answer counts again.") \
	X(REFUSED, AGENT, COUNTER, "gmguardd_registers_refused_total", \
	  "requests", "code", \
	  "REGISTER requests that the agent had the proxy reject, by SIP status code.", \
	  "gmguard-rpc(7) says what each code means; the log has the cause of each one.") \
	X(PARTNERS, AGENT, COUNTER, "gmguardd_partner_checks_total", \
	  "", "direction,result", \
	  "Checks of other networks by who opened the connection and result: allowed, or the cause of refusal.", \
	  "Causes are those of partner in gmguard-rpc(7). Direction is in when the other side opened the connection.") \
	X(PEERS, AGENT, COUNTER, "gmguardd_peer_checks_total", \
	  "", "peer,direction,result", \
	  "Checks of other networks by section, direction and result.", \
	  "Results are those of gmguardd_partner_checks_total; those but allowed that have not come up are left out. The peer is the name of a [peer] section; whoever fits none is in gmguardd_partner_checks_total only.") \
	X(CHARON_UP, AGENT, GAUGE, "gmguardd_charon_up", \
	  "", "", \
	  "Whether strongSwan's charon answers (1) or not (0).", \
	  "Without vici in gmguard.conf(5) it is not asked, and this is 0.") \
	X(CHILD_SAS, AGENT, GAUGE, "gmguardd_child_sas", \
	  "", "", \
	  "Child SAs of charon that are up.", \
	  "") \
	X(ESP_PEERS, AGENT, GAUGE, "gmguardd_esp_peers", \
	  "", "state", \
	  "Peers and domains that need ESP: up, missing a child SA, or unknown.", \
	  "\"gmguard peer esp\" shows them. Unknown: charon does not answer.") \
	X(ESP_MISSED, AGENT, COUNTER, "gmguardd_esp_missed_total", \
	  "", "", \
	  "Times that a peer or domain that needs ESP was found without.", \
	  "") \
	X(SETS_MADE, AGENT, COUNTER, "gmguardd_sa_sets_requested_total", \
	  "sets", "result", \
	  "SA sets that the kernel was asked to make: made, or refused.", \
	  "") \
	X(RPC_REQUESTS, AGENT, COUNTER, "gmguardd_rpc_requests_total", \
	  "requests", "method,result", \
	  "Requests of proxies by method and result.", \
	  "The method of what is no call of a known one is none.") \
	X(RPC_DURATION, AGENT, HISTOGRAM, "gmguardd_rpc_duration_seconds", \
	  "seconds", "method", \
	  "Time that calls took, the kernel's part included.", \
	  "") \
	X(PROXIES, AGENT, GAUGE, "gmguardd_proxy_connections", \
	  "connections", "", \
	  "Connections of proxies.", \
	  "") \
	X(PROXIES_MAX, AGENT, GAUGE, "gmguardd_proxy_connections_max", \
	  "connections", "", \
	  "Most connections of proxies, as max_connections says.", \
	  "") \
	X(ACCEPTS, AGENT, COUNTER, "gmguardd_proxy_accepts_total", \
	  "connections", "result", \
	  "Connections of proxies by result: accepted, or refused as too many.", \
	  "") \
	X(KERNEL_ERRORS, AGENT, COUNTER, "gmguardd_kernel_errors_total", \
	  "", "error", \
	  "Netlink calls that failed or were refused, by errno.", \
	  "ENOENT is ordinary: a set ended before it was asked for. ENOBUFS: events were lost, and the tables are read again.") \
	X(RECONCILIATIONS, AGENT, COUNTER, "gmguardd_reconciliations_total", \
	  "", "", \
	  "Times that events were lost and the kernel's tables read again.", \
	  "") \
	X(LOSSES, AGENT, COUNTER, "gmguardd_module_losses_total", \
	  "", "", \
	  "Times that the kernel module went away.", \
	  "") \
	X(INDEXED, AGENT, GAUGE, "gmguardd_indexed_sa_sets", \
	  "sets", "", \
	  "SA sets that the agent knows of.", \
	  "In the long run as many as gmguard_sa_sets in all.") \
	X(RELOADS, AGENT, COUNTER, "gmguardd_config_reloads_total", \
	  "", "result", \
	  "Times that the configuration was read again: success or failure.", \
	  "") \
	X(RELOAD_GOOD, AGENT, GAUGE, "gmguardd_config_last_reload_successful", \
	  "", "", \
	  "Whether the configuration was valid when it was last read (1).", \
	  "With 0 an older configuration is in use.") \
	X(LOADED, AGENT, GAUGE, "gmguardd_config_loaded_timestamp_seconds", \
	  "seconds", "", \
	  "When the configuration in use was read, in Unix time.", \
	  "") \
	X(SCRAPES, AGENT, COUNTER, "gmguardd_scrapes_total", \
	  "", "", \
	  "Times that metrics were read, this one included.", \
	  "") \
	X(BUILD_INFO, AGENT, GAUGE, "gmguardd_build_info", \
	  "", "version", \
	  "Version of gmguardd; always 1.", \
	  "") \
	X(START_TIME, PROCESS, GAUGE, "process_start_time_seconds", \
	  "seconds", "", \
	  "When gmguardd started, in Unix time.", \
	  "") \
	X(CPU, PROCESS, COUNTER, "process_cpu_seconds_total", \
	  "seconds", "", \
	  "CPU time of gmguardd, its system calls included.", \
	  "") \
	X(MEMORY, PROCESS, GAUGE, "process_resident_memory_bytes", \
	  "bytes", "", \
	  "Resident memory of gmguardd.", \
	  "") \
	X(FDS, PROCESS, GAUGE, "process_open_fds", \
	  "", "", \
	  "Open file descriptors of gmguardd.", \
	  "") \
	X(MAX_FDS, PROCESS, GAUGE, "process_max_fds", \
	  "", "", \
	  "Most file descriptors that gmguardd may open.", \
	  "")

#endif /* GMG_METRICS_LIST_H */
