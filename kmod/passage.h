/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A packet on its way into, out of or through this host, as the rules see it.
 */
#ifndef _GMG_PASSAGE_H
#define _GMG_PASSAGE_H

#include <net/xfrm.h>

#include "flow.h"

struct nf_hook_state;
struct sk_buff;

/**
 * struct gmg_esp_want - the ESP that packets have to come or leave through
 * @required: they have to
 * @reqid: reqid of the SA, 0 for any
 * @mark: mark of the SA
 * @mask: its mask, 0 for any mark
 * @if_id: if_id of the SA, 0 for any
 */
struct gmg_esp_want {
	bool required;
	u32 reqid;
	u32 mark;
	u32 mask;
	u32 if_id;
};

/**
 * struct gmg_passage - the facts of one packet
 * @flow: its ends
 * @quoted: the ends of the packet that it is an ICMP error about
 * @in: interface that it came by, "" if it did not come
 * @out: interface that it leaves by, "" if it does not leave
 * @socket_port: port of the socket that it is for already, network byte order
 * @unreadable: a fragment, or headers that can't be read as far as the ports
 * @routed: it has a source route
 * @is_error: it is an ICMP error, @quoted is set
 * @is_redirect: it is an ICMP redirect
 * @link_only: its source has a meaning on its link only
 * @policy_ok: what IPsec did to it is what the kernel's policies ask for
 * @n_esp: entries of @esp
 * @esp: the ESP SAs that it came through, or is about to leave through
 */
struct gmg_passage {
	struct gmg_flow flow;
	struct gmg_flow quoted;
	const char *in;
	const char *out;
	__be16 socket_port;
	bool unreadable;
	bool routed;
	bool is_error;
	bool is_redirect;
	bool link_only;
	bool policy_ok;
	unsigned int n_esp;
	const struct xfrm_state *esp[XFRM_MAX_DEPTH];
};

void gmg_passage_read(struct gmg_passage *p, struct sk_buff *skb,
		      const struct nf_hook_state *state);
bool gmg_passage_fits(const struct gmg_passage *p,
		      const struct gmg_esp_want *want);

#endif /* _GMG_PASSAGE_H */
