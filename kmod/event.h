/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_EVENT_H
#define _GMG_EVENT_H

#include "netlink-gen.h"

struct gmg_adopted;
struct gmg_endpoint;
struct gmg_sample;
struct gmg_saset;
struct xfrm_state;

bool gmg_event_wanted(struct net *net, unsigned int group);
void gmg_event_endpoint(struct net *net, const struct gmg_endpoint *ep,
			u32 event);
void gmg_event_saset(const struct gmg_saset *set, u32 event, u32 cause);
void gmg_event_adopted(struct net *net, const struct xfrm_state *x,
		       const struct gmg_adopted *adopted, u32 event);
void gmg_event_adopted_lost(struct net *net);
void gmg_event_drop(struct net *net, const struct gmg_sample *sample);

#endif /* _GMG_EVENT_H */
