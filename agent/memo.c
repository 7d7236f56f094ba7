// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * memo.c - see memo.h
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "impus.h"
#include "memo.h"
#include "secret.h"

static json_t *encode_prefs(const struct sec_prefs *prefs)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < prefs->n; i++) {
		const char *alg = gmg_alg_name(prefs->pair[i].alg);
		const char *ealg = gmg_ealg_name(prefs->pair[i].ealg);

		json_array_append_new(list, json_sprintf("%s/%s", alg, ealg));
	}
	return list;
}

static void decode_prefs(const json_t *list, struct sec_prefs *prefs)
{
	json_t *item;
	size_t i;

	prefs->n = 0;
	json_array_foreach(list, i, item) {
		const char *text = json_string_value(item);
		struct sec_pair *pair = &prefs->pair[prefs->n];
		const char *slash = text ? strchr(text, '/') : NULL;
		char alg[32];

		if (!slash || prefs->n == SEC_PAIR_MAX)
			return;
		snprintf(alg, sizeof(alg), "%.*s", (int)(slash - text), text);
		pair->alg = gmg_alg_by_name(alg);
		pair->ealg = gmg_ealg_by_name(slash + 1);
		prefs->n++;
	}
}

static void copy_text(const json_t *object, const char *name, char *buf,
		      size_t size)
{
	const char *text = json_string_value(json_object_get(object, name));

	snprintf(buf, size, "%s", text ? text : "");
}

/* Make it shorter: false when nothing is left to leave out. */
static bool shorten(json_t *object, json_t *impus)
{
	json_t *contact = json_object_get(object, "contact");

	if (!json_string_length(contact))
		return impus_shorten(impus);
	json_object_set_new(object, "contact", json_string(""));
	return true;
}

/**
 * memo_encode() - write agent-data
 * @memo: what to keep
 *
 * If not all fits, Contact is left out, then identities, the last ones first:
 * identities allow something, so less is safe.
 *
 * Return: the text, for secret_free(); NULL without memory.
 */
char *memo_encode(const struct memo *memo)
{
	json_t *impus = memo->impus ? json_deep_copy(memo->impus) :
				      json_array();
	json_t *object;
	char *text;

	object = json_pack("{s:o, s:s, s:s, s:s, s:s, s:s, s:O}",
			   "security_server", encode_prefs(&memo->server),
			   "security_client", memo->client,
			   "transaction", memo->transaction,
			   "nonce", memo->nonce, "accepted", memo->accepted,
			   "contact", memo->contact, "impus", impus);
	text = object ? json_dumps(object, JSON_COMPACT) : NULL;
	while (text && strlen(text) > GMGUARD_AGENT_DATA_MAX) {
		secret_free(text);
		text = shorten(object, impus) ?
			json_dumps(object, JSON_COMPACT) : NULL;
	}
	json_decref(object);
	json_decref(impus);
	return text;
}

/**
 * memo_decode() - read agent-data
 * @set: the set that it is kept with
 * @memo: what was kept, for memo_clear()
 *
 * Return: 0, or -ENODATA when it is not ours: somebody else made the set.
 */
int memo_decode(const struct gmg_saset *set, struct memo *memo)
{
	json_t *object = NULL;

	memset(memo, 0, sizeof(*memo));
	if (set->agent_data_len)
		object = json_loadb(set->agent_data, set->agent_data_len, 0,
				    NULL);
	if (!json_is_object(object)) {
		json_decref(object);
		return -ENODATA;
	}
	decode_prefs(json_object_get(object, "security_server"),
		     &memo->server);
	copy_text(object, "security_client", memo->client,
		  sizeof(memo->client));
	copy_text(object, "transaction", memo->transaction,
		  sizeof(memo->transaction));
	copy_text(object, "nonce", memo->nonce, sizeof(memo->nonce));
	copy_text(object, "accepted", memo->accepted, sizeof(memo->accepted));
	copy_text(object, "contact", memo->contact, sizeof(memo->contact));
	memo->impus = json_incref(json_object_get(object, "impus"));
	json_decref(object);
	if (!json_is_array(memo->impus)) {
		json_decref(memo->impus);
		memo->impus = json_array();
	}
	impus_tidy(memo->impus);
	return 0;
}

/**
 * memo_clear() - give back what memo_decode() took
 * @memo: the memo
 */
void memo_clear(struct memo *memo)
{
	json_decref(memo->impus);
	memo->impus = NULL;
}

/**
 * memo_digest() - make a short digest of some texts
 * @hex: the digest
 * @texts: the texts, NULL behind the last one
 *
 * Return: 0, or -EIO when there is no digest to be had.
 */
int memo_digest(char hex[MEMO_DIGEST_MAX], const char *const *texts)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char md[32];
	int ok;

	ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
	for (; ok && *texts; texts++)
		ok = EVP_DigestUpdate(ctx, *texts, strlen(*texts) + 1);
	ok = ok && EVP_DigestFinal_ex(ctx, md, NULL);
	EVP_MD_CTX_free(ctx);
	hex[0] = '\0';
	for (int i = 0; ok && i < MEMO_DIGEST_MAX / 2; i++)
		snprintf(hex + 2 * i, 3, "%02x", md[i]);
	return ok ? 0 : -EIO;
}
