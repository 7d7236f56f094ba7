/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_PHASE_H
#define _GMG_PHASE_H

#include "saset.h"

int gmg_phase_check_establish(const struct gmg_saset *set,
			      struct netlink_ext_ack *extack);
void gmg_phase_begin(struct gmg_saset *set, u32 phase, u32 lifetime_ms);
int gmg_phase_change(struct gmg_saset *set, u32 phase, u32 lifetime_ms,
		     struct netlink_ext_ack *extack);
void gmg_phase_end(struct gmg_saset *set);
void gmg_phase_attend(struct gmg_saset *set);
void gmg_phase_note_message(struct gmg_saset *set);

/**
 * gmg_phase_is_authenticated() - whether a set has completed authentication
 * @set: the set
 *
 * Context: any.
 * Return: true if it has.
 */
static inline bool gmg_phase_is_authenticated(const struct gmg_saset *set)
{
	return READ_ONCE(set->phase) != GMGUARD_PHASE_TEMPORARY;
}

#endif /* _GMG_PHASE_H */
