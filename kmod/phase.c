// SPDX-License-Identifier: GPL-2.0-only
/*
 * Phases of an SA set, and the deadlines that belong to them.
 *
 *   temporary ---> established ---> superseded ---> gone
 *                        \              \
 *                         `--------------`---> lingering ---> gone
 *
 * What success does to the older sets of a registration depends on what
 * protected its first REGISTER, SM1 (TS 33.203 7.4, TS 24.229 table 5.2.2-1).
 * If nothing did, the UE has lost them: they go, and the new set is in use. If
 * one of them did, that one stays in use until the UE shows by a SIP message
 * on the new set that it knows of its success, or until it is about to end.
 *
 * Concurrency: changed under gmg_net.lock; hooks read @phase and take a set
 * into use by setting GMG_SASET_TAKEN, the worker does the rest.
 */
#include <linux/slab.h>

#include "clock.h"
#include "event.h"
#include "group.h"
#include "impi.h"
#include "phase.h"
#include "watch.h"

static void set_phase(struct gmg_saset *set, u32 phase)
{
	struct gmg_net *gn = set->gn;

	gn->n_sets[set->phase]--;
	gn->n_sets[phase]++;
	WRITE_ONCE(set->phase, phase);
	if (phase != GMGUARD_PHASE_TEMPORARY)
		list_del_init(&set->temporary_node);
}

static unsigned long grace(const struct gmg_saset *set)
{
	return msecs_to_jiffies(set->gn->limits.grace_ms);
}

/* Whether a set has no longer to live than a superseded one has. */
static bool is_nearly_over(const struct gmg_saset *set)
{
	return !time_before(gmg_clock_now() + grace(set), set->deadline);
}

/*
 * Whether two sets of one IMPI are of one registration: (UE address, port_us)
 * belongs to one contact, and so does a label that user space gave.
 */
static bool same_registration(const struct gmg_saset *a,
			      const struct gmg_saset *b)
{
	return a->group == b->group ||
	       (a->label && a->label == b->label &&
		a->emergency == b->emergency);
}

/* Another live set of the registration of @set. */
static bool is_kin(const struct gmg_saset *set, const struct gmg_saset *other)
{
	return other != set && !test_bit(GMG_SASET_GONE, &other->flags) &&
	       same_registration(set, other);
}

/* The set that follows @set once the UE has sent something on it. */
static struct gmg_saset *find_heir(const struct gmg_saset *set)
{
	struct gmg_saset *other;

	list_for_each_entry(other, &set->impi->sets, impi_node)
		if (is_kin(set, other) &&
		    other->phase == GMGUARD_PHASE_ESTABLISHED &&
		    !test_bit(GMG_SASET_TAKEN, &other->flags))
			return other;
	return NULL;
}

/* The newest set beside @set that was taken into use. */
static struct gmg_saset *find_taken(const struct gmg_saset *set)
{
	struct gmg_saset *other;

	list_for_each_entry(other, &set->impi->sets, impi_node)
		if (is_kin(set, other) &&
		    test_bit(GMG_SASET_TAKEN, &other->flags))
			return other;
	return NULL;
}

/* Have the worker look when something is due. */
static void arm(struct gmg_saset *set)
{
	unsigned long at = set->deadline;

	if (test_bit(GMG_SASET_TAKEN, &set->flags) && !is_nearly_over(set) &&
	    find_heir(set))
		at -= grace(set);
	mod_timer(&set->timer, at);
}

static void set_deadline(struct gmg_saset *set, unsigned long deadline)
{
	set->deadline = deadline;
	arm(set);
}

/* What is about to end anyway ends no later for it. */
static void wind_down(struct gmg_saset *set, u32 phase)
{
	unsigned long until = gmg_clock_now() + grace(set);

	set_phase(set, phase);
	if (time_before(until, set->deadline))
		set->deadline = until;
	arm(set);
}

/* Whether the success of @set ends @other. */
static bool ends(const struct gmg_saset *set, const struct gmg_saset *other)
{
	return is_kin(set, other) && gmg_phase_is_authenticated(other) &&
	       !(set->protected_by && other->id == set->protected_by);
}

/**
 * gmg_phase_check_establish() - whether a set may complete authentication
 * @set: the set, in its group and its IMPI, gmg_net.lock held
 * @extack: says why not
 *
 * Six SAs a direction are three sets (TS 33.203 7.1, rule 3). Lingering ones
 * don't count: they would lock out a UE that registers again.
 *
 * Return: 0, -EEXIST or -EDQUOT.
 */
int gmg_phase_check_establish(const struct gmg_saset *set,
			      struct netlink_ext_ack *extack)
{
	const struct gmg_saset *other;
	u32 n = 1;

	list_for_each_entry(other, &set->group->sets, group_node)
		if (gmg_phase_is_authenticated(other) &&
		    (other->impi != set->impi ||
		     other->emergency != set->emergency)) {
			NL_SET_ERR_MSG(extack,
				       "(ue-addr, port-us) belongs to another registration: delete this set");
			return -EEXIST;
		}
	list_for_each_entry(other, &set->impi->sets, impi_node)
		if (other != set && other->emergency == set->emergency &&
		    (other->phase == GMGUARD_PHASE_ESTABLISHED ||
		     other->phase == GMGUARD_PHASE_SUPERSEDED) &&
		    !ends(set, other))
			n++;
	if (n <= set->gn->limits.max_impi_sets)
		return 0;
	NL_SET_ERR_MSG(extack,
		       "impi would have more than six SAs a direction (TS 33.203 7.1): refuse this UE, wait until other sets of the IMPI end, or raise the limit max-impi-sets");
	return -EDQUOT;
}

/*
 * Other sets of the registration that success ends (GM-32, GM-33). A UE that
 * came from another address may still have something to get at the old one.
 */
static void retire_others(struct gmg_saset *set)
{
	struct gmg_saset *other;
	struct gmg_saset *next;

	list_for_each_entry_safe(other, next, &set->impi->sets, impi_node) {
		if (!ends(set, other))
			continue;
		if (gmg_addr_equal(&other->ue, &set->ue)) {
			gmg_saset_del(other, GMGUARD_CAUSE_REPLACED);
		} else if (other->phase != GMGUARD_PHASE_LINGERING) {
			wind_down(other, GMGUARD_PHASE_LINGERING);
			gmg_event_saset(other, GMGUARD_EVENT_SA_SET_CHANGE, 0);
		}
	}
}

static bool is_older(const struct gmg_saset *set, const struct gmg_saset *than)
{
	return ktime_before(set->made, than->made);
}

/* Take a set into use: those that it follows are superseded. */
static void take(struct gmg_saset *set)
{
	struct gmg_saset *other;
	struct gmg_watch *watch;

	set_bit(GMG_SASET_TAKEN, &set->flags);
	watch = rcu_replace_pointer(set->watch, NULL,
				    lockdep_is_held(&set->gn->lock));
	if (watch)
		kfree_rcu(watch, rcu);
	list_for_each_entry(other, &set->impi->sets, impi_node) {
		if (other->phase != GMGUARD_PHASE_ESTABLISHED ||
		    !is_older(other, set) || !is_kin(set, other))
			continue;
		wind_down(other, GMGUARD_PHASE_SUPERSEDED);
		gmg_event_saset(other, GMGUARD_EVENT_SA_SET_CHANGE, 0);
	}
	gmg_event_saset(set, GMGUARD_EVENT_SA_SET_USED, 0);
}

/* A set that has become established finds its place among the others. */
static void settle(struct gmg_saset *set)
{
	struct gmg_saset *old;

	retire_others(set);
	if (test_bit(GMG_SASET_TAKEN, &set->flags))
		return;
	old = find_taken(set);
	if (!old || is_nearly_over(old))
		take(set);
	else
		arm(old);
}

/* A set that has not long to live hands over. */
static void hand_over(struct gmg_saset *set)
{
	struct gmg_saset *heir = find_heir(set);

	if (heir && is_nearly_over(set) &&
	    test_bit(GMG_SASET_TAKEN, &set->flags))
		take(heir);
}

/**
 * gmg_phase_end() - hand over from a set that is about to be deleted
 * @set: the set, marked as gone, gmg_net.lock held
 */
void gmg_phase_end(struct gmg_saset *set)
{
	struct gmg_saset *heir = find_heir(set);

	if (heir && !find_taken(set))
		take(heir);
}

/**
 * gmg_phase_begin() - give a new set its phase, and tell of it
 * @set: the set, gmg_net.lock held
 * @phase: temporary or established
 * @lifetime_ms: time left in milliseconds
 */
void gmg_phase_begin(struct gmg_saset *set, u32 phase, u32 lifetime_ms)
{
	struct gmg_net *gn = set->gn;
	bool established = phase == GMGUARD_PHASE_ESTABLISHED;

	gn->n_sets[set->phase]++;
	list_add_tail(&set->temporary_node, &gn->temporary);
	set_deadline(set, gmg_clock_now() + msecs_to_jiffies(lifetime_ms));
	if (established)
		set_phase(set, phase);
	gmg_event_saset(set, GMGUARD_EVENT_SA_SET_NEW, 0);
	if (established)
		settle(set);
}

static bool can_linger(u32 phase)
{
	return phase == GMGUARD_PHASE_ESTABLISHED ||
	       phase == GMGUARD_PHASE_SUPERSEDED;
}

/**
 * gmg_phase_change() - change phase and lifetime
 * @set: the set, gmg_net.lock held
 * @phase: the new phase, 0 or the same: leave it
 * @lifetime_ms: time left, 0: leave it; the deadline of success is as it says,
 *	later ones only ever lengthen, and not what is superseded or lingering
 * @extack: says why it failed
 *
 * Context: may sleep.
 * Return: 0, -EINVAL, -EEXIST or -EDQUOT, and nothing has changed.
 */
int gmg_phase_change(struct gmg_saset *set, u32 phase, u32 lifetime_ms,
		     struct netlink_ext_ack *extack)
{
	unsigned long until = gmg_clock_now() + msecs_to_jiffies(lifetime_ms);
	bool lives = set->phase == GMGUARD_PHASE_TEMPORARY ||
		     set->phase == GMGUARD_PHASE_ESTABLISHED;
	bool longer = lives && lifetime_ms && time_after(until, set->deadline);
	int err;

	lockdep_assert_held(&set->gn->lock);
	if (!phase || phase == set->phase) {
		if (longer)
			set_deadline(set, until);
		return 0;
	}
	if (phase == GMGUARD_PHASE_ESTABLISHED &&
	    set->phase == GMGUARD_PHASE_TEMPORARY) {
		err = gmg_phase_check_establish(set, extack);
		if (err)
			return err;
		/* What it had as a temporary set says nothing any more. */
		if (lifetime_ms)
			set_deadline(set, until);
		set_phase(set, phase);
		settle(set);
		return 0;
	}
	if (phase == GMGUARD_PHASE_LINGERING && can_linger(set->phase)) {
		wind_down(set, GMGUARD_PHASE_LINGERING);
		hand_over(set);
		return 0;
	}
	NL_SET_ERR_MSG(extack,
		       "phase: only temporary to established, and established or superseded to lingering are possible");
	return -EINVAL;
}

/**
 * gmg_phase_attend() - do what is due for a set
 * @set: the set, gmg_net.lock held; may be deleted
 *
 * Context: the worker, may sleep.
 */
void gmg_phase_attend(struct gmg_saset *set)
{
	if (test_and_clear_bit(GMG_SASET_TELL_TAKEN, &set->flags))
		take(set);
	/* The deadline may have moved since the timer fired. */
	if (!test_and_clear_bit(GMG_SASET_DUE, &set->flags))
		return;
	if (time_after_eq(gmg_clock_now(), set->deadline)) {
		gmg_saset_del(set, GMGUARD_CAUSE_EXPIRED);
		return;
	}
	hand_over(set);
	arm(set);
}

/**
 * gmg_phase_note_message() - a SIP message came in on SA A or D
 * @set: the set
 *
 * From here on what is sent to the UE takes this set, the answer to the message
 * included; the worker supersedes the older ones.
 *
 * Context: softirq, under RCU.
 */
void gmg_phase_note_message(struct gmg_saset *set)
{
	if (READ_ONCE(set->phase) != GMGUARD_PHASE_ESTABLISHED ||
	    test_and_set_bit(GMG_SASET_TAKEN, &set->flags))
		return;
	gmg_saset_poke(set, GMG_SASET_TELL_TAKEN);
}
