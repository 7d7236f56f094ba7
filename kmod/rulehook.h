/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_RULEHOOK_H
#define _GMG_RULEHOOK_H

struct gmg_net;
struct gmg_ruleset;

unsigned int gmg_rulehooks_for(const struct gmg_ruleset *rs);
int gmg_rulehooks_add(struct gmg_net *gn, unsigned int hooks);
void gmg_rulehooks_keep(struct gmg_net *gn, unsigned int hooks);

#endif /* _GMG_RULEHOOK_H */
