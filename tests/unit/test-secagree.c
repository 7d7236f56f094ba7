// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Security-Client, -Server and -Verify: what phones send, and what attackers
 * do. The samples are from public traces.
 */
#include <errno.h>
#include <stdio.h>

#include <linux/gmguard.h>

#include "secagree.h"
#include "test.h"

#define ENDS	"spi-c=1001;spi-s=1002;port-c=4001;port-s=4002"
#define ONE	"ipsec-3gpp;alg=hmac-sha-1-96;" ENDS

#define MD5	GMGUARD_ALG_HMAC_MD5_96
#define SHA1	GMGUARD_ALG_HMAC_SHA_1_96
#define NUL	GMGUARD_EALG_NULL
#define DES	GMGUARD_EALG_DES_EDE3_CBC
#define AES	GMGUARD_EALG_AES_CBC
#define GMAC	GMGUARD_ALG_AES_GMAC
#define NONE	GMGUARD_ALG_NULL
#define GCM	GMGUARD_EALG_AES_GCM

#define XIAOMI(alg, ealg) \
	"ipsec-3gpp;alg=" alg ";ealg=" ealg \
	";spi-c=3209021766;spi-s=1275621893;port-c=44596;port-s=42306"
#define SAMSUNG(ealg) \
	"ipsec-3gpp;prot=esp;mod=trans;spi-c=74618;spi-s=74619;" \
	"port-c=8001;port-s=8000;alg=hmac-md5-96;ealg=" ealg

static const struct offer_case {
	const char *name;
	const char *text;
	int ret;
	struct sec_ends ends;
	unsigned int n;
	struct sec_pair pair[6];
} offers[] = {
	{ "GM-16: Xiaomi Mi 9 Pro: six alternatives, an SPI above 2^31, no blanks",
	  XIAOMI("hmac-md5-96", "des-ede3-cbc") ","
	  XIAOMI("hmac-md5-96", "aes-cbc") ","
	  XIAOMI("hmac-md5-96", "null") ","
	  XIAOMI("hmac-sha-1-96", "des-ede3-cbc") ","
	  XIAOMI("hmac-sha-1-96", "aes-cbc") ","
	  XIAOMI("hmac-sha-1-96", "null"), 0,
	  { 3209021766, 1275621893, 44596, 42306 }, 6,
	  { { MD5, DES }, { MD5, AES }, { MD5, NUL },
	    { SHA1, DES }, { SHA1, AES }, { SHA1, NUL } } },
	{ "GM-16: Samsung: five-digit SPIs, alg behind, port-c = port-s + 1",
	  SAMSUNG("des-ede3-cbc") ", " SAMSUNG("aes-cbc") ", " SAMSUNG("null"),
	  0, { 74618, 74619, 8001, 8000 }, 3,
	  { { MD5, DES }, { MD5, AES }, { MD5, NUL } } },
	{ "GM-16: Samsung ROM: neighbouring ports below 7000",
	  "ipsec-3gpp; alg=hmac-md5-96; ealg=null; spi-c=45597; spi-s=45598; port-c=6101; port-s=6100, ipsec-3gpp; alg=hmac-sha-1-96; ealg=null; spi-c=45597; spi-s=45598; port-c=6101; port-s=6100",
	  0, { 45597, 45598, 6101, 6100 }, 2,
	  { { MD5, NUL }, { SHA1, NUL } } },
	{ "GM-16: ZTE A2022P: one alternative, hmac-md5-96 with aes-cbc",
	  "ipsec-3gpp;alg=hmac-md5-96;ealg=aes-cbc;spi-c=73991669;spi-s=3963789885;port-c=42184;port-s=43002",
	  0, { 73991669, 3963789885, 42184, 43002 }, 1, { { MD5, AES } } },
	{ "GM-16: TS 24.228: blanks, no ealg, prot and mod left to default",
	  "ipsec-3gpp; alg=hmac-sha-1-96; spi-c=23456789; spi-s=12345678; port-c=2468; port-s=1357",
	  0, { 23456789, 12345678, 2468, 1357 }, 1, { { SHA1, NUL } } },
	{ "GM-16: case, blanks around ; = and , and folded lines",
	  " IPSEC-3GPP ;\r\n ALG = HMAC-SHA-1-96\r\n\t; EALG=Aes-Cbc;Prot=ESP ;MOD=Trans; "
	  "SPI-C=1001;spi-S = 1002 ; port-c=4001;PORT-S=4002 ,\n " ONE,
	  0, { 1001, 1002, 4001, 4002 }, 2,
	  { { SHA1, AES }, { SHA1, NUL } } },
	{ "GM-16: values in quotes",
	  "ipsec-3gpp;alg=\"hmac-sha-1-96\";spi-c=\"1001\";spi-s=1002;port-c=4001;port-s=4002",
	  0, { 1001, 1002, 4001, 4002 }, 1, { { SHA1, NUL } } },
	{ "GM-16: leading zeros, parameters that nobody knows, q of a client",
	  "ipsec-3gpp;q=0.5;x;y=z;w=\"a,;b\";alg=hmac-sha-1-96;spi-c=0000001001;spi-s=1002;port-c=04001;port-s=4002",
	  0, { 1001, 1002, 4001, 4002 }, 1, { { SHA1, NUL } } },
	{ "GM-16: tls, digest and mediasec alternatives are passed over",
	  "tls;q=0.1, digest;d-alg=md5;d-qop=\"auth,auth-int\", sdes-srtp;mediasec, ipsec-3gpp;mediasec, " ONE,
	  0, { 1001, 1002, 4001, 4002 }, 1, { { SHA1, NUL } } },
	{ "GM-18: algorithms that are not known are passed over",
	  "ipsec-3gpp;alg=aes-xcbc;ealg=aes-gcm;" ENDS ",ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-ccm;" ENDS "," ONE,
	  0, { 1001, 1002, 4001, 4002 }, 1, { { SHA1, NUL } } },
	{ "GM-18: alg=null with aes-gcm, aes-gmac with ealg=null, said or not",
	  "ipsec-3gpp;alg=null;ealg=aes-gcm;" ENDS ",ipsec-3gpp;alg=aes-gmac;ealg=null;" ENDS ",ipsec-3gpp;alg=AES-GMAC;" ENDS,
	  0, { 1001, 1002, 4001, 4002 }, 3,
	  { { NONE, GCM }, { GMAC, NUL }, { GMAC, NUL } } },
	{ "GM-18: alg=null without aes-gcm is passed over",
	  "ipsec-3gpp;alg=null;ealg=null;" ENDS ",ipsec-3gpp;alg=null;" ENDS ",ipsec-3gpp;alg=null;ealg=aes-cbc;" ENDS ",ipsec-3gpp;alg=null;ealg=des-ede3-cbc;" ENDS "," ONE,
	  0, { 1001, 1002, 4001, 4002 }, 1, { { SHA1, NUL } } },
	{ "GM-18: aes-gcm with an integrity algorithm is passed over",
	  "ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-gcm;" ENDS ",ipsec-3gpp;alg=hmac-md5-96;ealg=aes-gcm;" ENDS ",ipsec-3gpp;alg=aes-gmac;ealg=aes-gcm;" ENDS "," ONE,
	  0, { 1001, 1002, 4001, 4002 }, 1, { { SHA1, NUL } } },
	{ "GM-18: aes-gmac with a cipher is passed over",
	  "ipsec-3gpp;alg=aes-gmac;ealg=aes-cbc;" ENDS ",ipsec-3gpp;alg=aes-gmac;ealg=des-ede3-cbc;" ENDS "," ONE,
	  0, { 1001, 1002, 4001, 4002 }, 1, { { SHA1, NUL } } },
	{ "GM-18: alg=null alone is not possible",
	  "ipsec-3gpp;alg=null;" ENDS ",ipsec-3gpp;alg=null;ealg=aes-cbc;" ENDS, -EOPNOTSUPP },
	{ "GM-18: aes-gmac with aes-cbc alone is not possible",
	  "ipsec-3gpp;alg=aes-gmac;ealg=aes-cbc;" ENDS, -EOPNOTSUPP },
	{ "GM-41: UDP-enc-tun is passed over when trans is offered too",
	  "ipsec-3gpp;alg=hmac-sha-1-96;mod=UDP-enc-tun;" ENDS "," ONE,
	  0, { 1001, 1002, 4001, 4002 }, 1, { { SHA1, NUL } } },
	{ "GM-41: UDP-enc-tun alone is not possible",
	  "ipsec-3gpp;alg=hmac-sha-1-96;mod=UDP-enc-tun;" ENDS, -EOPNOTSUPP },
	{ "GM-04: prot=ah is not possible",
	  "ipsec-3gpp;alg=hmac-sha-1-96;prot=ah;" ENDS, -EOPNOTSUPP },
	{ "no header field", "", -ENOENT },
	{ "only blanks and commas", " , ,, ", -ENOENT },
	{ "ipsec-3gpp not offered", "tls, ipsec-ike, ipsec-man", -ENOENT },
	{ "GM-16: alg is mandatory", "ipsec-3gpp;ealg=null;" ENDS, -EBADMSG },
	{ "alg without a value", "ipsec-3gpp;alg;" ENDS, -EBADMSG },
	{ "no spi-c", "ipsec-3gpp;alg=hmac-sha-1-96;spi-s=1002;port-c=4001;port-s=4002", -EBADMSG },
	{ "no port-s", "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=1001;spi-s=1002;port-c=4001", -EBADMSG },
	{ "RFC 3329's own parameter names are not IMS",
	  "ipsec-3gpp;alg=hmac-sha-1-96;spi=1001;port1=4001;port2=4002", -EBADMSG },
	{ "AT-40: an SPI of 40 digits",
	  "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=1111111111111111111111111111111111111111;spi-s=1002;port-c=4001;port-s=4002",
	  -EBADMSG },
	{ "AT-40: an SPI above 32 bits", "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=4294967296;spi-s=1002;port-c=4001;port-s=4002", -EBADMSG },
	{ "GM-16: the largest SPI", "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=4294967295;spi-s=1002;port-c=4001;port-s=4002", 0,
	  { 4294967295, 1002, 4001, 4002 }, 1, { { SHA1, NUL } } },
	{ "a negative SPI", "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=-5;spi-s=1002;port-c=4001;port-s=4002", -EBADMSG },
	{ "a hexadecimal SPI", "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=0x1001;spi-s=1002;port-c=4001;port-s=4002", -EBADMSG },
	{ "AT-11: an SPI below 256", "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=255;spi-s=1002;port-c=4001;port-s=4002", -EBADMSG },
	{ "AT-12: spi-c = spi-s", "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=1002;spi-s=1002;port-c=4001;port-s=4002", -EBADMSG },
	{ "port-c = port-s", "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=1001;spi-s=1002;port-c=4001;port-s=4001", -EBADMSG },
	{ "port 0", "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=1001;spi-s=1002;port-c=0;port-s=4002", -EBADMSG },
	{ "port 5060", "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=1001;spi-s=1002;port-c=5060;port-s=4002", -EBADMSG },
	{ "port 5061", "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=1001;spi-s=1002;port-c=4001;port-s=5061", -EBADMSG },
	{ "port 65536", "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=1001;spi-s=1002;port-c=65536;port-s=4002", -EBADMSG },
	{ "GM-16: alternatives with other SPIs are refused",
	  ONE ",ipsec-3gpp;alg=hmac-md5-96;spi-c=1003;spi-s=1002;port-c=4001;port-s=4002", -EBADMSG },
	{ "GM-16: alternatives with other ports are refused",
	  ONE ",ipsec-3gpp;alg=hmac-md5-96;spi-c=1001;spi-s=1002;port-c=4001;port-s=4003", -EBADMSG },
	{ "AT-40: a parameter twice", ONE ";alg=hmac-md5-96", -EBADMSG },
	{ "AT-40: a parameter twice, other case", ONE ";SPI-C=1001", -EBADMSG },
	{ "AT-40: no mechanism", ";alg=hmac-sha-1-96;" ENDS, -EBADMSG },
	{ "AT-40: an empty parameter", "ipsec-3gpp;;alg=hmac-sha-1-96;" ENDS, -EBADMSG },
	{ "AT-40: a value is missing", "ipsec-3gpp;alg=;" ENDS, -EBADMSG },
	{ "AT-40: a string without its end", "ipsec-3gpp;alg=\"hmac-sha-1-96;" ENDS, -EBADMSG },
	{ "AT-40: two values", "ipsec-3gpp;alg=hmac-sha-1-96 null;" ENDS, -EBADMSG },
	{ "AT-40: bytes beyond ASCII", "ipsec-3gpp;alg=\xc3\xa4;" ENDS, -EBADMSG },
	{ "AT-40: a control character in a string", "ipsec-3gpp;x=\"\x01\";alg=hmac-sha-1-96;" ENDS, -EBADMSG },
	{ "AT-40: 17 parameters",
	  ONE ";a;b;c;d;e;f;g;h;i;j;k;l", -E2BIG },
};

static void test_offer(void **state)
{
	const struct offer_case *c = *state;
	char *text = exact_copy(c->text, strlen(c->text) + 1);
	struct sec_offer offer;
	struct sec_why why = { "" };

	assert_int_equal(sec_offer_parse(text, &offer, &why), c->ret);
	free(text);
	if (c->ret) {
		assert_true(strlen(why.text) > 5);
		for (const char *p = why.text; *p; p++)
			assert_in_range(*p, ' ', '~');
		return;
	}
	assert_int_equal(offer.n, c->n);
	assert_int_equal(offer.ends.spi_c, c->ends.spi_c);
	assert_int_equal(offer.ends.spi_s, c->ends.spi_s);
	assert_int_equal(offer.ends.port_c, c->ends.port_c);
	assert_int_equal(offer.ends.port_s, c->ends.port_s);
	assert_memory_equal(offer.pair, c->pair, c->n * sizeof(c->pair[0]));
}

/* Repeat a piece, with commas between. */
static char *repeat(const char *piece, size_t n)
{
	size_t len = strlen(piece) + 1;
	char *text = malloc(n * len + 1);

	assert_non_null(text);
	for (size_t i = 0; i < n; i++)
		sprintf(text + i * len, "%s,", piece);
	return text;
}

static void test_bounds(void **state)
{
	static const struct {
		const char *piece;
		size_t n;
		int ret;
	} cases[] = {
		{ ONE, 64, 0 },
		{ "tls", 64, -ENOENT },
		{ "tls", 65, -E2BIG },
		{ ONE, 10000, -E2BIG },
		{ "", 8192, -ENOENT },
		{ "", 8193, -E2BIG },
		{ "", 1024 * 1024, -E2BIG },
		{ "a;", 2000, -EBADMSG },
	};
	struct sec_offer offer;
	struct sec_why why;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *text = repeat(cases[i].piece, cases[i].n);

		assert_int_equal(sec_offer_parse(text, &offer, &why),
				 cases[i].ret);
		free(text);
	}
}

/* Cut and mangle a good value everywhere: no crash, no byte too many. */
static void test_mangled(void **state)
{
	static const char good[] = SAMSUNG("aes-cbc") ", " ONE ";x=\"a\\\"b\"";
	static const char noise[] = { '"', ',', ';', '=', '\\', '\r', '\n', ' ',
				      '\0', '\xff', '9' };
	char digest[SEC_DIGEST_MAX];
	struct sec_offer offer;
	struct sec_why why;

	(void)state;
	for (size_t at = 0; at < sizeof(good) - 1; at++) {
		for (size_t i = 0; i < COUNT(noise); i++) {
			char *text = exact_copy(good, sizeof(good));

			text[at] = noise[i];
			sec_offer_parse(text, &offer, &why);
			sec_digest(text, digest, &why);
			free(text);
		}
	}
}

static const struct choose_case {
	const char *name;
	struct sec_prefs own;
	struct sec_offer offer;
	struct sec_pair chosen;
} choices[] = {
	{ "GM-17: our order decides, not the UE's",
	  { { { SHA1, AES }, { MD5, AES }, { SHA1, NUL } }, 3 },
	  { .pair = { { MD5, NUL }, { SHA1, NUL }, { MD5, AES } }, .n = 3 },
	  { MD5, AES } },
	{ "GM-17: the first of ours that is offered at all",
	  { { { SHA1, AES }, { MD5, AES }, { SHA1, NUL } }, 3 },
	  { .pair = { { SHA1, NUL } }, .n = 1 }, { SHA1, NUL } },
	{ "GM-17: algorithms are compared as pairs",
	  { { { SHA1, AES } }, 1 },
	  { .pair = { { SHA1, NUL }, { MD5, AES } }, .n = 2 }, { 0, 0 } },
	{ "GM-17: nothing in common",
	  { { { SHA1, AES } }, 1 }, { .pair = { { MD5, NUL } }, .n = 1 },
	  { 0, 0 } },
	{ "GM-18: aes-gcm and aes-gmac that nobody configured are not taken",
	  { { { SHA1, AES }, { SHA1, NUL } }, 2 },
	  { .pair = { { NONE, GCM }, { GMAC, NUL } }, .n = 2 }, { 0, 0 } },
	{ "GM-17: aes-gcm where it is our first",
	  { { { NONE, GCM }, { SHA1, AES } }, 2 },
	  { .pair = { { SHA1, AES }, { NONE, GCM } }, .n = 2 }, { NONE, GCM } },
	{ "GM-17: aes-gmac where it is our first",
	  { { { GMAC, NUL }, { SHA1, NUL } }, 2 },
	  { .pair = { { SHA1, NUL }, { GMAC, NUL } }, .n = 2 }, { GMAC, NUL } },
};

static void test_choose(void **state)
{
	const struct choose_case *c = *state;
	struct sec_pair chosen = { 0, 0 };

	assert_int_equal(sec_choose(&c->own, &c->offer, &chosen),
			 c->chosen.alg != 0);
	assert_memory_equal(&chosen, &c->chosen, sizeof(chosen));
}

static const struct sec_prefs three = {
	{ { SHA1, AES }, { MD5, AES }, { SHA1, NUL } }, 3
};

static void test_server(void **state)
{
	static const struct sec_ends ends = { 4000000001, 1002, 6110, 6101 };
	char text[SEC_SERVER_MAX];

	(void)state;
	sec_server_write(&three, &ends, text);
	assert_string_equal(text,
		"ipsec-3gpp;q=0.9;prot=esp;mod=trans;spi-c=4000000001;spi-s=1002;port-c=6110;port-s=6101;alg=hmac-sha-1-96;ealg=aes-cbc, "
		"ipsec-3gpp;q=0.8;prot=esp;mod=trans;spi-c=4000000001;spi-s=1002;port-c=6110;port-s=6101;alg=hmac-md5-96;ealg=aes-cbc, "
		"ipsec-3gpp;q=0.7;prot=esp;mod=trans;spi-c=4000000001;spi-s=1002;port-c=6110;port-s=6101;alg=hmac-sha-1-96;ealg=null");
	sec_server_write(&three, NULL, text);
	assert_string_equal(text,
		"ipsec-3gpp;q=0.9;prot=esp;mod=trans;alg=hmac-sha-1-96;ealg=aes-cbc, "
		"ipsec-3gpp;q=0.8;prot=esp;mod=trans;alg=hmac-md5-96;ealg=aes-cbc, "
		"ipsec-3gpp;q=0.7;prot=esp;mod=trans;alg=hmac-sha-1-96;ealg=null");
}

/* The longest list, with the longest numbers, fits. */
static void test_server_room(void **state)
{
	static const struct sec_ends ends = {
		UINT32_MAX, UINT32_MAX - 1, 65535, 65534
	};
	struct sec_prefs all = { .n = SEC_PAIR_MAX };
	char text[SEC_SERVER_MAX];
	struct sec_list list;
	struct sec_why why;

	(void)state;
	for (unsigned int i = 0; i < all.n; i++)
		all.pair[i] = (struct sec_pair){ SHA1, DES };
	sec_server_write(&all, &ends, text);
	assert_int_equal(sec_parse(text, &list, &why), 0);
	assert_int_equal(list.n_alt, SEC_PAIR_MAX);
	for (unsigned int i = 0; i < list.n_alt; i++) {
		struct str q = sec_find(&list.alt[i], "q")->value;

		for (unsigned int j = 0; j < i; j++)
			assert_memory_not_equal(
				q.p, sec_find(&list.alt[j], "q")->value.p, 3);
	}
}

#define VERIFY	"ipsec-3gpp;q=0.5;alg=hmac-sha-1-96;" ENDS

static const struct same_case {
	const char *name;
	const char *a;
	const char *b;
	int same;
} sames[] = {
	{ "GM-22: equal", VERIFY, VERIFY, 1 },
	{ "GM-22: order of parameters does not matter", VERIFY,
	  "ipsec-3gpp;port-s=4002;port-c=4001;spi-s=1002;spi-c=1001;alg=hmac-sha-1-96;q=0.5", 1 },
	{ "GM-22: case and blanks do not matter", VERIFY,
	  " Ipsec-3GPP ; Q = .500; ALG=HMAC-SHA-1-96;\r\n spi-c=01001;spi-s=1002;port-c=4001;port-s=4002 ", 1 },
	{ "GM-22: defaults may be written or not", VERIFY,
	  VERIFY ";ealg=null;prot=esp;mod=trans", 1 },
	{ "GM-22: order of alternatives does not matter",
	  VERIFY ", tls;q=0.1", "tls;q=0.1," VERIFY, 1 },
	{ "GM-22: mediasec alternatives do not matter",
	  VERIFY ", sdes-srtp;mediasec", VERIFY, 1 },
	{ "GM-22: quotes do not matter", VERIFY ";x=\"a\"", VERIFY ";x=a", 1 },
	{ "AT-38: another q", VERIFY, "ipsec-3gpp;q=0.6;alg=hmac-sha-1-96;" ENDS, 0 },
	{ "AT-38: no q", VERIFY, ONE, 0 },
	{ "AT-38: q=500 is not q=0.5", "tls;q=0.5", "tls;q=500", 0 },
	{ "AT-38: q=5 is not q=5.000, neither is one", "tls;q=5", "tls;q=5.000", 0 },
	{ "AT-38: q=. is not q=0", "tls;q=0", "tls;q=\".\"", 0 },
	{ "AT-38: an empty q is not q=0", "tls;q=0", "tls;q=\"\"", 0 },
	{ "GM-22: q=1 and 1.000, 0.5 and .500", "tls;q=1, tls;q=0.5", "tls;q=1.000,tls;q=.500", 1 },
	{ "AT-38: another alg", VERIFY, "ipsec-3gpp;q=0.5;alg=hmac-md5-96;" ENDS, 0 },
	{ "AT-38: another ealg", VERIFY, VERIFY ";ealg=aes-cbc", 0 },
	{ "AT-38: another mode", VERIFY, VERIFY ";mod=tun", 0 },
	{ "AT-38: another protocol", VERIFY, VERIFY ";prot=ah", 0 },
	{ "AT-38: another spi-c", VERIFY, "ipsec-3gpp;q=0.5;alg=hmac-sha-1-96;spi-c=1003;spi-s=1002;port-c=4001;port-s=4002", 0 },
	{ "AT-38: another spi-s", VERIFY, "ipsec-3gpp;q=0.5;alg=hmac-sha-1-96;spi-c=1001;spi-s=1003;port-c=4001;port-s=4002", 0 },
	{ "AT-38: another port-c", VERIFY, "ipsec-3gpp;q=0.5;alg=hmac-sha-1-96;spi-c=1001;spi-s=1002;port-c=4003;port-s=4002", 0 },
	{ "AT-38: another port-s", VERIFY, "ipsec-3gpp;q=0.5;alg=hmac-sha-1-96;spi-c=1001;spi-s=1002;port-c=4001;port-s=4003", 0 },
	{ "AT-38: an alternative missing", VERIFY ",tls", VERIFY, 0 },
	{ "AT-38: an alternative more", VERIFY, VERIFY ",tls", 0 },
	{ "AT-38: an alternative twice", VERIFY, VERIFY "," VERIFY, 0 },
	{ "AT-38: a parameter more", VERIFY, VERIFY ";x", 0 },
	{ "AT-38: a parameter's value in another case", VERIFY ";x=\"a\"", VERIFY ";x=\"A\"", 0 },
	{ "AT-38: text moved across a separator", "tls;a=\"b;c=d\"", "tls;a=b;c=d", 0 },
	{ "AT-38: what cannot be read equals nothing", "tls;", "tls;", 0 },
};

static void test_same(void **state)
{
	const struct same_case *c = *state;

	assert_int_equal(sec_same(c->a, c->b), c->same);
	assert_int_equal(sec_same(c->b, c->a), c->same);
}

int main(void)
{
	add_rows(offers, test_offer);
	add_test("AT-40: bounds on length and on alternatives", test_bounds);
	add_test("AT-40: every byte of a value mangled", test_mangled);
	add_rows(choices, test_choose);
	add_test("GM-19: Security-Server lists all pairs, each with its own q",
		 test_server);
	add_test("GM-19: the longest Security-Server fits, all q distinct",
		 test_server_room);
	add_rows(sames, test_same);
	return run_all("secagree");
}
