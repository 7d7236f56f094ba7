/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_PAYLOAD_H
#define _GMG_PAYLOAD_H

#include <linux/skbuff.h>

/* Start line, Call-ID and CSeq of real messages stand well before this. */
#define GMG_PAYLOAD_MAX 4096

/**
 * struct gmg_payload - the beginning of a packet's payload
 * @data: in the packet itself, or in this CPU's buffer
 * @len: bytes, at most GMG_PAYLOAD_MAX
 */
struct gmg_payload {
	const char *data;
	size_t len;
};

int gmg_payload_setup(void);
void gmg_payload_teardown(void);
void gmg_payload_at(const struct sk_buff *skb, int offset,
		    struct gmg_payload *payload);
void gmg_payload_get(const struct sk_buff *skb, int thoff,
		     struct gmg_payload *payload);
void gmg_payload_put(struct gmg_payload *payload);

#endif /* _GMG_PAYLOAD_H */
