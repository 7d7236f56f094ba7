// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kernel-event.c - notifications of the kernel.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "kernel-priv.h"

/*
 * Room for a burst: a set's notification with agent-data takes about 5 KiB of
 * kernel memory. Tried with SO_RCVBUFFORCE first, which needs CAP_NET_ADMIN.
 */
#define EVENT_RCVBUF		(4 * 1024 * 1024)

static struct nla_policy drop_policy[GMGUARD_A_DROP_MAX + 1] = {
	[GMGUARD_A_DROP_REASON] = { .type = NLA_U32 },
	[GMGUARD_A_DROP_SRC_PORT] = { .type = NLA_U16 },
	[GMGUARD_A_DROP_DST_PORT] = { .type = NLA_U16 },
	[GMGUARD_A_DROP_PROTOCOL] = { .type = NLA_U8 },
	[GMGUARD_A_DROP_SPI] = { .type = NLA_U32 },
	[GMGUARD_A_DROP_IFINDEX] = { .type = NLA_U32 },
	[GMGUARD_A_DROP_SUPPRESSED] = { .type = NLA_U32 },
	[GMGUARD_A_DROP_AUDITED] = { .type = NLA_FLAG },
};

/**
 * gmg_drop_parse() - read a nest "drop"
 * @nest: the nest, may be NULL
 * @drop: result
 *
 * Return: 0, or -EBADMSG.
 */
int gmg_drop_parse(struct nlattr *nest, struct gmg_drop *drop)
{
	struct nlattr *tb[GMGUARD_A_DROP_MAX + 1];

	memset(drop, 0, sizeof(*drop));
	if (!nest || nla_parse_nested(tb, GMGUARD_A_DROP_MAX, nest,
				      drop_policy) < 0)
		return -EBADMSG;
	gmg_get_u32(tb[GMGUARD_A_DROP_REASON], &drop->reason);
	gmg_get_addr(tb[GMGUARD_A_DROP_SRC_ADDR], &drop->src_addr);
	gmg_get_addr(tb[GMGUARD_A_DROP_DST_ADDR], &drop->dst_addr);
	gmg_get_u16(tb[GMGUARD_A_DROP_SRC_PORT], &drop->src_port);
	gmg_get_u16(tb[GMGUARD_A_DROP_DST_PORT], &drop->dst_port);
	if (tb[GMGUARD_A_DROP_PROTOCOL])
		drop->protocol = nla_get_u8(tb[GMGUARD_A_DROP_PROTOCOL]);
	gmg_get_u32(tb[GMGUARD_A_DROP_SPI], &drop->spi);
	gmg_get_u32(tb[GMGUARD_A_DROP_IFINDEX], &drop->ifindex);
	gmg_get_u32(tb[GMGUARD_A_DROP_SUPPRESSED], &drop->suppressed);
	drop->audited = tb[GMGUARD_A_DROP_AUDITED];
	return 0;
}

/* 0, 1 for something that only a newer module sends, or -EBADMSG */
static int parse_event(struct nlmsghdr *nlh, struct gmg_event *ev)
{
	struct nlattr *tb[GMGUARD_A_MAX + 1];

	ev->event = 0;
	if (gmg_parse_top(nlh, tb))
		return -EBADMSG;
	if (tb[GMGUARD_A_DROP]) {
		ev->kind = GMG_EVENT_DROP;
		return gmg_drop_parse(tb[GMGUARD_A_DROP], &ev->drop);
	}
	gmg_get_u32(tb[GMGUARD_A_EVENT], &ev->event);
	if (tb[GMGUARD_A_SA_SET]) {
		ev->kind = GMG_EVENT_SASET;
		return gmg_saset_parse(tb[GMGUARD_A_SA_SET], &ev->saset);
	}
	if (tb[GMGUARD_A_ENDPOINT]) {
		ev->kind = GMG_EVENT_ENDPOINT;
		return gmg_endpoint_parse(tb[GMGUARD_A_ENDPOINT],
					  &ev->endpoint);
	}
	ev->kind = GMG_EVENT_ADOPTED;
	if (tb[GMGUARD_A_ADOPTED])
		return gmg_adopted_parse(tb[GMGUARD_A_ADOPTED], &ev->adopted);
	memset(&ev->adopted, 0, sizeof(ev->adopted));
	return ev->event == GMGUARD_EVENT_ADOPTED_LOST ? 0 : 1;
}

static int join(struct gmg_kernel *k, int fd, uint32_t group, const char *name)
{
	int error;

	if (!group)
		return gmg_fail(k, -ENOENT,
				"the kernel module has no multicast group %s: upgrade it",
				name);
	if (!setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
			sizeof(group)))
		return 0;
	error = -errno;
	if (error == -EPERM)
		return gmg_fail(k, error,
				"needs CAP_NET_ADMIN (run as root or with sudo)");
	return gmg_fail(k, error, "cannot join multicast group %s: %s", name,
			strerror(-error));
}

/* The controller of generic netlink says when a family goes. */
static bool is_farewell(const struct gmg_kernel *k, struct nlmsghdr *nlh)
{
	static struct nla_policy policy[CTRL_ATTR_MAX + 1] = {
		[CTRL_ATTR_FAMILY_ID] = { .type = NLA_U16 },
	};
	struct nlattr *tb[CTRL_ATTR_MAX + 1];

	return nlh->nlmsg_type == GENL_ID_CTRL &&
	       genlmsg_parse(nlh, 0, tb, CTRL_ATTR_MAX, policy) >= 0 &&
	       genlmsg_hdr(nlh)->cmd == CTRL_CMD_DELFAMILY &&
	       tb[CTRL_ATTR_FAMILY_ID] &&
	       nla_get_u16(tb[CTRL_ATTR_FAMILY_ID]) == k->family;
}

/**
 * kernel_subscribe() - have the kernel send notifications
 * @k: connection
 * @events: life-cycle events
 * @drops: drop samples
 *
 * Return: a non-blocking file descriptor to poll, which kernel_close()
 * closes; or a negative errno with k->err set.
 */
int kernel_subscribe(struct gmg_kernel *k, bool events, bool drops)
{
	int size = EVENT_RCVBUF, fd, ret;

	k->err[0] = '\0';
	if (!k->ev)
		k->ev = nl_socket_alloc();
	if (!k->ev_rx)
		k->ev_rx = malloc(GMG_RX_SIZE);
	if (!k->ev || !k->ev_rx)
		return gmg_fail(k, -ENOMEM, "out of memory");
	nl_socket_disable_seq_check(k->ev);
	if (nl_socket_get_fd(k->ev) < 0) {
		ret = genl_connect(k->ev);
		if (ret < 0)
			return gmg_fail(k, -EIO,
					"cannot open a netlink socket: %s",
					nl_geterror(ret));
	}
	nl_socket_set_nonblocking(k->ev);
	fd = nl_socket_get_fd(k->ev);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	/* the controller's only group has its own number */
	ret = join(k, fd, GENL_ID_CTRL, "notify");
	if (!ret && events)
		ret = join(k, fd, k->grp_events, GMGUARD_MCGRP_EVENTS);
	if (!ret && drops)
		ret = join(k, fd, k->grp_drops, GMGUARD_MCGRP_DROPS);
	return ret ? ret : fd;
}

/* all messages of one datagram in k->ev_rx */
static int deliver(struct gmg_kernel *k, int len, gmg_event_fn *fn, void *arg)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)k->ev_rx;
	struct gmg_event ev;
	int ret;

	for (; nlmsg_ok(nlh, len); nlh = nlmsg_next(nlh, &len)) {
		if (is_farewell(k, nlh))
			return gmg_fail(k, -ENODEV,
					"the kernel module gmguard was unloaded (modprobe gmguard)");
		if (nlh->nlmsg_type != k->family)
			continue;
		ret = parse_event(nlh, &ev);
		if (ret < 0)
			return gmg_fail(k, ret,
					"cannot understand a notification of the kernel: install module and programs from one release");
		if (ret > 0)
			continue;
		ret = fn(&ev, arg);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * kernel_event_recv() - read notifications until none is left
 * @k: connection with kernel_subscribe()
 * @fn: called for each, it may make calls on @k; a non-zero return ends
 * @arg: for @fn
 *
 * Return: 0; what @fn returned; -ENOBUFS: notifications were lost, read the
 * tables again; -ENODEV: the module was unloaded, close and open @k again; or
 * another negative errno with k->err set.
 */
int kernel_event_recv(struct gmg_kernel *k, gmg_event_fn *fn, void *arg)
{
	int fd = nl_socket_get_fd(k->ev);
	struct sockaddr_nl from = { 0 };
	socklen_t from_len;
	ssize_t n;
	int ret;

	k->err[0] = '\0';
	for (;;) {
		from_len = sizeof(from);
		n = recvfrom(fd, k->ev_rx, GMG_RX_SIZE, MSG_DONTWAIT,
			     (struct sockaddr *)&from, &from_len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return 0;
		if (n < 0 && errno == ENOBUFS)
			return gmg_fail(k, -ENOBUFS,
					"the kernel had more notifications than this program could read, some are lost");
		if (n < 0) {
			ret = -errno;
			return gmg_fail(k, ret,
					"cannot receive from the kernel: %s",
					strerror(-ret));
		}
		/* only the kernel sends notifications */
		if (from.nl_pid != 0)
			continue;
		ret = deliver(k, (int)n, fn, arg);
		if (ret)
			return ret;
	}
}
