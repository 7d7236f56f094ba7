/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suites share: tables whose rows are requirements, and a lab.
 */
#ifndef _GMG_TESTS_TEST_H
#define _GMG_TESTS_TEST_H

#include <kunit/test.h>
#include <uapi/linux/gmguard.h>

#include "saset.h"

/* A table of rows; the member "name" of each is the requirement. */
#define GMG_ROWS(table)							\
static void table##_name(const typeof((table)[0]) * row, char *desc)	\
{									\
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);		\
}									\
KUNIT_ARRAY_PARAM(table, table, table##_name)

/* IPv4 addresses of documentation (RFC 5737). */
#define GMG_LAB_PCSCF 0xc0000201 /* 192.0.2.1 */
#define GMG_LAB_UE 0xc6336400 /* 198.51.100.0 */

#define GMG_LAB_IMPI "460001234567890@ims.example"

/**
 * struct gmg_lab_set - what differs from set to set, the rest is the same
 * @impi: private identity, NULL: GMG_LAB_IMPI
 * @ue: last byte of the UE's address
 * @port_uc: 0: one that no other set of the test has
 * @port_us: 0: 5063
 * @port_ps: 0: choose
 * @protected_by: as in struct gmg_saset_conf
 * @label: as in struct gmg_saset_conf
 * @emergency: as in struct gmg_saset_conf
 * @lifetime_ms: 0: what the namespace's limits say
 */
struct gmg_lab_set {
	const char *impi;
	u8 ue;
	u16 port_uc;
	u16 port_us;
	u16 port_ps;
	u32 protected_by;
	u32 label;
	bool emergency;
	u32 lifetime_ms;
};

/**
 * struct gmg_lab - a guarded endpoint in the first network namespace
 * @gn: the namespace
 * @ep: the endpoint
 * @limits: the namespace's, to be put back
 * @n_sets: sets that were asked for
 */
struct gmg_lab {
	struct gmg_net *gn;
	struct gmg_endpoint *ep;
	struct gmg_limits limits;
	u16 n_sets;
};

/* A verdict by its name: a test that fails says more than a number. */
static inline const char *gmg_lab_reason(int reason)
{
	return reason ? gmg_reason_name(reason) : "accept";
}

int gmg_lab_open(struct kunit *test);
void gmg_lab_close(struct kunit *test);
void gmg_lab_addr(struct gmg_addr *addr, u32 ipv4);
struct gmg_saset *gmg_lab_ask(struct gmg_lab *lab,
			      const struct gmg_lab_set *want);
struct gmg_saset *gmg_lab_temporary(struct kunit *test,
				    const struct gmg_lab_set *want);
struct gmg_saset *gmg_lab_established(struct kunit *test,
				      const struct gmg_lab_set *want);
int gmg_lab_change(struct gmg_lab *lab, struct gmg_saset *set, u32 phase,
		   u32 lifetime_ms);
int gmg_lab_guard(struct gmg_lab *lab, const struct gmg_endpoint_conf *conf);
void gmg_lab_pass(struct gmg_lab *lab, u32 ms);
bool gmg_lab_lives(const struct gmg_lab *lab, u32 id);

#endif /* _GMG_TESTS_TEST_H */
