// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The library below gmguard and gmguardd: the kernel's refusals as sentences,
 * and answers that are broken.
 */
#include "kernel-priv.h"
#include "test.h"

/* A SA_SET_NEW with a port_us and an nest "sa" with a sequence number. */
static struct nl_msg *request(void)
{
	struct nl_msg *msg = nlmsg_alloc_size(4096);
	struct nlattr *set, *sa;

	genlmsg_put(msg, 1, 1, 30, 0, NLM_F_REQUEST, GMGUARD_CMD_SA_SET_NEW,
		    GMGUARD_FAMILY_VERSION);
	set = nla_nest_start(msg, GMGUARD_A_SA_SET | NLA_F_NESTED);
	nla_put_u16(msg, GMGUARD_A_SA_SET_PORT_US, 5060);
	sa = nla_nest_start(msg, GMGUARD_A_SA_SET_SA | NLA_F_NESTED);
	nla_put_u32(msg, GMGUARD_A_SA_SEQ, 7);
	nla_nest_end(msg, sa);
	nla_nest_end(msg, set);
	return msg;
}

/* where those are in the request */
#define AT_SET	20
#define AT_PORT	24
#define AT_SA	32
#define AT_SEQ	36

/* One acknowledgement; what is 0 is absent. */
struct refusal {
	const char *msg;
	int at;
	int missing;
	int missing_in;
	uint64_t min, max;
};

static void put_range(struct nl_msg *ack, const struct refusal *r)
{
	struct nlattr *nest;

	if (!r->max)
		return;
	nest = nla_nest_start(ack, NLMSGERR_ATTR_POLICY);
	nla_put_u64(ack, NL_POLICY_TYPE_ATTR_MIN_VALUE_U, r->min);
	nla_put_u64(ack, NL_POLICY_TYPE_ATTR_MAX_VALUE_U, r->max);
	nla_nest_end(ack, nest);
}

/* A refusal and the sentence that comes out of it. */
static const struct refusal_row {
	const char *name;
	int error;
	struct refusal r;
	const char *want;
} refusals[] = {
	{ "cli: a text that names its attribute stands alone", -EINVAL,
	  { .msg = "port-us can't be 5060", .at = AT_PORT },
	  "port-us can't be 5060" },
	{ "cli: else the attribute is named", -EINVAL,
	  { .msg = "can't be 5060", .at = AT_PORT },
	  "port-us: can't be 5060" },
	{ "cli: the kernel's policy shows as a range", -ERANGE,
	  { .msg = "integer out of range", .at = AT_SEQ, .min = 256,
	    .max = 4294967295u },
	  "seq: integer out of range (256 to 4294967295)" },
	{ "cli: a missing attribute is named", -EINVAL,
	  { .missing = GMGUARD_A_SA_SET_PORT_UC, .missing_in = AT_SET },
	  "port-uc is missing" },
	{ "cli: a missing attribute in a nest in a nest is named", -EINVAL,
	  { .missing = GMGUARD_A_SA_NAME, .missing_in = AT_SA },
	  "name is missing" },
	{ "cli: a missing attribute at the top level is named", -EINVAL,
	  { .missing = GMGUARD_A_SA_SET }, "sa-set is missing" },
	{ "cli: a missing attribute is named once", -EINVAL,
	  { .msg = "alg-key is missing: give IK_ESP",
	    .missing = GMGUARD_A_SA_SET_ALG_KEY, .missing_in = AT_SET },
	  "alg-key is missing: give IK_ESP" },
	{ "cli: without a reason that is said", -EINVAL, { .msg = NULL },
	  "Invalid argument (the kernel module gave no reason)" },
	{ "AT-34 cli: without permission the capability is named", -EPERM,
	  { .msg = NULL },
	  "needs CAP_NET_ADMIN (run as root or with sudo)" },
	{ "cli: offsets and types beyond all bounds do no harm", -EINVAL,
	  { .msg = "bad", .at = 0x7ffffff0, .missing = 999, .missing_in = 3 },
	  "bad" },
	{ "cli: an offset inside an attribute does no harm", -EINVAL,
	  { .msg = "bad", .at = AT_SEQ + 2 }, "bad" },
};

static void test_refusal(void **state)
{
	const struct refusal_row *row = *state;
	struct nl_msg *req = request(), *ack = nlmsg_alloc_size(4096);
	struct nlmsgerr err = { .error = row->error };
	struct gmg_kernel k = { 0 };
	struct nlmsghdr *nlh;

	nlh = nlmsg_put(ack, 0, 1, NLMSG_ERROR, 0,
			NLM_F_CAPPED | NLM_F_ACK_TLVS);
	err.msg = *nlmsg_hdr(req);
	nlmsg_append(ack, &err, sizeof(err), NLMSG_ALIGNTO);
	if (row->r.msg)
		nla_put_string(ack, NLMSGERR_ATTR_MSG, row->r.msg);
	if (row->r.at)
		nla_put_u32(ack, NLMSGERR_ATTR_OFFS, (uint32_t)row->r.at);
	if (row->r.missing)
		nla_put_u32(ack, NLMSGERR_ATTR_MISS_TYPE,
			    (uint32_t)row->r.missing);
	if (row->r.missing_in)
		nla_put_u32(ack, NLMSGERR_ATTR_MISS_NEST,
			    (uint32_t)row->r.missing_in);
	put_range(ack, &row->r);
	assert_int_equal(gmg_error_format(&k, nlmsg_hdr(req), nlh,
					  row->error), row->error);
	assert_string_equal(k.err, row->want);
	nlmsg_free(req);
	nlmsg_free(ack);
}

static struct nl_msg *full_set(void)
{
	struct nl_msg *msg = nlmsg_alloc_size(4096);
	static const uint8_t addr[16] = { 0xfd, 0x33, [15] = 1 };
	struct nlattr *set, *sa;
	uint32_t i;

	genlmsg_put(msg, 1, 1, 30, 0, 0, GMGUARD_CMD_SA_SET_GET,
		    GMGUARD_FAMILY_VERSION);
	set = nla_nest_start(msg, GMGUARD_A_SA_SET | NLA_F_NESTED);
	nla_put_u32(msg, GMGUARD_A_SA_SET_ID, 7);
	nla_put(msg, GMGUARD_A_SA_SET_UE_ADDR, 16, addr);
	nla_put_u16(msg, GMGUARD_A_SA_SET_PORT_UC, 31000);
	nla_put_string(msg, GMGUARD_A_SA_SET_IMPI, "a@b");
	nla_put(msg, GMGUARD_A_SA_SET_AGENT_DATA, 3, "xyz");
	nla_put_u32(msg, GMGUARD_A_SA_SET_GROUP, 9);
	nla_put_flag(msg, GMGUARD_A_SA_SET_EMERGENCY);
	nla_put_flag(msg, GMGUARD_A_SA_SET_IN_USE);
	for (i = 0; i < GMG_SA_NUM; i++) {
		sa = nla_nest_start(msg, GMGUARD_A_SA_SET_SA | NLA_F_NESTED);
		nla_put_u32(msg, GMGUARD_A_SA_NAME, i);
		nla_put_u64(msg, GMGUARD_A_SA_PACKETS, (1ull << 40) + i);
		nla_nest_end(msg, sa);
	}
	nla_nest_end(msg, set);
	return msg;
}

static void test_set(void **state)
{
	struct nlattr *tb[GMGUARD_A_MAX + 1];
	struct nl_msg *msg = full_set();
	struct gmg_saset set;

	(void)state;
	assert_int_equal(gmg_parse_top(nlmsg_hdr(msg), tb), 0);
	assert_int_equal(gmg_saset_parse(tb[GMGUARD_A_SA_SET], &set), 0);
	assert_int_equal(set.id, 7);
	assert_int_equal(set.ue_addr.family, AF_INET6);
	assert_int_equal(set.port_uc, 31000);
	assert_int_equal(set.group, 9);
	assert_true(set.emergency);
	assert_true(set.in_use);
	assert_string_equal(set.impi, "a@b");
	assert_true(set.sa[3].packets == (1ull << 40) + 3);
	assert_int_equal(gmg_saset_parse(NULL, &set), -EBADMSG);
	nlmsg_free(msg);
}

/* An endpoint as the kernel shows it, with two flags or none. */
static struct gmg_endpoint read_endpoint(bool flags)
{
	struct nl_msg *msg = nlmsg_alloc_size(4096);
	struct nlattr *tb[GMGUARD_A_MAX + 1];
	struct gmg_endpoint ep;
	struct nlattr *nest;

	genlmsg_put(msg, 1, 1, 30, 0, 0, GMGUARD_CMD_ENDPOINT_GET,
		    GMGUARD_FAMILY_VERSION);
	nest = nla_nest_start(msg, GMGUARD_A_ENDPOINT | NLA_F_NESTED);
	nla_put_u32(msg, GMGUARD_A_ENDPOINT_ID, 3);
	nla_put_u16(msg, GMGUARD_A_ENDPOINT_PORT_UNPROTECTED, 5060);
	nla_put_u16(msg, GMGUARD_A_ENDPOINT_PORT_UNPROTECTED, 5070);
	if (flags) {
		nla_put_flag(msg, GMGUARD_A_ENDPOINT_EMERGENCY);
		nla_put_flag(msg, GMGUARD_A_ENDPOINT_AUDIT);
		nla_put_flag(msg, GMGUARD_A_ENDPOINT_STUN);
	}
	nla_nest_end(msg, nest);
	assert_int_equal(gmg_parse_top(nlmsg_hdr(msg), tb), 0);
	assert_int_equal(gmg_endpoint_parse(tb[GMGUARD_A_ENDPOINT], &ep), 0);
	nlmsg_free(msg);
	return ep;
}

static void test_endpoint(void **state)
{
	struct gmg_endpoint ep = read_endpoint(true);

	(void)state;
	assert_int_equal(ep.id, 3);
	assert_int_equal(ep.n_port_unprotected, 2);
	assert_true(ep.emergency);
	assert_true(ep.audit);
	assert_true(ep.stun);
	ep = read_endpoint(false);
	assert_false(ep.emergency);
	assert_false(ep.audit);
	assert_false(ep.stun);
}

static void test_drop(void **state)
{
	struct nl_msg *msg = nlmsg_alloc_size(4096);
	struct nlattr *tb[GMGUARD_A_MAX + 1];
	struct gmg_drop drop;
	struct nlattr *nest;

	(void)state;
	genlmsg_put(msg, 1, 1, 30, 0, 0, GMGUARD_CMD_DROP_NTF,
		    GMGUARD_FAMILY_VERSION);
	nest = nla_nest_start(msg, GMGUARD_A_DROP | NLA_F_NESTED);
	nla_put_u32(msg, GMGUARD_A_DROP_REASON, GMGUARD_REASON_IN_UNPROTECTED);
	nla_put_u16(msg, GMGUARD_A_DROP_DST_PORT, 5060);
	nla_put_flag(msg, GMGUARD_A_DROP_AUDITED);
	nla_nest_end(msg, nest);
	assert_int_equal(gmg_parse_top(nlmsg_hdr(msg), tb), 0);
	assert_int_equal(gmg_drop_parse(tb[GMGUARD_A_DROP], &drop), 0);
	assert_int_equal(drop.reason, GMGUARD_REASON_IN_UNPROTECTED);
	assert_int_equal(drop.dst_port, 5060);
	assert_true(drop.audited);
	assert_int_equal(drop.suppressed, 0);
	nlmsg_free(msg);
}

static void test_copy(void **state)
{
	struct nlattr *tb[GMGUARD_A_MAX + 1];
	struct nl_msg *msg = full_set();
	struct gmg_saset set, copy;

	(void)state;
	gmg_parse_top(nlmsg_hdr(msg), tb);
	gmg_saset_parse(tb[GMGUARD_A_SA_SET], &set);
	assert_int_equal(gmg_saset_copy(&copy, &set), 0);
	assert_int_equal(copy.agent_data_len, 3);
	assert_ptr_not_equal(copy.agent_data, set.agent_data);
	assert_memory_equal(copy.agent_data, "xyz", 3);
	gmg_saset_clear(&copy);
	assert_null(copy.agent_data);
	assert_int_equal(copy.id, 0);
	nlmsg_free(msg);
}

/* Every byte of an answer may be anything: nothing is read beyond its end. */
static void test_broken(void **state)
{
	struct nl_msg *msg = full_set();
	uint32_t len = nlmsg_hdr(msg)->nlmsg_len, i;
	unsigned int seed = 1, round;

	(void)state;
	for (round = 0; round < 200000; round++) {
		struct nlattr *tb[GMGUARD_A_MAX + 1];
		unsigned char *copy = malloc(len);
		struct nlmsghdr *nlh = (struct nlmsghdr *)copy;
		struct gmg_endpoint ep;
		struct gmg_saset set;
		struct gmg_drop drop;

		memcpy(copy, nlmsg_hdr(msg), len);
		for (i = 0; i < 1 + round % 4; i++)
			copy[NLMSG_HDRLEN + rand_r(&seed) %
			     (len - NLMSG_HDRLEN)] = (uint8_t)rand_r(&seed);
		if (!gmg_parse_top(nlh, tb)) {
			if (!gmg_saset_parse(tb[GMGUARD_A_SA_SET], &set)) {
				assert_true(strlen(set.impi) < 256);
				assert_true(set.agent_data_len < len);
			}
			gmg_endpoint_parse(tb[GMGUARD_A_ENDPOINT], &ep);
			gmg_endpoint_parse(tb[GMGUARD_A_SA_SET], &ep);
			gmg_drop_parse(tb[GMGUARD_A_SA_SET], &drop);
		}
		free(copy);
	}
	nlmsg_free(msg);
}

static void test_reasons(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 1; i <= GMGUARD_REASON_MAX; i++) {
		assert_int_equal(gmg_reason_by_name(gmg_reason_name(i)), i);
		assert_true(gmg_reason_doc(i)[0]);
	}
	assert_string_equal(gmg_reason_name(0), "unknown");
	assert_string_equal(gmg_reason_name(~0u), "unknown");
	assert_int_equal(gmg_reason_by_name("x"), 0);
	assert_int_equal(gmg_reason_by_name(""), 0);
}

static void test_names(void **state)
{
	(void)state;
	assert_int_equal(gmg_alg_by_name("HMAC-SHA-1-96"),
			 GMGUARD_ALG_HMAC_SHA_1_96);
	assert_int_equal(gmg_alg_by_name("aes-gmac"), GMGUARD_ALG_AES_GMAC);
	assert_int_equal(gmg_alg_by_name("null"), GMGUARD_ALG_NULL);
	assert_int_equal(gmg_ealg_by_name("null"), GMGUARD_EALG_NULL);
	assert_int_equal(gmg_ealg_by_name("AES-GCM"), GMGUARD_EALG_AES_GCM);
	assert_int_equal(gmg_phase_by_name("superseded"),
			 GMGUARD_PHASE_SUPERSEDED);
	assert_int_equal(gmg_sa_by_name("A"), 0);
	assert_int_equal(gmg_sa_by_name("e"), -1);
}

int main(void)
{
	add_rows(refusals, test_refusal);
	add_test("cli: a set is read with all its fields and SAs", test_set);
	add_test("cli: an endpoint is read with its flags", test_endpoint);
	add_test("cli: a sample says whether the packet was dropped", test_drop);
	add_test("cli: a copy of a set has its own data", test_copy);
	add_test("cli: 200000 broken answers do no harm", test_broken);
	add_test("cli: every reason has a name and an explanation, no other",
		 test_reasons);
	add_test("cli: names are found in any case", test_names);
	return run_all("cli-netlink");
}
