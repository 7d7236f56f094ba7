/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_SASET_H
#define _GMG_SASET_H

#include <linux/kref.h>
#include <linux/llist.h>
#include <linux/rhashtable-types.h>
#include <linux/timer.h>

#include "endpoint.h"
#include "main.h"
#include "sa.h"
#include "sipline.h"

#define GMG_SAS 4
#define GMG_REGISTERS 2

struct gmg_saset;

/**
 * struct gmg_tuple - key of a binding: the two ends as the UE sees them
 * @ue: UE address
 * @local: P-CSCF address
 * @ue_port: UE port
 * @local_port: P-CSCF port
 * @family: AF_INET or AF_INET6
 */
struct gmg_tuple {
	struct gmg_addr ue;
	struct gmg_addr local;
	__be16 ue_port;
	__be16 local_port;
	u32 family;
};

/**
 * struct gmg_binding - a tuple tied to exactly one inbound SA (A or D)
 * @node: in gmg_net.bindings
 * @set: the set that it is part of
 * @sa: GMGUARD_SA_NAME_A or GMGUARD_SA_NAME_D
 */
struct gmg_binding {
	struct rhash_head node;
	struct gmg_saset *set;
	u8 sa;
};

/* What the worker has to do for a set, and what has happened to it. */
enum gmg_saset_flag {
	GMG_SASET_QUEUED,	/* in gmg_net.todo */
	GMG_SASET_TAKEN,	/* taken into use: the UE knows of its success */
	GMG_SASET_TELL_TAKEN,	/* older ones have to be superseded for it */
	GMG_SASET_DUE,		/* the deadline timer fired */
	GMG_SASET_LOST,		/* one of its states went away or changed */
	GMG_SASET_GONE,		/* deleted */
};

/**
 * struct gmg_saset_conf - what user space asks for
 * @ep: the endpoint
 * @ue: UE address, of the endpoint's family
 * @port_uc: UE client port
 * @port_us: UE server port
 * @port_pc: P-CSCF client port, 0: choose
 * @port_ps: P-CSCF server port, 0: choose
 * @spi_uc: SPI of SA B, host byte order
 * @spi_us: SPI of SA C
 * @spi_pc: SPI of SA D, 0: choose
 * @spi_ps: SPI of SA A, 0: choose
 * @keys: algorithms and keys
 * @impi: private identity
 * @phase: temporary or established
 * @lifetime_ms: time left in milliseconds
 * @protected_by: id of the set that protected SM1, 0: none
 * @label: of the registration group among the sets of the IMPI, 0: none
 * @emergency: of an emergency registration
 * @data: what the agent keeps with the set
 * @data_len: bytes of @data
 * @seq: initial sequence numbers, by enum gmguard_sa_name
 * @attrs: the attributes that these came from, for refusals to name
 */
struct gmg_saset_conf {
	struct gmg_endpoint *ep;
	struct gmg_addr ue;
	u16 port_uc;
	u16 port_us;
	u16 port_pc;
	u16 port_ps;
	u32 spi_uc;
	u32 spi_us;
	u32 spi_pc;
	u32 spi_ps;
	struct gmg_sa_keys keys;
	const char *impi;
	u32 phase;
	u32 lifetime_ms;
	u32 protected_by;
	u32 label;
	bool emergency;
	const void *data;
	unsigned int data_len;
	u32 seq[GMG_SAS];
	struct nlattr **attrs;
};

/**
 * struct gmg_saset - the four SAs of one authenticated registration
 * @ref: references
 * @id: unique in the namespace; also the reqid of its inbound states, so it is
 *	never GMGUARD_REQID, which has 32 bits
 * @gn: its namespace
 * @ep: its endpoint, which outlives it
 * @group: its registration group
 * @group_node: in gmg_group.sets; RCU, lock: gmg_net.lock
 * @ue: UE address
 * @port_uc: UE client port, host byte order, as are the others
 * @port_us: UE server port
 * @port_pc: P-CSCF client port
 * @port_ps: P-CSCF server port
 * @alg: enum gmguard_alg
 * @ealg: enum gmguard_ealg
 * @emergency: of an emergency registration
 * @phase: enum gmguard_phase; written under gmg_net.lock, read by hooks
 * @flags: bits of enum gmg_saset_flag
 * @sa: the states, by enum gmguard_sa_name, each with a reference
 * @bindings: of SA A and SA D
 * @registers: keys of the last REGISTER requests that came in over UDP
 * @n_registers: how many have ever come in
 * @watch: follows its TCP streams until it is taken into use; RCU, lock:
 *	gmg_net.lock
 * @temporary_node: in gmg_net.temporary while it is; lock: gmg_net.lock
 * @deadline: when it ends, in jiffies; lock: gmg_net.lock
 * @timer: fires at @deadline
 * @todo: in gmg_net.todo
 * @made: when it was made (boot time)
 * @protected_by: id of the set that protected SM1, 0: none
 * @label: of its registration among those of its identity, 0: none
 * @impi: private identity; lock: gmg_net.lock
 * @impi_node: in gmg_impi.sets; lock: gmg_net.lock
 * @data: what the agent keeps with it; lock: gmg_net.lock
 * @data_len: bytes of @data
 * @rcu: frees it
 */
struct gmg_saset {
	struct kref ref;
	u32 id;
	struct gmg_net *gn;
	struct gmg_endpoint *ep;
	struct gmg_group *group;
	struct list_head group_node;
	struct gmg_addr ue;
	u16 port_uc;
	u16 port_us;
	u16 port_pc;
	u16 port_ps;
	u8 alg;
	u8 ealg;
	bool emergency;
	u8 phase;
	unsigned long flags;
	struct xfrm_state *sa[GMG_SAS];
	struct gmg_binding bindings[2];
	u64 registers[GMG_REGISTERS];
	u32 n_registers;
	struct gmg_watch __rcu *watch;
	struct list_head temporary_node;
	unsigned long deadline;
	struct timer_list timer;
	struct llist_node todo;
	ktime_t made;
	u32 protected_by;
	u32 label;
	struct gmg_impi *impi;
	struct list_head impi_node;
	void *data;
	unsigned int data_len;
	struct rcu_head rcu;
};

int gmg_sasets_setup(void);
void gmg_sasets_teardown(void);
struct gmg_saset *gmg_saset_new(struct gmg_net *gn,
				struct gmg_saset_conf *conf,
				struct netlink_ext_ack *extack);
void gmg_saset_set_data(struct gmg_saset *set, void *data, unsigned int len);
void gmg_saset_del(struct gmg_saset *set, u32 cause);
void gmg_saset_put(struct gmg_saset *set);
void gmg_saset_poke(struct gmg_saset *set, enum gmg_saset_flag why);
void gmg_saset_attend(struct gmg_saset *set);
bool gmg_saset_intact(const struct gmg_saset *set);
bool gmg_saset_owns(const struct gmg_saset *set, const struct xfrm_state *x);

struct gmg_saset *gmg_saset_by_state(struct gmg_net *gn,
				     const struct xfrm_state *x);

static inline bool gmg_sa_is_inbound(unsigned int sa)
{
	return sa == GMGUARD_SA_NAME_A || sa == GMGUARD_SA_NAME_D;
}

#endif /* _GMG_SASET_H */
