/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_GRO_H
#define _GMG_GRO_H

void gmg_gro_get(void);
void gmg_gro_put(void);

#endif /* _GMG_GRO_H */
