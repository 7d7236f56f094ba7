// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a new set gets, and which sets may stand in its way.
 */
#include "phase.h"
#include "test.h"

#define HOUR_MS (3600 * MSEC_PER_SEC)

static const struct rival {
	const char *name;
	const char *impi;	/* of the set that is there */
	bool established;
	bool carried;		/* an authenticated packet, on SA A */
	bool other_port_us;
	u8 ue;			/* of the new set; that of the other is 0 */
	int err;		/* what happens to the new one */
	bool stays;		/* and whether the other one stays */
} rivals[] = {
	{ "GM-11 AT-37: refuse (UE, port_uc) of a set that has authenticated",
	  .established = true, .err = -EEXIST, .stays = true },
	{ "GM-11 AT-37: refuse it to another IMPI, too",
	  .impi = "other", .established = true, .other_port_us = true,
	  .err = -EEXIST, .stays = true },
	{ "GM-11: accept the same port_uc at another address",
	  .established = true, .ue = 1, .stays = true },
	{ "GM-29: replace a temporary set with the same IMPI, UE and port_uc",
	  .err = 0 },
	{ "GM-29: replace it even if it has carried something",
	  .carried = true, .err = 0 },
	{ "GM-29: keep a temporary set from another address",
	  .ue = 1, .stays = true },
	{ "AT-45: let a stranger's temporary set yield that proved nothing",
	  .impi = "stranger", .err = 0 },
	{ "AT-45: keep another IMPI's temporary set that carried something",
	  .impi = "other", .carried = true, .err = -EEXIST, .stays = true },
};

GMG_ROWS(rivals);

static void rival(struct kunit *test)
{
	const struct rival *row = test->param_value;
	struct gmg_lab_set want = {
		.impi = row->impi,
		.port_uc = 5062,
		.port_us = row->other_port_us ? 5065 : 0,
		.lifetime_ms = HOUR_MS,
	};
	struct gmg_lab *lab = test->priv;
	struct gmg_saset *old;
	struct gmg_saset *new;
	u32 id;

	old = row->established ? gmg_lab_established(test, &want) :
				 gmg_lab_temporary(test, &want);
	id = old->id;
	if (row->carried)
		old->sa[GMGUARD_SA_NAME_A]->curlft.packets++;
	want.impi = NULL;
	want.port_us = 0;
	want.ue = row->ue;
	new = gmg_lab_ask(lab, &want);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(new), row->err);
	KUNIT_EXPECT_EQ(test, gmg_lab_lives(lab, id), row->stays);
}

static const struct bound {
	const char *name;
	u32 max_impi;		/* temporary sets of one IMPI */
	u32 max_all;		/* and of all */
	unsigned int carried;	/* so many of three have carried something */
	bool strangers;		/* each is of an IMPI of its own */
	unsigned int victim;	/* the one that yields, from 1 on, 0: none */
	int err;
} bounds[] = {
	{ "GM-12: leave temporary sets alone below the bounds",
	  .max_impi = 4, .max_all = 4 },
	{ "GM-12: let the oldest temporary set of an IMPI yield at the bound",
	  .max_impi = 3, .max_all = 100, .victim = 1 },
	{ "GM-12: let rather one yield that has carried nothing",
	  .max_impi = 3, .max_all = 100, .carried = 2, .victim = 3 },
	{ "GM-12: refuse a new one if all have carried something",
	  .max_impi = 3, .max_all = 100, .carried = 3, .err = -EDQUOT },
	{ "AT-45: do not count other IMPIs for the bound of one",
	  .max_impi = 3, .max_all = 100, .strangers = true },
	{ "AT-45: let the oldest of all yield at the bound of all",
	  .max_impi = 3, .max_all = 3, .strangers = true, .victim = 1 },
	{ "AT-45: refuse a new one if all of all have carried something",
	  .max_impi = 3, .max_all = 3, .strangers = true, .carried = 3,
	  .err = -EDQUOT },
};

GMG_ROWS(bounds);

static void bound(struct kunit *test)
{
	static const char *const impis[] = { "one", "two", "three" };
	const struct bound *row = test->param_value;
	struct gmg_lab *lab = test->priv;
	struct gmg_lab_set want = {};
	struct gmg_saset *set;
	unsigned int i;
	u32 id[3];

	for (i = 0; i < ARRAY_SIZE(id); i++) {
		want.impi = row->strangers ? impis[i] : NULL;
		want.ue = 1 + i;
		set = gmg_lab_temporary(test, &want);
		id[i] = set->id;
		if (i < row->carried)
			set->sa[GMGUARD_SA_NAME_D]->curlft.packets++;
	}
	lab->gn->limits.max_impi_temporary = row->max_impi;
	lab->gn->limits.max_temporary = row->max_all;
	want.impi = NULL;
	want.ue = 9;
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(gmg_lab_ask(lab, &want)),
			row->err);
	for (i = 0; i < ARRAY_SIZE(id); i++)
		KUNIT_EXPECT_EQ_MSG(test, gmg_lab_lives(lab, id[i]),
				    i + 1 != row->victim, "set %u", i + 1);
}

static u32 spi_of(const struct gmg_saset *set, unsigned int sa)
{
	return ntohl(set->sa[sa]->id.spi);
}

static void spis_are_random(struct kunit *test)
{
	struct gmg_lab_set want = {};
	struct gmg_saset *set[3];
	unsigned int i;
	unsigned int j;

	for (i = 0; i < ARRAY_SIZE(set); i++) {
		want.ue = i;
		set[i] = gmg_lab_temporary(test, &want);
		KUNIT_EXPECT_GE(test, spi_of(set[i], GMGUARD_SA_NAME_A),
				GMGUARD_SPI_MIN);
		KUNIT_EXPECT_GE(test, spi_of(set[i], GMGUARD_SA_NAME_D),
				GMGUARD_SPI_MIN);
		for (j = 0; j < 4 * i + 3; j++)
			KUNIT_EXPECT_NE(test,
					spi_of(set[j / 4], j % 4),
					spi_of(set[i], GMGUARD_SA_NAME_D));
	}
}

static void port_pc_rotates(struct kunit *test)
{
	const struct gmg_endpoint_conf *conf;
	struct gmg_lab *lab = test->priv;
	struct gmg_lab_set want = { .lifetime_ms = HOUR_MS };
	unsigned long seen = 0;
	struct gmg_saset *set;
	unsigned int i;

	conf = &lab->ep->conf;
	for (i = 0; i < conf->n_pc; i++) {
		set = i ? gmg_lab_temporary(test, &want) :
			  gmg_lab_established(test, &want);
		KUNIT_EXPECT_FALSE(test, test_and_set_bit(set->port_pc -
							  conf->port_pc[0],
							  &seen));
	}
	KUNIT_EXPECT_EQ(test, seen, (1UL << conf->n_pc) - 1);
}

static void port_pc_of_all(struct kunit *test)
{
	struct gmg_lab *lab = test->priv;
	struct gmg_lab_set want = {};
	struct gmg_saset *set;
	unsigned int i;

	lab->gn->limits.max_impi_temporary = 100;
	for (i = 0; i < lab->ep->conf.n_pc; i++) {
		set = gmg_lab_temporary(test, &want);
		set->sa[GMGUARD_SA_NAME_A]->curlft.packets++;
	}
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(gmg_lab_ask(lab, &want)),
			-ENOSPC);
	/* At another port_us all are free. */
	want.port_us = 5065;
	gmg_lab_temporary(test, &want);
}

static void port_ps_stays(struct kunit *test)
{
	struct gmg_lab_set want = { .lifetime_ms = HOUR_MS, .port_ps = 6102 };
	struct gmg_saset *old = gmg_lab_established(test, &want);

	want.port_ps = 0;
	KUNIT_EXPECT_EQ(test, old->port_ps, 6102);
	KUNIT_EXPECT_EQ(test, gmg_lab_temporary(test, &want)->port_ps, 6102);
	want.ue = 1;
	KUNIT_EXPECT_EQ(test, gmg_lab_temporary(test, &want)->port_ps, 6101);
}

static void max_sets(struct kunit *test)
{
	struct gmg_lab *lab = test->priv;
	struct gmg_lab_set want = { .lifetime_ms = HOUR_MS };

	lab->gn->limits.max_sets = 1;
	gmg_lab_established(test, &want);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(gmg_lab_ask(lab, &want)),
			-ENOSPC);
}

static const struct pick {
	const char *name;
	void (*check)(struct kunit *test);
} picks[] = {
	{ "GM-06: choose SPIs from 256 on that differ from all of the host",
	  spis_are_random },
	{ "GM-34: choose another port_pc for every set of a UE",
	  port_pc_rotates },
	{ "GM-34: refuse a set when no port_pc is left for (UE, port_us)",
	  port_pc_of_all },
	{ "GM-34: keep the port_ps of a UE that has authenticated",
	  port_ps_stays },
	{ "refuse more sets than the namespace may have", max_sets },
};

GMG_ROWS(picks);

static void pick(struct kunit *test)
{
	const struct pick *row = test->param_value;

	row->check(test);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(rival, rivals_gen_params),
	KUNIT_CASE_PARAM(bound, bounds_gen_params),
	KUNIT_CASE_PARAM(pick, picks_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "gmguard-choose",
	.init = gmg_lab_open,
	.exit = gmg_lab_close,
	.test_cases = cases,
};

kunit_test_suite(suite);
