/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _GMG_CONTENT_H
#define _GMG_CONTENT_H

#include "packet.h"
#include "saset.h"

/**
 * struct gmg_content - what a packet carries that came through an owned set
 * @other: something that a temporary set must not carry
 * @message: a SIP message begins in it
 * @transaction: names the transaction of a REGISTER over UDP, else 0
 */
struct gmg_content {
	bool other;
	bool message;
	u64 transaction;
};

void gmg_content_in(struct gmg_saset *set, const struct sk_buff *skb,
		    const struct gmg_packet *packet,
		    struct gmg_content *content);
void gmg_content_took(struct gmg_saset *set, const struct gmg_content *content);
bool gmg_content_is_response(struct gmg_saset *set, const struct sk_buff *skb,
			     const struct gmg_packet *packet);

#endif /* _GMG_CONTENT_H */
