/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mirror.h - an index of the kernel's SA sets and endpoints
 *
 * Only what is needed to find a set lives here; whatever is decided upon is
 * read from the kernel by the id that was found. The index is filled by a
 * dump, kept by events and by what this agent does itself. When events were
 * lost it is filled again, as often as it takes; when something is not found,
 * waiting events are read before that is believed.
 */
#ifndef GMG_MIRROR_H
#define GMG_MIRROR_H

#include <stdbool.h>
#include <stdint.h>

#include "htab.h"
#include "kernel.h"

/**
 * struct flow - where an inbound packet came from and went to
 * @ue_addr: address of the UE
 * @local_addr: address of the P-CSCF
 * @ue_port: port of the UE
 * @local_port: port of the P-CSCF
 */
struct flow {
	struct gmg_addr ue_addr;
	struct gmg_addr local_addr;
	uint16_t ue_port;
	uint16_t local_port;
};

/**
 * struct flow_node - one of the two inbound flows of a set
 * @node: in mirror.by_flow
 * @set: the set
 */
struct flow_node {
	struct hnode node;
	struct mirror_set *set;
};

/**
 * struct mirror_set - what is known of a set without asking the kernel
 * @by_id: in mirror.by_id
 * @by_server: in mirror.by_server
 * @by_impi: in mirror.by_impi
 * @flow: SA A and SA D, in mirror.by_flow
 * @ue_addr: address of the UE
 * @local_addr: address of the P-CSCF
 * @port_uc: UE's protected client port
 * @port_us: UE's protected server port
 * @port_pc: P-CSCF's protected client port
 * @port_ps: P-CSCF's protected server port
 * @id: id of the set
 * @pass: the dump that saw it last
 * @doomed: it failed, and will be deleted when the answer has left
 * @carrier: the answer that tells of it, see delivery.h; 0: none
 * @impi: private identity
 */
struct mirror_set {
	struct hnode by_id;
	struct hnode by_server;
	struct hnode by_impi;
	struct flow_node flow[2];
	struct gmg_addr ue_addr;
	struct gmg_addr local_addr;
	uint16_t port_uc, port_us, port_pc, port_ps;
	uint32_t id;
	uint32_t pass;
	bool doomed;
	uint64_t carrier;
	char impi[];
};

/**
 * struct mirror - the index
 * @k: connection to the kernel
 * @by_id: sets by id
 * @by_flow: sets by the flows of SA A and SA D
 * @by_server: sets by (UE address, port_us)
 * @by_impi: sets by IMPI
 * @endpoint: guarded endpoints
 * @n_endpoint: how many of them
 * @pass: number of the last dump
 * @resyncs: how often events were lost
 * @stale: events were lost, and the tables are not read again yet
 * @gone: the module said that it is being unloaded
 */
struct mirror {
	struct gmg_kernel *k;
	struct htab by_id;
	struct htab by_flow;
	struct htab by_server;
	struct htab by_impi;
	struct gmg_endpoint *endpoint;
	unsigned int n_endpoint;
	uint32_t pass;
	uint64_t resyncs;
	bool stale;
	bool gone;
};

int mirror_open(struct mirror *m, struct gmg_kernel *k);
void mirror_close(struct mirror *m);
void mirror_forget(struct mirror *m);
int mirror_reload(struct mirror *m);
int mirror_drain(struct mirror *m);
int mirror_add(struct mirror *m, const struct gmg_saset *set);

const struct gmg_endpoint *mirror_endpoint(const struct mirror *m,
					   const struct gmg_addr *addr);
struct mirror_set *mirror_find(const struct mirror *m, uint32_t id);

int mirror_get_flow(struct mirror *m, const struct flow *flow,
		    struct gmg_saset *set);
int mirror_get_id(struct mirror *m, uint32_t id, struct gmg_saset *set);

int mirror_ids_of_impi(struct mirror *m, const char *impi, uint32_t **ids);
int mirror_ids_of_server(struct mirror *m, const struct gmg_addr *ue_addr,
			 uint16_t port_us, uint32_t **ids);

#endif /* GMG_MIRROR_H */
