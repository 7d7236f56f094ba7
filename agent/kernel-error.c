// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kernel-error.c - the kernel's refusals as one sentence.
 *
 * An extended acknowledgement (extack) holds the kernel's text, and where in
 * the request the fault is: as an offset, which is turned into a name here.
 */
#include <stdio.h>
#include <string.h>

#include "kernel-priv.h"
#include "limits.h"

/* Attributes of one nest, by number. */
struct attr_set;
struct attr_name {
	const char *name;
	const struct attr_set *nest;
};

struct attr_set {
	const struct attr_name *attr;
	size_t num;
};

#define ATTR_SET(list) \
	{ .attr = (list), .num = sizeof(list) / sizeof((list)[0]) }

static const struct attr_name prefix_attrs[] = {
	[GMGUARD_A_PREFIX_ADDR] = { .name = "addr" },
	[GMGUARD_A_PREFIX_LEN] = { .name = "len" },
};

static const struct attr_set prefix_set = ATTR_SET(prefix_attrs);

static const struct attr_name endpoint_attrs[] = {
	[GMGUARD_A_ENDPOINT_ID] = { .name = "id" },
	[GMGUARD_A_ENDPOINT_LOCAL_ADDR] = { .name = "local-addr" },
	[GMGUARD_A_ENDPOINT_PORT_PS] = { .name = "port-ps" },
	[GMGUARD_A_ENDPOINT_PORT_PC] = { .name = "port-pc" },
	[GMGUARD_A_ENDPOINT_PORT_UNPROTECTED] = {
		.name = "port-unprotected"
	},
	[GMGUARD_A_ENDPOINT_EXEMPT] = {
		.name = "exempt", .nest = &prefix_set
	},
	[GMGUARD_A_ENDPOINT_POLICY_PRIORITY] = { .name = "policy-priority" },
	[GMGUARD_A_ENDPOINT_FORCE] = { .name = "force" },
	[GMGUARD_A_ENDPOINT_SETS] = { .name = "sets" },
	[GMGUARD_A_ENDPOINT_POLICIES] = { .name = "policies" },
	[GMGUARD_A_ENDPOINT_EMERGENCY] = { .name = "emergency" },
	[GMGUARD_A_ENDPOINT_STUN] = { .name = "stun" },
	[GMGUARD_A_ENDPOINT_AUDIT] = { .name = "audit" },
};

static const struct attr_set endpoint_set = ATTR_SET(endpoint_attrs);

static const struct attr_name sa_attrs[] = {
	[GMGUARD_A_SA_NAME] = { .name = "name" },
	[GMGUARD_A_SA_SPI] = { .name = "spi" },
	[GMGUARD_A_SA_SEQ] = { .name = "seq" },
	[GMGUARD_A_SA_PACKETS] = { .name = "packets" },
	[GMGUARD_A_SA_BYTES] = { .name = "bytes" },
	[GMGUARD_A_SA_REPLAY_ERRORS] = { .name = "replay-errors" },
	[GMGUARD_A_SA_INTEGRITY_ERRORS] = { .name = "integrity-errors" },
};

static const struct attr_set sa_set = ATTR_SET(sa_attrs);

static const struct attr_name saset_attrs[] = {
	[GMGUARD_A_SA_SET_ID] = { .name = "id" },
	[GMGUARD_A_SA_SET_ENDPOINT_ID] = { .name = "endpoint-id" },
	[GMGUARD_A_SA_SET_LOCAL_ADDR] = { .name = "local-addr" },
	[GMGUARD_A_SA_SET_UE_ADDR] = { .name = "ue-addr" },
	[GMGUARD_A_SA_SET_PORT_UC] = { .name = "port-uc" },
	[GMGUARD_A_SA_SET_PORT_US] = { .name = "port-us" },
	[GMGUARD_A_SA_SET_PORT_PC] = { .name = "port-pc" },
	[GMGUARD_A_SA_SET_PORT_PS] = { .name = "port-ps" },
	[GMGUARD_A_SA_SET_SPI_UC] = { .name = "spi-uc" },
	[GMGUARD_A_SA_SET_SPI_US] = { .name = "spi-us" },
	[GMGUARD_A_SA_SET_SPI_PC] = { .name = "spi-pc" },
	[GMGUARD_A_SA_SET_SPI_PS] = { .name = "spi-ps" },
	[GMGUARD_A_SA_SET_ALG] = { .name = "alg" },
	[GMGUARD_A_SA_SET_EALG] = { .name = "ealg" },
	[GMGUARD_A_SA_SET_ALG_KEY] = { .name = "alg-key" },
	[GMGUARD_A_SA_SET_EALG_KEY] = { .name = "ealg-key" },
	[GMGUARD_A_SA_SET_IMPI] = { .name = "impi" },
	[GMGUARD_A_SA_SET_PHASE] = { .name = "phase" },
	[GMGUARD_A_SA_SET_LIFETIME_MS] = { .name = "lifetime-ms" },
	[GMGUARD_A_SA_SET_AGE_MS] = { .name = "age-ms" },
	[GMGUARD_A_SA_SET_PROTECTED_BY] = { .name = "protected-by" },
	[GMGUARD_A_SA_SET_GROUP] = { .name = "group" },
	[GMGUARD_A_SA_SET_EMERGENCY] = { .name = "emergency" },
	[GMGUARD_A_SA_SET_IN_USE] = { .name = "in-use" },
	[GMGUARD_A_SA_SET_AGENT_DATA] = { .name = "agent-data" },
	[GMGUARD_A_SA_SET_SA] = { .name = "sa", .nest = &sa_set },
	[GMGUARD_A_SA_SET_CAUSE] = { .name = "cause" },
};

static const struct attr_set saset_set = ATTR_SET(saset_attrs);

#define LIMIT_NAME(id, label, ...) \
	[GMGUARD_A_LIMITS_##id] = { .name = label },

static const struct attr_name limits_attrs[] = {
	GMG_LIMITS(LIMIT_NAME)
};

static const struct attr_set limits_set = ATTR_SET(limits_attrs);

static const struct attr_name range_attrs[] = {
	[GMGUARD_A_PORT_RANGE_PROTOCOL] = { .name = "protocol" },
	[GMGUARD_A_PORT_RANGE_FIRST] = { .name = "first" },
	[GMGUARD_A_PORT_RANGE_LAST] = { .name = "last" },
	[GMGUARD_A_PORT_RANGE_TLS] = { .name = "tls" },
};

static const struct attr_set range_set = ATTR_SET(range_attrs);

static const struct attr_name ruleset_attrs[] = {
	[GMGUARD_A_RULESET_GENERATION] = { .name = "generation" },
	[GMGUARD_A_RULESET_AUDIT] = { .name = "audit" },
	[GMGUARD_A_RULESET_NODE] = { .name = "node" },
	[GMGUARD_A_RULESET_PORT] = { .name = "port", .nest = &range_set },
	[GMGUARD_A_RULESET_ACCESS_DEV] = { .name = "access-dev" },
	[GMGUARD_A_RULESET_CORE_DEV] = { .name = "core-dev" },
	[GMGUARD_A_RULESET_UE_TO_UE] = { .name = "ue-to-ue" },
};

static const struct attr_set ruleset_set = ATTR_SET(ruleset_attrs);

static const struct attr_name rule_attrs[] = {
	[GMGUARD_A_RULE_KIND] = { .name = "kind" },
	[GMGUARD_A_RULE_NAME] = { .name = "name" },
	[GMGUARD_A_RULE_CLASS] = { .name = "class" },
	[GMGUARD_A_RULE_PREFIX] = { .name = "prefix", .nest = &prefix_set },
	[GMGUARD_A_RULE_PORT] = { .name = "port", .nest = &range_set },
	[GMGUARD_A_RULE_DEV] = { .name = "dev" },
	[GMGUARD_A_RULE_ESP] = { .name = "esp" },
	[GMGUARD_A_RULE_REQID] = { .name = "reqid" },
	[GMGUARD_A_RULE_MARK] = { .name = "mark" },
	[GMGUARD_A_RULE_MARK_MASK] = { .name = "mark-mask" },
	[GMGUARD_A_RULE_IF_ID] = { .name = "if-id" },
	[GMGUARD_A_RULE_TLS] = { .name = "tls" },
};

static const struct attr_set rule_set = ATTR_SET(rule_attrs);

static const struct attr_name top_attrs[] = {
	[GMGUARD_A_RULESET] = { .name = "ruleset", .nest = &ruleset_set },
	[GMGUARD_A_RULE] = { .name = "rule", .nest = &rule_set },
	[GMGUARD_A_ENDPOINT] = { .name = "endpoint", .nest = &endpoint_set },
	[GMGUARD_A_SA_SET] = { .name = "sa-set", .nest = &saset_set },
	[GMGUARD_A_LIMITS] = { .name = "limits", .nest = &limits_set },
};

static const struct attr_set top_set = ATTR_SET(top_attrs);

static const struct attr_name *find_name(const struct attr_set *set, int type)
{
	if (type < 0 || (size_t)type >= set->num || !set->attr[type].name)
		return NULL;
	return &set->attr[type];
}

/* A place in the request: its path, and the set that its children are of. */
struct place {
	char path[96];
	const struct attr_set *children;
};

/* Finds the attribute that begins @offset bytes into the request. */
static bool find_place(const struct nlmsghdr *req, uint32_t offset,
		       struct place *place)
{
	const char *want;
	struct nlattr *attr = genlmsg_attrdata(genlmsg_hdr((void *)req), 0);
	int rem = genlmsg_attrlen(genlmsg_hdr((void *)req), 0);
	const struct attr_set *set = &top_set;
	const struct attr_name *name;
	size_t used = 0;

	if (offset >= req->nlmsg_len)
		return false;
	want = (const char *)req + offset;
	while (set && nla_ok(attr, rem)) {
		if (want >= (char *)attr + NLA_ALIGN(attr->nla_len)) {
			attr = nla_next(attr, &rem);
			continue;
		}
		name = find_name(set, nla_type(attr));
		if (!name || want < (char *)attr ||
		    used >= sizeof(place->path))
			return false;
		used += snprintf(place->path + used,
				 sizeof(place->path) - used, "%s%s",
				 used ? "." : "", name->name);
		place->children = name->nest;
		if (want == (char *)attr)
			return true;
		set = name->nest;
		rem = nla_len(attr);
		attr = nla_data(attr);
	}
	return false;
}

/* Everything that an extack says, in our words. */
struct extack {
	const char *msg;
	char path[96];		/* attribute that is wrong */
	char missing[128];	/* attribute that is missing */
	char range[64];		/* what its value may be */
};

static void parse_missing(struct nlattr **tb, const struct nlmsghdr *req,
			  struct extack *ack)
{
	struct place parent = { .children = &top_set };
	const struct attr_name *name;
	uint32_t type;

	if (!tb[NLMSGERR_ATTR_MISS_TYPE])
		return;
	type = nla_get_u32(tb[NLMSGERR_ATTR_MISS_TYPE]);
	if (tb[NLMSGERR_ATTR_MISS_NEST] &&
	    !find_place(req, nla_get_u32(tb[NLMSGERR_ATTR_MISS_NEST]),
			&parent))
		return;
	name = parent.children ? find_name(parent.children, (int)type) : NULL;
	if (name)
		snprintf(ack->missing, sizeof(ack->missing), "%s%s%s",
			 parent.path, parent.path[0] ? "." : "", name->name);
}

static bool get_bound(struct nlattr *attr, uint64_t *bound)
{
	if (!attr || nla_len(attr) != sizeof(*bound))
		return false;
	*bound = nla_get_u64(attr);
	return true;
}

static void parse_range(struct nlattr *policy, struct extack *ack)
{
	struct nlattr *tb[NL_POLICY_TYPE_ATTR_MAX + 1], *len;
	uint64_t min, max;

	if (!policy || nla_parse_nested(tb, NL_POLICY_TYPE_ATTR_MAX, policy,
					NULL) < 0)
		return;
	len = tb[NL_POLICY_TYPE_ATTR_MAX_LENGTH];
	if (get_bound(tb[NL_POLICY_TYPE_ATTR_MIN_VALUE_U], &min) &&
	    get_bound(tb[NL_POLICY_TYPE_ATTR_MAX_VALUE_U], &max))
		snprintf(ack->range, sizeof(ack->range), "%llu to %llu",
			 (unsigned long long)min, (unsigned long long)max);
	else if (len && nla_len(len) == sizeof(uint32_t))
		snprintf(ack->range, sizeof(ack->range), "at most %u bytes",
			 nla_get_u32(len));
}

/* The TLVs behind an acknowledgement, or behind the end of a dump. */
static bool find_tlvs(const struct nlmsghdr *reply, struct nlattr **tlvs,
		      int *len)
{
	size_t skip = NLMSG_ALIGN(sizeof(int));
	const struct nlmsgerr *err = NLMSG_DATA(reply);

	if (!(reply->nlmsg_flags & NLM_F_ACK_TLVS))
		return false;
	if (reply->nlmsg_type == NLMSG_ERROR) {
		if (reply->nlmsg_len < NLMSG_LENGTH(sizeof(*err)))
			return false;
		skip = sizeof(*err);
		if (!(reply->nlmsg_flags & NLM_F_CAPPED) &&
		    err->msg.nlmsg_len >= NLMSG_HDRLEN)
			skip += NLMSG_ALIGN(err->msg.nlmsg_len) - NLMSG_HDRLEN;
	}
	if (reply->nlmsg_len < NLMSG_LENGTH(skip))
		return false;
	*tlvs = (struct nlattr *)((char *)NLMSG_DATA(reply) + skip);
	*len = (int)(reply->nlmsg_len - NLMSG_LENGTH(skip));
	return true;
}

static void parse_extack(const struct nlmsghdr *req,
			 const struct nlmsghdr *reply, struct extack *ack)
{
	static struct nla_policy policy[NLMSGERR_ATTR_MAX + 1] = {
		[NLMSGERR_ATTR_MSG] = { .type = NLA_STRING },
		[NLMSGERR_ATTR_OFFS] = { .type = NLA_U32 },
		[NLMSGERR_ATTR_POLICY] = { .type = NLA_NESTED },
		[NLMSGERR_ATTR_MISS_TYPE] = { .type = NLA_U32 },
		[NLMSGERR_ATTR_MISS_NEST] = { .type = NLA_U32 },
	};
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];
	struct place place = { .path = "" };
	struct nlattr *tlvs;
	int len;

	if (!find_tlvs(reply, &tlvs, &len) ||
	    nla_parse(tb, NLMSGERR_ATTR_MAX, tlvs, len, policy) < 0)
		return;
	if (tb[NLMSGERR_ATTR_MSG] && *nla_get_string(tb[NLMSGERR_ATTR_MSG]))
		ack->msg = nla_get_string(tb[NLMSGERR_ATTR_MSG]);
	if (tb[NLMSGERR_ATTR_OFFS] &&
	    find_place(req, nla_get_u32(tb[NLMSGERR_ATTR_OFFS]), &place))
		memcpy(ack->path, place.path, sizeof(ack->path));
	parse_missing(tb, req, ack);
	parse_range(tb[NLMSGERR_ATTR_POLICY], ack);
}

/* The last part of a path. */
static const char *leaf(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot ? dot + 1 : path;
}

/*
 * The text names the attribute already: as port-pc, port_pc, or port pc. "id"
 * says nothing that "no such SA set" does not.
 */
static bool names(const char *text, const char *path)
{
	const char *name = leaf(path);
	size_t i, n = strlen(name);

	if (!strcmp(name, "id"))
		return true;
	for (; *text; text++) {
		for (i = 0; i < n && text[i]; i++)
			if (text[i] != name[i] &&
			    !(name[i] == '-' && strchr("_ ", text[i])))
				break;
		if (i == n)
			return true;
	}
	return false;
}

/**
 * gmg_error_format() - put the kernel's refusal into k->err
 * @k: connection
 * @req: the request as it was sent
 * @reply: acknowledgement or end of dump that carries the error
 * @error: negative errno in it
 *
 * Return: @error.
 */
int gmg_error_format(struct gmg_kernel *k, const struct nlmsghdr *req,
		     const struct nlmsghdr *reply, int error)
{
	struct extack ack = { 0 };
	const char *msg;

	parse_extack(req, reply, &ack);
	if (error == -EPERM && !ack.msg)
		return gmg_fail(k, error,
				"needs CAP_NET_ADMIN (run as root or with sudo)");
	/* so says generic netlink of a family that has gone */
	if (error == -ENOENT && !ack.msg)
		return gmg_fail(k, error,
				"the kernel module gmguard was unloaded (modprobe gmguard)");
	if (ack.missing[0] && (!ack.msg || !names(ack.msg, ack.missing)))
		return gmg_fail(k, error, "%s is missing%s%s",
				leaf(ack.missing), ack.msg ? ": " : "",
				ack.msg ? ack.msg : "");
	msg = ack.msg ? ack.msg : strerror(-error);
	if (ack.path[0] && (!ack.msg || !names(msg, ack.path)))
		return gmg_fail(k, error, "%s: %s%s%s%s", leaf(ack.path), msg,
				ack.range[0] ? " (" : "", ack.range,
				ack.range[0] ? ")" : "");
	return gmg_fail(k, error, "%s%s%s%s%s", msg,
			ack.range[0] ? " (" : "", ack.range,
			ack.range[0] ? ")" : "",
			ack.msg || ack.path[0] ? "" :
			" (the kernel module gave no reason)");
}
