// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module's reading of a SIP datagram, from the very file that the kernel
 * runs. Inputs are copied to the end of an allocation of their own, so that
 * AddressSanitizer sees a byte too many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sipline.h"

struct kind_case {
	const char *name;
	const char *data;
	enum gmg_sip_kind kind;
};

static const struct kind_case kinds[] = {
	{ "GM-15: REGISTER", "REGISTER sip:a SIP/2.0\r\n", GMG_SIP_REGISTER },
	{ "GM-15: REGISTER with LF only", "REGISTER sip:a SIP/2.0\n",
	  GMG_SIP_REGISTER },
	{ "GM-15: INVITE", "INVITE sip:a SIP/2.0\r\n", GMG_SIP_REQUEST },
	{ "methods are case-sensitive", "register sip:a SIP/2.0\r\n",
	  GMG_SIP_REQUEST },
	{ "a longer method", "REGISTERX sip:a SIP/2.0\r\n", GMG_SIP_REQUEST },
	{ "a shorter method", "REGISTE sip:a SIP/2.0\r\n", GMG_SIP_REQUEST },
	{ "GM-30: a response", "SIP/2.0 401 Unauthorized\r\n",
	  GMG_SIP_RESPONSE },
	{ "GM-30: a response in small letters", "sip/2.0 200 OK\r\n",
	  GMG_SIP_RESPONSE },
	{ "no URI", "REGISTER SIP/2.0\r\n", GMG_SIP_NONE },
	{ "no version", "REGISTER sip:a\r\n", GMG_SIP_NONE },
	{ "another version", "REGISTER sip:a SIP/3.0\r\n", GMG_SIP_NONE },
	{ "no end of line", "REGISTER sip:a SIP/2.0", GMG_SIP_NONE },
	{ "keep-alive", "\r\n\r\n", GMG_SIP_NONE },
	{ "a line feed", "\n", GMG_SIP_NONE },
	{ "nothing", "", GMG_SIP_NONE },
	{ "a blank in front", " REGISTER sip:a SIP/2.0\r\n", GMG_SIP_NONE },
	{ "a tab behind the method", "REGISTER\tsip:a SIP/2.0\r\n",
	  GMG_SIP_NONE },
	{ "a separator in the method", "REG;ISTER sip:a SIP/2.0\r\n",
	  GMG_SIP_NONE },
};

struct clear_case {
	const char *name;
	const char *data;
	size_t len;
	enum gmg_sip_clear clear;
};

#define BYTES(text) (text), sizeof(text) - 1
#define STUN "\0\1\0\0\x21\x12\xa4\x42" "0123456789ab"
#define STUN_WITH(len, attrs) "\0\1\0" len "\x21\x12\xa4\x42" \
	"0123456789ab" attrs
#define CRLF8 "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"
#define SOS(uri) BYTES("INVITE " uri " SIP/2.0\r\n")

static const struct clear_case clears[] = {
	{ "GM-02: REGISTER", BYTES("REGISTER sip:a SIP/2.0\r\n"),
	  GMG_SIP_CLEAR_REGISTER },
	{ "GM-02: REGISTER behind CRLF",
	  BYTES("\r\n\r\nREGISTER sip:a SIP/2.0\r\n"),
	  GMG_SIP_CLEAR_REGISTER },
	{ "AT-22: INVITE", BYTES("INVITE sip:a SIP/2.0\r\n"),
	  GMG_SIP_CLEAR_SIP },
	{ "AT-22: INVITE behind CRLF",
	  BYTES("\r\nINVITE sip:a SIP/2.0\r\n"), GMG_SIP_CLEAR_SIP },
	{ "AT-22: register", BYTES("register sip:a SIP/2.0\r\n"),
	  GMG_SIP_CLEAR_SIP },
	{ "AT-22: a line that ends with LF",
	  BYTES("REGISTER sip:a SIP/2.0\n"), GMG_SIP_CLEAR_JUNK },
	{ "AT-22: LF in front", BYTES("\nREGISTER sip:a SIP/2.0\r\n"),
	  GMG_SIP_CLEAR_JUNK },
	{ "AT-22: a CR in the line",
	  BYTES("REGISTER sip:\ra SIP/2.0\r\n"), GMG_SIP_CLEAR_JUNK },
	{ "AT-22: a NUL in the line",
	  BYTES("REGISTER sip:\0a SIP/2.0\r\n"), GMG_SIP_CLEAR_JUNK },
	{ "AT-22: no end of the line", BYTES("REGISTER sip:a SIP/2.0"),
	  GMG_SIP_CLEAR_JUNK },
	{ "GM-02: 400", BYTES("SIP/2.0 400 x\r\n"), GMG_SIP_CLEAR_ERROR },
	{ "GM-02: 699", BYTES("sip/2.0 699 x\r\n"), GMG_SIP_CLEAR_ERROR },
	{ "AT-22: 200", BYTES("SIP/2.0 200 OK\r\n"), GMG_SIP_CLEAR_SIP },
	{ "AT-22: 302", BYTES("SIP/2.0 302 x\r\n"), GMG_SIP_CLEAR_SIP },
	{ "AT-22: 4000", BYTES("SIP/2.0 4000 x\r\n"), GMG_SIP_CLEAR_SIP },
	{ "AT-22: 40", BYTES("SIP/2.0 40 x\r\n"), GMG_SIP_CLEAR_SIP },
	{ "AT-22: 400 and no blank", BYTES("SIP/2.0 400\r\n"),
	  GMG_SIP_CLEAR_SIP },
	{ "GM-02: nothing", BYTES(""), GMG_SIP_CLEAR_ALIVE },
	{ "GM-02: CRLF CRLF", BYTES("\r\n\r\n"), GMG_SIP_CLEAR_ALIVE },
	{ "GM-02: 64 bytes of CRLF", BYTES(CRLF8 CRLF8 CRLF8 CRLF8),
	  GMG_SIP_CLEAR_ALIVE },
	{ "AT-22: more than that", BYTES(CRLF8 CRLF8 CRLF8 CRLF8 "\r\n"),
	  GMG_SIP_CLEAR_JUNK },
	{ "GM-02: STUN", BYTES(STUN), GMG_SIP_CLEAR_STUN },
	{ "GM-02: STUN with attributes",
	  BYTES(STUN_WITH("\x10", "\x80\x22\0\1x\0\0\0" "\0\6\0\4abcd")),
	  GMG_SIP_CLEAR_STUN },
	{ "AT-22: STUN that is longer than it says", BYTES(STUN "abcd"),
	  GMG_SIP_CLEAR_JUNK },
	{ "AT-22: STUN whose attribute is longer than it",
	  BYTES(STUN_WITH("\10", "\x80\x22\0\7abcd")), GMG_SIP_CLEAR_JUNK },
	{ "AT-22: STUN with half an attribute",
	  BYTES(STUN_WITH("\2", "\x80\x22")), GMG_SIP_CLEAR_JUNK },
	{ "AT-22: another STUN message",
	  BYTES("\1\1\0\0\x21\x12\xa4\x42" "0123456789ab"),
	  GMG_SIP_CLEAR_JUNK },
	{ "GM-38: an emergency call", SOS("urn:service:sos"),
	  GMG_SIP_CLEAR_SOS },
	{ "GM-38: in other letters", SOS("URN:service:SOS"),
	  GMG_SIP_CLEAR_SOS },
	{ "GM-38: a service below it", SOS("urn:service:sos.fire"),
	  GMG_SIP_CLEAR_SOS },
	{ "GM-38: with parameters", SOS("urn:service:sos;a=b"),
	  GMG_SIP_CLEAR_SOS },
	{ "AT-22: a name that only begins alike", SOS("urn:service:sosx"),
	  GMG_SIP_CLEAR_SIP },
	{ "AT-22: a shorter name", SOS("urn:service:so"), GMG_SIP_CLEAR_SIP },
	{ "AT-22: another method to it",
	  BYTES("MESSAGE urn:service:sos SIP/2.0\r\n"), GMG_SIP_CLEAR_SIP },
};

struct scan_case {
	const char *name;
	const char *data;
	bool found;
	const char *call_id;
	uint32_t cseq;
	bool cseq_register;
};

#define START "SIP/2.0 401 x\r\n"

static const struct scan_case scans[] = {
	{ "GM-30: Call-ID and CSeq",
	  START "Call-ID: a@b\r\nCSeq: 7 REGISTER\r\n\r\n",
	  true, "a@b", 7, true },
	{ "GM-30: compact, other case, blanks",
	  START "i \t:  a@b \r\ncSEQ\t: 4294967295 \t REGISTER \r\n\r\n",
	  true, "a@b", 4294967295U, true },
	{ "GM-30: CSeq of another method",
	  START "Call-ID: a\r\nCSeq: 1 INVITE\r\n\r\n", true, "a", 1, false },
	{ "the first of two counts",
	  START "Call-ID: a\r\nCall-ID: b\r\nCSeq: 1 REGISTER\r\n"
	  "CSeq: 2 INVITE\r\n\r\n", true, "a", 1, true },
	{ "nothing behind the header counts",
	  START "Call-ID: a\r\n\r\nCSeq: 1 REGISTER\r\n\r\n", false, NULL, 0, false },
	{ "no Call-ID", START "CSeq: 1 REGISTER\r\n\r\n", false, NULL, 0, false },
	{ "CSeq too large",
	  START "Call-ID: a\r\nCSeq: 4294967296 REGISTER\r\n\r\n", false, NULL, 0, false },
	{ "CSeq without a number", START "Call-ID: a\r\nCSeq: REGISTER\r\n\r\n",
	  false, NULL, 0, false },
	{ "CSeq without a method", START "Call-ID: a\r\nCSeq: 1\r\n\r\n",
	  false, NULL, 0, false },
	{ "cut off inside CSeq", START "Call-ID: a\r\nCSeq: 1", false, NULL, 0, false },
	{ "a name that only begins alike",
	  START "Call-IDs: a\r\nInfo: b\r\nCSeq: 1 REGISTER\r\n\r\n", false, NULL, 0, false },
	{ "the start line is no header", "Call-ID: a\r\nCSeq: 1 REGISTER\r\n",
	  false, NULL, 0, false },
	{ "nothing", "", false, NULL, 0, false },
};

static void test_kind(void **state)
{
	const struct kind_case *c = *state;
	size_t len = strlen(c->data);
	char *data = malloc(len + !len);

	memcpy(data, c->data, len);
	assert_int_equal(gmg_sip_kind(data, len), c->kind);
	free(data);
}

static void test_clear(void **state)
{
	const struct clear_case *c = *state;
	char *data = malloc(c->len + !c->len);

	memcpy(data, c->data, c->len);
	assert_int_equal(gmg_sip_clear(data, c->len), c->clear);
	free(data);
}

/* What is cut off is never taken for less than it may be. */
static void test_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(clears) / sizeof(clears[0]); i++) {
		for (size_t len = 1; len < clears[i].len; len++) {
			char *data = malloc(len);
			enum gmg_sip_clear clear;

			memcpy(data, clears[i].data, len);
			clear = gmg_sip_clear(data, len);
			assert_true(clear == clears[i].clear ||
				    clear == GMG_SIP_CLEAR_JUNK ||
				    clear == GMG_SIP_CLEAR_STUN ||
				    clear == GMG_SIP_CLEAR_ALIVE);
			assert_true(clear != GMG_SIP_CLEAR_ALIVE || len <= 64);
			free(data);
		}
	}
}

static void test_scan(void **state)
{
	const struct scan_case *c = *state;
	size_t len = strlen(c->data);
	char *data = malloc(len + !len);
	struct gmg_sip sip;

	memcpy(data, c->data, len);
	assert_int_equal(gmg_sip_scan(data, len, &sip), c->found);
	if (c->found) {
		assert_int_equal(sip.call_id_len, strlen(c->call_id));
		assert_memory_equal(sip.call_id, c->call_id, sip.call_id_len);
		assert_int_equal(sip.cseq, c->cseq);
		assert_int_equal(sip.cseq_register, c->cseq_register);
	}
	free(data);
}

/* Every prefix of every input, and every byte of it replaced. */
static void test_bounds(void **state)
{
	static const char odd[] = { 0, '\n', '\r', ' ', ':', -1 };
	struct gmg_sip sip;
	size_t i, cut, o;

	(void)state;
	for (i = 0; i < sizeof(scans) / sizeof(scans[0]); i++) {
		size_t len = strlen(scans[i].data);

		for (cut = 0; cut <= len; cut++) {
			char *data = malloc(cut + !cut);

			memcpy(data, scans[i].data, cut);
			gmg_sip_kind(data, cut);
			gmg_sip_scan(data, cut, &sip);
			for (o = 0; cut && o < sizeof(odd); o++) {
				data[cut - 1] = odd[o];
				gmg_sip_kind(data, cut);
				gmg_sip_scan(data, cut, &sip);
			}
			free(data);
		}
	}
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int main(void)
{
	struct CMUnitTest tests[COUNT(kinds) + COUNT(scans) + COUNT(clears) +
				2] = { 0 };
	size_t n = 0;
	size_t i;

	for (i = 0; i < COUNT(kinds); i++)
		tests[n++] = (struct CMUnitTest){
			.name = kinds[i].name,
			.test_func = test_kind,
			.initial_state = (void *)&kinds[i],
		};
	for (i = 0; i < COUNT(scans); i++)
		tests[n++] = (struct CMUnitTest){
			.name = scans[i].name,
			.test_func = test_scan,
			.initial_state = (void *)&scans[i],
		};
	for (i = 0; i < COUNT(clears); i++)
		tests[n++] = (struct CMUnitTest){
			.name = clears[i].name,
			.test_func = test_clear,
			.initial_state = (void *)&clears[i],
		};
	tests[n++] = (struct CMUnitTest){
		.name = "AT-22: what is cut off",
		.test_func = test_cut,
	};
	tests[n++] = (struct CMUnitTest){
		.name = "no byte beyond the end is read",
		.test_func = test_bounds,
	};
	return _cmocka_run_group_tests("sipline", tests, n, NULL, NULL);
}
