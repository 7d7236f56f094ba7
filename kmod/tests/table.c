// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is found in the tables of endpoints, bindings and states.
 */
#include "binding.h"
#include "endpoint.h"
#include "impi.h"
#include "phase.h"
#include "policy.h"
#include "test.h"

#define CHANGE(id, statement)						\
static void id(struct gmg_tuple *tuple) { statement; }

CHANGE(same, (void)tuple)
CHANGE(other_ue, tuple->ue.w[0]++)
CHANGE(other_ue_word, tuple->ue.w[3]++)
CHANGE(other_local, tuple->local.w[0]++)
CHANGE(other_ue_port, tuple->ue_port++)
CHANGE(other_local_port, tuple->local_port++)
CHANGE(other_family, tuple->family = AF_INET6)
CHANGE(crossed, swap(tuple->ue, tuple->local);
	swap(tuple->ue_port, tuple->local_port))

static const struct lookup {
	const char *name;
	void (*change)(struct gmg_tuple *tuple);
	bool found;
} lookups[] = {
	{ "GM-14: find the binding of both inbound SAs", same, true },
	{ "GM-14: find none for another UE address", other_ue, false },
	{ "GM-14: find none for another last word of it", other_ue_word,
	  false },
	{ "GM-14: find none for another local address", other_local, false },
	{ "GM-14: find none for another UE port", other_ue_port, false },
	{ "GM-14: find none for another local port", other_local_port,
	  false },
	{ "GM-14: find none for the other family", other_family, false },
	{ "GM-14 AT-10: find none with both ends swapped", crossed, false },
};

GMG_ROWS(lookups);

static void tuple_of(const struct gmg_saset *set, bool client,
		     struct gmg_tuple *tuple)
{
	*tuple = (struct gmg_tuple){
		.ue = set->ue,
		.local = set->ep->conf.addr,
		.ue_port = htons(client ? set->port_uc : set->port_us),
		.local_port = htons(client ? set->port_ps : set->port_pc),
		.family = AF_INET,
	};
}

static struct gmg_binding *find(struct gmg_lab *lab,
				const struct gmg_tuple *tuple)
{
	struct gmg_binding *binding;

	rcu_read_lock();
	binding = gmg_binding_find(lab->gn, tuple);
	rcu_read_unlock();
	return binding;
}

static void lookup(struct kunit *test)
{
	const struct lookup *row = test->param_value;
	const struct gmg_lab_set want = {};
	struct gmg_lab *lab = test->priv;
	struct gmg_saset *set = gmg_lab_temporary(test, &want);
	struct gmg_tuple tuple;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct gmg_binding *binding;

		tuple_of(set, !i, &tuple);
		row->change(&tuple);
		binding = find(lab, &tuple);
		KUNIT_ASSERT_EQ(test, !!binding, row->found);
		if (!binding)
			continue;
		KUNIT_EXPECT_PTR_EQ(test, binding->set, set);
		KUNIT_EXPECT_EQ(test, binding->sa, i ? GMGUARD_SA_NAME_D :
						       GMGUARD_SA_NAME_A);
	}
}

static void nothing_stays(struct kunit *test)
{
	const struct gmg_lab_set want = {};
	struct gmg_lab *lab = test->priv;
	struct gmg_saset *set = gmg_lab_temporary(test, &want);
	struct gmg_tuple a;
	struct gmg_tuple d;
	u32 id = set->id;

	tuple_of(set, true, &a);
	tuple_of(set, false, &d);
	mutex_lock(&lab->gn->lock);
	gmg_saset_del(set, GMGUARD_CAUSE_REQUEST);
	KUNIT_EXPECT_NULL(test, gmg_impi_find(lab->gn, GMG_LAB_IMPI));
	mutex_unlock(&lab->gn->lock);
	KUNIT_EXPECT_FALSE(test, gmg_lab_lives(lab, id));
	KUNIT_EXPECT_NULL(test, find(lab, &a));
	KUNIT_EXPECT_NULL(test, find(lab, &d));
	KUNIT_EXPECT_EQ(test, lab->ep->n_sets, 0);
}

static void state_of_set(struct kunit *test)
{
	const struct gmg_lab_set want = {};
	struct gmg_lab *lab = test->priv;
	struct gmg_saset *set = gmg_lab_temporary(test, &want);
	struct xfrm_state foreign = { .props.reqid = set->id };

	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test, set,
			    gmg_saset_by_state(lab->gn,
					       set->sa[GMGUARD_SA_NAME_A]));
	KUNIT_EXPECT_PTR_EQ(test, set,
			    gmg_saset_by_state(lab->gn,
					       set->sa[GMGUARD_SA_NAME_D]));
	/* Whoever takes our reqid does not take our set. */
	KUNIT_EXPECT_NULL(test, gmg_saset_by_state(lab->gn, &foreign));
	rcu_read_unlock();
}

static void selectors(struct kunit *test)
{
	const struct gmg_lab_set want = {};
	struct gmg_saset *set = gmg_lab_temporary(test, &want);
	const struct {
		u16 sport;
		u16 dport;
	} ports[GMG_SAS] = {
		[GMGUARD_SA_NAME_A] = { set->port_uc, set->port_ps },
		[GMGUARD_SA_NAME_B] = { set->port_ps, set->port_uc },
		[GMGUARD_SA_NAME_C] = { set->port_pc, set->port_us },
		[GMGUARD_SA_NAME_D] = { set->port_us, set->port_pc },
	};
	unsigned int i;

	for (i = 0; i < GMG_SAS; i++) {
		const struct xfrm_state *x = set->sa[i];
		bool in = gmg_sa_is_inbound(i);

		KUNIT_EXPECT_EQ(test, x->props.mode, XFRM_MODE_TRANSPORT);
		KUNIT_EXPECT_EQ(test, x->id.proto, IPPROTO_ESP);
		KUNIT_EXPECT_EQ(test, x->sel.family, AF_INET);
		KUNIT_EXPECT_EQ(test, x->sel.prefixlen_s, 32);
		KUNIT_EXPECT_EQ(test, x->sel.prefixlen_d, 32);
		KUNIT_EXPECT_EQ(test, ntohs(x->sel.sport_mask), 0xffff);
		KUNIT_EXPECT_EQ(test, ntohs(x->sel.dport_mask), 0xffff);
		KUNIT_EXPECT_EQ(test, ntohs(x->sel.sport), ports[i].sport);
		KUNIT_EXPECT_EQ(test, ntohs(x->sel.dport), ports[i].dport);
		KUNIT_EXPECT_EQ(test, ntohl(in ? x->sel.daddr.a4 :
						 x->sel.saddr.a4),
				GMG_LAB_PCSCF);
		KUNIT_EXPECT_EQ(test, ntohl(in ? x->sel.saddr.a4 :
						 x->sel.daddr.a4), GMG_LAB_UE);
		/* GM-07, GM-09 */
		KUNIT_EXPECT_EQ(test, x->replay_esn->replay_window, 128);
		KUNIT_EXPECT_FALSE(test, x->props.flags & XFRM_STATE_ESN);
		KUNIT_EXPECT_EQ(test, x->lft.hard_byte_limit, XFRM_INF);
		KUNIT_EXPECT_EQ(test, x->lft.hard_packet_limit, XFRM_INF);
		KUNIT_EXPECT_EQ(test, x->lft.hard_add_expires_seconds, 0);
		KUNIT_EXPECT_EQ(test, x->lft.hard_use_expires_seconds, 0);
	}
}

static void ports(struct kunit *test)
{
	struct gmg_lab *lab = test->priv;
	const struct gmg_endpoint_conf *conf = &lab->ep->conf;
	struct gmg_addr other;

	gmg_lab_addr(&other, GMG_LAB_PCSCF + 1);
	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test, lab->ep,
			    gmg_endpoint_of(lab->gn, AF_INET, &conf->addr,
					    htons(6101)));
	KUNIT_EXPECT_PTR_EQ(test, lab->ep,
			    gmg_endpoint_of(lab->gn, AF_INET, &conf->addr,
					    htons(6113)));
	KUNIT_EXPECT_NULL(test, gmg_endpoint_of(lab->gn, AF_INET, &conf->addr,
						htons(5060)));
	KUNIT_EXPECT_NULL(test, gmg_endpoint_of(lab->gn, AF_INET, &other,
						htons(6101)));
	KUNIT_EXPECT_NULL(test, gmg_endpoint_find(lab->gn, AF_INET6,
						  &conf->addr));
	KUNIT_EXPECT_TRUE(test, gmg_endpoint_is_unprotected(lab->ep,
							    htons(5060)));
	KUNIT_EXPECT_FALSE(test, gmg_endpoint_is_unprotected(lab->ep,
							     htons(6101)));
	rcu_read_unlock();
	KUNIT_EXPECT_TRUE(test, test_bit(6101, lab->gn->ports));
	KUNIT_EXPECT_FALSE(test, test_bit(5060, lab->gn->ports));
	KUNIT_EXPECT_TRUE(test, test_bit(5060, lab->gn->guarded));
	KUNIT_EXPECT_FALSE(test, test_bit(8080, lab->gn->guarded));
}

/* A port stays guarded as long as one endpoint has it. */
static void shared_port(struct kunit *test)
{
	struct gmg_lab *lab = test->priv;
	struct gmg_endpoint_conf *conf;
	struct gmg_endpoint *ep;

	conf = kunit_kzalloc(test, sizeof(*conf), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, conf);
	*conf = lab->ep->conf;
	gmg_lab_addr(&conf->addr, GMG_LAB_PCSCF + 1);
	conf->port_pc[0] = 6999;
	mutex_lock(&lab->gn->lock);
	ep = gmg_endpoint_new(lab->gn, conf, NULL);
	if (!IS_ERR(ep)) {
		KUNIT_EXPECT_TRUE(test, test_bit(6999, lab->gn->ports));
		gmg_endpoint_del(lab->gn, ep);
	}
	mutex_unlock(&lab->gn->lock);
	KUNIT_ASSERT_EQ(test, PTR_ERR_OR_ZERO(ep), 0);
	KUNIT_EXPECT_FALSE(test, test_bit(6999, lab->gn->ports));
	KUNIT_EXPECT_FALSE(test, test_bit(6999, lab->gn->guarded));
	KUNIT_EXPECT_TRUE(test, test_bit(6101, lab->gn->ports));
}

/* Ports come and go with a change, and policies with them. */
static void changed_ports(struct kunit *test)
{
	struct gmg_lab *lab = test->priv;
	struct gmg_endpoint_conf *conf;
	struct xfrm_policy *kept = lab->ep->policies[0];
	unsigned int n = gmg_policies_alive(lab->ep);

	conf = kunit_kzalloc(test, sizeof(*conf), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, conf);
	*conf = lab->ep->conf;
	conf->port_ps[conf->n_ps++] = 6999;
	KUNIT_ASSERT_EQ(test, 0, gmg_lab_guard(lab, conf));
	KUNIT_EXPECT_TRUE(test, test_bit(6999, lab->gn->ports));
	KUNIT_EXPECT_TRUE(test, test_bit(6999, lab->gn->guarded));
	KUNIT_EXPECT_EQ(test, n + 1, gmg_policies_alive(lab->ep));
	KUNIT_EXPECT_PTR_EQ(test, kept, lab->ep->policies[0]);

	conf->n_ps--;
	KUNIT_ASSERT_EQ(test, 0, gmg_lab_guard(lab, conf));
	KUNIT_EXPECT_FALSE(test, test_bit(6999, lab->gn->guarded));
	KUNIT_EXPECT_TRUE(test, test_bit(6101, lab->gn->ports));
	KUNIT_EXPECT_EQ(test, n, gmg_policies_alive(lab->ep));
	KUNIT_EXPECT_PTR_EQ(test, kept, lab->ep->policies[0]);
}

static const struct table {
	const char *name;
	void (*check)(struct kunit *test);
} tables[] = {
	{ "leave nothing of a set that is deleted", nothing_stays },
	{ "find the set of an inbound state, and of no other", state_of_set },
	{ "GM-03 GM-04 GM-07 GM-09: make four exact SAs without lifetime",
	  selectors },
	{ "know protected, unprotected and other ports", ports },
	{ "guard a port as long as an endpoint has it", shared_port },
	{ "change the ports of an endpoint in place", changed_ports },
};

GMG_ROWS(tables);

static void table(struct kunit *test)
{
	const struct table *row = test->param_value;

	row->check(test);
}

#define IP4(a, b, c, d) { .w = { cpu_to_be32((a) << 24 | (b) << 16 | \
					     (c) << 8 | (d)) } }
#define IP6(a, b, c, d) { .w = { cpu_to_be32(a), cpu_to_be32(b), \
				 cpu_to_be32(c), cpu_to_be32(d) } }

static const struct exempt {
	const char *name;
	struct gmg_prefix prefix;
	struct gmg_addr addr;
	bool clean;
	bool exempt;
} exempts[] = {
	{ "exempt the address itself",
	  { IP4(192, 0, 2, 9), 32 }, IP4(192, 0, 2, 9), true, true },
	{ "exempt nobody beside it",
	  { IP4(192, 0, 2, 9), 32 }, IP4(192, 0, 2, 8), true, false },
	{ "exempt the first address of a prefix",
	  { IP4(192, 0, 2, 128), 25 }, IP4(192, 0, 2, 128), true, true },
	{ "exempt the last address of a prefix",
	  { IP4(192, 0, 2, 128), 25 }, IP4(192, 0, 2, 255), true, true },
	{ "exempt nobody in front of a prefix",
	  { IP4(192, 0, 2, 128), 25 }, IP4(192, 0, 2, 127), true, false },
	{ "exempt half of all with one bit",
	  { IP4(128, 0, 0, 0), 1 }, IP4(255, 1, 2, 3), true, true },
	{ "see a bit beyond a prefix",
	  { IP4(192, 0, 2, 129), 25 }, IP4(192, 0, 2, 255), false, true },
	{ "exempt nobody beside an IPv6 prefix that ends in a word",
	  { IP6(0x20010db8, 0x80000000, 0, 0), 33 },
	  IP6(0x20010db8, 0x7fffffff, 1, 2), true, false },
	{ "exempt what is in it",
	  { IP6(0x20010db8, 0x80000000, 0, 0), 33 },
	  IP6(0x20010db8, 0xffffffff, 1, 2), true, true },
	{ "see an IPv6 bit beyond a prefix",
	  { IP6(0x20010db8, 0, 0, 1), 127 },
	  IP6(0x20010db8, 0, 0, 1), false, true },
	{ "exempt one IPv6 address only",
	  { IP6(0x20010db8, 0, 0, 1), 128 },
	  IP6(0x20010db8, 0, 0, 0), true, false },
};

GMG_ROWS(exempts);

static void exempt(struct kunit *test)
{
	const struct exempt *row = test->param_value;
	struct gmg_endpoint_conf *conf;

	conf = kunit_kzalloc(test, sizeof(*conf), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, conf);
	conf->exempt[0] = row->prefix;
	conf->n_exempt = 1;
	KUNIT_EXPECT_EQ(test, gmg_prefix_is_clean(&row->prefix), row->clean);
	KUNIT_EXPECT_EQ(test, gmg_conf_exempts(conf, &row->addr), row->exempt);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(lookup, lookups_gen_params),
	KUNIT_CASE_PARAM(table, tables_gen_params),
	KUNIT_CASE_PARAM(exempt, exempts_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "gmguard-table",
	.init = gmg_lab_open,
	.exit = gmg_lab_close,
	.test_cases = cases,
};

kunit_test_suite(suite);
