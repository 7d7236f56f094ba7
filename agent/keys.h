/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keys.h - from CK and IK of IMS AKA to the keys of ESP (TS 33.203 Annex I)
 */
#ifndef GMG_KEYS_H
#define GMG_KEYS_H

#include <stddef.h>
#include <stdint.h>

/** Bytes of CK and of IK. */
#define AKA_KEY_LEN	16
/** Bytes of the salt that aes-gcm and aes-gmac put behind their key. */
#define ESP_SALT_LEN	4
/** Bytes of the longest ESP key here. */
#define ESP_KEY_MAX	24

/**
 * struct aka_keys - what the 401 brings
 * @ck: CK_IM
 * @ik: IK_IM
 */
struct aka_keys {
	uint8_t ck[AKA_KEY_LEN];
	uint8_t ik[AKA_KEY_LEN];
};

/**
 * struct esp_keys - what the kernel takes
 * @ik: IK_ESP
 * @ik_len: bytes of it, 0 for the null algorithm
 * @ck: CK_ESP
 * @ck_len: bytes of it, 0 for the null algorithm
 */
struct esp_keys {
	uint8_t ik[ESP_KEY_MAX];
	size_t ik_len;
	uint8_t ck[ESP_KEY_MAX];
	size_t ck_len;
};

int keys_expand(uint32_t alg, uint32_t ealg, const struct aka_keys *aka,
		struct esp_keys *esp);

#endif /* GMG_KEYS_H */
