/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_BINDING_H
#define _GMG_BINDING_H

#include "saset.h"

extern const struct rhashtable_params gmg_binding_params;

struct gmg_binding *gmg_binding_find(struct gmg_net *gn,
				     const struct gmg_tuple *tuple);
void gmg_state_tuple(const struct xfrm_state *x, struct gmg_tuple *tuple);
int gmg_bindings_add(struct gmg_saset *set);
void gmg_bindings_del(struct gmg_saset *set);

#endif /* _GMG_BINDING_H */
