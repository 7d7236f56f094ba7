// SPDX-License-Identifier: GPL-2.0-only
/*
 * Round trips between UEs and the P-CSCF: a message on SA A to port_ps, an
 * answer from port_pc on SA C. Both ends are real sockets in their namespaces,
 * and all of IP, xfrm, the device and netfilter lies in between; only the
 * system calls are missing, which would be the most of it.
 *
 * Everything happens in the thread of the sender: veth hands a packet over to
 * the softirq, which runs before sendmsg() returns, or soon after.
 */
#include <linux/file.h>
#include <linux/in.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "bench.h"
#include "ue.h"

#define UES_MAX 256
#define PATIENCE (HZ / 2)

static char payload[1400];

struct ends {
	struct socket *ps;
	struct socket *pc;
	unsigned int n;
	struct socket *uc[UES_MAX];
	struct socket *us[UES_MAX];
};

static struct socket *udp(struct net *net, u32 addr, u16 port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(addr),
		.sin_port = htons(port),
	};
	struct socket *sock;

	if (sock_create_kern(net, AF_INET, SOCK_DGRAM, IPPROTO_UDP, &sock))
		return NULL;
	sock->sk->sk_rcvtimeo = PATIENCE;
	if (kernel_bind(sock, (struct sockaddr *)&sin, sizeof(sin))) {
		sock_release(sock);
		return NULL;
	}
	return sock;
}

static void release(struct socket *sock)
{
	if (sock)
		sock_release(sock);
}

static void close_ends(struct ends *ends)
{
	unsigned int i;

	for (i = 0; i < ends->n; i++) {
		release(ends->uc[i]);
		release(ends->us[i]);
	}
	release(ends->ps);
	release(ends->pc);
	kfree(ends);
}

static struct ends *open_ends(struct net *pcscf, struct net *ues, u32 addr,
			      u32 first, u32 n)
{
	struct ends *ends = kzalloc(sizeof(*ends), GFP_KERNEL);
	bool whole;
	u32 i;

	if (!ends)
		return NULL;
	ends->ps = udp(pcscf, addr, PORT_PS);
	ends->pc = udp(pcscf, addr, PORT_PC);
	whole = ends->ps && ends->pc;
	for (i = 0; i < n && whole; i++) {
		ends->uc[i] = udp(ues, UE_NET + first + i, PORT_UC);
		ends->us[i] = udp(ues, UE_NET + first + i, PORT_US);
		whole = ends->uc[i] && ends->us[i];
		ends->n++;
	}
	if (whole)
		return ends;
	close_ends(ends);
	return NULL;
}

static int deliver(struct socket *from, struct socket *to, u32 addr, u16 port,
		   u32 len)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(addr),
		.sin_port = htons(port),
	};
	struct msghdr msg = { .msg_name = &sin, .msg_namelen = sizeof(sin) };
	struct kvec vec = { .iov_base = payload, .iov_len = len };
	int ret = kernel_sendmsg(from, &msg, &vec, 1, len);

	if (ret != len)
		return ret < 0 ? ret : -EIO;
	msg = (struct msghdr){};
	ret = kernel_recvmsg(to, &msg, &vec, 1, sizeof(payload), 0);
	if (ret == len)
		return 0;
	return ret < 0 ? ret : -EIO;
}

/**
 * bench_trips() - round trips, one UE after the other
 * @pcscf: namespace of the P-CSCF
 * @ns_fd: the writer's file of the UEs' namespace
 * @addr: the P-CSCF's address
 * @first: number of the first UE
 * @n: how many UEs take turns
 * @len: bytes of a message
 * @loops: how many round trips
 * @result: what came out; a message that does not come is @dropped
 *
 * Return: 0 or a negative errno.
 */
int bench_trips(struct net *pcscf, int ns_fd, __be32 addr, u32 first, u32 n,
		u32 len, u32 loops, struct bench_result *result)
{
	static const char begin_of_message[] = "MESSAGE sip:a@b SIP/2.0\r\n";
	u32 local = ntohl(addr);
	struct ends *ends;
	struct net *ues;
	u32 i;

	if (!n || n > UES_MAX || len > sizeof(payload) ||
	    len < sizeof(begin_of_message))
		return -EINVAL;
	ues = get_net_ns_by_fd(ns_fd);
	if (IS_ERR(ues))
		return PTR_ERR(ues);
	memset(payload, 'a', sizeof(payload));
	memcpy(payload, begin_of_message, sizeof(begin_of_message) - 1);
	ends = open_ends(pcscf, ues, local, first, n);
	if (!ends) {
		put_net(ues);
		return -EADDRNOTAVAIL;
	}
	bench_begin();
	for (i = 0; i < loops; i++) {
		u32 ue = i % n;

		if (deliver(ends->uc[ue], ends->ps, local, PORT_PS, len) ||
		    deliver(ends->pc, ends->us[ue], UE_NET + first + ue,
			    PORT_US, len))
			result->dropped++;
		else
			result->accepted++;
		bench_batch();
		cond_resched();
	}
	result->ns = bench_end();
	result->n = loops;
	close_ends(ends);
	put_net(ues);
	return 0;
}
