// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Annex I of TS 33.203 against vectors.json (set 1 of TS 35.208).
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>
#include <linux/gmguard.h>

#include "keys.h"
#include "test.h"

static json_t *vectors;

static const char *vector(const char *name)
{
	const char *text = json_string_value(json_object_get(vectors, name));

	if (!text)
		text = json_string_value(json_object_get(
			json_object_get(vectors, "ESP"), name));
	assert_non_null(text);
	return text;
}

static void read_hex(const char *hex, uint8_t *out)
{
	for (; *hex; hex += 2)
		assert_int_equal(sscanf(hex, "%2hhx", out++), 1);
}

static void assert_hex(const uint8_t *bytes, size_t len, const char *hex)
{
	char text[2 * 64 + 1] = "";

	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	assert_string_equal(text, hex);
}

static struct aka_keys aka(void)
{
	struct aka_keys keys;

	read_hex(vector("CK"), keys.ck);
	read_hex(vector("IK"), keys.ik);
	return keys;
}

static const struct key_case {
	const char *name;
	uint32_t alg;
	uint32_t ealg;
	const char *ik;
	const char *ck;
} cases[] = {
	{ "GM-26: hmac-md5-96 takes IK as it is",
	  GMGUARD_ALG_HMAC_MD5_96, GMGUARD_EALG_NULL,
	  "hmac-md5-96 IK_ESP", NULL },
	{ "GM-26: hmac-sha-1-96 takes IK and 32 zero bits",
	  GMGUARD_ALG_HMAC_SHA_1_96, GMGUARD_EALG_NULL,
	  "hmac-sha-1-96 IK_ESP", NULL },
	{ "GM-26: aes-cbc takes CK as it is",
	  GMGUARD_ALG_HMAC_MD5_96, GMGUARD_EALG_AES_CBC,
	  "hmac-md5-96 IK_ESP", "aes-cbc CK_ESP" },
	{ "GM-26: des-ede3-cbc takes CK1, CK2, CK1 with odd parity",
	  GMGUARD_ALG_HMAC_SHA_1_96, GMGUARD_EALG_DES_EDE3_CBC,
	  "hmac-sha-1-96 IK_ESP", "des-ede3-cbc CK_ESP odd parity" },
	{ "GM-26: aes-gcm takes CK and its salt from the KDF, nothing of IK",
	  GMGUARD_ALG_NULL, GMGUARD_EALG_AES_GCM,
	  NULL, "aes-gcm linux keymat key|salt" },
	{ "GM-26: aes-gmac takes IK and its salt from the KDF, nothing of CK",
	  GMGUARD_ALG_AES_GMAC, GMGUARD_EALG_NULL,
	  "aes-gmac linux keymat key|salt", NULL },
};

static void test_expand(void **state)
{
	const struct key_case *c = *state;
	struct aka_keys keys = aka();
	struct esp_keys esp = { .ik_len = 99, .ck_len = 99 };

	assert_int_equal(keys_expand(c->alg, c->ealg, &keys, &esp), 0);
	assert_hex(esp.ik, esp.ik_len, c->ik ? vector(c->ik) : "");
	assert_hex(esp.ck, esp.ck_len, c->ck ? vector(c->ck) : "");
}

static void test_unknown(void **state)
{
	static const struct esp_keys none;
	struct aka_keys keys = aka();
	struct esp_keys esp;

	(void)state;
	assert_int_equal(keys_expand(GMGUARD_ALG_HMAC_MD5_96, 99, &keys, &esp),
			 -EINVAL);
	assert_memory_equal(&esp, &none, sizeof(esp));
	assert_int_equal(keys_expand(0, GMGUARD_EALG_NULL, &keys, &esp),
			 -EINVAL);
	assert_memory_equal(&esp, &none, sizeof(esp));
}

/* Every pair there is; those that go together stand in cases[]. */
static void test_misfits(void **state)
{
	static const struct esp_keys none;
	struct aka_keys keys = aka();
	unsigned int fits = 0;
	struct esp_keys esp;

	(void)state;
	for (uint32_t alg = 1; alg <= GMGUARD_ALG_MAX; alg++) {
		for (uint32_t ealg = 1; ealg <= GMGUARD_EALG_MAX; ealg++) {
			bool aead = alg == GMGUARD_ALG_NULL ||
				    alg == GMGUARD_ALG_AES_GMAC ||
				    ealg == GMGUARD_EALG_AES_GCM;
			int ret = keys_expand(alg, ealg, &keys, &esp);

			fits += !ret && aead;
			if (!aead)
				assert_int_equal(ret, 0);
			if (!ret)
				continue;
			assert_int_equal(ret, -EINVAL);
			assert_memory_equal(&esp, &none, sizeof(esp));
		}
	}
	assert_int_equal(fits, 2);
}

int main(int argc, char **argv)
{
	json_t *file;

	assert_int_equal(argc, 2);
	file = json_load_file(argv[1], 0, NULL);
	vectors = json_object_get(file, "TS35.208 set1");
	assert_non_null(vectors);
	add_rows(cases, test_expand);
	add_test("GM-18: aes-gcm with an integrity algorithm, aes-gmac with a cipher, null without aes-gcm: no key at all",
		 test_misfits);
	add_test("GM-26: an unknown algorithm gives no key at all",
		 test_unknown);
	argc = run_all("keys");
	json_decref(file);
	return argc;
}
