// SPDX-License-Identifier: GPL-2.0-only
/*
 * A lab for the suites that need a guarded endpoint and SA sets. Both are the
 * module's own, with real xfrm states and policies, in the first network
 * namespace, which must not have any endpoint yet.
 *
 * The clock stands still, so deadlines are met to the jiffy. It is stopped an
 * hour ahead of the kernel's: no timer fires by itself.
 */
#include "binding.h"
#include "clock.h"
#include "endpoint.h"
#include "phase.h"
#include "test.h"

/* What of the kernel's time no test comes near to. */
#define AHEAD (3600UL * HZ)

/**
 * gmg_lab_addr() - an IPv4 address
 * @addr: filled in
 * @ipv4: host byte order
 */
void gmg_lab_addr(struct gmg_addr *addr, u32 ipv4)
{
	*addr = (struct gmg_addr){ .w = { htonl(ipv4) } };
}

/**
 * gmg_lab_open() - the init function of a suite: test->priv is the lab
 * @test: the test
 *
 * Return: 0 or a negative errno.
 */
int gmg_lab_open(struct kunit *test)
{
	struct gmg_lab *lab = kunit_kzalloc(test, sizeof(*lab), GFP_KERNEL);
	struct gmg_endpoint_conf *conf;

	conf = kunit_kzalloc(test, sizeof(*conf), GFP_KERNEL);
	if (!lab || !conf)
		return -ENOMEM;
	*conf = (struct gmg_endpoint_conf){
		.family = AF_INET,
		.port_ps = { 6101, 6102 },
		.port_pc = { 6110, 6111, 6112, 6113 },
		.port_unprotected = { 5060 },
		.n_ps = 2,
		.n_pc = 4,
		.n_unprotected = 1,
		.policy_priority = GMG_POLICY_PRIORITY_DEFAULT,
	};
	gmg_lab_addr(&conf->addr, GMG_LAB_PCSCF);

	lab->gn = gmg_net(&init_net);
	lab->limits = lab->gn->limits;
	mutex_lock(&lab->gn->lock);
	lab->ep = lab->gn->n_endpoints ? ERR_PTR(-EBUSY) :
		  gmg_endpoint_new(lab->gn, conf, NULL);
	mutex_unlock(&lab->gn->lock);
	if (IS_ERR(lab->ep)) {
		kunit_err(test, "init_net has to be without endpoints");
		return PTR_ERR(lab->ep);
	}
	gmg_clock_stopped = jiffies + AHEAD;
	test->priv = lab;
	return 0;
}

/**
 * gmg_lab_close() - the exit function of a suite: nothing is left
 * @test: the test
 */
void gmg_lab_close(struct kunit *test)
{
	struct gmg_lab *lab = test->priv;
	struct gmg_saset *set;
	unsigned long id;

	if (!lab)
		return;
	mutex_lock(&lab->gn->lock);
	xa_for_each(&lab->gn->sets, id, set)
		gmg_saset_del(set, GMGUARD_CAUSE_UNLOAD);
	gmg_endpoint_del(lab->gn, lab->ep);
	lab->gn->limits = lab->limits;
	mutex_unlock(&lab->gn->lock);
	/* Whatever was asked for is done with while the clock stands still. */
	flush_work(&lab->gn->work);
	gmg_clock_stopped = 0;
}

/**
 * gmg_lab_ask() - ask for a temporary set
 * @lab: the lab
 * @want: what is special about it
 *
 * No two sets are made at the same time.
 *
 * Return: the set or an ERR_PTR.
 */
struct gmg_saset *gmg_lab_ask(struct gmg_lab *lab,
			      const struct gmg_lab_set *want)
{
	static const u8 zeros[32];
	struct nlattr *attrs[GMGUARD_A_SA_SET_MAX + 1] = {};
	struct netlink_ext_ack extack = {};
	struct gmg_saset_conf conf = {
		.ep = lab->ep,
		.port_uc = want->port_uc ?: 10000 + 2 * lab->n_sets,
		.port_us = want->port_us ?: 5063,
		.port_ps = want->port_ps,
		.spi_uc = 0x1000 + 2 * lab->n_sets,
		.spi_us = 0x1001 + 2 * lab->n_sets,
		.keys = {
			.alg = GMGUARD_ALG_HMAC_SHA_1_96,
			.ealg = GMGUARD_EALG_NULL,
			.alg_key = zeros,
		},
		.impi = want->impi ?: GMG_LAB_IMPI,
		.phase = GMGUARD_PHASE_TEMPORARY,
		.lifetime_ms = want->lifetime_ms ?:
			       lab->gn->limits.temporary_ms,
		.protected_by = want->protected_by,
		.label = want->label,
		.emergency = want->emergency,
		.attrs = attrs,
	};
	struct gmg_saset *set;

	gmg_lab_addr(&conf.ue, GMG_LAB_UE + want->ue);
	lab->n_sets++;
	gmg_clock_stopped++;
	mutex_lock(&lab->gn->lock);
	set = gmg_saset_new(lab->gn, &conf, &extack);
	mutex_unlock(&lab->gn->lock);
	return set;
}

/**
 * gmg_lab_change() - gmg_phase_change() with the lock
 * @lab: the lab
 * @set: the set
 * @phase: as there
 * @lifetime_ms: as there
 *
 * Return: as there.
 */
int gmg_lab_change(struct gmg_lab *lab, struct gmg_saset *set, u32 phase,
		   u32 lifetime_ms)
{
	struct netlink_ext_ack extack = {};
	int err;

	mutex_lock(&lab->gn->lock);
	err = gmg_phase_change(set, phase, lifetime_ms, &extack);
	mutex_unlock(&lab->gn->lock);
	return err;
}

/**
 * gmg_lab_temporary() - a temporary set, which the test can't do without
 * @test: the test
 * @want: what is special about it
 *
 * Return: the set.
 */
struct gmg_saset *gmg_lab_temporary(struct kunit *test,
				    const struct gmg_lab_set *want)
{
	struct gmg_saset *set = gmg_lab_ask(test->priv, want);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, set);
	return set;
}

/**
 * gmg_lab_established() - one that has completed authentication
 * @test: the test
 * @want: what is special about it; its lifetime is from that time on
 *
 * Return: the set.
 */
struct gmg_saset *gmg_lab_established(struct kunit *test,
				      const struct gmg_lab_set *want)
{
	struct gmg_saset *set = gmg_lab_temporary(test, want);

	KUNIT_ASSERT_EQ(test, 0,
			gmg_lab_change(test->priv, set,
				       GMGUARD_PHASE_ESTABLISHED,
				       want->lifetime_ms));
	return set;
}

/*
 * Fire the next timer, if one is due by @until; its callback only queues what
 * the worker has to do.
 */
static bool fire_next(struct gmg_lab *lab, unsigned long until)
{
	struct gmg_saset *next = NULL;
	struct gmg_saset *set;
	unsigned long id;

	mutex_lock(&lab->gn->lock);
	xa_for_each(&lab->gn->sets, id, set)
		if (timer_pending(&set->timer) &&
		    !time_after(set->timer.expires, until) &&
		    (!next ||
		     time_before(set->timer.expires, next->timer.expires)))
			next = set;
	if (next) {
		if (time_after(next->timer.expires, gmg_clock_stopped))
			gmg_clock_stopped = next->timer.expires;
		del_timer_sync(&next->timer);
		local_bh_disable();
		next->timer.function(&next->timer);
		local_bh_enable();
	}
	mutex_unlock(&lab->gn->lock);
	return next;
}

/**
 * gmg_lab_guard() - change what the endpoint guards
 * @lab: the lab
 * @conf: as it shall be
 *
 * Return: 0 or a negative errno.
 */
int gmg_lab_guard(struct gmg_lab *lab, const struct gmg_endpoint_conf *conf)
{
	int err;

	mutex_lock(&lab->gn->lock);
	err = gmg_endpoint_set(lab->ep, conf, NULL);
	mutex_unlock(&lab->gn->lock);
	return err;
}

/**
 * gmg_lab_pass() - let time pass
 * @lab: the lab
 * @ms: how much, in milliseconds
 *
 * Timers fire in their order, and the worker has its turn after each.
 */
void gmg_lab_pass(struct gmg_lab *lab, u32 ms)
{
	unsigned long until = gmg_clock_stopped + msecs_to_jiffies(ms);

	do
		flush_work(&lab->gn->work);
	while (fire_next(lab, until));
	gmg_clock_stopped = until;
}

/**
 * gmg_lab_lives() - whether a set still exists
 * @lab: the lab
 * @id: its id
 *
 * Return: whether it does.
 */
bool gmg_lab_lives(const struct gmg_lab *lab, u32 id)
{
	return xa_load(&lab->gn->sets, id);
}

MODULE_DESCRIPTION("KUnit suites of gmguard");
MODULE_LICENSE("GPL");
