// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink messages of a program, sent for it from inside the kernel through its
 * own socket: all that netlink and its families do, without system calls.
 *
 * They are prepared in the program's memory: 4 bytes of length, the message; a
 * length of 0 ends what is for one UE.
 */
#include <linux/module.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <net/netlink.h>

#include "bench.h"

#define ANSWER_MAX 16384
#define REPLAY_MAX (256U << 20)

/* Whether the kernel says yes; its answer is read, as a program would. */
static int await_ack(struct socket *sock, void *answer)
{
	for (;;) {
		struct kvec vec = { .iov_base = answer, .iov_len = ANSWER_MAX };
		struct msghdr msg = {};
		struct nlmsghdr *nlh = answer;
		int len = kernel_recvmsg(sock, &msg, &vec, 1, ANSWER_MAX, 0);

		if (len < 0)
			return len;
		for (; nlmsg_ok(nlh, len); nlh = nlmsg_next(nlh, &len))
			if (nlh->nlmsg_type == NLMSG_ERROR)
				return ((struct nlmsgerr *)
					nlmsg_data(nlh))->error;
	}
}

static int replay(struct socket *sock, char *at, const char *end, bool ack,
		  void *answer, struct bench_result *result)
{
	while (end - at >= sizeof(u32)) {
		struct msghdr msg = {};
		struct kvec vec;
		u32 len = *(u32 *)at;
		int err;

		at += sizeof(u32);
		if (!len) {
			bench_batch();
			result->n++;
			cond_resched();
			continue;
		}
		if (len > end - at)
			return -EINVAL;
		vec = (struct kvec){ .iov_base = at, .iov_len = len };
		err = kernel_sendmsg(sock, &msg, &vec, 1, len);
		if (err >= 0)
			err = ack ? await_ack(sock, answer) : 0;
		if (err)
			return err;
		at += len;
	}
	return 0;
}

/**
 * bench_replay() - send messages of the writer
 * @fd: its netlink socket
 * @from: where they are in its memory
 * @size: bytes of them
 * @ack: each one is acknowledged, which is waited for
 * @result: how many UEs, and how long it took
 *
 * Return: 0 or a negative errno.
 */
int bench_replay(int fd, unsigned long from, u32 size, bool ack,
		 struct bench_result *result)
{
	struct socket *sock;
	void *answer;
	char *copy;
	int err;

	if (size > REPLAY_MAX)
		return -E2BIG;
	sock = sockfd_lookup(fd, &err);
	if (!sock)
		return err;
	copy = vmalloc(size);
	answer = kmalloc(ANSWER_MAX, GFP_KERNEL);
	err = copy && answer ? 0 : -ENOMEM;
	if (!err && copy_from_user(copy, (void __user *)from, size))
		err = -EFAULT;
	if (!err) {
		bench_begin();
		err = replay(sock, copy, copy + size, ack, answer, result);
		result->ns = bench_end();
	}
	kfree(answer);
	vfree(copy);
	sockfd_put(sock);
	return err;
}
