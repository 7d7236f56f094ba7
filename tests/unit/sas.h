/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sas.h - adopted SAs for tests: an endpoint, and four SAs of a registration
 */
#ifndef SAS_H
#define SAS_H

#include "kernel.h"

static struct gmg_endpoint an_endpoint;

static inline void make_endpoint(void)
{
	an_endpoint = (struct gmg_endpoint){
		.id = 1,
		.port_ps = { 6101 }, .n_port_ps = 1,
		.port_pc = { 6110, 6111, 6112, 6113 }, .n_port_pc = 4,
		.policies = 9,
	};
	gmg_addr_parse("10.33.0.1", &an_endpoint.local_addr);
}

/* Kamailio's, by enum gmguard_sa_name; number makes ports and SPIs differ. */
static inline void quad(struct gmg_adopted *sas, unsigned int number,
			uint64_t age_ms)
{
	unsigned int i;

	for (i = 0; i < GMG_SA_NUM; i++) {
		bool server = i == GMGUARD_SA_NAME_A || i == GMGUARD_SA_NAME_B;
		bool in = i == GMGUARD_SA_NAME_A || i == GMGUARD_SA_NAME_D;

		sas[i] = (struct gmg_adopted){
			.spi = 0x1000 + 0x10 * number + i,
			.reqid = 0x1000 + 0x10 * number + i,
			.direction = in ? GMGUARD_DIRECTION_IN :
					  GMGUARD_DIRECTION_OUT,
			.endpoint_id = 1,
			.local_addr = an_endpoint.local_addr,
			.local_port = server ? 6101 : 6110,
			.ue_port = 31000 + 2 * number + !server,
			.selector = GMGUARD_SELECTOR_EXACT,
			.condition = GMGUARD_CONDITION_VALID,
			.age_ms = age_ms,
		};
		gmg_addr_parse("10.33.0.11", &sas[i].ue_addr);
	}
}

#endif /* SAS_H */
