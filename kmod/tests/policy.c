// SPDX-License-Identifier: GPL-2.0-only
/*
 * The policies of the netlink attributes: what never gets as far as a handler.
 */
#include "netlink-gen.h"
#include "test.h"

#define BYTES(text) .data = (text), .len = sizeof(text) - 1
#define U8(value) .number = (value), .len = sizeof(u8)
#define U16(value) .number = (value), .len = sizeof(u16)
#define U32(value) .number = (value), .len = sizeof(u32)
#define FLAG .len = 0
#define FILLED(n) .fill = true, .len = (n)

#define ENDPOINT(attr) .nest = GMGUARD_A_ENDPOINT, \
	.type = GMGUARD_A_ENDPOINT_##attr
#define SET(attr) .nest = GMGUARD_A_SA_SET, .type = GMGUARD_A_SA_SET_##attr
#define LIMITS(attr) .nest = GMGUARD_A_LIMITS, \
	.type = GMGUARD_A_LIMITS_##attr
/* Nests in nests: what is allowed in them is the same wherever they are. */
#define PREFIX(attr) .nest = GMGUARD_A_ENDPOINT, \
	.inner = GMGUARD_A_ENDPOINT_EXEMPT, .type = GMGUARD_A_PREFIX_##attr
#define SA(attr) .nest = GMGUARD_A_SA_SET, .inner = GMGUARD_A_SA_SET_SA, \
	.type = GMGUARD_A_SA_##attr

static const struct nl_attribute {
	const char *name;
	u16 nest;
	u16 inner;
	u16 type;
	u32 number;	/* host byte order, if neither of the next two is set */
	const char *data;
	bool fill;
	u16 len;
	int err;
} attributes[] = {
	{ "accept an IPv4 address", ENDPOINT(LOCAL_ADDR), FILLED(4) },
	{ "accept an IPv6 address", ENDPOINT(LOCAL_ADDR), FILLED(16) },
	{ "refuse an address of 3 bytes", ENDPOINT(LOCAL_ADDR), FILLED(3),
	  .err = -ERANGE },
	{ "refuse an address of 17 bytes", SET(UE_ADDR), FILLED(17),
	  .err = -ERANGE },
	{ "accept port 1", ENDPOINT(PORT_PS), U16(1) },
	{ "accept port 65535", ENDPOINT(PORT_PS), U16(65535) },
	{ "refuse port 0", ENDPOINT(PORT_PS), U16(0), .err = -ERANGE },
	{ "refuse port_pc 0", ENDPOINT(PORT_PC), U16(0), .err = -ERANGE },
	{ "refuse port_uc 0", SET(PORT_UC), U16(0), .err = -ERANGE },
	{ "refuse port_us 0", SET(PORT_US), U16(0), .err = -ERANGE },
	{ "refuse a port of 4 bytes", SET(PORT_UC), U32(5062),
	  .err = -EINVAL },
	{ "refuse a port of 1 byte", SET(PORT_UC), U8(1), .err = -EINVAL },
	{ "refuse policies that shadow those of an adopting proxy",
	  ENDPOINT(POLICY_PRIORITY), U32(2080), .err = -ERANGE },
	{ "accept a priority above those", ENDPOINT(POLICY_PRIORITY),
	  U32(2081) },
	{ "accept a flag", ENDPOINT(AUDIT), FLAG },
	{ "refuse a flag with a value", ENDPOINT(AUDIT), U32(1),
	  .err = -ERANGE },
	{ "refuse a counter of an endpoint", ENDPOINT(SETS), U32(1),
	  .err = -EINVAL },
	{ "refuse an attribute that an endpoint does not have",
	  .nest = GMGUARD_A_ENDPOINT, .type = GMGUARD_A_ENDPOINT_MAX + 1,
	  FLAG, .err = -EINVAL },
	{ "accept a prefix of 1 bit", PREFIX(LEN), U8(1) },
	{ "refuse a prefix that exempts everything", PREFIX(LEN), U8(0),
	  .err = -ERANGE },
	{ "refuse a prefix of 129 bits", PREFIX(LEN), U8(129),
	  .err = -ERANGE },

	{ "GM-06: accept SPI 256", SET(SPI_UC), U32(256) },
	{ "GM-06: refuse spi_uc below 256", SET(SPI_UC), U32(255),
	  .err = -ERANGE },
	{ "GM-06: refuse spi_us below 256", SET(SPI_US), U32(255),
	  .err = -ERANGE },
	{ "GM-06: refuse spi_pc below 256", SET(SPI_PC), U32(255),
	  .err = -ERANGE },
	{ "GM-06: refuse spi_ps below 256", SET(SPI_PS), U32(255),
	  .err = -ERANGE },
	{ "refuse set id 0", SET(ID), U32(0), .err = -ERANGE },
	{ "refuse alg 0", SET(ALG), U32(0), .err = -ERANGE },
	{ "refuse an alg that does not exist", SET(ALG),
	  U32(GMGUARD_ALG_MAX + 1), .err = -ERANGE },
	{ "refuse an ealg that does not exist", SET(EALG),
	  U32(GMGUARD_EALG_MAX + 1), .err = -ERANGE },
	{ "refuse a phase that does not exist", SET(PHASE),
	  U32(GMGUARD_PHASE_MAX + 1), .err = -ERANGE },
	{ "accept a key of 64 bytes", SET(ALG_KEY), FILLED(64) },
	{ "refuse a longer key", SET(ALG_KEY), FILLED(65), .err = -ERANGE },
	{ "refuse a longer encryption key", SET(EALG_KEY), FILLED(65),
	  .err = -ERANGE },
	{ "accept an IMPI of 255 bytes and a NUL", SET(IMPI),
	  .fill = true, .number = 1, .len = GMGUARD_IMPI_MAX + 1 },
	{ "refuse an IMPI without a NUL", SET(IMPI), BYTES("a@b"),
	  .err = -EINVAL },
	{ "refuse an IMPI of 256 bytes", SET(IMPI),
	  .fill = true, .number = 1, .len = GMGUARD_IMPI_MAX + 2,
	  .err = -EINVAL },
	{ "GM-28: refuse a lifetime of 0", SET(LIFETIME_MS), U32(0),
	  .err = -ERANGE },
	{ "GM-28: accept the longest lifetime", SET(LIFETIME_MS),
	  U32(0x7fffffff) },
	{ "GM-28: refuse one that jiffies can't hold", SET(LIFETIME_MS),
	  U32(0x80000000), .err = -ERANGE },
	{ "refuse more agent data than a dump holds", SET(AGENT_DATA),
	  FILLED(GMGUARD_AGENT_DATA_MAX + 1), .err = -ERANGE },
	{ "refuse an age that user space makes up", SET(AGE_MS), U32(1),
	  .err = -EINVAL },
	{ "refuse an in-use that user space makes up", SET(IN_USE), FLAG,
	  .err = -EINVAL },
	{ "GM-10: accept an initial sequence number", SA(SEQ), U32(7) },
	{ "refuse an SA beyond D", SA(NAME), U32(4), .err = -ERANGE },
	{ "refuse an SPI inside an SA", SA(SPI), U32(256), .err = -EINVAL },
	{ "refuse a packet counter inside an SA", SA(PACKETS), U32(1),
	  .err = -EINVAL },

	{ "refuse a limit of no sets", LIMITS(MAX_SETS), U32(0),
	  .err = -ERANGE },
	{ "GM-28: refuse temporary sets without life",
	  LIMITS(TEMPORARY_MS), U32(0), .err = -ERANGE },
	{ "GM-33: refuse a grace of 0", LIMITS(GRACE_MS), U32(0),
	  .err = -ERANGE },
	{ "GM-02: accept no limit for each source",
	  LIMITS(UNPROTECTED_RATE), U32(0) },
	{ "GM-02: refuse a rate that nanoseconds can't tell from none",
	  LIMITS(UNPROTECTED_RATE), U32(1000001), .err = -ERANGE },
	{ "GM-02: refuse more connections than there are places",
	  LIMITS(UNPROTECTED_CONNECTIONS), U32(8193), .err = -ERANGE },

	{ "refuse an event from user space",
	  .type = GMGUARD_A_EVENT, U32(1), .err = -EINVAL },
	{ "refuse a drop sample from user space",
	  .type = GMGUARD_A_DROP, FLAG, .err = -EINVAL },
	{ "refuse statistics from user space",
	  .type = GMGUARD_A_STATS, FLAG, .err = -EINVAL },
	{ "refuse an adopted SA from user space",
	  .type = GMGUARD_A_ADOPTED, FLAG, .err = -EINVAL },
	{ "refuse an attribute that no message has",
	  .type = GMGUARD_A_MAX + 1, FLAG, .err = -EINVAL },
	{ "refuse a set that is no nest", .type = GMGUARD_A_SA_SET, U8(1),
	  .err = -EINVAL },
};

GMG_ROWS(attributes);

/* A message with nothing but that attribute. */
static int put(struct sk_buff *msg, const struct nl_attribute *row)
{
	struct nlattr *inner = NULL;
	struct nlattr *nest = NULL;
	struct nlattr *attr;
	u16 half = row->number;
	u8 byte = row->number;

	if (row->nest)
		nest = nla_nest_start(msg, row->nest);
	if (row->inner)
		inner = nla_nest_start(msg, row->inner);
	attr = nla_reserve(msg, row->type, row->len);
	if (!attr || (row->nest && !nest) || (row->inner && !inner))
		return -EMSGSIZE;
	if (row->fill) {
		memset(nla_data(attr), 'a', row->len);
		/* Text ends with NUL. */
		if (row->number)
			((char *)nla_data(attr))[row->len - 1] = 0;
	} else if (row->data) {
		memcpy(nla_data(attr), row->data, row->len);
	} else if (row->len == sizeof(byte)) {
		memcpy(nla_data(attr), &byte, row->len);
	} else if (row->len == sizeof(half)) {
		memcpy(nla_data(attr), &half, row->len);
	} else {
		memcpy(nla_data(attr), &row->number, row->len);
	}
	if (inner)
		nla_nest_end(msg, inner);
	if (nest)
		nla_nest_end(msg, nest);
	return 0;
}

static void attribute(struct kunit *test)
{
	const struct nl_attribute *row = test->param_value;
	struct sk_buff *msg = nlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	struct netlink_ext_ack extack = {};
	int err;

	KUNIT_ASSERT_NOT_NULL(test, msg);
	err = put(msg, row);
	KUNIT_EXPECT_EQ(test, err, 0);
	if (!err)
		KUNIT_EXPECT_EQ(test,
				nla_validate((const struct nlattr *)msg->data,
					     msg->len,
					     gmguard_nl_family.maxattr,
					     gmguard_nl_family.policy,
					     &extack),
				row->err);
	if (row->err)
		KUNIT_EXPECT_NOT_NULL(test, extack.bad_attr);
	nlmsg_free(msg);
}

static const struct command {
	const char *name;
	u32 cmd;
} commands[] = {
	{ "AT-34: ENDPOINT_NEW needs CAP_NET_ADMIN",
	  GMGUARD_CMD_ENDPOINT_NEW },
	{ "AT-34: ENDPOINT_SET needs CAP_NET_ADMIN",
	  GMGUARD_CMD_ENDPOINT_SET },
	{ "AT-34: ENDPOINT_DEL needs CAP_NET_ADMIN",
	  GMGUARD_CMD_ENDPOINT_DEL },
	{ "AT-34: ENDPOINT_GET needs CAP_NET_ADMIN",
	  GMGUARD_CMD_ENDPOINT_GET },
	{ "AT-34: SA_SET_NEW needs CAP_NET_ADMIN", GMGUARD_CMD_SA_SET_NEW },
	{ "AT-34: SA_SET_SET needs CAP_NET_ADMIN", GMGUARD_CMD_SA_SET_SET },
	{ "AT-34: SA_SET_DEL needs CAP_NET_ADMIN", GMGUARD_CMD_SA_SET_DEL },
	{ "AT-34: SA_SET_GET needs CAP_NET_ADMIN", GMGUARD_CMD_SA_SET_GET },
	{ "AT-34: STATS_GET needs CAP_NET_ADMIN", GMGUARD_CMD_STATS_GET },
	{ "AT-34: LIMITS_GET needs CAP_NET_ADMIN", GMGUARD_CMD_LIMITS_GET },
	{ "AT-34: LIMITS_SET needs CAP_NET_ADMIN", GMGUARD_CMD_LIMITS_SET },
	{ "AT-34: ADOPTED_GET needs CAP_NET_ADMIN",
	  GMGUARD_CMD_ADOPTED_GET },
	{ "AT-34: RULESET_SET needs CAP_NET_ADMIN", GMGUARD_CMD_RULESET_SET },
	{ "AT-34: RULESET_GET needs CAP_NET_ADMIN", GMGUARD_CMD_RULESET_GET },
};

GMG_ROWS(commands);

/* Strict validation is what takes no unknown attribute. */
static void command(struct kunit *test)
{
	const struct command *row = test->param_value;
	const struct genl_family *family = &gmguard_nl_family;
	unsigned int found = 0;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, family->n_ops, ARRAY_SIZE(commands));
	for (i = 0; i < family->n_ops; i++) {
		const struct genl_ops *op = &family->ops[i];

		if (op->cmd != row->cmd)
			continue;
		found++;
		KUNIT_EXPECT_EQ(test, op->flags, GENL_UNS_ADMIN_PERM);
		KUNIT_EXPECT_EQ(test, op->validate, 0);
	}
	KUNIT_EXPECT_EQ(test, found, 1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(attribute, attributes_gen_params),
	KUNIT_CASE_PARAM(command, commands_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "gmguard-policy",
	.test_cases = cases,
};

kunit_test_suite(suite);
