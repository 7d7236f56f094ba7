// SPDX-License-Identifier: GPL-2.0-only
/*
 * Emergency calls in clear over UDP (GM-38), by a clock that stands still.
 */
#include "call.h"
#include "clock.h"
#include "test.h"

#define HOUR_MS (3600 * MSEC_PER_SEC)

static int begin(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct gmg_calls), GFP_KERNEL);
	if (!test->priv)
		return -ENOMEM;
	gmg_calls_init(test->priv);
	gmg_clock_stopped = jiffies;
	return 0;
}

static void end(struct kunit *test)
{
	gmg_clock_stopped = 0;
}

static const struct gmg_flow caller = {
	.src.w = { cpu_to_be32(0xc6336401) },
	.dst.w = { cpu_to_be32(GMG_LAB_PCSCF) },
	.sport = cpu_to_be16(5062),
	.dport = cpu_to_be16(5060),
	.family = AF_INET,
	.proto = IPPROTO_UDP,
};

/* A message of a call that is named by a number. */
static struct gmg_sip call_of(const u32 *id)
{
	return (struct gmg_sip){
		.call_id = (const char *)id,
		.call_id_len = sizeof(*id),
	};
}

static void open(struct kunit *test, u32 id, u32 for_ms)
{
	struct gmg_sip sip = call_of(&id);

	gmg_calls_open(test->priv, &caller, &sip, for_ms);
}

static bool is_open(struct kunit *test, u32 id)
{
	struct gmg_sip sip = call_of(&id);

	return gmg_calls_is_open(test->priv, &caller, &sip);
}

#define CHANGE(id, statement)						\
static void id(struct gmg_flow *flow, u32 *call) { statement; }

CHANGE(same, (void)flow)
CHANGE(other_call, *call = 2)
CHANGE(other_source, flow->src.w[0]++)
CHANGE(other_source_port, flow->sport++)
CHANGE(other_address, flow->dst.w[0]++)
CHANGE(other_port, flow->dport++)

static const struct message {
	const char *name;
	void (*change)(struct gmg_flow *flow, u32 *call);
	bool open;
} messages[] = {
	{ "GM-38: accept a message of an emergency call", same, true },
	{ "GM-38: drop a message of another call", other_call, false },
	{ "GM-38: drop one from another address", other_source, false },
	{ "GM-38: drop one from another port", other_source_port, false },
	{ "GM-38: drop one to another address", other_address, false },
	{ "GM-38: drop one to another port", other_port, false },
};

GMG_ROWS(messages);

static void message(struct kunit *test)
{
	const struct message *row = test->param_value;
	struct gmg_flow flow = caller;
	struct gmg_sip sip;
	u32 id = 1;

	open(test, id, HOUR_MS);
	row->change(&flow, &id);
	sip = call_of(&id);
	KUNIT_EXPECT_EQ(test, gmg_calls_is_open(test->priv, &flow, &sip),
			row->open);
}

static void over(struct kunit *test)
{
	open(test, 1, HOUR_MS);
	gmg_clock_stopped += 3600 * HZ - 1;
	KUNIT_EXPECT_TRUE(test, is_open(test, 1));
	gmg_clock_stopped++;
	KUNIT_EXPECT_FALSE(test, is_open(test, 1));
}

/* A later INVITE of the call does not keep it open for ever. */
static void goes_on(struct kunit *test)
{
	open(test, 1, HOUR_MS);
	gmg_clock_stopped += 3599 * HZ;
	open(test, 1, HOUR_MS);
	gmg_clock_stopped += HZ;
	KUNIT_EXPECT_FALSE(test, is_open(test, 1));
}

static void again(struct kunit *test)
{
	open(test, 1, HOUR_MS);
	gmg_clock_stopped += 3600 * HZ;
	open(test, 1, HOUR_MS);
	KUNIT_EXPECT_TRUE(test, is_open(test, 1));
}

static void too_many(struct kunit *test)
{
	u32 id;

	/* All of one length but for the second, which ends first. */
	for (id = 0; id < GMG_CALLS; id++)
		open(test, id, id == 1 ? HOUR_MS / 2 : HOUR_MS);
	open(test, GMG_CALLS, HOUR_MS);
	KUNIT_EXPECT_FALSE(test, is_open(test, 1));
	for (id = 0; id <= GMG_CALLS; id++)
		if (id != 1)
			KUNIT_ASSERT_TRUE_MSG(test, is_open(test, id),
					      "call %u", id);
}

static void reuse(struct kunit *test)
{
	struct gmg_calls *calls = test->priv;

	open(test, 1, HOUR_MS);
	gmg_clock_stopped += 3600 * HZ;
	open(test, 2, HOUR_MS);
	KUNIT_EXPECT_EQ(test, calls->n, 1);
	KUNIT_EXPECT_TRUE(test, is_open(test, 2));
}

static const struct time {
	const char *name;
	void (*check)(struct kunit *test);
} times[] = {
	{ "GM-38: close an emergency call after its time", over },
	{ "GM-38: do not let its own INVITEs keep it open", goes_on },
	{ "GM-38: open it again after that", again },
	{ "GM-38: let the one that ends first give way to one too many",
	  too_many },
	{ "take the place of a call that is over", reuse },
};

GMG_ROWS(times);

static void time(struct kunit *test)
{
	const struct time *row = test->param_value;

	row->check(test);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(message, messages_gen_params),
	KUNIT_CASE_PARAM(time, times_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "gmguard-call",
	.init = begin,
	.exit = end,
	.test_cases = cases,
};

kunit_test_suite(suite);
