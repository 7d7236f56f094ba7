/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_KEYMGR_H
#define _GMG_KEYMGR_H

struct gmg_net;

void gmg_keymgr_setup(void);
void gmg_keymgr_teardown(void);
void gmg_larval_sweep(struct gmg_net *gn);

#endif /* _GMG_KEYMGR_H */
