/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pair.h - adopted SAs, put together as the sets that they are part of.
 */
#ifndef GMG_PAIR_H
#define GMG_PAIR_H

#include "../kernel.h"

/** enum pair_owner - who seems to have made an SA */
enum pair_owner {
	PAIR_OTHER,
	PAIR_KAMAILIO,
	PAIR_OPENSIPS,
	PAIR_IKE,
};

/**
 * struct pair_set - the SAs of one registration, or one SA that fits nowhere
 * @sa: by enum gmguard_sa_name, NULL for a missing one
 * @stray: an SA whose selector is not exact, then @sa is empty; else NULL
 * @owner: who seems to have made them
 */
struct pair_set {
	const struct gmg_adopted *sa[GMG_SA_NUM];
	const struct gmg_adopted *stray;
	enum pair_owner owner;
};

/**
 * struct pair_list - all of them, by UE
 * @v: the sets, which point into what pair_sas() was given
 * @n: how many
 */
struct pair_list {
	struct pair_set *v;
	size_t n;
};

int pair_sas(const struct gmg_adopted *sas, size_t n,
	     const struct gmg_endpoint *endpoints, size_t n_endpoints,
	     struct pair_list *list);
void pair_list_free(struct pair_list *list);

bool pair_is_port_pc(const struct gmg_adopted *sa,
		     const struct gmg_endpoint *endpoints, size_t n);
const struct gmg_adopted *pair_any(const struct pair_set *set);
unsigned int pair_count(const struct pair_set *set);
bool pair_is_complete(const struct pair_set *set);
uint16_t pair_port(const struct pair_set *set, bool of_ue, bool client);
uint64_t pair_age_ms(const struct pair_set *set);
bool pair_is_used(const struct pair_set *set);
bool pair_last_use(const struct pair_set *set, uint64_t *ms);
uint64_t pair_packets(const struct pair_set *set, uint32_t direction);
const char *pair_owner_name(enum pair_owner owner);

#endif /* GMG_PAIR_H */
