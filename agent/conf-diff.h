/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf-diff.h - what changed between two configurations
 */
#ifndef GMG_CONF_DIFF_H
#define GMG_CONF_DIFF_H

#include "conf.h"

bool conf_same_endpoint(const struct gmg_endpoint *want,
			const struct gmg_endpoint *have);
const struct conf_endpoint *conf_endpoint_of(const struct conf *conf,
					     const struct gmg_addr *addr);
void conf_diff_limits(const struct conf *old, const struct conf *new,
		      struct gmg_limits *changed);
const char *conf_diff_listen(const struct conf *old, const struct conf *new);

#endif /* GMG_CONF_DIFF_H */
