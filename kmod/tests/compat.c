// SPDX-License-Identifier: GPL-2.0-only
/*
 * What kmod/compat makes up for does the same on every kernel.
 */
#include <linux/in.h>
#include <linux/net.h>
#include <linux/rtnetlink.h>
#include <linux/timer.h>
#include <net/inet6_hashtables.h>
#include <net/inet_hashtables.h>
#include <net/tcp.h>
#include <net/xfrm.h>

#include "test.h"

#define FAR_AWAY (3600 * HZ)

static void nothing(struct timer_list *timer)
{
}

static void stopped_timer(struct kunit *test)
{
	struct timer_list timer;

	timer_setup_on_stack(&timer, nothing, 0);
	mod_timer(&timer, jiffies + FAR_AWAY);
	KUNIT_EXPECT_EQ(test, timer_delete_sync(&timer), 1);
	KUNIT_EXPECT_FALSE(test, timer_pending(&timer));
	destroy_timer_on_stack(&timer);
}

static void idle_timer(struct kunit *test)
{
	struct timer_list timer;

	timer_setup_on_stack(&timer, nothing, 0);
	KUNIT_EXPECT_EQ(test, timer_delete_sync(&timer), 0);
	destroy_timer_on_stack(&timer);
}

static void bare_state(struct kunit *test)
{
	struct netlink_ext_ack extack = {};
	struct xfrm_state *x = xfrm_state_alloc(&init_net);

	KUNIT_ASSERT_NOT_NULL(test, x);
	x->id.proto = IPPROTO_ESP;
	x->props.family = AF_INET;
	x->props.mode = XFRM_MODE_TRANSPORT;
	KUNIT_EXPECT_EQ(test, xfrm_init_state(x, &extack), -EINVAL);
	x->km.state = XFRM_STATE_DEAD;
	xfrm_state_put(x);
}

/* A connection over loopback, whose ends are the three sockets. */
struct ends {
	struct socket *listener, *client, *server;
};

static int connect_ends(struct ends *ends, struct sockaddr_in *addr)
{
	int err;

	rtnl_lock();
	err = dev_open(init_net.loopback_dev, NULL);
	rtnl_unlock();
	if (!err)
		err = sock_create_kern(&init_net, AF_INET, SOCK_STREAM,
				       IPPROTO_TCP, &ends->listener);
	if (!err)
		err = kernel_bind(ends->listener, (void *)addr, sizeof(*addr));
	if (!err)
		err = kernel_listen(ends->listener, 1);
	if (!err)
		err = kernel_getsockname(ends->listener, (void *)addr);
	if (err >= 0)
		err = sock_create_kern(&init_net, AF_INET, SOCK_STREAM,
				       IPPROTO_TCP, &ends->client);
	if (!err)
		err = kernel_connect(ends->client, (void *)addr, sizeof(*addr),
				     0);
	return err ?: kernel_accept(ends->listener, &ends->server, 0);
}

static void close_ends(struct ends *ends)
{
	if (ends->server)
		sock_release(ends->server);
	if (ends->client)
		sock_release(ends->client);
	if (ends->listener)
		sock_release(ends->listener);
}

static struct sock *find(const struct sockaddr_in *from,
			 const struct sockaddr_in *to)
{
	return __inet_lookup_established(&init_net, from->sin_addr.s_addr,
					 from->sin_port, to->sin_addr.s_addr,
					 ntohs(to->sin_port), 0, 0);
}

static void connection(struct kunit *test)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	}, from;
	struct ends ends = {};
	struct sock *sk;
	int err;

	err = connect_ends(&ends, &to);
	KUNIT_EXPECT_EQ(test, err, 0);
	if (err)
		goto out;
	KUNIT_EXPECT_GE(test, kernel_getsockname(ends.client, (void *)&from),
			0);
	sk = find(&from, &to);
	KUNIT_EXPECT_PTR_EQ(test, sk, ends.server->sk);
	if (sk)
		sock_gen_put(sk);
	from.sin_port ^= htons(1);
	KUNIT_EXPECT_NULL(test, find(&from, &to));
out:
	close_ends(&ends);
}

static void no_connection6(struct kunit *test)
{
	struct in6_addr addr = IN6ADDR_LOOPBACK_INIT;

	KUNIT_EXPECT_NULL(test, __inet6_lookup_established(&init_net, &addr,
							   htons(5062), &addr,
							   5060, 0, 0));
}

#ifdef CONFIG_SYN_COOKIES
#define SEQ 1000

/* The ACK of a SYN that was answered with a cookie. */
static void ack_of(struct tcphdr *th, u32 cookie)
{
	th->ack = 1;
	th->seq = htonl(SEQ + 1);
	th->ack_seq = htonl(cookie + 1);
}

static void cookie4(struct kunit *test)
{
	const struct iphdr iph = {
		.saddr = cpu_to_be32(GMG_LAB_UE),
		.daddr = cpu_to_be32(GMG_LAB_PCSCF),
	};
	struct tcphdr th = {
		.source = htons(5062), .dest = htons(5060), .seq = htonl(SEQ),
	};
	u16 mss = 1460;
	u32 cookie = __cookie_v4_init_sequence(&iph, &th, &mss);

	ack_of(&th, cookie);
	KUNIT_EXPECT_GT(test, __cookie_v4_check(&iph, &th), 0);
	ack_of(&th, ~cookie);
	KUNIT_EXPECT_EQ(test, __cookie_v4_check(&iph, &th), 0);
}

static void cookie6(struct kunit *test)
{
	const struct ipv6hdr iph = {
		.saddr = IN6ADDR_LOOPBACK_INIT, .daddr = IN6ADDR_LOOPBACK_INIT,
	};
	struct tcphdr th = {
		.source = htons(5062), .dest = htons(5060), .seq = htonl(SEQ),
	};
	u16 mss = 1440;
	u32 cookie = __cookie_v6_init_sequence(&iph, &th, &mss);

	ack_of(&th, cookie);
	KUNIT_EXPECT_GT(test, __cookie_v6_check(&iph, &th), 0);
	ack_of(&th, ~cookie);
	KUNIT_EXPECT_EQ(test, __cookie_v6_check(&iph, &th), 0);
}
#endif

static const struct same {
	const char *name;
	void (*check)(struct kunit *test);
} same[] = {
	{ "say of a timer that it was running, and stop it", stopped_timer },
	{ "say of a timer that it was not running", idle_timer },
	{ "refuse a state without an algorithm", bare_state },
	{ "find a connection by its ends, and no other", connection },
	{ "find no IPv6 connection where there is none", no_connection6 },
#ifdef CONFIG_SYN_COOKIES
	{ "know an IPv4 SYN cookie by the ACK that brings it back", cookie4 },
	{ "know an IPv6 SYN cookie by the ACK that brings it back", cookie6 },
#endif
};

GMG_ROWS(same);

static void compat(struct kunit *test)
{
	const struct same *row = test->param_value;

	row->check(test);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(compat, same_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "gmguard-compat",
	.test_cases = cases,
};

kunit_test_suite(suite);
