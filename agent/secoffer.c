// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * secoffer.c - see secagree.h; what ipsec-3gpp means (TS 33.203 Annex H)
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kernel.h"
#include "secagree.h"

/* Longest name of an algorithm or mode that we know, with its NUL. */
#define NAME_MAX_LEN	32

static int get_number(const struct sec_alt *alt, const char *name,
		      unsigned int digits, uint32_t min, uint32_t max,
		      uint32_t *number, struct sec_why *why)
{
	const struct lex_param *param = sec_find(alt, name);

	if (!param || !param->has_value)
		return sec_fail(why, -EBADMSG,
				"an ipsec-3gpp alternative has no %s", name);
	if (sec_number(param->value, digits, number) ||
	    *number < min || *number > max)
		return sec_fail(why, -EBADMSG,
				"%s must be 1 to %u decimal digits, from %"
				PRIu32 " to %" PRIu32, name, digits, min, max);
	return 0;
}

static int get_spi(const struct sec_alt *alt, const char *name, uint32_t *spi,
		   struct sec_why *why)
{
	return get_number(alt, name, 10, GMGUARD_SPI_MIN, UINT32_MAX, spi, why);
}

static int get_port(const struct sec_alt *alt, const char *name,
		    uint16_t *port, struct sec_why *why)
{
	uint32_t number;
	int ret;

	ret = get_number(alt, name, 5, 1, UINT16_MAX, &number, why);
	if (ret)
		return ret;
	if (number == 5060 || number == 5061)
		return sec_fail(why, -EBADMSG,
				"%s must be neither 5060 nor 5061", name);
	*port = number;
	return 0;
}

static int get_ends(const struct sec_alt *alt, struct sec_ends *ends,
		    struct sec_why *why)
{
	int ret;

	ret = get_spi(alt, "spi-c", &ends->spi_c, why);
	if (!ret)
		ret = get_spi(alt, "spi-s", &ends->spi_s, why);
	if (!ret)
		ret = get_port(alt, "port-c", &ends->port_c, why);
	if (!ret)
		ret = get_port(alt, "port-s", &ends->port_s, why);
	if (!ret && ends->spi_c == ends->spi_s)
		ret = sec_fail(why, -EBADMSG, "spi-c and spi-s must differ");
	if (!ret && ends->port_c == ends->port_s)
		ret = sec_fail(why, -EBADMSG, "port-c and port-s must differ");
	return ret;
}

static bool same_ends(const struct sec_ends *a, const struct sec_ends *b)
{
	return a->spi_c == b->spi_c && a->spi_s == b->spi_s &&
	       a->port_c == b->port_c && a->port_s == b->port_s;
}

static bool is_absent_or(const struct sec_alt *alt, const char *name,
			 const char *value)
{
	const struct lex_param *param = sec_find(alt, name);

	return !param || str_is(param->value, value);
}

/* The pair of algorithms, zero where we do not know a name. */
static int get_pair(const struct sec_alt *alt, struct sec_pair *pair,
		    struct sec_why *why)
{
	const struct lex_param *alg = sec_find(alt, "alg");
	const struct lex_param *ealg = sec_find(alt, "ealg");
	char name[NAME_MAX_LEN];

	if (!alg || !alg->has_value)
		return sec_fail(why, -EBADMSG,
				"an ipsec-3gpp alternative has no alg");
	str_lower(alg->value, name, sizeof(name));
	pair->alg = gmg_alg_by_name(name);
	pair->ealg = GMGUARD_EALG_NULL;
	if (ealg) {
		str_lower(ealg->value, name, sizeof(name));
		pair->ealg = gmg_ealg_by_name(name);
	}
	return 0;
}

/* One ipsec-3gpp alternative: check all of it, take it if we could do it. */
static int take_alt(const struct sec_alt *alt, struct sec_offer *offer,
		    bool first, struct sec_why *why)
{
	struct sec_ends ends;
	struct sec_pair pair;
	int ret;

	ret = get_ends(alt, &ends, why);
	if (!ret)
		ret = get_pair(alt, &pair, why);
	if (ret)
		return ret;
	if (first)
		offer->ends = ends;
	else if (!same_ends(&ends, &offer->ends))
		return sec_fail(why, -EBADMSG,
				"SPIs and ports differ between alternatives");
	if (!is_absent_or(alt, "prot", "esp"))
		return sec_fail(why, 0, "only prot=esp is possible");
	if (!is_absent_or(alt, "mod", "trans"))
		return sec_fail(why, 0, "only mod=trans is possible: UDP-enc-tun (Annex M) is not supported");
	if (!pair.alg || !pair.ealg)
		return sec_fail(why, 0, "an algorithm is not known here");
	if (!sec_pair_fits(&pair))
		return sec_fail(why, 0, "alg=null and ealg=aes-gcm go with each other only, alg=aes-gmac goes with ealg=null only");
	offer->pair[offer->n++] = pair;
	return 0;
}

/**
 * sec_offer_parse() - read a Security-Client
 * @text: value of the header field, perhaps ""
 * @offer: what the UE can do that we could do
 * @why: why it failed
 *
 * Return: 0; -ENOENT when ipsec-3gpp is not offered at all; -EOPNOTSUPP when
 * it is offered, but never in a way that is possible here; -EBADMSG or -E2BIG
 * when it cannot be read or breaks the rules.
 */
int sec_offer_parse(const char *text, struct sec_offer *offer,
		    struct sec_why *why)
{
	struct sec_list list;
	bool first = true;
	int ret;

	offer->n = 0;
	ret = sec_parse(text, &list, why);
	if (ret)
		return ret;
	for (unsigned int i = 0; i < list.n_alt; i++) {
		if (!str_is(list.alt[i].mech, "ipsec-3gpp"))
			continue;
		ret = take_alt(&list.alt[i], offer, first, why);
		if (ret)
			return ret;
		first = false;
	}
	if (first)
		return sec_fail(why, -ENOENT, "ipsec-3gpp is not offered");
	return offer->n ? 0 : -EOPNOTSUPP;
}

/**
 * sec_choose() - agree on algorithms
 * @own: our preferences
 * @offer: what the UE offers
 * @chosen: the first pair of ours that the UE offers too
 *
 * The UE in turn takes the first one of our list that it supports, so both
 * arrive at the same pair (TS 33.203 7.2).
 *
 * Return: whether there is one.
 */
bool sec_choose(const struct sec_prefs *own, const struct sec_offer *offer,
		struct sec_pair *chosen)
{
	for (unsigned int i = 0; i < own->n; i++) {
		for (unsigned int j = 0; j < offer->n; j++) {
			if (own->pair[i].alg != offer->pair[j].alg ||
			    own->pair[i].ealg != offer->pair[j].ealg)
				continue;
			*chosen = own->pair[i];
			return true;
		}
	}
	return false;
}

/**
 * sec_server_write() - write a Security-Server
 * @own: our preferences: all of them are listed, each with its own q
 * @ends: our SPIs and ports, NULL when there is no SA set yet
 * @buf: the value
 */
void sec_server_write(const struct sec_prefs *own, const struct sec_ends *ends,
		      char buf[SEC_SERVER_MAX])
{
	char where[80] = "";
	size_t len = 0;

	if (ends)
		snprintf(where, sizeof(where), ";spi-c=%" PRIu32 ";spi-s=%"
			 PRIu32 ";port-c=%u;port-s=%u", ends->spi_c,
			 ends->spi_s, ends->port_c, ends->port_s);
	buf[0] = '\0';
	for (unsigned int i = 0; i < own->n; i++)
		len += snprintf(buf + len, SEC_SERVER_MAX - len,
				"%sipsec-3gpp;q=0.%u;prot=esp;mod=trans%s;alg=%s;ealg=%s",
				i ? ", " : "", 9 - i, where,
				gmg_alg_name(own->pair[i].alg),
				gmg_ealg_name(own->pair[i].ealg));
}
