// SPDX-License-Identifier: GPL-2.0-only
/*
 * Set UEs up in the kernel, in the ways that are compared, and say how many
 * seconds it would have taken without disturbance: the median of them all, so
 * many times.
 *
 *	uesetup KIND FIRST N [aes-cbc|null [BEHIND [DATA]]]
 *
 * KIND is
 *	gmguard		one message a UE, its answer is read before the next
 *	fixed		the same, but SPIs and ports are not left to the kernel
 *	kamailio	what Kamailio's ims_ipsec_pcscf (5.6) sends, as it does:
 *			a socket for each UE, on it four times XFRM_MSG_NEWSA
 *			and XFRM_MSG_NEWPOLICY, nothing is read
 *	kamailio-one	the same eight messages in one system call on one socket
 *	gmguard-inside, kamailio-inside
 *			the messages of both, sent and answered without system
 *			calls by gmguard-bench.ko (kmod/replay.c)
 *	nft		writes what "fixed" makes as elements of an nft set:
 *			addresses, ports and SPI of both inbound SAs
 *	ip		writes the lines for "ip -batch" that do what kamailio
 *			does
 *
 * BEHIND: so many UEs share an address (1). DATA: what gmguard keeps with each
 * set for the agent; # in it becomes the UE's number.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/gmguard.h>

/* As in kmod/make.c and peers.py. */
#define PCSCF		0x0a210001u
#define UE_NET		0x0a400000u
#define PORT_PS		6101
#define PORT_PC		6110
#define SAS		4
#define LIFETIME_MS	86400000u

enum { SA_A, SA_D, SA_B, SA_C };

static unsigned int behind = 1;
static const char *encryption = "aes-cbc", *data = "";

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* What gmguard-bench.ko shall send, if it shall. */
static char *inside;
static size_t inside_len;

static void keep(const void *bytes, uint32_t len)
{
	memcpy(inside + inside_len, &len, sizeof(len));
	inside_len += sizeof(len);
	if (len)
		memcpy(inside + inside_len, bytes, len);
	inside_len += len;
}

/* What each UE took. */
static double *laps, last;
static uint32_t n_laps;

static void lap(void)
{
	if (inside) {
		keep(NULL, 0);
		return;
	}
	double time = now();

	laps[n_laps++] = time - last;
	last = now();
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* One UE: both ends of one of its SAs. */
struct sa {
	uint32_t src, dst, spi;
	uint16_t sport, dport;
	int in;
};

/* As good as random, and never the same twice (MurmurHash3's last step). */
static uint32_t spi_of(uint32_t ue, int sa)
{
	uint32_t spi = ue * SAS + sa + 1;

	spi = (spi ^ spi >> 16) * 0x85ebca6bu;
	spi = (spi ^ spi >> 13) * 0xc2b2ae35u;
	return spi ^ spi >> 16;
}

static struct sa sa_of(uint32_t ue, int sa)
{
	int in = sa == SA_A || sa == SA_D, client = sa == SA_A || sa == SA_B;
	uint32_t addr = UE_NET + ue / behind;
	uint16_t ue_port = 10000 + 2 * (ue % behind) + !client;
	uint16_t port = client ? PORT_PS : PORT_PC;

	return (struct sa){
		.src = htonl(in ? addr : PCSCF),
		.dst = htonl(in ? PCSCF : addr),
		.spi = spi_of(ue, sa),
		.sport = in ? ue_port : port,
		.dport = in ? port : ue_port,
		.in = in,
	};
}

/* ----- messages --------------------------------------------------------- */

static char buffer[16384];

static struct nlmsghdr *begin(void *at, uint16_t type, uint16_t flags,
			      size_t head)
{
	struct nlmsghdr *nlh = at;

	memset(nlh, 0, NLMSG_SPACE(head));
	nlh->nlmsg_len = NLMSG_LENGTH(head);
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	return nlh;
}

static void *put(struct nlmsghdr *nlh, uint16_t type, const void *data,
		 size_t len)
{
	struct nlattr *attr = (void *)((char *)nlh +
				       NLMSG_ALIGN(nlh->nlmsg_len));

	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + len;
	memset((char *)attr + NLA_HDRLEN, 0, NLA_ALIGN(len));
	if (data)
		memcpy((char *)attr + NLA_HDRLEN, data, len);
	nlh->nlmsg_len = NLMSG_ALIGN(nlh->nlmsg_len) +
			 NLA_ALIGN(attr->nla_len);
	return attr;
}

static void put_u32(struct nlmsghdr *nlh, uint16_t type, uint32_t value)
{
	put(nlh, type, &value, sizeof(value));
}

static void put_u16(struct nlmsghdr *nlh, uint16_t type, uint16_t value)
{
	put(nlh, type, &value, sizeof(value));
}

static int open_netlink(int protocol)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	/* As mnl_socket_bind() does. */
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    getsockname(fd, (struct sockaddr *)&addr, &len))
		fail("netlink socket");
	return fd;
}

static void transmit(int fd, const void *data, size_t len)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };

	if (inside) {
		keep(data, len);
		return;
	}

	if (sendto(fd, data, len, 0, (struct sockaddr *)&addr,
		   sizeof(addr)) < 0)
		fail("sendto");
}

/* Reads until the kernel's verdict; a refusal ends the program. */
static void await_ack(int fd)
{
	for (;;) {
		ssize_t len = recv(fd, buffer, sizeof(buffer), 0);
		struct nlmsghdr *nlh = (struct nlmsghdr *)buffer;

		if (len < 0)
			fail("recv");
		for (; NLMSG_OK(nlh, len); nlh = NLMSG_NEXT(nlh, len)) {
			const struct nlmsgerr *err = NLMSG_DATA(nlh);

			if (nlh->nlmsg_type != NLMSG_ERROR)
				continue;
			if (!err->error)
				return;
			errno = -err->error;
			fail("the kernel refuses");
		}
	}
}

/* Has gmguard-bench.ko send what was kept; takes its time for that of each. */
static void replay(int fd, int ack)
{
	int file = open("/proc/gmguard-bench", O_RDWR);
	unsigned long long ns, n;
	char text[128];
	ssize_t len;

	len = snprintf(text, sizeof(text), "replay %d %lx %zu %d", fd,
		       (unsigned long)inside, inside_len, ack);
	if (file < 0 || write(file, text, len) != len)
		fail("/proc/gmguard-bench");
	len = read(file, text, sizeof(text) - 1);
	text[len > 0 ? len : 0] = '\0';
	if (sscanf(text, "{\"ns\": %llu, \"n\": %llu", &ns, &n) != 2)
		fail("its answer");
	laps[0] = ns / 1e9;
	n_laps = 1;
	close(file);
}

static char *room_for(uint32_t n)
{
	/* Kamailio's eight messages have some 4 KB. */
	char *room = malloc(((size_t)n + 1) * 8192);

	if (!room)
		fail("malloc");
	return room;
}

/* ----- gmguard ---------------------------------------------------------- */

static uint16_t family(int fd)
{
	struct nlmsghdr *nlh = begin(buffer, GENL_ID_CTRL, 0, GENL_HDRLEN);
	struct genlmsghdr *genl = NLMSG_DATA(nlh);
	struct nlattr *attr;
	ssize_t len;

	genl->cmd = CTRL_CMD_GETFAMILY;
	put(nlh, CTRL_ATTR_FAMILY_NAME, GMGUARD_FAMILY_NAME,
	    sizeof(GMGUARD_FAMILY_NAME));
	transmit(fd, nlh, nlh->nlmsg_len);
	len = recv(fd, buffer, sizeof(buffer), 0);
	if (len < 0 || nlh->nlmsg_type == NLMSG_ERROR)
		fail("no gmguard");
	attr = (void *)((char *)genl + GENL_HDRLEN);
	while (attr->nla_type != CTRL_ATTR_FAMILY_ID)
		attr = (void *)((char *)attr + NLA_ALIGN(attr->nla_len));
	return *(uint16_t *)((char *)attr + NLA_HDRLEN);
}

static void put_data(struct nlmsghdr *nlh, uint32_t ue)
{
	char room[1024];
	size_t len = 0;
	const char *c;

	for (c = data; *c && len < sizeof(room) - 16; c++) {
		if (*c == '#')
			len += sprintf(room + len, "%u", ue);
		else
			room[len++] = *c;
	}
	if (len)
		put(nlh, GMGUARD_A_SA_SET_AGENT_DATA, room, len);
}

static void put_set(struct nlmsghdr *nlh, uint32_t ue, int fixed)
{
	int aes = !strcmp(encryption, "aes-cbc");
	struct sa a = sa_of(ue, SA_A), d = sa_of(ue, SA_D);
	char impi[64], keys[20];
	struct nlattr *nest = put(nlh, GMGUARD_A_SA_SET | NLA_F_NESTED,
				  NULL, 0);

	memset(keys, 0x11, sizeof(keys));
	snprintf(impi, sizeof(impi), "user%u@ims.example", ue);
	put_u32(nlh, GMGUARD_A_SA_SET_ENDPOINT_ID, 1);
	put(nlh, GMGUARD_A_SA_SET_UE_ADDR, &a.src, 4);
	put_u16(nlh, GMGUARD_A_SA_SET_PORT_UC, a.sport);
	put_u16(nlh, GMGUARD_A_SA_SET_PORT_US, d.sport);
	put_u32(nlh, GMGUARD_A_SA_SET_SPI_UC, spi_of(ue, SA_B));
	put_u32(nlh, GMGUARD_A_SA_SET_SPI_US, spi_of(ue, SA_C));
	if (fixed) {
		put_u16(nlh, GMGUARD_A_SA_SET_PORT_PS, PORT_PS);
		put_u16(nlh, GMGUARD_A_SA_SET_PORT_PC, PORT_PC);
		put_u32(nlh, GMGUARD_A_SA_SET_SPI_PS, a.spi);
		put_u32(nlh, GMGUARD_A_SA_SET_SPI_PC, d.spi);
	}
	put_u32(nlh, GMGUARD_A_SA_SET_ALG, GMGUARD_ALG_HMAC_SHA_1_96);
	put(nlh, GMGUARD_A_SA_SET_ALG_KEY, keys, 20);
	put_u32(nlh, GMGUARD_A_SA_SET_EALG,
		aes ? GMGUARD_EALG_AES_CBC : GMGUARD_EALG_NULL);
	if (aes)
		put(nlh, GMGUARD_A_SA_SET_EALG_KEY, keys, 16);
	put(nlh, GMGUARD_A_SA_SET_IMPI, impi, strlen(impi) + 1);
	put_u32(nlh, GMGUARD_A_SA_SET_PHASE, GMGUARD_PHASE_ESTABLISHED);
	put_u32(nlh, GMGUARD_A_SA_SET_LIFETIME_MS, LIFETIME_MS);
	put_data(nlh, ue);
	nest->nla_len = (char *)nlh + nlh->nlmsg_len - (char *)nest;
}

static void gmguard(uint32_t first, uint32_t n, int fixed, int within)
{
	int fd = open_netlink(NETLINK_GENERIC);
	char message[2048];
	uint16_t id;
	uint32_t i;

	id = family(fd);
	if (within)
		inside = room_for(n);
	for (i = 0; i < n; i++) {
		struct nlmsghdr *nlh = begin(message, id, NLM_F_ACK,
					     GENL_HDRLEN);
		struct genlmsghdr *genl = NLMSG_DATA(nlh);

		genl->cmd = GMGUARD_CMD_SA_SET_NEW;
		genl->version = GMGUARD_FAMILY_VERSION;
		put_set(nlh, first + i, fixed);
		transmit(fd, nlh, nlh->nlmsg_len);
		if (!inside)
			await_ack(fd);
		lap();
	}
	if (inside)
		replay(fd, 1);
	close(fd);
}

/* ----- Kamailio --------------------------------------------------------- */

static void put_alg(struct nlmsghdr *nlh, uint16_t type, const char *name,
		    unsigned int bits)
{
	char room[sizeof(struct xfrm_algo) + 160] = "";
	struct xfrm_algo *alg = (struct xfrm_algo *)room;

	strcpy(alg->alg_name, name);
	alg->alg_key_len = bits;
	memset(alg->alg_key, 0x11, bits / 8);
	/* It takes bits for bytes: the attribute is too long. */
	put(nlh, type, alg, sizeof(*alg) + bits);
}

static void select_flow(struct xfrm_selector *sel, const struct sa *sa)
{
	sel->family = AF_INET;
	sel->saddr.a4 = sa->src;
	sel->daddr.a4 = sa->dst;
	sel->prefixlen_s = 32;
	sel->prefixlen_d = 32;
	sel->sport = htons(sa->sport);
	sel->dport = htons(sa->dport);
	sel->sport_mask = 0xffff;
	sel->dport_mask = 0xffff;
}

static void forever(struct xfrm_lifetime_cfg *lft)
{
	lft->soft_byte_limit = XFRM_INF;
	lft->hard_byte_limit = XFRM_INF;
	lft->soft_packet_limit = XFRM_INF;
	lft->hard_packet_limit = XFRM_INF;
}

static struct nlmsghdr *new_sa(void *at, const struct sa *sa)
{
	struct nlmsghdr *nlh = begin(at, XFRM_MSG_NEWSA,
				     NLM_F_CREATE | NLM_F_EXCL,
				     sizeof(struct xfrm_usersa_info));
	struct xfrm_usersa_info *info = NLMSG_DATA(nlh);
	int aes = !strcmp(encryption, "aes-cbc");

	select_flow(&info->sel, sa);
	info->id.daddr.a4 = sa->dst;
	info->saddr.a4 = sa->src;
	info->id.spi = htonl(sa->spi);
	info->id.proto = IPPROTO_ESP;
	forever(&info->lft);
	info->reqid = sa->spi;
	info->family = AF_INET;
	info->mode = XFRM_MODE_TRANSPORT;
	info->replay_window = 32;
	put_alg(nlh, XFRMA_ALG_AUTH, "sha1", 160);
	put_alg(nlh, XFRMA_ALG_CRYPT, aes ? "aes" : "cipher_null",
		aes ? 128 : 0);
	return nlh;
}

static struct nlmsghdr *new_policy(void *at, const struct sa *sa)
{
	struct nlmsghdr *nlh = begin(at, XFRM_MSG_NEWPOLICY,
				     NLM_F_CREATE | NLM_F_EXCL,
				     sizeof(struct xfrm_userpolicy_info));
	struct xfrm_userpolicy_info *info = NLMSG_DATA(nlh);
	struct xfrm_user_tmpl tmpl = {
		.id = { .daddr.a4 = sa->dst, .proto = IPPROTO_ESP },
		.family = AF_INET,
		.saddr.a4 = sa->src,
		.reqid = sa->spi,
		.mode = XFRM_MODE_TRANSPORT,
		.aalgos = ~0u,
		.ealgos = ~0u,
		.calgos = ~0u,
	};

	select_flow(&info->sel, sa);
	forever(&info->lft);
	info->priority = 2080;
	info->action = XFRM_POLICY_ALLOW;
	info->share = XFRM_SHARE_ANY;
	info->dir = sa->in ? XFRM_POLICY_IN : XFRM_POLICY_OUT;
	put(nlh, XFRMA_TMPL, &tmpl, sizeof(tmpl));
	return nlh;
}

/* Its order. */
static const int order[SAS] = { SA_A, SA_C, SA_B, SA_D };

static void send_eight(int fd, uint32_t ue)
{
	for (int i = 0; i < SAS; i++) {
		struct sa sa = sa_of(ue, order[i]);
		struct nlmsghdr *nlh = new_sa(buffer, &sa);

		transmit(fd, nlh, nlh->nlmsg_len);
		nlh = new_policy(buffer, &sa);
		transmit(fd, nlh, nlh->nlmsg_len);
	}
}

static void kamailio_inside(uint32_t first, uint32_t n)
{
	int fd = open_netlink(NETLINK_XFRM);
	uint32_t ue;

	inside = room_for(n);
	for (ue = first; ue < first + n; ue++) {
		send_eight(fd, ue);
		lap();
	}
	replay(fd, 0);
	close(fd);
}

static void kamailio(uint32_t first, uint32_t n)
{
	uint32_t ue;

	for (ue = first; ue < first + n; ue++) {
		int fd = open_netlink(NETLINK_XFRM);

		send_eight(fd, ue);
		close(fd);
		lap();
	}
}

static void kamailio_one(uint32_t first, uint32_t n)
{
	int fd = open_netlink(NETLINK_XFRM), i;
	uint32_t ue;

	for (ue = first; ue < first + n; ue++) {
		size_t len = 0;

		for (i = 0; i < SAS; i++) {
			struct sa sa = sa_of(ue, order[i]);

			len += NLMSG_ALIGN(new_sa(buffer + len,
						  &sa)->nlmsg_len);
			len += NLMSG_ALIGN(new_policy(buffer + len,
						      &sa)->nlmsg_len);
		}
		transmit(fd, buffer, len);
		lap();
	}
	close(fd);
}

/* ----- texts ------------------------------------------------------------ */

static const char *text(uint32_t addr)
{
	static char room[2][INET_ADDRSTRLEN];
	static int next;

	next = !next;
	return inet_ntop(AF_INET, &addr, room[next], sizeof(room[next]));
}

static void nft(uint32_t first, uint32_t n)
{
	uint32_t ue;
	int sa;

	for (ue = first; ue < first + n; ue++) {
		for (sa = SA_A; sa <= SA_D; sa++) {
			struct sa s = sa_of(ue, sa);

			printf("%s . %u . %s . %u . %u,\n", text(s.src),
			       s.sport, text(s.dst), s.dport, s.spi);
		}
	}
}

static void ip(uint32_t first, uint32_t n)
{
	int aes = !strcmp(encryption, "aes-cbc"), i;
	uint32_t ue;

	for (ue = first; ue < first + n; ue++) {
		for (i = 0; i < SAS; i++) {
			struct sa s = sa_of(ue, order[i]);
			char id[64], sel[96];

			snprintf(id, sizeof(id), "src %s dst %s",
				 text(s.src), text(s.dst));
			snprintf(sel, sizeof(sel), "%s sport %u dport %u", id,
				 s.sport, s.dport);
			printf("xfrm state add %s proto esp spi %u reqid %u mode transport replay-window 32 auth sha1 0x1111111111111111111111111111111111111111 enc %s sel %s\n",
			       id, s.spi, s.spi, aes ?
			       "aes 0x11111111111111111111111111111111" :
			       "cipher_null \"\"", sel);
			printf("xfrm policy add %s dir %s priority 2080 tmpl %s proto esp reqid %u mode transport\n",
			       sel, s.in ? "in" : "out", id, s.spi);
		}
	}
}

int main(int argc, char **argv)
{
	uint32_t first, n;
	if (argc < 4 || argc > 7)
		return 2;
	first = strtoul(argv[2], NULL, 10);
	n = strtoul(argv[3], NULL, 10);
	if (argc > 4)
		encryption = argv[4];
	if (argc > 5)
		behind = strtoul(argv[5], NULL, 10);
	if (argc > 6)
		data = argv[6];

	laps = calloc(n + 1, sizeof(*laps));
	if (!laps)
		fail("calloc");
	last = now();
	if (!strcmp(argv[1], "gmguard"))
		gmguard(first, n, 0, 0);
	else if (!strcmp(argv[1], "gmguard-inside"))
		gmguard(first, n, 0, 1);
	else if (!strcmp(argv[1], "fixed"))
		gmguard(first, n, 1, 0);
	else if (!strcmp(argv[1], "kamailio-inside"))
		kamailio_inside(first, n);
	else if (!strcmp(argv[1], "kamailio"))
		kamailio(first, n);
	else if (!strcmp(argv[1], "kamailio-one"))
		kamailio_one(first, n);
	else if (!strcmp(argv[1], "nft"))
		return nft(first, n), 0;
	else if (!strcmp(argv[1], "ip"))
		return ip(first, n), 0;
	else
		return 2;
	qsort(laps, n_laps, sizeof(*laps), compare);
	printf("%.9f\n", laps[n_laps / 2] * n_laps);
	return 0;
}
