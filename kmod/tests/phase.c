// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long a set lives, and from which phase to which it may go.
 */
#include "clock.h"
#include "group.h"
#include "phase.h"
#include "test.h"

#define S(seconds) ((seconds) * MSEC_PER_SEC)

/* 64*T1, where T1 is 2 s (TS 24.229 7.7). */
#define GRACE S(128)

/* Phases, short enough for a table. */
#define NONE 0
#define TEMPORARY GMGUARD_PHASE_TEMPORARY
#define ESTABLISHED GMGUARD_PHASE_ESTABLISHED
#define SUPERSEDED GMGUARD_PHASE_SUPERSEDED
#define LINGERING GMGUARD_PHASE_LINGERING

static const struct change {
	const char *name;
	u8 from;
	u8 to;
	int err;
} changes[] = {
	{ "let a temporary set become established",
	  TEMPORARY, ESTABLISHED, 0 },
	{ "GM-35: let an established set linger", ESTABLISHED, LINGERING, 0 },
	{ "GM-35: let a superseded set linger", SUPERSEDED, LINGERING, 0 },
	{ "take the phase that a set has for no change",
	  LINGERING, LINGERING, 0 },
	{ "GM-15: refuse to let a temporary set linger",
	  TEMPORARY, LINGERING, -EINVAL },
	{ "refuse to let user space supersede a set",
	  ESTABLISHED, SUPERSEDED, -EINVAL },
	{ "refuse to supersede a temporary set",
	  TEMPORARY, SUPERSEDED, -EINVAL },
	{ "refuse to make an established set temporary again",
	  ESTABLISHED, TEMPORARY, -EINVAL },
	{ "GM-33: refuse to take a superseded set into use again",
	  SUPERSEDED, ESTABLISHED, -EINVAL },
	{ "GM-35: refuse to take a lingering set into use again",
	  LINGERING, ESTABLISHED, -EINVAL },
};

GMG_ROWS(changes);

/* A set of a phase, by the way that leads there. */
static struct gmg_saset *set_of(struct kunit *test, u8 phase)
{
	struct gmg_lab_set want = { .lifetime_ms = S(3600) };
	struct gmg_saset *set;

	if (phase == TEMPORARY)
		return gmg_lab_temporary(test, &want);
	set = gmg_lab_established(test, &want);
	if (phase == LINGERING)
		KUNIT_ASSERT_EQ(test, 0, gmg_lab_change(test->priv, set,
							LINGERING, 0));
	if (phase == SUPERSEDED) {
		want.protected_by = set->id;
		gmg_phase_note_message(gmg_lab_established(test, &want));
		gmg_lab_pass(test->priv, 0);
	}
	KUNIT_ASSERT_EQ(test, set->phase, phase);
	return set;
}

static void change(struct kunit *test)
{
	const struct change *row = test->param_value;
	struct gmg_saset *set = set_of(test, row->from);

	KUNIT_EXPECT_EQ(test, gmg_lab_change(test->priv, set, row->to, 0),
			row->err);
	KUNIT_EXPECT_EQ(test, set->phase, row->err ? row->from : row->to);
}

static const struct life {
	const char *name;
	u32 first;	/* lifetime of the temporary set, 0: by default */
	u32 success;	/* lifetime that success brings; when: after a second */
	u32 at;		/* when something more happens, 0: nothing does */
	u8 phase;	/* what does: a phase */
	u32 lifetime;	/* or a lifetime */
	u32 ends;	/* when it ends; all in milliseconds since it was made */
} lives[] = {
	{ "GM-28: end a temporary set after 240 s",
	  .ends = S(240) },
	{ "GM-28: end a temporary set after the time that is asked for",
	  .first = S(5), .ends = S(5) },
	{ "GM-28: let a temporary set's time be lengthened",
	  .at = S(200), .lifetime = S(240), .ends = S(440) },
	{ "GM-28: do not let it be shortened",
	  .at = S(200), .lifetime = S(1), .ends = S(240) },
	{ "GM-31: end an established set when its registration does",
	  .success = S(630), .ends = S(631) },
	{ "GM-31: let success end a set earlier than without it",
	  .success = S(60), .ends = S(61) },
	{ "GM-31: let a refresh lengthen the life of a set",
	  .success = S(630), .at = S(300), .lifetime = S(630),
	  .ends = S(930) },
	{ "GM-31: let a refresh never shorten it",
	  .success = S(630), .at = S(300), .lifetime = S(60),
	  .ends = S(631) },
	{ "GM-31: let a refresh to the same time change nothing",
	  .success = S(630), .at = S(300), .lifetime = S(331),
	  .ends = S(631) },
	{ "GM-35: end a lingering set after 128 s",
	  .success = S(630), .at = S(300), .phase = LINGERING,
	  .ends = S(300) + GRACE },
	{ "GM-35: end a lingering set no later than without that",
	  .success = S(630), .at = S(600), .phase = LINGERING,
	  .ends = S(631) },
	{ "GM-35: take no other lifetime for a lingering set",
	  .success = S(630), .at = S(300), .phase = LINGERING,
	  .lifetime = S(3600), .ends = S(300) + GRACE },
};

GMG_ROWS(lives);

static void life(struct kunit *test)
{
	const struct life *row = test->param_value;
	struct gmg_lab_set want = { .lifetime_ms = row->first };
	struct gmg_lab *lab = test->priv;
	u32 passed = row->success ? S(1) : 0;
	struct gmg_saset *set;
	u32 id;

	set = gmg_lab_temporary(test, &want);
	id = set->id;
	gmg_lab_pass(lab, passed);
	if (row->success)
		KUNIT_ASSERT_EQ(test, 0, gmg_lab_change(lab, set, ESTABLISHED,
							row->success));
	if (row->at) {
		gmg_lab_pass(lab, row->at - passed);
		passed = row->at;
		KUNIT_ASSERT_TRUE(test, gmg_lab_lives(lab, id));
		KUNIT_ASSERT_EQ(test, 0, gmg_lab_change(lab, set, row->phase,
							row->lifetime));
	}
	gmg_lab_pass(lab, row->ends - passed - jiffies_to_msecs(1));
	KUNIT_EXPECT_TRUE(test, gmg_lab_lives(lab, id));
	gmg_lab_pass(lab, jiffies_to_msecs(1));
	KUNIT_EXPECT_FALSE(test, gmg_lab_lives(lab, id));
}

static const struct quota {
	const char *name;
	u8 phase[3];	/* of the sets that the IMPI has already */
	bool emergency;	/* of the new one */
	bool same_contact;
	bool before;	/* the new one is asked for before those succeed */
	int err;
} quotas[] = {
	{ "GM-12: accept the third authenticated set of an IMPI",
	  { ESTABLISHED, ESTABLISHED }, .err = 0 },
	{ "GM-12 AT-37: refuse a fourth one: more than six SAs a direction",
	  { ESTABLISHED, ESTABLISHED, ESTABLISHED }, .err = -EDQUOT },
	{ "GM-12 AT-37: refuse it at its success if the others came first",
	  { ESTABLISHED, ESTABLISHED, ESTABLISHED }, .before = true,
	  .err = -EDQUOT },
	{ "GM-12: count no temporary sets, which anybody can cause",
	  { ESTABLISHED, TEMPORARY, TEMPORARY }, .err = 0 },
	{ "GM-12: count no lingering sets of a UE that registers again",
	  { ESTABLISHED, LINGERING, ESTABLISHED }, .err = 0 },
	{ "GM-12: count no sets that success ends",
	  { ESTABLISHED, ESTABLISHED, ESTABLISHED }, .same_contact = true,
	  .err = 0 },
	{ "GM-38: count the sets of emergency registrations by themselves",
	  { ESTABLISHED, ESTABLISHED, ESTABLISHED }, .emergency = true,
	  .err = 0 },
};

GMG_ROWS(quotas);

/* Sets at other addresses: contacts of their own. */
static void fill_quota(struct kunit *test, const struct quota *row)
{
	struct gmg_lab_set want = { .lifetime_ms = S(3600) };
	struct gmg_saset *set;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(row->phase) && row->phase[i]; i++) {
		want.ue = 1 + i;
		if (row->phase[i] == TEMPORARY) {
			gmg_lab_temporary(test, &want);
			continue;
		}
		set = gmg_lab_established(test, &want);
		if (row->phase[i] == LINGERING)
			KUNIT_ASSERT_EQ(test, 0,
					gmg_lab_change(test->priv, set,
						       LINGERING, 0));
	}
}

static void quota(struct kunit *test)
{
	const struct quota *row = test->param_value;
	struct gmg_lab_set want = {
		.ue = row->same_contact ? 1 : 9,
		.emergency = row->emergency,
		.lifetime_ms = S(3600),
	};
	struct gmg_lab *lab = test->priv;
	struct gmg_saset *set;
	int err;

	if (!row->before)
		fill_quota(test, row);
	set = gmg_lab_ask(lab, &want);
	err = PTR_ERR_OR_ZERO(set);
	if (row->before)
		fill_quota(test, row);
	if (!err)
		err = gmg_lab_change(lab, set, ESTABLISHED, S(3600));
	KUNIT_EXPECT_EQ(test, err, row->err);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(change, changes_gen_params),
	KUNIT_CASE_PARAM(life, lives_gen_params),
	KUNIT_CASE_PARAM(quota, quotas_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "gmguard-phase",
	.init = gmg_lab_open,
	.exit = gmg_lab_close,
	.test_cases = cases,
};

kunit_test_suite(suite);
