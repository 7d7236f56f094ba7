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
#define MEMO_CONTACT_MAX	512

/**
 * struct memo - agent-data of a set
 * @server: what our Security-Server listed
 * @client: digest of SM1's Security-Client
 * @transaction: digest of Call-ID, CSeq and nonce of the challenged REGISTER
 * @nonce: digest of the nonce of the challenge
 * @contact: Contact of the REGISTER
 * @impus: public identities, the default one first; NULL for none
 */
struct memo {
	struct sec_prefs server;
	char client[SEC_DIGEST_MAX];
	char transaction[MEMO_DIGEST_MAX];
	char nonce[MEMO_DIGEST_MAX];
	char contact[MEMO_CONTACT_MAX];
	json_t *impus;
};

char *memo_encode(const struct memo *memo);
int memo_decode(const struct gmg_saset *set, struct memo *memo);
void memo_clear(struct memo *memo);
int memo_digest(char hex[MEMO_DIGEST_MAX], const char *const *texts);

#endif /* GMG_MEMO_H */
