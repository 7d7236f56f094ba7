/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xfrm.h - out policies of xfrm, whoever made them.
 */
#ifndef GMG_XFRM_H
#define GMG_XFRM_H

#include "../kernel.h"

/**
 * struct xfrm_out - an out policy
 * @family: AF_INET or AF_INET6
 * @src: source prefix
 * @src_len: its length in bits
 * @dst: destination prefix
 * @dst_len: its length in bits
 * @sport: source port and its mask
 * @sport_mask: 0 for any port
 * @dport: destination port
 * @dport_mask: 0 for any port
 * @protocol: transport protocol, 0 for any
 * @priority: the smallest number decides
 * @esp: it demands one transform: ESP in transport mode
 * @reqid: of the state that it demands, 0 for any
 * @spi: of the state that it demands, 0 for any
 */
struct xfrm_out {
	int family;
	uint8_t src[16];
	uint8_t src_len;
	uint8_t dst[16];
	uint8_t dst_len;
	uint16_t sport, sport_mask;
	uint16_t dport, dport_mask;
	uint8_t protocol;
	uint32_t priority;
	bool esp;
	uint32_t reqid;
	uint32_t spi;
};

/** struct xfrm_out_list - all of them but those of sockets or with a mark */
struct xfrm_out_list {
	struct xfrm_out *v;
	size_t n, room;
};

int xfrm_out_dump(struct xfrm_out_list *list);
int xfrm_state_delete(const struct gmg_adopted *sa);

#endif /* GMG_XFRM_H */
