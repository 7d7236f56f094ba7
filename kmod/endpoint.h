/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_ENDPOINT_H
#define _GMG_ENDPOINT_H

#include <linux/bitmap.h>
#include <linux/rcupdate.h>
#include <net/xfrm.h>

#include "flow.h"
#include "main.h"
#include "prefix.h"

#define GMG_POLICY_PRIORITY_DEFAULT 1000000

/* In one namespace; each has 16 KB of port bitmaps. */
#define GMG_ENDPOINTS_MAX 256

/**
 * struct gmg_endpoint_conf - what user space asks for
 * @family: AF_INET or AF_INET6
 * @addr: the guarded address
 * @port_ps: protected server ports, host byte order
 * @port_pc: pool of protected client ports, host byte order
 * @port_unprotected: unprotected SIP ports, host byte order
 * @exempt: core peers
 * @n_ps: entries of @port_ps
 * @n_pc: entries of @port_pc
 * @n_unprotected: entries of @port_unprotected
 * @n_exempt: entries of @exempt
 * @policy_priority: priority of the out policies
 * @emergency: emergency calls may come in clear
 * @audit: nothing is dropped, only counted
 * @stun: STUN may come in clear
 */
struct gmg_endpoint_conf {
	u8 family;
	struct gmg_addr addr;
	u16 port_ps[GMGUARD_PORT_PS_MAX];
	u16 port_pc[GMGUARD_PORT_PC_MAX];
	u16 port_unprotected[GMGUARD_PORT_UNPROTECTED_MAX];
	struct gmg_prefix exempt[GMGUARD_EXEMPT_MAX];
	unsigned int n_ps;
	unsigned int n_pc;
	unsigned int n_unprotected;
	unsigned int n_exempt;
	u32 policy_priority;
	bool emergency;
	bool audit;
	bool stun;
};

/**
 * struct gmg_endpoint_rules - what hooks read of an endpoint; never changes, but
 * is replaced as a whole
 * @rcu: frees it
 * @conf: as configured
 * @protected: a bit for each protected port
 * @server: a bit for each port_ps
 */
struct gmg_endpoint_rules {
	struct rcu_head rcu;
	struct gmg_endpoint_conf conf;
	DECLARE_BITMAP(protected, 65536);
	DECLARE_BITMAP(server, 65536);
};

/**
 * struct gmg_endpoint - a guarded endpoint
 * @node: in gmg_net.endpoints
 * @rcu: frees it
 * @id: unique in the namespace
 * @gn: the namespace
 * @conf: as configured, lock: gmg_net.lock; family, addr and audit never change
 *	and may be read by anybody
 * @rules: the same for hooks, under RCU or gmg_net.lock
 * @n_sets: live SA sets, lock: gmg_net.lock
 * @next_pc: where the search for a free port_pc begins, lock: gmg_net.lock
 * @policies: out policies, each with a reference, lock: gmg_net.lock
 * @n_policies: entries of @policies
 */
struct gmg_endpoint {
	struct hlist_node node;
	struct rcu_head rcu;
	u32 id;
	struct gmg_net *gn;
	struct gmg_endpoint_conf conf;
	struct gmg_endpoint_rules __rcu *rules;
	unsigned int n_sets;
	unsigned int next_pc;
	struct xfrm_policy **policies;
	unsigned int n_policies;
};

struct gmg_endpoint *gmg_endpoint_find(const struct gmg_net *gn, u8 family,
				       const struct gmg_addr *addr);
struct gmg_endpoint *gmg_endpoint_of(const struct gmg_net *gn, u8 family,
				     const struct gmg_addr *addr, __be16 port);
struct gmg_endpoint *gmg_endpoint_new(struct gmg_net *gn,
				      const struct gmg_endpoint_conf *conf,
				      struct netlink_ext_ack *extack);
int gmg_endpoint_set(struct gmg_endpoint *ep,
		     const struct gmg_endpoint_conf *conf,
		     struct netlink_ext_ack *extack);
void gmg_endpoint_del(struct gmg_net *gn, struct gmg_endpoint *ep);

static inline const struct gmg_endpoint_rules *
gmg_endpoint_rules(const struct gmg_endpoint *ep)
{
	return rcu_dereference_check(ep->rules,
				     lockdep_is_held(&ep->gn->lock));
}

static inline bool gmg_endpoint_protects(const struct gmg_endpoint *ep,
					 __be16 port)
{
	return test_bit(ntohs(port), gmg_endpoint_rules(ep)->protected);
}

static inline bool gmg_endpoint_is_ps(const struct gmg_endpoint *ep,
				      __be16 port)
{
	return test_bit(ntohs(port), gmg_endpoint_rules(ep)->server);
}

/* Whether nothing is to be dropped; without an endpoint, whether all say so. */
static inline bool gmg_endpoint_audits(const struct gmg_net *gn,
				       const struct gmg_endpoint *ep)
{
	return ep ? ep->conf.audit :
		    READ_ONCE(gn->n_audits) == READ_ONCE(gn->n_endpoints);
}

bool gmg_endpoint_is_unprotected(const struct gmg_endpoint *ep, __be16 port);
bool gmg_conf_exempts(const struct gmg_endpoint_conf *conf,
		      const struct gmg_addr *addr);
bool gmg_endpoint_exempts(const struct gmg_endpoint *ep,
			  const struct gmg_addr *addr);

#endif /* _GMG_ENDPOINT_H */
