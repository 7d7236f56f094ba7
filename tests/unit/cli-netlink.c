// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cli-netlink.c - the library below gmguard and gmguardd: the kernel's
 * refusals as sentences, and answers that are broken.
 */
#include <stdlib.h>

#include "../../agent/kernel-priv.h"
#include "cli-tap.h"

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

static void check(int error, const struct refusal *r, const char *want,
		  const char *text)
{
	struct nl_msg *req = request(), *ack = nlmsg_alloc_size(4096);
	struct nlmsgerr err = { .error = error };
	struct gmg_kernel k = { 0 };
	struct nlmsghdr *nlh;

	nlh = nlmsg_put(ack, 0, 1, NLMSG_ERROR, 0,
			NLM_F_CAPPED | NLM_F_ACK_TLVS);
	err.msg = *nlmsg_hdr(req);
	nlmsg_append(ack, &err, sizeof(err), NLMSG_ALIGNTO);
	if (r->msg)
		nla_put_string(ack, NLMSGERR_ATTR_MSG, r->msg);
	if (r->at)
		nla_put_u32(ack, NLMSGERR_ATTR_OFFS, (uint32_t)r->at);
	if (r->missing)
		nla_put_u32(ack, NLMSGERR_ATTR_MISS_TYPE,
			    (uint32_t)r->missing);
	if (r->missing_in)
		nla_put_u32(ack, NLMSGERR_ATTR_MISS_NEST,
			    (uint32_t)r->missing_in);
	put_range(ack, r);
	ok(gmg_error_format(&k, nlmsg_hdr(req), nlh, error) == error,
	   "the errno stays");
	same(k.err, want, text);
	nlmsg_free(req);
	nlmsg_free(ack);
}

static void test_refusals(void)
{
	check(-EINVAL, &(struct refusal){ .msg = "port-us can't be 5060",
	      .at = AT_PORT }, "port-us can't be 5060",
	      "a text that names its attribute stands alone");
	check(-EINVAL, &(struct refusal){ .msg = "can't be 5060",
	      .at = AT_PORT }, "port-us: can't be 5060",
	      "else the attribute is named");
	check(-ERANGE, &(struct refusal){ .msg = "integer out of range",
	      .at = AT_SEQ, .min = 256, .max = 4294967295u },
	      "seq: integer out of range (256 to 4294967295)",
	      "the kernel's policy shows as a range");
	check(-EINVAL, &(struct refusal){
	      .missing = GMGUARD_A_SA_SET_PORT_UC, .missing_in = AT_SET },
	      "port-uc is missing", "a missing attribute is named");
	check(-EINVAL, &(struct refusal){ .missing = GMGUARD_A_SA_NAME,
	      .missing_in = AT_SA }, "name is missing",
	      "... in a nest in a nest");
	check(-EINVAL, &(struct refusal){ .missing = GMGUARD_A_SA_SET },
	      "sa-set is missing", "... at the top level");
	check(-EINVAL, &(struct refusal){
	      .msg = "alg-key is missing: give IK_ESP",
	      .missing = GMGUARD_A_SA_SET_ALG_KEY, .missing_in = AT_SET },
	      "alg-key is missing: give IK_ESP", "... once");
	check(-EINVAL, &(struct refusal){ .msg = NULL },
	      "Invalid argument (the kernel module gave no reason)",
	      "without a reason that is said");
	check(-EPERM, &(struct refusal){ .msg = NULL },
	      "needs CAP_NET_ADMIN (run as root or with sudo)",
	      "AT-34 without permission the capability is named");
	check(-EINVAL, &(struct refusal){ .msg = "bad", .at = 0x7ffffff0,
	      .missing = 999, .missing_in = 3 }, "bad",
	      "offsets and types beyond all bounds do no harm");
	check(-EINVAL, &(struct refusal){ .msg = "bad", .at = AT_SEQ + 2 },
	      "bad", "... nor one inside an attribute");
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

static void test_set(void)
{
	struct nlattr *tb[GMGUARD_A_MAX + 1];
	struct nl_msg *msg = full_set();
	struct gmg_saset set, copy;

	ok(!gmg_parse_top(nlmsg_hdr(msg), tb) &&
	   !gmg_saset_parse(tb[GMGUARD_A_SA_SET], &set), "a set is read");
	ok(set.id == 7 && set.ue_addr.family == AF_INET6 &&
	   set.port_uc == 31000 && set.in_use && !strcmp(set.impi, "a@b"),
	   "... with its fields");
	ok(set.sa[3].packets == (1ull << 40) + 3, "... and its four SAs");
	ok(!gmg_saset_copy(&copy, &set) && copy.agent_data_len == 3 &&
	   copy.agent_data != set.agent_data &&
	   !memcmp(copy.agent_data, "xyz", 3), "a copy has its own data");
	gmg_saset_clear(&copy);
	ok(!copy.agent_data && !copy.id, "a cleared set is empty");
	ok(gmg_saset_parse(NULL, &set) == -EBADMSG, "no set is refused");
	nlmsg_free(msg);
}

/* Every byte of an answer may be anything: nothing is read beyond its end. */
static void test_broken(void)
{
	struct nl_msg *msg = full_set();
	uint32_t len = nlmsg_hdr(msg)->nlmsg_len, i;
	unsigned int seed = 1, round;
	bool good = true;

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
			if (!gmg_saset_parse(tb[GMGUARD_A_SA_SET], &set))
				good = good && strlen(set.impi) < 256 &&
				       set.agent_data_len < len;
			gmg_endpoint_parse(tb[GMGUARD_A_ENDPOINT], &ep);
			gmg_endpoint_parse(tb[GMGUARD_A_SA_SET], &ep);
			gmg_drop_parse(tb[GMGUARD_A_SA_SET], &drop);
		}
		free(copy);
	}
	ok(good, "200000 broken answers do no harm");
	nlmsg_free(msg);
}

static void test_names(void)
{
	bool good = true;
	uint32_t i;

	for (i = 1; i <= GMGUARD_REASON_MAX; i++)
		good = good && gmg_reason_by_name(gmg_reason_name(i)) == i &&
		       gmg_reason_doc(i)[0];
	ok(good, "every reason has a name and an explanation");
	ok(!strcmp(gmg_reason_name(0), "unknown") &&
	   !strcmp(gmg_reason_name(~0u), "unknown") &&
	   !gmg_reason_by_name("x") && !gmg_reason_by_name(""),
	   "other reasons are unknown");
	ok(gmg_alg_by_name("HMAC-SHA-1-96") == GMGUARD_ALG_HMAC_SHA_1_96 &&
	   gmg_ealg_by_name("null") == GMGUARD_EALG_NULL &&
	   gmg_phase_by_name("established") == GMGUARD_PHASE_ESTABLISHED &&
	   gmg_sa_by_name("A") == 0 && gmg_sa_by_name("e") == -1,
	   "names are found in any case");
}

int main(void)
{
	test_refusals();
	test_set();
	test_broken();
	test_names();
	return done();
}
