// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The REGISTERs of real UEs (tests/corpus): the parsers read each, the agent
 * takes each from SM1 to SM12, against a kernel of plain memory, and the
 * kernel's own readers let each through a temporary set.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <strings.h>
#include <unistd.h>

#include "authparam.h"
#include "proxy.h"
#include "sipline.h"
#include "stream.h"
#include "uris.h"

#define PREFS	"[security]\nencryption=preferred\n" \
		"algorithms=hmac-sha-1-96, hmac-md5-96\n" \
		"encryption_algorithms=aes-cbc, des-ede3-cbc, null\n"
#define PRIVATE	"@private.example.net"
#define REALM	"@ims.mnc001.mcc001.3gppnetwork.org"

#define MD5	GMGUARD_ALG_HMAC_MD5_96
#define SHA1	GMGUARD_ALG_HMAC_SHA_1_96
#define NUL	GMGUARD_EALG_NULL
#define DES	GMGUARD_EALG_DES_EDE3_CBC
#define AES	GMGUARD_EALG_AES_CBC

static const char *corpus = "../corpus";

/* A file of the corpus, terminated, to be freed. */
static char *read_file(const char *dir, const char *name)
{
	char path[PATH_MAX], *text = NULL;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s/%s", corpus, dir, name);
	file = fopen(path, "r");
	if (!file)
		fail_msg("cannot read %s", path);
	assert_true(getdelim(&text, &size, '\0', file) > 0);
	fclose(file);
	return text;
}

/* Does a line begin with this name and a colon? Returns the value, or NULL. */
static const char *value_of_line(const char *line, const char *name)
{
	size_t len = strlen(name);

	if (strncasecmp(line, name, len) || line[len] != ':')
		return NULL;
	return line + len + 1 + strspn(line + len + 1, " ");
}

/* Length of a header field's value, folded lines included. */
static size_t value_len(const char *value)
{
	size_t len = strcspn(value, "\n");

	while (value[len] && (value[len + 1] == ' ' || value[len + 1] == '\t'))
		len += 1 + strcspn(value + len + 1, "\n");
	return len;
}

/*
 * All values of a header field as the proxy joins them, folds as they came in
 * (CRLF). compact may be NULL. To be freed.
 */
static char *header(const char *message, const char *name, const char *compact)
{
	char *out = calloc(2, strlen(message) + 1), *to = out;
	const char *line, *value;

	assert_non_null(out);
	for (line = message; *line && *line != '\n';
	     line += strcspn(line, "\n") + 1) {
		value = value_of_line(line, name);
		if (!value && compact)
			value = value_of_line(line, compact);
		if (!value)
			continue;
		if (to != out)
			*to++ = ',';
		for (size_t i = 0; i < value_len(value); i++) {
			if (value[i] == '\n')
				*to++ = '\r';
			*to++ = value[i];
		}
	}
	return out;
}

static const struct ue_case {
	const char *name;
	const char *file;
	const char *impi;
	struct sec_ends ends;
	unsigned int n;			/* alternatives that we could do */
	struct sec_pair first, last;
	struct sec_pair chosen;		/* by our preferences */
} ues[] = {
	{ "GM-16: Xiaomi Mi 9 Pro 5G registers", "xiaomi-mi9pro-5g.sip",
	  "001010000000001" REALM, { 3209021766, 1275621893, 44596, 42306 },
	  6, { MD5, DES }, { SHA1, NUL }, { SHA1, AES } },
	{ "GM-16: Samsung with 3DES registers", "samsung-des.sip",
	  "001010000000002" REALM, { 74618, 74619, 8001, 8000 },
	  3, { MD5, DES }, { MD5, NUL }, { MD5, AES } },
	{ "GM-16: Samsung ROM registers", "samsung-rom.sip",
	  "001010000000003" REALM, { 45597, 45598, 6101, 6100 },
	  2, { MD5, NUL }, { SHA1, NUL }, { SHA1, NUL } },
	{ "GM-16: Samsung on port 6701 registers", "samsung-6701.sip",
	  "001010000000004" REALM, { 88978, 88979, 6701, 6700 },
	  4, { MD5, AES }, { SHA1, NUL }, { SHA1, AES } },
	{ "GM-16: ZTE A2022P registers", "zte-a2022p.sip",
	  "001010000000005" REALM, { 73991669, 3963789885, 42184, 43002 },
	  1, { MD5, AES }, { MD5, AES }, { MD5, AES } },
	{ "GM-16: iPhone 16e registers", "iphone-16e.sip",
	  "001010000000006" REALM, { 200418294, 12070439, 63193, 61008 },
	  4, { MD5, AES }, { SHA1, NUL }, { SHA1, AES } },
	{ "GM-16: iPhone on VoWiFi registers", "iphone-vowifi.sip",
	  "001010000000007" REALM, { 194022009, 137604464, 61659, 55188 },
	  4, { MD5, AES }, { SHA1, NUL }, { SHA1, AES } },
	{ "GM-16: Pixel 6a registers, folded lines", "pixel-6a.sip",
	  "001010000000008" REALM, { 1809412706, 1204478571, 50003, 50002 },
	  4, { SHA1, AES }, { MD5, NUL }, { SHA1, AES } },
	{ "GM-16: the UE of TS 24.228 registers", "ts24228.sip",
	  "001010000000009" REALM, { 23456789, 12345678, 2468, 1357 },
	  1, { SHA1, NUL }, { SHA1, NUL }, { SHA1, NUL } },
	{ "GM-16: an Android application registers", "android-app.sip",
	  "001010000000010" REALM, { 1318711, 2893017, 38866, 41233 },
	  4, { SHA1, NUL }, { MD5, AES }, { SHA1, AES } },
	{ "GM-16: an Android application with q registers", "android-app-q.sip",
	  "001010000000011" REALM, { 77012, 77013, 39100, 39102 },
	  4, { SHA1, NUL }, { MD5, AES }, { SHA1, AES } },
	{ "GM-16: Huawei registers", "huawei.sip",
	  "001010000000012" REALM, { 13710035, 50757030, 31521, 31867 },
	  6, { SHA1, DES }, { MD5, NUL }, { SHA1, AES } },
	{ "GM-16: a UE with small SPIs registers", "small-spi.sip",
	  "001010000000013" PRIVATE, { 1262, 1263, 7023, 7024 },
	  6, { MD5, NUL }, { SHA1, AES }, { SHA1, AES } },
	{ "GM-16: doubango registers, two header fields", "doubango.sip",
	  "001010000000014" REALM, { 4294967295, 67890, 61676, 61662 },
	  1, { MD5, AES }, { MD5, AES }, { MD5, AES } },
};

static void assert_pair(struct sec_pair pair, struct sec_pair want)
{
	assert_int_equal(pair.alg, want.alg);
	assert_int_equal(pair.ealg, want.ealg);
}

/* Tell the agent about a REGISTER of the corpus, as the proxy does. */
static json_t *describe(const char *message)
{
	static const char *const fields[][3] = {
		{ "call_id", "Call-ID", "i" },
		{ "contact", "Contact", "m" },
		{ "security_client", "Security-Client", NULL },
		{ "security_verify", "Security-Verify", NULL },
		{ "require", "Require", NULL },
		{ "proxy_require", "Proxy-Require", NULL },
		{ "supported", "Supported", "k" },
		{ "authorization", "Authorization", NULL },
	};
	char *text = header(message, "Authorization", NULL), impi[256];
	json_t *m, *impus;

	assert_true(authparam_get(text, "username", impi, sizeof(impi)) > 0);
	free(text);
	text = header(message, "To", "t");
	impus = uris_parse(text);
	m = json_pack("{s:s, s:s, s:i, s:s, s:i, s:i, s:s, s:s, s:s}",
		      "transport", "udp", "ue_addr", "10.33.0.11",
		      "ue_port", 5060, "local_addr", "10.33.0.1",
		      "local_port", 5060, "cseq", 1, "impi", impi, "impu",
		      json_string_value(json_array_get(impus, 0)),
		      "via_addr", "10.33.0.11");
	assert_non_null(m);
	json_decref(impus);
	free(text);
	for (size_t i = 0; i < COUNT(fields); i++) {
		text = header(message, fields[i][1], fields[i][2]);
		json_object_set_new(m, fields[i][0], json_string(text));
		free(text);
	}
	return m;
}

/* Fill an empty parameter of Authorization in, where it stands. */
static void fill(json_t *m, const char *empty, const char *value)
{
	const char *auth = text_of(m, "authorization");
	const char *at = strstr(auth, empty);

	assert_non_null(at);
	at += strlen(empty) - 1;
	json_object_set_new(m, "authorization",
			    json_sprintf("%.*s%s%s", (int)(at - auth), auth,
					 value, at));
}

/* SM1 becomes SM7: on the set, with the response, as this UE writes it. */
static void make_sm7(json_t *m, const struct ue_case *c, const char *server)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/ue/%.*s.sm7.sip", corpus,
		 (int)strcspn(c->file, "."), c->file);
	if (!access(path, R_OK)) {
		char *message = read_file("ue", strrchr(path, '/') + 1);
		json_t *own = describe(message);

		json_object_update(m, own);
		json_decref(own);
		free(message);
	}
	fill(m, "nonce=\"\"", "abc=");
	fill(m, "response=\"\"", "1125a3c2");
	json_object_set_new(m, "ue_port", json_integer(c->ends.port_c));
	json_object_set_new(m, "local_port", json_integer(6101));
	json_object_set_new(m, "cseq", json_integer(2));
	json_object_set_new(m, "security_verify", json_string(server));
}

/* The parsers alone: what is in Security-Client and in Authorization. */
static void check_parsers(const struct ue_case *c, const char *message)
{
	char *client = header(message, "Security-Client", NULL);
	char *auth = header(message, "Authorization", NULL), value[256];
	struct sec_offer offer;
	struct sec_why why;

	assert_int_equal(sec_offer_parse(client, &offer, &why), 0);
	assert_memory_equal(&offer.ends, &c->ends, sizeof(offer.ends));
	assert_int_equal(offer.n, c->n);
	assert_pair(offer.pair[0], c->first);
	assert_pair(offer.pair[offer.n - 1], c->last);
	assert_true(sec_same(client, client));
	assert_int_equal(authparam_get(auth, "username", value, sizeof(value)),
			 strlen(c->impi));
	assert_string_equal(value, c->impi);
	assert_int_equal(authparam_get(auth, "nonce", value, sizeof(value)), 0);
	assert_int_equal(authparam_get(auth, "response", value,
				       sizeof(value)), 0);
	free(client);
	free(auth);
}

/* What goes over the wire: lines end with CRLF. To be freed. */
static char *wire_of(const char *message)
{
	char *out = malloc(2 * strlen(message) + 1), *to = out;

	assert_non_null(out);
	for (; *message; message++) {
		if (*message == '\n')
			*to++ = '\r';
		*to++ = *message;
	}
	*to = '\0';
	return out;
}

/* A temporary set carries REGISTERs only, and this is one. */
static void check_kernel(const char *message)
{
	char *wire = wire_of(message), *data;
	size_t len = strlen(wire);
	unsigned int seen, all = 0;
	struct gmg_stream s;
	struct gmg_sip sip;

	data = exact_copy(wire, len);
	assert_int_equal(gmg_sip_kind(data, len), GMG_SIP_REGISTER);
	assert_true(gmg_sip_scan(data, len, &sip) && sip.cseq_register);
	gmg_stream_init(&s);
	for (size_t i = 0; i < 2 * len; i++) {
		assert_true(gmg_stream_feed(&s, GMG_STREAM_REGISTER,
					    data + i % len, 1, &seen));
		all |= seen;
	}
	assert_int_equal(all, GMG_STREAM_SAW_REGISTER);
	free(data);
	free(wire);
}

static void test_ue(void **state)
{
	const struct ue_case *c = *state;
	char *message = read_file("ue", c->file);
	const struct gmg_saset *set;
	json_t *m, *result;

	check_parsers(c, message);
	check_kernel(message);
	setup(PREFS);
	m = describe(message);
	result = call("register", json_deep_copy(m));
	assert_forward(result);
	assert_string_equal(text_of(result, "integrity_protected"), "no");
	json_object_set_new(m, "www_authenticate", json_string(WWW));
	result = call("challenge", json_deep_copy(m));
	assert_forward(result);
	set = fake_set(json_integer_value(json_object_get(result, "set")));
	assert_non_null(set);
	assert_int_equal(set->spi_uc, c->ends.spi_c);
	assert_int_equal(set->spi_us, c->ends.spi_s);
	assert_int_equal(set->port_uc, c->ends.port_c);
	assert_int_equal(set->port_us, c->ends.port_s);
	assert_string_equal(set->impi, c->impi);
	assert_pair((struct sec_pair){ set->alg, set->ealg }, c->chosen);

	make_sm7(m, c, text_of(result, "security_server"));
	result = call("register", json_deep_copy(m));
	assert_forward(result);
	assert_string_equal(text_of(result, "integrity_protected"), "yes");
	json_object_set_new(m, "status", json_integer(200));
	json_object_set_new(m, "expires", json_integer(3600));
	json_object_set_new(m, "p_associated_uri", json_string(""));
	assert_forward(call("answer", json_deep_copy(m)));
	assert_int_equal(set->phase, GMGUARD_PHASE_ESTABLISHED);
	json_decref(m);
	free(message);
	cleanup();
}

/* The Authorization that Pixel folds, with a comma at a line's beginning. */
static void test_folded(void **state)
{
	static const char *const found[][2] = {
		{ "qop", "auth" }, { "nc", "00000001" },
		{ "algorithm", "AKAv1-MD5" },
		{ "cnonce", "dd2448c1781ccb083197c4d0bc805143" },
	};
	char *message = read_file("ue", "pixel-6a.sm7.sip");
	char *auth = header(message, "Authorization", NULL), value[64];

	(void)state;
	assert_non_null(strstr(auth, "\r\n ,nc="));
	for (size_t i = 0; i < COUNT(found); i++) {
		assert_true(authparam_get(auth, found[i][0], value,
					  sizeof(value)) > 0);
		assert_string_equal(value, found[i][1]);
	}
	free(auth);
	free(message);
}

/* Every file has a row, so that none is there for nothing. */
static void test_complete(void **state)
{
	char path[PATH_MAX];
	unsigned int n = 0;
	struct dirent *de;
	DIR *dir;

	(void)state;
	snprintf(path, sizeof(path), "%s/ue", corpus);
	dir = opendir(path);
	assert_non_null(dir);
	while ((de = readdir(dir))) {
		bool known = strstr(de->d_name, ".sm7.") ||
			     de->d_name[0] == '.';

		for (size_t i = 0; i < COUNT(ues) && !known; i++) {
			known = !strcmp(ues[i].file, de->d_name);
			n += known;
		}
		if (!known)
			fail_msg("%s has no row here", de->d_name);
	}
	closedir(dir);
	assert_int_equal(n, COUNT(ues));
}

static const struct negative_case {
	const char *name;
	const char *file;
	const char *field;
	int parse;
	const char *says;	/* refusal as an offer */
} negatives[] = {
	{ "GM-25: a Security-Server that names no algorithm is no offer",
	  "vi-india.hdr", "Security-Server", 0, "has no spi-c" },
	{ "GM-16: Open IMS Core's negative SPIs are refused", "openims.hdr",
	  "Security-Server", 0, "spi-c must be 1 to 10 decimal digits" },
	{ "GM-16: port 78952 is refused", "port-78952.hdr",
	  "Security-Server", 0, "port-c must be" },
	{ "GM-16: port 5060 is refused", "port-5060.hdr", "Security-Client",
	  0, "port-c must be neither 5060 nor 5061" },
	{ "GM-16: an offer without a parameter is refused", "bare-offer.hdr",
	  "Security-Client", 0, "has no spi-c" },
	{ "GM-16: parameters of RFC 3329 are refused", "rfc3329.hdr",
	  "Security-Client", 0, "has no spi-c" },
};

static void test_negative(void **state)
{
	const struct negative_case *c = *state;
	char *file = read_file("negative", c->file);
	char *value = header(file, c->field, NULL);
	struct sec_offer offer;
	struct sec_list list;
	struct sec_why why;

	assert_int_equal(sec_parse(value, &list, &why), c->parse);
	assert_true(sec_same(value, value));
	assert_int_equal(sec_offer_parse(value, &offer, &why), -EBADMSG);
	if (!strstr(why.text, c->says))
		fail_msg("no \"%s\" in: %s", c->says, why.text);
	free(value);
	free(file);
}

/* -1085945530 and 3209021766 are the same 32 bits, and not the same SPI. */
static void test_openims(void **state)
{
	static const char unsigned_spis[] =
		"ipsec-3gpp; ealg=null; alg=hmac-md5-96; spi-c=3209021766; spi-s=3963789885; port-c=4061; port-s=4060; prot=esp; mod=trans; q=0.1";
	char *file = read_file("negative", "openims.hdr");
	char *value = header(file, "Security-Server", NULL);

	(void)state;
	assert_false(sec_same(value, unsigned_spis));
	free(value);
	free(file);
}

/* A nonce is opaque: no base64 is needed to pass it on. */
static void test_rfc3310(void **state)
{
	static const char nonce[] =
		"MzQ0a2xrbGtmbGtsZm9wb2tsc2tqaHJzZXNy9uQyMzMzMzQK=";
	char *file = read_file("negative", "rfc3310-nonce.hdr"), value[1024];
	char *www = header(file, "WWW-Authenticate", NULL), *stripped;
	struct aka_keys keys;
	const char *why;

	(void)state;
	assert_int_equal(authparam_get(www, "nonce", value, sizeof(value)), 49);
	assert_string_equal(value, nonce);
	assert_int_equal(authparam_strip(www, &stripped, &keys, &why), -ENOENT);
	assert_string_equal(stripped, www);
	secret_free(stripped);
	snprintf(value, sizeof(value), "%s, ck=\"" CK "\", ik=\"" IK "\"", www);
	assert_int_equal(authparam_strip(value, &stripped, &keys, &why), 0);
	assert_string_equal(stripped, www);
	secret_free(stripped);
	free(www);
	free(file);

	file = read_file("negative", "rfc3310-response.hdr");
	www = header(file, "Authorization", NULL);
	assert_int_equal(authparam_get(www, "response", value,
				       sizeof(value)), 32);
	assert_int_equal(authparam_get(www, "nonce", value, sizeof(value)), 49);
	assert_string_equal(value, nonce);
	free(www);
	free(file);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		corpus = argv[1];
	add_rows(ues, test_ue);
	add_test("GM-16: Pixel's Authorization, folded before a comma",
		 test_folded);
	add_test("GM-16: every UE of the corpus is tested", test_complete);
	add_rows(negatives, test_negative);
	add_test("GM-22: negative SPIs equal no positive ones", test_openims);
	add_test("GM-16: RFC 3310's nonce, which is no base64", test_rfc3310);
	return run_methods("corpus");
}
