/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_CONN_H
#define _GMG_CONN_H

struct gmg_saset;

void gmg_conns_abort(const struct gmg_saset *set);

#endif /* _GMG_CONN_H */
