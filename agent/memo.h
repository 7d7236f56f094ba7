/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memo.h - what the agent keeps in the kernel with every SA set
 *
 * The agent has no memory of its own: what SM7 is compared with, and whom a
 * set belongs to, is found here after a restart too. Never a key.
 */
#ifndef GMG_MEMO_H
#define GMG_MEMO_H

#include <stddef.h>

#include <jansson.h>

#include "kernel.h"
#include "secagree.h"

/** Hexadecimal digits of a short digest, with the NUL. */
#define MEMO_DIGEST_MAX	33
/** Longest Contact that is kept, with the NUL. */
#define MEMO_CONTACT_MAX	256

/**
 * struct memo - agent-data of a set
 * @server: what our Security-Server listed
 * @client: digest of SM1's Security-Client
 * @transaction: digest of Call-ID and CSeq of the challenged REGISTER, SM1
 * @nonce: digest of the nonce of the challenge
 * @accepted: digest of Call-ID and CSeq of the REGISTER whose 2xx established
 *	the set, SM7; "" until then
 * @contact: Contact of SM1, for whoever looks at the set
 * @impus: public identities, see impus.h; an array
 */
struct memo {
	struct sec_prefs server;
	char client[SEC_DIGEST_MAX];
	char transaction[MEMO_DIGEST_MAX];
	char nonce[MEMO_DIGEST_MAX];
	char accepted[MEMO_DIGEST_MAX];
	char contact[MEMO_CONTACT_MAX];
	json_t *impus;
};

char *memo_encode(const struct memo *memo);
int memo_decode(const struct gmg_saset *set, struct memo *memo);
void memo_clear(struct memo *memo);
int memo_digest(char hex[MEMO_DIGEST_MAX], const char *const *texts);

#endif /* GMG_MEMO_H */
