/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_HOOK_H
#define _GMG_HOOK_H

struct net;

int gmg_hooks_register(struct net *net);
void gmg_hooks_unregister(struct net *net);

#endif /* _GMG_HOOK_H */
