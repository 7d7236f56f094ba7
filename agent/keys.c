// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * keys.c - see keys.h
 */
#include <errno.h>
#include <string.h>

#include <linux/gmguard.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "keys.h"
#include "secagree.h"
#include "secret.h"

/* RFC 2451 2.2: the last bit of each octet makes the number of ones odd. */
static uint8_t odd_parity(uint8_t octet)
{
	return (octet & 0xfe) | !__builtin_parity(octet & 0xfe);
}

/* CK1 | CK2 | CK1, where CK1 and CK2 are the halves of CK_IM. */
static void expand_des_ede3(const uint8_t ck[AKA_KEY_LEN], uint8_t out[24])
{
	memcpy(out, ck, 16);
	memcpy(out + 16, ck, 8);
	for (int i = 0; i < 24; i++)
		out[i] = odd_parity(out[i]);
}

/*
 * The low 32 bits of KDF(CK | IK, FC | P0 | L0), where the KDF of TS 33.220
 * Annex B is HMAC-SHA-256.
 */
static int salt(const struct aka_keys *aka, uint8_t fc, const char *p0,
		uint8_t out[ESP_SALT_LEN])
{
	uint8_t key[2 * AKA_KEY_LEN], s[32], mac[32];
	size_t len = strlen(p0);
	const void *ok;

	memcpy(key, aka->ck, AKA_KEY_LEN);
	memcpy(key + AKA_KEY_LEN, aka->ik, AKA_KEY_LEN);
	s[0] = fc;
	memcpy(s + 1, p0, len);
	s[1 + len] = 0;
	s[2 + len] = len;
	ok = HMAC(EVP_sha256(), key, sizeof(key), s, 3 + len, mac, NULL);
	if (ok)
		memcpy(out, mac + sizeof(mac) - ESP_SALT_LEN, ESP_SALT_LEN);
	secret_wipe(key, sizeof(key));
	secret_wipe(mac, sizeof(mac));
	return ok ? 0 : -EIO;
}

static int expand_integrity(uint32_t alg, const struct aka_keys *aka,
			    struct esp_keys *esp)
{
	if (alg == GMGUARD_ALG_NULL) {
		esp->ik_len = 0;
		return 0;
	}
	memcpy(esp->ik, aka->ik, AKA_KEY_LEN);
	switch (alg) {
	case GMGUARD_ALG_HMAC_MD5_96:
		esp->ik_len = AKA_KEY_LEN;
		return 0;
	case GMGUARD_ALG_HMAC_SHA_1_96:
		/* 32 zero bits at the end make 160 */
		memset(esp->ik + AKA_KEY_LEN, 0, 4);
		esp->ik_len = AKA_KEY_LEN + 4;
		return 0;
	case GMGUARD_ALG_AES_GMAC:
		esp->ik_len = AKA_KEY_LEN + ESP_SALT_LEN;
		return salt(aka, 0x58, "AES_GMAC_SALT", esp->ik + AKA_KEY_LEN);
	}
	return -EINVAL;
}

static int expand_cipher(uint32_t ealg, const struct aka_keys *aka,
			 struct esp_keys *esp)
{
	switch (ealg) {
	case GMGUARD_EALG_NULL:
		esp->ck_len = 0;
		return 0;
	case GMGUARD_EALG_DES_EDE3_CBC:
		expand_des_ede3(aka->ck, esp->ck);
		esp->ck_len = 24;
		return 0;
	case GMGUARD_EALG_AES_CBC:
		memcpy(esp->ck, aka->ck, AKA_KEY_LEN);
		esp->ck_len = AKA_KEY_LEN;
		return 0;
	case GMGUARD_EALG_AES_GCM:
		memcpy(esp->ck, aka->ck, AKA_KEY_LEN);
		esp->ck_len = AKA_KEY_LEN + ESP_SALT_LEN;
		return salt(aka, 0x59, "AES_GCM_SALT", esp->ck + AKA_KEY_LEN);
	}
	return -EINVAL;
}

/**
 * keys_expand() - derive the ESP keys of a pair of algorithms
 * @alg: enum gmguard_alg
 * @ealg: enum gmguard_ealg
 * @aka: CK and IK
 * @esp: the result; the caller wipes it
 *
 * Return: 0; -EINVAL for algorithms that Annex I does not know or that do not
 * go together; -EIO when a digest is not to be had. When it fails, @esp holds
 * no key.
 */
int keys_expand(uint32_t alg, uint32_t ealg, const struct aka_keys *aka,
		struct esp_keys *esp)
{
	const struct sec_pair pair = { alg, ealg };
	int ret = sec_pair_fits(&pair) ? 0 : -EINVAL;

	if (!ret)
		ret = expand_integrity(alg, aka, esp);
	if (!ret)
		ret = expand_cipher(ealg, aka, esp);
	if (ret)
		secret_wipe(esp, sizeof(*esp));
	return ret;
}
