// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent/kernel*.c: whatever comes from netlink is read within its datagram,
 * every call ends, and one that fails says why.
 *
 * Input: which call, then datagrams, each behind its length in two bytes, low
 * byte first. Of the messages in them those with sequence number 1 answer the
 * request and those of type FAMILY are the family's.
 */
#include <sanitizer/asan_interface.h>
#include <sys/socket.h>

#include "fuzz.h"
#include "kernel-priv.h"

#define FAMILY		0x1f
/* The linker has the agent's files call these (see Makefile). */
#define WRAP(function)	__wrap_##function

ssize_t WRAP(send)(int fd, const void *data, size_t len, int flags);
ssize_t WRAP(recvmsg)(int fd, struct msghdr *mh, int flags);
ssize_t WRAP(recvfrom)(int fd, void *data, size_t size, int flags,
		       struct sockaddr *from, socklen_t *from_len);
int WRAP(genl_connect)(struct nl_sock *sk);
int WRAP(setsockopt)(int fd, int level, int name, const void *value,
		     socklen_t len);

/**
 * struct wire - what the kernel is about to send
 * @in: datagrams that are left
 * @seq: sequence number of the last request
 */
static struct wire {
	struct input in;
	uint32_t seq;
} wire;

/* As answers of this request. */
static void address(char *data, size_t len)
{
	struct nlmsghdr nlh;
	size_t step;

	for (; len >= sizeof(nlh); data += step, len -= step) {
		memcpy(&nlh, data, sizeof(nlh));
		step = NLMSG_ALIGN((size_t)nlh.nlmsg_len);
		if (nlh.nlmsg_seq == 1)
			nlh.nlmsg_seq = wire.seq;
		memcpy(data, &nlh, sizeof(nlh));
		if (step < sizeof(nlh) || step > len)
			return;
	}
}

/* The rest of the buffer is out of bounds until the next datagram. */
static ssize_t receive(void *data, size_t size)
{
	size_t len = take_byte(&wire.in);

	ASAN_UNPOISON_MEMORY_REGION(data, size);
	len |= (size_t)take_byte(&wire.in) << 8;
	if (!wire.in.left) {
		errno = EAGAIN;
		return -1;
	}
	len = len < wire.in.left ? len : wire.in.left;
	memcpy(data, wire.in.p, len);
	wire.in.p += len;
	wire.in.left -= len;
	address(data, len);
	ASAN_POISON_MEMORY_REGION((char *)data + len, size - len);
	return len;
}

ssize_t WRAP(send)(int fd, const void *data, size_t len, int flags)
{
	const struct nlmsghdr *nlh = data;

	(void)fd;
	(void)flags;
	CHECK(len == nlh->nlmsg_len);
	wire.seq = nlh->nlmsg_seq;
	return len;
}

ssize_t WRAP(recvmsg)(int fd, struct msghdr *mh, int flags)
{
	(void)fd;
	(void)flags;
	return receive(mh->msg_iov->iov_base, mh->msg_iov->iov_len);
}

ssize_t WRAP(recvfrom)(int fd, void *data, size_t size, int flags,
		       struct sockaddr *from, socklen_t *from_len)
{
	(void)fd;
	(void)flags;
	memset(from, 0, *from_len);
	return receive(data, size);
}

int WRAP(genl_connect)(struct nl_sock *sk)
{
	(void)sk;
	return 0;
}

int WRAP(setsockopt)(int fd, int level, int name, const void *value,
		     socklen_t len)
{
	(void)fd;
	(void)level;
	(void)name;
	(void)value;
	(void)len;
	return 0;
}

static void check_addr(const struct gmg_addr *addr)
{
	char text[GMG_ADDR_TEXT_MAX];

	CHECK(!!gmg_addr_len(addr) == !!*gmg_addr_format(addr, text,
							 sizeof(text)));
}

/* 0, or what a callback returns that has had enough. */
static int check_endpoint(const struct gmg_endpoint *ep, void *arg)
{
	char text[GMG_PREFIX_TEXT_MAX];

	(void)arg;
	if (!ep)
		return 0;
	check_addr(&ep->local_addr);
	CHECK(ep->n_port_ps <= COUNT(ep->port_ps));
	CHECK(ep->n_port_pc <= COUNT(ep->port_pc));
	CHECK(ep->n_port_unprotected <= COUNT(ep->port_unprotected));
	CHECK(ep->n_exempt <= COUNT(ep->exempt));
	for (unsigned int i = 0; i < ep->n_exempt; i++)
		CHECK(strlen(gmg_prefix_format(&ep->exempt[i], text,
					       sizeof(text))) < sizeof(text));
	return ep->id == 0xffffffff ? -ECANCELED : 0;
}

static int check_saset(const struct gmg_saset *set, void *arg)
{
	struct gmg_saset copy;

	(void)arg;
	if (!set)
		return 0;
	check_addr(&set->local_addr);
	check_addr(&set->ue_addr);
	CHECK(strnlen(set->impi, sizeof(set->impi)) < sizeof(set->impi));
	CHECK(!set->agent_data == !set->agent_data_len);
	CHECK(gmg_phase_name(set->phase) && gmg_alg_name(set->alg) &&
	      gmg_ealg_name(set->ealg) && gmg_cause_name(set->cause));
	CHECK(!gmg_saset_copy(&copy, set));
	CHECK(copy.agent_data_len == set->agent_data_len);
	gmg_saset_clear(&copy);
	return set->id == 0xffffffff ? -ECANCELED : 0;
}

static int check_adopted(const struct gmg_adopted *sa, void *arg)
{
	(void)arg;
	if (!sa)
		return 0;
	check_addr(&sa->local_addr);
	check_addr(&sa->ue_addr);
	check_addr(&sa->src_addr);
	check_addr(&sa->dst_addr);
	CHECK(strnlen(sa->alg, sizeof(sa->alg)) < sizeof(sa->alg));
	CHECK(strnlen(sa->ealg, sizeof(sa->ealg)) < sizeof(sa->ealg));
	CHECK(gmg_direction_name(sa->direction) &&
	      gmg_selector_name(sa->selector) &&
	      gmg_condition_name(sa->condition));
	return sa->spi == 0xffffffff ? -ECANCELED : 0;
}

static int check_event(const struct gmg_event *ev, void *arg)
{
	CHECK(gmg_event_name(ev->event));
	switch (ev->kind) {
	case GMG_EVENT_ENDPOINT:
		return check_endpoint(&ev->endpoint, arg);
	case GMG_EVENT_SASET:
		return check_saset(&ev->saset, arg);
	case GMG_EVENT_DROP:
		check_addr(&ev->drop.src_addr);
		check_addr(&ev->drop.dst_addr);
		CHECK(gmg_reason_name(ev->drop.reason));
		return 0;
	case GMG_EVENT_ADOPTED:
		return check_adopted(&ev->adopted, arg);
	}
	CHECK(!"kind of event");
	return 0;
}

static int get_endpoint(struct gmg_kernel *k)
{
	struct gmg_endpoint ep = { 0 };
	int ret = kernel_endpoint_get(k, 1, &ep);

	check_endpoint(&ep, NULL);
	return ret;
}

static int new_endpoint(struct gmg_kernel *k)
{
	struct gmg_endpoint ep = { .n_port_ps = 1, .port_ps = { 6201 } };

	return kernel_endpoint_new(k, &ep);
}

static int get_saset(struct gmg_kernel *k)
{
	struct gmg_saset set;
	int ret = kernel_saset_get(k, 1, &set);

	check_saset(&set, NULL);
	gmg_saset_clear(&set);
	return ret;
}

/* A request that has all: an extack may be about any of it. */
static int new_saset(struct gmg_kernel *k)
{
	static const uint8_t key[16];
	const struct gmg_saset_req req = {
		.endpoint_id = 1, .ue_addr = { .family = AF_INET },
		.port_uc = 1, .port_us = 2, .port_pc = 3, .port_ps = 4,
		.spi_uc = 5, .spi_us = 6, .spi_pc = 7, .spi_ps = 8,
		.alg = 1, .ealg = 1, .alg_key = key, .alg_key_len = 16,
		.ealg_key = key, .ealg_key_len = 16, .impi = "u@r",
		.phase = 1, .lifetime_ms = 9, .agent_data = "{}",
		.agent_data_len = 2, .seq = { 1, 2, 3, 4 },
	};
	struct gmg_saset set;
	int ret = kernel_saset_new(k, &req, &set);

	check_saset(&set, NULL);
	gmg_saset_clear(&set);
	return ret;
}

static int get_stats(struct gmg_kernel *k)
{
	struct gmg_stats st;
	int ret = kernel_stats(k, &st);

	CHECK(st.n_count <= COUNT(st.count));
	for (unsigned int i = 0; i < st.n_count; i++)
		CHECK(strnlen(st.count[i].name, sizeof(st.count[i].name)) <
		      sizeof(st.count[i].name));
	CHECK(strnlen(st.version, sizeof(st.version)) < sizeof(st.version));
	return ret;
}

static int get_limits(struct gmg_kernel *k)
{
	struct gmg_limits lim;
	int ret = kernel_limits_get(k, &lim);

	CHECK(!(lim.has & ~((2u << GMGUARD_A_LIMITS_MAX) - 2)));
	return ret;
}

static int dump_endpoints(struct gmg_kernel *k)
{
	return kernel_endpoint_dump(k, check_endpoint, NULL);
}

static int dump_sasets(struct gmg_kernel *k)
{
	return kernel_saset_dump(k, check_saset, NULL);
}

static int dump_adopted(struct gmg_kernel *k)
{
	return kernel_adopted_dump(k, check_adopted, NULL);
}

static int read_events(struct gmg_kernel *k)
{
	k->grp_events = 1;
	k->grp_drops = 2;
	CHECK(kernel_subscribe(k, true, true) < 0 || k->ev_rx);
	return kernel_event_recv(k, check_event, NULL);
}

/* The connection itself: the family is looked for. */
static int open_kernel(struct gmg_kernel *k)
{
	struct gmg_kernel other = { 0 };
	int ret = kernel_open(&other);

	memcpy(k->err, other.err, sizeof(k->err));
	if (other.rx)
		ASAN_UNPOISON_MEMORY_REGION(other.rx, GMG_RX_SIZE);
	kernel_close(&other);
	return ret;
}

/* In the order that tests/fuzz/seeds.py knows. */
static int (*const calls[])(struct gmg_kernel *k) = {
	open_kernel, new_endpoint, get_endpoint, dump_endpoints, new_saset,
	get_saset, dump_sasets, get_stats, get_limits, read_events,
	dump_adopted,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gmg_kernel k = { .family = FAMILY };
	int ret;

	wire.in = (struct input){ data, size };
	k.sk = nl_socket_alloc();
	k.rx = malloc(GMG_RX_SIZE);
	CHECK(k.sk && k.rx);
	ret = calls[take_byte(&wire.in) % COUNT(calls)](&k);
	CHECK(ret <= 0);
	CHECK(strnlen(k.err, sizeof(k.err)) < sizeof(k.err));
	/* only a callback has no word for it */
	CHECK(!ret || ret == -ECANCELED || k.err[0]);
	ASAN_UNPOISON_MEMORY_REGION(k.rx, GMG_RX_SIZE);
	if (k.ev_rx)
		ASAN_UNPOISON_MEMORY_REGION(k.ev_rx, GMG_RX_SIZE);
	kernel_close(&k);
	return 0;
}
