/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ruleset.h - what a core node or a router lets through, as plain C; its file
 * is described in gmguard-rules(5)
 */
#ifndef GMG_RULESET_H
#define GMG_RULESET_H

#include <net/if.h>
#include <stdio.h>

#include "kernel.h"

/** Longest name of a rule and of its class, with their NUL. */
#define GMG_RULE_NAME_MAX	64
#define GMG_RULE_CLASS_MAX	16
/** Longest text of a port range, with its NUL. */
#define GMG_RANGE_TEXT_MAX	32

/**
 * struct gmg_range - a transport protocol and some of its ports
 * @proto: IANA number
 * @first: first port
 * @last: last port, 0 for all
 * @tls: SIP there is inside TLS
 */
struct gmg_range {
	uint8_t proto;
	uint16_t first;
	uint16_t last;
	bool tls;
};

/**
 * struct gmg_ranges - a list of them
 * @v: they
 * @n: how many
 */
struct gmg_ranges {
	struct gmg_range v[GMGUARD_RULE_PORTS_MAX];
	unsigned int n;
};

/** Most reasons for which packets of one rule are dropped. */
#define GMG_RULE_REASONS_MAX	16

/**
 * struct gmg_rule_reason - why packets of a rule were dropped
 * @reason: enum gmguard_reason
 * @packets: how many
 */
struct gmg_rule_reason {
	uint32_t reason;
	uint64_t packets;
};

/**
 * struct gmg_rule - what is said of some prefixes
 * @kind: enum gmguard_rule_kind
 * @name: unique among those of its kind
 * @line: where it begins in its file, 0: nowhere
 * @class_name: of a peer, its class: own, partner or foreign
 * @dev: interface that its packets come by
 * @port: what may be reached
 * @esp: only through ESP
 * @tls: no SIP in clear
 * @reqid: of the SA, 0 for any
 * @mark: of the SA
 * @mark_mask: mask of @mark, 0 for any mark
 * @if_id: of the SA, 0 for any
 * @prefix: the prefixes, allocated
 * @n_prefix: how many of them
 * @packets: let through (from the kernel only)
 * @dropped: dropped (from the kernel only)
 * @reason: why they were (from the kernel only)
 * @n_reason: how many reasons
 */
struct gmg_rule {
	uint32_t kind;
	char name[GMG_RULE_NAME_MAX];
	unsigned int line;
	char class_name[GMG_RULE_CLASS_MAX];
	char dev[IF_NAMESIZE];
	struct gmg_ranges port;
	bool esp;
	bool tls;
	uint32_t reqid;
	uint32_t mark;
	uint32_t mark_mask;
	uint32_t if_id;
	struct gmg_prefix *prefix;
	size_t n_prefix;
	uint64_t packets;
	uint64_t dropped;
	struct gmg_rule_reason reason[GMG_RULE_REASONS_MAX];
	unsigned int n_reason;
};

/**
 * struct gmg_devs - names of interfaces, a * at the end for any characters
 * @v: they
 * @n: how many
 */
struct gmg_devs {
	char v[GMGUARD_RULESET_DEVS_MAX][IF_NAMESIZE];
	unsigned int n;
};

/**
 * struct gmg_ruleset - all of it
 * @generation: its number; what a replacement must still find, 0 for any
 * @audit: nothing is dropped
 * @node: this is a core node
 * @ue_to_ue: UEs may send to each other
 * @port: guarded ports of the node
 * @access_dev: interfaces of a router towards UEs
 * @core_dev: towards the core
 * @rule: the rules, allocated
 * @n_rule: how many of them
 */
struct gmg_ruleset {
	uint32_t generation;
	bool audit;
	bool node;
	bool ue_to_ue;
	struct gmg_ranges port;
	struct gmg_devs access_dev;
	struct gmg_devs core_dev;
	struct gmg_rule *rule;
	size_t n_rule;
};

/* kernel-rules.c */
void ruleset_clear(struct gmg_ruleset *rs);
struct gmg_rule *ruleset_find(struct gmg_ruleset *rs, uint32_t kind,
			      const char *name);
struct gmg_rule *ruleset_add(struct gmg_ruleset *rs, uint32_t kind,
			     const char *name);
void ruleset_del(struct gmg_ruleset *rs, struct gmg_rule *rule);
int rule_add_prefix(struct gmg_rule *rule, const struct gmg_prefix *prefix);
bool rule_is_kernels(const struct gmg_rule *rule);
const char *rule_kind_name(uint32_t kind);
uint32_t rule_kind_by_name(const char *name);

/* ruleset-text.c */
int rule_add_prefixes(struct gmg_rule *rule, const char *text);
int ranges_parse(const char *text, struct gmg_ranges *list);
const char *range_format(const struct gmg_range *range, char *buf, size_t size);

/* ruleset-print.c */
void ruleset_print(const struct gmg_ruleset *rs, FILE *out);

/* ruleset-diff.c */
bool ruleset_same(const struct gmg_ruleset *a, const struct gmg_ruleset *b);

/* kernel-ruleset.c */
int kernel_ruleset_set(struct gmg_kernel *k, struct gmg_ruleset *rs);
int kernel_ruleset_get(struct gmg_kernel *k, struct gmg_ruleset *rs);

#endif /* GMG_RULESET_H */
