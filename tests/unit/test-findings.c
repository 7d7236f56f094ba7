// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What "gmguard doctor" finds, and what it would mend, from plain facts.
 */
#include "cmd/findings.h"
#include "sas.h"
#include "test.h"

#define HOUR	3600000ull
#define DAY	(24 * HOUR)

/* The facts of one test; a healthy P-CSCF with one registration at first. */
static struct gmg_adopted sas[12];
static struct xfrm_out outs[16];
static struct pair_list pairs;
static struct xfrm_out_list out;
static struct host_listener listener;
static struct host_iface iface;
static struct host host;
static struct gmg_stats stats;
static struct finding_list found;
static size_t n_sas;

static void add_policy(const struct gmg_adopted *sa)
{
	struct xfrm_out *p = &outs[out.n++];

	*p = (struct xfrm_out){
		.family = AF_INET, .src_len = 32, .dst_len = 32,
		.sport = sa->local_port, .sport_mask = 0xffff,
		.dport = sa->ue_port, .dport_mask = 0xffff,
		.priority = 2080, .esp = true, .reqid = sa->reqid,
	};
	memcpy(p->src, sa->local_addr.bytes, 16);
	memcpy(p->dst, sa->ue_addr.bytes, 16);
}

/* As gmguard makes them for a port. */
static void add_own_policy(uint16_t port)
{
	struct xfrm_out *p = &outs[out.n++];

	*p = (struct xfrm_out){
		.family = AF_INET, .src_len = 32, .sport = port,
		.sport_mask = 0xffff, .priority = 1000000, .esp = true,
		.reqid = GMGUARD_REQID,
	};
	memcpy(p->src, an_endpoint.local_addr.bytes, 16);
}

static int healthy(void **state)
{
	(void)state;
	make_endpoint();
	memset(&stats, 0, sizeof(stats));
	memset(&host, 0, sizeof(host));
	memset(&listener, 0, sizeof(listener));
	memset(&iface, 0, sizeof(iface));
	out = (struct xfrm_out_list){ .v = outs };
	quad(sas, 0, HOUR);
	n_sas = 4;
	add_policy(&sas[GMGUARD_SA_NAME_B]);
	add_policy(&sas[GMGUARD_SA_NAME_C]);
	add_own_policy(6101);
	add_own_policy(6110);
	return 0;
}

static void find(void)
{
	struct facts facts = {
		.endpoints = &an_endpoint, .n_endpoints = 1,
		.adopted = sas, .n_adopted = n_sas, .pairs = &pairs,
		.out = &out, .host = &host, .stats = &stats,
		.grace_ms = 128000,
	};

	assert_int_equal(pair_sas(sas, n_sas, &an_endpoint, 1, &pairs), 0);
	assert_int_equal(findings_find(&facts, &found), 0);
}

/* How many there are of a kind. */
static size_t count(enum finding_kind kind)
{
	size_t n = 0, i;

	for (i = 0; i < found.n; i++)
		n += found.v[i].kind == kind;
	return n;
}

static void only(enum finding_kind kind, size_t n)
{
	assert_int_equal(found.n, n);
	assert_int_equal(count(kind), n);
}

static void forget(void)
{
	findings_free(&found);
	pair_list_free(&pairs);
}

static void test_healthy(void **state)
{
	healthy(state);
	find();
	only(FINDING_POLICIES, 0);
	assert_false(findings_matter(&found));
	forget();
}

static void test_endpoint(void **state)
{
	healthy(state);
	an_endpoint.policies = 8;
	find();
	only(FINDING_POLICIES, 1);
	assert_string_equal(found.v[0].text, "endpoint 1 (10.33.0.1) has 8 of its 9 out policies");
	assert_true(findings_matter(&found));
	forget();
}

static void test_iface(void **state)
{
	healthy(state);
	strcpy(iface.name, "gm0");
	iface.disable_xfrm = iface.disable_policy = true;
	host.iface = &iface;
	host.n_ifaces = 1;
	find();
	assert_int_equal(found.n, 2);
	assert_int_equal(found.v[0].kind, FINDING_IFACE_XFRM);
	assert_int_equal(found.v[0].fix, FIX_ENABLE_XFRM);
	assert_int_equal(found.v[1].fix, FIX_ENABLE_POLICY);
	assert_ptr_equal(found.v[1].iface, &iface);
	found.v[0].fixed = found.v[1].fixed = true;
	assert_false(findings_matter(&found));
	forget();
}

static void test_inexact(void **state)
{
	healthy(state);
	sas[4] = sas[0];
	sas[4].spi = 0x7000;
	sas[4].selector = GMGUARD_SELECTOR_PORTS;
	n_sas = 5;
	find();
	only(FINDING_INEXACT, 1);
	assert_non_null(strstr(found.v[0].text, "SA 0x00007000 10.33.0.11:31000 > 10.33.0.1:6101: "));
	forget();
}

static void test_incomplete(void **state)
{
	healthy(state);
	n_sas = 3;
	find();
	only(FINDING_INCOMPLETE, 1);
	assert_string_equal(found.v[0].text, "UE 10.33.0.11: 3 of 4 SAs are there, with SPI 0x00001000");
	forget();
}

static void test_policy(void **state)
{
	healthy(state);
	out.n = 0;
	add_policy(&sas[GMGUARD_SA_NAME_C]);
	add_own_policy(6101);
	find();
	only(FINDING_POLICY, 1);
	assert_non_null(strstr(found.v[0].text, "no out policy leads TCP to it"));
	forget();

	/* one that has precedence and names another state */
	healthy(state);
	add_policy(&sas[GMGUARD_SA_NAME_C]);
	outs[out.n - 1].priority = 7;
	outs[out.n - 1].reqid = 99;
	outs[out.n - 1].protocol = IPPROTO_UDP;
	find();
	only(FINDING_POLICY, 1);
	assert_non_null(strstr(found.v[0].text, "leads UDP to it"));
	forget();

	/* a policy for a prefix, any port and any reqid does as well */
	healthy(state);
	out.n = 2;
	outs[1] = (struct xfrm_out){
		.family = AF_INET, .dst_len = 8, .dst = { 10 },
		.priority = 5, .esp = true,
	};
	outs[0].family = AF_INET6;
	find();
	only(FINDING_POLICY, 0);
	outs[1].esp = false;
	findings_free(&found);
	pair_list_free(&pairs);
	find();
	only(FINDING_POLICY, 2);
	forget();
}

static void test_leftover(void **state)
{
	healthy(state);
	listener = (struct host_listener){
		.endpoint_id = 1, .port = 6101, .pid = 42, .name = "kamailio",
		.age_ms = HOUR - 1000,
	};
	host.listener = &listener;
	host.n_listeners = 1;
	find();
	only(FINDING_LEFTOVER, 0);
	forget();
	listener.age_ms = HOUR - 10000;
	find();
	only(FINDING_LEFTOVER, 1);
	assert_string_equal(found.v[0].text, "UE 10.33.0.11: its SAs are 10 s older than kamailio (process 42), which listens on port 6101");
	assert_int_equal(found.v[0].fix, FIX_NONE);
	forget();
	listener.endpoint_id = 2;
	find();
	only(FINDING_LEFTOVER, 0);
	forget();
}

static void test_idle(void **state)
{
	int i;

	healthy(state);
	for (i = 0; i < 4; i++)
		sas[i].age_ms = 2 * DAY;
	find();
	only(FINDING_IDLE, 1);
	assert_false(findings_matter(&found));
	forget();
	sas[2].used = sas[2].last_use_known = true;
	sas[2].last_use_ms = HOUR;
	find();
	only(FINDING_IDLE, 0);
	forget();
	sas[2].last_use_ms = DAY + HOUR;
	find();
	only(FINDING_IDLE, 1);
	forget();
	/* used, but the kernel does not tell when */
	sas[0].used = true;
	sas[0].first_use_ms = 2 * DAY;
	find();
	only(FINDING_IDLE, 0);
	forget();
	sas[0].used = false;
	sas[1].lifetime_ms = 3 * DAY;
	find();
	only(FINDING_IDLE, 0);
	forget();
}

/* An older set with the same ports, as after a restart of the proxy. */
static void two_generations(void **state)
{
	int i;

	healthy(state);
	quad(&sas[4], 0, 2 * HOUR);
	for (i = 4; i < 8; i++) {
		sas[i].spi += 0x100;
		sas[i].reqid = sas[i].spi;
	}
	n_sas = 8;
	sas[0].used = true;
	sas[0].first_use_ms = HOUR / 2;
}

static size_t deleted(void)
{
	size_t n = 0, i;

	find();
	assert_int_equal(count(FINDING_DUPLICATE), 4);
	assert_true(count(FINDING_POLICY) <= 1);
	for (i = 0; i < found.n; i++) {
		if (found.v[i].fix != FIX_DELETE_STATE)
			continue;
		assert_true(found.v[i].sa >= &sas[4]);
		n++;
	}
	forget();
	return n;
}

static void test_duplicate(void **state)
{
	two_generations(state);
	assert_int_equal(deleted(), 4);
}

static void test_duplicate_unsafe(void **state)
{
	/* it has carried something, and nobody knows when last */
	two_generations(state);
	sas[4].used = true;
	sas[4].first_use_ms = 2 * HOUR;
	assert_int_equal(deleted(), 0);
	/* it has carried something since the newer one was made */
	two_generations(state);
	sas[6].used = sas[6].last_use_known = true;
	sas[6].last_use_ms = HOUR / 2;
	assert_int_equal(deleted(), 0);
	/* or long before */
	sas[6].last_use_ms = 2 * HOUR;
	assert_int_equal(deleted(), 4);
	/* the newer one is not in use: its registration may yet fail */
	two_generations(state);
	sas[0].used = false;
	assert_int_equal(deleted(), 0);
	/* or only just: transactions may end on the older one */
	two_generations(state);
	sas[0].first_use_ms = 1000;
	assert_int_equal(deleted(), 0);
	/* both as old */
	two_generations(state);
	sas[4].age_ms = sas[5].age_ms = sas[6].age_ms = sas[7].age_ms = HOUR;
	assert_int_equal(deleted(), 0);
	/* the policy still demands the older SA C */
	two_generations(state);
	outs[1].reqid = sas[6].reqid;
	assert_int_equal(deleted(), 3);
}

static void test_spi(void **state)
{
	healthy(state);
	sas[GMGUARD_SA_NAME_B].spi = sas[GMGUARD_SA_NAME_D].spi;
	sas[GMGUARD_SA_NAME_B].reqid = outs[0].reqid;
	find();
	only(FINDING_SPI, 1);
	assert_string_equal(found.v[0].text, "UE 10.33.0.11: SA B and SA D have the same SPI 0x00001003");
	forget();

	/* inbound ones of two UEs; the UEs' own may be equal */
	healthy(state);
	quad(&sas[4], 1, HOUR);
	gmg_addr_parse("10.33.0.12", &sas[4].ue_addr);
	sas[5].ue_addr = sas[6].ue_addr = sas[7].ue_addr = sas[4].ue_addr;
	n_sas = 8;
	add_policy(&sas[5]);
	add_policy(&sas[6]);
	sas[5].spi = sas[1].spi;
	find();
	only(FINDING_SPI, 0);
	forget();
	sas[4].spi = sas[0].spi;
	find();
	only(FINDING_SPI, 1);
	forget();
}

static void test_counters(void **state)
{
	healthy(state);
	stats.count[0] = (struct gmg_count){
		.reason = GMGUARD_REASON_IN_PLAINTEXT, .packets = 5 };
	stats.count[1] = (struct gmg_count){
		.reason = GMGUARD_REASON_OUT_PLAINTEXT };
	stats.n_count = 2;
	find();
	only(FINDING_IN_PLAINTEXT, 1);
	assert_false(findings_matter(&found));
	forget();
	stats.count[1].packets = 1;
	/* of endpoints that audit */
	stats.count[1].audited = 2;
	find();
	assert_int_equal(found.n, 2);
	assert_string_equal(found.v[0].text, "3 packets were about to leave protected ports in clear");
	assert_true(findings_matter(&found));
	forget();
}

static void test_kinds(void **state)
{
	int kind, other;

	(void)state;
	for (kind = 0; kind < FINDING_KINDS; kind++) {
		assert_non_null(strchr(finding_id(kind), '-'));
		assert_true(strlen(finding_advice(kind)) > 40);
		for (other = 0; other < kind; other++)
			assert_string_not_equal(finding_id(kind),
						finding_id(other));
	}
}

int main(void)
{
	add_test("doctor: nothing is found on a healthy P-CSCF", test_healthy);
	add_test("GM-01 doctor: an endpoint lacks policies", test_endpoint);
	add_test("GM-01 doctor: an interface evades IPsec", test_iface);
	add_test("GM-03 doctor: a selector is not exact", test_inexact);
	add_test("GM-04 doctor: a set is not complete", test_incomplete);
	add_test("GM-04 doctor: no policy leads to an SA", test_policy);
	add_test("GM-10 doctor: SAs are older than the proxy", test_leftover);
	add_test("GM-10 doctor: SAs without end and use", test_idle);
	add_test("GM-10 doctor: a newer SA has the selector", test_duplicate);
	add_test("GM-10 doctor: what may be needed is not deleted",
		 test_duplicate_unsafe);
	add_test("GM-06 doctor: an SPI is there twice", test_spi);
	add_test("AT-01 AT-26 doctor: plaintext was dropped", test_counters);
	add_test("doctor: kinds have ids and advice", test_kinds);
	return run_all("findings");
}
