/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * findings.h - what "gmguard doctor" says of a P-CSCF.
 */
#ifndef GMG_FINDINGS_H
#define GMG_FINDINGS_H

#include "../kernel.h"
#include "host.h"
#include "pair.h"
#include "xfrm.h"

/** enum severity - a note alone does not make the exit status 1 */
enum severity {
	SEVERITY_NOTE,
	SEVERITY_WARNING,
	SEVERITY_ERROR,
};

/**
 * FINDINGS - X(NAME, "id", severity, "what to do") for each kind, in the order
 * of the output. Ids stay as they are: programs look for them.
 */
#define FINDINGS(X)							\
	X(POLICIES, "endpoint-policies", ERROR,				\
	  "Another program deletes or replaces out policies of gmguard: find it with \"ip xfrm monitor policy\". Until then the hooks drop what would leave in clear.") \
	X(IFACE_XFRM, "iface-xfrm", ERROR,				\
	  "Set the sysctl disable_xfrm of the interface to 0, here and in /etc/sysctl.d; --fix does it here.") \
	X(IFACE_POLICY, "iface-policy", WARNING,			\
	  "Set the sysctl disable_policy of the interface to 0, here and in /etc/sysctl.d; --fix does it here.") \
	X(INEXACT, "selector-inexact", ERROR,				\
	  "Make the program set a selector with both addresses in full and both ports, in transport mode: gmguard drops what comes through this SA. If the other end is a core peer, list it with \"exempt\".") \
	X(POLICY, "policy-missing", ERROR,				\
	  "Make the program add the policy again, or delete the policy that is in its way, see \"ip xfrm policy\": what is sent to this UE is refused or dropped.") \
	X(INCOMPLETE, "set-incomplete", WARNING,			\
	  "If the UE is registered it can't be reached: it has to register again. If not, delete what is left with \"ip xfrm state delete\".") \
	X(DUPLICATE, "state-duplicate", WARNING,			\
	  "At most one of the SAs with one selector is meant. If the UE sends on the newer one, delete the older one with \"ip xfrm state delete\"; --fix does it when the UE has used the newer set for longer than the limit grace-ms, nothing has passed on the older set since, and no policy demands it.") \
	X(LEFTOVER, "set-leftover", WARNING,				\
	  "The program that made these SAs was started again since and may not know them: the UE can't be reached until it registers again. Have the program delete its SAs when it starts, or do it with \"ip xfrm state flush\" before.") \
	X(SPI, "spi-shared", WARNING,					\
	  "TS 33.203 7.1 wants the SPIs of one registration to differ, and those of the P-CSCF to be unique: change the range of SPIs that the program takes them from.") \
	X(OUT_PLAINTEXT, "out-plaintext", WARNING,			\
	  "\"gmguard monitor drops\" shows where they were to go. To the core: make the proxy send such requests from an unprotected port, or list the peer with \"exempt\". To UEs: their SAs had gone before.") \
	X(IDLE, "set-idle", NOTE,					\
	  "These SAs have no lifetime: nothing but their program ever ends them. If it does not know them any more, delete them with \"ip xfrm state delete\".") \
	X(IN_PLAINTEXT, "in-plaintext", NOTE,				\
	  "Without gmguard the proxy would have got them. Nothing to do, unless it is your UE: then its SAs are gone.")

#define FINDING_ENUM(name, id, severity, advice)	FINDING_##name,

/** enum finding_kind - see FINDINGS */
enum finding_kind {
	FINDINGS(FINDING_ENUM)
	FINDING_KINDS
};

/** enum fix - what may be done about a finding without asking */
enum fix {
	FIX_NONE,
	FIX_DELETE_STATE,
	FIX_ENABLE_XFRM,
	FIX_ENABLE_POLICY,
};

/**
 * struct finding - something that is not as it should be
 * @kind: what it is
 * @text: what about it
 * @fix: what would mend it
 * @sa: for FIX_DELETE_STATE
 * @iface: for the others
 * @fixed: it was mended
 * @fix_error: why it could not be, negative errno, else 0
 */
struct finding {
	enum finding_kind kind;
	char text[256];
	enum fix fix;
	const struct gmg_adopted *sa;
	const struct host_iface *iface;
	bool fixed;
	int fix_error;
};

/** struct finding_list - all of them, by kind */
struct finding_list {
	struct finding *v;
	size_t n, room;
	bool failed;	/* memory ran out */
};

/**
 * struct facts - what findings are made from; findings point into it
 * @endpoints: guarded endpoints
 * @n_endpoints: how many
 * @adopted: adopted SAs
 * @n_adopted: how many
 * @pairs: the same, put together
 * @out: out policies
 * @host: processes and interfaces
 * @stats: counters
 * @grace_ms: the limit grace-ms: how long what is replaced may still be needed
 */
struct facts {
	const struct gmg_endpoint *endpoints;
	size_t n_endpoints;
	const struct gmg_adopted *adopted;
	size_t n_adopted;
	const struct pair_list *pairs;
	const struct xfrm_out_list *out;
	const struct host *host;
	const struct gmg_stats *stats;
	uint64_t grace_ms;
};

int findings_find(const struct facts *f, struct finding_list *list);
void findings_free(struct finding_list *list);
struct finding *finding_add(struct finding_list *list, enum finding_kind kind,
			    const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
bool findings_matter(const struct finding_list *list);

const char *finding_id(enum finding_kind kind);
const char *finding_advice(enum finding_kind kind);
enum severity finding_severity(enum finding_kind kind);
const char *severity_name(enum severity severity);

const char *finding_sa(const struct gmg_adopted *sa, char *buf, size_t size);

/* findings-sa.c: those about adopted SAs */
const struct gmg_adopted **findings_newest(const struct facts *f, size_t *n);
void findings_duplicates(const struct facts *f, struct finding_list *list);
void findings_spis(const struct facts *f, struct finding_list *list);

/* findings-policy.c: those about out policies */
int findings_policies(const struct facts *f, struct finding_list *list);

#endif /* GMG_FINDINGS_H */
