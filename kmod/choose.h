/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_CHOOSE_H
#define _GMG_CHOOSE_H

#include "saset.h"

#define GMG_YIELD_MAX 8

/**
 * struct gmg_yield - temporary sets that give way to a new one
 * @set: the sets
 * @n: how many
 * @holds_spi: one of them has an outbound SA with an SPI of the new set
 */
struct gmg_yield {
	struct gmg_saset *set[GMG_YIELD_MAX];
	unsigned int n;
	bool holds_spi;
};

int gmg_choose(struct gmg_net *gn, struct gmg_saset_conf *conf,
	       struct gmg_yield *yield, struct netlink_ext_ack *extack);

#endif /* _GMG_CHOOSE_H */
