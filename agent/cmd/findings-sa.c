// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * findings-sa.c - adopted SAs that stand in each other's way.
 *
 * Pure: no kernel, no output.
 */
#include <stdlib.h>
#include <string.h>

#include "findings.h"

/* An exact SA and the set that it is part of. */
struct member {
	const struct gmg_adopted *sa;
	const struct pair_set *set;
};

static int compare_number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_addr(const struct gmg_addr *a, const struct gmg_addr *b)
{
	int ret = compare_number(a->family, b->family);

	return ret ? ret : memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

/* The same selector: only one of them can be meant. */
static int compare_selectors(const struct gmg_adopted *a,
			     const struct gmg_adopted *b)
{
	int ret = compare_number(a->direction, b->direction);

	if (!ret)
		ret = compare_addr(&a->local_addr, &b->local_addr);
	if (!ret)
		ret = compare_addr(&a->ue_addr, &b->ue_addr);
	if (!ret)
		ret = compare_number(a->local_port, b->local_port);
	if (!ret)
		ret = compare_number(a->ue_port, b->ue_port);
	if (!ret)
		ret = compare_number(a->protocol, b->protocol);
	if (!ret)
		ret = compare_number(a->mark, b->mark);
	return ret ? ret : compare_number(a->mark_mask, b->mark_mask);
}

/* The newest of equal ones first. */
static int by_selector(const void *x, const void *y)
{
	const struct member *a = x, *b = y;
	int ret = compare_selectors(a->sa, b->sa);

	return ret ? ret : compare_number(a->sa->age_ms, b->sa->age_ms);
}

static struct member *exact_members(const struct pair_list *pairs, size_t *n)
{
	struct member *v = calloc(GMG_SA_NUM * pairs->n + 1, sizeof(*v));
	size_t i;
	int sa;

	*n = 0;
	for (i = 0; v && i < pairs->n; i++)
		for (sa = 0; sa < GMG_SA_NUM; sa++)
			if (pairs->v[i].sa[sa])
				v[(*n)++] = (struct member){
					.sa = pairs->v[i].sa[sa],
					.set = &pairs->v[i],
				};
	return v;
}

/* No packet of the set is known to be, or may be, younger than that. */
static bool is_unused_for(const struct pair_set *set, uint64_t ms)
{
	const struct gmg_adopted *sa;
	int i;

	for (i = 0; i < GMG_SA_NUM; i++) {
		sa = set->sa[i];
		if (!sa || !sa->used)
			continue;
		if (!sa->last_use_known || sa->last_use_ms <= ms)
			return false;
	}
	return true;
}

/*
 * The UE sends on the set, so it has taken it into use, and that long ago that
 * no transaction is pending on an older one (TS 24.229 5.2.2).
 */
static bool is_proven(const struct pair_set *set, uint64_t grace_ms)
{
	const struct gmg_adopted *a = set->sa[GMGUARD_SA_NAME_A];
	const struct gmg_adopted *d = set->sa[GMGUARD_SA_NAME_D];

	return (a && a->used && a->first_use_ms >= grace_ms) ||
	       (d && d->used && d->first_use_ms >= grace_ms);
}

/* Whether sending needs the state: its own policy would find no other. */
static bool is_demanded(const struct facts *f, const struct gmg_adopted *old,
			const struct gmg_adopted *newer)
{
	size_t i;

	if (old->direction == GMGUARD_DIRECTION_IN || !old->reqid ||
	    old->reqid == newer->reqid)
		return false;
	for (i = 0; i < f->out->n; i++)
		if (f->out->v[i].reqid == old->reqid)
			return true;
	return false;
}

static void find_older(const struct facts *f, const struct member *newest,
		       const struct member *old, struct finding_list *list)
{
	struct finding *found;
	char buf[160];

	found = finding_add(list, FINDING_DUPLICATE,
			    "%s has the selector of the newer SA 0x%08x",
			    finding_sa(old->sa, buf, sizeof(buf)),
			    newest->sa->spi);
	if (old->set == newest->set ||
	    old->sa->age_ms <= newest->sa->age_ms ||
	    !is_unused_for(old->set, newest->sa->age_ms) ||
	    !is_proven(newest->set, f->grace_ms) ||
	    is_demanded(f, old->sa, newest->sa))
		return;
	found->fix = FIX_DELETE_STATE;
	found->sa = old->sa;
}

/**
 * findings_duplicates() - find SAs with the selector of a newer one
 * @f: the facts
 * @list: findings, more are added
 */
void findings_duplicates(const struct facts *f, struct finding_list *list)
{
	size_t n, i, newest = 0;
	struct member *v = exact_members(f->pairs, &n);

	if (!v) {
		list->failed = true;
		return;
	}
	qsort(v, n, sizeof(*v), by_selector);
	for (i = 1; i < n; i++) {
		if (compare_selectors(v[newest].sa, v[i].sa))
			newest = i;
		else
			find_older(f, &v[newest], &v[i], list);
	}
	free(v);
}

/**
 * findings_newest() - the exact SAs without those that have a newer one
 * @f: the facts
 * @n: how many
 *
 * Return: an array to free(), or NULL without memory.
 */
const struct gmg_adopted **findings_newest(const struct facts *f, size_t *n)
{
	size_t n_members, i;
	struct member *v = exact_members(f->pairs, &n_members);
	const struct gmg_adopted **newest = calloc(n_members + 1,
						   sizeof(*newest));

	*n = 0;
	if (v)
		qsort(v, n_members, sizeof(*v), by_selector);
	for (i = 0; v && newest && i < n_members; i++)
		if (!i || compare_selectors(v[i - 1].sa, v[i].sa))
			newest[(*n)++] = v[i].sa;
	if (!v) {
		free(newest);
		newest = NULL;
	}
	free(v);
	return newest;
}

static int by_spi(const void *x, const void *y)
{
	const struct gmg_adopted *a = *(const struct gmg_adopted * const *)x;
	const struct gmg_adopted *b = *(const struct gmg_adopted * const *)y;

	return compare_number(a->spi, b->spi);
}

/* SPIs that the P-CSCF chose must be unique, whatever its addresses. */
static void find_shared(const struct gmg_adopted **in, size_t n,
			struct finding_list *list)
{
	char buf[160];
	size_t i;

	for (i = 1; i < n; i++)
		if (in[i]->spi == in[i - 1]->spi)
			finding_add(list, FINDING_SPI,
				    "%s: another inbound SA has the same SPI",
				    finding_sa(in[i], buf, sizeof(buf)));
}

/* The SPIs of one registration: what the UE and the P-CSCF chose. */
static void find_equal(const struct pair_set *set, struct finding_list *list)
{
	char ue[GMG_ADDR_TEXT_MAX];
	int i, j;

	for (i = 0; i < GMG_SA_NUM; i++)
		for (j = i + 1; j < GMG_SA_NUM; j++)
			if (set->sa[i] && set->sa[j] &&
			    set->sa[i]->spi == set->sa[j]->spi)
				finding_add(list, FINDING_SPI,
					    "UE %s: SA %c and SA %c have the same SPI 0x%08x",
					    gmg_addr_format(
						&set->sa[i]->ue_addr, ue,
						sizeof(ue)), 'A' + i, 'A' + j,
					    set->sa[i]->spi);
}

/**
 * findings_spis() - find SPIs that are there twice
 * @f: the facts
 * @list: findings, more are added
 *
 * Different UEs may choose the same SPI.
 */
void findings_spis(const struct facts *f, struct finding_list *list)
{
	const struct gmg_adopted **in = calloc(f->n_adopted + 1, sizeof(*in));
	size_t n = 0, i;

	if (!in) {
		list->failed = true;
		return;
	}
	for (i = 0; i < f->n_adopted; i++)
		if (f->adopted[i].direction == GMGUARD_DIRECTION_IN)
			in[n++] = &f->adopted[i];
	qsort(in, n, sizeof(*in), by_spi);
	find_shared(in, n, list);
	for (i = 0; i < f->pairs->n; i++)
		find_equal(&f->pairs->v[i], list);
	free(in);
}
