// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a new set does to the older ones of its registration, and which set
 * what is sent to the UE takes (TS 33.203 7.4).
 */
#include "group.h"
#include "phase.h"
#include "test.h"

#define S(seconds) ((seconds) * MSEC_PER_SEC)
#define GRACE S(128)

#define HOUR ((struct gmg_lab_set){ .lifetime_ms = S(3600) })

/* What is sent to the UE takes this set. */
#define EXPECT_IN_USE(test, set) \
	KUNIT_EXPECT_PTR_EQ(test, gmg_group_in_use((set)->group), set)

#define EXPECT_PHASE(test, set, name) \
	KUNIT_EXPECT_EQ(test, (set)->phase, GMGUARD_PHASE_##name)

/* A registration on the SAs of an older set, completed. */
static struct gmg_saset *next_set(struct kunit *test,
				  const struct gmg_saset *old, u32 lifetime_ms)
{
	struct gmg_lab_set want = {
		.protected_by = old->id,
		.lifetime_ms = lifetime_ms,
	};

	return gmg_lab_established(test, &want);
}

static void first(struct kunit *test)
{
	struct gmg_saset *set = gmg_lab_temporary(test, &HOUR);

	KUNIT_EXPECT_NULL(test, gmg_group_in_use(set->group));
	KUNIT_ASSERT_EQ(test, 0, gmg_lab_change(test->priv, set,
						GMGUARD_PHASE_ESTABLISHED, 0));
	EXPECT_IN_USE(test, set);
}

static void at_challenge(struct kunit *test)
{
	struct gmg_saset *old = gmg_lab_established(test, &HOUR);
	struct gmg_saset *new = gmg_lab_temporary(test, &HOUR);

	gmg_phase_note_message(new);
	gmg_lab_pass(test->priv, S(1));
	EXPECT_PHASE(test, old, ESTABLISHED);
	EXPECT_PHASE(test, new, TEMPORARY);
	EXPECT_IN_USE(test, old);
}

static void at_success(struct kunit *test)
{
	struct gmg_saset *old = gmg_lab_established(test, &HOUR);
	u32 id = old->id;
	struct gmg_saset *new = gmg_lab_established(test, &HOUR);

	KUNIT_EXPECT_FALSE(test, gmg_lab_lives(test->priv, id));
	EXPECT_IN_USE(test, new);
}

static void keep_protector(struct kunit *test)
{
	struct gmg_saset *old = gmg_lab_established(test, &HOUR);
	struct gmg_saset *new = next_set(test, old, S(3600));

	gmg_lab_pass(test->priv, S(60));
	EXPECT_PHASE(test, old, ESTABLISHED);
	EXPECT_IN_USE(test, old);
	EXPECT_PHASE(test, new, ESTABLISHED);
}

static void keep_only_protector(struct kunit *test)
{
	struct gmg_saset *one = gmg_lab_established(test, &HOUR);
	struct gmg_saset *two = next_set(test, one, S(3600));
	struct gmg_saset *three;
	u32 id = one->id;

	/* The next SM1 comes in on the second. */
	gmg_phase_note_message(two);
	gmg_lab_pass(test->priv, 0);
	KUNIT_EXPECT_TRUE(test, gmg_lab_lives(test->priv, id));
	three = next_set(test, two, S(3600));
	KUNIT_EXPECT_FALSE(test, gmg_lab_lives(test->priv, id));
	EXPECT_IN_USE(test, two);
	EXPECT_PHASE(test, two, ESTABLISHED);
	EXPECT_PHASE(test, three, ESTABLISHED);
}

static void first_message(struct kunit *test)
{
	struct gmg_saset *old = gmg_lab_established(test, &HOUR);
	struct gmg_saset *new = next_set(test, old, S(3600));
	u32 id = old->id;

	/* The answer to the very message already takes the new set. */
	gmg_phase_note_message(new);
	EXPECT_IN_USE(test, new);
	gmg_lab_pass(test->priv, 0);
	EXPECT_PHASE(test, old, SUPERSEDED);
	gmg_lab_pass(test->priv, GRACE - jiffies_to_msecs(1));
	KUNIT_EXPECT_TRUE(test, gmg_lab_lives(test->priv, id));
	gmg_lab_pass(test->priv, jiffies_to_msecs(1));
	KUNIT_EXPECT_FALSE(test, gmg_lab_lives(test->priv, id));
	EXPECT_PHASE(test, new, ESTABLISHED);
}

static void superseded_sooner(struct kunit *test)
{
	struct gmg_lab_set want = { .lifetime_ms = S(200) };
	struct gmg_saset *old = gmg_lab_established(test, &want);
	struct gmg_saset *new = next_set(test, old, S(3600));
	u32 id = old->id;

	gmg_lab_pass(test->priv, S(190));
	gmg_phase_note_message(new);
	gmg_lab_pass(test->priv, S(10));
	KUNIT_EXPECT_FALSE(test, gmg_lab_lives(test->priv, id));
}

static void old_message(struct kunit *test)
{
	struct gmg_saset *old = gmg_lab_established(test, &HOUR);
	struct gmg_saset *new = next_set(test, old, S(3600));

	gmg_phase_note_message(old);
	gmg_lab_pass(test->priv, S(1));
	EXPECT_IN_USE(test, old);
	EXPECT_PHASE(test, old, ESTABLISHED);
	EXPECT_PHASE(test, new, ESTABLISHED);
}

static void silent_ue(struct kunit *test)
{
	struct gmg_lab_set want = { .lifetime_ms = S(600) };
	struct gmg_saset *old = gmg_lab_established(test, &want);
	struct gmg_saset *new;

	gmg_lab_pass(test->priv, S(100));
	new = next_set(test, old, S(3600));
	gmg_lab_pass(test->priv, S(500) - GRACE - 2 * jiffies_to_msecs(1));
	EXPECT_IN_USE(test, old);
	gmg_lab_pass(test->priv, 2 * jiffies_to_msecs(1));
	EXPECT_IN_USE(test, new);
	EXPECT_PHASE(test, old, SUPERSEDED);
}

static void nearly_over(struct kunit *test)
{
	struct gmg_lab_set want = { .lifetime_ms = S(600) };
	struct gmg_saset *old = gmg_lab_established(test, &want);
	struct gmg_saset *new;

	gmg_lab_pass(test->priv, S(600) - GRACE);
	new = next_set(test, old, S(3600));
	EXPECT_IN_USE(test, new);
	EXPECT_PHASE(test, old, SUPERSEDED);
}

static void deregistered(struct kunit *test)
{
	struct gmg_saset *old = gmg_lab_established(test, &HOUR);
	struct gmg_saset *new = next_set(test, old, S(3600));

	KUNIT_ASSERT_EQ(test, 0, gmg_lab_change(test->priv, old,
						GMGUARD_PHASE_LINGERING, 0));
	EXPECT_IN_USE(test, new);
}

static void deleted(struct kunit *test)
{
	struct gmg_saset *old = gmg_lab_established(test, &HOUR);
	struct gmg_saset *new = next_set(test, old, S(3600));
	struct gmg_lab *lab = test->priv;

	mutex_lock(&lab->gn->lock);
	gmg_saset_del(old, GMGUARD_CAUSE_REQUEST);
	mutex_unlock(&lab->gn->lock);
	EXPECT_IN_USE(test, new);
}

static void lost_state(struct kunit *test)
{
	struct gmg_saset *set = gmg_lab_established(test, &HOUR);
	struct gmg_lab *lab = test->priv;
	u32 id = set->id;

	xfrm_state_delete(set->sa[GMGUARD_SA_NAME_C]);
	gmg_saset_poke(set, GMG_SASET_LOST);
	gmg_lab_pass(lab, 0);
	KUNIT_EXPECT_FALSE(test, gmg_lab_lives(lab, id));
}

/* The label says that both are of one registration. */
static void other_address(struct kunit *test)
{
	struct gmg_lab_set want = {
		.ue = 1, .label = 7, .lifetime_ms = S(3600) };
	struct gmg_saset *old = gmg_lab_established(test, &want);
	struct gmg_saset *new;
	u32 id = old->id;

	want.ue = 2;
	new = gmg_lab_established(test, &want);
	EXPECT_PHASE(test, old, LINGERING);
	EXPECT_IN_USE(test, new);
	gmg_lab_pass(test->priv, GRACE);
	KUNIT_EXPECT_FALSE(test, gmg_lab_lives(test->priv, id));
}

static void other_contact(struct kunit *test)
{
	struct gmg_lab_set want = { .ue = 1, .lifetime_ms = S(3600) };
	struct gmg_saset *one = gmg_lab_established(test, &want);
	struct gmg_saset *two;

	want.ue = 2;
	two = gmg_lab_established(test, &want);
	EXPECT_PHASE(test, one, ESTABLISHED);
	EXPECT_IN_USE(test, one);
	EXPECT_IN_USE(test, two);
}

static void emergency(struct kunit *test)
{
	struct gmg_lab_set want = { .label = 7, .lifetime_ms = S(3600) };
	struct gmg_saset *normal = gmg_lab_established(test, &want);

	want.emergency = true;
	want.port_us = 5065;
	gmg_lab_established(test, &want);
	EXPECT_PHASE(test, normal, ESTABLISHED);
	EXPECT_IN_USE(test, normal);
}

static void response_to_register(struct kunit *test)
{
	struct gmg_saset *old = gmg_lab_established(test, &HOUR);
	struct gmg_saset *new = next_set(test, old, S(3600));

	rcu_read_lock();
	KUNIT_EXPECT_TRUE(test, gmg_group_note_register(new, 42));
	KUNIT_EXPECT_PTR_EQ(test, gmg_group_pick(new->group, 42), new);
	KUNIT_EXPECT_PTR_EQ(test, gmg_group_pick(new->group, 0), old);
	KUNIT_EXPECT_NULL(test, gmg_group_pick(new->group, 43));
	KUNIT_EXPECT_FALSE(test, gmg_group_note_register(new, 42));
	rcu_read_unlock();
}

static const struct story {
	const char *name;
	void (*tell)(struct kunit *test);
} stories[] = {
	{ "take the first set into use at success, not before", first },
	{ "GM-32 AT-29: leave the old set alone at the 401", at_challenge },
	{ "GM-32: delete the old set at success if SM1 came in clear",
	  at_success },
	{ "GM-33 AT-28: keep the set that protected SM1, and in use",
	  keep_protector },
	{ "GM-33: keep only the set that protected SM1", keep_only_protector },
	{ "GM-33: switch at the first message on the new set; 128 s on end the old",
	  first_message },
	{ "GM-33: end a superseded set no later than without that",
	  superseded_sooner },
	{ "GM-33: do not switch at a message on the old set", old_message },
	{ "GM-33: switch for a silent UE when the old set has 128 s left",
	  silent_ue },
	{ "GM-33: switch at success if the old set has no more than that",
	  nearly_over },
	{ "GM-35: switch when the old set is deregistered", deregistered },
	{ "GM-33: switch when the old set is deleted", deleted },
	{ "AT-41: end a set whole that has lost a state", lost_state },
	{ "GM-39: let the set at the UE's old address linger", other_address },
	{ "leave the sets of another contact alone", other_contact },
	{ "GM-38: leave the other registration alone at an emergency one",
	  emergency },
	{ "GM-30 AT-46: answer a REGISTER on the set that brought it",
	  response_to_register },
};

GMG_ROWS(stories);

static void handover(struct kunit *test)
{
	const struct story *row = test->param_value;

	row->tell(test);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(handover, stories_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "gmguard-handover",
	.init = gmg_lab_open,
	.exit = gmg_lab_close,
	.test_cases = cases,
};

kunit_test_suite(suite);
