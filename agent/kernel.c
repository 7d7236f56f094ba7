// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kernel.c - connection to the generic netlink family "gmguard".
 *
 * libnl makes the sockets and messages. Receiving is done here, because libnl
 * folds errno values together (ENOBUFS is ENOMEM to it) and hides the extended
 * acknowledgement, which is where the kernel says what to do.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "kernel-priv.h"

/* A dump that finds changes again and again ends after so many passes. */
#define DUMP_TRIES		10
/* The kernel answers at once; this only keeps a bug from hanging the agent. */
#define ANSWER_TIMEOUT_S	30
/* The kernel's errors end here (MAX_ERRNO). */
#define ERRNO_MAX		4095

/* The reserved first words of GETFAMILY's answer that we need. */
struct family {
	int id;
	uint32_t version;
	uint32_t grp_events;
	uint32_t grp_drops;
};

static void count(struct gmg_kernel *k, int error)
{
#define NUMBER(id)	id,
	static const int errors[] = { GMG_ERRORS(NUMBER) };
	int i = 0;

	while (i < GMG_N_ERRORS - 1 && errors[i] != error)
		i++;
	k->errors[i]++;
}

/**
 * gmg_fail() - note why a call fails
 * @k: connection
 * @error: negative errno
 * @fmt: one sentence for a human
 *
 * Return: @error.
 */
int gmg_fail(struct gmg_kernel *k, int error, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(k->err, sizeof(k->err), fmt, ap);
	va_end(ap);
	count(k, -error);
	return error;
}

/**
 * gmg_msg_new_of() - begin a request of any size
 * @k: connection
 * @cmd: enum GMGUARD_CMD_*
 * @size: bytes that it needs at most
 *
 * The buffer never grows, so that keys have one place to be cleansed from.
 *
 * Return: the message, or NULL without memory (k->err says so).
 */
struct nl_msg *gmg_msg_new_of(struct gmg_kernel *k, uint8_t cmd, size_t size)
{
	struct nl_msg *msg = nlmsg_alloc_size(size);

	k->err[0] = '\0';
	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, k->family, 0,
				 NLM_F_REQUEST | NLM_F_ACK, cmd,
				 GMGUARD_FAMILY_VERSION)) {
		gmg_fail(k, -ENOMEM, "out of memory");
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

/**
 * gmg_msg_new() - begin a request
 * @k: connection
 * @cmd: enum GMGUARD_CMD_*
 *
 * Return: the message, or NULL without memory (k->err says so).
 */
struct nl_msg *gmg_msg_new(struct gmg_kernel *k, uint8_t cmd)
{
	return gmg_msg_new_of(k, cmd, GMG_TX_SIZE);
}

/**
 * gmg_msg_free() - cleanse and free a request
 * @msg: message, may be NULL
 */
void gmg_msg_free(struct nl_msg *msg)
{
	if (!msg)
		return;
	explicit_bzero(nlmsg_hdr(msg), nlmsg_get_max_size(msg));
	nlmsg_free(msg);
}

static int send_msg(struct gmg_kernel *k, struct nl_msg *msg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	ssize_t n;

	nl_complete_msg(k->sk, msg);
	do {
		n = send(nl_socket_get_fd(k->sk), nlh, nlh->nlmsg_len, 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		int error = -errno;

		return gmg_fail(k, error, "cannot send to the kernel: %s",
				strerror(-error));
	}
	return 0;
}

/* One datagram into k->rx; its length, or a negative errno. */
static int recv_msg(struct gmg_kernel *k)
{
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { .iov_base = k->rx, .iov_len = GMG_RX_SIZE };
	struct msghdr mh = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	ssize_t n;

	do {
		n = recvmsg(nl_socket_get_fd(k->sk), &mh, 0);
	} while ((n < 0 && errno == EINTR) || (n >= 0 && from.nl_pid != 0));
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return gmg_fail(k, -ETIMEDOUT,
				"the kernel did not answer within %d s",
				ANSWER_TIMEOUT_S);
	if (n < 0) {
		int error = -errno;

		return gmg_fail(k, error, "cannot receive from the kernel: %s",
				strerror(-error));
	}
	if (mh.msg_flags & MSG_TRUNC)
		return gmg_fail(k, -EMSGSIZE,
				"the kernel's answer is longer than %d bytes",
				GMG_RX_SIZE);
	return n;
}

/**
 * gmg_parse_top() - find the top-level attributes of a message of the family
 * @nlh: message, its length checked
 * @tb: GMGUARD_A_MAX + 1 pointers
 *
 * Return: 0, or -EBADMSG.
 */
int gmg_parse_top(struct nlmsghdr *nlh, struct nlattr **tb)
{
	static struct nla_policy policy[GMGUARD_A_MAX + 1] = {
		[GMGUARD_A_ENDPOINT] = { .type = NLA_NESTED },
		[GMGUARD_A_SA_SET] = { .type = NLA_NESTED },
		[GMGUARD_A_STATS] = { .type = NLA_NESTED },
		[GMGUARD_A_LIMITS] = { .type = NLA_NESTED },
		[GMGUARD_A_EVENT] = { .type = NLA_U32 },
		[GMGUARD_A_DROP] = { .type = NLA_NESTED },
		[GMGUARD_A_ADOPTED] = { .type = NLA_NESTED },
		[GMGUARD_A_RULESET] = { .type = NLA_NESTED },
		[GMGUARD_A_RULE] = { .type = NLA_NESTED },
	};

	if (genlmsg_parse(nlh, 0, tb, GMGUARD_A_MAX, policy) < 0)
		return -EBADMSG;
	return 0;
}

/* What one exchange with the kernel has come to. */
struct exchange {
	const struct nlmsghdr *req;
	gmg_reply_fn *fn;
	void *arg;
	int error;	/* first error of the kernel or of fn */
	bool done;
	bool changed;	/* the kernel marked the dump as inconsistent */
};

static void handle_reply(struct gmg_kernel *k, struct exchange *x,
			 struct nlmsghdr *nlh)
{
	struct nlattr *tb[GMGUARD_A_MAX + 1];
	int ret;

	if (x->error || !x->fn)
		return;
	ret = gmg_parse_top(nlh, tb);
	if (!ret)
		ret = x->fn(tb, x->arg);
	if (ret == -EBADMSG)
		gmg_fail(k, ret, "cannot understand the kernel's answer: the module and this program do not fit together, install both from one release");
	else if (ret && !k->err[0])
		gmg_fail(k, ret, "%s", strerror(-ret));
	x->error = ret;
}

/*
 * An acknowledgement and the end of a dump begin with an error: @none if the
 * message is too short, -EBADMSG for what is no errno.
 */
static int get_error(const struct nlmsghdr *nlh, int none)
{
	int error;

	if (nlh->nlmsg_len < NLMSG_LENGTH(sizeof(error)))
		return none;
	memcpy(&error, NLMSG_DATA(nlh), sizeof(error));
	return error > 0 || error < -ERRNO_MAX ? -EBADMSG : error;
}

static void handle_end(struct gmg_kernel *k, struct exchange *x,
		       const struct nlmsghdr *nlh)
{
	int error = get_error(nlh, 0);

	x->done = true;
	if (error && !x->error)
		x->error = gmg_error_format(k, x->req, nlh, error);
}

static void handle_datagram(struct gmg_kernel *k, struct exchange *x, int len)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)k->rx;

	for (; nlmsg_ok(nlh, len) && !x->done; nlh = nlmsg_next(nlh, &len)) {
		/* what is left of an exchange that timed out */
		if (nlh->nlmsg_seq != x->req->nlmsg_seq)
			continue;
		if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
			x->changed = true;
		if (nlh->nlmsg_type == NLMSG_ERROR ||
		    nlh->nlmsg_type == NLMSG_DONE)
			handle_end(k, x, nlh);
		else if (nlh->nlmsg_type == x->req->nlmsg_type)
			handle_reply(k, x, nlh);
	}
}

static int exchange(struct gmg_kernel *k, struct nl_msg *msg,
		    struct exchange *x)
{
	int ret = send_msg(k, msg);

	if (ret < 0)
		return ret;
	x->req = nlmsg_hdr(msg);
	while (!x->done) {
		ret = recv_msg(k);
		if (ret < 0)
			return ret;
		handle_datagram(k, x, ret);
	}
	return x->error;
}

/**
 * gmg_transact() - send a request, read its answer and its acknowledgement
 * @k: connection
 * @msg: request, consumed and cleansed; NULL fails with what k->err says
 * @fn: parses an answer, may be NULL
 * @arg: for @fn
 *
 * Return: 0, or a negative errno with k->err set.
 */
int gmg_transact(struct gmg_kernel *k, struct nl_msg *msg, gmg_reply_fn *fn,
		 void *arg)
{
	struct exchange x = { .fn = fn, .arg = arg };
	int ret;

	if (!msg)
		return -ENOMEM;
	ret = exchange(k, msg, &x);
	gmg_msg_free(msg);
	return ret;
}

/**
 * gmg_dump() - read all objects of one kind
 * @k: connection
 * @cmd: the GET command
 * @fn: called for each; with NULL when the dump begins again
 * @arg: for @fn
 *
 * Return: 0, or a negative errno with k->err set; -EAGAIN: every pass saw
 * changes, what the last pass showed may miss some of them.
 */
int gmg_dump(struct gmg_kernel *k, uint8_t cmd, gmg_reply_fn *fn, void *arg)
{
	int tries, ret;

	for (tries = 0; tries < DUMP_TRIES; tries++) {
		struct exchange x = { .fn = fn, .arg = arg };
		struct nl_msg *msg = gmg_msg_new(k, cmd);

		if (!msg)
			return -ENOMEM;
		nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_DUMP;
		if (tries)
			fn(NULL, arg);
		ret = exchange(k, msg, &x);
		gmg_msg_free(msg);
		if (ret || !x.changed)
			return ret;
	}
	return gmg_fail(k, -EAGAIN,
			"the kernel's tables changed all the time while they were read, some entries may be missing: try again");
}

static void parse_groups(struct nlattr *groups, struct family *f)
{
	static struct nla_policy policy[CTRL_ATTR_MCAST_GRP_MAX + 1] = {
		[CTRL_ATTR_MCAST_GRP_NAME] = { .type = NLA_STRING },
		[CTRL_ATTR_MCAST_GRP_ID] = { .type = NLA_U32 },
	};
	struct nlattr *tb[CTRL_ATTR_MCAST_GRP_MAX + 1];
	struct nlattr *grp;
	int rem;

	nla_for_each_nested(grp, groups, rem) {
		if (nla_parse_nested(tb, CTRL_ATTR_MCAST_GRP_MAX, grp,
				     policy) < 0 ||
		    !tb[CTRL_ATTR_MCAST_GRP_NAME] ||
		    !tb[CTRL_ATTR_MCAST_GRP_ID])
			continue;
		if (!nla_strcmp(tb[CTRL_ATTR_MCAST_GRP_NAME],
				GMGUARD_MCGRP_EVENTS))
			f->grp_events = nla_get_u32(tb[CTRL_ATTR_MCAST_GRP_ID]);
		if (!nla_strcmp(tb[CTRL_ATTR_MCAST_GRP_NAME],
				GMGUARD_MCGRP_DROPS))
			f->grp_drops = nla_get_u32(tb[CTRL_ATTR_MCAST_GRP_ID]);
	}
}

static void parse_family(struct nlmsghdr *nlh, struct family *f)
{
	static struct nla_policy policy[CTRL_ATTR_MAX + 1] = {
		[CTRL_ATTR_FAMILY_ID] = { .type = NLA_U16 },
		[CTRL_ATTR_VERSION] = { .type = NLA_U32 },
		[CTRL_ATTR_MCAST_GROUPS] = { .type = NLA_NESTED },
	};
	struct nlattr *tb[CTRL_ATTR_MAX + 1];

	if (genlmsg_parse(nlh, 0, tb, CTRL_ATTR_MAX, policy) < 0 ||
	    !tb[CTRL_ATTR_FAMILY_ID])
		return;
	f->id = nla_get_u16(tb[CTRL_ATTR_FAMILY_ID]);
	if (tb[CTRL_ATTR_VERSION])
		f->version = nla_get_u32(tb[CTRL_ATTR_VERSION]);
	if (tb[CTRL_ATTR_MCAST_GROUPS])
		parse_groups(tb[CTRL_ATTR_MCAST_GROUPS], f);
}

/*
 * Asks the controller of generic netlink for the family. Asking may load the
 * module. Returns 0, -ENOENT without the family, or another negative errno.
 */
static int find_family(struct gmg_kernel *k, struct family *f)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct nlmsghdr *nlh;
	int len, error = -ENOENT;

	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, GENL_ID_CTRL,
				 0, NLM_F_REQUEST, CTRL_CMD_GETFAMILY, 2) ||
	    nla_put_string(msg, CTRL_ATTR_FAMILY_NAME, GMGUARD_FAMILY_NAME)) {
		nlmsg_free(msg);
		return gmg_fail(k, -ENOMEM, "out of memory");
	}
	len = send_msg(k, msg);
	nlmsg_free(msg);
	if (len >= 0)
		len = recv_msg(k);
	if (len < 0)
		return len;

	for (nlh = (struct nlmsghdr *)k->rx; nlmsg_ok(nlh, len);
	     nlh = nlmsg_next(nlh, &len)) {
		if (nlh->nlmsg_type == GENL_ID_CTRL)
			parse_family(nlh, f);
		else if (nlh->nlmsg_type == NLMSG_ERROR)
			error = get_error(nlh, error);
	}
	if (f->id)
		return 0;
	if (error == -ENOENT)
		return gmg_fail(k, error, "kernel module gmguard is not loaded in this kernel (modprobe gmguard)");
	return gmg_fail(k, error ? error : -ENOENT,
			"generic netlink does not answer: %s",
			strerror(-error));
}

static int check_version(struct gmg_kernel *k)
{
	const char *what;

	if (k->version == GMGUARD_FAMILY_VERSION)
		return 0;
	what = k->version < GMGUARD_FAMILY_VERSION ?
		"upgrade the kernel module, then reload it" :
		"upgrade the programs gmguard and gmguardd";
	return gmg_fail(k, -EPROTONOSUPPORT,
			"the kernel module speaks version %u of its netlink interface, this program version %u: %s",
			k->version, GMGUARD_FAMILY_VERSION, what);
}

static int open_socket(struct gmg_kernel *k)
{
	struct timeval tv = { .tv_sec = ANSWER_TIMEOUT_S };
	int on = 1, fd, ret;

	k->sk = nl_socket_alloc();
	if (!k->sk)
		return gmg_fail(k, -ENOMEM, "out of memory");
	ret = genl_connect(k->sk);
	if (ret < 0)
		return gmg_fail(k, -EIO, "cannot open a netlink socket: %s",
				nl_geterror(ret));
	fd = nl_socket_get_fd(k->sk);
	/* Without CAP_ACK a refusal would send the keys back. */
	if (setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)))
		return gmg_fail(k, -errno,
				"cannot set up a netlink socket: %s",
				strerror(errno));
	return 0;
}

/**
 * kernel_open() - connect to the module in this network namespace
 * @k: zeroed or closed; after a failure only k->err is of use
 *
 * Needs no privilege; the calls that follow do.
 *
 * Return: 0; -ENOENT: the module is not loaded; -EPROTONOSUPPORT: it is of
 * another version; or another negative errno. k->err says what to do.
 */
int kernel_open(struct gmg_kernel *k)
{
	uint64_t errors[GMG_N_ERRORS];
	struct family f = { 0 };
	int ret;

	memcpy(errors, k->errors, sizeof(errors));
	memset(k, 0, sizeof(*k));
	memcpy(k->errors, errors, sizeof(errors));
	k->rx = malloc(GMG_RX_SIZE);
	if (!k->rx)
		return gmg_fail(k, -ENOMEM, "out of memory");
	ret = open_socket(k);
	if (!ret)
		ret = find_family(k, &f);
	if (ret)
		goto err_close;
	k->family = f.id;
	k->version = f.version;
	k->grp_events = f.grp_events;
	k->grp_drops = f.grp_drops;
	ret = check_version(k);
	if (ret)
		goto err_close;
	return 0;

err_close:
	kernel_close(k);
	return ret;
}

/**
 * kernel_close() - end the connection
 * @k: connection, may be closed already; k->err stays readable
 */
void kernel_close(struct gmg_kernel *k)
{
	if (k->ev)
		nl_socket_free(k->ev);
	if (k->sk)
		nl_socket_free(k->sk);
	if (k->rx)
		explicit_bzero(k->rx, GMG_RX_SIZE);
	free(k->rx);
	free(k->ev_rx);
	k->ev = NULL;
	k->sk = NULL;
	k->rx = NULL;
	k->ev_rx = NULL;
}
