// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xfrm.c - xfrm's own netlink family: reads out policies, deletes a state.
 */
#include <errno.h>
#include <linux/xfrm.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <string.h>

#include "xfrm.h"

static bool has_mark(struct nlattr *attr)
{
	struct xfrm_mark mark;

	if (!attr || nla_len(attr) < (int)sizeof(mark))
		return false;
	memcpy(&mark, nla_data(attr), sizeof(mark));
	return mark.m;
}

static void read_template(struct nlattr *attr, struct xfrm_out *out)
{
	struct xfrm_user_tmpl tmpl;

	if (!attr || nla_len(attr) != (int)sizeof(tmpl))
		return;
	memcpy(&tmpl, nla_data(attr), sizeof(tmpl));
	out->esp = tmpl.id.proto == IPPROTO_ESP &&
		   tmpl.mode == XFRM_MODE_TRANSPORT;
	out->reqid = tmpl.reqid;
	out->spi = ntohl(tmpl.id.spi);
}

static void read_policy(const struct xfrm_userpolicy_info *info,
			struct nlattr **tb, struct xfrm_out *out)
{
	const struct xfrm_selector *sel = &info->sel;

	*out = (struct xfrm_out){
		.family = sel->family,
		.src_len = sel->prefixlen_s,
		.dst_len = sel->prefixlen_d,
		.sport = ntohs(sel->sport),
		.sport_mask = ntohs(sel->sport_mask),
		.dport = ntohs(sel->dport),
		.dport_mask = ntohs(sel->dport_mask),
		.protocol = sel->proto,
		.priority = info->priority,
	};
	memcpy(out->src, &sel->saddr, sizeof(out->src));
	memcpy(out->dst, &sel->daddr, sizeof(out->dst));
	if (info->action == XFRM_POLICY_ALLOW)
		read_template(tb[XFRMA_TMPL], out);
}

static int on_policy(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	struct xfrm_out_list *list = arg;
	struct nlattr *tb[XFRMA_MAX + 1];
	struct xfrm_userpolicy_info info;

	if (nlh->nlmsg_type != XFRM_MSG_NEWPOLICY ||
	    nlmsg_parse(nlh, sizeof(info), tb, XFRMA_MAX, NULL) < 0)
		return NL_SKIP;
	memcpy(&info, nlmsg_data(nlh), sizeof(info));
	if (info.dir != XFRM_POLICY_OUT || has_mark(tb[XFRMA_MARK]))
		return NL_OK;
	if (list->n == list->room) {
		size_t room = list->room ? 2 * list->room : 64;
		void *v = reallocarray(list->v, room, sizeof(*list->v));

		if (!v)
			return -NLE_NOMEM;
		list->v = v;
		list->room = room;
	}
	read_policy(&info, tb, &list->v[list->n++]);
	return NL_OK;
}

static struct nl_sock *open_xfrm(void)
{
	struct nl_sock *sk = nl_socket_alloc();

	if (sk && nl_connect(sk, NETLINK_XFRM) < 0) {
		nl_socket_free(sk);
		sk = NULL;
	}
	return sk;
}

/**
 * xfrm_out_dump() - read the out policies
 * @list: result, to free(list->v) whatever is returned
 *
 * Return: 0, or a negative errno.
 */
int xfrm_out_dump(struct xfrm_out_list *list)
{
	struct nl_sock *sk = open_xfrm();
	int ret;

	*list = (struct xfrm_out_list){ 0 };
	if (!sk)
		return -EIO;
	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, on_policy, list);
	ret = nl_send_simple(sk, XFRM_MSG_GETPOLICY, NLM_F_DUMP, NULL, 0);
	if (ret >= 0)
		ret = nl_recvmsgs_default(sk);
	nl_socket_free(sk);
	return ret < 0 ? -EIO : 0;
}

/**
 * xfrm_state_delete() - delete the state of an adopted SA
 * @sa: the SA
 *
 * Return: 0; -ENOENT: it has gone already; or another negative errno.
 */
int xfrm_state_delete(const struct gmg_adopted *sa)
{
	struct xfrm_usersa_id id = {
		.spi = htonl(sa->spi),
		.family = (uint16_t)sa->dst_addr.family,
		.proto = IPPROTO_ESP,
	};
	struct xfrm_mark mark = { .v = sa->mark, .m = sa->mark_mask };
	struct nl_msg *msg = nlmsg_alloc_simple(XFRM_MSG_DELSA, NLM_F_ACK);
	struct nl_sock *sk = open_xfrm();
	int ret = -NLE_NOMEM;

	memcpy(&id.daddr, sa->dst_addr.bytes, sizeof(sa->dst_addr.bytes));
	if (sk && msg && !nlmsg_append(msg, &id, sizeof(id), NLMSG_ALIGNTO) &&
	    (!mark.m || !nla_put(msg, XFRMA_MARK, sizeof(mark), &mark))) {
		ret = nl_send_auto(sk, msg);
		if (ret >= 0)
			ret = nl_wait_for_ack(sk);
	}
	nlmsg_free(msg);
	if (sk)
		nl_socket_free(sk);
	if (ret == -NLE_OBJ_NOTFOUND)
		return -ENOENT;
	return ret < 0 ? -EIO : 0;
}
