// SPDX-License-Identifier: GPL-2.0-only
/*
 * Private identities: the sets of one subscriber, wherever its contacts are.
 * TS 33.203 7.1 limits how many there may be.
 *
 * Concurrency: everything under gmg_net.lock; no hook looks at them.
 */
#include <linux/jhash.h>
#include <linux/slab.h>

#include "fault.h"
#include "impi.h"

static u32 hash_name(const void *name, u32 len, u32 seed)
{
	return jhash(name, strlen(name), seed);
}

static u32 hash_impi(const void *impi, u32 len, u32 seed)
{
	return hash_name(((const struct gmg_impi *)impi)->name, len, seed);
}

static int compare(struct rhashtable_compare_arg *arg, const void *impi)
{
	return strcmp(arg->key, ((const struct gmg_impi *)impi)->name);
}

const struct rhashtable_params gmg_impi_params = {
	.head_offset = offsetof(struct gmg_impi, node),
	.hashfn = hash_name,
	.obj_hashfn = hash_impi,
	.obj_cmpfn = compare,
	.automatic_shrinking = true,
};

/**
 * gmg_impi_find() - a private identity that has sets
 * @gn: the namespace, gmg_net.lock held
 * @name: the identity
 *
 * Return: it, or NULL if it has none.
 */
struct gmg_impi *gmg_impi_find(struct gmg_net *gn, const char *name)
{
	lockdep_assert_held(&gn->lock);
	return rhashtable_lookup_fast(&gn->impis, name, gmg_impi_params);
}

/**
 * gmg_impi_join() - make a set one of its identity's
 * @set: the set
 * @name: the identity
 *
 * Context: may sleep, gmg_net.lock held.
 * Return: 0 or a negative errno.
 */
int gmg_impi_join(struct gmg_saset *set, const char *name)
{
	struct gmg_net *gn = set->gn;
	struct gmg_impi *impi = gmg_impi_find(gn, name);
	size_t len = strlen(name) + 1;
	int err;

	if (!impi) {
		impi = gmg_fault() ? NULL :
		       kzalloc(struct_size(impi, name, len),
			       GFP_KERNEL_ACCOUNT);
		if (!impi)
			return -ENOMEM;
		memcpy(impi->name, name, len);
		INIT_LIST_HEAD(&impi->sets);
		err = gmg_fault() ? -ENOMEM :
		      rhashtable_insert_fast(&gn->impis, &impi->node,
					     gmg_impi_params);
		if (err) {
			kfree(impi);
			return err;
		}
	}
	set->impi = impi;
	list_add(&set->impi_node, &impi->sets);
	return 0;
}

/**
 * gmg_impi_leave() - take a set from its identity, which goes with its last
 * @set: the set
 *
 * Context: gmg_net.lock held.
 */
void gmg_impi_leave(struct gmg_saset *set)
{
	struct gmg_impi *impi = set->impi;

	list_del(&set->impi_node);
	if (!list_empty(&impi->sets))
		return;
	rhashtable_remove_fast(&set->gn->impis, &impi->node, gmg_impi_params);
	/* A resize of the table may still walk over it. */
	kfree_rcu(impi, rcu);
}
