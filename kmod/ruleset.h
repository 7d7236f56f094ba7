/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a core node or a router lets through (TS 33.203 Annex J).
 */
#ifndef _GMG_RULESET_H
#define _GMG_RULESET_H

#include <linux/bitmap.h>
#include <linux/if.h>
#include <linux/u64_stats_sync.h>

#include "main.h"
#include "passage.h"
#include "prefix.h"

/* Transports whose ports can be guarded; each has its own. */
enum gmg_port_class {
	GMG_PORTS_UDP,
	GMG_PORTS_TCP,
	GMG_PORTS_SCTP,
	GMG_PORTS,
};

#define GMG_RULE_NAME 64
#define GMG_RULE_CLASS 16

/**
 * struct gmg_port_range - a transport protocol and some of its ports
 * @proto: IANA number
 * @first: first port, host byte order
 * @last: last port; 0 for all, and if the protocol has no ports
 * @tls: SIP there is inside TLS
 */
struct gmg_port_range {
	u8 proto;
	u16 first;
	u16 last;
	bool tls;
};

/* Most counters of a rule: what it let through, and one for each reason. */
#define GMG_RULE_COUNTS 12

/**
 * struct gmg_rule_counts - packets of a rule
 * @first: the reason that the second one is about, the others follow
 * @n: how many there are
 * @packets: let through; then dropped for each reason, or would have been but
 *	for an audit
 */
struct gmg_rule_counts {
	u32 first;
	unsigned int n;
	u64 packets[GMG_RULE_COUNTS];
};

/**
 * struct gmg_rule_tally - what one CPU has seen
 * @syncp: makes 64 bit reads whole on 32 bit machines
 * @packets: counters of all rules, see gmg_rule.first_count
 */
struct gmg_rule_tally {
	struct u64_stats_sync syncp;
	u64_stats_t packets[];
};

/**
 * struct gmg_rule - what is said of some prefixes
 * @kind: enum gmguard_rule_kind
 * @tls: no SIP in clear
 * @esp: what its packets have to come and leave through
 * @n_ports: entries of @port
 * @n_prefixes: its prefixes, from gmg_ruleset.prefix[@first_prefix] on
 * @first_prefix: see there
 * @first_count: the first one of its counters
 * @port: what may be reached
 * @dev: interface that its packets come by, "" for any
 * @name: unique among those of its kind
 * @class: for those who read it
 */
struct gmg_rule {
	u8 kind;
	bool tls;
	struct gmg_esp_want esp;
	unsigned int n_ports;
	u32 n_prefixes;
	u32 first_prefix;
	u32 first_count;
	struct gmg_port_range port[GMGUARD_RULE_PORTS_MAX];
	char dev[IFNAMSIZ];
	char name[GMG_RULE_NAME];
	char class[GMG_RULE_CLASS];
};

/**
 * struct gmg_ruleset_prefix - a prefix of a rule
 * @prefix: the prefix
 * @family: AF_INET or AF_INET6
 */
struct gmg_ruleset_prefix {
	struct gmg_prefix prefix;
	u8 family;
};

/**
 * struct gmg_ruleset - never changes once it is published
 * @generation: its number
 * @audit: nothing is dropped
 * @node: this is a core node
 * @ue_to_ue: UEs may send to each other
 * @has_domains: there is a rule of that kind
 * @n_ports: entries of @port
 * @n_access: entries of @access
 * @n_core: entries of @core
 * @n_rules: entries of @rule and @by_name
 * @n_prefixes: entries of @prefix
 * @n_counts: entries of @before, and of each of @tally
 * @port: guarded ports of this node
 * @access: interfaces towards UEs
 * @core: interfaces towards the core
 * @rule: the rules
 * @by_name: the same in the order of kind and name
 * @tally: by CPU the counters of all rules
 * @before: counted under earlier rulesets, lock: gmg_net.lock
 * @prefix: their prefixes, rule by rule
 * @bound: devices of bindings, in order
 * @n_bound: entries of @bound
 * @table: the prefixes by kind (less one) and family (0: IPv4)
 * @guarded: a bit for each guarded port, by transport: enum gmg_port_class
 * @clear: likewise, without those over TCP that are inside TLS
 */
struct gmg_ruleset {
	u32 generation;
	bool audit;
	bool node;
	bool ue_to_ue;
	bool has_domains;
	unsigned int n_ports;
	unsigned int n_access;
	unsigned int n_core;
	u32 n_rules;
	u32 n_prefixes;
	u32 n_counts;
	struct gmg_port_range port[GMGUARD_RULE_PORTS_MAX];
	char access[GMGUARD_RULESET_DEVS_MAX][IFNAMSIZ];
	char core[GMGUARD_RULESET_DEVS_MAX][IFNAMSIZ];
	struct gmg_rule *rule;
	struct gmg_rule **by_name;
	struct gmg_rule_tally **tally;
	u64 *before;
	struct gmg_ruleset_prefix *prefix;
	const char **bound;
	u32 n_bound;
	struct gmg_prefix_table table[GMGUARD_RULE_KIND_MAX][2];
	unsigned long guarded[GMG_PORTS][BITS_TO_LONGS(65536)];
	unsigned long clear[GMG_PORTS][BITS_TO_LONGS(65536)];
};

/**
 * struct gmg_ruling - what is held of a packet
 * @reason: 0 to let it through, else enum gmguard_reason
 * @rule: the rule that said so, or that is about its end, or NULL
 */
struct gmg_ruling {
	int reason;
	const struct gmg_rule *rule;
};

struct gmg_ruleset *gmg_ruleset_alloc(u32 n_rules, u32 n_prefixes);
int gmg_ruleset_build(struct gmg_ruleset *rs, const struct gmg_rule **which);
int gmg_ruleset_replace(struct gmg_net *gn, struct gmg_ruleset *rs);
void gmg_ruleset_free(struct gmg_ruleset *rs);

/* rulecount.c */
int gmg_rulecount_alloc(struct gmg_ruleset *rs);
void gmg_rulecount_free(struct gmg_ruleset *rs);
void gmg_rulecount_add(const struct gmg_ruleset *rs,
		       const struct gmg_rule *rule, int reason);
void gmg_rulecount_read(const struct gmg_ruleset *rs,
			const struct gmg_rule *rule,
			struct gmg_rule_counts *counts);
void gmg_rulecount_inherit(struct gmg_ruleset *rs, const struct gmg_rule *rule,
			   const struct gmg_ruleset *old,
			   const struct gmg_rule *before);

const struct gmg_prefix_entry *
gmg_ruleset_entry(const struct gmg_ruleset *rs, int kind, u8 family,
		  const struct gmg_addr *addr);
const struct gmg_rule *gmg_ruleset_find(const struct gmg_ruleset *rs, int kind,
					u8 family, const struct gmg_addr *addr);
enum gmg_port_class gmg_port_class(u8 proto);
bool gmg_ports_have(const struct gmg_port_range *port, unsigned int n,
		    u8 proto, __be16 number);
bool gmg_dev_matches(const char *pattern, const char *name);
bool gmg_devs_have(const char list[][IFNAMSIZ], unsigned int n,
		   const char *name);

/* node.c and router.c: the verdicts, which touch nothing but the facts */
struct gmg_ruling gmg_node_in(const struct gmg_ruleset *rs,
			      const struct gmg_passage *p);
struct gmg_ruling gmg_node_out(const struct gmg_ruleset *rs,
			       const struct gmg_passage *p);
struct gmg_ruling gmg_access_in(const struct gmg_ruleset *rs,
				const struct gmg_passage *p);
struct gmg_ruling gmg_router_pass(const struct gmg_ruleset *rs,
				  const struct gmg_passage *p);
struct gmg_ruling gmg_router_out(const struct gmg_ruleset *rs,
				 const struct gmg_passage *p);

#endif /* _GMG_RULESET_H */
