// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pair.c - adopted SAs, put together as the sets that they are part of.
 *
 * xfrm knows states only. Which four of them belong to one registration follows
 * from TS 33.203 7.1: A and B are each other's reverse and end at a port_ps, C
 * and D at a port_pc. Which A and B go with which C and D is not written
 * anywhere when a UE has several: the newest go with the newest.
 *
 * Pure: no kernel, no output.
 */
#include <byteswap.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pair.h"

/* A and B of a set, or D and C: what comes in and what goes out. */
struct half {
	const struct gmg_adopted *in;
	const struct gmg_adopted *out;
	bool client;	/* ends at a port_pc: D and C */
};

/* An SA and the half that it belongs to. */
struct item {
	const struct gmg_adopted *sa;
	bool client;
};

static int compare_number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Who talks to whom. */
static int compare_hosts(const struct gmg_adopted *a,
			 const struct gmg_adopted *b)
{
	int ret = compare_number(a->endpoint_id, b->endpoint_id);

	if (!ret)
		ret = compare_number(a->ue_addr.family, b->ue_addr.family);
	if (!ret)
		ret = memcmp(a->ue_addr.bytes, b->ue_addr.bytes,
			     sizeof(a->ue_addr.bytes));
	return ret;
}

/* The same two ends, in whatever direction. */
static int compare_ends(const struct item *a, const struct item *b)
{
	int ret = compare_hosts(a->sa, b->sa);

	if (!ret)
		ret = compare_number(a->client, b->client);
	if (!ret)
		ret = compare_number(a->sa->ue_port, b->sa->ue_port);
	if (!ret)
		ret = compare_number(a->sa->local_port, b->sa->local_port);
	return ret;
}

static int by_ends(const void *x, const void *y)
{
	const struct item *a = x, *b = y;
	int ret = compare_ends(a, b);

	if (!ret)
		ret = compare_number(a->sa->direction, b->sa->direction);
	if (!ret)
		ret = compare_number(a->sa->age_ms, b->sa->age_ms);
	return ret ? ret : compare_number(a->sa->spi, b->sa->spi);
}

static const struct gmg_adopted *half_any(const struct half *half)
{
	return half->in ? half->in : half->out;
}

static int by_hosts(const void *x, const void *y)
{
	const struct half *a = x, *b = y;
	int ret = compare_hosts(half_any(a), half_any(b));

	if (!ret)
		ret = compare_number(a->client, b->client);
	if (!ret)
		ret = compare_number(half_any(a)->age_ms, half_any(b)->age_ms);
	return ret ? ret : compare_number(half_any(a)->spi, half_any(b)->spi);
}

/**
 * pair_is_port_pc() - whether an SA is one of C and D, not of A and B
 * @sa: exact SA
 * @endpoints: the guarded endpoints
 * @n: how many
 *
 * Return: true if it ends at a port_pc of its endpoint.
 */
bool pair_is_port_pc(const struct gmg_adopted *sa,
		     const struct gmg_endpoint *endpoints, size_t n)
{
	const struct gmg_endpoint *ep = endpoints;
	unsigned int i;

	while (n && ep->id != sa->endpoint_id) {
		ep++;
		n--;
	}
	for (i = 0; n && i < ep->n_port_pc; i++)
		if (ep->port_pc[i] == sa->local_port)
			return true;
	return false;
}

/* Sorted items with the same ends: the first direction, then the other. */
static size_t make_halves(const struct item *items, size_t n,
			  struct half *halves)
{
	size_t n_in = 0, n_out, i;

	while (n_in < n && items[n_in].sa->direction == GMGUARD_DIRECTION_IN)
		n_in++;
	n_out = n - n_in;
	for (i = 0; i < n_in || i < n_out; i++)
		halves[i] = (struct half){
			.in = i < n_in ? items[i].sa : NULL,
			.out = i < n_out ? items[n_in + i].sa : NULL,
			.client = items[0].client,
		};
	return i;
}

static enum pair_owner owner_of(const struct gmg_adopted *sa)
{
	if (!sa->reqid)
		return PAIR_OTHER;
	/* ims_ipsec_pcscf: reqid is the SPI; proto_ipsec swaps its bytes. */
	if (sa->reqid == sa->spi)
		return PAIR_KAMAILIO;
	return sa->reqid == bswap_32(sa->spi) ? PAIR_OPENSIPS : PAIR_OTHER;
}

/* An IKE daemon gives both directions of a child SA one reqid. */
static bool is_ike(const struct gmg_adopted *in, const struct gmg_adopted *out)
{
	return in && out && in->reqid && in->reqid == out->reqid;
}

static enum pair_owner guess_owner(const struct pair_set *set)
{
	const struct gmg_adopted * const *sa = set->sa;
	enum pair_owner owner = owner_of(pair_any(set));
	int i;

	for (i = 0; i < GMG_SA_NUM; i++)
		if (sa[i] && owner_of(sa[i]) != owner)
			owner = PAIR_OTHER;
	if (owner == PAIR_OTHER &&
	    (is_ike(sa[GMGUARD_SA_NAME_A], sa[GMGUARD_SA_NAME_B]) ||
	     is_ike(sa[GMGUARD_SA_NAME_D], sa[GMGUARD_SA_NAME_C])))
		owner = PAIR_IKE;
	return owner;
}

static void put_half(struct pair_set *set, const struct half *half)
{
	bool client = half->client;

	set->sa[client ? GMGUARD_SA_NAME_D : GMGUARD_SA_NAME_A] = half->in;
	set->sa[client ? GMGUARD_SA_NAME_C : GMGUARD_SA_NAME_B] = half->out;
}

/* Sorted halves of one UE: those of port_ps, then those of port_pc. */
static void make_sets(const struct half *halves, size_t n,
		      struct pair_list *list)
{
	size_t n_server = 0, n_client, i;

	while (n_server < n && !halves[n_server].client)
		n_server++;
	n_client = n - n_server;
	for (i = 0; i < n_server || i < n_client; i++) {
		struct pair_set *set = &list->v[list->n++];

		if (i < n_server)
			put_half(set, &halves[i]);
		if (i < n_client)
			put_half(set, &halves[n_server + i]);
		set->owner = guess_owner(set);
	}
}

static size_t halves_of(struct item *items, size_t n, struct half *halves)
{
	size_t begin, end, n_halves = 0;

	qsort(items, n, sizeof(*items), by_ends);
	for (begin = 0; begin < n; begin = end) {
		for (end = begin + 1; end < n; end++)
			if (compare_ends(&items[begin], &items[end]))
				break;
		n_halves += make_halves(&items[begin], end - begin,
					&halves[n_halves]);
	}
	return n_halves;
}

static void sets_of(struct half *halves, size_t n, struct pair_list *list)
{
	size_t begin, end;

	qsort(halves, n, sizeof(*halves), by_hosts);
	for (begin = 0; begin < n; begin = end) {
		for (end = begin + 1; end < n; end++)
			if (compare_hosts(half_any(&halves[begin]),
					  half_any(&halves[end])))
				break;
		make_sets(&halves[begin], end - begin, list);
	}
}

/**
 * pair_sas() - put adopted SAs together
 * @sas: they, in any order
 * @n: how many
 * @endpoints: the guarded endpoints, which say what is a port_pc
 * @n_endpoints: how many
 * @list: result: what belongs together by UE, then the strays; it points into
 *	@sas; for pair_list_free()
 *
 * Return: 0, or -ENOMEM.
 */
int pair_sas(const struct gmg_adopted *sas, size_t n,
	     const struct gmg_endpoint *endpoints, size_t n_endpoints,
	     struct pair_list *list)
{
	struct item *items = calloc(n + 1, sizeof(*items));
	struct half *halves = calloc(n + 1, sizeof(*halves));
	size_t n_items = 0, i;
	int ret = -ENOMEM;

	list->n = 0;
	list->v = calloc(n + 1, sizeof(*list->v));
	if (!items || !halves || !list->v)
		goto out;
	for (i = 0; i < n; i++)
		if (sas[i].selector == GMGUARD_SELECTOR_EXACT)
			items[n_items++] = (struct item){
				.sa = &sas[i],
				.client = pair_is_port_pc(&sas[i], endpoints,
							  n_endpoints),
			};
	sets_of(halves, halves_of(items, n_items, halves), list);
	for (i = 0; i < n; i++)
		if (sas[i].selector != GMGUARD_SELECTOR_EXACT)
			list->v[list->n++] = (struct pair_set){
				.stray = &sas[i],
				.owner = owner_of(&sas[i]),
			};
	ret = 0;
out:
	free(items);
	free(halves);
	return ret;
}

/**
 * pair_list_free() - free a list
 * @list: list
 */
void pair_list_free(struct pair_list *list)
{
	free(list->v);
	*list = (struct pair_list){ 0 };
}

/**
 * pair_any() - an SA of a set, for what all of them have in common
 * @set: set
 *
 * Return: one that is there.
 */
const struct gmg_adopted *pair_any(const struct pair_set *set)
{
	int i;

	for (i = 0; i < GMG_SA_NUM; i++)
		if (set->sa[i])
			return set->sa[i];
	return set->stray;
}

/**
 * pair_count() - how many of the four SAs are there
 * @set: set
 *
 * Return: 0 for a stray, else 1 to 4.
 */
unsigned int pair_count(const struct pair_set *set)
{
	unsigned int n = 0;
	int i;

	for (i = 0; i < GMG_SA_NUM; i++)
		n += set->sa[i] != NULL;
	return n;
}

/**
 * pair_is_complete() - whether all four SAs are there and carry packets
 * @set: set
 *
 * Return: true if they are.
 */
bool pair_is_complete(const struct pair_set *set)
{
	int i;

	for (i = 0; i < GMG_SA_NUM; i++)
		if (!set->sa[i] ||
		    set->sa[i]->condition == GMGUARD_CONDITION_EXPIRED)
			return false;
	return true;
}

/**
 * pair_port() - a port of a set
 * @set: set
 * @of_ue: the UE's, else the P-CSCF's
 * @client: port_uc or port_pc, else port_us or port_ps
 *
 * Return: the port, or 0 when none of the SAs that would tell is there.
 */
uint16_t pair_port(const struct pair_set *set, bool of_ue, bool client)
{
	/* A and B run between port_uc and port_ps, C and D the other two. */
	bool first = of_ue == client;
	const struct gmg_adopted *sa;

	sa = set->sa[first ? GMGUARD_SA_NAME_A : GMGUARD_SA_NAME_D];
	if (!sa)
		sa = set->sa[first ? GMGUARD_SA_NAME_B : GMGUARD_SA_NAME_C];
	if (!sa)
		return 0;
	return of_ue ? sa->ue_port : sa->local_port;
}

/**
 * pair_age_ms() - time since the oldest SA of a set was made
 * @set: set
 *
 * Return: milliseconds.
 */
uint64_t pair_age_ms(const struct pair_set *set)
{
	uint64_t age = pair_any(set)->age_ms;
	int i;

	for (i = 0; i < GMG_SA_NUM; i++)
		if (set->sa[i] && set->sa[i]->age_ms > age)
			age = set->sa[i]->age_ms;
	return age;
}

/* Merge the last use of one more SA; false if nobody knows it. */
static bool use_later(const struct gmg_adopted *sa, bool *any, uint64_t *ms)
{
	if (!sa || !sa->used)
		return true;
	if (!sa->last_use_known)
		return false;
	if (!*any || sa->last_use_ms < *ms)
		*ms = sa->last_use_ms;
	*any = true;
	return true;
}

/**
 * pair_is_used() - whether a set has carried packets
 * @set: set
 *
 * Return: true if it has.
 */
bool pair_is_used(const struct pair_set *set)
{
	int i;

	for (i = 0; i < GMG_SA_NUM; i++)
		if (set->sa[i] && set->sa[i]->used)
			return true;
	return set->stray && set->stray->used;
}

/**
 * pair_last_use() - time since a set has carried its last packet
 * @set: set
 * @ms: milliseconds, when true is returned
 *
 * Return: false if it has carried none, or the kernel does not tell.
 */
bool pair_last_use(const struct pair_set *set, uint64_t *ms)
{
	bool any = false, known = true;
	int i;

	*ms = 0;
	for (i = 0; i < GMG_SA_NUM; i++)
		known &= use_later(set->sa[i], &any, ms);
	known &= use_later(set->stray, &any, ms);
	return any && known;
}

/**
 * pair_packets() - packets that a set has carried one way
 * @set: set
 * @direction: enum gmguard_direction
 *
 * Return: how many.
 */
uint64_t pair_packets(const struct pair_set *set, uint32_t direction)
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < GMG_SA_NUM; i++)
		if (set->sa[i] && set->sa[i]->direction == direction)
			n += set->sa[i]->packets;
	if (set->stray && set->stray->direction == direction)
		n += set->stray->packets;
	return n;
}

/**
 * pair_owner_name() - who seems to have made a set
 * @owner: who
 *
 * Return: a name.
 */
const char *pair_owner_name(enum pair_owner owner)
{
	static const char * const names[] = {
		[PAIR_OTHER] = "other program",
		[PAIR_KAMAILIO] = "Kamailio",
		[PAIR_OPENSIPS] = "OpenSIPS",
		[PAIR_IKE] = "IKE daemon",
	};

	return names[owner];
}
