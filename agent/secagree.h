/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * secagree.h - Security-Client, Security-Server and Security-Verify
 * (RFC 3329, TS 33.203 Annex H)
 */
#ifndef GMG_SECAGREE_H
#define GMG_SECAGREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/gmguard.h>

#include "lex.h"

/** Longest header field value that is looked at. */
#define SEC_TEXT_MAX	8192
/** Most alternatives in one header field. */
#define SEC_ALT_MAX	64
/** Most parameters of one alternative. */
#define SEC_PARAM_MAX	16
/** Most pairs of algorithms that we have. */
#define SEC_PAIR_MAX	8
/** Bytes that a Security-Server value never exceeds, with its NUL. */
#define SEC_SERVER_MAX	(SEC_PAIR_MAX * 160)
/** A digest in hexadecimal digits, with its NUL. */
#define SEC_DIGEST_MAX	65

/**
 * struct sec_alt - one alternative: mechanism *(";" parameter)
 * @mech: the mechanism's name
 * @param: the parameters
 * @n_param: how many of them
 */
struct sec_alt {
	struct str mech;
	struct lex_param param[SEC_PARAM_MAX];
	unsigned int n_param;
};

/**
 * struct sec_list - a header field taken apart; points into its text
 * @alt: the alternatives, those labelled "mediasec" left out
 * @n_alt: how many of them
 */
struct sec_list {
	struct sec_alt alt[SEC_ALT_MAX];
	unsigned int n_alt;
};

/**
 * struct sec_pair - algorithms that go together
 * @alg: enum gmguard_alg
 * @ealg: enum gmguard_ealg
 */
struct sec_pair {
	uint32_t alg;
	uint32_t ealg;
};

/**
 * struct sec_prefs - what we are willing to do, most preferred first
 * @pair: pairs of algorithms
 * @n: how many of them
 */
struct sec_prefs {
	struct sec_pair pair[SEC_PAIR_MAX];
	unsigned int n;
};

/**
 * struct sec_ends - one side's SPIs and ports
 * @spi_c: SPI of the SA that ends at its client port
 * @spi_s: SPI of the SA that ends at its server port
 * @port_c: protected client port
 * @port_s: protected server port
 */
struct sec_ends {
	uint32_t spi_c;
	uint32_t spi_s;
	uint16_t port_c;
	uint16_t port_s;
};

/**
 * struct sec_offer - what a UE offers for ipsec-3gpp
 * @ends: its SPIs and ports, the same in every alternative
 * @pair: pairs of algorithms that we know and that fit, in its order
 * @n: how many of them, at least one
 */
struct sec_offer {
	struct sec_ends ends;
	struct sec_pair pair[SEC_ALT_MAX];
	unsigned int n;
};

/**
 * struct sec_why - why a header field cannot be used, for a human
 * @text: one sentence without a full stop, printable
 */
struct sec_why {
	char text[192];
};

/**
 * sec_pair_fits() - whether two algorithms go together (TS 33.203 Annex H)
 * @pair: the algorithms, both known
 *
 * aes-gcm protects integrity itself, aes-gmac does not encrypt, and nothing
 * else goes without an integrity algorithm.
 *
 * Return: whether they do.
 */
static inline bool sec_pair_fits(const struct sec_pair *pair)
{
	bool is_gcm = pair->ealg == GMGUARD_EALG_AES_GCM;

	if (is_gcm || pair->alg == GMGUARD_ALG_NULL)
		return is_gcm && pair->alg == GMGUARD_ALG_NULL;
	return pair->alg != GMGUARD_ALG_AES_GMAC ||
	       pair->ealg == GMGUARD_EALG_NULL;
}

/* secagree.c */
int sec_parse(const char *text, struct sec_list *list, struct sec_why *why);
int sec_fail(struct sec_why *why, int ret, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
const struct lex_param *sec_find(const struct sec_alt *alt, const char *name);
int sec_number(struct str digits, unsigned int most_digits, uint32_t *number);

/* secoffer.c */
int sec_offer_parse(const char *text, struct sec_offer *offer,
		    struct sec_why *why);
bool sec_choose(const struct sec_prefs *own, const struct sec_offer *offer,
		struct sec_pair *chosen);
void sec_server_write(const struct sec_prefs *own, const struct sec_ends *ends,
		      char buf[SEC_SERVER_MAX]);

/* secmeaning.c */
int sec_digest(const char *text, char hex[SEC_DIGEST_MAX],
	       struct sec_why *why);
bool sec_same(const char *a, const char *b);

#endif /* GMG_SECAGREE_H */
