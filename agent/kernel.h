/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel.h - the generic netlink family "gmguard" as plain C.
 *
 * One struct gmg_kernel per thread. Every call is synchronous, returns 0 or a
 * negative errno, and then leaves one sentence for a human in k->err: the
 * kernel's own text, the attribute that it is about, and what to do.
 * Ports and SPIs are in host byte order, times in milliseconds. Zero (or
 * NULL, or AF_UNSPEC) means "absent" in everything that is sent.
 */
#ifndef GMG_KERNEL_H
#define GMG_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netinet/in.h>

#include <linux/gmguard.h>

struct nl_sock;

/** Longest text of an address, with its NUL ("" for an absent one). */
#define GMG_ADDR_TEXT_MAX	INET6_ADDRSTRLEN
/** Longest text of a prefix, with its NUL. */
#define GMG_PREFIX_TEXT_MAX	(INET6_ADDRSTRLEN + 4)
/** Number of SAs in a set; rows are indexed by enum gmguard_sa_name. */
#define GMG_SA_NUM		4
/** Most bytes of a key that the kernel takes. */
#define GMG_KEY_MAX		64
/** Most counters that struct gmg_stats keeps. */
#define GMG_STATS_MAX		128

/**
 * struct gmg_addr - an IP address
 * @family: AF_INET, AF_INET6, or AF_UNSPEC when absent
 * @bytes: 4 or 16 bytes in network byte order, the rest zero
 */
struct gmg_addr {
	int family;
	uint8_t bytes[16];
};

/**
 * struct gmg_prefix - an address prefix
 * @addr: address, bits beyond @len are zero
 * @len: prefix length in bits
 */
struct gmg_prefix {
	struct gmg_addr addr;
	uint8_t len;
};

/**
 * struct gmg_endpoint - a guarded endpoint
 * @id: chosen by the kernel
 * @local_addr: the P-CSCF's address on Gm
 * @port_ps: protected server ports
 * @n_port_ps: how many of them
 * @port_pc: pool of protected client ports
 * @n_port_pc: how many of them
 * @port_unprotected: unprotected SIP ports
 * @n_port_unprotected: how many of them
 * @exempt: core peers that protected ports may reach without an SA, and that
 *	may send any SIP to the unprotected ones
 * @n_exempt: how many of them
 * @emergency: emergency calls in clear may come to the unprotected ports
 * @stun: STUN may come to the unprotected ports
 * @audit: what would be dropped is counted only, and no set can be made
 * @policy_priority: priority of the xfrm out policies, 0 for the default
 * @sets: live SA sets (from the kernel only)
 * @policies: xfrm out policies in place (from the kernel only)
 */
struct gmg_endpoint {
	uint32_t id;
	struct gmg_addr local_addr;
	uint16_t port_ps[GMGUARD_PORT_PS_MAX];
	unsigned int n_port_ps;
	uint16_t port_pc[GMGUARD_PORT_PC_MAX];
	unsigned int n_port_pc;
	uint16_t port_unprotected[GMGUARD_PORT_UNPROTECTED_MAX];
	unsigned int n_port_unprotected;
	struct gmg_prefix exempt[GMGUARD_EXEMPT_MAX];
	unsigned int n_exempt;
	bool emergency;
	bool stun;
	bool audit;
	uint32_t policy_priority;
	uint32_t sets;
	uint32_t policies;
};

/**
 * struct gmg_sa - one SA of a set, as the kernel counts it
 * @spi: SPI in its packets
 * @seq: highest sequence number received (A, D) or last one sent (B, C)
 * @packets: packets through it
 * @bytes: bytes through it, as xfrm counts them
 * @replay_errors: packets refused as replayed or below the window
 * @integrity_errors: packets whose integrity check failed
 */
struct gmg_sa {
	uint32_t spi;
	uint32_t seq;
	uint64_t packets;
	uint64_t bytes;
	uint32_t replay_errors;
	uint32_t integrity_errors;
};

/**
 * struct gmg_saset - an SA set, as the kernel shows it (never a key)
 * @id: chosen by the kernel
 * @endpoint_id: its guarded endpoint
 * @local_addr: address of that endpoint
 * @ue_addr: address of the UE
 * @port_uc: UE's protected client port
 * @port_us: UE's protected server port
 * @port_pc: P-CSCF's protected client port
 * @port_ps: P-CSCF's protected server port
 * @spi_uc: SPI of SA B
 * @spi_us: SPI of SA C
 * @spi_pc: SPI of SA D
 * @spi_ps: SPI of SA A
 * @alg: enum gmguard_alg
 * @ealg: enum gmguard_ealg
 * @impi: private identity
 * @phase: enum gmguard_phase
 * @lifetime_ms: time left
 * @age_ms: time since it was made
 * @protected_by: set that protected its SM1, 0 for an initial registration
 * @group: label of its registration group among the sets of its IMPI, 0: none
 * @emergency: of an emergency registration
 * @in_use: UDP packets to the UE take this set of its registration group
 * @cause: enum gmguard_cause, in notifications of a deletion, else 0
 * @agent_data: what the agent stored; NULL when nothing. Inside a callback it
 *	points into the receive buffer, after kernel_saset_get() or
 *	gmg_saset_copy() it is allocated and gmg_saset_clear() frees it
 * @agent_data_len: bytes of it
 * @sa: the four SAs, by enum gmguard_sa_name
 */
struct gmg_saset {
	uint32_t id;
	uint32_t endpoint_id;
	struct gmg_addr local_addr;
	struct gmg_addr ue_addr;
	uint16_t port_uc, port_us, port_pc, port_ps;
	uint32_t spi_uc, spi_us, spi_pc, spi_ps;
	uint32_t alg;
	uint32_t ealg;
	char impi[GMGUARD_IMPI_MAX + 1];
	uint32_t phase;
	uint32_t lifetime_ms;
	uint64_t age_ms;
	uint32_t protected_by;
	uint32_t group;
	bool emergency;
	bool in_use;
	uint32_t cause;
	const void *agent_data;
	size_t agent_data_len;
	struct gmg_sa sa[GMG_SA_NUM];
};

/**
 * struct gmg_saset_req - what SA_SET_NEW takes
 * @endpoint_id: guarded endpoint
 * @ue_addr: address of the UE
 * @port_uc: UE's protected client port
 * @port_us: UE's protected server port
 * @port_pc: 0: the kernel chooses from the pool
 * @port_ps: 0: the kernel chooses
 * @spi_uc: SPI of SA B
 * @spi_us: SPI of SA C
 * @spi_pc: SPI of SA D, 0: random
 * @spi_ps: SPI of SA A, 0: random
 * @alg: enum gmguard_alg
 * @ealg: enum gmguard_ealg
 * @alg_key: IK_ESP; the library copies it only into a buffer that it cleanses
 * @alg_key_len: bytes of it
 * @ealg_key: CK_ESP, NULL for the null algorithm
 * @ealg_key_len: bytes of it
 * @impi: private identity, 1 to 255 bytes
 * @phase: 0: temporary
 * @lifetime_ms: 0: the limit temporary-ms (temporary sets only)
 * @protected_by: set that protected the SM1, 0 for an initial registration
 * @group: label of the registration group among the sets of the IMPI, 0: none
 * @emergency: of an emergency registration
 * @agent_data: NULL: none
 * @agent_data_len: bytes of it
 * @seq: initial sequence numbers by enum gmguard_sa_name, 0: from the start
 */
struct gmg_saset_req {
	uint32_t endpoint_id;
	struct gmg_addr ue_addr;
	uint16_t port_uc, port_us, port_pc, port_ps;
	uint32_t spi_uc, spi_us, spi_pc, spi_ps;
	uint32_t alg;
	uint32_t ealg;
	const uint8_t *alg_key;
	size_t alg_key_len;
	const uint8_t *ealg_key;
	size_t ealg_key_len;
	const char *impi;
	uint32_t phase;
	uint32_t lifetime_ms;
	uint32_t protected_by;
	uint32_t group;
	bool emergency;
	const void *agent_data;
	size_t agent_data_len;
	uint32_t seq[GMG_SA_NUM];
};

/**
 * struct gmg_saset_change - what SA_SET_SET takes
 * @id: the set
 * @phase: 0: stays
 * @lifetime_ms: 0: stays; the kernel only ever lengthens
 * @agent_data: NULL: stays
 * @agent_data_len: bytes of it
 */
struct gmg_saset_change {
	uint32_t id;
	uint32_t phase;
	uint32_t lifetime_ms;
	const void *agent_data;
	size_t agent_data_len;
};

/** Longest name of an algorithm in xfrm, with its NUL. */
#define GMG_XFRM_ALG_MAX	64

/**
 * struct gmg_adopted - an SA that another program made (never a key)
 * @spi: SPI in its packets
 * @direction: enum gmguard_direction
 * @endpoint_id: guarded endpoint that it concerns
 * @local_addr: address of that endpoint
 * @ue_addr: the other end, may be absent
 * @local_port: port of the endpoint, 0 when not exact
 * @ue_port: port of the other end, 0 when not exact
 * @src_addr: source address of the xfrm state
 * @dst_addr: its destination address: with @spi and the mark its name
 * @selector: enum gmguard_selector
 * @protocol: transport protocol of its selector, 0 for any
 * @user: user id of its selector
 * @condition: enum gmguard_condition
 * @reqid: xfrm reqid
 * @mode: xfrm mode, 0 for transport
 * @mark: xfrm mark
 * @mark_mask: mask of @mark, 0 for none
 * @alg: integrity algorithm as xfrm names it, may be empty
 * @ealg: encryption algorithm as xfrm names it, may be empty
 * @age_ms: time since it was made
 * @used: it has carried a packet, @first_use_ms is valid
 * @first_use_ms: time since its first packet
 * @last_use_known: @last_use_ms is valid
 * @last_use_ms: time since its last packet
 * @lifetime_ms: life that it was given, 0 for no end
 * @packets: packets through it
 * @bytes: bytes through it
 * @replay_errors: packets refused as replayed or below the window
 * @integrity_errors: packets whose integrity check failed
 */
struct gmg_adopted {
	uint32_t spi;
	uint32_t direction;
	uint32_t endpoint_id;
	struct gmg_addr local_addr;
	struct gmg_addr ue_addr;
	uint16_t local_port, ue_port;
	struct gmg_addr src_addr;
	struct gmg_addr dst_addr;
	uint32_t selector;
	uint8_t protocol;
	uint32_t user;
	uint32_t condition;
	uint32_t reqid;
	uint8_t mode;
	uint32_t mark;
	uint32_t mark_mask;
	char alg[GMG_XFRM_ALG_MAX];
	char ealg[GMG_XFRM_ALG_MAX];
	uint64_t age_ms;
	bool used;
	uint64_t first_use_ms;
	bool last_use_known;
	uint64_t last_use_ms;
	uint64_t lifetime_ms;
	uint64_t packets;
	uint64_t bytes;
	uint32_t replay_errors;
	uint32_t integrity_errors;
};

/**
 * struct gmg_limits - limits and timers of the network namespace, see limits.h
 * @has: bit GMGUARD_A_LIMITS_*: that value is there; with LIMITS_SET: is to be
 *	changed, the others stay
 * @value: by GMGUARD_A_LIMITS_*
 */
struct gmg_limits {
	uint32_t has;
	uint32_t value[GMGUARD_A_LIMITS_MAX + 1];
};

/* Is a value there? limit is GMGUARD_A_LIMITS_*. */
static inline bool gmg_limits_has(const struct gmg_limits *lim, int limit)
{
	return lim->has & (1u << limit);
}

static inline void gmg_limits_put(struct gmg_limits *lim, int limit,
				  uint32_t value)
{
	lim->has |= 1u << limit;
	lim->value[limit] = value;
}

/**
 * struct gmg_count - one counter
 * @reason: enum gmguard_reason, or a number that only a newer module knows
 * @name: its name as the module says it
 * @packets: packets dropped for it
 * @audited: packets that an endpoint in audit let pass instead
 */
struct gmg_count {
	uint32_t reason;
	char name[48];
	uint64_t packets;
	uint64_t audited;
};

/**
 * struct gmg_stats - counters and gauges of the network namespace
 * @count: one for each reason, in the module's order
 * @n_count: how many of them
 * @endpoints: guarded endpoints
 * @temporary: SA sets in phase temporary
 * @established: SA sets in phase established
 * @superseded: SA sets in phase superseded
 * @lingering: SA sets in phase lingering
 * @larval: larval xfrm states of our reqid that were removed again
 * @connections: TCP connections on unprotected SIP ports that are followed
 * @version: version of the module
 */
struct gmg_stats {
	struct gmg_count count[GMG_STATS_MAX];
	unsigned int n_count;
	uint32_t endpoints;
	uint32_t temporary;
	uint32_t established;
	uint32_t superseded;
	uint32_t lingering;
	uint64_t larval;
	uint32_t connections;
	char version[64];
};

/**
 * struct gmg_drop - a sample of a dropped packet
 * @reason: enum gmguard_reason
 * @src_addr: source address
 * @dst_addr: destination address
 * @src_port: source port, 0 when not known
 * @dst_port: destination port, 0 when not known
 * @protocol: transport protocol (IANA number)
 * @spi: SPI of the SA that it used, 0 for none
 * @ifindex: interface, 0 when not known
 * @suppressed: drops since the last sample that were not sampled
 * @audited: it was not dropped, because its endpoint only audits
 */
struct gmg_drop {
	uint32_t reason;
	struct gmg_addr src_addr;
	struct gmg_addr dst_addr;
	uint16_t src_port;
	uint16_t dst_port;
	uint8_t protocol;
	uint32_t spi;
	uint32_t ifindex;
	uint32_t suppressed;
	bool audited;
};

/** enum gmg_event_kind - which member of struct gmg_event's union is set */
enum gmg_event_kind {
	GMG_EVENT_ENDPOINT,
	GMG_EVENT_SASET,
	GMG_EVENT_DROP,
	GMG_EVENT_ADOPTED,
};

/**
 * struct gmg_event - a notification
 * @kind: which member of the union
 * @event: enum gmguard_event, 0 for a drop sample
 * @endpoint: for GMG_EVENT_ENDPOINT
 * @saset: for GMG_EVENT_SASET
 * @drop: for GMG_EVENT_DROP
 * @adopted: for GMG_EVENT_ADOPTED; its spi is 0 when the event is about all
 */
struct gmg_event {
	enum gmg_event_kind kind;
	uint32_t event;
	union {
		struct gmg_endpoint endpoint;
		struct gmg_saset saset;
		struct gmg_drop drop;
		struct gmg_adopted adopted;
	};
};

/* Errors of calls that are counted one by one, and in last place the others. */
#define GMG_ERRORS(X) \
	X(ENOENT) X(EEXIST) X(EDQUOT) X(EINVAL) X(EBUSY) X(ENOSPC) X(EPERM) \
	X(ENODEV) X(ENOBUFS) X(ENOMEM) X(ETIMEDOUT) X(EBADMSG)
#define GMG_ERROR_ONE(id)	+ 1
#define GMG_N_ERRORS		(GMG_ERRORS(GMG_ERROR_ONE) + 1)

/**
 * struct gmg_kernel - a connection to the kernel module
 * @sk: command socket, NULL when closed
 * @ev: event socket, NULL until kernel_subscribe()
 * @family: id of the family
 * @version: version of the family as the module says it
 * @grp_events: id of the multicast group "events"
 * @grp_drops: id of the multicast group "drops"
 * @rx: receive buffer of the command socket
 * @ev_rx: receive buffer of the event socket
 * @errors: calls that failed, by GMG_ERRORS; kept when opened again
 * @err: after a negative return, one sentence that says why and what to do
 */
struct gmg_kernel {
	struct nl_sock *sk;
	struct nl_sock *ev;
	int family;
	uint32_t version;
	uint32_t grp_events;
	uint32_t grp_drops;
	unsigned char *rx;
	unsigned char *ev_rx;
	uint64_t errors[GMG_N_ERRORS];
	char err[512];
};

/*
 * Callbacks of dumps; they make no calls on the same struct gmg_kernel. A dump
 * that the kernel's state changed under begins again: then the object is NULL
 * once, forget what came before. A negative return makes the dump return it.
 */
typedef int gmg_endpoint_fn(const struct gmg_endpoint *ep, void *arg);
typedef int gmg_saset_fn(const struct gmg_saset *set, void *arg);
typedef int gmg_adopted_fn(const struct gmg_adopted *sa, void *arg);
/* A non-zero return ends kernel_event_recv() early, which then returns it. */
typedef int gmg_event_fn(const struct gmg_event *ev, void *arg);

/* kernel.c: connection */
int kernel_open(struct gmg_kernel *k);
void kernel_close(struct gmg_kernel *k);

/* kernel-endpoint.c; kernel_endpoint_new() fills in what the kernel chose */
int kernel_endpoint_new(struct gmg_kernel *k, struct gmg_endpoint *ep);
int kernel_endpoint_set(struct gmg_kernel *k, struct gmg_endpoint *ep);
int kernel_endpoint_del(struct gmg_kernel *k, uint32_t id, bool force);
int kernel_endpoint_get(struct gmg_kernel *k, uint32_t id,
			struct gmg_endpoint *ep);
int kernel_endpoint_dump(struct gmg_kernel *k, gmg_endpoint_fn *fn, void *arg);

/* kernel-saset.c; *set is filled from the reply, see gmg_saset_clear() */
int kernel_saset_new(struct gmg_kernel *k, const struct gmg_saset_req *req,
		     struct gmg_saset *set);
int kernel_saset_set(struct gmg_kernel *k, const struct gmg_saset_change *c);
int kernel_saset_del(struct gmg_kernel *k, uint32_t id);
int kernel_saset_get(struct gmg_kernel *k, uint32_t id, struct gmg_saset *set);
int kernel_saset_dump(struct gmg_kernel *k, gmg_saset_fn *fn, void *arg);
int gmg_saset_copy(struct gmg_saset *to, const struct gmg_saset *from);
void gmg_saset_clear(struct gmg_saset *set);

/* kernel-adopted.c */
int kernel_adopted_dump(struct gmg_kernel *k, gmg_adopted_fn *fn, void *arg);

/* kernel-stats.c */
int kernel_stats(struct gmg_kernel *k, struct gmg_stats *st);
int kernel_limits_get(struct gmg_kernel *k, struct gmg_limits *lim);
int kernel_limits_set(struct gmg_kernel *k, const struct gmg_limits *lim);

/*
 * kernel-event.c: kernel_subscribe() returns a non-blocking file descriptor
 * to poll; kernel_event_recv() reads until nothing is left, and returns
 * -ENOBUFS when notifications were lost, so that the caller dumps again, and
 * -ENODEV when the module was unloaded.
 */
int kernel_subscribe(struct gmg_kernel *k, bool events, bool drops);
int kernel_event_recv(struct gmg_kernel *k, gmg_event_fn *fn, void *arg);

/* kernel-names.c: names of the enums, "unknown" for what a newer module has */
const char *gmg_phase_name(uint32_t phase);
const char *gmg_alg_name(uint32_t alg);
const char *gmg_ealg_name(uint32_t ealg);
const char *gmg_event_name(uint32_t event);
const char *gmg_cause_name(uint32_t cause);
const char *gmg_cause_doc(uint32_t cause);
const char *gmg_direction_name(uint32_t direction);
const char *gmg_selector_name(uint32_t selector);
const char *gmg_selector_doc(uint32_t selector);
const char *gmg_condition_name(uint32_t condition);
const char *gmg_reason_name(uint32_t reason);
const char *gmg_reason_doc(uint32_t reason);
/* the other way: 0 when there is no such name (sa name: -1) */
uint32_t gmg_phase_by_name(const char *name);
uint32_t gmg_alg_by_name(const char *name);
uint32_t gmg_ealg_by_name(const char *name);
uint32_t gmg_reason_by_name(const char *name);
int gmg_sa_by_name(const char *name);

/* kernel-addr.c; *_format() return buf, *_parse() 0 or -EINVAL */
int gmg_addr_parse(const char *text, struct gmg_addr *addr);
const char *gmg_addr_format(const struct gmg_addr *addr, char *buf,
			    size_t size);
bool gmg_addr_equal(const struct gmg_addr *a, const struct gmg_addr *b);
size_t gmg_addr_len(const struct gmg_addr *addr);
int gmg_prefix_parse(const char *text, struct gmg_prefix *prefix);
int gmg_prefix_compare(const struct gmg_prefix *a, const struct gmg_prefix *b);
const char *gmg_prefix_format(const struct gmg_prefix *prefix, char *buf,
			      size_t size);

#endif /* GMG_KERNEL_H */
