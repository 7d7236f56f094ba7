// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the netlink handlers share.
 */
#include <net/ipv6.h>

#include "nl.h"

/* The counters of all reasons are more than the usual page. */
#define REPLY_SIZE (2 * GENLMSG_DEFAULT_SIZE)

/**
 * gmg_nl_reply_begin() - begin the reply to a request
 * @info: the request
 * @hdr: filled in for gmg_nl_reply_end()
 *
 * Return: the message, or NULL without memory.
 */
struct sk_buff *gmg_nl_reply_begin(struct genl_info *info, void **hdr)
{
	struct sk_buff *msg = genlmsg_new(REPLY_SIZE, GFP_KERNEL);

	if (msg)
		*hdr = genlmsg_put_reply(msg, info, &gmguard_nl_family, 0,
					 info->genlhdr->cmd);
	return msg;
}

/**
 * gmg_nl_reply_end() - send the reply to a request
 * @info: the request
 * @msg: the message
 * @hdr: from gmg_nl_reply_begin()
 * @err: 0, or why the message is not worth sending
 *
 * Return: 0 or a negative errno.
 */
int gmg_nl_reply_end(struct genl_info *info, struct sk_buff *msg, void *hdr,
		     int err)
{
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/**
 * gmg_nl_wipe_keys() - overwrite the keys that a request brought
 * @info: the request
 *
 * Their message is freed like any other, and goes back with an error whole,
 * whatever the request was and however often it named them.
 */
void gmg_nl_wipe_keys(const struct genl_info *info)
{
	struct nlattr *nest;
	struct nlattr *attr;
	int rem_nest;
	int rem;

	nlmsg_for_each_attr(nest, info->nlhdr, GENL_HDRLEN, rem_nest) {
		if (nla_type(nest) != GMGUARD_A_SA_SET)
			continue;
		nla_for_each_nested(attr, nest, rem)
			if (nla_type(attr) == GMGUARD_A_SA_SET_ALG_KEY ||
			    nla_type(attr) == GMGUARD_A_SA_SET_EALG_KEY)
				memzero_explicit(nla_data(attr), nla_len(attr));
	}
}

/**
 * gmg_nl_only_both() - refuse what a command does not take
 * @info: the request
 * @type: an attribute of enum gmguard_a that it takes, 0 for none
 * @other: likewise
 *
 * It would be ignored in silence, and keys in it would not be wiped.
 *
 * Return: 0 or -EINVAL.
 */
int gmg_nl_only_both(struct genl_info *info, int type, int other)
{
	int i;

	for (i = 1; i <= GMGUARD_A_MAX; i++) {
		if (!info->attrs[i] || i == type || i == other)
			continue;
		gmg_nl_wipe_keys(info);
		return GMG_REFUSE(info, info->attrs[i], -EINVAL,
				  "this command does not take this attribute: leave it out");
	}
	return 0;
}

/**
 * gmg_nl_put_addr() - put an address
 * @msg: the message
 * @type: attribute type
 * @family: AF_INET or AF_INET6
 * @addr: the address
 *
 * Return: 0 or -EMSGSIZE.
 */
int gmg_nl_put_addr(struct sk_buff *msg, int type, u8 family,
		    const struct gmg_addr *addr)
{
	return nla_put(msg, type, family == AF_INET ? 4 : 16, addr);
}

/**
 * gmg_nl_get_addr() - read an address
 * @attr: 4 or 16 bytes
 * @family: filled in
 * @addr: filled in
 *
 * Return: 0, or -EINVAL for another length.
 */
int gmg_nl_get_addr(const struct nlattr *attr, u8 *family,
		    struct gmg_addr *addr)
{
	int len = nla_len(attr);

	if (len != 4 && len != 16)
		return -EINVAL;
	memset(addr, 0, sizeof(*addr));
	memcpy(addr, nla_data(attr), len);
	*family = len == 4 ? AF_INET : AF_INET6;
	return 0;
}

/**
 * gmg_addr_is_host() - whether an address can be one end of a Gm SA
 * @family: AF_INET or AF_INET6
 * @addr: the address
 *
 * Link-local addresses need an interface, which a selector does not name;
 * loopback devices bypass IPsec.
 */
bool gmg_addr_is_host(u8 family, const struct gmg_addr *addr)
{
	__be32 a = addr->w[0];

	if (family == AF_INET6)
		return (ipv6_addr_type((const struct in6_addr *)addr) &
			(IPV6_ADDR_UNICAST | IPV6_ADDR_LINKLOCAL |
			 IPV6_ADDR_LOOPBACK | IPV6_ADDR_MAPPED)) ==
		       IPV6_ADDR_UNICAST;
	return !ipv4_is_zeronet(a) && !ipv4_is_loopback(a) &&
	       !ipv4_is_multicast(a) && !ipv4_is_lbcast(a) &&
	       !ipv4_is_linklocal_169(a);
}

/**
 * gmg_port_is_sip() - whether a port may not be a protected one
 * @port: host byte order
 *
 * TS 33.203 7.1 keeps 5060 and 5061 out of the protected ports.
 */
bool gmg_port_is_sip(u16 port)
{
	return port == 5060 || port == 5061;
}
