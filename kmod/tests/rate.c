// SPDX-License-Identifier: GPL-2.0-only
/*
 * How much may come in clear (GM-02), by a clock that stands still.
 */
#include "clock.h"
#include "main.h"
#include "rate.h"
#include "test.h"

#define RATE 20
#define BURST 60
#define TOTAL 1000

/* A quarter of what may come in a second, and one. */
#define TOTAL_BURST (TOTAL / 4 + 1)

/* TICK_NSEC is rounded down for some HZ. */
#define SECOND (HZ + 1)

/* What is the same in all tests: who has sent how much. */
struct scene {
	struct gmg_rate *rate;
	struct gmg_limits limits;
};

static int begin(struct kunit *test)
{
	struct scene *scene = kunit_kzalloc(test, sizeof(*scene), GFP_KERNEL);

	if (!scene)
		return -ENOMEM;
	scene->rate = kunit_kzalloc(test, sizeof(*scene->rate), GFP_KERNEL);
	if (!scene->rate)
		return -ENOMEM;
	gmg_rate_init(scene->rate);
	scene->limits = (struct gmg_limits){
		.unprotected_rate = RATE,
		.unprotected_burst = BURST,
		.unprotected_total = TOTAL,
	};
	gmg_clock_stopped = jiffies;
	test->priv = scene;
	return 0;
}

static void end(struct kunit *test)
{
	gmg_clock_stopped = 0;
}

/* How many of @n messages of one IPv4 source are taken. */
static unsigned int send4(struct scene *scene, u32 source, unsigned int n)
{
	struct gmg_flow flow = { .family = AF_INET };
	unsigned int taken = 0;

	gmg_lab_addr(&flow.src, source);
	while (n--)
		taken += gmg_rate_take(scene->rate, &scene->limits, &flow);
	return taken;
}

/* The same for 2001:db8:0:@net::@host. */
static unsigned int send6(struct scene *scene, u32 net, u32 host,
			  unsigned int n)
{
	struct gmg_flow flow = {
		.src = { .w = { htonl(0x20010db8), htonl(net), 0,
				htonl(host) } },
		.family = AF_INET6,
	};
	unsigned int taken = 0;

	while (n--)
		taken += gmg_rate_take(scene->rate, &scene->limits, &flow);
	return taken;
}

static void burst(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, send4(test->priv, 1, 2 * BURST), BURST);
}

static void refill(struct kunit *test)
{
	send4(test->priv, 1, BURST);
	gmg_clock_stopped += SECOND;
	KUNIT_EXPECT_EQ(test, send4(test->priv, 1, 2 * BURST), RATE);
	gmg_clock_stopped += 3600 * HZ;
	KUNIT_EXPECT_EQ(test, send4(test->priv, 1, 2 * BURST), BURST);
}

static void others(struct kunit *test)
{
	send4(test->priv, 1, 2 * BURST);
	KUNIT_EXPECT_EQ(test, send4(test->priv, 2, BURST), BURST);
}

static void same_net6(struct kunit *test)
{
	send6(test->priv, 1, 1, BURST);
	KUNIT_EXPECT_EQ(test, send6(test->priv, 1, 2, 1), 0);
	KUNIT_EXPECT_EQ(test, send6(test->priv, 2, 1, 1), 1);
}

static void any_rate(struct kunit *test)
{
	struct scene *scene = test->priv;

	scene->limits.unprotected_rate = 0;
	scene->limits.unprotected_total = 0;
	KUNIT_EXPECT_EQ(test, send4(scene, 1, 10 * TOTAL), 10 * TOTAL);
}

static void total(struct kunit *test)
{
	unsigned int taken = 0;
	unsigned int source;

	for (source = 0; source < 2 * TOTAL; source++)
		taken += send4(test->priv, source, 1);
	KUNIT_EXPECT_EQ(test, taken, TOTAL_BURST);
	gmg_clock_stopped += SECOND;
	for (taken = 0; source < 4 * TOTAL; source++)
		taken += send4(test->priv, source, 1);
	KUNIT_EXPECT_EQ(test, taken, TOTAL_BURST);
}

/* More sources than there are places: the flood does not get a new bucket. */
static void spoofed(struct kunit *test)
{
	struct scene *scene = test->priv;
	const u32 n = 2 * GMG_RATE_ROWS * GMG_RATE_WAYS;
	u32 source;

	scene->limits.unprotected_total = 0;
	KUNIT_ASSERT_EQ(test, send4(scene, 0, BURST), BURST);
	for (source = 1; source <= n; source++)
		send4(scene, source, 1);
	KUNIT_EXPECT_EQ(test, send4(scene, 0, 1), 0);
}

static const struct limit {
	const char *name;
	void (*check)(struct kunit *test);
} limits[] = {
	{ "AT-24: take no more than a burst from a source at once", burst },
	{ "AT-24: take so many in a second from then on", refill },
	{ "AT-24: do not let one source use up what others may send", others },
	{ "AT-24: take an IPv6 /64 for one source", same_net6 },
	{ "take anything if there are no limits", any_rate },
	{ "AT-24: take no more than so many of all sources", total },
	{ "AT-24: do not let spoofed sources give a flood a new bucket",
	  spoofed },
};

GMG_ROWS(limits);

static void limit(struct kunit *test)
{
	const struct limit *row = test->param_value;

	row->check(test);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(limit, limits_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "gmguard-rate",
	.init = begin,
	.exit = end,
	.test_cases = cases,
};

kunit_test_suite(suite);
