/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_IMPI_H
#define _GMG_IMPI_H

#include "saset.h"

/**
 * struct gmg_impi - a private identity and its sets
 * @node: in gmg_net.impis
 * @sets: its sets of all registrations, newest first, lock: gmg_net.lock
 * @rcu: frees it
 * @name: the identity
 */
struct gmg_impi {
	struct rhash_head node;
	struct list_head sets;
	struct rcu_head rcu;
	char name[];
};

extern const struct rhashtable_params gmg_impi_params;

struct gmg_impi *gmg_impi_find(struct gmg_net *gn, const char *name);
int gmg_impi_join(struct gmg_saset *set, const char *name);
void gmg_impi_leave(struct gmg_saset *set);

#endif /* _GMG_IMPI_H */
