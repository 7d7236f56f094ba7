// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * findings-policy.c - SAs that no out policy leads to.
 *
 * A packet takes the policy of the smallest priority that fits, and that one
 * names the states that may carry it: by reqid. gmguard's own policies fit
 * every protected port but demand gmguard's own states.
 *
 * Pure: no kernel, no output.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "findings.h"

/* Policies by destination, those without a full one last. */
struct index {
	const struct xfrm_out **v;
	size_t n_full;
	size_t n;
};

static bool is_full(const struct xfrm_out *p)
{
	return p->dst_len == (p->family == AF_INET ? 32 : 128);
}

static int compare_dst(const struct xfrm_out *p, int family,
		       const uint8_t *addr)
{
	if (p->family != family)
		return p->family < family ? -1 : 1;
	return memcmp(p->dst, addr, sizeof(p->dst));
}

static int by_dst(const void *x, const void *y)
{
	const struct xfrm_out *a = *(const struct xfrm_out * const *)x;
	const struct xfrm_out *b = *(const struct xfrm_out * const *)y;

	if (is_full(a) != is_full(b))
		return is_full(a) ? -1 : 1;
	return compare_dst(a, b->family, b->dst);
}

static int make_index(const struct xfrm_out_list *list, struct index *index)
{
	size_t i;

	*index = (struct index){
		.v = calloc(list->n + 1, sizeof(*index->v)),
		.n = list->n,
	};
	if (!index->v)
		return -ENOMEM;
	for (i = 0; i < list->n; i++) {
		index->v[i] = &list->v[i];
		index->n_full += is_full(&list->v[i]);
	}
	qsort(index->v, index->n, sizeof(*index->v), by_dst);
	return 0;
}

static bool has_prefix(const uint8_t *addr, const uint8_t *prefix,
		       unsigned int len)
{
	unsigned int bit;

	for (bit = 0; bit < len; bit++)
		if ((addr[bit / 8] ^ prefix[bit / 8]) & (0x80 >> bit % 8))
			return false;
	return true;
}

/* Whether a policy is about packets of an outbound SA with this protocol. */
static bool fits(const struct xfrm_out *p, const struct gmg_adopted *sa,
		 uint8_t protocol)
{
	return p->family == sa->local_addr.family &&
	       (!p->protocol || p->protocol == protocol) &&
	       !((p->sport ^ sa->local_port) & p->sport_mask) &&
	       !((p->dport ^ sa->ue_port) & p->dport_mask) &&
	       has_prefix(sa->local_addr.bytes, p->src, p->src_len) &&
	       has_prefix(sa->ue_addr.bytes, p->dst, p->dst_len);
}

static bool leads_to(const struct xfrm_out *p, const struct gmg_adopted *sa)
{
	return p->esp && (!p->reqid || p->reqid == sa->reqid) &&
	       (!p->spi || p->spi == sa->spi);
}

/* Best priority so far, and whether a policy of it leads to the SA. */
struct best {
	bool any;
	uint32_t priority;
	bool leads;
};

static void consider(const struct xfrm_out *p, const struct gmg_adopted *sa,
		     uint8_t protocol, struct best *best)
{
	if (!fits(p, sa, protocol) ||
	    (best->any && p->priority > best->priority))
		return;
	if (!best->any || p->priority < best->priority)
		best->leads = false;
	best->any = true;
	best->priority = p->priority;
	best->leads |= leads_to(p, sa);
}

/* The first policy with the destination, by bisection. */
static size_t first_with(const struct index *index,
			 const struct gmg_addr *addr)
{
	size_t low = 0, high = index->n_full;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_dst(index->v[middle], addr->family,
				addr->bytes) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_led_to(const struct index *index, const struct gmg_adopted *sa,
		      uint8_t protocol)
{
	const struct gmg_addr *ue = &sa->ue_addr;
	struct best best = { 0 };
	size_t i;

	if (sa->protocol && sa->protocol != protocol)
		return true;
	for (i = first_with(index, ue); i < index->n_full; i++) {
		if (compare_dst(index->v[i], ue->family, ue->bytes))
			break;
		consider(index->v[i], sa, protocol, &best);
	}
	for (i = index->n_full; i < index->n; i++)
		consider(index->v[i], sa, protocol, &best);
	return best.any && best.leads;
}

static void check(const struct index *index, const struct gmg_adopted *sa,
		  bool udp, struct finding_list *list)
{
	bool tcp_ok, udp_ok;
	char buf[160];

	tcp_ok = is_led_to(index, sa, IPPROTO_TCP);
	udp_ok = !udp || is_led_to(index, sa, IPPROTO_UDP);
	if (tcp_ok && udp_ok)
		return;
	finding_add(list, FINDING_POLICY, "%s: no out policy leads %s to it",
		    finding_sa(sa, buf, sizeof(buf)),
		    tcp_ok ? "UDP" : udp_ok && udp ? "TCP" :
		    udp ? "TCP and UDP" : "TCP");
}

/**
 * findings_policies() - find outbound SAs that no policy leads to
 * @f: the facts
 * @list: findings, more are added
 *
 * SA B carries TCP only, SA C both (TS 33.203 7.1). A policy need not lead to
 * an SA that has a newer one with its selector.
 *
 * Return: 0, or -ENOMEM.
 */
int findings_policies(const struct facts *f, struct finding_list *list)
{
	const struct gmg_adopted **v;
	struct index index;
	size_t n, i;

	v = findings_newest(f, &n);
	if (make_index(f->out, &index) || !v) {
		free(v);
		free(index.v);
		return -ENOMEM;
	}
	for (i = 0; i < n; i++)
		if (v[i]->direction == GMGUARD_DIRECTION_OUT)
			check(&index, v[i], pair_is_port_pc(v[i], f->endpoints,
							    f->n_endpoints),
			      list);
	free(v);
	free(index.v);
	return 0;
}
